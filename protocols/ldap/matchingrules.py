# Copyright the carryall authors.  See LICENSE.
"""Matching rules: what makes two values equal, and one come before another (RFC 4517 section 4.2).

Each rule prepares a value: two values are equal if the prepared ones are.  A value that is not of
the rule's syntax is a ValueError; the filter is then Undefined.  Text is prepared as RFC 4518 has
it, by ``prepared_text``.

Tests:    tests/protocols/ldap/test_matchingrules.py
"""
from __future__ import absolute_import, division, print_function

import unicodedata

from carryall.core.codec.calendardates import seconds_of
from carryall.core.codec.numbers import decimal
from carryall.core.patterns import Pattern
from carryall.core.records import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Text, Tuple

__all__ = ['DN_RULE', 'EQUALITY', 'ORDERING', 'RULES', 'Rule', 'SUBSTRING', 'prepared_substring',
           'prepared_text', 'rule_named']

EQUALITY, ORDERING, SUBSTRING = range(3)

# Prepares as the schema does, which knows the names of attributes.
DN_RULE = 'distinguishedNameMatch'

_PLAIN = Pattern(br'[!-~]+(?: [!-~]+)*\Z')
_SPACES = Pattern(u' +')
_INTEGER = Pattern(br'(?:0|-?[1-9][0-9]*)\Z')
_OID = Pattern(br'(?:[A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)+)\Z')
_BITS = Pattern(br"'([01]*)'B\Z")
_TIME = Pattern(br'([0-9]{10})([0-9]{2})?([0-9]{2})?(?:[.,]([0-9]+))?'
                br'(Z|[+-][0-9]{2}(?:[0-9]{2})?)\Z')
_UUID = Pattern(br'[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\Z')
_FIRST = Pattern(br'\( *([^ ]+)')
FROM_YEAR_0 = 719528 * 86400       # seconds before 1970, so that no time is negative
MAX_DIGITS = 640            # of an INTEGER: Python's conversion is quadratic
MAX_NUMBER = 10 ** MAX_DIGITS

# py2: re does not read such escapes, so the characters themselves stand here.
# RFC 4518 section 2.2: characters that map to nothing, those that map to a space
_NOTHING = Pattern(u'[\\x00-\\x08\\x0e-\\x1f\\x7f-\\x84\\x86-\\x9f\\xad\u034f\u1806'
                   u'\u180b-\u180e'
                   u'\u200b-\u200f\u202a-\u202e\u2060-\u2063\u206a-\u206f\ufe00-\ufe0f'
                   u'\ufeff\ufff9-\ufffc]')
_BLANK = Pattern(u'[\\t-\\r\\x85\\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]')
# Section 2.4
_PROHIBITED = Pattern(u'[\ue000-\uf8ff\ufdd0-\ufdef\ufffd\ufffe\uffff]')

Rule = namedtuple('Rule', 'oid name kind syntax prepare')


# -- text (RFC 4518) ---------------------------------------------------------

def prepared_text(value, fold):
    # type: (bytes, bool) -> bytes
    """A value of text as it is compared, without spaces at its ends and with single ones inside.

    Args:     fold: case does not matter.
    Raises:   ValueError: it is not UTF-8, or has a character that is prohibited.
    """
    if _PLAIN.match(value) is not None:
        return value.lower() if fold else value
    return _prepared(value, fold).strip(u' ').encode('utf-8')


def _prepared(value, fold):
    # type: (bytes, bool) -> Text
    text = value.decode('utf-8')
    text = _NOTHING.sub(u'', text)
    text = _BLANK.sub(u' ', text)
    if fold:
        # Case and compatibility go together: folding may undo what normalizing did.
        text = unicodedata.normalize('NFKC', _folded(unicodedata.normalize('NFKD', text)))
    text = unicodedata.normalize('NFKC', text)
    if _PROHIBITED.search(text) is not None:
        raise ValueError('a character that no value may have')
    return _SPACES.sub(u' ', text)


def _folded(text):
    # type: (Text) -> Text
    # py2: no casefold; the sharp s is what names have of it
    return text.lower().replace(u'\xdf', u'ss').replace(u'\u03c2', u'\u03c3')


