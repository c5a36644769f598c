# Copyright the carryall authors.  See LICENSE.
"""MessageMemory: the memory that incoming messages may take, all connections of a service together.

Only octets that have arrived count: an announced size reserves nothing.  If the memory is full, a
slow message is dropped for a new one.  Without a slow one, it is a message of the source that holds
the most.  So a few clients that send much and then stall cannot keep others from sending.

Tests:    tests/protocols/smtp/test_messagememory.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.net.ip import source_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Set, Tuple

__all__ = ['MAX_IN_FLIGHT', 'MessageMemory']

# -- limits ------------------------------------------------------------------
MAX_IN_FLIGHT = 256 << 20   # octets of all incoming messages; default, the RFC is silent
# Seconds after which a message that has not ended makes way for newer ones; default.
SLOW_SECONDS = 60.0


class MessageMemory(object):
    """The memory of the incoming messages of a service.

    Attributes:
        left: octets that may still be received; below 0 a message must be dropped.
        holders: the MailData of connections whose message arrives in more than one piece.  One
            stays in the set until its connection is lost, and counts while ``gives_way()`` is above
            0.
    """

    __slots__ = ('left', 'holders')

    def __init__(self, octets=MAX_IN_FLIGHT):
        # type: (int) -> None
        self.left = octets
        self.holders = set()        # type: Set[Any]

    def make(self, asker, now):
        # type: (Any, float) -> bool
        """Frees memory for *asker* by dropping messages of others; false if its own must go."""
        while self.left <= 0:
            victim = self._victim(asker, now)
            if victim is None:
                return False
            victim.give_way()
        return True

    def give(self, octets):
        # type: (int) -> None
        """Takes back octets that are held no longer."""
        self.left += octets

    def _victim(self, asker, now):
        # type: (Any, float) -> Any
        """The holder whose message should go; None if that is the asker's own."""
        by_source = {}              # type: Dict[Any, List[Tuple[int, Any]]]
        slow = {}                   # type: Dict[Any, List[Tuple[int, Any]]]
        for holder in self.holders:
            octets = holder.gives_way()
            if octets:
                source = source_of(holder.host())
                by_source.setdefault(source, []).append((octets, holder))
                if now - holder.began > SLOW_SECONDS:
                    slow.setdefault(source, []).append((octets, holder))
        totals = dict((source, sum(row[0] for row in rows)) for source, rows in by_source.items())
        if slow and not (asker.gives_way() and now - asker.began > SLOW_SECONDS):
            return _largest(slow[max(slow, key=lambda source: totals[source])])
        own = source_of(asker.host())
        most = max(totals, key=lambda source: totals[source]) if totals else own
        if most == own or totals[most] <= totals.get(own, 0):
            return None
        return _largest(by_source[most])


def _largest(rows):
    # type: (List[Tuple[int, Any]]) -> Any
    """The holder with the most octets."""
    return max(rows, key=lambda row: row[0])[1]


Room = MessageMemory         # its former name
