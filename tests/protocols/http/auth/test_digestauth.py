# Copyright the carryall authors.  See LICENSE.
"""Digest: the RFC's vectors, our own client, nonces that are forged, old, or used before (RFC
7616).
"""
from __future__ import absolute_import, division, print_function

import base64
import random

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.protocols.http.client.authorization import Login
from carryall.protocols.http.auth.serverauth import parse_authorization
from carryall.protocols.http.auth.digestauth import (ALGORITHMS, FRESH, NONCE_SECONDS, STALE,
                                                     WINDOW, WRONG, Digest, digest_key)

NAME = b'Mufasa'
REALM = b'http-auth@example.org'
PASSWORD = b'Circle of Life'


class Clock(object):
    """A clock that is set."""

    now = 1000.0

    def time(self):
        return self.now


class World(object):
    """A realm, its clock, and one account in it."""

    def __init__(self, algorithms=ALGORITHMS, **more):
        self.clock = Clock()
        self.digest = Digest(REALM, self.clock, algorithms, **more)
        self.keys = dict((name, digest_key(name, NAME, REALM, PASSWORD)) for name in ALGORITHMS)

    def login(self, password=PASSWORD, stale=False):
        """A client that has heard our challenges."""
        login = Login(NAME, password)
        assert login.challenged(self.digest.challenges(stale)), 'our client can answer'
        return login

    def judge(self, field, method=b'GET', target=b'/dir?x=1'):
        """The verdict on an Authorization field."""
        answer = self.digest.read(parse_authorization(field).parameters, target)
        return (None if answer is None
                else self.digest.judge(answer, method, self.keys[answer.algorithm]))


RFC = (
    b'Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", '
    b'algorithm=%s, '
       b'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, '
       b'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, response="%s", '
       b'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"')


@pytest.mark.parametrize('algorithm, response', [
    (b'MD5', b'8ca523f5e9506fed4657c9700eebdbec'),
    (b'SHA-256', b'753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1')])
def test_vectors_of_the_rfc(algorithm, response):
    """Section 3.9.1: the response is right, and the nonce is not ours."""
    world = World()
    assert world.judge(RFC % (algorithm, response), target=b'/dir/index.html') == STALE, 'right'
    assert (world.judge(RFC % (algorithm, response.upper()), target=b'/dir/index.html')
            == STALE), 'in capitals'
    assert (world.judge(RFC % (algorithm, response[:-1] + b'0'), target=b'/dir/index.html')
            == WRONG), 'wrong'


@pytest.mark.parametrize('algorithms, spelled',
                         [(ALGORITHMS, b'algorithm=SHA-256'), ((b'MD5',), b'algorithm=MD5'),
                          ((b'SHA-256',), b'algorithm=SHA-256')])
def test_the_client_takes_the_best_algorithm(algorithms, spelled):
    """It takes the best algorithm, and each request is a use of its own."""
    world = World(algorithms)
    assert len(world.digest.challenges()) == len(algorithms), 'one challenge for each'
    login = world.login()
    for _ in range(3):
        field = login.authorization(b'GET', b'/dir?x=1')
        assert spelled in field, field
        assert world.judge(field) == FRESH, field
        assert world.judge(field) == STALE, 'played back'
    assert (world.judge(world.login(b'circle of life').authorization(b'GET', b'/dir?x=1'))
            == WRONG), 'another password'
    assert (world.judge(login.authorization(b'GET', b'/dir?x=1'), method=b'HEAD')
            == WRONG), 'another method'
    assert (world.judge(login.authorization(b'GET', b'/dir?x=1'), target=b'/dir?x=2')
            is None), 'another target'


def test_the_target_in_absolute_form():
    """A proxy may have turned one form into the other."""
    world = World()
    login = world.login()
    assert (world.judge(login.authorization(b'GET', b'/dir?x=1'),
                        target=b'http://a.example/dir?x=1') == FRESH)
    assert world.judge(login.authorization(b'GET', b'http://a.example/dir?x=1')) == FRESH
    assert (world.judge(login.authorization(b'GET', b'http://a.example/dir'),
                        target=b'http://b.example/dir') is None)


def test_an_old_nonce_is_stale():
    """An old nonce: the password was right, and the client may go on unasked."""
    world = World()
    login = world.login()
    assert world.judge(login.authorization(b'GET', b'/dir?x=1')) == FRESH
    world.clock.now += NONCE_SECONDS + 1
    assert world.judge(login.authorization(b'GET', b'/dir?x=1')) == STALE
    assert all(b', stale=true' in value for value in world.digest.challenges(True))
    assert world.judge(world.login(stale=True).authorization(b'GET', b'/dir?x=1')) == FRESH


