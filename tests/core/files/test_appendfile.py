# Copyright the carryall authors.  See LICENSE.
"""Files that several writers append to."""
from __future__ import absolute_import, division, print_function

import threading

import pytest

from carryall import runtimes       # noqa: F401  on Jython it provides the files
from carryall.core.files.appendfile import open_append, write_whole

WRITERS = 6
RECORDS = 100           # of each writer


def test_each_write_goes_to_the_end_of_that_moment(tmpdir):
    path = str(tmpdir.join('log'))
    with open_append(path) as one, open_append(path) as two:
        one.write(b'a')
        two.write(b'bb')
        one.write(b'c')
        two.write(b'd')
        assert tmpdir.join('log').read_binary() == b'abbcd'


def test_existing_content_stays(tmpdir):
    tmpdir.join('log').write_binary(b'before\n')
    with open_append(str(tmpdir.join('log'))) as target:
        assert target.write(b'after\n') == 6
    assert tmpdir.join('log').read_binary() == b'before\nafter\n'


def test_no_record_of_600_is_lost(tmpdir):
    """Six threads, each with a file of its own, as connections and processes have."""
    path = str(tmpdir.join('log'))
    start = threading.Event()

    def write(number):
        with open_append(path) as target:
            start.wait()
            for record in range(RECORDS):
                target.write(b'%d-%d\n' % (number, record))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    start.set()
    for thread in threads:
        thread.join()
    found = tmpdir.join('log').read_binary().splitlines()
    assert sorted(found) == sorted(b'%d-%d' % (number, record) for number in range(WRITERS)
                                   for record in range(RECORDS))


def test_a_part_that_the_disk_took_is_followed_by_the_rest():
    taken = []

    def write(data):
        taken.append(data[:3])
        return len(taken[-1])

    write_whole(write, b'12345678')
    assert taken == [b'123', b'456', b'78']


@pytest.mark.parametrize('name', ['', 'no/file'])
def test_a_folder_cannot_be_opened(tmpdir, name):
    with pytest.raises((IOError, OSError)) as caught:
        open_append(str(tmpdir.join(name)))
    assert caught.value.strerror in ('Is a directory', 'No such file or directory',
                                     'Permission denied')


def test_a_name_need_not_be_ascii(tmpdir):
    path = str(tmpdir).encode('utf-8') + b'/caf\xc3\xa9' if not isinstance(str(tmpdir), bytes) \
        else str(tmpdir) + b'/caf\xc3\xa9'
    with open_append(path) as target:
        target.write(b'x')
    with open(path, 'rb') as source:
        assert source.read() == b'x'
