# Copyright the carryall authors.  See LICENSE.
"""CGIError: a program that does not keep to CGI, with the status that tells the client.

Tests:    tests/protocols/cgi/test_gateway.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError

__all__ = ['CGIError']


class CGIError(RemoteProtocolError):
    """The program broke a rule of CGI, or exceeded a limit.

    Attributes:
        reply, code: the status for the client: 502, 503 or 504.
    """

    def __init__(self, message=u'', reply=502, cause=None):
        # type: (Any, int, Any) -> None
        RemoteProtocolError.__init__(self, message, reply=reply, cause=cause)

    @property
    def code(self):
        # type: () -> int
        """The status."""
        return self.reply       # type: ignore


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
