# Copyright the carryall authors.  See LICENSE.
"""The index of a database of dictd: searched on disk, never read whole.

Format:   a line for each headword, in the order of the keys (headwords.py).  Its columns, between
          tabs, are the headword, offset and length of the definition, and perhaps the headword as
          it is spelled.  The numbers are in base 64, most significant digit first (dictd(8)).
          Headwords that begin with 00-database are headers.
Tests:    tests/services/dict/test_dictindex.py
"""
from __future__ import absolute_import, division, print_function

from carryall.services.dict.dictzip import BrokenDatabase
from carryall.services.dict.headwords import decoded, fold, folded_octets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterator, Optional, Tuple

__all__ = ['DictIndex', 'Entry', 'HEADERS', 'number_in_base64', 'parse_number']

# -- limits ------------------------------------------------------------------
MAX_LINE = 8192             # octets of a line of the index
BLOCK = 4096                # octets that a binary search tells apart
SCANNED = 65536             # octets that are read at once when all lines are looked at
LINES_ASKED = 128           # lines until a search is asked whether it still is wanted
MAX_DIGITS = 10             # of a number: 2 ** 60 octets

DIGITS = b'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
_VALUES = dict((code, at) for at, code in enumerate(bytearray(DIGITS)))
HEADERS = (b'00-database', b'00database')


class Entry(object):
    """A line of the index.

    Attributes:
        headword: text.
        offset, length: of the definition, in octets.
    """

    __slots__ = ('headword', 'offset', 'length')

    def __init__(self, headword, offset, length):
        # type: (str, int, int) -> None
        self.headword = headword
        self.offset = offset
        self.length = length


def parse_number(digits):
    # type: (bytes) -> int
    """A number in base 64; BrokenDatabase if it is none."""
    if not 0 < len(digits) <= MAX_DIGITS:
        raise BrokenDatabase(u'a number of the index has no digit, or too many')
    number = 0
    for code in bytearray(digits):
        if code not in _VALUES:
            raise BrokenDatabase(u'a number of the index is not in base 64')
        number = number * 64 + _VALUES[code]
    return number


def number_in_base64(number):
    # type: (int) -> bytes
    """The digits of a number in base 64."""
    digits = b''
    while number or not digits:
        digits = DIGITS[number % 64:number % 64 + 1] + digits
        number //= 64
    return digits


