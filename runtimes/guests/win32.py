# Copyright the carryall authors.  See LICENSE.
"""A guest of a Windows message loop: the pump of the thread's messages drives our loop.

    loop = GuestLoop(Win32Toolkit()).attach()       # then the program's own GetMessage loop
    loop = GuestLoop(Win32Toolkit()); loop.run()    # or ours

A thread waits for the connections, and posts a message to a window of ours that is never shown.
Its window procedure takes a turn.  So every pump serves us: that of a modal dialog, of a menu, or
of a window that is being dragged.

Not here: a run on Windows.  The tests have a source of messages that is a fake.

Tests:    tests/runtimes/guests/test_laws.py, test_win32.py
"""
from __future__ import absolute_import, division, print_function

import ctypes
from collections import deque

from carryall.core.compat import FAILURES
from carryall.core.errors import Unsupported
from carryall.core.logs import get_logger
from carryall.runtimes.guests.toolkit import Toolkit

__all__ = ['TURN', 'UserMessages', 'Win32Toolkit']

WM_TIMER = 0x0113
WM_APP = 0x8000
TURN = WM_APP + 1           # the message that gives us a turn
HWND_MESSAGE = -3           # the parent of a window that only takes messages
GWLP_WNDPROC = -4
MAX_TIMER = 0x7fffffff      # milliseconds: USER_TIMER_MAXIMUM

log = get_logger('runtimes.guests')


class UserMessages(object):
    """The messages of this thread: a window of user32 that only takes messages.

    A fake for tests has the same methods.

    Attributes:
        received: called with the number of a message, and its first parameter.
    """

    def __init__(self):
        # type: () -> None
        if not hasattr(ctypes, 'WinDLL'):
            raise Unsupported(u'there are message loops on Windows alone')
        from ctypes import wintypes
        self.received = None        # type: Any
        user = ctypes.WinDLL('user32', use_last_error=True)
        # LPARAM and LRESULT are as wide as a pointer.
        result = ctypes.c_ssize_t
        make = ctypes.WINFUNCTYPE       # type: ignore[attr-defined]  # Windows has it alone
        procedure = make(result, wintypes.HWND, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM)
        wide = ctypes.sizeof(ctypes.c_void_p) == 8
        subclass = 'SetWindowLongPtrW' if wide else 'SetWindowLongW'
        for name, answer, arguments in (
                ('DefWindowProcW', result,
                 (wintypes.HWND, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM)),
                ('CreateWindowExW', wintypes.HWND,
                 (wintypes.DWORD, wintypes.LPCWSTR, wintypes.LPCWSTR, wintypes.DWORD)
                 + (ctypes.c_int,) * 4 + (wintypes.HWND,) + (ctypes.c_void_p,) * 3),
                ('DestroyWindow', wintypes.BOOL, (wintypes.HWND,)),
                ('PostMessageW', wintypes.BOOL,
                 (wintypes.HWND, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM)),
                ('PostQuitMessage', None, (ctypes.c_int,)),
                ('SetTimer', ctypes.c_size_t,
                 (wintypes.HWND, ctypes.c_size_t, wintypes.UINT, ctypes.c_void_p)),
                ('KillTimer', wintypes.BOOL, (wintypes.HWND, ctypes.c_size_t)),
                ('GetMessageW', ctypes.c_int,
                 (ctypes.POINTER(wintypes.MSG), wintypes.HWND, wintypes.UINT, wintypes.UINT)),
                ('TranslateMessage', wintypes.BOOL, (ctypes.POINTER(wintypes.MSG),)),
                ('DispatchMessageW', result, (ctypes.POINTER(wintypes.MSG),)),
                (subclass, ctypes.c_void_p, (wintypes.HWND, ctypes.c_int, procedure))):
            function = getattr(user, name)
            function.restype = answer
            function.argtypes = arguments
        self._user = user
        self._message = wintypes.MSG()
        self._procedure = procedure(self._arrived)      # kept as long as the window lives
        # A class that every Windows has; its procedure is replaced by ours.
        self._window = user.CreateWindowExW(0, u'STATIC', u'carryall', 0, 0, 0, 0, 0, HWND_MESSAGE,
                                            None, None, None)
        if not self._window:
            raise Unsupported(u'no window for messages: error %d' % _last_error())
        getattr(user, subclass)(self._window, GWLP_WNDPROC, self._procedure)

    def _arrived(self, window, message, first, second):
        # type: (int, int, int, int) -> int
        """The window procedure."""
        if message in (TURN, WM_TIMER) and self.received is not None:
            try:
                self.received(message, first)
            except FAILURES:        # ctypes would print it, and lose it
                log.exception('a turn failed')
            return 0
        return self._user.DefWindowProcW(window, message, first, second)

    def post(self, message):
        # type: (int) -> None
        """Posts a message to the window; any thread may."""
        if not self._user.PostMessageW(self._window, message, 0, 0):
            raise Unsupported(u'the message queue is full or gone: error %d' % _last_error())

    def set_timer(self, number, milliseconds):
        # type: (int, int) -> None
        """A WM_TIMER with this number comes when the time is over, and again and again."""
        self._user.SetTimer(self._window, number, milliseconds, None)

    def kill_timer(self, number):
        # type: (int) -> None
        """No more of these."""
        self._user.KillTimer(self._window, number)

    def pump(self):
        # type: () -> bool
        """Waits for one message of the thread and dispatches it; False at the end (WM_QUIT)."""
        message = ctypes.byref(self._message)
        if self._user.GetMessageW(message, None, 0, 0) <= 0:
            return False
        self._user.TranslateMessage(message)
        self._user.DispatchMessageW(message)
        return True

    def post_quit(self):
        # type: () -> None
        """Ends the pump of the thread."""
        self._user.PostQuitMessage(0)

    def close(self):
        # type: () -> None
        """Destroys the window."""
        self.received = None
        self._user.DestroyWindow(self._window)


class Win32Toolkit(Toolkit):
    """The message loop of this thread.

    Args:     messages: ``UserMessages`` of this thread by default, or a fake.
    """

    name = 'win32'
    watches = False

    def __init__(self, messages=None):
        # type: (Any) -> None
        messages = messages or UserMessages()
        self._messages = messages
        self._posted = deque()      # type: deque
        self._timers = {}           # type: Dict[int, Callable[[], None]]
        self._timers_made = 0
        messages.received = self._received

    def post(self, callback):
        self._posted.append(callback)
        self._messages.post(TURN)

    def _received(self, message, number):
        # type: (int, int) -> None
        """The pump of this thread has dispatched a message to our window."""
        if message == WM_TIMER:
            callback = self._timers.pop(number, None)
            self._messages.kill_timer(number)
            if callback is not None:
                callback()
        for _ in range(len(self._posted)):
            self._posted.popleft()()

    def call_later(self, seconds, callback):
        self._timers_made += 1
        number = self._timers_made
        self._timers[number] = callback
        self._messages.set_timer(number, min(int(seconds * 1000 + 0.999), MAX_TIMER))
        return number

    def cancel(self, timer):
        if self._timers.pop(timer, None) is not None:
            self._messages.kill_timer(timer)

    def run(self):
        while self._messages.pump():
            pass

    def quit(self):
        self._messages.post_quit()

    def step(self):
        self._messages.pump()

    def close(self):
        self._messages.close()


def _last_error():
    # type: () -> int
    """The number of the last error of this thread."""
    return ctypes.get_last_error()      # type: ignore[attr-defined]  # Windows has it alone


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict
