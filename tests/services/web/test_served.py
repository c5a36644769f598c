# Copyright the carryall authors.  See LICENSE.
"""Files through the engine: whole responses on the wire, pipelines, slow readers (HTS-10, 12;
X-07).
"""
from __future__ import absolute_import, division, print_function

import os
import re

import pytest

from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols.http import Site
from tests.protocols.http.ids import short
from tests.services.web.support import site, write

BIG = bytes(bytearray(range(256))) * 4096            # 1 MiB


@pytest.fixture
def wire(tmpdir):
    """A connection to a small site."""
    write(tmpdir, 'a.txt', b'hello')
    write(tmpdir, 'big.bin', BIG)
    write(tmpdir, 'big.txt', b'some text ' * 50000)
    loop = VirtualLoop()
    return FakeTransport(loop).connect(Site(site(tmpdir, gzip=True), loop)())


def _ask(target, more=b'', method=b'GET', version=b'1.1'):
    return method + b' ' + target + b' HTTP/' + version + b'\r\nHost: h\r\n' + more + b'\r\n'


def _heard(wire):
    wire.loop.advance(0.1)
    return wire.take()


def _split(data):
    head, _, body = data.partition(b'\r\n\r\n')
    return head + b'\r\n', body


@pytest.mark.parametrize('target, body', [(b'/a.txt', b'hello'), (b'/big.bin', BIG)], ids=short)
def test_whole_files_are_served_on_one_connection(wire, target, body):
    """The same head for GET and HEAD, three times on one connection."""
    heads = set()
    for method in (b'GET', b'HEAD', b'GET'):
        wire.feed(_ask(target, method=method))
        head, found = _split(_heard(wire))
        assert head.startswith(b'HTTP/1.1 200 OK\r\n'), method
        assert found == (body if method == b'GET' else b''), method
        assert b'\r\nContent-Length: %d\r\n' % len(body) in head, 'length'
        heads.add(b'\r\n'.join(sorted(line for line in head.split(b'\r\n')
                                      if not line.startswith(b'Date'))))
    assert len(heads) == 1, heads
    assert not wire.closed, heads


def test_parts_are_served_on_one_connection(wire):
    """206 with one part and with several, 416, 304: each with its length, and the connection
    lives.
    """
    wire.feed(_ask(b'/big.bin', b'Range: bytes=300-303\r\n'))
    head, body = _split(_heard(wire))
    assert b' 206 ' in head, 'one'
    assert b'\r\nContent-Length: 4\r\n' in head, 'one'
    assert body == BIG[300:304], 'one'
    wire.feed(_ask(b'/big.bin', b'Range: bytes=0-99999,200000-299999\r\n'))
    head, body = _split(_heard(wire))
    assert b'\r\nContent-Length: %d\r\n' % len(body) in head, 'several'
    assert BIG[:100000] in body, 'several'
    assert BIG[200000:300000] in body, 'several'
    wire.feed(_ask(b'/a.txt', b'Range: bytes=9-\r\n'))
    head, body = _split(_heard(wire))
    assert b' 416 ' in head, 'none'
    assert b'\r\nContent-Range: bytes */5\r\n' in head, 'none'
    wire.feed(_ask(b'/a.txt', b'If-None-Match: *\r\n') + _ask(b'/a.txt'))
    head, body = _split(_heard(wire))
    assert b' 304 ' in head, 'no body'
    assert b'Content-Length' not in head, 'no body'
    assert body.startswith(b'HTTP/1.1 200 OK'), 'no body'


def test_pipelined_requests_are_answered_in_order(wire):
    """In order, small and large mixed."""
    wire.feed(_ask(b'/big.bin') + _ask(b'/a.txt') + _ask(b'/none') + _ask(b'/a.txt', method=b'HEAD')
              + _ask(b'/a.txt'))
    data = b''
    for _ in range(10):
        data += _heard(wire)
    assert data.count(b'HTTP/1.1 ') == 5, 'all'
    assert data.endswith(b'hello'), 'all'
    assert BIG in data, 'all'
    statuses = re.findall(b'HTTP/1.1 ([0-9]+)', data.replace(BIG, b''))
    assert statuses == [b'200', b'200', b'404', b'200', b'200'], 'in order'


def test_compressed_on_the_way(wire):
    """Chunked for HTTP/1.1, until the end of the connection for 1.0."""
    wire.feed(_ask(b'/big.txt', b'Accept-Encoding: gzip\r\n'))
    head, body = _split(_heard(wire))
    assert b'\r\nTransfer-Encoding: chunked\r\n' in head, '1.1'
    assert body.endswith(b'\r\n0\r\n\r\n'), '1.1'
    assert not wire.closed, '1.1'
    wire.feed(_ask(b'/big.txt', b'Accept-Encoding: gzip\r\n', version=b'1.0'))
    head, body = _split(_heard(wire))
    assert b'Transfer-Encoding' not in head, '1.0'
    assert b'Content-Length' not in head, '1.0'
    assert wire.closed, '1.0'


@pytest.mark.parametrize('more',
                         [b'Range: bytes=0-499999,600000-\r\n', b'Accept-Encoding: gzip\r\n'])
def test_a_slow_reader_costs_no_memory(wire, more):
    """While the client does not read, no more is made than the transport takes."""
    wire.clog()
    wire.feed(_ask(b'/big.txt' if b'gzip' in more else b'/big.bin', more))
    wire.loop.advance(5)
    waiting = wire.get_write_buffer_size()
    assert waiting < 400000, 'bounded'
    wire.unclog()
    data = b''
    for _ in range(50):
        data += _heard(wire)
    assert data.endswith(b'--\r\n') or data.endswith(b'0\r\n\r\n'), 'and then all of it'


@pytest.mark.parametrize('more',
                         [b'', b'Range: bytes=0-499999,600000-\r\n', b'Accept-Encoding: gzip\r\n'])
def test_files_are_closed_when_the_client_goes(tmpdir, more):
    """In the middle of any kind of body."""
    write(tmpdir, 'big.txt', b'some text ' * 50000)
    app = site(tmpdir, gzip=True)
    opened = []
    real = app.tree.open

    def watched(located):
        fileobj, found = real(located)
        opened.append(fileobj)
        return fileobj, found

    app.tree.open = watched
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(Site(app, loop)())
    wire.clog()
    wire.feed(_ask(b'/big.txt', more))
    loop.advance(0.1)
    wire.lose()
    loop.advance(0.1)
    assert opened, 'closed'
    assert all(fileobj.closed for fileobj in opened), 'closed'


def test_file_that_shrinks_while_it_is_sent(tmpdir, expect_log):
    """The promised length cannot be kept: the connection is cut, and no other octets are sent in
    its place."""
    path = write(tmpdir, 'big.bin', BIG)
    app = site(tmpdir)
    real = app.tree.open

    def shrinks(located):
        found = real(located)
        with open(path, 'r+b') as out:
            out.truncate(1000)
        return found

    app.tree.open = shrinks
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(Site(app, loop)())
    expect_log('.', required=False)
    wire.feed(_ask(b'/big.bin'))
    loop.advance(1)
    assert wire.closed, 'cut'
    assert os.path.getsize(path) == 1000, 'cut'
