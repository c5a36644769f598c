# Copyright the carryall authors.  See LICENSE.
"""Calendar dates in UTC from seconds since 1970 and back,
by arithmetic alone (Gregorian calendar, proleptic).

`time.gmtime` differs between platforms for years before 1970 and beyond 2038; these functions do
not.

Tests:    tests/core/codec/test_calendardates.py
"""
from __future__ import absolute_import, division, print_function

__all__ = ['DAYS', 'MONTHS', 'civil', 'seconds_of']

DAYS = (b'Mon', b'Tue', b'Wed', b'Thu', b'Fri', b'Sat', b'Sun')
MONTHS = (b'Jan', b'Feb', b'Mar', b'Apr', b'May', b'Jun',
          b'Jul', b'Aug', b'Sep', b'Oct', b'Nov', b'Dec')


def civil(seconds):
    # type: (float) -> Tuple[int, int, int, int, int, int, int]
    """(year, month, day, hour, minute, second, weekday with Monday 0) of *seconds*,
    a fraction cut off."""
    days, rest = divmod(int(seconds // 1), 86400)
    # The year is begun in March, so that the leap day comes last; an era is 400 years, 146097 days.
    era, day_of_era = divmod(days + 719468, 146097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) \
        // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    year = year_of_era + era * 400 + (month <= 2)
    return year, month, day, rest // 3600, rest // 60 % 60, rest % 60, (days + 3) % 7


def seconds_of(year, month, day, hour=0, minute=0, second=0):
    # type: (int, int, int, int, int, int) -> int
    """The inverse of `civil`; the day has to exist."""
    if month <= 2:
        year -= 1
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return (era * 146097 + day_of_era - 719468) * 86400 + hour * 3600 + minute * 60 + second


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Tuple
