# Copyright the carryall authors.  See LICENSE.
"""A guest beyond the laws: modal dialogs, two ends that end in order, a toolkit that is kept
waiting."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import LoopClosed
from carryall.core.future import Future
from carryall.core.testing import StrictProtocol
from carryall.runtimes.guests import guestloop
from carryall.runtimes.guests.guestloop import GuestLoop
from carryall.runtimes.platform import ON_JVM
from tests.contract.support import Failures, connected, until
from tests.runtimes.guests.fake_toolkit import FakeToolkit

pytestmark = pytest.mark.skipif(ON_JVM, reason='the fake toolkit watches a descriptor')


@pytest.fixture
def toolkit():
    return FakeToolkit()


@pytest.fixture
def loop(toolkit):
    made = GuestLoop(toolkit)
    yield made
    made.close()


class Asker(StrictProtocol):
    """Opens a modal dialog for what comes, and closes it when ``answered``."""

    toolkit = None
    answered = False
    open_dialogs = 0

    def received(self, data):
        Asker.open_dialogs += 1
        self.toolkit.dialog(lambda: not Asker.answered)
        Asker.open_dialogs -= 1


@pytest.fixture
def asker(toolkit):
    """The class, as it is before a test."""
    Asker.toolkit = toolkit
    Asker.answered = False
    Asker.open_dialogs = 0
    return Asker


def with_dialog(loop, asker):
    """A Pair whose server will open a dialog in data_received, and a second, idle Pair."""
    first = connected(loop, server=asker)
    second = connected(loop)
    first.client.transport.write(b'ask')
    return first, second


def run_with(loop, act):
    """Runs until ``act()``, which is called every millisecond, says that it is done."""
    seen = []

    def look():
        if act():
            loop.stop()
        else:
            loop.call_later(0.001, look)
        seen.append(1)

    loop.call_later(0.001, look)
    loop.run()
    return len(seen)


def test_other_connections_go_on_while_a_dialog_of_data_received_is_open(loop, asker):
    first, second = with_dialog(loop, asker)

    def act():
        if asker.open_dialogs and not second.client.data:
            second.server.transport.write(b'news')
        if second.client.data == b'news':
            asker.answered = True
        return asker.answered and not asker.open_dialogs

    run_with(loop, act)
    assert second.client.data == b'news'


def test_the_connection_of_a_dialog_has_no_callback_until_that_is_closed(loop, asker):
    first, second = with_dialog(loop, asker)
    count = []

    def act():
        if asker.open_dialogs:
            if not count:
                first.client.transport.write(b'more')
            count.append(first.server.data)
            asker.answered = len(count) > 10
        return first.server.data == b'askmore'

    run_with(loop, act)
    assert set(count) == set([b'ask'])


def test_a_connection_that_is_closed_in_its_dialog_is_lost_behind_it(loop, asker):
    first, second = with_dialog(loop, asker)
    states = []

    def act():
        if asker.open_dialogs:
            first.server.transport.abort()
            states.append(first.server.state)
            asker.answered = len(states) > 5
        return first.server.state == 'lost'

    run_with(loop, act)
    assert 'lost' not in states


def test_a_dialog_within_a_dialog_keeps_both_connections(loop, asker):
    first = connected(loop, server=asker)
    second = connected(loop, server=asker)
    deepest = []

    def act():
        deepest.append(asker.open_dialogs)
        if asker.open_dialogs == 1 and not second.client.transport.is_closing():
            second.client.transport.write(b'me too')
        if asker.open_dialogs == 2:
            asker.answered = True
        return asker.answered and not asker.open_dialogs

    first.client.transport.write(b'ask')
    run_with(loop, act)
    assert max(deepest) == 2


def test_callbacks_queued_in_a_dialog_run_in_it(loop, toolkit):
    ran = []

    def ask():
        loop.call_soon(ran.append, 'queued')
        toolkit.dialog(lambda: not ran)
        ran.append('closed')
        loop.stop()

    loop.call_soon(ask)
    loop.run()
    assert ran == ['queued', 'closed']


def test_timers_run_in_a_dialog_of_the_toolkits_own(loop, toolkit):
    ran = []

    def ask():
        toolkit.dialog(lambda: not ran)
        loop.stop()

    toolkit.event(ask)
    loop.call_later(0.005, ran.append, 'timer')
    loop.run()
    assert ran == ['timer']


def test_stop_inside_a_dialog_ends_the_run_behind_it(loop, toolkit):
    toolkit.forgets = True
    turns = []

    def ask():
        loop.stop()
        toolkit.call_later(0.02, lambda: turns.append(1))
        toolkit.dialog(lambda: not turns)

    toolkit.event(ask)
    loop.run()
    assert turns == [1]


def test_a_stop_inside_a_dialog_runs_no_further_callback(loop, toolkit):
    ran = []

    def ask():
        loop.stop()
        toolkit.call_later(0.01, lambda: loop.call_soon(ran.append, 'too late'))
        toolkit.call_later(0.02, lambda: ran.append('closed'))
        toolkit.dialog(lambda: 'closed' not in ran)

    toolkit.event(ask)
    loop.run()
    assert ran == ['closed']


def test_the_end_of_the_toolkits_loop_ends_the_run(loop, toolkit):
    toolkit.event(toolkit.quit)
    loop.run()
    assert not loop.running


def test_run_until_says_so_when_the_toolkit_ends_first(loop, toolkit):
    toolkit.event(toolkit.quit)
    with pytest.raises(RuntimeError):
        loop.run_until(Future())


def test_an_attached_loop_is_driven_by_the_toolkits_own_run(loop, toolkit):
    loop.attach()
    ran = []
    loop.call_later(0.002, ran.append, 'timer')
    loop.call_later(0.004, toolkit.quit)
    toolkit.run()
    assert ran == ['timer']


def test_stop_of_an_attached_loop_ends_the_toolkits_loop(loop, toolkit):
    loop.attach()
    loop.call_soon(loop.stop)
    toolkit.run()
    assert toolkit.levels == 0


def test_an_attached_loop_may_be_run_once_more_to_end_its_business(loop, toolkit):
    loop.attach()
    pair = connected(loop)
    toolkit.event(toolkit.quit)
    toolkit.run()
    pair.client.transport.close()
    until(loop, lambda: pair.server.state == 'lost')
    assert pair.server.lost_with is None


def test_a_detached_loop_is_driven_no_more(loop, toolkit):
    ran = []
    loop.attach()
    loop.detach()
    loop.call_soon(ran.append, 'never')
    toolkit.event(toolkit.quit)
    toolkit.run()
    assert ran == []


def test_between_runs_nothing_happens(loop, toolkit):
    ran = []
    loop.call_soon(ran.append, 'later')
    toolkit.event(toolkit.quit)
    toolkit.run()
    assert ran == []


def test_close_closes_the_toolkit(toolkit):
    loop = GuestLoop(toolkit)
    loop.close()
    assert toolkit.closed


def test_a_closed_guest_cannot_be_attached(toolkit):
    loop = GuestLoop(toolkit)
    loop.close()
    with pytest.raises(LoopClosed):
        loop.attach()


def test_a_guest_cannot_be_closed_from_within(loop):
    caught = []

    def inside():
        with pytest.raises(RuntimeError):
            loop.close()
        caught.append(1)
        loop.stop()

    loop.attach()
    loop.call_soon(inside)
    loop.toolkit.run()
    assert caught == [1]


def test_a_callback_that_raises_is_logged_by_us_and_the_toolkit_lives(loop, toolkit, expect_log):
    seen = expect_log('a callback failed')

    def fail():
        raise ValueError('this one')

    loop.attach()
    loop.call_soon(fail)
    loop.call_later(0.003, toolkit.quit)
    toolkit.run()
    assert len(seen) == 1


@pytest.mark.parametrize('kind', [SystemExit, KeyboardInterrupt])
def test_an_exit_from_a_callback_comes_out_of_run(loop, kind):
    def leave():
        raise kind()

    loop.call_soon(leave)
    with pytest.raises(kind):
        loop.run()
    loop.call_soon(loop.stop)
    loop.run()


def test_the_toolkits_own_events_have_their_turn_in_a_storm_of_callbacks(loop, toolkit):
    seen = []

    def again():
        loop.call_soon(again)

    def event():
        seen.append(1)
        if len(seen) == 20:
            loop.stop()
        toolkit.event(event)

    loop.call_soon(again)
    toolkit.event(event)
    loop.run()
    assert len(seen) >= 20


def test_a_busy_loop_lets_the_toolkit_rest(loop, toolkit, monkeypatch):
    monkeypatch.setattr(guestloop, 'BUSY_SECONDS', 0.002)
    monkeypatch.setattr(guestloop, 'PAUSE_SECONDS', 10.0)       # of a machine that is busy, too
    rests = []
    before = toolkit.unwatch

    def unwatch():
        rests.append(1)
        before()

    def again():
        loop.call_soon(again)

    toolkit.unwatch = unwatch
    loop.call_soon(again)
    until(loop, lambda: len(rests) > 2)
    assert toolkit.levels == 0


def test_ten_thousand_timers_set_the_toolkits_timer_a_few_times(loop, toolkit):
    made = []
    before = toolkit.call_later

    def call_later(seconds, callback):
        made.append(seconds)
        return before(seconds, callback)

    toolkit.call_later = call_later
    ran = []

    def storm():
        for number in range(10000):
            loop.call_later(0.001 + number * 1e-7, ran.append, number)
        loop.call_later(0.003, loop.stop)

    loop.call_soon(storm)
    loop.run()
    assert len(ran) == 10000
    assert len(made) < 100


def test_failures_of_a_guest_go_to_its_exception_handler(loop):
    failures = Failures(loop)

    def fail():
        loop.call_soon(loop.stop)
        raise ValueError('this one')

    loop.call_soon(fail)
    loop.run()
    assert [where for where, _ in failures.seen] == ['a callback']


def test_ours_drives_theirs_until_stop(toolkit):
    loop = GuestLoop(toolkit, hosts=True)
    ran = []
    toolkit.event(ran.append, 'theirs')
    loop.call_later(0.002, ran.append, 'ours')
    loop.call_later(0.004, loop.stop)
    loop.run()
    loop.close()
    assert ran == ['theirs', 'ours']
