# Copyright the carryall authors.  See LICENSE.
"""Filters of a search: text, tree and BER (RFC 4515, RFC 4511 section 4.5.1.7).

    tree = parse_filter(u'(&(objectClass=person)(|(uid=anna)(mail=anna@*)))')
    format_filter(tree), encode_filter(tree)

A Filter has a kind, an attribute description and a value:

    AND, OR                         value: a tuple of Filters, which may be empty (RFC 4526)
    NOT                             value: a Filter
    EQUALITY GREATER LESS APPROX    value: octets
    SUBSTRINGS                      value: (initial or None, tuple of any, final or None)
    PRESENT                         value: None
    EXTENSIBLE                      value: (rule or None, octets, with the attributes of the DN)

Limits:   MAX_DEPTH and MAX_ITEMS; what exceeds them is adminLimitExceeded.
Tests:    tests/protocols/ldap/test_ldapfilter.py
"""
from __future__ import absolute_import, division, print_function

import binascii

from carryall.core.patterns import Pattern
from carryall.core.records import namedtuple
from carryall.protocols.ldap import ber
from carryall.protocols.ldap.errors import ADMIN_LIMIT_EXCEEDED, LDAPError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Tuple

__all__ = ['AND', 'APPROX', 'EQUALITY', 'EXTENSIBLE', 'Filter', 'GREATER', 'LESS', 'MAX_DEPTH',
           'MAX_ITEMS', 'NOT', 'OR', 'PRESENT', 'SUBSTRINGS', 'decode_filter', 'encode_filter',
           'escaped', 'format_filter', 'parse_filter']

# -- limits ------------------------------------------------------------------
MAX_DEPTH = 64              # of AND, OR and NOT inside of each other
MAX_ITEMS = 4096            # of one filter, in all

# -- the tags of the alternatives --------------------------------------------
AND = 0xA0
OR = 0xA1
NOT = 0xA2
EQUALITY = 0xA3
SUBSTRINGS = 0xA4
GREATER = 0xA5
LESS = 0xA6
PRESENT = 0x87
APPROX = 0xA8
EXTENSIBLE = 0xA9

_SETS = {u'&': AND, u'|': OR}
_SIGNS = {AND: u'&', OR: u'|'}
_COMPARING = {EQUALITY: u'=', GREATER: u'>=', LESS: u'<=', APPROX: u'~='}
_INITIAL = 0x80
_ANY = 0x81
_FINAL = 0x82
_RULE = 0x81
_TYPE = 0x82
_VALUE = 0x83
_OF_DN = 0x84

_ATTRIBUTE = u'(?:[A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\\.[0-9]+)*)(?:;[A-Za-z0-9-]+)*'
# An item: attribute, the parts of an extensible match, the sign
_ITEM = Pattern(u'(%s)?((?::[dD][nN])?)(?::(%s))?(:?[~<>]?=)' % (_ATTRIBUTE, _ATTRIBUTE))
_DESCRIPTION = Pattern(u'%s\\Z' % _ATTRIBUTE)
_PLAIN = Pattern(u'[^\\\\()*\\x00]*')
_SPECIAL = Pattern(br'[\x00-\x1f()*\\\x7f]')

Filter = namedtuple('Filter', 'kind attribute value')


# -- text --------------------------------------------------------------------

class _Open(object):
    """An AND, OR or NOT whose end has not come."""

    __slots__ = ('kind', 'parts')

    def __init__(self, kind):
        # type: (int) -> None
        self.kind = kind
        self.parts = []             # type: List[Filter]

    def closed(self):
        # type: () -> Filter
        if self.kind == NOT:
            if len(self.parts) != 1:
                raise LDAPError(u'(! takes one filter, and has %d' % len(self.parts))
            return Filter(NOT, None, self.parts[0])
        return Filter(self.kind, None, tuple(self.parts))


def parse_filter(text):
    # type: (str) -> Filter
    """The filter that *text* spells; the outermost parentheses may be left out.

    Raises:   LDAPError: it is malformed, at which character.
    """
    if not text.startswith(u'('):
        text = u'(%s)' % text
    stack = [_Open(AND)]
    at = 0
    items = 0
    while at < len(text):
        char = text[at]
        if char == u')':
            if len(stack) == 1:
                raise LDAPError(u'a filter has ")" too many at character %d' % at)
            done = stack.pop().closed()
            stack[-1].parts.append(done)
            at += 1
            continue
        if char != u'(':
            raise LDAPError(u'a filter has no "(" at character %d' % at)
        if len(stack) == 1 and stack[0].parts:
            raise LDAPError(u'there is text behind the filter, at character %d' % at)
        items += 1
        if items > MAX_ITEMS or len(stack) > MAX_DEPTH:
            raise _too_much()
        following = text[at + 1:at + 2]
        if following in (u'&', u'|', u'!') and following:
            stack.append(_Open(_SETS.get(following, NOT)))
            at += 2
            continue
        item, at = _parse_item(text, at + 1)
        if text[at:at + 1] != u')':
            raise LDAPError(u'a filter has no ")" at character %d' % at)
        stack[-1].parts.append(item)
        at += 1
    if len(stack) != 1 or not stack[0].parts:
        raise LDAPError(u'a filter ends early')
    return stack[0].parts[0]


def _parse_item(text, at):
    # type: (str, int) -> Tuple[Filter, int]
    found = _ITEM.match(text, at)
    if found is None:
        raise LDAPError(u'a filter has no attribute and sign at character %d' % at)
    attribute, of_dn, rule, sign = found.groups()
    pieces, at = _parse_value(text, found.end())
    if sign == u':=':
        if not attribute and not rule:
            raise LDAPError(u'an extensible match names neither attribute nor rule')
        value = (rule, _one_piece(pieces), bool(of_dn))
        return Filter(EXTENSIBLE, attribute, value), at
    if not attribute or of_dn or rule or sign[:1] == u':':
        raise LDAPError(u'a filter has no attribute and sign at character %d' % found.start())
    if sign != u'=':
        kind = {u'~=': APPROX, u'>=': GREATER, u'<=': LESS}[sign]
        return Filter(kind, attribute, _one_piece(pieces)), at
    if len(pieces) == 1:
        return Filter(EQUALITY, attribute, pieces[0]), at
    if pieces == [b'', b'']:
        return Filter(PRESENT, attribute, None), at
    if b'' in pieces[1:-1]:
        raise LDAPError(u'two asterisks follow each other')
    return Filter(SUBSTRINGS, attribute,
                  (pieces[0] or None, tuple(pieces[1:-1]), pieces[-1] or None)), at


def _parse_value(text, at):
    # type: (str, int) -> Tuple[List[bytes], int]
    """The octets between the asterisks, and where the value ends."""
    pieces = []                 # type: List[bytes]
    piece = b''
    while True:
        found = _PLAIN.match(text, at)
        piece += found.group().encode('utf-8')
        at = found.end()
        char = text[at:at + 1]
        if char == u'*':
            pieces.append(piece)
            piece = b''
            at += 1
        elif char == u'\\':
            try:
                piece += binascii.unhexlify(text[at + 1:at + 3].encode('ascii'))
            except (ValueError, TypeError):
                raise LDAPError(u'no two hexadecimal digits follow "\\" at character %d' % at)
            if len(text) < at + 3:
                raise LDAPError(u'a filter ends early')
            at += 3
        else:
            pieces.append(piece)
            return pieces, at


def _one_piece(pieces):
    # type: (List[bytes]) -> bytes
    if len(pieces) != 1:
        raise LDAPError(u'an asterisk stands where only "=" takes one')
    return pieces[0]


def _too_much():
    # type: () -> LDAPError
    return LDAPError(u'a filter has more than %d items, or more than %d levels'
                     % (MAX_ITEMS, MAX_DEPTH), ADMIN_LIMIT_EXCEEDED)


def escaped(value):
    # type: (bytes) -> str
    """A value as it stands in the text of a filter (RFC 4515 section 3)."""
    quoted = _SPECIAL.sub(lambda found: b'\\' + binascii.hexlify(found.group()), value)
    try:
        return quoted.decode('utf-8')
    except UnicodeError:
        return u''.join(u'\\%02x' % octet for octet in bytearray(value))


def format_filter(tree):
    # type: (Filter) -> str
    """The text of a filter."""
    kind, attribute, value = tree
    if kind in _SIGNS:
        return u'(%s%s)' % (_SIGNS[kind], u''.join([format_filter(part) for part in value]))
    if kind == NOT:
        return u'(!%s)' % format_filter(value)
    if kind == PRESENT:
        return u'(%s=*)' % attribute
    if kind == SUBSTRINGS:
        first, middle, last = value
        pieces = [first or b''] + list(middle) + [last or b'']
        return u'(%s=%s)' % (attribute, u'*'.join([escaped(piece) for piece in pieces]))
    if kind == EXTENSIBLE:
        rule, octets, of_dn = value
        return u'(%s%s%s:=%s)' % (attribute or u'', u':dn' if of_dn else u'',
                                  u':' + rule if rule else u'', escaped(octets))
    return u'(%s%s%s)' % (attribute, _COMPARING[kind], escaped(value))


# -- BER ---------------------------------------------------------------------

def encode_filter(tree):
    # type: (Filter) -> bytes
    """The BER of a filter."""
    kind, attribute, value = tree
    if kind in _SIGNS:
        return ber.tlv(kind, b''.join([encode_filter(part) for part in value]))
    if kind == NOT:
        return ber.tlv(kind, encode_filter(value))
    if kind == EXTENSIBLE:
        rule, octets, of_dn = value
        body = b''
        if rule:
            body += ber.tlv(_RULE, rule.encode('ascii'))
        if attribute:
            body += ber.tlv(_TYPE, attribute.encode('ascii'))
        body += ber.tlv(_VALUE, octets)
        if of_dn:
            body += ber.tlv(_OF_DN, b'\xff')
        return ber.tlv(kind, body)
    name = attribute.encode('ascii')
    if kind == PRESENT:
        return ber.tlv(kind, name)
    described = ber.tlv(ber.OCTET_STRING, name)
    if kind != SUBSTRINGS:
        return ber.tlv(kind, described + ber.tlv(ber.OCTET_STRING, value))
    first, middle, last = value
    parts = [] if first is None else [ber.tlv(_INITIAL, first)]
    parts += [ber.tlv(_ANY, piece) for piece in middle]
    if last is not None:
        parts.append(ber.tlv(_FINAL, last))
    return ber.tlv(kind, described + ber.tlv(ber.SEQUENCE, b''.join(parts)))


