# Copyright the carryall authors.  See LICENSE.
"""uwsgi: heads there and back, an application behind a server, the gateway to one."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import VirtualLoop
from carryall.protocols.uwsgi import (Settings, UWSGIError, UWSGIServer, connect, format_head,
                                      parse_head)
from tests.protocols.cgi.onerequest import OneRequestTests, body_of, echo, whole
from tests.protocols.http.ids import short


def test_a_head_is_read_with_what_follows_it():
    assert parse_head(b'\0\x0a\0\0\x03\0one\x03\x002 3hello') == ([(b'one', b'2 3')], b'hello')


@pytest.mark.parametrize('pairs', [[], [(b'one', b'1'), (b'two', b'')],
                                   [(b'long', b'x' * 60000)]], ids=['none', 'two', 'long'])
def test_a_head_comes_back(pairs):
    assert parse_head(format_head(pairs) + b'rest') == (pairs, b'rest')


@pytest.mark.parametrize('size', range(len(format_head([(b'one', b'1')]))))
def test_a_head_that_is_cut_is_waited_for(size):
    assert parse_head(format_head([(b'one', b'1')])[:size]) is None


@pytest.mark.parametrize('data', [
    b'\x05', b'GET /', b'\0\x01\0\0\x01', b'\0\x03\0\0\x02\0x', b'\0\x03\0\0\x01\0x',
    b'\0\x02\0\0\x01\0'], ids=short)
def test_a_malformed_head_is_refused(data):
    with pytest.raises(UWSGIError):
        parse_head(data)


def test_a_head_may_not_be_longer_than_the_limit():
    assert parse_head(b'\0\x64\0\0', 100) is None
    with pytest.raises(UWSGIError):
        parse_head(b'\0\x65\0\0', 100)


@pytest.mark.parametrize('pairs', [[(b'a', b'x' * 65536)], [(b'a', b'x' * 40000)] * 2],
                         ids=['word', 'all'])
def test_variables_that_no_packet_holds_are_not_sent(pairs):
    with pytest.raises(UWSGIError):
        format_head(pairs)


class TestConnections(OneRequestTests):
    """A uwsgi application behind a server."""

    settings = Settings
    status = b'HTTP/1.1'

    def server(self, *args):
        return UWSGIServer(*args)

    def head(self, pairs):
        return format_head(pairs)


def test_client_and_server_understand_each_other():
    loop = VirtualLoop()
    listener = loop.listen_tcp(lambda: UWSGIServer(echo, loop), '127.0.0.1', 0)
    data = bytes(bytearray(range(256))) * 1000
    client = loop.run_until(connect(loop, '127.0.0.1', listener.address.port))
    response = loop.run_until(client.request(
        [(b'REQUEST_METHOD', b'POST'), (b'CONTENT_LENGTH', b'%d' % len(data))], body_of(data)))
    assert whole(loop, response) == data
