# Copyright the carryall authors.  See LICENSE.
"""Login over Perspective Broker: the dances of both eras on one port, and SASL between two of ours.

Wire:     new (Twisted 1.2 to 26.10)    root.login(name) -> (challenge, challenger);
                                        challenger.respond(response, mind) -> perspective;
                                        root.loginAnonymous(mind) -> perspective
          old (0.19)                    root.username(name) -> (challenge, challenger);
                                        challenger.respond(response) -> identity or None;
                                        identity.attach(service, perspective name,
                                        mind) -> perspective
          ours                          root.mechanisms() -> names; root.sasl(mechanism, initial,
                                        mind) and then exchange.respond(octets) -> (True,
                                        perspective) or (False, octets, exchange)
          A name that does not exist gets a challenge like every other.  The first call tells which
          era the client is of.
Needs:    for the challenges a checker that judges ``Challenged`` (it keeps clear passwords) or
          ``HashedResponse`` (md5); for SASL whatever the checkers have: SCRAM is always there,
          PLAIN under TLS or on a Unix socket alone.
Not here: what a perspective does: it is the realm's avatar, a pb.Avatar or another Referenceable.
Tests:    tests/protocols/pb/test_logins.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth import sasl
from carryall.core.auth.credentials import (MAX_NAME, Anonymous, Certificate, Challenged, External,
                                            LoginFailed, LoginUnavailable)
from carryall.core.compat import FAILURES, native, text_type
from carryall.core.crypto import STANDARD, crypto_of
from carryall.core.errors import LocalProtocolError
from carryall.core.future import Return, coroutine, sleep
from carryall.core.logs import escape, get_logger
from carryall.core.net.transport import peer, tls
from carryall.protocols.pb.challenge import CHALLENGE_BYTES, HashedResponse, respond, respond_hashed
from carryall.protocols.pb.failures import Error, NoSuchMethod, Unauthorized, Unavailable
from carryall.protocols.pb.flavors import Referenceable, Root, Serializable

__all__ = ['LOGIN_SECONDS', 'LoginRoot', 'login']

# -- limits ------------------------------------------------------------------
LOGIN_SECONDS = 60.0        # from the connection to the login
ATTEMPTS = 3                # failures of one connection, without a LoginGuard

UNAVAILABLE_TEXT = u'Logins cannot be checked now, try again later.'

log = get_logger('pb')


# -- server ------------------------------------------------------------------

class LoginRoot(Root):
    """The root of a server that wants to know who calls.

    Args:     portal: its realm gives avatars that can be sent.
              guard: core.auth.LoginGuard, or None.
              seconds: in which somebody must have logged in; then the connection is closed.
              service: what old clients must name as service; None: whatever.
              allow_plaintext: whether PLAIN may go without TLS, and not on a Unix socket either.
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
        return _Door(self, broker)


