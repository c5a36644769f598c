# Copyright the carryall authors.  See LICENSE.
"""Files in memory."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.ftp.filesystem import FULL, FileFault
from carryall.services.ftp.memoryfiles import MemoryFiles
from tests.services.ftp.filelaws import FileLaws, get, put, refused


class TestMemory(FileLaws):
    """The laws."""

    def make(self):
        return MemoryFiles()


def test_beginning_with_files():
    files = MemoryFiles({b'a/b/c': b'x', b'd/': b'', b'/e': b'y'}, wall=lambda: 5.0)
    assert [entry.name for entry in files.entries(())] == [b'a', b'd', b'e'] \
        and get(files, (b'a', b'b', b'c')) == b'x', 'there'
    assert files.stat((b'e',)).modified == 5.0 and files.stat((b'e',)).unique != files.stat(
        (b'd',)).unique, 'facts'


def test_a_full_store_refuses_data():
    files = MemoryFiles(octets=10)
    put(files, (b'a',), b'x' * 10)
    with pytest.raises(FileFault) as caught:
        put(files, (b'b',), b'x')
    assert caught.value.why == FULL and files.room(()) == 0, 'full'
    put(files, (b'a',), b'x' * 4)
    files.remove((b'b',))
    assert files.room(()) == 6, 'what is replaced counts no more'
    put(files, (b'c',), b'y' * 6)
    files.rename((b'c',), (b'a',))
    assert files.room(()) == 4, files.room(())


def test_entries_are_bounded():
    files = MemoryFiles(entries=3)
    files.make_folder((b'a',))
    files.make_folder((b'b',))
    assert refused(files.make_folder, (b'c',)) == FULL, 'one is the root'
    files.remove_folder((b'a',))
    files.make_folder((b'c',))
