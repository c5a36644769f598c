# Copyright the carryall authors.  See LICENSE.
"""A request body of unknown length is collected, so that its length can be told.

CGI gives the length before the body (RFC 3875 section 4.1.2), and PHP reads nothing without one.  A
small body stays in memory, a large one goes to a temporary file that has no name.

Tests:    tests/services/cgi/test_bodyspool.py
"""
from __future__ import absolute_import, division, print_function

import tempfile

from carryall.core.compat import FAILURES
from carryall.core.errors import LocalProtocolError
from carryall.core.future import Return, completed, coroutine, failed
from carryall.protocols.http import HTTPError

__all__ = ['MEMORY_BYTES', 'Spool', 'collect']

# -- limits ------------------------------------------------------------------
MEMORY_BYTES = 65536        # of a body that is kept in memory


class Spool(object):
    """A body that was collected; it is read as the Body of a request is.

    Attributes:
        length: octets.
    """

    def __init__(self):
        # type: () -> None
        self.length = 0
        self._file = tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES)   # type: Any

    def append(self, data):
        # type: (bytes) -> None
        """Appends octets.

        Raises:   HTTPError: the disk is full, reply 507.
        """
        self.length += len(data)
        try:
            self._file.write(data)
        except (IOError, OSError) as exc:
            raise HTTPError(u'a body cannot be kept: %s' % exc, reply=507)

    def rewind(self):
        # type: () -> None
        """Ends the collecting: reading begins at the first octet."""
        self._file.seek(0)

    def read(self, maximum=65536):
        # type: (int) -> Any
        """A Future of the next octets, b'' at the end."""
        if self._file is None:
            return failed(LocalProtocolError('the body is closed'))
        return completed(self._file.read(maximum))

    def close(self):
        # type: () -> None
        """Removes the file."""
        spooled, self._file = self._file, None
        if spooled is not None:
            spooled.close()


@coroutine
def collect(body):
    # type: (Any) -> Any
    """A Future of a Spool with all of *body*; the server bounds it."""
    spool = Spool()
    try:
        while True:
            piece = yield body.read()
            if not piece:
                break
            spool.append(piece)
        spool.rewind()
    except FAILURES:
        spool.close()
        raise
    raise Return(spool)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
