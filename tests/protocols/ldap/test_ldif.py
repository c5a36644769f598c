# Copyright the carryall authors.  See LICENSE.
"""LDIF: entries and changes as text (RFC 2849), and the changes between two files."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.ldap import (ADD, DELETE, INCREMENT, REPLACE, AddRequest, Change,
                                     DeleteRequest, LDIFError, ModifyDNRequest, ModifyRequest,
                                     differences, format_change, format_record, read_ldif)

TEXT = b"""version: 1
# a comment
 that goes on
dn: cn=Barbara Jensen,ou=Product Development,
 dc=airius,dc=com
objectclass: top
objectclass: person
cn: Barbara Jensen
description:Babs is a big sailing fan, and travels extensively in search of p
 erfect sailing conditions.
title;lang-en:: w7ZsZQ==
sn:

dn:: Y249w7Y=
changetype: add
cn: x

dn: cn=Robert
changetype: delete

dn: cn=Paul
changetype: modrdn
newrdn: cn=Paula
deleteoldrdn: 1
newsuperior: dc=x

dn: cn=Paula
changetype: modify
add: postaladdress
postaladdress: 123 Street
-
delete: description
-
replace: telephonenumber
telephonenumber: +1
telephonenumber: +2
-
increment: uidNumber
uidNumber: 2
"""

REQUESTS = [
    AddRequest(u'cn=Barbara Jensen,ou=Product Development,dc=airius,dc=com', [
        (u'objectclass', [b'top', b'person']), (u'cn', [b'Barbara Jensen']),
        (u'description', [b'Babs is a big sailing fan, and travels extensively in search of '
                          b'perfect sailing conditions.']),
        (u'title;lang-en', [b'\xc3\xb6le']), (u'sn', [b''])]),
    AddRequest(u'cn=\xf6', [(u'cn', [b'x'])]),
    DeleteRequest(u'cn=Robert'),
    ModifyDNRequest(u'cn=Paul', u'cn=Paula', True, u'dc=x'),
    ModifyRequest(u'cn=Paula', [
        Change(ADD, u'postaladdress', [b'123 Street']), Change(DELETE, u'description', []),
        Change(REPLACE, u'telephonenumber', [b'+1', b'+2']),
        Change(INCREMENT, u'uidNumber', [b'2'])]),
]


def read(text):
    """The records of a text."""
    return list(read_ldif(text.splitlines(True)))


@pytest.mark.parametrize('text', [TEXT, TEXT.replace(b'\n', b'\r\n'),
                                  b'\n\n' + TEXT[11:] + b'\n\n'])
def test_a_text_has_records(text):
    records = read(text)
    assert [each.request for each in records] == REQUESTS
    assert [each.is_change for each in records] == [False, True, True, True, True]


def test_a_record_knows_its_line():
    assert [each.line for each in read(TEXT)] == [4, 14, 18, 21, 27]


@pytest.mark.parametrize('request_', REQUESTS[1:], ids=lambda each: type(each).__name__)
def test_a_change_that_is_written_is_read_again(request_):
    assert [each.request for each in read(format_change(request_))] == [request_]


@pytest.mark.parametrize('value', [
    b'', b'x', b' x', b'x ', b':x', b'<x', b'x:y', b'\xc3\xb6', b'\xff', b'a\nb', b'\0', b'y' * 200,
    b'-'])
def test_an_entry_that_is_written_is_read_again(value):
    text = format_record(u'cn=a', [(u'cn', [value, b'z'])])
    assert max(len(line) for line in text.splitlines()) <= 76
    assert read(text)[0].request == AddRequest(u'cn=a', [(u'cn', [value, b'z'])])


@pytest.mark.parametrize('text, line', [
    (b'version: 2\n', 1), (b'cn: x\n', 1), (b'dn: cn=x\n', 1), (b'dn: cn=x\ncn\n', 2),
    (b'dn: cn=x\ncn:: *\n', 2), (b'dn: cn=x\njpegPhoto:< file:///etc/passwd\n', 2),
    (b'dn: cn=x\nchangetype: none\n', 2), (b'dn: cn=x\nchangetype: delete\ncn: x\n', 3),
    (b'dn: cn=x\nchangetype: modify\ncn: x\n', 3),
    (b'dn: cn=x\nchangetype: modify\nadd: cn\nsn: x\n', 4),
    (b'dn: cn=x\nchangetype: modrdn\nnewrdn: cn=y\n', 1),
    (b'dn: cn=x\nchangetype: modrdn\nnewrdn: cn=y\ndeleteoldrdn: 2\n', 1),
    (b'dn: cn=x\ncn: y\n-\n', 3), (b'dn:: /w==\ncn: x\n', 1), (b'dn: cn=x\n*: x\n', 2)])
def test_a_fault_is_an_error_with_its_line(text, line):
    with pytest.raises(LDIFError) as caught:
        read(text)
    assert caught.value.line == line


def test_a_line_that_never_ends_is_an_error():
    with pytest.raises(LDIFError):
        read(b'dn: ' + b'x' * (1 << 20))


# -- differences -------------------------------------------------------------

def entry(dn, **attributes):
    """An AddRequest."""
    return AddRequest(dn, sorted((name, values) for name, values in attributes.items()))


def test_the_changes_between_two_sets_are_in_an_order_that_works():
    old = [entry(u'dc=x', cn=[b'a']), entry(u'ou=p,dc=x', cn=[b'a']),
           entry(u'cn=b,ou=p,dc=x', cn=[b'b'])]
    new = [entry(u'cn=c,ou=q,dc=x', cn=[b'c']), entry(u'ou=q,dc=x', cn=[b'q']),
           entry(u'DC=x', cn=[b'A'], sn=[b's'])]
    assert differences(old, new) == [
        new[1], new[0], ModifyRequest(u'dc=x', [Change(ADD, u'sn', [b's'])]),
        DeleteRequest(u'cn=b,ou=p,dc=x'), DeleteRequest(u'ou=p,dc=x')]


def test_few_values_are_added_and_deleted_and_many_replaced():
    old = [entry(u'dc=x', cn=[b'a', b'b', b'c', b'd'], sn=[b'x'], mail=[b'm'])]
    new = [entry(u'dc=x', cn=[b'D', b'c', b'b', b'e'], sn=[b'y'])]
    (changed,) = differences(old, new)
    assert changed.changes == [Change(DELETE, u'cn', [b'a']), Change(ADD, u'cn', [b'e']),
                               Change(DELETE, u'mail', []), Change(REPLACE, u'sn', [b'y'])]


def test_the_same_entries_have_no_changes():
    old = [entry(u'dc=x', cn=[b'a', b'b'])]
    assert differences(old, [entry(u'DC=X', CN=[b'B', b'A'])]) == []
