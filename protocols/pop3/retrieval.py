# Copyright the carryall authors.  See LICENSE.
"""Parts of messages and long answers, piece by piece (RFC 1939 section 3 and 7).

Tests:    tests/protocols/pop3/test_retrieval.py
"""
from __future__ import absolute_import, division, print_function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable, Iterator, List

__all__ = ['MessageTop', 'lines_of']

BLOCK = 32768               # octets of short lines that are sent at once


class MessageTop(object):
    """Cuts a message after its header, the blank line, and so many lines of the body.

    Attributes:
        done: true once all octets of the top have come.
    """

    __slots__ = ('done', '_left', '_in_header', '_tail')

    def __init__(self, lines):
        # type: (int) -> None
        self.done = False
        self._left = lines
        self._in_header = True
        self._tail = b'\r\n'        # so that a message which begins with a blank line has no header

    def feed(self, piece):
        # type: (bytes) -> bytes
        """The part of the next piece that belongs to the top."""
        start = 0
        if self._in_header:
            known = len(self._tail)
            found = (self._tail + piece).find(b'\r\n\r\n')
            if found < 0:
                self._tail = (self._tail + piece)[-3:]
                return piece
            self._in_header = False
            start = found + 4 - known
        while self._left > 0:
            end = piece.find(b'\n', start)
            if end < 0:
                return piece
            start = end + 1
            self._left -= 1
        self.done = True
        return piece[:start]


def lines_of(lines):
    # type: (Iterable[bytes]) -> Iterator[bytes]
    """The lines in blocks of about BLOCK octets."""
    block = []                      # type: List[bytes]
    size = 0
    for line in lines:
        block.append(line)
        size += len(line)
        if size >= BLOCK:
            yield b''.join(block)
            block = []
            size = 0
    if block:
        yield b''.join(block)
