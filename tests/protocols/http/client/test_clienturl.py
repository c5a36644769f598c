# Copyright the carryall authors.  See LICENSE.
"""URLs of a client: what they mean, and that nothing in them breaks out of its place."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.protocols.http.client.clienturl import check_method, parse_url

GOOD = [
    (u'http://a', ('http', 'a', 80, b'/', b'a')),
    (b'HTTP://A.Example:80/x?y#z', ('http', 'a.example', 80, b'/x?y', b'a.example')),
    (u'http://a:8080', ('http', 'a', 8080, b'/', b'a:8080')),
    (u'http://a:/', ('http', 'a', 80, b'/', b'a')),
    (u'https://a:80?q', ('https', 'a', 80, b'/?q', b'a:80')),
    (u'http://[::1]:81/', ('http', '::1', 81, b'/', b'[::1]:81')),
    (u'http://a/\u00fc?\u20ac', ('http', 'a', 80, b'/%C3%BC?%E2%82%AC', b'a')),
    (u'http://a/?', ('http', 'a', 80, b'/?', b'a')),
    (u'http://a/%7e', ('http', 'a', 80, b'/%7e', b'a')),
]


@pytest.mark.parametrize('url,expected', GOOD)
def test_a_good_url_is_parsed(url, expected):
    """Scheme, host, port, target and the value of Host."""
    found = parse_url(url)
    assert (found.scheme, found.host, found.port, found.target, found.authority) == expected, url


BAD = [u'', u'a', u'//a/', u'/x', u'ftp://a/', u'file:///etc/passwd', u'http:a', u'http:///x',
       u'http://', u'http://:80/',
       u'http://a b/', u'http://a/ b', u'http://a/\r\nX: y', u'http://a/\n', u'http://a/\x00',
       u'http://a\r\n/', u'http://a/\t',
       u' http://a/', u'http://a/ ', u'http://a\\b/', u'http://a/\\b', u'http://a:0/',
       u'http://a:65536/', u'http://a:x/',
       u'http://a:-1/', u'http://a:+80/', u'http://\u00fc/', u'http://a%2eb/', u'http://a%0d%0a/',
       u'http://[::1/',
       u'http://[::1]x/', u'http://[fe80::1%25eth0]/', u'http://a/%', u'http://a/%zz',
       u'http://a/"', u'http://a/<x>',
       u'http://a/?\r\n', u'http://u\r\n@a/', u'http://a@b@c d/', u'http://%zz@a/',
       u'http://a/' + u'x' * 9000,
       u'http://a' + u'.b' * 200, u'\u0131http://a/', u'http://a\u2028/', u'javascript:alert(1)',
       u'data:,x']


@pytest.mark.parametrize('url', BAD)
def test_a_bad_url_is_refused(url):
    """A URL that cannot be sent unchanged is refused, as text and as bytes."""
    for spelling in (url, url.encode('utf-8')):
        with pytest.raises(LocalProtocolError):
            parse_url(spelling)


def test_every_control_octet_is_refused():
    """No octet below 0x21, and no DEL, stands anywhere in a URL."""
    for number in list(range(0x21)) + [0x7f]:
        octet = bytes(bytearray([number]))
        for url in (b'http://a' + octet + b'b/', b'http://ab/x' + octet + b'y',
                    b'http://ab/?x' + octet + b'y'):
            with pytest.raises(LocalProtocolError):
                parse_url(url)


def test_the_login_of_a_url_is_not_shown():
    """The login is taken out, decoded, and is not part of what is shown."""
    found = parse_url(u'http://us%40er:p%3aw@a/x')
    assert found.login == (b'us@er', b'p:w')
    assert found.url == b'http://a/x'
    assert 'p:w' not in repr(found)
    assert parse_url(u'http://u@a/').login == (b'u', b'')
    assert parse_url(u'http://a/').login is None


def test_fragment_with_anything():
    """A fragment is never sent, so it may hold what it likes."""
    assert parse_url(u'http://a/x#\r\nGET /').target == b'/x'


def test_an_origin_has_scheme_host_and_port():
    """Same scheme, host and port: the default port is the port."""
    assert parse_url('http://a/x').origin == parse_url('http://A:80/y').origin
    assert parse_url('http://a/').origin != parse_url('https://a:80/').origin


@pytest.mark.parametrize('method',
                         [u'', u'GE T', u'GET\r\n', u'G\u00cbT', b'G:T', u'CONNECT', b'X' * 65,
                          u'GET /'])
def test_a_bad_method_is_refused(method):
    """A method is a token."""
    with pytest.raises(LocalProtocolError):
        check_method(method)


def test_methods_are_taken_unchanged():
    """Text or bytes, as they are."""
    assert check_method(u'GET') == b'GET'
    assert check_method(b'x-y') == b'x-y'
