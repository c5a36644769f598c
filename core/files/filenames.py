# Copyright the carryall authors.  See LICENSE.
"""Names of files with a special meaning to a file system.

On Windows, and on its file systems under other systems, some names are not entries of the folder.
They mean a device (``con.txt``), a stream of another file (``x.txt::$DATA``), or another file
(``x.txt.``, ``x.txt ``).  On other file systems these are ordinary names.

Tests:    tests/core/files/test_filenames.py
"""
from __future__ import absolute_import, division, print_function

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List

__all__ = ['ON_WINDOWS', 'aliases_of', 'means_another']

ON_WINDOWS = os.sep == '\\'

# https://learn.microsoft.com/windows/win32/fileio/naming-a-file; the digits 1 to 3 also as
# superscripts, in UTF-8 and in ISO 8859-1.
DIGITS = [b'%d' % digit for digit in range(10)] + [b'\xc2\xb9', b'\xc2\xb2', b'\xc2\xb3', b'\xb9',
                                                   b'\xb2', b'\xb3']
DEVICES = frozenset([b'con', b'prn', b'aux', b'nul', b'conin$', b'conout$', b'clock$']
                    + [name + digit for name in (b'com', b'lpt') for digit in DIGITS])


def means_another(name):
    # type: (bytes) -> bool
    """True if Windows takes *name* for a device, a stream, or another file."""
    if b':' in name or name[-1:] in (b'.', b' '):
        return True
    return name.partition(b'.')[0].rstrip(b' ').lower() in DEVICES


def aliases_of(name):
    # type: (bytes) -> List[bytes]
    """The names that a file system of Windows may take *name* for, itself left out."""
    found = []
    for other in (name.rstrip(b'. '), name.partition(b':')[0],
                  name.partition(b':')[0].rstrip(b'. ')):
        if other and other != name and other not in found:
            found.append(other)
    return found
