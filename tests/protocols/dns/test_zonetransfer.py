# Copyright the carryall authors.  See LICENSE.
"""Transfers: messages that break the rules, and changes from a history."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.dns import (DNSError, Message, ResourceRecord, TransferReader, ZoneChange,
                                    parse_message, parse_name, rdata_of)
from carryall.protocols.dns.zonetransfer import Transfers, request
from tests.protocols.dns.zones import ORIGIN, zone_of


def soa(serial):
    return ResourceRecord(ORIGIN, 6, 1, 60, rdata_of(6, u'. . %d 1 1 1 1' % serial))


def row(text):
    return ResourceRecord(parse_name(text), 1, 1, 60, b'\1\2\3\4')


def message(*records, **given):
    found = Message(1, 0x8000, given.get('rcode', 0))
    found.answers = list(records)
    return found


@pytest.mark.parametrize('messages', [
    [message(rcode=5)], [message(row(u'a.example.'))],
    [message(soa(1), row(u'a.example.'), soa(1), row(u'b.example.'))],
    [message(soa(1), row(u'a.example.'), soa(1)), message(soa(1))]])
def test_a_transfer_that_breaks_the_rules_is_refused(messages):
    reader = TransferReader(ORIGIN)
    with pytest.raises(DNSError):
        for each in messages:
            reader.add(each)


def test_a_transfer_ends_with_its_soa():
    reader = TransferReader(ORIGIN)
    assert not reader.add(message(soa(1)))
    assert not reader.add(message(row(u'a.example.')))
    assert reader.add(message(row(u'b.example.'), soa(1)))
    assert len(list(reader.zone.records())) == 3


def test_a_whole_zone_may_come_in_place_of_changes():
    """RFC 1995 section 4."""
    reader = TransferReader(ORIGIN, 1)
    assert reader.add(message(soa(3), row(u'a.example.'), soa(3)))
    assert reader.zone is not None
    assert reader.changes == []


def test_an_old_serial_number_ends_the_transfer():
    reader = TransferReader(ORIGIN, 5)
    assert reader.add(message(soa(5)))
    assert reader.current


@pytest.mark.parametrize('have, types', [(1, [6, 6, 6, 1, 6, 1, 6, 6]), (2, [6, 6, 1, 6, 6]),
                                         (3, [6]), (9, [6]), (0, [6, 2, 6])])
def test_the_history_gives_the_changes_since_a_serial_number(have, types):
    zone = zone_of(b'$TTL 1\n@ SOA . . 3 2 3 4 5\n NS a\n')
    history = [ZoneChange([soa(1)], [soa(2), row(u'a.example.')]),
               ZoneChange([soa(2), row(u'a.example.')], [soa(3)])]
    asked = request(7, ORIGIN, soa(have))
    packets = list(Transfers(1).begin(zone, asked, asked.reply(), None, None, history))
    found = parse_message(packets[0]).answers
    assert [each.rtype for each in found] == types


def test_a_transfer_that_ends_early_gives_its_place_back():
    transfers = Transfers(1)
    asked = request(7, ORIGIN)
    zone = zone_of()
    running = transfers.begin(zone, asked, asked.reply(), None, None, ())
    assert transfers.begin(zone, asked, asked.reply(), None, None, ()) is None
    next(running)
    running.close()
    assert transfers.begin(zone, asked, asked.reply(), None, None, ()) is not None
