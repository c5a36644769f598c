# Copyright the carryall authors.  See LICENSE.
"""The error of the simple protocols."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError

__all__ = ['SimpleError']


class SimpleError(RemoteProtocolError):
    """The answer of a server breaks its protocol, or refuses the service."""
