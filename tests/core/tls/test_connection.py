# Copyright the carryall authors.  See LICENSE.
"""The filter without any cryptography: how a connection under TLS ends, and how many may begin.

The laws with real providers, over every backend, are in tests/contract/test_l18_tls.py.
"""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import ConnectionLost, RemoteProtocolError
from carryall.core.net.protocol import Protocol
from carryall.core.testing import FakeTransport, NullTLS, VirtualLoop
from carryall.core.tls import handshakes
from carryall.core.tls.connection import LINGER_SECONDS, TLSConnection
from carryall.core.tls.handshakes import listening
from carryall.core.net.transport import Address


class Session(object):
    """A session whose records are octets in clear,
    '<' for the close_notify and '!' for what is no TLS."""

    pending = False

    def __init__(self, ready=True, tickets=b''):
        self.ready = ready
        self.kept = tickets
        self.ended = False
        self.said = b''

    def start(self):
        pass

    def receive(self, data):
        if b'!' in data:
            raise RemoteProtocolError(u'no TLS')
        self.ready = True
        self.ended = self.ended or b'<' in data
        return data.replace(b'<', b'')

    def seal(self, data):
        return data

    def take(self):
        said, self.said = self.said, b''
        return said

    def tickets(self):
        kept, self.kept = self.kept, b''
        return kept

    def finish(self):
        self.said = b'<'

    def info(self):
        return None

    def over(self):
        pass


class Above(Protocol):
    """The protocol above."""

    def __init__(self):
        self.data = b''
        self.lost_with = []

    def data_received(self, data):
        self.data += data

    def connection_lost(self, exc):
        self.lost_with.append(exc)


class Stage(object):
    """A connection that is open, over a wire of which the test is the other end."""

    def __init__(self, tickets=b''):
        self.loop = VirtualLoop()
        self.tls = TLSConnection(self.loop, Session(tickets=tickets), Above, 10.0)
        self.wire = FakeTransport(self.loop).connect(self.tls)
        self.above = self.tls.get_protocol()

    def feed(self, data):
        self.wire.feed(data)
        self.loop.advance(0)


@pytest.fixture
def stage():
    return Stage()


def test_a_close_waits_for_the_peers(stage):
    """Data that comes meanwhile is read and dropped: unread,
    it would turn the close into a reset."""
    stage.above.transport.write(b'goodbye')
    stage.above.transport.close()
    assert stage.wire.written == b'goodbye<' and stage.wire.eof_written and not stage.wire.closed
    assert stage.wire.reading
    stage.feed(b'a ticket')
    stage.loop.advance(LINGER_SECONDS - 0.1)
    assert stage.above.data == b'' and stage.above.lost_with == [] and not stage.wire.closed
    stage.feed(b'<')
    assert stage.wire.closed and not stage.wire.aborted and stage.above.lost_with == [None]


def test_tickets_go_with_the_first_that_is_written():
    stage = Stage(tickets=b't')
    stage.feed(b'an upload')
    # To a peer that may have gone when they come: it would be reset.
    assert stage.wire.written == b''
    stage.above.transport.write(b'thanks')
    stage.above.transport.write(b' again')
    assert stage.wire.written == b'tthanks again'


def test_tickets_go_with_the_end_at_the_latest():
    stage = Stage(tickets=b't')
    stage.above.transport.close()
    assert stage.wire.written == b't<'


def test_an_answer_of_tls_itself_takes_the_tickets_along():
    stage = Stage(tickets=b't')
    stage.tls._session.pending = True
    stage.tls._session.said = b'k'
    stage.feed(b'a new key')
    assert stage.wire.written == b'tk'


def test_a_close_does_not_wait_for_ever(stage):
    stage.above.transport.close()
    stage.loop.advance(LINGER_SECONDS + 0.1)
    assert stage.wire.closed and not stage.wire.aborted and stage.above.lost_with == [None]


def test_the_end_of_the_stream_ends_the_wait_too(stage):
    stage.above.transport.close()
    stage.wire.feed_eof()
    stage.loop.advance(0)
    assert stage.wire.closed and stage.above.lost_with == [None]


def test_a_reset_while_closing_is_no_fault(stage):
    stage.above.transport.close()
    stage.wire.lose()
    stage.loop.advance(0)
    assert stage.above.lost_with == [None]
    stage.loop.advance(LINGER_SECONDS + 0.1)


def test_a_peer_that_has_ended_is_not_waited_for(stage):
    stage.feed(b'last<')                # the protocol above does not keep its side open
    assert stage.above.data == b'last' and stage.wire.closed and stage.above.lost_with == [None]


