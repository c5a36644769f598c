# Copyright the carryall authors.  See LICENSE.
"""The client of the pb bench: calls made beforehand as octets, answers counted by how they begin.

    pb_client.py KIND PORT CONNECTIONS SECONDS WINDOW        prints {"count": ..., "seconds":
    ..., "bad": ...}

KIND is echo, pond (ten copyables come back) or take (ten go there).  Each connection has WINDOW
calls under way and sends the next WINDOW when all are answered.  What it sends is the same from
first to last, so it costs next to nothing.
"""
from __future__ import absolute_import, division, print_function

import json
import os
import select
import socket
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'servers'))

from carryall.protocols.pb import banana, jelly, security                # noqa: E402
from carryall_pb import frogs                                           # noqa: E402

HELLO = banana.encode(b'pb') + banana.encode([b'version', 6], banana.PB)
# The token behind the head of the list.
ANSWER = banana.encode([b'answer'], banana.PB)[2:]
GOOD = b'\x03\x80' + ANSWER
BAD = b'\x03\x80' + banana.encode([b'error'], banana.PB)[2:]


class Invoker(object):
    """Stands for a broker, so that copyables are written as for one."""


def call(kind, number):
    """The octets of one call."""
    jellier = jelly.Jellier(jelly.forms_of(banana.PB), security.basic_security(), 100, Invoker())
    jellier.put({'echo': (1,), 'pond': (), 'take': (frogs(10),)}[kind])
    args = banana.decode(b''.join(jellier.out), banana.WORDS)
    message = [b'message', number, b'root', kind.encode('ascii'), 1, args, [b'dictionary']]
    return banana.encode(message, banana.PB)


class Connection(object):
    """One of them."""

    def __init__(self, port, data):
        self.sock = socket.create_connection(('127.0.0.1', port), 10.0)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.sendall(HELLO)
        got = b''
        while not got.endswith(b'\x06\x81'):        # the end of ['version', 6]
            got += self.sock.recv(4096)
        self.data = data
        self.left = 0
        self.rest = b''

    def count(self):
        """How many answers came, and how many errors."""
        data = self.rest + self.sock.recv(1 << 18)
        good = data.count(GOOD)
        bad = data.count(BAD)
        self.rest = data[-3:] if not data.endswith((GOOD, BAD)) else b''
        return good, bad


def run(kind, port, connections, seconds, window):
    """Drive them for that long."""
    data = b''.join(call(kind, number + 1) for number in range(window))
    made = [Connection(port, data) for _ in range(connections)]
    poll = select.epoll()
    by_number = {}
    for one in made:
        by_number[one.sock.fileno()] = one
        poll.register(one.sock.fileno(), select.EPOLLIN)
    count = 0
    bad = 0
    begin = time.time()
    end = begin + seconds
    for one in made:
        one.left = window
        one.sock.sendall(data)
    while time.time() < end:
        for number, _ in poll.poll(1.0):
            one = by_number[number]
            good, wrong = one.count()
            count = count + good + wrong
            bad = bad + wrong
            one.left = one.left - good - wrong
            if one.left <= 0:
                one.left = window
                one.sock.sendall(one.data)
    elapsed = time.time() - begin
    for one in made:
        one.sock.close()
    return {'count': count, 'seconds': elapsed, 'bad': bad}


if __name__ == '__main__':
    print(json.dumps(run(sys.argv[1], *[int(word) for word in sys.argv[2:]])))
