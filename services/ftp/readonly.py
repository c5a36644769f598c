# Copyright the carryall authors.  See LICENSE.
"""ReadOnly: a file system without the calls that change it.

Tests:    tests/services/ftp/test_readonly.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.ftp import FileSystem

__all__ = ['ReadOnly']


class ReadOnly(FileSystem):
    """The files of *inner*; calls that would change them are refused (READ_ONLY)."""

    def __init__(self, inner):
        # type: (FileSystem) -> None
        self.stat = inner.stat              # type: ignore
        self.entries = inner.entries        # type: ignore
        self.open = inner.open              # type: ignore