class _Door(Referenceable):
    """The root of one connection.

    Attributes:
        sessions: how many have logged in through it.
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
            log.info('%s: nobody has logged in in %g seconds', self._broker, self._root.seconds)
            self._broker.close()

    # -- the calls ---------------------------------------------------------------------------------

    def remote_login(self, name):
        # type: (Any) -> Any
        """The new dance begins."""
        challenge = crypto_of(self._broker.loop).random(CHALLENGE_BYTES)
        return challenge, _Challenger(self, _account_name(name), challenge)

    def remote_username(self, name):
        # type: (Any) -> Any
        """The old dance begins."""
        challenge = crypto_of(self._broker.loop).random(CHALLENGE_BYTES)
        return challenge, _OldChallenger(self, _account_name(name), challenge)

    def remote_loginAnonymous(self, mind=None):
        # type: (Any) -> Any
        """A login as nobody."""
        return self.enter(Anonymous(), mind)

    def remote_mechanisms(self):
        # type: () -> Any
        """The mechanisms of SASL that can be used here."""
        return [text_type(name) for name in sasl.offered(self._broker.loop, self._root.portal,
                                                         **self._settings())]

    def remote_sasl(self, mechanism, initial=None, mind=None):
        # type: (Any, Any, Any) -> Any
        """An exchange of SASL begins."""
        self.admit_host()
        _keep(mind)
        try:
            exchange = sasl.server(mechanism, self._broker.loop, self._root.portal, mind=mind,
                                   **self._settings())
        except sasl.NoMechanism:
            raise Error(u'There is no such mechanism here.')
        return _Exchange(self, exchange).advance(initial)

    def _settings(self):
        # type: () -> Dict[str, Any]
        transport = self._broker.transport
        who = peer(transport)
        local = who is not None and who.port is None
        return {'tls': tls(transport), 'client': self._host(), 'allow_plaintext': local
                or self._root.allow_plaintext}

    # -- for the dances ----------------------------------------------------------------------------

    def _host(self):
        # type: () -> str
        who = peer(self._broker.transport)
        return who.host if who is not None and who.port is not None else ''

    def is_shut_out(self):
        # type: () -> bool
        """Whether the peer's address is banned now."""
        guard = self._root.guard
        return guard is not None and guard.refused(self._host())

    def admit_host(self):
        # type: () -> None
        """Unauthorized if the peer's address is banned."""
        if self.is_shut_out():
            raise Unauthorized()

    def credentials(self, name, check):
        # type: (str, Callable[[bytes], bool]) -> List[Any]
        """Credentials for a response, of the kinds that the portal can judge;
        *check* takes the md5 of a password."""
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

        It fails with Unauthorized, after a while,
        or at once with Unavailable if they cannot be judged now.
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
            if self.is_shut_out():
                session.logout()        # shut out meanwhile
                break
            self.succeeded()
            raise Return(session)
        if not judged:
            raise Unavailable(UNAVAILABLE_TEXT)
        yield self.refused()

    def succeeded(self):
        # type: () -> None
        """Somebody has logged in."""
        if self._root.guard is not None:
            self._root.guard.succeeded(self._host())

    @coroutine
    def refused(self):
        # type: () -> Any
        """A login failed: a Future that fails with Unauthorized, in due time."""
        guard = self._root.guard
        self._failures += 1
        if self._failures >= (guard.attempts if guard is not None else ATTEMPTS):
            log.info('%s: %d logins failed', self._broker, self._failures)
            self._broker.loop.call_later(1.0, self._broker.close)
        if guard is not None:
            yield sleep(self._broker.loop, guard.failed(self._host()))
        raise Unauthorized()

    def perspective_of(self, session):
        # type: (Any) -> Any
        """The session's avatar, whose end for the peer is its logout."""
        avatar = session.avatar
        if not isinstance(avatar, Serializable):
            session.logout()
            raise LocalProtocolError('the avatar of %s is no pb.Avatar' % escape(session.name))
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

    def __init__(self, door, name, challenge):
        # type: (_Door, str, bytes) -> None
        self._door = door
        self._name = name
        self._challenge = challenge     # type: Optional[bytes]

    def _offered(self, response):
        # type: (Any) -> List[Any]
        challenge, self._challenge = self._challenge, None
        if challenge is None or type(response) is not bytes:
            raise Unauthorized()
        return self._door.credentials(
            self._name, lambda hashed: STANDARD.equal(respond_hashed(challenge, hashed), response))

    def remote_respond(self, response, mind=None):
        # type: (Any, Any) -> Any
        """The perspective, if the answer is right."""
        return self._door.session(self._offered(response), mind).then(self._door.perspective_of)


class _OldChallenger(_Challenger):
    """The same for 0.19: there is an identity first."""

    def remote_respond(self, response, mind=None):
        try:
            offered = self._offered(response)
        except Unauthorized:
            return None
        return self._door.session(offered, None).then(
            lambda session: _Identity(self._door, session, offered), lambda _error: None)


class _Identity(Referenceable):
    """Who has given the right answer, and may now attach to the one perspective that there is."""

    def __init__(self, door, session, credentials):
        # type: (_Door, Any, List[Any]) -> None
        self._door = door
        self._session = session
        self._credentials = credentials

    def remote_attach(self, service, perspective, mind=None):
        # type: (Any, Any, Any) -> Any
        """The perspective; its name is the account's, or nothing."""
        wanted = self._door._root.service
        if wanted is not None and _text(service) != text_type(wanted) \
                or _text(perspective) not in (u'', self._session.name):
            raise Unauthorized()
        if mind is None:
            return self._door.perspective_of(self._session)
        # The realm learns of the mind now, so the login is repeated with it;
        # the response is as right as it was.
        self._session.logout()
        return self._door.session(self._credentials, mind).then(self._door.perspective_of)

    def released_by_peer(self, broker):
        if not self._door.sessions:
            self._session.logout()


