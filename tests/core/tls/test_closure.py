# Copyright the carryall authors.  See LICENSE.
"""TLS taken off in place, without any cryptography; with real providers:
tests/contract/test_l18_stop_tls.py."""
from __future__ import absolute_import, division, print_function

import io

import pytest

from carryall.core.errors import ConnectionLost, RemoteProtocolError
from carryall.core.line.framing import LineProtocol
from carryall.core.wrap.policies import Throttle, Trace
from carryall.app.service import StreamServer
from carryall.core.testing import FakeTransport, NullTLS, StrictProtocol, VirtualLoop
from carryall.core.tls import TLSContext, closure, connection
from carryall.core.tls.connection import TLSConnection
from carryall.core.tls.handshakes import listening
from carryall.core.net.transport import tls


class Session(object):
    """Records are '[...]', the close_notify is '<'; what is no record is an error."""

    pending = False
    ready = True

    def __init__(self):
        self.ended = False
        self.left = b''
        self.said = b''
        self.kept = b''

    def start(self):
        pass

    over = start

    def receive(self, data):
        self.left += data
        plain = b''
        while self.left and not self.ended:
            if self.left[:1] == b'<':
                self.ended = True
                self.left = self.left[1:]
            elif self.left[:1] == b'[':
                record, end, rest = self.left.partition(b']')
                if not end:
                    return plain
                plain += record[1:]
                self.left = rest
            else:
                raise RemoteProtocolError(u'no TLS')
        return plain

    def seal(self, data):
        return b'[' + data + b']'

    def take(self):
        said, self.said = self.said, b''
        return said

    def tickets(self):
        return b''

    def finish(self):
        self.said = b'<'

    def rest(self):
        rest, self.left = self.left, b''
        return rest

    def info(self):
        return 'sealed'


class Above(StrictProtocol):
    """Notes what came under TLS apart."""

    secret = None

    def tls_stopped(self, transport):
        assert self._inside is None
        self.secret, self.data = self.data, b''
        StrictProtocol.tls_stopped(self, transport)


class Stage(object):
    """A connection that is open, over a wire of which the test is the other end."""

    def __init__(self):
        self.loop = VirtualLoop()
        self.tls = TLSConnection(self.loop, Session(), Above, 10.0)
        self.wire = FakeTransport(self.loop).connect(self.tls)
        self.above = self.tls.get_protocol()
        self.stopping = None

    def stop(self, lenient=False):
        self.stopping = self.loop.stop_tls(self.above.transport, lenient)
        self.loop.advance()

    def feed(self, data):
        self.wire.feed(data)
        self.loop.advance()


@pytest.fixture
def stage():
    made = Stage()
    yield made
    assert not made.loop.failures, made.loop.failures


def test_every_order_of_the_two_goodbyes(stage):
    stage.above.transport.write(b'before')
    stage.stop()
    stage.above.transport.write(b'behind')
    assert stage.wire.take() == b'[before]<', 'nothing in clear before theirs'
    stage.feed(b'[last')
    stage.feed(b' words]')
    stage.feed(b'<clear')
    assert stage.above.secret == b'last words' and stage.above.data == b'clear' \
        and stage.wire.take() == b'behind'
    assert stage.above.transport is stage.wire and stage.stopping.result() is None


def test_theirs_before_ours(stage):
    stage.above.transport.pause_reading()
    stage.feed(b'[last words]<clear')
    stage.stop()
    stage.feed(b' and more')
    assert stage.above.data == b'' and not stage.stopping.done()
    stage.above.transport.resume_reading()
    stage.loop.advance()
    assert stage.above.secret == b'last words' and stage.above.data == b'clear and more'


def test_files_and_water_marks(stage):
    stage.above.transport.set_write_buffer_limits(10)
    stage.stop()
    stage.above.transport.write(b'x' * 11)
    assert stage.above.paused
    sent = stage.above.transport.write_file(io.BytesIO(b'0123456789'), 2, 5)
    stage.wire.clog()
    stage.feed(b'<')
    assert stage.above.paused and not sent.done()
    stage.wire.unclog()
    assert not stage.above.paused and sent.result() == 5 and stage.wire.take() == b'<' + b'x' * 11 \
        + b'23456'


