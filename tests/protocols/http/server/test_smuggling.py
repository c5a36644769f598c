# Copyright the carryall authors.  See LICENSE.
"""The smuggling matrix (HTS-03): each row is refused with 400, the connection ends, and what
follows is not taken up.

Every row is followed by a good request for ``/smuggled``.  It may be neither answered nor seen by
the application, however the bytes are cut.
"""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import FakeTransport, VirtualLoop, chunkings
from carryall.protocols.http import Response
from tests.protocols.http.stage import DATE, play, said, site

SMUGGLED = b'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'
BAD = said(b'400 Bad Request')


def head(*lines):
    """A POST with *lines* behind Host."""
    return b'\r\n'.join((b'POST / HTTP/1.1', b'Host: a') + lines) + b'\r\n\r\n'


def line(request_line):
    """A request with that first line."""
    return request_line + b'\r\nHost: a\r\n\r\n'


def coding(value, between=b' '):
    """A chunked request that says so in an unusual way."""
    return head(b'Transfer-Encoding:' + between + value) + b'0\r\n\r\n'


HEADS = [
    # -- Content-Length --------------------------------------------------------
    ('two lengths', head(b'Content-Length: 5', b'Content-Length: 6') + b'hello'),
    ('two equal lengths', head(b'Content-Length: 5', b'Content-Length: 5') + b'hello'),
    ('two lengths, one spelled otherwise',
     head(b'Content-Length: 5', b'content-LENGTH: 0') + b'hello'),
    ('list of lengths', head(b'Content-Length: 5, 5') + b'hello'),
    ('list of two lengths', head(b'Content-Length: 5, 6') + b'hello'),
    ('signed length', head(b'Content-Length: +5') + b'hello'),
    ('negative length', head(b'Content-Length: -5') + b'hello'),
    ('hexadecimal length', head(b'Content-Length: 0x5') + b'hello'),
    ('length with a digit of hexadecimal', head(b'Content-Length: a') + b'hello'),
    ('length with a blank in it', head(b'Content-Length: 1 0') + b'hello'),
    ('length with an underscore', head(b'Content-Length: 1_0') + b'hello'),
    ('length with a fraction', head(b'Content-Length: 5.0') + b'hello'),
    ('length with an exponent', head(b'Content-Length: 5e0') + b'hello'),
    ('empty length', head(b'Content-Length:') + b'hello'),
    ('quoted length', head(b'Content-Length: "5"') + b'hello'),
    ('length in other digits', head(b'Content-Length: \xd9\xa5') + b'hello'),
    ('length with a superscript', head(b'Content-Length: \xb2') + b'hello'),
    ('length behind a vertical tab', head(b'Content-Length: \x0b5') + b'hello'),
    ('length with a no-break space', head(b'Content-Length: \xa05') + b'hello'),
    # -- Transfer-Encoding -----------------------------------------------------
    ('length and coding', head(b'Content-Length: 5', b'Transfer-Encoding: chunked') + b'0\r\n\r\n'),
    ('coding and length', head(b'Transfer-Encoding: chunked', b'Content-Length: 5') + b'0\r\n\r\n'),
    ('coding does not end in chunked', coding(b'chunked, gzip')),
    ('another coding', coding(b'gzip')),
    ('no coding', coding(b'')),
    ('identity', coding(b'identity')),
    ('codings that end in chunked', coding(b'gzip, chunked')),
    ('chunked twice', coding(b'chunked, chunked')),
    ('chunked in two fields',
     head(b'Transfer-Encoding: chunked', b'Transfer-Encoding: chunked') + b'0\r\n\r\n'),
    ('chunked and identity in two fields',
     head(b'Transfer-Encoding: chunked', b'Transfer-Encoding: identity') + b'0\r\n\r\n'),
    ('coding behind a tab', coding(b'chunked', b'\t')),
    ('coding before a tab', coding(b'chunked\t')),
    ('coding in other case before a tab', coding(b'Chunked\t')),
    ('coding in capitals twice', coding(b'CHUNKED, Chunked')),
    ('coding in other case and identity', coding(b'Identity, Chunked')),
    ('coding in a list', coding(b'chunked,')),
    ('coding in a list with an empty member', coding(b', chunked')),
    ('coding behind a vertical tab', coding(b'\x0bchunked')),
    ('coding before a vertical tab', coding(b'chunked\x0b')),
    ('coding behind a form feed', coding(b'\x0cchunked')),
    ('coding behind NUL', coding(b'\x00chunked')),
    ('coding behind a no-break space', coding(b'\xa0chunked')),
    ('quoted coding', coding(b'"chunked"')),
    ('coding with a parameter', coding(b'chunked;q=1')),
    ('a word that begins with chunked', coding(b'chunkedx')),
    ('a word that ends in chunked', coding(b'xchunked')),
    ('coding in HTTP/1.0', b'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
    ('blank before the colon of the coding', head(b'Transfer-Encoding : chunked') + b'0\r\n\r\n'),
    ('name of the coding with an underscore and a control',
     head(b'Transfer\x0bEncoding: chunked') + b'0\r\n\r\n'),
    # -- lines -----------------------------------------------------------------
    ('bare LF ends the request line', b'GET / HTTP/1.1\nHost: a\r\n\r\n'),
    ('bare LF ends a field', head(b'X: y\nTransfer-Encoding: chunked') + b'0\r\n\r\n'),
    ('bare LF ends the head', b'GET / HTTP/1.1\r\nHost: a\r\n\n'),
    ('bare LF everywhere', b'GET / HTTP/1.1\nHost: a\n\n'),
    ('bare LF begins', b'\nGET / HTTP/1.1\r\nHost: a\r\n\r\n'),
    ('bare CR in the request line', line(b'GET /\r HTTP/1.1')),
    ('bare CR for a blank', line(b'GET\r/ HTTP/1.1')),
    ('bare CR begins', line(b'\rGET / HTTP/1.1')),
    ('bare CR in a field', head(b'X: y\rTransfer-Encoding: chunked') + b'0\r\n\r\n'),
    ('bare CR ends a field', head(b'X: y\r\r') + b''),
    ('bare CR in a name', head(b'X\rY: z')),
    ('CR CR LF', b'GET / HTTP/1.1\r\r\nHost: a\r\n\r\n'),
    ('LF CR', b'GET / HTTP/1.1\n\rHost: a\n\r\n\r'),
    ('two empty lines before', b'\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n'),
    # -- fields ----------------------------------------------------------------
    ('blank before the colon', head(b'X : y')),
    ('tab before the colon', head(b'X\t: y')),
    ('blank before the first name', b'GET / HTTP/1.1\r\n Host: a\r\n\r\n'),
    ('fold', head(b'X: y', b' z')),
    ('fold with a tab', head(b'X: y', b'\tz')),
    ('fold in the coding', head(b'Transfer-Encoding:', b' chunked') + b'0\r\n\r\n'),
    ('fold of nothing', head(b'X: y', b' ')),
    ('NUL in a value', head(b'X: y\x00z')),
    ('NUL in a name', head(b'X\x00Y: z')),
    ('DEL in a value', head(b'X: y\x7f')),
    ('escape in a value', head(b'X: \x1b[31m')),
    ('no colon', head(b'X')),
    ('no name', head(b': x')),
    ('octets above 127 in a name', head(b'\xc3\x84: x')),
    ('parentheses in a name', head(b'X(Y): z')),
    ('a request line among the fields', head(b'GET /smuggled HTTP/1.1')),
    # -- request line ----------------------------------------------------------
    ('no version', line(b'GET /')),
    ('only a method', line(b'GET')),
    ('two blanks', line(b'GET  / HTTP/1.1')),
    ('tab for a blank', line(b'GET\t/ HTTP/1.1')),
    ('blank in the target', line(b'GET /a b HTTP/1.1')),
    ('blank at the end', line(b'GET / HTTP/1.1 ')),
    ('blank at the beginning', line(b' GET / HTTP/1.1')),
    ('version in small letters', line(b'GET / http/1.1')),
    ('version of one number', line(b'GET / HTTP/1')),
    ('version of two digits', line(b'GET / HTTP/1.10')),
    ('signed version', line(b'GET / HTTP/+1.1')),
    ('name of another protocol', line(b'GET / HTTPS/1.1')),
    ('delimiter in the method', line(b'GE(T / HTTP/1.1')),
    ('control in the method', line(b'GE\x01T / HTTP/1.1')),
    ('octet above 127 in the method', line(b'G\xcbT / HTTP/1.1')),
    ('NUL in the target', line(b'GET /\x00 HTTP/1.1')),
    ('DEL in the target', line(b'GET /\x7f HTTP/1.1')),
    ('octet above 127 in the target', line(b'GET /\xe4 HTTP/1.1')),
    ('quote in the target', line(b'GET /" HTTP/1.1')),
    ('angle in the target', line(b'GET /<x> HTTP/1.1')),
    ('backslash in the target', line(b'GET /\\x HTTP/1.1')),
    ('fragment in the target', line(b'GET /#x HTTP/1.1')),
    ('bad percent in the path', line(b'GET /%2 HTTP/1.1')),
    ('target without a slash', line(b'GET x HTTP/1.1')),
    ('asterisk for another method', line(b'GET * HTTP/1.1')),
    ('authority for another method', line(b'GET a:80 HTTP/1.1')),
    # -- Host ------------------------------------------------------------------
    ('no Host', b'GET / HTTP/1.1\r\n\r\n'),
    ('two Hosts', b'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'),
    ('two equal Hosts', b'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n'),
    ('empty Host', b'GET / HTTP/1.1\r\nHost:\r\n\r\n'),
    ('Host with a blank', b'GET / HTTP/1.1\r\nHost: a b\r\n\r\n'),
    ('Host with a path', b'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n'),
    ('Host with a user', b'GET / HTTP/1.1\r\nHost: u@a\r\n\r\n'),
    ('Host with a bad port', b'GET / HTTP/1.1\r\nHost: a:x\r\n\r\n'),
    ('Host with a port too great', b'GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n'),
    ('absolute-form and a Host with a blank', b'GET http://a/ HTTP/1.1\r\nHost: a b\r\n\r\n'),
    ('absolute-form and two Hosts', b'GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n'),
    ('absolute-form with a user', b'GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n'),
    ('absolute-form without Host', b'GET http://a/ HTTP/1.1\r\n\r\n'),
    # -- other protocols -------------------------------------------------------
    ('TLS', b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'),
    ('a line of mail', b'EHLO a\r\n'),
]

CHUNKS = [
    ('size with 0x', b'0x5\r\nhello\r\n0\r\n\r\n'),
    ('signed size', b'+5\r\nhello\r\n0\r\n\r\n'),
    ('negative size', b'-5\r\nhello\r\n0\r\n\r\n'),
    ('blank before the size', b' 5\r\nhello\r\n0\r\n\r\n'),
    ('blank behind the size', b'5 \r\nhello\r\n0\r\n\r\n'),
    ('underscore in the size', b'0_5\r\nhello\r\n0\r\n\r\n'),
    ('no size', b'\r\nhello\r\n0\r\n\r\n'),
    ('size that is no number', b'hello\r\n0\r\n\r\n'),
    ('size beyond all', b'8000000000000000\r\nhello\r\n0\r\n\r\n'),
    ('size beyond all numbers', b'1' + b'0' * 40 + b'\r\nhello\r\n0\r\n\r\n'),
    ('bare LF ends the size', b'5\nhello\r\n0\r\n\r\n'),
    ('bare CR ends the size', b'5\rhello\r\n0\r\n\r\n'),
    ('CR in an extension', b'5;a\rb\r\nhello\r\n0\r\n\r\n'),
    ('LF in a quoted extension', b'5;a="\n"\r\nhello\r\n0\r\n\r\n'),
    ('NUL in an extension', b'5;a=\x00\r\nhello\r\n0\r\n\r\n'),
    ('extension without a name', b'5;\r\nhello\r\n0\r\n\r\n'),
    ('bare LF ends the data', b'5\r\nhello\n0\r\n\r\n'),
    ('bare CR ends the data', b'5\r\nhello\r0\r\n\r\n'),
    ('data longer than its size', b'5\r\nhello, world\r\n0\r\n\r\n'),
    ('data that ends in other octets', b'5\r\nhelloXX0\r\n\r\n'),
    ('data that ends in CR and another octet', b'5\r\nhello\rX0\r\n\r\n'),
    ('bare LF ends the body', b'0\r\n\n'),
    ('bare LF ends a trailer', b'0\r\nX: y\n\r\n'),
    ('fold in a trailer', b'0\r\nX: y\r\n z\r\n\r\n'),
    ('blank before the colon of a trailer', b'0\r\nX : y\r\n\r\n'),
    ('a trailer that is no field', b'0\r\nGET /smuggled HTTP/1.1\r\n\r\n'),
    ('a length in the trailers', b'0\r\nContent-Length: 5\r\n\r\n'),
    ('a coding in the trailers', b'0\r\nTransfer-Encoding: chunked\r\n\r\n'),
    ('a Host in the trailers', b'0\r\nHost: b\r\n\r\n'),
]


def reading(request):
    """Answers when the body is complete, and never to what was smuggled."""
    assert request.path != b'/smuggled', 'it went through'
    return request.body.read_all(100).then(lambda body: Response(200, body=body))


@pytest.mark.parametrize('data', [data for _, data in HEADS], ids=[name for name, _ in HEADS])
def test_an_ambiguous_head_is_refused(data):
    """The head is refused before the application is asked."""
    def app(request):
        raise AssertionError('the application was asked for %r' % (request.target,))
    assert play(site(app), data + SMUGGLED, BAD) == BAD


@pytest.mark.parametrize('data', [data for _, data in CHUNKS], ids=[name for name, _ in CHUNKS])
def test_ambiguous_chunks_are_refused(data):
    """The body is refused though the application is already reading it."""
    data = head(b'Transfer-Encoding: chunked') + data
    assert play(site(reading), data + SMUGGLED, BAD) == BAD


def test_after_good_requests():
    """Requests before the bad one are answered; none behind it is."""
    good = b'GET /1 HTTP/1.1\r\nHost: a\r\n\r\n'
    answer = b'HTTP/1.1 200 OK\r\n' + DATE + b'Content-Length: 5\r\n\r\nhello'
    for _, data in HEADS[::7]:
        play(site(), good * 3 + data + SMUGGLED, answer * 3 + BAD)


def test_the_connection_ends():
    """It says so, closes its side, takes nothing up, and is gone when the client goes, or a little
    later.
    """
    for name, pieces in chunkings(HEADS[0][1] + SMUGGLED):
        for leaves in (True, False):
            loop = VirtualLoop()
            wire = FakeTransport(loop)
            wire.connect(site()(loop))
            for piece in pieces:
                wire.feed(piece)
            assert wire.take() == BAD, name
            assert wire.eof_written, name
            assert not wire.closed, name
            if leaves:
                wire.feed_eof()
            else:
                loop.advance(7.0)
            loop.advance()
            assert wire.lost == [None], name
