# Copyright the carryall authors.  See LICENSE.
"""No secret in clear: after logins of every kind, good and bad,
neither a log nor a password file holds one."""
from __future__ import absolute_import, division, print_function

import base64
import binascii
import logging

import pytest

from carryall.commands.logoutput import FileTarget, LogOutput
from carryall.core.auth import sasl
from carryall.core.auth.checkers import Checker, MemoryChecker, TokenChecker
from carryall.core.auth.credentials import BearerToken, Challenged, LoginFailed, UsernamePassword
from carryall.core.auth.guard import LoginGuard
from carryall.core.auth.passwordfile import PasswordFile, PasswordTable, save_table
from carryall.core.auth.portal import Portal, Realm
from carryall.core.logs import get_logger
from carryall.core.testing import VirtualLoop
from carryall.runtimes.host import systemfiles as files
from tests.core.auth.kit import quick, quick_scram
from tests.core.auth.sasl.kit import TLS, converse

SECRET = b'Tr0ub4dor-and-3'
WRONG = b'C0rrect-horse-b4ttery'


def spellings(secret):
    """The secret as a log could show it: as it is, in other letters, encoded."""
    plain = [secret, secret[::-1], binascii.hexlify(secret), repr(secret).encode('ascii'),
             secret.upper(), secret.lower(),
             u''.join(chr(byte) for byte in bytearray(secret)).encode('utf-16-le')]
    for front in range(3):  # base64 at each of the places that a part of three octets can have
        plain.append(base64.b64encode(
            b'x' * front + secret)[4 if front else 0:len(base64.b64encode(secret)) - 4])
    return plain


def grep(folder):
    """The files of the folder that hold a secret, with the spelling."""
    found = []
    for path in folder.visit(lambda path: path.isfile()):
        data = path.read_binary()
        found.extend((path.basename, spelling) for secret in (SECRET, WRONG)
                     for spelling in spellings(secret)
                     if spelling in data)
    return found


def test_grep_finds_what_there_is(tmpdir):
    for number, spelling in enumerate(spellings(SECRET)):
        tmpdir.join('x').write_binary(b'before ' + spelling + b' after')
        assert grep(tmpdir), 'spelling %d goes through' % number
    tmpdir.join('x').write_binary(base64.b64encode(b'\0anna\0' + SECRET + b'\0'))
    assert grep(tmpdir), 'PLAIN in base64 goes through'


class Torn(Checker):
    """Fails with a text that holds the password, as code that is not ours may."""

    kinds = (UsernamePassword, Challenged, BearerToken)

    def check(self, credentials, loop):
        raise RuntimeError('password=%s' % getattr(credentials, 'password', b'').decode('ascii'))


@pytest.mark.parametrize('json', [False, True])
def test_logs_and_files(tmpdir, json, expect_log):
    expect_log(r'could not be judged')
    expect_log(r'is shut out')
    output = LogOutput(logging.DEBUG, json)
    output.send_to(FileTarget(str(tmpdir.join('x.log')), maximum=2000, keep=50))
    output.let_go()
    try:
        _log_in_every_way(tmpdir)
        get_logger('sample').info('anna wrote password=%s and %r', SECRET.decode('ascii'),
                                  UsernamePassword(u'anna', SECRET))
    finally:
        output.close()
    lines = b''.join(path.read_binary() for path in tmpdir.visit('x.log*'))
    assert b'the login of' in lines and b'the password is wrong' in lines, \
        'nothing was logged: %r' % lines
    assert not grep(tmpdir)


def _log_in_every_way(tmpdir):
    loop = VirtualLoop()
    path = str(tmpdir.join('users'))
    table = PasswordTable().with_account(u'anna', quick_scram(SECRET)).with_account(
        u'bob', quick_scram(SECRET))
    save_table(path, table, files)
    doors = [Portal(Realm(), [checker]) for checker in (
        PasswordFile(path), MemoryChecker({u'anna': SECRET}),
        TokenChecker(lambda token: u'anna' if token == SECRET else None), Torn())]
    guard = LoginGuard(loop, ban_after=5)
    for door in doors:
        for name in sasl.offered(loop, door, tls=TLS()):
            for password in (SECRET, WRONG):
                server = sasl.server(name, loop, door, tls=TLS())
                client = sasl.client(name, loop, username=u'anna', password=password,
                                     token=password, tls=TLS())
                try:
                    converse(loop, server, client)
                except (LoginFailed, sasl.SASLError):
                    guard.failed('192.0.2.1')
                except sasl.LoginUnavailable:
                    pass
                for shown in (server, client, server.settings, client.settings):
                    get_logger('sample').debug('%r', shown)
    save_table(path, table.with_account(u'bob', quick(WRONG)), files)
