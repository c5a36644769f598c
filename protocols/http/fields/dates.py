# Copyright the carryall authors.  See LICENSE.
"""The dates of HTTP: one form written, three read (RFC 9110 section 5.6.7), and the loose ones of
cookies.

Wire:     ``Sun, 06 Nov 1994 08:49:37 GMT`` (IMF-fixdate); also read: ``Sunday, 06-Nov-94 08:49:37
          GMT`` (RFC 850) and ``Sun Nov  6 08:49:37 1994`` (asctime).  Names are English and
          case-sensitive whatever the locale. A date is a whole number of seconds since 1970-01-01
          00:00 UTC, leap seconds not counted.
Tests:    tests/protocols/http/fields/test_dates.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.calendardates import DAYS, MONTHS, civil, seconds_of
from carryall.core.errors import LocalProtocolError
from carryall.core.codec.numbers import decimal

__all__ = ['format_clf', 'format_date', 'format_iso', 'parse_cookie_date', 'parse_date']

# -- limits ------------------------------------------------------------------
MIN_DATE = -62135596800     # 0001-01-01 00:00:00; four digits of year are all the grammar has
MAX_DATE = 253402300799     # 9999-12-31 23:59:59
MAX_COOKIE_DATE = 128       # octets parsed of a cookie's Expires; the RFC is silent

# -- grammar -----------------------------------------------------------------
LONG_DAYS = (b'Monday', b'Tuesday', b'Wednesday', b'Thursday', b'Friday', b'Saturday', b'Sunday')
MONTH_NUMBERS = dict((name, number) for number, name in enumerate(MONTHS, 1))
COOKIE_MONTHS = dict((name.lower(), number) for name, number in MONTH_NUMBERS.items())
# RFC 6265bis section 5.1.1: delimiter = %x09 / %x20-2F / %x3B-40 / %x5B-60 / %x7B-7E
COOKIE_DELIMITERS = b'\t !"#$%&\'()*+,-./;<=>?@[\\]^_`{|}~'


def format_date(seconds):
    # type: (float) -> bytes
    """*seconds* as IMF-fixdate, a fraction cut off (RFC 9110 section 5.6.7).

    Raises:   LocalProtocolError: a year before 1 or after 9999.
    """
    year, month, day, hour, minute, second, weekday = _checked(seconds)
    return (b'%s, %02d %s %04d %02d:%02d:%02d GMT'
            % (DAYS[weekday], day, MONTHS[month - 1], year, hour, minute, second))


def format_clf(seconds):
    # type: (float) -> bytes
    """*seconds* in the Common Log Format, in UTC: ``06/Nov/1994:08:49:37 +0000``."""
    year, month, day, hour, minute, second, _ = _checked(seconds)
    return (b'%02d/%s/%04d:%02d:%02d:%02d +0000'
            % (day, MONTHS[month - 1], year, hour, minute, second))


def format_iso(seconds):
    # type: (float) -> bytes
    """*seconds* as ``1994-11-06T08:49:37Z`` (RFC 3339)."""
    year, month, day, hour, minute, second, _ = _checked(seconds)
    return b'%04d-%02d-%02dT%02d:%02d:%02dZ' % (year, month, day, hour, minute, second)


def parse_date(data, now=None):
    # type: (bytes, Optional[float]) -> Optional[int]
    """The seconds of an HTTP-date in any of the three forms; None if it is malformed.

    The weekday must be a valid name, but need not be the right one: a refusal would help no one.

    Args:     now: for a year of two digits, which is never more than 50 years ahead of it (RFC 9110
              section 5.6.7); without it 70 to 99 are 1970 to 1999.
    """
    if len(data) == 29:
        return _parse_fixdate(data)
    if len(data) == 24:
        return _parse_asctime(data)
    return _parse_rfc850(data, now) if 30 <= len(data) <= 33 else None


def parse_cookie_date(data):
    # type: (bytes) -> Optional[int]
    """The seconds of a cookie's Expires, by the algorithm that browsers use (RFC 6265bis section
    5.1.1).
    """
    found = {}          # type: Dict[str, Any]
    for token in _cookie_date_tokens(data[:MAX_COOKIE_DATE]):
        _take_cookie_token(token, found)
    if len(found) < 4:
        return None
    year = found['year']
    clock = found['clock']
    if 70 <= year <= 99:
        year += 1900
    elif year <= 69:
        year += 2000
    if year < 1601:
        return None
    return _checked_seconds(year, found['month'], found['day'], clock[0], clock[1], clock[2], 59)


# -- private -----------------------------------------------------------------
def _checked(seconds):
    # type: (float) -> Tuple[int, int, int, int, int, int, int]
    if not MIN_DATE <= seconds < MAX_DATE + 1:
        raise LocalProtocolError('HTTP has no date for %r seconds since 1970' % (seconds,))
    return civil(seconds)


def _checked_seconds(year, month, day, hour, minute, second, last_second=60):
    # type: (Any, Any, Any, Any, Any, Any, int) -> Optional[int]
    """The seconds of a date; None if a part is None or out of its range."""
    if None in (year, month, day, hour, minute,
                second) or not 1 <= day <= 31 or not 1 <= year <= 9999:
        return None
    if hour > 23 or minute > 59 or second > last_second:
        return None
    if day > 28 and civil(seconds_of(year, month, day))[1] != month:
        return None                 # 31 April became 1 May
    return seconds_of(year, month, day, hour, minute, second)


def _two(data):
    # type: (bytes) -> Optional[int]
    return decimal(data, 99)


def _clock(data):
    # type: (bytes) -> Tuple[Optional[int], Optional[int], Optional[int]]
    """The numbers of ``hh:mm:ss``, exactly eight octets."""
    if data[2:3] != b':' or data[5:6] != b':':
        return None, None, None
    return _two(data[:2]), _two(data[3:5]), _two(data[6:])


def _parse_fixdate(data):
    # type: (bytes) -> Optional[int]
    # day-name "," SP 2DIGIT SP month SP 4DIGIT SP hh:mm:ss SP GMT
    if data[3:5] != b', ' or data[:3] not in DAYS or data[25:] != b' GMT':
        return None
    if data[7:8] != b' ' or data[11:12] != b' ' or data[16:17] != b' ':
        return None
    hour, minute, second = _clock(data[17:25])
    return _checked_seconds(decimal(data[12:16], 9999), MONTH_NUMBERS.get(data[8:11]),
                            _two(data[5:7]),
                            hour, minute, second)


def _parse_asctime(data):
    # type: (bytes) -> Optional[int]
    # day-name SP month SP ( 2DIGIT / SP DIGIT ) SP hh:mm:ss SP 4DIGIT
    if data[:3] not in DAYS or data[3:4] != b' ' or data[7:8] != b' ' or data[
        10:11] != b' ' or data[19:20] != b' ':
        return None
    day = data[9:10] if data[8:9] == b' ' else data[8:10]
    hour, minute, second = _clock(data[11:19])
    return _checked_seconds(decimal(data[20:], 9999), MONTH_NUMBERS.get(data[4:7]), _two(day), hour,
                            minute, second)


def _parse_rfc850(data, now):
    # type: (bytes, Optional[float]) -> Optional[int]
    # day-name-l "," SP 2DIGIT "-" month "-" 2DIGIT SP hh:mm:ss SP GMT
    name, comma, rest = data.partition(b', ')
    if name not in LONG_DAYS or len(rest) != 22 or rest[18:] != b' GMT':
        return None
    if rest[2:3] != b'-' or rest[6:7] != b'-' or rest[9:10] != b' ':
        return None
    hour, minute, second = _clock(rest[10:18])
    day = _two(rest[:2])
    month = MONTH_NUMBERS.get(rest[3:6])
    year = _two(rest[7:9])
    if year is None:
        return None
    if now is None:
        return _checked_seconds(year + (1900 if year >= 70 else 2000), month, day, hour, minute,
                                second)
    this_year = civil(now)[0]
    year += this_year // 100 * 100 + 100
    while year > this_year + 50:
        year -= 100
    return _checked_seconds(year, month, day, hour, minute, second)


def _cookie_date_tokens(data):
    # type: (bytes) -> List[bytes]
    for octet in (COOKIE_DELIMITERS[i:i + 1] for i in range(len(COOKIE_DELIMITERS))):
        data = data.replace(octet, b' ')
    return data.split(b' ')


def _leading_digits(token, least, most):
    # type: (bytes, int, int) -> Optional[int]
    """The number at the start of *token*, of *least* to *most* digits and no further digit; None if
    it is missing.
    """
    count = 0
    while count <= most and token[count:count + 1].isdigit():
        count += 1
    return decimal(token[:count], 9999) if least <= count <= most else None


def _take_cookie_token(token, found):
    # type: (bytes, Dict[str, Any]) -> None
    """Takes *token* as the first that fits of the time, the day, the month and the year; each is
    taken once.
    """
    if 'clock' not in found and token.count(b':') >= 2:
        hour, minute, second = token.split(b':', 2)
        clock = (_two(hour) if len(hour) <= 2 else None, _two(minute) if len(minute) <= 2 else None,
                 _leading_digits(second, 1, 2))
        if None not in clock:
            found['clock'] = clock
            return
    day = _leading_digits(token, 1, 2)
    if 'day' not in found and day is not None:
        found['day'] = day
        return
    month = COOKIE_MONTHS.get(token[:3].lower())
    if 'month' not in found and month is not None:
        found['month'] = month
        return
    year = _leading_digits(token, 2, 4)
    if 'year' not in found and year is not None:
        found['year'] = year


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple
