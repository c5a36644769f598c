# Copyright the carryall authors.  See LICENSE.
"""Login over Perspective Broker: the dialogues of both eras, and SASL as carryall's extension.

Wire:     new (Twisted 1.2 to 26.10)    root.login(name) -> (challenge, challenger);
                                        challenger.respond(response, mind) -> perspective;
                                        root.loginAnonymous(mind) -> perspective
          old (0.19)                    root.username(name) -> (challenge, challenger);
                                        challenger.respond(response) -> identity or None;
                                        identity.attach(service, perspective name,
                                        mind) -> perspective
          carryall's                    root.mechanisms() -> names; root.sasl(mechanism, initial,
                                        mind) and then exchange.respond(octets) -> (True,
                                        perspective) or (False, octets, exchange)
          An unknown name gets a challenge like every other.  The first call shows the era of the
          client.
Needs:    for the challenges, a checker of ``Challenged`` (it keeps clear passwords) or
          ``HashedResponse`` (md5).  For SASL, any checker: SCRAM is always offered, PLAIN under TLS
          or on a Unix socket alone.
Not here: the perspectives: they are the realm's avatars, a pb.Avatar or another Referenceable.
Tests:    tests/protocols/pb/test_logins.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth import sasl
from carryall.core.auth.credentials import (MAX_NAME, Anonymous, Certificate, Challenged, External,
                                            LoginFailed, LoginUnavailable)
from carryall.core.activity import note_login
from carryall.core.compat import FAILURES, native, text_type
from carryall.core.crypto import STANDARD, crypto_of
from carryall.core.errors import LocalProtocolError
from carryall.core.future import Return, coroutine, sleep
from carryall.core.logs import escape, get_logger
from carryall.core.metrics import LOGIN_FAILED, LOGIN_SUCCEEDED, LOGIN_UNAVAILABLE
from carryall.core.net.transport import peer, tls
from carryall.protocols.pb.challenge import CHALLENGE_BYTES, HashedResponse, respond, respond_hashed
from carryall.protocols.pb.failures import PBError, NoSuchMethod, Unauthorized, Unavailable
from carryall.protocols.pb.flavors import Referenceable, Root, Serializable

__all__ = ['LOGIN_SECONDS', 'LoginRoot', 'login']

# -- limits ------------------------------------------------------------------
LOGIN_SECONDS = 60.0        # from the connection to the login
ATTEMPTS = 3                # failures of one connection, without a LoginGuard

UNAVAILABLE_TEXT = u'Logins cannot be checked now, try again later.'

log = get_logger('pb')


# -- server ------------------------------------------------------------------

class LoginRoot(Root):
    """The root of a server that demands a login.

    Args:     portal: its realm gives avatars that can be sent.
              guard: core.auth.LoginGuard, or None.
              seconds: from the connection to the first login; then the connection is closed.
              service: the service that old clients must name; None for any.
              allow_plaintext: offer PLAIN on TCP without TLS too.
    """

    def __init__(self, portal, guard=None, seconds=LOGIN_SECONDS, service=None,
                 allow_plaintext=False):
        # type: (Any, Any, float, Optional[str], bool) -> None
        self.portal = portal
        self.guard = guard
        self.seconds = seconds
        self.service = service
        self.allow_plaintext = allow_plaintext

    def rootObject(self, broker):
        broker.expect_login()
        return _ConnectionRoot(self, broker)


class _ConnectionRoot(Referenceable):
    """The root of one connection.

    Attributes:
        sessions: the number of logins through it.
    """

    def __init__(self, root, broker):
        # type: (LoginRoot, Any) -> None
        self._root = root
        self._broker = broker
        self._failures = 0
        self.sessions = 0
        timer = broker.loop.call_later(root.seconds, self._too_late)
        broker.closed.add_done_callback(lambda _: timer.cancel())

    def _too_late(self):
        # type: () -> None
        if not self.sessions:
            log.info('%s: no login in %g seconds', self._broker, self._root.seconds)
            self._broker.close()

    # -- the calls ---------------------------------------------------------------------------------

    def remote_login(self, name):
        # type: (Any) -> Any
        """Begins the newer dialogue: send a challenge."""
        challenge = crypto_of(self._broker.loop).random(CHALLENGE_BYTES)
        return challenge, _Challenger(self, _account_name(name), challenge)

    def remote_username(self, name):
        # type: (Any) -> Any
        """Begins the dialogue of 0.19: send a challenge."""
        challenge = crypto_of(self._broker.loop).random(CHALLENGE_BYTES)
        return challenge, _OldChallenger(self, _account_name(name), challenge)

    def remote_loginAnonymous(self, mind=None):
        # type: (Any) -> Any
        """Logs in without a name."""
        return self.enter(Anonymous(), mind)

    def remote_mechanisms(self):
        # type: () -> Any
        """The mechanisms of SASL that are offered on this connection."""
        return [text_type(name) for name in sasl.offered(self._broker.loop, self._root.portal,
                                                         **self._settings())]

    def remote_sasl(self, mechanism, initial=None, mind=None):
        # type: (Any, Any, Any) -> Any
        """Begins an exchange of SASL."""
        self.admit_host()
        _keep(mind)
        try:
            exchange = sasl.server(mechanism, self._broker.loop, self._root.portal, mind=mind,
                                   **self._settings())
        except sasl.NoMechanism:
            raise PBError(u'Unknown mechanism.')
        return _Exchange(self, exchange).advance(initial)

    def _settings(self):
        # type: () -> Dict[str, Any]
        transport = self._broker.transport
        who = peer(transport)
        local = who is not None and who.port is None
        return {'tls': tls(transport), 'client': self._host(), 'allow_plaintext': local
                or self._root.allow_plaintext}

    # -- for the dialogues -------------------------------------------------------------------------

    def _host(self):
        # type: () -> str
        who = peer(self._broker.transport)
        return who.host if who is not None and who.port is not None else ''

    def is_banned(self):
        # type: () -> bool
        """True if the peer's address is banned now."""
        guard = self._root.guard
        return guard is not None and guard.refused(self._host())

    def admit_host(self):
        # type: () -> None
        """Raises Unauthorized if the peer's address is banned."""
        if self.is_banned():
            raise Unauthorized()

    def credentials(self, name, check):
        # type: (str, Callable[[bytes], bool]) -> List[Any]
        """Credentials for a response, of the kinds that the portal can check.

        Args:     check: called with the md5 of a password; true if the response fits it.
        """
        found = []                  # type: List[Any]
        if self._root.portal.accepts(Challenged):
            found.append(Challenged(name, lambda clear: check(STANDARD.hash('md5', clear))))
        if self._root.portal.accepts(HashedResponse):
            found.append(HashedResponse(name, check))
        return found or [Challenged(name, lambda clear: False)]

    @coroutine
    def session(self, credentials, mind):
        # type: (Sequence[Any], Any) -> Any
        """A Future of the portal's Session for the first of the credentials that it takes.

        It fails with Unauthorized after a delay, or with Unavailable at once if the credentials
        cannot be checked now.
        """
        self.admit_host()
        _keep(mind)
        judged = True
        for one in credentials:
            one.host = self._host()
            try:
                session = yield self._root.portal.login(self._broker.loop, one, mind)
            except LoginFailed:
                continue
            except LoginUnavailable:
                judged = False
                continue
            if self.is_banned():
                session.logout()        # the address was banned meanwhile
                break
            self.succeeded(session.name)
            raise Return(session)
        if not judged:
            note_login(self._broker.transport, LOGIN_UNAVAILABLE, u'')
            raise Unavailable(UNAVAILABLE_TEXT)
        yield self.refused()

    def succeeded(self, name=u''):
        # type: (str) -> None
        """Tells the guard of a login."""
        note_login(self._broker.transport, LOGIN_SUCCEEDED, name)
        if self._root.guard is not None:
            self._root.guard.succeeded(self._host())

    @coroutine
    def refused(self):
        # type: () -> Any
        """A Future that fails with Unauthorized after the guard's delay: a login failed."""
        guard = self._root.guard
        self._failures += 1
        note_login(self._broker.transport, LOGIN_FAILED, u'')
        if self._failures >= (guard.attempts if guard is not None else ATTEMPTS):
            log.info('%s: %d logins failed', self._broker, self._failures)
            self._broker.loop.call_later(1.0, self._broker.close)
        if guard is not None:
            yield sleep(self._broker.loop, guard.failed(self._host()))
        raise Unauthorized()

    def perspective_of(self, session):
        # type: (Any) -> Any
        """The session's avatar; the session is logged out when the peer releases it."""
        avatar = session.avatar
        if not isinstance(avatar, Serializable):
            session.logout()
            raise LocalProtocolError('the avatar of %s cannot be sent' % escape(session.name))
        if self._broker.lost:
            session.logout()
            raise Unauthorized()
        self.sessions += 1
        self._broker.admit()
        self._broker.when_released(avatar, session.logout)
        return avatar

    def enter(self, credentials, mind):
        # type: (Any, Any) -> Any
        """A Future of the perspective for these credentials."""
        return self.session([credentials], mind).then(self.perspective_of)


