# Copyright the carryall authors.  See LICENSE.
"""TelnetProtocol: one Telnet connection, whichever side (RFC 854, RFC 855).

    class Shout(TelnetProtocol):
        def text_received(self, data):
            self.write(data.upper())

Wire:     see wire.py.
States:   none of its own; each option has one on each side (qmethod.py).
Not here: what an option says beyond on and off (options.py and its neighbours,
added with ``add_option``).
Tests:    tests/protocols/telnet/test_session.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.errors import RemoteProtocolError
from carryall.core.logs import get_logger
from carryall.core.net.protocol import Protocol
from carryall.core.net.transport import peer
from carryall.core.net.turns import FREE_STEPS, MAX_STEPS, turn_is_over
from carryall.protocols.telnet.errors import TelnetError
from carryall.protocols.telnet import wire
from carryall.protocols.telnet.qmethod import Negotiator

__all__ = ['Option', 'TelnetProtocol']

PIECE_BYTES = 1024          # understood at once
MAX_IN_VAIN = 100  # subnegotiations of one connection that begin compression where it is off

log = get_logger('telnet')


class Option(object):
    """One option: whether each side may do it, and what happens then.  This one is a bare switch.

    Args:     number: as in wire.py.
              ours, theirs: whether we may do it, and whether the peer may, when the peer asks.
    """

    def __init__(self, number, ours=True, theirs=True):
        # type: (int, bool, bool) -> None
        self.number = number
        self.ours = ours
        self.theirs = theirs

    def added(self, session):
        # type: (TelnetProtocol) -> None
        """The session serves it from now on."""

    def changed(self, session, ours, on):
        # type: (TelnetProtocol, bool, bool) -> None
        """One side does it from now on, or no longer."""

    def sub_received(self, session, data):
        # type: (TelnetProtocol, bytes) -> None
        """A subnegotiation; RemoteProtocolError for what cannot be understood,
        which is then passed over."""


class TelnetProtocol(Protocol):
    """One connection.

    Attributes:
        options: {number: Option}; what is not there is refused.
        negotiator: says which are on: ``negotiator.on(wire.ECHO, True)``.
        parser: its ``stops`` are for options that change what the octets are.
        has_lines: whether text has lines under BINARY too (RFC 856): a terminal's Return is CR, CR
            NUL or CR LF there as well, and a line for it ends with CR LF.
    """

    has_lines = False

    def __init__(self):
        # type: () -> None
        self.options = {}           # type: Dict[int, Option]
        self.negotiator = Negotiator(self._send_negotiation, self._accepts, self._option_changed)
        # Called with what comes from the wire, once it is compressed.
        self.inflate = None  # type: Any
        # The ``inflate`` that the octets in the events have gone through.
        self._through = None  # type: Any
        self.deflate = None         # type: Any  # called with what goes to the wire
        self.parser = wire.Parser()
        # Between START-TLS and the handshake: nothing in clear is believed any more.
        self.discarding = False
        # Subnegotiations that would have changed what the octets are, of options that are off.
        self._in_vain = 0
        self._half = False          # whether text ended in a CR whose second half may come
        self._incoming = b''        # what has come and was not looked at
        self._events = deque()      # type: deque
        self._held = False
        self._resting = False  # whether more is here than the share of this turn allowed (law L21)
        self._busy = False

    # -- set up ------------------------------------------------------------------------------------

    def add_option(self, option):
        # type: (Option) -> Option
        """Serve an option; returns it."""
        self.options[option.number] = option
        option.added(self)
        return option

    def ask_us(self, number, on=True):
        # type: (int, bool) -> None
        """Offer to do an option, or end it: WILL, WONT."""
        self.negotiator.ask(number, True, on)

    def ask_peer(self, number, on=True):
        # type: (int, bool) -> None
        """Ask the peer to do an option, or to end it: DO, DONT."""
        self.negotiator.ask(number, False, on)

    # -- what comes --------------------------------------------------------------------------------

    def data_received(self, data):
        self._incoming = self._incoming + data if self._incoming else data
        self._work()

    @property
    def unfinished(self):
        # type: () -> bool
        """Whether more of what has come is to be handed over, now or in a later turn."""
        return bool(self._busy or self._events or self._incoming)

    def _work(self, steps=0):
        # type: (int) -> None
        if self._busy or self._resting:
            return
        self._busy = True
        try:
            while not self._held and not self.transport.is_closing() \
                    and (self._events or self._parse()):
                self._event(self._events.popleft())
                steps += 1
                if steps >= FREE_STEPS and self._is_over(steps):
                    break
        except RemoteProtocolError as exc:
            self.peer_failed(exc)
        finally:
            self._busy = False

    def _parse(self):
        # type: () -> bool
        """Understand what has come, a piece at a time; false if nothing is complete."""
        while self._incoming and not self._events:
            data, self._incoming = self._incoming[:PIECE_BYTES], self._incoming[PIECE_BYTES:]
            self._through = self.inflate
            if self.inflate is not None:
                data = self.inflate(data)
            self._events.extend(self.parser.receive(data))
        return bool(self._events)

    def _is_over(self, steps):
        # type: (int) -> bool
        """Whether more is here than the share of this turn allows;
        then it goes on in a later one (law L21)."""
        if self._held or not (self._events or self._incoming):
            return False
        self._resting = turn_is_over(self.transport, steps, self._rested)
        if self._resting:
            self.transport.pause_reading()
        return self._resting

    def _rested(self):
        # type: () -> None
        """Its turn has come."""
        self._resting = False
        self._work(MAX_STEPS)
        self._read_on()

    def _event(self, event):
        # type: (Tuple) -> None
        kind = event[0]
        if kind == 'data':
            data = event[1]
            if len(data) > PIECE_BYTES:     # it was compressed
                self._events.appendleft(('data', data[PIECE_BYTES:]))
                data = data[:PIECE_BYTES]
            if self.has_lines or not self.negotiator.on(wire.BINARY, False):
                data, self._half = wire.from_nvt(data, self._half)
            if data:
                self.text_received(data)
        elif kind == 'negotiate':
            self.negotiator.received(event[1], event[2])
        elif kind == 'command':
            self.command_received(event[1])
        elif kind == 'raw':
            self._raw(event[1])
        else:
            self._sub_received(event[1], event[2])

    def _raw(self, data):
        # type: (bytes) -> None
        """What came behind a subnegotiation of an option in ``parser.stops``,
        before what came later."""
        if self.discarding:
            data, self._incoming = data + self._incoming, b''
            if data:
                log.warning('%s: %d octets in clear behind START-TLS are dropped',
                            peer(self.transport), len(data))
            self.discarding = False     # what comes from now on comes out of TLS
            return
        if data and self.inflate is not None and self.inflate is not self._through:
            self._through = self.inflate
            data = self.inflate(data)
        else:
            # The option is off, so nothing has changed;
            # but each of these costs a copy of all that is behind it.
            self._in_vain += 1
            if self._in_vain > MAX_IN_VAIN:
                raise TelnetError(u'more than %d subnegotiations that change nothing' % MAX_IN_VAIN)
        self._events.extendleft(reversed(self.parser.receive(data)))

    def _sub_received(self, number, data):
        # type: (int, bytes) -> None
        option = self.options.get(number)
        if option is None or not (self.negotiator.on(number, True)
                                  or self.negotiator.on(number, False)):
            log.debug('%s: a subnegotiation of option %d, which is off',
                      peer(self.transport), number)
            return
        try:
            option.sub_received(self, data)
        except RemoteProtocolError as exc:
            log.info('%s: %s', peer(self.transport), exc)

    def pause(self):
        # type: () -> None
        """Hand over nothing more, not even what is here, until ``unpause()``."""
        self._held = True
        self.transport.pause_reading()

    def unpause(self):
        # type: () -> None
        """Go on."""
        self._held = False
        self._work()
        self._read_on()

    def _read_on(self):
        # type: () -> None
        if not self._held and not self._resting:
            self.transport.resume_reading()

    # -- what goes ---------------------------------------------------------------------------------

    def write(self, data):
        # type: (bytes) -> None
        """Send text, its lines ended by ``\\n``; where we do BINARY,
        octets as they are unless it has lines."""
        if not self.negotiator.on(wire.BINARY, True):
            data = wire.to_nvt(data)
        elif self.has_lines:
            data = wire.with_line_ends(data)
        self.send(wire.escape(data))

    def send(self, octets):
        # type: (bytes) -> None
        """Send octets of the wire."""
        if self.deflate is not None:
            octets = self.deflate(octets)
        self.transport.write(octets)

    def send_command(self, command):
        # type: (int) -> None
        """Send IAC and the command."""
        self.send(wire.format_command(command))

    def send_sub(self, option, data):
        # type: (int, bytes) -> None
        """Send a subnegotiation."""
        self.send(wire.format_sub(option, data))

    # -- negotiation -------------------------------------------------------------------------------

    def _send_negotiation(self, verb, option):
        # type: (int, int) -> None
        self.send(wire.format_negotiation(verb, option))

    def _accepts(self, number, ours):
        # type: (int, bool) -> bool
        option = self.options.get(number)
        return option is not None and (option.ours if ours else option.theirs)

    def _option_changed(self, number, ours, on):
        # type: (int, bool, bool) -> None
        option = self.options.get(number)
        if option is not None:
            option.changed(self, ours, on)
        self.option_changed(number, ours, on)

    def restart_options(self):
        # type: () -> None
        """All options are off, as at the beginning, and nobody is told:
        the peer does the same (START-TLS)."""
        self.options.pop(wire.START_TLS, None)
        self.negotiator = Negotiator(self._send_negotiation, self._accepts, self._option_changed)
        self._half = False

    # -- hooks -------------------------------------------------------------------------------------

    def text_received(self, data):
        # type: (bytes) -> None
        """Text, cut anywhere, its lines ended by ``\\n``; octets where the peer does BINARY,
        unless it has lines."""
        raise NotImplementedError

    def command_received(self, command):
        # type: (int) -> None
        """A command of RFC 854; the answer to AYT ("are you there") is here."""
        if command == wire.AYT:
            self.write(b'\n[yes]\n')

    def option_changed(self, number, ours, on):
        # type: (int, bool, bool) -> None
        """An option was switched on or off, of ours or of the peer's."""

    def value_received(self, number, value):
        # type: (int, Any) -> None
        """An option has told something; options.py says what each does."""

    def peer_failed(self, exc):
        # type: (RemoteProtocolError) -> None
        """The peer breaks the rules beyond what can be passed over."""
        log.info('%s: %s', peer(self.transport), exc)
        self.transport.abort()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Tuple
