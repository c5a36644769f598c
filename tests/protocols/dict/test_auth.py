# Copyright the carryall authors.  See LICENSE.
"""AUTH of the DICT server and client: a shared secret (RFC 2229 section 3.11)."""
from __future__ import absolute_import, division, print_function

import hashlib

import pytest

from carryall.core.auth.guard import LoginGuard
from carryall.protocols.dict import DICTError, DICTServer, connect
from tests.protocols.dict.sample import (AUTH_BANNER, MSG_ID, SETTINGS, Library, fixed_loop,
                                         greeted)

RIGHT = hashlib.md5(MSG_ID + b'secret').hexdigest().encode('ascii')
NOT_PROVEN = b'531 Access denied, use "SHOW INFO" for server information\r\n'


def library():
    return Library(False, {u'ann': b'secret'})


def said(*lines):
    """The replies to these lines."""
    loop, wire, server = greeted(library(), banner=AUTH_BANNER)
    for line in lines:
        wire.feed(line + b'\r\n')
        loop.advance(5.0)
    return wire.take()


def test_the_right_secret_logs_in():
    assert said(b'AUTH ann ' + RIGHT) == b'230 Authentication successful\r\n'


def test_the_digest_may_be_in_upper_case():
    assert said(b'AUTH ann ' + RIGHT.upper()) == b'230 Authentication successful\r\n'


@pytest.mark.parametrize('line', [
    b'AUTH ann 0', b'AUTH bob ' + RIGHT, b'AUTH ann "' + RIGHT + b' "', b'AUTH "" ""',
    b'AUTH ann \xc3\xa9'])
def test_a_wrong_secret_is_denied(line):
    assert said(line) == NOT_PROVEN


def test_auth_takes_two_words():
    assert said(b'AUTH ann') == b'501 Syntax error, illegal parameters\r\n'


def test_a_database_for_accounts_is_invalid_without_a_login():
    assert said(b'DEFINE trees apple').startswith(b'550 ')


def test_a_database_for_accounts_is_shown_after_a_login():
    assert b'A tree.' in said(b'AUTH ann ' + RIGHT, b'DEFINE trees apple')


def test_help_names_auth():
    assert b'\r\nAUTH username authentication-string\r\n' in said(b'HELP')


def test_a_client_that_fails_too_often_is_disconnected():
    loop = fixed_loop()
    service = library()
    service.guard = LoginGuard(loop, attempts=3)
    server = DICTServer(service, loop, SETTINGS)
    loop.listen_tcp(lambda: server, '127.0.0.1', 2628)
    client = loop.run_until(connect(loop, '127.0.0.1'))
    for _ in range(3):
        with pytest.raises(DICTError):
            loop.run_until(client.auth(u'ann', b'wrong'))
    loop.advance(30.0)
    assert server.transport.is_closing()


def test_an_address_that_is_shut_out_is_denied_with_the_right_secret(expect_log):
    expect_log('is shut out')
    loop = fixed_loop()
    service = library()
    service.guard = LoginGuard(loop, ban_after=1)
    loop.listen_tcp(lambda: DICTServer(service, loop, SETTINGS), '127.0.0.1', 2628)
    client = loop.run_until(connect(loop, '127.0.0.1'))
    for secret in (b'wrong', b'secret'):
        with pytest.raises(DICTError) as caught:
            loop.run_until(client.auth(u'ann', secret))
        assert caught.value.code == 531


def test_the_client_proves_the_secret():
    loop = fixed_loop()
    loop.listen_tcp(lambda: DICTServer(library(), loop, SETTINGS), '127.0.0.1', 2628)
    client = loop.run_until(connect(loop, '127.0.0.1'))
    loop.run_until(client.auth(u'ann', b'secret'))
    assert [each.name for each in loop.run_until(client.databases())] == [u'fruit', u'trees']
