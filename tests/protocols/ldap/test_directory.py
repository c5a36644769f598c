# Copyright the carryall authors.  See LICENSE.
"""The directory: its tree, searches through it, and the rules of changes."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.future import Future
from carryall.core.testing import VirtualLoop
from carryall.protocols.ldap import (ADD, ANONYMOUS, BASE, DELETE, INCREMENT, ONE, REPLACE, SUBTREE,
                                     Access, AddRequest, Change, DeleteRequest, LDAPError,
                                     ModifyDNRequest, ModifyRequest, parse_filter)
from carryall.protocols.ldap import errors
from carryall.protocols.ldap.directoryentry import is_below, parent_key
from carryall.protocols.ldap.ldapcontrols import (MATCHED_VALUES, SORT_REQUEST, SortKey,
                                                  parse_sort_result, sort_request)
from carryall.protocols.ldap.ldapfilter import encode_filter
from carryall.protocols.ldap.wire import (CompareRequest, Control, SearchRequest,
                                          split_attributes)
from carryall.protocols.ldap import ber
from tests.protocols.ldap.directories import ADMIN, ANNA, TOP, made

PEOPLE = u'ou=people,' + TOP


@pytest.fixture
def directory():
    """A small directory."""
    return made(VirtualLoop())


def search(directory, filter_text, base=TOP, scope=SUBTREE, attributes=(u'1.1',), who=ANONYMOUS,
           controls=(), size=0, deref=0):
    """{first RDN: attributes} of what a search finds."""
    asked = SearchRequest(base, scope, deref, size, 0, False, parse_filter(filter_text),
                          list(attributes))
    found = {}
    for part in directory.search(asked, who, controls).run():
        if part is not None:
            octets = part.dn
            _, start, end = ber.header(bytearray(octets), 0, len(octets))
            dn = octets[start:end].decode('utf-8')
            found[dn.partition(u',')[0]] = dict(split_attributes(part.attributes))
    return found


@pytest.mark.parametrize('text, names', [
    (u'(uid=ANNA)', [u'uid=anna']), (u'(cn=bert jones)', [u'uid=bert']),
    (u'(cn=anna schmidt)', [u'uid=anna']), (u'(cn;lang-de=*)', [u'uid=anna']),
    (u'(name=smith)', [u'uid=anna']), (u'(objectClass=person)', [u'uid=anna', u'uid=bert']),
    (u'(objectClass=posixAccount)', [u'uid=anna']), (u'(2.5.4.4=jones)', [u'uid=bert']),
    (u'(mail=*@example*)', [u'uid=anna']), (u'(mail=a*smith*org)', [u'uid=anna']),
    (u'(cn=*bert jon*)', [u'uid=bert']), (u'(uidNumber>=1000)', [u'uid=anna']),
    (u'(uidNumber<=999)', []), (u'(telephoneNumber=+493012-34)', [u'uid=bert']),
    (u'(member=uid=anna,ou=people,dc=example,dc=org)', [u'cn=staff']),
    (u'(&(objectClass=person)(!(uid=anna)))', [u'uid=bert']),
    (u'(&(objectClass=person)(!(uidNumber=1000)))', [u'uid=bert']),
    (u'(|(uid=anna)(uid=bert)(uid=none))', [u'uid=anna', u'uid=bert']),
    (u'(&)', [u'dc=example', u'ou=people', u'ou=groups', u'uid=anna', u'uid=bert', u'cn=staff']),
    (u'(|)', []), (u'(nothing=x)', []), (u'(!(nothing=x))', []), (u'(!(uidNumber=x))', []),
    (u'(|(nothing=x)(uid=bert))', [u'uid=bert']),
    (u'(!(uidNumber>=5))', [u'dc=example', u'ou=people', u'ou=groups', u'uid=bert', u'cn=staff']),
    (u'(sn>=j)', []), (u'(cn~=smith)', [u'uid=anna']), (u'(cn~=jones bert)', []),
    (u'(cn:caseExactMatch:=anna smith)', []), (u'(cn:2.5.13.5:=Anna Smith)', [u'uid=anna']),
    (u'(ou:dn:=people)', [u'ou=people', u'uid=anna', u'uid=bert']),
    (u'(:caseIgnoreMatch:=jones)', [u'uid=bert']), (u'(uidNumber:2.5.13.5:=1000)', []),
    (u'(uidNumber:1.2.840.113556.1.4.803:=8)', [u'uid=anna']),
    (u'(uidNumber:1.2.840.113556.1.4.803:=1)', []),
    (u'(uidNumber:1.2.840.113556.1.4.804:=9)', [u'uid=anna']),
    (u'(entryDN=*)', []), (u'(manager=uid=anna,ou=people,dc=example,dc=org)', [u'uid=bert'])])
def test_a_filter_finds_entries(directory, text, names):
    assert sorted(search(directory, text)) == sorted(names)


@pytest.mark.parametrize('scope, names', [
    (BASE, [u'ou=people']), (ONE, [u'uid=anna', u'uid=bert']),
    (SUBTREE, [u'ou=people', u'uid=anna', u'uid=bert'])])
def test_a_scope_bounds_a_search(directory, scope, names):
    assert sorted(search(directory, u'(objectClass=*)', PEOPLE, scope)) == names
    assert len(search(directory, u'(uid=anna)', PEOPLE, scope)) == (scope != BASE)


@pytest.mark.parametrize('asked, names', [
    ([u'cn'], [u'cn', u'cn;lang-de']), ([u'cn;lang-de'], [u'cn;lang-de']), ([u'name'], [
        u'cn', u'cn;lang-de', u'sn']), ([u'1.1'], []), ([u'nothing'], []), ([u'MAIL'], [u'mail']),
    ([u'entryDN', u'sn'], [u'entryDN', u'sn']), ([u'userPassword'], [])])
def test_attributes_are_asked_for_by_name(directory, asked, names):
    assert sorted(search(directory, u'(uid=anna)', attributes=asked)[u'uid=anna']) == names


def test_a_star_is_what_users_keep_and_a_plus_what_the_server_keeps(directory):
    user = search(directory, u'(uid=anna)', attributes=[])[u'uid=anna']
    assert u'mail' in user and u'entryUUID' not in user and u'userPassword' not in user
    server = search(directory, u'(uid=anna)', attributes=[u'+'])[u'uid=anna']
    assert u'entryUUID' in server and u'hasSubordinates' in server and u'mail' not in server
    both = search(directory, u'(uid=anna)', attributes=[u'*', u'+'])[u'uid=anna']
    assert set(both) == set(user) | set(server)


def test_an_administrator_sees_passwords_and_no_one_finds_by_them(directory):
    shown = search(directory, u'(uid=anna)', attributes=[], who=ADMIN)[u'uid=anna']
    assert u'userPassword' in shown
    assert search(directory, u'(userPassword=secret)') == {}
    assert search(directory, u'(userPassword=*)', who=ANNA) == {}
    assert list(search(directory, u'(userPassword=secret)', who=ADMIN)) == [u'uid=anna']


def test_clients_without_a_login_may_see_nothing():
    directory = made(VirtualLoop(), access=Access(False))
    with pytest.raises(LDAPError) as caught:
        search(directory, u'(uid=anna)')
    assert caught.value.code == errors.NO_SUCH_OBJECT and not caught.value.matched
    assert len(search(directory, u'(uid=anna)', who=ANNA)) == 1


@pytest.mark.parametrize('base, code, matched', [
    (u'uid=none,' + PEOPLE, errors.NO_SUCH_OBJECT, PEOPLE),
    (u'dc=other', errors.NO_SUCH_OBJECT, u''),
    (u'bad', errors.INVALID_DN_SYNTAX, u''), (u'nothing=x', errors.INVALID_DN_SYNTAX, u'')])
def test_a_base_that_is_not_there_is_an_error(directory, base, code, matched):
    with pytest.raises(LDAPError) as caught:
        search(directory, u'(cn=*)', base)
    assert (caught.value.code, caught.value.matched) == (code, matched)


def test_the_server_describes_itself(directory):
    root = search(directory, u'(objectClass=*)', u'', BASE, [u'+'])[u'']
    assert root[u'namingContexts'] == [TOP.encode('ascii')]
    assert b'1.2.840.113556.1.4.319' in root[u'supportedControl']
    shown = search(directory, u'(objectClass=subschema)', u'cn=subschema', BASE, [u'+'])
    assert len(shown[u'cn=Subschema'][u'attributeTypes']) > 100
    assert len(search(directory, u'(uid=anna)', u'')) == 1


def test_a_search_stops_at_its_limit(directory):
    with pytest.raises(LDAPError) as caught:
        search(directory, u'(objectClass=*)', size=2)
    assert caught.value.code == errors.SIZE_LIMIT_EXCEEDED
    bounded = made(VirtualLoop(), access=Access(size_limit=3))
    with pytest.raises(LDAPError):
        search(bounded, u'(objectClass=*)', size=100)
    assert len(search(bounded, u'(objectClass=*)', who=ADMIN)) == 6


def test_a_search_stops_at_its_time():
    loop = VirtualLoop()
    directory = made(loop, access=Access(time_limit=5.0))
    directory.load([(u'cn=d%d,%s' % (number, TOP), [(u'objectClass', [b'device'])])
                    for number in range(200)])
    asked = SearchRequest(TOP, SUBTREE, 0, 0, 0, False, parse_filter(u'(description=*)'), [])
    run = directory.search(asked, ANONYMOUS).run()
    next(run)
    loop.advance(6.0)
    with pytest.raises(LDAPError) as caught:
        list(run)
    assert caught.value.code == errors.TIME_LIMIT_EXCEEDED


def test_entries_are_sorted(directory):
    asked = SearchRequest(TOP, SUBTREE, 0, 0, 0, False, parse_filter(u'(objectClass=*)'), [u'1.1'])
    found = directory.search(asked, ANONYMOUS, [sort_request([SortKey(u'sn', None, True)])])
    dns = [part.dn for part in found.run() if part is not None]
    assert b'uid=anna' in dns[-2] and b'uid=bert' in dns[-1]
    assert parse_sort_result(found.controls[0]) == 0


@pytest.mark.parametrize('critical', [False, True])
def test_an_order_that_cannot_be_is_told(directory, critical):
    control = sort_request([SortKey(u'nothing', None, False)], critical)
    asked = SearchRequest(TOP, SUBTREE, 0, 0, 0, False, parse_filter(u'(uid=*)'), [u'1.1'])
    found = directory.search(asked, ANONYMOUS, [control])
    if critical:
        with pytest.raises(LDAPError) as caught:
            list(found.run())
        assert caught.value.code == errors.UNAVAILABLE_CRITICAL_EXTENSION
    else:
        assert len([part for part in found.run() if part]) == 2
    assert found.controls[0].oid != SORT_REQUEST
    assert parse_sort_result(found.controls[0]) == errors.NO_SUCH_ATTRIBUTE


def test_values_can_be_matched_too(directory):
    wanted = ber.tlv(ber.SEQUENCE, encode_filter(parse_filter(u'(mail=anna*)')))
    found = search(directory, u'(uid=anna)', attributes=[u'mail', u'sn'],
                   controls=[Control(MATCHED_VALUES, True, wanted)])
    assert found[u'uid=anna'] == {u'mail': [b'anna@example.org'], u'sn': []}


def test_a_referral_names_another_server(directory):
    directory.load([(u'ou=far,' + TOP, [(u'objectClass', [b'referral', b'extensibleObject']),
                                        (u'ref', [b'ldap://far/ou=far'])])])
    with pytest.raises(LDAPError) as caught:
        search(directory, u'(cn=*)', u'cn=x,ou=far,' + TOP)
    assert (caught.value.code, caught.value.referrals) == (errors.REFERRAL, (u'ldap://far/ou=far',))
    asked = SearchRequest(TOP, ONE, 0, 0, 0, False, parse_filter(u'(objectClass=*)'), [])
    found = [part.referrals for part in directory.search(asked, ANONYMOUS).run() if part]
    assert [u'ldap://far/ou=far'] in found


def test_an_alias_is_followed_to_the_base(directory):
    directory.load([(u'cn=a,' + TOP, [(u'objectClass', [b'alias', b'extensibleObject']),
                                      (u'aliasedObjectName', [PEOPLE.encode('ascii')])]),
                    (u'cn=b,' + TOP, [(u'objectClass', [b'alias', b'extensibleObject']),
                                      (u'aliasedObjectName', [b'cn=b,' + TOP.encode('ascii')])])])
    assert sorted(search(directory, u'(uid=*)', u'cn=a,' + TOP, deref=3)) == [u'uid=anna',
                                                                              u'uid=bert']
    with pytest.raises(LDAPError) as caught:
        search(directory, u'(uid=*)', u'cn=b,' + TOP, deref=2)
    assert caught.value.code == errors.LOOP_DETECT


# -- compare -----------------------------------------------------------------

@pytest.mark.parametrize('dn, name, value, expected', [
    (ANNA.dn, u'sn', b'SMITH', True), (ANNA.dn, u'sn', b'x', False),
    (ANNA.dn, u'cn', b'anna schmidt', True), (ANNA.dn, u'objectClass', b'person', True),
    (ANNA.dn, u'nothing', b'x', errors.UNDEFINED_ATTRIBUTE_TYPE),
    (ANNA.dn, u'description', b'x', errors.NO_SUCH_ATTRIBUTE),
    (ANNA.dn, u'uidNumber', b'x', errors.INVALID_ATTRIBUTE_SYNTAX),
    (ANNA.dn, u'jpegPhoto', b'x', errors.INAPPROPRIATE_MATCHING),
    (ANNA.dn, u'userPassword', b'secret', errors.INSUFFICIENT_ACCESS_RIGHTS),
    (u'cn=none,' + TOP, u'sn', b'x', errors.NO_SUCH_OBJECT),
    (u'', u'supportedLDAPVersion', b'3', errors.INAPPROPRIATE_MATCHING)])
def test_values_are_compared(directory, dn, name, value, expected):
    asked = CompareRequest(dn, name, value)
    if isinstance(expected, bool):
        assert directory.compare(asked, ANONYMOUS) is expected
    else:
        with pytest.raises(LDAPError) as caught:
            directory.compare(asked, ANONYMOUS)
        assert caught.value.code == expected


# -- changes -----------------------------------------------------------------

def refused(call):
    """The code of the LDAPError that *call* raises."""
    with pytest.raises(LDAPError) as caught:
        call()
    return caught.value.code


PERSON = [(u'objectClass', [b'inetOrgPerson']), (u'cn', [b'x']), (u'sn', [b'y'])]


@pytest.mark.parametrize('dn, attributes, code', [
    (ANNA.dn, PERSON, errors.ENTRY_ALREADY_EXISTS), (u'', PERSON, errors.ENTRY_ALREADY_EXISTS),
    (u'uid=x,ou=none,' + TOP, PERSON, errors.NO_SUCH_OBJECT),
    (u'uid=x,dc=other', PERSON, errors.UNWILLING_TO_PERFORM),
    (u'nothing=x,' + TOP, PERSON, errors.INVALID_DN_SYNTAX),
    (u'uid=x,' + TOP, PERSON[:2], errors.OBJECT_CLASS_VIOLATION),
    (u'uid=x,' + TOP, PERSON[1:], errors.OBJECT_CLASS_VIOLATION),
    (u'uid=x,' + TOP, PERSON + [(u'uidNumber', [b'1'])], errors.OBJECT_CLASS_VIOLATION),
    (u'uid=x,' + TOP, [(u'objectClass', [b'top'])], errors.OBJECT_CLASS_VIOLATION),
    (u'uid=x,' + TOP, [(u'objectClass', [b'posixAccount'])], errors.OBJECT_CLASS_VIOLATION),
    (u'uid=x,' + TOP, [(u'objectClass', [b'person', b'device'])] + PERSON[1:],
     errors.OBJECT_CLASS_VIOLATION),
    (u'uid=x,' + TOP, [(u'objectClass', [b'none'])], errors.INVALID_ATTRIBUTE_SYNTAX),
    (u'uid=x,' + TOP, PERSON + [(u'nothing', [b'x'])], errors.UNDEFINED_ATTRIBUTE_TYPE),
    (u'uid=x,' + TOP, PERSON + [(u'mail', [b'\xff'])], errors.INVALID_ATTRIBUTE_SYNTAX),
    (u'uid=x,' + TOP, PERSON + [(u'title', [b''])], errors.INVALID_ATTRIBUTE_SYNTAX),
    (u'uid=x,' + TOP, PERSON + [(u'mail', [])], errors.PROTOCOL_ERROR),
    (u'uid=x,' + TOP, PERSON + [(u'mail', [b'a@b', b'A@B'])], errors.ATTRIBUTE_OR_VALUE_EXISTS),
    (u'uid=x,' + TOP, PERSON + [(u'CN', [b'z'])], errors.ATTRIBUTE_OR_VALUE_EXISTS),
    (u'uid=x,' + TOP, PERSON + [(u'displayName', [b'a', b'b'])], errors.CONSTRAINT_VIOLATION),
    (u'uid=x,' + TOP, PERSON + [(u'creatorsName', [b'cn=x'])], errors.CONSTRAINT_VIOLATION),
    (u'jpegPhoto=x,' + TOP, PERSON, errors.NAMING_VIOLATION),
    (u'displayName=x,' + TOP, PERSON + [(u'displayName', [b'z'])], errors.NAMING_VIOLATION)])
def test_an_entry_that_breaks_a_rule_is_not_added(directory, dn, attributes, code):
    size = len(directory.tree)
    assert refused(lambda: directory.add(AddRequest(dn, attributes), ADMIN)) == code
    assert len(directory.tree) == size


def test_an_entry_that_is_added_has_the_value_of_its_name(directory):
    entry = directory.add(AddRequest(u'uid=x+ou=a\\,b,' + TOP, PERSON), ADMIN)
    assert (entry.values(u'uid'), entry.values(u'ou')) == ([b'x'], [b'a,b'])
    assert entry.values(u'creatorsname') == [ADMIN.dn.encode('ascii')]
    assert entry.values(u'structuralobjectclass') == [b'inetOrgPerson']


@pytest.mark.parametrize('changes, code', [
    ([(ADD, u'sn', [b'SMITH'])], errors.ATTRIBUTE_OR_VALUE_EXISTS),
    ([(ADD, u'sn', [])], errors.PROTOCOL_ERROR),
    ([(DELETE, u'title', [])], errors.NO_SUCH_ATTRIBUTE),
    ([(DELETE, u'sn', [b'x'])], errors.NO_SUCH_ATTRIBUTE),
    ([(DELETE, u'sn', [])], errors.OBJECT_CLASS_VIOLATION),
    ([(DELETE, u'uid', [])], errors.NAMING_VIOLATION),
    ([(REPLACE, u'uidNumber', [b'1', b'2'])], errors.CONSTRAINT_VIOLATION),
    ([(REPLACE, u'entryUUID', [b'de3e793c-0593-45dd-a80c-d4d71ebce3b6'])],
     errors.CONSTRAINT_VIOLATION),
    ([(REPLACE, u'objectClass', [b'device'])], errors.OBJECT_CLASS_MODS_PROHIBITED),
    ([(DELETE, u'jpegPhoto', [b'x'])], errors.NO_SUCH_ATTRIBUTE),
    ([(INCREMENT, u'sn', [b'1'])], errors.CONSTRAINT_VIOLATION),
    ([(INCREMENT, u'uidNumber', [b'1', b'2'])], errors.PROTOCOL_ERROR),
    ([(INCREMENT, u'shadowMin', [b'1'])], errors.NO_SUCH_ATTRIBUTE),
    ([(ADD, u'nothing', [b'x'])], errors.UNDEFINED_ATTRIBUTE_TYPE),
    ([(ADD, u'title', [b'ok']), (ADD, u'sn', [b'smith'])], errors.ATTRIBUTE_OR_VALUE_EXISTS)])
def test_a_change_that_breaks_a_rule_is_not_made(directory, changes, code):
    before = dict(directory.existing(ANNA.key).attributes)
    asked = ModifyRequest(ANNA.dn, [Change(*each) for each in changes])
    assert refused(lambda: directory.modify(asked, ADMIN)) == code
    assert directory.existing(ANNA.key).attributes == before


def test_changes_are_made_in_their_order(directory):
    asked = ModifyRequest(ANNA.dn, [
        Change(DELETE, u'sn', [b'smith']), Change(ADD, u'sn', [b'Brown', b'Green']),
        Change(REPLACE, u'mail', [b'new@example.org']), Change(INCREMENT, u'uidNumber', [b'-5']),
        Change(REPLACE, u'title', [])])
    before, entry = directory.modify(asked, ADMIN)
    assert entry.values(u'sn') == [b'Brown', b'Green'] and entry.values(u'uidnumber') == [b'995']
    assert sorted(search(directory, u'(|(mail=anna@example.org)(sn=smith))')) == []
    assert sorted(search(directory, u'(mail=new@example.org)')) == [u'uid=anna']
    assert b'Smith' in before[u'sn']


def test_only_the_owner_changes_a_password(directory):
    asked = ModifyRequest(ANNA.dn, [Change(REPLACE, u'userPassword', [b'x'])])
    assert refused(lambda: directory.modify(asked, ANONYMOUS)) == errors.STRONGER_AUTH_REQUIRED
    directory.modify(asked, ANNA)
    other = asked._replace(dn=u'uid=bert,' + PEOPLE)
    assert refused(lambda: directory.modify(other, ANNA)) == errors.INSUFFICIENT_ACCESS_RIGHTS
    more = ModifyRequest(ANNA.dn, [Change(REPLACE, u'userPassword', [b'x']),
                                   Change(REPLACE, u'title', [b'x'])])
    assert refused(lambda: directory.modify(more, ANNA)) == errors.INSUFFICIENT_ACCESS_RIGHTS


@pytest.mark.parametrize('dn, code', [
    (PEOPLE, errors.NOT_ALLOWED_ON_NON_LEAF), (u'uid=x,' + PEOPLE, errors.NO_SUCH_OBJECT),
    (u'', errors.UNWILLING_TO_PERFORM), (u'cn=subschema', errors.UNWILLING_TO_PERFORM),
    (u'dc=other', errors.UNWILLING_TO_PERFORM)])
def test_an_entry_that_cannot_be_deleted_stays(directory, dn, code):
    assert refused(lambda: directory.delete(DeleteRequest(dn), ADMIN)) == code


def test_an_entry_that_is_deleted_is_found_no_more(directory):
    directory.delete(DeleteRequest(ANNA.dn), ADMIN)
    assert search(directory, u'(uid=anna)') == {}
    assert search(directory, u'(objectClass=posixAccount)') == {}
    directory.delete(DeleteRequest(PEOPLE), ADMIN, whole=True)
    assert search(directory, u'(uid=bert)') == {}


@pytest.mark.parametrize('rdn, superior, code', [
    (u'uid=bert', None, errors.ENTRY_ALREADY_EXISTS), (u'', None, errors.INVALID_DN_SYNTAX),
    (u'uid=a,ou=b', None, errors.INVALID_DN_SYNTAX), (u'nothing=x', None, errors.INVALID_DN_SYNTAX),
    (u'uid=x', u'ou=none,' + TOP, errors.NO_SUCH_OBJECT),
    (u'uid=x', ANNA.dn, errors.UNWILLING_TO_PERFORM),
    (u'uid=x', u'dc=other', errors.AFFECTS_MULTIPLE_DSAS),
    (u'c=DE', None, errors.OBJECT_CLASS_VIOLATION)])
def test_a_name_that_cannot_be_is_not_given(directory, rdn, superior, code):
    asked = ModifyDNRequest(ANNA.dn, rdn, True, superior)
    assert refused(lambda: directory.modify_dn(asked, ADMIN)) == code
    assert list(search(directory, u'(uid=anna)')) == [u'uid=anna']


def test_a_renamed_entry_takes_what_is_below_with_it(directory):
    directory.modify_dn(ModifyDNRequest(PEOPLE, u'ou=folk', True, None), ADMIN)
    entry = directory.existing(u'uid=anna,ou=folk,' + TOP)
    assert entry.dn == u'uid=anna,ou=folk,' + TOP
    assert sorted(search(directory, u'(uid=*)', u'ou=folk,' + TOP)) == [u'uid=anna', u'uid=bert']
    assert search(directory, u'(ou=people)') == {}
    directory.modify_dn(ModifyDNRequest(entry.dn, u'uid=ann', False, u'ou=groups,' + TOP), ADMIN)
    moved = directory.existing(u'uid=ann,ou=groups,' + TOP)
    assert moved.values(u'uid') == [b'anna', b'ann']


# -- keeping -----------------------------------------------------------------

def test_a_change_is_made_when_it_is_kept():
    kept = []

    def keeper(change):
        kept.append((change, Future()))
        return kept[-1][1]
    directory = made(VirtualLoop(), keeper=keeper)
    first = directory.add(AddRequest(u'cn=a,' + TOP, [(u'objectClass', [b'device'])]), ADMIN)
    same = directory.add(AddRequest(u'CN=A,' + TOP, [(u'objectClass', [b'device'])]), ADMIN)
    other = directory.delete(DeleteRequest(ANNA.dn), ADMIN)
    assert not first.done() and search(directory, u'(cn=a)') == {}
    assert len(kept) == 2 and list(search(directory, u'(uid=anna)')) == [u'uid=anna']
    kept[0][1].set_result(None)
    assert first.result().key == u'cn=a,' + TOP and list(search(directory, u'(cn=a)'))
    assert same.exception().code == errors.ENTRY_ALREADY_EXISTS
    kept[1][1].set_exception(LDAPError(u'full', errors.UNAVAILABLE))
    assert other.exception().code == errors.UNAVAILABLE
    assert list(search(directory, u'(uid=anna)')) == [u'uid=anna']


# -- keys --------------------------------------------------------------------

@pytest.mark.parametrize('key, parent', [
    (u'', None), (u'dc=x', u''), (u'cn=a,dc=x', u'dc=x'), (u'cn=a\\,b,dc=x', u'dc=x'),
    (u'cn=a\\\\,dc=x', u'dc=x')])
def test_a_key_has_one_above(key, parent):
    assert parent_key(key) == parent


@pytest.mark.parametrize('key, base, below', [
    (u'dc=x', u'dc=x', True), (u'cn=a,dc=x', u'dc=x', True), (u'cn=a,dc=xx', u'dc=x', False),
    (u'cn=adc=x', u'dc=x', False), (u'cn=a\\,dc=x', u'dc=x', False),
    (u'cn=a\\\\,dc=x', u'dc=x', True), (u'cn=a', u'', True)])
def test_a_key_is_below_another_at_an_unescaped_comma(key, base, below):
    assert is_below(key, base) is below
