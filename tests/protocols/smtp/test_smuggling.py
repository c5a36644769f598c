# Copyright the carryall authors.  See LICENSE.
"""No second message can be smuggled inside a first (CVE-2023-51764, -51765, -51766), nor past
STARTTLS.

Each row stands between two messages.  If anything but CRLF dot CRLF ended the first, the second
would be taken.
"""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.core.testing import FakeTransport, NullTLS, VirtualLoop, chunkings, play
from carryall.protocols.smtp import Outgoing, SMTPClient
from tests.protocols.smtp.stage import ENVELOPE, HELLO, TLS, Kept, server

SECOND = b'MAIL FROM:<evil@a.example>\r\nRCPT TO:<b@b.example>\r\nDATA\r\nSubject: smuggled\r\n'
REAL_END = b'\r\n.\r\n'

# what stands between, whether the whole may be queued as one message (reject), what it is then
# (mend)
BETWEEN = [
    b'\n.\n', b'\n.\r\n', b'\r\n.\n', b'\r.\r', b'\r.\r\n', b'\r\n.\r', b'\n.\r', b'\r.\n',
    b'\n\n.\n\n', b'\r\n\n.\r\n', b'\r\n.\n\r\n',
    b'\r\n.\r\r\n', b'\r\r\n.\n', b'\n\r\n.\n', b'\x00\n.\n', b'\r\n\x00.\r\n', b'\r\n.\x00\r\n',
    b'\r\n. \r\n', b'\r\n .\r\n', b'\r\n..\r\n',
    b'\r\n.\x85', b'\x85.\x85', b'\x0b.\x0b', b'\x0c.\x0c', u'\u2028.\u2028'.encode('utf-8'),
    b'\n.\n.\n', b'\r\n.\n.\r\n', b'\n\r.\n\r']
NOT_ALONE = (b'\r\n. \r\n', b'\r\n .\r\n', b'\r\n..\r\n', b'\r\n.\x85', b'\x85.\x85', b'\x0b.\x0b',
             b'\x0c.\x0c',
             u'\u2028.\u2028'.encode('utf-8'))


def said(between):
    return ENVELOPE + b'DATA\r\nSubject: first\r\n\r\nhello' + between + SECOND + REAL_END \
        + b'QUIT\r\n'


@pytest.mark.parametrize('between', BETWEEN, ids=repr)
def test_the_message_is_one_and_refused(between):
    for name, pieces in chunkings(said(between)):
        backend = Kept()
        loop = VirtualLoop()
        wire = FakeTransport(loop).connect(server(loop, backend))
        for piece in pieces:
            wire.feed(piece)
        loop.advance()
        codes = [line[:9] for line in wire.take().split(b'\r\n') if line[3:4] == b' ']
        verdict = b'550 5.6.0' if b'\0' in between else b'550 5.6.1'
        if between in NOT_ALONE:
            verdict = b'250 2.0.0'
        assert codes[-2:] == [verdict, b'221 2.0.0'], (name, codes)
        assert len(codes) == 7, 'a second message was seen: %r' % (codes,)
        assert len(backend.mails) == (1 if between in NOT_ALONE else 0)


@pytest.mark.parametrize('between', BETWEEN, ids=repr)
def test_the_message_is_one_and_mended(between):
    backend = Kept()
    play(lambda loop: server(loop, backend, lone_ends='mend'), said(between))
    for sender, _, message in backend.mails:
        assert sender == b'a@a.example', 'a second message was taken'
        assert b'smuggled' in message
        assert message.count(b'\r') == message.count(b'\n') == message.count(b'\r\n')
        # And no server behind this one sees an end in it.
        loop = VirtualLoop()
        client = SMTPClient(loop)
        client.extensions[b'8BITMIME'] = []
        wire = FakeTransport(loop).connect(client)
        client.send(Outgoing(b'a@b', [b'c@d'], message))
        wire.feed(b'220 x\r\n250 ok\r\n')
        wire.feed(b'250 ok\r\n354 go\r\n')
        loop.advance()
        sent = wire.take()
        assert sent.count(b'\r\n.\r\n') == 1
        assert sent.endswith(b'\r\n.\r\n')


def test_the_real_end_is_one():
    backend = Kept()
    play(lambda loop: server(loop, backend), said(REAL_END))
    assert len(backend.mails) % 2 == 0
    assert len(backend.mails) >= 2


ALONE = b'500 5.5.2 Error: bare CR, LF or NUL in command\r\n'


def after_hello(said, **given):
    """The server's answers to commands behind EHLO, at every chunking."""
    got = play(lambda loop: server(loop, **given), HELLO + said)
    return got[got.index(b'250 HELP\r\n') + 10:]


@pytest.mark.parametrize('command',
                         [b'NOOP\r\r\n', b'MAIL FROM:<a@b>\nRCPT TO:<c@d>\r\n',
                          b'MAIL FROM:<a@b\nMAIL FROM:<c@d>\r\n', b'EHLO x\nMAIL FROM:<c@d>\r\n',
                                     b'MAIL FROM:<a@b>\n', b'DATA\n', b'BDAT 3\n', b'STARTTLS\n',
                          b'NOOP x\n', b'\n', b'x' * 600 + b'\n'])
