# Copyright the carryall authors.  See LICENSE.
"""The answers of a zone, by the long way and by the quick one."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import VirtualLoop
from carryall.protocols.dns import (AA, EDNS, ServerSettings, TC, parse_message, parse_name)
from carryall.protocols.dns.quickanswer import QuickAnswers
from carryall.protocols.dns.wire import Message, format_message
from carryall.protocols.dns.zoneanswer import Answer
from tests.protocols.dns.zones import asked, question, told, zone_of, zones_of

SOA = [u'example. 300 IN SOA ns1.example. hostmaster.example. 2026 3600 900 604800 300']
CUT = [u'sub.example. 3600 IN NS ns.sub.example.']
WWW = u'www.example. 3600 IN CNAME web.example.'
WEB = [u'web.example. 3600 IN A 192.0.2.1', u'web.example. 3600 IN A 192.0.2.2']
BLUE = [u'red.example. 3600 IN DNAME blue.example.',
        u'host.red.example. 3600 IN CNAME host.blue.example.',
        u'host.blue.example. 3600 IN A 192.0.2.77']

ROWS = [
    (u'web.example.', u'A', 0, WEB, []), (u'www.example.', u'A', 0, [WWW] + WEB, []),
    (u'www.example.', u'CNAME', 0, [WWW], []), (u'www.example.', u'MX', 0, [WWW], SOA),
    (u'ext.example.', u'A', 0, [u'ext.example. 3600 IN CNAME www.other.test.'], []),
    (u'loop1.example.', u'A', 0, [u'loop1.example. 3600 IN CNAME loop2.example.',
                                  u'loop2.example. 3600 IN CNAME loop1.example.'], []),
    (u'x.wild.example.', u'TXT', 0, [u'x.wild.example. 3600 IN TXT "wild"'], []),
    (u'a.b.wild.example.', u'TXT', 0, [u'a.b.wild.example. 3600 IN TXT "wild"'], []),
    (u'x.wild.example.', u'A', 0, [], SOA), (u'wild.example.', u'TXT', 0, [], SOA),
    (u'*.wild.example.', u'TXT', 0, [u'*.wild.example. 3600 IN TXT "wild"'], []),
    (u'b.c.example.', u'A', 0, [], SOA), (u'x.b.c.example.', u'A', 3, [], SOA),
    (u'x.a.b.c.example.', u'A', 3, [], SOA), (u'none.example.', u'A', 3, [], SOA),
    (u'sub.example.', u'A', 0, [], CUT), (u'x.sub.example.', u'A', 0, [], CUT),
    (u'ns.sub.example.', u'A', 0, [], CUT), (u'sub.example.', u'DS', 0, [], SOA),
    (u'host.red.example.', u'A', 0, BLUE, []),
    (u'toblue.example.', u'A', 0, [u'toblue.example. 3600 IN CNAME host.red.example.'] + BLUE, []),
    (u'host.red.example.', u'CNAME', 0, BLUE[:2], []),
    (u'x.red.example.', u'A', 3, [BLUE[0], u'x.red.example. 3600 IN CNAME x.blue.example.'], SOA),
    (u'red.example.', u'DNAME', 0, BLUE[:1], []), (u'red.example.', u'A', 0, [], SOA),
    (u'Mixed.CASE.example.', u'A', 0, [u'Mixed.CASE.example. 3600 IN A 192.0.2.99'], [])]


def long_way(text, kind, zone, **given):
    reply = Message(7, 0x8000)
    reply.questions = [question(text, kind)]
    Answer(reply, zone, **given).fill(reply.questions[0])
    return format_message(reply)


def quick_way(text, kind, *zones, **given):
    quick = QuickAnswers(zones_of(*zones), ServerSettings(), None)
    found = quick.answer(asked(text, kind, **given), b'\1\2\3\4', False)
    return None if found is None else found[0]


@pytest.mark.parametrize('text, kind, rcode, answers, authority', ROWS)
def test_a_question_has_this_answer(text, kind, rcode, answers, authority):
    assert told(long_way(text, kind, zone_of())) == (rcode, answers, authority)


@pytest.mark.parametrize('text, kind, rcode, answers, authority', ROWS)
def test_the_quick_way_gives_the_same(text, kind, rcode, answers, authority):
    packet = quick_way(text, kind)
    found = told(packet)
    assert (found[0], [each.lower() for each in found[1]]) == (rcode, [each.lower()
                                                                      for each in answers])
    assert found[2] == authority
    assert quick_way(text, kind, edns=True)[-11:] == b'\0\0\x29\4\xd0\0\0\0\0\0\0'


def test_a_referral_is_no_authority():
    reply = parse_message(long_way(u'x.sub.example.', u'A', zone_of()))
    assert not reply.flags & AA
    assert [each.text() for each in reply.additional] == [u'ns.sub.example. 3600 IN A 192.0.2.53']
    assert parse_message(long_way(u'web.example.', u'A', zone_of())).flags & AA


def test_a_glue_that_does_not_fit_is_told():
    """RFC 9471."""
    reply = Message(7, 0x8000)
    reply.questions = [question(u'x.sub.example.')]
    Answer(reply, zone_of()).fill(reply.questions[0])
    assert parse_message(format_message(reply, 60)).flags & TC


def test_addresses_of_hosts_are_added():
    reply = parse_message(long_way(u'example.', u'MX', zone_of()))
    assert [each.text() for each in reply.additional] == [u'mail.example. 300 IN A 192.0.2.10']


def test_any_gets_one_set_over_datagrams():
    """RFC 8482."""
    few = parse_message(long_way(u'example.', u'ANY', zone_of()))
    assert set(each.rtype for each in few.answers) == set([6])
    whole = parse_message(long_way(u'example.', u'ANY', zone_of(), whole=True))
    assert set(each.rtype for each in whole.answers) == set([2, 6, 15, 16])


def test_a_redirection_that_makes_a_name_too_long_is_told():
    """RFC 6672 section 2.2."""
    zone = zone_of(b'$TTL 1\n@ SOA . . 1 2 3 4 5\n NS a\nr DNAME '
                   + b'.'.join([b'x' * 60] * 3) + b'.test.\n')
    packet = long_way(u'.'.join([u'y' * 60] * 2) + u'.r.example.', u'A', zone)
    assert parse_message(packet).rcode == 6


def test_a_chain_of_aliases_has_an_end():
    rows = b''.join(('a%d CNAME a%d\n' % (number, number + 1)).encode('ascii')
                    for number in range(100))
    zone = zone_of(b'$TTL 1\n@ SOA . . 1 2 3 4 5\n NS a\n' + rows)
    assert len(parse_message(long_way(u'a0.example.', u'A', zone)).answers) == 16


def test_the_inner_zone_answers_below_a_cut():
    inner = zone_of(b'$TTL 1\n@ SOA . . 1 2 3 4 5\n NS a\nx A 1.2.3.4', parse_name(u'sub.example.'))
    assert told(quick_way(u'x.sub.example.', u'A', zone_of(), inner))[1] == [
        u'x.sub.example. 1 IN A 1.2.3.4']
    zones = zones_of(zone_of(), inner)
    assert zones.find(parse_name(u'sub.example.'), 43).origin == parse_name(u'example.'), \
        'RFC 4035 section 3.1.4.1: DS is the upper zone\'s'
    assert zones.find(parse_name(u'sub.example.')).origin == inner.origin
    assert zones.find(parse_name(u'test.')) is None


# -- the quick way -----------------------------------------------------------

def test_a_change_is_seen_at_once():
    zone = zone_of()
    quick = QuickAnswers(zones_of(zone), ServerSettings(), None)
    for text, kind in ((u'example.', u'MX'), (u'none.example.', u'A')):
        quick.answer(asked(text, kind), b'', False)
    zone.remove(parse_name(u'example.'), 15)
    found = quick.answer(asked(u'example.', u'MX'), b'', False)[0]
    assert parse_message(found).answers == []


def test_few_answers_are_kept():
    zone = zone_of()
    quick = QuickAnswers(zones_of(zone), ServerSettings(cached_answers=10), None)
    for number in range(100):
        quick.answer(asked(u'x%d.wild.example.' % number, u'TXT'), b'', False)
    assert quick.kept() <= 10


@pytest.mark.parametrize('packet', [
    asked(u'web.example.')[:-1], asked(u'web.example.') + b'x', asked(u'web.test.'),
    asked(u'web.example.', u'AXFR'), asked(u'web.example.', u'ANY'),
    asked(u'web.example.', edns=True, opt=EDNS(version=1)),
    asked(u'web.example.', edns=True, opt=EDNS(options=[(3, b'')])),
    asked(u'web.example.', edns=True, opt=EDNS(options=[(10, b'x' * 8)])),
    asked(u'example.', u'DS'), b'\0\7\x80' + asked(u'web.example.')[3:],
    b'\0\7\x28' + asked(u'web.example.')[3:], b'\0' * 12, asked(u'web.example.')[:12] + b'\xc0\x0c'
    + b'\0\1\0\1'])
def test_a_query_with_more_takes_the_long_way(packet):
    assert QuickAnswers(zones_of(), ServerSettings(), None).answer(packet, b'', False) is None


def test_an_answer_that_is_too_long_takes_the_long_way():
    rows = b''.join(b'big TXT "' + bytes(bytearray([65 + number])) * 200 + b'"\n'
                    for number in range(5))
    zone = zone_of(b'$TTL 1\n@ SOA . . 1 2 3 4 5\n NS a\n' + rows)
    quick = QuickAnswers(zones_of(zone), ServerSettings(), None)
    assert quick.answer(asked(u'big.example.', u'TXT'), b'', False) is None
    assert quick.answer(asked(u'big.example.', u'TXT'), b'', True) is not None
