# Copyright the carryall authors.  See LICENSE.
"""Folders that other users may change: entered one name at a time, so that none can be swapped in
between.

    steps = open_steps(root)
    folder = steps.root()
    # OSError if it is a link, whatever it was a moment ago
    inner = steps.enter(folder, b'pub')
    source, status = steps.open(inner, b'readme.txt')

    Descriptors     a folder is an open descriptor, and every call is relative to it (openat and its
                    kin).  Python 3 on Unix.
    Held            the same by way of /proc/self/fd, for interpreters that lack those calls:
                    CPython 2.7 and Jython on Linux.
    Names           a folder is its path.  The path is checked again after each open, so a swap is
                    noticed and not prevented.  Windows, and systems with neither of the above.

Between a check of a path and its opening a swap is possible.  Anyone with write access to a folder
on the way can replace it by a symbolic link; then the path leads elsewhere.  Here the open folder
itself is checked.

No call follows a symbolic link, but for ``root`` and for those that are told to (``follow``).
Names are bytes.  A folder need not be readable, only open to search.

Tests:    tests/core/files/test_folders.py, tests/services/ftp/test_jail.py
"""
from __future__ import absolute_import, division, print_function

import os
import stat

from carryall.core.files import octetpaths, plainfile
from carryall.core.files.appendfile import AppendFile
from carryall.core.compat import FAILURES, to_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Tuple

__all__ = ['Descriptors', 'Held', 'Names', 'open_steps', 'provide']

NEW_FILE = 0o666            # permissions, less the umask
HELD = b'/proc/self/fd/'
# Of O_PATH where the interpreter does not name it (PyPy, 2.7); the same number on these machines.
_LINUX_PATH = 0o10000000
_MACHINES = ('x86_64', 'i686', 'aarch64', 'armv7l', 'ppc64le', 's390x', 'riscv64')

_NO_FOLLOW = getattr(os, 'O_NOFOLLOW', 0)
_SEP = to_bytes(os.sep)
_ON_LINUX = hasattr(os, 'uname') and os.uname()[0] == 'Linux'


def _search_only():
    # type: () -> int
    """The flag of an open that needs no right to read; 0 where the system has none."""
    known = getattr(os, 'O_PATH', None)
    if known is not None:
        return known
    return _LINUX_PATH if _ON_LINUX and os.uname()[4] in _MACHINES else getattr(os, 'O_SEARCH', 0)


_FOLDER = getattr(os, 'O_DIRECTORY', 0) | plainfile.NO_WAIT | os.O_RDONLY
_SEARCH = _FOLDER | _search_only()


