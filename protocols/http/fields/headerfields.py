# Copyright the carryall authors.  See LICENSE.
"""Header fields: in order, repeated, looked up without regard to case (RFC 9110 section 5).

``Headers`` holds received fields: it cannot be changed, and is indexed at the first look-up.
``MutableHeaders`` holds fields to send.  It refuses a name or value that would break out of its
line, so that a response cannot be split (RFC 9110 section 5.5).

There is no dict in here, so an attacker gains nothing by names whose hashes collide.  (On Jython
the hash of a string is the same in each process.)  A search through a dozen names is as fast.

Tests:    tests/protocols/http/fields/test_headerfields.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import native, text_type
from carryall.core.errors import LocalProtocolError
from carryall.protocols.http.fields.grammar import OWS, TEXT_OCTETS
from carryall.protocols.http.fields.fieldsyntax import TOKEN

__all__ = ['Headers', 'MutableHeaders']

_FRAMING = frozenset((b'connection', b'content-length', b'date', b'transfer-encoding'))


class Headers(object):
    """The fields of a received message.

    Args:     fields: (name, value) pairs of bytes; a value may have white space around it, which is
                  not part of it.
    """

    __slots__ = ('_fields', '_keys')

    def __init__(self, fields=()):
        # type: (Sequence[Tuple[bytes, bytes]]) -> None
        self._fields = fields
        # the names in lower case, made at the first look-up
        self._keys = None           # type: Optional[List[bytes]]

    def __len__(self):
        return len(self._fields)

    def __iter__(self):
        """(name, value) of each line, in order, the name as sent."""
        if self._keys is None:
            self._index()
        return iter(self._fields)

    def __contains__(self, name):
        return _key(name) in (self._keys or self._index())

    def __eq__(self, other):
        return isinstance(other, Headers) and list(self) == list(other)

    def __ne__(self, other):
        return not self == other

    # equal by content, and content may change in the subclass
    __hash__ = None                 # type: ignore

    def __repr__(self):
        # Values may be secret
        return '<%s of %d fields>' % (type(self).__name__, len(self._fields))

    def get(self, name, default=None):
        # type: (Union[bytes, Text], Any) -> Any
        """The value of *name*; several lines are joined by commas (RFC 9110 section 5.3), of Cookie
        by semicolons.

        A cookie's value may contain a comma, so the lines of Cookie are joined as in RFC 9113
        section 8.2.3.  Set-Cookie cannot be joined at all: use ``get_all``.
        """
        keys = self._keys or self._index()
        key = _key(name)
        if key not in keys:
            return default
        if keys.count(key) == 1:
            return self._fields[keys.index(key)][1]
        return (b'; ' if key == b'cookie' else b', ').join(self.get_all(key))

    def get_all(self, name):
        # type: (Union[bytes, Text]) -> List[bytes]
        """The values of all lines with *name*, in order; an empty list if it is missing."""
        key = _key(name)
        keys = self._keys or self._index()
        return [field[1] for here, field in zip(keys, self._fields) if here == key]

    def _index(self):
        # type: () -> List[bytes]
        self._fields = [(name, value.strip(OWS)) for name, value in self._fields]
        keys = [name.lower() for name, _ in self._fields]
        self._keys = keys
        return keys


class MutableHeaders(Headers):
    """The fields of a message to be sent.

    Names and values are bytes, or text of which each character is one octet (ISO 8859-1).

    Args:     fields: pairs, a mapping, or other Headers.
    Raises:   LocalProtocolError: a name that is not a token, or a value with CR, LF, NUL or another
              control character.
    """

    __slots__ = ()

    def __init__(self, fields=()):
        # type: (Any) -> None
        self._fields = []
        self._keys = []
        for name, value in (fields.items() if hasattr(fields, 'items') else fields):
            self.add(name, value)

    def copy(self):
        # type: () -> MutableHeaders
        """The same fields in an object of its own."""
        made = MutableHeaders.__new__(MutableHeaders)       # type: MutableHeaders
        made._fields = list(self._fields)
        made._keys = list(self._keys)                       # type: ignore
        return made

    def add(self, name, value):
        # type: (Union[bytes, Text], Union[bytes, Text]) -> None
        """Appends one more line."""
        field = _checked(name, value)
        self._fields.append(field)                          # type: ignore
        self._keys.append(field[0].lower())                 # type: ignore

    def set(self, name, value):
        # type: (Union[bytes, Text], Union[bytes, Text]) -> None
        """Replaces all lines with *name* by one with *value*."""
        name, value = _checked(name, value)
        self.remove(name)
        self.add(name, value)

    def remove(self, name):
        # type: (Union[bytes, Text]) -> None
        """Removes all lines with *name*, if any."""
        key = _key(name)
        if key in self._keys:                               # type: ignore
            pairs = zip(self._keys, self._fields)           # type: ignore
            kept = [pair for pair in pairs if pair[0] != key]
            self._keys = [pair[0] for pair in kept]
            self._fields = [pair[1] for pair in kept]

    def concern_framing(self):
        # type: () -> bool
        """True if a field is set that the sender of the message must check, or normally sets."""
        for key in self._keys:                              # type: ignore
            if key in _FRAMING:
                return True
        return False

    def lines(self):
        # type: () -> bytes
        """The field lines for the wire, each with its CRLF."""
        return b''.join([b'%s: %s\r\n' % field for field in self._fields])

    def _index(self):
        # type: () -> List[bytes]
        return self._keys           # type: ignore  # always there; called when it is empty


def _checked(name, value):
    # type: (Union[bytes, Text], Union[bytes, Text]) -> Tuple[bytes, bytes]
    """The (name, value) of a field, checked to be one line.  It is called for each field that is
    sent, so it makes few calls, for speed.
    """
    if type(name) is not bytes:
        name = _octets(name)
    if type(value) is not bytes:
        value = _octets(value)
    if not name or name.translate(None, TOKEN):             # type: ignore
        raise LocalProtocolError('a field name must be a token, not %r' % (name,))
    if value.translate(None, TEXT_OCTETS):                  # type: ignore
        # It may be secret
        raise LocalProtocolError('the value of %s has a control character in it' % native(name))
    return name, value.strip(OWS)                           # type: ignore


def _key(name):
    # type: (Union[bytes, Text]) -> bytes
    return _octets(name).lower()


def _octets(value):
    # type: (Union[bytes, Text]) -> bytes
    if type(value) is bytes:
        return value
    if not isinstance(value, text_type):
        raise TypeError('field names and values are bytes or text, not %s' % type(value).__name__)
    try:
        return value.encode('latin-1')
    except UnicodeEncodeError:
        raise LocalProtocolError(
            'a field can hold characters up to U+00FF only; encode others as RFC 8187 says')


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Sequence, Text, Tuple, Union
