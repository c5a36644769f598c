# Copyright the carryall authors.  See LICENSE.
"""Maildirs: delivery in one step, sizes on the wire, ids that stay."""
from __future__ import absolute_import, division, print_function

import io
import os

import pytest

from carryall.services.mail import disk, maildir
from carryall.services.mail.maildir import MAX_UID, Maildir, wire_size
from tests.support.pipes import make_pipe


@pytest.fixture
def box(tmpdir):
    made = Maildir(str(tmpdir.join('box')))
    made.make()
    return made


def put(box, folder, name, data=b'x\n'):
    with io.open(os.path.join(box.path, folder, name), 'wb') as target:
        target.write(data)


@pytest.mark.parametrize('data, size',
                         [(b'', 0), (b'a\n', 3), (b'a\nb\n', 6), (b'a', 3), (b'a\r\nb\r\n', 6),
                          (b'a\r\nb\n', 6), (b'a\rb\n', 6), (b'a\r', 3)])
def test_wire_size_counts_crlf(data, size):
    assert wire_size(data) == size


def test_a_delivery_appears_in_new(box):
    path = box.deliver('1.a.h', b'hello\nworld\n')
    assert os.path.basename(path) == '1.a.h,S=12,W=14'
    assert os.path.dirname(path).endswith('new')
    assert os.listdir(os.path.join(box.path, 'tmp')) == []
    entry, = box.scan()
    assert entry.uid == b'1.a.h'
    assert entry.size == 14
    with box.open(entry) as source:
        assert source.read() == b'hello\nworld\n'
    if os.name == 'posix':
        assert os.stat(path).st_mode & 0o77 == 0


def test_delivery_again_gives_one_message(box):
    first = box.deliver('1.a.h', b'x\n')
    assert box.deliver('1.a.h', b'x\n', again=True) == first
    seen = os.path.join(box.path, 'cur', '1.a.h,S=2,W=3:2,S')
    os.rename(first, seen)
    assert box.deliver('1.a.h', b'x\n', again=True) == seen
    assert box.deliver('1.a.hh', b'x\n', again=True) != seen
    assert len(box.scan()) == 2


def test_delivery_makes_the_folders(tmpdir):
    box = Maildir(str(tmpdir.join('not', 'there')))
    assert box.scan() == []
    box.deliver('1.a.h', b'x\n')
    assert len(box.scan()) == 1


def test_a_file_left_in_tmp_is_overwritten_and_removed(box):
    put(box, 'tmp', '1.a.h,S=2,W=3', b'half of something long')
    box.deliver('1.a.h', b'x\n')
    assert box.scan()[0].size == 3
    put(box, 'tmp', 'stale')
    os.utime(os.path.join(box.path, 'tmp', 'stale'), (1000, 1000))
    put(box, 'tmp', 'fresh')
    now = os.stat(os.path.join(box.path, 'tmp', 'fresh')).st_mtime
    assert box.clean(now) == 1
    assert os.listdir(os.path.join(box.path, 'tmp')) == ['fresh']


def test_messages_of_other_programs(box):
    put(box, 'cur', '20.M1P2.host:2,RS', b'Subject: x\n\nhi')
    put(box, 'new', '10.other.host', b'a\r\nb\r\n')
    put(box, 'new', 'strange name', b'x\n')
    put(box, 'new', '30.' + 'l' * 100 + '.host', b'y\n')
    put(box, 'new', '.hidden', b'no')
    os.mkdir(os.path.join(box.path, 'new', '40.folder'))
    entries = box.scan()
    assert [entry.size for entry in entries] == [6, 18, 3, 3], [(e.uid, e.size) for e in entries]
    assert entries[0].uid == b'10.other.host'
    assert entries[1].uid == b'20.M1P2.host'
    assert all(len(entry.uid) <= MAX_UID and entry.uid.isalnum() for entry in entries[2:])
    assert [entry.uid for entry in Maildir(box.path).scan()] == [entry.uid
                                                                 for entry in entries], \
                                                                 ('they depend on more than the '
                                                                  'names')


def test_names_that_stand_twice_get_ids_of_their_own(box):
    put(box, 'new', '10.a.h')
    put(box, 'cur', '10.a.h:2,S')
    put(box, 'cur', '10.a.h:2,T')
    uids = [entry.uid for entry in box.scan()]
    assert len(set(uids)) == 3
    assert uids == [entry.uid for entry in box.scan()]


def test_a_message_that_was_moved_is_found_and_one_that_is_gone_is_borne(box):
    path = box.deliver('1.a.h', b'x\n')
    box.deliver('2.a.h', b'y\n')
    first, second = box.scan()
    os.rename(path, os.path.join(box.path, 'cur', os.path.basename(path) + ':2,S'))
    with box.open(first) as source:
        assert source.read() == b'x\n'
    box.remove(first)
    box.remove(first)
    box.remove(second)
    assert box.scan() == []
    with pytest.raises((IOError, OSError)):
        box.open(first)
    box.sync()


