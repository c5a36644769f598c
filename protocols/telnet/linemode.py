# Copyright the carryall authors.  See LICENSE.
"""LINEMODE: the client edits the line by itself, with the characters that both agree on (RFC 1184).

Wire:     IAC SB LINEMODE MODE mask IAC SE
          IAC SB LINEMODE DO|DONT|WILL|WONT FORWARDMASK [mask] IAC SE
          IAC SB LINEMODE SLC (function, modifiers, character)* IAC SE

A client does the option, and a server asks for it.  The session's ``value_received`` gets:

    ('mode', mask)
    ('characters', {function: (level, character)})
    ('forwardmask', characters or None)

Tests:    tests/protocols/telnet/test_linemode.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import byte2int, int2byte, iterbytes
from carryall.protocols.telnet.errors import TelnetError
from carryall.protocols.telnet import wire
from carryall.protocols.telnet.session import Option

__all__ = ['EDIT', 'LineMode', 'TRAPSIG']

# -- codes (RFC 1184 section 2) ------------------------------------------------
MODE = 1
FORWARDMASK = 2
SLC = 3
EDIT = 1
TRAPSIG = 2
MODE_ACK = 4
SOFT_TAB = 8
LIT_ECHO = 16
MASK_BITS = EDIT | TRAPSIG | SOFT_TAB | LIT_ECHO

# Functions, and levels with their flags (sections 2.4, 2.5).
(SYNCH, BRK, IP, AO, AYT, EOR, ABORT, EOF, SUSP, EC, EL, EW, RP, LNEXT, XON, XOFF, FORW1, FORW2,
 MCL, MCR, MCWL, MCWR, MCBOL, MCEOL, INSRT, OVER, ECR, EWR, EBOL, EEOL) = range(1, 31)
NOSUPPORT = 0
CANTCHANGE = 1
CHANGE = 2
DEFAULT = 3
LEVELS = 3
ACK = 128
FLUSHIN = 64
FLUSHOUT = 32
MAX_FUNCTION = EEOL
MAX_FORWARDMASK = 32        # octets: 256 characters

# The characters of a Unix terminal.
DEFAULTS = {IP: 3, AO: 15, AYT: 20, EOF: 4, SUSP: 26, EC: 127, EL: 21, EW: 23, RP: 18, LNEXT: 22,
            XON: 17, XOFF: 19}


class LineMode(Option):
    """The option, for either side.

    Args:     ours, theirs: a client's is (True, False), a server's (False, True).
              mask: the mode that the server wants: EDIT, TRAPSIG ...
              characters: {function: character}.
    """

    def __init__(self, ours=False, theirs=True, mask=EDIT | TRAPSIG, characters=None):
        # type: (bool, bool, int, Optional[Dict[int, int]]) -> None
        Option.__init__(self, wire.LINEMODE, ours, theirs)
        self.mask = mask if theirs else 0
        self._defaults = dict(DEFAULTS if characters is None else characters)
        # In force: {function: (level, character)}.
        self.characters = dict((function, (CHANGE, char))
                               for function, char in self._defaults.items())

    def changed(self, session, ours, on):
        if on and not ours:
            session.send_sub(self.number, int2byte(MODE) + int2byte(self.mask))
        elif on:
            self._export(session, self.characters)

    def set_mode(self, session, mask):
        # type: (Any, int) -> None
        """Asks for another mode, on the server's side."""
        self.mask = mask & MASK_BITS
        if session.negotiator.on(self.number, False):
            session.send_sub(self.number, int2byte(MODE) + int2byte(self.mask))

    def forward_on(self, session, characters):
        # type: (Any, bytes) -> None
        """Asks for the input at each of these characters, on the server's side."""
        octets = [0] * MAX_FORWARDMASK
        for octet in iterbytes(characters):
            octets[byte2int(octet) // 8] |= 128 >> byte2int(octet) % 8
        while octets and not octets[-1]:
            del octets[-1]
        session.send_sub(self.number, int2byte(wire.DO) + int2byte(FORWARDMASK)
                         + bytes(bytearray(octets)))

    # -- input -------------------------------------------------------------------------------------

    def sub_received(self, session, data):
        kind = data[:1]
        if kind == int2byte(MODE) and len(data) == 2:
            self._mode(session, byte2int(data[1:]))
        elif kind == int2byte(SLC) and len(data) % 3 == 1:
            self._slc(session, data[1:])
        elif data[1:2] == int2byte(FORWARDMASK) and byte2int(kind) in wire.VERBS:
            self._forwardmask(session, byte2int(kind), data[2:])
        else:
            raise TelnetError(u'LINEMODE: an unknown message')

    def _mode(self, session, mask):
        # type: (Any, int) -> None
        if session.negotiator.on(self.number, False):       # we are the server
            if mask & MASK_BITS & ~self.mask:
                # The client may only take bits away (section 2.2); an acknowledgement may be of an
                # older mode of ours.
                raise TelnetError(u'LINEMODE: the client wants more than the server')
            self.mask = mask & MASK_BITS
            session.value_received(self.number, ('mode', self.mask))
        elif not mask & MODE_ACK and mask & MASK_BITS != self.mask:
            self.mask = mask & MASK_BITS
            session.send_sub(self.number, int2byte(MODE) + int2byte(self.mask | MODE_ACK))
            session.value_received(self.number, ('mode', self.mask))

    def _forwardmask(self, session, verb, mask):
        # type: (Any, int, bytes) -> None
        if len(mask) > MAX_FORWARDMASK:
            raise TelnetError(u'LINEMODE: a forward mask of %d octets' % len(mask))
        if verb in (wire.DO, wire.DONT) and not session.negotiator.on(self.number, True):
            raise TelnetError(u'LINEMODE: a client asks for a forward mask')
        if verb == wire.DO:
            bits = [8 * at + bit for at, octet in enumerate(iterbytes(mask)) for bit in range(8)
                    if byte2int(octet) & 128 >> bit]
            session.send_sub(self.number, int2byte(wire.WILL) + int2byte(FORWARDMASK))
            session.value_received(self.number, ('forwardmask', bytes(bytearray(bits))))
        elif verb == wire.DONT:
            session.send_sub(self.number, int2byte(wire.WONT) + int2byte(FORWARDMASK))
            session.value_received(self.number, ('forwardmask', None))

    def _slc(self, session, triplets):
        # type: (Any, bytes) -> None
        """Agree by acknowledgement, or answer with our values; an answer gets no answer (RFC 1184
        section 2.5).
        """
        octets = [byte2int(octet) for octet in iterbytes(triplets)]
        answer = {}                 # type: Dict[int, Tuple[int, int]]
        for at in range(0, len(octets), 3):
            function, flags, char = octets[at:at + 3]
            level = flags & LEVELS
            if function == 0:
                if level == DEFAULT:
                    answer.update(self.characters)
                continue
            if function > MAX_FUNCTION:
                # Two sides that do not know it would answer each other for ever.
                if level != NOSUPPORT and not flags & ACK:
                    answer[function] = NOSUPPORT, 0
                continue
            ours = self.characters.get(function, (NOSUPPORT, 0))
            if (level, char) == ours or flags & ACK:
                if flags & ACK:
                    self.characters[function] = level, char
                continue
            if level == DEFAULT:
                answer[function] = (CHANGE, self._defaults[function]) \
                    if function in self._defaults else (NOSUPPORT, 0)
            else:
                answer[function] = level | ACK, char
                self.characters[function] = level, char
        if answer:
            self._export(session, answer)
        session.value_received(self.number, ('characters', dict(self.characters)))

    def _export(self, session, characters):
        # type: (Any, Dict[int, Tuple[int, int]]) -> None
        session.send_sub(self.number, int2byte(SLC) + b''.join(
            int2byte(function) + int2byte(flags) + int2byte(char)
            for function, (flags, char) in sorted(characters.items())))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Tuple
