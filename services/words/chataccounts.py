# Copyright the carryall authors.  See LICENSE.
"""Accounts of the chat space: their making, their passwords, and the check of both.

    book = AccountBook(space)
    ann = yield book.create(u'ann', b'correct horse', loop)
    portal = Portal(realm, [book])

A password is kept as the keys of SCRAM-SHA-256, which check a clear password too.  Clients of
Twisted answer a challenge that needs the md5 of a password.  It is enough to log in with, so it is
kept only if the operator asks for that.

Tests:    tests/services/words/test_chataccounts.py
"""
from __future__ import absolute_import, division, print_function

import binascii

from carryall.core.auth.checkers import Checker
from carryall.core.auth.checkqueue import CheckQueue
from carryall.core.auth.credentials import (MAX_PASSWORD, LoginFailed, LoginUnavailable,
                                            UsernamePassword, usable_name)
from carryall.core.auth.verifiers import ITERATIONS, ScramKeys, parse_verifier, scram_keys
from carryall.core.crypto import STANDARD, crypto_of
from carryall.core.future import Return, completed, coroutine, failed
from carryall.protocols.pb import HashedResponse
from carryall.services.words.chaterrors import BadNameError, NotAllowedError
from carryall.services.words.chatnames import checked_name, folded
from carryall.services.words.chatspace import Participant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Tuple
    from carryall.core.future import Future
    from carryall.services.words.chatspace import ChatSpace

__all__ = ['AccountBook', 'MIN_PASSWORD']

# -- limits ------------------------------------------------------------------
MIN_PASSWORD = 8            # octets; NIST SP 800-63B section 5.1.1.2
MAX_EMAIL = 254             # characters
MAX_ACCOUNTS = 100000
CHECKS_AT_ONCE = 4          # passwords that are worked on at the same time
CHECKS_WAITING = 64         # logins that wait for their turn


