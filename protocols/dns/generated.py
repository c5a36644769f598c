# Copyright the carryall authors.  See LICENSE.
"""$GENERATE of BIND's master files: a template and a range of numbers.

    generate(u'1-3', [u'host$', u'A', u'192.0.2.$'])
    ${10,3,x}       # the number plus 10, with three digits of base 16

Tests:    tests/protocols/dns/test_masterfile.py
"""
from __future__ import absolute_import, division, print_function

import re

from carryall.core.codec.numbers import decimal
from carryall.core.compat import range
from carryall.core.errors import LocalProtocolError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator, List

__all__ = ['MAX_GENERATED', 'generate']

# -- limits ------------------------------------------------------------------
MAX_GENERATED = 65536       # records of one directive: a /16 of addresses
MAX_WIDTH = 63              # digits: the octets of a label

MAX_NUMBER = 10 ** 10 - 1    # the patterns take ten digits

_RANGE = re.compile(u'([0-9]{1,10})-([0-9]{1,10})(?:/([0-9]{1,10}))?$')
_PLACE = re.compile(u'\\\\.|\\$\\$|\\$(?:\\{(-?[0-9]{1,10})(?:,([0-9]{1,3}))?'
                    u'(?:,([doxXnN]))?\\}|\\{)?')


def generate(text, words):
    # type: (str, List[str]) -> Iterator[List[str]]
    """The words of each record."""
    found = _RANGE.match(text)
    if found is None:
        raise LocalProtocolError(u'"%s" is no range such as 1-100/2' % text[:40])
    first = _number(found.group(1))
    last = _number(found.group(2))
    step = _number(found.group(3) or u'1')
    if step < 1 or last < first or (last - first) // step >= MAX_GENERATED:
        raise LocalProtocolError(u'the range %s has no number, or more than %d'
                                 % (text, MAX_GENERATED))
    for number in range(first, last + 1, step):
        yield [_PLACE.sub(lambda place: _replaced(place, number), word) for word in words]


def _number(digits):
    # type: (str) -> int
    """The number of digits that one of the patterns has found."""
    return decimal(digits.encode('ascii'), MAX_NUMBER) or 0


def _replaced(place, number):
    # type: (object, int) -> str
    """The text for one place of the template."""
    whole = place.group()                   # type: ignore
    if whole[0] == u'\\':
        return u'$' if whole == u'\\$' else whole
    if whole == u'$$':
        return u'$'
    if whole == u'${':
        raise LocalProtocolError(u'a place such as ${0,3,d} is malformed')
    offset, width, base = place.groups()    # type: ignore
    offset = offset or u'0'
    shift = _number(offset.lstrip(u'-'))
    value = number - shift if offset.startswith(u'-') else number + shift
    size = _number(width or u'0')
    if value < 0 or size > MAX_WIDTH:
        raise LocalProtocolError(u'a number below 0, or more than %d digits' % MAX_WIDTH)
    if base in (u'n', u'N'):
        return _nibbles(value, size, base == u'N')
    return {u'o': u'%0*o', u'x': u'%0*x', u'X': u'%0*X'}.get(base, u'%0*d') % (size, value)


def _nibbles(value, size, upper):
    # type: (int, int, bool) -> str
    """The digits of base 16 from the lowest on, each a label; *size* counts the dots too."""
    digits = (u'%X' if upper else u'%x') % value
    labels = list(reversed(digits))
    while 2 * len(labels) - 1 < size:
        labels.append(u'0')
    return u'.'.join(labels)
