# Copyright the carryall authors.  See LICENSE.
"""permessage-deflate: each message of a WebSocket is compressed by itself (RFC 7692).

Wire:     The payload of a message, all its fragments joined, is raw deflate (RFC 1951) flushed to a
          whole octet.  The four octets that end such a flush are left out.  RSV1 of the first frame
          marks a compressed message.
Rules:    Each side either keeps its messages as the window for the next one, or begins each message
          with an empty window ("no context takeover").  Either side may ask for that of both.
Not here: windows smaller than 32 KiB, which java.util.zip lacks.  An offer that asks the server for
          one is declined; a server may choose one for itself.
Tests:    tests/protocols/websocket/test_deflate.py
"""
from __future__ import absolute_import, division, print_function

import zlib

from carryall.core.records import namedtuple
from carryall.core.codec.numbers import decimal
from carryall.protocols.websocket.errors import WebSocketError
from carryall.protocols.http.fields import is_token, parse_parameters, split_list

__all__ = ['Deflate', 'Deflater', 'Inflater', 'accept_offer', 'check_answer', 'offer',
           'parse_extensions']

# -- limits ------------------------------------------------------------------
PIECE_BYTES = 65536         # octets out of one step
# Final blocks in one message, each of which costs a new window; no sender needs two
MAX_ENDS = 8
MAX_EXTENSIONS = 16         # of one field; the RFC is silent

NAME = b'permessage-deflate'
# An empty block; its first octet also ends the block before it
TAIL = b'\x00\x00\xff\xff'
EMPTY = b'\x00'                         # an empty message (RFC 7692 section 7.2.3.6)

SERVER_FRESH = b'server_no_context_takeover'
CLIENT_FRESH = b'client_no_context_takeover'
SERVER_WINDOW = b'server_max_window_bits'
CLIENT_WINDOW = b'client_max_window_bits'


class Deflate(namedtuple('Deflate', 'server_fresh client_fresh level')):
    """The parameters that one side wants, or that both have agreed on.

    A connection whose sides keep their windows takes about 300 KiB of memory.  An attacker who
    chooses a part of a message and sees its length can guess the rest, as the CRIME attack did.  Do
    not compress secrets together with text from strangers.

    server_fresh, client_fresh:     true if that side begins each message with an empty window.
    level:                          zlib's level of our messages, 1 to 9.
    """

    __slots__ = ()

    def __new__(cls, server_fresh=False, client_fresh=False, level=6):
        # type: (bool, bool, int) -> Deflate
        return super(Deflate, cls).__new__(cls, bool(server_fresh), bool(client_fresh), level)


# -- the agreement (RFC 7692 section 7.1) --------------------------------------
def parse_extensions(values):
    # type: (Sequence[bytes]) -> Optional[List[Tuple[bytes, List[Tuple[bytes, bytes]]]]]
    """The members of Sec-WebSocket-Extensions fields, (name, parameters); None if one breaks the
    grammar.
    """
    members = split_list(b','.join(values), maximum=MAX_EXTENSIONS)
    if members is None:
        return None
    found = []
    for member in members:
        parsed = parse_parameters(member)
        if parsed is None or not is_token(parsed[0]):
            return None
        found.append(parsed)
    return found


def offer(wanted):
    # type: (Deflate) -> bytes
    """The offer of a client that wants it."""
    return _spelled(wanted.server_fresh, wanted.client_fresh)


def accept_offer(offers, wanted):
    # type: (Extensions, Deflate) -> Optional[Tuple[bytes, Deflate]]
    """The server's answer to the first offer that it can accept, with the agreed parameters; None
    if it can accept none.
    """
    for name, pairs in offers:
        said = _judged(pairs, True) if name == NAME else None
        if said is None or said.get(SERVER_WINDOW, 15) != 15:
            continue
        agreed = wanted._replace(server_fresh=wanted.server_fresh or SERVER_FRESH in said,
                                 client_fresh=wanted.client_fresh or CLIENT_FRESH in said)
        answer = _spelled(agreed.server_fresh, agreed.client_fresh)
        return answer + (b'; server_max_window_bits=15' if SERVER_WINDOW in said else b''), agreed
    return None


