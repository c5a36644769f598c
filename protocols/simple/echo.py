# Copyright the carryall authors.  See LICENSE.
"""Echo: the server sends back what comes (RFC 862).

Wire:     any octets.
States:   none.
Tests:    tests/protocols/simple/test_echo.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.buffer import ReceiveBuffer
from carryall.core.errors import ConnectionLost
from carryall.core.future import Future, failed
from carryall.core.net.protocol import Protocol
from carryall.core.net.boundedprotocol import BoundedProtocol
from carryall.protocols.simple.errors import SimpleError
from carryall.protocols.simple.guarded import GuardedDatagrams, ask_udp
from carryall.protocols.simple.settings import Settings

__all__ = ['Echo', 'EchoClient', 'EchoDatagrams', 'fetch_udp']


# -- server ------------------------------------------------------------------

class Echo(BoundedProtocol):
    """Sends back what comes, over TCP.

    Args:     service: None.
              clock: the loop; None for no time limit.
    """

    def __init__(self, service=None, clock=None, settings=None):
        # type: (None, Any, Optional[Settings]) -> None
        BoundedProtocol.__init__(self, clock, (settings or Settings()).idle_seconds)

    def data_received(self, data):
        self.transport.write(data)
        if self.sweeper is not None:        # as progress(), without a call on the hot path
            self.deadline = self.sweeper.now + self.seconds

    # A peer that sends and does not read would fill our memory, so it is not read meanwhile.

    def pause_writing(self):
        self.transport.pause_reading()

    def resume_writing(self):
        self.progress()
        self.transport.resume_reading()

    def eof_received(self):
        """Closes the connection once the peer has got everything back."""
        return False


class EchoDatagrams(GuardedDatagrams):
    """Sends back each packet, over UDP."""

    def answer(self, data, addr):
        # type: (bytes, Any) -> Optional[bytes]
        """The same packet."""
        return data


# -- client ------------------------------------------------------------------

class EchoClient(Protocol):
    """Sends data and waits until all of it has come back.

        transport, client = yield loop.connect_tcp(EchoClient, 'localhost', 7007)
        assert (yield client.echo(b'hello')) == b'hello'
    """

    def __init__(self):
        # type: () -> None
        self._buffer = ReceiveBuffer()
        # Data that was sent and has not come back.
        self._waiting = []          # type: List[Tuple[bytes, Future]]
        self._over = False

    def echo(self, data):
        # type: (bytes) -> Future
        """Sends *data*; a Future of it, once it is back.

        Raises:   ConnectionLost: the connection ended before.  SimpleError: something else came
                  back.
        """
        if self._over:
            return failed(ConnectionLost(u'the connection is closed'))
        future = Future()
        self._waiting.append((data, future))
        if data:
            self.transport.write(data)
        else:
            self._settle()
        return future

    def data_received(self, data):
        self._buffer.append(data)
        self._settle()

    def _settle(self):
        # type: () -> None
        while self._waiting:
            said, future = self._waiting[0]
            heard = self._buffer.maybe_take(len(said))
            if heard is None:
                return
            del self._waiting[0]
            if heard != said:
                self._fail(future, SimpleError(u'the echo differs from what was sent'))
                return
            if not future.done():
                future.set_result(heard)
        if len(self._buffer):
            self._buffer.clear()
            self.transport.abort()          # it sends without being asked, unlike an echo server

    def _fail(self, future, error):
        # type: (Future, Exception) -> None
        if not future.done():
            future.set_exception(error)
        self.transport.abort()

    def connection_lost(self, exc):
        self._over = True
        waiting, self._waiting = self._waiting, []
        for _said, future in waiting:
            if not future.done():
                future.set_exception(exc or ConnectionLost(
                    u'the connection was closed before the echo came'))


def fetch_udp(loop, host, port, data):
    # type: (Any, str, int, bytes) -> Future
    """Sends one packet; a Future of the answer, which fails with TimedOut if none comes."""
    return ask_udp(loop, host, port, data)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Tuple
