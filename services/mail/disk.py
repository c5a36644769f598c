# Copyright the carryall authors.  See LICENSE.
"""Durable files of the mail store.  Everything here blocks: call it on a thread of the loop's pool.

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
# Creates a new file only: an existing one (a pipe, a link) is not opened.
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY


def make_folder(path):
    # type: (str) -> None
    """Makes a folder, and its parents, that only the owner may enter; an existing one stays as it
    is.

    Its name is on the disk when this returns: otherwise a file stored in it could be lost with it.
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
    """Makes a folder in an existing one, without waiting for the disk; False if it exists
    already."""
    try:
        os.mkdir(path, PRIVATE_FOLDER)
    except OSError:
        if not os.path.isdir(path):         # unless another process has made it meanwhile
            raise
        return False
    return True


def write_file(path, pieces, sync=False):
    # type: (str, Sequence[bytes], bool) -> None
    """Writes a new file of these pieces; replaces a half file that was left by a kill.

    If it cannot be written whole, it is removed.
    """
    # jython: os.open() ignores the mode; other users cannot enter our folders.
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
    """Removes a file that could not be completed; errors are ignored, as the first one counts."""
    try:
        os.remove(path)
    except FAILURES:
        pass


def write_all(handle, data):
    # type: (Any, bytes) -> None
    """Writes all of *data* to an open file."""
    try:
        done = os.write(handle, data)
        while done < len(data):             # a nearly full disk accepts a part, then raises
            data = data[done:]
            done = os.write(handle, data)
    except (IOError, OSError):
        if not isinstance(handle, int):
            # jython: os.write() reports every fault as a bad descriptor; a file over the same
            # handle reports the true one.
            io.open(handle, 'wb', 0, closefd=False).write(data)
        raise


def replace_file(path, data):
    # type: (str, bytes) -> None
    """Replaces the content of a file with *data*, in one durable step."""
    temporary = path + '.new'
    write_file(temporary, [data], sync=True)
    rename(temporary, path)
    if not sync_folder(os.path.dirname(path)):
        sync_file(path)


def rename(temporary, path):
    # type: (str, str) -> None
    """Renames a file that was just written; if that fails, the file is removed."""
    try:
        os.rename(temporary, path)
    except FAILURES:
        _discard(temporary)
        raise


def read_file(path):
    # type: (str) -> bytes
    """The content of a regular file."""
    return read_plain(path)


def remove(path):
    # type: (str) -> None
    """Removes a file if it exists."""
    try:
        os.remove(path)
    except OSError:
        if os.path.exists(path):
            raise


def sync_file(path):
    # type: (str) -> bool
    """Brings the bytes of a file to the disk; False if it is gone."""
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
    """Brings the names in a folder to the disk; False if the runtime cannot do that.

    jython: a folder cannot be opened.  After False the caller must sync the file under its new
    name: the usual file systems then write the name too.
    """
    if not _FOLDER and not os.path.isdir(path):     # for example a pipe
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
    """Brings files and their names to the disk; other programs may have renamed or removed them
    meanwhile."""
    if hasattr(os, 'sync'):
        os.sync()                           # all at once; each fsync after it has little to do
    folders = set()
    for path in paths:
        sync_file(path)
        folders.add(os.path.dirname(path))
    for folder in sorted(folders):
        sync_folder(folder)
