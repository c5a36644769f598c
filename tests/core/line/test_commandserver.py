# Copyright the carryall authors.  See LICENSE.
"""CommandServer: dispatch, refusals, later answers, gathered replies and time limits."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError
from carryall.core.line.commandtable import (ARITY, BUDGET, FAILED, FORBIDDEN, TOO_LONG, UNKNOWN,
                                             WRONG_STATE, Command, CommandTable)
from carryall.core.net.deadlines import sweeper_of
from carryall.core.future import Future, coroutine, sleep
from carryall.core.line.commandserver import DRAINING, LEAVING, SERVING, CommandServer, Courier
from carryall.core.testing import FakeTransport, VirtualLoop, play, transcript


class Server(CommandServer):
    """NOOP, WORK, WAIT for a future, QUIT."""

    commands = CommandTable([Command(b'NOOP', 'cmd_noop'), Command(b'WORK', 'cmd_work'),
                             Command(b'WAIT', 'cmd_wait'), Command(b'QUIT', 'cmd_quit')])
    refusals = {UNKNOWN: b'no', FAILED: b'failed', TOO_LONG: b'long'}
    idle_seconds = 10.0
    allowed = 60.0

    def __init__(self, loop):
        CommandServer.__init__(self, loop)
        self.waiting = Future()

    def connection_made(self, transport):
        self.progress(self.allowed)
        CommandServer.connection_made(self, transport)

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
    assert play(Server, b'NOOP\r\nWORK\r\nx\r\nQUIT\r\nNOOP\r\n') \
        == b'ok\r\ndone\r\nno\r\nbye\r\n', 'and nothing behind the last word'


def test_a_courier_takes_the_replies_of_one_turn_together():
    loop = VirtualLoop()
    courier = Courier(loop)
    order = []
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


def gathered(least):
    """(loop, server, pieces that went out) with a courier."""
    loop = VirtualLoop()
    server = Server(loop)
    server.courier = Courier(loop, least)
    pieces = []
    FakeTransport(loop).connect(server).write = pieces.append
    return loop, server, pieces


def test_gathered_lines_leave_in_one_piece_at_the_end_of_the_turn():
    loop, server, pieces = gathered(0.0)
    server.gather(b'one\r\n')
    server.gather(b'two\r\n')
    before = list(pieces)
    loop.advance()
    assert (before, pieces) == ([], [b'one\r\ntwo\r\n'])


def test_gathered_lines_wait_while_much_is_said():
    loop, server, pieces = gathered(0.005)
    server.gather(b'one\r\n')
    loop.advance()
    for line in (b'two\r\n', b'three\r\n'):
        server.gather(line)
        loop.advance(0.001)
    before = list(pieces)
    loop.advance(0.005)
    assert (before, pieces) == ([b'one\r\n'], [b'one\r\n', b'two\r\nthree\r\n'])


def test_gathered_lines_leave_at_once_without_a_courier():
    loop, server, pieces = gathered(0.0)
    server.courier = None
    server.gather(b'one\r\n')
    assert pieces == [b'one\r\n']


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


def test_an_idle_client_is_disconnected():
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
    FakeTransport(loop).connect(Server(loop)).lose()
    loop.advance(600.0)
    wire = FakeTransport(loop).connect(Server(loop))
    loop.advance(9.0)
    wire.feed(b'NOOP\r\n')
    assert wire.take() == b'ok\r\n' and not wire.closed


def test_a_sweeper_is_shared():
    loop = VirtualLoop()
    sweeper = sweeper_of(loop)
    wires = [FakeTransport(loop).connect(Server(loop)) for _ in range(3)]
    assert len(sweeper) == 3
    wires[0].lose()
    loop.advance()
    assert len(sweeper) == 2
    loop.advance(12.0)
    assert [wire.closed for wire in wires[1:]] == [True, True] and len(sweeper) == 0


def test_replies_wait_for_a_client_that_does_not_read():
    """However much is asked in one piece, no more replies are made than the transport holds; none
    is lost or overtaken."""
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


def test_a_client_that_never_reads_is_disconnected_in_time():
    loop, server, wire = connected()
    wire.clog()
    wire.feed(b'NOOP\r\n' * 50000)
    loop.advance(12.0)
    assert wire.closed


def test_an_answer_may_end_while_the_client_does_not_read():
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


class Refuser(CommandServer):
    commands = CommandTable([
        Command(b'ECHO', 'cmd_echo', args=(1, 2), syntax=b'ECHO <a> [b]'),
        Command(b'TEXT', 'cmd_text', args=None),
        Command(b'LATER', 'cmd_later'),
        Command(b'IN', 'cmd_in', states=('in',)),
        Command(b'LOGIN', 'cmd_login', states=('out',)),
        Command(b'SECRET', 'cmd_in', auth=True),
        Command(b'TWICE', 'cmd_in', budget=2),
        Command(b'BREAK', 'cmd_break'),
        Command(b'REFUSE', 'cmd_refuse')])
    refusals = {UNKNOWN: b'500 %(verb)s?', WRONG_STATE: b'503 not now', ARITY: b'501 %(syntax)s',
                FORBIDDEN: b'530 no', BUDGET: b'421 enough', FAILED: b'451 failed',
                TOO_LONG: b'500 too long'}
    state = 'out'
    max_line = 40
    idle_seconds = 60.0

    def cmd_echo(self, *words):
        return b'200 ' + b'|'.join(words)

    def cmd_text(self, text):
        return b'200 [' + text + b']'

    def cmd_later(self):
        return sleep(self.clock, 100.0).then(lambda _: b'200 later')

    def cmd_login(self):
        self.state = 'in'
        return b'230 in'

    def cmd_in(self):
        return b'200 ok'

    def cmd_break(self):
        raise KeyError('inside')

    def cmd_refuse(self):
        raise RemoteProtocolError('why', reply=b'550 because')


def test_replies_and_refusals():
    transcript(Refuser, 'C: echo a b', 'S: 200 a|b', 'C: Echo', 'S: 501 ECHO <a> [b]',
               'C: ECHO 1 2 3', 'S: 501 ECHO <a> [b]',
               'C: TEXT  two  words ', 'S: 200 [ two  words ]', 'C: IN', 'S: 503 not now',
               'C: LOGIN', 'S: 230 in', 'C: IN', 'S: 200 ok', 'C: SECRET', 'S: 530 no',
               'C: cmd_echo', 'S: 500 CMD_ECHO?', 'C: __class__', 'S: 500 __CLASS__?', 'C: REFUSE',
               'S: 550 because', 'C: ' + 'x' * 50, 'S: 500 too long', 'C: TWICE', 'S: 200 ok',
               'C: TWICE', 'S: 200 ok', 'C: TWICE', 'S: 421 enough')


def test_pipelined_commands_wait_in_order_and_idle_rests():
    transcript(Refuser, 'C: LATER', 'C: ECHO 1', 'C: ECHO 2', 'C: <99 s>', 'C: <2 s>',
               'S: 200 later', 'S: 200 1', 'S: 200 2', 'C: <62 s>', 'S: <closed>')


def test_idle_is_reset_by_valid_commands_alone():
    transcript(Refuser, 'C: <50 s>', 'C: ECHO 1', 'S: 200 1', 'C: <50 s>', 'C: NONSENSE',
               'S: 500 NONSENSE?', 'C: <12 s>', 'S: <closed>')


def test_a_client_that_only_errs_is_disconnected():
    lines = []
    for _ in range(Refuser.max_bad_commands):
        lines += ['C: WHAT', 'S: 500 WHAT?']
    transcript(Refuser, *(lines + ['S: <closed>']))


def test_our_own_failure_is_logged_and_told_without_detail(expect_log):
    expect_log('the command BREAK failed')
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(Refuser(loop))
    wire.feed(b'BREAK\r\n')
    assert wire.take() == b'451 failed\r\n'


def test_a_lost_connection_cancels_what_was_under_way():
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(Refuser(loop))
    wire.feed(b'LATER\r\n')
    wire.lose()
    loop.advance(200)
    assert wire.take() == b''
    assert not loop.failures
    assert len(sweeper_of(loop)) == 0


def test_no_command_is_taken_while_replies_wait():
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(Refuser(loop))
    wire.clog()
    wire.feed(b'ECHO 123456789\r\n' * 20000)
    loop.advance()
    assert not wire.reading and wire.get_write_buffer_size() < 70000, \
        'who asks and does not read costs no more'
    wire.unclog()
    loop.advance()
    assert wire.take() == b'200 123456789\r\n' * 20000 and wire.reading, \
        'and who reads misses nothing'


class Files(object):
    """A command group: its own state over the server."""

    def __init__(self, server):
        self.server = server
        self.count = 0

    def cmd_count(self):
        self.count += 1
        return b'200 %d' % self.count


class Grouped(CommandServer):
    commands = CommandTable([Command(b'COUNT', 'files.cmd_count')])
    refusals = Refuser.refusals

    def __init__(self, clock):
        CommandServer.__init__(self, clock)
        self.files = Files(self)


def test_a_row_may_name_the_method_of_a_command_group():
    transcript(Grouped, 'C: COUNT', 'S: 200 1', 'C: COUNT', 'S: 200 2')


class Spelling(CommandServer):
    """ASK and LATER answer with a value that is spelled; BROKEN and LATE fail."""

    commands = CommandTable([Command(b'ASK', 'cmd_ask'), Command(b'LATER', 'cmd_later'),
                             Command(b'BROKEN', 'cmd_broken'), Command(b'LATE', 'cmd_late')])
    refusals = Refuser.refusals

    def spell(self, value):
        return b'200 ' + value

    def cmd_ask(self):
        self.answer_with(lambda: b'now', self.spell)

    def cmd_later(self):
        self.answer_with(lambda: sleep(self.clock, 5.0).then(lambda _: b'later'), self.spell)

    def cmd_broken(self):
        self.answer_with(self.refuse_it, self.spell)

    def cmd_late(self):
        self.answer_with(lambda: sleep(self.clock, 5.0).then(lambda _: self.refuse_it()),
                         self.spell)

    def refuse_it(self):
        raise RemoteProtocolError('why', reply=b'no')


def test_a_value_and_a_future_of_it_get_the_same_reply():
    transcript(Spelling, 'C: ASK', 'S: 200 now', 'C: LATER', 'C: ASK', 'C: <6 s>', 'S: 200 later',
               'S: 200 now')


def test_a_failure_of_what_is_asked_is_spelled_too():
    transcript(Spelling, 'C: BROKEN', 'S: 200 no', 'C: LATE', 'C: <6 s>', 'S: 200 no')


def test_the_life_of_a_server_goes_from_serving_to_leaving():
    loop = VirtualLoop()
    server = Spelling(loop)
    wire = FakeTransport(loop).connect(server)
    assert server.life == SERVING
    server.begin_draining()
    assert server.life == DRAINING
    server.say_goodbye(b'bye')
    assert server.life == LEAVING
    server.begin_draining()
    assert server.life == LEAVING
    assert wire.take() == b'bye\r\n'


# -- long answers ----------------------------------------------------------------------------------

class Lister(Server):
    """LIST sends many pieces, as fast as they are read."""

    commands = CommandTable([Command(b'LIST', 'cmd_list'), Command(b'NOOP', 'cmd_noop')])
    stall_seconds = 20.0
    sent = 0

    @coroutine
    def cmd_list(self):
        for _ in range(100):
            self.send_line(b'x' * 1024)
            self.sent += 1
            yield self.room()
        self.send_line(b'.')


def listing():
    loop = VirtualLoop()
    server = Lister(loop)
    wire = FakeTransport(loop).connect(server)
    wire.clog()
    wire.feed(b'LIST\r\nNOOP\r\n')
    loop.advance()
    return loop, server, wire


def test_a_long_answer_waits_for_a_peer_that_does_not_read():
    _, server, _ = listing()
    assert server.sent < 100


def test_a_long_answer_goes_on_when_the_peer_reads():
    loop, server, wire = listing()
    wire.unclog()
    loop.advance()
    assert wire.take().endswith(b'x\r\n.\r\nok\r\n')


def test_a_peer_that_reads_nothing_of_a_long_answer_is_disconnected():
    loop, _, wire = listing()
    loop.advance(25.0)
    assert wire.ended


def test_a_peer_that_does_not_take_the_last_line_is_disconnected():
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(Lister(loop))
    wire.clog()
    wire.feed(b'NOOP\r\n')
    loop.advance(15.0)
    waits = not wire.aborted
    loop.advance(25.0)
    assert (waits, wire.aborted) == (True, True)


def test_a_long_answer_takes_longer_than_an_idle_peer_may():
    loop, _, wire = listing()
    loop.advance(15.0)
    assert not wire.ended


def test_a_peer_that_has_read_a_long_answer_may_be_idle_as_long_as_others():
    loop, _, wire = listing()
    wire.unclog()
    loop.advance()
    wire.take()
    loop.advance(12.0)
    assert wire.take() == b'time\r\n'


def test_a_lost_connection_cancels_a_long_answer():
    loop, server, wire = listing()
    wire.lose()
    loop.advance()
    assert server.sent < 100
    assert not loop.failures
