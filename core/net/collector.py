# Copyright the carryall authors.  See LICENSE.
"""Collector: the client of protocols whose answer ends with the connection.

    answer = yield collect(loop, 'a.example', 79, b'ann\r\n', maximum=65536, timeout=30.0)

Tests:    tests/core/net/test_collector.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import ConnectionLost, RemoteProtocolError
from carryall.core.future import Future, with_timeout
from carryall.core.net.protocol import Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional

__all__ = ['Collector', 'collect']


class Collector(Protocol):
    """Sends octets and collects what the peer sends until it ends.

    Args:     opening: octets to send first.
              maximum: octets of the answer; more of them fail it.
              may_be_empty: accept an end without an answer.

    Attributes:
        answer: a Future of the bytes.  It fails with RemoteProtocolError if there are more than
            *maximum*, with ConnectionLost if the connection breaks, or ends without an answer that
            is needed.  Cancelling it ends the connection.
    """

    def __init__(self, opening=b'', maximum=65536, may_be_empty=False):
        # type: (bytes, int, bool) -> None
        self.answer = Future(lambda _: self._give_up())
        self._opening = opening
        self._maximum = maximum
        self._may_be_empty = may_be_empty
        self._parts = []                # type: List[bytes]
        self._size = 0

    def _give_up(self):
        # type: () -> None
        if self.transport is not None:
            self.transport.abort()

    def connection_made(self, transport):
        self.transport = transport
        if self._opening:
            transport.write(self._opening)

    def data_received(self, data):
        self._size += len(data)
        if self._size > self._maximum:
            self._finish(RemoteProtocolError(u'the answer has more than %d octets' % self._maximum))
            self.transport.abort()
            return
        self._parts.append(data)

    def eof_received(self):
        self._finish(None)
        return False

    def connection_lost(self, exc):
        self._finish(exc
                     or ConnectionLost(u'the connection was closed before the answer was whole'))

    def _finish(self, error):
        # type: (Optional[BaseException]) -> None
        if self.answer.done():
            return
        if error is None and not self._size and not self._may_be_empty:
            error = ConnectionLost(u'the server ended without an answer')
        if error is None:
            self.answer.set_result(b''.join(self._parts))
        else:
            self.answer.set_exception(error)


def collect(loop, host, port, opening=b'', maximum=65536, timeout=30.0, may_be_empty=False):
    # type: (Any, str, int, bytes, int, float, bool) -> Future
    """Connects, send *opening*, and collects the answer; a Future of bytes.

    Args:     maximum: octets of the answer.
              timeout: seconds, for all of it.

    Raises:   ConnectFailed, ConnectionLost, RemoteProtocolError (too long), TimedOut.
    """
    asked = loop.connect_tcp(lambda: Collector(opening, maximum, may_be_empty), host, port, timeout)
    return with_timeout(loop, asked.then(lambda made: made[1].answer), timeout,
                        u'no answer from %s port %d in %g seconds' % (host, port, timeout))
