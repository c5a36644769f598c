# Copyright the carryall authors.  See LICENSE.
"""Connecting to a WebSocket, ``ws://`` or ``wss://`` (RFC 6455 sections 3 and 4.1).

    websocket, above = yield connect(loop, 'ws://127.0.0.1:8080/chat', Chat)
    transport, protocol = yield connect_stream(loop, 'wss://a.example/pb', Echo,
    context=TLSContext())

It fails as ``loop.connect_tcp`` and ``connect_tls`` do, and with HandshakeRefused if the server
answers with anything but a handshake that is right to the last octet.

Not here: redirects, proxies, logins but Basic from the URL.
Tests:    tests/protocols/websocket/test_client.py
"""
from __future__ import absolute_import, division, print_function

import base64
import os
import warnings

from carryall.core.compat import FAILURES, constant_time_equal, text_type
from carryall.core.errors import ConnectionLost, LocalProtocolError, RemoteProtocolError, TimedOut
from carryall.core.future import Future
from carryall.core.wrap.relay import Handover
from carryall.core.net.loop import CONNECT_SECONDS
from carryall.core.tls import TLSContext, connect_tls
from carryall.protocols.http.client import Settings as ResponseSettings, parse_url, request_head
from carryall.protocols.http.message import CLOSED, ResponseReceiver
from carryall.protocols.http import MutableHeaders
from carryall.protocols.http.fields import is_token
from carryall.protocols.websocket.errors import HandshakeRefused
from carryall.protocols.websocket.session import WebSocket
from carryall.protocols.websocket.settings import Settings, former_settings
from carryall.protocols.websocket.deflate import check_answer, offer, parse_extensions
from carryall.protocols.websocket.server import KEY_BYTES, VERSION, accept_key, has_token
from carryall.protocols.websocket.messagestream import Stream

__all__ = ['connect', 'connect_stream', 'parse_websocket_url']

# -- limits ------------------------------------------------------------------
MAX_BODY = 65536            # octets of a refusal, of which nobody reads more than the status
DEFAULTS = Settings()
RESPONSE = ResponseSettings(body_bytes=MAX_BODY)

# Fields that are the handshake's own.
RESERVED = (b'connection', b'content-length', b'sec-websocket-accept', b'sec-websocket-extensions',
            b'sec-websocket-key',
            b'sec-websocket-protocol', b'sec-websocket-version', b'transfer-encoding', b'upgrade')


def parse_websocket_url(url):
    # type: (Union[bytes, Text]) -> Location
    """The Location of a ``ws:`` or ``wss:`` URL; its ``secure`` says which.

    Raises:   LocalProtocolError: it is something else, or has a fragment, which means nothing here
              (RFC 6455 section 3).
    """
    octets = url.encode('utf-8') if isinstance(url, text_type) else url
    scheme, colon, rest = octets.partition(b':')
    if scheme.lower() not in (b'ws', b'wss') or b'#' in octets:
        raise LocalProtocolError(
            u'the URL of a WebSocket begins with ws:// or wss://, and has no fragment')
    return parse_url(b'http' + scheme[2:] + colon + rest)


def connect(loop, url, factory, tls=None, timeout=CONNECT_SECONDS, settings=DEFAULTS, origin=None,
            headers=(), **former):
    # type: (Any, Any, Callable[[], Any], Any, float, Settings, Optional[bytes], Any, **Any) -> Future
    """A Future of (WebSocket, MessageProtocol): the session, and the protocol on it.

    Args:
        url: ``ws:`` or ``wss:``.
        factory: makes the MessageProtocol once the handshake is complete.
        tls: the TLSContext of wss; by default one that trusts the system's authorities.
        timeout: seconds for connecting, TLS and handshake together.
        settings: a Settings; it offers `subprotocols` and `deflate`.
        origin: the value of Origin, which only browsers must send (bytes).
        headers: further fields of the request: Cookie, Authorization ...
    """
    if 'context' in former:
        tls = former.pop('context')
        warnings.warn('the keyword context of connect is tls now', DeprecationWarning, 2)
    if former:
        settings = former_settings(settings, former)
    location = parse_websocket_url(url)
    asked = _Handshake(location, origin, headers, settings)
    until = loop.time() + timeout

    def make():
        # type: () -> _Opening
        return _Opening(loop, asked, factory, until - loop.time())

    if location.secure:
        future = connect_tls(loop, tls or TLSContext(), make, location.host, location.port,
                             timeout=timeout)
    else:
        future = loop.connect_tcp(make, location.host, location.port, timeout)
    return future.then(lambda pair: pair[1].opened)


def connect_stream(loop, url, factory, **options):
    # type: (Any, Any, Callable[[], Any], **Any) -> Future
    """A Future of (transport, Protocol): a protocol of *factory* over the binary messages;
    *options* of `connect`.
    """
    made = []                   # type: List[Any]

    def make():
        # type: () -> Stream
        made.append(factory())
        return Stream(loop, made[0])

    return connect(loop, url, make, **options).then(lambda pair: (pair[1], made[0]))


