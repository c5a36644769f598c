# Copyright the carryall authors.  See LICENSE.
"""The SMTP server: commands, replies, limits, time (RFC 5321; LMTP: RFC 2033)."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.future import Future
from carryall.core.testing import FakeTransport, VirtualLoop, chunkings, play, transcript
from carryall.protocols.smtp import server as module
from carryall.protocols.smtp import MessageMemory
from tests.protocols.smtp.stage import ENVELOPE, HELLO, Kept, connected, server, serving

GREETING = b'220 mx.example ESMTP carryall\r\n'


def answers(said, backend=None, **given):
    """The server's answers after the greeting, at every chunking."""
    got = play(serving(backend, **given), said)
    assert got.startswith(GREETING), 'it greets with %r' % got[:60]
    return got[len(GREETING):]


def test_a_message_is_accepted():
    backend = Kept()
    transcript(lambda loop: server(loop, backend),
               'S: 220 mx.example ESMTP carryall', 'C: HELO c.example', 'S: 250 mx.example',
               'C: MAIL FROM:<a@a.example>', 'S: 250 2.1.0 Ok', 'C: RCPT TO:<b@b.example>',
               'S: 250 2.1.5 Ok',
               'C: rcpt to:<"c c"@b.example>', 'S: 250 2.1.5 Ok', 'C: DATA',
               'S: 354 Start mail input; end with <CRLF>.<CRLF>',
               'C: Subject: x', 'C: ', 'C: ..dot', 'C: .', 'S: 250 2.0.0 Ok: kept', 'C: QUIT',
               'S: 221 2.0.0 mx.example Service closing transmission channel', 'S: <closed>')
    assert backend.mails
    assert set(map(repr,
                   backend.mails)) == { repr((b'a@a.example', [b'b@b.example', b'"c c"@b.example'],
                                              b'Subject: x\r\n\r\n.dot\r\n'))}


def test_ehlo_names_the_extensions():
    _, wire, _ = connected()
    wire.feed(HELLO)
    lines = wire.take().split(b'\r\n')
    assert lines[0] == b'250-mx.example'
    assert lines[-2:] == [b'250 HELP', b'']
    assert set(line[4:] for line in lines[1:-1]) == {
        b'PIPELINING', b'SIZE 33554432', b'8BITMIME', b'SMTPUTF8', b'CHUNKING', b'BINARYMIME',
        b'DSN', b'ENHANCEDSTATUSCODES',
        b'LIMITS RCPTMAX=1000', b'ETRN', b'HELP'}


def test_pipelined_commands_are_answered_in_order_and_in_one_piece():
    backend = Kept()
    said = ENVELOPE + (b'RCPT TO:<nobody@b.example>\r\nDATA\r\nhello\r\n.\r\nMAIL FROM:<>\r\nRCPT '
                       b'TO:<Postmaster>\r\nDATA\r\n.\r\nQUIT\r\n')
    got = answers(said, backend).split(b'\r\n')
    codes = [line[:4] for line in got if line[3:4] != b'-']
    assert codes == [b'250 ', b'250 ', b'250 ', b'550 ', b'354 ', b'250 ', b'250 ', b'250 ',
                     b'354 ', b'250 ', b'221 ', b'']
    assert backend.mails[:2] == [(b'a@a.example', [b'b@b.example'], b'hello\r\n'),
                                 (b'', [b'Postmaster'], b'')]
    pieces = []
    loop, wire, _ = connected()
    wire.write = pieces.append
    wire.feed(said)
    assert len(pieces) <= 3, 'the replies left in %d pieces' % len(pieces)


