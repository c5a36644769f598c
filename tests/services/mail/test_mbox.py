# Copyright the carryall authors.  See LICENSE.
"""mbox files: what is written is read again, by others too; locks, kills, deletions, unique-ids."""
from __future__ import absolute_import, division, print_function

import io
import mailbox
import os

import pytest

from carryall.core.future import Return, coroutine, sleep
from carryall.core.files.plainfile import open_plain
from carryall.core.testing import VirtualLoop
from carryall.protocols.pop3 import Busy, POP3Error
from carryall.services.mail import disk, mbox
from carryall.services.mail.maildrops import Locks, MaildirAccount
from carryall.services.mail.mbox import Locked, Mbox
from tests.services.mail.world import MESSAGE, fetch, post, service
from tests.support.pipes import make_pipe

NAME = '1767225600.1Q00000001.mx'
TEXT = b'Return-Path: <a@a.example>\nSubject: x\n\nFrom here\n>From there\n>>From\nbody\n\n\n'


@pytest.fixture
def box(tmpdir):
    return Mbox(str(tmpdir.join('d', 'anna')), VirtualLoop().wall)


def content(box):
    return [box.open(entry).read() for entry in box.scan()]


def raw(box):
    with io.open(box.path, 'rb') as source:
        return source.read()


def write(box, data):
    with io.open(box.path, 'wb') as target:
        target.write(data)


def test_a_delivery_is_written_in_mbox_form(box):
    assert box.scan() == []
    assert box.deliver(NAME, TEXT) == box.path
    assert raw(box) == (b'From a@a.example Thu Jan  1 00:00:00 2026\nX-Delivery-Id: '
                        b'1767225600.1Q00000001.mx\nReturn-Path: <a@a.example>\nSubject: x\n\n'
                        b'>From here\n>>From there\n>>From\nbody\n\n\n\n'), raw(box)
    entry, = box.scan()
    message = b'X-Delivery-Id: %s\n' % NAME.encode('ascii') + TEXT
    assert box.open(entry).read() == message
    assert entry.uid == NAME.encode('ascii')
    assert entry.size == len(message) + message.count(b'\n')
    assert sorted(os.listdir(os.path.dirname(box.path))) == ['anna'], 'locks and notes are gone'


@pytest.mark.parametrize('data',
                         [b'x\n', b'x', b'', b'\n', b'From \n', b'\nFrom a b\n\nFrom c\n', b'x\n\n',
                          b'a\rb\n', b'>' * 5000 + b'From x\n'])
def test_any_message_comes_back(box, data):
    for number in range(3):
        box.deliver('%d.x' % number, data)
    whole = data if data.endswith(b'\n') or not data else data + b'\n'
    assert [message.partition(b'\n')[2] for message in content(box)] == [whole] * 3
    assert [entry.uid for entry in box.scan()] == [b'0.x', b'1.x', b'2.x']


def test_other_programs_read_it(box):
    for number in range(3):
        box.deliver('%d.x' % number, TEXT)
    other = mailbox.mbox(box.path)
    assert [message['Subject'] for message in other] == ['x'] * 3
    assert other[0].get_from() == 'a@a.example Thu Jan  1 00:00:00 1970'
    other.close()


def test_mailboxes_of_other_programs_are_read(box):
    box.make()
    write(box, b'From x Thu Jan  1 00:00:00 1970\nSubject: one\nStatus: O\n\nhello\n\nFrom '
               b'y\nSubject: two\n\nnot From a line\nFrom here\n\nFrom z\nSubject: one\n\nhello')
    first = box.scan()
    assert content(box) == [b'Subject: one\nStatus: O\n\nhello\n',
                            b'Subject: two\n\nnot From a line\nFrom here\n',
                            b'Subject: one\n\nhello']
    assert len(set(entry.uid for entry in first)) == 3, 'copies have ids of their own'
    write(box, raw(box).replace(b'Status: O\n', b'X-Status: A\nStatus: RO\n'))
    assert [entry.uid for entry in box.scan()] == [entry.uid
                                                   for entry in first], ('the id changes with what '
                                                                         'only notes that it was '
                                                                         'read')
    box.deliver(NAME, TEXT)
    assert raw(box).count(b'hello\n\nFrom a@a.example') == 1, 'the line that had no end got one'
    assert len(box.scan()) == 4, 'the line that had no end got one'


@pytest.mark.parametrize('sentence', [
    b'From here on it is easy.', b'From 10:30 on I am there.', b'From Mon to May we are open.',
    b'From ' + b' Jan ' * 400])
