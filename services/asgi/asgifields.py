# Copyright the carryall authors.  See LICENSE.
"""The header fields that an application gives to http.response.start, checked.

Tests:    tests/services/asgi/test_asgispec_py3.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal
from carryall.core.errors import LocalProtocolError
from carryall.protocols.http import MutableHeaders

__all__ = ['StartedFields', 'fields_of']

# -- limits ------------------------------------------------------------------
MAX_CACHED = 256            # header lists that are remembered
MAX_LENGTH = 1 << 60        # the highest Content-Length


class StartedFields(object):
    """The fields of one response.

    Attributes:
        fields: MutableHeaders without the Content-Length; shared by equal responses.
        length: the Content-Length; None if there is none.
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


_cache = {}                 # type: Dict[Any, StartedFields]


def fields_of(headers):
    # type: (Any) -> StartedFields
    """The fields of an iterable of pairs of bytes.

    Transfer-Encoding is left out: the server frames the body.

    Raises:   TypeError: not such pairs.  LocalProtocolError: a field that would break out of its
              line, or a wrong Content-Length.
    """
    key = tuple(headers)
    try:
        known = _cache.get(key)
    except TypeError:               # pairs that are lists
        key = tuple([tuple(pair) for pair in key])
        known = _cache.get(key)
    if known is None:
        known = _parsed(key)
        if len(_cache) >= MAX_CACHED:
            _cache.clear()
        _cache[key] = known
    return known


def _parsed(pairs):
    # type: (Sequence[Any]) -> StartedFields
    fields = MutableHeaders()
    length = None                   # type: Optional[int]
    for name, value in pairs:
        if not isinstance(name, bytes) or not isinstance(value, bytes):
            raise TypeError('the header %r is not a pair of bytes' % (name,))
        low = name.lower()
        if low == b'content-length':
            found = decimal(value.strip(), MAX_LENGTH)
            if found is None or length is not None and length != found:
                raise LocalProtocolError('Content-Length must be one number')
            length = found
        elif low != b'transfer-encoding':
            fields.add(bytes(name), bytes(value))
    return StartedFields(fields, length)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Sequence
