# Copyright the carryall authors.  See LICENSE.
"""A lock for anyone who changes a file by writing a new one: one at a time,
of all processes and runtimes.

    with locked('/etc/carryall/users'):
        ...                             # read, change, replace

The lock is on a file of its own, ``PATH.lock``, for the file itself is replaced.  It stays there,
empty, unless ``keep=False``; the lock on it goes with the process, however that ends.
``fcntl.lockf`` and Java's FileChannel exclude each other.

Tests:    tests/runtimes/host/test_filelock.py
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import time
from contextlib import contextmanager

from carryall.core.compat import int_from_bytes
from carryall.core.errors import CarryallError
from carryall.core.files.plainfile import open_plain
from carryall.runtimes.host import systemfiles as files
from carryall.runtimes.platform import ON_JVM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator

__all__ = ['FileBusy', 'locked']

WAIT_SECONDS = 10.0         # for anyone who has it: to replace a file takes milliseconds
PAUSE_SECONDS = 0.02        # between two tries


class FileBusy(CarryallError):
    """Somebody else keeps the file locked."""


@contextmanager
def locked(path, seconds=WAIT_SECONDS, keep=True):
    # type: (str, float, bool) -> Iterator[None]
    """Holds the lock of a file; blocks, up to *seconds*.

    Args:     keep: the lock file stays; else its holder removes it, if the system can.
    Raises:   FileBusy: it is held by another.  IOError, OSError: the lock file cannot be made.
    """
    lock_path = os.path.realpath(path) + '.lock'
    left = seconds
    handle = _enter(lock_path, keep)
    while handle is None and left > 0:
        time.sleep(PAUSE_SECONDS)
        left -= PAUSE_SECONDS
        handle = _enter(lock_path, keep)
    if handle is None:
        raise FileBusy(u'%s is locked by another process, which does not finish' % path)
    try:
        yield
    finally:
        if not keep:
            files.remove(lock_path)     # while we hold it, so that it is ours and no other's
        handle.close()


def _enter(path, keep):
    # type: (str, bool) -> Any
    """The locked file, which is made if need be; None if somebody has it."""
    files.make_private(path)
    try:
        handle = _try_lock(path)
    except (IOError, OSError) as exc:
        if keep or exc.errno != errno.ENOENT:
            raise
        return None                     # removed since
    if handle is None or keep or _is_at(handle, path):
        return handle
    handle.close()  # it was removed while we waited: a lock on it keeps no one out
    return None


def _is_at(handle, path):
    # type: (Any, str) -> bool
    """True if the open file is the one at *path*; it is not opened again, for closing that would
    let go of the lock."""
    try:
        if ON_JVM:
            # jython: nothing tells the identity of an open file;
            # a length that no one else gives it does.
            length = int_from_bytes(os.urandom(3))
            handle.setLength(length)
            return os.path.getsize(path) == length
        mine = os.fstat(handle.fileno())
        there = os.stat(path)
    except (IOError, OSError):
        return False
    return (mine.st_dev, mine.st_ino) == (there.st_dev, there.st_ino)


def _try_lock(path):
    # type: (str) -> Any
    """The object whose ``close`` releases the lock; None if somebody has it."""
    if ON_JVM:
        return _try_lock_java(path)
    handle = open_plain(path, 'r+b')
    try:
        if os.name == 'nt':
            # The checker of types runs if there is none.
            msvcrt = __import__('msvcrt')  # type: Any
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl
            fcntl.lockf(handle.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (IOError, OSError):
        handle.close()
        return None
    return handle


def _try_lock_java(path):
    # type: (str) -> Any
    from java.io import RandomAccessFile
    from java.nio.channels import OverlappingFileLockException
    # It makes the file again if it was removed since; then that is as good.
    handle = RandomAccessFile(path, 'rw')
    lock = None
    try:
        lock = handle.getChannel().tryLock()
    except OverlappingFileLockException:        # another thread of this process
        pass
    finally:
        if lock is None:
            handle.close()
    return None if lock is None else handle
