# Copyright the carryall authors.  See LICENSE.
"""L15: several loops per process, no current loop, no effect on import."""
from __future__ import absolute_import, division, print_function

import os
import subprocess
import sys
import threading

import pytest

from carryall.core.testing import StrictProtocol
from tests.contract.expected import ONE_EACH, ONE_THREAD
from tests.contract.support import connected, new_loop, until

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
IMPORTS = r'''
import os, sys, threading
sys.path.insert(0, %r)
before = threading.active_count()
def held():
    found = []
    for name in os.listdir('/proc/self/fd') if os.path.exists('/proc/self/fd') else ():
        try:
            found.append(os.readlink('/proc/self/fd/' + name))
        except OSError:
            pass
    return [one for one in found if one.startswith('socket:') or 'eventpoll' in one]
sockets = held()
import carryall.core.testing, carryall.runtimes, carryall.app.service
from carryall import runtimes
from carryall.runtimes import machine
runtimes.backends()
if not runtimes.registry.ON_JVM:
    from carryall.runtimes.readiness import bsd, pollers
    from carryall.runtimes.readiness import readinessloop as loop
    from carryall.runtimes.threads import sockets as links
    from carryall.runtimes.threads import channels as handover
else:
    from carryall.runtimes.jvm import nio
    from carryall.runtimes.threads import channels as handover
assert threading.active_count() == before, threading.enumerate()
assert sorted(held()) == sorted(sockets), held()
print('nothing was made')
'''


def test_l15_importing_creates_nothing():
    done = subprocess.Popen([sys.executable, '-c', IMPORTS % (ROOT,)], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT)
    said = done.communicate()[0]
    assert said.strip() == b'nothing was made', said


def _echo_through(loop, text):
    class Echo(StrictProtocol):
        def received(self, data):
            self.transport.write(data)

    pair = connected(loop, server=Echo)
    pair.client.transport.write(text)
    until(loop, lambda: pair.client.data == text)
    pair.client.transport.close()
    until(loop, lambda: pair.client.state == 'lost')


def test_l15_two_loops_take_turns_in_one_thread(backend):
    one = new_loop(backend)
    two = new_loop(backend)
    ran = []
    one.call_soon(ran.append, 'one')
    two.call_soon(ran.append, 'two')
    _echo_through(two, b'two')
    assert ran == ['two']
    _echo_through(one, b'one')
    assert ran == ['two', 'one']
    one.close()
    _echo_through(two, b'two still lives')
    two.close()


def test_l15_two_loops_talk_to_each_other(backend):
    one = new_loop(backend)
    two = new_loop(backend)
    made = []
    listener = one.listen_tcp(lambda: made.append(StrictProtocol()) or made[-1])
    future = two.connect_tcp(StrictProtocol, '127.0.0.1', listener.address.port)
    client = two.run_until(future)[1]
    client.transport.write(b'across')
    until(two, lambda: client.transport.get_write_buffer_size() == 0)
    until(one, lambda: made and made[0].data == b'across')
    two.close()
    until(one, lambda: made[0].state == 'lost')
    one.close()


def test_l15_two_loops_in_two_threads(backend):
    if backend in ONE_EACH:
        pytest.skip(ONE_EACH[backend])
    failed = []

    def work(number):
        try:
            loop = new_loop(backend)
            for turn in range(5):
                _echo_through(loop, b'%d:%d' % (number, turn))
            loop.close()
        except BaseException as exc:
            failed.append(exc)
            raise

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_l15_a_loop_made_in_one_thread_may_run_in_another(backend):
    if backend in ONE_THREAD:
        pytest.skip(ONE_THREAD[backend])
    loop = new_loop(backend)
    done = []

    def work():
        _echo_through(loop, b'moved')
        loop.close()
        done.append(1)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done


def test_l15_a_loop_does_not_run_twice_at_once(machine):
    caught = []

    def again():
        try:
            machine.run()
        except RuntimeError as exc:
            caught.append(exc)

    machine.call_soon(again)
    until(machine, lambda: caught)


@pytest.mark.parametrize('name', ['run', 'close'])
def test_l15_no_run_and_no_close_from_within(machine, name):
    caught = []

    def inside():
        with pytest.raises(RuntimeError):
            getattr(machine, name)()
        caught.append(1)

    machine.call_soon(inside)
    until(machine, lambda: caught)
