# Copyright the carryall authors.  See LICENSE.
"""Extended regular expressions match as in POSIX, in time linear in the text."""
from __future__ import absolute_import, division, print_function

import random
import re

import pytest

from carryall.services.dict.expressions import MAX_NODES, BadExpression, Expression


@pytest.mark.parametrize('pattern, text, expected', [
    (u'b', u'abc', True), (u'x', u'abc', False), (u'', u'', True), (u'', u'a', True),
    (u'^a', u'abc', True), (u'^b', u'abc', False), (u'c$', u'abc', True), (u'b$', u'abc', False),
    (u'^abc$', u'abc', True), (u'^abc$', u'abcd', False), (u'^$', u'', True), (u'^$', u'a', False),
    (u'a.c', u'abc', True), (u'a.c', u'ac', False), (u'ab*c', u'ac', True),
    (u'ab*c', u'abbbc', True), (u'ab+c', u'ac', False), (u'ab+c', u'abc', True),
    (u'ab?c', u'abc', True), (u'ab?c', u'abbc', False), (u'a|b', u'b', True),
    (u'^(a|bc)+$', u'abca', True), (u'^(a|bc)+$', u'abb', False), (u'^a{2}$', u'aa', True),
    (u'^a{2}$', u'aaa', False), (u'^a{2,}$', u'aaaa', True), (u'^a{2,3}$', u'aaaa', False),
    (u'^a{0}$', u'', True), (u'^(ab){2}c$', u'ababc', True), (u'[abc]', u'xxc', True),
    (u'[^abc]', u'abc', False), (u'[a-c]+$', u'xbc', True), (u'[]x]', u']', True),
    (u'[^]x]', u']x', False), (u'[a-]', u'-', True), (u'[[:digit:]]', u'a1', True),
    (u'^[[:alpha:] ]+$', u'a b', True), (u'^[^[:space:]]+$', u'a b', False),
    (u'\\.', u'a.b', True), (u'\\.', u'ab', False), (u'\\*', u'*', True), (u'A', u'a', True),
    (u'[A-Z]', u'q', True), (u'caf\xe9', u'un caf\xe9', True), (u'\xc9', u'\xe9', True),
    (u'(^a)|(b$)', u'xb', True), (u'(^a)|(b$)', u'xbx', False), (u'()', u'x', True),
    (u'a**', u'', True), (u'a||b', u'x', True)])
def test_a_pattern_matches_or_does_not(pattern, text, expected):
    assert Expression(pattern).found_in(text) is expected


@pytest.mark.parametrize('pattern', [
    u'(', u')', u'a)', u'(a', u'[', u'[a', u'[]', u'*', u'+a', u'?', u'{1}', u'a{', u'a{1', u'a{x}',
    u'a{2,1}', u'a{256}', u'a{-1}', u'[b-a]', u'[[:nothing:]]', u'\\', u'a{1,2', u'|*', u'[[:x'])
def test_a_malformed_pattern_is_an_error(pattern):
    with pytest.raises(BadExpression):
        Expression(pattern)


@pytest.mark.parametrize('pattern', [
    u'a' * (MAX_NODES + 1), u'a{255}{255}', u'(){255}{255}{255}', u'(' * 60 + u')' * 60,
    u'a' + u'*' * 60, u'((a{50}){50}){50}', u'(a|b){250}',
    u'(' * 40 + u'a' + (u'?' * 18 + u')') * 40, u'(' * 9 + u'a' + (u'{1}' * 30 + u')') * 9])
def test_a_pattern_that_is_too_large_is_an_error(pattern):
    with pytest.raises(BadExpression):
        Expression(pattern)


@pytest.mark.parametrize('pattern', [u'(a*)*b', u'(a|a)*b', u'(a|aa)+$', u'(.*)(.*)(.*)(.*)x',
                                     u'a?' * 60 + u'a' * 60, u'(x+x+)+y'])
def test_a_pattern_that_leads_others_astray_is_searched_in_linear_time(pattern):
    found = Expression(pattern)
    assert found.found_in(u'a' * 5000 + u'!') in (True, False)


def test_a_pattern_of_many_sets_is_bounded():
    found = Expression(u'(a|b)*a(a|b){60}$')
    chance = random.Random(1)
    text = u''.join(chance.choice(u'ab') for _ in range(5000))
    assert found.found_in(text) is (text[-61] == u'a')


@pytest.mark.parametrize('pattern, literal', [
    (u'^.*pple$', b'pple'), (u'aB1', b'ab1'), (u'a|b', b''), (u'ab*c', b'a'), (u'(ab)c', b'c'),
    (u'a.bc[d]', b'bc'), (u'', b''), (u'caf\xe9', b'caf'), (u'x-yz', b'yz')])
def test_a_pattern_has_a_literal_part(pattern, literal):
    assert Expression(pattern).literal == literal


def test_chance_patterns_match_as_those_of_the_library():
    chance = random.Random(7)
    for _ in range(1500):
        pattern = u''.join(chance.choice([u'a', u'b', u'.', u'a*', u'b?', u'(a|b)', u'[ab]', u'^',
                                          u'$', u'(ab)+', u'a{1,2}', u'|'])
                           for _ in range(chance.randint(1, 5)))
        text = u''.join(chance.choice(u'abc') for _ in range(chance.randint(0, 6)))
        expected = re.search(pattern.replace(u'$', u'\\Z'), text) is not None
        assert Expression(pattern).found_in(text) is expected, (pattern, text)
