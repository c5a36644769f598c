# Copyright the carryall authors.  See LICENSE.
"""Files of the mail store, surely on the disk.  Everything here blocks: call it on a thread of the
loop's pool.

Tests:    tests/services/mail/test_disk.py
"""
from __future__ import absolute_import, division, print_function

import io
import os

from carryall.core.compat import FAILURES
from carryall.core.files.plainfile import NO_WAIT, open_plain, read_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Sequence

__all__ = ['BINARY', 'PRIVATE', 'make_durable', 'make_folder', 'make_subfolder', 'read_file',
           'remove', 'rename',
           'replace_file', 'sync_file', 'sync_folder', 'write_all', 'write_file']

PRIVATE = 0o600
PRIVATE_FOLDER = 0o700

BINARY = getattr(os, 'O_BINARY', 0) | getattr(os, 'O_CLOEXEC', 0)
_FOLDER = getattr(os, 'O_DIRECTORY', 0)
# A new file and no other: nothing that lies there under its name (a pipe, a link) is opened.
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY


def make_folder(path):
    # type: (str) -> None
    """Make a folder, and those above it, that its owner alone may enter; nothing happens if it is
    there.

    Its name is on the disk when this returns, or what is stored in it could be lost with it.
    """
    if os.path.isdir(path):
        return
    parent = os.path.dirname(path)
    if parent and parent != path:
        make_folder(parent)
    if make_subfolder(path):
        sync_folder(parent or os.curdir)


def make_subfolder(path):
    # type: (str) -> bool
    """Make a folder in one that is there, without waiting for the disk; False if it is there
    already."""
    try:
        os.mkdir(path, PRIVATE_FOLDER)
    except OSError:
        if not os.path.isdir(path):         # another process may have made it meanwhile
            raise
        return False
    return True


def write_file(path, pieces, sync=False):
    # type: (str, Sequence[bytes], bool) -> None
    """Write a new file of these pieces; a file of that name is one that a kill has left half.

    If it cannot be written whole, nothing is left of it.
    """
    # jython: os.open() ignores the mode; nobody else comes into our folders.
    try:
        handle = os.open(path, _NEW, PRIVATE)
    except (IOError, OSError):
        if not os.path.lexists(path):
            raise
        os.remove(path)
        handle = os.open(path, _NEW, PRIVATE)
    try:
        try:
            for piece in pieces:
                write_all(handle, piece)
            if sync:
                os.fsync(handle)
        finally:
            os.close(handle)
    except FAILURES:
        _discard(path)
        raise


def _discard(path):
    # type: (str) -> None
    """Remove what could not be finished; the fault that kept it from that is the one to tell."""
    try:
        os.remove(path)
    except FAILURES:
        pass


def write_all(handle, data):
    # type: (Any, bytes) -> None
    """Write all of it to an open file."""
    try:
        done = os.write(handle, data)
        while done < len(data):             # a nearly full disk takes what fits, then raises
            data = data[done:]
            done = os.write(handle, data)
    except (IOError, OSError):
        if not isinstance(handle, int):
            # jython: os.write() calls each fault a bad descriptor; a file over the same handle has
            # the true one.
            io.open(handle, 'wb', 0, closefd=False).write(data)
        raise


def replace_file(path, data):
    # type: (str, bytes) -> None
    """Put *data* into the place of a file, in one step that survives."""
    temporary = path + '.new'
    write_file(temporary, [data], sync=True)
    rename(temporary, path)
    if not sync_folder(os.path.dirname(path)):
        sync_file(path)


def rename(temporary, path):
    # type: (str, str) -> None
    """Give a file that was just written its name; if that fails, nothing is left of it."""
    try:
        os.rename(temporary, path)
    except FAILURES:
        _discard(temporary)
        raise


def read_file(path):
    # type: (str) -> bytes
    """All of a regular file."""
    return read_plain(path)


def remove(path):
    # type: (str) -> None
    """Remove a file that may be gone already."""
    try:
        os.remove(path)
    except OSError:
        if os.path.exists(path):
            raise


def sync_file(path):
    # type: (str) -> bool
    """Bring a file's bytes to the disk; False if it is gone."""
    try:
        source = open_plain(path, 'r+b')
    except (IOError, OSError):
        return False
    try:
        os.fsync(source.fileno())
    finally:
        source.close()
    return True


def sync_folder(path):
    # type: (str) -> bool
    """Bring the names in a folder to the disk; False where that cannot be asked for.

    jython: a folder cannot be opened.  Whoever gets False syncs the file under its new name: the
    file systems in use write the name with it.
    """
    if not _FOLDER and not os.path.isdir(path):     # a pipe, perhaps
        return False
    try:
        handle = os.open(path, os.O_RDONLY | NO_WAIT | _FOLDER)
    except (IOError, OSError):
        return False
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return True


def make_durable(paths):
    # type: (Iterable[str]) -> None
    """Bring files, which may have been renamed or removed by others meanwhile, and their names to
    the disk."""
    if hasattr(os, 'sync'):
        os.sync()                           # all at once; each fsync after it has little left to do
    folders = set()
    for path in paths:
        sync_file(path)
        folders.add(os.path.dirname(path))
    for folder in sorted(folders):
        sync_folder(folder)
