# Copyright the carryall authors.  See LICENSE.
"""stdout, for octets, on every runtime; what cannot be written is raised.

Tests:    tests/runtimes/test_stdout.py
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import sys

from carryall.core.compat import FAILURES
from carryall.runtimes.platform import ON_JVM

__all__ = ['octets_of', 'silence']

_java = []                  # type: List[Any]  # the one that there is
_MEANT = dict((os.strerror(number), number) for number in (errno.EPIPE, errno.ENOSPC))


def octets_of(stream):
    # type: (Any) -> Any
    """What takes octets for a stream that takes text, stdout say; ``write`` and ``flush`` raise IOError or OSError."""
    if stream is None:                  # 3.x: the descriptor was closed when the process was started, as by `>&-`
        raise IOError(errno.EBADF, os.strerror(errno.EBADF))
    if ON_JVM and stream is sys.__stdout__:
        stream.flush()                  # type: ignore  # what was said in text before
        if not _java:
            _java.append(_JavaOutput())
        return _java[0]
    return getattr(stream, 'buffer', stream)        # py2: the stream takes octets itself


def silence(stream):
    # type: (Any) -> None
    """Keep the interpreter from complaining at its exit that what failed once cannot be flushed."""
    if stream is None or ON_JVM and stream is sys.__stdout__:   # Java does not complain, but does when it is closed
        return
    try:
        stream.close()
    except (IOError, OSError, ValueError):
        pass


class _JavaOutput(object):
    """Java's own stream, a PrintStream, keeps it to itself when something cannot be written; the one below it does not."""

    def __init__(self):
        # type: () -> None
        from java.io import FileDescriptor, FileOutputStream
        self._output = FileOutputStream(FileDescriptor.out)

    def write(self, data):
        # type: (bytes) -> None
        """Write all of it."""
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
