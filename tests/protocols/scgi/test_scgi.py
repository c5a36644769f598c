# Copyright the carryall authors.  See LICENSE.
"""SCGI: heads there and back, an application behind a server, the gateway to one."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols.scgi import (SCGIError, SCGIServer, Settings, connect, format_head,
                                     parse_head)
from tests.protocols.cgi.onerequest import OneRequestTests, body_of, echo, whole
from tests.protocols.http.ids import short

MOST = 1000
VARIABLES = [(b'CONTENT_LENGTH', b'5'), (b'SCGI', b'1'), (b'REQUEST_METHOD', b'POST'),
             (b'REQUEST_URI', b'/x?y')]
CONTENT = b''.join(b'%s\0%s\0' % pair for pair in VARIABLES)
HEAD = b'%d:%s,' % (len(CONTENT), CONTENT)


def test_a_head_is_read_with_what_follows_it():
    assert parse_head(HEAD + b'hello', MOST) == (VARIABLES, b'hello')


@pytest.mark.parametrize('size', range(len(HEAD)))
def test_a_head_that_is_cut_is_waited_for(size):
    assert parse_head(HEAD[:size], MOST) is None


def netstring(*words):
    """A head with these words, each with a NUL behind it."""
    content = b''.join(word + b'\0' for word in words)
    return b'%d:%s,' % (len(content), content)


LENGTH = (b'CONTENT_LENGTH', b'5')
VERSION = (b'SCGI', b'1')


@pytest.mark.parametrize('data', [
    b'x', b'-1:', b'01:x,', b':,', b'1001:', b'9999999999', b'3:abc;', b'2:ab,', b'0:,',
    netstring(*LENGTH), netstring(*VERSION + LENGTH), netstring(*LENGTH + (b'SCGI', b'2')),
    netstring(b'CONTENT_LENGTH', b'x', *VERSION), netstring(*LENGTH + VERSION + (b'A',)),
    netstring(*LENGTH + VERSION + (b'A', b'1', b'A', b'2')),
    netstring(*LENGTH + VERSION + (b'', b'x'))], ids=short)
def test_a_malformed_head_is_refused(data):
    with pytest.raises(SCGIError):
        parse_head(data, MOST)


def test_a_head_that_we_write_is_read():
    pairs = [(b'REQUEST_METHOD', b'GET'), (b'X', b'')]
    found, rest = parse_head(format_head(pairs), MOST)
    assert found[0] == (b'CONTENT_LENGTH', b'0')
    assert sorted(found[2:]) == pairs
    assert rest == b''


def test_a_length_that_is_given_is_the_first():
    found = parse_head(format_head([(b'A', b'1'), (b'CONTENT_LENGTH', b'7')]), MOST)[0]
    assert found[:2] == [(b'CONTENT_LENGTH', b'7'), (b'SCGI', b'1')]


class TestConnections(OneRequestTests):
    """An SCGI application behind a server."""

    settings = Settings

    def server(self, *args):
        return SCGIServer(*args)

    def head(self, pairs):
        return format_head(pairs)


def test_client_and_server_understand_each_other():
    loop = VirtualLoop()
    listener = loop.listen_tcp(lambda: SCGIServer(echo, loop), '127.0.0.1', 0)
    data = bytes(bytearray(range(256))) * 1000
    client = loop.run_until(connect(loop, '127.0.0.1', listener.address.port))
    response = loop.run_until(client.request(
        [(b'REQUEST_METHOD', b'POST'), (b'CONTENT_LENGTH', b'%d' % len(data))], body_of(data)))
    assert whole(loop, response) == data


def test_a_server_that_sends_rubbish_is_cut_off():
    loop = VirtualLoop()
    transport = FakeTransport(loop)
    transport.connect(SCGIServer(echo, loop))
    transport.feed(b'GET / HTTP/1.1\r\n')
    loop.advance(0.1)
    assert transport.closed
