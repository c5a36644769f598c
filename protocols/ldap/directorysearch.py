# Copyright the carryall authors.  See LICENSE.
"""Search: one search under way: the entries that it gives, with its limits and controls.

    search = directory.search(request, who, controls)
    for part in search.run(): ...       a Found, or None between two steps
    search.controls                     of the SearchResultDone

Limits:   entries that a client may have (sizeLimitExceeded), seconds (timeLimitExceeded), entries
          that are sorted (the control's own unwillingToPerform).
Tests:    tests/protocols/ldap/test_directory.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.records import namedtuple
from carryall.protocols.ldap import ber
from carryall.protocols.ldap.directoryentry import Entry, name_of, values_of
from carryall.protocols.ldap.errors import (ALIAS_PROBLEM, INAPPROPRIATE_MATCHING, LDAPError,
                                            LOOP_DETECT, NO_SUCH_ATTRIBUTE, NO_SUCH_OBJECT,
                                            REFERRAL, SIZE_LIMIT_EXCEEDED, SUCCESS,
                                            TIME_LIMIT_EXCEEDED, UNAVAILABLE_CRITICAL_EXTENSION,
                                            UNWILLING_TO_PERFORM)
from carryall.protocols.ldap.filtermatch import compile_filter
from carryall.protocols.ldap.ldapcontrols import (MANAGE_DSA_IT, MATCHED_VALUES, SORT_REQUEST,
                                                  SUBENTRIES, parse_matched_values,
                                                  parse_sort_keys, sort_result)
from carryall.protocols.ldap.ldapfilter import AND, NOT, OR
from carryall.protocols.ldap.matchingrules import rule_named
from carryall.protocols.ldap.wire import BASE, ONE, encode_attribute

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Optional, Sequence, Set, Tuple
    from carryall.protocols.ldap.ldapschema import Schema
    from carryall.protocols.ldap.wire import SearchRequest

__all__ = ['Found', 'SUBSCHEMA', 'Search', 'root_attributes', 'root_entry', 'selected']

SUBSCHEMA = u'cn=subschema'     # key of the entry that shows the schema

MAX_SORTED = 10000          # entries of one search that are put in order
MAX_ALIASES = 16            # on the way from an alias to what it means
TIME_STEPS = 64             # steps between two looks at the clock

# What is sent for one entry: an encoded DN and encoded attributes; or URLs of a reference
Found = namedtuple('Found', 'dn attributes referrals')

_NEVER, _SEARCHING, _FINDING, _ALWAYS = range(4)     # derefAliases (section 4.5.1.3)
VIRTUAL = {u'entrydn': u'entryDN', u'hassubordinates': u'hasSubordinates',
           u'numsubordinates': u'numSubordinates', u'subschemasubentry': u'subschemaSubentry'}


def root_attributes(pairs, schema):
    # type: (Sequence[Tuple[str, Sequence[bytes]]], Schema) -> Dict[str, bytes]
    """Attributes of an entry that the server makes."""
    return dict((schema.key_of(name) or name.lower(), encode_attribute(name, values))
                for name, values in pairs if values)


class Search(object):
    """One search.

    Args:     directory: the Directory.
              who: the Identity of the client.
    Raises:   LDAPError: there is no such base, or a control cannot be obeyed.

    Attributes:
        controls: of the SearchResultDone, once it has run.
    """

    def __init__(self, directory, request, who, controls=()):
        # type: (Any, SearchRequest, Any, Sequence[Any]) -> None
        self._directory = directory
        self._request = request
        self._who = who
        self._sort = None               # type: Any
        self._values = None             # type: Any
        self._manages = False           # referrals are entries
        self._subentries = False
        self.controls = []              # type: List[Any]
        for control in controls:
            if control.oid == SORT_REQUEST:
                self._sort = parse_sort_keys(control), control.critical
            elif control.oid == MATCHED_VALUES:
                self._values = parse_matched_values(control)
            elif control.oid == MANAGE_DSA_IT:
                self._manages = True
            elif control.oid == SUBENTRIES:
                self._subentries = control.value == ber.TRUE
        self._base = self._find_base()
        self._selected = selected(request.attributes, request.types_only, directory)

    # -- the base ----------------------------------------------------------------------------------

    def _find_base(self):
        # type: () -> Optional[Entry]
        """The entry at which the search begins; None: at all suffixes."""
        directory = self._directory
        request = self._request
        key = directory.key_of(request.base)
        if not key:
            if request.scope == BASE:
                return root_entry(directory)
            if directory.suffix_of(u'') is None:
                if request.scope == ONE or len(directory.suffixes) != 1:
                    raise LDAPError(u'the root of all directories cannot be searched',
                                    NO_SUCH_OBJECT)
                return None
        if key == SUBSCHEMA:
            found = directory.subschema     # type: Entry
            return found
        entry = self._existing(key)         # type: Entry
        if request.deref in (_FINDING, _ALWAYS):
            entry = self._dereferenced(entry)
        directory.access.check_seen(self._who, entry)
        return entry

    def _existing(self, key):
        # type: (str) -> Entry
        """The entry of a key, or the referral above it."""
        directory = self._directory
        found = directory.tree.entries.get(key)
        if found is None:
            nearest = directory.tree.nearest(key)
            if nearest is not None and not self._manages and u'ref' in nearest.attributes:
                raise _referral(nearest)
            matched = u''
            if nearest is not None and directory.access.sees(self._who, nearest):
                matched = nearest.dn
            raise LDAPError(u'there is no such entry', NO_SUCH_OBJECT, matched)
        if u'ref' in found.attributes and not self._manages:
            raise _referral(found)
        return found                # type: ignore

    def _dereferenced(self, entry):
        # type: (Entry) -> Entry
        """The entry that an alias means in the end (RFC 4511 section 4.5.1.3)."""
        seen = 0
        while u'aliasedobjectname' in entry.attributes:
            seen += 1
            if seen > MAX_ALIASES:
                raise LDAPError(u'an alias leads to too many others', LOOP_DETECT)
            name = entry.first(u'aliasedobjectname') or b''
            key = self._directory.key_of(name.decode('utf-8', 'replace'))
            found = self._directory.tree.entries.get(key)
            if found is None:
                raise LDAPError(u'an alias leads nowhere', ALIAS_PROBLEM, entry.dn)
            entry = found
        return entry

    # -- the entries -------------------------------------------------------------------------------

    def run(self):
        # type: () -> Iterator[Optional[Found]]
        """Yields what is found, and None between the steps.

        Raises:   LDAPError: a limit is exceeded, behind what was found until then.
        """
        return self._limited(self._sorted() if self._sort is not None else self._entries())

    def _limited(self, entries):
        # type: (Iterator[Optional[Entry]]) -> Iterator[Optional[Found]]
        request = self._request
        directory = self._directory
        size_limit, time_limit = directory.access.limits(self._who)
        most = min(each for each in (request.size_limit or size_limit, size_limit))
        seconds = min(request.time_limit or time_limit, time_limit)
        until = directory.clock.time() + seconds
        count = 0
        steps = 0
        for entry in entries:
            steps += 1
            if (entry is None or steps % TIME_STEPS == 0) and directory.clock.time() > until:
                raise LDAPError(u'the search has taken more than %g seconds' % seconds,
                                TIME_LIMIT_EXCEEDED)
            if entry is None:
                yield None
                continue
            count += 1
            if count > most:
                raise LDAPError(u'the search has found more than %d entries' % most,
                                SIZE_LIMIT_EXCEEDED)
            if u'ref' in entry.attributes and not self._manages:
                urls = [url.decode('utf-8', 'replace') for url in entry.values(u'ref')]
                yield Found(None, None, urls)
                continue
            hidden = directory.access.hidden(self._who, entry)
            attributes = self._selected(entry, hidden)
            if self._values is not None:
                attributes = self._matched(attributes)
            yield Found(entry.encoded_dn, attributes, None)

    def _entries(self):
        # type: () -> Iterator[Optional[Entry]]
        """The entries that match and that the client sees."""
        directory = self._directory
        request = self._request
        base = self._base
        sees = directory.access.sees
        who = self._who
        if base is None or base.key in (u'', SUBSCHEMA):
            if base is not None:
                matches = compile_filter(request.filter, directory.schema, directory.tree.keys)
                if request.scope != ONE and matches(base):
                    yield base
                return
            bases = [directory.tree.entries[key] for _, key in directory.suffixes
                     if key in directory.tree.entries]
        else:
            bases = [base]
        for each in bases:
            guard = self._guarded(each)
            for entry in directory.tree.search(request, each):
                if entry is None:
                    yield None
                elif not sees(who, entry) or guard is not None and not guard(entry):
                    continue
                elif request.scope != BASE and not self._subentries and entry is not each and \
                        b'subentry' in entry.values(u'structuralobjectclass'):
                    continue
                else:
                    yield entry

    def _guarded(self, base):
        # type: (Entry) -> Any
        """Tells, when called, whether the filter matches without attributes that the client does
        not see; None if it names none of them."""
        hidden = self._directory.access.hidden(self._who, base)
        named = names_in(self._request.filter, self._directory.schema)
        if not hidden.intersection(named):
            return None
        directory = self._directory
        test = compile_filter(self._request.filter, directory.schema, directory.tree.keys)

        def matches(entry):
            # type: (Entry) -> bool
            left = dict((key, value) for key, value in entry.attributes.items()
                        if key not in hidden)
            return bool(test(Entry(entry.dn, entry.key, left)))
        return matches

    # -- order -------------------------------------------------------------------------------------

    def _sorted(self):
        # type: () -> Iterator[Optional[Entry]]
        keys, critical = self._sort
        try:
            rules = [self._sort_rule(key) for key in keys]
        except LDAPError as exc:
            self.controls.append(sort_result(exc.code, exc.matched))
            if critical:
                raise LDAPError(u'the entries cannot be sorted', UNAVAILABLE_CRITICAL_EXTENSION)
            for entry in self._entries():
                yield entry
            return
        found = []                      # type: List[Entry]
        for entry in self._entries():
            if entry is None:
                yield None
                continue
            found.append(entry)
            if len(found) > MAX_SORTED:
                self.controls.append(sort_result(UNWILLING_TO_PERFORM))
                raise LDAPError(u'more than %d entries cannot be sorted' % MAX_SORTED,
                                UNWILLING_TO_PERFORM)
        for key, (kind, rule) in reversed(list(zip(keys, rules))):
            found.sort(key=lambda entry: self._sort_value(entry, kind, rule),
                       reverse=key.reversed)
            yield None
        self.controls.append(sort_result(SUCCESS))
        for entry in found:
            yield entry

    def _sort_rule(self, key):
        # type: (Any) -> Tuple[Any, Any]
        kind = self._directory.schema.attribute(key.attribute)
        if kind is None:
            raise LDAPError(u'', NO_SUCH_ATTRIBUTE, key.attribute)
        rule = kind.ordering or kind.equality
        if key.rule:
            rule = rule_named(key.rule)
        if rule is None:
            raise LDAPError(u'', INAPPROPRIATE_MATCHING, key.attribute)
        return kind, rule

    def _sort_value(self, entry, kind, rule):
        # type: (Entry, Any, Any) -> Tuple[bool, Any]
        """The least value of an attribute; what has none is larger than all (RFC 2891 section 2.2)
        """
        forms = []
        if kind.key not in self._directory.access.hidden(self._who, entry):
            for value in entry.values(kind.key):
                try:
                    forms.append(self._directory.schema.prepared(kind, value, rule))
                except ValueError:
                    continue
        return (False, min(forms)) if forms else (True, b'')

    # -- matched values ----------------------------------------------------------------------------

    def _matched(self, attributes):
        # type: (bytes) -> bytes
        """The values that match one of the filters of the control (RFC 3876)."""
        schema = self._directory.schema
        tests = [compile_filter(tree, schema, self._directory.tree.keys) for tree in self._values]
        parts = []
        view = bytearray(attributes)
        start = 0
        for _, _, end in ber.items(view, 0, len(view)):
            encoded = attributes[start:end]
            start = end
            name = name_of(encoded)
            key = schema.key_of(name) or name.lower()
            kept = []
            for value in values_of(encoded):
                alone = Entry(u'', u'', {key: encode_attribute(name, [value])})
                if any([test(alone) for test in tests]):
                    kept.append(value)
            parts.append(encode_attribute(name, kept))
        return b''.join(parts)


def names_in(tree, schema):
    # type: (Any, Schema) -> Set[str]
    """The keys of the attributes that a filter names; all for an extensible match without one."""
    found = set()               # type: Set[str]
    waiting = [tree]
    while waiting:
        each = waiting.pop()
        if each.kind in (AND, OR):
            waiting += each.value
        elif each.kind == NOT:
            waiting.append(each.value)
        elif each.attribute is None:
            found.update(kind.key for kind in schema.attributes)
        else:
            kind = schema.attribute(each.attribute.partition(u';')[0])
            if kind is not None:
                found.update(schema.subtypes(kind.key))
    return found


def _referral(entry):
    # type: (Entry) -> LDAPError
    urls = [url.decode('utf-8', 'replace') for url in entry.values(u'ref')]
    return LDAPError(u'another server has it', REFERRAL, entry.dn, urls)


def root_entry(directory):
    # type: (Any) -> Entry
    """The root DSE (RFC 4512 section 5.1)."""
    names = [name.encode('utf-8') for name, _ in directory.suffixes]
    return Entry(u'', u'', root_attributes([
        (u'objectClass', [b'top', b'extensibleObject']),
        (u'structuralObjectClass', [b'top']),
        (u'namingContexts', names),
        (u'subschemaSubentry', [b'cn=Subschema']),
        (u'supportedLDAPVersion', [b'3']),
        (u'supportedControl', [oid.encode('ascii') for oid in directory.controls]),
        (u'supportedExtension', [oid.encode('ascii') for oid in directory.extensions]),
        (u'supportedFeatures', [b'1.3.6.1.1.14', b'1.3.6.1.4.1.4203.1.5.1',
                                b'1.3.6.1.4.1.4203.1.5.3']),
        (u'supportedSASLMechanisms', [name.encode('ascii') for name in directory.mechanisms]),
        (u'vendorName', [b'carryall']),
    ], directory.schema))


# -- attributes that are asked for -------------------------------------------

def selected(names, types_only, directory):
    # type: (Sequence[str], bool, Any) -> Any
    """Gives the encoded attributes of an entry that a request asks for, when called.

    It is called with the Entry and the keys that are hidden.  Names that are unknown are passed
    over; ``*`` means all user attributes, ``+`` all operational ones (RFC 3673), ``1.1`` none.
    """
    schema = directory.schema
    user = not names or u'*' in names
    operational = u'+' in names
    keys = []                   # type: List[str]
    virtual = set(VIRTUAL) if operational else set()
    for name in names:
        described = schema.described(name) if name not in (u'*', u'+', u'1.1') else None
        if described is None:
            continue
        for key in directory.tree.keys(*described):
            if key in VIRTUAL:
                virtual.add(key)        # but of an entry that has it itself, as the root DSE
            if key not in keys:
                keys.append(key)
    if user or operational:
        return _Broad(schema, user, operational, keys, virtual, types_only)
    if virtual or types_only:
        return _Broad(schema, False, False, keys, virtual, types_only)
    return _Narrow(keys)


class _Narrow(object):
    """Some attributes by name: what nearly all programs ask for."""

    __slots__ = ('_keys',)

    def __init__(self, keys):
        # type: (List[str]) -> None
        self._keys = keys

    def __call__(self, entry, hidden):
        # type: (Entry, Any) -> bytes
        have = entry.attributes
        return b''.join([have[key] for key in self._keys if key in have and key not in hidden])


class _Broad(object):
    """All of a kind, and some by name."""

    def __init__(self, schema, user, operational, keys, virtual, types_only):
        # type: (Schema, bool, bool, List[str], Any, bool) -> None
        self._schema = schema
        self._user = user
        self._operational = operational
        self._keys = frozenset(keys)
        self._virtual = sorted(virtual)
        self._types_only = types_only
        self._known = {}            # type: Dict[str, bool]  # whether a key is asked for

    def __call__(self, entry, hidden):
        # type: (Entry, Any) -> bytes
        parts = []
        known = self._known
        for key, encoded in entry.attributes.items():
            wanted = known.get(key)
            if wanted is None:
                wanted = self._wants(key)
                known[key] = wanted
            if wanted and key not in hidden:
                parts.append(encoded)
        parts += [encode_attribute(VIRTUAL[key], [_virtual_value(entry, key)])
                  for key in self._virtual if key not in entry.attributes]
        if self._types_only:
            parts = [encode_attribute(name_of(part), []) for part in parts]
        return b''.join(parts)

    def _wants(self, key):
        # type: (str) -> bool
        if key in self._keys:
            return True
        kind = self._schema.attribute(key.partition(u';')[0])
        return self._operational if kind is not None and kind.operational else self._user


def _virtual_value(entry, key):
    # type: (Entry, str) -> bytes
    """The value of an attribute that is never stored."""
    if key == u'entrydn':
        return entry.dn.encode('utf-8')
    if key == u'subschemasubentry':
        return b'cn=Subschema'
    count = len(entry.children or ())
    if key == u'numsubordinates':
        return b'%d' % count
    return b'TRUE' if count else b'FALSE'
