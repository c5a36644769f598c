# Copyright the carryall authors.  See LICENSE.
"""The journal: whole steps, steps that were cut, serial numbers that do not follow."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import UsageError
from carryall.protocols.dns import ResourceRecord, ZoneChange, parse_name, rdata_of
from carryall.services.dns.zonefiles import zone_of
from carryall.services.dns.zonejournal import (MAX_HISTORY, ZoneJournal, format_change,
                                               parse_changes)

ORIGIN = parse_name(u'example.')
ZONE = b'$TTL 60\n@ SOA . . %d 1 1 1 1\n NS ns\n'


def soa(serial):
    return ResourceRecord(ORIGIN, 6, 1, 60, rdata_of(6, u'. . %d 1 1 1 1' % serial))


def step(serial, count=1):
    rows = [ResourceRecord(parse_name(u'h%d-%d.example.' % (serial, number)), 1, 1, 60,
                           b'\1\2\3\4') for number in range(count)]
    return ZoneChange([soa(serial)], [soa(serial + 1)] + rows)


def zone(serial=1):
    return zone_of(ZONE.replace(b'%d', ('%d' % serial).encode('ascii')), ORIGIN, u'z')


def written(tmpdir, *steps):
    path = str(tmpdir.join('j'))
    journal = ZoneJournal(path, zone())
    for each in steps:
        journal.append(each)
    return path


def test_the_steps_are_taken_again(tmpdir):
    path = written(tmpdir, step(1), step(2))
    fresh = zone()
    journal = ZoneJournal(path, fresh)
    assert journal.replay() == 2
    assert fresh.serial == 3
    assert [change.before for change in journal.history] == [1, 2]


def test_a_journal_may_be_missing(tmpdir):
    assert ZoneJournal(str(tmpdir.join('none')), zone()).replay() == 0


def test_a_step_that_was_cut_is_dropped_at_every_octet(tmpdir, expect_log):
    expect_log('ends in the middle')
    whole = format_change(step(1))
    last = format_change(step(2))
    path = tmpdir.join('j')
    for size in range(0, len(last), 13):
        path.write(whole + last[:size], 'wb')
        fresh = zone()
        assert ZoneJournal(str(path), fresh).replay() == 1
        assert path.read('rb') == whole, 'the next step follows on a whole one'


def test_a_step_with_a_wrong_checksum_ends_the_journal():
    data = format_change(step(1))
    assert parse_changes(data.replace(b'1.2.3.4', b'1.2.3.5'), ORIGIN) == ([], 0)


def test_a_newer_zone_file_counts(tmpdir, expect_log):
    expect_log('follows on serial 9')
    path = written(tmpdir, step(1))
    fresh = zone(9)
    assert ZoneJournal(path, fresh).replay() == 0
    assert fresh.serial == 9


def test_a_journal_that_is_no_file_is_told(tmpdir):
    with pytest.raises(UsageError):
        ZoneJournal(str(tmpdir), zone()).replay()


def test_the_history_has_a_limit():
    journal = ZoneJournal(u'unused', zone())
    for serial in range(1, 6):
        journal.remember(step(serial, MAX_HISTORY // 3))
    assert len(journal.history) == 2
