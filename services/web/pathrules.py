# Copyright the carryall authors.  See LICENSE.
"""PathRules: which accounts a path is for (feature WEB-13 in part).

Rules are of folders, by the names in a path when it is decoded; the deepest that fits counts.  Case
is looked away from where a rule guards, and not where one opens, for some file systems do the same.
A path that one program could take so and another otherwise is guarded as if every rule were for it.

Tests:    tests/services/web/test_pathrules.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.uri import path_segments

__all__ = ['ANYBODY', 'EVERY_ACCOUNT', 'PathRules']

ANYBODY = 'anybody'         # what PathRules.find gives for a path that nobody guards
EVERY_ACCOUNT = None        # the users of a rule that names none


class PathRules(object):
    """Which accounts a path is for.

    Args:     guarded: (path, users) pairs; the users are a collection of names, or EVERY_ACCOUNT.
              opened: paths below those that are for anybody.
    """

    def __init__(self, guarded, opened=()):
        # type: (Iterable[Tuple[bytes, Any]], Iterable[bytes]) -> None
        self._guarded = dict((_folded(_names(path)), users) for path, users in guarded)
        self._opened = frozenset(_names(path) for path in opened)
        self._depth = max([0] + [len(names) for names in list(self._guarded) + list(self._opened)])

    def find(self, path):
        # type: (bytes) -> Any
        """ANYBODY, or else the users, for the path of a request as it was sent."""
        found = _names_in(path) if self._depth else ()
        if found is None:
            return EVERY_ACCOUNT if self._guarded else ANYBODY
        names = found[:self._depth]
        folded = _folded(names)
        for length in range(len(names), -1, -1):
            if names[:length] in self._opened:
                return ANYBODY
            if folded[:length] in self._guarded:
                return self._guarded[folded[:length]]
        return ANYBODY


def _names_in(path):
    # type: (bytes) -> Optional[Tuple[bytes, ...]]
    """The names in the path of a request, as the laxest of sites would take it; None if it may mean
    anything.
    """
    if path == b'*':
        return ()
    segments = path_segments(path, keep_slashes=True)
    if segments is None:
        return None
    names = _names(b'/'.join(segments).replace(b'\\', b'/'))
    return None if b'.' in names or b'..' in names else names


def _names(path):
    # type: (bytes) -> Tuple[bytes, ...]
    return tuple(name for name in path.split(b'/') if name)


def _folded(names):
    # type: (Sequence[bytes]) -> Tuple[str, ...]
    return tuple(name.decode('utf-8', 'replace').lower() for name in names)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Optional, Sequence, Tuple
