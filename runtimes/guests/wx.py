# Copyright the carryall authors.  See LICENSE.
"""A guest of wxPython 4: the event loop of a wx.App drives ours.

    loop = GuestLoop(WxToolkit(app)).attach()       # then app.MainLoop()
    loop = GuestLoop(WxToolkit(app)); loop.run()

wx has no call to watch a descriptor.  On GTK its loop is GLib's, which is asked through ctypes;
elsewhere a thread waits, and wx.CallAfter brings its word to the loop.

Tests:    acceptance/cases/loops.py (tests/contract/ as the backend 'wx')
"""
from __future__ import absolute_import, division, print_function

import ctypes
import ctypes.util

import wx

from carryall.core.compat import FAILURES
from carryall.core.logs import get_logger
from carryall.runtimes.guests.displayloss import XlibGuard, gdk_display
from carryall.runtimes.guests.toolkit import Toolkit

__all__ = ['WxToolkit']

G_IO_IN = 1                 # of GIOCondition
G_PRIORITY_DEFAULT = 0

_SOURCE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_void_p)

log = get_logger('runtimes.guests')


def _glib():
    # type: () -> Any
    """GLib, of which the wx of this process is made; None if it is made of something else."""
    if wx.Platform != '__WXGTK__':
        return None
    library = ctypes.CDLL(ctypes.util.find_library('glib-2.0') or 'libglib-2.0.so.0')
    library.g_unix_fd_source_new.restype = ctypes.c_void_p
    library.g_source_set_callback.argtypes = [ctypes.c_void_p] * 4
    for name, more in (('set_can_recurse', [ctypes.c_int]), ('attach', [ctypes.c_void_p]),
                       ('destroy', []), ('unref', [])):
        getattr(library, 'g_source_' + name).argtypes = [ctypes.c_void_p] + more
    return library


class WxToolkit(Toolkit):
    """The event loop of a wx.App.

    Args:     app: the application, made on the thread that makes this.
    """

    name = 'wx'
    one_thread = True

    def __init__(self, app):
        # type: (Any) -> None
        self._app = app
        self._loop = None           # type: Any  # the wx.GUIEventLoop that runs
        self._glib = _glib()
        self.watches = self._glib is not None
        self._source = None         # type: Optional[int]
        self._guard = None          # type: Optional[XlibGuard]
        self._callback = None       # type: Any  # kept as long as GLib may call it

    def watch(self, descriptor, callback):
        def ready(_descriptor, _condition, _data):
            # type: (int, int, Any) -> int
            try:
                callback()
            except FAILURES:        # ctypes would print it, and lose it
                log.exception('a turn failed')
            return 1                # goes on

        glib = self._glib
        self._callback = _SOURCE(ready)
        source = glib.g_unix_fd_source_new(descriptor, G_IO_IN)
        glib.g_source_set_callback(source, self._callback, None, None)
        glib.g_source_set_can_recurse(source, 1)
        glib.g_source_attach(source, None)
        self._source = source

    def unwatch(self):
        if self._source is not None:
            self._glib.g_source_destroy(self._source)
            self._glib.g_source_unref(self._source)
            self._source = None

    def post(self, callback):
        wx.CallAfter(callback)

    def call_later(self, seconds, callback):
        return wx.CallLater(max(1, int(seconds * 1000 + 0.999)), callback)

    def cancel(self, timer):
        timer.Stop()

    def guard(self, lost, exits):
        if self._glib is not None and self._guard is None:
            display = gdk_display('libgdk-3.so.0')
            if display is not None:
                self._guard = XlibGuard(display, lost)

    def run(self):
        # Not MainLoop(): without a window it would return at once.
        self._loop = wx.GUIEventLoop()
        try:
            self._loop.Run()
        finally:
            self._loop = None

    def quit(self):
        if self._loop is None:
            self._app.ExitMainLoop()
        elif self._loop.IsRunning():
            self._loop.Exit()

    def step(self):
        if self._loop is None:
            self._loop = wx.GUIEventLoop()
        with wx.EventLoopActivator(self._loop):
            self._loop.Dispatch()
            self._loop.ProcessIdle()

    def close(self):
        if self._guard is not None:
            self._guard.close()
        self._callback = None


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
