# Copyright the carryall authors.  See LICENSE.
"""Files for appending on the JVM: Java asks the system for O_APPEND,
Jython's own files seek and write.

Tests:    tests/core/files/test_appendfile.py (on Jython)
"""
from __future__ import absolute_import, division, print_function

import errno
import os

from java.nio import ByteBuffer
from java.nio.channels import FileChannel
from java.nio.file import Paths, StandardOpenOption

from carryall.core.compat import FAILURES
from carryall.runtimes.jvm.octets import from_java, to_java, write_channel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ['ChannelFile', 'as_oserror', 'open_append', 'path_text']

_OPTIONS = [StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.APPEND]
_KINDS = {'AccessDeniedException': errno.EACCES, 'NoSuchFileException': errno.ENOENT,
          'NotDirectoryException': errno.ENOTDIR, 'FileAlreadyExistsException': errno.EEXIST,
          'DirectoryNotEmptyException': errno.ENOTEMPTY}
# Java has no class for these; the reason is the system's own text.
_TEXTS = dict((os.strerror(number), number) for number in (
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.ELOOP, errno.ENOTDIR, errno.EISDIR,
    errno.ENAMETOOLONG))


class ChannelFile(object):
    """The methods of a file without a buffer, over a channel of Java."""

    def __init__(self, channel, name=None):
        # type: (Any, Any) -> None
        self.name = name
        self._channel = channel

    @property
    def closed(self):
        # type: () -> bool
        """True if ``close`` was called."""
        return not self._channel.isOpen()

    def fileno(self):
        # type: () -> Any
        """The object that has the channel, which is what sends a file on a JVM."""
        return self

    def getChannel(self):
        # type: () -> Any
        """The channel, as Java's own files give it."""
        return self._channel

    def read(self, size=-1):
        # type: (int) -> bytes
        """At most *size* octets; all that are left if *size* is negative."""
        try:
            left = self._channel.size() - self._channel.position()
            buffer = ByteBuffer.allocate(max(0, left if size < 0 else min(size, left)))
            while buffer.hasRemaining() and self._channel.read(buffer) >= 0:
                pass
        except FAILURES as exc:
            raise as_oserror(exc, self.name)
        return from_java(buffer.array(), buffer.position())

    def tell(self):
        # type: () -> int
        """The offset from the beginning."""
        return int(self._channel.position())

    def write(self, data):
        # type: (bytes) -> int
        """Writes all of *data*."""
        buffer = ByteBuffer.wrap(to_java(data))
        try:
            while buffer.hasRemaining():
                write_channel(self._channel, buffer)
        except FAILURES as exc:
            raise as_oserror(exc, self.name)
        return len(data)

    def seek(self, offset):
        # type: (int) -> int
        """Goes to *offset* from the beginning."""
        self._channel.position(offset)
        return offset

    def truncate(self, size):
        # type: (int) -> int
        """Cuts the file to *size* octets."""
        self._channel.truncate(size)
        return size

    def flush(self):
        # type: () -> None
        """Does nothing: no octet is kept back."""

    def sync(self):
        # type: () -> None
        """Brings the octets to the disk."""
        self._channel.force(True)

    def close(self):
        # type: () -> None
        """Closes the file; harmless if it is closed."""
        self._channel.close()

    def __enter__(self):
        return self

    def __exit__(self, _kind, _exc, _trace):
        self.close()


def open_append(path):
    # type: (Any) -> ChannelFile
    """As ``carryall.core.files.appendfile.open_append``."""
    try:
        return ChannelFile(FileChannel.open(Paths.get(path_text(os.path.abspath(path))), _OPTIONS),
                           path)
    except FAILURES as exc:
        raise as_oserror(exc, path)


def path_text(path):
    # type: (Any) -> Any
    """A path as the text that Java wants."""
    return path.decode('utf-8') if isinstance(path, bytes) else path


def as_oserror(exc, path):
    # type: (Any, Any) -> Any
    """The exception that Java has thrown, as the OSError of the system's call."""
    if isinstance(exc, (IOError, OSError)) and getattr(exc, 'errno', None) is not None:
        return exc
    reason = getattr(exc, 'reason', None) or getattr(exc, 'message', None) or str(exc)
    number = _KINDS.get(exc.__class__.__name__) or _TEXTS.get(reason, errno.EIO)
    return OSError(number, reason if number == errno.EIO else os.strerror(number), path)
