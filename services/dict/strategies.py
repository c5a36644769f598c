# Copyright the carryall authors.  See LICENSE.
"""The strategies of MATCH (RFC 2229 section 3.3): which keys of an index a word finds.

    for key, entry in matches(index, reader, u're', u'^ab'): ...

Tests:    tests/services/dict/test_strategies.py
"""
from __future__ import absolute_import, division, print_function

from carryall.services.dict.expressions import Expression

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterator, Tuple

__all__ = ['DEFAULT', 'SCANS', 'STRATEGIES', 'matches', 'one_edit_apart', 'soundex']

# -- limits ------------------------------------------------------------------
MAX_LEV = 64                # characters of a word that lev takes; longer ones are no typing errors

STRATEGIES = (
    (u'exact', u'Match headwords exactly'),
    (u'prefix', u'Match prefixes'),
    (u'substring', u'Match substrings anywhere in headwords'),
    (u'suffix', u'Match suffixes'),
    (u're', u'POSIX 1003.2 extended regular expressions'),
    (u'soundex', u'Match by the SOUNDEX algorithm'),
    (u'lev', u'Match headwords within Levenshtein distance one'),
    (u'word', u'Match separate words within headwords'),
    (u'first', u'Match the first word within headwords'),
    (u'last', u'Match the last word within headwords'),
)
DEFAULT = u'lev'
# Those that look at each headword of an index.
SCANS = frozenset((u'substring', u'suffix', u're', u'soundex', u'lev', u'word', u'last'))

_SOUNDS = dict((char, digit) for digit, chars in (
    (u'1', u'bfpv'), (u'2', u'cgjkqsxz'), (u'3', u'dt'), (u'4', u'l'), (u'5', u'mn'), (u'6', u'r'))
               for char in chars)


def matches(index, reader, strategy, word, stopped=lambda: False):
    # type: (Any, Any, str, str, Callable[[], bool]) -> Iterator[Tuple[bytes, Any]]
    """(key, entry) of what a strategy finds.

    Raises:   BadExpression: the pattern of ``re`` is malformed.
    """
    if strategy == u're':
        pattern = Expression(word)
        part = b'' if index.case_sensitive else pattern.literal
        return index.scan(reader, lambda key: part in key
                          and pattern.found_in(key.decode('utf-8', 'replace')), part, stopped)
    key = index.fold(word)
    if not key:
        return iter(())
    if strategy == u'exact':
        return ((key, entry) for entry in index.exact(reader, key))
    if strategy == u'prefix':
        return index.prefix(reader, key, stopped)
    if strategy == u'first':
        return ((found, entry) for found, entry in index.prefix(reader, key, stopped)
                if _is_end(found[len(key):len(key) + 1]))
    if strategy == u'soundex':
        return _by_sound(index, reader, key, stopped)
    if strategy == u'lev':
        return _by_edit(index, reader, key, stopped)
    wanted = {
        u'substring': lambda found: key in found,
        u'suffix': lambda found: found.endswith(key),
        u'word': lambda found: key in found and _has_word(found, key),
        u'last': lambda found: found.endswith(key) and _is_end(found[:-len(key)][-1:]),
    }[strategy]
    return index.scan(reader, wanted, key, stopped)


def _is_end(octet):
    # type: (bytes) -> bool
    """True if a word ends at this octet, or begins behind it: a blank or sign, or none at all."""
    return octet < b'\x80' and not octet.isalnum()


def _has_word(key, word):
    # type: (bytes, bytes) -> bool
    at = key.find(word)
    while at >= 0:
        end = at + len(word)
        if _is_end(key[max(0, at - 1):at]) and _is_end(key[end:end + 1]):
            return True
        at = key.find(word, at + 1)
    return False


# -- soundex -----------------------------------------------------------------

def soundex(word):
    # type: (str) -> str
    """A letter and three digits (Knuth, volume 3, section 6); u'' without a letter of English."""
    letters = [char for char in word.lower() if u'a' <= char <= u'z']
    if not letters:
        return u''
    code = letters[0].upper()
    last = _SOUNDS.get(letters[0])
    for char in letters[1:]:
        digit = _SOUNDS.get(char)
        if digit is not None and digit != last:
            code += digit
            if len(code) == 4:
                break
        if char not in u'hw':       # letters of one sound on both sides of these count once
            last = digit
    return (code + u'000')[:4]


def _by_sound(index, reader, key, stopped):
    # type: (Any, Any, bytes, Any) -> Iterator[Tuple[bytes, Any]]
    wanted = soundex(key.decode('utf-8', 'replace'))
    if not wanted:
        return iter(())
    first = (wanted[:1].encode('ascii'), wanted[:1].lower().encode('ascii'))
    # Most keys begin with another letter, and are passed by at once.
    return index.scan(reader, lambda found: (found[:1] in first or not found[:1].isalpha())
                      and soundex(found.decode('utf-8', 'replace')) == wanted, stopped=stopped)


# -- Levenshtein -------------------------------------------------------------

def one_edit_apart(left, right):
    # type: (str, str) -> bool
    """True if one character was inserted, dropped, replaced or changed places with its neighbour,
    or none was."""
    if abs(len(left) - len(right)) > 1:
        return False
    at = 0
    while at < len(left) and at < len(right) and left[at] == right[at]:
        at += 1
    left = left[at:]
    right = right[at:]
    if len(left) == len(right):
        return left[1:] == right[1:] or (left[:2] == right[1::-1] and left[2:] == right[2:])
    return left[1:] == right if len(left) > len(right) else right[1:] == left


def _by_edit(index, reader, key, stopped):
    # type: (Any, Any, bytes, Any) -> Iterator[Tuple[bytes, Any]]
    word = key.decode('utf-8')
    if len(word) > MAX_LEV:
        return iter(())
    # One edit leaves one half as it is, unless the two characters in the middle changed places.
    middle = len(word) // 2
    head = word[:middle].encode('utf-8')
    tail = word[middle:].encode('utf-8')
    swapped = (word[:middle - 1] + word[middle:middle + 1] + word[middle - 1:middle]
               + word[middle + 1:]).encode('utf-8') if middle else key
    most = len(key) + 4             # octets: a character may take four

    def wanted(found):
        # type: (bytes) -> bool
        if len(found) > most:
            return False
        if not (found.endswith(tail) or found.startswith(head) or found == swapped):
            return False
        return one_edit_apart(word, found.decode('utf-8', 'replace'))

    return index.scan(reader, wanted, stopped=stopped)
