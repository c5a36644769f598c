# Copyright the carryall authors.  See LICENSE.
"""Networks in rules."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import UsageError
from carryall.core.net.networks import Network, within


@pytest.mark.parametrize('text, inside, outside', [
    (u'10.0.0.0/8', ['10.0.0.0', '10.255.255.255', '::ffff:10.1.2.3'],
     ['11.0.0.0', '9.255.255.255', '::a00:1', 'x', '']),
    (u'192.0.2.7', ['192.0.2.7', '::ffff:192.0.2.7'], ['192.0.2.6', '::1']),
    (u'0.0.0.0/0', ['1.2.3.4'], ['::1']),
    (u'fd00::/8', ['fd00::1', 'fdff::', 'fd00::1%eth0'], ['fe00::', '10.0.0.1']),
    (u'::1', ['::1', '0:0:0:0:0:0:0:1'], ['::2', '127.0.0.1']),
    (u'*', ['1.2.3.4', '::1'], ['host.example', ''])])
def test_a_network_contains_its_hosts(text, inside, outside):
    network = Network(text)
    assert [host for host in inside if host not in network] == [], 'these belong to %s' % text
    assert [host for host in outside if host in network] == [], 'these do not belong to %s' % text


@pytest.mark.parametrize('text', [u'', u'10.0.0.0/33', u'10.0.0.1/8', u'10.0.0/8', u'10.0.0.0/',
                                  u'::/129', u'host.example', u'10.0.0.0/+8', u'010.0.0.0/8',
                                  u'1\u0660.0.0.0/8', u'**'])
def test_a_bad_network_is_refused(text):
    with pytest.raises(UsageError):
        Network(text)


def test_within_finds_an_address_in_networks():
    networks = [Network(u'10.0.0.0/8'), Network(u'::1')]
    assert within('10.1.1.1', networks) and within('::1', networks) and not within(
        '127.0.0.1', networks)
