# Copyright the carryall authors.  See LICENSE.
"""Range, Content-Range, multipart/byteranges (RFC 9110 section 14)."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.protocols.http.fields import ranges
from tests.protocols.http.ids import short


@pytest.mark.parametrize('value, size, expected', [
    (b'bytes=0-499', 10000, [(0, 500)]), (b'bytes=500-999', 10000, [(500, 500)]),
    (b'bytes=-500', 10000, [(9500, 500)]),
    (b'bytes=9500-', 10000, [(9500, 500)]), (b'bytes=0-0,-1', 10000, [(0, 1), (9999, 1)]),
    (b'bytes=0-0', 1, [(0, 1)]),
    (b'bytes=0-99999', 10, [(0, 10)]), (b'bytes=-99999', 10, [(0, 10)]),
    (b'Bytes = 0-1', 10, [(0, 2)]),
    (b'bytes= 0-1 , 4-5', 10, [(0, 2), (4, 2)]), (b'bytes=0-1,,4-5,', 10, [(0, 2), (4, 2)]),
    (b'bytes=9-9', 10, [(9, 1)]),
    (b'bytes=00-01', 10, [(0, 2)]), (b'bytes=0-18446744073709551616', 10, [(0, 10)]),
    (b'bytes=-99999999999999999999999999', 10, [(0, 10)]), (b'bytes=10-11,0-1', 10, [(0, 2)])])
def test_satisfiable_ranges_are_cut_to_the_length(value, size, expected):
    """One part, several, the last octets; what is beyond the end is cut off (RFC 9110 section
    14.1.2).
    """
    assert ranges.parse_range(value, size) == expected, value


@pytest.mark.parametrize('value, size', [
    (b'bytes=10-', 10), (b'bytes=10-20', 10), (b'bytes=-0', 10), (b'bytes=0-', 0),
    (b'bytes=0-0', 0), (b'bytes=-0', 0),
    (b'bytes=18446744073709551616-', 10), (b'bytes=10-11,12-13', 10)])
def test_unsatisfiable_ranges_are_416(value, size):
    """Nothing of it is there: 416."""
    assert ranges.parse_range(value, size) == [], value


@pytest.mark.parametrize('value', [
    b'', b'bytes', b'bytes=', b'bytes=,', b'items=0-1', b'bytes=1', b'bytes=-', b'bytes=a-b',
    b'bytes=1-0', b'bytes=+1-2',
    b'bytes=0x1-2', b'bytes=1 - 2', b'bytes=1-2-3', b'bytes=0-1,x', b'bytes=1_0-2', b'bytes=-1-',
    b'bytes=--1', b'0-1',
    b'bytes:0-1', b'bytes=0-1;2-3', b'bytes=\xb2-\xb3', b'bytes=' + b'9' * 100000 + b'x-'],
                         ids=short)
def test_a_bad_range_is_ignored(value):
    """A Range outside the grammar is ignored, and the whole is given (RFC 9110 section 14.2)."""
    assert ranges.parse_range(value, 10) is None, value


def test_the_last_octets_of_nothing():
    """They are there, none of them: the whole is given, which a Content-Range could not say."""
    assert ranges.parse_range(b'bytes=-5', 0) is None, 'empty file'


def test_too_many_are_ignored():
    """As many as allowed, and one more."""
    value = b'bytes=' + b','.join(b'%d-%d' % (3 * n, 3 * n) for n in range(ranges.MAX_RANGES))
    assert len(ranges.parse_range(value, 1000)) == ranges.MAX_RANGES, 'what fits'
    assert ranges.parse_range(value + b',999-999', 1000) is None, 'one more'


@pytest.mark.parametrize('value, expected', [
    (b'bytes=0-5,3-9', [(0, 10)]), (b'bytes=0-4,5-9', [(0, 10)]), (b'bytes=5-9,0-4', [(0, 10)]),
    (b'bytes=0-,0-,0-', [(0, 100)]),
    (b'bytes=0-9,2-3', [(0, 10)]), (b'bytes=90-99,0-1,1-2', [(0, 3), (90, 10)]),
    (b'bytes=50-59,0-9', [(50, 10), (0, 10)]),
    (b'bytes=0-0,-100', [(0, 100)]), (b'bytes=7-7,7-7', [(7, 1)])])
def test_overlapping_parts_are_joined(value, expected):
    """Ranges that overlap or touch become one part; others keep the order of the request."""
    assert ranges.parse_range(value, 100) == expected, value


def test_never_more_than_the_whole():
    """Whatever is asked for, the parts are within the file, apart from each other, and not longer
    than the file.
    """
    rng = random.Random(11)
    for _ in range(3000):
        size = rng.randrange(0, 60)
        specs = []
        for _ in range(rng.randrange(1, 17)):
            first = rng.choice([b'', b'%d' % rng.randrange(70)])
            last = rng.choice([b'', b'%d' % rng.randrange(70)])
            specs.append(first + b'-' + last)
        parts = ranges.parse_range(b'bytes=' + b','.join(specs), size) or []
        covered = [at for first, count in parts for at in range(first, first + count)]
        assert len(set(covered)) == len(covered) <= size, specs
        assert not covered or 0 <= min(covered) and max(covered) < size, specs
        assert all(count > 0 for _, count in parts), specs


@pytest.mark.parametrize('text, expected', [
    (b'bytes 0-499/1234', (0, 499, 1234)), (b'bytes 0-0/1', (0, 0, 1)),
    (b'bytes 42-1233/*', (42, 1233, None)),
    (b'bytes */1234', (None, None, 1234)), (b'BYTES 0-1/2', (0, 1, 2)), (b'bytes 1-0/2', None),
    (b'bytes 0-2/2', None),
    (b'bytes */*', None), (b'bytes 0-1', None), (b'items 0-1/2', None), (b'bytes=0-1/2', None),
    (b'bytes +0-1/2', None),
    (b'bytes 0-1/2x', None), (b'', None), (b'bytes 0-/2', None), (b'bytes -1/2', None)])
def test_content_range_read(text, expected):
    """Content-Range as a client reads it (RFC 9110 section 14.4)."""
    found = ranges.parse_content_range(text)
    assert (found if found is None else tuple(found)) == expected, text


def test_a_range_comes_back():
    """A written range is read again."""
    assert ranges.format_content_range(0, 500, 1234) == b'bytes 0-499/1234', 'a part'
    assert (tuple(ranges.parse_content_range(ranges.format_content_range(7, 3, 10)))
            == (7, 9, 10)), 'and back'
    assert ranges.unsatisfied_range(1234) == b'bytes */1234', '416'
    assert ranges.format_range(5) == b'bytes=5-', 'open'
    assert ranges.parse_range(ranges.format_range(2, 4), 10) == [(2, 3)], 'and back'


def test_multipart_ranges_have_body_and_length():
    """The body of RFC 9110 section 14.6, and its length."""
    layout, tail, length = ranges.multipart_layout([(0, 2), (5, 3)], 10, b'text/plain', b'SEP')
    content = b'0123456789'
    body = (b''.join(part.head + content[part.first:part.first + part.count] for part in layout)
            + tail)
    assert (body == (b'--SEP\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/10\r\n\r\n01'
                    b'\r\n--SEP\r\nContent-Type: text/plain\r\nContent-Range: bytes '
                    b'5-7/10\r\n\r\n567'
                    b'\r\n--SEP--\r\n')), 'the octets'
    assert length == len(body), 'the length'
    assert (b'Content-Type' not
            in ranges.multipart_layout([(0, 1)], 2, b'', b'S')[0][0].head), 'without a type'