def test_a_sentence_that_begins_with_From_ends_no_message(box, sentence):
    """Dovecot, among others, quotes nothing."""
    box.make()
    one = b'Subject: one\n\nHello,\n\n' + sentence + b'\nbye\n'
    write(box, b'From anna@vm  Mon Nov 30 17:43:32 2026\n' + one +
          b'\nFrom - Mon Nov  2 07:43 2026 +0100\nSubject: two\n\n')
    entries = box.scan()
    assert content(box) == [one, b'Subject: two\n']
    box.remove_all(entries[1:])
    assert content(box) == [one]


def test_deletions_rewrite_the_file(box):
    for number in range(5):
        box.deliver('%d.x' % number, b'%d\n' % number)
    os.chmod(box.path, 0o640)
    entries = box.scan()
    box.deliver('5.x', b'5\n')
    box.remove_all([entries[0], entries[3]])
    assert [entry.uid for entry in box.scan()] == [b'1.x', b'2.x', b'4.x',
                                                   b'5.x'], 'what came meanwhile stays'
    assert os.stat(box.path).st_mode & 0o777 in (0o640, 0o644), 'jython: chmod knows less'
    assert box.open(entries[1]).read().endswith(b'1\n'), 'it has moved'
    with pytest.raises(IOError):
        box.open(entries[0])
    box.remove_all(entries)
    assert [entry.uid for entry in box.scan()] == [b'5.x']
    assert sorted(os.listdir(os.path.dirname(box.path))) == ['anna']


def test_a_lock_of_a_dead_process_is_broken(box, expect_log):
    expect_log('the process that made it has died')
    box.deliver(NAME, b'x\n')
    lock = box.path + '.lock'
    disk.write_file(lock, [b'1234'])
    for work in (box.scan, lambda: box.deliver('2.x', b''), lambda: box.remove_all(())):
        with pytest.raises(Locked):
            work()
    account = MaildirAccount(box, Locks())
    loop = VirtualLoop()
    with pytest.raises(Busy):
        loop.run_until(account.open_maildrop(loop))
    assert len(account._locks) == 0, 'somebody has it'
    assert os.path.exists(lock), 'somebody has it'
    os.utime(lock, (box._wall() - 301, box._wall() - 301))
    assert len(box.scan()) == 1
    assert not os.path.exists(lock)


def test_our_own_lock_of_before_a_kill(box, expect_log):
    expect_log('has died')
    box.make()
    disk.write_file(box.path + '.lock', [b'carryall\n'])
    box.deliver(NAME, b'x\n')
    disk.write_file(box.path + '.lock', [b'carryall\n'])
    with pytest.raises(Locked):
        box.scan()


@pytest.mark.parametrize('noted', [True, False])
def test_a_lock_that_does_not_say_whose_it_is(box, noted, expect_log):
    """Ours, if a kill came before it did; some other program's, if we were not about to make
    one."""
    expect_log('has died', required=noted)
    box.make()
    disk.write_file(box.path + '.lock', [])
    if noted:
        disk.write_file(box.path + '#locking', [])
        box.deliver(NAME, b'x\n')
        assert sorted(os.listdir(os.path.dirname(box.path))) == ['anna']
    else:
        for _ in range(2):
            with pytest.raises(Locked):
                box.deliver(NAME, b'x\n')


@pytest.mark.parametrize('cut', [0, 1, 30, 60, -1, None])
def test_a_kill_while_it_is_appended(box, tmpdir, monkeypatch, cut, expect_log):
    expect_log('died', required=False)
    box.deliver('1.x', b'first\n')
    before = raw(box)
    box.deliver('2.x', TEXT)
    whole = raw(box)[len(before):]
    # The state that a kill leaves: the note, and so much of the message.
    write(box, before + (whole if cut is None else whole[:cut]))
    from carryall.services.mail.mbox import _digest
    disk.write_file(box.path + '#adding',
                    [b'%d %d %s\n' % (len(before), len(whole), _digest(whole))])
    disk.write_file(box.path + '.lock', [b'carryall\n'])
    again = Mbox(box.path, box._wall)
    again.deliver('2.x', TEXT, True)
    assert raw(again) == before + whole, 'twice, or torn'
    assert sorted(os.listdir(os.path.dirname(box.path))) == ['anna']


@pytest.mark.parametrize('note',
                         [b'', b'5', b'5 6', b'x y z', b'5 6 \xff\n',
                          b'99999999999999999999999 1 x\n'])