def check_answer(answers, wanted):
    # type: (Extensions, Optional[Deflate]) -> Optional[Deflate]
    """The agreed parameters in a server's answer; None if it declines.

    Raises:   WebSocketError: an extension that was not offered, a duplicate, or parameters that
              are not allowed (RFC 6455 section 4.1).
    """
    if not answers:
        return None
    name, pairs = answers[0]
    said = _judged(pairs, False)
    if wanted is None or name != NAME or len(answers) > 1 or said is None or CLIENT_WINDOW in said \
            or wanted.server_fresh and SERVER_FRESH not in said:
        raise WebSocketError(u'the server chose an extension with other parameters than offered')
    return wanted._replace(server_fresh=SERVER_FRESH in said,
                           client_fresh=wanted.client_fresh or CLIENT_FRESH in said)


def _spelled(server_fresh, client_fresh):
    # type: (bool, bool) -> bytes
    return (NAME + (b'; ' + SERVER_FRESH if server_fresh else b'')
            + (b'; ' + CLIENT_FRESH if client_fresh else b''))


def _judged(pairs, offered):
    # type: (Sequence[Tuple[bytes, bytes]], bool) -> Optional[Dict[bytes, Optional[int]]]
    """The parameters, by name; None if they break section 7.1."""
    said = {}                   # type: Dict[bytes, Optional[int]]
    for name, value in pairs:
        if name in said:
            return None
        if name in (SERVER_FRESH, CLIENT_FRESH) and not value:
            said[name] = None
        elif name in (SERVER_WINDOW, CLIENT_WINDOW):
            bits = decimal(value, 15)
            wrong = bits is None or bits < 8 or value[:1] == b'0'
            if wrong and (value or name == SERVER_WINDOW or not offered):
                return None
            said[name] = bits
        else:
            return None
    return said


# -- the data (RFC 7692 section 7.2) -------------------------------------------
class Deflater(object):
    """Compresses messages; *fresh*: each with an empty window."""

    __slots__ = ('_fresh', '_level', '_coder')

    def __init__(self, fresh, level=6):
        # type: (bool, int) -> None
        self._fresh = fresh
        self._level = level
        self._coder = None          # type: Any

    def compress(self, data):
        # type: (bytes) -> bytes
        """The payload of a message."""
        if not data:
            return EMPTY
        coder = self._coder or zlib.compressobj(self._level, zlib.DEFLATED, -15)
        squeezed = coder.compress(data) + coder.flush(zlib.Z_SYNC_FLUSH)
        if not self._fresh:
            self._coder = coder
        return squeezed[:-len(TAIL)]


class Inflater(object):
    """Decompresses messages in steps of at most PIECE_BYTES octets; *fresh*: each with an empty
    window.
    """

    __slots__ = ('_fresh', '_coder', '_data', '_last', '_ends')

    def __init__(self, fresh):
        # type: (bool) -> None
        self._fresh = fresh
        self._coder = _new_coder()
        self._data = b''            # input that the coder has not taken
        self._last = False
        self._ends = 0

    def feed(self, data, last):
        # type: (bytes, bool) -> None
        """Takes the next octets of a message, once ``next_piece`` has no more; *last*: these are
        its last.
        """
        self._data = data + TAIL if last else data
        self._last = last

    def next_piece(self):
        # type: () -> Tuple[bytes, bool]
        """One step: (octets, true if it must be called again before the next ``feed``).

        Raises:   WebSocketError: the message is not deflate.
        """
        try:
            piece = self._coder.decompress(self._data, PIECE_BYTES)
        except zlib.error:
            raise WebSocketError(u'a message that is not deflate', reply=1007)
        self._data = self._coder.unconsumed_tail
        if self._coder.unused_data:
            # A final block has ended: the octets behind it begin with an empty window
            self._data = self._coder.unused_data
            self._ends += 1
            if self._ends > MAX_ENDS:
                raise WebSocketError(u'a message of more than %d deflate streams' % MAX_ENDS,
                                     reply=1002)
            self._coder = _new_coder()
            return piece, True
        if self._data or len(piece) == PIECE_BYTES:
            return piece, True
        if self._last:
            self._ends = 0
            if self._fresh:
                self._coder = _new_coder()
        return piece, False


def _new_coder():
    # type: () -> Any
    coder = zlib.decompressobj(-15)
    if hasattr(coder, 'gzip'):
        # jython: otherwise 8 octets behind any raw data are taken for a checksum
        coder.gzip = False
    return coder


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence, Tuple
    Extensions = Sequence[Tuple[bytes, List[Tuple[bytes, bytes]]]]
