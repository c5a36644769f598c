# Copyright the carryall authors.  See LICENSE.
"""PathWalk: the path from a root to a file, under a rule for the symbolic links on it.

    walk = PathWalk(root, 'owner')
    source, status = walk.open([b'pub', b'readme.txt'])

Each folder of the path is opened, and the rule is applied to the open folder
(core/files/folders.py).  If a folder is replaced by a link at that moment, the result is a refusal,
or the file of before.

Rules:    ``never``: no link is followed.  ``owner``: a link is followed if its target has the
          same owner.  The link stays open while its owner and its text are read.  The target's
          owner is read from the file or folder that was opened.
Tests:    tests/services/web/test_tree.py, tests/services/web/test_swapped.py
"""
from __future__ import absolute_import, division, print_function

import os
import stat

from carryall.core.compat import FAILURES
from carryall.core.files.folders import open_steps
from carryall.core.future import Return

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Iterator, List, Sequence, Tuple

__all__ = ['PathWalk', 'first_steps']

STEP_ENTRIES = 32           # entries looked at in one step
STEP_NAMES = 64             # names, which need no look at the disk


def first_steps(names, maximum, counts=None):
    # type: (Iterable[Any], int, Any) -> Iterator[None]
    """Takes the first *maximum* of *names* in steps, with a yield between them.

    It ends with a ``Return`` of (list of names, how many there are beyond them).

    Args:     counts: a function that is true for the names to take; None for all names.
    """
    found = []                  # type: List[Any]
    more = 0
    for number, name in enumerate(names, 1):
        if number % STEP_NAMES == 0:
            yield
        if counts is not None and not counts(name):
            continue
        if len(found) < maximum:
            found.append(name)
        else:
            more += 1
    raise Return((found, more))


class PathWalk(object):
    """Files below *root*.

    Args:     rule: ``never`` or ``owner``.
              own_root: True if *root* itself is exempt from the rule.
    """

    def __init__(self, root, rule, own_root=True):
        # type: (bytes, str, bool) -> None
        self._start = []            # type: List[bytes]
        if not own_root:
            root, name = os.path.split(root)
            self._start = [name] if name else []
        self._steps = open_steps(root)
        self._by_owner = rule == 'owner'

    def look(self, parts):
        # type: (Sequence[bytes]) -> Any
        """The status of the file or folder that *parts* name.

        Raises:   IOError, OSError (on a JVM others of FAILURES): it does not exist,
                  or a link breaks the rule.
        """
        folder, name = self._enter(parts)
        try:
            return self._state(folder, name)
        finally:
            self._steps.leave(folder)

    def open(self, parts):
        # type: (Sequence[bytes]) -> Tuple[Any, Any]
        """(file, its status) of a regular file, without a buffer; raises as ``look`` does,
        and NotPlain."""
        folder, name = self._enter(parts)
        steps = self._steps
        try:
            if not self._by_owner or not stat.S_ISLNK(steps.stat(folder, name).st_mode):
                return steps.open(folder, name)
            link, text = steps.link(folder, name)
            source, status = steps.open(folder, text, True)
            if status.st_uid != link.st_uid:
                source.close()
                raise _refusal()
            return source, status
        finally:
            steps.leave(folder)

    def entry_steps(self, parts, maximum, counts=None):
        # type: (Sequence[bytes], int, Any) -> Iterator[None]
        """Lists a folder in steps, with a yield between them; raises as ``look`` does.

        It ends with a ``Return`` of
        ([(name, status) of each entry], how many names there are beyond *maximum*).

        Args:     counts: a function that is true for the names to list; None for all names.
        """
        folder, name = self._enter(parts)
        steps = self._steps
        try:
            if name:
                inner = self._into(folder, name)
                steps.leave(folder)
                folder = inner
            names = []          # type: List[bytes]
            more = 0
            try:
                for _ in first_steps(steps.names(folder), maximum, counts):
                    yield
            except Return as done:
                names, more = done.value
            found = []
            for number, each in enumerate(names, 1):
                if number % STEP_ENTRIES == 0:
                    yield
                try:
                    found.append((each, self._state(folder, each)))
                except FAILURES:            # it was removed meanwhile, or must not be followed
                    continue
            raise Return((found, more))
        finally:
            steps.leave(folder)

    def _enter(self, parts):
        # type: (Sequence[bytes]) -> Tuple[Any, bytes]
        """(the folder that holds the last part, open; the last part);
        b'' for the root itself."""
        way = self._start + list(parts)
        folder = self._steps.root()
        try:
            for name in way[:-1]:
                inner = self._into(folder, name)
                self._steps.leave(folder)
                folder = inner
        except FAILURES:
            self._steps.leave(folder)
            raise
        return folder, way[-1] if way else b''

    def _into(self, folder, name):
        # type: (Any, bytes) -> Any
        """The subfolder *name*, open."""
        steps = self._steps
        if not self._by_owner or not stat.S_ISLNK(steps.stat(folder, name).st_mode):
            return steps.enter(folder, name)
        link, text = steps.link(folder, name)
        inner = steps.enter(folder, text, True)
        if steps.stat(inner, b'').st_uid != link.st_uid:
            steps.leave(inner)
            raise _refusal()
        return inner

    def _state(self, folder, name):
        # type: (Any, bytes) -> Any
        status = self._steps.stat(folder, name)
        if not stat.S_ISLNK(status.st_mode):
            return status
        if not self._by_owner:
            raise _refusal()
        link, text = self._steps.link(folder, name)
        status = self._steps.stat(folder, text, True)
        if status.st_uid != link.st_uid:
            raise _refusal()
        return status


def _refusal():
    # type: () -> OSError
    return OSError('Too many levels of symbolic links')
