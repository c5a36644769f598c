# Copyright the carryall authors.  See LICENSE.
"""Our Perspective Broker: an echo, and frogs, which are copyables, there and back.

    carryall_pb.py pb [--backend NAME]
"""
from __future__ import absolute_import, division, print_function

import sys

from ours import announce, chosen_loop, options
from carryall.protocols import pb


class Frog(pb.Copyable, pb.RemoteCopy):
    """Goes over as its state, and stands for one that came."""

    def getTypeToCopy(self):
        """The name that the client uses too."""
        return b'bench.Frog'


def frogs(count):
    """So many different ones."""
    made = []
    for number in range(count):
        frog = Frog()
        frog.name = u'frog %d' % number
        frog.legs = 4
        frog.weight = 0.25
        frog.wet = True
        frog.friends = [b'a', b'b']
        made.append(frog)
    return made


class Root(pb.Root):
    """The object that is called."""

    def __init__(self):
        self.frogs = frogs(10)

    def remote_echo(self, value):
        """It back."""
        return value

    def remote_pond(self):
        """Ten copyables."""
        return self.frogs

    def remote_take(self, pond):
        """Ten copyables came."""
        return len(pond)


def main(argv):
    """Serves until killed."""
    loop = chosen_loop(options(argv))
    root = Root()
    registry = pb.Registry()
    registry.setUnjellyableForClass('bench.Frog', Frog)
    announce(loop.listen_tcp(lambda: pb.Broker(loop, root, registry=registry)))
    loop.run()


if __name__ == '__main__':
    main(sys.argv[1:])
