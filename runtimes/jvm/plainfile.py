# Copyright the carryall authors.  See LICENSE.
"""Plain files on the JVM: opened through the system's own calls, for Java cannot open without waiting.

The descriptor that the system gives pins the file; Java then opens that very file by its name below /proc/self/fd.  Where
there is no native part of Jython, no /proc, or a name that this locale cannot pass on, the path is looked at before and after.

Tests:    tests/core/test_plainfile.py (on Jython)
"""
from __future__ import absolute_import, division, print_function

import io
import os

from carryall.core.plainfile import NotPlain, by_name
from carryall.runtimes.jvm.appendfile import open_append

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Tuple

__all__ = ['opened', 'passes', 'system']

HELD = '/proc/self/fd/%d'


class _System(object):
    """The system's own calls and their flags; looked for when the first file is opened, for that takes a while.

    Attributes:
        calls: None if the native part of Jython is missing, or /proc is.
    """

    def __init__(self):
        # type: () -> None
        self.flags = {}             # type: Dict[str, int]
        self.calls = None           # type: Any
        try:
            import posix
            from jnr.constants.platform import OpenFlags
            calls = posix._posix_impl
            if not calls.isNative() or not os.path.isdir('/proc/self/fd'):
                return
        except (ImportError, AttributeError):
            return
        numbers = dict((name, getattr(OpenFlags, 'O_' + name).intValue()) for name in (
            'RDONLY', 'RDWR', 'WRONLY', 'CREAT', 'APPEND', 'TRUNC', 'EXCL', 'NONBLOCK', 'NOCTTY', 'CLOEXEC', 'NOFOLLOW'))
        always = numbers['NONBLOCK'] | numbers['NOCTTY'] | numbers['CLOEXEC']
        creates = always | numbers['WRONLY'] | numbers['CREAT']
        self.flags = {'rb': always | numbers['RDONLY'], 'r+b': always | numbers['RDWR'], 'ab': creates | numbers['APPEND'],
                      'wb': creates | numbers['TRUNC'], 'xb': creates | numbers['EXCL'], 'no follow': numbers['NOFOLLOW']}
        self.calls = calls


_systems = []                   # type: List[_System]


def system():
    # type: () -> _System
    """The system's own calls."""
    if not _systems:
        _systems.append(_System())
    return _systems[0]


def passes(path):
    # type: (Any) -> Any
    """*path* as text that reaches the system unharmed; None if it does not."""
    from java.nio.charset import Charset
    text = path.decode('utf-8') if isinstance(path, bytes) else path
    return text if Charset.defaultCharset().name() == 'UTF-8' or all(char < u'\x80' for char in text) else None


def opened(path, mode, follow, buffering, permissions):
    # type: (Any, str, bool, int, int) -> Tuple[Any, Any]
    """(file, its stat), as ``carryall.core.plainfile.opened`` has it."""
    found = system()
    calls = found.calls
    try:
        text = None if calls is None else passes(os.path.abspath(path))
    except UnicodeError:
        text = None
    if text is None:
        return by_name(path, mode, follow, buffering, permissions)
    descriptor = calls.open(text, found.flags[mode] | (0 if follow else found.flags['no follow']), permissions)
    if descriptor < 0:
        number = calls.errno()
        raise IOError(number, os.strerror(number), path)
    try:
        if not calls.fstat(descriptor).isFile():
            raise NotPlain(path)
        held = HELD % descriptor
        if mode == 'ab':        # jython: io.open seeks to the end before each write, and does not leave it to the system
            return open_append(held), os.stat(held)
        # jython: io.open has no 'xb'; the file is there by now, and empty.
        return io.open(held, 'wb' if mode == 'xb' else mode, buffering), os.stat(held)
    finally:
        calls.close(descriptor)
