# Copyright the carryall authors.  See LICENSE.
"""Bold, colours and other looks in texts of IRC (modern.ircdocs.horse/formatting).

    plain(b'\\x02bold\\x02 and \\x0304red')         # b'bold and red'
    spans(b'\\x02bold\\x02 and \\x0304red')         # [(Style(bold=True ...), b'bold'), ...]

Tests:    tests/protocols/irc/test_textformat.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal
from carryall.core.patterns import Pattern
from carryall.core.records import Record, names_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Tuple

__all__ = ['Style', 'plain', 'spans']

# A colour is one or two digits, and the second needs a comma: ",12" without a first is text.  That
# of \x04 has six hexadecimal digits.
_CODE = Pattern(br'\x03(?:([0-9]{1,2})(?:,([0-9]{1,2}))?)?'
                br'|\x04(?:([0-9A-Fa-f]{6})(?:,([0-9A-Fa-f]{6}))?)?'
                br'|[\x02\x0f\x11\x16\x1d\x1e\x1f]')
# What a code changes in a style.
_SWITCHES = {
    b'\x02': lambda style: style.replace(bold=not style.bold),
    b'\x11': lambda style: style.replace(monospace=not style.monospace),
    b'\x16': lambda style: style.replace(reverse=not style.reverse),
    b'\x1d': lambda style: style.replace(italic=not style.italic),
    b'\x1e': lambda style: style.replace(strikethrough=not style.strikethrough),
    b'\x1f': lambda style: style.replace(underline=not style.underline),
}       # type: Dict[bytes, Callable[[Style], Style]]
_RESET = b'\x0f'
_NO_COLOUR = 99             # the reader's own

ROWS = (
    ('bold', False, u'heavy letters'),
    ('italic', False, u'slanted letters'),
    ('underline', False, u'a line below'),
    ('strikethrough', False, u'a line through the letters'),
    ('monospace', False, u'letters of one width'),
    ('reverse', False, u'both colours change places'),
    ('foreground', None, u'0 to 98, or six hexadecimal digits (bytes); None: the reader\'s own'),
    ('background', None, u'the same, behind the letters'),
)


class Style(Record):
    """How a piece of text looks."""

    __slots__ = names_of(ROWS)

    rows = ROWS


def plain(text):
    # type: (bytes) -> bytes
    """The text without its codes."""
    return _CODE.sub(b'', text)


def spans(text):
    # type: (bytes) -> List[Tuple[Style, bytes]]
    """The pieces of a text, each with its Style; pieces that would be empty are left out."""
    found = []                      # type: List[Tuple[Style, bytes]]
    style = Style()
    at = 0
    for code in _CODE.finditer(text):
        if code.start() > at:
            found.append((style, text[at:code.start()]))
        style = _changed(style, code)
        at = code.end()
    if at < len(text):
        found.append((style, text[at:]))
    return found


def _changed(style, code):
    # type: (Style, Any) -> Style
    """The style behind a code."""
    first = code.group()[:1]
    if first == _RESET:
        return Style()
    if first == b'\x03':
        return _coloured(style, _colour(code.group(1)), _colour(code.group(2)),
                         code.group(1) is None)
    if first == b'\x04':
        return _coloured(style, code.group(3), code.group(4), code.group(3) is None)
    return _SWITCHES[first](style)


def _coloured(style, foreground, background, ends):
    # type: (Style, Any, Any, bool) -> Style
    """The style with other colours; a code without any *ends* both."""
    if ends:
        return style.replace(foreground=None, background=None)
    if background is None:
        return style.replace(foreground=_own(foreground))
    return style.replace(foreground=_own(foreground), background=_own(background))


def _colour(digits):
    # type: (Any) -> Any
    """The number of a colour; None if there are no digits."""
    return None if digits is None else decimal(digits, _NO_COLOUR)


def _own(colour):
    # type: (Any) -> Any
    """The colour; None for the number that means the reader's own."""
    return None if colour == _NO_COLOUR else colour
