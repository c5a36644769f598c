# Copyright the carryall authors.  See LICENSE.
"""A file system that can only be looked at."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.ftp.filesystem import MISSING, NEW, READ_ONLY, FileSystem
from carryall.services.ftp.memoryfiles import MemoryFiles
from carryall.services.ftp.readonly import ReadOnly
from tests.services.ftp.filelaws import get, refused


def test_reading_goes_through_and_nothing_else():
    files = ReadOnly(MemoryFiles({b'a': b'x', b'd/b': b'y'}))
    assert get(files, (b'a',)) == b'x' and files.stat((b'd',)).kind == 'dir', 'seen'
    assert [entry.name for entry in files.entries(())] == [b'a', b'd'] and files.room(()) is None, \
        'listed'
    for call, args in ((files.store, ((b'a',), NEW)), (files.make_folder, ((b'x',),)),
                       (files.remove, ((b'a',),)),
                       (files.remove_folder, ((b'd',),)), (files.rename, ((b'a',), (b'b',))),
                       (files.set_modified, ((b'a',), 0.0)),
                       (files.set_mode, ((b'a',), 0o600))):
        assert refused(call, *args) == READ_ONLY, call


def test_the_contract_itself_has_nothing():
    files = FileSystem()
    for call in (files.stat, files.entries, files.open):
        assert refused(call, ()) == MISSING, call
