# Copyright the carryall authors.  See LICENSE.
"""Plain values as a line of JSON (RFC 8259), octets among them.

    {"octets": "aGk="}      bytes, in base64
    {"object": {...}}       a dict with the key "octets" or "object"

Text stays text on every runtime, and so does bytes.

Tests:    tests/core/codec/test_jsonvalues.py
"""
from __future__ import absolute_import, division, print_function

import base64
import binascii
import json

from carryall.core.compat import int_types, native, text_type
from carryall.core.errors import RemoteProtocolError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ['dump_line', 'parse_line']

OCTETS = u'octets'
OBJECT = u'object'


def dump_line(value):
    # type: (Any) -> bytes
    """*value* as one line, with its end.

    Args:     value: None, bool, numbers, text, bytes, and lists, tuples and dicts of them.
    Raises:   TypeError: something else.
    """
    return json.dumps(_plain(value), sort_keys=True).encode('ascii') + b'\n'


def parse_line(line):
    # type: (bytes) -> Any
    """The value of a line.

    Raises:   RemoteProtocolError: it is none.
    """
    try:
        return _value(json.loads(line.decode('utf-8')))
    except (ValueError, TypeError, binascii.Error) as exc:     # py2: TypeError for bad base64
        raise RemoteProtocolError(u'the line is no JSON value: %s' % (exc,))


def _plain(value):
    # type: (Any) -> Any
    if value is None or isinstance(value, (bool, float, text_type) + int_types):
        return value
    if isinstance(value, (bytes, bytearray)):
        return {OCTETS: base64.b64encode(bytes(value)).decode('ascii')}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        found = dict((_key(key), _plain(each)) for key, each in value.items())
        return {OBJECT: found} if OCTETS in found or OBJECT in found else found
    raise TypeError('%r cannot be told to another process' % (value,))


def _key(key):
    # type: (Any) -> str
    return key if isinstance(key, text_type) else key.decode('utf-8')


def _value(plain):
    # type: (Any) -> Any
    if isinstance(plain, list):
        return [_value(each) for each in plain]
    if not isinstance(plain, dict):
        return plain
    if len(plain) == 1 and OCTETS in plain:
        return base64.b64decode(plain[OCTETS].encode('ascii'))
    if len(plain) == 1 and OBJECT in plain:
        plain = plain[OBJECT]
    return dict((native(key) if _is_ascii(key) else key, _value(each))
                for key, each in plain.items())


def _is_ascii(key):
    # type: (str) -> bool
    return all(char < u'\x80' for char in key)