class _Handshake(object):
    """What is asked of a server, and whether an answer is one to it."""

    def __init__(self, location, origin, headers, settings):
        # type: (Location, Optional[bytes], Any, Settings) -> None
        self._location = location
        self._subprotocols = settings.subprotocols
        self._headers = MutableHeaders(headers)
        self._settings = settings
        self._key = base64.b64encode(os.urandom(KEY_BYTES))
        for name in RESERVED:
            if name in self._headers:
                raise LocalProtocolError(u'the field %s is decided by the handshake'
                                         % name.decode('ascii'))
        names = self._subprotocols
        if len(set(names)) != len(names) or not all(is_token(name) for name in names):
            raise LocalProtocolError(u'subprotocols are tokens, each once')
        self._extra = [(b'Upgrade', b'websocket'), (b'Connection', b'Upgrade'),
                       (b'Sec-WebSocket-Key', self._key),
                       (b'Sec-WebSocket-Version', VERSION)]
        if origin is not None:
            self._extra.append((b'Origin', origin))
        if self._subprotocols:
            self._extra.append((b'Sec-WebSocket-Protocol', b', '.join(self._subprotocols)))
        if settings.deflate is not None:
            self._extra.append((b'Sec-WebSocket-Extensions', offer(settings.deflate)))
        if location.login is not None:
            self._extra.append((b'Authorization',
                                b'Basic ' + base64.b64encode(b':'.join(location.login))))

    def request(self):
        # type: () -> bytes
        """The octets of the request."""
        return request_head(b'GET', self._location, self._headers, self._extra, b'')

    def accepted(self, head, loop, above):
        # type: (Any, Any, Any) -> WebSocket
        """The WebSocket of a server that has agreed.

        Raises:   HandshakeRefused: it has not, as RFC 6455 section 4.1 asks for it.
        """
        headers = head.headers
        if head.status != 101:
            raise HandshakeRefused(u'the server answers with the status %d' % head.status,
                                   head.status)
        names = headers.get_all(b'sec-websocket-protocol')
        extensions = parse_extensions(headers.get_all(b'sec-websocket-extensions'))
        keys = headers.get_all(b'sec-websocket-accept')
        if (not has_token(headers.get(b'upgrade', b''), b'websocket')
            or not has_token(headers.get(b'connection', b''), b'upgrade')
                or len(keys) != 1 or not constant_time_equal(keys[0], accept_key(self._key))):
            raise HandshakeRefused(u'the server switches to something else than a WebSocket', 101)
        if len(names) > 1 or names and names[0] not in self._subprotocols:
            raise HandshakeRefused(u'the server chose a subprotocol that was not offered', 101)
        if extensions is None:
            raise HandshakeRefused(u'the server chose an extension that was not offered', 101)
        agreed = check_answer(extensions, self._settings.deflate)
        return WebSocket(above, loop, self._settings, True, agreed, names[0] if names else None)


class _Opening(Handover):
    """Asks, and hands the connection over when the server agrees.

    Attributes:
        opened: a Future of (WebSocket, MessageProtocol).
    """

    def __init__(self, loop, asked, factory, seconds):
        # type: (Any, _Handshake, Callable[[], Any], float) -> None
        Handover.__init__(self, loop)
        self._asked = asked
        self._factory = factory
        self._seconds = seconds
        self._receiver = ResponseReceiver(RESPONSE)
        self._timer = None          # type: Any
        self.opened = Future(lambda _: self._refused(ConnectionLost(u'it was cancelled')))

    def connection_made(self, transport):
        self.transport = transport
        self._timer = self.clock.call_later(max(0.0, self._seconds), self._timed_out)
        self._receiver.expect(b'GET')
        transport.write(self._asked.request())

    def opening_received(self, data):
        if self.opened.done():
            return
        self._receiver.receive_data(data)
        self._read()

    def _read(self):
        # type: () -> None
        try:
            head = self._receiver.next_event()
            while head is not None and head is not CLOSED and head.status < 200 \
                    and head.status != 101:
                head = self._receiver.next_event()
            if head is None:
                return
            if head is CLOSED:
                raise HandshakeRefused(u'the server ended the connection without an answer')
            above = self._factory() if head.status == 101 else None
            websocket = self._asked.accepted(head, self.clock, above)
        except HandshakeRefused as exc:
            self._refused(exc)
            return
        except RemoteProtocolError as exc:
            self._refused(HandshakeRefused(u'the answer of the server is no handshake: %s' % exc,
                                           cause=exc))
            return
        self._timer.cancel()
        try:
            self.hand_over(websocket, self._receiver.unparsed())
        except FAILURES as exc:     # of the caller's own; the loop ends the connection for it
            self.opened.set_exception(
                ConnectionLost(u'the connection was ended, for its protocol failed at once', exc))
            raise
        if websocket.failure is not None:
            self.opened.set_exception(
                ConnectionLost(u'the connection was ended, for its protocol failed at once',
                               websocket.failure))
        else:
            self.opened.set_result((websocket, above))

    def opening_ended(self):
        self._receiver.receive_eof()
        if not self.opened.done():
            self._read()

    def opening_lost(self, exc):
        self._refused(HandshakeRefused(u'the connection ended before the server had answered',
                                       cause=exc))

    def _timed_out(self):
        # type: () -> None
        self._refused(TimedOut(u'the server did not answer in time'))

    def _refused(self, error):
        # type: (BaseException) -> None
        if self._timer is not None:
            self._timer.cancel()
        if not self.opened.done():
            self.opened.set_exception(error)
        if self.inner is None and self.transport is not None:
            self.transport.abort()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Text, Union
    from carryall.protocols.http.client import Location
