# Copyright the carryall authors.  See LICENSE.
"""A conversation on a whole screen: keys, rows, and what is drawn."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.apps.irctalk.ircwindow import MAX_LINES, MAX_TYPED, IRCWindow, cells, wrapped
from carryall.core.testing import VirtualLoop


class FakeScreen(object):
    """Keeps what was drawn."""

    def __init__(self, columns=21, rows=6):
        self._size = (columns, rows)
        self.drawn = []

    def size(self):
        """As it was made."""
        return self._size

    def draw(self, rows, cursor):
        """Keeps it."""
        self.drawn.append((rows, cursor))


class Sitting(object):
    """A window, and what was typed into it."""

    def __init__(self):
        self.loop = VirtualLoop()
        self.screen = FakeScreen()
        self.typed = []
        self.window = IRCWindow(self.loop, self.screen, self.typed.append, lambda: u'ann')

    def press(self, *pieces):
        """The keys; what the last row shows then, and where the cursor is in it."""
        for data in pieces:
            self.window.keys(data)
            self.loop.advance()
        rows, cursor = self.screen.drawn[-1]
        return rows[-1], cursor[1]


def test_return_gives_the_line():
    sitting = Sitting()
    sitting.press(b'hello\r')
    assert sitting.typed == [u'hello']


def test_a_character_may_come_in_pieces():
    assert Sitting().press(b'\xc3', b'\xa9') == (u'\xe9', 1)


@pytest.mark.parametrize('keys, row', [
    (b'abc\x7f', (u'ab', 2)), (b'abc\x1b[D\x1b[Dx', (u'axbc', 2)), (b'abc\x01x', (u'xabc', 1)),
    (b'abc\x1b[H\x1b[Fx', (u'abcx', 4)), (b'abc\x15x', (u'x', 1)), (b'two words\x17', (u'two ', 4)),
    (b'abc\x1b[D\x1b[3~', (u'ab', 2)), (b'abc\x1b[D\x1b[D\x1b[D\x1b[D\x1b[C', (u'abc', 1)),
    (b'a\x1b[99zb', (u'ab', 2)), (b'a\x00b', (u'ab', 2)), (b'\x7f\x1b[B\x1b[Aa', (u'a', 1))])
def test_keys_change_the_line(keys, row):
    assert Sitting().press(keys) == row


def test_a_sequence_may_come_in_pieces():
    assert Sitting().press(b'ab\x1b', b'[', b'D', b'x') == (u'axb', 2)


def test_earlier_lines_come_back():
    sitting = Sitting()
    sitting.press(b'one\rtwo\r')
    found = [sitting.press(b'\x1b[A')[0], sitting.press(b'\x1b[A')[0], sitting.press(b'\x1b[B')[0],
             sitting.press(b'\x1b[B')[0]]
    assert found == [u'two', u'one', u'two', u'']


def test_a_long_line_moves_to_the_left():
    assert Sitting().press(b'0123456789' * 3) == (u'1234567890123456789', 19)


def test_a_line_is_bounded():
    sitting = Sitting()
    sitting.press(b'x' * (MAX_TYPED + 10) + b'\r')
    assert len(sitting.typed[0]) == MAX_TYPED


def test_the_last_lines_are_shown():
    sitting = Sitting()
    for number in range(9):
        sitting.window.show(u'line %d' % number)
    sitting.loop.advance()
    assert sitting.screen.drawn[-1][0] == [u'line 5', u'line 6', u'line 7', u'line 8',
                                           u'-- ann -------------', u'']


def test_many_lines_are_drawn_once():
    sitting = Sitting()
    for number in range(1000):
        sitting.window.show(u'line %d' % number)
    sitting.loop.advance()
    assert len(sitting.screen.drawn) == 1


def test_page_up_shows_earlier_lines():
    sitting = Sitting()
    for number in range(9):
        sitting.window.show(u'line %d' % number)
    sitting.press(b'\x1b[5~')
    up = sitting.screen.drawn[-1][0][0]
    sitting.press(b'\x1b[6~')
    assert (up, sitting.screen.drawn[-1][0][0]) == (u'line 3', u'line 5')


def test_page_up_ends_at_the_first_line():
    sitting = Sitting()
    for number in range(5):
        sitting.window.show(u'line %d' % number)
    sitting.press(b'\x1b[5~' * 50)
    assert sitting.screen.drawn[-1][0][0] == u'line 0'


def test_the_lines_are_bounded():
    sitting = Sitting()
    for number in range(MAX_LINES + 5):
        sitting.window.show(u'%d' % number)
    assert sitting.window.picture(21, MAX_LINES + 10)[0][0] == u'5'


def test_ctrl_c_quits():
    sitting = Sitting()
    sitting.press(b'\x03')
    assert sitting.typed == [u'/quit']


@pytest.mark.parametrize('text, rows', [
    (u'one two three', [u'one two', u'three']), (u'x' * 20, [u'x' * 8, u'x' * 8, u'x' * 4]),
    (u'', [u'']), (u'\u8336' * 5, [u'\u8336' * 4, u'\u8336'])])
def test_a_text_is_wrapped(text, rows):
    assert wrapped(text, 8) == rows


def test_wide_and_combining_characters_are_counted():
    assert [cells(text) for text in (u'a', u'\u8336', u'e\u0301')] == [1, 2, 1]


def test_a_small_screen_is_enough():
    sitting = Sitting()
    sitting.window.show(u'hello')
    rows, _ = sitting.window.picture(1, 1)
    assert len(rows) == 3
