# Copyright the carryall authors.  See LICENSE.
"""Overview: one line of some header fields for each article (RFC 3977 section 8).

    row = overview_row(article)             # octets: fields between TABs, without the number
    overview_field(row, b'subject')

Tests:    tests/protocols/nntp/test_overview.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal
from carryall.protocols.nntp.wire import MAX_NUMBER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, List, Optional, Sequence, Tuple
    from carryall.protocols.nntp.article import Article

__all__ = ['FIELDS', 'FORMAT', 'LEGACY_FORMAT', 'clean', 'overview_field', 'overview_row',
           'parse_format', 'parse_overview']

# -- limits ------------------------------------------------------------------
MAX_FIELD = 8192            # octets of a field in overview; default, the RFC is silent

FIELDS = (b'subject', b'from', b'date', b'message-id', b'references', b':bytes', b':lines')
# The lines of LIST OVERVIEW.FMT; the first seven are the RFC's (section 8.4.2).
FORMAT = (b'Subject:', b'From:', b'Date:', b'Message-ID:', b'References:', b':bytes', b':lines',
          b'Xref:full')
# peer: servers of RFC 2980 name the last two so.
LEGACY_FORMAT = {b'bytes:': b':bytes', b'lines:': b':lines'}
_PLACES = dict((name, place) for place, name in enumerate(FIELDS))
_BLANKS = bytes(bytearray(each if each not in (0, 9, 10, 13) else 32 for each in range(256)))


def clean(value):
    # type: (bytes) -> bytes
    """A field as overview and HDR show it: one line, with a blank for each TAB or NUL."""
    return value.replace(b'\r\n', b'').translate(_BLANKS)


def overview_row(article):
    # type: (Article) -> bytes
    """The fields of *article* between TABs; the number in front is that of the group."""
    values = [clean(article.get(name) or b'')[:MAX_FIELD] for name in FIELDS[:5]]
    values.append(b'%d' % len(article.octets))
    values.append(b'%d' % article.lines)
    xref = article.get(b'xref')
    values.append(b'' if xref is None else b'Xref: ' + clean(xref))
    return b'\t'.join(values)


def overview_field(row, name):
    # type: (bytes, bytes) -> Optional[bytes]
    """A field of a row; None if rows do not have it.

    Args:     name: in small letters; b':bytes' and b':lines' too.
    """
    place = _PLACES.get(name)
    if place is None:
        if name != b'xref':
            return None
        last = row.rsplit(b'\t', 1)[-1]
        return last[6:] if last[:6] == b'Xref: ' else b''
    return row.split(b'\t', place + 1)[place]


def parse_format(lines):
    # type: (Sequence[bytes]) -> List[bytes]
    """The names of fields in LIST OVERVIEW.FMT, in small letters without their colon behind."""
    found = []                      # type: List[bytes]
    for line in lines:
        name = LEGACY_FORMAT.get(line.strip().lower(), line.strip().lower())
        if name[:1] != b':':
            name = name.partition(b':')[0]
        found.append(name)
    return found


def parse_overview(line, names=FIELDS + (b'xref',)):
    # type: (bytes, Sequence[bytes]) -> Optional[Tuple[int, Dict[bytes, bytes]]]
    """(number, fields) of a line of OVER; None if it is none.

    Args:     names: of the fields, as ``parse_format`` gives them.
    """
    values = line.split(b'\t')
    number = decimal(values[0], MAX_NUMBER)
    if number is None:
        return None
    fields = {}                     # type: Dict[bytes, bytes]
    for place, (name, value) in enumerate(zip(names, values[1:])):
        if place >= len(FIELDS):    # these carry their name (RFC 3977 section 8.3.2)
            head, colon, rest = value.partition(b':')
            if not colon or head.lower() != name:
                continue
            value = rest.lstrip(b' ')
        fields[name] = value
    return number, fields
