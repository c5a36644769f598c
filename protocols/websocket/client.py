# Copyright the carryall authors.  See LICENSE.
"""WebSocketClient and connect: messages with a server, ``ws://`` or ``wss://`` (RFC 6455 sections
3 and 4.1).

    client = yield connect(loop, 'ws://127.0.0.1:8080/chat')
    yield client.send(u'hello')
    message = yield client.receive()
    yield client.close()

A MessageProtocol of your own is called instead of asked; a Protocol uses the messages as a stream:

    chat = yield connect(loop, 'ws://127.0.0.1:8080/chat', make=Chat)
    transport, protocol = yield connect_stream(loop, 'wss://a.example/pb', Echo, tls=TLSContext())

Not here: redirects, and logins other than Basic from the URL.  A proxy is the loop's
          (carryall.app.proxies).
Tests:    tests/protocols/websocket/test_client.py,
          tests/protocols/websocket/test_websocketclient.py
"""
from __future__ import absolute_import, division, print_function

import base64
import os
import struct
import warnings
from collections import deque

from carryall.core.compat import FAILURES, constant_time_equal, text_type
from carryall.core.errors import ConnectionLost, LocalProtocolError, RemoteProtocolError
from carryall.core.future import Future, completed, failed
from carryall.core.wrap.relay import Handover
from carryall.core.net.loop import CONNECT_SECONDS
from carryall.core.tls import TLSContext, open_session
from carryall.protocols.http.client import Settings as ResponseSettings, parse_url, request_head
from carryall.protocols.http.message import CLOSED, ResponseReceiver
from carryall.protocols.http import PORT, TLS_PORT, MutableHeaders
from carryall.protocols.http.fields import is_token
from carryall.protocols.websocket.errors import HandshakeRefused
from carryall.protocols.websocket.session import MessageProtocol, WebSocket
from carryall.protocols.websocket.settings import Settings, former_settings
from carryall.protocols.websocket.deflate import check_answer, offer, parse_extensions
from carryall.protocols.websocket.server import KEY_BYTES, VERSION, accept_key, has_token
from carryall.protocols.websocket.messagestream import Stream
from carryall.protocols.websocket.wire import NORMAL

__all__ = ['PORT', 'TLS_PORT', 'WebSocketClient', 'connect', 'connect_stream',
           'parse_websocket_url']

# -- limits ------------------------------------------------------------------
MAX_BODY = 65536            # octets of a refusal's body; only the status is used
MAX_KEPT = 1 << 20          # octets of messages that wait for receive(); the RFC is silent
MESSAGE_COST = 64           # octets that each of them counts for besides its own
DEFAULTS = Settings()
RESPONSE = ResponseSettings(body_bytes=MAX_BODY)

FAILED_AT_ONCE = u'the connection was ended because its protocol failed at once'

# Fields that are the handshake's own.
RESERVED = (b'connection', b'content-length', b'sec-websocket-accept', b'sec-websocket-extensions',
            b'sec-websocket-key', b'sec-websocket-protocol', b'sec-websocket-version',
            b'transfer-encoding', b'upgrade')


# -- the session -------------------------------------------------------------

