# Copyright the carryall authors.  See LICENSE.
"""Sessions in files and in dbm files, sealed with a key.

A session may hold any object that ``pickle`` takes, and ``pickle`` runs what strangers write.  So
each record begins with an HMAC-SHA256 of the rest, and is unpickled when that is right.  The key is
a file that the server's own user alone reads.

Writing:  to a file of another name, which is then renamed: a full disk or the end of the process
          leaves the former record.
Tests:    tests/services/modpython/test_pagesessions.py
"""
from __future__ import absolute_import, division, print_function

import binascii
import hashlib
import hmac
import os
import pickle
import stat

from carryall.core.compat import FAILURES, constant_time_equal, dbm_module, native
from carryall.core.logs import get_logger

__all__ = ['DbmFile', 'SessionFolder', 'private_folder']

KEY_BYTES = 32
SEAL_BYTES = 32
PICKLE_PROTOCOL = 2         # that Python 2 and 3 have
MAX_RECORD = 16 << 20       # octets of one session
MAX_SWEPT = 10000           # files that one look for old sessions takes
BUCKETS = 256               # folders: the first two digits of the id

log = get_logger('modpython')


def private_folder(path):
    # type: (str) -> str
    """*path*, a folder that this user alone may write to; it is made if it is missing.

    Raises:   OSError: it belongs to somebody else.
    """
    try:
        os.makedirs(path, 0o700)
    except OSError:
        if not os.path.isdir(path):
            raise
    state = os.lstat(path)
    if not stat.S_ISDIR(state.st_mode) or not _is_ours(state) or state.st_mode & 0o022:
        raise OSError('%s is not a folder that this user alone may write to' % path)
    return path


def _is_ours(state):
    # type: (Any) -> bool
    return not hasattr(os, 'geteuid') or state.st_uid == os.geteuid()


def _key(path):
    # type: (str) -> bytes
    """The key in the file *path*, which is made if it is missing.

    Raises:   OSError, IOError: others may read it, or it is none.
    """
    if not os.path.lexists(path):
        _replace(path, binascii.hexlify(os.urandom(KEY_BYTES)))
    state = os.lstat(path)
    if not stat.S_ISREG(state.st_mode) or not _is_ours(state) or state.st_mode & 0o077:
        raise OSError('%s is not a file that this user alone may read' % path)
    with open(path, 'rb') as file:
        key = file.read(2 * KEY_BYTES + 1)
    if len(key) != 2 * KEY_BYTES:
        raise OSError('%s is no key of sessions' % path)
    return key


def _replace(path, data):
    # type: (str, bytes) -> None
    """Writes a whole file in the place of the former one."""
    fresh = '%s.%s' % (path, native(binascii.hexlify(os.urandom(8))))
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, 'wb') as file:
            os.chmod(fresh, 0o600)      # jython: open() does not look at the mode
            file.write(data)
        os.rename(fresh, path)
    except BaseException:
        os.remove(fresh)
        raise


def _sealed(record, key):
    # type: (Any, bytes) -> bytes
    data = pickle.dumps(record, PICKLE_PROTOCOL)
    if len(data) > MAX_RECORD:
        raise ValueError('a session has at most %d octets' % MAX_RECORD)
    return hmac.new(key, data, hashlib.sha256).digest() + data


def _opened(octets, key):
    # type: (bytes, bytes) -> Any
    """The record in *octets*; None if its seal is wrong."""
    data = octets[SEAL_BYTES:]
    wanted = hmac.new(key, data, hashlib.sha256).digest()
    if not constant_time_equal(wanted, octets[:SEAL_BYTES]):
        log.error('a session has a wrong seal, so it is not read')
        return None
    return pickle.loads(data)


def _is_over(record, now, grace):
    # type: (Any, float, float) -> bool
    return record is None or now - record['_accessed'] > record['_timeout'] + grace


