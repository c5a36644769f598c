# Copyright the carryall authors.  See LICENSE.
"""The head of an SCGI request: a netstring of names and values (SCGI, 2008-06-23).

Wire:     ``70:CONTENT_LENGTH NUL 27 NUL SCGI NUL 1 NUL ... ,`` and the body; the answer is that of
          CGI, and ends with the connection.
Tests:    tests/protocols/scgi/test_scgi.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal
from carryall.protocols.scgi.errors import SCGIError

__all__ = ['format_head', 'parse_head']

MAX_DIGITS = 9              # of the length of a netstring


def format_head(variables):
    # type: (Iterable[Tuple[bytes, bytes]]) -> bytes
    """The head of a request; CONTENT_LENGTH comes first, 0 unless given."""
    rest = dict(variables)
    length = rest.pop(b'CONTENT_LENGTH', b'') or b'0'
    rest.pop(b'SCGI', None)
    pairs = [(b'CONTENT_LENGTH', length), (b'SCGI', b'1')] + sorted(rest.items())
    content = b''.join([b'%s\0%s\0' % pair for pair in pairs])
    return b'%d:%s,' % (len(content), content)


def parse_head(data, most):
    # type: (bytes, int) -> Optional[Tuple[List[Tuple[bytes, bytes]], bytes]]
    """(names and values, octets behind the head) of *data*; None if it is not complete.

    Args:     most: octets of the netstring.
    Raises:   SCGIError: it is malformed, or longer.
    """
    digits, colon, rest = data[:MAX_DIGITS + 1].partition(b':')
    size = decimal(digits, 10 ** MAX_DIGITS)
    if not colon:
        if len(digits) > MAX_DIGITS or digits and size is None:
            raise SCGIError(u'a head that is no netstring')
        return None
    if size is None or digits != b'%d' % size or size > most:
        raise SCGIError(u'a head whose length is none, or more than %d' % most)
    begin = len(digits) + 1
    end = begin + size
    if len(data) <= end:
        return None
    if data[end:end + 1] != b',':
        raise SCGIError(u'a netstring without its comma')
    return _pairs(data[begin:end]), data[end + 1:]


def _pairs(content):
    # type: (bytes) -> List[Tuple[bytes, bytes]]
    words = content.split(b'\0')
    if words.pop() or len(words) % 2:
        raise SCGIError(u'names without values')
    pairs = list(zip(words[::2], words[1::2]))
    names = words[::2]
    if names[:1] != [b'CONTENT_LENGTH'] or decimal(words[1], 1 << 62) is None:
        raise SCGIError(u'CONTENT_LENGTH is not the first, or no number')
    if (b'SCGI', b'1') not in pairs:
        raise SCGIError(u'not version 1 of SCGI')
    if len(set(names)) != len(names) or b'' in names:
        raise SCGIError(u'a duplicate name, or an empty one')
    return pairs


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable, List, Optional, Tuple
