# Copyright the carryall authors.  See LICENSE.
"""Plain files on the JVM: opened through the system's own calls,
for Java cannot open without waiting.

The descriptor that the system gives pins the file; Java then opens that very file by its name below
/proc/self/fd.  Without the native part of Jython, or without /proc,
the path is looked at before and after.

Tests:    tests/core/files/test_plainfile.py (on Jython)
"""
from __future__ import absolute_import, division, print_function

import io
import os
import stat

from java.nio.channels import FileChannel
from java.nio.file import LinkOption, StandardOpenOption

from carryall.core.compat import FAILURES
from carryall.core.files.plainfile import NotPlain, by_name
from carryall.runtimes.jvm import nionames as octetpaths
from carryall.runtimes.jvm.appendchannel import ChannelFile, as_oserror, open_append
from carryall.runtimes.jvm.nionames import native_open, passes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Tuple

__all__ = ['open_number', 'opened', 'system']

HELD = '/proc/self/fd/%d'
_CREATES = [StandardOpenOption.WRITE, StandardOpenOption.CREATE]
_OPTIONS = {'rb': [StandardOpenOption.READ],
            'r+b': [StandardOpenOption.READ, StandardOpenOption.WRITE],
            'ab': _CREATES + [StandardOpenOption.APPEND],
            'wb': _CREATES + [StandardOpenOption.TRUNCATE_EXISTING],
            'xb': [StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW]}


class _System(object):
    """The system's own calls and their flags; looked for when the first file is opened,
    for that takes a while.

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
            calls = posix._posix_impl       # type: ignore  # of Jython
            if not calls.isNative() or not os.path.isdir('/proc/self/fd'):
                return
        except (ImportError, AttributeError):
            return
        numbers = dict((name, getattr(OpenFlags, 'O_' + name).intValue()) for name in (
            'RDONLY', 'RDWR', 'WRONLY', 'CREAT', 'APPEND', 'TRUNC', 'EXCL', 'NONBLOCK', 'NOCTTY',
            'CLOEXEC', 'NOFOLLOW'))
        always = numbers['NONBLOCK'] | numbers['NOCTTY'] | numbers['CLOEXEC']
        creates = always | numbers['WRONLY'] | numbers['CREAT']
        self.flags = {'rb': always | numbers['RDONLY'], 'r+b': always | numbers['RDWR'],
                      'ab': creates | numbers['APPEND'],
                      'wb': creates | numbers['TRUNC'], 'xb': creates | numbers['EXCL'],
                      'no follow': numbers['NOFOLLOW']}
        self.calls = calls


_systems = []                   # type: List[_System]


def system():
    # type: () -> _System
    """The system's own calls."""
    if not _systems:
        _systems.append(_System())
    return _systems[0]


def open_number(path, flags, permissions=0):
    # type: (Any, int, int) -> int
    """A descriptor of what is at *path*; the system's own calls must be there.

    Raises:   IOError.
    """
    calls = system().calls
    text = passes(path)
    if text is not None:
        descriptor = calls.open(text, flags, permissions)
    else:
        descriptor = native_open(path if isinstance(path, bytes) else path.encode('utf-8'), flags,
                                 permissions)
    if descriptor < 0:
        number = calls.errno()
        raise IOError(number, os.strerror(number), path)
    return int(descriptor)


def opened(path, mode, follow, buffering, permissions):
    # type: (Any, str, bool, int, int) -> Tuple[Any, Any]
    """(file, its stat), as ``carryall.core.files.plainfile.opened`` has it."""
    found = system()
    calls = found.calls
    if calls is None and passes(path) is None:
        return _by_channel(path, mode, follow)
    if calls is None:
        return by_name(path, mode, follow, buffering, permissions)
    flags = found.flags[mode] | (0 if follow else found.flags['no follow'])
    # jython: os.chdir() is Jython's own notion; the system would look elsewhere.
    descriptor = open_number(os.path.abspath(path), flags, permissions)
    try:
        if not calls.fstat(descriptor).isFile():
            raise NotPlain(path)
        held = HELD % descriptor
        # jython: io.open seeks to the end before each write, and does not leave it to the system
        if mode == 'ab':
            return open_append(held), octetpaths.state_as_of(path, held)
        # jython: io.open has no 'xb'; the file is there by now, and empty.
        return io.open(held, 'wb' if mode == 'xb' else mode, buffering), octetpaths.state_as_of(
            path, held)
    finally:
        calls.close(descriptor)


def _by_channel(path, mode, follow):
    # type: (bytes, str, bool) -> Tuple[Any, Any]
    """As `by_name`, for a name that this locale cannot spell,
    and without the system's own calls."""
    look = octetpaths.stat if follow else octetpaths.lstat
    options = [] if follow else [LinkOption.NOFOLLOW_LINKS]
    try:
        before = look(path)
    except (IOError, OSError):
        if mode in ('rb', 'r+b'):
            raise
        before = None
    if before is not None and not stat.S_ISREG(before.st_mode):
        raise NotPlain(path)
    try:
        channel = FileChannel.open(octetpaths.to_path(path), _OPTIONS[mode] + options)
    except FAILURES as exc:
        raise as_oserror(exc, path)
    after = look(path)
    if before is not None and (before.st_dev, before.st_ino) != (after.st_dev, after.st_ino):
        channel.close()
        raise NotPlain(path)
    return ChannelFile(channel, path), after
