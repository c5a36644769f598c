# Copyright the carryall authors.  See LICENSE.
"""The tree inside a tap: plain values and registered objects as bytes,
the same bytes on every runtime.

Wire:     one value; each begins with a tag.
              N T F         None, True, False
              i SIZE bytes  integer: two's complement, big-endian, as short as it can be
              d 8 bytes     float: IEEE 754 binary64, big-endian; every NaN is 7ff8000000000000
              b SIZE bytes  bytes
              u SIZE bytes  text as UTF-8, without surrogates
              t COUNT values        tuple
              l COUNT values        list                                  (numbered)
              m COUNT keys, values  dict, by ascending bytes of the keys  (numbered)
              s COUNT members       set, by ascending bytes               (numbered)
              o NAME VERSION COUNT (FIELD value)*   object, fields by ascending name (numbered)
              r NUMBER      the numbered thing that began as the NUMBERth, from 0
          SIZE, COUNT, NUMBER, VERSION are unsigned LEB128 as short as they can be;
          NAME and FIELD are SIZE and ASCII.
Sharing:  what can change (list, dict, set, object) is written once and referred to afterwards, so
          shared parts and cycles come back as they were.  What cannot change is written wherever it
          stands: whether two equal tuples or texts are the same object differs between the
                  runtimes, and must not show.
Keys:     of dicts, and members of sets: None, bool, int, float but no NaN, bytes, text, tuples of
          these.  Keys that a runtime takes for equal (b'a' and u'a' on 2.x) cannot stand in one
          dict.
Reading:  nothing is executed, and nothing but the one canonical form is taken:
          `encode(decode(data)) == data`.  An object is made with `__new__` of the class that was
          registered for its name, and its fields are set.

On 2.x a `str` is bytes and text is `unicode`; names of fields are text everywhere.

Tests:    tests/app/test_tapcodec.py (golden vectors both ways)
"""
from __future__ import absolute_import, division, print_function

import struct

from carryall.core.compat import byte2int, native, text_type
from carryall.core.logs import get_logger
from carryall.core.patterns import Pattern
from carryall.app.tapscalars import (
    MAX_INTEGER, NAN, TapError, alike, format_number, format_scalar, parse_integer, parse_text)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple

__all__ = ['TapClass', 'TapClasses', 'TapError', 'decode', 'encode']

# -- limits ------------------------------------------------------------------
MAX_BYTES = 64 << 20        # of one tree
MAX_DEPTH = 100  # containers within containers: two frames each, and Jython's stack has about 1,300
MAX_VALUES = 1000000        # in one tree
# Of one dict or set: on Jython the hash of a string is predictable, so colliding keys are too.
MAX_ENTRIES = 10000
MAX_NAME = 100              # characters of a class or field name
MAX_NUMBER = 2 ** 32 - 1    # of SIZE, COUNT, NUMBER, VERSION

_NAME = Pattern(b'[A-Za-z_][A-Za-z0-9_.-]*\\Z')

log = get_logger('tap')


class TapClass(object):
    """The form of the objects of one class in a tap.

    Args:     name:     in the tap; it outlives renamed modules.
              cls:      a class whose objects are made by `cls.__new__(cls)`.
              fields:   names of the attributes that are kept; all of them, always.
              version:  of the fields; raise it when their names or meanings change.
              upgrades: old version to a function that turns its fields (a dict by name) into those
                        of the next one.
    """

    def __init__(self,
                 name,              # type: str
                 cls,               # type: type
                 fields,            # type: Iterable[str]
                 version=1,         # type: int
                 upgrades=None      # type: Optional[Dict[int, Callable[[Any], Dict[str, Any]]]]
                 ):
        # type: (...) -> None
        self.name = name.encode('ascii') if isinstance(name, text_type) else name
        self.cls = cls              # type: Any
        self.fields = sorted(native(field) for field in fields)
        self.version = version
        self.upgrades = dict(upgrades or {})
        for word in [self.name] + [field.encode('ascii') for field in self.fields]:
            if not _NAME.match(word) or len(word) > MAX_NAME:
                raise ValueError('not a name: %r' % (word,))

    def current(self, state, version):
        # type: (Dict[str, Any], int) -> Dict[str, Any]
        """The fields of `version`, upgraded to those of today."""
        name = native(self.name)
        if version > self.version:
            raise TapError(u'the tap comes from a newer carryall: it holds version %d of "%s", and '
                           u'this one knows version %d'
                           % (version, name, self.version))
        first = version
        while version < self.version:
            if version not in self.upgrades:
                raise TapError(u'version %d of "%s" is too old to be upgraded' % (first, name))
            state = self.upgrades[version](state)
            version += 1
        if first != version:
            log.info('upgraded "%s" from version %d to version %d', name, first, version)
        if sorted(state) != self.fields:
            raise TapError(u'"%s" should hold %s, and holds %s'
                           % (name, u', '.join(self.fields), u', '.join(sorted(state))
                              or u'nothing'))
        return state


