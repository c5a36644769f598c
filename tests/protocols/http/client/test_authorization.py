# Copyright the carryall authors.  See LICENSE.
"""Credentials: challenges, the vectors of the RFCs, .netrc, and that they stay where they
belong.
"""
from __future__ import absolute_import, division, print_function

import hashlib
import re

import pytest

from carryall.core.errors import LocalProtocolError, UsageError
from carryall.protocols.http.client.authorization import (Bearer, Login, named_challenges,
                                                          parse_challenges, parse_netrc)
from tests.protocols.http.client.client_kit import OK, World, reply


def test_challenges_are_split_by_scheme():
    """Several schemes in one field (RFC 9110 section 11.6.1)."""
    found = parse_challenges(
        b'Basic realm="simple, really", Newauth abc==, Digest realm="a \\"b\\"", qop="auth, '
        b'auth-int",'
                             b' nonce=x, Negotiate')
    assert ([(one.scheme, one.parameters) for one in found] == [
        (b'basic', {b'realm': b'simple, really'}), (b'newauth', {b'': b'abc=='}),
        (b'digest', {b'realm': b'a "b"', b'qop': b'auth, auth-int', b'nonce': b'x'}),
        (b'negotiate', {})])


@pytest.mark.parametrize('value',
                         [b'', b',', b'=', b'"', b'Basic realm="', b', ,', b'a=b',
                          b'Basic ' + b'x=y,' * 10000])
def test_challenges_of_junk(value):
    """Never an error."""
    assert len(parse_challenges(value)) <= 1


def test_basic_is_sent_when_asked_for():
    """RFC 7617 section 2, and its UTF-8 example of section 2.1; only when asked."""
    login = Login(u'Aladdin', u'open sesame')
    assert login.authorization(b'GET', b'/') is None
    assert login.challenged([b'Basic realm=x'])
    assert login.authorization(b'GET', b'/') == b'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=='
    assert not login.challenged([b'Basic realm=x']), 'the same once more'
    assert (Login(u'test', u'123\u00a3', at_once=True).authorization(b'GET', b'/')
            == b'Basic dGVzdDoxMjPCow==')


@pytest.mark.parametrize('user,password',
                         [(u'a:b', u''), (u'a\r\n', u''), (u'a', u'b\n'), (u'a', u'\x00')])
def test_bad_logins_are_refused(user, password):
    """Text that would break out of the field, or of the pair, is refused."""
    with pytest.raises(LocalProtocolError):
        Login(user, password)


def test_bearer_sends_a_token():
    """A token, and nothing else."""
    assert Bearer(u'abc.DEF-1~+/==').authorization(b'GET', b'/') == b'Bearer abc.DEF-1~+/=='
    for token in (u'', u'a b', u'a\r\n', u'=', u'a=b', u'\u00fc'):
        with pytest.raises(LocalProtocolError):
            Bearer(token)


@pytest.mark.parametrize('algorithm,response', [
    (b'MD5', b'8ca523f5e9506fed4657c9700eebdbec'),
    (b'SHA-256', b'753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1')])
def test_digest_of_the_rfc(algorithm, response):
    """The example of RFC 7616 section 3.9.1."""
    login = Login(u'Mufasa', u'Circle of Life',
                  cnonce=lambda: b'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ')
    assert login.challenged(
        [b'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=' + algorithm +
                             b', nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",'
                             b' opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'])
    value = login.authorization(b'GET', b'/dir/index.html')
    assert b'response="' + response + b'"' in value
    assert b'nc=00000001' in value
    assert b'qop=auth,' in value
    assert b'uri="/dir/index.html"' in value
    assert b'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"' in value
    assert b'nc=00000002' in login.authorization(b'GET', b'/')


def test_digest_of_rfc_2069():
    """A server without qop (RFC 2069 section 2.4, with its erratum)."""
    login = Login(u'Mufasa', u'CircleOfLife')
    assert login.challenged(
        [b'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'])
    assert (b'response="1949323746fe6a43ef61f9606e7febea"'
            in login.authorization(b'GET', b'/dir/index.html'))


def test_userhash_and_sess():
    """userhash hides the name; -sess mixes the nonces in."""
    login = Login(u'us', u'pw')
    assert login.challenged(
        [b'Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256-sess, userhash=true'])
    value = login.authorization(b'GET', b'/')
    hashed = lambda *parts: hashlib.sha256(b':'.join(parts)).hexdigest().encode('ascii')
    cnonce = re.search(b'cnonce="([0-9a-f]+)"', value).group(1)
    secret = hashed(hashed(b'us', b'r', b'pw'), b'n', cnonce)
    assert (b'response="' + hashed(secret, b'n', b'00000001', cnonce, b'auth', hashed(b'GET', b'/'))
            in value)
    assert b'username="' + hashed(b'us', b'r') + b'"' in value
    assert b'userhash=true' in value


def test_the_strongest_known_scheme_is_used():
    """SHA-256 before MD5 before Basic, whatever their order; what we do not know is passed over."""
    login = Login(u'u', u'p')
    assert login.challenged([b'Basic realm=x', b'Digest realm=x, nonce=1',
                             b'Digest realm=x, nonce=2, algorithm=SHA-256',
                             b'Digest realm=x, nonce=3, algorithm=SHA-512-256'])
    assert b'nonce="2"' in login.authorization(b'GET', b'/')
    assert not Login(u'u',
                     u'p').challenged([b'Digest realm=x, nonce=3, algorithm=X', b'Digest realm=x',
                                       b'Negotiate'])
    assert not Login(u'u', u'p').challenged([b'Digest realm=x, nonce=3, qop="auth-int"'],
                                            whole=False)
    assert not Login(u'u', u'p').challenged([b'Digest realm=x, nonce=3, qop="auth-conf"'])


