# Copyright the carryall authors.  See LICENSE.
"""Access by login: a Door in front of web applications (feature WEB-13 in part; RFC 9110 section
11, X-06).

    door = Door(rules, BasicScheme(u'users', b'the reading room', loop), loop)
    site = Site(door.protect(app), loop)

A request for a guarded path needs an account; without one the answer is 401 with a challenge.
``request.user`` is then its name, and the credentials are removed before the application sees the
request, as it may be another author's program.  A wrong password is answered late, and an address
with many failures gets 429 for a while (LoginGuard).  A login that cannot be checked at the moment
is answered with 503, and not counted.  Basic sends the password itself.  So over http from other
machines it is neither asked for nor accepted (403).

The grammar is in protocols/http/auth/serverauth.py and digestauth.py, accounts are in core/auth,
the guarded paths in pathrules.py, the options in access.py.
Tests:    tests/services/web/test_loginguard.py
"""
from __future__ import absolute_import, division, print_function

import os
from collections import OrderedDict

from carryall.core.auth.credentials import LoginFailed, LoginUnavailable, Proven, UsernamePassword
from carryall.core.auth.guard import LoginGuard
from carryall.core.auth.passwordfile import PasswordFile
from carryall.core.auth.portal import Portal, Realm
from carryall.core.compat import text_type
from carryall.core.crypto import crypto_of
from carryall.core.errors import UsageError
from carryall.core.future import Future, Return, as_future, coroutine, failed, sleep
from carryall.core.net.ip import is_loopback
from carryall.core.logs import escape, get_logger
from carryall.core.metrics import LOGIN_FAILED, LOGIN_SUCCEEDED, LOGIN_UNAVAILABLE, count_login
from carryall.core.files.stamps import stamp_of
from carryall.protocols.http import Headers
from carryall.protocols.http.auth import (STALE, WRONG, Digest, basic_challenge,
                                          parse_authorization, parse_basic)
from carryall.services.web.digestfile import DigestFile
from carryall.services.web.errorpage import error_response
from carryall.services.web.pathrules import ANYBODY, EVERY_ACCOUNT

__all__ = ['BasicScheme', 'DigestScheme', 'Door']

# -- limits ------------------------------------------------------------------
# Seconds in which a right password is not hashed again: each hash takes 0.3 s
REMEMBER_SECONDS = 300.0
MAX_REMEMBERED = 1024       # cached passwords, as HMACs
MAX_BARE = 256              # cached header sections without credentials
RETRY_SECONDS = 5           # for a client whose login could not be checked

log = get_logger('web')

# The result of a scheme for a client that knew the password and must use a new nonce
ONCE_MORE = object()


# -- schemes -----------------------------------------------------------------

class BasicScheme(object):
    """Names and passwords in clear, checked against a password file (RFC 7617).

    A *scheme* has ``name``, that of AUTH_TYPE; ``challenges(stale)``, the values of
    WWW-Authenticate; ``needs_secrecy``; ``forget()``; and ``check(request, authorization)``.  Its
    result is None without valid credentials, ONCE_MORE, the account's name, or a Future of the
    name, which fails with LoginFailed or LoginUnavailable.

    Args:     path: of the file; None for none.
              realm: bytes.
              checkers: of further accounts.
    """

    name = b'Basic'
    needs_secrecy = True

    def __init__(self, path, realm, loop, checkers=()):
        # type: (Optional[str], bytes, Any, Iterable[Any]) -> None
        self._path = path
        self._loop = loop
        found = list(checkers) + ([] if path is None else [PasswordFile(path)])
        self._portal = Portal(Realm(), found)
        self._challenges = [basic_challenge(realm)]
        self._secret = crypto_of(loop).random(32)
        # HMAC -> (name, time of expiry, mark of the file)
        self._right = OrderedDict()     # type: Dict[bytes, Tuple[str, float, Any]]
        # HMAC -> the check that is under way
        self._asked = {}                # type: Dict[bytes, Future]

    def challenges(self, stale=False):
        # type: (bool) -> List[bytes]
        """One."""
        return self._challenges

    def forget(self):
        # type: () -> None
        """Forgets all cached passwords, which are then hashed again."""
        self._right.clear()

    def check(self, request, given):
        # type: (Request, Authorization) -> Any
        """Checks the credentials; see above."""
        pair = parse_basic(given.token) if given.scheme == b'basic' else None
        if pair is None:
            return None
        mark = self._mark_of_file()
        key = crypto_of(self._loop).hmac('sha256', self._secret, given.token)
        known = self._right.get(key)
        if known is not None and known[1] > self._loop.time() and known[2] == mark:
            return known[0]
        shared = self._asked.get(key)
        if shared is None:
            credentials = UsernamePassword(pair[0].decode('utf-8', 'replace'), pair[1])
            credentials.host = _host_of(request)
            shared = self._portal.login(self._loop, credentials)
            self._asked[key] = shared
            shared.add_done_callback(lambda done: self._judged(key, mark, done))
        # Each waiting request has a Future of its own: one that is cancelled must not cancel the
        # check for the others.
        mine = Future()
        shared.add_done_callback(lambda done: _hand_on(done, mine))
        return mine

    def _judged(self, key, mark, done):
        # type: (bytes, Any, Future) -> None
        self._asked.pop(key, None)
        self._right.pop(key, None)
        if done.exception() is None and mark is not None and mark == self._mark_of_file():
            while len(self._right) >= MAX_REMEMBERED:
                del self._right[next(iter(self._right))]
            self._right[key] = done.result().name, self._loop.time() + REMEMBER_SECONDS, mark

    def _mark_of_file(self):
        # type: () -> Any
        """A value that changes with the file; None if the file cannot be examined."""
        if self._path is None:
            return None
        try:
            state = os.stat(self._path)
        except OSError:
            return None
        return stamp_of(state, self._loop.wall())


