# Copyright the carryall authors.  See LICENSE.
"""SASLprep: one spelling for names and passwords that look the same (RFC 4013, over RFC 3454).

    saslprep(u'I\\u00adX') == u'IX'          a soft hyphen is nothing
    saslprep(u'\\u2168') == u'IX'            Roman numeral nine
    saslprep(u'\\u0007')                     PrepFailed: a control character

The tables are our own, because Jython's library has no ``stringprep``.  The RFC requires the
database of Unicode 3.2, which most interpreters have.  Jython has only a newer one.  So there
characters newer than 3.2 are normalized too, and *stored* cannot refuse them as unassigned.

Tests:    tests/core/auth/test_prep.py (against ``stringprep`` where there is one)
"""
from __future__ import absolute_import, division, print_function

import unicodedata

from carryall.core.compat import text_type

__all__ = ['PrepFailed', 'knows_unassigned', 'prepared_password', 'saslprep']

# jython: no ucd_3_2_0.
_DATA = getattr(unicodedata, 'ucd_3_2_0', unicodedata)      # type: Any

# RFC 3454 appendix B.1, without U+200B, which RFC 4013 section 2.1 maps to a space.
_TO_NOTHING = ((0xAD, 0xAD), (0x34F, 0x34F), (0x1806, 0x1806), (0x180B, 0x180D), (0x200C, 0x200D),
               (0x2060, 0x2060),
               (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF))
# Appendix C.1.2.
_TO_SPACE = ((0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200B), (0x202F, 0x202F), (0x205F, 0x205F),
             (0x3000, 0x3000))
# Appendices C.1.2, C.2.1, C.2.2 and C.3 to C.9, merged;
# the last two code points of each plane are looked at apart.
_PROHIBITED = ((0x0, 0x1F), (0x7F, 0xA0), (0x340, 0x341), (0x6DD, 0x6DD), (0x70F, 0x70F),
               (0x1680, 0x1680),
               (0x180E, 0x180E), (0x2000, 0x200F), (0x2028, 0x202F), (0x205F, 0x2063),
               (0x206A, 0x206F), (0x2FF0, 0x2FFB),
               (0x3000, 0x3000), (0xD800, 0xF8FF), (0xFDD0, 0xFDEF), (0xFEFF, 0xFEFF),
               (0xFFF9, 0xFFFD),
               (0x1D173, 0x1D17A), (0xE0001, 0xE0001), (0xE0020, 0xE007F), (0xF0000, 0x10FFFF))


class PrepFailed(ValueError):
    """The text holds what no name or password may hold."""


def knows_unassigned():
    # type: () -> bool
    """True if this interpreter can tell what Unicode 3.2 had not assigned."""
    return _DATA is not unicodedata


def saslprep(text, stored=False):
    # type: (str, bool) -> str
    """*text* as RFC 4013 section 2 prepares it.

    Args:     stored: it must be kept, so what Unicode 3.2 has not assigned is refused too (section
              2.5).
    Raises:   PrepFailed: it holds prohibited characters,
              or mixes directions as section 6 of RFC 3454 forbids.
    """
    if _is_plain(text):
        return text
    mapped = u''.join(u' ' if _within(char, _TO_SPACE) else char for char in text
                      if not _within(char, _TO_NOTHING))
    mapped = _DATA.normalize('NFKC', mapped)
    for char in mapped:
        if _within(char, _PROHIBITED) or ord(char[:1]) & 0xFFFE == 0xFFFE:
            raise PrepFailed(u'the character U+%04X cannot stand in a name or password' % ord(char))
        if stored and knows_unassigned() and _DATA.category(char) == 'Cn':
            raise PrepFailed(u'the character U+%04X is newer than Unicode 3.2' % ord(char))
    _check_direction(mapped)
    return mapped


def prepared_password(password):
    # type: (bytes) -> bytes
    """A password in UTF-8 as it must be hashed; one that cannot be prepared stays as it is (RFC
    8265 allows more)."""
    try:
        return saslprep(password.decode('utf-8')).encode('utf-8')
    except ValueError:          # also UnicodeError
        return password


def _is_plain(text):
    # type: (str) -> bool
    """Printable ASCII, nearly always: nothing to do."""
    return all(u' ' <= char <= u'~' for char in text)


def _within(char, ranges):
    # type: (str, Any) -> bool
    code = ord(char)
    for first, last in ranges:
        if code <= last:
            return bool(code >= first)
    return False


def _check_direction(text):
    # type: (str) -> None
    """RFC 3454 section 6: text from right to left holds no letters that go the other way, and
    begins and ends with its own."""
    directions = [_DATA.bidirectional(text_type(char)) for char in text]
    rightward = [direction in ('R', 'AL') for direction in directions]
    if any(rightward) and ('L' in directions or not rightward[0] or not rightward[-1]):
        raise PrepFailed(u'letters from left to right and from right to left are mixed')


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
