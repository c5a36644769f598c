# Copyright the carryall authors.  See LICENSE.
"""L2: data_received gets exact bytes, never empty, split anywhere."""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import int2byte
from tests.contract.support import connected, pattern, settle, until

ALL_OCTETS = b''.join(int2byte(number) for number in range(256))


def test_l02_every_octet_survives_both_ways(loop):
    pair = connected(loop)
    pair.client.transport.write(ALL_OCTETS)
    pair.server.transport.write(ALL_OCTETS[::-1])
    until(loop, lambda: len(pair.server.data) >= 256 and len(pair.client.data) >= 256)
    assert pair.server.data == ALL_OCTETS
    assert pair.client.data == ALL_OCTETS[::-1]


def test_l02_a_megabyte_arrives_whole_and_in_order(loop):
    pair = connected(loop)
    sent = pattern(1 << 20)
    for at in range(0, len(sent), 50021):
        pair.client.transport.write(sent[at:at + 50021])
    until(loop, lambda: len(pair.server.data) >= len(sent))
    assert pair.server.data == sent


def test_l02_many_small_writes_arrive_in_order(loop):
    pair = connected(loop)
    pieces = [b'%d;' % number for number in range(2000)]
    for piece in pieces:
        pair.server.transport.write(piece)
    until(loop, lambda: len(pair.client.data) >= len(b''.join(pieces)))
    assert pair.client.data == b''.join(pieces)


def test_l02_an_empty_write_delivers_no_data(loop):
    # StrictProtocol fails for an empty or foreign data; here nothing, and then the end, comes.
    pair = connected(loop)
    pair.client.transport.write(b'')
    settle(loop)
    pair.client.transport.close()
    until(loop, lambda: pair.server.state == 'lost')
    assert pair.server.calls == ['connection_made', 'eof_received', 'connection_lost']
