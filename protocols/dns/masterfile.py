# Copyright the carryall authors.  See LICENSE.
"""Master files: the text of a zone to records (RFC 1035 section 5), with $TTL (RFC 2308),
$GENERATE and $INCLUDE.

    for record in MasterFile(data, origin, u'example.zone'): ...

Each error names the file and the line.  A file may include others if the caller gives a function
that reads them; where they may lie is its business.

Tests:    tests/protocols/dns/test_masterfile.py
"""
from __future__ import absolute_import, division, print_function

import re
import struct

from carryall.core.errors import LocalProtocolError
from carryall.protocols.dns.domainname import parse_name
from carryall.protocols.dns.generated import generate
from carryall.protocols.dns.presentation import Word, parse_seconds
from carryall.protocols.dns.rdata import parse_rdata
from carryall.protocols.dns.recordtypes import CLASSES, TYPES, class_number, type_number
from carryall.protocols.dns.wire import ResourceRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator, List, Optional

__all__ = ['MasterFile', 'MasterFileError']

# -- limits ------------------------------------------------------------------
MAX_DEPTH = 8               # files that include each other; more are a loop
MAX_ENTRY_LINES = 10000     # of one record between parentheses
MAX_NAMES = 10000           # names whose octets are kept while a file is read
MAX_TTL = (1 << 31) - 1     # seconds; RFC 2181 section 8

SOA = 6
IN = 1
_META = frozenset((41, 128, 249, 250, 251, 252, 253, 254, 255))
_BEYOND_ASCII = re.compile(u'[\x80-\xff]')
_SPECIAL = re.compile(u'["();\\\\]')


class MasterFileError(LocalProtocolError):
    """A master file is wrong.

    Attributes:
        file, line: where.
    """

    def __init__(self, file, line, message):
        # type: (str, int, str) -> None
        LocalProtocolError.__init__(self, u'%s:%d: %s' % (file, line, message))
        self.file = file
        self.line = line


