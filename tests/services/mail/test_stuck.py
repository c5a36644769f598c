# Copyright the carryall authors.  See LICENSE.
"""Accepted mail that cannot be delivered for now: it waits, goes by itself when there is room, and
never goes twice."""
from __future__ import absolute_import, division, print_function

import os

import pytest
from carryall.protocols.smtp import NotTaken
from carryall.services.mail import disk
from carryall.services.mail.journal import Journal
from carryall.services.mail.maildir import Maildir

from tests.services.mail.test_delivery import Place


class Disk(object):
    """Lets files of the store be written, or not; the journal's own are not meant."""

    def __init__(self, monkeypatch, root):
        self._root = root
        self.full = False
        self.refused = ()               # parts of the names of files that alone cannot be written
        self._real = disk.write_file
        monkeypatch.setattr(disk, 'write_file', self.write_file)

    def write_file(self, path, *args, **kwargs):
        if self.full or any(part in path[len(self._root):] for part in self.refused):
            raise OSError(28, 'No space left on device')
        self._real(path, *args, **kwargs)


@pytest.fixture
def store(monkeypatch, tmpdir):
    """The Disk."""
    return Disk(monkeypatch, str(tmpdir))


@pytest.fixture
def quiet(expect_log):
    """The log lines about messages that stay."""
    for text in ('is tried again', 'stay in the journal', 'that stayed'):
        expect_log(text, required=False)


def fetched(place, folder=u'anna'):
    """The subjects in a mailbox, which is empty afterwards."""
    box = Maildir(os.path.join(place.root, folder))
    found = place.mails(folder)
    for entry in box.scan():
        box.remove(entry)
    return found


@pytest.mark.usefixtures('quiet')
class TestStuckMail(object):
    def test_all_is_delivered_without_a_restart_when_there_is_room_again(self, tmpdir, store):
        place = Place(tmpdir)
        delivery = place.open()
        store.full = True
        taken = [delivery.accept(place.envelope('%02d' % number)) for number in range(31)]
        place.loop.advance(100.0)
        assert [one.result() for one in taken] == [None] * 31
        assert place.mails() == []
        store.full = False
        place.loop.advance(31.0)
        assert place.mails() == [b'%02d' % number for number in range(31)]
        place.loop.advance(10.0)
        assert place.journal_files() == []

    def test_outgoing_mail_reaches_the_queue_when_there_is_room(self, tmpdir, store):
        place = Place(tmpdir)
        delivery = place.open()
        store.full = True
        delivery.accept(place.envelope('1', (), [b'x@far']))
        place.loop.advance(5.0)
        store.full = False
        place.loop.advance(31.0)
        assert [one.name for one in place.queued] == ['1']

    def test_mail_that_was_accepted_before_a_restart_is_retried_after_it(self, tmpdir, store):
        place = Place(tmpdir)
        store.full = True
        place.open().accept(place.envelope('1'))
        place.loop.advance(5.0)
        place.open()
        place.loop.advance(5.0)
        assert place.mails() == []
        store.full = False
        place.loop.advance(31.0)
        assert place.mails() == [b'1']

    def test_one_that_can_never_go_does_not_keep_the_others(self, tmpdir, store):
        place = Place(tmpdir)
        delivery = place.open()
        store.full = True
        for number in range(20):
            delivery.accept(place.envelope('m%02d' % number))
        place.loop.advance(5.0)
        store.full = False
        store.refused = ('m00', 'm01', 'm02', 'm03', 'm04', 'm05')
        place.loop.advance(200.0)
        assert place.mails() == [b'm%02d' % number for number in range(6, 20)]

    def test_new_mail_goes_while_old_mail_stays(self, tmpdir, store):
        place = Place(tmpdir)
        delivery = place.open()
        store.refused = ('old',)
        delivery.accept(place.envelope('old'))
        place.loop.advance(1.5)
        for number in range(20):
            delivery.accept(place.envelope('new%02d' % number))
            place.loop.advance(0.7)
        assert len(place.mails()) == 20

    def test_a_deleted_message_is_not_delivered_twice(self, tmpdir, store):
        place = Place(tmpdir)
        delivery = place.open()
        store.refused = ('bert', 'queue')
        delivery.accept(place.envelope('1', (u'anna', u'bert')))
        place.loop.advance(0.5)
        assert fetched(place) == [b'1']
        store.refused = ()
        place.loop.advance(31.0)
        assert place.mails() == []
        assert place.mails(u'bert') == [b'1']

    def test_nothing_is_delivered_twice_after_a_restart_with_one_that_stays(self, tmpdir, store):
        place = Place(tmpdir)
        delivery = place.open()
        delivery._journal._max_file = 1000
        store.refused = ('stays',)
        delivery.accept(place.envelope('stays'))
        for number in range(12):
            envelope = place.envelope('%02d' % number)
            envelope.message += b'x' * 600
            delivery.accept(envelope)
            place.loop.advance(4.0)
        place.loop.advance(20.0)
        assert len(fetched(place)) == 12
        place.open()
        assert place.mails() == []
        store.refused = ()
        place.loop.advance(31.0)
        assert place.mails() == [b'stays']

    def test_the_journal_does_not_grow_for_one_that_stays(self, tmpdir, store):
        place = Place(tmpdir)
        delivery = place.open()
        delivery._journal._max_file = 2000
        store.refused = ('stays',)
        delivery.accept(place.envelope('stays', (u'anna', u'bert')))
        for number in range(60):
            envelope = place.envelope('%02d' % number)
            envelope.message += b'x' * 600
            delivery.accept(envelope)
            place.loop.advance(20.0)
        folder = os.path.join(place.root, 'journal')
        assert sum(os.path.getsize(os.path.join(folder, name))
                   for name in place.journal_files()) < 10000
        assert len(fetched(place)) == 60
        place.open()
        assert place.mails() == []
        store.refused = ()
        place.loop.advance(31.0)
        assert place.mails() == [b'stays']
        assert place.mails(u'bert') == [b'stays']

    def test_stop_does_not_wait_for_it(self, tmpdir, store):
        place = Place(tmpdir)
        delivery = place.open()
        store.full = True
        delivery.accept(place.envelope('1'))
        place.loop.advance(1.5)
        stopped = delivery.stop()
        place.loop.advance(5.0)
        assert stopped.done()
        store.full = False
        place.open()
        assert place.mails() == [b'1']

    @pytest.mark.parametrize('cut', [0, 1, 40])
    def test_notes_that_could_not_be_written_are_written_with_the_next(self, tmpdir, monkeypatch,
                                                                       expect_log, cut):
        expect_log('the journal cannot be written')
        place = Place(tmpdir)
        delivery = place.open()
        accept = delivery._journal.accept
        real = disk.write_all

        def cut_off(handle, data):
            real(handle, data[:cut])
            raise OSError(28, 'No space left on device')

        def accept_and_fill(envelopes):
            serials = accept(envelopes)
            monkeypatch.setattr(disk, 'write_file', lambda path, pieces,
                                sync=False: _plain(path, pieces))
            monkeypatch.setattr(disk, 'write_all', cut_off)
            return serials

        monkeypatch.setattr(delivery._journal, 'accept', accept_and_fill)
        delivery.accept(place.envelope('1'))
        place.loop.advance(0.5)
        monkeypatch.undo()
        delivery.accept(place.envelope('2'))
        place.loop.advance(0.5)
        assert fetched(place) == [b'1', b'2']
        place.open()
        assert place.mails() == []


def _plain(path, pieces):
    with open(path, 'wb') as target:
        target.write(b''.join(pieces))


def test_a_full_disk_is_told_with_its_own_reply(tmpdir, monkeypatch, expect_log):
    """RFC 3463 section 3.4: X.3.1, and RFC 5321 section 4.2.3: 452."""
    expect_log('be stored')
    place = Place(tmpdir)
    delivery = place.open()

    def full(*args):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(disk, 'write_all', full)
    taken = delivery.accept(place.envelope('1'))
    place.loop.advance()
    with pytest.raises(NotTaken) as caught:
        taken.result()
    assert caught.value.reply.startswith(b'452 4.3.1 ')


def test_another_fault_of_the_disk_has_the_general_reply(tmpdir, monkeypatch, expect_log):
    expect_log('be stored')
    place = Place(tmpdir)
    delivery = place.open()

    def broken(*args):
        raise OSError(5, 'Input/output error')

    monkeypatch.setattr(disk, 'write_all', broken)
    taken = delivery.accept(place.envelope('1'))
    place.loop.advance()
    with pytest.raises(NotTaken) as caught:
        taken.result()
    assert caught.value.reply is None


def test_a_thousand_refused_messages_leave_no_files_in_the_journal(tmpdir, monkeypatch, expect_log):
    expect_log('be stored')
    place = Place(tmpdir)
    delivery = place.open()
    real = disk.write_all

    def full(handle, data):
        real(handle, data[:10])
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(disk, 'write_all', full)
    for number in range(1000):
        delivery.accept(place.envelope('%d' % number))
        place.loop.advance()
    assert len(place.journal_files()) == 1


def test_a_drop_that_failed_is_tried_again(tmpdir, monkeypatch, expect_log):
    expect_log('could not be cleared')
    place = Place(tmpdir)
    delivery = place.open()
    monkeypatch.setattr(disk, 'make_durable', lambda paths: 1 // 0)
    delivery.accept(place.envelope('1'))
    place.loop.advance(10.0)
    assert len(place.journal_files()) == 1
    monkeypatch.undo()
    delivery.accept(place.envelope('2'))
    place.loop.advance(10.0)
    assert place.journal_files() == []


def test_files_that_became_of_an_old_message_are_synced_before_its_own_file_goes(tmpdir):
    journal = Journal(str(tmpdir), max_file=1)
    journal.recover()
    serials = [journal.accept([Place(tmpdir).envelope('%d' % number)])[0] for number in range(2)]
    journal.done([(serials[0], ['/nowhere/first'])])
    assert [one.paths for one in journal.finished()] == [['/nowhere/first']]
