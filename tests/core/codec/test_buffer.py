# Copyright the carryall authors.  See LICENSE.
"""ReceiveBuffer."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.codec.buffer import COMPACT_BYTES, FEW_PIECES, PART_BYTES, Pieces, ReceiveBuffer


def test_lines_that_come_in_pieces():
    buffered = ReceiveBuffer()
    for piece in (b'on', b'e\r', b'\ntwo\r\n', b'\r\n', b'thr'):
        buffered.append(piece)
    assert [buffered.maybe_line() for _ in range(4)] == [b'one', b'two', b'', None]
    assert len(buffered) == 3 and buffered.peek(2) == b'th' and buffered.take_all() == b'thr' \
        and len(buffered) == 0


def test_take_needs_the_whole_count():
    buffered = ReceiveBuffer(b'abcdef')
    assert buffered.maybe_take(7) is None
    assert buffered.maybe_take(2) == b'ab'
    assert buffered.take_up_to(3) == b'cde'
    buffered.discard(10)
    assert len(buffered) == 0 and buffered.take_up_to(1) == b''
    assert type(ReceiveBuffer(b'x').take_all()) is bytes


def test_another_separator_is_searched_from_the_start():
    buffered = ReceiveBuffer(b'a;b:c')
    assert buffered.find(b'\n') == -1
    assert buffered.find(b';') == 1 and buffered.maybe_line(b';') == b'a' and buffered.maybe_line(
        b':') == b'b'


def test_against_plain_slicing():
    dice = random.Random(5)
    plain = b''
    buffered = ReceiveBuffer()
    for _ in range(3000):
        if dice.random() < 0.5:
            piece = bytes(bytearray(dice.choice(bytearray(b'ab\r\n'))
                                    for _ in range(dice.randrange(100))))
            plain += piece
            buffered.append(piece)
        elif dice.random() < 0.5:
            expected = None
            if b'\r\n' in plain:
                expected, plain = plain.split(b'\r\n', 1)
            assert buffered.maybe_line() == expected
        else:
            count = dice.randrange(50)
            assert buffered.take_up_to(count) == plain[:count]
            plain = plain[count:]
        assert len(buffered) == len(plain)
    assert buffered.take_all() == plain


@pytest.mark.parametrize('seed', range(20))
def test_data_put_back_comes_next(seed):
    dice = random.Random(seed)
    plain = b''
    buffered = ReceiveBuffer()
    number = 0
    for _ in range(300):
        number += 1
        piece = (b'%d;' % number) * dice.choice([0, 1, 5, 700, 3000])
        if dice.random() < 0.5:
            plain += piece
            buffered.append(piece)
        else:
            plain = piece + plain
            buffered.put_back(piece)
        count = dice.randrange(6000)
        assert buffered.find(b'%d;' % number) == plain.find(b'%d;' % number)
        assert buffered.take_up_to(count) == plain[:count]
        plain = plain[count:]
        assert len(buffered) == len(plain)
        assert bool(buffered.data) == bool(plain), 'data is empty exactly when the buffer is'
    assert buffered.take_all() == plain


def test_read_data_is_freed():
    buffered = ReceiveBuffer()
    for _ in range(COMPACT_BYTES * 4 // PART_BYTES):
        buffered.append(b'x' * PART_BYTES)
    buffered.discard(COMPACT_BYTES * 3)
    assert len(buffered.data) == COMPACT_BYTES, 'the front was not cut off'


@pytest.mark.parametrize('seed', range(30))
def test_long_pieces_give_the_same_as_short_ones(seed):
    """Each way to take bytes, at random, against plain bytes;
    pieces from 1 octet to four parts and more."""
    rng = random.Random(seed)
    buffered = ReceiveBuffer()
    plain = b''
    for _ in range(400):
        if rng.random() < 0.4:
            piece = b''.join(rng.choice((b'a', b'b', b'\r', b'\n'))
                             for _ in range(rng.choice((1, 7, PART_BYTES, 5 * PART_BYTES))))
            buffered.append(piece)
            plain += piece
        way = rng.randrange(7)
        count = rng.choice((1, 3, 100, PART_BYTES + 1, 3 * PART_BYTES))
        if way == 0:
            assert buffered.maybe_take(count) == (plain[:count] if len(plain) >= count else None)
            plain = plain[count:] if len(plain) >= count else plain
        elif way == 1:
            assert buffered.take_up_to(count) == plain[:count]
            plain = plain[count:]
        elif way == 2:
            assert buffered.peek(count) == plain[:count]
        elif way == 3:
            separator = rng.choice((b'\r\n', b'\n\n', b'bbbbbbbbbb'))
            assert buffered.find(separator) == plain.find(separator)
        elif way == 4:
            line, separator, rest = plain.partition(b'\r\n')
            assert buffered.maybe_line() == (line if separator else None)
            plain = rest if separator else plain
        elif way == 5:
            buffered.discard(count)
            plain = plain[count:]
        elif rng.random() < 0.1:
            if rng.random() < 0.5:
                assert buffered.take_all() == plain
            else:
                buffered.clear()
            plain = b''
        assert len(buffered) == len(plain)
        assert bool(buffered.data) == bool(plain)


def test_a_long_piece_goes_in_part_by_part():
    buffered = ReceiveBuffer()
    buffered.append(b'CAPA\r\n' * 10000)
    assert len(buffered.data) <= PART_BYTES
    assert buffered.maybe_line() == b'CAPA'
    assert len(buffered.data) <= PART_BYTES
    assert len(buffered) == 59994


def held(pieces):
    """Octets of memory, about, of a list of bytes on a runtime where each costs 96."""
    return sum(len(piece) + 96 for piece in pieces)


@pytest.mark.parametrize('size', [1, 2, 100, 511, 512, 5000])
def test_pieces_of_any_size_take_little_more_than_their_octets(size):
    pieces = Pieces()
    count = max(1000, 100000 // size)
    for _ in range(count):
        pieces.append(b'x' * size)
    assert held(pieces._pieces) < 1.6 * count * size + 96 * FEW_PIECES
    assert pieces.joined() == b'x' * (size * count)


def test_pieces_keep_their_order():
    dice = random.Random(5)
    pieces = Pieces(b'begin')
    whole = b'begin'
    for number in range(3000):
        piece = (b'%d,' % number) * dice.choice((0, 1, 1, 1, 200))
        pieces.append(piece)
        whole += piece
    assert pieces.joined() == whole
    pieces.clear()
    assert pieces.joined() == b''
