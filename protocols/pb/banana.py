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
Limits:   a string or list that is too long is refused when its prefix has come, before anything of
          it is kept; depth, and all elements and octets of one message together, are bounded too.
          Any error is final: after it nothing can be told from anything else.  Elements take up to
          96 times the memory of their octets, so what a part of a message holds is counted as
          memory, in an account that the decoder is given.
Not here: what the lists mean (jelly.py), the choice of the dialect (broker.py).
Tests:    tests/protocols/pb/test_banana.py
"""
from __future__ import absolute_import, division, print_function

import struct

from carryall.core.codec.buffer import Pieces
from carryall.core.compat import int2byte, int_types
from carryall.core.errors import LocalProtocolError, RemoteProtocolError
from carryall.protocols.pb.limits import SIZE_LIMIT, Limits

__all__ = ['CARRYALL', 'Decoder', 'Dialect', 'MORE', 'NONE', 'NOTHING', 'PB', 'WORDS', 'decode',
           'encode', 'encode_int', 'encode_prefix']

# -- types -------------------------------------------------------------------
LIST, INT, STRING, NEG, FLOAT, LONGINT, LONGNEG, VOCAB = range(0x80, 0x88)

# -- limits ------------------------------------------------------------------
MAX_INT = 2 ** 31 - 1       # above it a number is a LONGINT; Twisted's banana.py, all versions
MAX_LONG = 2 ** (64 * 7) - 1    # the largest whose prefix a peer reads
# Of memory for one element beside its octets: the most of a list or string on any runtime.
ELEMENT_BYTES = 96
SCAN_BYTES = 1024           # octets that one step looks at; then it is counted what they hold
FEW = 256                   # numbers, lengths and counts whose octets are kept ready

# The words that "pb" writes as their number, 1 for the first.  Any string equal to one is written
# so, whatever it means.
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
    """*number* (0 or more) as a prefix."""
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
    """An integer; LocalProtocolError if no peer could read its prefix."""
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
    """What stands before *count* elements; LocalProtocolError if that is too many."""
    if count < FEW:
        return LIST_HEADS[count]
    if count > SIZE_LIMIT:
        raise LocalProtocolError('a list of %d elements cannot be sent: %d is the most'
                                 % (count, SIZE_LIMIT))
    return _octets_of(count) + T_LIST


def encode_float(number):
    # type: (float) -> bytes
    """A float."""
    return T_FLOAT + _DOUBLE.pack(number)


class Dialect(object):
    """What two peers agree to speak.

    Attributes:
        name: as it stands on the wire.
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
        """A byte string, as a token where there is one;
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
CARRYALL = Dialect(b'carryall', WORDS)      # as PB, and the peer has what ours has beyond Twisted's


def encode(value, dialect=NONE, depth=Limits().depth):
    # type: (Any, Dialect, int) -> bytes
    """The octets of a byte string, a number, or a list (or tuple) of these.

    Raises:   LocalProtocolError: something that banana has no form for,
              or that is beyond what peers take.
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
            raise LocalProtocolError('lists within lists within lists: too deep to be sent')
        out.append(list_head(len(value)))
        for one in value:
            _encode_into(out, one, dialect, depth - 1)
    else:
        raise LocalProtocolError('banana has no form for %s' % type(value).__name__)


class _Nothing(object):
    """No element is complete."""

    __slots__ = ('_name',)

    def __init__(self, name):
        # type: (str) -> None
        self._name = name

    def __repr__(self):
        return self._name


NOTHING = _Nothing('NOTHING')
MORE = _Nothing('MORE')     # and there are octets that were not looked at


