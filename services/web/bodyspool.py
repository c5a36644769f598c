# Copyright the carryall authors.  See LICENSE.
"""The body of a request, collected before a program gets it.

CGI gives the length before the body (RFC 3875 section 4.1.2), and PHP reads nothing without one.  A
WSGI application would hold a thread while a slow client sends.  A small body stays in memory, a
large one goes to a temporary file that has no name.

Tests:    tests/services/web/test_bodyspool.py
"""
from __future__ import absolute_import, division, print_function

import io
import tempfile

from carryall.core.compat import FAILURES
from carryall.core.errors import LocalProtocolError
from carryall.core.files.plainfile import is_full
from carryall.core.future import Return, completed, coroutine, failed
from carryall.core.logs import get_logger
from carryall.protocols.http import HTTPError

__all__ = ['MEMORY_BYTES', 'NoRoom', 'Spool', 'collect']

# -- limits ------------------------------------------------------------------
MEMORY_BYTES = 65536        # of a body that is kept in memory

log = get_logger('web')


class NoRoom(HTTPError):
    """A body cannot be kept: the disk is full (507), or no descriptor or room is left (503)."""


class Spool(object):
    """A body that was collected; it is read as the Body of a request is, or as a file.

    Args:     account: an Account that counts the octets; None for no bound.

    Attributes:
        length: octets.
        file: the octets, a file object; None once it is closed.
    """

    def __init__(self, account=None):
        # type: (Optional[Account]) -> None
        self.length = 0
        self.file = io.BytesIO()    # type: Any
        self._on_disk = False
        self._account = account

    def append(self, data):
        # type: (bytes) -> None
        """Appends octets.

        Raises:   NoRoom.
        """
        if self._account is not None and not self._account.take(len(data)):
            raise NoRoom(u'the bodies of others have taken the room', reply=503)
        self.length += len(data)
        try:
            if self.length > MEMORY_BYTES and not self._on_disk:
                self._move()
            self.file.write(data)
        except (IOError, OSError) as exc:
            raise _no_room(exc)

    def _move(self):
        # type: () -> None
        """Moves what has come to a temporary file."""
        memory = self.file
        self.file = tempfile.TemporaryFile()
        self._on_disk = True
        self.file.write(memory.getvalue())

    def rewind(self):
        # type: () -> None
        """Ends the collecting: reading begins at the first octet.

        Raises:   NoRoom: the last octets found no room.
        """
        try:
            self.file.seek(0)
        except (IOError, OSError) as exc:
            raise _no_room(exc)

    def read(self, maximum=65536):
        # type: (int) -> Any
        """A Future of the next octets, b'' at the end."""
        if self.file is None:
            return failed(LocalProtocolError('the body is closed'))
        return completed(self.file.read(maximum))

    def close(self):
        # type: () -> None
        """Removes the file."""
        spooled, self.file = self.file, None
        if spooled is None:
            return
        if self._account is not None:
            self._account.close()
        try:
            spooled.close()
        except (IOError, OSError) as exc:
            # A full disk has not taken the last octets, which are not wanted any more.
            log.info('a body of %d octets was not kept: %s', self.length, exc)


def _no_room(error):
    # type: (BaseException) -> NoRoom
    """507 for a full disk, 503 for what passes sooner, such as a lack of descriptors."""
    return NoRoom(u'a body cannot be kept: %s' % error, reply=507 if is_full(error) else 503)


@coroutine
def collect(body, spool=None):
    # type: (Any, Optional[Spool]) -> Any
    """A Future of *spool*, or of a new Spool, with all of *body*; the server bounds it.

    Raises:   NoRoom; or the error of a body that breaks.
    """
    spool = Spool() if spool is None else spool
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
    from typing import Any, Optional
    from carryall.core.allowance import Account
