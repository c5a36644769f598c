# Copyright the carryall authors.  See LICENSE.
"""Logins at the POP3 server: USER and PASS, APOP, AUTH, STLS (RFC 1939 section 7, 5034, 2595,
3206)."""
from __future__ import absolute_import, division, print_function

import base64
import gc
import hashlib
import re
import weakref

import pytest

from carryall.core.auth.guard import LoginGuard
from carryall.core.auth.portal import Portal, Realm
from carryall.core.testing import FakeTransport, NullTLS, VirtualLoop, play
from carryall.core.tls import Identity, TLSContext
from carryall.core.net.transport import Address
from carryall.protocols.pop3 import MaildropService, POP3Server, Settings
from tests.core.auth.kit import Crowded
from tests.protocols.pop3.test_server import LOGIN, Accounts, server
from tests.support import interpreter

TLS = TLSContext(Identity('server.pem'))
PLAIN = base64.b64encode(b'\0ann\0secret')
IN = b'+OK 2 messages (74 octets)\r\n'
FAILED = b'-ERR [AUTH] invalid user name or password\r\n'
MALFORMED = b'-ERR cannot decode the authentication response\r\n'


def answers(said, **given):
    return play(lambda loop: server(loop, **given), said)[len(b'+OK POP3 server ready\r\n'):]


@pytest.mark.parametrize('said, expected', [
    (LOGIN, b'+OK\r\n' + IN), (b'user ann\r\npass secret\r\n', b'+OK\r\n' + IN),
    (b'USER ann\r\nPASS wrong\r\n', b'+OK\r\n' + FAILED),
    (b'USER bob\r\nPASS x\r\n', b'+OK\r\n' + FAILED),
    (b'USER b b\r\nPASS p w\r\n', b'+OK\r\n' + IN),
    (b'PASS secret\r\n', b'-ERR USER first\r\n'),
    (b'USER ann\r\nPASS x\r\nPASS secret\r\n', b'+OK\r\n' + FAILED + b'-ERR USER first\r\n'),
    (b'USER\r\n', b'-ERR syntax: USER name\r\n'),
    (b'USER \xff\r\nPASS x\r\n', b'+OK\r\n' + FAILED),
    (b'USER ann\r\nPASS secret \r\n', b'+OK\r\n' + FAILED),
    (b'USER ann\r\nPASS\r\n', b'+OK\r\n' + FAILED),
    (b'STAT\r\nLIST\r\nRETR 1\r\nTOP 1 1\r\nUIDL\r\nDELE 1\r\nNOOP\r\nRSET\r\n',
     b'-ERR command not valid in this state\r\n' * 8),
    (b'RPOP ann\r\n', b'-ERR [AUTH] permission denied\r\n'),
    (b'UTF8\r\n', b'+OK UTF8 enabled\r\n'), (b'QUIT\r\n', b'+OK POP3 server signing off\r\n'),
    (b'STLS\r\n', b'-ERR TLS not available\r\n'),
    (b'AUTH PLAIN ' + PLAIN + b'\r\n', IN), (b'AUTH PLAIN\r\n' + PLAIN + b'\r\n', b'+ \r\n' + IN),
    (b'AUTH PLAIN\r\n*\r\n', b'+ \r\n-ERR authentication aborted\r\n'),
    (b'AUTH PLAIN ' + PLAIN[:-4] + b'\r\n', FAILED), (b'AUTH PLAIN x\r\n', MALFORMED),
    (b'AUTH FOO\r\n', b'-ERR unrecognized authentication type\r\n'),
    (b'AUTH PLAIN ' + PLAIN + b'\r\nSTAT\r\n', IN + b'+OK 2 74\r\n')])
def test_logins_get_their_replies(said, expected):
    assert answers(said) == expected


def test_auth_alone_lists_the_mechanisms():
    lines = answers(b'AUTH\r\n').split(b'\r\n')
    assert lines[0] == b'+OK'
    assert b'PLAIN' in lines
    assert lines[-2:] == [b'.', b'']


def test_no_password_without_tls():
    got = answers(b'USER ann\r\nAUTH PLAIN ' + PLAIN + b'\r\nCAPA\r\n', clear_auth=False)
    assert got.startswith(b'-ERR [AUTH] plain text passwords are not accepted\r\n'
                          b'-ERR [AUTH] encryption required, use STLS\r\n')
    assert b'\r\nUSER\r\n' not in got
    assert answers(b'USER ann\r\n', clear_auth=False,
                   tls=TLS) == b'-ERR [AUTH] encryption required, use STLS\r\n'


def test_stls_discards_clear_commands(expect_log):
    seen = expect_log('discarded')
    loop = VirtualLoop(tls=NullTLS())
    realm = Accounts()
    wire = FakeTransport(loop).connect(server(loop, realm, clear_auth=False, tls=TLS))
    wire.feed(b'CAPA\r\n')
    assert b'\r\nSTLS\r\n' in wire.take()
    wire.feed(b'STLS\r\nUSER evil\r\nPASS x\r\n')
    loop.advance()
    assert wire.take() == b'+OK Begin TLS negotiation\r\n'
    assert len(seen) == 1
    wire.feed(b'CAPA\r\nSTLS\r\n' + LOGIN)
    loop.advance()
    got = wire.take()
    assert b'STLS\r\n' not in got
    assert b'\r\nUSER\r\n' in got
    assert b'-ERR command not permitted when TLS active\r\n' in got
    assert got.endswith(IN)


