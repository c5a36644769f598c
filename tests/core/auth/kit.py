# Copyright the carryall authors.  See LICENSE.
"""Helpers that the tests of accounts share."""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.checkers import Checker
from carryall.core.auth.credentials import (Challenged, LoginFailed, LoginUnavailable,
                                            UsernamePassword)
from carryall.core.auth.verifiers import Pbkdf2Hash, scram_keys
from carryall.core.crypto import STANDARD
from carryall.core.future import Future, failed

ROUNDS = 10                 # few: here nothing needs protection


def quick(password, rounds=ROUNDS, salt=b'saltsalt'):
    """A verifier that costs nothing."""
    return Pbkdf2Hash(rounds, salt, STANDARD.pbkdf2('sha256', password, salt, rounds, 32))


def quick_scram(password, hash_name='sha256', rounds=4096):
    """ScramKeys with as few rounds as a client takes."""
    return scram_keys(STANDARD, hash_name, password, b'saltsalt', rounds)


class Crowded(Checker):
    """Has no place to check anything; notes who came."""

    kinds = (UsernamePassword, Challenged)

    def __init__(self):
        self.hosts = []

    def check(self, credentials, loop):
        self.hosts.append(credentials.host)
        return failed(LoginUnavailable(u'too many'))


def refused(loop, future):
    """The LoginFailed that the future must fail with."""
    assert isinstance(future, Future)
    try:
        result = loop.run_until(future)
    except LoginFailed as exc:
        assert str(exc) == 'the login failed', 'one text for every cause'
        return exc
    raise AssertionError('it was let in: %r' % (result,))


def unavailable(loop, future):
    """The LoginUnavailable that the future must fail with."""
    assert isinstance(future, Future)
    try:
        result = loop.run_until(future)
    except LoginUnavailable as exc:
        assert str(exc) == 'logins cannot be checked at the moment', 'one text for every cause'
        return exc
    raise AssertionError('it was let in: %r' % (result,))
