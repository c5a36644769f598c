# Copyright the carryall authors.  See LICENSE.
"""ShortAnswer: one answer and the end, as daytime, time, qotd and systat do over TCP.

Wire:     The server sends its answer and ends; data of the client has no meaning.
States:   answered -> closed
Tests:    tests/protocols/simple/test_shortanswer.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.net.boundedprotocol import BoundedProtocol
from carryall.protocols.simple.settings import Settings

__all__ = ['ShortAnswer']


# -- server ------------------------------------------------------------------

class ShortAnswer(BoundedProtocol):
    """Sends the octets that ``text()`` returns, and ends.

    Args:     text: called without arguments when the client has connected; returns bytes.
              clock: the loop; None for no time limit.
              settings: Settings of the simple servers.
    """

    def __init__(self, text, clock=None, settings=None):
        # type: (Callable[[], bytes], Any, Optional[Settings]) -> None
        BoundedProtocol.__init__(self, clock, (settings or Settings()).linger_seconds)
        self._text = text

    def connection_made(self, transport):
        BoundedProtocol.connection_made(self, transport)
        transport.write(self._text())
        # A close() while data of the client is unread resets the connection, and a reset can
        # overtake the answer.  So only our half is ended here; the client's end or the deadline
        # ends the rest.
        if transport.can_write_eof():
            transport.write_eof()
        else:
            transport.close()

    def data_received(self, data):
        """Drops the data of the client (RFC 865, 866, 867); it does not extend the time."""


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional
