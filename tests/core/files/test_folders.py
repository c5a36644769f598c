# Copyright the carryall authors.  See LICENSE.
"""Folders that somebody else may change: steps by descriptor, by /proc, and by name."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall import runtimes       # noqa: F401  on Jython it provides what opens folders
from carryall.core.compat import FAILURES, to_bytes
from carryall.core.files.folders import Descriptors, Held, Names, open_steps
from carryall.core.files.plainfile import NotPlain
from tests.support.pipes import make_pipe

KINDS = [Names] + [kind for kind in (Held, Descriptors) if kind.works()]

pytestmark = pytest.mark.skipif(not hasattr(os, 'symlink'),
                                reason='this system has no symbolic links')


@pytest.fixture(params=KINDS, ids=[kind.__name__ for kind in KINDS])
def steps(request, tmpdir):
    """Steps of one kind below a folder with a file, a folder, and links to both."""
    tmpdir.mkdir('d').join('f').write('inner')
    tmpdir.join('f').write('outer')
    os.symlink('d', str(tmpdir.join('to-d')))
    os.symlink('f', str(tmpdir.join('to-f')))
    return request.param(to_bytes(str(tmpdir)))


def read(opened):
    """The octets of an opened file, whose state says how many there are."""
    source, status = opened
    with source:
        data = source.read()
    assert len(data) == status.st_size
    return data


def test_a_file_is_reached_name_by_name(steps):
    root = steps.root()
    inner = steps.enter(root, b'd')
    assert read(steps.open(inner, b'f')) == b'inner'
    assert steps.stat(inner, b'f').st_size == 5
    assert steps.stat(inner, b'').st_ino == steps.stat(root, b'd').st_ino
    assert sorted(steps.names(root)) == [b'd', b'f', b'to-d', b'to-f']
    steps.leave(inner)
    steps.leave(root)


def test_no_link_is_followed_unless_told(steps):
    root = steps.root()
    for call in (steps.enter, steps.open, steps.write):
        name = b'to-d' if call == steps.enter else b'to-f'
        with pytest.raises(FAILURES):
            call(root, name)
    assert read(steps.open(root, b'to-f', True)) == b'outer'
    inner = steps.enter(root, b'to-d', True)
    assert read(steps.open(inner, b'f')) == b'inner'
    assert steps.stat(root, b'to-f', True).st_size == 5
    steps.leave(inner)
    steps.leave(root)


def test_a_link_is_told_with_its_text(steps):
    root = steps.root()
    status, text = steps.link(root, b'to-d')
    assert text == b'd'
    assert status.st_ino == steps.stat(root, b'to-d').st_ino
    steps.leave(root)


@pytest.mark.skipif(os.sep != '/', reason='this system has no pipes among its files')
def test_a_pipe_is_refused_at_once(steps, tmpdir):
    make_pipe(str(tmpdir), 'pipe')
    root = steps.root()
    with pytest.raises(NotPlain):
        steps.open(root, b'pipe')
    with pytest.raises(FAILURES):
        steps.write(root, b'pipe')
    steps.leave(root)


def test_a_file_is_no_folder(steps):
    root = steps.root()
    with pytest.raises(FAILURES):
        steps.enter(root, b'f')
    steps.leave(root)


def test_a_folder_that_became_a_link_is_not_read_from(steps, tmpdir):
    """A folder that was entered stays entered (by descriptor), or is refused (by name)."""
    tmpdir.mkdir('elsewhere').join('f').write('secret')
    root = steps.root()
    inner = steps.enter(root, b'd')
    tmpdir.join('d').rename(tmpdir.join('former'))
    os.symlink('elsewhere', str(tmpdir.join('d')))
    try:
        data = read(steps.open(inner, b'f'))
    except FAILURES:
        data = None
    assert data == (None if type(steps) is Names else b'inner')
    steps.leave(inner)
    steps.leave(root)


@pytest.mark.skipif(not hasattr(os, 'geteuid') or os.geteuid() != 0,
                    reason='needs rights to become somebody else')
def test_a_folder_that_is_open_to_search_alone_can_be_entered(steps, tmpdir):
    """Mode 711, as home folders have it; a process of another user enters and does not list."""
    if not hasattr(os, 'seteuid') or type(steps) is Names:
        pytest.skip('users cannot be changed here')
    for folder in (tmpdir, tmpdir.dirpath(), tmpdir.dirpath().dirpath()):
        folder.chmod(folder.stat().mode & 0o7777 | 0o011)
    tmpdir.join('d').chmod(0o711)
    tmpdir.join('d', 'f').chmod(0o644)
    root = steps.root()
    os.seteuid(65534)
    try:
        inner = steps.enter(root, b'd')
        assert read(steps.open(inner, b'f')) == b'inner'
        with pytest.raises(FAILURES):
            steps.names(inner)
    finally:
        os.seteuid(0)
    steps.leave(inner)
    steps.leave(root)


def test_the_safest_kind_is_chosen(tmpdir):
    assert type(open_steps(to_bytes(str(tmpdir)))) is KINDS[-1]
