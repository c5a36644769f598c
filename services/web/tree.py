# Copyright the carryall authors.  See LICENSE.
"""FileTree: one folder, and the files in it that may be read by everybody (features WEB-02).

Names come as ``paths.parts_of`` gives them, so none can climb; what is decided here is what the
disk adds to that: symbolic links, hidden files, and things that are no files (pipes, devices,
sockets), which are never opened.

Symlinks: ``follow``: wherever they lead, out of the folder too.  ``owner``: if the link and what it
leads to have the same
          owner, on every step of the way.  ``never``.  The last two hold against people who may
          change folders of the tree at the same moment (core/files/pathwalk.py).
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
from carryall.core.files.pathwalk import PathWalk
from carryall.services.web.requestpaths import is_hidden, is_plain_name
from carryall.services.web.validators import identity_of

__all__ = ['DOTFILES', 'FileTree', 'Located', 'SYMLINKS', 'Unreadable']

# -- limits ------------------------------------------------------------------
MAX_LISTED = 10000          # entries of one folder that are looked at
STEP_ENTRIES = 32           # of them in one step

DOTFILES = ('hide', 'show')
SYMLINKS = ('follow', 'owner', 'never')

_SEP = to_bytes(os.sep)


class Unreadable(Exception):
    """The file is there and cannot be read; ``shortage`` tells whether the reason may pass (no
    descriptors left).
    """

    def __init__(self, shortage):
        # type: (bool) -> None
        Exception.__init__(self, 'cannot be read')
        self.shortage = shortage


class Located(object):
    """Something that is there.

    Attributes:
        path: bytes, absolute.
        parts: the names from the root, where links on the way are judged; else None.
        identity: see validators.py.
        size: octets of a file.
        is_folder: or else a regular file.
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
    """What may be seen below *root*.

    Args:     dotfiles: ``hide`` or ``show`` names as ``paths.is_hidden`` has them.
              symlinks: ``follow``, ``owner`` or ``never``.
              own_root: true if *root* is a name that whoever runs the server chose; if not, it may
                        be a symbolic link only as those below it may.
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
        """The file or folder that *parts* lead to; None if there is none, or none that may be seen.

        The last part may be b'' for the folder itself.
        Raises:   Unreadable: there are no descriptors left to walk with.
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
        """True if this is another spelling of a file, which a file system of Windows takes; no rule
        about names would hold.
        """
        here = self._look(list(folder) + [name])
        for other in aliases_of(name):
            there = self._look(list(folder) + [other])
            if here is None or there is not None and there.identity[:2] == here.identity[:2]:
                return True
        return False

    def page(self, name):
        # type: (bytes) -> Optional[Located]
        """A file that the owner of the server has named, hidden or not: below the root, or anywhere
        by its full path.
        """
        if os.path.isabs(name):
            return look(name)
        return self._look([part for part in name.split(b'/') if part])

    def again(self, located):
        # type: (Located) -> Optional[Located]
        """What is at the place of *located* now."""
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
        # type: (Sequence[bytes]) -> Optional[Tuple[List[Tuple[bytes, Located]], bool]]
        """What may be seen in the folder at *parts*: ((name, Located) in no order, whether there is
        more).

        Returns:  None: the folder cannot be read.
        """
        return spread(None, self.entry_steps(parts)).result()

    def entry_steps(self, parts):
        # type: (Sequence[bytes]) -> Iterator[None]
        """As ``entries``, in steps: it yields between them, and raises a ``Return`` with the
        outcome.
        """
        if parts and not parts[-1]:
            parts = parts[:-1]
        try:
            if self._walk is not None:
                for _ in self._walk.entry_steps(parts, MAX_LISTED):
                    yield
            else:
                for _ in _name_steps(self._below + _SEP.join(parts)):
                    yield
        except Return as done:
            states, more = done.value
        except FAILURES:
            raise Return(None)
        found = []
        for number, (name, status) in enumerate(states, 1):
            if number % STEP_ENTRIES == 0:
                yield
            if isinstance(name, bytes) and is_plain_name(name):
                way = list(parts) + [name]
                if self._hides and is_hidden(way):
                    continue
                # A name that is listed is no other spelling of one.
                here = (self._look(way) if status is None
                        else _seen(self._below + _SEP.join(way), status, way))
                if here is not None:
                    found.append((name, here))
        raise Return((found, more))

    def open(self, located):
        # type: (Located) -> Tuple[Any, Located]
        """Open a file for reading bytes: (file, Located as it was opened, which may be another by
        now).

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


def _name_steps(path):
    # type: (bytes) -> Iterator[None]
    """Read a folder in steps; a ``Return`` with ([(name, None)], whether it holds more than
    MAX_LISTED).
    """
    scan = getattr(octetpaths.system, 'scandir', None)      # py2, jython: all at once
    if scan is None:
        names = octetpaths.system.listdir(path)
        raise Return(([(name, None) for name in names[:MAX_LISTED]], len(names) > MAX_LISTED))
    found = []                  # type: List[Any]
    with scan(path) as entries:
        for entry in entries:
            if len(found) == MAX_LISTED:
                raise Return((found, True))
            found.append((entry.name, None))
            if len(found) % (8 * STEP_ENTRIES) == 0:
                yield
    raise Return((found, False))


def _is_shortage(exc):
    # type: (Any) -> bool
    """True if no descriptor was left; jython: errors have a text, and no number that could be
    relied on.
    """
    return str(getattr(exc, 'strerror', None)).startswith('Too many open files')


def _seen(path, status, parts=None):
    # type: (bytes, Any, Optional[Sequence[bytes]]) -> Optional[Located]
    """A Located of a file or a folder; None for anything else."""
    mode = status.st_mode
    return Located(path, status, parts) if stat.S_ISREG(mode) or stat.S_ISDIR(mode) else None


def look(path):
    # type: (bytes) -> Optional[Located]
    """What is at *path*: a Located, or None if nothing is there that is a file or a folder."""
    try:
        status = octetpaths.system.stat(path)
    except FAILURES:
        # Not there, not reachable, not a name; jython: the errno of these is not to be relied on.
        return None
    return _seen(path, status)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, List, Optional, Sequence, Tuple
