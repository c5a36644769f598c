# Copyright the carryall authors.  See LICENSE.
"""Files of the mail store."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.files.plainfile import is_full
from carryall.services.mail import disk
from tests.support.pipes import make_pipe


def test_folders_are_private(tmpdir):
    path = str(tmpdir.join('a', 'b', 'c'))
    disk.make_folder(path)
    disk.make_folder(path)
    for part in (path, os.path.dirname(path)):
        assert os.stat(part).st_mode & 0o777 == 0o700
    tmpdir.join('file').write('x')
    with pytest.raises((IOError, OSError)):
        disk.make_folder(str(tmpdir.join('file', 'x')))


def test_files_are_written_in_full(tmpdir):
    path = str(tmpdir.join('f'))
    disk.write_file(path, [b'old and long'])
    disk.write_file(path, [b'a', b'', b'b' * 100000], sync=True)
    assert disk.read_file(path) == b'a' + b'b' * 100000
    disk.replace_file(path, b'new')
    assert disk.read_file(path) == b'new'
    assert os.listdir(str(tmpdir)) == ['f']
    disk.make_durable([path, path + '.gone', str(tmpdir.join('nowhere', 'x'))])
    assert disk.sync_file(path)
    assert not disk.sync_file(path + '.gone')
    disk.sync_folder(str(tmpdir))
    disk.remove(path)
    disk.remove(path)
    assert not os.path.exists(path)


def test_a_file_that_cannot_be_written_whole_leaves_nothing(tmpdir, monkeypatch):
    def full(handle, data):
        os.write(handle, data[:1])
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(disk, 'write_all', full)
    with pytest.raises(OSError):
        disk.write_file(str(tmpdir.join('f')), [b'abc'])
    assert os.listdir(str(tmpdir)) == []


def test_a_name_that_cannot_be_given_leaves_nothing(tmpdir):
    tmpdir.mkdir('taken').join('x').write('x')
    disk.write_file(str(tmpdir.join('f')), [b'abc'])
    with pytest.raises((IOError, OSError)):
        disk.rename(str(tmpdir.join('f')), str(tmpdir.join('taken')))
    assert os.listdir(str(tmpdir)) == ['taken']


def test_a_pipe_under_the_name_of_a_new_file_is_replaced(tmpdir):
    path = make_pipe(str(tmpdir), 'f')
    disk.write_file(path, [b'abc'])
    assert disk.read_file(path) == b'abc'


def test_a_link_under_the_name_of_a_new_file_is_not_followed(tmpdir):
    tmpdir.join('other').write('kept')
    os.symlink(str(tmpdir.join('other')), str(tmpdir.join('f')))
    disk.write_file(str(tmpdir.join('f')), [b'abc'])
    assert tmpdir.join('other').read() == 'kept'


def test_pipes_are_not_waited_for_when_files_and_folders_are_synced(tmpdir):
    path = make_pipe(str(tmpdir), 'f')
    assert not disk.sync_file(path)
    assert not disk.sync_folder(path)
    disk.make_durable([path, os.path.join(path, 'x')])


def test_the_name_of_a_new_folder_is_brought_to_the_disk(tmpdir, monkeypatch):
    synced = []
    monkeypatch.setattr(disk, 'sync_folder', synced.append)
    disk.make_folder(str(tmpdir.join('a', 'b')))
    assert synced == [str(tmpdir), str(tmpdir.join('a'))]
    disk.make_folder(str(tmpdir.join('a', 'b')))
    assert len(synced) == 2


@pytest.mark.skipif(not os.path.exists('/dev/full'), reason='no device that is always full')
def test_a_full_device_is_known_for_one_on_each_runtime():
    handle = os.open('/dev/full', os.O_WRONLY)
    try:
        with pytest.raises((IOError, OSError)) as caught:
            disk.write_all(handle, b'abc')
    finally:
        os.close(handle)
    assert is_full(caught.value)
