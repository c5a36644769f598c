# Copyright the carryall authors.  See LICENSE.
"""Laws of every file system that can be written to; a test module inherits them and tells how one
is made."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.ftp.filesystem import (APPEND, EXISTS, FILE, FOLDER, IS_FOLDER, MISSING,
                                               NEW, NOT_EMPTY, NOT_FOLDER, RESUME,
                                          UNIQUE, FileFault)


def put(files, path, data, how=NEW, offset=0):
    """Stores a file whole."""
    upload = files.store(path, how, offset)
    upload.write(data)
    upload.finish()
    return upload


def get(files, path):
    """All of a file."""
    source, size = files.open(path)
    try:
        data = source.read()
    finally:
        source.close()
    assert len(data) == size, 'the size is another'
    return data


def refused(call, *args):
    """Why a call is refused."""
    with pytest.raises(FileFault) as caught:
        result = call(*args)
        if hasattr(result, '__next__') or hasattr(result, 'next'):
            list(result)
    return caught.value.why


class FileLaws(object):
    """The laws; ``self.make()`` gives a new, empty file system."""

    def make(self):
        raise NotImplementedError

    @pytest.fixture
    def files(self, tmp_path):
        self.folder = tmp_path
        return self.make()

    def test_a_stored_file_is_read_again(self, files):
        put(files, (b'a',), b'hello')
        entry = files.stat((b'a',))
        assert (entry.name, entry.kind, entry.size) == (b'a', FILE, 5) \
            and get(files, (b'a',)) == b'hello', 'there'
        put(files, (b'a',), b'x')
        assert get(files, (b'a',)) == b'x', 'replaced'
        put(files, (b'empty',), b'')
        assert get(files, (b'empty',)) == b'', 'empty'

    def test_pieces_are_stored_in_order(self, files):
        upload = files.store((b'a',))
        for _ in range(100):
            upload.write(b'0123456789')
        upload.finish()
        assert get(files, (b'a',)) == b'0123456789' * 100 and upload.path == (b'a',), 'in order'

    def test_folders_are_made_and_removed(self, files):
        files.make_folder((b'd',))
        files.make_folder((b'd', b'e'))
        put(files, (b'd', b'e', b'f'), b'x')
        assert files.stat((b'd',)).kind == FOLDER and files.stat(()).kind == FOLDER, 'kinds'
        assert [(entry.name, entry.kind) for entry in files.entries((b'd',))] == [(b'e', FOLDER)], \
            'one'
        assert [entry.name for entry in files.entries(())] == [b'd'], 'the root'
        assert refused(files.remove_folder, (b'd', b'e')) == NOT_EMPTY, 'it has something'
        files.remove((b'd', b'e', b'f'))
        files.remove_folder((b'd', b'e'))
        files.remove_folder((b'd',))
        assert list(files.entries(())) == [], 'empty'

    def test_impossible_changes_are_refused(self, files):
        put(files, (b'a',), b'x')
        files.make_folder((b'd',))
        for call, args, why in (
                (files.stat, ((b'no',),), MISSING), (files.stat, ((b'no', b'no'),), MISSING),
                (files.open, ((b'no',),), MISSING),
                (files.open, ((b'd',),), IS_FOLDER), (files.open, ((),), IS_FOLDER),
                (files.entries, ((b'no',),), MISSING),
                (files.entries, ((b'a',),), NOT_FOLDER), (files.make_folder, ((b'd',),), EXISTS),
                (files.make_folder, ((b'a',),), EXISTS),
                (files.make_folder, ((b'no', b'x'),), MISSING),
                (files.remove, ((b'no',),), MISSING), (files.remove, ((b'd',),), IS_FOLDER),
                (files.remove_folder, ((b'a',),), NOT_FOLDER),
                (files.remove_folder, ((b'no',),), MISSING),
                (files.store, ((b'd',),), IS_FOLDER), (files.store, ((b'no', b'x'),), MISSING),
                (files.rename, ((b'no',), (b'x',)), MISSING),
                (files.rename, ((b'a',), (b'no', b'x')), MISSING),
                (files.rename, ((b'a',), (b'd',)), EXISTS),
                (files.set_modified, ((b'no',), 0.0), MISSING),
                (files.set_mode, ((b'no',), 0o600), MISSING)):
            assert refused(call, *args) == why, (call, args)
        for call, args in ((files.make_folder, ((),)), (files.remove_folder, ((),)),
                           (files.store, ((),)), (files.remove, ((),)),
                           (files.rename, ((), (b'x',))), (files.rename, ((b'd',), (b'd', b'x'))),
                           (files.rename, ((b'a',), ()))):
            assert refused(call, *args)[0] == 550, (call, args)
        assert get(files, (b'a',)) == b'x' and files.stat((b'd',)).kind == FOLDER, 'all as it was'

    def test_rename_moves_files_and_folders(self, files):
        put(files, (b'a',), b'a')
        put(files, (b'b',), b'b')
        files.make_folder((b'd',))
        files.rename((b'a',), (b'd', b'c'))
        assert get(files, (b'd', b'c')) == b'a' and refused(files.stat, (b'a',)) == MISSING, 'moved'
        files.rename((b'b',), (b'd', b'c'))
        assert get(files, (b'd', b'c')) == b'b', 'over another'
        files.rename((b'd',), (b'e',))
        assert get(files, (b'e', b'c')) == b'b', 'a folder with all in it'
        files.rename((b'e', b'c'), (b'e', b'c'))
        assert get(files, (b'e', b'c')) == b'b', 'onto itself'

    def test_append_and_resume(self, files):
        put(files, (b'a',), b'one', APPEND)
        upload = put(files, (b'a',), b'two', APPEND)
        assert get(files, (b'a',)) == b'onetwo' and upload.size == 3, 'behind'
        upload = put(files, (b'a',), b'NE', RESUME, 1)
        assert get(files, (b'a',)) == b'oNEtwo' and upload.size == 1, 'within'
        put(files, (b'a',), b'!', RESUME, 6)
        assert get(files, (b'a',)) == b'oNEtwo!', 'at the end'
        assert refused(files.store, (b'a',), RESUME, 8)[0] == 554 \
            and get(files, (b'a',)) == b'oNEtwo!', 'behind the end'

    def test_parallel_appends_are_all_kept(self, files):
        uploads = [files.store((b'a',), APPEND) for _ in range(6)]
        for record in range(100):
            for number, upload in enumerate(uploads):
                upload.write(b'%d-%d\n' % (number, record))
        for upload in uploads:
            upload.finish()
        lines = get(files, (b'a',)).splitlines()
        assert sorted(lines) == sorted(b'%d-%d' % (number, record) for number in range(6)
                                       for record in range(100))

    def test_an_upload_goes_on_where_it_was_after_another_emptied_the_file(self, files):
        first = files.store((b'a',))
        first.write(b'12345')
        put(files, (b'a',), b'')
        first.write(b'6')
        first.finish()
        data = get(files, (b'a',))
        assert data in (b'\0\0\0\0\0' + b'6', b'123456'), data  # the latter if uploads appear whole

    def test_unique_names_differ(self, files):
        files.make_folder((b'd',))
        paths = [put(files, (b'd',), b'%d' % number, UNIQUE).path for number in range(3)]
        assert len(set(paths)) == 3 and [get(files, path) for path in paths] \
            == [b'0', b'1', b'2'], paths
        assert refused(files.store, (b'no',), UNIQUE) == MISSING, 'nowhere'

    def test_an_upload_that_is_abandoned_can_be_gone_on_with(self, files):
        upload = files.store((b'a',))
        upload.write(b'half')
        upload.abandon()
        put(files, (b'a',), b' more', RESUME, 4)
        assert get(files, (b'a',)) == b'half more', 'it stays'

    def test_times_and_modes(self, files):
        put(files, (b'a',), b'x')
        files.set_modified((b'a',), 1026072171.0)
        files.set_mode((b'a',), 0o600)
        entry = files.stat((b'a',))
        assert entry.modified == 1026072171.0 and entry.mode == 0o600, (entry.modified, entry.mode)

    def test_room_is_positive_or_unknown(self, files):
        room = files.room(())
        assert room is None or room > 0, room

    def test_a_read_file_stays_as_it_was_opened(self, files):
        put(files, (b'a',), b'before')
        source, size = files.open((b'a',))
        files.remove((b'a',))
        assert source.read() == b'before' and size == 6, 'it is gone'
        source.close()

    def test_many_names_are_listed_in_order(self, files):
        for number in range(250):
            put(files, (b'f%03d' % number,), b'')
        assert [entry.name for entry in files.entries(())] == [b'f%03d' % number
                                                               for number in range(250)], 'sorted'
