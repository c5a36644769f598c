# Copyright the carryall authors.  See LICENSE.
"""ReadOnly: any file system, to be looked at.

Tests:    tests/services/ftp/test_readonly.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.ftp import FileSystem

__all__ = ['ReadOnly']


class ReadOnly(FileSystem):
    """What *inner* has; whatever would change it is refused, as the contract itself does (READ_ONLY)."""

    def __init__(self, inner):
        # type: (FileSystem) -> None
        self.stat = inner.stat              # type: ignore
        self.entries = inner.entries        # type: ignore
        self.open = inner.open              # type: ignore
