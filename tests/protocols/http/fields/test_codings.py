# Copyright the carryall authors.  See LICENSE.
"""Which coding is agreed on, and compressing (RFC 9110 section 12.5.3)."""
from __future__ import absolute_import, division, print_function

import gzip
import io
import zlib

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.protocols.http.fields import codings
from tests.protocols.http.ids import short

OURS = (b'br', b'gzip')


@pytest.mark.parametrize('value, expected', [
    (None, (b'identity',)), (b'', (b'identity',)), (b'gzip', (b'gzip', b'identity')),
    (b'x-gzip', (b'gzip', b'identity')),
    (b'GZIP, BR', (b'br', b'gzip', b'identity')),
    (b'gzip;q=1.0, br;q=0.5', (b'gzip', b'br', b'identity')),
    (b'gzip;q=0', (b'identity',)), (b'*', (b'br', b'gzip', b'identity')), (b'*;q=0', ()),
    (b'gzip, *;q=0', (b'gzip',)),
    (b'identity;q=0', ()), (b'gzip, identity;q=0', (b'gzip',)),
    (b'identity, gzip;q=0.5', (b'identity', b'gzip')),
    (b'identity;q=0.5, gzip;q=0.5', (b'gzip', b'identity')),
    (b'identity;q=0.5, *;q=0', (b'identity',)),
    (b'br;q=0, *', (b'gzip', b'identity')), (b'gzip;q=junk', (b'identity',)),
    (b'gzip;q=0.5;q=1', (b'gzip', b'identity')),
    (b'compress, deflate', (b'identity',)), (b'gzip;q=0, gzip', (b'identity',)),
    (b'ga rbage', (b'identity',)),
    (b'gzip ; Q=0.2 , br', (b'br', b'gzip', b'identity')), (b',' * 1000 + b'gzip', (b'identity',))],
                         ids=short)
def test_codings_are_agreed_on_by_weight(value, expected):
    """Codings that the client accepts, best first; identity is last unless the client says
    otherwise."""
    assert codings.rank_codings(value, OURS) == expected, value
    assert (codings.choose_coding(value, OURS)
            == (expected[0] if expected else None)), 'the first of them'


@pytest.mark.parametrize('value, expected', [
    (b'gzip;q=0.8, br', [(b'gzip', 800), (b'br', 1000)]), (b'', []), (b'a b', []),
    (b'gzip;q=2', []), (b'*;q=0.1', [(b'*', 100)])])
def test_accept_encoding_is_parsed(value, expected):
    """The pairs that it has, without what is not the grammar."""
    assert codings.parse_accept_encoding(value) == expected, value


def test_accept_encoding_is_bounded():
    """As many members as allowed, and one more."""
    assert (len(codings.parse_accept_encoding(b','.join([b'gzip'] * codings.MAX_MEMBERS)))
            == codings.MAX_MEMBERS), 'what fits'
    assert (codings.parse_accept_encoding(b','.join([b'gzip'] * (codings.MAX_MEMBERS + 1)))
            is None), 'one more'


DATA = b''.join(b'%d bottles of beer ' % number for number in range(5000))


def test_gzip_is_what_others_read():
    """One member that the standard library takes, however it was cut."""
    for cuts in ([DATA], [DATA[at:at + 1000] for at in range(0, len(DATA), 1000)],
                 [b'', DATA, b'']):
        body = codings.CompressedBody(cuts, b'gzip')
        data = b''.join(body)
        assert gzip.GzipFile(fileobj=io.BytesIO(data)).read() == DATA, len(cuts)
        assert len(data) < len(DATA) // 3, 'it is smaller'
    assert (gzip.GzipFile(fileobj=io.BytesIO(codings.compress(b'', b'gzip'))).read()
            == b''), 'nothing'


def test_deflate_has_its_wrapper():
    """deflate is zlib's format (RFC 9110 section 8.4.1.2)."""
    assert zlib.decompress(codings.compress(DATA, b'deflate')) == DATA, 'deflate'


def test_output_comes_as_input_goes():
    """A long stream is not kept: pieces come out before the input is used up."""
    taken = []

    def pieces():
        for number in range(200):
            taken.append(number)
            yield zlib.compress(b'%d' % number) * 50

    body = codings.CompressedBody(pieces(), b'gzip')
    assert next(body), 'a first piece'
    assert len(taken) < 200, 'it did not wait for the end'


def test_close_reaches_the_source():
    """Also when nothing was taken."""
    class Source(object):
        closed = False

        def __iter__(self):
            return iter([b'a'])

        def close(self):
            self.closed = True

    source = Source()
    body = codings.CompressedBody(source, b'gzip')
    body.close()
    assert source.closed, 'closed'
    assert list(body) == [], 'and over'


def test_an_unknown_coding_is_refused():
    """An unknown coding is refused by name."""
    with pytest.raises(LocalProtocolError):
        codings.compressor(b'zip')
    assert b'gzip' in codings.CODINGS, 'these are always there'
    assert b'deflate' in codings.CODINGS, 'these are always there'
