# Copyright the carryall authors.  See LICENSE.
"""An editor of one line, key by key, on a terminal that follows ECMA-48; the keys are those of
Emacs.

    Enter                       send the line               Ctrl-C        discard the line
    left, right, Ctrl-B, -F     move by a character         Alt-B, Alt-F  move by a word
    Home, End, Ctrl-A, -E       move to either end          up, down, Ctrl-P, -N     history
    Backspace, Delete, Ctrl-D   delete a character          Ctrl-W        delete the word before
    Ctrl-U, Ctrl-K              delete to either end        Ctrl-Y        insert what these
                                deleted
    Tab                         complete a name             Ctrl-L        clear the screen
    Ctrl-D on an empty line     end the session
    bracketed paste             pasted text arrives as one text with its line ends

Tests:    tests/services/console/test_editor.py
"""
from __future__ import absolute_import, division, print_function

import codecs
import re

__all__ = ['Editor']

# -- limits ------------------------------------------------------------------
MAX_LINE = 16384                # characters
MAX_PASTE = 1 << 20             # characters
MAX_HISTORY = 1000              # lines
MAX_SEQUENCE = 32               # characters of one escape sequence

_SEQUENCE = re.compile(u'\x1b(?:\\[[0-9;]*[~A-Za-z]|O[A-Za-z]|[^\\[O])')
PASTE_ON = u'\x1b[?2004h'
PASTE_OFF = u'\x1b[?2004l'
PASTE_BEGIN = u'\x1b[200~'
PASTE_END = u'\x1b[201~'


