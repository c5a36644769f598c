# Copyright the carryall authors.  See LICENSE.
"""AUTH and STARTTLS at the server (RFC 4954, RFC 3207)."""
from __future__ import absolute_import, division, print_function

import base64
import gc
import weakref

import pytest

from carryall.core.auth.guard import LoginGuard
from carryall.core.auth.portal import Portal, Realm
from carryall.core.testing import FakeTransport, NullTLS, VirtualLoop, chunkings, play
from carryall.core.tls import TLSInfo
from carryall.core.net.transport import Address
from tests.core.auth.kit import Crowded
from tests.protocols.smtp.stage import ENVELOPE, HELLO, TLS, Kept, server
from tests.support import interpreter

ACCOUNTS = {u'ann': b'secret'}
PLAIN = base64.b64encode(b'\0ann\0secret')
WRONG = base64.b64encode(b'\0ann\0wrong')


def codes(said, hello=HELLO, tls=True, **given):
    def make(loop):
        given.setdefault('clear_auth', not tls)
        return server(loop, Kept(accounts=ACCOUNTS), **given)
    got = play(make, hello + said)
    return [line[:9] for line in got.split(b'\r\n') if line[3:4] == b' '][2:]


@pytest.mark.parametrize('said, expected', [
    (b'AUTH PLAIN ' + PLAIN + b'\r\n', [b'235 2.7.0']),
    (b'auth plain ' + PLAIN + b'\r\n', [b'235 2.7.0']),
    (b'AUTH PLAIN\r\n' + PLAIN + b'\r\n', [b'334 ', b'235 2.7.0']),
    (b'AUTH PLAIN ' + WRONG + b'\r\n', [b'535 5.7.8']),
    (b'AUTH LOGIN\r\nYW5u\r\nc2VjcmV0\r\n', [b'334 VXNlc', b'334 UGFzc', b'235 2.7.0']),
    (b'AUTH LOGIN YW5u\r\nc2VjcmV0\r\n', [b'334 UGFzc', b'235 2.7.0']),
    (b'AUTH PLAIN\r\n*\r\n', [b'334 ', b'501 5.7.0']), (b'AUTH PLAIN !!!\r\n', [b'501 5.5.2']),
    (b'AUTH PLAIN\r\nx\r\n', [b'334 ', b'501 5.5.2']),
    (b'AUTH PLAIN =\r\n', [b'501 5.5.2']), (b'AUTH\r\n', [b'501 5.5.4']),
    (b'AUTH FOO\r\n', [b'504 5.5.4']), (b'AUTH \xff\r\n', [b'504 5.5.4']),
    (b'AUTH PLAIN ' + PLAIN + b' x\r\n', [b'501 5.5.4']),
    (b'AUTH PLAIN ' + PLAIN + b'\r\nAUTH PLAIN ' + PLAIN + b'\r\n', [b'235 2.7.0', b'503 5.5.1']),
    (b'MAIL FROM:<a@b>\r\nAUTH PLAIN ' + PLAIN + b'\r\n', [b'250 2.1.0', b'503 5.5.1']),
    (b'AUTH PLAIN ' + PLAIN + b'\r\nMAIL FROM:<a@b> AUTH=<>\r\n', [b'235 2.7.0', b'250 2.1.0'])])
def test_sasl_exchanges_get_their_codes(said, expected):
    assert codes(said, tls=False) == [word[:9] for word in expected], codes(said, tls=False)


def test_not_without_tls():
    assert codes(b'AUTH PLAIN ' + PLAIN + b'\r\nAUTH LOGIN\r\n') == [b'538 5.7.11'[:9]] * 2
    assert b'PLAIN' not in play(lambda loop: server(loop, Kept(accounts=ACCOUNTS)), HELLO)
    assert b'AUTH' in play(lambda loop: server(loop, Kept(accounts=ACCOUNTS), clear_auth=True),
                           HELLO)


def test_only_what_is_wanted_is_offered():
    got = play(lambda loop: server(loop, Kept(accounts=ACCOUNTS), clear_auth=True,
                                   mechanisms=('PLAIN',)), HELLO + b'AUTH LOGIN\r\n')
    assert b'250-AUTH PLAIN\r\n' in got
    assert got.endswith(b'504 5.5.4 Unrecognized authentication type\r\n')


def test_a_long_initial_response_is_read():
    assert codes(b'AUTH PLAIN ' + b'A' * 8000 + b'\r\nNOOP\r\n', tls=False) == [b'501 5.5.2',
                                                                                b'250 2.0.0']
    said = codes(b'AUTH PLAIN\r\n' + b'A' * 12300 + b'\r\nNOOP\r\n', tls=False)
    assert said[:2] == [b'334 ', b'500 5.5.6']


