# Copyright the carryall authors.  See LICENSE.
"""FileTree: one folder, and the files in it that all clients may read (features WEB-02).

Names come from ``requestpaths.parts_of``, so none can lead above the root.  This module deals with
the disk: symbolic links, hidden files, and entries that are not files (pipes, devices, sockets),
which are never opened.

Symlinks: ``follow``: any target, even outside the folder.  ``owner``: if the link and its target
          have the same owner, in every step of the path.  ``never``.  The last two hold even if
          users change folders of the tree at the same moment (core/files/pathwalk.py).
Paths:    bytes everywhere (on Jython and Windows they are UTF-8, and a name that is not is not
          found).
Tests:    tests/services/web/test_tree.py
"""
from __future__ import absolute_import, division, print_function

import os
import stat

from carryall.core.files import octetpaths
from carryall.core.compat import FAILURES, to_bytes
from carryall.core.errors import UsageError
from carryall.core.files.filenames import aliases_of, means_another
from carryall.core.future import Return
from carryall.core.files.plainfile import NotPlain, opened
from carryall.core.net.turns import spread
from carryall.core.files.pathwalk import PathWalk, first_steps
from carryall.services.web.requestpaths import is_hidden, is_plain_name
from carryall.services.web.validators import identity_of

__all__ = ['DOTFILES', 'FileTree', 'Located', 'SYMLINKS', 'Unreadable']

# -- limits ------------------------------------------------------------------
MAX_LISTED = 10000          # entries of one folder that are examined and listed
STEP_ENTRIES = 32           # of them in one step

DOTFILES = ('hide', 'show')
SYMLINKS = ('follow', 'owner', 'never')

_SEP = to_bytes(os.sep)


class Unreadable(Exception):
    """The file exists and cannot be read; ``shortage`` is true if the reason may pass (no free
    descriptors).
    """

    def __init__(self, shortage):
        # type: (bool) -> None
        Exception.__init__(self, 'cannot be read')
        self.shortage = shortage


class Located(object):
    """A file or folder that was found.

    Attributes:
        path: bytes, absolute.
        parts: the names from the root, if links on the path are checked; else None.
        identity: see validators.py.
        size: octets of a file.
        is_folder: False for a regular file.
    """

    __slots__ = ('path', 'parts', 'identity', 'size', 'is_folder')

    def __init__(self, path, status, parts=None):
        # type: (bytes, Any, Optional[Sequence[bytes]]) -> None
        self.path = path
        self.parts = parts
        self.identity = identity_of(status)
        self.size = status.st_size
        self.is_folder = stat.S_ISDIR(status.st_mode)


