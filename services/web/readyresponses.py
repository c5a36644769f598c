# Copyright the carryall authors.  See LICENSE.
"""ReadyResponses: representations that are sent again while the files that they were made of are
unchanged.

An entry is found by the path and by the codings that the client accepts.  Then each of its files is
examined once (one ``stat`` for most); if any has changed, the entry is dropped.  Only settled files
are cached (validators.py), so a change always shows.

Limits:   a number of paths and a number of octets.  When they are reached, the entries that were
          not used since the last round are dropped.
Tests:    tests/services/web/test_readyresponses.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque
from os import stat

from carryall.core.compat import FAILURES
from carryall.services.web.validators import identity_of

__all__ = ['Ready', 'ReadyResponses']

# -- limits ------------------------------------------------------------------
MAX_BYTES = 8 << 20         # octets of bodies and of their headers
MAX_PATHS = 4096
OVERHEAD = 1024             # octets counted for one entry in addition to its body; an estimate


class Ready(object):
    """The representations for one path.

    Attributes:
        always: the one for all clients, if it does not depend on the client.
        by_key: otherwise, the one for each key that the caller makes of a request.
        weight: octets counted for the entry.
        used: true if it was used since the last round; the reader sets it.
    """

    __slots__ = ('always', 'by_key', 'weight', 'used', '_witnesses')

    def __init__(self):
        # type: () -> None
        self.always = None          # type: Any
        self.by_key = {}            # type: Dict[Any, Any]
        self.weight = OVERHEAD
        self.used = False
        self._witnesses = []        # type: List[Tuple[bytes, Any]]   # path on disk, identity

    def watch(self, witnesses):
        # type: (Iterable[Tuple[bytes, Any]]) -> None
        """Adds files that it depends on."""
        self._witnesses.extend(witness for witness in witnesses if witness not in self._witnesses)

    def is_current(self):
        # type: () -> bool
        """True if every file is unchanged."""
        try:
            for path, identity in self._witnesses:
                if identity_of(stat(path)) != identity:
                    return False
        except FAILURES:
            return False
        return True


class ReadyResponses(object):
    """A map of request paths to Ready."""

    def __init__(self, maximum=MAX_BYTES, paths=MAX_PATHS):
        # type: (int, int) -> None
        self._maximum = maximum
        self._paths = paths
        self._weight = 0
        self._ready = {}            # type: Dict[bytes, Ready]
        self._order = deque()       # type: deque   # of the paths, the oldest first
        self.get = self._ready.get  # the dict's own, which saves a call for each request

    def __len__(self):
        return len(self._ready)

    @property
    def weight(self):
        # type: () -> int
        """The octets in the cache, with the overhead of each path."""
        return self._weight

    def add(self, path, key, representation, witnesses):
        # type: (bytes, Any, Any, Iterable[Tuple[bytes, Any]]) -> None
        """Caches *representation*, whose ``prepare()`` returns its octets, for
        *path*.

        Args:     key: of the clients that get it; None for all.
                  witnesses: (path on disk, identity) of each file that it was made of.
        """
        weight = representation.prepare()
        ready = self._ready.get(path)
        if ready is not None and (key is None or key in ready.by_key or not ready.is_current()):
            self.forget(path)
            ready = None
        if ready is None:
            ready = Ready()
            self._ready[path] = ready
            self._order.append(path)
            self._weight += ready.weight
        ready.watch(witnesses)
        if key is None:
            ready.always = representation
        else:
            ready.by_key[key] = representation
        ready.weight += weight
        self._weight += weight
        while self._weight > self._maximum or len(self._ready) > self._paths:
            self._evict()

    def forget(self, path):
        # type: (bytes) -> None
        """Drops the entry of *path*."""
        ready = self._ready.pop(path, None)
        if ready is not None:
            self._weight -= ready.weight
            self._order.remove(path)        # rare: only when a file has changed

    def _evict(self):
        # type: () -> None
        path = self._order.popleft()
        ready = self._ready[path]
        if ready.used:
            ready.used = False
            self._order.append(path)
        else:
            del self._ready[path]
            self._weight -= ready.weight


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, List, Tuple
