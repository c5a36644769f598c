# Copyright the carryall authors.  See LICENSE.
"""Locks on keys: the changes that wait for others."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.ldap.keylocks import EVERYTHING, KeyLocks


def test_two_entries_may_be_added_below_one_parent():
    locks = KeyLocks()
    assert locks.acquire([u'a'], [u'p']).done()
    assert locks.acquire([u'b'], [u'p']).done()


def test_the_same_entry_waits():
    locks = KeyLocks()
    first = locks.acquire([u'a']).result()
    second = locks.acquire([u'a'])
    assert not second.done()
    locks.release(first)
    assert second.done()


def test_a_parent_is_not_deleted_while_a_child_is_added():
    locks = KeyLocks()
    child = locks.acquire([u'a'], [u'p']).result()
    parent = locks.acquire([u'p'])
    assert not parent.done()
    locks.release(child)
    late = locks.acquire([u'b'], [u'p'])
    assert parent.done() and not late.done()
    locks.release(parent.result())
    assert late.done()


def test_a_change_of_everything_is_alone():
    locks = KeyLocks()
    one = locks.acquire([u'a']).result()
    whole = locks.acquire([EVERYTHING])
    other = locks.acquire([u'b'])
    assert not whole.done() and not other.done()
    locks.release(one)
    assert whole.done() and not other.done()
    locks.release(whole.result())
    assert other.done()
