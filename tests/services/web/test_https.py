# Copyright the carryall authors.  See LICENSE.
"""HTTPS of the web service: options, certificates by name, clients' certificates, the redirect,
HSTS, reload (WEB-11, HTS-16).
"""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.app.optionvalues import plain
from carryall.app.endpoints import parse_endpoint
from carryall.core.errors import ConnectFailed, ConnectionLost, Unsupported, UsageError
from carryall.core.net.protocol import Protocol
from carryall.core.testing import FakeTransport, NullTLS, VirtualLoop
from carryall.core.tls import TLSInfo, connect_tls
from carryall.core.tls.authority import authority
from carryall.core.net.transport import Address, tls
from carryall.protocols.http import Response
from carryall.runtimes import tls as providers
from carryall.services.web.https import CertificateName, Redirect, context_of
from carryall.services.web.options import SCHEMA, endpoints_of
from carryall.services.web.service import TYPE
from tests.core.auth.kit import quick
from tests.core.tls.material import NOW, material
from tests.protocols.http.stage import Stage
from tests.services.web.support import request, write

WITH_TLS = pytest.mark.skipif(providers.available() is not True, reason=str(providers.available()))
SECURE = TLSInfo('TLSv1.3', 'X', 'http/1.1', None, None, False, None)
TLS_PORT = 'tls:0:certificate=%s' % os.path.abspath('own.pem').replace(':', '\\:')


# -- options -----------------------------------------------------------------

@pytest.mark.parametrize('words, expected', [
    (['--https', '8443'],
     ['tcp:8080:interface=127.0.0.1', 'tls:8443:interface=127.0.0.1:certificate=server.pem']),
    (['--https=443', '-c', 'a.pem', '-k', 'b.pem', '--interface', '0.0.0.0'],
     ['tcp:8080:interface=0.0.0.0', 'tls:443:interface=0.0.0.0:certificate=a.pem:key=b.pem']),
    (['--https', 'tcp:443:interface=[::]:backlog=9', '--certificate=a.pem', '--privkey=b.pem', '-p',
      'unix:w'],
     ['unix:w', 'tls:443:interface=[::]:backlog=9:certificate=a.pem:key=b.pem']),
    (['-p', 'tls:443:certificate=a.pem:clients=optional:trust=c.pem'],
     ['tls:443:interface=127.0.0.1:certificate=a.pem:trust=c.pem:clients=optional']),
    (['--https', '1', '--https', '2', '--client-certificates', 'required', '--client-ca', 'c.pem',
      '-p', '3'],
     ['tcp:3:interface=127.0.0.1']
     + ['tls:%d:interface=127.0.0.1:certificate=server.pem:trust=c.pem:clients=required' % port
        for port in (1, 2)])])
def test_endpoints_are_read_in_every_spelling(words, expected):
    """The old spellings, with their defaults, beside the endpoints of our own."""
    values = SCHEMA.parse(words)
    expected = [parse_endpoint(text) for text in expected]
    for endpoint in expected:
        for name in ('path', 'certificate', 'key', 'trust'):
            if getattr(endpoint, name) is not None:
                setattr(endpoint, name, os.path.abspath(getattr(endpoint, name)))
    assert endpoints_of(values) == expected, words
    assert SCHEMA.complete(plain(values)) == values, 'a tap'
    assert SCHEMA.parse(SCHEMA.words(values)) == values, 'a tap'


