# Copyright the carryall authors.  See LICENSE.
"""Post Office Protocol version 3, the server (RFC 1939).

Wire:     CRLF lines; ``+OK`` or ``-ERR``, with a response code for programs (RFC 2449, RFC 3206);
          answers of many lines end with a dot alone, and dots at the start of a line are doubled.
States:   authorization -> transaction -> update; QUIT alone leads to the last, which deletes
Beyond:   CAPA 2449, STLS 2595, AUTH 5034, APOP 1939, UTF8 and LANG 6856, LAST 1460 (by a setting)
Not here: the messages (``maildrop.Maildrop``).  A message with UTF-8 in its header is sent
          unchanged to a client without UTF8; it is not downgraded (RFC 6858).
Tests:    tests/protocols/pop3/test_server.py, test_server_login.py, test_retrieval.py
"""
from __future__ import absolute_import, division, print_function

import binascii

from carryall.core.auth.credentials import Challenged, UsernamePassword
from carryall.core.auth.sasl import authdialogue
from carryall.core.auth.sasl.authdialogue import AuthDialogue
from carryall.core.codec.numbers import decimal
from carryall.core.activity import TOLD, tell
from carryall.core.compat import FAILURES, to_bytes
from carryall.core.crypto import crypto_of
from carryall.core.errors import RemoteProtocolError
from carryall.core.future import Future, Return, coroutine
from carryall.core.line.commandserver import CommandServer
from carryall.core.line.commandtable import (ARITY, BUDGET, FAILED, FORBIDDEN, TOO_LONG, UNKNOWN,
                                             WRONG_STATE, Command, CommandTable)
from carryall.core.line.transparency import Stuffer
from carryall.core.logs import escape, get_logger
from carryall.core.net.transport import peer, tls
from carryall.protocols.pop3.maildrop import Busy
from carryall.protocols.pop3.retrieval import MessageTop, lines_of
from carryall.protocols.pop3.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, List, Optional, Set, Tuple
    from carryall.protocols.pop3.maildrop import MaildropService

__all__ = ['POP3Server', 'Settings']

# -- limits ------------------------------------------------------------------
MAX_COMMAND = 253           # octets without CRLF; RFC 2449 section 4
MAX_AUTH_LINE = 12286       # octets; RFC 4954 section 4 for the same mechanisms
MAX_NUMBER = 2 ** 31 - 1    # of messages and lines; default, the RFC is silent
MANY = 1000                 # messages; longer listings are sent no faster than the client reads

# -- states ------------------------------------------------------------------
AUTHORIZATION = 'authorization'
TRANSACTION = 'transaction'

# -- replies -----------------------------------------------------------------
LOGIN_FAILED = b'-ERR [AUTH] invalid user name or password'
NO_MESSAGE = b'-ERR no such message'

AUTH_REPLIES = {
    authdialogue.CHALLENGE: b'+ ',
    authdialogue.SUCCESS: b'+OK',
    authdialogue.FAILED: LOGIN_FAILED,
    authdialogue.CANCELLED: b'-ERR authentication aborted',
    authdialogue.MALFORMED: b'-ERR cannot decode the authentication response',
    authdialogue.UNKNOWN: b'-ERR unrecognized authentication type',
    authdialogue.NEEDS_TLS: b'-ERR [AUTH] encryption required, use STLS',
    authdialogue.ALREADY: b'-ERR already authenticated',
    authdialogue.NO_LOGIN: b'-ERR authentication not enabled',
    authdialogue.TOO_MANY: LOGIN_FAILED,
    # RFC 3206 section 4
    authdialogue.UNAVAILABLE: b'-ERR [SYS/TEMP] temporary authentication failure',
}

log = get_logger('pop3')


