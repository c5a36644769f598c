# Copyright the carryall authors.  See LICENSE.
"""PartFile: a file appears when it is complete, and its part can be resumed."""
from __future__ import absolute_import, division, print_function

import errno

import pytest

from carryall.apps.transfers import PartFile
from carryall.core.errors import CarryallError
from carryall.runtimes.host import systemfiles


@pytest.fixture
def folder(tmpdir):
    return tmpdir


def part_of(folder):
    """The PartFile of the file ``page``."""
    return PartFile(str(folder.join('page')), systemfiles)


def broken_off(folder, tag):
    """Writes half a file, and stops."""
    part = part_of(folder)
    part.begin(0, tag)
    part.write(b'half')
    part.close()


def names(folder):
    return sorted(each.basename for each in folder.listdir())


def test_a_complete_file_leaves_no_part(folder):
    part = part_of(folder)
    part.begin(0, b'v1')
    part.write(b'whole')
    part.complete()
    part.close()
    assert names(folder) == ['page']
    assert folder.join('page').read('rb') == b'whole'


def test_a_part_with_a_tag_stays(folder):
    broken_off(folder, b'v1')
    assert names(folder) == ['page.part', 'page.part.tag']


def test_a_part_without_a_tag_is_removed(folder):
    broken_off(folder, None)
    assert names(folder) == []


def test_a_part_is_known_again_by_its_tag_and_size(folder):
    broken_off(folder, b'v1')
    part = part_of(folder)
    assert (part.tag, part.size) == (b'v1', 4)


def test_a_part_that_lost_its_tag_is_not_resumed(folder):
    broken_off(folder, b'v1')
    folder.join('page.part.tag').remove()
    part = part_of(folder)
    assert (part.tag, part.size) == (None, 0)


def test_a_part_is_continued(folder):
    broken_off(folder, b'v1')
    part = part_of(folder)
    part.begin(part.size, part.tag)
    part.write(b'+half')
    part.complete()
    assert folder.join('page').read('rb') == b'half+half'


def test_a_part_of_another_version_is_written_again(folder):
    broken_off(folder, b'v1')
    part = part_of(folder)
    part.begin(0, b'v2')
    part.write(b'new')
    part.close()
    assert folder.join('page.part').read('rb') == b'new'
    assert folder.join('page.part.tag').read('rb') == b'v2'


def test_a_file_that_cannot_be_made_is_an_error_with_its_path(folder):
    part = PartFile(str(folder.join('none', 'page')), systemfiles)
    with pytest.raises(CarryallError) as caught:
        part.begin(0, None)
    assert u'cannot write %s' % folder.join('none', 'page') in caught.value.message


def test_a_full_disk_is_an_error_with_its_reason(folder):
    class Files(object):
        remove = staticmethod(systemfiles.remove)

        @staticmethod
        def sync(_file):
            raise IOError(errno.ENOSPC, 'No space')

    part = PartFile(str(folder.join('page')), Files)
    part.begin(0, None)
    with pytest.raises(CarryallError) as caught:
        part.complete()
    part.close()
    assert caught.value.message.endswith(u'page: No space')


def test_a_file_that_was_never_begun_is_closed_without_a_trace(folder):
    part_of(folder).close()
    assert names(folder) == []
