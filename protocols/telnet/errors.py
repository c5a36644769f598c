# Copyright the carryall authors.  See LICENSE.
"""The error of Telnet."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError

__all__ = ['TelnetError']


class TelnetError(RemoteProtocolError):
    """The peer sent something that Telnet does not allow."""
