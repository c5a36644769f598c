# Copyright the carryall authors.  See LICENSE.
"""The server of a small benchmark; then run pbbench_client.py.

The real one is ``admin/bench pb``.
"""
from __future__ import print_function

import sys

from carryall import runtimes
from carryall.protocols import pb


class Bench(pb.Root):
    """Does as little as can be done."""

    def remote_simple(self):
        """Nothing."""

    def remote_complex(self):
        """Some data."""
        return [u'a', 1, 1.0, [b'b', None, {u'c': (2, 3)}]]


loop = runtimes.choose()
port = int((sys.argv[1:] or [pb.PORT])[0])
listener = loop.listen_tcp(lambda: pb.Broker(loop, Bench()), '127.0.0.1', port)
print('listening on %s' % (listener.address,))
sys.stdout.flush()
loop.run()
