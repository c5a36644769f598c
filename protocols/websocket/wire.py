# Copyright the carryall authors.  See LICENSE.
"""WebSocket frames of either role: bytes to events, and values to bytes (RFC 6455 section 5).

``receive_data(data)`` takes bytes cut anywhere; ``next_event()`` gives one event after the other::

    Piece(kind, data, last)         a part of a message, as soon as it has come:
                                    text for TEXT, bytes for BINARY
    Control(opcode, data)           a PING or a PONG
    Closing(code, reason)           a CLOSE, after which nothing is read;
                                    the code is None if it had none
    AGAIN                           no event so far, but there may be more: only empty frames came,
                                    many of them
    None                            no event until more data has come

It raises WebSocketError if the peer breaks the grammar or a limit, and on each later call.
``reply`` is then the close code for it.  Data for which ``next_event`` is not called stays as it
is.

Wire:     FIN RSV1-3 opcode | MASK length | 16 or 64 bits of length | 4 octets of key | payload.  A
          client masks, a server does not.
States:   between frames -> in a data frame -> in its decompressed data -> between frames; CLOSED;
          FAILED.  A control frame is taken whole, between frames, also in the middle of a message.
Not here: compression (deflate.py), answers (session.py), the handshake (server.py, client.py).
Tests:    tests/protocols/websocket/test_wire.py
"""
from __future__ import absolute_import, division, print_function

import codecs
import struct
from collections import deque

from carryall.core.compat import range
from carryall.core.patterns import Pattern
from carryall.core.records import namedtuple
from carryall.protocols.websocket.errors import WebSocketError
from carryall.protocols.websocket.settings import Settings

__all__ = ['AGAIN', 'BINARY', 'CLEAN_CODES', 'CLOSE', 'CLOSE_CODES', 'CONTINUATION', 'Closing',
           'Control', 'PING', 'PONG', 'Piece', 'Receiver', 'TEXT', 'apply_mask', 'close_payload',
           'frame', 'is_close_code']

# -- limits ------------------------------------------------------------------
MAX_CONTROL = 125           # octets of a control frame; RFC 6455 section 5.5
MAX_SILENT = 64             # steps without an event before AGAIN is returned
MAX_REASON = 123            # octets of the reason in a CLOSE, behind two of the code

DEFAULTS = Settings()

# -- opcodes (RFC 6455 section 11.8) -------------------------------------------
CONTINUATION = 0
TEXT = 1
BINARY = 2
CLOSE = 8
PING = 9
PONG = 10

FINAL = 0x80                # of the first octet: the last frame of a message
SQUEEZED = 0x40             # RSV1: the message is compressed (RFC 7692 section 6)
RESERVED = 0x70             # RSV1 to RSV3
MASKED = 0x80               # of the second octet
LENGTH_OCTETS = {126: 2, 127: 8}        # octets of the length behind such a second octet

# opcode -> true for a control frame, which may come between the frames of a message
OPCODES = {CONTINUATION: False, TEXT: False, BINARY: False, CLOSE: True, PING: True, PONG: True}

# -- close codes (RFC 6455 sections 7.4.1 and 11.7) ----------------------------
NORMAL = 1000
GOING_AWAY = 1001
BROKEN = 1002
UNSUPPORTED = 1003
NO_CODE = 1005
ABNORMAL = 1006
INVALID = 1007
REFUSED = 1008
TOO_BIG = 1009
NO_EXTENSION = 1010
INTERNAL = 1011

# Codes that may be sent; 1004, 1005, 1006 and 1015 never are.
CLOSE_CODES = {
    NORMAL: u'normal', GOING_AWAY: u'going away', BROKEN: u'protocol error',
    UNSUPPORTED: u'unsupported data',
    INVALID: u'invalid payload', REFUSED: u'policy violation', TOO_BIG: u'message too big',
    NO_EXTENSION: u'mandatory extension',
    INTERNAL: u'internal error', 1012: u'service restart', 1013: u'try again later',
    1014: u'bad gateway'}


# Codes of a clean end, before which the peer has sent everything
CLEAN_CODES = (NORMAL, GOING_AWAY, NO_CODE)


