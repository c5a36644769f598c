# Copyright the carryall authors.  See LICENSE.
"""Jail: a folder of the disk that no path leads out of.

A path is walked one name at a time from the root (core/files/folders.py), and no step follows a
link.  A symbolic link is resolved here, as it would be after chroot(2).  A target that begins with
a slash begins at the root of the jail, and ``..`` at the root stays there.  So a link can lead to
anything inside and to nothing outside, no matter when and by which user it was made.  A link that
was made on the machine itself, with the full path of something inside, is understood too.

Symlinks: ``inside`` as above; ``never``: a link is listed, but not followed.
Names:    bytes, as on the disk.  Names with a special meaning for the system (a separator, a NUL)
          are refused.
Whole:    with ``whole=True`` an upload appears under its name when it is complete; until then it is
          ``.NAME.xxxxxxxx.part``, which is removed if the upload fails.  Resumed and appended
          files are written in place.

The permissions of accounts are the server's, which asks before it calls;
the permissions of the system apply in addition.
Tests:    tests/services/ftp/test_jail.py
"""
from __future__ import absolute_import, division, print_function

import binascii
import os
import stat
from collections import deque

from carryall.core.compat import FAILURES, to_bytes
from carryall.core.files.filenames import ON_WINDOWS, means_another
from carryall.core.files.folders import open_steps
from carryall.core.logs import get_logger
from carryall.core.files.plainfile import NotPlain
from carryall.protocols.ftp import (APPEND, BAD_NAME, DENIED, EXISTS, FAILED, FILE, FOLDER, FULL,
                                    IS_FOLDER, LINK, MISSING, NEW, NOT_EMPTY, NOT_FOLDER, OTHER,
                                    OTHER_PLACE, READ_ONLY, RESUME, TOO_SHORT, UNIQUE, Entry,
                                    FileFault, FileSystem, Upload, unique_names)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, List, Tuple

__all__ = ['Jail', 'SYMLINKS']

MAX_LINKS = 40              # followed in one path; the limit of Linux
MAX_UNIQUE = 1000           # names that STOU tries
BATCH = 32                  # entries of a listing that are looked at in one step
SYMLINKS = ('inside', 'never')

_SEPARATORS = [to_bytes(each) for each in (os.sep, os.altsep) if each and each != '/'] \
    + [b'/', b'\0']

# Error texts of the systems -> replies for the peer.  jython: errors have a text,
# and a number that is not reliable.
_FAULTS = {
    'No such file or directory': MISSING, 'Permission denied': DENIED,
    'Operation not permitted': DENIED, 'File exists': EXISTS, 'Not a directory': NOT_FOLDER,
    'Is a directory': IS_FOLDER, 'Directory not empty': NOT_EMPTY, 'No space left on device': FULL,
    'Disk quota exceeded': FULL, 'File too large': FULL, 'Read-only file system': READ_ONLY,
    'File name too long': BAD_NAME, 'Invalid cross-device link': OTHER_PLACE,
    'Too many levels of symbolic links': DENIED,
    'Invalid or incomplete multibyte or wide character': BAD_NAME,
}

_SPECIAL = ((stat.S_ISFIFO, b'p'), (stat.S_ISSOCK, b's'), (stat.S_ISBLK, b'b'),
            (stat.S_ISCHR, b'c'))

log = get_logger('ftp.jail')


