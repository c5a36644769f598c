# Copyright the carryall authors.  See LICENSE.
"""WebSockets: an application that makes a WebSocket of each request that asks for one (RFC 6455 section 4.2).

    site = Site(WebSockets(loop, lambda request: Shout(), origins=[b'https://a.example']), loop)

It takes the place of an application, or is called by one, for a path of its own.  What is no handshake is answered with 426, a
broken one with 400, one from a page of elsewhere with 403.

A browser lets every page of the web open a WebSocket to here, with our cookies and from within our network, and says in Origin
which page it was: so whoever sends one is refused, unless it is among ``origins``.  Programs that are no browsers send none.

Tests:    tests/protocols/http/test_websocket_server.py
"""
from __future__ import absolute_import, division, print_function

import base64
import binascii
import hashlib

from carryall.core.logs import get_logger
from carryall.core.transport import peer
from carryall.protocols.http.parameters import is_token, split_list
from carryall.protocols.http.response import Upgrade, plain_response
from carryall.protocols.http.tables import HTTP_1_1
from carryall.protocols.http.websocket import WebSocket
from carryall.protocols.http.websocket_deflate import accept_offer, parse_extensions

__all__ = ['ANY_ORIGIN', 'WebSockets', 'accept_key', 'has_token']

# -- limits ------------------------------------------------------------------
MAX_SUBPROTOCOLS = 32       # offered by one client; ours
KEY_BYTES = 16              # of randomness in Sec-WebSocket-Key; RFC 6455 section 4.1

VERSION = b'13'
MAGIC = b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11'     # RFC 6455 section 1.3
ANY_ORIGIN = b'*'

log = get_logger('http.websocket')


def accept_key(key):
    # type: (bytes) -> bytes
    """What a server answers to Sec-WebSocket-Key, to show that it knows what is asked of it (RFC 6455 section 4.2.2)."""
    return base64.b64encode(hashlib.sha1(key + MAGIC).digest())


def has_token(value, token):
    # type: (bytes, bytes) -> bool
    """Whether *token* is a member of the list *value*, whatever its case."""
    return token in (split_list(value.lower()) or ())


class WebSockets(object):
    """Called with a Request; returns an Upgrade, or the Response that refuses it.

    Args:
        clock: the loop.
        factory: called with the Request, makes the MessageProtocol of a connection: a Stream, say.
        origins: the values of Origin that are let in, as b'https://a.example'; ANY_ORIGIN for every page of the web.
        subprotocols: what is spoken here (bytes), for clients that ask for one; who asks only for others is let in without.
        limits: ``Limits`` of websocket_wire.
        deflate: the ``Deflate`` that clients may have; None: nothing is compressed.
    """

    def __init__(self, clock, factory, origins=(), subprotocols=(), limits=None, deflate=None):
        # type: (Any, Callable[[Request], Any], Iterable[bytes], Sequence[bytes], Optional[Limits], Optional[Deflate]) -> None
        self._clock = clock
        self._factory = factory
        self._origins = frozenset(origin.lower() for origin in origins)
        self._subprotocols = tuple(subprotocols)
        self._limits = limits
        self._deflate = deflate

    def __call__(self, request):
        # type: (Request) -> Response
        headers = request.headers
        if not has_token(headers.get(b'upgrade', b''), b'websocket'):
            return plain_response(426, [(b'Upgrade', b'websocket'), (b'Connection', b'Upgrade')])
        if headers.get(b'sec-websocket-version') not in (None, VERSION):
            return plain_response(426, [(b'Upgrade', b'websocket'), (b'Connection', b'Upgrade'), (b'Sec-WebSocket-Version', VERSION)])
        offers = self._offers(request)
        if offers is None:
            return plain_response(400)
        origin = headers.get(b'origin')
        if origin is not None and ANY_ORIGIN not in self._origins and origin.lower() not in self._origins:
            log.info('%s: a WebSocket for a page of elsewhere is refused', peer(request._transport))
            return plain_response(403)
        return self._accepted(request, *offers)

    def _offers(self, request):
        # type: (Request) -> Optional[Tuple[Any, Any]]
        """(extensions, subprotocols) that a handshake offers; None if it is not as RFC 6455 section 4.2.1 has it."""
        headers = request.headers
        keys = headers.get_all(b'sec-websocket-key')
        if (request.method != b'GET' or request.version != HTTP_1_1 or request.length or len(keys) != 1 or not _is_key(keys[0])
                or not has_token(headers.get(b'connection', b''), b'upgrade')
                or headers.get(b'sec-websocket-version') is None or len(headers.get_all(b'origin')) > 1):
            return None
        names = split_list(headers.get(b'sec-websocket-protocol', b''), maximum=MAX_SUBPROTOCOLS)
        if names is None or len(set(names)) != len(names) or not all(is_token(name) for name in names):
            return None
        extensions = parse_extensions(headers.get_all(b'sec-websocket-extensions'))
        return None if extensions is None else (extensions, names)

    def _accepted(self, request, extensions, names):
        # type: (Request, Any, Sequence[bytes]) -> Upgrade
        fields = [(b'Upgrade', b'websocket'), (b'Sec-WebSocket-Accept', accept_key(request.headers.get(b'sec-websocket-key')))]
        chosen = [name for name in names if name in self._subprotocols][:1]
        for name in chosen:
            fields.append((b'Sec-WebSocket-Protocol', name))
        agreed = accept_offer(extensions, self._deflate) if self._deflate is not None else None
        if agreed is not None:
            fields.append((b'Sec-WebSocket-Extensions', agreed[0]))
        above = self._factory(request)
        return Upgrade(WebSocket(self._clock, above, False, self._limits, agreed and agreed[1], chosen[0] if chosen else None), fields)


def _is_key(value):
    # type: (bytes) -> bool
    """Whether *value* is 16 octets in base64."""
    try:
        octets = binascii.a2b_base64(value)
    except (binascii.Error, ValueError):
        return False
    return len(octets) == KEY_BYTES and base64.b64encode(octets)[:-3] == value[:-3] and len(value) == 24


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, Optional, Sequence, Tuple
    from carryall.protocols.http.request import Request
    from carryall.protocols.http.response import Response
    from carryall.protocols.http.websocket_deflate import Deflate
    from carryall.protocols.http.websocket_wire import Limits
