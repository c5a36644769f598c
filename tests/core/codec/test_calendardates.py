# Copyright the carryall authors.  See LICENSE.
"""Calendar dates both ways."""
from __future__ import absolute_import, division, print_function

import random
from datetime import datetime, timedelta

from carryall.core.codec.calendardates import civil, seconds_of

EPOCH = datetime(1970, 1, 1)
FIRST = -62135596800        # 0001-01-01 00:00:00
LAST = 253402300799         # 9999-12-31 23:59:59


def test_calendar_agrees_with_the_standard_library():
    """The calendar is the Gregorian one: compared with datetime on days from everywhere in it."""
    rng = random.Random(5)
    for _ in range(2000):
        seconds = rng.randrange(FIRST, LAST)
        moment = EPOCH + timedelta(seconds=seconds)
        expected = (moment.year, moment.month, moment.day, moment.hour, moment.minute,
                    moment.second, moment.weekday())
        assert civil(seconds) == expected, seconds
        assert seconds_of(*expected[:6]) == seconds, seconds
