# Copyright the carryall authors.  See LICENSE.
"""Ask a daytime server for the time.

Start one with ``carryall simple --tcp daytime:1313``, then run this.
"""
from __future__ import print_function

from carryall import runtimes
from carryall.core.future import coroutine
from carryall.protocols.simple import daytime

loop = runtimes.choose()


@coroutine
def ask():
    """Each ``yield`` waits for a Future without holding up the loop."""
    line = yield daytime.fetch(loop, '127.0.0.1', 1313)
    print(line.decode('ascii'))


loop.run_until(ask())
loop.close()
