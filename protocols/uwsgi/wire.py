# Copyright the carryall authors.  See LICENSE.
"""The head of a uwsgi request: a packet of names and values, of the uwsgi protocol 1.

Wire:     modifier1 (0), size of what follows (16 bits, little-endian), modifier2 (0); then pairs,
          each word with its size (16 bits, little-endian) before it; then the body.  The answer is
          that of CGI, and ends with the connection.
Tests:    tests/protocols/uwsgi/test_uwsgi.py
"""
from __future__ import absolute_import, division, print_function

import struct

from carryall.protocols.uwsgi.errors import UWSGIError

__all__ = ['format_head', 'parse_head']

MAX_SIZE = 65535            # octets of all pairs, and of a word

_HEAD = struct.Struct('<BHB')
_SIZE = struct.Struct('<H')


def format_head(variables):
    # type: (Iterable[Tuple[bytes, bytes]]) -> bytes
    """The head of a request.

    Raises:   UWSGIError: the variables are more than a packet can hold.
    """
    out = []
    for pair in variables:
        for word in pair:
            if len(word) > MAX_SIZE:
                raise UWSGIError(u'a variable of more than %d octets' % MAX_SIZE)
            out += [_SIZE.pack(len(word)), word]
    content = b''.join(out)
    if len(content) > MAX_SIZE:
        raise UWSGIError(u'variables of more than %d octets' % MAX_SIZE)
    return _HEAD.pack(0, len(content), 0) + content


def parse_head(data, most=MAX_SIZE):
    # type: (bytes, int) -> Optional[Tuple[List[Tuple[bytes, bytes]], bytes]]
    """(names and values, octets behind the head) of *data*; None if it is not complete.

    Args:     most: octets of the pairs.
    Raises:   UWSGIError: it is malformed, longer, or for something else than a request.
    """
    if data[:1] not in (b'', b'\0'):
        raise UWSGIError(u'a packet that is no request')
    if len(data) < _HEAD.size:
        return None
    size = _HEAD.unpack_from(data)[1]
    if size > most:
        raise UWSGIError(u'variables of more than %d octets' % most)
    end = _HEAD.size + size
    if len(data) < end:
        return None
    words = []
    at = _HEAD.size
    while at < end:
        if at + _SIZE.size > end:
            raise UWSGIError(u'a word that ends in its size')
        length = _SIZE.unpack_from(data, at)[0]
        at += _SIZE.size
        if at + length > end:
            raise UWSGIError(u'a word that is longer than its packet')
        words.append(data[at:at + length])
        at += length
    if len(words) % 2:
        raise UWSGIError(u'a name without a value')
    return list(zip(words[::2], words[1::2])), data[end:]


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable, List, Optional, Tuple
