# Copyright the carryall authors.  See LICENSE.
"""The smallest server: one object with one method.

Then run pbsimple_client.py, on this or another runtime.
"""
from __future__ import print_function

import sys

from carryall import runtimes
from carryall.protocols import pb


class Echoer(pb.Root):
    """Any client can call the methods that begin with ``remote_``."""

    def remote_echo(self, text):
        """Back it goes."""
        print('echoing: %s' % text)
        return text


loop = runtimes.choose()
port = int((sys.argv[1:] or [pb.PORT])[0])
listener = loop.listen_tcp(lambda: pb.Broker(loop, Echoer()), '127.0.0.1', port)
print('listening on %s' % (listener.address,))
sys.stdout.flush()
loop.run()
