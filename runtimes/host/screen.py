# Copyright the carryall authors.  See LICENSE.
"""The whole screen of a terminal, by curses where the machine has it.

    screen = open_screen()              # None: no terminal, or no curses for it: use lines
    screen.draw([u'first row', u'second'], (1, 3))
    screen.close()

Keys come from Keyboard: curses draws only, so that a thread may wait for keys meanwhile.

Tests:    tests/runtimes/host/test_screen.py
"""
from __future__ import absolute_import, division, print_function

import locale
import sys

from carryall.core.compat import FAILURES, PY2
from carryall.runtimes.platform import ON_JVM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Sequence, Tuple

__all__ = ['Screen', 'open_screen']


def open_screen(curses=None):
    # type: (Any) -> Optional[Screen]
    """The screen; None if standard input and output are no terminal, or curses cannot draw there.

    Args:     curses: the module, for tests.
    """
    if curses is None:
        if ON_JVM or not (sys.stdin.isatty() and sys.stdout.isatty()):
            return None
        try:
            import curses as found
        except ImportError:
            return None
        curses = found
    try:
        locale.setlocale(locale.LC_ALL, '')
        # initscr ends the process if it does not know the terminal; this raises an error.
        curses.setupterm()
        return Screen(curses)
    except FAILURES:
        return None


class Screen(object):
    """A screen that curses draws on."""

    def __init__(self, curses):
        # type: (Any) -> None
        self._curses = curses
        self._window = curses.initscr()
        try:
            curses.noecho()
            curses.raw()
        except FAILURES:
            curses.endwin()
            raise

    def size(self):
        # type: () -> Tuple[int, int]
        """(columns, rows) as they are now."""
        update = getattr(self._curses, 'update_lines_cols', None)
        if update is not None:
            # curses learns of another size at the next of its own reads, and there is none here.
            update()
            self._curses.resizeterm(self._curses.LINES, self._curses.COLS)
        rows, columns = self._window.getmaxyx()
        return columns, rows

    def draw(self, rows, cursor):
        # type: (Sequence[str], Tuple[int, int]) -> None
        """Shows these rows, and the cursor at (row, column)."""
        window = self._window
        window.erase()
        for number, text in enumerate(rows):
            try:
                window.addstr(number, 0, _spelled(text))
            except self._curses.error:
                pass                    # the last cell of a screen cannot be written to
        try:
            window.move(*cursor)
        except self._curses.error:
            pass                        # the screen has become smaller meanwhile
        window.refresh()

    def close(self):
        # type: () -> None
        """Gives the terminal back."""
        self._curses.endwin()


def _spelled(text):
    # type: (str) -> Any
    """The text as curses of this Python takes it."""
    encoding = locale.getpreferredencoding() or 'ascii'
    octets = text.encode(encoding, 'replace')       # type: Any
    # py2: curses takes octets there.
    return octets if PY2 else octets.decode(encoding, 'replace')
