# Copyright the carryall authors.  See LICENSE.
"""Databases of dictd and lists of words are opened, and have definitions."""
from __future__ import absolute_import, division, print_function

import io

import pytest

from carryall.core.errors import UsageError
from carryall.services.dict.dictdatabase import open_database
from carryall.services.dict.dictindex import Entry
from carryall.services.dict.dictzip import MAX_READ, BrokenDatabase
from tests.services.dict.samples import database

LIST = (u'zebra\tAn animal.\napple\tA fruit.\\nAnd a tree.\n\nCaf\xe9 Noir\tC:\\\\x\\ty\r\n'
        u'apple\t2\n')


def defined(found, word):
    return [found.read(entry) for entry in found.define(word, 10)]


@pytest.fixture(params=[False, True], ids=['plain', 'zipped'])
def fruit(request, tmpdir):
    """A database of dictd."""
    return open_database(u'fruit', database(tmpdir, 'fruit', zipped=request.param))


@pytest.fixture
def words(tmpdir):
    """A list of words."""
    path = str(tmpdir.join('words.txt'))
    with io.open(path, 'w', encoding='utf-8', newline='') as file:
        file.write(LIST)
    return open_database(u'own', path)


def test_a_word_has_its_definitions(fruit):
    assert defined(fruit, u'apple') == [u'apple\nA round fruit.\n.dots\n', u'apple\nA tree.\n']


@pytest.mark.parametrize('word', [u'CAF\xc9', u'\xe9clair', u'foobar', u'Foo-Bar', u'apple pie'])
def test_a_word_is_found_in_any_spelling(fruit, word):
    assert len(defined(fruit, word)) == 1


def test_a_headword_is_shown_as_it_is_spelled(fruit):
    assert [each.headword for each in fruit.define(u'foobar', 10)] == [u'foo-bar']


def test_no_more_definitions_are_found_than_are_wanted(fruit):
    assert len(fruit.define(u'apple', 1)) == 1


def test_a_word_of_signs_alone_is_not_found(fruit):
    assert fruit.define(u'!?', 10) == []


def test_a_database_describes_itself(fruit):
    assert fruit.description == u'Fruit'


def test_a_description_can_be_given(tmpdir):
    found = open_database(u'fruit', database(tmpdir, 'fruit'), u'Of all kinds')
    assert found.description == u'Of all kinds'


def test_a_database_without_a_description_has_its_name(tmpdir):
    assert open_database(u'fruit', database(tmpdir, 'fruit', short=u'')).description == u'fruit'


def test_a_database_tells_of_its_source(fruit):
    assert fruit.info() == u'Free for all.\n\n'


@pytest.mark.parametrize('ending', ['', '.index', '.dict', '.dict.dz'])
def test_a_database_is_named_by_any_of_its_files(tmpdir, ending):
    path = database(tmpdir, 'fruit')
    assert open_database(u'fruit', path + ending).description == u'Fruit'


def test_each_definition_is_found_once(tmpdir):
    path = database(tmpdir, 'fruit')
    with open(path + '.index', 'rb') as file:
        lines = file.read().splitlines()
    with open(path + '.index', 'wb') as file:
        file.write(b''.join(line + b'\n' + line + b'\n' for line in lines))
    assert len(open_database(u'fruit', path).define(u'banana', 10)) == 1


def test_a_definition_behind_the_end_is_an_error(fruit):
    with pytest.raises(BrokenDatabase):
        fruit.read(Entry(u'x', 1000000, 10))


def test_a_definition_that_is_too_long_is_an_error(fruit):
    with pytest.raises(BrokenDatabase):
        fruit.read(Entry(u'x', 0, MAX_READ + 1))


def test_an_index_without_definitions_is_refused(tmpdir):
    tmpdir.join('alone.index').write('00databaseutf8\tA\tA\n')
    with pytest.raises(UsageError):
        open_database(u'alone', str(tmpdir.join('alone')))


def test_an_index_of_eight_bit_words_is_refused(tmpdir):
    path = database(tmpdir, 'old', flags=('8bit-new',))
    with pytest.raises(UsageError):
        open_database(u'old', path)


# -- lists of words --------------------------------------------------------------------------------

def test_a_list_has_definitions(words):
    assert defined(words, u'zebra') == [u'zebra\n   An animal.\n']


def test_a_word_of_a_list_may_have_many_definitions(words):
    assert defined(words, u'apple') == [u'apple\n   A fruit.\n   And a tree.\n', u'apple\n   2\n']


def test_a_definition_of_a_list_may_have_escapes(words):
    assert defined(words, u'caf\xe9 noir') == [u'Caf\xe9 Noir\n   C:\\x\ty\n']


@pytest.mark.parametrize('strategy, word, found', [
    (u'prefix', u'a', [u'apple']), (u'lev', u'zebr', [u'zebra']), (u're', u'.', [
        u'apple', u'Caf\xe9 Noir', u'zebra'])])
def test_a_list_is_searched(words, strategy, word, found):
    assert words.match(strategy, word, 10) == found


def test_a_list_has_its_name_as_description(words):
    assert words.description == u'own'


@pytest.mark.parametrize('line', [b'word', b'\tdefinition', b'!?\tdefinition', b'x' * 256 + b'\ty'])
def test_a_line_that_is_wrong_is_named(tmpdir, line):
    path = tmpdir.join('words.txt')
    path.write_binary(b'apple\tA fruit.\n' + line + b'\n')
    with pytest.raises(UsageError) as caught:
        open_database(u'own', str(path))
    assert 'line 2' in caught.value.message
