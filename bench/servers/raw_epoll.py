# Copyright the carryall authors.  See LICENSE.
"""The limit of an interpreter: an epoll loop with canned work and no protocol, no limits,
no timers.

    raw_epoll.py hello          find the end of the request head, send a canned response
    raw_epoll.py echo           send back what came
    raw_epoll.py accept         as hello
"""
from __future__ import absolute_import, division, print_function

import select
import socket
import sys

from canned import RECV_BYTES, RESPONSE


def hello(connection, pending, data):
    """Answers every complete head in pending + data; returns what is left."""
    data = pending + data
    count = data.count(b'\r\n\r\n')
    if not count:
        return data
    connection.send(RESPONSE * count)
    return data[data.rindex(b'\r\n\r\n') + 4:]


def serve(work):
    """Accepts on a free loopback port, prints it, and answers for ever."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(('127.0.0.1', 0))
    listener.listen(4096)
    listener.setblocking(False)
    print(listener.getsockname()[1])
    sys.stdout.flush()
    poller = select.epoll()
    poller.register(listener.fileno(), select.EPOLLIN)
    listening = listener.fileno()
    connections = {}
    left = {}
    while True:
        for fd, _ in poller.poll(-1, 1024):
            if fd == listening:
                accept(listener, poller, connections, left)
                continue
            connection = connections[fd]
            try:
                data = connection.recv(RECV_BYTES)
                if data:
                    if work is None:
                        connection.send(data)
                    else:
                        left[fd] = work(connection, left[fd], data)
                    continue
            except (socket.error, OSError):
                pass
            poller.unregister(fd)
            connections.pop(fd).close()
            del left[fd]


def accept(listener, poller, connections, left):
    """Takes every waiting connection."""
    while True:
        try:
            connection, _ = listener.accept()
        except (socket.error, OSError):
            return
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        fd = connection.fileno()
        connections[fd] = connection
        left[fd] = b''
        poller.register(fd, select.EPOLLIN)


if __name__ == '__main__':
    serve(None if sys.argv[1] == 'echo' else hello)