class SessionFolder(object):
    """Sessions as files of a folder, by the first two digits of their ids.

    Raises:   OSError: the folder belongs to somebody else.
    """

    def __init__(self, path):
        # type: (str) -> None
        self._path = private_folder(path)
        self._key_path = os.path.join(path, 'key')

    def _file(self, sid):
        # type: (str) -> str
        return os.path.join(self._path, sid[:2], sid)

    def load(self, sid):
        # type: (str) -> Any
        """The record of a session; None if there is none."""
        path = self._file(sid)
        try:
            with open(path, 'rb') as file:
                data = file.read(MAX_RECORD + SEAL_BYTES + 1)
        except (IOError, OSError):
            if os.path.lexists(path):
                raise
            return None
        record = _opened(data, _key(self._key_path))
        if record is not None:
            os.utime(path, None)    # it is in use
        return record

    def save(self, sid, record):
        # type: (str, Any) -> None
        """Writes a record."""
        path = self._file(sid)
        data = _sealed(record, _key(self._key_path))
        if not os.path.isdir(os.path.dirname(path)):
            private_folder(os.path.dirname(path))
        _replace(path, data)

    def delete(self, sid):
        # type: (str) -> None
        """Removes a record, if there is one."""
        path = self._file(sid)
        if os.path.lexists(path):
            os.remove(path)

    def sweep(self, now, oldest, grace, is_verified):
        # type: (float, float, float, bool) -> int
        """Removes sessions that are over; returns how many.

        Args:     oldest: a file that was used within these seconds is left alone.
                  grace:  seconds that a session has beyond its end.
                  is_verified: look at the session's own time too.
        """
        first = bytearray(os.urandom(1))[0]
        seen = 0
        removed = 0
        for number in range(BUCKETS):
            folder = os.path.join(self._path, '%02x' % ((first + number) % BUCKETS))
            for name in os.listdir(folder) if os.path.isdir(folder) else ():
                seen += 1
                if seen > MAX_SWEPT:
                    return removed
                if self._is_old(os.path.join(folder, name), now, oldest, grace, is_verified):
                    removed += 1
        return removed

    def _is_old(self, path, now, oldest, grace, is_verified):
        # type: (str, float, float, float, bool) -> bool
        """Removes the file *path* if its session is over."""
        try:
            if now - os.stat(path).st_mtime < oldest + grace:
                return False
            if is_verified:
                with open(path, 'rb') as file:
                    record = _opened(file.read(), _key(self._key_path))
                if not _is_over(record, now, grace):
                    return False
            os.remove(path)
            return True
        except FAILURES:            # such as one that another process has removed
            log.exception('%s cannot be looked at', path)
            return False


class DbmFile(object):
    """Sessions in one dbm file; each call opens and closes it.

    Args:     kind: a module such as ``dbm.dumb``; None for the best of this Python.
    """

    def __init__(self, path, kind=None):
        # type: (str, Any) -> None
        self._path = path
        self._kind = kind or dbm_module()

    def _open(self):
        # type: () -> Any
        return self._kind.open(self._path, 'c', 0o600)

    def load(self, sid):
        # type: (str) -> Any
        """The record of a session; None if there is none."""
        key = _key(self._path + '.key')
        file = self._open()
        try:
            try:
                data = file[sid.encode('ascii')]
            except KeyError:
                return None
        finally:
            file.close()
        return _opened(data, key)

    def save(self, sid, record):
        # type: (str, Any) -> None
        """Writes a record."""
        data = _sealed(record, _key(self._path + '.key'))
        file = self._open()
        try:
            file[sid.encode('ascii')] = data
        finally:
            file.close()

    def delete(self, sid):
        # type: (str) -> None
        """Removes a record, if there is one."""
        file = self._open()
        try:
            if sid.encode('ascii') in file.keys():
                del file[sid.encode('ascii')]
        finally:
            file.close()

    def sweep(self, now, grace):
        # type: (float, float) -> int
        """Removes sessions that are over; returns how many."""
        key = _key(self._path + '.key')
        file = self._open()
        try:
            old = [sid for sid in file.keys() if _is_over(_opened(file[sid], key), now, grace)]
            for sid in old:
                del file[sid]
        finally:
            file.close()
        return len(old)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
