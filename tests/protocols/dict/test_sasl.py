# Copyright the carryall authors.  See LICENSE.
"""SASLAUTH and SASLRESP of the DICT server and client (RFC 2229 section 3.12)."""
from __future__ import absolute_import, division, print_function

import base64
import hashlib
import hmac

import pytest

from carryall.core.auth.guard import LoginGuard
from carryall.core.auth.sasl import MECHANISMS, NoMechanism, SASLError
from carryall.core.net.protocol import Protocol
from carryall.core.testing import FakeTransport, VirtualLoop, lockstep
from carryall.protocols.dict import (ClientSettings, DICTClient, DICTError, DICTServer, connect,
                                     parse_banner)
from tests.protocols.dict.sample import (AUTH_BANNER, MSG_ID, SETTINGS, Library, fixed_loop,
                                         greeted)

CLEAR = SETTINGS.replace(clear_auth=True)
PLAIN = base64.b64encode(b'\0ann\0secret')
CHALLENGE = b'<00000000000000000000000000000000@dict.example>'
DIGEST = hmac.new(b'secret', CHALLENGE, hashlib.md5).hexdigest()
ANSWER = base64.b64encode(b'ann ' + DIGEST.encode('ascii'))
CHALLENGED = (b'130 challenge follows\r\n' + base64.b64encode(CHALLENGE)
              + b'\r\n.\r\n330 send response\r\n')
ASKED = b'130 challenge follows\r\n.\r\n330 send response\r\n'
PROVEN = b'230 Authentication successful\r\n'
NOT_PROVEN = b'531 Access denied, use "SHOW INFO" for server information\r\n'
NO_MECHANISM = b'532 Access denied, unknown mechanism\r\n'
ILLEGAL = b'501 Syntax error, illegal parameters\r\n'


def library(secret=b'secret'):
    return Library(False, {u'ann': secret})


def said(*lines, **chosen):
    """The replies to these lines."""
    settings = chosen.get('settings', SETTINGS)
    loop = fixed_loop()
    wire = FakeTransport(loop)
    wire.connect(DICTServer(chosen.get('service') or library(), loop, settings))
    wire.take()
    for line in lines:
        wire.feed(line + b'\r\n')
        loop.advance(5.0)
    return wire.take()


def answering(*lines):
    """A loop on whose port 2628 a server says a banner, and one of *lines* for each command."""
    loop = VirtualLoop()

    class Scripted(Protocol):
        def connection_made(self, transport):
            self.transport = transport
            self.left = list(lines)
            transport.write(b'220 a <auth.mime.xplain.xcram-md5> <1@a>\r\n')

        def data_received(self, data):
            for _ in range(data.count(b'\r\n')):
                self.transport.write(self.left.pop(0) + b'\r\n')

    loop.listen_tcp(Scripted, '127.0.0.1', 2628)
    return loop, loop.run_until(connect(loop, '127.0.0.1', settings=ClientSettings(client=u'')))


# -- server --------------------------------------------------------------------------------------

def test_a_server_with_accounts_names_its_mechanisms():
    greeted(library(), banner=AUTH_BANNER)


def test_a_server_of_few_mechanisms_names_those():
    settings = SETTINGS.replace(mechanisms=('CRAM-MD5',))
    greeted(library(), settings, b'220 dict.example carryall <auth.mime.xcram-md5> ' + MSG_ID
            + b'\r\n')


@pytest.mark.parametrize('line', [b'SASLAUTH CRAM-MD5', b'SASLRESP AAAA'])
def test_without_accounts_the_commands_are_not_implemented(line):
    assert said(line, service=Library()) == b'502 Command not implemented\r\n'


def test_an_initial_response_may_be_all_that_is_needed():
    assert said(b'SASLAUTH PLAIN ' + PLAIN, settings=CLEAR) == PROVEN


def test_the_name_of_a_mechanism_may_be_in_lower_case():
    assert said(b'saslauth plain ' + PLAIN, settings=CLEAR) == PROVEN


def test_a_response_may_be_quoted():
    assert said(b'SASLAUTH PLAIN "' + PLAIN + b'"', settings=CLEAR) == PROVEN


def test_without_an_initial_response_it_is_asked_for():
    assert said(b'SASLAUTH PLAIN', b'SASLRESP ' + PLAIN, settings=CLEAR) == ASKED + PROVEN


def test_a_challenge_is_a_text_in_base64():
    assert said(b'SASLAUTH CRAM-MD5', b'SASLRESP ' + ANSWER) == CHALLENGED + PROVEN


def test_after_option_mime_a_challenge_has_an_empty_header():
    answer = said(b'OPTION MIME', b'SASLAUTH CRAM-MD5')
    assert answer == b'250 ok\r\n' + CHALLENGED.replace(b'\r\n', b'\r\n\r\n', 1)


def test_a_database_for_accounts_is_shown_after_a_login():
    assert b'A tree.' in said(b'SASLAUTH CRAM-MD5', b'SASLRESP ' + ANSWER, b'DEFINE trees apple')


def test_a_second_login_is_allowed():
    assert said(b'SASLAUTH PLAIN ' + PLAIN, b'SASLAUTH PLAIN ' + PLAIN,
                settings=CLEAR) == PROVEN + PROVEN


@pytest.mark.parametrize('line', [
    b'SASLRESP ' + base64.b64encode(b'ann ' + b'0' * 32),
    b'SASLRESP ' + base64.b64encode(b'bob ' + b'0' * 32), b'SASLRESP *'])
def test_a_wrong_response_is_denied(line):
    assert said(b'SASLAUTH CRAM-MD5', line) == CHALLENGED + NOT_PROVEN


@pytest.mark.parametrize('line', [
    b'SASLRESP', b'SASLRESP ""', b'SASLRESP A', b'SASLRESP AAAA AAAA', b'SASLRESP AAA\xc3\xa9',
    b'SASLRESP "'])
def test_a_malformed_response_is_an_error(line):
    assert said(b'SASLAUTH CRAM-MD5', line) == CHALLENGED + ILLEGAL


@pytest.mark.parametrize('line', [b'SASLAUTH', b'SASLAUTH PLAIN = =', b'SASLAUTH "PLAIN'])
def test_saslauth_takes_one_or_two_words(line):
    assert said(line) == ILLEGAL


@pytest.mark.parametrize('name', [b'PLAIN', b'LOGIN', b'GSSAPI', b'X', b'""', b'\xc3\xa9'])
def test_a_mechanism_that_is_not_offered_is_unknown(name):
    assert said(b'SASLAUTH ' + name) == NO_MECHANISM


def test_a_response_without_an_exchange_is_an_error():
    assert said(b'SASLRESP AAAA') == b'500 Syntax error, command not recognized\r\n'


def test_another_command_ends_an_exchange():
    assert said(b'SASLAUTH CRAM-MD5', b'STATUS', b'SASLRESP ' + ANSWER) == (
        CHALLENGED + b'210 status: 0 definitions, 0 matches\r\n'
        b'500 Syntax error, command not recognized\r\n')


def test_a_client_that_fails_too_often_is_disconnected():
    loop = fixed_loop()
    service = library()
    service.guard = LoginGuard(loop, attempts=3)
    wire = FakeTransport(loop)
    wire.connect(DICTServer(service, loop, CLEAR))
    wire.take()
    wrong = base64.b64encode(b'\0ann\0wrong')
    for _ in range(3):
        wire.feed(b'SASLAUTH PLAIN ' + wrong + b'\r\n')
        loop.advance(30.0)
    assert wire.take() == NOT_PROVEN * 3
    loop.advance(60.0)
    assert wire.closed


def test_an_address_that_is_shut_out_begins_no_exchange(expect_log):
    expect_log('is shut out')
    loop = fixed_loop()
    service = library()
    service.guard = LoginGuard(loop, ban_after=1)
    wire = FakeTransport(loop)
    wire.connect(DICTServer(service, loop, CLEAR))
    wire.take()
    wire.feed(b'SASLAUTH PLAIN ' + base64.b64encode(b'\0ann\0wrong') + b'\r\n')
    loop.advance(30.0)
    wire.feed(b'SASLAUTH PLAIN ' + PLAIN + b'\r\n')
    loop.advance(30.0)
    assert wire.take() == NOT_PROVEN * 2


@pytest.mark.parametrize('line', [b'SASLAUTH mechanism [initial-response]', b'SASLRESP response'])
def test_help_names_the_commands_if_there_are_accounts(line):
    assert line in said(b'HELP')


def test_help_does_not_name_the_commands_without_accounts():
    assert b'SASL' not in said(b'HELP', service=Library())


# -- client --------------------------------------------------------------------------------------

@pytest.mark.parametrize('banner, names', [
    (b'a <mime> <1@a>', []), (b'a <1@a>', []),
    (b'a <auth.XPLAIN.external.kerberos_v4.xversion.x> <1@a>',
     [u'PLAIN', u'EXTERNAL', u'KERBEROS_V4', u'VERSION'])])
def test_a_banner_names_mechanisms(banner, names):
    assert parse_banner(banner).mechanisms == names


