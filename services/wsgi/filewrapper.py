# Copyright the carryall authors.  See LICENSE.
"""FileWrapper: wsgi.file_wrapper; a file on disk is sent by the system (PEP 3333, "Optional
Platform-Specific File Handling").

Tests:    tests/services/wsgi/test_wsgiapplication.py
"""
from __future__ import absolute_import, division, print_function

import io
import os

from carryall.core.compat import FAILURES, PY2
from carryall.protocols.http import FileBody

__all__ = ['FileWrapper', 'file_body']

BLOCK_BYTES = 65536         # octets of one piece, unless the application says otherwise

# Objects whose octets are those of their descriptor.  Others may have one too: that of a GzipFile
# has the compressed octets.
PLAIN_FILES = (io.BufferedReader, io.BufferedRandom, io.FileIO)     # type: Tuple[Any, ...]
if PY2:
    PLAIN_FILES += (file,)      # type: ignore  # noqa: F821  py2: what open() gives


class FileWrapper(object):
    """The iterable of an application that sends a file.

    Args:     filelike: an object with ``read(size)``.
              block:    octets of one piece.
    """

    def __init__(self, filelike, block=BLOCK_BYTES):
        # type: (Any, int) -> None
        self.filelike = filelike
        self.block = block
        if hasattr(filelike, 'close'):
            self.close = filelike.close

    def __iter__(self):
        return self

    def __next__(self):
        data = self.filelike.read(self.block)
        if not data:
            raise StopIteration
        return data

    next = __next__                 # py2: the name of the method

    def __getitem__(self, _place):
        # For code that knows sequences alone
        data = self.filelike.read(self.block)
        if not data:
            raise IndexError
        return data


class _WrappedFile(FileBody):
    """A FileBody that is closed as the application's iterable is."""

    __slots__ = ('_wrapper',)

    def __init__(self, wrapper, offset, count):
        # type: (FileWrapper, int, int) -> None
        FileBody.__init__(self, wrapper.filelike, offset, count)
        self._wrapper = wrapper

    def close(self):
        if hasattr(self._wrapper, 'close'):
            self._wrapper.close()


def file_body(wrapper, declared):
    # type: (FileWrapper, Optional[int]) -> Optional[FileBody]
    """The rest of the file as a body; None if it is no plain file.

    Args:     declared: the application's Content-Length, None if it has none.
    """
    filelike = wrapper.filelike
    if not isinstance(filelike, PLAIN_FILES):
        return None
    try:
        offset = filelike.tell()
        filelike.seek(0, os.SEEK_END)
        count = filelike.tell() - offset
        filelike.seek(offset)
    except FAILURES:                # a pipe, or a device
        return None
    if count < 0:
        return None
    if declared is not None and declared < count:
        count = declared
    return _WrappedFile(wrapper, offset, count)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Tuple
