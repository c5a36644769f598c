# Copyright the carryall authors.  See LICENSE.
"""The lock around changing a file: one at a time, of threads and of processes, and gone with the process."""
from __future__ import absolute_import, division, print_function

import os
import subprocess
import sys
import threading

import pytest

from carryall.runtimes.filelock import FileBusy, locked
from tests.commands.processes import ROOT, environment
from tests.support import interpreter

HOLDER = '''
import sys
from carryall.runtimes.filelock import locked
with locked(sys.argv[1]):
    sys.stdout.write('locked\\n')
    sys.stdout.flush()
    sys.stdin.readline()
'''


def test_one_at_a_time_in_one_process(tmpdir):
    path = str(tmpdir.join('users'))
    found, inside, started = [], threading.Event(), threading.Event()

    def hold():
        with locked(path):
            started.set()
            inside.wait(20.0)

    thread = threading.Thread(target=hold)
    thread.start()
    assert started.wait(20.0)
    if interpreter.JYTHON:      # of one process the system's locks exclude nobody, but Java's do
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
    holder = subprocess.Popen([sys.executable, str(script), path], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              env=environment(), cwd=ROOT)
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