def prepared_substring(value, fold, first, last):
    # type: (bytes, bool, bool, bool) -> bytes
    """A part of a value as it is compared: only at the ends of the whole, spaces do not matter."""
    if _PLAIN.match(value) is not None:
        return value.lower() if fold else value
    text = _prepared(value, fold)
    if first:
        text = text.lstrip(u' ')
    if last:
        text = text.rstrip(u' ')
    return text.encode('utf-8')


def _ignore_case(value):
    # type: (bytes) -> bytes
    return prepared_text(value, True)


def _exact(value):
    # type: (bytes) -> bytes
    return prepared_text(value, False)


def _ascii_checked(value):
    # type: (bytes) -> bytes
    value.decode('ascii')
    return value


def _ia5_ignore_case(value):
    # type: (bytes) -> bytes
    return prepared_text(_ascii_checked(value), True)


def _ia5_exact(value):
    # type: (bytes) -> bytes
    return prepared_text(_ascii_checked(value), False)


def _list(value):
    # type: (bytes) -> bytes
    """A Postal Address: lines between dollars."""
    return b'$'.join([prepared_text(line, True) for line in value.split(b'$')])


def _numeric(value):
    # type: (bytes) -> bytes
    digits = value.replace(b' ', b'')
    if digits and not digits.isdigit():
        raise ValueError('no NumericString')
    return digits


def _telephone(value):
    # type: (bytes) -> bytes
    return prepared_text(value, True).replace(b' ', b'').replace(b'-', b'')


# -- other values ------------------------------------------------------------

def _integer(value):
    # type: (bytes) -> int
    if len(value) > MAX_DIGITS or _INTEGER.match(value) is None:
        raise ValueError('no INTEGER')
    size = decimal(value.lstrip(b'-'), MAX_NUMBER)
    if size is None:
        raise ValueError('an INTEGER that is too large')
    return -size if value[:1] == b'-' else size


def _boolean(value):
    # type: (bytes) -> bytes
    if value not in (b'TRUE', b'FALSE'):
        raise ValueError('neither TRUE nor FALSE')
    return value


def _octets(value):
    # type: (bytes) -> bytes
    return value


def _oid(value):
    # type: (bytes) -> bytes
    value = value.strip(b' ')
    if _OID.match(value) is None:
        raise ValueError('no OID and no name of one')
    return value.lower()


def _bits(value):
    # type: (bytes) -> bytes
    found = _BITS.match(value)
    if found is None:
        raise ValueError('no BIT STRING')
    return found.group(1)


def _uuid(value):
    # type: (bytes) -> bytes
    if _UUID.match(value) is None:
        raise ValueError('no UUID')
    return value.lower()


def _first_component(value):
    # type: (bytes) -> bytes
    found = _FIRST.match(value)
    return _oid(found.group(1) if found else value)


def _number(digits):
    # type: (bytes) -> int
    """The value of up to four digits."""
    value = decimal(digits, 9999)
    if value is None:
        raise ValueError('no digits')
    return value


def _time(value):
    # type: (bytes) -> bytes
    """GeneralizedTime, in UTC, with its fraction (section 3.3.13)."""
    found = _TIME.match(value)
    if found is None:
        raise ValueError('no GeneralizedTime')
    whole, minutes, seconds, fraction, zone = found.groups()
    year = _number(whole[:4])
    month = _number(whole[4:6])
    day = _number(whole[6:8])
    hour = _number(whole[8:10])
    minute = _number(minutes or b'0')
    second = _number(seconds or b'0')
    if not (1 <= month <= 12 and 1 <= day <= 31 and hour <= 23 and minute <= 59 and second <= 60):
        raise ValueError('no such time')
    if fraction and seconds is None:
        raise ValueError('a fraction of an hour or minute is not supported')
    total = seconds_of(year, month, day, hour, minute, second) + FROM_YEAR_0
    if zone != b'Z':
        away = _number(zone[1:3]) * 3600 + _number(zone[3:5] or b'0') * 60
        total += -away if zone[:1] == b'+' else away
    digits = (fraction or b'').rstrip(b'0')
    return ('%015d' % total).encode('ascii') + (b'.' + digits if digits else b'')


