# Copyright the carryall authors.  See LICENSE.
"""The examples of resources, of a proxy and of a list of bugs run."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.files.filenames import ON_WINDOWS
from carryall.core.net.protocol import Protocol
from carryall.core.testing import VirtualLoop
from carryall.protocols.http import Response, Site
from tests.support.examples import EXAMPLES, application_of, example


class _Client(Protocol):
    """Gathers what comes."""

    heard = b''

    def data_received(self, data):
        self.heard += data


@pytest.mark.parametrize('target, status, body', [
    (b'/', b'200', b'<p>welcome</p>'), (b'/goods', b'200', b'<p>2 goods</p>'),
    (b'/goods/tea', b'200', b'<p>3 each</p>'), (b'/goods/gold', b'404', b'<p>sold out</p>'),
    (b'/health', b'204', b'')])
def test_the_tree_answers(monkeypatch, target, status, body):
    loop = VirtualLoop()
    example('resource_tree.py', loop, monkeypatch)
    client = _Client()
    loop.connect_tcp(lambda: client, '127.0.0.1', 7011).add_done_callback(
        lambda future: future.result()[0].write(
            b'GET %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n' % target))
    loop.advance(1.0)
    assert client.heard.startswith(b'HTTP/1.1 ' + status)
    assert client.heard.endswith(b'\r\n\r\n' + body)


def _sent(loop, port, data):
    """All that a server answers to *data*."""
    client = _Client()
    loop.connect_tcp(lambda: client, '127.0.0.1', port).add_done_callback(
        lambda future: future.result()[0].write(data))
    loop.advance(1.0)
    return client.heard


def test_a_bug_that_is_reported_is_listed(monkeypatch, tmpdir):
    monkeypatch.chdir(tmpdir)
    loop = VirtualLoop()
    application_of('bugs.tac').start(loop)
    get = b'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'
    assert b'<h1>0 bugs</h1>' in _sent(loop, 7012, get)
    form = b'title=%3Cb%3Eit+hangs'
    heard = _sent(loop, 7012, b'POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n'
                  b'Content-Type: application/x-www-form-urlencoded\r\n'
                  b'Content-Length: %d\r\n\r\n' % len(form) + form)
    assert heard.startswith(b'HTTP/1.1 200 ')
    assert b'<h1>1 bugs</h1><ol><li>&lt;b&gt;it hangs</ol>' in _sent(loop, 7012, get)


def test_the_list_of_bugs_is_a_program_of_its_own():
    path = os.path.join(EXAMPLES, 'bugs.tac')
    with open(path, 'rb') as source:
        assert source.readline() == b'#!/usr/bin/env -S twistd -noy\n'
    assert ON_WINDOWS or os.access(path, os.X_OK)


def _proxied(monkeypatch, method=b'GET', fields=b'', body=b'', target=b'http://127.0.0.1:7099/x'):
    """(what the server saw, what the client of the proxy heard)."""
    loop = VirtualLoop()
    example('proxy.py', loop, monkeypatch)
    seen = []

    def app(request):
        """Tells what came."""
        seen.append(request)
        return request.body.read_all(1 << 16).then(lambda data: Response(
            201, [(b'X-Own', b'yes'), (b'Connection', b'X-Hop'), (b'X-Hop', b'1')], b'got ' + data))

    loop.listen_tcp(Site(app, loop), '127.0.0.1', 7099)
    heard = _sent(loop, 8000, method + b' ' + target + b' HTTP/1.1\r\nHost: 127.0.0.1:7099\r\n'
                  + fields + b'\r\n' + body)
    return seen, heard


def test_the_proxy_passes_requests_on(monkeypatch):
    seen, heard = _proxied(monkeypatch, b'POST', b'Content-Length: 3\r\nX-A: b\r\n', b'abc')
    assert (seen[0].method, seen[0].target) == (b'POST', b'/x')
    assert seen[0].headers.get(b'x-a') == b'b'
    assert heard.startswith(b'HTTP/1.1 201 ')
    assert b'\r\nX-Own: yes\r\n' in heard
    assert b'\r\ngot abc\r\n' in heard


def test_the_proxy_keeps_fields_of_one_connection(monkeypatch):
    """RFC 9110 section 7.6.1."""
    fields = b'Connection: X-Mine\r\nX-Mine: 1\r\nProxy-Authorization: Basic x\r\n'
    seen, heard = _proxied(monkeypatch, fields=fields)
    assert b'x-mine' not in seen[0].headers
    assert b'proxy-authorization' not in seen[0].headers
    assert b'X-Hop: 1' not in heard


@pytest.mark.parametrize('target, status', [(b'/x', b'400'), (b'http://127.0.0.1:7098/', b'502')])
def test_the_proxy_refuses_other_targets(monkeypatch, target, status):
    seen, heard = _proxied(monkeypatch, target=target)
    assert seen == []
    assert heard.startswith(b'HTTP/1.1 ' + status)
