# Copyright the carryall authors.  See LICENSE.
"""Keys of dictionaries and members of sets that are chosen to cost time."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.pb.banana import encode
from carryall.protocols.pb.jelly import jelly
from carryall.protocols.pb.dictkeys import FEW_KEYS, MAX_ALIKE, MAX_KEY_ITEMS, Spread, checked
from carryall.protocols.pb.security import InsecureJelly
from carryall.protocols.pb.unjelly import unjelly


def bomb(levels):
    """A tuple of two that are one, of two that are one ...: a kilobyte, and 2 ** levels items."""
    form = [b'reference', 0, [b'tuple', 1, 1]]
    for number in range(1, levels):
        form = [b'reference', number, [b'tuple', form, [b'dereference', number - 1]]]
    return form


@pytest.mark.parametrize('form', ['dictionary', 'set', 'frozenset', 'within'])
def test_a_key_that_takes_for_ever_to_hash_is_refused(form):
    key = bomb(90)
    data = {'dictionary': [b'dictionary', [key, 1]], 'set': [b'set', key],
            'frozenset': [b'frozenset', 5, key],
            'within': [b'set', [b'tuple', [b'frozenset', 5], [b'tuple', key]]]}[form]
    with pytest.raises(InsecureJelly):
        unjelly(encode(data))


def test_as_a_value_it_is_only_data():
    value = unjelly(encode([b'list', bomb(90)]))
    for _ in range(89):
        assert value[0][0] is value[0][1], 'one object'
        value = [value[0][0]]


def test_the_longest_key_fits():
    key = tuple(range(MAX_KEY_ITEMS - 1))
    assert unjelly(jelly({key: 1})) == {key: 1}, 'a long key'
    with pytest.raises(InsecureJelly):
        unjelly(jelly({key + (1,): 1}))
    nested = ((1, frozenset([2, (3, u'x')])), b'y')
    assert unjelly(jelly({nested: 1})) == {nested: 1} and checked(nested) is nested, \
        'within each other'


@pytest.mark.parametrize(
    'key', [[b'list'], [b'tuple', [b'list', 1]], [b'frozenset', 1, [b'tuple', [b'dictionary']]]])
def test_an_unhashable_key_is_refused(key):
    for form in ([b'dictionary', [key, 1]], [b'set', key]):
        with pytest.raises(InsecureJelly):
            unjelly(encode(form))


class Alike(object):
    """All of these have one hash."""

    def __hash__(self):
        return 8787


def test_keys_that_are_alike():
    spread = Spread()
    for _ in range(MAX_ALIKE):
        spread.add(Alike())
    with pytest.raises(InsecureJelly):
        spread.add(Alike())


@pytest.mark.parametrize('form', [b'dictionary', b'set', b'frozenset'])
def test_a_table_of_keys_that_are_alike(form):
    keys = [b'x'] * (FEW_KEYS + MAX_ALIKE + 10)
    with pytest.raises(InsecureJelly):
        unjelly(encode([form] + ([[key, 1] for key in keys] if form == b'dictionary' else keys)))
    few = keys[:FEW_KEYS]
    assert len(unjelly(encode([form] + ([[key, 1] for key in few] if form == b'dictionary'
                                        else few)))) == 1, 'few do no harm'


def test_thousands_of_keys_of_all_kinds():
    value = dict((key, 1) for number in range(2000)
                 for key in (number, b'%d' % number, u'%d' % number, (number, b'x'), number + 0.5))
    assert unjelly(jelly(value)) == value, 'taken'