@pytest.mark.parametrize('said, reply', [
    (b'NOOP\r\n', b'250 2.0.0'), (b'NOOP what ever\r\n', b'250 2.0.0'), (b'noop\r\n', b'250 2.0.0'),
    (b'RSET\r\n', b'250 2.0.0'),
    (b'RSET x\r\n', b'501 5.5.4'), (b'QUIT x\r\n', b'501 5.5.4'), (b'FOO\r\n', b'500 5.5.2'),
    (b'\r\n', b'500 5.5.2'),
    (b' NOOP\r\n', b'500 5.5.2'), (b'MAIL FROM:<a@b>\r\n', b'503 5.5.1'),
    (b'RCPT TO:<a@b>\r\n', b'503 5.5.1'),
    (b'DATA\r\n', b'503 5.5.1'), (b'HELO\r\n', b'501 5.5.4'), (b'EHLO\r\n', b'501 5.5.4'),
    (b'EHLO ' + b'a' * 256 + b'\r\n', b'501 5.5.4'), (b'EHLO a\x01b\r\n', b'501 5.5.4'),
    (b'LHLO a\r\n', b'500 5.5.2'),
    (b'VRFY a\r\n', b'252 2.5.0'), (b'VRFY\r\n', b'501 5.5.4'), (b'EXPN a\r\n', b'502 5.7.0'),
    (b'EXPN\r\n', b'501 5.5.4'),
    (b'HELP\r\n', b'214 2.0.0'), (b'HELP mail\r\n', b'214 2.0.0'), (b'ETRN x\r\n', b'503 5.5.1'),
    (b'STARTTLS\r\n', b'503 5.5.1'),
    (b'AUTH PLAIN\r\n', b'503 5.5.1'), (b'XCLIENT ADDR=192.0.2.9\r\n', b'550 5.7.0'),
    (b'XFORWARD NAME=x\r\n', b'503 5.5.1'),
    (b'NO\0OP\r\n', b'500 5.5.2'), (b'HELO x\nNOOP\r\n', b'500 5.5.2'),
    (b'NOOP\rNOOP\r\n', b'500 5.5.2'),
    (b'NOOP ' + b'x' * 505 + b'\r\n', b'250 2.0.0'),
    (b'NOOP ' + b'x' * 506 + b'\r\n', b'500 5.5.6'),
    (b'X' * 20000 + b'\r\n', b'500 5.5.6'), (b'BDAT 0 LAST\r\n', b'503 5.5.1'),
    (b'BDAT 3\r\nabc', b'503 5.5.1'), (b'\xff\xfe\r\n', b'500 5.5.2')])
def test_commands_before_hello(said, reply):
    got = answers(said + b'NOOP\r\n')
    assert got[:9] == reply, 'to %r it says %r' % (said[:30], got)
    assert got.endswith(b'\r\n250 2.0.0 Ok\r\n'), 'to %r it says %r' % (said[:30], got)
    assert got.count(b'\r\n') == 2


@pytest.mark.parametrize('said, reply', [
    (b'MAIL\r\n', b'501 5.5.4'), (b'MAIL FROM\r\n', b'501 5.5.4'),
    (b'MAIL TO:<a@b>\r\n', b'501 5.5.4'), (b'MAIL FROM:a@b@c\r\n', b'501 5.1.7'),
    (b'MAIL FROM: <a@b>\r\n', b'250 2.1.0'), (b'MAIL FROM:<a@b>  \r\n', b'250 2.1.0'),
    (b'MAIL FROM:<a@b>SIZE=1\r\n', b'501 5.5.4'),
    (b'MAIL FROM:<a@b> SIZE=33554432\r\n', b'250 2.1.0'),
    (b'MAIL FROM:<a@b> SIZE=33554433\r\n', b'552 5.3.4'),
    (b'MAIL FROM:<a@b> FOO=1\r\n', b'555 5.5.4'), (b'MAIL FROM:<a@b> AUTH=<>\r\n', b'555 5.5.4'),
    (b'MAIL FROM:<spammer@b>\r\n', b'550 5.7.1'),
    (u'MAIL FROM:<\xfc@b>\r\n'.encode('utf-8'), b'553 5.6.7'),
    (u'MAIL FROM:<\xfc@b> SMTPUTF8\r\n'.encode('utf-8'), b'250 2.1.0'),
    (u'MAIL FROM:<\xfc@b> BODY=8BITMIME smtputf8\r\n'.encode('utf-8'), b'250 2.1.0'),
    (b'MAIL FROM:<\xff@b> SMTPUTF8\r\n', b'501 5.1.7'),
    (b'STARTTLS\r\n', b'502 5.5.1'), (b'AUTH PLAIN\r\n', b'502 5.5.1'),
    (b'ETRN b.example\r\n', b'459 4.7.0'), (b'ETRN\r\n', b'501 5.5.4'),
    (b'DATA\r\n', b'503 5.5.1'), (b'EHLO other\r\n', b'250-mx.exa'[:9]),
    (b'MAIL FROM:<' + b'a' * 3000 + b'@b>\r\n', b'500 5.5.6')])
