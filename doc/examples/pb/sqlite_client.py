# Copyright the carryall authors.  See LICENSE.
"""Uses the database that sqlite_server.py offers, from any runtime."""
from __future__ import print_function

import sys

from carryall import runtimes
from carryall.core.future import coroutine
from carryall.protocols import pb

loop = runtimes.choose()


@coroutine
def main():
    """Fills the shelf, then looks."""
    broker = yield pb.connect(loop, '127.0.0.1', int((sys.argv[1:] or [pb.PORT])[0]))
    shop = broker.remote()
    for name, price in ((u'frog', 300), (u'pond', 9000), (u'fly', 5)):
        yield shop.call_remote('add', name, price)
    found = yield shop.call_remote('cheaper', 1000)
    print('cheaper: ' + ', '.join('%s for %d' % (name, price) for name, price in found))


loop.run_until(main())
loop.close()
