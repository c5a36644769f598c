# Copyright the carryall authors.  See LICENSE.
"""The schema: what is built in, what a file adds, and names as keys."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.ldap import LDAPError, Schema, standard_schema
from carryall.protocols.ldap.ldapschema import AUXILIARY

OWN = u"""# of our own
objectidentifier Own 1.3.6.1.4.1.99999
attributetype ( Own:1 NAME ( 'size' 'magnitude' ) DESC 'how large it''s'
   EQUALITY integerMatch ORDERING integerOrderingMatch
   SYNTAX 1.3.6.1.4.1.1466.115.121.1.27{32} SINGLE-VALUE )
attributeTypes: ( 1.3.6.1.4.1.99999.2 NAME 'nick' SUP name )
objectclass ( Own:3 NAME 'thing' SUP top AUXILIARY MUST size MAY ( nick $ description ) )
"""


@pytest.fixture(scope='module')
def schema():
    """The schema that is built in."""
    return standard_schema()


@pytest.mark.parametrize('name', [u'cn', u'CommonName', u'2.5.4.3'])
def test_a_type_has_names_and_an_oid(schema, name):
    assert schema.attribute(name).name == u'cn'


def test_a_subtype_has_the_rules_of_its_supertype(schema):
    sn = schema.attribute(u'sn')
    assert sn.equality.name == 'caseIgnoreMatch'
    assert u'sn' in schema.subtypes(u'name') and u'cn' in schema.subtypes(u'name')
    assert schema.subtypes(u'sn') == [u'sn']


def test_a_class_has_the_attributes_of_its_superclasses(schema):
    person = schema.object_class(u'inetorgperson')
    assert person.must == {u'objectclass', u'sn', u'cn'}
    assert {u'mail', u'title', u'userpassword', u'uid'} <= person.may
    assert [each.name for each in person.ancestors()] == [
        u'inetOrgPerson', u'organizationalPerson', u'person', u'top']
    assert u'inetorgperson' in schema.subclasses(u'person')


@pytest.mark.parametrize('description, key', [
    (u'CN', u'cn'), (u'commonName;lang-DE', u'cn;lang-de'), (u'cn;b;a', u'cn;a;b'),
    (u'userCertificate;binary', u'usercertificate'), (u'nothing', None)])
def test_a_description_has_a_key(schema, description, key):
    assert schema.key_of(description) == key


@pytest.mark.parametrize('one, other', [
    (u'CN=Anna , DC=Example', u'commonName=anna,0.9.2342.19200300.100.1.25=EXAMPLE'),
    (u'uid=a+cn="X, Y",o=\\41b', u'cn=x\\2c y+uid=A;o=ab'),
    (u'uidNumber=5,dc=x', u'uidNumber=5 , dc=X'),
    (u'member=cn\\=A\\,dc\\=x,dc=x', u'member=CN\\=a\\, dc\\=X,dc=x')])
def test_two_spellings_of_a_name_have_one_key(schema, one, other):
    assert schema.dn_key(one) == schema.dn_key(other)


@pytest.mark.parametrize('text', [u'nothing=x', u'uidNumber=x', u'member=x', u'cn=\\ff'])
def test_a_name_that_the_schema_does_not_permit_is_an_error(schema, text):
    with pytest.raises(LDAPError):
        schema.dn_key(text)


@pytest.mark.parametrize('one, other', [
    (b'cn=A,dc=x', b"CN=a, DC=x"), (b"cn=a,dc=x#'01'B", b"CN=a,dc=x#'01'B")])
def test_the_names_of_members_are_compared_as_names(schema, one, other):
    kind = schema.attribute(u'uniqueMember')
    assert schema.prepared(kind, one) == schema.prepared(kind, other)


def test_a_file_adds_definitions():
    schema = Schema()
    schema.load(OWN)
    size = schema.attribute(u'magnitude')
    assert (size.oid, size.single, size.length) == (u'1.3.6.1.4.1.99999.1', True, u'{32}')
    assert schema.attribute(u'nick').equality.name == 'caseIgnoreMatch'
    thing = schema.object_class(u'THING')
    assert (thing.kind, thing.must) == (AUXILIARY, {u'objectclass', u'size'})
    assert u'size' not in standard_schema().subtypes(u'size')


def test_the_subschema_can_be_loaded():
    shown = standard_schema().subschema()
    text = u''.join(u'%s: %s\n' % (name, value.decode('utf-8'))
                    for name, values in shown for value in values)
    schema = Schema(False)
    schema.load(text)
    assert len(schema.attributes) == len(standard_schema().attributes)
    for each in schema.attributes:
        there = standard_schema().attribute(each.oid)
        assert each.text() == there.text()
    for each in schema.classes:
        assert each.must == standard_schema().object_class(each.oid).must
        assert each.may == standard_schema().object_class(each.oid).may


@pytest.mark.parametrize('text', [
    u'attributetype x', u'attributetype ( )', u"attributetype ( 1.2.3.4.5 NAME 'x' SUP nothing )",
    u"objectclass ( 1.2.3.4.5 NAME 'x' SUP top MUST nothing )", u'objectidentifier x'])
def test_a_malformed_definition_is_an_error_with_its_line(text):
    with pytest.raises(LDAPError) as caught:
        Schema().load(u'\n' + text)
    assert u'line 2' in u'%s' % caught.value or u'nothing' in u'%s' % caught.value
