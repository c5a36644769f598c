# Copyright the carryall authors.  See LICENSE.
"""The end of a display server, which by default ends the programs that have windows on it.

Xlib (Tk, GTK, wx) calls a handler for each display, and goes on if that returns (libX11 1.7 and
later; older ones end the process).  Its connection is dead from then on: each call returns at once.
The descriptor stays readable for ever, so an idle one takes its place.

Qt over XCB calls exit(3) in its loop.  ``ExitGuard`` is called by that, and may serve on before it
returns.  Then the process ends.

Not here: Wayland, Java and other systems, where the end of the display ends the process.

Tests:    tests/runtimes/guests/test_displayloss.py, acceptance/cases/loop_troubles.py
"""
from __future__ import absolute_import, division, print_function

import atexit
import ctypes
import os

__all__ = ['ExitGuard', 'XlibGuard', 'gdk_display', 'tk_display', 'xlib']

# jython: its ctypes has none, and its guest has no display of Xlib
_prototype = getattr(ctypes, 'CFUNCTYPE', lambda *_types: None)     # type: Any
_IO_ERROR = _prototype(ctypes.c_int, ctypes.c_void_p)
_EXIT_ERROR = _prototype(None, ctypes.c_void_p, ctypes.c_void_p)
_AT_EXIT = _prototype(None, ctypes.c_void_p)
STATUS = 1                  # of a process that ends because of its display, as Xlib's own


class _Xlib(object):
    """The handlers of this process.

    Args:     library: libX11, or a fake for tests.
    """

    def __init__(self, library):
        # type: (Any) -> None
        self._library = library
        self._guarded = {}          # type: Dict[int, List[Callable[[], None]]]
        # Xlib keeps the addresses, so both are kept as long as the process.
        self._io_error = _IO_ERROR(self._broken)
        self._exit_error = _EXIT_ERROR(self._ended)
        self._before = None         # type: Any  # the toolkit's own handler, for other displays
        self._pipe = None           # type: Optional[Tuple[int, int]]

    def available(self):
        # type: () -> bool
        """False if this libX11 always ends the process."""
        return hasattr(self._library, 'XSetIOErrorExitHandler')

    def add(self, display, lost):
        # type: (int, Callable[[], None]) -> None
        """Calls *lost* at the end of the display whose Xlib pointer is given."""
        library = self._library
        if self._before is None:
            library.XSetIOErrorHandler.restype = _IO_ERROR
            library.XSetIOErrorHandler.argtypes = [_IO_ERROR]
            library.XSetIOErrorExitHandler.argtypes = [ctypes.c_void_p, _EXIT_ERROR,
                                                       ctypes.c_void_p]
            library.XConnectionNumber.argtypes = [ctypes.c_void_p]
            self._before = library.XSetIOErrorHandler(self._io_error)
        if display not in self._guarded:
            library.XSetIOErrorExitHandler(display, self._exit_error, None)
        self._guarded.setdefault(display, []).append(lost)

    def remove(self, display, lost):
        # type: (int, Callable[[], None]) -> None
        """Calls it no more."""
        self._guarded[display].remove(lost)

    def _broken(self, display):
        # type: (int) -> int
        """Xlib: the connection to a display broke."""
        if self._guarded.get(display):
            return 0
        answer = self._before(display)      # GDK's ends the process
        return int(answer)

    def _ended(self, display, _data):
        # type: (int, Any) -> None
        """Xlib: it would end the process now."""
        listeners = list(self._guarded.get(display, ()))
        if not listeners:
            os._exit(STATUS)
        if self._pipe is None:
            self._pipe = os.pipe()
        os.dup2(self._pipe[0], self._library.XConnectionNumber(display))
        for lost in listeners:
            lost()


_process = []               # type: List[_Xlib]


def xlib():
    # type: () -> Optional[_Xlib]
    """The handlers of this process; None without an Xlib that can go on."""
    if not _process:
        try:
            _process.append(_Xlib(ctypes.CDLL('libX11.so.6')))
        except OSError:             # no X11 here
            return None
    return _process[0] if _process[0].available() else None


