# Copyright the carryall authors.  See LICENSE.
"""TSIG: signatures of messages by a shared secret (RFC 8945).

    keys = KeyRing([TSIGKey(name, u'hmac-sha256', secret)])
    signer = keys.verified(packet, message, now)    # BadSignature tells the error of the reply
    packet = signer.sign(reply_packet, now)         # a reply, and each further one of a stream

Secrets appear in no log and in no error.

Tests:    tests/protocols/dns/test_authority.py, tests/protocols/dns/test_client.py
"""
from __future__ import absolute_import, division, print_function

import struct

from carryall.core.codec.cursor import Cursor
from carryall.core.crypto import STANDARD
from carryall.core.errors import LocalProtocolError, RemoteProtocolError
from carryall.protocols.dns.domainname import format_name, parse_name
from carryall.protocols.dns.errors import DNSError
from carryall.protocols.dns.rdatafields import Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, Optional
    from carryall.protocols.dns.wire import Message

__all__ = ['BadSignature', 'FUDGE', 'KeyRing', 'MAX_SIGNATURE', 'Signer', 'TSIGKey',
           'unsigned_error']

# -- limits ------------------------------------------------------------------
FUDGE = 300                 # seconds by which clocks may differ; RFC 8945 section 10
MAX_SIGNATURE = 700         # octets of a signature record, with two names of 255 octets
MIN_MAC = 16                # octets of a truncated MAC: ten, and half of the hash at least

BAD_SIGNATURE = 16
BAD_KEY = 17
BAD_TIME = 18
ANY = 255
HASHES = {u'hmac-sha1': 'sha1', u'hmac-sha224': 'sha224', u'hmac-sha256': 'sha256',
          u'hmac-sha384': 'sha384', u'hmac-sha512': 'sha512'}


class BadSignature(DNSError):
    """A signature is wrong.

    Attributes:
        error: the number for the reply's TSIG record.
        signer: signs the reply, for a wrong time; else None.
    """

    def __init__(self, message, error, signer=None):
        # type: (str, int, Optional[Signer]) -> None
        DNSError.__init__(self, message)
        self.error = error
        self.signer = signer


class TSIGKey(object):
    """A key: its name (octets), the text of the algorithm, and the secret."""

    __slots__ = ('name', 'algorithm', 'secret')

    def __init__(self, name, algorithm, secret):
        # type: (bytes, str, bytes) -> None
        if algorithm not in HASHES:
            raise LocalProtocolError(u'the algorithm "%s" is none of %s'
                                     % (algorithm, u', '.join(sorted(HASHES))))
        self.name = name.lower()
        self.algorithm = algorithm
        self.secret = secret

    def __repr__(self):
        return '<TSIGKey %s>' % format_name(self.name)


class _Fields(object):
    """The data of a TSIG record."""

    __slots__ = ('algorithm', 'time', 'fudge', 'mac', 'number', 'error', 'other')

    def __init__(self, data):
        # type: (bytes) -> None
        reader = Reader(data)
        self.algorithm = reader.name().lower()
        cursor = Cursor(data, reader.at)
        self.time = cursor.uint16() << 32 | cursor.uint32()
        self.fudge = cursor.uint16()
        self.mac = cursor.counted(2)
        self.number = cursor.uint16()
        self.error = cursor.uint16()
        self.other = cursor.counted(2)
        cursor.check_end()


class KeyRing(object):
    """The keys that are known, by name."""

    def __init__(self, keys=(), crypto=STANDARD):
        # type: (Iterable[TSIGKey], Any) -> None
        keys = list(keys)
        self._keys = dict((key.name, key) for key in keys)      # type: Dict[bytes, TSIGKey]
        self._first = keys[0] if keys else None
        self._crypto = crypto

    def __len__(self):
        return len(self._keys)

    def get(self, name):
        # type: (bytes) -> Optional[TSIGKey]
        """The key of this folded name."""
        return self._keys.get(name)

    def first(self):
        # type: () -> Signer
        """The Signer with the key that was given first."""
        return Signer(self._first, self._crypto)            # type: ignore

    def signer(self, name):
        # type: (bytes) -> Signer
        """The Signer of our own request."""
        return Signer(self._keys[name], self._crypto)

    def verified(self, packet, message, now):
        # type: (bytes, Message, float) -> Signer
        """The Signer of the replies to a signed request.

        Raises:   BadSignature: the signature is wrong.
        """
        offset, record = message.tsig
        try:
            fields = _Fields(record.data)
        except RemoteProtocolError as exc:
            raise DNSError(exc.message)
        key = self._keys.get(record.name.lower())
        if key is None or fields.algorithm != parse_name(key.algorithm):
            raise BadSignature(u'the key is unknown', BAD_KEY)
        signer = Signer(key, self._crypto)
        signer.check(packet, offset, fields, now)
        return signer


