# Copyright the carryall authors.  See LICENSE.
"""Certificates that are malformed: whatever is wrong is told in one class."""
from __future__ import absolute_import, division, print_function

import os
import random

import pytest

from carryall.core.errors import RemoteProtocolError
from carryall.core.tls import certificates, pem

PEMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'pems')


def ders():
    found = []
    for name in sorted(os.listdir(PEMS)):
        if name.endswith('.pem'):
            with open(os.path.join(PEMS, name), 'rb') as source:
                found += pem.certificates(source.read())
    return found


def with_time(octets):
    """The first certificate, with another beginning of its validity (UTCTime,
    RFC 5280 section 4.1.2.5.1)."""
    whole = ders()[0]
    at = whole.index(b'\x17\x0d') + 2
    return whole[:at] + octets + whole[at + 13:]


@pytest.mark.parametrize('moment', [
    b'201301000000Z', b'200001000000Z', b'200100000000Z', b'200132000000Z', b'210229000000Z',
    b'200431000000Z', b'200101240000Z', b'200101006000Z', b'200101000060Z', b'2001010000000',
    b'20010100000+Z'])
def test_a_time_that_does_not_exist_is_malformed(moment):
    with pytest.raises(RemoteProtocolError):
        certificates.parse(with_time(moment))


@pytest.mark.parametrize('moment, seconds', [(b'700101000000Z', 0), (b'200229235959Z', 1583020799),
                                             (b'491231235959Z', 2524607999)])
def test_times_that_exist(moment, seconds):
    assert certificates.parse(with_time(moment)).not_before == seconds


def test_a_damaged_certificate_is_one_class_of_error():
    dice = random.Random(7)
    whole = ders()
    for _ in range(3000):
        data = bytearray(dice.choice(whole))
        for _ in range(dice.randint(1, 3)):
            data[dice.randrange(len(data))] = dice.choice(
                (0, 1, 0x39, 0x80, 0xff, dice.randrange(256)))
        try:
            certificates.parse(bytes(data))
        except RemoteProtocolError:
            pass
