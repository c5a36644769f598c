# Copyright the carryall authors.  See LICENSE.
"""The line editor: keys, history, paste, completion; what it shows is checked on a small screen."""
from __future__ import absolute_import, division, print_function

import random
import re

import pytest

from carryall.core.testing import chunkings
from carryall.services.console.editor import MAX_LINE, MAX_PASTE, Editor


class Screen(object):
    """Rows of text, as far as the editor's few sequences need it."""

    def __init__(self):
        self.rows = [u'']
        self.at = 0

    def write(self, text):
        for part in re.findall(u'\x1b\\[[0-9;?]*[A-Za-z]|.', text, re.S):
            if part == u'\n':
                self.rows.append(u'')
                self.at = 0
            elif part == u'\r':
                self.at = 0
            elif part == u'\b':
                self.at -= 1
            elif part == u'\x1b[K':
                self.rows[-1] = self.rows[-1][:self.at]
            elif part.endswith(u'D') and part[0] == u'\x1b':
                self.at -= int(part[2:-1])
            elif part == u'\x1b[2J':
                self.rows = [u'']
            elif part[0] not in u'\x1b\x07':
                row = self.rows[-1]
                self.rows[-1] = row[:self.at] + part + row[self.at + 1:]
                self.at += 1


class Stage(object):
    def __init__(self, **names):
        self.screen = Screen()
        self.lines = []
        self.pastes = []
        self.events = []
        self.names = [u'print', u'printer', u'property']
        self.editor = Editor(self.screen.write, self.line, self.pastes.append,
                             lambda: self.events.append('interrupt'),
                             lambda: self.events.append('end'), self.complete)
        self.editor.prompt(u'> ')

    def line(self, text):
        self.lines.append(text)
        self.editor.prompt(u'> ')

    def complete(self, line):
        word = line.split()[-1]
        return word, [name for name in self.names if name.startswith(word)]

    def type(self, keys):
        self.editor.typed(keys)
        return self


CASES = [
    (b'hello\n', u'hello'), (b'helo\x1b[Dl\n', u'hello'), (b'helloo\x7f\n', u'hello'),
    (b'helloo\x08\n', u'hello'),
    (b'ello\x01h\n', u'hello'), (b'ello\x1b[Hh\x05!\n', u'hello!'),
    (b'ello\x1b[1~h\x1b[4~!\n', u'hello!'),
    (b'ello\x1bOHh\x1bOF!\n', u'hello!'), (b'xhello\x01\x04\n', u'hello'),
    (b'xhello\x01\x1b[3~\n', u'hello'),
    (b'rest hello\x01\x06\x06\x06\x06\x06\x15\n', u'hello'),
    (b'hello rest\x02\x02\x02\x02\x02\x0b\n', u'hello'),
    (b'one two\x17three\n', u'one three'), (b'one two\x17\x19\x19\n', u'one twotwo'),
    (b'one two\x1bb\x1bbX\n', u'Xone two'),
    (b'one two\x01\x1bfX\n', u'oneX two'), (b'one two\x01\x1bdX\n', u'X two'),
    (b'\x1b[D\x1b[D\x7fa\n', u'a'),
    (b'a\x1b[C\x1b[Cb\n', u'ab'), (b'\xc3\xa9t\xc3\xa9\x7f\xc3\xa8\n', u'\xe9t\xe8'),
    (b'a\x00\x1fb\n', u'ab'),
    (b'\x1b[99;99ya\n', u'a'), (b'p\ti\n', u'pri'), (b'print\x7f\x7f\x7f\t\n', u'pr'),
    (b'prin\t\n', u'print'), (b'\tx\n', u'    x'),
    (b'proper\t(\n', u'property('), (b'zzz\t\n', u'zzz')]


@pytest.mark.parametrize('keys, line', CASES)
def test_keys_however_they_are_cut(keys, line):
    for way, pieces in chunkings(keys, cuts=3):
        stage = Stage()
        for piece in pieces:
            stage.type(piece)
        assert stage.lines == [line], way
        assert any(row.rstrip() == (u'> ' + line).rstrip() for row in stage.screen.rows), \
            '%s: the screen shows %r' % (way, stage.screen.rows)