def test_commands_after_hello(said, reply):
    got = answers(HELLO + said)
    got = got[got.index(b'250 HELP\r\n') + 10:]
    assert got[:9] == reply, 'to %r it says %r' % (said, got)


def test_a_blank_after_the_colon_can_be_refused():
    assert b'501 5.1.7' in answers(HELLO + b'MAIL FROM: <a@b>\r\n', blank_after_colon=False,
                                   strict=True)


def test_strict_hello_refuses_bad_names():
    assert answers(b'HELO my_pc\r\n').startswith(b'250')
    assert answers(b'HELO my_pc\r\n', strict_hello=True).startswith(b'501 5.5.4')
    assert answers(b'HELO [192.0.2.1]\r\n', strict_hello=True).startswith(b'250')


def test_without_esmtp_ehlo_is_not_known():
    got = play(serving(esmtp=False),
               HELLO + b'HELO c\r\nMAIL FROM:<a@b> SIZE=1\r\nMAIL FROM:<a@b>\r\n')
    assert [line[:9] for line in got.split(b'\r\n')] == [b'220 mx.ex', b'500 5.5.2', b'250 mx.ex',
                                                         b'555 5.5.4', b'250 2.1.0', b'']


def test_parameters_need_ehlo_where_it_is_strict():
    got = answers(b'HELO c\r\nMAIL FROM:<a@b> SIZE=1\r\n', strict=True)
    assert got.endswith(b'555 5.5.4 MAIL FROM/RCPT TO parameters not recognized or not '
                        b'implemented\r\n'), got


def test_recipients_get_replies_of_their_own():
    got = answers(HELLO + b'MAIL FROM:<a@b> \r\nDATA\r\nRCPT\r\nRCPT TO:x@\r\nRCPT TO:<>\r\nRCPT '
                          b'TO:<nobody@b>\r\nRCPT TO:<a@b> NOTIFY=NEVER\r\n'
                  b'RCPT TO:<b@b> NOTIFY=x\r\nMAIL FROM:<x@y>\r\nRCPT TO:<c@b>\r\nRCPT '
                  b'TO:<d@b>\r\n', max_recipients=2)
    assert [line[:9] for line in got.split(b'\r\n') if not line.startswith(b'250-')][2:] == [
        b'503 5.5.1', b'501 5.5.4', b'501 5.1.3', b'501 5.1.3', b'550 5.1.1', b'250 2.1.5',
        b'501 5.5.4', b'503 5.5.1', b'250 2.1.5',
        b'452 4.5.3', b'']


def test_rset_and_hello_forget_the_message():
    for word in (b'RSET\r\n', HELLO, b'HELO x\r\n'):
        got = answers(ENVELOPE + word + b'RCPT TO:<a@b>\r\n')
        assert got.endswith(b'503 5.5.1 Bad sequence of commands\r\n'), got


def test_a_message_that_is_too_big_is_refused():
    backend = Kept()
    got = answers(ENVELOPE + b'DATA\r\n' + b'x' * 98 + b'\r\n.\r\nNOOP\r\n', backend, max_size=99)
    assert got.endswith(b'552 5.3.4 Message size exceeds fixed maximum message size\r\n250 2.0.0 '
                        b'Ok\r\n')
    assert not backend.mails
    answers(ENVELOPE + b'DATA\r\n' + b'.' * 98 + b'\r\n.\r\nNOOP\r\n', backend, max_size=99)
    assert backend.mails[0][2] == b'.' * 97 + b'\r\n'


