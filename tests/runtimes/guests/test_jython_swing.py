# Copyright the carryall authors.  See LICENSE.
"""Swing's event dispatch thread drives our loop; no display is needed."""
from __future__ import absolute_import, division, print_function

import threading

import pytest

from carryall import runtimes
from carryall.core.testing import StrictProtocol
from carryall.runtimes.platform import ON_JVM
from tests.contract.support import connected, until

if not ON_JVM:
    pytest.skip('Swing needs Jython', allow_module_level=True)

from javax.swing import SwingUtilities              # noqa: E402

from carryall.runtimes.guests.guestloop import GuestLoop            # noqa: E402
from carryall.runtimes.guests.swing import SwingToolkit             # noqa: E402


@pytest.fixture
def loop():
    made = runtimes.choose('swing')
    yield made
    made.close()


def test_callbacks_run_on_the_dispatch_thread(loop):
    seen = []

    class Looks(StrictProtocol):
        def received(self, data):
            seen.append(SwingUtilities.isEventDispatchThread())

    pair = connected(loop, server=Looks)
    pair.client.transport.write(b'x')
    until(loop, lambda: seen)
    assert seen == [True]


def test_an_attached_loop_is_served_without_run():
    loop = GuestLoop(SwingToolkit())
    done = threading.Event()
    SwingUtilities.invokeAndWait(lambda: loop.attach().call_later(0.01, done.set))
    assert done.wait(10.0) in (True, None)      # jython: as 2.6 does, it returns None
    SwingUtilities.invokeAndWait(loop.close)
    assert done.isSet()


def test_run_on_the_dispatch_thread_serves_it_on(loop):
    seen = []

    def on_dispatch_thread():
        loop.call_later(0.01, loop.stop)
        SwingUtilities.invokeLater(lambda: seen.append('theirs'))
        loop.run()

    SwingUtilities.invokeAndWait(on_dispatch_thread)
    assert seen == ['theirs']


def test_a_call_from_another_thread_arrives(loop):
    seen = []
    thread = threading.Thread(target=lambda: loop.call_soon_threadsafe(seen.append, 1))
    thread.start()
    until(loop, lambda: seen)
    thread.join()
    assert seen == [1]
