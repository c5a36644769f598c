# Copyright the carryall authors.  See LICENSE.
"""The server of dict (RFC 2229).

States:   greeted -> command -> reply -> command ... -> closed
Logins:   AUTH and SASLAUTH, if the service has a portal; else both are answered 502.  A command
          other than SASLRESP ends an exchange of SASL.
Not here: the databases; a DictionaryService (dictionary.py) is passed in.
Tests:    tests/protocols/dict/test_server.py, test_auth.py, test_sasl.py
"""
from __future__ import absolute_import, division, print_function

import binascii

from carryall.core.auth.credentials import Challenged
from carryall.core.auth.sasl import authdialogue
from carryall.core.auth.sasl.authdialogue import AuthDialogue
from carryall.core.activity import TOLD, tell
from carryall.core.compat import FAILURES
from carryall.core.crypto import crypto_of
from carryall.core.future import Return, as_future, coroutine
from carryall.core.line.commandserver import CommandServer
from carryall.core.line.commandtable import (ARITY, FAILED, TOO_LONG, UNKNOWN, WRONG_STATE, Command,
                                             CommandTable)
from carryall.core.logs import escape, get_logger
from carryall.core.net.transport import peer
from carryall.protocols.dict.errors import DICTError
from carryall.protocols.dict.settings import Settings
from carryall.protocols.dict.wire import (MAX_CHARACTERS, MAX_LINE, capability_of, format_text,
                                          quoted, split_words)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Sequence
    from carryall.protocols.dict.dictionary import DictionaryService

__all__ = ['DICTServer']

# -- replies (RFC 2229 section 7.2) ------------------------------------------
OK = b'250 ok'
ILLEGAL = b'501 Syntax error, illegal parameters'
NOT_IMPLEMENTED = b'502 Command not implemented'
NO_PARAMETER = b'503 Command parameter not implemented'
UNAVAILABLE = b'420 Server temporarily unavailable'
ENDING = b'421 Server shutting down at operator request'
DENIED = b'530 Access denied'
NOT_PROVEN = b'531 Access denied, use "SHOW INFO" for server information'
NO_MECHANISM = b'532 Access denied, unknown mechanism'
NO_DATABASE = b'550 Invalid database, use "SHOW DB" for list of databases'
NO_STRATEGY = b'551 Invalid strategy, use "SHOW STRAT" for a list of strategies'
NO_MATCH = b'552 No match'
NO_DATABASES = b'554 No databases present'
NO_STRATEGIES = b'555 No strategies available'

AUTH_REPLIES = {
    authdialogue.FAILED: NOT_PROVEN,
    authdialogue.TOO_MANY: NOT_PROVEN,
    authdialogue.CANCELLED: NOT_PROVEN,
    authdialogue.UNAVAILABLE: UNAVAILABLE,
    authdialogue.MALFORMED: ILLEGAL,
    authdialogue.UNKNOWN: NO_MECHANISM,
    authdialogue.NEEDS_TLS: NO_MECHANISM,
    authdialogue.NO_LOGIN: NOT_IMPLEMENTED,
}
LOGIN_COMMANDS = frozenset((b'AUTH', b'SASLAUTH', b'SASLRESP'))

log = get_logger('dict')