class Jail(FileSystem):
    """The folder *root*.

    Args:     symlinks: of SYMLINKS.
              whole: True if uploads appear when they are complete.
              steps: a class of core/files/folders.py; the best of this system.
    """

    def __init__(self, root, symlinks='inside', whole=False, steps=None):
        # type: (Any, str, bool, Any) -> None
        if symlinks not in SYMLINKS:
            raise ValueError(symlinks)
        self.root = os.path.realpath(to_bytes(root))
        self._links = symlinks == 'inside'
        self._whole = whole
        self._steps = steps(self.root) if steps is not None else open_steps(self.root)

    # -- the way -----------------------------------------------------------------------------------

    def _walk(self, path, follow):
        # type: (Tuple[bytes, ...], bool) -> _Place
        """The place that *path* leads to: its folder, opened, and the last name.

        The caller closes it.
        """
        place = _Place(self._steps)
        try:
            place.begin()
            left = deque(path)
            links = 0
            while left:
                name = left.popleft()
                if name == b'..':
                    place.back()
                    continue
                _check_name(name)
                last = not left
                status = self._look(place, name, last)
                if status is not None and stat.S_ISLNK(status.st_mode) and (follow or not last):
                    links += 1
                    if not self._links or links > MAX_LINKS:
                        raise FileFault(DENIED)
                    left.extendleft(reversed(self._target(place, name)))
                elif last:
                    place.name = name
                else:
                    place.forward(name)
            return place
        except FileFault:
            place.close()
            raise
        except FAILURES as exc:
            place.close()
            raise fault_of(exc)

    def _look(self, place, name, may_miss):
        # type: (_Place, bytes, bool) -> Any
        try:
            return self._steps.stat(place.folder, name)
        except FAILURES as exc:
            # A missing file is often about to be created;
            # any other fault appears again in the operation itself.
            if may_miss and fault_of(exc).why in (MISSING, FAILED):
                return None
            raise

    def _target(self, place, name):
        # type: (_Place, bytes) -> List[bytes]
        """The names that a link leads through; from the root if it begins with a slash."""
        target = self._steps.target(place.folder, name)
        below = self.root.rstrip(b'/') + b'/'
        if target.startswith(below):
            target = b'/' + target[len(below):]
        if target[:1] == b'/':
            place.begin()
        return [part for part in target.split(b'/') if part not in (b'', b'.')]

    def _entry(self, name, status, place):
        # type: (bytes, Any, Any) -> Entry
        mode = status.st_mode
        kind = _kind(mode)
        entry = Entry(name, kind, status.st_size if kind == FILE else 0, float(status.st_mtime),
                      stat.S_IMODE(mode),
                      b'%d' % status.st_uid, b'%d' % status.st_gid, max(1, status.st_nlink),
                      b'%xg%x' % (status.st_dev, status.st_ino) if status.st_ino else b'')
        if kind == OTHER:
            entry.special = next((letter for is_such, letter in _SPECIAL if is_such(mode)), b'')
            numbers = getattr(status, 'st_rdev', 0)
            if numbers and hasattr(os, 'major'):
                entry.device = os.major(numbers), os.minor(numbers)
        if kind == LINK and place is not None:
            entry.target = self._steps.target(place.folder, name)
        return entry

    # -- looking -----------------------------------------------------------------------------------

    def stat(self, path, follow=True):
        with self._walk(path, follow) as place:
            return self._entry(path[-1] if path else b'',
                               self._steps.stat(place.folder, place.name), place)

    def entries(self, path):
        with self._walk(path, True) as place:
            place.forward_to_itself()
            names = sorted(self._steps.names(place.folder))
        return self._each(path, names)

    def _each(self, path, names):
        # type: (Tuple[bytes, ...], List[bytes]) -> Iterator[Entry]
        """The entries; the folder is opened for each batch, so that a reader that stops holds
        nothing open."""
        for start in range(0, len(names), BATCH):
            found = []
            with self._walk(path, True) as place:
                place.forward_to_itself()
                for name in names[start:start + BATCH]:
                    if name.startswith(b'.') and name.endswith(b'.part') and self._whole:
                        continue
                    try:
                        found.append(self._entry(name, self._steps.stat(place.folder, name), place))
                    except FAILURES:
                        # It was removed meanwhile; jython: or Java cannot represent its name.
                        continue
            for entry in found:
                yield entry

    def open(self, path):
        with self._walk(path, True) as place:
            if not place.name:
                raise FileFault(IS_FOLDER)
            try:
                source, status = self._steps.open(place.folder, place.name)
            except NotPlain as exc:
                raise self._not_plain(place, exc)
            return source, status.st_size

    def _not_plain(self, place, cause):
        # type: (_Place, Any) -> FileFault
        """The reason why something that is not a regular file cannot be opened."""
        is_folder = stat.S_ISDIR(self._steps.stat(place.folder, place.name).st_mode)
        return FileFault(IS_FOLDER if is_folder else DENIED, cause)

    def room(self, path):
        with self._walk(path, True) as place:
            place.forward_to_itself()
            return self._steps.room(place.folder)

    # -- changing ----------------------------------------------------------------------------------

    def store(self, path, how=NEW, offset=0, wish=b''):
        if how == UNIQUE:
            return self._store_unique(path, wish)
        place = self._walk(path, True)
        try:
            if not place.name:
                raise FileFault(IS_FOLDER)
            if how == NEW and self._whole:
                return self._store_whole(place, path)
            target, status = self._steps.write(place.folder, place.name, empty=how == NEW,
                                               append=how == APPEND)
            size = _start(target, status, how, offset)
            place.close()
            return _JailUpload(path, size, target)
        except NotPlain as exc:
            with place:
                raise self._not_plain(place, exc)
        except FAILURES as exc:
            place.close()
            raise exc if isinstance(exc, FileFault) else fault_of(exc)

    def _store_whole(self, place, path):
        # type: (_Place, Tuple[bytes, ...]) -> Upload
        status = self._look(place, place.name, True)
        if status is not None and not stat.S_ISREG(status.st_mode):
            raise FileFault(IS_FOLDER if stat.S_ISDIR(status.st_mode) else DENIED)
        part = b'.%s.%s.part' % (place.name[:200], binascii.hexlify(os.urandom(4)))
        target, _ = self._steps.write(place.folder, part, exclusive=True)
        place.keep_innermost()          # an upload may take long, and each folder has a descriptor
        return _WholeUpload(path, target, place, part)

    def _store_unique(self, path, wish):
        # type: (Tuple[bytes, ...], bytes) -> Upload
        _check_name(wish)
        with self._walk(path, True) as place:
            place.forward_to_itself()
            for name in unique_names(wish, MAX_UNIQUE):
                try:
                    target, _ = self._steps.write(place.folder, name, exclusive=True)
                except FAILURES as exc:
                    if fault_of(exc).why is not EXISTS:
                        raise
                    continue
                return _JailUpload(path + (name,), 0, target)
        raise FileFault(EXISTS)

    def make_folder(self, path):
        with self._walk(path, False) as place:
            place.need_name()
            self._steps.make(place.folder, place.name)

    def remove_folder(self, path):
        with self._walk(path, False) as place:
            place.need_name()
            if not stat.S_ISDIR(self._steps.stat(place.folder, place.name).st_mode):
                raise FileFault(NOT_FOLDER)
            try:
                self._steps.remove_folder(place.folder, place.name)
            except FAILURES as exc:
                fault = fault_of(exc)       # jython: the error gives no reason
                raise FileFault(NOT_EMPTY, exc) if fault.why is FAILED else fault

    def remove(self, path):
        with self._walk(path, False) as place:
            place.need_name()
            if stat.S_ISDIR(self._steps.stat(place.folder, place.name).st_mode):
                raise FileFault(IS_FOLDER)
            self._steps.remove(place.folder, place.name)

    def rename(self, source, target):
        with self._walk(source, False) as old:
            old.need_name()
            moved = self._steps.stat(old.folder, old.name)
            with self._walk(target, False) as new:
                new.need_name()
                there = self._look(new, new.name, True)
                if there is not None \
                        and (stat.S_ISDIR(there.st_mode) or stat.S_ISDIR(moved.st_mode)):
                    raise FileFault(EXISTS)
                if target[:len(source)] == source:
                    if source == target:
                        return
                    raise FileFault(OTHER_PLACE)
                self._steps.rename(old.folder, old.name, new.folder, new.name)

    def set_modified(self, path, seconds):
        with self._walk(path, True) as place:
            self._steps.stat(place.folder, place.name)
            self._steps.set_times(place.folder, place.name, seconds)

    def set_mode(self, path, mode):
        with self._walk(path, True) as place:
            self._steps.stat(place.folder, place.name)
            self._steps.set_mode(place.folder, place.name, mode)


