# Copyright the carryall authors.  See LICENSE.
"""Exports: our objects that one peer refers to or has cached, with a count of each.

Tests:    tests/protocols/pb/test_broker.py, test_cache.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.logs import get_logger
from carryall.protocols.pb.failures import PBError
from carryall.protocols.pb.flavors import RemoteCacheObserver

__all__ = ['Exports']

log = get_logger('pb')


class Local(object):
    """One object, kept as long as the peer may refer to it."""

    __slots__ = ('thing', 'key', 'count', 'perspective')

    def __init__(self, thing, key, perspective=None):
        # type: (Any, Any, Any) -> None
        self.thing = thing
        self.key = key
        self.count = 1
        self.perspective = perspective


class Counted(object):
    """Our objects that the peer knows by number, each with the count of times that it was sent.

    Args:     most: returns the largest number of objects at a time.
              full: called for one object more; raises the error for the peer.
              ended: called with the Local of an object that the peer has released.
    """

    __slots__ = ('_locals', '_numbers', '_most', '_full', '_ended')

    def __init__(self, most, full, ended):
        # type: (Callable[[], int], Callable[[], Any], Callable[[Local], None]) -> None
        self._locals = {}           # type: Dict[int, Local]
        self._numbers = {}          # type: Dict[Any, int]      # key of an object -> its number
        self._most = most
        self._full = full
        self._ended = ended

    def __len__(self):
        return len(self._locals)

    def get(self, luid):
        # type: (Any) -> Any
        """The object of that number; None if the number is unknown."""
        local = self._locals.get(luid)
        return local.thing if local is not None else None

    def number(self, key):
        # type: (Any) -> Optional[int]
        """The number of the object with that key; None if the peer does not have it."""
        return self._numbers.get(key)

    def again(self, key, jellier):
        # type: (Any, Any) -> Optional[int]
        """Counts the object once more; its number, None if the peer does not have it."""
        luid = self._numbers.get(key)
        if luid is not None:
            self._locals[luid].count += 1
            jellier.granted.append((self, luid))
        return luid

    def add(self, luid, local, jellier):
        # type: (int, Local, Any) -> int
        """Counts an object for the first time, under the number *luid*; the number."""
        if len(self._locals) >= self._most():
            self._full()
        self._locals[luid] = local
        self._numbers[local.key] = luid
        jellier.granted.append((self, luid))
        return luid

    def give_back(self, luid):
        # type: (Any) -> Optional[int]
        """Counts the object once less; the count that is left, None if the peer does not have
        it."""
        local = self._locals.get(luid) if type(luid) is not list else None
        if local is None:
            return None
        local.count -= 1
        if not local.count:
            del self._locals[luid]
            del self._numbers[local.key]
            self._ended(local)
        return local.count

    def clear(self):
        # type: () -> None
        """Releases all: the peer is gone."""
        locals_, self._locals = self._locals, {}
        self._numbers = {}
        for luid in sorted(locals_):
            self._ended(locals_[luid])


class Exports(object):
    """The objects that one broker has sent to its peer.

    Attributes:
        objects: Counted, of the objects that the peer refers to.
        cacheables: Counted, of the objects that the peer has cached.
    """

    def __init__(self, broker):
        # type: (Any) -> None
        self.objects = Counted(lambda: broker.settings.references,
                               lambda: self._refuse(u'Maximum PB reference count exceeded.'),
                               self._released)
        self.cacheables = Counted(lambda: broker.settings.caches,
                                  lambda: self._refuse(u'Maximum PB cache count exceeded.'),
                                  self._stopped)
        self._broker = broker
        self._named = {}            # type: Dict[bytes, Any]
        self._watchers = {}         # type: Dict[Any, List[Callable[[], Any]]]
        self._last = 0

    def _refuse(self, why):
        # type: (str) -> None
        self._broker.strike()
        raise PBError(why)

    def offer(self, name, thing):
        # type: (bytes, Any) -> None
        """Gives *thing* a name."""
        self._named[name] = thing

    def get(self, luid):
        # type: (Any) -> Any
        """The object by its name or number; None if that is unknown."""
        return self._named.get(luid) if type(luid) is bytes else self.objects.get(luid)

    def register(self, thing, jellier):
        # type: (Any, Any) -> int
        """The number of *thing*, counted once more; Error if there are too many objects."""
        key = thing.processUniqueID()
        luid = self.objects.again(key, jellier)
        if luid is None:
            self._last += 1
            luid = self.objects.add(self._last, Local(thing, key), jellier)
        return luid

    def when_released(self, thing, callback):
        # type: (Any, Callable[[], Any]) -> None
        """Calls back once, when the peer has released its last reference to *thing*."""
        self._watchers.setdefault(thing.processUniqueID(), []).append(callback)

    def _released(self, local):
        # type: (Local) -> None
        for watcher in self._watchers.pop(local.key, ()):
            _guarded(watcher)
        released = getattr(local.thing, 'released_by_peer', None)
        if released is not None:
            _guarded(released, self._broker)

    # -- caches ------------------------------------------------------------------------------------

    def cache_number(self, cacheable):
        # type: (Any) -> Optional[int]
        """The number that the peer knows *cacheable* by; None if the peer does not have it."""
        return self.cacheables.number(cacheable.processUniqueID())

    def cached_again(self, cacheable, jellier):
        # type: (Any, Any) -> Optional[int]
        """The number of *cacheable*, counted once more; None if the peer does not have it."""
        return self.cacheables.again(cacheable.processUniqueID(), jellier)

    def cache(self, cacheable, jellier):
        # type: (Any, Any) -> int
        """Gives *cacheable*, which will be sent to the peer, a new number; Error if there are too
        many."""
        self._last += 1
        return self.cacheables.add(
            self._last, Local(cacheable, cacheable.processUniqueID(), jellier.perspective), jellier)

    def _stopped(self, local):
        # type: (Local) -> None
        try:
            local.thing.stoppedObserving(local.perspective, RemoteCacheObserver(
                self._broker, local.thing, local.perspective))
        except FAILURES:
            log.exception('stoppedObserving failed')

    # -- ends --------------------------------------------------------------------------------------

    def decref(self, luid):
        # type: (Any) -> bool
        """Takes back one reference from the peer; false if it had none."""
        return self.objects.give_back(luid) is not None

    def decache(self, luid):
        # type: (Any) -> bool
        """Takes back one copy of a cache from the peer; false if it had none.

        After the last one the peer is told ``uncache``: it may forget the object.
        """
        left = self.cacheables.give_back(luid)
        if left == 0:
            self._broker.tell_released(b'uncache', luid)
        return left is not None

    def take_back(self, jellier):
        # type: (Any) -> None
        """Undoes the counts of a message that *jellier* has written and that will not be sent."""
        for counted, luid in reversed(jellier.granted):
            counted.give_back(luid)
        jellier.granted = []

    def lost(self):
        # type: () -> None
        """Releases everything: the peer is gone."""
        named, self._named = self._named, {}
        self.cacheables.clear()
        self.objects.clear()
        for name in sorted(named):
            self._released(Local(named[name], None))
        watchers, self._watchers = self._watchers, {}
        for callbacks in watchers.values():
            for callback in callbacks:
                _guarded(callback)


def _guarded(callback, *args):
    # type: (Callable[..., Any], *Any) -> None
    try:
        callback(*args)
    except FAILURES:
        log.exception('an object could not be released')


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional
