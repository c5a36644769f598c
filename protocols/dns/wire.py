# Copyright the carryall authors.  See LICENSE.
"""Messages: octets to values and back (RFC 1035 section 4, RFC 6891).

    message = parse_message(packet)             # DNSError if it is malformed
    answer = message.reply()
    answer.answers.append(ResourceRecord(name, A, IN, 300, data))
    packet = format_message(answer, 1232)       # TC is set if the answers do not fit

Wire:     A header of 12 octets, questions, and records in three sections.  A name may end in a
          pointer to an earlier place.
Not here: what a server answers, and the signatures of messages (tsig.py).
Tests:    tests/protocols/dns/test_wire.py
"""
from __future__ import absolute_import, division, print_function

import struct

from carryall.core.errors import LocalProtocolError, RemoteProtocolError
from carryall.protocols.dns.domainname import ROOT, format_name
from carryall.protocols.dns.ednsoptions import EDNS
from carryall.protocols.dns.errors import DNSError
from carryall.protocols.dns.rdata import COMPRESSED, FIELDS, format_rdata, read_rdata
from carryall.protocols.dns.rdatafields import Reader
from carryall.protocols.dns.recordtypes import class_name, type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

__all__ = ['AA', 'AD', 'CD', 'Message', 'QR', 'Question', 'RA', 'RD', 'ResourceRecord', 'TC',
           'format_message', 'parse_message']

# -- limits ------------------------------------------------------------------
MAX_MESSAGE = 65535         # octets; the length before a message on a stream has 16 bits
MAX_QUESTIONS = 1           # RFC 9619
MAX_TARGET = 1 << 14        # offset that a pointer reaches

QR = 0x8000
AA = 0x0400
TC = 0x0200
RD = 0x0100
RA = 0x0080
AD = 0x0020
CD = 0x0010

OPT = 41
TSIG = 250
UPDATE = 5
_WITHOUT_DATA = (254, 255)  # classes of an update whose records may be empty; RFC 2136

_HEADER = struct.Struct('!6H')
_QUESTION = struct.Struct('!HH')
_RECORD = struct.Struct('!HHIH')


class Question(object):
    """A name, a record type and a class."""

    __slots__ = ('name', 'rtype', 'rclass')

    def __init__(self, name, rtype, rclass=1):
        # type: (bytes, int, int) -> None
        self.name = name
        self.rtype = rtype
        self.rclass = rclass

    def key(self):
        # type: () -> Tuple[bytes, int, int]
        """Equal for questions that are the same."""
        return self.name.lower(), self.rtype, self.rclass

    def __repr__(self):
        return '<Question %s>' % self.text()

    def text(self):
        # type: () -> str
        """Name, class and type."""
        return u'%s %s %s' % (format_name(self.name), class_name(self.rclass),
                              type_name(self.rtype))


class ResourceRecord(object):
    """A record; its data are octets without pointers."""

    __slots__ = ('name', 'rtype', 'rclass', 'ttl', 'data')

    def __init__(self, name, rtype, rclass, ttl, data):
        # type: (bytes, int, int, int, bytes) -> None
        self.name = name
        self.rtype = rtype
        self.rclass = rclass
        self.ttl = ttl
        self.data = data

    def key(self):
        # type: () -> Tuple[bytes, int, int]
        """Equal for the records of one set."""
        return self.name.lower(), self.rtype, self.rclass

    def same(self, other):
        # type: (ResourceRecord) -> bool
        """True if it differs in time to live at most."""
        return self.key() == other.key() and self.data == other.data

    def __repr__(self):
        return '<ResourceRecord %s>' % self.text()

    def text(self):
        # type: () -> str
        """The line of a master file."""
        return (u'%s %d %s %s %s' % (format_name(self.name), self.ttl, class_name(self.rclass),
                                     type_name(self.rtype), format_rdata(self.rtype, self.data))
                ).rstrip()


