# Copyright the carryall authors.  See LICENSE.
"""Which backends must not be missing from a run of the contract tests, per interpreter,
on Linux."""
from __future__ import absolute_import, division, print_function

from tests.support import interpreter

__all__ = ['EXPECTED', 'ONE_EACH', 'ONE_THREAD', 'expected']

EXPECTED = {
    'cpython3': ('epoll', 'poll', 'select', 'threads', 'asyncio'),
    'cpython2': ('epoll', 'poll', 'select', 'threads'),
    'pypy3': ('epoll', 'poll', 'select', 'threads', 'asyncio'),
    'jython2': ('nio', 'threads'),
}
# Guests whose loop belongs to one thread, and why; the test of law L15 that moves it is not theirs.
ONE_THREAD = {
    'tk': 'a Tcl interpreter belongs to the thread that made it',
    'qt5': 'a QApplication belongs to the thread that made it',
    'qt6': 'a QApplication belongs to the thread that made it',
    'wx': 'a wx.App belongs to the main thread',
    'swing': 'its loop runs on the dispatch thread, wherever it was made',
}
# Guests of which one thread at a time can run a loop; the test of law L15 with two is not theirs.
ONE_EACH = {
    'gtk3': "GLib's default context belongs to one thread at a time",
    'gtk4': "GLib's default context belongs to one thread at a time",
    'qt5': 'a process has one QApplication',
    'qt6': 'a process has one QApplication',
    'wx': 'a process has one wx.App',
    'swing': 'a JVM has one dispatch thread',
}


def expected():
    """The names for the interpreter that runs this."""
    return EXPECTED[interpreter.NAME + interpreter.VERSION[:1]]
