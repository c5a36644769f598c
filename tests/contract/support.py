# Copyright the carryall authors.  See LICENSE.
"""The helpers of the contract tests: turning a loop until something holds,
and pairs of connected protocols."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall import runtimes
from carryall.core.errors import ListenFailed
from carryall.core.future import Future
from carryall.core.net.protocol import DatagramProtocol
from carryall.core.testing import StrictProtocol, VirtualLoop
from carryall.runtimes import tls
from tests.support import interpreter

__all__ = ['Failures', 'KeepOpen', 'Packets', 'Pair', 'Sink', 'connected', 'fill', 'new_loop',
           'need_ipv6', 'pattern', 'settle', 'short_path', 'turn', 'until']

LOOK_SECONDS = 0.001        # between two looks at a condition
# Seconds on the loop's clock until a condition must hold.
PATIENCE = 15.0 if not interpreter.JYTHON else 60.0
MAX_FILL = 1 << 26          # bytes that no system takes on behalf of a peer that does not read


def new_loop(backend):
    """A loop of the backend, 'virtual' included."""
    if backend != 'virtual':
        return runtimes.choose(backend)
    return VirtualLoop(tls=tls.provider() if tls.available() is True else None)


def until(loop, condition, what=''):
    """Turns the loop until ``condition()`` is true, which it must become."""
    done = Future()
    end = loop.time() + PATIENCE

    def look():
        if done.done():
            return
        if condition():
            done.set_result(None)
        elif loop.time() > end:
            done.set_exception(AssertionError('this never came true: %s' % (what or condition,)))
        else:
            loop.call_later(LOOK_SECONDS, look)

    loop.call_soon(look)
    loop.run_until(done)


def turn(loop, count=1):
    """Turns the loop *count* times."""
    for _ in range(count):
        done = Future()
        loop.call_soon(done.set_result, None)
        loop.run_until(done)


def settle(loop, times=15):
    """Gives what should not happen the time to happen: *times* short timers, one after the other.
    """
    for _ in range(times):
        done = Future()
        loop.call_later(LOOK_SECONDS, done.set_result, None)
        loop.run_until(done)


def pattern(size):
    """*size* bytes in which every place can be told from its neighbours."""
    block = b''.join(b'%07d.' % number for number in range(4096)) if size > 64 \
        else b'0123456789abcdef' * 4
    return (block * (size // len(block) + 1))[:size]


class KeepOpen(StrictProtocol):
    """Keeps its side open when the peer's has ended."""

    keep_open = True


class Sink(KeepOpen):
    """Keeps what comes in ``pieces``, for streams so long that adding up bytes would take most of
    the time."""

    def __init__(self):
        KeepOpen.__init__(self)
        self.pieces = []
        self.size = 0

    def received(self, data):
        self.pieces.append(data)
        self.size += len(data)
        self.data = b''


class Pair(object):
    """Two protocols at the ends of one connection; ``listener`` is still open."""

    def __init__(self, client, server, listener):
        self.client = client
        self.server = server
        self.listener = listener


def connected(loop, server=StrictProtocol, client=StrictProtocol, host='127.0.0.1', path=None):
    """A Pair over TCP, or over the Unix socket *path*; both have had their ``connection_made``."""
    made = []

    def factory():
        made.append(server())
        return made[-1]

    if path is None:
        listener = loop.listen_tcp(factory, host)
        future = loop.connect_tcp(client, host, listener.address.port)
    else:
        listener = loop.listen_unix(factory, path)
        future = loop.connect_unix(client, path)
    _, protocol = loop.run_until(future)
    until(loop, lambda: made and made[0].calls and protocol.calls, 'both ends are connected')
    return Pair(protocol, made[0], listener)


def fill(loop, writer, reader, piece=b'x' * 65536):
    """Lets *writer* write, to a *reader* that does not read, until something waits;
    returns how many bytes that took."""
    reader.transport.pause_reading()
    settle(loop)
    sent = 0
    while sent < MAX_FILL:
        writer.transport.write(piece)
        sent += len(piece)
        turn(loop)
        if writer.transport.get_write_buffer_size():
            settle(loop)            # a receive buffer may still grow
            if writer.transport.get_write_buffer_size():
                return sent
    raise AssertionError('%d bytes were taken for a peer that does not read' % sent)


class Failures(object):
    """Collects what the loop reports: ``seen`` has (where, exception)."""

    def __init__(self, loop):
        self.seen = []
        loop.set_exception_handler(lambda _loop, where, exc: self.seen.append((where, exc)))


class Packets(DatagramProtocol):
    """Collects packets and errors."""

    def __init__(self):
        self.packets = []
        self.errors = []
        self.calls = []
        self.lost_with = []

    def connection_made(self, transport):
        self.transport = transport
        self.calls.append('connection_made')

    def datagram_received(self, data, addr):
        assert type(data) is bytes, 'a packet is %r' % (data,)
        self.packets.append((data, addr))
        self.calls.append('datagram_received')

    def error_received(self, exc):
        self.errors.append(exc)
        self.calls.append('error_received')

    def connection_lost(self, exc):
        self.lost_with.append(exc)
        self.calls.append('connection_lost')


def need_ipv6(loop):
    """Skips, with the reason, on a system that has no ::1; on one that has it IPv6 must work."""
    try:
        loop.listen_tcp(StrictProtocol, '::1').close()
    except ListenFailed as exc:
        if os.path.exists('/proc/net/if_inet6'):
            with open('/proc/net/if_inet6') as table:
                if '0' * 31 + '1 ' in table.read():
                    raise
        pytest.skip('this system has no ::1: %s' % exc)


def short_path(tmpdir, name='s'):
    """A path for a Unix socket, as a native str, within the 107 bytes that the system takes."""
    path = str(tmpdir.join(name))
    if len(path) > 100:
        path = '/tmp/carryall-%d-%s' % (os.getpid(), name)
    return path
