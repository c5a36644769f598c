# Copyright the carryall authors.  See LICENSE.
"""Errors of SMTP: those that the client raises for replies, and those that a service raises.

    CarryallError <- ProtocolError <- RemoteProtocolError <- SMTPError <- TransientError, Refused

Tests:    tests/protocols/smtp/test_client.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import CarryallError, RemoteProtocolError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional
    from carryall.protocols.smtp.wire import Reply

__all__ = ['NotTaken', 'Refused', 'SMTPError', 'TransientError', 'failure']


class SMTPError(RemoteProtocolError):
    """The server refused, or the connection broke.

    Attributes:
        reply: the Reply; None if there was none.
        code: of the reply; 0 if there was none.
        permanent: true if a retry would fail too.
    """

    permanent = True

    @property
    def code(self):
        # type: () -> int
        """The code of the reply, 200 to 599."""
        return 0 if self.reply is None else self.reply.code


class TransientError(SMTPError):
    """A temporary failure: a reply 4yz, or a connection that broke."""

    permanent = False


class Refused(SMTPError):
    """A permanent failure: a reply 5yz."""


def failure(reply):
    # type: (Reply) -> SMTPError
    """The error for a reply 4yz or 5yz."""
    kind = Refused if reply.permanent else TransientError
    return kind(u'the server said: %s' % reply.wire().decode('utf-8', 'replace'), reply)


class NotTaken(CarryallError):
    """A service could not store a message; the client keeps it and tries again.

    Attributes:
        reply: the reply for the client; None for the general one.
    """

    def __init__(self, message, reply=None, cause=None):
        # type: (str, Optional[bytes], Optional[BaseException]) -> None
        CarryallError.__init__(self, message, cause)
        self.reply = reply
