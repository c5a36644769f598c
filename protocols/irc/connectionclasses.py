# Copyright the carryall authors.  See LICENSE.
"""Connection classes: limits by the network that a client comes from.

    classes = ConnectionClasses(settings, [
        ConnectionClass(b'office', [Network('10.0.0.0/8')], settings.replace(burst=100), most=500)])
    place = classes.enter('10.1.2.3')       # a Place, or None if the class is full
    place.settings
    place.leave()

The first class whose networks have the address counts.  An address without a class has the settings
of the server.

Tests:    tests/protocols/irc/test_connectionclasses.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.net.ip import source_of
from carryall.core.net.networks import within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Sequence

__all__ = ['ConnectionClass', 'ConnectionClasses', 'Place']


class ConnectionClass(object):
    """One class.

    Args:     name: bytes.
              networks: Networks of the addresses that are in it.
              settings: a Settings.
              most: connections at the same time; None for no bound.
              per_address: the same of one address.
    """

    __slots__ = ('name', 'networks', 'settings', 'most', 'per_address', 'count', '_by_source')

    def __init__(self, name, networks, settings, most=None, per_address=None):
        # type: (bytes, Sequence[Any], Any, Optional[int], Optional[int]) -> None
        self.name = name
        self.networks = tuple(networks)
        self.settings = settings
        self.most = most
        self.per_address = per_address
        self.count = 0
        self._by_source = {}            # type: Dict[Any, int]

    def enter(self, host):
        # type: (str) -> Optional[Place]
        """A Place for a connection of that address; None if the class is full."""
        source = source_of(host)
        there = self._by_source.get(source, 0)
        if self.most is not None and self.count >= self.most:
            return None
        if self.per_address is not None and there >= self.per_address:
            return None
        self.count += 1
        if self.per_address is not None:
            self._by_source[source] = there + 1
        return Place(self, source)

    def left(self, source):
        # type: (Any) -> None
        """Notes that a connection of that source has ended."""
        self.count -= 1
        there = self._by_source.get(source, 0)
        if there > 1:
            self._by_source[source] = there - 1
        else:
            self._by_source.pop(source, None)


class Place(object):
    """The place of one connection in its class."""

    __slots__ = ('kind', '_source')

    def __init__(self, kind, source):
        # type: (ConnectionClass, Any) -> None
        self.kind = kind
        self._source = source

    def leave(self):
        # type: () -> None
        """Gives the place up."""
        self.kind.left(self._source)


class ConnectionClasses(object):
    """The classes of a server.

    Args:     settings: for addresses without a class.
              classes: ConnectionClass objects, the first that fits counts.
    """

    def __init__(self, settings, classes=()):
        # type: (Any, Sequence[ConnectionClass]) -> None
        self.rows = list(classes) + [ConnectionClass(b'default', (), settings)]

    def enter(self, host):
        # type: (str) -> Optional[Place]
        """A Place for a connection; None if its class is full."""
        for kind in self.rows[:-1]:
            if host and within(host, kind.networks):
                return kind.enter(host)
        return self.rows[-1].enter(host)