# -- the table ---------------------------------------------------------------

_ROWS = (
    ('2.5.13.0', 'objectIdentifierMatch', EQUALITY, 38, _oid),
    ('2.5.13.1', DN_RULE, EQUALITY, 12, None),
    ('2.5.13.2', 'caseIgnoreMatch', EQUALITY, 15, _ignore_case),
    ('2.5.13.3', 'caseIgnoreOrderingMatch', ORDERING, 15, _ignore_case),
    ('2.5.13.4', 'caseIgnoreSubstringsMatch', SUBSTRING, 58, _ignore_case),
    ('2.5.13.5', 'caseExactMatch', EQUALITY, 15, _exact),
    ('2.5.13.6', 'caseExactOrderingMatch', ORDERING, 15, _exact),
    ('2.5.13.7', 'caseExactSubstringsMatch', SUBSTRING, 58, _exact),
    ('2.5.13.8', 'numericStringMatch', EQUALITY, 36, _numeric),
    ('2.5.13.9', 'numericStringOrderingMatch', ORDERING, 36, _numeric),
    ('2.5.13.10', 'numericStringSubstringsMatch', SUBSTRING, 58, _numeric),
    ('2.5.13.11', 'caseIgnoreListMatch', EQUALITY, 41, _list),
    ('2.5.13.12', 'caseIgnoreListSubstringsMatch', SUBSTRING, 58, _list),
    ('2.5.13.13', 'booleanMatch', EQUALITY, 7, _boolean),
    ('2.5.13.14', 'integerMatch', EQUALITY, 27, _integer),
    ('2.5.13.15', 'integerOrderingMatch', ORDERING, 27, _integer),
    ('2.5.13.16', 'bitStringMatch', EQUALITY, 6, _bits),
    ('2.5.13.17', 'octetStringMatch', EQUALITY, 40, _octets),
    ('2.5.13.18', 'octetStringOrderingMatch', ORDERING, 40, _octets),
    ('2.5.13.20', 'telephoneNumberMatch', EQUALITY, 50, _telephone),
    ('2.5.13.21', 'telephoneNumberSubstringsMatch', SUBSTRING, 58, _telephone),
    ('2.5.13.23', 'uniqueMemberMatch', EQUALITY, 34, None),
    ('2.5.13.27', 'generalizedTimeMatch', EQUALITY, 24, _time),
    ('2.5.13.28', 'generalizedTimeOrderingMatch', ORDERING, 24, _time),
    ('2.5.13.30', 'objectIdentifierFirstComponentMatch', EQUALITY, 38, _first_component),
    ('1.3.6.1.4.1.1466.109.114.1', 'caseExactIA5Match', EQUALITY, 26, _ia5_exact),
    ('1.3.6.1.4.1.1466.109.114.2', 'caseIgnoreIA5Match', EQUALITY, 26, _ia5_ignore_case),
    ('1.3.6.1.4.1.1466.109.114.3', 'caseIgnoreIA5SubstringsMatch', SUBSTRING, 58,
     _ia5_ignore_case),
    ('1.3.6.1.4.1.4203.1.2.1', 'caseExactIA5SubstringsMatch', SUBSTRING, 26, _ia5_exact),
    ('1.3.6.1.1.16.2', 'UUIDMatch', EQUALITY, None, _uuid),
    ('1.3.6.1.1.16.3', 'UUIDOrderingMatch', ORDERING, None, _uuid),
)
UUID_SYNTAX = '1.3.6.1.1.16.1'              # RFC 4530 section 2.1
_SYNTAXES = '1.3.6.1.4.1.1466.115.121.1.'   # RFC 4517 section 3.3

RULES = tuple(Rule(oid, name, kind,
                   UUID_SYNTAX if number is None else _SYNTAXES + str(number), prepare)
              for oid, name, kind, number, prepare in _ROWS)
_BY_NAME = {}                   # type: Dict[str, Rule]
for _rule in RULES:
    _BY_NAME[_rule.name.lower()] = _rule
    _BY_NAME[_rule.oid] = _rule


def rule_named(name):
    # type: (str) -> Any
    """The Rule of a name or OID; None if there is none."""
    return _BY_NAME.get(name.lower())
