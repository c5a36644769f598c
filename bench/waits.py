# Copyright the carryall authors.  See LICENSE.
"""The waits of one client for its answers, without what other programs of the machine take of them.

The scheduler counts for each thread how long it could have run and did not (schedstat of proc(5)).
Of each wait the larger of two such counts is taken off: the client's, and that of the server's
loop.  Nothing is taken off twice so, and the time that a server spends on others stays in.
Where the system keeps no such count, the waits are those on the clock.
"""
from __future__ import absolute_import, division, print_function

import os
import socket
import time
from timeit import default_timer

ANOTHER = '127.0.0.2'       # the client's address: a flood may use up the places of its own
A_CONNECTION = 50           # answers; an SMTP server ends a connection that does nothing but NOOP
REST_SECONDS = 0.001        # between two requests, so that the server has time to serve others
ANSWER_SECONDS = 120.0


def schedstat(path):
    """(seconds on a processor, seconds of waiting for one) of a thread; zeros if it is not told."""
    try:
        with open(path, 'rb') as file:
            used, delayed = file.read().split()[:2]
    except (IOError, OSError):
        return 0.0, 0.0
    return int(used) * 1e-9, int(delayed) * 1e-9


class Client(object):
    """Asks a server one thing at a time.

    Args:     pids: of the server, once it is warm: its loop is the thread that has used most time.
              greets: whether the server speaks first.
              end: the octets that an answer ends in; None if the server ends the connection then.
                   Each answer has a connection of its own so, and the wait begins with it.
              each: answers on one connection otherwise.
    """

    def __init__(self, pids, port, greets, request, end, each=A_CONNECTION):
        self._port = port
        self._greets = greets
        self._request = request
        self._end = end
        self._each = each
        self._loop = max(_threads(pids), key=lambda path: schedstat(path)[0])

    def ask(self, count, seconds=0.0):
        """Times of *count* answers, and of as many more as fit in *seconds*.

        Returns:  (waits on the clock, waits without what other programs took), each sorted.
        Raises:   EOFError: the server closed a connection instead of an answer.
        """
        waits = []
        own = []
        sock = None
        until = default_timer() + seconds
        while len(waits) < count or default_timer() < until:
            if len(waits) % self._each == 0 and self._end is not None:
                sock = self._connected(sock)
            before = self._delays()
            began = default_timer()
            if self._end is None:
                sock = self._connected(sock)
            self._answer(sock)
            wait = default_timer() - began
            waits.append(wait)
            own.append(wait - max(late - early for late, early in zip(self._delays(), before)))
            time.sleep(REST_SECONDS)
        sock.close()
        return sorted(waits), sorted(own)

    def _answer(self, sock):
        sock.sendall(self._request)
        data = b''
        while self._end is None or self._end not in data:
            try:
                piece = sock.recv(65536)
            except socket.error:
                piece = b''
            if not piece:
                break
            data += piece
        if not data or self._end is not None and self._end not in data:
            raise EOFError('the server closed the connection behind %r' % data[-200:])

    def _delays(self):
        return schedstat(self._loop)[1], schedstat('/proc/thread-self/schedstat')[1]

    def _connected(self, old):
        if old is not None:
            old.close()
        sock = socket.create_connection(('127.0.0.1', self._port), ANSWER_SECONDS, (ANOTHER, 0))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._greets:
            sock.recv(65536)
        return sock


def _threads(pids):
    """The schedstat of each thread of these processes."""
    found = ['']
    for pid in pids:
        folder = '/proc/%d/task' % pid
        if os.path.isdir(folder):
            found += [os.path.join(folder, name, 'schedstat') for name in os.listdir(folder)]
    return found


def share(times, part):
    """The time within which *part* of the answers came: 0.99 of them, say."""
    return times[int(len(times) * part)]
