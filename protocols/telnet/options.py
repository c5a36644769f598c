# Copyright the carryall authors.  See LICENSE.
"""Options of a terminal: window, terminal type, environment, charset, speed, display, flow, status.

An option passes its values to the session's ``value_received(number, value)``:

    NAWS          (columns, rows)                                       RFC 1073
    TTYPE         list of names (bytes), complete when one repeats      RFC 1091
    TSPEED        (transmit, receive) in bits a second                  RFC 1079
    XDISPLOC      the X display (bytes)                                 RFC 1096
    NEW-ENVIRON   {name: value} (bytes)                                 RFC 1572
    CHARSET       the charset agreed on (bytes), or None                RFC 2066
    LFLOW         'on', 'off', 'restart any' or 'restart xon'           RFC 1372
    STATUS        (options the peer does, those that it believes we do) RFC 859

The side that does an option tells the value: a client does TTYPE, and a server asks it to.  Either
side may ask for a CHARSET, and the other side picks one.  One answer to each question is taken, and
of charsets only one that was offered.
Tests:    tests/protocols/telnet/test_options.py
"""
from __future__ import absolute_import, division, print_function

import struct

from carryall.core.compat import byte2int, int2byte, iterbytes
from carryall.core.codec.numbers import decimal
from carryall.protocols.telnet.errors import TelnetError
from carryall.protocols.telnet import wire
from carryall.protocols.telnet.session import Option

__all__ = ['Charset', 'Environment', 'FlowControl', 'Speed', 'Status', 'TerminalType', 'TimingMark',
           'Window', 'XDisplay']

# -- limits ------------------------------------------------------------------
MAX_TYPES = 16              # terminal types of one client
MAX_NAME = 256              # octets of a terminal's name; RFC 1091 says 40
MAX_VARIABLES = 256         # of one environment
MAX_CHARSETS = 64           # that one request may name

# RFC 1091, 1572
IS = 0
SEND = 1
INFO = 2
# RFC 1572
VAR = 0
VALUE = 1
ESC = 2
USERVAR = 3
# RFC 2066
REQUEST = 1
ACCEPTED = 2
REJECTED = 3
TTABLE_IS = 4
TTABLE_REJECTED = 5
FLOW = {0: 'off', 1: 'on', 2: 'restart any', 3: 'restart xon'}              # RFC 1372


class Window(Option):
    """NAWS: the client tells the size of its window.

    Args:     columns, rows: of our window, on the client's side.
    """

    def __init__(self, ours=False, theirs=True, columns=80, rows=24):
        # type: (bool, bool, int, int) -> None
        Option.__init__(self, wire.NAWS, ours, theirs)
        self.columns = columns
        self.rows = rows

    def changed(self, session, ours, on):
        if ours and on:
            self.tell(session, self.columns, self.rows)

    def tell(self, session, columns, rows):
        # type: (Any, int, int) -> None
        """Tells the server another size."""
        self.columns = min(columns, 65535)
        self.rows = min(rows, 65535)
        if session.negotiator.on(wire.NAWS, True):
            session.send_sub(wire.NAWS, struct.pack('!HH', self.columns, self.rows))

    def sub_received(self, session, data):
        if len(data) != 4 or not session.negotiator.on(wire.NAWS, False):
            raise TelnetError(u'a window size of %d octets' % len(data))
        session.value_received(wire.NAWS, struct.unpack('!HH', data))


class _Asked(Option):
    """An option for which one side asks, and the other, which does it, answers."""

    answer = b''                # of ours
    _awaited = False            # true if the peer was asked and has not answered

    def ask(self, session):
        # type: (Any) -> None
        """Asks the peer, of which one answer is taken."""
        self._awaited = True
        session.send_sub(self.number, int2byte(SEND))

    def changed(self, session, ours, on):
        if on and not ours:
            self.ask(session)

    def sub_received(self, session, data):
        if data == int2byte(SEND) and session.negotiator.on(self.number, True):
            session.send_sub(self.number, int2byte(IS) + self.tell())
        elif data[:1] == int2byte(IS) and session.negotiator.on(self.number, False) \
                and self._awaited:
            self._awaited = False
            self.told(session, data[1:])
        else:
            raise TelnetError(u'%s: neither a question nor an answer'
                              % wire.OPTION_NAMES[self.number])

    def tell(self):
        # type: () -> bytes
        """Our answer."""
        return self.answer

    def told(self, session, data):
        # type: (Any, bytes) -> None
        """The peer's answer."""
        session.value_received(self.number, data)


class TerminalType(_Asked):
    """TTYPE: the names of the terminal, best first (RFC 1091, and MTTS of the MUDs).  The server
    asks until one comes twice.

    Args:     names: of our terminal, on the client's side.
    """

    def __init__(self, ours=False, theirs=True, names=(b'DUMB',)):
        # type: (bool, bool, Sequence[bytes]) -> None
        Option.__init__(self, wire.TTYPE, ours, theirs)
        self._names = list(names)
        self._told = 0
        self._heard = []            # type: List[bytes]

    def tell(self):
        name = self._names[min(self._told, len(self._names) - 1)]
        # The last name is sent twice to end the list, which then begins again.
        self._told = 0 if self._told >= len(self._names) else self._told + 1
        return name

    def told(self, session, data):
        name = data[:MAX_NAME].upper()
        if name in self._heard or len(self._heard) >= MAX_TYPES:
            session.value_received(wire.TTYPE, list(self._heard))
            return
        self._heard.append(name)
        if len(self._heard) == 1:       # a client that is slow to name the others delays nothing
            session.value_received(wire.TTYPE, list(self._heard))
        self.ask(session)


