# Copyright the carryall authors.  See LICENSE.
"""The two roles of a Receiver: RequestReceiver for servers, ResponseReceiver for clients (RFC 9112 sections 3 and 4).

They differ in the first line and in what the header section says about the body; the rest is in ``wire``.

Tests:    tests/protocols/http/message/test_wire.py, test_smuggling.py, test_limits.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.compat import byte2int, native
from carryall.core.errors import LocalProtocolError, RemoteProtocolError
from carryall.protocols.http.message.events import CLOSED, RequestHead, ResponseHead
from carryall.protocols.http.message.framing import Section, request_section, response_section
from carryall.protocols.http.fields.grammar import (ABSOLUTE, AUTHORITY, MAX_STATUS, ORIGIN, PLAIN_TARGET, authority_of, parse_request_line,
                                             parse_status_line, target_form)
from carryall.protocols.http.fields.headers import Headers
from carryall.protocols.http.fields.fieldsyntax import is_token
from carryall.protocols.http.fields.tables import HTTP_0_9, METHODS, VERSIONS
from carryall.protocols.http.message.wire import AGAIN, FIELDS, FORGIVING, START, STRICT, TUNNEL, Receiver

__all__ = ['RequestReceiver', 'ResponseReceiver', 'SeenSections']

# -- limits ------------------------------------------------------------------
MAX_SEEN = 128              # header sections remembered, none longer than
MAX_SEEN_BYTES = 1024       # octets with the version before it; both ours: 128 KiB and their fields, for a whole site
MAX_ONCE = 512              # sections of which it is remembered that they came
MAX_BLANKS = 1              # empty lines before a request; RFC 9112 section 2.2 wants one at least

MOST_ODD = 999              # the highest status of three digits
LONGEST_VERSION = len(b'HTTP/1.1\r')         # octets behind the target of a request line, whose LF may not have come

# -- targets -----------------------------------------------------------------
HAVE_AUTHORITY = (ABSOLUTE, AUTHORITY)      # the forms that name the host themselves


class SeenSections(object):
    """Header sections of requests that were judged before, shared by the connections of one site.

    Clients send the same fields again and again, only the target changes.  The judgement of a section depends on nothing
    but its bytes (and the site's limits), so a section that is equal to one seen before needs none.  It is kept when it
    comes for the second time: those that differ each time (a changing cookie, a number of the request) cost nothing.

    Nobody can fill the memory or slow the search with it: it has few places, and is emptied when they are taken.
    """

    __slots__ = ('get', '_sections', '_once')

    def __init__(self):
        # type: () -> None
        self._sections = {}                 # type: Dict[bytes, Section]
        self._once = set()                  # type: Set[int]   # hashes of those that came once
        self.get = self._sections.get       # the dict's own: one call for each request

    def add(self, octets, section):
        # type: (bytes, Section) -> None
        """Take note of what *octets*, from the version to the last field, were found to mean."""
        if len(octets) > MAX_SEEN_BYTES:
            return
        key = hash(octets)                  # only to know it again: what is answered is compared in full
        if key not in self._once:
            if len(self._once) >= MAX_ONCE:
                self._once.clear()
            self._once.add(key)
            return
        if len(self._sections) >= MAX_SEEN:
            self._sections.clear()
        self._sections[octets] = section


class RequestReceiver(Receiver):
    """Takes requests apart, on the server's side.

    Args:     methods: those that are known, all others are 501.
              seen: a SeenSections to share; its users must have the same limits.
              head: the class of the events, RequestHead or a subclass.

    Attributes:
        in_clear: whether the requests come without TLS from another machine, and so cannot be for an https resource.
    """

    __slots__ = ('in_clear', '_methods', '_seen', '_head', '_short_line', '_line_words', '_blanks')

    def __init__(self, limits=None, leniency=STRICT, methods=METHODS, seen=None, head=RequestHead):
        # type: (Optional[Limits], Leniency, FrozenSet[bytes], Optional[SeenSections], Any) -> None
        Receiver.__init__(self, limits, leniency)
        self._methods = methods
        self._seen = seen if seen is not None else SeenSections()
        self._head = head
        self._short_line = min(self._limits.start_line_bytes - 2, self._limits.target_bytes)    # is within both
        self._line_words = None     # type: Any   # method, target, version of the request whose fields are being read
        self._blanks = 0            # empty lines before it
        self.in_clear = False

    def next_event(self):
        # type: () -> Any
        if self._state == START:            # the two usual cases before anything else, for speed
            if self._data:
                head = self._whole_head()
                if head is not None:
                    return head
            elif not self._buffer and not self._eof:
                return None
        return Receiver.next_event(self)

    def _whole_head(self):
        # type: () -> Optional[RequestHead]
        """The head that lies whole in the piece; None if it does not, or if anything about it is unusual or wrong.

        What this takes, the states START and FIELDS would take and understand in the same way; for all else they decide.
        """
        data = self._data
        at = self._at
        end = data.find(b'\r\n\r\n', at)
        if end < 0:
            return None
        line_end = data.find(b'\r\n', at)
        words = data[at:line_end].split(b' ')
        if len(words) != 3:
            return self._after_blank(line_end)
        method, target, version = words
        section = self._seen.get(data[line_end - len(version):end])
        if section is None:
            section = self._new_section(version, data, line_end, end)
            if section is None:
                return None
        if method not in self._methods or line_end - at > self._short_line and not self._line_fits(line_end - at, target):
            return None
        head = self._head(method, target, section)
        if target[:1] != b'/' or target.translate(None, PLAIN_TARGET) or method == b'CONNECT':
            form = target_form(method, target)
            if form is None or form == ABSOLUTE and self._is_misdirected(target):
                return None
            if form in HAVE_AUTHORITY:
                _take_authority(head, form)
        at = end + 4
        if at == len(data):
            self._data = b''
            at = 0
        self._at = at
        self._blanks = 0
        return self._begin_body(head) if section.length else head

    def _after_blank(self, line_end):
        # type: (int) -> Optional[RequestHead]
        """The head after an empty line, of which there may be one."""
        if line_end != self._at or self._blanks >= MAX_BLANKS:
            return None
        self._blanks += 1
        self._at += 2
        return self._whole_head()

    def _new_section(self, version, data, begin, end):
        # type: (bytes, bytes, int, int) -> Optional[Section]
        """Judge a section that was not seen before; None if it is to be judged line by line."""
        number = VERSIONS.get(version)
        fields = self._whole_section(data, begin, end)
        if number is None or fields is None:
            return None
        try:
            section = request_section(number, fields)
        except RemoteProtocolError:
            return None             # the request line before it may have an error too, and is to be heard first
        self._seen.add(data[begin - len(version):end], section)
        return section

    def _line_fits(self, length, target):
        # type: (int, bytes) -> bool
        return length + 2 <= self._limits.start_line_bytes and len(target) <= self._limits.target_bytes

    def _status_of_long(self, line):
        # type: (bytes) -> int
        """The error of the first word that is wrong, from the left (RFC 9112 section 3)."""
        method, _, rest = line.partition(b' ')
        if not is_token(method):
            return 400
        if method not in self._methods:
            return 501
        target, _, version = rest.partition(b' ')
        return 400 if len(target) <= self._limits.target_bytes and len(version) > LONGEST_VERSION else 414

    def _is_misdirected(self, target):
        # type: (bytes) -> bool
        """Return true if *target*, in absolute-form, asks for https on a connection in clear (RFC 9110 section 7.4)."""
        return self.in_clear and target[:6].lower() == b'https:'

    def _read_start(self):
        # type: () -> Any
        """START: the request line, when it has come; all of the head, if it has come whole."""
        if self._data:
            head = self._whole_head()
        else:
            head = self._whole_head_in_buffer()
        if head is not None:
            return head
        self._spill()
        first = self._buffer.peek(1)            # type: ignore
        if not first:
            return CLOSED if self._eof else None
        if first not in b'\r\n' and not is_token(first):
            raise self._refusal('the input begins with octet %d, no request does%s' % (
                byte2int(first), ' (it may be TLS)' if first == b'\x16' else ''), 400)
        line = self._line(self._limits.start_line_bytes, None)
        if line is None:
            return None
        if not line:
            self._blanks += 1
            if self._blanks > MAX_BLANKS:
                raise self._refusal('more than %d empty lines before a request' % MAX_BLANKS, 400)
            return AGAIN
        return self._begin_head(line)

    def _whole_head_in_buffer(self):
        # type: () -> Optional[RequestHead]
        """If a whole head lies in the buffer, take everything out of it and try there.

        So that requests after one that was cut are not all read line by line.  Not with leniencies, under which that
        may fail for each of many good requests, and the copying would become quadratic.
        """
        buffered = self._buffer
        if not buffered or self._leniency != STRICT or buffered.find(b'\n') < 0 or buffered.find(b'\r\n\r\n') < 0:
            return None
        self._data = buffered.take_all()
        return self._whole_head()

    def _begin_head(self, line):
        # type: (bytes) -> Any
        """Take the request line, without its end; its errors are those of its words, from the left."""
        words = parse_request_line(line)
        if words is None:
            raise self._refusal('no request line', 400)
        method, target, version = words
        if method not in self._methods:
            raise self._refusal('the method %s' % native(method), 501)
        if len(target) > self._limits.target_bytes:
            raise self._refusal('a target of %d octets' % len(target), 414)
        form = target_form(method, target)
        if form is None:
            raise self._refusal('an invalid target', 400)
        if form == ABSOLUTE and self._is_misdirected(target):
            raise self._refusal('an https target on a connection without TLS', 421)
        self._blanks = 0
        if not version:
            return self._begin_0_9(method, target, form)
        if version not in VERSIONS:
            raise self._refusal('the version %s' % native(version), 505)
        self._line_words = words
        self._begin_section()
        self._state = FIELDS
        return AGAIN

    def _begin_0_9(self, method, target, form):
        # type: (bytes, bytes, str) -> RequestHead
        """A request of one line, the only one on its connection (RFC 1945 section 4.1)."""
        if not self._leniency.http_0_9 or form != ORIGIN:
            raise self._refusal('a request line without a version', 400)
        self._state = TUNNEL
        return self._head(method, target, Section(HTTP_0_9, Headers(), keep_alive=False))

    def _judged(self, fields):
        # type: (List[Tuple[bytes, bytes]]) -> RequestHead
        method, target, version = self._line_words
        self._line_words = None
        try:
            section = request_section(VERSIONS[version], fields)
        except RemoteProtocolError as exc:
            raise self._refusal(exc.message, exc.reply)
        head = self._head(method, target, section)
        form = target_form(method, target)
        if form in HAVE_AUTHORITY:
            _take_authority(head, form)
        return head


def _take_authority(head, form):
    # type: (RequestHead, Optional[str]) -> None
    """Let the authority of the target replace Host, for every reader of *head* (RFC 9112 section 3.2.2)."""
    authority = head.target
    if form == AUTHORITY:
        head.keep_alive = False     # what follows a CONNECT may belong to the tunnel (RFC 9110 section 9.3.6)
    else:
        authority = authority_of(head.target)   # type: ignore  # it was valid
    if head.host is not None and head.host != authority:
        # The section may be shared with other requests, so its fields are not changed in place.
        head.headers = Headers([(name, authority if name.lower() == b'host' else value) for name, value in head.headers])
    head.host = authority


class ResponseReceiver(Receiver):
    """Takes responses apart, on the client's side.

    What a response means depends on the request: ``expect(method)`` must be called for each that is sent.  A 1xx before
    the final response is a ResponseHead of its own.
    """

    __slots__ = ('_expected', '_status', '_tunnel')

    def __init__(self, limits=None, leniency=FORGIVING):
        # type: (Optional[Limits], Leniency) -> None
        Receiver.__init__(self, limits, leniency)
        self._expected = deque()    # type: deque
        self._status = None         # type: Any   # version, status, reason of the response whose fields are being read
        self._tunnel = False        # whether what follows the head is not HTTP

    def expect(self, method):
        # type: (bytes) -> None
        """Take note that a request with *method* was sent."""
        if self._state == TUNNEL:
            raise LocalProtocolError('the connection speaks HTTP no more')
        self._expected.append(method)

    def _read_start(self):
        # type: () -> Any
        """START: the status line, when it has come; all of the head, if it has come whole."""
        if not len(self):
            return CLOSED if self._eof else None
        if not self._expected:
            raise self._refusal('a response to no request', 400)
        head = self._whole_head()
        if head is not None:
            return head
        line = self._line(self._limits.start_line_bytes, 414)
        if line is None:
            return None
        self._status = self._parsed(line)
        if self._status is None:
            raise self._refusal('no status line', 400)
        if self._status[0] not in VERSIONS:
            raise self._refusal('the version %s' % native(self._status[0]), 505)
        self._begin_section()
        self._state = FIELDS
        return AGAIN

    def _parsed(self, line):
        # type: (bytes) -> Optional[Tuple[bytes, int, bytes]]
        leniency = self._leniency
        return parse_status_line(line, not leniency.bare_status, MOST_ODD if leniency.odd_status else MAX_STATUS)

    def _whole_head(self):
        # type: () -> Optional[ResponseHead]
        """The head that lies whole in the piece, if that is all in order; else None."""
        data, at = self._data, self._at
        end = data.find(b'\r\n\r\n', at)
        line_end = data.find(b'\r\n', at)
        if end < 0 or line_end + 2 - at > self._limits.start_line_bytes:
            return None
        status = self._parsed(data[at:line_end])
        fields = self._whole_section(data, line_end, end)
        if status is None or status[0] not in VERSIONS or fields is None:
            return None
        self._at = end + 4
        if self._at == len(data):
            self._data = b''
            self._at = 0
        self._status = status
        return self._begin_body(self._judged(fields))

    def _judged(self, fields):
        # type: (List[Tuple[bytes, bytes]]) -> ResponseHead
        version, status, reason = self._status
        self._status = None
        method = self._expected[0]
        try:
            section = response_section(VERSIONS[version], status, method, fields, self._leniency.same_lengths)
        except RemoteProtocolError as exc:
            raise self._refusal(exc.message, exc.reply)
        self._tunnel = status == 101 or method == b'CONNECT' and 200 <= status < 300
        if status >= 200 or self._tunnel:
            self._expected.popleft()
        return ResponseHead(status, reason, section)

    def _begin_body(self, head):
        # type: (ResponseHead) -> ResponseHead
        if self._tunnel:
            self._state = TUNNEL
            return head
        return Receiver._begin_body(self, head)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, FrozenSet, List, Optional, Set, Tuple
    from carryall.protocols.http.message.limits import Limits
    from carryall.protocols.http.message.wire import Leniency