class _Challenger(Referenceable):
    """Takes the answer to one challenge, once."""

    def __init__(self, entry, name, challenge):
        # type: (_ConnectionRoot, str, bytes) -> None
        self._entry = entry
        self._name = name
        self._challenge = challenge     # type: Optional[bytes]

    def _offered(self, response):
        # type: (Any) -> List[Any]
        challenge, self._challenge = self._challenge, None
        if challenge is None or type(response) is not bytes:
            raise Unauthorized()
        return self._entry.credentials(
            self._name, lambda hashed: STANDARD.equal(respond_hashed(challenge, hashed), response))

    def remote_respond(self, response, mind=None):
        # type: (Any, Any) -> Any
        """The perspective, if the answer is right."""
        return self._entry.session(self._offered(response), mind).then(self._entry.perspective_of)


class _OldChallenger(_Challenger):
    """Takes the answer to one challenge as in 0.19, which gives an identity first."""

    def remote_respond(self, response, mind=None):
        try:
            offered = self._offered(response)
        except Unauthorized:
            return None
        return self._entry.session(offered, None).then(
            lambda session: _Identity(self._entry, session, offered), lambda _error: None)


class _Identity(Referenceable):
    """The identity of a client that has logged in as in 0.19; it may attach to its perspective."""

    def __init__(self, entry, session, credentials):
        # type: (_ConnectionRoot, Any, List[Any]) -> None
        self._entry = entry
        self._session = session
        self._credentials = credentials

    def remote_attach(self, service, perspective, mind=None):
        # type: (Any, Any, Any) -> Any
        """The perspective, whose name must be the account's or empty."""
        wanted = self._entry._root.service
        if wanted is not None and _text(service) != text_type(wanted) \
                or _text(perspective) not in (u'', self._session.name):
            raise Unauthorized()
        if mind is None:
            return self._entry.perspective_of(self._session)
        # The realm gets the mind with a login, so the login is repeated; the response is still
        # right.
        self._session.logout()
        return self._entry.session(self._credentials, mind).then(self._entry.perspective_of)

    def released_by_peer(self, broker):
        if not self._entry.sessions:
            self._session.logout()