def test_the_room_of_all_messages_is_bounded():
    memory = MessageMemory(1000)
    loop, wire, _ = connected(Kept(), memory=memory)
    wire.feed(ENVELOPE + b'DATA\r\n' + b'x' * 900)
    assert memory.left == 100
    assert not wire.closed
    _, other, _ = connected(Kept(), loop, memory=memory)
    other.feed(ENVELOPE + b'BDAT 500 LAST\r\n' + b'y' * 500 + ENVELOPE + b'DATA\r\n' + b'z' * 101)
    said = other.take()
    assert b'\n452 4.3.1' in said
    assert said.endswith(b'\r\n421 4.3.1 Insufficient system storage, try again later\r\n')
    assert other.ended
    loop.advance()
    assert memory.left == 100
    _, third, _ = connected(Kept(), loop, memory=memory)
    memory.left = 0
    third.feed(ENVELOPE + b'DATA\r\n')
    assert third.take().endswith(b'452 4.3.1 Insufficient system storage, try again later\r\n')
    memory.left = 100
    wire.feed(b'\r\n.\r\n')
    loop.advance()
    assert memory.left == 1000 - 0, 'octets are left behind: %d' % memory.left


def test_errors_in_a_row_end_it():
    got = answers(b'FOO\r\n' * 30)
    assert got.count(b'500 5.5.2') == 10
    assert got.endswith(b'421 4.7.0 Too many errors\r\n')
    good = answers(b'FOO\r\nNOOP\r\n' * 30)
    assert b'421' not in good
    assert good.count(b'500') == 30


def test_guessing_names_and_idle_commands_are_bounded():
    got = answers(HELLO + b'MAIL FROM:<a@b>\r\n' + b'RCPT TO:<nobody@b>\r\n' * 150)
    assert got.count(b'550 5.1.1') == module.MAX_REFUSED
    assert got.endswith(b'421 4.7.0 Too many recipients refused\r\n')
    got = answers(b'NOOP\r\n' * 150)
    assert got.count(b'250 2.0.0') == module.MAX_IDLE_COMMANDS
    assert b'421 4.7.0' in got


def test_lmtp_gives_each_recipient_a_reply():
    got = play(serving(lmtp=True), b'EHLO c\r\nLHLO c\r\nMAIL FROM:<a@b>\r\nDATA\r\nRCPT '
                                   b'TO:<b@b.example>\r\nRCPT TO:<full@b.example>\r\n'
               b'DATA\r\nx\r\n.\r\nMAIL FROM:<a@b>\r\nRCPT TO:<b@b>\r\nRCPT '
               b'TO:<c@b>\r\nDATA\r\na\nb\r\n.\r\n')
    lines = [line[:9] for line in got.split(b'\r\n') if not line.startswith(b'250-')]
    assert lines == [b'220 mx.ex', b'500 5.5.2', b'250 HELP', b'250 2.1.0', b'503 5.5.1',
                     b'250 2.1.5', b'250 2.1.5', b'354 Start', b'250 2.0.0',
                     b'452 4.2.2', b'250 2.1.0', b'250 2.1.5', b'250 2.1.5', b'354 Start',
                     b'550 5.6.1', b'550 5.6.1', b'']


def test_an_internal_error_is_not_shown_to_the_peer(expect_log):
    expect_log('command.* failed')

    class Broken(Kept):
        def message(self, session, transaction):
            raise ValueError('/secret/path')

        def mail(self, session, transaction):
            if transaction.sender is None:
                raise ValueError('/secret/path')

    got = answers(HELLO + b'MAIL FROM:<>\r\n' + ENVELOPE[len(HELLO):]
                  + b'DATA\r\nx\r\n.\r\nNOOP\r\n', Broken())
    assert got.count(b'451 4.3.0') == 2
    assert b'secret' not in got
    assert got.endswith(b'250 2.0.0 Ok\r\n')