class XlibGuard(object):
    """Tells of the end of one display.

    Args:     display: the Xlib pointer.
              lost: called then, within a call of the toolkit's.
    """

    def __init__(self, display, lost):
        # type: (int, Callable[[], None]) -> None
        self._display = display
        self._lost = lost           # type: Any
        self._handlers = xlib()
        if self._handlers is not None:
            self._handlers.add(display, lost)

    def close(self):
        # type: () -> None
        """From now on, the end of the display ends the process, unless others guard it."""
        if self._handlers is not None and self._lost is not None:
            self._handlers.remove(self._display, self._lost)
        self._lost = None


def tk_display(interpreter, version):
    # type: (int, str) -> Optional[int]
    """The Xlib pointer of the display of Tk's main window; None if there is none.

    Args:     interpreter: the address of the Tcl interpreter.
              version: of Tk: '8.6'.
    """
    try:
        library = ctypes.CDLL('libtk%s.so' % version)
    except OSError:                 # Tk is of another make
        return None
    library.Tk_MainWindow.restype = ctypes.POINTER(ctypes.c_void_p)
    library.Tk_MainWindow.argtypes = [ctypes.c_void_p]
    window = library.Tk_MainWindow(interpreter)
    return window[0] if window else None        # the first field of a Tk_FakeWin


def gdk_display(library):
    # type: (str) -> Optional[int]
    """The Xlib pointer of GDK's default display; None if that is not one of X11, or not open.

    Args:     library: the one that has GDK: 'libgdk-3.so.0', 'libgtk-4.so.1'.
    """
    try:
        gdk = ctypes.CDLL(library)
    except OSError:                 # a GTK of another make
        return None
    objects = ctypes.CDLL('libgobject-2.0.so.0')
    gdk.gdk_display_get_default.restype = ctypes.c_void_p
    objects.g_type_name_from_instance.argtypes = [ctypes.c_void_p]
    objects.g_type_name_from_instance.restype = ctypes.c_char_p
    display = gdk.gdk_display_get_default()
    if not display or objects.g_type_name_from_instance(display) != b'GdkX11Display':
        return None
    gdk.gdk_x11_display_get_xdisplay.argtypes = [ctypes.c_void_p]
    gdk.gdk_x11_display_get_xdisplay.restype = ctypes.c_void_p
    pointer = gdk.gdk_x11_display_get_xdisplay(display)
    return int(pointer) if pointer else None


class ExitGuard(object):
    """Is called when the toolkit calls exit(3) (glibc alone).

    Args:     exits: called then; the process ends when it returns.
    """

    def __init__(self, exits):
        # type: (Callable[[], None]) -> None
        self._exits = exits
        self._library = ctypes.CDLL(None)
        self._token = ctypes.create_string_buffer(1)    # stands for a shared object of its own
        self._callback = _AT_EXIT(self._exiting)
        self._armed = False
        if hasattr(self._library, 'gnu_get_libc_version'):
            for name in ('__cxa_atexit', '__cxa_finalize'):
                if not hasattr(self._library, name):
                    return
            atexit.register(self.disarm)
            self.arm()

    def arm(self):
        # type: () -> None
        """From now on it is called, before all that was registered so far (OpenSSL's end too)."""
        self.disarm()
        self._armed = True
        getattr(self._library, '__cxa_atexit')(self._callback, None, self._token)

    def disarm(self):
        # type: () -> None
        """It is not called any more: a Python that has ended must not be."""
        if self._armed:
            self._armed = False
            # Calls, and forgets, what was registered for the token.
            getattr(self._library, '__cxa_finalize')(self._token)

    def _exiting(self, _data):
        # type: (Any) -> None
        if self._armed:
            self._armed = False
            self._exits()

    def close(self):
        # type: () -> None
        """The same for ever."""
        self.disarm()
        if hasattr(atexit, 'unregister'):       # py2: there is no toolkit that needs it
            atexit.unregister(self.disarm)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple
