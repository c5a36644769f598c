# Copyright the carryall authors.  See LICENSE.
"""The SMTP and LMTP client, against scripts and against our own server."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.auth import sasl
from carryall.core.errors import LocalProtocolError
from carryall.core.future import Return, coroutine
from carryall.core.testing import FakeTransport, NullTLS, VirtualLoop, lockstep, pump
from carryall.protocols.smtp import (ClientSettings, Outgoing, Refused, SMTPClient, SMTPError,
                                     TransientError)
from tests.protocols.smtp.stage import TLS, Kept, server

MAIL = Outgoing(b'a@a.example', [b'b@b.example', b'nobody@b.example', b'c@b.example'],
                b'Subject: x\r\n\r\n.dot\r\n')


@coroutine
def deliver(client, mail=MAIL, login=None, tls=False):
    yield client.hello()
    if tls:
        yield client.start_tls(TLS, 'mx.example')
    if login:
        yield client.login(*login)
    outcome = yield client.send(mail)
    yield client.quit()
    raise Return([(reply.code, reply.enhanced) for reply in outcome])


@pytest.mark.parametrize('talk', [pump, lockstep], ids=['pump', 'lockstep'])
@pytest.mark.parametrize('given', [{}, {'esmtp': False}, {'lmtp': True}],
                         ids=['esmtp', 'smtp', 'lmtp'])
def test_against_our_server(talk, given):
    loop = VirtualLoop()
    backend = Kept()
    client = SMTPClient(loop,
                        ClientSettings(hostname=b'client.example', lmtp=given.get('lmtp', False)))
    done = deliver(client)
    talk(client, server(loop, backend, strict_pipelining=True, **given), loop)
    assert done.result() == [(250, b'2.0.0'), (550, b'5.1.1'), (250, b'2.0.0')]
    assert backend.mails == [(b'a@a.example', [b'b@b.example', b'c@b.example'],
                              b'Subject: x\r\n\r\n.dot\r\n')]


def test_a_large_message_and_many_recipients():
    loop = VirtualLoop()
    backend = Kept()
    client = SMTPClient(loop)
    body = b'.' * 70 + b'\r\n' + (b'.x' * 30 + b'\r\n') * 20000
    done = deliver(client,
                   Outgoing(b'', [b'r%d@b.example' % number for number in range(1000)], body))
    pump(client, server(loop, backend, esmtp=True), loop)
    assert len(done.result()) == 1000
    assert set(done.result()) == {(250, b'2.0.0')}
    assert backend.mails[0][0] == b''
    assert len(backend.mails[0][1]) == 1000
    assert backend.mails[0][2] == body
    loop = VirtualLoop()
    backend = Kept()
    client = SMTPClient(loop)
    done = deliver(client, Outgoing(b'', [b'b@b.example'], body))
    pump(client, server(loop, backend, esmtp=False), loop)
    assert backend.mails[0][2] == body, 'dots were lost between pieces'


def test_binary_and_utf8():
    loop = VirtualLoop()
    backend = Kept()
    body = bytes(bytearray(range(256)))
    client = SMTPClient(loop)
    done = deliver(client,
                   Outgoing(u'\xfc@a.example'.encode('utf-8'), [b'b@b.example'], body, binary=True))
    pump(client, server(loop, backend), loop)
    assert done.result() == [(250, b'2.0.0')]
    assert backend.mails[0][2] == body


@pytest.mark.parametrize('mail, code', [
    (Outgoing(u'\xfc@a'.encode('utf-8'), [b'b@b'], b''), (553, b'5.6.7')),
    (Outgoing(b'a@a', [b'b@b'], b'\xff\r\n'), (554, b'5.6.3')),
    (Outgoing(b'a@a', [b'b@b'], b'\0', binary=True), (554, b'5.6.1'))])
def test_a_missing_extension_is_refused_by_the_client(mail, code):
    loop = VirtualLoop()
    backend = Kept()
    client = SMTPClient(loop)
    done = deliver(client, mail)
    pump(client, server(loop, backend, esmtp=False), loop)
    assert done.result() == [code]
    assert not backend.mails


def test_a_size_that_the_server_does_not_take_is_not_sent():
    loop = VirtualLoop()
    backend = Kept()
    client = SMTPClient(loop)
    done = deliver(client, Outgoing(b'a@a', [b'b@b'], b'x' * 2000 + b'\r\n'))
    pump(client, server(loop, backend, max_size=1000), loop)
    assert done.result() == [(552, b'5.3.4')]


def test_no_accepted_recipient_ends_the_transfer():
    loop = VirtualLoop()
    backend = Kept()
    client = SMTPClient(loop)
    done = deliver(client, Outgoing(b'a@a', [b'nobody@b'], b''))
    pump(client, server(loop, backend, strict_pipelining=True), loop)
    assert done.result() == [(550, b'5.1.1')]
    assert not backend.mails
    client = SMTPClient(loop)
    done = deliver(client, Outgoing(b'spammer@a', [b'b@b', b'c@b'], b''))
    pump(client, server(loop, backend), loop)
    assert done.result() == [(550, b'5.7.1')] * 2


@pytest.mark.parametrize('tls', [False, True])
def test_a_login_succeeds_with_the_right_password(tls):
    for password, right in ((b'secret', True), (b'wrong', False)):
        loop = VirtualLoop(tls=NullTLS())
        backend = Kept(accounts={u'ann': b'secret'})
        client = SMTPClient(loop)
        done = deliver(client, login=(u'ann', password), tls=tls)
        lockstep(client, server(loop, backend, submission=True, tls=TLS), loop)
        if right:
            assert done.result()[0] == (250, b'2.0.0')
        else:
            with pytest.raises(Refused):
                done.result()
        loop.close()


@pytest.mark.parametrize('mechanism', ['PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-256'])
def test_each_mechanism_logs_in(mechanism):
    loop = VirtualLoop()
    backend = Kept(accounts={u'ann': b'secret'})
    client = SMTPClient(loop)
    done = deliver(client, login=(u'ann', b'secret', True, mechanism))
    lockstep(client, server(loop, backend, submission=True, clear_auth=True), loop)
    assert done.result()[0] == (250, b'2.0.0')


def test_a_password_is_not_shown_without_tls():
    loop = VirtualLoop()
    backend = Kept(accounts={u'ann': b'secret'})
    client = SMTPClient(loop)
    done = deliver(client, login=(u'ann', b'secret', False, 'PLAIN'))
    near, far = pump(client, server(loop, backend, clear_auth=True), loop)
    with pytest.raises(sasl.NoMechanism):
        done.result()


def scripted(*steps):
    """(client, wire, loop): each step is what the server says when everything before has been
    read."""
    loop = VirtualLoop()
    client = SMTPClient(loop)
    wire = FakeTransport(loop).connect(client)
    return client, wire, loop


def test_ehlo_falls_back_to_helo():
    client, wire, loop = scripted()
    done = client.hello()
    wire.feed(b'220-old\r\n220 server\r\n')
    assert wire.take() == b'EHLO localhost\r\n'
    wire.feed(b'502 what?\r\n')
    assert wire.take() == b'HELO localhost\r\n'
    wire.feed(b'250 hi\r\n')
    assert done.result().lines == [b'old', b'server']
    assert client.extensions == {}


@pytest.mark.parametrize('greeting, error',
                         [(b'554 go away\r\n', Refused), (b'421 busy\r\n', TransientError),
                          (b'HTTP/1.1 400 Bad\r\n', TransientError),
                                             (b'220-' + b'x' * 5000 + b'\r\n', TransientError),
                          (b'', TransientError), (b'22', TransientError)])
def test_servers_that_want_nothing_of_us(greeting, error):
    client, wire, loop = scripted()
    done = client.hello()
    wire.feed(greeting)
    wire.feed_eof()
    loop.advance()
    with pytest.raises(error):
        done.result()
    assert not loop.failures


def test_old_auth_lines():
    client, wire, _ = scripted()
    client.hello()
    wire.feed(b'220 x\r\n250-x\r\n250-AUTH=LOGIN PLAIN\r\n250-auth PLAIN\r\n250 SIZE 5\r\n')
    assert client.extensions == {b'AUTH': [b'LOGIN', b'PLAIN', b'PLAIN'], b'SIZE': [b'5']}


@pytest.mark.parametrize('seconds, said',
                         [(300.0, b''), (300.0, b'220 x\r\n'), (300.0, b'220 x\r\n250 x\r\n'),
                          (300.0, b'220 x\r\n250 x\r\n250 x\r\n'),
                                           (120.0, b'220 x\r\n250 x\r\n250 x\r\n250 x\r\n'),
                          (600.0, b'220 x\r\n250 x\r\n250 x\r\n250 x\r\n354 x\r\n')])
def test_each_step_has_a_timeout(seconds, said):
    client, wire, loop = scripted()
    done = deliver(client, Outgoing(b'a@a', [b'b@b'], b'x\r\n'))
    for line in said.split(b'\r\n')[:-1]:
        wire.feed(line + b'\r\n')
        loop.advance()
    loop.advance(seconds - 1)
    assert not done.done()
    loop.advance(2.0)
    with pytest.raises(TransientError):
        done.result()
    assert wire.closed
    assert not loop.failures


@pytest.mark.parametrize('lines', range(6))
@pytest.mark.parametrize('how', ['eof', 'lose', '421'])
def test_an_end_in_every_state(lines, how):
    client, wire, loop = scripted()
    done = deliver(client, Outgoing(b'a@a', [b'b@b'], b'x\r\n'))
    for line in [b'220 x', b'250 x', b'250 x', b'250 x', b'354 x', b'250 x'][:lines]:
        wire.feed(line + b'\r\n')
        loop.advance()
    if how == '421':
        wire.feed(b'421 going down\r\n')
    loop.advance()
    wire.lose() if how == 'lose' else wire.feed_eof()
    loop.advance()
    assert done.done()
    assert not loop.failures
    if how != '421':
        with pytest.raises(TransientError):
            done.result()


def test_a_server_that_reads_slowly_gets_no_more_than_it_takes():
    client, wire, loop = scripted()
    done = deliver(client, Outgoing(b'a@a', [b'b@b'], b'x' * 10000000 + b'\r\n'))
    for line in (b'220 x', b'250 x', b'250 x', b'250 x'):
        wire.feed(line + b'\r\n')
    wire.clog()
    wire.feed(b'354 x\r\n')
    loop.advance()
    assert wire.get_write_buffer_size() < 200000
    for _ in range(3):
        wire.drain(None)
        loop.advance(10.0)
    assert not done.done()
    loop.advance(200.0)
    with pytest.raises(TransientError):
        done.result()


def test_pipelining_groups_and_dsn():
    client, wire, loop = scripted()
    mail = Outgoing(b'a@a', [b'b@b', b'c@c'], b'x\r\n', ret=b'HDRS', envid=b'Q1',
                    notify=[b'NEVER', None], orcpt=[None, b'rfc822;c@c'])
    client.hello()
    wire.feed(b'220 x\r\n250-x\r\n250-PIPELINING\r\n250-DSN\r\n250 SIZE\r\n')
    wire.take()
    done = client.send(mail)
    assert wire.take() == (b'MAIL FROM:<a@a> SIZE=3 RET=HDRS ENVID=Q1\r\nRCPT TO:<b@b> '
                           b'NOTIFY=NEVER\r\nRCPT TO:<c@c> ORCPT=rfc822;c@c\r\n')
    wire.feed(b'250 x\r\n250 x\r\n550 x\r\n')
    assert wire.take() == b'DATA\r\n'
    wire.feed(b'354 x\r\n')
    assert wire.take() == b'x\r\n.\r\n'
    wire.feed(b'452 full\r\n')
    assert [reply.code for reply in done.result()] == [452, 550]


def test_a_command_is_one_line():
    client, wire, _ = scripted()
    with pytest.raises(LocalProtocolError):
        client.command(b'NOOP\r\nDATA').result()


def test_starttls_that_is_refused_or_not_there():
    client, wire, loop = scripted()
    client.hello()
    wire.feed(b'220 x\r\n250-x\r\n250 STARTTLS\r\n')
    done = client.start_tls(TLS, 'x')
    wire.feed(b'454 not now\r\n')
    with pytest.raises(TransientError):
        done.result()
    client.extensions = {}
    with pytest.raises(SMTPError):
        client.start_tls(TLS, 'x').result()


@pytest.mark.parametrize('offer', [
    b'250-STARTTLS\r\n250-AUTH=LOGIN\r\n250 AUTH PLAIN\r\n',
    b'250-starttls\r\n250-auth=LOGIN\r\n250 Auth PLAIN\r\n'])
@pytest.mark.parametrize('name', [b'mx.example', b'mx-dsn.example no PIPELINING on this port', b''])
def test_extensions_are_offered_in_any_case_and_never_by_the_first_line(name, offer):
    """RFC 5321 section 4.1.1.1."""
    client, wire, _loop = scripted()
    client.hello()
    wire.feed(b'220 x\r\n250-' + name + b'\r\n' + offer)
    assert client.extensions == {b'STARTTLS': [], b'AUTH': [b'LOGIN', b'PLAIN']}


@pytest.mark.parametrize('before', range(7))
@pytest.mark.parametrize('pipelining', [False, True])
@pytest.mark.parametrize('reset', [False, True])
def test_a_421_and_the_end_are_told_as_the_421(before, pipelining, reset):
    """RFC 5321 section 3.8: whatever was said last, before the reply or behind it."""
    client, wire, loop = scripted()
    done = deliver(client, Outgoing(b'a@a', [b'b@b', b'c@c'], b'x\r\n'))
    ehlo = b'250-x\r\n250 PIPELINING' if pipelining else b'250 x'
    lines = [b'220 x', ehlo, b'250 x', b'250 x', b'250 x', b'354 x'][:before]
    for line in lines:
        wire.feed(line + b'\r\n')
        loop.advance()
    wire.feed(b'421 4.3.2 going down\r\n')
    wire.lose() if reset else wire.feed_eof()
    loop.advance()
    assert wire.closed or wire.lost
    error = done.exception()
    if error is None:               # it was the answer to a command of the message
        assert (421, b'4.3.2') in done.result()
    else:
        assert isinstance(error, TransientError)
        assert error.reply.code == 421
        assert u'going down' in error.message
    assert not loop.failures


@pytest.mark.parametrize('pipelining', [False, True])
def test_a_refusal_and_the_end_are_told_as_the_refusal(pipelining):
    client, wire, loop = scripted()
    done = deliver(client, Outgoing(b'a@a', [b'b@b', b'c@c'], b'x\r\n'))
    for line in (b'220 x', b'250-x\r\n250 PIPELINING' if pipelining else b'250 x',
                 b'554 5.7.1 not from here'):
        wire.feed(line + b'\r\n')
        loop.advance()
    wire.feed_eof()
    loop.advance()
    assert done.result() == [(554, b'5.7.1')] * 2


def test_the_last_reply_is_reported_at_the_end():
    client, wire, loop = scripted()
    client.hello()
    wire.feed(b'220 x\r\n250 x\r\n')
    first = client.command(b'NOOP')
    second = client.command(b'NOOP')
    wire.feed(b'500 5.5.2 too many errors\r\n')
    wire.feed_eof()
    loop.advance()
    assert first.result().code == 500
    assert u'too many errors' in second.exception().message
    assert second.exception().reply is None
