# Copyright the carryall authors.  See LICENSE.
"""L21: a connection that has more to do than its share of a turn goes on in a later one,
and others come first."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import ConnectionLost
from carryall.core.line.framing import LineProtocol
from carryall.core.net.protocol import Protocol
from carryall.core.tls import connect_tls, listening
from carryall.core.net.turns import MAX_STEPS, Turns
from carryall.runtimes import tls as providers
from tests.contract.support import Failures, settle, until
from tests.core.tls.material import material

LINES = 1500                # of one that has much to say
PIECE = 65536               # octets that a backend reads at once, at the most


class Watched(object):
    """Counts the turns of a loop, on which a line takes a tenth of a millisecond that passes
    nowhere else."""

    def __init__(self, loop):
        self.loop = loop
        self.now = 0.0
        self.turn = 0
        self.lines = 0
        self.most = 0               # lines of one connection in one turn
        self.most_together = 0      # lines of all in one turn
        self._this_turn = 0
        loop.turns = Turns(lambda: self.now, loop.call_soon, loop.report_failure)

    def _next_turn(self):
        self.turn += 1
        self._this_turn = 0

    def line(self, protocol):
        """*protocol* has a line."""
        if not self._this_turn:
            self.loop.call_soon(self._next_turn)
        self.now += 0.0001
        self.lines += 1
        self._this_turn += 1
        protocol.in_turn = protocol.in_turn + 1 if protocol.turn == self.turn else 1
        protocol.turn = self.turn
        self.most = max(self.most, protocol.in_turn)
        self.most_together = max(self.most_together, self._this_turn)


class Quiet(object):
    """Stands for a Watched and counts no lines."""

    lines = 0


class Server(LineProtocol):
    """Answers each line with itself."""

    turn = 0
    in_turn = 0
    longest = 0

    def __init__(self, watched):
        LineProtocol.__init__(self)
        self.watched = watched
        self.heard = []
        self.lost = []

    def line_received(self, line):
        self.watched.line(self)
        self.heard.append(line)
        self.longest = max(self.longest, len(self._buffer))
        self.send_line(line)

    def connection_lost(self, exc):
        self.lost.append(exc)


class Talker(Protocol):
    """Says everything at once."""

    def __init__(self, said, eof=False):
        self.said = said
        self.eof = eof
        self.size = 0

    def connection_made(self, transport):
        self.transport = transport
        transport.write(self.said)
        if self.eof:
            transport.write_eof()

    def data_received(self, data):
        self.size += len(data)


class Asker(Protocol):
    """Says the next line when the last has been answered."""

    def __init__(self, watched, count):
        self.watched = watched
        self.count = count
        self.lines_before = 0           # of others, until all was answered

    def connection_made(self, transport):
        self.transport = transport
        transport.write(b'ask\r\n')

    def data_received(self, data):
        if data[-1:] == b'\n':
            self.count -= 1
            if self.count > 0:
                self.transport.write(b'ask\r\n')
            elif not self.count:
                self.lines_before = self.watched.lines


def numbered(count):
    return [b'%06d' % number for number in range(count)]


def served(loop, watched, server=Server):
    """(the port, the servers that were made)."""
    made = []

    def factory():
        made.append(server(watched))
        return made[-1]

    return loop.listen_tcp(factory).address.port, made


def talk(loop, port, talker):
    return loop.run_until(loop.connect_tcp(lambda: talker, '127.0.0.1', port))[1]


def test_l21_one_that_says_much_is_heard_over_many_turns(loop):
    watched = Watched(loop)
    port, made = served(loop, watched)
    lines = numbered(LINES)
    talker = talk(loop, port, Talker(b'\r\n'.join(lines) + b'\r\n', eof=True))
    until(loop, lambda: made and made[0].lost)
    assert made[0].heard == lines, 'all, and in order, with the end behind them'
    assert made[0].lost == [None]
    assert watched.most <= MAX_STEPS
    until(loop, lambda: talker.size == 8 * LINES)


def test_l21_one_that_asks_is_answered_before_those_that_say_much(loop):
    watched = Watched(loop)
    port, _ = served(loop, watched)
    for _ in range(20):
        talk(loop, port, Talker(b'\r\n'.join(numbered(LINES)) + b'\r\n'))
    asker = talk(loop, port, Asker(watched, 5))
    until(loop, lambda: asker.lines_before)
    assert asker.lines_before < 20 * LINES // 2
    assert watched.most_together <= 20 * MAX_STEPS


def test_l21_callbacks_of_a_command_run_before_waiting_shares(machine):
    seen = []

    class Queueing(LineProtocol):
        def line_received(self, line):
            seen.append('line')
            machine.call_soon(seen.append, 'reply')
            self.send_line(line)

    def work():
        seen.append('share')
        if seen.count('reply') < 5:
            machine.turns.wait(work, None)

    port = machine.listen_tcp(Queueing).address.port
    machine.turns.wait(work, None)
    talk(machine, port, Asker(Quiet, 5))
    until(machine, lambda: seen.count('reply') == 5)
    behind = [seen[place + 1] for place, what in enumerate(seen) if what == 'line']
    assert behind == ['reply'] * 5


def test_l21_one_that_has_much_to_do_reads_no_more(machine):
    watched = Watched(machine)
    port, made = served(machine, watched)
    talk(machine, port, Talker(b'x' * 998 + b'\r\n' + b'\r\n' * 500000))
    until(machine, lambda: watched.lines > 1000)
    assert made[0].longest <= 3 * PIECE


def test_l21_a_pause_holds_and_nothing_is_lost(loop):
    class Pausing(Server):
        def line_received(self, line):
            Server.line_received(self, line)
            if len(self.heard) % 7 == 0:
                self.pause()
                loop.call_soon(self.unpause)

    watched = Watched(loop)
    port, made = served(loop, watched, Pausing)
    lines = numbered(LINES // 4)
    talk(loop, port, Talker(b'\r\n'.join(lines) + b'\r\n', eof=True))
    until(loop, lambda: made and made[0].lost)
    assert made[0].heard == lines


def test_l21_a_pause_of_another_kind_does_not_end_early(loop):
    class Held(Server):
        def line_received(self, line):
            Server.line_received(self, line)
            if len(self.heard) == MAX_STEPS + 5:
                self.pause()

    watched = Watched(loop)
    port, made = served(loop, watched, Held)
    talk(loop, port, Talker(b'\r\n'.join(numbered(500)) + b'\r\n'))
    until(loop, lambda: made and len(made[0].heard) == MAX_STEPS + 5)
    settle(loop)
    assert len(made[0].heard) == MAX_STEPS + 5
    made[0].unpause()
    until(loop, lambda: len(made[0].heard) == 500)


def test_l21_a_close_is_the_end_of_it(loop):
    class Leaving(Server):
        def line_received(self, line):
            Server.line_received(self, line)
            if len(self.heard) == 3 * MAX_STEPS:
                self.transport.close()

    watched = Watched(loop)
    port, made = served(loop, watched, Leaving)
    talk(loop, port, Talker(b'\r\n'.join(numbered(LINES)) + b'\r\n'))
    until(loop, lambda: made and made[0].lost)
    settle(loop)
    assert len(made[0].heard) == 3 * MAX_STEPS
    assert made[0].lost == [None]


def test_l21_a_failure_in_a_later_turn_aborts(machine):
    class Failing(Server):
        def line_received(self, line):
            Server.line_received(self, line)
            if len(self.heard) == 3 * MAX_STEPS:
                raise KeyError('a fault')

    failures = Failures(machine)
    watched = Watched(machine)
    port, made = served(machine, watched, Failing)
    talk(machine, port, Talker(b'\r\n'.join(numbered(LINES)) + b'\r\n'))
    until(machine, lambda: made and made[0].lost)
    assert made[0].lost == [None]
    assert len(failures.seen) == 1
    where, exc = failures.seen[0]
    assert where.startswith('data_received of the connection with 127.0.0.1')
    assert type(exc) is KeyError


def test_l21_a_connection_that_breaks_while_it_waits_is_forgotten(machine):
    watched = Watched(machine)
    port, made = served(machine, watched)
    talker = talk(machine, port, Talker(b'\r\n'.join(numbered(LINES)) + b'\r\n'))
    until(machine, lambda: watched.lines > MAX_STEPS)
    talker.transport.abort()
    made[0].transport.abort()
    until(machine, lambda: made[0].lost)
    heard = len(made[0].heard)
    settle(machine)
    assert len(made[0].heard) == heard
    assert made[0].lost[0] is None or isinstance(made[0].lost[0], ConnectionLost)


@pytest.mark.skipif(providers.available() is not True, reason=str(providers.available()))
def test_l21_under_tls_too(loop):
    watched = Watched(loop)
    made = []

    def factory():
        made.append(Server(watched))
        return made[-1]

    listener = loop.listen_tcp(listening(loop, material().server(), factory))
    lines = numbered(LINES)
    said = b'\r\n'.join(lines) + b'\r\n'
    loop.run_until(connect_tls(loop, material().client(), lambda: Talker(said), '127.0.0.1',
                               listener.address.port, 'localhost'))
    until(loop, lambda: made and len(made[0].heard) == LINES)
    assert made[0].heard == lines
    assert watched.most <= MAX_STEPS
