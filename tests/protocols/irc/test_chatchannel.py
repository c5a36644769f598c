# Copyright the carryall authors.  See LICENSE.
"""Channels: masks, standing, and what the bans say."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import VirtualLoop
from carryall.protocols.irc import Channel, Entry, User, fold_ascii
from carryall.protocols.irc.chatchannel import parse_rate


def user(nick=b'ann', account=None, host=b'shown.example'):
    made = User()
    made.nick = nick
    made.username = b'~a'
    made.address = b'10.1.2.3'
    made.host = host
    made.account = account
    made.realname = b'Ann Other'
    return made


def entry(text, at=0.0):
    return Entry(text, b'op!o@h', at, fold_ascii)


@pytest.mark.parametrize('text, mask', [
    (b'ann', b'ann!*@*'), (b'*@h', b'*!*@h'), (b'~a:ann', b'~a:ann'), (b'~a', b'~a'),
    (b'~m:ann', b'~m:ann!*@*'), (b'~t:5:ann', b'~t:5:ann!*@*'), (b'~t:5:~m:~a:x', b'~t:5:~m:~a:x'),
    (b'~r:Ann*', b'~r:Ann*'), (b'~z:x', b'*!*@~z:x'),
    (b'*!*@10.0.0.0/8', b'*!*@10.0.0.0/8')])
def test_an_entry_is_shown_with_all_its_parts(text, mask):
    assert entry(text).mask == mask


@pytest.mark.parametrize('text, account, stands', [
    (b'ann', None, True), (b'*@shown.*', None, True), (b'*@10.1.2.3', None, True),
    (b'*!*@10.0.0.0/8', None, True), (b'*!*@11.0.0.0/8', None, False), (b'~a:ann', b'ann', True),
    (b'~a:ANN', b'ann', True), (b'~a:ben', b'ann', False), (b'~a:ann', None, False),
    (b'~a', b'ann', True), (b'~a', None, False), (b'~r:ann*', None, True),
    (b'~r:ben*', None, False),
    (b'ben!*@*', None, False)])
def test_an_entry_stands_for_users(text, account, stands):
    assert entry(text).matches(user(account=account)) is stands


def test_an_entry_that_mutes_is_no_ban():
    channel = Channel(b'#tea', VirtualLoop())
    channel.add_entry(b'b', entry(b'~m:ann'))
    ann = user()
    channel.members[ann] = b''
    assert (channel.is_banned(ann), channel.is_muted(ann), channel.may_speak(ann)) == (
        False, True, False)


def test_an_entry_ends_by_itself():
    loop = VirtualLoop()
    channel = Channel(b'#tea', loop)
    channel.add_entry(b'b', entry(b'~t:1:ann', loop.wall()))
    before = channel.is_banned(user())
    loop.advance(61.0)
    assert (before, channel.is_banned(user()), channel.lists[b'b']) == (True, False, [])


def test_a_verdict_is_kept_until_the_bans_change():
    channel = Channel(b'#tea', VirtualLoop())
    ann = user()
    channel.members[ann] = b''
    first = channel.is_banned(ann)
    channel.add_entry(b'b', entry(b'ann'))
    assert (first, channel.is_banned(ann)) == (False, True)


def test_a_verdict_is_forgotten_with_the_names():
    channel = Channel(b'#tea', VirtualLoop())
    channel.add_entry(b'b', entry(b'bob'))
    ann = user()
    channel.members[ann] = b''
    first = channel.is_banned(ann)
    ann.nick = b'bob'
    channel.forget(ann)
    assert (first, channel.is_banned(ann)) == (False, True)


def test_standing_is_kept_with_the_highest_first():
    channel = Channel(b'#tea', VirtualLoop())
    ann = user()
    channel.members[ann] = b'v'
    channel.give(ann, b'q')
    channel.give(ann, b'h')
    assert (channel.members[ann], channel.signs_of(ann, True), channel.signs_of(ann, False)) == (
        b'qhv', b'~%+', b'~')


@pytest.mark.parametrize('text, rate', [
    (b'5:10', (5, 10)), (b'5', None), (b'0:10', None), (b'5:0', None), (b'x:1', None),
    (b'5000:1', None), (b'1:1:1', None)])
def test_a_rate_has_two_numbers(text, rate):
    assert parse_rate(text) == rate