class TapClasses(object):
    """The registered classes; a tap holds objects of no others."""

    def __init__(self, rows=()):
        # type: (Iterable[TapClass]) -> None
        self._by_name = {}      # type: Dict[bytes, TapClass]
        self._by_class = {}     # type: Dict[type, TapClass]
        for row in rows:
            self._by_name[row.name] = row
            self._by_class[row.cls] = row

    def of(self, cls):
        # type: (type) -> Optional[TapClass]
        """The row of a class, None if it is not registered."""
        return self._by_class.get(cls)

    def named(self, name):
        # type: (bytes) -> TapClass
        """The row of a name; TapError if it is unknown."""
        row = self._by_name.get(name)
        if row is None:
            raise TapError(u'the tap holds a "%s", which this carryall does not know' % native(
                name))
        return row


def encode(value, classes=TapClasses()):
    # type: (Any, TapClasses) -> bytes
    """The canonical bytes of a value; TapError if it holds what a tap cannot."""
    writer = _Writer(classes)
    writer.value(value, 0)
    data = b''.join(writer.parts)
    if len(data) > MAX_BYTES:
        raise TapError(u'a tap holds at most %d bytes' % MAX_BYTES)
    return data


def decode(data, classes=TapClasses()):
    # type: (bytes, TapClasses) -> Any
    """The value that these bytes are; TapError unless they are one whole value in canonical
    form."""
    if len(data) > MAX_BYTES:
        raise TapError(u'a tap holds at most %d bytes' % MAX_BYTES)
    reader = _Reader(data, classes)
    value = reader.value(0)
    if reader.offset != len(data):
        raise TapError(u'the tap is damaged: %d bytes too many at its end'
                       % (len(data) - reader.offset))
    reader.fill_objects()
    return value


# -- writing -----------------------------------------------------------------

