# Copyright the carryall authors.  See LICENSE.
"""The load of the echo and accept benches without a C compiler;
the same command line and output as load.c.

A Python client costs about as much as a raw Python server.  The server's CPU per round trip stays
valid with it, but the round trips per second are those of the client.
"""
from __future__ import absolute_import, division, print_function

import json
import os
import select
import socket
import sys
import time

REQUEST = b'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'
CHUNK = 65536


def used():
    """CPU seconds of this process."""
    times = os.times()
    return times[0] + times[1]


def opened(port):
    """A connected non-blocking socket to the loopback port."""
    connection = socket.create_connection(('127.0.0.1', port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setblocking(False)
    return connection


def echo(port, count, seconds, size, window):
    """Keeps window messages of size bytes under way on count connections; returns (trips,
    seconds, bad)."""
    connections = [opened(port) for _ in range(count)]
    message = bytes(bytearray(ord('a') + i % 26 for i in range(size)))
    by_fd = {connection.fileno(): connection for connection in connections}
    left = {fd: b'' for fd in by_fd}
    poller = select.epoll()
    for fd in by_fd:
        poller.register(fd, select.EPOLLIN)
    begin = time.time()
    for connection in connections:
        connection.send(message * window)
    trips = 0
    bad = 0
    while time.time() < begin + seconds:
        for fd, _ in poller.poll(0.1, 1024):
            data = left[fd] + by_fd[fd].recv(CHUNK)
            whole = len(data) // size
            if whole:
                bad += data[:whole * size] != message * whole
                trips += whole
                by_fd[fd].send(message * whole)
            left[fd] = data[whole * size:]
    return trips, time.time() - begin, bad


def accepting(port, count, at_once):
    """Opens count connections, at_once under way, one request each; returns (answered,
    seconds, lost)."""
    poller = select.epoll()
    under_way = {}
    begin = time.time()
    quiet = begin
    left = count
    answered = 0
    lost = 0
    while (left or under_way) and time.time() < quiet + 20:
        while left and len(under_way) < at_once:
            connection = socket.socket()
            connection.setblocking(False)
            connection.connect_ex(('127.0.0.1', port))
            under_way[connection.fileno()] = connection
            poller.register(connection.fileno(), select.EPOLLOUT)
            left -= 1
        for fd, events in poller.poll(0.1, 1024):
            quiet = time.time()
            try:
                if events == select.EPOLLOUT:
                    under_way[fd].send(REQUEST)
                    poller.modify(fd, select.EPOLLIN)
                    continue
                good = under_way[fd].recv(CHUNK) != b''
            except (socket.error, OSError):
                good = False
            answered += good
            lost += not good
            poller.unregister(fd)
            under_way.pop(fd).close()
    return answered, time.time() - begin, lost + len(under_way) + left


def main(argv):
    """Runs the mode and prints its JSON object."""
    before = used()
    if argv[0] == 'echo':
        count, seconds, bad = echo(int(argv[1]), int(argv[2]), float(argv[3]), int(argv[4]),
                                   int(argv[5]))
    else:
        count, seconds, bad = accepting(int(argv[1]), int(argv[2]), int(argv[3]))
    print(json.dumps({'count': count, 'seconds': seconds, 'bad': bad,
                      'client_cpu': used() - before}))


if __name__ == '__main__':
    main(sys.argv[1:])
