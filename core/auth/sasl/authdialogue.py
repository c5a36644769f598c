# Copyright the carryall authors.  See LICENSE.
"""The logins of SMTP, POP3 and dict by SASL, both sides (RFC 4954, RFC 5034, RFC 2229).

The servers differ in the text of their replies alone, so each hands in a table of them::

    self.auth = AuthDialogue(self, service, REPLIES, self.logged_in)
    reply = self.auth.begin(b'PLAIN', initial_response)
    self.auth.line_received(line)           while auth.mechanism is not None

A login succeeds, fails, or cannot be judged now; a LoginGuard counts the failures alone.
A client chooses a mechanism and goes through its exchange::

    mechanism = sasl.choose(names, loop, username=u'anna', password=b'secret', tls=tls(transport))
    answer = yield authenticate(mechanism, ask, MAX_COMMAND)
    mechanism.finish()

Tests:    tests/protocols/smtp/test_server_auth.py, tests/protocols/pop3/test_server_login.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.activity import TOLD, note_login
from carryall.core.auth import sasl
from carryall.core.auth.credentials import LoginFailed, LoginUnavailable
from carryall.core.future import Future, Return, completed, coroutine, sleep
from carryall.core.logs import escape, get_logger
from carryall.core.metrics import LOGIN_FAILED, LOGIN_SUCCEEDED, LOGIN_UNAVAILABLE
from carryall.core.net.transport import peer, tls

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Text
    from carryall.core.line.commandserver import CommandServer

__all__ = ['ALREADY', 'AuthDialogue', 'CANCELLED', 'CHALLENGE', 'ENDED', 'FAILED', 'MALFORMED',
           'NEEDS_TLS', 'NO_LOGIN', 'SUCCESS', 'TOO_MANY', 'UNAVAILABLE', 'UNKNOWN', 'authenticate']

# The keys of a table of replies.
CHALLENGE = 'challenge'             # what comes before the base64 of a challenge
SUCCESS = 'success'
FAILED = 'failed'                   # the credentials are wrong
CANCELLED = 'cancelled'             # the client has sent "*"
MALFORMED = 'malformed'             # no base64, or not a message of the mechanism
UNKNOWN = 'unknown'                 # no such mechanism
NEEDS_TLS = 'needs tls'             # the mechanism would show the password
ALREADY = 'already'                 # a second login
NO_LOGIN = 'no login'               # the service has no portal
TOO_MANY = 'too many'               # the last word to a client that has failed too often
UNAVAILABLE = 'unavailable'         # credentials cannot be judged now (RFC 4954 section 6)

log = get_logger('auth')


class AuthDialogue(object):
    """The logins of one connection.

    Args:     server: the CommandServer, with the settings ``hostname``, ``clear_auth``,
                      ``channel_binding`` and ``mechanisms``.
              service: has ``portal`` and ``guard``, each of which may be None.
              replies: reply to each of the keys above.
              enter: called with the portal's Session of a login; returns the reply or a Future of
                  it.
              challenge: called with the base64 of a challenge; returns the reply.  Unless given, it
                  stands behind the reply CHALLENGE.

    Attributes:
        mechanism: of the exchange under way: the next line belongs to it.  None: it is a command.
    """

    def __init__(self, server, service, replies, enter, challenge=None):
        # type: (CommandServer, Any, Dict[str, bytes], Callable[[Any], Any], Any) -> None
        self.mechanism = None               # type: Any
        self._server = server               # type: Any
        self._service = service
        self._replies = replies
        self._enter = enter
        self._challenge = challenge
        self._failures = 0
        self._done = False

    def _settings(self):
        # type: () -> Dict[str, Any]
        settings = self._server.settings
        return {'tls': tls(self._server.transport),
                'host': settings.hostname.decode('ascii', 'replace'),
                'allow_plaintext': settings.clear_auth,
                'bind': settings.channel_binding}

    def mechanisms(self):
        # type: () -> List[bytes]
        """The mechanisms to offer now, best first."""
        portal = self._service.portal
        if portal is None or self._done:
            return []
        names = sasl.offered(self._server.clock, portal, **self._settings())
        allowed = self._server.settings.mechanisms
        return [name.encode('ascii') for name in names if allowed is None or name in allowed]

    def begin(self, name, initial):
        # type: (bytes, Optional[bytes]) -> Any
        """The reply to AUTH, or a Future of it."""
        portal = self._service.portal
        if portal is None:
            return self._replies[NO_LOGIN]
        if self._done:
            return self._replies[ALREADY]
        allowed = self._server.settings.mechanisms
        if allowed is not None and name.upper() not in [each.encode('ascii') for each in allowed]:
            return self._replies[UNKNOWN]
        try:
            self.mechanism = sasl.server(name, self._server.clock, portal, client=self._host(),
                                         **self._settings())
        except sasl.NoMechanism as exc:
            return self._replies[NEEDS_TLS if exc.needs_tls else UNKNOWN]
        if initial is None:
            return self._step(None)
        return self._decoded(sasl.decode_initial, initial)

    def line_received(self, line):
        # type: (bytes) -> None
        """Takes the client's next message, and sends the reply."""
        self._server.answer_with(lambda: self.respond(line), _as_it_is)

    def respond(self, message):
        # type: (bytes) -> Any
        """The reply to the client's next message, in base64, or a Future of it."""
        return self._decoded(sasl.decode, message)

    def _challenged(self, message):
        # type: (bytes) -> bytes
        if self._challenge is not None:
            return self._challenge(message)
        return self._replies[CHALLENGE] + message

    def _decoded(self, decode, line):
        # type: (Callable[[bytes], bytes], bytes) -> Any
        try:
            return self._step(decode(line))
        except sasl.SASLError as exc:
            return self._broken(exc)

    def _broken(self, exc):
        # type: (sasl.SASLError) -> bytes
        self.cancel()
        return self._replies[CANCELLED if isinstance(exc, sasl.SASLCancelled) else MALFORMED]

    def _step(self, message):
        # type: (Optional[bytes]) -> Future
        return self.mechanism.step(message).then(self._stepped, self.failed)

    def _stepped(self, challenge):
        # type: (Optional[bytes]) -> Any
        if challenge is not None:
            return self._challenged(sasl.encode(challenge))
        mechanism = self.mechanism
        self.mechanism = None
        if self.shut_out():
            mechanism.session.logout()
            return self.refused()
        self._done = True
        self.note_success(mechanism.session.name)
        log.info('%s: login of %s by %s', peer(self._server.transport),
                 escape(mechanism.session.name), mechanism.name, extra=TOLD)
        return self._enter(mechanism.session)

    def shut_out(self):
        # type: () -> bool
        """True if the client's address has failed too often, perhaps on another connection."""
        guard = self._service.guard
        return guard is not None and guard.refused(self._host())

    def note_success(self, name=u''):
        # type: (Text) -> None
        """Tells the guard of a login that did not come by AUTH."""
        note_login(self._server.transport, LOGIN_SUCCEEDED, name)
        if self._service.guard is not None:
            self._service.guard.succeeded(self._host())

    def failed(self, exc):
        # type: (BaseException) -> Any
        """The reply to a login that ended in *exc*, or a Future of it."""
        if isinstance(exc, sasl.SASLError):
            return self._broken(exc)
        self.cancel()
        if isinstance(exc, LoginFailed):
            return self.refused()
        if isinstance(exc, LoginUnavailable):
            note_login(self._server.transport, LOGIN_UNAVAILABLE, u'')
            return self._replies[UNAVAILABLE]
        raise exc

    @coroutine
    def refused(self):
        # type: () -> Any
        """A Future of the reply to a failed login, after the delay that the guard asks for.

        The connection is closed after too many.
        """
        self._failures += 1
        note_login(self._server.transport, LOGIN_FAILED, u'')
        guard = self._service.guard
        if guard is not None:
            yield sleep(self._server.clock, guard.failed(self._host()))
            if self._failures >= guard.attempts:
                self._server.say_goodbye(self._replies[TOO_MANY])
                raise Return(None)
        raise Return(self._replies[FAILED])

    def _host(self):
        # type: () -> str
        """The client's address without its port; '' for a Unix socket."""
        address = peer(self._server.transport)
        return '' if address is None or address.port is None else address.host

    def cancel(self):
        # type: () -> None
        """Ends the exchange that is under way, if there is one."""
        self.mechanism = None

    def restart(self):
        # type: () -> None
        """Permits another login: TLS has begun, or the login led nowhere."""
        self.mechanism = None
        self._done = False


