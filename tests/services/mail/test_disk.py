# Copyright the carryall authors.  See LICENSE.
"""Files of the mail store."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.services.mail import disk


def test_folders_are_private(tmpdir):
    path = str(tmpdir.join('a', 'b', 'c'))
    disk.make_folder(path)
    disk.make_folder(path)
    for part in (path, os.path.dirname(path)):
        assert os.stat(part).st_mode & 0o777 == 0o700
    tmpdir.join('file').write('x')
    with pytest.raises((IOError, OSError)):
        disk.make_folder(str(tmpdir.join('file', 'x')))


def test_files(tmpdir):
    path = str(tmpdir.join('f'))
    disk.write_file(path, [b'old and long'])
    disk.write_file(path, [b'a', b'', b'b' * 100000], sync=True)
    assert disk.read_file(path) == b'a' + b'b' * 100000
    disk.replace_file(path, b'new')
    assert disk.read_file(path) == b'new' and os.listdir(str(tmpdir)) == ['f']
    disk.make_durable([path, path + '.gone', str(tmpdir.join('nowhere', 'x'))])
    assert disk.sync_file(path) and not disk.sync_file(path + '.gone')
    disk.sync_folder(str(tmpdir))
    disk.remove(path)
    disk.remove(path)
    assert not os.path.exists(path)