class Descriptors(object):
    """Steps by descriptor; the numbers are closed by ``leave``."""

    def __init__(self, root):
        # type: (bytes) -> None
        self._root = root

    @staticmethod
    def works():
        # type: () -> bool
        """True if this system has what it takes."""
        relative = getattr(os, 'supports_dir_fd', ())
        needed = (os.open, os.stat, os.mkdir, os.rmdir, os.unlink, os.rename, os.readlink, os.utime)
        return all(call in relative for call in needed) and os.listdir in os.supports_fd

    def root(self):
        # type: () -> int
        """The folder of everything."""
        return os.open(self._root, _SEARCH)

    def enter(self, folder, name, follow=False):
        # type: (int, bytes, bool) -> int
        """A subfolder; with *follow* what the path *name* leads to from here."""
        return os.open(name, _SEARCH if follow else _SEARCH | _NO_FOLLOW, dir_fd=folder)

    def leave(self, folder):
        # type: (int) -> None
        """Done with it."""
        os.close(folder)

    def names(self, folder):
        # type: (int) -> List[bytes]
        """All names in the folder."""
        readable = os.open(b'.', _FOLDER, dir_fd=folder)
        try:
            return [os.fsencode(name) for name in os.listdir(readable)]
        finally:
            os.close(readable)

    def stat(self, folder, name, follow=False):
        # type: (int, bytes, bool) -> Any
        """The state of an entry, a link as link unless told to follow;
        of the folder itself with b''."""
        if not name:
            return os.fstat(folder)
        return os.stat(name, dir_fd=folder, follow_symlinks=follow)

    def target(self, folder, name):
        # type: (int, bytes) -> bytes
        """The text of a link."""
        return os.readlink(name, dir_fd=folder)

    def link(self, folder, name):
        # type: (int, bytes) -> Tuple[Any, bytes]
        """(state, text) of one and the same link; OSError if it is being changed."""
        if not (_ON_LINUX and hasattr(os, 'O_PATH')):
            return _steady_link(self, folder, name)
        descriptor = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
        try:
            return os.fstat(descriptor), os.readlink(b'', dir_fd=descriptor)
        finally:
            os.close(descriptor)

    def open(self, folder, name, follow=False):
        # type: (int, bytes, bool) -> Tuple[Any, Any]
        """(file, its state) of a regular file, for reading; NotPlain if it is something else."""
        flags = os.O_RDONLY | plainfile.NO_WAIT | (0 if follow else _NO_FOLLOW)
        return plainfile.checked(os.open(name, flags, dir_fd=folder), 'rb', 0, name)

    def write(self, folder, name, exclusive=False, empty=False, append=False):
        # type: (int, bytes, bool, bool, bool) -> Tuple[Any, Any]
        """(file, its state) of a regular file for writing, made if it is missing; *append*: each
        write goes to its end."""
        flags = os.O_WRONLY | os.O_CREAT | _NO_FOLLOW | plainfile.NO_WAIT
        flags |= (os.O_EXCL if exclusive else 0) | (os.O_APPEND if append else 0) \
            | (os.O_TRUNC if empty else 0)
        descriptor = os.open(name, flags, NEW_FILE, dir_fd=folder)
        if not append:
            return plainfile.checked(descriptor, 'wb', 0, name)
        status = plainfile.check_plain(descriptor, name)
        return AppendFile(descriptor, 'ab'), status

    def make(self, folder, name):
        # type: (int, bytes) -> None
        """Makes a folder."""
        os.mkdir(name, dir_fd=folder)

    def remove_folder(self, folder, name):
        # type: (int, bytes) -> None
        """Removes an empty folder."""
        os.rmdir(name, dir_fd=folder)

    def remove(self, folder, name):
        # type: (int, bytes) -> None
        """Removes a file or a link."""
        os.unlink(name, dir_fd=folder)

    def rename(self, source, old, target, new):
        # type: (int, bytes, int, bytes) -> None
        """Moves an entry from folder to folder."""
        os.rename(old, new, src_dir_fd=source, dst_dir_fd=target)

    def set_times(self, folder, name, seconds):
        # type: (int, bytes, float) -> None
        """Sets the times of the last reading and of the last change."""
        os.utime(name or b'.', (seconds, seconds), dir_fd=folder, follow_symlinks=False)

    def set_mode(self, folder, name, mode):
        # type: (int, bytes, int) -> None
        """Sets the permissions of a file or folder."""
        if not name:
            os.chmod(b'.', mode, dir_fd=folder)
            return
        try:
            descriptor = os.open(name, os.O_RDONLY | _NO_FOLLOW | plainfile.NO_WAIT, dir_fd=folder)
        # Ours, and not for us to read: there is no link there, as was just seen.
        except PermissionError:  # noqa: F821
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
        # type: () -> Any
        """The folder of everything."""
        octetpaths.system.stat(self._root)
        return self._root

    def enter(self, folder, name, follow=False):
        # type: (Any, bytes, bool) -> Any
        """A subfolder; with *follow* what the path *name* leads to from here."""
        path = self._path(folder, name)
        if not stat.S_ISDIR((octetpaths.system.stat if follow else octetpaths.system.lstat)(
                path).st_mode):
            raise OSError('Not a directory')
        return os.path.realpath(path) if follow else path

    def leave(self, folder):
        # type: (Any) -> None
        """Nothing is held."""

    def names(self, folder):
        # type: (Any) -> List[bytes]
        """All names in the folder."""
        return [name for name in octetpaths.system.listdir(self._path(folder, b''))
                if isinstance(name, bytes)]

    def stat(self, folder, name, follow=False):
        # type: (Any, bytes, bool) -> Any
        """The state of an entry, a link as link unless told to follow;
        of the folder itself with b''."""
        return (octetpaths.system.stat if follow or not name else octetpaths.system.lstat)(
            self._path(folder, name))

    def target(self, folder, name):
        # type: (Any, bytes) -> bytes
        """The text of a link."""
        return to_bytes(octetpaths.system.readlink(self._path(folder, name)))

    def link(self, folder, name):
        # type: (Any, bytes) -> Tuple[Any, bytes]
        """(state, text) of one and the same link; OSError if it is being changed."""
        return _steady_link(self, folder, name)

    def open(self, folder, name, follow=False):
        # type: (Any, bytes, bool) -> Tuple[Any, Any]
        """(file, its state) of a regular file, for reading; NotPlain if it is something else."""
        self._look_again(folder)
        opened = self._checked(folder, name, 'rb', follow)
        self._look_again(folder, opened[0])
        return opened

    def write(self, folder, name, exclusive=False, empty=False, append=False):
        # type: (Any, bytes, bool, bool, bool) -> Tuple[Any, Any]
        """(file, its state) of a regular file for writing, made if it is missing; *append*: each
        write goes to its end."""
        self._look_again(folder)
        if exclusive:
            return self._checked(folder, name, 'xb', False)
        if empty or append:
            return self._checked(folder, name, 'wb' if empty else 'ab', False)
        try:
            return self._checked(folder, name, 'r+b', False)
        except FAILURES:
            if self._exists(folder, name):
                raise
            return self._checked(folder, name, 'xb', False)

    def _exists(self, folder, name):
        # type: (Any, bytes) -> bool
        try:
            octetpaths.system.lstat(self._path(folder, name))
        except FAILURES:
            return False
        return True

    def make(self, folder, name):
        # type: (Any, bytes) -> None
        """Makes a folder."""
        octetpaths.system.mkdir(self._path(folder, name))

    def remove_folder(self, folder, name):
        # type: (Any, bytes) -> None
        """Removes an empty folder."""
        octetpaths.system.rmdir(self._path(folder, name))

    def remove(self, folder, name):
        # type: (Any, bytes) -> None
        """Removes a file or a link."""
        octetpaths.system.unlink(self._path(folder, name))

    def rename(self, source, old, target, new):
        # type: (Any, bytes, Any, bytes) -> None
        """Moves an entry from folder to folder."""
        octetpaths.system.rename(self._path(source, old), self._path(target, new))

    def set_times(self, folder, name, seconds):
        # type: (Any, bytes, float) -> None
        """Sets the times of the last reading and of the last change."""
        octetpaths.system.utime(self._path(folder, name), (seconds, seconds))

    def set_mode(self, folder, name, mode):
        # type: (Any, bytes, int) -> None
        """Sets the permissions of a file or folder."""
        octetpaths.system.chmod(self._path(folder, name), mode)

    def room(self, folder):
        # type: (Any) -> Optional[int]
        """Octets that are free to us; None where no one tells."""
        if not hasattr(os, 'statvfs'):
            return None
        found = os.statvfs(self._path(folder, b''))
        return found.f_bavail * found.f_frsize

    def _path(self, folder, name):
        # type: (Any, bytes) -> bytes
        return _joined(folder, name)

    def _checked(self, folder, name, mode, follow):
        # type: (Any, bytes, str, bool) -> Tuple[Any, Any]
        return plainfile.opened(self._path(folder, name), mode, follow, 0, NEW_FILE)

    def _look_again(self, folder, opened=None):
        # type: (Any, Any) -> None
        """OSError if a folder on the way from the root has become a link;
        *opened* is closed then."""
        if folder[:len(self._root)] != self._root:
            return  # a link was followed on purpose, and what it led to was judged by its owner
        path = self._root
        try:
            for name in folder[len(self._root):].split(_SEP):
                if name:
                    path = _joined(path, name)
                    if not stat.S_ISDIR(octetpaths.system.lstat(path).st_mode):
                        raise OSError('Not a directory')
        except FAILURES:
            if opened is not None:
                opened.close()
            raise


