# Copyright the carryall authors.  See LICENSE.
"""METADATA (IRCv3 metadata-2)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.irc import MetadataBook
from tests.protocols.irc.scene import Scene

CAPABILITIES = (b'batch', b'draft/metadata-2')


def pair():
    scene = Scene()
    scene.network.metadata = MetadataBook()
    ann = scene.enter(b'ann', *CAPABILITIES)
    ben = scene.enter(b'ben', *CAPABILITIES)
    for each in (ann, ben):
        each.send(b'JOIN #tea')
    ann.take()
    return scene, ann, ben


def test_a_value_is_set():
    _, ann, _ = pair()
    assert ann.send(b'METADATA * SET url :https://ann.example') == [
        b':irc.example 761 ann ann url * :https://ann.example']


def test_a_value_is_told():
    _, ann, ben = pair()
    ann.send(b'METADATA * SET url :x')
    lines = ben.send(b'METADATA ann GET url avatar')
    assert [line.split(b':irc.example ')[1] for line in lines[1:-1]] == [
        b'761 ben ann url * :x', b'766 ben ann avatar :key not set']


def test_values_are_listed_and_cleared():
    _, ann, _ = pair()
    ann.send(b'METADATA * SET url :x', b'METADATA * SET avatar :y')
    listed = len(ann.send(b'METADATA * LIST'))
    ann.send(b'METADATA * CLEAR')
    assert (listed, len(ann.send(b'METADATA * LIST'))) == (4, 2)


def test_a_value_is_taken_away():
    _, ann, _ = pair()
    ann.send(b'METADATA * SET url :x')
    assert ann.send(b'METADATA * SET url') == [b':irc.example 766 ann ann url :key not set']


def test_subscribers_hear_of_a_change():
    _, ann, ben = pair()
    ben.send(b'METADATA * SUB url')
    ann.send(b'METADATA * SET url :x', b'METADATA * SET avatar :y')
    assert ben.take() == [b':ann!~ann@192.0.2.1 METADATA ann url * x']


def test_subscribers_hear_of_a_channel():
    _, ann, ben = pair()
    ben.send(b'METADATA * SUB url')
    ann.send(b'METADATA #tea SET url :x y')
    assert ben.take() == [b':ann!~ann@192.0.2.1 METADATA #tea url * :x y']


def test_subscriptions_are_told_and_ended():
    _, ann, _ = pair()
    ann.send(b'METADATA * SUB url avatar', b'METADATA * UNSUB url')
    assert ann.send(b'METADATA * SUBS')[1].partition(b' :irc.example ')[2] == b'772 ann avatar'


@pytest.mark.parametrize('line, code', [
    (b'METADATA ben SET url :x', b'KEY_NO_PERMISSION'),
    (b'METADATA * SET UR:L :x', b'KEY_INVALID'), (b'METADATA * SUB UR:L', b'KEY_INVALID'),
    (b'METADATA * GET UR:L', b'KEY_INVALID'), (b'METADATA * SET url', b'KEY_NOT_SET'),
    (b'METADATA nobody GET url', b'INVALID_TARGET'), (b'METADATA * WORST', b'SUBCOMMAND_INVALID'),
    (b'METADATA * SET url :' + b'x' * 301, b'VALUE_INVALID'),
    (b'METADATA * SET url :\xe9', b'VALUE_INVALID'),
    (b'METADATA #milk SET url :x', b'INVALID_TARGET')])
def test_a_wrong_request_is_refused(line, code):
    _, ann, _ = pair()
    assert ann.send(line)[0].split(b' ')[3] == code


def test_a_member_that_is_no_operator_sets_nothing():
    _, _, ben = pair()
    ben.take()
    assert ben.send(b'METADATA #tea SET url :x')[0].split(b' ')[3] == b'KEY_NO_PERMISSION'


def test_keys_are_bounded():
    _, ann, _ = pair()
    lines = ann.send(*[b'METADATA * SET k%d :x' % number for number in range(21)])
    assert lines[-1].split(b' ')[3] == b'LIMIT_REACHED'


def test_subscriptions_are_bounded():
    _, ann, _ = pair()
    lines = ann.send(*[b'METADATA * SUB k%d' % number for number in range(51)])
    assert lines[-1].split(b' ')[3] == b'TOO_MANY_SUBS'


def test_a_user_without_an_account_is_forgotten():
    scene, ann, _ = pair()
    ann.send(b'METADATA * SET url :x', b'QUIT')
    assert scene.network.metadata.values(b'!ann') == {}


def test_a_user_with_another_nick_begins_again():
    scene, ann, _ = pair()
    ann.send(b'METADATA * SET url :x', b'NICK ann2')
    assert scene.network.metadata.values(b'!ann') == {}


def test_without_the_capability_the_command_is_unknown():
    scene, _, _ = pair()
    assert scene.enter(b'cat').send(b'METADATA * LIST')[0].split(b' ')[1] == b'421'
