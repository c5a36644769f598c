# Copyright the carryall authors.  See LICENSE.
"""The answer of a program: header fields, a blank line, a body (RFC 3875 section 6).

Wire:     ``name: value`` lines, each ended by LF or CRLF; the first may be a status line of HTTP,
          as a program with ``nph-`` in its name writes it (section 5).
Kinds:    document (6.2.1), local redirect (6.2.2), client redirect (6.2.3), client redirect with
          document (6.2.4).
Not here: the response that is made of it (gateway.py).
Tests:    tests/protocols/cgi/test_wire.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal
from carryall.core.errors import LocalProtocolError
from carryall.protocols.cgi.errors import CGIError
from carryall.protocols.http import MutableHeaders

__all__ = ['AnswerHead', 'AnswerReader', 'CLIENT_REDIRECT', 'DOCUMENT', 'HOP_BY_HOP',
           'LOCAL_REDIRECT', 'REDIRECT_WITH_DOCUMENT']

# -- limits ------------------------------------------------------------------
MAX_SIZE = 1 << 62          # of a length
MAX_HEADS = 128             # headers whose meaning is kept
MAX_HEAD = 512              # octets of the longest of them

# -- kinds -------------------------------------------------------------------
DOCUMENT = 'document'
LOCAL_REDIRECT = 'local redirect'
CLIENT_REDIRECT = 'client redirect'
REDIRECT_WITH_DOCUMENT = 'client redirect with document'

# Fields about one connection, which are the server's own matter (RFC 3875 section 6.3.4, RFC 9110
# section 7.6.1)
HOP_BY_HOP = frozenset((b'connection', b'keep-alive', b'proxy-authenticate', b'proxy-connection',
                        b'te', b'trailer', b'transfer-encoding', b'upgrade'))


# octets of a header -> its meaning, of which each answer gets a copy
_heads = {}                 # type: Dict[bytes, AnswerHead]


class AnswerHead(object):
    """The header of an answer.

    Attributes:
        kind: DOCUMENT, LOCAL_REDIRECT, CLIENT_REDIRECT or REDIRECT_WITH_DOCUMENT.
        status: 200 to 599.
        headers: the MutableHeaders for the client, without Status and those of HOP_BY_HOP.
        location: of a local redirect: a path, perhaps with a query.
        length: the octets of the body that the header tells; None if it does not.
    """

    __slots__ = ('kind', 'status', 'headers', 'location', 'length')

    def __init__(self, kind, status, headers, location=None, length=None):
        # type: (str, int, MutableHeaders, Optional[bytes], Optional[int]) -> None
        self.kind = kind
        self.status = status
        self.headers = headers
        self.location = location
        self.length = length

    def copy(self):
        # type: () -> AnswerHead
        """The same, with headers of its own."""
        return AnswerHead(self.kind, self.status, self.headers.copy(), self.location, self.length)


class AnswerReader(object):
    """Splits the output of a program into its header and its body.

    Args:     header_bytes, header_count: limits of the header.

    Attributes:
        head: the AnswerHead once it is complete.
    """

    def __init__(self, header_bytes=65536, header_count=200):
        # type: (int, int) -> None
        self.head = None            # type: Optional[AnswerHead]
        self._bytes = header_bytes
        self._count = header_count
        self._buffer = b''

    def receive_data(self, data):
        # type: (bytes) -> bytes
        """Takes output; gives the octets of the body in it, b'' as long as there are none.

        Raises:   CGIError: the header is malformed or too long.
        """
        if self.head is not None:
            return data
        seen = max(0, len(self._buffer) - 3)
        buffered = self._buffer + data
        end, after = _end_of_header(buffered, seen)
        if (len(buffered) if end < 0 else end) > self._bytes:
            raise CGIError(u'the header of the answer is longer than %d octets' % self._bytes)
        if end < 0:
            self._buffer = buffered
            return b''
        self._buffer = b''
        self.head = _read_head(buffered[:end], self._count)
        return buffered[after:]

    def receive_eof(self):
        # type: () -> None
        """Takes the end of the output.

        Raises:   CGIError: it came before the end of the header.
        """
        if self.head is None:
            raise CGIError(u'the output ended inside the header' if self._buffer
                           else u'the program said nothing')


def _end_of_header(data, start):
    # type: (bytes, int) -> Tuple[int, int]
    """(end of the last line of the header, begin of the body) in *data*; (-1, -1) if it goes on.

    Nothing before *start* ends it.
    """
    if data[:1] == b'\n':
        return 0, 1
    if data[:2] == b'\r\n':
        return 0, 2
    plain = data.find(b'\n\n', start)
    dressed = data.find(b'\n\r\n', start)
    if dressed < 0 or 0 <= plain < dressed:
        return (plain, plain + 2) if plain >= 0 else (-1, -1)
    return dressed, dressed + 3


def _read_head(data, count):
    # type: (bytes, int) -> AnswerHead
    """The header in *data*, of *count* fields at the most; programs repeat theirs."""
    known = _heads.get(data)
    if known is not None and data.count(b'\n') < count:
        return known.copy()
    head = _parse(data, count)
    if len(data) <= MAX_HEAD:
        if len(_heads) >= MAX_HEADS:
            _heads.clear()
        _heads[data] = head.copy()
    return head


def _parse(data, count):
    # type: (bytes, int) -> AnswerHead
    lines = data.split(b'\n') if data else []
    if len(lines) > count:
        raise CGIError(u'the header of the answer has more than %d fields' % count)
    lines = [line[:-1] if line[-1:] == b'\r' else line for line in lines]
    status = None               # type: Optional[int]
    if lines and lines[0][:5] == b'HTTP/':
        status = _status(lines.pop(0).partition(b' ')[2])
    headers = MutableHeaders()
    location = None             # type: Optional[bytes]
    explicit = status is not None
    for line in lines:
        name, colon, value = line.partition(b':')
        if not colon:
            raise CGIError(u'a line of the header is no field')
        key = name.lower()
        if key == b'status':
            if explicit:
                raise CGIError(u'the answer has two statuses')
            status = _status(value.strip(b' \t'))
            explicit = True
            continue
        if key in HOP_BY_HOP:
            continue
        if key in (b'location', b'content-length', b'content-type') and key in headers:
            raise CGIError(u'the answer has two fields that must be one')
        try:
            headers.add(name, value)
        except LocalProtocolError as exc:
            raise CGIError(u'a field of the answer cannot be sent: %s' % exc, cause=exc)
        if key == b'location':
            location = value.strip(b' \t')
    return _classified(headers, location, status)


def _classified(headers, location, status):
    # type: (MutableHeaders, Optional[bytes], Optional[int]) -> AnswerHead
    """The head; raises CGIError for one that has none of the fields of section 6.3."""
    length = None               # type: Optional[int]
    if b'content-length' in headers:
        length = decimal(headers.get(b'content-length'), MAX_SIZE)
        if length is None:
            raise CGIError(u'the length of the answer is no number')
    if location is None:
        if status is None and b'content-type' not in headers:
            raise CGIError(u'the answer has neither Content-Type, Location nor Status')
        return AnswerHead(DOCUMENT, 200 if status is None else status, headers, None, length)
    if not location:
        raise CGIError(u'the Location of the answer is empty')
    if status is None and location[:1] == b'/' and location[:2] not in (b'//', b'/\\'):
        return AnswerHead(LOCAL_REDIRECT, 200, headers, location)
    kind = CLIENT_REDIRECT
    if status is not None or b'content-type' in headers:
        kind = REDIRECT_WITH_DOCUMENT
    return AnswerHead(kind, 302 if status is None else status, headers, None, length)


def _status(text):
    # type: (bytes) -> int
    """The status in ``404 Not Found`` (RFC 3875 section 6.3.3)."""
    digits = text[:3]
    number = decimal(digits, 599)
    if number is None or number < 200 or len(digits) != 3 or text[3:4] not in (b'', b' '):
        raise CGIError(u'the answer has a status that is none')
    return number


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, Optional, Tuple
