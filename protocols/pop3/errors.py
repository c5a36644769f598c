# Copyright the carryall authors.  See LICENSE.
"""Errors of POP3, which the client raises for answers of the server.

Tests:    tests/protocols/pop3/test_client.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional

__all__ = ['POP3Error']


class POP3Error(RemoteProtocolError):
    """The server answered ``-ERR``, or the connection broke.

    Attributes:
        code: the response code (RFC 2449 section 8), as b'IN-USE'; b'' if there is none.
        lost: true if the connection is what failed.
    """

    def __init__(self, message, code=b'', lost=False, cause=None):
        # type: (str, bytes, bool, Optional[BaseException]) -> None
        RemoteProtocolError.__init__(self, message, None, cause)
        self.code = code
        self.lost = lost
