# Copyright the carryall authors.  See LICENSE.
"""Accounts on the command line, and passwords that are made up."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.app.accountoptions import AccountOptions, MadeUp, accounts_told, make_password
from carryall.app.options import Flag, Schema
from carryall.core.compat import text_type
from carryall.core.errors import UsageError

ACCOUNTS = AccountOptions()
SCHEMA = Schema([ACCOUNTS])


def _told(words):
    options = SCHEMA.parse(words)
    warned = []
    return accounts_told(SCHEMA, options, warned.append), warned, options


def test_a_name_and_a_password_are_an_account():
    assert ACCOUNTS.accounts(SCHEMA.parse(['--user', 'ann=a=b'])) == {u'ann': b'a=b'}


def test_a_name_alone_gets_a_password():
    name, password = SCHEMA.parse(['--user', 'ann']).user[0]
    assert (name, type(password), len(password)) == (u'ann', MadeUp, 16)


def test_two_made_up_passwords_differ():
    assert make_password() != make_password()


def test_a_made_up_password_is_told_once():
    lines, warned, options = _told(['--user', 'ann'])
    assert lines == [u'user ann, password %s' % options.user[0][1]]
    assert warned == []
    assert accounts_told(SCHEMA, options, warned.append) == []


def test_a_told_password_is_a_plain_text():
    assert type(_told(['--user', 'ann'])[2].user[0][1]) is text_type


def test_a_password_on_the_command_line_is_warned_of():
    lines, warned, _ = _told(['--user', 'ann=secret'])
    assert lines == []
    assert len(warned) == 1
    assert 'list of processes' in warned[0]
    assert 'secret' not in warned[0]


def test_no_accounts_make_no_checker():
    assert ACCOUNTS.checkers(SCHEMA.parse([])) == []


def test_accounts_make_a_checker():
    assert len(ACCOUNTS.checkers(SCHEMA.parse(['--user', 'a=b', '--user', 'c=d']))) == 1


@pytest.mark.parametrize('words', [['--user', ''], ['--user', '=x'], ['--user', 'ann='],
                                   ['--user', 'a\nb=x']])
def test_a_malformed_account_is_refused(words):
    with pytest.raises(UsageError):
        SCHEMA.parse(words)


def test_a_name_that_is_given_twice_is_refused():
    with pytest.raises(UsageError):
        ACCOUNTS.accounts(SCHEMA.parse(['--user', 'a=b', '--user', 'a=c']))


BOTH = Schema([Flag('user'), AccountOptions('account'), Flag('loud')])


@pytest.mark.parametrize('words, flag, accounts', [
    (['--user'], True, []), (['--user', '--loud'], True, []),
    (['--user', 'ann=b'], False, [(u'ann', u'b')]), (['--user=ann=b'], False, [(u'ann', u'b')]),
    (['--user', '--user=ann=b'], True, [(u'ann', u'b')]),
    (['--account', 'ann=b'], False, [(u'ann', u'b')])])
def test_a_flag_of_the_same_name_stays(words, flag, accounts):
    options = BOTH.parse(words)
    assert (options.user, options.account) == (flag, accounts)


def test_another_flag_takes_no_value():
    with pytest.raises(UsageError):
        BOTH.parse(['--loud=x'])
