# Copyright the carryall authors.  See LICENSE.
"""The POP3 server: messages, states, limits, time (RFC 1939, RFC 2449)."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.portal import Portal
from carryall.core.errors import CarryallError
from carryall.core.future import failed
from carryall.core.testing import FakeTransport, VirtualLoop, chunkings, play, transcript
from carryall.protocols.pop3 import MaildropService, MemoryAccount, POP3Server, Settings

ONE = b'Subject: one\r\n\r\nhello\r\n'
TWO = b'Subject: two\r\nX: y\r\n\r\nline 1\r\n.line 2\r\n..\r\nline 4\r\n'
LOGIN = b'USER ann\r\nPASS secret\r\n'


class Accounts(object):
    """A realm with one account, ann."""

    def __init__(self, messages=(ONE, TWO)):
        self.account = MemoryAccount(messages)
        self.logged_out_times = 0

    def avatar(self, name, credentials, mind):
        return self.account

    def logged_out(self, session):
        self.logged_out_times += 1

    def portal(self):
        return Portal(self, [MemoryChecker({u'ann': b'secret', u'b b': b'p w'})])


def server(loop, realm=None, **given):
    given.setdefault('clear_auth', True)
    service = MaildropService((realm or Accounts()).portal(), given.pop('guard', None))
    return POP3Server(service, loop, Settings(**given))


def answers(said, **given):
    """The server's answers after the login, at every chunking."""
    got = play(lambda loop: server(loop, **given), LOGIN + said)
    start = b'+OK POP3 server ready\r\n+OK\r\n+OK 2 messages (74 octets)\r\n'
    assert got.startswith(start), got
    return got[len(start):]


def test_lines_may_end_with_lf():
    assert answers(b'NOOP\n') == b'+OK\r\n'
    assert answers(
        b'NO\nNOOP\r\nSTAT\nNOOP\r\nRSET\n').split(b'\r\n')[:-1] == [b'-ERR unknown command',
                                                                     b'+OK', b'+OK 2 74', b'+OK',
                                                                     b'+OK 2 messages (74 octets)']
    got = play(server, b'USER ann\nPASS secret\nSTAT\nQUIT\n')
    assert got == (b'+OK POP3 server ready\r\n+OK\r\n+OK 2 messages (74 octets)\r\n+OK 2 74\r\n+OK '
                   b'POP3 server signing off\r\n')


def test_the_dialogue_of_the_rfc():
    transcript(server, 'S: +OK POP3 server ready', 'C: USER ann', 'S: +OK', 'C: PASS secret',
               'S: +OK 2 messages (74 octets)',
               'C: STAT', 'S: +OK 2 74', 'C: LIST', 'S: +OK 2 messages (74 octets)', 'S: 1 23',
               'S: 2 51', 'S: .',
               'C: RETR 1', 'S: +OK 23 octets', 'S: Subject: one', 'S: ', 'S: hello', 'S: .',
               'C: DELE 1', 'S: +OK message 1 deleted',
               'C: LIST', 'S: +OK 1 messages (51 octets)', 'S: 2 51', 'S: .', 'C: STAT',
               'S: +OK 1 51', 'C: QUIT', 'S: +OK POP3 server signing off', 'S: <closed>')


@pytest.mark.parametrize('said, expected', [
    (b'RETR 2\r\n', b'+OK 51 octets\r\nSubject: two\r\nX: y\r\n\r\nline 1\r\n..line '
                    b'2\r\n...\r\nline 4\r\n.\r\n'),
    (b'TOP 2 0\r\n', b'+OK\r\nSubject: two\r\nX: y\r\n\r\n.\r\n'),
    (b'TOP 2 2\r\n', b'+OK\r\nSubject: two\r\nX: y\r\n\r\nline 1\r\n..line 2\r\n.\r\n'),
    (b'TOP 2 99\r\n',
     b'+OK\r\nSubject: two\r\nX: y\r\n\r\nline 1\r\n..line 2\r\n...\r\nline 4\r\n.\r\n'),
    (b'LIST 1\r\n', b'+OK 1 23\r\n'), (b'UIDL 2\r\n', b'+OK 2 uid-2\r\n'),
    (b'UIDL\r\n', b'+OK\r\n1 uid-1\r\n2 uid-2\r\n.\r\n'),
    (b'list 01\r\n', b'+OK 1 23\r\n'), (b'NOOP\r\n', b'+OK\r\n'),
    (b'DELE 1\r\nRSET\r\nSTAT\r\n',
     b'+OK message 1 deleted\r\n+OK 2 messages (74 octets)\r\n+OK 2 74\r\n'),
    (b'DELE 1\r\nDELE 1\r\nRETR 1\r\nLIST 1\r\nTOP 1 0\r\nUIDL 1\r\n',
     b'+OK message 1 deleted\r\n' + b'-ERR message 1 already deleted\r\n' * 5)])
def test_commands_on_messages_get_their_replies(said, expected):
    assert answers(said) == expected


@pytest.mark.parametrize('said',
                         [b'RETR 0', b'RETR 3', b'RETR -1', b'RETR +1', b'RETR 1_0', b'RETR x',
                          b'RETR 99999999999999999999', b'LIST 0', b'LIST 3',
                                  b'UIDL 0', b'TOP 0 0', b'TOP 3 0', b'DELE 3', b'RETR \xb2',
                          b'RETR 1.0'])
def test_no_such_message(said):
    assert answers(said + b'\r\nNOOP\r\n') == b'-ERR no such message\r\n+OK\r\n'


@pytest.mark.parametrize('said, reply', [
    (b'RETR', b'-ERR syntax: RETR msg'), (b'RETR 1 2', b'-ERR syntax: RETR msg'),
    (b'TOP 1', b'-ERR syntax: TOP msg n'), (b'TOP 1 -1', b'-ERR syntax: TOP msg n'),
    (b'TOP 1 x', b'-ERR syntax: TOP msg n'), (b'STAT 1', b'-ERR syntax: STAT'),
    (b'FOO', b'-ERR unknown command'), (b'', b'-ERR unknown command'),
    (b'USER x', b'-ERR command not valid in this state'),
    (b'PASS x', b'-ERR command not valid in this state'),
    (b'APOP x y', b'-ERR command not valid in this state'),
    (b'AUTH', b'-ERR command not valid in this state'),
    (b'STLS', b'-ERR command not valid in this state'),
    (b'UTF8', b'-ERR command not valid in this state'),
    (b'RPOP x', b'-ERR command not valid in this state'), (b'LAST', b'-ERR unknown command'),
    (b'NOOP' + b' ' * 300, b'-ERR line too long'),
    (b'X' * 20000, b'-ERR line too long'),
    (b'NO\0OP', b'-ERR unknown command'),
    (b'LANG', b'+OK Language listing follows:\r\nen English\r\n.'),
    (b'LANG fr', b'-ERR unsupported language'),
    (b'LANG EN-us', b'+OK en English')])
def test_other_commands_get_their_replies(said, reply):
    assert answers(said + b'\r\nNOOP\r\n') == reply + b'\r\n+OK\r\n'


def test_last_where_it_is_wanted():
    assert answers(b'LAST\r\nRETR 1\r\nDELE 2\r\nLAST\r\nRSET\r\nLAST\r\n',
                   last=True).split(b'\r\n')[0::1][:1] == [b'+OK 0']
    assert b'+OK message 2 deleted\r\n+OK 2\r\n' in answers(b'DELE 2\r\nLAST\r\n', last=True)


def test_capa_depends_on_the_state():
    got = play(server, b'CAPA\r\n' + LOGIN + b'CAPA\r\n')
    before, after = got.split(LOGIN and b'+OK 2 messages')
    lines = before.split(b'\r\n')[1:]
    assert lines[0] == b'+OK'
    assert set(lines[1:lines.index(b'.')]) >= { b'TOP', b'UIDL', b'RESP-CODES', b'AUTH-RESP-CODE',
                                               b'PIPELINING', b'EXPIRE NEVER', b'UTF8 USER',
                                               b'LANG', b'USER', b'IMPLEMENTATION carryall'}
    assert any(line.startswith(b'SASL ') and b'PLAIN' in line for line in lines)
    assert b'SASL' not in after
    assert b'STLS' not in after
    assert b'\r\n.\r\n' in after


def test_deletions_happen_at_quit_only():
    for said, left in ((b'DELE 1\r\nQUIT\r\n', [TWO]), (b'DELE 1\r\n', [ONE, TWO]),
                       (b'DELE 1\r\nRSET\r\nQUIT\r\n', [ONE, TWO]),
                       (b'DELE 1\r\nDELE 2\r\nQUIT\r\n', [])):
        for end in (FakeTransport.feed_eof, FakeTransport.lose):
            loop = VirtualLoop()
            realm = Accounts()
            wire = FakeTransport(loop).connect(server(loop, realm))
            wire.feed(LOGIN + said)
            loop.advance()
            assert realm.account.locked is (b'QUIT' not in said)
            end(wire)
            loop.advance()
            assert realm.account.messages == left, said
            assert not realm.account.locked, said
            assert realm.logged_out_times == 1, said


def test_one_session_at_a_time():
    loop = VirtualLoop()
    realm = Accounts()
    first = FakeTransport(loop).connect(server(loop, realm))
    second = FakeTransport(loop).connect(server(loop, realm))
    first.feed(LOGIN)
    second.feed(LOGIN)
    loop.advance()
    second.take()
    second.feed(b'STAT\r\nUSER ann\r\nPASS secret\r\n')
    loop.advance()
    assert second.take(
        ) == (b'-ERR command not valid in this state\r\n+OK\r\n-ERR [IN-USE] maildrop already '
              b'locked\r\n')
    first.feed(b'QUIT\r\n')
    loop.advance()
    second.feed(LOGIN)
    loop.advance()
    assert second.take() == b'+OK\r\n+OK 2 messages (74 octets)\r\n'


def test_a_maildrop_that_fails(expect_log):
    expect_log('failed|were not deleted')

    class Broken(MemoryAccount):
        def open_maildrop(self, loop):
            opened = MemoryAccount.open_maildrop(self, loop)
            drop = opened.result()
            drop.commit = lambda numbers: failed(CarryallError(u'/secret'))
            drop.read = lambda number: 1 // 0
            return opened

    loop = VirtualLoop()
    realm = Accounts()
    realm.account = Broken([ONE, TWO])
    wire = FakeTransport(loop).connect(server(loop, realm))
    wire.feed(LOGIN + b'RETR 1\r\nNOOP\r\nDELE 1\r\nQUIT\r\n')
    loop.advance()
    got = wire.take()
    assert b'-ERR [SYS/TEMP] internal error\r\n+OK\r\n' in got
    assert b'secret' not in got
    assert got.endswith(b'-ERR [SYS/TEMP] some deleted messages not removed\r\n')
    assert not realm.account.locked


@pytest.mark.parametrize('said, lives',
                         [(b'NOOP', False), (b'STAT', False), (b'CAPA', False), (b'LIST', True),
                          (b'TOP 1 0', True)])
def test_a_client_that_asks_for_nothing_is_disconnected(said, lives):
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(server(loop))
    wire.feed(LOGIN)
    loop.advance()
    seconds = 0
    while not wire.closed and seconds < 4000:
        wire.feed(said + b'\r\n')
        loop.advance(100.0)
        seconds += 100
    assert (seconds == 4000) == lives
    assert lives or 1800 <= seconds <= 1900


def test_an_idle_client_is_disconnected():
    loop = VirtualLoop()
    realm = Accounts()
    wire = FakeTransport(loop).connect(server(loop, realm))
    for _ in range(122):
        wire.feed(b'CAPA\r\n')
        loop.advance(1.0)
    assert wire.closed, 'it never logged in'
    wire = FakeTransport(loop).connect(server(loop, realm))
    wire.feed(LOGIN)
    for _ in range(3):
        loop.advance(590.0)
        wire.feed(b'NOOP\r\n')
    assert not wire.closed
    for _ in range(602):
        wire.feed(b'N')
        loop.advance(1.0)
    assert wire.closed, 'one octet a second is no command'
    assert not realm.account.locked, 'one octet a second is no command'


def test_errors_end_it():
    got = play(server, b'FOO\r\n' * 30)
    assert got.count(b'-ERR unknown command') == 10
    assert got.endswith(b'-ERR too many errors\r\n')


