# Copyright the carryall authors.  See LICENSE.
"""Media types by ending (RFC 9110 section 8.3)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import UsageError
from carryall.protocols.http.fields import mediatypes as m
from tests.protocols.http.ids import short


@pytest.mark.parametrize('name, expected', [
    (b'a.html', b'text/html; charset=utf-8'), (b'A.HTM', b'text/html; charset=utf-8'),
    (b'a.png', b'image/png'),
    (b'a.tar.gz', b'application/gzip'), (b'a.js', b'text/javascript; charset=utf-8'),
    (b'a.json', b'application/json'),
    (b'a.svg', b'image/svg+xml'), (b'a.wasm', b'application/wasm'), (b'a', m.BINARY),
    (b'a.', m.BINARY), (b'.html', m.BINARY),
    (b'a.unknown', m.BINARY), (b'html', m.BINARY), (b'', m.BINARY),
    (b'a.b.css', b'text/css; charset=utf-8'),
    (b'\xff.txt', b'text/plain; charset=utf-8')])
def test_the_ending_decides_the_type(name, expected):
    """By the last ending, without regard to case."""
    assert m.MediaTypes().of(name) == expected, name


def test_table_is_in_order():
    """Every row is a type, each ending stands once, and they are as many as one thinks."""
    rows = [line.split() for line in m._TABLE.splitlines() if line]
    endings = [ending for row in rows for ending in row[1:]]
    assert all(m.is_media_type(row[0]) and len(row) > 1 for row in rows), 'types'
    assert len(set(endings)) == len(endings) > 200, 'endings'
    assert [row[0] for row in rows] == sorted(row[0] for row in rows), 'sorted'
    assert m._COMPRESSIBLE <= set(row[0] for row in rows), 'what is compressible is there'


def test_chosen_types_come_first():
    """One's own types come first; the default and the charset can be chosen."""
    types = m.MediaTypes({u'.X': u'text/x', b'png': b'image/x'}, u'text/html', None)
    assert types.of(b'a.x') == b'text/x', 'of text'
    assert types.of(b'a.png') == b'image/x', 'of bytes'
    assert types.of(b'a') == b'text/html', 'default'
    assert (m.MediaTypes([(u'x', u'text/x; Charset=koi8-r')], u'text/html', b'latin-1').of(b'a.x')
            == b'text/x; Charset=koi8-r'), 'has one'
    assert (m.MediaTypes((), u'text/html', b'latin-1').of(b'a')
            == b'text/html; charset=latin-1'), 'default with a charset'


@pytest.mark.parametrize('kind',
                         [u'', u'text', u'text/', u'/html', u'text/html\r\nX: y', u'a b/c',
                          u'\xe4/\xe4'])
def test_a_bad_type_is_refused(kind):
    """Text that cannot be a type is refused; it could split a header."""
    with pytest.raises(UsageError):
        m.MediaTypes({u'x': kind})
    with pytest.raises(UsageError):
        m.MediaTypes((), kind)


def test_mime_types_file():
    """As Apache and Debian have it."""
    found = m.read_mime_types(b'# comment\ntext/x  x .Y # more\r\n\nimage/z\ntext/w x\n')
    assert found == {b'x': b'text/w', b'y': b'text/x'}, 'endings'


@pytest.mark.parametrize('data', [b'junk x', b'text/x\x00 y', b'a' * (m.MAX_FILE_BYTES + 1),
                                  b'text/x '
                                  + b' '.join(b'e%d' % number for number
                                              in range(m.MAX_TYPES + 1))], ids=short)
def test_no_mime_types_file(data):
    """A file in another format, or too large, is refused."""
    with pytest.raises(UsageError):
        m.read_mime_types(data)


@pytest.mark.parametrize('kind, expected', [
    (b'text/html; charset=utf-8', True), (b'TEXT/PLAIN', True), (b'image/svg+xml', True),
    (b'application/ld+json', True),
    (b'application/json', True), (b'application/wasm', True), (b'image/png', False),
    (b'video/mp4', False), (b'application/zip', False),
    (b'application/octet-stream', False), (b'font/woff2', False)])
def test_compressed_types_are_not_compressible(kind, expected):
    """Types that are compressed already are not compressible."""
    assert m.is_compressible(kind) is expected, kind
