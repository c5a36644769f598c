# Copyright the carryall authors.  See LICENSE.
"""The dispatch of commands: refusals in their order, answers that come later, budgets, the idle timer."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.line.commandtable import (ARITY, BUDGET, FAILED, FORBIDDEN, TOO_LONG, UNKNOWN, WRONG_STATE, Command,
                                    CommandProtocol, CommandTable)
from carryall.core.errors import RemoteProtocolError
from carryall.core.future import sleep
from carryall.core.testing import FakeTransport, VirtualLoop, transcript


class Server(CommandProtocol):
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
    refusals = {UNKNOWN: b'500 %(verb)s?', WRONG_STATE: b'503 not now', ARITY: b'501 %(syntax)s', FORBIDDEN: b'530 no',
                BUDGET: b'421 enough', FAILED: b'451 failed', TOO_LONG: b'500 too long'}
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
    transcript(Server, 'C: echo a b', 'S: 200 a|b', 'C: Echo', 'S: 501 ECHO <a> [b]', 'C: ECHO 1 2 3', 'S: 501 ECHO <a> [b]',
               'C: TEXT  two  words ', 'S: 200 [ two  words ]', 'C: IN', 'S: 503 not now', 'C: LOGIN', 'S: 230 in',
               'C: IN', 'S: 200 ok', 'C: SECRET', 'S: 530 no', 'C: cmd_echo', 'S: 500 CMD_ECHO?',
               'C: __class__', 'S: 500 __CLASS__?', 'C: REFUSE', 'S: 550 because', 'C: ' + 'x' * 50, 'S: 500 too long',
               'C: TWICE', 'S: 200 ok', 'C: TWICE', 'S: 200 ok', 'C: TWICE', 'S: 421 enough')


def test_pipelined_commands_wait_in_order_and_idle_rests():
    transcript(Server, 'C: LATER', 'C: ECHO 1', 'C: ECHO 2', 'C: <99 s>', 'C: <2 s>', 'S: 200 later', 'S: 200 1', 'S: 200 2',
               'C: <61 s>', 'S: <closed>')


def test_idle_is_reset_by_valid_commands_alone():
    transcript(Server, 'C: <50 s>', 'C: ECHO 1', 'S: 200 1', 'C: <50 s>', 'C: NONSENSE', 'S: 500 NONSENSE?', 'C: <11 s>',
               'S: <closed>')


def test_one_who_only_errs_is_dropped():
    lines = []
    for _ in range(Server.max_bad_commands):
        lines += ['C: WHAT', 'S: 500 WHAT?']
    transcript(Server, *(lines + ['S: <closed>']))


def test_our_own_failure_is_logged_and_told_without_detail(expect_log):
    expect_log('the command BREAK failed')
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(Server(loop))
    wire.feed(b'BREAK\r\n')
    assert wire.take() == b'451 failed\r\n'


def test_a_lost_connection_cancels_what_was_under_way():
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(Server(loop))
    wire.feed(b'LATER\r\n')
    wire.lose()
    loop.advance(200)
    assert wire.take() == b'' and not loop.failures and not loop._timers


def test_a_verb_stands_once():
    with pytest.raises(ValueError):
        CommandTable([Command(b'A', 'x'), Command(b'A', 'y')])


def test_no_command_is_taken_while_replies_wait():
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(Server(loop))
    wire.clog()
    wire.feed(b'ECHO 123456789\r\n' * 20000)
    loop.advance()
    assert not wire.reading and wire.get_write_buffer_size() < 70000, 'who asks and does not read costs no more'
    wire.unclog()
    loop.advance()
    assert wire.take() == b'200 123456789\r\n' * 20000 and wire.reading, 'and who reads misses nothing'
