# Copyright the carryall authors.  See LICENSE.
"""Holds many kept-alive connections open: the client of the `idle` bench.

    idle_client.py PORT CONNECTIONS PROBES

It opens the connections, sends one request on each, and prints a line of JSON.  After a line on
standard input it sends PROBES requests one after another, on connections spread over all of them,
and prints their times.  The next line ends it.
"""
from __future__ import absolute_import, division, print_function

import json
import random
import select
import socket
import sys
import time

REQUEST = b'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'
AT_ONCE = 200


def answered(data):
    """True if one whole answer with a Content-Length (or the canned body) is there."""
    return b'\r\n\r\n' in data and data.endswith(b'Hello, world!')


def open_all(port, count):
    """Opens them in batches; returns the sockets that got their answer."""
    good = []
    while count > 0:
        batch = []
        for _ in range(min(AT_ONCE, count)):
            connection = socket.create_connection(('127.0.0.1', port), 30)
            connection.sendall(REQUEST)
            batch.append(connection)
        count -= len(batch)
        good += [connection for connection in batch if read_answer(connection)]
    return good


def read_answer(connection):
    """Reads one answer; false if the connection ended first."""
    data = b''
    while not answered(data):
        more = connection.recv(65536)
        if not more:
            return False
        data += more
    return True


def probe(connections, count):
    """Seconds of that many requests, one at a time, on connections drawn at random."""
    draw = random.Random(1)
    times = []
    for _ in range(count):
        connection = draw.choice(connections)
        begin = time.time()
        connection.sendall(REQUEST)
        if read_answer(connection):
            times.append(time.time() - begin)
    return times


def still_open(connections):
    """How many the server has not closed."""
    poller = select.poll()
    for connection in connections:
        poller.register(connection, select.POLLIN)
    return len(connections) - len(poller.poll(0))


def say(data):
    """One line of JSON."""
    print(json.dumps(data))
    sys.stdout.flush()


def main(port, count, probes):
    """Opens, waits, probes, waits."""
    begin = time.time()
    connections = open_all(port, count)
    say({'open': len(connections), 'seconds': time.time() - begin})
    sys.stdin.readline()
    alive = still_open(connections)
    say({'alive': alive, 'times': probe(connections, probes) if alive else []})
    sys.stdin.readline()


if __name__ == '__main__':
    main(*[int(word) for word in sys.argv[1:4]])