class _Exchange(Referenceable):
    """One exchange of SASL."""

    def __init__(self, door, mechanism):
        # type: (_Door, Any) -> None
        self._door = door
        self._mechanism = mechanism

    def remote_respond(self, octets):
        # type: (Any) -> Any
        """The next step."""
        return self.advance(octets)

    @coroutine
    def advance(self, octets):
        # type: (Any) -> Any
        """A Future of what the client gets for its *octets* (None: it waits for ours)."""
        if octets is not None and type(octets) is not bytes:
            raise Unauthorized()
        try:
            challenge = yield self._mechanism.step(octets)
        except (LoginFailed, sasl.SASLError) as exc:
            log.info('%s: SASL failed: %s', self._door._broker, exc)
            yield self._door.refused()
        except LoginUnavailable:
            raise Unavailable(UNAVAILABLE_TEXT)
        if challenge is not None:
            raise Return((False, challenge, self))
        if self._door.is_shut_out():
            self._mechanism.session.logout()        # shut out meanwhile
            yield self._door.refused()
        self._door.succeeded()
        raise Return((True, self._door.perspective_of(self._mechanism.session)))


def _account_name(name):
    # type: (Any) -> Any
    """A name from the wire as text; one that can be nobody's if it is none."""
    text = _text(name)
    return text if text is not None and len(text) <= MAX_NAME else u''


def _text(name):
    # type: (Any) -> Any
    try:
        return name.decode('utf-8') if isinstance(name, bytes) else name if isinstance(
            name, text_type) else None
    except UnicodeError:
        return None


def _keep(mind):
    # type: (Any) -> None
    """The client's side of a login lives longer than the call that it came with."""
    if hasattr(mind, 'keep'):
        mind.keep()


# -- client ------------------------------------------------------------------

@coroutine
def login(broker, credentials, mind=None, service=u'', root=b'root'):
    # type: (Any, Any, Any, str, bytes) -> Any
    """Log in; a Future of the perspective, a RemoteReference.

    Between two of ours it is SCRAM, or whatever is best; else the challenge of PB,
    new first and then old.

    Args:     credentials: UsernamePassword or Anonymous of core.auth; or, between two of ours,
                  Certificate: the one that the connection was made with, or External: whom the
                  other side sees us as, as its name.
              mind: a Referenceable of ours that the other side may call, or None.
              service: its name, for a server of 0.19.
    It fails with Unauthorized if the other side does not let us in.
    """
    door = broker.remote(root)
    if isinstance(credentials, Anonymous):
        found = yield door.call_remote('loginAnonymous', mind)
    elif broker.extended:
        found = yield _login_by_sasl(broker, door, credentials, mind)
    else:
        try:
            found = yield _login_by_challenge(door, credentials, mind)
        except FAILURES as exc:
            if not isinstance(exc, NoSuchMethod) \
                    and not (hasattr(exc, 'check') and exc.check(AttributeError)):
                raise
            found = yield _login_as_of_old(door, credentials, mind, service)
    raise Return(found)


@coroutine
def _login_by_challenge(door, credentials, mind):
    # type: (Any, Any, Any) -> Any
    # peer: Twisted's checkers know names as byte strings, and so does 0.19
    challenge, challenger = yield door.call_remote('login', credentials.username.encode('utf-8'))
    with challenger:
        found = yield challenger.call_remote('respond', respond(challenge, credentials.password),
                                             mind)
    raise Return(found)


@coroutine
def _login_as_of_old(door, credentials, mind, service):
    # type: (Any, Any, Any, str) -> Any
    name = credentials.username.encode('utf-8')
    challenge, challenger = yield door.call_remote('username', name)
    with challenger:
        identity = yield challenger.call_remote('respond', respond(challenge, credentials.password))
    if identity is None:
        raise Unauthorized()
    with identity:
        found = yield identity.call_remote('attach', service.encode('utf-8'), name, mind)
    raise Return(found)


@coroutine
def _login_by_sasl(broker, door, credentials, mind):
    # type: (Any, Any, Any, Any) -> Any
    if isinstance(credentials, (Certificate, External)):
        mechanism = sasl.client('EXTERNAL', broker.loop, tls=tls(broker.transport))
    else:
        names = yield door.call_remote('mechanisms')
        who = peer(broker.transport)
        mechanism = sasl.choose([native(name) for name in names], broker.loop, who is not None
                                and who.port is None,
                                username=credentials.username, password=credentials.password,
                                tls=tls(broker.transport))
    octets = yield mechanism.step()
    answer = yield door.call_remote('sasl', text_type(mechanism.name), octets, mind)
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
