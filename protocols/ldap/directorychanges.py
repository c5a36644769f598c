# Copyright the carryall authors.  See LICENSE.
"""Changes of an entry, and the rules that they must keep (RFC 4511 sections 4.6 to 4.9).

Each function gives the new attributes as a dict of key to (description, values), and changes
nothing.  A change that breaks a rule is an LDAPError with the code of the RFC:

    undefinedAttributeType          the schema does not know an attribute
    invalidAttributeSyntax          a value that the attribute cannot have; a class that is unknown
    constraintViolation             two values of a single one; what only the server may change
    attributeOrValueExists, noSuchAttribute
    objectClassViolation            a class demands what is not there, or does not permit what is
    namingViolation                 the values of the RDN are not those of the entry

Tests:    tests/protocols/ldap/test_directory.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.ldap.dn import parse_dn
from carryall.protocols.ldap.errors import (ATTRIBUTE_OR_VALUE_EXISTS, CONSTRAINT_VIOLATION,
                                            INAPPROPRIATE_MATCHING, INVALID_ATTRIBUTE_SYNTAX,
                                            INVALID_DN_SYNTAX, LDAPError, NAMING_VIOLATION,
                                            NO_SUCH_ATTRIBUTE, OBJECT_CLASS_MODS_PROHIBITED,
                                            OBJECT_CLASS_VIOLATION, PROTOCOL_ERROR,
                                            UNDEFINED_ATTRIBUTE_TYPE)
from carryall.protocols.ldap.ldapschema import ABSTRACT, STRUCTURAL
from carryall.protocols.ldap.ldapsyntaxes import has_syntax
from carryall.protocols.ldap.wire import ADD, DELETE, INCREMENT, REPLACE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence, Set, Tuple
    from carryall.protocols.ldap.ldapschema import AttributeType, ObjectClass, Schema
    from carryall.protocols.ldap.wire import AddRequest, ModifyRequest
    Attributes = Dict[str, Tuple[str, List[bytes]]]

__all__ = ['added', 'check_changes', 'check_counts', 'check_entry', 'modified', 'renamed']

EXTENSIBLE = u'extensibleobject'


def _key(schema, description):
    # type: (Schema, str) -> Tuple[AttributeType, str]
    found = schema.described(description)
    if found is None:
        raise LDAPError(u'the attribute %s is not defined' % description, UNDEFINED_ATTRIBUTE_TYPE)
    kind, options = found
    return kind, u';'.join((kind.key,) + options)


def _check_values(schema, kind, values, together=True):
    # type: (Schema, AttributeType, Sequence[bytes], bool) -> List[Any]
    """The prepared forms of values; LDAPError if one is not of the syntax.

    Args:     together: they become values of one entry, so there may not be too many, and none may
                        come twice.
    """
    prepared = []               # type: List[Any]
    for value in values:
        if not has_syntax(kind.syntax, value):
            raise _bad_value(kind)
    if kind.equality is None:
        prepared = list(values)
    else:
        for value in values:
            try:
                prepared.append(schema.prepared(kind, value))
            except ValueError:
                raise _bad_value(kind)
    if kind.key == u'objectclass':
        for value in values:
            if schema.object_class(value.decode('ascii', 'replace')) is None:
                raise _bad_value(kind)
    if together and kind.single and len(values) > 1:
        raise LDAPError(u'%s has one value at most' % kind.name, CONSTRAINT_VIOLATION)
    if together and len(set(prepared)) != len(prepared):
        raise LDAPError(u'a value of %s comes twice' % kind.name, ATTRIBUTE_OR_VALUE_EXISTS)
    return prepared


def _bad_value(kind):
    # type: (AttributeType) -> LDAPError
    return LDAPError(u'%s cannot have this value' % kind.name, INVALID_ATTRIBUTE_SYNTAX)


def _check_fixed(kinds, privileged):
    # type: (Sequence[AttributeType], bool) -> None
    for kind in kinds:
        if kind.fixed and not privileged:
            raise LDAPError(u'%s: no user modification allowed' % kind.name, CONSTRAINT_VIOLATION)


# -- add ---------------------------------------------------------------------

def added(schema, request, privileged=False):
    # type: (Schema, AddRequest, bool) -> Attributes
    """The attributes of a new entry.

    Args:     privileged: it may have attributes that only the server changes: a copy is loaded.
    """
    attributes = {}             # type: Attributes
    kinds = []
    keys = []
    for description, values in request.attributes:
        if not values:
            raise LDAPError(u'the attribute %s has no values' % description, PROTOCOL_ERROR)
    for description, values in request.attributes:
        kind, key = _key(schema, description)
        _check_values(schema, kind, values)
        kinds.append(kind)
        keys.append(key)
        attributes[key] = description, list(values)
    if len(attributes) != len(keys):
        raise LDAPError(u'an attribute comes twice', ATTRIBUTE_OR_VALUE_EXISTS)
    _check_fixed(kinds, privileged)
    for name, value in parse_dn(request.dn)[0]:
        _add_naming_value(schema, attributes, name, value)
    return attributes


def _add_naming_value(schema, attributes, name, value):
    # type: (Schema, Attributes, str, bytes) -> None
    """Has the entry the value of its RDN: one that lacks it gets it, as slapd does."""
    kind, key = _key(schema, name)
    if kind.equality is None:
        raise LDAPError(u'%s cannot name an entry' % kind.name, NAMING_VIOLATION)
    try:
        wanted = schema.prepared(kind, value)
    except ValueError:
        raise LDAPError(u'%s cannot have the value in the DN' % kind.name, INVALID_DN_SYNTAX)
    name, values = attributes.get(key, (kind.name, []))
    if wanted in [schema.prepared(kind, each) for each in values]:
        return
    if kind.single and values:
        raise LDAPError(u'%s has another value than in the DN' % kind.name, NAMING_VIOLATION)
    attributes[key] = name, values + [value]


# -- modify ------------------------------------------------------------------

def check_counts(request):
    # type: (ModifyRequest) -> None
    """Raises LDAPError for a change with the wrong number of values."""
    for operation, description, values in request.changes:
        if operation == ADD and not values or operation == INCREMENT and len(values) != 1:
            raise LDAPError(u'a change of %s has the wrong number of values' % description,
                            PROTOCOL_ERROR)


def check_changes(schema, request, privileged=False):
    # type: (Schema, ModifyRequest, bool) -> List[str]
    """Raises LDAPError for changes that no entry can bear; the keys of their attributes."""
    kinds = []
    keys = []
    for operation, description, values in request.changes:
        kind, key = _key(schema, description)
        if operation == INCREMENT and (kind.equality is None
                                       or kind.equality.name != 'integerMatch'):
            raise LDAPError(u'%s is no integer' % kind.name, CONSTRAINT_VIOLATION)
        _check_values(schema, kind, values, operation != DELETE)
        kinds.append(kind)
        keys.append(key)
    _check_fixed(kinds, privileged)
    return keys


def modified(schema, attributes, request):
    # type: (Schema, Attributes, ModifyRequest) -> Attributes
    """The attributes behind the changes of a request, all or none; ``check_changes`` has seen it.
    """
    found = dict(attributes)
    classes = _class_names(found)
    for operation, description, values in request.changes:
        kind, key = _key(schema, description)
        name, there = found.get(key, (description, []))
        after = _CHANGES[operation](schema, kind, there, values)
        if after:
            found[key] = name, after
        else:
            found.pop(key, None)
    _check_structure_stays(schema, classes, _class_names(found))
    return found


def _added_values(schema, kind, there, values):
    # type: (Schema, AttributeType, List[bytes], List[bytes]) -> List[bytes]
    forms = _check_values(schema, kind, values)
    have = set(_forms(schema, kind, there))
    for form in forms:
        if form in have:
            raise LDAPError(u'%s has the value already' % kind.name, ATTRIBUTE_OR_VALUE_EXISTS)
    return there + values


def _forms(schema, kind, values):
    # type: (Schema, AttributeType, Sequence[bytes]) -> List[Any]
    if kind.equality is None:
        return list(values)
    forms = []
    for value in values:
        try:
            forms.append(schema.prepared(kind, value))
        except ValueError:      # kept before the schema was as it is
            forms.append(value)
    return forms


def _deleted_values(schema, kind, there, values):
    # type: (Schema, AttributeType, List[bytes], List[bytes]) -> List[bytes]
    if not there:
        raise LDAPError(u'the entry has no %s' % kind.name, NO_SUCH_ATTRIBUTE)
    if not values:
        return []
    if kind.equality is None:
        raise LDAPError(u'%s has no rule for equality' % kind.name, INAPPROPRIATE_MATCHING)
    gone = set(_check_values(schema, kind, values, False))
    forms = _forms(schema, kind, there)
    if not gone.issubset(forms):
        raise LDAPError(u'%s does not have the value' % kind.name, NO_SUCH_ATTRIBUTE)
    return [value for value, form in zip(there, forms) if form not in gone]


def _replaced_values(schema, kind, there, values):
    # type: (Schema, AttributeType, List[bytes], List[bytes]) -> List[bytes]
    _check_values(schema, kind, values)
    return list(values)


def _incremented_values(schema, kind, there, values):
    # type: (Schema, AttributeType, List[bytes], List[bytes]) -> List[bytes]
    """RFC 4525."""
    if not there:
        raise LDAPError(u'the entry has no %s' % kind.name, NO_SUCH_ATTRIBUTE)
    step = _check_values(schema, kind, values)[0]
    return [b'%d' % (form + step) for form in _forms(schema, kind, there)]


_CHANGES = {ADD: _added_values, DELETE: _deleted_values, REPLACE: _replaced_values,
            INCREMENT: _incremented_values}


def _class_names(attributes):
    # type: (Attributes) -> Set[str]
    _, values = attributes.get(u'objectclass', (u'', []))
    return set(value.decode('ascii', 'replace').lower() for value in values)


def _check_structure_stays(schema, before, after):
    # type: (Schema, Set[str], Set[str]) -> None
    """The structural class of an entry never changes (RFC 4512 section 2.4.2)."""
    if before == after:
        return
    old = _structural(schema, before)
    new = _structural(schema, after)
    if old is not None and new is not None and old is not new:
        raise LDAPError(u'the structural object class cannot change',
                        OBJECT_CLASS_MODS_PROHIBITED)


# -- names -------------------------------------------------------------------

def renamed(schema, attributes, old_rdn, new_rdn, delete_old):
    # type: (Schema, Attributes, Sequence[Any], Sequence[Any], bool) -> Attributes
    """The attributes of an entry that gets another RDN."""
    found = dict(attributes)
    kept = set((_key(schema, name)[1], _one_form(schema, name, value)) for name, value in new_rdn)
    if delete_old:
        for name, value in old_rdn:
            kind, key = _key(schema, name)
            form = _one_form(schema, name, value)
            if (key, form) in kept or key not in found:
                continue
            described, values = found[key]
            left = [each for each, other in zip(values, _forms(schema, kind, values))
                    if other != form]
            if left:
                found[key] = described, left
            else:
                del found[key]
    for name, value in new_rdn:
        _add_naming_value(schema, found, name, value)
    return found


def _one_form(schema, name, value):
    # type: (Schema, str, bytes) -> Any
    kind, _ = _key(schema, name)
    try:
        return schema.prepared(kind, value)
    except ValueError:
        raise LDAPError(u'%s cannot have the value in the DN' % kind.name, INVALID_DN_SYNTAX)


# -- the rules of the schema -------------------------------------------------

def check_entry(schema, dn, attributes):
    # type: (Schema, str, Attributes) -> ObjectClass
    """Raises LDAPError unless an entry keeps the rules of its classes; its structural class."""
    names = _class_names(attributes)
    if not names:
        raise LDAPError(u'the entry has no objectClass', OBJECT_CLASS_VIOLATION)
    classes = []                # type: List[ObjectClass]
    for name in names:
        found = schema.object_class(name)
        if found is None:
            raise LDAPError(u'the object class %s is not defined' % name, INVALID_ATTRIBUTE_SYNTAX)
        classes += [each for each in found.ancestors() if each not in classes]
    structural = _structural(schema, names)
    if structural is None:
        raise LDAPError(u'the entry has no structural object class', OBJECT_CLASS_VIOLATION)
    chain = structural.ancestors()
    for each in classes:
        if each.kind == STRUCTURAL and each not in chain:
            raise LDAPError(u'the structural object classes %s and %s exclude each other'
                            % (structural.name, each.name), OBJECT_CLASS_VIOLATION)
        if each.kind == ABSTRACT and not _has_a_subclass(each, classes):
            raise LDAPError(u'the object class %s is abstract' % each.name, OBJECT_CLASS_VIOLATION)
    for name, value in parse_dn(dn)[0]:
        kind, key = _key(schema, name)
        _, values = attributes.get(key, (u'', []))
        if _one_form(schema, name, value) not in _forms(schema, kind, values):
            raise LDAPError(u'the value of %s in the DN is not one of the entry' % kind.name,
                            NAMING_VIOLATION)
    _check_attributes(schema, classes, attributes)
    return structural


def _has_a_subclass(each, classes):
    # type: (ObjectClass, Sequence[ObjectClass]) -> bool
    return any(other is not each and each in other.ancestors() for other in classes)


def _structural(schema, names):
    # type: (Schema, Set[str]) -> Optional[ObjectClass]
    """The structural class furthest from top."""
    best = None                 # type: Optional[ObjectClass]
    for name in sorted(names):
        found = schema.object_class(name)
        if found is None or found.kind != STRUCTURAL:
            continue
        if best is None or best in found.ancestors():
            best = found
    return best


def _check_attributes(schema, classes, attributes):
    # type: (Schema, Sequence[ObjectClass], Attributes) -> None
    anything = any(each.key == EXTENSIBLE for each in classes)
    present = set(key.partition(u';')[0] for key in attributes)
    permitted = set()           # type: Set[str]
    for each in classes:
        for key in each.must:
            if not present.intersection(schema.subtypes(key)):
                raise LDAPError(u'the object class %s demands the attribute %s' % (each.name, key),
                                OBJECT_CLASS_VIOLATION)
        permitted.update(each.must)
        permitted.update(each.may)
    for key, (name, values) in attributes.items():
        kind = schema.attribute(key.partition(u';')[0])
        if kind is None:
            raise LDAPError(u'the attribute %s is not defined' % name, UNDEFINED_ATTRIBUTE_TYPE)
        if kind.single and len(values) > 1:
            raise LDAPError(u'%s has one value at most' % kind.name, CONSTRAINT_VIOLATION)
        if anything or kind.operational:
            continue
        if kind.key not in permitted:
            raise LDAPError(u'no object class of the entry permits %s' % kind.name,
                            OBJECT_CLASS_VIOLATION)
