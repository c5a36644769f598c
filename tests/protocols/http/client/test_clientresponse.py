# Copyright the carryall authors.  See LICENSE.
"""ClientResponse: reading, decoding, bombs, and taking up a download again."""
from __future__ import absolute_import, division, print_function

import zlib

import pytest

from carryall.core.errors import ConnectionLost, RemoteProtocolError
from carryall.protocols.http.client.clientresponse import resume_fields, resumes_at, validator
from carryall.protocols.http.fields.headerfields import Headers
from tests.protocols.http.client.client_kit import OK, World, reply, ways


def gzipped(data):
    coder = zlib.compressobj(9, zlib.DEFLATED, 31)
    return coder.compress(data) + coder.flush()


def coded(data, coding=b'gzip'):
    return reply(200, data, (b'Content-Encoding', coding))


def test_compressed_bodies_are_decoded():
    """Compression is asked for and undone, at every chunking."""
    text = b'carryall ' * 1000
    for way in ways():
        world = World([coded(gzipped(text))], way)
        response = world.get()
        assert response.decoded
        assert response.length == len(gzipped(text))
        assert world.body(response) == text, way
        assert b'Accept-Encoding: ' in world.requests[0]
        assert b'gzip' in world.requests[0]
        assert world.client.pool.idle() == 1


def test_read_gives_no_more_than_the_maximum():
    """read(n) gives no more than n, decoded or not."""
    world = World([coded(gzipped(b'abcdefgh')), reply(200, b'abcdefgh')])
    for _ in range(2):
        response = world.get()
        pieces = []
        while not pieces or pieces[-1]:
            pieces.append(world.run(response.read(3)))
        assert pieces == [b'abc', b'def', b'gh', b'']


def test_a_raw_body_is_not_decoded():
    """The body is not decoded if the caller asked for the raw body, for a part, or chose the
    codings."""
    data = gzipped(b'x')
    for options in ({'decode': False}, {'headers': [('Range', 'bytes=0-')]},
                    {'headers': [('Accept-Encoding', 'gzip')]}):
        assert World([coded(data)]).fetch(**options)[1] == data


def test_a_bomb_stops_at_the_limit():
    """A kilobyte that becomes ten megabytes stops at the limit, and the connection is cut."""
    world = World([b'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 999999\r\n\r\n' +
                   gzipped(b'\0' * (10 << 20))], decoded_bytes=1 << 20)
    response = world.get()
    total = [0]

    def read_on(piece):
        total[0] += len(piece)
        return response.read().then(read_on) if piece else None

    with pytest.raises(RemoteProtocolError):
        world.run(response.read().then(read_on))
    assert total[0] <= 1 << 20
    assert len(world.client.pool) == 0


@pytest.mark.parametrize('data,coding',
                         [(b'garbage', b'gzip'), (gzipped(b'x' * 100)[:-5], b'gzip'),
                          (b'x', b'unheard-of'),
                                         (b'x', b'gzip, gzip, gzip')])
def test_a_broken_coding_is_an_error(data, coding):
    """Broken, cut short, unknown, too many."""
    World([coded(data, coding)]).fails(RemoteProtocolError)


def test_head_with_coding():
    """HEAD has the field and no body."""
    world = World([b'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 99\r\n\r\n'])
    assert world.body(world.run(world.client.request('HEAD', 'http://host.example/'))) == b''


def test_read_all_limit():
    """More than was allowed is an error and ends the connection."""
    world = World([reply(200, b'12345'), reply(200, b'12345')])
    assert world.body(world.get(), 5) == b'12345'
    with pytest.raises(RemoteProtocolError):
        world.body(world.get(), 4)


def test_close_cuts_the_connection_of_an_unread_body():
    """Doing without the rest cuts the connection; doing so after the end does nothing."""
    world = World([OK[:-1], OK])
    response = world.get()
    reading = response.read_all(9)
    response.close()
    assert isinstance(reading.exception(), ConnectionLost)
    assert len(world.client.pool) == 0
    response = world.get()
    assert world.body(response) == b'ok'
    response.close()
    assert world.client.pool.idle() == 1


def test_a_small_rest_is_discarded_by_reading():
    """A small rest is read away, a large one is not."""
    for answer, idle in ((reply(200, b'x' * 100), 1), (reply(200, b'x' * 100000), 0),
                         ([b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n' + b'3e8\r\n'
                           + b'x' * 1000 + b'\r\n', 0], 0)):
        world = World([answer], way='random 0 of seed 20020707')
        world.get().discard(500)
        world.loop.advance()
        assert world.client.pool.idle() == idle
        assert len(world.client.pool) == idle


DATED = (b'Last-Modified', b'Sun, 06 Nov 1994 08:49:37 GMT')


@pytest.mark.parametrize('fields,expected', [
    ([(b'ETag', b'"x"')], b'"x"'), ([(b'ETag', b'W/"x"')], None),
    ([(b'ETag', b'W/"x"'), DATED], None), ([(b'ETag', b'x')], None),
    ([DATED], None), ([DATED, (b'Date', b'Sun, 06 Nov 1994 08:49:37 GMT')], None),
    ([DATED, (b'Date', b'Sun, 06 Nov 1994 08:49:38 GMT')], DATED[1]),
    ([(b'ETag', b'"x"'), DATED], b'"x"'), ([], None)])
def test_only_a_strong_validator_is_used(fields, expected):
    """Only what is strong (RFC 9110 section 13.1.5)."""
    assert validator(Headers(fields)) == expected


def test_resuming_asks_for_an_uncompressed_range():
    """Range, If-Range, and nothing compressed."""
    assert (resume_fields(5, b'"x"')
            == [(b'Range', b'bytes=5-'), (b'Accept-Encoding', b'identity'), (b'If-Range', b'"x"')])
    assert len(resume_fields(5, None)) == 2


@pytest.mark.parametrize('status,content_range,expected', [
    (200, None, 0), (206, b'bytes 5-9/10', 5), (206, b'bytes 5-9/*', 5),
    (206, b'bytes 4-9/10', None), (206, None, None),
    (206, b'bytes 5-9/9', None), (416, b'bytes */5', 5), (416, b'bytes */9', None),
    (416, None, None), (404, None, None)])
def test_resumes_at_tells_rest_whole_or_error(status, content_range, expected):
    """The rest, the whole, or an error."""
    fields = [(b'Content-Range', content_range)] if content_range else []
    response = World([reply(status, b'', *fields)]).get()
    if expected is None:
        with pytest.raises(RemoteProtocolError):
            resumes_at(response, 5)
    else:
        assert resumes_at(response, 5) == expected
