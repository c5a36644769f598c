# Copyright the carryall authors.  See LICENSE.
"""Accounts of the FTP service, and their folders."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.credentials import LoginFailed
from carryall.core.testing import VirtualLoop
from carryall.protocols.ftp.account import ALL_LETTERS, READ_LETTERS, Accounts
from carryall.protocols.ftp.filesystem import READ_ONLY
from carryall.protocols.ftp.otp import Challenge, compute, find_challenge, to_words
from carryall.services.ftp.ftpaccounts import FTPAccounts, FTPRealm, looks_like_mail
from carryall.services.ftp.otpfile import OTPFile
from tests.services.ftp.filelaws import get, put, refused

PHRASE = b'a phrase that nobody knows'


@pytest.fixture
def realm(tmp_path):
    for name in ('root', 'homes', 'homes/anna'):
        (tmp_path / name).mkdir()
    (tmp_path / 'root' / 'r').write_bytes(b'root')
    (tmp_path / 'homes' / 'anna' / 'h').write_bytes(b'home')
    return FTPRealm(str(tmp_path / 'root'), str(tmp_path / 'homes'))


def login(accounts, name, password):
    """The Account, or None."""
    loop = VirtualLoop()
    try:
        return loop.run_until(accounts.login(loop, name, password, '127.0.0.1'))
    except LoginFailed:
        return None


def test_an_anonymous_login_gets_the_public_files(realm):
    accounts = FTPAccounts(realm, anonymous=u'anonymous')
    for name in (u'anonymous', u'Anonymous', u'ftp'):
        account = login(accounts, name, b'me@here')
        assert account.anonymous and account.letters == READ_LETTERS \
            and account.trace == u'me@here', name
    assert get(account.files, (b'r',)) == b'root' and refused(account.files.store,
                                                              (b'x',)) == READ_ONLY, 'to be read'
    assert login(accounts, u'anna', b'x') is None and b'Anonymous' in accounts.prompt(u'ftp'), \
        'nobody else'
    assert login(FTPAccounts(realm), u'anonymous', b'me@here') is None, 'only where it is allowed'
    assert login(accounts, u'anonymous', b'\xff\xfe') is not None, 'whatever it says'


def test_the_mail_address(realm):
    """RFC 1635."""
    accounts = FTPAccounts(realm, anonymous=u'anonymous', mail_wanted=True)
    for password, good in ((b'me@here', True), (b'me@', True), (b'', False), (b'me', False),
                           (b'@here', False), (b'a b@c', False)):
        assert (login(accounts, u'anonymous', password) is not None) is good is looks_like_mail(
            password), password


def test_a_user_gets_its_own_account(realm):
    accounts = FTPAccounts(realm, [MemoryChecker({u'anna': b'secret', u'bob': b'secret'})])
    anna = login(accounts, u'anna', b'secret')
    bob = login(accounts, u'bob', b'secret')
    assert get(anna.files, (b'h',)) == b'home' and anna.letters == ALL_LETTERS \
        and not anna.anonymous, 'her own root'
    assert get(bob.files, (b'r',)) == b'root', 'the root of all'
    put(bob.files, (b'x',), b'x')
    assert login(accounts, u'anna', b'wrong') is None \
        and login(accounts, u'carl', b'secret') is None, 'not'
    assert accounts.prompt(u'anna') == accounts.prompt(u'nobody') == Accounts.prompt(
        accounts, u'x'), 'it tells who is there'


@pytest.mark.parametrize('name', [u'', u'../root', u'..', u'.', u'a/b', u'a\\b', u'a\x00b',
                                  u'x' * 300, u'a:b'])
def test_names_that_lead_elsewhere(realm, name):
    accounts = FTPAccounts(realm, [MemoryChecker({name: b'secret'})])
    assert login(accounts, name, b'secret') is None, name


def test_one_time_passwords(realm, tmp_path):
    store = OTPFile(str(tmp_path / 'otp'))
    store.set(u'anna', 'sha1', 50, b'ab12', compute(Challenge('sha1', 50, b'ab12'), PHRASE))
    accounts = FTPAccounts(realm, anonymous=u'anonymous', otp=store)
    challenge = find_challenge(accounts.prompt(u'anna'))
    assert challenge.text() == b'otp-sha1 49 ab12', accounts.prompt(u'anna')
    response = to_words(compute(challenge, PHRASE))
    account = login(accounts, u'anna', response)
    assert get(account.files, (b'h',)) == b'home' and login(accounts, u'anna', response) is None, \
        'once'
    assert find_challenge(accounts.prompt(u'anna')).count == 48 and find_challenge(
        accounts.prompt(u'bob')) is not None, 'the next'
    assert login(accounts, u'anonymous', b'me@here') is not None, 'beside it'


def test_other_files_and_letters(tmp_path):
    from carryall.services.ftp.memoryfiles import MemoryFiles
    realm = FTPRealm(str(tmp_path), letters=b'elr', files=lambda name, anonymous: MemoryFiles(
        {b'who': name.encode('ascii')}))
    account = login(FTPAccounts(realm, [MemoryChecker({u'anna': b'secret'})]), u'anna', b'secret')
    assert get(account.files, (b'who',)) == b'anna' and account.may(b'r') and not account.may(
        b'w'), account.letters


def test_the_base_class_admits_no_user():
    assert login(Accounts(), u'anna', b'x') is None, 'somebody is in'
