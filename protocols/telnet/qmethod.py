# Copyright the carryall authors.  See LICENSE.
"""Negotiation of the options by the Q method, which cannot loop (RFC 1143 section 7).

Each option of each side has a state, NO, YES, WANTNO or WANTYES.  While an answer is awaited, a
second value tells if the opposite was asked for meanwhile.  An answer is sent only when a state
changes, so two ends never confirm each other for ever.

Tests:    tests/protocols/telnet/test_qmethod.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.telnet.errors import TelnetError
from carryall.protocols.telnet.wire import DO, DONT, WILL, WONT

__all__ = ['Negotiator']

# -- limits ------------------------------------------------------------------
MAX_RECEIVED = 4096         # requests of the peer in one connection

# -- states ------------------------------------------------------------------
NO = 'NO'
YES = 'YES'
WANTNO = 'WANTNO'
WANTYES = 'WANTYES'


class _Side(object):
    """One option of one side."""

    __slots__ = ('state', 'opposite')

    def __init__(self):
        # type: () -> None
        self.state = NO
        self.opposite = False       # true if the opposite is wanted once the answer has come


class Negotiator(object):
    """All options of a connection.

    Args:     send: called with (verb, option) for each answer and request.
              accepts: called with (option, ours); true if the peer may ask for that option.
              changed: called with (option, ours, on) once an option was switched.
    """

    def __init__(self, send, accepts, changed):
        # type: (Callable[[int, int], Any], Callable[[int, bool], bool], Callable) -> None
        self._send = send
        self._accepts = accepts
        self._changed = changed
        self._sides = {}            # type: Dict[Tuple[int, bool], _Side]
        self._received = 0

    def on(self, option, ours):
        # type: (int, bool) -> bool
        """True if the option is on and the peer has agreed."""
        side = self._sides.get((option, ours))
        return side is not None and side.state == YES

    def pending(self, option, ours):
        # type: (int, bool) -> bool
        """True if an answer is awaited."""
        side = self._sides.get((option, ours))
        return side is not None and side.state in (WANTNO, WANTYES)

    def all_on(self, ours):
        # type: (bool) -> List[int]
        """The options that one side does, in order."""
        return sorted(option for (option, of_ours), side in self._sides.items() if of_ours == ours
                      and side.state == YES)

    def _side(self, option, ours):
        # type: (int, bool) -> _Side
        return self._sides.setdefault((option, ours), _Side())

    def ask(self, option, ours, on):
        # type: (int, bool, bool) -> None
        """Asks for an option of ours, or of the peer's, to be on or off."""
        side = self._side(option, ours)
        if on:
            if side.state == NO:
                side.state = WANTYES
                self._send(WILL if ours else DO, option)
            elif side.state == WANTNO:
                side.opposite = True
            elif side.state == WANTYES:
                side.opposite = False
        elif side.state == YES:
            side.state = WANTNO
            self._send(WONT if ours else DONT, option)
            # It is off at once, before the answer: we do it no longer, or do not want it.
            self._changed(option, ours, False)
        elif side.state == WANTYES:
            side.opposite = True
        elif side.state == WANTNO:
            side.opposite = False

    def forget(self, option, ours):
        # type: (int, bool) -> None
        """Switches an option off without telling the peer, for one that is an event and not a state
        (RFC 860).
        """
        self._sides.pop((option, ours), None)

    def received(self, verb, option):
        # type: (int, int) -> None
        """Processes a WILL, WONT, DO or DONT of the peer.

        Raises:   TelnetError: it has sent too many.
        """
        self._received += 1
        if self._received > MAX_RECEIVED:
            raise TelnetError(u'more than %d negotiations' % MAX_RECEIVED)
        ours = verb in (DO, DONT)
        side = self._side(option, ours)
        if verb in (WILL, DO):
            self._agreed(side, option, ours)
        else:
            self._refused(side, option, ours)

    def _agreed(self, side, option, ours):
        # type: (_Side, int, bool) -> None
        no, yes = (WONT, WILL) if ours else (DONT, DO)
        if side.state == NO:
            if self._accepts(option, ours):
                side.state = YES
                self._send(yes, option)
                self._changed(option, ours, True)
            else:
                self._send(no, option)
        elif side.state == WANTNO:
            # An answer to our refusal that agrees: the peer errs (RFC 1143 section 7).
            side.state, side.opposite = (YES, False) if side.opposite else (NO, False)
            if side.state == YES:
                self._changed(option, ours, True)
        elif side.state == WANTYES:
            if side.opposite:
                side.state = WANTNO
                side.opposite = False
                self._send(no, option)
            else:
                side.state = YES
                self._changed(option, ours, True)

    def _refused(self, side, option, ours):
        # type: (_Side, int, bool) -> None
        no, yes = (WONT, WILL) if ours else (DONT, DO)
        if side.state == YES:
            side.state = NO
            self._send(no, option)
            self._changed(option, ours, False)
        elif side.state == WANTNO:
            if side.opposite:
                side.state = WANTYES
                side.opposite = False
                self._send(yes, option)
            else:
                side.state = NO
        elif side.state == WANTYES:
            side.state = NO
            side.opposite = False
            self._changed(option, ours, False)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Tuple
