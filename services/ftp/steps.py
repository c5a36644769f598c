# Copyright the carryall authors.  See LICENSE.
"""One step at a time through a tree of folders: what the jail is built of, twice.

    Descriptors     a folder is an open descriptor, and everything is done relative to it (openat and its kin): nobody can
                    put a link in the way between the look and the deed.  Python 3 on Unix.
    Names           a folder is its path: CPython 2.7, Jython, Windows.  Who may change folders of the tree at this very
                    moment, by other means than this server, can win a race there.

No call follows a symbolic link, but for ``enter`` of the root itself.  Names are bytes.

Tests:    tests/services/ftp/test_jail.py (both)
"""
from __future__ import absolute_import, division, print_function

import io
import os
import stat

from carryall.core.appendfile import open_append
from carryall.core.compat import FAILURES, to_bytes

__all__ = ['Descriptors', 'Names', 'best']

# A pipe that took the place of a file must not hold us up, and a terminal must not become ours.
_EXTRA = 0
for _name in ('O_NONBLOCK', 'O_CLOEXEC', 'O_BINARY', 'O_NOCTTY'):
    _EXTRA |= getattr(os, _name, 0)
_NO_FOLLOW = getattr(os, 'O_NOFOLLOW', 0)
_BY_DESCRIPTOR = hasattr(os, 'O_NONBLOCK')      # jython: os.open ignores the mode, and os.fstat does not know its files
_SEP = to_bytes(os.sep)
NEW_FILE = 0o666            # less the umask


class Descriptors(object):
    """Steps by descriptor; the numbers are closed by ``leave``."""

    def __init__(self, root):
        # type: (bytes) -> None
        self._root = root

    @staticmethod
    def works():
        # type: () -> bool
        """Whether this system has what it takes."""
        relative = getattr(os, 'supports_dir_fd', ())
        return all(call in relative for call in (os.open, os.stat, os.mkdir, os.rmdir, os.unlink, os.rename, os.readlink,
                                                 os.utime)) and os.listdir in os.supports_fd

    def root(self):
        # type: () -> int
        """The folder of everything."""
        return os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | _EXTRA)

    def enter(self, folder, name):
        # type: (int, bytes) -> int
        """A subfolder."""
        return os.open(name, os.O_RDONLY | os.O_DIRECTORY | _NO_FOLLOW | _EXTRA, dir_fd=folder)

    def leave(self, folder):
        # type: (int) -> None
        """Done with it."""
        os.close(folder)

    def names(self, folder):
        # type: (int) -> List[bytes]
        """What it holds."""
        return [os.fsencode(name) for name in os.listdir(folder)]

    def stat(self, folder, name):
        # type: (int, bytes) -> Any
        """Of an entry, a link as link; of the folder itself with b''."""
        if not name:
            return os.fstat(folder)
        return os.stat(name, dir_fd=folder, follow_symlinks=False)

    def target(self, folder, name):
        # type: (int, bytes) -> bytes
        """Where a link leads."""
        return os.readlink(name, dir_fd=folder)

    def open(self, folder, name):
        # type: (int, bytes) -> Tuple[Any, Any]
        """(file, its stat) for reading."""
        return _opened(os.open(name, os.O_RDONLY | _NO_FOLLOW | _EXTRA, dir_fd=folder), 'rb')

    def write(self, folder, name, exclusive=False, empty=False, append=False):
        # type: (int, bytes, bool, bool, bool) -> Tuple[Any, Any]
        """(file, its stat) for writing, made if it is not there; with *append* each write goes to the end."""
        flags = _writing(exclusive, append)
        opened = _opened(os.open(name, flags, NEW_FILE, dir_fd=folder), 'wb')
        if empty and stat.S_ISREG(opened[1].st_mode):
            opened[0].truncate(0)
        return opened

    def make(self, folder, name):
        # type: (int, bytes) -> None
        """A folder."""
        os.mkdir(name, dir_fd=folder)

    def remove_folder(self, folder, name):
        # type: (int, bytes) -> None
        """An empty one."""
        os.rmdir(name, dir_fd=folder)

    def remove(self, folder, name):
        # type: (int, bytes) -> None
        """A file or a link."""
        os.unlink(name, dir_fd=folder)

    def rename(self, source, old, target, new):
        # type: (int, bytes, int, bytes) -> None
        """From folder to folder."""
        os.rename(old, new, src_dir_fd=source, dst_dir_fd=target)

    def set_times(self, folder, name, seconds):
        # type: (int, bytes, float) -> None
        """Last read and last changed."""
        if name:
            os.utime(name, (seconds, seconds), dir_fd=folder, follow_symlinks=False)
        else:
            os.utime(folder, (seconds, seconds))

    def set_mode(self, folder, name, mode):
        # type: (int, bytes, int) -> None
        """Permissions of a file or folder."""
        if not name:
            os.fchmod(folder, mode)
            return
        try:
            descriptor = os.open(name, os.O_RDONLY | _NO_FOLLOW | _EXTRA, dir_fd=folder)
        except PermissionError:     # noqa: F821  ours, and not for us to read: there is no link there, as was just seen
            os.chmod(name, mode, dir_fd=folder)
            return
        try:
            os.fchmod(descriptor, mode)
        finally:
            os.close(descriptor)

    def room(self, folder):
        # type: (int) -> Optional[int]
        """Octets that are free to us."""
        found = os.fstatvfs(folder)
        return found.f_bavail * found.f_frsize


