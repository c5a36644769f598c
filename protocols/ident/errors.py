# Copyright the carryall authors.  See LICENSE.
"""The error of ident (RFC 1413)."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError

__all__ = ['IdentError']


class IdentError(RemoteProtocolError):
    """The server answered with an error.

    Attributes:
        token: its name as bytes, b'NO-USER'; empty if the reply was malformed.
    """

    def __init__(self, token, message=None):
        # type: (bytes, Any) -> None
        text = u'ident: %s' % token.decode('latin-1') if message is None else message
        RemoteProtocolError.__init__(self, text)
        self.token = token


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
