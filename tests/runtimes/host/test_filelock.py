# Copyright the carryall authors.  See LICENSE.
"""The lock around changing a file: one at a time, of threads and of processes,
and gone with the process."""
from __future__ import absolute_import, division, print_function

import os
import subprocess
import sys
import threading

import pytest

from carryall.runtimes.host.filelock import FileBusy, locked
from tests.commands.processes import ROOT, environment
from tests.support import interpreter

HOLDER = '''
import sys
from carryall.runtimes.host.filelock import locked
with locked(sys.argv[1]):
    sys.stdout.write('locked\\n')
    sys.stdout.flush()
    sys.stdin.readline()
'''


def test_one_at_a_time_in_one_process(tmpdir):
    path = str(tmpdir.join('users'))
    found = []
    inside = threading.Event()
    started = threading.Event()

    def hold():
        with locked(path):
            started.set()
            inside.wait(20.0)

    thread = threading.Thread(target=hold)
    thread.start()
    assert started.wait(20.0)
    if interpreter.JYTHON:      # of one process the system's locks exclude no one, but Java's do
        with pytest.raises(FileBusy):
            with locked(path, seconds=0.05):
                found.append('both')
    inside.set()
    thread.join(20.0)
    with locked(path):
        assert not found
    with locked(path):          # and again
        pass
    assert sorted(os.listdir(str(tmpdir))) == ['users.lock']


@pytest.mark.limit(60)
def test_another_process_has_it_until_it_is_killed(tmpdir):
    path = str(tmpdir.join('users'))
    script = tmpdir.join('hold.py')
    script.write(HOLDER)
    holder = subprocess.Popen([sys.executable, str(script), path], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, env=environment(), cwd=ROOT)
    try:
        assert holder.stdout.readline().strip() == b'locked'
        with pytest.raises(FileBusy) as caught:
            with locked(path, seconds=0.05):
                pass
        assert 'users' in caught.value.message
    finally:
        holder.kill()
        holder.wait()
        holder.stdin.close()
        holder.stdout.close()
    with locked(path):
        pass


def test_let_go_after_a_failure(tmpdir):
    path = str(tmpdir.join('users'))
    with pytest.raises(KeyError):
        with locked(path):
            raise KeyError(path)
    with locked(path, seconds=0.0):
        pass


COUNTER = '''
import sys
from carryall.runtimes.host.filelock import locked
for _ in range(int(sys.argv[2])):
    with locked(sys.argv[1], seconds=60.0, keep=False):
        with open(sys.argv[1], 'rb') as source:
            number = int(source.read())
        with open(sys.argv[1], 'wb') as target:
            target.write(b'%d' % (number + 1))
'''


@pytest.mark.limit(120)
def test_a_lock_file_that_does_not_stay_locks_all_the_same(tmpdir):
    """A process that waited for a file that its holder removed begins again."""
    count, rounds = (2, 20) if interpreter.JYTHON else (4, 100)
    script = tmpdir.join('count.py')
    path = tmpdir.join('number')
    script.write(COUNTER)
    path.write(b'0', 'wb')
    counting = [subprocess.Popen([sys.executable, str(script), str(path), str(rounds)],
                                 env=environment(), cwd=ROOT)
                for _ in range(count)]
    assert [each.wait() for each in counting] == [0] * count
    assert path.read('rb') == b'%d' % (count * rounds)
    assert sorted(os.listdir(str(tmpdir))) == ['count.py', 'number']