def is_close_code(code):
    # type: (int) -> bool
    """True if *code* may stand in a CLOSE: a registered one, or one of 3000 to 4999 (RFC 6455
    section 7.4.2).
    """
    return code in CLOSE_CODES or 3000 <= code <= 4999


def close_payload(code, reason=u''):
    # type: (Optional[int], Text) -> bytes
    """The payload of a CLOSE; a *reason* that is too long is cut (RFC 6455 section 5.5.1)."""
    if code is None:
        return b''
    octets = reason.encode('utf-8')
    if len(octets) > MAX_REASON:
        octets = octets[:MAX_REASON].decode('utf-8', 'ignore').encode('utf-8')
    return struct.pack('!H', code) + octets


# -- events ------------------------------------------------------------------
Piece = namedtuple('Piece', 'kind data last')
Control = namedtuple('Control', 'opcode data')
Closing = namedtuple('Closing', 'code reason')

# Returned by the reader of a state that has no event and has changed the state
AGAIN = object()


# -- masks (RFC 6455 section 5.3) ----------------------------------------------
# octet of a key -> table for translate(), made when it is first needed
_tables = {}                # type: Dict[int, bytes]


def _table(octet):
    # type: (int) -> bytes
    table = _tables.get(octet)
    if table is None:
        table = bytes(bytearray([number ^ octet for number in range(256)]))
        _tables[octet] = table
    return table


def apply_mask(data, key, at=0):
    # type: (bytes, bytes, int) -> bytes
    """*data* masked, or unmasked, which is the same; *at*: its offset in the payload.

    Every fourth octet has the same octet of the key.  So four translations by a table are enough,
    in compiled code on every runtime.
    """
    octets = bytearray(data)
    keys = bytearray(key)
    for place in range(min(4, len(data))):
        octets[place::4] = data[place::4].translate(_table(keys[(at + place) & 3]))
    return bytes(octets)


# -- sending -----------------------------------------------------------------
def frame(opcode, payload, key=None, final=True, squeezed=False):
    # type: (int, bytes, Optional[bytes], bool, bool) -> bytes
    """One frame (RFC 6455 section 5.2).

    Args:     key: four unpredictable octets of a client; None for a server.
    """
    first = opcode | (FINAL if final else 0) | (SQUEEZED if squeezed else 0)
    length = len(payload)
    second = 0 if key is None else MASKED
    if length < 126:
        head = struct.pack('!BB', first, second | length)
    elif length < 65536:
        head = struct.pack('!BBH', first, second | 126, length)
    else:
        head = struct.pack('!BBQ', first, second | 127, length)
    return head + payload if key is None else b''.join((head, key, apply_mask(payload, key)))


# -- text --------------------------------------------------------------------
# Octets that are not UTF-8, though some decoders take them or wait for more (RFC 3629 section 4):
# overlong forms, surrogates, numbers beyond U+10FFFF.  The first two octets show it, so a peer is
# refused before it sends the third.
_NOT_UTF8 = Pattern(
    br'\xe0[\x80-\x9f]|\xed[\xa0-\xbf]|\xf0[\x80-\x8f]|\xf4[\x90-\xbf]|[\xc0\xc1\xf5-\xff]')
_SUSPECT = bytes(bytearray((0xc0, 0xc1, 0xe0, 0xed, 0xf0) + tuple(range(0xf4, 0x100))))


class TextReader(object):
    """Decodes UTF-8 cut anywhere, and refuses it at the first octet that is wrong (RFC 6455
    section 8.1).
    """

    __slots__ = ('_held',)

    def __init__(self):
        # type: () -> None
        self._held = b''            # the beginning of a character

    def decode(self, data, last):
        # type: (bytes, bool) -> Text
        """The text of the next octets; *last*: they are the last of their message."""
        if self._held:
            data = self._held + data
        try:
            text, taken = codecs.utf_8_decode(data, 'strict', last)
        except UnicodeError:
            raise WebSocketError(u'a text that is not UTF-8', reply=INVALID)
        # py2: surrogates are decoded there.
        if len(data.translate(None, _SUSPECT)) != len(data) and _NOT_UTF8.search(data):
            raise WebSocketError(u'a text that is not UTF-8', reply=INVALID)
        self._held = data[taken:]
        return text