class POP3Server(CommandServer):
    """One connection of a client.

    Args:     service: a MaildropService.
              clock: the loop.
              settings: a Settings.

    Attributes:
        user: the account that has logged in (text), or None.
    """

    commands = CommandTable([
        Command(b'CAPA', 'cmd_capa', rfc='2449#5'),
        Command(b'STLS', 'cmd_stls', (AUTHORIZATION,), rfc='2595#4'),
        Command(b'USER', 'cmd_user', (AUTHORIZATION,), args=None, syntax=b'USER name',
                rfc='1939#7'),
        Command(b'PASS', 'cmd_pass', (AUTHORIZATION,), args=None, syntax=b'PASS string',
                rfc='1939#7'),
        Command(b'APOP', 'cmd_apop', (AUTHORIZATION,), args=2, syntax=b'APOP name digest',
                rfc='1939#7'),
        Command(b'AUTH', 'cmd_auth', (AUTHORIZATION,), args=(0, 2),
                syntax=b'AUTH mechanism [initial-response]', rfc='5034#4'),
        Command(b'UTF8', 'cmd_utf8', (AUTHORIZATION,), rfc='6856#2'),
        Command(b'LANG', 'cmd_lang', args=(0, 1), syntax=b'LANG [tag]', rfc='6856#3'),
        Command(b'STAT', 'cmd_stat', (TRANSACTION,), rfc='1939#5'),
        Command(b'LIST', 'cmd_list', (TRANSACTION,), args=(0, 1), syntax=b'LIST [msg]',
                rfc='1939#5'),
        Command(b'UIDL', 'cmd_uidl', (TRANSACTION,), args=(0, 1), syntax=b'UIDL [msg]',
                rfc='1939#7'),
        Command(b'RETR', 'cmd_retr', (TRANSACTION,), args=1, syntax=b'RETR msg', rfc='1939#5'),
        Command(b'TOP', 'cmd_top', (TRANSACTION,), args=2, syntax=b'TOP msg n', rfc='1939#7'),
        Command(b'DELE', 'cmd_dele', (TRANSACTION,), args=1, syntax=b'DELE msg', rfc='1939#5'),
        Command(b'NOOP', 'cmd_noop', (TRANSACTION,), rfc='1939#5'),
        Command(b'RSET', 'cmd_rset', (TRANSACTION,), rfc='1939#5'),
        Command(b'LAST', 'cmd_last', (TRANSACTION,), rfc='1460#5'),
        Command(b'RPOP', 'cmd_rpop', (AUTHORIZATION,), args=None, rfc='1081#6'),
        Command(b'QUIT', 'cmd_quit', rfc='1939#6'),
    ])
    refusals = {
        UNKNOWN: b'-ERR unknown command',
        WRONG_STATE: b'-ERR command not valid in this state',
        ARITY: b'-ERR syntax: %(syntax)s',
        FORBIDDEN: b'-ERR permission denied',
        BUDGET: b'-ERR too many commands',
        FAILED: b'-ERR [SYS/TEMP] internal error',
        TOO_LONG: b'-ERR line too long',
    }
    state = AUTHORIZATION
    max_line = MAX_AUTH_LINE
    lone_lf = True

    def __init__(self, service, clock, settings=None):
        # type: (MaildropService, Any, Optional[Settings]) -> None
        CommandServer.__init__(self, clock)
        self.settings = settings or Settings()
        self.idle_seconds = self.settings.idle_seconds
        self.stall_seconds = self.settings.stall_seconds
        self.user = None                    # type: Optional[str]
        self.service = service
        self.auth = AuthDialogue(self, service, AUTH_REPLIES, self.logged_in)
        self._name = None                   # type: Optional[bytes]  # the argument of USER
        self._timestamp = b''
        self._session = None                # type: Any
        self._drop = None                   # type: Any
        self._deleted = set()               # type: Set[int]
        self._last = 0

    # -- life ----------------------------------------------------------------

    def connection_made(self, transport):
        self.progress(self.settings.login_seconds)
        CommandServer.connection_made(self, transport)
        if self.auth.shut_out():
            self.say_goodbye(b'-ERR [AUTH] too many failed logins, try again later')
            return
        if self.offers_apop():
            unique = binascii.hexlify(crypto_of(self.clock).random(12))
            self._timestamp = b'<' + unique + b'@' + self.settings.hostname + b'>'
        self.send_line(b'+OK POP3 server ready'
                       + (b' ' + self._timestamp if self._timestamp else b''))

    def connection_lost(self, exc):
        self.auth = authdialogue.ENDED
        CommandServer.connection_lost(self, exc)
        self._release()

    def _release(self):
        # type: () -> None
        """Closes the maildrop; only QUIT deletes what is marked (RFC 1939 section 6)."""
        drop = self._drop
        session = self._session
        self._drop = None
        self._session = None
        if drop is not None:
            drop.close()
        if session is not None:
            session.logout()

    def pause_writing(self):
        """Begins to wait for a client that reads slowly, also behind its last answer.

        Waiting for long would keep the maildrop locked.
        """
        CommandServer.pause_writing(self)
        self.room()

    def too_many_errors(self):
        self.say_goodbye(b'-ERR too many errors')

    def drain(self):
        """Closes between two commands."""
        if self.pending is None and not self.transport.is_closing():
            self.transport.close()

    # -- lines ---------------------------------------------------------------

    def line_received(self, line):
        if self.auth.mechanism is not None and b'\n' not in line:
            self.auth.line_received(line)
        elif len(line) > MAX_COMMAND and line[:5].upper() != b'AUTH ' and b'\n' not in line:
            self.line_too_long()
        elif b'\n' in line:
            self.split_line(line)               # peer: LF alone cannot smuggle a message in here
        elif b'\r' in line or b'\0' in line:
            self.refuse(UNKNOWN, b'', b'')
        else:
            CommandServer.line_received(self, line)

    # -- capabilities --------------------------------------------------------

    def encrypted(self):
        # type: () -> bool
        """True under TLS."""
        return tls(self.transport) is not None

    def offers_passwords(self):
        # type: () -> bool
        """True if USER and PASS, which show the password, are accepted now."""
        if not self.settings.clear_auth and not self.encrypted():
            return False
        return self.service.portal.accepts(UsernamePassword)

    def offers_apop(self):
        # type: () -> bool
        """True if APOP is accepted."""
        return self.settings.apop and self.service.portal.accepts(Challenged)

    def cmd_capa(self):
        # type: () -> bytes
        """CAPA (RFC 2449 section 5 and 6)."""
        lines = [b'+OK', b'TOP', b'UIDL', b'RESP-CODES', b'AUTH-RESP-CODE', b'PIPELINING',
                 b'EXPIRE NEVER', b'UTF8 USER', b'LANG']
        if self.settings.login_delay:
            lines.append(b'LOGIN-DELAY %d' % self.settings.login_delay)
        if self.state == AUTHORIZATION:
            if self.offers_passwords():
                lines.append(b'USER')
            mechanisms = self.auth.mechanisms()
            if mechanisms:
                lines.append(b'SASL ' + b' '.join(mechanisms))
            if self.settings.tls is not None and not self.encrypted():
                lines.append(b'STLS')
        return b'\r\n'.join(lines + [b'IMPLEMENTATION carryall', b'.'])

    def cmd_stls(self):
        # type: () -> Optional[bytes]
        """STLS (RFC 2595 section 4)."""
        if self.encrypted():
            return b'-ERR command not permitted when TLS active'
        if self.settings.tls is None:
            return b'-ERR TLS not available'
        self.send_line(b'+OK Begin TLS negotiation')
        self.flush()
        self._name = None
        self.auth.restart()
        begun = self.clock.start_tls(self.transport, self.settings.tls, server_side=True)
        begun.add_done_callback(self._tls_begun)
        return None

    def _tls_begun(self, future):
        # type: (Future) -> None
        if future.exception() is not None:      # the connection ends by itself
            log.info('%s: STLS failed: %s', peer(self.transport), future.exception())

    def cmd_utf8(self):
        # type: () -> bytes
        """UTF8 (RFC 6856 section 2): messages may be UTF-8; names and passwords always may."""
        return b'+OK UTF8 enabled'

    def cmd_lang(self, tag=None):
        # type: (Optional[bytes]) -> bytes
        """LANG (RFC 6856 section 3): answers are in English."""
        if tag is None:
            return b'+OK Language listing follows:\r\nen English\r\n.'
        lower = tag.lower()
        if lower in (b'en', b'*', b'i-default') or lower.startswith(b'en-'):
            return b'+OK en English'
        return b'-ERR unsupported language'

    # -- login ---------------------------------------------------------------

    def cmd_user(self, name):
        # type: (bytes) -> bytes
        """USER (RFC 1939 section 7); the answer is the same for unknown users."""
        if not self.offers_passwords():
            if self.settings.tls is not None:
                return AUTH_REPLIES[authdialogue.NEEDS_TLS]
            return b'-ERR [AUTH] plain text passwords are not accepted'
        if not name.strip():
            return b'-ERR syntax: USER name'
        self._name = name.strip()
        return b'+OK'

    def cmd_pass(self, password):
        # type: (bytes) -> Any
        """PASS (RFC 1939 section 7); the password may have blanks."""
        name = self._name
        self._name = None
        if name is None:
            return b'-ERR USER first'
        try:
            credentials = UsernamePassword(name.decode('utf-8'), password)
        except UnicodeError:
            return self.auth.refused()
        return self._log_in(credentials)

    def cmd_apop(self, name, digest):
        # type: (bytes, bytes) -> Any
        """APOP: the MD5 of the greeting's timestamp and the password (RFC 1939 section 7)."""
        if not self._timestamp:
            return b'-ERR [AUTH] APOP is not available'
        crypto = crypto_of(self.clock)
        timestamp = self._timestamp

        def check(password):
            # type: (bytes) -> bool
            expected = binascii.hexlify(crypto.hash('md5', timestamp + password))
            return crypto.equal(expected, digest.lower())

        try:
            credentials = Challenged(name.decode('utf-8'), check)
        except UnicodeError:
            return self.auth.refused()
        return self._log_in(credentials)

    def cmd_auth(self, mechanism=None, initial=None):
        # type: (Optional[bytes], Optional[bytes]) -> Any
        """AUTH (RFC 5034 section 4); without an argument the list of mechanisms (RFC 1734)."""
        if mechanism is None:
            return b'\r\n'.join([b'+OK'] + self.auth.mechanisms() + [b'.'])
        return self.auth.begin(mechanism, initial)

    def cmd_rpop(self, rest):
        # type: (bytes) -> bytes
        """RPOP (RFC 1081 section 6), which trusts the client's port: always refused."""
        return b'-ERR [AUTH] permission denied'

    def _log_in(self, credentials):
        # type: (Any) -> Future
        address = peer(self.transport)
        credentials.host = '' if address is None or address.port is None else address.host
        login = self.service.portal.login(self.clock, credentials)
        return login.then(self.logged_in, self.auth.failed)

    @coroutine
    def logged_in(self, session):
        # type: (Any) -> Any
        """Opens the maildrop of an account that has logged in; a Future of the reply."""
        if self.auth.shut_out():
            session.logout()
            answer = yield self.auth.refused()
            raise Return(answer)
        self.auth.note_success()
        delay = self.settings.login_delay
        now = self.clock.time()
        if delay and self.service.is_early(session.name, now, delay):
            self._forget(session)
            raise Return(b'-ERR [LOGIN-DELAY] minimum time between logins is %d seconds' % delay)
        try:
            drop = yield session.avatar.open_maildrop(self.clock)
        except Busy:
            self._forget(session)
            raise Return(b'-ERR [IN-USE] maildrop already locked')
        except FAILURES:
            self._forget(session)
            raise
        if self.transport.is_closing():
            drop.close()
            session.logout()
            raise Return(None)
        if delay:
            self.service.note_login(session.name, now)
        self._session = session
        self._drop = drop
        self.user = session.name
        self.progress(self.settings.unproductive_seconds)
        self.restart_idle()
        self.state = TRANSACTION
        log.info('%s: %s has %d messages', peer(self.transport), escape(session.name),
                 len(drop.sizes), extra=TOLD)
        raise Return(b'+OK %d messages (%d octets)' % self._left())

    def _forget(self, session):
        # type: (Any) -> None
        """Undoes a login, so that another one is possible."""
        session.logout()
        self.auth.restart()

    # -- messages ------------------------------------------------------------

    def _number(self, data):
        # type: (bytes) -> int
        """The index of a message; RemoteProtocolError if there is none, or it is deleted."""
        number = decimal(data, MAX_NUMBER)
        if number is None or not 1 <= number <= len(self._drop.sizes):
            raise RemoteProtocolError(u'no such message', reply=NO_MESSAGE)
        if number - 1 in self._deleted:
            reply = b'-ERR message %d already deleted' % number
            raise RemoteProtocolError(u'a deleted message', reply=reply)
        return number - 1

    def _left(self):
        # type: () -> Tuple[int, int]
        """The number of messages that are not deleted, and their octets."""
        sizes = self._drop.sizes
        deleted = sum(sizes[number] for number in self._deleted)
        return len(sizes) - len(self._deleted), sum(sizes) - deleted

    def _kept(self, rows):
        # type: (Iterable[Any]) -> Iterable[Tuple[int, Any]]
        """(number from 1, row) of each message that is not deleted."""
        return ((index + 1, row) for index, row in enumerate(rows) if index not in self._deleted)

    def cmd_stat(self):
        # type: () -> bytes
        """STAT (RFC 1939 section 5)."""
        return b'+OK %d %d' % self._left()

    def cmd_list(self, which=None):
        # type: (Optional[bytes]) -> Any
        """LIST (RFC 1939 section 5)."""
        sizes = self._drop.sizes
        if which is not None:
            number = self._number(which)
            return b'+OK %d %d' % (number + 1, sizes[number])
        return self._send_list(b'+OK %d messages (%d octets)' % self._left(),
                               (b'%d %d\r\n' % row for row in self._kept(sizes)))

    def cmd_uidl(self, which=None):
        # type: (Optional[bytes]) -> Any
        """UIDL (RFC 1939 section 7)."""
        uids = self._drop.uids
        if which is not None:
            number = self._number(which)
            return b'+OK %d %s' % (number + 1, uids[number])
        return self._send_list(b'+OK', (b'%d %s\r\n' % row for row in self._kept(uids)))

    def _send_list(self, first, lines):
        # type: (bytes, Iterable[bytes]) -> Any
        """An answer of one short line for each message, or a Future of its end."""
        self.progress(self.settings.unproductive_seconds)
        if len(self._drop.sizes) <= MANY:
            return first + b'\r\n' + b''.join(lines) + b'.'
        return self._send_long_list(first, lines)

    @coroutine
    def _send_long_list(self, first, lines):
        # type: (bytes, Iterable[bytes]) -> Any
        self.send_line(first)
        self.flush()
        for block in lines_of(lines):
            yield self._write(block)
        self.progress(self.settings.unproductive_seconds)
        raise Return(b'.')

    def cmd_retr(self, which):
        # type: (bytes) -> Any
        """RETR (RFC 1939 section 5)."""
        number = self._number(which)
        self._last = max(self._last, number + 1)
        return self._send_message(number, b'+OK %d octets' % self._drop.sizes[number], None)

    def cmd_top(self, which, count):
        # type: (bytes, bytes) -> Any
        """TOP: the header, the blank line and *count* lines of the body (RFC 1939 section 7)."""
        number = self._number(which)
        lines = decimal(count, MAX_NUMBER)
        if lines is None:
            return b'-ERR syntax: TOP msg n'
        return self._send_message(number, b'+OK', MessageTop(lines))

    @coroutine
    def _send_message(self, number, first, top):
        # type: (int, bytes, Optional[MessageTop]) -> Any
        """Sends a message, or its top, no faster than the client reads; a Future of None."""
        began = self.clock.time()
        pieces = self._drop.read(number)
        stuffer = Stuffer(mend=True)
        begun = False
        try:
            while True:
                piece = yield pieces.next()
                if not begun:               # +OK goes out once the message could be opened
                    begun = True
                    self.send_line(first)
                    self.flush()
                if not piece:
                    break
                if top is not None:
                    piece = top.feed(piece)
                yield self._write(stuffer.feed(piece))
                if top is not None and top.done:
                    break
            yield self._write(stuffer.finish())
        except FAILURES:
            if begun:                       # no line can tell that half a message was sent
                self.transport.abort()
            raise
        finally:
            pieces.close()
        tell(self.transport, u'%s %d' % (u'RETR' if top is None else u'TOP', number + 1), u'sent',
             self._drop.sizes[number] if top is None else None, self.clock.time() - began,
             user=self.user)
        self.progress(self.settings.unproductive_seconds)
        raise Return(None)

    def _write(self, data):
        # type: (bytes) -> Future
        """Sends octets; a Future of the moment at which the client has read enough of them."""
        if data:
            self.transport.write(data)
        return self.room()

    def cmd_dele(self, which):
        # type: (bytes) -> bytes
        """DELE (RFC 1939 section 5): marks a message; QUIT deletes it."""
        number = self._number(which)
        self._deleted.add(number)
        self.progress(self.settings.unproductive_seconds)
        self._last = max(self._last, number + 1)
        return b'+OK message %d deleted' % (number + 1)

    def cmd_noop(self):
        # type: () -> bytes
        """NOOP (RFC 1939 section 5)."""
        return b'+OK'

    def cmd_rset(self):
        # type: () -> bytes
        """RSET (RFC 1939 section 5)."""
        self._deleted.clear()
        self._last = 0
        return b'+OK %d messages (%d octets)' % self._left()

    def cmd_last(self):
        # type: () -> bytes
        """LAST: the highest number that was retrieved or deleted (RFC 1460 section 5)."""
        return b'+OK %d' % self._last if self.settings.last else self.refusals[UNKNOWN]

    def cmd_quit(self):
        # type: () -> Any
        """QUIT: enters the update state (RFC 1939 section 6)."""
        if self.state != TRANSACTION or not self._deleted:
            self._release()
            self._sign_off()
            return None
        # From here on messages are deleted whether the client still listens or not.
        drop = self._drop
        self._drop = None
        done = drop.commit(sorted(self._deleted))
        done.add_done_callback(lambda _: drop.close())
        answer = Future()
        done.add_done_callback(
            lambda future: answer.done() or answer.set_result(future.exception()))
        return answer.then(self._updated)

    def _updated(self, fault):
        # type: (Optional[BaseException]) -> None
        self._release()
        if fault is None:
            self._sign_off()
            return
        log.error('%s: some messages of %s were not deleted: %r', peer(self.transport),
                  escape(to_bytes(self.user)), fault)
        self.say_goodbye(b'-ERR [SYS/TEMP] some deleted messages not removed', heard=True)

    def _sign_off(self):
        # type: () -> None
        self.say_goodbye(b'+OK POP3 server signing off', heard=True)
