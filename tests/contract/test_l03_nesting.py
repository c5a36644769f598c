# Copyright the carryall authors.  See LICENSE.
"""L3: the callbacks of one connection never nest,
except pause_writing and resume_writing inside write."""
from __future__ import absolute_import, division, print_function

from carryall.core.testing import StrictProtocol
from tests.contract.support import connected, fill, settle, until


class Doing(StrictProtocol):
    """Does something in data_received and notes which callbacks came within;
    StrictProtocol fails where they nest."""

    act = None

    def received(self, data):
        if self.act is not None:
            act, self.act = self.act, None
            before = len(self.calls)
            act(self.transport)
            self.within = self.calls[before:]


def _do(loop, act):
    pair = connected(loop, server=Doing)
    pair.server.act = act
    pair.client.transport.write(b'go')
    until(loop, lambda: hasattr(pair.server, 'within'))
    return pair


def test_l03_close_within_a_callback(loop):
    pair = _do(loop, lambda transport: transport.close())
    assert pair.server.within == []
    until(loop, lambda: pair.server.state == 'lost')


def test_l03_abort_within_a_callback(loop):
    pair = _do(loop, lambda transport: transport.abort())
    assert pair.server.within == []
    until(loop, lambda: pair.server.state == 'lost')


def test_l03_resume_reading_within_a_callback(loop):
    def act(transport):
        transport.pause_reading()
        transport.resume_reading()

    pair = connected(loop, server=Doing)
    pair.server.act = act
    pair.client.transport.write(b'x' * 300000)
    until(loop, lambda: len(pair.server.data) == 300000)
    assert pair.server.within == []


def test_l03_write_may_call_pause_writing_and_nothing_else(loop):
    pair = connected(loop, server=Doing)
    pair.server.transport.set_write_buffer_limits(1 << 26)
    fill(loop, pair.server, pair.client)
    pair.server.transport.set_write_buffer_limits(1000)
    pair.server.act = lambda transport: transport.write(b'x' * (8 << 20))
    pair.client.transport.write(b'go')
    until(loop, lambda: hasattr(pair.server, 'within'))
    assert pair.server.within == ['pause_writing']
    pair.client.transport.resume_reading()
    until(loop, lambda: not pair.server.paused)


def test_l03_a_write_to_a_broken_connection_does_not_call_back(loop):
    pair = connected(loop, server=Doing)
    pair.server.transport.pause_reading()
    settle(loop, 3)
    pair.client.transport.write(b'go')
    settle(loop, 3)

    def act(transport):
        pair.client.transport.abort()
        for _ in range(100):
            transport.write(b'x' * 1000)

    pair.server.act = act
    pair.server.transport.resume_reading()
    until(loop, lambda: pair.server.state == 'lost')
    assert set(pair.server.within) <= set(['pause_writing'])
