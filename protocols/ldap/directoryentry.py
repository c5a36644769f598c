# Copyright the carryall authors.  See LICENSE.
"""Entry: one entry of a directory in memory, its attributes encoded as a search sends them.

An attribute is kept as the octets of its PartialAttribute, under the key of its description
(``Schema.key_of``).  So the answer to a search is joined and not encoded.  Entries take a
third of the memory that lists of values need.

Tests:    tests/protocols/ldap/test_directory.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.patterns import Pattern
from carryall.protocols.ldap import ber
from carryall.protocols.ldap.wire import encode_attribute

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence, Tuple

__all__ = ['Entry', 'first_value', 'is_below', 'name_of', 'parent_key',
           'split_encoded', 'values_of']

_FIRST = Pattern(u'(?:[^,\\\\]|\\\\.)*')


class Entry(object):
    """One entry.

    Attributes:
        dn: as it was given (text).
        key: of the DN (``Schema.dn_key``).
        parent: the Entry above; None for the top of the directory.
        children: a dict of key to Entry; None while there are none.
        attributes: key of the description to an encoded PartialAttribute.
        encoded_dn: the DN as an OCTET STRING.
    """

    __slots__ = ('dn', 'key', 'parent', 'children', 'attributes', 'encoded_dn')

    def __init__(self, dn, key, attributes):
        # type: (str, str, Dict[str, bytes]) -> None
        self.key = key
        self.parent = None          # type: Optional[Entry]
        self.children = None        # type: Optional[Dict[str, Entry]]
        self.attributes = attributes
        self.name(dn)

    def name(self, dn):
        # type: (str) -> None
        """Gives it a DN."""
        self.dn = dn
        self.encoded_dn = ber.tlv(ber.OCTET_STRING, dn.encode('utf-8'))

    def values(self, key):
        # type: (str) -> List[bytes]
        """The values of an attribute; none if it does not have it."""
        encoded = self.attributes.get(key)
        return [] if encoded is None else values_of(encoded)

    def first(self, key):
        # type: (str) -> Optional[bytes]
        """The first value of an attribute, or None."""
        encoded = self.attributes.get(key)
        return None if encoded is None else first_value(encoded)

    def pairs(self):
        # type: () -> List[Tuple[str, List[bytes]]]
        """The descriptions and values of all attributes."""
        return [(name_of(encoded), values_of(encoded))
                for _, encoded in sorted(self.attributes.items())]

    def set(self, key, name, values):
        # type: (str, str, Sequence[bytes]) -> None
        """Sets an attribute; without values it is removed."""
        if values:
            self.attributes[key] = encode_attribute(name, values)
        else:
            self.attributes.pop(key, None)

    def __repr__(self):
        return 'Entry(%r)' % (self.dn,)


def _places(encoded):
    # type: (bytes) -> Tuple[Any, int, int, int]
    """The octets as numbers; where the description and the values begin, and the values' end."""
    view = bytearray(encoded)
    _, at, stop = ber.header(view, 0, len(view))
    _, start, behind = ber.header(view, at, stop)
    return view, start, behind, stop


def name_of(encoded):
    # type: (bytes) -> str
    """The description of an encoded attribute."""
    _, start, behind, _ = _places(encoded)
    return encoded[start:behind].decode('ascii')


def values_of(encoded):
    # type: (bytes) -> List[bytes]
    """The values of an encoded attribute."""
    view, _, at, stop = _places(encoded)
    _, at, stop = ber.header(view, at, stop)
    found = []
    while at < stop:
        _, start, at = ber.header(view, at, stop)
        found.append(encoded[start:at])
    return found


def first_value(encoded):
    # type: (bytes) -> Optional[bytes]
    """The first value of an encoded attribute; None if it has none."""
    view, _, at, stop = _places(encoded)
    _, at, stop = ber.header(view, at, stop)
    if at == stop:
        return None
    _, start, end = ber.header(view, at, stop)
    return encoded[start:end]


def split_encoded(octets, schema):
    # type: (bytes, Any) -> Dict[str, bytes]
    """Encoded attributes, one behind the other, by their keys in a Schema."""
    found = {}
    view = bytearray(octets)
    at = 0
    while at < len(octets):
        _, _, end = ber.header(view, at, len(octets))
        encoded = octets[at:end]
        name = name_of(encoded)
        found[schema.key_of(name) or name.lower()] = encoded
        at = end
    return found


def parent_key(key):
    # type: (str) -> Optional[str]
    """The key of what is above; None for the root of all."""
    if not key:
        return None
    return key[_FIRST.match(key).end() + 1:]


def is_below(key, base):
    # type: (str, str) -> bool
    """True if the entry of *key* is that of *base*, or below it."""
    if key == base or not base:
        return True
    if not key.endswith(u',' + base):
        return False
    # A comma that is escaped is part of a value: an odd number of backslashes stands before it.
    head = key[:-len(base) - 1]
    return (len(head) - len(head.rstrip(u'\\'))) % 2 == 0
