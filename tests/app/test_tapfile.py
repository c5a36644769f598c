# Copyright the carryall authors.  See LICENSE.
"""The container of a tap, and how it is saved."""
from __future__ import absolute_import, division, print_function

import binascii
import hashlib
import hmac
import os
import struct

import pytest

from carryall.app import tapfile
from carryall.core.compat import int2byte, range
from carryall.app.tapfile import load_tap, pack, read_key, save_file, save_tap, unpack
from carryall.app.tapscalars import TapError
from carryall.runtimes.host import systemfiles as files
from tests.support.umask import set_umask

KEY = b'0123456789abcdef'
VALUE = {u'name': u'web', u'port': 8080}
TREE = b'm\2u\4nameu\3webu\4porti\2\x1f\x90'
HEAD = binascii.unhexlify('895441500d0a1a0a')


def refusal(data, key=None):
    """The sentence with which these bytes are refused."""
    with pytest.raises(TapError) as caught:
        unpack(data, key=key)
    return caught.value.message


def test_a_tap_file_has_its_golden_bytes():
    """Magic, format 1, no flags, the size, the tree, its SHA-256."""
    body = HEAD + b'\1\0' + struct.pack('>I', len(TREE)) + TREE
    data = pack(VALUE)
    assert data == body + hashlib.sha256(body).digest(), binascii.hexlify(data)
    assert binascii.hexlify(data[-32:-24]) == b'58ceae6e4568bf2e'
    assert unpack(data) == VALUE


def test_a_signed_tap_file_has_its_golden_bytes():
    """The same with flag 1 and an HMAC."""
    body = HEAD + b'\1\1' + struct.pack('>I', len(TREE)) + TREE
    data = pack(VALUE, key=KEY)
    assert data == body + hmac.new(KEY, body, hashlib.sha256).digest(), binascii.hexlify(data)
    assert unpack(data, key=KEY) == VALUE


def test_signature_is_asked_for():
    """A key and a signature go together, or not at all."""
    assert 'is signed' in refusal(pack(VALUE, key=KEY))
    assert 'not signed' in refusal(pack(VALUE), KEY)
    assert 'another key' in refusal(pack(VALUE, key=KEY), b'x' * 16)


@pytest.mark.parametrize('key', [None, KEY], ids=['plain', 'signed'])
@pytest.mark.parametrize('compress', [False, True], ids=['as-is', 'gzip'])
def test_every_cut_is_refused(key, compress):
    """No part of a tap is a tap, and nothing may follow one."""
    data = pack(VALUE, key=key, compress=compress)
    assert unpack(data, key=key) == VALUE
    for size in range(len(data)):
        refusal(data[:size], key)
    refusal(data + b'\0', key)
    refusal(data + data, key)


def test_every_changed_byte_is_refused():
    """Whatever byte changes, it is noticed."""
    data = pack(VALUE)
    for place in range(len(data)):
        old = ord(data[place:place + 1])
        for new in (old ^ 1, old ^ 0x80):
            refusal(data[:place] + int2byte(new) + data[place + 1:])


def test_a_compressed_tap_is_one_gzip_member():
    """Compressed, it is one gzip member without name and time, which gunzip reads too."""
    data = pack(VALUE, compress=True)
    assert data[:10] == b'\x1f\x8b\x08\0\0\0\0\0\x02\xff', binascii.hexlify(data[:10])
    assert data[-4:] == struct.pack('<I', len(pack(VALUE)))
    named = data[:3] + b'\x08' + data[4:10] + b'web.tap\0' + data[10:]
    assert unpack(named) == VALUE, 'as gzip(1) leaves it'
    assert 'compression' in refusal(data[:3] + b'\x04' + data[4:])
    assert 'compression' in refusal(data[:3] + b'\x08' + data[4:10] + b'x' * 100)


def test_a_gzip_bomb_is_refused():
    """The size after decompression is limited."""
    import zlib
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = squeeze.compress(b'\0' * 100000) + squeeze.flush()
    data = tapfile.GZIP_HEAD + body + struct.pack('<II', zlib.crc32(b'\0' * 100000) & 0xffffffff,
                                                  100000)
    assert 'not a tap' in refusal(data)
    before = tapfile.MAX_FILE
    tapfile.MAX_FILE = 50000
    try:
        assert 'at most' in refusal(data)
    finally:
        tapfile.MAX_FILE = before


def test_other_files_are_recognized_by_kind():
    """Old pickles and other files are told apart."""
    assert 'empty' in refusal(b'')
    assert 'pickle' in refusal(b'\x80\x02}q\x00.')
    assert 'pickle' in refusal(b"(itwisted.internet.app\nApplication\n")
    assert 'XML' in refusal(b'<?xml version="1.0"?>')
    assert 'not a tap' in refusal(b'hello')
    assert 'not a tap' in refusal(HEAD.replace(b'\r\n', b'\n') + b'x' * 60)


def test_a_newer_format_is_refused_as_newer():
    """A format from the future says so."""
    data = pack(VALUE)
    assert 'newer carryall' in refusal(data[:8] + b'\2' + data[9:])
    assert 'damaged' in refusal(data[:8] + b'\0' + data[9:])
    assert 'damaged' in refusal(data[:9] + b'\2' + data[10:])


# -- files -------------------------------------------------------------------

