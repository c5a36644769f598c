# Copyright the carryall authors.  See LICENSE.
"""VirtualLoop: a whole machine in memory, where time passes when nothing else must be done.

The same seed and the same calls give the same run, to the byte.  A test drives it step by step
(``advance(seconds)``), or lets it run (``run()``, ``run_until(future)``); then the clock jumps to
the next timer.

Tests:    tests/core/testing/test_fakeloop.py, tests/contract/ (as the backend 'virtual')
"""
from __future__ import absolute_import, division, print_function

from copy import copy

from carryall.core.compat import FAILURES
from carryall.core.errors import (IN_USE, ListenFailed, Refused, ResolveFailed, TimedOut,
                                  Unsupported)
from carryall.core.net.eyeballs import connect_first
from carryall.core.future import Future, completed, failed
from carryall.core.net.loop import BACKLOG, CONNECT_SECONDS, Caps, LoopSkeleton
from carryall.core.testing.fakewire import FakeDatagramTransport, FakeTransport
from carryall.core.net.transport import Address, Listener

__all__ = ['Stalled', 'VirtualLoop']

FIRST_WALL = 1767225600.0   # 2026-01-01T00:00:00Z
FIRST_PORT = 49152          # RFC 6335 section 6: the first of the dynamic ports


class Stalled(RuntimeError):
    """The loop waits, and nothing can ever happen: no callback is queued and no timer runs."""


class VirtualLoop(LoopSkeleton):
    """A loop whose clock, network and names are in memory.

    Args:     names: what ``resolve`` knows, {'host.example': ['192.0.2.7']}; numeric addresses and
              localhost need no entry.
              tls: a provider of TLS: ``NullTLS()``, or a real one of ``carryall.runtimes.tls``.

    Attributes:
        now: its time in seconds, from 1000.0 on; the time of day is as many seconds after
             2026-01-01T00:00:00Z.
        failures: the exceptions that escaped from callbacks (law L6),
                  unless an exception handler is set.
    """

    backend = 'virtual'
    caps = Caps(half_close=True, ipv6=True, multicast=True, udp=True, unix=True,
                signals=u'a virtual loop gets no signals',
                subprocesses=u'a virtual loop starts no programs', sendfile=u'there is no system '
                                                                            u'to copy files',
                tls=u'this virtual loop was given no provider')

    def __init__(self, names=None, tls=None):
        # type: (Optional[Dict[str, List[str]]], Any) -> None
        LoopSkeleton.__init__(self, lambda: self.now)
        if tls is not None:
            self.tls = tls
            self.caps = copy(self.caps)
            self.caps.grant('tls')
        self.now = 1000.0
        self.failures = []          # type: List[BaseException]
        self._names = dict(names or {})
        self._listeners = {}        # type: Dict[Address, _MemoryListener]
        self._datagrams = {}        # type: Dict[Address, _MemoryDatagrams]
        self._wires = set()         # type: Set[FakeTransport]
        self._next_port = FIRST_PORT
        self.set_exception_handler(lambda _loop, _where, exc: self.failures.append(exc))

    def follow(self, wire):
        # type: (FakeTransport) -> None
        """Counts *wire* as open until ``forget``; ``close`` aborts it."""
        self._wires.add(wire)

    def forget(self, wire):
        # type: (FakeTransport) -> None
        """*wire* is lost."""
        self._wires.discard(wire)

    # -- time --------------------------------------------------------------------------------------

    def wall(self):
        return FIRST_WALL + self.now

    def advance(self, seconds=0.0):
        # type: (float) -> None
        """Lets *seconds* pass: every callback and timer due by then runs, each at its own time."""
        end = self.now + seconds
        while True:
            while self.queued or self.at_end is not None:
                self.run_turn()
            wait = self.until_next_timer()
            if wait is None or self.now + wait > end:
                break
            self.now += wait
            self._turn_for_timers()
        self.now = end

    def _turn_for_timers(self):
        # type: () -> None
        self.queue_due_timers()
        self.run_turn()

    def poll(self, timeout):
        if timeout is None:
            raise Stalled('nothing is queued and no timer runs')
        self.now += timeout

    def wake(self):
        pass

    def run_in_thread(self, function, *args):
        self.check_open()
        future = Future()

        def work():
            # type: () -> None
            try:
                result = function(*args)
            except FAILURES as exc:
                future.set_exception(exc)
            else:
                future.set_result(result)

        self.call_soon(work)
        return future

    def start_thread(self, function, *args):
        self.check_open()
        raise Unsupported(u'a FakeLoop has no threads')

    # -- the network -------------------------------------------------------------------------------

    def _port(self):
        # type: () -> int
        self._next_port += 1
        return self._next_port

    def listen_tcp(self, factory, host='127.0.0.1', port=0, backlog=BACKLOG, reuse_port=False):
        self.check_open()
        return self._listen(Address(host or '0.0.0.0', port or self._port()), factory)

    def listen_unix(self, factory, path, mode=0o600, backlog=BACKLOG):
        self.check_open()
        return self._listen(Address(path), factory)

    def _listen(self, address, factory):
        # type: (Address, Any) -> _MemoryListener
        if address in self._listeners:
            raise ListenFailed(u'cannot listen on %s: Address already in use' % (address,),
                               None, address, IN_USE)
        listener = _MemoryListener(self, address, factory)
        self._listeners[address] = listener
        return listener

    def connect_tcp(self, factory, host, port, timeout=CONNECT_SECONDS, local=None):
        self.check_open()
        deadline = self.now + timeout

        def attempt(address, seconds):
            # type: (Address, float) -> Future
            return self._connect(factory, address, seconds, local)

        return self.resolve(host, port).then(
            lambda found: connect_first(self, attempt, found, deadline))

    def connect_unix(self, factory, path, timeout=CONNECT_SECONDS):
        self.check_open()
        return self._connect(factory, Address(path), timeout, None)

    def _connect(self, factory, address, timeout, local):
        # type: (Any, Address, float, Any) -> Future
        listener = self._listeners.get(address) or self._listeners.get(
            Address('0.0.0.0', address.port))
        future = Future(lambda _: timer.cancel())
        timer = self.call_later(timeout, lambda: future.done() or future.set_exception(
            TimedOut(u'cannot connect to %s: no answer in %g seconds' % (address, timeout))))

        def refused():
            # type: () -> None
            if not future.done():
                timer.cancel()
                future.set_exception(Refused(u'cannot connect to %s: Connection refused'
                                             % (address,)))

        if listener is None:
            self.call_soon(refused)
        else:
            near = Address('') if address.port is None else Address(
                *(local or ('127.0.0.1', self._port())))
            listener._arrive((future, timer, factory, near, address))
        return future

    def _join(self, listener, waiting):
        # type: (_MemoryListener, Tuple) -> None
        """Makes the two ends of an accepted connection."""
        future, timer, factory, near, far = waiting
        if future.done():
            return
        timer.cancel()
        client = FakeTransport(self, peername=far, sockname=near)
        server = FakeTransport(self, peername=near, sockname=far, counters=listener.counters)
        client.pair(server)
        try:
            protocol = factory()
        except FAILURES as exc:
            future.set_exception(exc)
            return
        client.connect(protocol)
        future.set_result((client, protocol))
        try:
            served = listener._factory()
        except FAILURES as exc:
            self.report_failure('a protocol factory', exc)
            client.lose()
            return
        server.connect(served)
        server.schedule()
        client.schedule()

    def open_udp(self, factory, host='127.0.0.1', port=0, remote=None, reuse_port=False):
        self.check_open()
        address = Address(host, port or self._port())
        if address in self._datagrams and not reuse_port:
            raise ListenFailed(u'cannot listen on %s: Address already in use' % (address,),
                               None, address, IN_USE)
        socket = _MemoryDatagrams(self, address, remote)
        protocol = factory()
        socket.protocol = protocol
        self._datagrams[address] = socket
        self.call_soon(protocol.connection_made, socket)
        return socket

    def add_signal_handler(self, name, callback, *args):
        self.caps.require('signals')

    def remove_signal_handler(self, name):
        return False

    def spawn(self, factory, argv, cwd=None, env=None, group=False, input=True):
        self.caps.require('subprocesses')

    def resolve(self, host, port=0):
        self.check_open()
        if host == 'localhost':
            host = '127.0.0.1'
        if host in self._names:
            return completed([Address(one, port) for one in self._names[host]])
        if host.replace('.', '').isdigit() or ':' in host:
            return completed([Address(host, port)])
        return failed(ResolveFailed(u'no address for %r' % (host,)))

    def close(self):
        if self.closed:
            return
        for listener in list(self._listeners.values()):
            listener.close()
        for wire in list(self._wires):
            wire.abort()
        for datagrams in list(self._datagrams.values()):
            datagrams.close()
        for _ in range(8):
            while self.queued or self.at_end is not None:
                self.run_turn()
        LoopSkeleton.close(self)


