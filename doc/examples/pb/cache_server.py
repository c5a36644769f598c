# Copyright the carryall authors.  See LICENSE.
"""Gives a duck pond to any client that asks.  Then run cache_client.py."""
from __future__ import print_function

import sys

from carryall import runtimes
from carryall.protocols import pb
from cache_classes import DuckPond


class Owner(pb.Root):
    """Of one pond."""

    def __init__(self):
        self.pond = DuckPond([u'one', u'two'])

    def remote_pond(self):
        """The whole pond the first time, afterwards its number."""
        return self.pond

    def remote_add(self, name):
        """A duck lands."""
        self.pond.add(name)

    def remote_observers(self):
        """How many have the pond."""
        return len(self.pond.observers)


loop = runtimes.choose()
owner = Owner()
port = int((sys.argv[1:] or [pb.PORT])[0])
listener = loop.listen_tcp(lambda: pb.Broker(loop, owner), '127.0.0.1', port)
print('listening on %s' % (listener.address,))
sys.stdout.flush()
loop.run()
