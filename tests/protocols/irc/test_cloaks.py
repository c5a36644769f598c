# Copyright the carryall authors.  See LICENSE.
"""Cloaks, and the hosts that others see."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.irc import Cloak
from tests.protocols.irc.scene import Scene

CLOAK = Cloak(b'secret')


@pytest.mark.parametrize('first, second, common', [
    (b'192.0.2.7', b'192.0.2.8', 3), (b'192.0.2.7', b'192.0.3.7', 2),
    (b'192.0.2.7', b'10.0.2.7', 1),
    (b'2001:db8::1', b'2001:db8::2', 3), (b'2001:db8::1', b'2001:db8:0:1::1', 2)])
def test_addresses_of_one_network_have_common_parts(first, second, common):
    parts = [CLOAK(each).split(b'.') for each in (first, second)]
    same = [left == right for left, right in zip(*parts)]
    assert same == [False] * (4 - common) + [True] * common


def test_another_secret_makes_other_cloaks():
    assert CLOAK(b'192.0.2.7').split(b'.')[0] != Cloak(b'other')(b'192.0.2.7').split(b'.')[0]


def test_a_name_has_no_cloak():
    assert CLOAK(b'localhost') == b'localhost'


def cloaked():
    scene = Scene()
    scene.network.cloak = CLOAK
    return scene


def test_a_user_is_shown_with_its_cloak():
    client = cloaked().enter(b'ann')
    assert client.server.user.source == b'ann!~ann@' + CLOAK(b'192.0.2.1')


def test_a_user_may_show_its_address():
    client = cloaked().enter(b'ann')
    client.send(b'MODE ann -x')
    assert client.server.user.host == b'192.0.2.1'


def test_others_hear_of_another_host():
    scene = cloaked()
    ann = scene.enter(b'ann')
    ben = scene.enter(b'ben', b'chghost')
    cat = scene.enter(b'cat')
    for each in (ann, ben, cat):
        each.send(b'JOIN #tea')
    ben.take()
    cat.take()
    ann.send(b'MODE ann -x')
    assert (ben.take(), cat.take()) == (
        [b':ann!~ann@' + CLOAK(b'192.0.2.1') + b' CHGHOST ~ann 192.0.2.1'], [])


def test_a_ban_of_the_address_stands_behind_the_cloak():
    scene = cloaked()
    ann = scene.enter(b'ann')
    ann.send(b'JOIN #tea', b'MODE #tea +b *!*@192.0.2.1')
    assert scene.enter(b'ben').send(b'JOIN #tea')[0].split(b' ')[1] == b'474'


def test_no_other_user_sees_the_address():
    scene = cloaked()
    scene.enter(b'ann')
    lines = scene.enter(b'ben').send(b'WHOIS ann', b'WHO ann', b'WHO ann %ih', b'USERHOST ann')
    assert [line for line in lines if b'192.0.2.1' in line] == []


def test_a_user_sees_its_own_address():
    assert any(b' 378 ann ann :is connecting from ~ann@192.0.2.1' in line
               for line in cloaked().enter(b'ann').send(b'WHOIS ann'))