def apop(password, **given):
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(server(loop, clear_auth=False, apop=True,
                                              hostname=b'mx.example', **given))
    greeting = wire.take()
    stamp = re.match(br'\+OK POP3 server ready (<[0-9a-f]+@mx\.example>)\r\n\Z', greeting).group(1)
    wire.feed(b'APOP ann ' + hashlib.md5(stamp + password).hexdigest().encode('ascii') + b'\r\n')
    loop.advance()
    return stamp, wire.take()


def test_apop_uses_a_fresh_timestamp():
    first, answer = apop(b'secret')
    second, other = apop(b'wrong')
    assert answer == IN, 'the timestamps are the same'
    assert other == FAILED, 'the timestamps are the same'
    assert first != second, 'the timestamps are the same'
    assert answers(b'APOP ann ' + b'0' * 32
                   + b'\r\n').startswith(b'-ERR [AUTH] APOP is not available')
    assert b'syntax: APOP' in answers(b'APOP ann\r\n')


def test_failed_logins_wait_and_end(expect_log):
    expect_log('shut out', required=False)
    loop = VirtualLoop()
    guard = LoginGuard(loop, delay=1.0, attempts=2)
    wire = FakeTransport(loop).connect(server(loop, guard=guard))
    wire.take()
    wire.feed(b'USER ann\r\nPASS x\r\n')
    loop.advance(0.9)
    assert wire.take() == b'+OK\r\n'
    loop.advance(0.2)
    assert wire.take() == FAILED
    wire.feed(b'AUTH PLAIN ' + PLAIN[:-4] + b'\r\n')
    loop.advance(5.0)
    assert wire.take() == FAILED
    assert wire.ended
    for _ in range(10):
        guard.failed('192.0.2.1')
    banned = FakeTransport(loop).connect(server(loop, guard=guard))
    assert banned.take() == b'-ERR [AUTH] too many failed logins, try again later\r\n'
    assert banned.ended


@pytest.mark.parametrize('said', [LOGIN, b'AUTH PLAIN ' + PLAIN + b'\r\n'])
def test_parallel_guesses_do_not_reveal_the_right_password(said, expect_log):
    expect_log('shut out')
    loop = VirtualLoop()
    guard = LoginGuard(loop)
    wires = [FakeTransport(loop).connect(server(loop, guard=guard)) for _ in range(11)]
    for wire in wires[:-1]:
        wire.feed(b'USER ann\r\nPASS x\r\n')
    wires[-1].feed(said)
    loop.advance(60.0)
    assert wires[-1].take().endswith(FAILED)
    assert wires[0].take().endswith(FAILED)


TOO_EARLY = b'-ERR [LOGIN-DELAY] minimum time between logins is 60 seconds\r\n'


def test_login_delay_refuses_an_early_login():
    loop = VirtualLoop()
    realm = Accounts()
    first = server(loop, realm, login_delay=60)
    wire = FakeTransport(loop).connect(first)
    wire.feed(b'CAPA\r\n' + LOGIN + b'QUIT\r\n')
    assert b'LOGIN-DELAY 60\r\n' in wire.take()
    loop.advance()
    for seconds, expected in ((30.0, TOO_EARLY),
                              (31.0, IN)):
        loop.advance(seconds)
        again = server(loop, realm)
        again.settings = first.settings
        again.service = first.service
        wire = FakeTransport(loop).connect(again)
        wire.feed(LOGIN)
        loop.advance()
        assert wire.take().endswith(expected)


@pytest.mark.parametrize('said',
                         [b'', b'USER ann\r\n', b'USER ann\r\nPASS x\r\n', b'AUTH PLAIN\r\n',
                          LOGIN])
@pytest.mark.parametrize('end', ['eof', 'lose'])
def test_an_end_in_every_state(said, end):
    loop = VirtualLoop()
    realm = Accounts()
    made = server(loop, realm, guard=LoginGuard(loop))
    wire = FakeTransport(loop).connect(made)
    wire.feed(said)
    wire.feed_eof() if end == 'eof' else wire.lose()
    loop.advance(700.0)
    assert len(wire.lost) == 1
    assert not loop.failures
    assert not realm.account.locked
    assert len(made.sweeper) == 0


@pytest.mark.parametrize('said',
                         [b'USER ann\r\nPASS secret\r\n', b'AUTH PLAIN ' + PLAIN + b'\r\n',
                          b'APOP ann ' + b'0' * 32 + b'\r\n'])
def test_a_login_that_cannot_be_judged_is_no_failure(said):
    """RFC 3206 section 4: the fault is not the user's."""
    loop = VirtualLoop()
    checker = Crowded()
    guard = LoginGuard(loop, ban_after=1)
    service = MaildropService(Portal(Realm(), [checker]), guard)
    made = POP3Server(service, loop, Settings(clear_auth=True, apop=True))
    wire = FakeTransport(loop, peername=Address('192.0.2.7', 5)).connect(made)
    for _ in range(5):
        wire.take()
        wire.feed(said)
        loop.advance()
        assert wire.take().endswith(b'-ERR [SYS/TEMP] temporary authentication failure\r\n')
    assert guard.failures == 0
    assert checker.hosts == ['192.0.2.7'] * 5
    assert not wire.closed


@pytest.mark.skipif(interpreter.NAME != 'cpython',
                    reason='only CPython frees an object at its last reference')
def test_a_connection_that_is_gone_waits_for_no_collector():
    loop = VirtualLoop()
    made = server(loop, Accounts(), guard=LoginGuard(loop))
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
