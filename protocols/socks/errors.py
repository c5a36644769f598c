# Copyright the carryall authors.  See LICENSE.
"""The error of SOCKS."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError

__all__ = ['SOCKSError']


class SOCKSError(RemoteProtocolError):
    """A request is malformed or not supported; ``reply`` is the code to answer with."""