class DICTServer(CommandServer):
    """One connection of a client.

    Args:     service: a DictionaryService.
              clock: the loop.

    Attributes:
        user: the account that has logged in (text), or None.
    """

    commands = CommandTable([
        Command(b'DEFINE', 'cmd_define', args=None, syntax=b'DEFINE database word', rfc='2229#3.2'),
        Command(b'MATCH', 'cmd_match', args=None, syntax=b'MATCH database strategy word',
                rfc='2229#3.3'),
        Command(b'SHOW', 'cmd_show', args=None,
                syntax=b'SHOW DB | DATABASES | STRAT | STRATEGIES | INFO database | SERVER',
                rfc='2229#3.5'),
        Command(b'CLIENT', 'cmd_client', args=None, syntax=b'CLIENT text', rfc='2229#3.6'),
        Command(b'STATUS', 'cmd_status', args=None, rfc='2229#3.7'),
        Command(b'HELP', 'cmd_help', args=None, rfc='2229#3.8'),
        Command(b'QUIT', 'cmd_quit', args=None, rfc='2229#3.9'),
        Command(b'OPTION', 'cmd_option', args=None, syntax=b'OPTION MIME', rfc='2229#3.10'),
        Command(b'AUTH', 'cmd_auth', args=None, syntax=b'AUTH username authentication-string',
                rfc='2229#3.11'),
        Command(b'SASLAUTH', 'cmd_saslauth', args=None,
                syntax=b'SASLAUTH mechanism [initial-response]', rfc='2229#3.12'),
        Command(b'SASLRESP', 'cmd_saslresp', args=None, syntax=b'SASLRESP response',
                rfc='2229#3.12'),
    ])
    refusals = {
        UNKNOWN: b'500 Syntax error, command not recognized',
        WRONG_STATE: b'500 Syntax error, command not recognized',
        ARITY: ILLEGAL,
        FAILED: UNAVAILABLE,
        TOO_LONG: b'500 Syntax error, line too long',
    }
    max_line = MAX_LINE
    lone_lf = True

    def __init__(self, service, clock, settings=None):
        # type: (DictionaryService, Any, Optional[Settings]) -> None
        CommandServer.__init__(self, clock)
        self.settings = Settings() if settings is None else settings
        self.idle_seconds = self.settings.idle_seconds
        self.stall_seconds = self.settings.stall_seconds
        self.user = None                    # type: Optional[str]
        self.auth = AuthDialogue(self, service, AUTH_REPLIES, self._entered, self._challenged)
        self._public = service
        self._service = service             # as the client may see it
        self._host = ''
        self._msg_id = b''
        self._mime = False
        self._draining = False
        self._defined = 0
        self._matched = 0

    # -- life ----------------------------------------------------------------

    def connection_made(self, transport):
        self.progress(self.settings.unproductive_seconds)
        CommandServer.connection_made(self, transport)
        address = peer(transport)
        if address is not None and address.port is not None:
            self._host = address.host
        if not self._service.admits(self._host):
            self.say_goodbye(DENIED)
            return
        unique = binascii.hexlify(crypto_of(self.clock).random(12))
        self._msg_id = b'<' + unique + b'@' + self.settings.hostname + b'>'
        capabilities = [b'mime']
        if self._public.portal is not None:
            names = [capability_of(name.decode('ascii')) for name in self.auth.mechanisms()]
            capabilities = [b'auth', b'mime'] + [name.encode('ascii') for name in names]
        self.send_line(b'220 %s carryall <%s> %s' % (self.settings.hostname,
                                                     b'.'.join(capabilities), self._msg_id))

    def connection_lost(self, exc):
        self.auth = authdialogue.ENDED
        CommandServer.connection_lost(self, exc)

    def idle_expired(self):
        self.say_goodbye(b'421 No command for too long', heard=True)

    def too_many_errors(self):
        self.say_goodbye(b'421 Too many errors')

    def drain(self):
        """Closes now, or behind the answer that is under way."""
        self._draining = True
        if self.pending is None and not self.transport.is_closing():
            self.say_goodbye(ENDING, heard=True)

    def unpause(self):
        if self._draining and self.pending is None:
            self.say_goodbye(ENDING, heard=True)
        else:
            CommandServer.unpause(self)

    # -- lines ---------------------------------------------------------------

    def line_received(self, line):
        if b'\n' in line:
            self.split_line(line)           # what is asked is not stored, so nothing is smuggled
            return
        try:
            characters = len(line.decode('utf-8'))
        except UnicodeError:
            self.refuse(ARITY, b'', b'')
            return
        if characters > MAX_CHARACTERS:
            self.line_too_long()
            return
        blank = line.find(b'\t')
        if 0 <= blank < (line + b' ').find(b' '):
            line = line[:blank] + b' ' + line[blank + 1:]
        CommandServer.line_received(self, line)

    def run_command(self, command, method, args):
        """Splits the parameters; all commands but CLIENT take words."""
        if command.verb != b'SASLRESP':
            self.auth.cancel()
        if command.verb != b'CLIENT':
            words = split_words(args[0].decode('utf-8'))
            if words is None:
                self.refuse(ARITY, command.verb, command.syntax)
                return
            args = [words]
        CommandServer.run_command(self, command, method, args)

    def _texts(self, first, text, header=b''):
        # type: (bytes, Any, bytes) -> bytes
        """A status line and the text behind it, with its header after OPTION MIME."""
        lines = [first]
        if self._mime:
            lines.append(header)
        lines.append(format_text(text))
        return b'\r\n'.join(lines)

    # -- searches ------------------------------------------------------------

    def cmd_define(self, words):
        # type: (Sequence[str]) -> Any
        """DEFINE (RFC 2229 section 3.2)."""
        if len(words) != 2:
            raise _illegal()
        return self._searched(self._define(words[0], words[1]))

    @coroutine
    def _define(self, database, word):
        # type: (str, str) -> Any
        began = self.clock.time()
        chosen = yield self._chosen(database)
        found = []                          # type: List[Any]
        for each in chosen:
            left = self.settings.max_definitions - len(found)
            more = yield as_future(self._service.define(each.name, word, left, self._host))
            found += more[:left]
            if found and database == u'!' or len(found) >= self.settings.max_definitions:
                break
        self._tell(u'DEFINE %s %s' % (database, word), len(found), began)
        if not found:
            raise Return(NO_MATCH)
        self._defined += len(found)
        self.send_line(b'150 %d definitions retrieved - definitions follow' % len(found))
        yield self._send_definitions(found)
        raise Return(OK)

    @coroutine
    def _send_definitions(self, found):
        # type: (Sequence[Any]) -> Any
        try:
            for each in found:
                text = yield as_future(each.read())
                first = u'151 %s %s %s - text follows' % (quoted(each.word), each.database,
                                                          quoted(each.description))
                self.send_line(self._texts(first.encode('utf-8'), text, each.header))
                yield self.room()
        except FAILURES:
            self.transport.abort()          # no line can tell that the rest is missing
            raise

    def cmd_match(self, words):
        # type: (Sequence[str]) -> Any
        """MATCH (RFC 2229 section 3.3)."""
        if len(words) != 3:
            raise _illegal()
        return self._searched(self._match(*words))

    @coroutine
    def _match(self, database, strategy, word):
        # type: (str, str, str) -> Any
        began = self.clock.time()
        strategies = yield as_future(self._service.strategies())
        if strategy == u'.':
            strategy = self._service.default_strategy
        strategy = strategy.lower()
        if strategy not in [each.name for each in strategies]:
            raise Return(NO_STRATEGY)
        chosen = yield self._chosen(database)
        rows = []                           # type: List[str]
        for each in chosen:
            left = self.settings.max_matches - len(rows)
            found = yield as_future(self._service.match(each.name, strategy, word, left,
                                                        self._host))
            rows += [u'%s %s' % (each.name, quoted(one)) for one in found[:left]]
            if rows and database == u'!' or len(rows) >= self.settings.max_matches:
                break
        self._tell(u'MATCH %s %s %s' % (database, strategy, word), len(rows), began)
        if not rows:
            raise Return(NO_MATCH)
        self._matched += len(rows)
        first = b'152 %d matches found - text follows' % len(rows)
        raise Return(self._texts(first, u'\r\n'.join(rows)) + b'\r\n' + OK)

    def _tell(self, what, count, began):
        # type: (str, int, float) -> None
        tell(self.transport, what, u'%d found' % count, None, self.clock.time() - began,
             None if not count else True, self.user)

    @coroutine
    def _chosen(self, name):
        # type: (str) -> Any
        """The databases that a name stands for; DICTError if there is none."""
        everything = yield as_future(self._service.databases())
        if name in (u'*', u'!'):
            raise Return(everything)
        chosen = [each for each in everything if each.name == name]
        if not chosen:
            raise DICTError(u'no such database', 550, NO_DATABASE)
        raise Return(chosen)

    def _searched(self, future):
        # type: (Any) -> Any
        """The same, but a refusal of the service is a reply and no error of the client."""
        self.progress(self.settings.unproductive_seconds)
        return future.then(None, _refused)

    # -- information ---------------------------------------------------------

    def cmd_show(self, words):
        # type: (Sequence[str]) -> Any
        """SHOW (RFC 2229 section 3.5)."""
        what = words[0].upper() if words else u''
        if what == u'INFO':
            if len(words) != 2:
                raise _illegal()
            return self._searched(self._show_info(words[1]))
        method = {u'DB': self._show_databases, u'DATABASES': self._show_databases,
                  u'STRAT': self._show_strategies, u'STRATEGIES': self._show_strategies,
                  u'SERVER': self._show_server}.get(what)
        if method is None or len(words) != 1:
            raise _illegal()
        return self._searched(method())

    @coroutine
    def _show_databases(self):
        # type: () -> Any
        rows = yield as_future(self._service.databases())
        if not rows:
            raise Return(NO_DATABASES)
        raise Return(self._rows(b'110 %d databases present - text follows', rows))

    @coroutine
    def _show_strategies(self):
        # type: () -> Any
        rows = yield as_future(self._service.strategies())
        if not rows:
            raise Return(NO_STRATEGIES)
        raise Return(self._rows(b'111 %d strategies available - text follows', rows))

    def _rows(self, first, rows):
        # type: (bytes, Sequence[Any]) -> bytes
        lines = [u'%s %s' % (each.name, quoted(each.description)) for each in rows]
        return self._texts(first % len(rows), u'\r\n'.join(lines)) + b'\r\n' + OK

    @coroutine
    def _show_info(self, database):
        # type: (str) -> Any
        if database in (u'*', u'!'):
            raise Return(NO_DATABASE)
        yield self._chosen(database)
        text = yield as_future(self._service.info(database))
        raise Return(self._texts(b'112 database information follows', text) + b'\r\n' + OK)

    @coroutine
    def _show_server(self):
        # type: () -> Any
        text = yield as_future(self._service.about())
        raise Return(self._texts(b'114 server information follows', text) + b'\r\n' + OK)

    def cmd_client(self, text):
        # type: (bytes) -> bytes
        """CLIENT (RFC 2229 section 3.6)."""
        log.info('%s: the client is %s', peer(self.transport), escape(text[:200]))
        return OK

    def cmd_status(self, words):
        # type: (Sequence[str]) -> bytes
        """STATUS (RFC 2229 section 3.7)."""
        _none(words)
        return b'210 status: %d definitions, %d matches' % (self._defined, self._matched)

    def cmd_help(self, words):
        # type: (Sequence[str]) -> bytes
        """HELP (RFC 2229 section 3.8)."""
        _none(words)
        rows = [row.syntax for row in self.commands
                if self._public.portal is not None or row.verb not in LOGIN_COMMANDS]
        return self._texts(b'113 help text follows', b'\r\n'.join(rows)) + b'\r\n' + OK

    def cmd_quit(self, words):
        # type: (Sequence[str]) -> None
        """QUIT (RFC 2229 section 3.9)."""
        self.say_goodbye(b'221 Closing Connection', heard=True)

    def cmd_option(self, words):
        # type: (Sequence[str]) -> bytes
        """OPTION MIME (RFC 2229 section 3.10.1)."""
        if len(words) != 1:
            raise _illegal()
        if words[0].upper() != u'MIME':
            return NO_PARAMETER
        self._mime = True
        return OK

    # -- login ---------------------------------------------------------------

    def cmd_auth(self, words):
        # type: (Sequence[str]) -> Any
        """AUTH: the MD5 of the msg-id and a shared secret (RFC 2229 section 3.11)."""
        if self._public.portal is None:
            return NOT_IMPLEMENTED
        if len(words) != 2:
            raise _illegal()
        if self.auth.shut_out():
            return NOT_PROVEN
        crypto = crypto_of(self.clock)
        msg_id = self._msg_id
        given = words[1].lower().encode('utf-8')

        def check(secret):
            # type: (bytes) -> bool
            return crypto.equal(binascii.hexlify(crypto.hash('md5', msg_id + secret)), given)

        credentials = Challenged(words[0], check)
        credentials.host = self._host
        return self._public.portal.login(self.clock, credentials).then(self.logged_in,
                                                                       self.auth.failed)

    def logged_in(self, session):
        # type: (Any) -> Any
        """Shows an account what it may see; the reply, or a Future of it."""
        if self.auth.shut_out():
            session.logout()
            return self.auth.refused()
        self.auth.note_success(session.name)
        log.info('%s: login of %s', peer(self.transport), escape(session.name), extra=TOLD)
        return self._entered(session)

    def _entered(self, session):
        # type: (Any) -> bytes
        self.auth.restart()                 # another login is allowed
        self.user = session.name
        self._service = self._public.for_user(session.name)
        self.progress(self.settings.unproductive_seconds)
        return b'230 Authentication successful'

    def cmd_saslauth(self, words):
        # type: (Sequence[str]) -> Any
        """SASLAUTH: begins an exchange (RFC 2229 section 3.12)."""
        if self._public.portal is None:
            return NOT_IMPLEMENTED
        if not 1 <= len(words) <= 2:
            raise _illegal()
        if self.auth.shut_out():
            return NOT_PROVEN
        octets = [word.encode('utf-8') for word in words]
        return self.auth.begin(octets[0], octets[1] if len(octets) > 1 else None)

    def cmd_saslresp(self, words):
        # type: (Sequence[str]) -> Any
        """SASLRESP: the answer to a challenge (RFC 2229 section 3.12)."""
        if self._public.portal is None:
            return NOT_IMPLEMENTED
        if self.auth.mechanism is None:
            raise DICTError(u'no exchange is under way', 500, self.refusals[WRONG_STATE])
        if len(words) > 1:
            raise _illegal()
        return self.auth.respond(words[0].encode('utf-8') if words else b'')

    def _challenged(self, message):
        # type: (bytes) -> bytes
        """The reply with a challenge, whose header after OPTION MIME is empty: that of SASL."""
        return self._texts(b'130 challenge follows', message) + b'\r\n330 send response'


def _illegal():
    # type: () -> DICTError
    return DICTError(u'illegal parameters', 501, ILLEGAL)


def _none(words):
    # type: (Sequence[str]) -> None
    if words:
        raise _illegal()


def _refused(exc):
    # type: (BaseException) -> Any
    if isinstance(exc, DICTError) and exc.reply is not None:
        return exc.reply
    raise exc
