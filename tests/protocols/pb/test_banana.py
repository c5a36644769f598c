# Copyright the carryall authors.  See LICENSE.
"""Banana: the type bytes, both dialects, every cut, every limit."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.compat import int2byte
from carryall.core.errors import LocalProtocolError, RemoteProtocolError
from carryall.core.testing import chunkings
from carryall.protocols.pb.banana import NONE, NOTHING, PB, WORDS, Decoder, Dialect, decode, encode
from carryall.protocols.pb.settings import SIZE_LIMIT, Settings

VECTORS = [
    (0, '00 81'), (1, '01 81'), (127, '7f 81'), (128, '00 01 81'), (300, '2c 02 81'),
    (2 ** 31 - 1, '7f 7f 7f 7f 07 81'),
    (2 ** 31, '00 00 00 00 08 85'), (2 ** 40, '00 00 00 00 00 20 85'),
    (-1, '01 83'), (-127, '7f 83'), (-2 ** 31, '00 00 00 00 08 83'),
    (-2 ** 31 - 1, '01 00 00 00 08 86'),
    (1.5, '84 3f f8 00 00 00 00 00 00'), (-0.0, '84 80 00 00 00 00 00 00 00'),
    (b'', '00 82'), (b'a', '01 82 61'), (b'\xff' * 128, '00 01 82' + ' ff' * 128),
    ([], '00 80'), ([1, [b'a', []]], '02 80 01 81 02 80 01 82 61 00 80'),
]


def octets(text):
    return b''.join(int2byte(int(pair, 16)) for pair in text.split())


@pytest.mark.parametrize('value, text', VECTORS)
def test_values_have_their_known_octets(value, text):
    data = octets(text)
    assert encode(value) == data, 'written as %r' % (encode(value),)
    assert decode(data) == value and type(decode(data)) is type(decode(encode(value))), \
        'read as %r' % (decode(data),)


@pytest.mark.parametrize('number, word', list(enumerate(WORDS, 1)))
def test_words_of_the_vocabulary_are_short(number, word):
    token = int2byte(number) + b'\x87'
    assert encode(word, PB) == token and decode(token, WORDS) == word, 'word %d' % number
    spelled = int2byte(len(word)) + b'\x82' + word
    assert encode(word, NONE) == spelled and decode(spelled, WORDS) == word, \
        'spelled out it is the same'
    with pytest.raises(RemoteProtocolError):
        decode(token)


def test_there_are_31_words():
    assert len(WORDS) == 31 and WORDS[0] == b'None' and WORDS[18] == b'version' \
        and WORDS[30] == b'uncache'
    for bad in (b'\x00\x87', b'\x20\x87', b'\x87'):
        with pytest.raises(RemoteProtocolError):
            decode(bad, WORDS)


@pytest.mark.parametrize('data, value', [
    (b'\x81', 0), (b'\x83', 0), (b'\x00\x83', 0), (b'\x82', b''), (b'\x80', []),
    (b'\x05\x00\x00\x81', 5), (b'\x01\x85', 1), (b'\x01\x86', -1)])
def test_every_spelling_is_read(data, value):
    assert decode(data) == value, 'read as %r' % (decode(data),)


EVERYTHING = [1, -2, 2 ** 70, -2 ** 70, 3.25, b'None', b'other', b'x' * 700,
              [[], [b'copy', [0]], b''], b'tuple']


@pytest.mark.parametrize('dialect', [NONE, PB], ids=['none', 'pb'])
def test_elements_are_read_at_every_cut(dialect):
    words = WORDS if dialect is PB else ()
    data = encode(EVERYTHING, dialect) + encode(b'', dialect) + encode(EVERYTHING, dialect)
    for name, pieces in chunkings(data):
        decoder = Decoder(words=words)
        got = []
        for piece in pieces:
            decoder.receive_data(piece)
            while True:
                element = decoder.next_element()
                if element is NOTHING:
                    break
                got.append(element)
        assert got == [EVERYTHING, b'', EVERYTHING], 'cut %s: %r' % (name, got)


def test_elements_may_wait():
    """Received elements are read later, and more may come meanwhile."""
    decoder = Decoder()
    decoder.receive_data(encode([1]) + encode(2)[:1])
    decoder.receive_data(encode(2)[1:] + encode(3))
    assert [decoder.next_element() for _ in range(4)] == [[1], 2, 3, NOTHING], 'in order'


@pytest.mark.parametrize('value', [encode(EVERYTHING, NONE)])
def test_truncation_at_every_length(value):
    for end in range(len(value)):
        with pytest.raises(RemoteProtocolError):
            decode(value[:end])
    with pytest.raises(RemoteProtocolError):
        decode(value + b'\x00')


@pytest.mark.parametrize('limits, good, bad', [
    (dict(prefix_bytes=4), b'\x01\x00\x00\x00\x81', b'\x01\x00\x00\x00\x00\x81'),
    (dict(string_bytes=3), b'\x03\x82abc', b'\x04\x82'),
    (dict(list_items=2), b'\x02\x80\x00\x81\x00\x81', b'\x03\x80'),
    (dict(depth=3), b'\x01\x80\x01\x80\x01\x80\x00\x81', b'\x01\x80\x01\x80\x01\x80\x01\x80'),
    (dict(message_items=3), b'\x02\x80\x01\x80\x00\x81\x00\x81',
     b'\x02\x80\x01\x80\x00\x81\x01\x80'),
    (dict(message_bytes=6), b'\x03\x82abc', b'\x02\x80\x01\x82a\x03\x82')])
def test_each_limit_is_exact(limits, good, bad):
    """The limit itself fits; one more is refused before any of it has come."""
    decode(good, settings=Settings(**limits))
    for size in (len(bad), 1):
        decoder = Decoder(Settings(**limits))
        with pytest.raises(RemoteProtocolError):
            for at in range(0, len(bad), size):
                decoder.receive_data(bad[at:at + size])
                assert decoder.next_element() is NOTHING, 'it is not complete'
            assert False, 'it was taken'


def test_a_prefix_without_end():
    decoder = Decoder()
    with pytest.raises(RemoteProtocolError):
        for _ in range(100):
            decoder.receive_data(b'\x01')
            decoder.next_element()
    decode(b'\x01' * 64 + b'\x85')


def test_the_limit_of_a_message_is_for_one_message():
    decoder = Decoder(Settings(message_bytes=100))
    for _ in range(1000):
        decoder.receive_data(encode(b'x' * 50) + encode([b'y' * 20])[:5])
        assert decoder.next_element() == b'x' * 50, 'short messages'
        assert decoder.next_element() is NOTHING
        decoder.receive_data(encode([b'y' * 20])[5:])
        assert decoder.next_element() == [b'y' * 20], 'another'


def test_a_long_string_in_small_pieces_is_linear():
    """A byte at a time, 640 KiB: as many steps, and not their square."""
    decoder = Decoder()
    decoder.receive_data(encode(b'x' * SIZE_LIMIT)[:4])
    for _ in range(SIZE_LIMIT // 1024):
        assert decoder.next_element() is NOTHING, 'not yet'
        decoder.receive_data(b'x' * 1024)
    assert len(decoder._pieces._pieces) <= SIZE_LIMIT // 1024 + 2, 'pieces are gathered, not joined'
    assert decoder.next_element() == b'x' * SIZE_LIMIT, 'all of it'


@pytest.mark.parametrize('value', [2 ** 448, -2 ** 448, b'x' * (SIZE_LIMIT + 1), u'text', None, {},
                                   [[2 ** 448]]])
def test_a_value_beyond_the_limits_is_not_sent(value):
    with pytest.raises(LocalProtocolError):
        encode(value)


def test_the_most_that_can_be_sent():
    for value in (2 ** 448 - 1, -2 ** 448 + 1, b'x' * SIZE_LIMIT):
        assert decode(encode(value)) == value, 'at the limit'
    nested = []
    for _ in range(300):
        nested = [nested]
    with pytest.raises(LocalProtocolError):
        encode(nested)
    with pytest.raises(LocalProtocolError):
        encode([0] * (SIZE_LIMIT + 1))


def test_garbage_is_elements_or_one_error():
    """Whatever comes: elements, or the one error, and never more kept than came."""
    dice = random.Random(8787)
    for _ in range(300):
        data = b''.join(int2byte(dice.choice(
            (dice.randrange(256), dice.randrange(128, 136), dice.randrange(4)))) for _ in range(60))
        decoder = Decoder(words=WORDS)
        decoder.receive_data(data)
        try:
            while decoder.next_element() is not NOTHING:
                pass
        except RemoteProtocolError:
            pass


def test_a_dialect_of_ones_own():
    ours = Dialect(b'x', [b'frog'])
    assert encode([b'frog', b'toad'], ours) == b'\x02\x80\x01\x87\x04\x82toad', 'its word'