class _Exchange(Referenceable):
    """One exchange of SASL."""

    def __init__(self, entry, mechanism):
        # type: (_ConnectionRoot, Any) -> None
        self._entry = entry
        self._mechanism = mechanism

    def remote_respond(self, octets):
        # type: (Any) -> Any
        """Takes the next step of the exchange."""
        return self.advance(octets)

    @coroutine
    def advance(self, octets):
        # type: (Any) -> Any
        """A Future of the answer to the client's *octets* (None if it waits for ours)."""
        if octets is not None and type(octets) is not bytes:
            raise Unauthorized()
        try:
            challenge = yield self._mechanism.step(octets)
        except (LoginFailed, sasl.SASLError) as exc:
            log.info('%s: SASL failed: %s', self._entry._broker, exc)
            yield self._entry.refused()
        except LoginUnavailable:
            note_login(self._entry._broker.transport, LOGIN_UNAVAILABLE, u'')
            raise Unavailable(UNAVAILABLE_TEXT)
        if challenge is not None:
            raise Return((False, challenge, self))
        if self._entry.is_banned():
            self._mechanism.session.logout()        # the address was banned meanwhile
            yield self._entry.refused()
        self._entry.succeeded()
        raise Return((True, self._entry.perspective_of(self._mechanism.session)))


