# Copyright the carryall authors.  See LICENSE.
"""Names: text, octets, pointers of messages."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.protocols.dns import DNSError
from carryall.protocols.dns.domainname import (MAX_POINTERS, ancestors, canonical_order,
                                               format_name, is_below, join_labels, labels_of,
                                               parse_name, read_name)


def read(data, at, end=None):
    return read_name(data, bytearray(data), at, len(data) if end is None else end, {})


@pytest.mark.parametrize('text, octets', [
    (u'.', b'\0'), (u'a.', b'\1a\0'), (u'WWW.Example.', b'\3WWW\7Example\0'),
    (u'a\\.b.c.', b'\3a.b\1c\0'), (u'\\065\\000.', b'\2A\0\0'), (u'\\@.', b'\1@\0'),
    (u'\\255.', b'\1\xff\0'), (u'\\;\\".', b'\2;"\0')])
def test_a_name_has_these_octets(text, octets):
    assert parse_name(text) == octets
    assert parse_name(format_name(octets)) == octets


def test_a_relative_name_lies_below_the_origin():
    origin = parse_name(u'example.')
    assert parse_name(u'a', origin) == b'\1a\7example\0'
    assert parse_name(u'@', origin) == origin
    assert parse_name(u'a\\.', origin) == b'\2a.\7example\0', 'an escaped dot ends no name'


def test_characters_beyond_ascii_are_utf_8():
    assert parse_name(u'\xe9.') == b'\2\xc3\xa9\0'
    assert format_name(b'\2\xc3\xa9\0') == u'\\195\\169.'


@pytest.mark.parametrize('text', [u'', u'a..b', u'.a', u'..', u'x' * 64 + u'.', u'\\', u'a\\1',
                                  u'\\256.', u'.'.join([u'x' * 63] * 4) + u'.'])
def test_a_malformed_name_is_refused(text):
    with pytest.raises(LocalProtocolError):
        parse_name(text)


def test_names_of_63_and_255_octets_are_the_longest():
    """RFC 1035 section 2.3.4."""
    labels = [b'x' * 63] * 3 + [b'y' * 61]
    name = join_labels(labels)
    assert len(name) == 255
    assert read(b'\0' * 12 + name, 12) == (name, 12 + 255)
    with pytest.raises(LocalProtocolError):
        join_labels(labels[:3] + [b'y' * 62])
    with pytest.raises(DNSError):
        read(b'\0' * 12 + b''.join(b'\x3f' + b'x' * 63 for _ in range(4)) + b'\0', 12)


def test_a_name_below_another_ends_with_its_labels():
    assert is_below(b'\1a\1b\0', b'\1b\0')
    assert is_below(b'\1b\0', b'\1b\0')
    assert not is_below(b'\2\1b\0', b'\1b\0'), 'the end is in the middle of a label'
    assert not is_below(b'\1b\0', b'\1a\1b\0')


def test_the_order_of_rfc_4034_is_that_of_the_last_labels():
    """RFC 4034 section 6.1."""
    texts = [u'example.', u'a.example.', u'yljkjljk.a.example.', u'Z.a.example.',
             u'zABC.a.EXAMPLE.', u'z.example.', u'\\001.z.example.', u'*.z.example.',
             u'\\200.z.example.']
    names = [parse_name(text) for text in texts]
    assert sorted(names, key=canonical_order) == names


def test_ancestors_end_with_the_root():
    assert ancestors(b'\1a\1b\0') == [b'\1a\1b\0', b'\1b\0', b'\0']
    assert labels_of(b'\1a\2bc\0') == [b'a', b'bc']


def test_a_pointer_ends_a_name():
    data = b'\0' * 12 + b'\3com\0' + b'\1a\xc0\x0c'
    assert read(data, 17) == (b'\1a\3com\0', 21)


@pytest.mark.parametrize('data, at', [
    (b'\0' * 12 + b'\xc0\x0c', 12), (b'\0' * 12 + b'\xc0\x0e\0', 12),
    (b'\0' * 12 + b'\1a\xc0\x0c', 12), (b'\0' * 12 + b'\xc0', 12), (b'\0' * 12 + b'\5ab', 12),
    (b'\0' * 12 + b'\x40a\0', 12), (b'\0' * 12 + b'\x80a\0', 12), (b'\0' * 12 + b'\1a', 12),
    (b'\0' * 12 + b'\xc0\x03', 12), (b'\0' * 12, 12)])
def test_a_pointer_that_does_not_lead_back_is_refused(data, at):
    with pytest.raises(DNSError):
        read(data, at)


def test_two_pointers_in_a_circle_are_refused():
    data = b'\0' * 12 + b'\1a\xc0\x10' + b'\1b\xc0\x0c'
    with pytest.raises(DNSError):
        read(data, 12)


def test_a_chain_of_pointers_has_an_end():
    data = b'\0' * 12 + b'\0' + b''.join(
        b'\xc0' + bytes(bytearray([12 + (2 * number - 1 if number else 0)]))
        for number in range(100))
    assert read(data, len(data) - 2)[0] == b'\0'
    chain = b'\0' * 13
    for number in range(MAX_POINTERS + 2):
        place = 12 if not number else 11 + 2 * number
        chain += bytes(bytearray([0xc0 | place >> 8, place & 255]))
    with pytest.raises(DNSError):
        read(chain, len(chain) - 2)
