# Copyright the carryall authors.  See LICENSE.
"""The keyboard of a command's user: typed lines, or single keys, and the size of the window.

The terminal's modes are changed with stty(1), which every Unix has and which works the same from a
JVM.  Without stty or a terminal, whole lines are read.

Tests:    tests/runtimes/host/test_keyboard.py
"""
from __future__ import absolute_import, division, print_function

import os
import subprocess
import sys

from carryall.core.compat import FAILURES
from carryall.runtimes.platform import ON_JVM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Tuple

__all__ = ['Keyboard']

PIECE_BYTES = 4096          # read at once


def _stty(*words):
    # type: (*str) -> Optional[str]
    """The output of stty for the terminal of this process; None if there is none, or no stty."""
    try:
        # jython: a child's standard input is a pipe there, so the terminal is named.
        process = subprocess.Popen(['/bin/sh', '-c', 'exec stty "$@" < /dev/tty', 'stty']
                                   + list(words),
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        said = process.communicate()[0]
    except FAILURES:
        return None
    return said.decode('ascii', 'replace').strip() if process.returncode == 0 else None


class Keyboard(object):
    """Standard input.

    Attributes:
        terminal: whether a person types there.
    """

    def __init__(self):
        # type: () -> None
        self.terminal = bool(sys.stdin is not None and sys.stdin.isatty())
        self._saved = None          # type: Optional[str]

    def read(self):
        # type: () -> bytes
        """The next octets, as soon as there are some; b'' at the end.

        It blocks: call it on a thread.
        """
        if ON_JVM:
            return self._read_jvm()
        return os.read(sys.stdin.fileno(), PIECE_BYTES)

    def _read_jvm(self):
        # type: () -> bytes
        from java.lang import System
        from carryall.runtimes.jvm.octets import from_java
        import jarray
        array = jarray.zeros(PIECE_BYTES, 'b')
        count = getattr(System, 'in').read(array, 0, PIECE_BYTES)
        return from_java(array, count) if count > 0 else b''

    def by_key(self, wanted):
        # type: (bool) -> bool
        """Has each key come by itself and unseen, or lines again; whether it could be done."""
        if not self.terminal:
            return False
        if wanted:
            if self._saved is None:
                self._saved = _stty('-g') or None
            return self._saved is not None and _stty('raw', '-echo', 'opost', 'onlcr') is not None
        saved, self._saved = self._saved, None
        return saved is not None and _stty(saved) is not None

    def window(self):
        # type: () -> Tuple[int, int]
        """(columns, rows); (80, 24) if no one knows."""
        parts = (_stty('size') or '').split() if self.terminal else []
        if len(parts) == 2 and all(part.isdigit() for part in parts) and int(parts[0]) \
                and int(parts[1]):
            return int(parts[1]), int(parts[0])
        return 80, 24
