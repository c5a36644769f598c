# Copyright the carryall authors.  See LICENSE.
"""UploadFolder: storage for the files of a form, small ones in memory, others on the disk (feature
HTS-14).

    uploads = UploadFolder('/var/tmp')              # or None: the system's temporary folder
    form = yield read_form(request, uploads)
    for upload in form.uploads:
        upload.content.save_as(os.path.join(folder, chosen_name))       # or .read(), .discard()
    ...
    uploads.close()                                 # with the service: remaining files are removed

Files get new names in a folder that no other user may enter; the name from the client is not used
on the disk.

Tests:    tests/services/web/test_uploads.py
"""
from __future__ import absolute_import, division, print_function

import io
import os
import shutil
import tempfile
from binascii import hexlify

from carryall.core.codec.buffer import Pieces
from carryall.core.compat import FAILURES, native
from carryall.core.logs import get_logger
from carryall.core.files.plainfile import open_plain

__all__ = ['Stored', 'UploadFolder']

# -- limits ------------------------------------------------------------------
MEMORY_BYTES = 65536        # octets of one file that are kept in memory; larger ones go to the disk
PRIVATE = 0o700

log = get_logger('web')


class Stored(object):
    """One received file.

    Attributes:
        size: octets.
        path: of the file; None while it is in memory.
    """

    def __init__(self, size, path, data):
        # type: (int, Optional[str], Optional[bytes]) -> None
        self.size = size
        self.path = path
        self._data = data or b''

    def open(self):
        # type: () -> Any
        """A file object for reading bytes; the caller closes it."""
        return io.BytesIO(self._data) if self.path is None else io.open(self.path, 'rb')

    def read(self):
        # type: () -> bytes
        """All octets."""
        fileobj = self.open()
        try:
            return fileobj.read()
        finally:
            fileobj.close()

    def save_as(self, path):
        # type: (str) -> None
        """Moves the file to *path* in one step; it can be read there from now on.

        A file of that name is replaced; a link is replaced too, and its target stays as it is.
        """
        if self.path is None or not _moved(self.path, path):
            part = path + '.%s.part' % native(hexlify(os.urandom(8)))
            try:
                with self.open() as source, open_plain(part, 'xb', follow=False) as target:
                    shutil.copyfileobj(source, target)
                _replace(part, path)
            except FAILURES:
                _remove(part)
                raise
            if self.path is not None:
                _remove(self.path)
        self.path = path
        self._data = b''

    def discard(self):
        # type: () -> None
        """Removes the file; harmless if it is gone."""
        path, self.path, self._data = self.path, None, b''
        if path is not None:
            _remove(path)


class UploadFolder(object):
    """A sink for ``read_form``; makes a folder of its own in *parent* when the first file needs it.

    Args:     memory: octets of one file that are kept in memory.
    """

    def __init__(self, parent=None, memory=MEMORY_BYTES):
        # type: (Optional[str], int) -> None
        self._parent = parent
        self._memory = memory
        self._folder = None         # type: Optional[str]

    def open(self, part):
        # type: (Any) -> _Target
        """A target for the octets of one file."""
        return _Target(self, self._memory)

    def discard(self, content):
        # type: (Stored) -> None
        """Removes a file: its form is incomplete."""
        content.discard()

    def close(self):
        # type: () -> None
        """Removes the folder, and every file that was not moved out of it."""
        folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def new_path(self):
        # type: () -> str
        """A name that is not used yet."""
        if self._folder is None:
            self._folder = tempfile.mkdtemp(prefix='carryall-', dir=self._parent)
            os.chmod(self._folder, PRIVATE)     # jython: mkdtemp does not set the mode
        return os.path.join(self._folder, hexlify(os.urandom(16)).decode('ascii'))


class _Target(object):
    """The octets of one file that is being received."""

    def __init__(self, folder, memory):
        # type: (UploadFolder, int) -> None
        self._folder = folder
        self._memory = memory
        self._pieces = Pieces()
        self._size = 0
        self._file = None           # type: Any
        self._path = None           # type: Optional[str]

    def write(self, data):
        # type: (bytes) -> None
        """Appends *data*."""
        self._size += len(data)
        if self._file is None:
            self._pieces.append(data)
            if self._size <= self._memory:
                return
            self._path = self._folder.new_path()
            self._file = io.open(self._path, 'wb')
            data = self._pieces.joined()
            self._pieces.clear()
        self._file.write(data)

    def close(self):
        # type: () -> Stored
        """Ends the file, which is complete."""
        if self._file is None:
            return Stored(self._size, None, self._pieces.joined())
        self._file.close()
        return Stored(self._size, self._path, None)

    def abort(self):
        # type: () -> None
        """Removes the file, which is incomplete."""
        self._pieces.clear()
        fileobj, self._file = self._file, None
        if fileobj is not None:
            try:
                fileobj.close()
            except FAILURES:
                log.warning('an upload could not be closed: is the disk full?')
            _remove(self._path)     # type: ignore


# py2: os.replace is missing; os.rename does the same, except on Windows
_replace = getattr(os, 'replace', os.rename)


def _moved(source, target):
    # type: (str, str) -> bool
    """True if a rename did it, which is not possible across file systems."""
    try:
        _replace(source, target)
        return True
    except FAILURES:
        return False


def _remove(path):
    # type: (str) -> None
    try:
        os.remove(path)
    except FAILURES:
        if os.path.exists(path):
            log.warning('an upload could not be removed: %s', path)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional
