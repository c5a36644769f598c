# Copyright the carryall authors.  See LICENSE.
"""Standard streams by thread: the output of a console's code goes to its own client.

``sys.stdout``, ``sys.stderr`` and ``sys.displayhook`` belong to the whole process, and the code of
several consoles runs at the same time.  While a console service runs, objects of this module
replace them.  These look at the calling thread; output of other threads goes to the former streams.

Tests:    tests/services/console/test_outputs.py
"""
from __future__ import absolute_import, division, print_function

import sys

from carryall.core.compat import thread_local

__all__ = ['Capture', 'install', 'uninstall']


class _Here(thread_local):
    """The Capture of this thread."""

    capture = None                  # type: Any
    softspace = 0  # py2: print keeps this at the stream, which many threads share here


_here = _Here()
_users = [0]                        # the number of services that have installed the streams
# The displayhook of before.
_hooks = []  # type: List[Callable[[Any], Any]]


class _Stream(object):
    """A replacement of ``sys.stdout`` or ``sys.stderr``."""

    def __init__(self, real):
        # type: (Any) -> None
        self.real = real

    @property
    def softspace(self):
        # type: () -> int
        """The attribute that the print statement of 2.7 reads and sets."""
        return _here.softspace

    @softspace.setter
    def softspace(self, value):
        # type: (int) -> None
        _here.softspace = value

    def write(self, text):
        # type: (Any) -> Any
        """Writes to the console of this thread, or to the real stream."""
        capture = _here.capture
        if capture is None:
            return self.real.write(text)
        capture.write(text)
        return len(text)

    def writelines(self, lines):
        # type: (Iterable[Any]) -> None
        """Writes each of the lines."""
        for line in lines:
            self.write(line)

    def flush(self):
        # type: () -> None
        """Does nothing: no output is buffered here."""
        if _here.capture is None:
            self.real.flush()

    def isatty(self):
        # type: () -> bool
        """False: a program must not draw on a console."""
        return _here.capture is None and self.real.isatty()

    def __getattr__(self, name):
        return getattr(self.real, name)


def _display(value):
    # type: (Any) -> None
    capture = _here.capture
    if capture is None:
        _hooks[-1](value)
    else:
        capture.display(value)


class Capture(object):
    """Gives the output of this thread to *write*, and values to *display*,
    within ``with capture:``."""

    def __init__(self, write, display):
        # type: (Callable[[Any], Any], Callable[[Any], Any]) -> None
        self.write = write
        self.display = display

    def __enter__(self):
        _put_in_place()             # again, in case another stream has been installed since
        self._before = _here.capture
        _here.capture = self
        return self

    def __exit__(self, *exc_info):
        _here.capture = self._before


def _put_in_place():
    # type: () -> None
    if not isinstance(sys.stdout, _Stream):
        sys.stdout = _Stream(sys.stdout)        # type: ignore
    if not isinstance(sys.stderr, _Stream):
        sys.stderr = _Stream(sys.stderr)        # type: ignore
    if sys.displayhook is not _display:
        _hooks[:] = [sys.displayhook]
        sys.displayhook = _display


def install():
    # type: () -> None
    """Installs the streams; called once by each service that starts."""
    _users[0] += 1
    _put_in_place()


def uninstall():
    # type: () -> None
    """Restores the former streams, after the last service has stopped."""
    _users[0] -= 1
    if _users[0]:
        return
    # Unless other code has replaced our streams meanwhile.
    if isinstance(sys.stdout, _Stream):
        sys.stdout = sys.stdout.real
    if isinstance(sys.stderr, _Stream):
        sys.stderr = sys.stderr.real
    if sys.displayhook is _display:
        sys.displayhook = _hooks.pop()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, List