@pytest.mark.parametrize('words', [
    ['-s', '8443'], ['--https', 'x'], ['--https', 'tls:1:certificate=x'], ['--https', 'unix:/x'],
    ['-k', 'b.pem'], ['--hsts', '1d'], ['--redirect-https'],
    ['--client-certificates', 'required'],
    ['--client-certificates', 'optional', '--client-ca', 'c'],
    ['--vhost-certificate', 'a.example=x'],
    ['--https', '1', '--client-ca', 'c'], ['--https', '1', '--client-certificates', 'required'],
    ['--https', '1', '--client-certificates', 'perhaps', '--client-ca', 'c'],
    ['-p', 'tls:1:certificate=x:clients=required'], ['-p', TLS_PORT, '--redirect-https'],
    ['--https', '1', '--hsts', '-1'], ['--https', '1', '--hsts', 'x'],
    ['--https', '1', '--vhost-certificate', '*=x'],
    ['--https', '1', '--vhost-certificate', 'a:1=x'],
    ['--https', '1', '--vhost-certificate', '[::1]=x'],
    ['--https', '1', '--vhost-certificate', 'a=x', '--vhost-certificate', 'A=y'],
    ['--https', '1', '--vhost', 'a=.', '--vhost-certificate', 'b=x'],
    ['--vhost', 'a=.', '--vhost', 'A.=.'], ['--vhost', '*=.', '--path', '.'], ['--vhost', 'a'],
    ['--vhost', 'a b=.'], ['--vhost-log', 'a=x'],
    ['--vhost', 'a=.', '--vhost-log', 'a=x', '--vhost-log', 'a=y']])
def test_contradicting_words_are_refused(words):
    """Contradictions are refused, and ``-s``, which had two meanings in two former versions."""
    with pytest.raises(UsageError) as caught:
        SCHEMA.parse(words)
    assert caught.value.message, words
    assert u'\n' not in caught.value.message, words


def test_hosts_and_wildcards_are_accepted():
    """Hosts and their certificates, by themselves and by wildcards."""
    for words in (['--vhost', 'a=x', '--vhost', '*.b=y', '--vhost', 'c:81=z', '--https', '1']
                  + [word for name in ('a', 'x.b', '*.b', 'c') for word
                     in ('--vhost-certificate', name + '=p')],
                  ['--vhost', '*=x', '--https', '1', '--vhost-certificate', 'q.example=p',
                   '--redirect-https', '--hsts', '365d'],
                  ['--vhost', 'a=x', '--path', 'y', '--vhost-log', 'a=l', '--vhost-log', '*=m'],
                  ['--https', '1', '--vhost-certificate', 'a=p']):
        values = SCHEMA.parse(words)
        assert SCHEMA.complete(plain(values)) == values, words
        assert SCHEMA.parse(SCHEMA.words(values)) == values, words
    assert SCHEMA.parse(['--vhost', 'a=x']).path is None, 'nothing is served unasked'
    assert SCHEMA.parse(['-p', '80']).path == os.path.abspath(u'.'), 'nothing is served unasked'
    assert CertificateName().parse(u'*.A.example') == u'*.a.example'


def test_check_before_it_is_started(tmpdir):
    """The words of twistd --check about the files."""
    there = write(tmpdir, 'a.pem', b'x')
    none = os.path.join(str(tmpdir), 'none')
    for words, count in (([], 0), (['-c', none], 0), (['--https', '1', '-c', there], 0),
                         (['--https', '1', '-c', none, '-k', none], 2),
                         (['--https', '1', '-c', there, '-k', none], 1),
                         (['--https', '1', '-c', there, '--vhost-certificate', 'a=' + none], 1),
                         (['-p', 'tls:1:certificate=' + none.replace(':', '\\:')], 1),
                         (['--https', '1', '-c', there, '--client-ca', none,
                           '--client-certificates', 'required'], 1)):
        assert len(TYPE.check(SCHEMA.parse(words))) == count, words


def test_each_endpoint_has_its_tls_context():
    """Of each endpoint; what it says itself counts before the options."""
    values = SCHEMA.parse(['--https', '1', '--client-certificates', 'optional', '--client-ca', 'c',
                           '--vhost-certificate', '*.A.example=p', '-p',
                           'tls:2:certificate=o:clients=required:trust=t',
                           '-p', 'tls:3:certificate=o'])
    contexts = [context_of(values, endpoint) for endpoint in endpoints_of(values)]
    assert ([(each.client_certificates, each.trust and os.path.basename(each.trust)) for each
             in contexts] == [('required', 't'), ('optional', 'c'), ('optional', 'c')])
    assert all(each.alpn == ('http/1.1',) and list(each.sni) == ['*.a.example'] and each.minimum
               == 'TLSv1.2' for each in contexts)


# -- the redirect ------------------------------------------------------------

def _redirect(target, method=b'GET', host=b'a.example', port=8443,
              sockname=Address('192.0.2.2', 80)):
    app = Redirect(lambda request: Response(200), lambda: port)
    response = app(request(target, method=method, host=host,
                           transport=FakeTransport(sockname=sockname)))
    return response.status, response.headers.get(b'location'), response.body


@pytest.mark.parametrize('target, host, port, location', [
    (b'/', b'a.example', 443, b'https://a.example/'),
    (b'/a?b=c&d', b'A.Example:8080', 8443, b'https://a.example:8443/a?b=c&d'),
    (b'/x?', b'a.example.', 443, b'https://a.example/x?'),
    (b'http://a.example/y', b'a.example', 443, b'https://a.example/y'),
    (b'http://a.example', b'a.example', 443, b'https://a.example/'),
    (b'//evil.example/x', b'a.example', 443, b'https://a.example//evil.example/x'),
    (b'/', b'[0::1]:80', 8443, b'https://[::1]:8443/'), (b'/', None, 443, b'https://192.0.2.2/'),
    (b'/%0d%0aX:', b'a.example', 443, b'https://a.example/%0d%0aX:'),
    (b"/'|{}^[]`", b'a.example', 443, b"https://a.example/'|{}^[]`")])
def test_http_redirects_to_https(target, host, port, location):
    """To the same host and place, on the port of https; the body says nothing of either."""
    status, found, body = _redirect(target, host=host, port=port)
    assert (status, found, body) == (301, location, b'301 Moved Permanently\n'), target


def test_redirect_of_an_absolute_target_goes_to_its_host():
    """RFC 9112 section 3.2.2."""
    stage = Stage(Redirect(lambda request: Response(200), lambda: 443))
    answer = stage.say(b'GET http://b.example/x HTTP/1.1\r\nHost: a.example\r\n\r\n')
    assert b'\r\nLocation: https://b.example/x\r\n' in answer


def test_redirect_of_other_requests():
    """The method stays; what is no place cannot be gone to; a proxy on this machine is not sent
    round in a circle.
    """
    assert ([_redirect(b'/', method)[0] for method in (b'HEAD', b'POST', b'PUT', b'OPTIONS')]
            == [301, 308, 308, 308])
    assert _redirect(b'*', b'OPTIONS')[0] == 404
    assert _redirect(b'/', host=None, sockname=None)[0] == 400
    assert _redirect(b'/', sockname=Address('/run/web.sock'))[0] == 200, 'a Unix socket'


# -- the service -------------------------------------------------------------

class Peer(Protocol):
    """A client that keeps what it hears."""

    def __init__(self):
        self.heard = b''

    def data_received(self, data):
        self.heard += data


class World(object):
    """A running service and clients of it."""

    def __init__(self, tmpdir, provider, *words):
        self.folder = str(tmpdir)
        for name in ('site', 'a', 'b'):
            write(tmpdir, name + '/who', name.encode('ascii'))
        self.loop = VirtualLoop(tls=provider)
        self.service = TYPE.make(SCHEMA.parse(list(words)))
        self.service.start(self.loop)
        self.ports = [int(line.split(' ')[2].rpartition(':')[2]) for line
                      in self.service.listening()]

    def path(self, name):
        return os.path.join(self.folder, name)

    def finish(self, transport, peer, fields):
        """(status, head, body)"""
        transport.write(b'GET /who HTTP/1.1\r\nConnection: close\r\n' + fields + b'\r\n')
        self.loop.advance(1)
        head, _, body = peer.heard.partition(b'\r\n\r\n')
        return int(head[9:12] or 0), head, body

    def plain(self, host=b'a.example', fields=b''):
        """Asks by http."""
        future = self.loop.connect_tcp(Peer, '127.0.0.1', self.ports[0])
        self.loop.advance(0.1)
        transport, peer = future.result()
        return self.finish(transport, peer, b'Host: ' + host + b'\r\n' + fields)

    def secure(self, host=b'a.example', fields=b'', context=None, name=None):
        """Asks by https; (status, head, body, TLSInfo)."""
        future = connect_tls(self.loop, context or material().client(verify=False), Peer,
                             '127.0.0.1', self.ports[-1], name or host.decode('ascii'))
        self.loop.advance(1)
        transport, peer = future.result()
        info = tls(transport)
        return self.finish(transport, peer, b'Host: ' + host + b'\r\n' + fields) + (info,)

    def stop(self):
        done = self.service.stop(1.0)
        self.loop.advance(2)
        done.result()
        assert self.service.listening() == []
        assert self.loop.failures == []


