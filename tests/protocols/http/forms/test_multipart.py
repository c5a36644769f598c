# Copyright the carryall authors.  See LICENSE.
"""multipart bodies, whatever way they are cut (RFC 2046 section 5.1)."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.errors import LocalProtocolError, RemoteProtocolError
from carryall.protocols.http.forms import multipart as m

BODY = (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\none\r\n'
        b'--x\r\nName: b\r\nOther: 1\r\n\r\n\r\n'
        b'--x  \r\n\r\nno fields\r\n'
        b'--x\r\nName: tricky\r\n\r\n\r\n--\r\n-x\r\r\n--y\r\n\r\n'
        b'--x\r\n\r\n--x--\r\n')
PARTS = [([(b'Content-Disposition', b'form-data; name="a"')], b'one'),
         ([(b'Name', b'b'), (b'Other', b'1')], b''),
         ([], b'no fields'), ([(b'Name', b'tricky')], b'\r\n--\r\n-x\r\r\n--y\r\n'), ([], b'')]


def _parts(pieces, boundary=b'x', **limits):
    """The parts of *pieces*, the data of each part joined."""
    parser = m.MultipartParser(boundary, **limits)
    parts = []
    for piece in pieces:
        for event in parser.feed(piece):
            if isinstance(event, m.PartBegin):
                parts.append([list(event.headers), b'', False])
            elif isinstance(event, m.PartData):
                assert event.data, 'no empty data'
                parts[-1][1] += event.data
            else:
                parts[-1][2] = True
    parser.finish()
    assert all(ended for _, _, ended in parts), 'each part ends'
    return [(headers, data) for headers, data, _ in parts]


def _chunkings(data, count=10):
    yield [data]
    for size in (1, 2, 3, 5):
        yield [data[at:at + size] for at in range(0, len(data), size)]
    rng = random.Random(17)
    for _ in range(count):
        points = sorted(rng.randrange(len(data) + 1) for _ in range(rng.randrange(1, 12)))
        yield [data[a:b] for a, b in zip([0] + points, points + [len(data)])]


@pytest.mark.parametrize('before, after',
                         [(b'', b''), (b'preamble\r\n', b'epilogue'),
                          (b'--xx\r-- x\r\n', b'\r\n--x\r\n'), (b'\r\n', b'')])
def test_parts_are_split_at_every_chunking(before, after):
    """Parts without fields, without octets, with octets that look like delimiters; text before and
    after.
    """
    if before.startswith(b'--xx'):
        before = b' ' + before          # at the start of a line it would be an error, see below
    for pieces in _chunkings(before + BODY + after):
        assert _parts(pieces) == PARTS, pieces


def test_a_body_may_have_no_parts():
    """A body that ends at once."""
    for pieces in _chunkings(b'--x--'):
        assert _parts(pieces) == [], pieces


BROKEN = [
    (b'', 400), (b'--x', 400), (b'--x\r\n', 400), (b'--x\r\nA: b\r\n\r\nabc', 400),
    (b'--x\r\nA: b\r\n\r\nabc\r\n--x\r\n', 400),
    (b'--xy\r\n\r\n\r\n--x--', 400), (b'--x\n\n\n--x--', 400), (b'--x \n', 400), (b'--x-\r\n', 400),
    (b'--x -- \r\n', 400),
    (b'--x\r\nA : b\r\n\r\n\r\n--x--', 400), (b'--x\r\n b\r\n\r\n\r\n--x--', 400),
    (b'--x\r\nA: b\nC: d\r\n\r\n\r\n--x--', 400),
    (b'--x\r\nA: b\0\r\n\r\n\r\n--x--', 400), (b'--x\r\nA\r\n\r\n\r\n--x--', 400),
    (b'--x' + b' ' * (m.MAX_PADDING + 1) + b'\r\n', 400),
    (b'--x\r\n' + b'A: b\r\n' * (m.MAX_HEADERS + 1) + b'\r\n\r\n--x--', 413),
    (b'x' * (m.MAX_OUTSIDE + 100), 413),
    (b'--x--' + b'x' * (m.MAX_OUTSIDE + 1), 413), (b'--x\r\nA: ' + b'b' * 9000, 413),
    (b'no boundary at all', 400)]


@pytest.mark.parametrize('number', range(len(BROKEN)))
def test_a_broken_body_is_one_error_at_every_chunking(number):
    """The same error however it is cut, and no other kind of exception."""
    data, status = BROKEN[number]
    chunkings = _chunkings(data, 3) if data else [[]]
    for pieces in chunkings:
        with pytest.raises(RemoteProtocolError) as caught:
            _parts(pieces)
        assert caught.value.reply == status, pieces[:5]


def test_broken_once_broken_for_ever():
    """After an error nothing is understood any more."""
    parser = m.MultipartParser(b'x')
    for _ in range(2):
        with pytest.raises(RemoteProtocolError):
            parser.feed(b'--xy\r\n')
    with pytest.raises(RemoteProtocolError):
        parser.finish()


def test_parts_are_bounded():
    """As many as allowed, and one more."""
    body = b'--x\r\n\r\n\r\n' * 3 + b'--x--'
    for pieces in _chunkings(body, 3):
        assert len(_parts(pieces, parts=3)) == 3, 'what fits'
        with pytest.raises(RemoteProtocolError) as caught:
            _parts(pieces, parts=2)
        assert caught.value.reply == 413, 'one more'


def test_header_bytes_are_bounded():
    """As many octets of fields as allowed, and one more, however they are cut."""
    fields = b'Name: ' + b'v' * 100
    for pieces in _chunkings(b'--x\r\n' + fields + b'\r\n\r\n\r\n--x--', 3):
        assert len(_parts(pieces, header_bytes=len(fields))) == 1, 'what fits'
        with pytest.raises(RemoteProtocolError) as caught:
            _parts(pieces, header_bytes=len(fields) - 1)
        assert caught.value.reply == 413, 'one more'


def test_little_is_held_back():
    """Octets of a part go on at once, but for what may begin a delimiter."""
    parser = m.MultipartParser(b'x' * 70)
    parser.feed(b'--' + b'x' * 70 + b'\r\n\r\n')
    given = 0
    for _ in range(100):
        given += sum(len(event.data) for event in parser.feed(b'\r\n--x' * 200))
    assert 100 * 1000 - given <= 80, 'held back'


@pytest.mark.parametrize('value, expected', [
    (b'multipart/form-data; boundary=abc', b'abc'), (b'Multipart/Mixed; BOUNDARY="a b"', b'a b'),
    (b'text/plain; boundary=abc', None),
    (b'multipart/form-data', None), (b'multipart/form-data; boundary=', None),
    (b'multipart/form-data; boundary="a "', None),
    (b'multipart/form-data; boundary=' + b'x' * 70, b'x' * 70),
    (b'multipart/form-data; boundary=' + b'x' * 71, None),
    (b'multipart/form-data; boundary="a\x01"', None),
    (b'multipart/form-data; boundary=a; boundary=b', None),
    (b'multipart/form-data; boundary="a', None), (b'', None)])
def test_the_boundary_comes_from_the_type(value, expected):
    """The one that the type names, if it can be one (RFC 2046 section 5.1.1)."""
    assert m.boundary_of(value) == expected, value


def test_our_own_boundary_must_be_one():
    """A caller's mistake."""
    with pytest.raises(LocalProtocolError):
        m.MultipartParser(b'')


def test_random_parts_come_out_unchanged():
    """Random parts come out as they went in, however they are cut."""
    rng = random.Random(41)
    alphabet = [b'\r', b'\n', b'-', b'x', b'a', b'\r\n--', b'\r\n--x'[:5], b'\0']
    for _ in range(150):
        parts = [b''.join(rng.choice(alphabet) for _ in range(rng.randrange(30))) for _
                 in range(rng.randrange(1, 4))]
        if any(b'\r\n--x' in b'\r\n' + part for part in parts):
            continue
        body = b''.join(b'--x\r\n\r\n' + part + b'\r\n' for part in parts) + b'--x--'
        for pieces in _chunkings(body, 3):
            assert [data for _, data in _parts(pieces)] == parts, pieces
