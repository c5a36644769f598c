# Copyright the carryall authors.  See LICENSE.
"""L10: pause_reading acts at once; bytes that the backend already holds are kept back."""
from __future__ import absolute_import, division, print_function

from carryall.core.testing import StrictProtocol
from tests.contract.support import KeepOpen, connected, pattern, settle, until


class PausingOnce(KeepOpen):
    """Pauses within its first data_received."""

    def received(self, data):
        if self.calls.count('data_received') == 1:
            self.transport.pause_reading()


def test_l10_at_once_and_nothing_is_lost(loop):
    pair = connected(loop, server=PausingOnce)
    sent = pattern(1 << 20)
    for at in range(0, len(sent), 65536):
        pair.client.transport.write(sent[at:at + 65536])
    pair.client.transport.write_eof()
    until(loop, lambda: pair.server.data)
    settle(loop)
    assert pair.server.calls == ['connection_made', 'data_received']
    assert not pair.server.transport.is_reading()
    pair.server.transport.resume_reading()
    assert pair.server.transport.is_reading()
    assert pair.server.calls == ['connection_made', 'data_received'], \
        'resume_reading called back at once'
    until(loop, lambda: pair.server.state == 'eof')
    assert pair.server.data == sent


def test_l10_paused_in_connection_made(loop):
    class Shy(StrictProtocol):
        def made(self):
            self.transport.pause_reading()

    pair = connected(loop, server=Shy)
    pair.client.transport.write(b'anybody there?')
    settle(loop)
    assert pair.server.data == b''
    pair.server.transport.resume_reading()
    until(loop, lambda: pair.server.data == b'anybody there?')


def test_l10_another_connection_paused_by_a_callback_of_the_same_turn(loop):
    servers = []

    class Jealous(StrictProtocol):
        def received(self, data):
            for other in servers:
                if other is not self:
                    other.transport.pause_reading()

    pairs = [connected(loop, server=Jealous) for _ in range(4)]
    servers.extend(pair.server for pair in pairs)
    for round_number in range(5):
        for pair in pairs:
            pair.server.data = b''
            pair.server.transport.resume_reading()
        settle(loop, 2)
        for pair in pairs:
            pair.server.data = b''
        for pair in pairs:
            pair.server.transport.pause_reading()
        for pair in pairs:
            pair.client.transport.write(b'now')
        settle(loop)
        for pair in pairs:
            pair.server.transport.resume_reading()
        settle(loop)
        heard = [pair.server.data for pair in pairs if pair.server.data]
        assert len(heard) == 1, 'round %d: %d connections heard something' \
            % (round_number, len(heard))


def test_l10_the_end_waits_too(loop):
    pair = connected(loop, server=KeepOpen)
    pair.server.transport.pause_reading()
    settle(loop, 3)
    pair.client.transport.write(b'last')
    pair.client.transport.write_eof()
    settle(loop)
    assert pair.server.calls == ['connection_made']
    pair.server.transport.resume_reading()
    until(loop, lambda: pair.server.state == 'eof')
    assert pair.server.data == b'last'


def test_l10_pause_and_resume_are_idempotent(loop):
    pair = connected(loop)
    transport = pair.server.transport
    transport.resume_reading()
    transport.resume_reading()
    pair.client.transport.write(b'one')
    until(loop, lambda: pair.server.data == b'one')
    transport.pause_reading()
    transport.pause_reading()
    pair.client.transport.write(b'two')
    settle(loop)
    assert pair.server.data == b'one'
    transport.resume_reading()
    until(loop, lambda: pair.server.data == b'onetwo')


def test_l10_paused_and_resumed_many_times(loop):
    class Flapping(KeepOpen):
        def received(self, data):
            self.transport.pause_reading()
            loop.call_soon(self.transport.resume_reading)

    pair = connected(loop, server=Flapping)
    sent = pattern(2 << 20)
    pair.client.transport.write(sent)
    pair.client.transport.write_eof()
    until(loop, lambda: pair.server.state == 'eof')
    assert pair.server.data == sent


def test_l10_a_paused_connection_does_not_hold_up_writing(loop):
    pair = connected(loop)
    pair.server.transport.pause_reading()
    sent = pattern(3 << 20)
    pair.server.transport.write(sent)
    until(loop, lambda: len(pair.client.data) >= len(sent))
    assert pair.client.data == sent
