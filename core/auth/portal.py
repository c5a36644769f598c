# Copyright the carryall authors.  See LICENSE.
"""Portal: checks the credentials of a login, and gives the avatar of the account.

    portal = Portal(realm, [PasswordFile('users'), AnonymousChecker()])
    portal.login(loop, UsernamePassword(u'anna', b'...')).then(serve, refuse)

The protocol has credentials, the checkers know accounts, and the realm knows the rights of an
account: its *avatar* is the object that the protocol works with (a mailbox, a file tree, a
directory user).  Every failure is the same LoginFailed, so that a client cannot tell a wrong
password from an unknown name; the log has the cause.  If the credentials cannot be checked (too
many logins at once, an unreadable file, a broken realm), it is LoginUnavailable.  Then the login
has not failed, and the client may try again.

Tests:    tests/core/auth/test_portal.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.credentials import LoginFailed, LoginUnavailable, Proven
from carryall.core.compat import FAILURES
from carryall.core.errors import Cancelled
from carryall.core.future import Return, as_future, coroutine, failed
from carryall.core.logs import escape, get_logger

__all__ = ['Portal', 'Realm', 'Session']

log = get_logger('auth')


class Realm(object):
    """The rights of accounts; a service gives its own.

    This one gives each account its name as avatar.
    """

    def avatar(self, name, credentials, mind):
        # type: (str, Any, Any) -> Any
        """The avatar of the account *name*, or a Future of it;
        LoginFailed if it may not come in here.

        Args:     credentials: what it proved itself with (an Anonymous may get another avatar).
                  mind: the client's side, which the protocol passed to ``login``, for calls back.
        """
        return name

    def logged_out(self, session):
        # type: (Session) -> None
        """The session has ended; called once."""


class Session(object):
    """One login.

    Attributes:
        name: of the account.
        avatar: what the realm gave.
    """

    __slots__ = ('name', 'avatar', '_realm')

    def __init__(self, name, avatar, realm):
        # type: (str, Any, Any) -> None
        self.name = name
        self.avatar = avatar
        self._realm = realm

    def logout(self):
        # type: () -> None
        """Tells the realm; harmless when it was told already."""
        realm, self._realm = self._realm, None
        if realm is not None and hasattr(realm, 'logged_out'):
            realm.logged_out(self)

    def __repr__(self):
        return 'Session(%r)' % (self.name,)


class Portal(object):
    """A realm and the checkers that guard it.

    Args:     realm: a Realm, or anything with its ``avatar`` (and ``logged_out``,
              if it wants to know).
              checkers: asked in order; those that cannot judge a kind of credentials are passed
                        over.
    """

    def __init__(self, realm, checkers):
        # type: (Any, Iterable[Any]) -> None
        self.realm = realm
        self.checkers = list(checkers)

    def accepts(self, kind):
        # type: (type) -> bool
        """True if some checker can judge credentials of this class."""
        # jython: a generator has a finalizer, and outlives a collection.  A stranger may ask for
        # our mechanisms without end.
        for checker in self.checkers:
            if kind in checker.kinds:
                return True
        return False

    def may_act_as(self, name, other):
        # type: (str, str) -> bool
        """True if the account *name* may work as *other* (the authorization identity of SASL);
        only as itself."""
        return name == other

    def login(self, loop, credentials, mind=None):
        # type: (Any, Any, Any) -> Future
        """Checks the credentials; a Future of a Session, which fails with LoginFailed or
        LoginUnavailable and nothing else."""
        return self._ended(self._check(loop, credentials, mind), credentials)

    def admit(self, loop, name, credentials, mind=None):
        # type: (Any, str, Any, Any) -> Future
        """As ``login``, for an account whose proof the caller has verified (SCRAM, whose proof
        takes two messages)."""
        return self._ended(self._session(name, credentials, mind), credentials)

    def refuse(self, credentials, reason):
        # type: (Any, str) -> Future
        """A Future that has failed with LoginFailed; the log is told why."""
        return self._ended(failed(LoginFailed(reason)), credentials)

    # -- SCRAM -------------------------------------------------------------------------------------

    def scram_hashes(self, loop):
        # type: (Any) -> List[str]
        """The hashes for which some checker has the keys of SCRAM: of 'sha256' and 'sha1',
        best first."""
        found = []              # type: List[str]
        for checker in self.checkers:
            found += _hashes_of(checker, loop)
        return [name for name in ('sha256', 'sha1') if name in found]

    def scram_keys(self, loop, name, hash_name):
        # type: (Any, str, str) -> Future
        """A Future of the ScramKeys of an account;
        of such that no one can match if there is no such account.

        It fails with LoginFailed or LoginUnavailable and nothing else.
        """
        return self._ended(self._find_keys(loop, name, hash_name), Proven(name, u'SCRAM'))

    # -- steps -------------------------------------------------------------------------------------

    @coroutine
    def _check(self, loop, credentials, mind):
        # type: (Any, Any, Any) -> Any
        kind = type(credentials)
        reason = u'nothing here judges %s' % kind.__name__
        unavailable = None          # type: Optional[LoginUnavailable]
        for checker in self.checkers:
            if kind not in checker.kinds:
                continue
            try:
                name = yield checker.check(credentials, loop)
            except LoginFailed as exc:
                reason = exc.reason or u'refused by %s' % type(checker).__name__
                continue
            except LoginUnavailable as exc:
                unavailable = exc
                continue
            session = yield self._session(name, credentials, mind)
            raise Return(session)
        if unavailable is not None:
            raise unavailable
        raise LoginFailed(reason)

    @coroutine
    def _find_keys(self, loop, name, hash_name):
        # type: (Any, str, str) -> Any
        knowing = [checker for checker in self.checkers if hash_name in _hashes_of(checker, loop)]
        if not knowing:
            raise LoginFailed(u'no checker has keys for SCRAM with %s' % hash_name)
        for checker in knowing:
            keys = yield checker.scram_keys(name, hash_name, loop)
            if keys is not None:
                raise Return(keys)
        keys = yield knowing[0].scram_decoy(name, hash_name, loop)
        raise Return(keys)

    @coroutine
    def _session(self, name, credentials, mind):
        # type: (str, Any, Any) -> Any
        avatar = yield as_future(self.realm.avatar(name, credentials, mind))
        raise Return(Session(name, avatar, self.realm))

    @staticmethod
    def _ended(future, credentials):
        # type: (Future, Any) -> Future
        """The same future, where every failure is a LoginFailed or a LoginUnavailable;
        the log is told why."""
        name = escape(getattr(credentials, 'username', u''))[:80]

        def refused(exc):
            # type: (Any) -> Any
            if isinstance(exc, Cancelled):
                raise exc
            if isinstance(exc, LoginFailed):
                log.info('the login of "%s" failed: %s', name, exc.reason or u'refused')
            elif isinstance(exc, LoginUnavailable):
                log.info('the login of "%s" could not be judged: %s', name, exc.reason
                         or u'unavailable')
            else:
                log.error('the login of "%s" could not be judged: %s', name, describe(exc))
                exc = LoginUnavailable(u'it could not be judged', exc)
            return failed(exc)

        return future.then(None, refused)


def _hashes_of(checker, loop):
    # type: (Any, Any) -> Sequence[str]
    """The hashes that a checker has keys of SCRAM for; none if it has never heard of SCRAM."""
    return checker.scram_hashes(loop) if hasattr(checker, 'scram_hashes') else ()


def describe(exc):
    # type: (Any) -> str
    """An exception for the log: its class and text."""
    try:
        return escape(u'%s: %s' % (type(exc).__name__, exc))
    except FAILURES:            # py2: text of an exception that is not ASCII
        return u'%s' % type(exc).__name__


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, List, Optional, Sequence
    from carryall.core.future import Future
