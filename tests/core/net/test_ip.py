# Copyright the carryall authors.  See LICENSE.
"""Numeric addresses: text and octets."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.net.ip import canonical, is_loopback, packed, source_of, text


@pytest.mark.parametrize('given, expected', [
    ('127.0.0.1', '127.0.0.1'), ('0.0.0.0', '0.0.0.0'), ('255.255.255.255', '255.255.255.255'),
    ('::', '::'), ('::1', '::1'), ('0:0:0:0:0:0:0:1', '::1'), ('1:0:0:2:0:0:0:3', '1:0:0:2::3'),
    ('2001:DB8::0:1', '2001:db8::1'), ('2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'),
    ('::ffff:192.0.2.1', '::ffff:192.0.2.1'), ('::FFFF:c000:201', '::ffff:192.0.2.1'),
    ('64:ff9b::192.0.2.33', '64:ff9b::c000:221'),
    ('1::', '1::'), ('fe80::1%eth0', 'fe80::1%eth0'), ('fe80:0:0:0:0:0:0:1%2', 'fe80::1%2')])
def test_an_address_has_a_canonical_text(given, expected):
    assert canonical(given) == expected
    plain = expected.partition('%')[0]
    assert text(packed(plain)) == plain, 'what was written is not read back'


@pytest.mark.parametrize('given', [
    '', 'localhost', '127.0.0', '127.0.0.1.1', '256.0.0.1', '01.2.3.4', '1.2.3.', '+1.2.3.4',
    '1.2.3.4 ', u'\u0661.2.3.4', ':', ':::', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1::2::3',
    '12345::', 'g::', ':1::', '::1%', '127.0.0.1%1', '1.2.3.4:5', '::1.2.3',
    '1:2:3:4:5:6:7:1.2.3.4', '1:2:3:4:5:6:7::8', '::192.0.2.1:1'])
def test_text_that_is_no_address_is_none(given):
    assert canonical(given) is None, given


def test_loopback_addresses_are_recognized():
    assert is_loopback('127.9.9.9') and is_loopback('::1') and is_loopback('::ffff:127.0.0.1')
    assert not is_loopback('128.0.0.1') and not is_loopback('::') and not is_loopback('localhost')


@pytest.mark.parametrize('host, source', [
    ('192.0.2.1', '192.0.2.1'), ('::ffff:192.0.2.1', '192.0.2.1'), ('::FFFF:C000:201', '192.0.2.1'),
    ('2001:db8:0:1:2:3:4:5', '2001:db8:0:1::/64'), ('2001:DB8:0:1::', '2001:db8:0:1::/64'),
    ('2001:db8:0:2::1', '2001:db8:0:2::/64'), ('fe80::1%eth0', 'fe80::/64'), ('::1', '::/64'),
    ('', None), ('/run/x', None), ('/run/a:b', None), ('localhost', None), ('::1::', None)])
def test_an_address_counts_for_its_source(host, source):
    assert source_of(host) == source
