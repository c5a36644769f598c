# Copyright the carryall authors.  See LICENSE.
"""The whole screen: what is drawn by a curses that notes its calls."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.runtimes.host.screen import open_screen


class FakeCurses(object):
    """Stands for curses and its window."""

    LINES = 5
    COLS = 20

    class error(Exception):
        """As curses raises it."""

    def __init__(self, faulty=()):
        self.calls = []
        self._faulty = faulty

    def __getattr__(self, name):
        def call(*args):
            self.calls.append((name,) + args)
            if name in self._faulty:
                raise self.error(name)
            return self

        return call

    def getmaxyx(self):
        """Its size."""
        return self.LINES, self.COLS


def test_rows_are_drawn_with_the_cursor():
    curses = FakeCurses()
    screen = open_screen(curses)
    screen.draw([u'one', u'two'], (1, 2))
    assert curses.calls[-5:] == [('erase',), ('addstr', 0, 0, 'one'), ('addstr', 1, 0, 'two'),
                                 ('move', 1, 2), ('refresh',)]


def test_the_last_cell_may_fail():
    curses = FakeCurses(('addstr', 'move'))
    open_screen(curses).draw([u'one'], (9, 9))
    assert curses.calls[-1] == ('refresh',)


def test_the_size_is_that_of_now():
    assert open_screen(FakeCurses()).size() == (20, 5)


def test_the_terminal_is_given_back():
    curses = FakeCurses()
    open_screen(curses).close()
    assert curses.calls[-1] == ('endwin',)


@pytest.mark.parametrize('call', ['setupterm', 'initscr', 'noecho'])
def test_a_terminal_that_curses_does_not_know_has_no_screen(call):
    assert open_screen(FakeCurses((call,))) is None


def test_a_test_has_no_terminal():
    assert open_screen() is None