class FileTree(object):
    """The visible files and folders below *root*.

    Args:     dotfiles: ``hide`` or ``show`` the names of ``requestpaths.is_hidden``.
              symlinks: ``follow``, ``owner`` or ``never``.
              own_root: True if the operator chose the name *root*.  Otherwise the rule for
                        symbolic links applies to it too.
    """

    def __init__(self, root, dotfiles='hide', symlinks='follow', own_root=True):
        # type: (Any, str, str, bool) -> None
        if dotfiles not in DOTFILES or symlinks not in SYMLINKS:
            raise UsageError(u'dotfiles: one of %s; symlinks: one of %s'
                             % (u', '.join(DOTFILES), u', '.join(SYMLINKS)))
        self.root = os.path.abspath(to_bytes(root))
        self._below = self.root if self.root.endswith(_SEP) else self.root + _SEP
        self._hides = dotfiles == 'hide'
        self._walk = None if symlinks == 'follow' else PathWalk(self.root, symlinks, own_root)

    def locate(self, parts):
        # type: (Sequence[bytes]) -> Optional[Located]
        """The file or folder that *parts* lead to; None if it is missing or not visible.

        The last part may be b'' for the folder itself.
        Raises:   Unreadable: no descriptor is free to walk with.
        """
        if parts and not parts[-1]:
            parts = parts[:-1]
        if self._hides and is_hidden(parts):
            return None
        found = self._look(parts)
        if found is not None:
            for place, part in enumerate(parts):
                if means_another(part) and self._is_alias(parts[:place], part):
                    return None
        return found

    def _is_alias(self, folder, name):
        # type: (Sequence[bytes], bytes) -> bool
        """True if this is another spelling of a file that a file system of Windows accepts; it
        would evade every rule for names.
        """
        here = self._look(list(folder) + [name])
        for other in aliases_of(name):
            there = self._look(list(folder) + [other])
            if here is None or there is not None and there.identity[:2] == here.identity[:2]:
                return True
        return False

    def page(self, name):
        # type: (bytes) -> Optional[Located]
        """A file that the operator has named, hidden or not: below the root, or anywhere
        by its full path.
        """
        if os.path.isabs(name):
            return look(name)
        return self._look([part for part in name.split(b'/') if part])

    def again(self, located):
        # type: (Located) -> Optional[Located]
        """The entry that is at the place of *located* now."""
        return look(located.path) if located.parts is None else self._look(located.parts)

    def _look(self, parts):
        # type: (Sequence[bytes]) -> Optional[Located]
        path = self._below + _SEP.join(parts)
        if self._walk is None:
            return look(path)
        try:
            return _seen(path, self._walk.look(parts), parts)
        except FAILURES as exc:
            if _is_shortage(exc):
                raise Unreadable(True)
            return None

    def entries(self, parts):
        # type: (Sequence[bytes]) -> Optional[Tuple[List[Tuple[bytes, Located]], int]]
        """The visible entries of the folder at *parts*: ((name, Located) in no order, how many
        names more there are).

        Returns:  None: the folder cannot be read.
        """
        return spread(None, self.entry_steps(parts)).result()

    def entry_steps(self, parts, wanted=None):
        # type: (Sequence[bytes], Any) -> Iterator[None]
        """The same as ``entries`` in steps: yields between them, and ends with a ``Return`` of
        the outcome.

        Args:     wanted: a function that is true for the names to list; None for all names.
        """
        if parts and not parts[-1]:
            parts = parts[:-1]

        def counts(name):
            # type: (Any) -> bool
            """True for a name that may be shown; whether it is one of a file is not known yet."""
            return (isinstance(name, bytes) and is_plain_name(name)
                    and not (self._hides and is_hidden(list(parts) + [name]))
                    and (wanted is None or wanted(name)))

        try:
            if self._walk is not None:
                for _ in self._walk.entry_steps(parts, MAX_LISTED, counts):
                    yield
            else:
                for _ in _name_steps(self._below + _SEP.join(parts), counts):
                    yield
        except Return as done:
            states, more = done.value
        except FAILURES:
            raise Return(None)
        found = []
        for number, (name, status) in enumerate(states, 1):
            if number % STEP_ENTRIES == 0:
                yield
            way = list(parts) + [name]
            # A listed name is never another spelling.
            here = (self._look(way) if status is None
                    else _seen(self._below + _SEP.join(way), status, way))
            if here is not None:
                found.append((name, here))
        raise Return((found, more))

    def open(self, located):
        # type: (Located) -> Tuple[Any, Located]
        """Opens a file for reading bytes; returns (file, its Located when it was opened, which may
        differ from *located*).
        Raises:   Unreadable.
        """
        try:
            if self._walk is None or located.parts is None:
                fileobj, status = opened(located.path)
            else:
                fileobj, status = self._walk.open(located.parts)
            return fileobj, Located(located.path, status, located.parts)
        except NotPlain:
            raise Unreadable(False)
        except FAILURES as exc:
            if located.parts is not None:
                raise Unreadable(_is_shortage(exc))
            raise Unreadable(octetpaths.system.access(located.path, os.R_OK))


def _name_steps(path, counts):
    # type: (bytes, Callable[[Any], bool]) -> Iterator[None]
    """Reads a folder in steps; ends with a ``Return`` of ([(name, None)], how many names more it
    has than MAX_LISTED).

    Args:     counts: true for a name that matters.
    """
    scan = getattr(octetpaths.system, 'scandir', None)      # py2, jython: all at once
    entries = None
    if scan is None:
        names = octetpaths.system.listdir(path)
    else:
        entries = scan(path)
        names = (entry.name for entry in entries)
    try:
        for _ in first_steps(names, MAX_LISTED, counts):
            yield
    except Return as done:
        raise Return(([(name, None) for name in done.value[0]], done.value[1]))
    finally:
        if entries is not None:
            entries.close()


def _is_shortage(exc):
    # type: (Any) -> bool
    """True if no descriptor was free; jython: errors have a text, and a number that is not
    reliable.
    """
    return str(getattr(exc, 'strerror', None)).startswith('Too many open files')


def _seen(path, status, parts=None):
    # type: (bytes, Any, Optional[Sequence[bytes]]) -> Optional[Located]
    """A Located of a file or a folder; None for any other entry."""
    mode = status.st_mode
    return Located(path, status, parts) if stat.S_ISREG(mode) or stat.S_ISDIR(mode) else None


def look(path):
    # type: (bytes) -> Optional[Located]
    """A Located of the file or folder at *path*; None if there is none."""
    try:
        status = octetpaths.system.stat(path)
    except FAILURES:
        # missing, not reachable, or not a valid name; jython: the errno is not reliable.
        return None
    return _seen(path, status)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterator, List, Optional, Sequence, Tuple
