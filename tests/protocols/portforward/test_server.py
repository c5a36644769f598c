# Copyright the carryall authors.  See LICENSE.
"""The relay of streams: order, back-pressure both ways, half-close, ends,
limits (FWD-01, FWD-02)."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.net.deadlines import Sweeper, sweeper_of
from carryall.core.errors import Refused
from carryall.core.future import Future
from carryall.core.testing import FakeTransport, StrictProtocol, VirtualLoop, chunkings
from carryall.core.net.transport import HIGH_WATER
from carryall.core.wrap.streamrelay import CLOSED, JOINED, WAITING
from carryall.core.ratelimit import OctetRate
from carryall.protocols.portforward import (Forwarder, ForwardServer, ForwardService, Meter,
                                            Settings, Terms)

OCTETS = bytes(bytearray(random.Random(6).randrange(256) for _ in range(3000)))


class Target(StrictProtocol):
    keep_open = True


class Stage(object):
    """A client's wire, a forwarder, and the target on the same loop."""

    def __init__(self, header=None, connect=None, rate=None, trace=None, max_octets=None):
        self.loop = VirtualLoop()
        self.sweeper = sweeper_of(self.loop)
        self.target = Target()
        self.loop.listen_tcp(lambda: self.target, '192.0.2.7', 6665)
        service = ForwardService()
        service.connect = connect or self.connect
        service.trace = trace
        if header is not None:
            service.header = header
        if rate is not None:
            service.meter = OctetRate(self.loop, rate)
        self.forwarder = ForwardServer(service, self.loop,
                                       Settings(idle_seconds=60.0, max_octets=max_octets))
        self.wire = FakeTransport(self.loop).connect(self.forwarder)

    def connect(self, factory, _transport):
        return self.loop.connect_tcp(factory, '192.0.2.7', 6665)

    def left(self):
        self.loop.advance(2.0)
        assert not self.loop.failures, '%r' % (self.loop.failures,)
        return len(self.sweeper), len(self.loop._wires)


@pytest.mark.parametrize('data', [b'x', b'hello\r\n', OCTETS], ids=['one', 'line', 'garbage'])
def test_both_ways_however_it_is_cut(data):
    for way, pieces in chunkings(data, cuts=2):
        stage = Stage()
        for piece in pieces:
            stage.wire.feed(piece)
        stage.loop.advance()
        assert stage.target.data == data, '%s: there' % way
        for piece in pieces:
            stage.target.transport.write(piece)
            stage.loop.advance()
        assert stage.wire.take() == data, '%s: and back' % way
        stage.loop.close()


def test_the_client_is_not_read_before_the_target_is_there():
    pending = Future()
    stage = Stage(connect=lambda factory, transport: pending)
    stage.wire.feed(b'x')
    assert not stage.wire.reading
    stage.loop.connect_tcp(stage.forwarder.relay.new_far, '192.0.2.7', 6665).add_done_callback(
        lambda done: pending.set_result(done.result()))
    stage.loop.advance()
    assert stage.target.data == b'x'


def test_half_close_each_way():
    for first in ('client', 'target'):
        stage = Stage()
        stage.loop.advance()
        if first == 'client':
            stage.wire.feed(b'question')
            stage.wire.feed_eof()
            stage.loop.advance()
            assert stage.target.state == 'eof' and stage.target.data == b'question' \
                and not stage.wire.closed
            stage.target.transport.write(b'answer')
            stage.loop.advance()
            assert stage.wire.take() == b'answer'
            stage.target.transport.write_eof()
        else:
            stage.target.transport.write(b'greeting')
            stage.target.transport.write_eof()
            stage.loop.advance()
            assert stage.wire.take() == b'greeting' and stage.wire.eof_written \
                and not stage.wire.closed
            stage.wire.feed(b'thanks')
            stage.wire.feed_eof()
        stage.loop.advance()
        assert stage.wire.lost == [None] and stage.target.state == 'lost', \
            'both have ended (%s first)' % first
        assert stage.target.data in (b'question', b'thanks')
        assert stage.left() == (0, 0)