@pytest.mark.parametrize('command', [b'RCPT TO:<b@c>', b'DATA'])
@pytest.mark.parametrize('settings, reply', [
    ({'submission': True}, b'530 5.7.0 Authentication required\r\n'),
    ({'require_tls': True}, b'530 5.7.0 Must issue a STARTTLS command first\r\n'),
    ({}, b'503 ')], ids=['submission', 'tls', 'none'])
def test_a_command_out_of_order_tells_what_is_missing(command, settings, reply):
    """RFC 4954 section 6, RFC 3207 section 4."""
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(server(loop, tls=False, **settings))
    wire.feed(b'EHLO me\r\n')
    wire.take()
    wire.feed(command + b'\r\n')
    assert wire.take().startswith(reply)


def test_a_submission_server_wants_a_login():
    got = codes(ENVELOPE[len(HELLO):] + b'AUTH PLAIN ' + PLAIN + b'\r\nMAIL FROM:<a@b>\r\n',
                tls=False, submission=True)
    assert got == [b'530 5.7.0', b'530 5.7.0', b'235 2.7.0', b'250 2.1.0']


def test_auth_after_helo_is_refused_where_it_is_strict():
    assert codes(b'AUTH PLAIN ' + PLAIN + b'\r\n', b'HELO x\r\n', tls=False) == [b'235 2.7.0']
    assert codes(b'AUTH PLAIN ' + PLAIN + b'\r\n', b'HELO x\r\n', tls=False,
                 strict=True) == [b'503 5.5.1']
    assert codes(b'AUTH PLAIN ' + PLAIN + b'\r\n', b'HELO x\r\n', tls=False,
                 esmtp=False) == [b'503 5.5.1']


def encrypted(**given):
    loop = VirtualLoop(tls=NullTLS())
    wire = FakeTransport(loop).connect(server(loop, Kept(accounts=ACCOUNTS), tls=TLS, **given))
    wire.feed(HELLO)
    wire.take()
    return loop, wire


@pytest.mark.parametrize('said', [b'MAIL FROM:<a@b>\r\n', b'MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n',
                                  b'MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nBDAT 3\r\nabc'])
def test_starttls_within_a_message_forgets_the_message(said):
    loop, wire = encrypted()
    wire.feed(said)
    wire.take()
    wire.feed(b'STARTTLS\r\n')
    loop.advance()
    assert wire.take() == b'220 2.0.0 Ready to start TLS\r\n'
    wire.feed(HELLO)
    wire.take()
    wire.feed(b'RCPT TO:<c@d>\r\n')
    assert wire.take() == b'503 5.5.1 Bad sequence of commands\r\n'
    wire.feed(b'MAIL FROM:<a@b>\r\n')
    assert wire.take() == b'250 2.1.0 Ok\r\n'


def test_starttls_forgets_everything():
    loop, wire = encrypted(require_tls=True)
    wire.feed(b'MAIL FROM:<a@b>\r\n')
    assert wire.take() == b'530 5.7.0 Must issue a STARTTLS command first\r\n'
    wire.feed(b'STARTTLS\r\n')
    loop.advance()
    assert wire.take() == b'220 2.0.0 Ready to start TLS\r\n'
    wire.feed(b'MAIL FROM:<a@b>\r\n')
    loop.advance()
    assert wire.take().startswith(b'503 5.5.1'), 'EHLO in clear still counts'
    wire.feed(HELLO)
    loop.advance()
    said = wire.take()
    assert b'STARTTLS' not in said, said
    assert b'AUTH ' in said, said
    assert b'PLAIN' in said, said
    wire.feed(b'STARTTLS\r\nAUTH PLAIN ' + PLAIN + b'\r\nMAIL FROM:<a@b>\r\n')
    loop.advance()
    assert [line[:9] for line in wire.take().split(b'\r\n')] == [b'503 5.5.1', b'235 2.7.0',
                                                                 b'250 2.1.0', b'']


