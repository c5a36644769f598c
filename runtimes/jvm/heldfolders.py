# Copyright the carryall authors.  See LICENSE.
"""Folders on the JVM, opened through the system's own calls: Java has none that give a descriptor.

Tests:    tests/core/files/test_folders.py (on Jython)
"""
from __future__ import absolute_import, division, print_function

from carryall.runtimes.jvm.systemcalls import open_number, system

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ['close_folder', 'open_folder', 'works']

SEARCH_ONLY = 0o10000000    # O_PATH, which has no name here; the same number on these machines
MACHINES = ('amd64', 'x86_64', 'aarch64', 'ppc64le', 's390x', 'riscv64')

_flags = []                 # type: Any


def works():
    # type: () -> bool
    """True if folders can be opened at all."""
    return system().calls is not None


def _folder_flags():
    # type: () -> int
    """The flags of an open that takes folders alone; found out once."""
    if not _flags:
        from java.lang import System
        from jnr.constants.platform import OpenFlags
        flags = OpenFlags.O_DIRECTORY.intValue() | OpenFlags.O_CLOEXEC.intValue()
        on_linux = System.getProperty('os.name') == 'Linux' and System.getProperty(
            'os.arch') in MACHINES
        _flags.append(flags | (SEARCH_ONLY if on_linux else 0))
    return _flags[0]


def open_folder(path, follow):
    # type: (bytes, bool) -> int
    """A descriptor of the folder at *path*; OSError if it is none,
    or a link that is not to be followed."""
    try:
        return open_number(path, _folder_flags() | (0 if follow else system().flags['no follow']))
    except IOError as exc:
        raise OSError(exc.errno, exc.strerror, path)


def close_folder(descriptor):
    # type: (int) -> None
    """Lets go of it."""
    system().calls.close(descriptor)
