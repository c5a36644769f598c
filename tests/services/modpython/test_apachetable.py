# Copyright the carryall authors.  See LICENSE.
"""Apache's table."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.services.modpython.apachetable import Table


def test_keys_have_no_case():
    table = Table({'Key': 'value'})
    assert table['KEY'] == 'value'
    assert table.has_key('kEy')         # noqa: W601
    assert table.get('other') is None
    table['key'] = 'new'
    assert table.pairs() == [('key', 'new')]


def test_added_values_are_a_list():
    table = Table()
    table.add('a', '1')
    table.add('A', '2')
    assert table['a'] == ['1', '2']
    assert table.keys() == ['a', 'A']
    del table['a']
    assert len(table) == 0


@pytest.mark.parametrize('key, value', [('a', 1), (1, 'a'), ('a', None), ('a', ['b'])])
def test_only_strings_are_taken(key, value):
    table = Table({'a': 'kept'})
    with pytest.raises(TypeError):
        table[key] = value
    assert table['a'] == 'kept'


def test_a_missing_key_is_an_error():
    with pytest.raises(KeyError):
        Table()['none']
    with pytest.raises(KeyError):
        del Table()['none']


def test_a_table_is_bounded():
    table = Table()
    with pytest.raises(ValueError):
        for number in range(20000):
            table.add('k', 'v')


def test_copies_and_updates():
    table = Table([('a', '1'), ('b', '2')])
    other = table.copy()
    other.update({'a': '3'})
    assert table['a'] == '1'
    assert sorted(other.items()) == [('a', '3'), ('b', '2')]
    assert other.setdefault('c', '4') == '4'
    assert sorted(other.values()) == ['2', '3', '4']
    other.clear()
    assert list(other) == []
