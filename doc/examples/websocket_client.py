# Copyright the carryall authors.  See LICENSE.
"""Say something in the chat room of websocket_server.py, and hear it."""
from __future__ import print_function

from carryall import runtimes
from carryall.core.future import coroutine
from carryall.protocols.websocket import connect


@coroutine
def talk(loop):
    """Sends one message, receives one, and closes."""
    client = yield connect(loop, 'ws://127.0.0.1:7010/')
    yield client.send(u'hello')
    message = yield client.receive()
    print('somebody said: %s' % message)
    yield client.close()


loop = runtimes.choose()
loop.run_until(talk(loop))
loop.close()
