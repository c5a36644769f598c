# Copyright the carryall authors.  See LICENSE.
"""L19: one datagram_received for each packet, error_received for what the system tells; sendto
never blocks or raises."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import ListenFailed, Unsupported
from carryall.core.net.transport import Address, here, peer
from tests.contract.support import Failures, Packets, need_ipv6, pattern, settle, until


def _open(loop, *args, **kwargs):
    packets = Packets()
    packets.transport = loop.open_udp(lambda: packets, *args, **kwargs)
    packets.address = here(packets.transport)
    return packets


def _two(loop):
    return _open(loop), _open(loop)


def test_l19_connection_made_on_a_later_turn_and_the_port_at_once(loop):
    packets = Packets()
    transport = loop.open_udp(lambda: packets)
    assert packets.calls == []
    assert here(transport).host == '127.0.0.1' and here(transport).port > 0
    until(loop, lambda: packets.calls)
    assert packets.calls == ['connection_made'] and packets.transport is transport
    assert peer(transport) is None


def test_l19_one_call_for_each_packet(loop):
    one, two = _two(loop)
    sent = [b'%d' % number * (number + 1) for number in range(20)]
    for data in sent:
        one.transport.sendto(data, two.address)
    until(loop, lambda: len(two.packets) == len(sent))
    assert [data for data, _ in two.packets] == sent
    for _, addr in two.packets:
        assert isinstance(addr, Address) and addr == one.address


def test_l19_an_answer_to_where_it_came_from(loop):
    one, two = _two(loop)
    one.transport.sendto(b'ping', two.address)
    until(loop, lambda: two.packets)
    two.transport.sendto(b'pong', two.packets[0][1])
    until(loop, lambda: one.packets)
    assert one.packets == [(b'pong', two.address)]


def test_l19_a_plain_pair_is_an_address_too(loop):
    one, two = _two(loop)
    one.transport.sendto(b'x', ('127.0.0.1', two.address.port))
    until(loop, lambda: two.packets)


def test_l19_the_empty_packet(loop):
    one, two = _two(loop)
    one.transport.sendto(b'', two.address)
    one.transport.sendto(b'after', two.address)
    until(loop, lambda: len(two.packets) == 2)
    assert [data for data, _ in two.packets] == [b'', b'after']


def test_l19_sixty_thousand_bytes(loop):
    one, two = _two(loop)
    data = pattern(60000)
    one.transport.sendto(data, two.address)
    until(loop, lambda: two.packets)
    assert two.packets[0][0] == data
    one.transport.sendto(b'short', two.address)
    until(loop, lambda: len(two.packets) == 2)
    assert two.packets[1][0] == b'short', 'the rest of the long packet shows through'


def test_l19_connected_to_one_peer(loop):
    server = _open(loop)
    client = _open(loop, remote=server.address)
    stranger = _open(loop)
    assert peer(client.transport) == server.address
    client.transport.sendto(b'hello')
    until(loop, lambda: server.packets)
    stranger.transport.sendto(b'not for you', client.address)
    server.transport.sendto(b'welcome', server.packets[0][1])
    until(loop, lambda: client.packets)
    settle(loop)
    assert client.packets == [(b'welcome', server.address)]


def test_l19_the_error_of_a_closed_port(machine):
    gone = _open(machine)
    address = gone.address
    gone.transport.close()
    until(machine, lambda: gone.lost_with)
    client = _open(machine, remote=address)
    until(machine, lambda: client.calls)

    def poke():
        client.transport.sendto(b'anybody?')
        return client.errors

    until(machine, poke)
    assert client.lost_with == [], 'an error must not close the socket'
    assert client.calls[0] == 'connection_made'
    back = _open(machine, port=address.port)

    def knock():
        client.transport.sendto(b'again')
        return back.packets

    until(machine, knock)


@pytest.mark.parametrize('wrong', [u'text', bytearray(b'x'), None], ids=repr)
def test_l19_type_error_for_what_is_not_bytes(loop, wrong):
    one, two = _two(loop)
    with pytest.raises(TypeError):
        one.transport.sendto(wrong, two.address)


def test_l19_sendto_never_raises(machine):
    one, two = _two(machine)
    until(machine, lambda: one.calls and two.calls)
    one.transport.sendto(b'x' * 70000, two.address)             # longer than any packet
    one.transport.sendto(b'x', Address('127.0.0.1', 1))
    settle(machine)
    one.transport.sendto(b'fine', two.address)
    until(machine, lambda: two.packets)
    assert [data for data, _ in two.packets] == [b'fine']
    assert one.errors, 'the packet that was too long is told of'


def test_l19_sendto_never_blocks(machine):
    one, two = _two(machine)
    for _ in range(2000):
        one.transport.sendto(b'x' * 8000, two.address)          # more than any receive buffer holds
    settle(machine)
    until(machine, lambda: two.packets)


@pytest.mark.parametrize('end', ['close', 'abort'])
def test_l19_close_and_abort(loop, end):
    one, two = _two(loop)
    until(loop, lambda: one.calls and two.calls)
    getattr(one.transport, end)()
    getattr(one.transport, end)()
    assert one.lost_with == []
    until(loop, lambda: one.lost_with)
    one.transport.sendto(b'dropped', two.address)
    two.transport.sendto(b'nobody hears', one.address)
    settle(loop)
    assert one.calls == ['connection_made', 'connection_lost'] and one.lost_with == [None]
    assert two.packets == []


def test_l19_closed_before_it_began(loop):
    packets = Packets()
    loop.open_udp(lambda: packets).close()
    settle(loop)
    assert packets.calls in ([], ['connection_made', 'connection_lost']), packets.calls


def test_l19_datagrams_sent_before_close_arrive(loop):
    one, two = _two(loop)
    for number in range(5):
        one.transport.sendto(b'%d' % number, two.address)
    one.transport.close()
    until(loop, lambda: len(two.packets) == 5)


def test_l19_a_callback_that_fails_ends_nothing(loop):
    failures = Failures(loop)

    class Fragile(Packets):
        def datagram_received(self, data, addr):
            Packets.datagram_received(self, data, addr)
            if data == b'bad':
                raise ValueError('a bad packet')

    two = Fragile()
    transport = loop.open_udp(lambda: two)
    one = _open(loop)
    for data in (b'good', b'bad', b'good again'):
        one.transport.sendto(data, here(transport))
    until(loop, lambda: len(two.packets) == 3)
    assert [type(exc) for _, exc in failures.seen] == [ValueError]
    assert two.lost_with == []


def test_l19_address_in_use(loop):
    one = _open(loop)
    with pytest.raises(ListenFailed):
        loop.open_udp(Packets, port=one.address.port)


def test_l19_datagrams_pass_over_ipv6(machine):
    need_ipv6(machine)
    one = _open(machine, '::1')
    two = _open(machine, '::1')
    assert one.address.host == '::1'
    one.transport.sendto(b'six', two.address)
    until(machine, lambda: two.packets)
    assert two.packets == [(b'six', one.address)]


def test_l19_both_kinds_on_the_double_colon(machine):
    need_ipv6(machine)
    server = _open(machine, '::')
    for host in ('127.0.0.1', '::1'):
        client = _open(machine, host)
        client.transport.sendto(b'from ' + host.encode('ascii'), (host, server.address.port))
        until(machine, lambda: server.packets)
        data, addr = server.packets.pop()
        assert addr == client.address
        server.transport.sendto(b'back', addr)
        until(machine, lambda: client.packets)


def test_l19_multicast_on_loopback(machine):
    if not machine.caps.multicast:
        with pytest.raises(Unsupported):
            _open(machine).transport.join_group('239.255.77.1', '127.0.0.1')
        return
    group = '239.255.77.1'                      # RFC 2365: administratively scoped
    listener = _open(machine, '0.0.0.0')
    sender = _open(machine, '0.0.0.0')
    listener.transport.join_group(group, '127.0.0.1')
    # This also makes loopback the interface that it sends by; a group that anybody here has joined
    # reaches all sockets.
    sender.transport.join_group(group, '127.0.0.1')
    sender.transport.leave_group(group, '127.0.0.1')
    until(machine, lambda: listener.calls and sender.calls)

    def send():
        sender.transport.sendto(b'to all', Address(group, listener.address.port))
        return listener.packets

    until(machine, send)
    assert listener.packets[0][0] == b'to all'
    listener.transport.leave_group(group, '127.0.0.1')
    settle(machine)
    del listener.packets[:]
    sender.transport.sendto(b'nobody', Address(group, listener.address.port))
    settle(machine)
    assert listener.packets == []


def test_l19_a_group_that_is_none(machine):
    with pytest.raises(Unsupported):
        _open(machine).transport.join_group('10.0.0.1', '127.0.0.1')


def test_l19_a_packet_flood_keeps_nothing_out(machine):
    one, two = _two(machine)
    rang = []
    machine.call_later(0.01, rang.append, 1)

    def flood():
        for _ in range(50):
            one.transport.sendto(b'x' * 100, two.address)
        if not rang:
            machine.call_soon(flood)

    flood()
    until(machine, lambda: rang and two.packets)
