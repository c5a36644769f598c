# Copyright the carryall authors.  See LICENSE.
"""Pool: the connections of a client, made when they are needed and kept for a while (RFC 9112
section 9).

A connection belongs to one origin (scheme, host, port).  At most ``per_host`` are open to one, and
at most ``total`` at all; further requests wait, in order.  The name is resolved here, and the
connection is made to the very address that the guard has checked.

Not here: requests and responses (clientconnection.py), retries (client.py).
Tests:    tests/protocols/http/client/test_connectionpool.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.compat import FAILURES
from carryall.core.errors import ConnectFailed, ConnectionLost, TimedOut, Unsupported
from carryall.core.future import Future, Return, completed, coroutine, failed, with_timeout
from carryall.protocols.http.client.clientconnection import ClientConnection
from carryall.core.net.addressguard import AddressDenied
from carryall.protocols.http.client.clientresponse import Timing

__all__ = ['Pool']

# -- limits ------------------------------------------------------------------
MAX_WAITING = 10000         # requests that wait for a connection; the RFC is silent
MAX_ADDRESSES = 16          # of one name that are tried; the RFC is silent


class Pool(object):
    """Connections by origin.

    Args:
        loop: a Loop.
        settings: the Settings of the client.
        guard: an AddressGuard, or None to connect anywhere.
        tls: a TLSContext; None: no https.
    """

    def __init__(self, loop, settings, guard=None, tls=None):
        # type: (Any, Settings, Any, Any) -> None
        self._loop = loop
        self._settings = settings
        self._guard = guard
        self._tls = tls
        # origin -> connections, those that are being made included
        self._count = {}            # type: Dict[Any, int]
        self._open = set()          # type: Set[ClientConnection]
        self._origins = {}          # type: Dict[ClientConnection, Any]
        # with its timer; the oldest first
        self._idle = []             # type: List[Tuple[ClientConnection, Any]]
        # (origin, Future, fresh) of each request that waits for a connection
        self._waiting = deque()     # type: deque
        self._closed = False

    def __len__(self):
        """The number of connections, with those that are being made."""
        return sum(self._count.values())

    def idle(self):
        # type: () -> int
        """The number of connections that wait for a request."""
        return len(self._idle)

    def acquire(self, origin, timeouts, deadline=None, fresh=False):
        # type: (Tuple[str, str, int], Any, Optional[float], bool) -> Future
        """A Future of a ClientConnection to *origin* that is free; ``start`` a request at once.

        Args:     timeouts: an object with ``resolve``, ``connect`` and ``tls`` in seconds or None.
                  deadline: loop time by which the Future must be done.
                  fresh: a new one, not one that was used.
        """
        if self._closed:
            return failed(ConnectionLost(u'the client is closed'))
        if not fresh:
            connection = self._take_idle(origin)
            if connection is not None:
                return completed(connection)
        if len(self._waiting) >= MAX_WAITING:
            return failed(ConnectFailed(u'more than %d requests wait for a connection'
                                        % MAX_WAITING))
        wanted = [True]

        def give_up(_future):
            # type: (Future) -> None
            wanted[0] = False
            acquired.cancel()

        whole = Future(give_up)
        acquired = self._acquire(origin, timeouts, deadline, fresh, wanted)
        acquired.add_done_callback(lambda done: whole.done() or _copy(done, whole))
        return self._bounded(whole, deadline, None,
                             u'no connection to the server became free in time')

    @coroutine
    def _acquire(self, origin, timeouts, deadline, fresh, wanted):
        # type: (Tuple[str, str, int], Any, Optional[float], bool, List[bool]) -> Any
        connection = None           # type: Optional[ClientConnection]
        if self._make_room(origin):
            self._count[origin] = self._count.get(origin, 0) + 1
        else:
            place = Future()
            self._waiting.append((origin, place, fresh))
            # A connection; or None, to make a new one, which is counted already
            connection = yield place
        if connection is None:
            connection = yield self._new(origin, timeouts, deadline)
        if not wanted[0]:
            # The caller cancelled at the moment at which it was ready
            self._freed(connection)
        raise Return(connection)

    @coroutine
    def _new(self, origin, timeouts, deadline):
        # type: (Tuple[str, str, int], Any, Optional[float]) -> Any
        """Makes a connection, which is counted already; if it fails, it is counted no more."""
        made = []                               # type: List[ClientConnection]
        try:
            connection = yield self._connect(origin, timeouts, deadline, made)
        except FAILURES:
            if not made:
                self._uncount(origin)
                self._serve_waiting()
            elif made[0] in self._open:
                # This uncounts it
                made[0].fail(ConnectionLost(u'the connection was cancelled'))
            raise
        raise Return(connection)

    def release(self, connection):
        # type: (ClientConnection) -> None
        """Gives back a connection that was acquired and not used."""
        self._freed(connection)

    def close(self):
        # type: () -> None
        """Closes all connections; what is under way on them fails."""
        self._closed = True
        while self._waiting:
            place = self._waiting.popleft()[1]
            if not place.done():
                place.set_exception(ConnectionLost(u'the client is closed'))
        for connection in list(self._open):
            connection.fail(ConnectionLost(u'the client is closed'))

    # -- making connections ------------------------------------------------------------------------

    def _bounded(self, future, deadline, seconds, message):
        # type: (Future, Optional[float], Optional[float], str) -> Future
        """As *future*, but TimedOut at *deadline* and after *seconds*."""
        left = [when for when
                in (seconds, None if deadline is None else deadline - self._loop.time()) if when
                is not None]
        if not left or future.done():
            return future
        return with_timeout(self._loop, future, max(0.0, min(left)), message)

    @coroutine
    def _connect(self, origin, timeouts, deadline, made):
        # type: (Tuple[str, str, int], Any, Optional[float], List[ClientConnection]) -> Any
        """Resolves the host, asks the guard, connects to the first address that answers, and begins
        TLS for https.
        """
        scheme, host, port = origin
        if scheme == 'https':
            self._require_tls()
        moments = [self._loop.time()]
        addresses = yield self._bounded(self._loop.resolve(host, port), deadline, timeouts.resolve,
                                        u'it took too long to resolve %s' % host)
        if self._guard is not None:
            addresses = [address for address in addresses if self._guard.permits(address.host)]
            if not addresses:
                raise AddressDenied(u'%s has no public address, and others are not connected to'
                                    % host)
        moments.append(self._loop.time())
        connection = yield self._connect_to(addresses[:MAX_ADDRESSES], timeouts, deadline)
        made.append(connection)
        self._open.add(connection)
        self._origins[connection] = origin
        moments.append(self._loop.time())
        if scheme == 'https':
            yield self._bounded(self._loop.start_tls(connection.transport, self._tls, False, host),
                                deadline,
                                timeouts.tls, u'it took too long to agree on TLS')
            moments.append(self._loop.time())
        spans = [after - before for before, after in zip(moments, moments[1:])]
        connection.timing = Timing(*(spans + [None] * (3 - len(spans))))
        if self._closed or connection.gone:
            raise ConnectionLost(u'the connection ended as soon as it was made')
        raise Return(connection)

    @coroutine
    def _connect_to(self, addresses, timeouts, deadline):
        # type: (List[Address], Any, Optional[float]) -> Any
        """Tries one address after the other; the error is that of the last."""
        ends = None if timeouts.connect is None else self._loop.time() + timeouts.connect
        error = ConnectFailed(u'the host has no address')      # type: Any
        for address in addresses:
            left = [when - self._loop.time() for when in (ends, deadline) if when is not None]
            if left and min(left) <= 0:
                error = TimedOut(u'it took too long to connect')
                break
            try:
                _, connection = yield self._loop.connect_tcp(self._new_connection, address.host,
                                                             address.port,
                                                             *[min(left)] if left else [])
            except ConnectFailed as exc:
                error = exc
                continue
            raise Return(connection)
        raise error

    def _require_tls(self):
        # type: () -> None
        """Raises Unsupported, with the reason, if https is impossible."""
        if not self._loop.caps.tls:
            raise Unsupported(u'https is not possible here: TLS: %s'
                              % self._loop.caps.why_not('tls'))
        if self._tls is None:
            raise Unsupported(u'https needs a TLS context, and this client was given none')

    def _new_connection(self):
        # type: () -> ClientConnection
        return ClientConnection(self._loop, self._settings, self._freed)

    # -- the count ---------------------------------------------------------------------------------

    def _make_room(self, origin):
        # type: (Any) -> bool
        """True if one more connection is allowed; an idle one of another origin may be closed for
        it.
        """
        if self._count.get(origin, 0) >= self._settings.per_host:
            # All are busy, or idle but unwanted because a fresh one was asked for: close one idle
            # connection.
            found = [entry for entry in self._idle if self._origins.get(entry[0]) == origin]
            if not found:
                return False
            self._drop(found[0])
        if len(self) >= self._settings.total:
            if not self._idle:
                return False
            self._drop(self._idle[0])
        return True

    def _drop(self, entry):
        # type: (Tuple[ClientConnection, Any]) -> None
        """Closes an idle connection, without serving the requests that wait."""
        connection, timer = entry
        timer.cancel()
        self._idle.remove(entry)
        self._forget(connection)
        connection.close()

    def _forget(self, connection):
        # type: (ClientConnection) -> None
        self._open.discard(connection)
        self._uncount(self._origins.pop(connection))

    def _uncount(self, origin):
        # type: (Any) -> None
        self._count[origin] -= 1
        if not self._count[origin]:
            del self._count[origin]

    def _take_idle(self, origin):
        # type: (Any) -> Optional[ClientConnection]
        """The idle connection that was used last, which is the most likely to be open still."""
        for entry in reversed(self._idle):
            connection, timer = entry
            if self._origins.get(connection) == origin and not connection.gone:
                timer.cancel()
                self._idle.remove(entry)
                return connection
        return None

    def _freed(self, connection):
        # type: (ClientConnection) -> None
        """Keeps a connection whose exchange is over, or drops one that is gone."""
        if connection not in self._open:
            return
        if connection.gone:
            for entry in self._idle:
                if entry[0] is connection:
                    entry[1].cancel()
                    self._idle.remove(entry)
                    break
            self._forget(connection)
        else:
            origin = self._origins[connection]
            for entry in self._waiting:
                if entry[0] == origin and not entry[2] and not entry[1].done():
                    self._waiting.remove(entry)
                    entry[1].set_result(connection)
                    return
            timer = self._loop.call_later(self._settings.idle_seconds, self._too_old, connection)
            self._idle.append((connection, timer))
        self._serve_waiting()

    def _too_old(self, connection):
        # type: (ClientConnection) -> None
        for entry in self._idle:
            if entry[0] is connection:
                self._drop(entry)
                self._serve_waiting()
                return

    def _serve_waiting(self):
        # type: () -> None
        """Serves the requests that wait, in order, as far as the limits allow."""
        granted = []                # type: List[Tuple[Any, Future]]
        for _ in range(len(self._waiting)):
            entry = self._waiting.popleft()
            origin, place, _ = entry
            if place.done():
                continue                        # cancelled
            if self._make_room(origin):
                self._count[origin] = self._count.get(origin, 0) + 1
                granted.append((origin, place))
            else:
                self._waiting.append(entry)
        for origin, place in granted:
            # It was cancelled by a callback of another one
            if place.done():
                self._uncount(origin)
            else:
                place.set_result(None)


def _copy(source, target):
    # type: (Future, Future) -> None
    """Completes *target* as *source* was."""
    if source.exception() is not None:
        target.set_exception(source.exception())
    else:
        target.set_result(source.result())


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Set, Tuple
    from carryall.core.net.transport import Address
    from carryall.protocols.http.client.settings import Settings
