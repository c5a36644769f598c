# Copyright the carryall authors.  See LICENSE.
"""The Authorization field and Basic: the RFC's examples, and everything that is nearly them."""
from __future__ import absolute_import, division, print_function

import base64
import random

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.protocols.http.client.authorization import Login, parse_challenges
from carryall.protocols.http.auth.serverauth import (MAX_FIELD, MAX_TOKEN68, basic_challenge,
                                                     parse_authorization, parse_basic)
from tests.protocols.http.ids import short


@pytest.mark.parametrize('value, scheme, token, parameters', [
    (b'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==', b'basic', b'QWxhZGRpbjpvcGVuIHNlc2FtZQ==', {}),
    (b'BASIC   abc=', b'basic', b'abc=', {}), (b'Negotiate', b'negotiate', b'', {}),
    (b'Bearer a.b-c_d~+/', b'bearer', b'a.b-c_d~+/', {}),
    (b'Digest a=b, C="d e" ,f = "g,\\"h\\""', b'digest', b'',
     {b'a': b'b', b'c': b'd e', b'f': b'g,"h"'}),
    (b'Digest ,a="",', b'digest', b'', {b'a': b''})], ids=short)
def test_credentials_are_a_token_or_parameters(value, scheme, token, parameters):
    """RFC 9110 section 11.4: a token68 or parameters."""
    found = parse_authorization(value)
    assert (found.scheme, found.token, found.parameters) == (scheme, token, parameters), value


@pytest.mark.parametrize('value', [
    b'', b' ', b'Basic: x', b'B\x00sic x', b'Basic ==', b'Basic a b', b'Digest a=b c=d',
    b'Digest a="b', b'Digest a=b"c"',
    b'Digest a=b, A=c', b'Digest "a"=b', b'Digest =b', b'Digest a=b;c=d',
    b'Basic ' + b'x' * MAX_FIELD,
    b'Digest ' + b', '.join(b'a%d=b' % number for number in range(25)), b'Digest ' + b'"' * 5000],
                         ids=short)
def test_bad_credentials_are_none(value):
    """Not the grammar, or too much of it."""
    assert parse_authorization(value) is None, value


def test_junk_is_never_an_error():
    """Whatever octets come."""
    dice = random.Random(7617)
    pieces = [b'Basic ', b'Digest ', b'a', b'=', b'"', b',', b' ', b'\\', b'\xff', b'%', b'abcd',
              b'==']
    for _ in range(3000):
        value = b''.join(dice.choice(pieces) for _ in range(dice.randrange(12)))
        found = parse_authorization(value)
        if found is not None:
            parse_basic(found.token)
        parse_basic(value)


def test_a_repr_shows_nothing():
    """Credentials end up in logs by their repr."""
    assert 'QWxh' not in repr(parse_authorization(b'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==')), 'secret'


@pytest.mark.parametrize('token, pair', [
    (b'QWxhZGRpbjpvcGVuIHNlc2FtZQ==', (b'Aladdin', b'open sesame')),
    (b'dGVzdDoxMjPCow==', (b'test', b'123\xc2\xa3')),
    (base64.b64encode(b'a:b:c'), (b'a', b'b:c')), (base64.b64encode(b':'), (b'', b''))])
def test_basic_splits_at_the_first_colon(token, pair):
    """RFC 7617 sections 2 and 2.1; the first colon separates."""
    assert parse_basic(token) == pair, token


@pytest.mark.parametrize('token', [
    b'', b'QQ==', b'QWxhZGRpbjpvcGVuIHNlc2FtZQ', b'QWxhZGRpbjpvcGVuIHNlc2FtZR==', b'!!!!',
    b'QWxh=GRp', b'QWxh\nGRpbjpv', b'a-_=',
    base64.b64encode(b'a\x00:b'), base64.b64encode(b'a:b\r\n'),
    base64.b64encode(b'a:' + b'x' * MAX_TOKEN68)], ids=short)
def test_bad_basic_credentials_are_none(token):
    """No colon, not the canonical base64, control characters, too long."""
    assert parse_basic(token) is None, token


def test_a_challenge_quotes_its_realm():
    """The client reads the challenge; a realm cannot break out of its quotes."""
    found, = parse_challenges(basic_challenge(b'the "inner" \\ place'))
    assert found.scheme == b'basic', found
    assert found.parameters == {b'realm': b'the "inner" \\ place', b'charset': b'UTF-8'}, found
    with pytest.raises(LocalProtocolError):
        basic_challenge(b'a\r\nSet-Cookie: x')


def test_our_client_is_understood():
    """parse_basic reads the field that Login writes."""
    login = Login(u'\u00e4nna', u'p:\u20ac', at_once=True)
    found = parse_authorization(login.authorization(b'GET', b'/'))
    assert (parse_basic(found.token)
            == (u'\u00e4nna'.encode('utf-8'), u'p:\u20ac'.encode('utf-8'))), 'name and password'
