# Copyright the carryall authors.  See LICENSE.
"""SCRAM against the examples of RFC 5802 and 7677, and against who cheats."""
from __future__ import absolute_import, division, print_function

import base64

import pytest

from carryall.core.auth import sasl
from carryall.core.auth.checkers import Checker, MemoryChecker
from carryall.core.auth.portal import Portal, Realm
from carryall.core.auth.sasl import scram
from carryall.core.auth.sasl.mechanism import ClientSettings, ServerSettings
from carryall.core.auth.verifiers import scram_keys
from carryall.core.crypto import STANDARD
from carryall.core.future import completed
from carryall.core.testing import VirtualLoop
from tests.core.auth.sasl.kit import EXPORTER, SECRET, TLS, converse, fails, portal

# Class of the server and the client, the hash, salt, nonces, and the four messages: RFC 5802
# section 5, RFC 7677 section 3.
EXAMPLES = [
    (scram.SCRAMSHA1Server, scram.SCRAMSHA1Client, 'sha1', b'QSXCR+Q6sek8bf92',
     b'fyko+d2lbbFgONRv9qkxdawL',
     b'3rfcNHYJY1ZVvWVs7j', [
         b'n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL',
         b'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096',
         b'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
         b'v=rmF9pqV8S7suAoZWja4dJRkFsKQ=', b'', None]),
    (scram.SCRAMSHA256Server, scram.SCRAMSHA256Client, 'sha256', b'W22ZaJ0SNY7soEsUEjb6gQ==',
     b'rOprNGfwEbeRWgbNEkqO',
     b'%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0', [
         b'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
         b'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
         b'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
         b'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=', b'', None]),
]


class Kept(Checker):
    """Keys of one account."""

    def __init__(self, hash_name, salt):
        self.hash_name = hash_name
        self.keys = scram_keys(STANDARD, hash_name, b'pencil', base64.b64decode(salt), 4096)

    def scram_hashes(self, loop):
        return (self.hash_name,)

    def scram_keys(self, name, hash_name, loop):
        return completed(self.keys if name == u'user' else None)


@pytest.fixture
def loop():
    return VirtualLoop()


@pytest.mark.parametrize('number', [0, 1])
def test_the_examples_of_the_rfcs_are_accepted(loop, number):
    server_class, client_class, hash_name, salt, client_nonce, server_nonce, expected = EXAMPLES[
        number]
    door = Portal(Realm(), [Kept(hash_name, salt)])
    server = server_class(ServerSettings(loop, door), server_nonce)
    client = client_class(ClientSettings(loop, u'user', b'pencil'), client_nonce)
    messages, session = converse(loop, server, client)
    assert messages == expected
    assert session.name == u'user'


def started(loop, name='SCRAM-SHA-256', tls=None, door=None, **settings):
    """A server, and a client whose first message it has answered: (server, client, the answer)."""
    server = sasl.server(name, loop, door or portal(), tls=tls)
    settings.setdefault('plus_offered', True)
    client = sasl.client(name, loop, username=u'anna', password=SECRET, tls=tls, **settings)
    challenge = loop.run_until(server.step(loop.run_until(client.step())))
    return server, client, challenge


@pytest.mark.parametrize('first', [
    b'', b'n', b'n,', b'n,,', b'n,,n=anna', b'n,,n=anna,', b'n,,r=abc,n=anna', b'n,,n=anna,r=',
    b'n,,n=,r=abc',
    b'n,,n=an=na,r=abc', b'n,,n=an\xffna,r=abc', b'n,,n=anna,r=a\x00c', b'n,,n=anna,r=a c',
    b'n,,n=anna,r=' + b'x' * 513,
    b'n,,m=x,n=anna,r=abc', b'n,,n=anna,r=abc,junk', b'n,,n=anna,r=abc,', b'n,b=x,n=anna,r=abc',
    b'n,a=x=,n=anna,r=abc',
    b'x,,n=anna,r=abc', b'p=tls-unique,,n=anna,r=abc', b'p=tls-server-end-point,,n=anna,r=abc',
    b'N,,n=anna,r=abc',
    b'n,,n=a:b,r=abc', b'n,,n=' + b'x' * 300 + b',r=abc', b'n,,n=an\x07na,r=abc'])
