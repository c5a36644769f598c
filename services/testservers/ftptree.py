# Copyright the carryall authors.  See LICENSE.
"""The FTP server for tests: a tree in memory or a folder, one account, every transfer kept.

Tests:    tests/services/testservers/test_ftptree.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.guard import LoginGuard
from carryall.core.compat import native, text_type, to_bytes
from carryall.core.errors import UsageError
from carryall.core.wrap.faultrules import FaultyLoop
from carryall.protocols.ftp import (FOLDER, NEW, FileFault, FTPBackend,
                                    FTPServer, Observer, Settings)
from carryall.services.ftp.ftpaccounts import FTPAccounts, FTPRealm
from carryall.services.ftp.jail import Jail
from carryall.services.ftp.memoryfiles import MemoryFiles
from carryall.services.testservers.controlled import ControlledService

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Tuple

__all__ = ['FTPTree', 'make']

ENCRYPTION = (u'', u'starttls', u'implicit')


class FTPTree(ControlledService):
    """One tree, for one account and, if that is wanted, for everybody.

    Options:  root: a folder; None for a tree in memory.
              user, password: of the account.
              anonymous: everybody may read.
              anonymous_root: a folder that they see in place of the tree.
              require_tls: 'no', 'login' or 'all'.
    """

    known = {'root': None, 'user': u'user', 'password': u'secret', 'anonymous': False,
             'anonymous_root': None, 'require_tls': u'no', 'banner': None}
    by_lines = True
    # A file is there before the reply to its transfer.
    direct = ControlledService.direct + ('get',)

    def __init__(self, given):
        # type: (Dict[str, Any]) -> None
        self.files = None           # type: Any
        ControlledService.__init__(self, 'ftp', given)

    def change(self, given):
        ControlledService.change(self, given)
        values = self.values
        if values['tls'] not in ENCRYPTION:
            raise UsageError(u'"%s" is none of starttls and implicit' % values['tls'])
        for option in ('root', 'anonymous_root'):
            if values[option] is not None and not os.path.isdir(values[option]):
                raise UsageError(u'there is no folder %s' % values[option])
        if 'root' in given:
            self.files = None

    def listeners(self, loop):
        values = self.values
        if self.files is None:
            self.files = MemoryFiles(wall=loop.wall)
            if values['root'] is not None:
                self.files = Jail(values['root'])
        context = self.context() if values['tls'] else None
        user = _text(values['user'])
        checker = MemoryChecker({user: to_bytes(values['password'])})
        public = None if values['anonymous_root'] is None else Jail(values['anonymous_root'])
        realm = FTPRealm(None, files=lambda name, anonymous: (
            public if anonymous and public is not None else self.files))
        anonymous = u'anonymous' if values['anonymous'] or public is not None else None
        accounts = FTPAccounts(realm, [checker], anonymous)
        backend = FTPBackend(accounts, LoginGuard(loop, delay=0.0, ban_after=0), _Log(self))
        settings = Settings(tls=context, tls_required=native(values['require_tls']), digests=True)
        if values['banner'] is not None:
            settings = settings.replace(banner=(to_bytes(values['banner']),))
        under = FaultyLoop(loop, self.faults)
        return [('ftp', lambda: FTPServer(backend, under, settings), values['tls'] == u'implicit')]

    # -- told from outside -----------------------------------------------------------------------

    def calls(self):
        found = ControlledService.calls(self)
        found.update(put=self.put, get=self.get, names=self.names, remove=self.remove)
        return found

    def put(self, path, data):
        # type: (Any, bytes) -> None
        """Writes a file, and the folders above it."""
        parts = _parts(path)
        for depth in range(1, len(parts)):
            try:
                self.files.stat(parts[:depth])
            except FileFault:
                self.files.make_folder(parts[:depth])
        upload = self.files.store(parts, NEW)
        upload.write(data)
        upload.finish()

    def get(self, path):
        # type: (Any) -> bytes
        """The content of a file.

        Raises:   UsageError: there is no such file.
        """
        try:
            source, size = self.files.open(_parts(path))
        except FileFault as fault:
            raise UsageError(u'%s: %s' % (_text(path), fault.message))
        try:
            return source.read(size)
        finally:
            source.close()

    def names(self):
        # type: () -> List[str]
        """The paths of all files, sorted."""
        return sorted(self._below(()))

    def _below(self, path):
        # type: (Tuple[bytes, ...]) -> List[str]
        found = []                  # type: List[str]
        for entry in self.files.entries(path):
            inside = path + (entry.name,)
            if entry.kind == FOLDER:
                found += self._below(inside)
            else:
                found.append(b'/'.join(inside).decode('utf-8', 'replace'))
        return found

    def remove(self, path):
        # type: (Any) -> None
        """Removes a file."""
        try:
            self.files.remove(_parts(path))
        except FileFault as fault:
            raise UsageError(u'%s: %s' % (_text(path), fault.message))

    def forget(self):
        """Forgets transfers and faults; a tree in memory loses its files."""
        ControlledService.forget(self)
        if self.values['root'] is None:
            self.files = None
            if self.loop is not None:
                self.files = MemoryFiles(wall=self.loop.wall)


def _text(value):
    # type: (Any) -> str
    return value if isinstance(value, text_type) else value.decode('utf-8', 'replace')


def _parts(path):
    # type: (Any) -> Tuple[bytes, ...]
    """The names of a path.

    Raises:   UsageError: it leads out of the tree, or nowhere.
    """
    parts = tuple(name for name in to_bytes(path).split(b'/') if name)
    if not parts or b'..' in parts or b'.' in parts:
        raise UsageError(u'"%s" is no path of a file' % _text(path))
    return parts


class _Log(Observer):
    """Keeps the transfers."""

    def __init__(self, tree):
        # type: (FTPTree) -> None
        self._tree = tree

    def transferred(self, record):
        self._tree.keep({
            'incoming': record.incoming, 'path': _text(b'/'.join(record.path)),
            'octets': record.octets, 'complete': record.complete, 'user': record.account.name})


def make(given):
    # type: (Dict[str, Any]) -> FTPTree
    """A stopped server with these options."""
    return FTPTree(dict((native(name), value) for name, value in given.items()))
