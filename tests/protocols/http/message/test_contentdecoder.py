# Copyright the carryall authors.  See LICENSE.
"""Undoing codings, bounded (RFC 9110 section 8.4)."""
from __future__ import absolute_import, division, print_function

import gzip
import io
import random
import zlib

import pytest

from carryall.core.errors import RemoteProtocolError
from carryall.protocols.http.fields.codings import CODINGS, compress
from carryall.protocols.http.message.contentdecoder import (DECODABLE, MAX_GZIP_HEADER, PIECE_BYTES,
                                                      Decoder)
from tests.protocols.http.ids import short

DATA = (b''.join(b'%d bottles of beer ' % number for number in range(2000)) + b'\0' * 200000
        + bytes(bytearray(range(256))))


def _raw(data):
    coder = zlib.compressobj(6, zlib.DEFLATED, -15)
    return coder.compress(data) + coder.flush()


def _named_gzip(data):
    out = io.BytesIO()
    member = gzip.GzipFile('a name.txt', 'wb', fileobj=out, mtime=0)
    member.write(data)
    member.close()
    return out.getvalue()


def _full_gzip(data):
    """A member with every field that a header can have."""
    return (b'\x1f\x8b\x08\x1e\0\0\0\0\0\xff' + b'\x03\0abc' + b'name\0' + b'comment\0'
            + b'\x12\x34' + compress(data, b'gzip')[10:])


SAMPLES = ([(coding, compress(DATA, coding)) for coding in CODINGS if coding in DECODABLE] + [
    (b'deflate', _raw(DATA)), (b'x-gzip', _named_gzip(DATA)), (b'GZIP', _full_gzip(DATA)),
    (b'identity', DATA), (b'', DATA),
    (b'gzip',
     compress(DATA[:1000], b'gzip') + compress(b'', b'gzip') + b'\0\0'
     + compress(DATA[1000:], b'gzip') + b'\0' * 9),
    (b'deflate, gzip', compress(compress(DATA, b'deflate'), b'gzip'))])


def _cuts(data):
    rng = random.Random(3)
    yield [data]
    yield [data[at:at + 7] for at in range(0, len(data), 7)]
    for _ in range(3):
        points = sorted(rng.randrange(len(data)) for _ in range(20))
        yield [data[a:b] for a, b in zip([0] + points, points + [len(data)])]


@pytest.mark.parametrize('number', range(len(SAMPLES)))
def test_any_cut_gives_the_same(number):
    """However it comes, the same goes out, in pieces of a bounded size."""
    coding, data = SAMPLES[number]
    for pieces in _cuts(data):
        decoder = Decoder(coding)
        out = [step for piece in pieces for step in decoder.feed(piece)]
        decoder.finish()
        assert b''.join(out) == DATA, coding
        if coding.lower() not in (b'', b'identity'):
            assert max(map(len, out)) <= PIECE_BYTES, 'a piece'
    one_by_one = Decoder(coding)
    head = [step for at in range(60) for step in one_by_one.feed(data[at:at + 1])]
    out = head + list(one_by_one.feed(data[60:]))
    one_by_one.finish()
    assert b''.join(out) == DATA, 'the beginning octet by octet'


@pytest.mark.parametrize('number',
                         [at for at in range(len(SAMPLES)) if SAMPLES[at][0] not
                          in (b'', b'identity')])
def test_a_body_cut_off_is_an_error(number):
    """An end in the middle is told."""
    coding, data = SAMPLES[number]
    data = data.rstrip(b'\0')
    for size in list(range(1, 15)) + [len(data) // 2] + [len(data) - less for less in range(1, 13)]:
        decoder = Decoder(coding)
        with pytest.raises(RemoteProtocolError):
            for _ in decoder.feed(data[:size]):
                pass
            decoder.finish()


def test_nothing_at_all_is_an_end():
    """A response without a body may say Content-Encoding."""
    for coding in DECODABLE:
        decoder = Decoder(coding)
        assert list(decoder.feed(b'')) == [], coding
        decoder.finish()


@pytest.mark.parametrize('coding', DECODABLE)
def test_bombs_stop_at_the_limit(coding):
    """The allowed octets come out, one octet more does not, and memory does not grow."""
    bomb = compress(b'\0' * 30000000, coding)
    assert len(bomb) < 40000, 'it is a bomb'
    decoder = Decoder(coding, 1000000)
    taken = 0
    with pytest.raises(RemoteProtocolError):
        for piece in decoder.feed(bomb):
            assert len(piece) <= PIECE_BYTES, 'a piece'
            taken += len(piece)
    assert 900000 < taken <= 1000000, 'as much as was allowed'
    exact = Decoder(coding, len(DATA))
    assert (sum(len(piece) for piece in exact.feed(compress(DATA, coding)))
            == len(DATA)), 'the limit itself fits'


def test_bomb_in_a_bomb():
    """Codings on top of each other are bounded too, and so is their number."""
    bomb = compress(compress(b'\0' * 30000000, b'gzip'), b'gzip')
    with pytest.raises(RemoteProtocolError):
        for _ in Decoder(b'gzip, gzip', 1000000).feed(bomb):
            pass
    with pytest.raises(RemoteProtocolError):
        Decoder(b'gzip, gzip, gzip')


def _flipped(at, coding=b'gzip'):
    data = bytearray(compress(DATA, coding))
    data[at] ^= 0xff
    return bytes(data)


@pytest.mark.parametrize('coding, data', [
    (b'gzip', b'garbage'), (b'gzip', b'\x1f\x8b\x09' + b'\0' * 20),
    (b'gzip', b'\x1f\x8b\x08\xff' + b'\0' * 20),
    (b'gzip', _flipped(-1)), (b'gzip', _flipped(-5)), (b'gzip', compress(DATA, b'gzip') + b'more'),
    (b'deflate', b'\xff\xff\xff'),
    (b'deflate', _flipped(-1, b'deflate')), (b'deflate', b'\x78\xbb' + b'\0' * 20),
    (b'gzip', b'\x1f\x8b\x08\x08\0\0\0\0\0\xff' + b'n' * (MAX_GZIP_HEADER + 1))], ids=short)
def test_broken_data_is_a_fault_of_the_peer(coding, data):
    """Broken data is reported as the peer's fault, whichever error the module raises."""
    with pytest.raises(RemoteProtocolError):
        decoder = Decoder(coding)
        for _ in decoder.feed(data):
            pass
        decoder.finish()


@pytest.mark.parametrize('coding', DECODABLE)
def test_garbage_never_does_anything_else(coding):
    """Random octets, and samples with random octets changed: an error or an output, within the
    limit.
    """
    rng = random.Random(23)
    sample = compress(b'some text ' * 300, coding)
    for _ in range(200):
        data = bytearray(sample)
        for _ in range(rng.randrange(1, 5)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        decoder = Decoder(coding, 100000)
        try:
            for _ in decoder.feed(bytes(data)):
                pass
            decoder.finish()
        except RemoteProtocolError:
            pass


def test_an_unknown_coding_is_an_error():
    """An unknown coding is reported."""
    with pytest.raises(RemoteProtocolError):
        Decoder(b'compress')


def test_data_behind_deflate_are_dropped():
    """Nothing can follow a deflate stream; what does is dropped, as browsers do."""
    decoder = Decoder(b'deflate')
    assert b''.join(decoder.feed(compress(b'abc', b'deflate') + b'junk')) == b'abc', 'deflate'
    decoder.finish()
