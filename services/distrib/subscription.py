# Copyright the carryall authors.  See LICENSE.
"""Subscription: a personal server as a web application of the front end (Twisted's
ResourceSubscription).

Answers:  503 if no server can be reached or too many requests wait, 504 if it does not answer, 502
          if it disconnects before its answer, 413 for a body that the wire cannot carry.  The
          original answered all of these with 200.
Bodies:   a stream to a personal server of ours; whole, and so at most 640 KiB, to Twisted's.
Tests:    tests/services/distrib/test_subscription.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.errors import ConnectFailed, RemoteProtocolError, TimedOut
from carryall.core.future import Return, coroutine, with_timeout
from carryall.core.net.ip import is_loopback, source_of
from carryall.core.logs import get_logger
from carryall.protocols import pb
from carryall.protocols.http import MutableHeaders, Response
from carryall.protocols.pb import SturdyReference
from carryall.services.distrib.exchange import Exchange
from carryall.services.distrib.waittime import WatchedBody
from carryall.services.distrib.state import SentRequest
from carryall.services.web.errorpage import error_response

__all__ = ['Subscription']

# -- limits ------------------------------------------------------------------
CONNECT_SECONDS = 10.0      # as in Twisted
# Until the head of a response, without the time that the client takes to send a body.
ANSWER_SECONDS = 60.0
MAX_PENDING = 1000          # requests under way with one personal server; more are answered 503
# Requests that one client address may always have under way; a quarter of all if that is more.
MIN_SHARE = 16
# Octets of all responses that wait for clients; above it nothing is read from this server.
MAX_WAITING = 33554432
LESS_WAITING = 8388608      # at which it is read again
# Seconds of silence before a personal server is sent a ping;
# after as many more it is disconnected.
PING_SECONDS = 60.0
SMALL_BODY = 65536          # octets of a body that is sent whole in any case

LIMITS = pb.Settings(references=16384, held=65536, faults=100000, calls=65536)

TOO_LARGE = b'The server behind this one takes bodies of at most %d octets.\n' % pb.SIZE_LIMIT

log = get_logger('distrib')


class Subscription(object):
    """The application; it has one connection, made when it is first needed.

    Args:     places: functions that each return a Future of a Broker;
              see ``options``.  The first that works is used.
              login: as of SturdyReference.
              answer_seconds, max_pending: see above.

    Attributes:
        under_way: the number of requests without a whole response.
    """

    def __init__(self, loop, places, login=None, answer_seconds=ANSWER_SECONDS,
                 max_pending=MAX_PENDING):
        # type: (Any, Any, Any, float, int) -> None
        self.under_way = 0
        self.used = loop.time()     # the time of the last request
        self.sturdy = SturdyReference(loop, places, login, max_pending=max_pending)
        self._loop = loop
        self._answer_seconds = answer_seconds
        self._max_pending = max_pending
        self._share = max(MIN_SHARE, max_pending // 4)
        # Source -> its requests under way.
        self._by_source = {}  # type: Dict[str, int]
        self._waiting = 0
        self._stopped = None        # type: Any     # the broker that is not read at the moment

    @staticmethod
    def options():
        # type: () -> Dict[str, Any]
        """The arguments of a subscription's brokers."""
        return {'extensions': True, 'settings': LIMITS, 'timeout': CONNECT_SECONDS,
                'ping_seconds': PING_SECONDS}

    def close(self):
        # type: () -> None
        """Ends the connection."""
        self.sturdy.close()

    def __call__(self, request, count=0):
        # type: (Any, int) -> Any
        """A Future of the Response to *request*;
        the first *count* segments of its path lead to this server."""
        self.used = self._loop.time()
        source = _source_of(request)
        if self.under_way >= self._max_pending or self._by_source.get(source, 0) >= self._share:
            return error_response(request, 503, [(b'Retry-After', b'5')])
        self.under_way += 1
        if source:
            self._by_source[source] = self._by_source.get(source, 0) + 1
        answer = self._answer(request, count)
        answer.add_done_callback(lambda answer: self._settled(answer, source))
        return answer

    def _settled(self, answer, source):
        # type: (Any, str) -> None
        """Releases the place of a request that failed, or once its body is complete."""
        exchange = None
        if answer.exception() is None:
            exchange = getattr(answer.result().body, 'done', None)
        if exchange is None:
            self._one_less(source)
        else:
            exchange.add_done_callback(lambda _done: self._one_less(source))

    def _one_less(self, source):
        # type: (str) -> None
        self.under_way -= 1
        if source:
            self._by_source[source] -= 1
            if not self._by_source[source]:
                del self._by_source[source]

    @coroutine
    def _answer(self, request, count):
        # type: (Any, int) -> Any
        try:
            root = yield self.sturdy.get()
        except FAILURES as exc:
            log.info('no connection to a personal server: %s', exc)
            raise Return(error_response(request, 503 if isinstance(exc, ConnectFailed) else 502,
                                        [(b'Retry-After', b'5')]))
        content = b''
        stream = None
        body = WatchedBody(request.body, self._loop)
        if root.broker.extended and (request.length < 0 or request.length > SMALL_BODY):
            stream = pb.ByteSource(body)
        elif request.length:
            try:
                content = yield request.body.read_all(pb.SIZE_LIMIT)
            except RemoteProtocolError as exc:
                if exc.reply != 413:
                    raise
                raise Return(Response(413, MutableHeaders([(b'Content-Type', b'text/plain')]),
                                      TOO_LARGE))
        exchange = Exchange(self._loop, request, lambda change: self._account(root.broker, change))
        call = root.call_remote('request', SentRequest(request, count, exchange, content, stream))
        call.add_done_callback(lambda future: self._called(exchange, future))
        request.lost.add_done_callback(lambda lost: None if lost.exception() is not None
                                       else exchange.abandon())
        try:
            response = yield with_timeout(self._loop, exchange.response, self._answer_seconds,
                                         left=lambda: body.left(self._answer_seconds))
        except TimedOut:
            log.info('a personal server did not answer in %g seconds', self._answer_seconds)
            raise Return(error_response(request, 504))
        except FAILURES as exc:
            log.info('a personal server failed: %s', exc)
            # peer: Twisted raises what its own web server turns into this status
            unsupported = isinstance(exc, pb.RemoteError) and exc.check(
                'twisted.web.error.UnsupportedMethod')
            raise Return(error_response(request, 501 if unsupported else 502))
        raise Return(response)

    def _called(self, exchange, future):
        # type: (Exchange, Any) -> None
        if future.exception() is not None:
            exchange.fail(future.exception())
        else:
            exchange.answered(future.result())

    def _account(self, broker, change):
        # type: (Any, int) -> None
        """Changes the number of octets that wait for clients;
        a server is not read while its clients do not read."""
        self._waiting += change
        if self._stopped is None:
            if self._waiting > MAX_WAITING and not broker.lost:
                self._stopped = broker
                broker.transport.pause_reading()
        elif self._waiting < LESS_WAITING:
            stopped, self._stopped = self._stopped, None
            if not stopped.lost:
                stopped.transport.resume_reading()


def _source_of(request):
    # type: (Any) -> str
    """The source that a request is counted for; '' if it is a proxy on this machine,
    which stands for many clients."""
    address = request.peer
    if address is None or address.port is None or is_loopback(address.host):
        return ''
    return source_of(address.host) or address.host


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict
