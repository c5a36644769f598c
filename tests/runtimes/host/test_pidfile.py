# Copyright the carryall authors.  See LICENSE.
"""The pid file: one owner at a time, and nothing that a crash leaves keeps the next one from
starting."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.runtimes.host import pidfile, privileges
from carryall.runtimes.host.pidfile import AlreadyRunning, PidFile, PidFileError, is_alive, start_of
from tests.commands.processes import LIMIT, Child
from tests.support.umask import set_umask

HOLDER = '''\
import sys
from carryall.runtimes.host.pidfile import PidFile
pid_file = PidFile(sys.argv[1])
pid_file.claim()
sys.stdout.write('claimed\\n')
sys.stdout.flush()
sys.stdin.read()
'''

NO_PROCESS = 2 ** 22 + 1        # above the pids of Linux (proc(5), pid_max)


@pytest.fixture
def target(tmpdir):
    """The pid file of the tests, and what lies in its folder."""
    return tmpdir.join('x.pid')


def names(target):
    """The names of the files beside it."""
    return sorted(os.listdir(target.dirname))


def test_claim_and_release(target):
    """It holds the pid alone, readable by all; nothing is left afterwards."""
    pid_file = PidFile(str(target))
    pid_file.claim()
    assert target.read_binary() == b'%d\n' % os.getpid()
    assert os.stat(str(target)).st_mode & 0o777 == 0o644
    assert names(target) == ['x.pid', 'x.pid.lock']
    assert pid_file.owner() == os.getpid()
    pid_file.release()
    assert names(target) == []
    pid_file.release()


def test_check_of_nothing(target):
    """Looking makes no file."""
    PidFile(str(target)).check()
    assert names(target) == []


def test_a_released_pid_file_can_be_claimed_again(target):
    """After a release it can be had again."""
    for _ in range(2):
        pid_file = PidFile(str(target))
        pid_file.claim()
        pid_file.release()


@pytest.mark.limit(LIMIT)
def test_another_process_has_it(target, tmpdir):
    """While it lives no one else gets it; when it is killed, anyone who comes next does."""
    script = tmpdir.mkdir('scripts').join('holder.py')
    script.write(HOLDER)
    with Child(str(script), str(target)) as child:
        assert child.line() == 'claimed'
        with pytest.raises(AlreadyRunning) as caught:
            PidFile(str(target)).claim()
        assert u'as process %d' % PidFile(str(target)).owner() in caught.value.message
        with pytest.raises(AlreadyRunning):
            PidFile(str(target)).check()
        # Even without the lock file, or with an old one,
        # a process that lives is not taken for dead.
        os.remove(str(target) + '.lock')
        with pytest.raises(AlreadyRunning) as caught:
            PidFile(str(target)).claim()
        assert 'is alive' in caught.value.message
        assert target.exists()
        child.process.kill()
        child.process.wait()
    assert target.exists(), 'a killed process leaves it behind'
    pid_file = PidFile(str(target))
    pid_file.check()
    pid_file.claim()
    assert pid_file.owner() == os.getpid()
    pid_file.release()


@pytest.mark.parametrize('content', [b'', b'\n', b'%d\n' % NO_PROCESS, b' %d ' % NO_PROCESS])
def test_a_stale_pid_file_does_not_block(target, content):
    """An empty file, and the pid of no process, do not block."""
    target.write_binary(content)
    pid_file = PidFile(str(target))
    pid_file.claim()
    assert pid_file.owner() == os.getpid()
    pid_file.release()


@pytest.mark.parametrize('content', [b'hello\n', b'root:x:0:0:root\n', b'12 13\n', b'-5\n', b'0\n',
                                     b'\xff', b'9' * 30])
def test_not_a_pid_file(target, content):
    """Somebody's notes are left alone."""
    target.write_binary(content)
    with pytest.raises(PidFileError) as caught:
        PidFile(str(target)).claim()
    assert 'left alone' in caught.value.message
    assert target.read_binary() == content
    assert names(target) == ['x.pid'], 'and nothing is left beside them'


def test_a_folder_in_its_place(target):
    target.mkdir()
    with pytest.raises(PidFileError) as caught:
        PidFile(str(target)).claim()
    assert caught.value.message.endswith(u': Is a directory') and names(target) == ['x.pid']


def parent():
    """The pid of a process that lives and is not ours to end."""
    return os.getppid()


def test_a_living_process_that_is_not_known(target):
    """A pid file of another program, or of a carryall whose lock file is gone."""
    target.write_binary(b'%d\n' % parent())
    with pytest.raises(AlreadyRunning) as caught:
        PidFile(str(target)).claim()
    assert 'remove the file' in caught.value.message
    assert target.read_binary() == b'%d\n' % parent()


@pytest.mark.skipif(not start_of(os.getpid()),
                    reason='this system does not tell when a process started')
