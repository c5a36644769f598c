# Copyright the carryall authors.  See LICENSE.
"""All mechanisms: what is offered, client against server, garbage, and the rules that they
share."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.auth import sasl
from carryall.core.auth.checkers import AnonymousChecker, CertificateChecker, MemoryChecker
from carryall.core.auth.portal import Portal, Realm
from carryall.core.errors import LocalProtocolError
from carryall.core.testing import VirtualLoop
from tests.core.auth.sasl.kit import SECRET, TLS, converse, fails, portal

SHOWING = ('PLAIN', 'LOGIN', 'OAUTHBEARER')


@pytest.fixture
def loop():
    return VirtualLoop()


def both(loop, name, door=None, authzid=u'', carries_success=False, **extra):
    door = door or portal()
    server = sasl.server(name, loop, door, tls=TLS(), carries_success=carries_success)
    settings = dict(username=u'anna', password=SECRET, token=b'good', tls=TLS(), plus_offered=True,
                    authzid=authzid)
    settings.update(extra)
    return server, sasl.client(name, loop, **settings)


def test_the_offer_depends_on_tls(loop):
    door = portal()
    everything = sasl.offered(loop, door, tls=TLS())
    assert everything == list(sasl.MECHANISMS)
    assert set(everything) == set((
        'PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-1', 'SCRAM-SHA-1-PLUS', 'SCRAM-SHA-256',
        'SCRAM-SHA-256-PLUS', 'EXTERNAL',
        'ANONYMOUS', 'OAUTHBEARER'))
    clear = sasl.offered(loop, door)
    assert clear == ['SCRAM-SHA-256', 'SCRAM-SHA-1', 'CRAM-MD5', 'ANONYMOUS']
    assert sasl.offered(loop, door, allow_plaintext=True) == [
        'SCRAM-SHA-256', 'SCRAM-SHA-1', 'OAUTHBEARER', 'CRAM-MD5', 'PLAIN', 'LOGIN', 'ANONYMOUS']
    assert sasl.offered(loop, door, external=u'anna')[2] == 'EXTERNAL'
    no_certificate = TLS(peer_certificate=None, exporter=None)
    assert [name for name in everything
            if name not in sasl.offered(loop, door, tls=no_certificate)] == [
        'SCRAM-SHA-256-PLUS', 'SCRAM-SHA-1-PLUS', 'EXTERNAL']


def test_the_offer_depends_on_the_accounts(loop):
    assert sasl.offered(loop, Portal(Realm(), [AnonymousChecker()]), tls=TLS()) == ['ANONYMOUS']
    assert sasl.offered(loop, Portal(Realm(), [CertificateChecker({})]), tls=TLS()) == ['EXTERNAL']
    assert sasl.offered(loop, Portal(Realm(), []), tls=TLS()) == []


def test_a_server_refuses_what_it_does_not_offer(loop):
    door = portal()
    for name in SHOWING:
        with pytest.raises(sasl.NoMechanism) as caught:
            sasl.server(name, loop, door)
        assert caught.value.needs_tls, name
        sasl.server(name, loop, door, allow_plaintext=True)
    for name in ('', 'NTLM', b'GSSAPI', u'\xe9', b'\xff', 'X' * 1000, '__init__',
                 'SCRAM-SHA-256-PLUS'):
        with pytest.raises(sasl.NoMechanism) as caught:
            sasl.server(name, loop, door)
        assert not caught.value.needs_tls
    with pytest.raises(sasl.NoMechanism) as caught:
        sasl.server('PLAIN', loop, Portal(Realm(), []))
    assert not caught.value.needs_tls, 'TLS would not help'
    assert sasl.server(b'cram-md5', loop, door).name == 'CRAM-MD5'


@pytest.mark.parametrize('carries_success', [False, True])
@pytest.mark.parametrize('name', sasl.MECHANISMS)
def test_client_against_server(loop, name, carries_success):
    server, client = both(loop, name, carries_success=carries_success)
    messages, session = converse(loop, server, client)
    assert session.name == (u'anonymous' if name == 'ANONYMOUS' else u'anna')
    assert (server.success_data is not None) == (carries_success and name.startswith('SCRAM'))
    shown = any(SECRET in message or b'good' in message for message in messages if message)
    assert shown == (name in SHOWING) == server.plaintext == client.plaintext
    with pytest.raises(LocalProtocolError):
        loop.run_until(server.step(b''))
    with pytest.raises(sasl.SASLError):
        loop.run_until(client.step(b'more'))


@pytest.mark.parametrize('name',
                         [name for name in sasl.MECHANISMS
                          if name not in ('EXTERNAL', 'ANONYMOUS')])
def test_a_wrong_secret(loop, name):
    for username in (u'anna', u'nobody'):
        server, client = both(loop, name, username=username, password=b'wrong', token=b'bad')
        with pytest.raises(sasl.LoginFailed):
            converse(loop, server, client)
        assert server.session is None


@pytest.mark.parametrize('name', ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-1-PLUS', 'EXTERNAL'])
def test_acting_for_another_user_needs_permission(loop, name):
    from tests.core.auth.sasl.kit import Acting
    if name != 'EXTERNAL':
        server, client = both(loop, name, portal(Acting), authzid=u'anna', username=u'boss',
                              password=b'b')
        assert converse(loop, server, client)[1].name == u'anna'
        assert server.settings.portal.realm.left == [u'boss'], 'his own session ends'
    server, client = both(loop, name, authzid=u'anna')
    assert converse(loop, server, client)[1].name == u'anna'
    for other in (u'boss', u'x' * 300, u'a:b'):
        server, client = both(loop, name, authzid=other)
        with pytest.raises(sasl.LoginFailed):
            converse(loop, server, client)
        assert server.session is None


@pytest.mark.parametrize('name', sasl.MECHANISMS)
def test_garbage_lets_no_client_in(loop, name):
    """The server answers garbage with SASLError or LoginFailed, and lets no one in."""
    rng = random.Random(5)
    for number in range(150):
        server, client = both(loop, name)
        if name in ('ANONYMOUS',):
            break
        for _ in range(4):
            response = bytes(bytearray(rng.choice(bytearray(b'nryp=,a:\0\1\xff AuthBearer"{}'))
                                       for _ in range(rng.randrange(40))))
            if name == 'EXTERNAL':
                response += b'x'
            try:
                challenge = loop.run_until(server.step(response))
            except (sasl.SASLError, sasl.LoginFailed):
                break
            assert challenge is not None, (name, response)
        assert server.session is None
    for size in (8193, 100000):
        server, _ = both(loop, name)
        assert isinstance(fails(loop, server, b'x' * size), sasl.SASLError)


@pytest.mark.parametrize('name', sasl.MECHANISMS)
def test_clients_of_servers_that_talk_nonsense(loop, name):
    rng = random.Random(6)
    for number in range(60):
        _, client = both(loop, name)
        first = loop.run_until(client.step())
        assert (first is None) != client.client_first
        for _ in range(4):
            challenge = bytes(bytearray(rng.choice(bytearray(b'rsiev=,1\xff'))
                                        for _ in range(rng.randrange(30))))
            try:
                assert loop.run_until(client.step(challenge)) is not None
            except sasl.SASLError:
                break
    _, client = both(loop, name)
    loop.run_until(client.step())
    with pytest.raises(sasl.SASLError):
        loop.run_until(client.step(b'x' * 8193))
    if client.client_first:
        _, client = both(loop, name)
        with pytest.raises(sasl.SASLError):
            loop.run_until(client.step(b'hello'))


def test_no_initial_response(loop):
    """The client sent the name alone: an empty challenge asks for the rest (RFC 4422 section
    5.1)."""
    for name in sasl.MECHANISMS:
        server, client = both(loop, name)
        if server.client_first:
            assert loop.run_until(server.step()) == b''
            response = loop.run_until(client.step())
            assert not isinstance(loop.run_until(server.step(response)), Exception)
        else:
            assert loop.run_until(server.step())
            assert loop.run_until(client.step()) is None
        server, _ = both(loop, name)
        loop.run_until(server.step())
        try:
            loop.run_until(server.step(None))       # and nothing once more
        except (sasl.SASLError, sasl.LoginFailed):
            pass


def test_the_client_chooses_the_best(loop):
    def chosen(names, **settings):
        settings.setdefault('username', u'anna')
        settings.setdefault('password', SECRET)
        return sasl.choose(names, loop, **settings)

    everything = list(sasl.MECHANISMS)
    assert chosen(everything, tls=TLS()).name == 'SCRAM-SHA-256-PLUS'
    assert chosen(everything).name == 'SCRAM-SHA-256'
    assert chosen([b'plain', b'LOGIN'], tls=TLS()).name == 'PLAIN'
    assert chosen(['PLAIN'], allow_plaintext=True).name == 'PLAIN'
    assert chosen(['OAUTHBEARER', 'PLAIN'], tls=TLS()).name == 'PLAIN'
    assert chosen(['OAUTHBEARER', 'PLAIN'], tls=TLS(), token=b'good').name == 'OAUTHBEARER'
    for names, settings, needs_tls in ((['PLAIN'], {}, True),
                                       (['PLAIN', 'SCRAM-SHA-1-PLUS'], {}, True),
                                       (['ANONYMOUS', 'EXTERNAL', 'GSSAPI'], {}, False),
                                       ([], {}, False),
                                       (['PLAIN'], dict(password=None, tls=TLS()), False)):
        with pytest.raises(sasl.NoMechanism) as caught:
            chosen(names, **settings)
        assert caught.value.needs_tls == needs_tls, names
    for name in ('PLAIN', 'nothing', 'SCRAM-SHA-1-PLUS'):
        with pytest.raises(sasl.NoMechanism):
            sasl.client(name, loop, username=u'anna', password=SECRET)


def test_the_realm_gets_the_mind(loop):
    class Minding(Realm):
        def avatar(self, name, credentials, mind):
            return (name, type(credentials).__name__, mind)

    door = Portal(Minding(), [MemoryChecker({u'anna': SECRET})])
    for name, kind in (('SCRAM-SHA-1', 'Proven'), ('CRAM-MD5', 'Challenged'),
                       ('PLAIN', 'UsernamePassword')):
        server = sasl.server(name, loop, door, mind='client', tls=TLS())
        session = converse(loop, server,
                           sasl.client(name, loop, username=u'anna', password=SECRET, tls=TLS(),
                                                     plus_offered=True))[1]
        assert session.avatar == (u'anna', kind, 'client')
