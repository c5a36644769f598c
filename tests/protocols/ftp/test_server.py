# Copyright the carryall authors.  See LICENSE.
"""The control connection: the laws that every protocol keeps, and waiting behind a transfer."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.net.deadlines import sweeper_of
from carryall.core.auth.credentials import LoginUnavailable
from carryall.core.auth.guard import LoginGuard
from carryall.core.future import Future, failed
from carryall.core.testing import FakeTransport, VirtualLoop, play, transcript
from carryall.protocols.ftp.settings import MAX_COMMAND
from carryall.protocols.ftp.server import FTPServer
from tests.protocols.ftp.stage import CLIENT, SERVER, Talk, codes, fresh, make_site

HELLO = b'220 Service ready for new user.\r\n'


def written_by(talk):
    """A list of what is written on the control connection from now on, one piece for each write."""
    pieces = []
    write = talk.wire.write
    talk.wire.write = lambda data: [pieces.append(data), write(data)][1]
    return pieces


def test_a_dialogue_at_every_chunking():
    transcript(fresh, b'S: 220 Service ready for new user.', b'C: USER anna',
               b'S: 331 User name okay, need password.', b'C: PASS secret',
               b'S: 230 User logged in, proceed.', b'C: pwd', b'S: 257 "/" is the current '
                                                              b'directory.', b'C: CWD pub',
               b'S: 250 Requested file action okay, completed.', b'C: QUIT',
               b'S: 221 Service closing control connection.', b'S: <closed>')


def test_pipelined_commands_are_answered_in_order():
    transcript(fresh, b'S: 220 Service ready for new user.', b'C: USER anna', b'C: PASS secret',
               b'C: CWD pub', b'C: PWD', b'C: NOOP', b'C: QUIT',
               b'S: 331 User name okay, need password.', b'S: 230 User logged in, proceed.',
               b'S: 250 Requested file action okay, completed.', b'S: 257 "/pub" is the current '
                                                                 b'directory.',
               b'S: 200 Command okay.', b'S: 221 Service closing control connection.',
               b'S: <closed>')


def test_a_command_may_end_in_lf_alone():
    """As scripts send it, and vsftpd takes it."""
    play(fresh, b'USER anna\nPASS secret\r\nCWD pub\nPWD\nQUIT\n',
         HELLO + b'331 User name okay, need password.\r\n230 User logged in, proceed.\r\n250 '
                 b'Requested file action okay, completed.\r\n'
         b'257 "/pub" is the current directory.\r\n221 Service closing control connection.\r\n')


def test_a_cr_in_the_middle_of_a_command_ends_nothing():
    talk = Talk()
    assert codes(talk.say(b'NOOP\rDELE readme.txt')) == [500]
    assert codes(talk.say(b'DELE readme.txt\rNOOP')) == [501]


def test_refusals_come_from_the_table():
    talk = Talk(login=False)
    assert codes(talk.say(b'XYZZY', b'RETR x', b'USER', b'HOST', b'AUTH a b', b'NOOP and more')) \
        == [500, 530, 501, 501, 501, 200], (
        'unknown, not logged in, without its argument')
    assert talk.say(b'TYPE') == b'530 Not logged in.\r\n', 'the state comes before the arity'


def test_a_long_line_is_one_error_and_the_next_is_served():
    for excess in (MAX_COMMAND + 1, MAX_COMMAND * 5):
        play(fresh, b'USER ' + b'x' * (excess - 5) + b'\r\nNOOP\r\n',
             HELLO + b'500 Syntax error, command longer than 2048 octets.\r\n200 Command okay.\r\n')
    play(fresh, b'NOOP ' + b'x' * (MAX_COMMAND - 5) + b'\r\n', HELLO + b'200 Command okay.\r\n')


def test_a_long_line_without_end_takes_no_memory():
    talk = Talk(login=False)
    for _ in range(100):
        talk.wire.feed(b'x' * 65536)
    assert talk.hear() == b'500 Syntax error, command longer than 2048 octets.\r\n', 'said once'
    assert len(talk.server._buffer) < 4096, 'it is kept'


def test_garbage_ends_in_words():
    dice = random.Random(20020707)
    verbs = [row.verb for row in FTPServer.commands]
    pieces = [b' ', b'\r\n', b'\r', b'\n', b'\0', b'\xff', b'\xff\xf4', b'../..', b'*', b'-R', b'1',
              b'|1|', b',', b'(', b'%s', b'"'] + verbs
    for _ in range(60):
        loop = VirtualLoop()
        wire = FakeTransport(loop, peername=CLIENT, sockname=SERVER).connect(make_site(loop)())
        wire.feed(b'USER anna\r\nPASS secret\r\n')
        loop.advance()
        for _ in range(60):
            wire.feed(b' '.join(dice.choice(pieces) for _ in range(dice.randrange(1, 6))) + b'\r\n')
            loop.advance(0.1)
        assert not loop.failures, 'seed 20020707: %r escaped' % (loop.failures[0],)
        for line in wire.take().split(b'\r\n'):
            assert not line or line[:3].isdigit() or line[:1] == b' ', line
        loop.close()


def test_only_errors_are_the_end():
    talk = Talk(login=False)
    answer = talk.say(*[b'XYZZY'] * 30)
    assert codes(answer) == [500] * 20 + [421] and talk.hear(10.0) == b'' and talk.wire.closed, \
        codes(answer)
    talk = Talk(login=False)
    for _ in range(5):
        talk.say(*[b'XYZZY'] * 15)
        talk.say(b'NOOP')
    assert not talk.wire.closed, 'a good one in between'


def test_an_idle_client_is_disconnected():
    talk = Talk(idle_seconds=60.0)
    for _ in range(5):
        assert talk.hear(59.0) == b'' and codes(talk.say(b'NOOP')) == [200], 'it is not idle'
    for _ in range(20):
        talk.wire.feed(b'x')
        talk.loop.advance(2.0)
    assert not talk.wire.closed, 'not yet'
    assert codes(talk.hear(21.0)) == [421] and talk.wire.closed, 'octets are no commands'


def test_a_client_without_transfers_is_disconnected():
    talk = Talk(idle_seconds=60.0, unproductive_seconds=500.0)
    for _ in range(20):
        assert codes(talk.fetch(b'NLST')[1]) == [125, 226]
        talk.hear(59.0)
    seconds = 0
    while not talk.wire.closed and seconds < 5000:
        assert codes(talk.say(b'NOOP')) == [200]
        seconds += 50
        answer = talk.hear(50.0)
    assert 400 <= seconds <= 500 and answer == (
        b'421 No transfer for 500 seconds, closing control connection.\r\n')


def test_a_client_without_a_login_is_disconnected():
    talk = Talk(login=False, login_seconds=30.0)
    answer = b''
    for _ in range(40):
        answer += talk.say(b'NOOP')
        talk.loop.advance(1.0)
    assert codes(answer)[-1] == 421 and talk.wire.closed, 'commands are no login'
    talk = Talk(login=False, login_seconds=30.0)
    assert talk.hear(31.0) == b'421 No login within 30 seconds, closing control connection.\r\n', \
        'nor is silence'
    talk = Talk(login_seconds=30.0)
    talk.hear(100.0)
    assert not talk.wire.closed, 'it is logged in'
    talk = Talk(login=False, login_seconds=30.0)
    talk.say(b'USER anna', b'PASS secret')
    assert talk.hear(290.0) == b'', 'and need not say more at once'
    assert talk.hear(15.0) == b'421 Idle for 300 seconds, closing control connection.\r\n' \
        and talk.wire.closed, 'but something'


def test_a_client_with_half_a_login_is_disconnected():
    talk = Talk(login=False, login_seconds=30.0)
    talk.site.accounts.login = lambda *given: Future()
    assert codes(talk.say(b'USER anna', b'PASS secret')) == [331], 'nobody says whether it is right'
    assert talk.hear(31.0) == b'421 No login within 30 seconds, closing control connection.\r\n'
    talk.hear(10.0)
    assert talk.wire.closed and not talk.site.service.present, 'it waits for ever'
    talk = Talk(login=False, login_seconds=30.0, account_wanted=lambda account, text: True)
    assert codes(talk.say(b'USER anna', b'PASS secret')) == [331, 332], 'there is no ACCT'
    assert talk.hear(31.0) == b'421 No login within 30 seconds, closing control connection.\r\n'


def test_one_timer_for_all():
    loop = VirtualLoop()
    site = make_site(loop)
    talks = [Talk(site=site, loop=loop) for _ in range(3)]
    assert len(sweeper_of(loop)) == 3 and len(loop._timers) == 1, 'a timer each'
    for talk in talks:
        talk.say(b'QUIT')
    talks[0].hear(2.0)
    assert len(sweeper_of(loop)) == 0 and not loop._timers, 'it goes on when nobody is there'
    talks[0].hear(3600.0)
    late = Talk(login=False, site=site, loop=loop)
    assert late.hear(100.0) == b'' and not late.wire.closed, \
        'the first one after a quiet hour has as much time as others'


def test_one_write_for_what_comes_in_one_piece():
    talk = Talk()
    pieces = written_by(talk)
    talk.say(b'NOOP', b'PWD', b'XYZZY', b'NOOP')
    assert [codes(piece) for piece in pieces] == [[200, 257, 500, 200]], pieces


def test_the_transfer_is_announced_before_it_begins():
    talk = Talk()
    data = talk.passive()
    pieces = written_by(talk)
    inner = talk.server.ports.arranged._connection.transport
    write_file = inner.write_file
    inner.write_file = lambda *given: [pieces.append(b'000 the file\r\n'), write_file(*given)][1]
    talk.say(b'NOOP', b'RETR readme.txt', b'NOOP', b'NOOP')
    assert data.got and [codes(piece) for piece in pieces][:3] == [[200, 125], [0], [226]], pieces
    assert codes(b''.join(pieces[3:])) == [200, 200], 'and what waits comes behind it'


def test_a_transfer_takes_the_time_it_takes():
    talk = Talk(idle_seconds=20.0, unproductive_seconds=60.0)
    data = talk.passive()
    talk.say(b'STOR x')
    for _ in range(10):
        assert codes(talk.say(b'STAT')) == [211], 'who asks how far it is'
        data.transport.write(b'x')
        assert talk.hear(30.0) == b'', 'is not idle'
    data.transport.close()
    assert codes(talk.hear()) == [226] and talk.hear(19.0) == b'', 'from here on it counts'
    assert talk.hear(3.0) == b'421 Idle for 20 seconds, closing control connection.\r\n' \
        and talk.wire.closed


def test_nothing_is_done_behind_quit():
    talk = Talk()
    data = talk.passive()
    assert codes(talk.say(b'STOR x', b'NOOP', b'QUIT', b'DELE readme.txt', b'NOOP')) == [125], \
        'they wait'
    data.transport.close()
    assert codes(talk.hear()) == [226, 200, 221] and talk.wire.closed, 'QUIT too'
    assert talk.content(b'readme.txt') == b'hello\nworld\n', 'it was deleted'


def test_nothing_is_done_behind_too_many_errors():
    talk = Talk()
    data = talk.passive()
    talk.say(b'STOR x', *[b'XYZZY'] * 20 + [b'DELE readme.txt'])
    data.transport.close()
    assert codes(talk.hear()) == [226] + [500] * 20 + [421], 'that was enough'
    assert talk.content(b'readme.txt') == b'hello\nworld\n', 'it was deleted'
    talk.hear(10.0)
    assert talk.wire.closed and not talk.site.service.present, 'it stays'


@pytest.mark.parametrize('end', ['eof', 'reset'])
@pytest.mark.parametrize('state', ['greeted', 'named', 'checked', 'inside', 'arranged', 'opened',
                                   'waiting', 'sending'])
def test_an_end_in_every_state_leaves_nothing(state, end):
    talk = Talk(login=state not in ('greeted', 'named', 'checked'))
    data = None
    if state == 'named':
        talk.say(b'USER anna')
    elif state == 'checked':
        talk.say(b'USER anna', b'PASS wrong')         # the answer takes its time
    elif state == 'arranged':
        talk.say(b'EPSV')
    elif state == 'opened':
        talk.passive()
    elif state == 'waiting':
        talk.say(b'EPSV', b'STOR x')
    elif state == 'sending':
        data = talk.passive()
        data.transport.pause_reading()
        talk.say(b'RETR pub/big.bin')
    talk.wire.feed_eof() if end == 'eof' else talk.wire.lose()
    talk.hear()
    if data is not None:
        data.transport.resume_reading()
    talk.hear(700.0)
    assert talk.wire.lost and not talk.site.service.present and talk.site.service.transfers == 0, \
        'something is left'
    assert not talk.loop._listeners, 'a port is open'
    assert not [wire for wire in talk.loop._wires if not wire.closed], 'a connection is open'


def test_commands_wait_behind_a_transfer_and_status_does_not():
    talk = Talk()
    data = talk.passive()
    assert codes(talk.say(b'STOR x')) == [125], 'it begins'
    answer = talk.say(b'NOOP', b'STAT', b'PWD')
    assert codes(answer) == [211] and b'0 octets so far' in answer, answer
    data.transport.write(b'abc')
    data.transport.close()
    assert codes(talk.hear()) == [226, 200, 257], 'in order'


def test_a_waiting_transfer_and_what_waits_behind_it():
    talk = Talk()
    first = talk.passive()
    talk.say(b'STOR a', b'EPSV', b'NOOP')
    first.transport.close()
    assert codes(talk.hear()) == [226, 229, 200], \
        'the second port was arranged after the first transfer'


def test_commands_that_wait_are_bounded():
    talk = Talk(waiting_commands=5)
    data = talk.passive()
    talk.say(b'STOR x')
    talk.wire.feed(b'NOOP\r\n' * 5)
    talk.loop.advance()
    assert not talk.wire.reading, 'it goes on reading'
    talk.wire.feed(b'NOOP\r\n' * 5)
    data.transport.close()
    assert codes(talk.hear()) == [226] + [200] * 10, 'none is lost'


def test_a_client_that_does_not_read():
    """Unread data fills memory no further than one listing."""
    talk = Talk()
    data = talk.passive()
    data.transport.pause_reading()
    talk.server.transport.clog()
    talk.say(b'RETR pub/big.bin')
    assert talk.wire.get_write_buffer_size() < 4096, 'the reply waits'


def test_a_client_that_does_not_read_its_replies():
    talk = Talk(login=False)
    talk.wire.clog()
    for _ in range(5):
        talk.wire.feed(b'FEAT\r\n' * 1000)
    assert talk.wire.get_write_buffer_size() < 70000 and not talk.wire.reading
    talk.wire.unclog()
    assert talk.hear().count(b'211 ') == 5000 and talk.wire.reading, 'none is lost'
    talk.wire.clog()
    talk.wire.feed(b'FEAT\r\n' * 1000)
    talk.loop.advance(400.0)
    assert talk.wire.closed, 'nor does it stay for ever'


def test_a_banned_address_is_told_so(expect_log):
    expect_log('is shut out')
    loop = VirtualLoop()
    site = make_site(loop)
    for _ in range(10):
        site.service.guard.failed('127.0.0.1')
    talk = Talk(login=False, site=site, loop=loop)
    assert codes(talk.banner) == [421] and talk.say(b'USER anna') == b'', talk.banner
    talk.hear(10.0)
    assert talk.wire.closed, 'it stays'


def test_parallel_guesses_do_not_reveal_the_right_password(expect_log):
    expect_log('is shut out')
    loop = VirtualLoop()
    site = make_site(loop)
    talks = [Talk(login=False, site=site, loop=loop) for _ in range(11)]
    for talk in talks[:-1]:
        talk.say(b'USER anna', b'PASS wrong')
    assert codes(talks[-1].say(b'USER anna', b'PASS secret') + talks[-1].hear(60.0)) == [331, 421] \
        and talks[-1].wire.closed


def test_telnet_is_answered():
    talk = Talk()
    talk.wire.feed(b'\xff\xfd\x01NO')
    talk.wire.feed(b'OP\r\n')
    assert talk.hear() == b'\xff\xfc\x01200 Command okay.\r\n', 'options are refused'


def test_a_drained_server_lets_the_transfer_finish():
    talk = Talk()
    data = talk.passive()
    talk.say(b'STOR x')
    talk.site.drain()
    assert talk.hear() == b''
    data.transport.write(b'all')
    data.transport.close()
    assert codes(talk.hear()) == [226, 421]
    assert talk.wire.closed


def test_a_drained_server_without_a_transfer_closes_at_once():
    talk = Talk()
    talk.site.drain()
    assert codes(talk.hear()) == [421]
    assert talk.wire.closed


def test_a_server_that_is_drained_before_it_is_connected_does_nothing():
    make_site(VirtualLoop())().drain()


def test_a_login_that_cannot_be_judged_is_no_failure():
    """The reply is 421 and the client may come back: nothing was guessed."""
    loop = VirtualLoop()
    site = make_site(loop)
    site.service.guard = LoginGuard(loop, ban_after=1)
    right = site.accounts.login
    site.accounts.login = lambda *_: failed(LoginUnavailable(u'too many'))
    for _ in range(5):
        talk = Talk(login=False, site=site, loop=loop)
        assert codes(talk.say(b'USER anna', b'PASS secret')) == [331, 421]
        talk.hear(10.0)
        assert talk.wire.closed
    assert site.service.guard.failures == 0
    site.accounts.login = right
    Talk(site=site, loop=loop)