def test_a_pid_that_came_round(target):
    """The pid of a crashed server belongs to another process now: the start times differ."""
    target.write_binary(b'%d\n' % parent())
    lock = target.dirpath('x.pid.lock')
    lock.write_binary(('%d %s\n' % (parent(), start_of(parent()))).encode('ascii'))
    with pytest.raises(AlreadyRunning):
        PidFile(str(target)).claim()
    lock.write_binary(b'%d 12.another-boot\n' % parent())
    pid_file = PidFile(str(target))
    pid_file.claim()
    assert pid_file.owner() == os.getpid()
    assert lock.read_binary() == ('%d %s\n' % (os.getpid(), start_of(os.getpid()))).encode('ascii')
    pid_file.release()


def test_the_lock_file_vanishes(target, monkeypatch):
    """Another process removes the lock file between our opening and our locking it,
    again and again."""
    monkeypatch.setattr(pidfile._Lock, 'is_at', lambda self, path: False)
    monkeypatch.setattr(pidfile._JavaLock, 'is_at', lambda self, path: False)
    with pytest.raises(PidFileError) as caught:
        PidFile(str(target)).claim()
    assert 'vanishing' in caught.value.message


def test_a_lock_knows_if_its_file_is_still_there(target):
    """A lock knows whether its file is still the one of that name."""
    path = str(target)
    lock = pidfile._make_lock(path)
    lock.write(b'12 x\n')
    assert lock.is_at(path)
    assert lock.record() == (12, 'x')
    assert target.read_binary() == b'12 x\n'
    os.remove(path)
    assert not lock.is_at(path)
    target.write_binary(b'12 x\n')
    assert not lock.is_at(path)
    lock.close()


@pytest.mark.skipif(not hasattr(os, 'symlink'), reason='there are no symbolic links')
def test_a_lock_file_that_leads_elsewhere_is_not_written_to(target, tmpdir):
    """In a folder of everybody's, somebody may have put it there."""
    precious = tmpdir.join('precious')
    precious.write('precious')
    os.symlink(str(precious), str(target) + '.lock')
    for act in (PidFile(str(target)).claim, PidFile(str(target)).check):
        with pytest.raises(PidFileError) as caught:
            act()
        assert u'symbolic link' in caught.value.message
    assert precious.read() == 'precious' and not target.exists()


def test_a_missing_folder_is_one_sentence(tmpdir):
    """No folder: one sentence."""
    with pytest.raises(PidFileError) as caught:
        PidFile(str(tmpdir.join('none', 'x.pid'))).claim()
    assert 'x.pid' in caught.value.message and 'written' in caught.value.message


def test_give_to_the_present_owner_is_allowed(target):
    """The files may be given to the user that owns them already."""
    pid_file = PidFile(str(target))
    pid_file.claim()
    pid_file.give_to(-1, -1)
    pid_file.release()
    assert names(target) == []


def test_is_alive_recognizes_processes():
    """This process, its parent, none."""
    assert is_alive(os.getpid()) and is_alive(parent())
    assert not is_alive(NO_PROCESS)


def test_start_of_is_the_same_each_time():
    """One word, the same each time; empty for no process."""
    assert start_of(os.getpid()) == start_of(os.getpid())
    assert u' ' not in start_of(os.getpid())
    assert start_of(NO_PROCESS) == u''


def test_others_cannot_open_the_lock(target):
    """Any process that can read a file can lock it; the pid file itself stays readable."""
    pid_file = PidFile(str(target))
    former = set_umask(0)
    try:
        pid_file.claim()
    finally:
        set_umask(former)
    try:
        assert os.stat(str(target) + '.lock').st_mode & 0o777 == 0o600
        assert os.stat(str(target)).st_mode & 0o777 == 0o644
    finally:
        pid_file.release()


def test_the_lock_of_an_older_version_becomes_private(target):
    """The remains of a crash of a former version are taken over with fewer rights."""
    lock = target.dirpath('x.pid.lock')
    lock.write('%d \n' % NO_PROCESS)
    os.chmod(str(lock), 0o644)
    pid_file = PidFile(str(target))
    pid_file.claim()
    assert os.stat(str(lock)).st_mode & 0o777 == 0o600
    pid_file.release()


READER = """\
import fcntl, os, sys
handle = os.open(sys.argv[1], os.O_RDONLY)
os.setuid(65534)
fcntl.lockf(handle, fcntl.LOCK_SH)
sys.stdout.write('locked\\n')
sys.stdout.flush()
sys.stdin.read()
"""


@pytest.mark.limit(LIMIT)
def test_a_lock_that_a_reader_holds(target, tmpdir):
    """Another account has locked the file that a former version let it read:
    that is no server that runs."""
    pytest.importorskip('fcntl')
    if not privileges.may_switch():
        pytest.skip('only root can be another account')
    lock = target.dirpath('x.pid.lock')
    lock.write('%d \n' % NO_PROCESS)
    os.chmod(str(lock), 0o644)
    script = tmpdir.join('reader.py')
    script.write(READER)
    with Child(str(script), lock) as reader:
        assert reader.line() == 'locked'
        pid_file = PidFile(str(target))
        pid_file.claim()
        assert target.read() == '%d\n' % os.getpid()
        pid_file.release()
