# Copyright the carryall authors.  See LICENSE.
"""DirectoryTree: the entries of a directory, their indexes, and searches through them.

An index has the entries of each prepared value of an attribute.  A filter that demands one of those
looks at its entries alone; any other looks at all entries in the scope of the search.

Limits:   the search is a generator that yields between its steps, so one search never keeps the
          others waiting.
Not here: the rules of changes (directorychanges.py), rights (directoryaccess.py).
Tests:    tests/protocols/ldap/test_directory.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.ldap.directoryentry import is_below, parent_key
from carryall.protocols.ldap.filtermatch import compile_filter, equality_of
from carryall.protocols.ldap.ldapfilter import AND, EQUALITY, OR
from carryall.protocols.ldap.wire import BASE, ONE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Optional, Sequence, Set
    from carryall.protocols.ldap.directoryentry import Entry
    from carryall.protocols.ldap.ldapschema import AttributeType, Schema
    from carryall.protocols.ldap.wire import SearchRequest

__all__ = ['DirectoryTree', 'INDEXED']

INDEXED = ('objectclass', 'uid', 'cn', 'sn', 'mail', 'member', 'uniquemember', 'memberuid',
           'uidnumber', 'gidnumber', 'entryuuid')
STEP = 32                   # entries that do not match, between two yields
MAX_ORDERED = 1024          # entries that are sorted: it keeps no one waiting
FEW = 64                    # entries that are looked at rather than another index


class DirectoryTree(object):
    """Entries by their keys.

    Args:     schema: a Schema.
              indexed: keys of attributes that have an index.

    Attributes:
        entries: key of a DN to its Entry.
    """

    def __init__(self, schema, indexed=INDEXED):
        # type: (Schema, Sequence[str]) -> None
        self.schema = schema
        self.entries = {}           # type: Dict[str, Entry]
        # key of an attribute -> prepared value -> an Entry, or a set of them
        self._indexes = dict((key, {}) for key in indexed)  # type: Dict[str, Dict[Any, Any]]
        self._keys = {}             # type: Dict[str, Set[str]]  # of attributes with options

    def __len__(self):
        return len(self.entries)

    def nearest(self, key):
        # type: (str) -> Optional[Entry]
        """The entry of a key, or else the closest above it that there is; None without any."""
        above = key                 # type: Optional[str]
        while above is not None:
            found = self.entries.get(above)
            if found is not None:
                return found
            above = parent_key(above)
        return None

    # -- changes -----------------------------------------------------------------------------------

    def insert(self, entry):
        # type: (Entry) -> None
        """Adds an entry whose key is free; below its parent, if that is there."""
        self.entries[entry.key] = entry
        above = parent_key(entry.key)
        parent = None if above is None else self.entries.get(above)
        if parent is not None:
            entry.parent = parent
            if parent.children is None:
                parent.children = {}
            parent.children[entry.key] = entry
        self._index(entry, entry.attributes)

    def remove(self, entry):
        # type: (Entry) -> None
        """Removes an entry without children."""
        del self.entries[entry.key]
        parent = entry.parent
        if parent is not None and parent.children is not None:
            del parent.children[entry.key]
            if not parent.children:
                parent.children = None
        self._forget(entry, entry.attributes)

    def replace(self, entry, attributes):
        # type: (Entry, Dict[str, bytes]) -> None
        """Gives an entry other attributes."""
        old = entry.attributes
        gone = dict((key, value) for key, value in old.items() if attributes.get(key) != value)
        come = dict((key, value) for key, value in attributes.items() if old.get(key) != value)
        self._forget(entry, gone)
        entry.attributes = attributes
        self._index(entry, come)

    def move(self, entry, key, dn):
        # type: (Entry, str, str) -> None
        """Gives an entry, and with it all below it, another name."""
        below = self.below(entry)
        length = len(entry.key)
        old_dn = len(entry.dn)
        for each in below:
            del self.entries[each.key]
        parent = entry.parent
        if parent is not None and parent.children is not None:
            del parent.children[entry.key]
            if not parent.children:
                parent.children = None
        for each in below:
            tail = each.key[:len(each.key) - length]
            # The DNs of what is below end in that of the entry, as they were written.
            head = each.dn[:len(each.dn) - old_dn]
            each.key = tail + key
            each.name(head + dn)
            each.children = None
            each.parent = None
            self.entries[each.key] = each
        for each in below:
            above = parent_key(each.key)
            parent = None if above is None else self.entries.get(above)
            if parent is not None:
                each.parent = parent
                if parent.children is None:
                    parent.children = {}
                parent.children[each.key] = each

    def below(self, entry):
        # type: (Entry) -> List[Entry]
        """An entry and all below it, what is above first."""
        found = [entry]
        for each in found:
            if each.children is not None:
                found += list(each.children.values())
        return found

    def _index(self, entry, attributes):
        # type: (Entry, Dict[str, bytes]) -> None
        for key in attributes:
            if u';' in key:
                self._keys.setdefault(key.partition(u';')[0], set()).add(key)
            index = self._indexes.get(key)
            if index is not None:
                for value in self._prepared(entry, key):
                    there = index.get(value)
                    if there is None:
                        index[value] = entry
                    elif isinstance(there, set):
                        there.add(entry)
                    else:
                        index[value] = {there, entry}

    def _forget(self, entry, attributes):
        # type: (Entry, Dict[str, bytes]) -> None
        for key in attributes:
            index = self._indexes.get(key)
            if index is not None:
                for value in self._prepared(entry, key):
                    there = index.get(value)
                    if isinstance(there, set):
                        there.discard(entry)
                        if not there:
                            del index[value]
                    elif there is entry:
                        del index[value]

    def _prepared(self, entry, key):
        # type: (Entry, str) -> List[Any]
        kind = self.schema.attribute(key)       # type: Any
        found = []
        for value in entry.values(key):
            if key == u'objectclass':
                found.append(value.decode('ascii', 'replace').lower())
                continue
            try:
                found.append(self.schema.prepared(kind, value))
            except ValueError:      # kept before the schema was as it is
                continue
        return found

    # -- searches ----------------------------------------------------------------------------------

    def keys(self, kind, options):
        # type: (AttributeType, Sequence[str]) -> List[str]
        """The keys of the attributes of entries that a description means: its subtypes too, and
        what has more options than it (RFC 4512 section 2.5)."""
        found = []
        wanted = set(options)
        for key in self.schema.subtypes(kind.key):
            if not wanted:
                found.append(key)
            for each in self._keys.get(key, ()):
                if wanted.issubset(each.split(u';')[1:]):
                    found.append(each)
        return found

    def search(self, request, base):
        # type: (SearchRequest, Entry) -> Iterator[Optional[Entry]]
        """Yields the entries in the scope that match, and None between the steps."""
        matches = compile_filter(request.filter, self.schema, self.keys)
        if request.scope == BASE:
            if matches(base):
                yield base
            return
        candidates = self._candidates(request.filter)
        steps = 0
        if candidates is not None:
            for entry in _ordered(candidates):
                if self._in_scope(entry, base, request.scope) and matches(entry):
                    yield entry
                else:
                    steps += 1
                    if steps % STEP == 0:
                        yield None
            return
        waiting = [base]
        while waiting:
            above = waiting.pop()
            if (above is not base or request.scope != ONE) and matches(above):
                yield above
            steps += 1
            if steps % STEP == 0:
                yield None
            if above.children is not None and (request.scope != ONE or above is base):
                waiting += list(above.children.values())

    @staticmethod
    def _in_scope(entry, base, scope):
        # type: (Entry, Entry, int) -> bool
        if scope == ONE:
            return entry.parent is base
        return is_below(entry.key, base.key)

    def _candidates(self, tree):
        # type: (Any) -> Any
        """The entries that can match, by the indexes, to be read only; None if any can."""
        kind = tree.kind
        if kind == EQUALITY:
            return self._indexed(tree)
        if kind == AND:
            best = None             # type: Any
            for part in sorted(tree.value, key=_is_general):
                if best is not None and (len(best) <= FEW or _is_general(part)):
                    break
                found = self._candidates(part)
                if found is not None and (best is None or len(found) < len(best)):
                    best = found
            return best
        if kind == OR and tree.value:
            union = set()           # type: Set[Entry]
            for part in tree.value:
                found = self._candidates(part)
                if found is None:
                    return None
                union.update(found)
            return union
        return None

    def _indexed(self, tree):
        # type: (Any) -> Any
        described = self.schema.described(tree.attribute)
        if described is None:
            return []
        kind = described[0]
        keys = self.keys(*described)
        for key in keys:
            if key not in self._indexes:
                return None
        wanted = equality_of(kind, tree.value, self.schema)
        if wanted is None:
            return []
        if isinstance(wanted, set):
            return self._of_classes(wanted)
        if len(keys) == 1:
            return _as_set(self._indexes[keys[0]].get(wanted))
        found = set()               # type: Set[Entry]
        for key in keys:
            found.update(_as_set(self._indexes[key].get(wanted)))
        return found

    def _of_classes(self, names):
        # type: (Set[str]) -> Any
        index = self._indexes[u'objectclass']
        parts = [index[name] for name in names if name in index]
        if len(parts) == 1:
            return _as_set(parts[0])
        found = set()               # type: Set[Entry]
        for part in parts:
            found.update(_as_set(part))
            if len(found) > FEW and len(found) * 2 > len(self.entries):
                return None         # of most entries: the filter says nothing
        return found


def _ordered(candidates):
    # type: (Any) -> Sequence[Entry]
    """A copy of what an index has, for the tree may change between two steps.

    What few entries match comes in the same order each time.
    """
    found = list(candidates)
    if len(found) <= MAX_ORDERED:
        found.sort(key=_key_of)
    return found


def _key_of(entry):
    # type: (Entry) -> str
    return entry.key


def _as_set(there):
    # type: (Any) -> Any
    """The entries that an index has under a value, as something with a length."""
    if there is None:
        return ()
    return there if isinstance(there, set) else (there,)


def _is_general(part):
    # type: (Any) -> bool
    """True if a part of a filter is fulfilled by many entries, as that of an object class is."""
    return part.kind == EQUALITY and part.attribute.lower() == u'objectclass'
