# Copyright the carryall authors.  See LICENSE.
"""Files that several writers append to: each write goes to the end that the file has at that
moment, and nothing is lost.

    target = open_append('access.log')
    target.write(line)

The system itself has to find the end (O_APPEND).  A writer that seeks there first overwrites what
another process, or another connection of this one, has added between the two calls.

Jython's own mode ``a`` seeks and then writes.  ``carryall.runtimes`` provides files there that
leave it to the system.

Tests:    tests/core/files/test_appendfile.py
"""
from __future__ import absolute_import, division, print_function

import io

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

__all__ = ['AppendFile', 'open_append', 'provide', 'write_whole']


class AppendFile(io.FileIO):
    """A file without a buffer, opened for appending;
    ``write`` returns when all octets are written."""

    def write(self, data):
        # type: (Any) -> int
        """Adds *data* with one call of the system, or with more if the disk takes less than all."""
        count = len(data)
        done = io.FileIO.write(self, data)
        if done is not None and done < count:
            write_whole(super(AppendFile, self).write, data[done:])
        return count


def open_append(path):
    # type: (Any) -> Any
    """Opens a file for appending octets, without a buffer; makes it if it is missing.

    Raises:   IOError, OSError.
    """
    return _opener(path)


def write_whole(write, data):
    # type: (Callable[[bytes], Any], bytes) -> None
    """Calls *write* until it has taken all of *data*; a nearly full disk takes what fits,
    then raises."""
    while data:
        done = write(data)
        if done is None:            # py2: a file object that takes all and does not say so
            return
        data = data[done:]


def provide(opener):
    # type: (Callable[[Any], Any]) -> None
    """Lets *opener* do the work of ``open_append``; for ``carryall.runtimes``."""
    global _opener
    _opener = opener


def _by_mode(path):
    # type: (Any) -> Any
    return AppendFile(path, 'ab')


_opener = _by_mode
