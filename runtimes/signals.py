# Copyright the carryall authors.  See LICENSE.
"""Signals of the process, brought to the loop's thread.

The handler itself may run in the middle of anything (and on Jython in a thread of its own), so it does nothing but queue.

Tests:    tests/contract/test_signals.py
"""
from __future__ import absolute_import, division, print_function

import signal

from carryall.core.errors import LoopClosed, Unsupported

__all__ = ['Signals']


class Signals(object):
    """The signals that one loop has taken."""

    def __init__(self, loop):
        # type: (Any) -> None
        self._loop = loop
        self._before = {}           # type: Dict[str, Any]  # name -> the handler that was there

    def add(self, name, callback, args):
        # type: (str, Callable[..., Any], Tuple[Any, ...]) -> None
        """Call ``callback(*args)`` on the loop's thread for the signal 'TERM', 'INT' ...

        Raises:   Unsupported: the system has no such signal, or does not give it to this thread or program.
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
        self._before.setdefault(name, before)

    def remove(self, name):
        # type: (str) -> bool
        """Give *name* back; False if it was not taken."""
        if name not in self._before:
            return False
        before = self._before.pop(name)
        signal.signal(getattr(signal, 'SIG' + name), signal.SIG_DFL if before is None else before)
        return True

    def remove_all(self):
        # type: () -> None
        """Give all back."""
        for name in list(self._before):
            self.remove(name)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Tuple
