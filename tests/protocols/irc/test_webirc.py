# Copyright the carryall authors.  See LICENSE.
"""WEBIRC (IRCv3 webirc)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.net.networks import Network as IPNetwork
from carryall.protocols.irc import DLINE, Gateway
from tests.protocols.irc.scene import Scene


def scene(network=u'192.0.2.0/24'):
    made = Scene()
    made.network.gateways = [Gateway(b'secret', [IPNetwork(network)])]
    return made


def test_the_user_has_the_address_that_the_gateway_tells():
    client = scene().connect()
    client.send(b'WEBIRC secret gate a.example 198.51.100.7', b'NICK ann', b'USER a 0 * :A')
    assert client.server.user.source == b'ann!~a@198.51.100.7'


def test_an_address_of_ipv6_is_taken():
    client = scene().connect()
    client.send(b'WEBIRC secret gate a.example :::1', b'NICK ann', b'USER a 0 * :A')
    assert client.server.user.host == b'0::1'


def test_a_gateway_tells_of_tls():
    client = scene().connect()
    client.send(b'WEBIRC secret gate a.example 198.51.100.7 :secure local-port=1', b'NICK ann',
                b'USER a 0 * :A')
    assert b'Z' in client.server.user.modes


@pytest.mark.parametrize('network, line', [
    (u'192.0.2.0/24', b'WEBIRC wrong gate a.example 198.51.100.7'),
    (u'10.0.0.0/8', b'WEBIRC secret gate a.example 198.51.100.7'),
    (u'192.0.2.0/24', b'WEBIRC secret gate a.example nowhere'),
    (u'192.0.2.0/24', b'WEBIRC secret gate a.example \xe9'),
    (u'192.0.2.0/24', b'WEBIRC secret gate a.example :')])
def test_others_are_no_gateways(network, line):
    client = scene(network).connect()
    assert client.send(line) == [b'ERROR :Closing Link: 192.0.2.1 (WEBIRC is not allowed)']


def test_bans_concern_the_address_that_the_gateway_tells():
    made = scene()
    made.network.bans.add(DLINE, b'198.51.100.0/24', b'spam', b'op')
    client = made.connect()
    client.send(b'WEBIRC secret gate a.example 198.51.100.7')
    assert client.wire.is_closing()


def test_a_user_gives_no_address_later():
    client = scene().enter(b'ann')
    assert client.send(b'WEBIRC secret gate a.example 198.51.100.7')[0].split(b' ')[1] == b'462'
