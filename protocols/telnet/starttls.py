# Copyright the carryall authors.  See LICENSE.
"""START-TLS: TLS inside of a Telnet connection (draft-altman-telnet-starttls).

Wire:     DO START-TLS, WILL START-TLS; then each side sends IAC SB START-TLS FOLLOWS IAC SE, and
          the handshake begins.
States:   clear -> FOLLOWS sent and received -> TLS.  Options are then as at the beginning, because
          an attacker may have changed what was agreed in clear.
Tests:    tests/protocols/telnet/test_starttls.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import int2byte
from carryall.core.future import Future
from carryall.protocols.telnet.errors import TelnetError
from carryall.protocols.telnet import wire
from carryall.protocols.telnet.session import Option

__all__ = ['StartTLS']

FOLLOWS = 1


class StartTLS(Option):
    """The option, for either side: the server asks (DO), the client does it.

    Args:     loop, context: for ``loop.start_tls``.
              server: true on the server's side.
              hostname: of a client: the name that the server's certificate must have.

    Attributes:
        done: a Future of the TLSInfo.
    """

    def __init__(self, loop, context, server, hostname=None):
        # type: (Any, Any, bool, Optional[str]) -> None
        Option.__init__(self, wire.START_TLS, not server, server)
        self.done = Future()
        self._loop = loop
        self._context = context
        self._server = server
        self._hostname = hostname

    def added(self, session):
        session.parser.stops.add(self.number)

    def changed(self, session, ours, on):
        if on:
            session.send_sub(self.number, int2byte(FOLLOWS))

    def sub_received(self, session, data):
        if data != int2byte(FOLLOWS) or session.discarding:
            raise TelnetError(u'START-TLS: FOLLOWS is expected')
        session.discarding = True
        session.parser.stops.discard(self.number)
        upgraded = self._loop.start_tls(session.transport, self._context, self._server,
                                        self._hostname)
        session.restart_options()
        upgraded.add_done_callback(self._upgraded)

    def _upgraded(self, future):
        # type: (Future) -> None
        if self.done.done():
            return
        if future.exception() is not None:
            self.done.set_exception(future.exception())
        else:
            self.done.set_result(future.result())


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
