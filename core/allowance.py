# Copyright the carryall authors.  See LICENSE.
"""Allowance: the memory that all connections of one kind may make a process hold together.

A bound for each connection is not enough: a thousand connections hold a thousand times as much.  An
Allowance is shared.  It counts octets that are held, not announced ones, so that a peer must send
what it wants to occupy.

    allowance = allowance_of(loop, 'pb-guests', 64 << 20)
    account = allowance.account(peer(transport))        # once for each connection
    if not account.take(octets):                        # more is held
        ...                                             # refuse, then close
    account.give(octets)                                # less is held
    account.close()                                     # the connection is lost

A source is an IPv4 address, the /64 of an IPv6 address, or all Unix sockets.  It may hold at most
as much as stays free: one source alone gets half, each of two a third.  So no source can take all
from others, and no share is unused.  The first SMALL octets of each connection are not counted: the
bound on connections bounds them.

Tests:    tests/core/test_allowance.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.net.ip import source_of

__all__ = ['Account', 'Allowance', 'SMALL', 'allowance_of']

# -- limits ------------------------------------------------------------------
SMALL = 4096                # octets that each connection may hold uncounted


class Allowance(object):
    """A bounded number of octets that accounts share.

    Args:     total: octets of all accounts together.

    Attributes:
        held: octets that are counted now.
        refused: requests that found no room, for metrics.
    """

    def __init__(self, total):
        # type: (int) -> None
        self.total = total
        self.held = 0
        self.refused = 0
        self._by_source = {}        # type: Dict[Any, int]

    def account(self, address):
        # type: (Optional[Address]) -> Account
        """The account of one connection, whose peer has that address."""
        local = address is None or address.port is None
        return Account(self, None if local else source_of(address.host))        # type: ignore

    def held_by(self, source):
        # type: (Any) -> int
        """Octets that one source holds."""
        return self._by_source.get(source, 0)

    def take(self, source, octets):
        # type: (Any, int) -> bool
        """Counts *octets* more; false, and nothing is counted, if there is no room."""
        after = self._by_source.get(source, 0) + octets
        if after > self.total - self.held - octets:
            self.refused += 1
            return False
        self.held += octets
        self._by_source[source] = after
        return True

    def give(self, source, octets):
        # type: (Any, int) -> None
        """Counts *octets* less."""
        self.held -= octets
        left = self._by_source[source] - octets
        if left:
            self._by_source[source] = left
        else:
            del self._by_source[source]


class Account(object):
    """The octets that one connection holds.

    Attributes:
        held: octets, with those that are too few to be counted.
    """

    __slots__ = ('held', '_allowance', '_source', '_counted')

    def __init__(self, allowance, source):
        # type: (Allowance, Any) -> None
        self.held = 0
        self._allowance = allowance
        self._source = source
        self._counted = 0

    def take(self, octets):
        # type: (int) -> bool
        """Holds *octets* more; false, and nothing has changed, if there is no room."""
        held = self.held + octets
        more = held - SMALL - self._counted
        if more > 0:
            if not self._allowance.take(self._source, more):
                return False
            self._counted += more
        self.held = held
        return True

    def give(self, octets):
        # type: (int) -> None
        """Holds *octets* less."""
        self.held -= octets
        less = min(self._counted, self._counted - (self.held - SMALL))
        if less > 0:
            self._allowance.give(self._source, less)
            self._counted -= less

    def move(self, allowance):
        # type: (Allowance) -> bool
        """Moves the account to another allowance; false, and nothing has changed, if that is
        full."""
        if self._counted and not allowance.take(self._source, self._counted):
            return False
        if self._counted:
            self._allowance.give(self._source, self._counted)
        self._allowance = allowance
        return True

    def close(self):
        # type: () -> None
        """Holds nothing."""
        self.give(self.held)


def allowance_of(loop, name, total):
    # type: (Any, str, int) -> Allowance
    """The allowance of that name which all connections of *loop* share; made, with *total*,
    when first asked for."""
    known = getattr(loop, 'allowances', None)
    if known is None:
        known = {}
        loop.allowances = known
    found = known.get(name)
    if found is None:
        found = Allowance(total)
        known[name] = found
    return found


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional
    from carryall.core.net.transport import Address
