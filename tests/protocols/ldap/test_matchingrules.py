# Copyright the carryall authors.  See LICENSE.
"""Matching rules and syntaxes: which values are equal (RFC 4517, RFC 4518)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.ldap.ldapsyntaxes import PREFIX, has_syntax
from carryall.protocols.ldap.matchingrules import prepared_substring, rule_named


def forms(name, values):
    """The prepared forms of values."""
    return [rule_named(name).prepare(value) for value in values]


@pytest.mark.parametrize('name, values', [
    ('caseIgnoreMatch', [b'Anna Smith', b'  anna   SMITH ', u'ANNA\xa0Smith'.encode('utf-8'),
                         u'an\xadna smith'.encode('utf-8'), u'\uff21nna smith'.encode('utf-8')]),
    ('caseIgnoreMatch', [u'Stra\xdfe'.encode('utf-8'), b'STRASSE']),
    ('caseIgnoreMatch', [u'\xd6'.encode('utf-8'), u'o\u0308'.encode('utf-8')]),
    ('caseExactMatch', [b'Anna  Smith', b'Anna Smith ']),
    ('caseIgnoreIA5Match', [b'A@B.C', b'a@b.c']),
    ('numericStringMatch', [b'12 34', b'1234', b' 1 2 3 4 ']),
    ('telephoneNumberMatch', [b'+49 30 123-4', b'+49301234', b'+49-30-12 34']),
    ('booleanMatch', [b'TRUE']),
    ('integerMatch', [b'5']),
    ('caseIgnoreListMatch', [b'A Street$ Town', b'a street$town ']),
    ('generalizedTimeMatch', [b'20260101120000Z', b'202601011200Z', b'2026010112Z',
                              b'20260101130000+0100', b'20260101120000.0Z',
                              b'20260101113000-0030']),
    ('UUIDMatch', [b'DE3E793C-0593-45DD-A80C-D4D71EBCE3B6',
                   b'de3e793c-0593-45dd-a80c-d4d71ebce3b6']),
    ('objectIdentifierMatch', [b'Person', b'person', b' PERSON']),
    ('objectIdentifierFirstComponentMatch', [b"( 2.5.4.3 NAME 'cn' )", b'2.5.4.3']),
    ('bitStringMatch', [b"'0101'B"])])
def test_values_are_equal(name, values):
    assert len(set(forms(name, values))) == 1


@pytest.mark.parametrize('name, values', [
    ('caseIgnoreMatch', [b'anna', b'an na', b'ann']), ('caseExactMatch', [b'Anna', b'anna']),
    ('integerMatch', [b'5', b'-5', b'50']), ('octetStringMatch', [b'a', b'A', b'a ']),
    ('generalizedTimeMatch', [b'20260101120000Z', b'20260101120001Z', b'20260101120000.5Z']),
    ('bitStringMatch', [b"'01'B", b"'1'B"])])
def test_values_are_different(name, values):
    assert len(set(forms(name, values))) == len(values)


@pytest.mark.parametrize('name, value', [
    ('caseIgnoreMatch', b'\xff'), ('caseIgnoreMatch', u'\ufffd'.encode('utf-8')),
    ('caseIgnoreIA5Match', b'\xc3\xb6'), ('integerMatch', b''), ('integerMatch', b'05'),
    ('integerMatch', b'-0'), ('integerMatch', b'1' * 5000), ('booleanMatch', b'true'),
    ('numericStringMatch', b'1a'), ('UUIDMatch', b'x'), ('bitStringMatch', b'01'),
    ('generalizedTimeMatch', b'2026'), ('generalizedTimeMatch', b'20261301000000Z'),
    ('generalizedTimeMatch', b'20260101000000'), ('objectIdentifierMatch', b'1'),
    ('objectIdentifierMatch', b'a b')])
def test_a_value_of_another_syntax_is_an_error(name, value):
    with pytest.raises(ValueError):
        rule_named(name).prepare(value)


def test_times_are_in_order():
    values = [b'19700101000000Z', b'20000229000000Z', b'20000301000000Z', b'20260101000000Z']
    found = forms('generalizedTimeOrderingMatch', values)
    assert found == sorted(found)


def test_spaces_matter_inside_of_a_part():
    assert prepared_substring(b' A', True, False, False) == b' a'
    assert prepared_substring(b' A ', True, True, True) == b'a'
    assert prepared_substring(b'A  B', True, False, False) == b'a b'


def test_a_rule_has_a_name_and_an_oid():
    assert rule_named('CASEIGNOREMATCH') is rule_named('2.5.13.2')
    assert rule_named('none') is None


@pytest.mark.parametrize('number, good, bad', [
    ('15', u'\xf6'.encode('utf-8'), b''), ('15', b'x', b'\xff'), ('11', b'DE', b'DEU'),
    ('26', b'', b'\xc3\xb6'), ('44', b'A-1', b'a@b'), ('50', b'+49 30', b''), ('36', b'1 2', b'x'),
    ('22', b'+49$x', b'\n')])
def test_a_syntax_permits_some_values(number, good, bad):
    assert has_syntax(PREFIX + number, good)
    assert not has_syntax(PREFIX + number, bad)


def test_a_syntax_that_is_unknown_permits_all():
    assert has_syntax('1.2.3', b'\xff')
