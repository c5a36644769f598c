# Copyright the carryall authors.  See LICENSE.
"""One-time passwords, known as S/KEY (RFC 2289).

Wire:     otp-md5 487 dog2                          the challenge: algorithm, sequence number, seed
          65d2 0d19 49b5 f7ab                       the response, 64 bits in hexadecimal
          CHEW GRIM WU HANG BUCK SAID               or as six words of the standard dictionary
States:   the server keeps the last response and asks for the one before it, which hashes to it.
          The next response cannot be computed from former ones, nor from a stolen store.
Not here: the store (services/ftp/otpfile.py).  MD4 of RFC 2289 is broken, and most systems lack it.
Tests:    tests/protocols/ftp/test_otp.py (the vectors of RFC 2289 appendix C)
"""
from __future__ import absolute_import, division, print_function

import binascii
import hashlib
import struct

from carryall.core.compat import constant_time_equal
from carryall.core.codec.numbers import decimal
from carryall.protocols.ftp.otpwords import WORDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional, Tuple

__all__ = ['ALGORITHMS', 'Challenge', 'compute', 'find_challenge', 'from_words', 'parse_response',
           'step', 'to_words']

# -- limits ------------------------------------------------------------------
MAX_COUNT = 9999            # RFC 2289 section 5 and 6.1: one to four digits are what clients read
# characters of a pass phrase; RFC 2289 section 6.0
MIN_PHRASE = 10
MAX_PHRASE = 63
MAX_SEED = 16               # characters, ASCII letters and digits; RFC 2289 section 6.0
MAX_RESPONSE = 64           # octets; six words of four letters and their blanks are 29

ALGORITHMS = ('md5', 'sha1')

_NUMBERS = dict((word, number) for number, word in enumerate(WORDS))


class Challenge(object):
    """The challenge of a server."""

    __slots__ = ('algorithm', 'count', 'seed')

    def __init__(self, algorithm, count, seed):
        # type: (str, int, bytes) -> None
        self.algorithm = algorithm
        self.count = count
        self.seed = seed

    def text(self):
        # type: () -> bytes
        """The challenge as sent on the wire (RFC 2289 section 5)."""
        return b'otp-%s %d %s' % (self.algorithm.encode('ascii'), self.count, self.seed)


def find_challenge(text):
    # type: (bytes) -> Optional[Challenge]
    """The challenge in a server's text; None if it has none (RFC 2289 section 5)."""
    words = text.replace(b',', b' ').replace(b'"', b' ').replace(b'\'', b' ').split()
    for place, word in enumerate(words[:-2]):
        name = word.lower()
        if name in (b'otp-md5', b'otp-sha1'):
            count = decimal(words[place + 1], MAX_COUNT)
            seed = words[place + 2].rstrip(b'.]):')
            if count is not None and 0 < len(seed) <= MAX_SEED and seed.isalnum():
                return Challenge('md5' if name == b'otp-md5' else 'sha1', count, seed.lower())
    return None


# -- the hash chain ----------------------------------------------------------

def _folded(algorithm, data):
    # type: (str, bytes) -> bytes
    """The hash of *data*, folded to 8 octets (RFC 2289 appendix A)."""
    if algorithm == 'md5':
        words = struct.unpack('!4I', hashlib.md5(data).digest())
        return struct.pack('!2I', words[0] ^ words[2], words[1] ^ words[3])
    # rfc: the words of SHA-1 are big-endian, those of the result little-endian.
    words = struct.unpack('!5I', hashlib.sha1(data).digest())
    return struct.pack('<2I', words[0] ^ words[2] ^ words[4], words[1] ^ words[3])


def step(algorithm, key):
    # type: (str, bytes) -> bytes
    """One link of the chain: the hash of *key*."""
    return _folded(algorithm, key)


def compute(challenge, phrase):
    # type: (Challenge, bytes) -> bytes
    """The 8 octets that answer a challenge (RFC 2289 section 6)."""
    key = _folded(challenge.algorithm, challenge.seed.lower() + phrase)
    for _ in range(challenge.count):
        key = _folded(challenge.algorithm, key)
    return key


# -- six words ---------------------------------------------------------------

def _bits(key):
    # type: (bytes) -> Tuple[int, int]
    """(the octets as a number, the sum of its pairs of bits modulo 4)."""
    high, low = struct.unpack('!2I', key)
    number = high << 32 | low
    total = 0
    left = number
    for _ in range(32):
        total += left & 3
        left >>= 2
    return number, total & 3


def to_words(key):
    # type: (bytes) -> bytes
    """8 octets as six words: 64 bits and a checksum of two (RFC 2289 section 6.3)."""
    number, check = _bits(key)
    number = number << 2 | check
    return b' '.join([WORDS[number >> shift & 2047] for shift in (55, 44, 33, 22, 11, 0)])


def from_words(text):
    # type: (bytes) -> Optional[bytes]
    """The 8 octets of six words; None if a word or the checksum is wrong."""
    words = text.upper().split()
    if len(words) != 6:
        return None
    number = 0
    for word in words:
        # rfc: section 6.3 accepts 1 for L, 0 for O and 5 for S.
        place = _NUMBERS.get(word.replace(b'1', b'L').replace(b'0', b'O').replace(b'5', b'S'))
        if place is None:
            return None
        number = number << 11 | place
    key = struct.pack('!2I', number >> 34 & 0xffffffff, number >> 2 & 0xffffffff)
    return key if _bits(key)[1] == number & 3 else None


def parse_response(text):
    # type: (bytes) -> Optional[bytes]
    """The 8 octets of a response in either form; None if malformed (RFC 2289 section 6.2)."""
    if len(text) > MAX_RESPONSE:
        return None
    prefix, colon, rest = text.partition(b':')
    if colon:
        text = rest
        if prefix.strip().lower() not in (b'hex', b'word'):
            return None
    digits = b''.join(text.split())
    if len(digits) == 16 and not digits.strip(b'0123456789abcdefABCDEF'):
        return binascii.unhexlify(digits)
    return from_words(text)


def answers(algorithm, last, response):
    # type: (str, bytes, bytes) -> bool
    """True if *response* hashes to *last*, the one before; in constant time."""
    return constant_time_equal(step(algorithm, response), last)
