# Copyright the carryall authors.  See LICENSE.
"""TelnetProtocol: one Telnet connection of either side (RFC 854, RFC 855).

    class Shout(TelnetProtocol):
        def text_received(self, data):
            self.write(data.upper())

Wire:     see wire.py.
States:   the ``activity`` of TelnetProtocol; each option has a state on each side (qmethod.py).
Not here: the subnegotiations of the options (options.py and its neighbours), which are added by
          ``add_option``.
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

# -- limits ------------------------------------------------------------------
PIECE_BYTES = 1024          # parsed at once
MAX_IN_VAIN = 100           # subnegotiations of one connection that begin compression if it is off

# -- states ------------------------------------------------------------------
IDLE = 'idle'               # no event is passed on
BUSY = 'busy'               # an event of this connection is passed on now
RESTING = 'resting'         # this turn's share is used up, the rest waits for a later one (law L21)

log = get_logger('telnet')


class Option(object):
    """One option, which each side may do or not.  This one is a switch without subnegotiation.

    Args:     number: as in wire.py.
              ours, theirs: true if we may do it, and if the peer may, when the peer asks.
    """

    def __init__(self, number, ours=True, theirs=True):
        # type: (int, bool, bool) -> None
        self.number = number
        self.ours = ours
        self.theirs = theirs

    def added(self, session):
        # type: (TelnetProtocol) -> None
        """The option was added to the session."""

    def changed(self, session, ours, on):
        # type: (TelnetProtocol, bool, bool) -> None
        """The option of one side was switched on or off."""

    def sub_received(self, session, data):
        # type: (TelnetProtocol, bytes) -> None
        """Reads a subnegotiation.

        Raises:   RemoteProtocolError: it is malformed; the session ignores it then.
        """


class TelnetProtocol(Protocol):
    """One connection.

    | activity | data comes | no event is left | the share of the turn ends | the turn comes |
    |---|---|---|---|---|
    | IDLE | BUSY | - | - | - |
    | BUSY | BUSY | IDLE | RESTING | - |
    | RESTING | RESTING | - | - | IDLE, and BUSY if data waits |

    Attributes:
        options: {number: Option}; other options are refused.
        negotiator: knows which are on: ``negotiator.on(wire.ECHO, True)``.
        parser: its ``stops`` are for options that change the meaning of the octets.
        has_lines: true if text has lines under BINARY too (RFC 856).  A terminal's Return is then
            CR, CR NUL or CR LF, and a line for the terminal ends with CR LF.
        activity: IDLE, BUSY or RESTING.
    """

    has_lines = False

    def __init__(self):
        # type: () -> None
        self.options = {}           # type: Dict[int, Option]
        self.negotiator = Negotiator(self._send_negotiation, self._accepts, self._option_changed)
        self.inflate = None         # type: Any  # called with compressed octets from the wire
        self._through = None        # type: Any  # the ``inflate`` of the octets in the events
        self.deflate = None         # type: Any  # called with octets for the wire
        self.parser = wire.Parser()
        # True between START-TLS and the handshake: octets in clear are not trusted.
        self.discarding = False
        # Subnegotiations of options in ``parser.stops`` that are off.
        self._in_vain = 0
        self._half = False          # true if text ended in a CR whose second half may come
        self._incoming = b''        # octets that were not parsed
        self._events = deque()      # type: deque
        self._held = False          # true between pause() and unpause()
        self.activity = IDLE

    # -- set up ------------------------------------------------------------------------------------

    def add_option(self, option):
        # type: (Option) -> Option
        """Supports an option; returns it."""
        self.options[option.number] = option
        option.added(self)
        return option

    def ask_us(self, number, on=True):
        # type: (int, bool) -> None
        """Offers to do an option, or ends it: WILL, WONT."""
        self.negotiator.ask(number, True, on)

    def ask_peer(self, number, on=True):
        # type: (int, bool) -> None
        """Asks the peer to do an option, or to end it: DO, DONT."""
        self.negotiator.ask(number, False, on)

    # -- input -------------------------------------------------------------------------------------

    def data_received(self, data):
        self._incoming = self._incoming + data if self._incoming else data
        self._work()

    @property
    def unfinished(self):
        # type: () -> bool
        """True if data that has come must still be passed on, now or in a later turn."""
        return bool(self.activity == BUSY or self._events or self._incoming)

    def _work(self, steps=0):
        # type: (int) -> None
        if self.activity != IDLE:
            return
        self.activity = BUSY
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
            if self.activity == BUSY:
                self.activity = IDLE

    def _parse(self):
        # type: () -> bool
        """Parses what has come, a piece at a time; False if no event is complete."""
        while self._incoming and not self._events:
            data = self._incoming[:PIECE_BYTES]
            self._incoming = self._incoming[PIECE_BYTES:]
            self._through = self.inflate
            if self.inflate is not None:
                data = self.inflate(data)
            self._events.extend(self.parser.receive(data))
        return bool(self._events)

    def _is_over(self, steps):
        # type: (int) -> bool
        """True if this turn's share is spent; the rest waits for a later turn (law L21)."""
        if self._held or not (self._events or self._incoming):
            return False
        if not turn_is_over(self.transport, steps, self._rested):
            return False
        self.activity = RESTING
        self.transport.pause_reading()
        return True

    def _rested(self):
        # type: () -> None
        """The loop gives it another turn."""
        self.activity = IDLE
        self._work(MAX_STEPS)
        self._read_on()

    def _event(self, event):
        # type: (Tuple) -> None
        kind = event[0]
        if kind == 'data':
            data = event[1]
            if len(data) > PIECE_BYTES:     # the piece was compressed
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
        """Processes the octets behind a subnegotiation of an option in ``parser.stops``, before
        those that came later.
        """
        if self.discarding:
            data += self._incoming
            self._incoming = b''
            if data:
                log.warning('%s: %d octets in clear behind START-TLS are dropped',
                            peer(self.transport), len(data))
            self.discarding = False     # octets from now on come out of TLS
            return
        if data and self.inflate is not None and self.inflate is not self._through:
            self._through = self.inflate
            data = self.inflate(data)
        else:
            # The option is off, so nothing has changed; but each of these costs a copy of all the
            # octets behind it.
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
        """Passes on nothing more, not even data that has come, until ``unpause()``."""
        self._held = True
        self.transport.pause_reading()

    def unpause(self):
        # type: () -> None
        """Continues after ``pause()``."""
        self._held = False
        self._work()
        self._read_on()

    def _read_on(self):
        # type: () -> None
        if not self._held and self.activity != RESTING:
            self.transport.resume_reading()

    # -- output ------------------------------------------------------------------------------------

    def write(self, data):
        # type: (bytes) -> None
        """Sends text, its lines ended by ``\\n``; if we do BINARY and it has no lines, octets as
        they are.
        """
        if not self.negotiator.on(wire.BINARY, True):
            data = wire.to_nvt(data)
        elif self.has_lines:
            data = wire.with_line_ends(data)
        self.send(wire.escape(data))

    def send(self, octets):
        # type: (bytes) -> None
        """Sends octets of the wire."""
        if self.deflate is not None:
            octets = self.deflate(octets)
        self.transport.write(octets)

    def send_command(self, command):
        # type: (int) -> None
        """Sends IAC and the command."""
        self.send(wire.format_command(command))

    def send_sub(self, option, data):
        # type: (int, bytes) -> None
        """Sends a subnegotiation."""
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
        """Switches all options off without telling the peer, which does the same (START-TLS)."""
        self.options.pop(wire.START_TLS, None)
        self.negotiator = Negotiator(self._send_negotiation, self._accepts, self._option_changed)
        self._half = False

    # -- hooks -------------------------------------------------------------------------------------

    def text_received(self, data):
        # type: (bytes) -> None
        """Text, cut anywhere, its lines ended by ``\\n``; octets if the peer does BINARY and the
        text has no lines.
        """
        raise NotImplementedError

    def command_received(self, command):
        # type: (int) -> None
        """A command of RFC 854; the default answers AYT ("are you there")."""
        if command == wire.AYT:
            self.write(b'\n[yes]\n')

    def option_changed(self, number, ours, on):
        # type: (int, bool, bool) -> None
        """An option of ours or of the peer was switched on or off."""

    def value_received(self, number, value):
        # type: (int, Any) -> None
        """An option has received a value; options.py has a table of them."""

    def peer_failed(self, exc):
        # type: (RemoteProtocolError) -> None
        """The peer has broken a rule in a way that cannot be ignored."""
        log.info('%s: %s', peer(self.transport), exc)
        self.transport.abort()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Tuple