def test_failed_logins_wait_and_end(expect_log):
    expect_log('shut out', required=False)
    loop = VirtualLoop()
    guard = LoginGuard(loop, delay=1.0, attempts=3)
    backend = Kept(accounts=ACCOUNTS)
    wire = FakeTransport(loop).connect(server(loop, backend, clear_auth=True, guard=guard))
    wire.feed(HELLO)
    wire.take()
    wire.feed(b'AUTH PLAIN ' + WRONG + b'\r\n')
    loop.advance(0.9)
    assert wire.take() == b''
    loop.advance(0.2)
    assert wire.take() == b'535 5.7.8 Authentication credentials invalid\r\n'
    wire.feed(b'AUTH PLAIN ' + WRONG + b'\r\nAUTH PLAIN ' + WRONG + b'\r\n')
    loop.advance(20.0)
    assert wire.take(
        ) == b'535 5.7.8 Authentication credentials invalid\r\n421 4.7.0 Too many failed logins\r\n'
    assert wire.closed
    for _ in range(10):
        guard.failed('192.0.2.1')
    banned = FakeTransport(loop).connect(server(loop, backend, guard=guard))
    assert banned.take().startswith(b'554 5.7.0')
    assert banned.ended


def test_parallel_guesses_do_not_reveal_the_right_password(expect_log):
    expect_log('shut out')
    loop = VirtualLoop()
    guard = LoginGuard(loop)
    wires = [FakeTransport(loop).connect(server(loop, Kept(accounts=ACCOUNTS), clear_auth=True,
                                                guard=guard)) for _ in range(11)]
    for wire in wires:
        wire.feed(HELLO + b'AUTH PLAIN ' + (PLAIN if wire is wires[-1] else WRONG) + b'\r\n')
    loop.advance(60.0)
    assert wires[0].take().endswith(b'535 5.7.8 Authentication credentials invalid\r\n')
    assert wires[-1].take().endswith(b'535 5.7.8 Authentication credentials invalid\r\n')


def test_chunks_of_an_exchange_do_not_matter():
    said = HELLO + b'AUTH LOGIN\r\nYW5u\r\nc2VjcmV0\r\nNOOP\r\n'
    for _, pieces in chunkings(said):
        loop = VirtualLoop()
        wire = FakeTransport(loop).connect(server(loop, Kept(accounts=ACCOUNTS), clear_auth=True))
        for piece in pieces:
            wire.feed(piece)
            loop.advance()
        assert wire.take().endswith(b'235 2.7.0 Authentication succeeded\r\n250 2.0.0 Ok\r\n')


@pytest.mark.parametrize('end', ['eof', 'lose'])
def test_an_end_within_an_exchange(end):
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(server(loop, Kept(accounts=ACCOUNTS), clear_auth=True,
                                              guard=LoginGuard(loop)))
    wire.feed(HELLO + b'AUTH PLAIN\r\n' + WRONG + b'\r\n')
    wire.feed_eof() if end == 'eof' else wire.lose()
    loop.advance(100.0)
    assert len(wire.lost) == 1
    assert not loop.failures


def test_a_login_that_cannot_be_judged_is_no_failure():
    """RFC 4954 section 6: 454 4.7.0."""
    loop = VirtualLoop()
    backend = Kept()
    checker = Crowded()
    backend.portal = Portal(Realm(), [checker])
    guard = LoginGuard(loop, ban_after=1)
    wire = FakeTransport(loop,
                         peername=Address('192.0.2.7', 5)).connect(server(loop, backend,
                                                                          clear_auth=True,
                                                                          guard=guard))
    wire.feed(HELLO)
    wire.take()
    for _ in range(5):
        wire.feed(b'AUTH PLAIN ' + PLAIN + b'\r\n')
        loop.advance()
        assert wire.take() == b'454 4.7.0 Temporary authentication failure\r\n'
    assert guard.failures == 0
    assert checker.hosts == ['192.0.2.7'] * 5
    assert not wire.closed


@pytest.mark.parametrize('binding', [False, True])
def test_plus_is_offered_where_it_is_wanted(binding):
    """RFC 9266 section 4: TLS 1.3 with tls-exporter."""
    info = TLSInfo('TLSv1.3', 'X', None, None, None, False, None, None, b'exported')
    loop = VirtualLoop()
    wire = FakeTransport(loop,
                         tls=info).connect(server(loop, Kept(accounts=ACCOUNTS),
                                                  channel_binding=binding))
    wire.feed(HELLO)
    assert (b'SCRAM-SHA-256-PLUS' in wire.take()) == binding


@pytest.mark.skipif(interpreter.NAME != 'cpython',
                    reason='only CPython frees an object at its last reference')
def test_a_connection_that_is_gone_waits_for_no_collector():
    loop = VirtualLoop()
    made = server(loop, Kept(accounts=ACCOUNTS))
    wire = FakeTransport(loop).connect(made)
    wire.feed(b'NOOP\r\n')
    wire.feed_eof()
    loop.advance(700.0)
    left = weakref.ref(made)
    gc.disable()
    try:
        wire.set_protocol(None)     # a real transport lets its protocol go by itself
        del made, wire
        assert left() is None
    finally:
        gc.enable()
