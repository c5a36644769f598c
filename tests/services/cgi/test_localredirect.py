# Copyright the carryall authors.  See LICENSE.
"""The request of a local redirect (RFC 3875 section 6.2.2)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.cgi import CGIError
from carryall.core.net.transport import Address
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols.http import Response, Site
from carryall.services.cgi.localredirect import MAX_DEPTH, redirected
from carryall.services.web.sessions import MemoryStore, Sessions
from tests.services.web.support import request

FIELDS = [(b'Host', b'h'), (b'Content-Type', b'a/b'), (b'Content-Length', b'5'),
          (b'Authorization', b'Basic x')]


@pytest.mark.parametrize('before, after', [(b'GET', b'GET'), (b'POST', b'GET'), (b'HEAD', b'HEAD')])
def test_a_redirect_is_a_get(before, after):
    assert redirected(request(b'/run.cgi', method=before), b'/x').method == after


def test_a_redirect_has_the_fields_without_those_of_the_body():
    made = redirected(request(b'/run.cgi', FIELDS), b'/x?y')
    assert made.target == b'/x?y'
    assert [name for name, _ in made.headers] == [b'Host', b'Authorization']
    assert made.length == 0


def test_a_redirect_forgets_the_fragment():
    assert redirected(request(b'/run.cgi'), b'/x#y').target == b'/x'


@pytest.mark.parametrize('location', [b'/a b', b'/a\tb', b'/\xe9'])
def test_a_location_that_is_no_target_is_refused(location):
    with pytest.raises(CGIError) as caught:
        redirected(request(b'/run.cgi'), location)
    assert caught.value.code == 502


def test_redirects_come_to_an_end():
    made = request(b'/run.cgi')
    for _ in range(MAX_DEPTH):
        made = redirected(made, b'/run.cgi')
    with pytest.raises(CGIError) as caught:
        redirected(made, b'/run.cgi')
    assert caught.value.code == 500


def test_a_redirect_ends_with_its_request():
    first = request(b'/run.cgi')
    made = redirected(first, b'/x')
    assert made.lost is first.lost


def test_a_local_redirect_keeps_the_session():
    loop = VirtualLoop()
    seen = []

    def app(request):
        """Redirects once, as a program does."""
        seen.append(request.session.get(u'count'))
        if request.path == b'/set':
            request.session[u'count'] = 1
        if request.path == b'/from':
            return site.app(redirected(request, b'/to'))
        return Response(200)

    site = Site(Sessions(MemoryStore(loop), loop).wrap(app), loop)

    def ask(target, field=b''):
        wire = FakeTransport(loop, peername=Address('127.0.0.1', 5)).connect(site())
        wire.feed(b'GET ' + target + b' HTTP/1.1\r\nHost: h\r\n' + field + b'\r\n')
        return wire.take()

    line = [each for each in ask(b'/set').split(b'\r\n') if each.startswith(b'Set-Cookie: ')][0]
    ask(b'/from', b'Cookie: ' + line[len(b'Set-Cookie: '):].split(b';')[0] + b'\r\n')
    assert seen == [None, 1, 1]


def test_a_session_that_begins_behind_a_local_redirect_has_its_cookie():
    """It is ours, though another response brings it."""
    loop = VirtualLoop()

    def app(request):
        """Redirects once, then logs in."""
        if request.path == b'/from':
            return site.app(redirected(request, b'/to'))
        request.session.log_in(u'anna')
        return Response(200)

    site = Site(Sessions(MemoryStore(loop), loop).wrap(app), loop)
    transport = FakeTransport(loop, peername=Address('127.0.0.1', 5))
    response = site.app(request(b'/from', transport=transport))
    assert response.headers.get(b'set-cookie').startswith(b'carryall-session=')
