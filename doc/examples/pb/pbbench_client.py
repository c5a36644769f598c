# Copyright the carryall authors.  See LICENSE.
"""Counts calls to pbbench_server.py: PORT, seconds for each kind (2), calls at a time (10)."""
from __future__ import print_function

import sys

from carryall import runtimes
from carryall.core.future import coroutine, gather
from carryall.protocols import pb

loop = runtimes.choose()
words = sys.argv[1:] + [pb.PORT, 2, 10][len(sys.argv) - 1:]
port, seconds, at_a_time = [int(word) for word in words]


@coroutine
def call(root, name, end, counted):
    """One after another until it is time."""
    while loop.time() < end:
        yield root.call_remote(name)
        counted.append(1)


@coroutine
def main():
    """Each kind in turn."""
    broker = yield pb.connect(loop, '127.0.0.1', port)
    for name in ('simple', 'complex'):
        counted = []
        begin = loop.time()
        yield gather([call(broker.remote(), name, begin + seconds, counted)
                      for _ in range(at_a_time)])
        print('%s: %.0f calls per second' % (name, len(counted) / (loop.time() - begin)))


loop.run_until(main())
loop.close()
