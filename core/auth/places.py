# Copyright the carryall authors.  See LICENSE.
"""Turns: costly checks on threads, shared out fairly among those who ask for them.

    turns = Turns(at_once=4, waiting=64)
    turns.run(loop, host, function, argument)       a Future of what the function returns,
                                                    or LoginUnavailable

So many are worked on at once, and so many wait.  Sources (``core.ip.source_of``) are served in
rotation.  When all places are taken, a newcomer gets the place of the source that has the most, if
that has more than the newcomer's own: one source cannot keep the others from being checked, and has
all places while no one else comes.

Tests:    tests/core/auth/test_places.py
"""
from __future__ import absolute_import, division, print_function

from collections import OrderedDict, deque

from carryall.core.auth.credentials import LoginUnavailable
from carryall.core.future import Future, failed
from carryall.core.net.ip import source_of

__all__ = ['TOO_MANY', 'Turns', 'WaitingRoom']

TOO_MANY = u'too many logins wait to be checked'


class WaitingRoom(object):
    """Work that waits for its turn, by source; each piece is a tuple that ends in its Future.

    Args:     places: how many pieces may wait.
    """

    def __init__(self, places):
        # type: (int) -> None
        self._places = places
        # In the order of their next turn.
        self._sources = OrderedDict()  # type: Dict[Any, deque]
        self._count = 0

    def __len__(self):
        return self._count

    def enter(self, host, work):
        # type: (str, Tuple) -> bool
        """Let *work* wait; False if there is no place for it.

        Work of another source that loses its place fails with LoginUnavailable.
        """
        source = source_of(host) if host else None
        if self._count >= self._places:
            self._forget_gone()
        displaced = None
        if self._count >= self._places:
            displaced = self._make_place(source)
            if displaced is None:
                return False
        mine = self._sources.get(source)
        if mine is None:
            mine = deque()
            self._sources[source] = mine
        mine.append(work)
        self._count += 1
        if displaced is not None:
            # Last, for its owner may come back at once.
            displaced[-1].set_exception(LoginUnavailable(TOO_MANY))
        return True

    def take(self):
        # type: () -> Any
        """The next work whose Future is not done yet; None if nothing waits."""
        while self._sources:
            source, works = next(iter(self._sources.items()))
            del self._sources[source]
            work = works.popleft()
            self._count -= 1
            if works:
                self._sources[source] = works
            if not work[-1].done():         # anyone who is gone waits no more
                return work
        return None

    def _forget_gone(self):
        # type: () -> None
        """Give back the places of those who are gone."""
        for source, works in list(self._sources.items()):
            left = deque(work for work in works if not work[-1].done())
            self._count -= len(works) - len(left)
            if left:
                self._sources[source] = left
            else:
                del self._sources[source]

    def _make_place(self, source):
        # type: (Any) -> Optional[Tuple]
        """The work that loses its place, of the source that has the most;
        None if *source* has as many."""
        most = max(self._sources.values(), key=len)
        mine = self._sources.get(source)
        if len(most) <= (len(mine) if mine is not None else 0) + 1:
            return None
        self._count -= 1
        return most.pop()


class Turns(object):
    """Runs work on threads of the loop.

    Args:     at_once: how many pieces are worked on at the same time.
              waiting: how many more may wait.
    """

    def __init__(self, at_once, waiting):
        # type: (int, int) -> None
        self._free = at_once
        self._waiting = WaitingRoom(waiting)

    def run(self, loop, host, function, *args):
        # type: (Any, str, Callable[..., Any], *Any) -> Future
        """A Future of what ``function(*args)`` returns; LoginUnavailable if too many wait."""
        future = Future()
        if self._free:
            self._free -= 1
            self._begin(loop, function, args, future)
        elif not self._waiting.enter(host, (loop, function, args, future)):
            return failed(LoginUnavailable(TOO_MANY))
        return future

    def _begin(self, loop, function, args, future):
        # type: (Any, Callable[..., Any], Tuple, Future) -> None
        def ended(work):
            # type: (Future) -> None
            following = self._waiting.take()
            if following is None:
                self._free += 1
            else:
                self._begin(*following)
            if future.done():           # anyone who waited has gone
                return
            if work.exception() is None:
                future.set_result(work.result())
            else:
                future.set_exception(work.exception())

        loop.run_in_thread(function, *args).add_done_callback(ended)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Optional, Tuple
