# Copyright the carryall authors.  See LICENSE.
"""DER: known encodings, there and back, and what is refused."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.compat import int2byte
from carryall.core.errors import RemoteProtocolError
from carryall.core.codec import der


@pytest.mark.parametrize('octets, expected', [
    (der.integer(0), b'\x02\x01\x00'), (der.integer(127), b'\x02\x01\x7f'),
    (der.integer(128), b'\x02\x02\x00\x80'),
    (der.integer(256), b'\x02\x02\x01\x00'),
    (der.oid('1.2.840.113549'), b'\x06\x06\x2a\x86\x48\x86\xf7\x0d'),
    (der.oid('2.999'), b'\x06\x02\x88\x37'), (der.sequence(), b'\x30\x00'),
    (der.bit_string(b'ab'), b'\x03\x03\x00ab'),
    (der.octet_string(b'x' * 128), b'\x04\x81\x80' + b'x' * 128),
    (der.octet_string(b'x' * 300), b'\x04\x82\x01\x2c' + b'x' * 300),
    (der.context(3, der.integer(1)), b'\xa3\x03\x02\x01\x01')])
def test_a_value_has_its_der_octets(octets, expected):
    assert octets == expected


def test_there_and_back():
    data = der.sequence(der.integer(2 ** 200 + 7), der.oid('2.5.29.17'),
                        der.octet_string(b'y' * 70000), der.integer(0))
    reader = der.Reader(data).enter(der.SEQUENCE)
    assert reader.integer() == 2 ** 200 + 7
    assert reader.maybe(der.OCTET_STRING) is None
    assert reader.oid() == '2.5.29.17'
    assert reader.take(der.OCTET_STRING) == b'y' * 70000
    assert reader.peek() == der.INTEGER and reader.integer() == 0
    reader.end()
    assert reader.peek() is None


@pytest.mark.parametrize('dotted', ['0.9.2342.19200300.100.1.25', '1.3.101.112', '2.5.4.3',
                                    '2.999.1', '1.39.0', '2.40.5'])
def test_an_object_identifier_comes_back(dotted):
    assert der.Reader(der.oid(dotted)).oid() == dotted


@pytest.mark.parametrize('octets', [
    b'', b'\x02', b'\x02\x05a', b'\x02\x80', b'\x02\x81\x01a', b'\x02\x82\x00\x81' + b'a' * 129,
    b'\x02\x85\x01\x00\x00\x00\x00', b'\x02\x84\xff\xff\xff\xff', b'\x02\xff'])
def test_lengths_that_are_refused(octets):
    with pytest.raises(RemoteProtocolError):
        der.Reader(octets).take(der.INTEGER)


@pytest.mark.parametrize('ask, octets', [('integer', b'\x02\x00'), ('integer', b'\x02\x01\xff'),
                                         ('integer', b'\x04\x01a'),
                                         ('oid', b'\x06\x00'), ('oid', b'\x06\x01\x80'),
                                         ('oid', b'\x06\x41' + b'\x01' * 65)])
def test_values_that_are_refused(ask, octets):
    with pytest.raises(RemoteProtocolError):
        getattr(der.Reader(octets), ask)()


def test_garbage_raises_nothing_else():
    dice = random.Random(1)
    for _ in range(2000):
        reader = der.Reader(b''.join(int2byte(dice.choice((0, 1, 2, 6, 0x30, 0x81, 0x82, 0xff, 5)))
                                     for _ in range(12)))
        try:
            while len(reader):
                reader.next()
        except RemoteProtocolError:
            pass
        with pytest.raises(RemoteProtocolError):
            reader.take(0x77)
            reader.end()
            raise RemoteProtocolError(u'it was that')
