# Copyright the carryall authors.  See LICENSE.
"""A guest of Tk: Tcl's notifier drives our loop.

    loop = GuestLoop(TkToolkit(root)).attach()      # then root.mainloop()
    loop = GuestLoop(TkToolkit()); loop.run()       # without windows

CPython's tkinter watches our descriptor (``createfilehandler``).  PyPy's and that of Windows have
no such call: a thread waits there, and wakes Tcl through a connection that Tcl watches itself
(``fileevent``).  Without a root window there is a Tcl interpreter alone, which needs no display.

Tests:    tests/runtimes/guests/test_laws.py, tests/contract/ (as the backend 'tk')
"""
from __future__ import absolute_import, division, print_function

import socket
import tkinter
from collections import deque

from carryall.core.compat import thread_local
from carryall.runtimes.guests.displayloss import XlibGuard, tk_display
from carryall.runtimes.guests.toolkit import Toolkit

__all__ = ['TkToolkit']

WAKE_BYTES = 4096       # what is read at once of the wake-ups that have piled up


class _Interpreters(thread_local):
    """The Tcl interpreter without windows of each thread; one that another thread collected would
    end the process."""

    own = None                  # type: Any


_interpreters = _Interpreters()
_kept = []                      # type: List[Any]


def _interpreter():
    # type: () -> Any
    """That of this thread."""
    if _interpreters.own is None:
        _interpreters.own = tkinter.Tcl()
        if not hasattr(_interpreters.own.tk, 'createfilehandler'):
            # pypy: what belongs to a thread is collected after its end, on any thread
            _kept.append(_interpreters.own)
    return _interpreters.own


class TkToolkit(Toolkit):
    """Tcl's event loop, of the thread that makes this.

    Args:     root: the application's ``tkinter.Tk``; without one, an interpreter without windows.
    """

    name = 'tk'
    one_thread = True

    def __init__(self, root=None):
        # type: (Any) -> None
        self._root = _interpreter() if root is None else root
        self._tk = self._root.tk
        self._windows = root is not None
        self._commands = {}         # type: Dict[Any, str]
        self._watched = None        # type: Optional[int]
        self.watches = hasattr(self._tk, 'createfilehandler')
        self._posted = deque()      # type: deque
        self._guard = None          # type: Optional[XlibGuard]
        self._door = None           # type: Any  # what wakes Tcl from another thread
        if not self.watches:
            self._open_door()

    # -- our descriptor ----------------------------------------------------------------------------

    def watch(self, descriptor, callback):
        self._watched = descriptor
        self._tk.createfilehandler(descriptor, tkinter.READABLE, lambda _file, _mask: callback())

    def unwatch(self):
        if self._watched is not None:
            self._tk.deletefilehandler(self._watched)
            self._watched = None

    # -- or a connection that Tcl watches ----------------------------------------------------------

    def _open_door(self):
        # type: () -> None
        """Connects Tcl to us."""
        listener = socket.socket()
        try:
            listener.bind(('127.0.0.1', 0))
            listener.listen(1)
            channel = self._tk.call('socket', '127.0.0.1', listener.getsockname()[1])
            ours = int(self._tk.splitlist(self._tk.call('fconfigure', channel, '-sockname'))[2])
            while True:
                door, address = listener.accept()
                if address[1] == ours:
                    break
                door.close()            # a stranger's, which was faster
        finally:
            listener.close()
        self._door = door
        self._channel = channel
        self._tk.call('fconfigure', channel, '-blocking', 0, '-translation', 'binary')
        self._tk.call('fileevent', channel, 'readable', self._command(self._woken))

    def post(self, callback):
        self._posted.append(callback)
        self._door.send(b'.')

    def _woken(self):
        # type: () -> None
        self._tk.call('read', self._channel, WAKE_BYTES)
        for _ in range(len(self._posted)):
            self._posted.popleft()()

    # -- timers ------------------------------------------------------------------------------------

    def _command(self, callback):
        # type: (Callable[[], None]) -> str
        """The Tcl command that calls it; there are a handful of them."""
        name = self._commands.get(callback)
        if name is None:
            name = 'carryall%d_%d' % (id(self), len(self._commands))
            self._tk.createcommand(name, callback)
            self._commands[callback] = name
        return name

    def call_later(self, seconds, callback):
        return self._tk.call('after', int(seconds * 1000 + 0.999), self._command(callback))

    def cancel(self, timer):
        self._tk.call('after', 'cancel', timer)

    # -- its display -------------------------------------------------------------------------------

    def guard(self, lost, exits):
        if self._guard is None and self._has_windows() \
                and self._tk.call('tk', 'windowingsystem') == 'x11':
            display = tk_display(self._tk.interpaddr(), tkinter.TkVersion)
            if display is not None:
                self._guard = XlibGuard(display, lost)

    # -- life --------------------------------------------------------------------------------------

    def run(self):
        self._tk.mainloop(0 if self._has_windows() else -1)

    def _has_windows(self):
        # type: () -> bool
        """False if there never were any, or they are gone: then only ``quit`` ends the loop."""
        if self._windows:
            try:
                self._tk.call('winfo', 'exists', '.')
            except tkinter.TclError:
                self._windows = False
        return self._windows

    def quit(self):
        self._tk.quit()

    def step(self):
        if hasattr(self._tk, 'dooneevent'):
            self._tk.dooneevent(0)
            return
        # pypy: no dooneevent; Tcl itself waits until something has happened
        waited = 'carryall_waited'
        self._tk.call('after', 'idle', 'after', 0, 'set', waited, 1)
        self._tk.call('vwait', waited)

    def close(self):
        if self._guard is not None:
            self._guard.close()
        if self._door is not None:
            self._tk.call('close', self._channel)
            self._door.close()
        for name in self._commands.values():
            self._tk.deletecommand(name)
        self._commands.clear()
        self._root = None
        self._tk = None


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional
