# Copyright the carryall authors.  See LICENSE.
"""Addresses and water marks."""
from __future__ import absolute_import, division, print_function

import pickle

import pytest

from carryall.core.testing import FakeTransport
from carryall.core.net.transport import Address, WaterMarks, here, peer, tls


def test_address_as_text_and_tuple():
    assert str(Address('127.0.0.1', 80)) == '127.0.0.1:80' and str(Address('::1', 80)) == '[::1]:80'
    assert str(Address('/run/x')) == 'unix:/run/x' and repr(Address('::1', 8)) == 'Address([::1]:8)'
    assert Address('a', 1) == ('a', 1) and Address('a', 1).host == 'a' and Address('a', 1).port == 1
    assert pickle.loads(pickle.dumps(Address('a', 1), 2)) == Address('a', 1)


def test_ends_of_other_peoples_transports():
    class Theirs(object):
        def __init__(self, name):
            self.name = name

        def get_extra_info(self, key, default=None):
            return {'peername': self.name}.get(key, default)

    assert peer(Theirs(('127.0.0.1', 5))) == Address('127.0.0.1', 5)
    assert str(peer(Theirs(('fe80::1', 5, 0, 3)))) == '[fe80::1%3]:5'
    assert peer(Theirs('/run/x')) == Address('/run/x') and peer(Theirs(None)) is None
    assert here(Theirs(None)) is None and tls(Theirs(None)) is None
    assert isinstance(peer(FakeTransport()), Address)


def test_water_marks_follow_each_other():
    marks = WaterMarks()
    assert (marks.high, marks.low) == (65536, 16384)
    marks.set(high=100)
    assert (marks.high, marks.low) == (100, 25)
    marks.set(low=10)
    assert (marks.high, marks.low) == (40, 10)
    for wrong in ((10, 20), (-1, -2)):
        with pytest.raises(ValueError):
            marks.set(*wrong)
