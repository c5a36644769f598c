# Copyright the carryall authors.  See LICENSE.
"""L5: connection_lost comes exactly once; None for a clean end and our own close, else a
ConnectionLost with its cause."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import ConnectionLost, Refused
from carryall.core.testing import StrictProtocol
from tests.contract.support import KeepOpen, connected, settle, until


def _over(loop, pair):
    until(loop, lambda: pair.client.state == 'lost' and pair.server.state == 'lost',
          'both ends are told')
    settle(loop)
    for protocol in (pair.client, pair.server):
        assert protocol.calls.count('connection_lost') == 1 \
            and protocol.calls[-1] == 'connection_lost', protocol.calls


def test_l05_none_for_a_clean_end(loop):
    pair = connected(loop)
    pair.client.transport.close()
    _over(loop, pair)
    assert pair.client.lost_with is None and pair.server.lost_with is None


def test_l05_none_for_our_own_abort(loop):
    pair = connected(loop)
    pair.client.transport.abort()
    _over(loop, pair)
    assert pair.client.lost_with is None


def test_l05_connection_lost_for_a_reset(loop):
    pair = connected(loop)
    pair.client.transport.abort()
    _over(loop, pair)
    assert isinstance(pair.server.lost_with, ConnectionLost), pair.server.lost_with
    assert 'eof_received' not in pair.server.calls


def test_l05_the_cause_of_a_reset_is_kept(machine):
    pair = connected(machine)
    pair.client.transport.abort()
    _over(machine, pair)
    assert pair.server.lost_with.cause is not None
    assert str(pair.server.lost_with)


def test_l05_a_reset_while_output_waits(loop):
    pair = connected(loop)
    pair.client.transport.pause_reading()
    settle(loop, 3)
    pair.server.transport.write(b'x' * (16 << 20))
    settle(loop, 3)
    pair.client.transport.abort()
    _over(loop, pair)
    assert isinstance(pair.server.lost_with, ConnectionLost), pair.server.lost_with


def test_l05_a_reset_after_an_end_while_output_waits(loop):
    pair = connected(loop, client=KeepOpen)
    pair.client.transport.pause_reading()
    settle(loop, 3)
    pair.server.transport.write(b'x' * (16 << 20))
    pair.client.transport.write_eof()
    until(loop, lambda: 'eof_received' in pair.server.calls, 'the server is told of the end')
    settle(loop, 3)
    assert pair.server.state != 'lost'
    pair.client.transport.abort()
    _over(loop, pair)
    assert isinstance(pair.server.lost_with, ConnectionLost), pair.server.lost_with


def test_l05_a_write_that_meets_the_reset(loop):
    pair = connected(loop, server=KeepOpen)
    pair.server.transport.pause_reading()           # so that only writing can notice
    settle(loop, 3)
    pair.client.transport.abort()
    settle(loop, 3)
    for _ in range(10):
        pair.server.transport.write(b'x' * 100000)
        settle(loop, 1)
    _over(loop, pair)
    assert isinstance(pair.server.lost_with, ConnectionLost), pair.server.lost_with


def test_l05_data_before_the_reset_is_read_first(machine):
    """Though it is a write that finds the reset.  A thread that reads may come too late for it."""
    pair = connected(machine, server=KeepOpen)
    pair.server.transport.pause_reading()
    settle(machine, 3)
    pair.client.transport.write(b'go away')
    pair.client.transport.abort()
    settle(machine, 3)

    def late():
        pair.server.transport.resume_reading()
        pair.server.transport.write(b'but why')

    machine.call_soon(late)
    _over(machine, pair)
    assert pair.server.data == b'go away' or machine.backend == 'threads' and not pair.server.data
    assert isinstance(pair.server.lost_with, ConnectionLost), pair.server.lost_with


def test_l05_nothing_follows_the_end(loop):
    pair = connected(loop)
    pair.client.transport.write(b'x' * 500000)
    pair.server.transport.abort()
    _over(loop, pair)                               # StrictProtocol fails for whatever follows


def test_l05_aborted_in_connection_made(loop):
    class Unwilling(StrictProtocol):
        def made(self):
            self.transport.write(b'no')
            self.transport.abort()

    # The connecting side: the other might see the reset before it knows that it is connected.
    pair = connected(loop, client=Unwilling)
    _over(loop, pair)
    assert pair.client.calls == ['connection_made', 'connection_lost']


def test_l05_no_connection_made_no_connection_lost(loop):
    listener = loop.listen_tcp(StrictProtocol)
    port = listener.address.port
    listener.close()
    made = []

    def factory():
        made.append(StrictProtocol())
        return made[-1]

    future = loop.connect_tcp(factory, '127.0.0.1', port)
    try:
        loop.run_until(future)
    except Refused:
        pass
    settle(loop)
    assert all(protocol.calls == [] for protocol in made)


def test_l05_the_peer_can_still_be_named(loop):
    from carryall.core.net.transport import peer

    class Naming(StrictProtocol):
        named = None

        def lost(self, exc):
            self.named = peer(self.transport)

    pair = connected(loop, server=Naming)
    expected = peer(pair.server.transport)
    pair.client.transport.abort()
    _over(loop, pair)
    assert pair.server.named == expected
