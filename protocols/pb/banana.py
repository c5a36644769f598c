# Copyright the carryall authors.  See LICENSE.
"""Banana: lists, byte strings and numbers as octets; the lowest layer of Perspective Broker.

Wire:     element = prefix, type byte, payload.  The prefix is a number, base 128, the least
          significant seven bits first; its octets are below 0x80 and type bytes are not, so an
          element ends where it says.
              80 list of n elements, which follow     84 float, 8 octets big-endian (IEEE 754),
                                                      no prefix
              81 n                                    85 n, and 86 -n:
                                                      outside of -2**31 to 2**31 - 1
              82 string of n octets                   87 word n of the vocabulary,
                                                      in the dialect "pb" alone
              83 -n
Limits:   a string or list that is too long is refused as soon as its prefix has arrived, before any
          of it is kept.  The depth, the elements and the octets of one message are bounded too.
          Any error is final: the boundaries of later elements are unknown.
          Elements take up to 96 times the memory of their octets.  So a partial message is counted
          by the memory that it holds, in the account given to the decoder.
Not here: what the lists mean (jelly.py), the choice of the dialect (broker.py).
Tests:    tests/protocols/pb/test_banana.py
"""
from __future__ import absolute_import, division, print_function

import struct

from carryall.core.codec.buffer import Pieces
from carryall.core.compat import int2byte, int_types
from carryall.core.errors import LocalProtocolError, RemoteProtocolError
from carryall.protocols.pb.settings import SIZE_LIMIT, Settings

__all__ = ['CARRYALL', 'Decoder', 'Dialect', 'MORE', 'NONE', 'NOTHING', 'PB', 'WORDS', 'decode',
           'encode', 'encode_int', 'encode_prefix']

# -- types -------------------------------------------------------------------
LIST, INT, STRING, NEG, FLOAT, LONGINT, LONGNEG, VOCAB = range(0x80, 0x88)

# -- limits ------------------------------------------------------------------
MAX_INT = 2 ** 31 - 1       # above it a number is a LONGINT; Twisted's banana.py, all versions
MAX_LONG = 2 ** (64 * 7) - 1    # the largest number whose prefix peers accept
# Octets of memory for one element in addition to its payload: the largest value of any runtime.
ELEMENT_BYTES = 96
SCAN_BYTES = 1024           # octets that one step parses before it counts the memory they hold
FEW = 256                   # numbers, lengths and counts that are encoded in advance

# The vocabulary of the dialect "pb": each word is written as its number, 1 for the first.  Any
# string equal to a word is written so, whatever it means.
WORDS = (b'None class dereference reference dictionary function instance list module persistent '
         b'tuple unpersistable '
         b'copy cache cached remote local lcache version login password challenge logged_in '
         b'not_logged_in '
         b'cachemessage message answer error decref decache uncache').split(b' ')
LONGEST_WORD = max(len(word) for word in WORDS)

_DOUBLE = struct.Struct('!d')


def _octets_of(number):
    # type: (int) -> bytes
    octets = []
    while number > 0x7f:
        octets.append(int2byte(number & 0x7f))
        number >>= 7
    octets.append(int2byte(number))
    return b''.join(octets)


_OCTETS = [_octets_of(number) for number in range(FEW)]


def encode_prefix(number):
    # type: (int) -> bytes
    """The prefix for *number*, which is 0 or more."""
    return _OCTETS[number] if number < FEW else _octets_of(number)


_T_INT = b'\x81'
_T_NEG = b'\x83'
_T_LONGINT = b'\x85'
_T_LONGNEG = b'\x86'
T_LIST = b'\x80'
T_STRING = b'\x82'
T_FLOAT = b'\x84'
T_VOCAB = b'\x87'
INTS = [octets + _T_INT for octets in _OCTETS]
LIST_HEADS = [octets + T_LIST for octets in _OCTETS]
STRING_HEADS = [octets + T_STRING for octets in _OCTETS]


def encode_int(number):
    # type: (int) -> bytes
    """Encodes an integer; LocalProtocolError if no peer could read its prefix."""
    if 0 <= number < FEW:
        return INTS[number]
    size = number if number >= 0 else -number
    if size > MAX_LONG:
        raise LocalProtocolError('an integer of more than 448 bits cannot be sent')
    if -MAX_INT - 1 <= number <= MAX_INT:
        return _octets_of(size) + (_T_INT if number >= 0 else _T_NEG)
    return _octets_of(size) + (_T_LONGINT if number > 0 else _T_LONGNEG)


def list_head(count):
    # type: (int) -> bytes
    """The head of a list of *count* elements; LocalProtocolError if that is too many."""
    if count < FEW:
        return LIST_HEADS[count]
    if count > SIZE_LIMIT:
        raise LocalProtocolError('a list of %d elements cannot be sent: %d is the most'
                                 % (count, SIZE_LIMIT))
    return _octets_of(count) + T_LIST


def encode_float(number):
    # type: (float) -> bytes
    """Encodes a float."""
    return T_FLOAT + _DOUBLE.pack(number)


class Dialect(object):
    """A dialect of banana: its name and its vocabulary.

    Attributes:
        name: as sent on the wire.
        words: string -> the octets of its vocabulary token; empty if the dialect has none.
    """

    __slots__ = ('name', 'words')

    def __init__(self, name, words=()):
        # type: (bytes, Sequence[bytes]) -> None
        self.name = name
        self.words = dict((word, encode_prefix(number + 1) + T_VOCAB)
                          for number, word in enumerate(words))

    def string(self, data):
        # type: (bytes) -> bytes
        """Encodes a byte string, as a vocabulary token if it has one;
        LocalProtocolError if it is too long for any peer."""
        size = len(data)
        if size <= LONGEST_WORD and data in self.words:
            return self.words[data]
        if size < FEW:
            return STRING_HEADS[size] + data
        if size > SIZE_LIMIT:
            raise LocalProtocolError('a string of %d octets cannot be sent: %d is the most, page it'
                                     % (size, SIZE_LIMIT))
        return _octets_of(size) + T_STRING + data


NONE = Dialect(b'none')
PB = Dialect(b'pb', WORDS)
CARRYALL = Dialect(b'carryall', WORDS)      # as PB; the peer has carryall's extensions too


def encode(value, dialect=NONE, depth=Settings().depth):
    # type: (Any, Dialect, int) -> bytes
    """Encodes a byte string, a number, or a list (or tuple) of these.

    Raises:   LocalProtocolError: banana has no form for the value, or peers would refuse it.
    """
    out = []                    # type: List[bytes]
    _encode_into(out, value, dialect, depth)
    return b''.join(out)


def _encode_into(out, value, dialect, depth):
    # type: (List[bytes], Any, Dialect, int) -> None
    if isinstance(value, bytes):
        out.append(dialect.string(value))
    elif isinstance(value, int_types):
        out.append(encode_int(value))
    elif isinstance(value, float):
        out.append(encode_float(value))
    elif isinstance(value, (list, tuple)):
        if not depth:
            raise LocalProtocolError('lists are nested too deep to be sent')
        out.append(list_head(len(value)))
        for one in value:
            _encode_into(out, one, dialect, depth - 1)
    else:
        raise LocalProtocolError('banana has no form for %s' % type(value).__name__)


class _Nothing(object):
    """A marker of the decoder: no element is complete."""

    __slots__ = ('_name',)

    def __init__(self, name):
        # type: (str) -> None
        self._name = name

    def __repr__(self):
        return self._name


NOTHING = _Nothing('NOTHING')
MORE = _Nothing('MORE')     # some octets were not parsed yet