class Names(object):
    """Steps by path."""

    def __init__(self, root):
        # type: (bytes) -> None
        self._root = root

    def root(self):
        # type: () -> bytes
        """The folder of everything."""
        os.stat(self._root)
        return self._root

    def enter(self, folder, name):
        # type: (bytes, bytes) -> bytes
        """A subfolder."""
        path = _join(folder, name)
        if not stat.S_ISDIR(os.lstat(path).st_mode):
            raise OSError('Not a directory')
        return path

    def leave(self, folder):
        # type: (bytes) -> None
        """Nothing is held."""

    def names(self, folder):
        # type: (bytes) -> List[bytes]
        """What it holds."""
        return [name for name in os.listdir(folder) if isinstance(name, bytes)]

    def stat(self, folder, name):
        # type: (bytes, bytes) -> Any
        """Of an entry, a link as link; of the folder itself with b''."""
        return os.lstat(_join(folder, name)) if name else os.stat(folder)

    def target(self, folder, name):
        # type: (bytes, bytes) -> bytes
        """Where a link leads."""
        return to_bytes(os.readlink(_join(folder, name)))

    def open(self, folder, name):
        # type: (bytes, bytes) -> Tuple[Any, Any]
        """(file, its stat) for reading."""
        path = _join(folder, name)
        _check_no_link(path, False)
        if _BY_DESCRIPTOR:
            return _opened(os.open(path, os.O_RDONLY | _NO_FOLLOW | _EXTRA), 'rb')
        status = os.lstat(path)
        _check_regular(status)
        return io.open(path, 'rb', 0), status

    def write(self, folder, name, exclusive=False, empty=False, append=False):
        # type: (bytes, bytes, bool, bool, bool) -> Tuple[Any, Any]
        """(file, its stat) for writing, made if it is not there; with *append* each write goes to the end."""
        path = _join(folder, name)
        there = _check_no_link(path, True)
        if exclusive and there:
            raise OSError('File exists')
        if _BY_DESCRIPTOR:
            flags = _writing(exclusive, append)
            opened = _opened(os.open(path, flags, NEW_FILE), 'wb')
            if empty and stat.S_ISREG(opened[1].st_mode):
                opened[0].truncate(0)
            return opened
        if there:
            _check_regular(os.lstat(path))
        if append:
            return open_append(path), os.lstat(path)
        # jython: 'r+b' does not make a file, 'wb' empties it.
        source = io.open(path, 'r+b' if there and not empty else 'wb', 0)
        return source, os.lstat(path)

    def make(self, folder, name):
        # type: (bytes, bytes) -> None
        """A folder."""
        os.mkdir(_join(folder, name))

    def remove_folder(self, folder, name):
        # type: (bytes, bytes) -> None
        """An empty one."""
        os.rmdir(_join(folder, name))

    def remove(self, folder, name):
        # type: (bytes, bytes) -> None
        """A file or a link."""
        os.unlink(_join(folder, name))

    def rename(self, source, old, target, new):
        # type: (bytes, bytes, bytes, bytes) -> None
        """From folder to folder."""
        os.rename(_join(source, old), _join(target, new))

    def set_times(self, folder, name, seconds):
        # type: (bytes, bytes, float) -> None
        """Last read and last changed."""
        os.utime(_join(folder, name) if name else folder, (seconds, seconds))

    def set_mode(self, folder, name, mode):
        # type: (bytes, bytes, int) -> None
        """Permissions of a file or folder."""
        os.chmod(_join(folder, name) if name else folder, mode)

    def room(self, folder):
        # type: (bytes) -> Optional[int]
        """Octets that are free to us; None where nobody tells."""
        if not hasattr(os, 'statvfs'):
            return None
        found = os.statvfs(folder)
        return found.f_bavail * found.f_frsize


def best(root):
    # type: (bytes) -> Any
    """The safest steps that this system has."""
    return Descriptors(root) if Descriptors.works() else Names(root)


def _join(folder, name):
    # type: (bytes, bytes) -> bytes
    return folder + name if folder.endswith(_SEP) else folder + _SEP + name


def _check_no_link(path, may_miss):
    # type: (bytes, bool) -> bool
    """Whether something is there; OSError if it is a link."""
    try:
        status = os.lstat(path)
    except FAILURES:
        if not may_miss:
            raise
        return False
    if stat.S_ISLNK(status.st_mode):
        raise OSError('Too many levels of symbolic links')
    return True


def _check_regular(status):
    # type: (Any) -> None
    if not stat.S_ISREG(status.st_mode):
        raise OSError('Is a directory' if stat.S_ISDIR(status.st_mode) else 'Permission denied')


def _writing(exclusive, append):
    # type: (bool, bool) -> int
    flags = os.O_WRONLY | os.O_CREAT | _NO_FOLLOW | _EXTRA
    return flags | (os.O_EXCL if exclusive else 0) | (os.O_APPEND if append else 0)


def _opened(descriptor, mode):
    # type: (int, str) -> Tuple[Any, Any]
    """(file without a buffer, its stat) of a descriptor, which is closed if that fails."""
    try:
        return io.open(descriptor, mode, 0), os.fstat(descriptor)
    except FAILURES:
        os.close(descriptor)
        raise


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Tuple
