# Copyright the carryall authors.  See LICENSE.
"""Server-Sent Events: a response that goes on, an event at a time (WHATWG HTML section 9.2).

    def app(request):
        stream = EventStream(loop)
        stream.send(u'hello')
        loop.call_later(1.0, stream.send, u'{"price": 3}', u'price')
        return stream.response()

Wire:     ``id: 7``, ``event: price``, ``data: ...`` for each line of the data, and a blank line.
Rules:    data may have line ends of any kind; each line is sent as one.  A comment is sent when
          nothing else was for KEEP_ALIVE_SECONDS, so that proxies keep the connection (section
          9.2.7).  A client that does not take its events is cut off at MAX_WAITING.
Not here: the application's memory of past events; ``last_event_id`` tells where a client was.
Tests:    tests/protocols/http/message/test_eventstream.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.buffer import Pieces
from carryall.core.compat import text_type
from carryall.core.errors import LocalProtocolError
from carryall.core.future import Future
from carryall.core.records import namedtuple
from carryall.core.codec.numbers import decimal
from carryall.protocols.http.errors import HTTPError
from carryall.protocols.http.message.response import Response

__all__ = ['Event', 'EventParser', 'EventStream', 'encode_event', 'last_event_id']

# -- limits ------------------------------------------------------------------
KEEP_ALIVE_SECONDS = 15.0   # section 9.2.7 proposes it
MAX_WAITING = 1 << 20       # octets that wait for the client
MAX_EVENT = 1 << 20         # octets of an event that a client takes
MAX_ID = 1024               # octets of a Last-Event-ID

COMMENT = b':\n\n'
FIELDS = [(b'Content-Type', b'text/event-stream'), (b'Cache-Control', b'no-store'),
          (b'X-Accel-Buffering', b'no')]        # peer: nginx holds a response back without it

Event = namedtuple('Event', 'type data id')


def encode_event(data, event=None, id=None, retry=None):
    # type: (Any, Any, Any, Optional[int]) -> bytes
    """The octets of one event; texts are sent as UTF-8.

    Args:     retry: milliseconds until a client connects again.
    Raises:   LocalProtocolError: a line end in *event* or *id*, or a NUL in *id*.
    """
    lines = []
    for name, value in ((b'event', event), (b'id', id)):
        if value is not None:
            octets = _octets(value)
            if b'\n' in octets or b'\r' in octets or name == b'id' and b'\0' in octets:
                raise LocalProtocolError('the %s of an event must be one line'
                                         % name.decode('ascii'))
            lines.append(name + b': ' + octets)
    if retry is not None:
        lines.append(b'retry: %d' % retry)
    whole = _octets(data).replace(b'\r\n', b'\n').replace(b'\r', b'\n')
    lines += [b'data: ' + line for line in whole.split(b'\n')]
    return b'\n'.join(lines) + b'\n\n'


def last_event_id(request):
    # type: (Any) -> Optional[Text]
    """The id of the last event that a client had before it connected again; None if it tells none
    (section 9.2.4)."""
    value = request.headers.get(b'last-event-id')
    if value is None or len(value) > MAX_ID:
        return None
    return value.decode('utf-8', 'replace')


class EventStream(object):
    """The events for one client, and the body of the response that brings them.

    Attributes:
        lost: a Future that completes when the client is gone, or was cut off.
        closed: True once the stream is over.
    """

    def __init__(self, clock, waiting=MAX_WAITING, keep_alive=KEEP_ALIVE_SECONDS):
        # type: (Any, int, float) -> None
        self.lost = Future()
        self.closed = False
        self._clock = clock
        self._most = waiting
        self._seconds = keep_alive
        self._pieces = []           # type: List[bytes]
        self._size = 0
        self._asked = None          # type: Optional[Future]   # of the next piece
        self._timer = None          # type: Any
        self._wind()

    def response(self, headers=()):
        # type: (Iterable[Tuple[bytes, bytes]]) -> Response
        """The Response that brings the events."""
        return Response(200, FIELDS + list(headers), self)

    def send(self, data, event=None, id=None, retry=None):
        # type: (Any, Any, Any, Optional[int]) -> bool
        """Sends an event (see encode_event); false if the stream is over."""
        return self._add(encode_event(data, event, id, retry))

    def end(self):
        # type: () -> None
        """Ends the response behind what was sent.  A client connects again, unless it is told not
        to by the status 204."""
        if not self.closed:
            self._finish()
            if self._asked is not None:
                asked, self._asked = self._asked, None
                asked.set_result(b'')

    # -- the body of the response --------------------------------------------------------------

    def __iter__(self):
        # type: () -> EventStream
        return self

    def __next__(self):
        # type: () -> Any
        """The octets that wait, or a Future of the next."""
        if self._pieces:
            return self._taken()
        if self.closed:
            raise StopIteration
        self._asked = Future()
        return self._asked

    next = __next__                 # py2: the name of the method

    def close(self):
        # type: () -> None
        """Called when the response is over, however it ends."""
        self._asked = None
        self._finish()
        del self._pieces[:]
        if not self.lost.done():
            self.lost.set_result(None)

    def _add(self, octets):
        # type: (bytes) -> bool
        if self.closed:
            return False
        self._pieces.append(octets)
        self._size += len(octets)
        if self._asked is not None:
            asked, self._asked = self._asked, None
            self._wind()
            asked.set_result(self._taken())
        elif self._size > self._most:
            self._cut_off()
            return False
        return True

    def _taken(self):
        # type: () -> bytes
        octets = b''.join(self._pieces)
        del self._pieces[:]
        self._size = 0
        return octets

    def _cut_off(self):
        # type: () -> None
        """Ends a stream whose client reads too slowly, without what waits."""
        del self._pieces[:]
        self._finish()
        if not self.lost.done():
            self.lost.set_result(None)

    def _finish(self):
        # type: () -> None
        self.closed = True
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    def _wind(self):
        # type: () -> None
        """Starts the time until the next comment."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._clock.call_later(self._seconds, self._keep_alive)

    def _keep_alive(self):
        # type: () -> None
        self._timer = None
        if self._asked is not None:         # else there is something on its way
            self._add(COMMENT)
        else:
            self._wind()


