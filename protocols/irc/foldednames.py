# Copyright the carryall authors.  See LICENSE.
"""Which names are equal: the case mappings of IRC (RFC 2812 section 2.2; ISUPPORT CASEMAPPING).

    fold = MAPPINGS[b'rfc1459']
    fold(b'Ann[Home]') == fold(b'ann{home}')

Scandinavian keyboards had the letters a-ring and o-umlaut where ASCII has brackets, and so the
brackets of RFC 1459 are capital braces.  Of names in UTF-8 no letter but those of ASCII is folded.

Tests:    tests/protocols/irc/test_foldednames.py
"""
from __future__ import absolute_import, division, print_function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Dict

__all__ = ['MAPPINGS', 'fold_ascii', 'fold_rfc1459', 'fold_strictly']


def _table(upper, lower):
    # type: (bytes, bytes) -> bytes
    """A table for `translate` that makes each octet of *upper* that of *lower*."""
    table = bytearray(range(256))
    for place, octet in enumerate(bytearray(upper)):
        table[octet] = bytearray(lower)[place]
    return bytes(table)


_CAPITALS = b'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
_RFC1459 = _table(_CAPITALS + b'[]\\^', _CAPITALS.lower() + b'{}|~')
_STRICT = _table(_CAPITALS + b'[]\\', _CAPITALS.lower() + b'{}|')
_ASCII = _table(_CAPITALS, _CAPITALS.lower())


def fold_ascii(name):
    # type: (bytes) -> bytes
    """The name in small letters: mapping `ascii`."""
    return name.translate(_ASCII)


def fold_rfc1459(name):
    # type: (bytes) -> bytes
    """The name in small letters, with []\\^ as {}|~: mapping `rfc1459`."""
    return name.translate(_RFC1459)


def fold_strictly(name):
    # type: (bytes) -> bytes
    """The name in small letters, with []\\ as {}|: mapping `rfc1459-strict`."""
    return name.translate(_STRICT)


# By the value of ISUPPORT's CASEMAPPING; `strict-rfc1459` is what some servers call the strict one.
MAPPINGS = {
    b'ascii': fold_ascii,
    b'rfc1459': fold_rfc1459,
    b'rfc1459-strict': fold_strictly,
    b'strict-rfc1459': fold_strictly,
}       # type: Dict[bytes, Callable[[bytes], bytes]]
