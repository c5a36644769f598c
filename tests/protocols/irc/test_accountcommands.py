# Copyright the carryall authors.  See LICENSE.
"""REGISTER, VERIFY and ISUPPORT (IRCv3 account-registration, extended-isupport)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.future import completed, failed
from carryall.protocols.irc import AccountRefused, Settings
from tests.protocols.irc.scene import Scene


class Accounts(object):
    def __init__(self):
        self.made = []

    def register(self, server, name, password):
        if name == b'taken':
            return failed(AccountRefused(b'ACCOUNT_EXISTS', b'Account already exists'))
        self.made.append((name, password))
        return completed(name)


def scene(clear_auth=True):
    made = Scene(Settings(burst=1000, clear_auth=clear_auth))
    made.network.accounts = Accounts()
    return made


def test_an_account_is_registered_and_logged_in():
    made = scene()
    client = made.enter(b'ann')
    lines = client.send(b'REGISTER * * secret')
    assert (lines[0], client.server.user.account, made.network.accounts.made) == (
        b':irc.example REGISTER SUCCESS ann :Account successfully registered', b'ann',
        [(b'ann', b'secret')])


@pytest.mark.parametrize('line, code', [
    (b'REGISTER taken * secret', b'ACCOUNT_EXISTS'), (b'REGISTER * * secret', b'NEED_NICK')])
def test_an_account_is_refused(line, code):
    assert scene().connect().send(line)[0].split(b' ')[3] == code


def test_no_password_of_an_account_goes_in_clear():
    lines = scene(clear_auth=False).enter(b'ann').send(b'REGISTER * * secret')
    assert b'COMPLETE_CONNECTION_REQUIRED' in lines[0]


def test_one_that_is_logged_in_registers_no_account():
    client = scene().enter(b'ann')
    client.send(b'REGISTER * * secret')
    assert b'ALREADY_AUTHENTICATED' in client.send(b'REGISTER other * secret')[0]


def test_a_network_without_accounts_says_so():
    made = Scene(Settings(burst=1000, clear_auth=True))
    assert b'TEMPORARILY_UNAVAILABLE' in made.enter(b'ann').send(b'REGISTER * * secret')[0]


def test_nothing_is_verified():
    assert b'INVALID_CODE' in scene().enter(b'ann').send(b'VERIFY ann 123')[0]


def test_the_tokens_are_told_before_the_registration():
    client = Scene().connect()
    client.send(b'CAP REQ :batch draft/extended-isupport')
    lines = client.send(b'ISUPPORT')
    assert (lines[0].split(b' ')[3], b' 005 * ' in lines[1]) == (b'draft/isupport', True)


def test_the_tokens_need_the_capability():
    assert b'CAPABILITY_REQUIRED' in Scene().enter(b'ann').send(b'ISUPPORT')[0]


def test_the_name_may_be_another_than_the_nick():
    line = scene().connect().send(b'CAP LS 302')
    assert any(b'draft/account-registration=before-connect,custom-account-name' in each
               for each in line)
