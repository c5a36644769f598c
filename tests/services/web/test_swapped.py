# Copyright the carryall authors.  See LICENSE.
"""A folder that is swapped for a symbolic link while it is served from: nothing outside is ever
given.
"""
from __future__ import absolute_import, division, print_function

import os
import shutil
import threading

import pytest

from carryall import runtimes       # noqa: F401  on Jython it provides what opens folders
from carryall.core.files.folders import Descriptors, Held
from carryall.services.web.tree import FileTree, Unreadable
from tests.services.web.support import HAS_LINKS, ask, belongs_to_another, site, write

OPENINGS = 3000         # of each race; an acceptance case (symlink-race) makes a million
PAUSE_SECONDS = 0.0001
CALLS = 14              # of the steps that one answer takes, at most
WAY = [b'd', b'file']

pytestmark = [pytest.mark.skipif(not HAS_LINKS, reason='this system has no symbolic links'),
              pytest.mark.skipif(not Descriptors.works() and not Held.works(),
                                 reason='here a swap is noticed, not prevented')]


@pytest.fixture
def root(tmpdir):
    """A folder with d/file, and beside it a folder with a secret of that name."""
    write(tmpdir, 'outside/file', b'secret')
    write(tmpdir, 'root/d/file', b'public')
    return tmpdir.join('root')


def judged(tree, root):
    """The tree, to which the secret belongs to somebody else."""
    outside = str(root.dirpath('outside'))
    belongs_to_another(tree, outside, os.path.join(outside, 'file'))
    return tree


def swap_folder(root):
    """Puts a link in the place of the folder."""
    os.rename(str(root.join('d')), str(root.join('former')))
    os.symlink('../outside', str(root.join('d')))


def swap_file(root):
    """Puts a link in the place of the file."""
    os.remove(str(root.join('d', 'file')))
    os.symlink('../../outside/file', str(root.join('d', 'file')))


def restore(root):
    """All as it was."""
    if os.path.islink(str(root.join('d'))):
        os.remove(str(root.join('d')))
        os.rename(str(root.join('former')), str(root.join('d')))
    shutil.rmtree(str(root.join('d')))
    write(root, 'd/file', b'public')


class Interrupted(object):
    """Steps before one of whose calls something happens."""

    def __init__(self, steps, number, deed):
        self._steps = steps
        self._left = number
        self._deed = deed

    def __getattr__(self, name):
        call = getattr(self._steps, name)

        def called(*args):
            if not self._left:
                self._deed()
            self._left -= 1
            return call(*args)

        return called


def read(tree):
    """The content given for the file; None if it is refused."""
    located = tree.locate(WAY)
    if located is None:
        return None
    try:
        fileobj, _ = tree.open(located)
    except Unreadable:
        return None
    with fileobj:
        return fileobj.read()


@pytest.mark.parametrize('swap', [swap_folder, swap_file])
@pytest.mark.parametrize('policy', ['never', 'owner'])
def test_a_swap_before_any_step_leads_nowhere(root, policy, swap):
    tree = judged(FileTree(str(root), symlinks=policy), root)
    steps = tree._walk._steps
    given = []
    for number in range(CALLS):
        interrupted = Interrupted(steps, number, lambda: swap(root))
        tree._walk._steps = interrupted
        given.append(read(tree))
        if interrupted._left < 0:
            restore(root)
    assert b'secret' not in given
    assert given[-1] == b'public', 'the last swap came too late, or never'


@pytest.mark.parametrize('policy', ['never', 'owner'])
def test_a_site_gives_no_secret_when_a_swap_comes_before_any_step(root, policy):
    """The whole way of a request: looking, choosing, reading, looking again."""
    bodies = []
    for number in range(3 * CALLS):
        app = site(root, symlinks=policy)
        steps = judged(app.tree, root)._walk._steps
        interrupted = Interrupted(steps, number, lambda: swap_folder(root))
        app.tree._walk._steps = interrupted
        bodies.append(ask(app, b'/d/file')[2])
        if interrupted._left < 0:
            restore(root)
    assert b'secret' not in bodies
    assert bodies[-1] == b'public'


@pytest.mark.parametrize('policy', ['never', 'owner'])
def test_a_race_of_thousands_of_swaps_is_never_lost(root, policy):
    """Another thread swaps the folder for a link and back, as fast as it can."""
    tree = judged(FileTree(str(root), symlinks=policy), root)
    over = threading.Event()
    os.symlink('../outside', str(root.join('link')))
    there, link, former = [str(root.join(name)) for name in ('d', 'link', 'former')]

    def swap():
        while not over.is_set():
            os.rename(there, former)
            os.rename(link, there)
            os.rename(there, link)
            os.rename(former, there)
            # With the folder where it belongs, or the other thread may never meet it
            over.wait(PAUSE_SECONDS)

    swapper = threading.Thread(target=swap)
    swapper.start()
    try:
        given = [read(tree) for _ in range(OPENINGS)]
    finally:
        over.set()
        swapper.join()
    assert set(given) <= set([b'public', None])
    assert b'public' in given
