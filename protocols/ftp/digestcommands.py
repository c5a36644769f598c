# Copyright the carryall authors.  See LICENSE.
"""Digests of files: HASH, XCRC, XMD5, XSHA256 (draft-bryan-ftpext-hash).

Opt-in: permission to read a file is not permission to keep the processor busy.

Tests:    tests/protocols/ftp/test_filecommands.py
"""
from __future__ import absolute_import, division, print_function

import hashlib
import zlib

from carryall.core.errors import RemoteProtocolError
from carryall.core.future import Return
from carryall.core.net.turns import spread
from carryall.protocols.ftp.verbs import Command, CommandGroup
from carryall.protocols.ftp.wire import LOCAL_ERROR, NOT_IMPLEMENTED, single

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator

__all__ = ['COMMANDS', 'DigestCommands', 'HASHES']

HASH_BYTES = 65536          # read and hashed in one step

# Names of digests in the draft, and in hashlib.
HASHES = ((b'SHA-256', 'sha256'), (b'SHA-512', 'sha512'), (b'SHA-1', 'sha1'), (b'MD5', 'md5'),
          (b'CRC32', ''))

COMMANDS = [
    Command(b'HASH', 'digests.hash', args=Command.REST, letter=b'r', syntax=b'HASH path',
            rfc='draft-bryan-ftpext-hash#3'),
    Command(b'XCRC', 'digests.xcrc', args=Command.REST, letter=b'r', syntax=b'XCRC path',
            rfc='none; in use'),
    Command(b'XMD5', 'digests.xmd5', args=Command.REST, letter=b'r', syntax=b'XMD5 path',
            rfc='none; in use'),
    Command(b'XSHA256', 'digests.xsha256', args=Command.REST, letter=b'r', syntax=b'XSHA256 path',
            rfc='none; in use'),
]


class DigestCommands(CommandGroup):
    """The commands of a session that hash files.

    Attributes:
        chosen: name of the digest of HASH, set by OPTS HASH.
    """

    __slots__ = ('chosen',)

    def reset(self):
        self.chosen = b'SHA-256'

    def hash(self, argument):
        # type: (bytes) -> Any
        """The digest that OPTS HASH chose."""
        return self._digest(argument, self.chosen, True)

    def xcrc(self, argument):
        # type: (bytes) -> Any
        """CRC-32."""
        return self._digest(argument, b'CRC32', False)

    def xmd5(self, argument):
        # type: (bytes) -> Any
        """MD5."""
        return self._digest(argument, b'MD5', False)

    def xsha256(self, argument):
        # type: (bytes) -> Any
        """SHA-256."""
        return self._digest(argument, b'SHA-256', False)

    def _digest(self, argument, name, drafted):
        # type: (bytes, bytes, bool) -> Any
        session = self.session
        if not session.settings.digests:
            return NOT_IMPLEMENTED
        _offset, span = session.transfers.take_offset()
        path = session.path_of(argument)
        source, size = session.account.files.open(path)
        first = 0
        end = size
        if span is not None:
            first = min(span[0], size)
            end = min(span[1] + 1, size)
        steps = self._steps(source, first, end, name, path, drafted)
        return spread(session.clock.turns, steps)

    def _steps(self, source, first, end, name, path, drafted):
        # type: (Any, int, int, bytes, Any, bool) -> Iterator[None]
        """Reads the file in pieces; the reply is returned."""
        digest = hashlib.new(dict(HASHES)[name]) if name != b'CRC32' else _CRC32()
        try:
            source.seek(first)
            left = end - first
            while left > 0:
                data = source.read(min(HASH_BYTES, left))
                if not data:
                    raise RemoteProtocolError(u'the file ended early', LOCAL_ERROR)
                digest.update(data)
                left -= len(data)
                yield
        finally:
            source.close()
        text = digest.hexdigest().encode('ascii')
        if not drafted:
            raise Return(single(250, text.upper()))
        last = max(first, end - 1)
        shown = self.session.show(path)
        raise Return(single(213, b'%s %d-%d %s %s' % (name, first, last, text, shown)))


class _CRC32(object):
    """CRC-32 with the methods of a hash."""

    __slots__ = ('_value',)

    def __init__(self):
        # type: () -> None
        self._value = 0

    def update(self, data):
        # type: (bytes) -> None
        """Adds octets."""
        self._value = zlib.crc32(data, self._value)

    def hexdigest(self):
        # type: () -> str
        """Eight digits."""
        return '%08x' % (self._value & 0xffffffff)      # py2: it is signed
