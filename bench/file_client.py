# Copyright the carryall authors.  See LICENSE.
"""The client of the `bigfile` bench.

    file_client.py fetch PORT PATH          reads the whole file, checks its stamps, prints JSON
    file_client.py ranges PORT PATH SIZE    asks for single ranges at and across 1 and 2 GiB,
                                            prints JSON
    file_client.py slow PORT PATH COUNT     asks COUNT times, reads 64 KiB of each, waits for a
                                            line, then reads one to the end

The file holds its own offset as 8 big-endian bytes at each stamp (`stamps`), and zeros elsewhere.
"""
from __future__ import absolute_import, division, print_function

import json
import socket
import struct
import sys
import time

CHUNK = 1 << 20
GIB = 1 << 30


def stamps(size):
    """The offsets that hold themselves."""
    return [offset for offset in (0, 4096, GIB - 4, GIB + 4096, 2 * GIB - 64, size - 8)
            if offset <= size - 8]


def stamp(offset):
    """The 8 bytes at that offset."""
    return struct.pack('>Q', offset)


def ask(port, path, extra=b''):
    """A connected socket after the request."""
    connection = socket.create_connection(('127.0.0.1', port), 60)
    connection.sendall(b'GET ' + path.encode('ascii') + b' HTTP/1.1\r\nHost: localhost\r\n' + extra
                       + b'\r\n')
    return connection


def head(connection):
    """Reads the response head; returns (status, body length or None, the body's first bytes)."""
    data = b''
    while b'\r\n\r\n' not in data:
        more = connection.recv(65536)
        if not more:
            raise RuntimeError('the connection ended within the head')
        data += more
    text, rest = data.split(b'\r\n\r\n', 1)
    length = None
    for line in text.split(b'\r\n')[1:]:
        name, value = line.split(b':', 1)
        if name.strip().lower() == b'content-length':
            length = int(value)
    return int(text[9:12]), length, rest


def fetch(port, path):
    """Reads the file; returns the figures."""
    begin = time.time()
    connection = ask(port, path)
    status, length, rest = head(connection)
    wanted = stamps(length)
    good = 0
    buffer = bytearray(CHUNK)
    view = memoryview(buffer)
    at = len(rest)
    window = rest
    window_at = 0
    while True:
        for offset in list(wanted):
            if offset >= window_at and offset + 8 <= at:
                good += window[offset - window_at:offset - window_at + 8] == stamp(offset)
                wanted.remove(offset)
        if at >= length:
            break
        got = connection.recv_into(view)
        if not got:
            break
        near = [offset for offset in wanted if offset < at + got]
        tail = window[-8:]
        window = bytes(tail) + (bytes(view[:got]) if near else b'')
        window_at = at - len(tail)
        if not near:
            window = bytes(view[max(0, got - 8):got])
            window_at = at + max(0, got - 8)
        at += got
    return {'status': status, 'bytes': at, 'length': length, 'seconds': time.time() - begin,
            'stamps': good, 'of': len(stamps(length))}


def read_body(connection, length, rest):
    """Reads the rest of a small body."""
    while len(rest) < length:
        more = connection.recv(65536)
        if not more:
            break
        rest += more
    return rest


def ranges(port, path, size):
    """How many single ranges came back right: (right, asked)."""
    right = 0
    asked = 0
    for offset in stamps(size):
        for text, expected in (('{0}-{1}'.format(offset, offset + 7), stamp(offset)),
                               ('{0}-{1}'.format(offset + 4, offset + 7), stamp(offset)[4:])):
            asked += 1
            connection = ask(port, path, b'Range: bytes=' + text.encode('ascii') + b'\r\n')
            status, length, rest = head(connection)
            right += status == 206 and length == len(expected) and read_body(
                connection, length, rest) == expected
            connection.close()
    asked += 1
    connection = ask(port, path, b'Range: bytes=-8\r\n')
    status, length, rest = head(connection)
    right += status == 206 and length == 8 and read_body(connection, length, rest) == stamp(
        size - 8)
    return {'right': right, 'asked': asked}


def slow(port, path, count):
    """Holds count half-read downloads."""
    held = []
    for _ in range(count):
        connection = ask(port, path)
        head(connection)
        got = 0
        while got < 65536:
            data = connection.recv(65536)
            if not data:
                raise RuntimeError('the connection ended early')
            got += len(data)
        held.append(connection)
    print(json.dumps({'held': len(held)}))
    sys.stdout.flush()
    sys.stdin.readline()


def main(argv):
    """Runs the mode."""
    if argv[0] == 'slow':
        slow(int(argv[1]), argv[2], int(argv[3]))
    elif argv[0] == 'ranges':
        print(json.dumps(ranges(int(argv[1]), argv[2], int(argv[3]))))
    else:
        print(json.dumps(fetch(int(argv[1]), argv[2])))


if __name__ == '__main__':
    main(sys.argv[1:])
