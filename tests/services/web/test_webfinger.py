# Copyright the carryall authors.  See LICENSE.
"""WebFinger: the accounts that it tells of, and the clients that it answers (RFC 7033)."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from carryall.core.errors import UsageError
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.core.net.transport import Address
from carryall.protocols.http import Response
from carryall.app.fingerusers import Folder
from carryall.services.web.service import TYPE
from carryall.services.web.webfinger import MAX_RELS, WebFinger
from tests.services.web.support import body_of, request, write
from tests.services.web.test_service import _get, _stop

PATH = b'/.well-known/webfinger'
PROFILE = u'http://webfinger.net/rel/profile-page'


@pytest.fixture
def people(tmpdir):
    """A folder of people: ann with links of her own, bob who wants not to be there, and one whose
    name needs encoding.
    """
    write(tmpdir, 'people/ann/name', b'Ann Example')
    write(tmpdir, 'people/ann/links',
          b'avatar https://example.org/ann.png image/png\nno link\navatar javascript alert\n'
                                      b'me https://elsewhere.example/@ann\n')
    write(tmpdir, 'people/bob/name', b'Bob Builder')
    write(tmpdir, 'people/bob/nofinger')
    write(tmpdir, 'people/a+b/name')
    return str(tmpdir.join('people'))


class Stage(object):
    """A WebFinger over the folder."""

    def __init__(self, people, rate=60):
        self.loop = VirtualLoop()
        self.finger = WebFinger(Folder(people), [u'example.org'],
                                [(PROFILE, u'https://example.org/~{name}')], self.loop, rate)

    def ask(self, query, host='127.0.0.1', tls=None, method=b'GET'):
        """The Response."""
        transport = FakeTransport(self.loop, peername=Address(host, 1), tls=tls)
        found = self.finger.before(lambda _: Response(204))(request(PATH + query, method=method,
                                                                    transport=transport))
        return found if isinstance(found, Response) else self.loop.run_until(found)

    def told(self, query, **given):
        """The document."""
        response = self.ask(query, **given)
        assert response.status == 200
        assert response.headers.get(b'Content-Type') == b'application/jrd+json'
        return json.loads(body_of(response).decode('ascii'))


def test_known_accounts_are_described(people):
    stage = Stage(people)
    assert (stage.told(b'?resource=acct:ann@example.org') == {
        u'subject': u'acct:ann@example.org',
        u'properties': {u'http://schema.org/name': u'Ann Example'},
        u'links': [{u'rel': PROFILE, u'href': u'https://example.org/~ann'},
                   {u'rel': u'avatar', u'href': u'https://example.org/ann.png',
                    u'type': u'image/png'},
                   {u'rel': u'me', u'href': u'https://elsewhere.example/@ann'}]})
    assert (stage.ask(b'?resource=acct:ann@example.org').headers.get(b'Access-Control-Allow-Origin')
            == b'*')
    assert (stage.told(b'?x=1&resource=acct%3Aann%40EXAMPLE.ORG')[u'subject']
            == u'acct:ann@EXAMPLE.ORG')
    found = stage.told(b'?resource=acct:a%252Bb@example.org')
    assert (found
            == {u'subject': u'acct:a%2Bb@example.org',
                u'links': [{u'rel': PROFILE, u'href': u'https://example.org/~a%2Bb'}]})
    assert (stage.told(b'?resource=acct:a+b@example.org')
            == dict(found, subject=u'acct:a+b@example.org')), 'no form: + is a plus'


@pytest.mark.parametrize('resource',
                         [b'acct:Ann@example.org', b'acct:an@example.org', b'acct:bob@example.org',
                          b'acct:ann@example.com',
                                      b'acct:@example.org', b'acct:ann', b'mailto:ann@example.org',
                          b'https://example.org/ann',
                                      b'acct:../people/ann@example.org',
                          b'acct:ann%2500@example.org', b'acct:%25FF@example.org'])
def test_an_unknown_account_is_404(people, resource):
    answer = Stage(people).ask(b'?resource=' + resource)
    assert answer.status == 404
    assert answer.headers.get(b'Access-Control-Allow-Origin') == b'*'


@pytest.mark.parametrize('query',
                         [b'', b'?', b'?rel=me', b'?resource=', b'?resource=ann',
                          b'?resource=acct:a%ZZ@example.org',
                                   b'?resource=acct:ann@example.org&resource=acct:ann@example.org',
                          b'?resource=acct:a%0d%0a@b',
                                   b'?resource=acct:ann@example.org' + b'&rel=me' * (MAX_RELS + 1)])
def test_a_bad_query_is_400(people, query):
    answer = Stage(people).ask(query)
    assert answer.status == 400
    assert answer.headers.get(b'Access-Control-Allow-Origin') == b'*'


def test_relations_choose_among_the_links(people):
    stage = Stage(people)
    query = b'?resource=acct:ann@example.org&rel='
    assert [each[u'rel'] for each in stage.told(query + b'me')[u'links']] == [u'me']
    assert ([each[u'rel'] for each
             in stage.told(query
                           + b'me&rel=http%3A%2F%2Fwebfinger.net%2Frel%2Fprofile-page')[u'links']]
            == [
        PROFILE, u'me'])
    told = stage.told(query + b'ME')
    assert told[u'links'] == [], 'the rest stays (RFC 7033 section 4.3)'
    assert told[u'properties'], 'the rest stays (RFC 7033 section 4.3)'


def test_only_clients_over_tls_are_answered(people):
    stage = Stage(people)
    query = b'?resource=acct:ann@example.org'
    assert stage.ask(query, host='192.0.2.1').status == 403, 'in clear (RFC 7033 section 9.1)'
    assert stage.ask(query, host='192.0.2.1', tls='TLS').status == 200
    assert stage.ask(query, method=b'HEAD').status == 200
    refused = stage.ask(query, method=b'POST')
    assert refused.status == 405
    assert refused.headers.get(b'Allow') == b'GET, HEAD'
    assert (stage.finger.before(lambda _: Response(204))(request(b'/else')).status
            == 204), 'the rest is not its own'


def test_the_rate_limits_guessing_names(people):
    stage = Stage(people, rate=3)
    found = [stage.ask(b'?resource=acct:n%d@example.org' % number).status for number in range(5)]
    assert found == [404, 404, 404, 429, 429]
    assert (stage.ask(b'?resource=acct:ann@example.org', host='192.0.2.1', tls='TLS').status
            == 200), 'another may'
    stage.loop.advance(21)
    assert stage.ask(b'?resource=acct:ann@example.org').status == 200


@pytest.mark.parametrize('words', [
    ['--webfinger', 'example.org'], ['--webfinger-people', '.'],
    ['--webfinger-link', 'me=https://x'],
    ['--webfinger', 'example.org', '--webfinger-people', '.', '--webfinger-passwd', 'x'],
    ['--webfinger', '*.example.org', '--webfinger-people', '.'],
    ['--webfinger', 'example.org:80', '--webfinger-people', '.'],
    ['--webfinger', 'example.org', '--webfinger-people', '.', '--webfinger-link', 'me=no'],
    ['--webfinger', 'example.org', '--webfinger-people', '.', '--interface', '0.0.0.0']])
def test_bad_words_are_refused(words):
    with pytest.raises(UsageError):
        TYPE.options.parse(words)


def test_in_the_service(people, tmpdir):
    """Off unless asked for; before the files, behind the door."""
    write(tmpdir, 'site/a.txt', b'hello')
    for words, status in (([], b'404'),
                          (['--webfinger', 'example.org', '--webfinger-people', people], b'200')):
        loop = VirtualLoop()
        service = TYPE.make(TYPE.options.parse(['--path', str(tmpdir.join('site')), '-p', '0']
                                               + words))
        service.start(loop)
        heard = _get(loop, service, PATH + b'?resource=acct:ann@example.org')
        assert heard.startswith(b'HTTP/1.1 ' + status), heard
        _stop(loop, service)
