# Copyright the carryall authors.  See LICENSE.
"""From the path of a request to names of files, and no further than the folder that is served
(features WEB-02).

A segment of a path is the name of one entry of one folder, or it is refused: separators (``/`` and
``\\``), control characters, ``.`` and ``..``.  What only Windows takes for something else
(core/files/filenames.py: ``con.txt``, ``x.txt::$DATA``, ``x.txt.``, a short name) is refused on
Windows, and elsewhere is a name like others; tree.py looks whether a file system of Windows is
mounted there.

Not here: the disk (tree.py).  These are pure functions over bytes.
Tests:    tests/services/web/test_requestpaths.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.files.filenames import ON_WINDOWS, means_another
from carryall.core.codec.uri import path_segments

__all__ = ['BAD_REQUEST', 'is_hidden', 'is_plain_name', 'parts_of', 'suffix_of']

# -- limits ------------------------------------------------------------------
MAX_PATH = 4096             # octets of a path, decoded; PATH_MAX of Linux
MAX_NAME = 255              # octets of one name; NAME_MAX of nearly all file systems

# -- names -------------------------------------------------------------------
BAD_OCTETS = bytes(bytearray(range(32))) + b'\x7f/\\'

BAD_REQUEST = object()      # what parts_of gives for a path that is none at all


def parts_of(path):
    # type: (bytes) -> Any
    """The names that *path*, percent-encoded, leads through; the last is b'' if it ends with a
    slash.

    Returns:  BAD_REQUEST: not a path, or it climbs above the root; None: it names nothing that
              could be served.
    """
    segments = path_segments(path)
    if segments is None:
        return BAD_REQUEST
    if len(path) > MAX_PATH:
        return None
    last = segments.pop()
    # Two slashes are one, as file systems have it
    parts = [segment for segment in segments if segment]
    for part in parts:
        if not is_plain_name(part):
            return None
    if last and not is_plain_name(last):
        return None
    parts.append(last)
    return parts


def is_plain_name(name):
    # type: (bytes) -> bool
    """True if *name* names one entry of a folder."""
    if not name or len(name) > MAX_NAME or len(name.translate(None, BAD_OCTETS)) != len(name):
        return False
    if name in (b'.', b'..'):
        return False
    return not ON_WINDOWS or not means_another(name) and not _is_short(name)


def _is_short(name):
    # type: (bytes) -> bool
    """True if Windows may find another file by this name: LONGNA~1.TXT would get around every rule
    about names.
    """
    return b'~' in name and name.rpartition(b'~')[2][:1].isdigit()


def is_hidden(parts):
    # type: (Sequence[bytes]) -> bool
    """True if a name is one that its owner does not mean to publish: a dotfile, or an editor's copy
    (``x~``).

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
