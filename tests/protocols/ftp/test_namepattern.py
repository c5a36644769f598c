# Copyright the carryall authors.  See LICENSE.
"""Patterns of names."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.ftp.namepattern import has_pattern, matches


@pytest.mark.parametrize('name, pattern, wanted', [
    (b'a.txt', b'*.txt', True), (b'a.txt', b'*', True), (b'a.txt', b'a.t?t', True),
    (b'a.txt', b'a.t??t', False),
    (b'a.txt', b'[abc].txt', True), (b'd.txt', b'[a-c].txt', False),
    (b'd.txt', b'[!a-c].txt', True), (b'', b'*', True),
    (b'', b'?', False), (b'.x', b'*', False), (b'.x', b'.*', True), (b'abcabc', b'*abc', True),
    (b'abcab', b'*abc', False),
    (b'a[b', b'a[b', True), (b']', b'[]]', True), (b'-', b'[a-]', True), (b'aXbXc', b'a*b*c', True),
    (b'*', b'[*]', True),
    (b'ab', b'a', False), (b'a', b'ab', False), (b'a', b'a***', True), (b'a.txt', b'A.TXT', False),
    (b'\xff', b'?', True)])
def test_names_match_patterns(name, pattern, wanted):
    assert matches(name, pattern) is wanted, (name, pattern)


def test_time_is_bounded():
    """A regular expression would take years."""
    assert not matches(b'a' * 250, b'*a' * 60 + b'b'), 'no b'


def test_has_pattern_finds_wildcards():
    assert has_pattern(b'*.c') and has_pattern(b'a?') and has_pattern(b'[a]') and not has_pattern(
        b'a.c'), 'what is one'
