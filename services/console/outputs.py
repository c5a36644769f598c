# Copyright the carryall authors.  See LICENSE.
"""What a console's code prints goes to its own client, and what everybody else prints to where it always went.

``sys.stdout``, ``sys.stderr`` and ``sys.displayhook`` belong to the whole process, and the code of several consoles runs at
the same time; so, while a console service runs, they are replaced by ones that look at which thread is asking.

Tests:    tests/services/console/test_outputs.py
"""
from __future__ import absolute_import, division, print_function

import sys

from carryall.core.compat import thread_local

__all__ = ['Capture', 'install', 'uninstall']


class _Here(thread_local):
    """The Capture of this thread."""

    capture = None                  # type: Any


_here = _Here()
_installed = []                     # type: List[Tuple[Any, Any, Any]]  # what was there before, once for each install()


class _Stream(object):
    """Stands in for ``sys.stdout`` or ``sys.stderr``."""

    def __init__(self, real):
        # type: (Any) -> None
        self._real = real

    def write(self, text):
        # type: (Any) -> Any
        """To the console of this thread, or to the real stream."""
        capture = _here.capture
        if capture is None:
            return self._real.write(text)
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
            self._real.flush()

    def isatty(self):
        # type: () -> bool
        """A console is one, in its way; but nobody should draw on it."""
        return _here.capture is None and self._real.isatty()

    def __getattr__(self, name):
        return getattr(self._real, name)


def _display(value):
    # type: (Any) -> None
    capture = _here.capture
    if capture is None:
        _installed[-1][2](value)
    else:
        capture.display(value)


class Capture(object):
    """Within ``with capture:`` what this thread prints is given to *write*, and values to *display*."""

    def __init__(self, write, display):
        # type: (Callable[[Any], Any], Callable[[Any], Any]) -> None
        self.write = write
        self.display = display

    def __enter__(self):
        self._before = _here.capture
        _here.capture = self
        return self

    def __exit__(self, *exc_info):
        _here.capture = self._before


def install():
    # type: () -> None
    """Put the streams in place; once for each service that starts."""
    _installed.append(_installed[0] if _installed else (sys.stdout, sys.stderr, sys.displayhook))
    if len(_installed) == 1:
        sys.stdout, sys.stderr, sys.displayhook = _Stream(sys.stdout), _Stream(sys.stderr), _display   # type: ignore


def uninstall():
    # type: () -> None
    """Put back what was there, after the last service."""
    before = _installed.pop()
    if not _installed:
        # Unless somebody else has put theirs on top of ours meanwhile.
        if isinstance(sys.stdout, _Stream):
            sys.stdout = before[0]
        if isinstance(sys.stderr, _Stream):
            sys.stderr = before[1]
        if sys.displayhook is _display:
            sys.displayhook = before[2]


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, List, Tuple
