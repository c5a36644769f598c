# Copyright the carryall authors.  See LICENSE.
"""HTTP CONNECT (RFC 9110 section 9.3.6)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.codec.buffer import ReceiveBuffer
from carryall.core.errors import RemoteProtocolError
from carryall.protocols.socks.httpconnect import (MAX_HEAD, format_connect, format_response,
                                                  maybe_head, maybe_response)


def read(data):
    for length in range(len(data)):
        assert maybe_head(ReceiveBuffer(data[:length])) is None, 'after %d octets' % length
    buffered = ReceiveBuffer(data + b'rest')
    status, request, login = maybe_head(buffered)
    assert buffered.take_all() == b'rest'
    return status, request and (request.host, request.port), login


@pytest.mark.parametrize('line, host, port', [
    (b'CONNECT host.example:443 HTTP/1.1', 'host.example', 443),
    (b'CONNECT 192.0.2.7:80 HTTP/1.0', '192.0.2.7', 80),
    (b'CONNECT [2001:db8::1]:80 HTTP/1.1', '2001:db8::1', 80),
    (b'CONNECT [0:0:0:0:0:0:0:1]:80 HTTP/1.1', '::1', 80)])
def test_a_connect_request_names_the_target(line, host, port):
    assert read(line + b'\r\nHost: x\r\n\r\n') == (200, (host, port), None)


@pytest.mark.parametrize('line, status', [
    (b'GET http://host.example/ HTTP/1.1', 405), (b'CONNECT host.example HTTP/1.1', 400),
    (b'CONNECT host:0 HTTP/1.1', 400),
    (b'CONNECT host:65536 HTTP/1.1', 400), (b'CONNECT ann@host:80 HTTP/1.1', 400),
    (b'CONNECT :80 HTTP/1.1', 400),
    (b'CONNECT host:80 HTTP/2.0', 400), (b'CONNECT  host:80 HTTP/1.1', 400), (b'CONNECT', 400),
    (b'CONNECT http://host/ HTTP/1.1', 400), (b'CONNECT ' + b'h' * 256 + b':80 HTTP/1.1', 400)])
def test_a_bad_request_has_its_status(line, status):
    assert read(line + b'\r\n\r\n') == (status, None, None)


@pytest.mark.parametrize('value, login', [
    (b'Basic YW5uOnNlY3JldA==', (b'ann', b'secret')),
    (b'basic  YW5uOnNlY3JldA==', (b'ann', b'secret')),
    (b'Basic YW5u', None), (b'Bearer YW5uOnNlY3JldA==', None), (b'Basic !', None),
    (b'Basic ' + b'A' * 2000, None)])
def test_credentials_are_read_from_the_field(value, login):
    assert read(b'CONNECT h:1 HTTP/1.1\r\nProxy-Authorization: ' + value + b'\r\n\r\n') \
        == (200, ('h', 1), login)


def test_a_head_without_end():
    with pytest.raises(RemoteProtocolError):
        maybe_head(ReceiveBuffer(b'CONNECT h:1 HTTP/1.1\r\n' + b'X: y\r\n' * 4000))


def test_responses_have_their_fields():
    assert format_response(200) == b'HTTP/1.1 200 Connection established\r\n\r\n'
    assert b'\r\nProxy-Authenticate: Basic ' in format_response(407) \
        and b'\r\nAllow: CONNECT\r\n' in format_response(405)
    for status in (200, 400, 403, 405, 407, 502, 503, 504):
        assert maybe_response(ReceiveBuffer(format_response(status))) == status
    assert maybe_response(ReceiveBuffer(b'HTTP/1.0 200\r\n\r\n')) == 200
    assert maybe_response(ReceiveBuffer(b'HTTP/1.1 200 OK\r\nVia: x\r\n')) is None
    for wrong in (b'HTTP/2 200\r\n\r\n', b'\5\0', b'HTTP/1.1 2000 x\r\n\r\n',
                  b'HTTP/1.1 +20 x\r\n\r\n', b'HTTP/1.1\r\n\r\n'):
        with pytest.raises(RemoteProtocolError):
            maybe_response(ReceiveBuffer(wrong))


def test_a_client_writes_a_connect_request():
    assert format_connect('h', 80) == b'CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n'
    assert read(format_connect('::1', 80, b'ann', b'secret' * 20)) \
        == (200, ('::1', 80), (b'ann', b'secret' * 20))


@pytest.mark.parametrize('more', range(-4, 5))
def test_a_long_head_is_answered_alike_however_it_is_cut(more):
    line = b'CONNECT h:1 HTTP/1.1\r\nX: '
    data = line + b'y' * (MAX_HEAD + more - len(line)) + b'\r\n\r\n'

    def outcome(cuts):
        for length in cuts:
            try:
                found = maybe_head(ReceiveBuffer(data[:length]))
            except RemoteProtocolError:
                return 'too long'
            if found is not None:
                return found[0]

    found = [outcome(range(MAX_HEAD - 10, len(data) + 1)), outcome([len(data)])]
    assert found == (['too long'] * 2 if more > 0 else [200] * 2)
