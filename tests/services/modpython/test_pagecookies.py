# -*- coding: utf-8 -*-
# Copyright the carryall authors.  See LICENSE.
"""Cookies of mod_python (feature MPY-14)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.services.modpython import pagecookies
from carryall.services.modpython.apachetable import Table
from carryall.services.modpython.pagecookies import (Cookie, CookieError, MarshalCookie,
                                                     SignedCookie, add_cookie, get_cookie,
                                                     get_cookies)


class Request(object):
    """Header fields of a request."""

    def __init__(self, cookie=None):
        self.headers_in = Table({'Cookie': cookie} if cookie else {})
        self.headers_out = Table()


def test_a_cookie_has_its_attributes_in_a_fixed_order():
    cookie = Cookie('a', 'b', secure=1, path='/x', httponly=1, domain='d.example', expires=0,
                    max_age=5)
    assert str(cookie) == ('a=b; path=/x; domain=d.example; secure; '
                           'expires=Thu, 01-Jan-1970 00:00:00 GMT; Max-Age=5; httponly')


def test_an_unknown_attribute_is_an_error():
    with pytest.raises(AttributeError):
        Cookie('a', 'b', colour='red')


def test_expiry_is_checked():
    assert Cookie('a', 'b', expires='Thu, 01-Jan-1970 00:00:10 GMT').expires.endswith('10 GMT')
    with pytest.raises(ValueError):
        Cookie('a', 'b', expires='tomorrow')


@pytest.mark.parametrize('value', ['x\r\nSet-Cookie: c=d', 'x\0'])
def test_a_cookie_does_not_end_its_line(value):
    with pytest.raises(CookieError):
        str(Cookie('a', value))


@pytest.mark.parametrize('text, found', [
    ('a=b; c=d', {'a': 'b', 'c': 'd'}), ('a = b;c', {'a': 'b', 'c': ''}),
    ('a="x;y"; b=1', {'a': '"x;y"', 'b': '1'}), ('$Version=1; a=b; $Path=/', {'a': 'b'}),
    ('a="x\\"y"', {'a': '"x\\"y"'}), ('a=1; a=2', {'a': '2'}), ('', {}), ('=;=', {}),
    ('a="open; b=c', {'a': '"open', 'b': 'c'}), ('a=b c', {'a': 'b c'}),
])
def test_a_field_is_parsed(text, found):
    cookies = Cookie.parse(text)
    assert dict((name, cookies[name].value) for name in cookies) == found


def test_only_wanted_names_are_taken():
    assert sorted(Cookie.parse('a=1; b=2; c=3', names=['a', 'c'])) == ['a', 'c']


def test_cookies_are_counted(monkeypatch):
    monkeypatch.setattr(pagecookies, 'MAX_COOKIES', 2)
    assert len(Cookie.parse('a=1; b=2; c=3')) == 2


def test_a_signature_is_that_of_mod_python():
    # echo -n namevalue | openssl dgst -md5 -hmac secret
    assert str(SignedCookie('name', 'value', 'secret')) == (
        'name=f423c52549b4024f095575a4714f997dvalue')


def test_a_signed_cookie_comes_back():
    said = str(SignedCookie('a', 'b=c', 'secret'))
    assert SignedCookie.parse(said, 'secret')['a'].value == 'b=c'
    assert type(SignedCookie.parse(said, 'secret')['a']) is SignedCookie


def test_a_wrong_signature_is_a_plain_cookie_or_none_or_an_error():
    said = str(SignedCookie('a', 'b', 'secret'))[:-1] + 'c'
    plain = SignedCookie.parse(said, 'secret')['a']
    assert type(plain) is Cookie
    assert plain.value == said[2:]
    assert SignedCookie.parse(said, 'secret', Cookie.IGNORE) == {}
    with pytest.raises(CookieError):
        SignedCookie.parse(said, 'secret', Cookie.EXCEPTION)


def test_a_signature_is_of_the_name_too():
    said = str(SignedCookie('a', 'b', 'secret'))
    assert SignedCookie.parse('x' + said[1:], 'secret', Cookie.IGNORE) == {}


def test_nothing_is_signed_without_a_secret():
    with pytest.raises(CookieError):
        str(SignedCookie('a', 'b'))


def test_an_object_comes_back():
    value = {'n': [1, 2.5, None], 't': ('x', True)}
    said = str(MarshalCookie('a', value, 'secret'))
    assert MarshalCookie.parse(said, 'secret')['a'].value == value


def test_nothing_is_unmarshalled_without_its_signature(monkeypatch):
    said = str(MarshalCookie('a', [1], 'other'))
    monkeypatch.setattr(pagecookies.marshal, 'loads', lambda data: pytest.fail('unmarshalled'))
    assert MarshalCookie.parse(said, 'secret', Cookie.IGNORE) == {}


def test_a_signed_value_that_is_no_object_is_an_error():
    said = str(SignedCookie('a', 'AAAA', 'secret'))
    with pytest.raises(CookieError):
        MarshalCookie.parse(said, 'secret', Cookie.EXCEPTION)


def test_cookies_are_sent_and_read_with_a_request():
    request = Request('a=1; b=2')
    add_cookie(request, 'c', '3', path='/')
    add_cookie(request, Cookie('d', '4'))
    assert request.headers_out['Set-Cookie'] == ['c=3; path=/', 'd=4']
    assert request.headers_out['Cache-Control'] == 'no-cache="set-cookie"'
    assert sorted(get_cookies(request)) == ['a', 'b']
    assert get_cookie(request, 'b').value == '2'
    assert get_cookie(request, 'none') is None
    assert get_cookies(Request()) == {}
