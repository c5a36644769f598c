# Copyright the carryall authors.  See LICENSE.
"""Jar: which cookies are kept, and where they go."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.http.client.cookiejar import (MAX_FIELD, MAX_HOST_COOKIES, Jar,
                                                      is_public_suffix)
from carryall.protocols.http.client.clienturl import parse_url
from tests.protocols.http.client.client_kit import OK, World, reply

NOW = 1700000000.0


class Clock(object):
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


def jar(url, *values):
    made = Jar(Clock())
    made.store(parse_url(url), values)
    return made


def sent(made, url):
    return made.field(parse_url(url))


CASES = [
    # set by, cookie, asked, sent
    ('http://a.example/', b'x=1', 'http://a.example/p', b'x=1'),
    ('http://a.example/', b'x=1', 'http://b.a.example/', None),
    ('http://a.example/', b'x=1', 'http://example/', None),
    ('http://a.example/', b'x=1', 'http://a.example:81/', b'x=1'),
    ('http://www.a.example/', b'x=1; Domain=a.example', 'http://a.example/', b'x=1'),
    ('http://www.a.example/', b'x=1; Domain=.a.example', 'http://z.a.example/', b'x=1'),
    ('http://www.a.example/', b'x=1; Domain=A.EXAMPLE', 'http://z.a.example/', b'x=1'),
    ('http://a.example/', b'x=1; Domain=a.example', 'http://z.a.example/', b'x=1'),
    ('http://www.a.example/', b'x=1; Domain=a.example', 'http://bada.example/', None),
    ('http://a.example/', b'x=1; Domain=b.example', 'http://b.example/', None),
    ('http://a.example/', b'x=1; Domain=b.example', 'http://a.example/', None),
    ('http://a.example/', b'x=1; Domain=www.a.example', 'http://www.a.example/', None),
    ('http://a.example/', b'x=1; Domain=example', 'http://a.example/', None),
    ('http://a.co.uk/', b'x=1; Domain=co.uk', 'http://b.co.uk/', None),
    ('http://a.github.io/', b'x=1; Domain=github.io', 'http://b.github.io/', None),
    ('http://github.io/', b'x=1; Domain=github.io', 'http://github.io/', b'x=1'),
    ('http://github.io/', b'x=1; Domain=github.io', 'http://b.github.io/', None),
    ('http://localhost/', b'x=1', 'http://localhost/', b'x=1'),
    ('http://127.0.0.1/', b'x=1; Domain=127.0.0.1', 'http://127.0.0.1/', b'x=1'),
    ('http://127.0.0.1/', b'x=1; Domain=0.0.1', 'http://127.0.0.1/', None),
    ('http://[::1]/', b'x=1', 'http://[::1]/', b'x=1'),
    ('http://a.example/p/q', b'x=1', 'http://a.example/p/', b'x=1'),
    ('http://a.example/p/q', b'x=1', 'http://a.example/', None),
    ('http://a.example/p/q', b'x=1; Path=/', 'http://a.example/', b'x=1'),
    ('http://a.example/', b'x=1; Path=/p', 'http://a.example/p', b'x=1'),
    ('http://a.example/', b'x=1; Path=/p', 'http://a.example/pq', None),
    ('http://a.example/', b'x=1; Path=/p', 'http://a.example/p?q', b'x=1'),
    ('https://a.example/', b'x=1; Secure', 'https://a.example/', b'x=1'),
    ('https://a.example/', b'x=1; Secure', 'http://a.example/', None),
    ('http://a.example/', b'x=1; Secure', 'https://a.example/', None),
    ('https://a.example/', b'x=1', 'http://a.example/', b'x=1'),
    ('https://a.example/', b'__Host-x=1; Secure; Path=/', 'https://a.example/', b'__Host-x=1'),
    ('https://www.a.example/', b'__Host-x=1; Secure; Path=/; Domain=a.example',
     'https://www.a.example/', None),
    ('http://a.example/', b'x=1; Max-Age=0', 'http://a.example/', None),
    ('http://a.example/', b'x=1; Max-Age=-1', 'http://a.example/', None),
    ('http://a.example/', b'x=1; Expires=Sun, 06 Nov 1994 08:49:37 GMT', 'http://a.example/', None),
    ('http://a.example/', b'x=1; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Max-Age=9',
     'http://a.example/', b'x=1'),
    ('http://a.example/', b'x=\x01', 'http://a.example/', None),
    ('http://a.example/', b'', 'http://a.example/', None),
]


@pytest.mark.parametrize('setter,cookie,asked,expected', CASES)
def test_a_cookie_goes_to_matching_urls(setter, cookie, asked, expected):
    """Each rule of section 5.7 and 5.8 by a pair of URLs."""
    assert sent(jar(setter, cookie), asked) == expected


@pytest.mark.parametrize('domain,public',
                         [(b'com', True), (b'localhost', True), (b'co.uk', True), (b'com.au', True),
                                           (b'github.io', True), (b'example.com', False),
                          (b'a.co.uk', False),
                                           (b'co.com', False), (b'x.uk', False), (b'', True)])
def test_a_cookie_for_a_public_suffix_is_refused(domain, public):
    """The small rule, as documented."""
    assert is_public_suffix(domain) == public


def test_suffix_is_replaceable():
    """A real list can be handed in."""
    made = Jar(Clock(), suffix=lambda domain: domain == b'a.example')
    made.store(parse_url('http://www.a.example/'), [b'x=1; Domain=a.example'])
    assert len(made) == 0


def test_max_age_counts_from_the_response():
    """Max-Age counts from when it came."""
    clock = Clock()
    made = Jar(clock)
    made.store(parse_url('http://a.example/'), [b'x=1; Max-Age=10', b'y=2'])
    clock.now += 9
    assert sent(made, 'http://a.example/') == b'x=1; y=2'
    clock.now += 1
    assert sent(made, 'http://a.example/') == b'y=2'
    assert len(made) == 1


def test_replaced_and_order():
    """The same name, domain and path replace; longer paths come first, then the older."""
    made = jar('http://a.example/', b'a=1', b'b=2; Path=/p', b'c=3', b'a=4')
    assert sent(made, 'http://a.example/p') == b'b=2; a=4; c=3'


def test_an_expired_cookie_deletes_the_former():
    """A cookie that ended at once takes the old one away."""
    assert sent(jar('http://a.example/', b'a=1', b'a=; Max-Age=0'), 'http://a.example/') is None


def test_secure_left_alone():
    """Without TLS a response does not replace a Secure cookie."""
    made = jar('https://a.example/', b'x=good; Secure')
    made.store(parse_url('http://a.example/'), [b'x=bad'])
    made.store(parse_url('http://www.a.example/'), [b'x=bad; Domain=a.example'])
    assert sent(made, 'https://a.example/') == b'x=good'


def test_the_oldest_cookies_of_a_domain_go():
    """The oldest of a domain go; a Cookie field stays small."""
    made = Jar(Clock())
    for number in range(MAX_HOST_COOKIES + 5):
        made.store(parse_url('http://a.example/'), [b'c%d=%s' % (number, b'v' * 1000)])
    assert len(made) == MAX_HOST_COOKIES
    field = sent(made, 'http://a.example/')
    assert b'c0=' not in field
    assert len(field) <= MAX_FIELD


def test_in_a_client():
    """A cookie comes back to its site, also over a redirect, and to no other."""
    world = World([reply(302, b'', (b'Set-Cookie', b'a=1'), (b'Set-Cookie', b'b=2'),
                         (b'Location', b'/')), OK, OK],
                  jar=Jar(Clock()))
    world.fetch()
    world.fetch('http://other.example/')
    assert b'Cookie' not in world.requests[0]
    assert b'Cookie: a=1; b=2' in world.requests[1]
    assert b'Cookie' not in world.requests[2]