def test_the_history_keeps_lines_once():
    stage = Stage().type(b'one\ntwo\ntwo\n  \nthree')
    stage.type(b'\x1b[A\x1b[A\n')
    assert stage.lines[-1] == u'one' and stage.editor.history == [u'one', u'two', u'one'], \
        'no repeats, no blanks'
    stage.type(b'draft\x10\x10\x0e\x0e!\n')
    assert stage.lines[-1] == u'draft!', 'what was typed first is there again'
    stage.type(b'\x10\x10\x10\x10\x10\x10\n')
    assert stage.lines[-1] == u'one', 'no further than the oldest'


def test_completion_lists_and_draws_the_line_again():
    stage = Stage().type(b'x = print\t')
    assert stage.screen.rows[-1] == u'> x = print' and u'print    printer' in stage.screen.rows, \
        stage.screen.rows


def test_interrupt_and_end():
    stage = Stage().type(b'half\x03')
    assert stage.events == ['interrupt'] and stage.editor.held
    stage.editor.prompt(u'> ')
    stage.type(b'x\x04')
    assert stage.events == ['interrupt'], 'Ctrl-D with text deletes'
    stage.type(b'\x7f\x04')
    assert stage.events == ['interrupt', 'end']


def test_typing_ahead_waits():
    stage = Stage()
    stage.line = stage.lines.append
    stage.editor._line = stage.lines.append
    stage.type(b'one\ntwo\nthr')
    assert stage.lines == [u'one']
    stage.editor.prompt(u'> ')
    assert stage.lines == [u'one', u'two']
    stage.editor.prompt(u'> ')
    stage.type(b'ee\n')
    assert stage.lines == [u'one', u'two', u'three']
    stage.type(b'dropped\n\x03')
    assert stage.events == ['interrupt'], 'Ctrl-C is for what runs'
    stage.editor.prompt(u'> ')
    assert stage.lines == [u'one', u'two', u'three'], 'and takes what was typed ahead with it'


def test_pasted_lines_are_run():
    text = b'def f():\n\treturn 1\n\nf()\n'
    for way, pieces in chunkings(b'\x1b[200~' + text.replace(b'\n', b'\r\n').replace(b'\r\n', b'\n')
                                 + b'\x1b[201~'):
        stage = Stage()
        for piece in pieces:
            stage.type(piece)
        assert stage.pastes == [text.decode()] and stage.lines == [], way
    stage = Stage().type(b'x\x1b[200~one word\x1b[201~y\n')
    assert stage.lines == [u'xone wordy'], 'a paste within the line'
    stage = Stage().type(b'\x1b[200~' + b'x\n' * (MAX_PASTE // 2 + 10) + b'\x1b[201~ok\n')
    assert stage.pastes == [] and stage.lines == [u'ok'], \
        'a paste that is too much is dropped whole'


def test_a_password_is_not_shown():
    stage = Stage()
    stage.editor.visible = False
    stage.type(b'secret\x7fT\x1b[D\x01\x05\x10\n')
    assert stage.lines == [u'secreT'] and u's' not in u''.join(stage.screen.rows) \
        and stage.editor.history == []


def test_a_long_line_scrolls():
    stage = Stage()
    stage.editor.columns = 30
    stage.type(b'0123456789' * 5)
    assert len(stage.screen.rows[-1]) <= 30 and stage.screen.rows[-1].endswith(u'89'), \
        'shows %r' % stage.screen.rows[-1]
    stage.type(b'\x01')
    assert stage.screen.rows[-1].startswith(u'> 0123')
    stage.type(b'\n')
    assert stage.lines == [u'0123456789' * 5]


def test_a_line_is_bounded():
    stage = Stage().type(b'x' * (MAX_LINE + 5000) + b'\n')
    assert len(stage.lines[0]) == MAX_LINE


def test_text_above_the_line():
    stage = Stage().type(b'half a li')
    stage.editor.above(u'news')
    stage.type(b'ne\n')
    assert stage.screen.rows[:2] == [u'news', u'> half a line'] and stage.lines == [u'half a line']


def test_another_charset_is_decoded():
    stage = Stage()
    stage.editor.set_charset('iso-8859-1')
    stage.editor.set_charset('no-such-thing')
    assert stage.type(b'\xe9\n').lines == [u'\xe9']


def test_garbage_keys_do_not_break_the_editor():
    dice = random.Random(27)
    for _ in range(60):
        stage = Stage()
        stage.type(bytes(bytearray(dice.choice(
            (1, 2, 3, 4, 8, 9, 10, 11, 14, 16, 21, 23, 25, 27, 27, 91, 65, 126, 50, 200))
                                   for _ in range(500))))
        stage.editor.prompt(u'> ')
