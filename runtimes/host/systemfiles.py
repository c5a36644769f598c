# Copyright the carryall authors.  See LICENSE.
"""Files where the systems differ: private from their first moment, replaced in one step,
surely on the disk.

Tests:    tests/runtimes/host/test_systemfiles.py
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import stat

from carryall.core.files.appendfile import open_append
from carryall.core.compat import FAILURES
from carryall.core.files.plainfile import NO_WAIT
from carryall.runtimes.platform import ON_JVM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Tuple

__all__ = ['append_private', 'create_private', 'give_to', 'is_broken_pipe', 'make_private',
           'remove', 'replace', 'sync', 'sync_folder']

MAX_TRIES = 100  # names that may be taken already, left behind by a process that was killed
PRIVATE = 0o600


def create_private(path):
    # type: (str) -> Tuple[Any, str]
    """Makes a new file that its owner alone may read; (file open for writing bytes, its name).

    If the name is taken, a number is added to it: nothing that is there is ever written to.
    """
    name = path
    for number in range(1, MAX_TRIES + 1):
        try:
            _create(name, PRIVATE)
        except OSError as exc:
            if exc.errno != errno.EEXIST:
                raise
            name = '%s%d' % (path, number)
            continue
        return open(name, 'r+b'), name
    raise OSError(errno.EEXIST, 'File exists', name)


def append_private(path, mode=PRIVATE):
    # type: (str, int) -> Any
    """Opens a file for appending bytes; if it is not there,
    it is made with this mode less the umask."""
    make_private(path, mode)
    return open_append(path)


def make_private(path, mode=PRIVATE):
    # type: (str, int) -> None
    """Makes an empty file with this mode less the umask, unless there is something of that name."""
    try:
        _create(path, mode)
    except OSError as exc:
        if exc.errno != errno.EEXIST:
            raise


def _create(path, mode):
    # type: (str, int) -> None
    """Makes an empty file with that mode from the start; OSError EEXIST if the name is taken."""
    if ON_JVM:
        _create_jvm(path, mode)
        return
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, 'O_CLOEXEC', 0) | getattr(
        os, 'O_BINARY', 0)
    os.close(os.open(path, flags, mode))


def _create_jvm(path, mode):
    # type: (str, int) -> None
    # jython: os.open() ignores the mode, so the file would be readable by all for a moment,
    # or for ever.
    from java.lang import UnsupportedOperationException
    from java.nio.file import FileAlreadyExistsException, Files, Paths
    from java.nio.file.attribute import PosixFilePermissions
    target = Paths.get(os.path.abspath(path))
    letters = ''.join(letter if mode & 1 << 8 - place else '-' for place, letter in enumerate(
        'rwxrwxrwx'))
    try:
        try:
            attribute = PosixFilePermissions.asFileAttribute(
                PosixFilePermissions.fromString(letters))
            Files.createFile(target, [attribute])
        except UnsupportedOperationException:       # Windows: the folder's access list rules
            Files.createFile(target, [])
    except FileAlreadyExistsException:
        raise OSError(errno.EEXIST, 'File exists', path)
    except FAILURES as exc:
        raise OSError(_errno_of(exc), _reason_of(exc), path)


def _errno_of(exc):
    # type: (Any) -> int
    name = exc.__class__.__name__
    return {'AccessDeniedException': errno.EACCES, 'NoSuchFileException': errno.ENOENT}.get(
        name, errno.EIO)


def _reason_of(exc):
    # type: (Any) -> str
    if _errno_of(exc) != errno.EIO:
        return os.strerror(_errno_of(exc))
    # Of a FileSystemException: without the two names and the class.
    return getattr(exc, 'reason', None) or str(exc)


def replace(source, target):
    # type: (str, str) -> None
    """Renames over what is there, in one step."""
    if ON_JVM:
        from java.nio.file import Files, Paths, StandardCopyOption
        try:
            Files.move(Paths.get(os.path.abspath(source)), Paths.get(os.path.abspath(target)),
                       [StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING])
        except FAILURES as exc:
            raise OSError(_errno_of(exc), _reason_of(exc), target)
        return
    # py2: there is no os.replace, and no step of its own on Windows;
    # rename does it everywhere else.
    getattr(os, 'replace', os.rename)(source, target)


def give_to(path, uid, gid):
    # type: (str, int, int) -> None
    """Changes the user and group of a file (-1: no change), if files have them and we may.

    Only a regular file with a single name is changed.  In a folder that the user may write to, a
    link could otherwise give any file of the machine to that user.
    """
    try:
        if ON_JVM or not hasattr(os, 'fchown') or not hasattr(os, 'O_NOFOLLOW'):
            if _may_be_given(os.lstat(path)):
                os.chown(path, uid, gid)
            return
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            if _may_be_given(os.fstat(handle)):
                os.fchown(handle, uid, gid)
        finally:
            os.close(handle)
    except (AttributeError, OSError):
        pass


def _may_be_given(state):
    # type: (Any) -> bool
    return stat.S_ISREG(state.st_mode) and state.st_nlink == 1


def remove(path):
    # type: (str) -> None
    """Removes a file that may be gone already."""
    try:
        os.remove(path)
    except OSError:
        pass


def sync(target):
    # type: (Any) -> None
    """Brings the file's bytes to the disk."""
    if hasattr(target, 'sync'):
        target.sync()           # jython: a file that was opened for appending
    else:
        os.fsync(target.fileno())


def sync_folder(path):
    # type: (str) -> None
    """Brings the names in a folder to the disk; where a folder cannot be opened (Windows), the
    system sees to it."""
    try:
        if ON_JVM:
            from java.nio.channels import FileChannel
            from java.nio.file import Paths, StandardOpenOption
            channel = FileChannel.open(Paths.get(path), [StandardOpenOption.READ])
            try:
                channel.force(True)
            finally:
                channel.close()
            return
        folder = os.open(path, os.O_RDONLY | NO_WAIT | getattr(os, 'O_DIRECTORY', 0))
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except FAILURES:
        pass


def is_broken_pipe(exc):
    # type: (Any) -> bool
    """True if writing failed because no one reads any more."""
    return getattr(exc, 'errno', None) in (errno.EPIPE, errno.EINVAL)  # EINVAL: the same on Windows
