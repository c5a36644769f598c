# Copyright the carryall authors.  See LICENSE.
"""The namedtuple that is made without a compiler, beside the standard library's."""
from __future__ import absolute_import, division, print_function

import collections
import copy
import pickle

import pytest

from carryall.core import records
from carryall.core.compat import ON_JYTHON

Light = records.light_namedtuple('Light', 'left right')
Usual = collections.namedtuple('Usual', 'left right')


class Derived(records.light_namedtuple('Derived', 'left right')):
    __slots__ = ()

    def __new__(cls, left, right=7):
        return super(Derived, cls).__new__(cls, left, right)

    @property
    def both(self):
        return self.left + self.right


def test_jython_takes_the_light_namedtuple():
    assert records.namedtuple is (records.light_namedtuple if ON_JYTHON else collections.namedtuple)


@pytest.mark.parametrize('kind', [Light, Usual])
def test_a_record_is_a_tuple_with_names(kind):
    for made in (kind(1, 2), kind(1, right=2), kind(right=2, left=1), kind._make(iter([1, 2])),
                 kind(0, 2)._replace(left=1)):
        assert made == (1, 2) and (made.left, made.right) == (1, 2) and type(made) is kind
    one = kind(1, 2)
    left, right = one
    assert (left, right, one[1], len(one)) == (1, 2, 2, 2)
    assert kind._fields == ('left', 'right') and dict(one._asdict()) == {'left': 1, 'right': 2}
    assert list(one._asdict()) == ['left', 'right'] and hash(one) == hash((1, 2)) and one < kind(
        1, 3)
    assert repr(one) == '%s(left=1, right=2)' % kind.__name__
    assert kind is Usual or not hasattr(one, '__dict__')


@pytest.mark.parametrize('kind', [Light, Usual])
def test_wrong_arguments_are_refused(kind):
    for values, named in (((), {}), ((1,), {}), ((1, 2, 3), {}), ((1, 2), {'left': 1}),
                          ((1,), {'middle': 1}), ((1, 2), {'middle': 1})):
        with pytest.raises(TypeError):
            kind(*values, **named)
    one = kind(1, 2)
    # Which of them depends on the version of the standard one.
    with pytest.raises((ValueError, TypeError)):
        one._replace(middle=1)
    with pytest.raises(AttributeError):
        one.left = 3
    make = records.light_namedtuple if kind is Light else collections.namedtuple
    for fields in ('a a', '_a b'):
        with pytest.raises(ValueError):
            make('Wrong', fields)


def test_a_class_made_of_it():
    assert Derived(1) == (1, 7) and Derived(1).both == 8 and Derived(1)._replace(right=2).both == 3
    assert type(Derived._make((1, 2))) is Derived and repr(Derived(1)) == 'Derived(left=1, right=7)'


def test_a_record_can_be_copied_and_pickled():
    for one in (Derived(1, [2]), Light(1, [2])):
        others = [copy.copy(one), copy.deepcopy(one)] + [pickle.loads(pickle.dumps(one, protocol))
                                                         for protocol in (0, 1, 2)]
        for other in others:
            assert other == one and type(other) is type(one)


class Settings(records.Record):
    rows = (('line_bytes', 512, u'octets of a line'), ('idle_seconds', 2.5, u'without a line'),
            ('name', b'', u'of us'))
    __slots__ = records.names_of(rows)


def test_a_record_has_the_defaults_except_those_that_are_named():
    settings = Settings(idle_seconds=7)
    assert settings.line_bytes == 512
    assert settings.idle_seconds == 7


def test_replace_gives_another_record_of_the_same_class():
    first = Settings(idle_seconds=7)
    second = first.replace(line_bytes=5)
    assert second == Settings(line_bytes=5, idle_seconds=7)
    assert type(second) is Settings
    assert first.line_bytes == 512


def test_a_record_cannot_be_changed():
    settings = Settings()
    with pytest.raises(AttributeError):
        settings.line_bytes = 5
    with pytest.raises(AttributeError):
        del settings.line_bytes
    with pytest.raises(AttributeError):
        settings.other = 5


def test_a_record_refuses_unknown_names_and_negative_numbers():
    with pytest.raises(TypeError) as caught:
        Settings(lines=1, octets=2)
    assert str(caught.value) == 'Settings has no lines, octets'
    with pytest.raises(ValueError) as refused:
        Settings(line_bytes=-1)
    assert str(refused.value) == 'line_bytes cannot be negative'


def test_equal_records_have_one_hash_and_show_what_differs_from_the_defaults():
    assert hash(Settings(name=b'x')) == hash(Settings(name=b'x'))
    assert Settings() != Settings(name=b'x')
    assert repr(Settings(line_bytes=5)) == 'Settings(line_bytes=5)'
    assert repr(Settings()) == 'Settings()'