def test_a_wait_that_ends_the_pause(stage):
    stage.above.transport.set_write_buffer_limits(10)
    stage.stop()
    stage.above.transport.write(b'x' * 11)
    stage.feed(b'<')
    assert stage.above.calls.count('pause_writing') == stage.above.calls.count(
        'resume_writing') == 1


def test_waiting_data_is_sealed_before_the_goodbye(stage, tmpdir):
    path = tmpdir.join('file')
    path.write_binary(b'y' * 100000)
    stage.above.transport.set_write_buffer_limits(10)
    stage.wire.clog()
    with open(str(path), 'rb') as source:
        sent = stage.above.transport.write_file(source, 0, 100000)
        stage.stop()
        stage.above.transport.write(b'behind')
        stage.feed(b'<and ')
        stage.feed(b'clear')
        assert not sent.done() and stage.above.secret is None
        stage.wire.unclog()
        stage.loop.advance()
    assert sent.result() == 100000
    assert stage.wire.take().replace(b'][', b'') == b'[' + b'y' * 100000 + b']<behind' \
        and stage.above.data == b'and clear'


@pytest.mark.parametrize('clogged', [False, True])
def test_a_close_sends_what_was_written(stage, clogged):
    if clogged:
        stage.above.transport.set_write_buffer_limits(0)
        stage.wire.clog()
        stage.above.transport.write(b'1')
        stage.above.transport.write(b'2')
    stage.stop()
    stage.above.transport.write(b'goodbye')
    stage.above.transport.close()
    stage.above.transport.write(b'never')
    assert stage.above.transport.is_closing()
    stage.wire.unclog()
    stage.loop.advance()
    assert stage.wire.take() == (b'[1][2]' if clogged else b'') + b'<goodbye' and stage.wire.closed
    assert stage.above.lost_with is None and stage.above.state == 'lost'
    assert isinstance(stage.stopping.exception(), ConnectionLost)


def test_the_end_of_the_stream_comes_behind_the_clear_text(stage):
    stage.above.keep_open = True
    stage.above.transport.pause_reading()
    stage.stop()
    stage.wire.feed(b'<clear')
    stage.wire.feed_eof()
    stage.above.transport.resume_reading()
    stage.loop.advance()
    assert stage.above.data == b'clear' and stage.above.state == 'eof' and not stage.wire.closed


def test_an_end_without_a_goodbye_is_a_fault_but_to_the_lenient(stage):
    other = Stage()
    other.stop(lenient=True)
    other.wire.feed_eof()
    other.loop.advance()
    assert other.above.state == 'lost' and other.above.lost_with is None \
        and other.stopping.result() is None
    stage.stop()
    stage.wire.feed_eof()
    stage.loop.advance()
    assert isinstance(stage.above.lost_with, ConnectionLost) \
        and stage.stopping.exception() is stage.above.lost_with


def test_the_lenient_wait_as_long_as_the_protocol_does(stage):
    stage.stop(lenient=True)
    stage.loop.advance(connection.STOP_SECONDS * 10)
    stage.feed(b'NO')
    stage.feed(b'OP')
    assert stage.above.data == b'NOOP' and stage.above.secret == b''


def test_a_record_that_is_broken_is_no_clear_text(stage):
    stage.stop(lenient=True)
    stage.feed(b'\x17\x03\x03garbage')
    assert stage.above.data == b'' and isinstance(stage.above.lost_with, ConnectionLost)


def test_doubtful_octets_are_bounded(stage):
    stage.stop(lenient=True)
    stage.feed(b'[' + b'x' * closure.MAX_DOUBTFUL)
    assert isinstance(stage.above.lost_with, ConnectionLost)


def test_the_deadline_does_not_count_while_reading_is_paused(stage):
    stage.above.transport.pause_reading()
    stage.stop()
    stage.loop.advance(connection.STOP_SECONDS + 1)
    assert stage.above.state == 'connected'
    stage.above.transport.resume_reading()
    stage.loop.advance(connection.STOP_SECONDS + 1)
    assert isinstance(stage.above.lost_with, ConnectionLost) \
        and stage.stopping.exception() is not None


def test_data_behind_a_goodbye_is_dropped(stage):
    stage.above.keep_open = True
    stage.feed(b'[last]<')
    for _ in range(10):
        stage.feed(b'x' * 1000)
    assert stage.above.data == b'last' and stage.tls._session.left == b'', 'it is kept for nobody'


