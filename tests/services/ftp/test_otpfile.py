# Copyright the carryall authors.  See LICENSE.
"""The file of one-time passwords (RFC 2289)."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.auth.credentials import LoginFailed, LoginUnavailable
from carryall.core.errors import UsageError
from carryall.protocols.ftp.otp import Challenge, compute, to_words
from carryall.services.ftp.otpfile import OTPFile

PHRASE = b'a phrase that nobody knows'


def begun(path, algorithm='sha1', count=20):
    store = OTPFile(str(path))
    store.set(u'anna', algorithm, count, b'ab12',
              compute(Challenge(algorithm, count, b'ab12'), PHRASE))
    return store


def answer(challenge):
    return to_words(compute(challenge, PHRASE))


@pytest.mark.parametrize('algorithm', ['md5', 'sha1'])
def test_each_serves_once_and_the_counter_goes_down(tmp_path, algorithm):
    path = tmp_path / 'otp'
    store = begun(path, algorithm, 5)
    for left in (3, 2, 1, 0):
        challenge = store.challenge(u'anna')
        assert challenge.text() == b'otp-%s %d ab12' % (algorithm.encode('ascii'), left + 1), \
            challenge.text()
        response = answer(challenge)
        assert store.check(u'anna', response) == left, 'right'
        with pytest.raises(LoginFailed):
            store.check(u'anna', response)
        store = OTPFile(str(path))              # the file has it
        with pytest.raises(LoginFailed):
            store.check(u'anna', response)
    with pytest.raises(LoginFailed):
        store.check(u'anna', answer(Challenge(algorithm, 0, b'ab12')))


@pytest.mark.parametrize('response', [b'', b'wrong', b'0123456789abcdef',
                                      b'INCH SEA ANNE LONG AHEM TOUR',
                                      b'\xff' * 20, PHRASE])
def test_a_wrong_response_changes_nothing(tmp_path, response):
    store = begun(tmp_path / 'otp')
    before = (tmp_path / 'otp').read_bytes()
    with pytest.raises(LoginFailed):
        store.check(u'anna', response)
    assert (tmp_path / 'otp').read_bytes() == before and store.challenge(u'anna').count == 19, \
        'it changed'


def test_others_are_asked_too_and_always_the_same(tmp_path):
    store = begun(tmp_path / 'otp')
    first = store.challenge(u'bob')
    again = store.challenge(u'bob')
    other = store.challenge(u'carl')
    assert first.text() == again.text() != other.text(), 'it tells which names there are'
    assert first.algorithm == 'sha1' and 100 < first.count < 1000 and first.seed.isalnum(), \
        first.text()
    with pytest.raises(LoginFailed):
        store.check(u'bob', answer(first))


def test_the_file_is_for_its_owner_alone(tmp_path):
    begun(tmp_path / 'otp')
    assert os.stat(str(tmp_path / 'otp')).st_mode & 0o077 == 0, 'others may read'
    assert not os.path.exists(str(tmp_path / 'otp.new')), 'something is left'
    assert PHRASE not in (tmp_path / 'otp').read_bytes(), 'the phrase is in it'


def test_a_login_whose_use_cannot_be_noted_fails(tmp_path, expect_log):
    expect_log('cannot be written')
    store = begun(tmp_path / 'otp')
    response = answer(store.challenge(u'anna'))
    os.mkdir(str(tmp_path / 'otp.new'))
    with pytest.raises(LoginUnavailable):
        store.check(u'anna', response)
    os.rmdir(str(tmp_path / 'otp.new'))
    assert store.check(u'anna', response) == 18, 'it was not used'


@pytest.mark.parametrize('line', [b'anna', b'anna otp-md4 5 ab12 0123456789abcdef',
                                  b'anna otp-md5 x ab12 0123456789abcdef',
                                  b'anna otp-md5 5 a-b 0123456789abcdef',
                                  b'anna otp-md5 5 ab12 012345',
                                  b'\xff otp-md5 5 ab12 0123456789abcdef',
                                  b'a otp-md5 5 ab12 0123456789abcdef\na otp-md5 5 ab12 '
                                  b'0123456789abcdef'])
def test_a_file_that_is_none(tmp_path, line):
    (tmp_path / 'otp').write_bytes(b'# a comment\n\n' + line + b'\n')
    with pytest.raises(UsageError):
        OTPFile(str(tmp_path / 'otp'))


def test_reload_reads_the_file_again(tmp_path):
    store = begun(tmp_path / 'otp')
    begun(tmp_path / 'otp', count=500)
    assert store.challenge(u'anna').count == 19, 'not yet'
    store.reload()
    assert store.challenge(u'anna').count == 499, 'now'


def test_accounts_that_cannot_be(tmp_path):
    store = OTPFile(str(tmp_path / 'otp'))
    for name, algorithm, count in ((u'', 'sha1', 5), (u'a b', 'sha1', 5), (u'a', 'md4', 5),
                                   (u'a', 'sha1', 1), (u'a', 'sha1', 10000)):
        with pytest.raises(UsageError):
            store.set(name, algorithm, count, b'ab12', b'\0' * 8)
