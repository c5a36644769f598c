# Copyright the carryall authors.  See LICENSE.
"""A conversation on a whole screen: what was said, a line of state, and a line to type in.

    window = IRCWindow(loop, screen, typed)
    window.show(u'<ann> hello')
    window.keys(b'hi\\r')                   # typed(u'hi')

Keys:     Return; Backspace, Ctrl-U, Ctrl-W; Left, Right, Home, End, Ctrl-A, Ctrl-E; Up and Down for
          earlier lines; Page Up and Page Down; Ctrl-L draws again; Ctrl-C and Ctrl-D end.
Tests:    tests/apps/irctalk/test_ircwindow.py
"""
from __future__ import absolute_import, division, print_function

import codecs
import unicodedata
from collections import deque

from carryall.core.patterns import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Tuple

__all__ = ['IRCWindow', 'cells', 'wrapped']

# -- limits ------------------------------------------------------------------
MAX_LINES = 2000            # that can be scrolled back to
MAX_TYPED = 2000            # characters of the line that is being typed
MAX_EARLIER = 100           # typed lines that Up brings back
LEAST_COLUMNS = 10

# A sequence of ECMA-48 as terminals send for keys, or a single character.
_KEY = Pattern(u'\x1b(?:\\[|O)([0-9;]*)([A-Za-z~])')
_ESCAPES = {u'A': 'up', u'B': 'down', u'C': 'right', u'D': 'left', u'H': 'home', u'F': 'end',
            u'1~': 'home', u'4~': 'end', u'5~': 'page_up', u'6~': 'page_down', u'3~': 'delete'}
_CONTROLS = {u'\r': 'enter', u'\n': 'enter', u'\x7f': 'backspace', u'\x08': 'backspace',
             u'\x15': 'clear', u'\x17': 'word', u'\x01': 'home', u'\x05': 'end',
             u'\x03': 'quit', u'\x04': 'quit', u'\x0c': 'redraw'}


def cells(text):
    # type: (str) -> int
    """The columns that a text takes on a terminal."""
    return sum(_cell(each) for each in text)


def _cell(character):
    # type: (str) -> int
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ('W', 'F') else 1


def wrapped(text, columns):
    # type: (str, int) -> List[str]
    """The text in rows of so many columns, broken at blanks where that can be."""
    rows = []                           # type: List[str]
    row = u''
    width = 0
    for character in text:
        wide = _cell(character)
        if width + wide > columns:
            head, blank, tail = row.rpartition(u' ')
            if blank and head.strip():
                rows.append(head)
                row = tail
            else:
                rows.append(row)
                row = u''
            width = cells(row)
        row += character
        width += wide
    return rows + [row]