def test_first_messages_that_cannot_be(loop, first):
    assert isinstance(fails(loop, sasl.server('SCRAM-SHA-256', loop, portal()), first),
                      sasl.SASLError)


def test_first_messages_that_can(loop):
    for first in (b'n,,n=anna,r=abc', b'y,,n=anna,r=abc', b'n,a=anna,n=anna,r=abc',
                  b'n,,n=a=3Db=2Cc,r=abc', b'n,,n=anna,r=abc,x=y',
                  b'n,,n=anna,r=!~+-'):
        challenge = loop.run_until(sasl.server('SCRAM-SHA-256', loop, portal()).step(first))
        assert challenge.startswith(b'r=' + first.partition(b'r=')[2].partition(b',')[0])
        assert challenge.endswith(b',i=4096')


@pytest.mark.parametrize('change,kind', [
    # y,, instead of n,,
    (lambda final: final.replace(b'c=biws', b'c=eSws'), sasl.LoginFailed),
    (lambda final: final.replace(b'c=biws', b'c=biw'), sasl.SASLError),
    (lambda final: final.replace(b',r=', b',r=x'), sasl.SASLError),
    (lambda final: final[:-5] + b'AAA' + final[-2:], sasl.LoginFailed),
    (lambda final: final.partition(b',p=')[0], sasl.SASLError),
    (lambda final: final.partition(b',p=')[0] + b',p=AAAA', sasl.SASLError),
    (lambda final: final.partition(b',p=')[0] + b',p=', sasl.SASLError),
    (lambda final: final.partition(b',p=')[0] + b',p=*', sasl.SASLError),
    (lambda final: final.replace(b',p=', b',m=x,p='), sasl.LoginFailed),
    (lambda final: b'', sasl.SASLError),
])
def test_final_messages_that_were_changed(loop, change, kind):
    server, client, challenge = started(loop)
    final = loop.run_until(client.step(challenge))
    assert change(final) != final
    assert isinstance(fails(loop, server, change(final)), kind)


def test_unknown_names_get_the_same_challenge(loop):
    door = portal()

    def challenge(name):
        server = sasl.server('SCRAM-SHA-256', loop, door)
        parts = loop.run_until(server.step(b'n,,n=%s,r=abc' % name)).split(b',')
        return parts[1:]

    for name in (b'anna', b'nobody'):
        assert challenge(
            name) == challenge(name), 'another salt each time tells that there is no account'
        assert len(challenge(name)[0]) == len(challenge(b'anna')[0])
        assert challenge(name)[1] == b'i=4096'
    assert challenge(b'nobody') != challenge(b'noone')


def test_the_channel_is_bound(loop):
    server, client, challenge = started(loop, 'SCRAM-SHA-256-PLUS', TLS())
    final = loop.run_until(client.step(challenge))
    assert final.startswith(b'c=' + base64.b64encode(b'p=tls-exporter,,' + EXPORTER) + b',')
    # An attacker in the middle has its own certificate: the two sides see different bindings.
    server = sasl.server('SCRAM-SHA-256-PLUS', loop, portal(), tls=TLS(exporter=b'the real one'))
    client = sasl.client('SCRAM-SHA-256-PLUS', loop, username=u'anna', password=SECRET,
                         tls=TLS(exporter=b'the one in the middle'))
    with pytest.raises(sasl.LoginFailed):
        converse(loop, server, client)


@pytest.mark.parametrize('tls, names', [
    (TLS(), ['tls-exporter']),
    (TLS(server_end_point=b'e'), ['tls-exporter', 'tls-server-end-point']),
    (TLS(exporter=None, server_end_point=b'e'), []),
    (TLS(exporter=None, unique=b'u', server_end_point=b'e'), []),
    (TLS(version='TLSv1.2', exporter=None, unique=b'u', server_end_point=b'e'),
     ['tls-unique', 'tls-server-end-point']),
    (TLS(version='TLSv1.2', exporter=None, server_end_point=b'e'), []),
    (None, [])])
