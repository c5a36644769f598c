# Copyright the carryall authors.  See LICENSE.
"""The input of the providers: keys and certificates of every form,
on every runtime that has TLS."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.compat import interpreter
from carryall.core.errors import UsageError
from carryall.core.tls import Identity, TLSContext
from carryall.runtimes import tls as providers

pytestmark = pytest.mark.skipif(providers.available() is not True,
                                reason=str(providers.available()))

PEMS = os.path.join(os.path.dirname(__file__), '..', '..', 'core', 'tls', 'pems')


def path(name):
    return os.path.abspath(os.path.join(PEMS, name))


def content(name):
    with open(path(name), 'rb') as source:
        return source.read()


def handshake(ours, theirs, hostname='localhost'):
    """The result of a handshake in memory: (the client's view, the server's)."""
    provider = providers.provider()
    client = theirs.session(provider, False, hostname)
    server = ours.session(provider, True)
    client.start()
    server.start()
    for _ in range(10):
        server.receive(client.take() or b'')
        octets = server.take()
        if octets:
            client.receive(octets)
    assert client.ready and server.ready
    return client.info(), server.info()


KEYS = [('rsa.pem', 'rsa-pkcs1.key', None), ('rsa.pem', 'rsa-pkcs8.key', None),
        ('rsa.pem', 'rsa-encrypted.key', u'secret'),
        ('ec.pem', 'ec-sec1.key', None), ('ed25519.pem', 'ed25519.key', None)]


@pytest.mark.parametrize('certificate, key, passphrase', KEYS)
@pytest.mark.parametrize('in_memory', [False, True], ids=['path', 'memory'])
def test_keys_of_every_form(certificate, key, passphrase, in_memory):
    give = content if in_memory else path
    ours = TLSContext(Identity(give(certificate), give(key), passphrase))
    seen, _ = handshake(ours, TLSContext(trust=path(certificate)))
    assert seen.version == 'TLSv1.3' and seen.peer_certificate


def relabelled(name, label):
    return content(name).replace(b' CERTIFICATE-----', b' ' + label + b'-----')


def test_a_certificate_by_its_former_label_is_used_and_trusted():
    certificate = relabelled('rsa.pem', b'X509 CERTIFICATE')
    ours = TLSContext(Identity(certificate, content('rsa-pkcs8.key')))
    seen, _ = handshake(ours, TLSContext(trust=certificate))
    assert seen.peer_certificate


def test_a_certificate_in_openssls_own_form_is_refused_by_name():
    certificate = relabelled('rsa.pem', b'TRUSTED CERTIFICATE')
    ours = TLSContext(Identity(certificate, content('rsa-pkcs8.key')))
    theirs = TLSContext(trust=certificate)
    for context, is_server in (ours, True), (theirs, False):
        with pytest.raises(UsageError) as caught:
            context.prepare(providers.provider(), is_server)
        assert u'TRUSTED CERTIFICATE' in caught.value.message


def test_a_chain_and_its_key_in_one_file(tmpdir):
    tmpdir.join('both.pem').write(content('rsa.pem') + content('rsa-pkcs8.key'), 'wb')
    handshake(TLSContext(Identity(str(tmpdir.join('both.pem')))), TLSContext(trust=path('rsa.pem')))


@pytest.mark.parametrize('certificate, key, passphrase', [
    ('rsa.pem', 'rsa-encrypted.key', None), ('rsa.pem', 'rsa-encrypted.key', u'wrong'),
    ('rsa.pem', 'ec-sec1.key', None),
    ('rsa.pem', 'rsa.pem', None), ('rsa-pkcs8.key', 'rsa-pkcs8.key', None),
    ('rsa.pem', 'ed25519.key', None)])
def test_an_unusable_certificate_is_refused_in_a_sentence(certificate, key, passphrase):
    with pytest.raises(UsageError) as caught:
        TLSContext(Identity(path(certificate), path(key), passphrase)).prepare(
            providers.provider(), True)
    text = caught.value.message
    assert text and '\n' not in text and 'Exception' not in text and 'secret' not in text, text


def test_trust_that_cannot_be_used():
    with pytest.raises(UsageError):
        TLSContext(trust=path('rsa-pkcs8.key')).prepare(providers.provider(), False)


def test_only_forward_secrecy_and_aead():
    ours = TLSContext(Identity(path('rsa.pem'), path('rsa-pkcs8.key')), maximum='TLSv1.2')
    seen, _ = handshake(ours, TLSContext(trust=path('rsa.pem')))
    assert seen.version == 'TLSv1.2'
    assert 'ECDHE' in seen.cipher and ('GCM' in seen.cipher or 'CHACHA20' in seen.cipher)


# -- channel bindings --------------------------------------------------------

def bindings(version):
    """The channel bindings of a new connection: (the client's, the server's)."""
    ours = TLSContext(Identity(path('rsa.pem'), path('rsa-pkcs8.key')), minimum=version,
                      maximum=version)
    return [info.channel_bindings() for info in handshake(ours, TLSContext(trust=path('rsa.pem')))]


def test_tls_1_2_is_bound_by_tls_unique_where_there_is_one():
    """RFC 5929 section 3: the first Finished message; the JDK has no way to it."""
    client, server = bindings('TLSv1.2')
    if providers.provider().name == 'jsse':
        assert client == server == []
        return
    assert [name for name, _ in client] == ['tls-unique', 'tls-server-end-point']
    assert len(client[0][1]) == 12
    # pypy: a server cannot tell whether the session goes on, and then it must not bind by that.
    assert server in ([], client)
    assert server == client or interpreter().startswith('PyPy')


def test_tls_1_3_is_bound_by_tls_exporter_where_there_is_one():
    """RFC 9266 section 2: 32 octets of keying material; Java has it from 25 on."""
    client, server = bindings('TLSv1.3')
    assert client == server
    assert [name for name, _ in client] in ([], ['tls-exporter', 'tls-server-end-point'])
    assert not client or len(client[0][1]) == 32


def test_a_session_that_goes_on_is_not_bound_by_tls_unique():
    """RFC 7627 section 1: two of them may have the same."""
    ours = TLSContext(Identity(path('rsa.pem'), path('rsa-pkcs8.key')), maximum='TLSv1.2')
    theirs = TLSContext(trust=path('rsa.pem'))
    provider = providers.provider()
    seen = []
    for _ in range(2):
        client = theirs.session(provider, False, 'localhost')
        server = ours.session(provider, True)
        client.start()
        server.start()
        for _ in range(10):
            server.receive(client.take() or b'')
            octets = server.take()
            if octets:
                client.receive(octets)
        seen.append((client.info(), server.info()))
        client.over()
    for client, server in seen:
        assert client.unique is None or not client.resumed
        assert server.unique is None or not server.resumed
