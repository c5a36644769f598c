# Copyright the carryall authors.  See LICENSE.
"""What a console's code prints goes to its own client,
and what everybody else prints to where it always went.

``sys.stdout``, ``sys.stderr`` and ``sys.displayhook`` belong to the whole process, and the code of
several consoles runs at the same time; so, while a console service runs, they are replaced by ones
that look at which thread is asking.

Tests:    tests/services/console/test_outputs.py
"""
from __future__ import absolute_import, division, print_function

import sys

from carryall.core.compat import thread_local

__all__ = ['Capture', 'install', 'uninstall']


class _Here(thread_local):
    """The Capture of this thread."""

    capture = None                  # type: Any
    softspace = 0  # py2: print keeps this at the stream, which here is that of many


_here = _Here()
_users = [0]                        # how many services have the streams in place
# The displayhook that was there before.
_hooks = []  # type: List[Callable[[Any], Any]]


class _Stream(object):
    """Stands in for ``sys.stdout`` or ``sys.stderr``."""

    def __init__(self, real):
        # type: (Any) -> None
        self.real = real

    @property
    def softspace(self):
        # type: () -> int
        """What the print statement of 2.7 asks and sets."""
        return _here.softspace

    @softspace.setter
    def softspace(self, value):
        # type: (int) -> None
        _here.softspace = value

    def write(self, text):
        # type: (Any) -> Any
        """To the console of this thread, or to the real stream."""
        capture = _here.capture
        if capture is None:
            return self.real.write(text)
        capture.write(text)
        return len(text)

    def writelines(self, lines):
        # type: (Iterable[Any]) -> None
        """Each in turn."""
        for line in lines:
            self.write(line)

    def flush(self):
        # type: () -> None
        """Nothing waits here."""
        if _here.capture is None:
            self.real.flush()

    def isatty(self):
        # type: () -> bool
        """A console is one, in its way; but nobody should draw on it."""
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
    """Within ``with capture:`` what this thread prints is given to *write*,
    and values to *display*."""

    def __init__(self, write, display):
        # type: (Callable[[Any], Any], Callable[[Any], Any]) -> None
        self.write = write
        self.display = display

    def __enter__(self):
        _put_in_place()             # again, if somebody has put another stream there since
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
    """Put the streams in place; once for each service that starts."""
    _users[0] += 1
    _put_in_place()


def uninstall():
    # type: () -> None
    """Put back what was there, after the last service."""
    _users[0] -= 1
    if _users[0]:
        return
    # Unless somebody else has put theirs on top of ours meanwhile.
    if isinstance(sys.stdout, _Stream):
        sys.stdout = sys.stdout.real
    if isinstance(sys.stderr, _Stream):
        sys.stderr = sys.stderr.real
    if sys.displayhook is _display:
        sys.displayhook = _hooks.pop()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, List