@pytest.mark.parametrize('mechanism', [
    None, 'AUTH', 'SCRAM-SHA-256', 'SCRAM-SHA-1', 'CRAM-MD5', 'PLAIN', 'LOGIN'])
def test_a_client_logs_in(mechanism):
    loop = fixed_loop()
    loop.listen_tcp(lambda: DICTServer(library(), loop, CLEAR), '127.0.0.1', 2628)
    client = loop.run_until(connect(loop, '127.0.0.1'))
    loop.run_until(client.login(u'ann', b'secret', clear=True, mechanism=mechanism))
    assert [each.name for each in loop.run_until(client.databases())] == [u'fruit', u'trees']


def test_a_client_logs_in_behind_option_mime():
    loop = fixed_loop()
    loop.listen_tcp(lambda: DICTServer(library(), loop, SETTINGS), '127.0.0.1', 2628)
    client = loop.run_until(connect(loop, '127.0.0.1'))
    loop.run_until(client.option_mime())
    loop.run_until(client.login(u'ann', b'secret', mechanism='SCRAM-SHA-256'))
    assert len(loop.run_until(client.databases())) == 2


def test_a_long_password_is_sent_behind_the_command():
    """An initial response that does not fit answers a challenge (RFC 2229 section 3.12.1)."""
    password = b'x' * 745
    loop = fixed_loop()
    loop.listen_tcp(lambda: DICTServer(library(password), loop, CLEAR), '127.0.0.1', 2628)
    client = loop.run_until(connect(loop, '127.0.0.1'))
    loop.run_until(client.login(u'ann', password, clear=True, mechanism='PLAIN'))
    assert len(loop.run_until(client.databases())) == 2


def test_a_client_and_a_server_talk_octet_by_octet():
    loop = fixed_loop()
    client = DICTClient(loop, ClientSettings(client=u''))
    server = DICTServer(library(), loop, SETTINGS)
    asked = client.ready.then(lambda _: client.login(u'ann', b'secret', mechanism='CRAM-MD5'))
    lockstep(client, server, loop)
    assert asked.exception() is None


@pytest.mark.parametrize('mechanism', [None, 'AUTH', 'SCRAM-SHA-256', 'CRAM-MD5'])
def test_a_wrong_password_is_an_error_with_a_code(mechanism):
    loop = fixed_loop()
    loop.listen_tcp(lambda: DICTServer(library(), loop, SETTINGS), '127.0.0.1', 2628)
    client = loop.run_until(connect(loop, '127.0.0.1'))
    with pytest.raises(DICTError) as caught:
        loop.run_until(client.login(u'ann', b'wrong', mechanism=mechanism))
    assert caught.value.code == 531


def test_a_password_is_not_shown_without_tls():
    loop, client = answering()
    with pytest.raises(NoMechanism):
        loop.run_until(client.login(u'ann', b'secret', mechanism='PLAIN'))


def test_a_server_without_mechanisms_is_asked_by_auth():
    loop = fixed_loop()
    settings = SETTINGS.replace(mechanisms=())
    loop.listen_tcp(lambda: DICTServer(library(), loop, settings), '127.0.0.1', 2628)
    client = loop.run_until(connect(loop, '127.0.0.1'))
    loop.run_until(client.login(u'ann', b'secret'))
    assert len(loop.run_until(client.databases())) == 2


@pytest.mark.parametrize('lines', [
    (b'130 x\r\nAAA\r\n.\r\n330 x',), (b'130 x\r\n\xff\r\n.\r\n330 x',)])
def test_a_challenge_that_is_no_base64_is_an_error(lines):
    loop, client = answering(*lines)
    with pytest.raises(SASLError):
        loop.run_until(client.login(u'ann', b'secret', mechanism='CRAM-MD5'))


def test_a_challenge_may_have_several_lines():
    loop, client = answering(b'130 x\r\nPDFA\r\nYT4=\r\n.\r\n330 x', b'230 x')
    assert loop.run_until(client.login(u'ann', b'secret', mechanism='CRAM-MD5')) is None


def test_a_missing_challenge_is_an_empty_one():
    loop, client = answering(b'330 x', b'330 x', b'230 x')
    assert loop.run_until(client.login(u'ann', b'secret', clear=True, mechanism='LOGIN')) is None


def test_a_success_without_an_exchange_is_an_error():
    loop, client = answering(b'230 x')
    with pytest.raises(SASLError):
        loop.run_until(client.login(u'ann', b'secret', mechanism='CRAM-MD5'))


def test_the_mechanisms_of_the_tests_exist():
    assert {'PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-1', 'SCRAM-SHA-256'} <= set(MECHANISMS)
