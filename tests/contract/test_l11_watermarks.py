# Copyright the carryall authors.  See LICENSE.
"""L11: pause_writing strictly above high, resume_writing at or below low, always paired."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import StrictProtocol
from tests.contract.support import connected, fill, settle, turn, until


class Measuring(StrictProtocol):
    """Notes how much waited when it was told."""

    def __init__(self):
        StrictProtocol.__init__(self)
        self.sizes = []

    def pause_writing(self):
        StrictProtocol.pause_writing(self)
        self.sizes.append(('pause', self.transport.get_write_buffer_size()))

    def resume_writing(self):
        StrictProtocol.resume_writing(self)
        self.sizes.append(('resume', self.transport.get_write_buffer_size()))


def test_l11_strictly_above_high(loop):
    pair = connected(loop, server=Measuring)
    transport = pair.server.transport
    transport.set_write_buffer_limits(1 << 25, 1000)
    fill(loop, pair.server, pair.client)
    assert pair.server.sizes == []
    size = transport.get_write_buffer_size()
    transport.set_write_buffer_limits(size + 5000, 1000)
    transport.write(b'x' * 4000)
    transport.write(b'x' * 1000)
    assert transport.get_write_buffer_size() == size + 5000
    assert pair.server.sizes == [], 'told to pause at the mark and not above it'
    transport.write(b'x')
    assert pair.server.sizes == [('pause', size + 5001)]
    transport.write(b'x' * 70000)
    assert len(pair.server.sizes) == 1, 'told to pause twice'


def test_l11_resume_at_or_below_low(loop):
    pair = connected(loop, server=Measuring)
    transport = pair.server.transport
    transport.set_write_buffer_limits(100000, 20000)
    fill(loop, pair.server, pair.client)
    while not pair.server.paused:
        pair.server.transport.write(b'x' * 50000)
    pair.client.transport.resume_reading()
    until(loop, lambda: not pair.server.paused)
    assert [name for name, _ in pair.server.sizes] == ['pause', 'resume']
    assert pair.server.sizes[0][1] > 100000 and pair.server.sizes[1][1] <= 20000, pair.server.sizes


def test_l11_the_usual_marks_are_64_and_16_kib(loop):
    pair = connected(loop, server=Measuring)
    fill(loop, pair.server, pair.client, b'x' * 8192)
    while not pair.server.paused:
        pair.server.transport.write(b'x' * 512)
    assert 65536 < pair.server.sizes[0][1] <= 65536 + 8192
    pair.client.transport.resume_reading()
    until(loop, lambda: not pair.server.paused)
    assert pair.server.sizes[1][1] <= 16384


def test_l11_always_paired_over_a_long_stream(loop):
    class Producing(Measuring):
        left = 200

        def produce(self):
            while self.left and not self.paused:
                self.left -= 1
                self.transport.write(b'x' * 60000)

        def resume_writing(self):
            Measuring.resume_writing(self)
            self.produce()

    pair = connected(loop, server=Producing)
    pair.client.transport.pause_reading()
    settle(loop, 3)
    while pair.server.left and not pair.server.paused:
        pair.server.left -= 1
        pair.server.transport.write(b'x' * 60000)
        turn(loop)
    pair.client.transport.resume_reading()
    counted = [0]

    def count(data):
        counted[0] += len(data)
        pair.client.data = b''

    counted[0] = len(pair.client.data)
    pair.client.received = count
    until(loop, lambda: counted[0] == 200 * 60000)
    until(loop, lambda: not pair.server.paused)
    names = [name for name, _ in pair.server.sizes]
    assert names and names == ['pause', 'resume'] * (len(names) // 2)


def test_l11_nothing_after_close(loop):
    pair = connected(loop, server=Measuring)
    pair.server.transport.set_write_buffer_limits(100000, 20000)
    fill(loop, pair.server, pair.client)
    while not pair.server.paused:
        pair.server.transport.write(b'x' * 50000)
    pair.server.transport.close()
    pair.client.transport.resume_reading()
    # StrictProtocol refuses a resume_writing after that.
    until(loop, lambda: pair.server.state == 'lost')


@pytest.mark.parametrize('limits', [(10, 20), (-1, None), (5, -1), (None, -4)])
def test_l11_marks_that_make_no_sense(loop, limits):
    pair = connected(loop)
    with pytest.raises(ValueError):
        pair.server.transport.set_write_buffer_limits(*limits)


def test_l11_a_high_mark_of_zero_pauses_on_the_first_byte_that_waits(loop):
    pair = connected(loop, server=Measuring)
    pair.server.transport.set_write_buffer_limits(0)
    fill(loop, pair.server, pair.client)
    assert pair.server.sizes[0][0] == 'pause'
    pair.client.transport.resume_reading()
    until(loop, lambda: not pair.server.paused)
    assert pair.server.sizes[-1] == ('resume', 0)