@pytest.mark.parametrize('name',
                         ['1.a.h,S=2,W=3', '1.a.h,W=3', '1.a.h,S=2', '1.a.h,S=13,W=3:2,S', '1.a.h'])
def test_the_size_of_a_message_that_was_edited_is_that_of_its_file(box, name):
    box.make()
    path = os.path.join(box.path, 'cur', name)
    for data, times in ((b'longer\ntext\n', 1000), (b'longer\ntext\nthan before\n', 2000),
                        (b'a\n', 3000)):
        with open(path, 'wb') as target:
            target.write(data)
        os.utime(path, (times, times))
        entry, = box.scan()
        assert entry.size == wire_size(data)


def test_a_folder_named_as_a_message_is_no_message(box):
    box.make()
    os.mkdir(os.path.join(box.path, 'new', '1.a.h,S=2,W=3'))
    make_pipe(os.path.join(box.path, 'new'), '2.a.h,S=0,W=3')
    assert box.scan() == []


def test_thousands_of_messages_are_scanned_in_order(box):
    for number in range(3000):
        put(box, 'new', '%d.a%d.h,S=2,W=3' % (number, number))
    assert [entry.uid for entry in box.scan()][:3] == [b'0.a0.h', b'1.a1.h', b'2.a2.h']


def test_pipes_in_a_mailbox_are_no_messages(box):
    box.make()
    for folder in ('new', 'cur'):
        for number in range(20):
            make_pipe(os.path.join(box.path, folder), '%d.pipe' % number)
    box.deliver('1.a.h', b'a\n')
    entry, = box.scan()
    assert entry.uid == b'1.a.h'


def test_a_pipe_that_took_the_place_of_a_message_is_not_waited_for(box):
    path = box.deliver('1.a.h', b'a\n')
    entry, = box.scan()
    os.remove(path)
    make_pipe(os.path.dirname(path), os.path.basename(path))
    with pytest.raises((IOError, OSError)):
        box.open(entry)


@pytest.mark.parametrize('folder', ['tmp', 'new'])
def test_a_pipe_in_the_place_of_a_folder_is_an_error(tmpdir, folder):
    box = Maildir(str(tmpdir.join('box')))
    os.mkdir(box.path)
    make_pipe(box.path, folder)
    with pytest.raises((IOError, OSError)):
        box.deliver('1.a.h', b'a\n')


def test_a_pipe_under_the_name_of_a_message_in_tmp_is_replaced(box):
    box.make()
    make_pipe(os.path.join(box.path, 'tmp'), '1.a.h,S=2,W=3')
    box.deliver('1.a.h', b'a\n')
    assert len(box.scan()) == 1


def test_a_full_disk_leaves_nothing_in_tmp(box, monkeypatch):
    box.make()

    def full(handle, data):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(disk, 'write_all', full)
    for number in range(5):
        with pytest.raises(OSError):
            box.deliver('%d.a.h' % number, b'a\n')
    assert os.listdir(os.path.join(box.path, 'tmp')) == []


def test_a_folder_that_cannot_be_listed_is_no_empty_mailbox(box, monkeypatch):
    box.make()

    def broken(path):
        raise OSError(5, 'Input/output error')

    monkeypatch.setattr(os, 'listdir', broken)
    with pytest.raises(OSError):
        box.scan()


@pytest.mark.parametrize('data',
                         [b'', b'a', b'a\n', b'a\r\n', b'a\r', b'\r', b'\n', b'\r\r\n\n',
                          b'a\rb\nc\r\nd', b'\r\n\r', b'ab\r\n\n\r\n'])
@pytest.mark.parametrize('piece', [1, 2, 3, 100])
def test_the_size_counted_piece_by_piece_is_that_of_the_whole(box, monkeypatch, data, piece):
    monkeypatch.setattr(maildir, 'PIECE', piece)
    box.make()
    with open(os.path.join(box.path, 'new', '1.x'), 'wb') as target:
        target.write(data)
    entry, = box.scan()
    assert entry.size == wire_size(data)


def test_a_scan_that_is_given_up_ends_and_keeps_the_sizes_it_has(box, monkeypatch):
    box.make()
    for number in range(10):
        with open(os.path.join(box.path, 'new', '%d.x' % number), 'wb') as target:
            target.write(b'a\n')
    asked = []

    def after_five():
        asked.append(1)
        return len(asked) > 10

    with pytest.raises(maildir.Abandoned):
        box.scan(after_five)
    del asked[:]
    assert len(box.scan(lambda: asked.append(1))) == 10
    assert len(asked) == 10 + 7 * 2, 'seven of ten are read, with two pieces each'
