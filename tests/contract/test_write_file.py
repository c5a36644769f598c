# Copyright the carryall authors.  See LICENSE.
"""write_file: in order with what is written, to slow readers, of files that end early, and of
objects in memory."""
from __future__ import absolute_import, division, print_function

import io

import pytest

from carryall.core.errors import ConnectionLost, FileFailed, LocalProtocolError
from tests.contract.support import Sink, connected, fill, pattern, settle, until

SIZE = 5 << 20


@pytest.fixture
def big(tmpdir):
    """The open file of SIZE bytes."""
    path = tmpdir.join('big')
    path.write(pattern(SIZE), 'wb')
    with open(str(path), 'rb') as source:
        yield source


def _heard(sink):
    return b''.join(sink.pieces)


def test_write_file_to_a_slow_reader(loop, big):
    pair = connected(loop, client=Sink)
    pair.client.transport.pause_reading()
    settle(loop, 3)
    future = pair.server.transport.write_file(big, 0, SIZE)
    settle(loop)
    for _ in range(5):
        pair.client.transport.resume_reading()
        settle(loop, 1)
        pair.client.transport.pause_reading()
    pair.client.transport.resume_reading()
    assert loop.run_until(future) == SIZE
    until(loop, lambda: pair.client.size == SIZE)
    assert _heard(pair.client) == pattern(SIZE)


def test_write_file_in_order_with_what_is_written(loop, big):
    pair = connected(loop, client=Sink)
    transport = pair.server.transport
    transport.write(b'before ')
    first = transport.write_file(big, 100, 1000)
    transport.write(b' between ')
    second = transport.write_file(big, 0, 3000000)
    transport.write(b' after')
    transport.close()
    assert loop.run_until(first) == 1000 and loop.run_until(second) == 3000000
    until(loop, lambda: pair.client.state == 'eof')
    data = pattern(SIZE)
    assert _heard(pair.client) == b'before ' + data[100:1100] + b' between ' + data[:3000000] \
        + b' after'


def test_write_file_behind_output_that_waits(loop, big):
    pair = connected(loop, client=Sink)
    sent = fill(loop, pair.server, pair.client)
    future = pair.server.transport.write_file(big, 0, SIZE)
    pair.server.transport.write(b'end')
    settle(loop, 3)
    assert not future.done()
    pair.client.transport.resume_reading()
    assert loop.run_until(future) == SIZE
    until(loop, lambda: pair.client.size == sent + SIZE + 3)
    assert _heard(pair.client)[sent:] == pattern(SIZE) + b'end'


def test_write_file_from_memory(loop):
    pair = connected(loop, client=Sink)
    data = pattern(2 << 20)
    future = pair.server.transport.write_file(io.BytesIO(data), 5, len(data) - 5)
    assert loop.run_until(future) == len(data) - 5
    until(loop, lambda: pair.client.size == len(data) - 5)
    assert _heard(pair.client) == data[5:]


def test_write_file_counts_as_output_and_pauses(loop, big):
    pair = connected(loop, client=Sink)
    fill(loop, pair.server, pair.client)
    before = pair.server.transport.get_write_buffer_size()
    pair.server.transport.write_file(big, 0, SIZE)
    assert pair.server.transport.get_write_buffer_size() == before + SIZE
    assert pair.server.paused
    pair.client.transport.resume_reading()
    until(loop, lambda: not pair.server.paused)


@pytest.mark.parametrize('kind', ['file', 'memory'])
def test_write_file_that_ends_early(loop, big, kind, expect_log):
    expect_log('the file ended', required=False)
    source = big if kind == 'file' else io.BytesIO(pattern(SIZE))
    pair = connected(loop, client=Sink)
    future = pair.server.transport.write_file(source, SIZE - 1000, 2000)
    with pytest.raises(LocalProtocolError):
        loop.run_until(future)
    until(loop, lambda: pair.client.state == 'lost' and pair.server.state == 'lost')
    assert isinstance(pair.client.lost_with, ConnectionLost), \
        'the peer must see that it is not whole'
    assert pair.client.size <= 1000


class Broken(io.BytesIO):
    """A file on a disk that fails."""

    def read(self, count=-1):
        raise IOError(5, 'Input/output error')


def test_write_file_that_cannot_be_read_is_told_apart_from_a_lost_connection(loop, expect_log):
    expect_log('a file cannot be read', required=False)
    pair = connected(loop, client=Sink)
    future = pair.server.transport.write_file(Broken(pattern(SIZE)), 0, 2000)
    with pytest.raises(FileFailed):
        loop.run_until(future)
    until(loop, lambda: pair.client.state == 'lost' and pair.server.state == 'lost')
    assert isinstance(pair.client.lost_with, ConnectionLost), \
        'the peer must see that it is not whole'


@pytest.mark.parametrize('end', ['abort', 'reset'])
def test_write_file_the_connection_ends_midway(loop, big, end):
    pair = connected(loop, client=Sink)
    fill(loop, pair.server, pair.client)
    future = pair.server.transport.write_file(big, 0, SIZE)
    settle(loop, 2)
    (pair.server if end == 'abort' else pair.client).transport.abort()
    with pytest.raises(ConnectionLost):
        loop.run_until(future)
    until(loop, lambda: pair.server.state == 'lost')
    assert not big.closed


def test_write_file_after_the_end_fails(loop, big):
    pair = connected(loop)
    pair.server.transport.close()
    with pytest.raises(ConnectionLost):
        loop.run_until(pair.server.transport.write_file(big, 0, 10))


def test_write_file_of_nothing(loop, big):
    pair = connected(loop)
    assert loop.run_until(pair.server.transport.write_file(big, 0, 0)) == 0
    pair.server.transport.write(b'x')
    until(loop, lambda: pair.client.data == b'x')


def test_write_file_close_flushes_it(loop, big):
    pair = connected(loop, client=Sink)
    future = pair.server.transport.write_file(big, 0, SIZE)
    pair.server.transport.close()
    until(loop, lambda: pair.client.state == 'eof')
    assert pair.client.size == SIZE and loop.run_until(future) == SIZE


def test_write_file_one_file_to_many(loop, big):
    pairs = [connected(loop, client=Sink) for _ in range(3)]
    futures = [pair.server.transport.write_file(big, number * 1000, 1 << 20)
               for number, pair in enumerate(pairs)]
    for future in futures:
        loop.run_until(future)
    until(loop, lambda: all(pair.client.size == 1 << 20 for pair in pairs))
    for number, pair in enumerate(pairs):
        assert _heard(pair.client) == pattern(SIZE)[number * 1000:number * 1000 + (1 << 20)]