class DictIndex(object):
    """An index.

    Args:     source: a source of octets (dictzip.py).

    Attributes:
        utf8, allchars, case_sensitive: whether it has these headers.
    """

    def __init__(self, source):
        # type: (Any) -> None
        self.source = source
        self.allchars = False
        self.case_sensitive = False
        # The headers tell in which order the lines are.  An index that has one of the first three
        # is in the order of its octets.
        self._by_octets = True
        self.allchars = self._has(b'allchars')
        self.case_sensitive = self._has(b'case-sensitive')
        self.utf8 = self._has(b'utf8')
        if self._has(b'8bit-new') or self._has(b'8bit-old'):
            raise BrokenDatabase(u'an index of 8-bit headwords cannot be searched; '
                                 u'dictfmt --utf8 makes one that can')
        self._by_octets = self.utf8 or self.allchars

    def _has(self, name):
        # type: (bytes) -> bool
        return self.header(name) is not None

    def header(self, name):
        # type: (bytes) -> Optional[Entry]
        """The entry of a header, such as ``short``; None if there is none."""
        with self.source.open() as reader:
            for spelled in (b'00-database-' + name,
                            b'00database' + name.replace(b'-', b'')):
                key = self._key(spelled + b'\t')
                for line in self._from(reader, key):
                    if self._key(line) == key:
                        return self._entry(line)
                    break
        return None

    # -- keys --------------------------------------------------------------------------------------

    def fold(self, word):
        # type: (str) -> bytes
        """The key of a word that is looked for."""
        return fold(word, self.allchars, self.case_sensitive)

    def _key(self, line):
        # type: (bytes) -> bytes
        headword = line.partition(b'\t')[0]
        return headword if self._by_octets else folded_octets(headword, self.case_sensitive)

    @staticmethod
    def _entry(line):
        # type: (bytes) -> Entry
        columns = line.split(b'\t')
        if not 3 <= len(columns) <= 4:
            raise BrokenDatabase(u'a line of the index has %d columns' % len(columns))
        headword = columns[3] if len(columns) == 4 else columns[0]
        return Entry(decoded(headword), parse_number(columns[1]), parse_number(columns[2]))

    # -- searches ----------------------------------------------------------------------------------

    def exact(self, reader, key):
        # type: (Any, bytes) -> Iterator[Entry]
        """The entries with this key."""
        for line in self._from(reader, key):
            if self._key(line) != key:
                return
            yield self._entry(line)

    def prefix(self, reader, key, stopped=lambda: False):
        # type: (Any, bytes, Callable[[], bool]) -> Iterator[Tuple[bytes, Entry]]
        """(key, entry) of those whose keys begin with this one, but the headers.

        Args:     stopped: as of ``scan``.
        """
        for number, line in enumerate(self._from(reader, key)):
            if number % LINES_ASKED == 0 and stopped():
                return
            found = self._key(line)
            if not found.startswith(key):
                return
            if not line.startswith(HEADERS):
                yield found, self._entry(line)

    def scan(self, reader, wanted, part=b'', stopped=lambda: False):
        # type: (Any, Any, bytes, Callable[[], bool]) -> Iterator[Tuple[bytes, Entry]]
        """(key, entry) of those whose keys *wanted* accepts, but the headers.

        Args:     part: octets that each wanted key has, to pass by what lacks them.
                  stopped: asked now and then; the search ends if it is true.
        """
        for lines in self._pieces(reader, 0):
            if stopped():
                return
            if self._by_octets and part not in lines:
                continue
            for number, line in enumerate(lines.split(b'\n'), 1):
                # A pattern may take a tenth of a millisecond for each octet.
                if number % LINES_ASKED == 0 and stopped():
                    return
                key = self._key(line)
                if key and wanted(key) and not line.startswith(HEADERS):
                    yield key, self._entry(line)

    def _from(self, reader, key):
        # type: (Any, bytes) -> Iterator[bytes]
        """The lines from the first on whose key is not below *key*."""
        low = 0                         # its first line is below the key, or it is the first block
        high = (self.source.size + BLOCK - 1) // BLOCK
        while high - low > 1:
            middle = (low + high) // 2
            line = self._first_line(reader, middle * BLOCK)[1]
            if line is not None and self._key(line) < key:
                low = middle
            else:
                high = middle
        passed = True
        for lines in self._pieces(reader, self._first_line(reader, low * BLOCK)[0], BLOCK):
            for line in lines.split(b'\n'):
                if passed and (not line or self._key(line) < key):
                    continue
                passed = False
                if line:
                    yield line

    def _first_line(self, reader, offset):
        # type: (Any, int) -> Tuple[int, Optional[bytes]]
        """(offset, line) of the first line that begins at *offset* or behind; None at the end."""
        start = max(0, offset - 1)
        data = reader.read(start, BLOCK + 2 * MAX_LINE)
        at = 0
        if offset:
            at = data.find(b'\n') + 1
            if not at:
                return self.source.size, None
        end = data.find(b'\n', at)
        if end < 0:
            end = len(data)
            if start + end < self.source.size:
                raise BrokenDatabase(u'a line of the index has more than %d octets' % MAX_LINE)
        return (start + at, data[at:end]) if end > at else (self.source.size, None)

    def _pieces(self, reader, offset, count=SCANNED):
        # type: (Any, int, int) -> Iterator[bytes]
        """The octets from *offset* in pieces of whole lines."""
        rest = b''
        while True:
            data = reader.read(offset, count)
            if not data:
                break
            offset += len(data)
            count = SCANNED
            data = rest + data
            end = data.rfind(b'\n') + 1
            rest = data[end:]
            if len(rest) > MAX_LINE:
                raise BrokenDatabase(u'a line of the index has more than %d octets' % MAX_LINE)
            if end:
                yield data[:end]
        if rest:
            yield rest