def test_plus_is_there_with_the_binding_that_the_version_demands(loop, tls, names):
    """RFC 9266 section 4 for TLS 1.3, RFC 5802 section 6.1 for TLS 1.2."""
    assert [name for name, _ in scram.bindings_of(tls)] == names
    offered = sasl.offered(loop, portal(), tls=tls)
    assert ('SCRAM-SHA-256-PLUS' in offered) == bool(names)
    client = sasl.choose(['SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS'], loop, username=u'anna',
                         password=SECRET, tls=tls)
    assert client.name == ('SCRAM-SHA-256-PLUS' if names else 'SCRAM-SHA-256')
    first = loop.run_until(client.step())
    assert first.startswith(b'p=' + names[0].encode('ascii') + b',,' if names else b'n,,')
    for name in names:
        server = sasl.server('SCRAM-SHA-256-PLUS', loop, portal(), tls=tls)
        header = b'p=' + name.encode('ascii') + b',,'
        assert loop.run_until(server.step(header + b'n=anna,r=abc')).startswith(b'r=abc')
    for name in ('tls-unique', 'tls-exporter', 'tls-server-end-point', 'other'):
        if names and name not in names:
            server = sasl.server('SCRAM-SHA-256-PLUS', loop, portal(), tls=tls)
            wrong = b'p=' + name.encode('ascii') + b',,n=anna,r=abc'
            assert isinstance(fails(loop, server, wrong), sasl.SASLError)


def test_a_client_may_bind_by_the_certificate_too(loop):
    seen = TLS(server_end_point=b'the hash of a certificate')
    server = sasl.server('SCRAM-SHA-256-PLUS', loop, portal(), tls=seen)
    client = sasl.client('SCRAM-SHA-256-PLUS', loop, username=u'anna', password=SECRET, tls=seen)
    client._header = b'p=tls-server-end-point,,'
    client._binding = client._header + seen.server_end_point
    assert converse(loop, server, client)[1].name == u'anna'


def test_a_removed_plus_mechanism_is_detected(loop):
    """RFC 5802 section 6: the client says 'y', the server knows that it had offered it."""
    server = sasl.server('SCRAM-SHA-256', loop, portal(), tls=TLS())
    client = sasl.choose(['SCRAM-SHA-256', 'PLAIN'], loop, username=u'anna', password=SECRET,
                         tls=TLS())
    first = loop.run_until(client.step())
    assert first.startswith(b'y,,')
    assert isinstance(fails(loop, server, first), sasl.SASLError)
    # A server that cannot bind takes it.
    server = sasl.server('SCRAM-SHA-256', loop, portal(), tls=TLS(exporter=None))
    client = sasl.choose(['SCRAM-SHA-256', 'PLAIN'], loop, username=u'anna', password=SECRET,
                         tls=TLS())
    assert converse(loop, server, client)[1].name == u'anna'
    assert isinstance(fails(loop, sasl.server('SCRAM-SHA-1-PLUS', loop, portal(), tls=TLS()),
                            b'n,,n=anna,r=abc'), sasl.SASLError)


def client_at(loop, challenge, nonce=b'abc'):
    client = scram.SCRAMSHA256Client(ClientSettings(loop, u'anna', SECRET), nonce)
    loop.run_until(client.step())
    return loop.run_until(client.step(challenge))


