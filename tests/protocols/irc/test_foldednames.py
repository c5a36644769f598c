# Copyright the carryall authors.  See LICENSE.
"""Which names are equal: the case mappings of IRC (RFC 2812 section 2.2)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.irc import MAPPINGS

OTHERS = bytes(bytearray(range(0x21, 0x41)) + bytearray(range(0x80, 0x100)) + b'_`')


@pytest.mark.parametrize('mapping, name, folded', [
    (b'ascii', b'Ann[\\]^', b'ann[\\]^'),
    (b'rfc1459', b'Ann[\\]^', b'ann{|}~'),
    (b'rfc1459-strict', b'Ann[\\]^', b'ann{|}^'),
    (b'strict-rfc1459', b'Ann[\\]^', b'ann{|}^')])
def test_a_mapping_folds_capitals_and_its_brackets(mapping, name, folded):
    assert MAPPINGS[mapping](name) == folded


@pytest.mark.parametrize('mapping', sorted(MAPPINGS))
def test_other_octets_stay(mapping):
    assert MAPPINGS[mapping](OTHERS) == OTHERS


@pytest.mark.parametrize('mapping', sorted(MAPPINGS))
def test_a_folded_name_is_folded_to_itself(mapping):
    once = MAPPINGS[mapping](bytes(bytearray(range(256))))
    assert MAPPINGS[mapping](once) == once
