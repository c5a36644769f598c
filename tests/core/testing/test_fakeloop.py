# Copyright the carryall authors.  See LICENSE.
"""VirtualLoop: time passes when nothing else must be done,
and the same calls give the same run."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import ListenFailed, ResolveFailed, TimedOut
from carryall.core.future import Future, sleep
from carryall.core.testing import Stalled, StrictProtocol, VirtualLoop


def test_advance_runs_each_timer_at_its_own_time():
    loop = VirtualLoop()
    seen = []
    for delay in (3.0, 1.0, 2.0, 10.0):
        loop.call_later(delay, lambda delay=delay: seen.append((delay, loop.time() - 1000.0)))
    loop.advance(2.5)
    assert seen == [(1.0, 1.0), (2.0, 2.0)] and loop.now == 1002.5
    loop.advance(0.5)
    assert seen[-1] == (3.0, 3.0)
    loop.advance(100)
    assert seen[-1] == (10.0, 10.0) and loop.now == 1103.0


def test_advance_runs_timers_that_timers_make():
    loop = VirtualLoop()
    ticks = []

    def tick():
        ticks.append(loop.now)
        loop.call_later(1, tick)

    loop.call_later(1, tick)
    loop.advance(5)
    assert ticks == [1001.0, 1002.0, 1003.0, 1004.0, 1005.0]


def test_advance_without_seconds_runs_what_is_queued():
    loop = VirtualLoop()
    ran = []
    loop.call_soon(lambda: loop.call_soon(ran.append, 1))
    loop.advance()
    assert ran == [1] and loop.now == 1000.0


def test_a_day_takes_no_time():
    loop = VirtualLoop()
    loop.run_until(sleep(loop, 86400.0))
    assert loop.now == 1000.0 + 86400.0


def test_nothing_can_ever_happen():
    with pytest.raises(Stalled):
        VirtualLoop().run_until(Future())


def test_failures_are_kept_until_they_are_taken():
    loop = VirtualLoop()
    loop.call_soon(lambda: 1 // 0)
    loop.advance()
    assert [type(exc) for exc in loop.failures] == [ZeroDivisionError]
    seen = []
    loop.set_exception_handler(lambda _loop, where, exc: seen.append((where, type(exc))))
    loop.call_soon(lambda: 1 // 0)
    loop.advance()
    assert seen == [('a callback', ZeroDivisionError)] and len(loop.failures) == 1


def test_names_resolve_to_the_given_addresses():
    loop = VirtualLoop(names={'host.example': ['192.0.2.7', '2001:db8::7']})
    assert loop.resolve('host.example', 80).result() == [('192.0.2.7', 80), ('2001:db8::7', 80)]
    assert loop.resolve('localhost', 1).result() == [('127.0.0.1', 1)]
    assert loop.resolve('192.0.2.1', 1).result() == [('192.0.2.1', 1)]
    assert isinstance(loop.resolve('nowhere.example').exception(), ResolveFailed)


def test_a_connect_times_out_in_virtual_time():
    loop = VirtualLoop()
    loop.listen_tcp(StrictProtocol, port=7).pause()
    future = loop.connect_tcp(StrictProtocol, '127.0.0.1', 7, timeout=30.0)
    loop.advance(29.9)
    assert not future.done()
    loop.advance(0.1)
    assert isinstance(future.exception(), TimedOut)


def test_ports_are_counted_and_kept_apart():
    loop = VirtualLoop()
    ports = [loop.listen_tcp(StrictProtocol).address.port for _ in range(3)]
    assert len(set(ports)) == 3 and min(ports) >= 49152
    loop.listen_tcp(StrictProtocol, port=80)
    with pytest.raises(ListenFailed):
        loop.listen_tcp(StrictProtocol, port=80)
    loop.listen_tcp(StrictProtocol, '192.0.2.1', 80)


def test_a_unix_path_connects_both_sides():
    loop = VirtualLoop()
    made = []
    loop.listen_unix(lambda: made.append(StrictProtocol()) or made[-1], '/run/x')
    client = loop.run_until(loop.connect_unix(StrictProtocol, '/run/x'))[1]
    client.transport.write(b'hello')
    loop.advance()
    assert made[0].data == b'hello'


def _run(seed):
    loop = VirtualLoop()
    log = []

    class Noisy(StrictProtocol):
        def received(self, data):
            log.append((round(loop.now, 6), data))
            if len(log) < 50:
                loop.call_later(seed * 0.001 * len(log), self.transport.write, data + b'.')

    listener = loop.listen_tcp(Noisy)
    for number in range(3):
        client = loop.run_until(loop.connect_tcp(Noisy, '127.0.0.1', listener.address.port))[1]
        client.transport.write(b'%d' % number)
    loop.advance(10)
    loop.close()
    return log


def test_the_same_calls_give_the_same_run():
    assert _run(3) == _run(3)
    assert _run(3) != _run(4)
