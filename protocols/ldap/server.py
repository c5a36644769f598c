# Copyright the carryall authors.  See LICENSE.
"""The server of LDAP (RFC 4511).

States:   anonymous -> bind -> bound ... -> closed.  Operations of one connection are under way side
          by side; while one is a bind or StartTLS, nothing more is taken.
Limits:   Settings.  A message that is too long or malformed ends the connection with a Notice of
          Disconnection (section 4.4.1).
Not here: the entries (directory.py), logins; the service has

              directory                   a Directory
              portal, guard               for SASL, and for failed logins; each may be None
              bind(dn, password, host)    a Future of an Identity; LDAPError refuses
              identity(session)           the Identity of a portal's Session
              authorize(who, authzid)     the Identity that proxied authorization asks for
              protected(request)          the AddRequest or ModifyRequest with its clear passwords
                                          hashed, or a Future of it
              change_password(who, dn, old, new)      a Future of the new password if it was made up
Tests:    tests/protocols/ldap/test_server.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.activity import tell
from carryall.core.compat import FAILURES
from carryall.core.future import Future
from carryall.core.logs import escape, get_logger
from carryall.core.metrics import counters_of
from carryall.core.net.deadlines import sweeper_of
from carryall.core.net.protocol import Protocol
from carryall.core.net.transport import peer
from carryall.core.net.turns import FREE_STEPS, MAX_STEPS, turn_is_over
from carryall.protocols.ldap import wire
from carryall.protocols.ldap.directoryaccess import ANONYMOUS
from carryall.protocols.ldap.errors import (BUSY, CODE_NAMES, COMPARE_FALSE, COMPARE_TRUE,
                                            LDAPError, OTHER, PROTOCOL_ERROR, SUCCESS, UNAVAILABLE,
                                            UNWILLING_TO_PERFORM)
from carryall.protocols.ldap.extendedoperations import run_extended
from carryall.protocols.ldap.ldapfilter import format_filter
from carryall.protocols.ldap.ldaplogin import LoginDialogue
from carryall.protocols.ldap.operationcontrols import OperationControls
from carryall.protocols.ldap.searchanswer import PagedSearches, SearchAnswer
from carryall.protocols.ldap.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional

__all__ = ['LDAPServer']

VERBS = {wire.BIND_REQUEST: b'bind', wire.UNBIND_REQUEST: b'unbind',
         wire.SEARCH_REQUEST: b'search', wire.MODIFY_REQUEST: b'modify', wire.ADD_REQUEST: b'add',
         wire.DELETE_REQUEST: b'delete', wire.MODIFY_DN_REQUEST: b'modifyDN',
         wire.COMPARE_REQUEST: b'compare', wire.ABANDON_REQUEST: b'abandon',
         wire.EXTENDED_REQUEST: b'extended'}

# Of the messages of a connection: nothing is done, they are taken, or they wait for a turn
IDLE = 'idle'
TAKING = 'taking'
WAITING = 'waiting'

WELL = (SUCCESS, COMPARE_TRUE, COMPARE_FALSE)

log = get_logger('ldap')


class LDAPServer(Protocol):
    """One connection of a client.

    Args:     service: what is served; see above.
              clock: the loop.
              admits: called with the client's address; false refuses it.  None: all are served.

    Attributes:
        who: the Identity of the client.
        secured: the TLSInfo of the connection, None in clear.
    """

    def __init__(self, service, clock, settings=None, admits=None):
        # type: (Any, Any, Optional[Settings], Any) -> None
        self.settings = Settings() if settings is None else settings
        self.service = service
        self.clock = clock
        self.who = ANONYMOUS
        self.secured = None             # type: Any
        self.deadline = None            # type: Optional[float]
        self.blocked = False            # the client does not read what is sent
        self.paged = PagedSearches(self.settings.max_paged)
        self._sweeper = sweeper_of(clock)
        self._framing = wire.Framing(self.settings.max_first_message)
        self._operations = {}           # type: Dict[int, Any]  # message number: what is under way
        self._exclusive = None          # type: Any  # a bind or StartTLS that is under way
        self._turn = IDLE
        self._reading = True
        self._draining = False
        self._login = LoginDialogue(self)
        self._admits = admits

    # -- life --------------------------------------------------------------------------------------

    def connection_made(self, transport):
        self.transport = transport
        self.secured = transport.get_extra_info('tls')
        self._sweeper.add(self)
        self._live_on()
        if self._admits is not None and not self._admits(self.host()):
            self.disconnect(UNWILLING_TO_PERFORM, u'this address is not served')
        elif self._login.shut_out():
            self.disconnect(BUSY, u'too many failed logins, try again later')

    def transport_changed(self, transport):
        self.transport = transport
        self.secured = transport.get_extra_info('tls')

    def connection_lost(self, exc):
        self._sweeper.discard(self)
        self._login.end()
        operations = list(self._operations.values())
        self._operations.clear()
        self.paged.clear()
        for operation in operations:
            operation.cancel()

    def _live_on(self):
        # type: () -> None
        seconds = self.settings.stall_seconds
        if not self.blocked:
            seconds = (self.settings.idle_seconds if self.who is not ANONYMOUS
                       else self.settings.login_seconds)
        self.deadline = self._sweeper.now + seconds

    def deadline_expired(self, now):
        # type: (float) -> None
        """Ends a connection that is idle, or whose client does not read."""
        if self._operations and not self.blocked:
            self._live_on()             # the server itself is slow
            return
        self.deadline = None
        if self.blocked or self.transport.is_closing():
            self.transport.abort()
        else:
            self.disconnect(UNAVAILABLE, u'no message for too long')

    def drain(self):
        """Ends the operations that are under way, and takes no more."""
        self._draining = True
        if not self._operations and not self.transport.is_closing():
            self.disconnect(UNAVAILABLE, u'the server stops')

    def pause_writing(self):
        self.blocked = True
        self._live_on()

    def resume_writing(self):
        self.blocked = False
        self._live_on()
        for operation in list(self._operations.values()):
            operation.resume()
        self._take(0)

    def disconnect(self, code, text):
        # type: (int, str) -> None
        """Sends a Notice of Disconnection and closes."""
        self.transport.write(wire.format_notice(code, text))
        self.transport.close()

    # -- messages ----------------------------------------------------------------------------------

    def data_received(self, data):
        self._framing.append(data)
        if self._turn == IDLE:
            self._take(0)

    def _go_on(self):
        # type: () -> None
        self._turn = IDLE
        self._take(MAX_STEPS)

    def _take(self, steps):
        # type: (int) -> None
        """Takes the messages that are there, as far as the turn and the limits permit."""
        if self._turn != IDLE:
            return
        self._turn = TAKING
        waits = False
        try:
            while not self._is_full() and not self.transport.is_closing():
                message = self._framing.next()
                if message is None:
                    break
                self._live_on()
                self._begin(message)
                steps += 1
                if steps >= FREE_STEPS and len(self._framing) \
                        and turn_is_over(self.transport, steps, self._go_on):
                    waits = True
                    break
        except LDAPError as exc:
            log.info('%s: closed: %s', peer(self.transport), exc)
            self.disconnect(exc.code, u'%s' % exc)
        finally:
            self._turn = WAITING if waits else IDLE
        self._regulate()

    def _is_full(self):
        # type: () -> bool
        return (self._exclusive is not None or self.blocked or self._draining
                or len(self._operations) >= self.settings.max_operations)

    def _regulate(self):
        # type: () -> None
        """Reads as long as what comes can be taken."""
        if self.transport.is_closing():
            return
        wants = self._turn != WAITING and not self._is_full()
        if wants != self._reading:
            self._reading = wants
            if wants:
                self.transport.resume_reading()
            else:
                self.transport.pause_reading()

    def _begin(self, message):
        # type: (wire.Message) -> None
        """Begins the operation of a message; LDAPError ends the connection."""
        number = message.number
        tag = message.tag
        verb = VERBS.get(tag)
        if verb is None:
            raise LDAPError(u'the operation has the tag 0x%02x' % tag)
        counters_of(self.transport).commands[verb].value += 1
        if tag == wire.UNBIND_REQUEST:
            self.transport.close()
            return
        if tag == wire.ABANDON_REQUEST:
            self.abandon(wire.parse_request(message).number)
            return
        if not number or number in self._operations:
            raise LDAPError(u'the number %d of a message is 0, or that of another operation'
                            % number)
        operation = _Operation(self, number, tag)
        # What is malformed as a whole ends the connection; what is wrong in it does not.
        try:
            request = wire.parse_request(message)
        except LDAPError as exc:
            if exc.code == PROTOCOL_ERROR:
                raise
            operation.fail(exc)
            return
        try:
            operation.controls = OperationControls(message.controls, tag)
            _RUN[tag](operation, request)
        except FAILURES as exc:
            operation.fail(exc)

    # -- operations --------------------------------------------------------------------------------

    def enter(self, operation, alone=False):
        # type: (_Operation, bool) -> None
        """Notes an operation that is not answered at once.

        Args:     alone: nothing more is taken before it has ended.
        """
        self._operations[operation.number] = operation
        if alone:
            self._exclusive = operation

    def ended(self, operation):
        # type: (_Operation) -> None
        """An operation was answered, or abandoned."""
        if self._operations.pop(operation.number, None) is None:
            return
        if self._exclusive is operation:
            self._exclusive = None
        if self._draining and not self._operations:
            self.drain()
        elif self._turn == IDLE:
            self._take(0)

    def abandon(self, number):
        # type: (int) -> bool
        """Ends an operation without an answer; whether there was one.

        A change that is being kept goes on: only its answer is dropped (section 4.11).
        """
        operation = self._operations.get(number)
        if operation is None or operation.tag in (wire.BIND_REQUEST, wire.EXTENDED_REQUEST):
            return False
        operation.cancel()
        self.ended(operation)
        return True

    def abandon_all(self, other):
        # type: (_Operation) -> None
        """Ends all operations but one: a bind begins (section 4.2.1)."""
        for operation in list(self._operations.values()):
            if operation is not other:
                self.abandon(operation.number)

    def bound(self, who):
        # type: (Any) -> None
        """The client is another now."""
        self.who = who
        self.paged.clear()
        self._live_on()
        self._framing.limit = (self.settings.max_first_message if who is ANONYMOUS
                               else self.settings.max_message)

    def is_busy(self):
        # type: () -> bool
        """True if an operation is under way."""
        return bool(self._operations)

    def under_way(self, number):
        # type: (int) -> Any
        """The operation of a message, while it is not answered; or None."""
        return self._operations.get(number)

    def secure(self):
        # type: () -> None
        """Upgrades to TLS.  What came behind the request was sent in clear, and is dropped."""
        self._framing.clear()
        self._exclusive = wire.START_TLS
        self.bound(ANONYMOUS)               # RFC 4513 section 4.2: the login does not outlive it
        upgraded = self.clock.start_tls(self.transport, self.settings.tls, server_side=True)
        upgraded.then(self._secured, self._not_secured)

    def _secured(self, _info):
        # type: (Any) -> None
        self._exclusive = None
        self._live_on()
        self._take(0)

    def _not_secured(self, exc):
        # type: (BaseException) -> None
        log.info('%s: no TLS: %s', peer(self.transport), exc)
        self.transport.abort()

    def host(self):
        # type: () -> str
        """The client's address without its port; '' for a Unix socket."""
        address = peer(self.transport)
        return '' if address is None or address.port is None else address.host

    def mechanisms(self):
        # type: () -> Any
        """The names of SASL's mechanisms that the client may use now."""
        return self._login.mechanisms()

    def run_bind(self, operation, request):
        # type: (_Operation, wire.BindRequest) -> None
        """BindRequest."""
        self.abandon_all(operation)
        self.enter(operation, True)
        self.bound(ANONYMOUS)
        self._login.begin(operation, request)


