# Copyright the carryall authors.  See LICENSE.
"""The schema of a directory: attribute types, object classes, and names as keys (RFC 4512).

    schema = Schema()                       # what is built in
    schema.load(u"attributetype ( 1.3.6.1.4.1.9 NAME 'size' SYNTAX 1.3.6.1... )")
    schema.attribute(u'commonName').name    u'cn'
    schema.dn_key(u'CN=Anna , dc=Example')  u'cn=anna,dc=example'

Two DNs name the same entry if their keys are equal.  The key of a parent stands behind the first
comma that is not escaped.

Not here: the rows (schemadefinitions.py), the rules (matchingrules.py).
Tests:    tests/protocols/ldap/test_ldapschema.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import text_type
from carryall.core.patterns import Pattern
from carryall.protocols.ldap import schemadefinitions
from carryall.protocols.ldap.dn import format_value, parse_dn
from carryall.protocols.ldap.errors import INVALID_DN_SYNTAX, LDAPError
from carryall.protocols.ldap.matchingrules import DN_RULE, RULES, rule_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, List, Optional, Sequence, Set, Text, Tuple

__all__ = ['ABSTRACT', 'AUXILIARY', 'AttributeType', 'ObjectClass', 'STRUCTURAL', 'Schema',
           'standard_schema']

STRUCTURAL = u'STRUCTURAL'
AUXILIARY = u'AUXILIARY'
ABSTRACT = u'ABSTRACT'
USER = u'userApplications'

MAX_DEFINITIONS = 10000     # that a file may add
_SYNTAXES = '1.3.6.1.4.1.1466.115.121.1.'
_TOKEN = Pattern(u"'((?:[^'\\\\]|\\\\.)*)'|([()$])|([^\\s()$']+)")
_DEFINITION = Pattern(u'(?im)^[ \\t]*(attributetypes?|objectclass(?:es)?|objectidentifier|'
                      u'ldapsyntax)[ \\t:]+')
_COMMENT = Pattern(u'(?m)^#.*$')
_LENGTH = Pattern(u'\\{[0-9]+\\}\\Z')
_KINDS = {'abs': ABSTRACT, 'aux': AUXILIARY}

# Syntaxes whose values are asked for and given with ;binary (RFC 4522, RFC 4523)
BINARY = frozenset(_SYNTAXES + number for number in ('5', '8', '9', '10', '49'))


class AttributeType(object):
    """An attribute type.

    Attributes:
        oid, names, name, key: the first name, and that in lower case.
        sup: the AttributeType that it is a subtype of, or None.
        equality, ordering, substring: each a Rule, or None.
        syntax: its OID.
        single: it has one value at most.
        fixed: no client may change it.
        usage: userApplications, directoryOperation, dSAOperation ...
    """

    __slots__ = ('oid', 'names', 'name', 'key', 'sup', 'equality', 'ordering', 'substring',
                 'syntax', 'length', 'single', 'fixed', 'usage', 'description')

    def __init__(self, oid, names):
        # type: (str, Sequence[str]) -> None
        self.oid = oid
        self.names = list(names)
        self.name = self.names[0] if self.names else oid
        self.key = self.name.lower()
        self.sup = None             # type: Optional[AttributeType]
        self.equality = None        # type: Any
        self.ordering = None        # type: Any
        self.substring = None       # type: Any
        self.syntax = u''
        self.length = u''
        self.single = False
        self.fixed = False
        self.usage = USER
        self.description = u''

    def inherit(self):
        # type: () -> None
        """Takes from the supertype what it does not have itself (RFC 4512 section 2.5.1)."""
        sup = self.sup
        if sup is not None:
            self.equality = self.equality or sup.equality
            self.ordering = self.ordering or sup.ordering
            self.substring = self.substring or sup.substring
            self.syntax = self.syntax or sup.syntax

    @property
    def operational(self):
        # type: () -> bool
        """It is given only to those who ask for it by name or by ``+``."""
        return self.usage != USER

    def text(self):
        # type: () -> str
        """As the subschema shows it (RFC 4512 section 4.1.2)."""
        parts = [self.oid, u'NAME ' + _quoted(self.names)]
        if self.description:
            parts.append(u"DESC '%s'" % self.description)
        if self.sup is not None:
            parts.append(u'SUP ' + self.sup.name)
        for word, rule, inherited in (
                (u'EQUALITY', self.equality, self.sup and self.sup.equality),
                (u'ORDERING', self.ordering, self.sup and self.sup.ordering),
                (u'SUBSTR', self.substring, self.sup and self.sup.substring)):
            if rule is not None and rule is not inherited:
                parts.append(u'%s %s' % (word, rule.name))
        if self.sup is None or self.syntax != self.sup.syntax:
            parts.append(u'SYNTAX %s%s' % (self.syntax, self.length))
        if self.single:
            parts.append(u'SINGLE-VALUE')
        if self.fixed:
            parts.append(u'NO-USER-MODIFICATION')
        if self.operational:
            parts.append(u'USAGE ' + self.usage)
        return u'( %s )' % u' '.join(parts)


class ObjectClass(object):
    """An object class.

    Attributes:
        oid, names, name, key: the first name, and that in lower case.
        sups: the ObjectClasses that it is a subclass of.
        kind: STRUCTURAL, AUXILIARY or ABSTRACT.
        must, may: names of attributes in lower case, with those of the superclasses.
    """

    __slots__ = ('oid', 'names', 'name', 'key', 'sups', 'kind', 'own_must', 'own_may', 'must',
                 'may', 'description')

    def __init__(self, oid, names):
        # type: (str, Sequence[str]) -> None
        self.oid = oid
        self.names = list(names)
        self.name = self.names[0] if self.names else oid
        self.key = self.name.lower()
        self.sups = []              # type: List[ObjectClass]
        self.kind = STRUCTURAL
        self.own_must = []          # type: List[str]
        self.own_may = []           # type: List[str]
        self.must = frozenset()     # type: Any
        self.may = frozenset()      # type: Any
        self.description = u''

    def ancestors(self):
        # type: () -> List[ObjectClass]
        """It and all that it is a subclass of, itself first."""
        found = [self]
        for each in found:
            found += [sup for sup in each.sups if sup not in found]
        return found

    def text(self):
        # type: () -> str
        """As the subschema shows it (RFC 4512 section 4.1.1)."""
        parts = [self.oid, u'NAME ' + _quoted(self.names)]
        if self.description:
            parts.append(u"DESC '%s'" % self.description)
        if self.sups:
            parts.append(u'SUP ' + _listed([each.name for each in self.sups]))
        parts.append(self.kind)
        if self.own_must:
            parts.append(u'MUST ' + _listed(self.own_must))
        if self.own_may:
            parts.append(u'MAY ' + _listed(self.own_may))
        return u'( %s )' % u' '.join(parts)


def _quoted(names):
    # type: (Sequence[str]) -> str
    if len(names) == 1:
        return u"'%s'" % names[0]
    return u'( %s )' % u' '.join([u"'%s'" % name for name in names])


def _listed(names):
    # type: (Sequence[str]) -> str
    return names[0] if len(names) == 1 else u'( %s )' % u' $ '.join(names)


class Schema(object):
    """Attribute types and object classes.

    Args:     standard: with what is built in.
    """

    def __init__(self, standard=True):
        # type: (bool) -> None
        self.attributes = []        # type: List[AttributeType]
        self.classes = []           # type: List[ObjectClass]
        self._attributes = {}       # type: Dict[str, AttributeType]
        self._classes = {}          # type: Dict[str, ObjectClass]
        self._subtypes = {}         # type: Dict[str, List[str]]
        self._subclasses = {}       # type: Dict[str, Set[str]]
        if standard:
            for row in _rows(schemadefinitions.ATTRIBUTE_TYPES):
                self._add_row(row, USER)
            for row in _rows(schemadefinitions.OPERATIONAL_TYPES):
                self._add_row(row, u'directoryOperation')
            for row in _rows(schemadefinitions.OBJECT_CLASSES):
                self._add_class_row(row)

    # -- asking ------------------------------------------------------------------------------------

    def attribute(self, name):
        # type: (str) -> Optional[AttributeType]
        """The type of a name or OID, in any case; None if there is none."""
        found = self._attributes.get(name)
        return found if found is not None else self._attributes.get(name.lower())

    def object_class(self, name):
        # type: (str) -> Optional[ObjectClass]
        """The class of a name or OID, in any case; None if there is none."""
        return self._classes.get(name.lower())

    def described(self, description):
        # type: (str) -> Optional[Tuple[AttributeType, Tuple[str, ...]]]
        """The type and the options of a description, such as ``cn;lang-de``; None: undefined.

        The options are in order and in lower case.  ``binary`` says nothing of a value, and is none
        (RFC 4522).
        """
        name, _, rest = description.partition(u';')
        found = self.attribute(name)
        if found is None:
            return None
        if not rest:
            return found, ()
        options = set(rest.lower().split(u';'))
        options.discard(u'binary')
        return found, tuple(sorted(options))

    def key_of(self, description):
        # type: (str) -> Optional[str]
        """One spelling for all descriptions of the same attribute; None: undefined."""
        found = self.described(description)
        if found is None:
            return None
        return u';'.join((found[0].key,) + found[1]) if found[1] else found[0].key

    def subtypes(self, key):
        # type: (str) -> Sequence[str]
        """The key of a type, and those of its subtypes."""
        return self._subtypes.get(key, ())

    def subclasses(self, key):
        # type: (str) -> Set[str]
        """The key of a class, and those of all its subclasses."""
        return self._subclasses.get(key, set())

    # -- values and names --------------------------------------------------------------------------

    def prepared(self, kind, value, rule=None):
        # type: (AttributeType, bytes, Any) -> Any
        """A value as it is compared for equality.

        Args:     rule: another Rule than that of the type.
        Raises:   ValueError: it is not of the syntax, or the type has no such rule.
        """
        rule = rule or kind.equality
        if rule is None:
            raise ValueError('the attribute has no rule for equality')
        if rule.prepare is not None:
            return rule.prepare(value)
        if rule.name == DN_RULE:
            return self._value_key(value)
        return self._unique_member(value)

    def _value_key(self, value):
        # type: (bytes) -> str
        try:
            return self.dn_key(value.decode('utf-8'))
        except LDAPError as exc:
            raise ValueError(str(exc))

    def _unique_member(self, value):
        # type: (bytes) -> str
        """A name, and behind it the bits that distinguish it (RFC 4517 section 3.3.21)."""
        name, sign, bits = value.rpartition(b'#')
        if sign and bits[:1] == b"'" and bits[-2:] == b"'B":
            return self._value_key(name) + u'#' + bits.decode('ascii')
        return self._value_key(value)

    def dn_key(self, text):
        # type: (str) -> str
        """The key of a DN; LDAPError if it is none."""
        return u','.join([self.rdn_key(parts) for parts in parse_dn(text)])

    def rdn_key(self, parts):
        # type: (Sequence[Tuple[str, bytes]]) -> str
        """The key of one RDN."""
        if len(parts) == 1:
            return self._part_key(parts[0])
        return u'+'.join(sorted([self._part_key(part) for part in parts]))

    def _part_key(self, part):
        # type: (Tuple[str, bytes]) -> str
        name, value = part
        kind = self.attribute(name)
        if kind is None:
            raise LDAPError(u'the DN has the attribute %s, which is not defined' % name,
                            INVALID_DN_SYNTAX)
        if kind.equality is None:
            return u'%s=%s' % (kind.key, format_value(value))
        try:
            prepared = self.prepared(kind, value)
        except ValueError:
            raise LDAPError(u'the DN has a value that %s cannot have' % kind.name,
                            INVALID_DN_SYNTAX)
        if not isinstance(prepared, (bytes, text_type)):
            return u'%s=%d' % (kind.key, prepared)
        if isinstance(prepared, text_type):
            prepared = prepared.encode('utf-8')
        return u'%s=%s' % (kind.key, format_value(prepared))

    # -- building ----------------------------------------------------------------------------------

    def _add_row(self, row, usage):
        # type: (str, str) -> None
        oid, names, rest = (row + u' ').split(u' ', 2)
        made = AttributeType(oid, names.split(u','))
        made.usage = usage
        for word in rest.split():
            name, _, value = word.partition(u'=')
            if name == u'sup':
                made.sup = self._attributes[value.lower()]
            elif name == u'syn':
                value, _, length = value.partition(u'/')
                made.syntax = value if u'.' in value else _SYNTAXES + value
                made.length = u'{%s}' % length if length else u''
            elif name == u'usage':
                made.usage = value
            elif name == u'eq':
                made.equality = rule_named(schemadefinitions.RULE_NAMES[value][0])
            elif name == u'ord':
                made.ordering = rule_named(schemadefinitions.RULE_NAMES[value][1])
            elif name == u'sub':
                made.substring = rule_named(schemadefinitions.RULE_NAMES[value][2])
            elif name == u'single':
                made.single = True
            else:
                made.fixed = True
        made.inherit()
        self._enter_attribute(made)

    def _enter_attribute(self, made):
        # type: (AttributeType) -> None
        self.attributes.append(made)
        for name in made.names + [made.oid]:
            self._attributes[name.lower()] = made
            self._attributes[name] = made
        above = made                # type: Optional[AttributeType]
        while above is not None:
            self._subtypes.setdefault(above.key, []).append(made.key)
            above = above.sup

    def _add_class_row(self, row):
        # type: (str) -> None
        oid, names, rest = (row + u' ').split(u' ', 2)
        made = ObjectClass(oid, names.split(u','))
        for word in rest.replace(u', ', u',').split():
            name, _, value = word.partition(u'=')
            if name in _KINDS:
                made.kind = _KINDS[name]
                continue
            listed = []             # type: List[str]
            for each in value.split(u','):
                if each[:1] == u'$':
                    listed += schemadefinitions.GROUPS[each[1:]].split(u', ')
                else:
                    listed.append(each)
            if name == u'sup':
                made.sups = [self._classes[each.lower()] for each in listed]
            elif name == u'must':
                made.own_must = listed
            else:
                made.own_may = listed
        self._enter_class(made)

    def _enter_class(self, made):
        # type: (ObjectClass) -> None
        must = set()                # type: Set[str]
        may = set()                 # type: Set[str]
        for each in made.ancestors():
            must.update([self._attribute_key(name) for name in each.own_must])
            may.update([self._attribute_key(name) for name in each.own_may])
            self._subclasses.setdefault(each.key, set()).add(made.key)
        made.must = frozenset(must)
        made.may = frozenset(may)
        self.classes.append(made)
        for name in made.names + [made.oid]:
            self._classes[name.lower()] = made

    def _attribute_key(self, name):
        # type: (str) -> str
        found = self.attribute(name)
        if found is None:
            raise LDAPError(u'an object class has the attribute %s, which is not defined' % name)
        return found.key

    # -- definitions of a file ---------------------------------------------------------------------

    def load(self, text):
        # type: (str) -> None
        """Adds definitions as slapd's schema files have them: ``attributetype ( ... )``,
        ``objectclass ( ... )``, ``objectidentifier NAME OID``; or the lines of a subschema.

        A definition whose OID is there already is passed over.
        Raises:   LDAPError: one is malformed, or uses what is not defined.
        """
        macros = {}                 # type: Dict[str, str]
        text = _COMMENT.sub(u'', text)
        places = list(_DEFINITION.finditer(text))
        if len(places) > MAX_DEFINITIONS:
            raise LDAPError(u'there are more than %d definitions' % MAX_DEFINITIONS)
        for index, found in enumerate(places):
            end = places[index + 1].start() if index + 1 < len(places) else len(text)
            body = text[found.end():end].strip()
            word = found.group(1).lower()
            try:
                if word == u'objectidentifier':
                    name, oid = body.split()
                    macros[name.lower()] = _expanded(oid, macros)
                elif word.startswith(u'attributetype'):
                    self._load_attribute(_Definition(body, macros))
                elif word.startswith(u'objectclass'):
                    self._load_class(_Definition(body, macros))
            except (KeyError, ValueError) as exc:
                line = text.count(u'\n', 0, found.start()) + 1
                raise LDAPError(u'line %d: a definition is malformed: %s' % (line, exc))

    def _load_attribute(self, parts):
        # type: (_Definition) -> None
        if parts.oid in self._attributes:
            return
        made = AttributeType(parts.oid, parts.words(u'NAME'))
        made.description = parts.word(u'DESC')
        sup = parts.word(u'SUP')
        if sup:
            made.sup = self._attributes[sup.lower()]
        # A rule that is not here compares nothing; the attribute can be kept all the same.
        made.equality = rule_named(parts.word(u'EQUALITY'))
        made.ordering = rule_named(parts.word(u'ORDERING'))
        made.substring = rule_named(parts.word(u'SUBSTR'))
        syntax = _expanded(parts.word(u'SYNTAX'), parts.macros)
        length = _LENGTH.search(syntax)
        made.length = length.group() if length else u''
        made.syntax = _LENGTH.sub(u'', syntax)
        made.single = u'SINGLE-VALUE' in parts.found
        made.fixed = u'NO-USER-MODIFICATION' in parts.found
        made.usage = parts.word(u'USAGE') or USER
        made.inherit()
        self._enter_attribute(made)

    def _load_class(self, parts):
        # type: (_Definition) -> None
        if parts.oid in self._classes:
            return
        made = ObjectClass(parts.oid, parts.words(u'NAME'))
        made.description = parts.word(u'DESC')
        made.sups = [self._classes[name.lower()] for name in parts.words(u'SUP')]
        for kind in (AUXILIARY, ABSTRACT):
            if kind in parts.found:
                made.kind = kind
        made.own_must = parts.words(u'MUST')
        made.own_may = parts.words(u'MAY')
        self._enter_class(made)

    # -- as it is shown ----------------------------------------------------------------------------

    def subschema(self):
        # type: () -> List[Tuple[str, List[bytes]]]
        """The attributes of the subschema subentry (RFC 4512 section 4.2)."""
        syntaxes = sorted(set(each.syntax for each in self.attributes if each.syntax))
        rules = [u"( %s NAME '%s' SYNTAX %s )" % (rule.oid, rule.name, rule.syntax)
                 for rule in RULES]
        return [
            (u'ldapSyntaxes', _encoded([u'( %s )' % oid for oid in syntaxes])),
            (u'matchingRules', _encoded(rules)),
            (u'attributeTypes', _encoded([each.text() for each in self.attributes])),
            (u'objectClasses', _encoded([each.text() for each in self.classes])),
        ]


class _Definition(object):
    """The words of a definition: a dict of each keyword to the words behind it."""

    def __init__(self, body, macros):
        # type: (str, Dict[str, str]) -> None
        self.macros = macros
        self.found = {}             # type: Dict[str, List[str]]
        tokens = [(found.group(1), found.group(2), found.group(3))
                  for found in _TOKEN.finditer(body)]
        if len(tokens) < 3 or tokens[0][1] != u'(' or tokens[-1][1] != u')':
            raise ValueError('it does not stand in parentheses')
        self.oid = _expanded(tokens[1][2] or u'', macros)
        if not self.oid:
            raise ValueError('it has no OID')
        current = []                # type: List[str]
        inside = False
        for quoted, sign, word in tokens[2:-1]:
            if sign:
                inside = sign == u'(' or sign == u'$' and inside
            elif quoted is not None:
                current.append(quoted)
            elif not inside and word in _KEYWORDS:     # in capitals: a type is called name
                current = self.found.setdefault(word, [])
            else:
                current.append(word)

    def words(self, keyword):
        # type: (str) -> List[str]
        return self.found.get(keyword, [])

    def word(self, keyword):
        # type: (str) -> str
        found = self.words(keyword)
        return found[0] if found else u''


_KEYWORDS = frozenset((
    u'NAME', u'DESC', u'OBSOLETE', u'SUP', u'EQUALITY', u'ORDERING', u'SUBSTR', u'SYNTAX',
    u'SINGLE-VALUE', u'COLLECTIVE', u'NO-USER-MODIFICATION', u'USAGE', u'ABSTRACT', u'STRUCTURAL',
    u'AUXILIARY', u'MUST', u'MAY'))


def _expanded(oid, macros):
    # type: (str, Dict[str, str]) -> str
    """An OID whose first part may be the name of an objectidentifier."""
    name, colon, rest = oid.partition(u':')
    if name.lower() in macros:
        return macros[name.lower()] + (u'.' + rest if colon else u'')
    return oid


def _rows(text):
    # type: (str) -> Iterable[str]
    """The rows of a table of schemadefinitions."""
    return text.strip().replace(u'\n    ', u' ').split(u'\n')


def _encoded(texts):
    # type: (Iterable[Text]) -> List[bytes]
    return [text.encode('utf-8') for text in texts]


_standard = []                  # type: List[Schema]


def standard_schema():
    # type: () -> Schema
    """The schema that is built in, made once; to be extended by no one."""
    if not _standard:
        _standard.append(Schema())
    return _standard[0]