class _MemoryListener(Listener):
    """Takes connections of one VirtualLoop."""

    def __init__(self, loop, address, factory):
        # type: (VirtualLoop, Address, Any) -> None
        self.address = address
        self._loop = loop
        self._factory = factory
        self._held = False
        self._waiting = []          # type: List[Tuple]

    def _arrive(self, connection):
        # type: (Tuple) -> None
        self._waiting.append(connection)
        self._loop.call_soon(self._accept)

    def _accept(self):
        # type: () -> None
        while self._waiting and not self._held:
            self._loop._join(self, self._waiting.pop(0))

    def pause(self):
        self._held = True

    def resume(self):
        self._held = False
        self._accept()

    def close(self):
        if self._loop._listeners.get(self.address) is self:
            del self._loop._listeners[self.address]
        waiting, self._waiting = self._waiting, []
        for future, timer, _factory, _near, far in waiting:
            timer.cancel()
            if not future.done():
                future.set_exception(Refused(u'cannot connect to %s: Connection refused' % (far,)))


class _MemoryDatagrams(FakeDatagramTransport):
    """A socket of one VirtualLoop: packets to an address that no one has are lost, as they are."""

    def __init__(self, loop, address, remote):
        # type: (VirtualLoop, Address, Optional[Address]) -> None
        FakeDatagramTransport.__init__(self, loop, address, remote)

    def sendto(self, data, addr=None):
        FakeDatagramTransport.sendto(self, data, addr)
        to = addr or self.get_extra_info('peername')
        host, port = tuple(to)[:2]
        source = self.get_extra_info('sockname')
        for address, socket in list(self.loop._datagrams.items()):
            if address.port == port and (host in (address.host, '127.0.0.1')
                                         or host in socket.groups) and not self.closed:
                self.loop.call_soon(socket._arrive, data, source)

    def _arrive(self, data, source):
        # type: (bytes, Address) -> None
        if self.get_extra_info('peername') in (None, source):
            self.feed(data, source)

    def close(self):
        self.loop._datagrams.pop(self.get_extra_info('sockname'), None)
        FakeDatagramTransport.close(self)

    abort = close


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Set, Tuple
