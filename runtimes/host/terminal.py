# Copyright the carryall authors.  See LICENSE.
"""The terminal: its width, if a stream is one, and a secret that is not shown as it is typed.

Tests:    tests/runtimes/host/test_terminal.py
"""
from __future__ import absolute_import, division, print_function

import sys

from carryall.core.compat import FAILURES, native
from carryall.core.errors import UsageError
from carryall.runtimes.platform import ON_JVM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

__all__ = ['columns_of', 'is_terminal', 'read_secret']

NO_TERMINAL = u'there is no terminal to ask for the password at'


def is_terminal(stream):
    # type: (Any) -> bool
    """True if a person reads what is written to stdout or stderr."""
    if stream is None:
        return False
    if ON_JVM and stream in (sys.__stdout__, sys.__stderr__):
        # jython: isatty() of a stream is false in some terminals; the system knows.
        from jnr.posix import POSIXFactory
        number = 1 if stream is sys.__stdout__ else 2
        return bool(POSIXFactory.getNativePOSIX().libc().isatty(number))
    return hasattr(stream, 'isatty') and bool(stream.isatty())


def columns_of(stream):
    # type: (Any) -> Optional[int]
    """The width of the terminal that a stream is, in characters; None if it is none, or not
    known."""
    if not is_terminal(stream):
        return None
    if ON_JVM:
        return _columns_by_stty()
    try:
        import fcntl
        import struct
        import termios
        size = fcntl.ioctl(stream.fileno(), termios.TIOCGWINSZ, struct.pack('HHHH', 0, 0, 0, 0))
        return struct.unpack('HHHH', size)[1] or None
    except FAILURES:            # no such modules on Windows; a terminal without a size
        return None


def _columns_by_stty():
    # type: () -> Optional[int]
    # jython: fcntl.ioctl is missing.
    import subprocess
    try:
        with open('/dev/tty') as terminal:
            output = subprocess.Popen(['stty', 'size'], stdin=terminal, stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE).communicate()[0]
        return int(output.split()[1]) or None
    except FAILURES:            # no terminal, no stty, or an answer of another form
        return None


def read_secret(prompt):
    # type: (str) -> bytes
    """Asks, and reads a line that is not shown; its octets in UTF-8 (or as the terminal has them,
    on 2.7).

    Raises:   UsageError: there is no terminal, or its echo cannot be turned off.
    """
    return _read_java(prompt) if ON_JVM else _read_by_getpass(prompt)


def _read_by_getpass(prompt):
    # type: (str) -> bytes
    import getpass
    import warnings
    with warnings.catch_warnings():
        # With a warning getpass would show the typed text; an error is better.
        warnings.simplefilter('error')
        shown = native(prompt.encode('ascii', 'replace').decode('ascii'))
        try:
            typed = getpass.getpass(shown)      # type: Any
        except (getpass.GetPassWarning, EOFError):
            raise UsageError(NO_TERMINAL)
    return typed if isinstance(typed, bytes) else typed.encode(sys.stdin.encoding or 'utf-8',
                                                               'surrogateescape')


def _read_java(prompt):
    # type: (str) -> bytes
    # jython: its getpass needs termios; Java's Console is there only if both stdin and stdout are
    # the terminal.
    from java.lang import String, System
    console = System.console()
    if console is None:
        raise UsageError(NO_TERMINAL)
    System.out.print(prompt)
    System.out.flush()
    typed = console.readPassword()
    if typed is None:
        raise UsageError(NO_TERMINAL)
    from carryall.runtimes.jvm.octets import from_java
    array = String(typed).getBytes('UTF-8')
    return from_java(array, len(array))
