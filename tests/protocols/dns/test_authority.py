# Copyright the carryall authors.  See LICENSE.
"""The answers of a server with zones to whole messages."""
from __future__ import absolute_import, division, print_function

import struct

import pytest

from carryall.core.future import Future
from carryall.core.testing import VirtualLoop
from carryall.protocols.dns import (AccessRules, Authority, EDNS, KeyRing, Message, NSID, PADDING,
                                    Question, ResourceRecord, ServerSettings, Source, TC, TSIGKey,
                                    ZoneChange, format_message, parse_message, parse_name, query)
from carryall.protocols.dns.ednsoptions import EDE, KEEPALIVE, SUBNET
from tests.protocols.dns.zones import ORIGIN, asked, told, zone_of, zones_of

UDP = Source('192.0.2.99', 4000)
TCP = Source('192.0.2.99', 4000, True)
TLS = Source('192.0.2.99', 4000, True, True)
KEY = TSIGKey(parse_name(u'mover.'), u'hmac-sha256', b's' * 32)


class Rules(AccessRules):
    """The rights that a test gives."""

    def __init__(self, **given):
        self.given = given
        self.limited = 'admits' in given
        self.notices = []
        self.changes = []
        self.kept = None

    def admits(self, host):
        return self.given.get('admits', True)

    def may_transfer(self, zone, host, key):
        return self.given.get('transfer', False) in (True, key)

    def may_update(self, zone, host, key):
        return self.given.get('update', False) in (True, key)

    def may_notify(self, zone, host, key):
        return self.given.get('notify', False)

    def is_secondary(self, zone):
        return self.given.get('secondary', False)

    def notified(self, zone, host):
        self.notices.append((zone, host))

    def changed(self, zone, change):
        self.changes.append(change)
        self.kept = Future()
        return self.kept

    def history(self, zone):
        return self.changes


def made(rules=None, zone=None, **settings):
    return Authority(zones_of(zone or zone_of()), VirtualLoop(), ServerSettings(**settings),
                     rules or Rules(), KeyRing([KEY]))


def reply_to(packet, source=UDP, authority=None):
    found = (authority or made()).respond(packet, source)
    return None if found is None else parse_message(found)


def with_options(*options, **given):
    edns = EDNS(given.get('payload', 1232), given.get('version', 0), options=options)
    return asked(given.get('name', u'web.example.'), given.get('kind', u'A'), edns=True, opt=edns)


def update(*records, **given):
    message = Message(9, 5 << 11)
    message.questions = [Question(given.get('zone', ORIGIN), given.get('kind', 6))]
    message.authority = list(records)
    message.answers = list(given.get('needs', ()))
    return message


# -- queries -----------------------------------------------------------------

def test_a_query_is_answered():
    assert told(made().respond(asked(u'web.example.'), UDP))[1] == [
        u'web.example. 3600 IN A 192.0.2.1', u'web.example. 3600 IN A 192.0.2.2']


@pytest.mark.parametrize('packet, rcode', [
    (asked(u'web.test.'), 5), (asked(u'web.example.', u'MAILB'), 4),
    (asked(u'web.example.', u'OPT'), 1), (asked(u'example.', u'AXFR'), 1),
    (asked(u'web.example.')[:-2] + b'\0\xff', 1), (asked(u'web.example.')[:-2] + b'\0\3', 5),
    (asked(u'web.example.')[:-1], 1), (asked(u'web.example.') + b'x', 1),
    (b'\0\7\x10' + asked(u'web.example.')[3:], 4), (b'\0\7\x78' + asked(u'web.example.')[3:], 4),
    (b'\0\7\0\0\0\0\0\0\0\0\0\0', 1), (b'\0\7\0\0\xff\xff\0\0\0\0\0\0', 1),
    (with_options(version=1), 16), (with_options((SUBNET, b'\0\1\x18\0')), 1),
    (with_options((10, b'short')), 1)])
def test_a_query_gets_this_code(packet, rcode):
    reply = reply_to(packet)
    assert reply.rcode == rcode
    assert reply.number == 7


def test_an_answer_gets_silence():
    assert reply_to(b'\0\7\x80' + asked(u'web.example.')[3:]) is None


def test_a_client_that_may_not_ask_is_refused():
    reply = reply_to(asked(u'web.example.', edns=True), authority=made(Rules(admits=False)))
    assert reply.rcode == 5
    assert reply.edns.option(EDE) == b'\0\x12'
    assert not made(Rules(admits=False)).admits('192.0.2.99')


@pytest.mark.parametrize('source, truncated', [(UDP, True), (TCP, False)])
def test_a_long_answer_is_truncated_over_datagrams(source, truncated):
    rows = b''.join(b'big TXT "' + bytes(bytearray([65 + number])) * 200 + b'"\n'
                    for number in range(5))
    zone = zone_of(b'$TTL 1\n@ SOA . . 1 2 3 4 5\n NS a\n' + rows)
    packet = made(zone=zone).respond(asked(u'big.example.', u'TXT'), source)
    assert bool(parse_message(packet).flags & TC) is truncated
    assert len(packet) <= 512 or not truncated
    wide = with_options(name=u'big.example.', kind=u'TXT')
    assert not parse_message(made(zone=zone).respond(wide, source)).flags & TC


def test_options_are_answered():
    reply = reply_to(with_options((NSID, b'')), authority=made(nsid=b'ns7'))
    assert reply.edns.option(NSID) == b'ns7'
    reply = reply_to(with_options((KEEPALIVE, b'')), TCP, made(idle_seconds=30.0))
    assert reply.edns.option(KEEPALIVE) == struct.pack('!H', 300)
    assert reply_to(with_options((KEEPALIVE, b''))).edns.option(KEEPALIVE) is None


def test_an_answer_over_tls_is_padded():
    """RFC 8467 section 4.1."""
    packet = made().respond(with_options((PADDING, b'\0' * 9)), TLS)
    assert len(packet) % 468 == 0
    assert parse_message(made().respond(with_options((PADDING, b'')), TCP)).edns.option(
        PADDING) is None


# -- cookies and rates -------------------------------------------------------

def test_a_cookie_comes_back_with_the_servers():
    authority = made()
    cookie = reply_to(with_options((10, b'client00')), authority=authority).edns.option(10)
    assert cookie[:8] == b'client00'
    assert len(cookie) == 24
    again = reply_to(with_options((10, cookie)), authority=authority)
    assert again.rcode == 0
    assert reply_to(with_options((10, b'client00')),
                    authority=made(cookies=False)).edns.option(10) is None


def test_a_cookie_may_be_required():
    """RFC 7873 section 5.2.3."""
    authority = made(require_cookies=True)
    reply = reply_to(with_options((10, b'client00')), authority=authority)
    assert reply.rcode == 23
    cookie = reply.edns.option(10)
    assert reply_to(with_options((10, cookie)), authority=authority).rcode == 0
    assert reply_to(asked(u'web.example.'), authority=authority).flags & TC
    assert reply_to(asked(u'web.example.', edns=True), authority=authority).flags & TC
    assert reply_to(asked(u'web.example.'), TCP, authority).rcode == 0


def test_a_query_for_a_cookie_alone_is_answered():
    """RFC 7873 section 5.4."""
    message = Message(7)
    message.edns = EDNS(options=[(10, b'client00')])
    reply = reply_to(format_message(message))
    assert reply.rcode == 0
    assert len(reply.edns.option(10)) == 24


def test_more_than_the_rate_is_not_answered():
    authority = made(rate=1.0, burst=3.0, slip=2)
    replies = [reply_to(asked(u'web.example.'), authority=authority) for _ in range(7)]
    assert [None if each is None else bool(each.flags & TC) for each in replies] == [
        False, False, False, None, True, None, True]
    other = Source('198.51.100.1', 4000)
    assert reply_to(asked(u'web.example.'), other, authority) is not None
    assert reply_to(asked(u'web.example.'), TCP, authority) is not None
    cookie = None
    while cookie is None:
        reply = reply_to(with_options((10, b'client00')), Source('203.0.113.1', 1), authority)
        cookie = reply.edns.option(10)
    for _ in range(5):
        assert reply_to(with_options((10, cookie)), Source('203.0.113.1', 1), authority).answers


# -- signatures --------------------------------------------------------------

def signed(packet, now=None, key=KEY):
    loop = VirtualLoop()
    signer = KeyRing([key]).first()
    packet = signer.sign(packet, loop.wall() if now is None else now)
    signer.next_reply()
    return packet, signer


def test_a_signed_query_gets_a_signed_answer():
    packet, signer = signed(asked(u'web.example.'))
    found = made().respond(packet, UDP)
    signer.check_reply(found, parse_message(found), VirtualLoop().wall())


@pytest.mark.parametrize('key, error', [
    (TSIGKey(parse_name(u'other.'), u'hmac-sha256', b's' * 32), 17),
    (TSIGKey(KEY.name, u'hmac-sha256', b't' * 32), 16),
    (TSIGKey(KEY.name, u'hmac-sha1', b's' * 32), 17)])
