# Copyright the carryall authors.  See LICENSE.
"""TLS of the client commands: what is trusted, what is not, what is shown (HTC-07)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.commands import clienttls, get
from carryall.core.errors import HandshakeFailed, Unsupported, UsageError
from carryall.core.testing import NullTLS, VirtualLoop
from carryall.core.tls import TLSInfo, listening
from carryall.core.tls.authority import authority, self_signed
from carryall.core.net.transport import Address
from carryall.protocols.http import Response, Site
from carryall.protocols.http.client import Timing, Via
from carryall.runtimes import tls as providers
from tests.commands.test_get import streams        # noqa: F401  a fixture
from tests.core.tls.material import NOW, material

WITH_TLS = pytest.mark.skipif(providers.available() is not True, reason=str(providers.available()))
URL = 'https://localhost:8443/x'


def _values(*words):
    return get.SCHEMA.parse(list(words) + [URL])


class World(object):
    """A loop with a server that speaks TLS on port 8443."""

    def __init__(self, server=None, app=None, port=8443):
        self.loop = VirtualLoop({'elsewhere.example': ['127.0.0.1']}, tls=providers.provider())
        self.seen = []
        site = Site(app or self._app, self.loop)
        self.loop.listen_tcp(listening(self.loop, server or material().server(alpn=('http/1.1',)),
                                       site), '127.0.0.1', port)

    def _app(self, request):
        self.seen.append(request.tls)
        return Response(200, body=b'secret')

    def get(self, *words, **more):
        """The status of the command."""
        values = get.SCHEMA.parse(list(words) + [more.get('url', URL)])
        return self.loop.run_until(get.fetch(self.loop, values, get._request_of(values)))


@pytest.fixture
def ca(tmpdir):
    """The path of the authority that signs the server's certificate."""
    tmpdir.join('ca.pem').write(material().authority.certificate, 'wb')
    return str(tmpdir.join('ca.pem'))


@pytest.mark.parametrize('words', [['-k', '--ca', 'x'], ['--key', 'x'], ['--ca', ''], ['--cert']])
def test_contradictions_are_refused_in_a_sentence(words):
    """Contradictions, in a sentence."""
    with pytest.raises(UsageError):
        _values(*words)


def test_options_become_a_tls_context(monkeypatch):
    """Options become a TLS context; the passphrase comes from the environment and is not shown."""
    context = clienttls.context_of(_values(), ('http/1.1',))
    assert context.verify and context.trust is None and context.identity is None \
        and context.alpn == ('http/1.1',)
    assert not clienttls.context_of(_values('--insecure')).verify
    monkeypatch.setenv(clienttls.PASSPHRASE_VARIABLE, 's3cret')
    context = clienttls.context_of(_values('--ca', 'a', '--cert', 'c', '--key', 'k'))
    assert context.trust.endswith('a') and context.identity.certificate.endswith('c') \
        and context.identity.key.endswith('k')
    assert context.identity.passphrase() == b's3cret' and 's3cret' not in repr(context.identity)


@WITH_TLS
@pytest.mark.parametrize(
    'content',
    [None, b'no PEM', b'-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n'])
@pytest.mark.parametrize('option', ['--ca', '--cert'])
@pytest.mark.parametrize('url', ['https://nobody.example/', 'http://nobody.example/'])
def test_files_that_cannot_be_used_are_told_before_anybody_is_connected_to(
        tmpdir, content, option, url):
    path = tmpdir.join('x.pem')
    if content is not None:
        path.write(content, 'wb')
    loop = VirtualLoop(tls=providers.provider())
    values = get.SCHEMA.parse([option, str(path), url])
    with pytest.raises(UsageError) as caught:           # and no failed look-up of a host
        loop.run_until(get.fetch(loop, values, get._request_of(values)))
    assert str(path) in caught.value.message or 'certificate' in caught.value.message


def test_the_shown_line_has_no_control_characters():
    """Without TLS the address alone is shown; a certificate that cannot be parsed is shown by its
    fingerprint. No control characters are shown."""
    peer = Address('192.0.2.1', 443)
    assert clienttls.describe(Via(peer, None, None), _values()) == [u'192.0.2.1:443']
    info = TLSInfo('TLSv1.3', 'SUITE\x1b', None, None, b'junk', True, None)
    lines = clienttls.describe(Via(peer, info, Timing(0.001, 0.002, 0.0304)), _values('-k'))
    assert lines[0] == u'192.0.2.1:443: resolved in 1 ms, connected in 2 ms, TLS in 30 ms'
    assert lines[1] == u'TLSv1.3, SUITE\\x1b, an earlier session goes on' and lines[2].startswith(
        u'certificate SHA-256 ')
    assert u'NOT VERIFIED' in lines[3] and len(lines) == 4
    assert len(clienttls.describe(Via(peer, info, None), _values())) == 3


