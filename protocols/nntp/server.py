# Copyright the carryall authors.  See LICENSE.
"""The server of NNTP: a connection, its logins, TLS and compression.

RFC 3977, 2980, 4642 (STARTTLS), 4643 (AUTHINFO), 4644 (streaming), 6048 (LIST), 8054 (COMPRESS).

States:   one; what is allowed depends on the login, TLS and compression.  An article that comes
          is read in raw mode.
Commands: readcommands.py reads, listcommands.py lists, transitcommands.py takes articles.
Not here: what is served: a NewsRoom.
Tests:    tests/protocols/nntp/test_server.py, test_reading.py, test_lists.py, test_transit.py,
          test_logins.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.activity import TOLD
from carryall.core.auth.credentials import UsernamePassword
from carryall.core.auth.sasl import authdialogue
from carryall.core.auth.sasl.authdialogue import AuthDialogue
from carryall.core.future import Future
from carryall.core.line.commandserver import CommandServer
from carryall.core.line.commandtable import (ARITY, FAILED, FORBIDDEN, TOO_LONG, UNKNOWN, Command,
                                             CommandTable)
from carryall.core.logs import escape, get_logger
from carryall.core.net.transport import peer, tls
from carryall.protocols.nntp.compression import DeflateTransport, Inflater
from carryall.protocols.nntp.errors import NNTPError
from carryall.protocols.nntp.listcommands import ListCommands
from carryall.protocols.nntp.readcommands import ReadCommands
from carryall.protocols.nntp.settings import Settings
from carryall.protocols.nntp.transitcommands import STREAMED, TransitCommands
from carryall.protocols.nntp.wire import MAX_COMMAND, shown_date

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional
    from carryall.protocols.nntp.newsroom import NewsRoom

__all__ = ['NNTPServer']

# -- limits ------------------------------------------------------------------
MAX_AUTH_LINE = 12286       # octets; RFC 4643 section 2.4.2

# -- replies -----------------------------------------------------------------
LOGIN_FAILED = b'481 Authentication failed'
SYNTAX = b'501 Syntax error'
UNAVAILABLE = b'502 Command unavailable'
NEEDS_TLS = b'483 Encryption required'

AUTH_REPLIES = {
    authdialogue.SUCCESS: b'281 Authentication accepted',
    authdialogue.FAILED: LOGIN_FAILED,
    authdialogue.TOO_MANY: LOGIN_FAILED,
    authdialogue.CANCELLED: b'481 Authentication aborted as requested',
    authdialogue.MALFORMED: b'482 Invalid base64, or out of sequence',
    authdialogue.UNKNOWN: b'503 Mechanism not recognized',
    authdialogue.NEEDS_TLS: NEEDS_TLS,
    authdialogue.ALREADY: UNAVAILABLE,
    authdialogue.NO_LOGIN: b'503 Authentication is not available',
    authdialogue.UNAVAILABLE: b'403 Authentication is not possible now',
}
MANY = 255                  # arguments of commands that check them themselves

log = get_logger('nntp')


class NNTPServer(CommandServer):
    """One connection of a reader or of another server.

    Args:     service: a NewsRoom.
              clock: the loop.
              settings: a Settings.

    Attributes:
        user: the account that has logged in (text), or None.
        group: the chosen Group, or None.
        current: number of the current article; None if there is none.
    """

    commands = CommandTable([
        Command(b'CAPABILITIES', 'cmd_capabilities', args=(0, 1), syntax=b'CAPABILITIES [keyword]',
                rfc='3977#5.2'),
        Command(b'MODE', 'cmd_mode', args=1, syntax=b'MODE READER|STREAM', rfc='3977#5.3'),
        Command(b'QUIT', 'cmd_quit', rfc='3977#5.4'),
        Command(b'GROUP', 'reading.cmd_group', args=1, auth=True, syntax=b'GROUP newsgroup',
                rfc='3977#6.1.1'),
        Command(b'LISTGROUP', 'reading.cmd_listgroup', args=(0, 2), auth=True,
                syntax=b'LISTGROUP [newsgroup [range]]', rfc='3977#6.1.2'),
        Command(b'LAST', 'reading.cmd_last', auth=True, rfc='3977#6.1.3'),
        Command(b'NEXT', 'reading.cmd_next', auth=True, rfc='3977#6.1.4'),
        Command(b'ARTICLE', 'reading.cmd_article', args=(0, 1), auth=True,
                syntax=b'ARTICLE [message-id|number]', rfc='3977#6.2.1'),
        Command(b'HEAD', 'reading.cmd_head', args=(0, 1), auth=True,
                syntax=b'HEAD [message-id|number]', rfc='3977#6.2.2'),
        Command(b'BODY', 'reading.cmd_body', args=(0, 1), auth=True,
                syntax=b'BODY [message-id|number]', rfc='3977#6.2.3'),
        Command(b'STAT', 'reading.cmd_stat', args=(0, 1), auth=True,
                syntax=b'STAT [message-id|number]', rfc='3977#6.2.4'),
        Command(b'POST', 'transit.cmd_post', rfc='3977#6.3.1'),
        Command(b'IHAVE', 'transit.cmd_ihave', args=1, syntax=b'IHAVE message-id',
                rfc='3977#6.3.2'),
        Command(b'DATE', 'cmd_date', rfc='3977#7.1'),
        Command(b'HELP', 'cmd_help', args=None, rfc='3977#7.2'),
        Command(b'NEWGROUPS', 'listing.cmd_newgroups', args=(2, 4), auth=True,
                syntax=b'NEWGROUPS [yy]yymmdd hhmmss [GMT]', rfc='3977#7.3'),
        Command(b'NEWNEWS', 'listing.cmd_newnews', args=(3, 5), auth=True,
                syntax=b'NEWNEWS wildmat [yy]yymmdd hhmmss [GMT]', rfc='3977#7.4'),
        Command(b'LIST', 'listing.cmd_list', args=(0, MANY), auth=True,
                syntax=b'LIST [keyword [wildmat|argument]]', rfc='3977#7.6'),
        Command(b'OVER', 'reading.cmd_over', args=(0, 1), auth=True,
                syntax=b'OVER [message-id|range]', rfc='3977#8.3'),
        Command(b'HDR', 'reading.cmd_hdr', args=(1, 2), auth=True,
                syntax=b'HDR field [message-id|range]', rfc='3977#8.5'),
        Command(b'STARTTLS', 'cmd_starttls', rfc='4642#2.2'),
        Command(b'AUTHINFO', 'cmd_authinfo', args=None,
                syntax=b'AUTHINFO USER name|PASS password|SASL mechanism [initial-response]',
                rfc='4643#2'),
        Command(b'CHECK', 'transit.cmd_check', args=1, syntax=b'CHECK message-id', rfc='4644#2.4'),
        Command(b'TAKETHIS', 'transit.cmd_takethis', args=None, syntax=b'TAKETHIS message-id',
                rfc='4644#2.5'),
        Command(b'COMPRESS', 'cmd_compress', args=1, syntax=b'COMPRESS DEFLATE', rfc='8054#2.2'),
        Command(b'XOVER', 'reading.cmd_xover', args=(0, 1), auth=True, syntax=b'XOVER [range]',
                rfc='2980#2.8'),
        Command(b'XHDR', 'reading.cmd_xhdr', args=(1, 2), auth=True,
                syntax=b'XHDR field [message-id|range]', rfc='2980#2.6'),
        Command(b'XPAT', 'reading.cmd_xpat', args=(3, MANY), auth=True,
                syntax=b'XPAT field message-id|range pattern...', rfc='2980#2.9'),
        Command(b'XROVER', 'reading.cmd_xrover', args=(0, 1), auth=True, syntax=b'XROVER [range]',
                rfc='2980#2.11'),
        Command(b'XPATH', 'reading.cmd_xpath', args=1, auth=True, syntax=b'XPATH message-id',
                rfc='2980#2.10'),
        Command(b'XGTITLE', 'listing.cmd_xgtitle', args=(0, 1), auth=True,
                syntax=b'XGTITLE [wildmat]', rfc='2980#2.5'),
        Command(b'XINDEX', 'listing.cmd_xindex', args=(0, 1), auth=True,
                syntax=b'XINDEX [newsgroup]', rfc='2980#2.7'),
        Command(b'SLAVE', 'cmd_slave', rfc='977#3.12'),
    ])
    refusals = {
        UNKNOWN: b'500 Unknown command',
        ARITY: b'501 Syntax: %(syntax)s',
        FORBIDDEN: b'480 Authentication required',
        FAILED: b'403 Internal fault',
        TOO_LONG: b'501 Line too long',
    }
    max_line = MAX_AUTH_LINE
    lone_lf = True

    def __init__(self, service, clock, settings=None):
        # type: (NewsRoom, Any, Optional[Settings]) -> None
        CommandServer.__init__(self, clock)
        self.settings = Settings() if settings is None else settings
        self.idle_seconds = self.settings.idle_seconds
        self.stall_seconds = self.settings.stall_seconds
        self.service = service
        self.user = None                    # type: Any
        self.group = None                   # type: Any
        self.current = None                 # type: Optional[int]
        self.auth = AuthDialogue(self, service, AUTH_REPLIES, self._logged_in, _challenge)
        self.reading = ReadCommands(self)   # type: Any
        self.listing = ListCommands(self)   # type: Any
        self.transit = TransitCommands(self)    # type: Any
        self._name = None                   # type: Optional[bytes]  # of AUTHINFO USER
        self._inflater = None               # type: Optional[Inflater]

    # -- life ----------------------------------------------------------------

    def connection_made(self, transport):
        self.progress(self.settings.login_seconds)
        CommandServer.connection_made(self, transport)
        if not self.service.admits(self._host()):
            self.say_goodbye(b'502 Service permanently unavailable')
            return
        if self.auth.shut_out():
            self.say_goodbye(b'400 Too many failed logins, try again later')
            return
        self.send_line(self._greeting())

    def _greeting(self):
        # type: () -> bytes
        code = 200 if self.may_post() else 201
        return b'%d %s carryall news server ready%s' % (
            code, self.settings.hostname, b'' if code == 200 else b', no posting')

    def connection_lost(self, exc):
        # The objects must not keep each other alive until a collection.
        self.auth = authdialogue.ENDED
        for part in (self.reading, self.listing, self.transit):
            part.close()
        self.reading = None
        self.listing = None
        self.transit = None
        CommandServer.connection_lost(self, exc)

    def idle_expired(self):
        self.say_goodbye(b'400 No command for too long', heard=True)

    def too_many_errors(self):
        self.say_goodbye(b'400 Too many errors')

    def drain(self):
        """Closes between two commands, with 400 (RFC 3977 section 3.2.1)."""
        self.begin_draining()
        if self.pending is None and not self.mode and not self.transport.is_closing():
            self.say_goodbye(b'400 The server stops', heard=True)

    def unpause(self):
        if self.life:
            self.drain()
        CommandServer.unpause(self)

    # -- lines ---------------------------------------------------------------

    def line_received(self, line):
        if self.auth.mechanism is not None and b'\n' not in line:
            self.auth.line_received(b'' if line == b'=' else line)      # RFC 4643 section 2.4.2
        elif b'\n' in line:
            self.split_line(line)
        elif len(line) > MAX_COMMAND:
            self.line_too_long()
        elif b'\0' in line or b'\r' in line:
            self.refuse(UNKNOWN, b'', b'')
        else:
            CommandServer.line_received(self, line)

    def raw_data_received(self, data):
        """A piece of an article."""
        self.transit.article_came(data)

    def run_command(self, command, method, args):
        # Replies to offers come later, and all replies in the order of the commands.
        if self.transit.waiting and command.verb not in STREAMED:
            self.answer_with(lambda: self.transit.answered().then(lambda _: method(*args)), _same)
        else:
            CommandServer.run_command(self, command, method, args)

    def authorised(self, command):
        return self.user is not None or not self.settings.need_account

    def too_late(self):
        # type: () -> bool
        """True if nothing that is sent now would reach the peer."""
        return self.transport is None or self.transport.is_closing()

    # -- capabilities --------------------------------------------------------

    def encrypted(self):
        # type: () -> bool
        """True under TLS."""
        return tls(self.transport) is not None

    def may_post(self):
        # type: () -> bool
        """True if the client may post now."""
        return self.service.may_post(self.user)

    def may_feed(self):
        # type: () -> bool
        """True if the client may offer articles as a server does."""
        return self.service.may_feed(self._host(), self.user)

    def _host(self):
        # type: () -> str
        """The client's address without its port; '' for a Unix socket."""
        address = peer(self.transport)
        return '' if address is None or address.port is None else address.host

    def _offers_passwords(self):
        # type: () -> bool
        if not self.settings.clear_auth and not self.encrypted():
            return False
        portal = self.service.portal
        return portal is not None and portal.accepts(UsernamePassword)

    def cmd_capabilities(self, keyword=None):
        # type: (Optional[bytes]) -> bytes
        """CAPABILITIES (RFC 3977 section 5.2)."""
        lines = [b'101 Capability list:', b'VERSION 2', b'IMPLEMENTATION carryall', b'READER']
        if self.may_feed():
            lines += [b'IHAVE', b'STREAMING']
        if self.may_post():
            lines.append(b'POST')
        lines += [b'LIST ' + b' '.join(self.listing.keywords()), b'OVER MSGID', b'HDR']
        if self.settings.newnews:
            lines.append(b'NEWNEWS')
        if self.user is None and self._inflater is None:
            mechanisms = self.auth.mechanisms()
            words = [b'AUTHINFO']
            if self._offers_passwords():
                words.append(b'USER')
            if mechanisms:
                words.append(b'SASL')
                lines.append(b'SASL ' + b' '.join(mechanisms))
            if len(words) > 1:
                lines.append(b' '.join(words))
            elif self.service.portal is not None and self.settings.tls is not None:
                lines.append(b'AUTHINFO')       # RFC 4643 section 2.1: there is more under TLS
        if self._may_start_tls() and self.settings.tls is not None:
            lines.append(b'STARTTLS')
        if self.settings.compress and self._inflater is None:
            lines.append(b'COMPRESS DEFLATE')
        return b'\r\n'.join(lines + [b'.'])

    def cmd_mode(self, word):
        # type: (bytes) -> bytes
        """MODE READER (RFC 3977 section 5.3) and MODE STREAM (RFC 4644 section 2.3)."""
        word = word.upper()
        if word == b'READER':
            return self._greeting()
        if word == b'STREAM':
            return b'203 Streaming permitted' if self.may_feed() else b'502 Streaming not permitted'
        return b'501 Syntax: MODE READER|STREAM'

    def cmd_date(self):
        # type: () -> bytes
        """DATE (RFC 3977 section 7.1)."""
        return b'111 ' + shown_date(self.clock.wall())

    def cmd_help(self, rest):
        # type: (bytes) -> bytes
        """HELP (RFC 3977 section 7.2)."""
        lines = [b'  ' + row.syntax for row in self.commands]
        return b'\r\n'.join([b'100 Commands:'] + lines + [b'.'])

    def cmd_slave(self):
        # type: () -> bytes
        """SLAVE (RFC 977 section 3.12), which never had a meaning."""
        return b'202 Slave status noted'

    def cmd_quit(self):
        # type: () -> None
        """QUIT (RFC 3977 section 5.4)."""
        self.say_goodbye(b'205 Connection closing', heard=True)

    # -- TLS and compression -------------------------------------------------

    def _may_start_tls(self):
        # type: () -> bool
        """True before TLS, a login, and compression (RFC 4642 section 2.1, RFC 8054
        section 2.2.2)."""
        return not self.encrypted() and self.user is None and self._inflater is None

    def cmd_starttls(self):
        # type: () -> Optional[bytes]
        """STARTTLS (RFC 4642 section 2.2)."""
        if not self._may_start_tls():
            return b'502 Command not permitted now'
        if self.settings.tls is None:
            return b'580 TLS is not available'
        self.send_line(b'382 Continue with TLS negotiation')
        self.flush()
        self.auth.restart()
        self._name = None
        self.group = None
        self.current = None
        begun = self.clock.start_tls(self.transport, self.settings.tls, server_side=True)
        begun.add_done_callback(self._tls_begun)
        return None

    def _tls_begun(self, future):
        # type: (Future) -> None
        if future.exception() is not None:      # the connection ends by itself
            log.info('%s: STARTTLS failed: %s', peer(self.transport), future.exception())

    def cmd_compress(self, algorithm):
        # type: (bytes) -> Optional[bytes]
        """COMPRESS DEFLATE (RFC 8054 section 2.2)."""
        if self._inflater is not None:
            return b'502 Compression is already active'
        if algorithm.upper() != b'DEFLATE':
            return b'503 Compression algorithm not supported'
        if not self.settings.compress:
            return UNAVAILABLE
        self.send_line(b'206 Compression active')
        self.flush()
        self.transport = DeflateTransport(self.transport)
        self._inflater = Inflater()
        self._inflater.feed(self.take_backlog())        # it is compressed already
        self.clock.call_soon(self._inflate, b'')
        return None

    def data_received(self, data):
        if self._inflater is None:
            CommandServer.data_received(self, data)
        else:
            self._inflate(data)

    def _inflate(self, data):
        # type: (bytes) -> None
        """Takes compressed octets, as far as commands can be obeyed now."""
        inflater = self._inflater
        if inflater is None or self.too_late():
            return
        inflater.feed(data)
        try:
            while not self.held and not self.activity and not self.too_late():
                piece = inflater.take()
                if not piece:
                    break
                CommandServer.data_received(self, piece)
        except NNTPError as exc:
            log.info('%s: %s', peer(self.transport), exc)
            self.transport.abort()
            return
        if inflater.waits:
            self.stop_reading()

    def work_done(self):
        if self._inflater is not None and not self.held and not self.activity:
            self._inflate(b'')
        CommandServer.work_done(self)

    # -- logins --------------------------------------------------------------

    def cmd_authinfo(self, rest):
        # type: (bytes) -> Any
        """AUTHINFO (RFC 4643 section 2)."""
        word, _, rest = rest.lstrip(b' ').partition(b' ')
        word = word.upper()
        if word not in (b'USER', b'PASS', b'SASL') or not rest.strip():
            return b'501 Syntax: AUTHINFO USER name|PASS password|SASL mechanism [response]'
        if self.user is not None or self._inflater is not None:
            return UNAVAILABLE
        if self.service.portal is None:
            return AUTH_REPLIES[authdialogue.NO_LOGIN]
        if word == b'SASL':
            words = rest.split()
            if len(words) > 2:
                return b'501 Syntax: AUTHINFO SASL mechanism [initial-response]'
            return self.auth.begin(words[0], words[1] if len(words) > 1 else None)
        if not self._offers_passwords():
            return NEEDS_TLS if not self.encrypted() else UNAVAILABLE
        if word == b'USER':
            self._name = rest.strip()
            return b'381 Enter the password'
        name = self._name
        self._name = None
        if name is None:
            return b'482 AUTHINFO USER comes first'
        try:
            credentials = UsernamePassword(name.decode('utf-8'), rest)
        except UnicodeError:
            return self.auth.refused()
        credentials.host = self._host()
        login = self.service.portal.login(self.clock, credentials)
        return login.then(self._by_password, self.auth.failed)

    def _by_password(self, session):
        # type: (Any) -> Any
        if self.auth.shut_out():
            session.logout()
            return self.auth.refused()
        self.auth.note_success(session.name)
        return self._logged_in(session)

    def _logged_in(self, session):
        # type: (Any) -> bytes
        self.user = session.name
        session.logout()            # nothing of it is kept: the account's name is all
        log.info('%s: login of %s', peer(self.transport), escape(self.user), extra=TOLD)
        self.progress(self.settings.unproductive_seconds)
        return AUTH_REPLIES[authdialogue.SUCCESS]


def _challenge(message):
    # type: (bytes) -> bytes
    """A challenge; one without octets is ``=`` (RFC 4643 section 2.4.2)."""
    return b'383 ' + (message or b'=')


def _same(reply):
    # type: (Any) -> Any
    return reply
