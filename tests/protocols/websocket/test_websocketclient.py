# Copyright the carryall authors.  See LICENSE.
"""The session of a WebSocket client: messages, pace, pings, and each end; then over every backend
and through a proxy.
"""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import ConnectionLost, LocalProtocolError
from carryall.core.future import coroutine
from carryall.core.testing import VirtualLoop
from carryall.protocols.http import Site
from carryall.protocols.websocket import Settings, WebSocketClient, WebSocketServer, connect
from carryall.protocols.websocket.client import MAX_KEPT
from tests.protocols.websocket.websocket_kit import (BINARY, CLOSE, PING, PONG, TEXT, Echoing,
                                                     Side, close_payload, frame)

LIMITS = Settings(ping_seconds=0, close_seconds=5.0)


@pytest.fixture
def side():
    """The client of a server that the test plays."""
    return Side(WebSocketClient(), client=True, settings=LIMITS)


def closing(code=None, reason=u''):
    """A server's CLOSE."""
    return frame(CLOSE, close_payload(code, reason))


# -- messages --------------------------------------------------------------------------------------


def test_a_message_is_sent_at_once_and_its_future_is_done(side):
    future = side.above.send(u'hello')
    assert side.hear() == [('message', TEXT, u'hello')]
    assert future.result() is None


def test_a_message_of_another_type_is_refused(side):
    with pytest.raises(TypeError):
        side.above.send(5)


def test_messages_wait_for_receive_in_order(side):
    side.say(frame(TEXT, b'one'), frame(BINARY, b'two'))
    assert side.above.receive().result() == u'one'
    assert side.above.receive().result() == b'two'


def test_receives_wait_for_messages_in_order(side):
    first = side.above.receive()
    second = side.above.receive()
    side.say(frame(TEXT, b'one'))
    assert first.result() == u'one'
    assert not second.done()
    side.say(frame(TEXT, b'two'))
    assert second.result() == u'two'


def test_a_receive_that_was_cancelled_takes_no_message(side):
    side.above.receive().cancel()
    side.say(frame(TEXT, b'one'))
    assert side.above.receive().result() == u'one'


# -- pace ------------------------------------------------------------------------------------------


def test_a_send_waits_while_the_output_is_full(side):
    side.wire.clog()
    future = side.above.send(b'x' * 100000)
    assert not future.done()
    side.wire.unclog()
    assert future.result() is None


def test_a_send_that_waits_fails_with_the_connection(side):
    side.wire.clog()
    future = side.above.send(b'x' * 100000)
    side.wire.lose()
    side.loop.advance()
    assert isinstance(future.exception(), ConnectionLost)


def test_a_send_that_is_cancelled_does_not_disturb_the_next(side):
    side.wire.clog()
    side.above.send(b'x' * 100000).cancel()
    future = side.above.send(b'x')
    side.wire.unclog()
    assert future.result() is None


