# Copyright the carryall authors.  See LICENSE.
"""UDP answers that cannot be aimed at a third party."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import ConnectionLost, TimedOut
from carryall.core.net.protocol import DatagramProtocol
from carryall.core.testing import FakeDatagramTransport, VirtualLoop
from carryall.core.net.transport import Address
from carryall.protocols.simple.chargen import ChargenDatagrams
from carryall.protocols.simple.echo import EchoDatagrams
from carryall.protocols.simple.guarded import AskDatagram, GuardedDatagrams, SourceGuard, ask_udp


@pytest.mark.parametrize('host, port, allowed', [
    ('192.0.2.9', 1024, True), ('192.0.2.9', 65535, True), ('127.0.0.1', 5000, True),
    ('2001:db8::1', 5000, True),
    ('fe80::1%eth0', 5000, True), ('::1', 5000, True), ('::ffff:192.0.2.9', 5000, True),
    ('192.0.2.9', 0, False), ('192.0.2.9', 7, False), ('192.0.2.9', 19, False),
    ('192.0.2.9', 53, False),
    ('192.0.2.9', 1023, False), ('0.0.0.0', 5000, False), ('0.1.2.3', 5000, False),
    ('224.0.0.1', 5000, False),
    ('239.255.255.250', 5000, False), ('255.255.255.255', 5000, False), ('::', 5000, False),
    ('ff02::1', 5000, False),
    ('::ffff:224.0.0.1', 5000, False), ('/tmp/socket', None, False), ('nonsense', 5000, False)])
def test_a_source_that_could_be_forged_is_not_answered(host, port, allowed):
    assert SourceGuard(VirtualLoop()).allows(Address(host, port)) is allowed, 'wrong for %s' % host


def test_so_many_answers_to_one_source_and_then_so_many_a_second():
    loop = VirtualLoop()
    guard = SourceGuard(loop, rate=10.0, burst=20.0)
    source = Address('192.0.2.9', 5000)
    assert sum(guard.allows(source) for _ in range(1000)) == 20, 'the burst'
    assert guard.refused == 980, 'refused %d' % guard.refused
    loop.advance(1.0)
    ports = range(5000, 6000)
    assert sum(guard.allows(Address('192.0.2.9', port)) for port in ports) == 10, \
        'another port, the same source'
    assert guard.allows(Address('192.0.2.10', 5000)), 'another source has its own'
    loop.advance(1000.0)
    assert sum(guard.allows(source) for _ in range(1000)) == 20, \
        'no more than the burst is saved up'


def test_ipv6_sources_are_counted_by_their_64():
    guard = SourceGuard(VirtualLoop(), burst=5.0)
    same = [Address('2001:db8::%x' % number, 5000) for number in range(1, 200)]
    assert sum(guard.allows(source) for source in same) == 5, 'one network, one budget'
    assert guard.allows(Address('2001:db8:0:1::1', 5000)), 'another network'


def test_all_sources_together_have_a_limit_and_the_table_has_a_size():
    loop = VirtualLoop()
    guard = SourceGuard(loop, total=100.0, max_sources=50)
    forged = [Address('198.51.%d.%d' % (high, low), 5000) for high in range(100, 104)
              for low in range(250)]
    assert sum(guard.allows(source) for source in forged) == 100, 'the budget for all'
    assert len(guard.sources) == 50, 'the table has %d rows' % len(guard.sources)
    loop.advance(1.0)
    assert sum(guard.allows(source) for source in forged) == 100, 'a second later'


def test_echo_and_chargen_never_talk_to_each_other():
    """A packet with a forged source makes each of the two answer the other for ever,
    unless they are guarded."""
    loop = VirtualLoop()
    guard = SourceGuard(loop)
    echo = loop.open_udp(lambda: EchoDatagrams(guard), '127.0.0.1', 7007)
    chargen = loop.open_udp(lambda: ChargenDatagrams(guard), '127.0.0.1', 1919)
    loop.advance()
    chargen._arrive(b'forged', Address('127.0.0.1', 7007))
    echo._arrive(b'forged', Address('127.0.0.1', 1919))
    echo._arrive(b'forged', Address('127.0.0.1', 7007))         # and to itself
    loop.advance(60.0)
    assert echo.sent == [] and chargen.sent == [] and guard.refused == 3, 'they talk'


def test_two_machines_with_our_echo_do_not_talk_for_ever():
    """With guards that do not know of each other's ports, the rate ends what the ports did not."""
    loop = VirtualLoop()
    one = loop.open_udp(lambda: EchoDatagrams(SourceGuard(loop)), '127.0.0.1', 7007)
    two = loop.open_udp(lambda: EchoDatagrams(SourceGuard(loop)), '127.0.0.1', 7008)
    loop.advance()
    one._arrive(b'forged', Address('127.0.0.1', 7008))
    loop.advance(10.0)
    assert len(one.sent) + len(two.sent) <= 40, '%d packets' % (len(one.sent) + len(two.sent))


def test_a_server_may_be_silent():
    class Silent(GuardedDatagrams):
        def answer(self, data, addr):
            return None

    wire = FakeDatagramTransport().connect(Silent(SourceGuard(VirtualLoop())))
    wire.feed(b'x')
    assert wire.sent == [], 'sent %r' % (wire.sent,)


# -- client ------------------------------------------------------------------

def asking(**options):
    loop = VirtualLoop()
    client = AskDatagram(loop, b'?', **options)
    return loop, client, FakeDatagramTransport(loop).connect(client)


def test_the_client_asks_again_and_takes_the_first_answer():
    loop, client, wire = asking(seconds=2.0, times=3)
    loop.advance(3.0)
    assert wire.sent == [(b'?', None)] * 2, 'sent %r' % (wire.sent,)
    wire.feed(b'first')
    wire.feed(b'second')
    loop.advance(60.0)
    assert client.reply.result() == b'first' and wire.closed and len(wire.sent) == 2, \
        'not the first'


def test_the_client_gives_up():
    loop, client, wire = asking(seconds=2.0, times=3)
    loop.advance(5.9)
    assert not client.reply.done(), 'too early'
    loop.advance(0.2)
    assert isinstance(client.reply.exception(), TimedOut) and wire.closed and len(wire.sent) == 3, \
        'it asks on'


def test_the_client_is_told_of_an_error():
    loop, client, wire = asking()
    client.error_received(ConnectionLost(u'refused'))
    loop.advance(60.0)
    assert isinstance(client.reply.exception(), ConnectionLost) and wire.closed \
        and not loop.failures, 'not told'


def test_the_client_can_be_cancelled():
    loop, client, wire = asking()
    assert client.reply.cancel(), 'it was not done'
    loop.advance(60.0)
    assert wire.closed and len(wire.sent) == 1 and not loop.failures, 'it asks on'


def test_a_closed_socket_is_no_answer():
    loop, client, wire = asking()
    wire.close()
    loop.advance(60.0)
    assert client.reply.exception() is not None and not loop.failures, 'it waits'


def test_only_the_asked_host_can_answer():
    loop = VirtualLoop()
    loop.open_udp(DatagramProtocol, '127.0.0.1', 1313)          # takes the question and is silent
    liar = loop.open_udp(DatagramProtocol, '127.0.0.1', 6666)
    reply = ask_udp(loop, '127.0.0.1', 1313)
    loop.advance()
    port = [address.port for address in loop._datagrams if address.port not in (1313, 6666)][0]
    liar.sendto(b'lie', Address('127.0.0.1', port))
    with pytest.raises(TimedOut):
        loop.run_until(reply)
