# Copyright the carryall authors.  See LICENSE.
"""Signals of the process, brought to the loop's thread.

The handler itself may run at any moment (and on Jython in a thread of its own), so it does nothing
but queue.  Python runs it between two bytecodes of the main thread.  A signal may come just before
that thread waits, or be given to another thread.  The handler would then run only after the wait.
So the interpreter writes a byte to the loop's wake-up descriptor for each signal
(``signal.set_wakeup_fd``), at once.

On Windows, Python 2.7 cannot write that byte to a socket, and Ctrl-C ends no wait.  There a timer
ends it, every tenth of a second, as long as a signal is taken.

Tests:    tests/contract/test_signals.py
"""
from __future__ import absolute_import, division, print_function

import os
import signal

from carryall.core.compat import PY2
from carryall.core.errors import LoopClosed, Unsupported

__all__ = ['Signals', 'ignore']

TICK_SECONDS = 0.1          # until Ctrl-C is noticed without a wake-up descriptor; as Twisted's

# py2: on Windows a wake-up descriptor must be a file, which select cannot watch.
_ticks = PY2 and os.name == 'nt'

# Of the loops that have signals; the interpreter knows the last of them.
_doors = []  # type: List[int]


class Signals(object):
    """The signals that one loop has taken.

    Args:     door: the descriptor that wakes the loop when a byte is written to it; None where
              handlers do not need it.
    """

    def __init__(self, loop, door):
        # type: (Any, Optional[int]) -> None
        self._loop = loop
        self._door = door
        self._before = {}           # type: Dict[str, Any]  # name -> the handler that was there
        self._timer = None          # type: Any  # that ends waits, if nothing else does

    def add(self, name, callback, args):
        # type: (str, Callable[..., Any], Tuple[Any, ...]) -> None
        """Calls ``callback(*args)`` on the loop's thread for the signal 'TERM', 'INT' ...

        Raises:   Unsupported: the system has no such signal,
                  or does not give it to this thread or program.
        """
        number = getattr(signal, 'SIG' + name, None)
        if number is None:
            raise Unsupported(u'this system has no signal %s' % name)
        if name in ('KILL', 'STOP'):        # pypy: says nothing, and then they are not had
            raise Unsupported(u'the signal %s belongs to the system alone' % name)

        def arrived(_number, _frame):
            # type: (int, Any) -> None
            try:
                self._loop.call_soon_threadsafe(callback, *args)
            except LoopClosed:      # it came while the loop was being closed
                pass

        try:
            before = signal.signal(number, arrived)
        except (ValueError, OSError, RuntimeError) as exc:
            raise Unsupported(u'the signal %s cannot be had: %s' % (name, exc), exc)
        if not self._before:
            self._open_door()
        self._before.setdefault(name, before)

    def _open_door(self):
        # type: () -> None
        if _ticks:
            self._tick()
        elif self._door is not None:
            before = _set_door(self._door)
            if before == -1 or before in _doors:
                _doors.append(self._door)
            else:
                # Asyncio's, say, whose handlers live by those bytes;
                # and it is asyncio that waits then.
                _set_door(before)

    def _tick(self):
        # type: () -> None
        """Ends a wait; the interpreter then runs the handlers of the signals that came."""
        self._timer = self._loop.call_later(TICK_SECONDS, self._tick)

    def _close_door(self):
        # type: () -> None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._door in _doors:
            _doors.remove(self._door)
            _set_door(_doors[-1] if _doors else -1)

    def remove(self, name):
        # type: (str) -> bool
        """Gives *name* back; False if it was not taken."""
        if name not in self._before:
            return False
        before = self._before.pop(name)
        signal.signal(getattr(signal, 'SIG' + name), signal.SIG_DFL if before is None else before)
        if not self._before:
            self._close_door()
        return True

    def remove_all(self):
        # type: () -> None
        """Gives all back."""
        for name in list(self._before):
            self.remove(name)


def ignore(name):
    # type: (str) -> None
    """Ignores the signal 'INT', 'TERM' ... unless a loop takes it, for the rest of the process."""
    signal.signal(getattr(signal, 'SIG' + name), signal.SIG_IGN)


def _set_door(door):
    # type: (int) -> int
    """Has the interpreter write a byte to *door* for each signal (-1: to no one);
    the one it had before."""
    try:
        return signal.set_wakeup_fd(door, warn_on_full_buffer=False)    # a full one wakes as well
    except TypeError:
        return signal.set_wakeup_fd(door)       # py2: and 3.6 do not warn


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple
