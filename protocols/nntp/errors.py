# Copyright the carryall authors.  See LICENSE.
"""The errors of NNTP.

Tests:    tests/protocols/nntp/test_client.py, test_article.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import CarryallError, RemoteProtocolError

__all__ = ['BadArticle', 'NNTPError']


class NNTPError(RemoteProtocolError):
    """The server refused a command, or sent something that is no reply.

    Attributes:
        code: of the reply; 0 if there is none.
        line: the whole reply, octets; b'' if there is none.
    """

    def __init__(self, message, code=0, line=b''):
        # type: (str, int, bytes) -> None
        RemoteProtocolError.__init__(self, message)
        self.code = code
        self.line = line


class BadArticle(CarryallError):
    """The octets are no article, or the article is refused; the message says why, in ASCII."""