def test_a_foreign_nonce_is_stale():
    """Of another process, changed, cut, spelled in another way, junk: stale, for the password was
    right.
    """
    world = World()
    nonce = world.digest.challenges()[0].split(b'nonce="')[1].split(b'"')[0]
    octets = bytearray(base64.urlsafe_b64decode(nonce))
    octets[3] ^= 1
    other = World().digest.challenges()[0].split(b'nonce="')[1].split(b'"')[0]
    for forged in (other, base64.urlsafe_b64encode(bytes(octets)), nonce[:-4], nonce + b'AAAA',
                   b'!' + nonce, b'x', b'', b'\xff' * 60):
        login = Login(NAME, PASSWORD)
        login.challenged(
            [b'Digest realm="http-auth@example.org", qop="auth", algorithm=SHA-256, nonce="'
             + forged + b'"'])
        assert world.judge(login.authorization(b'GET', b'/dir?x=1')) == STALE, forged


def test_counts_in_any_order():
    """Browsers ask on several connections; each count once, none that is far behind."""
    world = World()
    login = world.login()
    fields = [login.authorization(b'GET', b'/dir?x=1') for _ in range(WINDOW + 20)]
    dice = random.Random(7616)
    early = fields[10:40]
    dice.shuffle(early)
    assert [world.judge(field) for field in early] == [FRESH] * 30
    assert [world.judge(field) for field in early] == [STALE] * 30
    assert world.judge(fields[0]) == FRESH, 'late'
    assert world.judge(fields[WINDOW + 19]) == FRESH, 'a leap'
    assert world.judge(fields[5]) == STALE, 'nobody can tell'
    assert world.judge(fields[60]) == FRESH, 'within the window'
    assert world.judge(fields[39]) == STALE, 'within the window'


def test_memory_is_bounded():
    """Challenges use no memory. Of the nonces that were used successfully the oldest are forgotten,
    and a forgotten one cannot be replayed."""
    world = World(max_nonces=5)
    fields = []
    for _ in range(20):
        world.clock.now += 0.01
        fields.append(world.login().authorization(b'GET', b'/dir?x=1'))
        assert world.judge(fields[-1]) == FRESH
    assert len(world.digest._counts._seen) == 5
    assert [world.judge(field) for field in fields] == [STALE] * 20, 'each was used'
    world.clock.now += 0.01
    assert world.judge(world.login().authorization(b'GET', b'/dir?x=1')) == FRESH, 'a new one'


FIELD = (
    b'Digest username="Mufasa", realm="http-auth@example.org", nonce="x", uri="/dir?x=1", '
    b'response="y", nc=00000001, cnonce="z", qop=auth')


@pytest.mark.parametrize('old, new', [
    (b'username="Mufasa", ', b''), (b'realm="http-auth@example.org", ', b''), (b'nonce="x", ', b''),
    (b'uri="/dir?x=1", ', b''), (b'response="y", ', b''),
    (b'nc=00000001, ', b''), (b'cnonce="z", ', b''), (b', qop=auth', b''),
    (b'qop=auth', b'qop=auth-int'), (b'nc=00000001', b'nc=1'),
    (b'nc=00000001', b'nc=0000000g'), (b'nc=00000001', b'nc=00000000'),
    (b'nc=00000001', b'nc=000000001'), (b'realm="http', b'realm="xttp'),
    (b'cnonce="z"', b'cnonce=""'),
    (b'cnonce="z"', b'cnonce="' + b'z' * 300 + b'"'),
    (b'qop=auth', b'qop=auth, algorithm=MD5-sess'), (b'qop=auth', b'qop=auth, algorithm=SHA-1'),
    (b'qop=auth', b'qop=auth, userhash=true'), (b'qop=auth', b"qop=auth, username*=UTF-8''Mufasa"),
    (b'username="Mufasa"', b'username*=Mufasa'),
    (b'/dir?x=1', b'/dir'), (b'/dir?x=1', b'*'), (b'/dir?x=1', b'')])
def test_an_incomplete_field_is_refused(old, new):
    """A field is refused if a part is missing, or asks for something that is not supported."""
    assert World().judge(FIELD) == WRONG, 'the rest of it'
    assert World().judge(FIELD.replace(old, new)) is None, new


def test_names_may_be_utf_8_or_extended():
    """UTF-8, plain or as RFC 8187 has it."""
    digest = Digest(REALM, Clock())
    for spelled in (u'username="J\u00e4s\u00f8n"'.encode('utf-8'),
                    b"username*=UTF-8''J%C3%A4s%C3%B8n"):
        answer = digest.read(parse_authorization(FIELD.replace(b'username="Mufasa"',
                                                               spelled)).parameters, b'/dir?x=1')
        assert answer.name == u'J\u00e4s\u00f8n'.encode('utf-8'), spelled


def test_a_decoy_account_fits_no_password():
    """A decoy is the same each time, and fits no password; nothing of it is seen in a repr."""
    world = World()
    assert world.digest.decoy(b'x') == world.digest.decoy(b'x') != world.digest.decoy(b'y')
    assert len(world.digest.decoy(b'x')) == 64
    assert ('Mufasa' not
            in repr(world.digest.read(parse_authorization(FIELD).parameters, b'/dir?x=1')))


def test_a_realm_stays_in_its_quotes():
    """It is the operator's text, and may have quotes, but no line."""
    assert Digest(b'a"b', Clock()).challenges()[0].startswith(b'Digest realm="a\\"b", ')
    with pytest.raises(LocalProtocolError):
        Digest(b'a\nb', Clock())
