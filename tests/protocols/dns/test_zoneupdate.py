# Copyright the carryall authors.  See LICENSE.
"""UPDATE: prerequisites, changes, and their way back (RFC 2136)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.dns import (Message, Question, ResourceRecord, TransferReader, parse_name,
                                    rdata_of, type_number)
from carryall.protocols.dns.zoneupdate import Update
from tests.protocols.dns.zones import ORIGIN, zone_of

ANY = 255
NONE = 254


def row(text, kind=u'A', data=u'1.2.3.4', rclass=1, ttl=60):
    number = type_number(kind)
    return ResourceRecord(parse_name(text), number, rclass, ttl,
                          rdata_of(number, data) if data else b'')


def gone(text, kind=u'ANY'):
    return row(text, kind, u'', ANY, 0)


def update(zone, records, needs=()):
    message = Message(1, 5 << 11)
    message.questions = [Question(ORIGIN, 6)]
    message.answers = list(needs)
    message.authority = list(records)
    return Update(zone, message)


def texts(zone):
    return sorted(record.text() for record in zone.records())


WEB = [row(u'web.example.', data=u'192.0.2.1', ttl=0), row(u'web.example.', data=u'192.0.2.2',
                                                           ttl=0)]


@pytest.mark.parametrize('needs, rcode', [
    ([row(u'web.example.', u'ANY', u'', ANY, 0)], 0),
    ([row(u'x.example.', u'ANY', u'', ANY, 0)], 3),
    ([row(u'web.example.', u'A', u'', ANY, 0)], 0), ([row(u'web.example.', u'MX', u'', ANY, 0)], 8),
    ([row(u'web.example.', u'ANY', u'', NONE, 0)], 6),
    ([row(u'c.example.', u'ANY', u'', NONE, 0)], 0),
    ([row(u'web.example.', u'A', u'', NONE, 0)], 7),
    ([row(u'web.example.', u'MX', u'', NONE, 0)], 0),
    (WEB, 0), (WEB[:1], 8), (WEB + [row(u'web.example.', ttl=0)], 8),
    ([row(u'web.example.', ttl=1)], 1), ([row(u'a.test.', u'ANY', u'', ANY, 0)], 10),
    ([row(u'web.example.', u'A', u'1.2.3.4', ANY, 0)], 1),
    ([row(u'a.example.', rclass=3, ttl=0)], 1)])
def test_a_prerequisite_has_this_code(needs, rcode):
    """RFC 2136 section 3.2."""
    assert update(zone_of(), [], needs).check() == rcode


@pytest.mark.parametrize('record, rcode', [
    (row(u'a.test.'), 10), (row(u'a.example.', u'ANY', u''), 1), (row(u'a.example.', rclass=3), 1),
    (row(u'a.example.', u'A', u'', ANY, 1), 1), (row(u'a.example.', u'A', u'1.2.3.4', ANY, 0), 1),
    (row(u'a.example.', u'AXFR', u'', ANY, 0), 1), (row(u'a.example.', rclass=NONE, ttl=1), 1),
    (row(u'a.example.', u'NSEC', u'b. A'), 5), (gone(u'a.example.'), 0)])
def test_a_change_has_this_code(record, rcode):
    """RFC 2136 section 3.4.1."""
    assert update(zone_of(), [record]).check() == rcode


@pytest.mark.parametrize('records, removed, added', [
    ([row(u'new.example.')], [], [u'new.example. 60 IN A 1.2.3.4']),
    ([row(u'web.example.', data=u'192.0.2.1', ttl=3600)], None, None),
    ([row(u'www.example.')], None, None), ([row(u'web.example.', u'CNAME', u'x.')], None, None),
    ([row(u'www.example.', u'CNAME', u'x.', ttl=3600)],
     [u'www.example. 3600 IN CNAME web.example.'], [u'www.example. 3600 IN CNAME x.']),
    ([gone(u'mail.example.')], [u'mail.example. 300 IN A 192.0.2.10'], []),
    ([gone(u'ns1.example.', u'AAAA')], [u'ns1.example. 3600 IN AAAA ::1'], []),
    ([gone(u'none.example.')], None, None), ([gone(u'example.', u'NS')], None, None),
    ([gone(u'example.', u'SOA')], None, None),
    ([row(u'web.example.', data=u'192.0.2.1', rclass=NONE, ttl=0)],
     [u'web.example. 3600 IN A 192.0.2.1'], []),
    ([row(u'example.', u'NS', u'ns1.example.', NONE, 0),
      row(u'example.', u'NS', u'ns2.other.test.', NONE, 0)],
     [u'example. 3600 IN NS ns1.example.'], []),
    ([row(u'new.example.'), gone(u'new.example.')], None, None),
    ([row(u'mail.example.', data=u'192.0.2.11', ttl=5)], [u'mail.example. 300 IN A 192.0.2.10'],
     [u'mail.example. 5 IN A 192.0.2.10', u'mail.example. 5 IN A 192.0.2.11']),
    ([row(u'example.', u'SOA', u'. . 5000 1 1 1 1')], [], []),
    ([row(u'example.', u'SOA', u'. . 5 1 1 1 1')], None, None)])
def test_an_update_changes_this(records, removed, added):
    zone = zone_of()
    before = texts(zone)
    change = update(zone, records).apply()
    if removed is None:
        assert change is None
        assert texts(zone) == before
        return
    assert [each.text() for each in change.removed[1:]] == removed
    assert [each.text() for each in change.added[1:]] == added
    assert change.after == zone.serial
    assert change.before == 2026
    after = texts(zone)
    change.undo(zone)
    assert texts(zone) == before, 'a change has a way back'
    change.apply(zone)
    assert texts(zone) == after


@pytest.mark.parametrize('serial, following', [(2026, 2027), (0xffffffff, 1)])
def test_the_serial_number_passes_over_zero(serial, following):
    zone = zone_of(('$TTL 1\n@ SOA . . %d 2 3 4 5\n NS a\n' % serial).encode('ascii'))
    update(zone, [row(u'a.example.')]).apply()
    assert zone.serial == following


def test_the_steps_of_a_transfer_are_the_changes():
    zone = zone_of()
    first = update(zone, [row(u'a.example.')]).apply()
    second = update(zone, [gone(u'a.example.'), row(u'b.example.')]).apply()
    soa = zone.soa().records(ORIGIN)[0]
    message = Message(1)
    message.answers = [soa]
    for change in (first, second):
        message.answers += change.removed + change.added
    message.answers.append(soa)
    reader = TransferReader(ORIGIN, 2026)
    assert reader.add(message)
    copy = zone_of()
    for change in reader.changes:
        change.apply(copy)
    assert texts(copy) == texts(zone)
