# Copyright the carryall authors.  See LICENSE.
"""The article log."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.errors import FileFailed
from carryall.services.news.articlelog import ArticleLog, MemoryLog


@pytest.fixture
def folder(tmpdir):
    return os.path.join(str(tmpdir), 'articles')


@pytest.mark.parametrize('make', [ArticleLog, lambda folder: MemoryLog()])
def test_articles_are_read_from_their_places(folder, make):
    log = make(folder)
    places = log.append([b'one', b'', b'three']) + log.append([b'four' * 1000])
    assert log.read(places) == [b'one', b'', b'three', b'four' * 1000]
    assert log.read([places[2], places[0]]) == [b'three', b'one']
    log.close()


def test_each_start_begins_another_file(folder):
    first = ArticleLog(folder)
    place = first.append([b'one'])
    first.close()
    second = ArticleLog(folder)
    assert second.append([b'two'])[0][0] == place[0][0] + 1
    assert second.read(place) == [b'one']
    second.close()


def test_a_full_file_is_followed_by_another(folder):
    log = ArticleLog(folder, max_file=100)
    places = [log.append([b'x' * 60])[0] for _ in range(4)]
    assert [number for number, _ in places] == [1, 1, 2, 2]
    assert log.keep_only(set([2]), log.present) == 1
    assert log.numbers() == [2]
    assert log.keep_only(set(), 2) == 0
    log.close()


@pytest.mark.parametrize('spoil', [
    lambda data: data[:-1], lambda data: data[:5], lambda data: b'',
    lambda data: data[:-1] + b'!', lambda data: b'XXXX' + data[4:]])
def test_a_damaged_record_is_not_read(folder, spoil):
    log = ArticleLog(folder)
    places = log.append([b'hello'])
    log.close()
    path = os.path.join(folder, '00000001.log')
    with open(path, 'rb') as source:
        data = source.read()
    with open(path, 'wb') as target:
        target.write(spoil(data))
    with pytest.raises(FileFailed):
        log.read(places)


class Full(object):
    """A file on a full disk, which takes half of what is written."""

    def __init__(self, inner):
        self._inner = inner

    def write(self, data):
        self._inner.write(data[:len(data) // 2])
        self._inner.flush()
        raise IOError('no space')

    def close(self):
        self._inner.close()


def test_a_record_that_a_full_disk_has_cut_is_taken_back(folder):
    log = ArticleLog(folder)
    places = log.append([b'one'])
    size = os.path.getsize(os.path.join(folder, '00000001.log'))
    log._file = Full(log._file)
    with pytest.raises(IOError):
        log.append([b'two' * 100])
    assert os.path.getsize(os.path.join(folder, '00000001.log')) == size
    places += log.append([b'three'])
    assert log.read(places) == [b'one', b'three']
    log.close()