def test_a_command_ends_with_crlf_alone(command):
    assert after_hello(command) == ALONE
    assert after_hello(command + b'\r\nNOOP\r\n').startswith(ALONE)


def test_half_a_line_end_is_waited_for():
    assert after_hello(b'NOOP\r') == b''


@pytest.mark.parametrize('said, replies', [
    (b'NOOP\n', [b'250']), (b'noop\nrset\n', [b'250', b'250']),
    (b'NOOP\nNOOP\r\nNOOP\n', [b'250'] * 3), (b'QUIT\n', [b'221']), (b'HELP\n', [b'214']),
    (b'MAIL FROM:<a@b>\nNOOP\r\nNOOP\n', [b'500', b'250']), (b'NOOP\nFOO\r\n', [b'250', b'500'])])
def test_a_harmless_command_may_end_with_lf(said, replies):
    assert [line[:3] for line in after_hello(said).split(b'\r\n')[:-1]] == replies


@pytest.mark.parametrize('said, replies', [
    (b'FOO\nBAR\nbaz\r\nNOOP\r\n', [ALONE[:9], ALONE[:9], b'250 2.0.0']),
    (b'x' * 20000 + b'\ny\n\r\nNOOP\r\n', [b'500 5.5.6', ALONE[:9], ALONE[:9], b'250 2.0.0']),
    (b'NOOP\n' + b'x' * 13000 + b'\r\nNOOP\r\n', [b'250 2.0.0', b'500 5.5.6', b'250 2.0.0'])])
def test_each_lf_that_stands_alone_has_an_answer_however_it_was_cut(said, replies):
    assert [line[:9] for line in after_hello(said).split(b'\r\n')[:-1]] == replies


@pytest.mark.parametrize('said', [b'NOOP\n', b'NOOP\nDATA\r\n', b'QUIT\n'])
def test_a_strict_server_takes_no_lf(said):
    assert after_hello(said, strict=True) == ALONE


def test_a_login_whose_lines_end_with_lf_breaks_off_at_once():
    got = play(lambda loop: server(loop, Kept(accounts={u'ann': b'secret'}), clear_auth=True),
               HELLO + b'AUTH LOGIN\r\nYW5u\n')
    assert got.endswith(b'334 VXNlcm5hbWU6\r\n501 5.5.2 Cannot decode the authentication '
                        b'response\r\n')
    play(lambda loop: server(loop, Kept(accounts={u'ann': b'secret'}), clear_auth=True),
         HELLO + b'AUTH LOGIN\r\nYW5u\nc2Vj\r\n')


@pytest.mark.parametrize('message', [b'a\n.\nb\r\n', b'a\r\n.\n', b'a\rb', b'\n', b'a\r'])
def test_our_client_sends_no_such_thing(message):
    with pytest.raises(LocalProtocolError):
        loop = VirtualLoop()
        client = SMTPClient(loop)
        FakeTransport(loop).connect(client).feed(b'220 x\r\n')
        client.send(Outgoing(b'a@b', [b'c@d'], message)).result()
    assert b'\n' not in Outgoing(b'a@b', [b'c@d'], message, mend=True).message.replace(b'\r\n', b'')


@pytest.mark.parametrize('address', [b'a@b>\r\nRCPT TO:<x@y', b'a\nb@c', b'a@b> SIZE=1', b'<a@b'])
def test_no_command_in_an_address(address):
    for sender, recipients in ((address, [b'c@d']), (b'c@d', [address])):
        with pytest.raises(LocalProtocolError):
            Outgoing(sender, recipients, b'')


def test_clear_commands_behind_starttls_are_discarded(expect_log):
    seen = expect_log('discarded')
    loop = VirtualLoop(tls=NullTLS())
    wire = FakeTransport(loop).connect(server(loop, tls=TLS))
    wire.feed(HELLO
              + b'MAIL FROM:<a@b>\r\nRSET\r\nSTARTTLS\r\nMAIL FROM:<evil@a>\r\nRCPT TO:<b@b>\r\n')
    loop.advance()
    wire.feed(b'MAIL FROM:<a@b>\r\n')
    loop.advance()
    got = wire.take()
    assert got.endswith(
        b'220 2.0.0 Ready to start TLS\r\n503 5.5.1 Bad sequence of commands\r\n'), got
    assert got.count(b'503') == 1, got
    assert len(seen) == 1


def test_a_strict_server_refuses_pipelining_behind_starttls():
    loop = VirtualLoop(tls=NullTLS())
    wire = FakeTransport(loop).connect(server(loop, tls=TLS, strict_pipelining=True))
    wire.feed(HELLO)
    wire.take()
    wire.feed(b'STARTTLS\r\nMAIL FROM:<evil@a>\r\n')
    loop.advance()
    assert wire.take() == b'554 5.5.0 Improper use of SMTP command pipelining\r\n'
    assert wire.ended
