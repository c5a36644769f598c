# Copyright the carryall authors.  See LICENSE.
"""HTTPClient: requests over HTTP/1.1, with persistent connections, redirects, cookies and logins
(RFC 9110, 9112).

    client = HTTPClient(loop)
    response = loop.run_until(client.get('http://127.0.0.1:8080/'))
    print(response.status, loop.run_until(response.read_all(1 << 20)))
    client.close()

The Future of a request completes when the head of the final response has come.  The caller then
reads the body, as fast as it wants.

The Future fails with one of these:

- ConnectFailed (Refused, TimedOut, ResolveFailed, AddressDenied), ConnectionLost, Unsupported
- HTTPError: the server broke a rule
- LocalProtocolError: the caller did

A status of 400 and more is a response like any other.

Retry:    once, on a new connection, if a connection that was used before ends without an octet of
          an answer.  The method must be idempotent and the body repeatable (RFC 9112 section
          9.3.1).
Not here: HTTP/2, proxies, caches, 100 (Continue), Upgrade.
Tests:    tests/protocols/http/client/test_client.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.errors import Cancelled, LocalProtocolError
from carryall.core.future import Future, Return, coroutine
from carryall.core.net.transport import peer, tls
from carryall.protocols.http.errors import HTTPError
from carryall.protocols.http.client.authorization import Login
from carryall.protocols.http.client.clientconnection import Exchange, NoAnswer
from carryall.protocols.http.client.connectionpool import Pool
from carryall.protocols.http.client.redirects import follow, new_location, new_method
from carryall.protocols.http.client.clientrequest import (IDEMPOTENT, Timeouts, body_of, can_repeat,
                                                          frame, is_last,
                                                    request_head)
from carryall.protocols.http.client.clientresponse import ClientResponse, Via
from carryall.protocols.http.client.clienturl import check_method, parse_url
from carryall.protocols.http.message.contentdecoder import DECODABLE, Decoder
from carryall.protocols.http.fields.headerfields import MutableHeaders
from carryall.protocols.http.client.settings import Settings
from carryall.protocols.http.settings import former_settings

__all__ = ['HTTPClient', 'Timeouts']

# -- limits ------------------------------------------------------------------
# Answers to 401 within one request: one, one for a stale nonce, one after a redirect
MAX_CHALLENGES = 3
DISCARD_BYTES = 65536       # of a redirect's body, read so that the connection can be used again

ACCEPT_ENCODING = b', '.join(DECODABLE)

# Former keywords of HTTPClient, and their names in Settings.
FORMER = {'max_redirects': 'redirects', 'max_decoded': 'decoded_bytes'}


class _Call(object):
    """One request with its redirects and retries."""

    __slots__ = ('method', 'location', 'headers', 'body', 'auth', 'timeouts', 'deadline', 'follow',
                 'decode', 'progress',
                 'history', 'seen', 'challenges', 'over')

    def __init__(self, method, headers, body, auth, timeouts):
        # type: (Any, Any, Any, Any, Timeouts) -> None
        self.method = method
        self.headers = headers          # type: Any
        self.body = body
        self.auth = auth
        self.timeouts = timeouts
        self.location = None            # type: Any   # a Location
        self.deadline = None            # type: Optional[float]
        self.follow = True
        self.decode = True
        self.progress = None            # type: Any
        self.history = []               # type: List[Tuple[int, bytes]]
        self.seen = set()               # type: Set[Any]   # what redirects led to
        self.challenges = 0             # 401s so far
        self.over = False               # true if the caller gave up


class HTTPClient(object):
    """Makes requests.

    Args:
        loop: a Loop.
        settings: a Settings of this package.
        guard: an AddressGuard that limits where to connect, for URLs from strangers.
        tls: a TLSContext for https.
        jar: a Jar; None: cookies are not kept.
        netrc: a Netrc for requests without a login.
    """

    def __init__(self,
                 loop,                          # type: Any
                 settings=None,                 # type: Optional[Settings]
                 guard=None,                    # type: Optional[AddressGuard]
                 tls=None,                      # type: Any
                 jar=None,                      # type: Optional[Jar]
                 netrc=None,                    # type: Optional[Netrc]
                 **former                       # type: Any
                 ):
        # type: (...) -> None
        self._loop = loop
        self._jar = jar
        self._netrc = netrc
        if isinstance(settings, Timeouts):
            former['timeouts'] = settings
            settings = None
        settings = settings if settings is not None else Settings()
        if former:
            settings = former_settings(settings,
                                       dict((FORMER.get(name, name), former[name]) for name
                                            in former))
        self.settings = settings
        self.pool = Pool(loop, settings, guard, tls)

    def close(self):
        # type: () -> None
        """Closes all connections; requests that are under way fail."""
        self.pool.close()

    def get(self, url, **options):
        # type: (Union[bytes, Text], **Any) -> Future
        """``request('GET', url, ...)``."""
        return self.request(b'GET', url, **options)

    def request(self, method, url, headers=(), body=b'', auth=None, follow=True, decode=True,
                timeouts=None,
                progress=None):
        # type: (Any, Any, Any, Any, Any, bool, bool, Optional[Timeouts], Any) -> Future
        """Makes a request; a Future of a ClientResponse.

        Args:
            method, url: text or bytes.
            headers: pairs or a mapping; they replace the client's own fields.
            body: bytes, a ``FileBody``, an iterable of bytes or of Futures of bytes, an object with
                ``read(maximum)``, or a function that makes one of these.  The function is called
                each time that the body must be sent.
            auth: a ``Login`` or ``Bearer``, for the origin of *url* alone.
            follow: follow redirects.
            decode: ask for compression and undo it.
            progress: called with (octets sent, octets received) of the bodies, as they move.
        """
        call = _Call(method, headers, body, auth,
                     timeouts if timeouts is not None else self.settings.timeouts)
        call.follow = follow
        call.decode = decode
        call.progress = progress

        def give_up(_future):
            # type: (Future) -> None
            call.over = True
            running.cancel()

        def end(done):
            # type: (Future) -> None
            if not whole.done():
                if done.exception() is not None:
                    whole.set_exception(done.exception())
                else:
                    whole.set_result(done.result())

        whole = Future(give_up)
        running = self._run(call, url)
        running.add_done_callback(end)
        return whole

    # -- inside ------------------------------------------------------------------------------------

    @coroutine
    def _run(self, call, url):
        # type: (_Call, Any) -> Any
        self._prepare(call, url)
        while True:
            response = yield self._exchange(call)
            if call.over:
                response.close()
                raise Cancelled(u'the request was cancelled')
            if self._jar is not None:
                self._jar.store(call.location, response.headers.get_all(b'set-cookie'))
            if not self._goes_on(call, response):
                raise Return(response)

    def _prepare(self, call, url):
        # type: (_Call, Any) -> None
        """Checks the caller's arguments, before anything is done."""
        call.method = check_method(call.method)
        call.location = parse_url(url)
        call.headers = MutableHeaders(call.headers)
        total = call.timeouts.total
        call.deadline = None if total is None else self._loop.time() + total
        if b'authorization' in call.headers:
            call.auth = None
        elif call.auth is None and call.location.login is not None:
            call.auth = Login(*call.location.login)
        elif call.auth is None and self._netrc is not None:
            call.auth = self._netrc.login(call.location.host)

    def _goes_on(self, call, response):
        # type: (_Call, ClientResponse) -> bool
        """True if another request must follow; *call* then describes it."""
        try:
            again = self._is_answered(call, response) or self._is_redirected(call, response)
        except FAILURES:
            response.close()
            raise
        if again:
            response.discard(DISCARD_BYTES)
        return again

    def _is_answered(self, call, response):
        # type: (_Call, ClientResponse) -> bool
        """True if a 401 is worth another try (RFC 9110 section 11.6.1)."""
        auth = call.auth
        if auth is None:
            return False
        if response.status != 401:
            if isinstance(auth, Login):
                auth.accepted()
            return False
        call.challenges += 1
        return (call.challenges <= MAX_CHALLENGES and can_repeat(call.body)
                and auth.challenged(response.headers.get_all(b'www-authenticate'),
                                    isinstance(call.body or b'', bytes)))

    def _is_redirected(self, call, response):
        # type: (_Call, ClientResponse) -> bool
        """True if the response is a redirect that we follow."""
        location = (new_location(response.status, response.headers, call.location, self.settings)
                    if call.follow else None)
        if location is None:
            return False
        call.history.append((response.status, call.location.url))
        if len(call.history) > self.settings.redirects:
            raise HTTPError(u'more than %d redirects' % self.settings.redirects)
        method = new_method(call.method, response.status)
        keeps_body = method == call.method
        if keeps_body and not can_repeat(call.body):
            raise LocalProtocolError(u'the server redirects a body that can be sent only once')
        same_origin = location.origin == call.location.origin
        call.headers = follow(call.headers, same_origin, keeps_body)
        if not same_origin:
            call.auth = None
        if not keeps_body:
            call.body = b''
        call.method = method
        call.location = location
        # A repeated request is a loop, unless the server has changed our cookies meanwhile.
        state = method, location.url, self._jar.field(location) if self._jar is not None else None
        if state in call.seen:
            raise HTTPError(u'the redirects form a loop')
        call.seen.add(state)
        return True

    @coroutine
    def _exchange(self, call):
        # type: (_Call) -> Any
        """One request and the head of its response."""
        fresh = False
        while True:
            exchange = self._new_exchange(call)
            try:
                connection = yield self.pool.acquire(call.location.origin, call.timeouts,
                                                     call.deadline, fresh)
                if call.over:
                    self.pool.release(connection)
                    raise Cancelled(u'the request was cancelled')
            except FAILURES:
                if hasattr(exchange.body, 'close'):
                    exchange.body.close()
                raise
            reused = connection.used > 0
            via = Via(peer(connection.transport), tls(connection.transport),
                      None if reused else connection.timing)
            connection.start(exchange)
            try:
                head, body = yield exchange.response
            except NoAnswer:
                if not reused or call.over or call.method not in IDEMPOTENT or not can_repeat(
                    call.body):
                    raise
                fresh = True
                continue
            response = self._response(call, exchange, head, body)
            response.via = via
            raise Return(response)

    def _new_exchange(self, call):
        # type: (_Call) -> Exchange
        headers = call.headers
        location = call.location
        body = body_of(call.body)
        framing, length = frame(call.method, headers, body)
        extra = []                      # type: List[Tuple[bytes, bytes]]
        whole = body if type(body) is bytes else None
        authorization = call.auth and call.auth.authorization(call.method, location.target, whole)
        cookies = self._jar.field(location) if self._jar is not None else None
        for name, value in ((b'Authorization', authorization), (b'Cookie', cookies),
                            (b'User-Agent', self.settings.user_agent),
                            (b'Accept', b'*/*'),
                            (b'Accept-Encoding',
                             ACCEPT_ENCODING if _decodes(call) else b'identity')):
            if value is not None:
                extra.append((name, value))
        head = request_head(call.method, location, headers, extra, framing)
        return Exchange(call.method, head, body, length, call.timeouts, call.deadline,
                        call.progress, is_last(headers))

    def _response(self, call, exchange, head, body):
        # type: (_Call, Exchange, Any, Any) -> ClientResponse
        coding = head.headers.get(b'content-encoding') if _decodes(call) else None
        try:
            decoder = Decoder(coding, self.settings.decoded_bytes) if coding else None
        except HTTPError as exc:
            exchange.abandon(exc)
            raise
        return ClientResponse(head, body, exchange, call.location.url, call.history, decoder)


def _decodes(call):
    # type: (_Call) -> bool
    """True if the client asks for compression and decodes it; a part of a compressed body cannot be
    decoded.
    """
    return call.decode and b'accept-encoding' not in call.headers and b'range' not in call.headers


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Set, Text, Tuple, Union
    from carryall.protocols.http.client.authorization import Netrc
    from carryall.core.net.addressguard import AddressGuard
    from carryall.protocols.http.client.cookiejar import Jar
