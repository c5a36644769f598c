# Copyright the carryall authors.  See LICENSE.
"""The choice of a view for ``admin/runtests --window``."""
from __future__ import absolute_import, division, print_function

import os
import signal
import sys

from admin.window import textview
from admin.window.session import Session
from carryall.core.compat import ON_JYTHON

# Of this program; the others are for the child that runs the tests.
OWN = ('--window', '-w', '--plain', '--text', '-t')
NO_TK = ('this Python has no Tk (%s); Debian has it in python3-tk and pypy3-tk')
NO_DISPLAY = 'no display can be opened (%s)'


def main(argv):
    """Shows the run that *argv* chooses; returns the exit status."""
    words = [word for word in argv if word not in OWN]
    plain = '--plain' in argv
    session = Session(words)
    for name in ('SIGINT', 'SIGTERM', 'SIGHUP'):
        signal.signal(getattr(signal, name), session.ask_to_close)
    terminal = textview.View(session, sys.stdin if sys.stdin.isatty() else None)
    view = None
    if '--window' in argv or '-w' in argv:
        view, why = window(session, plain, terminal.say)
        if view is None:
            sys.stderr.write('admin/runtests: no window, for %s; the terminal takes its place.\n'
                             % why)
    (view or terminal).run()
    return session.exit_status()


def window(session, plain, say):
    """(the window that this runtime can open, ''), or (None, why it cannot)."""
    return (_swing if ON_JYTHON else _tk)(session, plain, say)


def _tk(session, plain, say):
    try:
        from admin.window.tkview import TclError, View
    except ImportError as exc:
        return None, NO_TK % exc
    try:
        return View(session, plain, say), ''
    except TclError as exc:
        return None, NO_DISPLAY % exc


def _swing(session, plain, say):
    from java.lang import Throwable
    try:
        from admin.window.swingview import View
        return View(session, plain, say), ''
    except ImportError as exc:
        return None, 'this Java has no Swing (%s)' % exc
    except Throwable as exc:            # jython: a headless Java raises errors of several kinds
        lines = exc.toString().strip().splitlines()
        return None, NO_DISPLAY % lines[0]


def by_default(argv, environment=os.environ):
    """True if the command was given alone, on a terminal, where a window can be opened."""
    if argv or not sys.stdin.isatty() or not sys.stdout.isatty():
        return False
    if sys.platform not in ('win32', 'darwin') and not environment.get('DISPLAY'):
        return False
    try:
        import tkinter
    except ImportError:
        return False
    return bool(tkinter.TkVersion)
