# Copyright the carryall authors.  See LICENSE.
"""The jail: a folder of the disk and no way out, walked by descriptors and by names."""
from __future__ import absolute_import, division, print_function

import os
import subprocess

import pytest

from carryall import runtimes       # noqa: F401  on Jython it provides what opens folders
from carryall.core.compat import to_bytes
from carryall.core.files.folders import Descriptors, Held, Names
from carryall.protocols.ftp.filesystem import (APPEND, BAD_NAME, DENIED, LINK, MISSING, NEW,
                                               FileFault)
from carryall.services.ftp.jail import Jail
from tests.services.ftp.filelaws import FileLaws, get, put, refused

KINDS = [Names] + [kind for kind in (Held, Descriptors) if kind.works()]
LINKS = hasattr(os, 'symlink')


class TestNames(FileLaws):
    """The laws, by names."""

    def make(self):
        return Jail(str(self.folder), steps=Names)


if Held in KINDS:
    class TestHeld(FileLaws):
        """The laws, by way of /proc."""

        def make(self):
            return Jail(str(self.folder), steps=Held)


if Descriptors in KINDS:                        # the other way, where the system has openat
    class TestDescriptors(FileLaws):
        """The laws, by descriptors."""

        def make(self):
            return Jail(str(self.folder), steps=Descriptors)


class TestWhole(FileLaws):
    """The laws, with uploads that appear when they are complete."""

    def make(self):
        return Jail(str(self.folder), whole=True)

    def test_an_upload_that_is_abandoned_can_be_gone_on_with(self, files):
        """Not here: it is gone, and what was there before is as it was."""
        put(files, (b'a',), b'before')
        upload = files.store((b'a',))
        upload.write(b'half')
        assert get(files, (b'a',)) == b'before' and [entry.name for entry in files.entries(())] \
            == [b'a'], 'it shows'
        upload.abandon()
        assert get(files, (b'a',)) == b'before' and os.listdir(str(self.folder)) == ['a'], \
            os.listdir(str(self.folder))


@pytest.fixture(params=KINDS, ids=[kind.__name__ for kind in KINDS])
def prison(request, tmp_path):
    """(jail, its folder, a folder beside it with a secret)."""
    inside = tmp_path / 'inside'
    outside = tmp_path / 'outside'
    inside.mkdir()
    outside.mkdir()
    (outside / 'secret').write_bytes(b'secret')
    (inside / 'a').write_bytes(b'a')
    (inside / 'd').mkdir()
    (inside / 'd' / 'b').write_bytes(b'b')
    return Jail(str(inside), steps=request.param), str(inside), str(outside)


def link(target, *path):
    os.symlink(target, os.path.join(*path))


@pytest.mark.skipif(not LINKS, reason='this system has no symbolic links')
class TestLinks(object):
    """Symbolic links of any owner."""

    @pytest.mark.parametrize('target', ['../outside', '../../../../../..', '/', '/etc',
                                        'd/../../outside', '..', '.././../outside'])
    def test_no_link_leads_out(self, prison, target):
        jail, inside, outside = prison
        link(target, inside, 'out')
        for path in ((b'out', b'secret'), (b'out', b'outside', b'secret'), (b'out', b'passwd'),
                     (b'out', b'etc', b'passwd')):
            assert refused(jail.open, path) == MISSING, path
            assert refused(jail.store, path + (b'x',))[0] == 550, path
        for call, args in ((jail.make_folder, ((b'out', b'made'),)),
                           (put, (jail, (b'out', b'new'), b'x', NEW))):
            try:
                call(*args)         # where the link leads to the root of the jail, it is made there
            except FileFault:
                pass
        assert sorted(os.listdir(outside)) == ['secret'], 'something was made outside'

    def test_a_link_to_a_file_outside(self, prison):
        jail, inside, outside = prison
        for number, target in enumerate([os.path.join(outside, 'secret'), '../outside/secret']):
            name = 'l%d' % number
            link(target, inside, name)
            assert refused(jail.open, (to_bytes(name),)) == MISSING, target
            assert refused(jail.stat, (to_bytes(name),)) == MISSING, target
            entry = jail.stat((to_bytes(name),), False)
            assert entry.kind == LINK and entry.target == to_bytes(target), \
                'it is seen as what it is'
            for how in (NEW, APPEND):
                try:
                    put(jail, (to_bytes(name),), b'overwritten', how)
                except FileFault:
                    pass
            with open(os.path.join(outside, 'secret'), 'rb') as source:
                assert source.read() == b'secret', 'it was written through the link'
            jail.remove((to_bytes(name),))
        assert os.path.exists(os.path.join(outside, 'secret')), \
            'a link is removed, not what it leads to'

    def test_links_within_the_jail_are_followed(self, prison):
        jail, inside, _outside = prison
        link('d', inside, 'l')
        link('../a', inside, 'd', 'up')
        link('/d/b', inside, 'abs')
        link(os.path.join(inside, 'd', 'b'), inside, 'full')
        link('l', inside, 'll')
        link('../../../../a', inside, 'd', 'high')
        for path, data in (((b'l', b'b'), b'b'), ((b'd', b'up'), b'a'), ((b'abs',), b'b'),
                           ((b'full',), b'b'), ((b'll', b'up'), b'a'),
                           ((b'd', b'high'), b'a')):
            assert get(jail, path) == data, path
        assert [entry.name for entry in jail.entries((b'll',))] == [b'b', b'high', b'up'], \
            'a folder'
        put(jail, (b'l', b'new'), b'new')
        assert get(jail, (b'd', b'new')) == b'new', 'written through'

    def test_circles_of_links_are_refused(self, prison):
        jail, inside, _outside = prison
        link('two', inside, 'one')
        link('one', inside, 'two')
        link('.', inside, 'me')
        assert refused(jail.open, (b'one',)) == DENIED and refused(jail.entries, (b'one', b'x')) \
            == DENIED, 'round and round'
        assert get(jail, (b'me',) * 30 + (b'a',)) == b'a', 'thirty'
        assert refused(jail.open, (b'me',) * 60 + (b'a',)) == DENIED, 'sixty'

    def test_dangling_links_are_missing_files(self, prison):
        jail, inside, outside = prison
        link('later', inside, 'l')
        assert refused(jail.open, (b'l',)) == MISSING, 'not there'
        put(jail, (b'l',), b'x')
        assert get(jail, (b'later',)) == b'x', 'made within'
        link(os.path.join(outside, 'later'), inside, 'm')
        assert refused(jail.store, (b'm',))[0] == 550 and not os.path.exists(
            os.path.join(outside, 'later')), 'made outside'

    def test_links_are_removed_and_moved_as_links(self, prison):
        jail, inside, outside = prison
        link(outside, inside, 'l')
        jail.rename((b'l',), (b'd', b'm'))
        assert os.readlink(os.path.join(inside, 'd', 'm')) == outside, 'moved'
        assert refused(jail.remove_folder, (b'd', b'm'))[0] == 550, 'it is no folder'
        jail.remove((b'd', b'm'))
        assert os.path.exists(outside), 'the link alone'

    def test_never_refuses_every_link(self, prison):
        jail, inside, _outside = prison
        strict = Jail(inside, 'never', steps=type(jail._steps))
        link('d', inside, 'l')
        assert refused(strict.open, (b'l', b'b')) == DENIED and refused(strict.entries, (b'l',)) \
            == DENIED, 'not followed'
        assert strict.stat((b'l',), False).kind == LINK, 'but seen'

    def test_a_swap_while_we_walk(self, prison):
        """A folder that becomes a link between the look and the deed leads nowhere:
        nothing follows it."""
        jail, inside, outside = prison
        os.mkdir(os.path.join(inside, 'x'))
        steps = jail._steps
        enter = steps.enter

        def swapped(folder, name):
            if name == b'x':
                os.rmdir(os.path.join(inside, 'x'))
                os.symlink(outside, os.path.join(inside, 'x'))
            return enter(folder, name)

        steps.enter = swapped
        assert refused(jail.open, (b'x', b'secret'))[0] == 550, 'it was followed'

    def test_modes_and_times_of_what_a_link_leads_to(self, prison):
        jail, inside, outside = prison
        link(os.path.join(outside, 'secret'), inside, 'l')
        before = os.stat(os.path.join(outside, 'secret'))
        assert refused(jail.set_mode, (b'l',), 0o777)[0] == 550 \
            and refused(jail.set_modified, (b'l',), 5.0)[0] == 550, 'outside'
        after = os.stat(os.path.join(outside, 'secret'))
        assert (before.st_mode, before.st_mtime) == (after.st_mode, after.st_mtime), 'changed'


