# Copyright the carryall authors.  See LICENSE.
"""HTTP/1.1 messages: bytes in, events out, for either role (RFC 9112); the roles themselves are in ``heads``.

``receive_data(data)`` takes bytes cut anywhere; ``next_event()`` gives, one by one and in this order for each message::

    RequestHead or ResponseHead     the start line and the header section, complete and judged
    bytes                           a piece of the body, at least one octet; only if ``head.length`` is not 0
    End                             the message is complete, with its trailers; only if ``head.length`` is not 0
    None                            nothing more can be said until more has come
    CLOSED                          after receive_eof(): the peer ended between two messages

and raises RemoteProtocolError, now and ever after, once the peer has broken the grammar or a limit; ``reply`` is then the
status that says so.  Whoever stops calling ``next_event`` leaves the rest unparsed: that is how a server takes pipelined
requests one at a time.

States:   START -> FIELDS -> (START | BODY | CHUNK_SIZE | ENDLESS); BODY -> END; ENDLESS -> END at the end of input;
          CHUNK_SIZE -> CHUNK_DATA -> CHUNK_CRLF -> CHUNK_SIZE, or -> TRAILERS -> END; END -> START.
          START -> TUNNEL after 101, or 2xx to CONNECT, or a request of HTTP/0.9; any -> FAILED.
Speed:    a head that lies whole in one piece is split by ``_whole_head``; whatever that does not take, for any reason,
          goes line by line through the states, which decide alone what is an error.  Both use one grammar.
Not here: sending, timers, what a body is for.
Tests:    tests/protocols/http/message/test_wire.py, test_smuggling.py, test_limits.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.buffer import ReceiveBuffer
from carryall.core.compat import native
from carryall.core.errors import RemoteProtocolError
from carryall.core.records import namedtuple
from carryall.protocols.http.message.events import PLAIN_END, End
from carryall.protocols.http.message.framing import CHUNKED, FORBIDDEN_TRAILERS, UNTIL_CLOSE
from carryall.protocols.http.fields.grammar import FIELD_LINES, OBS_FOLD, OWS, parse_chunk_line, parse_field_line
from carryall.protocols.http.fields.headers import Headers
from carryall.protocols.http.message.limits import Limits

__all__ = ['FORGIVING', 'Leniency', 'Receiver', 'STRICT']

# -- limits ------------------------------------------------------------------
MAX_PIECE = 65536           # octets of a body given at once out of the buffer

# -- states ------------------------------------------------------------------
(START, FIELDS, BODY, CHUNK_SIZE, CHUNK_DATA, CHUNK_CRLF, TRAILERS, ENDLESS, END, TUNNEL, FAILED) = range(11)
AGAIN = object()            # what a state's reader returns when there is no event, but another state to go on in


# -- leniency ----------------------------------------------------------------

class Leniency(namedtuple('Leniency', 'bare_lf obs_fold chunk_padding bare_status http_0_9 same_lengths odd_status '
                          'location_blanks')):
    """What is taken beyond the strict grammar; all false unless said.

    bare_lf:        LF alone ends a line of a head (RFC 9112 section 2.2 permits it).
    obs_fold:       a line that begins with white space continues the field before it (RFC 9112 section 5.2: a user
                    agent has to take it).
    chunk_padding:  blanks between chunk size and CRLF, which old servers write.
    bare_status:    a status line without a reason may end after the code, without a blank.
    http_0_9:       ``GET path`` CRLF is a request (RFC 1945 section 4.1).
    same_lengths:   of a response, several Content-Lengths that are all the same are one (RFC 9110 section 8.6).
    odd_status:     status codes from 600 to 999, which mean what 500 means (RFC 9110 section 15).
    location_blanks: what a URL cannot hold in the Location of a redirect is percent-encoded, as browsers do
                    (WHATWG URL section 4.4).
    """

    __slots__ = ()

    def __new__(cls, **chosen):
        # type: (**bool) -> Leniency
        values = [bool(chosen.pop(name, False)) for name in cls._fields]
        if chosen:
            raise TypeError('no such leniency: %s' % ', '.join(sorted(chosen)))
        return super(Leniency, cls).__new__(cls, *values)


STRICT = Leniency()
# For responses: what servers are known to send.
FORGIVING = Leniency(obs_fold=True, chunk_padding=True, bare_status=True, same_lengths=True, odd_status=True,
                     location_blanks=True)


# -- receiving ---------------------------------------------------------------

class Receiver(object):
    """What requests and responses share: lines, header sections, bodies.

    What has come and is not understood yet lies in ``_data`` from ``_at`` on, the piece as it was received; once an
    element goes over the end of a piece, everything is in ``_buffer``, and ``_data`` is empty until that is.

    Attributes:
        chunks: how many the present body has so far.
    """

    __slots__ = ('chunks', '_limits', '_leniency', '_state', '_data', '_at', '_buffer', '_eof', '_error', '_fields', '_lines', '_room',
                 '_left', '_extensions', '_total')

    def __init__(self, limits=None, leniency=STRICT):
        # type: (Optional[Limits], Leniency) -> None
        self.chunks = 0
        self._limits = limits if limits is not None else Limits()
        self._leniency = leniency
        self._state = START
        self._data = b''
        self._at = 0
        self._buffer = None         # type: Optional[ReceiveBuffer]   # made when a piece first ends within an element
        self._eof = False
        self._error = None          # type: Optional[RemoteProtocolError]
        self._fields = None         # type: Any   # of the section that is being read
        self._lines = 0             # lines that it has so far
        self._room = 0              # octets that it may still have
        self._left = 0              # octets of the body, or of the chunk, that are to come
        self._extensions = 0        # octets of chunk extensions in this message
        self._total = 0             # octets of the chunked body so far

    # -- for the caller ----------------------------------------------------------------------------------------------

    def receive_data(self, data):
        # type: (bytes) -> None
        """Take what has come."""
        if self._data:
            self._spill()
            self._buffer.append(data)       # type: ignore
        elif self._buffer:
            self._buffer.append(data)
        else:
            self._data = data
            self._at = 0

    def receive_eof(self):
        # type: () -> None
        """Take note that nothing more will come."""
        self._eof = True

    def next_event(self):
        # type: () -> Any
        """The next event, or None while it has not all come; see the module's text."""
        while True:
            event = _READERS[self._state](self)
            if event is not AGAIN:
                return event

    def __len__(self):
        """Octets that have come and were not given out yet."""
        return len(self._data) - self._at + (len(self._buffer) if self._buffer else 0)

    def between_messages(self):
        # type: () -> bool
        """Whether no message has begun, or the last one was given out whole."""
        return self._state == START and not len(self)

    def unparsed(self):
        # type: () -> bytes
        """Take out what has come and was not given out: in state TUNNEL it is not HTTP any more."""
        self._spill()
        return self._buffer.take_all()      # type: ignore

    # -- bytes -------------------------------------------------------------------------------------------------------

    def _spill(self):
        # type: () -> None
        """Move what is left of the piece into the buffer."""
        if self._buffer is None:
            self._buffer = ReceiveBuffer()
        if self._data:
            self._buffer.append(self._data[self._at:])
            self._data = b''
            self._at = 0

    def _line(self, room, status, blank_is_free=False):
        # type: (int, Optional[int], bool) -> Optional[bytes]
        """The next line without its end; None while it has not come.

        Errors are the same however the bytes were cut: too long is seen first, whether or not the line ends.

        Args:     room: octets it may have, its end included; with *blank_is_free* an empty line costs nothing.
                  status: of the refusal if it has more; None: ``_status_of_long`` decides by the octets that fit.
        Raises:   RemoteProtocolError: too long (*status*), or its end is not CRLF (400).
        """
        self._spill()
        buffered = self._buffer             # type: Any
        end = buffered.find(b'\n')
        if end < 0:
            if len(buffered) >= room + (2 if blank_is_free else 0):
                raise self._too_long(room, status)
            if self._eof and buffered:
                raise self._refusal('the input ends within a line', 400)
            return None
        if end + 1 > room and not (blank_is_free and end <= 1 and buffered.peek(2) in (b'\r\n', b'\n')):
            raise self._too_long(room, status)
        line = buffered.maybe_take(end + 1)
        if line[-2:] == b'\r\n':
            return line[:-2]
        if self._leniency.bare_lf and self._state in (START, FIELDS, TRAILERS):
            return line[:-1]
        raise self._refusal('a line that ends in LF alone', 400)

    def _too_long(self, room, status):
        # type: (int, Optional[int]) -> RemoteProtocolError
        """The refusal of a line of more than *room* octets."""
        if status is None:
            status = self._status_of_long(self._buffer.peek(room))      # type: ignore
        return self._refusal('a line longer than %d octets' % room, status)

    def _status_of_long(self, line):
        # type: (bytes) -> int
        """The status that refuses a first line which begins with *line* and goes on."""
        return 400

    def _piece(self):
        # type: () -> bytes
        """What has come of the ``_left`` octets that are to come; b'' if nothing has."""
        data, left = self._data, self._left
        if not data:
            piece = self._buffer.take_up_to(min(left, MAX_PIECE)) if self._buffer else b''
        elif self._at == 0 and len(data) <= left:
            piece = data
            self._data = b''
        else:
            piece = data[self._at:self._at + left]
            self._at += len(piece)
            if self._at == len(data):
                self._data = b''
                self._at = 0
        self._left = left - len(piece)
        return piece

    def _refusal(self, message, status):
        # type: (str, int) -> RemoteProtocolError
        """The error to raise, which is also the end: what has come is let go."""
        self._state = FAILED
        self._let_go()
        self._error = RemoteProtocolError(message, reply=status)
        return self._error

    def _let_go(self):
        # type: () -> None
        self._data = b''
        self._at = 0
        self._buffer = None

    def _cut_short(self):
        # type: () -> None
        """Called when more is needed: raise if no more will come."""
        if self._eof:
            raise self._refusal('the input ends within a message', 400)

    # -- heads -------------------------------------------------------------------------------------------------------

    def _whole_section(self, data, begin, end):
        # type: (bytes, int, int) -> Optional[List[Tuple[bytes, bytes]]]
        """The fields of a header section that lies whole in *data*; None if anything is wrong with it.

        Args:     begin, end: where the CRLF before the first line stands, and the CRLF CRLF after the last.
        """
        count = data.count(b'\r\n', begin, end)
        if count > self._limits.header_count or end - begin > self._limits.header_bytes:
            return None
        fields = FIELD_LINES.findall(data, begin, end + 2)
        return fields if len(fields) == count else None     # see FIELD_LINES for why this is enough

    def _begin_section(self):
        # type: () -> None
        self._fields = []
        self._lines = 0
        self._room = self._limits.header_bytes

    def _field(self):
        # type: () -> Optional[bool]
        """Take one line of a header or trailer section: true for a field, false for the blank line, None for neither."""
        line = self._line(self._room, 431, blank_is_free=True)
        if line is None:
            return None
        if not line:
            return False
        fields = self._fields
        self._lines += 1
        if self._lines > self._limits.header_count:
            raise self._refusal('more than %d fields' % self._limits.header_count, 431)
        self._room -= len(line) + 2
        if line[:1] in OBS_FOLD and fields and self._leniency.obs_fold:
            name, value = fields.pop()
            field = parse_field_line(name + b':' + value.rstrip(OWS) + b' ' + line.strip(OWS))
        else:
            field = parse_field_line(line)
        if field is None:
            raise self._refusal('a line that is no field', 400)
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
        return self._begin_body(self._judged(fields))

    def _judged(self, fields):
        # type: (Any) -> Any
        """The head event of the start line that was read and *fields*."""
        raise NotImplementedError

    def _begin_body(self, head):
        # type: (Any) -> Any
        """Enter the state that reads the body of *head*, and give *head* itself."""
        length = head.length
        if length == 0:
            self._state = START
        elif length == CHUNKED:
            self._state = CHUNK_SIZE
            self._total = self._extensions = self.chunks = 0
        elif length == UNTIL_CLOSE:
            self._state = ENDLESS
            self._left = self._limits.body_bytes
        elif length > self._limits.body_bytes:
            raise self._refusal('a body of %d octets' % length, 413)
        else:
            self._state = BODY
            self._left = length
        return head

    # -- bodies ------------------------------------------------------------------------------------------------------

    def _read_body(self):
        # type: () -> Any
        """BODY: as many octets as Content-Length said (RFC 9112 section 6.2)."""
        piece = self._piece()
        if not self._left:
            self._state = END
        return piece or self._cut_short()

    def _read_endless(self):
        # type: () -> Any
        """ENDLESS: whatever comes, up to the end of the connection."""
        piece = self._piece()
        if piece:
            return piece
        if len(self):
            raise self._refusal('a body longer than %d octets' % self._limits.body_bytes, 413)
        if self._eof:
            self._state = END
            return AGAIN
        return None

    def _read_chunk_size(self):
        # type: () -> Any
        """CHUNK_SIZE: the line before the data of a chunk (RFC 9112 section 7.1)."""
        limits = self._limits
        line = self._line(limits.chunk_line_bytes, 400)
        if line is None:
            return self._cut_short()
        chunk = parse_chunk_line(line, self._leniency.chunk_padding)
        if chunk is None:
            raise self._refusal('a line that is no chunk size', 400)
        size, extensions = chunk
        self._extensions += extensions
        if self._extensions > limits.chunk_extension_bytes:
            raise self._refusal('more than %d octets of chunk extensions' % limits.chunk_extension_bytes, 400)
        self.chunks += 1
        self._total += size
        if self._total > limits.body_bytes:
            raise self._refusal('a body of more than %d octets' % limits.body_bytes, 413)
        if size:
            self._left = size
            self._state = CHUNK_DATA
        else:
            self._begin_section()
            self._state = TRAILERS
        return AGAIN

    def _read_chunk_data(self):
        # type: () -> Any
        """CHUNK_DATA: what has come of the chunk."""
        piece = self._piece()
        if not self._left:
            self._state = CHUNK_CRLF
        return piece or self._cut_short()

    def _read_chunk_crlf(self):
        # type: () -> Any
        """CHUNK_CRLF: two octets, which have to be these (RFC 9112 section 7.1).

        To skip them unread is a way to smuggle, so one wrong octet is enough for a refusal before the other has come.
        """
        self._spill()
        ending = self._buffer.peek(2)       # type: ignore
        if ending == b'\r\n':
            self._buffer.discard(2)         # type: ignore
            self._state = CHUNK_SIZE
            return AGAIN
        if ending not in (b'', b'\r'):
            raise self._refusal('a chunk that does not end where it said', 400)
        return self._cut_short()

    def _read_trailers(self):
        # type: () -> Any
        """TRAILERS: the fields behind the last chunk (RFC 9112 section 7.1.2)."""
        more = self._field()
        if more is None:
            return self._cut_short()
        if not more:
            self._state = END
        elif self._fields[-1][0].lower() in FORBIDDEN_TRAILERS:
            raise self._refusal('%s among the trailers' % native(self._fields[-1][0]), 400)
        return AGAIN

    def _read_end(self):
        # type: () -> End
        """END: everything was given out."""
        self._state = START
        if not self._fields:
            return PLAIN_END
        fields, self._fields = self._fields, None
        return End(Headers(fields))

    def _read_start(self):
        # type: () -> Any
        """START: the first line of a message, and often all of its head."""
        raise NotImplementedError

    def _read_tunnel(self):
        # type: () -> None
        """TUNNEL: not HTTP any more; see ``unparsed``."""
        return None

    def _read_failed(self):
        # type: () -> None
        """FAILED: once and for all."""
        self._let_go()
        raise self._error               # type: ignore


_READERS = {START: lambda receiver: receiver._read_start(),     # the one that differs between the roles
            FIELDS: Receiver._read_fields, BODY: Receiver._read_body, ENDLESS: Receiver._read_endless,
            CHUNK_SIZE: Receiver._read_chunk_size, CHUNK_DATA: Receiver._read_chunk_data,
            CHUNK_CRLF: Receiver._read_chunk_crlf, TRAILERS: Receiver._read_trailers, END: Receiver._read_end,
            TUNNEL: Receiver._read_tunnel, FAILED: Receiver._read_failed}

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Tuple
