# Copyright the carryall authors.  See LICENSE.
"""The forwarder of streams: each client gets a connection to the target.

Wire:     any octets; nothing of ours.
States:   connecting -> open -> one side ended -> closed
Not here: where to connect to (a callable is passed in); the relay (core/wrap/streamrelay.py).
Tests:    tests/protocols/portforward/test_server.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.errors import Cancelled
from carryall.core.future import as_future
from carryall.core.logs import get_logger
from carryall.core.net.transport import peer
from carryall.core.wrap.streamrelay import NEW, End, Far, Relay

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional
    from carryall.core.future import Future
    from carryall.core.wrap.streamrelay import Terms

__all__ = ['Forwarder']

log = get_logger('portforward')


class Forwarder(End):
    """The client's end: connects to the target as soon as the client is here.

    Args:     connect: called with (factory, transport of the client); connects a protocol that
                      *factory* makes and returns a Future.
              header: called with the client's transport for octets that the target gets first;
                      None for none.
    """

    def __init__(self, connect, terms, header=None):
        # type: (Callable[[Callable[[], Any], Any], Any], Terms, Optional[Callable[[Any], bytes]]) -> None
        End.__init__(self, Relay(terms, self))
        self._connect = connect
        self._header = header
        self._opening = None        # type: Optional[Future]

    def connection_made(self, transport):
        self.transport = transport
        self.relay.begin()
        self.hold(NEW)
        try:
            self._opening = as_future(self._connect(self.new_far, transport))
        except FAILURES:
            log.exception('the target cannot be connected to')
            transport.close()
            return
        self._opening.add_done_callback(self._opened)

    def new_far(self):
        # type: () -> Far
        """The end for the target."""
        far = Far(self.relay)
        far.other = self
        return far

    def _opened(self, future):
        # type: (Future) -> None
        self._opening = None
        exc = future.exception()
        if exc is not None:
            if not isinstance(exc, Cancelled):
                log.info('%s: %s', peer(self.transport), exc)
            self.transport.close()
            return
        self.join(future.result()[1])

    def join(self, far):
        # type: (Far) -> None
        """The target is connected."""
        self.other = far
        self.relay.far = self.other
        if self.lost or self.transport.is_closing() and not self.ended:
            far.transport.abort()
            return
        if far.lost:                # it came and went
            self.transport.close()
            return
        if self._header is not None:
            far.transport.write(self._header(self.transport))
        far.begin()
        self.release(NEW)

    def connection_lost(self, exc):
        if self._opening is not None:
            self._opening.cancel()
        End.connection_lost(self, exc)
