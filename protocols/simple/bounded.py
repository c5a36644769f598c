# Copyright the carryall authors.  See LICENSE.
"""BoundedProtocol: a connection that nobody can hold for ever.

Not here: the clock; a Sweeper (``carryall.core.net.deadlines``) is handed in, one for all connections of a server.
Tests:    tests/protocols/simple/test_bounded.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.logs import get_logger
from carryall.core.net.protocol import Protocol
from carryall.core.net.transport import peer

__all__ = ['BoundedProtocol']

log = get_logger('simple')


class BoundedProtocol(Protocol):
    """A protocol whose connection ends when its deadline passes.

    Args:     sweeper: watches the deadline; None for no limit (a test, an example).
              seconds: from the connection to the deadline, and from each ``progress()`` to the next.
    """

    def __init__(self, sweeper=None, seconds=60.0):
        # type: (Optional[Sweeper], float) -> None
        self._sweeper = sweeper
        self._seconds = seconds
        self.deadline = None            # type: Optional[float]  # loop time; the sweeper reads it

    def connection_made(self, transport):
        self.transport = transport
        if self._sweeper is not None:
            self._sweeper.add(self)
            self.progress()

    def connection_lost(self, exc):
        if self._sweeper is not None:
            self._sweeper.discard(self)

    def progress(self):
        # type: () -> None
        """Something was done for which the connection deserves its full time again."""
        if self._sweeper is not None:
            self.deadline = self._sweeper.now + self._seconds

    def deadline_expired(self, now):
        # type: (float) -> None
        """The sweeper calls this: close, or abort if the peer leaves our answer unread (a close would wait for it)."""
        self.deadline = None
        log.info('%s: nothing happened for %g seconds, the connection ends', peer(self.transport), self._seconds)
        if self.transport.is_closing() or self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self.transport.close()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional
    from carryall.core.net.deadlines import Sweeper