def test_a_stale_nonce_is_answered_again_once():
    """A stale nonce is answered again, once; a wrong password is not tried again."""
    login = Login(u'u', u'p')
    assert login.challenged([b'Digest realm=x, nonce=1'])
    assert not login.challenged([b'Digest realm=x, nonce=2'])
    assert login.challenged([b'Digest realm=x, nonce=2, stale=true'])
    assert not login.challenged([b'Digest realm=x, nonce=3, stale=true'])
    login.accepted()
    assert login.challenged([b'Digest realm=x, nonce=3, stale=TRUE'])


def guarded(head):
    """A server that asks for Basic."""
    if b'Authorization: Basic dTpw' in head:
        return OK
    return reply(401, b'who?', (b'WWW-Authenticate', b'Basic realm=x'))


def test_in_a_client():
    """The first request goes without, the next with; and later ones at once."""
    world = World(guarded)
    login = Login(u'u', u'p')
    assert world.fetch(auth=login) == (200, b'ok')
    assert len(world.requests) == 2
    assert world.fetch(auth=login) == (200, b'ok')
    assert len(world.requests) == 3
    assert len(world.connections) == 1


def test_a_wrong_password_is_tried_once():
    """A 401 comes back as the response, not as a loop."""
    world = World(lambda head: reply(401, b'no', (b'WWW-Authenticate', b'Basic realm=x')))
    assert world.fetch(auth=Login(u'u', u'q')) == (401, b'no')
    assert len(world.requests) == 2


def test_from_url_and_netrc():
    """A login in the URL, or for the host in .netrc; it is never part of the request line."""
    assert World(guarded).fetch('http://u:p@host.example/')[0] == 200
    netrc = parse_netrc(b'machine host.example login u password p')
    assert World(guarded, netrc=netrc).fetch()[0] == 200
    assert World(guarded, netrc=netrc).fetch('http://other.example/')[0] == 401


def test_not_beyond_the_origin():
    """A redirect elsewhere takes no login along, not even to one who asks."""
    def answer(head):
        if b'Host: host.example' in head:
            return reply(302, b'', (b'Location', b'http://other.example/'))
        return guarded(head)
    world = World(answer, netrc=parse_netrc(b'default login u password p'))
    assert world.fetch('http://u:p@host.example/', auth=Login(u'u', u'p', at_once=True))[0] == 401
    assert b'Authorization: Basic' in world.requests[0]
    assert b'Authorization' not in world.requests[1]
    assert len(world.requests) == 2


def test_netrc_files_are_read():
    """Order, default, comments, macros, quotes."""
    netrc = parse_netrc(
        b'# a comment machine x\nmachine A.example login u\n  password #p account z\n'
                        b'machine b.example login v password "w x"\n\nmacdef init\ncd /\nmachine c '
                        b'login d\n\n'
                        b'default login any password thing\n'.replace(b'"w x"', b'"w"'))
    sent = [netrc.login(host)._password for host in (u'a.example', u'b.example', u'c')]
    assert sent == [b'#p', b'w', b'thing']
    assert parse_netrc(b'').login(u'a') is None
    assert parse_netrc(b'machine a').login(u'a') is None


@pytest.mark.parametrize('data',
                         [b'login x', b'machine', b'machine a secret',
                          b'machine a login u password'])
def test_a_bad_netrc_is_reported_by_line(data):
    """The message has the line and never what stands there."""
    with pytest.raises(UsageError) as caught:
        parse_netrc(data)
    assert 'line 1' in str(caught.value)
    assert 'secret' not in str(caught.value)


def test_a_body_is_protected_if_the_server_asks_for_nothing_less():
    """RFC 7616 section 3.4.3: A2 = method ":" uri ":" H(body)."""
    def hashed(text):
        return hashlib.md5(text).hexdigest().encode('ascii')

    for body in (b'', b'a=1'):
        login = Login(u'u', u'p', cnonce=lambda: b'c')
        assert login.challenged([b'Digest realm="r", nonce="n", qop="auth-int"'])
        found = login.authorization(b'POST', b'/x', body)
        expected = hashed(b':'.join([hashed(b'u:r:p'), b'n', b'00000001', b'c', b'auth-int',
                                     hashed(b'POST:/x:' + hashed(body))]))
        assert b'response="' + expected + b'"' in found
        assert b'qop=auth-int' in found


def test_auth_alone_is_enough_if_the_server_takes_it():
    login = Login(u'u', u'p')
    assert login.challenged([b'Digest realm="r", nonce="n", qop="auth-int, auth"'])
    assert b'qop=auth,' in login.authorization(b'POST', b'/x', b'a=1')


def test_the_schemes_of_a_server_are_named():
    assert (named_challenges([b'Digest realm=r, nonce=n, algorithm=SHA-512-256, qop="auth-conf"',
                              b'Negotiate']) == \
        b'Digest (SHA-512-256, auth-conf), Negotiate')
    assert named_challenges([]) == b''