class _Writer(object):
    """One encoding under way: the parts written,
    and the numbers of the things that may be referred to."""

    def __init__(self, classes):
        # type: (TapClasses) -> None
        self.parts = []         # type: List[bytes]
        self._classes = classes
        self._numbers = {}      # type: Dict[int, int]
        # An id() is unique only as long as its object lives.
        self._kept = []  # type: List[Any]
        self._values = 0

    def value(self, value, depth):
        # type: (Any, int) -> None
        """Writes any value."""
        self._values += 1
        if self._values > MAX_VALUES:
            raise TapError(u'a tap holds at most %d values' % MAX_VALUES)
        if depth > MAX_DEPTH:
            raise TapError(u'a tap is at most %d levels deep' % MAX_DEPTH)
        cls = type(value)
        if cls is list or cls is dict or cls is set or self._classes.of(cls) is not None:
            self._numbered(value, cls, depth)
        elif cls is tuple:
            self.parts.append(b't' + format_number(len(value)))
            for item in value:
                self.value(item, depth + 1)
        else:
            self.parts.append(format_scalar(value, cls))

    def _numbered(self, value, cls, depth):
        # type: (Any, type, int) -> None
        number = self._numbers.get(id(value))
        if number is not None:
            self.parts.append(b'r' + format_number(number))
            return
        self._numbers[id(value)] = len(self._kept)
        self._kept.append(value)
        if cls is list:
            self.parts.append(b'l' + format_number(len(value)))
            for item in value:
                self.value(item, depth + 1)
        elif cls is dict:
            rows = self._keys(value, depth)
            self.parts.append(b'm' + format_number(len(rows)))
            for data, key in rows:
                self.parts.append(data)
                self.value(value[key], depth + 1)
        elif cls is set:
            rows = self._keys(value, depth)
            self.parts.append(b's' + format_number(len(rows)))
            self.parts.extend(data for data, _ in rows)
        else:
            self._object(value, cls, depth)

    def _object(self, value, cls, depth):
        # type: (Any, type, int) -> None
        row = self._classes.of(cls)
        assert row is not None
        self.parts += [b'o', format_number(len(row.name)), row.name, format_number(row.version),
                       format_number(len(row.fields))]
        for field in row.fields:
            name = field.encode('ascii')
            self.parts += [format_number(len(name)), name]
            self.value(getattr(value, field), depth + 1)

    def _keys(self, keys, depth):
        # type: (Iterable[Any], int) -> List[Tuple[bytes, Any]]
        """(bytes, key) in the canonical order."""
        rows = []       # type: List[Tuple[bytes, Any]]
        for key in keys:
            rows.append((_plain(key, depth + 1), key))
            self._values += 1
        if len(rows) > MAX_ENTRIES:
            raise TapError(u'a dict or set in a tap has at most %d entries' % MAX_ENTRIES)
        if len(set(alike(key) for _, key in rows)) != len(rows):
            raise TapError(u'a dict or set holds keys that Python 2 takes for equal, such as b"a" '
                           u'and u"a"')
        rows.sort(key=_first)
        return rows


def _first(row):
    # type: (Tuple[bytes, Any]) -> bytes
    return row[0]


def _plain(key, depth):
    # type: (Any, int) -> bytes
    """The bytes of a key, which holds nothing that can change."""
    if depth > MAX_DEPTH:
        raise TapError(u'a tap is at most %d levels deep' % MAX_DEPTH)
    if type(key) is tuple:
        return b't' + format_number(len(key)) + b''.join([_plain(part, depth + 1) for part in key])
    if key != key:
        raise TapError(u'a NaN cannot be a key in a tap')
    return format_scalar(key, type(key))


# -- reading -----------------------------------------------------------------

