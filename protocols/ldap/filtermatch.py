# Copyright the carryall authors.  See LICENSE.
"""Filters at work: whether an entry matches one (RFC 4511 section 4.5.1.7).

    matches = compile_filter(tree, schema, keys)
    matches(entry)              True, False, or None: Undefined

An attribute that the schema does not know, and a value that the attribute cannot have, are
Undefined, and so is their negation.

Not here: the indexes (directorytree.py).
Tests:    tests/protocols/ldap/test_directory.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal
from carryall.protocols.ldap import matchingrules
from carryall.protocols.ldap.directoryentry import values_of
from carryall.protocols.ldap.dn import parse_dn
from carryall.protocols.ldap.ldapfilter import (AND, APPROX, EQUALITY, EXTENSIBLE, GREATER, LESS,
                                                NOT, OR, PRESENT, SUBSTRINGS)
from carryall.protocols.ldap.ldapsyntaxes import TEXTS, has_syntax

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Sequence
    from carryall.protocols.ldap.directoryentry import Entry
    from carryall.protocols.ldap.ldapfilter import Filter
    from carryall.protocols.ldap.ldapschema import AttributeType, Schema

__all__ = ['compile_filter', 'equality_of', 'undefined']

# Bits of an INTEGER, as Active Directory names them; programs ask for userAccountControl by them
_BIT_AND = '1.2.840.113556.1.4.803'
_BIT_OR = '1.2.840.113556.1.4.804'
MAX_BITS = (1 << 63) - 1


def undefined(_entry):
    # type: (Entry) -> None
    """Matches nothing, and its negation neither."""
    return None


def _always(_entry):
    # type: (Entry) -> bool
    return True


def _never(_entry):
    # type: (Entry) -> bool
    return False


def compile_filter(tree, schema, keys):
    # type: (Filter, Schema, Callable[..., Sequence[str]]) -> Callable[[Entry], Any]
    """Tells, when called with an Entry, whether that matches.

    Args:     keys: called with an AttributeType and options; the keys of the attributes of entries
                    that are meant: subtypes too, and those with more options.
    """
    kind = tree.kind
    if kind == AND or kind == OR:
        parts = [compile_filter(part, schema, keys) for part in tree.value]
        if not parts:
            return _always if kind == AND else _never       # RFC 4526
        return parts[0] if len(parts) == 1 else _COMBINED[kind](parts)
    if kind == NOT:
        return _negated(compile_filter(tree.value, schema, keys))
    if kind == EXTENSIBLE:
        return _extensible(tree, schema, keys)
    found = schema.described(tree.attribute)
    if found is None:
        return undefined
    if kind == PRESENT:
        return _present(keys(*found))
    return _COMPILED[kind](found[0], tree.value, keys(*found), schema)  # type: ignore


# -- combinations ------------------------------------------------------------

def _all(parts):
    # type: (List[Any]) -> Any
    def matches(entry):
        # type: (Entry) -> Any
        answer = True           # type: Any
        for part in parts:
            found = part(entry)
            if found is False:
                return False
            if found is None:
                answer = None
        return answer
    return matches


def _any(parts):
    # type: (List[Any]) -> Any
    def matches(entry):
        # type: (Entry) -> Any
        answer = False          # type: Any
        for part in parts:
            found = part(entry)
            if found:
                return True
            if found is None:
                answer = None
        return answer
    return matches


_COMBINED = {AND: _all, OR: _any}


def _negated(part):
    # type: (Any) -> Any
    def matches(entry):
        # type: (Entry) -> Any
        found = part(entry)
        return None if found is None else not found
    return matches


# -- items -------------------------------------------------------------------

def _present(keys):
    # type: (Sequence[str]) -> Any
    if len(keys) == 1:
        key = keys[0]
        return lambda entry: key in entry.attributes

    def matches(entry):
        # type: (Entry) -> bool
        for key in keys:
            if key in entry.attributes:
                return True
        return False
    return matches


def equality_of(kind, value, schema):
    # type: (AttributeType, bytes, Schema) -> Optional[Any]
    """The prepared value that an assertion of equality looks for; a set of them for objectClass,
    whose subclasses are meant too; None: Undefined."""
    if kind.key == u'objectclass':
        named = schema.object_class(value.decode('ascii', 'replace'))
        return None if named is None else schema.subclasses(named.key)
    # The assertion has the syntax of the rule; that of the attribute may be narrower.
    if kind.equality is None or not has_syntax(kind.equality.syntax, value):
        return None
    try:
        return schema.prepared(kind, value)
    except ValueError:
        return None


def _equal(kind, value, keys, schema):
    # type: (AttributeType, bytes, Sequence[str], Schema) -> Any
    wanted = equality_of(kind, value, schema)
    if wanted is None:
        return undefined
    if isinstance(wanted, set):
        return _of_classes(wanted)
    return _tested(kind, keys, schema, lambda found: found == wanted)


def _of_classes(wanted):
    # type: (Any) -> Any
    def matches(entry):
        # type: (Entry) -> bool
        for value in entry.values(u'objectclass'):
            if value.decode('ascii', 'replace').lower() in wanted:
                return True
        return False
    return matches


def _tested(kind, keys, schema, test, rule=None):
    # type: (AttributeType, Sequence[str], Schema, Callable[[Any], bool], Any) -> Any
    """True if *test* is for the prepared form of a value."""
    prepared = schema.prepared

    def matches(entry):
        # type: (Entry) -> bool
        attributes = entry.attributes
        for key in keys:
            encoded = attributes.get(key)
            if encoded is None:
                continue
            for value in values_of(encoded):
                try:
                    if test(prepared(kind, value, rule)):
                        return True
                except ValueError:      # kept before the schema was as it is
                    continue
        return False
    return matches


def _ordered(kind, value, keys, schema, test):
    # type: (AttributeType, bytes, Sequence[str], Schema, Any) -> Any
    rule = kind.ordering
    if rule is None or not has_syntax(rule.syntax, value):
        return undefined
    try:
        bound = schema.prepared(kind, value, rule)
    except ValueError:
        return undefined
    return _tested(kind, keys, schema, lambda found: test(found, bound), rule)


def _greater(kind, value, keys, schema):
    # type: (AttributeType, bytes, Sequence[str], Schema) -> Any
    return _ordered(kind, value, keys, schema, lambda found, bound: found >= bound)


def _less(kind, value, keys, schema):
    # type: (AttributeType, bytes, Sequence[str], Schema) -> Any
    return _ordered(kind, value, keys, schema, lambda found, bound: found <= bound)


def _approximate(kind, value, keys, schema):
    # type: (AttributeType, bytes, Sequence[str], Schema) -> Any
    """Equal, or with the words of the value in their order, in any case."""
    if kind.equality is None or not has_syntax(kind.equality.syntax, value):
        return undefined
    try:
        words = matchingrules.prepared_text(value, True).split()
    except ValueError:
        return undefined
    equal = _equal(kind, value, keys, schema)

    def of_words(entry):
        # type: (Entry) -> bool
        for key in keys:
            for each in entry.values(key):
                try:
                    found = matchingrules.prepared_text(each, True).split()
                except ValueError:
                    continue
                rest = iter(found)
                if words and all(word in rest for word in words):
                    return True
        return False
    return of_words if equal is undefined else _any([equal, of_words])


def _substring(kind, value, keys, schema):
    # type: (AttributeType, Any, Sequence[str], Schema) -> Any
    rule = kind.substring
    if rule is None:
        return undefined
    first, middle, last = value
    try:
        start = _part(rule, first, True, False)
        inside = [_part(rule, piece, False, False) for piece in middle]
        end = _part(rule, last, False, True)
    except ValueError:
        return undefined

    def test(found):
        # type: (bytes) -> bool
        if not found.startswith(start):
            return False
        at = len(start)
        stop = len(found) - len(end)
        for piece in inside:
            at = found.find(piece, at, stop)
            if at < 0:
                return False
            at += len(piece)
        return at <= stop and found.endswith(end)
    return _tested(kind, keys, schema, test, rule)


def _part(rule, piece, first, last):
    # type: (Any, Optional[bytes], bool, bool) -> bytes
    """A part of a substring as the rule compares it."""
    if piece is None:
        return b''
    if rule.name.startswith('case'):
        if 'IA5' in rule.name:
            piece.decode('ascii')
        return matchingrules.prepared_substring(piece, 'Ignore' in rule.name, first, last)
    return rule.prepare(piece)          # type: ignore


_COMPILED = {EQUALITY: _equal, GREATER: _greater, LESS: _less, APPROX: _approximate,
             SUBSTRINGS: _substring}


# -- extensible match --------------------------------------------------------

def _extensible(tree, schema, keys):
    # type: (Filter, Schema, Any) -> Any
    name, octets, of_dn = tree.value
    rule = None                 # type: Any
    if name in (_BIT_AND, _BIT_OR):
        return _bits(tree, schema, keys, name == _BIT_AND)
    if name is not None:
        rule = matchingrules.rule_named(name)
        if rule is None or rule.kind == matchingrules.SUBSTRING:
            return undefined
    if tree.attribute is not None:
        found = schema.described(tree.attribute)
        if found is None:
            return undefined
        if rule is None:
            matches = _equal(found[0], octets, keys(*found), schema)
        else:
            matches = _by_rule(found[0], octets, keys(*found), schema, rule)
        if of_dn and matches is not undefined:
            return _any([matches, _in_dn(found[0], octets, schema, rule)])
        return matches
    kinds = [kind for kind in schema.attributes
             if kind.equality is rule or kind.ordering is rule
             or kind.syntax == rule.syntax]
    parts = [_by_rule(kind, octets, keys(kind, ()), schema, rule) for kind in kinds
             if kind.sup is None]
    if of_dn:
        parts += [_in_dn(kind, octets, schema, rule) for kind in kinds]
    parts = [part for part in parts if part is not undefined]
    return _any(parts) if parts else undefined


def _by_rule(kind, octets, keys, schema, rule):
    # type: (AttributeType, bytes, Sequence[str], Schema, Any) -> Any
    if not (kind.syntax == rule.syntax or kind.equality is rule
            or kind.syntax in TEXTS and rule.syntax in TEXTS):
        return undefined
    try:
        wanted = schema.prepared(kind, octets, rule)
    except ValueError:
        return undefined
    if rule.kind == matchingrules.ORDERING:         # RFC 4517 section 4.2: less than
        return _tested(kind, keys, schema, lambda found: found < wanted, rule)
    return _tested(kind, keys, schema, lambda found: found == wanted, rule)


def _in_dn(kind, octets, schema, rule):
    # type: (AttributeType, bytes, Schema, Any) -> Any
    """True if a part of the entry's DN has the type, or a subtype of it, and matches."""
    try:
        wanted = schema.prepared(kind, octets, rule)
    except ValueError:
        return undefined
    meant = set(schema.subtypes(kind.key))

    def matches(entry):
        # type: (Entry) -> bool
        for parts in parse_dn(entry.dn):
            for name, value in parts:
                found = schema.attribute(name)
                if found is None or found.key not in meant:
                    continue
                try:
                    if schema.prepared(kind, value, rule) == wanted:
                        return True
                except ValueError:
                    continue
        return False
    return matches


def _bits(tree, schema, keys, every):
    # type: (Filter, Schema, Any, bool) -> Any
    found = schema.described(tree.attribute or u'')
    mask = decimal(tree.value[1], MAX_BITS)
    if found is None or mask is None:
        return undefined
    if found[0].equality is None or found[0].equality.name != 'integerMatch':
        return undefined

    def test(value):
        # type: (int) -> bool
        return value & mask == mask if every else bool(value & mask)
    return _tested(found[0], keys(*found), schema, test)
