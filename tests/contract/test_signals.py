# Copyright the carryall authors.  See LICENSE.
"""Signals on every real backend: they end a wait, arrive on the loop's thread in order, and are given back.

WINCH is the signal sent here: it harms nobody who does not care for it, and no virtual machine keeps it for itself.
"""
from __future__ import absolute_import, division, print_function

import os
import subprocess
import threading

import pytest

from carryall.core.errors import Unsupported
from tests.contract.support import Failures, new_loop, settle, until

pytestmark = pytest.mark.skipif(os.sep != '/', reason='signals are sent here as a Unix system does')


def send(name='WINCH'):
    subprocess.check_call(['sh', '-c', 'kill -%s $0' % name, str(os.getpid())])


def test_a_signal_ends_a_wait_that_would_last(machine):
    seen = []
    machine.add_signal_handler('WINCH', lambda *args: seen.append((args, threading.current_thread())), 1, 'two')
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


def test_what_is_removed_is_not_called(machine):
    seen = []
    machine.add_signal_handler('WINCH', seen.append, 1)
    assert machine.remove_signal_handler('WINCH')
    send()
    settle(machine, 30)
    assert seen == []


def test_closing_gives_back(backend):
    machine, other = new_loop(backend), new_loop(backend)
    try:
        seen, others = [], []
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


def test_a_signal_that_nobody_has(machine):
    with pytest.raises(Unsupported):
        machine.add_signal_handler('NONESUCH', list)
    with pytest.raises(Unsupported):
        machine.add_signal_handler('KILL', list)        # the system does not give it away
