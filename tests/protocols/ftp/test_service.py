# Copyright the carryall authors.  See LICENSE.
"""FTPBackend: what servers ask and report."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.auth.credentials import LoginFailed
from carryall.core.auth.guard import LoginGuard
from carryall.core.testing import VirtualLoop
from carryall.protocols.ftp import Account, Accounts, FTPBackend, Observer, TransferRecord
from tests.protocols.ftp.stage import Talk, Watcher, codes, make_site

ANNA = Account(u'anna', None)


def backend(**given):
    loop = VirtualLoop()
    return FTPBackend(Accounts(), LoginGuard(loop), **given)


def test_the_default_accounts_refuse_every_login():
    with pytest.raises(LoginFailed):
        backend().login(None, u'anna', b'secret', '127.0.0.1').result()


def test_the_default_hooks_know_nothing():
    service = backend()
    assert not service.wants_account(ANNA)
    assert service.address_for('127.0.0.1', '127.0.0.2') is None
    assert service.media_type(b'a.txt') == b''


def test_a_user_is_present_from_login_to_logout():
    watcher = Watcher()
    service = backend(observer=watcher)
    service.logged_in(ANNA, '127.0.0.1')
    assert service.present == [(ANNA, '127.0.0.1')]
    service.logged_out(ANNA, '127.0.0.1')
    assert service.present == []
    assert watcher.seen == [('in', u'anna', '127.0.0.1'), ('out', u'anna', '127.0.0.1')]


def test_two_backends_share_nothing():
    assert backend().present is not backend().present


def test_the_default_observer_returns_nothing():
    record = TransferRecord(True, (b'a',), 5, 1.0, False, True, None, '127.0.0.1')
    watcher = Observer()
    assert watcher.logged_in(ANNA, '') is None
    assert watcher.login_failed(u'', '') is None
    assert watcher.transferred(record) is None
    assert watcher.logged_out(ANNA, '') is None


def test_a_login_may_be_answered_with_a_plain_account():
    loop = VirtualLoop()
    site = make_site(loop)
    files = site.accounts.files
    site.service.login = lambda loop, name, password, host: Account(name, files)
    talk = Talk(login=False, site=site, loop=loop)
    assert codes(talk.say(b'USER anna', b'PASS whatever')) == [331, 230]