@WITH_TLS
def test_the_server_is_verified_by_the_named_authority(streams, ca):     # noqa: F811
    """By the authority that is named; ALPN; -v shows with whom."""
    world = World()
    assert world.get('--ca', ca, '-v') == 0 and streams[0].text == b'secret'
    assert world.seen[0].alpn == 'http/1.1' and world.seen[0].server_name == 'localhost'
    shown = streams[1].text
    assert b'* TLSv1.3, ' in shown \
        and b'for localhost, 127.0.0.1, ::1, from CN=carryall tests' in shown \
        and b'TLS in ' in shown
    assert b'VERIFIED' not in shown
    assert world.get('--ca', ca, url='https://127.0.0.1:8443/') == 0, \
        'an address that the certificate is for'


@WITH_TLS
@pytest.mark.parametrize('server, words, url', [
    (None, (), URL),
    (lambda: material().server(), ('--ca', 'ca'), 'https://elsewhere.example:8443/'),
    (lambda: _context(self_signed([u'localhost'], NOW)), ('--ca', 'ca'), URL),
    (lambda: _context(authority(u'x', NOW).issue([u'localhost'], NOW)), ('--ca', 'ca'), URL),
    (lambda: _context(material().authority.issue([u'localhost'], NOW - 86400 * 30, days=20)),
     ('--ca', 'ca'), URL)],
    ids=['machine', 'name', 'self-signed', 'stranger', 'old'])
def test_not_good_enough(streams, ca, server, words, url):     # noqa: F811
    """One sentence, and no octet of the request was sent; --insecure takes them all,
    and says so."""
    world = World(server and server())
    with pytest.raises(HandshakeFailed) as caught:
        world.get(*[ca if word == 'ca' else word for word in words], url=url)
    assert 'certificate' in str(caught.value) and '\n' not in str(caught.value)
    assert world.seen == [] and streams[0].text == b''
    assert world.get('--insecure', '-v', url=url) == 0 and streams[0].text == b'secret' \
        and b'NOT VERIFIED' in streams[1].text


def _context(pair):
    from carryall.core.tls import TLSContext
    return TLSContext(pair.identity())


@WITH_TLS
def test_a_certificate_of_ours(streams, ca, tmpdir):     # noqa: F811
    """Shown to the server that asks; without it the transfer fails."""
    mine = material().authority.issue([u'anna'], NOW, common_name=u'anna')
    tmpdir.join('me.pem').write(mine.certificate, 'wb')
    tmpdir.join('me.key').write(mine.key, 'wb')
    subjects = []
    server = material().server(client_certificates='required',
                               trust=material().authority.certificate)
    world = World(server, lambda request: subjects.append(request.client_certificate.subject)
                  or Response(200, body=b'ok'))
    assert world.get('--ca', ca, '--cert', str(tmpdir.join('me.pem')), '--key',
                     str(tmpdir.join('me.key'))) == 0
    assert subjects == [u'CN=anna'] and streams[0].text == b'ok'
    with pytest.raises(Exception) as caught:
        world.get('--ca', ca)
    assert 'Traceback' not in str(caught.value) and subjects == [u'CN=anna']
    with pytest.raises(UsageError):
        world.get('--ca', ca, '--cert', str(tmpdir.join('none')))


@WITH_TLS
def test_files_that_cannot_be_used(streams, tmpdir):     # noqa: F811
    """Before a word is said to the server."""
    tmpdir.join('junk').write(b'junk', 'wb')
    for name in ('none', 'junk'):
        with pytest.raises(UsageError):
            World().get('--ca', str(tmpdir.join(name)))


@WITH_TLS
def test_redirects_and_kept_connections(streams, ca):     # noqa: F811
    """The second request goes over the connection that is there, and -v says no more than that."""
    def app(request):
        return Response(302, [(b'Location', b'/y')]) if request.path == b'/x' else Response(
            200, body=b'there')

    assert World(app=app).get('--ca', ca, '-v') == 0 and streams[0].text == b'there'
    assert b'* 127.0.0.1:8443\n* TLSv1.3' in streams[1].text, streams[1].text


def test_missing_tls_is_reported_with_the_reason(streams):     # noqa: F811
    """Said, with the reason."""
    loop = VirtualLoop()
    values = _values()
    with pytest.raises(Unsupported) as caught:
        loop.run_until(get.fetch(loop, values, get._request_of(values)))
    assert 'TLS' in str(caught.value)
    assert NullTLS.name == 'null'
