# Copyright the carryall authors.  See LICENSE.
"""Names and numeric addresses of the BSD socket module."""
from __future__ import absolute_import, division, print_function

import socket

import pytest

from carryall.core.errors import ResolveFailed
from carryall.core.net.transport import Address
from carryall.runtimes import names


def test_look_up_localhost():
    found = names.look_up('localhost', 80)
    assert Address('127.0.0.1', 80) in found
    assert len(found) == len(set(found)) and all(isinstance(one, Address) for one in found)


@pytest.mark.parametrize('host', ['no such name.invalid', 'x' * 300, u'\u20ac.' + u'x' * 70,
                                  ''.join(['a..b'])])
def test_look_up_fails_with_one_error(host):
    with pytest.raises(ResolveFailed):
        names.look_up(host, 80)


@pytest.mark.parametrize('given, expected', [
    (('127.0.0.1', 80), Address('127.0.0.1', 80)),
    (('::1', 80, 0, 0), Address('::1', 80)),
    (('fe80::1', 80, 0, 2), Address('fe80::1%2', 80)),
    (('fe80::1%eth0', 80, 0, 2), Address('fe80::1%eth0', 80)),
    (('::ffff:192.0.2.1', 80, 0, 0), Address('192.0.2.1', 80)),
    ('/run/x', Address('/run/x')), ('', Address('')), (b'', Address('')),
    (b'\0abstract', Address('\0abstract')),
    (None, Address(''))])
def test_address_of_makes_an_address(given, expected):
    address = names.address_of(given)
    assert address == expected and type(address) is Address
    assert type(address.host) is str


def test_to_system_makes_a_tuple_for_the_system():
    assert names.to_system(('127.0.0.1', 80)) == ('127.0.0.1', 80)
    assert names.to_system(('::1', 80)) == ('::1', 80, 0, 0)
    assert names.to_system(('fe80::1%3', 80)) == ('fe80::1', 80, 0, 3)


def test_family_of_tells_the_address_family():
    assert names.family_of('127.0.0.1') == socket.AF_INET
    assert names.family_of('::1') == socket.AF_INET6
