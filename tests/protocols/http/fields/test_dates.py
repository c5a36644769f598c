# Copyright the carryall authors.  See LICENSE.
"""Dates of HTTP, both ways (RFC 9110 section 5.6.7, RFC 6265bis section 5.1.1)."""
from __future__ import absolute_import, division, print_function


import pytest

from carryall.core.errors import LocalProtocolError
from carryall.protocols.http.fields import dates
from tests.protocols.http.ids import short

BOTH_WAYS = [
    (0, b'Thu, 01 Jan 1970 00:00:00 GMT'),
    (784111777, b'Sun, 06 Nov 1994 08:49:37 GMT'),
    (951782400, b'Tue, 29 Feb 2000 00:00:00 GMT'),
    (1709251199, b'Thu, 29 Feb 2024 23:59:59 GMT'),
    (-1, b'Wed, 31 Dec 1969 23:59:59 GMT'),
    (-2203891200, b'Thu, 01 Mar 1900 00:00:00 GMT'),
    (4102444800, b'Fri, 01 Jan 2100 00:00:00 GMT'),
    (dates.MAX_DATE, b'Fri, 31 Dec 9999 23:59:59 GMT'),
    (dates.MIN_DATE, b'Mon, 01 Jan 0001 00:00:00 GMT'),
]


@pytest.mark.parametrize('seconds, text', BOTH_WAYS)
def test_fixdate_both_ways(seconds, text):
    """IMF-fixdate is written and read back (RFC 9110 section 5.6.7)."""
    assert dates.format_date(seconds) == text, 'written'
    assert dates.parse_date(text) == seconds, 'read'


def test_fraction_is_cut_towards_the_past():
    """A fraction is cut off, before 1970 too."""
    assert dates.format_date(784111777.9) == b'Sun, 06 Nov 1994 08:49:37 GMT', 'after 1970'
    assert dates.format_date(-0.5) == b'Wed, 31 Dec 1969 23:59:59 GMT', 'before 1970'


@pytest.mark.parametrize('seconds', [dates.MAX_DATE + 1, dates.MIN_DATE - 1, 1e18])
def test_no_date_for(seconds):
    """Years that do not have four digits are refused."""
    with pytest.raises(LocalProtocolError):
        dates.format_date(seconds)


@pytest.mark.parametrize('text', [
    b'Sun, 06 Nov 1994 08:49:37 GMT', b'Sunday, 06-Nov-94 08:49:37 GMT',
    b'Sun Nov  6 08:49:37 1994',
    b'Mon, 06 Nov 1994 08:49:37 GMT'])
def test_all_three_forms_are_read(text):
    """All three forms are read; a wrong weekday does not matter."""
    assert dates.parse_date(text) == 784111777, text


@pytest.mark.parametrize('text', [
    b'', b'0', b'Sun, 06 Nov 1994 08:49:37', b'Sun, 06 Nov 1994 08:49:37 UTC',
    b'sun, 06 Nov 1994 08:49:37 GMT',
    b'Sun, 06 nov 1994 08:49:37 GMT', b'Sun, 6 Nov 1994 08:49:37 GMT',
    b'Sun, 06 Nov 1994 24:00:00 GMT',
    b'Sun, 06 Nov 1994 08:60:37 GMT', b'Sun, 06 Nov 1994 08:49:61 GMT',
    b'Sun, 31 Apr 1994 08:49:37 GMT',
    b'Sun, 29 Feb 1900 08:49:37 GMT', b'Sun, 00 Nov 1994 08:49:37 GMT',
    b'Sun, +6 Nov 1994 08:49:37 GMT',
    b'Sun, 06 Nov 0000 08:49:37 GMT', b'Sun. 06 Nov 1994 08:49:37 GMT',
    b'Sun, 06-Nov-1994 08:49:37 GMT',
    b'Sun, 06 Nov 1994 08.49.37 GMT', b'Sun, 06 Nov 1994_08:49:37 GMT',
    b'Foo, 06 Nov 1994 08:49:37 GMT',
    b'Sun Nov 06 08:49:37 94  ', b'Sun Nov x6 08:49:37 1994', b'Sun Nov  6 08:49:37_1994',
    b'Sun-Nov  6 08:49:37 1994',
    b'Sunday, 06-Nov-1994 08:49:37 GMT', b'Sunday, 06 Nov 94 08:49:37 GMT',
    b'Sun, 06-Nov-94 08:49:37 GMT ',
    b'Sunday, 06-Nov-9x 08:49:37 GMT', b'Funday, 06-Nov-94 08:49:37 GMT', b'1' * 10000], ids=short)
def test_a_bad_date_is_none(text):
    """Text in none of the three forms gives None."""
    assert dates.parse_date(text) is None, text


def test_leap_second_is_the_next_one():
    """The grammar has a second 60 (RFC 9110 section 5.6.7)."""
    assert dates.parse_date(b'Sat, 31 Dec 2016 23:59:60 GMT') == 1483228800, 'leap second'


@pytest.mark.parametrize('year, now, expected', [
    (b'94', None, 1994), (b'69', None, 2069), (b'70', None, 1970), (b'94', 2026, 1994),
    (b'26', 2026, 2026),
    (b'76', 2026, 2076), (b'77', 2026, 1977), (b'49', 1999, 2049), (b'50', 1999, 1950),
    (b'00', 2100, 2100),
    (b'51', 2100, 2051)])
def test_years_of_two_digits(year, now, expected):
    """A year of two digits is never more than 50 years ahead (RFC 9110 section 5.6.7)."""
    moment = None if now is None else dates.seconds_of(now, 6, 1)
    found = dates.parse_date(b'Sunday, 06-Nov-%s 08:49:37 GMT' % year, moment)
    assert dates.civil(found)[0] == expected, year


def test_dates_of_logs_and_rfc_3339_are_written():
    """The date of the Common Log Format, and that of RFC 3339."""
    assert dates.format_clf(784111777) == b'06/Nov/1994:08:49:37 +0000', 'CLF'
    assert dates.format_iso(784111777) == b'1994-11-06T08:49:37Z', 'RFC 3339'


@pytest.mark.parametrize('text, seconds', [
    (b'Wed, 21 Oct 2015 07:28:00 GMT', 1445412480), (b'Wed, 21-Oct-2015 07:28:00 GMT', 1445412480),
    (b'Wed, 21-Oct-15 7:28:0 GMT', 1445412480), (b'2015 oct 21 07:28:00', 1445412480),
    (b'21 October 2015 07:28:00.123 UTC', 1445412480), (b'07:28:00 21 oct 15', 1445412480),
    (b'Wed, 21 Oct 1970 00:00:00', 25315200), (b'Wed, 21 Oct 99 00:00:00', 940464000),
    (b'Wed, 31 Feb 2015 07:28:00', None), (b'Wed, 21 Oct 1600 07:28:00', None),
    (b'Wed, 21 Oct 2015 24:00:00', None),
    (b'Wed, 21 Oct 2015', None), (b'', None), (b'tomorrow', None),
    (b'Wed, 21 Oct 2015 07:28:60', None),
    (b' ' * 1000 + b'Wed, 21 Oct 2015 07:28:00', None)], ids=short)
def test_dates_of_cookies_are_read_as_browsers_do(text, seconds):
    """The dates of cookies are read as browsers do (RFC 6265bis section 5.1.1), up to a length."""
    assert dates.parse_cookie_date(text) == seconds, text
