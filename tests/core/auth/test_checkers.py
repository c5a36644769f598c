# Copyright the carryall authors.  See LICENSE.
"""Checkers of credentials: accepted and refused log-ins."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.auth import checkers
from carryall.core.auth.checkers import (KEYS_AT_ONCE, KEYS_WAITING, AnonymousChecker,
                                         CertificateChecker, Checker, ExternalChecker,
                                         MemoryChecker, SystemChecker, TokenChecker, fingerprint)
from carryall.core.auth.credentials import (Anonymous, BearerToken, Certificate, Challenged,
                                            External, LoginFailed, LoginUnavailable,
                                            UsernamePassword)
from carryall.core.future import Future, failed, sleep
from carryall.core.testing import VirtualLoop
from tests.core.auth.kit import refused


@pytest.fixture
def loop():
    return VirtualLoop()


def test_a_memory_checker_knows_its_accounts(loop):
    checker = MemoryChecker({u'anna': b'secret', u'J\xf6rg': b'\xff\x00'})
    assert set(checker.kinds) == set((UsernamePassword, Challenged))
    assert loop.run_until(checker.check(UsernamePassword(u'anna', b'secret'), loop)) == u'anna'
    assert loop.run_until(checker.check(UsernamePassword(u'J\xf6rg', b'\xff\x00'), loop)) \
        == u'J\xf6rg'
    for name, password in ((u'anna', b'Secret'), (u'anna', b''), (u'anna', b'secret\0'),
                           (u'Anna', b'secret'), (u'', b'')):
        refused(loop, checker.check(UsernamePassword(name, password), loop))


@pytest.mark.parametrize('name, known', [(u'anna', True), (u'ANNA', True), (u'ben', False)])
def test_a_memory_checker_tells_which_names_are_taken(loop, name, known):
    assert loop.run_until(MemoryChecker({u'Anna': b'x'}).has_account(name, loop)) is known


def test_a_checker_without_names_has_none(loop):
    assert loop.run_until(Checker().has_account(u'anna', loop)) is False


def test_memory_is_a_copy_of_text_and_bytes(loop):
    given = {u'anna': b'secret'}
    checker = MemoryChecker(given)
    given[u'eve'] = b'evil'
    refused(loop, checker.check(UsernamePassword(u'eve', b'evil'), loop))
    with pytest.raises(TypeError):
        MemoryChecker({u'anna': u'secret'})


def test_an_unknown_name_takes_as_long_as_a_known_one(loop):
    checker = MemoryChecker({u'anna': b'secret'})
    asked = []

    def check(clear):
        asked.append(clear)
        return clear == b'secret'

    assert loop.run_until(checker.check(Challenged(u'anna', check), loop)) == u'anna'
    refused(loop, checker.check(Challenged(u'nobody', check), loop))
    assert len(asked) == 2 and asked[0] == b'secret' != asked[1], \
        'a name that does not exist must cost the same'
    refused(loop, checker.check(Challenged(u'nobody', lambda clear: True), loop))


def test_anonymous_certificate_external(loop):
    assert loop.run_until(AnonymousChecker(u'guest').check(Anonymous(u'x'), loop)) == u'guest'
    checker = CertificateChecker({fingerprint(b'der'): u'anna'})
    assert loop.run_until(checker.check(Certificate(b'der'), loop)) == u'anna'
    refused(loop, checker.check(Certificate(b'other'), loop))
    with pytest.raises(ValueError):
        CertificateChecker({b'short': u'anna'})
    assert loop.run_until(ExternalChecker().check(External(u'anna'), loop)) == u'anna'
    for wrong in (ExternalChecker([u'bob']).check(External(u'anna'), loop),
                  ExternalChecker().check(External(u''), loop),
                  ExternalChecker().check(External(u'a:b'), loop)):
        refused(loop, wrong)


def test_a_token_checker_asks_its_validator(loop):
    def validate(token):
        if token == b'broken':
            return failed(RuntimeError('the issuer is down'))
        later = sleep(loop, 5.0)
        return later.then(lambda _: u'anna' if token == b'good' else None)

    checker = TokenChecker(validate)
    assert loop.run_until(checker.check(BearerToken(b'good'), loop)) == u'anna'
    assert loop.run_until(checker.check(BearerToken(b'good', u'anna'), loop)) == u'anna'
    refused(loop, checker.check(BearerToken(b'good', u'bob'), loop))
    refused(loop, checker.check(BearerToken(b'bad'), loop))
    with pytest.raises(RuntimeError):
        loop.run_until(checker.check(BearerToken(b'broken'), loop))


def test_system_takes_as_long_for_every_refusal(loop):
    asked = []

    def authenticate(name, password):
        asked.append(name)
        if name == u'anna':
            loop.now += 0.25         # the system hashes for a name that it knows
        return password == b'right'

    checker = SystemChecker(authenticate)
    assert loop.run_until(checker.check(UsernamePassword(u'anna', b'right'), loop)) == u'anna'
    took = []
    for name in (u'anna', u'nobody'):
        begun = loop.time()
        refused(loop, checker.check(UsernamePassword(name, b'wrong'), loop))
        took.append(loop.time() - begun)
    assert took == [1.0, 1.0] and asked == [u'anna', u'anna', u'nobody']
    for name, password in ((u'', b'x'), (u'anna', b''), (u'an:na', b'x'), (u'anna', b'x\0'),
                           (u'anna', b'x' * 2000)):
        refused(loop, checker.check(UsernamePassword(name, password), loop))
    assert len(asked) == 3, 'the system is not bothered with what cannot be'


def test_guesses_at_one_account_come_one_after_the_other(loop):
    """Guesses are serialized however many addresses they come from, and also if the client does not
    wait for the answer."""
    asked = []

    def authenticate(name, password):
        asked.append((name, password))
        return password == b'right'

    checker = SystemChecker(authenticate)

    def guess(name, password):
        return checker.check(UsernamePassword(name, password), loop)

    found = [guess(u'anna', b'%d' % number) for number in range(checkers.MAX_WAITING + 3)]
    other = guess(u'bob', b'right')
    loop.advance(0.1)
    assert other.result() == u'bob', 'another account need not wait'
    assert len(asked) == 2, 'ten guesses at once: %r' % asked
    found[0].cancel()
    found[1].cancel()
    loop.advance(0.8)
    assert len(asked) == 2, 'who goes away makes no room for the next guess'
    loop.advance(0.2)
    assert asked[2:] == [(u'anna', b'2')] and [each.done() for each in found[-2:]] \
        == [True, True], 'the last two were too many'
    loop.advance(20.0)
    assert len(asked) == 2 + checkers.MAX_WAITING - 1 and all(each.done() for each in found)
    assert loop.run_until(guess(u'anna', b'right')) == u'anna' and not checker._waiting, \
        'nothing is kept'


def test_accounts_at_the_same_time_are_bounded(loop):
    checker = SystemChecker(lambda name, password: False)
    found = [checker.check(UsernamePassword(u'user%d' % number, b'x'), loop)
             for number in range(checkers.MAX_ACCOUNTS + 1)]
    assert len(checker._waiting) == checkers.MAX_ACCOUNTS
    loop.advance(2.0)
    assert isinstance(found.pop().exception(), LoginUnavailable)
    assert all(isinstance(each.exception(), LoginFailed) for each in found) and not checker._waiting


def test_one_source_has_a_share_of_the_accounts(loop):
    checker = SystemChecker(lambda name, password: password == b'right')

    def guess(name, password, host):
        credentials = UsernamePassword(name, password)
        credentials.host = host
        return checker.check(credentials, loop)

    found = [guess(u'user%d' % number, b'x', '192.0.2.1')
             for number in range(checkers.MAX_ACCOUNTS)]
    other = guess(u'anna', b'right', '192.0.2.2')
    loop.advance(2.0)
    assert other.result() == u'anna'
    assert sum(isinstance(each.exception(), LoginFailed) for each in found) \
        == checkers.MAX_OF_SOURCE
    assert not checker._waiting
    assert not checker._sources


def test_guesses_at_one_account_leave_a_place_to_another_source(loop):
    checker = SystemChecker(lambda name, password: password == b'right')
    found = []
    for number in range(checkers.MAX_WAITING + 1):
        found.append(UsernamePassword(u'anna', b'guess'))
        found[-1].host = '192.0.2.1'
    found.append(UsernamePassword(u'anna', b'right'))
    found[-1].host = '192.0.2.2'
    answers = [checker.check(each, loop) for each in found]
    loop.advance(4.0)
    assert answers[-1].result() == u'anna'
    assert isinstance(answers[-2].exception(), LoginUnavailable)


def test_only_true_is_true(loop):
    refused(loop, SystemChecker(lambda name, password: 'yes').check(
        UsernamePassword(u'anna', b'x'), loop))


def test_scram_keys_do_not_reveal_existing_names(loop):
    checker = MemoryChecker({u'anna': b'secret'})
    for name in (u'anna', u'nobody'):
        salts = set()
        for _ in range(2):
            keys = loop.run_until(checker.scram_keys(name, 'sha1', loop))
            if keys is None:
                keys = loop.run_until(checker.scram_decoy(name, 'sha1', loop))
            salts.add((keys.salt, keys.iterations, len(keys.stored)))
        assert len(salts) == 1, 'the salt of %s changes, and so tells' % name


def test_the_base_checker_knows_no_user(loop):
    assert Checker().kinds == () and Checker().scram_hashes(loop) == ()
    assert loop.run_until(Checker().scram_keys(u'anna', 'sha1', loop)) is None
    with pytest.raises(LoginFailed):
        loop.run_until(Checker().scram_decoy(u'anna', 'sha1', loop))


def test_keys_made_of_clear_passwords_leave_threads_to_others():
    class Pool(object):
        def __init__(self):
            self.work = []

        def run_in_thread(self, function, *args):
            self.work.append(Future())
            return self.work[-1]

    pool = Pool()
    checker = MemoryChecker({u'anna': b'secret'})
    asked = [checker.scram_decoy(u'nobody', 'sha256', pool)
             for _ in range(KEYS_AT_ONCE + KEYS_WAITING)]
    assert len(pool.work) == KEYS_AT_ONCE
    assert isinstance(checker.scram_keys(u'anna', 'sha256', pool).exception(), LoginUnavailable)
    for future in pool.work:        # it grows meanwhile
        future.set_result(u'keys')
    assert [future.result() for future in asked] == [u'keys'] * len(asked)
