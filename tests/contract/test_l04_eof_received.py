# Copyright the carryall authors.  See LICENSE.
"""L4: eof_received comes at most once; a true result keeps our side open."""
from __future__ import absolute_import, division, print_function

from carryall.core.testing import StrictProtocol
from tests.contract.support import KeepOpen, connected, pattern, settle, until


class Echo(KeepOpen):
    """Answers everything when the peer has said everything, then closes."""

    def ended(self):
        self.transport.write(self.data)
        self.transport.close()


def test_l04_half_close_echo(loop):
    pair = connected(loop, server=Echo, client=KeepOpen)
    assert pair.client.transport.can_write_eof() is True
    sent = pattern(300000)
    pair.client.transport.write(sent)
    pair.client.transport.write_eof()
    until(loop, lambda: pair.client.state != 'connected')
    assert pair.client.data == sent
    pair.client.transport.close()
    until(loop, lambda: pair.client.state == 'lost' and pair.server.state == 'lost')
    assert pair.server.calls.count('eof_received') == 1
    assert pair.client.lost_with is None and pair.server.lost_with is None


def test_l04_true_keeps_our_side_open(loop):
    pair = connected(loop, server=KeepOpen, client=KeepOpen)
    pair.client.transport.write_eof()
    until(loop, lambda: pair.server.state == 'eof')
    settle(loop)
    assert pair.server.state == 'eof' and not pair.server.transport.is_closing()
    pair.server.transport.write(b'still here')
    until(loop, lambda: pair.client.data == b'still here')
    assert pair.server.calls.count('eof_received') == 1
    pair.server.transport.close()
    until(loop, lambda: pair.server.state == 'lost')


def test_l04_false_closes_after_a_flush(loop):
    class Answering(StrictProtocol):
        def ended(self):
            self.transport.write(sent)

    sent = pattern(4 << 20)
    pair = connected(loop, server=Answering, client=KeepOpen)
    pair.client.transport.write_eof()
    until(loop, lambda: pair.client.state != 'connected')
    assert pair.client.data == sent
    until(loop, lambda: pair.server.state == 'lost')
    assert pair.server.lost_with is None


def test_l04_write_eof_comes_after_what_was_written(loop):
    pair = connected(loop, server=KeepOpen)
    sent = pattern(4 << 20)
    pair.server.transport.pause_reading()
    settle(loop, 3)
    pair.client.transport.write(sent)
    pair.client.transport.write_eof()
    settle(loop, 3)
    pair.server.transport.resume_reading()
    until(loop, lambda: pair.server.state == 'eof')
    assert pair.server.data == sent


def test_l04_write_after_write_eof_is_dropped_and_a_second_eof_is_harmless(loop):
    pair = connected(loop, server=KeepOpen)
    pair.client.transport.write(b'all')
    pair.client.transport.write_eof()
    pair.client.transport.write_eof()
    pair.client.transport.write(b'more')
    until(loop, lambda: pair.server.state == 'eof')
    settle(loop)
    assert pair.server.data == b'all' and pair.server.calls.count('eof_received') == 1


def test_l04_both_sides_end_and_then_it_is_over(loop):
    pair = connected(loop, server=KeepOpen, client=KeepOpen)
    pair.client.transport.write_eof()
    pair.server.transport.write_eof()
    until(loop, lambda: pair.client.state == 'lost' and pair.server.state == 'lost')
    assert pair.client.lost_with is None and pair.server.lost_with is None


def test_l04_no_eof_after_our_own_close(loop):
    pair = connected(loop)
    pair.server.transport.close()
    pair.client.transport.close()
    until(loop, lambda: pair.client.state == 'lost' and pair.server.state == 'lost')
    assert 'eof_received' not in pair.server.calls
