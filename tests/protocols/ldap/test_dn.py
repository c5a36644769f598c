# Copyright the carryall authors.  See LICENSE.
"""Distinguished names (RFC 4514)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.ldap import LDAPError, format_dn, format_value, parse_dn
from carryall.protocols.ldap.dn import MAX_RDNS
from carryall.protocols.ldap.errors import INVALID_DN_SYNTAX


@pytest.mark.parametrize('text, rdns', [
    (u'', []),
    (u'  ', []),
    (u'UID=jsmith,DC=example,DC=net',
     [[(u'UID', b'jsmith')], [(u'DC', b'example')], [(u'DC', b'net')]]),
    (u'OU=Sales+CN=J.  Smith,DC=net',
     [[(u'OU', b'Sales'), (u'CN', b'J.  Smith')], [(u'DC', b'net')]]),
    (u'CN=James \\"Jim\\" Smith\\, III', [[(u'CN', b'James "Jim" Smith, III')]]),
    (u'CN=Before\\0dAfter', [[(u'CN', b'Before\rAfter')]]),
    (u'1.3.6.1.4.1.1466.0=#04024869', [[(u'1.3.6.1.4.1.1466.0', b'Hi')]]),
    (u'CN=Lu\\C4\\8Di\\C4\\87', [[(u'CN', u'Lu\u010di\u0107'.encode('utf-8'))]]),
    (u' cn = a b , dc = x ', [[(u'cn', b'a b')], [(u'dc', b'x')]]),
    (u'cn=a\\ ,dc=x', [[(u'cn', b'a ')], [(u'dc', b'x')]]),
    (u'cn=\\ a', [[(u'cn', b' a')]]),
    (u'cn="a, b" ;dc=x', [[(u'cn', b'a, b')], [(u'dc', b'x')]]),
    (u'cn=', [[(u'cn', b'')]]),
    (u'cn=a=b', [[(u'cn', b'a=b')]])])
def test_a_name_has_parts(text, rdns):
    assert parse_dn(text) == rdns


@pytest.mark.parametrize('text', [
    u'cn', u'=x', u'cn=a,', u'cn=a,,dc=x', u'cn=a+', u'cn="a', u'cn=a"b', u'cn=<', u'cn=a\\',
    u'cn=a\\x', u'cn=#', u'cn=#0', u'cn=#0402', u'cn=#zz', u'1.=x', u'cn=a\0', u'cn="a" b,dc=x',
    u','.join([u'cn=a'] * (MAX_RDNS + 1)), u'+'.join([u'cn=a'] * 17)])
def test_a_text_that_is_no_name_is_an_error(text):
    with pytest.raises(LDAPError) as caught:
        parse_dn(text)
    assert caught.value.code == INVALID_DN_SYNTAX


@pytest.mark.parametrize('value', [
    b'plain', b' a', b'a ', b' ', b'#x', b'a,b', b'a+b', b'a"b', b'a\\b', b'a\\', b'<>;',
    b'\x00\x1f',
    b'\xff', u'\xf6'.encode('utf-8'), b'a=b', b'', b'\\ '])
def test_a_value_that_is_written_is_read_again(value):
    text = u'cn=%s,dc=x' % format_value(value)
    assert parse_dn(text) == [[(u'cn', value)], [(u'dc', b'x')]]
    assert format_dn(parse_dn(text)) == text