def _account_name(name):
    # type: (Any) -> Any
    """A name from the wire as text; '', which no account has, if it is invalid."""
    text = _text(name)
    return text if text is not None and len(text) <= MAX_NAME else u''


def _text(name):
    # type: (Any) -> Any
    if not isinstance(name, bytes):
        return name if isinstance(name, text_type) else None
    try:
        return name.decode('utf-8')
    except UnicodeError:
        return None


def _keep(mind):
    # type: (Any) -> None
    """Keeps the client's reference for longer than the call that it arrived with."""
    if hasattr(mind, 'keep'):
        mind.keep()


# -- client ------------------------------------------------------------------

@coroutine
def login(broker, credentials, mind=None, service=u'', root=b'root'):
    # type: (Any, Any, Any, str, bytes) -> Any
    """Logs in; a Future of the perspective, a RemoteReference.

    With a server of carryall the best mechanism of SASL is used, usually SCRAM.  With others it is
    the challenge of PB: the newer dialogue first, then that of 0.19.

    Args:     credentials: UsernamePassword or Anonymous of core.auth; or, with a server of
                  carryall, Certificate for the one of the connection, or External for the name
                  that the server itself sees.
              mind: a Referenceable of ours that the server may call, or None.
              service: its name, for a server of 0.19.
    It fails with Unauthorized if the server refuses the login.
    """
    entry = broker.remote(root)
    if isinstance(credentials, Anonymous):
        found = yield entry.call_remote('loginAnonymous', mind)
    elif broker.extended:
        found = yield _login_by_sasl(broker, entry, credentials, mind)
    else:
        try:
            found = yield _login_by_challenge(entry, credentials, mind)
        except FAILURES as exc:
            if not isinstance(exc, NoSuchMethod) \
                    and not (hasattr(exc, 'check') and exc.check(AttributeError)):
                raise
            found = yield _login_by_identity(entry, credentials, mind, service)
    raise Return(found)


@coroutine
def _login_by_challenge(entry, credentials, mind):
    # type: (Any, Any, Any) -> Any
    # peer: Twisted's checkers know names as byte strings, and so does 0.19
    challenge, challenger = yield entry.call_remote('login', credentials.username.encode('utf-8'))
    with challenger:
        found = yield challenger.call_remote('respond', respond(challenge, credentials.password),
                                             mind)
    raise Return(found)


@coroutine
def _login_by_identity(entry, credentials, mind, service):
    # type: (Any, Any, Any, str) -> Any
    name = credentials.username.encode('utf-8')
    challenge, challenger = yield entry.call_remote('username', name)
    with challenger:
        identity = yield challenger.call_remote('respond', respond(challenge, credentials.password))
    if identity is None:
        raise Unauthorized()
    with identity:
        found = yield identity.call_remote('attach', service.encode('utf-8'), name, mind)
    raise Return(found)


@coroutine
def _login_by_sasl(broker, entry, credentials, mind):
    # type: (Any, Any, Any, Any) -> Any
    if isinstance(credentials, (Certificate, External)):
        mechanism = sasl.client('EXTERNAL', broker.loop, tls=tls(broker.transport))
    else:
        names = yield entry.call_remote('mechanisms')
        who = peer(broker.transport)
        mechanism = sasl.choose([native(name) for name in names], broker.loop, who is not None
                                and who.port is None,
                                username=credentials.username, password=credentials.password,
                                tls=tls(broker.transport))
    octets = yield mechanism.step()
    answer = yield entry.call_remote('sasl', text_type(mechanism.name), octets, mind)
    while not answer[0]:
        _, challenge, exchange = answer
        with exchange:
            octets = yield mechanism.step(challenge)
            answer = yield exchange.call_remote('respond', octets)
    mechanism.finish()
    raise Return(answer[1])


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Sequence
