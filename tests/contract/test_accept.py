# Copyright the carryall authors.  See LICENSE.
"""Accepting: hundreds at once, and none lost when the system runs out of descriptors."""
from __future__ import absolute_import, division, print_function

import os
import subprocess
import sys

import pytest

from carryall.core.future import gather
from carryall.core.testing import StrictProtocol
from tests.contract.support import settle, until
from tests.support import interpreter

AT_ONCE = 500
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
# Descriptors that the server may have.  A JVM holds about a hundred before it does anything.
DESCRIPTORS = 300 if interpreter.JYTHON else 50
TOO_MANY = DESCRIPTORS + 15           # fewer wait than are served, so that those can make room


class Greeting(StrictProtocol):
    """Says hello and closes."""

    def made(self):
        self.transport.write(b'hello')
        self.transport.close()


@pytest.mark.limit(60)
def test_accept_hundreds_at_once(loop):
    listener = loop.listen_tcp(Greeting)
    futures = [loop.connect_tcp(StrictProtocol, '127.0.0.1', listener.address.port)
               for _ in range(AT_ONCE)]
    clients = [protocol for _, protocol in loop.run_until(gather(futures))]
    until(loop, lambda: all(client.state == 'lost' for client in clients))
    assert [client.data for client in clients] == [b'hello'] * AT_ONCE


@pytest.mark.limit(60)
def test_accept_hundreds_that_stay(loop):
    made = []
    listener = loop.listen_tcp(lambda: made.append(StrictProtocol()) or made[-1])
    futures = [loop.connect_tcp(StrictProtocol, '127.0.0.1', listener.address.port)
               for _ in range(AT_ONCE // 2)]
    clients = [protocol for _, protocol in loop.run_until(gather(futures))]
    until(loop, lambda: len(made) == len(clients) and all(protocol.calls for protocol in made))
    for number, client in enumerate(clients):
        client.transport.write(b'%d' % number)
    until(loop, lambda: all(protocol.data for protocol in made))
    until(loop, lambda: sorted(int(protocol.data) for protocol in made) == list(
        range(len(clients))))


class Short(object):
    """A listening channel that has no descriptor for the first connection."""

    def __init__(self, channel):
        self._channel = channel
        self._left = 1

    def __getattr__(self, name):
        return getattr(self._channel, name)

    def accept(self):
        if self._left:
            self._left = 0
            raise IOError('no descriptor is left')
        return self._channel.accept()

    def is_out_of_resources(self, exc):
        return True


def test_a_listener_starves_until_all_connections_are_accepted(machine, expect_log):
    expect_log('accepting pauses')
    seen = []
    listener = machine.listen_tcp(lambda: seen.append(listener.starved) or Greeting())
    listener.channel = Short(listener.channel)
    client = machine.run_until(machine.connect_tcp(StrictProtocol, '127.0.0.1',
                                                   listener.address.port))[1]
    until(machine, lambda: client.state == 'lost')
    assert seen == [True]
    assert not listener.starved


@pytest.mark.limit(60)
@pytest.mark.skipif(os.name == 'nt',
                    reason='Windows has no limit of descriptors that could be lowered')
def test_accept_pauses_without_descriptors_and_recovers_without_spinning(backend, machine):
    command = 'ulimit -n %d && exec "$0" "$@"' % DESCRIPTORS
    server = subprocess.Popen(
        ['/bin/sh', '-c', command, sys.executable, os.path.join(HERE, 'short_of_descriptors.py'),
         ROOT, backend], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              close_fds=True)
    try:
        port = int(server.stdout.readline())
        clients = [machine.run_until(machine.connect_tcp(StrictProtocol, '127.0.0.1', port))[1]
                   for _ in range(TOO_MANY)]
        # The server has waited for a while, short of descriptors,
        # and tells those that it has what that has cost.
        until(machine, lambda: any(b'waited' in client.data for client in clients),
              'the server is short')
        served = [client for client in clients if client.data]
        left = [client for client in clients if not client.data]
        assert left, 'all were served: the limit did not bite'
        cost = float([client for client in served if b'waited' in client.data][0].data.split()[-1])
        assert cost < 0.5, 'it spins: %g of the processor while it waits' % cost
        for client in served:
            client.transport.close()
        until(machine, lambda: all(client.data for client in left), 'those who waited are served')
        assert all(client.data.startswith(b'hello') for client in left)
        for client in left:
            client.transport.close()
        settle(machine, 5)
    finally:
        server.stdin.close()
        errors = server.stderr.read()
        server.stdout.close()
        server.stderr.close()
        server.wait()
    # Once, or again for places that came free one by one and were taken at once.
    assert 1 <= errors.count(b'accepting pauses') <= 1 + len(left), errors
    assert b'Traceback' not in errors, errors
