# Copyright the carryall authors.  See LICENSE.
"""CallDeadlines: the end of calls that never end.

A call has some seconds from its beginning to its first octet, and from each octet to the next.
Then it is given up.  The client gets 500, or the connection breaks if the response has begun.  No
thread can be ended, so that of the call is stuck until the call returns.  Another takes its place,
unless ``stuck`` of them are missing already.

Tests:    tests/services/wsgi/test_calldeadlines.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.logs import get_logger

__all__ = ['CallDeadlines']

LOOKS = 4                   # at all calls, within the time that one has
LOOK_SECONDS = 1.0          # between two looks, at the most

log = get_logger('wsgi')


class CallDeadlines(object):
    """The calls of one application, as far as they take long.

    Args:     loop:    the loop.
              workers: the Workers that run the calls.
              seconds: that a call has without any octet.
              stuck:   threads that are replaced.

    Attributes:
        begun, ended: called with a WSGICall that is stuck, and when it has returned.
    """

    def __init__(self, loop, workers, seconds, stuck):
        # type: (Any, Workers, float, int) -> None
        self.begun = _nothing       # type: Callable[[WSGICall], None]
        self.ended = _nothing       # type: Callable[[WSGICall], None]
        self._loop = loop
        self._workers = workers
        self._seconds = seconds
        self._most = stuck
        self._between = min(LOOK_SECONDS, seconds / LOOKS)
        self._timer = None          # type: Any
        # Those that are given up, and if another thread has the place of theirs
        self._stuck = {}            # type: Dict[WSGICall, bool]
        self._replaced = set()      # type: Set[WSGICall]  # of bounded calls that took too long

    @property
    def stuck(self):
        # type: () -> int
        """Calls that are given up and have not returned."""
        return len(self._stuck)

    def watch(self):
        # type: () -> None
        """Looks at the calls from now on, while there are any."""
        if self._timer is None:
            self._timer = self._loop.call_later(self._between, self._look)

    def add(self, call):
        # type: (WSGICall) -> None
        """Watches a call that keeps the former thread of the loop."""
        self._replaced.add(call)
        self.watch()

    def close(self):
        # type: () -> None
        """Looks no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self):
        # type: () -> None
        self._timer = None
        for call in [call for call in self._stuck if call.ended]:
            del self._stuck[call]
            log.info('%s has returned', call.name)
            self.ended(call)
        self._replaced = set(call for call in self._replaced if not call.ended)
        before = self._loop.time() - self._seconds
        for call in self._workers.busy() + list(self._replaced):
            since = getattr(call, 'since', None)
            if since is not None and since <= before and call not in self._stuck:
                self._give_up(call)
        for call, is_replaced in list(self._stuck.items()):
            if not is_replaced and self._has_room():
                self._stuck[call] = self._workers.excuse(call)
        if self._stuck or self._replaced or self._workers.pending:
            self.watch()

    def _has_room(self):
        # type: () -> bool
        return sum(self._stuck.values()) < self._most

    def _give_up(self, call):
        # type: (WSGICall) -> None
        log.error('%s: nothing has come for %g seconds, so the client gets no answer of it; %d '
                  'threads are stuck', call.name, self._seconds, len(self._stuck) + 1)
        call.expire(self._seconds)
        self._stuck[call] = self._has_room() and self._workers.excuse(call)
        self.begun(call)


def _nothing(_call):
    # type: (WSGICall) -> None
    """Is not told of calls."""


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Set
    from carryall.services.wsgi.workers import Workers
    from carryall.services.wsgi.wsgicall import WSGICall
