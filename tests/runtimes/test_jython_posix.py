# Copyright the carryall authors.  See LICENSE.
"""What stands in for jffi's native part, judged beside what jffi says where that is there."""
from __future__ import absolute_import, division, print_function

import errno
import os
import pwd
import signal
import subprocess
import time

import pytest

from carryall.runtimes.jvm import posix

DEADLINE = 20.0


def test_the_module_os_is_whole_whatever_the_java():
    for name in ('getpid', 'getppid', 'getuid', 'getgid', 'kill', 'isatty', 'chmod', 'mkdir'):
        assert callable(getattr(os, name)), name


def test_numbers_of_the_process_are_those_of_proc():
    with open('/proc/self/status') as source:
        fields = dict(line.rstrip('\n').split(':\t', 1) for line in source if ':\t' in line)
    assert posix.getpid() == os.getpid() == int(fields['Pid'])
    assert posix.getppid() == os.getppid() == int(fields['PPid'])
    assert os.getuid() == int(fields['Uid'].split()[0])
    assert os.getgid() == int(fields['Gid'].split()[0])


@pytest.mark.parametrize('mode', [0o600, 0o640, 0o644, 0o666, 0o711, 0o000, 0o1777, 0o4755])
def test_chmod_sets_every_bit(tmpdir, mode):
    path = str(tmpdir.mkdir('folder'))
    posix.chmod(path, mode)
    assert os.stat(path).st_mode & 0o7777 == mode


@pytest.mark.parametrize('call', [posix.chmod, posix.mkdir])
def test_a_missing_folder_is_enoent(tmpdir, call):
    with pytest.raises(OSError) as caught:
        call(str(tmpdir.join('missing', 'x')), 0o700)
    assert caught.value.errno == errno.ENOENT


def test_mkdir_has_the_mode_and_refuses_what_exists(tmpdir):
    path = str(tmpdir.join('private'))
    posix.mkdir(path, 0o700)
    assert os.stat(path).st_mode & 0o777 == 0o700
    with pytest.raises(OSError) as caught:
        posix.mkdir(path)
    assert caught.value.errno == errno.EEXIST


def test_mkdir_is_relative_to_the_folder_that_chdir_chose(tmpdir):
    former = os.getcwd()
    os.chdir(str(tmpdir))
    try:
        posix.mkdir('here')
    finally:
        os.chdir(former)
    assert tmpdir.join('here').isdir()


def test_kill_ends_a_process_by_the_signal():
    child = subprocess.Popen(['sleep', '60'])
    posix.kill(child.pid, 0)
    posix.kill(child.pid, signal.SIGTERM)
    assert child.wait() in (-signal.SIGTERM, 128 + signal.SIGTERM)
    until = time.time() + DEADLINE
    with pytest.raises(OSError) as caught:
        while time.time() < until:          # Java may still know a child that has just ended
            posix.kill(child.pid, 0)
    assert caught.value.errno == errno.ESRCH


def test_a_file_is_no_terminal():
    assert not posix.isatty(99)


def test_accounts_are_those_that_the_system_has():
    root = posix.getpwnam('root')
    assert (root.pw_name, root.pw_uid, root.pw_gid) == ('root', 0, 0)
    assert root.pw_dir == pwd.getpwnam('root').pw_dir
    assert posix.getpwuid(0).pw_name == 'root'
    assert 'root' in [entry.pw_name for entry in posix.getpwall()]
    assert posix.getgrgid(posix.getgrnam('root').gr_gid).gr_name == 'root'


@pytest.mark.parametrize('look_up, unknown', [
    (posix.getpwnam, 'no-such-user'), (posix.getpwnam, ''), (posix.getpwnam, '-s'),
    (posix.getpwuid, 4000000000), (posix.getgrnam, 'no-such-group'), (posix.getgrgid, 4000000000)])
def test_an_unknown_account_is_a_key_error(look_up, unknown):
    with pytest.raises(KeyError):
        look_up(unknown)


def test_an_account_of_a_directory_service_is_asked_of_getent(tmpdir, monkeypatch):
    monkeypatch.setattr(posix, 'PASSWD', str(tmpdir.join('missing')))
    assert posix.getpwnam('root').pw_uid == 0