class WebSocketClient(MessageProtocol):
    """The session of a client, which sends and receives message by message.

    The server's messages wait for ``receive``.  Above MAX_KEPT octets the connection is not read,
    so neither the server's pings nor its end are noticed until a message is taken.

    Attributes:
        websocket: the WebSocket.
        closed: a Future of the close code of the server once the connection is gone; ABNORMAL if
            the server sent none.
    """

    def __init__(self):
        # type: () -> None
        self.closed = Future()
        self._kept = deque()        # type: deque  # messages that nothing has received
        self._kept_octets = 0
        self._receivers = deque()   # type: deque  # Futures of messages that have not come
        self._full = False          # true while the output is above the high-water mark
        self._senders = deque()     # type: deque  # Futures of those who wait for room
        self._pings = deque()       # type: deque  # (data, Future) of each, oldest first
        self._ping_number = 0
        self._fault = None          # type: Optional[BaseException]    # of the connection

    @property
    def subprotocol(self):
        # type: () -> Optional[bytes]
        """The subprotocol that was agreed on, or None."""
        return self.websocket.subprotocol

    @property
    def close_code(self):
        # type: () -> Optional[int]
        """The code of the server's CLOSE; None before it."""
        return self.websocket.close_code

    @property
    def close_reason(self):
        # type: () -> Text
        """The reason in the server's CLOSE."""
        return self.websocket.close_reason

    # -- commands ------------------------------------------------------------

    def send(self, message):
        # type: (Union[bytes, Text]) -> Future
        """Sends text, or binary if it is bytes; a Future of None once there is room for more.

        Raises:   TypeError: the message is neither.  The Future fails with ConnectionLost after
                  the end.
        """
        self.websocket.send(message)
        if self.websocket.is_closing():
            return failed(self._fault or ConnectionLost(u'the WebSocket is closed'))
        if not self._full:
            return completed(None)
        future = Future()
        self._senders.append(future)
        return future

    def receive(self):
        # type: () -> Future
        """A Future of the next message: text, or bytes if it is binary.  It is None after a clean
        end, and fails with ConnectionLost after any other.
        """
        if self._kept:
            message = self._kept.popleft()
            self._kept_octets -= len(message) + MESSAGE_COST
            if self._kept_octets <= MAX_KEPT // 2:
                self.websocket.resume_reading()
            return completed(message)
        future = Future()
        if self.closed.done():
            self._tell_end(future)
        else:
            self._receivers.append(future)
        return future

    def ping(self):
        # type: () -> Future
        """Sends a PING; a Future of None once the server's PONG has come (RFC 6455 section 5.5.2).
        It fails with ConnectionLost at the end.
        """
        if self.websocket.is_closing():
            return failed(self._fault or ConnectionLost(u'the WebSocket is closed'))
        self._ping_number = (self._ping_number + 1) & 0xffffffff
        data = struct.pack('!I', self._ping_number)
        future = Future()
        self._pings.append((data, future))
        self.websocket.ping(data)
        return future

    def close(self, code=NORMAL, reason=u''):
        # type: (Optional[int], Text) -> Future
        """Sends the waiting output and a CLOSE; a Future of None once the connection is gone.

        Raises:   LocalProtocolError: the code may not be sent (RFC 6455 section 7.4).
        """
        self.websocket.close(code, reason)
        gone = Future()
        self.closed.add_done_callback(lambda _: gone.set_result(None))
        return gone

    def abort(self):
        # type: () -> None
        """Closes the connection at once, and drops the unsent output."""
        self.websocket.abort()

    # -- calls of the WebSocket ----------------------------------------------

    def message_received(self, message):
        while self._receivers:
            future = self._receivers.popleft()
            if not future.done():
                future.set_result(message)
                return
        self._kept.append(message)
        self._kept_octets += len(message) + MESSAGE_COST
        if self._kept_octets > MAX_KEPT:
            self.websocket.pause_reading()

    def pong_received(self, data):
        # A PONG may answer the last of several PINGs alone (RFC 6455 section 5.5.3).
        if all(data != sent for sent, _ in self._pings):
            return
        sent = None
        while sent != data:
            sent, future = self._pings.popleft()
            future.set_result(None)

    def pause_writing(self):
        self._full = True

    def resume_writing(self):
        self._full = False
        while self._senders and not self._full:
            self._senders.popleft().set_result(None)

    def connection_lost(self, exc):
        self._fault = exc
        self.closed.set_result(self.websocket.close_code)
        while self._receivers:
            self._tell_end(self._receivers.popleft())
        lost = exc or ConnectionLost(u'the WebSocket is closed')
        while self._pings:
            self._pings.popleft()[1].set_exception(lost)
        while self._senders:
            self._senders.popleft().set_exception(lost)

    def _tell_end(self, future):
        # type: (Future) -> None
        if self._fault is None:
            future.set_result(None)
        else:
            future.set_exception(self._fault)


# -- connecting --------------------------------------------------------------

def parse_websocket_url(url):
    # type: (Union[bytes, Text]) -> Location
    """The Location of a ``ws:`` or ``wss:`` URL; its ``secure`` tells them apart.

    Raises:   LocalProtocolError: it is another URL, or has a fragment (RFC 6455 section 3).
    """
    octets = url.encode('utf-8') if isinstance(url, text_type) else url
    scheme, colon, rest = octets.partition(b':')
    if scheme.lower() not in (b'ws', b'wss') or b'#' in octets:
        raise LocalProtocolError(
            u'the URL of a WebSocket begins with ws:// or wss://, and has no fragment')
    return parse_url(b'http' + scheme[2:] + colon + rest)


def connect(loop, url, tls=None, timeout=CONNECT_SECONDS, settings=DEFAULTS, origin=None,
            headers=(), make=WebSocketClient, **former):
    # type: (Any, Any, Any, float, Settings, Optional[bytes], Any, Callable, **Any) -> Future
    """Connects to a WebSocket; a Future of a WebSocketClient.

    Args:
        url: ``ws:`` or ``wss:``.
        tls: the TLSContext of wss; by default one that trusts the system's authorities.
        timeout: seconds for connecting, TLS and handshake together.
        settings: a Settings; the client offers its ``subprotocols`` and ``deflate``.
        origin: the value of Origin, which only browsers must send (bytes).
        headers: further fields of the request, such as Cookie or Authorization.
        make: makes another MessageProtocol instead of a WebSocketClient.

    Raises:   LocalProtocolError: the URL, a field or a subprotocol is wrong.  The Future fails as
              those of ``core.tls.open_session`` do, and with HandshakeRefused.
    """
    factory = former.pop('factory', None)
    if callable(tls):
        factory = tls
        tls = former.pop('tls', None)
    if 'context' in former:
        tls = former.pop('context')
        warnings.warn('the keyword context of connect is tls now', DeprecationWarning, 2)
    if former:
        settings = former_settings(settings, former)
    if factory is None:
        opened = _open(loop, url, make, tls, timeout, settings, origin, headers)
        return opened.then(lambda pair: pair[1])
    warnings.warn('connect(loop, url, factory) is connect(loop, url, make=factory) now, a Future '
                  'of the protocol', DeprecationWarning, 2)
    return _open(loop, url, factory, tls, timeout, settings, origin, headers)


def connect_stream(loop, url, factory, tls=None, timeout=CONNECT_SECONDS, settings=DEFAULTS,
                   origin=None, headers=(), **former):
    # type: (Any, Any, Callable, Any, float, Settings, Optional[bytes], Any, **Any) -> Future
    """A Future of (transport, Protocol): a protocol of *factory* over the binary messages.

    The other arguments are those of ``connect``.
    """
    if 'context' in former:
        tls = former.pop('context')
        warnings.warn('the keyword context of connect_stream is tls now', DeprecationWarning, 2)
    if former:
        settings = former_settings(settings, former)
    made = []                   # type: List[Any]

    def make():
        # type: () -> Stream
        made.append(factory())
        return Stream(loop, made[0])

    opened = _open(loop, url, make, tls, timeout, settings, origin, headers)
    return opened.then(lambda pair: (pair[1], made[0]))


def _open(loop, url, factory, tls, timeout, settings, origin, headers):
    # type: (Any, Any, Callable, Any, float, Settings, Optional[bytes], Any) -> Future
    """A Future of (WebSocket, MessageProtocol)."""
    location = parse_websocket_url(url)
    asked = _Handshake(location, origin, headers, settings)
    context = tls or TLSContext() if location.secure else None
    return open_session(loop, lambda: _Opening(loop, asked, factory), location.host, location.port,
                        lambda opening: opening.opened, context, timeout)


class _Handshake(object):
    """The request of a handshake, and the check of its answer."""

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

        Raises:   HandshakeRefused: the answer breaks a rule of RFC 6455 section 4.1.
        """
        headers = head.headers
        if head.status != 101:
            raise HandshakeRefused(u'the server answers with status %d' % head.status,
                                   head.status)
        names = headers.get_all(b'sec-websocket-protocol')
        extensions = parse_extensions(headers.get_all(b'sec-websocket-extensions'))
        keys = headers.get_all(b'sec-websocket-accept')
        if (not has_token(headers.get(b'upgrade', b''), b'websocket')
            or not has_token(headers.get(b'connection', b''), b'upgrade')
                or len(keys) != 1 or not constant_time_equal(keys[0], accept_key(self._key))):
            raise HandshakeRefused(u'the server switches to something other than a WebSocket', 101)
        if len(names) > 1 or names and names[0] not in self._subprotocols:
            raise HandshakeRefused(u'the server chose a subprotocol that was not offered', 101)
        if extensions is None:
            raise HandshakeRefused(u'the server chose an extension that was not offered', 101)
        agreed = check_answer(extensions, self._settings.deflate)
        return WebSocket(above, loop, self._settings, True, agreed, names[0] if names else None)


class _Opening(Handover):
    """Sends the request, and hands the connection over once the server agrees.

    Attributes:
        opened: a Future of (WebSocket, MessageProtocol).
    """

    def __init__(self, loop, asked, factory):
        # type: (Any, _Handshake, Callable[[], Any]) -> None
        Handover.__init__(self, loop)
        self._asked = asked
        self._factory = factory
        self._receiver = ResponseReceiver(RESPONSE)
        self.opened = Future(lambda _: self._refused(ConnectionLost(u'the connect was cancelled')))

    def connection_made(self, transport):
        self.transport = transport
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
            self._refused(HandshakeRefused(u'the answer of the server is not a handshake: %s' % exc,
                                           cause=exc))
            return
        try:
            self.hand_over(websocket, self._receiver.unparsed())
        except FAILURES as exc:     # of the caller's protocol; the loop ends the connection
            self.opened.set_exception(ConnectionLost(FAILED_AT_ONCE, exc))
            raise
        if websocket.failure is not None:
            self.opened.set_exception(ConnectionLost(FAILED_AT_ONCE, websocket.failure))
        else:
            self.opened.set_result((websocket, above))

    def opening_ended(self):
        self._receiver.receive_eof()
        if not self.opened.done():
            self._read()

    def opening_lost(self, exc):
        self._refused(HandshakeRefused(u'the connection ended before the server had answered',
                                       cause=exc))

    def _refused(self, error):
        # type: (BaseException) -> None
        if not self.opened.done():
            self.opened.set_exception(error)
        if self.inner is None and self.transport is not None:
            self.transport.abort()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Text, Union
    from carryall.protocols.http.client import Location
