# Copyright the carryall authors.  See LICENSE.
"""Strings of modes and what they change (RFC 2812 section 3.2.3; ISUPPORT CHANMODES and PREFIX)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.irc import (FLAG, LIST, MEMBER, SETTING, SETTING_WHEN_ADDED, UNKNOWN,
                                    ModeChange, ModeTable, format_modes)

TABLE = ModeTable([b'beI', b'k', b'l', b'imnpst'], b'ov')


@pytest.mark.parametrize('letter, kind', [
    (b'b', LIST), (b'k', SETTING), (b'l', SETTING_WHEN_ADDED), (b't', FLAG), (b'o', MEMBER),
    (b'z', UNKNOWN), (b'B', UNKNOWN)])
def test_a_letter_has_a_kind(letter, kind):
    assert TABLE.kind_of(letter) == kind


@pytest.mark.parametrize('text, arguments, changes', [
    (b'', [], []), (b'+', [], []), (b'+-+', [], []),
    (b'+n', [], [(True, b'n', None)]), (b'n', [], [(True, b'n', None)]),
    (b'-nt', [], [(False, b'n', None), (False, b't', None)]),
    (b'+n-t+i', [], [(True, b'n', None), (False, b't', None), (True, b'i', None)]),
    (b'+o', [b'ann'], [(True, b'o', b'ann')]), (b'+o', [], [(True, b'o', None)]),
    (b'+ov-v', [b'a', b'b', b'c'], [(True, b'o', b'a'), (True, b'v', b'b'), (False, b'v', b'c')]),
    (b'+lk', [b'30', b'key'], [(True, b'l', b'30'), (True, b'k', b'key')]),
    (b'-lk', [b'key'], [(False, b'l', None), (False, b'k', b'key')]),
    (b'+ntb', [b'*!*@h'], [(True, b'n', None), (True, b't', None), (True, b'b', b'*!*@h')]),
    (b'b', [], [(True, b'b', None)]), (b'+z', [b'x'], [(True, b'z', None)]),
    (b'+zo', [b'ann'], [(True, b'z', None), (True, b'o', b'ann')])])
def test_a_string_of_modes_is_read_by_the_kinds(text, arguments, changes):
    found = TABLE.parse(text, arguments)
    assert [tuple(each)[:3] for each in found] == changes


def test_a_list_without_an_argument_asks():
    assert [each.asks for each in TABLE.parse(b'+be', [b'x'])] == [False, True]


def test_another_letter_without_an_argument_does_not_ask():
    assert not TABLE.parse(b'o')[0].asks


def _change(adding, letter, argument=None):
    return ModeChange(adding, letter, argument, FLAG)


@pytest.mark.parametrize('changes, expected', [
    ([], []), ([(True, b'n')], [(b'+n', [])]),
    ([(True, b'n'), (True, b't')], [(b'+nt', [])]),
    ([(True, b'n'), (False, b't'), (True, b'i')], [(b'+n-t+i', [])]),
    ([(True, b'o', b'a'), (False, b'b', b'm')], [(b'+o-b', [b'a', b'm'])])])
def test_changes_become_one_string(changes, expected):
    assert format_modes([_change(*each) for each in changes]) == expected


def test_a_message_has_no_more_arguments_than_the_server_takes():
    changes = [_change(True, b'v', b'%d' % number) for number in range(5)]
    assert format_modes(changes, most=2) == [
        (b'+vv', [b'0', b'1']), (b'+vv', [b'2', b'3']), (b'+v', [b'4'])]


def test_flags_do_not_count_as_arguments():
    changes = [_change(True, b'o', b'a'), _change(True, b'n'), _change(True, b't')]
    assert format_modes(changes, most=1) == [(b'+ont', [b'a'])]


def test_a_message_is_no_longer_than_its_line():
    changes = [_change(True, b'b', b'x' * 100) for _ in range(5)]
    assert [len(arguments) for _, arguments in format_modes(changes, octets=320)] == [3, 2]


def test_a_sign_is_repeated_in_the_next_message():
    changes = [_change(False, b'b', b'x'), _change(False, b'b', b'y')]
    assert [text for text, _ in format_modes(changes, most=1)] == [b'-b', b'-b']
