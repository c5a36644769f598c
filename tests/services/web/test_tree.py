# Copyright the carryall authors.  See LICENSE.
"""FileTree: what may be seen on the disk (feature WEB-02)."""
from __future__ import absolute_import, division, print_function

import os
import subprocess

import pytest

from carryall.core.compat import to_bytes
from carryall.core.errors import UsageError
from carryall.core.net.turns import spread
from carryall.services.web import tree as tree_module
from carryall.services.web.tree import FileTree, Located, Unreadable, look
from tests.services.web.support import HAS_LINKS, belongs_to_another, write

needs_links = pytest.mark.skipif(not HAS_LINKS, reason='this system has no symbolic links')


def test_files_and_folders(tmpdir):
    """Both are found; the last part may be empty."""
    write(tmpdir, 'a/b.txt', b'12345')
    tree = FileTree(str(tmpdir))
    found = tree.locate([b'a', b'b.txt'])
    assert not found.is_folder, 'a file'
    assert found.size == 5, 'a file'
    assert os.path.basename(found.path) == b'b.txt', 'its path'
    assert os.path.isabs(found.path), 'its path'
    assert tree.locate([b'a']).is_folder, 'folders'
    assert tree.locate([b'a', b'']).is_folder, 'folders'
    assert tree.locate([b'']).is_folder, 'folders'
    for parts in ([b'x'], [b'a', b'x'], [b'a', b'b.txt', b'x'], [b'x' * 5000], [b'\xff\xfe']):
        assert tree.locate(parts) is None, parts


def test_names_beyond_ascii(tmpdir):
    """A name is octets; UTF-8 works everywhere."""
    name = b'caf\xc3\xa9.txt'
    write(tmpdir, name if str is bytes else name.decode('utf-8'), b'1')
    found = FileTree(str(tmpdir)).locate([b'caf\xc3\xa9.txt'])
    listed = FileTree(str(tmpdir)).entries([b''])
    assert found is not None, 'found'
    assert found.size == 1, 'found'
    assert [name for name, _ in listed[0]] == [b'caf\xc3\xa9.txt'], 'listed'


def test_dotfiles_are_hidden_by_default(tmpdir):
    """Hidden unless shown, in the middle of a path too."""
    for name in ('.a', '.git/config', 'b~', '.well-known/x', 'sub/.well-known/x'):
        write(tmpdir, name, b'1')
    hiding = FileTree(str(tmpdir))
    showing = FileTree(str(tmpdir), dotfiles='show')
    for parts in ([b'.a'], [b'.git', b'config'], [b'b~'], [b'sub', b'.well-known', b'x']):
        assert hiding.locate(parts) is None, parts
        assert showing.locate(parts) is not None, parts
    assert hiding.locate([b'.well-known', b'x']) is not None, 'RFC 8615'
    assert (sorted(name for name, _ in hiding.entries([b''])[0])
            == [b'.well-known', b'sub']), 'listing'


@pytest.mark.parametrize('options', [{'dotfiles': 'maybe'}, {'symlinks': 'sometimes'}])
def test_policies_are_words(options):
    """Anything else is refused at the start."""
    with pytest.raises(UsageError):
        FileTree('x', **options)


@needs_links
def test_links_follow_the_policy(tmpdir):
    """follow goes everywhere, never nowhere, owner to what belongs to the same."""
    write(tmpdir, 'outside/secret', b'1')
    write(tmpdir, 'root/a/file', b'22')
    root = os.path.join(str(tmpdir), 'root')
    os.symlink(os.path.join(str(tmpdir), 'outside'), os.path.join(root, 'out'))
    os.symlink('a', os.path.join(root, 'b'))
    os.symlink('nowhere', os.path.join(root, 'dangling'))
    os.symlink('loop', os.path.join(root, 'loop'))
    links = ([b'out', b'secret'], [b'b', b'file'], [b'b'])
    for parts in links:
        assert FileTree(root).locate(parts) is not None, parts
        assert FileTree(root, symlinks='never').locate(parts) is None, parts
        assert FileTree(root, symlinks='owner').locate(parts) is not None, parts
    for policy in ('follow', 'owner', 'never'):
        assert (FileTree(root, symlinks=policy).locate([b'a', b'file'])
                is not None), 'no link on the way'
        assert FileTree(root, symlinks=policy).locate([b'dangling']) is None, 'leads nowhere'
        assert FileTree(root, symlinks=policy).locate([b'loop']) is None, 'leads to itself'
    names = [sorted(name for name, _ in FileTree(root, symlinks=policy).entries([b''])[0])
             for policy in ('follow', 'never')]
    assert names == [[b'a', b'b', b'out'], [b'a']], 'listings'


