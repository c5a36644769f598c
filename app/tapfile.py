# Copyright the carryall authors.  See LICENSE.
"""The tap as a file: the container around the tree of app/tapcodec.py, and safe saving.

Wire:     89 54 41 50 0d 0a 1a 0a   ("TAP" between bytes that a transfer as text would damage)
          1 byte   format, 1
          1 byte   flags: 1 = signed; the others are 0
          4 bytes  size of the tree, big-endian
          n bytes  the tree
          32 bytes  SHA-256 of all before; signed: HMAC-SHA256 of all before (RFC 2104), by the key

          The whole may be compressed as one gzip member (RFC 1952), which we write with the time 0
          and no name.  A tap that is not compressed has the same bytes on every runtime.  Those of
          a compressed one depend on the release of zlib.
Not here: encryption.  The standard library has no cipher, so it would need a package that some
          runtimes lack.  The file is readable by its owner alone, and a key protects it from
          changes.
Tests:    tests/app/test_tapfile.py
"""
from __future__ import absolute_import, division, print_function

import hashlib
import hmac
import os
import struct
import zlib

from carryall.core.compat import byte2int, constant_time_equal, int2byte
from carryall.app.tapcodec import MAX_BYTES, TapClasses, TapError, decode, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

__all__ = ['load_tap', 'pack', 'read_key', 'save_file', 'save_tap', 'unpack']

MAGIC = b'\x89TAP\r\n\x1a\n'
FORMAT = 1
SIGNED = 1

HEAD = len(MAGIC) + 6
DIGEST = 32

# -- limits ------------------------------------------------------------------
MAX_FILE = HEAD + MAX_BYTES + DIGEST
MIN_KEY = 16                # bytes; shorter ones can be tried out (RFC 2104 section 3 wants 32)
MAX_KEY = 65536             # bytes
MAX_BACKUPS = 100

GZIP_HEAD = b'\x1f\x8b\x08\0\0\0\0\0\x02\xff'  # deflate, no flags, time 0, slowest, system unknown
_GZIP_NAME = 8


def pack(value, classes=TapClasses(), key=None, compress=False):
    # type: (Any, TapClasses, Optional[bytes], bool) -> bytes
    """The bytes of a tap that holds this value; with a key, signed."""
    tree = encode(value, classes)
    data = MAGIC + int2byte(FORMAT) + int2byte(SIGNED if key else 0) + struct.pack(
        '>I', len(tree)) + tree
    data += _digest(data, key)
    return _gzip(data) if compress else data


def unpack(data, classes=TapClasses(), key=None):
    # type: (bytes, TapClasses, Optional[bytes]) -> Any
    """The value in a tap; TapError unless it is whole, and with a key signed by it."""
    if data[:2] == GZIP_HEAD[:2]:
        data = _gunzip(data)
    if data[:len(MAGIC)] != MAGIC:
        raise TapError(_not_a_tap(data))
    if len(data) < HEAD + DIGEST:
        raise TapError(u'the tap is damaged: it ends too early')
    form = byte2int(data[8:9])
    flags = byte2int(data[9:10])
    if form > FORMAT:
        raise TapError(u'the tap comes from a newer carryall: it has format %d, and this one knows '
                       u'format %d'
                       % (form, FORMAT))
    size = struct.unpack('>I', data[10:HEAD])[0]
    if form != FORMAT or flags & ~SIGNED or size != len(data) - HEAD - DIGEST:
        raise TapError(u'the tap is damaged: its head does not fit its size')
    if flags & SIGNED and not key:
        raise TapError(u'the tap is signed: give the key it was signed with (--key FILE)')
    if key and not flags & SIGNED:
        raise TapError(u'the tap is not signed, and a key was given')
    if not constant_time_equal(_digest(data[:-DIGEST], key), data[-DIGEST:]):
        raise TapError(u'the tap was changed, or signed with another key' if key
                       else u'the tap is damaged: its check sum is wrong')
    return decode(data[HEAD:-DIGEST], classes)


def _digest(data, key):
    # type: (bytes, Optional[bytes]) -> bytes
    if key:
        return hmac.new(key, data, hashlib.sha256).digest()
    return hashlib.sha256(data).digest()


def _not_a_tap(data):
    # type: (bytes) -> str
    """A guess at the type of a file that is not a tap."""
    if not data:
        return u'the file is empty'
    if data[:1] in (b'(', b'\x80', b'}', b']'):
        return (u'this is a pickle and not a tap of carryall, which runs no code from a file; make '
                u'it again with mktap')
    if data[:1] == b'<':
        return u'this is XML and not a tap'
    return u'this is not a tap'


def _gzip(data):
    # type: (bytes) -> bytes
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = squeeze.compress(data) + squeeze.flush()
    return GZIP_HEAD + body + struct.pack('<II', zlib.crc32(data) & 0xffffffff, len(data))


def _gunzip(data):
    # type: (bytes) -> bytes
    """One gzip member, whole, with nothing after it.

    The head and the trailer are read here: on 2.7 zlib does not tell the end of a stream.
    """
    flags = byte2int(data[3:4]) if len(data) > 18 else 255
    start = 10
    if flags == _GZIP_NAME:         # `gzip web.tap` keeps the name
        start = data.find(b'\0', 10) + 1
    if data[2:3] != b'\x08' or flags & ~_GZIP_NAME or not start:
        raise TapError(u'the tap is damaged: its compression cannot be read')
    try:
        # jython: its raw inflate takes eight bytes after the stream for a gzip trailer of its own,
        # so they are kept off.
        inflate = zlib.decompressobj(-15)
        result = inflate.decompress(data[start:-8], MAX_FILE + 1)
    except zlib.error:
        raise TapError(u'the tap is damaged: its compression cannot be read')
    if len(result) > MAX_FILE:
        raise TapError(u'a tap holds at most %d bytes' % MAX_BYTES)
    if inflate.unused_data or struct.pack('<II', zlib.crc32(result) & 0xffffffff, len(result)) \
            != data[-8:]:
        raise TapError(u'the tap is damaged: its compression ends too early, or something follows '
                       u'it')
    return result


# -- files -------------------------------------------------------------------

def load_tap(path, classes=TapClasses(), key=None):
    # type: (str, TapClasses, Optional[bytes]) -> Any
    """The value in the tap of that name; TapError if it is missing or cannot be read."""
    data = _read(path, MAX_FILE, u'the tap')
    try:
        return unpack(data, classes, key)
    except TapError as exc:
        raise TapError(u'%s: %s' % (path, exc.message))


def read_key(path):
    # type: (str) -> bytes
    """The key in a file, all its bytes; TapError if it is missing or too short."""
    key = _read(path, MAX_KEY, u'the key')
    if len(key) < MIN_KEY:
        raise TapError(u'the key in %s is too short: it needs at least %d random bytes'
                       % (path, MIN_KEY))
    return key


def _read(path, maximum, what):
    # type: (str, int, str) -> bytes
    try:
        with open(path, 'rb') as source:
            data = source.read(maximum + 1)
    except (IOError, OSError) as exc:       # py2: IOError is not an OSError
        raise TapError(u'%s %s cannot be read: %s' % (what, path, exc.strerror or exc), exc)
    if len(data) > maximum:
        raise TapError(u'%s %s is larger than %d bytes' % (what, path, maximum))
    return data


def save_tap(path, value, files, classes=TapClasses(), key=None, compress=False, backups=1):
    # type: (str, Any, Any, TapClasses, Optional[bytes], bool, int) -> None
    """Saves a value as a tap; see `save_file`."""
    save_file(path, pack(value, classes, key, compress), files, backups)


def save_file(path, data, files, backups=1):
    # type: (str, bytes, Any, int) -> None
    """Replaces a file atomically: at each moment, even after a power failure, it has the old bytes
    or the new.

    Args:     files:   the module `carryall.runtimes.host.systemfiles`, which makes private files,
                       renames, and syncs to the disk.
              backups: the number of former versions to keep, as PATH.1 (the newest) to PATH.N.
    Raises:   TapError: it cannot be written; the old file stays.
    """
    try:
        old = _former(path)
        if backups and old is not None and old != data:
            _keep(path, old, files, min(backups, MAX_BACKUPS))
        _replace(path, data, files)
        files.sync_folder(os.path.dirname(os.path.abspath(path)))
    except (IOError, OSError) as exc:
        raise TapError(u'%s cannot be written: %s' % (path, exc.strerror or exc), exc)


def _former(path):
    # type: (str) -> Optional[bytes]
    if not os.path.exists(path):
        return None
    with open(path, 'rb') as source:
        return source.read(MAX_FILE + 1)


def _keep(path, old, files, backups):
    # type: (str, bytes, Any, int) -> None
    """Moves PATH.1 to PATH.2 and so on; PATH itself is copied, so that it is never missing."""
    for number in range(backups - 1, 0, -1):
        if os.path.exists('%s.%d' % (path, number)):
            files.replace('%s.%d' % (path, number), '%s.%d' % (path, number + 1))
    _replace(path + '.1', old, files)


def _replace(path, data, files):
    # type: (str, bytes, Any) -> None
    """Writes a file in the same folder, syncs it to the disk, and renames it."""
    target, name = files.create_private(path + '.new')
    try:
        with target:
            target.write(data)
            target.flush()
            files.sync(target)
        files.replace(name, path)
    except BaseException:
        files.remove(name)
        raise
