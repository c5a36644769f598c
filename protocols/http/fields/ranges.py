# Copyright the carryall authors.  See LICENSE.
"""Parts of a representation: Range, Content-Range and multipart/byteranges (RFC 9110 section 14).

Wire:     request: ``bytes=0-499, 1000-, -200``; response: ``bytes 0-499/1234``, or with 416
          ``bytes */1234``.
Bounds:   a request for more than MAX_RANGES is answered whole; ranges that overlap or touch are
          joined, so that all the parts together are never longer than the whole (RFC 9110 section
          14.2, 17.15).
Not here: If-Range (conditionals.py), the octets.
Tests:    tests/protocols/http/fields/test_ranges.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.records import namedtuple
from carryall.core.codec.numbers import decimal
from carryall.protocols.http.fields.fieldsyntax import split_list

__all__ = ['ContentRange', 'Part', 'format_content_range', 'format_range', 'multipart_layout',
           'parse_content_range',
           'parse_range', 'unsatisfied_range']

# -- limits ------------------------------------------------------------------
# Of one request; the RFC is silent.  More get the whole; PDF readers and the like ask for fewer.
MAX_RANGES = 16
MAX_OFFSET = 2 ** 63 - 1    # octets; the largest file anywhere

Part = namedtuple('Part', 'head first count')
ContentRange = namedtuple('ContentRange', 'first last size')


def parse_range(value, size, maximum=MAX_RANGES):
    # type: (bytes, int, int) -> Optional[List[Tuple[int, int]]]
    """The parts that *value* asks for out of *size* octets, each as (first octet, count).

    They are in the order of the request, or by offset if some were joined.

    Returns:  None: ignore the field (not ``bytes``, malformed, too many); []: no part exists,
              answer 416.
    """
    unit, mark, ranges = value.partition(b'=')
    if not mark or unit.strip(b' \t').lower() != b'bytes':
        return None
    specs = split_list(ranges, maximum=maximum)
    if not specs:
        return None
    parts = []
    for spec in specs:
        part = _parse_spec(spec, size)
        if part is None:
            return None
        if part[1] > 0:
            parts.append(part)
    if not size and [spec for spec in specs if spec[:1] == b'-' and spec.strip(b'-0')]:
        # The last N octets of an empty file are satisfiable (section 14.1.2)
        return None
    return _joined(parts)


def _parse_spec(spec, size):
    # type: (bytes, int) -> Optional[Tuple[int, int]]
    """(first, count) of one range-spec, a count of 0 if no octet of it exists; None if it is
    malformed.
    """
    first, dash, last = spec.partition(b'-')
    if not dash:
        return None
    if not first:
        suffix = _number(last)
        if suffix is None:
            return None
        count = min(suffix, size)
        return size - count, count
    begin = _number(first)
    end = _number(last) if last else MAX_OFFSET
    if begin is None or end is None or end < begin:
        return None
    return begin, max(0, min(end, size - 1) - begin + 1)


def _number(digits):
    # type: (bytes) -> Optional[int]
    """A position; one that is beyond every file counts as the largest."""
    if not digits.isdigit():
        return None
    number = decimal(digits, MAX_OFFSET)
    return MAX_OFFSET if number is None else number


def _joined(parts):
    # type: (List[Tuple[int, int]]) -> List[Tuple[int, int]]
    """*parts* unchanged if they are apart; otherwise by offset, with overlapping and adjacent ones
    joined.
    """
    ordered = sorted(parts)
    joined = ordered[:1]
    for first, count in ordered[1:]:
        before, length = joined[-1]
        if first <= before + length:
            joined[-1] = before, max(length, first + count - before)
        else:
            joined.append((first, count))
    return parts if len(joined) == len(parts) else joined


def format_range(first, last=None):
    # type: (int, Optional[int]) -> bytes
    """The Range of a client that wants from *first* to *last*, both included, or to the end."""
    return b'bytes=%d-' % first if last is None else b'bytes=%d-%d' % (first, last)


def format_content_range(first, count, size):
    # type: (int, int, int) -> bytes
    """The Content-Range of *count* octets from *first* out of *size* (RFC 9110 section 14.4)."""
    return b'bytes %d-%d/%d' % (first, first + count - 1, size)


def unsatisfied_range(size):
    # type: (int) -> bytes
    """The Content-Range of a 416 (RFC 9110 section 14.4, 15.5.17)."""
    return b'bytes */%d' % size


def parse_content_range(value):
    # type: (bytes) -> Optional[ContentRange]
    """(first, last, size) of a Content-Range; first and last are None in a 416, size is None for
    ``*``.

    Returns:  None: not ``bytes``, malformed, or numbers that contradict each other.
    """
    unit, _, rest = value.strip(b' \t').partition(b' ')
    extent, mark, whole = rest.partition(b'/')
    size = None if whole == b'*' else decimal(whole, MAX_OFFSET)
    if unit.lower() != b'bytes' or not mark or size is None and whole != b'*':
        return None
    if extent == b'*':
        return None if size is None else ContentRange(None, None, size)
    first, _, last = extent.partition(b'-')
    begin = decimal(first, MAX_OFFSET)
    end = decimal(last, MAX_OFFSET)
    if begin is None or end is None or end < begin or size is not None and end >= size:
        return None
    return ContentRange(begin, end, size)


def multipart_layout(parts, size, content_type, boundary):
    # type: (Sequence[Tuple[int, int]], int, bytes, bytes) -> Tuple[List[Part], bytes, int]
    """The layout of a multipart/byteranges body (RFC 9110 section 14.6).

    Args:     parts:    (first, count) each, out of *size* octets.
              boundary: one that the octets do not contain.
    Returns:  (parts, tail, length): each Part has a head to send before its *count* octets from
              *first*; the tail ends the body; the length is that of the whole body.
    """
    layout = []                 # type: List[Part]
    length = 0
    for first, count in parts:
        head = (b'' if not layout else b'\r\n') + b'--' + boundary + b'\r\n'
        if content_type:
            head += b'Content-Type: ' + content_type + b'\r\n'
        head += b'Content-Range: ' + format_content_range(first, count, size) + b'\r\n\r\n'
        layout.append(Part(head, first, count))
        length += len(head) + count
    tail = b'\r\n--' + boundary + b'--\r\n'
    return layout, tail, length + len(tail)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional, Sequence, Tuple
