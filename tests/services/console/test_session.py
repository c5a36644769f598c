# Copyright the carryall authors.  See LICENSE.
"""One client of the console: login, prompts, interruptions, ends (TEL-03, TEL-04, TEL-06)."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.credentials import LoginFailed, UsernamePassword
from carryall.core.auth.guard import LoginGuard
from carryall.core.auth.portal import Portal
from carryall.core.future import Future
from carryall.core.wrap.linger import LINGER_SECONDS
from carryall.core.testing import FakeTransport, VirtualLoop, chunkings, play
from carryall.protocols.telnet import wire
from carryall.services.console import outputs
from carryall.services.console.interpreter import Interpreter, make_namespace
from carryall.services.console.service import _Roles
from carryall.services.console.session import ConsoleSession
from tests.core.auth.kit import Crowded

LINE_LOGIN = b'username\r\npassword\r\n'
AGREE = b'\xff\xfd\x01\xff\xfd\x03\xff\xfb\x1f\xff\xfc\x18\xff\xfa\x1f\0\x50\0\x18\xff\xf0'


@pytest.fixture(autouse=True)
def installed():
    outputs.install()
    yield
    outputs.uninstall()


class Console(object):
    """The service as its sessions see it."""

    banner = u''
    idle_seconds = 1800.0

    def __init__(self, loop):
        self.loop = loop
        self.portal = Portal(_Roles([u'guest']),
                             [MemoryChecker({u'username': b'password', u'guest': b'guest'})])
        self.guard = LoginGuard(loop, ban_after=5)
        self.recorded = []
        self.names = {}

    def namespace(self):
        return make_namespace(self.loop, self.names)

    def greeting(self, role):
        return u'hello %s\n' % role

    def record(self, who, text):
        self.recorded.append((who, text))


class Stage(object):
    def __init__(self, keys=False):
        self.loop = VirtualLoop()
        self.console = Console(self.loop)
        self.wire = self.connect()
        if keys:
            self.wire.feed(AGREE)
        self.loop.advance(1.0)
        self.wire.take()

    def connect(self):
        return FakeTransport(self.loop).connect(ConsoleSession(self.console))

    def say(self, data, seconds=0.0):
        self.wire.feed(data)
        self.loop.advance(seconds)
        assert not self.loop.failures, '%r' % (self.loop.failures,)
        return self.wire.take()

    def ended(self):
        """Tells if the server's side has ended; the connection goes when the client's has, or some
        seconds later."""
        return self.wire.eof_written or self.wire.closed

    def login(self):
        self.say(LINE_LOGIN.replace(b'\r\n', b'\r\0'))
        return self


ASKED = b'\xff\xfb\x01\xff\xfb\x03\xff\xfd\x1f\xff\xfd\x18'


def test_a_whole_session_however_it_is_cut():
    """A client that knows no options: lines in, and no echo of ours."""
    lines = b'1+1\r\ndef f(x):\r\n  return x*2\r\n\r\nf(21)\r\nexit()\r\n'
    for way, pieces in chunkings(lines):
        stage = Stage()
        assert stage.say(LINE_LOGIN) == b'password: \r\nhello python\r\n>>> '
        said = b''.join([stage.say(piece) for piece in pieces])
        assert said == b'2\r\n>>> ... ... >>> 42\r\n>>> ', way


def test_a_login_however_it_is_cut():
    play(lambda loop: ConsoleSession(Console(loop)), LINE_LOGIN,
         ASKED + b'username: password: \r\nhello python\r\n>>> ', seconds=1.0)


def test_nothing_is_run_before_the_login():
    stage = Stage()
    spied = []
    stage.console.names['spy'] = spied
    stage.say(b'spy.append(1)\r\nspy.append(2)\r\nspy.append(3)\r\n' * 4, 60.0)
    assert spied == []
    assert stage.ended()


SEGMENTS = [b'%s', b'\xff\xf1%s', b'\xff\xf1' * 40 + b'%s']  # with other words of Telnet between


@pytest.mark.parametrize('between', SEGMENTS)
@pytest.mark.parametrize('early', [False, True])
@pytest.mark.parametrize('keys', [False, True])
def test_keys_behind_a_right_password_are_dropped(keys, early, between):
    stage = Stage(keys)
    if early:
        stage.wire = stage.connect()
        if keys:
            stage.wire.feed(AGREE)
    spied = []
    stage.console.names['spy'] = spied
    end = b'\r\0' if keys else b'\r\n'
    lines = [b'username', b'password', between % b'spy.append(1)', b'spy.append(2)', b'spy.']
    assert stage.say(end.join(lines), 1.5).endswith(b'hello python\r\n>>> ')
    assert spied == []
    assert stage.say(b'spy.append(3)' + end, 1.0).endswith(b'>>> ')
    assert spied == [3]


@pytest.mark.parametrize('keys', [False, True])
def test_keys_behind_a_wrong_password_are_dropped(keys):
    """Neither does a second try of the same piece count, nor is anything of it taken for a name."""
    stage = Stage(keys)
    spied = []
    stage.console.names['spy'] = spied
    end = b'\r\0' if keys else b'\r\n'
    lines = [b'username', b'wrong', b'username', b'password', b'spy.append(1)', b'']
    assert stage.say(end.join(lines), 1.5).endswith(b'Login incorrect\r\nusername: ')
    assert b'>>>' not in stage.say(b'', 20.0)
    assert stage.say(end.join([b'username', b'password', b'']), 1.0).endswith(b'>>> ')
    assert spied == []


@pytest.mark.parametrize('right', [True, False])
@pytest.mark.parametrize('keys', [False, True])
def test_keys_during_the_verdict_are_dropped(keys, right):
    end = b'\r\0' if keys else b'\r\n'
    stage = Stage(keys)
    spied = []
    stage.console.names['spy'] = spied
    pending = Judged(stage)
    stage.say(end.join([b'username', b'password', b'spy.append(1)', b'']))
    stage.say(b'spy.append(2)' + end)
    pending.judge(right)
    said = stage.say(b'', 2.0)
    assert spied == []
    assert said.endswith(b'>>> ' if right else b'Login incorrect\r\nusername: ')


class Judged(object):
    """A login whose verdict comes when a test says so."""

    def __init__(self, stage):
        self.stage = stage
        self.login = stage.console.portal.login
        self.future = Future()
        stage.console.portal.login = lambda *args: self.future

    def judge(self, right):
        """The verdict."""
        self.stage.console.portal.login = self.login
        if right:
            account = UsernamePassword(u'username', b'password')
            session = self.stage.loop.run_until(self.login(self.stage.loop, account))
            self.future.set_result(session)
        else:
            self.future.set_exception(LoginFailed(u'no'))


def test_lines_behind_a_login_that_cannot_be_judged_are_no_names():
    stage = Stage()
    stage.console.portal = Portal(_Roles([]), [Crowded()])
    assert stage.say(b'username\r\npassword\r\nsecret()\r\nmore()\r\n', 1.0).count(
        b'username: ') == 1


@pytest.mark.parametrize('right', [True, False])
def test_much_that_comes_while_a_password_is_judged_ends_the_connection(right):
    """More of it is to come, and cannot be told from what belongs behind the prompt."""
    stage = Stage()
    spied = []
    stage.console.names['spy'] = spied
    pending = Judged(stage)
    stage.say(LINE_LOGIN)
    for number in range(4):
        lines = b'spy.append(%d)\n' % number + (b'#' + b'x' * 998 + b'\n') * 30
        stage.say(lines)
    pending.judge(right)
    assert b'>>>' not in stage.say(b'', 2.0)
    assert stage.ended()
    stage.say(b'spy.append(9)\r\n', 2.0)
    assert spied == []


def test_three_tries_and_each_later():
    stage = Stage()
    for seconds in (1.0, 2.0):
        assert b'incorrect' not in stage.say(b'username\r\nwrong\r\n', seconds - 0.1), \
            'answered at once'
        assert stage.say(b'', 0.2) == b'Login incorrect\r\nusername: '
    stage.say(b'username\r\nwrong\r\n', 3.9)
    assert stage.say(b'', 0.2) == b'Login incorrect\r\n' and stage.ended()


def test_a_client_that_fails_too_often_is_shut_out(expect_log):
    expect_log('is shut out')
    stage = Stage()
    for _ in range(2):
        stage.wire = stage.connect()
        stage.loop.advance(1.0)
        for _ in range(3):
            stage.say(b'username\r\nwrong\r\n', 17.0)
        stage.say(b'', 8.0)
        assert stage.wire.closed
    stage.wire = stage.connect()
    stage.loop.advance(1.0)
    assert stage.wire.closed and stage.wire.take() == b''


def test_parallel_guesses_do_not_reveal_the_right_password(expect_log):
    expect_log('is shut out')
    stage = Stage()
    wires = [stage.connect() for _ in range(6)]
    stage.loop.advance(1.0)
    for wire in wires[:-1]:
        wire.feed(b'username\r\nwrong\r\n')
    wires[-1].feed(LINE_LOGIN)
    stage.loop.advance(60.0)
    heard = wires[-1].take()
    assert heard.endswith(b'Login incorrect\r\n') and b'hello' not in heard and wires[-1].closed, \
        heard


@pytest.mark.parametrize('name, password', [(b'nobody', b'password'), (b'username', b''),
                                            (b'', b''), (b'\xff\xff', b'x'),
                                            (b'x' * 5000, b'y' * 5000),
                                            (b'username', b'password ')])
def test_wrong_logins_all_look_the_same(name, password):
    stage = Stage()
    assert stage.say(name + b'\r\n' + password + b'\r\n', 1.5).endswith(
        b'Login incorrect\r\nusername: ')


def test_the_password_is_never_shown():
    stage = Stage(keys=True)
    assert stage.say(b'username\r\0') == b'username\r\npassword: '
    assert b'pass' not in stage.say(b'password\x7fd\r\0')
    assert not any(u'password' in text for _, text in stage.console.recorded)


def test_a_client_with_lines_is_told_to_hide_it():
    stage = Stage()
    stage.wire.feed(b'\xff\xfe\x01\xff\xfe\x03')
    stage.loop.advance()
    stage.wire.take()
    assert stage.say(b'username\r\n') == b'\xff\xfb\x01password: '
    stage.wire.feed(b'\xff\xfd\x01')
    assert stage.say(b'password\r\n').startswith(b'\xff\xfc\x01\r\n'), 'the echo is given back'


def test_keys_edit_the_line():
    stage = Stage(keys=True).login()
    assert stage.say(b'1+2\r\0') == b'1+2\r\n3\r\n>>> '
    assert stage.say(b'\x1b[A\r\0') == b'\r\0>>> 1+2\x1b[K\r\n3\r\n>>> ', 'history'
    assert stage.say(b'lengt\x03') == b'lengt^C\r\nKeyboardInterrupt\r\n>>> '
    assert stage.say(b'def f():\r\0') == b'def f():\r\n... '
    assert stage.say(b'\x03') == b'^C\r\nKeyboardInterrupt\r\n>>> ', 'a statement that is given up'
    assert stage.say(b'isinst\t') == b'isinstance'
    stage.say(b'\x15\x1b[200~def g():\n    x = 1\n\n    return x\n\x1b[201~')
    assert stage.say(b'g()\r\0') == b'g()\r\n1\r\n>>> ', 'a paste with a blank line'
    stage.say(b'\x04')
    assert stage.ended()


def test_a_client_on_a_slow_line_gets_the_editor_late():
    stage = Stage()
    stage.wire.feed(b'user')
    stage.say(AGREE, 1.0)
    assert stage.say(b'name\x7fe\r\0').endswith(b'\r\npassword: ')
    assert stage.say(b'password\r\0').endswith(b'>>> ')
    assert stage.say(b'1+1\r\0') == b'1+1\r\n2\r\n>>> '


def test_agreement_to_hide_a_password_is_no_agreement_to_send_keys():
    stage = Stage()
    stage.wire.feed(b'\xff\xfe\x01\xff\xfd\x03')
    stage.say(b'username\r\n', 1.0)
    stage.say(b'\xff\xfd\x01', 1.0)
    assert b'password' not in stage.say(b'password\r\n')
    stage.say(b'\xff\xfe\x01', 1.0)
    assert stage.say(b'1+1\r\n') == b'2\r\n>>> '


def test_the_window_changes():
    stage = Stage(keys=True)
    stage.say(b'\xff\xfa\x1f\0\x28\0\x18\xff\xf0')
    assert stage.wire.protocol._input.columns == 40


@pytest.mark.parametrize('end', [b'\r', b'\r\0', b'\r\n'])
@pytest.mark.parametrize('keys', [False, True])
def test_a_client_that_does_binary(end, keys):
    """RFC 856: its Return is CR, CR NUL or CR LF, and a line of ours ends with CR LF,
    as a terminal wants it."""
    stage = Stage(keys)
    stage.say(b'\xff\xfb\0\xff\xfd\0')
    assert stage.wire.protocol.negotiator.on(wire.BINARY, True)
    said = b''
    for line in (b'username', b'password', b'"\xc3\xa4"; 6 * 7'):
        said += stage.say(line) + stage.say(end[:1]) + stage.say(end[1:], 0.1)
    assert said.endswith(b'42\r\n>>> ')
    assert b'\n' not in said.replace(b'\r\n', b'')
    assert b'\0' not in said


def test_charsets_that_were_not_offered_are_not_taken():
    """RFC 2066: ACCEPTED answers a REQUEST, with one of its names."""
    for before in (b'', b'\xff\xfb\x2a', b'\xff\xfd\x2a'):
        for name in (b'utf-16', b'hex', b'rot13', b'punycode', b'\xff\xff', b''):
            stage = Stage().login()
            stage.say(before + b'\xff\xfa\x2a\x02' + name + b'\xff\xf0')
            assert stage.wire.protocol.charset == b'UTF-8'
            assert stage.say(b'"\xc3\xa4"[0] and 6 * 7\r\n').endswith(b'42\r\n>>> ')


def test_a_charset_is_accepted_once():
    stage = Stage().login()
    stage.say(b'\xff\xfd\x2a\xff\xfa\x2a\x02us-ascii\xff\xf0\xff\xfa\x2a\x02UTF-8\xff\xf0')
    assert stage.wire.protocol.charset == b'US-ASCII'


def test_the_negotiated_charset_is_used():
    stage = Stage(keys=True)
    stage.wire.feed(b'\xff\xfb\x2a\xff\xfa\x2a\x01;ISO-8859-1;UTF-8\xff\xf0')
    stage.login()
    assert u'\xe9'.encode('utf-8') in stage.say(b'print(u"\xc3\xa9")\r\0')


def test_telnets_own_interruption():
    stage = Stage()
    stage.say(LINE_LOGIN)
    stage.say(b'if 1:\r\n')
    assert stage.say(b'\xff\xf4') == b'KeyboardInterrupt\r\n>>> ', 'IP'
    assert stage.say(b'\xff\xf6') == b'\r\n[yes]\r\n', 'AYT'


def test_an_interrupt_ends_the_statement_and_keeps_typed_lines():
    stage = Stage(keys=True).login()
    session = stage.wire.protocol
    running = Future()
    interrupts = []

    slow = Interpreter(stage.loop, {}, session.show, session._show_later)
    slow.running = True
    slow.source = lambda text, whole=False: running
    slow.interrupt = lambda: interrupts.append(1)
    session._shell = slow
    assert stage.say(b'slow()\r\0ahead\r\0') == b'slow()\r\n'
    stage.loop.advance(7200.0)
    assert not stage.wire.closed, 'who waits for his code is not idle'
    assert stage.say(b'\x03') == b'' and interrupts == [1]
    running.set_result(None)
    stage.loop.advance()
    assert stage.wire.take() == b'>>> '


def test_late_output_is_shown_above_the_line():
    stage = Stage(keys=True).login()
    future = Future()
    stage.wire.protocol._shell.namespace['later'] = future
    stage.say(b'later\r\0half')
    future.set_result(5)
    assert stage.wire.take() == b'\r\0\x1b[KFuture 1: 5\r\n\r\0>>> half\x1b[K'


def test_a_guest_can_only_look():
    stage = Stage()
    spied = []
    stage.console.names['spy'] = spied
    assert stage.say(b'guest\r\nguest\r\n').endswith(b'hello inspect\r\nlook> ')
    assert stage.say(b'spy.append(1)\r\n').startswith(b'ls [PATH]') and spied == []
    assert stage.say(b'ls spy\r\n') == b'nothing\r\nlook> '
    stage.say(b'quit\r\n')
    assert stage.ended()


def test_looking_with_keys_and_pastes():
    stage = Stage(keys=True)
    stage.say(b'guest\r\0guest\r\0')
    stage.say(b'\x1b[200~import os\nos.abort()\n\x1b[201~')
    assert stage.say(b'lo\t') .endswith(b'\x07'), 'no completion: it could run properties'
    assert not stage.wire.closed


def test_a_client_that_is_still_sending_is_not_reset():
    """Octets that lie unread when a connection is closed reset it,
    and take away what the client has not read."""
    for client_ends in (True, False):
        stage = Stage(keys=True).login()
        assert stage.say(b'exit()\r\0').endswith(b'\x1b[?2004l')
        assert stage.wire.eof_written and not stage.wire.closed and stage.wire.reading
        assert stage.say(b'\xff\xfe\x01print(1)\r\0') == b'', 'read, and dropped'
        if client_ends:
            stage.wire.feed_eof()
            stage.loop.advance(0.0)
        else:
            stage.loop.advance(LINGER_SECONDS + 0.1)
        assert stage.wire.closed and not stage.wire.aborted


@pytest.mark.parametrize('keys', [False, True])
def test_a_session_without_a_login_times_out(keys):
    stage = Stage(keys)
    stage.loop.advance(58.0)
    assert not stage.wire.closed
    stage.loop.advance(2.0)
    assert stage.ended() and b'too long' in stage.wire.take()
    stage = Stage(keys).login() if keys else Stage()
    if not keys:
        stage.say(LINE_LOGIN)
    for _ in range(5):
        stage.say(b'1\r\n', 1700.0)
    assert not stage.wire.closed
    for _ in range(1900):
        stage.say(b'x', 1.0)
    assert stage.wire.closed, 'keys without Enter are no work'


@pytest.mark.parametrize('asked', [b'', b'user', b'username\r\n', b'username\r\npass', LINE_LOGIN,
                                   LINE_LOGIN + b'if 1:\r\n', b'username\r\nwrong\r\n'])
@pytest.mark.parametrize('end', ['feed_eof', 'lose'])
def test_an_end_or_a_reset_anywhere(asked, end):
    stage = Stage()
    stage.say(asked)
    getattr(stage.wire, end)()
    stage.loop.advance(100.0)
    assert stage.wire.lost and not stage.loop.failures and not stage.loop._wires
    assert not [timer for timer in stage.loop._timers if timer[2].callback is not None], \
        'a timer is left'


def test_a_script_that_has_said_everything_gets_its_answers():
    stage = Stage()
    stage.say(LINE_LOGIN)
    stage.wire.feed(b'6 * 7\r\nprint("end")\r\n')
    stage.wire.feed_eof()
    stage.loop.advance(2.0)
    assert stage.wire.take() == b'42\r\n>>> end\r\n>>> '
    assert stage.wire.lost == [None]


@pytest.mark.parametrize('wait', [0.0, 1.0])
def test_a_script_that_ends_with_its_password_is_let_in_and_ended(wait):
    loop = VirtualLoop()
    made = FakeTransport(loop).connect(ConsoleSession(Console(loop)))
    loop.advance(wait)
    made.feed(LINE_LOGIN + b'6 * 7\r\n')
    made.feed_eof()
    loop.advance(2.0)
    assert made.take().endswith(b'hello python\r\n>>> ')
    assert made.lost == [None]


def test_an_end_before_it_is_ready():
    loop = VirtualLoop()
    made = FakeTransport(loop).connect(ConsoleSession(Console(loop)))
    made.feed(LINE_LOGIN)
    made.lose()
    loop.advance(100.0)
    assert not loop.failures and not loop._wires


def test_a_login_that_takes_its_time():
    stage = Stage()
    pending = Future()
    stage.console.portal.login = lambda *args: pending
    assert stage.say(LINE_LOGIN + b'1+1\r\n').endswith(b'\r\n')
    stage.wire.lose()
    stage.loop.advance()
    assert pending.cancelled()


def test_long_lines_and_garbage():
    dice = random.Random(4040)
    for keys in (False, True):
        stage = Stage(keys)
        stage.say(b'x' * 100000 + b'\r\n')
        for _ in range(20):
            stage.say(bytes(bytearray(
                dice.choice((0, 3, 9, 10, 13, 27, 32, 65, 91, 240, 250, 251, 253, 255))
                for _ in range(300))), 1.0)


def test_a_slow_reader_holds_up_its_own_output():
    stage = Stage()
    stage.say(LINE_LOGIN)
    stage.wire.clog()
    stage.wire.feed(b'print("x" * 100000)\r\n')
    stage.loop.advance()
    stage.wire.feed(b'print("y")\r\n')
    stage.loop.advance()
    shell = stage.wire.protocol._shell
    assert shell.blocked()
    stage.wire.unclog()
    stage.loop.advance()
    assert not shell.blocked() and stage.wire.take().endswith(b'y\r\n>>> ')


def test_a_client_that_never_reads_is_disconnected():
    stage = Stage()
    stage.say(LINE_LOGIN)
    stage.wire.clog()
    stage.say(b'print("x" * 100000)\r\n', 1790.0)
    assert not stage.wire.closed
    stage.loop.advance(20.0)
    assert stage.wire.aborted


def test_chunks_of_keys():
    for way, pieces in chunkings(AGREE + b'username\r\0password\r\0"\xc3\xa9"\x7f"\r\0'):
        loop = VirtualLoop()
        made = FakeTransport(loop).connect(ConsoleSession(Console(loop)))
        for piece in pieces:
            made.feed(piece)
        loop.advance(1.0)
        assert made.take().endswith(b'\r\n>>> ') and not loop.failures, way
        assert wire.ECHO in made.protocol.negotiator.all_on(True)


@pytest.mark.parametrize('login, line, answer',
                         [(b'guest\r\nguest\r\n', b'', b'look> '),
                          (b'guest\r\nguest\r\n', b'ls nothing', b'there is no nothing\r\nlook> '),
                          (LINE_LOGIN, b'', b'>>> '), (LINE_LOGIN, b'1+1', b'2\r\n>>> ')])
def test_many_lines_in_one_piece_and_then_the_end(login, line, answer):
    """Lines that are done at once are done one after the other, and not one within the other; all
    before the end counts."""
    stage = Stage()
    stage.wire.feed(login)
    stage.loop.advance(1.0)
    stage.wire.feed((line + b'\r\n') * 900)
    stage.wire.feed_eof()
    stage.loop.advance(5.0)
    assert not stage.loop.failures and stage.wire.closed and stage.wire.take().count(answer) >= 900


def test_keys_ahead_and_then_the_end():
    stage = Stage(keys=True)
    stage.say(b'guest\r\0guest\r\0')
    stage.wire.feed(b'ls nothing\r\0' * 300)
    stage.wire.feed_eof()
    stage.loop.advance(5.0)
    assert not stage.loop.failures and stage.wire.closed and stage.wire.take().count(
        b'there is no nothing') == 300


def test_a_login_that_cannot_be_judged_is_no_failure():
    stage = Stage()
    checker = Crowded()
    stage.console.portal = Portal(_Roles([]), [checker])
    for _ in range(5):
        said = stage.say(LINE_LOGIN)
        assert said.endswith(b'Logins cannot be checked now, try again later\r\nusername: ')
    assert stage.console.guard.failures == 0
    assert checker.hosts == ['192.0.2.1'] * 5
    assert not stage.ended()
