# Copyright the carryall authors.  See LICENSE.
"""The application protocols that a client offers in its hello (RFC 7301 section 3.1), for a
provider that does not tell them.

Tests:    tests/core/tls/test_hello.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.cursor import Cursor
from carryall.core.errors import RemoteProtocolError

__all__ = ['FirstOctets', 'offered_protocols']

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


class FirstOctets(object):
    """The first octets of a connection, until the hello is whole.

    Each record is looked at once, so that a peer that sends them octet by octet costs no more.
    """

    __slots__ = ('_octets', '_place', '_message')

    def __init__(self):
        # type: () -> None
        self._octets = bytearray()
        self._place = 0             # of the first record that is not whole
        self._message = bytearray()     # in those before it

    @property
    def octets(self):
        # type: () -> bytes
        """All of them."""
        return bytes(self._octets)

    def add(self, data):
        # type: (bytes) -> bool
        """False as long as more may come of the hello; true too if it can be none, or is too long,
        which the provider refuses.
        """
        octets = self._octets
        message = self._message
        octets += data
        while len(octets) >= self._place + 5:
            begin = self._place + 5
            size = octets[begin - 2] << 8 | octets[begin - 1]
            # RFC 8446 section 5.1: no record of a handshake is empty
            if octets[self._place] != HANDSHAKE or not size:
                return True
            if len(octets) < begin + size:
                break
            message += octets[begin:begin + size]
            self._place = begin + size
            if len(message) >= 4 and len(message) >= 4 + (
                    message[1] << 16 | message[2] << 8 | message[3]):
                return True
        return len(octets) >= MAX_HELLO or bool(octets) and octets[0] != HANDSHAKE


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
