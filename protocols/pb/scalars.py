# Copyright the carryall authors.  See LICENSE.
"""Scalars: the forms of jelly without parts, receiving side: None, booleans, text, times and
decimals.

Tests:    tests/protocols/pb/test_jelly.py
"""
from __future__ import absolute_import, division, print_function

import datetime
import decimal

from carryall.core.compat import int_types
from carryall.core.codec.numbers import decimal as digits
from carryall.protocols.pb.security import InsecureJelly

__all__ = ['SCALARS', 'is_int', 'only', 'text_in']

# -- limits ------------------------------------------------------------------
MAX_EXPONENT = 1000000      # of a decimal; with larger ones the sum of two may take gigabytes


def only(sexp, count=1):
    # type: (List[Any], int) -> Any
    """The first element behind the name; InsecureJelly unless there are *count*."""
    if len(sexp) != count + 1:
        raise InsecureJelly('a form with a wrong number of elements')
    return sexp[-1]


def text_in(sexp):
    # type: (List[Any]) -> bytes
    """The one byte string behind the name."""
    data = only(sexp)
    if type(data) is not bytes:
        raise InsecureJelly('a string is required')
    return data


def _get_none(_unjellier, _sexp):
    # type: (Any, List[Any]) -> None
    return None


def _get_unicode(_unjellier, sexp):
    # type: (Any, List[Any]) -> Any
    try:
        return text_in(sexp).decode('utf-8')
    except UnicodeError:
        raise InsecureJelly('text that is not UTF-8')


def _get_boolean(_unjellier, sexp):
    # type: (Any, List[Any]) -> bool
    data = text_in(sexp)
    if data not in (b'true', b'false'):
        raise InsecureJelly('neither true nor false')
    return data == b'true'


def _numbers(sexp, count):
    # type: (List[Any], int) -> List[int]
    """The *count* numbers in a string; the first may be negative."""
    words = text_in(sexp).split(b' ')
    negative = words[0][:1] == b'-'
    if negative:
        words[0] = words[0][1:]
    numbers = [digits(word, 999999999) for word in words]
    if len(numbers) != count or None in numbers:
        raise InsecureJelly('%d numbers are required' % count)
    if negative:
        numbers[0] = -numbers[0]            # type: ignore
    return numbers                          # type: ignore


def _time_form(make, count):
    # type: (Any, int) -> Callable[[Any, List[Any]], Any]
    def get(_unjellier, sexp):
        # type: (Any, List[Any]) -> Any
        try:
            return make(*_numbers(sexp, count))
        except (ValueError, OverflowError):
            raise InsecureJelly('an impossible time')
    return get


def _get_decimal(_unjellier, sexp):
    # type: (Any, List[Any]) -> decimal.Decimal
    exponent = only(sexp, 2)
    number = sexp[1]
    if not is_int(number) or not is_int(exponent) or abs(exponent) > MAX_EXPONENT:
        raise InsecureJelly('a decimal is two numbers')
    return decimal.Decimal((1 if number < 0 else 0, decimal.Decimal(abs(number)).as_tuple()[1],
                            exponent))


def is_int(value):
    # type: (Any) -> bool
    return isinstance(value, int_types)


SCALARS = {
    b'None': _get_none, b'unicode': _get_unicode, b'boolean': _get_boolean,
    b'datetime': _time_form(datetime.datetime, 7), b'date': _time_form(datetime.date, 3),
    b'time': _time_form(datetime.time, 4), b'timedelta': _time_form(datetime.timedelta, 3),
    b'decimal': _get_decimal,
}                               # type: Dict[bytes, Callable[[Any, List[Any]], Any]]


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List