def test_a_wrong_key_is_refused(key, error):
    packet, _ = signed(asked(u'web.example.'), key=key)
    reply = reply_to(packet)
    assert reply.rcode == 9
    assert reply.tsig[1].data[-4:-2] == struct.pack('!H', error)


def test_a_signature_of_another_time_is_refused():
    """RFC 8945 section 5.2.3."""
    packet, _ = signed(asked(u'web.example.'), VirtualLoop().wall() - 1000)
    reply = reply_to(packet)
    assert reply.rcode == 9
    assert struct.pack('!HH', 18, 6) in reply.tsig[1].data


def test_a_malformed_signature_is_refused():
    packet, _ = signed(asked(u'web.example.'))
    for size in range(1, 40):
        assert reply_to(packet[:-size]).rcode == 1


# -- transfers ---------------------------------------------------------------

def test_a_transfer_needs_the_right():
    assert reply_to(asked(u'example.', u'AXFR'), TCP).rcode == 5
    assert reply_to(asked(u'web.example.', u'AXFR'), TCP, made(Rules(transfer=True))).rcode == 9
    packet, signer = signed(asked(u'example.', u'AXFR'))
    found = list(made(Rules(transfer=KEY.name)).respond(packet, TCP))
    assert len(found) == 1
    signer.check_reply(found[0], parse_message(found[0]), VirtualLoop().wall())


def test_a_question_for_changes_over_datagrams_gets_the_serial():
    """RFC 1995 section 2."""
    reply = reply_to(asked(u'example.', u'IXFR'), authority=made(Rules(transfer=True)))
    assert [each.rtype for each in reply.answers] == [6]


def test_few_transfers_run_at_the_same_time():
    authority = made(Rules(transfer=True), transfers=2)
    running = [authority.respond(asked(u'example.', u'AXFR'), TCP) for _ in range(2)]
    assert reply_to(asked(u'example.', u'AXFR'), TCP, authority).rcode == 2
    for each in running:
        list(each)
    assert not isinstance(authority.respond(asked(u'example.', u'AXFR'), TCP), bytes)


# -- notices and updates -----------------------------------------------------

def notice(name=ORIGIN):
    message = query(name, 6, edns=False)
    message.flags = 4 << 11 | 0x0400
    return format_message(message)


@pytest.mark.parametrize('name, given, rcode, notices', [
    (ORIGIN, {'notify': True, 'secondary': True}, 0, 1), (ORIGIN, {'secondary': True}, 5, 0),
    (parse_name(u'test.'), {'notify': True}, 9, 0)])
def test_a_notice_is_taken_from_a_primary_alone(name, given, rcode, notices):
    rules = Rules(**given)
    assert reply_to(notice(name), authority=made(rules)).rcode == rcode
    assert len(rules.notices) == notices


def fresh(text=u'new.example.', rclass=1, data=b'\1\2\3\4', ttl=60, kind=1):
    return ResourceRecord(parse_name(text), kind, rclass, ttl, data)


def test_an_update_is_acknowledged_once_it_is_kept():
    rules = Rules(update=True)
    zone = zone_of()
    authority = made(rules, zone)
    answer = authority.respond(format_message(update(fresh())), UDP)
    assert not answer.done()
    rules.kept.set_result(None)
    assert parse_message(answer.result()).rcode == 0
    assert zone.serial == 2027
    assert isinstance(rules.changes[0], ZoneChange)


def test_an_update_that_cannot_be_kept_is_undone(expect_log):
    expect_log('cannot be kept')
    rules = Rules(update=True)
    zone = zone_of()
    answer = made(rules, zone).respond(format_message(update(fresh())), UDP)
    rules.kept.set_exception(IOError('the disk is full'))
    assert parse_message(answer.result()).rcode == 2
    assert zone.serial == 2026
    assert parse_name(u'new.example.') not in zone.nodes


@pytest.mark.parametrize('message, given, rcode', [
    (update(fresh()), {}, 5), (update(fresh(), kind=1), {'update': True}, 1),
    (update(fresh(), zone=parse_name(u'test.')), {'update': True}, 9),
    (update(fresh()), {'update': True, 'secondary': True}, 9),
    (update(fresh(u'a.test.')), {'update': True}, 10), (update(), {'update': True}, 0)])
def test_an_update_gets_this_code(message, given, rcode):
    assert reply_to(format_message(message), authority=made(Rules(**given))).rcode == rcode