def test_a_client_that_receives_nothing_stops_reading(side):
    for _ in range(2 * MAX_KEPT // 50000):
        side.say(frame(BINARY, b'x' * 50000))
    assert not side.wire.reading
    side.above.receive()
    side.loop.advance()
    assert not side.wire.reading, 'more than half is kept still'


def test_a_client_that_receives_again_gets_all_of_it(side):
    count = 2 * MAX_KEPT // 50000
    for number in range(count):
        side.say(frame(BINARY, b'%3d' % number * 20000))
    heard = []
    for _ in range(count):
        future = side.above.receive()
        side.loop.advance()
        heard.append(future.result()[:3])
    assert heard == [b'%3d' % number for number in range(count)]
    assert side.wire.reading


def test_many_empty_messages_stop_reading_too(side):
    side.wire.feed(frame(TEXT, b'') * (MAX_KEPT // 64 + 2))
    side.loop.advance(1.0)
    assert not side.wire.reading


# -- pings -----------------------------------------------------------------------------------------


def test_a_ping_is_done_with_its_pong(side):
    future = side.above.ping()
    (opcode, data), = side.hear()
    assert opcode == PING
    side.say(frame(PONG, b'other'))
    assert not future.done(), 'the PONG of something else'
    side.say(frame(PONG, data))
    assert future.result() is None


def test_a_pong_answers_the_pings_before_its_own_too(side):
    """RFC 6455 section 5.5.3: the last of several may be answered alone."""
    first = side.above.ping()
    second = side.above.ping()
    third = side.above.ping()
    said = side.hear()
    side.say(frame(PONG, said[1][1]))
    assert first.done()
    assert second.done()
    assert not third.done()


def test_a_ping_fails_with_the_connection(side):
    future = side.above.ping()
    side.wire.lose()
    side.loop.advance()
    assert isinstance(future.exception(), ConnectionLost)


# -- the end ---------------------------------------------------------------------------------------


def test_a_clean_end_gives_what_was_kept_and_then_none(side):
    side.say(frame(TEXT, b'last'), closing(1000, u'done'))
    side.wire.feed_eof()
    side.loop.advance()
    assert side.above.receive().result() == u'last'
    assert side.above.receive().result() is None
    assert side.above.closed.result() == 1000
    assert side.above.close_reason == u'done'


def test_a_receive_that_waits_gets_none_at_a_clean_end(side):
    future = side.above.receive()
    side.say(closing())
    side.wire.feed_eof()
    side.loop.advance()
    assert future.result() is None
    assert side.above.close_code == 1005


@pytest.mark.parametrize('end', [
    lambda side: side.say(closing(1011)), lambda side: side.say(b'\xff'),
    lambda side: side.wire.lose(), lambda side: None])
def test_any_other_end_fails_what_waits(side, end):
    waiting = side.above.receive()
    end(side)
    side.wire.feed_eof()
    side.loop.advance()
    assert isinstance(waiting.exception(), ConnectionLost)
    assert isinstance(side.above.receive().exception(), ConnectionLost)


def test_after_the_end_nothing_can_be_sent(side):
    side.say(closing(1000))
    assert isinstance(side.above.send(u'late').exception(), ConnectionLost)
    assert isinstance(side.above.ping().exception(), ConnectionLost)


def test_close_is_done_when_the_connection_is_gone(side):
    future = side.above.close(3000, u'enough')
    assert side.hear() == [('close', 3000, u'enough')]
    side.say(closing(3000))
    assert not future.done()
    side.wire.feed_eof()
    side.loop.advance()
    assert future.result() is None
    assert side.above.closed.result() == 3000
    assert side.above.close().result() is None, 'a second time'


def test_close_is_done_although_the_server_does_not_answer(side):
    future = side.above.close()
    side.wait(5.1)
    assert future.result() is None
    assert side.above.closed.result() == 1006


def test_a_close_that_is_cancelled_leaves_the_end_to_others(side):
    side.above.close().cancel()
    future = side.above.close()
    side.wait(5.1)
    assert future.result() is None


def test_a_code_that_may_not_be_sent_is_refused(side):
    with pytest.raises(LocalProtocolError):
        side.above.close(1006)


def test_abort_ends_it_at_once(side):
    waiting = side.above.receive()
    side.above.abort()
    side.loop.advance()
    assert waiting.result() is None
    assert side.wire.aborted


# -- with our server -------------------------------------------------------------------------------


@coroutine
def talk(client, messages):
    """Sends each of *messages*, receives as many, and closes."""
    for message in messages:
        yield client.send(message)
    yield client.ping()
    for message in messages:
        answer = yield client.receive()
        assert answer == message
    yield client.close()
    end = yield client.receive()
    assert end is None


def served(loop, host='127.0.0.1', port=0):
    """A Listener of a server that sends each message back."""
    settings = Settings(subprotocols=[b'echo'])
    return loop.listen_tcp(Site(WebSocketServer(lambda request: Echoing(), loop, settings), loop),
                           host, port)


def test_over_every_backend(loop):
    listener = served(loop)
    client = loop.run_until(connect(loop, 'ws://127.0.0.1:%d/' % listener.address.port,
                                    settings=Settings(subprotocols=[b'echo'])))
    assert client.subprotocol == b'echo'
    loop.run_until(talk(client, [u'\u20ac' * 10, b'x' * 300000, u'']))
    assert client.close_code == 1000
    listener.close()
