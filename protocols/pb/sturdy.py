# Copyright the carryall authors.  See LICENSE.
"""Sturdy references: an object at the other end of a connection that comes back when it is lost.

    sturdy = SturdyReference(loop, [lambda: connect(loop, 'a.example', 8787), lambda: connect(loop,
    'b.example', 8787)]) answer = yield sturdy.call_remote('add', 2, 3)

A call waits while a connection is being made.  After a failure calls fail at once until the
back-off has passed: half a second first, then twice as long each time.  The places are tried in
turn, beginning with the one that worked last.

Tests:    tests/protocols/pb/test_sturdy.py
"""
from __future__ import absolute_import, division, print_function

import random

from carryall.core.compat import FAILURES
from carryall.core.errors import ConnectFailed, LoopClosed
from carryall.core.future import Future, Return, completed, coroutine, failed, sleep
from carryall.core.logs import get_logger

__all__ = ['FIRST_SECONDS', 'MAX_SECONDS', 'SturdyReference']

# -- limits ------------------------------------------------------------------
FIRST_SECONDS = 0.5         # before a second try
MAX_SECONDS = 60.0          # between two tries, at the most
STEADY_SECONDS = 10.0       # a connection that ends sooner counts as a failure
MAX_PENDING = 1000          # calls that wait for one connection

log = get_logger('pb')


class SturdyReference(object):
    """A reference to the object *name* of a server, over a new connection after each loss.

    Args:     places: functions that each return a Future of a ready Broker.
              login: called with the Broker, returns a Future of the reference to use; None: the
                     object called *name*.
              name: of the object.
              stay: connect again at once after a loss; else with the next call.

    Attributes:
        reference: the present one; None without a connection.
        connections: the number of connections made so far.
    """

    def __init__(self, loop, places, login=None, name=b'root', stay=False,
                 first_seconds=FIRST_SECONDS, max_seconds=MAX_SECONDS, max_pending=MAX_PENDING):
        # type: (Any, Iterable[Any], Any, bytes, bool, float, float, int) -> None
        self.reference = None       # type: Any
        self.connections = 0
        self._loop = loop
        self._places = list(places)
        self._login = login
        self._name = name
        self._stay = stay
        self._first = first_seconds
        self._seconds = self._first
        self._max = max_seconds
        self._max_pending = max_pending
        self._pending = []          # type: List[Future]
        self._connecting = None     # type: Optional[Future]
        self._error = None          # type: Any
        self._not_before = 0.0
        self._since = 0.0           # when the connection was made
        self._closed = False

    def get(self):
        # type: () -> Future
        """A Future of the RemoteReference; it fails with ConnectFailed, or the error of the last
        attempt to connect."""
        if self.reference is not None:
            return completed(self.reference)
        if self._closed:
            return failed(ConnectFailed(u'the sturdy reference was closed'))
        if self._connecting is None and self._error is not None \
                and self._loop.time() < self._not_before:
            return failed(self._error)
        if len(self._pending) >= self._max_pending:
            return failed(ConnectFailed(u'too many calls wait for the connection'))
        future = Future()
        self._pending.append(future)
        if self._connecting is None:
            self.start()
        return future

    def call_remote(self, _name, *args, **kwargs):
        # type: (Any, *Any, **Any) -> Any
        """Calls a method of the object, as RemoteReference.call_remote does."""
        reference = self.reference
        if reference is not None:
            return reference.call_remote(_name, *args, **kwargs)
        return self.get().then(lambda found: found.call_remote(_name, *args, **kwargs))

    def start(self):
        # type: () -> None
        """Connects now, without waiting for a call."""
        if self._connecting is None and self.reference is None and not self._closed:
            self._connecting = self._connect()
            if self._connecting.done():
                self._connecting = None

    def close(self):
        # type: () -> None
        """Closes the present connection, and makes no other."""
        self._closed = True
        self._settle(None, ConnectFailed(u'the sturdy reference was closed'))
        if self._connecting is not None:
            self._connecting.cancel()
        if self.reference is not None:
            self.reference.broker.close()
            self.reference = None

    @coroutine
    def _connect(self):
        # type: () -> Any
        error = ConnectFailed(u'no place to connect to is given')       # type: Any
        for place in list(self._places):
            broker = None
            try:
                broker = yield place()
                reference = yield self._login(broker) if self._login is not None else completed(
                    broker.remote(self._name))
            except FAILURES as exc:
                error = exc
                if broker is not None:
                    broker.close()
                if self._closed:
                    break
                continue
            self._connecting = None
            if self._closed or broker.lost:
                broker.close()
                break
            self._places.remove(place)
            self._places.insert(0, place)
            self._begin(broker, reference)
            raise Return(None)
        self._connecting = None
        self._missed(error)

    def _begin(self, broker, reference):
        # type: (Any, Any) -> None
        self.connections += 1
        self._since = self._loop.time()
        self._error = None
        self.reference = reference
        broker.closed.add_done_callback(lambda _: self._lost(reference))
        self._settle(reference, None)

    def _missed(self, error):
        # type: (Any) -> None
        """Starts the back-off: no place could be reached."""
        self._error = error
        wait = self._longer()
        self._not_before = self._loop.time() + wait
        self._settle(None, error)
        if self._stay and not self._closed:
            log.info('no connection (%s); the next try is in %.1f s', error, wait)
            self._try_again(wait)

    def _longer(self):
        # type: () -> float
        """The seconds to wait; the next call gives twice as many."""
        # Clients that lost the same server must not all come back at the same moment.
        wait = self._seconds * random.uniform(0.5, 1.0)
        self._seconds = min(2 * self._seconds, self._max)
        return wait

    def _lost(self, reference):
        # type: (Any) -> None
        if self.reference is not reference:
            return
        self.reference = None
        wait = 0.0
        if self._loop.time() - self._since >= STEADY_SECONDS:
            self._seconds = self._first
        elif self._stay:
            # A server that accepts and then closes must not be tried without a pause.
            wait = self._longer()
        if self._stay and not self._closed:
            self._try_again(wait)

    def _try_again(self, wait):
        # type: (float) -> None
        try:
            sleep(self._loop, wait).then(lambda _: self.start())
        except LoopClosed:
            pass

    def _settle(self, reference, error):
        # type: (Any, Any) -> None
        pending, self._pending = self._pending, []
        for future in pending:
            if future.done():
                continue
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(reference)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, List, Optional
