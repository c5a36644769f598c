# Copyright the carryall authors.  See LICENSE.
"""Regular expressions that are compiled late."""
from __future__ import absolute_import, division, print_function

import re

import pytest

from carryall.core import patterns
from carryall.core.patterns import Pattern


class _Counting(object):
    """Stands for the module re, and counts."""

    def __init__(self):
        self.given = []

    def compile(self, source, flags):
        self.given.append((source, flags))
        return re.compile(source, flags)


def test_a_pattern_does_what_the_compiled_one_does():
    pattern = Pattern(u'(?P<name>[a-z]+)=([0-9]*)', re.IGNORECASE)
    text = u'a=1, B=22;'
    assert pattern.match(text).group(u'name') == u'a' and pattern.match(text, 5).end() == 9 \
        and pattern.match(u'=') is None
    assert pattern.search(u'..x=').span() == (2, 4)
    assert pattern.findall(text) == [(u'a', u'1'), (u'B', u'22')]
    assert [found.group(2) for found in pattern.finditer(text)] == [u'1', u'22']
    assert pattern.sub(u'-', text) == u'-, -;' and pattern.split(text)[0] == u''
    assert Pattern(b'[\x80-\xff]').search(b'a\xe9').start() == 1


@pytest.mark.parametrize('method', ['findall', 'finditer', 'match', 'search', 'split'])
def test_a_pattern_is_compiled_once_at_its_first_use(monkeypatch, method):
    counting = _Counting()
    monkeypatch.setattr(patterns, 're', counting)
    pattern = Pattern('a+', re.DOTALL)
    assert repr(pattern) == "Pattern('a+', %r)" % re.DOTALL and counting.given == []
    getattr(pattern, method)('aa')
    pattern.match('b')
    pattern.sub('b', 'aa')
    assert counting.given == [('a+', re.DOTALL)]


def test_there_is_nothing_else():
    pattern = Pattern('a')
    for name in ('pattern', 'scanner', '_given_', '__len__'):
        with pytest.raises(AttributeError):
            getattr(pattern, name)


def test_a_wrong_one_says_so_when_it_is_used():
    wrong = Pattern('(')
    for _ in range(2):
        with pytest.raises(re.error):
            wrong.match('')
