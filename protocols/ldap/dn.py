# Copyright the carryall authors.  See LICENSE.
"""Distinguished names, text to parts and back (RFC 4514).

    parse_dn(u'cn=Anna\\\\, PhD+uid=anna,dc=example')
        [[(u'cn', b'Anna, PhD'), (u'uid', b'anna')], [(u'dc', b'example')]]

Which of two names are equal is a question for the schema (ldapschema.py).
Limits:   MAX_RDNS levels, MAX_PARTS parts of one RDN.
Tests:    tests/protocols/ldap/test_dn.py
"""
from __future__ import absolute_import, division, print_function

import binascii

from carryall.core.patterns import Pattern
from carryall.protocols.ldap import ber
from carryall.protocols.ldap.errors import INVALID_DN_SYNTAX, LDAPError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Sequence, Tuple

__all__ = ['MAX_RDNS', 'format_dn', 'format_rdn', 'format_value', 'parse_dn']

# -- limits ------------------------------------------------------------------
MAX_RDNS = 256              # levels of a name
MAX_PARTS = 16              # attributes of one RDN

_TYPE = Pattern(u' *([A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\\.[0-9]+)*) *= *')
_PLAIN = Pattern(u'[^\\\\,+;"<>\\x00]+')
_HEX = Pattern(u'#((?:[0-9A-Fa-f]{2})+) *')
_PAIR = Pattern(u'\\\\(?:([0-9A-Fa-f]{2})|([ "#+,;<=>\\\\]))')
_QUOTED = Pattern(u'[^\\\\"\\x00]+')
_SPECIAL = Pattern(u'[\\\\,+;"<>\\x00-\\x1f\\x7f]')


def parse_dn(text):
    # type: (str) -> List[List[Tuple[str, bytes]]]
    """The RDNs of a name, each a list of (type, value); the type as it is written.

    A semicolon may separate RDNs, and a value may stand in quotes, as in RFC 2253 section 4.
    Raises:   LDAPError: it is no DN (invalidDNSyntax).
    """
    rdns = []                   # type: List[List[Tuple[str, bytes]]]
    if not text.strip(u' '):
        return rdns
    parts = []                  # type: List[Tuple[str, bytes]]
    at = 0
    while True:
        found = _TYPE.match(text, at)
        if found is None:
            raise _wrong(u'no type and "="', at)
        value, at = _parse_value(text, found.end())
        parts.append((found.group(1), value))
        if len(parts) > MAX_PARTS:
            raise _wrong(u'more than %d parts of one RDN' % MAX_PARTS, at)
        separator = text[at:at + 1]
        at += 1
        if separator == u'+':
            continue
        rdns.append(parts)
        parts = []
        if len(rdns) > MAX_RDNS:
            raise _wrong(u'more than %d levels' % MAX_RDNS, at)
        if not separator:
            return rdns
        if separator not in u',;':
            raise _wrong(u'a "%s"' % separator, at - 1)


def _wrong(what, at):
    # type: (str, int) -> LDAPError
    return LDAPError(u'a DN has %s at character %d' % (what, at), INVALID_DN_SYNTAX)


def _parse_value(text, at):
    # type: (str, int) -> Tuple[bytes, int]
    """The octets of a value, and where what follows it stands."""
    if text[at:at + 1] == u'#':
        found = _HEX.match(text, at)
        if found is None:
            raise _wrong(u'no hexadecimal digits behind "#"', at)
        encoded = binascii.unhexlify(found.group(1).encode('ascii'))
        try:
            _, start, end = ber.header(bytearray(encoded), 0, len(encoded))
        except LDAPError:
            raise _wrong(u'no BER behind "#"', at)
        if end != len(encoded):
            raise _wrong(u'no BER behind "#"', at)
        return encoded[start:end], found.end()
    if text[at:at + 1] == u'"':
        return _parse_quoted(text, at + 1)
    value = b''
    kept = 0                    # octets that no trailing space may take away
    while True:
        found = _PLAIN.match(text, at)
        if found is not None:
            value += found.group().encode('utf-8')
            at = found.end()
        found = _PAIR.match(text, at)
        if found is None:
            break
        value += _pair(found)
        kept = len(value)
        at = found.end()
    if text[at:at + 1] in (u'\\', u'"', u'<', u'>', u'\0') and at < len(text):
        raise _wrong(u'a "%s" without "\\"' % text[at], at)
    return value[:kept] + value[kept:].rstrip(b' '), at


def _pair(found):
    # type: (Any) -> bytes
    digits, char = found.groups()
    return binascii.unhexlify(digits.encode('ascii')) if digits else char.encode('utf-8')


def _parse_quoted(text, at):
    # type: (str, int) -> Tuple[bytes, int]
    value = b''
    while True:
        found = _QUOTED.match(text, at) or _PAIR.match(text, at)
        if found is None:
            break
        value += _pair(found) if found.group()[:1] == u'\\' else found.group().encode('utf-8')
        at = found.end()
    if text[at:at + 1] != u'"':
        raise _wrong(u'a quote that is not closed', at)
    at += 1
    while text[at:at + 1] == u' ':
        at += 1
    return value, at


def format_value(value):
    # type: (bytes) -> str
    """A value as it stands in a name (RFC 4514 section 2.4)."""
    try:
        text = value.decode('utf-8')
    except UnicodeError:
        return u''.join(u'\\%02X' % octet for octet in bytearray(value))
    first = text[:1] in (u' ', u'#')
    last = text[-1:] == u' ' and len(text) > 1
    text = _SPECIAL.sub(_escape, text)
    if last:
        text = text[:-1] + u'\\ '
    return u'\\' + text if first else text


def _escape(found):
    # type: (Any) -> str
    char = found.group()
    return u'\\%02X' % ord(char) if char < u' ' or char == u'\x7f' else u'\\' + char


def format_rdn(parts):
    # type: (Sequence[Tuple[str, bytes]]) -> str
    """The text of one RDN."""
    return u'+'.join([u'%s=%s' % (name, format_value(value)) for name, value in parts])


def format_dn(rdns):
    # type: (Sequence[Sequence[Tuple[str, bytes]]]) -> str
    """The text of a name."""
    return u','.join([format_rdn(parts) for parts in rdns])
