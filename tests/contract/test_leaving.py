# Copyright the carryall authors.  See LICENSE.
"""``leave()`` over every backend: what was said last is read by a peer that was still sending."""
from __future__ import absolute_import, division, print_function

from carryall.core.wrap.linger import leave
from carryall.core.testing import StrictProtocol
from tests.contract.support import connected, pattern, settle, until

REFUSAL = b'421 Too many errors\r\n'


class Refusing(StrictProtocol):
    """Refuses what comes first."""

    def data_received(self, data):
        StrictProtocol.data_received(self, data)
        self.transport.write(REFUSAL)
        leave(self.transport, self.loop)


def refusing(loop):
    def make():
        protocol = Refusing()
        protocol.loop = loop
        return protocol
    return make


def test_the_refusal_reaches_a_client_that_sends_first(loop):
    pair = connected(loop, server=refusing(loop))
    pair.client.transport.pause_reading()
    pair.client.transport.write(b'x')
    until(loop, lambda: pair.server.data, 'the server has refused')
    settle(loop, 3)
    said = pattern(4 << 20)
    for start in range(0, len(said), 1 << 18):
        pair.client.transport.write(said[start:start + (1 << 18)])
        settle(loop, 1)
    until(loop, lambda: not pair.client.transport.get_write_buffer_size(), 'all of it is taken')
    assert pair.client.state != 'lost' and pair.server.data == b'x', \
        'it is taken, and heard by nobody'
    pair.client.transport.resume_reading()
    until(loop, lambda: pair.client.state == 'lost' and pair.server.state == 'lost',
          'both ends are told')
    assert pair.client.data == REFUSAL and pair.client.lost_with is None \
        and pair.server.lost_with is None


def test_leaving_does_not_wait_for_ever(loop):
    pair = connected(loop, server=refusing(loop))
    leave(pair.server.transport, loop, 0.05)
    pair.client.transport.pause_reading()       # so that it does not end
    until(loop, lambda: pair.server.state == 'lost', 'the time is over')
    assert pair.server.lost_with is None