@needs_links
@pytest.mark.parametrize('parts', [[b'to-a', b'file'], [b'to-a'], [b'to-file']])
def test_symlink_of_another_owner(tmpdir, parts):
    """owner refuses a link whose owner does not own what it leads to, on any step of the way."""
    write(tmpdir, 'a/file', b'1')
    os.symlink('a', os.path.join(str(tmpdir), 'to-a'))
    os.symlink('a/file', os.path.join(str(tmpdir), 'to-file'))
    tree = FileTree(str(tmpdir), symlinks='owner')
    found = tree.locate(parts)
    assert found is not None, 'the same owner'
    belongs_to_another(tree, os.path.join(str(tmpdir), 'a'), os.path.join(str(tmpdir), 'a', 'file'))
    assert tree.locate(parts) is None, 'another owner'
    assert tree.locate([b'a', b'file']) is not None, 'no link'
    with pytest.raises(Unreadable):
        tree.open(found)


@needs_links
def test_listing_leaves_out_a_link_of_another_owner(tmpdir):
    write(tmpdir, 'a/file', b'1')
    os.symlink('a', os.path.join(str(tmpdir), 'to-a'))
    tree = FileTree(str(tmpdir), symlinks='owner')
    assert sorted(name for name, _ in tree.entries([b''])[0]) == [b'a', b'to-a']
    belongs_to_another(tree, os.path.join(str(tmpdir), 'a'))
    assert [name for name, _ in tree.entries([b''])[0]] == [b'a']
    assert tree.entries([b'to-a']) is None


@needs_links
def test_the_root_may_be_a_link(tmpdir):
    """The server owner's choice of the root is not judged."""
    write(tmpdir, 'a/file', b'1')
    os.symlink('a', os.path.join(str(tmpdir), 'b'))
    assert (FileTree(os.path.join(str(tmpdir), 'b'), symlinks='never').locate([b'file'])
            is not None), 'root'


needs_posix = pytest.mark.skipif(os.sep != '/',
                                 reason='this system has no pipes and devices among its files')


@needs_posix
def test_a_pipe_is_not_served(tmpdir):
    """A pipe is not there; nor does it hold us up when it takes the place of a file."""
    path = os.path.join(str(tmpdir), 'pipe')
    subprocess.check_call(['mkfifo', path])     # jython: os.mkfifo is missing
    tree = FileTree(str(tmpdir))
    assert tree.locate([b'pipe']) is None, 'not there'
    assert tree.entries([b''])[0] == [], 'not there'
    file_before = Located(path.encode('utf-8'), os.stat(write(tmpdir, 'file', b'1')))
    with pytest.raises(Unreadable) as caught:
        tree.open(file_before)
    assert not caught.value.shortage, 'it is not a shortage'


@needs_posix
def test_a_device_is_not_served():
    """A device is not there."""
    assert look(b'/dev/null') is None, 'a device'
    assert FileTree('/dev').locate([b'null']) is None, 'a device below the root'


def test_open_reads_or_raises_unreadable(tmpdir):
    """For reading bytes; what is gone or may not be read is Unreadable."""
    path = write(tmpdir, 'a', b'12345')
    tree = FileTree(str(tmpdir))
    located = tree.locate([b'a'])
    fileobj, opened = tree.open(located)
    try:
        assert fileobj.read() == b'12345', 'the file'
        assert opened.identity == located.identity, 'the file'
    finally:
        fileobj.close()
    os.remove(path)
    with pytest.raises(Unreadable):
        tree.open(located)


def test_open_tells_what_was_opened(tmpdir):
    """A file that took its place is told apart."""
    path = write(tmpdir, 'a', b'12345')
    tree = FileTree(str(tmpdir))
    located = tree.locate([b'a'])
    os.rename(write(tmpdir, 'b', b'other'), path)
    fileobj, opened = tree.open(located)
    fileobj.close()
    assert opened.identity != located.identity, 'another'


