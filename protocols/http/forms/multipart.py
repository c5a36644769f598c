# Copyright the carryall authors.  See LICENSE.
"""multipart bodies, parsed as they arrive (RFC 2046 section 5.1, RFC 7578).

Wire:     ``--boundary`` CRLF, fields, an empty line, octets; CRLF ``--boundary`` CRLF ...; CRLF
          ``--boundary--``.
States:   PREAMBLE -> (MARK -> FIELDS -> CONTENT -> MARK ...) -> EPILOGUE
Rules:    lines end with CRLF and nothing else.  A line that begins like a delimiter and goes on is
          an error and not data, because another reader might take it differently.  Octets before
          the first and after the last delimiter are dropped, and counted.
Not here: forms (forms.py), files (services/web/uploads.py), parts of files (ranges.py).
Tests:    tests/protocols/http/forms/test_multipart.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import LocalProtocolError
from carryall.protocols.http.errors import HTTPError
from carryall.protocols.http.fields.grammar import parse_field_line
from carryall.protocols.http.fields.headerfields import Headers
from carryall.protocols.http.fields.fieldsyntax import ALPHANUMERIC, parse_parameters

__all__ = ['MultipartParser', 'PartBegin', 'PartData', 'PartEnd', 'boundary_of', 'is_boundary']

# -- limits ------------------------------------------------------------------
MAX_BOUNDARY = 70           # octets; RFC 2046 section 5.1.1
MAX_PARTS = 1000            # of one body; the RFC is silent
MAX_HEADER_BYTES = 8192     # octets of the fields of one part; the RFC is silent
MAX_HEADERS = 16            # fields of one part; RFC 7578 section 4.8 defines three
MAX_PADDING = 64            # blanks behind a delimiter; the RFC is silent
MAX_OUTSIDE = 4096          # octets before the first and after the last delimiter

# bchars = DIGIT / ALPHA / "'" / "(" / ")" / "+" / "_" / "," / "-" / "." / "/" / ":" / "=" / "?" / "
# "
BOUNDARY_OCTETS = ALPHANUMERIC + b"'()+_,-./:=? "

PREAMBLE, MARK, FIELDS, CONTENT, EPILOGUE, BROKEN = range(6)


class PartBegin(object):
    """The begin of a part; ``headers`` are its fields."""

    __slots__ = ('headers',)

    def __init__(self, headers):
        # type: (Headers) -> None
        self.headers = headers


class PartData(object):
    """Octets of the part, at least one."""

    __slots__ = ('data',)

    def __init__(self, data):
        # type: (bytes) -> None
        self.data = data


class PartEnd(object):
    """The end of a part."""

    __slots__ = ()


PART_END = PartEnd()


def is_boundary(data):
    # type: (bytes) -> bool
    """True if *data* can be a boundary (RFC 2046 section 5.1.1)."""
    return (1 <= len(data) <= MAX_BOUNDARY and not data.translate(None, BOUNDARY_OCTETS)
            and data[-1:] != b' ')


def boundary_of(content_type):
    # type: (bytes) -> Optional[bytes]
    """The boundary that a Content-Type of multipart names; None if it is not multipart, or the
    boundary is missing or malformed.
    """
    parsed = parse_parameters(content_type)
    if parsed is None or not parsed[0].lower().startswith(b'multipart/'):
        return None
    found = [value for name, value in parsed[1] if name == b'boundary']
    return found[0] if len(found) == 1 and is_boundary(found[0]) else None


class MultipartParser(object):
    """Parses octets into events: PartBegin, any number of PartData, PartEnd, for each part.

    The events do not depend on how the octets are cut, except for the sizes of PartData.

    Args:     parts, header_bytes: limits; an excess is an HTTPError with the reply 413.
    """

    def __init__(self, boundary, parts=MAX_PARTS, header_bytes=MAX_HEADER_BYTES):
        # type: (bytes, int, int) -> None
        if not is_boundary(boundary):
            raise LocalProtocolError('%r cannot be a boundary' % (boundary,))
        self._delimiter = b'\r\n--' + boundary
        self._parts_left = parts
        self._header_bytes = header_bytes
        self._outside = MAX_OUTSIDE
        self._state = PREAMBLE
        # Octets of an empty line before the octets of a part
        self._lead = 0
        # Not parsed yet; it begins with CRLF, so that a delimiter at the start follows one too
        self._held = b'\r\n'

    def feed(self, data):
        # type: (bytes) -> List[Event]
        """The events that *data* complete; HTTPError (400, or 413 beyond a limit), then and at each
        later call.
        """
        events = []                 # type: List[Event]
        data = self._held + data
        self._held = b''
        at = 0
        step = True
        while step:
            before = self._state
            try:
                at = _STEPS[before](self, data, at, events)
            except HTTPError:
                self._state = BROKEN
                raise
            step = self._state != before
        self._held = data[at:]
        return events

    def finish(self):
        # type: () -> None
        """Ends the input; HTTPError (400) unless the last delimiter was received."""
        if self._state != EPILOGUE:
            raise HTTPError('the parts end in the middle', reply=400)

    # Each step reads from `at` on, and returns the start of the next; it changes the state if more
    # must be done.

    def _preamble(self, data, at, events):
        # type: (bytes, int, List[Event]) -> int
        """Drops octets before the first delimiter; a possible beginning of it is kept."""
        found = data.find(self._delimiter, at)
        end = found if found >= 0 else max(at, len(data) - len(self._delimiter) + 1)
        self._drop(end - at)
        if found >= 0:
            self._state = MARK
            end += len(self._delimiter)
        return end

    def _mark(self, data, at, events):
        # type: (bytes, int, List[Event]) -> int
        """Reads the rest of a delimiter's line: nothing, or the two dashes of the last one."""
        if data[at:at + 2] == b'--':
            self._state = EPILOGUE
            return at + 2
        end = data.find(b'\r\n', at)
        line = data[at:end] if end >= 0 else data[at:].rstrip(b'\r')
        if line.strip(b' \t') not in (b'',
                                      b'-') or len(line) > MAX_PADDING or end >= 0 and b'-' in line:
            raise HTTPError('a delimiter is followed by other octets', reply=400)
        if end < 0:
            return at
        if not self._parts_left:
            raise HTTPError('too many parts', reply=413)
        self._parts_left -= 1
        self._state = FIELDS
        # The CRLF is kept: without fields it is that of the empty line too
        return end

    def _fields(self, data, at, events):
        # type: (bytes, int, List[Event]) -> int
        end = data.find(b'\r\n\r\n', at)
        if end - at - 2 > self._header_bytes or end < 0 and len(data) - at > self._header_bytes + 5:
            raise HTTPError('a part has too many octets of fields', reply=413)
        if end < 0:
            return at
        lines = data[at + 2:end].split(b'\r\n') if end > at else []
        if len(lines) > MAX_HEADERS:
            raise HTTPError('a part has too many fields', reply=413)
        fields = [parse_field_line(line) for line in lines]
        if None in fields:
            raise HTTPError('a field of a part is malformed', reply=400)
        events.append(PartBegin(Headers(fields)))       # type: ignore
        self._state = CONTENT
        self._lead = 2
        # Again the CRLF is kept: the delimiter of a part without octets needs it
        return end + 2

    def _content(self, data, at, events):
        # type: (bytes, int, List[Event]) -> int
        found = data.find(self._delimiter, at)
        end = found if found >= 0 else len(data) - len(self._delimiter) + 1
        if end >= at + self._lead:
            if end > at + self._lead:
                events.append(PartData(data[at + self._lead:end]))
            self._lead = 0
            at = end
        if found >= 0:
            events.append(PART_END)
            self._state = MARK
            return found + len(self._delimiter)
        return at

    def _epilogue(self, data, at, events):
        # type: (bytes, int, List[Event]) -> int
        self._drop(len(data) - at)
        return len(data)

    def _broken(self, data, at, events):
        # type: (bytes, int, List[Event]) -> int
        raise HTTPError('the parts were malformed before', reply=400)

    def _drop(self, count):
        # type: (int) -> None
        self._outside -= count
        if self._outside < 0:
            raise HTTPError('too many octets outside the parts', reply=413)


_STEPS = (MultipartParser._preamble, MultipartParser._mark, MultipartParser._fields,
          MultipartParser._content,
          MultipartParser._epilogue, MultipartParser._broken)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional, Union
    Event = Union[PartBegin, PartData, PartEnd]