def mode_of(path):
    """The permissions of a file."""
    return os.stat(path).st_mode & 0o777


@pytest.fixture
def open_umask():
    """A umask that hides nothing."""
    former = set_umask(0)
    yield
    set_umask(former)


def test_save_and_load(tmpdir, open_umask):
    """It comes back; it is its owner's alone whatever the umask;
    nothing else is left in the folder."""
    path = str(tmpdir.join('web.tap'))
    save_tap(path, VALUE, files)
    assert load_tap(path) == VALUE
    assert mode_of(path) == 0o600, oct(mode_of(path))
    assert os.listdir(str(tmpdir)) == ['web.tap']


def test_former_versions_are_kept_as_backups(tmpdir, open_umask):
    """The former versions are kept, the newest as .1, and no more of them than asked for."""
    path = str(tmpdir.join('web.tap'))
    for number in range(5):
        save_tap(path, number, files, backups=3)
    assert [load_tap(path + end) for end in ('', '.1', '.2', '.3')] == [4, 3, 2, 1]
    assert sorted(os.listdir(str(tmpdir))) == ['web.tap', 'web.tap.1', 'web.tap.2', 'web.tap.3']
    assert [mode_of(path + end) for end in ('.1', '.2', '.3')] == [0o600] * 3
    save_tap(path, 4, files, backups=3)
    assert load_tap(path + '.1') == 3, 'saving the same again makes no backup'
    save_tap(path, 5, files, backups=0)
    assert [load_tap(path + end) for end in ('', '.1')] == [5, 3]


def test_backup_keeps_what_is_no_tap(tmpdir):
    """Whatever was in the file is kept, byte by byte."""
    target = tmpdir.join('web.tap')
    target.write_binary(b'my notes')
    save_tap(str(target), VALUE, files)
    assert tmpdir.join('web.tap.1').read_binary() == b'my notes'


class Failing(object):
    """The module `files`, with one function that fails."""

    def __init__(self, name):
        self._name = name

    def __getattr__(self, name):
        if name == self._name:
            def fail(*args):
                raise OSError(28, 'No space left on device')
            return fail
        return getattr(files, name)


@pytest.mark.parametrize('step', ['create_private', 'sync', 'replace'])
def test_a_failure_leaves_the_old_file(tmpdir, step):
    """A full disk at any step: the old tap stands, and nothing is left behind."""
    path = str(tmpdir.join('web.tap'))
    save_tap(path, 1, files)
    with pytest.raises(TapError) as caught:
        save_tap(path, 2, Failing(step), backups=0)
    assert 'No space left on device' in caught.value.message
    assert load_tap(path) == 1
    assert os.listdir(str(tmpdir)) == ['web.tap'], os.listdir(str(tmpdir))


def test_order_of_steps(tmpdir):
    """The bytes are on the disk before the name points at them, and the name after."""
    steps = []

    class Recorder(object):
        def __getattr__(self, name):
            def call(*args):
                steps.append(name)
                return getattr(files, name)(*args)
            return call

    save_file(str(tmpdir.join('x')), b'abc', Recorder())
    assert steps == ['create_private', 'sync', 'replace', 'sync_folder']


def test_a_leftover_does_not_matter(tmpdir):
    """A file that a killed process left is neither used nor overwritten."""
    tmpdir.join('web.tap.new').write_binary(b'half')
    path = str(tmpdir.join('web.tap'))
    save_tap(path, 1, files)
    assert load_tap(path) == 1
    assert tmpdir.join('web.tap.new').read_binary() == b'half'


def test_missing_and_unreadable(tmpdir):
    """Each failure is one sentence with the name of the file."""
    for path in (str(tmpdir.join('none.tap')), str(tmpdir)):
        with pytest.raises(TapError) as caught:
            load_tap(path)
        assert path in caught.value.message, caught.value.message
    with pytest.raises(TapError) as caught:
        save_tap(str(tmpdir.join('none', 'web.tap')), 1, files)
    assert 'web.tap' in caught.value.message


def test_a_large_file_is_not_read(tmpdir, monkeypatch):
    """A file of any size is not read into memory."""
    monkeypatch.setattr(tapfile, 'MAX_FILE', 10)
    tmpdir.join('web.tap').write_binary(b'x' * 11)
    with pytest.raises(TapError) as caught:
        load_tap(str(tmpdir.join('web.tap')))
    assert 'larger' in caught.value.message


def test_a_key_has_at_least_16_bytes(tmpdir):
    """A key is the bytes of a file, 16 at least."""
    tmpdir.join('key').write_binary(KEY)
    tmpdir.join('short').write_binary(b'secret\n')
    assert read_key(str(tmpdir.join('key'))) == KEY
    with pytest.raises(TapError) as caught:
        read_key(str(tmpdir.join('short')))
    assert 'too short' in caught.value.message
    assert 'secret' not in caught.value.message


def test_a_tap_may_have_a_name_beyond_ascii(tmpdir):
    """A name that is not ASCII."""
    folder = tmpdir.mkdir('x')
    path = os.path.join(folder.strpath if not isinstance(folder.strpath, bytes)
                        else folder.strpath.decode('utf-8'),
                        u'gr\xfc\xdfe.tap')
    save_tap(path, VALUE, files)
    save_tap(path, 2, files)
    assert load_tap(path) == 2 and load_tap(path + u'.1') == VALUE