class Speed(_Asked):
    """TSPEED."""

    def __init__(self, ours=False, theirs=True, speed=(38400, 38400)):
        # type: (bool, bool, Tuple[int, int]) -> None
        Option.__init__(self, wire.TSPEED, ours, theirs)
        self.answer = b'%d,%d' % speed

    def told(self, session, data):
        speeds = [decimal(part, 0xffffffff) for part in data.split(b',')]
        if len(speeds) != 2 or None in speeds:
            raise TelnetError(u'a malformed speed')
        session.value_received(wire.TSPEED, (speeds[0], speeds[1]))


class XDisplay(_Asked):
    """XDISPLOC."""

    def __init__(self, ours=False, theirs=True, display=b''):
        # type: (bool, bool, bytes) -> None
        Option.__init__(self, wire.XDISPLOC, ours, theirs)
        self.answer = display


class Environment(Option):
    """NEW-ENVIRON: variables of the client.

    Args:     variables: {name: value} that we tell on the client's side if we are asked.  No other
                         variable is sent.
              wanted: names that we ask for on the server's side; () for all.
    """

    # RFC 1572 section 4
    WELL_KNOWN = (b'USER', b'JOB', b'ACCT', b'PRINTER', b'SYSTEMTYPE', b'DISPLAY')

    def __init__(self, ours=False, theirs=True, variables=None, wanted=()):
        # type: (bool, bool, Optional[Dict[bytes, bytes]], Sequence[bytes]) -> None
        Option.__init__(self, wire.NEW_ENVIRON, ours, theirs)
        self._variables = dict(variables or {})
        self._wanted = wanted

    def changed(self, session, ours, on):
        if on and not ours:
            session.send_sub(self.number, int2byte(SEND) + b''.join(
                int2byte(VAR if name in self.WELL_KNOWN else USERVAR) + _quoted(name)
                for name in self._wanted))

    def sub_received(self, session, data):
        kind = data[:1]
        if kind == int2byte(SEND) and session.negotiator.on(self.number, True):
            asked = [name for _, name, _ in _parse_environment(data[1:])]
            session.send_sub(self.number, int2byte(IS) + self._told(asked))
        elif kind in (int2byte(IS), int2byte(INFO)) and session.negotiator.on(self.number, False):
            found = dict((name, value) for _, name, value in _parse_environment(data[1:])
                         if value is not None)
            session.value_received(self.number, found)
        else:
            raise TelnetError(u'NEW-ENVIRON: neither a question nor an answer')

    def _told(self, asked):
        # type: (List[bytes]) -> bytes
        names = [name for name in asked if name in self._variables] if any(asked) else sorted(
            self._variables)
        return b''.join(int2byte(VAR if name in self.WELL_KNOWN else USERVAR) + _quoted(name)
                        + int2byte(VALUE)
                        + _quoted(self._variables[name]) for name in names)


def _quoted(data):
    # type: (bytes) -> bytes
    """*data* with ESC before octets that would be read as a mark (RFC 1572 section 2)."""
    return b''.join(b'\2' + octet if octet in (b'\0', b'\1', b'\2', b'\3') else octet
                    for octet in iterbytes(data))


def _parse_environment(data):
    # type: (bytes) -> List[Tuple[int, bytes, Optional[bytes]]]
    """(kind, name, value or None) of each variable."""
    found = []                      # type: List[List[Any]]
    escaped = False
    for octet in iterbytes(data):
        number = byte2int(octet)
        if not escaped and number in (VAR, USERVAR):
            if len(found) >= MAX_VARIABLES:
                raise TelnetError(u'more than %d variables' % MAX_VARIABLES)
            found.append([number, [], None])
        elif not found:
            raise TelnetError(u'a variable without a mark')
        elif not escaped and number == VALUE:
            found[-1][2] = []
        elif not escaped and number == ESC:
            escaped = True
            continue
        else:
            found[-1][1 if found[-1][2] is None else 2].append(octet)
        escaped = False
    return [(kind, b''.join(name), None if value is None else b''.join(value))
            for kind, name, value in found]


