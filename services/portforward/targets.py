# Copyright the carryall authors.  See LICENSE.
"""Targets of a port forwarder: their addresses, their state, and their order.

A target that cannot be connected to is down for RETRY_SECONDS, or until a health check succeeds.
The next one is tried for the same client.  If all are down, all are tried again, so that a refusal
is theirs.

Tests:    tests/services/test_portforward.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.compat import native
from carryall.core.codec.numbers import decimal_text
from carryall.core.errors import ConnectFailed, UsageError
from carryall.core.future import Return, coroutine
from carryall.core.net.ip import canonical
from carryall.app.optiontypes import Text
from carryall.core.logs import get_logger
from carryall.core.net.protocol import Protocol
from carryall.core.tls import TLSContext, connect_tls

__all__ = ['Target', 'TargetText', 'Targets']

RETRY_SECONDS = 10.0        # for which a target is down after a failure

log = get_logger('portforward')


class Target(object):
    """One place to forward to, parsed from its text.

    kind:      'tcp', 'tls' or 'unix'
    host, port, path: those that the kind has
    active:    the number of connections to it
    """

    def __init__(self, text):
        # type: (str) -> None
        self.text = text
        self.host = ''
        self.path = ''
        self.port = 0
        self.active = 0
        self.down_until = None      # type: Optional[float]  # loop time
        kind, _, rest = text.partition(u':')
        if kind == u'unix' and rest:
            self.kind = 'unix'
            self.path = rest
            return
        if rest.startswith(u'['):
            host, _, port = rest[1:].partition(u']:')
            wrong = canonical(host) is None
        else:
            host, _, port = rest.rpartition(u':')
            wrong = u':' in host
        number = decimal_text(port, 65535)
        if kind not in (u'tcp', u'tls') or wrong or not host or not number or len(host) > 255:
            raise UsageError(u'"%s" is not a target such as tcp:HOST:PORT, tls:HOST:PORT or '
                             u'unix:PATH' % text)
        try:
            self.kind = native(kind)
            self.host = native(host)
            self.port = number
        except UnicodeError:
            raise UsageError(u'"%s" is not ASCII' % text)

    def __str__(self):
        return self.text if isinstance(self.text, str) else self.text.encode('utf-8')


class TargetText(Text):
    """A target; the path of a Unix socket is kept absolute."""

    metavar = 'TARGET'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 1024)

    def parse(self, text):
        target = Target(text)
        return u'unix:' + os.path.abspath(target.path) if target.kind == 'unix' else text

    def check(self, value):
        Text.check(self, value)
        Target(value)


class Targets(object):
    """All targets of a service.

    Args:     balance: 'first', 'round-robin' or 'least'.
              seconds: the limit for one client's connection, all targets together.
    """

    def __init__(self, targets, balance='first', seconds=30.0):
        # type: (Sequence[Target], str, float) -> None
        self.all = list(targets)
        self._balance = balance
        self._seconds = seconds
        self._turn = 0
        self._loop = None           # type: Any
        self._context = None        # type: Any

    def __str__(self):
        return ', '.join(str(target) for target in self.all)

    def prepare(self, loop, trust=None):
        # type: (Any, Optional[str]) -> None
        """Sets the loop; reads the certificates of tls targets,
        and raises if they cannot be used."""
        self._loop = loop
        if any(target.kind == 'tls' for target in self.all):
            loop.caps.require('tls')
            self._context = TLSContext(trust=trust)

    def order(self):
        # type: () -> List[Target]
        """The targets to try, the best first."""
        now = self._loop.time()
        ups = [target for target in self.all if target.down_until is None
               or target.down_until <= now] or list(self.all)
        if self._balance == 'round-robin':
            first = self._turn % len(ups)
            self._turn += 1
            return ups[first:] + ups[:first]
        return sorted(ups, key=lambda target: target.active) if self._balance == 'least' else ups

    @coroutine
    def connect(self, factory, _transport):
        # type: (Callable[[], Any], Any) -> Any
        """Connects to the first that answers; a Future of (transport, protocol)."""
        ends = self._loop.time() + self._seconds
        error = ConnectFailed(u'no target')        # type: Any
        for target in self.order():
            left = ends - self._loop.time()
            if left <= 0:
                break
            try:
                made = yield self._open(target, factory, left)
            except ConnectFailed as exc:
                error = exc
                self._down(target, exc)
                continue
            self._up(target)
            self._count(target, made[1])
            raise Return(made)
        raise error

    def _count(self, target, far):
        # type: (Target, Any) -> None
        """Counts *far* as connected to *target*, until it is lost."""
        def gone():
            # type: () -> None
            target.active -= 1

        if not far.lost:
            target.active += 1
            far.gone = gone

    def _open(self, target, factory, seconds):
        # type: (Target, Callable[[], Any], float) -> Any
        if target.kind == 'unix':
            return self._loop.connect_unix(factory, target.path, seconds)
        if target.kind == 'tls':
            return connect_tls(self._loop, self._context, factory, target.host, target.port,
                               timeout=seconds)
        return self._loop.connect_tcp(factory, target.host, target.port, seconds)

    def _down(self, target, exc):
        # type: (Target, BaseException) -> None
        if target.down_until is None:
            log.warning('%s is down: %s', target, exc)
        target.down_until = self._loop.time() + RETRY_SECONDS

    def _up(self, target):
        # type: (Target) -> None
        if target.down_until is not None:
            log.info('%s is up again', target)
            target.down_until = None

    def probe(self, target):
        # type: (Target) -> None
        """Connects to *target* and closes, to find out if it is up."""
        def tried(future):
            # type: (Any) -> None
            if future.exception() is None:
                future.result()[0].close()
                self._up(target)
            elif isinstance(future.exception(), ConnectFailed):
                self._down(target, future.exception())

        self._open(target, Protocol, self._seconds).add_done_callback(tried)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Sequence
