# Copyright the carryall authors.  See LICENSE.
"""Datagrams to a Unix socket on a JVM: Java has none, so the C library is asked, through ctypes.

Tests:    tests/runtimes/host/test_systemd.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.compat import FAILURES, iterbytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ['send']

# of Linux, as systemd is
AF_UNIX = 1
SOCK_DGRAM = 2
MAX_PATH = 107                      # bytes; sun_path


def send(path, data):
    # type: (str, bytes) -> None
    """Sends one datagram to the socket at *path*; @ at its begin stands for an abstract name.

    IOError if it fails.
    """
    if not hasattr(os, 'umask'):
        raise IOError('this Java cannot call the C library, for the native part of jffi is missing '
                      '(Debian: libjffi-jni)')
    try:
        import ctypes
        library = ctypes.CDLL('libc.so.6')
    except FAILURES as exc:         # a JVM without the native part of ctypes throws errors of Java
        raise IOError('the C library cannot be called here (%s)' % exc)
    name = path if isinstance(path, bytes) else path.encode('utf-8')
    name = (b'\0' + name[1:] if name.startswith(b'@') else name)[:MAX_PATH]
    raw = b'\x01\x00' + name  # the family in the order of the machine: x86 and ARM alike
    address = (ctypes.c_byte * len(raw))()      # jython: a c_char_p would end at the first NUL
    for index, octet in enumerate(iterbytes(raw)):
        address[index] = ord(octet)
    descriptor = _function(library, 'socket', ctypes.c_int, [ctypes.c_int] * 3)(
        AF_UNIX, SOCK_DGRAM, 0)
    if descriptor < 0:
        raise IOError('no socket could be made')
    try:
        sendto = _function(library, 'sendto', ctypes.c_long,
                           [ctypes.c_int, ctypes.c_char_p, ctypes.c_long, ctypes.c_int,
                            ctypes.c_void_p, ctypes.c_int])
        if sendto(descriptor, data, len(data), 0, ctypes.byref(address), len(raw)) != len(data):
            raise IOError('no socket takes datagrams at %s' % path)
    finally:
        _function(library, 'close', ctypes.c_int, [ctypes.c_int])(descriptor)


def _function(library, name, result, arguments):
    # type: (Any, str, Any, Any) -> Any
    # jython: without the types of its arguments a function cannot be called.
    function = getattr(library, name)
    function.argtypes = arguments
    function.restype = result
    return function