def test_an_answer_that_comes_later_holds_the_pipeline():
    backend = Kept(later=True)
    loop, wire, _ = connected(backend)
    wire.feed(ENVELOPE + b'DATA\r\nx\r\n.\r\nNOOP\r\nMAIL FROM:<c@c>\r\n')
    wire.take()
    loop.advance(10000.0)
    assert wire.take() == b'', 'while it waits for the disk it is not idle'
    assert not wire.closed, 'while it waits for the disk it is not idle'
    future, reply = backend.waiting.pop()
    future.set_result(reply)
    loop.advance()
    assert wire.take() == b'250 2.0.0 Ok: kept\r\n250 2.0.0 Ok\r\n250 2.1.0 Ok\r\n'


@pytest.mark.parametrize('said', [
    b'', b'EH', HELLO, HELLO + b'MAIL FROM:<a@b>\r\n', ENVELOPE, ENVELOPE + b'DATA\r\n',
    ENVELOPE + b'DATA\r\nabc\r\n.\r',
    ENVELOPE + b'BDAT 10\r\nabc', ENVELOPE + b'BDAT 3\r\nabc'])
@pytest.mark.parametrize('end', ['eof', 'lose'])
def test_an_end_in_every_state(said, end):
    backend = Kept()
    memory = MessageMemory(1000)
    loop, wire, made = connected(backend, memory=memory)
    wire.feed(said)
    wire.feed_eof() if end == 'eof' else wire.lose()
    loop.advance(10000.0)
    assert len(wire.lost) == 1
    assert not loop.failures
    assert not backend.mails
    assert backend.gone == 1
    assert memory.left == 1000, 'something is left'
    assert len(made.sweeper) == 0, 'something is left'


def test_an_end_while_the_message_is_being_stored():
    backend = Kept(later=True)
    loop, wire, _ = connected(backend)
    wire.feed(ENVELOPE + b'DATA\r\nabc\r\n.\r\n')
    wire.lose()
    loop.advance()
    backend.waiting[0][0].set_result(b'250 x')
    loop.advance(1000.0)
    assert not loop.failures
    assert wire.take().endswith(b'\r\n')


def test_idle_and_only_commands_earn_time():
    loop, wire, _ = connected()
    for _ in range(4):
        loop.advance(250.0)
        wire.feed(b'NOOP\r\n')
    assert not wire.closed
    wire.take()
    for _ in range(301):
        wire.feed(b'N')
        loop.advance(1.0)
    assert wire.closed
    assert wire.take() == b'421 4.4.2 mx.example Error: timeout exceeded\r\n'


@pytest.mark.parametrize('said',
                         [b'EHLO c.example\r\n', b'MAIL FROM:<a@a.example>\r\nRSET\r\n',
                          b'NOOP\r\n'])
def test_a_client_that_sends_nothing_is_disconnected(said):
    loop, wire, _ = connected()
    wire.feed(b'EHLO c.example\r\n')
    seconds = 0
    while not wire.closed and seconds < 10000:
        wire.feed(said)
        loop.advance(20.0)
        seconds += 20
    assert 1780 <= seconds <= 1840
    assert wire.take().endswith(b'\r\n421 4.4.2 mx.example Error: timeout exceeded\r\n')


def test_a_message_earns_time():
    loop, wire, _ = connected()
    for _ in range(30):
        wire.feed(ENVELOPE + b'DATA\r\nx\r\n.\r\n')
        loop.advance(250.0)
    assert not wire.closed


def test_a_message_has_its_time():
    loop, wire, _ = connected()
    wire.feed(ENVELOPE + b'DATA\r\n')
    loop.advance(299.0)
    wire.feed(b'x')
    loop.advance(182.0)
    assert wire.ended, 'nothing came for three minutes'
    loop, wire, _ = connected()
    wire.feed(ENVELOPE + b'DATA\r\n')
    for _ in range(1810):
        wire.feed(b'x')
        loop.advance(1.0)
    assert wire.closed, 'an octet a second is no message'


