# Copyright the carryall authors.  See LICENSE.
"""Stamps: they show that a file which was read has not changed, by its state in the file system.

    stamp = stamp_of(os.stat(path), now)
    if stamp is not None and stamp == former: ...       the file has not changed since

Two changes within one step of the file system's clock have the same time, so a file that was just
changed has no stamp.  A file dated in the past or in the future has one: a change would give it the
present time.

Tests:    tests/core/files/test_stamps.py
"""
from __future__ import absolute_import, division, print_function

__all__ = ['SETTLING_SECONDS', 'stamp_of']

# -- limits ------------------------------------------------------------------
SETTLING_SECONDS = 2.0      # the step of the coarsest clock of a file system (FAT)


def stamp_of(state, now):
    # type: (Any, float) -> Any
    """The state that is compared to find out whether a file has changed;
    None while nothing can tell.

    Args:     state: of ``os.stat``.
              now: the time of day in seconds.
    """
    if abs(state.st_mtime - now) <= SETTLING_SECONDS \
            or abs(state.st_ctime - now) <= SETTLING_SECONDS:
        return None
    return state.st_mtime, state.st_ctime, state.st_size, state.st_ino


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
