# Copyright the carryall authors.  See LICENSE.
"""A long text as several messages (RFC 2812 section 2.3: 512 octets with CRLF).

    room = room_for(b'PRIVMSG', b'#tea', source=b'ann!a@host.example')
    for piece in split_text(text, room): ...

The line that others receive counts, not the one that is sent.  The server puts the source in front
of it, and cuts it if it is too long then.

Tests:    tests/protocols/irc/test_textsplit.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.irc.wire import MAX_LINE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator, Optional

__all__ = ['MAX_SOURCE', 'clipped', 'is_utf8', 'room_for', 'split_text']

# Octets of a source that is not known yet: a nick of 30, a user of 10 and a host of 63 octets, as
# servers of today bound them, with a tilde and their two signs.
MAX_SOURCE = 30 + 1 + 11 + 1 + 63


def room_for(command, target, source=None):
    # type: (bytes, bytes, Optional[bytes]) -> int
    """Octets that the text of such a message may have.

    Args:     source: nick!user@host as others see the sender; None: not known, so the longest.
    """
    before = MAX_SOURCE if source is None else len(source)
    return MAX_LINE - len(b': ') - before - len(command) - len(target) - len(b'  :\r\n')


def split_text(text, room):
    # type: (bytes, int) -> Iterator[bytes]
    """The text in pieces of *room* octets at most; each line of it begins a new one.

    A piece ends at a blank if its last half has one; the blank is left out.  No character of UTF-8
    is cut unless *room* is smaller than it.  Empty lines are left out, for no message is empty.

    Raises:   ValueError: room is less than 1.
    """
    if room < 1:
        raise ValueError('no room for a text')
    for line in text.replace(b'\r\n', b'\n').replace(b'\r', b'\n').split(b'\n'):
        while len(line) > room:
            end = line.rfind(b' ', room // 2, room + 1)
            if end > 0:
                yield line[:end]
                line = line[end + 1:]
            else:
                piece = clipped(line, room)
                yield piece
                line = line[len(piece):]
        if line:
            yield line


def clipped(text, room):
    # type: (bytes, int) -> bytes
    """The first *room* octets, fewer if that would cut a character of UTF-8."""
    if len(text) <= room:
        return text
    end = room
    # Octets 10xxxxxx go on with a character, of which there are three at most (RFC 3629 section 3).
    while end > max(0, room - 4) and bytearray(text[end:end + 1])[0] & 0xC0 == 0x80:
        end -= 1
    if end == 0 or bytearray(text[end:end + 1])[0] & 0xC0 == 0x80:
        return text[:room]
    return text[:end]


def is_utf8(text):
    # type: (bytes) -> bool
    """True if the octets are UTF-8."""
    try:
        text.decode('utf-8')
    except UnicodeError:
        return False
    return True