class EventParser(object):
    """Events out of the octets of a stream, for a client (section 9.2.6)."""

    def __init__(self, most=MAX_EVENT):
        # type: (int) -> None
        self.retry = None           # type: Optional[int]   # milliseconds, as the server says
        self.last_id = u''
        self._most = most
        self._rest = Pieces()       # of a line that is not complete
        self._rest_size = 0
        self._after_cr = False
        self._data = []             # type: List[bytes]
        self._type = b''
        self._size = 0
        self._began = False

    def feed(self, octets):
        # type: (bytes) -> List[Event]
        """The Events that are complete with *octets*.

        Raises:   HTTPError: an event of more than the limit.
        """
        if self._after_cr and octets[:1] == b'\n':
            octets = octets[1:]
        if octets:
            self._after_cr = octets[-1:] == b'\r'
        lines = octets.replace(b'\r\n', b'\n').replace(b'\r', b'\n').split(b'\n')
        found = []                  # type: List[Event]
        self._rest.append(lines[0])
        self._rest_size += len(lines[0])
        if len(lines) > 1:
            lines[0] = self._rest.joined()
            self._rest = Pieces(lines.pop())
            self._rest_size = len(self._rest.joined())
        else:
            lines = []
        for line in lines:
            if not self._began:
                self._began = True
                line = line[3:] if line.startswith(b'\xef\xbb\xbf') else line
            self._take(line, found)
        if self._rest_size + self._size > self._most:
            raise HTTPError('an event of more than %d octets' % self._most)
        return found

    def _take(self, line, found):
        # type: (bytes, List[Event]) -> None
        if not line:
            if self._data:
                found.append(Event((self._type or b'message').decode('utf-8', 'replace'),
                                   b'\n'.join(self._data).decode('utf-8', 'replace'),
                                   self.last_id))
            self._data = []
            self._type = b''
            self._size = 0
            return
        name, _, value = line.partition(b':')
        value = value[1:] if value[:1] == b' ' else value
        self._size += len(line)
        if name == b'data':
            self._data.append(value)
        elif name == b'event':
            self._type = value
        elif name == b'id' and b'\0' not in value:
            self.last_id = value.decode('utf-8', 'replace')
        elif name == b'retry':
            self.retry = decimal(value, 1 << 31) or self.retry


def _octets(value):
    # type: (Any) -> bytes
    return value.encode('utf-8') if isinstance(value, text_type) else value


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, List, Optional, Text, Tuple
