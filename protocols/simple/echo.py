# Copyright the carryall authors.  See LICENSE.
"""Echo: what comes is sent back as it is (RFC 862).

Wire:     any octets.
States:   none.
Tests:    tests/protocols/simple/test_echo.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.buffer import ReceiveBuffer
from carryall.core.errors import ConnectionLost, RemoteProtocolError
from carryall.core.future import Future, failed
from carryall.core.net.protocol import Protocol
from carryall.core.net.boundedprotocol import BoundedProtocol
from carryall.protocols.simple.guarded import GuardedDatagrams, ask_udp
from carryall.protocols.simple.settings import Settings

__all__ = ['Echo', 'EchoClient', 'EchoDatagrams', 'fetch_udp']


# -- server ------------------------------------------------------------------

class Echo(BoundedProtocol):
    """Sends back what comes, over TCP.

    Args:     service: none is needed.
              clock: the loop; None for no time limit.
    """

    def __init__(self, service=None, clock=None, settings=None):
        # type: (None, Any, Optional[Settings]) -> None
        BoundedProtocol.__init__(self, clock, (settings or Settings()).idle_seconds)

    def data_received(self, data):
        self.transport.write(data)
        if self.sweeper is not None:        # as progress(), without a call on the hot path
            self.deadline = self.sweeper.now + self.seconds

    # A peer that sends and does not read would fill our memory:
    # as long as it does not read, neither do we.

    def pause_writing(self):
        self.transport.pause_reading()

    def resume_writing(self):
        self.progress()
        self.transport.resume_reading()

    def eof_received(self):
        """The peer has said everything; what it has not got back yet still goes out, then the
        connection is closed."""
        return False


class EchoDatagrams(GuardedDatagrams):
    """Sends back each packet, over UDP."""

    def answer(self, data, addr):
        # type: (bytes, Any) -> Optional[bytes]
        """The same packet."""
        return data


# -- client ------------------------------------------------------------------

class EchoClient(Protocol):
    """Says something and waits until it has come back whole.

        transport, client = yield loop.connect_tcp(EchoClient, 'localhost', 7007)
        assert (yield client.echo(b'hello')) == b'hello'
    """

    def __init__(self):
        # type: () -> None
        self._buffer = ReceiveBuffer()
        # What was said and has not come back.
        self._waiting = []  # type: List[Tuple[bytes, Future]]
        self._over = False

    def echo(self, data):
        # type: (bytes) -> Future
        """Send *data*; a Future of it, once it is back.

        Raises:   ConnectionLost: the connection ended before.  RemoteProtocolError:
                  something else came back.
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
                self._fail(future, RemoteProtocolError(u'the echo is not what was said'))
                return
            if not future.done():
                future.set_result(heard)
        if len(self._buffer):
            self._buffer.clear()
            self.transport.abort()          # it speaks unasked: that is no echo server

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
    """Send one packet; a Future of what comes back (TimedOut if nothing does)."""
    return ask_udp(loop, host, port, data)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Tuple
