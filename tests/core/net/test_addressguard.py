# Copyright the carryall authors.  See LICENSE.
"""AddressGuard: which addresses are public."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import UsageError
from carryall.core.net.addressguard import AddressDenied, AddressGuard
from tests.protocols.http.client.client_kit import OK, World, reply

PUBLIC = ['1.1.1.1', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '172.15.255.255',
          '172.32.0.0', '192.167.255.255', '198.17.255.255', '198.20.0.0', '223.255.255.255',
          '2606:4700::1111', '2a00::1', '::ffff:1.1.1.1', '64:ff9b::1.1.1.1', '2002:101:101::']
PRIVATE = ['0.0.0.0', '0.1.2.3', '10.0.0.0', '10.255.255.255', '100.64.0.0', '100.127.255.255',
           '127.0.0.1', '127.9.9.9', '169.254.169.254', '172.16.0.0', '172.31.255.255', '192.0.0.8',
           '192.0.2.1', '192.168.0.1', '198.18.0.1', '198.19.255.255', '203.0.113.9', '224.0.0.1',
           '239.1.1.1', '240.0.0.1', '255.255.255.255', '::', '::1', 'fe80::1', 'fe80::1%1',
           'fc00::1', 'fdff::1', 'ff02::1', '2001:db8::1', '2001::1', '::ffff:127.0.0.1',
           '::ffff:10.0.0.1', '64:ff9b::10.0.0.1', '2002:7f00:1::', '2002:a00:1::1', '::127.0.0.1',
           '2606:4700::1%2', '64:ff9b:1::1', 'localhost', '', '1.1.1', '0x7f.1', '2130706433']


@pytest.mark.parametrize('host', PUBLIC)
def test_public_addresses_pass(host):
    """The edges beyond each range."""
    assert AddressGuard().permits(host)


@pytest.mark.parametrize('host', PRIVATE)
def test_private_addresses_are_refused(host):
    """The edges within each range; IPv4 hidden in IPv6; what is no address."""
    assert not AddressGuard().permits(host)


def test_named_networks_are_let_through():
    """Networks may be let through by name."""
    guard = AddressGuard(['10.1.0.0/16', '127.0.0.1', 'fd00::/8'])
    assert guard.permits('10.1.2.3') and guard.permits('127.0.0.1') and guard.permits('fd12::1')
    assert not guard.permits('10.2.0.0') and not guard.permits('127.0.0.2') and not guard.permits(
        'fe80::1')


@pytest.mark.parametrize('text', ['x', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', '::/129',
                                  '10.0.0.0/8x', '/8'])
def test_a_bad_network_is_reported(text):
    """A text that is no network is reported."""
    with pytest.raises(UsageError):
        AddressGuard([text])


def test_name_to_private():
    """A name that leads inside is refused, and nothing is connected."""
    world = World([OK], guard=AddressGuard())
    world.fails(AddressDenied, 'http://inside.example/')
    world.fails(AddressDenied, 'http://10.0.0.1/')
    assert world.connections == []
    assert world.fetch('http://host.example/') == (200, b'ok')


def test_private_addresses_of_a_name_are_left_out():
    """Of several addresses the private ones are left out; the name is resolved once."""
    world = World([OK], guard=AddressGuard())
    resolved = []
    resolve = world.loop.resolve
    world.loop.resolve = lambda host, port=0: resolved.append(host) or resolve(host, port)
    assert world.fetch('http://mixed.example/') == (200, b'ok')
    assert world.connections[0].transport.get_extra_info('sockname').host == '93.184.216.34'
    assert resolved.count('mixed.example') == 1, resolved


def test_a_redirect_inside_is_refused():
    """A redirect is asked about like the first URL."""
    world = World([reply(302, b'', (b'Location', b'http://inside.example/'))], guard=AddressGuard())
    world.fails(AddressDenied)
    assert len(world.requests) == 1
