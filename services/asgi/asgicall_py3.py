# Copyright the carryall authors.  See LICENSE.
"""ASGICall: one HTTP request and the call of the application for it (ASGI 3, HTTP message format).

States:   WAITING for http.response.start -> STARTED -> STREAMING -> OVER; from STARTED to OVER if
          the first body is the last; TRAILING before the trailers; GONE: the client is.
          The head is sent with the first body, so that a failure before it is told by a 500.
Tests:    tests/services/asgi/test_asgiapplication_py3.py, test_asgispec_py3.py
"""
from __future__ import absolute_import, division, print_function

import os
from types import CoroutineType

from carryall.core.compat import FAILURES
from carryall.core.errors import CarryallError, LocalProtocolError
from carryall.core.future import Future
from carryall.core.logs import get_logger
from carryall.protocols.http import FileBody, MutableHeaders, Response
from carryall.protocols.http.fields import BODILESS
from carryall.services.asgi.asgifields import fields_of
from carryall.services.asgi.asgioutput import ASGIOutput

__all__ = ['ASGICall', 'ClientDisconnected']

PIECE_BYTES = 65536         # octets of one http.request

# -- states ------------------------------------------------------------------
WAITING, STARTED, STREAMING, TRAILING, OVER, GONE = range(6)

log = get_logger('asgi')


class ClientDisconnected(OSError):
    """send() was called although the client is gone (ASGI 3, "Disconnected Client")."""


