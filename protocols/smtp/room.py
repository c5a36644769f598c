# Copyright the carryall authors.  See LICENSE.
"""Room: the memory that messages on their way in may take, all connections together.

Only octets that have arrived are counted: what a client announces costs nothing and reserves
nothing.  When the room is full, a message that is slow to come gives way to a new one, and the
source that holds the most to one that holds less.  So a few clients that send much and then nothing
cannot keep the others from sending.

Tests:    tests/protocols/smtp/test_room.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.net.ip import source_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Set, Tuple

__all__ = ['Room']

# -- limits ------------------------------------------------------------------
MAX_IN_FLIGHT = 256 << 20   # octets of all messages that are on their way in; ours
# a message that has not ended after so long gives way to newer ones; ours
SLOW_SECONDS = 60.0


class Room(object):
    """The room of the listeners of one service.

    Attributes:
        left: octets that may still come; below 0 a message must go.
        holders: connections whose message comes in more than one piece.  A connection stays in the
            set until it is lost, and counts while ``gives_way()`` is above 0.
    """

    __slots__ = ('left', 'holders')

    def __init__(self, octets=MAX_IN_FLIGHT):
        # type: (int) -> None
        self.left = octets
        self.holders = set()        # type: Set[Any]

    def make(self, asker, now):
        # type: (Any, float) -> bool
        """Make room for *asker* by letting go of messages of others; false if none of them should
        go first."""
        while self.left <= 0:
            victim = self._victim(asker, now)
            if victim is None:
                return False
            victim.give_way()
        return True

    def give(self, octets):
        # type: (int) -> None
        """So many octets are held no more."""
        self.left += octets

    def _victim(self, asker, now):
        # type: (Any, float) -> Any
        """The connection whose message should go; None if that is the asker's own."""
        by_source, slow = {
            }, {}    # type: Dict[Any, List[Tuple[int, Any]]], Dict[Any, List[Tuple[int, Any]]]
        for holder in self.holders:
            octets = holder.gives_way()
            if octets:
                source = source_of(holder.session.host())
                by_source.setdefault(source, []).append((octets, holder))
                if now - holder.message_began > SLOW_SECONDS:
                    slow.setdefault(source, []).append((octets, holder))
        totals = dict((source, sum(row[0] for row in rows)) for source, rows in by_source.items())
        if slow and not (asker.gives_way() and now - asker.message_began > SLOW_SECONDS):
            return _largest(slow[max(slow, key=lambda source: totals[source])])
        own = source_of(asker.session.host())
        most = max(totals, key=lambda source: totals[source]) if totals else own
        return _largest(by_source[most]) if most != own and totals[most] > totals.get(own,
                                                                                      0) else None


def _largest(rows):
    # type: (List[Tuple[int, Any]]) -> Any
    """The connection with the most octets."""
    return max(rows, key=lambda row: row[0])[1]
