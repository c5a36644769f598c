# Copyright the carryall authors.  See LICENSE.
"""The portal: credentials in, a session out, and one failure for every cause."""
from __future__ import absolute_import, division, print_function

import logging

import pytest

from carryall.core.auth.checkers import AnonymousChecker, Checker, MemoryChecker
from carryall.core.auth.credentials import (Anonymous, Certificate, LoginFailed,
                                            LoginUnavailable, Proven, UsernamePassword)
from carryall.core.auth.portal import Portal, Realm
from carryall.core.errors import Cancelled
from carryall.core.future import Future, completed, sleep
from carryall.core.testing import VirtualLoop
from tests.core.auth.kit import refused, unavailable

ANNA = UsernamePassword(u'anna', b'secret')


class Rooms(Realm):
    """Gives everybody a room, but bob."""

    def __init__(self, loop):
        self.loop = loop
        self.left = []

    def avatar(self, name, credentials, mind):
        if name == u'bob':
            raise LoginFailed(u'bob has no room')
        return sleep(self.loop, 1.0).then(lambda _: (name, type(credentials).__name__, mind))

    def logged_out(self, session):
        self.left.append(session.name)


class Broken(Checker):
    kinds = (UsernamePassword,)

    def __init__(self, error):
        self.error = error

    def check(self, credentials, loop):
        raise self.error


@pytest.fixture
def loop():
    return VirtualLoop()


def portal(loop, *more):
    return Portal(Rooms(loop), [MemoryChecker({u'anna': b'secret', u'bob': b'word'})] + list(more))


def test_in_and_out(loop):
    door = portal(loop)
    session = loop.run_until(door.login(loop, ANNA, mind='client'))
    assert session.name == u'anna' and session.avatar == (u'anna', 'UsernamePassword', 'client')
    session.logout()
    session.logout()
    assert door.realm.left == [u'anna'], 'told once'
    assert 'anna' in repr(session)


def test_checkers_in_order(loop):
    second = MemoryChecker({u'anna': b'other', u'eve': b'evil'})
    door = portal(loop, second, AnonymousChecker())
    assert loop.run_until(door.login(loop, UsernamePassword(u'eve', b'evil'))).name == u'eve'
    assert loop.run_until(door.login(loop, UsernamePassword(u'anna', b'other'))).name == u'anna'
    assert loop.run_until(door.login(loop, Anonymous(u'x'))).name == u'anonymous'
    assert door.accepts(Anonymous) and not door.accepts(Certificate)


def test_every_failure_is_the_same(loop):
    doors = portal(loop)
    for credentials in (UsernamePassword(u'anna', b'wrong'), UsernamePassword(u'nobody', b'x'),
                        Anonymous(),
                        UsernamePassword(u'bob', b'word'), Certificate(b'x'),
                        Proven(u'anna', 'SCRAM-SHA-1')):
        refused(loop, doors.login(loop, credentials))
    refused(loop, Portal(Realm(), []).login(loop, ANNA))


def test_a_broken_checker_fails_no_login(loop, expect_log):
    expect_log(r'could not be judged: RuntimeError')
    unavailable(loop, Portal(Realm(), [Broken(RuntimeError('path /etc/secret'))]).login(loop, ANNA))


def test_a_crowded_checker_leaves_the_login_to_the_next(loop):
    crowded = Broken(LoginUnavailable(u'too many'))
    session = loop.run_until(Portal(Realm(), [crowded, MemoryChecker({u'anna': b'secret'})]).login(
        loop, ANNA))
    assert session.name == u'anna'


def test_a_crowded_checker_makes_the_login_unavailable(loop):
    crowded = Broken(LoginUnavailable(u'too many'))
    for checkers in ([crowded], [crowded, MemoryChecker({})], [MemoryChecker({}), crowded]):
        unavailable(loop, Portal(Realm(), checkers).login(loop, ANNA))


def test_a_failing_realm_is_no_failed_login(loop, expect_log):
    expect_log(r'KeyError')

    class Torn(Realm):
        def avatar(self, name, credentials, mind):
            raise KeyError(name)

    unavailable(loop, Portal(Torn(), [MemoryChecker({u'anna': b'secret'})]).login(loop, ANNA))


def test_a_realm_without_base(loop):
    class Plain(object):
        def avatar(self, name, credentials, mind):
            return name.upper()

    session = loop.run_until(Portal(Plain(), [MemoryChecker({u'anna': b'secret'})]).login(
        loop, ANNA))
    session.logout()
    assert session.avatar == u'ANNA'


def test_the_log_has_the_cause_and_no_secret(loop):
    records = []
    watching = logging.Handler()
    watching.emit = records.append
    logger = logging.getLogger('carryall.auth')
    logger.addHandler(watching)
    level = logger.level
    logger.setLevel(logging.DEBUG)
    try:
        refused(loop, portal(loop).login(loop, UsernamePassword(u'anna', b'hidden-word')))
        refused(loop,
                portal(loop).login(loop, UsernamePassword(u'x\r\nINFO forged', b'hidden-word')))
    finally:
        logger.removeHandler(watching)
        logger.setLevel(level)
    lines = [record.getMessage() for record in records]
    assert lines[0] == u'the login of "anna" failed: the password is wrong'
    assert u'\\r\\nINFO' in lines[1] and u'\n' not in lines[1] \
        and not any(u'hidden' in line for line in lines)


def test_admit_and_acting_as(loop):
    door = portal(loop)
    assert loop.run_until(door.admit(loop, u'anna', Proven(u'anna', 'SCRAM-SHA-1'))).name == u'anna'
    refused(loop, door.admit(loop, u'bob', Proven(u'bob', 'SCRAM-SHA-1')))
    refused(loop, door.refuse(ANNA, u'no'))
    assert door.may_act_as(u'anna', u'anna') and not door.may_act_as(u'anna', u'root')


def test_a_login_that_is_cancelled(loop):
    class Slow(Checker):
        kinds = (UsernamePassword,)

        def check(self, credentials, loop):
            return Future()

    login = Portal(Realm(), [Slow()]).login(loop, ANNA)
    assert login.cancel()
    with pytest.raises(Cancelled):
        login.result()


def test_scram_keys_exist_for_unknown_names_alike(loop):
    door = portal(loop, AnonymousChecker())
    assert door.scram_hashes(loop) == ['sha256', 'sha1']
    assert loop.run_until(door.scram_keys(loop, u'anna', 'sha256')).verify(b'secret', _crypto())
    keys = loop.run_until(door.scram_keys(loop, u'nobody', 'sha256'))
    assert not keys.verify(b'secret', _crypto())
    refused(loop, Portal(Realm(), [AnonymousChecker()]).scram_keys(loop, u'anna', 'sha256'))
    assert Portal(Realm(), []).scram_hashes(loop) == []


def _crypto():
    from carryall.core.crypto import STANDARD
    return STANDARD


def test_an_avatar_may_be_a_future(loop):
    class Quick(Realm):
        def avatar(self, name, credentials, mind):
            return completed(name * 2)

    assert loop.run_until(Portal(Quick(), [MemoryChecker({u'anna': b'secret'})]).login(
        loop, ANNA)).avatar == u'annaanna'


def test_a_checker_needs_no_base(loop):
    class Bare(object):
        kinds = (UsernamePassword,)

        def check(self, credentials, loop):
            return completed(u'anna')

    door = Portal(Realm(), [Bare()])
    assert loop.run_until(door.login(loop, ANNA)).name == u'anna' and door.scram_hashes(loop) == []
