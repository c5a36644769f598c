# Copyright the carryall authors.  See LICENSE.
"""Root and the mailboxes of others."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.auth.credentials import LoginUnavailable
from carryall.protocols.smtp import Mailbox
from carryall.services.mail import domains as module
from carryall.services.mail.domains import Domains
from carryall.services.mail.ownership import danger

US = getattr(os, 'geteuid', lambda: 0)()
pytestmark = pytest.mark.skipif(not hasattr(os, 'symlink') or not hasattr(os, 'lstat'),
                                reason='no links, no owners')


@pytest.fixture
def store(tmpdir):
    """The folder of a domain, with anna's maildir, which is ours."""
    for name in ('tmp', 'new', 'cur'):
        os.makedirs(str(tmpdir.join('anna', name)))
    os.chmod(str(tmpdir), 0o755)
    return str(tmpdir)


def test_a_private_store_is_safe(store):
    assert danger(store, os.path.join(store, 'anna'), US) is None
    assert danger(store, os.path.join(store, 'bert'), US) is None, 'made when it is needed'
    assert danger(os.path.join(store, 'none'), os.path.join(store, 'none', 'x'), US) is None


@pytest.mark.parametrize('name', ['anna', 'anna/tmp', 'anna/new', 'anna/cur'])
def test_a_link_in_the_store_is_a_danger(store, tmpdir, name):
    path = os.path.join(store, *name.split('/'))
    os.rename(path, path + '.away')
    os.symlink(path + '.away', path)
    assert 'is a symbolic link' in danger(store, os.path.join(store, 'anna'), US)


def test_a_folder_of_another_user_is_a_danger(store):
    assert 'belongs to another user' in danger(store, os.path.join(store, 'anna'), US + 1)
    if US == 0:
        os.chown(store, 1, 1)               # a folder of root has no other user
    assert 'belongs to another user' in danger(store, os.path.join(store, 'bert'),
                                               US + 2), 'the folder itself'


@pytest.mark.parametrize('mode', [0o770, 0o707])
def test_a_folder_others_may_write_to_is_a_danger(store, mode):
    anna = os.path.join(store, 'anna')
    os.chmod(os.path.join(anna, 'new'), mode)
    assert 'other users may write' in danger(store, anna, US)
    os.chmod(os.path.join(anna, 'new'), 0o700)
    os.chmod(store, mode | 0o050)
    assert 'other users may write' in danger(store, anna, US)
    os.chmod(store, mode | 0o1050)
    assert danger(store, anna, US) is None, 'as /tmp is'
    assert 'other users may create it' in danger(store, os.path.join(store, 'bert'), US)
    assert 'other users may create it' in danger(os.path.join(store, 'no'),
                                          os.path.join(store, 'no', 'bert'), US)


def test_above_the_folder(store):
    domain = os.path.join(store, 'deep', 'domain')
    os.makedirs(domain)
    os.chmod(os.path.dirname(domain), 0o775)
    assert 'other users may write' in danger(domain, os.path.join(domain, 'anna'), US)
    os.chmod(os.path.dirname(domain), 0o755)
    assert danger(domain, os.path.join(domain, 'anna'), US) is None


def test_a_folder_that_the_administrator_made_a_link(store, tmpdir):
    link = os.path.join(store, 'link')
    os.symlink(os.path.join(store, 'anna'), link)
    assert danger(link, os.path.join(link, 'x'), US) is None
    os.chmod(os.path.join(store, 'anna'), 0o777)
    assert 'other users may write' in danger(link, os.path.join(link, 'x'), US)


def test_an_mbox_file(store):
    path = os.path.join(store, 'mbox')
    open(path, 'w').close()
    os.chmod(path, 0o600)
    os.link(path, path + '.other')
    assert 'has another name' in danger(store, path, US)
    os.remove(path + '.other')
    assert danger(store, path, US) is None
    os.symlink(path, path + '2')
    assert 'is a symbolic link' in danger(store, path + '2', US)


def test_the_domains_ask_where_they_run_as_root(store, monkeypatch, expect_log):
    """A message that cannot be stored is an IOError, which a delivery tries again later; a login
    fails."""
    expect_log('cannot log in: .* is a symbolic link')
    os.symlink(os.path.join(store, 'anna'), os.path.join(store, 'bert'))
    domains = Domains()
    domains.add(u'a.example', store)
    domains.add_account(u'bert', u'a.example')
    folder = domains.resolve(Mailbox(b'bert', b'a.example'))[0].folder
    monkeypatch.setattr(module, 'as_root', lambda: False)
    assert domains.maildir(folder).path == folder, 'the system itself holds back all others'
    domains = Domains()
    domains.add(u'a.example', store)
    domains.add_account(u'bert', u'a.example')
    monkeypatch.setattr(module, 'as_root', lambda: True)
    with pytest.raises(IOError):
        domains.maildir(folder)
    with pytest.raises(LoginUnavailable):
        domains.avatar(u'bert', None, None)
    os.remove(folder)
    monkeypatch.setattr(module, 'danger', lambda *_: None)
    assert domains.maildir(folder) is domains.maildir(folder)
