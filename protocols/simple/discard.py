# Copyright the carryall authors.  See LICENSE.
"""Discard: the server drops what comes (RFC 863).

Wire:     any octets in, none out.
States:   none.
Tests:    tests/protocols/simple/test_discard.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import ConnectionLost
from carryall.core.future import Future, failed
from carryall.core.logs import get_logger
from carryall.core.net.protocol import DatagramProtocol, Protocol
from carryall.core.net.transport import peer
from carryall.core.net.boundedprotocol import BoundedProtocol
from carryall.protocols.simple.settings import Settings

__all__ = ['Discard', 'DiscardClient', 'DiscardDatagrams']

log = get_logger('simple')


# -- server ------------------------------------------------------------------

class Discard(BoundedProtocol):
    """Counts the octets that come over TCP, and drops them.

    Args:     service: None.
              clock: the loop; None for no time limit.

    Attributes:
        octets: the count.
    """

    def __init__(self, service=None, clock=None, settings=None):
        # type: (None, Any, Optional[Settings]) -> None
        BoundedProtocol.__init__(self, clock, (settings or Settings()).idle_seconds)
        self.octets = 0

    def data_received(self, data):
        self.octets += len(data)
        self.progress()

    def connection_lost(self, exc):
        BoundedProtocol.connection_lost(self, exc)
        log.info('%s: %d octets discarded', peer(self.transport), self.octets)


class DiscardDatagrams(DatagramProtocol):
    """Counts the packets that come over UDP.  It never answers, so it needs no guard.

    Attributes:
        packets, octets: the counts.
    """

    def __init__(self):
        # type: () -> None
        self.packets = 0
        self.octets = 0

    def datagram_received(self, data, addr):
        self.packets += 1
        self.octets += len(data)


# -- client ------------------------------------------------------------------

class DiscardClient(Protocol):
    """Sends data as fast as the server takes it.

        transport, client = yield loop.connect_tcp(DiscardClient, 'localhost', 9009)
        yield client.send(b'x' * 1000000)
        transport.close()

    Attributes:
        over: a Future of None, done once the connection has ended in any way.
    """

    def __init__(self):
        # type: () -> None
        self.over = Future()
        self._paused = False
        self._waiting = []              # type: List[Future]

    def send(self, data):
        # type: (bytes) -> Future
        """Sends *data*; a Future of its length, done once more may follow.  It fails with
        ConnectionLost after the end.
        """
        if self.over.done():
            return failed(ConnectionLost(u'the connection is closed'))
        self.transport.write(data)
        future = Future()
        if self._paused:
            self._waiting.append(future)
        else:
            future.set_result(None)
        return future.then(lambda _: len(data))

    def pause_writing(self):
        self._paused = True

    def resume_writing(self):
        self._paused = False
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            future.set_result(None)

    def connection_lost(self, exc):
        self.over.set_result(None)
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            future.set_exception(exc or ConnectionLost(u'the connection is closed'))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional
