# Copyright the carryall authors.  See LICENSE.
"""WebSocketServer: an application that answers each opening handshake with a WebSocket (RFC 6455
section 4.2).

    # For pages of this site, and for programs.
    site = Site(WebSocketServer(lambda request: Shout(), loop), loop)

    # For pages of another site too.
    settings = Settings(origins=[b'https://a.example'])
    site = Site(WebSocketServer(lambda request: Shout(), loop, settings), loop)

It is the application of a site, or an application calls it for one path.  A request that is not a
handshake is answered with 426, and a broken handshake with 400.  A handshake from a page of
another origin is answered with 403.

A browser lets each page of the web open a WebSocket to this server, with the user's cookies and
from within the user's network.  Origin names that page.  An Origin that is not among `origins` is
refused (RFC 6455 section 10.2).  A request without Origin does not come from a browser, and is
allowed.

By default the server's own origin is allowed: scheme, name and port of the request itself (RFC 6454
section 4).  Several clients that are not browsers send that.  On a loopback address the name in the
request must be a loopback name too.  Otherwise a page whose name an attacker has pointed at
127.0.0.1 (DNS rebinding) would have an equal Host.  Behind a proxy that ends TLS the scheme
differs, so give the origin there.

Tests:    tests/protocols/websocket/test_server.py
"""
from __future__ import absolute_import, division, print_function

import base64
import binascii
import hashlib

from carryall.core.compat import native
from carryall.core.net.ip import is_loopback
from carryall.core.logs import get_logger
from carryall.protocols.http.fields import (HTTP_1_1, authority_of, host_name, is_token,
                                            same_authority, split_list)
from carryall.protocols.http import Upgrade, plain_response
from carryall.protocols.websocket.session import WebSocket
from carryall.protocols.websocket.settings import ANY_ORIGIN, SAME_ORIGIN, Settings, former_settings
from carryall.protocols.websocket.deflate import accept_offer, parse_extensions

__all__ = ['Offer', 'WebSocketServer', 'WebSockets', 'accept_key', 'has_token']

# -- limits ------------------------------------------------------------------
MAX_SUBPROTOCOLS = 32       # offered by one client; the RFC is silent
KEY_BYTES = 16              # of randomness in Sec-WebSocket-Key; RFC 6455 section 4.1

VERSION = b'13'
MAGIC = b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11'     # RFC 6455 section 1.3

DEFAULTS = Settings()

log = get_logger('http.websocket')


def accept_key(key):
    # type: (bytes) -> bytes
    """The value of Sec-WebSocket-Accept for a Sec-WebSocket-Key (RFC 6455 section 4.2.2)."""
    return base64.b64encode(hashlib.sha1(key + MAGIC).digest())


def has_token(value, token):
    # type: (bytes, bytes) -> bool
    """True if *token*, in lower case, is a member of the list *value* in any case."""
    return token in (split_list(value.lower()) or ())


class Offer(object):
    """A valid opening handshake.

    Attributes:
        key: the value of Sec-WebSocket-Key.
        extensions: as parse_extensions gives them.
        subprotocols: that the client offers, the preferred first.
    """

    __slots__ = ('key', 'extensions', 'subprotocols')

    def __init__(self, key, extensions, subprotocols):
        # type: (bytes, Any, Sequence[bytes]) -> None
        self.key = key
        self.extensions = extensions
        self.subprotocols = subprotocols


class WebSocketServer(object):
    """An application of a Site; called with a Request, it returns an Upgrade, or the Response that
    refuses it.

    Args:
        service: called with the Request, makes the MessageProtocol of a connection, for example a
            Stream.
        clock: the loop.
        settings: a Settings.  A client that offers none of its subprotocols gets none.
    """

    def __init__(self, service, clock, settings=DEFAULTS):
        # type: (Callable[[Request], Any], Any, Settings) -> None
        self._service = service
        self._clock = clock
        self.settings = settings
        named = (ANY_ORIGIN, SAME_ORIGIN)
        self._origins = frozenset(origin.lower() for origin in settings.origins if origin not
                                  in named)

    def __call__(self, request):
        # type: (Request) -> Response
        found = self.judge(request)
        if type(found) is not Offer:
            return found            # type: ignore
        chosen = [name for name in found.subprotocols if name in self.settings.subprotocols][:1]
        return self.accept(found, self._service(request), chosen[0] if chosen else None)

    def judge(self, request):
        # type: (Request) -> Any
        """The Offer of a handshake, or the Response that refuses the request."""
        headers = request.headers
        if not has_token(headers.get(b'upgrade', b''), b'websocket'):
            return plain_response(426, [(b'Upgrade', b'websocket'), (b'Connection', b'Upgrade')])
        if headers.get(b'sec-websocket-version') not in (None, VERSION):
            return plain_response(426,
                                  [(b'Upgrade', b'websocket'), (b'Connection', b'Upgrade'),
                                   (b'Sec-WebSocket-Version', VERSION)])
        offers = self._offers(request)
        if offers is None:
            return plain_response(400)
        origin = headers.get(b'origin')
        if origin is not None and not self._lets_in(request, origin.lower()):
            log.info('%s: a WebSocket for a page of another origin is refused', request.peer)
            return plain_response(403)
        return Offer(headers.get(b'sec-websocket-key'), *offers)

    def _lets_in(self, request, origin):
        # type: (Request, bytes) -> bool
        if origin in self._origins or self._allows(ANY_ORIGIN):
            return True
        return self._allows(SAME_ORIGIN) and _is_own(request, origin)

    def _allows(self, name):
        # type: (bytes) -> bool
        return name in self.settings.origins

    def _offers(self, request):
        # type: (Request) -> Optional[Tuple[Any, Any]]
        """(extensions, subprotocols) that a handshake offers; None if it breaks RFC 6455 section
        4.2.1.
        """
        headers = request.headers
        keys = headers.get_all(b'sec-websocket-key')
        if request.method != b'GET' or request.version != HTTP_1_1 or request.length:
            return None
        if len(keys) != 1 or not _is_key(keys[0]) or len(headers.get_all(b'origin')) > 1:
            return None
        if not has_token(headers.get(b'connection', b''), b'upgrade'):
            return None
        if headers.get(b'sec-websocket-version') is None:
            return None
        names = split_list(headers.get(b'sec-websocket-protocol', b''), maximum=MAX_SUBPROTOCOLS)
        if names is None or len(set(names)) != len(names):
            return None
        if not all(is_token(name) for name in names):
            return None
        extensions = parse_extensions(headers.get_all(b'sec-websocket-extensions'))
        return None if extensions is None else (extensions, names)

    def accept(self, offer, above, subprotocol=None, more=()):
        # type: (Offer, Any, Optional[bytes], Iterable[Tuple[bytes, bytes]]) -> Upgrade
        """The Upgrade that accepts a handshake.

        Args:     above: the MessageProtocol of the connection.
                  subprotocol: one of those that are offered, or None.
                  more: fields of the response, after its own.
        """
        fields = [(b'Upgrade', b'websocket'), (b'Sec-WebSocket-Accept', accept_key(offer.key))]
        settings = self.settings
        if subprotocol is not None:
            fields.append((b'Sec-WebSocket-Protocol', subprotocol))
        agreed = (accept_offer(offer.extensions, settings.deflate) if settings.deflate is not None
                  else None)
        if agreed is not None:
            fields.append((b'Sec-WebSocket-Extensions', agreed[0]))
        websocket = WebSocket(above, self._clock, settings, False, agreed and agreed[1],
                              subprotocol)
        return Upgrade(websocket, fields + list(more))


class WebSockets(WebSocketServer):
    """The former name of WebSocketServer, with *clock* first."""

    def __init__(self, clock, factory, origins=(SAME_ORIGIN,), subprotocols=(), limits=None,
                 deflate=None):
        # type: (Any, Callable, Sequence[bytes], Sequence[bytes], Any, Optional[Deflate]) -> None
        former = {'origins': origins, 'subprotocols': subprotocols, 'limits': limits,
                  'deflate': deflate}
        WebSocketServer.__init__(self, factory, clock, former_settings(DEFAULTS, former))


def _is_own(request, origin):
    # type: (Request, bytes) -> bool
    """True if *origin*, in lower case, is that of *request* itself (RFC 6454 section 5)."""
    scheme, _, authority = origin.partition(b'://')
    host = request.host
    if scheme != request.scheme or host is None:
        return False
    if authority_of(origin) != authority or not same_authority(origin, host):
        return False
    address = request.here
    if address is None or address.port is None or not is_loopback(address.host):
        return True
    name = native(host_name(host))
    return name == 'localhost' or name.endswith('.localhost') or is_loopback(name)


def _is_key(value):
    # type: (bytes) -> bool
    """True if *value* is 16 octets in base64."""
    try:
        octets = binascii.a2b_base64(value)
    except (binascii.Error, ValueError):
        return False
    if len(octets) != KEY_BYTES or len(value) != 24:
        return False
    return base64.b64encode(octets)[:-3] == value[:-3]


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, Optional, Sequence, Tuple
    from carryall.protocols.http import Request, Response
    from carryall.protocols.websocket.deflate import Deflate
