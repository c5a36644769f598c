# Copyright the carryall authors.  See LICENSE.
"""The targets of POP3: server, client."""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.guard import LoginGuard
from carryall.core.auth.portal import Portal
from carryall.core.future import Return, coroutine
from carryall.core.tls import Identity, TLSContext
from carryall.protocols import pop3
from carryall.protocols.pop3 import MaildropService, MemoryAccount, POP3Client, POP3Server
from tests.fuzz.target import ClientTarget, ServerTarget, lines

__all__ = ['ALL']

TLS = TLSContext(Identity('server.pem'))        # NullTLS reads no file
ONE = b'Subject: one\r\n\r\nhello\r\n'
TWO = b'Subject: two\r\nX: y\r\n\r\nline 1\r\n.line 2\r\n..\r\nline 4\r\n'
CHECKER = MemoryChecker({u'ann': b'secret'})     # one for all: it salts by chance
PLAIN = b'AGFubgBzZWNyZXQ='                     # ann, secret

POP3_SEEDS = [
    lines(b'CAPA', b'USER ann', b'PASS secret', b'STAT', b'LIST', b'UIDL', b'RETR 1', b'TOP 2 1',
          b'DELE 1', b'LIST', b'RSET', b'NOOP', b'LAST', b'QUIT'),
    lines(b'AUTH', b'AUTH PLAIN ' + PLAIN, b'LIST 2', b'UIDL 2', b'DELE 2', b'DELE 2', b'RETR 2',
          b'UTF8', b'LANG', b'LANG *', b'CAPA', b'QUIT'),
    lines(b'STLS') + lines(b'AUTH LOGIN', b'YW5u', b'c2VjcmV0', b'STAT'),
    lines(b'APOP ann 00000000000000000000000000000000', b'RPOP x', b'USER'),
    lines(b'AUTH SCRAM-SHA-1 biwsbj1hbm4scj1hYmM=', b'*', b'AUTH CRAM-MD5', b'YW5uIDAw', b'UTF8',
          b'LANG de'),
    lines(b'USER ann', b'PASS wrong', b'USER ann', b'PASS secret', b'TOP 1 0', b'TOP 1 999999999'),
    lines(b'USER ann') + [('wait', 700)],
    [('clog', None)] + lines(b'USER ann', b'PASS secret', *([b'RETR 2'] * 20)) + [('unclog', None)],
    lines(b'USER ann', b'PASS secret', b'DELE 1') + [('lose', None)],
    lines(b'USER ann', b'PASS secret', b'DELE 1') + [('eof', None)]]
POP3_WORDS = [b'USER ann\r\n', b'PASS secret\r\n', b'APOP ', b'AUTH ', b'STLS\r\n', b'CAPA\r\n',
              b'STAT\r\n', b'LIST ', b'UIDL ', b'TOP ', b'RETR ',
              b'DELE ', b'NOOP\r\n', b'RSET\r\n', b'QUIT\r\n', b'LAST\r\n', b'UTF8\r\n', b'LANG ',
              b'RPOP ', b'PLAIN', b'LOGIN', b'CRAM-MD5', b'*\r\n',
              b'SCRAM-SHA-1 ', b'1', b'2', b'0']


class _Realm(object):
    """One account, of ann."""

    def __init__(self):
        self.account = MemoryAccount((ONE, TWO))

    def avatar(self, name, credentials, mind):
        """Her maildrop."""
        return self.account

    def logged_out(self, session):
        """Nothing."""


def _pop3(run):
    portal = Portal(_Realm(), [CHECKER])
    service = MaildropService(portal, LoginGuard(run.loop))
    settings = pop3.Settings(clear_auth=True, apop=True, last=True, tls=TLS)
    return POP3Server(service, run.loop, settings)


@coroutine
def _fetch(loop):
    _, client = yield loop.connect_tcp(lambda: POP3Client(loop), '127.0.0.1', 1110)
    found = []
    try:
        yield client.hello()
        if b'STLS' in client.capabilities:
            yield client.start_tls(TLS, 'localhost')
        yield client.login(u'ann', b'secret', True)
        stat = yield client.stat()
        found.append(stat)
        for number, _uid in (yield client.uidl())[:3]:
            message = yield client.retrieve(number, 10000)
            found.append(message)
        sizes = yield client.list()
        top = yield client.top(1, 1)
        found += [sizes, top]
        yield client.delete(1)
        yield client.quit()
    finally:
        client.close()
    raise Return(found)


POP3_CLIENT_SEEDS = [
    [('say', line) for line in (
        b'+OK ready <1.2@x>\r\n',
        b'+OK\r\nUSER\r\nUIDL\r\nTOP\r\nPIPELINING\r\nSASL PLAIN\r\n.\r\n', b'+ \r\n', b'+OK\r\n',
        b'+OK 2 74\r\n',
        b'+OK\r\n1 a\r\n2 b\r\n.\r\n', b'+OK\r\nx\r\n..y\r\n.\r\n', b'+OK\r\n.\r\n',
        b'+OK\r\n1 23\r\n2 51\r\n.\r\n', b'+OK\r\nx\r\n.\r\n', b'+OK\r\n', b'+OK\r\n')],
    [('say', b'+OK <1@x>\r\n'), ('say', b'-ERR what\r\n'), ('say', b'-ERR [AUTH] no\r\n')],
    [('say', b'+OK x\r\n'), ('say', b'+OK\r\nSTLS\r\n.\r\n'), ('say', b'+OK go\r\n'),
     ('say', b'+OK\r\nUSER\r\n.\r\n'), ('say', b'+OK\r\n'), ('say', b'+OK\r\n'),
     ('say', b'+OK 1\r\n')],
    [('say', b'-ERR [SYS/TEMP] no\r\n')], [('wait', 1000)], [('say', b'+OK x\r\n'), ('eof', None)]]
POP3_CLIENT_WORDS = [b'+OK ', b'-ERR ', b'\r\n.\r\n', b'+ ', b'[IN-USE] ', b'SASL ', b'STLS\r\n',
                     b'UIDL\r\n', b'PLAIN', b'CRAM-MD5', b'SCRAM-SHA-256', b'<1@x>', b'1 ', b'..']


POP3 = ('protocols/pop3/', 'core/line/', 'core/auth/sasl/')
ALL = [
    ServerTarget('pop3', POP3, _pop3, POP3_SEEDS, POP3_WORDS),
    ClientTarget('pop3-client', POP3, _fetch, POP3_CLIENT_SEEDS, POP3_CLIENT_WORDS, (1110,)),
]
