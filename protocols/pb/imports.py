# Copyright the carryall authors.  See LICENSE.
"""Imports: objects of the peer that we refer to or have cached.

A cache is two objects with one ``__dict__``.  The *original* stays here until the peer sends
``uncache``, because changes may be on their way.  The program holds another, the *shown* one, so
that the end of its use can be noticed.

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
            raise InsecureJelly('a number is required')
        # An original that is shown no more waits for ``uncache``; one may be shown several times.
        if len(self.references) + max(len(self._originals), len(self.caches)) \
                >= self._broker.settings.held:
            self._broker.strike()
            raise InsecureJelly('too many objects for one peer')

    # -- references --------------------------------------------------------------------------------

    def reference(self, unjellier, luid):
        # type: (Any, Any) -> RemoteReference
        """Makes a RemoteReference for a reference that arrived."""
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
        """Releases the references and caches that arrived with one message, unless kept."""
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
        """Keeps an object that arrived to be cached; the object for the program."""
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
        """The object for the program for a cache that the peer has sent again."""
        self._check(luid)
        original = self.original(luid)
        if original is None:
            raise InsecureJelly('an unknown cache')
        return self._shown(unjellier, original)

    def _shown(self, unjellier, original):
        # type: (Any, Any) -> Any
        """Another object of the same class that shares all attributes, for the program."""
        cls = type(original)        # type: Any
        shown = cls.__new__(cls)
        shown.__dict__ = original.__dict__
        RemoteCache.set_serial(shown, self.caches.arrived(shown, original.luid))
        unjellier.received.append(shown)
        return shown

    def original(self, luid):
        # type: (Any) -> Any
        """The cache of that number; None if the number is unknown."""
        return self._originals.get(luid) if type(luid) is not list else None

    def _give_up_cache(self, luid):
        # type: (int) -> None
        self._broker.tell_released(b'decache', luid)

    def uncache(self, luid):
        # type: (Any) -> bool
        """Drops a cache that the peer will not change any more; false if it is unknown."""
        original = self._originals.pop(luid, None) if type(luid) is not list else None
        if original is not None:
            original.broker = None
        return original is not None

    def lost(self):
        # type: () -> None
        """Detaches all: the peer is gone, and the caches keep their present state."""
        self.references.clear()
        self.caches.clear()
        originals, self._originals = self._originals, {}
        for original in originals.values():
            original.broker = None


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List
