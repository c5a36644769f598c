# Copyright the carryall authors.  See LICENSE.
"""Octets are read at any place of a plain file, a file of dictzip, and memory."""
from __future__ import absolute_import, division, print_function

import gzip
import os

import pytest

from carryall.core.errors import UsageError
from carryall.services.dict.dictzip import BrokenDatabase, BytesSource, open_source
from tests.services.dict.samples import dictzipped

DATA = b''.join(b'line %d\n' % number for number in range(100))


def written(tmpdir, data):
    path = str(tmpdir.join('sample'))
    with open(path, 'wb') as file:
        file.write(data)
    return path


@pytest.fixture(params=['plain', 'zipped', 'named', 'more', 'memory'])
def source(request, tmpdir):
    """The same octets in each form."""
    if request.param == 'memory':
        return BytesSource(DATA)
    data = {'plain': DATA, 'zipped': dictzipped(DATA, name=b''), 'named': dictzipped(DATA),
            'more': dictzipped(DATA, extra=b'XX\x02\x00ab')}[request.param]
    return open_source(written(tmpdir, data))


def test_the_size_is_known(source):
    assert source.size == len(DATA)


@pytest.mark.parametrize('offset, count', [
    (0, 10), (35, 10), (40, 40), (39, 82), (0, len(DATA)), (len(DATA) - 3, 3), (5, 0),
    (len(DATA) - 3, 50), (len(DATA), 5), (len(DATA) + 500, 5)])
def test_octets_are_read_at_any_place(source, offset, count):
    with source.open() as reader:
        assert reader.read(offset, count) == DATA[offset:offset + count]


def test_one_reader_reads_often(source):
    with source.open() as reader:
        assert [reader.read(at, 7) for at in (500, 3, 501)] == [DATA[at:at + 7]
                                                                for at in (500, 3, 501)]


def test_a_file_that_has_changed_is_refused(tmpdir):
    path = written(tmpdir, DATA)
    found = open_source(path)
    with open(path, 'ab') as file:
        file.write(b'more')
    with pytest.raises(BrokenDatabase):
        found.open()


def test_gzip_without_the_table_is_refused(tmpdir):
    path = str(tmpdir.join('plain.gz'))
    file = gzip.open(path, 'wb')
    file.write(DATA)
    file.close()
    with pytest.raises(UsageError) as caught:
        open_source(path)
    assert 'dictzip' in caught.value.message


GOOD = dictzipped(DATA)


@pytest.mark.parametrize('data', [
    GOOD[:30], GOOD[:200], GOOD[:-1], GOOD[:12], b'\x1f\x8b\x08', GOOD + b'x' * 4,
    GOOD.replace(b'RA', b'RB'), GOOD[:16] + b'\x02' + GOOD[17:], GOOD[:18] + b'\0\0' + GOOD[20:],
    GOOD[:10] + b'\xff\xff' + GOOD[12:]])
def test_a_file_that_is_not_whole_is_refused(tmpdir, data):
    with pytest.raises(UsageError):
        open_source(written(tmpdir, data))


def test_a_piece_that_is_broken_is_an_error(tmpdir):
    at = GOOD.find(b'sample.dict\0') + 12
    found = open_source(written(tmpdir, GOOD[:at] + b'\xff' * 8 + GOOD[at + 8:]))
    with found.open() as reader:
        with pytest.raises(BrokenDatabase):
            reader.read(0, 10)


def test_a_file_that_is_missing_is_an_error(tmpdir):
    with pytest.raises(UsageError):
        open_source(str(tmpdir.join('nothing')))


def test_a_folder_is_an_error(tmpdir):
    with pytest.raises(UsageError):
        open_source(str(tmpdir))


@pytest.mark.skipif(not hasattr(os, 'mkfifo'), reason='this system has no named pipes')
def test_a_named_pipe_is_an_error_at_once(tmpdir):
    path = str(tmpdir.join('pipe'))
    try:
        os.mkfifo(path)
    except OSError:
        pytest.skip('no named pipe can be made here')
    with pytest.raises(UsageError):
        open_source(path)
