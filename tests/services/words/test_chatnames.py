# Copyright the carryall authors.  See LICENSE.
"""Names of participants and groups, and their spelling on IRC."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.services.words.chaterrors import BadNameError
from carryall.services.words.chatnames import (channel_of, checked_group, checked_name, folded,
                                               group_of, name_of, nick_of)

NAMES = [u'ann', u'Ann Lee', u'1up', u'-x', u'a|b', u'\xc9tienne', u'\u8336', u'a.b', u'[a]']


@pytest.mark.parametrize('name', NAMES)
def test_a_nick_stands_for_one_name(name):
    assert name_of(nick_of(name)) == name


@pytest.mark.parametrize('name', NAMES + [u'tea room', u'a,b', u'a:b'])
def test_a_channel_stands_for_one_group(name):
    assert group_of(channel_of(name)) == name


@pytest.mark.parametrize('name, nick', [
    (u'ann', b'ann'), (u'Ann Lee', b'Ann|20Lee'), (u'1up', b'|31up'), (u'a|b', b'a|7Cb'),
    (u'\xe9', b'|C3|A9')])
def test_octets_that_no_nick_has_are_escaped(name, nick):
    assert nick_of(name) == nick


def test_text_of_other_scripts_stays_in_a_channel():
    assert channel_of(u'\u8336') == b'#\xe8\x8c\xb6'


@pytest.mark.parametrize('nick', [b'|ff', b'a|C3'])
def test_a_nick_that_is_no_text_stands_for_no_name(nick):
    assert name_of(nick) is None


def test_a_name_without_its_sign_is_no_channel():
    assert group_of(b'tea') is None


@pytest.mark.parametrize('name', [
    u'', u' a', u'a ', u'a  b', u'x' * 33, u'a\tb', u'a\u200bb', u'a\u2028b', u'a\u3000b', u'a:b',
    u'#a', u'\u8336' * 10])
def test_names_that_cannot_be_shown_are_refused(name):
    with pytest.raises(BadNameError):
        checked_name(name)


def test_a_name_is_kept_composed():
    assert checked_name(u'e\u0301') == u'\xe9'


def test_a_group_may_be_spelled_with_its_sign():
    assert checked_group(u'#tea') == u'tea'


def test_a_group_whose_channel_is_too_long_is_refused():
    with pytest.raises(BadNameError):
        checked_group(u'\u8336' * 22)


def test_names_are_compared_without_case():
    assert folded(u'\xc9T\xc9') == folded(u'e\u0301te\u0301')
