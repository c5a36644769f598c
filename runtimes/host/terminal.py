# Copyright the carryall authors.  See LICENSE.
"""The terminal: a secret asked for without showing what is typed.

Tests:    tests/runtimes/host/test_terminal.py
"""
from __future__ import absolute_import, division, print_function

import sys

from carryall.core.compat import native
from carryall.core.errors import UsageError
from carryall.runtimes.platform import ON_JVM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ['read_secret']

NO_TERMINAL = u'there is no terminal to ask for the password at'


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
