# Copyright the carryall authors.  See LICENSE.
"""FakeTransport and FakeDatagramTransport: the test plays the peer."""
from __future__ import absolute_import, division, print_function

import io

import pytest

from carryall.core.errors import ConnectionLost, LocalProtocolError
from carryall.core.testing import FakeDatagramTransport, FakeTransport, StrictProtocol
from carryall.core.net.transport import here, peer, tls


class KeepOpen(StrictProtocol):
    keep_open = True


@pytest.fixture
def wire():
    """A wire with a StrictProtocol on it; nothing may have escaped at the end."""
    made = FakeTransport().connect(StrictProtocol())
    yield made
    assert made.loop.failures == []


def test_wire_connects_at_once(wire):
    assert wire.protocol.calls == ['connection_made'] and wire.protocol.transport is wire
    assert wire.is_reading() and not wire.is_closing()
    assert peer(wire).host == '192.0.2.1' and here(wire).port == 7007 and tls(wire) is None
    assert wire.get_extra_info('no such thing', 4) == 4


def test_wire_feed_and_take(wire):
    wire.feed(b'in')
    assert wire.protocol.data == b'in'
    wire.feed(b'')
    wire.write(b'out ')
    wire.write(b'more')
    assert wire.take() == b'out more' and wire.take() == b''


def test_wire_feed_while_the_protocol_does_not_read(wire):
    wire.pause_reading()
    wire.feed(b'one')
    wire.feed(b'two')
    wire.feed_eof()
    assert wire.protocol.data == b'' and not wire.is_reading()
    wire.resume_reading()
    assert wire.protocol.data == b'', 'on a later turn'
    wire.loop.advance()
    assert wire.protocol.data == b'onetwo'
    assert wire.protocol.calls[-2:] == ['eof_received', 'connection_lost']


def test_wire_paused_within_data_received(wire):
    wire.protocol.received = lambda data: wire.pause_reading()
    wire.feed(b'one')
    wire.feed(b'two')
    assert wire.protocol.data == b'one'


def test_wire_feed_within_data_received_does_not_nest(wire):
    def again(_data):
        if wire.protocol.data == b'one':
            wire.feed(b'two')

    wire.protocol.received = again
    wire.feed(b'one')
    assert wire.protocol.data == b'onetwo'


def test_wire_eof_closes(wire):
    wire.feed_eof()
    assert wire.closed and wire.protocol.state == 'eof'
    wire.loop.advance()
    assert wire.lost == [None] and wire.protocol.state == 'lost'


def test_wire_eof_may_be_kept_open():
    wire = FakeTransport().connect(KeepOpen())
    wire.feed_eof()
    wire.loop.advance()
    assert not wire.closed
    wire.write(b'still')
    assert wire.take() == b'still'
    wire.write_eof()
    wire.loop.advance()
    assert wire.eof_written and wire.lost == [None]


def test_wire_write_eof(wire):
    assert wire.can_write_eof()
    wire.write(b'a')
    wire.write_eof()
    wire.write(b'dropped')
    assert wire.take() == b'a' and wire.eof_written and not wire.closed
    wire.feed(b'still read')
    assert wire.protocol.data == b'still read'


def test_wire_close_on_a_later_turn(wire):
    wire.close()
    wire.close()
    assert wire.closed and wire.is_closing() and wire.lost == []
    wire.write(b'dropped')
    wire.feed(b'dropped')
    wire.loop.advance()
    assert wire.lost == [None] and wire.take() == b'' and wire.protocol.data == b''


def test_an_aborted_wire_drops_its_data(wire):
    wire.clog()
    wire.write(b'dropped')
    wire.abort()
    wire.abort()
    assert wire.aborted and wire.closed and wire.lost == []
    wire.loop.advance()
    assert wire.lost == [None]
    wire.unclog()
    assert wire.take() == b''


def test_a_lost_wire_reports_connection_lost(wire):
    wire.lose()
    wire.loop.advance()
    assert isinstance(wire.lost[0], ConnectionLost) and wire.protocol.lost_with is wire.lost[0]
    wire.lose()
    wire.loop.advance()
    assert len(wire.lost) == 1


def test_wire_lose_with_a_fault_of_the_tests(wire):
    fault = ConnectionLost(u'the cable was cut')
    wire.lose(fault)
    wire.loop.advance()
    assert wire.lost == [fault]


def test_wire_clog_drain_and_water_marks(wire):
    wire.set_write_buffer_limits(100, 20)
    wire.clog()
    wire.write(b'x' * 100)
    assert not wire.protocol.paused and wire.get_write_buffer_size() == 100
    wire.write(b'x')
    assert wire.protocol.paused and wire.take() == b''
    wire.drain(80)
    assert wire.protocol.paused and wire.take() == b'x' * 80
    wire.drain(1)
    assert not wire.protocol.paused and wire.get_write_buffer_size() == 20
    wire.unclog()
    assert wire.take() == b'x' * 21 and wire.get_write_buffer_size() == 0
    wire.write(b'flows')
    assert wire.take() == b'flows'


def test_wire_close_flushes_what_is_clogged(wire):
    wire.clog()
    wire.write(b'slow')
    wire.close()
    wire.loop.advance()
    assert wire.lost == [] and wire.closed
    wire.unclog()
    wire.loop.advance()
    assert wire.take() == b'slow' and wire.lost == [None]


def test_wire_write_takes_bytes_alone(wire):
    for wrong in (u'text', bytearray(b'x'), None):
        with pytest.raises(TypeError):
            wire.write(wrong)
    wire.write(b'')
    assert wire.take() == b''


def test_wire_write_file(wire):
    future = wire.write_file(io.BytesIO(b'0123456789'), 2, 5)
    assert future.result() == 5 and wire.take() == b'23456'
    assert wire.write_file(io.BytesIO(b''), 0, 0).result() == 0


def test_wire_write_file_that_is_clogged_and_aborted(wire):
    wire.clog()
    future = wire.write_file(io.BytesIO(b'0123456789'), 0, 10)
    wire.drain(9)
    assert not future.done()
    wire.abort()
    assert isinstance(future.exception(), ConnectionLost)


def test_wire_write_file_in_pieces_is_done_with_its_last_byte(wire):
    wire.clog()
    future = wire.write_file(io.BytesIO(b'0123456789'), 0, 10)
    wire.drain(4)
    wire.drain(5)
    assert not future.done()
    wire.drain(1)
    assert future.result() == 10 and wire.take() == b'0123456789'


def test_wire_write_file_that_ends_early(wire):
    future = wire.write_file(io.BytesIO(b'short'), 0, 10)
    assert isinstance(future.exception(), LocalProtocolError) and wire.aborted


def test_wire_an_exception_out_of_a_callback_is_kept_and_aborts():
    wire = FakeTransport().connect(StrictProtocol())
    wire.protocol.received = lambda data: 1 // 0
    wire.feed(b'x')
    wire.loop.advance()
    assert [type(exc) for exc in wire.loop.failures] == [ZeroDivisionError]
    assert wire.aborted and wire.lost == [None]


def test_a_datagram_wire_carries_packets():
    class Packets(object):
        def __init__(self):
            self.seen = []

        def connection_made(self, transport):
            self.transport = transport

        def datagram_received(self, data, addr):
            self.seen.append((data, addr))
            if data == b'bad':
                raise ValueError()

        def connection_lost(self, exc):
            self.seen.append(exc)

    wire = FakeDatagramTransport().connect(Packets())
    wire.feed(b'')
    wire.feed(b'bad', ('192.0.2.9', 9))
    assert [type(exc) for exc in wire.loop.failures] == [ValueError]
    wire.protocol.transport.sendto(b'out', ('192.0.2.9', 9))
    assert wire.sent == [(b'out', ('192.0.2.9', 9))]
    with pytest.raises(TypeError):
        wire.sendto(u'text')
    wire.join_group('239.0.0.1')
    wire.leave_group('239.0.0.1')
    assert wire.groups == []
    wire.close()
    wire.close()
    wire.sendto(b'dropped')
    wire.feed(b'dropped')
    wire.loop.advance()
    assert len(wire.sent) == 1
    assert wire.protocol.seen == [(b'', ('192.0.2.1', 40000)), (b'bad', ('192.0.2.9', 9)), None]
