# Copyright the carryall authors.  See LICENSE.
"""The names of files in the path of a request, none of them outside the folder that is served
(features WEB-02).

A segment of a path is the name of one entry of one folder.  Separators (``/`` and ``\\``), control
characters, ``.`` and ``..`` are refused.  Names that only Windows takes for something else
(core/files/filenames.py: ``con.txt``, ``x.txt::$DATA``, ``x.txt.``, a short name) are refused on
Windows; elsewhere they are plain names.  tree.py checks for a mounted file system of Windows.

The disk is the matter of tree.py; these are pure functions over bytes.
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

BAD_REQUEST = object()      # the result of parts_of for an invalid path


def parts_of(path):
    # type: (bytes) -> Any
    """The names in *path*, percent-decoded; the last is b'' if it ends with a
    slash.

    Returns:  BAD_REQUEST: not a path, or it leads above the root; None: no file can have this
              name.
    """
    segments = path_segments(path)
    if segments is None:
        return BAD_REQUEST
    if len(path) > MAX_PATH:
        return None
    last = segments.pop()
    # Two slashes are one, as in file systems
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
    """True if *name* is the name of one entry of a folder."""
    if not name or len(name) > MAX_NAME or len(name.translate(None, BAD_OCTETS)) != len(name):
        return False
    if name in (b'.', b'..'):
        return False
    return not ON_WINDOWS or not means_another(name) and not _is_short(name)


def _is_short(name):
    # type: (bytes) -> bool
    """True if Windows may find another file by this name: LONGNA~1.TXT would evade every rule
    for names.
    """
    return b'~' in name and name.rpartition(b'~')[2][:1].isdigit()


def is_hidden(parts):
    # type: (Sequence[bytes]) -> bool
    """True if a name is not meant to be published: a dotfile, or an editor's copy
    (``x~``).

    ``.well-known`` at the root is not hidden, as it is meant to be found (RFC 8615).
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
