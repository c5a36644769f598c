# Copyright the carryall authors.  See LICENSE.
"""RPL_ISUPPORT, the numeric 005, in which a server describes itself (modern.ircdocs.horse,
"RPL_ISUPPORT message"; draft-hardy-irc-isupport-00).

    support = Support()
    support.update([b'CASEMAPPING=ascii', b'CHANTYPES=#', b'PREFIX=(ov)@+', b'-EXCEPTS'])
    support.fold(b'Ann'), support.members       # b'ann', [(b'o', b'@'), (b'v', b'+')]

Until a token has come, the values are those of RFC 1459.

Tests:    tests/protocols/irc/test_isupport.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal, hexadecimal
from carryall.core.patterns import Pattern
from carryall.protocols.irc.foldednames import MAPPINGS, fold_rfc1459
from carryall.protocols.irc.channelmodes import ModeTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

__all__ = ['MAX_TOKENS', 'Support', 'format_tokens']

MAX_TOKENS = 13             # of one line: fifteen parameters less the nick and the text
MAX_NUMBER = (1 << 31) - 1

# Sent by no server, and the usual letters before 005 was made.
_DEFAULTS = {b'CASEMAPPING': b'rfc1459', b'CHANTYPES': b'#&', b'PREFIX': b'(ov)@+',
             b'CHANMODES': b'b,k,l,imnpst', b'MODES': b'3', b'NICKLEN': b'9', b'CHANNELLEN': b'200'}
_NAME = Pattern(br'[A-Za-z0-9]+\Z')
_PREFIX = Pattern(br'\(([^()]*)\)(.*)\Z')
_ESCAPE = Pattern(br'\\x([0-9A-Fa-f]{2})')
_TO_ESCAPE = Pattern(br'[\x00-\x20=\\\x7f]')


class Support(object):
    """The tokens of one server, as they came."""

    __slots__ = ('_tokens',)

    def __init__(self):
        # type: () -> None
        self._tokens = dict(_DEFAULTS)      # type: Dict[bytes, bytes]

    def update(self, tokens):
        # type: (Iterable[bytes]) -> None
        """Takes the tokens of one 005; a minus takes a token back, and its default value counts.

        Words that are no token are left out.
        """
        for token in tokens:
            name, _, value = token.partition(b'=')
            gone = name[:1] == b'-'
            name = name[1:] if gone else name
            if not _NAME.match(name):
                continue
            name = name.upper()
            if not gone:
                self._tokens[name] = _ESCAPE.sub(_octet, value)
            elif name in _DEFAULTS:
                self._tokens[name] = _DEFAULTS[name]
            else:
                self._tokens.pop(name, None)

    def __len__(self):
        return len(self._tokens)

    def __contains__(self, name):
        # type: (bytes) -> bool
        return name in self._tokens

    def get(self, name, default=None):
        # type: (bytes, Optional[bytes]) -> Optional[bytes]
        """The value of a token; b'' if it has none, *default* if it is not there."""
        return self._tokens.get(name, default)

    def number(self, name):
        # type: (bytes) -> Optional[int]
        """The value as a number; None: the server names no limit."""
        return decimal(self._tokens.get(name, b''), MAX_NUMBER)

    def limits(self, name):
        # type: (bytes) -> Dict[bytes, Optional[int]]
        """The pairs of a token such as TARGMAX=PRIVMSG:4,WHOIS:1 or CHANLIMIT=#&:50.

        A number that is missing is None: no limit.
        """
        found = {}                  # type: Dict[bytes, Optional[int]]
        for pair in (self._tokens.get(name) or b'').split(b','):
            key, colon, value = pair.partition(b':')
            if colon:
                found[key] = decimal(value, MAX_NUMBER)
        return found

    def fold(self, name):
        # type: (bytes) -> bytes
        """The name by the server's case mapping; an unknown mapping is taken as rfc1459."""
        return MAPPINGS.get(self._tokens[b'CASEMAPPING'].lower(), fold_rfc1459)(name)

    def is_channel(self, name):
        # type: (bytes) -> bool
        """True if the name is one of a channel."""
        return name[:1] != b'' and name[:1] in self._tokens[b'CHANTYPES']

    @property
    def members(self):
        # type: () -> List[Tuple[bytes, bytes]]
        """(letter, sign) of a member's standing, such as (b'o', b'@'), the highest first."""
        found = _PREFIX.match(self._tokens[b'PREFIX'])
        if found is None:
            return []
        letters, signs = found.groups()
        return [(letters[place:place + 1], signs[place:place + 1])
                for place in range(min(len(letters), len(signs)))]

    @property
    def modes(self):
        # type: () -> ModeTable
        """The letters of modes of channels."""
        kinds = self._tokens[b'CHANMODES'].split(b',')
        return ModeTable(kinds[:4], b''.join(letter for letter, _ in self.members))

    def split_member(self, word):
        # type: (bytes) -> Tuple[bytes, bytes]
        """(signs, name) of a word of RPL_NAMREPLY: b'@+ann' is (b'@+', b'ann')."""
        signs = b''.join(sign for _, sign in self.members)
        at = 0
        while word[at:at + 1] and word[at:at + 1] in signs:
            at += 1
        return word[:at], word[at:]


def format_tokens(pairs):
    # type: (Sequence[Tuple[bytes, Optional[bytes]]]) -> List[List[bytes]]
    """The tokens of (name, value) pairs, in groups of MAX_TOKENS: each is for one line.

    A value of None is a token without "=".
    """
    words = []
    for name, value in pairs:
        if value is None:
            words.append(name)
        else:
            words.append(name + b'=' + _TO_ESCAPE.sub(
                lambda each: ('\\x%02X' % ord(each.group())).encode('ascii'), value))
    return [words[at:at + MAX_TOKENS] for at in range(0, len(words), MAX_TOKENS)]


def _octet(found):
    # type: (Any) -> bytes
    """The octet that an escape stands for."""
    return bytes(bytearray([hexadecimal(found.group(1), 255) or 0]))