def test_a_note_that_is_torn_itself(box, note):
    box.deliver('1.x', b'first\n')
    before = raw(box)
    disk.write_file(box.path + '#adding', [note])
    if note.startswith(b'5 6 '):
        # its octets are others: what is there is taken off, so only this shape is left out
        note = b''
        disk.write_file(box.path + '#adding', [note])
    assert len(Mbox(box.path, box._wall).scan()) == 1
    assert raw(box) == before


def test_text_appended_by_another_program_stays(box, expect_log):
    expect_log('another program has written')
    box.deliver('1.x', b'first\n')
    disk.write_file(box.path + '#adding', [b'5 6 x\n'])
    assert len(Mbox(box.path, box._wall).scan()) == 1


def test_the_whole_service(loop, tmpdir):
    made, ports = service(loop, tmpdir, '-d', 'a.example=TMP/a', '-u', 'anna=secret', '--mailboxes',
                          'mbox', '-s', 'tcp:0', '-p', 'tcp:0')

    @coroutine
    def talk():
        for number in range(3):
            yield post(loop, ports['smtp'], b'x@y.example', [b'anna@a.example'],
                       MESSAGE + b'From %d\r\n' % number)
        there = []
        while len(there) < 3:
            try:
                there = yield fetch(loop, ports['pop3'], u'anna', b'secret')
            except POP3Error as exc:        # a message is being delivered
                assert exc.code == b'IN-USE', 'it is %r' % exc
            yield sleep(loop, 0.01)
        got = yield fetch(loop, ports['pop3'], u'anna', b'secret', True)
        left = yield fetch(loop, ports['pop3'], u'anna', b'secret')
        yield made.stop(5.0)
        raise Return((got, left))

    got, left = loop.run_until(talk())
    assert [message.partition(b'\r\n\r\n')[2]
            for message in got] == [b'hello\r\n.dot\r\nFrom %d\r\n' % number for number in range(3)]
    assert left == []
    assert tmpdir.join('a', 'anna').read('rb') == b''
    assert not os.path.exists(str(tmpdir.join('a', 'anna.lock')))


@pytest.mark.parametrize('name', ['anna', 'anna.lock', 'anna#adding', 'anna#new', 'anna#locking'])
def test_a_pipe_in_the_place_of_any_file_is_not_waited_for(box, name, expect_log):
    expect_log('died', required=False)
    box.make()
    make_pipe(os.path.dirname(box.path), name)
    for work in (box.scan, lambda: box.deliver('2.x', b''), lambda: box.remove_all(())):
        try:
            work()
        except (IOError, OSError):
            pass


def test_a_pipe_as_a_mailbox_leaves_no_lock(box):
    box.make()
    make_pipe(os.path.dirname(box.path), 'anna')
    account = MaildirAccount(box, Locks())
    loop = VirtualLoop()
    with pytest.raises((IOError, OSError)):
        loop.run_until(account.open_maildrop(loop))
    assert len(account._locks) == 0
    assert os.listdir(os.path.dirname(box.path)) == ['anna']


def test_a_message_that_a_full_disk_has_cut_is_taken_off_at_once(box, monkeypatch):
    box.deliver('1.x', b'first\n')
    before = raw(box)

    def full(write, data):
        write(data[:10])
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(mbox, 'write_whole', full)
    with pytest.raises(OSError):
        box.deliver('2.x', TEXT)
    assert raw(box) == before
    monkeypatch.undo()
    box.deliver('3.x', TEXT)
    assert [entry.uid for entry in box.scan()] == [b'1.x', b'3.x']


def test_a_deletion_that_a_full_disk_has_stopped_leaves_the_mailbox_as_it_was(box, monkeypatch):
    box.deliver('1.x', b'first\n')
    entries = box.scan()
    before = raw(box)

    def full(path, mode='rb', **_):
        if path.endswith('#new'):
            raise OSError(28, 'No space left on device')
        return open_plain(path, mode)

    monkeypatch.setattr(mbox, 'open_plain', full)
    with pytest.raises(OSError):
        box.remove_all(entries)
    assert raw(box) == before
    assert os.listdir(os.path.dirname(box.path)) == ['anna']


def test_a_mailbox_that_another_thread_does_not_let_go_is_said_to_be_locked(box, monkeypatch):
    monkeypatch.setattr(mbox, 'TURN_SECONDS', 0.05)
    box._turn.get()
    with pytest.raises(Locked):
        box.scan()
