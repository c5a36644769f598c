# Copyright the carryall authors.  See LICENSE.
"""Post Office Protocol version 3, the server (RFC 1939).

Wire:     CRLF lines; ``+OK`` or ``-ERR``, with a code in brackets that programs understand (RFC
          2449, 3206); answers of many lines end with a dot alone, and dots at the beginning of a
          line are doubled.
States:   authorization -> transaction -> update         deletions happen in the last, which only
          QUIT leads to
Beyond:   CAPA 2449, STLS 2595, AUTH 5034, APOP 1939, UTF8 and LANG 6856, LAST 1460 (if it is asked
          for)
Not here: the messages (``maildrop.Maildrop``).  A message with UTF-8 in its header is sent as it is
          to clients that have not said UTF8 too, and not rewritten (RFC 6858).
Tests:    tests/protocols/pop3/test_server.py, test_server_login.py, test_retrieval.py
"""
from __future__ import absolute_import, division, print_function

import binascii

from carryall.core.auth.credentials import Challenged, UsernamePassword
from carryall.core.line.commandtable import (ARITY, BUDGET, FAILED, FORBIDDEN, TOO_LONG, UNKNOWN,
                                             WRONG_STATE, Command, CommandTable)
from carryall.core.compat import FAILURES, to_bytes
from carryall.core.crypto import crypto_of
from carryall.core.errors import RemoteProtocolError
from carryall.core.future import Future, Return, coroutine
from carryall.core.line.commandserver import UNPRODUCTIVE_SECONDS, CommandServer
from carryall.core.logs import escape, get_logger
from carryall.core.net.transport import peer, tls
from carryall.core.codec.numbers import decimal
from carryall.protocols.pop3.maildrop import Busy
from carryall.protocols.pop3.retrieval import MessageTop, lines_of
from carryall.protocols.smtp.authentication import ENDED, POP3_WORDS, Authentication
from carryall.core.line.dotstuffing import Stuffer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, Optional, Sequence, Set, Tuple

__all__ = ['POP3Server', 'Settings']

# -- limits ------------------------------------------------------------------
MAX_COMMAND = 253           # octets without CRLF; RFC 2449 section 4
MAX_AUTH_LINE = 12286       # octets; RFC 4954 section 4 for the same mechanisms
IDLE_SECONDS = 600.0        # RFC 1939 section 3: at least ten minutes
LOGIN_SECONDS = 120.0       # from the greeting to the login; ours
STALL_SECONDS = 300.0       # a client that reads nothing of a message for so long is cut; ours
MAX_NUMBER = 2 ** 31 - 1    # of messages and lines; ours

AUTHORIZATION, TRANSACTION = 'authorization', 'transaction'

log = get_logger('pop3')


class Settings(object):
    """What a server offers; keywords of the constructor replace the defaults.

    Attributes:
        hostname: our name, for the timestamp of APOP (bytes).
        tls: a TLSContext for STLS, or None.
        clear_auth: whether passwords may be shown without TLS.
        channel_binding: whether SCRAM is offered in its -PLUS form.  peer: mutt 2.2.12 picks that
            and has nothing to bind by.
        apop: offer APOP, where a checker keeps clear passwords: with salted hashes it cannot be.
        mechanisms: names of the SASL mechanisms that may be offered (text); None for all that the
            portal allows.
        last: know LAST, which RFC 1460 had and RFC 1939 has not.
        login_delay: seconds that one account must let pass between two logins; 0 for none.
        idle_seconds, login_seconds, stall_seconds: see the limits of this module.
        unproductive_seconds: from the login to the next listing, message or deletion, and from each
            to the one after.
        guard: a LoginGuard, or None.
    """

    def __init__(self, **given):
        # type: (**Any) -> None
        self.hostname = b'localhost'
        self.tls = None                 # type: Any
        self.clear_auth = False
        self.channel_binding = False
        self.apop = False
        self.mechanisms = None          # type: Optional[Sequence[str]]
        self.last = False
        self.login_delay = 0
        self.idle_seconds = IDLE_SECONDS
        self.login_seconds = LOGIN_SECONDS
        self.stall_seconds = STALL_SECONDS
        self.unproductive_seconds = UNPRODUCTIVE_SECONDS
        self.guard = None               # type: Any
        self.logins = {
            }                # type: Dict[str, float]  # account -> time of its last login, with login_delay
        for name, value in given.items():
            if name not in self.__dict__:
                raise TypeError('there is no setting %s' % name)
            self.__dict__[name] = value


