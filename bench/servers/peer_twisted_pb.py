# Copyright the carryall authors.  See LICENSE.
"""Twisted's Perspective Broker: an echo, and frogs, which are copyables, there and back.

    peer_twisted_pb.py pb [--reactor epoll|select|poll|asyncio]
"""
from __future__ import absolute_import, division, print_function

import argparse
import importlib
import sys


def root():
    """The object that is called."""
    from twisted.spread import pb

    class Frog(pb.Copyable, pb.RemoteCopy):
        """Goes over as its state, and stands for one that came."""

        def getTypeToCopy(self):
            """The name that the client uses too."""
            return b'bench.Frog'

    class Root(pb.Root):
        """As ours."""

        def __init__(self):
            self.frogs = []
            for number in range(10):
                frog = Frog()
                frog.name = 'frog %d' % number
                frog.legs = 4
                frog.weight = 0.25
                frog.wet = True
                frog.friends = [b'a', b'b']
                self.frogs.append(frog)

        def remote_echo(self, value):
            """It back."""
            return value

        def remote_pond(self):
            """Ten copyables."""
            return self.frogs

        def remote_take(self, pond):
            """Ten copyables came."""
            return len(pond)

    pb.setUnjellyableForClass('bench.Frog', Frog)
    return Root()


def main():
    """Binds a free port, prints it, serves."""
    parser = argparse.ArgumentParser()
    parser.add_argument('kind')
    parser.add_argument('--reactor', default='epoll')
    chosen = parser.parse_args()
    importlib.import_module('twisted.internet.%sreactor' % chosen.reactor).install()
    from twisted.internet import reactor
    from twisted.spread import pb
    port = reactor.listenTCP(0, pb.PBServerFactory(root()), backlog=4096, interface='127.0.0.1')
    print(port.getHost().port)
    sys.stdout.flush()
    reactor.run()


if __name__ == '__main__':
    main()
