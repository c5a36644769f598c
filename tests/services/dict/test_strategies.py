# Copyright the carryall authors.  See LICENSE.
"""Each strategy finds its headwords."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.services.dict.dictdatabase import open_database
from carryall.services.dict.strategies import STRATEGIES, one_edit_apart, soundex
from tests.services.dict.samples import database

WORDS = [(word, u'x') for word in (
    u'apple', u'Apple Pie', u'maple', u'ample', u'appel', u'apples', u'pineapple', u'banana',
    u'big apple pie', u'caf\xe9', u'cafe', u'foo-bar', u'robert', u'rupert', u'a')]


@pytest.fixture(params=['utf8', 'allchars', 'plain'])
def fruit(request, tmpdir):
    """The same words in an index of each kind."""
    flags = {'utf8': ('utf8',), 'allchars': ('allchars', 'utf8'), 'plain': ()}[request.param]
    words = [row for row in WORDS if request.param != 'plain' or row[0] != u'caf\xe9']
    return open_database(u'fruit', database(tmpdir, 'fruit', sorted(words), flags))


@pytest.mark.parametrize('strategy, word, found', [
    (u'exact', u'APPLE', [u'apple']), (u'exact', u'app', []), (u'exact', u'', []),
    (u'prefix', u'appl', [u'Apple Pie', u'apple', u'apples']),
    (u'prefix', u'zz', []), (u'substring', u'eapp', [u'pineapple']), (u'substring', u'', []),
    (u'suffix', u'apple', [u'apple', u'pineapple']),
    (u're', u'^a.*e$', [u'Apple Pie', u'ample', u'apple']), (u're', u'00', []),
    (u'soundex', u'rubert', [u'robert', u'rupert']), (u'soundex', u'1', []),
    (u'lev', u'apple', [u'ample', u'appel', u'apple', u'apples']),
    (u'lev', u'aple', [u'ample', u'apple', u'maple']), (u'lev', u'banan', [u'banana']),
    (u'lev', u'b', [u'a']), (u'lev', u'x' * 100, []),
    (u'word', u'apple', [u'Apple Pie', u'apple', u'big apple pie']),
    (u'first', u'apple', [u'Apple Pie', u'apple']),
    (u'last', u'pie', [u'Apple Pie', u'big apple pie'])])
def test_a_strategy_finds_its_words(fruit, strategy, word, found):
    assert sorted(fruit.match(strategy, word, 100)) == found


@pytest.mark.parametrize('word', [u'cafe', u'caf', u'caf\xe9', u'cafs'])
def test_a_letter_beyond_ascii_is_one_edit(tmpdir, word):
    found = open_database(u'fruit', database(tmpdir, 'fruit', sorted(WORDS)))
    assert u'caf\xe9' in found.match(u'lev', word, 100)


@pytest.mark.parametrize('strategy', [u'word', u'first'])
def test_a_word_ends_at_a_sign_where_signs_count(tmpdir, strategy):
    found = open_database(u'fruit', database(tmpdir, 'fruit', sorted(WORDS), ('allchars', 'utf8')))
    assert found.match(strategy, u'foo', 100) == [u'foo-bar']


@pytest.mark.parametrize('strategy', [row[0] for row in STRATEGIES])
def test_a_strategy_finds_no_more_than_the_limit(fruit, strategy):
    assert len(fruit.match(strategy, u'a', 1)) <= 1


@pytest.mark.parametrize('word, code', [
    (u'Robert', u'R163'), (u'Rupert', u'R163'), (u'Rubin', u'R150'), (u'Ashcraft', u'A261'),
    (u'Tymczak', u'T522'), (u'Pfister', u'P236'), (u'Honeyman', u'H555'), (u'a', u'A000'),
    (u'', u''), (u'123', u'')])
def test_soundex_is_a_letter_and_three_digits(word, code):
    assert soundex(word) == code


@pytest.mark.parametrize('left, right, expected', [
    (u'abc', u'abc', True), (u'abc', u'ab', True), (u'abc', u'abcd', True), (u'abc', u'xbc', True),
    (u'abc', u'acb', True), (u'abc', u'bac', True), (u'abc', u'axcx', False),
    (u'abc', u'cba', False), (u'abcd', u'badc', False), (u'', u'a', True), (u'', u'ab', False),
    (u'ab', u'cd', False), (u'abcd', u'abd', True)])
def test_one_edit_is_one_character(left, right, expected):
    assert one_edit_apart(left, right) is expected
    assert one_edit_apart(right, left) is expected
