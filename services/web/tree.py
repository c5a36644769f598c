# Copyright the carryall authors.  See LICENSE.
"""FileTree: one folder, and the files in it that may be read by everybody (features WEB-02).

Names come as ``paths.parts_of`` gives them, so none can climb; what is decided here is what the disk adds to that:
symbolic links, hidden files, and things that are no files (pipes, devices, sockets), which are never opened.

Symlinks: ``follow``: wherever they lead, out of the folder too.  ``owner``: if the link and what it leads to have the same
          owner, on every step of the way.  ``never``.  Each step is looked at for each request; who can change folders
          of the tree at the same moment can still win a race, so they keep honest users apart and not attackers with
          an account.
Paths:    bytes everywhere (on Jython and Windows they are UTF-8, and a name that is not is not found).
Tests:    tests/services/web/test_tree.py
"""
from __future__ import absolute_import, division, print_function

import io
import os
import stat

from carryall.core.compat import FAILURES, to_bytes
from carryall.core.errors import UsageError
from carryall.services.web.paths import is_hidden, is_plain_name
from carryall.services.web.validators import identity_of

__all__ = ['DOTFILES', 'FileTree', 'Located', 'SYMLINKS', 'Unreadable']

# -- limits ------------------------------------------------------------------
MAX_LISTED = 10000          # entries of one folder that are looked at; ours

DOTFILES = ('hide', 'show')
SYMLINKS = ('follow', 'owner', 'never')

# A pipe that took the place of the file in this very moment must not hold us up, nor become ours to pass on.
_FLAGS = os.O_RDONLY
for _name in ('O_NONBLOCK', 'O_CLOEXEC', 'O_BINARY', 'O_NOCTTY'):
    _FLAGS |= getattr(os, _name, 0)
_BY_DESCRIPTOR = hasattr(os, 'O_NONBLOCK')      # jython: os.fstat does not know the files that it opened
_NO_FOLLOW = getattr(os, 'O_NOFOLLOW', 0)
_SEP = to_bytes(os.sep)


class Unreadable(Exception):
    """The file is there and cannot be read; ``shortage`` tells whether the reason may pass (no descriptors left)."""

    def __init__(self, shortage):
        # type: (bool) -> None
        Exception.__init__(self, 'cannot be read')
        self.shortage = shortage


class Located(object):
    """Something that is there.

    Attributes:
        path: bytes, absolute.
        identity: see validators.py.
        size: octets of a file.
        is_folder: or else a regular file.
    """

    __slots__ = ('path', 'identity', 'size', 'is_folder')

    def __init__(self, path, status):
        # type: (bytes, Any) -> None
        self.path = path
        self.identity = identity_of(status)
        self.size = status.st_size
        self.is_folder = stat.S_ISDIR(status.st_mode)


class FileTree(object):
    """What may be seen below *root*.

    Args:     dotfiles: ``hide`` or ``show`` names as ``paths.is_hidden`` has them.
              symlinks: ``follow``, ``owner`` or ``never``.
              own_root: whether *root* is a name that whoever runs the server chose; if not, it may be a symbolic link only
                        as those below it may.
    """

    def __init__(self, root, dotfiles='hide', symlinks='follow', own_root=True):
        # type: (Any, str, str, bool) -> None
        if dotfiles not in DOTFILES or symlinks not in SYMLINKS:
            raise UsageError(u'dotfiles: one of %s; symlinks: one of %s' % (u', '.join(DOTFILES), u', '.join(SYMLINKS)))
        self.root = os.path.abspath(to_bytes(root))
        self._below = self.root if self.root.endswith(_SEP) else self.root + _SEP
        self._hides = dotfiles == 'hide'
        self._symlinks = symlinks
        self._own_root = own_root

    def locate(self, parts):
        # type: (Sequence[bytes]) -> Optional[Located]
        """The file or folder that *parts* lead to; None if there is none, or none that may be seen.

        The last part may be b'' for the folder itself.
        """
        if parts and not parts[-1]:
            parts = parts[:-1]
        if self._hides and is_hidden(parts) or not self.links_allow(parts):
            return None
        return look(self._below + _SEP.join(parts))

    def links_allow(self, parts):
        # type: (Sequence[bytes]) -> bool
        """Whether the symbolic links on the way along *parts* may be followed."""
        if self._symlinks == 'follow':
            return True
        path = self.root
        for step in [b''] * (not self._own_root) + [_SEP + part for part in parts]:
            path += step
            try:
                status = os.lstat(path)
                if stat.S_ISLNK(status.st_mode):
                    if self._symlinks == 'never' or os.stat(path).st_uid != status.st_uid:
                        return False
            except FAILURES:
                return False
        return True

    def entries(self, parts):
        # type: (Sequence[bytes]) -> Optional[Tuple[List[Tuple[bytes, Located]], bool]]
        """What may be seen in the folder at *parts*: ((name, Located) in no order, whether there is more).

        Returns:  None: the folder cannot be read.
        """
        if parts and not parts[-1]:
            parts = parts[:-1]
        try:
            names = os.listdir(self._below + _SEP.join(parts))
        except FAILURES:
            return None
        found = []
        for name in names[:MAX_LISTED]:
            if isinstance(name, bytes) and is_plain_name(name):
                here = self.locate(list(parts) + [name])
                if here is not None:
                    found.append((name, here))
        return found, len(names) > MAX_LISTED

    def open(self, located):
        # type: (Located) -> Tuple[Any, Located]
        """Open a file for reading bytes: (file, Located as it was opened, which may be another by now).

        Raises:   Unreadable.
        """
        fileobj = None
        try:
            if _BY_DESCRIPTOR:
                flags = _FLAGS | (_NO_FOLLOW if self._symlinks == 'never' else 0)
                descriptor = os.open(located.path, flags)
                try:
                    fileobj = io.open(descriptor, 'rb', 0)
                except FAILURES:
                    os.close(descriptor)
                    raise
                status = os.fstat(descriptor)
            else:
                if look(located.path) is None:
                    raise Unreadable(False)
                fileobj = io.open(located.path, 'rb', 0)
                status = os.stat(located.path)
            if not stat.S_ISREG(status.st_mode):
                raise Unreadable(False)
            return fileobj, Located(located.path, status)
        except FAILURES as exc:
            if fileobj is not None:
                fileobj.close()
            if isinstance(exc, Unreadable):
                raise
            raise Unreadable(os.access(located.path, os.R_OK))


def look(path):
    # type: (bytes) -> Optional[Located]
    """What is at *path*: a Located, or None if nothing is there that is a file or a folder."""
    try:
        status = os.stat(path)
    except FAILURES:        # not there, not reachable, not a name; jython: the errno of these is not to be relied on
        return None
    mode = status.st_mode
    return Located(path, status) if stat.S_ISREG(mode) or stat.S_ISDIR(mode) else None


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Sequence, Tuple
