# Copyright the carryall authors.  See LICENSE.
"""The kqueue backend under the contract (RT-03): over the real one where the system has it,
else over a fake."""
from __future__ import absolute_import, division, print_function

import select

import pytest

from carryall.runtimes.readiness import bsd, pollers
from carryall.runtimes.readiness.readinessloop import ReadinessLoop
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
from tests.runtimes.fake_kqueue import FakeSelect

FAKE = not hasattr(select, 'kqueue')
pytestmark = pytest.mark.parametrize('backend', ['kqueue (fake)' if FAKE else 'kqueue'])


@pytest.fixture
def loop(backend, monkeypatch):
    """A loop over kqueue."""
    if FAKE:
        monkeypatch.setattr(pollers, 'select', FakeSelect)
    made = ReadinessLoop(pollers.KqueuePoller(), bsd)
    assert made.backend == 'kqueue'
    yield made
    made.close()


@pytest.fixture
def machine(loop):
    """The same: it is a real one."""
    return loop
