# Copyright the carryall authors.  See LICENSE.
"""The reloader: changes of files, and servers that start again."""
from __future__ import absolute_import, division, print_function

import os
import sys

import pytest

from carryall import runtimes
from carryall.commands.reloader import MARK, Reloader, changed, is_child, snapshot
from carryall.core.future import Future, sleep, with_timeout
from tests.commands.processes import DEADLINE, LIMIT

SERVER = '''
import sys, time
sys.stdout.write('begun %s\\n')
sys.stdout.flush()
%s
'''
STAYS = 'time.sleep(60)'


@pytest.fixture
def loop():
    """A loop of this runtime."""
    made = runtimes.choose()
    yield made
    made.close()


class Run(object):
    """A Reloader of a script in a folder."""

    def __init__(self, loop, folder):
        self.loop = loop
        self.script = folder.join('server.py')
        self.heard = b''
        self.wanted = None
        self.reloader = None

    def write(self, name, then=STAYS):
        """Changes the script."""
        self.script.write(SERVER % (name, then))

    def start(self):
        """Starts the first child."""
        self.reloader = Reloader(self.loop, [sys.executable, str(self.script)],
                                 str(self.script.dirpath()), self._output)
        self.reloader.start()

    def _output(self, _fd, data):
        self.heard += data
        if self.wanted is not None and self.wanted[0] in self.heard:
            wanted, self.wanted = self.wanted, None
            wanted[1].set_result(None)

    def until(self, text):
        """Turns the loop until the children have said *text*."""
        if text not in self.heard:
            self.wanted = text, Future()
            self.loop.run_until(with_timeout(self.loop, self.wanted[1], DEADLINE))

    def until_any(self, records):
        """Turns the loop until *records* has one."""
        deadline = self.loop.time() + DEADLINE
        while not records and self.loop.time() < deadline:
            self.loop.run_until(sleep(self.loop, 0.05))

    def stop(self):
        """Ends the child."""
        self.reloader.stop()
        self.loop.run()


@pytest.mark.limit(LIMIT)
def test_a_changed_file_starts_the_server_again(loop, tmpdir):
    run = Run(loop, tmpdir)
    run.write('first')
    run.start()
    run.until(b'begun first')
    run.write('second one')
    run.until(b'begun second one')
    run.stop()
    assert run.heard.count(b'begun') == 2


@pytest.mark.limit(LIMIT)
def test_a_server_that_ends_starts_again_behind_a_change(loop, tmpdir, expect_log):
    records = expect_log('it starts again when a file changes')
    run = Run(loop, tmpdir)
    run.write('first', 'sys.exit(3)')
    run.start()
    run.until(b'begun first')
    run.until_any(records)      # a change before the end has been seen is one of a live child
    run.write('second one')
    run.until(b'begun second one')
    run.stop()
    assert len(records) == 1


def test_a_snapshot_has_python_files_alone(tmpdir):
    tmpdir.join('a.py').write('')
    tmpdir.join('a.txt').write('')
    tmpdir.mkdir('__pycache__').join('b.py').write('')
    tmpdir.mkdir('.git').join('c.py').write('')
    tmpdir.mkdir('sub').join('d.py').write('')
    assert sorted(os.path.relpath(path, str(tmpdir)) for path in snapshot(str(tmpdir))) == [
        'a.py', os.path.join('sub', 'd.py')]


@pytest.mark.parametrize('before, after, path', [
    ({}, {}, None), ({'a': (1, 1)}, {'a': (1, 1)}, None), ({'a': (1, 1)}, {'a': (2, 1)}, 'a'),
    ({'a': (1, 1)}, {'a': (1, 2)}, 'a'), ({}, {'b': (1, 1)}, 'b'), ({'b': (1, 1)}, {}, 'b')])
def test_a_change_is_a_file_that_differs_has_come_or_gone(before, after, path):
    assert changed(before, after) == path


def test_a_child_knows_that_it_is_one():
    assert is_child({MARK: '1'})
    assert not is_child({})
