# Copyright the carryall authors.  See LICENSE.
"""AUTH of SMTP and of POP3, which differ in the spelling of their replies alone (RFC 4954, RFC
5034).

Tests:    tests/protocols/smtp/test_server_auth.py, tests/protocols/pop3/test_server_login.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth import sasl
from carryall.core.auth.credentials import LoginFailed, LoginUnavailable
from carryall.core.future import Future, Return, completed, coroutine, sleep
from carryall.core.logs import escape, get_logger
from carryall.core.net.transport import peer, tls

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional

__all__ = ['Authentication', 'ENDED', 'POP3_WORDS', 'SMTP_WORDS']

log = get_logger('mail.auth')

SMTP_WORDS = {
    'challenge': b'334 ', 'success': b'235 2.7.0 Authentication succeeded',
    'failed': b'535 5.7.8 The login failed',
    'cancelled': b'501 5.7.0 Authentication was cancelled',
    'broken': b'501 5.5.2 This is not what the mechanism says',
    'unknown': b'504 5.5.4 There is no such mechanism',
    'needs tls': b'538 5.7.11 Not without TLS: say STARTTLS first',
    'twice': b'503 5.5.1 You have logged in already',
    'none': b'502 5.5.1 There is nothing to log in to',
    'too many': b'421 4.7.0 Too many failed logins',
    'unavailable': b'454 4.7.0 Temporary authentication failure'}         # RFC 4954 section 6
POP3_WORDS = {
    'challenge': b'+ ', 'success': b'+OK', 'failed': b'-ERR [AUTH] the login failed',
    'cancelled': b'-ERR authentication was cancelled',
    'broken': b'-ERR this is not what the mechanism says',
    'unknown': b'-ERR there is no such mechanism',
    'needs tls': b'-ERR [AUTH] not without TLS: say STLS first',
    'twice': b'-ERR you have logged in already', 'none': b'-ERR there is nothing to log in to',
    'too many': b'-ERR [AUTH] the login failed',
    # RFC 3206 section 4
    'unavailable': b'-ERR [SYS/TEMP] logins cannot be checked now, come back later'}


class Authentication(object):
    """The logins of one connection.

    Args:     protocol: the server: a CommandServer with ``settings`` and a command AUTH.
              words: one of the tables above.
              portal: a function that gives the Portal, or None.
              enter: called with the portal's Session of a login; gives the reply, or a Future of
                  it.
              leave: called with a line: say it and close.

    Attributes:
        mechanism: of the exchange that is under way, or None: whose the next line is, and no
            command.
    """

    def __init__(self, protocol, words, portal, enter, leave):
        # type: (Any, Dict[str, bytes], Callable[[], Any], Callable[[Any], Any], Callable[[bytes], None]) -> None
        self._protocol = protocol
        self._words = words
        self._portal = portal
        self._enter = enter
        self._leave = leave
        self.mechanism = None               # type: Any
        self._failures = 0
        self._done = False

    def _settings(self):
        # type: () -> Dict[str, Any]
        protocol = self._protocol
        return {'tls': tls(protocol.transport),
                'host': protocol.settings.hostname.decode('ascii', 'replace'),
                'allow_plaintext': protocol.settings.clear_auth,
                'bind': protocol.settings.channel_binding}

    def mechanisms(self):
        # type: () -> List[bytes]
        """What may be offered now, best first."""
        portal = self._portal()
        if portal is None or self._done:
            return []
        names = sasl.offered(self._protocol.clock, portal, **self._settings())
        wanted = self._protocol.settings.mechanisms
        return [name.encode('ascii') for name in names if wanted is None or name in wanted]

    def begin(self, name, initial):
        # type: (bytes, Optional[bytes]) -> Any
        """AUTH was said; the reply, or a Future of it."""
        words, portal = self._words, self._portal()
        if portal is None:
            return words['none']
        if self._done:
            return words['twice']
        wanted = self._protocol.settings.mechanisms
        if wanted is not None and name.upper() not in [each.encode('ascii') for each in wanted]:
            return words['unknown']
        try:
            self.mechanism = sasl.server(name, self._protocol.clock, portal, client=self._host(),
                                         **self._settings())
        except sasl.NoMechanism as exc:
            return words['needs tls' if exc.needs_tls else 'unknown']
        if initial is None:
            return self._step(None)
        return self._decoded(sasl.decode_initial, initial)

    def line_received(self, line):
        # type: (bytes) -> None
        """The client's next message."""
        protocol = self._protocol
        protocol.run_command(protocol.commands.get(b'AUTH'), self._decoded, (sasl.decode, line))

    def _decoded(self, decode, line):
        # type: (Callable[[bytes], bytes], bytes) -> Any
        try:
            return self._step(decode(line))
        except sasl.SASLError as exc:
            return self._broken(exc)

    def _broken(self, exc):
        # type: (Any) -> bytes
        self.cancel()
        return self._words['cancelled' if isinstance(exc, sasl.SASLCancelled) else 'broken']

    def _step(self, message):
        # type: (Optional[bytes]) -> Future
        return self.mechanism.step(message).then(self._stepped, self.failed)

    def _stepped(self, challenge):
        # type: (Optional[bytes]) -> Any
        if challenge is not None:
            return self._words['challenge'] + sasl.encode(challenge)
        mechanism, self.mechanism = self.mechanism, None
        guard = self._protocol.settings.guard
        if guard is not None and guard.refused(self._host()):
            mechanism.session.logout()      # shut out meanwhile
            return self.refused()
        self._done = True
        if guard is not None:
            guard.succeeded(self._host())
        log.info('%s: %s has logged in by %s', peer(self._protocol.transport),
                 escape(mechanism.session.name), mechanism.name)
        return self._enter(mechanism.session)

    def failed(self, exc):
        # type: (Any) -> Any
        """The reply to a login that ended in *exc*, or a Future of it."""
        if isinstance(exc, LoginFailed):
            self.cancel()
            return self.refused()
        if isinstance(exc, LoginUnavailable):
            self.cancel()
            return self._words['unavailable']
        if isinstance(exc, sasl.SASLError):
            return self._broken(exc)
        self.cancel()
        raise exc

    @coroutine
    def refused(self):
        # type: () -> Any
        """The reply to a login that failed, after the time that the guard lets pass; at last the
        connection is closed."""
        self._failures += 1
        guard = self._protocol.settings.guard
        if guard is not None:
            yield sleep(self._protocol.clock, guard.failed(self._host()))
            if self._failures >= guard.attempts:
                self._leave(self._words['too many'])
                raise Return(None)
        raise Return(self._words['failed'])

    def _host(self):
        # type: () -> str
        address = peer(self._protocol.transport)
        return '' if address is None or address.port is None else address.host

    def cancel(self):
        # type: () -> None
        """No exchange is under way any more."""
        self.mechanism = None

    def again(self):
        # type: () -> None
        """TLS has begun, or the login came to nothing: one may log in anew."""
        self.mechanism = None
        self._done = False


class _Ended(object):
    """The logins of a connection that is gone: nothing is offered, and nothing is done.

    A server takes it for its Authentication at the end: the two would keep each other otherwise,
    until a collector comes.
    """

    mechanism = None

    @staticmethod
    def mechanisms():
        # type: () -> List[bytes]
        """Nothing is offered."""
        return []

    @staticmethod
    def refused():
        # type: () -> Any
        """No reply is left to give."""
        return completed(None)

    @staticmethod
    def cancel():
        # type: () -> None
        """No exchange is under way."""

    again = cancel


ENDED = _Ended()
