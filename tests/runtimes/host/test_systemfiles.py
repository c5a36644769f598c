# Copyright the carryall authors.  See LICENSE.
"""Files that are private from the start, and replaced in one step."""
from __future__ import absolute_import, division, print_function

import errno
import os

import pytest

from carryall.runtimes.host import privileges, systemfiles as files
from tests.support.umask import needs_umask, set_umask


@pytest.fixture(autouse=True)
def open_umask():
    """A umask that hides nothing."""
    former = set_umask(0)
    yield
    set_umask(former)


def mode_of(path):
    """The permissions of a file."""
    return os.stat(str(path)).st_mode & 0o777


def test_create_private_makes_a_private_file(tmpdir):
    """No one else can read it, not even before the first byte."""
    target, name = files.create_private(str(tmpdir.join('x')))
    with target:
        assert mode_of(name) == 0o600, oct(mode_of(name))
        target.write(b'a\r\n\0')
    assert name == str(tmpdir.join('x')) and tmpdir.join('x').read_binary() == b'a\r\n\0'


def test_create_private_never_touches_what_is_there(tmpdir):
    """A name that is taken gets a number; a link is not followed."""
    tmpdir.join('x').write('old')
    tmpdir.join('victim').write('safe')
    if hasattr(os, 'symlink'):
        os.symlink(str(tmpdir.join('victim')), str(tmpdir.join('x1')))
    else:
        tmpdir.join('x1').write('old')
    target, name = files.create_private(str(tmpdir.join('x')))
    with target:
        target.write(b'new')
    assert name == str(tmpdir.join('x2'))
    assert tmpdir.join('x').read() == 'old' and tmpdir.join('victim').read() == 'safe'


def test_create_private_gives_up(tmpdir, monkeypatch):
    """A folder full of leftovers, and no folder at all."""
    monkeypatch.setattr(files, 'MAX_TRIES', 2)
    for name in ('x', 'x1'):
        tmpdir.join(name).write('old')
    with pytest.raises(OSError) as caught:
        files.create_private(str(tmpdir.join('x')))
    assert caught.value.errno == errno.EEXIST
    with pytest.raises(OSError) as caught:
        files.create_private(str(tmpdir.join('none', 'x')))
    assert caught.value.errno == errno.ENOENT and caught.value.strerror, caught.value


def test_append_private_makes_a_private_file(tmpdir):
    """Made with the mode, then appended to; the mode of what is there is left alone."""
    path = str(tmpdir.join('log'))
    for data in (b'a', b'b'):
        with files.append_private(path, 0o640) as target:
            target.write(data)
            assert os.path.getsize(path) == (1 if data == b'a' else 2), 'it is not buffered'
    assert tmpdir.join('log').read_binary() == b'ab' and mode_of(path) == 0o640
    os.chmod(path, 0o604)
    files.append_private(path).close()
    assert mode_of(path) == 0o604


@needs_umask
def test_append_private_obeys_the_umask(tmpdir):
    """The umask takes rights away, as for any file."""
    set_umask(0o027)
    files.append_private(str(tmpdir.join('log')), 0o666).close()
    assert mode_of(tmpdir.join('log')) == 0o640, oct(mode_of(tmpdir.join('log')))


def test_replace_takes_the_place_of_the_file(tmpdir):
    """The new one takes the place of the old one."""
    tmpdir.join('a').write('new')
    tmpdir.join('b').write('old')
    files.replace(str(tmpdir.join('a')), str(tmpdir.join('b')))
    assert tmpdir.join('b').read() == 'new' and os.listdir(str(tmpdir)) == ['b']
    with pytest.raises(OSError) as caught:
        files.replace(str(tmpdir.join('a')), str(tmpdir.join('b')))
    assert caught.value.errno == errno.ENOENT, caught.value


def test_remove_and_sync(tmpdir):
    """Removing what is gone is no error; a folder's names can be brought to the disk."""
    tmpdir.join('a').write('x')
    files.remove(str(tmpdir.join('a')))
    files.remove(str(tmpdir.join('a')))
    assert os.listdir(str(tmpdir)) == []
    files.sync_folder(str(tmpdir))
    files.sync_folder(str(tmpdir.join('none')))
    with open(str(tmpdir.join('b')), 'wb') as target:
        target.write(b'x')
        target.flush()
        files.sync(target)


def test_is_broken_pipe():
    """The reader went away."""
    assert files.is_broken_pipe(IOError(errno.EPIPE, 'Broken pipe'))
    assert not files.is_broken_pipe(IOError(errno.ENOSPC, 'No space left'))
    assert not files.is_broken_pipe(IOError('odd'))


@pytest.mark.skipif(not privileges.may_switch(), reason='only root can give files away')
def test_only_a_plain_file_is_given_away(tmpdir):
    """A link in the user's folder gives no other file to the user,
    and a file of two names stays whose it is."""
    given, aim, double = (tmpdir.join(name) for name in ('given', 'aim', 'double'))
    for path in (given, aim, double):
        path.write('x')
    os.symlink(str(aim), str(tmpdir.join('link')))
    with_two_names = hasattr(os, 'link')
    if with_two_names:
        os.link(str(double), str(tmpdir.join('other name')))
    for name in ('given', 'link', 'double', 'none'):
        files.give_to(str(tmpdir.join(name)), 65534, 65533)
    state = os.stat(str(given))
    assert (state.st_uid, state.st_gid) == (65534, 65533)
    assert os.stat(str(aim)).st_uid == 0
    assert not with_two_names or os.stat(str(double)).st_uid == 0
