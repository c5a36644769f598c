# Copyright the carryall authors.  See LICENSE.
"""Jelly, both ways: every form as it stands on the wire, shared and circular data,
and what is refused."""
from __future__ import absolute_import, division, print_function

import datetime
import decimal
import math
import random
import types

import pytest

from carryall.core.errors import LocalProtocolError, RemoteProtocolError
from carryall.protocols.pb.banana import PB, decode, encode
from carryall.protocols.pb.flavors import Copyable, RemoteCopy
from carryall.protocols.pb.jelly import jelly
from carryall.protocols.pb.security import (InsecureJelly, Registry, SecurityOptions, Unjellyable,
                                            Unpersistable, basic_security)
from carryall.protocols.pb.dictkeys import MAX_KEYS
from carryall.protocols.pb.unjelly import unjelly

FORMS = [
    (1, 1), (-5, -5), (2 ** 40, 2 ** 40), (1.5, 1.5), (b'abc', b'abc'), (b'', b''),
    (None, [b'None']), (True, [b'boolean', b'true']), (False, [b'boolean', b'false']),
    (u'', [b'unicode', b'']), (u'\u20ac', [b'unicode', b'\xe2\x82\xac']),
    (u'\U0001f438', [b'unicode', b'\xf0\x9f\x90\xb8']),
    ([], [b'list']), ([1, [b'x']], [b'list', 1, [b'list', b'x']]), ((), [b'tuple']),
    ((1, ()), [b'tuple', 1, [b'tuple']]),
    ({}, [b'dictionary']), ({u'a': 1}, [b'dictionary', [[b'unicode', b'a'], 1]]),
    ({(1, 2): None}, [b'dictionary', [[b'tuple', 1, 2], [b'None']]]),
    (set([3]), [b'set', 3]), (frozenset([4]), [b'frozenset', 4]), (set(), [b'set']),
    (datetime.datetime(2002, 7, 7, 1, 2, 3, 4), [b'datetime', b'2002 7 7 1 2 3 4']),
    (datetime.date(1999, 12, 31), [b'date', b'1999 12 31']),
    (datetime.time(23, 59, 58, 7), [b'time', b'23 59 58 7']),
    (datetime.timedelta(-1, 5, 6), [b'timedelta', b'-1 5 6']),
    (decimal.Decimal('-12.50'), [b'decimal', -1250, -2]),
    (decimal.Decimal('3E+4'), [b'decimal', 3, 4]),
]


@pytest.mark.parametrize('value, form', FORMS, ids=[str(number) for number in range(len(FORMS))])
def test_values_have_their_forms(value, form):
    data = jelly(value)
    assert decode(data) == form, 'written as %r' % (decode(data),)
    back = unjelly(data)
    assert back == value and type(back) is type(value) or isinstance(value, int), \
        'read as %r' % (back,)
    assert unjelly(jelly(value, dialect=PB), dialect=PB) == value, 'with tokens'


def test_special_floats_come_back():
    assert unjelly(jelly(float('inf'))) == float('inf') and math.isnan(
        unjelly(jelly(float('nan')))), 'as IEEE has them'


def test_a_word_of_the_vocabulary_is_data_too():
    value = [b'None', {b'copy': b'remote'}, u'cache']
    assert unjelly(jelly(value, dialect=PB), dialect=PB) == value, 'tokens anywhere'


def test_shared_values_are_references():
    shared = [1]
    data = jelly([shared, shared, (shared,)])
    assert decode(data) == [b'list', [b'reference', 1, [b'list', 1]], [b'dereference', 1],
                            [b'tuple', [b'dereference', 1]]], 'once'
    back = unjelly(data)
    assert back[0] is back[1] is back[2][0], 'one object again'


def test_equal_values_are_not_shared():
    assert decode(jelly([[1], [1]])) == [b'list', [b'list', 1], [b'list', 1]], 'two lists'
    assert decode(jelly([(), ()])) == [b'list', [b'tuple'], [b'tuple']], \
        'the empty tuple is everywhere'


def test_circles_come_back():
    circle = [1]
    circle.append(circle)
    assert decode(jelly(circle)) == [b'reference', 1, [b'list', 1, [b'dereference', 1]]], \
        'around the outermost'
    back = unjelly(jelly(circle))
    assert back[1] is back, 'a list in itself'
    table = {}
    table[u'self'] = table
    back = unjelly(jelly(table))
    assert back[u'self'] is back, 'a dictionary in itself'


def test_a_tuple_within_itself():
    inner = [u'x']
    outer = (inner, {u'k': inner})
    inner.append(outer)
    back = unjelly(jelly(outer))
    assert type(back) is tuple and back[0][1] is back and back[1][u'k'] is back[0], 'through a list'


class Frog(Copyable):
    pass


class RemoteFrog(RemoteCopy):
    def postUnjelly(self):
        self.told = True


def frogs():
    registry = Registry()
    registry.setUnjellyableForClass(Frog, RemoteFrog)
    return registry


def test_instances_of_allowed_classes_come_back():
    frog = Frog()
    frog.name = u'Kermit'
    frog.legs = 4
    form = decode(jelly(frog))
    assert form[0] == (Frog.__module__ + '.Frog').encode('ascii') and form[1][0] == b'dictionary', \
        'a name and a state'
    assert sorted(key for key, _ in form[1][1:]) \
        == [[b'unicode', b'legs'], [b'unicode', b'name']], 'names are text on every runtime'
    back = unjelly(jelly(frog), registry=frogs())
    assert type(back) is RemoteFrog and (back.name, back.legs, back.told) == (u'Kermit', 4, True), \
        'and back'


def test_names_of_attributes_may_be_bytes():
    """As Python 2 peers write them."""
    tag = (Frog.__module__ + '.Frog').encode('ascii')
    back = unjelly(encode([tag, [b'dictionary', [b'legs', 4], [[b'unicode', b'name'], b'x']]]),
                   registry=frogs())
    assert (back.legs, back.name) == (4, b'x'), 'as attributes'


def test_an_instance_in_a_circle():
    frog = Frog()
    pond = []
    frog.pond = (pond,)
    pond.append(frog)
    back = unjelly(jelly(pond), registry=frogs())
    assert back[0].pond[0] is back, 'its state was set when all was known'


def test_factories_make_instances():
    registry = Registry()
    registry.setUnjellyableFactoryForClass('x.Y', lambda state: (u'made of', state[u'a']))
    assert unjelly(encode([b'x.Y', [b'dictionary', [[b'unicode', b'a'], 1]]]), registry=registry) \
        == (u'made of', 1), 'a factory'


class Plain(object):
    value = None


def five():
    return 5


def test_nothing_of_ours_unless_it_is_allowed():
    assert isinstance(unjelly(jelly(Plain())), Unpersistable), 'an unknown instance says so'
    assert b'deemed insecure' in decode(jelly(Plain()))[1], 'with the reason'
    for thing in (Plain, random, five):
        assert isinstance(unjelly(jelly(thing)), Unpersistable), 'nor is %r sent' % (thing,)


def test_allowed_classes_and_modules_are_unjellied():
    security = SecurityOptions()
    security.allowInstancesOf(Plain)
    security.allowModules(random)
    security.allowFunctions(five)
    plain = Plain()
    plain.value = [1]
    back = unjelly(jelly([plain, Plain, random, five], security), security)
    assert type(back[0]) is Plain and back[0].value == [1] and back[1:] == [Plain, random, five], \
        'each is itself'
    name = (Plain.__module__ + '.Plain').encode('ascii')
    old = unjelly(encode([b'instance', [b'class', name], [b'dictionary', [b'value', 2]]]), security)
    assert type(old) is Plain and old.value == 2, 'the form of 0.19'


class Bell(object):
    def ring(self):
        return u'ding'


def test_allowed_methods_are_unjellied():
    security = SecurityOptions()
    security.allowInstancesOf(Bell)
    security.allowMethods(Bell, Bell.ring)
    bell = Bell()
    back = unjelly(jelly(bell.ring, security), security)
    assert isinstance(back, types.MethodType) and back() == u'ding', 'a method of an instance'
    with pytest.raises(RemoteProtocolError):
        unjelly(jelly(bell.ring, security).replace(b'\x04\x82ring', b'\x08\x82__init__'), security)