def _host_of(request):
    # type: (Request) -> str
    """The numeric address of the client; '' if it has none."""
    address = request.peer
    return address.host if address is not None and address.port is not None else ''


def _hand_on(done, mine):
    # type: (Future, Future) -> None
    if mine.done():
        return
    if done.exception() is None:
        mine.set_result(done.result().name)
    else:
        mine.set_exception(done.exception())


class DigestScheme(object):
    """Digest, checked against a file of keys (RFC 7616); see BasicScheme for its methods.

    Raises:   UsageError: the file is not suitable.
    """

    name = b'Digest'
    needs_secrecy = False

    def __init__(self, path, realm, loop):
        # type: (str, bytes, Any) -> None
        self._file = DigestFile(path, realm, loop.wall)
        self._digest = Digest(realm, loop, self._file.algorithms(), crypto_of(loop))
        self._portal = Portal(Realm(), [])      # for its log only
        self.challenges = self._digest.challenges

    def forget(self):
        # type: () -> None
        """Does nothing, as nothing is cached."""

    def check(self, request, given):
        # type: (Request, Authorization) -> Any
        """Checks the credentials; see BasicScheme."""
        answer = (self._digest.read(given.parameters, request.target) if given.scheme == b'digest'
                  else None)
        if answer is None:
            return None
        name = answer.name.decode('utf-8', 'replace')
        try:
            key = self._file.key(answer.algorithm, answer.name)
        except UsageError as exc:
            log.error('the login of "%s" could not be judged: %s', escape(name)[:80], exc)
            return failed(LoginUnavailable(u'the file of keys cannot be read', exc))
        judged = self._digest.judge(answer, request.method,
                                    self._digest.decoy(answer.name) if key is None else key)
        if key is None or judged == WRONG:
            return self._portal.refuse(Proven(name, u'Digest'),
                                       u'the account is unknown' if key is None
                                       else u'the password is wrong')
        return ONCE_MORE if judged == STALE else name


class _Bare(Headers):
    """A header section without credentials.

    Attributes:
        door: that has taken them away.
        name: of the account that they were for.
    """

    __slots__ = ('door', 'name')

    def __init__(self, fields, door):
        # type: (List[Tuple[bytes, bytes]], Door) -> None
        Headers.__init__(self, fields)
        self.door = door
        self.name = u''


# -- the door ----------------------------------------------------------------

