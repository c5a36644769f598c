# Copyright the carryall authors.  See LICENSE.
"""Exchange: the object at the front end that a personal server calls with its response
(the request object of Twisted's distrib).

Wire:     setResponseCode, setHeader, addCookie, setETag, setLastModified, write, finish,
          registerProducer, unregisterProducer; appendHeader and stop are additions.
Flow:     a write is answered once the client has taken enough of the octets before it.  A producer
          is paused and resumed, or asked for each piece if it wants that.
Tests:    tests/services/distrib/test_exchange.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import int_types, text_type, to_bytes
from carryall.core.errors import ConnectionLost, LocalProtocolError
from carryall.core.future import Future
from carryall.core.logs import get_logger
from carryall.core.codec.numbers import decimal
from carryall.protocols import pb
from carryall.protocols.http import Body, Headers, MutableHeaders, Response
from carryall.protocols.http.fields import BODILESS, format_date, parse_date
from carryall.services.distrib.state import HOP_BY_HOP
from carryall.services.distrib.remoteproducer import RemoteProducer

__all__ = ['Exchange']

# -- limits ------------------------------------------------------------------
HIGH_BYTES = 262144         # waiting for the client, above which the personal server is paused
LOW_BYTES = 65536           # at which it is resumed
MAX_WHOLE = 1 << 40         # above the octets that can be kept before a response begins
MAX_FIELDS = 200            # header fields of a response

_COOKIE_WORDS = (('expires', b'Expires'), ('domain', b'Domain'), ('path', b'Path'),
                 ('max_age', b'Max-Age'),
                 ('comment', b'Comment'), ('sameSite', b'SameSite'))

log = get_logger('distrib')


class Exchange(pb.Referenceable):
    """One request that a personal server answers.

    Args:     request: the client's.
              held: called with each change of the number of octets that wait for the client
                    (positive if there are more).

    Attributes:
        response: Future of the Response; its body is read as it arrives.
        done: Future of None, done when the personal server has finished,
              or when its response is no longer wanted.
    """

    def __init__(self, loop, request, held=None):
        # type: (Any, Any, Any) -> None
        self.response = Future(lambda _: self.abandon())
        self.done = Future()
        self._loop = loop
        self._request = request
        self._account = held
        self._status = 200
        self._headers = MutableHeaders()
        self._body = Body(self._wanted)
        self._bodiless = request.method == b'HEAD'
        self._begun = False
        self._gone = False
        self._waiting = []          # type: List[Future]    # writes that are not answered
        self._producer = None       # type: Optional[RemoteProducer]
        self._counted = 0           # octets that `held` was called with
        self._fed = 0               # octets of the body that arrived
        self._declared = -1         # octets that Content-Length announced; -1 for none

    # -- what the personal server calls ------------------------------------------------------------

    def _check(self):
        # type: () -> None
        if self._gone or self.done.done():
            raise pb.PBError(u'The client has disconnected.')

    def remote_setResponseCode(self, code, message=None):
        # type: (Any, Any) -> None
        """Sets the status; its reason phrase is ours."""
        self._check()
        if not isinstance(code, int_types) or not 200 <= code <= 599:
            raise pb.PBError(u'Not a status code.')
        self._status = int(code)

    def remote_setHeader(self, name, value):
        # type: (Any, Any) -> None
        """Sets a field, in place of all fields of its name."""
        self._check()
        name = _octets(name)
        if name.lower() not in HOP_BY_HOP and len(self._headers) < MAX_FIELDS:
            self._set(self._headers.set, name, _octets(value))

    def remote_appendHeader(self, name, value):
        # type: (Any, Any) -> None
        """Adds a field of this name."""
        self._check()
        name = _octets(name)
        if name.lower() not in HOP_BY_HOP and len(self._headers) < MAX_FIELDS:
            self._set(self._headers.add, name, _octets(value))

    def _set(self, change, name, value):
        # type: (Callable[[bytes, bytes], None], bytes, bytes) -> None
        if self._begun:
            return                  # too late, and ignored as in Twisted
        try:
            change(name, value)
        except LocalProtocolError:
            raise pb.PBError(u'Not a header field.')

    def remote_addCookie(self, name, value, secure=None, httpOnly=False, **words):
        # type: (Any, Any, Any, Any, **Any) -> None
        """A cookie."""
        line = [_octets(name) + b'=' + _octets(value)]
        for key, shown in _COOKIE_WORDS:
            if words.get(key) is not None:
                line.append(shown + b'=' + _octets(words[key]))
        line.extend(word for word, on in ((b'Secure', secure), (b'HttpOnly', httpOnly)) if on)
        self.remote_appendHeader(b'Set-Cookie', b'; '.join(line))

    def remote_setETag(self, etag):
        # type: (Any) -> None
        """Sets the entity tag; a client that has this version gets 304."""
        etag = _octets(etag)
        self.remote_setHeader(b'ETag', etag)
        known = self._request.headers.get(b'if-none-match')
        if known is not None and not self._begun \
                and etag in [one.strip() for one in known.split(b',')]:
            self._status = 304 if self._request.method in (b'GET', b'HEAD') else 412

    def remote_setLastModified(self, when):
        # type: (Any) -> None
        """Sets the last modification, in seconds since 1970; a client that has it gets 304."""
        if not isinstance(when, int_types + (float,)) or not 0 <= when < 1 << 37:
            raise pb.PBError(u'Not a time.')
        when = int(when)
        self.remote_setHeader(b'Last-Modified', format_date(when))
        since = self._request.headers.get(b'if-modified-since')
        if since is not None and b'if-none-match' not in self._request.headers and not self._begun:
            known = parse_date(since)
            if known is not None and when <= known and self._request.method in (b'GET', b'HEAD'):
                self._status = 304

    def remote_write(self, data):
        # type: (Any) -> Any
        """Takes a piece of the body; answered when there is room for the next."""
        self._check()
        data = _octets(data)
        if self._bodiless or not data or self._body.ended:
            return None
        if not self._fed:
            self._declared = decimal(self._headers.get(b'content-length', b'x'), MAX_WHOLE)
            self._declared = -1 if self._declared is None else self._declared
        if not self._begun and not self._body.buffered:
            # The end is often in the same segment, and then the length is known.
            self._loop.call_soon(self._begin)
        self._feed(data)
        if self._body.buffered > HIGH_BYTES or self._fed >= self._declared >= 0:
            self._begin()
        if self._body.buffered <= HIGH_BYTES:
            return None
        self._hold_up()
        waiting = Future()
        self._waiting.append(waiting)
        return waiting

    def remote_finish(self):
        # type: () -> None
        """Ends the response."""
        if self._gone or self.done.done():
            return
        self._release_producer()
        if not self._begun:
            self._begin(whole=True)
        elif not self._body.ended:
            self._body.end(Headers())
        self._complete()

    def remote_stop(self):
        # type: () -> None
        """Aborts the response."""
        self.fail(ConnectionLost(u'the personal server aborted the response'))

    def remote_registerProducer(self, producer, streaming):
        # type: (Any, Any) -> None
        """Registers a producer that can be paused, or that waits to be asked for each piece."""
        self._check()
        if not isinstance(producer, pb.RemoteReference) or self._producer is not None:
            raise pb.PBError(u'Not a producer, or the second one.')
        self._producer = RemoteProducer(producer.keep(), bool(streaming), self._resumed)
        self._go_on()

    def remote_unregisterProducer(self):
        # type: () -> None
        """Unregisters the producer: it has produced everything."""
        self._release_producer()

    def released_by_peer(self, broker):
        """Fails if the connection ends, or if the personal server drops its reference."""
        self.fail(ConnectionLost(u'the personal server has disconnected'))

    # -- the front end's side ----------------------------------------------------------------------

    def answered(self, result):
        # type: (Any) -> None
        """Takes the answer to the call itself: 1, or from very old servers the whole body."""
        if isinstance(result, (bytes, text_type)) and not self.done.done():
            self.remote_write(result)
            self.remote_finish()

    def fail(self, error):
        # type: (Any) -> None
        """Ends the response with *error*: the personal server will send no more."""
        if self.done.done():
            return
        self._gone = True
        if not self.response.done():
            self.response.set_exception(error)
        self._body.fail(error)
        self._complete()

    def abandon(self):
        # type: () -> None
        """Ends the response: the client wants no more; harmless if it is complete."""
        if self._gone or self.done.done() or self._body.ended:
            return
        self._gone = True
        producer = self._producer
        if producer is not None:
            producer.stop()
        self._body.fail(ConnectionLost(u'the client has disconnected'))
        self._count()
        self._complete()

    def read(self, maximum):
        # type: (int) -> Future
        """A Future of the next octets of the body, for the Response."""
        future = self._body.read(maximum)
        future.add_done_callback(lambda _: self._count())
        return future

    def close(self):
        # type: () -> None
        """Ends the reading of the body; harmless at its end."""
        self.abandon()

    # -- inside ------------------------------------------------------------------------------------

    def _begin(self, whole=False):
        # type: (bool) -> None
        """Makes the Response, unless it is made."""
        if self._begun or self._gone:
            return
        self._begun = True
        headers = self._headers
        if self._status in BODILESS:
            self._bodiless = True
            headers.remove(b'content-length')
            self._count()
        elif b'content-type' not in headers:
            headers.set(b'Content-Type', b'text/html')      # the default of distrib since 2002
        body = self                 # type: Any
        if self._bodiless:
            body = b''
        elif whole:
            if not self._body.ended:
                self._body.end(Headers())
            body = self._body.read_all(MAX_WHOLE).result()      # complete already
            if b'content-length' in headers and headers.get(b'content-length') != b'%d' % len(body):
                headers.remove(b'content-length')
        if not self.response.done():
            self.response.set_result(Response(self._status, headers, body))
        if whole or self._bodiless:
            self._drop()

    def _feed(self, data):
        # type: (bytes) -> None
        if self._declared >= 0:
            data = data[:self._declared - self._fed]
        self._fed += len(data)
        if data:
            self._body.feed(data)
        if self._fed == self._declared:
            # The client has all that was announced and may disconnect;
            # the remaining calls of the personal server concern the front end alone.
            self._body.end(Headers())
        self._count()

    def _count(self):
        # type: () -> None
        """Tells how much waits, and resumes the personal server if it is little."""
        now = 0 if self._gone else self._body.buffered
        change, self._counted = now - self._counted, now
        if change and self._account is not None:
            self._account(change)
        if now <= LOW_BYTES:
            self._wanted()

    def _drop(self):
        # type: () -> None
        """Forgets the octets that arrived: the Response has them."""
        change, self._counted = -self._counted, 0
        if change and self._account is not None:
            self._account(change)

    def _wanted(self):
        # type: () -> None
        """Answers the writes that wait: there is room."""
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)
        self._go_on()

    def _go_on(self):
        # type: () -> None
        """Asks the producer for the next piece, or resumes it after a pause."""
        producer = self._producer
        if producer is not None and not self._gone and self._body.buffered <= HIGH_BYTES:
            producer.demand()

    def _resumed(self, future):
        # type: (Future) -> None
        if future.exception() is not None:
            log.info('a producer failed: %s', future.exception())
            self.fail(ConnectionLost(u'the personal server aborted the response'))
        elif self._producer is not None and self._producer.idle:
            self._go_on()

    def _hold_up(self):
        # type: () -> None
        if self._producer is not None:
            self._producer.pause()

    def _release_producer(self):
        # type: () -> None
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.release()

    def _complete(self):
        # type: () -> None
        self._release_producer()
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                if self._gone:
                    future.set_exception(pb.PBError(u'The client has disconnected.'))
                else:
                    future.set_result(None)
        if not self.done.done():
            self.done.set_result(None)


def _octets(value):
    # type: (Any) -> bytes
    if isinstance(value, (bytes, text_type)):
        return to_bytes(value)
    if isinstance(value, int_types):
        return b'%d' % value
    raise pb.PBError(u'Not a string.')


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional
