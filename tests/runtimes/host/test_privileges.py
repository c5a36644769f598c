# Copyright the carryall authors.  See LICENSE.
"""Users and groups by name and number, and giving rights away."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.errors import CarryallError, UsageError
from carryall.runtimes.host import privileges
from carryall.runtimes.platform import ON_JVM
from carryall.runtimes.host.privileges import (become, current_ids, find_group, find_user,
                                               groups_of, may_switch,
                                          set_umask)
from tests.commands.processes import LIMIT, run
from tests.support import interpreter

SCRIPT = '''\
import os, sys
from carryall.core.errors import CarryallError
from carryall.runtimes.host import privileges


def ids():
    with open('/proc/self/status') as source:
        found = [line for line in source.read().split('\\n') if line[:3] in ('Uid', 'Gid', 'Gro')]
    return ' '.join(found).replace('\\t', ' ')


if sys.argv[1] == 'chroot':
    path = sys.argv[2]
    privileges.change_root(path.decode('utf-8') if isinstance(path, bytes) else path)
    sys.stdout.write('%s %s\\n' % (os.listdir('/'), os.getcwd()))
elif sys.argv[1] == 'groups':
    privileges.become(65534, 65533, False, [65533, 12, 34])
    sys.stdout.write(ids() + '\\n')
else:
    # 2.7 loads a codec when it needs it, and its folder may be closed to the new user.
    u''.encode('ascii')
    for effective in (True, False):
        privileges.become(65534, 65533, effective)
        sys.stdout.write(ids() + '\\n')
        try:
            privileges.become(0, 0)
            sys.stdout.write('back\\n')
        except CarryallError as exc:
            sys.stdout.write(exc.message + '\\n')
'''

as_root = pytest.mark.skipif(interpreter.BARE or not may_switch()
                             or not os.path.exists('/proc/self/status'),
                             reason='only root can, on Linux, and not on a Java without the native '
                                    'part of jffi')


@pytest.mark.skipif(not interpreter.BARE, reason='this interpreter can change its user')
def test_a_java_that_cannot_change_its_user_says_so():
    with pytest.raises(CarryallError) as caught:
        become(65534, 65533)
    assert 'libjffi-jni' in caught.value.message


@pytest.fixture
def script(tmpdir):
    """The script that gives its rights away."""
    path = tmpdir.join('script.py')
    path.write(SCRIPT)
    return str(path)


def test_current_ids_are_numbers_or_none():
    """Numbers, or None each."""
    uid, gid = current_ids()
    assert (uid is None) == (gid is None)
    assert uid is None or uid == os.getuid() and gid == os.getgid()


def test_find_user_takes_number_or_name():
    """By number or name; the group comes along."""
    pwd = pytest.importorskip('pwd')
    entry = pwd.getpwuid(os.getuid())
    assert find_user(u'%d' % entry.pw_uid) == (entry.pw_uid, entry.pw_gid)
    assert find_user(u'' + entry.pw_name) == (entry.pw_uid, entry.pw_gid)
    assert find_user(u'4000000000') == (4000000000, None)
    for bad in (u'no-such-user', u'', u'-1', u'4294967295', u'caf\xe9', u'0x0'):
        with pytest.raises(UsageError):
            find_user(bad)


def test_find_group_takes_number_or_name():
    """By number or name."""
    grp = pytest.importorskip('grp')
    entry = grp.getgrgid(os.getgid())
    assert find_group(u'%d' % entry.gr_gid) == entry.gr_gid
    assert find_group(u'' + entry.gr_name) == entry.gr_gid
    for bad in (u'no-such-group', u'', u'-1', u'4294967295', u'caf\xe9'):
        with pytest.raises(UsageError):
            find_group(bad)


@as_root
@pytest.mark.limit(LIMIT)
def test_become_gives_up_the_rights_of_root(script):
    """Effective alone can be undone; for good it is real, effective and saved, no group of root's
    is left, no way back."""
    status, output, errors = run(script, 'become')
    lines = output.split('\n')
    assert status == 0, errors
    assert lines[0].startswith('Uid: 0 65534 0 65534 Gid: 0 65533 0 65533'), output
    assert lines[1] == 'back', output
    assert lines[2].startswith(
        'Uid: 65534 65534 65534 65534 Gid: 65533 65533 65533 65533 Groups:'), output
    assert lines[2].rpartition('Groups:')[2].strip() in ('', '65533'), output
    assert lines[3].startswith('cannot become uid 0, gid 0'), output


@as_root
@pytest.mark.limit(LIMIT)
def test_become_with_groups(script):
    """The groups of an account are those of the process, and no others."""
    status, output, errors = run(script, 'groups')
    assert status == 0, errors
    assert sorted(output.rpartition('Groups:')[2].split()) == ['12', '34', '65533']


def test_groups_of_an_account(monkeypatch):
    """The account's own group comes first, then those that list it; --gid takes the first place."""
    pwd = pytest.importorskip('pwd')
    entry = pwd.getpwuid(os.getuid())
    monkeypatch.setattr(privileges, '_listed_groups', lambda name, gid: [gid, 7, 7, 5]
                        if name == entry.pw_name else [])
    own = int(entry.pw_gid)
    assert groups_of(entry.pw_uid, None) == [own, 5, 7]
    assert groups_of(entry.pw_uid, 9999) == [9999, 5, 7]
    assert groups_of(entry.pw_uid, None, u'' + entry.pw_name) == [own, 5, 7]


def test_groups_without_an_account():
    """A number that no account has is in its group alone."""
    assert groups_of(3999999999, 54321) == [54321]
    assert groups_of(None, 54321) == [54321]
    assert groups_of(None, None) == []


@as_root
def test_listed_groups_of_the_system(monkeypatch):
    """Every group that names a user as its member is found, on each runtime."""
    grp = pytest.importorskip('grp')
    for entry in grp.getgrall():
        for name in list(entry.gr_mem):
            assert entry.gr_gid in privileges._listed_groups(name, 54321)


@pytest.mark.skipif(not ON_JVM, reason='of a JVM')
def test_no_change_of_root_on_a_jvm(tmpdir):
    """It is refused with the reason: classes are loaded while it runs."""
    with pytest.raises(CarryallError) as caught:
        privileges.change_root(str(tmpdir))
    assert 'a JVM loads its classes' in caught.value.message


@as_root
@pytest.mark.skipif(ON_JVM, reason='a JVM cannot')
@pytest.mark.limit(LIMIT)
def test_change_root_hides_other_folders(script, tmpdir):
    """The folder is all there is."""
    folder = os.path.join(str(tmpdir), u'gr\xfcn')
    os.mkdir(folder)
    with open(os.path.join(folder, u'file'), 'w'):
        pass
    status, output, errors = run(script, 'chroot', folder)
    assert (status, output) == (0, "['file'] /\n"), errors


def test_the_umask_is_set_or_the_command_for_the_shell_is_named(monkeypatch):
    if not interpreter.BARE:
        former = os.umask(0o022)
        try:
            set_umask(0o027)
            assert os.umask(0o022) == 0o027
        finally:
            os.umask(former)
        monkeypatch.delattr(os, 'umask')
    with open('/proc/self/status') as source:
        own = [int(line.split()[1], 8) for line in source if line.startswith('Umask:')][0]
    set_umask(own)
    with pytest.raises(CarryallError) as caught:
        set_umask(own ^ 0o077)
    assert '"umask %03o"' % (own ^ 0o077) in caught.value.message
