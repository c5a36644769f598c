# Copyright the carryall authors.  See LICENSE.
"""connect, connect_unix and connect_websocket: a Broker to a server, ready for calls.

Tests:    tests/protocols/pb/test_client.py
"""
from __future__ import absolute_import, division, print_function

import warnings

from carryall.core.net.loop import CONNECT_SECONDS
from carryall.core.tls import open_session
from carryall.protocols.pb.broker import PORT, Broker

__all__ = ['connect', 'connect_tls', 'connect_unix', 'connect_websocket']


def connect(loop, host, port=PORT, tls=None, timeout=CONNECT_SECONDS, settings=None, hostname=None,
            **options):
    # type: (Any, str, int, Any, float, Optional[Settings], Optional[str], **Any) -> Future
    """Connects over TCP; a Future of a Broker that is ready for calls.

    Args:     tls: a TLSContext to use from the first octet; None for clear.
              timeout: seconds for connecting, TLS and the choice of a dialect together.
              settings: Settings.
              hostname: the name that the server's certificate must have; *host* if left out.
              options: others of Broker: ``root``, ``registry`` ...

    Raises:   ConnectFailed and its subclasses; ConnectionLost: the server does not speak
              Perspective Broker.
    """
    if isinstance(tls, (int, float)):
        warnings.warn('the timeout of connect comes after tls now', DeprecationWarning, 2)
        timeout = tls
        tls = None
    options['settings'] = settings
    return open_session(loop, _maker(loop, options), host, port, _ready, tls, timeout,
                        hostname=hostname)


def connect_tls(loop, context, host, port, hostname=None, timeout=CONNECT_SECONDS, **options):
    # type: (Any, Any, str, int, Optional[str], float, **Any) -> Future
    """Connects over TLS: the former spelling of ``connect`` with ``tls``."""
    warnings.warn('connect_tls(loop, context, ...) is connect(loop, ..., tls=context) now',
                  DeprecationWarning, 2)
    return connect(loop, host, port, context, timeout, hostname=hostname, **options)


def connect_unix(loop, path, timeout=CONNECT_SECONDS, **options):
    # type: (Any, str, float, **Any) -> Future
    """Connects to a Unix socket; otherwise as ``connect``."""
    return open_session(loop, _maker(loop, options), None, 0, _ready, timeout=timeout, path=path)


def connect_websocket(loop, url, tls=None, timeout=CONNECT_SECONDS, origin=None, headers=(),
                      context=None, **options):
    # type: (Any, Any, Any, float, Optional[bytes], Any, Any, **Any) -> Future
    """Connects over the binary messages of a WebSocket, ``ws://HOST:PORT/pb`` or ``wss://``.

    Args:     tls: the TLSContext of wss; by default one with the system's trust.
              origin, headers: of the request, as `carryall.protocols.websocket.connect` takes them.

    Raises:   as ``connect``, and HandshakeRefused.
    """
    if context is not None:
        warnings.warn('the keyword context of connect_websocket is tls now', DeprecationWarning, 2)
        tls = context
    # Imported here, because most programs need no HTTP.
    from carryall.protocols.websocket import connect_stream
    connected = connect_stream(loop, url, _maker(loop, options), tls=tls, timeout=timeout,
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
    from carryall.protocols.pb.settings import Settings