def test_a_side_that_cannot_be_half_closed_is_closed_when_it_is_silent():
    stage = Stage()
    stage.loop.advance()
    stage.forwarder.other.transport.can_write_eof = lambda: False
    stage.wire.feed_eof()
    stage.loop.advance(20.0)
    assert not stage.wire.closed, 'the answer may be on its way'
    stage.target.transport.write(b'answer')
    stage.loop.advance(20.0)
    assert stage.wire.take() == b'answer' and not stage.wire.closed
    stage.loop.advance(62.0)
    assert stage.wire.closed and stage.left() == (0, 0)


def test_a_reset_goes_through_and_a_close_too():
    stage = Stage()
    stage.loop.advance()
    stage.wire.lose()
    stage.loop.advance()
    assert stage.target.lost_with is not None, \
        'the target takes a broken connection for a whole one'
    stage = Stage()
    stage.loop.advance()
    stage.target.transport.abort()
    stage.loop.advance()
    assert stage.wire.aborted and stage.left() == (0, 0)


@pytest.mark.parametrize('error', [Refused(u'nobody'), RuntimeError('ours')])
def test_a_target_that_cannot_be_reached(error):
    pending = Future()
    stage = Stage(connect=lambda factory, transport: pending)
    stage.wire.feed(b'x')
    pending.set_exception(error)
    assert stage.left() == (0, 0) and stage.wire.lost == [None] and stage.wire.take() == b''


def test_a_connect_that_raises(expect_log):
    expect_log('cannot be connected to')
    stage = Stage(connect=lambda factory, transport: 1 // 0)
    assert stage.left() == (0, 0) and stage.wire.lost == [None]


def test_a_client_that_leaves_meanwhile():
    pending = Future()
    stage = Stage(connect=lambda factory, transport: pending)
    stage.wire.lose()
    stage.loop.advance()
    assert pending.cancelled() and stage.left() == (0, 0)


def test_memory_does_not_grow_for_a_slow_reader():
    stage = Stage()
    stage.loop.advance()
    stage.target.transport.pause_reading()
    block = b'x' * 4096
    sent = 0
    while stage.wire.reading and sent < 64 << 20:
        stage.wire.feed(block)
        stage.loop.advance()
        sent += len(block)
    assert sent <= HIGH_WATER + 2 * len(block), 'the client is read on after %d octets' % sent
    stage.target.transport.resume_reading()
    stage.loop.advance()
    assert stage.wire.reading and len(stage.target.data) == sent
    stage.wire.clog()
    sent = 0
    while not stage.target.paused and sent < 64 << 20:
        stage.target.transport.write(block)
        stage.loop.advance()
        sent += len(block)
    assert stage.target.paused and sent < 4 * HIGH_WATER, \
        'the target is read on after %d octets' % sent
    stage.wire.unclog()
    stage.loop.advance()
    assert not stage.target.paused and len(stage.wire.take()) == sent


def test_an_idle_connection_is_closed():
    stage = Stage()
    for _ in range(5):
        stage.loop.advance(50.0)
        stage.wire.feed(b'.')
    for _ in range(5):
        stage.loop.advance(50.0)
        stage.target.transport.write(b'.')
    assert not stage.wire.closed, 'something moved'
    stage.loop.advance(62.0)
    assert stage.wire.aborted and stage.left() == (0, 0)


def test_a_bound_on_octets():
    stage = Stage(max_octets=100)
    stage.loop.advance()
    stage.wire.feed(b'x' * 60)
    stage.target.transport.write(b'y' * 40)
    stage.loop.advance()
    assert not stage.wire.closed, '100 are allowed'
    stage.wire.feed(b'x')
    assert stage.wire.aborted and stage.left() == (0, 0)


def test_a_rate_and_a_slow_reader_together():
    stage = Stage(rate=1000.0)
    stage.loop.advance()
    stage.target.transport.pause_reading()
    stage.wire.feed(b'x' * 100000)
    stage.loop.advance(50.0)
    assert not stage.wire.reading, 'the rate holds it, and the target too'
    stage.target.transport.resume_reading()
    stage.loop.advance()
    assert not stage.wire.reading, 'the rate holds it still'
    stage.loop.advance(55.0)
    assert stage.wire.reading, 'nothing holds it'


def test_trace_and_header():
    seen = []
    stage = Stage(header=lambda transport: b'FOR %s\r\n' % transport.get_extra_info(
        'peername').host.encode('ascii'),
                  trace=lambda end, data: seen.append((end.relay.near is end, data)))
    stage.wire.feed(b'there')
    stage.loop.advance()
    stage.target.transport.write(b'back')
    stage.loop.advance()
    assert stage.target.data == b'FOR 192.0.2.1\r\nthere'
    assert seen == [(True, b'there'), (False, b'back')]


def test_a_target_that_is_gone_before_it_is_joined():
    loop = VirtualLoop()
    target = Target()
    made = []

    def connect(factory, transport):
        made.append(Future())
        loop.connect_tcp(factory, '192.0.2.7', 6665).add_done_callback(made.append)
        return made[0]

    loop.listen_tcp(lambda: target, '192.0.2.7', 6665)
    service = ForwardService()
    service.connect = connect
    wire = FakeTransport(loop).connect(ForwardServer(service, loop))
    loop.advance()
    target.transport.abort()
    loop.advance()
    made[0].set_result(made[1].result())
    loop.advance()
    assert wire.closed and not loop.failures and not loop._wires, 'something is left'


def test_the_states_of_a_relay():
    stage = Stage()
    relay = stage.forwarder.relay
    assert relay.state == WAITING
    stage.loop.advance()
    assert relay.state == JOINED
    stage.wire.lose()
    stage.loop.advance()
    assert relay.state == CLOSED


def test_a_relay_whose_client_is_gone_is_not_joined():
    pending = Future()
    stage = Stage(connect=lambda factory, transport: pending)
    _, far = stage.loop.run_until(stage.loop.connect_tcp(stage.forwarder.relay.new_far,
                                                         '192.0.2.7', 6665))
    stage.wire.lose()
    stage.loop.advance()
    assert stage.forwarder.relay.join(far) is False
    assert stage.left() == (0, 0)


def test_a_relay_without_a_time_limit_stays():
    loop = VirtualLoop()
    loop.listen_tcp(Target, '192.0.2.7', 6665)
    service = ForwardService()
    service.connect = lambda factory, transport: loop.connect_tcp(factory, '192.0.2.7', 6665)
    wire = FakeTransport(loop).connect(ForwardServer(service, loop, Settings(idle_seconds=None)))
    loop.advance(100000.0)
    assert not wire.closed


# -- former names ----------------------------------------------------------------------------------


@pytest.mark.parametrize('sweeper, ends', [(True, True), (False, False)])
def test_a_forwarder_with_terms_warns_and_relays(sweeper, ends):
    loop = VirtualLoop()
    target = Target()
    loop.listen_tcp(lambda: target, '192.0.2.7', 6665)
    seen = []
    with pytest.warns(DeprecationWarning):
        terms = Terms(Sweeper(loop) if sweeper else None, 60.0, 100,
                      trace=lambda end, data: seen.append(data))
    with pytest.warns(DeprecationWarning):
        forwarder = Forwarder(
            lambda factory, transport: loop.connect_tcp(factory, '192.0.2.7', 6665), terms,
            lambda transport: b'FOR ')
    wire = FakeTransport(loop).connect(forwarder)
    wire.feed(b'there')
    loop.advance()
    assert target.data == b'FOR there'
    assert seen == [b'there']
    loop.advance(90.0)
    assert wire.closed is ends


def test_a_meter_is_a_rate_of_octets_and_warns():
    with pytest.warns(DeprecationWarning):
        made = Meter(VirtualLoop(), 10.0)
    assert type(made) is OctetRate
