# Copyright the carryall authors.  See LICENSE.
"""BER: what is written is read again, and nothing else is."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.ldap import LDAPError, ber


@pytest.mark.parametrize('value, octets', [
    (0, b'\x02\x01\x00'), (127, b'\x02\x01\x7f'), (128, b'\x02\x02\x00\x80'),
    (-1, b'\x02\x01\xff'), (-128, b'\x02\x01\x80'), (-129, b'\x02\x02\xff\x7f'),
    (2147483647, b'\x02\x04\x7f\xff\xff\xff')])
def test_an_integer_takes_as_few_octets_as_it_can(value, octets):
    assert ber.integer(value) == octets
    view = bytearray(octets)
    _, start, end = ber.header(view, 0, len(view))
    assert ber.number(view, start, end) == value


@pytest.mark.parametrize('size, head', [
    (0, b'\x04\x00'), (127, b'\x04\x7f'), (128, b'\x04\x81\x80'), (255, b'\x04\x81\xff'),
    (256, b'\x04\x82\x01\x00'), (65535, b'\x04\x82\xff\xff'), (65536, b'\x04\x83\x01\x00\x00')])
def test_a_length_takes_as_few_octets_as_it_can(size, head):
    encoded = ber.tlv(ber.OCTET_STRING, b'x' * size)
    assert encoded[:len(head)] == head
    value, at = ber.octets(encoded, bytearray(encoded), 0, len(encoded))
    assert len(value) == size and at == len(encoded)


def test_a_length_may_have_more_octets_than_it_needs():
    encoded = b'\x04\x84\x00\x00\x00\x01x'
    assert ber.octets(encoded, bytearray(encoded), 0, len(encoded)) == (b'x', 7)


@pytest.mark.parametrize('octets', [
    b'', b'\x04', b'\x04\x80x\x00\x00', b'\x04\x02x', b'\x04\x81', b'\x04\x85\x01\x00\x00\x00\x00',
    b'\x04\x84\xff\xff\xff\xff', b'\x1f\x81\x01\x00', b'\x04\x82\x01'])
def test_octets_that_are_no_object_are_an_error(octets):
    with pytest.raises(LDAPError):
        ber.header(bytearray(octets), 0, len(octets))


def test_an_object_inside_may_not_be_longer_than_the_outer_one():
    view = bytearray(b'\x30\x03\x04\x02ab')
    start, end = ber.expect(view, 0, len(view), ber.SEQUENCE)
    with pytest.raises(LDAPError):
        ber.header(view, start, end)


@pytest.mark.parametrize('octets, value', [(ber.TRUE, True), (ber.FALSE, False),
                                           (b'\x01\x01\x07', True)])
def test_any_octet_but_zero_is_true(octets, value):
    assert ber.truth_of(bytearray(octets), 2, 3) is value


@pytest.mark.parametrize('read', [ber.number, ber.truth_of])
def test_a_number_without_octets_is_an_error(read):
    with pytest.raises(LDAPError):
        read(bytearray(b''), 0, 0)
