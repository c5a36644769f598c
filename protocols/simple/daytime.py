# Copyright the carryall authors.  See LICENSE.
"""Daytime: the date and the time for people to read (RFC 867).

Wire:     One line of ASCII; RFC 867 leaves its form open.  Three forms, all in UTC:
              rfc     Saturday, November 21, 2026 04:12:33-UTC        (the first of RFC 867)
              nist    61365 26-11-21 04:12:33 00 0 0   0.0 UTC(HOST) *
                                                    (behind an empty line, as from NIST's servers)
              iso     2026-11-21T04:12:33Z                            (RFC 3339)
States:   answered -> closed     (UDP: one packet for one packet)
Not here: the clock; ``wall`` is handed in, a function that returns seconds since 1970 in UTC.
Tests:    tests/protocols/simple/test_daytime.py
"""
from __future__ import absolute_import, division, print_function

import datetime
import re

from carryall.core.compat import native
from carryall.core.codec.numbers import decimal
from carryall.core.net.collector import collect
from carryall.protocols.simple.guarded import GuardedDatagrams, ask_udp
from carryall.protocols.simple.settings import Settings
from carryall.protocols.simple.shortanswer import ShortAnswer

__all__ = ['Daytime', 'DaytimeDatagrams', 'FORMS', 'fetch', 'fetch_udp', 'moment', 'show']

# -- limits ------------------------------------------------------------------
MAX_ANSWER = 512            # octets that a client takes
LATEST = 253402300799       # 9999-12-31T23:59:59Z, the last moment with a year of four digits

# -- grammar -----------------------------------------------------------------
FORMS = ('rfc', 'nist', 'iso')
_DAYS = ('Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday')
_MONTHS = ('January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September',
           'October', 'November', 'December')
_EPOCH = datetime.datetime(1970, 1, 1)
_MJD_OF_EPOCH = 40587       # the Modified Julian Date of 1970-01-01

_RFC = re.compile(b'[A-Z][a-z]{5,8}, ([A-Z][a-z]{2,8}) ([0-9]{1,2}), ([0-9]{4}) '
                  b'([0-9]{2}):([0-9]{2}):([0-9]{2})-UTC\\Z')
_NIST = re.compile(b'[0-9]{5} ([0-9]{2})-([0-9]{2})-([0-9]{2}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) '
                   b'[0-9]{2} [0-9] [0-9] +[0-9.]{1,5} UTC\\([A-Z]{1,8}\\) [*#]\\Z')
_ISO = re.compile(b'([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z\\Z')


def show(seconds, form='rfc'):
    # type: (float, str) -> bytes
    """The moment *seconds* (since 1970, UTC) in a *form*, with its line end.

    Raises:   ValueError: the form is unknown.
    """
    when = _EPOCH + datetime.timedelta(seconds=min(max(0, seconds // 1), LATEST))
    clock = '%02d:%02d:%02d' % (when.hour, when.minute, when.second)
    if form == 'rfc':
        # Not strftime: its names follow the locale.
        day = _DAYS[when.weekday()]
        month = _MONTHS[when.month - 1]
        text = '%s, %s %d, %04d %s-UTC\r\n' % (day, month, when.day, when.year, clock)
    elif form == 'iso':
        text = '%04d-%02d-%02dT%sZ\r\n' % (when.year, when.month, when.day, clock)
    elif form == 'nist':
        # Behind the clock: summer time in the United States (00: none), leap second this month (0:
        # none), health (0: good), milliseconds of advance, the source of the UTC (this host, not
        # NIST), the on-time marker.
        text = '\n%05d %02d-%02d-%02d %s 00 0 0   0.0 UTC(HOST) * \n' % (
            (when - _EPOCH).days + _MJD_OF_EPOCH, when.year % 100, when.month, when.day, clock)
    else:
        raise ValueError('daytime has the forms %s, not %r' % (', '.join(FORMS), form))
    return text.encode('ascii')


def moment(answer):
    # type: (bytes) -> Optional[int]
    """The seconds since 1970 in an answer of one of the three forms; None for any other text."""
    text = answer.strip(b'\r\n ')
    match = _ISO.match(text) or _NIST.match(text)
    if match:
        year = decimal(match.group(1), 9999) or 0
        month = decimal(match.group(2), 99) or 0
        day = match.group(3)
        if len(match.group(1)) == 2:
            year += 2000        # NIST's form began in this century
    else:
        match = _RFC.match(text)
        name = native(match.group(1)) if match else ''
        if not match or name not in _MONTHS:
            return None
        year = decimal(match.group(3), 9999) or 0
        month = _MONTHS.index(name) + 1
        day = match.group(2)
    hour, minute, second = [decimal(match.group(place), 99) or 0 for place in (4, 5, 6)]
    try:
        when = datetime.datetime(year, month, decimal(day, 99) or 0, hour, minute, min(second, 59))
    except ValueError:          # February 30
        return None
    if second > 60:
        return None
    since = when - _EPOCH
    leap = 1 if second == 60 else 0
    return since.days * 86400 + since.seconds + leap


# -- server ------------------------------------------------------------------

class Daytime(ShortAnswer):
    """Tells the time over TCP."""

    def __init__(self, service, clock=None, settings=None):
        # type: (Callable[[], float], Any, Optional[Settings]) -> None
        form = (settings or Settings()).form
        ShortAnswer.__init__(self, lambda: show(service(), form), clock, settings)


class DaytimeDatagrams(GuardedDatagrams):
    """Tells the time over UDP."""

    def __init__(self, guard, wall, form='rfc'):
        # type: (SourceGuard, Callable[[], float], str) -> None
        GuardedDatagrams.__init__(self, guard)
        self._wall = wall
        self._form = form

    def answer(self, data, addr):
        # type: (bytes, Any) -> Optional[bytes]
        """The time as one packet."""
        return show(self._wall(), self._form)


# -- client ------------------------------------------------------------------

def fetch(loop, host, port):
    # type: (Any, str, int) -> Future
    """A Future of the server's line, as bytes without line ends; ``moment()`` reads it."""
    return collect(loop, host, port, maximum=MAX_ANSWER).then(lambda answer: answer.strip(b'\r\n '))


def fetch_udp(loop, host, port):
    # type: (Any, str, int) -> Future
    """As ``fetch``, over UDP."""
    return ask_udp(loop, host, port).then(lambda answer: answer.strip(b'\r\n '))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional
    from carryall.core.future import Future
    from carryall.protocols.simple.guarded import SourceGuard