class Endpoint(object):
    """One of TLS from the first octet on, without files."""

    kind = 'tls'

    def listen(self, loop, factory, context):
        return loop.listen_tcp(listening(loop, context, factory), '127.0.0.1', 0)


def test_a_server_that_stops_finds_the_connection_again():
    """It keeps the transports of its connections, to close those that do not end in time."""
    loop = VirtualLoop(tls=NullTLS())
    made = []

    def factory():
        made.append(Above())
        return made[-1]

    server = StreamServer('test', factory, [Endpoint()], context=lambda endpoint: TLSContext(
        identity='null'))
    server.start(loop)
    loop.connect_tcp(StrictProtocol, '127.0.0.1', server.listeners[0].address.port)
    loop.advance()
    loop.stop_tls(made[0].transport)
    loop.advance()
    assert made[0].secret == b'', 'it is in clear'
    done = server.stop(1.0)
    loop.advance(0.5)
    assert made[0].state == 'connected' and not done.done()
    loop.advance(1.0)
    assert made[0].state == 'lost' and done.done() and not loop.failures


class Lines(LineProtocol):
    """STOP takes TLS off; other lines are kept."""

    def __init__(self, loop):
        LineProtocol.__init__(self)
        self.loop = loop
        self.lines = []

    def line_received(self, line):
        self.lines.append(line)
        if line == b'STOP':
            self.send_line(b'OK')
            self.loop.stop_tls(self.transport)


def test_with_policies_between():
    loop = VirtualLoop(tls=NullTLS())
    shown = []
    made = []

    def factory():
        made.append(Lines(loop))
        return made[-1]

    trace = Trace(shown.append)
    throttle = Throttle(loop, write=1e6)
    wire = FakeTransport(loop).connect(trace.wrap(throttle.wrap(factory))())
    loop.advance()
    loop.start_tls(made[0].transport, TLSContext(identity='null'), server_side=True)
    loop.advance()
    assert tls(made[0].transport) is not None
    wire.feed(b'STOP\r\nhalf a')
    loop.advance()
    assert tls(made[0].transport) is None and made[0].transport is not wire, \
        'the throttle is still there'
    wire.feed(b' line\r\n')
    made[0].send_line(b'clear')
    loop.advance()
    assert made[0].lines == [b'STOP', b'half a line'] and wire.take() == b'OK\r\nclear\r\n'
    assert '1 = TLS ends' in shown and any('clear' in line for line in shown)


def test_waiting_data_fills_the_transport_below(stage):
    """The protocol is asked to pause then, and once."""
    stage.above.transport.set_write_buffer_limits(30)
    stage.wire.clog()
    stage.above.transport.write(b'x' * 18)
    stage.stop()
    stage.above.transport.write(b'y' * 20)
    assert not stage.above.paused
    stage.feed(b'<')
    assert stage.above.paused and stage.above.calls.count('pause_writing') == 1
    stage.wire.unclog()
    assert not stage.above.paused and stage.above.calls.count('resume_writing') == 1


def test_a_close_that_waits_for_a_peer_that_reads_nothing(stage):
    stage.above.transport.set_write_buffer_limits(10)
    stage.wire.clog()
    sent = stage.above.transport.write_file(io.BytesIO(b'y' * 1000000), 0, 1000000)
    stage.stop(lenient=True)
    stage.above.transport.close()
    stage.loop.advance(59.0)
    assert not stage.wire.aborted and not sent.done()
    stage.loop.advance(2.0)
    assert stage.wire.aborted and isinstance(sent.exception(), ConnectionLost) \
        and stage.above.state == 'lost'


@pytest.mark.parametrize('lenient', [False, True])
def test_a_close_that_is_taken_in_time(stage, lenient):
    stage.above.transport.set_write_buffer_limits(10)
    stage.wire.clog()
    stage.above.transport.write_file(io.BytesIO(b'y' * 1000), 0, 1000)
    stage.stop(lenient)
    stage.above.transport.close()
    stage.loop.advance(59.0)
    stage.wire.unclog()
    stage.loop.advance(100.0)
    assert stage.wire.closed and not stage.wire.aborted and stage.wire.take() == b'[' + b'y' \
        * 1000 + b']<'
