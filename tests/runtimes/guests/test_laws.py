# Copyright the carryall authors.  See LICENSE.
"""Guests under the contract: of a toolkit and a message loop that are fakes, and of Tcl and trio
where they are installed."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.runtimes import registry
from carryall.runtimes.guests.guestloop import GuestLoop
from carryall.runtimes.guests.win32 import Win32Toolkit
from carryall.runtimes.platform import ON_JVM
from tests.contract.test_accept import test_accept_hundreds_at_once                     # noqa: F401
from tests.contract.test_l01_connection_made import *  # noqa: F401,F403
from tests.contract.test_l02_data_received import *  # noqa: F401,F403
from tests.contract.test_l03_nesting import *  # noqa: F401,F403
from tests.contract.test_l04_eof_received import *  # noqa: F401,F403
from tests.contract.test_l05_connection_lost import *  # noqa: F401,F403
from tests.contract.test_l08_write import *  # noqa: F401,F403
from tests.contract.test_l09_close import *  # noqa: F401,F403
from tests.contract.test_l10_pause_reading import *  # noqa: F401,F403
from tests.contract.test_l11_watermarks import *  # noqa: F401,F403
from tests.contract.test_l13_threads import (                                           # noqa: F401
    test_l13_a_call_wakes_a_loop_that_waits_for_ever,
    test_l13_calls_from_four_threads_are_all_run_in_order_on_the_loop_thread,
    test_l13_one_wake_up_after_the_other)
from tests.contract.test_l14_turns_and_timers import (                                  # noqa: F401
    test_l14_a_callback_that_queues_itself_for_ever_keeps_nothing_out,
    test_l14_timers_are_never_early)
from tests.contract.test_l16_listen_connect import (                                    # noqa: F401
    test_l16_a_paused_listener_takes_nothing_until_it_is_resumed, test_l16_cancel_of_a_connect,
    test_l16_a_refused_connection_is_an_error, test_l16_an_unanswered_connect_times_out,
    test_l16_refused_many_times)
from tests.contract.test_write_file import *  # noqa: F401,F403
from tests.runtimes.guests.fake_toolkit import FakeMessages, FakeToolkit


def _select_poller():
    """The poller of Windows, where there is neither epoll nor kqueue."""
    if ON_JVM:
        return None
    from carryall.runtimes.readiness.pollers import SelectPoller
    return SelectPoller()


def _nested():
    """An asyncio loop that watches one descriptor of ours, as uvloop has to."""
    from carryall.runtimes.guests.asyncio_py3 import AsyncioLoop, NestedPoller
    return AsyncioLoop(poller=NestedPoller)


MAKE = {
    'asyncio, nested': _nested,
    'fake toolkit': lambda: GuestLoop(FakeToolkit()),
    'fake toolkit, ours drives': lambda: GuestLoop(FakeToolkit(), hosts=True),
    'win32 (fake)': lambda: GuestLoop(Win32Toolkit(FakeMessages()), _select_poller()),
    'tk': lambda: registry.Backend('tk').make(),
    'trio': lambda: registry.Backend('trio').make(),
}


def _variants():
    """The names of MAKE that can run here; the head of the run has the reasons for the others."""
    if ON_JVM:                  # what is watched are Selectors, and no descriptors
        return ['win32 (fake)']
    found = ['fake toolkit', 'fake toolkit, ours drives', 'win32 (fake)']
    return found + [name for name in ('tk', 'trio') if registry.Backend(name).available] \
        + ['asyncio, nested'] * registry.Backend('asyncio').available


pytestmark = pytest.mark.parametrize('backend', _variants())


@pytest.fixture
def loop(backend):
    """A guest."""
    made = MAKE[backend]()
    yield made
    made.close()


@pytest.fixture
def machine(loop):
    """The same: it is a real one."""
    return loop
