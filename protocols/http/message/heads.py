# Copyright the carryall authors.  See LICENSE.
"""The roles of a Receiver: RequestReceiver for servers, ResponseReceiver for clients (RFC 9112
sections 3 and 4).

They differ in the first line, and in the rules for the length of the body; the rest is in `wire`.

Tests:    tests/protocols/http/message/test_wire.py, tests/protocols/http/server/test_smuggling.py,
          tests/protocols/http/test_settings.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.compat import byte2int, native
from carryall.core.errors import LocalProtocolError
from carryall.protocols.http.errors import HTTPError
from carryall.protocols.http.message.events import CLOSED, RequestHead, ResponseHead
from carryall.protocols.http.message.headersection import Section, request_section, response_section
from carryall.protocols.http.message.seenlines import SeenLines
from carryall.protocols.http.fields.grammar import (ABSOLUTE, AUTHORITY, MAX_STATUS, ORIGIN,
                                                    PLAIN_TARGET, authority_of, parse_request_line,
                                                    parse_status_line, target_form)
from carryall.protocols.http.fields.headerfields import Headers
from carryall.protocols.http.fields.fieldsyntax import is_token
from carryall.protocols.http.fields.tables import HTTP_0_9, VERSIONS
from carryall.protocols.http.settings import Settings
from carryall.protocols.http.message.wire import AGAIN, FIELDS, START, TUNNEL, Receiver

__all__ = ['RequestReceiver', 'ResponseReceiver', 'SeenSections']

# -- limits ------------------------------------------------------------------
# The two defaults bound the memory of one server to 128 KiB and the fields in them; the RFC is
# silent.
MAX_SEEN = 128              # header sections remembered
MAX_SEEN_BYTES = 1024       # octets of such a section, with the version before it
MAX_ONCE = 512              # sections known to have come once
# Empty lines before a request; RFC 9112 section 2.2 asks for at least one
MAX_BLANKS = 1

DEFAULTS = Settings()

MOST_ODD = 999              # the highest status of three digits
# Octets after the target of a request line whose LF has not come
LONGEST_VERSION = len(b'HTTP/1.1\r')

# -- targets -----------------------------------------------------------------
HAVE_AUTHORITY = (ABSOLUTE, AUTHORITY)      # the forms that name the host themselves


class SeenSections(object):
    """Header sections of requests that were validated before, shared by the connections of one
    site.

    Clients repeat the same fields, and only the target changes.  The meaning of a section depends
    on its bytes and the settings alone, so an equal section is not validated again.  A section is
    kept when it comes for the second time; sections that differ each time (a changing cookie, a
    request number) cost nothing.

    A client can neither fill the memory nor slow the search: the table is small, and emptied when
    it is full.

    Attributes:
        lines: the SeenLines, for those sections that differ in a few of them.
    """

    __slots__ = ('get', 'lines', '_sections', '_once')

    def __init__(self):
        # type: () -> None
        self.lines = SeenLines()
        self._sections = {}                 # type: Dict[bytes, Section]
        self._once = set()                  # type: Set[int]   # hashes of those that came once
        self.get = self._sections.get       # the dict's own method: one call for each request

    def add(self, octets, section):
        # type: (bytes, Section) -> None
        """Notes the meaning of *octets*, from the version to the last field."""
        if len(octets) > MAX_SEEN_BYTES:
            return
        # The hash only recognises it: `get` compares the octets in full
        key = hash(octets)
        if key not in self._once:
            if len(self._once) >= MAX_ONCE:
                self._once.clear()
            self._once.add(key)
            return
        if len(self._sections) >= MAX_SEEN:
            self._sections.clear()
        self._sections[octets] = section


class RequestReceiver(Receiver):
    """Parses requests, for a server.

    Args:     seen: a SeenSections to share among receivers with the same settings.
              head: the class of the events, RequestHead or a subclass.

    Attributes:
        in_clear: true if requests come without TLS from another machine, and so cannot be for an
            https resource.
    """

    __slots__ = ('in_clear', '_methods', '_seen', '_head', '_short_line', '_line_words', '_blanks')

    def __init__(self, settings=DEFAULTS, seen=None, head=RequestHead):
        # type: (Settings, Optional[SeenSections], Any) -> None
        Receiver.__init__(self, settings)
        self._methods = settings.known_methods
        self._seen = seen if seen is not None else SeenSections()
        self._head = head
        self._short_line = min(settings.start_line_bytes - 2, settings.target_bytes)    # fits both
        # method, target, version of the request whose fields are being read
        self._line_words = None     # type: Any
        self._blanks = 0            # empty lines before it
        self.in_clear = False

    def next_event(self):
        # type: () -> Any
        if self.state == START:            # the two usual cases before anything else, for speed
            if self.data:
                head = self._whole_head()
                if head is not None:
                    return head
            elif not self.buffer and not self.ended:
                return None
        return Receiver.next_event(self)

    def _whole_head(self):
        # type: () -> Optional[RequestHead]
        """The head, if it is whole in the piece; None if it is not, or is unusual or malformed.

        The states START and FIELDS give each such head the same meaning; they decide about all
        others.
        """
        data = self.data
        at = self.at
        end = data.find(b'\r\n\r\n', at)
        if end < 0:
            return None
        line_end = data.find(b'\r\n', at)
        words = data[at:line_end].split(b' ')
        if len(words) != 3:
            return self._after_blank(line_end)
        method, target, version = words
        octets = data[line_end - len(version):end]
        section = self._seen.get(octets)
        if section is None:
            section = self._new_section(version, octets)
            if section is None:
                return None
        size = line_end - at
        if (method not in self._methods
                or size > self._short_line and not self._line_fits(size, target)):
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
            self.data = b''
            at = 0
        self.at = at
        self._blanks = 0
        return self.begin_body(head) if section.length else head

    def _after_blank(self, line_end):
        # type: (int) -> Optional[RequestHead]
        """The head after an empty line; one is allowed."""
        if line_end != self.at or self._blanks >= MAX_BLANKS:
            return None
        self._blanks += 1
        self.at += 2
        return self._whole_head()

    def _new_section(self, version, octets):
        # type: (bytes, bytes) -> Optional[Section]
        """Validates a section that was not seen before, *octets* with the version before it; None
        if it must be read line by line.
        """
        number = VERSIONS.get(version)
        size = len(octets) - len(version)
        settings = self.settings
        if number is None or not size or size > settings.header_bytes:
            return None
        lines = octets.split(b'\r\n')
        del lines[0]                # the version
        if len(lines) > settings.header_count:
            return None
        try:
            section = self._seen.lines.section(number, lines)
        except HTTPError:
            return None             # an error of the request line before it takes precedence
        if section is None:
            return None
        self._seen.add(octets, section)
        return section

    def _line_fits(self, length, target):
        # type: (int, bytes) -> bool
        settings = self.settings
        return length + 2 <= settings.start_line_bytes and len(target) <= settings.target_bytes

    def status_of_long(self, line):
        # type: (bytes) -> int
        """The status for the leftmost wrong word (RFC 9112 section 3)."""
        method, _, rest = line.partition(b' ')
        if not is_token(method):
            return 400
        if method not in self._methods:
            return 501
        target, _, version = rest.partition(b' ')
        fits = len(target) <= self.settings.target_bytes
        return 400 if fits and len(version) > LONGEST_VERSION else 414

    def _is_misdirected(self, target):
        # type: (bytes) -> bool
        """True if *target*, in absolute-form, asks for https on a connection in clear (RFC 9110
        section 7.4).
        """
        return self.in_clear and target[:6].lower() == b'https:'

    def read_start(self):
        # type: () -> Any
        """START: the request line once it has come; the head if it is whole."""
        if self.data:
            head = self._whole_head()
        else:
            head = self._whole_head_in_buffer()
        if head is not None:
            return head
        self.spill()
        first = self.buffer.peek(1)            # type: ignore
        if not first:
            return CLOSED if self.ended else None
        if first not in b'\r\n' and not is_token(first):
            guess = ' (it may be TLS)' if first == b'\x16' else ''
            octet = byte2int(first)
            raise self.refusal('a request does not begin with octet %d%s' % (octet, guess), 400)
        line = self.line(self.settings.start_line_bytes, None)
        if line is None:
            return None
        if not line:
            self._blanks += 1
            if self._blanks > MAX_BLANKS:
                raise self.refusal('more than %d empty lines before a request' % MAX_BLANKS, 400)
            return AGAIN
        return self._begin_head(line)

    def _whole_head_in_buffer(self):
        # type: () -> Optional[RequestHead]
        """Takes everything out of the buffer if it has a whole head, and tries that.

        Otherwise all requests after a divided one would be read line by line.  With tolerances the
        attempt could fail for each of many valid requests, and the copying would become quadratic.
        So it is made without tolerances alone.
        """
        buffered = self.buffer
        if not buffered or not self.settings.is_strict:
            return None
        if buffered.find(b'\n') < 0 or buffered.find(b'\r\n\r\n') < 0:
            return None
        self.data = buffered.take_all()
        return self._whole_head()

    def _begin_head(self, line):
        # type: (bytes) -> Any
        """Takes the request line, without its end; the leftmost wrong word decides the error."""
        words = parse_request_line(line)
        if words is None:
            raise self.refusal('the first line is not a request line', 400)
        method, target, version = words
        if method not in self._methods:
            raise self.refusal('unknown method %s' % native(method), 501)
        if len(target) > self.settings.target_bytes:
            raise self.refusal('the target has %d octets' % len(target), 414)
        form = target_form(method, target)
        if form is None:
            raise self.refusal('invalid target', 400)
        if form == ABSOLUTE and self._is_misdirected(target):
            raise self.refusal('an https target on a connection without TLS', 421)
        self._blanks = 0
        if not version:
            return self._begin_0_9(method, target, form)
        if version not in VERSIONS:
            raise self.refusal('unknown version %s' % native(version), 505)
        self._line_words = words
        self.begin_section()
        self.state = FIELDS
        return AGAIN

    def _begin_0_9(self, method, target, form):
        # type: (bytes, bytes, str) -> RequestHead
        """A request of one line, the only one on its connection (RFC 1945 section 4.1)."""
        if not self.settings.http_0_9 or form != ORIGIN:
            raise self.refusal('the request line has no version', 400)
        self.state = TUNNEL
        return self._head(method, target, Section(HTTP_0_9, Headers(), keep_alive=False))

    def judged(self, fields):
        # type: (List[Tuple[bytes, bytes]]) -> RequestHead
        method, target, version = self._line_words
        self._line_words = None
        try:
            section = request_section(VERSIONS[version], fields)
        except HTTPError as exc:
            raise self.refusal(exc.message, exc.reply)
        head = self._head(method, target, section)
        form = target_form(method, target)
        if form in HAVE_AUTHORITY:
            _take_authority(head, form)
        return head


def _take_authority(head, form):
    # type: (RequestHead, Optional[str]) -> None
    """Replaces Host by the authority of the target, for all readers of *head* (RFC 9112 section
    3.2.2).
    """
    authority = head.target
    if form == AUTHORITY:
        # Octets behind a CONNECT may belong to the tunnel (RFC 9110 section 9.3.6)
        head.keep_alive = False
    else:
        authority = authority_of(head.target)   # type: ignore  # it was valid
    if head.host is not None and head.host != authority:
        # Other requests may share the section, so its fields are not changed in place.
        head.headers = Headers([(name, authority if name.lower() == b'host' else value)
                                for name, value in head.headers])
    head.host = authority


class ResponseReceiver(Receiver):
    """Parses responses, for a client.

    The meaning of a response depends on its request: call ``expect(method)`` for each one sent.  A
    1xx before the final response is a ResponseHead of its own.
    """

    __slots__ = ('_expected', '_status', '_tunnel')

    def __init__(self, settings):
        # type: (Any) -> None
        Receiver.__init__(self, settings)
        self._expected = deque()    # type: deque
        # version, status, reason of the response whose fields are being read
        self._status = None         # type: Any
        self._tunnel = False        # true if the octets after the head are not HTTP

    def expect(self, method):
        # type: (bytes) -> None
        """Expects the response to a request with *method*, which was sent."""
        if self.state == TUNNEL:
            raise LocalProtocolError('the connection is no longer HTTP')
        self._expected.append(method)

    def read_start(self):
        # type: () -> Any
        """START: the status line once it has come; the head if it is whole."""
        if not len(self):
            return CLOSED if self.ended else None
        if not self._expected:
            raise self.refusal('the server responds without a request', 400)
        head = self._whole_head()
        if head is not None:
            return head
        line = self.line(self.settings.start_line_bytes, 414)
        if line is None:
            return None
        self._status = self._parsed(line)
        if self._status is None:
            raise self.refusal('the first line is not a status line', 400)
        if self._status[0] not in VERSIONS:
            raise self.refusal('unknown version %s' % native(self._status[0]), 505)
        self.begin_section()
        self.state = FIELDS
        return AGAIN

    def _parsed(self, line):
        # type: (bytes) -> Optional[Tuple[bytes, int, bytes]]
        settings = self.settings
        highest = MOST_ODD if settings.odd_status else MAX_STATUS
        return parse_status_line(line, not settings.bare_status, highest)

    def _whole_head(self):
        # type: () -> Optional[ResponseHead]
        """The head, if it is whole in the piece and valid; else None."""
        data = self.data
        at = self.at
        end = data.find(b'\r\n\r\n', at)
        line_end = data.find(b'\r\n', at)
        if end < 0 or line_end + 2 - at > self.settings.start_line_bytes:
            return None
        status = self._parsed(data[at:line_end])
        fields = self.whole_section(data, line_end, end)
        if status is None or status[0] not in VERSIONS or fields is None:
            return None
        self.at = end + 4
        if self.at == len(data):
            self.data = b''
            self.at = 0
        self._status = status
        return self.begin_body(self.judged(fields))

    def judged(self, fields):
        # type: (List[Tuple[bytes, bytes]]) -> ResponseHead
        version, status, reason = self._status
        self._status = None
        method = self._expected[0]
        try:
            section = response_section(VERSIONS[version], status, method, fields,
                                       self.settings.same_lengths)
        except HTTPError as exc:
            raise self.refusal(exc.message, exc.reply)
        self._tunnel = status == 101 or method == b'CONNECT' and 200 <= status < 300
        if status >= 200 or self._tunnel:
            self._expected.popleft()
        return ResponseHead(status, reason, section)

    def begin_body(self, head):
        # type: (ResponseHead) -> ResponseHead
        if self._tunnel:
            self.state = TUNNEL
            return head
        return Receiver.begin_body(self, head)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Set, Tuple
