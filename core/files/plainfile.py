# Copyright the carryall authors.  See LICENSE.
"""Opening files in folders that belong to others: a plain file is opened, anything else is refused
and never waited for.

    # NotPlain for a pipe, a device, a socket, a folder
    with open_plain(path) as source: ...
    data = read_plain(path, MAX_FILE)

To open a named pipe waits for its other end, and a lease of the file's owner may hold up an open
for 45 seconds.  Anyone who owns a folder can put either there, so an ordinary ``open`` hands it the
thread.  These functions open without waiting, look at what they have opened, and close it again if
it is no regular file.  Nothing can be swapped in between.

Where the interpreter cannot open that way (Jython), ``carryall.runtimes.jvm`` provides the same
through the system's own calls.  Without those, and on Windows, the path is looked at before and
after: a swap in that moment is noticed, not prevented.

Tests:    tests/core/files/test_plainfile.py
"""
from __future__ import absolute_import, division, print_function

import io
import os
import stat

from carryall.core.files.appendfile import open_append
from carryall.core.compat import FAILURES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional, Tuple

__all__ = ['NO_WAIT', 'NotPlain', 'check_plain', 'checked', 'is_full', 'open_plain', 'opened',
           'provide', 'read_plain']

INVALID = 22                # the number of EINVAL on every system that has it
_FULL = (28, 122, 69)       # of ENOSPC everywhere, and of EDQUOT on Linux and on BSD
_FULL_TEXTS = ('No space left on device', 'Disk quota exceeded')
NEW_FILE = 0o666            # permissions, less the umask

# Flags for every open of a path that others may have changed: wait for no one,
# take no terminal, pass nothing on.
NO_WAIT = 0
for _name in ('O_NONBLOCK', 'O_CLOEXEC', 'O_BINARY', 'O_NOCTTY'):
    NO_WAIT |= getattr(os, _name, 0)
_NO_FOLLOW = getattr(os, 'O_NOFOLLOW', 0)
_CREATES = os.O_WRONLY | os.O_CREAT
_FLAGS = {'rb': os.O_RDONLY, 'r+b': os.O_RDWR, 'ab': _CREATES | os.O_APPEND,
          'wb': _CREATES | os.O_TRUNC, 'xb': _CREATES | os.O_EXCL}


class NotPlain(IOError):
    """The path leads to something that is no regular file."""

    def __init__(self, path):
        # type: (Any) -> None
        IOError.__init__(self, INVALID, 'Not a regular file', path)


def open_plain(path, mode='rb', follow=True, buffering=-1, permissions=NEW_FILE):
    # type: (Any, str, bool, int, int) -> Any
    """Opens the regular file at *path*; never waits for a peer.

    Args:     mode: 'rb', 'r+b', 'ab' (see ``appendfile``), 'wb' (made or emptied), 'xb' (made;
              fails if the name is taken).
              follow: whether the last part of the path may be a symbolic link.
              permissions: of a file that is made, less the umask.
    Raises:   NotPlain, IOError, OSError.
    """
    return opened(path, mode, follow, buffering, permissions)[0]


def opened(path, mode='rb', follow=True, buffering=0, permissions=NEW_FILE):
    # type: (Any, str, bool, int, int) -> Tuple[Any, Any]
    """(file, its stat) as of ``open_plain``; without a buffer unless *buffering* says otherwise."""
    return _opener(path, mode, follow, buffering, permissions)


def read_plain(path, maximum=None, follow=True):
    # type: (Any, Optional[int], bool) -> bytes
    """All octets of the regular file at *path*, or the first *maximum* of them."""
    with open_plain(path, 'rb', follow) as source:
        return source.read() if maximum is None else source.read(maximum)


def checked(descriptor, mode, buffering=0, path=None):
    # type: (int, str, int, Any) -> Tuple[Any, Any]
    """(file, its stat) of a descriptor that was opened with NO_WAIT;
    it is closed if it is no regular file."""
    status = check_plain(descriptor, path)
    try:
        return io.open(descriptor, mode, buffering), status
    except BaseException:
        os.close(descriptor)
        raise


def check_plain(descriptor, path=None):
    # type: (int, Any) -> Any
    """The state of an open descriptor, which is closed if it is no regular file.

    Raises:   NotPlain, OSError.
    """
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotPlain(path)
        return status
    except BaseException:
        os.close(descriptor)
        raise


def is_full(exc):
    # type: (BaseException) -> bool
    """True if a file could not be written because the disk, or its owner's share of it, is full."""
    if getattr(exc, 'errno', None) is not None:
        return exc.errno in _FULL           # type: ignore
    # jython: what is written to a file fails without a number.
    return isinstance(exc, (IOError, OSError)) and any(text in str(exc) for text in _FULL_TEXTS)


def provide(opener):
    # type: (Callable[[Any, str, bool, int, int], Tuple[Any, Any]]) -> None
    """Lets *opener* do the work of ``opened``: for ``carryall.runtimes``, where the interpreter has
    no flags to open with."""
    global _opener
    _opener = opener


def _by_descriptor(path, mode, follow, buffering, permissions):
    # type: (Any, str, bool, int, int) -> Tuple[Any, Any]
    flags = _FLAGS[mode] | NO_WAIT | (0 if follow else _NO_FOLLOW)
    return checked(os.open(path, flags, permissions), 'wb' if mode == 'xb' else mode,
                   buffering, path)


def by_name(path, mode, follow, buffering, _permissions):
    # type: (Any, str, bool, int, int) -> Tuple[Any, Any]
    """The same where the path alone can be looked at: before the open, and after it."""
    look = os.stat if follow else os.lstat
    try:
        before = look(path)
    except FAILURES:
        if mode in ('rb', 'r+b'):
            raise
        before = None
    if before is not None:
        if mode == 'xb':
            raise IOError(17, 'File exists', path)
        if not stat.S_ISREG(before.st_mode):
            raise NotPlain(path)
    # jython: io.open has no 'xb', and its 'ab' seeks.
    if mode == 'ab':
        source = open_append(path)
    else:
        source = io.open(path, 'wb' if mode == 'xb' else mode, buffering)
    try:
        after = look(path)
        if not stat.S_ISREG(after.st_mode) or before is not None and not _same(before, after):
            raise NotPlain(path)
    except BaseException:
        source.close()
        raise
    return source, after


def _same(before, after):
    # type: (Any, Any) -> bool
    return (before.st_dev, before.st_ino) == (after.st_dev, after.st_ino)


_opener = _by_descriptor if hasattr(os, 'O_NONBLOCK') else by_name