@pytest.fixture
def start(tmpdir):
    """Makes a World over NullTLS, whose handshakes are nothing, or with ``real=True`` over the
    provider of this runtime.
    """
    made = []

    def make(*words, **more):
        provider = (providers.provider() if more.get('real') else more.get('provider')
                    or NullTLS(SECURE))
        made.append(World(tmpdir, provider, *words))
        return made[-1]

    yield make
    for each in made:
        each.stop()


def _pem(tmpdir, name, pair):
    return write(tmpdir, name, pair.certificate + pair.key)


def test_one_folder_is_served_over_http_and_https(start, tmpdir):
    """One folder by http and by https; the log says which is which."""
    world = start('--path', str(tmpdir.join('site')), '-p', '0', '--https', '0')
    assert (world.service.listening()
            == ['http on 127.0.0.1:%d' % world.ports[0],
                'https on 127.0.0.1:%d with TLS' % world.ports[1]])
    assert world.plain()[::2] == (200, b'site')
    assert world.secure()[:3:2] == (200, b'site')
    assert b'Strict-Transport-Security' not in world.secure()[1]


def test_redirect_and_hsts(start, tmpdir):
    """All http requests are redirected to https, which clients must remember; errors of the engine
    say so too, over https alone."""
    world = start('--path', str(tmpdir.join('site')), '-p', '0', '--https', '0', '--redirect-https',
                  '--hsts', '365d')
    status, head, body = world.plain()
    assert status == 301
    assert b'\r\nLocation: https://a.example:%d/who\r\n' % world.ports[1] in head
    assert b'Strict' not in head
    for fields, expected in ((b'', 200), (b'Content-Length: x\r\n', 400),
                             (b'If-None-Match: *\r\n', 304)):
        status, head, _, _ = world.secure(fields=fields)
        assert status == expected, head
        assert head.count(b'\r\nStrict-Transport-Security: max-age=31536000') == 1, head
    assert b'Strict' not in world.plain(fields=b'Content-Length: x\r\n')[1]


def test_https_may_be_the_only_endpoint(start, tmpdir):
    """By an endpoint alone."""
    world = start('--path', str(tmpdir.join('site')), '-p',
                  'tls:0:certificate=%s' % str(tmpdir.join('x')).replace(':', '\\:'))
    assert len(world.ports) == 1
    assert world.secure()[:3:2] == (200, b'site')


def test_each_host_has_its_folder(start, tmpdir):
    """Each host has its folder; an unknown host is 404 over http, also if http redirects, and 421
    over https."""
    world = start('-p', '0', '--https', '0', '--vhost', 'a.example=' + str(tmpdir.join('a')),
                  '--vhost', '*.example=' + str(tmpdir.join('b')))
    assert ([world.plain(host)[::2] for host in (b'a.example', b'B.example:99', b'x')]
            == [(200, b'a'), (200, b'b'), (404, b'404 Not Found\n')])
    assert ([world.secure(host)[:3:2] for host in (b'a.example', b'x')]
            == [(200, b'a'), (421, b'421 Misdirected Request\n')])
    world = start('-p', '0', '--https', '0', '--vhost', 'a.example=' + str(tmpdir.join('a')),
                  '--redirect-https')
    assert [world.plain(host)[0] for host in (b'a.example', b'x')] == [301, 404]
    world = start('-p', '0', '--vhost', 'a.example=' + str(tmpdir.join('a')), '--path',
                  str(tmpdir.join('site')))
    assert [world.plain(host)[2] for host in (b'a.example', b'x')] == [b'a', b'site']


def test_logs_of_hosts(start, tmpdir):
    """A host with a log of its own is logged there alone; two hosts may share one; a reload reopens
    all."""
    folder = str(tmpdir)
    words = ['-p', '0', '-l', os.path.join(folder, 'main.log')]
    for host, log in (('a', 'ab.log'), ('b', 'ab.log'), ('c', None)):
        words += ['--vhost',
                  '%s=%s'
                  % (host, os.path.join(folder, 'a'))] + (['--vhost-log',
                                                           '%s=%s'
                                                           % (host, os.path.join(folder, log))]
                                                          if log else [])
    write(tmpdir, 'a/who', b'')
    world = start(*words)
    for host in (b'a', b'b', b'c', b'x'):
        world.plain(host)
    world.loop.advance(2)
    lines = dict((name, tmpdir.join(name).read('rb').count(b'\n')) for name
                 in ('main.log', 'ab.log'))
    assert lines == {'main.log': 2, 'ab.log': 2}, lines
    tmpdir.join('ab.log').rename(tmpdir.join('old.log'))
    world.service.reload()
    world.plain(b'a')
    world.loop.advance(2)
    assert tmpdir.join('ab.log').read('rb').count(b'\n') == 1
    assert tmpdir.join('old.log').read('rb').count(b'\n') == 2


def test_accounts_are_asked_for_on_every_host(start, tmpdir):
    """The door stands before every host; http that redirects asks for no password."""
    from carryall.core.auth.passwordfile import PasswordTable
    users = write(tmpdir, 'users', PasswordTable().with_account(u'anna', quick(b'pw')).to_bytes())
    field = b'Authorization: Basic YW5uYTpwdw==\r\n'
    log = str(tmpdir.join('log'))
    world = start('--path', str(tmpdir.join('site')), '--auth', users, '-p', '0', '--https', '0',
                  '--redirect-https', '-l', log)
    assert world.plain()[0] == world.plain(fields=field)[0] == 301
    assert world.secure()[0] == 401
    assert world.secure(fields=field)[:3:2] == (200, b'site')
    world.service.reload()
    assert world.secure(fields=field)[0] == 200
    world.loop.advance(2)
    assert b' - anna [' in tmpdir.join('log').read('rb')


def test_a_bad_setting_keeps_the_service_from_starting(tmpdir):
    """Told, and nothing is left behind; no TLS in the loop among it."""
    write(tmpdir, 'site/who', b'')
    words = ['--path', str(tmpdir.join('site')), '-p', '0', '--https', '0', '-l',
             str(tmpdir.join('log'))]
    for loop, more, error in ((VirtualLoop(), [], Unsupported),
                              (VirtualLoop(tls=NullTLS()), ['--auth', str(tmpdir.join('none'))],
                               Exception)):
        service = TYPE.make(SCHEMA.parse(words + more))
        with pytest.raises(error):
            service.start(loop)
        assert service.listening() == []
        assert service._logs == []
        assert service.loop is None
        assert loop._listeners == {}


# -- with certificates -------------------------------------------------------

