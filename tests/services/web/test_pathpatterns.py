# Copyright the carryall authors.  See LICENSE.
"""Patterns over names and paths."""
from __future__ import absolute_import, division, print_function

import re

import pytest

from carryall.core.errors import UsageError
from carryall.services.web.pathpatterns import MAX_PATTERN, MAX_RULES, Rules, matches


@pytest.mark.parametrize('pattern, name, expected', [
    (b'a', b'a', True), (b'a', b'b', False), (b'a', b'ab', False), (b'', b'', True),
    (b'*', b'', True), (b'*', b'abc', True),
    (b'*.css', b'a.css', True), (b'*.css', b'.css', True), (b'*.css', b'a.css.map', False),
    (b'a?c', b'abc', True), (b'a?c', b'ac', False),
    (b'?', b'', False), (b'*a*b*', b'xxaxxbxx', True), (b'*a*b*', b'xxbxxaxx', False),
    (b'a*a', b'a', False), (b'**', b'x', True),
    (b'[a]', b'a', False), (b'[a]', b'[a]', True), (b'*.CSS', b'a.css', False),
    (b'a*b?', b'axxbbc', True)])
def test_patterns_match_stars_and_question_marks(pattern, name, expected):
    """Stars, question marks, and nothing else."""
    assert matches(pattern, name) is expected, (pattern, name)


def test_agrees_with_regular_expressions():
    """All patterns of four over all names of four."""
    letters = [b'a', b'b']
    names = [b''] + [a + b + c for a in letters for b in letters + [b''] for c in letters + [b'']]
    signs = [b'a', b'b', b'*', b'?', b'']
    for pattern in set(a + b + c + d for a in signs for b in signs for c in signs for d in signs):
        expression = re.compile(re.escape(pattern).replace(b'\\*', b'.*').replace(b'\\?', b'.')
                                + b'\\Z')
        for name in names:
            assert matches(pattern, name) == bool(expression.match(name)), (pattern, name)


def test_no_pattern_takes_long():
    """Patterns that make regular expressions explode are matched in a moment."""
    assert not matches(b'*a' * 100 + b'b', b'a' * 2000), 'no match'


def test_the_first_matching_rule_counts():
    """The first that matches; with a slash for the whole path, without for the name."""
    rules = Rules([(u'*.css', u'css'), ('/assets/*', 'assets'), (b'index.*', b'index'),
                   ('*', 'rest')])
    for parts, value in (([b'a', b'x.css'], b'css'), ([b'assets', b'a', b'x.js'], b'assets'),
                         ([b'x', b'assets', b'y'], b'rest'),
                         ([b'a', b'index.html'], b'index'), ([b'assets', b'x.css'], b'css')):
        assert rules.find(parts) == value, parts
    assert Rules([]).find([b'a']) is None, 'none'
    assert Rules([('b', 'x')]).find([b'a']) is None, 'none'


@pytest.mark.parametrize('rules', [
    [('', 'x')], [('a' * (MAX_PATTERN + 1), 'x')], [('a', 'x\r\ny')],
    [('a', 'b')] * (MAX_RULES + 1)])
def test_bad_rules_are_refused(rules):
    """Empty, too long, too many, or what would split a header."""
    with pytest.raises(UsageError):
        Rules(rules)
