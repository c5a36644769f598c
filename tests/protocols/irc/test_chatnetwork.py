# Copyright the carryall authors.  See LICENSE.
"""Users and channels of an IRC server, and the rights of users in channels."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import VirtualLoop
from carryall.protocols.irc import Network, User


def network_of(*nicks):
    """A network, and a User of each nick in it."""
    network = Network(VirtualLoop(), b'irc.example')
    users = []
    for nick in nicks:
        user = User()
        user.nick = nick
        user.username = b'u'
        user.host = b'h'
        network.add(user)
        users.append(user)
    return network, users


@pytest.mark.parametrize('nick', [b'ann', b'ANN', b'Ann'])
def test_a_user_is_found_by_its_nick(nick):
    network, (ann,) = network_of(b'ann')
    assert network.user_of(nick) is ann


def test_a_user_that_is_renamed_has_one_nick():
    network, (ann,) = network_of(b'ann')
    network.rename(ann, b'anna')
    assert (network.user_of(b'ann'), network.user_of(b'anna')) == (None, ann)


def test_the_first_member_is_the_operator():
    network, (ann, ben) = network_of(b'ann', b'ben')
    channel = network.join(ann, b'#tea')
    network.join(ben, b'#TEA')
    assert [channel.is_operator(user) for user in (ann, ben)] == [True, False]


def test_neighbours_share_a_channel():
    network, (ann, ben, cat) = network_of(b'ann', b'ben', b'cat')
    for user in (ann, ben):
        network.join(user, b'#tea')
    assert network.neighbours(ann) == {ben}


def test_a_user_that_goes_leaves_its_channels():
    network, (ann,) = network_of(b'ann')
    network.join(ann, b'#tea')
    network.remove(ann, b'x')
    assert network.channels == {}


def test_a_user_that_goes_is_remembered():
    network, (ann,) = network_of(b'ann')
    network.remove(ann, b'x')
    assert list(network.whowas) == [(b'ann', b'u', b'h', b'')]


def test_the_highest_number_of_users_is_kept():
    network, (ann, _) = network_of(b'ann', b'ben')
    network.remove(ann, b'x')
    assert network.most == 2


def test_numbers_are_given_once():
    network, _ = network_of()
    assert network.next_number() != network.next_number()