class _Place(object):
    """A chain of open folders, and a name in the last one; b'' for that folder itself.

    Leaving ``with`` closes it, and turns errors of the system into a FileFault.
    """

    def __init__(self, steps):
        # type: (Any) -> None
        self.name = b''
        self._steps = steps
        self._folders = []          # type: List[Any]

    @property
    def folder(self):
        # type: () -> Any
        """The innermost."""
        return self._folders[-1]

    def begin(self):
        # type: () -> None
        """Goes to the root."""
        self.close()
        self._folders = [self._steps.root()]
        self.name = b''

    def forward(self, name):
        # type: (bytes) -> None
        """Goes into a subfolder."""
        self._folders.append(self._steps.enter(self.folder, name))

    def forward_to_itself(self):
        # type: () -> None
        """Goes into the folder that the last name names."""
        if self.name:
            self.forward(self.name)
            self.name = b''

    def back(self):
        # type: () -> None
        """Goes one folder up, not above the root."""
        if len(self._folders) > 1:
            self._steps.leave(self._folders.pop())

    def keep_innermost(self):
        # type: () -> None
        """Closes the folders above; it is not possible to go back to them."""
        for folder in self._folders[:-1]:
            self._steps.leave(folder)
        del self._folders[:-1]

    def need_name(self):
        # type: () -> None
        """Refuses the root, which must not be created, moved or removed."""
        if not self.name:
            raise FileFault(DENIED)

    def close(self):
        # type: () -> None
        """Closes all folders."""
        folders, self._folders = self._folders, []
        for folder in folders:
            self._steps.leave(folder)

    def __enter__(self):
        return self

    def __exit__(self, kind, exc, _trace):
        self.close()
        if exc is not None and isinstance(exc, FAILURES) and not isinstance(exc, FileFault):
            raise fault_of(exc)


