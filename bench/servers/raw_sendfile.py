# Copyright the carryall authors.  See LICENSE.
"""The limit for large files: canned head, then os.sendfile until done, one connection at a time.

    raw_sendfile.py bigfile --root DIR          answers every request with the file DIR/big.bin
"""
from __future__ import absolute_import, division, print_function

import os
import socket
import sys

COUNT = 1 << 30


def answer(connection, path):
    """Reads one request head and sends the whole file; raises OSError when the peer goes away."""
    data = b''
    while b'\r\n\r\n' not in data:
        more = connection.recv(65536)
        if not more:
            return False
        data += more
    size = os.path.getsize(path)
    connection.sendall(b'HTTP/1.1 200 OK\r\ncontent-type: '
                       b'application/octet-stream\r\ncontent-length: '
                       + str(size).encode('ascii') + b'\r\n\r\n')
    source = os.open(path, os.O_RDONLY)
    try:
        offset = 0
        while offset < size:
            offset += os.sendfile(connection.fileno(), source, offset, min(COUNT, size - offset))
    finally:
        os.close(source)
    return True


def serve(path):
    """Accepts on a free loopback port, prints it, and answers for ever."""
    listener = socket.socket()
    listener.bind(('127.0.0.1', 0))
    listener.listen(128)
    print(listener.getsockname()[1])
    sys.stdout.flush()
    while True:
        connection, _ = listener.accept()
        try:
            while answer(connection, path):
                pass
        except OSError:
            pass
        connection.close()


if __name__ == '__main__':
    serve(os.path.join(sys.argv[sys.argv.index('--root') + 1], 'big.bin'))
