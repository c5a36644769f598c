# Copyright the carryall authors.  See LICENSE.
"""Looks at the pond of cache_server.py, which changes without being asked for again."""
from __future__ import print_function

import sys

from carryall import runtimes
from carryall.core.future import coroutine
from carryall.protocols import pb
from cache_classes import registry

loop = runtimes.choose()


@coroutine
def main():
    """The pond is kept up to date in the block; after it the server sends no more changes."""
    port = int((sys.argv[1:] or [pb.PORT])[0])
    broker = yield pb.connect(loop, '127.0.0.1', port, registry=registry)
    root = broker.remote()
    pond = yield root.call_remote('pond')
    with pond:
        print('ducks: %s' % ', '.join(pond.ducks))
        yield root.call_remote('add', u'three')
        print('ducks: %s' % ', '.join(pond.ducks))
        answer = yield root.call_remote('observers')
        print('observers: %d' % answer)
    answer = yield root.call_remote('observers')
    print('observers: %d' % answer)


loop.run_until(main())
loop.close()
