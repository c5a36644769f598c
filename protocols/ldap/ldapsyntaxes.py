# Copyright the carryall authors.  See LICENSE.
"""Syntaxes: which octets a value may be, where its matching rule does not say so (RFC 4517 section
3.3).

Tests:    tests/protocols/ldap/test_matchingrules.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.patterns import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict

__all__ = ['PREFIX', 'TEXTS', 'has_syntax']

PREFIX = '1.3.6.1.4.1.1466.115.121.1.'

_PRINTABLE = Pattern(br"[A-Za-z0-9 '()+,./:=?-]+\Z")
_COUNTRY = Pattern(br"[A-Za-z0-9 '()+,./:=?-]{2}\Z")
_NUMERIC = Pattern(br'[0-9 ]+\Z')
_FAX = Pattern(br"[A-Za-z0-9 '()+,./:=?$-]+\Z")

# Syntaxes of text, whose rules may be used for each other's values
TEXTS = frozenset(PREFIX + number for number in ('11', '15', '26', '36', '41', '44', '50', '58'))


def _is_directory_string(value):
    # type: (bytes) -> bool
    try:
        value.decode('utf-8')
    except UnicodeError:
        return False
    return bool(value)


def _is_ia5(value):
    # type: (bytes) -> bool
    try:
        value.decode('ascii')
    except UnicodeError:
        return False
    return True


def _of(pattern):
    # type: (Pattern) -> Any
    return lambda value: pattern.match(value) is not None


_CHECKS = {
    PREFIX + '11': _of(_COUNTRY), PREFIX + '15': _is_directory_string, PREFIX + '22': _of(_FAX),
    PREFIX + '26': _is_ia5, PREFIX + '36': _of(_NUMERIC), PREFIX + '41': _is_directory_string,
    PREFIX + '44': _of(_PRINTABLE), PREFIX + '50': _of(_PRINTABLE),
}                               # type: Dict[str, Any]


def has_syntax(syntax, value):
    # type: (str, bytes) -> bool
    """True if a value can be of a syntax, as far as this module knows."""
    check = _CHECKS.get(syntax)
    return check is None or bool(check(value))
