# Copyright the carryall authors.  See LICENSE.
"""MemoryFiles: a file system without a disk, for tests and for files that need not last.

    files = MemoryFiles({b'pub/readme.txt': b'hello\\n'}, wall=loop.wall, octets=1 << 20)

Tests:    tests/services/ftp/test_memoryfiles.py
"""
from __future__ import absolute_import, division, print_function

import io

from carryall.protocols.ftp import (APPEND, DENIED, EXISTS, FILE, FOLDER, FULL, IS_FOLDER, MISSING,
                                    NEW, NOT_EMPTY, NOT_FOLDER, OTHER_PLACE, RESUME, TOO_SHORT,
                                    UNIQUE, Entry, FileFault, FileSystem, Upload, unique_names)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional, Tuple

__all__ = ['MemoryFiles']

MAX_BYTES = 64 << 20        # octets of all files together
MAX_ENTRIES = 100000        # files and folders together


class _Node(object):
    """A file (``data``) or a folder (``names``)."""

    __slots__ = ('data', 'names', 'modified', 'mode', 'number')

    def __init__(self, folder, modified, number):
        # type: (bool, float, int) -> None
        self.data = None if folder else bytearray()     # type: Any
        self.names = {} if folder else None             # type: Any
        self.modified = modified
        self.mode = 0o755 if folder else 0o644
        self.number = number


class MemoryFiles(FileSystem):
    """A tree in memory.

    Args:     files: {path with slashes: content} at the start;
              a path that ends with a slash is a folder.
              wall: returns the time in seconds since 1970.
              octets, entries: its limits.
    """

    def __init__(self, files=None, wall=lambda: 0.0, octets=MAX_BYTES, entries=MAX_ENTRIES):
        # type: (Any, Callable[[], float], int, int) -> None
        self._wall = wall
        self._octets = octets
        self._entries = entries
        self._used = 0
        self._number = 0
        self._count = 0
        self._root = self._node(True)
        for path, content in sorted((files or {}).items()):
            parts = tuple(name for name in path.split(b'/') if name)
            for depth in range(1, len(parts) + (path[-1:] == b'/')):
                if self._find(parts[:depth]) is None:
                    self.make_folder(parts[:depth])
            if path[-1:] != b'/':
                upload = self.store(parts)
                upload.write(content)
                upload.finish()

    def _node(self, folder):
        # type: (bool) -> _Node
        if self._count >= self._entries:
            raise FileFault(FULL)
        self._number += 1
        self._count += 1
        return _Node(folder, self._wall(), self._number)

    def _find(self, path):
        # type: (Tuple[bytes, ...]) -> Optional[_Node]
        node = self._root           # type: Optional[_Node]
        for name in path:
            if node is None or node.names is None:
                return None
            node = node.names.get(name)
        return node

    def _get(self, path):
        # type: (Tuple[bytes, ...]) -> _Node
        node = self._find(path)
        if node is None:
            raise FileFault(MISSING)
        return node

    def _folder(self, path):
        # type: (Tuple[bytes, ...]) -> _Node
        node = self._get(path)
        if node.names is None:
            raise FileFault(NOT_FOLDER)
        return node

    def _parent(self, path):
        # type: (Tuple[bytes, ...]) -> _Node
        if not path:
            raise FileFault(DENIED)         # the root cannot be created, moved or removed
        return self._folder(path[:-1])

    def _entry(self, name, node):
        # type: (bytes, _Node) -> Entry
        folder = node.names is not None
        return Entry(name, FOLDER if folder else FILE, 0 if folder else len(node.data),
                     node.modified, node.mode, unique=b'm%x' % node.number)

    # -- the contract ------------------------------------------------------------------------------

    def stat(self, path, follow=True):
        return self._entry(path[-1] if path else b'', self._get(path))

    def entries(self, path):
        node = self._folder(path)
        return iter([self._entry(name, node.names[name]) for name in sorted(node.names)])

    def open(self, path):
        node = self._get(path)
        if node.data is None:
            raise FileFault(IS_FOLDER)
        return io.BytesIO(bytes(node.data)), len(node.data)

    def store(self, path, how=NEW, offset=0, wish=b''):
        if how == UNIQUE:
            folder = self._folder(path)
            name = next((name for name in unique_names(wish, self._entries)
                         if name not in folder.names), None)
            if name is None:
                raise FileFault(EXISTS)
            path = path + (name,)
        parent = self._parent(path)
        node = parent.names.get(path[-1])
        if node is not None and node.data is None:
            raise FileFault(IS_FOLDER)
        size = 0
        if how in (APPEND, RESUME) and node is not None:
            size = len(node.data) if how == APPEND else offset
        if size > (0 if node is None else len(node.data)) or how == RESUME and node is None \
                and offset:
            raise FileFault(TOO_SHORT)
        if node is None:
            node = self._node(False)
            parent.names[path[-1]] = node
            parent.modified = self._wall()
        elif how in (NEW, UNIQUE):
            self._used -= len(node.data)
            del node.data[:]
        return _MemoryUpload(self, node, path, size, None if how == APPEND else size)

    def make_folder(self, path):
        parent = self._parent(path)
        if path[-1] in parent.names:
            raise FileFault(EXISTS)
        parent.names[path[-1]] = self._node(True)
        parent.modified = self._wall()

    def remove_folder(self, path):
        parent = self._parent(path)
        node = self._folder(path)
        if node.names:
            raise FileFault(NOT_EMPTY)
        del parent.names[path[-1]]
        self._count -= 1
        parent.modified = self._wall()

    def remove(self, path):
        node = self._get(path)
        if node.data is None:
            raise FileFault(IS_FOLDER)
        parent = self._parent(path)
        del parent.names[path[-1]]
        self._count -= 1
        self._used -= len(node.data)
        parent.modified = self._wall()

    def rename(self, source, target):
        node = self._get(source)
        here = self._parent(source)
        there = self._parent(target)
        if target[:len(source)] == source:
            if target == source:
                return
            raise FileFault(OTHER_PLACE)        # into itself
        old = there.names.get(target[-1])
        if old is not None:
            if old.data is None or node.data is None:
                raise FileFault(EXISTS)
            self._used -= len(old.data)
            self._count -= 1
        del here.names[source[-1]]
        there.names[target[-1]] = node
        here.modified = self._wall()
        there.modified = here.modified

    def set_modified(self, path, seconds):
        self._get(path).modified = seconds

    def set_mode(self, path, mode):
        self._get(path).mode = mode

    def room(self, path):
        self._folder(path)
        return self._octets - self._used


class _MemoryUpload(Upload):
    """An upload into a node, which others see growing;
    without *at* each write goes to the end of the node."""

    __slots__ = ('_files', '_node', '_at')

    def __init__(self, files, node, path, size, at):
        # type: (MemoryFiles, _Node, Tuple[bytes, ...], int, Optional[int]) -> None
        Upload.__init__(self, path, size)
        self._files = files
        self._node = node
        self._at = at

    def write(self, data):
        node = self._node
        files = self._files
        at = len(node.data) if self._at is None else self._at
        end = at + len(data)
        grown = max(0, end - len(node.data))
        if files._used + grown > files._octets:
            raise FileFault(FULL)
        files._used += grown
        if at > len(node.data):  # another upload emptied it: a hole of zeros, as on a disk
            node.data.extend(bytes(bytearray(at - len(node.data))))
        node.data[at:end] = data
        if self._at is not None:
            self._at = end
        node.modified = files._wall()

    def finish(self):
        pass

    def abandon(self):
        pass
