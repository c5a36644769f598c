# Copyright the carryall authors.  See LICENSE.
"""Status and headers that an application gives to start_response, checked (PEP 3333, "The
start_response() Callable").

Tests:    tests/services/wsgi/test_pep3333.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal
from carryall.core.compat import to_bytes
from carryall.core.errors import LocalProtocolError
from carryall.protocols.http import MutableHeaders

__all__ = ['StartedHeaders', 'parse_headers', 'parse_status']

# -- limits ------------------------------------------------------------------
MAX_CACHED = 256            # header lists that are remembered
MAX_LENGTH = 1 << 60        # the highest Content-Length

# PEP 3333, "Other HTTP Features": an application may use none of these
HOP_BY_HOP = frozenset(('connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization',
                        'te', 'trailer', 'trailers', 'transfer-encoding', 'upgrade'))


class StartedHeaders(object):
    """The fields of one response.

    Attributes:
        fields:  MutableHeaders without the Content-Length; shared by equal responses.
        length:  the Content-Length; None if there is none.
    """

    __slots__ = ('fields', 'length')

    def __init__(self, fields, length):
        # type: (MutableHeaders, Optional[int]) -> None
        self.fields = fields
        self.length = length

    def with_length(self, length):
        # type: (int) -> MutableHeaders
        """The fields with a Content-Length of *length*."""
        fields = MutableHeaders(self.fields)
        fields.set(b'Content-Length', b'%d' % length)
        return fields


def parse_status(status):
    # type: (Any) -> int
    """The number in *status*, such as ``200 OK``.

    Raises:   TypeError: no native string.  ValueError: not of that form, or not from 200 to 599.
    """
    if type(status) is not str:
        raise TypeError('the status is a native string, not %s' % type(status).__name__)
    number = decimal(to_bytes(status[:3]), 599)
    if number is None or number < 200 or status[3:4] not in ('', ' '):
        raise ValueError('the status %r is not a number from 200 to 599, a blank and a reason'
                         % (status,))
    return number


_cache = {}                 # type: Dict[Any, StartedHeaders]


def parse_headers(headers):
    # type: (Any) -> StartedHeaders
    """The fields that an application has given.

    Raises:   TypeError: not a list of pairs of native strings.
              LocalProtocolError: a field that would break out of its line, a field of a single
              connection, or a wrong Content-Length.
    """
    if type(headers) is not list:
        raise TypeError('the headers are a list, not %s' % type(headers).__name__)
    key = tuple(headers)
    try:
        known = _cache.get(key)
    except TypeError:
        raise TypeError('the headers are a list of tuples of two native strings')
    if known is not None:
        return known
    known = _parsed(headers)
    if len(_cache) >= MAX_CACHED:
        _cache.clear()
    _cache[key] = known
    return known


def _parsed(headers):
    # type: (Sequence[Any]) -> StartedHeaders
    fields = MutableHeaders()
    length = None                   # type: Optional[int]
    for pair in headers:
        if type(pair) is not tuple or len(pair) != 2:
            raise TypeError('a header is a tuple of two native strings, not %r' % (pair,))
        name, value = pair
        if type(name) is not str or type(value) is not str:
            raise TypeError('the header %r is not a pair of native strings' % (name,))
        low = name.lower()
        if low in HOP_BY_HOP or low == 'status':
            raise LocalProtocolError('an application may not set the header %s' % name)
        if low != 'content-length':
            fields.add(name, value)
            continue
        found = decimal(to_bytes(value.strip()), MAX_LENGTH)
        if found is None or length is not None:
            raise LocalProtocolError('Content-Length must be one number')
        length = found
    return StartedHeaders(fields, length)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Sequence
