# Copyright the carryall authors.  See LICENSE.
"""Sources of messages, and masks that match many of them (RFC 2812 sections 2.3.1 and 2.5).

    split_source(b'ann!a@host.example')     # Source(nick=b'ann', user=b'a', host=b'host.example')
    normalised_mask(b'*@*.example')         # b'*!*@*.example'
    Mask(b'*!*@*.example', fold_ascii).matches(b'ann!a@host.example')

Tests:    tests/protocols/irc/test_hostmask.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.records import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

__all__ = ['Mask', 'Source', 'normalised_mask', 'split_source']


class Source(namedtuple('Source', 'nick user host')):
    """The parts of a source; *user* and *host* are b'' where they are not given."""

    __slots__ = ()

    def to_bytes(self):
        # type: () -> bytes
        """The source as a message has it."""
        out = self.nick             # type: bytes
        if self.user:
            out += b'!' + self.user
        if self.host:
            out += b'@' + self.host
        return out


def split_source(source):
    # type: (bytes) -> Source
    """The parts of a message's source; of a server's its name is the nick."""
    rest, _, host = source.partition(b'@')
    nick, _, user = rest.partition(b'!')
    return Source(nick, user, host)


def normalised_mask(mask):
    # type: (bytes) -> bytes
    """The mask with all three parts: what is missing is `*`.

    A word without "!" and "@" is a nick if it has no dot or colon in it, else a host.
    """
    if b'!' in mask or b'@' in mask:
        rest, _, host = mask.partition(b'@')
        nick, bang, user = rest.partition(b'!')
        if not bang and b'@' in mask:
            user = nick
            nick = b''
    elif b'.' in mask or b':' in mask:
        nick = b''
        user = b''
        host = mask
    else:
        nick = mask
        user = b''
        host = b''
    return (nick or b'*') + b'!' + (user or b'*') + b'@' + (host or b'*')


class Mask(object):
    """A mask, ready to be compared.

    `*` stands for any octets, also none, and `?` for one.  RFC 2812 section 2.5 has a backslash as
    an escape; servers take it as a letter, for nicks may have it, and so does this.

    Work:     at most the product of both lengths, whatever the mask.

    Args:     text: the mask.
              fold: the case mapping, a function from bytes to bytes.
    """

    __slots__ = ('text', '_fold', '_parts')

    def __init__(self, text, fold):
        # type: (bytes, Callable[[bytes], bytes]) -> None
        self.text = text
        self._fold = fold
        self._parts = fold(text).split(b'*')

    def matches(self, name):
        # type: (bytes) -> bool
        """True if the mask stands for all of *name*."""
        name = self._fold(name)
        first = self._parts[0]
        last = self._parts[-1]
        if len(self._parts) == 1:
            return len(name) == len(first) and _stands_at(first, name, 0)
        end = len(name) - len(last)
        if end < len(first) or not _stands_at(first, name, 0) or not _stands_at(last, name, end):
            return False
        at = len(first)
        for part in self._parts[1:-1]:
            # The first place of each part leaves most for the others: there is no way back.
            at = _find(part, name, at, end)
            if at < 0:
                return False
            at += len(part)
        return True


def _find(part, name, at, end):
    # type: (bytes, bytes, int, int) -> int
    """The first place of *part* in *name*, between *at* and *end*; -1 if there is none."""
    if b'?' not in part:
        return name.find(part, at, end)
    for place in range(at, end - len(part) + 1):
        if _stands_at(part, name, place):
            return place
    return -1


def _stands_at(part, name, at):
    # type: (bytes, bytes, int) -> bool
    """True if *part* stands for the octets of *name* at *at*."""
    if b'?' not in part:
        return name.startswith(part, at)
    if at + len(part) > len(name):
        return False
    for place in range(len(part)):
        wanted = part[place:place + 1]
        if wanted not in (b'?', name[at + place:at + place + 1]):
            return False
    return True
