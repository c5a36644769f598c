# Copyright the carryall authors.  See LICENSE.
"""The error of finger."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError

__all__ = ['FingerError']


class FingerError(RemoteProtocolError):
    """A query is malformed, or refused; ``reply`` is the text of the answer."""
