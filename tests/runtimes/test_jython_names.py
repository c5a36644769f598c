# Copyright the carryall authors.  See LICENSE.
"""Names and numeric addresses of Java."""
from __future__ import absolute_import, division, print_function

import pytest
from java.net import InetSocketAddress

from carryall.core.errors import ResolveFailed
from carryall.core.net.transport import Address
from carryall.runtimes.jvm import addresses as names


@pytest.mark.parametrize('host', ['127.0.0.1', '::1', '192.0.2.7', '2001:db8::1', '::', '0.0.0.0'])
def test_there_and_back_in_canonical_text(host):
    system = names.to_system((host, 80))
    assert isinstance(system, InetSocketAddress) and not system.isUnresolved()
    address = names.address_of(system)
    assert address == Address(host, 80) and type(address) is Address and type(address.host) is str


def test_address_of_none():
    assert names.address_of(None) is None


def test_look_up_localhost():
    found = names.look_up('localhost', 80)
    assert Address('127.0.0.1', 80) in found


def test_look_up_fails_with_one_error():
    with pytest.raises(ResolveFailed):
        names.look_up('no such name.invalid', 80)
