# Copyright the carryall authors.  See LICENSE.
"""The distributed web, in pieces: a front end for some personal servers,
and a personal server that makes things up.

    distrib.py personal SOCKET NAME         /: NAME; /sum:
                                            the octets and the sum of the body; /big?N: N octets
    distrib.py front NAME=SOCKET...         /NAME/... from each of them, on a free port
"""
from __future__ import absolute_import, division, print_function

import os
import sys
import zlib

from carryall import runtimes
from carryall.core.future import Return, coroutine
from carryall.protocols import pb
from carryall.protocols.http import Response, Settings, Site, plain_response
from carryall.services.distrib.publisher import Publisher
from carryall.services.distrib.subscription import Subscription

BLOCK = b'0123456789abcdef' * 4096          # 64 KiB


class Big(object):
    """So many octets."""

    def __init__(self, count):
        self.left = count

    def __iter__(self):
        return self

    def __next__(self):
        if not self.left:
            raise StopIteration
        piece = BLOCK[:self.left]
        self.left -= len(piece)
        return piece

    next = __next__


@coroutine
def summed(request):
    """How many octets, and which."""
    count = 0
    crc = 0
    while True:
        piece = yield request.body.read()
        if not piece:
            raise Return(Response(200, body=b'%d %08x\n' % (count, crc & 0xffffffff)))
        count = count + len(piece)
        crc = zlib.crc32(piece, crc)


def personal(loop, path, name):
    """The personal server."""
    def app(request):
        if request.path == b'/sum':
            return summed(request)
        if request.path == b'/big':
            return Response(200, body=Big(int(request.query)))
        return Response(200, [(b'Set-Cookie', b'seen=1; Path=/')], name.encode('ascii') + b'\n')

    publisher = Publisher(app, loop)
    brokers = []

    def make():
        brokers.append(publisher.broker())
        return brokers[-1]

    loop.listen_unix(make, path)
    print('ready: %s' % path)

    def show():
        print('live: %d, served: %d' % (sum(sum(broker.live()[:4]) for broker in brokers),
                                        publisher.served))
        sys.stdout.flush()

    loop.add_signal_handler('USR1', show)


def front(loop, pairs):
    """The front end."""
    mounted = {}
    for pair in pairs:
        name, _, path = pair.partition('=')
        mounted[name.encode('ascii')] = Subscription(
            loop, [lambda path=path: pb.connect_unix(loop, path, **Subscription.options())],
            answer_seconds=10.0)

    def app(request):
        subscription = mounted.get(request.path.split(b'/')[1])
        return plain_response(404) if subscription is None else subscription(request, 1)

    site = Site(app, loop, Settings(body_bytes=1 << 30))
    print('listening on %s' % (loop.listen_tcp(site, '127.0.0.1', 0).address,))

    def show():
        brokers = [one.sturdy.reference.broker for one in mounted.values()
                   if one.sturdy.reference is not None]
        print('live: %d, connections: %d' % (sum(sum(broker.live()[:4]) for broker in brokers),
                                            sum(one.sturdy.connections
                                                for one in mounted.values())))
        sys.stdout.flush()

    loop.add_signal_handler('USR1', show)


def main():
    """One of the two."""
    loop = runtimes.choose(os.environ.get('BACKEND'))
    if sys.argv[1] == 'personal':
        personal(loop, sys.argv[2], sys.argv[3])
    else:
        front(loop, sys.argv[2:])
    sys.stdout.flush()
    loop.add_signal_handler('TERM', loop.stop)
    loop.run()
    loop.close()


if __name__ == '__main__':
    main()
