# Copyright the carryall authors.  See LICENSE.
"""Accounts of the chat space: their making, their passwords, and the check of both."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.auth.credentials import LoginFailed, LoginUnavailable, UsernamePassword
from carryall.core.auth.verifiers import scram_keys, parse_verifier
from carryall.core.crypto import STANDARD
from carryall.core.errors import CarryallError
from carryall.core.testing import VirtualLoop
from carryall.protocols.pb import HashedResponse
from carryall.services.words.chataccounts import AccountBook
from carryall.services.words.chaterrors import BadNameError, NotAllowedError
from carryall.services.words.chatspace import ChatSpace
from carryall.services.words.chatstore import MemoryChatStore


class Desk(object):
    """A book of accounts on virtual time."""

    def __init__(self, **options):
        self.loop = VirtualLoop()
        self.space = ChatSpace(self.loop, MemoryChatStore())
        self.book = AccountBook(self.space, iterations=10, **options)

    def wait(self, future):
        """The result of a Future."""
        self.loop.advance()
        assert future.done()
        return future.result()

    def ready(self):
        """Opens the space."""
        self.wait(self.space.open())
        return self

    def create(self, name=u'Ann', password=b'correct horse', **more):
        """A new account."""
        return self.wait(self.book.create(name, password, self.loop, **more))

    def check(self, name, password):
        """The name of the account, if the password is right."""
        return self.wait(self.book.check(UsernamePassword(name, password), self.loop))


def test_an_account_may_log_in_with_its_password():
    desk = Desk().ready()
    desk.create()
    assert desk.check(u'ANN', b'correct horse') == u'Ann'


@pytest.mark.parametrize('name, password', [
    (u'Ann', b'wrong horse'), (u'Bob', b'correct horse'), (u'', b'correct horse'),
    (u'Ann', b'x' * 5000)])
def test_another_name_or_password_is_refused(name, password):
    desk = Desk().ready()
    desk.create()
    with pytest.raises(LoginFailed):
        desk.check(name, password)


def test_a_barred_account_is_refused():
    desk = Desk().ready()
    desk.create().is_barred = True
    with pytest.raises(LoginFailed):
        desk.check(u'Ann', b'correct horse')


def test_a_name_is_given_once():
    desk = Desk().ready()
    desk.create()
    with pytest.raises(NotAllowedError):
        desk.create(u'ann')


def test_a_name_is_given_once_while_its_password_is_made():
    desk = Desk().ready()
    first = desk.book.create(u'ann', b'correct horse', desk.loop)
    second = desk.book.create(u'ANN', b'correct horse', desk.loop)
    desk.loop.advance()
    assert (first.exception(), type(second.exception())) == (None, NotAllowedError)


@pytest.mark.parametrize('name, password, email', [
    (u'', b'correct horse', u''), (u'a:b', b'correct horse', u''), (u'ann', b'short', u''),
    (u'ann', b'x' * 5000, u''), (u'ann', b'correct horse', u'no address'),
    (u'ann', b'correct horse', u'noaddress')])
def test_a_wrong_name_password_or_address_is_refused(name, password, email):
    desk = Desk().ready()
    with pytest.raises(BadNameError):
        desk.create(name, password, email=email)
    assert desk.space.participants == {}


def test_another_password_takes_the_place_of_the_first():
    desk = Desk().ready()
    ann = desk.create()
    mark = desk.book.mark_of(u'ann', desk.loop)
    desk.wait(desk.book.set_password(ann, b'battery staple', desk.loop))
    assert desk.check(u'ann', b'battery staple') == u'Ann'
    assert desk.book.mark_of(u'ann', desk.loop) != mark


def test_an_unknown_account_has_no_mark():
    assert Desk().ready().book.mark_of(u'ann', None) is None


def test_a_login_waits_for_the_store():
    desk = Desk()
    answer = desk.book.check(UsernamePassword(u'ann', b'x'), desk.loop)
    before = answer.done()
    desk.ready()
    desk.loop.advance()
    assert (before, type(answer.exception())) == (False, LoginFailed)


class Broken(MemoryChatStore):
    """Cannot be read."""

    def load(self):
        raise CarryallError(u'no disk')


def test_no_login_can_be_judged_without_the_store():
    desk = Desk()
    desk.space.store = Broken()
    answer = desk.space.open()
    assert answer.exception() is not None
    with pytest.raises(LoginUnavailable):
        desk.check(u'ann', b'x')


def _response(desk, password):
    wanted = STANDARD.hash('md5', password)
    credentials = HashedResponse(u'ann', lambda hashed: hashed == wanted)
    return desk.wait(desk.book.check(credentials, desk.loop))


def test_a_challenge_is_checked_where_its_md5_is_kept():
    desk = Desk(keeps_md5=True).ready()
    desk.create()
    assert _response(desk, b'correct horse') == u'Ann'
    with pytest.raises(LoginFailed):
        _response(desk, b'wrong horse')


def test_the_md5_of_a_password_is_not_kept_unless_asked_for():
    desk = Desk().ready()
    assert (desk.create().md5, HashedResponse in desk.book.kinds) == (None, False)


def test_a_challenge_for_an_account_without_its_md5_is_refused():
    desk = Desk(keeps_md5=True).ready()
    desk.create().md5 = None
    with pytest.raises(LoginFailed):
        _response(desk, b'correct horse')


def test_scram_has_the_keys_of_an_account():
    desk = Desk().ready()
    ann = desk.create()
    keys = desk.wait(desk.book.scram_keys(u'ann', 'sha256', desk.loop))
    made = scram_keys(STANDARD, 'sha256', b'correct horse', keys.salt, keys.iterations)
    assert (keys.stored, keys.text()) == (made.stored, parse_verifier(ann.verifier).text())


def test_scram_has_the_same_salt_for_an_unknown_name_each_time():
    desk = Desk().ready()
    salts = [desk.wait(desk.book.scram_decoy(name, 'sha256', desk.loop)).salt
             for name in (u'bob', u'BOB', u'carol')]
    assert (salts[0] == salts[1], salts[0] == salts[2]) == (True, False)
