# Copyright the carryall authors.  See LICENSE.
"""Zones: what they take, and what they refuse."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.protocols.dns import (ResourceRecord, Zone, folded, is_later, parse_name, rdata_of,
                                    type_number)
from tests.protocols.dns.zones import ORIGIN, zone_of


def record(text, kind=u'A', data=u'1.2.3.4', ttl=60):
    number = type_number(kind)
    return ResourceRecord(parse_name(text), number, 1, ttl, rdata_of(number, data))


def test_names_between_exist_without_records():
    zone = zone_of()
    assert zone.nodes[parse_name(u'b.c.example.')] == ()
    assert parse_name(u'x.c.example.') not in zone.nodes


def test_a_name_goes_with_its_last_record():
    zone = zone_of()
    name = parse_name(u'a.b.c.example.')
    assert len(zone.remove(name, 1)) == 1
    assert name not in zone.nodes
    assert parse_name(u'c.example.') not in zone.nodes, 'nothing is left below it'
    zone.add(record(u'x.c.example.'))
    zone.add(record(u'y.c.example.'))
    zone.remove(parse_name(u'x.c.example.'), 1)
    assert parse_name(u'c.example.') in zone.nodes


def test_names_are_found_in_any_case():
    zone = zone_of()
    name = parse_name(u'MIXED.case.example.')
    assert zone.get(folded(name), 1) is not None
    assert u'Mixed.Case.example. 3600 IN A 192.0.2.99' in [each.text() for each in zone.records()]


def test_cuts_and_redirections_are_known():
    zone = zone_of()
    assert zone.cuts == set([parse_name(u'sub.example.')])
    assert zone.dnames == set([parse_name(u'red.example.')])
    zone.remove(parse_name(u'sub.example.'), 2)
    zone.remove(parse_name(u'red.example.'), 39)
    assert not zone.cuts
    assert not zone.dnames


@pytest.mark.parametrize('wrong', [
    record(u'web.example.', u'CNAME', u'a.'), record(u'www.example.'),
    record(u'www.example.', u'CNAME', u'a.'), record(u'a.example.', u'SOA', u'. . 1 2 3 4 5'),
    record(u'red.example.', u'DNAME', u'a.')])
def test_a_contradiction_is_refused(wrong):
    """RFC 1034 section 3.6.2, RFC 6672 section 2.4."""
    with pytest.raises(LocalProtocolError):
        zone_of().add(wrong)


def test_signatures_may_stand_at_an_alias():
    zone = zone_of()
    assert zone.add(record(u'www.example.', u'NSEC', u'a.example. CNAME'))


def test_a_duplicate_is_ignored():
    zone = zone_of()
    assert not zone.add(record(u'web.example.', data=u'192.0.2.1'))
    assert len(zone.get(parse_name(u'web.example.'), 1).datas) == 2


def test_the_smallest_time_to_live_is_that_of_the_set():
    """RFC 2181 section 5.2."""
    zone = zone_of()
    zone.add(record(u'web.example.', ttl=5))
    assert zone.get(parse_name(u'web.example.'), 1).ttl == 5


def test_records_outside_are_counted():
    zone = zone_of()
    assert not zone.add(record(u'a.test.'))
    assert zone.ignored == 1


@pytest.mark.parametrize('text', [b'a 1 A 1.2.3.4', b'@ 1 SOA . . 1 2 3 4 5',
                                  b'@ 1 SOA . . 1 2 3 4 5\n@ NS a\nx NS a\nx DNAME b'])
def test_a_zone_that_cannot_be_served_is_refused(text):
    zone = zone_of(text)
    with pytest.raises(LocalProtocolError):
        zone.check()


def test_a_copy_is_independent():
    zone = zone_of()
    other = zone.copy()
    other.remove(parse_name(u'web.example.'), 1)
    assert zone.get(parse_name(u'web.example.'), 1) is not None
    assert other.serial == 2026


@pytest.mark.parametrize('serial, other, later', [
    (1, 0, True), (0, 1, False), (1, 1, False), (0, 0xffffffff, True), (1 << 31, 0, False),
    ((1 << 31) - 1, 0, True)])
def test_serial_numbers_go_in_a_circle(serial, other, later):
    """RFC 1982 section 3.2."""
    assert is_later(serial, other) is later


def test_the_zone_begins_with_its_soa():
    assert next(zone_of().records()).rtype == 6
    assert list(Zone(ORIGIN).records()) == []