class Message(object):
    """A message.

    Attributes:
        number: its ID.
        flags: QR, AA ... and the opcode, as on the wire, without the response code.
        rcode: the response code, with the bits of EDNS.
        questions: of Question.
        answers, authority, additional: of ResourceRecord, without OPT and TSIG.
        edns: an EDNS, or None.
        glue: number of the first records of *additional* without which the answer is truncated.
        tsig: (offset, ResourceRecord) of a parsed message, or None.
    """

    __slots__ = ('number', 'flags', 'rcode', 'questions', 'answers', 'authority', 'additional',
                 'edns', 'glue', 'tsig')

    def __init__(self, number=0, flags=0, rcode=0):
        # type: (int, int, int) -> None
        self.number = number
        self.flags = flags
        self.rcode = rcode
        self.questions = []             # type: List[Question]
        self.answers = []               # type: List[ResourceRecord]
        self.authority = []             # type: List[ResourceRecord]
        self.additional = []            # type: List[ResourceRecord]
        self.edns = None                # type: Optional[EDNS]
        self.glue = 0
        self.tsig = None                # type: Any

    @property
    def opcode(self):
        # type: () -> int
        """The kind of the message."""
        return self.flags >> 11 & 15

    def reply(self, rcode=0):
        # type: (int) -> Message
        """An answer without records: ID, opcode, question and RD are those of this message."""
        answer = Message(self.number, QR | self.flags & (0x7800 | RD), rcode)
        answer.questions = list(self.questions)
        return answer

    def records(self):
        # type: () -> List[ResourceRecord]
        """The records of all sections."""
        return self.answers + self.authority + self.additional


# -- to values ---------------------------------------------------------------

def parse_message(data):
    # type: (bytes) -> Message
    """The message in these octets.

    Raises:   DNSError: it is malformed.
    """
    if len(data) < 12:
        raise DNSError(u'a message has at least 12 octets')
    number, flags, asked, answered, authority, additional = _HEADER.unpack(data[:12])
    message = Message(number, flags & 0xfff0, flags & 15)
    if asked > MAX_QUESTIONS:
        raise DNSError(u'a message has more than one question')
    reader = Reader(data, 12)
    for _ in range(asked):
        name = reader.name()
        message.questions.append(Question(name, *_QUESTION.unpack(reader.take(4))))
    try:
        message.answers = [_read_record(reader) for _ in range(answered)]
        message.authority = [_read_record(reader) for _ in range(authority)]
        for left in range(additional, 0, -1):
            start = reader.at
            record = _read_record(reader)
            if record.rtype == OPT:
                _take_edns(message, record)
            elif record.rtype == TSIG:
                if left != 1:
                    raise DNSError(u'the signature is not the last record')
                message.tsig = (start, record)
            else:
                message.additional.append(record)
    except DNSError:
        raise
    except RemoteProtocolError as exc:
        raise DNSError(exc.message)
    if reader.at != len(data):
        raise DNSError(u'%d octets follow the message' % (len(data) - reader.at))
    return message


def _take_edns(message, record):
    # type: (Message, ResourceRecord) -> None
    if message.edns is not None or record.name != ROOT:
        raise DNSError(u'a duplicate OPT record, or one with a name')
    message.edns = EDNS.parse(record.rclass, record.ttl, record.data)
    message.rcode |= record.ttl >> 24 << 4


def _read_record(reader):
    # type: (Reader) -> ResourceRecord
    name = reader.name()
    rtype, rclass, ttl, count = _RECORD.unpack(reader.take(10))
    end = reader.at + count
    if end > reader.end:
        raise DNSError(u'a record passes the end of the message')
    if not count and (rclass in _WITHOUT_DATA):
        return ResourceRecord(name, rtype, rclass, ttl, b'')
    if rtype not in FIELDS:
        return ResourceRecord(name, rtype, rclass, ttl, reader.take(count))
    outer, reader.end = reader.end, end
    data = read_rdata(rtype, reader)
    reader.end = outer
    return ResourceRecord(name, rtype, rclass, ttl, data)


# -- to octets ---------------------------------------------------------------

