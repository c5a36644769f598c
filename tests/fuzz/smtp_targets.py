# Copyright the carryall authors.  See LICENSE.
"""The targets of SMTP and LMTP: server, client, grammar."""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.guard import LoginGuard
from carryall.core.auth.portal import Portal, Realm
from carryall.core.future import Return, coroutine
from carryall.core.tls import Identity, TLSContext
from carryall.protocols.smtp import ClientSettings, Outgoing, SMTPClient, mailbox, parameters, wire
from tests.fuzz.target import ClientTarget, GrammarTarget, ServerTarget, lines
from tests.protocols.smtp.stage import Kept, server

__all__ = ['ALL']

TLS = TLSContext(Identity('server.pem'))        # NullTLS reads no file
CHECKER = MemoryChecker({u'ann': b'secret'})     # one for all: it salts by chance
PLAIN = b'AGFubgBzZWNyZXQ='                     # ann, secret

HELLO = b'EHLO c.example'
ENVELOPE = (b'MAIL FROM:<a@a.example>', b'RCPT TO:<b@b.example>')
SMTP_SEEDS = [
    lines(HELLO, *(ENVELOPE + (b'DATA', b'Subject: x', b'', b'..dot', b'.', b'QUIT'))),
    lines(HELLO, b'MAIL FROM:<a@a.example> SIZE=9 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=x+2By',
          b'RCPT TO:<"q q"@[IPv6:::1]> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+40b', b'DATA',
          b'\xc3\xa9', b'.'),
    lines(HELLO, *ENVELOPE) + [('say', b'BDAT 5\r\nhelloBDAT 2 LAST\r\n\r\nNOOP\r\n')],
    lines(HELLO, b'MAIL FROM:<> BODY=BINARYMIME', b'RCPT TO:<Postmaster>')
    + [('say', b'BDAT 3 LAST\r\na\nbRSET\r\n')],
    lines(b'HELO c', b'HELP', b'HELP MAIL', b'NOOP', b'VRFY b', b'EXPN list', b'ETRN @a.example',
          b'RSET', b'FOO'),
    lines(HELLO, b'STARTTLS')
    + lines(HELLO, b'AUTH PLAIN ' + PLAIN, *(ENVELOPE + (b'DATA', b'x', b'.'))),
    lines(HELLO, b'AUTH LOGIN', b'YW5u', b'c2VjcmV0', b'AUTH PLAIN'),
    lines(HELLO, b'AUTH CRAM-MD5', b'YW5uIDAwMDA='),
    lines(HELLO, b'AUTH SCRAM-SHA-256 biwsbj1hbm4scj1hYmM=', b'Yz1iaXdzLHI9YWJjLHA9QUFBQQ==', b'*'),
    lines(b'XCLIENT ADDR=192.0.2.9 NAME=x.example PORT=9 LOGIN=ann', HELLO,
          b'XFORWARD NAME=y SOURCE=LOCAL', *ENVELOPE),
    lines(HELLO) + [('wait', 400)],
    lines(HELLO, *(ENVELOPE + (b'DATA', b'half'))) + [('wait', 200)],
    [('say', b'EHLO c\r\nMAIL FROM:<@x,@y:a@b>\r\nRCPT TO: '
             b'<nobody@b.example>\r\nDATA\r\n.\n.\r\n.\r\nx\r.\r\n.\r\n')],
    [('clog', None)] + lines(HELLO, *([b'HELP'] * 30)) + [('unclog', None)],
    lines(HELLO) + [('eof', None)]]
SMTP_WORDS = [
    b'HELO ', b'EHLO ', b'LHLO ', b'MAIL FROM:<', b'RCPT TO:<', b'DATA\r\n', b'BDAT ', b' LAST',
    b'RSET\r\n', b'VRFY ', b'EXPN ',
    b'HELP ', b'NOOP', b'QUIT\r\n', b'ETRN ', b'STARTTLS\r\n', b'AUTH ', b'PLAIN', b'LOGIN',
    b'CRAM-MD5', b'SCRAM-SHA-1 ', b'EXTERNAL',
    b'XCLIENT ', b'XFORWARD ', b' SIZE=', b' BODY=', b'BINARYMIME', b'7BIT', b' SMTPUTF8', b' RET=',
    b' ENVID=', b' NOTIFY=NEVER',
    b' ORCPT=rfc822;', b'\r\n.\r\n', b'\n.\n', b'\r.\r', b'.', b'<>', b'@', b'"\\', b'[127.0.0.1]',
    b'[IPv6:', b'*\r\n', b'=',
    b'+2B', b'xn--', b'full@b.example', b'nobody@b.example']


def _smtp(run, **given):
    backend = Kept()
    backend.portal = Portal(Realm(), [CHECKER])
    return server(run.loop, backend, tls=TLS, clear_auth=True, max_size=2000, max_recipients=5,
                  vrfy=True,
                  trusted=lambda host: True, guard=LoginGuard(run.loop), **given)


