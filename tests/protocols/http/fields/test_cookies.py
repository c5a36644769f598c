# Copyright the carryall authors.  See LICENSE.
"""Cookies, both ways (RFC 6265bis)."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.protocols.http.fields import cookies as c
from tests.protocols.http.ids import short


@pytest.mark.parametrize('value, expected', [
    (b'a=1; b=2', [(b'a', b'1'), (b'b', b'2')]), (b'a=1;b=2', [(b'a', b'1'), (b'b', b'2')]),
    (b'', []), (b'a', []), (b'=1', []),
    (b'a=', [(b'a', b'')]), (b'a=b=c', [(b'a', b'b=c')]), (b' a = b c ;', [(b'a', b'b c')]),
    (b'a="b"', [(b'a', b'"b"')]),
    (b'a=1; a=2', [(b'a', b'1'), (b'a', b'2')]), (b'a=1, b=2', [(b'a', b'1, b=2')]),
    (b';;a=1;;', [(b'a', b'1')]),
    (b'a b=1', [(b'a b', b'1')]), (b'a=\xc3\xa4', [(b'a', b'\xc3\xa4')])])
def test_a_cookie_field_is_read(value, expected):
    """Cookies are read as they come, without those that have no name."""
    assert c.parse_cookies(value) == expected, value


def test_cookies_are_bounded():
    """As many as allowed, and one more, which is dropped."""
    value = b';'.join(b'c%d=1' % number for number in range(11))
    assert (c.parse_cookies(value, 10)
            == [(b'c%d' % number, b'1') for number in range(10)]), 'ten of eleven'


def test_a_cookie_field_is_written():
    """The Cookie field of a client; nothing can be smuggled into it."""
    assert (c.format_cookies([(b'a', b'1'), (b'', b'x'), (b'b', b'"2"')])
            == b'a=1; x; b="2"'), 'in order'
    for pair in ((b'a', b'1; b=2'), (b'a', b'1\r\nX: y'), (b'a\0', b'')):
        with pytest.raises(LocalProtocolError):
            c.format_cookies([pair])


WRITTEN = [
    ({}, b'n=v; Path=/; HttpOnly; SameSite=Lax'),
    ({'max_age': 0}, b'n=v; Max-Age=0; Path=/; HttpOnly; SameSite=Lax'),
    ({'expires': 784111777, 'path': None, 'http_only': False, 'same_site': None},
     b'n=v; Expires=Sun, 06 Nov 1994 08:49:37 GMT'),
    ({'domain': b'a.org', 'path': b'/x y', 'secure': True, 'same_site': b'Strict'},
     b'n=v; Domain=a.org; Path=/x y; Secure; HttpOnly; SameSite=Strict'),
    ({'secure': True, 'same_site': b'None', 'partitioned': True},
     b'n=v; Path=/; Secure; HttpOnly; SameSite=None; Partitioned'),
]


@pytest.mark.parametrize('number', range(len(WRITTEN)))
def test_set_cookie_both_ways(number):
    """The strict grammar is written, and is read again."""
    options, text = WRITTEN[number]
    assert c.format_set_cookie(b'n', b'v', **options) == text, options
    found = c.parse_set_cookie(text)
    assert (found.name, found.value) == (b'n', b'v'), 'read'
    assert found.secure is options.get('secure', False), 'Secure'
    assert found.max_age == options.get('max_age'), 'age'
    assert found.expires == options.get('expires'), 'age'
    assert found.domain == options.get('domain'), 'scope'
    assert found.path == options.get('path', b'/'), 'scope'
    assert found.partitioned is options.get('partitioned', False), 'Partitioned'
    wanted = options.get('same_site', b'Lax')
    assert found.same_site == (wanted.lower() if wanted else None), 'SameSite'


@pytest.mark.parametrize('name, value, options', [
    (b'', b'v', {}), (b'n n', b'v', {}), (b'n=', b'v', {}), (b'n\n', b'v', {}), (b'n', b'v;', {}),
    (b'n', b'v w', {}),
    (b'n', b'v,w', {}), (b'n', b'"v', {}), (b'n', b'v\r\nX: y', {}), (b'n', b'\xc3\xa4', {}),
    (b'n', b'a\\', {}),
    (b'n', b'v' * c.MAX_COOKIE, {}), (b'n', b'v', {'domain': b'a b'}),
    (b'n', b'v', {'domain': b''}),
    (b'n', b'v', {'domain': b'a;b'}), (b'n', b'v', {'domain': b'a' * 1025}),
    (b'n', b'v', {'path': b'x'}),
    (b'n', b'v', {'path': b'/;'}), (b'n', b'v', {'path': b'/\n'}),
    (b'n', b'v', {'same_site': b'lax'}),
    (b'n', b'v', {'same_site': b'None'}), (b'n', b'v', {'partitioned': True}),
    (b'__Secure-n', b'v', {}),
    (b'__secure-n', b'v', {}), (b'__Host-n', b'v', {}),
    (b'__Host-n', b'v', {'secure': True, 'domain': b'a.org'}),
    (b'__Host-n', b'v', {'secure': True, 'path': b'/x'}),
    (b'__HOST-n', b'v', {'secure': True, 'path': None})], ids=short)
def test_set_cookie_not_written(name, value, options):
    """Values outside the grammar, and cookies that browsers would discard, are refused."""
    with pytest.raises(LocalProtocolError):
        c.format_set_cookie(name, value, **options)


def test_prefixes_of_names_are_enforced():
    """The prefixes, where they are kept; and the longest that fits."""
    assert c.format_set_cookie(b'__Host-n', b'v',
                               secure=True).startswith(b'__Host-n=v; Path=/; Secure'), '__Host-'
    assert c.format_set_cookie(b'__Secure-n', b'v', secure=True, domain=b'a.org'), '__Secure-'
    assert c.format_set_cookie(b'n', b'v' * (c.MAX_COOKIE - 1)), 'the longest'
    assert c.format_set_cookie(b'n',
                               b'"v"').startswith(b'n="v"'), 'quotes around it all are allowed'


@pytest.mark.parametrize('text, expected', [
    (b'n=v', {}), (b' n = v ', {}), (b'v', {'name': b'', 'value': b'v'}),
    (b'=v', {'name': b'', 'value': b'v'}),
    (b'n=v; secure ;HTTPONLY', {'secure': True, 'http_only': True}),
    (b'n=v; path=/x; PATH=/y', {'path': b'/y'}),
    (b'n=v; path=/x; path=y', {'path': None}), (b'n=v; domain=.A.org', {'domain': b'a.org'}),
    (b'n=v; domain=', {}),
    (b'n=v; max-age=10', {'max_age': 10}), (b'n=v; max-age=-1', {'max_age': 0}),
    (b'n=v; max-age=1x', {}),
    (b'n=v; max-age=+1', {}), (b'n=v; max-age=', {}),
    (b'n=v; max-age=99999999999999999999', {'max_age': c.MAX_AGE}),
    (b'n=v; expires=Wed, 21 Oct 2015 07:28:00 GMT', {'expires': 1445412480}),
    (b'n=v; expires=never', {}),
    (b'n=v; samesite=STRICT', {'same_site': b'strict'}), (b'n=v; samesite=what', {}),
    (b'n=v; other=x; ;', {}),
    (b'n=v; path=/' + b'x' * 1024, {}), (b'n="v w"', {'value': b'"v w"'})], ids=short)
def test_set_cookie_read(text, expected):
    """As browsers read it (section 5.6)."""
    found = c.parse_set_cookie(text)
    wanted = dict({'name': b'n', 'value': b'v', 'secure': False, 'http_only': False,
                   'partitioned': False, 'path': None,
                   'domain': None, 'max_age': None, 'expires': None, 'same_site': None}, **expected)
    assert dict(found._asdict()) == wanted, text


@pytest.mark.parametrize('text', [
    b'', b'=', b';', b'n=v\n', b'n=v\0', b'n=' + b'v' * c.MAX_COOKIE, b'__Secure-n=v',
    b'__secure-n=v', b'__Host-n=v; secure',
    b'__Host-n=v; secure; path=/x', b'__Host-n=v; secure; path=/; domain=a.org',
    b'__Host-n; secure; path=/',
    b'=__Secure-n=v; secure', b'n=v; samesite=none', b'n=v; partitioned'], ids=short)
def test_set_cookie_thrown_away(text):
    """Controls, too long, promises not kept (section 5.6, 5.7)."""
    assert c.parse_set_cookie(text) is None, text


@pytest.mark.parametrize('host, domain, expected', [
    (b'a.org', b'a.org', True), (b'x.a.org', b'a.org', True), (b'xa.org', b'a.org', False),
    (b'a.org', b'x.a.org', False),
    (b'1.2.3.4', b'3.4', False), (b'1.2.3.4', b'1.2.3.4', True), (b'[::1]', b'1]', False),
    (b'a.org', b'', False)])
def test_domains_match_as_in_rfc_6265(host, domain, expected):
    """Section 5.1.3."""
    assert c.domain_matches(host, domain) is expected, (host, domain)


@pytest.mark.parametrize('path, cookie_path, expected', [
    (b'/', b'/', True), (b'/a', b'/', True), (b'/a/b', b'/a', True), (b'/a/b', b'/a/', True),
    (b'/ab', b'/a', False),
    (b'/a', b'/a/', False), (b'/a', b'/a', True), (b'/b', b'/a', False)])
def test_paths_match_as_in_rfc_6265(path, cookie_path, expected):
    """Section 5.1.4."""
    assert c.path_matches(path, cookie_path) is expected, (path, cookie_path)


@pytest.mark.parametrize('path, expected',
                         [(b'/', b'/'), (b'/a', b'/'), (b'/a/', b'/a'), (b'/a/b', b'/a'),
                          (b'', b'/'), (b'a/b', b'/')])
def test_the_default_path_comes_from_the_url(path, expected):
    """Section 5.1.4."""
    assert c.default_path(path) == expected, path


def test_garbage_does_nothing_else():
    """Random octets: a result or None."""
    rng = random.Random(31)
    alphabet = b'ab=;, "\\\t\xff__Host-Secure-path=/max-age=1expires=1 jan 2000 1:1:1'
    for _ in range(2000):
        text = b''.join(alphabet[at:at + 1] for at
                        in (rng.randrange(len(alphabet)) for _ in range(rng.randrange(60))))
        c.parse_set_cookie(text)
        c.parse_cookies(text)