class Editor(object):
    """The line of one client.

    Args:     write: called with text to send.
              line: called with each line, without its end.
              paste: called with pasted text of more than one line.
              interrupt, end: called without arguments for Ctrl-C, and for Ctrl-D on an empty line.
              complete: called with the line up to the cursor; returns (the name at its end,
                        [the names that it can be completed to]).
    """

    def __init__(self, write,       # type: Callable[[str], Any]
                 line,              # type: Callable[[str], Any]
                 paste,             # type: Callable[[str], Any]
                 interrupt,         # type: Callable[[], Any]
                 end,               # type: Callable[[], Any]
                 complete           # type: Any
                 ):
        # type: (...) -> None
        self.columns = 80
        self.history = []           # type: List[str]
        self.visible = True         # False while a password is typed
        self._write = write
        self._line = line
        self._paste = paste
        self._interrupt = interrupt
        self._end = end
        self._complete = complete
        self._decoder = codecs.getincrementaldecoder('utf-8')('replace')
        self._rest = u''            # of an incomplete escape sequence
        self._pasting = None        # type: Optional[List[str]]
        self._pasted = 0
        self._killed = u''
        self._prompt = u''
        self._text = u''
        self._at = 0                # the position of the cursor
        self._past = 0              # the number of lines back in the history
        self._own = u''             # the line that was typed before the history was shown
        self._dropped = 0           # how often the waiting keys were dropped
        self.held = False           # True while the line that was entered runs; keys wait
        # True while keys are processed: the rest of them follows the prompt of the present line.
        self.busy = False
        self._keys = {
            u'\n': self._enter, u'\x01': self._home, u'\x02': self._left, u'\x03': self._give_up,
            u'\x04': self._delete_or_end, u'\x05': self._to_end, u'\x06': self._right,
            u'\x08': self._backspace, u'\t': self._tab, u'\x0b': self._kill_end,
            u'\x0c': self._clear, u'\x0e': self._newer, u'\x10': self._older,
            u'\x15': self._kill_start, u'\x17': self._kill_word, u'\x19': self._yank,
            u'\x7f': self._backspace,
            u'\x1b[A': self._older, u'\x1b[B': self._newer, u'\x1b[C': self._right,
            u'\x1b[D': self._left,
            u'\x1bOA': self._older, u'\x1bOB': self._newer, u'\x1bOC': self._right,
            u'\x1bOD': self._left,
            u'\x1b[H': self._home, u'\x1b[F': self._to_end, u'\x1bOH': self._home,
            u'\x1bOF': self._to_end,
            u'\x1b[1~': self._home, u'\x1b[4~': self._to_end, u'\x1b[7~': self._home,
            u'\x1b[8~': self._to_end,
            u'\x1b[3~': self._delete, u'\x1bb': self._word_left, u'\x1bf': self._word_right,
            u'\x1bd': self._kill_word_right,
        }                           # type: Dict[str, Callable[[], Any]]

    def set_charset(self, name):
        # type: (str) -> None
        """Sets the charset of the client's octets; UTF-8 stays if Python does not know *name*."""
        try:
            self._decoder = codecs.getincrementaldecoder(name)('replace')
        except LookupError:
            pass

    # -- what is shown -----------------------------------------------------------------------------

    def prompt(self, text):
        # type: (str) -> None
        """Begins a line behind this prompt, and processes the keys that wait."""
        self._prompt = text
        self._text = u''
        self._at = 0
        self._past = 0
        self.held = False
        self._write(text)
        self._take(u'')

    def drop(self):
        # type: () -> None
        """Forgets the keys that wait."""
        self._rest = u''
        self._pasting = None
        self._text = u''
        self._at = 0
        self._dropped += 1

    def take_over(self, prompt, held):
        # type: (str, bool) -> None
        """Continues behind a prompt that is shown already."""
        self._prompt = prompt
        self.held = held

    def above(self, text):
        # type: (str) -> None
        """Shows text above the line that is typed, and draws that line again."""
        self._write(u'\r\x1b[K' + text + (u'' if text.endswith(u'\n') else u'\n'))
        self._draw(True)

    def _draw(self, whole=False):
        # type: (bool) -> None
        """Draws the line: the part around the cursor that fits into one row of the terminal."""
        if not self.visible:
            if whole:
                self._write(self._prompt)
            return
        room = max(8, self.columns - len(self._prompt) - 1)
        start = max(0, self._at - room + 1)
        shown = self._text[start:start + room]
        back = len(shown) - (self._at - start)
        self._write(u'\r%s%s\x1b[K%s' % (self._prompt, shown, u'\x1b[%dD' % back if back else u''))

    # -- what is typed -----------------------------------------------------------------------------

    def typed(self, data):
        # type: (bytes) -> None
        """Processes keys; Enter is ``\\n``."""
        self._take(self._decoder.decode(data))

    def _take(self, text):
        # type: (str) -> None
        outer, self.busy = self.busy, True
        try:
            self._do(text)
        finally:
            self.busy = outer

    def _do(self, text):
        # type: (str) -> None
        text = self._rest + text
        self._rest = u''
        dropped = self._dropped
        at = 0
        while at < len(text) and dropped == self._dropped:
            if self.held:
                # Keys typed ahead are kept, up to a limit; but Ctrl-C is for the code that runs.
                rest = text[at:]
                if u'\x03' in rest:
                    self._interrupt()
                    rest = rest.rpartition(u'\x03')[2]
                self._rest = rest[-MAX_LINE:]
                return
            at = self._pasted_at(text, at) if self._pasting is not None else self._key_at(text, at)
            if at < 0:
                return

    def _key_at(self, text, at):
        # type: (str, int) -> int
        """Processes one key; returns where the next begins, or -1 if the key is incomplete."""
        char = text[at]
        if char == u'\x1b':
            found = _SEQUENCE.match(text, at)
            if not found:
                if len(text) - at < MAX_SEQUENCE:
                    self._rest = text[at:]
                    return -1
                return at + 1
            key = found.group()
            if key == PASTE_BEGIN:
                self._pasting = []
                self._pasted = 0
            elif key in self._keys:
                self._keys[key]()
            return found.end()
        if char in self._keys:
            self._keys[char]()
            return at + 1
        if char < u' ':
            return at + 1
        end = at + 1  # a run of characters at once: a paste without brackets is fast too
        while end < len(text) and text[end] >= u' ' and text[end] != u'\x7f':
            end += 1
        self._insert(text[at:end])
        return end

    def _pasted_at(self, text, at):
        # type: (str, int) -> int
        end = text.find(PASTE_END, at)
        # Text that may be the beginning of the end mark is kept.
        stop = end if end >= 0 else max(at, len(text) - len(PASTE_END) + 1)
        piece = text[at:stop]
        self._pasted += len(piece)
        if self._pasted <= MAX_PASTE:
            self._pasting.append(piece)             # type: ignore
        if end < 0:
            self._rest = text[stop:]
            return -1
        whole = u''.join(self._pasting or []).replace(u'\r\n', u'\n').replace(u'\r', u'\n')
        self._pasting = None
        if self._pasted > MAX_PASTE:
            self._write(u'\x07')
        elif u'\n' in whole.rstrip(u'\n'):
            self._write(u'\n')
            self._remember(whole.rstrip(u'\n'))
            self.held = True
            self._paste(self._text[:self._at] + whole + self._text[self._at:])
        else:
            self._insert(whole.rstrip(u'\n'))
            if whole.endswith(u'\n'):
                self._enter()
        return end + len(PASTE_END)

    def _insert(self, piece):
        # type: (str) -> None
        piece = piece[:MAX_LINE - len(self._text)].replace(u'\t', u'    ')
        if not piece:
            self._write(u'\x07')
            return
        at_end = self._at == len(self._text)
        self._text = self._text[:self._at] + piece + self._text[self._at:]
        self._at += len(piece)
        if at_end and len(self._prompt) + len(self._text) < self.columns:
            if self.visible:
                self._write(piece)      # at the end of the line no cursor movement is needed
        else:
            self._draw()

    # -- keys --------------------------------------------------------------------------------------

    def _enter(self):
        # type: () -> None
        text = self._text
        self._write(u'\n')
        if self.visible:
            self._remember(text)
        self._text = u''
        self._at = 0
        self.held = True
        self._line(text)

    def _remember(self, text):
        # type: (str) -> None
        if text.strip() and (not self.history or self.history[-1] != text):
            self.history.append(text)
            del self.history[:-MAX_HISTORY]

    def _give_up(self):
        # type: () -> None
        self._write(u'^C\n')
        self._text = u''
        self._at = 0
        self.held = True
        self._interrupt()

    def _delete_or_end(self):
        # type: () -> None
        if self._text:
            self._delete()
        else:
            self._write(u'\n')
            self.held = True
            self._end()

    def _backspace(self):
        # type: () -> None
        if not self._at:
            return
        at_end = self._at == len(self._text)
        self._text = self._text[:self._at - 1] + self._text[self._at:]
        self._at -= 1
        if at_end and len(self._prompt) + len(self._text) + 1 < self.columns:
            if self.visible:
                self._write(u'\b \b')
        else:
            self._draw()

    def _delete(self):
        # type: () -> None
        self._text = self._text[:self._at] + self._text[self._at + 1:]
        self._draw()

    def _move(self, at):
        # type: (int) -> None
        self._at = max(0, min(len(self._text), at))
        self._draw()

    def _left(self):
        # type: () -> None
        self._move(self._at - 1)

    def _right(self):
        # type: () -> None
        self._move(self._at + 1)

    def _home(self):
        # type: () -> None
        self._move(0)

    def _to_end(self):
        # type: () -> None
        self._move(len(self._text))

    def _word_start(self):
        # type: () -> int
        at = self._at
        while at and not _is_of_word(self._text[at - 1]):
            at -= 1
        while at and _is_of_word(self._text[at - 1]):
            at -= 1
        return at

    def _word_end(self):
        # type: () -> int
        at = self._at
        while at < len(self._text) and not _is_of_word(self._text[at]):
            at += 1
        while at < len(self._text) and _is_of_word(self._text[at]):
            at += 1
        return at

    def _word_left(self):
        # type: () -> None
        self._move(self._word_start())

    def _word_right(self):
        # type: () -> None
        self._move(self._word_end())

    def _kill(self, start, end):
        # type: (int, int) -> None
        self._killed = self._text[start:end] or self._killed
        self._text = self._text[:start] + self._text[end:]
        self._move(start)

    def _kill_end(self):
        # type: () -> None
        self._kill(self._at, len(self._text))

    def _kill_start(self):
        # type: () -> None
        self._kill(0, self._at)

    def _kill_word(self):
        # type: () -> None
        self._kill(self._word_start(), self._at)

    def _kill_word_right(self):
        # type: () -> None
        self._kill(self._at, self._word_end())

    def _yank(self):
        # type: () -> None
        if self._killed:
            self._insert(self._killed)

    def _clear(self):
        # type: () -> None
        self._write(u'\x1b[H\x1b[2J')
        self._draw(True)

    def _older(self):
        # type: () -> None
        self._travel(self._past + 1)

    def _newer(self):
        # type: () -> None
        self._travel(self._past - 1)

    def _travel(self, past):
        # type: (int) -> None
        if not 0 <= past <= len(self.history) or not self.visible:
            self._write(u'\x07')
            return
        if not self._past:
            self._own = self._text
        self._past = past
        self._text = (self.history[-past] if past else self._own).replace(u'\n', u'; ')[:MAX_LINE]
        self._move(len(self._text))

    def _tab(self):
        # type: () -> None
        before = self._text[:self._at]
        if not before.strip():
            self._insert(u'    ')
            return
        start, found = self._complete(before)
        if not found:
            self._write(u'\x07')
            return
        common = _common(found)
        if len(common) > len(start):
            self._insert(common[len(start):])
        elif len(found) > 1:
            self._write(u'\n' + _columns(found, self.columns))
            self._draw(True)


def _is_of_word(char):
    # type: (str) -> bool
    return char.isalnum() or char == u'_'


def _common(names):
    # type: (List[str]) -> str
    """The longest common prefix of *names*."""
    first = min(names)
    last = max(names)
    size = 0
    while size < min(len(first), len(last)) and first[size] == last[size]:
        size += 1
    return first[:size]


def _columns(names, width):
    # type: (List[str], int) -> str
    """The names in columns."""
    size = max(len(name) for name in names) + 2
    across = max(1, width // size)
    rows = [names[at:at + across] for at in range(0, len(names), across)]
    return u''.join(u''.join(u'%-*s' % (size, name) for name in row).rstrip() + u'\n'
                    for row in rows)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional
