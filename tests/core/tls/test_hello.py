# Copyright the carryall authors.  See LICENSE.
"""The application protocols in a client's hello, and what is none."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.codec.cursor import Writer
from carryall.core.tls.hello import FirstOctets, offered_protocols


def counted(size, data):
    writer = Writer()
    return {1: writer.uint8, 2: writer.uint16}[size](len(data)).raw(data).finish()


def extension(kind, content):
    return Writer().uint16(kind).raw(counted(2, content)).finish()


def alpn(*names):
    return extension(16, counted(2, b''.join(counted(1, name) for name in names)))


def hello(*extensions):
    """A ClientHello as a handshake message (RFC 8446 section 4.1.2)."""
    body = b'\3\3' + b'r' * 32 + counted(1, b's' * 32) + counted(2, b'\x13\1') + counted(1, b'\0')
    if extensions:
        body += counted(2, b''.join(extensions))
    return b'\1\0' + counted(2, body)


def records(message, size):
    return b''.join(b'\x16\3\1' + counted(2, message[begin:begin + size])
                    for begin in range(0, len(message), size))


@pytest.mark.parametrize('size', [1, 5, 50, 16384])
@pytest.mark.parametrize('extensions, found', [
    ([alpn(b'h2', b'http/1.1')], [b'h2', b'http/1.1']),
    ([extension(0, b'name'), alpn(b'x'), extension(51, b'')], [b'x']),
    ([extension(0, b'name')], None), ([], None)])
def test_offered_protocols_are_read_from_the_hello(size, extensions, found):
    assert offered_protocols(records(hello(*extensions), size) + b'more') == found


@pytest.mark.parametrize('octets', [b'', b'GET / HTTP/1.1\r\n\r\n', b'\x16\3\1\0\5\2\0\0\1x',
                                    records(hello(extension(16, b'\0\5\xffa')), 99),
                                    b'\x15\3\1\0\2\1\0'])
def test_a_bad_hello_offers_no_protocols(octets):
    assert offered_protocols(octets) is None


def test_a_damaged_hello_raises_nothing():
    dice = random.Random(3)
    whole = records(hello(alpn(b'h2', b'http/1.1'), extension(0, b'name')), 60)
    for _ in range(3000):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 4)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        offered_protocols(bytes(data)[:dice.randint(0, len(data))])


@pytest.mark.parametrize('size', [1, 5, 40, 16384])
def test_a_hello_is_whole_with_its_last_octet(size):
    octets = records(hello(), size)
    assert FirstOctets().add(octets)
    assert FirstOctets().add(octets + b'more')
    assert not any(FirstOctets().add(octets[:length]) for length in range(len(octets)))


@pytest.mark.parametrize('size', [1, 5, 40, 16384])
def test_a_hello_that_comes_octet_by_octet_is_whole_at_its_end(size):
    first = FirstOctets()
    octets = records(hello(), size)
    answers = [first.add(octets[place:place + 1]) for place in range(len(octets))]
    assert answers == [False] * (len(octets) - 1) + [True]
    assert first.octets == octets


@pytest.mark.parametrize('octets, whole', [(b'', False), (b'GET / HTTP/1.1', True),
                                           (b'\x16', False), (b'\x16\x03\x01', False),
                                           (b'\x16\x03\x01\0\0', True)])
def test_a_beginning_that_is_no_hello_is_not_waited_for(octets, whole):
    assert FirstOctets().add(octets) is whole


def test_a_hello_of_many_pieces_is_looked_at_once_and_has_an_end():
    """64 KiB of records of one octet, each octet by itself."""
    first = FirstOctets()
    sent = 0
    flood = b'\x16\x03\x01\0\1\1'
    while not first.add(flood[sent % 6:sent % 6 + 1]):
        sent += 1
    assert len(first.octets) == 65536
