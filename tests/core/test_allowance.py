# Copyright the carryall authors.  See LICENSE.
"""Allowances: shared room, and how much of it one source gets."""
from __future__ import absolute_import, division, print_function

from carryall.core.allowance import SMALL, Allowance, allowance_of
from carryall.core.testing import VirtualLoop
from carryall.core.net.transport import Address

ONE = Address('192.0.2.1', 4000)
OTHER = Address('192.0.2.2', 4000)


def test_one_source_alone_gets_half():
    allowance = Allowance(1000)
    assert allowance.take(b'a', 500)
    assert not allowance.take(b'a', 1)
    assert allowance.refused == 1


def test_a_second_source_finds_room_when_the_first_has_all_it_gets():
    allowance = Allowance(1000)
    allowance.take(b'a', 500)
    assert allowance.take(b'b', 250)
    assert not allowance.take(b'b', 1)
    assert allowance.take(b'c', 125)


def test_returned_octets_are_free_again():
    allowance = Allowance(1000)
    allowance.take(b'a', 500)
    allowance.give(b'a', 500)
    assert allowance.held == 0
    assert allowance.take(b'b', 500)


def test_the_first_octets_of_a_connection_are_not_counted():
    allowance = Allowance(0)
    account = allowance.account(ONE)
    assert account.take(SMALL)
    assert not account.take(1)
    account.close()
    assert account.take(SMALL)


def test_an_account_counts_each_octet_once():
    allowance = Allowance(1 << 20)
    account = allowance.account(ONE)
    for _ in range(10):
        account.take(1000)
    assert allowance.held == 10000 - SMALL
    for _ in range(5):
        account.give(1000)
    assert allowance.held == 5000 - SMALL
    account.give(3000)
    assert allowance.held == 0
    account.take(SMALL)
    assert allowance.held == 2000
    account.close()
    assert allowance.held == 0
    assert account.held == 0


def test_connections_of_one_address_share_its_part():
    allowance = Allowance(100000)
    first = allowance.account(ONE)
    second = allowance.account(ONE)
    other = allowance.account(OTHER)
    assert first.take(SMALL + 50000)
    assert not second.take(SMALL + 1)
    assert other.take(SMALL + 25000)


def test_addresses_of_one_ipv6_network_are_one_source():
    allowance = Allowance(100000)
    first = allowance.account(Address('2001:db8::1', 4000))
    second = allowance.account(Address('2001:db8::2', 4000))
    assert first.take(SMALL + 50000)
    assert not second.take(SMALL + 1)


def test_an_account_moves_with_what_it_holds():
    guests = Allowance(100000)
    members = Allowance(100000)
    account = guests.account(ONE)
    account.take(SMALL + 40000)
    assert account.move(members)
    assert (guests.held, members.held) == (0, 40000)
    account.close()
    assert members.held == 0


def test_an_account_that_finds_no_room_stays():
    guests = Allowance(100000)
    members = Allowance(1000)
    account = guests.account(ONE)
    account.take(SMALL + 40000)
    assert not account.move(members)
    assert (guests.held, members.held) == (40000, 0)


def test_a_loop_has_one_of_each_name():
    loop = VirtualLoop()
    other = VirtualLoop()
    found = allowance_of(loop, 'x', 5)
    assert found is allowance_of(loop, 'x', 7)
    assert found is not allowance_of(loop, 'y', 5)
    assert found is not allowance_of(other, 'x', 5)
