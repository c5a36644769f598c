# Copyright the carryall authors.  See LICENSE.
"""From the path of a request to names of files, and no further than the folder that is served (features WEB-02).

The rule is one, on every system: a segment of a path is the name of one entry of one folder, or it is refused.  So what
means something else to any system that carryall runs on is refused on all of them, and a site that works on one works
on the next: separators (``/`` and ``\\``), drives and alternate data streams (``C:``, ``x.txt::$DATA``), devices
(``NUL``, ``com1.txt``), names that Windows would shorten (``x.txt.``, ``x ``), control characters.

Not here: the disk (tree.py).  These are pure functions over bytes.
Tests:    tests/services/web/test_paths.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.protocols.http.uri import path_segments

__all__ = ['BAD_REQUEST', 'is_hidden', 'is_plain_name', 'parts_of', 'suffix_of']

# -- limits ------------------------------------------------------------------
MAX_PATH = 4096             # octets of a path, decoded; PATH_MAX of Linux
MAX_NAME = 255              # octets of one name; NAME_MAX of nearly all file systems

# -- names -------------------------------------------------------------------
BAD_OCTETS = bytes(bytearray(range(32))) + b'\x7f/\\:'
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file; the digits 1 to 3 also as superscripts, in UTF-8 and
# in ISO 8859-1.
DIGITS = [b'%d' % digit for digit in range(10)] + [b'\xc2\xb9', b'\xc2\xb2', b'\xc2\xb3', b'\xb9', b'\xb2', b'\xb3']
DEVICES = frozenset([b'con', b'prn', b'aux', b'nul', b'conin$', b'conout$', b'clock$']
                    + [name + digit for name in (b'com', b'lpt') for digit in DIGITS])
SHORT_NAMES = os.sep == '\\'        # Windows finds LONGNA~1.TXT too, which would get around every rule about names

BAD_REQUEST = object()      # what parts_of gives for a path that is none at all


def parts_of(path):
    # type: (bytes) -> Any
    """The names that *path*, percent-encoded, leads through; the last is b'' if it ends with a slash.

    Returns:  BAD_REQUEST: not a path, or it climbs above the root; None: it names nothing that could be served.
    """
    segments = path_segments(path)
    if segments is None:
        return BAD_REQUEST
    if len(path) > MAX_PATH:
        return None
    last = segments.pop()
    parts = [segment for segment in segments if segment]        # two slashes are one, as file systems have it
    for part in parts:
        if not is_plain_name(part):
            return None
    if last and not is_plain_name(last):
        return None
    parts.append(last)
    return parts


def is_plain_name(name):
    # type: (bytes) -> bool
    """Whether *name* names one entry of a folder, and the same one, on every system."""
    if not name or len(name) > MAX_NAME or len(name.translate(None, BAD_OCTETS)) != len(name):
        return False
    if name[-1:] in (b'.', b' '):               # this takes `.` and `..` too
        return False
    if SHORT_NAMES and b'~' in name and name.rpartition(b'~')[2][:1].isdigit():
        return False
    return name.partition(b'.')[0].rstrip(b' ').lower() not in DEVICES


def is_hidden(parts):
    # type: (Sequence[bytes]) -> bool
    """Whether a name is one that its owner does not mean to publish: a dotfile, or an editor's copy (``x~``).

    ``.well-known`` at the root is not hidden, for it is there to be found (RFC 8615).
    """
    for index, part in enumerate(parts):
        if part[:1] == b'.' and (index or part != b'.well-known') or part[-1:] == b'~':
            return True
    return False


def suffix_of(name):
    # type: (bytes) -> bytes
    """The ending of a file's name with its dot, in lower case; b'' if it has none."""
    stem, dot, ending = name.rpartition(b'.')
    return dot + ending.lower() if stem else b''


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence
