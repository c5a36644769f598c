# Copyright the carryall authors.  See LICENSE.
"""carryall web --acme: options, and a site that gets its certificate while it runs."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall import runtimes
from carryall.core.errors import UsageError
from carryall.core.future import sleep, with_timeout
from carryall.core.net.protocol import Protocol
from carryall.core.tls import TLSContext, connect_tls
from carryall.core.tls.certificates import parse
from carryall.protocols.http.client import HTTPClient
from carryall.services.acme import acmeclient
from carryall.services.web.service import TYPE
from tests.services.acme.fakeca import FakeCA

WAIT_SECONDS = 60.0
AGREED = ['--https', '0', '--acme', 'shop.example', '--acme-agree', '--acme-folder', '/x/keys']


def test_the_options_name_certificate_and_folder(tmpdir):
    options = TYPE.options.parse(AGREED + ['--path', '%s' % tmpdir])
    endpoint = [each for each in TYPE.listened(options) if each.kind == 'tls'][0]
    assert endpoint.certificate.endswith('shop.example.pem')
    assert u'certificate for shop.example by ACME' in TYPE.started_by_hand(options)


@pytest.mark.parametrize('words', [
    ['--acme', 'shop.example'], ['--https', '0', '--acme', 'shop.example'],
    AGREED + ['--acme', 'shop.example'], AGREED + ['--acme', '*.example.org'],
    AGREED + ['--acme', '192.0.2.1'], AGREED + ['--acme', 'localhost'],
    AGREED + ['--acme', 'a b.example'], AGREED + ['--acme-challenge', 'dns-01'],
    AGREED + ['--acme-directory', 'http://ca.example/'], AGREED + ['--privkey', 'x.key'],
    AGREED + ['--path', '/x'], AGREED + ['--path', '/']])
def test_wrong_options_are_refused(words):
    with pytest.raises(UsageError):
        TYPE.options.parse(words)


class _Silent(Protocol):
    """A connection that says nothing."""


def _certificate(loop, port):
    """The certificate that a client gets now."""
    made = connect_tls(loop, TLSContext(verify=False), _Silent, '127.0.0.1', port,
                       hostname='shop.example')
    transport, _ = loop.run_until(with_timeout(loop, made, WAIT_SECONDS))
    found = parse(transport.get_extra_info('tls').peer_certificate)
    transport.abort()
    return found


def _until(loop, condition):
    until = loop.time() + WAIT_SECONDS
    while not condition():
        assert loop.time() < until
        loop.run_until(sleep(loop, 0.01))


def test_a_site_gets_its_certificate_while_it_runs(tmpdir, monkeypatch):
    monkeypatch.setattr(acmeclient, 'POLL_SECONDS', 0.05)
    loop = runtimes.choose()
    if not loop.caps.tls:
        loop.close()
        pytest.skip('there is no TLS here')
    client = HTTPClient(loop)

    def proof(name, token):
        """None: the proof is asked for later."""
        return proofs.get(token)

    proofs = {}
    ca = FakeCA(loop, proof)
    tmpdir.mkdir('site')
    service = TYPE.make(TYPE.options.parse([
        '--path', '%s' % tmpdir.join('site'), '--port', 'tcp:0:interface=127.0.0.1', '--https',
        'tcp:0:interface=127.0.0.1', '--redirect-https', '--acme', 'shop.example',
        '--acme-agree', '--acme-folder', '%s' % tmpdir.join('keys'), '--acme-directory', ca.url,
        '--acme-challenge', 'http-01']))
    service.start(loop)
    ports = dict((line.split(' ')[0], int(line.split(':')[1].split(' ')[0]))
                 for line in service.listening())
    before = _certificate(loop, ports['https'])
    assert before.subject == before.issuer

    # The virtual hand of the authority: it reads the proof by http, from our site.
    ca._challenge = _late(ca, client, ports['http'], ca._challenge, proofs)
    _until(loop, lambda: ca.asked.count('/certificate/0'))
    _until(loop, lambda: _certificate(loop, ports['https']).issuer == u'CN=fake CA')
    client.close()
    loop.run_until(service.stop(1.0))
    ca.close()
    loop.close()


def _late(ca, client, port, challenge, proofs):
    """A challenge whose proof is read by http first."""
    def answer(name, kind, point):
        """A Future of the answer."""
        token = 'token-' + kind
        url = 'http://127.0.0.1:%d/.well-known/acme-challenge/%s' % (port, token)
        return client.get(url, follow=False).then(
            lambda response: response.read_all(999)).then(
                lambda data: proofs.__setitem__(token, data)).then(
                    lambda _: challenge(name, kind, point))
    return answer
