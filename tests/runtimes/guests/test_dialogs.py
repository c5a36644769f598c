# Copyright the carryall authors.  See LICENSE.
"""Modal dialogs of each toolkit that --backend names; of a fake if it names none."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import StrictProtocol
from tests.contract.support import connected, until
from tests.runtimes.guests.dialogs import Dialog, chosen, make


def pytest_generate_tests(metafunc):
    """Runs on each toolkit that was named."""
    metafunc.parametrize('toolkit', chosen(metafunc.config))


@pytest.fixture
def loop(toolkit):
    """A guest."""
    made = make(toolkit)
    yield made
    made.close()


@pytest.fixture
def dialog(loop, toolkit):
    """A dialog that is not open yet."""
    return Dialog(loop, toolkit)


def asking(loop, dialog):
    """A Pair whose server opens the dialog when something comes, and sends it that."""
    class Asker(StrictProtocol):
        """Asks, once."""

        def received(self, data):
            """It asks while the callback is under way."""
            if not dialog.ended:
                dialog.open()

    pair = connected(loop, server=Asker)
    pair.client.transport.write(b'ask')
    return pair


def test_other_connections_and_timers_go_on_in_a_dialog_of_data_received(loop, dialog):
    other = connected(loop)
    asking(loop, dialog)
    seen = []

    def when_open():
        if not dialog.is_open:
            loop.call_later(0.002, when_open)
            return
        other.client.transport.write(b'meanwhile')
        loop.call_later(0.002, when_served)

    def when_served():
        if other.server.data != b'meanwhile':
            loop.call_later(0.002, when_served)
            return
        seen.append(dialog.is_open)
        dialog.closed = True

    loop.call_later(0.002, when_open)
    until(loop, lambda: dialog.ended)
    assert seen == [True]


def test_the_connection_of_the_dialog_hears_nothing_until_it_is_closed(loop, dialog):
    pair = asking(loop, dialog)
    heard = []

    def more():
        if not dialog.is_open:
            loop.call_later(0.002, more)
            return
        pair.client.transport.write(b'more')
        loop.call_later(0.05, close)

    def close():
        heard.append(pair.server.data)
        dialog.closed = True

    loop.call_later(0.002, more)
    until(loop, lambda: pair.server.data == b'askmore')
    assert heard == [b'ask']


def test_a_dialog_of_the_programs_own_serves_all_connections(loop, dialog):
    pair = connected(loop)
    kept = [loop.toolkit.call_later(0.0, dialog.open)]

    def close():
        if pair.server.data == b'in it':
            dialog.closed = True
        else:
            if dialog.is_open and not pair.server.data:
                pair.client.transport.write(b'in it')
            loop.call_later(0.005, close)

    loop.call_soon(close)
    until(loop, lambda: dialog.ended)
    assert pair.server.data.startswith(b'in it')
    assert kept


def test_a_callback_that_raises_in_a_dialog_is_ours_to_log(loop, dialog, expect_log):
    seen = expect_log('a callback failed')
    kept = [loop.toolkit.call_later(0.0, dialog.open)]

    def fail():
        if not dialog.is_open:
            loop.call_later(0.002, fail)
            return
        loop.call_later(0.002, close)
        raise ValueError('this one')

    def close():
        dialog.closed = True

    loop.call_soon(fail)
    until(loop, lambda: dialog.ended)
    assert len(seen) == 1
    assert kept


def test_a_stop_in_a_dialog_ends_both_loops_behind_it(loop, dialog):
    kept = [loop.toolkit.call_later(0.0, dialog.open)]

    def stop():
        if not dialog.is_open:
            loop.call_later(0.002, stop)
            return
        kept.append(loop.toolkit.call_later(0.05, close))
        loop.stop()

    def close():
        dialog.closed = True

    loop.call_soon(stop)
    loop.run()
    assert not loop.running
