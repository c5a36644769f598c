# Copyright the carryall authors.  See LICENSE.
"""Login by a page with a form, in front of web applications (feature WEB-13).

    door = FormDoor(rules, PasswordFile('users'), Sessions(MemoryStore(loop), loop), loop)
    site = Site(door.protect(app), loop)

    GET  /login?next=/staff/     the page
    POST /login                  name, password, next: 303 to the page that was asked for
    POST /logout                 ends the session: 303 to /login

A browser that asks for a guarded path without a login is sent to the page; every other client gets
401.  The account is ``request.user``, as behind the Door of loginguard.py, and the session gets a
new id.  It ends if the password changes or the account goes.  A wrong password is answered late,
and an address with many failures gets 429 for a while (LoginGuard).  Passwords are asked for and
taken over https alone, or from this machine.

``next`` is a path of this site, and never another site (CWE-601).  Forms of other sites are refused
(origincheck.py), for the applications too.

Tests:    tests/services/web/test_formlogin.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.credentials import LoginFailed, LoginUnavailable, UsernamePassword
from carryall.core.auth.guard import LoginGuard
from carryall.core.auth.portal import Portal, Realm
from carryall.core.codec.uri import UNRESERVED, parse_query, percent_encode
from carryall.core.future import Return, as_future, coroutine, sleep
from carryall.core.logs import get_logger
from carryall.core.metrics import LOGIN_FAILED, LOGIN_SUCCEEDED, LOGIN_UNAVAILABLE, count_login
from carryall.core.net.ip import is_loopback
from carryall.protocols.http import HTTPError, Response
from carryall.protocols.http.forms import FormLimits, read_form
from carryall.services.web.errorpage import error_response, no_method, prefers_html
from carryall.services.web.htmlpage import escape, html_headers, page
from carryall.services.web.origincheck import refuse_foreign
from carryall.services.web.pathrules import ANYBODY, EVERY_ACCOUNT

__all__ = ['FormDoor', 'local_path']

# -- limits ------------------------------------------------------------------
FORM_LIMITS = FormLimits(total=16384, part=0, fields=16384, parts=16, headers=1024)
MAX_NEXT = 2048             # octets of a path to go on to
RETRY_SECONDS = 5           # for a client whose login could not be checked

MARK = u'_account'          # the value of a session that tells of a change of the account
AUTH_TYPE = b'Cookie'       # also the scheme of the challenge
LOGIN = b'/login'
LOGOUT = b'/logout'
FAILED = u'The name or the password is wrong.'
BUSY = u'Logins cannot be checked at the moment.  Try again in a few seconds.'

log = get_logger('web')

FORM = u'''<main>
<h1>Log in</h1>
%s<form method="post" action="/login">
<p><label>Name<br><input name="name" autocomplete="username" required autofocus value="%s"></label>
<p><label>Password<br><input name="password" type="password" autocomplete="current-password"
required></label>
<p><input type="hidden" name="next" value="%s"><button>Log in</button>
</form>
</main>
'''


class FormDoor(object):
    """A login page, and the check of logins, for all sites that share their accounts.

    Args:     rules: PathRules.
              checker: of UsernamePassword, such as a PasswordFile.
              sessions: Sessions.
              attempts: a LoginGuard; a new one unless given.
              clear_passwords: True to ask for passwords over http from other machines too.
    """

    def __init__(self, rules, checker, sessions, loop, attempts=None, clear_passwords=False):
        # type: (PathRules, Any, Sessions, Any, Optional[LoginGuard], bool) -> None
        self.attempts = attempts if attempts is not None else LoginGuard(loop)
        self._find = rules.find
        self._portal = Portal(Realm(), [checker])
        self._mark_of = getattr(checker, 'mark_of', None)
        self._sessions = sessions
        self._loop = loop
        self._clear = clear_passwords

    def protect(self, app):
        # type: (Callable[[Any], Any]) -> Callable[[Any], Any]
        """*app* behind this door."""
        def guarded(request):
            # type: (Any) -> Any
            if request.path == LOGIN:
                return self._login(request)
            if request.path == LOGOUT:
                return self._logout(request)
            session = request.session
            try:
                if session.user is not None and self._mark(session.user) != session.get(MARK):
                    session.end()       # the account is gone, or has another password
            except LoginUnavailable as exc:
                log.error('the login of a session cannot be checked: %s', exc)
                return error_response(request, 503, [(b'Retry-After', b'%d' % RETRY_SECONDS)])
            user = session.user
            request.user = user
            request.auth_type = None if user is None else AUTH_TYPE
            users = self._find(request.path)
            if users is ANYBODY:
                return app(request)
            if user is None:
                return self._send_to_login(request)
            if users is not EVERY_ACCOUNT and user not in users:
                return error_response(request, 403)
            return app(request)
        return self._sessions.wrap(refuse_foreign(guarded))

    def reload(self):
        # type: () -> None
        """Does nothing: the file of accounts is read when it has changed."""

    def close(self):
        # type: () -> Any
        """Closes the sessions; a Future if that takes time."""
        return self._sessions.close()

    def _mark(self, name):
        # type: (Text) -> Optional[Text]
        """A text that changes with the account; None for a checker that has none.

        Raises:   LoginUnavailable: the accounts cannot be read.
        """
        return None if self._mark_of is None else self._mark_of(name, self._loop)

    # -- the pages -----------------------------------------------------------------------------

    def _send_to_login(self, request):
        # type: (Any) -> Response
        if request.method not in (b'GET', b'HEAD') or not prefers_html(
                request.headers.get(b'accept')):
            # RFC 9110 section 15.5.2 demands a challenge.
            return error_response(request, 401, [(b'WWW-Authenticate', AUTH_TYPE)])
        wanted = percent_encode(request.target)
        return _to(LOGIN + b'?next=' + wanted)

    def _login(self, request):
        # type: (Any) -> Any
        host = _host_of(request)
        if self.attempts.refused(host):
            return _shut_out(request, self.attempts)
        if not (self._clear or not host or is_loopback(host) or request.tls is not None):
            # Without the page, so that a password is never sent
            return error_response(request, 403)
        if request.method in (b'GET', b'HEAD'):
            _path, _mark, query = request.target.partition(b'?')
            pairs = dict(parse_query(query, 16) or ())
            return _page(200, local_path(pairs.get(b'next', b'')))
        if request.method != b'POST':
            return no_method(request, (b'GET', b'HEAD', b'POST'))
        return self._judge(request, host)

    def _logout(self, request):
        # type: (Any) -> Response
        if request.method != b'POST':
            return no_method(request, (b'POST',))
        request.session.end()
        return _to(LOGIN)

    @coroutine
    def _judge(self, request, host):
        # type: (Any, str) -> Any
        try:
            form = yield read_form(request, limits=FORM_LIMITS)
        except HTTPError as exc:
            raise Return(error_response(request, exc.reply or 400))
        name = form.get(u'name', u'')
        wanted = local_path(form.get(u'next', u'').encode('utf-8'))
        credentials = UsernamePassword(name, form.get(u'password', u'').encode('utf-8'))
        credentials.host = host
        try:
            login = yield as_future(self._portal.login(self._loop, credentials))
            mark = self._mark(login.name)
        except LoginFailed:
            count_login(request.transport, LOGIN_FAILED)
            yield sleep(self._loop, self.attempts.failed(host))
            raise Return(_page(401, wanted, FAILED, name))
        except LoginUnavailable:
            count_login(request.transport, LOGIN_UNAVAILABLE)
            response = _page(503, wanted, BUSY, name)
            response.headers.set(b'Retry-After', b'%d' % RETRY_SECONDS)
            raise Return(response)
        if self.attempts.refused(host):         # blocked meanwhile
            raise Return(_shut_out(request, self.attempts))
        count_login(request.transport, LOGIN_SUCCEEDED)
        self.attempts.succeeded(host)
        request.session.log_in(login.name)
        request.session[MARK] = mark
        raise Return(_to(wanted))


def local_path(wanted):
    # type: (bytes) -> bytes
    """*wanted* if it is a path of this site; else ``/``."""
    clean = wanted.translate(None, bytes(bytearray(range(0x21))) + b'\x7f\\')
    if clean != wanted or not wanted.startswith(b'/') or wanted.startswith(b'//') \
            or len(wanted) > MAX_NEXT:
        return b'/'
    return percent_encode(wanted, UNRESERVED + b"/?&=%:@!$'()*+,;#")


def _to(place):
    # type: (bytes) -> Response
    return Response(303, [(b'Location', place), (b'Cache-Control', b'no-store')])


def _page(status, wanted, fault=u'', name=u''):
    # type: (int, bytes, Text, Text) -> Response
    told = u'<p role="alert"><strong>%s</strong></p>\n' % escape(fault) if fault else u''
    body = FORM % (told, escape(name[:255]), escape(wanted.decode('utf-8', 'replace')))
    headers = html_headers(forms=True) + [(b'Cache-Control', b'no-store')]
    if status == 401:
        headers.append((b'WWW-Authenticate', AUTH_TYPE))
    return Response(status, headers, page(u'Log in', body))


def _shut_out(request, attempts):
    # type: (Any, LoginGuard) -> Response
    """429 (RFC 6585 section 4)."""
    return error_response(request, 429, [(b'Retry-After', b'%d' % int(attempts.ban_seconds)),
                                         (b'Connection', b'close')])


def _host_of(request):
    # type: (Any) -> str
    """The numeric address of the client; '' if it has none."""
    address = request.peer
    return address.host if address is not None and address.port is not None else ''


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional, Text
    from carryall.services.web.pathrules import PathRules
    from carryall.services.web.sessions import Sessions