def decode_filter(data, view, at, stop):
    # type: (bytes, Any, int, int) -> Tuple[Filter, int]
    """The filter at *at*, and where it ends.

    Raises:   LDAPError: it is malformed, or too large.
    """
    tag, start, end = ber.header(view, at, stop)
    if tag == EQUALITY:                 # of nearly all filters of programs
        return _decode_comparison(data, view, tag, start, end), end
    count = [0]
    return _decode(data, view, (tag, start, end), MAX_DEPTH, count), end


def _decode(data, view, place, depth, count):
    # type: (bytes, Any, Tuple[int, int, int], int, List[int]) -> Filter
    tag, start, end = place
    count[0] += 1
    if not depth or count[0] > MAX_ITEMS:
        raise _too_much()
    if tag in _SIGNS:
        parts = []
        for inner in ber.items(view, start, end):
            parts.append(_decode(data, view, inner, depth - 1, count))
        return Filter(tag, None, tuple(parts))
    if tag == NOT:
        inner = ber.header(view, start, end)
        if inner[2] != end:
            raise LDAPError(u'a NOT of a filter has more than one part')
        return Filter(NOT, None, _decode(data, view, inner, depth - 1, count))
    if tag == PRESENT:
        return Filter(tag, _description(data[start:end]), None)
    if tag == SUBSTRINGS:
        return _decode_substrings(data, view, start, end)
    if tag == EXTENSIBLE:
        return _decode_extensible(data, view, start, end)
    if tag in _COMPARING:
        return _decode_comparison(data, view, tag, start, end)
    raise LDAPError(u'a filter has the tag 0x%02x' % tag)


def _decode_comparison(data, view, tag, start, end):
    # type: (bytes, Any, int, int, int) -> Filter
    attribute, at = ber.octets(data, view, start, end)
    value, at = ber.octets(data, view, at, end)
    if at != end:
        raise LDAPError(u'an item of a filter has too many parts')
    return Filter(tag, _description(attribute), value)


def _decode_substrings(data, view, start, end):
    # type: (bytes, Any, int, int) -> Filter
    attribute, at = ber.octets(data, view, start, end)
    start, stop = ber.expect(view, at, end, ber.SEQUENCE)
    first = None                # type: Any
    last = None                 # type: Any
    middle = []                 # type: List[bytes]
    for tag, begin, behind in ber.items(view, start, stop):
        piece = data[begin:behind]
        if last is not None or not piece or tag == _INITIAL and (first is not None or middle):
            raise LDAPError(u'the parts of a substring are out of order, or empty')
        if tag == _INITIAL:
            first = piece
        elif tag == _ANY:
            middle.append(piece)
        elif tag == _FINAL:
            last = piece
        else:
            raise LDAPError(u'a substring has the tag 0x%02x' % tag)
        if len(middle) > MAX_ITEMS:
            raise _too_much()
    if stop != end or first is None and last is None and not middle:
        raise LDAPError(u'a substring has no parts, or too many')
    return Filter(SUBSTRINGS, _description(attribute), (first, tuple(middle), last))


def _decode_extensible(data, view, start, end):
    # type: (bytes, Any, int, int) -> Filter
    parts = {}
    for tag, begin, behind in ber.items(view, start, end):
        if tag in parts or tag not in (_RULE, _TYPE, _VALUE, _OF_DN):
            raise LDAPError(u'an extensible match has a part that it has no place for')
        parts[tag] = begin, behind
    if _VALUE not in parts or _RULE not in parts and _TYPE not in parts:
        raise LDAPError(u'an extensible match lacks a part')
    rule = None                 # type: Any
    attribute = None            # type: Any
    if _RULE in parts:
        begin, behind = parts[_RULE]
        rule = _description(data[begin:behind])
    if _TYPE in parts:
        begin, behind = parts[_TYPE]
        attribute = _description(data[begin:behind])
    begin, behind = parts[_VALUE]
    of_dn = _OF_DN in parts and ber.truth_of(view, *parts[_OF_DN])
    return Filter(EXTENSIBLE, attribute, (rule, data[begin:behind], of_dn))


def _description(octets):
    # type: (bytes) -> str
    """An attribute description (RFC 4512 section 2.5); what is none matches nothing."""
    try:
        return octets.decode('ascii')
    except UnicodeError:
        raise LDAPError(u'an attribute description is not ASCII')
