# Copyright the carryall authors.  See LICENSE.
"""A duck pond that goes over once; after that only its changes do."""
from __future__ import print_function

from carryall.protocols import pb


class DuckPond(pb.Cacheable):
    """Tells everybody who has it what changes."""

    def __init__(self, ducks):
        self.ducks = ducks
        self.observers = []

    def getTypeToCopy(self):
        """The name that both ends know it by."""
        return u'cache.DuckPond'

    def getStateToCacheAndObserveFor(self, perspective, observer):
        """The state now; the observer gets what comes later."""
        self.observers.append(observer)
        return {u'ducks': self.ducks}

    def stoppedObserving(self, perspective, observer):
        """The other end has let go of it."""
        self.observers.remove(observer)

    def add(self, name):
        """One more."""
        self.ducks.append(name)
        for observer in self.observers:
            observer.call_remote('add', name)


class RemoteDuckPond(pb.RemoteCache):
    """Stands for it at the other end."""

    def observe_add(self, name):
        """Its change."""
        self.ducks.append(name)


registry = pb.Registry()
registry.setUnjellyableForClass('cache.DuckPond', RemoteDuckPond)
