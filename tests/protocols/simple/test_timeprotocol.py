# Copyright the carryall authors.  See LICENSE.
"""Time (RFC 868): the number, server and client, TCP and UDP."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import ConnectionLost, RemoteProtocolError
from carryall.core.net.protocol import DatagramProtocol, Protocol
from carryall.core.testing import VirtualLoop, lockstep, play
from carryall.protocols.simple import timeprotocol
from carryall.protocols.simple.guarded import SourceGuard
from carryall.core.net.collector import Collector


@pytest.mark.parametrize('seconds, octets', [
    (0, b'\x83\xaa\x7e\x80'),                               # 2,208,988,800: RFC 868's own table
    (1.9, b'\x83\xaa\x7e\x81'),
    (2085978495, b'\xff\xff\xff\xff'),                      # 2036-02-07T06:28:15Z
    (2085978496, b'\0\0\0\0'),                              # it has run over
    (2085978496 + 3600, b'\0\0\x0e\x10')])
def test_a_time_is_packed_and_unpacked(seconds, octets):
    assert timeprotocol.pack(seconds) == octets, 'packed to %r' % timeprotocol.pack(seconds)
    assert timeprotocol.unpack(octets) == seconds // 1, 'unpacked to %r' % timeprotocol.unpack(
        octets)


def test_from_1968_to_2104():
    assert timeprotocol.unpack(b'\x80\0\0\0') == -61505152, \
        '1968-01-20T03:14:08Z is the first moment'
    assert timeprotocol.unpack(b'\x7f\xff\xff\xff') == 4233462143, \
        '2104-02-26T09:42:23Z is the last'
    assert timeprotocol.pack(-61505152) == b'\x80\0\0\0', 'before 1970'


@pytest.mark.parametrize('data', [b'', b'\0', b'\0\0\0', b'\0\0\0\0\0'])
def test_any_other_size_is_no_time(data):
    with pytest.raises(RemoteProtocolError):
        timeprotocol.unpack(data)


def test_server_at_every_chunking():
    play(lambda loop: timeprotocol.Time(lambda: 0.0, loop), b'\0\xffwhat', b'\x83\xaa\x7e\x80',
         eof=True)


def test_client_against_server():
    loop = VirtualLoop()
    client = Collector()
    lockstep(client, timeprotocol.Time(loop.wall), loop)
    assert timeprotocol.unpack(client.answer.result()) == loop.wall() // 1, 'not the time'


def test_fetch_over_both():
    loop = VirtualLoop()
    loop.listen_tcp(lambda: timeprotocol.Time(loop.wall, loop), '127.0.0.1', 3737)
    loop.open_udp(lambda: timeprotocol.TimeDatagrams(SourceGuard(loop), loop.wall),
                  '127.0.0.1', 3737)
    assert loop.run_until(timeprotocol.fetch(loop, '127.0.0.1', 3737)) == loop.wall() // 1, 'TCP'
    assert loop.run_until(timeprotocol.fetch_udp(loop, '127.0.0.1', 3737)) == loop.wall() // 1, \
        'UDP'
    loop.close()


@pytest.mark.parametrize('said, error', [(b'', ConnectionLost), (b'\0\0\0', RemoteProtocolError),
                                         (b'\0' * 5, RemoteProtocolError)])
def test_a_server_that_sends_something_else(said, error):
    class Wrong(Protocol):
        def connection_made(self, transport):
            transport.write(said)
            transport.close()

    loop = VirtualLoop()
    loop.listen_tcp(Wrong, '127.0.0.1', 3737)
    with pytest.raises(error):
        loop.run_until(timeprotocol.fetch(loop, '127.0.0.1', 3737))
    loop.close()


def test_a_udp_server_that_sends_something_else():
    class Wrong(DatagramProtocol):
        def datagram_received(self, data, addr):
            self.transport.sendto(b'12345', addr)

    loop = VirtualLoop()
    loop.open_udp(Wrong, '127.0.0.1', 3737)
    with pytest.raises(RemoteProtocolError):
        loop.run_until(timeprotocol.fetch_udp(loop, '127.0.0.1', 3737))
