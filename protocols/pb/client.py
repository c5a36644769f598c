# Copyright the carryall authors.  See LICENSE.
"""connect, connect_tls, connect_unix, connect_websocket: a Broker to a server, ready for calls.

Tests:    tests/protocols/pb/test_client.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.net.loop import CONNECT_SECONDS
from carryall.core.tls import open_session
from carryall.protocols.pb.broker import Broker

__all__ = ['connect', 'connect_tls', 'connect_unix', 'connect_websocket']


def connect(loop, host, port, timeout=CONNECT_SECONDS, **options):
    # type: (Any, str, int, float, **Any) -> Future
    """Connects over TCP; a Future of a Broker that is ready.

    Args:     options: as for Broker: ``root``, ``registry``, ``limits`` ...
    It fails as ``loop.connect_tcp`` does, or with ConnectionLost if the server does not speak
    Perspective Broker.
    """
    return open_session(loop, _maker(loop, options), host, port, _ready, timeout=timeout)


def connect_tls(loop, context, host, port, hostname=None, timeout=CONNECT_SECONDS, **options):
    # type: (Any, Any, str, int, Optional[str], float, **Any) -> Future
    """As ``connect``, over TLS with that TLSContext."""
    return open_session(loop, _maker(loop, options), host, port, _ready, context, timeout,
                        hostname=hostname)


def connect_unix(loop, path, timeout=CONNECT_SECONDS, **options):
    # type: (Any, str, float, **Any) -> Future
    """As ``connect``, to a Unix socket."""
    return open_session(loop, _maker(loop, options), None, 0, _ready, timeout=timeout, path=path)


def connect_websocket(loop, url, context=None, timeout=CONNECT_SECONDS, origin=None, headers=(),
                      **options):
    # type: (Any, Any, Any, float, Optional[bytes], Any, **Any) -> Future
    """As ``connect``, over the binary messages of a WebSocket, ``ws://HOST:PORT/pb`` or ``wss://``.

    Args:     context: the TLSContext of wss; by default one with the system's trust.
              origin, headers: of the request, as `carryall.protocols.websocket.connect` takes them.
    It fails with HandshakeRefused too.
    """
    # Imported here, because most programs need no HTTP.
    from carryall.protocols.websocket import connect_stream
    connected = connect_stream(loop, url, _maker(loop, options), tls=context, timeout=timeout,
                               origin=origin, headers=headers)
    return connected.then(lambda pair: pair[1].ready)


def _maker(loop, options):
    # type: (Any, Dict[str, Any]) -> Callable[[], Broker]
    return lambda: Broker(loop, client=True, **options)


def _ready(broker):
    # type: (Broker) -> Future
    return broker.ready


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Optional
    from carryall.core.future import Future