@pytest.mark.parametrize('given',
                         [{'strict_pipelining': True},
                          {'strict_pipelining': True, 'greet_seconds': 5.0}])
def test_a_client_that_does_not_wait_is_refused(given):
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(server(loop, **given))
    if given.get('greet_seconds'):
        wire.feed(b'EHLO c\r\n')
        loop.advance(10.0)
        assert wire.take() == b'554 5.5.0 Improper use of SMTP command pipelining\r\n'
        assert wire.closed
        return
    for group in (b'EHLO c\r\nMAIL FROM:<a@b>\r\n', b'HELO c\r\nNOOP\r\n',
                  ENVELOPE.replace(HELLO, b'') + b'DATA\r\nSubject: x\r\n.\r\n'):
        loop, wire, _ = connected(strict_pipelining=True)
        if group.startswith(b'MAIL'):
            wire.feed(HELLO)
            wire.take()
        wire.feed(group)
        loop.advance()
        assert wire.take(
            ).endswith(b'554 5.5.0 Improper use of SMTP command pipelining\r\n'), group
        assert wire.ended, group
    loop, wire, _ = connected(strict_pipelining=True)
    wire.feed(HELLO)
    wire.feed(ENVELOPE[len(HELLO):] + b'DATA\r\n')
    wire.feed(b'x\r\n.\r\nMAIL FROM:<a@b>\r\n')
    assert not wire.closed, 'it did wait'
    assert b'\n554' not in wire.take(), 'it did wait'


def test_the_greeting_can_be_held_back_and_the_patient_are_served():
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(server(loop, greet_seconds=5.0))
    wire.feed(b'EHLO c\r\n')                    # not strict: it waits, and is answered in the end
    loop.advance(4.0)
    assert wire.take() == b'', 'it could say as much as it likes'
    assert not wire.reading, 'it could say as much as it likes'
    loop.advance(2.0)
    assert wire.take().startswith(GREETING + b'250-')
    wire = FakeTransport(loop).connect(server(loop, greet_seconds=5.0))
    wire.lose()
    loop.advance(10.0)
    assert not loop.failures


def test_a_client_that_is_turned_away():
    backend = Kept()
    backend.refusal = b'554 5.7.1 Not you'
    assert play(serving(backend), b'') == b'554 5.7.1 Not you\r\n'
    backend.refusal = Future()
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(server(loop, backend))
    loop.advance(3.0)
    assert wire.take() == b''
    backend.refusal.set_result(None)
    loop.advance()
    assert wire.take() == GREETING


def test_drain_ends_sessions_after_their_message():
    backend = Kept(later=True)
    loop, idle, first = connected(backend)
    _, busy, second = connected(backend, loop)
    busy.feed(ENVELOPE + b'DATA\r\nx\r\n.\r\n')
    busy.take()
    first.drain()
    second.drain()
    assert idle.take(
        ) == b'421 4.3.2 mx.example Service not available, closing transmission channel\r\n'
    assert idle.closed
    assert not busy.closed
    backend.waiting[0][0].set_result(b'250 2.0.0 Ok')
    busy.feed(b'MAIL FROM:<a@b>\r\n')
    loop.advance()
    assert busy.take(
        ) == (b'250 2.0.0 Ok\r\n421 4.3.2 mx.example Service not available, closing transmission '
              b'channel\r\n')
    assert busy.ended


