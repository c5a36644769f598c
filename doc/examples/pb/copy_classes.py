# Copyright the carryall authors.  See LICENSE.
"""A class that goes over as a copy, and what stands for it at the other end."""
from carryall.protocols import pb


class Pond(pb.Copyable):
    """A frog pond."""

    def __init__(self, frogs, toads):
        self.frogs = frogs
        self.toads = toads
        self.owner = u'not of your concern'

    def getStateToCopy(self):
        """The state that the other end may see."""
        return {u'frogs': self.frogs, u'toads': self.toads}

    def getTypeToCopy(self):
        """The name that both ends know it by."""
        return u'copy.Pond'


class RemotePond(pb.RemoteCopy):
    """Made without its constructor, then given the state."""

    def count(self):
        """Of all."""
        return self.frogs + self.toads


registry = pb.Registry()
registry.setUnjellyableForClass('copy.Pond', RemotePond)
