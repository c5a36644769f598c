# Copyright the carryall authors.  See LICENSE.
"""The example pbweb: one object for programs and for browsers."""
from __future__ import absolute_import, division, print_function

from carryall.core.net.protocol import Protocol
from carryall.core.testing import VirtualLoop
from carryall.protocols import pb
from tests.support.examples import example


class _Browser(Protocol):
    """Gathers what comes."""

    heard = b''

    def data_received(self, data):
        self.heard += data


def _visit(loop):
    browser = _Browser()
    loop.connect_tcp(lambda: browser, '127.0.0.1', 7013).add_done_callback(
        lambda future: future.result()[0].write(
            b'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'))
    loop.advance(1.0)
    return browser.heard.rpartition(b'\r\n\r\n')[2]


def test_programs_and_browsers_see_one_object(monkeypatch):
    loop = VirtualLoop()
    example('pb/pbweb.py', loop, monkeypatch)
    assert _visit(loop) == b'0 calls, 1 visits\n'
    broker = loop.run_until(pb.connect(loop, '127.0.0.1', pb.PORT))
    counted = loop.run_until(broker.remote().call_remote('count'))
    assert tuple(counted) == (1, 1)
    assert _visit(loop) == b'1 calls, 2 visits\n'
