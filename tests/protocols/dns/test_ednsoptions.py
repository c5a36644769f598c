# Copyright the carryall authors.  See LICENSE.
"""The options of EDNS."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.dns import DNSError, EDE, EDNS, NSID, PADDING, SUBNET, shown_option
from carryall.protocols.dns.servercookie import CookieJar, is_cookie
from carryall.protocols.dns.ednsoptions import (KEEPALIVE, extended_error, padding_for,
                                                parse_extended_error, parse_subnet)


def test_options_are_the_same_after_octets():
    edns = EDNS(4096, 0, 0x8000, [(NSID, b'ns1'), (10, b'x' * 8), (65001, b'')])
    data = edns.format(1)
    assert data[:5] == b'\0\0\x29\x10\0'
    again = EDNS.parse(4096, 1 << 24 | 0x8000, data[11:])
    assert again.options == edns.options
    assert again.flags == 0x8000
    assert again.option(NSID) == b'ns1'
    assert again.option(99) is None


def test_a_payload_below_512_counts_as_512():
    assert EDNS.parse(100, 0, b'').payload == 512


@pytest.mark.parametrize('code, data, shown', [
    (NSID, b'ab', u'NSID: 6162 ("ab")'), (10, b'\1' * 8, u'COOKIE: 0101010101010101'),
    (KEEPALIVE, b'\1\x2c', u'TCP KEEPALIVE: 30.0 secs'), (PADDING, b'\0' * 7, u'PAD: (7 bytes)'),
    (EDE, b'\0\x12no', u'EDE: 18 (Prohibited): (no)'), (EDE, b'\0', u'OPT=15: malformed, 00'),
    (SUBNET, b'\0\1\x18\0\xc0\0\2', u'CLIENT-SUBNET: 192.0.2.0/24/0'), (7, b'', u'OPT=7:')])
def test_an_option_is_shown(code, data, shown):
    assert shown_option(code, data) == shown


@pytest.mark.parametrize('data', [b'', b'\0\1\x18', b'\0\3\x18\0\1\2\3', b'\0\1\x21\0\1\2\3\4\5',
                                  b'\0\1\x18\0\1\2', b'\0\1\x17\0\1\2\3'])
def test_a_malformed_subnet_is_refused(data):
    """RFC 7871 section 7.1.2."""
    with pytest.raises(DNSError):
        parse_subnet(data)


def test_a_reason_has_a_code_and_a_text():
    """RFC 8914."""
    code, data = extended_error(3, u'old')
    assert code == EDE
    assert parse_extended_error(data) == (3, u'old')


@pytest.mark.parametrize('size', [0, 1, 123, 124, 125, 500])
def test_padding_fills_a_block(size):
    """RFC 8467 section 4.1."""
    assert (size + 4 + len(padding_for(size, 128))) % 128 == 0


# -- cookies -----------------------------------------------------------------

class Wall(object):
    """A time of day that a test sets."""

    def __init__(self):
        self.now = 1800000000.0

    def __call__(self):
        return self.now


def test_a_cookie_is_good_for_its_address_alone():
    jar = CookieJar(Wall(), b's' * 32)
    cookie = jar.answer(b'client00', b'\1\2\3\4')
    assert len(cookie) == 24
    assert jar.valid(cookie, b'\1\2\3\4')
    assert not jar.valid(cookie, b'\1\2\3\5')
    assert not jar.valid(b'client01' + cookie[8:], b'\1\2\3\4')
    assert not CookieJar(Wall(), b't' * 32).valid(cookie, b'\1\2\3\4')


@pytest.mark.parametrize('later, good', [(3500, True), (3700, False), (-200, True),
                                         (-400, False)])
def test_a_cookie_grows_old(later, good):
    """RFC 9018 section 4.3."""
    wall = Wall()
    jar = CookieJar(wall, b's' * 32)
    cookie = jar.answer(b'client00', b'\1\2\3\4')
    wall.now += later
    assert jar.valid(cookie, b'\1\2\3\4') is good


def test_few_cookies_are_kept():
    jar = CookieJar(Wall(), b's' * 32)
    for number in range(5000):
        jar.answer(('%08d' % number).encode('ascii'), b'\1\2\3\4')
    assert jar.kept() <= 4096


@pytest.mark.parametrize('size, good', [(7, False), (8, True), (15, False), (16, True), (40, True),
                                        (41, False)])
def test_a_cookie_has_these_sizes(size, good):
    """RFC 7873 section 4."""
    assert is_cookie(b'x' * size) is good
