# Copyright the carryall authors.  See LICENSE.
"""Bans of a whole network."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import UsageError
from carryall.core.testing import VirtualLoop
from carryall.protocols.irc import DLINE, KLINE, NetworkBans, User, fold_ascii
from carryall.protocols.irc.networkbans import MAX_BANS, normalised_user_mask, parse_duration


def user(username=b'~a', address=b'10.1.2.3', host=None):
    made = User()
    made.nick = b'ann'
    made.username = username
    made.address = address
    made.host = host or address
    return made


def bans():
    loop = VirtualLoop()
    return loop, NetworkBans(loop, fold_ascii)


@pytest.mark.parametrize('mask, stands', [
    (b'*@10.0.0.0/8', True), (b'~a@10.1.2.3', True), (b'*@10.1.*', True), (b'~A@*.3', True),
    (b'*@11.0.0.0/8', False), (b'b@10.0.0.0/8', False), (b'*@10.1.2.3/32', True),
    (b'*@2001:db8::/32', False)])
def test_a_k_line_stands_for_users(mask, stands):
    _, table = bans()
    table.add(KLINE, mask, b'x', b'op')
    assert (table.of_user(user()) is not None) is stands


def test_a_k_line_stands_for_the_real_host_behind_a_cloak():
    _, table = bans()
    table.add(KLINE, b'*@10.1.2.3', b'x', b'op')
    assert table.of_user(user(host=b'cloak.ip4')) is not None


@pytest.mark.parametrize('mask, host, stands', [
    (b'10.0.0.0/8', '10.9.9.9', True), (b'10.0.0.0/8', '::ffff:10.9.9.9', True),
    (b'2001:db8::/32', '2001:db8::1', True), (b'192.0.2.1', '192.0.2.1', True),
    (b'10.0.0.0/8', '11.0.0.1', False)])
def test_a_d_line_stands_for_addresses(mask, host, stands):
    _, table = bans()
    table.add(DLINE, mask, b'x', b'op')
    assert (table.of_address(host) is not None) is stands


def test_a_ban_ends():
    loop, table = bans()
    table.add(KLINE, b'*@10.0.0.0/8', b'x', b'op', 60)
    loop.advance(61.0)
    assert (table.of_user(user()), table.rows()) == (None, [])


def test_a_second_ban_takes_the_place_of_the_first():
    _, table = bans()
    table.add(KLINE, b'*@A', b'x', b'op')
    table.add(KLINE, b'*@a', b'y', b'op')
    assert [row.reason for row in table.rows()] == [b'y']


def test_bans_are_bounded():
    _, table = bans()
    for number in range(MAX_BANS):
        table.add(KLINE, b'a@%d' % number, b'x', b'op')
    with pytest.raises(UsageError):
        table.add(KLINE, b'a@b', b'x', b'op')


@pytest.mark.parametrize('mask', [b'10.0.0.1/8', b'x', b''])
def test_a_wrong_network_is_an_error(mask):
    _, table = bans()
    with pytest.raises(UsageError):
        table.add(DLINE, mask, b'x', b'op')


@pytest.mark.parametrize('text, seconds', [
    (b'90', 5400), (b'30m', 1800), (b'1d12h', 129600), (b'1w', 604800), (b'0', 0), (b'', None),
    (b'x', None), (b'1d12', None), (b'-1', None), (b'999999999999', None), (b'99999y', None)])
def test_a_duration_is_read(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize('text, mask', [
    (b'host', b'*@host'), (b'a@host', b'a@host'), (b'n!a@host', b'a@host'), (b'@host', b'*@host'),
    (b'a@', b'a@*')])
def test_masks_are_made_whole(text, mask):
    assert normalised_user_mask(text) == mask
