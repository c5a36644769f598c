# Copyright the carryall authors.  See LICENSE.
"""Signals on every real backend: they end a wait, arrive on the loop's thread in order,
and are given back.

WINCH is the signal sent here: it harms no one who does not care for it, and no virtual machine
keeps it for itself.
"""
from __future__ import absolute_import, division, print_function

import os
import signal
import socket
import subprocess
import threading

import pytest

try:
    import ctypes
except ImportError:         # jython: has none, and does not need it here
    ctypes = None

from carryall.core.errors import Unsupported
from carryall.runtimes.host import signals
from tests.contract.support import Failures, new_loop, settle, until

pytestmark = pytest.mark.skipif(os.sep != '/', reason='signals are sent here as a Unix system does')


def send(name='WINCH'):
    subprocess.check_call(['sh', '-c', 'kill -%s $0' % name, str(os.getpid())])


def test_a_signal_ends_a_wait_that_would_last(machine):
    seen = []
    machine.add_signal_handler(
        'WINCH', lambda *args: seen.append((args, threading.current_thread())), 1, 'two')
    send()
    until(machine, lambda: seen)
    assert seen == [((1, 'two'), threading.current_thread())]
    assert machine.remove_signal_handler('WINCH')


def test_the_last_handler_counts(machine):
    seen = []
    machine.add_signal_handler('WINCH', seen.append, 'first')
    machine.add_signal_handler('WINCH', seen.append, 'second')
    send()
    until(machine, lambda: seen)
    settle(machine)
    assert seen == ['second']
    assert machine.remove_signal_handler('WINCH') and not machine.remove_signal_handler('WINCH')


def test_a_removed_handler_is_not_called(machine):
    seen = []
    machine.add_signal_handler('WINCH', seen.append, 1)
    assert machine.remove_signal_handler('WINCH')
    send()
    settle(machine, 30)
    assert seen == []


def test_closing_gives_back(backend):
    machine = new_loop(backend)
    other = new_loop(backend)
    try:
        seen = []
        others = []
        other.add_signal_handler('WINCH', others.append, 1)
        machine.add_signal_handler('WINCH', seen.append, 1)
        machine.close()
        send()
        until(other, lambda: others)
        assert seen == []
    finally:
        machine.close()
        other.close()


def test_a_handler_that_fails_is_reported(machine):
    failures = Failures(machine)
    machine.add_signal_handler('WINCH', [].pop)
    send()
    until(machine, lambda: failures.seen)
    assert [type(exc) for _where, exc in failures.seen] == [IndexError]


def test_an_unknown_signal_is_unsupported(machine):
    with pytest.raises(Unsupported):
        machine.add_signal_handler('NONESUCH', list)
    with pytest.raises(Unsupported):
        machine.add_signal_handler('KILL', list)        # the system does not give it away


if hasattr(signal, 'set_wakeup_fd'):  # if there is none handlers run on a thread of their own

    def test_a_signal_that_another_thread_is_given_ends_the_wait(machine):
        """As when it comes just before the wait begins: nothing interrupts the system call."""
        seen = []
        late = []
        machine.add_signal_handler('WINCH', lambda: (seen.append(1), machine.stop()))
        ready = threading.Event()
        over = threading.Event()

        def other():
            ready.wait()
            ctypes.CDLL(None).pthread_kill(ctypes.c_ulong(threading.current_thread().ident),
                                           signal.SIGWINCH)
            if not over.wait(10.0):
                machine.call_soon_threadsafe(lambda: (late.append(1), machine.stop()))

        thread = threading.Thread(target=other)
        thread.start()
        machine.call_soon(ready.set)
        machine.run()                       # without a timer that could end the wait
        over.set()
        thread.join()
        assert seen and not late

    def test_without_a_wakeup_descriptor_a_tick_ends_the_wait(machine, monkeypatch):
        """As on Windows with 2.7: the byte that a signal writes reaches no one."""
        monkeypatch.setattr(signals, '_ticks', True)
        seen = []
        machine.add_signal_handler('WINCH', lambda: (seen.append(1), machine.stop()))
        ready = threading.Event()

        def other():
            ready.wait()
            ctypes.CDLL(None).pthread_kill(ctypes.c_ulong(threading.current_thread().ident),
                                           signal.SIGWINCH)

        thread = threading.Thread(target=other)
        thread.start()
        machine.call_soon(ready.set)
        machine.run()
        thread.join()
        assert seen == [1]

    def test_the_ticks_end_with_the_last_signal(machine, monkeypatch):
        monkeypatch.setattr(signals, '_ticks', True)
        machine.add_signal_handler('WINCH', list)
        machine.remove_signal_handler('WINCH')
        assert machine.until_next_timer() is None

    def test_the_wakeup_descriptor_is_restored_in_any_order(backend):
        before = signal.set_wakeup_fd(-1)
        assert before == -1
        loops = [new_loop(backend) for _ in range(3)]
        for loop in loops:
            loop.add_signal_handler('WINCH', list)
        for number in (1, 2, 0):
            seen = []
            loops[0].add_signal_handler('WINCH', seen.append, 1)
            send()
            until(loops[0], lambda: seen)
            loops[number].close()
        assert signal.set_wakeup_fd(-1) == -1

    def test_a_foreign_wakeup_descriptor_is_left_alone(machine):
        near, far = socket.socketpair()
        far.setblocking(False)
        signal.set_wakeup_fd(far.fileno())
        try:
            machine.add_signal_handler('WINCH', list)
            machine.remove_signal_handler('WINCH')
            assert signal.set_wakeup_fd(-1) == far.fileno()
        finally:
            signal.set_wakeup_fd(-1)
            near.close()
            far.close()
