# Copyright the carryall authors.  See LICENSE.
"""`carryall passwd` on a store: set, check, list, delete."""
from __future__ import absolute_import, division, print_function

import io
import sys

import pytest

from carryall import runtimes
from carryall.commands import storedpasswd
from carryall.commands import main as umbrella
from carryall.core.auth import verifiers
from carryall.core.errors import Unsupported


class Typed(object):
    """Standard input with one line."""

    def __init__(self, line):
        self.buffer = io.BytesIO(line)

    def readline(self, size=-1):
        """The line; py2: as octets."""
        return self.buffer.readline(size)


@pytest.fixture
def passwd(monkeypatch, tmpdir, capsys):
    """Runs the command on a new file; (its status, what it says)."""
    monkeypatch.setattr(verifiers, 'ITERATIONS', 10)
    loop = runtimes.choose()
    try:
        loop.run_until(loop.database_driver(u'memory:').connect(loop)).close()
    except Unsupported as exc:
        pytest.skip(str(exc))
    finally:
        loop.close()

    def run(*words, **given):
        monkeypatch.setattr(sys, 'stdin', Typed(given.get('line', b'secret\n')))
        given_words = ['--stdin', '--scheme', 'scram-sha-256'] + list(words[:-1])
        given_words += ['sqlite:%s' % tmpdir.join('a.db')] + [word for word in words[-1:] if word]
        status = umbrella.main(['passwd'] + given_words)
        said = capsys.readouterr()
        return status, said[0] + said[1]
    return run


def test_an_account_is_added(passwd):
    assert passwd('anna@a.example') == (0, 'anna@a.example was added\n')


def test_a_password_is_replaced(passwd):
    passwd('anna')
    assert passwd('anna', line=b'other\n') == (0, 'anna has a new password\n')


def test_the_right_password_is_known(passwd):
    passwd('anna')
    assert passwd('--check', 'anna') == (0, 'it is the password of anna\n')


def test_a_wrong_password_is_told(passwd):
    passwd('anna')
    status, _ = passwd('--check', 'anna', line=b'wrong\n')
    assert status == 1


def test_accounts_are_listed(passwd):
    passwd('bert')
    passwd('anna')
    assert passwd('--list', '') == (0, 'anna\nbert\n')


def test_an_account_is_removed(passwd):
    passwd('anna')
    assert passwd('--delete', 'anna') == (0, 'anna was removed\n')


def test_an_unknown_account_cannot_be_removed(passwd):
    status, _ = passwd('--delete', 'anna')
    assert status == 1


def test_a_database_of_another_program_is_refused(passwd, tmpdir, expect_log):
    expect_log('cannot connect to accounts')
    tmpdir.join('a.db').write('no database at all\n' * 100)
    status, said = passwd('anna')
    assert (status, said.count('\n')) == (2, 1)


def test_a_program_without_the_store_says_so(passwd, monkeypatch):
    monkeypatch.setattr(storedpasswd, 'STORES', ())
    assert passwd('anna')[0] == 2
