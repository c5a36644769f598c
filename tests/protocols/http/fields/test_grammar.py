# Copyright the carryall authors.  See LICENSE.
"""carryall.protocols.http.fields.grammar: tables of what is in each construct of RFC 9112 and what
is not.
"""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.compat import int2byte
from carryall.protocols.http.fields import grammar

OCTETS = [int2byte(number) for number in range(256)]
TCHARS = (set(OCTETS[number] for number in range(33, 127))
          - set(OCTETS[ord(c)] for c in '"(),/:;<=>?@[\\]{}'))


def test_field_name_octets():
    """RFC 9110 section 5.6.2: exactly the tchars may stand in a name."""
    for octet in OCTETS:
        # A colon ends the name, and the rest is the value
        good = octet in TCHARS or octet == b':'
        assert (grammar.parse_field_line(b'X' + octet + b'Y: z') is not None) == good, octet


def test_field_value_octets():
    """RFC 9110 section 5.5: HTAB, SP, VCHAR and obs-text, and nothing else."""
    for number, octet in enumerate(OCTETS):
        good = number == 9 or number >= 32 and number != 127
        assert (grammar.parse_field_line(b'X: a' + octet + b'b') is not None) == good, octet
        assert grammar.is_field_value(b'a' + octet) == good, octet


@pytest.mark.parametrize('line, expected', [
    (b'Host: a', (b'Host', b' a')),
    (b'Host:a', (b'Host', b'a')),
    (b'X:', (b'X', b'')),
    (b'X: \t y \t', (b'X', b' \t y \t')),
    (b'X: a: b', (b'X', b' a: b')),
    (b'Host : a', None),
    (b'Host\t: a', None),
    (b' Host: a', None),
    (b': a', None),
    (b'Host', None),
    (b'', None),
    (b'Host: a\n', None),
    (b'H\xc3\xb6st: a', None),
])
def test_a_field_line_is_matched_strictly(line, expected):
    """RFC 9112 section 5: nothing between name and colon, no fold."""
    assert grammar.parse_field_line(line) == expected


@pytest.mark.parametrize('line, expected', [
    (b'GET / HTTP/1.1', (b'GET', b'/', b'HTTP/1.1')),
    (b'GET / HTTP/2.0', (b'GET', b'/', b'HTTP/2.0')),
    (b'x-y /a%20b HTTP/1.0', (b'x-y', b'/a%20b', b'HTTP/1.0')),
    (b'GET /', (b'GET', b'/', b'')),
    (b'POST /', None),
    (b'GET  / HTTP/1.1', None),
    (b'GET /  HTTP/1.1', None),
    (b' GET / HTTP/1.1', None),
    (b'GET / HTTP/1.1 ', None),
    (b'GET\t/ HTTP/1.1', None),
    (b'GET / http/1.1', None),
    (b'GET / HTTP/1', None),
    (b'GET / HTTP/1.10', None),
    (b'GET / HTTP/1.1\n', None),
    (b'GET / HTTP/ 1.1', None),
    (b'G(T / HTTP/1.1', None),
    (b'GET', None),
    (b'', None),
])
def test_a_request_line_is_matched_strictly(line, expected):
    """RFC 9112 section 3: single blanks, and nothing around."""
    assert grammar.parse_request_line(line) == expected


@pytest.mark.parametrize('line, required, expected', [
    (b'HTTP/1.1 200 OK', True, (b'HTTP/1.1', 200, b'OK')),
    (b'HTTP/1.1 404 Not Found at all', True, (b'HTTP/1.1', 404, b'Not Found at all')),
    (b'HTTP/1.0 200 ', True, (b'HTTP/1.0', 200, b'')),
    (b'HTTP/1.1 200', True, None),
    (b'HTTP/1.1 200', False, (b'HTTP/1.1', 200, b'')),
    (b'HTTP/1.1 099 x', True, None),
    (b'HTTP/1.1 600 x', True, None),
    (b'HTTP/1.1 20 x', True, None),
    (b'HTTP/1.1 2000 x', True, None),
    (b'HTTP/1.1  200 x', True, None),
    (b'HTTP/1.1 200 a\x00b', True, None),
    (b'HTTP/1.1 200 a\rb', True, None),
    (b'ICY 200 OK', True, None),
])
def test_a_status_line_is_matched_strictly(line, required, expected):
    """RFC 9112 section 4."""
    assert grammar.parse_status_line(line, required) == expected


@pytest.mark.parametrize('line, expected', [
    (b'0', (0, 0)),
    (b'1aF', (0x1af, 0)),
    (b'0005', (5, 0)),
    (b'7fffffffffffffff', ((1 << 63) - 1, 0)),
    (b'5;a', (5, 2)),
    (b'5 ; a = b', (5, 8)),
    (b'5;a="q;\\"\xff";b=c', (5, 14)),
    (b'5;a="";b="\\\\"', (5, 12)),
    (b'8000000000000000', None),
    (b'00000000000000000000000000000000', (0, 0)),
    (b'', None), (b'0x5', None), (b'+5', None), (b'-5', None), (b'5 ', None), (b' 5', None),
    (b'5_0', None), (b'g', None),
    (b'5;', None), (b'5;=b', None), (b'5;a=', None), (b'5;a b', None), (b'5;a="b', None),
    (b'5;a="b\\', None), (b'5;a="b\\"', None),
    (b'5;a="b"c', None),
    (b'5;a="\\\x00"', None), (b'5;a="b\x7f"', None), (b'5;a=\x00', None),
    (b'5;a="\n"', None), (b'5\r', None), (b'5\n', None), (b'5,a', None),
])
def test_a_chunk_line_is_matched_strictly(line, expected):
    """RFC 9112 section 7.1: hexadecimal digits, and extensions whose every octet is looked at."""
    assert grammar.parse_chunk_line(line) == expected