class ASGICall(object):
    """One call.

    Args:     app:      the application.
              request:  the Request.
              scope:    for the application.
              settings: a Settings.
              loop:     the loop.
    """

    # Attributes of the class are the values before they are set, which saves setting them for each
    # request
    state = WAITING
    _task = None
    _response = None            # until the future is asked for
    _future = None
    _status = 0
    _started = None
    _output = None
    _sent = 0
    _trails = False             # whether trailers are to come
    _body_done = False          # whether the end of the request was told
    _waiters = None             # futures of receive() for the end
    _ended = False              # whether the application has returned

    def __init__(self, app, request, scope, settings, loop):
        self.app = app
        self.request = request
        self.scope = scope
        self._settings = settings
        self._loop = loop

    def begin(self, start):
        """Calls the application: its Response, or a Future of it.

        Args:     start: makes a task of a coroutine (core/future.py, run_task).
        """
        try:
            coroutine = self.app(self.scope, self.receive, self.send)
            if type(coroutine) is not CoroutineType:
                coroutine = _awaiting(coroutine)
        except FAILURES as exc:
            return _failed(exc)
        task = start(coroutine)
        self._task = task
        if task.done():
            self._done(task)
        else:
            task.add_done_callback(self._done)
        if self._response is not None:
            return self._response
        self._future = Future(self._cancelled)
        return self._future

    def _done(self, task):
        """Sees how the application has ended."""
        self._ended = True
        if task.cancelled():
            if self.state != GONE:
                self._fail(LocalProtocolError('the call of the application was cancelled'))
            return
        error = task.exception()
        state = self.state
        if error is not None:
            if not isinstance(error, ClientDisconnected) or state != GONE:
                self._fail(error)
        elif state in (WAITING, STARTED):
            self._fail(LocalProtocolError('the application returned without a response'))
        elif state in (STREAMING, TRAILING):
            self._fail(LocalProtocolError('the application returned before the end of its body'))

    def _fail(self, error):
        """Answers a failure of the application: by 500 if nothing was sent."""
        if self.state in (WAITING, STARTED):
            self._over()
            if self._future is not None:
                self._future.set_exception(error)
            else:
                self._response = _failed(error)
        elif self.state in (STREAMING, TRAILING):
            self._over()
            self._output.end(error)
        elif self.state == GONE:
            log.info('the application failed for a client that is gone: %r', error)
        else:
            log.error('the application failed behind its response', exc_info=(
                type(error), error, error.__traceback__))

    # -- the end of the client -----------------------------------------------------------------

    def _cancelled(self, _future):
        """The connection was lost before the response was begun."""
        self._lost()

    def _lost(self):
        """The client is gone: tells it, and cancels what goes on all the same."""
        if self.state == OVER:
            return
        self.state = GONE
        self._wake()
        if not self._ended:
            self._loop.call_later(self._settings.cancel_seconds, self._cancel)

    def _cancel(self):
        if not self._ended:
            self._task.cancel()

    def _over(self):
        """Notes that the response is complete."""
        self.state = OVER
        self._wake()

    def _wake(self):
        waiters, self._waiters = self._waiters, None
        for waiter in waiters or ():
            if not waiter.done():
                waiter.set_result(None)

    # -- for the application -------------------------------------------------------------------

    async def receive(self):
        """The next http.request, or http.disconnect."""
        if self.state >= OVER:
            return {'type': 'http.disconnect'}
        if not self._body_done:
            request = self.request
            if not request.length:
                self._body_done = True
                return {'type': 'http.request', 'body': b'', 'more_body': False}
            body = request.body
            try:
                data = await body.read(PIECE_BYTES)
            except CarryallError:           # the client is gone, or broke the rules
                return {'type': 'http.disconnect'}
            self._body_done = not data or body.ended and not body.buffered
            return {'type': 'http.request', 'body': data, 'more_body': not self._body_done}
        waiter = Future()
        if self._waiters is None:
            self._waiters = []
        self._waiters.append(waiter)
        await waiter
        return {'type': 'http.disconnect'}

    async def send(self, message):
        """Takes a part of the response."""
        kind = message['type']
        state = self.state
        if state == WAITING and kind == 'http.response.start':
            started = fields_of(message.get('headers', ()))
            status = message['status']
            if type(status) is not int or not 200 <= status <= 599:
                raise LocalProtocolError('the status is a number from 200 to 599, not %r'
                                         % (status,))
            self._started = started
            self._status = status
            if 'trailers' in message:
                self._trails = bool(message['trailers'])
            self.state = STARTED
        elif state == GONE:
            raise ClientDisconnected('the client is gone')
        elif kind == 'http.response.body' and state in (STARTED, STREAMING):
            data = message.get('body', b'')
            if type(data) is not bytes:
                data = _octets(data)
            if state == STARTED and not message.get('more_body') and not self._trails:
                # The usual response, with few calls, for speed
                if self._started.length == len(data) and self._status not in BODILESS:
                    self.state = OVER
                    response = Response(self._status, self._started.fields, data)
                    if self._future is None:
                        self._response = response
                    else:
                        self._future.set_result(response)
                    if self._waiters is not None:
                        self._wake()
                else:
                    self._send_whole(data)
            else:
                room = self._send_piece(data, message.get('more_body', False))
                if room is not None:
                    await room
                    if self.state == GONE:
                        raise ClientDisconnected('the client is gone')
        elif kind == 'http.response.pathsend' and state == STARTED:
            self._send_path(message['path'])
        elif kind == 'http.response.trailers' and state == TRAILING:
            self._send_trailers(message)
        elif kind == 'http.response.early_hint' and state == WAITING:
            self.request.early_hints([(b'Link', link) for link in message['links']])
        else:
            raise LocalProtocolError('%s cannot be sent now' % kind)

    def _give(self, response):
        """Gives the connection the Response."""
        if self._future is not None:
            self._future.set_result(response)
        else:
            self._response = response

    def _send_whole(self, data):
        """Sends a body that is complete."""
        started = self._started
        fields = started.fields
        length = started.length
        status = self._status
        if status in BODILESS:
            data = b''
            if status == 304 and length is not None:
                fields = started.with_length(length)
        elif length is not None and length != len(data):
            if self.request.method != b'HEAD':
                raise LocalProtocolError('the body has %d octets, and its Content-Length is %d'
                                         % (len(data), length))
            data = b''
            fields = started.with_length(length)
        self.state = OVER
        self._give(Response(status, fields, data))
        if self._waiters is not None:
            self._wake()

    def _send_piece(self, data, more):
        """Sends a part of the body; a Future if too much waits for the client."""
        length = self._started.length
        if length is not None and self._sent + len(data) > length \
                and self.request.method != b'HEAD':
            raise LocalProtocolError('the body is longer than its Content-Length of %d' % length)
        self._sent += len(data)
        if self.state == STARTED:
            fields = self._started.fields
            if length is not None:
                fields = self._started.with_length(length)
            output = ASGIOutput(self._settings.output_bytes, self._lost)
            self._output = output
            self.state = STREAMING
            output.write(data)
            if not more:
                self.state = TRAILING       # without trailers a first body is sent whole
            self._give(Response(self._status, fields, output))
            return None
        room = self._output.write(data)
        if not more and self._trails:
            self.state = TRAILING
        elif not more:
            self._over()
            self._output.end()
            return None
        return room

    def _send_path(self, path):
        """Sends a file (the extension Path Send)."""
        if not os.path.isabs(path):
            raise LocalProtocolError('the path of a file to send must be absolute')
        source = open(path, 'rb')
        body = FileBody(source, 0, os.fstat(source.fileno()).st_size)
        fields = self._started.fields
        if self._started.length is not None:
            fields = self._started.with_length(self._started.length)
        self._over()
        self._give(Response(self._status, fields, body))

    def _send_trailers(self, message):
        """Adds trailers (the extension HTTP Trailers)."""
        output = self._output
        if output.trailers is None:
            output.trailers = MutableHeaders()
        if 'http.response.trailers' in self.scope['extensions']:    # the client takes them
            for name, value in message.get('headers', ()):
                output.trailers.add(bytes(name), bytes(value))
        if not message.get('more_trailers', False):
            self._over()
            output.end()


async def _awaiting(awaitable):
    """A coroutine that waits for an awaitable of another kind."""
    return await awaitable


def _octets(data):
    """*data* as bytes, if it is bytes-like."""
    if isinstance(data, (bytes, bytearray, memoryview)):
        return bytes(data)
    raise TypeError('a body is bytes, not %s' % type(data).__name__)


def _failed(error):
    """A Future that has failed, for an application that failed before it waited."""
    future = Future()
    future.set_exception(error)
    return future
