# Copyright the carryall authors.  See LICENSE.
"""The delivery: nothing that was taken is lost, nothing is there twice."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.testing import VirtualLoop
from carryall.services.mail import disk
from carryall.services.mail.domains import Domains
from carryall.services.mail.journal import Journal
from carryall.services.mail.maildir import Maildir
from carryall.services.mail.delivery import MAX_AT_ONCE, MAX_COPIES, NotTaken, Delivery
from carryall.services.mail.envelope import Addressee, Envelope
from carryall.services.mail.queue import MailQueue


class Place(object):
    """A spool in a folder, and offices that work on it one after the other."""

    def __init__(self, tmpdir, durable=True):
        self.root = str(tmpdir)
        self.durable = durable
        self.queued = []
        self.queue = MailQueue(os.path.join(self.root, 'queue'))
        disk.make_folder(self.queue.folder)

    def open(self):
        self.loop = VirtualLoop()
        journal = Journal(os.path.join(self.root, 'journal')) if self.durable else None
        self.delivery = Delivery(self.loop, Domains(), self.queue, journal, self.queued.append)
        self.recovered = self.delivery.recover()
        return self.delivery

    def envelope(self, name, folders=(u'anna',), remote=()):
        to = [Addressee(folder.encode('ascii') + b'@a', os.path.join(self.root, folder))
              for folder in folders]
        return Envelope(name, b's@x', to + [Addressee(address) for address in remote],
                      b'Subject: ' + name.encode('ascii') + b'\r\n\r\nhi\r\n', 0.0)

    def mails(self, folder=u'anna'):
        box = Maildir(os.path.join(self.root, folder))
        return sorted(disk.read_file(os.path.join(box.path, entry.folder,
                                                  entry.name)).split(
                                                      b'Subject: ')[1].split(b'\n')[0]
                      for entry in box.scan())

    def journal_files(self):
        return os.listdir(os.path.join(self.root, 'journal'))


@pytest.mark.parametrize('durable', [True, False])
def test_accepted_messages_arrive(tmpdir, durable):
    place = Place(tmpdir, durable)
    delivery = place.open()
    taken = [delivery.accept(place.envelope('%d' % number, (u'anna', u'bert'), [b'x@far']))
             for number in range(5)]
    place.loop.advance()
    assert [one.result() for one in taken] == [None] * 5
    assert delivery.accepted == 5
    assert place.mails() == place.mails(u'bert') == [b'0', b'1', b'2', b'3', b'4']
    assert [one.name for one in place.queued] == ['0', '1', '2', '3',
                                                  '4'] == [one.name
                                                           for one in place.queue.recover()]
    assert [to.address for to in place.queued[0].envelope.addressees] == [b'x@far']
    done = delivery.stop()
    place.loop.advance()
    assert done.done()
    assert not durable or place.journal_files() == []


def test_many_share_a_sync(tmpdir, monkeypatch):
    place = Place(tmpdir)
    delivery = place.open()
    # a folder that is made is synced too, once
    Maildir(os.path.join(place.root, u'anna')).make()
    syncs = []
    real = os.fsync
    monkeypatch.setattr(os, 'fsync', lambda handle: (syncs.append(handle), real(handle)))
    for number in range(100):
        delivery.accept(place.envelope('%d' % number))
    place.loop.advance()
    assert len(place.mails()) == 100, '%d syncs for one batch' % len(syncs)
    assert len(syncs) <= 3, '%d syncs for one batch' % len(syncs)


def test_the_journal_is_cleared_when_it_is_quiet(tmpdir):
    place = Place(tmpdir)
    delivery = place.open()
    delivery.accept(place.envelope('1'))
    place.loop.advance(1.0)
    assert len(place.journal_files()) == 1
    place.loop.advance(10.0)
    assert place.journal_files() == []
    delivery.accept(place.envelope('2'))
    place.loop.advance(10.0)
    assert place.mails() == [b'1', b'2']
    assert place.journal_files() == []


class Killed(BaseException):
    """As if the process had ended there."""


@pytest.mark.parametrize('steps', range(9))
def test_a_kill_after_any_step_loses_nothing_that_was_taken(tmpdir, monkeypatch, steps):
    place = Place(tmpdir)
    delivery = place.open()
    left = [steps]

    def counted(real):
        def step(*args, **kwargs):
            if left[0] <= 0:
                raise Killed()
            left[0] -= 1
            return real(*args, **kwargs)
        return step

    for owner, name in ((os, 'rename'), (disk, 'write_file')):
        monkeypatch.setattr(owner, name, counted(getattr(owner, name)))
    taken = [delivery.accept(place.envelope('%d' % number, (u'anna', u'bert'), [b'x@far']))
             for number in range(2)]
    try:
        place.loop.advance()
    except Killed:
        pass
    monkeypatch.undo()
    sure = [name for name,
            future in zip((b'0', b'1'), taken) if future.done() and future.exception() is None]
    place.queued = []
    place.open()
    for folder in (u'anna', u'bert'):
        assert set(place.mails(folder)) >= set(sure), 'lost or twice'
        assert len(place.mails(folder)) == len(set(place.mails(folder))), 'lost or twice'
    assert set(one.name.encode('ascii') for one in place.queue.recover()) >= set(sure)
    assert place.journal_files() == []
    assert place.open()
    assert place.recovered == []


def test_a_fetched_message_is_not_delivered_again(tmpdir):
    place = Place(tmpdir)
    delivery = place.open()
    delivery.accept(place.envelope('1'))
    place.loop.advance(0.5)
    box = Maildir(os.path.join(place.root, u'anna'))
    box.remove(box.scan()[0])
    place.open()
    assert place.mails() == []


@pytest.mark.parametrize('durable', [True, False])
def test_a_disk_that_is_full_takes_nothing(tmpdir, monkeypatch, expect_log, durable):
    expect_log('be stored')
    place = Place(tmpdir, durable)
    delivery = place.open()

    def full(*args):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(disk, 'write_all', full)
    taken = delivery.accept(place.envelope('1'))
    place.loop.advance()
    with pytest.raises(NotTaken):
        taken.result()
    monkeypatch.undo()
    again = delivery.accept(place.envelope('2'))
    place.loop.advance()
    assert again.result() is None
    assert place.mails() == [b'2']


class Threads(object):
    """Counts what a loop gives to threads."""

    def __init__(self, loop):
        self.jobs = 0
        self._run = loop.run_in_thread
        loop.run_in_thread = self

    def __call__(self, function, *args):
        self.jobs += 1
        return self._run(function, *args)


def test_a_small_message_for_maildirs_needs_no_thread(tmpdir):
    place = Place(tmpdir, durable=False)
    delivery = place.open()
    threads = Threads(place.loop)
    taken = delivery.accept(place.envelope('1', (u'anna', u'bert')), b'250')
    assert taken.result() == b'250'
    assert place.mails(u'bert') == [b'1']
    assert not threads.jobs
    large = place.envelope('2')
    large.message += b'x' * MAX_AT_ONCE
    for envelope in (large,
                     place.envelope('3', [u'u%d' % number for number in range(MAX_COPIES + 1)]),
                   place.envelope('4', (u'anna',), [b'x@far'])):
        threads.jobs = 0
        assert not delivery.accept(envelope).done(), envelope.name
        place.loop.advance()
        assert threads.jobs == 1, envelope.name
    assert place.mails() == [b'1', b'2', b'4']


def test_only_the_journal_and_mbox_files_are_for_threads(tmpdir):
    place = Place(tmpdir)
    delivery = place.open()
    threads = Threads(place.loop)
    taken = delivery.accept(place.envelope('1'))
    assert not taken.done()
    place.loop.advance()
    assert taken.done()
    assert place.mails() == [b'1']
    assert threads.jobs == 1
    domains = Domains(mbox_clock=lambda: 0.0)
    delivery = Delivery(VirtualLoop(), domains, place.queue, None, place.queued.append)
    assert not delivery.accept(place.envelope('1')).done()


def test_a_slow_file_system_is_left_to_threads_for_a_while(tmpdir, monkeypatch):
    place = Place(tmpdir, durable=False)
    delivery = place.open()
    threads = Threads(place.loop)
    real = disk.write_file

    def slow(*args):
        place.loop.advance(0.2)
        real(*args)

    monkeypatch.setattr(disk, 'write_file', slow)
    assert delivery.accept(place.envelope('1')).done(), 'nobody could know'
    assert not threads.jobs, 'nobody could know'
    monkeypatch.undo()
    for number, by_thread in ((2, True), (3, True), (4, False)):
        taken = delivery.accept(place.envelope('%d' % number))
        assert taken.done() is not by_thread, number
        place.loop.advance(35.0)
        assert taken.done()
        assert len(place.mails()) == number
    assert threads.jobs == 2


def test_a_waiting_message_is_not_overtaken(tmpdir):
    place = Place(tmpdir, durable=False)
    delivery = place.open()
    first = place.envelope('1', (u'anna',), [b'x@far'])
    taken = [delivery.accept(first), delivery.accept(place.envelope('2'))]
    assert not taken[1].done()
    place.loop.advance()
    assert [one.done() for one in taken] == [True, True]
    assert place.mails() == [b'1', b'2']


def test_a_mailbox_that_cannot_be_written_waits_in_the_queue(tmpdir, expect_log):
    expect_log('is tried again')
    place = Place(tmpdir)
    tmpdir.join('anna').write('a file')
    delivery = place.open()
    taken = delivery.accept(place.envelope('1', (u'anna', u'bert')))
    place.loop.advance()
    assert taken.result() is None
    assert place.mails(u'bert') == [b'1']
    assert [to.folder
            for to in place.queued[0].envelope.addressees] == [os.path.join(place.root, u'anna')]


@pytest.mark.parametrize('remote', [(), (b'x@far',)])
@pytest.mark.parametrize('durable', [True, False])
def test_an_accepted_message_is_delivered_without_its_client(tmpdir, durable, remote):
    place = Place(tmpdir, durable)
    delivery = place.open()
    delivery.accept(place.envelope('1', (u'anna',), remote)).cancel()
    place.loop.advance()
    assert place.mails() == [b'1']
    assert delivery.accepted == 1
    assert len(place.queued) == len(remote)
    assert delivery.accept(place.envelope('2')).cancelled() is False
    place.loop.advance()
    assert place.mails() == [b'1', b'2']


def test_stop_waits_for_what_is_under_way(tmpdir):
    place = Place(tmpdir)
    delivery = place.open()
    taken = delivery.accept(place.envelope('1'))
    stopped = delivery.stop()
    assert not stopped.done()
    place.loop.advance()
    assert stopped.done()
    assert taken.done()
    assert place.mails() == [b'1']
    assert place.journal_files() == []
