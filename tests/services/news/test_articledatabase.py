# Copyright the carryall authors.  See LICENSE.
"""The article database, on SQLite."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall import runtimes
from carryall.app.datastore import DataStore
from carryall.core.errors import Unsupported
from carryall.protocols.nntp import Filed, Group
from carryall.services.news import articledatabase
from carryall.services.news.articledatabase import STORE, ArticleDatabase
from carryall.services.news.articlelog import ArticleLog


class Bench(object):
    """A database that can be closed and opened again."""

    def __init__(self, folder):
        self.folder = folder
        self.loop = runtimes.choose()
        self.data = None
        self.articles = None
        self.groups = {}
        self.open()

    def open(self):
        """Opens it (again)."""
        self.data = DataStore(STORE, u'sqlite:' + os.path.join(self.folder, u'news.db'))
        try:
            self.data.start(self.loop)
        except Unsupported as exc:
            self.loop.close()
            pytest.skip(str(exc))
        self.articles = ArticleDatabase(self.loop, self.data,
                                        ArticleLog(os.path.join(self.folder, 'log')))
        self.groups = dict((each.name, each) for each in self.run(self.articles.load()))

    def run(self, future):
        """The result of *future*."""
        return self.loop.run_until(future)

    def group(self, name):
        """A new group."""
        group = Group(name, b'y', b'd\xc3\xa9', b'mod@e', 7, b'me')
        self.groups[name] = group
        self.run(self.articles.save_group(group))
        return group

    def add(self, name, groups, arrived=5.0):
        """A Future of an article that is kept."""
        places = [(group, group.take_number()) for group in groups]
        xref = b' '.join(b'%s:%d' % (group.name, number) for group, number in places)
        row = b'about \xff\t\t\t<%s>\t\t1\t1\tXref: n %s' % (name, xref)
        return self.articles.add(Filed(b'<%s>' % name, name * 10, places, row, arrived))

    def close_store(self):
        """Closes all but the loop."""
        self.run(self.articles.close())
        self.run(self.data.close())

    def close(self):
        """Closes all."""
        self.close_store()
        self.loop.close()


@pytest.fixture
def bench(tmpdir):
    made = Bench(str(tmpdir))
    yield made
    made.close()


def test_articles_are_there_after_a_restart(bench):
    group = bench.group(b'a.b')
    bench.group(b'empty')
    adding = [bench.add(b'%d' % number, [group]) for number in range(1, 6)]
    for each in adding:
        bench.run(each)
    bench.run(bench.articles.remove(b'<1>'))
    bench.close_store()
    bench.open()
    group = bench.groups[b'a.b']
    assert (group.low, group.high, group.next, group.count) == (2, 5, 6, 4)
    assert (group.description, group.moderator, group.created) == (b'd\xc3\xa9', b'mod@e', 7)
    empty = bench.groups[b'empty']
    assert (empty.low, empty.high, empty.count) == (1, 0, 0)
    assert bench.run(bench.articles.by_number(b'a.b', 3)).octets == b'3' * 10
    assert bench.run(bench.articles.by_id(b'<5>')).octets == b'5' * 10
    rows = bench.run(bench.articles.rows(b'a.b', 1, 9, 2))
    assert rows[0] == (2, b'about \xff\t\t\t<2>\t\t1\t1\tXref: n a.b:2')
    assert [number for number, _ in rows] == [2, 3]


def test_a_group_keeps_its_numbers_when_all_its_articles_are_gone(bench):
    group = bench.group(b'a.b')
    bench.run(bench.add(b'1', [group]))
    assert bench.run(bench.articles.remove(b'<1>')) == [(b'a.b', 1, 0)]
    bench.close_store()
    bench.open()
    assert bench.groups[b'a.b'].next == 2


def test_a_removed_article_is_known_and_not_found(bench):
    first = bench.group(b'a')
    second = bench.group(b'b')
    bench.run(bench.add(b'1', [first, second]))
    bench.run(bench.add(b'2', [first]))
    assert sorted(bench.run(bench.articles.remove(b'<1>'))) == [(b'a', 1, 2), (b'b', 1, 0)]
    assert bench.run(bench.articles.knows(b'<1>')) is True
    assert bench.run(bench.articles.knows(b'<9>')) is False
    assert bench.run(bench.articles.by_id(b'<1>')) is None
    assert bench.run(bench.articles.by_number(b'a', 1)) is None
    assert bench.run(bench.articles.row_by_id(b'<1>')) is None
    assert bench.run(bench.articles.remove(b'<1>')) == []
    bench.run(bench.articles.forbid(b'<9>', 5.0))
    bench.run(bench.articles.forbid(b'<9>', 5.0))
    assert bench.run(bench.articles.knows(b'<9>')) is True


def test_neighbours_and_new_articles(bench):
    first = bench.group(b'a')
    second = bench.group(b'b')
    for number in range(1, 5):
        bench.run(bench.add(b'%d' % number, [first] if number % 2 else [first, second],
                            float(number)))
    bench.run(bench.articles.remove(b'<2>'))
    assert bench.run(bench.articles.neighbour(b'a', 1, 1))[0] == 3
    assert bench.run(bench.articles.neighbour(b'a', 3, -1))[0] == 1
    assert bench.run(bench.articles.neighbour(b'a', 4, 1)) is None
    page = bench.run(bench.articles.newer(1.0, None, 2))
    assert [(each[1], each[2]) for each in page] == [(b'<1>', [b'a']), (b'<3>', [b'a'])]
    page = bench.run(bench.articles.newer(1.0, page[-1][0], 2))
    assert [(each[1], sorted(each[2])) for each in page] == [(b'<4>', [b'a', b'b'])]
    assert bench.run(bench.articles.newer(9.0, None, 2)) == []


def test_a_client_that_reads_on_is_served_from_what_was_read_ahead(bench):
    group = bench.group(b'a')
    for number in range(1, 41):
        bench.run(bench.add(b'%02d' % number, [group]))
    read = [bench.run(bench.articles.by_number(b'a', number)).octets for number in range(1, 41)]
    assert read == [b'%02d' % number * 10 for number in range(1, 41)]
    bench.run(bench.articles.by_number(b'a', 1))
    bench.run(bench.articles.by_number(b'a', 2))
    bench.run(bench.articles.remove(b'<03>'))
    assert bench.run(bench.articles.by_number(b'a', 3)) is None


def test_old_articles_expire_by_age_and_by_size(bench):
    group = bench.group(b'a')
    other = bench.group(b'b')
    for number in range(1, 9):
        bench.run(bench.add(b'%d' % number, [group], float(number)))
    bench.run(bench.add(b'9', [other], 9.0))
    assert bench.run(bench.articles.expire(3.0, 0.0, None)) == {b'a': (6, 3)}
    assert bench.run(bench.articles.expire(None, 2.0, 31)) == {b'a': (2, 7)}
    assert bench.run(bench.articles.knows(b'<1>')) is False
    assert bench.run(bench.articles.knows(b'<2>')) is True
    assert bench.run(bench.articles.by_number(b'a', 6)) is None
    assert bench.run(bench.articles.by_number(b'a', 7)).octets == b'7' * 10
    assert bench.run(bench.articles.expire(9.0, 9.0, None)) == {b'a': (0, 0)}


def test_files_without_articles_are_removed(bench):
    group = bench.group(b'a')
    for _ in range(3):
        bench.run(bench.add(b'%d' % group.next, [group], 1.0))
        bench.close_store()
        bench.open()
        group = bench.groups[b'a']
    bench.run(bench.add(b'9', [group], 5.0))
    bench.run(bench.articles.expire(2.0, 0.0, None))
    assert sorted(os.listdir(os.path.join(bench.folder, 'log'))) == ['00000004.log']


def test_a_removed_group_takes_articles_along_that_are_in_no_other(bench):
    first = bench.group(b'a')
    second = bench.group(b'b')
    bench.run(bench.add(b'1', [first]))
    bench.run(bench.add(b'2', [first, second]))
    bench.run(bench.articles.remove_group(b'a'))
    assert bench.run(bench.articles.by_id(b'<1>')) is None
    assert bench.run(bench.articles.by_id(b'<2>')).octets == b'2' * 10
    assert [group.name for group in bench.run(bench.articles.load())] == [b'b']


def test_an_article_that_cannot_be_written_is_not_accepted(bench, monkeypatch):
    group = bench.group(b'a')

    def refuse(articles):
        raise IOError('no space')

    monkeypatch.setattr(bench.articles._log, 'append', refuse)
    with pytest.raises(IOError):
        bench.run(bench.add(b'1', [group]))
    monkeypatch.undo()
    bench.run(bench.add(b'1', [group]))
    assert bench.run(bench.articles.knows(b'<1>')) is True


def test_more_articles_than_may_wait_are_put_off(bench, monkeypatch):
    monkeypatch.setattr(articledatabase, 'MAX_WAITING', 2)
    group = bench.group(b'a')
    adding = [bench.add(b'%d' % number, [group]) for number in range(3)]
    with pytest.raises(articledatabase.StoreBusy):
        bench.run(adding[2])
    bench.run(adding[1])
