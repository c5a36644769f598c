# Copyright the carryall authors.  See LICENSE.
"""HTTP/1.1 messages: bytes in, events out, for either role (RFC 9112); `heads` has the roles.

`receive_data(data)` takes bytes cut anywhere.  `next_event()` gives one event after the other, for
each message in this order::

    RequestHead/ResponseHead    the start line and the header section, complete and valid
    bytes                   a piece of the body, at least one octet; only if head.length is not 0
    End                     the end of the message, with its trailers; only if head.length is not 0
    None                    more input is needed
    CLOSED                  after receive_eof(): the peer ended the connection between messages

Once the peer has broken the grammar or a limit, it raises HTTPError, and at each later call too.
The error's `reply` is the status for the peer.  Input stays unparsed while `next_event` is not
called, so a server takes pipelined requests one at a time.

States:   START -> FIELDS -> (START | BODY | CHUNK_SIZE | ENDLESS); BODY -> END; ENDLESS -> END at
          the end of input.  CHUNK_SIZE -> CHUNK_DATA -> CHUNK_CRLF -> CHUNK_SIZE, or ->
          TRAILERS -> END; END -> START.  START -> TUNNEL after 101, or 2xx to CONNECT, or a
          request of HTTP/0.9; any -> FAILED.
Speed:    A head that is whole in one piece is split at once.  A head that is unusual in any way is
          read line by line by the states, which alone decide what an error is.  Both ways use one
          grammar.
Not here: sending, timers, the use of bodies.
Tests:    tests/protocols/http/message/test_wire.py, tests/protocols/http/server/test_smuggling.py,
          tests/protocols/http/test_settings.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.buffer import ReceiveBuffer
from carryall.core.compat import native
from carryall.protocols.http.errors import HTTPError
from carryall.protocols.http.message.events import PLAIN_END, End
from carryall.protocols.http.message.headersection import CHUNKED, FORBIDDEN_TRAILERS, UNTIL_CLOSE
from carryall.protocols.http.fields.grammar import (FIELD_LINES, OBS_FOLD, OWS, parse_chunk_line,
                                                    parse_field_line)
from carryall.protocols.http.fields.headerfields import Headers

__all__ = ['Receiver']

# -- limits ------------------------------------------------------------------
MAX_PIECE = 65536           # octets of a body that are given at once out of the buffer

# -- states ------------------------------------------------------------------
(START, FIELDS, BODY, CHUNK_SIZE, CHUNK_DATA, CHUNK_CRLF, TRAILERS, ENDLESS, END, TUNNEL,
 FAILED) = range(11)
# A state's reader returns this if it has no event and the next state must be asked.
AGAIN = object()


# -- receiving ---------------------------------------------------------------

class Receiver(object):
    """The part that requests and responses share: lines, header sections, bodies.

    Input that is not parsed yet is in `data` from `at` on, the piece as received.  If an element
    extends over the end of a piece, all input is in `buffer`, and `data` is empty until `buffer`
    is.

    Attributes:
        settings: the sizes and tolerances of a Settings.
        chunks: the chunks of the present body so far.

    A role, which is a subclass, has `read_start`, `judged` and `status_of_long`.  For these it may
    use `state`, `data`, `at`, `buffer`, `ended` (the peer sends no more), `line`, `spill`,
    `refusal`, `whole_section`, `begin_section` and `begin_body`.
    """

    __slots__ = ('chunks', 'settings', 'state', 'data', 'at', 'buffer', 'ended', '_error',
                 '_fields', '_lines', '_room', '_left', '_extensions', '_total')

    def __init__(self, settings):
        # type: (Any) -> None
        self.chunks = 0
        self.settings = settings
        self.state = START
        self.data = b''
        self.at = 0
        # made when a piece first ends within an element
        self.buffer = None          # type: Optional[ReceiveBuffer]
        self.ended = False
        self._error = None          # type: Optional[HTTPError]
        self._fields = None         # type: Any   # of the section that is being read
        self._lines = 0             # lines of that section so far
        self._room = 0              # octets that the section may still have
        self._left = 0              # octets of the body, or of the chunk, not received yet
        self._extensions = 0        # octets of chunk extensions in this message
        self._total = 0             # octets of the chunked body so far

    # -- for the caller ----------------------------------------------------------------------

    def receive_data(self, data):
        # type: (bytes) -> None
        """Takes input."""
        if self.data:
            self.spill()
            self.buffer.append(data)       # type: ignore
        elif self.buffer:
            self.buffer.append(data)
        else:
            self.data = data
            self.at = 0

    def receive_eof(self):
        # type: () -> None
        """Ends the input."""
        self.ended = True

    def next_event(self):
        # type: () -> Any
        """The next event, or None if more input is needed; see the module's text."""
        while True:
            event = _READERS[self.state](self)
            if event is not AGAIN:
                return event

    def __len__(self):
        """The number of octets that were not given out yet."""
        return len(self.data) - self.at + (len(self.buffer) if self.buffer else 0)

    def between_messages(self):
        # type: () -> bool
        """True if no message has begun, or the last one was given out whole."""
        return self.state == START and not len(self)

    def unparsed(self):
        # type: () -> bytes
        """Takes out the input that was not given out; in state TUNNEL it is not HTTP."""
        self.spill()
        return self.buffer.take_all()      # type: ignore

    # -- bytes -------------------------------------------------------------------------------

    def spill(self):
        # type: () -> None
        """Moves the rest of the piece into the buffer."""
        if self.buffer is None:
            self.buffer = ReceiveBuffer()
        if self.data:
            self.buffer.append(self.data[self.at:])
            self.data = b''
            self.at = 0

    def line(self, room, status, blank_is_free=False):
        # type: (int, Optional[int], bool) -> Optional[bytes]
        """The next line without its end; None while it has not come.

        Errors are the same however the bytes were cut: a line that is too long is refused before
        its end is looked for.

        Args:     room: octets it may have, its end included; with *blank_is_free* an empty line
                      costs nothing.
                  status: of the refusal of a longer one; None: `status_of_long` decides by the
                      octets that fit.
        Raises:   HTTPError: too long (*status*), or its end is not CRLF (400).
        """
        self.spill()
        buffered = self.buffer             # type: Any
        end = buffered.find(b'\n')
        if end < 0:
            if len(buffered) >= room + (2 if blank_is_free else 0):
                raise self._too_long(room, status)
            if self.ended and buffered:
                raise self.refusal('the input ends within a line', 400)
            return None
        free = blank_is_free and end <= 1 and buffered.peek(2) in (b'\r\n', b'\n')
        if end + 1 > room and not free:
            raise self._too_long(room, status)
        line = buffered.maybe_take(end + 1)
        if line[-2:] == b'\r\n':
            return line[:-2]
        if self.settings.bare_lf and self.state in (START, FIELDS, TRAILERS):
            return line[:-1]
        raise self.refusal('a line that ends in LF alone', 400)

    def _too_long(self, room, status):
        # type: (int, Optional[int]) -> HTTPError
        """The refusal of a line of more than *room* octets."""
        if status is None:
            status = self.status_of_long(self.buffer.peek(room))      # type: ignore
        return self.refusal('a line longer than %d octets' % room, status)

    def status_of_long(self, line):
        # type: (bytes) -> int
        """The status that refuses a first line which begins with *line* and goes on."""
        return 400

    def _piece(self):
        # type: () -> bytes
        """The next octets of the `_left` ones, as many as have come; b'' if none have."""
        data = self.data
        left = self._left
        if not data:
            piece = self.buffer.take_up_to(min(left, MAX_PIECE)) if self.buffer else b''
        elif self.at == 0 and len(data) <= left:
            piece = data
            self.data = b''
        else:
            piece = data[self.at:self.at + left]
            self.at += len(piece)
            if self.at == len(data):
                self.data = b''
                self.at = 0
        self._left = left - len(piece)
        return piece

    def refusal(self, message, status):
        # type: (str, int) -> HTTPError
        """The error to raise, which ends the stream: the input is dropped."""
        self.state = FAILED
        self._let_go()
        self._error = HTTPError(message, reply=status)
        return self._error

    def _let_go(self):
        # type: () -> None
        self.data = b''
        self.at = 0
        self.buffer = None

    def _cut_short(self):
        # type: () -> None
        """Raises if the peer ended its side before the message was complete."""
        if self.ended:
            raise self.refusal('the input ends within a message', 400)

    # -- heads -------------------------------------------------------------------------------

    def whole_section(self, data, begin, end):
        # type: (bytes, int, int) -> Optional[List[Tuple[bytes, bytes]]]
        """The fields of a header section that is whole in *data*; None if anything is wrong with
        it.

        Args:     begin, end: the places of the CRLF before the first line and of the CRLF CRLF
                      after the last.
        """
        count = data.count(b'\r\n', begin, end)
        if count > self.settings.header_count or end - begin > self.settings.header_bytes:
            return None
        fields = FIELD_LINES.findall(data, begin, end + 2)
        return fields if len(fields) == count else None     # see FIELD_LINES for why this is enough

    def begin_section(self):
        # type: () -> None
        self._fields = []
        self._lines = 0
        self._room = self.settings.header_bytes

    def _field(self):
        # type: () -> Optional[bool]
        """Takes one line of a section: true for a field, false for the blank line, None if it is
        incomplete.
        """
        line = self.line(self._room, 431, blank_is_free=True)
        if line is None:
            return None
        if not line:
            return False
        fields = self._fields
        self._lines += 1
        if self._lines > self.settings.header_count:
            raise self.refusal('more than %d fields' % self.settings.header_count, 431)
        self._room -= len(line) + 2
        if line[:1] in OBS_FOLD and fields and self.settings.obs_fold:
            name, value = fields.pop()
            field = parse_field_line(name + b':' + value.rstrip(OWS) + b' ' + line.strip(OWS))
        else:
            field = parse_field_line(line)
        if field is None:
            raise self.refusal('a header line is not a field', 400)
        fields.append(field)
        return True

    def _read_fields(self):
        # type: () -> Any
        """FIELDS: the header section, line by line."""
        more = self._field()
        if more:
            return AGAIN
        if more is None:
            return self._cut_short()
        fields, self._fields = self._fields, None
        return self.begin_body(self.judged(fields))

    def judged(self, fields):
        # type: (Any) -> Any
        """The head event of the start line that was read, with *fields*."""
        raise NotImplementedError

    def begin_body(self, head):
        # type: (Any) -> Any
        """Enters the state that reads the body of *head*; returns *head*."""
        length = head.length
        if length == 0:
            self.state = START
        elif length == CHUNKED:
            self.state = CHUNK_SIZE
            self._total = 0
            self._extensions = 0
            self.chunks = 0
        elif length == UNTIL_CLOSE:
            self.state = ENDLESS
            self._left = self.settings.body_bytes
        elif length > self.settings.body_bytes:
            raise self.refusal('a body of %d octets' % length, 413)
        else:
            self.state = BODY
            self._left = length
        return head

    # -- bodies ------------------------------------------------------------------------------

    def _read_body(self):
        # type: () -> Any
        """BODY: as many octets as Content-Length says (RFC 9112 section 6.2)."""
        piece = self._piece()
        if not self._left:
            self.state = END
        return piece or self._cut_short()

    def _read_endless(self):
        # type: () -> Any
        """ENDLESS: all octets up to the end of the connection."""
        piece = self._piece()
        if piece:
            return piece
        if len(self):
            raise self.refusal('a body longer than %d octets' % self.settings.body_bytes, 413)
        if self.ended:
            self.state = END
            return AGAIN
        return None

    def _read_chunk_size(self):
        # type: () -> Any
        """CHUNK_SIZE: the line before the data of a chunk (RFC 9112 section 7.1)."""
        limits = self.settings
        line = self.line(limits.chunk_line_bytes, 400)
        if line is None:
            return self._cut_short()
        chunk = parse_chunk_line(line, self.settings.chunk_padding)
        if chunk is None:
            raise self.refusal('a line is not a chunk size', 400)
        size, extensions = chunk
        self._extensions += extensions
        if self._extensions > limits.chunk_extension_bytes:
            most = limits.chunk_extension_bytes
            raise self.refusal('more than %d octets of chunk extensions' % most, 400)
        self.chunks += 1
        self._total += size
        if self._total > limits.body_bytes:
            raise self.refusal('a body of more than %d octets' % limits.body_bytes, 413)
        if size:
            self._left = size
            self.state = CHUNK_DATA
        else:
            self.begin_section()
            self.state = TRAILERS
        return AGAIN

    def _read_chunk_data(self):
        # type: () -> Any
        """CHUNK_DATA: the octets of the chunk."""
        piece = self._piece()
        if not self._left:
            self.state = CHUNK_CRLF
        return piece or self._cut_short()

    def _read_chunk_crlf(self):
        # type: () -> Any
        """CHUNK_CRLF: exactly these two octets (RFC 9112 section 7.1).

        To skip two octets unread would allow smuggling.  One wrong octet is refused before the
        other has come.
        """
        self.spill()
        ending = self.buffer.peek(2)       # type: ignore
        if ending == b'\r\n':
            self.buffer.discard(2)         # type: ignore
            self.state = CHUNK_SIZE
            return AGAIN
        if ending not in (b'', b'\r'):
            raise self.refusal('a chunk does not end at its size', 400)
        return self._cut_short()

    def _read_trailers(self):
        # type: () -> Any
        """TRAILERS: the fields after the last chunk (RFC 9112 section 7.1.2)."""
        more = self._field()
        if more is None:
            return self._cut_short()
        if not more:
            self.state = END
        elif self._fields[-1][0].lower() in FORBIDDEN_TRAILERS:
            raise self.refusal('%s among the trailers' % native(self._fields[-1][0]), 400)
        return AGAIN

    def _read_end(self):
        # type: () -> End
        """END: the whole message was given out."""
        self.state = START
        if not self._fields:
            return PLAIN_END
        fields, self._fields = self._fields, None
        return End(Headers(fields))

    def read_start(self):
        # type: () -> Any
        """START: the first line of a message, and the rest of its head if that has come."""
        raise NotImplementedError

    def _read_tunnel(self):
        # type: () -> None
        """TUNNEL: no longer HTTP; see `unparsed`."""
        return None

    def _read_failed(self):
        # type: () -> None
        """FAILED: the same error each time."""
        self._let_go()
        raise self._error               # type: ignore


# The one that differs between the roles
_READERS = {
    START: lambda receiver: receiver.read_start(),      # the one that differs between the roles
    FIELDS: Receiver._read_fields,
    BODY: Receiver._read_body,
    ENDLESS: Receiver._read_endless,
    CHUNK_SIZE: Receiver._read_chunk_size,
    CHUNK_DATA: Receiver._read_chunk_data,
    CHUNK_CRLF: Receiver._read_chunk_crlf,
    TRAILERS: Receiver._read_trailers,
    END: Receiver._read_end,
    TUNNEL: Receiver._read_tunnel,
    FAILED: Receiver._read_failed,
}

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Tuple
