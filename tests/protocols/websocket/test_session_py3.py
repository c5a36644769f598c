# Copyright the carryall authors.  See LICENSE.
"""Applications of WebSockets in the syntax of 3.x: coroutines."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.future import sleep
from carryall.core.testing import VirtualLoop
from tests.protocols.websocket.websocket_kit import KEY, TEXT, Above, Side, frame


class Slow(Above):
    """Answers a second later, and fails on a number."""

    async def message_received(self, message):
        await sleep(self.loop, 1.0)
        self.websocket.send(u'%d' % (1 // int(message)))


@pytest.mark.parametrize('client', [False, True])
def test_messages_are_answered_one_by_one(client):
    side = _side(client)
    _say(side, b'1', b'1')
    assert side.wait(1.5) == [('message', TEXT, u'1')]
    assert side.wait(1.0) == [('message', TEXT, u'1')]


@pytest.mark.parametrize('client', [False, True])
def test_a_coroutine_that_fails_ends_it_with_1011(client, expect_log):
    """RFC 6455 section 7.4.1."""
    expect_log('the application failed')
    side = _side(client)
    _say(side, b'0')
    assert side.wait(1.5) == [('close', 1011, u'')]
    assert isinstance(side.websocket.failure, ZeroDivisionError)


def test_connection_made_comes_before_the_first_message_is_taken_up():
    class Greeting(Above):
        async def connection_made(self, websocket):
            self.websocket = websocket
            await sleep(self.loop, 1.0)
            self.heard.append('greeted')

    side = _side(False, Greeting())
    _say(side, b'x')
    side.wait(1.5)
    assert side.heard == ['greeted', u'x']


def _side(client, above=None):
    above = above or Slow()
    loop = VirtualLoop()
    above.loop = loop
    return Side(above, client, loop)


def _say(side, *messages):
    side.wire.feed(b''.join(frame(TEXT, message, None if side.client else KEY) for message
                            in messages))
    side.loop.advance()
