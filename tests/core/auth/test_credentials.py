# Copyright the carryall authors.  See LICENSE.
"""Credentials never show a secret, and names are what files and logs can hold."""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.credentials import (Anonymous, BearerToken, Certificate, Challenged,
                                            External, LoginFailed, Proven, UsernamePassword,
                                            usable_name)
from carryall.core.auth.verifiers import ScryptHash
from tests.core.auth.kit import quick, quick_scram


def test_no_secret_shows():
    everything = [UsernamePassword(u'anna', b'hidden-word'),
                  Challenged(u'anna', lambda clear: clear == b'hidden-word'),
                  Anonymous(u'trace'), Certificate(b'hidden-word'), External(u'anna'),
                  BearerToken(b'hidden-word', u'anna'),
                  Proven(u'anna', 'SCRAM-SHA-256'), LoginFailed(u'the password is wrong'),
                  quick(b'hidden-word'),
                  quick_scram(b'hidden-word'), ScryptHash(15, 8, 3, b's', b'hidden-word')]
    for each in everything:
        for shown in (repr(each), '%s' % (each,), '%r' % ([each],)):
            assert 'hidden' not in shown and type(each).__name__ in repr(each), shown
    assert 'wrong' not in str(LoginFailed(u'the password is wrong')), \
        'the cause is for the log alone'


def test_all_have_a_name():
    for each in (UsernamePassword(u'a', b''), Challenged(u'a', None), External(u'a'),
                 BearerToken(b'', u'a'), Proven(u'a', '')):
        assert each.username == u'a'
    assert Anonymous().username == u'' and Certificate(b'').username == u''


def test_unusable_names_are_refused():
    for name in (u'a', u'anna', u'J\xf6rg', u'a b', u'a@b.example', u'x' * 255, u'\U0001f600'):
        assert usable_name(name), name
    for name in (u'', u'x' * 256, u'a:b', u' a', u'a ', u'a\nb', u'a\0', u'\x7f', u'\x85',
                 u'a\u2028b', u'a\tb'):
        assert not usable_name(name), name