class POP3Server(CommandServer):
    """One client.

    Args:     portal: a Portal whose avatars are ``maildrop.Account``.
              clock: the loop.
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
        UNKNOWN: b'-ERR unknown command', WRONG_STATE: b'-ERR not in this state',
        ARITY: b'-ERR usage: %(syntax)s',
        FORBIDDEN: b'-ERR not for you', BUDGET: b'-ERR too often',
        FAILED: b'-ERR [SYS/TEMP] something is wrong here',
        TOO_LONG: b'-ERR the line is too long'}
    state = AUTHORIZATION
    max_line = MAX_AUTH_LINE
    lone_lf = True

    def __init__(self, portal, clock, settings=None):
        # type: (Any, Any, Optional[Settings]) -> None
        CommandServer.__init__(self, clock)
        self.portal = portal
        self.settings = settings or Settings()
        self.idle_seconds = self.settings.idle_seconds
        self.user = None                    # type: Optional[str]  # the account that is logged in
        self.auth = Authentication(self, POP3_WORDS, lambda: portal, self.logged_in,
                                   self.say_goodbye)
        self._name = None                   # type: Optional[bytes]  # what USER said
        self._timestamp = b''
        self._session = None                # type: Any
        self._drop = None                   # type: Any
        self._deleted = set()               # type: Set[int]
        self._last = self._last_before = 0
        self._writable = None               # type: Optional[Future]
        self._stall_until = None            # type: Optional[float]

    # -- life --------------------------------------------------------------------------------------

    def connection_made(self, transport):
        self.progress(self.settings.login_seconds)
        CommandServer.connection_made(self, transport)
        guard = self.settings.guard
        if guard is not None and guard.refused(self._host()):
            self.say_goodbye(b'-ERR [AUTH] too many failed logins, come back later')
            return
        if self.offers_apop():
            unique = binascii.hexlify(crypto_of(self.clock).random(12))
            self._timestamp = b'<' + unique + b'@' + self.settings.hostname + b'>'
        self.send_line(b'+OK POP3 ready' + (b' ' + self._timestamp if self._timestamp else b''))

    def connection_lost(self, exc):
        self.auth.cancel()
        self.auth = ENDED
        CommandServer.connection_lost(self, exc)
        writable, self._writable = self._writable, None
        if writable is not None:
            writable.cancel()
        self._release()

    def _release(self):
        # type: () -> None
        """Let the maildrop go; what was marked as deleted stays unless QUIT has been said (RFC 1939
        section 6)."""
        drop, self._drop = self._drop, None
        session, self._session = self._session, None
        if drop is not None:
            drop.close()
        if session is not None:
            session.logout()

    def _host(self):
        # type: () -> str
        address = peer(self.transport)
        return '' if address is None or address.port is None else address.host

    def stop_idle(self):
        self.deadline = self._stall_until

    def deadline_expired(self, now):
        # type: (float) -> None
        """The sweeper: no command for too long, no login, none that moves anything, or nothing of a
        message was read."""
        self.deadline = None
        if self.pending is not None or self._writable is not None:
            # to wait for the peer to take the rest would keep the maildrop
            self.transport.abort()
        else:
            # RFC 1939 section 3: closed without a word that a client could take for an answer, and
            # nothing is deleted.
            self.transport.close()

    def too_many_errors(self):
        self.say_goodbye(b'-ERR too many errors')

    def drain(self):
        # type: () -> None
        """The server stops; a client that is between two commands is let go."""
        if self.pending is None and not self.transport.is_closing():
            self.transport.close()

    def pause_writing(self):
        """The client reads slowly: what produces the answer waits."""
        if self._writable is None:
            self._writable = Future()
            self.deadline = self._stall_until = self.sweeper.now + self.settings.stall_seconds
        CommandServer.pause_writing(self)

    def resume_writing(self):
        """It has read on."""
        writable, self._writable = self._writable, None
        self.deadline = self._stall_until = None
        if self.pending is None:
            self.restart_idle()
        if writable is not None and not writable.done():
            writable.set_result(None)
        CommandServer.resume_writing(self)

    # -- lines -------------------------------------------------------------------------------------

    def line_received(self, line):
        if self.auth.mechanism is not None and b'\n' not in line:
            self.auth.line_received(line)
        elif len(line) > MAX_COMMAND and line[:5].upper() != b'AUTH ' and b'\n' not in line:
            self.line_too_long()
        elif b'\n' in line:
            # peer: no message comes in here, and so none can be smuggled
            self.split_line(line)
        elif b'\r' in line or b'\0' in line:
            self.refuse(UNKNOWN, b'', b'')
        else:
            CommandServer.line_received(self, line)

    # -- what there is -----------------------------------------------------------------------------

    def encrypted(self):
        # type: () -> bool
        """Whether nobody between us can read."""
        return tls(self.transport) is not None

    def offers_passwords(self):
        # type: () -> bool
        """Whether USER and PASS, which show the password, are taken now."""
        return (self.settings.clear_auth
                or self.encrypted()) and self.portal.accepts(UsernamePassword)

    def offers_apop(self):
        # type: () -> bool
        """Whether APOP is."""
        return self.settings.apop and self.portal.accepts(Challenged)

    def cmd_capa(self):
        # type: () -> bytes
        """RFC 2449 section 5 and 6."""
        lines = [b'+OK', b'TOP', b'UIDL', b'RESP-CODES', b'AUTH-RESP-CODE', b'PIPELINING',
                 b'EXPIRE NEVER', b'UTF8 USER', b'LANG']
        if self.settings.login_delay:
            lines.append(b'LOGIN-DELAY %d' % self.settings.login_delay)
        if self.state == AUTHORIZATION:
            mechanisms = self.auth.mechanisms()
            lines += [b'USER'] * self.offers_passwords() + [b'SASL '
                                                            + b' '.join(
                                                                mechanisms)] * bool(mechanisms)
            lines += [b'STLS'] * (self.settings.tls is not None and not self.encrypted())
        return b'\r\n'.join(lines + [b'IMPLEMENTATION carryall', b'.'])

    def cmd_stls(self):
        # type: () -> Any
        """RFC 2595 section 4."""
        if self.settings.tls is None or self.encrypted():
            return b'-ERR TLS is there already' if self.encrypted(
                ) else b'-ERR there is no TLS here'
        self.send_line(b'+OK begin TLS')
        self.flush()
        self._name = None
        self.auth.again()
        self.clock.start_tls(self.transport, self.settings.tls,
                             server_side=True).add_done_callback(self._tls_begun)
        return None

    def _tls_begun(self, future):
        # type: (Future) -> None
        if future.exception() is not None:      # the connection ends by itself
            log.info('%s: no TLS: %s', peer(self.transport), future.exception())

    def cmd_utf8(self):
        # type: () -> bytes
        """RFC 6856 section 2: names and passwords are UTF-8, as they are anyway, and so may
        messages be."""
        return b'+OK UTF-8 it is'

    def cmd_lang(self, tag=None):
        # type: (Optional[bytes]) -> bytes
        """RFC 6856 section 3: our answers are in English."""
        if tag is None:
            return b'+OK the languages are\r\nen English\r\n.'
        if tag.lower() in (b'en', b'*', b'i-default') or tag.lower().startswith(b'en-'):
            return b'+OK en English it is'
        return b'-ERR there is no other language than en'

    # -- login -------------------------------------------------------------------------------------

    def cmd_user(self, name):
        # type: (bytes) -> bytes
        """RFC 1939 section 7; whether there is such a user is not told."""
        if not self.offers_passwords():
            return b'-ERR [AUTH] say STLS first' if self.settings.tls is not None else b'-ERR [AUTH] passwords are not taken here'
        if not name.strip():
            return b'-ERR usage: USER name'
        self._name = name.strip()
        return b'+OK'

    def cmd_pass(self, password):
        # type: (bytes) -> Any
        """RFC 1939 section 7; the password may hold blanks."""
        name, self._name = self._name, None
        if name is None:
            return b'-ERR say USER first'
        try:
            credentials = UsernamePassword(name.decode('utf-8'), password)
        except UnicodeError:
            return self.auth.refused()
        return self._log_in(credentials)

    def cmd_apop(self, name, digest):
        # type: (bytes, bytes) -> Any
        """RFC 1939 section 7: the MD5 of the greeting's timestamp and the password."""
        if not self._timestamp:
            return b'-ERR [AUTH] APOP is not taken here: passwords are not kept in clear'
        crypto, timestamp = crypto_of(self.clock), self._timestamp

        def check(password):
            # type: (bytes) -> bool
            return crypto.equal(binascii.hexlify(crypto.hash('md5', timestamp + password)),
                                digest.lower())

        try:
            return self._log_in(Challenged(name.decode('utf-8'), check))
        except UnicodeError:
            return self.auth.refused()

    def cmd_auth(self, mechanism=None, initial=None):
        # type: (Optional[bytes], Optional[bytes]) -> Any
        """RFC 5034 section 4; without a mechanism, the list of them, as RFC 1734's clients want
        it."""
        if mechanism is None:
            return b'\r\n'.join([b'+OK'] + self.auth.mechanisms() + [b'.'])
        return self.auth.begin(mechanism, initial)

    def cmd_rpop(self, rest):
        # type: (bytes) -> bytes
        """RFC 1081 section 6 believed the client's port; nobody does any more."""
        return b'-ERR [AUTH] RPOP is refused'

    def _log_in(self, credentials):
        # type: (Any) -> Future
        credentials.host = self._host()
        return self.portal.login(self.clock, credentials).then(self.logged_in, self.auth.failed)

    @coroutine
    def logged_in(self, session):
        # type: (Any) -> Any
        """Open the maildrop of whoever has logged in; a Future of the reply."""
        settings, now = self.settings, self.clock.time()
        if settings.guard is not None:
            if settings.guard.refused(self._host()):
                session.logout()            # shut out meanwhile
                answer = yield self.auth.refused()
                raise Return(answer)
            settings.guard.succeeded(self._host())
        if settings.login_delay and now - settings.logins.get(session.name,
                                                              now - settings.login_delay) < settings.login_delay:
            session.logout()
            self.auth.again()
            raise Return(b'-ERR [LOGIN-DELAY] wait %d seconds between two logins'
                         % settings.login_delay)
        try:
            drop = yield session.avatar.open_maildrop(self.clock)
        except Busy:
            session.logout()
            self.auth.again()
            raise Return(b'-ERR [IN-USE] another session has the maildrop')
        except FAILURES:
            session.logout()
            self.auth.again()
            raise
        if self.transport.is_closing():
            drop.close()
            session.logout()
            raise Return(None)
        if settings.login_delay:
            settings.logins[session.name] = now
        self._session, self._drop, self.user = session, drop, session.name
        self.progress(settings.unproductive_seconds)
        self.restart_idle()
        self.state = TRANSACTION
        log.info('%s: %s has %d messages', peer(self.transport), escape(session.name),
                 len(drop.sizes))
        raise Return(b'+OK %d messages (%d octets)' % (len(drop.sizes), sum(drop.sizes)))

    # -- messages ----------------------------------------------------------------------------------

    def _number(self, data):
        # type: (bytes) -> int
        """The index of a message; RemoteProtocolError with the reply if there is none, or none any
        more."""
        number = decimal(data, MAX_NUMBER)
        if number is None or not 1 <= number <= len(self._drop.sizes):
            raise RemoteProtocolError(u'no such message', reply=b'-ERR no such message')
        if number - 1 in self._deleted:
            raise RemoteProtocolError(u'a deleted message',
                                      reply=b'-ERR message %d is deleted' % number)
        return number - 1

    def _left(self):
        # type: () -> Tuple[int, int]
        """How many messages are not deleted, and their octets."""
        sizes = self._drop.sizes
        return len(sizes) - len(self._deleted), sum(sizes) - sum(sizes[number]
                                                                 for number in self._deleted)

    def cmd_stat(self):
        # type: () -> bytes
        """RFC 1939 section 5."""
        return b'+OK %d %d' % self._left()

    def cmd_list(self, which=None):
        # type: (Optional[bytes]) -> Any
        """RFC 1939 section 5."""
        sizes = self._drop.sizes
        if which is not None:
            number = self._number(which)
            return b'+OK %d %d' % (number + 1, sizes[number])
        return self._send_all(b'+OK %d messages (%d octets)' % self._left(),
                              (b'%d %d\r\n' % (number + 1, size) for number,
                               size in enumerate(sizes)
                               if number not in self._deleted))

    def cmd_uidl(self, which=None):
        # type: (Optional[bytes]) -> Any
        """RFC 1939 section 7."""
        uids = self._drop.uids
        if which is not None:
            number = self._number(which)
            return b'+OK %d %s' % (number + 1, uids[number])
        return self._send_all(b'+OK',
                              (b'%d %s\r\n' % (number + 1, uid) for number, uid in enumerate(uids)
                                       if number not in self._deleted))

    def _send_all(self, first, lines):
        # type: (bytes, Iterable[bytes]) -> Any
        """An answer of many short lines."""
        self.progress(self.settings.unproductive_seconds)
        if len(self._drop.sizes) <= 1000:
            return first + b'\r\n' + b''.join(lines) + b'.'
        return self._send_slowly(first, lines)

    @coroutine
    def _send_slowly(self, first, lines):
        # type: (bytes, Iterable[bytes]) -> Any
        self.send_line(first)
        self.flush()
        for block in lines_of(lines):
            yield self._write(block)
        self.progress(self.settings.unproductive_seconds)
        raise Return(b'.')

    def cmd_retr(self, which):
        # type: (bytes) -> Any
        """RFC 1939 section 5."""
        number = self._number(which)
        self._last = max(self._last, number + 1)
        return self._send_message(number, b'+OK %d octets' % self._drop.sizes[number], None)

    def cmd_top(self, which, count):
        # type: (bytes, bytes) -> Any
        """RFC 1939 section 7: the header, the blank line, and so many lines of the body."""
        number = self._number(which)
        lines = decimal(count, MAX_NUMBER)
        if lines is None:
            return b'-ERR usage: TOP msg n'
        return self._send_message(number, b'+OK', MessageTop(lines))

    @coroutine
    def _send_message(self, number, first, top):
        # type: (int, bytes, Optional[MessageTop]) -> Any
        """The message, or its top, no faster than the client reads; a Future of the last line."""
        pieces = self._drop.read(number)
        stuffer = Stuffer(mend=True)
        begun = False
        try:
            while True:
                piece = yield pieces.next()
                if not begun:               # not before the message could be opened
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
            if begun:                       # half a message was sent: no line could say so
                self.transport.abort()
            raise
        finally:
            pieces.close()
        self.progress(self.settings.unproductive_seconds)
        raise Return(None)

    def _write(self, data):
        # type: (bytes) -> Any
        if data:
            self.transport.write(data)
        return self._writable or _GO_ON

    def cmd_dele(self, which):
        # type: (bytes) -> bytes
        """RFC 1939 section 5: marked here, deleted by QUIT."""
        number = self._number(which)
        self._deleted.add(number)
        self.progress(self.settings.unproductive_seconds)
        self._last = max(self._last, number + 1)
        return b'+OK message %d is deleted' % (number + 1)

    def cmd_noop(self):
        # type: () -> bytes
        """RFC 1939 section 5."""
        return b'+OK'

    def cmd_rset(self):
        # type: () -> bytes
        """RFC 1939 section 5."""
        self._deleted.clear()
        self._last = 0
        return b'+OK %d messages (%d octets)' % self._left()

    def cmd_last(self):
        # type: () -> bytes
        """RFC 1460 section 5: the highest number that was retrieved or deleted."""
        return b'+OK %d' % self._last if self.settings.last else self.refusals[UNKNOWN]

    def cmd_quit(self):
        # type: () -> Any
        """RFC 1939 section 6: the update state."""
        if self.state != TRANSACTION or not self._deleted:
            self._release()
            self.say_goodbye(b'+OK bye', heard=True)
            return None
        # From here on it goes through, whether the client still listens or not.
        drop, self._drop = self._drop, None
        done = drop.commit(sorted(self._deleted))
        done.add_done_callback(lambda _: drop.close())
        answer = Future()
        done.add_done_callback(lambda future: answer.done()
                               or answer.set_result(future.exception()))
        return answer.then(self._updated)

    def _updated(self, fault):
        # type: (Optional[BaseException]) -> None
        if fault is not None:
            log.error('%s: some messages of %s could not be deleted: %r', peer(self.transport),
                      escape(to_bytes(self.user)), fault)
        self._release()
        self.say_goodbye(b'+OK bye' if fault is None
                         else b'-ERR [SYS/TEMP] some deleted messages are not removed', heard=True)


_GO_ON = Future()
_GO_ON.set_result(None)
