# Copyright the carryall authors.  See LICENSE.
"""Filters: their text, their tree, their BER (RFC 4515, RFC 4511)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.ldap import LDAPError, escaped, format_filter, parse_filter
from carryall.protocols.ldap.errors import ADMIN_LIMIT_EXCEEDED
from carryall.protocols.ldap.ldapfilter import (AND, EQUALITY, EXTENSIBLE, MAX_DEPTH, MAX_ITEMS,
                                                NOT, OR, PRESENT, SUBSTRINGS, Filter,
                                                decode_filter, encode_filter)


def decoded(octets):
    """The filter in octets, which it must fill."""
    tree, end = decode_filter(octets, bytearray(octets), 0, len(octets))
    assert end == len(octets)
    return tree


@pytest.mark.parametrize('text', [
    u'(cn=Babs Jensen)', u'(!(cn=Tim Howes))', u'(&(objectClass=Person)(|(sn=Jensen)(cn=Babs J*)))',
    u'(o=univ*of*mich*)', u'(seeAlso=)', u'(cn:caseExactMatch:=Fred Flintstone)', u'(cn:=Betty)',
    u'(sn:dn:2.4.6.8.10:=Barney)', u'(o:dn:=Ace)', u'(:1.2.3:=Wilma)', u'(:dn:2.4.6.8.10:=Dino)',
    u'(o=Parens R Us \\28for all\\29)', u'(cn=*\\2a*)', u'(bin=\\00\\00\\00\\04)', u'(&)', u'(|)',
    u'(sn=Lu\u010di\u0107)', u'(cn;lang-de>=a)', u'(2.5.4.3<=b)', u'(cn~=x)', u'(cn=*)',
    u'(cn=a*)', u'(cn=*a)', u'(cn=a*b*c)'])
def test_a_filter_keeps_its_text(text):
    tree = parse_filter(text)
    assert format_filter(tree) == text
    assert decoded(encode_filter(tree)) == tree


@pytest.mark.parametrize('text, tree', [
    (u'cn=x', Filter(EQUALITY, u'cn', b'x')),
    (u'(cn=\\5C)', Filter(EQUALITY, u'cn', b'\\')),
    (u'(cn=\\c3\\b6)', Filter(EQUALITY, u'cn', b'\xc3\xb6')),
    (u'(cn=*)', Filter(PRESENT, u'cn', None)),
    (u'(cn=a*)', Filter(SUBSTRINGS, u'cn', (b'a', (), None))),
    (u'(cn=*a*b)', Filter(SUBSTRINGS, u'cn', (None, (b'a',), b'b'))),
    (u'(cn:DN:=x)', Filter(EXTENSIBLE, u'cn', (None, b'x', True))),
    (u'(!(&))', Filter(NOT, None, Filter(AND, None, ())))])
def test_a_text_is_a_tree(text, tree):
    assert parse_filter(text) == tree


@pytest.mark.parametrize('text', [
    u'', u'(', u')', u'()', u'(cn)', u'(cn=x', u'cn=x)', u'(cn=x)(sn=y)', u'(!)', u'(!(a=b)(c=d))',
    u'(=x)', u'(cn=(x)', u'(cn=\\zz)', u'(cn=\\5)', u'(cn=a**b)', u'(cn>=a*b)', u'(:=x)',
    u'(:dn:=x)',
    u'(cn:dn=x)', u'((cn=x))', u'(1cn=x)', u'(&(cn=x)', u'(cn=x\0)'])
def test_a_text_that_is_no_filter_is_an_error(text):
    with pytest.raises(LDAPError):
        parse_filter(text)


@pytest.mark.parametrize('value', [b'', b'a*b', b'(x)', b'\\', b'\x00', b'\xff\xfe', b'\xc3\xb6',
                                   b' '])
def test_an_escaped_value_stands_for_itself(value):
    tree = parse_filter(u'(cn=%s)' % escaped(value))
    assert tree == Filter(EQUALITY, u'cn', value)


def nested(levels):
    """A NOT in a NOT ..."""
    octets = encode_filter(parse_filter(u'(cn=*)'))
    for _ in range(levels):
        octets = b'\xa2' + (b'%c' % len(octets) if len(octets) < 128
                            else b'\x82' + bytes(bytearray((len(octets) >> 8,
                                                            len(octets) & 255)))) + octets
    return octets


def test_the_deepest_filter_is_read():
    assert decoded(nested(MAX_DEPTH - 1)).kind == NOT


@pytest.mark.parametrize('read', [
    lambda: decoded(nested(MAX_DEPTH)), lambda: decoded(nested(10000)),
    lambda: parse_filter(u'(!' * (MAX_DEPTH + 1) + u'(cn=*)' + u')' * (MAX_DEPTH + 1)),
    lambda: parse_filter(u'(|%s)' % (u'(cn=*)' * MAX_ITEMS)),
    lambda: decoded(encode_filter(Filter(OR, None, (Filter(PRESENT, u'cn', None),) * MAX_ITEMS)))])
def test_a_larger_one_exceeds_the_limit_of_the_administrator(read):
    with pytest.raises(LDAPError) as caught:
        read()
    assert caught.value.code == ADMIN_LIMIT_EXCEEDED


@pytest.mark.parametrize('octets', [
    b'\xa0\x02\x04\x00', b'\xa2\x00', b'\xa3\x00', b'\xa3\x04\x04\x02cn',
    b'\xa4\x06\x04\x02cn\x30\x00',
    b'\xa4\x0a\x04\x02cn\x30\x04\x82\x00\x80\x00', b'\xa9\x00', b'\xa9\x03\x82\x01a',
    b'\x87\x01\xff',
    b'\xaa\x00', b'\xa4\x0e\x04\x02cn\x30\x08\x82\x01a\x80\x01b\x81\x00'])
def test_malformed_ber_is_an_error(octets):
    with pytest.raises(LDAPError):
        decoded(octets)
