# Copyright the carryall authors.  See LICENSE.
"""Messages of a server, for tests."""
from __future__ import absolute_import, division, print_function

import struct

from carryall.protocols.postgresql.wire import message

LOGGED_IN = (message(b'R', b'\0\0\0\0') + message(b'S', b'server_version\x0015.1\0')
             + message(b'K', b'\0\0\0\x07secr') + message(b'Z', b'I'))
READY = message(b'Z', b'I')


def columns(*pairs):
    """RowDescription of (name, number of the type)."""
    body = struct.pack('!h', len(pairs))
    for name, kind in pairs:
        body += name + b'\0' + struct.pack('!ihihih', 0, 0, kind, -1, -1, 0)
    return message(b'T', body)


def row(*values):
    """DataRow."""
    body = struct.pack('!h', len(values))
    for value in values:
        body += b'\xff\xff\xff\xff' if value is None else struct.pack('!i', len(value)) + value
    return message(b'D', body)


def tag(text):
    """CommandComplete."""
    return message(b'C', text + b'\0')


def error(state, text=b'no', kind=b'E'):
    """ErrorResponse, or a notice."""
    return message(kind, b'SERROR\0C' + state + b'\0M' + text + b'\0\0')


ONE = (message(b'1', b'') + message(b'2', b'') + columns((b'n', 23)) + row(b'5')
       + tag(b'SELECT 1') + READY)