def test_persistent_ids_replace_values():
    thing = Plain()
    data = jelly([thing], persistent_store=lambda value, _: b'id 1' if value is thing else None)
    assert decode(data) == [b'list', [b'persistent', b'id 1']], 'its name'
    assert unjelly(data, persistent_load=lambda name, _: thing if name == b'id 1'
                   else None)[0] is thing, 'and back'
    assert isinstance(unjelly(data)[0], Unpersistable), 'without a store'


@pytest.mark.parametrize('form', [
    [], [[]], [1], [b'None', 1][:1] and [b'no such form'], [b'os.system', [b'dictionary']],
    [b'unicode'], [b'unicode', b'\xff'], [b'unicode', 1],
    [b'boolean', b'maybe'], [b'dictionary', 1], [b'dictionary', [1]],
    [b'dictionary', [[b'list'], 1]], [b'dictionary', [[b'dictionary'], 1]],
    [b'set', [b'list']], [b'datetime', b'2002 13 1 0 0 0 0'], [b'datetime', b'2002'],
    [b'date', b'1 2 x'], [b'time', b'25 0 0 0'], [b'timedelta', b'999999999 +1 0'],
    [b'decimal', b'1', 2], [b'decimal', 1, 10 ** 9], [b'reference', 1],
    [b'reference', b'x', [b'list']], [b'dereference', 7], [b'dereference'],
    [b'list', [b'reference', 1, [b'list']], [b'reference', 1, [b'list']]],
    [b'reference', 1, [b'tuple', [b'dereference', 1]]],
    [b'dictionary', [[b'dereference', 1], 2]], [b'reference', 1, [b'set', [b'dereference', 1]]],
    [b'module', b'os'], [b'class', b'builtins.object'],
    [b'function', b'os.system'], [b'method', b'system', [b'None'], [b'class', b'x']],
    [b'instance', [b'class', b'x'], [b'dictionary']], [b'instance'],
    [b'remote', 1], [b'local', 1], [b'cached', 1], [b'lcache', 1], [b'persistent'],
    [b'reference', 1, [b'dereference', 1]],
    [b'list', [b'unicode', [b'list']]], [b'class', [b'list']], [b'module', 5], [b'']])
def test_forbidden_forms_are_refused(form):
    with pytest.raises(InsecureJelly):
        unjelly(encode(form))


def test_too_many_keys():
    with pytest.raises(InsecureJelly):
        unjelly(encode([b'dictionary'] + [[number, 0] for number in range(MAX_KEYS + 1)]))
    with pytest.raises(InsecureJelly):
        unjelly(encode([b'set'] + list(range(MAX_KEYS + 1))))
    assert len(unjelly(encode([b'set'] + list(range(MAX_KEYS))))) == MAX_KEYS, 'that many fit'


def test_a_value_that_is_too_deep_is_refused():
    value = []
    for _ in range(150):
        value = [value]
    assert decode(jelly(value))[0] == b'list', 'deep enough for anybody'
    for _ in range(60):
        value = [value]
    with pytest.raises(LocalProtocolError):
        jelly(value)
    table = {}
    for _ in range(101):
        table = {1: table}
    with pytest.raises(LocalProtocolError):
        jelly(table)


@pytest.mark.parametrize('value', [2 ** 500, b'x' * 655361, decimal.Decimal('NaN'), u'x' * 655361])
def test_an_unsendable_value_is_refused(value):
    with pytest.raises(LocalProtocolError):
        jelly(value)


def test_a_form_may_be_taken_back():
    security = basic_security()
    security.allowedTypes.discard(b'set')
    with pytest.raises(InsecureJelly):
        unjelly(jelly(set([1])), security)


class Sneaky(Unjellyable):
    pass


def test_attributes_of_a_peer_are_only_attributes():
    """They do not take the place of methods that are called by us."""
    class Careful(RemoteCopy):
        posted = False

        def postUnjelly(self):
            self.posted = True

    registry = Registry()
    registry.setUnjellyableForClass('c', Careful)
    back = unjelly(encode([b'c', [b'dictionary', [b'postUnjelly', 1], [b'setCopyableState', 2],
                                  [b'__class__', 3]]]), registry=registry)
    assert type(back) is Careful and back.posted is True, 'the class stayed the class'
