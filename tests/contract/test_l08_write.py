# Copyright the carryall authors.  See LICENSE.
"""L8: write never blocks and never raises for the peer's faults;
after close or abort it is dropped."""
from __future__ import absolute_import, division, print_function

import pytest

from tests.contract.support import KeepOpen, Sink, connected, pattern, settle, until


def test_l08_write_never_blocks(loop):
    pair = connected(loop, client=Sink)
    pair.client.transport.pause_reading()
    settle(loop, 3)
    sent = pattern(24 << 20)
    pair.server.transport.write(sent)  # more than any system takes: would hang if it blocked
    settle(loop, 3)
    pair.client.transport.resume_reading()
    until(loop, lambda: pair.client.size >= len(sent))
    assert b''.join(pair.client.pieces) == sent


@pytest.mark.parametrize('end', ['close', 'abort'])
def test_l08_dropped_after_the_end(loop, end):
    pair = connected(loop, client=KeepOpen)
    pair.server.transport.write(b'before')
    until(loop, lambda: pair.client.data == b'before')
    getattr(pair.server.transport, end)()
    pair.server.transport.write(b'after')
    pair.server.transport.write(b'')
    until(loop, lambda: pair.server.state == 'lost')
    pair.server.transport.write(b'long after')
    settle(loop)
    assert pair.client.data == b'before'


def test_l08_never_raises_for_the_peers_faults(loop):
    pair = connected(loop)
    pair.client.transport.abort()
    for _ in range(50):
        pair.server.transport.write(b'x' * 10000)
        settle(loop, 1)
    assert pair.server.state == 'lost'
    pair.server.transport.write(b'x')


@pytest.mark.parametrize('wrong', [u'text', bytearray(b'abc'), None, 7, [b'a']], ids=repr)
def test_l08_type_error_for_what_is_not_bytes(loop, wrong):
    pair = connected(loop)
    with pytest.raises(TypeError):
        pair.client.transport.write(wrong)
    pair.client.transport.write(b'alive')
    until(loop, lambda: pair.server.data == b'alive')


def test_l08_an_empty_write_is_harmless(loop):
    pair = connected(loop)
    for _ in range(3):
        pair.client.transport.write(b'')
    assert pair.client.transport.get_write_buffer_size() == 0
    pair.client.transport.write(b'a')
    pair.client.transport.write(b'')
    pair.client.transport.write(b'b')
    until(loop, lambda: pair.server.data == b'ab')


def test_l08_an_empty_write_while_output_waits(loop):
    pair = connected(loop, client=Sink)
    pair.client.transport.pause_reading()
    settle(loop, 3)
    sent = pattern(16 << 20)
    pair.server.transport.write(sent)
    size = pair.server.transport.get_write_buffer_size()
    pair.server.transport.write(b'')
    assert pair.server.transport.get_write_buffer_size() <= size
    pair.client.transport.resume_reading()
    pair.server.transport.close()
    until(loop, lambda: pair.client.state == 'eof')
    assert pair.client.size == len(sent)
