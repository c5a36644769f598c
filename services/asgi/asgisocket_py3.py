# Copyright the carryall authors.  See LICENSE.
"""ASGISocket: one WebSocket and the call of the application for it (ASGI 3, WebSocket message
format).

States:   CONNECTING -> OPEN (accepted) -> CLOSED; CONNECTING -> DENYING (a response of the
          application's own is begun) -> CLOSED.
Tests:    tests/services/asgi/test_asgisocket_py3.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.compat import FAILURES
from carryall.core.errors import LocalProtocolError
from carryall.core.future import Future, run_task
from carryall.core.logs import get_logger
from carryall.protocols.http import Response, plain_response
from carryall.protocols.websocket import MessageProtocol
from carryall.services.asgi.asgicall_py3 import ClientDisconnected
from carryall.services.asgi.asgifields import fields_of

__all__ = ['ASGISocket']

# -- states ------------------------------------------------------------------
CONNECTING, OPEN, DENYING, CLOSED = range(4)

# -- codes; RFC 6455 section 7.4.1 -------------------------------------------
NORMAL = 1000
ABNORMAL = 1006
INTERNAL = 1011

log = get_logger('asgi')


class ASGISocket(MessageProtocol):
    """One call.

    Args:     app:      the application.
              request:  the Request of the handshake.
              scope:    for the application.
              server:   the WebSocketServer, and
              offer:    what the client offers.
              settings: a Settings.
              loop:     the loop.
    """

    def __init__(self, app, request, scope, server, offer, settings, loop):
        self.app = app
        self.request = request
        self.scope = scope
        self.state = CONNECTING
        self._server = server
        self._offer = offer
        self._settings = settings
        self._loop = loop
        self._task = None
        self._answer = Future(self._cancelled)
        self._told = False          # whether websocket.connect was received
        self._messages = deque()
        self._waiter = None         # the Future of receive()
        self._room = None           # the Future of send(), while the transport is full
        self._ready = Future()      # of the connection, after the application has accepted
        self._code = ABNORMAL
        self._reason = ''
        self._denial = None         # (status, StartedFields, pieces)
        self._ended = False

    def begin(self):
        """Calls the application; a Future of the Response to the handshake."""
        # Settled when the handshake is answered, whatever becomes of the answer
        self.request.lost.add_done_callback(self._answered)
        self._task = run_task(self._run())
        return self._answer

    async def _run(self):
        try:
            await self.app(self.scope, self.receive, self.send)
            error = None
        except ClientDisconnected as exc:
            error = None if self.state == CLOSED else exc
        except FAILURES as exc:
            error = exc
        except BaseException:
            self._ended = True
            if self.state != CLOSED:
                self._fail(LocalProtocolError('the call of the application was cancelled'))
            raise
        self._ended = True
        if error is not None:
            self._fail(error)
        elif self.state in (CONNECTING, DENYING):
            self._fail(LocalProtocolError('the application neither accepted nor closed'))
        elif self.state == OPEN:
            self._close(NORMAL, '')

    def _fail(self, error):
        """Answers a failure: by 500 before the handshake is answered, by 1011 behind it."""
        state, self.state = self.state, CLOSED
        if state in (CONNECTING, DENYING):
            self._answer.set_exception(error)
            return
        log.error('the application failed on a WebSocket', exc_info=(
            type(error), error, error.__traceback__))
        if state == OPEN and self.websocket is not None:
            self.websocket.fail(INTERNAL, u'the application failed', error)

    # -- the connection ------------------------------------------------------------------------

    def _cancelled(self, _future):
        """The connection was lost before the handshake was answered."""
        self._lost()

    def _answered(self, _future):
        """The handshake was answered; without a connection there will be none."""
        if self.state == OPEN and self.websocket is None:
            self._lost()

    def connection_made(self, websocket):
        self.websocket = websocket
        self._ready.set_result(None)

    def message_received(self, message):
        self._messages.append(message)
        if self._waiter is not None:
            self._wake()
        elif len(self._messages) >= self._settings.messages:
            self.websocket.pause_reading()

    def peer_closing(self, code, reason):
        self._code = code
        self._reason = reason

    def connection_lost(self, exc):
        if self.websocket.close_code is not None:
            self._code = self.websocket.close_code
            self._reason = self.websocket.close_reason
        self._lost()

    def pause_writing(self):
        self._room = Future()

    def resume_writing(self):
        room, self._room = self._room, None
        if room is not None and not room.done():
            room.set_result(None)

    def _lost(self):
        """Tells the application of the end, and cancels it if it goes on all the same."""
        self.state = CLOSED
        self.resume_writing()
        if not self._ready.done():
            self._ready.set_result(None)
        self._wake()
        if not self._ended:
            self._loop.call_later(self._settings.cancel_seconds, self._cancel)

    def _cancel(self):
        if not self._ended:
            self._task.cancel()

    def _wake(self):
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    # -- for the application -------------------------------------------------------------------

    async def receive(self):
        """The next message."""
        if not self._told:
            self._told = True
            return {'type': 'websocket.connect'}
        while not self._messages:
            if self.state == CLOSED:
                return {'type': 'websocket.disconnect', 'code': self._code,
                        'reason': self._reason}
            if self._waiter is not None:
                raise LocalProtocolError('receive() is being waited for already')
            self._waiter = Future(self._forget_waiter)
            await self._waiter
        message = self._messages.popleft()
        if len(self._messages) == self._settings.messages - 1:
            self.websocket.resume_reading()
        if isinstance(message, bytes):
            return {'type': 'websocket.receive', 'bytes': message, 'text': None}
        return {'type': 'websocket.receive', 'bytes': None, 'text': message}

    def _forget_waiter(self, _future):
        self._waiter = None

    async def send(self, message):
        """Takes a message."""
        kind = message['type']
        if self.state == CLOSED:
            raise ClientDisconnected('the WebSocket is closed')
        if kind == 'websocket.accept' and self.state == CONNECTING:
            self._accept(message)
            await self._ready
            if self.state == CLOSED:
                raise ClientDisconnected('the WebSocket is closed')
        elif kind == 'websocket.send' and self.state == OPEN:
            data = message.get('bytes')
            self.websocket.send(message['text'] if data is None else bytes(data))
            if self._room is not None:
                await self._room
        elif kind == 'websocket.close' and self.state == OPEN:
            self._close(message.get('code', NORMAL), message.get('reason') or '')
        elif kind == 'websocket.close' and self.state == CONNECTING:
            self.state = CLOSED
            self._answer.set_result(plain_response(403))
        elif kind == 'websocket.http.response.start' and self.state == CONNECTING:
            self._denial = (message['status'], fields_of(message.get('headers', ())), [])
            self.state = DENYING
        elif kind == 'websocket.http.response.body' and self.state == DENYING:
            self._deny(message)
        else:
            raise LocalProtocolError('%s cannot be sent now' % kind)

    def _accept(self, message):
        subprotocol = message.get('subprotocol')
        if subprotocol is not None:
            subprotocol = subprotocol.encode('ascii')
            if subprotocol not in self._offer.subprotocols:
                raise LocalProtocolError('the client does not offer the subprotocol %r'
                                         % (subprotocol,))
        more = [(bytes(name), bytes(value)) for name, value in message.get('headers', ())]
        for name, _ in more:
            if name.lower() == b'sec-websocket-protocol':
                raise LocalProtocolError('the subprotocol has a key of its own')
        upgrade = self._server.accept(self._offer, self, subprotocol, more)
        self.state = OPEN
        self._answer.set_result(upgrade)

    def _close(self, code, reason):
        self.state = CLOSED
        self.websocket.close(code, reason)

    def _deny(self, message):
        """Sends the application's own refusal (the extension WebSocket Denial Response)."""
        status, started, pieces = self._denial
        pieces.append(bytes(message.get('body', b'')))
        if not message.get('more_body', False):
            response = Response(status, started.fields, b''.join(pieces))
            self.state = CLOSED
            self._answer.set_result(response)
