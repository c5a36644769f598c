# Copyright the carryall authors.  See LICENSE.
"""One short answer, then the end: what daytime, time, qotd and systat do over TCP.

Wire:     the client says nothing that counts; the server sends its answer and ends.
States:   answered -> closed
Tests:    tests/protocols/simple/test_shortanswer.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import ConnectionLost, RemoteProtocolError
from carryall.core.future import Future, with_timeout
from carryall.core.net.protocol import Protocol
from carryall.protocols.simple.bounded import BoundedProtocol

__all__ = ['ShortAnswer', 'ShortAnswerClient', 'ask_tcp']

# -- limits ------------------------------------------------------------------
LINGER_SECONDS = 10.0       # from the answer to the end, whatever the client does; ours
ASK_SECONDS = 30.0          # for a client to connect and get the whole answer; ours
MAX_ANSWER = 65536          # octets that a client takes; ours


# -- server ------------------------------------------------------------------

class ShortAnswer(BoundedProtocol):
    """Sends what ``text()`` returns and ends.

    Args:     text: called without arguments when the client is there; returns bytes.
    """

    def __init__(self, text, sweeper=None, seconds=LINGER_SECONDS):
        # type: (Callable[[], bytes], Optional[Sweeper], float) -> None
        BoundedProtocol.__init__(self, sweeper, seconds)
        self._text = text

    def connection_made(self, transport):
        BoundedProtocol.connection_made(self, transport)
        transport.write(self._text())
        # A close() while something of the client's is unread resets the connection, and a reset can overtake the
        # answer.  So only our half is ended here; the client's end, or the deadline, ends the rest.
        if transport.can_write_eof():
            transport.write_eof()
        else:
            transport.close()

    def data_received(self, data):
        """RFC 865, 866, 867: what the client sends is thrown away.  It earns no time."""


# -- client ------------------------------------------------------------------

class ShortAnswerClient(Protocol):
    """Collects what the server sends until it ends.

    Attributes:
        answer: a Future of the bytes; RemoteProtocolError if there are more than *maximum*, ConnectionLost if the
            connection breaks or the server ends without a word.  Cancelling it ends the connection.
    """

    def __init__(self, maximum=MAX_ANSWER):
        # type: (int) -> None
        self.answer = Future(lambda _: self._give_up())
        self._maximum = maximum
        self._parts = []                # type: List[bytes]
        self._size = 0

    def _give_up(self):
        # type: () -> None
        if self.transport is not None:
            self.transport.abort()

    def data_received(self, data):
        self._size += len(data)
        if self._size > self._maximum:
            if not self.answer.done():
                self.answer.set_exception(RemoteProtocolError(u'the answer has more than %d octets' % self._maximum))
            self.transport.abort()
            return
        self._parts.append(data)

    def eof_received(self):
        self._finish(None)
        return False

    def connection_lost(self, exc):
        self._finish(exc or ConnectionLost(u'the connection was closed before the answer was whole'))

    def _finish(self, error):
        # type: (Optional[BaseException]) -> None
        if self.answer.done():
            return
        if error is None and not self._size:
            error = ConnectionLost(u'the server ended without an answer')
        if error is None:
            self.answer.set_result(b''.join(self._parts))
        else:
            self.answer.set_exception(error)


def ask_tcp(loop, host, port, maximum=MAX_ANSWER, seconds=ASK_SECONDS):
    # type: (Any, str, int, int, float) -> Future
    """Connect and collect the answer; a Future of bytes.

    It fails with what ``connect_tcp`` fails with, with ConnectionLost, RemoteProtocolError (more than *maximum*
    octets), or TimedOut after *seconds* in all.
    """
    asked = loop.connect_tcp(lambda: ShortAnswerClient(maximum), host, port, seconds)
    return with_timeout(loop, asked.then(lambda made: made[1].answer), seconds,
                        u'no answer from %s port %d in %g seconds' % (host, port, seconds))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional
    from carryall.core.net.deadlines import Sweeper
