# Copyright the carryall authors.  See LICENSE.
"""Errors of FTP: a server's refusal, and a transfer that stalls.

Tests:    tests/protocols/ftp/test_client.py, tests/protocols/ftp/test_transfers.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError, TimedOut
from carryall.core.logs import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from carryall.protocols.ftp.wire import Reply

__all__ = ['FTPError', 'Stalled']


class FTPError(RemoteProtocolError):
    """The server answered with 4xx or 5xx, or with a reply that does not fit the command.

    Attributes:
        code: 100 to 659.
        reply: the Reply.
        passing: True if the same command may succeed later (4xx).
    """

    def __init__(self, reply):
        # type: (Reply) -> None
        text = escape(reply.text.decode('utf-8', 'replace'))
        message = u'the server said: %d %s' % (reply.code, text)
        RemoteProtocolError.__init__(self, message, reply)
        self.code = reply.code
        self.passing = reply.kind == 4


class Stalled(TimedOut):
    """A transfer moved no data for too long."""