class AccountBook(Checker):
    """The accounts of a space, as a checker and a maker.

    Args:     space: a ChatSpace.
              keeps_md5: keep the md5 of passwords too, for clients of Twisted.
              iterations: of PBKDF2 in a new verifier.

    Attributes:
        ready: a Future that logins wait for; the space's unless another is set.
    """

    def __init__(self, space, keeps_md5=False, iterations=ITERATIONS):
        # type: (ChatSpace, bool, int) -> None
        self._space = space
        self.ready = space.ready
        self._keeps_md5 = keeps_md5
        self._iterations = iterations
        self._checks = CheckQueue(CHECKS_AT_ONCE, CHECKS_WAITING)
        self._making = set()            # type: Any  # folded names
        self._secret = STANDARD.random(32)

    @property
    def kinds(self):                    # type: ignore
        # type: () -> Tuple[type, ...]
        """Passwords, and challenges if their md5 is kept."""
        return (UsernamePassword, HashedResponse) if self._keeps_md5 else (UsernamePassword,)

    # -- making ------------------------------------------------------------------------

    @coroutine
    def create(self, name, password, loop, email=u'', is_admin=False):
        # type: (str, bytes, Any, str, bool) -> Any
        """Makes an account; a Future of its Participant, done when it is kept.

        Raises:   BadNameError, NotAllowedError: the name or the password cannot be used, or the
                  name is taken.
        """
        yield self._space.ready
        name = checked_name(name)
        key = folded(name)
        if key in self._space.participants or key in self._making:
            raise NotAllowedError(u'This name is taken.')
        if len(self._space.participants) >= MAX_ACCOUNTS:
            raise NotAllowedError(u'There are too many accounts.')
        participant = Participant(name, loop.wall())
        participant.email = _checked_email(email)
        participant.is_admin = is_admin
        self._making.add(key)
        try:
            yield self._give(participant, password, loop)
            yield self._space.add_participant(participant)
        finally:
            self._making.discard(key)
        raise Return(participant)

    @coroutine
    def set_password(self, participant, password, loop):
        # type: (Participant, bytes, Any) -> Any
        """Gives an account another password; a Future of None, done when it is kept."""
        yield self._give(participant, password, loop)
        yield self._space.keep_participant(participant)

    @coroutine
    def _give(self, participant, password, loop):
        # type: (Participant, bytes, Any) -> Any
        if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
            raise BadNameError(u'A password has at least %d characters.' % MIN_PASSWORD)
        crypto = crypto_of(loop)
        keys = yield loop.run_in_thread(scram_keys, crypto, 'sha256', password, None,
                                        self._iterations)
        participant.verifier = keys.text()
        participant.md5 = None
        if self._keeps_md5:
            hashed = STANDARD.hash('md5', password)
            participant.md5 = binascii.hexlify(hashed).decode('ascii')

    # -- checking ------------------------------------------------------------------------

    def check(self, credentials, loop):
        if not self.ready.done():
            return self.ready.then(lambda _: self.check(credentials, loop), _unavailable)
        if self.ready.exception() is not None:
            return failed(LoginUnavailable(u'the accounts cannot be read'))
        participant = self._found(credentials.username)
        if isinstance(credentials, HashedResponse):
            return self._check_response(participant, credentials)
        if len(credentials.password) > MAX_PASSWORD:
            return failed(LoginFailed(u'the password is too long'))
        keys = self._keys_of(credentials.username, participant, crypto_of(loop))
        judged = self._checks.run(loop, credentials.host, keys.verify, credentials.password,
                                  crypto_of(loop))
        return judged.then(lambda right: _named(participant, right))

    def _found(self, name):
        # type: (str) -> Optional[Participant]
        """The account, if it may log in."""
        found = self._space.participants.get(folded(name)) if usable_name(name) else None
        if found is None or found.is_barred or found.verifier is None:
            return None
        return found

    @staticmethod
    def _check_response(participant, credentials):
        # type: (Optional[Participant], Any) -> Future
        md5 = None if participant is None else participant.md5
        hashed = STANDARD.random(16) if md5 is None else binascii.unhexlify(md5.encode('ascii'))
        right = credentials.check(hashed)
        if md5 is None or not right:
            return failed(LoginFailed(u'there is no such account, or the response is wrong'))
        return completed(participant.name)

    def _keys_of(self, name, participant, crypto):
        # type: (str, Optional[Participant], Any) -> ScramKeys
        """The keys of the account; such that no password fits if there is none."""
        if participant is not None:
            return parse_verifier(participant.verifier)
        salt = crypto.hmac('sha256', self._secret, folded(name).encode('utf-8'))[:16]
        return ScramKeys('sha256', self._iterations, salt, crypto.random(32), crypto.random(32))

    def mark_of(self, name, loop):
        # type: (str, Any) -> Optional[str]
        """A text that changes with the password of an account; None if it may not log in."""
        participant = self._found(name)
        if participant is None:
            return None
        digest = crypto_of(loop).hash('sha256', participant.verifier.encode('ascii'))
        return binascii.hexlify(digest).decode('ascii')

    # -- SCRAM ---------------------------------------------------------------------------

    def scram_hashes(self, loop):
        return ('sha256',)

    def scram_keys(self, name, hash_name, loop):
        def found(_):
            # type: (Any) -> Any
            participant = self._found(name)
            return None if participant is None else parse_verifier(participant.verifier)

        return self.ready.then(found, _unavailable)

    def scram_decoy(self, name, hash_name, loop):
        return completed(self._keys_of(name, None, crypto_of(loop)))


def _named(participant, right):
    # type: (Optional[Participant], bool) -> str
    if participant is None or not right:
        raise LoginFailed(u'there is no such account, or the password is wrong')
    return participant.name


def _unavailable(exc):
    # type: (BaseException) -> Any
    raise LoginUnavailable(u'the accounts cannot be read', exc)


def _checked_email(email):
    # type: (str) -> str
    if len(email) > MAX_EMAIL or any(each <= u' ' for each in email) or email and u'@' not in email:
        raise BadNameError(u'This is no address of mail.')
    return email
