# Copyright the carryall authors.  See LICENSE.
"""The client of the `ftp` bench, for every server the same: one file down or up by large calls,
with others idle beside it.

    ftp_client.py get|put PORT USER NAME BYTES IDLE         prints JSON: bytes, seconds
"""
from __future__ import absolute_import, division, print_function

import json
import os
import socket
import sys
import time

PIECE = 1 << 20


class Control(object):
    """One control connection, logged in."""

    def __init__(self, port, user):
        until = time.time() + 10.0
        while True:
            try:
                self.sock = socket.create_connection(('127.0.0.1', port), 60.0)
                break
            except socket.error:            # one that prints its port before it listens
                if time.time() > until:
                    raise
                time.sleep(0.05)
        self.file = self.sock.makefile('rb')
        self.reply()
        self.say('USER ' + user)
        self.say('PASS bench')
        self.say('TYPE I')

    def say(self, line):
        """A command; its reply."""
        self.sock.sendall(line.encode('ascii') + b'\r\n')
        return self.reply()

    def reply(self):
        """The last line of the next reply."""
        line = self.file.readline()
        code = line[:3]
        while line[3:4] == b'-' or line[:3] != code:
            line = self.file.readline()
            if not line:
                raise EOFError('the server has gone')
        if not b'1' <= line[:1] <= b'3':
            raise ValueError(line)
        return line

    def data(self):
        """A data connection."""
        numbers = self.say('PASV').partition(b'(')[2].partition(b')')[0].split(b',')
        return socket.create_connection(('127.0.0.1', int(numbers[4]) * 256 + int(numbers[5])),
                                        60.0)


def get(control, name, size):
    """Reads a file and drops it."""
    sock = control.data()
    buffer = memoryview(bytearray(PIECE))
    got = 0
    control.sock.sendall(('RETR %s\r\n' % name).encode('ascii'))
    while True:
        count = sock.recv_into(buffer)
        if not count:
            break
        got += count
    control.reply()
    control.reply()
    if got != size:
        raise ValueError('%d octets' % got)
    return got


def put(control, name, size):
    """Writes zeros by large calls."""
    sock = control.data()
    control.say('STOR ' + name)
    piece = b'\0' * PIECE
    left = size
    while left > 0:
        sock.sendall(piece[:left])
        left -= len(piece)
    sock.close()
    control.reply()
    return size


def main(argv):
    """Measures one."""
    verb = argv[0]
    port = int(argv[1])
    user = argv[2]
    name = argv[3]
    size = int(argv[4])
    idle = int(argv[5])
    others = [Control(port, user) for _ in range(idle)]
    control = Control(port, user)
    begun = time.time()
    count = (get if verb == 'get' else put)(control, name, size)
    seconds = time.time() - begun
    print(json.dumps({'bytes': count, 'seconds': seconds}))
    sys.stdout.flush()
    del others
    os._exit(0)


main(sys.argv[1:])
