# Copyright the carryall authors.  See LICENSE.
"""Numbers on the wire: digits and nothing else."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.codec.numbers import decimal, hexadecimal


@pytest.mark.parametrize('data, number', [
    (b'0', 0), (b'7', 7), (b'0012', 12), (b'255', 255), (b'256', None), (b'', None), (b'+1', None),
    (b'-1', None),
    (b' 1', None), (b'1 ', None), (b'1_0', None), (b'0x1', None), (b'1e1', None), (b'\xb2', None),
    (b'\xd9\xa1', None),
    (b'9' * 5000, None), (b'0' * 50 + b'9', 9), (b'0' * 20000 + b'9', 9), (b'0' * 20000, 0)])
def test_decimal_takes_digits_alone(data, number):
    assert decimal(data, 255) == number, data


@pytest.mark.parametrize('data, number', [
    (b'0', 0), (b'fF', 255), (b'100', None), (b'', None), (b'0xf', None), (b'+f', None),
    (b' f', None), (b'f_f', None),
    (b'g', None), (b'f' * 5000, None), (b'0' * 40 + b'a', 10), (b'0' * 20000 + b'a', 10)])
def test_hexadecimal_takes_digits_alone(data, number):
    assert hexadecimal(data, 255) == number, data