class IRCWindow(object):
    """One window.

    Args:     loop: the loop.
              screen: has ``size()`` and ``draw(rows, cursor)``.
              typed: called with each line of text.
              state: called without arguments, the text of the line of state.
    """

    def __init__(self, loop, screen, typed, state=lambda: u''):
        # type: (Any, Any, Callable[[str], Any], Callable[[], str]) -> None
        self._loop = loop
        self._screen = screen
        self._typed = typed
        self._state = state
        self._lines = deque(maxlen=MAX_LINES)       # type: Any
        self._earlier = deque(maxlen=MAX_EARLIER)   # type: Any
        self._place = 0             # in the earlier lines, from the last
        self._back = 0              # rows that are scrolled back
        self._text = u''
        self._cursor = 0
        self._decoder = codecs.getincrementaldecoder('utf-8')('replace')
        self._rest = u''            # the begin of a sequence
        self._will_draw = False

    def show(self, line):
        # type: (str) -> None
        """Adds a line."""
        self._lines.append(line)
        self.redraw()

    def redraw(self):
        # type: () -> None
        """Draws once the present turn of the loop is over; many lines are drawn once."""
        if not self._will_draw:
            self._will_draw = True
            self._loop.call_soon(self._draw)

    def _draw(self):
        # type: () -> None
        self._will_draw = False
        columns, rows = self._screen.size()
        self._screen.draw(*self.picture(columns, rows))

    def picture(self, columns, rows):
        # type: (int, int) -> Tuple[List[str], Tuple[int, int]]
        """(rows of text, place of the cursor) for a screen of that size."""
        columns = max(columns - 1, LEAST_COLUMNS)       # a terminal may wrap behind the last
        room = max(rows - 2, 1)
        said = []                       # type: List[str]
        wanted = room + self._back
        # jython: reversed fails at a deque that is empty.
        for line in list(self._lines)[::-1]:
            said[:0] = wrapped(line, columns)
            if len(said) >= wanted:
                break
        self._back = max(0, min(self._back, len(said) - room))
        end = len(said) - self._back
        said = said[max(0, end - room):end]
        said += [u''] * (room - len(said))
        state = u'-- %s ' % self._state()
        if self._back:
            state += u'(%d more below) ' % self._back
        state = wrapped(state, columns)[0]
        begin = 0
        while cells(self._text[begin:self._cursor]) >= columns:
            begin += 1
        shown = wrapped(self._text[begin:].replace(u' ', u'\xa0'), columns)[0]
        return (said + [state + u'-' * (columns - cells(state)), shown.replace(u'\xa0', u' ')],
                (room + 1, cells(self._text[begin:self._cursor])))

    # -- keys ----------------------------------------------------------------------------

    def keys(self, data):
        # type: (bytes) -> None
        """Obeys keys that were pressed."""
        text = self._rest + self._decoder.decode(data)
        self._rest = u''
        place = 0
        while place < len(text):
            found = _KEY.match(text[place:])
            if found is not None:
                name = _ESCAPES.get(found.group(1) + found.group(2) if found.group(1)
                                    else found.group(2))
                place += found.end()
            elif text[place] == u'\x1b':
                if len(text) - place < 8 and not any(each.isalpha() or each == u'~'
                                                     for each in text[place + 2:]):
                    self._rest = text[place:]
                    break
                name = None
                place += 1
            else:
                name = _CONTROLS.get(text[place])
                if name is None and text[place] >= u' ':
                    self._insert(text[place])
                place += 1
            if name is not None:
                _ACTIONS[name](self)
        self.redraw()

    def _insert(self, character):
        # type: (str) -> None
        if len(self._text) < MAX_TYPED:
            self._text = self._text[:self._cursor] + character + self._text[self._cursor:]
            self._cursor += 1

    def _take(self, text):
        # type: (str) -> None
        self._text = text
        self._cursor = len(text)

    def key_enter(self):
        # type: () -> None
        """Obeys the line: Return."""
        text = self._text
        self._take(u'')
        self._place = 0
        self._back = 0
        if text:
            self._earlier.append(text)
            self._typed(text)

    def key_backspace(self):
        # type: () -> None
        """Backspace."""
        if self._cursor:
            self._text = self._text[:self._cursor - 1] + self._text[self._cursor:]
            self._cursor -= 1

    def key_delete(self):
        # type: () -> None
        """Removes the character behind the cursor: Delete."""
        self._text = self._text[:self._cursor] + self._text[self._cursor + 1:]

    def key_clear(self):
        # type: () -> None
        """Ctrl-U: nothing was typed."""
        self._take(u'')

    def key_word(self):
        # type: () -> None
        """Ctrl-W: the word in front of the cursor goes."""
        head = self._text[:self._cursor].rstrip(u' ')
        head = head[:head.rfind(u' ') + 1]
        self._text = head + self._text[self._cursor:]
        self._cursor = len(head)

    def key_left(self):
        # type: () -> None
        """Left."""
        self._cursor = max(0, self._cursor - 1)

    def key_right(self):
        # type: () -> None
        """Right."""
        self._cursor = min(len(self._text), self._cursor + 1)

    def key_home(self):
        # type: () -> None
        """Home."""
        self._cursor = 0

    def key_end(self):
        # type: () -> None
        """Moves the cursor behind the last character: End."""
        self._cursor = len(self._text)

    def key_up(self):
        # type: () -> None
        """Up: an earlier line."""
        if self._place < len(self._earlier):
            self._place += 1
            self._take(self._earlier[-self._place])

    def key_down(self):
        # type: () -> None
        """Down: a later line."""
        if self._place:
            self._place -= 1
            self._take(self._earlier[-self._place] if self._place else u'')

    def key_page_up(self):
        # type: () -> None
        """Page Up."""
        self._back += max(1, self._screen.size()[1] - 4)

    def key_page_down(self):
        # type: () -> None
        """Page Down."""
        self._back = max(0, self._back - max(1, self._screen.size()[1] - 4))

    def key_quit(self):
        # type: () -> None
        """Ctrl-C and Ctrl-D."""
        self._typed(u'/quit')

    def key_redraw(self):
        # type: () -> None
        """Ctrl-L."""


_ACTIONS = {
    'enter': IRCWindow.key_enter, 'backspace': IRCWindow.key_backspace,
    'delete': IRCWindow.key_delete, 'clear': IRCWindow.key_clear, 'word': IRCWindow.key_word,
    'left': IRCWindow.key_left, 'right': IRCWindow.key_right, 'home': IRCWindow.key_home,
    'end': IRCWindow.key_end, 'up': IRCWindow.key_up, 'down': IRCWindow.key_down,
    'page_up': IRCWindow.key_page_up, 'page_down': IRCWindow.key_page_down,
    'quit': IRCWindow.key_quit, 'redraw': IRCWindow.key_redraw,
}
