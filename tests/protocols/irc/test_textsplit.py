# Copyright the carryall authors.  See LICENSE.
"""A long text as several messages (RFC 2812 section 2.3)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.irc import (MAX_LINE, clipped, format_message, room_for, split_text)


def test_a_text_that_fills_the_room_fills_the_line():
    room = room_for(b'PRIVMSG', b'#tea', b'ann!a@host.example')
    line = format_message(b'PRIVMSG', [b'#tea', b'a b' + b'x' * (room - 3)], b'ann!a@host.example')
    assert len(line) == MAX_LINE


def test_an_unknown_source_counts_as_the_longest():
    assert room_for(b'PRIVMSG', b'#tea') == room_for(b'PRIVMSG', b'#tea', b'x' * 106)


@pytest.mark.parametrize('text, room, pieces', [
    (b'', 5, []), (b'abc', 5, [b'abc']), (b'abcde', 5, [b'abcde']),
    (b'abcdef', 5, [b'abcde', b'f']),
    (b'one two', 5, [b'one', b'two']), (b'one two', 3, [b'one', b'two']),
    (b'a bcdefgh', 6, [b'a bcde', b'fgh']), (b'one\ntwo', 9, [b'one', b'two']),
    (b'one\r\n\r\ntwo\r', 9, [b'one', b'two']), (b'ab', 1, [b'a', b'b'])])
def test_a_text_ends_its_pieces_at_blanks_and_lines(text, room, pieces):
    assert list(split_text(text, room)) == pieces


@pytest.mark.parametrize('room', range(4, 30))
def test_no_character_is_cut(room):
    text = u'a\xe9\u65e5\U0001f375'.encode('utf-8') * 20
    for piece in split_text(text, room):
        piece.decode('utf-8')


@pytest.mark.parametrize('room', range(4, 30))
def test_no_piece_is_longer_than_the_room(room):
    text = u'a\xe9\u65e5\U0001f375 '.encode('utf-8') * 20
    assert max(len(piece) for piece in split_text(text, room)) <= room


@pytest.mark.parametrize('room', range(4, 30))
def test_a_text_without_blanks_loses_nothing(room):
    text = u'a\xe9\u65e5\U0001f375'.encode('utf-8') * 20
    assert b''.join(split_text(text, room)) == text


def test_a_text_that_is_not_utf_8_loses_nothing():
    text = b'\x80' * 50 + b'\xff' * 50
    assert b''.join(split_text(text, 7)) == text


def test_a_text_needs_room():
    with pytest.raises(ValueError):
        list(split_text(b'a', 0))


@pytest.mark.parametrize('text, room, piece', [
    (b'abc', 3, b'abc'), (b'abc', 2, b'ab'), (b'a\xc3\xa9', 2, b'a'),
    (b'a\xf0\x9f\x8d\xb5', 4, b'a'), (b'\xf0\x9f\x8d\xb5', 2, b'\xf0\x9f'), (b'', 2, b'')])
def test_a_clipped_text_ends_with_a_whole_character(text, room, piece):
    assert clipped(text, room) == piece
