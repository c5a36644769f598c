# Copyright the carryall authors.  See LICENSE.
"""The replacement of jffi's native part, judged beside what jffi says where that is there."""
from __future__ import absolute_import, division, print_function

import errno
import os
import pwd
import signal
import subprocess
import time

import pytest

from carryall.core.files import octetpaths
from carryall.runtimes.host.privileges import may_switch
from carryall.runtimes.jvm import notice, posix
from tests.support import interpreter

DEADLINE = 20.0


def test_the_module_os_is_complete_on_every_java():
    for name in ('getpid', 'getppid', 'getuid', 'getgid', 'kill', 'isatty', 'chmod', 'chown',
                 'lchown', 'mkdir'):
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


@pytest.mark.skipif(not may_switch(), reason='only root can give files away')
@pytest.mark.parametrize('call', [posix.chown, os.chown, posix.lchown, os.lchown])
def test_a_file_gets_the_user_and_the_group(tmpdir, call):
    tmpdir.join('file').write('x')
    call(str(tmpdir.join('file')), 65534, 65533)
    state = os.stat(str(tmpdir.join('file')))
    assert (state.st_uid, state.st_gid) == (65534, 65533)
    call(str(tmpdir.join('file')), -1, 65532)
    state = os.stat(str(tmpdir.join('file')))
    assert (state.st_uid, state.st_gid) == (65534, 65532)


@pytest.mark.skipif(not may_switch(), reason='only root can give files away')
def test_lchown_gives_the_link_and_not_its_target(tmpdir):
    target = str(tmpdir.join('file'))
    link = str(tmpdir.join('link'))
    tmpdir.join('file').write('x')
    os.symlink(target, link)
    posix.lchown(link, 65534, 65533)
    assert (os.lstat(link).st_uid, os.stat(target).st_uid) == (65534, os.getuid())
    posix.chown(link, 65532, -1)
    assert (os.lstat(link).st_uid, os.stat(target).st_uid) == (65534, 65532)


def test_a_name_beyond_ascii_is_reached(tmpdir):
    path = str(tmpdir) + '/gr\xc3\xbcn'
    posix.mkdir(path, 0o700)
    posix.chmod(path, 0o750)
    assert octetpaths.system.stat(path).st_mode & 0o777 == 0o750
    assert octetpaths.system.listdir(str(tmpdir)) == ['gr\xc3\xbcn']


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


@pytest.mark.skipif(not interpreter.BARE, reason='this Java can call the C library')
def test_notice_to_systemd_that_cannot_be_given_is_one_sentence():
    with pytest.raises(IOError) as caught:
        notice.send('/nonexistent', b'READY=1')
    assert str(caught.value) \
        == ('this Java cannot call the C library, for the native part of jffi is missing'
            ' (Debian: libjffi-jni)')


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