class _Operation(object):
    """One operation, from its request to its answer.

    Attributes:
        number: of the message.
        tag: of the request.
        controls: an OperationControls; None while they are not read.
    """

    __slots__ = ('server', 'number', 'tag', 'controls', 'what', '_work', '_began', '_over')

    def __init__(self, server, number, tag):
        # type: (LDAPServer, int, int) -> None
        self.server = server
        self.number = number
        self.tag = tag
        self.controls = None            # type: Any
        self.what = u''                 # for the log
        self._work = None               # type: Any  # a Future or a SearchAnswer
        self._began = server.clock.time()
        self._over = False

    @property
    def who(self):
        # type: () -> Any
        """The Identity of the operation: of the client, or the one that it asks for."""
        server = self.server
        if self.controls.authzid is None:
            return server.who
        return server.service.authorize(server.who, self.controls.authzid)

    def wait(self, work, done, alone=False):
        # type: (Any, Any, bool) -> None
        """Answers when a Future is done: *done* is called with its result."""
        if not isinstance(work, Future):
            done(work)
            return
        self._work = work
        self.server.enter(self, alone)
        work.add_done_callback(lambda future: self._waited(future, done))

    def _waited(self, future, done):
        # type: (Future, Any) -> None
        if self._over:
            return
        error = future.exception()
        if error is None:
            try:
                done(future.result())
                return
            except FAILURES as exc:
                error = exc
        self.fail(error)

    def stream(self, answer):
        # type: (SearchAnswer) -> None
        """Lets a search run; it answers by itself."""
        self._work = answer
        answer.go_on()
        if not self._over:
            self.server.enter(self)

    def answer(self, code, text=u'', matched=u'', referrals=(), extra=b'', controls=()):
        # type: (int, str, str, Any, bytes, Any) -> None
        """Sends the answer that ends the operation."""
        if self._over:
            return
        self.cancel()
        server = self.server
        server.transport.write(wire.result(self.number, wire.RESPONSE_OF[self.tag], code, text,
                                           matched, referrals, extra, controls))
        if self.what:
            tell(server.transport, self.what, CODE_NAMES.get(code, u'code %d' % code), None,
                 server.clock.time() - self._began, code in WELL, server.who.dn)
        server.ended(self)

    def fail(self, exc):
        # type: (BaseException) -> None
        """Answers with the code of an error."""
        if isinstance(exc, LDAPError):
            self.answer(exc.code, u'%s' % exc, exc.matched, exc.referrals,
                        controls=exc.controls)
            return
        log.error('%s: an operation failed: %s', peer(self.server.transport),
                  escape(u'%s: %s' % (type(exc).__name__, exc)))
        self.answer(OTHER, u'internal error')

    def cancel(self):
        # type: () -> None
        """Ends it without an answer."""
        self._over = True
        if isinstance(self._work, SearchAnswer):
            self._work.close()

    def can_be_cancelled(self):
        # type: () -> bool
        """True for a search; a change that is being kept goes on."""
        return self.tag == wire.SEARCH_REQUEST

    def resume(self):
        # type: () -> None
        """The client reads on."""
        if isinstance(self._work, SearchAnswer):
            self._work.go_on()


# -- what each request does --------------------------------------------------

def _bind(operation, request):
    # type: (_Operation, wire.BindRequest) -> None
    operation.server.run_bind(operation, request)


def _search(operation, request):
    # type: (_Operation, wire.SearchRequest) -> None
    server = operation.server
    if counters_of(server.transport).activity is not None:
        operation.what = u'search %s %s' % (request.base, format_filter(request.filter))
    if not request.base and request.scope == wire.BASE:
        server.service.directory.mechanisms = server.mechanisms()
    operation.stream(SearchAnswer(operation, request))


def _compare(operation, request):
    # type: (_Operation, wire.CompareRequest) -> None
    operation.what = u'compare %s' % request.dn
    directory = operation.server.service.directory
    controls = operation.controls
    if controls.assertion is not None:
        controls.check(directory, directory.existing(directory.key_of(request.dn)))
    found = directory.compare(request, operation.who)
    operation.answer(COMPARE_TRUE if found else COMPARE_FALSE)


def _add(operation, request):
    # type: (_Operation, wire.AddRequest) -> None
    operation.what = u'add %s' % request.dn
    service = operation.server.service
    directory = service.directory
    who = operation.who

    def answer(entry):
        # type: (Any) -> None
        operation.answer(SUCCESS, controls=operation.controls.read(directory, who, None, entry))

    operation.wait(service.protected(request),
                   lambda safe: operation.wait(directory.add(safe, who), answer))


def _modify(operation, request):
    # type: (_Operation, wire.ModifyRequest) -> None
    operation.what = u'modify %s' % request.dn
    service = operation.server.service
    operation.wait(service.protected(request),
                   lambda safe: _change(operation, service.directory.modify, safe))


def _modify_dn(operation, request):
    # type: (_Operation, wire.ModifyDNRequest) -> None
    operation.what = u'modifyDN %s' % request.dn
    _change(operation, operation.server.service.directory.modify_dn, request)


def _change(operation, method, request):
    # type: (_Operation, Any, Any) -> None
    directory = operation.server.service.directory
    controls = operation.controls
    who = operation.who
    made = method(request, who, lambda entry: controls.check(directory, entry))
    operation.wait(made, lambda pair: operation.answer(
        SUCCESS, controls=controls.read(directory, who, pair[0], pair[1])))


def _delete(operation, request):
    # type: (_Operation, wire.DeleteRequest) -> None
    operation.what = u'delete %s' % request.dn
    directory = operation.server.service.directory
    controls = operation.controls
    who = operation.who
    made = directory.delete(request, who, lambda entry: controls.check(directory, entry),
                            controls.whole_tree)
    operation.wait(made, lambda entry: operation.answer(
        SUCCESS, controls=controls.read(directory, who, entry.attributes, entry)))


def _extended(operation, request):
    # type: (_Operation, wire.ExtendedRequest) -> None
    operation.what = u'extended %s' % request.oid
    run_extended(operation, request)


_RUN = {wire.BIND_REQUEST: _bind, wire.SEARCH_REQUEST: _search, wire.COMPARE_REQUEST: _compare,
        wire.ADD_REQUEST: _add, wire.MODIFY_REQUEST: _modify, wire.DELETE_REQUEST: _delete,
        wire.MODIFY_DN_REQUEST: _modify_dn,
        wire.EXTENDED_REQUEST: _extended}       # type: Dict[int, Any]
