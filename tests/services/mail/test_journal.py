# Copyright the carryall authors.  See LICENSE.
"""The journal: what was accepted is there after a crash at any octet, and nothing else."""
from __future__ import absolute_import, division, print_function

import io
import os

import pytest

from carryall.services.mail import disk
from carryall.services.mail.journal import Journal
from carryall.services.mail.envelope import Envelope
from tests.services.mail.test_envelope import envelope


class Strange(Envelope):
    """An envelope of an unknown version."""

    def header_line(self):
        return b'[99]\n'


def done(serials):
    return [(serial, []) for serial in serials]


def files(path):
    return sorted(os.listdir(str(path)))


def recovered(path):
    return [(serial, one.name, one.message) for serial, one in Journal(str(path)).recover()]


def test_accepted_and_done(tmpdir):
    journal = Journal(str(tmpdir))
    assert journal.recover() == []
    first = journal.accept([envelope('1'), envelope('2')])
    second = journal.accept([envelope('3')])
    journal.done(done(first[:1] + second))
    journal.end_file()
    assert recovered(tmpdir) == [(first[1], '2', envelope().message)]


def test_a_crash_at_any_octet(tmpdir):
    whole = tmpdir.mkdir('whole')
    journal = Journal(str(whole))
    journal.recover()
    ends = []
    for number in range(4):
        journal.accept([envelope('%d' % number, message=b'x' * number * 10)])
        ends.append(journal.size())
    journal.done(done([1]))
    journal.end_file()
    data = disk.read_file(os.path.join(str(whole), '00000001.log'))
    for cut in range(len(data)):
        folder = tmpdir.mkdir('c%d' % cut)
        with io.open(os.path.join(str(folder), '00000001.log'), 'wb') as target:
            target.write(data[:cut])
        names = [name for _, name, _ in recovered(folder)]
        assert names == ['%d' % number for number in range(4)
                         if ends[number] <= cut], 'cut at %d' % cut
    for at in range(0, ends[0], 7):
        folder = tmpdir.mkdir('d%d' % at)
        with io.open(os.path.join(str(folder), '00000001.log'), 'wb') as target:
            target.write(data[:at] + bytes(bytearray([bytearray(data[at:at + 1])[0] ^ 1]))
                         + data[at + 1:ends[0]])
        found = recovered(folder)
        assert found == [] or found[0][2] == b'', 'damage at %d is not seen' % at


def test_new_messages_go_into_a_file_of_their_own_after_a_crash(tmpdir):
    journal = Journal(str(tmpdir))
    journal.recover()
    journal.accept([envelope('1')])
    journal.end_file()
    with io.open(os.path.join(str(tmpdir), '00000001.log'), 'ab') as target:
        target.write(b'half a rec')
    again = Journal(str(tmpdir))
    (serial, _), = again.recover()
    assert again.accept([envelope('2')]) == [serial + 1]
    again.end_file()
    assert [name for _, name, _ in recovered(tmpdir)] == ['1', '2']
    again.done(done([serial, serial + 1]))
    again.end_file()
    again.drop(again.finished())
    assert files(tmpdir) == []


def test_files_go_when_all_their_messages_are_done(tmpdir):
    journal = Journal(str(tmpdir), max_file=1000)
    journal.recover()
    serials = [journal.accept([envelope('%d' % number, message=b'x' * 600)])[0]
               for number in range(4)]
    assert len(files(tmpdir)) == 4 or len(files(tmpdir)) == 2
    assert journal.finished() == []
    journal.done(done(serials[2:]))
    assert journal.finished() == [], 'what is done is noted behind what is not'
    journal.done([(serials[0], ['/nowhere/x'])])
    over = journal.finished()
    journal.drop(over)
    journal.dropped(over)
    left = recovered(tmpdir)
    assert [name for _, name, _ in left] == ['1']
    journal.done(done(serials[1:2]))
    journal.end_file()
    journal.drop(journal.finished())
    assert files(tmpdir) == []


def test_a_disk_that_is_full_accepts_nothing_and_the_next_message_is_found(tmpdir, monkeypatch):
    journal = Journal(str(tmpdir))
    journal.recover()
    journal.accept([envelope('1')])
    real = disk.write_all

    def half(handle, data):
        real(handle, data[:30])
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(disk, 'write_all', half)
    with pytest.raises(OSError):
        journal.accept([envelope('2')])
    monkeypatch.setattr(disk, 'write_all', real)
    journal.accept([envelope('3')])
    journal.end_file()
    assert [name for _, name, _ in recovered(tmpdir)] == ['1', '3']


def test_a_parcel_of_another_version_is_kept(tmpdir, expect_log):
    expect_log('cannot be read')
    journal = Journal(str(tmpdir))
    journal.recover()
    journal.accept([Strange('1', b'', [], b'', 0.0), envelope('2')])
    journal.end_file()
    again = Journal(str(tmpdir))
    (serial, one), = again.recover()
    again.done(done([serial]))
    again.end_file()
    again.drop(again.finished())
    assert one.name == '2'
    assert files(tmpdir) == ['00000001.log.unread']
