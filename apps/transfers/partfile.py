# Copyright the carryall authors.  See LICENSE.
"""PartFile: a file that appears under its name when it is complete, and can be resumed.

    part = PartFile('big.iso', files)       # looks at big.iso.part and big.iso.part.tag
    part.begin(part.size, part.tag)         # go on with the part, or begin(0, tag) again
    part.write(data)
    part.complete()                         # big.iso.part becomes big.iso in one step
    part.close()                            # in any case; the part stays if it has a tag

The tag tells which version of which file the part belongs to; the program defines it.

Tests:    tests/apps/test_partfile.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.errors import CarryallError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

__all__ = ['MAX_TAG', 'PartFile']

MAX_TAG = 4096              # octets of a .part.tag that are read


class PartFile(object):
    """A file that is being fetched.

    Args:     path:  of the complete file.
              files: has ``replace``, ``remove`` and ``sync``, as runtimes/host/systemfiles.py.

    Attributes:
        tag:  of the part that exists; None if there is no part, or one without a tag.
        size: octets of that part; 0 without a tag.
    """

    __slots__ = ('tag', 'size', '_path', '_files', '_file')

    def __init__(self, path, files):
        # type: (str, Any) -> None
        self._path = os.path.abspath(path)
        self._files = files
        self._file = None           # type: Any
        self.tag = None             # type: Optional[bytes]
        self.size = 0
        try:
            with open(self._path + '.part.tag', 'rb') as source:
                tag = source.read(MAX_TAG)
            size = os.path.getsize(self._path + '.part')
        except (IOError, OSError):
            return
        if tag and size:
            self.tag = tag
            self.size = size

    def begin(self, at, tag):
        # type: (int, Optional[bytes]) -> None
        """Opens the part behind its first *at* octets, which are all or none.

        Args:     tag: of a part that begins; None if it cannot be resumed.
        Raises:   CarryallError: it cannot be written.
        """
        try:
            if not at:
                self.size = 0
                self._files.remove(self._path + '.part.tag')
            self._file = open(self._path + '.part', 'ab' if at else 'wb')
            if not at and tag is not None:
                with open(self._path + '.part.tag', 'wb') as keep:
                    keep.write(tag)
        except (IOError, OSError) as exc:
            raise self.failure(exc)

    def write(self, data):
        # type: (bytes) -> None
        """Writes the next octets.

        Raises:   CarryallError: they cannot be written.
        """
        try:
            self._file.write(data)
        except (IOError, OSError) as exc:
            raise self.failure(exc)

    def complete(self):
        # type: () -> None
        """The part is the whole file: give it its name.

        Raises:   CarryallError: it cannot be written.
        """
        try:
            self._file.flush()
            self._files.sync(self._file)
            self._file.close()
            self._files.replace(self._path + '.part', self._path)
        except (IOError, OSError) as exc:
            raise self.failure(exc)
        self._files.remove(self._path + '.part.tag')

    def failure(self, exc):
        # type: (Any) -> Exception
        """The error to raise for an IOError of the file."""
        return CarryallError(u'cannot write %s: %s' % (self._path, exc.strerror))

    def close(self):
        # type: () -> None
        """Closes the file, if it is open, and removes a part without a tag.

        Raises:   IOError: what was buffered cannot be written.
        """
        if self._file is None:
            return
        try:
            self._file.close()
        finally:
            if not os.path.exists(self._path + '.part.tag'):
                self._files.remove(self._path + '.part')