class Decoder(object):
    """Parses a stream of octets into elements: bytes, int, float, or lists of elements.

    Attributes:
        words: the vocabulary of tokens; () until a dialect that has one is chosen.
        settings: Settings.
        account: ``core.allowance.Account`` that counts a partial message; None for none.
        received: octets received so far.
        messages: elements completed so far.
        weight: approximate memory of the last complete element, in octets.
    """

    __slots__ = ('words', 'settings', 'account', 'received', 'messages', 'weight', '_data',
                 '_octets', '_at', '_rest', '_rest_at', '_stack', '_items', '_left', '_nodes',
                 '_size', '_pieces', '_missing', '_held')

    def __init__(self, settings=None, words=(), account=None):
        # type: (Optional[Settings], Sequence[bytes], Any) -> None
        self.words = words
        self.settings = settings if settings is not None else Settings()
        self.account = account
        self.received = 0
        self.messages = 0
        self.weight = 0
        self._held = 0              # octets of the account that are this message's
        # What has come, and waits until the octets before it were looked at, from _rest_at on.
        self._rest = b''
        self._rest_at = 0
        self._data = b''            # what has come and was not looked at, from _at on
        # The same, for its values: an index of bytes gives an int on 3 alone.
        self._octets = bytearray()
        self._at = 0
        # The lists around the one that is open.
        self._stack = []  # type: List[Tuple[List[Any], int]]
        self._items = None          # type: Any     # the one that is open
        self._left = 0              # elements that it still wants
        self._nodes = 0             # elements announced by the lists of this message
        self._size = 0              # octets of this message that were looked at
        self._pieces = None         # type: Optional[Pieces]    # of a string whose end has not come
        self._missing = 0           # octets of it that have not

    def receive_data(self, data):
        # type: (bytes) -> None
        """Accepts octets of the stream; they may end anywhere."""
        self.received += len(data)
        if self._rest:
            self._rest = self._rest[self._rest_at:] + data
            self._rest_at = 0
        elif len(data) > SCAN_BYTES and len(data) > self._missing:
            self._rest = data
            self._rest_at = 0
            self._look_at(self._next_piece())
        else:
            self._look_at(data)

    def _next_piece(self):
        # type: () -> bytes
        """The octets that are parsed next."""
        begin = self._rest_at
        end = begin + max(SCAN_BYTES, self._missing)
        piece = self._rest[begin:end]
        if end >= len(self._rest):
            self._rest = b''
        self._rest_at = end
        return piece

    def _look_at(self, data):
        # type: (bytes) -> None
        if self._pieces is not None:
            # Pieces of a long string are only collected: joining each with the former ones would
            # take time in the square of its length.
            if len(data) < self._missing:
                self._pieces.append(data)
                self._missing -= len(data)
                return
            self._pieces.append(data[:self._missing])
            data = data[self._missing:]
            self._missing = 0
        # The rest of the former octets is the start of one prefix or float, or elements that were
        # not asked for yet.
        self._size += self._at
        self._data = self._data[self._at:] + data if self._at < len(self._data) else data
        self._octets = bytearray(self._data)
        self._at = 0

    @property
    def partial(self):
        # type: () -> bool
        """True if an element is incomplete, after ``next_element`` has returned NOTHING."""
        return self._items is not None or self._pieces is not None or self._at < len(self._data) \
            or bool(self._rest)

    def close(self):
        # type: () -> None
        """Drops an incomplete element: no more octets will come."""
        self._data = b''
        self._rest = b''
        self._octets = bytearray()
        self._at = 0
        self._missing = 0
        self._left = 0
        self._nodes = 0
        self._size = 0
        self._items = None
        self._pieces = None
        self._stack = []
        self._count(0)

    def next_element(self):
        # type: () -> Any
        """The next complete element, or NOTHING.

        Raises:   RemoteProtocolError: it breaks the grammar or a limit.  The stream cannot be
                  parsed any further.
        """
        value = self.step()
        while value is MORE:
            value = self.step()
        return value

    def step(self):
        # type: () -> Any
        """The next element, NOTHING, or MORE while received octets were not parsed; raises as
        ``next_element``."""
        value = self._next()
        if value is NOTHING:
            if self.account is not None and (self._items is not None or self._pieces is not None):
                self._count_part()
            if self._rest:
                self._look_at(self._next_piece())
                return MORE
        return value

    def _count_part(self):
        # type: () -> None
        """Counts the memory of the partial message."""
        wanted = self._left + sum(left - 1 for _, left in self._stack) \
            if self._items is not None else 0
        received = self._size + len(self._data)
        if self._pieces is not None:
            received -= self._missing
        self._count((self._nodes - wanted) * ELEMENT_BYTES + received)

    def _count(self, held):
        # type: (int) -> None
        account = self.account
        before = self._held
        if account is None:
            return
        if held < before:
            account.give(before - held)
        elif not account.take(held - before):
            raise RemoteProtocolError('no room for a part of a message that takes %d octets' % held)
        self._held = held

    def _next(self):
        # type: () -> Any
        if self._pieces is None:
            return self._scan()
        if self._missing:
            return NOTHING
        value, self._pieces = self._pieces.joined(), None
        if self._items is None:
            return self._complete(value, self._at)
        self._items.append(value)
        self._left -= 1
        if not self._left:
            value = self._close_lists()
            if value is not NOTHING:
                return self._complete(value, self._at)
        return self._scan()

    def _complete(self, value, at):
        # type: (Any, int) -> Any
        """Account for a complete message, which ends before *at*."""
        self.messages += 1
        self.weight = self._nodes * ELEMENT_BYTES + self._size + at
        if self._held:
            self._count(0)
        self._items = None
        self._at = at
        self._nodes = 0
        # So that the octets counted from here on are those of the next message alone.
        self._size = -at
        return value

    def _close_lists(self):
        # type: () -> Any
        """Puts the open list, which is full, into the list around it, and so on; the outermost list
        if that is full too."""
        items = self._items
        stack = self._stack
        while stack:
            around, left = stack.pop()
            around.append(items)
            items = around
            if left > 1:
                self._items = items
                self._left = left - 1
                return NOTHING
        return items

    def _suspend(self, at, left):
        # type: (int, int) -> Any
        """Waits for more octets of the element that begins at *at*; the open list lacks *left*
        elements."""
        self._left = left
        self._size += at
        if self._size > self.settings.message_bytes:
            raise RemoteProtocolError(
                'a message of more than %d octets' % self.settings.message_bytes)
        self._data = self._data[at:]
        self._octets = bytearray()
        self._at = 0
        return NOTHING

    def _scan(self):
        # type: () -> Any
        octets = self._octets
        data = self._data
        at = self._at
        end = len(self._octets)
        items = self._items
        left = self._left
        longest = 7 * self.settings.prefix_bytes
        value = None                # type: Any
        while at < end:
            begin = at
            number = 0
            octet = octets[at]
            at += 1
            if octet < 0x80:        # an empty prefix is zero, to all known implementations
                number = octet
                shift = 7
                while at < end:
                    octet = octets[at]
                    at += 1
                    if octet >= 0x80:
                        break
                    number |= octet << shift
                    shift += 7
                    if shift > longest:
                        raise RemoteProtocolError(
                            'a prefix of more than %d octets' % self.settings.prefix_bytes)
                else:
                    return self._suspend(begin, left)
            if octet == STRING:
                stop = at + number
                if stop > end or number > self.settings.string_bytes:
                    return self._begin_string(number, at, left)
                value = data[at:stop]
                at = stop
            elif octet == LIST:
                if number:
                    items = self._open_list(number, left)
                    left = number
                    continue
                value = []
            elif octet == FLOAT:
                if at + 8 > end:
                    return self._suspend(begin, left)
                value = _DOUBLE.unpack(data[at:at + 8])[0]
                at += 8
            else:
                value = number if octet == INT else self._other(octet, number)
            if items is None:
                return self._complete(value, at)
            items.append(value)
            left -= 1
            if not left:
                value = self._close_lists()
                if value is not NOTHING:
                    return self._complete(value, at)
                items = self._items
                left = self._left
        return self._suspend(at, left)

    def _other(self, octet, number):
        # type: (int, int) -> Any
        """The value of an element that has no payload."""
        if octet == VOCAB:
            if not 0 < number <= len(self.words):
                raise RemoteProtocolError('word %d is not in the vocabulary' % number)
            return self.words[number - 1]
        if octet == LONGINT:
            return number
        if octet == NEG or octet == LONGNEG:
            return -number
        raise RemoteProtocolError('unknown type 0x%02x' % octet)

    def _begin_string(self, number, at, left):
        # type: (int, int, int) -> Any
        """Begins a string of *number* octets at *at* that is incomplete or too long."""
        settings = self.settings
        if number > settings.string_bytes:
            raise RemoteProtocolError('a string of more than %d octets' % settings.string_bytes)
        self._size += at + number
        if self._size > settings.message_bytes:
            raise RemoteProtocolError('a message of more than %d octets' % settings.message_bytes)
        here = self._data[at:]
        self._left = left
        self._pieces = Pieces(here)
        self._missing = number - len(here)
        self._data = b''
        self._octets = bytearray()
        self._at = 0
        return NOTHING

    def _open_list(self, number, left):
        # type: (int, int) -> List[Any]
        """Opens a list of *number* elements within one that lacks *left* more."""
        settings = self.settings
        self._nodes += number
        if number > settings.list_items or self._nodes > settings.message_items:
            raise RemoteProtocolError('a list of %d elements, or a message of %d'
                                      % (number, self._nodes))
        if self._items is not None:
            if len(self._stack) + 2 > settings.depth:
                raise RemoteProtocolError('more than %d lists within each other' % settings.depth)
            self._stack.append((self._items, left))
        self._items = []
        return self._items


def decode(data, words=(), settings=None):
    # type: (bytes, Sequence[bytes], Optional[Settings]) -> Any
    """The one element in *data*; RemoteProtocolError if it is invalid or incomplete, or octets
    follow it."""
    decoder = Decoder(settings, words)
    decoder.receive_data(data)
    value = decoder.next_element()
    if value is NOTHING or decoder._rest or decoder._at < len(decoder._data):
        raise RemoteProtocolError('not one complete element')
    return value


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Sequence, Tuple
