# Copyright the carryall authors.  See LICENSE.
"""The store of a directory: a row for each entry, read once at the start.

    keeper = DirectoryStore(store)
    Directory(..., keeper=keeper.keep)

A row has the key of the DN, the DN, and the attributes encoded as PartialAttributes.
Tests:    tests/services/ldap/test_ldapservice.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.datastore import StoreSchema, Table
from carryall.core.compat import to_bytes
from carryall.core.database import Error
from carryall.core.future import Return, coroutine, failed
from carryall.protocols.ldap import LDAPError, errors, split_encoded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Sequence, Tuple
    from carryall.app.datastore import DataStore
    from carryall.protocols.ldap import Directory, Entry, Kept

__all__ = ['DirectoryStore', 'STORE']

BATCH = 500                     # rows that are written at a time

STORE = StoreSchema('ldap', [Table('ldap_entries', ['name', 'dn', 'attributes'], ['name'])], [
    [u'CREATE TABLE ldap_entries (name {key} NOT NULL PRIMARY KEY, dn {text} NOT NULL,'
     u' attributes {blob} NOT NULL)']])

_INSERT = u'INSERT INTO ldap_entries (name, dn, attributes) VALUES (?, ?, ?)'
_DELETE = u'DELETE FROM ldap_entries WHERE name = ?'


def _row(entry):
    # type: (Entry) -> Tuple[str, str, bytes]
    return entry.key, entry.dn, b''.join([entry.attributes[key] for key in
                                          sorted(entry.attributes)])


@coroutine
def _change(transaction, gone, rows):
    # type: (Any, Sequence[str], List[Any]) -> Any
    for key in gone:
        yield transaction.execute(_DELETE, (key,))
    for row in rows:
        if row[0] not in gone:
            yield transaction.execute(_DELETE, (row[0],))
        yield transaction.execute(_INSERT, row)
    raise Return(None)


class DirectoryStore(object):
    """Keeps the entries of a directory.

    Args:     store: an open DataStore.
    """

    def __init__(self, store):
        # type: (DataStore) -> None
        self.store = store

    def keep(self, kept):
        # type: (Kept) -> Any
        """A Future of when a change is safe; it fails with LDAPError ``unavailable``."""
        rows = [_row(entry) for entry in kept.come]
        if len(rows) == 1 and not kept.gone:
            # The usual change: an entry is new, or another than before.
            work = self.store.change(_change, (), rows)
        else:
            work = self.store.change(_change, kept.gone, rows)
        return work.then(None, _refused)

    @coroutine
    def fill(self, entries):
        # type: (Sequence[Entry]) -> Any
        """Keeps entries that were loaded from a file; a Future."""
        for at in range(0, len(entries), BATCH):
            yield self.store.write_many(_INSERT, [_row(each) for each in entries[at:at + BATCH]])
        raise Return(None)

    @coroutine
    def load(self, directory):
        # type: (Directory) -> Any
        """Puts all entries into a directory; a Future of their number."""
        rows = []                   # type: List[Any]
        yield self.store.stream(u'SELECT name, dn, attributes FROM ldap_entries', (), rows.extend)
        rows.sort(key=_length)      # what is above has the shorter key
        for _, dn, attributes in rows:
            directory.restore(dn, split_encoded(to_bytes(attributes), directory.schema))
        raise Return(len(rows))


def _length(row):
    # type: (Any) -> int
    return len(row[0])


def _refused(exc):
    # type: (BaseException) -> Any
    if isinstance(exc, Error):
        exc = LDAPError(u'the change cannot be kept at the moment', errors.UNAVAILABLE,
                        cause=exc)
    return failed(exc)
