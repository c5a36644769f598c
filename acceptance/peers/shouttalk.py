# Copyright the carryall authors.  See LICENSE.
"""Says two words to a WebSocket, and prints what it answers.

    shouttalk.py ws://HOST:PORT/shout
"""
from __future__ import absolute_import, division, print_function

import sys

from carryall import runtimes
from carryall.core.future import coroutine
from carryall.protocols.websocket import connect


@coroutine
def talk(loop, url):
    """The talk."""
    websocket = yield connect(loop, url)
    for word in (u'hello', u'again'):
        websocket.send(word)
        answer = yield websocket.receive()
        print(answer)
    websocket.close()


def main():
    """Runs it."""
    loop = runtimes.choose()
    loop.run_until(talk(loop, sys.argv[1]))
    loop.close()


if __name__ == '__main__':
    main()
