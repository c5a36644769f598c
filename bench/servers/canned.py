# Copyright the carryall authors.  See LICENSE.
"""The answers of the raw loops, of the size that a framework's hello has."""
from __future__ import absolute_import, division, print_function

RESPONSE = (b'HTTP/1.1 200 OK\r\n'
            b'date: Thu, 01 Jan 1970 00:00:00 GMT\r\n'
            b'server: raw\r\n'
            b'content-type: text/plain\r\n'
            b'content-length: 13\r\n'
            b'\r\n'
            b'Hello, world!')
RECV_BYTES = 65536
