# Copyright the carryall authors.  See LICENSE.
"""Access control: USER, PASS, ACCT, REIN, QUIT, HOST (RFC 959 section 4.1.1, RFC 7151).

Not here: passwords (`account.Accounts`).
Tests:    tests/protocols/ftp/test_accesscontrol.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.activity import TOLD, note_login
from carryall.core.auth.credentials import MAX_PASSWORD, LoginFailed, LoginUnavailable
from carryall.core.future import Return, as_future, coroutine, sleep
from carryall.core.logs import escape, get_logger
from carryall.core.metrics import LOGIN_FAILED, LOGIN_SUCCEEDED, LOGIN_UNAVAILABLE
from carryall.protocols.ftp.rates import Rate
from carryall.protocols.ftp.verbs import FRESH, INSIDE, NAMED, Command, CommandGroup
from carryall.protocols.ftp.wire import (BAD_PARAMETER, BAD_SEQUENCE, CLOSING, DENIED, LOGGED_IN,
                                         NEED_ACCOUNT, NOT_LOGGED_IN, READY, SUPERFLUOUS, several,
                                         single, syntax_error)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from carryall.protocols.ftp.account import Account

__all__ = ['COMMANDS', 'AccessControl']

MAX_USER = 255              # octets of a name; as in core.auth

INCORRECT = b'530 Not logged in: user name or password incorrect.'

log = get_logger('ftp')

COMMANDS = [
    Command(b'USER', 'access.user', None, Command.REST, syntax=b'USER name', rfc='959#4.1.1'),
    Command(b'PASS', 'access.password', None, None, syntax=b'PASS password', rfc='959#4.1.1'),
    Command(b'ACCT', 'access.acct', None, Command.REST, syntax=b'ACCT account', rfc='959#4.1.1'),
    Command(b'REIN', 'access.rein', None, rfc='959#4.1.1'),
    Command(b'QUIT', 'access.quit', None, (0, 9), rfc='959#4.1.1'),
    Command(b'HOST', 'access.host', None, 1, syntax=b'HOST name', rfc='7151#3'),
]


class AccessControl(CommandGroup):
    """The access control commands of a session.

    Attributes:
        name: text of USER.
        failures: wrong passwords on this connection.
    """

    __slots__ = ('name', 'failures')

    def __init__(self, session):
        # type: (Any) -> None
        CommandGroup.__init__(self, session)
        self.failures = 0

    def reset(self):
        self.name = u''

    def user(self, name):
        # type: (bytes) -> bytes
        """A user that was logged in before is logged out (RFC 959 section 4.1.1)."""
        session = self.session
        if session.settings.tls_required != 'no' and not session.secure:
            return DENIED + b': use AUTH TLS first.'        # RFC 4217 section 4
        session.ports.close()
        protected = session.security.protected
        session.log_out()
        session.reset()
        session.security.protected = protected
        if len(name) > MAX_USER:
            return syntax_error(b'the user name is too long.')
        self.name = name.decode('utf-8', 'replace')
        session.state = NAMED
        return single(331, session.service.prompt(self.name))

    @coroutine
    def password(self, password):
        # type: (bytes) -> Any
        """The reply to a wrong password is delayed (RFC 2577 section 5)."""
        session = self.session
        service = session.service
        if session.state == INSIDE:
            raise Return(SUPERFLUOUS)
        if session.state != NAMED:
            raise Return(BAD_SEQUENCE + b': use USER first.')
        session.state = FRESH
        try:
            if len(password) > MAX_PASSWORD:
                raise LoginFailed(u'the password is too long')
            found = service.login(session.clock, self.name, password, session.host)
            account = yield as_future(found)
            if service.guard.refused(session.host):
                raise LoginFailed(u'the address was banned meanwhile')
        except LoginUnavailable:
            # RFC 959 section 5.4 has no other temporary failure for PASS.  The guard counts
            # guesses, and this is not one.
            note_login(session.transport, LOGIN_UNAVAILABLE, self._shown())
            log.info('%s: the login of "%s" could not be verified', session.host, self._shown(),
                     extra=TOLD)
            session.say_goodbye(b'421 Service not available, closing control connection: '
                                b'logins cannot be verified now.')
            raise Return(None)
        except LoginFailed:
            log.info('%s: the login of "%s" failed', session.host, self._shown(), extra=TOLD)
            self.failures += 1
            note_login(session.transport, LOGIN_FAILED, self._shown())
            service.login_failed(self.name, session.host)
            yield sleep(session.clock, service.guard.failed(session.host))
            attempts = session.settings.login_attempts
            if self.failures >= attempts or service.guard.refused(session.host):
                session.say_goodbye(b'421 Too many failed logins, closing control connection.')
                raise Return(None)
            raise Return(INCORRECT)
        raise Return(self._log_in(account))

    def _shown(self):
        # type: () -> str
        return escape(self.name)[:80]

    def _log_in(self, account):
        # type: (Account) -> bytes
        session = self.session
        session.account = account
        session.folder = tuple(account.home)
        limits = session.settings.rate_up, session.settings.rate_down
        rates = []
        for shared, own in zip(account.rates, limits):
            rates.append(list(shared) + ([Rate(own, session.clock)] if own else []))
        session.transfers.rates = tuple(rates)
        if session.service.wants_account(account):
            session.state = NAMED
            return NEED_ACCOUNT
        return self._enter(account)

    def _enter(self, account):
        # type: (Account) -> bytes
        session = self.session
        session.state = INSIDE
        session.entered = True
        session.progress(session.settings.unproductive_seconds)
        session.restart_idle()
        session.service.guard.succeeded(session.host)
        note_login(session.transport, LOGIN_SUCCEEDED, account.name)
        trace = u', as %s' % escape(account.trace[:80]) if account.anonymous else u''
        log.info('%s: %s is logged in%s', session.host, escape(account.name), trace, extra=TOLD)
        session.service.logged_in(account, session.host)
        lines = list(account.welcome) + session.message_of(session.folder)
        return several(230, lines[0], lines[1:], LOGGED_IN[4:]) if lines else LOGGED_IN

    def acct(self, text):
        # type: (bytes) -> bytes
        """Superfluous, unless the service wants it (RFC 959 section 5.4)."""
        session = self.session
        account = session.account
        if session.state == NAMED and account is not None:
            if session.service.takes_account(account, text):
                return self._enter(account)
            session.account = None
            session.state = FRESH
            return INCORRECT
        return SUPERFLUOUS if session.state == INSIDE else NOT_LOGGED_IN

    def rein(self):
        # type: () -> bytes
        """Starts again; TLS stays (RFC 4217 section 11 leaves that open)."""
        self.session.transfers.stop()
        self.session.log_out()
        self.session.reset()
        return READY

    def quit(self, *words):
        # type: (*bytes) -> None
        """Words behind the verb are ignored."""
        self.session.say_goodbye(CLOSING, heard=True)

    def host(self, name):
        # type: (bytes) -> bytes
        """Before the login (RFC 7151 section 3); an address in brackets is a name too."""
        session = self.session
        if session.state != FRESH:
            return BAD_SEQUENCE + b': HOST comes before USER.'
        if session.settings.hosts and name.lower() not in session.settings.hosts:
            return BAD_PARAMETER + b': unknown host.'
        return b'220 Host %s accepted.' % name.replace(b'\r', b'')
