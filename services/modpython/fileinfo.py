# Copyright the carryall authors.  See LICENSE.
"""FileInfo: ``req.finfo``, the state of a file as a tuple with names.

Tests:    tests/services/modpython/test_memberlist.py
"""
from __future__ import absolute_import, division, print_function

import os
import stat

__all__ = ['FIELDS', 'FileInfo', 'file_info']

# The kinds of files, by Apache's numbers
NO_FILE = 0
REGULAR = 1
FOLDER = 2
OTHER = 127

# name of FINFO_... -> index
FIELDS = ('mode', 'ino', 'dev', 'nlink', 'uid', 'gid', 'size', 'atime', 'mtime', 'ctime', 'fname',
          'name', 'filetype')


class FileInfo(tuple):
    """Thirteen values, by index (``FINFO_...`` of mod_python.apache) and by name."""

    OTHER_NAMES = {'protection': 'mode', 'user': 'uid', 'group': 'gid', 'inode': 'ino',
                   'device': 'dev'}

    def __getattr__(self, name):
        name = self.OTHER_NAMES.get(name, name)
        if name not in FIELDS:
            raise AttributeError(name)
        return self[FIELDS.index(name)]


def file_info(path, _wanted=0):
    # type: (str, int) -> FileInfo
    """The FileInfo of *path*; its kind is 0 if there is no such file."""
    try:
        state = os.stat(path)
    except (OSError, IOError):
        return FileInfo((0,) * 7 + (0.0, 0.0, 0.0, path, os.path.basename(path), NO_FILE))
    kind = OTHER
    if stat.S_ISREG(state.st_mode):
        kind = REGULAR
    elif stat.S_ISDIR(state.st_mode):
        kind = FOLDER
    return FileInfo((state.st_mode & 0o7777, state.st_ino, state.st_dev, state.st_nlink,
                     state.st_uid, state.st_gid, state.st_size, state.st_atime, state.st_mtime,
                     state.st_ctime, path, os.path.basename(path), kind))
