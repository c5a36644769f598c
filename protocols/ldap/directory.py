# Copyright the carryall authors.  See LICENSE.
"""Directory: what an LDAP server serves, in memory, and kept elsewhere if it has a keeper.

    directory = Directory(loop, [u'dc=example,dc=org'])
    directory.load(pairs)                       # of an LDIF file

A change is checked, kept and then made, so that a search never sees what may still fail.  Changes
of other entries go on meanwhile.

Not here: logins (a service judges them), the answers to searches (directorysearch.py).
Tests:    tests/protocols/ldap/test_directory.py
"""
from __future__ import absolute_import, division, print_function

import binascii

from carryall.core.codec.calendardates import civil
from carryall.core.crypto import crypto_of
from carryall.core.future import Return, as_future, coroutine
from carryall.core.records import namedtuple
from carryall.protocols.ldap import ldapcontrols
from carryall.protocols.ldap.directoryaccess import ANONYMOUS, Access
from carryall.protocols.ldap.directorychanges import (added, check_changes, check_counts,
                                                      check_entry, modified, renamed)
from carryall.protocols.ldap.directoryentry import Entry, is_below, name_of, parent_key, values_of
from carryall.protocols.ldap.directorysearch import (SUBSCHEMA, Search, root_attributes,
                                                     root_entry)
from carryall.protocols.ldap.directorytree import INDEXED, DirectoryTree
from carryall.protocols.ldap.dn import format_dn, format_rdn, parse_dn
from carryall.protocols.ldap.errors import (AFFECTS_MULTIPLE_DSAS, ENTRY_ALREADY_EXISTS,
                                            INAPPROPRIATE_MATCHING, INVALID_ATTRIBUTE_SYNTAX,
                                            INVALID_DN_SYNTAX, LDAPError, NOT_ALLOWED_ON_NON_LEAF,
                                            NO_SUCH_ATTRIBUTE, NO_SUCH_OBJECT,
                                            UNDEFINED_ATTRIBUTE_TYPE, UNWILLING_TO_PERFORM)
from carryall.protocols.ldap.filtermatch import equality_of
from carryall.protocols.ldap.keylocks import EVERYTHING, KeyLocks
from carryall.protocols.ldap.ldapschema import standard_schema
from carryall.protocols.ldap.wire import (CANCEL, PASSWORD_MODIFY, START_TLS, WHO_AM_I, AddRequest,
                                          encode_attribute)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple
    from carryall.protocols.ldap.ldapschema import Schema
    from carryall.protocols.ldap.wire import (CompareRequest, DeleteRequest, ModifyDNRequest,
                                              ModifyRequest, SearchRequest)

__all__ = ['CONTROLS', 'Directory', 'EXTENSIONS', 'Kept', 'SUBSCHEMA']

CONTROLS = (ldapcontrols.ASSERTION, ldapcontrols.MANAGE_DSA_IT, ldapcontrols.MATCHED_VALUES,
            ldapcontrols.PAGED_RESULTS, ldapcontrols.POST_READ, ldapcontrols.PRE_READ,
            ldapcontrols.PROXIED_AUTHORIZATION, ldapcontrols.SORT_REQUEST, ldapcontrols.SUBENTRIES,
            ldapcontrols.TREE_DELETE)
EXTENSIONS = (CANCEL, PASSWORD_MODIFY, START_TLS, WHO_AM_I)

# One change that a keeper keeps: the keys of entries that go, and the entries that come
Kept = namedtuple('Kept', 'gone come')


class Directory(object):
    """The entries below some names.

    Args:     clock: the loop.
              suffixes: DNs of the tops of the directory (text).
              schema: a Schema; what is built in unless given.
              access: an Access, for the rights of clients.
              keeper: called with a Kept before a change is made; returns None, or a Future that is
                      done once it is kept.  None: memory alone.
              indexed: keys of attributes that have an index.

    Attributes:
        tree: the DirectoryTree.
        schema, suffixes, access: as given.
        mechanisms, controls, extensions: as the root DSE shows them.
    """

    def __init__(self, clock, suffixes, schema=None, access=None, keeper=None, indexed=INDEXED):
        # type: (Any, Sequence[str], Optional[Schema], Any, Any, Sequence[str]) -> None
        self.clock = clock
        self.schema = standard_schema() if schema is None else schema
        self.access = Access() if access is None else access
        self.tree = DirectoryTree(self.schema, indexed)
        self.suffixes = [(name, self.schema.dn_key(name)) for name in suffixes]
        self.mechanisms = ()            # type: Sequence[str]  # of SASL
        self.controls = CONTROLS
        self.extensions = EXTENSIONS
        self._keeper = keeper
        self._locks = KeyLocks()
        self._subschema = None          # type: Optional[Entry]

    @property
    def subschema(self):
        # type: () -> Entry
        """The entry that shows the schema (RFC 4512 section 4.2)."""
        if self._subschema is None:
            pairs = [(u'objectClass', [b'top', b'subentry', b'subschema', b'extensibleObject']),
                     (u'cn', [b'Subschema'])]
            attributes = root_attributes(pairs + self.schema.subschema(), self.schema)
            self._subschema = Entry(u'cn=Subschema', SUBSCHEMA, attributes)
        return self._subschema

    # -- names -------------------------------------------------------------------------------------

    def key_of(self, dn):
        # type: (str) -> str
        """The key of a DN; LDAPError if it is none."""
        return self.schema.dn_key(dn)

    def suffix_of(self, key):
        # type: (str) -> Optional[str]
        """The key of the suffix that a key is below; None if it is below none."""
        for _, suffix in self.suffixes:
            if is_below(key, suffix):
                return suffix
        return None

    def existing(self, key):
        # type: (str) -> Entry
        """The entry of a key.

        Raises:   LDAPError: there is none; it has the DN of the closest entry above.
        """
        found = self.tree.entries.get(key)
        if found is None:
            nearest = self.tree.nearest(key)
            raise LDAPError(u'there is no such entry', NO_SUCH_OBJECT,
                            nearest.dn if nearest is not None else u'')
        return found

    # -- reading -----------------------------------------------------------------------------------

    def search(self, request, who, controls=()):
        # type: (SearchRequest, Any, Sequence[Any]) -> Search
        """A Search; LDAPError if it cannot begin."""
        return Search(self, request, who, controls)

    def compare(self, request, who):
        # type: (CompareRequest, Any) -> bool
        """True if an entry has a value (RFC 4511 section 4.10)."""
        key = self.key_of(request.dn)
        described = self.schema.described(request.attribute)
        if described is None:
            raise LDAPError(u'the attribute %s is not defined' % request.attribute,
                            UNDEFINED_ATTRIBUTE_TYPE)
        kind = described[0]
        if kind.equality is None:
            raise LDAPError(u'%s has no rule for equality' % kind.name, INAPPROPRIATE_MATCHING)
        wanted = equality_of(kind, request.value, self.schema)
        if wanted is None:
            raise LDAPError(u'%s cannot have this value' % kind.name, INVALID_ATTRIBUTE_SYNTAX)
        if not key and self.suffix_of(key) is None:
            entry = root_entry(self)
        else:
            entry = self.subschema if key == SUBSCHEMA else self.existing(key)
        self.access.check_seen(who, entry)
        self.access.check_compared(who, entry, kind.key)
        keys = [each for each in self.tree.keys(*described) if each in entry.attributes]
        if not keys:
            raise LDAPError(u'the entry has no %s' % kind.name, NO_SUCH_ATTRIBUTE)
        for each in keys:
            for value in values_of(entry.attributes[each]):
                found = equality_of(kind, value, self.schema)
                if isinstance(wanted, set):
                    if value.decode('ascii', 'replace').lower() in wanted:
                        return True
                elif found == wanted:
                    return True
        return False

    # -- changes -----------------------------------------------------------------------------------

    def add(self, request, who):
        # type: (AddRequest, Any) -> Any
        """Adds an entry; a Future of it, or the Entry."""
        key = self.key_of(request.dn)
        if not key:
            raise LDAPError(u'the root is there already', ENTRY_ALREADY_EXISTS)
        above = parent_key(key)
        return self._changed([key], [] if above is None else [above],
                             lambda: self._add(request, key, who))

    def _add(self, request, key, who, privileged=False):
        # type: (AddRequest, str, Any, bool) -> Tuple[Kept, Any]
        attributes = added(self.schema, request, privileged)
        suffix = self._served(key)
        structural = check_entry(self.schema, request.dn, attributes)
        if key in self.tree.entries:
            raise LDAPError(u'there is such an entry already', ENTRY_ALREADY_EXISTS)
        above = parent_key(key)
        parent = None if above is None else self.tree.entries.get(above)
        if parent is None and key != suffix:
            nearest = self.tree.nearest(key)
            raise LDAPError(u'there is no entry above it', NO_SUCH_OBJECT,
                            nearest.dn if nearest is not None else u'')
        if not privileged:
            self.access.check_added(who, key, parent)
        now = self._now()
        for name, value in ((u'structuralObjectClass', structural.name.encode('ascii')),
                            (u'entryUUID', self._unique()), (u'createTimestamp', now),
                            (u'creatorsName', who.dn.encode('utf-8')), (u'modifyTimestamp', now),
                            (u'modifiersName', who.dn.encode('utf-8'))):
            attributes.setdefault(name.lower(), (name, [value]))
        entry = Entry(request.dn, key, _encoded(attributes))
        return Kept((), (entry,)), lambda: self._insert(entry)

    def _insert(self, entry):
        # type: (Entry) -> Entry
        self.tree.insert(entry)
        return entry

    def modify(self, request, who, check=None):
        # type: (ModifyRequest, Any, Any) -> Any
        """Changes an entry; a Future of (attributes before, the Entry), or the pair.

        Args:     check: called with the Entry before; raises LDAPError to refuse.
        """
        check_counts(request)
        key = self.key_of(request.dn)
        keys = check_changes(self.schema, request)
        return self._changed([key], [], lambda: self._modify(request, key, keys, who, check))

    def _modify(self, request, key, keys, who, check):
        # type: (ModifyRequest, str, Sequence[str], Any, Any) -> Tuple[Kept, Any]
        entry = self._changeable(key)
        self.access.check_seen(who, entry)
        if check is not None:
            check(entry)
        self.access.check_changed(who, entry, keys)
        attributes = modified(self.schema, _decoded(entry), request)
        structural = check_entry(self.schema, entry.dn, attributes)
        attributes[u'structuralobjectclass'] = (u'structuralObjectClass',
                                                [structural.name.encode('ascii')])
        self._stamp(attributes, who)
        encoded = _encoded(attributes, entry.attributes)
        before = entry.attributes
        after = Entry(entry.dn, key, encoded)

        def make():
            # type: () -> Any
            self.tree.replace(entry, encoded)
            return before, entry
        return Kept((), (after,)), make

    def delete(self, request, who, check=None, whole=False):
        # type: (DeleteRequest, Any, Any, bool) -> Any
        """Deletes an entry; a Future of it, or the Entry.

        Args:     whole: with all that is below it.
        """
        key = self.key_of(request.dn)
        return self._changed([EVERYTHING] if whole else [key], [],
                             lambda: self._delete(key, who, check, whole))

    def _delete(self, key, who, check, whole):
        # type: (str, Any, Any, bool) -> Tuple[Kept, Any]
        entry = self._changeable(key)
        self.access.check_seen(who, entry)
        if check is not None:
            check(entry)
        if entry.children and not whole:
            raise LDAPError(u'the entry has others below it', NOT_ALLOWED_ON_NON_LEAF)
        gone = self.tree.below(entry) if whole else [entry]
        for each in gone:
            self.access.check_deleted(who, each)

        def make():
            # type: () -> Entry
            for each in reversed(gone):
                self.tree.remove(each)
            return entry
        return Kept(tuple(each.key for each in gone), ()), make

    def modify_dn(self, request, who, check=None):
        # type: (ModifyDNRequest, Any, Any) -> Any
        """Renames or moves an entry; a Future of (attributes before, the Entry), or the pair."""
        key = self.key_of(request.dn)
        new_rdn = parse_dn(request.new_rdn)
        if len(new_rdn) != 1:
            raise LDAPError(u'the new RDN is no RDN', INVALID_DN_SYNTAX)
        self.schema.rdn_key(new_rdn[0])
        return self._changed([EVERYTHING], [],
                             lambda: self._modify_dn(request, key, new_rdn, who, check))

    def _modify_dn(self, request, key, new_rdn, who, check):
        # type: (ModifyDNRequest, str, Any, Any, Any) -> Tuple[Kept, Any]
        entry = self._changeable(key)
        self.access.check_seen(who, entry)
        if check is not None:
            check(entry)
        rdns = parse_dn(entry.dn)
        above = parent_key(key)
        new_above = above
        parent_dn = format_dn(rdns[1:])
        if request.new_superior is not None:
            new_above = self.key_of(request.new_superior)
            parent_dn = request.new_superior
            if self.suffix_of(new_above) != self.suffix_of(key):
                raise LDAPError(u'the new superior is in no or another directory',
                                AFFECTS_MULTIPLE_DSAS)
        if new_above is not None and new_above != above and is_below(new_above, key):
            raise LDAPError(u'the new superior is below the entry', UNWILLING_TO_PERFORM)
        if new_above is None or above is None or key == self.suffix_of(key):
            raise LDAPError(u'the top of the directory cannot be renamed', AFFECTS_MULTIPLE_DSAS)
        parent = self.existing(new_above)
        new_key = self.schema.rdn_key(new_rdn[0]) + u',' + new_above
        if new_key in self.tree.entries and new_key != key:
            raise LDAPError(u'there is such an entry already', ENTRY_ALREADY_EXISTS)
        self.access.check_deleted(who, entry)
        self.access.check_added(who, new_key, parent)
        attributes = renamed(self.schema, _decoded(entry), rdns[0], new_rdn[0], request.delete_old)
        new_dn = u'%s,%s' % (format_rdn(new_rdn[0]), parent_dn)
        check_entry(self.schema, new_dn, attributes)
        self._stamp(attributes, who)
        encoded = _encoded(attributes, entry.attributes)
        before = entry.attributes
        below = self.tree.below(entry)
        come = [Entry(new_dn, new_key, encoded)]
        for each in below[1:]:
            come.append(Entry(each.dn[:len(each.dn) - len(entry.dn)] + new_dn,
                              each.key[:len(each.key) - len(key)] + new_key, each.attributes))

        def make():
            # type: () -> Any
            self.tree.replace(entry, encoded)
            self.tree.move(entry, new_key, new_dn)
            return before, entry
        return Kept(tuple(each.key for each in below), tuple(come)), make

    def _changeable(self, key):
        # type: (str) -> Entry
        if key in (u'', SUBSCHEMA):
            raise LDAPError(u'the server itself makes this entry', UNWILLING_TO_PERFORM)
        self._served(key)
        return self.existing(key)

    def _served(self, key):
        # type: (str) -> str
        """The key of the suffix that a key is below; LDAPError if it is below none."""
        suffix = self.suffix_of(key)
        if suffix is None:
            raise LDAPError(u'the directory has no such top', UNWILLING_TO_PERFORM)
        return suffix

    def _changed(self, alone, shared, prepare):
        # type: (Sequence[str], Sequence[str], Any) -> Any
        """Checks a change, keeps it and makes it; what it gives, or a Future of that."""
        if self._keeper is None:
            return prepare()[1]()
        return self._kept(alone, shared, prepare)

    @coroutine
    def _kept(self, alone, shared, prepare):
        # type: (Sequence[str], Sequence[str], Any) -> Any
        lock = yield self._locks.acquire(alone, shared)
        try:
            kept, make = prepare()
            yield as_future(self._keeper(kept))
            made = make()
        finally:
            self._locks.release(lock)
        raise Return(made)

    # -- loading -----------------------------------------------------------------------------------

    def load(self, pairs):
        # type: (Iterable[Tuple[str, List[Tuple[str, List[bytes]]]]]) -> List[Entry]
        """Adds entries without asking for rights or keeping them; a list of them.

        Args:     pairs: of a DN and its attributes, what is above first.
        Raises:   LDAPError: an entry breaks a rule; those before it are there.
        """
        found = []
        for dn, attributes in pairs:
            key = self.key_of(dn)
            try:
                _, make = self._add(AddRequest(dn, attributes), key, ANONYMOUS, True)
            except LDAPError as exc:
                raise LDAPError(u'%s: %s' % (dn, exc), exc.code, exc.matched)
            found.append(make())
        return found

    def restore(self, dn, attributes):
        # type: (str, Dict[str, bytes]) -> None
        """Puts back an entry that was kept, above whose children."""
        self.tree.insert(Entry(dn, self.key_of(dn), attributes))

    # -- values of the server ----------------------------------------------------------------------

    def _stamp(self, attributes, who):
        # type: (Dict[str, Any], Any) -> None
        attributes[u'modifytimestamp'] = u'modifyTimestamp', [self._now()]
        attributes[u'modifiersname'] = u'modifiersName', [who.dn.encode('utf-8')]

    def _now(self):
        # type: () -> bytes
        return b'%04d%02d%02d%02d%02d%02dZ' % civil(self.clock.wall())[:6]

    def _unique(self):
        # type: () -> bytes
        """A UUID of version 4 (RFC 4122 section 4.4)."""
        octets = bytearray(crypto_of(self.clock).random(16))
        octets[6] = octets[6] & 0x0F | 0x40
        octets[8] = octets[8] & 0x3F | 0x80
        digits = binascii.hexlify(bytes(octets))
        return b'-'.join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _decoded(entry):
    # type: (Entry) -> Dict[str, Tuple[str, List[bytes]]]
    return dict((key, (name_of(encoded), values_of(encoded)))
                for key, encoded in entry.attributes.items())


def _encoded(attributes, before=None):
    # type: (Dict[str, Tuple[str, List[bytes]]], Optional[Dict[str, bytes]]) -> Dict[str, bytes]
    """Attributes as an Entry has them; the octets of those that are as before are shared."""
    found = {}
    for key, (name, values) in attributes.items():
        encoded = encode_attribute(name, values)
        if before is not None and before.get(key) == encoded:
            encoded = before[key]
        found[key] = encoded
    return found
