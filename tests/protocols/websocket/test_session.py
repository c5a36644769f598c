# Copyright the carryall authors.  See LICENSE.
"""One side of a WebSocket: messages, pings, every way to end, time, and peers that do not read."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import Cancelled, ConnectionLost, LocalProtocolError
from carryall.core.future import Future, completed
from carryall.core.testing import FakeTransport, VirtualLoop, chunkings, lockstep, pump
from carryall.protocols.websocket.session import (CLOSED, CLOSING, ENDED, OPEN, TRANSITIONS,
                                                  MessageProtocol, WebSocket)
from carryall.protocols.websocket.deflate import Deflate, Deflater
from carryall.protocols.websocket.settings import Settings
from tests.protocols.websocket.websocket_kit import (BINARY, CLOSE, CONTINUATION, KEY, PING, PONG,
                                                     TEXT, Above, Echoing, Side, close_payload,
                                                closing, frame, masked)

LIMITS = Settings(ping_seconds=10.0, close_seconds=5.0)


# -- messages --------------------------------------------------------------------------------------


def test_messages_go_both_ways():
    side = Side(Echoing())
    assert (side.say(masked(TEXT, b'h\xc3\xa4'), masked(BINARY, b'\xff'))
            == [('message', TEXT, u'h\xe4'), ('message', BINARY, b'\xff')])
    assert side.heard == [u'h\xe4', b'\xff'], 'text is text, octets are octets'
    assert side.above.websocket is side.websocket, 'text is text, octets are octets'
    assert (side.say(masked(TEXT, b'a', False), masked(CONTINUATION, b'b', False),
                     masked(CONTINUATION, b'c')) == [('message', TEXT, u'abc')]), 'fragments'
    assert (side.say(masked(BINARY, b'', False), masked(CONTINUATION))
            == [('message', BINARY, b'')]), 'an empty one'
    assert (side.say(masked(TEXT, b'a\r', False), masked(CONTINUATION, b'\nb\n'))
            == [('message', TEXT, u'a\r\nb\n')]), 'line ends are left alone'
    for wrong in (bytearray(b'x'), 5, None):
        with pytest.raises(TypeError):
            side.websocket.send(wrong)


def test_at_every_cut():
    data = (masked(TEXT, b'one') + masked(PING, b'p') + masked(BINARY, b'two', False)
            + masked(CONTINUATION, b'!') + closing(1000))
    for name, pieces in chunkings(data):
        side = Side(Echoing())
        answers = []
        for piece in pieces:
            answers += side.say(piece)
        assert (answers
                == [('message', TEXT, u'one'), (PONG, b'p'), ('message', BINARY, b'two!'),
                    ('close', 1000, u'')]), name
        assert side.wire.closed, name
        assert side.heard[-1] == (1000, u''), name


def test_a_client_masks_with_a_new_key_each_time():
    side = Side(client=True)
    side.websocket.send(b'x' * 8)
    side.websocket.send(b'x' * 8)
    said = side.wire.written
    assert len(said) == 28, 'keys'
    assert said[:2] == b'\x82\x88', 'keys'
    assert said[2:6] != said[16:20], 'keys'
    assert side.hear() == [('message', BINARY, b'x' * 8)] * 2, 'and is understood'


@pytest.mark.parametrize('client', [False, True])
def test_compressed_messages_pass_both_ways(client):
    side = Side(Echoing(), client, deflate=Deflate(server_fresh=True))
    squeezed = frame(TEXT, Deflater(False).compress(b'ab' * 500), None if client else KEY, True,
                     True)
    side.wire.feed(squeezed)
    assert side.heard == [u'ab' * 500], 'understood'
    assert len(side.wire.written) < 100, 'and answered so'
    assert bytearray(side.wire.take())[0] == 0xc1, 'and answered so'
    side.websocket.send(b'short')
    assert bytearray(side.wire.take())[0] == 0x82, 'what is short is not worth it'


@pytest.mark.parametrize('talk', [pump, lockstep], ids=['pump', 'lockstep'])
@pytest.mark.parametrize('deflate', [None, Deflate(), Deflate(True, True)])
def test_client_against_server(talk, deflate):
    loop = VirtualLoop()
    said = [u'one', b'two' * 50, u'\u20ac' * 70, b'', u'']

    class Asking(Above):
        def connection_made(self, websocket):
            Above.connection_made(self, websocket)
            for message in said:
                websocket.send(message)

        def message_received(self, message):
            Above.message_received(self, message)
            if len(self.heard) == len(said):
                self.websocket.close(4000, u'enough')

    near = Asking()
    far = Echoing()
    server = WebSocket(far, loop, deflate=deflate)
    talk(WebSocket(near, loop, client=True, deflate=deflate), server, loop)
    loop.advance(10.0)
    assert near.heard == said, 'all of it'
    assert far.heard == said + [(4000, u'enough')], 'all of it'
    assert near.lost == [None], 'all of it'
    assert server.close_code == 4000, 'a code of the peer that is no peace'
    assert len(far.lost) == 1, 'a code of the peer that is no peace'
    assert isinstance(far.lost[0], ConnectionLost), 'a code of the peer that is no peace'


# -- pings -----------------------------------------------------------------------------------------


def test_pings_are_answered():
    side = Side()
    assert (side.say(masked(PING, b'1'), masked(PING, b'2'), masked(PONG, b'3'))
            == [(PONG, b'1'), (PONG, b'2')])
    assert side.heard == []


def test_a_silent_peer_is_asked_and_then_cut():
    side = Side(settings=LIMITS)
    assert side.wait(9.9) == [], 'asked'
    assert side.wait(0.2) == [(PING, b'')], 'asked'
    side.say(masked(PONG))
    assert side.wait(9.8) == [], 'heard: it begins again'
    assert side.wait(10.1) == [(PING, b'')], 'asked again'
    assert not side.wire.closed, 'asked again'
    side.wait(10.1)
    assert side.wire.aborted, 'no answer'
    assert isinstance(side.above.lost[0], ConnectionLost), 'no answer'
    assert side.websocket.close_code == 1006


def test_a_peer_that_speaks_is_not_asked():
    side = Side(settings=LIMITS)
    for _ in range(20):
        assert side.wait(5.0) == []
        side.say(masked(TEXT, b'x'))


def test_pings_can_be_turned_off():
    side = Side(settings=Settings(ping_seconds=0))
    assert side.wait(100000.0) == []
    assert not side.wire.closed


def test_a_paused_reader_does_not_judge_the_peer():
    side = Side(settings=LIMITS)
    side.websocket.pause_reading()
    side.wait(200.0)
    assert not side.wire.closed, 'we could not have heard it'
    side.websocket.resume_reading()
    side.wait(40.0)
    assert side.wire.aborted, 'but now'


# -- the end ---------------------------------------------------------------------------------------


def test_the_peer_ends_it():
    side = Side()
    assert (side.say(closing(1001, u'bye'), masked(TEXT, b'x'))
            == [('close', 1001, u'')]), 'the code is echoed'
    assert side.wire.closed, 'in peace'
    assert side.heard == [(1001, u'bye')], 'in peace'
    assert side.above.lost == [None], 'in peace'
    assert (side.websocket.close_code, side.websocket.close_reason) == (1001, u'bye')
    side.websocket.send(b'x')
    side.websocket.ping()
    side.websocket.close()
    assert side.hear() == [], 'dropped'
    side = Side()
    assert side.say(closing()) == [('close', None, u'')], 'without a code'
    assert side.websocket.close_code == 1005, 'without a code'
    side = Side()
    assert side.say(closing(1011)) == [('close', 1011, u'')], 'not in peace'
    assert isinstance(side.above.lost[0], ConnectionLost), 'not in peace'


def test_a_client_leaves_the_close_to_the_server():
    side = Side(client=True, settings=LIMITS)
    assert side.say(frame(CLOSE, b'\x03\xe8')) == [('close', 1000, u'')], 'RFC 6455 section 7.1.1'
    assert not side.wire.closed, 'RFC 6455 section 7.1.1'
    side.wait(5.1)
    assert side.wire.closed, 'but does not wait for ever'
    assert not side.wire.aborted, 'but does not wait for ever'
    assert side.above.lost == [None], 'but does not wait for ever'
    side = Side(client=True)
    side.say(frame(CLOSE, b'\x03\xe8'))
    side.wire.feed_eof()
    side.wait(0.0)
    assert side.above.lost == [None], 'the server has closed'


def test_we_end_it():
    side = Side()
    side.websocket.close(3000, u'done')
    assert side.hear() == [('close', 3000, u'done')], 'said'
    assert side.websocket.is_closing(), 'said'
    assert not side.wire.closed, 'said'
    assert (side.say(masked(TEXT, b'late'), masked(PING, b'late'), closing(3000))
            == []), 'and answered'
    assert side.wire.closed, 'and answered'
    assert side.heard == [], 'what came late is dropped'
    assert side.above.lost == [None], 'what came late is dropped'


def test_a_peer_that_does_not_answer_our_end():
    side = Side(settings=LIMITS)
    side.websocket.close()
    side.wait(5.1)
    assert side.wire.aborted
    assert side.above.lost == [None]


def test_a_peer_that_still_takes_what_waits_is_given_time():
    side = Side(settings=LIMITS)
    side.wire.clog()
    side.websocket.send(b'x' * 1000)
    side.websocket.close()
    for _ in range(10):
        side.wire.drain(50)
        side.wait(5.0)
    assert not side.wire.aborted, 'it takes something'
    side.wait(10.1)
    assert side.wire.aborted, 'and then nothing'


@pytest.mark.parametrize('code', [None, 1000, 4999])
def test_codes_of_ours(code):
    side = Side()
    side.websocket.close(code)
    assert side.hear() == [('close', code, u'')]


def test_abort_ends_the_connection():
    side = Side()
    side.websocket.abort()
    side.wait(0.0)
    assert side.wire.aborted
    assert side.above.lost == [None]
    assert side.hear() == []


def test_a_site_that_stops():
    side = Side()
    side.websocket.drain()
    assert side.hear() == [('close', 1001, u'')]


@pytest.mark.parametrize('data, code',
                         [(masked(3), 1002), (masked(TEXT, b'\xff'), 1007), (b'\x81\x01a', 1002),
                          (b'\x82\xff\x7f' + b'\xff' * 7 + KEY, 1009),
                                        (masked(CLOSE, b'\x00\x00'), 1002)])
def test_a_peer_that_breaks_the_rules(data, code):
    side = Side(settings=LIMITS)
    assert (side.say(masked(TEXT, b'good') + data + masked(TEXT, b'after'))
            == [('close', code, u'')]), 'told'
    assert side.heard == [u'good'], 'it may be sending still'
    assert side.wire.eof_written, 'it may be sending still'
    assert not side.wire.closed, 'it may be sending still'
    assert side.say(b'x' * 10000) == [], 'which is dropped'
    assert side.above.lost == [], 'which is dropped'
    side.wire.feed_eof()
    side.wait(0.0)
    assert len(side.above.lost) == 1
    assert isinstance(side.above.lost[0], ConnectionLost)
    assert side.websocket.close_code == 1006


def test_one_that_breaks_them_and_stays():
    side = Side(settings=LIMITS)
    side.say(masked(3))
    side.wait(5.1)
    assert side.wire.closed
    assert isinstance(side.above.lost[0], ConnectionLost)


@pytest.mark.parametrize('at', range(1, 26))
def test_the_end_of_input_anywhere(at):
    data = masked(TEXT, b'one') + masked(PING, b'p') + masked(BINARY, b'two')
    for abrupt in (False, True):
        side = Side(settings=LIMITS)
        side.wire.feed(data[:at])
        side.wire.lose() if abrupt else side.wire.feed_eof()
        side.wait(0.0)
        assert len(side.above.lost) == 1, at
        assert isinstance(side.above.lost[0], ConnectionLost), at
        assert side.websocket.close_code == 1006


@pytest.mark.parametrize('client', [False, True])
def test_the_end_of_input_while_it_ends(client):
    for say in (lambda side: side.websocket.close(), lambda side: side.websocket.fail(1008, u'no')):
        side = Side(client=client)
        say(side)
        side.wire.feed_eof()
        side.wait(0.0)
        assert side.wire.closed
        assert len(side.above.lost) == 1


# -- pace ------------------------------------------------------------------------------------------


class OneByOne(Above):
    """Pauses after each message."""

    def message_received(self, message):
        Above.message_received(self, message)
        self.websocket.pause_reading()


def test_a_pause_holds_back_what_is_here_already():
    side = Side(OneByOne())
    side.say(*[masked(TEXT, b'%d' % number) for number in range(4)] + [closing(1000)])
    assert side.heard == [u'0'], 'one'
    assert not side.websocket.is_reading(), 'one'
    assert not side.wire.reading, 'one'
    side.websocket.resume_reading()
    assert side.heard == [u'0'], 'not at once'
    side.wait(0.0)
    assert side.heard == [u'0', u'1'], 'another'
    assert not side.wire.reading, 'another'
    side.above.message_received = side.above.heard.append
    side.websocket.resume_reading()
    side.wait(0.0)
    assert side.heard == [u'0', u'1', u'2', u'3', (1000, u'')], 'the rest'
    assert side.wire.closed, 'the rest'


def test_a_pause_and_the_end():
    side = Side(OneByOne(), settings=LIMITS)
    side.say(masked(TEXT, b'0'), masked(TEXT, b'1'))
    side.wire.feed_eof()
    side.websocket.resume_reading()
    side.wait(0.0)
    side.websocket.resume_reading()
    side.wait(0.0)
    assert side.heard == [u'0', u'1'], 'in order'
    assert len(side.above.lost) == 1, 'in order'
    side = Side(OneByOne(), settings=LIMITS)
    side.say(masked(TEXT, b'0'), masked(TEXT, b'1'), closing(1000))
    side.websocket.close()
    side.wait(0.0)
    assert side.heard == [u'0'], 'our own end wants to see the peer\'s, and drops the rest'
    assert side.wire.closed, 'our own end wants to see the peer\'s, and drops the rest'
    assert not side.wire.aborted, 'our own end wants to see the peer\'s, and drops the rest'


def test_a_slow_reader():
    side = Side()
    side.wire.clog()
    side.websocket.send(b'x' * 70000)
    assert side.above.pauses == [True], 'told'
    for number in range(1000):
        side.wire.feed(masked(PING, b'%d' % number))
    assert side.wire.get_write_buffer_size() < 71000, 'answers to pings do not pile up'
    side.wire.unclog()
    assert side.hear()[-1] == (PONG, b'999'), 'the last of them is answered'
    assert side.above.pauses == [True, False], 'the last of them is answered'


def test_a_slow_reader_that_is_gone():
    side = Side(settings=LIMITS)
    side.wire.clog()
    side.websocket.send(b'x' * 70000)
    for _ in range(6):
        side.wait(10.0)
        side.wire.drain(100)
    assert not side.wire.closed, 'it takes something'
    side.wait(31.0)
    assert side.wire.aborted


def test_a_late_failure_ends_the_connection(expect_log):
    """An application that fails in a later turn does not leave an open connection without a
    server."""
    class Failing(OneByOne):
        def message_received(self, message):
            OneByOne.message_received(self, message)
            if message == u'1':
                raise ValueError('of mine')

    expect_log('the application failed')
    side = Side(Failing())
    side.say(masked(TEXT, b'0'), masked(TEXT, b'1'))
    side.websocket.resume_reading()
    assert side.wait(0.0) == [('close', 1011, u'')]


@pytest.mark.parametrize('client', [False, True])
@pytest.mark.parametrize('where',
                         ['connection_made', 'message_received', 'piece_received', 'peer_closing',
                          'pause_writing', 'resume_writing'])
def test_an_application_that_fails_ends_it_with_1011(client, where, expect_log):
    """RFC 6455 section 7.4.1: the peer learns that it was not its fault; before, its connection was
    cut without a word.
    """
    error = ValueError('of mine')

    def failing(*_):
        raise error

    expect_log('the application failed')
    above = Above()
    setattr(above, where, failing)
    side = Side(above, client)
    side.websocket.transport.set_write_buffer_limits(100, 10)
    side.wire.clog()
    side.websocket.send(b'x' * 200)
    side.wire.unclog()
    key = None if client else KEY
    side.wire.feed(frame(TEXT, b'x', key) + frame(CLOSE, close_payload(1000), key))
    side.loop.advance()
    assert [event for event in side.hear() if event[0] == 'close'] == [('close', 1011, u'')]
    assert side.websocket.failure is error
    side.wire.feed_eof()
    side.wait(10.0)
    assert side.wire.closed
    assert [lost.cause for lost in above.lost] == [error]


def test_an_application_that_fails_after_its_close_is_heard_of_in_the_log_alone(expect_log):
    class Closing(Above):
        def message_received(self, message):
            self.websocket.close(3000)
            raise ValueError('of mine')

    expect_log('the application failed')
    side = Side(Closing())
    assert side.say(masked(TEXT, b'x')) == [('close', 3000, u'')]
    assert side.wire.ended


class Promising(Above):
    """Answers each call with a Future."""

    def __init__(self):
        Above.__init__(self)
        self.futures = []

    def message_received(self, message):
        self.heard.append(message)
        self.futures.append(Future())
        return self.futures[-1]


def test_messages_wait_for_a_busy_application():
    side = Side(Promising())
    assert side.say(masked(TEXT, b'1'), masked(TEXT, b'2')) == []
    assert side.heard == [u'1']
    assert not side.wire.reading
    side.above.futures[0].set_result(None)
    side.wait(0.0)
    assert side.heard == [u'1', u'2']
    side.above.futures[1].set_result(None)
    side.wait(0.0)
    assert side.wire.reading


def test_a_future_of_the_application_that_fails_ends_it_with_1011(expect_log):
    expect_log('the application failed')
    side = Side(Promising())
    side.say(masked(TEXT, b'1'), masked(TEXT, b'2'))
    side.above.futures[0].set_exception(ValueError('of mine'))
    assert side.wait(0.0) == [('close', 1011, u'')]
    assert side.heard == [u'1'], 'the other message is dropped'


def test_a_future_of_the_application_is_cancelled_with_the_connection():
    side = Side(Promising())
    side.say(masked(TEXT, b'1'))
    side.wire.lose()
    side.loop.advance()
    assert isinstance(side.above.futures[0].exception(), Cancelled)
    assert len(side.above.lost) == 1


def test_a_pause_of_the_application_outlasts_a_call_that_is_done():
    class Pausing(Above):
        def message_received(self, message):
            self.heard.append(message)
            self.websocket.pause_reading()
            return completed(None)

    side = Side(Pausing())
    side.say(masked(TEXT, b'1'), masked(TEXT, b'2'))
    assert side.heard == [u'1']
    side.websocket.resume_reading()
    side.wait(0.0)
    assert side.heard == [u'1', u'2']


def test_an_end_of_ours_does_not_wait_for_the_application():
    side = Side(Promising())
    side.say(masked(TEXT, b'1'))
    side.websocket.close()
    assert side.say(closing(1000)) == [('close', 1000, u'')]
    assert side.wire.closed
    assert side.above.lost == [None]


def test_a_message_may_be_received_in_pieces():
    class Pieces(MessageProtocol):
        def __init__(self):
            self.pieces = []

        def piece_received(self, piece):
            self.pieces.append(tuple(piece))

    loop = VirtualLoop()
    above = Pieces()
    wire = FakeTransport(loop).connect(WebSocket(above, loop))
    wire.feed(masked(TEXT, b'abc')[:7])
    assert above.pieces == [(TEXT, u'a', False)], 'as they come'
    wire.feed(masked(TEXT, b'abc')[7:])
    assert above.pieces[1:] == [(TEXT, u'bc', True)]


@pytest.mark.parametrize('code', [0, 999, 1004, 1005, 1006, 1015, 2999, 5000])
def test_codes_that_are_never_on_the_wire(code):
    side = Side()
    with pytest.raises(LocalProtocolError):
        side.websocket.close(code)
    assert side.hear() == [], 'nothing was said'
    assert not side.websocket.is_closing(), 'nothing was said'


def test_a_ping_that_is_too_long():
    side = Side()
    side.websocket.ping(b'x' * 125)
    with pytest.raises(LocalProtocolError):
        side.websocket.ping(b'x' * 126)
    assert side.hear() == [(PING, b'x' * 125)]


# -- states ----------------------------------------------------------------------------------------

EVENTS = {
    'our close': lambda side: side.websocket.close(),
    'peer close': lambda side: side.say(closing(1000)),
    'fault': lambda side: side.websocket.fail(1008, u'no'),
    'eof': lambda side: side.wire.feed_eof(),
    'abort': lambda side: side.websocket.abort(),
    'lost': lambda side: side.wire.lose(),
}
PATHS = {OPEN: [], CLOSING: ['our close'], ENDED: ['fault'], CLOSED: ['lost']}


def staged(state):
    """A Side whose WebSocket is in that state."""
    side = Side(settings=LIMITS)
    for event in PATHS[state]:
        EVENTS[event](side)
        side.loop.advance()
    assert side.websocket.state == state
    return side


@pytest.mark.parametrize('state, event', sorted(TRANSITIONS))
def test_each_row_of_the_table_of_states_is_taken(state, event, monkeypatch):
    side = staged(state)
    rows = []
    change = WebSocket._change

    def noting(websocket, what):
        rows.append((websocket.state, what))
        change(websocket, what)

    monkeypatch.setattr(WebSocket, '_change', noting)
    EVENTS[event](side)
    side.loop.advance()
    assert rows[0] == (state, event)


@pytest.mark.parametrize('state', [OPEN, CLOSING, ENDED, CLOSED])
@pytest.mark.parametrize('event', sorted(EVENTS))
def test_every_event_in_every_state_leads_to_the_end(state, event):
    side = staged(state)
    EVENTS[event](side)
    side.wait(20.0)
    assert side.websocket.state == CLOSED


def test_a_pong_reaches_the_application():
    class Hearing(Above):
        def pong_received(self, data):
            self.heard.append(data)

    side = Side(Hearing())
    side.say(masked(PONG, b'there'))
    assert side.heard == [b'there']
