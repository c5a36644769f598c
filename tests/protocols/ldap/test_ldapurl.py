# Copyright the carryall authors.  See LICENSE.
"""URLs of LDAP (RFC 4516)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.protocols.ldap import BASE, ONE, SUBTREE, parse_url

ALL = u'(objectClass=*)'


@pytest.mark.parametrize('text, parts', [
    (u'ldap://', ('ldap', '', 389, u'', [], BASE, ALL)),
    (u'ldap://h', ('ldap', 'h', 389, u'', [], BASE, ALL)),
    (u'ldaps://h/', ('ldaps', 'h', 636, u'', [], BASE, ALL)),
    (u'ldap://[2001:db8::7]:3890/c=GB?objectClass?one',
     ('ldap', '2001:db8::7', 3890, u'c=GB', [u'objectClass'], ONE, ALL)),
    (u'ldap://h/o=University%20of%20Michigan,c=US?postalAddress,cn',
     ('ldap', 'h', 389, u'o=University of Michigan,c=US', [u'postalAddress', u'cn'], BASE, ALL)),
    (u'ldap:///c=US??sub?(cn=Babs%20Jensen)',
     ('ldap', '', 389, u'c=US', [], SUBTREE, u'(cn=Babs Jensen)')),
    (u'ldap:///??sub??e-bindname=cn=x', ('ldap', '', 389, u'', [], SUBTREE, ALL)),
    (u'LDAP://h/', ('ldap', 'h', 389, u'', [], BASE, ALL)),
    (u'ldapi://%2Frun%2Fldapi/dc=x', ('ldapi', '/run/ldapi', 0, u'dc=x', [], BASE, ALL))])
def test_a_url_has_parts(text, parts):
    assert tuple(parse_url(text)) == parts


@pytest.mark.parametrize('text', [
    u'', u'http://h/', u'ldap:x', u'ldap://h/bad', u'ldap://h/dc=x??all', u'ldap://h/dc=x???(cn',
    u'ldap://h/dc=x????!ext', u'ldap://h/dc=x?????', u'ldap://h/%ff', u'ldap://h/%zz',
    u'ldap://h:x/'])
def test_a_text_that_is_no_url_is_an_error(text):
    with pytest.raises(LocalProtocolError):
        parse_url(text)
