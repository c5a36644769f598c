# Copyright the carryall authors.  See LICENSE.
"""ForwardServer: each client of a port gets a connection to the target.

    class Here(ForwardService):
        def connect(self, factory, transport):
            return loop.connect_tcp(factory, '127.0.0.1', 7007)

    loop.listen_tcp(lambda: ForwardServer(Here(), loop), port=6666)

Wire:     any octets; none is added but those of ``header``.
States:   WAITING for the target, JOINED, CLOSED; see core/wrap/streamrelay.py, which relays.
Not here: the choice of the target (the service's), datagrams (datagramforwarder.py).
Tests:    tests/protocols/portforward/test_server.py
"""
from __future__ import absolute_import, division, print_function

import warnings

from carryall.core.compat import FAILURES
from carryall.core.errors import Cancelled
from carryall.core.future import as_future
from carryall.core.logs import get_logger
from carryall.core.net.transport import peer
from carryall.core.wrap.streamrelay import NEW, End, Relay
from carryall.protocols.portforward.settings import Settings

__all__ = ['ForwardServer', 'ForwardService', 'Forwarder']

DEFAULTS = Settings()

log = get_logger('portforward')


class ForwardService(object):
    """The service of a ForwardServer: subclass it to choose the target of each client.

    Attributes:
        meter: an OctetRate that the connections share, or None.
        trace: called with (end, data) for all data that comes in, or None.
    """

    meter = None                # type: Optional[OctetRate]
    trace = None                # type: Optional[Callable[[End, bytes], Any]]

    def connect(self, factory, transport):
        # type: (Callable[[], Any], Any) -> Any
        """Connects a protocol that *factory* makes; a Future of (transport, protocol).

        Args:     transport: that of the client.
        """
        raise NotImplementedError

    def header(self, transport):
        # type: (Any) -> bytes
        """Octets that the target gets before those of the client, such as a PROXY header."""
        return b''


class ForwardServer(End):
    """The client's end, which connects to the target at once.

    Args:     service: a ForwardService.
              clock: the loop.
              settings: Settings.
    """

    def __init__(self, service, clock, settings=DEFAULTS):
        # type: (Any, Any, Settings) -> None
        End.__init__(self, Relay(self, clock, settings, service.meter, service.trace))
        self._service = service
        self._opening = None        # type: Optional[Future]

    def connection_made(self, transport):
        self.transport = transport
        self.relay.begin()
        self.hold(NEW)
        try:
            self._opening = as_future(self._service.connect(self.relay.new_far, transport))
        except FAILURES:
            log.exception('the target cannot be connected to')
            transport.close()
            return
        self._opening.add_done_callback(self._opened)

    def _opened(self, future):
        # type: (Future) -> None
        self._opening = None
        exc = future.exception()
        if exc is not None:
            if not isinstance(exc, Cancelled):
                log.info('%s: %s', peer(self.transport), exc)
            self.transport.close()
            return
        transport, far = future.result()
        header = self._service.header(self.transport)
        if header:
            transport.write(header)
        self.relay.join(far)

    def connection_lost(self, exc):
        if self._opening is not None:
            self._opening.cancel()
        End.connection_lost(self, exc)


# -- former names ------------------------------------------------------------

class Forwarder(ForwardServer):
    """The former name of ForwardServer, with a callable and Terms."""

    def __init__(self, connect, terms, header=None):
        # type: (Callable, Any, Optional[Callable[[Any], bytes]]) -> None
        warnings.warn('Forwarder is ForwardServer(service, clock, settings) now',
                      DeprecationWarning, 2)
        service = ForwardService()
        service.connect = connect           # type: ignore
        service.meter = terms.meter
        service.trace = terms.trace
        if header is not None:
            service.header = header         # type: ignore
        ForwardServer.__init__(self, service, terms, terms.settings)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional
    from carryall.core.future import Future
    from carryall.core.ratelimit import OctetRate
