# Copyright the carryall authors.  See LICENSE.
"""GatheringProtocol: replies in one write, and the two bounds in time."""
from __future__ import absolute_import, division, print_function

from carryall.core.line.commandtable import FAILED, TOO_LONG, UNKNOWN, Command, CommandTable
from carryall.core.net.deadlines import Sweeper
from carryall.core.future import Future
from carryall.core.line.commandserver import Courier, GatheringProtocol
from carryall.core.testing import FakeTransport, VirtualLoop, play


class Server(GatheringProtocol):
    """NOOP, WORK, WAIT for a future, QUIT."""

    commands = CommandTable([Command(b'NOOP', 'cmd_noop'), Command(b'WORK', 'cmd_work'), Command(b'WAIT', 'cmd_wait'),
                             Command(b'QUIT', 'cmd_quit')])
    refusals = {UNKNOWN: b'no', FAILED: b'failed', TOO_LONG: b'long'}
    idle_seconds = 10.0
    allowed = 60.0

    def __init__(self, loop, sweeper=None):
        GatheringProtocol.__init__(self, loop, sweeper)
        self.waiting = Future()

    def connection_made(self, transport):
        self.progress(self.allowed)
        GatheringProtocol.connection_made(self, transport)

    def idle_expired(self):
        self.say_goodbye(b'time', heard=True)

    def cmd_noop(self):
        return b'ok'

    def cmd_work(self):
        self.progress(self.allowed)
        return b'done'

    def cmd_wait(self):
        return self.waiting

    def cmd_quit(self):
        self.say_goodbye(b'bye', heard=True)


def connected():
    loop = VirtualLoop()
    server = Server(loop)
    return loop, server, FakeTransport(loop).connect(server)


def test_one_write_for_one_piece():
    loop, server, wire = connected()
    pieces = []
    wire.write = pieces.append
    wire.feed(b'NOOP\r\nXXXX\r\nNOOP\r\nNO')
    assert pieces == [b'ok\r\nno\r\nok\r\n']
    wire.feed(b'OP\r\n')
    assert pieces[1:] == [b'ok\r\n']


def test_at_every_chunking():
    assert play(Server, b'NOOP\r\nWORK\r\nx\r\nQUIT\r\nNOOP\r\n') == b'ok\r\ndone\r\nno\r\nbye\r\n', 'and nothing behind the last word'


def test_a_courier_takes_the_replies_of_one_turn_together():
    loop = VirtualLoop()
    courier, order = Courier(loop), []
    wires = []
    for number in range(3):
        server = Server(loop)
        server.courier = courier
        wires.append(FakeTransport(loop).connect(server))
        wires[-1].write = lambda data, number=number: order.append((number, data))
    for turn in range(2):
        for number in (0, 1):
            wires[number].feed(b'NOOP\r\nWORK\r\n')
        assert order == [], 'before all was read'
        loop.advance()
        assert order == [(0, b'ok\r\ndone\r\n'), (1, b'ok\r\ndone\r\n')]
        del order[:]
    wires[2].feed(b'NOOP\r\nQUIT\r\n')
    assert order == [(2, b'ok\r\nbye\r\n')], 'the last word goes before the close'
    wires[0].feed(b'NOOP\r\n')
    wires[1].feed(b'NOOP\r\n')
    wires[0].lose()
    loop.advance()
    assert (1, b'ok\r\n') in order and not loop.failures


def test_a_late_answer_does_not_wait_for_the_courier():
    loop = VirtualLoop()
    server = Server(loop)
    server.courier = Courier(loop)
    wire = FakeTransport(loop).connect(server)
    wire.feed(b'NOOP\r\nWAIT\r\nNOOP\r\n')
    server.waiting.set_result(b'there')
    loop.advance()
    assert wire.take() == b'ok\r\nthere\r\nok\r\n', 'in their order'


def test_an_answer_that_comes_later():
    loop, server, wire = connected()
    wire.feed(b'NOOP\r\nWAIT\r\nNOOP\r\n')
    loop.advance(100.0)
    assert wire.take() == b'ok\r\n' and not wire.closed, 'the client is not to blame'
    server.waiting.set_result(b'there')
    loop.advance()
    assert wire.take() == b'there\r\nok\r\n'


def test_idle():
    loop, server, wire = connected()
    loop.advance(9.0)
    wire.feed(b'NOOP\r\n')
    loop.advance(9.0)
    assert not wire.closed
    loop.advance(2.0)
    assert wire.take() == b'ok\r\ntime\r\n' and wire.closed


def test_commands_that_move_nothing_are_not_enough():
    loop, server, wire = connected()
    seconds = 0
    while not wire.closed and seconds < 1000:
        wire.feed(b'NOOP\r\n')
        loop.advance(5.0)
        seconds += 5
    assert 60 <= seconds <= 65 and wire.take().endswith(b'ok\r\ntime\r\n')


def test_progress_buys_time():
    loop, server, wire = connected()
    for _ in range(50):
        wire.feed(b'WORK\r\n')
        loop.advance(9.0)
    assert not wire.closed
    assert wire.take() == b'done\r\n' * 50


def test_the_first_client_after_a_quiet_time_has_its_time():
    loop = VirtualLoop()
    sweeper = Sweeper(loop)
    FakeTransport(loop).connect(Server(loop, sweeper)).lose()
    loop.advance(600.0)
    wire = FakeTransport(loop).connect(Server(loop, sweeper))
    loop.advance(9.0)
    wire.feed(b'NOOP\r\n')
    assert wire.take() == b'ok\r\n' and not wire.closed


def test_a_sweeper_is_shared():
    loop = VirtualLoop()
    sweeper = Sweeper(loop)
    wires = [FakeTransport(loop).connect(Server(loop, sweeper)) for _ in range(3)]
    assert len(sweeper) == 3
    wires[0].lose()
    loop.advance()
    assert len(sweeper) == 2
    loop.advance(12.0)
    assert [wire.closed for wire in wires[1:]] == [True, True] and len(sweeper) == 0


def test_who_asks_and_does_not_read():
    """However much is asked in one piece, no more replies are made than the transport holds; none is lost or overtaken."""
    loop, server, wire = connected()
    wire.clog()
    asked = b''.join(b'NOOP\r\nx\r\n' + b'NOOP\r\n' * 8 for _ in range(5000))
    for _ in range(3):
        wire.feed(asked)
    assert not wire.reading and wire.get_write_buffer_size() < 100000
    answer = b''
    while wire.get_write_buffer_size():
        wire.drain(7000)
        answer += wire.take()
        loop.advance()
        assert wire.get_write_buffer_size() < 100000
    assert answer == (b'ok\r\nno\r\n' + b'ok\r\n' * 8) * 15000 and wire.reading


def test_who_asks_and_does_not_read_is_told_to_go_in_time():
    loop, server, wire = connected()
    wire.clog()
    wire.feed(b'NOOP\r\n' * 50000)
    loop.advance(12.0)
    assert wire.closed


def test_an_answer_that_comes_while_nobody_reads():
    """The command's own wait and that for the peer end in either order."""
    for late in (False, True):
        loop, server, wire = connected()
        wire.clog()
        wire.set_write_buffer_limits(10)
        wire.feed(b'NOOP\r\n' * 2 + b'WAIT\r\nNOOP\r\n')
        server.transport.write(b'x' * 20)
        if late:
            wire.unclog()
        server.waiting.set_result(b'there')
        loop.advance()
        if not late:
            assert not wire.reading, 'the answer is there, and is not read'
            wire.unclog()
        loop.advance()
        assert wire.take().endswith(b'there\r\nok\r\n') and wire.reading
