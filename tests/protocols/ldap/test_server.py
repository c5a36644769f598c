# Copyright the carryall authors.  See LICENSE.
"""The server: its dialogue octet by octet, limits, logins, controls, extended operations."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.guard import LoginGuard
from carryall.core.auth.portal import Portal, Realm
from carryall.core.future import Future
from carryall.core.testing import FakeTransport, VirtualLoop, play
from carryall.protocols.ldap import (ADD, BASE, REPLACE, SUBTREE, AddRequest, Change, DeleteRequest,
                                     LDAPServer, ModifyDNRequest, ModifyRequest, Settings, ber,
                                     errors, ldapcontrols, parse_filter, wire)
from carryall.protocols.ldap.extendedoperations import (encode_password_modify,
                                                        parse_generated_password)
from carryall.protocols.ldap.wire import (AbandonRequest, BindRequest, CompareRequest, Control,
                                          ExtendedRequest, SearchRequest)
from tests.protocols.ldap.directories import ADMIN, ANNA, TOP, Serving, made

ROOT = SearchRequest(u'', BASE, 0, 0, 0, False, parse_filter(u'(objectClass=*)'), [u'1.1'])
LOGIN = BindRequest(3, ADMIN.dn, None, b'pw')
ALL = SearchRequest(TOP, SUBTREE, 0, 0, 0, False, parse_filter(u'(objectClass=*)'), [u'1.1'])


def sent(number, request, controls=()):
    """The octets of a message."""
    return wire.message(number, wire.encode_request(request), controls)


class Dialogue(object):
    """A connection, and what the server says on it."""

    def __init__(self, settings=None, service=None, **more):
        self.loop = VirtualLoop()
        self.service = service or Serving(made(self.loop, **more))
        self.transport = FakeTransport(self.loop)
        self.server = LDAPServer(self.service, self.loop, settings or Settings(clear_auth=True))
        self.transport.connect(self.server)
        self._framing = wire.Framing(1 << 24)
        self._number = 0

    def say(self, request, controls=()):
        """Sends a request; the answers to all so far."""
        self._number += 1
        self.transport.feed(sent(self._number, request, controls))
        return self.heard()

    def heard(self):
        """The messages that have come."""
        self._framing.append(self.transport.take())
        found = []
        while True:
            message = self._framing.next()
            if message is None:
                return found
            found.append(message)

    def ask(self, request, controls=()):
        """The Result of a request that has one answer at least."""
        return wire.parse_result(self.say(request, controls)[-1])

    def log_in(self, who=ADMIN):
        """Binds."""
        assert self.ask(BindRequest(3, who.dn, None, b'pw')).code == errors.SUCCESS
        return self


def codes(messages):
    """(number, code) of each final answer."""
    return [(each.number, wire.parse_result(each).code) for each in messages
            if each.tag not in (wire.SEARCH_ENTRY, wire.SEARCH_REFERENCE)]


def test_the_answer_does_not_depend_on_how_the_octets_are_cut():
    said = b''.join((sent(1, LOGIN), sent(2, ROOT), sent(3, None)))
    expected = b''.join((
        wire.result(1, wire.BIND_RESPONSE, 0),
        wire.entry_message(2, b'\x04\x00', b''), wire.result(2, wire.SEARCH_DONE, 0)))
    play(lambda loop: LDAPServer(Serving(made(loop)), loop, Settings(clear_auth=True)), said,
         expected)


@pytest.mark.parametrize('octets, code', [
    (b'GET / HTTP/1.0\r\n\r\n', errors.PROTOCOL_ERROR), (b'\x30\x84\x10\x00\x00\x00',
                                                      errors.PROTOCOL_ERROR),
    (wire.message(0, wire.encode_request(ROOT)), errors.PROTOCOL_ERROR),
    (wire.message(1, ber.tlv(wire.SEARCH_REQUEST, b'')), errors.PROTOCOL_ERROR),
    (wire.message(1, ber.tlv(0x7E, b'')), errors.PROTOCOL_ERROR),
    (wire.message(1, ber.tlv(wire.SEARCH_ENTRY, b'')), errors.PROTOCOL_ERROR)])
def test_a_malformed_message_ends_the_connection_with_a_notice(octets, code):
    dialogue = Dialogue()
    dialogue.transport.feed(octets + sent(2, ROOT))
    (notice,) = dialogue.heard()
    result = wire.parse_result(notice)
    assert (notice.number, result.code, result.oid) == (0, code, wire.NOTICE_OF_DISCONNECTION)
    assert dialogue.transport.closed


def test_a_message_before_the_login_is_bounded():
    dialogue = Dialogue(Settings(clear_auth=True, max_first_message=200, max_message=1000))
    big = ALL._replace(attributes=[u'x' * 300])
    dialogue.log_in()
    assert dialogue.ask(big).code == errors.SUCCESS
    dialogue.ask(BindRequest(3, u'', None, b''))
    dialogue.say(big)
    assert dialogue.transport.closed


def test_a_message_that_is_too_long_is_refused_at_its_length():
    dialogue = Dialogue(Settings(max_first_message=100))
    dialogue.transport.feed(b'\x30')
    dialogue.transport.feed(b'\x81')
    assert dialogue.heard() == []
    dialogue.transport.feed(b'\x65')
    assert wire.parse_result(dialogue.heard()[0]).code == errors.PROTOCOL_ERROR


@pytest.mark.parametrize('request_, code', [
    (BindRequest(2, u'', None, b''), errors.PROTOCOL_ERROR),
    (BindRequest(3, u'', None, b''), errors.SUCCESS),
    (BindRequest(3, ADMIN.dn, None, b''), errors.UNWILLING_TO_PERFORM),
    (BindRequest(3, u'', None, b'pw'), errors.INVALID_CREDENTIALS),
    (BindRequest(3, ADMIN.dn, None, b'wrong'), errors.INVALID_CREDENTIALS),
    (BindRequest(3, u'', 'NONE', b''), errors.AUTH_METHOD_NOT_SUPPORTED),
    (BindRequest(3, ADMIN.dn, None, b'pw'), errors.SUCCESS)])
def test_a_bind_has_a_code(request_, code):
    assert Dialogue().ask(request_).code == code


def test_a_password_is_not_taken_in_clear_unless_permitted():
    assert Dialogue(Settings()).ask(LOGIN).code == errors.CONFIDENTIALITY_REQUIRED


def test_a_bind_that_fails_ends_the_login_before():
    dialogue = Dialogue().log_in()
    assert dialogue.ask(ExtendedRequest(wire.WHO_AM_I, None)).value == (
        b'dn:' + ADMIN.dn.encode('ascii'))
    dialogue.ask(BindRequest(3, ADMIN.dn, None, b'wrong'))
    assert dialogue.ask(ExtendedRequest(wire.WHO_AM_I, None)).value == b''


def test_too_many_failures_end_the_connection_and_shut_the_address_out(expect_log):
    expect_log('is shut out')
    loop = VirtualLoop()
    service = Serving(made(loop), guard=LoginGuard(loop, delay=0.0, attempts=2, ban_after=2))
    dialogue = Dialogue(service=service)
    wrong = BindRequest(3, ADMIN.dn, None, b'wrong')
    dialogue.say(wrong)
    dialogue.loop.advance(1.0)
    assert codes(dialogue.heard()) == [(1, errors.INVALID_CREDENTIALS)]
    dialogue.say(wrong)
    dialogue.loop.advance(1.0)
    assert codes(dialogue.heard()) == [(2, errors.INVALID_CREDENTIALS), (0, errors.UNAVAILABLE)]
    late = Dialogue(service=service)
    assert codes(late.heard()) == [(0, errors.BUSY)] and late.transport.closed


def test_sasl_takes_steps():
    loop = VirtualLoop()
    portal = Portal(Realm(), [MemoryChecker({u'anna': b'secret'})])
    dialogue = Dialogue(service=Serving(made(loop), portal))
    assert b'PLAIN' in [name.encode('ascii') for name in dialogue.server.mechanisms()]
    first = dialogue.ask(BindRequest(3, u'', 'PLAIN', None))
    assert (first.code, first.credentials) == (errors.SASL_BIND_IN_PROGRESS, b'')
    assert dialogue.ask(BindRequest(3, u'', 'PLAIN', b'\0anna\0secret')).code == errors.SUCCESS
    assert dialogue.ask(ExtendedRequest(wire.WHO_AM_I, None)).value == b'u:anna'
    assert dialogue.ask(BindRequest(3, u'', 'PLAIN', b'\0anna\0no')).code == (
        errors.INVALID_CREDENTIALS)
    assert dialogue.ask(BindRequest(3, u'', 'PLAIN', b'x')).code == errors.PROTOCOL_ERROR


# -- searches ----------------------------------------------------------------

def test_a_search_gives_entries_and_an_end():
    messages = Dialogue().say(ALL)
    assert [each.tag for each in messages] == [wire.SEARCH_ENTRY] * 6 + [wire.SEARCH_DONE]
    assert wire.parse_entry(messages[0]) == (TOP, [])


def test_a_page_leads_to_the_next():
    dialogue = Dialogue()
    cookie = b''
    sizes = []
    while True:
        messages = dialogue.say(ALL, [ldapcontrols.paged_results(4, cookie)])
        sizes.append(len(messages) - 1)
        control, = wire.parse_result(messages[-1]).controls
        _, cookie = ldapcontrols.parse_paged_results(control)
        if not cookie:
            break
    assert sizes == [4, 2]


@pytest.mark.parametrize('cookie, asked, code', [
    (b'x', ALL, errors.PROTOCOL_ERROR), (b'\0' * 8, ALL, errors.UNWILLING_TO_PERFORM),
    (None, ALL._replace(base=u'ou=people,' + TOP), errors.PROTOCOL_ERROR)])
def test_a_cookie_is_that_of_the_same_search(cookie, asked, code):
    dialogue = Dialogue()
    control, = dialogue.ask(ALL, [ldapcontrols.paged_results(2, b'')]).controls
    if cookie is None:
        _, cookie = ldapcontrols.parse_paged_results(control)
    assert dialogue.ask(asked, [ldapcontrols.paged_results(2, cookie)]).code == code


def test_the_oldest_page_gives_way():
    dialogue = Dialogue(Settings(clear_auth=True, max_paged=2))
    cookies = []
    for _ in range(3):
        control, = dialogue.ask(ALL, [ldapcontrols.paged_results(2, b'')]).controls
        cookies.append(ldapcontrols.parse_paged_results(control)[1])
    found = [dialogue.ask(ALL, [ldapcontrols.paged_results(2, cookie)]).code for cookie in cookies]
    assert found == [errors.UNWILLING_TO_PERFORM, errors.SUCCESS, errors.SUCCESS]


def many(dialogue, count):
    """Adds entries."""
    dialogue.service.directory.load([
        (u'cn=d%d,%s' % (number, TOP),
         [(u'objectClass', [b'device']), (u'description', [b'x' * 1000])])
        for number in range(count)])


def test_a_client_that_does_not_read_costs_no_memory_and_is_aborted():
    dialogue = Dialogue(Settings(stall_seconds=5.0))
    many(dialogue, 300)
    dialogue.transport.clog()
    dialogue.say(ALL._replace(attributes=[]))
    assert dialogue.transport.get_write_buffer_size() < 150000
    dialogue.loop.advance(10.0)
    assert dialogue.transport.aborted


def test_a_search_goes_on_when_the_client_reads():
    dialogue = Dialogue()
    many(dialogue, 300)
    dialogue.transport.clog()
    heard = dialogue.say(ALL._replace(attributes=[]))
    dialogue.transport.unclog()
    for _ in range(1000):
        dialogue.loop.advance(0.0)
        heard += dialogue.heard()
        if codes(heard):
            break
    assert codes(heard) == [(1, errors.SUCCESS)]
    assert len(heard) == 307


def test_an_abandoned_search_has_no_answer():
    dialogue = Dialogue()
    many(dialogue, 300)
    dialogue.transport.clog()
    dialogue.say(ALL._replace(attributes=[]))
    dialogue.transport.unclog()
    dialogue.say(AbandonRequest(1))
    assert codes(dialogue.say(ROOT)) == [(3, errors.SUCCESS)]


def test_operations_that_wait_are_bounded():
    kept = []

    def keeper(change):
        kept.append(Future())
        return kept[-1]
    dialogue = Dialogue(Settings(clear_auth=True, max_operations=3), keeper=keeper).log_in()
    for number in range(5):
        dialogue.say(AddRequest(u'cn=x%d,%s' % (number, TOP), [(u'objectClass', [b'device'])]))
    assert len(kept) == 3 and not dialogue.transport.is_reading()
    for future in kept[:3]:
        future.set_result(None)
    dialogue.loop.advance(0.0)
    assert len(kept) == 5 and dialogue.transport.is_reading()
    assert codes(dialogue.heard()) == [(2, 0), (3, 0), (4, 0)]


def test_the_number_of_an_operation_under_way_is_taken():
    dialogue = Dialogue(keeper=lambda change: Future()).log_in()
    asked = AddRequest(u'cn=x,' + TOP, [(u'objectClass', [b'device'])])
    dialogue.transport.feed(sent(7, asked))
    dialogue.transport.feed(sent(7, ROOT))
    assert codes(dialogue.heard()) == [(0, errors.PROTOCOL_ERROR)]


# -- changes -----------------------------------------------------------------

def test_changes_have_codes():
    dialogue = Dialogue()
    device = AddRequest(u'cn=x,' + TOP, [(u'objectClass', [b'device'])])
    assert dialogue.ask(device).code == errors.STRONGER_AUTH_REQUIRED
    dialogue.log_in()
    assert dialogue.ask(device).code == errors.SUCCESS
    assert dialogue.ask(device).code == errors.ENTRY_ALREADY_EXISTS
    assert dialogue.ask(ModifyRequest(device.dn, [Change(ADD, u'l', [b'Here'])])).code == 0
    assert dialogue.ask(CompareRequest(device.dn, u'l', b'here')).code == errors.COMPARE_TRUE
    assert dialogue.ask(CompareRequest(device.dn, u'l', b'there')).code == errors.COMPARE_FALSE
    assert dialogue.ask(ModifyDNRequest(device.dn, u'cn=y', True, None)).code == 0
    found = dialogue.ask(DeleteRequest(device.dn))
    assert (found.code, found.matched) == (errors.NO_SUCH_OBJECT, TOP)
    assert dialogue.ask(DeleteRequest(u'cn=y,' + TOP)).code == 0


def test_an_error_of_ours_is_no_error_of_the_client(expect_log):
    expect_log('an operation failed')
    dialogue = Dialogue()
    dialogue.service.directory.search = lambda *args: 1 // 0
    assert dialogue.ask(ALL).code == errors.OTHER
    assert not dialogue.transport.closed


# -- controls ----------------------------------------------------------------

@pytest.mark.parametrize('control, request_, code', [
    (Control('1.2.3', True, None), ALL, errors.UNAVAILABLE_CRITICAL_EXTENSION),
    (Control('1.2.3', False, None), ALL, errors.SUCCESS),
    (Control(ldapcontrols.PAGED_RESULTS, True, b''), DeleteRequest(u'cn=x'),
     errors.UNAVAILABLE_CRITICAL_EXTENSION),
    (Control(ldapcontrols.PAGED_RESULTS, True, b''), ALL, errors.PROTOCOL_ERROR),
    (ldapcontrols.assertion(parse_filter(u'(sn=Smith)')), CompareRequest(ANNA.dn, u'sn', b'Smith'),
     errors.COMPARE_TRUE),
    (ldapcontrols.assertion(parse_filter(u'(sn=Jones)')), CompareRequest(ANNA.dn, u'sn', b'Smith'),
     errors.ASSERTION_FAILED),
    (ldapcontrols.assertion(parse_filter(u'(sn=Jones)')), DeleteRequest(ANNA.dn),
     errors.ASSERTION_FAILED),
    (ldapcontrols.assertion(parse_filter(u'(sn=Jones)')), ALL, errors.ASSERTION_FAILED),
    (Control(ldapcontrols.TREE_DELETE, True, None), DeleteRequest(u'ou=people,' + TOP), 0),
    (Control(ldapcontrols.PROXIED_AUTHORIZATION, True, b'dn:cn=other'), ALL,
     errors.AUTHORIZATION_DENIED),
    (Control(ldapcontrols.PROXIED_AUTHORIZATION, True, b'dn:' + ANNA.dn.encode('ascii')),
     DeleteRequest(u'uid=bert,ou=people,' + TOP), errors.INSUFFICIENT_ACCESS_RIGHTS),
    (Control(ldapcontrols.PROXIED_AUTHORIZATION, False, b''), ALL, errors.PROTOCOL_ERROR)])
def test_a_control_is_obeyed(control, request_, code):
    dialogue = Dialogue().log_in()
    assert dialogue.ask(request_, [control]).code == code
    assert not dialogue.transport.closed


def test_a_control_that_comes_twice_is_an_error():
    control = ldapcontrols.paged_results(2, b'')
    assert Dialogue().ask(ALL, [control, control]).code == errors.PROTOCOL_ERROR


def test_an_entry_is_read_before_and_behind_a_change():
    dialogue = Dialogue().log_in()
    asked = ModifyRequest(ANNA.dn, [Change(REPLACE, u'sn', [b'Brown'])])
    result = dialogue.ask(asked, [ldapcontrols.attribute_list(ldapcontrols.PRE_READ, [u'sn']),
                                  ldapcontrols.attribute_list(ldapcontrols.POST_READ, [u'sn'])])
    assert [each.oid for each in result.controls] == [ldapcontrols.PRE_READ,
                                                      ldapcontrols.POST_READ]
    assert b'Smith' in result.controls[0].value and b'Brown' in result.controls[1].value


# -- extended operations -----------------------------------------------------

@pytest.mark.parametrize('request_, code', [
    (ExtendedRequest('1.2.3', None), errors.PROTOCOL_ERROR),
    (ExtendedRequest(wire.START_TLS, None), errors.PROTOCOL_ERROR),
    (ExtendedRequest(wire.WHO_AM_I, b'x'), errors.PROTOCOL_ERROR),
    (ExtendedRequest(wire.PASSWORD_MODIFY, None), errors.STRONGER_AUTH_REQUIRED),
    (ExtendedRequest(wire.CANCEL, None), errors.PROTOCOL_ERROR),
    (ExtendedRequest(wire.CANCEL, b'\x30\x03\x02\x01\x63'), errors.NO_SUCH_OPERATION)])
def test_an_extended_operation_has_a_code(request_, code):
    assert Dialogue().ask(request_).code == code


def test_a_password_is_changed_or_made_up():
    dialogue = Dialogue().log_in(ANNA)
    value = encode_password_modify(None, b'old', b'new')
    assert dialogue.ask(ExtendedRequest(wire.PASSWORD_MODIFY, value)).value is None
    made_up = dialogue.ask(ExtendedRequest(wire.PASSWORD_MODIFY, None))
    assert parse_generated_password(made_up.value) == b'made-up'
    assert dialogue.service.changed == [(ANNA.dn, ANNA.dn, b'old', b'new'),
                                        (ANNA.dn, ANNA.dn, None, None)]


def test_a_change_that_is_being_kept_cannot_be_cancelled():
    dialogue = Dialogue(keeper=lambda change: Future()).log_in()
    dialogue.say(DeleteRequest(ANNA.dn))
    value = ber.tlv(ber.SEQUENCE, ber.integer(2))
    assert dialogue.ask(ExtendedRequest(wire.CANCEL, value)).code == errors.CANNOT_CANCEL


# -- the end -----------------------------------------------------------------

@pytest.mark.parametrize('logged_in, seconds', [(False, 30.0), (True, 300.0)])
def test_a_client_without_messages_is_disconnected(logged_in, seconds):
    dialogue = Dialogue(Settings(clear_auth=True, login_seconds=20.0, idle_seconds=200.0))
    if logged_in:
        dialogue.log_in()
        dialogue.loop.advance(30.0)
        assert not dialogue.transport.closed
    dialogue.loop.advance(seconds)
    assert codes(dialogue.heard()) == [(0, errors.UNAVAILABLE)]
    assert dialogue.transport.closed


def test_a_drain_lets_an_answer_finish():
    future = Future()
    dialogue = Dialogue(keeper=lambda change: future).log_in()
    dialogue.say(DeleteRequest(ANNA.dn))
    dialogue.server.drain()
    assert not dialogue.transport.closed
    future.set_result(None)
    assert codes(dialogue.heard()) == [(2, 0), (0, errors.UNAVAILABLE)]
    assert dialogue.transport.closed


def test_an_address_that_is_not_served_is_told():
    loop = VirtualLoop()
    transport = FakeTransport(loop)
    transport.connect(LDAPServer(Serving(made(loop)), loop, admits=lambda host: False))
    assert b'not served' in transport.take() and transport.closed
