# Copyright the carryall authors.  See LICENSE.
"""The store in memory."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.nntp import Filed, Group, MemoryArticles, overview_field


def row(name):
    return b'\t\t\t<%s>\t\t1\t1\t' % name


def filled(store, group, *names):
    """Adds articles to a group."""
    for name in names:
        store.add(Filed(b'<%s>' % name, name, [(group, group.take_number())], row(name), 5.0))


def test_an_article_is_found_by_its_number_and_its_id():
    store = MemoryArticles()
    group = Group(b'g')
    filled(store, group, b'a', b'b')
    assert store.by_number(b'g', 2).result().octets == b'b'
    assert store.by_id(b'<a>').result().octets == b'a'
    assert store.by_number(b'g', 3).result() is None
    assert [number for number, _ in store.rows(b'g', 1, 9, 1).result()] == [1]


def test_a_removed_article_is_known_and_not_found():
    store = MemoryArticles()
    group = Group(b'g')
    filled(store, group, b'a', b'b')
    assert store.remove(b'<a>').result() == [(b'g', 1, 2)]
    assert store.knows(b'<a>').result() is True
    assert store.by_id(b'<a>').result() is None
    assert store.remove(b'<a>').result() == []


def test_the_oldest_article_goes_for_one_more_than_the_limit():
    store = MemoryArticles(2)
    group = Group(b'g')
    filled(store, group, b'a', b'b', b'c')
    assert store.knows(b'<a>').result() is False
    assert [number for number, _ in store.rows(b'g', 1, 9, 9).result()] == [2, 3]
    assert overview_field(store.neighbour(b'g', 3, -1).result()[1], b'message-id') == b'<b>'


def test_pages_of_new_articles_go_on_behind_each_other():
    store = MemoryArticles()
    group = Group(b'g')
    filled(store, group, b'a', b'b', b'c')
    first = store.newer(5.0, None, 2).result()
    assert [each[1] for each in first] == [b'<a>', b'<b>']
    assert [each[1] for each in store.newer(5.0, first[-1][0], 2).result()] == [b'<c>']
    assert store.newer(6.0, None, 2).result() == []
