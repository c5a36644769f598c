# Copyright the carryall authors.  See LICENSE.
"""Messages of LDAP, both ways (RFC 4511)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.ldap import (ADD, REPLACE, SUBTREE, AddRequest, Change, DeleteRequest,
                                     LDAPError, ModifyDNRequest, ModifyRequest, ber, ldapcontrols,
                                     parse_filter, wire)
from carryall.protocols.ldap.wire import (AbandonRequest, BindRequest, CompareRequest, Control,
                                          ExtendedRequest, Framing, SearchRequest)

REQUESTS = [
    BindRequest(3, u'cn=x', None, b'secret'), BindRequest(3, u'', 'PLAIN', None),
    BindRequest(3, u'', 'PLAIN', b''),
    SearchRequest(u'dc=x', SUBTREE, 3, 10, 5, True, parse_filter(u'(&(cn=a)(sn=*))'),
                  [u'cn', u'*']),
    ModifyRequest(u'cn=x', [Change(ADD, u'cn', [b'a', b'b']), Change(REPLACE, u'sn', [])]),
    AddRequest(u'cn=x', [(u'cn', [b'x']), (u'sn', [b'y', b'z'])]), DeleteRequest(u'cn=x'),
    ModifyDNRequest(u'cn=x', u'cn=y', True, None),
    ModifyDNRequest(u'cn=x', u'cn=y', False, u'dc=z'),
    CompareRequest(u'cn=x', u'sn', b'\xff'), AbandonRequest(7), ExtendedRequest('1.2.3', None),
    ExtendedRequest('1.2.3', b'x')]


def messages(octets, limit=1 << 20):
    """The messages in some octets."""
    framing = Framing(limit)
    framing.append(octets)
    found = []
    while True:
        message = framing.next()
        if message is None:
            return found
        found.append(message)


@pytest.mark.parametrize('request_', REQUESTS, ids=lambda each: type(each).__name__)
def test_a_request_that_is_written_is_read_again(request_):
    controls = [Control('1.2.3', True, b'v'), Control('1.2.4', False, None)]
    octets = wire.message(5, wire.encode_request(request_), controls)
    found, = messages(octets)
    assert (found.number, found.controls) == (5, controls)
    assert wire.parse_request(found) == request_


def test_an_unbind_has_nothing_in_it():
    found, = messages(wire.message(1, wire.encode_request(None)))
    assert wire.parse_request(found) is None


@pytest.mark.parametrize('size', [1, 2, 3, 7, 1000])
def test_messages_are_found_however_they_are_cut(size):
    octets = b''.join(wire.message(number, wire.encode_request(each))
                      for number, each in enumerate(REQUESTS))
    framing = Framing(4096)
    found = []
    for at in range(0, len(octets), size):
        framing.append(octets[at:at + size])
        message = framing.next()
        while message is not None:
            found.append(wire.parse_request(message))
            message = framing.next()
    assert found == REQUESTS and not len(framing)


@pytest.mark.parametrize('octets', [
    b'\x31\x00', b'GET / HTTP/1.1\r\n', b'\x30\x80\x02\x01\x01', b'\x30\x85\x01\x00\x00\x00\x00',
    b'\x30\x82\x10\x01' + b'x' * 10, b'\x30\x00', b'\x30\x03\x02\x01\xff', b'\x30\x02\x02\x00',
    b'\x30\x05\x02\x01\x01\x42\x01', b'\x30\x07\x02\x01\x01\x42\x00\x04\x00',
    b'\x30\x09\x02\x01\x01\x42\x00\xa0\x02\x04\x00',
    b'\x30\x0b\x02\x01\x01\x42\x00\xa0\x02\x30\x00\x04\x00'])
def test_octets_that_are_no_message_are_an_error(octets):
    with pytest.raises(LDAPError):
        messages(octets, 4096)


def test_the_limit_counts_the_whole_message():
    octets = wire.message(1, wire.encode_request(DeleteRequest(u'cn=' + u'x' * 100)))
    assert len(messages(octets, len(octets))) == 1
    with pytest.raises(LDAPError):
        messages(octets, len(octets) - 1)


@pytest.mark.parametrize('operation', [
    ber.tlv(wire.SEARCH_REQUEST, b''), ber.tlv(wire.BIND_REQUEST, ber.integer(3)),
    ber.tlv(wire.MODIFY_REQUEST, ber.tlv(4, b'x') + ber.tlv(0x30, ber.tlv(
        0x30, ber.enumerated(9) + ber.tlv(0x30, ber.tlv(4, b'a') + ber.tlv(0x31, b''))))),
    ber.tlv(wire.DELETE_REQUEST, b'\xff'), ber.tlv(wire.ABANDON_REQUEST, b''),
    ber.tlv(wire.ADD_REQUEST, ber.tlv(4, b'x') + ber.tlv(0x30, ber.tlv(4, b''))),
    ber.tlv(wire.EXTENDED_REQUEST, ber.tlv(0x80, b'1.2') + b'\x05\x00'), ber.tlv(0x7F & 0x6A, b'')])
def test_a_malformed_request_is_an_error(operation):
    found, = messages(wire.message(1, operation))
    with pytest.raises(LDAPError):
        wire.parse_request(found)


def test_a_scope_that_does_not_exist_is_an_error():
    octets = wire.encode_request(REQUESTS[3]).replace(b'\x0a\x01\x02', b'\x0a\x01\x05', 1)
    found, = messages(wire.message(1, octets))
    with pytest.raises(LDAPError):
        wire.parse_request(found)


def test_a_result_that_is_written_is_read_again():
    octets = wire.result(3, wire.EXTENDED_RESPONSE, 10, u'see there', u'dc=x', [u'ldap://h/'],
                         wire.extended_extra('1.2.3', b'v'), [Control('1.2', False, None)])
    found, = messages(octets)
    result = wire.parse_result(found)
    assert result[:6] == (10, u'dc=x', u'see there', [u'ldap://h/'], '1.2.3', b'v')
    assert result.controls == [Control('1.2', False, None)]


def test_an_entry_that_is_written_is_read_again():
    pairs = [(u'cn', [b'a', b'b' * 300]), (u'jpegPhoto', [b'\xff'])]
    encoded = b''.join(wire.encode_attribute(*pair) for pair in pairs)
    found, = messages(wire.entry_message(9, ber.tlv(4, b'dc=x'), encoded))
    assert wire.parse_entry(found) == (u'dc=x', pairs)
    assert wire.split_attributes(encoded) == pairs


def test_a_reference_that_is_written_is_read_again():
    found, = messages(wire.reference_message(9, [u'ldap://a/', u'ldap://b/']))
    assert wire.parse_reference(found) == [u'ldap://a/', u'ldap://b/']


# -- controls ----------------------------------------------------------------

def test_the_control_for_pages_is_read_again():
    control = ldapcontrols.paged_results(500, b'cookie', True)
    assert control.value == b'\x30\x0c\x02\x02\x01\xf4\x04\x06cookie'
    assert ldapcontrols.parse_paged_results(control) == (500, b'cookie')


def test_the_control_for_an_order_is_read_again():
    keys = [ldapcontrols.SortKey(u'sn', None, False),
            ldapcontrols.SortKey(u'cn', u'2.5.13.3', True)]
    assert ldapcontrols.parse_sort_keys(ldapcontrols.sort_request(keys)) == keys
    assert ldapcontrols.parse_sort_result(ldapcontrols.sort_result(16, u'cn')) == 16


def test_other_controls_are_read_again():
    tree = parse_filter(u'(cn=x)')
    assert ldapcontrols.parse_assertion(ldapcontrols.assertion(tree)) == tree
    made = ldapcontrols.attribute_list(ldapcontrols.PRE_READ, [u'cn', u'+'])
    assert ldapcontrols.parse_attribute_list(made) == [u'cn', u'+']


@pytest.mark.parametrize('parse', [
    ldapcontrols.parse_paged_results, ldapcontrols.parse_sort_keys, ldapcontrols.parse_assertion,
    ldapcontrols.parse_attribute_list, ldapcontrols.parse_matched_values])
@pytest.mark.parametrize('value', [None, b'', b'\x30', b'\x30\x01', b'\x04\x00', b'\x30\x00\x00',
                                   b'\x30\x02\x0a\x00'])
def test_a_malformed_value_of_a_control_is_an_error(parse, value):
    with pytest.raises(LDAPError):
        parse(Control('1.2.3', True, value))
