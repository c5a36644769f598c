# Copyright the carryall authors.  See LICENSE.
"""Data connections: the port of PASV or PORT, and its connection (RFC 959 section 3.2, 2577).

States:   arranged -> open -> given to a transfer -> closed
          A DataConnection reads nothing until a transfer has it.  A passive port closes with the
          first connection from the right host, or after its time.  So no other host can use it
          (RFC 2577 section 3).
Not here: the transfers (transfers.py), the choice of allowed addresses (dataports.py).
Tests:    tests/protocols/ftp/test_dataconnection.py
"""
from __future__ import absolute_import, division, print_function

import random

from carryall.core.errors import ConnectionLost, ListenFailed, TimedOut
from carryall.core.future import Future
from carryall.core.logs import get_logger
from carryall.core.net.protocol import Protocol
from carryall.core.net.transport import peer
from carryall.protocols.ftp.hostport import plain4

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional, Tuple

__all__ = ['ActivePort', 'DataConnection', 'PassivePort']

MAX_STRANGERS = 10          # connections of other hosts until a passive port closes; default

log = get_logger('ftp')
_dice = random.SystemRandom()       # a peer that can guess the next port can connect first


class DataConnection(Protocol):
    """One data connection, which passes everything on to the transfer that has it.

    Attributes:
        lost: (exc,), the argument of connection_lost, once it was called.
    """

    def __init__(self, arrived=None):
        # type: (Optional[Callable[[DataConnection], Any]]) -> None
        self._arrived = arrived
        self._worker = None         # type: Any
        self.lost = None            # type: Optional[Tuple[Any]]

    def connection_made(self, transport):
        self.transport = transport
        transport.pause_reading()
        if self._arrived is not None:
            self._arrived(self)

    def give_to(self, worker):
        # type: (Any) -> None
        """Gives it to *worker*, of ``transfers``, which is told at once if it is lost already."""
        self._worker = worker
        if self.lost is not None:
            closed = ConnectionLost(u'the data connection was closed before it was used')
            worker.lost(self.lost[0] or closed)

    def data_received(self, data):
        if self._worker is not None:
            self._worker.data_received(data)

    def eof_received(self):
        return self._worker.ended() if self._worker is not None else None

    def pause_writing(self):
        if self._worker is not None:
            self._worker.full()

    def resume_writing(self):
        if self._worker is not None:
            self._worker.room()

    def connection_lost(self, exc):
        self.lost = (exc,)
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.lost(exc)

    def drop(self):
        # type: () -> None
        """Aborts it."""
        if self.transport is not None:
            self.transport.abort()


class PassivePort(object):
    """A port that waits for one connection of one host.

    Args:     host: our own address to listen on.
              ports: (lowest, highest) to choose from; None: the system chooses.
              allowed: called with a host that connects; True if it may.
              seconds: until the port closes.
              context: TLSContext of the connection; None in clear.

    Attributes:
        address: the Address that it listens on.
    Raises:   ListenFailed: no port is free.
    """

    def __init__(self, loop, host, ports, allowed, seconds, context=None):
        # type: (Any, str, Optional[Tuple[int, int]], Callable[[str], bool], float, Any) -> None
        self._loop = loop
        self._allowed = allowed
        self._context = context
        self._strangers = 0
        self._connection = None     # type: Optional[DataConnection]
        self._seconds = seconds
        self._opened = Future()
        self._listener = self._listen(host, ports)      # type: Any
        self.address = self._listener.address
        self._timer = loop.call_later(seconds, self._expired)

    def _listen(self, host, ports):
        # type: (str, Optional[Tuple[int, int]]) -> Any
        def make():
            # type: () -> DataConnection
            return DataConnection(self._arrive)

        if ports is None:
            return self._loop.listen_tcp(make, host, 0, backlog=1)
        choice = list(range(ports[0], ports[1] + 1))
        _dice.shuffle(choice)
        for number, port in enumerate(choice):
            try:
                return self._loop.listen_tcp(make, host, port, backlog=1)
            except ListenFailed:
                if number == len(choice) - 1:
                    raise

    def ready(self):
        # type: () -> bool
        """True if the connection is open already."""
        return self._connection is not None

    def open(self):
        # type: () -> Future
        """A Future of the DataConnection, TLS included."""
        return self._opened

    def _arrive(self, connection):
        # type: (DataConnection) -> None
        address = peer(connection.transport)
        host = plain4(address.host) if address is not None else ''
        if self._connection is not None or self._opened.done() or not self._allowed(host):
            log.info('a data connection from %s is refused', address)
            connection.drop()
            self._strangers += 1
            if self._strangers >= MAX_STRANGERS:
                self._stop_listening()
            return
        self._connection = connection
        self._stop_listening()
        _secured(self._loop, connection, self._context, self._opened)

    def _stop_listening(self):
        # type: () -> None
        self._timer.cancel()
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.close()
        if self._connection is None and not self._opened.done():
            self._opened.set_exception(TimedOut(u'no connection to the passive port in time'))

    def _expired(self):
        # type: () -> None
        log.info('a passive port is closed: no connection within %g seconds', self._seconds)
        self._stop_listening()

    def close(self):
        # type: () -> None
        """Closes the port, and drops a connection that was not used."""
        self._stop_listening()
        if self._connection is not None:
            self._connection.drop()


class ActivePort(object):
    """An address of the client, to connect to.

    Args:     local: our own address to connect from.
              seconds: to connect.
              context: TLSContext of the connection; None in clear.
    """

    def __init__(self, loop, host, port, local, seconds, context=None):
        # type: (Any, str, int, str, float, Any) -> None
        self.host = host
        self.port = port
        self._loop = loop
        self._local = local
        self._seconds = seconds
        self._context = context

    def ready(self):
        # type: () -> bool
        """Never: it connects when it is opened."""
        return False

    def open(self):
        # type: () -> Future
        """A Future of the DataConnection, TLS included."""
        opened = Future(lambda _: connecting.cancel())
        local = (self._local, 0) if self._local else None

        def connected(future):
            # type: (Future) -> None
            if future.exception() is not None:
                if not opened.done():
                    opened.set_exception(future.exception())
            elif opened.done():
                future.result()[1].drop()
            else:
                _secured(self._loop, future.result()[1], self._context, opened)

        connecting = self._loop.connect_tcp(DataConnection, self.host, self.port, self._seconds,
                                            local)
        connecting.add_done_callback(connected)
        return opened

    def close(self):
        # type: () -> None
        """Nothing is open."""


def _secured(loop, connection, context, opened):
    # type: (Any, DataConnection, Any, Future) -> None
    """Completes *opened* with the connection, under TLS after the handshake.

    The FTP server is the TLS server, whichever side connected (RFC 4217 section 7).
    """
    if context is None:
        opened.set_result(connection)
        return

    def shaken(future):
        # type: (Future) -> None
        if opened.done():
            connection.drop()
        elif future.exception() is not None:
            opened.set_exception(future.exception())
        else:
            opened.set_result(connection)

    loop.start_tls(connection.transport, context, server_side=True).add_done_callback(shaken)
