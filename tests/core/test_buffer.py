# Copyright the carryall authors.  See LICENSE.
"""ReceiveBuffer."""
from __future__ import absolute_import, division, print_function

import random

from carryall.core.buffer import COMPACT_BYTES, ReceiveBuffer


def test_lines_that_come_in_pieces():
    buffered = ReceiveBuffer()
    for piece in (b'on', b'e\r', b'\ntwo\r\n', b'\r\n', b'thr'):
        buffered.append(piece)
    assert [buffered.maybe_line() for _ in range(4)] == [b'one', b'two', b'', None]
    assert len(buffered) == 3 and buffered.peek(2) == b'th' and buffered.take_all() == b'thr' and len(buffered) == 0


def test_counts():
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
    assert buffered.find(b';') == 1 and buffered.maybe_line(b';') == b'a' and buffered.maybe_line(b':') == b'b'


def test_against_plain_slicing():
    dice = random.Random(5)
    plain, buffered = b'', ReceiveBuffer()
    for _ in range(3000):
        if dice.random() < 0.5:
            piece = bytes(bytearray(dice.choice(b'ab\r\n' if str is bytes else [97, 98, 13, 10]) if str is not bytes
                                    else ord(dice.choice('ab\r\n')) for _ in range(dice.randrange(100))))
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


def test_what_was_read_is_given_back():
    buffered = ReceiveBuffer(b'x' * (COMPACT_BYTES * 4))
    buffered.discard(COMPACT_BYTES * 3)
    assert len(buffered.data) == COMPACT_BYTES, 'the front was not cut off'
