# Copyright the carryall authors.  See LICENSE.
"""Log files of services, opened for appending; one that may hold secrets gets mode 600 when it is
created.  The path ``-`` is stdout.

Tests:    tests/app/test_logfiles.py
"""
from __future__ import absolute_import, division, print_function

import os
import sys

from carryall.core.files.appendfile import open_append
from carryall.core.compat import FAILURES, to_bytes
from carryall.core.errors import UsageError
from carryall.app.optiontypes import STDOUT

__all__ = ['StdoutFile', 'append_private', 'append_to']

PRIVATE = 0o600


def append_private(path):
    # type: (str) -> Any
    """The file at *path*, open for appending bytes, not buffered; created with mode 600.

    An existing file keeps its mode, because somebody chose it.
    Raises:   UsageError: it cannot be written.
    """
    if path == STDOUT:
        return StdoutFile(sys.stdout)
    try:
        handle = os.open(_name(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    except FAILURES:
        # It exists, or cannot be created, which append_to() reports; jython: with any errno.
        return append_to(path)
    os.close(handle)
    os.chmod(_name(path), PRIVATE)      # jython: os.open() ignores the mode
    return append_to(path)


def append_to(path):
    # type: (str) -> Any
    """The file at *path*, open for appending bytes, not buffered; UsageError if that fails."""
    if path == STDOUT:
        return StdoutFile(sys.stdout)
    try:
        return open_append(_name(path))
    except FAILURES as exc:
        raise UsageError(u'%s cannot be written: %s' % (path, getattr(exc, 'strerror', None)
                                                        or exc), exc)


class StdoutFile(object):
    """Writes bytes to a stream of the process, which stays open."""

    def __init__(self, stream):
        # type: (Any) -> None
        self._stream = getattr(stream, 'buffer', stream)    # py2: the stream takes bytes itself

    def write(self, data):
        # type: (bytes) -> None
        """Writes them at once."""
        self._stream.write(data)
        self._stream.flush()

    def close(self):
        # type: () -> None
        """Leaves the stream open."""


def _name(path):
    # type: (str) -> Any
    return to_bytes(path) if str is bytes else path


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