@coroutine
def _send(loop, lmtp=False):
    mail = Outgoing(b'a@a.example', [b'b@b.example', b'c@c.example', b'd@d.example'],
                    b'Subject: x\r\n\r\n.dot\r\n',
                    ret=b'FULL', envid=b'x')
    _, client = yield loop.connect_tcp(lambda: SMTPClient(loop, ClientSettings(lmtp=lmtp)),
                                       '127.0.0.1', 2525)
    try:
        yield client.hello()
        if client.offers(b'STARTTLS'):
            yield client.start_tls(TLS, 'localhost')
        if client.offers(b'AUTH'):
            yield client.login(u'ann', b'secret', True)
        replied = yield client.send(mail)
        yield client.quit()
    finally:
        client.close()
    raise Return([(reply.code, reply.enhanced, reply.lines) for reply in replied])


SMTP_CLIENT_SEEDS = [
    [('say', line) for line in (
        b'220 mx ESMTP\r\n', b'250-mx\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250 DSN\r\n',
        b'250 2.1.0 Ok\r\n', b'250 Ok\r\n550 5.1.1 No\r\n',
        b'452 4.5.3 Full\r\n', b'354 Go\r\n', b'250 2.0.0 Ok\r\n', b'221 Bye\r\n')],
    [('say', line) for line in (
        b'220-mx\r\n220 ESMTP\r\n',
        b'250-mx\r\n250-CHUNKING\r\n250-STARTTLS\r\n250 AUTH=LOGIN PLAIN\r\n', b'220 Go\r\n',
        b'250-mx\r\n250-AUTH SCRAM-SHA-256 CRAM-MD5 LOGIN\r\n250 8BITMIME\r\n', b'334 cj1a\r\n',
        b'535 5.7.8 No\r\n')],
    [('say', b'554 Go away\r\n')],
    [('say', b'220 x\r\n'), ('say', b'500 What\r\n'), ('say', b'250 x\r\n'),
     ('say', b'421 Bye\r\n'), ('eof', None)],
    [('say', b'220 mx\r\n'), ('say', b'250 mx AUTH\r\n'), ('wait', 700)]]
SMTP_CLIENT_WORDS = [b'220 ', b'250-', b'250 ', b'354 ', b'421 ', b'550 5.1.1 ', b'334 ', b'235 ',
                     b'221 ', b'4.0.0', b'SIZE ', b'AUTH ',
                     b'CHUNKING', b'PIPELINING', b'STARTTLS', b'CRAM-MD5', b'SCRAM-SHA-1', b'PLAIN',
                     b'SMTPUTF8', b'DSN', b'cj1aLHM9', b'\r\n']


def _parse_mail(data):
    parameters.mail_parameters(data, [b'SIZE', b'8BITMIME', b'SMTPUTF8', b'DSN', b'BINARYMIME'])


def _parse_rcpt(data):
    parameters.rcpt_parameters(data, [b'DSN'])


def _parse_path(data):
    for utf8 in (False, True):
        for sender in (False, True):
            mailbox.parse_path(data, utf8, sender=sender)


def _parse_mailbox(data):
    found = mailbox.parse_mailbox(data)
    if mailbox.parse_mailbox(found.wire()) != found:
        raise ValueError('what is written is not what was read')


def _parse_reply(data):
    reader = wire.ReplyReader()
    for line in data.split(b'\r\n'):
        reader.line(line)


GRAMMAR_SEEDS = [[('say', what)] for what in (
    b'<a@b.example> SIZE=10', b'<@x.example,@y:"a b\\"c"@[127.0.0.1]> NOTIFY=NEVER', b'<>',
    b'<Postmaster>', b'a@[IPv6:2001:db8::1]',
    b'a@xn--caf-dma.example', b'SIZE=5 BODY=8BITMIME SMTPUTF8 RET=FULL ENVID=+2B',
    b'NOTIFY=SUCCESS,FAILURE ORCPT=utf-8;\\x{e9}@b',
    b'250-2.0.0 x\r\n250 2.1.0 y')]


SMTP = ('protocols/smtp/', 'core/line/', 'core/auth/sasl/')
ALL = [
    ServerTarget('smtp', SMTP, _smtp, SMTP_SEEDS, SMTP_WORDS),
    ServerTarget('lmtp', SMTP,
                 lambda run: _smtp(run, lmtp=True, lone_ends='mend', require_tls=False),
                 [[(kind, what.replace(b'EHLO', b'LHLO') if kind == 'say' else what)
                   for kind, what in seed] for seed in SMTP_SEEDS], SMTP_WORDS),
    ClientTarget('smtp-client', SMTP, _send, SMTP_CLIENT_SEEDS, SMTP_CLIENT_WORDS, (2525,)),
    GrammarTarget('smtp-grammar', ('protocols/smtp/',),
                  [_parse_mail, _parse_rcpt, _parse_path, _parse_mailbox, _parse_reply],
                  GRAMMAR_SEEDS, SMTP_WORDS),
]