class Charset(Option):
    """CHARSET: one side names charsets, the other picks one (RFC 2066).

    Args:     names: charsets that we support, best first, also those of our request.
              asking: true if we ask as soon as we may.  A server asks; if both sides do, the
                      server's request holds (RFC 2066 section 8).
    """

    def __init__(self, names=(b'UTF-8', b'US-ASCII'), asking=True, ours=True, theirs=True):
        # type: (Sequence[bytes], bool, bool, bool) -> None
        Option.__init__(self, wire.CHARSET, ours, theirs)
        self._names = list(names)
        self._asking = asking
        self._asked = False         # true once we have asked, which we do once
        self._awaited = False       # true if the answer has not come

    def changed(self, session, ours, on):
        # The side that does the option (WILL) sends the request, so we ask only if we do it.
        if ours and on and self._asking and not self._asked:
            self._asked = True
            self._awaited = True
            session.send_sub(self.number,
                             int2byte(REQUEST) + b''.join(b';' + name for name in self._names))

    def sub_received(self, session, data):
        kind = data[:1]
        rest = data[1:]
        if kind == int2byte(REQUEST):
            self._pick(session, rest)
        elif kind == int2byte(ACCEPTED) and self._awaited:
            known = self._known(rest)
            if known is None:
                raise TelnetError(u'CHARSET: the peer accepts a charset that was not offered')
            self._awaited = False
            session.value_received(self.number, known)
        elif kind == int2byte(REJECTED) and self._awaited:
            self._awaited = False
            session.value_received(self.number, None)
        elif kind == int2byte(TTABLE_IS):
            session.send_sub(self.number, int2byte(TTABLE_REJECTED))
        else:
            raise TelnetError(u'CHARSET: an answer without a question')

    def _known(self, name):
        # type: (bytes) -> Optional[bytes]
        """Our charset of that name; None if we have none."""
        for known in self._names:
            if known.upper() == name.upper():
                return known
        return None

    def _pick(self, session, rest):
        # type: (Any, bytes) -> None
        if self._awaited:
            # Both sides have asked: the server rejects, and its own request holds.
            session.send_sub(self.number, int2byte(REJECTED))
            return
        if rest.startswith(b'[TTABLE]'):
            rest = rest[9:]             # with the octet of the version; tables are not supported
        offered = rest[1:].split(rest[:1], MAX_CHARSETS) if len(rest) > 1 else []
        for name in offered:
            if self._known(name) is not None:
                session.send_sub(self.number, int2byte(ACCEPTED) + name)
                session.value_received(self.number, name)
                return
        session.send_sub(self.number, int2byte(REJECTED))


class FlowControl(Option):
    """LFLOW: the server tells the client what to do with Ctrl-S and Ctrl-Q."""

    def __init__(self, ours=True, theirs=False):
        # type: (bool, bool) -> None
        Option.__init__(self, wire.LFLOW, ours, theirs)

    def tell(self, session, number):
        # type: (Any, int) -> None
        """Sends one of FLOW to the client."""
        session.send_sub(self.number, int2byte(number))

    def sub_received(self, session, data):
        if len(data) != 1 or byte2int(data) not in FLOW or not session.negotiator.on(
                self.number, True):
            raise TelnetError(u'LFLOW: an unknown value')
        session.value_received(self.number, FLOW[byte2int(data)])


class Status(Option):
    """STATUS: the options that are on, as the side that does it believes."""

    def __init__(self, ours=True, theirs=True):
        # type: (bool, bool) -> None
        Option.__init__(self, wire.STATUS, ours, theirs)
        self._awaited = False

    def ask(self, session):
        # type: (Any) -> None
        """Asks the peer."""
        self._awaited = True
        session.send_sub(self.number, int2byte(SEND))

    def sub_received(self, session, data):
        if data == int2byte(SEND) and session.negotiator.on(self.number, True):
            told = b''.join(int2byte(wire.WILL) + int2byte(number)
                            for number in session.negotiator.all_on(True))
            told += b''.join(int2byte(wire.DO) + int2byte(number)
                             for number in session.negotiator.all_on(False))
            session.send_sub(self.number, int2byte(IS) + told)
        elif data[:1] == int2byte(IS) and session.negotiator.on(self.number, False) \
                and self._awaited:
            self._awaited = False
            session.value_received(self.number, _parse_status(data[1:]))
        else:
            raise TelnetError(u'STATUS: neither a question nor an answer')


def _parse_status(data):
    # type: (bytes) -> Tuple[List[int], List[int]]
    """(options that the peer does, options that it believes we do); their subnegotiations are
    ignored.
    """
    does = []                       # type: List[int]
    believes = []                   # type: List[int]
    octets = [byte2int(octet) for octet in iterbytes(data)]
    at = 0
    while at + 1 < len(octets):
        if octets[at] == wire.WILL:
            does.append(octets[at + 1])
        elif octets[at] == wire.DO:
            believes.append(octets[at + 1])
        elif octets[at] == wire.SB:
            while at < len(octets) and octets[at] != wire.SE:
                at += 1
            at += 1
            continue
        at += 2
    return does, believes


class TimingMark(Option):
    """TIMING-MARK: the answer to DO comes once everything before it is processed (RFC 860).  It is
    on for that moment only.
    """

    def __init__(self):
        # type: () -> None
        Option.__init__(self, wire.TIMING_MARK, True, True)

    def changed(self, session, ours, on):
        if on:
            # Off again without a message, so that the next mark is a change again.
            session.negotiator.forget(self.number, ours)
            session.value_received(self.number, 'ours' if ours else 'theirs')


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence, Tuple
