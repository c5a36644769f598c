# Copyright the carryall authors.  See LICENSE.
"""Who is there, and how it is kept secret: USER, PASS, ACCT, REIN, QUIT, HOST, AUTH, PBSZ, PROT, CCC (RFC 959, 4217, 7151).

Not here: TLS (``loop.start_tls``), passwords (``accounts.Accounts``).
Tests:    tests/protocols/ftp/test_accesscontrol.py, tests/protocols/ftp/test_secured.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.credentials import MAX_PASSWORD, LoginFailed, LoginUnavailable
from carryall.core.errors import RemoteProtocolError, Unsupported
from carryall.core.future import Return, coroutine, sleep
from carryall.core.logs import escape, get_logger
from carryall.protocols.ftp.rates import Rate
from carryall.protocols.ftp.wire import several, single
from carryall.protocols.ftp.verbs import FRESH, INSIDE, NAMED, Command

__all__ = ['Accessing', 'COMMANDS']

MAX_USER = 255              # octets of a name; as core.auth has it

log = get_logger('ftp')

COMMANDS = [
    Command(b'USER', 'cmd_user', None, Command.REST, syntax=b'USER name', rfc='959#4.1.1'),
    Command(b'PASS', 'cmd_pass', None, None, syntax=b'PASS password', rfc='959#4.1.1'),
    Command(b'ACCT', 'cmd_acct', None, Command.REST, syntax=b'ACCT account', rfc='959#4.1.1'),
    Command(b'REIN', 'cmd_rein', None, rfc='959#4.1.1'),
    Command(b'QUIT', 'cmd_quit', None, (0, 9), rfc='959#4.1.1'),
    Command(b'HOST', 'cmd_host', None, 1, syntax=b'HOST name', rfc='7151#3'),
    Command(b'AUTH', 'cmd_auth', None, 1, syntax=b'AUTH TLS', rfc='4217#4'),
    Command(b'PBSZ', 'cmd_pbsz', None, 1, syntax=b'PBSZ 0', rfc='4217#8'),
    Command(b'PROT', 'cmd_prot', None, 1, syntax=b'PROT C|P', rfc='4217#9'),
    Command(b'CCC', 'cmd_ccc', None, rfc='4217#5'),
]


class Accessing(object):
    """These commands, of an FTPServer."""

    # -- who ---------------------------------------------------------------------------------------------------------

    def cmd_user(self, name):
        # type: (Any, bytes) -> bytes
        """Whoever was logged in before is so no longer (RFC 959 section 4.1.1)."""
        if self.site.tls_login and not self.secure:
            return b'534 Say AUTH TLS first: no password is taken in clear.'      # RFC 4217 section 4
        if self.port is not None:
            self.port.close()
        secured = self.protected
        self.logged_out()
        self.forget()
        self.port, self.protected = None, secured
        if len(name) > MAX_USER:
            return b'501 No name is so long.'
        self.name = name.decode('utf-8', 'replace')
        self.state = NAMED
        return single(331, self.site.accounts.prompt(self.name))

    @coroutine
    def cmd_pass(self, password):
        # type: (Any, bytes) -> Any
        """The answer to a wrong one takes its time (RFC 2577 section 5)."""
        if self.state == INSIDE:
            raise Return(b'202 You are logged in already.')
        if self.state != NAMED:
            raise Return(b'503 Say USER first.')
        self.state = FRESH
        try:
            if len(password) > MAX_PASSWORD:
                raise LoginFailed(u'no password is so long')
            account = yield self.site.accounts.login(self.loop, self.name, password, self.host)
            if self.site.guard.refused(self.host):
                raise LoginFailed(u'the address was shut out meanwhile')
        except LoginUnavailable:
            # RFC 959 section 5.4 has no other temporary failure for PASS; nothing was guessed, so nothing is counted.
            log.info('%s: the login of "%s" could not be judged', self.host, escape(self.name)[:80])
            self.say_goodbye(b'421 Logins cannot be checked now, come back later.')
            raise Return(None)
        except LoginFailed:
            log.info('%s: the login of "%s" failed', self.host, escape(self.name)[:80])
            self.failures += 1
            self.site.observer.login_failed(self.name, self.host)
            yield sleep(self.clock, self.site.guard.failed(self.host))
            if self.failures >= self.limits.login_attempts or self.site.guard.refused(self.host):
                self.say_goodbye(b'421 Too many logins have failed.')
                raise Return(None)
            raise Return(b'530 The login failed.')
        raise Return(self._log_in(account))

    def _log_in(self, account):
        # type: (Any, Any) -> bytes
        self.account = account
        self.folder = tuple(account.home)
        self.rates = tuple(list(shared) + ([Rate(own, self.loop)] if own else [])
                           for shared, own in zip(account.rates, (self.limits.rate_up, self.limits.rate_down)))
        if self.site.account_wanted is not None:
            self.state = NAMED
            return b'332 An account is wanted: ACCT.'
        return self._enter()

    def _enter(self):
        # type: (Any) -> bytes
        account = self.account
        self.state = INSIDE
        self._entered = True
        self.progress(self.limits.unproductive_seconds)
        self.restart_idle()
        self.site.guard.succeeded(self.host)
        log.info('%s: %s is logged in%s', self.host, escape(account.name), u', as %s' % escape(account.trace[:80])
                 if account.anonymous else u'')
        self.site.observer.logged_in(account, self.host)
        lines = [line for line in account.welcome] + self.message_of(self.folder)
        if lines:
            return several(230, lines[0], lines[1:], b'Logged in.')
        return b'230 Logged in.'

    def cmd_acct(self, text):
        # type: (Any, bytes) -> bytes
        """Superfluous, unless the site wants it (RFC 959 section 5.4)."""
        if self.state == NAMED and self.account is not None:
            if self.site.account_wanted(self.account, text):
                return self._enter()
            self.account = None
            self.state = FRESH
            return b'530 The login failed.'
        return b'202 No account is needed.' if self.state == INSIDE else b'530 Log in with USER and PASS first.'

    def cmd_rein(self):
        # type: (Any) -> bytes
        """Back to the beginning; TLS stays (RFC 4217 section 11 leaves that open)."""
        self.stop_transfer()
        self.logged_out()
        self.forget()
        return b'220 Log in anew.'

    def cmd_quit(self, *words):
        # type: (Any, *bytes) -> None
        """Words behind it are passed over."""
        self.say_goodbye(b'221 Goodbye.', heard=True)

    def cmd_host(self, name):
        # type: (Any, bytes) -> bytes
        """Before the login (RFC 7151 section 3); an address in brackets is taken as a name."""
        if self.state != FRESH:
            return b'503 That is to be said before USER.'
        if self.site.hosts and name.lower() not in self.site.hosts:
            return b'504 There is no such host here.'
        return b'220 You are talking to %s.' % name.replace(b'\r', b'')

    # -- how ---------------------------------------------------------------------------------------------------------

    def cmd_auth(self, mechanism):
        # type: (Any, bytes) -> Any
        """The reply goes out in clear; what came behind the command is discarded with it (law L18)."""
        if mechanism.upper() not in (b'TLS', b'SSL', b'TLS-C', b'TLS-P'):
            return b'504 There is TLS alone.'
        if self.secure:
            return b'503 You have TLS already.'
        if self.site.tls is None:
            return b'431 There is no TLS here.'           # RFC 4217 section 4: the mechanism cannot be used at the moment
        self.stop_transfer()
        self.logged_out()
        self.forget()                                     # RFC 4217 section 4: what was said before does not count
        # rfc: the two old names imply PROT P (RFC 4217 section 17).
        self.protected = mechanism.upper() in (b'TLS-P', b'SSL')
        self.send_line(b'234 Begin with TLS.')
        self.flush()
        try:
            self.loop.start_tls(self.transport, self.site.tls, server_side=True).add_done_callback(self._secured)
        except Unsupported as exc:
            log.error('%s: AUTH TLS cannot be served: %s', self.host, exc)
            self.transport.abort()
        return None

    def _secured(self, future):
        # type: (Any, Any) -> None
        """A handshake that fails ends the connection by itself."""
        if future.exception() is not None:
            log.info('%s: TLS did not come about: %s', self.host, future.exception())

    def cmd_pbsz(self, size):
        # type: (Any, bytes) -> bytes
        """Of TLS it is 0 whatever is asked (RFC 4217 section 8)."""
        if not self.secure:
            return b'503 Say AUTH first.'
        return b'200 PBSZ=0'

    def cmd_prot(self, level):
        # type: (Any, bytes) -> bytes
        """Of the data connections to come (RFC 4217 section 9)."""
        if not self.secure:
            return b'503 Say AUTH and PBSZ first.'
        level = level.upper()
        if level == b'P':
            wanted = True
        elif level == b'C':
            if self.site.tls_data:
                return b'534 Data is not sent in clear here.'
            wanted = False
        else:
            return b'536 There are C and P.' if level in (b'S', b'E') else b'504 There are C and P.'
        if wanted != self.protected and self.port is not None:
            self.port.close()                             # it was arranged for the other level
            self.port = None
        self.protected = wanted
        return b'200 Data will go %s.' % (b'under TLS' if wanted else b'in clear')

    def cmd_ccc(self):
        # type: (Any) -> Optional[bytes]
        """The control connection goes back to clear for the sake of firewalls, and for whoever sits in them (RFC 4217 section 5).

        Where the site allows it, and behind the login: no password shall follow.  PROT stays as it is.
        """
        if not self.secure:
            return b'533 The control connection is in clear.'
        if not self.site.tls_clear or self.state != INSIDE:
            raise RemoteProtocolError(u'CCC', b'534 The control connection stays under TLS.')
        self.send_line(b'200 Go on in clear.')
        self.flush()
        # peer: curl answers with no close_notify of its own unless it is told --ftp-ssl-ccc-mode active.
        self.loop.stop_tls(self.transport, lenient=True).add_done_callback(self._cleared)
        return None

    def _cleared(self, future):
        # type: (Any, Any) -> None
        if future.exception() is None:
            log.info('%s: the control connection is in clear from here on (CCC)', self.host)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
