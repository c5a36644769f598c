# Copyright the carryall authors.  See LICENSE.
"""The system's log (syslog), which Jython has no module for.

Tests:    tests/runtimes/host/test_systemlog.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.compat import FAILURES
from carryall.core.errors import Unsupported
from carryall.runtimes.platform import ON_JVM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

__all__ = ['open_system_log']

LOG_PID = 1                 # syslog(3): the pid stands in each line
LOG_NDELAY = 8              # connect now; after chroot(2) the socket is out of reach
LOG_DAEMON = 3 << 3         # facility of servers


def open_system_log(prefix):
    # type: (str) -> Callable[[int, str], None]
    """A function `write(severity, line)`;
    severity 0 (emergency) to 7 (debug) as in RFC 5424 section 6.2.1.

    Raises:   Unsupported: there is none here.
    """
    if ON_JVM:
        return _by_library(prefix)
    try:
        import syslog
    except ImportError:
        raise Unsupported(u'syslog: this system has none')
    syslog.openlog(prefix, LOG_PID | LOG_NDELAY, LOG_DAEMON)

    def write(severity, line):
        # type: (int, str) -> None
        # py2: str is bytes
        syslog.syslog(severity, line if isinstance(line, str) else line.encode('utf-8'))
    return write


def _by_library(prefix):
    # type: (str) -> Callable[[int, str], None]
    if not hasattr(os, 'umask'):
        raise Unsupported(u'syslog: this Java cannot call the C library, for the native part of '
                          u'jffi is missing '
                          u'(Debian: libjffi-jni); log to a file instead')
    # jython: there is no syslog module; the C library's function is called, its format fixed.
    import ctypes
    try:
        library = ctypes.CDLL('libc.so.6')
        copying = library.strdup
        opening = library.openlog
        writing = library.syslog
    except FAILURES as exc:
        raise Unsupported(u'syslog: the C library cannot be called: %s' % exc)
    # jython: a pointer that one function returns can be handed to another as a number alone;
    # a long has its size.
    copying.argtypes = [ctypes.c_char_p]
    copying.restype = ctypes.c_long
    opening.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_int]
    writing.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p]
    # openlog(3) keeps the pointer and not a copy, so it gets memory that no one frees.
    opening(copying(u'%s' % prefix), LOG_PID | LOG_NDELAY, LOG_DAEMON)

    def write(severity, line):
        # type: (int, str) -> None
        writing(severity, b'%s', line)  # jython: ctypes encodes text as UTF-8, and bytes once more
    return write
