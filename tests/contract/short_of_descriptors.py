# Copyright the carryall authors.  See LICENSE.
"""The server of test_accept.py: run with few descriptors, it greets everybody and tells what
waiting for more costs.

    python short_of_descriptors.py CHECKOUT BACKEND

It prints its port, and ends when its standard input does.
"""
from __future__ import absolute_import, division, print_function

import logging
import os
import sys
import threading

sys.path.insert(0, sys.argv[1])

from carryall import runtimes                       # noqa: E402
from carryall.core.net.protocol import Protocol         # noqa: E402

LOOK_SECONDS = 1.0          # how long it looks at what waiting costs


class Greeting(Protocol):
    """Says hello and stays."""

    def connection_made(self, transport):
        """Greet."""
        Protocol.connection_made(self, transport)
        open_ones.add(self)
        transport.write(b'hello')

    def connection_lost(self, exc):
        """Forgets."""
        open_ones.discard(self)


class Short(logging.Handler):
    """Begins to look when the log says that accepting pauses."""

    def emit(self, record):
        """Looks at the first."""
        if 'accepting pauses' in record.getMessage() and not looking:
            looking.append(spent())
            loop.call_later(LOOK_SECONDS, tell)


def spent():
    """Processor seconds of this process."""
    if stat is None:
        return sum(os.times()[:2])
    stat.seek(0)  # jython: os.times() counts in a unit of its own, and loads a library to do so
    # In ticks, of which Linux has 100.
    return sum(map(int, stat.read().rsplit(b')', 1)[1].split()[11:13])) * 0.01


def tell():
    """Tells everybody what share of the processor the wait has cost."""
    # As bytes: a codec could not be loaded now.
    said = b' waited %.3f' % ((spent() - looking[0]) / LOOK_SECONDS)
    for protocol in list(open_ones):
        protocol.transport.write(said)


def wait_for_end():
    """Stops the loop when the standard input ends."""
    sys.stdin.read()
    loop.call_soon_threadsafe(loop.stop)


open_ones = set()
looking = []
stat = open('/proc/self/stat', 'rb') if os.path.exists('/proc/self/stat') else None
spent()                     # now, for it may load what no descriptor is left for
logging.basicConfig(level=logging.WARNING)
logging.getLogger().addHandler(Short())
loop = runtimes.choose(sys.argv[2])
listener = loop.listen_tcp(Greeting)
print(listener.address.port)
sys.stdout.flush()
thread = threading.Thread(target=wait_for_end)
thread.daemon = True
thread.start()
loop.run()
thread.join()
loop.close()
