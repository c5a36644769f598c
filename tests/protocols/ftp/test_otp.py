# Copyright the carryall authors.  See LICENSE.
"""One-time passwords, by the vectors of RFC 2289 appendix C."""
from __future__ import absolute_import, division, print_function

import binascii

import pytest

from carryall.protocols.ftp.otp import (Challenge, answers, compute, find_challenge, from_words,
                                        parse_response, step, to_words)
from carryall.protocols.ftp.otpwords import WORDS

VECTORS = [
    ('md5', b'This is a test.', b'TeSt', 0, b'9E876134D90499DD', b'INCH SEA ANNE LONG AHEM TOUR'),
    ('md5', b'This is a test.', b'TeSt', 1, b'7965E05436F5029F', b'EASE OIL FUM CURE AWRY AVIS'),
    ('md5', b'This is a test.', b'TeSt', 99, b'50FE1962C4965880', b'BAIL TUFT BITS GANG CHEF THY'),
    ('md5', b'AbCdEfGhIjK', b'alpha1', 0, b'87066DD9644BF206', b'FULL PEW DOWN ONCE MORT ARC'),
    ('md5', b'AbCdEfGhIjK', b'alpha1', 99, b'5AA37A81F212146C', b'BODE HOP JAKE STOW JUT RAP'),
    ('md5', b"OTP's are good", b'correct', 99, b'B203E28FA525BE47', b'LONG IVY JULY AJAR BOND LEE'),
    ('sha1', b'This is a test.', b'TeSt', 0, b'BB9E6AE1979D8FF4', b'MILT VARY MAST OK SEES WENT'),
    ('sha1', b'This is a test.', b'TeSt', 1, b'63D936639734385B', b'CART OTTO HIVE ODE VAT NUT'),
    ('sha1', b'This is a test.', b'TeSt', 99, b'87FEC7768B73CCF9', b'GAFF WAIT SKID GIG SKY EYED'),
    ('sha1', b"OTP's are good", b'correct', 99, b'4F296A74FE1567EC',
     b'AURA ALOE HURL WING BERG WAIT')]


@pytest.mark.parametrize('algorithm, phrase, seed, count, digits, words', VECTORS)
def test_the_vectors_of_rfc_2289_are_computed(algorithm, phrase, seed, count, digits, words):
    key = compute(Challenge(algorithm, count, seed), phrase)
    assert binascii.hexlify(key).upper() == digits and to_words(key) == words, \
        (binascii.hexlify(key), to_words(key))
    for text in (digits, digits.lower(), b' '.join(
            [digits[:4], digits[4:8], digits[8:12], digits[12:]]), words, words.lower(),
                 b'hex:' + digits, b'word: ' + words):
        assert parse_response(text) == key, text


def test_each_response_verifies_the_next():
    now = compute(Challenge('sha1', 9, b'a1'), b'a phrase of ours')
    before = compute(Challenge('sha1', 8, b'a1'), b'a phrase of ours')
    assert step('sha1', before) == now and answers('sha1', now, before) and not answers(
        'sha1', now, now), 'one step back'


@pytest.mark.parametrize('text', [b'', b'hello', b'INCH SEA ANNE LONG AHEM',
                                  b'INCH SEA ANNE LONG AHEM TOUR TOUR',
                                  b'INCH SEA ANNE LONG AHEM ZZZZ', b'9E876134D90499D',
                                  b'9E876134D90499DDX', b'x' * 500, b'init-hex:9E876134D90499DD',
                                  b'INCH SEA ANNE LONG AHEM TOW'])
def test_a_bad_response_is_none(text):
    assert parse_response(text) is None, text


def test_words_may_be_written_as_digits():
    """RFC 2289 section 6.3."""
    assert from_words(b'1NCH 5EA ANNE 10NG AHEM T0UR') is None, '1 stands for L, not for I'
    assert from_words(b'INCH 5EA ANNE 10NG AHEM T0UR') == from_words(
        b'INCH SEA ANNE LONG AHEM TOUR'), 'S, L and O'


@pytest.mark.parametrize('text, wanted', [
    (b'Response to otp-md5 487 dog2 required.', ('md5', 487, b'dog2')),
    (b'OTP-SHA1 5 AB12 ext', ('sha1', 5, b'ab12')),
    (b'say [otp-md5 9999 x1]', None), (b'otp-md5 1 ke1234: ', ('md5', 1, b'ke1234')),
    (b'otp-md4 487 dog2', None),
    (b'otp-md5 x dog2', None), (b'otp-md5 487', None), (b'', None), (b'otp-md5 487 do_g', None),
    (b'otp-md5 10000 dog2', None)])
def test_a_challenge_is_found_in_a_text(text, wanted):
    found = find_challenge(text)
    assert (found and (found.algorithm, found.count, found.seed)) == wanted, text
    assert found is None or find_challenge(found.text()).count == found.count, 'our own'


def test_the_dictionary_is_that_of_rfc_2289():
    assert len(set(WORDS)) == 2048 and all(1 <= len(word) <= 4 for word in WORDS), \
        'RFC 2289 appendix D'
    assert all(len(word) < 4 for word in WORDS[:571]) \
        and all(len(word) == 4 for word in WORDS[571:]), 'short ones first'
