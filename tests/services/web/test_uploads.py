# Copyright the carryall authors.  See LICENSE.
"""UploadFolder: files of forms in memory and on the disk (feature HTS-14)."""
from __future__ import absolute_import, division, print_function

import os
import stat

import pytest

from carryall.core.errors import RemoteProtocolError
from carryall.protocols.http.forms import DEFAULT_LIMITS, FormParser
from carryall.services.web import uploads
from carryall.services.web.uploads import UploadFolder

BODY = (
    b'--x\r\nContent-Disposition: form-data; name="f"; filename="../../small.txt"\r\n\r\nsmall\r\n'
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="large.txt"\r\n\r\n' + b'L'
        * 5000 + b'\r\n--x--')


def _form(sink, body=BODY, step=777, limits=DEFAULT_LIMITS):
    parser = FormParser(b'multipart/form-data; boundary=x', sink, limits)
    try:
        for at in range(0, len(body), step):
            parser.feed(body[at:at + step])
        return parser.finish()
    except RemoteProtocolError:
        parser.abort()
        raise


def _all_files(tmpdir):
    return [name for _, _, names in os.walk(str(tmpdir)) for name in names]


def test_small_in_memory_large_on_disk(tmpdir):
    """The file has a generated name, in a folder that no other account may enter."""
    sink = UploadFolder(str(tmpdir), 1000)
    small, large = [upload.content for upload in _form(sink).uploads]
    assert (small.path, small.size, small.read()) == (None, 5, b'small'), 'in memory'
    assert large.size == 5000, 'on the disk'
    assert large.read() == b'L' * 5000, 'on the disk'
    assert len(_all_files(tmpdir)) == 1, 'on the disk'
    folder = os.path.dirname(large.path)
    assert 'large' not in os.path.basename(large.path), 'its name is ours'
    assert os.path.dirname(folder) == str(tmpdir), 'its name is ours'
    if os.sep == '/':
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700, 'private'
    sink.close()
    assert os.listdir(str(tmpdir)) == [], 'nothing is left'


def test_an_upload_can_be_moved(tmpdir):
    """Either kind can be moved to its destination, and is read there."""
    sink = UploadFolder(str(tmpdir.mkdir('spool')), 1000)
    for number, upload in enumerate(_form(sink).uploads):
        path = os.path.join(str(tmpdir), 'saved%d' % number)
        data = upload.content.read()
        upload.content.save_as(path)
        assert upload.content.read() == data, number
        assert upload.content.path == path, number
    sink.close()
    assert sorted(_all_files(tmpdir)) == ['saved0', 'saved1'], 'they stay'


@pytest.mark.skipif(not hasattr(os, 'symlink'), reason='this system has no symbolic links')
def test_the_target_of_a_link_is_not_overwritten(tmpdir):
    """A link in the place of the destination is replaced, whichever account owns it."""
    sink = UploadFolder(str(tmpdir.mkdir('spool')), 1000)
    tmpdir.join('victim').write('safe')
    for number, upload in enumerate(_form(sink).uploads):
        path = str(tmpdir.join('saved%d' % number))
        os.symlink('victim', path)
        data = upload.content.read()
        upload.content.save_as(path)
        assert not os.path.islink(path)
        assert upload.content.read() == data
    assert tmpdir.join('victim').read() == 'safe'
    sink.close()
    assert sorted(_all_files(tmpdir)) == ['saved0', 'saved1', 'victim']


def test_saved_on_another_file_system(tmpdir, monkeypatch):
    """If the rename fails, the octets are copied, and the name appears when all of them are
    there."""
    def moved(source, target):
        if not source.endswith('.part'):
            raise OSError('Invalid cross-device link')
        os.rename(source, target)

    sink = UploadFolder(str(tmpdir.mkdir('spool')), 1000)
    monkeypatch.setattr(uploads, '_replace', moved)
    large = _form(sink).uploads[1].content
    large.save_as(str(tmpdir.join('saved')))
    assert tmpdir.join('saved').read() == 'L' * 5000
    assert _all_files(tmpdir) == ['saved']
    sink.close()


def test_discarding_twice_does_no_harm(tmpdir):
    """One by one; twice does no harm."""
    sink = UploadFolder(str(tmpdir), 1000)
    for upload in _form(sink).uploads:
        upload.content.discard()
        upload.content.discard()
    assert _all_files(tmpdir) == [], 'gone'
    sink.close()
    sink.close()


@pytest.mark.parametrize('limits', [{'part': 4999}, {'total': len(BODY) - 1}])
def test_a_form_that_breaks_off_leaves_nothing(tmpdir, limits):
    """Neither the file that is open nor those before it."""
    sink = UploadFolder(str(tmpdir), 2)
    with pytest.raises(RemoteProtocolError):
        _form(sink, limits=DEFAULT_LIMITS._replace(**limits))
    assert _all_files(tmpdir) == [], 'nothing'


def test_memory_is_bounded(tmpdir):
    """The largest that is kept in memory, and one octet more."""
    sink = UploadFolder(str(tmpdir), 5000)
    assert _form(sink).uploads[1].content.path is None, 'what fits'
    sink = UploadFolder(str(tmpdir), 4999)
    assert _form(sink).uploads[1].content.path is not None, 'one more'
