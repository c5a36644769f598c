# Copyright the carryall authors.  See LICENSE.
"""Both directions, the end of either side, storms, failures and nested dialogs, under each toolkit
that --backend names; a fake if it names none."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import StrictProtocol
from tests.contract.support import connected, until
from tests.runtimes.guests.dialogs import Dialog, chosen, make

STORM = 2000                # timers that are due all the time
TICKS = 5                   # events of the toolkit's own that must come through


def pytest_generate_tests(metafunc):
    """Runs in both directions, on each toolkit that was named."""
    rows = []
    for name in chosen(metafunc.config):
        rows.append((name, False))
        # Java's dispatch thread runs itself.
        if name != 'swing' and 'dialog' not in metafunc.function.__name__:
            rows.append((name, True))
    metafunc.parametrize('toolkit, hosts', rows, ids=[
        '%s, %s drives' % (name, 'ours' if hosts else 'theirs') for name, hosts in rows])


@pytest.fixture
def loop(toolkit, hosts):
    """A guest, or a host."""
    made = make(toolkit, hosts)
    yield made
    made.close()


def test_a_stop_of_ours_ends_the_run_each_time(loop):
    ended = []
    for number in range(3):
        loop.call_later(0.002, loop.stop)
        loop.run()
        ended.append(loop.running)
    assert ended == [False, False, False]


def test_close_behind_the_end_loses_each_connection_in_order(loop):
    pair = connected(loop)
    loop.call_later(0.002, loop.stop)
    loop.run()
    loop.close()
    assert (pair.client.state, pair.server.state) == ('lost', 'lost')


def test_their_end_ends_ours(loop, hosts):
    if hosts:                   # no loop of theirs runs that could end
        loop.call_later(0.002, loop.stop)
    else:
        loop.call_later(0.002, loop.toolkit.quit)
    loop.run()
    assert not loop.running


def test_an_attached_loop_serves_until_stop_ends_the_toolkits_loop(loop):
    pair = connected(loop)
    heard = []

    def look():
        if pair.server.data == b'served':
            heard.append(pair.server.data)
            loop.stop()
        else:
            loop.call_later(0.002, look)

    def begin():
        pair.client.transport.write(b'served')
        look()

    loop.attach()
    loop.call_soon(begin)
    loop.toolkit.prepare()
    loop.toolkit.run()          # as root.mainloop(), Gtk.main(), app.exec() do
    loop.detach()
    assert heard == [b'served']


def test_a_storm_of_timers_keeps_neither_connections_nor_the_toolkit_waiting(loop):
    pair = connected(loop)
    ticks = []
    kept = []

    def tick():
        ticks.append(1)
        if len(ticks) < TICKS:
            kept[:] = [loop.toolkit.call_later(0.0, tick)]

    def again():
        if len(ticks) < TICKS or not pair.server.data:
            loop.call_later(0.0, again)

    for _ in range(STORM):
        loop.call_later(0.0, again)
    kept.append(loop.toolkit.call_later(0.0, tick))
    loop.call_later(0.005, pair.client.transport.write, b'in the storm')
    until(loop, lambda: len(ticks) == TICKS and pair.server.data == b'in the storm')


def test_callbacks_that_raise_are_logged_and_the_toolkit_lives(loop, expect_log):
    seen = expect_log('failed')

    class Raises(StrictProtocol):
        def received(self, data):
            raise ValueError('of a connection')

    def fail(what):
        raise ValueError(what)

    pair = connected(loop, server=Raises)
    other = connected(loop)
    pair.client.transport.write(b'x')
    loop.call_soon(fail, 'of a callback')
    loop.call_later(0.002, fail, 'of a timer')
    until(loop, lambda: len(seen) >= 3)
    other.client.transport.write(b'lives')
    until(loop, lambda: other.server.data == b'lives')


def test_dialogs_within_dialogs_of_two_connections_are_closed_in_order(loop, toolkit):
    outer = Dialog(loop, toolkit)
    inner = Dialog(loop, toolkit)
    order = []

    def asks(dialog, name):
        class Asks(StrictProtocol):
            """Opens a modal dialog."""

            def received(self, data):
                dialog.open()
                order.append(name)

        return Asks

    first = connected(loop, server=asks(outer, 'outer'))
    second = connected(loop, server=asks(inner, 'inner'))
    third = connected(loop)
    asked = []

    def ask_once(pair):
        if pair not in asked:
            asked.append(pair)
            pair.client.transport.write(b'ask')

    def step():
        if not outer.is_open:
            ask_once(first)
        elif not inner.is_open and not inner.ended:
            ask_once(second)
        elif not third.server.data:
            ask_once(third)
        elif not inner.closed:
            inner.closed = True
        elif inner.ended:
            outer.closed = True
            return
        loop.call_later(0.01, step)

    loop.call_soon(step)
    until(loop, lambda: outer.ended)
    assert order == ['inner', 'outer']
