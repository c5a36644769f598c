# Copyright the carryall authors.  See LICENSE.
"""BoundedProtocol: a connection that no peer can hold for ever.

Tests:    tests/core/net/test_boundedprotocol.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.logs import get_logger
from carryall.core.net.deadlines import sweeper_of
from carryall.core.net.protocol import Protocol
from carryall.core.net.transport import peer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

__all__ = ['BoundedProtocol']

log = get_logger('bounded')


class BoundedProtocol(Protocol):
    """A protocol whose connection ends when its deadline passes.

    Args:     clock: the loop; None for no limit (a test, an example).
              seconds: from the connection to the deadline, and from each ``progress()`` to the
                  next.

    Attributes:
        deadline: loop time, or None while no limit holds; the sweeper reads it.
        sweeper: the loop's Sweeper, or None.
        seconds: as given.
    """

    def __init__(self, clock=None, seconds=60.0):
        # type: (Any, float) -> None
        self.sweeper = sweeper_of(clock) if clock is not None else None
        self.seconds = seconds
        self.deadline = None            # type: Optional[float]

    def connection_made(self, transport):
        self.transport = transport
        if self.sweeper is not None:
            self.sweeper.add(self)
            self.progress()

    def connection_lost(self, exc):
        if self.sweeper is not None:
            self.sweeper.discard(self)

    def progress(self):
        # type: () -> None
        """Gives the connection its full time again."""
        if self.sweeper is not None:
            self.deadline = self.sweeper.now + self.seconds

    def deadline_expired(self, now):
        # type: (float) -> None
        """Closes, or aborts if the peer leaves an answer unread: a close would wait for it."""
        self.deadline = None
        log.info('%s: idle for %g seconds, closing', peer(self.transport), self.seconds)
        if self.transport.is_closing() or self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self.transport.close()
