# Copyright the carryall authors.  See LICENSE.
"""Outbox: the output of one broker, collected into few writes.

Limits:   unsent_bytes of settings.py; octets that wait for a peer that does not read count in the
          broker's account.

Tests:    tests/protocols/pb/test_broker.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.logs import get_logger

__all__ = ['Outbox']

BATCH_BYTES = 65536         # octets that are collected for one write

log = get_logger('pb')


class Outbox(object):
    """The writing side of one broker.

    Attributes:
        gathering: true if a caller up the stack will flush.
        written: octets given to the transport so far.
    """

    __slots__ = ('gathering', 'written', '_broker', '_pieces', '_size', '_due', '_unsent')

    def __init__(self, broker):
        # type: (Any) -> None
        self.gathering = False
        self.written = 0
        self._broker = broker
        self._pieces = []           # type: List[bytes]
        self._size = 0
        self._due = False
        self._unsent = 0            # octets of the broker's account that wait in the transport

    def send(self, data):
        # type: (bytes) -> None
        """Collects *data*; all data of one turn goes out in one write."""
        self._pieces.append(data)
        self._size += len(data)
        if self._size >= BATCH_BYTES:
            self.flush()
        elif not self.gathering and not self._due:
            self._due = True
            self._broker.loop.call_soon(self.flush)

    def flush(self):
        # type: () -> None
        """Writes the collected data; cuts the connection if too much waits for the peer."""
        self._due = False
        transport = self._broker.transport
        if not self._pieces or transport is None:
            return
        pieces, self._pieces = self._pieces, []
        self.written += self._size
        self._size = 0
        transport.write(pieces[0] if len(pieces) == 1 else b''.join(pieces))
        if self._broker.paused:
            self._count(transport.get_write_buffer_size())

    def _count(self, unsent):
        # type: (int) -> None
        """Counts *unsent* octets that the peer does not read; cuts the connection if that is too
        much."""
        broker = self._broker
        if unsent > broker.settings.unsent_bytes or not broker.account.take(unsent - self._unsent):
            log.info('%s: does not read: %d octets wait', broker, unsent)
            broker.transport.abort()
        else:
            self._unsent = unsent

    def taken(self):
        # type: () -> None
        """Releases the account: the peer has read nearly all that waited."""
        self._broker.account.give(self._unsent)
        self._unsent = 0

    def clear(self):
        # type: () -> None
        """Drops the output: the connection is lost."""
        self._pieces = []


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List
