# Copyright the carryall authors.  See LICENSE.
"""Challenges: what an authority sees by http and by TLS, and when."""
from __future__ import absolute_import, division, print_function

import hashlib

import pytest

from carryall import runtimes
from carryall.core.errors import HandshakeFailed
from carryall.core.future import Future, with_timeout
from carryall.core.net.protocol import Protocol
from carryall.core.tls import TLSContext, connect_tls, listening
from carryall.core.tls.authority import self_signed
from carryall.core.tls.certificates import parse
from carryall.protocols.http import Response
from carryall.services.acme.challenges import AlpnChallenges, HttpChallenges
from tests.services.web.support import request

WAIT_SECONDS = 20.0
PATH = b'/.well-known/acme-challenge/'
NAME = 'shop.example'


def _asked(challenges, path, method=b'GET'):
    """(status, body) of a request."""
    app = challenges.before(lambda request: Response(404, body=b'the site'))
    found = app(request(path, method=method))
    return found.status, found.body


def test_http_shows_the_answer_while_it_is_wanted():
    """RFC 8555 section 8.3."""
    challenges = HttpChallenges()
    assert _asked(challenges, PATH + b'abc') == (404, b'the site')
    challenges.show(NAME, 'abc', b'abc.thumb')
    assert _asked(challenges, PATH + b'abc') == (200, b'abc.thumb')
    challenges.hide(NAME, 'abc')
    assert _asked(challenges, PATH + b'abc') == (404, b'the site')


@pytest.mark.parametrize('path', [PATH, PATH + b'ab', PATH + b'abc/', PATH + b'../abc', b'/abc',
                                  PATH + b'%61bc', PATH + b'\xc3\xa9'])
def test_other_paths_lead_to_the_site(path):
    challenges = HttpChallenges()
    challenges.show(NAME, 'abc', b'abc.thumb')
    assert _asked(challenges, path) == (404, b'the site')


def test_a_post_to_an_answer_is_refused():
    challenges = HttpChallenges()
    challenges.show(NAME, 'abc', b'abc.thumb')
    assert _asked(challenges, PATH + b'abc', b'POST')[0] == 405


class _Silent(Protocol):
    """A connection that says nothing."""

    def __init__(self):
        self.over = Future()

    def connection_lost(self, exc):
        self.over.set_result(exc)


class TLSPlace(object):
    """A listener, and clients of it."""

    def __init__(self):
        self.loop = runtimes.choose()
        if not self.loop.caps.tls:
            self.loop.close()
            pytest.skip('there is no TLS here')
        self.challenges = AlpnChallenges(self.loop.wall)
        main = self_signed(['main.example'], self.loop.wall())
        self.context = TLSContext(main.identity(), alpn=['http/1.1'])
        self.context.detours = self.challenges.detours
        self.listener = self.loop.listen_tcp(listening(self.loop, self.context, _Silent),
                                             '127.0.0.1', 0)

    def ask(self, alpn, name=NAME):
        """(protocol, certificate) that a client gets."""
        context = TLSContext(alpn=alpn, verify=False)
        made = connect_tls(self.loop, context, _Silent, '127.0.0.1', self.listener.address.port,
                           hostname=name)
        transport, _ = self.loop.run_until(with_timeout(self.loop, made, WAIT_SECONDS))
        info = transport.get_extra_info('tls')
        transport.abort()
        return info.alpn, parse(info.peer_certificate)


@pytest.fixture
def tls_place():
    """A listener, and clients of it."""
    made = TLSPlace()
    yield made
    made.listener.close()
    made.loop.close()


def test_tls_shows_a_certificate_with_the_hash(tls_place):
    """RFC 8737 section 3."""
    tls_place.challenges.show(NAME, 't', b't.thumb')
    alpn, found = tls_place.ask(['acme-tls/1'])
    assert alpn == 'acme-tls/1'
    assert list(found.names) == [NAME]
    assert hashlib.sha256(b't.thumb').digest() in found.der


def test_each_name_has_its_certificate(tls_place):
    tls_place.challenges.show(NAME, 't', b't.thumb')
    tls_place.challenges.show('www.shop.example', 't', b'u.thumb')
    found = tls_place.ask(['acme-tls/1'], 'www.shop.example')[1]
    assert hashlib.sha256(b'u.thumb').digest() in found.der


@pytest.mark.parametrize('alpn', [['http/1.1'], ['http/1.1', 'acme-tls/1'], []])
def test_browsers_get_the_certificate_of_the_site(tls_place, alpn):
    tls_place.challenges.show(NAME, 't', b't.thumb')
    assert list(tls_place.ask(alpn)[1].names) == ['main.example']


def test_without_a_challenge_its_protocol_is_refused(tls_place):
    tls_place.challenges.show(NAME, 't', b't.thumb')
    tls_place.challenges.hide(NAME, 't')
    with pytest.raises(HandshakeFailed):
        tls_place.ask(['acme-tls/1'])