def test_chunk_line_padded():
    """Blanks after the size, when that is let pass."""
    assert grammar.parse_chunk_line(b'5  ', padded=True) == (5, 0)
    assert grammar.parse_chunk_line(b'5;a', padded=True) == (5, 2)
    assert grammar.parse_chunk_line(b' 5', padded=True) is None


@pytest.mark.parametrize('method, target, expected', [
    (b'GET', b'/', 'origin'),
    (b'GET', b'/a/b?c=d&e[]=f', 'origin'),
    (b'GET', b"/-._~!$&'()*+,;=:@%41", 'origin'),
    (b'GET', b'/?q=100%', 'origin'),
    (b'GET', b'//a', 'origin'),
    (b'GET', b'http://a.example/b', 'absolute'),
    (b'GET', b'HTTPS://a.example:8443?x', 'absolute'),
    (b'GET', b'http://[::1]:80/', 'absolute'),
    (b'OPTIONS', b'*', 'asterisk'),
    (b'CONNECT', b'a.example:443', 'authority'),
    (b'CONNECT', b'[::1]:443', 'authority'),
    (b'GET', b'*', None),
    (b'GET', b'a', None),
    (b'GET', b'/%4', None),
    (b'GET', b'/%zz', None),
    (b'GET', b'/a#b', None),
    (b'GET', b'/a"b', None),
    (b'GET', b'/<b', None),
    (b'GET', b'/a\\b', None),
    (b'GET', b'/\xc3\xa4', None),
    (b'GET', b'/a\x7f', None),
    (b'GET', b'/a\x00', None),
    (b'GET', b'/a\tb', None),
    (b'GET', b'ftp://a.example/', None),
    (b'GET', b'http:///a', None),
    (b'GET', b'http://user@a.example/', None),
    (b'GET', b'http://a.example:99999/', None),
    (b'GET', b'a.example:443', None),
    (b'CONNECT', b'a.example', None),
    (b'CONNECT', b'a.example:0', None),
    (b'CONNECT', b'/', None),
    (b'CONNECT', b'http://a.example:443', None),
])
def test_a_target_has_one_of_four_forms(method, target, expected):
    """RFC 9112 section 3.2."""
    assert grammar.target_form(method, target) == expected


@pytest.mark.parametrize('target, expected', [
    (b'/', (b'/', b'')),
    (b'/a/b?c?d', (b'/a/b', b'c?d')),
    (b'/a?', (b'/a', b'')),
    (b'http://a.example', (b'/', b'')),
    (b'http://a.example?x', (b'/', b'x')),
    (b'http://a.example/b?x', (b'/b', b'x')),
    (b'*', (b'*', b'')),
    (b'a.example:443', (b'a.example:443', b'')),
])
def test_a_target_is_split_by_form(target, expected):
    """Path and query of each form."""
    assert grammar.split_target(target) == expected


@pytest.mark.parametrize('data, expected', [
    (b'a', True), (b'a.example:80', True), (b'127.0.0.1', True), (b'[::1]', True),
    (b'[::1]:8080', True), (b'a:', True),
    (b'a_b-c', True), (b'%41', True), (b'a:65535', True),
    (b'', False), (b':80', False), (b'a:65536', False), (b'a:8_0', False), (b'a:+80', False),
    (b'a b', False),
    (b'a,b:1:2', False), (b'[::1', False), (b'::1', False), (b'u@a', False), (b'a/b', False),
    (b'a?b', False),
    (b'a#b', False), (b'%4', False), (b'\xff', False), (b'a\x00', False), (b'a\n', False),
])
def test_a_host_must_not_be_empty(data, expected):
    """RFC 3986 section 3.2.2, with a host that is not empty."""
    assert grammar.is_host(data) == expected


@pytest.mark.parametrize('target, host, expected', [
    (b'http://a.example/', b'a.example', True),
    (b'http://A.example/', b'a.EXAMPLE', True),
    (b'http://a.example:80/', b'a.example', True),
    (b'http://a.example/', b'a.example:080', True),
    (b'https://a.example/', b'a.example:443', True),
    (b'http://a.example:/', b'a.example', True),
    (b'http://a.example/', b'b.example', False),
    (b'http://a.example/', b'a.example:8080', False),
    (b'https://a.example/', b'a.example:80', False),
])
def test_authorities_compare_with_default_ports(target, host, expected):
    """RFC 9112 section 3.2.2, with the default ports of RFC 9110 section 4.2."""
    assert grammar.same_authority(target, host) == expected


def test_long_lines_take_linear_time():
    """A mismatch fails as fast as a match; the wall limit of the test would end a slow one."""
    for line in (b'5' + b' ' * 30000 + b'x', b'5' + b';a' * 15000 + b'"',
                 b'5;a="' + b'\\a' * 15000):
        assert grammar.parse_chunk_line(line) is None
    for line in (b'X:' + b' ' * 32000 + b'\x00', b'X' * 32000, b' ' * 32000):
        assert grammar.parse_field_line(line) is None
    assert grammar.FIELD_LINES.findall(b'\r\nX:' + b' ' * 32000 + b'\x00\r\n') == []
    assert not grammar.is_host(b'a' * 32000 + b':' + b'1' * 6)
