# Copyright the carryall authors.  See LICENSE.
"""Headwords as an index of dictd sorts them: folded, in the order of their octets.

Fold:     blanks become spaces, capitals small letters; what is neither letter, digit nor blank is
          dropped.  An index with the header 00-database-allchars drops nothing, one with
          00-database-case-sensitive keeps capitals.
Source:   dictfmt(1), "sort -df".
Tests:    tests/services/dict/test_headwords.py
"""
from __future__ import absolute_import, division, print_function

import unicodedata

from carryall.core.compat import int2byte, range

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ['decoded', 'fold', 'folded_octets']

_SMALL = b''.join(int2byte(code + 32 if 65 <= code <= 90 else code) for code in range(256))
_DROPPED = b''.join(int2byte(code) for code in range(128)
                    if not (48 <= code <= 57 or 65 <= code <= 90 or 97 <= code <= 122
                            or code in (9, 10, 11, 12, 13, 32)))


def fold(word, allchars=False, case_sensitive=False):
    # type: (str, bool, bool) -> bytes
    """The key of a word, for an index with these flags."""
    kept = []
    for char in word:
        if char.isspace():
            kept.append(u' ')
        elif allchars or char.isalnum() or _is_vowel_sign(char):
            # The first character alone: of all that C calls a character, each has one small form.
            kept.append(char if case_sensitive else char.lower()[:1])
    return u''.join(kept).encode('utf-8', 'replace')


def _is_vowel_sign(char):
    # type: (str) -> bool
    """True for a mark that C takes for a letter, as the vowels of Indian scripts."""
    return char > u'\x7f' and unicodedata.category(char)[0] == 'M' \
        and not unicodedata.combining(char)


def folded_octets(headword, case_sensitive=False):
    # type: (bytes, bool) -> bytes
    """The key of a headword in ASCII, which stands in the index as it is spelled."""
    kept = headword.translate(None, _DROPPED)
    return kept if case_sensitive else kept.translate(_SMALL)


def decoded(octets):
    # type: (bytes) -> Any
    """A text of a database: UTF-8, or Latin-1 if it is not that."""
    try:
        return octets.decode('utf-8')
    except UnicodeError:
        return octets.decode('latin-1')
