# Copyright the carryall authors.  See LICENSE.
"""Call the object of pbsimple_server.py."""
from __future__ import print_function

import sys

from carryall import runtimes
from carryall.core.future import coroutine
from carryall.protocols import pb

loop = runtimes.choose()


@coroutine
def main():
    """Each ``yield`` waits for a Future."""
    broker = yield pb.connect(loop, '127.0.0.1', int((sys.argv[1:] or [pb.PORT])[0]))
    answer = yield broker.remote().call_remote('echo', u'hello network')
    print('server echoed: %s' % answer)


loop.run_until(main())
loop.close()