@pytest.mark.parametrize(
    'name', [b'a/b', b'../outside/secret', b'x\0y', b'/etc/passwd', b'd/../../outside'])
def test_a_name_is_one_name(prison, name):
    jail = prison[0]
    for call in (jail.open, jail.store, jail.make_folder, jail.stat):
        assert refused(call, (name,)) == BAD_NAME, call


@pytest.mark.skipif(os.sep != '/', reason='this system has no pipes among its files')
def test_things_that_are_no_files(prison):
    jail, inside, _outside = prison
    subprocess.check_call(['mkfifo', os.path.join(inside, 'pipe')])  # jython: os.mkfifo is missing
    assert refused(jail.open, (b'pipe',))[0] == 550 and refused(jail.store, (b'pipe',))[0] == 550, \
        'nor hangs'
    assert jail.stat((b'pipe',)).kind == 'other', 'it is seen'
    assert jail.stat((b'pipe',)).special == b'p'


@pytest.mark.skipif(not os.path.exists('/dev/null'), reason='this system has no such device')
def test_a_device_has_its_numbers():
    entry = Jail('/dev').stat((b'null',))
    assert entry.special == b'c'
    assert entry.device in ((1, 3), None)       # jython: its stat has no numbers of devices


def test_descriptors_are_let_go(prison):
    jail, inside, _outside = prison
    if not os.path.isdir('/proc/self/fd'):
        pytest.skip('nobody counts descriptors here')
    count = lambda: len(os.listdir('/proc/self/fd'))
    before = count()
    for _ in range(50):
        get(jail, (b'd', b'b'))
        list(jail.entries((b'd',)))
        next(iter(jail.entries(())))
        put(jail, (b'd', b'c'), b'x')
        for call, args in ((jail.open, ((b'no',),)), (jail.open, ((b'd', b'no', b'x'),)),
                           (jail.entries, ((b'a',),)),
                           (jail.store, ((b'd',),)), (jail.make_folder, ((b'd',),)),
                           (jail.rename, ((b'a',), (b'no', b'x')))):
            refused(call, *args)
    assert count() <= before + 5, 'from %d to %d' % (before, count())


def test_the_root_may_be_a_link_itself(tmp_path):
    if not LINKS:
        pytest.skip('this system has no symbolic links')
    (tmp_path / 'real').mkdir()
    os.symlink(str(tmp_path / 'real'), str(tmp_path / 'link'))
    jail = Jail(str(tmp_path / 'link'))
    put(jail, (b'a',), b'x')
    assert (tmp_path / 'real' / 'a').read_bytes() == b'x', 'there'


def test_only_known_ways_with_links():
    with pytest.raises(ValueError):
        Jail('/', 'sometimes')
