# Copyright the carryall authors.  See LICENSE.
"""Sources of the users that finger tells of."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.testing import VirtualLoop
from carryall.app.fingerusers import MAX_FILE, Accounts, Folder
from tests.support import interpreter


@pytest.fixture
def accounts(tmpdir):
    homes = tmpdir.mkdir('homes')
    rows = [('root', 0, 'root'), ('ann', 1000, 'Ann Example,Room 5,555-1,555-2'),
            ('bob', 1001, '& Builder'), ('nobody', 65534, 'nobody')]
    lines = []
    for name, uid, gecos in rows:
        homes.mkdir(name)
        lines.append('%s:x:%d:%d:%s:%s:/bin/sh' % (name, uid, uid, gecos, homes.join(name)))
    path = tmpdir.join('passwd')
    path.write('\n'.join(lines + ['broken', 'eve:x:notanumber:1::/:/bin/sh', '']))
    return Accounts(str(path)), homes


def test_accounts_of_the_system_are_users(accounts):
    source, homes = accounts
    ann, bob = source.people()
    assert (ann.login, ann.name, ann.office, ann.shell) == (u'ann', u'Ann Example',
                                                            u'Room 5, 555-1, 555-2', u'/bin/sh')
    assert bob.name == u'Bob Builder', 'the old meaning of &'
    assert ann.read(u'plan') == u'' and not ann.hidden()
    homes.join('ann', '.plan').write_binary(b'to rest\n')
    assert ann.read(u'plan') == u'to rest\n'
    homes.join('ann', '.nofinger').write('')
    assert ann.hidden() and not bob.hidden()


def test_private_files_are_not_shown(accounts):
    source, homes = accounts
    ann = source.people()[0]
    secret = homes.join('secret')
    secret.write('secret')
    plan = homes.join('ann', '.plan')
    plan.write('x' * (2 * MAX_FILE))
    assert len(ann.read(u'plan')) == MAX_FILE
    os.chmod(str(plan), 0o600)
    assert ann.read(u'plan') == u'', 'kept from others'
    plan.remove()
    if not interpreter.JYTHON:
        os.symlink(str(secret), str(plan))
        assert ann.read(u'plan') == u'', 'a link may lead anywhere'


def test_no_file_no_people(tmpdir):
    assert Accounts(str(tmpdir.join('none'))).people() == []


def test_folders_describe_users(tmpdir, expect_log):
    people = tmpdir.mkdir('people')
    people.mkdir('ann').join('name').write('Ann Example\n')
    people.mkdir('bob').join('plan').write('to build\n')
    people.mkdir('.hidden')
    people.join('file').write('')
    people.mkdir('eve').join('nofinger').write('')
    found = Folder(str(people)).people()
    assert [(each.login, each.name) for each in found] == [(u'ann', u'Ann Example'), (u'bob', u''),
                                                           (u'eve', u'')]
    assert found[1].read(u'plan') == u'to build\n' and [each.hidden() for each in found] \
        == [False, False, True]
    expect_log('cannot be listed')
    assert Folder(str(tmpdir.join('none'))).people() == []


# jython: there are no pipes to be made.
@pytest.mark.parametrize('kind', ['link', 'kept'] + ['pipe'] * hasattr(os, 'mkfifo'))
def test_a_file_replaced_between_two_looks_is_refused(accounts, monkeypatch, kind):
    source, homes = accounts
    ann = source.people()[0]
    homes.join('regular').write('')
    plan = homes.join('ann', '.plan')
    if kind == 'link':
        homes.join('secret').write('secret')
        os.symlink(str(homes.join('secret')), str(plan))
    elif kind == 'pipe':
        os.mkfifo(str(plan), 0o644)
    else:
        plan.write('secret')
        os.chmod(str(plan), 0o600)
    looks = [os.stat(str(homes.join('regular')))]
    look = os.lstat
    monkeypatch.setattr(os, 'lstat', lambda path: looks.pop() if looks else look(path))
    assert ann.read(u'plan') == u'', 'and it does not hang'