def test_a_slow_reader_gets_the_message_as_it_reads():
    loop = VirtualLoop()
    realm = Accounts([b'x' * 78 + b'\r\n'] * 1 + [(b'.' * 78 + b'\r\n') * 100000])
    wire = FakeTransport(loop).connect(server(loop, realm))
    wire.feed(LOGIN)
    loop.advance()
    wire.take()
    wire.clog()
    wire.feed(b'RETR 2\r\nNOOP\r\n')
    loop.advance()
    assert wire.get_write_buffer_size() < 300000
    said = wire.take()
    while not said.endswith(b'+OK\r\n'):
        wire.drain(None)
        loop.advance(100.0)
        said = said[-10:] + wire.take()
    assert said.endswith(b'\r\n.\r\n+OK\r\n')
    assert not wire.closed
    wire.feed(b'RETR 2\r\n')
    loop.advance(302.0)
    assert wire.closed, 'who reads nothing keeps the maildrop'
    assert wire.lost, 'who reads nothing keeps the maildrop'
    assert not realm.account.locked, 'who reads nothing keeps the maildrop'


def test_a_slow_reader_may_ask_for_much_at_once():
    """A line of six octets makes an answer of many thousand, which are made as the client reads."""
    loop = VirtualLoop()
    realm = Accounts([ONE] * 500)
    wire = FakeTransport(loop).connect(server(loop, realm))
    wire.feed(LOGIN)
    loop.advance()
    wire.take()
    wire.clog()
    wire.feed(b'LIST\r\n' * 200)
    loop.advance()
    assert wire.get_write_buffer_size() < 100000
    assert not wire.reading
    wire.unclog()
    loop.advance()
    assert wire.take().count(b'\r\n.\r\n') == 200
    assert wire.reading
    wire.clog()
    wire.feed(b'LIST\r\n' * 200)
    loop.advance(302.0)
    assert wire.closed
    assert not realm.account.locked


def test_ten_thousand_messages():
    loop = VirtualLoop()
    realm = Accounts([ONE] * 10000)
    wire = FakeTransport(loop).connect(server(loop, realm))
    wire.feed(LOGIN + b'LIST\r\nUIDL\r\nSTAT\r\n')
    loop.advance()
    got = wire.take()
    assert got.count(b'\r\n') == 3 + 2 * 10002 + 1
    assert got.endswith(b'+OK 10000 230000\r\n')


def test_garbage_gets_errors_alone():
    dice = random.Random(20040225)
    words = [b'USER ', b'PASS ', b'ann', b'secret', b'\r\n', b'RETR 1', b'TOP 1 1', b'DELE 1',
             b'LIST', b'APOP a b', b'AUTH PLAIN', b'\0', b'\xff', b'=', b' ', b'9', b'\n',
             b'\r', b'QUIT', b'RSET\r\n', LOGIN]
    for _ in range(300):
        loop = VirtualLoop()
        realm = Accounts()
        wire = FakeTransport(loop).connect(server(loop, realm))
        for _ in range(dice.randrange(1, 50)):
            wire.feed(dice.choice(words))
            loop.advance()
        wire.feed_eof()
        loop.advance(10.0)
        assert not loop.failures
        assert not realm.account.locked


def test_drain_ends_sessions_after_their_command():
    loop = VirtualLoop()
    realm = Accounts()
    made = server(loop, realm)
    wire = FakeTransport(loop).connect(made)
    wire.feed(LOGIN + b'DELE 1\r\n')
    loop.advance()
    made.drain()
    loop.advance()
    assert wire.closed
    assert realm.account.messages == [ONE, TWO]
    assert not realm.account.locked


def test_chunks_do_not_matter():
    seen = set()
    for _, pieces in chunkings(LOGIN + b'UIDL\r\nRETR 2\r\nTOP 2 1\r\nDELE 1\r\nQUIT\r\n'):
        loop = VirtualLoop()
        realm = Accounts()
        wire = FakeTransport(loop).connect(server(loop, realm))
        for piece in pieces:
            wire.feed(piece)
            loop.advance()
        seen.add((wire.take(), len(realm.account.messages)))
    assert len(seen) == 1
