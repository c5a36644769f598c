# Copyright the carryall authors.  See LICENSE.
"""PathRules: the accounts that a path is for (feature WEB-13 in part).

Rules apply to folders, by the decoded names in a path; the deepest rule that matches counts.  A
rule that guards ignores case, and a rule that opens does not, because some file systems ignore
case.  A path that programs interpret in different ways is guarded as if every rule applied to it.

Tests:    tests/services/web/test_pathrules.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.uri import path_segments

__all__ = ['ANYBODY', 'EVERY_ACCOUNT', 'PathRules']

ANYBODY = 'anybody'         # the result of PathRules.find for a path without a guard
EVERY_ACCOUNT = None        # the users of a rule that names none


class PathRules(object):
    """The accounts of each path.

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
    """The names in the path of a request, read as leniently as any site would; None if the path is
    ambiguous.
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
