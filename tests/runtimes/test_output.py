# Copyright the carryall authors.  See LICENSE.
"""The queue of a connection: bytes and files in their order, joined and cut,
through a channel of the test's own."""
from __future__ import absolute_import, division, print_function

import io

import pytest

from carryall.core.errors import ConnectionLost, LocalProtocolError
from carryall.runtimes.readiness import output
from carryall.core.net.segment import FileSegment
from carryall.runtimes.readiness.output import Output
from tests.contract.support import pattern


class Retry(Exception):
    """Not now."""


class Channel(object):
    """Takes *room* bytes, at most *most* at once; ``sent`` is the list of what it took."""

    def __init__(self, room=1 << 30, most=1 << 30):
        self.room = room
        self.most = most
        self.sent = []
        self.fault = None

    @staticmethod
    def is_retry(exc):
        return isinstance(exc, Retry)

    def take(self, data):
        if self.fault is not None:
            raise self.fault
        size = min(len(data), self.room, self.most)
        if not size:
            raise Retry()
        self.room -= size
        self.sent.append(bytes(data[:size]))
        return size

    @property
    def got(self):
        return b''.join(self.sent)


class Plain(Output):
    """Bytes are queued as they are."""

    pieces = staticmethod(bytes)

    def write(self, piece):
        return self.channel.take(piece)

    def write_file(self, segment):
        return None


class Copying(Plain):
    """The system copies files by itself."""

    def write_file(self, segment):
        data = segment.read(self.channel.most)
        if not data:
            raise segment.ended_early()
        return self.channel.take(data)


@pytest.fixture(params=[Plain, Copying])
def kind(request):
    """Both ways for files."""
    return request.param


def test_output_in_order_and_counted(kind):
    channel = Channel()
    queue = kind(channel)
    for data in (b'one', b'two', b'three'):
        queue.append(data)
    assert queue.size == 11
    queue.flush()
    assert channel.got == b'onetwothree' and queue.size == 0


def test_output_small_pieces_are_sent_at_once(kind):
    channel = Channel()
    queue = kind(channel)
    for _ in range(100):
        queue.append(b'x' * 100)
    queue.flush()
    assert len(channel.sent) == 1 and len(channel.got) == 10000


def test_output_joins_up_to_a_bound(kind):
    channel = Channel()
    queue = kind(channel)
    for _ in range(100):
        queue.append(b'x' * 10000)
    queue.flush()
    assert 10 < len(channel.sent) < 20 and len(channel.got) == 1000000


@pytest.mark.parametrize('most', [1, 7, 100, 65536])
def test_output_little_by_little(kind, most):
    data = pattern(2000)
    channel = Channel(most=most)
    queue = kind(channel)
    for at in range(0, 2000, 300):
        queue.append(data[at:at + 300])
    for _ in range(5000):
        queue.flush()
        assert queue.size == 2000 - len(channel.got)
        if not queue.size:
            break
    assert channel.got == data


def test_output_no_room_is_no_fault(kind):
    channel = Channel(room=5)
    queue = kind(channel)
    queue.append(b'0123456789')
    queue.flush()
    assert (channel.got, queue.size) == (b'01234', 5)
    queue.flush()
    assert queue.size == 5
    channel.room = 100
    queue.append(b'abc')
    queue.flush()
    assert (channel.got, queue.size) == (b'0123456789abc', 0)


def test_output_a_fault_is_passed_on(kind):
    channel = Channel()
    channel.fault = ConnectionLost(u'gone')
    queue = kind(channel)
    queue.append(b'x')
    with pytest.raises(ConnectionLost):
        queue.flush()


def test_output_a_burst_is_bounded(kind):
    channel = Channel(most=1 << 19)
    queue = kind(channel)
    for _ in range(10):
        queue.append(b'x' * (1 << 19))
    queue.flush()
    assert output.BURST_BYTES <= len(channel.got) <= output.BURST_BYTES + (1 << 19)
    assert queue.size == (10 << 19) - len(channel.got)


def test_output_files_between_bytes(kind):
    data = pattern(400000)
    channel = Channel(most=50000)
    queue = kind(channel)
    queue.append(b'before')
    one = FileSegment(io.BytesIO(data), 100, 300000)
    two = FileSegment(io.BytesIO(data), 0, 10)
    queue.append_file(one)
    queue.append(b'between')
    queue.append_file(two)
    queue.append(b'after')
    expected = b'before' + data[100:300100] + b'between' + data[:10] + b'after'
    assert queue.size == len(expected)
    for _ in range(100):
        queue.flush()
        assert queue.size == len(expected) - len(channel.got)
        if not queue.size:
            break
    assert channel.got == expected
    assert one.future.result() == 300000 and two.future.result() == 10


def test_output_a_file_is_done_when_its_last_byte_is_gone(kind):
    channel = Channel(room=999)
    queue = kind(channel)
    segment = FileSegment(io.BytesIO(pattern(1000)), 0, 1000)
    queue.append_file(segment)
    queue.flush()
    assert not segment.future.done() and queue.size == 1
    channel.room = 1
    queue.flush()
    queue.flush()
    assert segment.future.result() == 1000 and queue.size == 0


def test_output_a_file_that_ends_early(kind):
    channel = Channel()
    queue = kind(channel)
    segment = FileSegment(io.BytesIO(b'short'), 0, 10)
    queue.append_file(segment)
    with pytest.raises(LocalProtocolError):
        for _ in range(10):
            queue.flush()
    assert isinstance(segment.future.exception(), LocalProtocolError)
    assert '5 bytes' in str(segment.future.exception())


def test_a_dropped_queue_forgets_its_data(kind):
    channel = Channel(room=0)
    queue = kind(channel)
    queue.append(b'x')
    segments = [FileSegment(io.BytesIO(b'abc'), 0, 3) for _ in range(2)]
    for segment in segments:
        queue.append_file(segment)
    error = ConnectionLost(u'gone')
    queue.drop(error)
    assert queue.size == 0
    assert [segment.future.exception() for segment in segments] == [error, error]
    queue.flush()
    assert channel.got == b''


def test_output_dropped_by_the_callback_of_a_file(kind):
    # A flush is under way further up the stack; it must notice.
    channel = Channel()
    queue = kind(channel)
    segment = FileSegment(io.BytesIO(b'abc'), 0, 3)
    segment.future.add_done_callback(lambda _: queue.drop(ConnectionLost(u'aborted')))
    queue.append_file(segment)
    queue.append(b'never')
    queue.flush()
    assert channel.got == b'abc' and queue.size <= 0


def test_output_a_real_file_has_a_descriptor_and_memory_has_none(tmpdir):
    path = tmpdir.join('f')
    path.write(b'x', 'wb')
    with open(str(path), 'rb') as source:
        assert FileSegment(source, 0, 1).descriptor is not None
    assert FileSegment(io.BytesIO(b'x'), 0, 1).descriptor is None