class Decoder(object):
    """Octets in, cut anywhere; elements out: bytes, int, float, or lists of elements.

    Attributes:
        words: the vocabulary that tokens are looked up in; () before a dialect with one is chosen.
        limits: ``Limits``.
        account: ``core.allowance.Account`` in which a part of a message is counted; None for none.
        received: octets that came so far.
        messages: elements that were complete so far.
        weight: octets of memory that the last complete element takes, about.
    """

    __slots__ = ('words', 'limits', 'account', 'received', 'messages', 'weight', '_data', '_octets',
                 '_at', '_rest', '_rest_at', '_stack',
                 '_items', '_left', '_nodes', '_size', '_pieces', '_missing', '_held')

    def __init__(self, limits=None, words=(), account=None):
        # type: (Optional[Limits], Sequence[bytes], Any) -> None
        self.words = words
        self.limits = limits if limits is not None else Limits()
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
        """*data* has come."""
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
        """The octets that are looked at next."""
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
            # Pieces of a long string are only gathered: joined with what is there each time, they
            # would cost its square.
            if len(data) < self._missing:
                self._pieces.append(data)
                self._missing -= len(data)
                return
            self._pieces.append(data[:self._missing])
            data = data[self._missing:]
            self._missing = 0
        # What is left from before is the start of one prefix or float,
        # or elements that nobody has asked for yet.
        self._size += self._at
        self._data = self._data[self._at:] + data if self._at < len(self._data) else data
        self._octets = bytearray(self._data)
        self._at = 0

    @property
    def partial(self):
        # type: () -> bool
        """Whether an element has begun and not ended, once ``next_element`` has said NOTHING."""
        return self._items is not None or self._pieces is not None or self._at < len(self._data) \
            or bool(self._rest)

    def close(self):
        # type: () -> None
        """Drop what has come and is not complete: there will be no more."""
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
        """The next element, complete; NOTHING while it is not.

        Raises:   RemoteProtocolError: it breaks the grammar or a limit.  Nothing can be understood
                  after that.
        """
        value = self.step()
        while value is MORE:
            value = self.step()
        return value

    def step(self):
        # type: () -> Any
        """The next element, NOTHING, or MORE while octets that have come were not looked at; raises
        as ``next_element``."""
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
        """Count what the part of a message that has come holds."""
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
        """A message is complete, and ends before *at*."""
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
        """The open list is full: put it into the one around it, and so on;
        the outermost if that is full too."""
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
        """More has to come before the element that begins at *at*;
        the open list wants *left* elements."""
        self._left = left
        self._size += at
        if self._size > self.limits.message_bytes:
            raise RemoteProtocolError(
                'a message of more than %d octets' % self.limits.message_bytes)
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
        longest = 7 * self.limits.prefix_bytes
        value = None                # type: Any
        while at < end:
            begin = at
            number = 0
            octet = octets[at]
            at += 1
            if octet < 0x80:        # without a prefix it is zero, to every reader there ever was
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
                            'a prefix of more than %d octets' % self.limits.prefix_bytes)
                else:
                    return self._suspend(begin, left)
            if octet == STRING:
                stop = at + number
                if stop > end or number > self.limits.string_bytes:
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
        raise RemoteProtocolError('there is no type 0x%02x' % octet)

    def _begin_string(self, number, at, left):
        # type: (int, int, int) -> Any
        """The string of *number* octets that begins at *at* is not all there, or should not be."""
        limits = self.limits
        if number > limits.string_bytes:
            raise RemoteProtocolError('a string of more than %d octets' % limits.string_bytes)
        self._size += at + number
        if self._size > limits.message_bytes:
            raise RemoteProtocolError('a message of more than %d octets' % limits.message_bytes)
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
        """A list of *number* elements begins, within one that wants *left* more."""
        limits = self.limits
        self._nodes += number
        if number > limits.list_items or self._nodes > limits.message_items:
            raise RemoteProtocolError('a list of %d elements, or a message of %d'
                                      % (number, self._nodes))
        if self._items is not None:
            if len(self._stack) + 2 > limits.depth:
                raise RemoteProtocolError('more than %d lists within each other' % limits.depth)
            self._stack.append((self._items, left))
        self._items = []
        return self._items


def decode(data, words=(), limits=None):
    # type: (bytes, Sequence[bytes], Optional[Limits]) -> Any
    """The one element in *data*; RemoteProtocolError if it is none, not complete,
    or something follows."""
    decoder = Decoder(limits, words)
    decoder.receive_data(data)
    value = decoder.next_element()
    if value is NOTHING or decoder._rest or decoder._at < len(decoder._data):
        raise RemoteProtocolError('not one complete element')
    return value


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Sequence, Tuple
