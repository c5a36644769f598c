# Copyright the carryall authors.  See LICENSE.
"""The skeleton of the loop: what needs no machine (the laws stand in tests/contract)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import LoopClosed, Unsupported
from carryall.core.net.loop import MAX_CANCELLED, Caps
from carryall.core.testing import Stalled, VirtualLoop


def test_caps_say_why_not():
    caps = Caps(unix=True, multicast=u'no such card')
    assert caps.unix is True and caps.multicast is False and caps.tls is False
    assert caps.why_not('multicast') == u'no such card' and caps.why_not('unix') is None \
        and caps.why_not('tls')
    caps.require('unix')
    with pytest.raises(Unsupported) as caught:
        caps.require('multicast')
    assert 'no such card' in str(caught.value)
    with pytest.raises(TypeError):
        Caps(wings=True)


def test_cancelled_timers_do_not_pile_up():
    loop = VirtualLoop()
    kept = [loop.call_later(5.0, lambda: None) for _ in range(10)]
    for _ in range(20 * MAX_CANCELLED):
        loop.call_later(60.0, lambda: None).cancel()
    assert len(loop._timers) <= 2 * MAX_CANCELLED + len(kept)


def test_a_cancelled_handle_is_not_called():
    loop = VirtualLoop()
    seen = []
    handle = loop.call_soon(seen.append, 1)
    timer = loop.call_later(1.0, seen.append, 2)
    handle.cancel()
    timer.cancel()
    timer.cancel()
    loop.call_later(2.0, seen.append, 3)
    loop.advance(5.0)
    assert seen == [3] and handle.cancelled() and timer.cancelled()


def test_a_callback_that_queues_itself_does_not_keep_time_from_passing():
    loop = VirtualLoop()
    count = [0]

    def again():
        count[0] += 1
        if count[0] < 1000:
            loop.call_soon(again)

    again()
    loop.call_later(0.0, loop.stop)
    loop.run()
    assert count[0] < 10, 'the timer came after %d turns' % count[0]


def test_stalled_instead_of_waiting_for_ever():
    with pytest.raises(Stalled):
        VirtualLoop().run()


def test_a_closed_loop_takes_nothing():
    loop = VirtualLoop()
    loop.close()
    for call in (lambda: loop.call_soon(len), lambda: loop.call_later(1, len), loop.run,
                 lambda: loop.listen_tcp(len)):
        with pytest.raises(LoopClosed):
            call()


class _Waiting(object):
    """A transport."""


def test_waiting_work_runs_after_the_replies_of_a_turn():
    loop = VirtualLoop()
    seen = []
    loop.turns.wait(lambda: seen.append('share'), _Waiting())
    loop.call_soon(seen.append, 'reply')
    loop.advance()
    assert seen == ['reply', 'share']


def test_waiting_work_goes_on_in_a_later_turn():
    loop = VirtualLoop()
    seen = []

    def more_is_here():
        loop.turns.wait(lambda: seen.append('share'), _Waiting())
        loop.call_soon(seen.append, 'the next turn')

    loop.call_soon(more_is_here)
    loop.advance()
    assert seen == ['the next turn', 'share']


def test_a_loop_does_not_wait_for_events_while_shares_are_due():
    loop = VirtualLoop()
    seen = []
    loop.turns.wait(lambda: seen.append('share'), _Waiting())
    loop.call_later(60.0, seen.append, 'timer')
    loop.call_later(61.0, loop.stop)
    loop.run()
    assert seen == ['share', 'timer']


def test_a_closed_loop_gives_no_shares():
    loop = VirtualLoop()
    seen = []
    loop.turns.wait(lambda: seen.append('share'), _Waiting())
    loop.close()
    assert loop.at_end is None
