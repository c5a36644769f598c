# Copyright the carryall authors.  See LICENSE.
"""Takes ponds.  Then run copy_sender.py."""
from __future__ import print_function

import sys

from carryall import runtimes
from carryall.protocols import pb
from copy_classes import registry


class Receiver(pb.Root):
    """Any client may bring a pond."""

    def remote_take(self, pond):
        """Only what is in the registry is ever made of what comes."""
        print('a pond with %d frogs and %d toads' % (pond.frogs, pond.toads))
        sys.stdout.flush()
        return pond.count()


loop = runtimes.choose()
port = int((sys.argv[1:] or [pb.PORT])[0])
listener = loop.listen_tcp(lambda: pb.Broker(loop, Receiver(), registry=registry),
                           '127.0.0.1', port)
print('listening on %s' % (listener.address,))
sys.stdout.flush()
loop.run()