# -- receiving ---------------------------------------------------------------
class Receiver(object):
    """Parses frames into events.

    Args:     masked: true if the peer is a client, which must mask.
              settings: a Settings.
              inflater: an ``Inflater`` if permessage-deflate was agreed on.
    """

    __slots__ = ('_masked', '_settings', '_inflater', '_read', '_error', '_data', '_at', '_more',
                 '_kind', '_final', '_squeezed', '_left', '_key', '_offset', '_total', '_text')

    def __init__(self, masked, settings=DEFAULTS, inflater=None):
        # type: (bool, Settings, Any) -> None
        self._masked = masked
        self._settings = settings
        self._inflater = inflater
        self._read = self._read_head        # type: Callable[[], Any]   # of the state
        self._error = None          # type: Optional[WebSocketError]
        # Input that was not parsed: _data from _at on, and then _more.
        self._data = b''
        self._at = 0
        self._more = deque()        # type: deque
        # Of the message that is being read.
        self._kind = None           # type: Optional[int]   # TEXT or BINARY
        self._squeezed = False
        self._total = 0             # octets in the events so far
        self._text = TextReader()
        # Of its frame.
        self._final = False
        self._left = 0              # octets of its payload that have not come
        self._key = b''
        self._offset = 0            # octets of its payload that have come

    def receive_data(self, data):
        # type: (bytes) -> None
        """Takes the next octets of the peer."""
        if self._at == len(self._data) and not self._more:
            self._data = data
            self._at = 0
        else:
            self._more.append(data)

    @property
    def more(self):
        # type: () -> bool
        """True if input is left that made no event yet."""
        return bool(self._more) or self._at < len(self._data) or self._read == self._read_inflated

    def next_event(self):
        # type: () -> Any
        """The next event, or None if it has not come; see the text of the module."""
        if self._error is not None:
            raise self._error
        try:
            for _ in range(MAX_SILENT):
                event = self._read()
                if event is not AGAIN:
                    return event
            return AGAIN
        except WebSocketError as exc:
            self._error = exc
            self._let_go()
            raise

    def _let_go(self):
        # type: () -> None
        self._data = b''
        self._at = 0
        self._more.clear()

    # -- bytes -------------------------------------------------------------------------------------

    def _have(self, count):
        # type: (int) -> bool
        """True if *count* octets are in one piece now; at most those of a head and a control
        frame are asked for.
        """
        while len(self._data) - self._at < count:
            if not self._more:
                return False
            self._data = self._data[self._at:] + self._more.popleft()
            self._at = 0
        return True

    def _payload(self):
        # type: () -> bytes
        """The octets of the frame's payload that have come, unmasked; b'' if none have."""
        if self._at == len(self._data) and self._more:
            self._data = self._more.popleft()
            self._at = 0
        data = self._data
        if self._at or len(data) > self._left:
            data = data[self._at:self._at + self._left]
        self._at += len(data)
        if data and self._masked:
            data = apply_mask(data, self._key, self._offset)
        self._offset += len(data)
        self._left -= len(data)
        return data

    # -- heads -------------------------------------------------------------------------------------

    def _read_head(self):
        # type: () -> Any
        """Between frames."""
        if not self._have(2):
            return None
        first, second = struct.unpack('!BB', self._data[self._at:self._at + 2])
        opcode = first & 15
        length = second & 0x7f
        self._check(opcode, first, second, length)
        size = 2 + LENGTH_OCTETS.get(length, 0)
        whole = size + (4 if self._masked else 0)
        if OPCODES[opcode]:
            whole += length
        if not self._have(whole):
            return None
        at = self._at
        if size > 2:
            length = self._long_length(self._data[at + 2:at + size])
        self._key = self._data[at + size:at + size + 4]
        self._offset = 0
        self._left = length
        self._at = at + size + (4 if self._masked else 0)
        if OPCODES[opcode]:
            return self._control(opcode, self._payload())
        self._begin_frame(opcode, first)
        return AGAIN

    def _check(self, opcode, first, second, length):
        # type: (int, int, int, int) -> None
        """Checks the first two octets (RFC 6455 sections 5.2, 5.4, 5.5; RFC 7692 section 6.1)."""
        control = OPCODES.get(opcode)
        if control is None:
            raise _broken(u'the opcode %d' % opcode)
        opens = opcode in (TEXT, BINARY)
        reserved = first & RESERVED
        if reserved and (reserved != SQUEEZED or not opens or self._inflater is None):
            raise _broken(u'a reserved bit')
        if bool(second & MASKED) != self._masked:
            raise _broken(u'a frame without a mask' if self._masked else u'a frame with a mask')
        if control and not first & FINAL:
            raise _broken(u'a control frame in fragments')
        if control and length > MAX_CONTROL:
            raise _broken(u'a control frame of more than %d octets' % MAX_CONTROL)
        if opens and self._kind is not None:
            raise _broken(u'a message within a message')
        if opcode == CONTINUATION and self._kind is None:
            raise _broken(u'a continuation of nothing')

    def _long_length(self, octets):
        # type: (bytes) -> int
        """The length behind a 126 or 127, which must be the shortest form."""
        length = struct.unpack('!H' if len(octets) == 2 else '!Q', octets)[0]
        if length >> 63:
            raise _broken(u'a length beyond 63 bits')
        if length < 126 or len(octets) == 8 and length < 65536:
            raise _broken(u'a length in more octets than it needs')
        return length

    def _begin_frame(self, opcode, first):
        # type: (int, int) -> None
        """Begins a data frame."""
        if opcode != CONTINUATION:
            self._kind = opcode
            self._squeezed = bool(first & SQUEEZED)
            self._total = 0
        if self._left > self._settings.frame_bytes:
            raise WebSocketError(u'a frame of %d octets' % self._left, reply=TOO_BIG)
        if not self._squeezed:
            self._count(self._left)
        self._final = bool(first & FINAL)
        self._read = self._read_data

    def _count(self, count):
        # type: (int) -> None
        """Adds *count* octets to the size of the message."""
        self._total += count
        if self._total > self._settings.message_bytes:
            raise WebSocketError(u'a message of more than %d octets' % self._settings.message_bytes,
                                 reply=TOO_BIG)

    # -- payloads ----------------------------------------------------------------------------------

    def _read_data(self):
        # type: () -> Any
        """In a data frame."""
        data = self._payload()
        if not data and self._left:
            return None
        whole = not self._left
        if self._squeezed:
            self._inflater.feed(data, whole and self._final)
            self._read = self._read_inflated
            return AGAIN
        if whole:
            self._read = self._read_head
        return self._give(data, whole and self._final)

    def _read_inflated(self):
        # type: () -> Any
        """In the decompressed data of a frame."""
        data, more = self._inflater.next_piece()
        self._count(len(data))
        whole = not more and not self._left
        if not more:
            self._read = self._read_head if whole else self._read_data
        return self._give(data, whole and self._final)

    def _give(self, data, last):
        # type: (bytes, bool) -> Any
        """The Piece; AGAIN if it would be empty."""
        kind = self._kind
        if kind == TEXT:
            data = self._text.decode(data, last)        # type: ignore
        if last:
            self._kind = None
        return Piece(kind, data, last) if data or last else AGAIN

    def _control(self, opcode, data):
        # type: (int, bytes) -> Any
        if opcode != CLOSE:
            return Control(opcode, data)
        code = None
        reason = u''
        if data:
            if len(data) < 2:
                raise _broken(u'half a close code')
            code = struct.unpack('!H', data[:2])[0]
            if not is_close_code(code):
                raise _broken(u'the close code %d' % code)
            reason = TextReader().decode(data[2:], True)
        self._read = self._read_nothing
        return Closing(code, reason)

    def _read_nothing(self):
        # type: () -> None
        """CLOSED: data behind a CLOSE is dropped (RFC 6455 section 5.5.1)."""
        self._let_go()


def _broken(what):
    # type: (Text) -> WebSocketError
    return WebSocketError(what, reply=BROKEN)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Optional, Text
