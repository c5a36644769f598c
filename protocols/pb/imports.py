# Copyright the carryall authors.  See LICENSE.
"""Imports: the objects of the peer's that we refer to or have cached.

A cache is two objects with one ``__dict__``: the *original* stays here until the peer says
``uncache``, since changes may be on their way; what the program holds is *shown* in its stead, so
that its end can be noticed.

Tests:    tests/protocols/pb/test_remotereference.py, test_cache.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import int_types
from carryall.protocols.pb.flavors import RemoteCache
from carryall.protocols.pb.remotereference import Held, RemoteReference
from carryall.protocols.pb.security import InsecureJelly

__all__ = ['Imports']


class Imports(object):
    """The tables of one broker.

    Attributes:
        references: ``Held``, of RemoteReferences.
        caches: ``Held``, of RemoteCaches.
    """

    def __init__(self, broker):
        # type: (Any) -> None
        self._broker = broker
        self.references = Held(broker.loop, self._give_up_reference)
        self.caches = Held(broker.loop, self._give_up_cache)
        self._originals = {}        # type: Dict[int, Any]

    def _check(self, luid):
        # type: (Any) -> None
        if not isinstance(luid, int_types):
            raise InsecureJelly('a number is wanted')
        # An original may wait for its end when nothing is shown of it any more; one may be shown
        # any number of times.
        if len(self.references) + max(len(self._originals), len(self.caches)) \
                >= self._broker.limits.held:
            self._broker.strike()
            raise InsecureJelly('more objects than are held for one peer')

    # -- references --------------------------------------------------------------------------------

    def reference(self, unjellier, luid):
        # type: (Any, Any) -> RemoteReference
        """A reference has come."""
        self._check(luid)
        found = RemoteReference(self._broker, luid, unjellier.perspective)
        found.serial = self.references.arrived(found, luid)
        unjellier.received.append(found)
        return found

    def _give_up_reference(self, luid):
        # type: (int) -> None
        self._broker.tell_released(b'decref', luid)

    def let_go(self, received):
        # type: (List[Any]) -> None
        """End what came with one message, unless it was kept."""
        for one in received:
            if isinstance(one, RemoteReference):
                if not one.kept:
                    one.release()
            elif not RemoteCache.is_kept(one):
                RemoteCache.release(one)
        del received[:]

    # -- caches ------------------------------------------------------------------------------------

    def cache(self, unjellier, luid, original):
        # type: (Any, Any, Any) -> Any
        """Something to be cached has come; what the program gets."""
        self._check(luid)
        if luid in self._originals:
            raise InsecureJelly('two caches with one number')
        original.broker = self._broker
        original.luid = luid
        self._originals[luid] = original
        shown = self._shown(unjellier, original)
        type(original).__init__(shown)
        return shown

    def cached_again(self, unjellier, luid):
        # type: (Any, Any) -> Any
        """Something has come that is cached here."""
        self._check(luid)
        original = self.original(luid)
        if original is None:
            raise InsecureJelly('a cache that is not here')
        return self._shown(unjellier, original)

    def _shown(self, unjellier, original):
        # type: (Any, Any) -> Any
        """Another object of the same class, with the same attributes for all time,
        for the program to hold."""
        cls = type(original)        # type: Any
        shown = cls.__new__(cls)
        shown.__dict__ = original.__dict__
        RemoteCache.set_serial(shown, self.caches.arrived(shown, original.luid))
        unjellier.received.append(shown)
        return shown

    def original(self, luid):
        # type: (Any) -> Any
        """The cache of that number; None if there is none."""
        return self._originals.get(luid) if type(luid) is not list else None

    def _give_up_cache(self, luid):
        # type: (int) -> None
        self._broker.tell_released(b'decache', luid)

    def uncache(self, luid):
        # type: (Any) -> bool
        """The peer has nothing more to say about a cache; false if there is none."""
        original = self._originals.pop(luid, None) if type(luid) is not list else None
        if original is not None:
            original.broker = None
        return original is not None

    def lost(self):
        # type: () -> None
        """The peer is gone; what is here stays as it was, and does not change any more."""
        self.references.clear()
        self.caches.clear()
        originals, self._originals = self._originals, {}
        for original in originals.values():
            original.broker = None


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List
