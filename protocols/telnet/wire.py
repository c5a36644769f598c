# Copyright the carryall authors.  See LICENSE.
"""The octets of Telnet (RFC 854, RFC 855).

Wire:     data, in which 255 (IAC) is doubled; IAC command; IAC WILL|WONT|DO|DONT option;
          IAC SB option ... IAC SE
Events:   ('data', octets), ('command', number), ('negotiate', verb, option), ('sub', option,
          octets), ('raw', octets)
Tests:    tests/protocols/telnet/test_wire.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import byte2int, int2byte
from carryall.protocols.telnet.errors import TelnetError

__all__ = ['Parser', 'escape', 'format_command', 'format_negotiation', 'format_sub', 'from_nvt',
           'to_nvt', 'with_line_ends']

# -- limits ------------------------------------------------------------------
MAX_SUB = 8192              # octets of one subnegotiation: an environment may be long

# -- commands (RFC 854, RFC 885) -----------------------------------------------
EOR, SE, NOP, DM, BRK, IP, AO, AYT, EC, EL, GA, SB, WILL, WONT, DO, DONT, IAC = range(239, 256)
COMMANDS = (EOR, NOP, DM, BRK, IP, AO, AYT, EC, EL, GA)
VERBS = {WILL: 'WILL', WONT: 'WONT', DO: 'DO', DONT: 'DONT'}

# -- options, and where they are defined -------------------------------------------
# RFC 856, 857, 858, 859, 860
BINARY = 0
ECHO = 1
SGA = 3
STATUS = 5
TIMING_MARK = 6
# RFC 1091, 885, 1073, 1079, 1372, 1184
TTYPE = 24
END_OF_RECORD = 25
NAWS = 31
TSPEED = 32
LFLOW = 33
LINEMODE = 34
# RFC 1096, 1572, 2066, 2217, a draft
XDISPLOC = 35
NEW_ENVIRON = 39
CHARSET = 42
COM_PORT = 44
START_TLS = 46
# of the MUDs
MSSP = 70
MCCP2 = 86
MCCP3 = 87
GMCP = 201

OPTION_NAMES = {
    BINARY: 'BINARY', ECHO: 'ECHO', SGA: 'SGA', STATUS: 'STATUS', TIMING_MARK: 'TIMING-MARK',
    TTYPE: 'TTYPE', END_OF_RECORD: 'EOR', NAWS: 'NAWS', TSPEED: 'TSPEED', LFLOW: 'LFLOW',
    LINEMODE: 'LINEMODE', XDISPLOC: 'XDISPLOC', NEW_ENVIRON: 'NEW-ENVIRON', CHARSET: 'CHARSET',
    COM_PORT: 'COM-PORT', START_TLS: 'START-TLS', MSSP: 'MSSP', MCCP2: 'MCCP2', MCCP3: 'MCCP3',
    GMCP: 'GMCP'}

_IAC = b'\xff'
_SE = b'\xf0'


# -- grammar -----------------------------------------------------------------

def escape(data):
    # type: (bytes) -> bytes
    """*data* with each IAC doubled."""
    return data.replace(_IAC, _IAC + _IAC)


def format_command(command):
    # type: (int) -> bytes
    """IAC and the command."""
    return _IAC + int2byte(command)


def format_negotiation(verb, option):
    # type: (int, int) -> bytes
    """IAC, WILL or the like, and the option."""
    return _IAC + int2byte(verb) + int2byte(option)


def format_sub(option, data):
    # type: (int, bytes) -> bytes
    """A subnegotiation; *data* is escaped here."""
    return b'\xff\xfa' + int2byte(option) + escape(data) + b'\xff\xf0'


def to_nvt(data):
    # type: (bytes) -> bytes
    """Text with ``\\n`` at the ends of its lines in the form of the virtual terminal: CR LF, and CR
    NUL for a bare CR.
    """
    return data.replace(b'\r\n', b'\n').replace(b'\r', b'\r\0').replace(b'\n', b'\r\n')


def with_line_ends(data):
    # type: (bytes) -> bytes
    """Text with ``\\n`` at the ends of its lines for a terminal under BINARY: CR LF, and all else
    unchanged (RFC 856).
    """
    return data.replace(b'\r\n', b'\n').replace(b'\n', b'\r\n')


def from_nvt(data, half=False):
    # type: (bytes, bool) -> Tuple[bytes, bool]
    """The reverse of ``to_nvt``: (text, true if a CR at its end waits for its second half).

    CR LF and CR NUL both become ``\\n``: the former ends a line, and many clients send the latter
    for the Return key.  So does a CR before anything else (peer: some send nothing behind it).

    Args:     half: true if the octets before these ended in a CR that became ``\\n`` already.
    """
    if half and data[:1] in (b'\n', b'\0'):
        data = data[1:]
    ends = data.endswith(b'\r')
    return data.replace(b'\r\n', b'\n').replace(b'\r\0', b'\n').replace(b'\r', b'\n'), ends


class Parser(object):
    """Octets cut anywhere in, events out; time is linear in the octets.

    Attributes:
        stops: options whose subnegotiation changes the meaning of the octets behind it, such as
               compression and TLS.  These octets come unparsed in an event ('raw', octets); then
               parsing continues.
    """

    __slots__ = ('stops', '_state', '_verb', '_option', '_parts', '_size')

    def __init__(self):
        # type: () -> None
        self.stops = set()          # type: Set[int]
        self._state = 'data'        # 'data', 'iac', 'verb', 'option', 'sub', 'sub iac'
        self._verb = 0
        self._option = 0
        self._parts = []            # type: List[bytes]  # of the subnegotiation
        self._size = 0

    def receive(self, data):
        # type: (bytes) -> List[Tuple]
        """The events that *data* completes.

        Raises:   TelnetError: a subnegotiation is too long.
        """
        events = []                 # type: List[Any]
        at = 0
        end = len(data)
        while at < end:
            if self._state == 'data':
                at = self._data(data, at, events)
            elif self._state == 'sub':
                at = self._sub(data, at)
            else:
                self._octet(data[at:at + 1], events)
                at += 1
                if self.stops and events and events[-1][0] == 'sub' and events[-1][1] in self.stops:
                    events.append(('raw', data[at:]))
                    break
        return [('data', b''.join(event[1])) if event[0] == 'data' else event for event in events]

    def _data(self, data, at, events):
        # type: (bytes, int, List[Any]) -> int
        end = data.find(_IAC, at)
        if end < 0:
            end = len(data)
        else:
            self._state = 'iac'
        if end > at:
            _add_data(events, data[at:end])
        return end + 1

    def _sub(self, data, at):
        # type: (bytes, int) -> int
        end = data.find(_IAC, at)
        if end < 0:
            end = len(data)
        else:
            self._state = 'sub iac'
        self._keep(data[at:end])
        return end + 1

    def _keep(self, piece):
        # type: (bytes) -> None
        self._size += len(piece)
        if self._size > MAX_SUB:
            raise TelnetError(u'a subnegotiation of more than %d octets' % MAX_SUB)
        self._parts.append(piece)

    def _octet(self, octet, events):
        # type: (bytes, List[Any]) -> None
        """One octet in any of the states between."""
        number = byte2int(octet)
        if self._state == 'verb':
            self._state = 'data'
            events.append(('negotiate', self._verb, number))
        elif self._state == 'option':
            self._state = 'sub'
            self._option = number
            self._parts = []
            self._size = 0
        elif self._state == 'sub iac':
            self._sub_command(octet, number, events)
        else:
            self._command(octet, number, events)

    def _command(self, octet, number, events):
        # type: (bytes, int, List[Any]) -> None
        self._state = 'data'
        if octet == _IAC:
            _add_data(events, octet)
        elif number in VERBS:
            self._state = 'verb'
            self._verb = number
        elif number == SB:
            self._state = 'option'
        elif number in COMMANDS:
            events.append(('command', number))
        # SE without SB, and numbers that no RFC defines, are ignored.

    def _sub_command(self, octet, number, events):
        # type: (bytes, int, List[Any]) -> None
        if octet == _IAC:
            self._state = 'sub'
            self._keep(octet)
            return
        events.append(('sub', self._option, b''.join(self._parts)))
        self._parts = []
        self._state = 'data'
        if octet != _SE:
            # peer: some forget SE; the octet behind IAC is then a command of its own.
            self._command(octet, number, events)


def _add_data(events, data):
    # type: (List[Any], bytes) -> None
    """Adds to the last event if it is one of data; its pieces are joined later."""
    if events and events[-1][0] == 'data':
        events[-1][1].append(data)
    else:
        events.append(('data', [data]))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Set, Tuple
