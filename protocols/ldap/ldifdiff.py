# Copyright the carryall authors.  See LICENSE.
"""The changes that make one set of entries another.

    for request in differences(old, new): print(format_change(request))

What is new is added from above, then entries are modified, then what is gone is deleted from below.
Values are compared by the rules of the schema; an attribute whose values differ only in their order
is the same.
Tests:    tests/protocols/ldap/test_ldif.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.ldap.ldapschema import standard_schema
from carryall.protocols.ldap.wire import (ADD, DELETE, REPLACE, AddRequest, Change, DeleteRequest,
                                          ModifyRequest)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, List, Optional, Tuple
    from carryall.protocols.ldap.ldapschema import Schema

__all__ = ['differences']

FEW = 0.5                   # of the values: beyond, the attribute is replaced as a whole


def differences(old, new, schema=None):
    # type: (Iterable[AddRequest], Iterable[AddRequest], Optional[Schema]) -> List[Any]
    """The requests that turn the entries of *old* into those of *new*, in an order that works."""
    schema = schema or standard_schema()
    before = dict((schema.dn_key(entry.dn), entry) for entry in old)
    after = dict((schema.dn_key(entry.dn), entry) for entry in new)
    found = []                  # type: List[Any]
    for key in sorted(after, key=_place):
        if key not in before:
            found.append(after[key])
    for key in sorted(after, key=_place):
        if key in before:
            changes = _changes(before[key], after[key], schema)
            if changes:
                found.append(ModifyRequest(before[key].dn, changes))
    for key in sorted(before, key=_place, reverse=True):
        if key not in after:
            found.append(DeleteRequest(before[key].dn))
    return found


def _place(key):
    # type: (str) -> Tuple[int, str]
    """An order in which a parent, whose key is shorter, comes first."""
    return len(key), key


def _forms(entry, schema):
    # type: (AddRequest, Schema) -> Dict[str, Tuple[str, Dict[Any, bytes]]]
    """{key: (description, {form of a value: value})} of an entry."""
    found = {}
    for name, values in entry.attributes:
        described = schema.described(name)
        key = schema.key_of(name) or name.lower()
        forms = {}
        for value in values:
            form = value            # type: Any
            if described is not None and described[0].equality is not None:
                try:
                    form = schema.prepared(described[0], value)
                except ValueError:
                    form = value
            forms[form] = value
        found[key] = name, forms
    return found


def _changes(before, after, schema):
    # type: (AddRequest, AddRequest, Schema) -> List[Change]
    old = _forms(before, schema)
    new = _forms(after, schema)
    changes = []
    for key in sorted(set(old) | set(new)):
        if key not in new:
            changes.append(Change(DELETE, old[key][0], []))
            continue
        name, wanted = new[key]
        if key not in old:
            changes.append(Change(ADD, name, list(wanted.values())))
            continue
        have = old[key][1]
        gone = [have[form] for form in have if form not in wanted]
        come = [wanted[form] for form in wanted if form not in have]
        if not gone and not come:
            continue
        described = schema.described(name)
        comparable = described is not None and described[0].equality is not None
        if comparable and len(gone) + len(come) <= FEW * len(wanted):
            if gone:
                changes.append(Change(DELETE, name, gone))
            if come:
                changes.append(Change(ADD, name, come))
        else:
            changes.append(Change(REPLACE, name, list(wanted.values())))
    return changes