def test_a_reader_that_pauses_closes_all_the_same(stage):
    stage.above.transport.pause_reading()
    stage.above.transport.close()
    stage.feed(b'more')
    stage.feed(b'<')
    assert stage.above.data == b'' and stage.wire.closed and stage.above.lost_with == [None]


def test_garbage_while_closing_is_passed_over(stage):
    stage.above.transport.close()
    stage.feed(b'!')
    stage.feed(b'<')                    # not looked at any more
    assert not stage.wire.closed
    stage.loop.advance(LINGER_SECONDS + 0.1)
    assert stage.wire.closed and stage.above.lost_with == [None]


def test_waiting_data_is_sent_though_the_peer_has_ended(stage, tmpdir):
    """Its end of the stream comes while a file is under way: half a file would be no answer."""
    path = tmpdir.join('file')
    path.write_binary(b'x' * 300000)
    stage.wire.clog()
    with open(str(path), 'rb') as source:
        future = stage.above.transport.write_file(source, 0, 300000)
        stage.above.transport.close()
        stage.wire.feed_eof()
        stage.loop.advance(0)
        assert not future.done()
        stage.wire.unclog()
        stage.loop.advance(1)
    assert future.result() == 300000
    assert stage.wire.written == b'x' * 300000 + b'<' and stage.wire.closed


def test_a_stream_that_ends_without_a_word_is_a_fault(stage):
    stage.wire.feed_eof()
    stage.loop.advance(0)
    assert [type(each) for each in stage.above.lost_with] == [ConnectionLost]


def slow_listener(loop, factory):
    """The factory of a listener whose handshakes wait for a first octet."""
    class Context(object):
        handshake_seconds = 10.0

        def prepare(self, provider, server_side):
            pass

        def session(self, provider, server_side, hostname=None):
            return Session(ready=False)

    return listening(loop, Context(), factory)


def test_one_client_address_has_a_share_of_the_handshakes_alone(monkeypatch):
    monkeypatch.setattr(handshakes, 'MAX_HANDSHAKES', 16)
    loop = VirtualLoop(tls=NullTLS())
    begin = slow_listener(loop, Above)

    def from_host(host):
        return FakeTransport(loop, Address(host, 40000)).connect(begin())

    stalled = [from_host('2001:db8::%x' % number) for number in range(1, 20)]
    assert [wire.closed for wire in stalled] == [False] * 8 + [True] * 11
    others = [from_host('192.0.2.%d' % number) for number in range(1, 4) for _ in range(3)]
    assert [wire.closed for wire in others] == [False, False, True] * 3
    loop.advance(11.0)
    assert not from_host('2001:db8::1').closed, 'what is over counts no more'
    assert not loop.failures


def test_handshakes_under_way_are_bounded(monkeypatch, expect_log, caplog):
    """One too many is reset, and that is said once until there was room again."""
    expect_log('TLS handshakes are in progress')
    monkeypatch.setattr(handshakes, 'MAX_HANDSHAKES', 3)

    class Slow(NullTLS):
        def session(self, _compiled, server_side, hostname=None):
            return Session(ready=False)

    loop = VirtualLoop(tls=Slow())
    made = []

    class Context(object):
        handshake_seconds = 10.0

        def prepare(self, provider, server_side):
            pass

        def session(self, provider, server_side, hostname=None):
            return provider.session(None, server_side)

    def factory():
        made.append(Above())
        return made[-1]

    begin = listening(loop, Context(), factory)
    wires = [FakeTransport(loop, Address('192.0.2.%d' % number, 40000)).connect(begin())
             for number in range(5)]
    assert [wire.aborted for wire in wires] == [False] * 3 + [True] * 2 and made == []
    assert len(caplog.records) == 1
    wires[0].feed(b'hello')                                 # one is through: there is room for one
    assert len(made) == 1 and made[0].data == b'hello'
    more = [FakeTransport(loop, Address('192.0.2.%d' % number, 40000)).connect(begin())
            for number in (7, 8)]
    assert [wire.aborted for wire in more] == [False, True]
    wires[1].lose()
    loop.advance(11.0)                                      # and one gone, and two out of time
    more = [FakeTransport(loop, Address('192.0.2.%d' % number, 40000)).connect(begin())
            for number in range(10, 14)]
    assert [wire.aborted for wire in more] == [False] * 3 + [True]
    assert len(caplog.records) == 3
