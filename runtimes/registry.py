# Copyright the carryall authors.  See LICENSE.
"""The table of backends: for each how to learn whether it can run here,
and how to make a loop of it.

Tests:    tests/runtimes/test_choice.py
"""
from __future__ import absolute_import, division, print_function

import sys

from carryall.runtimes.guests.availability import GUESTS
from carryall.runtimes.platform import ON_JVM

__all__ = ['BACKENDS', 'Backend']


def _select_has(name):
    # type: (str) -> Tuple[bool, str]
    if ON_JVM:
        return False, u'Jython\'s own select loses connections; nio takes its place'
    import select
    if hasattr(select, name):
        return True, {'epoll': u'the cost of waiting is linear in what is ready',
                      'kqueue': u'the cost of waiting is linear in what is ready',
                      'poll': u'no epoll or kqueue here, and no limit on descriptors',
                      'select': u'nothing better is here'}[name]
    return False, u'the select module of this Python on %s has no %s' % (sys.platform, name)


def _readiness(name):
    # type: (str) -> Any
    from carryall.runtimes.readiness import bsd, pollers
    from carryall.runtimes.readiness.readinessloop import ReadinessLoop
    return ReadinessLoop(getattr(pollers, name)(), bsd)


def _nio_here():
    # type: () -> Tuple[bool, str]
    if ON_JVM:
        return True, u'one thread over a Selector of java.nio'
    return False, u'this Python does not run on a JVM'


def _nio():
    # type: () -> Any
    from carryall.runtimes.jvm import nio
    from carryall.runtimes.readiness.readinessloop import ReadinessLoop
    return ReadinessLoop(nio.SelectorPoller(), nio.Channels())


def _threads_here():
    # type: () -> Tuple[bool, str]
    return True, u'a thread for each connection, blocking; runs everywhere'


def _threads():
    # type: () -> Any
    from carryall.runtimes.readiness.readinessloop import ReadinessLoop
    from carryall.runtimes.threads.channels import Channels, HandoverPoller
    if ON_JVM:
        from carryall.runtimes.jvm import links
        poller = HandoverPoller(links.SemaphoreWaker())
        return ReadinessLoop(poller, Channels(poller, links))
    from carryall.runtimes.threads import sockets
    poller = HandoverPoller(sockets.SocketWaker())
    return ReadinessLoop(poller, Channels(poller, sockets))


def _asyncio_here():
    # type: () -> Tuple[bool, str]
    if ON_JVM:
        return False, u'asyncio needs Python 3'
    try:
        from importlib.util import find_spec        # py2: not there, as asyncio is not
    except ImportError:
        return False, u'asyncio needs Python 3'
    if find_spec('asyncio') is None:  # looked for and not imported: that costs time and memory
        return False, u'this Python was built without asyncio'
    return True, u'a guest on asyncio\'s loop'


def _asyncio():
    # type: () -> Any
    from carryall.runtimes.guests.asyncio_py3 import AsyncioLoop
    return AsyncioLoop()


# Best first.  (name, (whether it can run here, how to make a loop,
# whether it may be chosen unasked))
BACKENDS = (
    ('epoll', (lambda: _select_has('epoll'), lambda: _readiness('EpollPoller'), True)),
    ('kqueue', (lambda: _select_has('kqueue'), lambda: _readiness('KqueuePoller'), True)),
    ('nio', (_nio_here, _nio, True)),
    ('poll', (lambda: _select_has('poll'), lambda: _readiness('PollPoller'), True)),
    ('select', (lambda: _select_has('select'), lambda: _readiness('SelectPoller'), True)),
    ('threads', (_threads_here, _threads, True)),
    ('asyncio', (_asyncio_here, _asyncio, False)),
) + GUESTS
_GUEST_NAMES = frozenset(name for name, _ in GUESTS)


class Backend(object):
    """One backend and what is known of it here.

    Attributes:
        name: 'epoll', 'nio' ...
        available: whether it can run on this interpreter and system.
        reason: why it is chosen, or why it cannot be.
        automatic: whether ``choose()`` may take it unasked.
        guest: whether another program's loop drives it; the tests run on such a one, and load its
               toolkit, only if it is named.
    """

    def __init__(self, name):
        # type: (str) -> None
        probe, self._make, self.automatic = dict(BACKENDS)[name]
        self.name = name
        self.guest = name in _GUEST_NAMES
        self.available, self.reason = probe()

    def make(self):
        # type: () -> Any
        """A new loop, with the crypto of this runtime."""
        from carryall.runtimes.crypto import provider
        loop = self._make()
        loop.crypto = provider()
        return loop

    def caps(self):
        # type: () -> Any
        """The capabilities of its loops (``core.net.loop.Caps``); this starts no toolkit."""
        own = self
        if self.guest:
            own = Backend('nio' if ON_JVM else 'select')
        loop = own.make()
        try:
            return loop.caps
        finally:
            loop.close()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Tuple
