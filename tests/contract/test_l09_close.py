# Copyright the carryall authors.  See LICENSE.
"""L9: close flushes and then closes, abort drops; both idempotent;
both lead to L5 on a later turn."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import ConnectionLost
from tests.contract.support import KeepOpen, connected, fill, pattern, settle, until

SIZE = 4 << 20


def test_l09_close_flushes_to_a_slow_reader(loop):
    pair = connected(loop)
    pair.client.transport.pause_reading()
    settle(loop, 3)
    sent = pattern(SIZE)
    pair.server.transport.write(sent)
    pair.server.transport.close()
    assert pair.server.transport.is_closing() and not pair.server.transport.is_reading()
    settle(loop)
    for _ in range(5):
        pair.client.transport.resume_reading()
        settle(loop, 1)
        pair.client.transport.pause_reading()
    pair.client.transport.resume_reading()
    until(loop, lambda: pair.client.state == 'lost' and pair.server.state == 'lost')
    assert pair.client.data == sent
    assert pair.server.lost_with is None and pair.client.lost_with is None


def test_l09_abort_drops_the_buffer(loop):
    pair = connected(loop)
    sent = fill(loop, pair.server, pair.client)
    pair.server.transport.abort()
    assert pair.server.transport.is_closing()
    pair.client.transport.resume_reading()
    until(loop, lambda: pair.client.state == 'lost' and pair.server.state == 'lost')
    assert len(pair.client.data) < sent
    assert pair.server.lost_with is None
    assert pair.server.transport.get_write_buffer_size() == 0
    assert isinstance(pair.client.lost_with, ConnectionLost)


def test_l09_abort_never_looks_like_a_clean_end(loop):
    for _ in range(5):
        pair = connected(loop, client=KeepOpen)
        fill(loop, pair.server, pair.client)
        pair.client.transport.resume_reading()
        settle(loop, 1)                 # the peer reads while it is aborted
        pair.server.transport.write(b'x' * (8 << 20))
        pair.server.transport.abort()
        until(loop, lambda: pair.client.state != 'connected')
        assert pair.client.state == 'lost', 'the peer takes half of it for the whole'
        pair.listener.close()


@pytest.mark.parametrize('ends', [('close', 'close'), ('abort', 'abort'), ('close', 'abort'),
                                  ('abort', 'close')])
def test_l09_close_is_idempotent(loop, ends):
    pair = connected(loop)
    for end in ends:
        getattr(pair.server.transport, end)()
    until(loop, lambda: pair.client.state == 'lost' and pair.server.state == 'lost')
    for end in ends:
        getattr(pair.server.transport, end)()
    settle(loop)
    assert pair.server.calls == ['connection_made', 'connection_lost']


@pytest.mark.parametrize('end', ['close', 'abort'])
def test_l09_on_a_later_turn(loop, end):
    pair = connected(loop)
    seen = []

    def act():
        getattr(pair.server.transport, end)()
        seen.append(pair.server.state)

    loop.call_soon(act)
    until(loop, lambda: pair.server.state == 'lost')
    assert seen == ['connected']


def test_l09_abort_while_close_flushes(loop):
    pair = connected(loop)
    sent = fill(loop, pair.server, pair.client)
    pair.server.transport.close()
    settle(loop)
    assert pair.server.state == 'connected', 'it was not flushed yet'
    pair.server.transport.abort()
    until(loop, lambda: pair.server.state == 'lost')
    assert pair.server.lost_with is None
    pair.client.transport.resume_reading()
    until(loop, lambda: pair.client.state == 'lost')
    assert len(pair.client.data) < sent


def test_l09_nothing_is_read_after_close(loop):
    pair = connected(loop)
    sent = fill(loop, pair.server, pair.client)
    pair.server.transport.close()
    pair.client.transport.write(b'too late')
    settle(loop)
    pair.client.transport.resume_reading()
    until(loop, lambda: pair.server.state == 'lost')
    assert pair.server.data == b'' and sent


def test_l09_resume_reading_after_close_is_harmless(loop):
    pair = connected(loop)
    pair.server.transport.close()
    pair.server.transport.pause_reading()
    pair.server.transport.resume_reading()
    assert not pair.server.transport.is_reading()
    until(loop, lambda: pair.server.state == 'lost')
    pair.server.transport.pause_reading()
    pair.server.transport.resume_reading()
    settle(loop)
    assert not pair.server.transport.is_reading()
