# Copyright the carryall authors.  See LICENSE.
"""TelnetServer: the base of an application on a server: text, keys, a window (RFC 854, 857, 858,
1123 section 3.2).

States:   negotiating -> ready.  ``ready()`` is called once the client has answered each request, or
          after ``negotiation_seconds``, the longest wait of a client without options (nc, say).
Text:     Lines end with ``\\n`` both ways, with BINARY on or off.
Modes:    ``by_key``: each key comes by itself and is echoed by us; we do ECHO and SGA, and the
          client has agreed.  Otherwise whole lines come, which the client has echoed.
Tests:    tests/protocols/telnet/test_server.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.telnet import wire
from carryall.protocols.telnet.options import Charset, Status, TerminalType, TimingMark, Window
from carryall.protocols.telnet.session import Option, TelnetProtocol
from carryall.protocols.telnet.settings import Settings

__all__ = ['TelnetServer']


class TelnetServer(TelnetProtocol):
    """The connection of one client.

    Args:     service: for a subclass; may be None.
              clock: the loop.

    Attributes:
        window: (columns, rows); 80 by 24 while it is unknown.
        terminals: names of the client's terminal.
        charset: bytes; UTF-8 unless the client chooses another.
    """

    has_lines = True

    def __init__(self, service, clock, settings=None):
        # type: (Any, Any, Optional[Settings]) -> None
        TelnetProtocol.__init__(self)
        self.service = service
        self.clock = clock
        self.settings = settings or Settings()
        self.window = (80, 24)
        self.terminals = []         # type: List[bytes]
        self.charset = b'UTF-8'
        self._timer = None          # type: Any
        self._ready = False
        self.add_option(Option(wire.ECHO, ours=True, theirs=False))
        self.add_option(Option(wire.SGA))
        self.add_option(Option(wire.BINARY))
        self.add_option(Status(ours=True, theirs=False))
        self.add_option(TimingMark())
        self.add_option(Window())
        self.add_option(TerminalType())
        self.add_option(Charset())

    @property
    def by_key(self):
        # type: () -> bool
        """True if the client sends key by key and leaves the echo to us."""
        return self.negotiator.on(wire.ECHO, True) and self.negotiator.on(wire.SGA, True)

    def connection_made(self, transport):
        self.transport = transport
        if self.settings.by_key:
            self.ask_us(wire.ECHO)
            self.ask_us(wire.SGA)
            self.ask_peer(wire.NAWS)
            self.ask_peer(wire.TTYPE)
        self._timer = self.clock.call_later(self.settings.negotiation_seconds,
                                            self._is_ready)

    def option_changed(self, number, ours, on):
        if not self._ready and not any(self.negotiator.pending(option, of_ours)
                                       for option, of_ours in (
                (wire.ECHO, True), (wire.SGA, True), (wire.NAWS, False), (wire.TTYPE, False))):
            # On a later turn: the other answers in the same piece are processed first.
            self._timer.cancel()
            self._timer = self.clock.call_later(0.0, self._is_ready)

    def _is_ready(self):
        # type: () -> None
        if not self._ready:
            self._ready = True
            self.ready()

    def value_received(self, number, value):
        if number == wire.NAWS:
            # peer: 0 means that the size is unknown (RFC 1073).
            self.window = (value[0] or 80, value[1] or 24)
            self.window_changed()
        elif number == wire.TTYPE:
            self.terminals = value
        elif number == wire.CHARSET and value:
            self.charset = value

    def connection_lost(self, exc):
        self._ready = True
        if self._timer is not None:
            self._timer.cancel()

    # -- hooks -------------------------------------------------------------------------------------

    def ready(self):
        # type: () -> None
        """The client has answered, or its time is over; called once."""

    def window_changed(self):
        # type: () -> None
        """The client's window has another size."""

    def text_received(self, data):
        raise NotImplementedError


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional
