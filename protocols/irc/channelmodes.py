# Copyright the carryall authors.  See LICENSE.
"""Strings of modes, `+ov-l ann ben`, and what they change (RFC 2812 section 3.2.3; ISUPPORT
CHANMODES and PREFIX).

    table = ModeTable([b'beI', b'k', b'l', b'imnpst'], b'ov')
    table.parse(b'+ol-b', [b'ann', b'30', b'*!*@bad.example'])
    format_modes(changes)               # [(b'+ol-b', [b'ann', b'30', b'*!*@bad.example'])]

Tests:    tests/protocols/irc/test_channelmodes.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.records import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable, List, Optional, Sequence, Tuple

__all__ = ['FLAG', 'LIST', 'MEMBER', 'ModeChange', 'ModeTable', 'SETTING', 'SETTING_WHEN_ADDED',
           'UNKNOWN', 'format_modes']

# -- what a letter stands for: types A to D of CHANMODES, and PREFIX -------------
LIST = 'list'                               # A: adds to a list; without its argument it asks
SETTING = 'setting'                         # B: an argument both ways
SETTING_WHEN_ADDED = 'setting when added'   # C: an argument only with plus
FLAG = 'flag'                               # D: no argument
MEMBER = 'member'                           # PREFIX: the argument is a nick
UNKNOWN = 'unknown'

_TAKES = {LIST: (True, True), SETTING: (True, True), SETTING_WHEN_ADDED: (True, False),
          FLAG: (False, False), MEMBER: (True, True), UNKNOWN: (False, False)}


class ModeChange(namedtuple('ModeChange', 'adding letter argument kind')):
    """One letter of a string of modes.

    Attributes:
        adding: True behind a plus, False behind a minus.
        letter: one octet, b'o'.
        argument: bytes; None if it takes none, or none was left for it.
        kind: LIST, SETTING, SETTING_WHEN_ADDED, FLAG, MEMBER or UNKNOWN.
    """

    __slots__ = ()

    @property
    def asks(self):
        # type: () -> bool
        """True if the letter asks for a list instead of changing it."""
        return bool(self.kind == LIST and self.argument is None)


class ModeTable(object):
    """The letters that a server knows.

    Args:     kinds: letters of the types A, B, C and D, as CHANMODES has them.
              members: letters of a member's standing, the highest first.
    """

    __slots__ = ('_kinds',)

    def __init__(self, kinds, members=b''):
        # type: (Sequence[bytes], bytes) -> None
        self._kinds = {}
        for kind, letters in zip((LIST, SETTING, SETTING_WHEN_ADDED, FLAG), kinds):
            for octet in _letters(letters):
                self._kinds[octet] = kind
        for octet in _letters(members):
            self._kinds[octet] = MEMBER

    def kind_of(self, letter):
        # type: (bytes) -> str
        """The kind of the letter; UNKNOWN if the server has none such."""
        return self._kinds.get(letter, UNKNOWN)

    def parse(self, text, arguments=()):
        # type: (bytes, Sequence[bytes]) -> List[ModeChange]
        """The changes of a string of modes, in their order.

        A sign holds until the next; letters before any sign are added.  A letter whose argument is
        missing has None; the caller tells whether that is an error.
        """
        changes = []                # type: List[ModeChange]
        left = list(arguments)
        adding = True
        for letter in _letters(text):
            if letter in (b'+', b'-'):
                adding = letter == b'+'
                continue
            kind = self.kind_of(letter)
            argument = None         # type: Optional[bytes]
            if left and _TAKES[kind][0 if adding else 1]:
                argument = left.pop(0)
            changes.append(ModeChange(adding, letter, argument, kind))
        return changes


def format_modes(changes, most=None, octets=400):
    # type: (Iterable[ModeChange], Optional[int], int) -> List[Tuple[bytes, List[bytes]]]
    """The changes as strings of modes with their arguments, each to be one message.

    Args:     most: arguments of one message at most, ISUPPORT's MODES; None: as many as fit.
              octets: of a string and its arguments, with the blanks between them.
    """
    out = []                    # type: List[Tuple[bytes, List[bytes]]]
    text = b''
    arguments = []              # type: List[bytes]
    used = 0
    adding = None               # type: Optional[bool]
    for change in changes:
        size = 2 + (0 if change.argument is None else len(change.argument) + 1)
        full = most is not None and change.argument is not None and len(arguments) >= most
        if text and (full or used + size > octets):
            out.append((text, arguments))
            text = b''
            arguments = []
            used = 0
            adding = None
        if change.adding != adding:
            text += b'+' if change.adding else b'-'
            adding = change.adding
        text += change.letter
        if change.argument is not None:
            arguments.append(change.argument)
        used += size
    if text:
        out.append((text, arguments))
    return out


def _letters(text):
    # type: (bytes) -> List[bytes]
    """The octets, each as bytes."""
    return [text[place:place + 1] for place in range(len(text))]
