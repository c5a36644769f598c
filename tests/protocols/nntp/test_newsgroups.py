# Copyright the carryall authors.  See LICENSE.
"""Groups and their marks."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.nntp import Group, GroupTable


def made(*names):
    """A table of these groups."""
    table = GroupTable()
    for name in names:
        table.add(Group(name))
    return table


def test_groups_are_in_the_order_of_their_names():
    assert [group.name for group in made(b'c', b'a', b'b').all()] == [b'a', b'b', b'c']


def test_a_page_goes_on_behind_a_group_that_is_gone():
    table = made(b'a', b'b', b'c', b'd')
    assert [group.name for group in table.page(None, 2)] == [b'a', b'b']
    table.remove(b'b')
    assert [group.name for group in table.page(b'b', 2)] == [b'c', b'd']


def test_a_group_is_there_once():
    with pytest.raises(ValueError):
        made(b'a', b'a')


def test_a_number_is_shown_once_its_article_is_kept():
    group = Group(b'a')
    assert group.take_number() == 1
    assert group.high == 0
    group.came(1)
    assert (group.count, group.low, group.high) == (1, 1, 1)
    group.went(0)
    assert (group.count, group.low, group.high) == (0, 2, 1)


def test_more_groups_than_the_limit_are_refused(monkeypatch):
    monkeypatch.setattr('carryall.protocols.nntp.newsgroups.MAX_GROUPS', 2)
    table = made(b'a', b'b')
    with pytest.raises(ValueError):
        table.add(Group(b'c'))