class MasterFile(object):
    """The records of a master file, read one after the other.

    Args:     data: the octets of the file.
              origin: the name of the zone, as octets.
              file: its name, for errors.
              include: called with the text of a path: the octets of that file.
              ttl: the time to live of records without one; None if they must have one.
    """

    def __init__(self, data, origin, file=u'zone', include=None, ttl=None, depth=0, rclass=None):
        # type: (bytes, bytes, str, Any, Optional[int], int, Any) -> None
        self.file = file
        self.line = 0
        self.origin = origin
        self.ttl = ttl
        self.rclass = rclass
        self._last_ttl = None           # type: Optional[int]
        self._owner = None              # type: Optional[bytes]
        self._include = include
        self._depth = depth
        self._names = {}                # type: Dict[str, bytes]
        text = data.decode('latin-1')
        # An octet beyond ASCII becomes an escape; the rest of the work sees ASCII alone.
        text = _BEYOND_ASCII.sub(lambda found: u'\\%03d' % ord(found.group()), text)
        self._lines = iter(text.replace(u'\r\n', u'\n').split(u'\n'))

    def fault(self, message):
        # type: (str) -> MasterFileError
        """The error for this line."""
        return MasterFileError(self.file, self.line, message)

    def __iter__(self):
        # type: () -> Iterator[ResourceRecord]
        for line in self._lines:
            self.line += 1
            if not line or line[0] == u';':
                continue
            blank = line[0] in u' \t'
            if _SPECIAL.search(line) is None:
                words = [Word(text) for text in line.split()]
            else:
                words = self._entry(line)
            if not words:
                continue
            try:
                if words[0].text[:1] == u'$' and not blank and not words[0].quoted:
                    found = self._directive(words)
                else:
                    found = (self._record(words, blank),)
                for record in found:
                    yield record
            except MasterFileError:
                raise
            except LocalProtocolError as exc:
                raise self.fault(exc.message)

    # -- words -------------------------------------------------------------------------------------

    def _entry(self, line):
        # type: (str) -> List[Word]
        """The words of an entry, over several lines if it has parentheses."""
        first = self.line
        words = []                      # type: List[Word]
        depth = self._split(line, words, 0)
        while depth:
            following = next(self._lines, None)
            if following is None or self.line - first > MAX_ENTRY_LINES:
                self.line = first
                raise self.fault(u'a parenthesis is not closed')
            self.line += 1
            depth = self._split(following, words, depth)
        return words

    def _split(self, line, words, depth):
        # type: (str, List[Word], int) -> int
        """Appends the words of a line; the number of open parentheses behind it."""
        at = 0
        size = len(line)
        while at < size:
            char = line[at]
            if char in u' \t\r':
                at += 1
            elif char == u';':
                break
            elif char in u'()':
                depth += 1 if char == u'(' else -1
                if depth < 0:
                    raise self.fault(u'a parenthesis is closed that was not opened')
                at += 1
            elif char == u'"':
                end = _end_of_string(line, at + 1)
                if end < 0:
                    raise self.fault(u'a quotation mark is missing')
                words.append(Word(line[at + 1:end], True))
                at = end + 1
            else:
                start = at
                while at < size and line[at] not in u' \t\r;()"':
                    at += 2 if line[at] == u'\\' else 1
                words.append(Word(line[start:at]))
        return depth

    # -- records -----------------------------------------------------------------------------------

    def _record(self, words, blank):
        # type: (List[Word], bool) -> ResourceRecord
        at = 0
        if not blank:
            self._owner = self._name(words[0].text)
            at = 1
        if self._owner is None:
            raise self.fault(u'the first record has no name')
        ttl = None                      # type: Optional[int]
        number = None                   # type: Optional[int]
        while at < len(words):
            text = words[at].text.upper()
            at += 1
            number = TYPES.get(text)
            if number is not None:
                break
            if text in CLASSES or text[:5] == u'CLASS' and text[5:].isdigit():
                self._check_class(class_number(text))
            elif text[:1].isdigit() and ttl is None:
                ttl = parse_seconds(text)
            else:
                number = type_number(text)
                break
        if number is None:
            raise self.fault(u'a record without a type')
        if number in _META:
            raise self.fault(u'a zone has no records of the type %s' % words[at - 1].text)
        if self.rclass is None:
            self.rclass = IN
        data = parse_rdata(number, words[at:], self.origin)
        return ResourceRecord(self._owner, number, self.rclass, self._time(ttl, number, data),
                              data)

    def _time(self, ttl, number, data):
        # type: (Optional[int], int, bytes) -> int
        """The time to live: its own, that of $TTL, that of the record before, or the SOA's."""
        if ttl is not None:
            self._last_ttl = ttl
        elif self.ttl is not None:
            ttl = self.ttl
        elif self._last_ttl is not None:
            ttl = self._last_ttl
        elif number == SOA:
            ttl = struct.unpack('!I', data[-4:])[0]
            self._last_ttl = ttl
        else:
            raise self.fault(u'a record without a time to live, and no $TTL before it')
        if ttl > MAX_TTL:
            raise self.fault(u'a time to live has at most %d seconds' % MAX_TTL)
        return ttl

    def _check_class(self, number):
        # type: (int) -> None
        if self.rclass is None:
            self.rclass = number
        elif self.rclass != number:
            raise self.fault(u'a record of another class than those before')

    def _name(self, text):
        # type: (str) -> bytes
        found = self._names.get(text)
        if found is None:
            if len(self._names) >= MAX_NAMES:
                self._names.clear()
            found = parse_name(text, self.origin)
            self._names[text] = found
        return found

    # -- directives --------------------------------------------------------------------------------

    def _directive(self, words):
        # type: (List[Word]) -> Any
        """The records of a directive."""
        name = words[0].text.upper()
        if name == u'$ORIGIN' and len(words) == 2:
            self.origin = parse_name(words[1].text, self.origin)
            self._names.clear()
        elif name == u'$TTL' and len(words) == 2:
            self.ttl = parse_seconds(words[1].text)
        elif name == u'$INCLUDE' and len(words) in (2, 3):
            return self._included(words)
        elif name == u'$GENERATE' and len(words) > 3:
            return self._generated(words)
        else:
            raise self.fault(u'%s is unknown, or has the wrong number of words' % words[0].text)
        return ()

    def _included(self, words):
        # type: (List[Word]) -> Iterator[ResourceRecord]
        path = words[1].text
        if self._include is None:
            raise self.fault(u'$INCLUDE is not allowed here')
        if self._depth >= MAX_DEPTH:
            raise self.fault(u'more than %d files include each other' % MAX_DEPTH)
        origin = parse_name(words[2].text, self.origin) if len(words) == 3 else self.origin
        try:
            data = self._include(path)
        except LocalProtocolError:
            raise
        except (IOError, OSError) as exc:
            raise self.fault(u'%s cannot be read: %s' % (path, exc.strerror))
        inner = MasterFile(data, origin, path, self._include, self.ttl, self._depth + 1,
                           self.rclass)
        inner._owner = self._owner      # RFC 1035 section 5.1 leaves it open; BIND keeps it
        for record in inner:
            yield record

    def _generated(self, words):
        # type: (List[Word]) -> Iterator[ResourceRecord]
        template = list(words[2:])
        for texts in generate(words[1].text, [word.text for word in template]):
            yield self._record([Word(text, word.quoted)
                                for text, word in zip(texts, template)], False)


def _end_of_string(line, at):
    # type: (str, int) -> int
    """The place of the closing quotation mark, or -1."""
    while at < len(line):
        if line[at] == u'"':
            return at
        at += 2 if line[at] == u'\\' else 1
    return -1
