# Copyright the carryall authors.  See LICENSE.
"""Sends a pond to copy_receiver.py, and something that it does not know."""
from __future__ import print_function

import sys

from carryall import runtimes
from carryall.core.future import coroutine
from carryall.protocols import pb
from copy_classes import Pond

loop = runtimes.choose()


class Puddle(pb.Copyable):
    """Not in the receiver's registry."""


@coroutine
def main():
    """A copy is data: it needs no release."""
    broker = yield pb.connect(loop, '127.0.0.1', int((sys.argv[1:] or [pb.PORT])[0]))
    root = broker.remote()
    answer = yield root.call_remote('take', Pond(3, 2))
    print('it counted %d' % answer)
    try:
        yield root.call_remote('take', Puddle())
    except pb.RemoteError as exc:
        print('refused: %s' % exc.remote_type)


loop.run_until(main())
loop.close()
