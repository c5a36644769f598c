# Copyright the carryall authors.  See LICENSE.
"""The grammar of NNTP: replies, ranges, dates, capabilities (RFC 3977).

Wire:     lines that end in CRLF.  A reply is a code of three digits and a text; some codes are
          followed by a block, lines that a dot alone ends, with dots at the start doubled.
Tests:    tests/protocols/nntp/test_wire.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.calendardates import civil, seconds_of
from carryall.core.codec.numbers import decimal
from carryall.protocols.nntp.errors import NNTPError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, List, Optional, Sequence, Tuple

__all__ = ['BLOCK_CODES', 'MAX_COMMAND', 'MAX_NUMBER', 'Reply', 'block', 'has_block',
           'parse_capabilities', 'parse_date', 'parse_range', 'parse_reply', 'shown_date']

# -- limits ------------------------------------------------------------------
MAX_COMMAND = 510           # octets without CRLF; RFC 3977 section 3.1
MAX_NUMBER = 2147483647     # of an article; RFC 3977 section 6
MAX_LABELS = 200            # lines of CAPABILITIES; default, the RFC is silent

# Replies with a block behind them, whatever the command (RFC 3977 section 3.2 and appendix C);
# 211 has one behind LISTGROUP alone.  282 is that of XGTITLE (RFC 2980 section 2.9).
BLOCK_CODES = frozenset((100, 101, 215, 220, 221, 222, 224, 225, 230, 231, 282))
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Reply(object):
    """A reply of the server.

    Args:     code: its number.
              text: octets behind it.
    """

    __slots__ = ('code', 'text')

    def __init__(self, code, text):
        # type: (int, bytes) -> None
        self.code = code
        self.text = text

    @property
    def line(self):
        # type: () -> bytes
        """The whole line, without its end."""
        return b'%d %s' % (self.code, self.text) if self.text else b'%d' % self.code


def parse_reply(line):
    # type: (bytes) -> Reply
    """A reply without its line end.

    Raises:   NNTPError: it is none.
    """
    code = decimal(line[:3], 599)
    if code is None or code < 100 or line[3:4] not in (b'', b' '):
        raise NNTPError(u'the server sent no reply', 0, line[:80])
    return Reply(code, line[4:])


def has_block(verb, code):
    # type: (bytes, int) -> bool
    """True if a block follows the reply *code* to the command *verb*."""
    return code in BLOCK_CODES or code == 211 and verb == b'LISTGROUP'


def parse_range(data):
    # type: (bytes) -> Optional[Tuple[int, int]]
    """(first, last) of ``12``, ``12-`` or ``12-34``; None if it is none of them.

    A range without an end ends at MAX_NUMBER; one whose end is before its start is empty (RFC 3977
    section 8.1.2 and 6.1.2).
    """
    first, dash, last = data.partition(b'-')
    low = decimal(first, MAX_NUMBER)
    if low is None:
        return None
    if not dash:
        return low, low
    if not last:
        return low, MAX_NUMBER
    high = decimal(last, MAX_NUMBER)
    return None if high is None else (low, high)


def parse_date(date, time, zone, now):
    # type: (bytes, bytes, bytes, float) -> Optional[int]
    """Seconds since 1970 of the date and time of NEWGROUPS and NEWNEWS; None if they are none.

    Args:     date: yyyymmdd, or yymmdd: then of the century that makes it past, or this year.
              zone: b'GMT', or b'' for the server's time, which is GMT too.
              now:  seconds since 1970.
    Source:   RFC 3977 section 7.3.2
    """
    number = decimal(date, 99999999)
    clock = decimal(time, 235960)
    if number is None or clock is None or len(date) not in (6, 8) or len(time) != 6 \
            or zone.upper() not in (b'', b'GMT'):
        return None
    year, rest = divmod(number, 10000)
    if len(date) == 6:
        this = civil(now)[0]
        year += this - this % 100
        if year > this:
            year -= 100
    month, day = divmod(rest, 100)
    hour, rest = divmod(clock, 10000)
    minute, second = divmod(rest, 100)
    if not 1 <= month <= 12 or not 1 <= day <= _DAYS[month - 1] or hour > 23 or minute > 59:
        return None
    return seconds_of(year, month, day, hour, minute, min(second, 59))


def shown_date(wall):
    # type: (float) -> bytes
    """yyyymmddhhmmss, for DATE (RFC 3977 section 7.1)."""
    return b'%04d%02d%02d%02d%02d%02d' % civil(wall)[:6]


def parse_capabilities(lines):
    # type: (Sequence[bytes]) -> Dict[bytes, List[bytes]]
    """Label in capitals -> arguments, of the block of CAPABILITIES (RFC 3977 section 5.2.2)."""
    found = {}                      # type: Dict[bytes, List[bytes]]
    for line in lines[:MAX_LABELS]:
        words = line.split()
        if words:
            found[words[0].upper()] = words[1:]
    return found


def block(lines):
    # type: (Sequence[bytes]) -> bytes
    """Lines as a block, without the dot that ends it; each line with its CRLF."""
    return b''.join([(b'.' + line if line[:1] == b'.' else line) + b'\r\n' for line in lines])
