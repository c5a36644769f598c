# Copyright the carryall authors.  See LICENSE.
"""Limits, lifetimes, throttles and traces in front of any protocol."""
from __future__ import absolute_import, division, print_function

from carryall.core.line.framing import LineProtocol
from carryall.core.wrap.linger import LINGER_SECONDS
from carryall.core.wrap.policies import MAX_LEAVING, ConnectionLimits, Deadline, Throttle, Trace
from carryall.core.testing import FakeTransport, NullTLS, StrictProtocol, VirtualLoop
from carryall.core.tls import Identity, TLSContext
from carryall.core.net.transport import Address, tls


class Echo(StrictProtocol):
    def received(self, data):
        self.transport.write(data)


def connected(loop, factory, host='192.0.2.1'):
    return FakeTransport(loop, peername=Address(host, 1)).connect(factory())


def test_limits_in_all_and_per_address():
    loop = VirtualLoop()
    limits = ConnectionLimits(total=3, per_address=2, refusal=b'421 no\r\n')
    factory = limits.wrap(Echo)
    first, second, third = [connected(loop, factory) for _ in range(3)]
    other = connected(loop, factory, '192.0.2.9')
    last = connected(loop, factory, '192.0.2.8')
    for wire in (first, second, third, other, last):
        wire.feed(b'hi')
    loop.advance()
    assert [wire.take() for wire in (first, second, third, other, last)] \
        == [b'hi', b'hi', b'421 no\r\n', b'hi', b'421 no\r\n']
    assert third.closed and last.closed and limits.open == 3 and limits.refused == 2
    first.close()
    loop.advance()
    again = connected(loop, factory)
    again.feed(b'me')
    assert again.take() == b'me' and not loop.failures
    for wire in (second, other, again):
        wire.lose()
    loop.advance()
    assert limits.open == 0 and not limits._by_source, 'a count is left behind'


def test_the_addresses_of_one_subscriber_count_together():
    loop = VirtualLoop()
    limits = ConnectionLimits(per_address=2, refusal=b'421 no\r\n')
    factory = limits.wrap(Echo)
    hosts = ['2001:db8::1', '2001:db8::2', '2001:db8::3', '2001:db8:0:1::1', '192.0.2.1',
             '::ffff:192.0.2.1', '::ffff:192.0.2.1', 'fe80::1%eth0', 'fe80::2%eth1', 'fe80::3%eth0']
    wires = [connected(loop, factory, host) for host in hosts]
    assert [wire.take() for wire in wires] == [b'', b'', b'421 no\r\n', b'', b'', b'',
                                               b'421 no\r\n', b'', b'', b'421 no\r\n']
    for wire in wires:
        wire.lose()
    loop.advance()
    assert limits.open == 0
    assert not limits._by_source


def test_a_client_refused_while_it_sends_can_read_the_reason():
    loop = VirtualLoop()
    limits = ConnectionLimits(total=0, refusal=b'421 no\r\n', clock=loop)
    factory = limits.wrap(Echo)
    wires = [connected(loop, factory) for _ in range(MAX_LEAVING + 1)]
    assert all(wire.take() == b'421 no\r\n' for wire in wires)
    assert wires.pop().closed and limits.leaving == MAX_LEAVING, 'so many wait, and no more'
    assert all(wire.eof_written and not wire.closed for wire in wires)
    for wire in wires[:2]:
        wire.feed(b'HELO me\r\n')
        wire.feed_eof()
    loop.advance()
    assert all(wire.closed and wire.take() == b'' for wire in wires[:2]) \
        and limits.leaving == MAX_LEAVING - 2
    loop.advance(LINGER_SECONDS + 0.1)
    assert all(wire.closed for wire in wires) and limits.leaving == 0 and not loop.failures


def test_deadline_cuts_even_the_busy():
    loop = VirtualLoop()
    wire = connected(loop, Deadline(loop, 30.0).wrap(Echo))
    for _ in range(29):
        loop.advance(1.0)
        wire.feed(b'x')
    assert not wire.closed
    loop.advance(2.1)
    assert wire.aborted and wire.lost == [None]


def test_throttled_reading_holds_the_rate():
    loop = VirtualLoop()
    wire = connected(loop, Throttle(loop, read=100.0).wrap(Echo))
    begin = loop.now
    for _ in range(50):
        wire.feed(b'x' * 20)
    while len(wire.protocol.inner.data) < 1000:
        loop.advance(0.1)
    assert 8.0 <= loop.now - begin <= 11.0, 'it took %g s' % (loop.now - begin)
    assert wire.take() == b'x' * 1000


def test_throttled_writing_pauses_the_protocol_and_pairs_with_the_transport():
    loop = VirtualLoop()
    wire = connected(loop, Throttle(loop, write=100.0).wrap(Echo))
    inner = wire.protocol.inner
    wire.feed(b'x' * 500)
    assert inner.paused
    wire.clog()
    inner.transport.write(b'y' * 70000)
    wire.unclog()
    assert inner.paused, 'the rate still wants the pause'
    loop.advance(1000.0)
    assert not inner.paused and not loop.failures


def test_a_throttled_connection_keeps_no_timer_that_has_run():
    loop = VirtualLoop()
    wire = connected(loop, Throttle(loop, read=100.0, write=100.0).wrap(Echo))
    for _ in range(50):
        wire.feed(b'x' * 200)
        loop.advance(5.0)
    kept = [value for value in vars(wire.protocol).values() if isinstance(value, (list, dict, set))]
    assert sum(len(value) for value in kept) == 0


def test_trace_shows_and_bounds():
    loop = VirtualLoop()
    lines = []
    wire = connected(loop, Trace(lines.append).wrap(Echo))
    wire.feed(b'hi\r\n\x1b' + b'z' * 5000)
    wire.feed_eof()
    loop.advance()
    assert lines[0] == u'1 = open, with 192.0.2.1:1'
    assert lines[1].startswith(u'1 < hi\\r\\n\\x1bzzz') and lines[1].endswith(u'(5005 octets)') \
        and len(lines[1]) < 400
    assert lines[2].startswith(u'1 > hi') and lines[-2:] == [u'1 < (end)', u'1 = closed']
    assert wire.take() == b'hi\r\n\x1b' + b'z' * 5000


class Upgrading(LineProtocol):
    """Begins TLS at its first line, and says ok to each."""

    def __init__(self, loop):
        LineProtocol.__init__(self)
        self.loop = loop

    def line_received(self, line):
        self.send_line(b'ok')
        if tls(self.transport) is None:
            self.loop.start_tls(self.transport, TLSContext(Identity('chain.pem', 'key.pem')),
                                server_side=True)


def test_tls_begins_behind_every_policy():
    """start_tls finds the real transport through the wrappers,
    and each of them wraps the new one again."""
    loop = VirtualLoop(tls=NullTLS())
    lines = []
    factory = lambda: Upgrading(loop)       # noqa: E731
    for policy in (Throttle(loop, write=10.0), Trace(lines.append), Deadline(loop, 60.0),
                   ConnectionLimits(total=5)):
        factory = policy.wrap(factory)
    wire = connected(loop, factory)
    wire.feed(b'one\r\n')
    loop.advance()
    wire.feed(b'two\r\n')
    loop.advance()
    assert wire.take() == b'ok\r\nok\r\n' and not loop.failures
    assert lines[1:] == [u'1 < one\\r\\n', u'1 > ok\\r\\n', u'1 = TLS begins', u'1 < two\\r\\n',
                         u'1 > ok\\r\\n']
    throttled = wire.protocol
    while type(throttled).__name__ != '_Throttled':
        throttled = throttled.get_protocol() if hasattr(throttled, 'get_protocol') \
            else throttled.inner
    assert throttled.writes.spend(0) > 0.0, 'what goes under TLS is not counted'
    loop.advance(60.0)
    assert wire.aborted and not loop.failures
