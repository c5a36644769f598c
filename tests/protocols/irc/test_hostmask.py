# Copyright the carryall authors.  See LICENSE.
"""Sources of messages, and masks that match them (RFC 2812 sections 2.3.1 and 2.5)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.irc import (Mask, fold_ascii, fold_rfc1459, normalised_mask, split_source)


@pytest.mark.parametrize('source, parts', [
    (b'ann', (b'ann', b'', b'')), (b'irc.example', (b'irc.example', b'', b'')),
    (b'ann!a', (b'ann', b'a', b'')), (b'ann@h', (b'ann', b'', b'h')),
    (b'ann!a@h', (b'ann', b'a', b'h')), (b'ann!~a@2001:db8::1', (b'ann', b'~a', b'2001:db8::1')),
    (b'ann!a@h@i', (b'ann', b'a', b'h@i')), (b'a!b!c@d', (b'a', b'b!c', b'd')),
    (b'ann!a@net/ann/bot', (b'ann', b'a', b'net/ann/bot')), (b'', (b'', b'', b''))])
def test_a_source_has_a_nick_a_user_and_a_host(source, parts):
    assert tuple(split_source(source)) == parts


@pytest.mark.parametrize('source', [b'ann', b'ann!a', b'ann@h', b'ann!a@h', b'a!b!c@d'])
def test_a_source_is_written_as_it_was(source):
    assert split_source(source).to_bytes() == source


@pytest.mark.parametrize('mask, normal', [
    (b'ann', b'ann!*@*'), (b'*', b'*!*@*'), (b'', b'*!*@*'), (b'host.example', b'*!*@host.example'),
    (b'2001:db8::1', b'*!*@2001:db8::1'), (b'a@h', b'*!a@h'), (b'@h', b'*!*@h'), (b'a@', b'*!a@*'),
    (b'ann!a', b'ann!a@*'), (b'ann!', b'ann!*@*'), (b'!a@h', b'*!a@h'), (b'ann!a@h', b'ann!a@h')])
def test_a_mask_is_completed_with_stars(mask, normal):
    assert normalised_mask(mask) == normal


@pytest.mark.parametrize('mask, name, matches', [
    (b'', b'', True), (b'', b'a', False), (b'a', b'a', True), (b'a', b'A', True),
    (b'a', b'ab', False), (b'?', b'a', True), (b'?', b'', False), (b'??', b'a', False),
    (b'*', b'', True), (b'*', b'abc', True), (b'**', b'abc', True), (b'a*', b'a', True),
    (b'a*', b'ba', False), (b'*a', b'ba', True), (b'*a', b'ab', False), (b'a*b', b'ab', True),
    (b'a*b', b'acb', True), (b'a*b', b'abc', False), (b'ab*ba', b'aba', False),
    (b'ab*ba', b'abba', True), (b'*a*b*', b'ba', False), (b'*a*b*', b'xaxbx', True),
    (b'*a?c*', b'abdabc', True), (b'*a?c*', b'aabbc', False), (b'?*', b'a', True),
    (b'*?', b'', False), (b'*a*a', b'a', False), (b'*ab*ab*ab', b'ababab', True),
    (b'*!*@*.Example', b'ann!a@host.example', True), (b'*!*@*.example', b'ann!a@example', False),
    (b'ann!?@*', b'ann!ab@h', False), (b'a\\*', b'a\\b', True), (b'[x]', b'{x}', False)])
def test_a_mask_stands_for_the_whole_name(mask, name, matches):
    assert Mask(mask, fold_ascii).matches(name) is matches


def test_a_mask_goes_by_the_case_mapping():
    assert Mask(b'[X]*', fold_rfc1459).matches(b'{x}!a@h')


def test_a_hostile_mask_is_compared_in_bounded_time():
    assert not Mask(b'*a' * 200 + b'b', fold_ascii).matches(b'a' * 2000)
    assert not Mask(b'*a?' * 60 + b'b', fold_ascii).matches(b'a' * 500)


def test_a_mask_keeps_its_text():
    assert Mask(b'Ann!*@*', fold_ascii).text == b'Ann!*@*'
