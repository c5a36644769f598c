# Copyright the carryall authors.  See LICENSE.
"""Logs files of services, opened for appending; one that may hold secrets gets mode 600 when it is
created.

Tests:    tests/app/test_logfiles.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.files.appendfile import open_append
from carryall.core.compat import FAILURES, to_bytes
from carryall.core.errors import UsageError

__all__ = ['append_private', 'append_to']

PRIVATE = 0o600


def append_private(path):
    # type: (str) -> Any
    """The file at *path*, open for appending bytes, not buffered; created with mode 600.

    An existing file keeps its mode, because somebody chose it.
    Raises:   UsageError: it cannot be written.
    """
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
    try:
        return open_append(_name(path))
    except FAILURES as exc:
        raise UsageError(u'%s cannot be written: %s' % (path, getattr(exc, 'strerror', None)
                                                        or exc), exc)


def _name(path):
    # type: (str) -> Any
    return to_bytes(path) if str is bytes else path


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
