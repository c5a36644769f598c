# Copyright the carryall authors.  See LICENSE.
"""KeyLocks: changes of a directory that are being kept exclude those that depend on them.

    lock = yield locks.acquire([key], [parent])
    ...
    locks.release(lock)

A change holds the key of its entry alone, and shares that of the parent.  So a thousand entries can
be added below one parent while the first is being written, and none below one that is being
deleted.  One that waits goes on as soon as no change before it has a key that it needs.

Tests:    tests/protocols/ldap/test_keylocks.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.future import Future

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, List

__all__ = ['EVERYTHING', 'KeyLocks']

EVERYTHING = u'\0'              # no key of a DN: held by a change of a whole subtree


class _Lock(object):
    """The keys of one change."""

    __slots__ = ('alone', 'shared', 'future')

    def __init__(self, alone, shared):
        # type: (Iterable[str], Iterable[str]) -> None
        self.alone = tuple(alone)
        self.shared = tuple(shared)
        self.future = Future()


class KeyLocks(object):
    """The keys that are held."""

    def __init__(self):
        # type: () -> None
        self._alone = set()         # type: Any
        self._shared = {}           # type: Dict[str, int]  # how many share a key
        self._waiting = []          # type: List[_Lock]

    def acquire(self, alone, shared=()):
        # type: (Iterable[str], Iterable[str]) -> Future
        """A Future of a lock on keys, once no change before it has them.

        Every lock but one of EVERYTHING shares EVERYTHING.
        """
        lock = _Lock(alone, shared)
        if EVERYTHING not in lock.alone:
            lock.shared += (EVERYTHING,)
        self._waiting.append(lock)
        self._grant()
        return lock.future

    def release(self, lock):
        # type: (_Lock) -> None
        """Gives the keys of a lock back."""
        self._alone.difference_update(lock.alone)
        for key in lock.shared:
            self._shared[key] -= 1
            if not self._shared[key]:
                del self._shared[key]
        self._grant()

    def _grant(self):
        # type: () -> None
        """Gives their keys to those that wait for no change before them."""
        alone = set(self._alone)        # held, or wanted by one that came before
        shared = set(self._shared)
        granted = []                    # type: List[_Lock]
        left = []                       # type: List[_Lock]
        for lock in self._waiting:
            free = not (alone.intersection(lock.alone) or shared.intersection(lock.alone)
                        or alone.intersection(lock.shared))
            alone.update(lock.alone)
            shared.update(lock.shared)
            (granted if free else left).append(lock)
        self._waiting = left
        for lock in granted:
            self._alone.update(lock.alone)
            for key in lock.shared:
                self._shared[key] = self._shared.get(key, 0) + 1
        for lock in granted:
            lock.future.set_result(lock)
