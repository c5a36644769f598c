# Copyright the carryall authors.  See LICENSE.
"""L17: stop finishes the turn, close releases everything, and a closed loop raises."""
from __future__ import absolute_import, division, print_function

import os
import threading

import pytest

from carryall.core.errors import LoopClosed
from carryall.core.future import Future
from carryall.core.testing import StrictProtocol
from tests.contract.support import Packets, connected, fill, new_loop, settle, until

ROUNDS = 5


def test_l17_stop_finishes_the_turn(loop):
    ran = []

    def stop():
        ran.append('stop')
        loop.stop()
        loop.call_soon(ran.append, 'next turn')

    loop.call_soon(stop)
    loop.call_soon(ran.append, 'same turn')
    loop.run()
    assert ran == ['stop', 'same turn']
    settle(loop, 1)
    assert ran[2:] == ['next turn']


def test_l17_a_stopped_loop_runs_again(loop):
    for number in range(3):
        loop.call_soon(loop.stop)
        loop.run()
    future = Future()
    loop.call_later(0.001, future.set_result, 1)
    assert loop.run_until(future) == 1


def test_l17_stopped_before_the_future_is_done(loop):
    loop.call_soon(loop.stop)
    with pytest.raises(RuntimeError):
        loop.run_until(Future())


def test_l17_stop_through_the_door_from_another_thread(machine):
    threads = []

    def start():
        threads.append(threading.Thread(target=machine.call_soon_threadsafe, args=(machine.stop,)))
        threads[0].start()

    machine.call_soon(start)
    machine.run()
    threads[0].join()


def test_l17_close_tells_the_protocols(backend):
    loop = new_loop(backend)
    pair = connected(loop)
    packets = Packets()
    loop.open_udp(lambda: packets)
    settle(loop, 2)
    loop.close()
    for protocol in (pair.client, pair.server):
        assert protocol.calls.count('connection_lost') == 1
    assert packets.lost_with == [None]


def test_l17_close_is_idempotent(backend):
    loop = new_loop(backend)
    loop.close()
    loop.close()


def test_l17_a_loop_that_never_ran(backend):
    loop = new_loop(backend)
    loop.listen_tcp(StrictProtocol)
    loop.connect_tcp(StrictProtocol, '127.0.0.1', 1)
    loop.call_later(10, list)
    loop.close()


@pytest.mark.parametrize('use', [
    lambda loop: loop.call_soon(list), lambda loop: loop.call_later(1, list),
    lambda loop: loop.call_at(1, list),
    lambda loop: loop.call_soon_threadsafe(list), lambda loop: loop.run(),
    lambda loop: loop.run_until(Future()),
    lambda loop: loop.run_in_thread(list), lambda loop: loop.start_thread(list),
    lambda loop: loop.listen_tcp(StrictProtocol),
    lambda loop: loop.connect_tcp(StrictProtocol, '127.0.0.1', 1),
    lambda loop: loop.open_udp(Packets),
    lambda loop: loop.listen_unix(StrictProtocol, '/tmp/x'),
    lambda loop: loop.connect_unix(StrictProtocol, '/tmp/x'),
    lambda loop: loop.resolve('localhost')],
    ids=['call_soon', 'call_later', 'call_at', 'call_soon_threadsafe', 'run', 'run_until',
         'run_in_thread', 'start_thread', 'listen_tcp', 'connect_tcp', 'open_udp', 'listen_unix',
         'connect_unix', 'resolve'])
def test_l17_a_closed_loop_raises(loop, use):
    loop.close()
    with pytest.raises(LoopClosed):
        use(loop)


def test_l17_objects_of_a_closed_loop_are_harmless(backend):
    loop = new_loop(backend)
    pair = connected(loop)
    timer = loop.call_later(100, list)
    loop.close()
    pair.client.transport.write(b'x')
    pair.client.transport.close()
    pair.client.transport.abort()
    pair.client.transport.pause_reading()
    pair.client.transport.resume_reading()
    pair.listener.close()
    timer.cancel()
    assert pair.client.transport.is_closing()


def _descriptors():
    return len(os.listdir('/proc/self/fd'))


def _busy_life(backend):
    """A loop that leaves everything open when it is closed."""
    loop = new_loop(backend)
    pair = connected(loop)
    fill(loop, pair.server, pair.client)
    other = connected(loop)
    other.server.transport.pause_reading()
    other.client.transport.write(b'x' * 100000)
    loop.open_udp(Packets)
    loop.run_until(loop.run_in_thread(lambda: 1))
    closing = loop.listen_tcp(StrictProtocol, backlog=1)
    closing.pause()
    for _ in range(4):
        loop.connect_tcp(StrictProtocol, '127.0.0.1', closing.address.port).then(
            None, lambda exc: None)
    settle(loop, 2)
    loop.close()


@pytest.mark.skipif(not os.path.exists('/proc/self/fd'),
                    reason='this system does not list open descriptors')
def test_l17_close_releases_descriptors_and_threads(backend):
    others = set(threading.enumerate())                 # the servers of fixtures keep theirs
    _busy_life(backend)                                 # whatever is made once per process
    _threads_end(others)
    threads = set(threading.enumerate())
    before = _descriptors()
    for _ in range(ROUNDS):
        _busy_life(backend)
    _threads_end(threads)
    left = _descriptors() - before
    assert left < ROUNDS, '%d descriptors are left of %d loops' % (left, ROUNDS)


def test_l17_no_connection_has_a_thread_when_close_returns(backend):
    loop = new_loop(backend)
    [connected(loop) for _ in range(ROUNDS)]
    loop.close()
    assert not [thread for thread in threading.enumerate()
                if thread.name.startswith('carryall-connection')]


def _threads_end(known):
    for thread in threading.enumerate():
        if thread not in known and thread.name.startswith('carryall'):
            thread.join(10)
            assert not thread.is_alive(), '%s is left' % thread.name


def test_l17_a_stop_from_a_connection(loop):
    class Stopping(StrictProtocol):
        def received(self, data):
            loop.stop()

    pair = connected(loop, server=Stopping)
    pair.client.transport.write(b'stop')
    loop.run()
    assert pair.server.data == b'stop'
    until(loop, lambda: True)
