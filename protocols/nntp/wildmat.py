# Copyright the carryall authors.  See LICENSE.
"""Wildmats: the patterns of NNTP for names of groups and for header fields.

    wildmat = Wildmat(b'comp.*,!comp.lang.*,comp.lang.python')
    wildmat.matches(b'comp.lang.python')            # True

A list of patterns is separated by commas; the last that matches decides, and one with ``!`` in
front decides against.  ``*`` stands for any characters, ``?`` for one character of UTF-8.

Each pattern is cut at its asterisks.  The parts are searched from the left, one after the other,
and nothing is tried twice.  Work is at most the length of the text times that of the pattern.

Beyond:   ``[a-z]``, ``[^a-z]`` and ``\\x``, as INN has them.  RFC 3977 reserves these characters.
Source:   RFC 3977 section 4
Tests:    tests/protocols/nntp/test_wildmat.py
"""
from __future__ import absolute_import, division, print_function

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Tuple

__all__ = ['ALL', 'BadWildmat', 'MAX_TEXT', 'Wildmat']

# -- limits ------------------------------------------------------------------
MAX_PATTERNS = 256          # of one wildmat; a command line has at most 512 octets
MAX_PARTS = 128             # between the asterisks of one pattern
MAX_TEXT = 4096             # characters of a text that are looked at; default, the RFC is silent


class BadWildmat(ValueError):
    """The octets are no wildmat."""


class Wildmat(object):
    """A list of patterns.

    Args:     data: octets in UTF-8.
    Raises:   BadWildmat: an empty pattern, a set without its end, no UTF-8, or too many patterns.
    """

    __slots__ = ('data', '_patterns', '_all')

    def __init__(self, data):
        # type: (bytes) -> None
        self.data = data
        try:
            text = data.decode('utf-8')
        except UnicodeError:
            raise BadWildmat(u'a wildmat that is no UTF-8')
        found = []                  # type: List[Tuple[bool, _Glob]]
        for pattern in _split(text):
            against = pattern[:1] == u'!'
            if against:
                pattern = pattern[1:]
            if not pattern:
                raise BadWildmat(u'an empty pattern')
            found.append((not against, _Glob(pattern)))
        if len(found) > MAX_PATTERNS:
            raise BadWildmat(u'more than %d patterns' % MAX_PATTERNS)
        found.reverse()             # the last that matches decides: it is asked first
        self._patterns = found
        self._all = data == b'*'

    def matches(self, data):
        # type: (bytes) -> bool
        """True if the patterns accept *data*, octets in UTF-8."""
        if self._all:
            return True
        text = data.decode('utf-8', 'replace')[:MAX_TEXT]
        for verdict, glob in self._patterns:
            if glob.matches(text):
                return verdict
        return False


class _Glob(object):
    """One pattern.

    The parts are texts, or compiled expressions of fixed width, which cannot backtrack.
    """

    __slots__ = ('_parts',)

    def __init__(self, pattern):
        # type: (str) -> None
        self._parts = [_part(units) for units in _parts_of(pattern)]
        if len(self._parts) > MAX_PARTS:
            raise BadWildmat(u'a pattern with more than %d asterisks' % (MAX_PARTS - 1))

    def matches(self, text):
        # type: (str) -> bool
        """True if all of *text* matches."""
        first = self._parts[0]
        if len(self._parts) == 1:
            return len(text) == first.width and first.begins(text, 0)
        last = self._parts[-1]
        end = len(text) - last.width
        if end < first.width or not first.begins(text, 0) or not last.begins(text, end):
            return False
        at = first.width
        for part in self._parts[1:-1]:
            at = part.find(text, at, end)
            if at < 0:
                return False
            at += part.width
        return True


class _Literal(object):
    """Characters."""

    __slots__ = ('width', '_text')

    def __init__(self, text):
        # type: (str) -> None
        self._text = text
        self.width = len(text)

    def begins(self, text, at):
        # type: (str, int) -> bool
        """True if the part is in *text* at *at*."""
        return text.startswith(self._text, at)

    def find(self, text, at, end):
        # type: (str, int, int) -> int
        """The first place of the part between *at* and *end*; -1 if there is none."""
        return text.find(self._text, at, end)


class _Units(object):
    """Characters, question marks and sets."""

    __slots__ = ('width', '_match', '_search')

    def __init__(self, units):
        # type: (List[str]) -> None
        compiled = re.compile(u''.join(units), re.DOTALL)
        self._match = compiled.match
        self._search = compiled.search
        self.width = len(units)

    def begins(self, text, at):
        # type: (str, int) -> bool
        """As of _Literal."""
        return self._match(text, at) is not None

    def find(self, text, at, end):
        # type: (str, int, int) -> int
        """As of _Literal."""
        found = self._search(text, at, end)
        return -1 if found is None else found.start()


def _split(text):
    # type: (str) -> List[str]
    """The patterns between commas; none within a set or behind a backslash."""
    if u'\\' not in text and u'[' not in text:
        return text.split(u',')
    found = []                      # type: List[str]
    start = 0
    at = 0
    while at < len(text):
        if text[at] == u'\\':
            at += 2
        elif text[at] == u'[':
            at = _set_end(text, at) + 1
        elif text[at] == u',':
            found.append(text[start:at])
            at += 1
            start = at
        else:
            at += 1
    found.append(text[start:])
    return found


def _set_end(text, at):
    # type: (str, int) -> int
    """The place of the ``]`` of the set that begins at *at*."""
    start = at + 1
    if text[start:start + 1] == u'^':
        start += 1
    end = text.find(u']', start + 1)        # ``]`` at the start of a set is a member
    if end < 0:
        raise BadWildmat(u'a set without its end')
    return end


def _parts_of(pattern):
    # type: (str) -> List[List[Tuple[Optional[str], str]]]
    """(character or None, expression) of each unit of each part between the asterisks."""
    parts = [[]]                    # type: List[List[Tuple[Optional[str], str]]]
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == u'*':
            parts.append([])
        elif char == u'?':
            parts[-1].append((None, u'.'))
        elif char == u'[':
            end = _set_end(pattern, at)
            parts[-1].append((None, _set(pattern[at + 1:end])))
            at = end
        else:
            if char == u'\\':
                at += 1
                char = pattern[at:at + 1]
                if not char:
                    raise BadWildmat(u'a backslash at the end')
            parts[-1].append((char, re.escape(char)))
        at += 1
    return parts


def _set(members):
    # type: (str) -> str
    """The expression of a set; a range that runs backwards has no members."""
    against = members[:1] == u'^'
    if against:
        members = members[1:]
    found = []                      # type: List[str]
    at = 0
    while at < len(members):
        if members[at + 1:at + 2] == u'-' and at + 2 < len(members):
            low = members[at]
            high = members[at + 2]
            if low <= high:
                found.append(u'%s-%s' % (re.escape(low), re.escape(high)))
            at += 3
        else:
            found.append(re.escape(members[at]))
            at += 1
    if not found:
        return u'.' if against else u'(?!.).'
    return u'[%s%s]' % (u'^' if against else u'', u''.join(found))


def _part(units):
    # type: (List[Tuple[Optional[str], str]]) -> Any
    if all(char is not None for char, _ in units):
        return _Literal(u''.join(char or u'' for char, _ in units))
    return _Units([expression for _, expression in units])


ALL = Wildmat(b'*')
