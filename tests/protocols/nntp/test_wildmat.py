# Copyright the carryall authors.  See LICENSE.
"""Wildmats (RFC 3977 section 4)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.nntp import BadWildmat, Wildmat


@pytest.mark.parametrize('pattern, text, expected', [
    # RFC 3977 section 4.4
    (b'a', b'a', True), (b'a', b'ab', False), (b'a*', b'ab', True), (b'*', b'', True),
    (b'a*,!*b,*c*', b'aaa', True), (b'a*,!*b,*c*', b'abb', False), (b'a*,!*b,*c*', b'ccb', True),
    (b'a*,!*b,*c*', b'xxx', False),
    (b'a*,c*,!*b', b'aaa', True), (b'a*,c*,!*b', b'abb', False), (b'a*,c*,!*b', b'ccb', False),
    (b'?a*', b'xay', True), (b'?a*', b'a', False), (b'a*b', b'ab', True), (b'a*b', b'a', False),
    (b'ab*ba', b'aba', False), (b'*a*b*', b'xbxaxb', True), (b'*a?c*', b'zzabczz', True),
    (b'!a', b'b', False), (b'*,!a', b'a', False)])
def test_the_last_pattern_that_matches_decides(pattern, text, expected):
    assert Wildmat(pattern).matches(text) is expected


def test_a_question_mark_is_one_character_of_utf8():
    assert Wildmat(b'caf?').matches(u'caf\xe9'.encode('utf-8'))


def test_a_text_that_is_no_utf8_matches_an_asterisk():
    assert Wildmat(b'a*').matches(b'a\xff')


@pytest.mark.parametrize('pattern, text, expected', [
    (b'[ab]c', b'bc', True), (b'[ab]c', b'cc', False), (b'[^ab]c', b'cc', True),
    (b'[a-c]*', b'bz', True), (b'[]]', b']', True), (b'[,]', b',', True), (b'\\*', b'*', True),
    (b'\\*', b'a', False), (b'[z-a]', b'b', False), (b'x[a-]', b'x-', True),
    (b'*[0-9]?x*', b'ab12xy', True), (b'a\\,b', b'a,b', True)])
def test_sets_and_backslashes_work_as_in_inn(pattern, text, expected):
    assert Wildmat(pattern).matches(text) is expected


@pytest.mark.parametrize('pattern', [b'', b'a,', b',a', b'!', b'[a', b'a\\', b'\xff'])
def test_octets_that_are_no_wildmat_are_refused(pattern):
    with pytest.raises(BadWildmat):
        Wildmat(pattern)


def test_more_patterns_than_the_limit_are_refused():
    Wildmat(b','.join([b'a'] * 256))
    with pytest.raises(BadWildmat):
        Wildmat(b','.join([b'a'] * 257))


def test_more_asterisks_than_the_limit_are_refused():
    Wildmat(b'*' * 127)
    with pytest.raises(BadWildmat):
        Wildmat(b'*' * 128)


def test_a_pattern_that_makes_others_backtrack_does_not_here():
    # A matcher that tries each asterisk again would need some 4000 ** 120 steps.
    wildmat = Wildmat(b'*a' * 120 + b'*b')
    assert not wildmat.matches(b'a' * 4000)
    assert not Wildmat(b'*?a' * 60 + b'*[bc]d').matches(b'a' * 4000)


def test_a_long_text_is_cut():
    assert Wildmat(b'*a').matches(b'x' * 4095 + b'ab' * 10)
