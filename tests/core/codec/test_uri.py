# Copyright the carryall authors.  See LICENSE.
"""URIs: parts, percent-encoding, dot segments, queries (RFC 3986)."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.core.codec import uri


@pytest.mark.parametrize('data, strict, lenient', [
    (b'abc', b'abc', b'abc'), (b'%41%62c', b'Abc', b'Abc'), (b'%2F%2f', b'//', b'//'),
    (b'%00', b'\x00', b'\x00'),
    (b'%FF', b'\xff', b'\xff'), (b'%', None, b'%'), (b'%4', None, b'%4'), (b'%zz', None, b'%zz'),
    (b'%%41', None, b'%A'),
    (b'a%2541', b'a%41', b'a%41'), (b'%+1', None, b'%+1'), (b'% 1', None, b'% 1')])
def test_percent_decode_decodes_once(data, strict, lenient):
    """Decoded once, and never guessed at unless told so."""
    assert uri.percent_decode(data) == strict, 'strict'
    assert uri.percent_decode(data, lenient=True) == lenient, 'lenient'


def test_every_octet_both_ways():
    """All 256 octets come back."""
    data = bytes(bytearray(range(256)))
    assert uri.percent_decode(uri.percent_encode(data)) == data, 'percent_encode'
    assert uri.percent_decode(uri.encode_segment(data)) == data, 'encode_segment'
    assert not uri.encode_segment(data).translate(None, uri.SEGMENT_SAFE + b'%'), \
        'nothing else stands in a segment'


@pytest.mark.parametrize('path, expected', [
    (b'/', [b'']), (b'/a', [b'a']), (b'/a/', [b'a', b'']), (b'/a//b', [b'a', b'', b'b']),
    (b'/a/./b', [b'a', b'b']),
    (b'/a/../b', [b'b']), (b'/a/..', [b'']), (b'/a/.', [b'a', b'']), (b'/a/b/..', [b'a', b'']),
    (b'/.', [b'']),
    (b'/a%20b', [b'a b']), (b'/%61/%2e%2E/b', [b'b']), (b'/.a', [b'.a']), (b'/...', [b'...']),
    (b'/a%5cb', [b'a\\b']),
    (b'', None), (b'a', None), (b'/..', None), (b'/%2e%2e', None), (b'/a/../..', None),
    (b'/a/%2e./../b', None),
    (b'/a%2fb', None), (b'/a%2Fb', None), (b'/%00', None), (b'/a\x00', None), (b'/%', None),
    (b'/%4', None),
    (b'*', None), (b'//a', [b'', b'a'])])
def test_ambiguous_path_segments_are_refused(path, expected):
    """Decoded, then resolved; what could be understood in two ways is refused."""
    assert uri.path_segments(path) == expected, path


def test_encoded_slash_can_be_kept():
    """keep_slashes lets it become part of a segment."""
    assert uri.path_segments(b'/a%2fb/c', keep_slashes=True) == [b'a/b', b'c'], 'kept'


def test_segments_are_bounded():
    """As many as allowed, and one more."""
    assert len(uri.path_segments(b'/a' * uri.MAX_SEGMENTS)) == uri.MAX_SEGMENTS, 'what fits'
    assert uri.path_segments(b'/a' * (uri.MAX_SEGMENTS + 1)) is None, 'one more'


@pytest.mark.parametrize('segments, expected', [
    ([b''], b'/'), ([b'a', b''], b'/a/'), ([b'', b'evil.org', b''], b'/evil.org/'),
    ([b'', b'', b'x'], b'/x'),
    ([b'a b', b'%', b'\xff?#'], b'/a%20b/%25/%FF%3F%23'),
    ([b'<"\'&>\r\n'], b'/%3C%22%27%26%3E%0D%0A'), ([], b'/')])
def test_a_joined_path_cannot_name_a_host(segments, expected):
    """The path can neither name a host nor leave its line."""
    assert uri.join_segments(segments) == expected, segments


@pytest.mark.parametrize('query, expected', [
    (b'', []), (b'a=1&b=2', [(b'a', b'1'), (b'b', b'2')]), (b'a', [(b'a', b'')]),
    (b'a=', [(b'a', b'')]), (b'=a', [(b'', b'a')]),
    (b'&&a&', [(b'a', b'')]), (b'a=b=c', [(b'a', b'b=c')]), (b'a+b=c%20d', [(b'a b', b'c d')]),
    (b'a%3Db=%26', [(b'a=b', b'&')]),
    (b'a=%', [(b'a', b'%')]), (b'a;b=c', [(b'a;b', b'c')]),
    (b'a=1&a=2', [(b'a', b'1'), (b'a', b'2')])])
def test_parse_query_reads_pairs(query, expected):
    """Pairs as browsers send them (WHATWG URL section 5.1)."""
    assert uri.parse_query(query) == expected, query


def test_queries_are_bounded():
    """As many pairs as allowed, and one more."""
    assert len(uri.parse_query(b'&'.join([b'a=b'] * 8), 8)) == 8, 'what fits'
    assert uri.parse_query(b'&'.join([b'a=b'] * 9), 8) is None, 'one more'
    assert uri.parse_query(b'&' * 1000, 8) is None, 'empty ones are counted too'


def test_query_both_ways():
    """A written URI is read again, whatever the octets."""
    rng = random.Random(7)
    for _ in range(200):
        pairs = [tuple(bytes(bytearray(rng.randrange(256) for _ in range(rng.randrange(1, 6))))
                       for _ in range(2))
                 for _ in range(rng.randrange(1, 5))]
        assert uri.parse_query(uri.format_query(pairs)) == pairs, pairs
    assert uri.format_query([(b'a b', b'&=+')]) == b'a+b=%26%3D%2B', 'spelled out'


@pytest.mark.parametrize('text, expected', [
    (b'http://a/b?c#d', (b'http', b'a', b'/b', b'c', b'd')),
    (b'HTTP://A', (b'http', b'A', b'', None, None)),
    (b'//a/b', (None, b'a', b'/b', None, None)), (b'a:b', (b'a', None, b'b', None, None)),
    (b'1:b', (None, None, b'1:b', None, None)),
    (b'?', (None, None, b'', b'', None)), (b'#', (None, None, b'', None, b'')),
    (b'', (None, None, b'', None, None)),
    (b'http://u:p@[::1]:80?x', (b'http', b'u:p@[::1]:80', b'', b'x', None)),
    (b'a#b?c', (None, None, b'a', None, b'b?c'))])
def test_split_and_join(text, expected):
    """The five parts (RFC 3986 appendix B), and one again."""
    assert tuple(uri.split_uri(text)) == expected, text
    assert uri.join_uri(uri.split_uri(text)).lower() == text.lower(), 'joined'


# RFC 3986 section 5.4.1 and 5.4.2; as section 5.4.2 allows,
# a reference with the scheme of its base is not taken apart.
RESOLVED = '''
g:h g:h | g http://a/b/c/g | ./g http://a/b/c/g | g/ http://a/b/c/g/ | /g http://a/g | //g http://g
?y http://a/b/c/d;p?y | g?y http://a/b/c/g?y | #s http://a/b/c/d;p?q#s | g#s http://a/b/c/g#s
g?y#s http://a/b/c/g?y#s | ;x http://a/b/c/;x | g;x http://a/b/c/g;x | g;x?y#s http://a/b/c/g;x?y#s
. http://a/b/c/ | ./ http://a/b/c/ | .. http://a/b/ | ../ http://a/b/ | ../g http://a/b/g | ../.. http://a/
../../ http://a/ | ../../g http://a/g | ../../../g http://a/g | ../../../../g http://a/g | /./g http://a/g
/../g http://a/g | g. http://a/b/c/g. | .g http://a/b/c/.g | g.. http://a/b/c/g.. | ..g http://a/b/c/..g
./../g http://a/b/g | ./g/. http://a/b/c/g/ | g/./h http://a/b/c/g/h | g/../h http://a/b/c/h
g;x=1/./y http://a/b/c/g;x=1/y | g;x=1/../y http://a/b/c/y | g?y/./x http://a/b/c/g?y/./x
g?y/../x http://a/b/c/g?y/../x | g#s/./x http://a/b/c/g#s/./x | g#s/../x http://a/b/c/g#s/../x | http:g http:g
'''


@pytest.mark.parametrize('reference, expected',
                         [row.split() for row in RESOLVED.replace('\n', ' | ').split(' | ')
                          if row.strip()])
def test_references_resolve_as_in_rfc_3986(reference, expected):
    """The examples of RFC 3986 section 5.4."""
    found = uri.resolve(b'http://a/b/c/d;p?q', reference.encode('ascii'))
    assert found == expected.encode('ascii'), reference


def test_resolve_special_bases():
    """An empty reference, a base without a path, a base that is none."""
    assert uri.resolve(b'http://a/b/c/d;p?q', b'') == b'http://a/b/c/d;p?q', 'empty'
    assert uri.resolve(b'http://a', b'g') == b'http://a/g', 'no path'
    with pytest.raises(LocalProtocolError):
        uri.resolve(b'/a', b'g')


@pytest.mark.parametrize('data, expected', [
    (b'a', (None, b'a', None)), (b'A.Org:80', (None, b'a.org', 80)), (b'a:', (None, b'a', None)),
    (b'[::1]:8', (None, b'[::1]', 8)),
    (b'[::1]', (None, b'[::1]', None)), (b'u:p@a', (b'u:p', b'a', None)),
    (b'[1:2:3:4:5:6:7:8]', (None, b'[1:2:3:4:5:6:7:8]', None)),
    (b'[::ffff:1.2.3.4]', (None, b'[::ffff:1.2.3.4]', None)),
    (b'1.2.3.4', (None, b'1.2.3.4', None)), (b'', (None, b'', None)),
    (b'a:65535', (None, b'a', 65535)), (b'a:65536', None), (b'a:+1', None), (b'a:b', None),
    (b'a b', None), (b'a/b', None),
    (b'[::1', None), (b'[::1]x', None), (b'[::g]', None), (b'[:::]', None),
    (b'[1:2:3:4:5:6:7:8:9]', None), (b'[]', None),
    (b'[1::2::3]', None), (b'[::1.2.3]', None), (b'[::1.2.3.400]', None), (b'[::12345]', None),
    (b'a%zz', None), (b'a\x00', None),
    (b'a@b@c', None), (b'[1:2:3:4:5:6:7]', None)])
def test_an_authority_has_user_host_and_port(data, expected):
    """User, host and port; None for what cannot stand there (RFC 3986 section 3.2)."""
    found = uri.parse_authority(data)
    assert (found if found is None else tuple(found)) == expected, data


@pytest.mark.parametrize('begin', range(4))
def test_long_data_is_decoded_in_parts_as_if_it_were_whole(begin):
    data = b'x' * (uri.DECODED_BYTES - begin) + b'%41%zz%4' + b'%2Fab' * 5000 + b'%' + b'y' \
        * uri.DECODED_BYTES + b'%4'
    expected = b'x' * (uri.DECODED_BYTES - begin) + b'A%zz%4' + b'/ab' * 5000 + b'%' + b'y' \
        * uri.DECODED_BYTES + b'%4'
    assert uri.percent_decode(data, lenient=True) == expected
    assert uri.percent_decode(data) is None
    assert uri.percent_decode(b'%41' * 20000) == b'A' * 20000
