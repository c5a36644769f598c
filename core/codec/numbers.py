# Copyright the carryall authors.  See LICENSE.
"""Numbers as sent on the wire: digits and nothing else, with a bound.

``int()`` accepts ``+1``, `` 1 ``, ``1_0`` and digits of every script; protocols do not.  If two
readers of one message differ in this, requests can be smuggled.

Tests:    tests/core/codec/test_numbers.py
"""
from __future__ import absolute_import, division, print_function

__all__ = ['decimal', 'decimal_text', 'hexadecimal']


def decimal(data, maximum):
    # type: (bytes, int) -> Optional[int]
    """The number in *data*, ``1*DIGIT`` in ASCII;
    None if it is anything else or above *maximum*."""
    # isdigit() of bytes knows ASCII digits alone.
    if not data.isdigit():
        return None
    # int() of a long string is slow, and of a very long one refused, zeros or not
    if len(data) > 20:
        data = data.lstrip(b'0') or b'0'
        if len(data) > len(b'%d' % maximum):
            return None
    number = int(data)
    return number if number <= maximum else None


def hexadecimal(data, maximum):
    # type: (bytes, int) -> Optional[int]
    """The number in *data*, ``1*HEXDIG`` in ASCII;
    None if it is anything else or above *maximum*."""
    if not data or data.strip(b'0123456789abcdefABCDEF') or len(data) > 16 \
            and len(data.lstrip(b'0')) > 16:
        return None
    number = int(data, 16)
    return number if number <= maximum else None


def decimal_text(text, maximum):
    # type: (str, int) -> Optional[int]
    """The number that these ASCII digits spell, without leading zeros;
    None if they spell none up to `maximum`."""
    try:
        data = text.encode('ascii')
    except UnicodeError:
        return None
    if len(data) > 1 and data[:1] == b'0':
        return None
    return decimal(data, maximum)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional
