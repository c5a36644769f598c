# Copyright the carryall authors.  See LICENSE.
"""SOCKS server: versions 4, 4a and 5, and HTTP CONNECT, on one port (RFC 1928, 1929;
RFC 9110 section 9.3.6).

Wire:     The first octet tells the protocol: 4, 5, or a letter for HTTP.  Messages in wire.py.
States:   first -> [methods -> login ->] request -> waiting -> relay, or closed.  The client is not
          read between its request and the reply.
Not here: permissions (gate.py, rules.py), BIND (bind.py), datagrams (datagrams.py).
Tests:    tests/protocols/socks/test_server.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.activity import TOLD, note_login, tell
from carryall.core.auth.credentials import LoginFailed, LoginUnavailable, UsernamePassword
from carryall.core.codec.buffer import ReceiveBuffer
from carryall.core.compat import FAILURES, native
from carryall.core.errors import (Cancelled, ConnectFailed, Refused, RemoteProtocolError,
                                  ResolveFailed, TimedOut)
from carryall.core.future import sleep
from carryall.core.logs import escape, get_logger
from carryall.core.metrics import (LOGIN_FAILED, LOGIN_SUCCEEDED, LOGIN_UNAVAILABLE,
                                   counters_of)
from carryall.core.net.deadlines import sweeper_of
from carryall.core.net.transport import here, peer
from carryall.core.wrap.streamrelay import JOINED, End, Far, Relay
from carryall.protocols.socks import wire
from carryall.protocols.socks.bind import Binding
from carryall.protocols.socks.datagrams import Association
from carryall.protocols.socks.gate import Denied, IdentRefused
from carryall.protocols.socks.httpconnect import format_response, maybe_head

__all__ = ['SOCKSServer']

VERSION_4 = 4
VERSION_5 = 5
HTTP = 1

# Outcomes of a login, each with its reply: any status but 0 is a failure (RFC 1929 section 2).
RIGHT = 'right'
WRONG = 'wrong'
UNAVAILABLE = 'unavailable'
LOGIN_REPLIES = {RIGHT: b'\1\0', WRONG: b'\1\1', UNAVAILABLE: b'\1\2'}

# The reply to a failure by protocol: (version 4, version 5, HTTP).
FAILURE_CODES = (wire.REJECTED, wire.FAILURE, 502)
DENIED_CODES = (wire.REJECTED, wire.NOT_ALLOWED, 403)

# Exception -> replies; the first row that fits counts.
CODES = (
    (Denied, DENIED_CODES),
    (Refused, (wire.REJECTED, wire.REFUSED, 502)),
    (ResolveFailed, (wire.REJECTED, wire.HOST_UNREACHABLE, 502)),
    (TimedOut, (wire.REJECTED, wire.TTL_EXPIRED, 504)),
    (ConnectFailed, (wire.REJECTED, wire.HOST_UNREACHABLE, 502)),
)

log = get_logger('socks')


def _codes_of(exc):
    # type: (BaseException) -> Tuple[int, int, int]
    for kind, codes in CODES:
        if isinstance(exc, kind):
            return codes
    log.error('a request failed: %r', exc)
    return FAILURE_CODES


class SOCKSServer(End):
    """The connection of one client.

    Args:     service: the Gate.
              clock: the loop; the service's own if left out.
              settings: Settings; those of the service if left out.

    Attributes:
        gate, settings: as given.
        host: the numeric address of the client.
        deadline: loop time of the end of the negotiation; the sweeper reads it.
    """

    def __init__(self, service, clock=None, settings=None):
        # type: (Gate, Any, Optional[Settings]) -> None
        clock = clock or service.loop
        End.__init__(self, Relay(self, clock, service.relay, trace=service.trace))
        self.gate = service
        self.settings = settings or service.settings
        self.deadline = None        # type: Optional[float]
        self._sweeper = sweeper_of(clock)
        self._buffer = ReceiveBuffer()
        # Takes the next message out of the buffer; None while it waits, or relays.
        self._step = self._first    # type: Optional[Callable[[], bool]]
        self._user = b''            # the name of the login
        self._counted = None        # type: Optional[bytes]    # the user that the gate counts
        self._busy = None           # type: Optional[Future]   # awaited
        self._session = None        # type: Any     # of the login
        self._request = None        # type: Optional[Request]
        self._began = 0.0           # loop time of the request
        self._refused = False
        self._side = None           # type: Any     # the Binding or the Association

    # -- callbacks ---------------------------------------------------------------------------------

    def connection_made(self, transport):
        self.transport = transport
        address = peer(transport)
        self.host = address.host if address is not None and address.port is not None \
            else '127.0.0.1'
        if self.gate.guard is not None and self.gate.guard.refused(self.host):
            transport.close()
            self._step = None
            return
        self._sweeper.add(self)
        self.deadline = self._sweeper.now + self.settings.negotiation_seconds

    def data_received(self, data):
        if self.relay.state == JOINED:
            End.data_received(self, data)
        elif self._side is None:        # data beside an association has no meaning
            self._buffer.append(data)
            self._advance()

    def _advance(self):
        # type: () -> None
        try:
            while self._step is not None and not self.transport.is_closing() and self._step():
                pass
        except RemoteProtocolError as exc:
            log.info('%s: %s', self.host, exc)
            self.transport.close()

    def eof_received(self):
        if self.relay.state == JOINED:
            return End.eof_received(self)
        return False

    def pause_writing(self):
        if self.relay.state == JOINED:
            End.pause_writing(self)

    def resume_writing(self):
        if self.relay.state == JOINED:
            End.resume_writing(self)

    def connection_lost(self, exc):
        self._negotiated()
        if self._busy is not None:
            self._busy.cancel()
        if self._side is not None:
            self._side.close()
        if self._session is not None:
            self._session.logout()
            self._session = None
        if self._counted is not None:
            self.gate.leave(self._counted)
            self._counted = None
        self._tell()
        End.connection_lost(self, exc)

    def _tell(self):
        # type: () -> None
        request = self._request
        if request is not None:
            what = u'%s %s:%d' % (native(wire.COMMAND_NAMES[request.command]).upper(),
                                  escape(request.host.encode('latin-1')), request.port)
            tell(self.transport, what, u'refused' if self._refused else u'ended',
                 self.relay.carried, self.gate.loop.time() - self._began, not self._refused,
                 request.user)

    def deadline_expired(self, now):
        # type: (float) -> None
        """The sweeper: the request has not come in time."""
        self.deadline = None
        log.info('%s: no request in time', self.host)
        self.transport.abort()

    def _negotiated(self):
        # type: () -> None
        """Ends the time limit of the negotiation."""
        self._sweeper.discard(self)

    def _wait(self, future, done):
        # type: (Future, Callable[[Future], Any]) -> None
        """Reads nothing until *future* is done, then calls ``done(future)``."""
        def arrived(found):
            # type: (Future) -> None
            self._busy = None
            if self.lost or isinstance(found.exception(), Cancelled):
                return
            try:
                done(found)
            except FAILURES:    # the loop does not abort for the callback of a Future (law L6)
                log.exception('%s: the request failed', self.host)
                self.transport.abort()

        self._step = None
        self._busy = future
        self.transport.pause_reading()
        future.add_done_callback(arrived)

    def _go_on(self, step):
        # type: (Callable[[], bool]) -> None
        self._step = step
        self.transport.resume_reading()
        self._advance()

    # -- the protocol ------------------------------------------------------------------------------

    def _first(self):
        # type: () -> bool
        octet = self._buffer.peek(1)
        if not octet:
            return False
        if octet == b'\4' and VERSION_4 in self.settings.versions:
            self._step = self._request4
        elif octet == b'\5' and VERSION_5 in self.settings.versions:
            self._step = self._methods
        elif b'A' <= octet <= b'Z' and HTTP in self.settings.versions:
            self._step = self._http
        else:
            raise RemoteProtocolError(u'the protocol is unknown or not enabled')
        return True

    # -- version 4 ---------------------------------------------------------------------------------

    def _request4(self):
        # type: () -> bool
        try:
            request = wire.maybe_request4(self._buffer)
        except wire.BadRequest as exc:
            log.info('%s: %s', self.host, exc)
            self.refuse(VERSION_4, FAILURE_CODES)
            return False
        if request is not None:
            if self.gate.portal is not None:
                # Version 4 has no password, and a name alone proves nothing.
                log.info('%s: version 4 has no login, which is required', self.host)
                self.refuse(VERSION_4, FAILURE_CODES)
            elif self.settings.check_ident:
                self._wait(self.gate.confirm_user(request, self.transport),
                           lambda done: self._identified(request, done))
            else:
                self._serve(request)
        return False

    def _identified(self, request, done):
        # type: (Request, Future) -> None
        exc = done.exception()
        if exc is None:
            self._serve(request)
            return
        log.info('%s: %s', self.host, exc)
        self.transport.resume_reading()
        code = wire.OTHER_USER if isinstance(exc, IdentRefused) and exc.other else wire.NO_IDENT
        self.refuse(VERSION_4, (code, wire.FAILURE, 403))

    # -- version 5 ---------------------------------------------------------------------------------

    def _methods(self):
        # type: () -> bool
        methods = wire.maybe_methods(self._buffer)
        if methods is None:
            return False
        if self.gate.portal is None and b'\0' in methods:
            self.transport.write(b'\5\0')
            self._step = self._request5
        elif self.gate.portal is not None and b'\2' in methods:
            self.transport.write(b'\5\2')
            self._step = self._login
        else:
            # GSSAPI (RFC 1961), method 1, is not supported.
            log.info('%s: no method in common', self.host)
            self.transport.write(b'\5\xff')
            self.transport.close()
        return True

    def _login(self):
        # type: () -> bool
        found = wire.maybe_login(self._buffer)
        if found is not None:
            self._log_in(found[0], found[1], self._logged_in5)
        return False

    def _log_in(self, name, password, done):
        # type: (bytes, bytes, Callable[[str], Any]) -> None
        """Asks the portal, and calls ``done`` with RIGHT, WRONG or UNAVAILABLE.  Each failure is
        answered later than the one before.
        """
        def judged(found):
            # type: (Future) -> None
            exc = found.exception()
            guard = self.gate.guard
            if exc is None and guard is not None and guard.refused(self.host):
                found.result().logout()
                exc = LoginFailed(u'the address was shut out meanwhile')
            if exc is None:
                note_login(self.transport, LOGIN_SUCCEEDED, name)
                if guard is not None:
                    guard.succeeded(self.host)
                self._session = found.result()
                self._user = name
                done(RIGHT)
                return
            if not isinstance(exc, LoginFailed):
                if not isinstance(exc, LoginUnavailable):
                    log.error('the login could not be judged: %r', exc)
                log.info('%s: login of %s could not be judged', self.host, escape(name),
                         extra=TOLD)
                note_login(self.transport, LOGIN_UNAVAILABLE, name)
                done(UNAVAILABLE)
                return
            log.info('%s: login of %s failed', self.host, escape(name), extra=TOLD)
            note_login(self.transport, LOGIN_FAILED, name)
            seconds = guard.failed(self.host) if guard is not None else 0.0
            self._wait(sleep(self.gate.loop, seconds), lambda _: done(WRONG))

        try:
            user = name.decode('utf-8')
        except UnicodeError:
            user = u''
        credentials = UsernamePassword(user, password)
        credentials.host = self.host
        self._wait(self.gate.portal.login(self.gate.loop, credentials), judged)

    def _logged_in5(self, outcome):
        # type: (str) -> None
        self.transport.write(LOGIN_REPLIES[outcome])
        if outcome is RIGHT:
            self._go_on(self._request5)
        else:
            self.transport.close()          # RFC 1929 section 2

    def _request5(self):
        # type: () -> bool
        try:
            request = wire.maybe_request5(self._buffer)
        except wire.BadRequest as exc:
            log.info('%s: %s', self.host, exc)
            self.refuse(VERSION_5, (wire.REJECTED, exc.reply, 400))
            return False
        if request is not None:
            request.user = self._user
            self._serve(request)
        return False

    # -- HTTP CONNECT ------------------------------------------------------------------------------

    def _http(self):
        # type: () -> bool
        found = maybe_head(self._buffer)
        if found is None:
            return False
        status, request, login = found
        if status != 200:
            self.transport.write(format_response(status))
            self.transport.close()
        elif self.gate.portal is None:
            self._serve(request)
        elif login is None:
            self.transport.write(format_response(407))
            self.transport.close()
        else:
            self._log_in(login[0], login[1], lambda outcome: self._logged_in_http(request, outcome))
        return False

    def _logged_in_http(self, request, outcome):
        # type: (Request, str) -> None
        if outcome is RIGHT:
            request.user = self._user
            self._serve(request)
        else:
            self.transport.write(format_response(407 if outcome is WRONG else 503))
            self.transport.close()

    # -- requests ----------------------------------------------------------------------------------

    def _serve(self, request):
        # type: (Request) -> None
        self._negotiated()
        self._request = request
        self._began = self.gate.loop.time()
        if not self.gate.enter(request.user):
            log.info('%s: too many connections of %s', self.host, escape(request.user), extra=TOLD)
            self.refuse(request.version, DENIED_CODES)
            return
        self._counted = request.user
        self.relay.meter = self.gate.meter_of(request.user)
        log.info('%s: %s %s:%d%s', self.host, wire.COMMAND_NAMES[request.command],
                 escape(request.host.encode('latin-1')),
                 request.port, u' for ' + escape(request.user) if request.user else u'', extra=TOLD)
        counters_of(self.transport).commands[wire.COMMAND_NAMES[request.command]].value += 1
        if request.command == wire.CONNECT:
            self._wait(self.gate.dial(self.relay.new_far, request, self.host),
                       lambda done: self._connected(request, done))
        elif not self.gate.rules.permits_name(request, self.host):
            self.refuse(request.version, DENIED_CODES)
        else:
            self._step = None
            make = Binding if request.command == wire.BIND else Association
            try:
                self._side = make(self, request)
            except FAILURES as exc:         # no free port, or no datagrams on this loop
                log.info('%s: %s', self.host, exc)
                self.refuse(request.version, DENIED_CODES if isinstance(exc, Denied)
                            else FAILURE_CODES)

    def _connected(self, request, done):
        # type: (Request, Future) -> None
        exc = done.exception()
        if exc is not None:
            log.info('%s: %s', self.host, exc)
            self.refuse(request.version, _codes_of(exc))
            return
        transport, far = done.result()
        if far.lost:
            self.refuse(request.version, FAILURE_CODES)
            return
        self.grant(request.version, here(transport))
        self.join(far)

    def join(self, far):
        # type: (Far) -> None
        """Relays from now on, first the octets that came behind the request."""
        self._step = None
        self.relay.join(far, self._buffer.take_all())

    def grant(self, version, address):
        # type: (int, Any) -> None
        """Answers that the request was granted, with the Address of our end."""
        host = '0.0.0.0'
        port = 0
        if address is not None and address.port is not None:
            host = address.host
            port = address.port
        if version == VERSION_4:
            self.transport.write(wire.format_reply4(wire.GRANTED, host, port))
        elif version == VERSION_5:
            self.transport.write(wire.format_reply5(wire.SUCCEEDED, host.partition('%')[0], port))
        else:
            self.transport.write(format_response(200))

    def refuse(self, version, codes):
        # type: (int, Tuple[int, int, int]) -> None
        """Answers with the code of that version, one of *codes* for 4, 5 and HTTP, and closes."""
        self._refused = True
        if version == VERSION_4:
            self.transport.write(wire.format_reply4(codes[0]))
        elif version == VERSION_5:
            self.transport.write(wire.format_reply5(codes[1]))
        else:
            self.transport.write(format_response(codes[2]))
        self.transport.close()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional, Tuple
    from carryall.core.future import Future
    from carryall.protocols.socks.settings import Settings
    from carryall.protocols.socks.gate import Gate
    from carryall.protocols.socks.wire import Request
