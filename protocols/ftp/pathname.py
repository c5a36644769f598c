# Copyright the carryall authors.  See LICENSE.
"""Paths as an FTP server shows them: from its own root, with slashes (RFC 3659 section 6, TVFS).

A path inside the server is a tuple of names (bytes), () for the root.  No name is empty, ``.`` or
``..``, or holds a slash, NUL, CR or LF.  ``..`` at the root is the root.

Tests:    tests/protocols/ftp/test_pathname.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError
from carryall.protocols.ftp.filesystem import MAX_NAME
from carryall.protocols.ftp.settings import MAX_PATH
from carryall.protocols.ftp.wire import NOT_TAKEN, SYNTAX_ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional, Sequence, Tuple

__all__ = ['check_length', 'length_of', 'quoted', 'resolve', 'shown', 'to_storage', 'to_wire',
           'unquoted']

BAD_OCTET = SYNTAX_ERROR + b': invalid octet in the path.'
LONG_NAME = b'553 ' + NOT_TAKEN + b'A name has at most %d octets.' % MAX_NAME
LONG_PATH = b'553 ' + NOT_TAKEN + b'A path has at most %d octets.' % MAX_PATH


def resolve(folder, text):
    # type: (Tuple[bytes, ...], bytes) -> Tuple[bytes, ...]
    """The path of *text* relative to *folder*.

    Raises:   RemoteProtocolError: too long, or with an octet that no name has (reply 501 or 553).
    """
    if b'\0' in text or b'\r' in text or b'\n' in text:
        raise RemoteProtocolError(u'an octet that no name has', BAD_OCTET)
    parts = [] if text[:1] == b'/' else list(folder)
    for name in text.split(b'/'):
        if name == b'..':
            del parts[-1:]
        elif len(name) > MAX_NAME:
            raise RemoteProtocolError(u'a long name', LONG_NAME)
        elif name not in (b'', b'.'):
            parts.append(name)
    check_length(parts)
    return tuple(parts)


def length_of(path):
    # type: (Sequence[bytes]) -> int
    """Octets of the path as text."""
    return sum(len(name) + 1 for name in path)


def check_length(path, more=0):
    # type: (Sequence[bytes], int) -> None
    """Raises RemoteProtocolError if the path and *more* octets are too long for a command."""
    if length_of(path) + more > MAX_PATH:
        raise RemoteProtocolError(u'a long path', LONG_PATH)


def shown(path):
    # type: (Tuple[bytes, ...]) -> bytes
    """The path as text, from the root."""
    return b'/' + b'/'.join(path)


def quoted(text):
    # type: (bytes) -> bytes
    """A path in quotes, with quotes in it doubled (RFC 959 appendix II)."""
    return b'"%s"' % text.replace(b'"', b'""')


def unquoted(text):
    # type: (bytes) -> Optional[bytes]
    """The path in the text of a 257; None if it does not begin with one."""
    if text[:1] != b'"':
        return None
    at = 1
    parts = []
    while True:
        end = text.find(b'"', at)
        if end < 0:
            return None
        parts.append(text[at:end])
        if text[end + 1:end + 2] != b'"':
            return b'"'.join(parts)
        at = end + 2


def to_wire(name, utf8):
    # type: (bytes, bool) -> bytes
    """A name as it is sent: in UTF-8, or in ISO 8859-1 after ``OPTS UTF8 OFF``.

    A name that cannot be converted goes out unchanged; CR and LF become ``?``.
    """
    if not utf8:
        try:
            name = name.decode('utf-8').encode('latin-1')
        except UnicodeError:
            pass
    if b'\n' in name or b'\r' in name:
        name = name.replace(b'\r', b'?').replace(b'\n', b'?')
    return name


def to_storage(name, utf8):
    # type: (bytes, bool) -> bytes
    """A name that the peer sent, as the file system has it."""
    return name if utf8 else name.decode('latin-1').encode('utf-8')