class Signer(object):
    """Signs and verifies the messages of one exchange with one key.

    Attributes:
        key: the TSIGKey.
    """

    def __init__(self, key, crypto=STANDARD):
        # type: (TSIGKey, Any) -> None
        self.key = key
        self._crypto = crypto
        self._mac = b''                 # of the message before
        self._first = True              # the next message is a request, or the first of a reply
        self._unsigned = b''            # messages of a stream without a signature

    # -- to octets ---------------------------------------------------------------------------------

    def sign(self, packet, now, error=0, other=b''):
        # type: (bytes, float, int, bytes) -> bytes
        """The packet with its signature."""
        seconds = int(now // 1)
        self._mac = self._digest(packet, seconds, FUDGE, error, other)
        self._first = False
        return _with_record(packet, self.key.name, self.key.algorithm, seconds, self._mac, error,
                            other)

    def _digest(self, packet, seconds, fudge, error, other):
        # type: (bytes, int, int, int, bytes) -> bytes
        timers = struct.pack('!HIH', seconds >> 32, seconds & 0xffffffff, fudge)
        parts = []
        if self._mac:
            parts.append(struct.pack('!H', len(self._mac)) + self._mac)
        parts.append(self._unsigned)
        parts.append(packet)
        if self._first:
            parts.append(self.key.name + struct.pack('!HI', ANY, 0) + parse_name(
                self.key.algorithm) + timers + struct.pack('!HH', error, len(other)) + other)
        else:
            parts.append(timers)
        self._unsigned = b''
        return self._crypto.hmac(HASHES[self.key.algorithm], self.key.secret, b''.join(parts))

    def next_reply(self):
        # type: () -> None
        """The request is sent or verified: what follows is the first message of its reply."""
        self._first = True

    # -- to values ---------------------------------------------------------------------------------

    def check(self, packet, offset, fields, now):
        # type: (bytes, int, _Fields, float) -> None
        """Verifies the signature at *offset*; BadSignature if it is wrong."""
        counts = struct.unpack('!H', packet[10:12])[0] - 1
        plain = struct.pack('!H', fields.number) + packet[2:10] + struct.pack('!H', counts) \
            + packet[12:offset]
        expected = self._digest(plain, fields.time, fields.fudge, fields.error, fields.other)
        if not len(expected) >= len(fields.mac) >= max(MIN_MAC, len(expected) // 2) \
                or not self._crypto.equal(expected[:len(fields.mac)], fields.mac):
            raise BadSignature(u'the signature is wrong', BAD_SIGNATURE)
        self._mac = fields.mac
        if abs(now - fields.time) > fields.fudge:
            self._first = True
            raise BadSignature(u'the time of the signature is %d seconds off'
                               % (now - fields.time), BAD_TIME, self)

    def check_reply(self, packet, message, now):
        # type: (bytes, Message, float) -> None
        """Verifies a message of the reply to our request.

        A message of a stream may come without a signature, if one follows (RFC 8945 5.3.1).
        """
        if message.tsig is None:
            if self._first or len(self._unsigned) > 100 * 65535:
                raise BadSignature(u'the reply has no signature', BAD_SIGNATURE)
            self._unsigned += packet
            return
        offset, record = message.tsig
        try:
            fields = _Fields(record.data)
        except RemoteProtocolError as exc:
            raise DNSError(exc.message)
        if record.name.lower() != self.key.name:
            raise BadSignature(u'the reply is signed by another key', BAD_KEY)
        if fields.error and not fields.mac:
            raise BadSignature(u'the server refuses the signature: error %d' % fields.error,
                               fields.error)
        self.check(packet, offset, fields, now)
        self._first = False

    @property
    def complete(self):
        # type: () -> bool
        """True if each message so far is covered by a signature."""
        return not self._unsigned


def unsigned_error(packet, message, error, now):
    # type: (bytes, Message, int, float) -> bytes
    """A reply with a TSIG record that has an error and no MAC (RFC 8945 section 5.2)."""
    _, record = message.tsig
    fields = _Fields(record.data)
    return _with_record(packet, record.name, fields.algorithm, fields.time, b'', error, b'')


def _with_record(packet, name, algorithm, seconds, mac, error, other):
    # type: (bytes, bytes, Any, int, bytes, int, bytes) -> bytes
    owner = algorithm if isinstance(algorithm, bytes) and algorithm[-1:] == b'\0' \
        else parse_name(algorithm)
    data = owner + struct.pack('!HIHH', seconds >> 32, seconds & 0xffffffff, FUDGE, len(mac)) \
        + mac + packet[:2] + struct.pack('!HH', error, len(other)) + other
    count = struct.unpack('!H', packet[10:12])[0] + 1
    return packet[:10] + struct.pack('!H', count) + packet[12:] + name \
        + struct.pack('!HHIH', 250, ANY, 0, len(data)) + data