class _Output(object):
    """The octets so far, and the places of the names in them."""

    __slots__ = ('parts', 'size', 'names')

    def __init__(self):
        # type: () -> None
        self.parts = []                 # type: List[bytes]
        self.size = 0
        self.names = {}                 # type: Dict[bytes, int]

    def raw(self, data):
        # type: (bytes) -> None
        """Octets as they are."""
        self.parts.append(data)
        self.size += len(data)

    def name(self, name):
        # type: (bytes) -> None
        """A name, whose end may become a pointer to the same octets (so that its case is kept)."""
        names = self.names
        at = 0
        while name[at:at + 1] != ROOT:
            tail = name[at:]
            found = names.get(tail)
            if found is not None:
                self.raw(name[:at] + struct.pack('!H', 0xc000 | found))
                return
            if self.size + at < MAX_TARGET:
                names[tail] = self.size + at
            at += 1 + ord(name[at:at + 1])
        self.raw(name)

    def record(self, record):
        # type: (ResourceRecord) -> None
        """A whole record."""
        self.name(record.name)
        if record.rtype in COMPRESSED and record.data:
            self._compressed(record)
            return
        self.raw(_RECORD.pack(record.rtype, record.rclass, record.ttl, len(record.data)))
        self.raw(record.data)

    def _compressed(self, record):
        # type: (ResourceRecord) -> None
        place = len(self.parts)
        self.raw(b'\0' * 10)
        start = self.size
        reader = Reader(record.data)
        for field in FIELDS[record.rtype]:
            piece = field.take(reader)
            if field.compressed:
                self.name(piece)
            else:
                self.raw(piece)
        self.parts[place] = _RECORD.pack(record.rtype, record.rclass, record.ttl,
                                         self.size - start)

    def mark(self):
        # type: () -> Any
        """A place to come back to."""
        return len(self.parts), self.size

    def back_to(self, mark):
        # type: (Any) -> None
        """Drops what came after the mark."""
        del self.parts[mark[0]:]
        self.size = mark[1]
        self.names = dict((name, place) for name, place in self.names.items() if place < self.size)


def format_message(message, limit=MAX_MESSAGE, reserved=0):
    # type: (Message, int, int) -> bytes
    """The octets of a message, at most *limit*.

    Sets of records that do not fit are left out.  TC is set if one of them was an answer, or of
    the authority section, or glue (RFC 2181 section 9, RFC 9471).

    Args:     reserved: octets that are kept free at the end, for a signature.
    """
    out = _Output()
    out.raw(b'\0' * 12)
    for question in message.questions:
        out.name(question.name)
        out.raw(_QUESTION.pack(question.rtype, question.rclass))
    edns = b''
    if message.edns is not None:
        edns = message.edns.format(message.rcode >> 4)
    room = limit - len(edns) - reserved
    flags = message.flags
    if out.size > room:
        raise LocalProtocolError(u'a message of more than %d octets' % limit)
    counts = []
    for number, section in enumerate((message.answers, message.authority, message.additional)):
        count = 0
        if not flags & TC:
            count, whole = _section(out, section, room)
            if not whole and (number < 2 or count < message.glue):
                flags |= TC
        counts.append(count)
    if edns:
        out.raw(edns)
        counts[2] += 1
    out.parts[0] = _HEADER.pack(message.number, flags & 0xfff0 | message.rcode & 15,
                                len(message.questions), *counts)
    return b''.join(out.parts)


def _section(out, records, room):
    # type: (_Output, List[ResourceRecord], int) -> Tuple[int, bool]
    """(records that were written, whether these are all)."""
    count = 0
    last = None                         # type: Any     # key of the set that is written
    mark = out.mark()
    complete = 0                        # records before that set
    for record in records:
        key = (record.name, record.rtype)
        if key != last:
            last = key
            mark = out.mark()
            complete = count
        out.record(record)
        count += 1
        if out.size > room:
            out.back_to(mark)
            return complete, False
    return count, True
