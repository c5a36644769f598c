# Copyright the carryall authors.  See LICENSE.
"""LoginDialogue: the binds of one connection (RFC 4511 section 4.2, RFC 4513).

    simple              anonymous, or a DN and its password; a DN without one is refused (RFC 4513
                        section 5.1.2), and a password in clear unless that is permitted
    SASL                the mechanisms of the core, as long as a bind with the same one follows

Tests:    tests/protocols/ldap/test_server.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.activity import note_login
from carryall.core.auth import sasl
from carryall.core.auth.credentials import LoginFailed, LoginUnavailable
from carryall.core.future import sleep
from carryall.core.metrics import LOGIN_FAILED, LOGIN_SUCCEEDED, LOGIN_UNAVAILABLE
from carryall.protocols.ldap import wire
from carryall.protocols.ldap.directoryaccess import ANONYMOUS
from carryall.protocols.ldap.errors import (AUTH_METHOD_NOT_SUPPORTED, CONFIDENTIALITY_REQUIRED,
                                            INVALID_CREDENTIALS, LDAPError, PROTOCOL_ERROR,
                                            SASL_BIND_IN_PROGRESS, SUCCESS, UNAVAILABLE,
                                            UNWILLING_TO_PERFORM)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List

__all__ = ['LoginDialogue']

VERSION = 3


class LoginDialogue(object):
    """The binds of a connection.

    Args:     server: its LDAPServer.
    """

    __slots__ = ('_server', '_mechanism', '_session', '_failures')

    def __init__(self, server):
        # type: (Any) -> None
        self._server = server
        self._mechanism = None          # type: Any  # of the exchange under way
        self._session = None            # type: Any  # of the portal
        self._failures = 0

    def end(self):
        # type: () -> None
        """The connection is over, or another login begins."""
        session, self._session = self._session, None
        if session is not None:
            session.logout()

    def shut_out(self):
        # type: () -> bool
        """True if the client's address has failed too often."""
        guard = self._server.service.guard
        return guard is not None and guard.refused(self._server.host())

    def _settings(self):
        # type: () -> Any
        server = self._server
        settings = server.settings
        return {'tls': server.secured, 'host': settings.hostname.decode('ascii', 'replace'),
                'allow_plaintext': settings.clear_auth, 'bind': settings.channel_binding}

    def mechanisms(self):
        # type: () -> List[str]
        """The mechanisms of SASL that the client may use now, best first."""
        portal = self._server.service.portal
        if portal is None:
            return []
        return [str(name) for name in sasl.offered(self._server.clock, portal, **self._settings())]

    def begin(self, operation, request):
        # type: (Any, wire.BindRequest) -> None
        """Takes a BindRequest; the operation is answered here."""
        self.end()
        going_on, self._mechanism = self._mechanism, None
        if request.version != VERSION:
            raise LDAPError(u'only version 3 is spoken here', PROTOCOL_ERROR)
        if self.shut_out():
            raise LDAPError(u'too many failed logins, try again later', INVALID_CREDENTIALS)
        if request.mechanism is not None:
            self._begin_sasl(operation, request, going_on)
            return
        if not request.credentials:
            if request.name:
                raise LDAPError(u'unauthenticated bind (DN with no password) disallowed',
                                UNWILLING_TO_PERFORM)
            operation.answer(SUCCESS)
            return
        if not request.name:
            raise LDAPError(u'a password without a DN', INVALID_CREDENTIALS)
        server = self._server
        if not server.secured and not server.settings.clear_auth:
            raise LDAPError(u'confidentiality required', CONFIDENTIALITY_REQUIRED)
        work = server.service.bind(request.name, request.credentials, server.host())
        work.then(lambda who: self._entered(operation, who, who.dn),
                  lambda exc: self._refused(operation, exc))

    def _entered(self, operation, who, name, credentials=None):
        # type: (Any, Any, str, Any) -> None
        server = self._server
        if self.shut_out():
            self._refused(operation, LDAPError(u'', INVALID_CREDENTIALS))
            return
        note_login(server.transport, LOGIN_SUCCEEDED, name)
        if server.service.guard is not None:
            server.service.guard.succeeded(server.host())
        server.bound(who)
        operation.answer(SUCCESS, extra=wire.bind_extra(credentials))

    def _refused(self, operation, exc):
        # type: (Any, BaseException) -> None
        """Answers a bind that has failed, after the delay that the guard asks for."""
        server = self._server
        if isinstance(exc, LoginUnavailable):
            exc = LDAPError(u'logins cannot be checked at the moment', UNAVAILABLE)
        if isinstance(exc, LoginFailed):
            exc = LDAPError(u'', INVALID_CREDENTIALS)
        if isinstance(exc, sasl.SASLError):
            exc = LDAPError(u'the exchange of SASL is broken', PROTOCOL_ERROR)
        if not isinstance(exc, LDAPError) or exc.code != INVALID_CREDENTIALS:
            if isinstance(exc, LDAPError) and exc.code == UNAVAILABLE:
                note_login(server.transport, LOGIN_UNAVAILABLE, u'')
            operation.fail(exc)
            return
        note_login(server.transport, LOGIN_FAILED, u'')
        self._failures += 1
        guard = server.service.guard
        if guard is None:
            operation.fail(exc)
            return
        delay = guard.failed(server.host())
        waited = sleep(server.clock, delay)
        waited.then(lambda _: self._told(operation, exc, self._failures >= guard.attempts))

    def _told(self, operation, exc, last):
        # type: (Any, BaseException, bool) -> None
        operation.fail(exc)
        if last and not self._server.transport.is_closing():
            self._server.disconnect(UNAVAILABLE, u'too many failed logins')

    # -- SASL --------------------------------------------------------------------------------------

    def _begin_sasl(self, operation, request, going_on):
        # type: (Any, wire.BindRequest, Any) -> None
        server = self._server
        portal = server.service.portal
        if portal is None or not request.mechanism:
            raise LDAPError(u'there is no such mechanism', AUTH_METHOD_NOT_SUPPORTED)
        if going_on is not None and going_on.name == request.mechanism.upper():
            mechanism = going_on
        else:
            try:
                mechanism = sasl.server(request.mechanism.encode('ascii'), server.clock, portal,
                                        client=server.host(), carries_success=True,
                                        **self._settings())
            except sasl.NoMechanism as exc:
                code = CONFIDENTIALITY_REQUIRED if exc.needs_tls else AUTH_METHOD_NOT_SUPPORTED
                raise LDAPError(u'%s' % exc, code)
        stepped = mechanism.step(request.credentials)
        stepped.then(lambda challenge: self._stepped(operation, mechanism, challenge),
                     lambda exc: self._refused(operation, exc))

    def _stepped(self, operation, mechanism, challenge):
        # type: (Any, Any, Any) -> None
        if challenge is not None:
            self._mechanism = mechanism
            operation.answer(SASL_BIND_IN_PROGRESS, extra=wire.bind_extra(challenge))
            return
        session = mechanism.session
        if self._server.transport.is_closing():
            session.logout()
            return
        who = self._server.service.identity(session)
        self._session = session
        self._entered(operation, who or ANONYMOUS, session.name, mechanism.success_data)
