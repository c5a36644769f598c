# Copyright the carryall authors.  See LICENSE.
"""Flavours: which methods a peer may call, and how the others go over."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.protocols import pb
from carryall.protocols.pb.flavors import callable_names
from carryall.protocols.pb.jelly import jelly
from tests.protocols.pb.stage import Pair


class Base(pb.Referenceable):
    def remote_one(self):
        return u'base'

    def remote_two(self):
        return u'base'


class Derived(Base):
    remote_two = None

    def remote_one(self):
        return u'derived'

    def remote_(self):
        return u'no name'


def test_the_table_of_a_class():
    assert sorted(callable_names(Base, 'remote_')) == [b'one', b'two'], 'read once from the class'
    table = callable_names(Derived, 'remote_')
    assert table[b'two'] is None and b'' in table, 'taken back by None'
    assert callable_names(Derived, 'remote_') is table and callable_names(
        Base, 'remote_') is not table, 'each has its own'
    assert Derived().method_for(b'one')() == u'derived' and Derived().method_for(b'two') is None, \
        'as methods'


class Avatar(pb.Avatar):
    def __init__(self, name):
        self.name = name

    def perspective_who(self):
        return self.name

    def perspective_thing(self):
        return Thing()

    def perspective_pond(self):
        return Pond()

    def remote_who(self):
        raise AssertionError('called without a perspective')


class Thing(pb.Viewable):
    def view_who(self, perspective, suffix=u''):
        return perspective.name + suffix

    def view_self(self, perspective):
        return self


class Pond(pb.Copyable):
    def getStateToCopyFor(self, perspective):
        return {u'for': perspective.name if perspective is not None else None}

    def getTypeToCopyFor(self, perspective):
        return u'pond' if perspective is not None else u'puddle'


class RemotePond(pb.RemoteCopy):
    pass


class Root(pb.Root):
    def rootObject(self, broker):
        return Door()


class Door(pb.Referenceable):
    def remote_enter(self, name):
        return Avatar(name)

    def remote_pond(self):
        return Pond()


def pair_of():
    registry = pb.Registry()
    registry.setCopierForClass('pond', RemotePond)
    registry.setFactoryForClass('puddle', lambda state: u'puddle')
    return Pair(Root(), near=dict(registry=registry))


def test_an_avatar_offers_perspective_methods():
    pair = pair_of()
    anna = pair.call('enter', u'anna')
    assert pair.wait(anna.call_remote('who')) == u'anna', 'perspective_who'
    error = pair.error(anna.call_remote('nothing'))
    assert isinstance(error, pb.NoSuchMethod) and u'perspective_nothing' in error.message, 'told so'


def test_a_viewpoint_knows_its_perspective():
    pair = pair_of()
    anna = pair.call('enter', u'anna')
    ben = pair.call('enter', u'ben')
    thing = pair.wait(anna.call_remote('thing'))
    assert pair.wait(thing.call_remote('who', suffix=u'?')) == u'anna?', 'who calls comes first'
    other = pair.wait(ben.call_remote('thing'))
    assert pair.wait(other.call_remote('who')) == u'ben', 'another view'
    same = pair.wait(thing.call_remote('self'))
    assert same == thing, 'the same view of the same thing is one object'
    assert u'view_x' in pair.error(thing.call_remote('x')).message, 'told so'


def test_copies_for_a_perspective():
    pair = pair_of()
    assert pair.call('pond') == u'puddle', 'for nobody'
    anna = pair.call('enter', u'anna')
    copy = pair.wait(anna.call_remote('pond'))
    assert type(copy) is RemotePond and vars(copy) == {'for': u'anna'}, 'for her'


def test_references_make_sense_in_a_broker_alone():
    for thing in (Base(), Thing()):
        with pytest.raises(LocalProtocolError):
            jelly(thing)


def test_an_abstract_flavor_is_not_sent():
    from carryall.protocols.pb.flavors import Serializable
    with pytest.raises(LocalProtocolError):
        jelly(Serializable())


def test_observers_are_equal_if_they_are_the_same():
    thing = Thing()
    first, second = (pb.RemoteCacheObserver(None, thing, None) for _ in range(2))
    other = pb.RemoteCacheObserver(None, Thing(), None)
    assert first == second and hash(first) == hash(second) and first != other and first != 5, \
        'by what they observe'
