# Copyright the carryall authors.  See LICENSE.
"""Checkers: they verify credentials against accounts.

A checker has ``kinds``, the classes of credentials that it can check, and
``check(credentials, loop)``, a Future of the account's name that fails with LoginFailed.  Another
one is ``carryall.core.auth.passwordfile.PasswordFile``.

    MemoryChecker({u'anna': b'secret'})     clear passwords, in memory: for tests, and for protocols
                                            that need them clear
    AnonymousChecker()                      accepts all clients, under one name
    CertificateChecker({sha256: name})      certificates by their fingerprint
    ExternalChecker()                       identities that a lower layer established
    TokenChecker(validate)                  tokens of OAuth, validated by a function
    SystemChecker(authenticate)             the accounts of this machine,
                                            through what the runtime has (PAM)

Tests:    tests/core/auth/test_checkers.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.credentials import (MAX_PASSWORD, Anonymous, BearerToken, Certificate,
                                            Challenged, External, LoginFailed, LoginUnavailable,
                                            UsernamePassword, usable_name)
from carryall.core.auth.checkqueue import TOO_MANY, CheckQueue, FairQueue
from carryall.core.auth.verifiers import decoy_salt, scram_keys
from carryall.core.compat import text_type
from carryall.core.crypto import STANDARD, crypto_of
from carryall.core.future import Future, as_future, completed, failed, sleep
from carryall.core.net.ip import source_of

__all__ = ['AnonymousChecker', 'CertificateChecker', 'Checker', 'ExternalChecker', 'MemoryChecker',
           'SystemChecker', 'TokenChecker', 'fingerprint']

REFUSAL_SECONDS = 1.0       # what a refusal of the system takes, or a multiple of it
MAX_WAITING = 8             # logins to one account of the system that wait for the one before
MAX_ACCOUNTS = 64           # of the system that are looked at at the same time
MAX_OF_SOURCE = 16          # of these that one source may have
KEYS_AT_ONCE = 2            # keys of SCRAM that are made of clear passwords at the same time
KEYS_WAITING = 256          # logins that wait for such keys: each takes some 5 ms
# Of SCRAM where the clear password is kept anyway; RFC 7677 section 4: the least.
CLEAR_ITERATIONS = 4096


class Checker(object):
    """The base: judges nothing."""

    kinds = ()                  # type: Tuple[type, ...]

    def check(self, credentials, loop):
        # type: (Any, Any) -> Future
        """A Future of the account's name (text).  Only called with one of ``kinds``.

        It fails with LoginFailed, or with LoginUnavailable if the credentials cannot be judged now.
        """
        raise NotImplementedError

    def has_account(self, name, loop):
        # type: (str, Any) -> Future
        """A Future of True if the checker has an account of that name, in whatever case, so that no
        one else may register it."""
        return completed(False)

    def scram_keys(self, name, hash_name, loop):
        # type: (str, str, Any) -> Future
        """A Future of the ScramKeys of an account for SCRAM with that hash;
        of None if it has none."""
        return completed(None)

    def scram_decoy(self, name, hash_name, loop):
        # type: (str, str, Any) -> Future
        """A Future of ScramKeys that no one can match;
        the same salt and rounds for the same name each time."""
        return failed(LoginFailed(u'there are no keys for SCRAM'))

    def scram_hashes(self, loop):
        # type: (Any) -> Tuple[str, ...]
        """The hashes for which accounts have ScramKeys: of 'sha256' and 'sha1', best first."""
        return ()


class MemoryChecker(Checker):
    """Accounts in memory with their passwords in clear, which is what Challenged credentials need.

    Args:     accounts: {name (text): password (bytes)}; it is copied.
    """

    kinds = (UsernamePassword, Challenged)

    def __init__(self, accounts):
        # type: (Dict[str, bytes]) -> None
        self._accounts = dict(accounts)
        for name, password in self._accounts.items():
            if not isinstance(name, text_type) or not isinstance(password, bytes):
                raise TypeError('an account is a name of text and a password of bytes')
        self._key = STANDARD.random(32)
        self._checks = CheckQueue(KEYS_AT_ONCE, KEYS_WAITING)

    def check(self, credentials, loop):
        known = self._accounts.get(credentials.username)
        # Unknown names go the whole way too, against a password that no one has.
        password = STANDARD.random(16) if known is None else known
        if isinstance(credentials, Challenged):
            right = credentials.check(password)
        else:
            # Digests of equal length, for comparing what differs in length would tell the length.
            crypto = crypto_of(loop)
            right = crypto.equal(crypto.hmac('sha256', self._key, password),
                                 crypto.hmac('sha256', self._key, credentials.password))
        if known is None or not right:
            return failed(LoginFailed(u'there is no such account' if known is None
                                      else u'the password is wrong'))
        return completed(credentials.username)

    def has_account(self, name, loop):
        return completed(name.lower() in [each.lower() for each in self._accounts])

    def scram_keys(self, name, hash_name, loop):
        password = self._accounts.get(name)
        return completed(None) if password is None else self._keys(name, password, hash_name, loop)

    def scram_decoy(self, name, hash_name, loop):
        return self._keys(name, self._key, hash_name, loop)

    def _keys(self, name, password, hash_name, loop):
        # type: (str, bytes, str, Any) -> Future
        crypto = crypto_of(loop)
        # Few rounds: they protect what is stored, and here the password itself is.
        # The threads are shared: strangers who only ask for keys must not use all of them.
        return self._checks.run(loop, '', scram_keys, crypto, hash_name, password,
                               decoy_salt(crypto, self._key, name), CLEAR_ITERATIONS)

    def scram_hashes(self, loop):
        return ('sha256', 'sha1')


class AnonymousChecker(Checker):
    """Accepts all anonymous clients.

    Args:     name: of the account that they all get.
    """

    kinds = (Anonymous,)

    def __init__(self, name=u'anonymous'):
        # type: (str) -> None
        self.name = name

    def check(self, credentials, loop):
        return completed(self.name)


def fingerprint(der, crypto=STANDARD):
    # type: (bytes, Crypto) -> bytes
    """The SHA-256 of a certificate (32 octets)."""
    return crypto.hash('sha256', der)


class CertificateChecker(Checker):
    """Accounts by the fingerprint of their certificate; TLS verifies its authority.

    Args:     accounts: {SHA-256 of the certificate (32 octets): name}.
    """

    kinds = (Certificate,)

    def __init__(self, accounts):
        # type: (Dict[bytes, str]) -> None
        self._accounts = dict(accounts)
        if any(len(digest) != 32 for digest in self._accounts):
            raise ValueError('a SHA-256 fingerprint has 32 octets')

    def check(self, credentials, loop):
        name = self._accounts.get(fingerprint(credentials.der, crypto_of(loop)))
        if name is None:
            return failed(LoginFailed(u'the certificate belongs to no account'))
        return completed(name)


class ExternalChecker(Checker):
    """Takes the identity that a lower layer has established for the account's name.

    Args:     names: those that may come in; None: all.
    """

    kinds = (External,)

    def __init__(self, names=None):
        # type: (Optional[Iterable[str]]) -> None
        self._names = None if names is None else frozenset(names)

    def check(self, credentials, loop):
        name = credentials.identity
        if not usable_name(name) or self._names is not None and name not in self._names:
            return failed(LoginFailed(u'the identity has no account'))
        return completed(name)


class TokenChecker(Checker):
    """Bearer tokens.

    Args:     validate: a function (token in bytes) -> the account's name, None for a token that is
                        not valid; or a Future of either,
                        for it may have to ask the server that issues them.
    """

    kinds = (BearerToken,)

    def __init__(self, validate):
        # type: (Callable[[bytes], Any]) -> None
        self._validate = validate

    def check(self, credentials, loop):
        claimed = credentials.username

        def judged(name):
            # type: (Optional[str]) -> str
            if name is None:
                raise LoginFailed(u'the token is not valid')
            if claimed and claimed != name:
                raise LoginFailed(u'the token belongs to another account')
            return name

        return as_future(self._validate(credentials.token)).then(judged)


class SystemChecker(Checker):
    """The accounts of this machine.

    A LoginGuard bounds the tries of one address; this class bounds the tries of all together.  The
    logins of an account are checked one after the other.  A refusal takes its time before the next
    one, even if its client has gone.  Sources share the queue fairly (checkqueue.py); a login that
    finds it full is LoginUnavailable.

    Args:     authenticate: a function (name, password in bytes), true if they belong together.  It
                            may block.  ``carryall.runtimes.host.pam.authenticator()`` gives one, or
                            Unsupported with the reason.
    """

    kinds = (UsernamePassword,)

    def __init__(self, authenticate):
        # type: (Callable[[str, bytes], bool]) -> None
        self._authenticate = authenticate
        # Of the accounts that are looked at: (password, host, future)
        self._waiting = {}  # type: Dict[str, FairQueue]
        # How many accounts are looked at for each.
        self._sources = {}  # type: Dict[Any, int]

    def check(self, credentials, loop):
        name = credentials.username
        password = credentials.password
        if not usable_name(name) or not password or len(password) > MAX_PASSWORD \
                or b'\0' in password:
            return failed(LoginFailed(u'no account of a machine can have such a name or password'))
        answer = Future()
        waiting = self._waiting.get(name)
        source = source_of(credentials.host)
        if waiting is not None:
            entered = waiting.enter(credentials.host, (password, credentials.host, answer))
        else:
            crowded = source is not None and self._sources.get(source, 0) >= MAX_OF_SOURCE
            entered = len(self._waiting) < MAX_ACCOUNTS and not crowded
        if not entered:
            return sleep(loop, REFUSAL_SECONDS).then(lambda _: failed(LoginUnavailable(TOO_MANY)))
        if waiting is None:
            self._waiting[name] = FairQueue(MAX_WAITING)
            self._ask(name, password, credentials.host, answer, loop)
        return answer

    def _ask(self, name, password, host, answer, loop):
        # type: (str, bytes, str, Future, Any) -> None
        """Asks the system, and then for the next login that waits."""
        begun = loop.time()
        source = source_of(host)
        self._sources[source] = self._sources.get(source, 0) + 1

        def judged(right):
            # type: (bool) -> Any
            if right is True:
                return name
            # The system answers at once for a name that it does not know,
            # and hashes for one that it knows.
            left = REFUSAL_SECONDS - (loop.time() - begun) % REFUSAL_SECONDS
            return sleep(loop, left).then(lambda _: failed(LoginFailed(u'the system refused it')))

        def told(work):
            # type: (Future) -> None
            self._sources[source] -= 1
            if not self._sources[source]:
                del self._sources[source]
            following = self._waiting[name].take()
            if following is not None:
                self._ask(name, following[0], following[1], following[2], loop)
            else:
                del self._waiting[name]
            if answer.done():
                return
            if work.exception() is None:
                answer.set_result(work.result())
            else:
                answer.set_exception(work.exception())

        # A Future of its own: a client that leaves before the answer must not free its place for
        # the next guess.
        loop.run_in_thread(self._authenticate, name, password).then(judged).add_done_callback(told)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, Optional, Tuple
    from carryall.core.crypto import Crypto