@pytest.mark.parametrize('challenge', [
    b'', b'r=abcdef', b'r=abcdef,s=AAAA', b'r=abcdef,s=AAAA,i=', b'r=abcdef,s=AAAA,i=4095',
    b'r=abcdef,s=AAAA,i=10000001',
    b'r=abcdef,s=AAAA,i=-1', b'r=abcdef,s=AAAA,i=4096x', b'r=abcdef,s=,i=4096',
    b'r=abcdef,s=AA,i=4096', b'r=abc,s=AAAA,i=4096',
    b'r=xyzabc,s=AAAA,i=4096', b'm=x,r=abcdef,s=AAAA,i=4096', b'r=abcdef,s=AAAA,i=4096,junk',
    b'e=other-error',
    b'r=abc' + b'x' * 2000 + b',s=AAAA,i=4096', b's=AAAA,r=abcdef,i=4096',
    b'r=abcdef,s=' + b'AAAA' * 400 + b',i=4096'])
def test_servers_that_a_client_does_not_trust(loop, challenge):
    with pytest.raises(sasl.SASLError):
        client_at(loop, challenge)


def test_a_client_takes_extensions(loop):
    assert client_at(loop, b'r=abcdef,s=AAAA,i=4096,x=y').startswith(b'c=biws,r=abcdef,p=')


def test_a_server_that_does_not_know_the_password(loop):
    server, client, challenge = started(loop)
    loop.run_until(client.step(challenge))
    with pytest.raises(sasl.SASLError):
        loop.run_until(client.step(b'v=' + base64.b64encode(b'x' * 32)))
    for ending in (None, b'v=' + base64.b64encode(b'x' * 32), b'', b'e=invalid-proof'):
        server, client, challenge = started(loop)
        loop.run_until(client.step(challenge))
        with pytest.raises(sasl.SASLError):
            client.finish(ending)
    server, client, challenge = started(loop)
    with pytest.raises(sasl.SASLError):
        client.finish(None)


def test_the_last_answer_is_empty(loop):
    server, client, challenge = started(loop)
    assert loop.run_until(server.step(loop.run_until(client.step(challenge)))).startswith(b'v=')
    assert server.session is None, 'in before the exchange is over'
    assert isinstance(fails(loop, server, b'x'), sasl.SASLError)


def test_a_secret_of_another_spelling(loop):
    """SASLprep on both sides: names and passwords typed with combining accents."""
    door = Portal(Realm(), [MemoryChecker({u'J\xf6rg': u'caf\xe9'.encode('utf-8')})])
    server = sasl.server('SCRAM-SHA-256', loop, door)
    client = sasl.client('SCRAM-SHA-256', loop, username=u'Jo\u0308rg',
                         password=u'cafe\u0301'.encode('utf-8'))
    assert converse(loop, server, client)[1].name == u'J\xf6rg'


def test_names_with_commas(loop):
    server = sasl.server('SCRAM-SHA-1', loop, portal())
    client = sasl.client('SCRAM-SHA-1', loop, username=u'a=b,c', password=SECRET)
    assert converse(loop, server, client)[1].name == u'a=b,c'


def test_an_unusable_store_is_no_failed_login(loop, expect_log):
    expect_log(r'could not be judged: IOError|OSError')

    class Torn(Checker):
        def scram_hashes(self, loop):
            return ('sha256',)

        def scram_keys(self, name, hash_name, loop):
            raise IOError('disk')

    server = scram.SCRAMSHA256Server(ServerSettings(loop, Portal(Realm(), [Torn()])))
    assert isinstance(fails(loop, server, b'n,,n=anna,r=abc'), sasl.LoginUnavailable)


def test_a_server_without_binding_accepts_a_client_that_could_bind(loop):
    settings = dict(tls=TLS(), bind=False)
    assert not [name for name in sasl.offered(loop, portal(), **settings) if name.endswith('-PLUS')]
    with pytest.raises(sasl.NoMechanism):
        sasl.server('SCRAM-SHA-256-PLUS', loop, portal(), **settings)
    server = sasl.server('SCRAM-SHA-256', loop, portal(), **settings)
    client = sasl.choose(['SCRAM-SHA-256', 'PLAIN'], loop, username=u'anna', password=SECRET,
                         tls=TLS())
    assert converse(loop, server, client)[1].name == u'anna'