class _JailUpload(Upload):
    """An upload written in place; it keeps what was written if it fails."""

    __slots__ = ('_target',)

    def __init__(self, path, size, target):
        # type: (Tuple[bytes, ...], int, Any) -> None
        Upload.__init__(self, path, size)
        self._target = target

    def write(self, data):
        try:
            done = self._target.write(data)
            while done is not None and done < len(data):        # the disk is nearly full
                data = data[done:]
                done = self._target.write(data)
        except FAILURES as exc:
            raise fault_of(exc)

    def finish(self):
        try:
            self._target.close()
        except FAILURES as exc:
            raise fault_of(exc)

    def abandon(self):
        self._target.close()


class _WholeUpload(_JailUpload):
    """An upload written to a file of its own; it appears when it is complete, or never."""

    __slots__ = ('_place', '_part')

    def __init__(self, path, target, place, part):
        # type: (Tuple[bytes, ...], Any, _Place, bytes) -> None
        _JailUpload.__init__(self, path, 0, target)
        self._place = place
        self._part = part

    def finish(self):
        place = self._place
        with place:
            _JailUpload.finish(self)
            place._steps.rename(place.folder, self._part, place.folder, place.name)

    def abandon(self):
        self._target.close()
        place = self._place
        with place:
            place._steps.remove(place.folder, self._part)


def _start(target, status, how, offset):
    # type: (Any, Any, str, int) -> int
    """Goes to the offset where writing begins; returns that offset."""
    try:
        if how == NEW:
            return 0
        size = status.st_size if how == APPEND else offset
        if how == RESUME and offset > status.st_size:
            raise FileFault(TOO_SHORT)
        if how == RESUME:
            target.seek(size)
        return size  # of APPEND: each write finds the end by itself, as others may append too
    except FAILURES:
        target.close()
        raise


def _check_name(name):
    # type: (bytes) -> None
    for octets in _SEPARATORS:
        if octets in name:
            raise FileFault(BAD_NAME)
    if ON_WINDOWS and means_another(name):
        raise FileFault(BAD_NAME)


def _kind(mode):
    # type: (int) -> str
    """The kind of an entry, from its mode."""
    if stat.S_ISDIR(mode):
        return FOLDER
    if stat.S_ISREG(mode):
        return FILE
    return LINK if stat.S_ISLNK(mode) else OTHER


def fault_of(exc):
    # type: (Any) -> FileFault
    """The fault for an error of the system, as the peer may see it."""
    text = getattr(exc, 'strerror', None) or (exc.args[-1] if getattr(exc, 'args', None) else '')
    why = _FAULTS.get(text) if isinstance(text, str) else None
    return FileFault(why or FAILED, exc)
