# Copyright the carryall authors.  See LICENSE.
"""The application protocols that a client offers in its hello (RFC 7301 section 3.1), for a
provider that does not tell them.

Tests:    tests/core/tls/test_hello.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.cursor import Cursor
from carryall.core.errors import RemoteProtocolError

__all__ = ['MAX_HELLO', 'is_whole_hello', 'offered_protocols']

# -- limits ------------------------------------------------------------------
MAX_HELLO = 65536           # octets of a hello that are looked at

HANDSHAKE = 22              # RFC 8446 section 5.1
CLIENT_HELLO = 1            # RFC 8446 section 4
ALPN = 16                   # RFC 7301 section 6


def offered_protocols(octets):
    # type: (bytes) -> Optional[List[bytes]]
    """The protocols in the first octets of a connection; None if none are offered,
    or the hello cannot be read.

    A hello that is malformed is left to the provider, which refuses it.
    """
    try:
        extensions = _extensions(Cursor(_first_message(Cursor(octets[:MAX_HELLO]))))
        while len(extensions):
            kind = extensions.uint16()
            content = Cursor(extensions.counted(2))
            if kind == ALPN:
                names = Cursor(content.counted(2))
                found = []          # type: List[bytes]
                while len(names):
                    found.append(names.counted(1))
                return found
    except RemoteProtocolError:
        pass
    return None


def is_whole_hello(octets):
    # type: (bytes) -> bool
    """False as long as more may come of the hello in the first octets of a connection."""
    message = b''
    place = 0
    while len(octets) >= place + 5:
        if octets[place:place + 1] != b'\x16':
            return True             # no handshake: the provider refuses it
        size = Cursor(b'\0\0' + octets[place + 3:place + 5]).uint32()
        message += octets[place + 5:place + 5 + size]
        place += 5 + size
        if len(message) >= 4 and len(message) >= 4 + Cursor(b'\0' + message[1:4]).uint32():
            return True
    return octets[:1] not in (b'', b'\x16')


def _first_message(records):
    # type: (Cursor) -> bytes
    """The body of the ClientHello, which may lie in several records (RFC 8446 section 5.1)."""
    message = b''
    while len(message) < 4 or len(message) < 4 + Cursor(b'\0' + message[1:4]).uint32():
        if records.uint8() != HANDSHAKE:
            raise RemoteProtocolError(u'a connection begins with no handshake')
        records.take(2)             # the version
        message += records.counted(2)
    cursor = Cursor(message)
    if cursor.uint8() != CLIENT_HELLO:
        raise RemoteProtocolError(u'a handshake begins with no hello')
    return message[4:4 + Cursor(b'\0' + cursor.take(3)).uint32()]


def _extensions(hello):
    # type: (Cursor) -> Cursor
    hello.take(2 + 32)              # version and random
    hello.counted(1)                # session
    hello.counted(2)                # cipher suites
    hello.counted(1)                # compression
    return Cursor(hello.counted(2) if len(hello) else b'')


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional
