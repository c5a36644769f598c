# Copyright the carryall authors.  See LICENSE.
"""Asks a window of the X display to close, as a window manager does: python3 closewindow.py ID"""
import ctypes
import ctypes.util
import sys

CLIENT_MESSAGE = 33         # X.h


class _ClientMessage(ctypes.Structure):
    """XClientMessageEvent of Xlib.h."""

    _fields_ = [('type', ctypes.c_int), ('serial', ctypes.c_ulong), ('send_event', ctypes.c_int),
                ('display', ctypes.c_void_p), ('window', ctypes.c_ulong),
                ('message_type', ctypes.c_ulong), ('format', ctypes.c_int),
                ('data', ctypes.c_long * 5), ('rest', ctypes.c_long * 24)]


def main(window):
    """Sends WM_DELETE_WINDOW."""
    xlib = ctypes.CDLL(ctypes.util.find_library('X11') or 'libX11.so.6')
    xlib.XOpenDisplay.restype = ctypes.c_void_p
    xlib.XInternAtom.restype = ctypes.c_ulong
    xlib.XInternAtom.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    xlib.XSendEvent.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, ctypes.c_long,
                                ctypes.POINTER(_ClientMessage)]
    xlib.XCloseDisplay.argtypes = [ctypes.c_void_p]
    display = xlib.XOpenDisplay(None)
    if not display:
        sys.exit('there is no display')
    message = _ClientMessage()
    message.type = CLIENT_MESSAGE
    message.window = window
    message.message_type = xlib.XInternAtom(display, b'WM_PROTOCOLS', 0)
    message.format = 32
    message.data[0] = xlib.XInternAtom(display, b'WM_DELETE_WINDOW', 0)
    xlib.XSendEvent(display, window, 0, 0, ctypes.byref(message))
    xlib.XCloseDisplay(display)


if __name__ == '__main__':
    main(int(sys.argv[1]))
