# Copyright the carryall authors.  See LICENSE.
"""One end of WebSockets, on any runtime and backend.

    websocket.py serve                  prints its address; sends back each message, at /squeezed
                                        with compression, at /failing raises an exception on each
    websocket.py talk URL [squeezed]    messages of all sizes to a server that sends them back,
                                        then a CLOSE
"""
from __future__ import absolute_import, division, print_function

import os
import sys

from carryall import runtimes
from carryall.core.future import coroutine
from carryall.protocols.http import Site
from carryall.protocols.websocket import (Deflate, MessageProtocol, Settings, WebSocketServer,
                                          connect)

SAID = [u'', u'a', b'\x00\xff', u'\u20ac\U0001f980' * 40, b'x' * 65535, u'y' * 65536,
        bytes(bytearray(range(256))) * 4096, u'last']


class Echo(MessageProtocol):
    """Sends back what comes."""

    def message_received(self, message):
        self.websocket.send(message)


class Failing(MessageProtocol):
    """Raises an exception on each message."""

    def message_received(self, message):
        raise ValueError('as it should')


def check(right, what):
    """One line."""
    if not right:
        raise AssertionError(what)
    print('right: ' + what)
    sys.stdout.flush()


def serve(loop):
    """Until TERM."""
    plain = WebSocketServer(lambda request: Echo(), loop)
    squeezed = WebSocketServer(lambda request: Echo(), loop, Settings(deflate=Deflate()))
    paths = {b'/squeezed': squeezed, b'/failing': WebSocketServer(lambda request: Failing(), loop)}
    site = Site(lambda request: paths.get(request.path, plain)(request), loop)
    listener = loop.listen_tcp(site, '127.0.0.1', 0)
    print('listening on %s' % (listener.address,))
    sys.stdout.flush()
    loop.run()


@coroutine
def talk(loop, url, deflate):
    """Sends each message, receives it, and closes."""
    client = yield connect(loop, url, settings=Settings(deflate=deflate))
    for message in SAID:
        client.send(message)
    heard = []
    for _ in SAID:
        message = yield client.receive()
        heard.append(message)
    check(heard == SAID, '%d messages came back' % len(SAID))
    yield client.ping()
    yield client.close(1000, u'enough')
    end = yield client.receive()
    check(end is None, 'a clean end')
    check(client.close_code == 1000, 'the server closes with 1000')
    print('all right')


def main():
    """One of the two."""
    loop = runtimes.choose(os.environ.get('BACKEND'))
    if sys.argv[1] == 'serve':
        serve(loop)
    else:
        loop.run_until(talk(loop, sys.argv[2], Deflate() if sys.argv[3:] else None))
    loop.close()


if __name__ == '__main__':
    main()
