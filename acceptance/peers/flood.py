# Copyright the carryall authors.  See LICENSE.
"""A client that sends without waiting: many connections, on each the same request over and over.

    flood.py PORT CONNECTIONS SECONDS GREETED REQUEST

GREETED is 1 if the server speaks first; REQUEST has backslash escapes.  A connection that the
server ends is replaced by another.  Prints ``flooding`` once all are connected, and at the end how
many octets were answered.  Needs nothing but Python 3.
"""
import selectors
import socket
import sys
import time

PIECE = 65536
BULK = 262144               # octets that are sent over and over on one connection


def opened(port, greeted):
    """A connection whose greeting has been read."""
    sock = socket.create_connection(('127.0.0.1', port), 60.0)
    if greeted:
        sock.recv(PIECE)
    sock.setblocking(False)
    return sock


def flood(port, connections, seconds, greeted, request):
    """Sends and reads; returns how many octets came."""
    bulk = request * (BULK // len(request))
    selector = selectors.DefaultSelector()
    left = {}
    for _ in range(connections):
        sock = opened(port, greeted)
        left[sock] = memoryview(bulk)
        selector.register(sock, selectors.EVENT_READ | selectors.EVENT_WRITE)
    print('flooding', flush=True)
    came = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end and left:
        for key, events in selector.select(0.1):
            sock = key.fileobj
            try:
                if events & selectors.EVENT_READ:
                    got = len(sock.recv(4 * PIECE))
                    came += got
                    if not got:
                        raise ConnectionError
                if events & selectors.EVENT_WRITE:
                    left[sock] = left[sock][sock.send(left[sock][:PIECE]):] or memoryview(bulk)
            except BlockingIOError:
                pass
            except ConnectionError:     # the server has had enough of this one
                selector.unregister(sock)
                del left[sock]
                sock.close()
                other = opened(port, greeted)
                left[other] = memoryview(bulk)
                selector.register(other, selectors.EVENT_READ | selectors.EVENT_WRITE)
    return came


if __name__ == '__main__':
    print('%d octets came' % flood(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]),
                                   sys.argv[4] == '1',
                                   sys.argv[5].encode('ascii').decode('unicode_escape').encode(
                                       'latin-1')), flush=True)
