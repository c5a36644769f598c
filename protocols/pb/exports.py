# Copyright the carryall authors.  See LICENSE.
"""Exports: the objects of ours that one peer refers to or has cached, counted as he is told of them.

Tests:    tests/protocols/pb/test_broker.py, test_cache.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.logs import get_logger
from carryall.protocols.pb.failures import Error
from carryall.protocols.pb.flavors import RemoteCacheObserver

__all__ = ['Exports']

log = get_logger('pb')


class _Local(object):
    """One object, kept as long as the peer may speak of it."""

    __slots__ = ('thing', 'key', 'count', 'perspective')

    def __init__(self, thing, key, perspective=None):
        # type: (Any, Any, Any) -> None
        self.thing = thing
        self.key = key
        self.count = 1
        self.perspective = perspective


class Exports(object):
    """The tables of one broker.

    Attributes:
        objects: number -> what the peer refers to.
        cacheables: number -> what he has cached.
    """

    def __init__(self, broker):
        # type: (Any) -> None
        self.objects = {}           # type: Dict[int, _Local]
        self.cacheables = {}        # type: Dict[int, _Local]
        self._broker = broker
        self._named = {}            # type: Dict[bytes, Any]
        self._numbers = {}          # type: Dict[Any, int]      # key of an object -> its number
        self._cache_numbers = {}    # type: Dict[Any, int]
        self._watchers = {}         # type: Dict[Any, List[Callable[[], Any]]]
        self._last = 0

    def offer(self, name, thing):
        # type: (bytes, Any) -> None
        """Give *thing* a name."""
        self._named[name] = thing

    def get(self, luid):
        # type: (Any) -> Any
        """The object by its name or number; None if there is none."""
        if type(luid) is bytes:
            return self._named.get(luid)
        local = self.objects.get(luid)
        return local.thing if local is not None else None

    def register(self, thing, jellier):
        # type: (Any, Any) -> int
        """Count one more reference to *thing*."""
        key = thing.processUniqueID()
        luid = self._numbers.get(key)
        if luid is None:
            if len(self.objects) >= self._broker.limits.references:
                self._broker.strike()
                raise Error(u'Maximum PB reference count exceeded.')
            luid = self._last = self._last + 1
            self.objects[luid] = _Local(thing, key)
            self._numbers[key] = luid
        else:
            self.objects[luid].count += 1
        jellier.granted.append((False, luid))
        return luid

    def decref(self, luid):
        # type: (Any) -> bool
        """The peer gives one reference back; false if he had none."""
        if type(luid) is list or luid not in self.objects:
            return False
        local = self.objects[luid]
        local.count -= 1
        if not local.count:
            del self.objects[luid]
            del self._numbers[local.key]
            self._released(local)
        return True

    def when_released(self, thing, callback):
        # type: (Any, Callable[[], Any]) -> None
        """Call back once, when the peer has no reference to *thing* any more."""
        self._watchers.setdefault(thing.processUniqueID(), []).append(callback)

    def _released(self, local):
        # type: (_Local) -> None
        for watcher in self._watchers.pop(local.key, ()):
            _guarded(watcher)
        released = getattr(local.thing, 'released_by_peer', None)
        if released is not None:
            _guarded(released, self._broker)

    # -- caches ------------------------------------------------------------------------------------------------------

    def cache_number(self, cacheable):
        # type: (Any) -> Optional[int]
        """The number that the peer knows *cacheable* by; None if he does not."""
        return self._cache_numbers.get(cacheable.processUniqueID())

    def cached_again(self, cacheable, jellier):
        # type: (Any, Any) -> Optional[int]
        """Count one more mention of *cacheable*; None if the peer does not have it."""
        luid = self.cache_number(cacheable)
        if luid is not None:
            self.cacheables[luid].count += 1
            jellier.granted.append((True, luid))
        return luid

    def cache(self, cacheable, jellier):
        # type: (Any, Any) -> int
        """Number *cacheable*, which the peer is about to get."""
        if len(self.cacheables) >= self._broker.limits.caches:
            self._broker.strike()
            raise Error(u'Maximum PB cache count exceeded.')
        key = cacheable.processUniqueID()
        luid = self._last = self._last + 1
        self.cacheables[luid] = _Local(cacheable, key, jellier.perspective)
        self._cache_numbers[key] = luid
        jellier.granted.append((True, luid))
        return luid

    def cacheable(self, luid):
        # type: (Any) -> Any
        """What the peer has cached by that number; None if nothing."""
        local = self.cacheables.get(luid)
        return local.thing if local is not None else None

    def decache(self, luid):
        # type: (Any) -> bool
        """The peer gives one mention back; false if he had none.  After the last he is told that he may forget it."""
        if type(luid) is list or luid not in self.cacheables:
            return False
        local = self.cacheables[luid]
        local.count -= 1
        if not local.count:
            del self.cacheables[luid]
            del self._cache_numbers[local.key]
            self._stopped(local)
            self._broker.tell_released(b'uncache', luid)
        return True

    def _stopped(self, local):
        # type: (_Local) -> None
        try:
            local.thing.stoppedObserving(local.perspective, RemoteCacheObserver(self._broker, local.thing, local.perspective))
        except FAILURES:
            log.exception('stoppedObserving failed')

    # -- ends --------------------------------------------------------------------------------------------------------

    def take_back(self, jellier):
        # type: (Any) -> None
        """What *jellier* has written will not be sent: undo what was counted."""
        for cached, luid in reversed(jellier.granted):
            if not cached:
                self.decref(luid)
            elif luid in self.cacheables:
                local = self.cacheables[luid]
                local.count -= 1
                if not local.count:
                    del self.cacheables[luid]
                    del self._cache_numbers[local.key]
                    self._stopped(local)
        jellier.granted = []

    def lost(self):
        # type: () -> None
        """The peer is gone: everything of his is released."""
        objects, cacheables = self.objects, self.cacheables
        self.objects, self.cacheables = {}, {}
        self._numbers, self._cache_numbers = {}, {}
        named, self._named = self._named, {}
        for luid in sorted(cacheables):
            self._stopped(cacheables[luid])
        for luid in sorted(objects):
            self._released(objects[luid])
        for name in sorted(named):
            self._released(_Local(named[name], None))
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
