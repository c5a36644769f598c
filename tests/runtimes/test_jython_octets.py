# Copyright the carryall authors.  See LICENSE.
"""Bytes across the border of Python and Java."""
from __future__ import absolute_import, division, print_function

import jarray

from carryall.runtimes.jvm.octets import from_java, to_java

ALL = b''.join(chr(number) for number in range(256))


def test_every_octet_both_ways():
    array = to_java(ALL)
    assert len(array) == 256
    assert [value & 255 for value in array] == list(range(256))
    back = from_java(array, 256)
    assert type(back) is bytes and back == ALL


def test_a_part_of_an_array():
    array = jarray.zeros(10, 'b')
    array[0] = 65
    array[1] = -1
    assert from_java(array, 2) == b'A\xff'
    assert from_java(array, 0) == b''
    assert len(to_java(b'')) == 0


def test_converted_octets_are_a_copy():
    array = to_java(b'abc')
    data = from_java(array, 3)
    array[0] = 0
    assert data == b'abc'