class _Reader(object):
    """One decoding under way."""

    def __init__(self, data, classes):
        # type: (bytes, TapClasses) -> None
        self.offset = 0
        self._data = data
        self._classes = classes
        self._numbered = []     # type: List[Any]
        self._objects = []      # type: List[Tuple[Any, TapClass, Dict[str, Any], int]]
        self._values = 0

    def value(self, depth):
        # type: (int) -> Any
        """Reads any value."""
        self._count(depth)
        tag = self._take(1)
        if tag == b'l':
            items = self._number(list())
            for _ in range(self._size()):
                items.append(self.value(depth + 1))
            return items
        if tag == b't':
            return tuple([self.value(depth + 1) for _ in range(self._size())])
        if tag == b'm':
            return self._dict(depth)
        if tag == b's':
            members = self._number(set())
            members.update(self._keys(depth))
            return members
        if tag == b'o':
            return self._object(depth)
        if tag == b'r':
            number = self._small()
            if number >= len(self._numbered):
                raise TapError(u'the tap is damaged: it refers to an unknown number')
            return self._numbered[number]
        return self._scalar(tag)

    def fill_objects(self):
        # type: () -> None
        """Upgrades and sets the fields of all objects, when every part of the tree is there."""
        for value, row, state, version in self._objects:
            for field, part in row.current(state, version).items():
                setattr(value, field, part)

    def _number(self, value):
        # type: (Any) -> Any
        self._numbered.append(value)
        return value

    def _count(self, depth):
        # type: (int) -> None
        self._values += 1
        if self._values > MAX_VALUES:
            raise TapError(u'the tap holds more than %d values' % MAX_VALUES)
        if depth > MAX_DEPTH:
            raise TapError(u'the tap is more than %d levels deep' % MAX_DEPTH)

    def _dict(self, depth):
        # type: (int) -> Dict[Any, Any]
        result = self._number(dict())
        for key in self._keys(depth):
            result[key] = self.value(depth + 1)
        return result

    def _keys(self, depth):
        # type: (int) -> Iterable[Any]
        """The keys one by one, checked; after each the caller reads its value."""
        count = self._size()
        if count > MAX_ENTRIES:
            raise TapError(u'a dict or set in the tap has more than %d entries' % MAX_ENTRIES)
        seen = set()
        before = b''
        for _ in range(count):
            start = self.offset
            key = self._plain(depth + 1)
            data = self._data[start:self.offset]
            common = alike(key)
            if data <= before or common in seen:
                raise TapError(u'the tap is damaged: the keys of a dict or set are not in order')
            seen.add(common)
            before = data
            yield key

    def _plain(self, depth):
        # type: (int) -> Any
        """Reads a key."""
        self._count(depth)
        tag = self._take(1)
        if tag == b't':
            return tuple([self._plain(depth + 1) for _ in range(self._size())])
        key = self._scalar(tag)
        if key != key:
            raise TapError(u'the tap is damaged: a NaN is a key')
        return key

    def _object(self, depth):
        # type: (int) -> Any
        row = self._classes.named(self._name())
        version = self._small()
        if not version:
            raise TapError(u'the tap is damaged: versions begin with 1')
        value = self._number(row.cls.__new__(row.cls))
        state = {}              # type: Dict[str, Any]
        self._objects.append((value, row, state, version))
        before = b''
        for _ in range(self._size()):
            name = self._name()
            if name <= before:
                raise TapError(u'the tap is damaged: the fields of an object are not in order')
            before = name
            state[native(name)] = self.value(depth + 1)
        return value

    def _name(self):
        # type: () -> bytes
        size = self._small()
        name = self._take(size) if size <= MAX_NAME else b''
        if not _NAME.match(name):
            raise TapError(u'the tap is damaged: a name is wrong')
        return name

    def _scalar(self, tag):
        # type: (bytes) -> Any
        if tag == b'N':
            return None
        if tag == b'T' or tag == b'F':
            return tag == b'T'
        if tag == b'd':
            data = self._take(8)
            number = struct.unpack('>d', data)[0]
            if number != number and data != NAN:
                raise TapError(u'the tap is damaged: a NaN is not the canonical one')
            return number
        if tag == b'i':
            size = self._small()
            if size > MAX_INTEGER:
                raise TapError(u'an integer in the tap has more than %d bytes' % MAX_INTEGER)
            return parse_integer(self._take(size))
        if tag == b'b':
            return self._take(self._small())
        if tag == b'u':
            return parse_text(self._take(self._small()))
        raise TapError(u'the tap is damaged: it holds a value of no known kind')

    def _take(self, size):
        # type: (int) -> bytes
        start, self.offset = self.offset, self.offset + size
        if self.offset > len(self._data):
            raise TapError(u'the tap is damaged: it ends too early')
        return self._data[start:self.offset]

    def _size(self):
        # type: () -> int
        """A COUNT; each item takes at least a byte, so it is at most the number of bytes left."""
        count = self._small()
        if count > len(self._data) - self.offset:
            raise TapError(u'the tap is damaged: it ends too early')
        return count

    def _small(self):
        # type: () -> int
        number = 0
        shift = 0
        while True:
            octet = byte2int(self._take(1))
            number |= (octet & 127) << shift
            if octet < 128:
                break
            shift += 7
            if shift > 28:
                raise TapError(u'the tap is damaged: a number is too large')
        if shift and octet == 0 or number > MAX_NUMBER:
            raise TapError(u'the tap is damaged: a number is longer than it needs to be')
        # py2: a shifted number may be a long, which range() of Jython does not like
        return int(number)
