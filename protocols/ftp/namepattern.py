# Copyright the carryall authors.  See LICENSE.
"""Patterns of names: ``*``, ``?``, ``[a-z]``, ``[!a-z]`` as in shells, for LIST and NLST.

The product of the two lengths bounds the time of any pattern; a regular expression has no bound.

Tests:    tests/protocols/ftp/test_namepattern.py
"""
from __future__ import absolute_import, division, print_function

__all__ = ['has_pattern', 'matches']


def has_pattern(name):
    # type: (bytes) -> bool
    """True if *name* is a pattern."""
    return b'*' in name or b'?' in name or b'[' in name


def matches(name, pattern):
    # type: (bytes, bytes) -> bool
    """True if the whole of *name* matches; only a dot matches a dot in front."""
    if name[:1] == b'.' and pattern[:1] != b'.':
        return False
    at = 0
    here = 0
    star = -1                       # the last star in the pattern
    resume = 0                      # where the name continues if the star takes one more octet
    while here < len(name):
        width = _one(pattern, at, name[here:here + 1])
        if width:
            at += width
            here += 1
        elif pattern[at:at + 1] == b'*':
            star = at
            resume = here
            at += 1
        elif star >= 0:
            resume += 1
            at = star + 1
            here = resume
        else:
            return False
    while pattern[at:at + 1] == b'*':
        at += 1
    return at == len(pattern)


def _one(pattern, at, octet):
    # type: (bytes, int, bytes) -> int
    """The length of the pattern from *at* that matches this octet; 0 if it does not match."""
    first = pattern[at:at + 1]
    if first == b'?':
        return 1
    if first == b'[':
        end = pattern.find(b']', at + 2 + (pattern[at + 1:at + 2] == b'!'))
        if end > 0:
            return end + 1 - at if _in_set(pattern[at + 1:end], octet) else 0
    return 1 if first == octet and first != b'*' else 0


def _in_set(members, octet):
    # type: (bytes, bytes) -> bool
    wanted = members[:1] != b'!'
    if not wanted:
        members = members[1:]
    at = 0
    while at < len(members):
        if members[at + 1:at + 2] == b'-' and at + 2 < len(members):
            if members[at:at + 1] <= octet <= members[at + 2:at + 3]:
                return wanted
            at += 3
        else:
            if members[at:at + 1] == octet:
                return wanted
            at += 1
    return not wanted
