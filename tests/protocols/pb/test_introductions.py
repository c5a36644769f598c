# Copyright the carryall authors.  See LICENSE.
"""Introductions of three programs: a reference goes from the second to the third, which then needs
the first alone."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import LocalProtocolError, Refused
from carryall.core.testing import VirtualLoop
from carryall.protocols import pb
from carryall.protocols.pb.banana import encode
from carryall.protocols.pb.introductions import (INTRODUCTION_TAG, MAX_TICKETS, Introduction,
                                                 Introductions, hand_over)
from carryall.protocols.pb.unjelly import unjelly

OWNER = 1
THIRD = 2


class Frog(pb.Referenceable):
    def remote_croak(self):
        return u'croak'


class Owner(pb.Root):
    def remote_frog(self):
        return Frog()


class Third(pb.Root):
    def __init__(self):
        self.got = None

    def remote_take(self, introduction):
        self.got = introduction


def registry():
    made = pb.Registry()
    made.setUnjellyableForClass(INTRODUCTION_TAG, Introduction)
    return made


class Town(object):
    """The owner and the third listen; the test is the holder."""

    def __init__(self, introduces=True):
        self.loop = VirtualLoop()
        self.introductions = Introductions(self.loop)
        self.brokers = []

        def owner():
            broker = pb.Broker(self.loop, Owner())
            if introduces:
                broker.offer('introductions', self.introductions)
            self.brokers.append(broker)
            return broker

        self.third = Third()
        self.loop.listen_tcp(owner, '127.0.0.1', OWNER)
        self.loop.listen_tcp(lambda: pb.Broker(self.loop, self.third, registry=registry()),
                             '127.0.0.1', THIRD)
        self.at_owner = self.connect(OWNER)
        self.at_third = self.connect(THIRD)
        self.frog = self.wait(self.at_owner.remote().call_remote('frog'))

    def connect(self, port):
        return self.wait(pb.connect(self.loop, '127.0.0.1', port))

    def wait(self, future):
        self.loop.advance()
        assert not self.loop.failures, '%r escaped' % (self.loop.failures[0],)
        return future.exception() or future.result()

    def hand_over(self):
        introduction = self.wait(hand_over(self.frog, u'tcp:127.0.0.1:1'))
        assert self.wait(self.at_third.remote().call_remote('take', introduction)) is None, \
            'it goes over as any copy does'
        return self.third.got

    def meet(self, introduction):
        return self.wait(introduction.meet(
            lambda place: pb.connect(self.loop, '127.0.0.1', int(place.rpartition(u':')[2]))))


def test_a_third_program_gets_the_reference():
    town = Town()
    assert isinstance(town.wait(town.at_third.remote().call_remote('take', town.frog)),
                      LocalProtocolError), 'a reference itself cannot'
    introduction = town.hand_over()
    assert type(introduction) is Introduction and introduction.place == u'tcp:127.0.0.1:1', \
        'it says where'
    assert repr(introduction.ticket)[2:-1] not in repr(introduction), 'and keeps its secret'
    met = town.meet(introduction)
    town.frog.release()
    town.at_owner.close()
    assert town.wait(met.call_remote('croak')) == u'croak', 'the holder is not needed any more'
    assert len(town.introductions) == 0, 'nothing waits'


def test_a_ticket_is_good_once():
    town = Town()
    introduction = town.hand_over()
    assert isinstance(town.meet(introduction), pb.RemoteReference), 'once'
    assert isinstance(town.meet(introduction), pb.PBError), 'and not again'


def test_an_introduction_expires():
    town = Town()
    introduction = town.hand_over()
    town.loop.advance(61.0)
    assert isinstance(town.meet(introduction), pb.PBError) and len(town.introductions) == 0, \
        'it is forgotten'


def test_an_owner_without_introductions_is_an_error():
    """A peer that does not introduce, such as Twisted, does not know the name."""
    town = Town(introduces=False)
    error = town.wait(hand_over(town.frog, u'x'))
    assert isinstance(error, pb.PBError)
    assert error.message == u'Invalid Object ID'


def test_a_third_program_may_not_know_the_class():
    town = Town()
    introduction = town.wait(hand_over(town.frog, u'x'))
    plain = town.wait(pb.connect(town.loop, '127.0.0.1', OWNER))
    error = town.wait(plain.remote().call_remote('frog', introduction))
    assert isinstance(error, pb.RemoteError) and error.remote_type.endswith('InsecureJelly'), \
        'refused politely'


def test_an_owner_that_is_gone_is_an_error():
    town = Town()
    introduction = town.hand_over()
    introduction.place = u'tcp:127.0.0.1:99'
    assert isinstance(town.meet(introduction), Refused), 'told'


@pytest.mark.parametrize('given', [None, 5, b'x', [1]])
def test_an_object_that_is_no_reference_is_not_introduced(given):
    town = Town()
    assert isinstance(town.wait(town.at_owner.remote(b'introductions').call_remote(
        'invite', given)), pb.PBError), 'it is nobody'
    assert isinstance(town.wait(town.at_owner.remote(b'introductions').call_remote('meet', given)),
                      pb.PBError), 'nor a ticket'


def test_a_foreign_object_is_not_introduced():
    town = Town()
    error = town.wait(town.at_owner.remote(b'introductions').call_remote('invite', Frog()))
    assert isinstance(error, pb.PBError) and len(town.introductions) == 0, \
        'the owner has but a reference to it'


def test_the_oldest_give_way():
    town = Town()
    first = town.introductions.remote_invite(Frog())
    for _ in range(MAX_TICKETS):
        town.introductions.remote_invite(Frog())
    assert len(town.introductions) == MAX_TICKETS, 'bounded'
    with pytest.raises(pb.PBError):
        town.introductions.remote_meet(first)


@pytest.mark.parametrize('state', [
    [b'dictionary'], [b'None'], [b'dictionary', [b'place', 5], [b'ticket', b'x' * 16]],
    [b'dictionary', [b'place', [b'unicode', b'x']], [b'ticket', b'x']],
    [b'dictionary', [b'place', [b'unicode', b'x' * 256]], [b'ticket', b'x' * 16]]])
def test_introductions_that_are_none(state):
    with pytest.raises(pb.InsecureJelly):
        unjelly(encode([INTRODUCTION_TAG, state]), registry=registry())