@needs_links
def test_open_does_not_follow(tmpdir):
    """never holds for the last step also at the moment of opening, where the system can see to
    it.
    """
    path = write(tmpdir, 'a', b'12345')
    tree = FileTree(str(tmpdir), symlinks='never')
    located = tree.locate([b'a'])
    os.remove(path)
    os.symlink(write(tmpdir, 'b', b'other'), path)
    with pytest.raises(Unreadable):
        tree.open(located)


def test_listing_is_bounded(tmpdir, monkeypatch):
    """As many entries as allowed, and one more."""
    monkeypatch.setattr(tree_module, 'MAX_LISTED', 5)
    for number in range(5):
        write(tmpdir, 'f%d' % number)
    entries, more = FileTree(str(tmpdir)).entries([b''])
    assert len(entries) == 5, 'what fits'
    assert not more, 'what fits'
    write(tmpdir, 'f5')
    entries, more = FileTree(str(tmpdir)).entries([b''])
    assert len(entries) == 5, 'one more'
    assert more, 'one more'
    assert FileTree(str(tmpdir)).entries([b'nowhere', b'']) is None, 'no such folder'


ODD = [b'a:b', b'x.txt.', b'x.txt ', b'con.txt', b'nul', b'x.txt::$DATA', b'x...']


@pytest.mark.skipif(os.sep == '\\', reason='on Windows these are no names')
@pytest.mark.parametrize('policy', ['follow', 'owner', 'never'])
def test_names_that_only_windows_takes_for_something_else(tmpdir, policy):
    for name in ODD:
        write(tmpdir, name.decode('ascii'), name)
    tree = FileTree(str(tmpdir), symlinks=policy)
    assert sorted(name for name, _ in tree.entries([b''])[0]) == sorted(ODD)
    for name in ODD:
        fileobj, _ = tree.open(tree.locate([name]))
        with fileobj:
            assert fileobj.read() == name
    write(tmpdir, 'x.txt', b'another')
    assert tree.locate([b'x.txt.']) is not None, 'a file of its own'


@pytest.mark.skipif(not hasattr(os, 'link'), reason='jython: os.link is missing')
@pytest.mark.parametrize('policy', ['follow', 'never'])
@pytest.mark.parametrize('alias', [b'page.rpy.', b'page.rpy ', b'page.rpy::$DATA', b'page.rpy. .'])
def test_another_spelling_of_a_file_is_not_found(tmpdir, policy, alias):
    """As a mounted file system of Windows takes it; here a second name of the same file stands for
    it.
    """
    write(tmpdir, 'page.rpy', b'secret')
    os.link(str(tmpdir.join('page.rpy')), os.path.join(to_bytes(str(tmpdir)), alias))
    tree = FileTree(str(tmpdir), symlinks=policy)
    assert tree.locate([alias]) is None
    assert tree.locate([b'page.rpy']) is not None


@pytest.fixture
def thousands(tmpdir, monkeypatch):
    """A folder with more names than are listed."""
    monkeypatch.setattr(tree_module, 'MAX_LISTED', 20)
    for number in range(90):
        write(tmpdir, 'file %d.txt' % number)
    write(tmpdir, '.hidden 1')
    return tmpdir


RULES = pytest.mark.parametrize('symlinks', ['follow', 'owner'])


@RULES
def test_a_folder_of_many_names_is_listed_in_part(thousands, symlinks):
    found, more = FileTree(str(thousands), symlinks=symlinks).entries([b''])
    assert (len(found), more) == (20, 70)


@RULES
def test_a_filter_finds_names_beyond_those_that_are_listed(thousands, symlinks):
    tree = FileTree(str(thousands), symlinks=symlinks)
    steps = tree.entry_steps([b''], lambda name: b' 8' in name)
    found, more = spread(None, steps).result()
    assert (sorted(name for name, _ in found), more) == (
        sorted([b'file 8.txt'] + [b'file 8%d.txt' % number for number in range(10)]), 0)


@RULES
def test_hidden_names_are_not_counted(thousands, symlinks):
    tree = FileTree(str(thousands), symlinks=symlinks)
    steps = tree.entry_steps([b''], lambda name: b'hidden' in name)
    assert spread(None, steps).result() == ([], 0)
