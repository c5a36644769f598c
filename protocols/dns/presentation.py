# Copyright the carryall authors.  See LICENSE.
"""The text form of record data: words, quoted strings and escapes (RFC 1035 section 5.1).

    words = Words([Word(u'10', False), Word(u'mx.example.', False)], origin)
    words.number(65535), words.name()

Text is Unicode whose characters stand for octets: a file is decoded as Latin-1.

Tests:    tests/protocols/dns/test_rdata.py
"""
from __future__ import absolute_import, division, print_function

import base64
import binascii

from carryall.core.codec.numbers import decimal
from carryall.core.compat import int2byte
from carryall.core.errors import LocalProtocolError
from carryall.protocols.dns.domainname import parse_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional

__all__ = ['MAX_STRING', 'Word', 'Words', 'from_base64', 'from_hex', 'parse_seconds',
           'quoted_octets', 'split_line', 'unescaped']

# -- limits ------------------------------------------------------------------
MAX_STRING = 255            # octets of a character string; RFC 1035 section 3.3
MAX_DIGITS = 12             # of a number; 2 ** 32 has ten
MAX_SECONDS = (1 << 32) - 1  # of a time to live

_UNITS = {u's': 1, u'm': 60, u'h': 3600, u'd': 86400, u'w': 604800}
_PLAIN = []                 # type: List[str]
for _code in range(256):
    _char = int2byte(_code).decode('latin-1')
    if _char in u'"\\':
        _PLAIN.append(u'\\' + _char)
    else:
        _PLAIN.append(_char if 32 <= _code <= 126 else u'\\%03d' % _code)


class Word(object):
    """One word, with its backslashes; *quoted* if it stood between quotation marks."""

    __slots__ = ('text', 'quoted')

    def __init__(self, text, quoted=False):
        # type: (str, bool) -> None
        self.text = text
        self.quoted = quoted


def unescaped(text):
    # type: (str) -> bytes
    """The octets of a word or a quoted string."""
    if u'\\' not in text:
        return text.encode('latin-1')
    parts = []
    at = 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == u'\\':
            digits = text[at:at + 3]
            octet = decimal(digits.encode('ascii', 'replace'), 255)
            if len(digits) == 3 and octet is not None:
                parts.append(int2byte(octet))
                at += 3
                continue
            if not digits or digits[:1].isdigit():
                raise LocalProtocolError(u'a backslash without a character or three digits')
            char = digits[:1]
            at += 1
        parts.append(char.encode('latin-1'))
    return b''.join(parts)


def quoted_octets(data):
    # type: (bytes) -> str
    """Octets as a quoted string."""
    plain = _PLAIN
    return u'"%s"' % u''.join([plain[code] for code in bytearray(data)])


def parse_seconds(text):
    # type: (str) -> int
    """A time to live: seconds, or numbers with units such as 1h30m."""
    total = 0
    digits = u''
    for char in text.lower():
        if char.isdigit():
            digits += char
            continue
        unit = _UNITS.get(char)
        if unit is None or not digits:
            raise LocalProtocolError(u'"%s" is no time in seconds' % text[:40])
        total += _seconds(digits, text) * unit
        digits = u''
    if digits:
        total += _seconds(digits, text)
    if not text or total > MAX_SECONDS:
        raise LocalProtocolError(u'"%s" is no time of at most 32 bits' % text[:40])
    return total


def _seconds(digits, text):
    # type: (str, str) -> int
    """The number of one unit in the time *text*."""
    number = decimal(digits.encode('ascii', 'replace'), MAX_SECONDS)
    if number is None:
        raise LocalProtocolError(u'"%s" is no time of at most 32 bits' % text[:40])
    return number


def split_line(text):
    # type: (str) -> List[Word]
    """The words of record data on one line."""
    if any(char > u'\x7f' for char in text):
        text = text.encode('utf-8').decode('latin-1')
    found = []
    at = 0
    size = len(text)
    while at < size:
        char = text[at]
        if char in u' \t':
            at += 1
            continue
        quoted = char == u'"'
        if quoted:
            at += 1
        start = at
        while at < size and text[at] != u'"' if quoted else at < size and text[at] not in u' \t"':
            at += 2 if text[at] == u'\\' else 1
        if quoted and at >= size or at > size:
            raise LocalProtocolError(u'a quoted string or an escape without an end')
        found.append(Word(text[start:at], quoted))
        if quoted:
            at += 1
    return found


class Words(object):
    """Words that are read one after the other; relative names lie below *origin*."""

    __slots__ = ('_words', '_at', 'origin')

    def __init__(self, words, origin=None):
        # type: (List[Word], Optional[bytes]) -> None
        self._words = words
        self._at = 0
        self.origin = origin

    def __len__(self):
        return len(self._words) - self._at

    def take(self):
        # type: () -> Word
        """The next word."""
        if self._at >= len(self._words):
            raise LocalProtocolError(u'the record ends early')
        self._at += 1
        return self._words[self._at - 1]

    def text(self):
        # type: () -> str
        """The text of the next word."""
        return self.take().text

    def rest(self):
        # type: () -> List[Word]
        """All words that are left."""
        found = self._words[self._at:]
        self._at = len(self._words)
        return found

    def number(self, most):
        # type: (int) -> int
        """A decimal number up to *most*."""
        text = self.text()
        number = decimal(text.encode('ascii', 'replace'), most)
        if number is None or len(text) > MAX_DIGITS:
            raise LocalProtocolError(u'"%s" is no number from 0 to %d' % (text[:40], most))
        return number

    def name(self):
        # type: () -> bytes
        """A domain name."""
        return parse_name(self.text(), self.origin)

    def string(self):
        # type: () -> bytes
        """A character string behind its length."""
        data = unescaped(self.text())
        if len(data) > MAX_STRING:
            raise LocalProtocolError(u'a string has at most %d octets, not %d'
                                     % (MAX_STRING, len(data)))
        return int2byte(len(data)) + data

    def base64(self):
        # type: () -> bytes
        """The octets of all words that are left, which are in base 64."""
        return from_base64(u''.join(word.text for word in self.rest()))

    def hex(self):
        # type: () -> bytes
        """The octets of all words that are left, in hexadecimal digits."""
        return from_hex(u''.join(word.text for word in self.rest()))

    def check_end(self):
        # type: () -> None
        """Raises if a word is left."""
        if len(self):
            raise LocalProtocolError(u'"%s" stands behind the record'
                                     % self._words[self._at].text[:40])


_BASE64 = frozenset(u'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=')


def from_base64(text):
    # type: (str) -> bytes
    """The octets of a text in base 64."""
    if len(text) % 4 or not _BASE64.issuperset(text):
        raise LocalProtocolError(u'"%s" is not in base 64' % text[:40])
    try:
        return base64.b64decode(text.encode('ascii'))
    except (TypeError, ValueError) as exc:
        raise LocalProtocolError(u'"%s" is not in base 64: %s' % (text[:40], exc))


def from_hex(text):
    # type: (str) -> bytes
    """The octets of hexadecimal digits."""
    if len(text) % 2 or text.strip(u'0123456789abcdefABCDEF'):
        raise LocalProtocolError(u'"%s" has no even number of hexadecimal digits' % text[:40])
    return binascii.unhexlify(text.encode('ascii'))
