# Copyright the carryall authors.  See LICENSE.
"""stdout, for octets, on every runtime, where what cannot be written is raised; and stderr,
where it is a log file.

Tests:    tests/runtimes/host/test_stdout.py
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import sys

from carryall.core.compat import FAILURES
from carryall.runtimes.platform import ON_JVM

__all__ = ['octets_of', 'point_stderr_at', 'silence', 'stderr_is']

_java = []                  # type: List[Any]  # the one that there is
_MEANT = dict((os.strerror(number), number) for number in (errno.EPIPE, errno.ENOSPC))


def octets_of(stream):
    # type: (Any) -> Any
    """A binary stream over a stream that takes text, stdout say; ``write`` and ``flush`` raise
    IOError or OSError."""
    if stream is None:  # 3.x: the descriptor was closed when the process was started, as by `>&-`
        raise IOError(errno.EBADF, os.strerror(errno.EBADF))
    if ON_JVM and stream is sys.__stdout__:
        stream.flush()                  # type: ignore  # what was said in text before
        if not _java:
            _java.append(_JavaOutput())
        return _java[0]
    return getattr(stream, 'buffer', stream)        # py2: the stream takes octets itself


def silence(stream):
    # type: (Any) -> None
    """Keeps the interpreter from complaining at its exit that what failed once cannot be
    flushed."""
    # Java does not complain, but does when it is closed.
    if stream is None or ON_JVM and stream is sys.__stdout__:
        return
    try:
        stream.close()
    except (IOError, OSError, ValueError):
        pass


def stderr_is(path):
    # type: (str) -> bool
    """True if descriptor 2 is this file: a daemon's is the first log."""
    try:
        if ON_JVM:
            posix = _java_posix()
            own = posix.fstat(2)
            there = posix.stat(path)
            return (own.dev(), own.ino()) == (there.dev(), there.ino())
        own = os.fstat(2)
        there = os.stat(path)
        return (own.st_dev, own.st_ino) == (there.st_dev, there.st_ino)
    except FAILURES:            # closed, no such file, or a system that cannot tell
        return False


def point_stderr_at(path):
    # type: (str) -> None
    """Lets descriptor 2, where a crashing interpreter writes, be the end of this file; nothing
    happens if it cannot be."""
    try:
        if ON_JVM:
            # jython: os.O_APPEND is a number of its own, and not the system's.
            from jnr.constants.platform import OpenFlags
            posix = _java_posix()
            flags = OpenFlags.O_WRONLY.intValue() | OpenFlags.O_APPEND.intValue()
            opened = posix.open(path, flags, 0o600)
            if opened >= 0:
                posix.dup2(opened, 2)
                posix.close(opened)
            return
        handle = os.open(path, os.O_WRONLY | os.O_APPEND)
        try:
            os.dup2(handle, 2)
        finally:
            os.close(handle)
    except FAILURES:
        pass


def _java_posix():
    # type: () -> Any
    from jnr.posix import POSIXFactory
    return POSIXFactory.getPOSIX()


class _JavaOutput(object):
    """Java's own stream, a PrintStream, keeps it to itself when something cannot be written; the
    one below it does not."""

    def __init__(self):
        # type: () -> None
        from java.io import FileDescriptor, FileOutputStream
        self._output = FileOutputStream(FileDescriptor.out)

    def write(self, data):
        # type: (bytes) -> None
        """Writes all of it."""
        from carryall.runtimes.jvm.octets import to_java
        try:
            self._output.write(to_java(data))
        except FAILURES as exc:
            text = getattr(exc, 'message', None) or str(exc)
            raise IOError(_MEANT.get(text, errno.EIO), text)

    def flush(self):
        # type: () -> None
        """Nothing is held back."""


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List
