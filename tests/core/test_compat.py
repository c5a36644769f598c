# Copyright the carryall authors.  See LICENSE.
"""The shims."""
from __future__ import absolute_import, division, print_function

import sys

import pytest

from carryall.core import compat


def test_octets_are_bytes_of_length_one():
    assert list(compat.iterbytes(b'a\xff')) == [b'a', b'\xff']
    assert [compat.int2byte(number) for number in (0, 97, 255)] == [b'\0', b'a', b'\xff']
    assert [compat.byte2int(octet) for octet in (b'\0', b'a', b'\xff')] == [0, 97, 255]
    assert compat.int_from_bytes(b'') == 0 and compat.int_from_bytes(b'\x01\x00' + b'\0' * 20) \
        == 256 << 160


def test_native_text_is_str():
    assert compat.native(u'x') == 'x' and type(compat.native(u'x')) is str \
        and type(compat.native(b'x')) is str
    assert compat.to_bytes(u'\xe9') == b'\xc3\xa9' and compat.to_bytes(b'\xe9') == b'\xe9'


def test_constant_time_equal():
    for equal in (compat.constant_time_equal, compat._equal_without_hurry):
        assert equal(b'same', b'same') and not equal(b'same', b'samE') and not equal(
            b'same', b'sam')
        assert not equal(b'', b'x') and not equal(b'x', b'') and equal(b'', b'')


def test_reraise_keeps_the_traceback():
    try:
        raise KeyError('first')
    except KeyError as exc:
        caught = exc
        trace = sys.exc_info()[2]
    with pytest.raises(KeyError) as again:
        compat.reraise(caught, trace)
    assert again.value is caught


def test_failures_catch_what_foreign_code_raises():
    try:
        from java.util import NoSuchElementException as Foreign
    except ImportError:
        Foreign = ValueError
    caught = None
    try:
        raise Foreign('x')
    except compat.FAILURES as exc:
        caught = exc
    assert caught is not None


def test_bool_is_asked_on_both_versions():
    @compat.truth
    class Empty(object):
        def __bool__(self):
            return False

    assert not Empty()
