# Copyright the carryall authors.  See LICENSE.
"""Calls the echo of a Perspective Broker over a WebSocket: pb_websocket.py URL."""
from __future__ import absolute_import, division, print_function

import os
import sys

from carryall import runtimes
from carryall.core.future import coroutine
from carryall.protocols import pb

VALUES = (u'\u20ac', b'x' * 600000, [1, (2,)])


@coroutine
def call(loop, url):
    """Calls with each value, and closes."""
    broker = yield pb.connect_websocket(loop, url)
    for value in VALUES:
        answer = yield broker.remote().call_remote('echo', value)
        if answer != value:
            raise AssertionError('an echo of %s' % type(value).__name__)
    broker.close()
    yield broker.closed
    print('all right')


def main():
    """Makes the calls on the backend of the environment."""
    loop = runtimes.choose(os.environ.get('BACKEND'))
    loop.run_until(call(loop, sys.argv[1]))
    loop.close()


if __name__ == '__main__':
    main()
