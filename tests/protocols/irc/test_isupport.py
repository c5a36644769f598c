# Copyright the carryall authors.  See LICENSE.
"""RPL_ISUPPORT, what a server says of itself (modern.ircdocs.horse, "RPL_ISUPPORT message")."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.irc import LIST, MEMBER, Support, format_tokens


def _support(*tokens):
    support = Support()
    support.update(tokens)
    return support


def test_a_server_that_says_nothing_folds_as_rfc_1459():
    assert Support().fold(b'A[') == b'a{'


def test_a_server_that_says_nothing_has_operators_and_voices():
    assert Support().members == [(b'o', b'@'), (b'v', b'+')]


@pytest.mark.parametrize('token, name, value', [
    (b'NETWORK=Example', b'NETWORK', b'Example'), (b'SAFELIST', b'SAFELIST', b''),
    (b'SILENCE=', b'SILENCE', b''), (b'nicklen=30', b'NICKLEN', b'30'),
    (b'NETWORK=My\\x20Net', b'NETWORK', b'My Net'), (b'X=a=b', b'X', b'a=b'),
    (b'X=\\x5Cx20', b'X', b'\\x20'), (b'X=\\q', b'X', b'\\q')])
def test_a_token_has_a_name_and_perhaps_a_value(token, name, value):
    assert _support(token).get(name) == value


def test_a_token_that_is_not_there_has_the_default():
    assert Support().get(b'NETWORK', b'none') == b'none'


def test_a_minus_takes_a_token_back():
    support = _support(b'EXCEPTS=e')
    support.update([b'-EXCEPTS'])
    assert b'EXCEPTS' not in support


def test_a_minus_gives_the_usual_value_back():
    support = _support(b'CASEMAPPING=ascii')
    support.update([b'-CASEMAPPING'])
    assert support.fold(b'[') == b'{'


@pytest.mark.parametrize('word', [b'', b'-', b'=x', b'are supported by this server', b'a b=1'])
def test_a_word_that_is_no_token_is_left_out(word):
    support = _support(word, b'SAFELIST')
    assert b'SAFELIST' in support


@pytest.mark.parametrize('mapping, folded', [
    (b'ascii', b'a['), (b'ASCII', b'a['), (b'rfc1459', b'a{'), (b'from-mars', b'a{')])
def test_names_are_folded_by_the_mapping_of_the_server(mapping, folded):
    assert _support(b'CASEMAPPING=' + mapping).fold(b'A[') == folded


@pytest.mark.parametrize('token, number', [
    (b'NICKLEN=30', 30), (b'NICKLEN=', None), (b'NICKLEN=x', None), (b'NICKLEN=-1', None),
    (b'NICKLEN=99999999999', None)])
def test_a_limit_is_a_number_or_none(token, number):
    assert _support(token).number(b'NICKLEN') == number


def test_limits_stand_behind_what_they_are_for():
    limits = _support(b'TARGMAX=PRIVMSG:4,WHOIS:,JOIN:x,y').limits(b'TARGMAX')
    assert limits == {b'PRIVMSG': 4, b'WHOIS': None, b'JOIN': None}


@pytest.mark.parametrize('name, expected', [
    (b'#a', True), (b'&a', True), (b'+a', False), (b'a#', False), (b'', False)])
def test_a_channel_begins_with_a_sign(name, expected):
    assert Support().is_channel(name) is expected


def test_the_server_says_which_signs_begin_a_channel():
    assert not _support(b'CHANTYPES=#').is_channel(b'&a')


@pytest.mark.parametrize('value, members', [
    (b'(qaohv)~&@%+', [(b'q', b'~'), (b'a', b'&'), (b'o', b'@'), (b'h', b'%'), (b'v', b'+')]),
    (b'(ov)@', [(b'o', b'@')]), (b'', []), (b'@+', []), (b'()', [])])
def test_the_standing_of_members_has_letters_and_signs(value, members):
    assert _support(b'PREFIX=' + value).members == members


def test_the_modes_come_from_chanmodes_and_prefix():
    modes = _support(b'CHANMODES=bq,k,l,nt,XYZ', b'PREFIX=(yo)!@').modes
    assert [modes.kind_of(letter) for letter in (b'q', b'y')] == [LIST, MEMBER]


@pytest.mark.parametrize('word, parts', [
    (b'ann', (b'', b'ann')), (b'@ann', (b'@', b'ann')), (b'@+ann', (b'@+', b'ann')),
    (b'~ann', (b'', b'~ann')), (b'@', (b'@', b'')), (b'', (b'', b''))])
def test_a_word_of_names_has_signs_in_front(word, parts):
    assert Support().split_member(word) == parts


# -- writing -----------------------------------------------------------------------

def test_a_line_has_thirteen_tokens_at_most():
    lines = format_tokens([(b'T%d' % number, None) for number in range(14)])
    assert [len(line) for line in lines] == [13, 1]


@pytest.mark.parametrize('pair, token', [
    ((b'SAFELIST', None), b'SAFELIST'), ((b'SILENCE', b''), b'SILENCE='),
    ((b'NETWORK', b'My Net'), b'NETWORK=My\\x20Net'), ((b'X', b'a=b'), b'X=a\\x3Db'),
    ((b'X', b'\\'), b'X=\\x5C')])
def test_a_token_escapes_what_would_end_it(pair, token):
    assert format_tokens([pair]) == [[token]]


@pytest.mark.parametrize('value', [b'My Net', b'a=b', b'\\x20', b'\x00\xe9'])
def test_a_value_that_is_written_is_read_again(value):
    assert _support(*format_tokens([(b'X', value)])[0]).get(b'X') == value
