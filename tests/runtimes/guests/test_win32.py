# Copyright the carryall authors.  See LICENSE.
"""A message loop of Windows drives ours (RT-05), over a source of messages that is a fake."""
from __future__ import absolute_import, division, print_function

import os
import signal
import threading

import pytest

from carryall.core.errors import Unsupported
from carryall.core.testing import StrictProtocol
from carryall.runtimes.clock import monotonic
from carryall.runtimes.guests.guestloop import GuestLoop
from carryall.runtimes.guests.win32 import UserMessages, Win32Toolkit
from carryall.runtimes.platform import ON_JVM
from tests.contract.support import connected, until
from tests.runtimes.guests.fake_toolkit import FakeMessages

CTRL_C_SECONDS = 0.1        # RT-04
FOREIGN = 0x8123            # a message of the program's own


@pytest.fixture
def messages():
    return FakeMessages()


@pytest.fixture
def loop(messages):
    poller = None
    if not ON_JVM:
        from carryall.runtimes.readiness.pollers import SelectPoller
        poller = SelectPoller()
    made = GuestLoop(Win32Toolkit(messages), poller)
    yield made
    made.close()


def test_the_programs_own_pump_serves_connections(loop, messages):
    pair = connected(loop)
    loop.attach()
    pair.client.transport.write(b'hello')
    while pair.server.data != b'hello':
        assert messages.pump()
    loop.detach()
    assert pair.server.data == b'hello'


def test_a_modal_dialog_pumps_too(loop, messages):
    pair = connected(loop)
    seen = []

    def ask():
        pair.client.transport.write(b'while it is open')
        while pair.server.data != b'while it is open':
            messages.pump()
        seen.append('closed')
        loop.stop()

    loop.call_soon(ask)
    loop.run()
    assert seen == ['closed']


def test_a_dialog_that_data_received_opens_keeps_its_connection_and_no_other(loop, messages):
    other = connected(loop)

    class Asker(StrictProtocol):
        def received(self, data):
            other.client.transport.write(b'meanwhile')
            self.transport.write(b'answer')
            while other.server.data != b'meanwhile':
                messages.pump()

    pair = connected(loop, server=Asker)
    pair.client.transport.write(b'ask')
    until(loop, lambda: pair.client.data == b'answer' and pair.server.data == b'ask')
    assert other.server.data == b'meanwhile'


def test_messages_of_the_program_are_not_ours(loop, messages):
    messages.post(FOREIGN)
    ran = []
    loop.call_soon(ran.append, 'ours')
    loop.call_later(0.002, loop.stop)
    loop.run()
    assert ran == ['ours']


def test_a_timer_that_windows_repeats_comes_once(loop, messages):
    ran = []
    loop.call_later(0.002, ran.append, 'timer')
    loop.call_later(0.03, loop.stop)
    loop.run()
    assert ran == ['timer']


def test_quit_by_the_program_ends_the_run(loop, messages):
    messages.post_quit()
    loop.run()
    assert not loop.running


@pytest.mark.skipif(ON_JVM, reason='the JVM has its own handler of interrupts')
def test_an_interrupt_ends_an_idle_pump_within_a_tenth_of_a_second(loop):
    loop.add_signal_handler('INT', loop.stop)
    sent = []

    def send():
        sent.append(monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Timer(0.02, send)
    thread.start()
    loop.run()
    ended = monotonic()
    thread.join()
    assert ended - sent[0] < CTRL_C_SECONDS * 5     # five times, for a machine that is busy


@pytest.mark.skipif(os.name == 'nt', reason='there it exists')
def test_elsewhere_there_are_no_messages_and_the_error_says_so():
    with pytest.raises(Unsupported) as caught:
        UserMessages()
    assert 'on Windows alone' in str(caught.value)
