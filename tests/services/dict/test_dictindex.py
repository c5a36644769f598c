# Copyright the carryall authors.  See LICENSE.
"""The index of a database of dictd is searched by keys."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.services.dict.dictindex import (LINES_ASKED, DictIndex, number_in_base64,
                                              parse_number)
from carryall.services.dict.dictzip import BrokenDatabase, BytesSource

HEADERS = [b'00databaseinfo\tB\tC', b'00databaseutf8\tA\tA']
# Some lines for each key, so that keys lie across the ends of blocks.
MANY = HEADERS + [b'word%05d\t%s\tB' % (number // 3, number_in_base64(number))
                  for number in range(9000)]


def index_of(lines, end=b'\n'):
    return DictIndex(BytesSource(b'\n'.join(lines) + end))


def exact(index, word):
    with index.source.open() as reader:
        return [each.offset for each in index.exact(reader, index.fold(word))]


def prefix(index, word):
    with index.source.open() as reader:
        return [each.headword for _, each in index.prefix(reader, index.fold(word))]


@pytest.fixture(scope='module')
def many():
    """An index of many blocks."""
    return index_of(MANY)


@pytest.mark.parametrize('number', [0, 1, 77, 78, 500, 1234, 2998, 2999])
def test_a_word_is_found_with_all_its_lines(many, number):
    assert exact(many, u'word%05d' % number) == [3 * number, 3 * number + 1, 3 * number + 2]


def test_every_word_is_found(many):
    assert [number for number in range(3000)
            if exact(many, u'word%05d' % number)[:1] != [3 * number]] == []


@pytest.mark.parametrize('word', [u'', u'a', u'word', u'word00001x', u'wordz', u'\xff'])
def test_a_word_that_is_missing_is_not_found(many, word):
    assert exact(many, word) == []


@pytest.mark.parametrize('word, count', [(u'word', 9000), (u'word0299', 30), (u'word02999', 3),
                                         (u'x', 0), (u'w', 9000), (u'0', 0)])
def test_words_with_a_prefix_are_found(many, word, count):
    assert len(prefix(many, word)) == count


def test_a_scan_sees_each_line_but_the_headers(many):
    with many.source.open() as reader:
        assert len(list(many.scan(reader, lambda key: True))) == 9000


def test_a_scan_that_is_stopped_ends(many):
    with many.source.open() as reader:
        assert list(many.scan(reader, lambda key: True, stopped=lambda: True)) == []


def test_a_scan_that_is_stopped_looks_at_few_more_lines(many):
    seen = []
    with many.source.open() as reader:
        list(many.scan(reader, seen.append, stopped=lambda: bool(seen)))
    assert 0 < len(seen) <= LINES_ASKED


def test_words_with_a_prefix_are_not_looked_for_after_a_stop(many):
    with many.source.open() as reader:
        assert list(many.prefix(reader, b'word', lambda: True)) == []


def test_a_header_is_found():
    entry = index_of(HEADERS).header(b'info')
    assert (entry.offset, entry.length) == (1, 2)


def test_a_header_that_is_missing_is_none():
    assert index_of(HEADERS).header(b'short') is None


@pytest.mark.parametrize('lines, flags', [
    ([], (False, False, False)), ([b'00-database-utf8\tA\tA'], (True, False, False)),
    ([b'00databaseutf8\tA\tA'], (True, False, False)),
    ([b'00-database-allchars\tA\tA', b'00-database-utf8\tA\tA'], (True, True, False)),
    ([b'00databasecasesensitive\tA\tA', b'00databaseutf8\tA\tA'], (True, False, True))])
def test_the_headers_tell_the_order(lines, flags):
    index = index_of(lines)
    assert (index.utf8, index.allchars, index.case_sensitive) == flags


def test_without_headers_the_order_is_that_of_sort_df():
    index = index_of([b'-able\tB\tB', b'Apple\tC\tB', b"don't\tD\tB", b'Zebra\tE\tB'])
    assert [exact(index, word) for word in (u'able', u'apple', u'DONT', u'zebra')] == [
        [1], [2], [3], [4]]


def test_a_headword_may_be_spelled_in_a_column_of_its_own():
    assert prefix(index_of([b'00databaseutf8\tA\tA', b'apple\tB\tB\tApple!']), u'a') == [u'Apple!']


def test_the_last_line_may_lack_its_end():
    assert exact(index_of([b'00databaseutf8\tA\tA', b'a\tB\tB'], b''), u'a') == [1]


def test_an_empty_index_has_nothing():
    assert exact(index_of([], b''), u'a') == []


@pytest.mark.parametrize('line', [b'a', b'a\tB', b'a\tB\tB\tc\td', b'a\t\tB', b'a\t=\tB',
                                  b'a\tAAAAAAAAAAA\tB', b'a\tB\t\xc3'])
def test_a_line_that_is_none_is_an_error(line):
    with pytest.raises(BrokenDatabase):
        exact(index_of([b'00databaseutf8\tA\tA', line]), u'a')


def test_a_line_that_is_too_long_is_an_error():
    with pytest.raises(BrokenDatabase):
        exact(index_of([b'00databaseutf8\tA\tA', b'a' * 100000]), u'b')


def test_an_index_of_eight_bit_words_is_refused():
    with pytest.raises(BrokenDatabase):
        index_of([b'00-database-8bit-new\tA\tA'])


@pytest.mark.parametrize('digits, number', [(b'A', 0), (b'B', 1), (b'/', 63), (b'BA', 64),
                                            (b'AAB', 1), (b'//////////', 64 ** 10 - 1)])
def test_numbers_are_in_base_64(digits, number):
    assert parse_number(digits) == number


@pytest.mark.parametrize('number', [0, 1, 63, 64, 4095, 10 ** 9])
def test_a_number_is_itself_again(number):
    assert parse_number(number_in_base64(number)) == number
