# Copyright the carryall authors.  See LICENSE.
"""Each poller alone, on pairs of sockets: what it calls, what it does not, and what it holds."""
from __future__ import absolute_import, division, print_function

import os
import select
import socket
import threading

import pytest

from carryall.core.errors import ConnectFailed, ListenFailed
from carryall.core.testing import StrictProtocol
from carryall.runtimes.readiness import bsd, pollers
from carryall.runtimes.readiness.readinessloop import ReadinessLoop
from tests.contract.support import Packets, connected, until
from tests.runtimes.fake_kqueue import FakeSelect

KINDS = [name for name, needs in (('EpollPoller', 'epoll'), ('PollPoller', 'poll'),
                                  ('SelectPoller', 'select'))
         if hasattr(select, needs)] + ['KqueuePoller']


class Target(object):
    """Notes what it is called for."""

    def __init__(self, sock):
        self.channel = sock
        self.wants_read = False
        self.wants_write = False
        self.calls = []

    def want(self, poller, read, write):
        self.wants_read = read
        self.wants_write = write
        poller.watch(self)

    def on_readable(self):
        self.calls.append('read')

    def on_writable(self):
        self.calls.append('write')


@pytest.fixture(params=KINDS)
def poller(request, monkeypatch):
    """One of each kind."""
    if request.param == 'KqueuePoller' and not hasattr(select, 'kqueue'):
        monkeypatch.setattr(pollers, 'select', FakeSelect)
    made = getattr(pollers, request.param)()
    yield made
    made.close()


@pytest.fixture
def ends():
    """Two Targets over a pair of sockets."""
    pair = socket.socketpair()
    for sock in pair:
        sock.setblocking(False)
    yield Target(pair[0]), Target(pair[1])
    for sock in pair:
        sock.close()


def test_poller_calls_for_what_is_wanted_and_ready(poller, ends):
    near, far = ends
    near.want(poller, True, False)
    poller.dispatch(0)
    assert near.calls == []
    far.channel.send(b'x')
    poller.dispatch(1)
    assert near.calls == ['read']
    poller.dispatch(1)
    assert near.calls == ['read', 'read'], 'it is level-triggered'


def test_a_poller_reports_writable_ends(poller, ends):
    near, _ = ends
    near.want(poller, False, True)
    poller.dispatch(1)
    assert near.calls == ['write']
    near.want(poller, False, False)
    poller.dispatch(0)
    assert near.calls == ['write']


def test_a_poller_reports_reading_and_writing(poller, ends):
    near, far = ends
    far.channel.send(b'x')
    near.want(poller, True, True)
    poller.dispatch(1)
    assert sorted(near.calls) == ['read', 'write']


def test_poller_changes_of_mind(poller, ends):
    near, far = ends
    far.channel.send(b'x')
    for read, write, expected in ((True, False, ['read']), (False, True, ['write']),
                                  (True, True, ['read', 'write']),
                                  (False, False, []), (True, False, ['read']),
                                  (True, False, ['read'])):
        near.want(poller, read, write)
        poller.dispatch(0)
        assert sorted(near.calls) == expected
        near.calls = []


def test_poller_nothing_wanted_nothing_called_though_it_broke(poller, ends):
    # Otherwise a paused reader would spin on a connection that broke.
    near, far = ends
    near.want(poller, True, False)
    near.want(poller, False, False)
    far.channel.close()
    poller.dispatch(0)
    poller.dispatch(0)
    assert near.calls == []
    near.want(poller, True, False)
    poller.dispatch(1)
    # And perhaps 'write': anyone who is called looks at what it wants.
    assert near.calls[0] == 'read'


def test_poller_unwatched_by_a_callback_of_the_same_turn(poller, ends):
    near, far = ends

    def drop(target, other):
        target.want(poller, False, False)
        other.want(poller, False, False)

    for one, two in ((near, far), (far, near)):
        one.on_readable = lambda one=one, two=two: (one.calls.append('read'), drop(one, two))
        one.channel.send(b'x')
    near.want(poller, True, False)
    far.want(poller, True, False)
    poller.dispatch(1)
    assert sorted(near.calls + far.calls) == ['read']


def test_poller_another_target_on_the_same_descriptor(poller, ends):
    near, far = ends
    far.channel.send(b'x')
    first = Target(near.channel)
    first.want(poller, True, False)
    near.want(poller, True, False)
    poller.dispatch(1)
    assert first.calls == [] and near.calls == ['read']


def test_poller_wake_is_sticky_and_counts_once(poller):
    for _ in range(1000):
        poller.wake()
    poller.dispatch(None)               # would hang if the wake-up had been lost
    poller.dispatch(0)
    poller.wake()
    poller.dispatch(None)


def test_poller_wake_from_another_thread(poller):
    for _ in range(20):
        thread = threading.Thread(target=poller.wake)
        thread.start()
        poller.dispatch(None)
        thread.join()


def test_poller_wake_after_close_is_harmless(poller):
    poller.close()
    poller.wake()
    poller.close()


@pytest.mark.skipif(not os.path.exists('/proc/self/fd'),
                    reason='this system does not list open descriptors')
@pytest.mark.parametrize(
    'kind', [name for name in KINDS if name != 'KqueuePoller' or hasattr(select, 'kqueue')])
def test_poller_close_gives_back_its_descriptors(kind):
    getattr(pollers, kind)().close()
    before = sorted(os.listdir('/proc/self/fd'))
    getattr(pollers, kind)().close()
    assert sorted(os.listdir('/proc/self/fd')) == before


@pytest.fixture
def high():
    """Descriptors so many that every new one is above what select(2) can watch."""
    held = []
    try:
        while not held or held[-1] <= pollers.MAX_SELECT:
            held.append(os.dup(0 if not held else held[0]))
    except OSError:
        for descriptor in held:
            os.close(descriptor)
        pytest.skip('the limit of open files is below 1024 here')
    yield held
    for descriptor in held:
        os.close(descriptor)


def test_select_beyond_its_limit_fails_with_a_sentence_and_lives(high):
    low = [high.pop(0) for _ in range(8)]
    for descriptor in low:
        os.close(descriptor)
    loop = ReadinessLoop(pollers.SelectPoller(), bsd)
    listener = loop.listen_tcp(StrictProtocol)
    held = []
    try:
        while not held or held[-1] <= pollers.MAX_SELECT:
            held.append(os.dup(high[0]))
        for use in (lambda: loop.run_until(
                loop.connect_tcp(StrictProtocol, '127.0.0.1', listener.address.port)),
                    lambda: loop.listen_tcp(StrictProtocol), lambda: loop.open_udp(Packets)):
            with pytest.raises((ConnectFailed, ListenFailed)) as caught:
                use()
            assert '1024' in str(caught.value)
    finally:
        for descriptor in held:
            os.close(descriptor)
        listener.close()
        # It lives: what it could not take did not end up in its sets.
        pair = connected(loop)
        pair.client.transport.write(b'x')
        until(loop, lambda: pair.server.data == b'x')
        loop.close()