class Door(object):
    """The check of logins; one for all sites that share their accounts.

    Args:     rules: PathRules.
              scheme: a BasicScheme or DigestScheme.
              attempts: a LoginGuard; a new one unless given.
              clear_passwords: True to ask for passwords over http too.
    """

    def __init__(self, rules, scheme, loop, attempts=None, clear_passwords=False):
        # type: (PathRules, Any, Any, Optional[LoginGuard], bool) -> None
        self.attempts = attempts if attempts is not None else LoginGuard(loop)
        self._find = rules.find
        self._scheme = scheme
        self._loop = loop
        self._clear = clear_passwords or not scheme.needs_secrecy
        # id -> (a header section, the same without credentials)
        self._bare = {}             # type: Dict[int, Tuple[Headers, _Bare]]

    def protect(self, app):
        # type: (Callable[[Request], Any]) -> Callable[[Request], Any]
        """*app* behind this door."""
        def guarded(request):
            # type: (Request) -> Any
            users = self._find(request.path)
            return app(request) if users is ANYBODY else self._ask(request, users, app)
        return guarded

    def reload(self):
        # type: () -> None
        """Forgets the logins that succeeded; blocked addresses stay blocked."""
        self._scheme.forget()

    def close(self):
        # type: () -> None
        """Does nothing: the files of accounts are not kept open."""

    def _ask(self, request, users, app):
        # type: (Request, Any, Callable[[Request], Any]) -> Any
        host = _host_of(request)
        if self.attempts.refused(host):
            return self._shut_out(request)
        if not (self._clear or not host or is_loopback(host) or request.tls is not None):
            # Without a challenge, so that browsers never send the password
            return error_response(request, 403)
        before = getattr(request, 'before', None)
        if type(before) is _Bare and before.door is self:
            # A local redirect of a program that the client was let in to
            return self._enter(before.name, host, request, users, app)
        values = request.headers.get_all(b'authorization')
        if len(values) > 1:
            return error_response(request, 400)      # RFC 9110 section 5.3: the field is not a list
        given = parse_authorization(values[0]) if values else None
        found = None if given is None else self._scheme.check(request, given)
        if isinstance(found, Future):
            return self._wait(found, host, request, users, app)
        if found is None or found is ONCE_MORE:
            return self._challenge(request, found is ONCE_MORE)
        return self._enter(found, host, request, users, app)

    @coroutine
    def _wait(self, found, host, request, users, app):
        # type: (Future, str, Request, Any, Callable[[Request], Any]) -> Any
        try:
            name = yield found
        except LoginFailed:
            count_login(request.transport, LOGIN_FAILED)
            yield sleep(self._loop, self.attempts.failed(host))
            raise Return(self._challenge(request, False))
        except LoginUnavailable:
            count_login(request.transport, LOGIN_UNAVAILABLE)
            raise Return(error_response(request, 503, [(b'Retry-After', b'%d' % RETRY_SECONDS)]))
        if self.attempts.refused(host):         # blocked meanwhile
            raise Return(self._shut_out(request))
        count_login(request.transport, LOGIN_SUCCEEDED)
        answer = yield as_future(self._enter(name, host, request, users, app))
        raise Return(answer)

    def _enter(self, name, host, request, users, app):
        # type: (str, str, Request, Any, Callable[[Request], Any]) -> Any
        self.attempts.succeeded(host)
        request.user = name
        request.auth_type = self._scheme.name
        bare = self._without_credentials(request.headers)
        bare.name = name
        request.headers = bare
        if users is not EVERY_ACCOUNT and name not in users:
            return error_response(request, 403)
        return app(request)

    def _without_credentials(self, headers):
        # type: (Headers) -> _Bare
        """The header section without credentials; the same object for the same section, because
        caches elsewhere find their entries by it.
        """
        known = self._bare.get(id(headers))
        if known is None or known[0] is not headers:
            if len(self._bare) >= MAX_BARE:
                self._bare.clear()
            bare = _Bare([field for field in headers if field[0].lower() != b'authorization'],
                         self)
            known = (headers, bare)
            self._bare[id(headers)] = known
        return known[1]

    def _shut_out(self, request):
        # type: (Request) -> Response
        """Answers 429 (RFC 6585 section 4) and closes the connection, on which the next request
        would get the same answer.
        """
        return error_response(request, 429,
                              [(b'Retry-After', b'%d' % int(self.attempts.ban_seconds)),
                               (b'Connection', b'close')])

    def _challenge(self, request, stale):
        # type: (Request, bool) -> Response
        return error_response(request, 401,
                              [(b'WWW-Authenticate', value) for value
                               in self._scheme.challenges(stale)])


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple
    from carryall.protocols.http import Request, Response
    from carryall.protocols.http.auth import Authorization
    from carryall.services.web.pathrules import PathRules