@WITH_TLS
def test_certificates_by_name(start, tmpdir):
    """The host's own, the wildcard's, or the main one; ALPN; a request for another host than the
    handshake is 421.
    """
    ca = material().authority
    own = ca.issue([u'a.example'], NOW)
    wild = ca.issue([u'*.wild.example'], NOW)
    world = start('-p', '0', '--https', '0', '-c', _pem(tmpdir, 'main.pem', material().site),
                  '--vhost', '*=' + str(tmpdir.join('site')), '--vhost',
                  'a.example=' + str(tmpdir.join('a')),
                  '--vhost-certificate', 'a.example=' + _pem(tmpdir, 'a.pem', own),
                  '--vhost-certificate', '*.wild.example=' + _pem(tmpdir, 'w.pem', wild), real=True)
    context = material().client(alpn=('http/1.1',))
    for host, pair, body in ((b'a.example', own, b'a'), (b'x.wild.example', wild, b'site'),
                             (b'localhost', material().site, b'site')):
        status, _, found, info = world.secure(host, context=context)
        assert (status, found) == (200, body), host
        assert info.peer_certificate == material().der_of(pair), host
        assert info.alpn == 'http/1.1', host
    assert world.secure(b'localhost', context=context, name='a.example')[0] == 421
    assert (world.secure(b'a.example', context=context, name='127.0.0.1')[0]
            == 200), 'no name in the handshake: an address'
    with pytest.raises(ConnectFailed):
        world.secure(b'other.example', context=context)


@WITH_TLS
def test_new_certificates_are_used_after_a_reload(start, tmpdir):
    """On reload, for the connections to come; a bad file leaves everything as it was."""
    first, second = [material().authority.issue([u'a.example'], NOW) for _ in range(2)]
    path = _pem(tmpdir, 'site.pem', first)
    world = start('--path', str(tmpdir.join('site')), '-p', '0', '--https', '0', '-c', path,
                  real=True)
    context = material().client()
    assert world.secure(context=material().client())[3].peer_certificate == material().der_of(first)
    _pem(tmpdir, 'site.pem', second)
    world.service.reload()
    assert (world.secure(context=material().client())[3].peer_certificate
            == material().der_of(second))
    write(tmpdir, 'site.pem', b'broken')
    with pytest.raises(UsageError):
        world.service.reload()
    assert world.secure(context=context)[3].peer_certificate == material().der_of(second)
    assert world.plain()[0] == 200


def _subjects(world):
    """A list of the (subject, scheme) of each request from now on."""
    seen = []
    for _, site in world.service._sites:
        site.app = lambda request: seen.append((getattr(request.client_certificate, 'subject',
                                                        None), request.scheme)) or Response(200)
    return seen


@WITH_TLS
@pytest.mark.parametrize('version', ['TLSv1.2', 'TLSv1.3'])
def test_certificates_of_clients(start, tmpdir, version):
    """The application sees the owner of the certificate, also in a resumed session; a client
    without a trusted one is refused."""
    ca = material().authority
    words = ['--path', str(tmpdir.join('site')), '-p', '0', '--https', '0', '-c',
             _pem(tmpdir, 'site.pem', material().site), '--client-ca',
             write(tmpdir, 'ca.pem', ca.certificate)]
    mine = ca.issue([u'anna.example'], NOW, common_name=u'anna')
    world = start(*(words + ['--client-certificates', 'required']), real=True)
    seen = _subjects(world)
    context = material().client(identity=mine.identity(), maximum=version)
    resumed = [world.secure(b'localhost', context=context)[3].resumed for _ in range(2)]
    assert seen == [(u'CN=anna', b'https')] * 2, (seen, resumed)
    stranger = authority(u'strangers', NOW).issue([u'anna.example'], NOW, common_name=u'anna')
    for identity in (None, stranger.identity()):
        try:
            assert (world.secure(b'localhost',
                                 context=material().client(identity=identity, maximum=version))[0]
                    == 0)
        except (ConnectFailed, ConnectionLost):
            pass
    assert len(seen) == 2
    assert world.plain()[0] == 200
    assert seen[2] == (None, b'http')
    world = start(*(words + ['--client-certificates', 'optional']), real=True)
    seen = _subjects(world)
    for identity in (None, mine.identity()):
        assert (world.secure(b'localhost',
                             context=material().client(identity=identity, maximum=version))[0]
                == 200)
    assert seen == [(None, b'https'), (u'CN=anna', b'https')]
