# Copyright the carryall authors.  See LICENSE.
"""Paths as an FTP server shows them: from its own root, with slashes (RFC 3659 section 6, TVFS).

A path inside the server is a tuple of names (bytes), () for the root; none of them is empty, ``.``, ``..``, or holds a
slash, NUL, CR or LF.  What climbs above the root stays at the root.

Tests:    tests/protocols/ftp/test_pathname.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError
from carryall.protocols.ftp.filesystem import MAX_NAME
from carryall.protocols.ftp.settings import MAX_PATH

__all__ = ['check_length', 'length_of', 'quoted', 'resolve', 'shown', 'to_storage', 'to_wire', 'unquoted']


def resolve(folder, text):
    # type: (Tuple[bytes, ...], bytes) -> Tuple[bytes, ...]
    """The path that *text* names, seen from *folder*.

    Raises:   RemoteProtocolError: too long, or with an octet that no name has (reply 501 or 553).
    """
    if b'\0' in text or b'\r' in text or b'\n' in text:
        raise RemoteProtocolError(u'an octet that no name has', b'501 There is an octet in that path that no name has.')
    parts = [] if text[:1] == b'/' else list(folder)
    for name in text.split(b'/'):
        if name == b'..':
            del parts[-1:]
        elif len(name) > MAX_NAME:
            raise RemoteProtocolError(u'a long name', b'553 A name has %d octets at the most.' % MAX_NAME)
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
    """RemoteProtocolError if the path, and *more* octets that come behind it, cannot be named by a client."""
    if length_of(path) + more > MAX_PATH:
        raise RemoteProtocolError(u'a long path', b'553 A path has %d octets at the most.' % MAX_PATH)


def shown(path):
    # type: (Tuple[bytes, ...]) -> bytes
    """The path as text, from the root."""
    return b'/' + b'/'.join(path)


def quoted(text):
    # type: (bytes) -> bytes
    """A path in quotes, those in it doubled (RFC 959 appendix II)."""
    return b'"%s"' % text.replace(b'"', b'""')


def unquoted(text):
    # type: (bytes) -> Optional[bytes]
    """The path in the text of a 257; None if it does not begin with one."""
    if text[:1] != b'"':
        return None
    at, parts = 1, []
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
    """A name as it is sent: UTF-8, or what ISO 8859-1 makes of it after ``OPTS UTF8 OFF``.

    A name that is not UTF-8, or not to be had in ISO 8859-1, goes as it is, but for what would end the line.
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
    """A name as the file system has it, from what the peer sent."""
    return name if utf8 else name.decode('latin-1').encode('utf-8')


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional, Sequence, Tuple
