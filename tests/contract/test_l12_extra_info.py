# Copyright the carryall authors.  See LICENSE.
"""L12: a transport knows at least its peername, sockname and tls;
protocols ask through one helper."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.net.ip import canonical
from carryall.core.testing import StrictProtocol
from carryall.core.net.transport import Address, here, peer, tls
from tests.contract.support import connected, need_ipv6, settle, short_path, until


def _check_names(pair):
    assert peer(pair.client.transport) == here(pair.server.transport) == pair.listener.address
    assert peer(pair.server.transport) == here(pair.client.transport)
    for protocol in (pair.client, pair.server):
        for address in (peer(protocol.transport), here(protocol.transport)):
            assert isinstance(address, Address)
            assert type(address.host) is str
            assert canonical(address.host) == address.host
            assert 0 < address.port < 65536
        assert tls(protocol.transport) is None


def test_l12_names_are_told_over_ipv4(loop):
    pair = connected(loop)
    _check_names(pair)
    assert peer(pair.client.transport).host == '127.0.0.1'
    assert str(pair.listener.address) == '127.0.0.1:%d' % pair.listener.address.port


def test_l12_ipv6_in_canonical_text(machine):
    need_ipv6(machine)
    pair = connected(machine, host='::1')
    _check_names(pair)
    assert peer(pair.client.transport).host == '::1'
    assert str(pair.listener.address) == '[::1]:%d' % pair.listener.address.port
    pair.client.transport.write(b'six')
    until(machine, lambda: pair.server.data == b'six')


def test_l12_ipv6_however_it_is_written(machine):
    need_ipv6(machine)
    listener = machine.listen_tcp(StrictProtocol, '0:0:0:0:0:0:0:1')
    assert listener.address.host == '::1'
    transport, _ = machine.run_until(
        machine.connect_tcp(StrictProtocol, '0::0:1', listener.address.port))
    assert peer(transport) == listener.address


def test_l12_names_are_told_over_unix(machine, tmpdir):
    machine.caps.require('unix')
    path = short_path(tmpdir)
    pair = connected(machine, path=path)
    assert pair.listener.address == Address(path) and str(pair.listener.address) == 'unix:' + path
    assert peer(pair.client.transport) == Address(path)
    assert here(pair.server.transport) == Address(path)
    assert peer(pair.server.transport) == Address('')
    assert here(pair.client.transport) == Address('')
    assert tls(pair.client.transport) is None


def test_l12_known_from_connection_made_on(loop):
    class Asking(StrictProtocol):
        def made(self):
            self.names = peer(self.transport), here(self.transport)

    pair = connected(loop, server=Asking, client=Asking)
    assert pair.client.names == (pair.listener.address, here(pair.client.transport))
    assert pair.server.names == (here(pair.client.transport), pair.listener.address)


def test_l12_the_peer_is_known_after_the_end(loop):
    pair = connected(loop)
    name = peer(pair.server.transport)
    pair.client.transport.abort()
    until(loop, lambda: pair.server.state == 'lost')
    settle(loop, 2)
    assert peer(pair.server.transport) == name


def test_l12_an_unknown_key_gives_the_default(loop):
    pair = connected(loop)
    assert pair.client.transport.get_extra_info('shoe size') is None
    assert pair.client.transport.get_extra_info('shoe size', 43) == 43


@pytest.mark.parametrize('host', ['0.0.0.0', ''])
def test_l12_on_all_addresses_the_one_that_was_used_is_told(machine, host):
    made = []
    listener = machine.listen_tcp(lambda: made.append(StrictProtocol()) or made[-1], host)
    assert listener.address.host == '0.0.0.0'
    machine.run_until(machine.connect_tcp(StrictProtocol, '127.0.0.1', listener.address.port))
    until(machine, lambda: made and made[0].calls)
    assert here(made[0].transport) == Address('127.0.0.1', listener.address.port)
    assert peer(made[0].transport).host == '127.0.0.1'


def test_l12_both_kinds_on_the_double_colon(machine):
    need_ipv6(machine)
    made = []
    listener = machine.listen_tcp(lambda: made.append(StrictProtocol()) or made[-1], '::')
    for count, host in enumerate(('::1', '127.0.0.1')):
        machine.run_until(machine.connect_tcp(StrictProtocol, host, listener.address.port))
        until(machine, lambda: len(made) == count + 1 and made[-1].calls)
    assert peer(made[0].transport).host == '::1'
    assert peer(made[1].transport).host == '127.0.0.1', 'a mapped address is told as what it is'
