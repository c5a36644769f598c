# Copyright the carryall authors.  See LICENSE.
"""Entries of a log of relayed data in hexadecimal, in the format of Twisted 0.19's SOCKS log.

    Sun Jul  7 12:00:00 2002<TAB>127.0.0.1:40000 < 192.0.2.1:80
    48 65 6C 6C 6F 0D 0A                            Hello..
    (an empty line)

``<`` marks octets from the client, ``>`` octets to it.  A line has sixteen octets; those that are
not printable ASCII show as dots.

Tests:    tests/protocols/socks/test_trace.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import native
from carryall.core.net.transport import peer
from carryall.core.codec.calendardates import civil

__all__ = ['format_entry', 'hexadecimal_lines']

WIDTH = 16              # octets a line

DAYS = ('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun')
MONTHS = ('Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec')


# By octet: its number and a blank; its letter.
_NUMBERS = ['%02X ' % octet for octet in range(256)]
_LETTERS = bytes(bytearray(octet if 32 <= octet < 127 else 46 for octet in range(256)))


def hexadecimal_lines(data):
    # type: (bytes) -> str
    """The lines of *data*, each with its end."""
    letters = data.translate(_LETTERS).decode('ascii')
    numbers = [_NUMBERS[octet] for octet in bytearray(data)]
    lines = []
    for at in range(0, len(data), WIDTH):
        piece = numbers[at:at + WIDTH]
        lines.append(''.join(piece) + '   ' * (WIDTH - len(piece)) + letters[at:at + WIDTH] + '\n')
    return native(''.join(lines))


def format_entry(wall, end, data):
    # type: (float, Any, bytes) -> str
    """The entry for data that came in at an End (``carryall.core.wrap.streamrelay``).

    Args:     wall: seconds since 1970; the entry is in UTC, which has no summer time.
    """
    year, month, day, hour, minute, second, weekday = civil(wall)
    moment = '%s %s %2d %02d:%02d:%02d %d' % (DAYS[weekday], MONTHS[month - 1], day, hour, minute,
                                              second, year)
    near = end.relay.near
    far = end.relay.far
    return '%s\t%s %s %s\n%s\n' % (moment, peer(near.transport), '<' if end is near else '>',
                                   peer(far.transport), hexadecimal_lines(data))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
