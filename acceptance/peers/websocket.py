# Copyright the carryall authors.  See LICENSE.
"""One end of WebSockets, on any runtime and backend.

    websocket.py serve                  prints its address; sends back each message, at /squeezed
                                        with compression, at /failing raises an exception on each
    websocket.py talk URL [squeezed]    messages of all sizes to a server that sends them back,
                                        then a CLOSE
    websocket.py pb URL                 calls the echo of Perspective Broker there
"""
from __future__ import absolute_import, division, print_function

import os
import sys

from carryall import runtimes
from carryall.core.future import coroutine, sleep
from carryall.protocols import pb
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


class Gather(MessageProtocol):
    """Keeps it."""

    def __init__(self):
        self.heard = []
        self.lost = []

    def message_received(self, message):
        self.heard.append(message)

    def connection_lost(self, exc):
        self.lost.append(exc)


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
    """Say everything, hear it, and end."""
    websocket, gather = yield connect(loop, url, Gather, settings=Settings(deflate=deflate))
    for message in SAID:
        websocket.send(message)
    websocket.ping(b'there?')
    for _ in range(1000):
        if len(gather.heard) == len(SAID):
            break
        yield sleep(loop, 0.02)
    check(gather.heard == SAID, '%d messages came back' % len(SAID))
    websocket.close(1000, u'enough')
    for _ in range(500):
        if gather.lost:
            break
        yield sleep(loop, 0.02)
    check(gather.lost == [None] and websocket.close_code == 1000, 'closed in peace')
    print('all right')


@coroutine
def call(loop, url):
    """A few calls."""
    broker = yield pb.connect_websocket(loop, url)
    for value in (u'\u20ac', b'x' * 600000, [1, (2,)]):
        answer = yield broker.remote().call_remote('echo', value)
        check(answer == value, 'an echo of %s' % type(value).__name__)
    broker.close()
    yield broker.closed
    print('all right')


def main():
    """One of the three."""
    loop = runtimes.choose(os.environ.get('BACKEND'))
    if sys.argv[1] == 'serve':
        serve(loop)
    elif sys.argv[1] == 'pb':
        loop.run_until(call(loop, sys.argv[2]))
    else:
        loop.run_until(talk(loop, sys.argv[2], Deflate() if sys.argv[3:] else None))
    loop.close()


if __name__ == '__main__':
    main()
