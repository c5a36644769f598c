# Copyright the carryall authors.  See LICENSE.
"""L1: connection_made comes once, first, on the loop thread,
never inside the call that listens or connects."""
from __future__ import absolute_import, division, print_function

import threading

from carryall.core.testing import StrictProtocol
from tests.contract.support import connected, settle, until


class Noting(StrictProtocol):
    """Notes where connection_made was called."""

    def __init__(self, log):
        StrictProtocol.__init__(self)
        self.log = log

    def made(self):
        self.log.append((self, threading.current_thread().ident))


def test_l01_once_and_first(loop):
    pair = connected(loop)
    pair.client.transport.write(b'at once')
    until(loop, lambda: pair.server.data == b'at once')
    pair.client.transport.close()
    until(loop, lambda: pair.server.state == 'lost' and pair.client.state == 'lost')
    for protocol in (pair.client, pair.server):
        assert protocol.calls[0] == 'connection_made' and protocol.calls.count(
            'connection_made') == 1, protocol.calls


def test_l01_bytes_that_came_with_the_connection_come_after(loop):
    class Eager(StrictProtocol):
        def made(self):
            self.transport.write(b'hello')

    pair = connected(loop, server=Eager, client=Eager)
    until(loop, lambda: pair.server.data and pair.client.data)
    assert pair.server.calls[:2] == ['connection_made', 'data_received']
    assert pair.client.calls[:2] == ['connection_made', 'data_received']


def test_l01_on_the_loop_thread_and_never_inside_listen_or_connect(loop):
    log = []
    listener = loop.listen_tcp(lambda: Noting(log))
    assert log == [], 'connection_made inside listen_tcp'
    future = loop.connect_tcp(lambda: Noting(log), '127.0.0.1', listener.address.port)
    assert log == [] and not future.done(), 'connection_made inside connect_tcp'
    loop.run_until(future)
    until(loop, lambda: len(log) == 2)
    assert set(thread for _, thread in log) == set([threading.current_thread().ident]), log


def test_l01_when_the_connect_future_is_done_connection_made_was_called(loop):
    listener = loop.listen_tcp(StrictProtocol)
    transport, protocol = loop.run_until(
        loop.connect_tcp(StrictProtocol, '127.0.0.1', listener.address.port))
    assert protocol.calls == ['connection_made'] and protocol.transport is transport


def test_l01_each_connection_has_a_protocol_of_its_own(loop):
    log = []
    listener = loop.listen_tcp(lambda: Noting(log))
    clients = [loop.run_until(loop.connect_tcp(StrictProtocol, '127.0.0.1', listener.address.port))[
        1]
               for _ in range(5)]
    until(loop, lambda: len(log) == 5)
    assert len(set(protocol for protocol, _ in log)) == 5 and len(set(clients)) == 5
    settle(loop)
    assert len(log) == 5
