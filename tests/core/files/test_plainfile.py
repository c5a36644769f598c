# Copyright the carryall authors.  See LICENSE.
"""Tests of carryall.core.files.plainfile, and on Jython of what carryall.runtimes.jvm.systemcalls
provides for it."""
from __future__ import absolute_import, division, print_function

import os

import pytest
from carryall.core.files import plainfile
from carryall.core.files.plainfile import NotPlain, by_name, open_plain, opened, read_plain
from carryall.runtimes import platform  # noqa: F401  provides the JVM's way

from tests.support.pipes import make_pipe

WAYS = [pytest.param(None, id='as_provided'), pytest.param(by_name, id='by_name')]


@pytest.fixture(params=WAYS)
def way(request, monkeypatch):
    """Each way to open, those of other systems too."""
    if request.param is not None:
        monkeypatch.setattr(plainfile, '_opener', request.param)


@pytest.fixture
def folder(tmpdir):
    """A folder as text."""
    return str(tmpdir)


def put(folder, name, data):
    path = os.path.join(folder, name)
    with open(path, 'wb') as target:
        target.write(data)
    return path


@pytest.mark.usefixtures('way')
class TestEachWay(object):
    def test_a_regular_file_is_read_whole(self, folder):
        assert read_plain(put(folder, 'a', b'abc')) == b'abc'

    def test_no_more_is_read_than_was_allowed(self, folder):
        assert read_plain(put(folder, 'a', b'abc'), 2) == b'ab'

    @pytest.mark.parametrize('mode', ['rb', 'r+b', 'ab', 'wb'])
    def test_a_pipe_is_refused_at_once_in_each_mode(self, folder, mode):
        path = make_pipe(folder, 'pipe')
        with pytest.raises((IOError, OSError)):
            open_plain(path, mode)

    def test_a_pipe_behind_a_link_is_refused_at_once(self, folder):
        link = os.path.join(folder, 'link')
        os.symlink(make_pipe(folder, 'pipe'), link)
        with pytest.raises(NotPlain):
            open_plain(link)

    def test_a_link_is_followed_unless_told_otherwise(self, folder):
        link = os.path.join(folder, 'link')
        os.symlink(put(folder, 'a', b'abc'), link)
        assert read_plain(link) == b'abc'
        with pytest.raises((IOError, OSError)):
            read_plain(link, follow=False)

    def test_a_folder_is_refused(self, folder):
        with pytest.raises((IOError, OSError)):
            open_plain(folder)

    def test_a_device_is_refused(self):
        with pytest.raises(NotPlain):
            open_plain('/dev/zero')

    def test_the_status_is_that_of_the_opened_file(self, folder):
        source, status = opened(put(folder, 'a', b'abc'))
        source.close()
        assert status.st_size == 3

    def test_appending_keeps_what_is_there(self, folder):
        path = put(folder, 'a', b'abc')
        with open_plain(path, 'ab') as target:
            target.write(b'def')
        assert read_plain(path) == b'abcdef'

    def test_a_missing_file_is_made_by_each_mode_that_writes_alone(self, folder):
        for mode in ('ab', 'wb', 'xb'):
            path = os.path.join(folder, mode)
            with open_plain(path, mode) as target:
                target.write(b'x')
            assert read_plain(path) == b'x'

    def test_writing_from_the_beginning_empties_the_file(self, folder):
        path = put(folder, 'a', b'abc')
        with open_plain(path, 'wb') as target:
            target.write(b'x')
        assert read_plain(path) == b'x'

    def test_changing_a_file_keeps_the_rest(self, folder):
        path = put(folder, 'a', b'abc')
        with open_plain(path, 'r+b') as target:
            target.write(b'x')
        assert read_plain(path) == b'xbc'

    def test_a_name_that_is_taken_is_not_made_again(self, folder):
        with pytest.raises((IOError, OSError)):
            open_plain(put(folder, 'a', b'abc'), 'xb')

    @pytest.mark.parametrize('mode', ['rb', 'r+b'])
    def test_a_missing_file_is_an_error_with_its_number(self, folder, mode):
        with pytest.raises((IOError, OSError)) as caught:
            open_plain(os.path.join(folder, 'none'), mode)
        assert caught.value.errno == 2

    def test_a_name_beyond_ascii_is_found(self, folder):
        name = u'f\u00fcr'.encode('utf-8')
        path = os.path.join(folder.encode('utf-8'), name)
        with open(path, 'wb') as target:
            target.write(b'abc')
        assert read_plain(path) == b'abc'


def test_no_descriptor_stays_open_behind_a_refusal(folder):
    path = make_pipe(folder, 'pipe')
    before = len(os.listdir('/proc/self/fd')) if os.path.isdir('/proc/self/fd') else 0
    for _ in range(20):
        with pytest.raises(NotPlain):
            open_plain(path)
    after = len(os.listdir('/proc/self/fd')) if os.path.isdir('/proc/self/fd') else 0
    assert after - before < 10


def test_a_file_that_was_swapped_while_it_was_opened_by_name_is_refused(folder, monkeypatch):
    path = put(folder, 'a', b'abc')
    other = put(folder, 'b', b'def')
    plain = plainfile.io.open

    def swap(*args):
        os.rename(other, path)
        return plain(*args)

    monkeypatch.setattr(plainfile.io, 'open', swap)
    with pytest.raises(NotPlain):
        by_name(path, 'rb', True, -1, 0)