def test_vrfy_expn_and_etrn_where_they_are_wanted():
    class Telling(Kept):
        def vrfy(self, session, text):
            return b'250 2.1.5 <a@b>' if text == b'a' else None

        def expn(self, session, text):
            return b'250-2.1.5 <a@b>\r\n250 2.1.5 <c@b>' if text == b'all' else None

        def etrn(self, session, node):
            return b'250 2.0.0 Queuing started' if node == b'b.example' else None

    got = answers(HELLO + b'VRFY a\r\nVRFY b\r\nEXPN all\r\nEXPN b\r\nETRN b.example\r\nETRN c\r\n',
                  Telling(), vrfy=True)
    assert b'250-VRFY\r\n' in got
    lines = [b'250 2.1.5 <a@b>',
             b'252 2.5.0 Cannot VRFY user, but will accept message and attempt delivery',
             b'250-2.1.5 <a@b>', b'250 2.1.5 <c@b>', b'550 5.1.1 Mailing list unknown',
             b'250 2.0.0 Queuing started', b'459 4.7.0 Node not allowed', b'']
    assert got.endswith(b'\r\n'.join(lines))


def test_xclient_and_xforward_for_the_trusted():
    seen = []

    class Noting(Kept):
        def mail(self, session, transaction):
            seen.append((str(session.address), session.name, session.user, dict(session.forwarded)))

    got = answers(HELLO + b'XFORWARD NAME=a+20b ADDR=[UNAVAILABLE]\r\nXFORWARD FOO=1\r\nXCLIENT '
                          b'ADDR=1\r\nXCLIENT ADDR=192.0.2.77 PORT=5 NAME=x.example '
                  b'LOGIN=ann\r\nEHLO d\r\nMAIL FROM:<a@b>\r\n', Noting(),
                  trusted=lambda host: host == '192.0.2.1')
    assert seen[0] == ('192.0.2.77:5', b'x.example', u'ann', {b'NAME': b'a b'})
    assert [line[:9] for line in got.split(b'\r\n') if line[3:4] == b' '] == [
        b'250 HELP', b'250 2.0.0', b'501 5.5.4', b'501 5.5.4', b'220 mx.ex', b'250 HELP',
        b'250 2.1.0']


def test_garbage_gets_errors_alone():
    dice = random.Random(20020707)
    words = [b'MAIL FROM:<', b'RCPT TO:<', b'DATA\r\n', b'BDAT ', b'LAST', b'EHLO x\r\n', b'\r\n',
             b'.\r\n', b'@', b'>', b'AUTH ', b'=', b'\0', b'9', b' ',
             b'\xff', b'RSET\r\n', b'"', b'\\', b'STARTTLS\r\n', b'\n', b'\r']
    for _ in range(400):
        loop, wire, _ = connected()
        for _ in range(dice.randrange(1, 60)):
            wire.feed(dice.choice(words))
        wire.feed_eof()
        loop.advance(10.0)
        assert not loop.failures, loop.failures
        for line in wire.take().split(b'\r\n')[:-1]:
            assert line[:3].isdigit(), line
            assert line[3:4] in b' -', line


def test_a_client_that_does_not_read_is_not_answered_for_ever():
    backend = Kept()
    loop, wire, _ = connected(backend)
    wire.feed(HELLO)
    wire.clog()
    for _ in range(5000):
        wire.feed(ENVELOPE[len(HELLO):] + b'BDAT 3 LAST\r\na\r\n')
    assert not wire.reading
    assert wire.get_write_buffer_size() < 100000
    assert len(backend.mails) < 5000
    wire.unclog()
    loop.advance(0)
    assert len(backend.mails) == 5000, 'none of what waited is lost'


def test_chunks_of_the_whole_dialogue_do_not_matter():
    said = ENVELOPE + b'DATA\r\n' + b'..\r\nab\r\n' * 20 + (
        b'.\r\nMAIL FROM:<x@y>\r\nRCPT TO:<z@y>\r\nBDAT 5\r\nab\r\ncBDAT 2 '
                                                            b'LAST\r\n\r\nQUIT\r\n')
    seen = set()
    for _, pieces in chunkings(said):
        backend = Kept()
        loop, wire, _ = connected(backend)
        for piece in pieces:
            wire.feed(piece)
        seen.add(repr((wire.take(), backend.mails)))
    assert len(seen) == 1
