# Copyright the carryall authors.  See LICENSE.
"""Imports: the objects of the peer's that we refer to or have cached.

A cache is two objects with one ``__dict__``: the *original* stays here until the peer says ``uncache``, since changes may
be on their way; what the program holds is *shown* in its stead, so that its end can be noticed.

Tests:    tests/protocols/pb/test_reference.py, test_cache.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import int_types
from carryall.protocols.pb.reference import Held, RemoteReference
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
        if len(self.references) + len(self._originals) >= self._broker.limits.held:
            self._broker.strike()
            raise InsecureJelly('more objects than are held for one peer')

    # -- references --------------------------------------------------------------------------------------------------

    def reference(self, unjellier, luid):
        # type: (Any, Any) -> RemoteReference
        """A reference has come."""
        self._check(luid)
        found = self.references.get(luid)
        if found is None:
            found = RemoteReference(self._broker, luid, unjellier.perspective)
        self.references.arrived(luid, found)
        unjellier.received.append(found)
        return found

    def release(self, reference):
        # type: (RemoteReference) -> None
        """The program is done with a reference."""
        luid = reference.luid
        if type(luid) is bytes or luid is None:
            return                  # what was found by its name was not counted
        reference.luid = None
        self._give_up_reference(luid, self.references.release(luid))

    def _give_up_reference(self, luid, count):
        # type: (int, int) -> None
        self._broker.tell_released(b'decref', luid, count)

    def let_go(self, received):
        # type: (List[Any]) -> None
        """End what came with one message: each once, unless it was kept."""
        for one in received:
            if isinstance(one, RemoteReference):
                luid = one.luid
                if not one.kept and luid is not None:
                    self._give_up_reference(luid, self.references.release(luid, 1))
                    if self.references.get(luid) is None:
                        one.luid = None
            else:
                self._give_up_cache(one.luid, self.caches.release(one.luid, 1))
        del received[:]

    # -- caches ------------------------------------------------------------------------------------------------------

    def cache(self, unjellier, luid, original):
        # type: (Any, Any, Any) -> Any
        """Something to be cached has come; what the program gets."""
        self._check(luid)
        if luid in self._originals:
            raise InsecureJelly('two caches with one number')
        original.broker = self._broker
        original.luid = luid
        self._originals[luid] = original
        shown = _shown(original)
        type(original).__init__(shown)
        self.caches.arrived(luid, shown)
        unjellier.received.append(shown)
        return shown

    def cached_again(self, unjellier, luid):
        # type: (Any, Any) -> Any
        """Something has come that is cached here."""
        original = self.original(luid)
        if original is None:
            raise InsecureJelly('a cache that is not here')
        shown = self.caches.get(luid)
        if shown is None:
            shown = _shown(original)
        self.caches.arrived(luid, shown)
        unjellier.received.append(shown)
        return shown

    def original(self, luid):
        # type: (Any) -> Any
        """The cache of that number; None if there is none."""
        return self._originals.get(luid) if type(luid) is not list else None

    def release_cache(self, luid):
        # type: (int) -> None
        """The program is done with a cache."""
        self._give_up_cache(luid, self.caches.release(luid))

    def _give_up_cache(self, luid, count):
        # type: (int, int) -> None
        self._broker.tell_released(b'decache', luid, count)

    def uncache(self, luid):
        # type: (Any) -> bool
        """The peer has nothing more to say about a cache; false if there is none."""
        original = self._originals.pop(luid, None) if type(luid) is not list else None
        if original is not None:
            original.broker = None
            self.caches.release(luid)
        return original is not None

    def lost(self):
        # type: () -> None
        """The peer is gone; what is here stays as it was, and does not change any more."""
        self.references.clear()
        self.caches.clear()
        originals, self._originals = self._originals, {}
        for original in originals.values():
            original.broker = None


def _shown(original):
    # type: (Any) -> Any
    """Another object of the same class, with the same attributes for all time."""
    other = original.__class__.__new__(original.__class__)
    other.__dict__ = original.__dict__
    return other


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List
