# Copyright the carryall authors.  See LICENSE.
"""TelnetFilter: Telnet commands in the control connection (RFC 1123 section 4.1.2.12).

A client that interrupts a transfer sends IAC IP IAC DM and then ABOR.  The DM, or from some clients
the IAC before it, is TCP urgent data.  No backend delivers urgent data in line (SO_OOBINLINE), so
that octet is lost.  The rest is in the stream, and every form of the rest is understood:

    FF F4 FF F2 "ABOR"      all in line (no urgent data, or a system that puts it in line)
    FF F4 FF "ABOR"         the DM was urgent and is lost
    FF F4 F2 "ABOR"         the second IAC was urgent and is lost
    F2 "ABOR"               IP and IAC are lost

Options are refused: WILL is answered with DONT, DO with WONT.

Tests:    tests/protocols/ftp/test_telnetfilter.py
"""
from __future__ import absolute_import, division, print_function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List

__all__ = ['TelnetFilter', 'without_marks']

IAC = b'\xff'
DONT = b'\xfe'
DO = b'\xfd'
WONT = b'\xfc'
WILL = b'\xfb'
SB = b'\xfa'
SE = b'\xf0'

_MARKS = b'\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9\xfa\xfb\xfc\xfd\xfe\xff'

_TEXT, _AFTER_IAC, _OPTION, _INSIDE, _INSIDE_IAC = range(5)


class TelnetFilter(object):
    """Removes the Telnet commands from what a peer sends.

    Attributes:
        answer: octets to send to the peer; the caller empties it.
    """

    __slots__ = ('answer', '_state', '_verb')

    def __init__(self):
        # type: () -> None
        self.answer = b''
        self._state = _TEXT
        self._verb = b''

    def passes(self, data):
        # type: (bytes) -> bool
        """True if *data* has no Telnet commands: ``feed`` would return it unchanged."""
        return self._state == _TEXT and IAC not in data

    def feed(self, data):
        # type: (bytes) -> bytes
        """*data* without its Telnet commands."""
        if self.passes(data):
            return data
        out = []                            # type: List[bytes]
        at = 0
        end = len(data)
        while at < end:
            if self._state in (_TEXT, _INSIDE):
                mark = data.find(IAC, at)
                if mark < 0:
                    mark = end
                if self._state == _TEXT:
                    out.append(data[at:mark])
                if mark < end:
                    self._state = _AFTER_IAC if self._state == _TEXT else _INSIDE_IAC
                at = mark + 1
                continue
            octet = data[at:at + 1]
            at += 1
            if self._state == _AFTER_IAC:
                out.append(self._after_iac(octet))
            elif self._state == _OPTION:
                self._state = _TEXT
                if self._verb in (DO, WILL):
                    self.answer += IAC + (WONT if self._verb == DO else DONT) + octet
            else:
                self._state = _TEXT if octet == SE else _INSIDE
        return b''.join(out)

    def _after_iac(self, octet):
        # type: (bytes) -> bytes
        """The part of IAC and *octet* that is text."""
        self._state = _TEXT
        if octet in (DO, DONT, WILL, WONT):
            self._state = _OPTION
            self._verb = octet
        elif octet == SB:
            self._state = _INSIDE
        elif octet == IAC or octet < SE:
            # An escaped 255; or text, and the octet between the two was urgent.
            return octet
        return b''


def without_marks(line):
    # type: (bytes) -> bytes
    """A command line without the rest of urgent data in front of it."""
    return line.lstrip(_MARKS) if line[:1] >= SE else line