class Held(Names):
    """Steps by path below a descriptor: ``/proc/self/fd/N/name`` is looked up in the folder that is
    open as N."""

    @staticmethod
    def works():
        # type: () -> bool
        """True if this system has what it takes."""
        return _works() and os.path.isdir(HELD)

    def root(self):
        # type: () -> int
        """The folder of everything."""
        return _opener(self._root, True)

    def enter(self, folder, name, follow=False):
        # type: (int, bytes, bool) -> int
        """A subfolder; with *follow* what the path *name* leads to from here."""
        return _opener(self._path(folder, name), follow)

    def leave(self, folder):
        # type: (int) -> None
        """Done with it."""
        _closer(folder)

    def _path(self, folder, name):
        # type: (int, bytes) -> bytes
        return _joined(HELD + b'%d' % folder, name or b'.')

    def _look_again(self, folder, opened=None):
        # type: (int, Any) -> None
        """Nothing to do: the folder itself is open."""


def open_steps(root):
    # type: (bytes) -> Any
    """The safest steps below *root* that this system has."""
    if Descriptors.works():
        return Descriptors(root)
    return Held(root) if Held.works() else Names(root)


def provide(opener, closer, works):
    # type: (Callable[[bytes, bool], int], Callable[[int], Any], Callable[[], bool]) -> None
    """Lets these open and close folders for ``Held``; for ``carryall.runtimes``, where ``os.open``
    opens no folders."""
    global _opener, _closer, _works
    _opener = opener
    _closer = closer
    _works = works


def _open_folder(path, follow):
    # type: (bytes, bool) -> int
    return os.open(path, _SEARCH if follow else _SEARCH | _NO_FOLLOW)


def _knows_folders():
    # type: () -> bool
    return hasattr(os, 'O_DIRECTORY')


_opener = _open_folder      # type: Callable[[bytes, bool], int]
_closer = os.close          # type: Callable[[int], Any]
_works = _knows_folders     # type: Callable[[], bool]


def _joined(folder, name):
    # type: (bytes, bytes) -> bytes
    """The path *name* as seen from *folder*; an absolute one is itself."""
    if not name or name[:1] == b'/':
        return name or folder
    return folder + name if folder.endswith(_SEP) else folder + _SEP + name


def _steady_link(steps, folder, name):
    # type: (Any, Any, bytes) -> Tuple[Any, bytes]
    """(state, text) of a link that was the same before and after its text was read."""
    before = steps.stat(folder, name)
    text = steps.target(folder, name)
    if _moment(before) != _moment(steps.stat(folder, name)):
        raise OSError('Too many levels of symbolic links')
    return before, text


def _moment(status):
    # type: (Any) -> Tuple[Any, ...]
    return status.st_dev, status.st_ino, status.st_uid, status.st_mtime, status.st_ctime