def _as_it_is(reply):
    # type: (Any) -> Any
    return reply


class _Ended(object):
    """The logins of a connection that has ended: no mechanism, and no reply.

    A server puts it in the place of its AuthDialogue, so that the two do not keep each other alive
    until the garbage collector runs.
    """

    mechanism = None

    @staticmethod
    def mechanisms():
        # type: () -> List[bytes]
        """Offers nothing."""
        return []

    @staticmethod
    def shut_out():
        # type: () -> bool
        """False: no client is banned."""
        return False

    @staticmethod
    def refused():
        # type: () -> Any
        """A Future of None: no client is left to reply to."""
        return completed(None)

    @staticmethod
    def cancel():
        # type: () -> None
        """Does nothing, for no exchange is under way."""

    restart = cancel
    note_success = cancel


ENDED = _Ended()


# -- client ------------------------------------------------------------------

@coroutine
def authenticate(mechanism, ask, max_line, verb=b'AUTH', response=None, empty=b'='):
    # type: (sasl.ClientMechanism, Callable[[bytes], Future], int, bytes, Any, bytes) -> Any
    """Goes through the exchange of *mechanism*; a Future of the answer that ends it.

    Args:     ask: sends a line; a Future of (challenge in base64 or None, the server's answer).
              max_line: octets of a command without CRLF.  An initial response that does not fit is
                        sent in answer to an empty challenge (RFC 4954 section 4).
              verb: of the command that begins an exchange.
              response: called with the base64 of a response; returns the line.  Unless given, it
                        stands alone.
              empty: an initial response without octets.
    Raises:   sasl.SASLError: a challenge is not what the mechanism expects.
    """
    line = verb + b' ' + mechanism.name.encode('ascii')
    held = None                         # type: Optional[bytes]
    initial = yield mechanism.step()
    if initial is not None:
        word = sasl.encode(initial) or empty
        if len(line) + 1 + len(word) <= max_line:
            line += b' ' + word
        else:
            held = sasl.encode(initial)
    challenge, answer = yield ask(line)
    while challenge is not None:
        if held is not None:
            word = held
            held = None
        else:
            message = yield mechanism.step(sasl.decode(challenge))
            word = sasl.encode(message)
        challenge, answer = yield ask(response(word) if response else word)
    raise Return(answer)
