# Copyright the carryall authors.  See LICENSE.
"""SMTP and LMTP, the server (RFC 5321, RFC 2033).

Wire:     CRLF lines; replies of three digits, each with an enhanced status code (RFC 2034, 3463); a
          message that ends with a dot (RFC 5321 section 4.5.2) or is counted (RFC 3030).
States:   greeting -> start -> ready -> mail -> bdat -> ready ...
          by the greeting; HELO, EHLO or LHLO; MAIL; BDAT; the end of the message
Beyond:   SIZE 1870, 8BITMIME 6152, PIPELINING 2920, CHUNKING and BINARYMIME 3030, SMTPUTF8 6531,
          DSN 3461, STARTTLS 3207, AUTH 4954, ETRN 1985, LIMITS 9422; XCLIENT and XFORWARD as
          Postfix describes them, for trusted clients.
Not here: the decisions about senders, recipients and delivery: ``session.MailBackend``.
Tests:    tests/protocols/smtp/test_server.py, test_server_auth.py, test_smuggling.py,
          test_chunking.py, test_leniency.py
"""
from __future__ import absolute_import, division, print_function

import re

from carryall.core.auth.sasl import authdialogue
from carryall.core.auth.sasl.authdialogue import AuthDialogue
from carryall.core.codec.numbers import decimal
from carryall.core.errors import RemoteProtocolError
from carryall.core.future import as_future, sleep
from carryall.core.line.commandserver import DRAINING, LEAVING, CommandServer
from carryall.core.line.commandtable import (ARITY, BUDGET, FAILED, FORBIDDEN, TOO_LONG, UNKNOWN,
                                             WRONG_STATE, Command, CommandTable)
from carryall.core.line.framing import SKIPPING
from carryall.core.line.transparency import has_lone_ends, normalised
from carryall.core.logs import get_logger
from carryall.core.net.deadlines import NEVER
from carryall.protocols.smtp.errors import NotTaken
from carryall.protocols.smtp.mailbox import Mailbox, is_domain, parse_path
from carryall.protocols.smtp.maildata import NO_ROOM, MailData
from carryall.protocols.smtp.parameters import (MailParameters, RcptParameters, mail_parameters,
                                                rcpt_parameters)
from carryall.protocols.smtp.proxycommands import ProxyCommands
from carryall.protocols.smtp.messagememory import MessageMemory
from carryall.protocols.smtp.session import Recipient, SMTPSession, Transaction
from carryall.protocols.smtp.settings import MEND, Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional
    from carryall.core.future import Future
    from carryall.protocols.smtp.session import MailBackend

__all__ = ['SMTPServer']

# -- limits ------------------------------------------------------------------
MAX_COMMAND = 510           # octets without CRLF; RFC 5321 section 4.5.3.1.4
# Octets of MAIL and RCPT with the parameters of all extensions (SIZE 26, DSN 600, AUTH 507 ...).
MAX_EXTENDED = 2046
MAX_AUTH_LINE = 12286       # RFC 4954 section 4
MAX_HELLO = 255             # octets of the name in HELO; RFC 5321 section 4.5.3.1.2
MAX_CHUNK = 10 ** 10        # octets that BDAT may announce; default, the RFC is silent
MAX_REFUSED = 100           # recipients refused on one connection, against guessing of names
MAX_IDLE_COMMANDS = 100     # NOOP, RSET, VRFY ... between two messages; default

LONGER = {b'MAIL': MAX_EXTENDED, b'RCPT': MAX_EXTENDED, b'XCLI': MAX_EXTENDED,
          b'XFOR': MAX_EXTENDED, b'AUTH': MAX_AUTH_LINE}

# Commands that may end with LF alone: nothing can be smuggled in by them.
HARMLESS = frozenset([b'NOOP', b'RSET', b'QUIT', b'HELP'])

_ALONE = re.compile(br'[\r\n\0]')

# -- states ------------------------------------------------------------------
GREETING = 'greeting'
START = 'start'
READY = 'ready'
MAIL = 'mail'
BDAT = 'bdat'

# -- replies -----------------------------------------------------------------
OK = b'250 2.0.0 Ok'
BAD_ORDER = b'503 5.5.1 Bad sequence of commands'
NO_RECIPIENT = b'503 5.5.1 No valid recipients'
TOO_EARLY = b'554 5.5.0 Improper use of SMTP command pipelining'
SHUT_OUT = b'554 5.7.0 Too many failed logins, try again later'
CUT = b'421 4.3.1 Insufficient system storage, try again later'
TOO_BIG = b'552 5.3.4 Message size exceeds fixed maximum message size'
HAS_NUL = b'550 5.6.0 Message contains a NUL character'
LONE_ENDS = b'550 5.6.11 Message contains a bare CR or LF'
BARE_END = b'500 5.5.2 Error: bare CR, LF or NUL in command'
NEEDS_TLS = b'530 5.7.0 Must issue a STARTTLS command first'
NEEDS_AUTH = b'530 5.7.0 Authentication required'
CANNOT_VRFY = b'252 2.5.0 Cannot VRFY user, but will accept message and attempt delivery'
NO_LIST = b'550 5.1.1 Mailing list unknown'
NO_NODE = b'459 4.7.0 Node not allowed'

AUTH_REPLIES = {
    authdialogue.CHALLENGE: b'334 ',
    authdialogue.SUCCESS: b'235 2.7.0 Authentication succeeded',
    authdialogue.FAILED: b'535 5.7.8 Authentication credentials invalid',
    authdialogue.CANCELLED: b'501 5.7.0 Authentication aborted',
    authdialogue.MALFORMED: b'501 5.5.2 Cannot decode the authentication response',
    authdialogue.UNKNOWN: b'504 5.5.4 Unrecognized authentication type',
    authdialogue.NEEDS_TLS: (b'538 5.7.11 Encryption required for requested authentication '
                             b'mechanism'),
    authdialogue.ALREADY: b'503 5.5.1 Already authenticated',
    authdialogue.NO_LOGIN: b'502 5.5.1 Authentication not enabled',
    authdialogue.TOO_MANY: b'421 4.7.0 Too many failed logins',
    authdialogue.UNAVAILABLE: b'454 4.7.0 Temporary authentication failure',
}

log = get_logger('smtp')


class SMTPServer(CommandServer):
    """One connection of a client.

    Args:     service: a MailBackend.
              clock: the loop.
              settings: a Settings.

    Attributes:
        session: the SMTPSession.
        transaction: the Transaction under way, or None.
    """

    commands = CommandTable([
        Command(b'HELO', 'cmd_helo', args=None, syntax=b'HELO domain', rfc='5321#4.1.1.1'),
        Command(b'EHLO', 'cmd_ehlo', args=None, syntax=b'EHLO domain', rfc='5321#4.1.1.1'),
        Command(b'LHLO', 'cmd_lhlo', args=None, syntax=b'LHLO domain', rfc='2033#4.1'),
        Command(b'MAIL', 'cmd_mail', (READY,), args=None,
                syntax=b'MAIL FROM:<path> [parameters]', rfc='5321#4.1.1.2'),
        Command(b'RCPT', 'cmd_rcpt', (MAIL,), args=None,
                syntax=b'RCPT TO:<path> [parameters]', rfc='5321#4.1.1.3'),
        Command(b'DATA', 'cmd_data', (MAIL,), args=0, rfc='5321#4.1.1.4'),
        Command(b'BDAT', 'cmd_bdat', None, args=None, syntax=b'BDAT size [LAST]', rfc='3030#2'),
        Command(b'RSET', 'cmd_rset', args=0, rfc='5321#4.1.1.5'),
        Command(b'VRFY', 'cmd_vrfy', args=None, syntax=b'VRFY address', rfc='5321#4.1.1.6'),
        Command(b'EXPN', 'cmd_expn', args=None, syntax=b'EXPN list', rfc='5321#4.1.1.7'),
        Command(b'HELP', 'cmd_help', args=None, syntax=b'HELP [command]', rfc='5321#4.1.1.8'),
        Command(b'NOOP', 'cmd_noop', args=None, rfc='5321#4.1.1.9'),
        Command(b'QUIT', 'cmd_quit', args=0, rfc='5321#4.1.1.10'),
        Command(b'ETRN', 'cmd_etrn', (READY,), args=1, syntax=b'ETRN node', rfc='1985#5'),
        Command(b'STARTTLS', 'cmd_starttls', (READY, MAIL, BDAT), args=0, rfc='3207#4'),
        Command(b'AUTH', 'cmd_auth', (READY,), args=(1, 2),
                syntax=b'AUTH mechanism [initial-response]', rfc='4954#4'),
        Command(b'XCLIENT', 'proxy.xclient', (START, READY), args=(1, 20), auth=True,
                rfc='postfix XCLIENT'),
        Command(b'XFORWARD', 'proxy.xforward', (READY,), args=(1, 20), auth=True,
                rfc='postfix XFORWARD'),
    ])
    refusals = {
        UNKNOWN: b'500 5.5.2 Error: command not recognized',
        WRONG_STATE: BAD_ORDER,
        ARITY: b'501 5.5.4 Syntax: %(syntax)s',
        FORBIDDEN: b'550 5.7.0 Insufficient authorization',
        BUDGET: b'421 4.7.0 Too many commands',
        FAILED: b'451 4.3.0 Requested action aborted: local error in processing',
        TOO_LONG: b'500 5.5.6 Line too long',
    }
    state = GREETING
    max_line = MAX_AUTH_LINE
    lone_lf = True

    # Most connections never change these, so they are class attributes, which makes a connection
    # cheaper.
    _refused = 0                        # recipients
    _idle_commands = 0                  # since the last message

    def __init__(self, service, clock, settings=None):
        # type: (MailBackend, Any, Optional[Settings]) -> None
        CommandServer.__init__(self, clock)
        settings = settings or Settings()
        self.settings = settings
        self.courier = service.courier
        self.idle_seconds = settings.idle_seconds
        if service.memory is None:
            service.memory = MessageMemory()
        self.service = service
        self.session = None             # type: Any
        self.transaction = None         # type: Optional[Transaction]
        self.auth = AuthDialogue(self, service, AUTH_REPLIES, self._logged_in)
        self._data = MailData(self, service.memory)
        self._offered = []              # type: List[bytes]  # lines of the last EHLO

    # -- life ----------------------------------------------------------------

    def connection_made(self, transport):
        self.session = SMTPSession(transport, self.settings)
        self.progress(self.settings.unproductive_seconds)
        CommandServer.connection_made(self, transport)
        if self.auth.shut_out():
            self.say_goodbye(SHUT_OUT)
        else:
            self.answer_with(self._ask_service, self._welcome)

    def _ask_service(self):
        # type: () -> Any
        """The service's verdict on the client, not before the pause of the settings is over."""
        verdict = self.service.connected(self.session)
        seconds = self.settings.greet_seconds
        if not seconds:
            return verdict
        return as_future(verdict).then(
            lambda refusal: refusal or sleep(self.clock, seconds))

    def _welcome(self, refusal):
        # type: (Optional[bytes]) -> Optional[bytes]
        if refusal is None:
            return self.greeting()
        self.say_goodbye(refusal)
        return None

    def greeting(self):
        # type: () -> bytes
        """The greeting (RFC 5321 section 3.1), with which commands begin."""
        name = b'SMTP'
        if self.settings.lmtp:
            name = b'LMTP'
        elif self.settings.esmtp:
            name = b'ESMTP'
        self.state = START
        return b'220 ' + self.settings.hostname + b' ' + name + b' carryall'

    def data_waits(self):
        """Refuses a client that speaks before the greeting (RFC 5321 section 4.3.1)."""
        if self.state == GREETING and self.settings.strict_pipelining \
                and self.life != LEAVING:
            self.say_goodbye(TOO_EARLY)
        else:
            CommandServer.data_waits(self)

    def connection_lost(self, exc):
        pending = self.pending
        if pending is not None and self.transaction is not None:
            # Storing goes on although the client has left.
            self._data.give_back_after(pending)
            self.pending = None
        self._end_transaction()
        self._data.close()
        self.auth = authdialogue.ENDED
        CommandServer.connection_lost(self, exc)
        if self.session is not None:
            self.service.closed(self.session)

    def idle_expired(self):
        """Closes: no complete command for too long (RFC 5321 section 4.5.3.2.7), or a slow
        message."""
        silent = self._data.until == NEVER
        self.say_goodbye(b'421 4.4.2 ' + self.settings.hostname + b' Error: timeout exceeded',
                         heard=silent)

    def deadline_expired(self, now):
        """Gives a message more time while it brings ``message_rate``, up to ``message_seconds``."""
        if self._data.continues(now):
            self.deadline = self._data.deadline(now)
        else:
            CommandServer.deadline_expired(self, now)

    def too_many_errors(self):
        self.say_goodbye(b'421 4.7.0 Too many errors')

    def failure_reply(self, exc):
        if isinstance(exc, NotTaken) and exc.reply is not None:
            return exc.reply
        return CommandServer.failure_reply(self, exc)

    def drain(self):
        """Closes between two messages, at once or behind the present one."""
        self.begin_draining()
        idle = self.pending is None or self.state == GREETING
        if idle and self.transaction is None and not self.transport.is_closing():
            self.say_goodbye(self._going_down(), heard=True)

    def _going_down(self):
        # type: () -> bytes
        return (b'421 4.3.2 ' + self.settings.hostname
                + b' Service not available, closing transmission channel')

    def authorised(self, command):
        return bool(self.settings.trusted(self.session.origin))

    # -- lines ---------------------------------------------------------------

    def line_received(self, line):
        if self.auth.mechanism is not None and b'\n' not in line:
            self.auth.line_received(line)
            return
        size = len(line)
        if size > MAX_COMMAND and b'\n' not in line:
            if size > LONGER.get(line[:4].upper(), MAX_COMMAND):
                self.refuse(TOO_LONG, b'', b'')
                return
        if not _ALONE.search(line):
            CommandServer.line_received(self, line)
        elif b'\n' in line:
            self.split_line(line)
        else:
            self._refuse_bare()

    def lf_line_received(self, line):
        """Refuses a line that ends with LF alone (RFC 5321 section 2.3.8), but for a few commands.

        The rest of the line, up to CRLF, is skipped.  It may have passed a server that looks for
        CRLF as part of an address.  Each LF in it is refused too, because a client that ends its
        lines with LF waits for an answer to each.
        """
        if self.auth.mechanism is not None:
            self.auth.line_received(line + b'\n')       # malformed for each mechanism
        elif line.upper() in HARMLESS and self.mode != SKIPPING and not self.settings.strict:
            CommandServer.line_received(self, line)
        else:
            self.skip_line()
            self._refuse_bare()

    def _refuse_bare(self):
        # type: () -> None
        self.send_line(BARE_END)
        self.count_error()

    def _wait_for_reply(self):
        # type: () -> None
        """Checks that the present command is the last of its group (RFC 2920 section 3.1)."""
        if self.backlog and self.settings.strict_pipelining:
            self.say_goodbye(TOO_EARLY)

    @property
    def proxy(self):
        # type: () -> ProxyCommands
        """The commands of a trusted proxy."""
        return ProxyCommands(self)

    # -- hello ---------------------------------------------------------------

    def cmd_helo(self, rest):
        # type: (bytes) -> bytes
        """HELO: no extensions (RFC 5321 section 4.1.1.1)."""
        if self.settings.lmtp:
            return self.refusals[UNKNOWN]
        self._hello(b'HELO', rest)
        return b'250 ' + self.settings.hostname

    def cmd_ehlo(self, rest):
        # type: (bytes) -> bytes
        """EHLO (RFC 5321 section 4.1.1.1)."""
        if self.settings.lmtp or not self.settings.esmtp:
            return self.refusals[UNKNOWN]
        return self._offer(b'EHLO', rest)

    def cmd_lhlo(self, rest):
        # type: (bytes) -> bytes
        """LHLO (RFC 2033 section 4.1)."""
        if not self.settings.lmtp:
            return self.refusals[UNKNOWN]
        return self._offer(b'LHLO', rest)

    def _hello(self, verb, rest):
        # type: (bytes, bytes) -> None
        name = rest.strip(b' ')
        if not 0 < len(name) <= MAX_HELLO or not self._is_name(name):
            reply = b'501 5.5.4 Syntax: %s domain' % verb
            raise RemoteProtocolError(u'no domain in HELO', reply=reply)
        self._wait_for_reply()
        self._end_transaction()
        self.session.hello = name
        self.session.verb = verb
        self.state = READY
        self._offered = []

    def _is_name(self, name):
        # type: (bytes) -> bool
        """True if a client may call itself *name*."""
        settings = self.settings
        if settings.strict_hello:
            return is_domain(name, True)
        # peer: Windows names with an underscore and camera names with a blank are common; only
        # names that are impossible are refused.
        if not settings.strict and b' ' in name:
            name = name.replace(b' ', b'')
        return not _has_blank(name)

    def _offer(self, verb, rest):
        # type: (bytes, bytes) -> bytes
        self._hello(verb, rest)
        lines = self._offers()
        self._offered = lines
        first = b'250-' + b'\r\n250-'.join([self.settings.hostname] + lines[:-1])
        return first + b'\r\n250 ' + lines[-1]

    def _offers(self):
        # type: () -> List[bytes]
        settings = self.settings
        lines = [b'PIPELINING', b'SIZE %d' % settings.max_size, b'8BITMIME', b'SMTPUTF8',
                 b'CHUNKING', b'BINARYMIME', b'DSN', b'ENHANCEDSTATUSCODES',
                 b'LIMITS RCPTMAX=%d' % settings.max_recipients]
        if settings.tls is not None and self.session.tls is None:
            lines.append(b'STARTTLS')
        mechanisms = self.auth.mechanisms()
        if mechanisms:
            lines.append(b'AUTH ' + b' '.join(mechanisms))
        if not settings.lmtp:
            lines += [b'ETRN'] + [b'VRFY'] * settings.vrfy
        if settings.trusted(self.session.host()):
            lines += ProxyCommands.offers
        return lines + [b'HELP']

    def offered(self):
        # type: () -> List[bytes]
        """The keywords offered to the client; after HELO those of EHLO, unless we are strict."""
        settings = self.settings
        if not self._offered and not settings.strict:
            if self.session.verb == b'HELO' and settings.esmtp:
                self._offered = self._offers()      # peer: devices say SIZE= and BODY= after HELO
        keywords = [line.partition(b' ')[0] for line in self._offered]
        if self.session.user is not None and keywords:
            keywords.append(b'AUTH')
        return keywords

    def refuse(self, why, verb, syntax, exc=None):
        """A command of a message gets the reason why there is no message (RFC 4954 section 6)."""
        if why == WRONG_STATE and self.state == READY:
            lacks = self._lacks()
            if lacks is not None:
                self.send_line(lacks)
                self.count_error()
                return
        CommandServer.refuse(self, why, verb, syntax, exc)

    def _lacks(self):
        # type: () -> Optional[bytes]
        """The reply to a client that must use TLS or log in first; None if it need not."""
        settings = self.settings
        if settings.require_tls and self.session.tls is None:
            return NEEDS_TLS
        if settings.submission and self.session.user is None:
            return NEEDS_AUTH
        return None

    # -- the envelope --------------------------------------------------------

    def cmd_mail(self, rest):
        # type: (bytes) -> Optional[bytes]
        """MAIL (RFC 5321 section 4.1.1.2)."""
        settings = self.settings
        session = self.session
        if settings.require_tls and session.tls is None:
            return NEEDS_TLS
        if settings.submission and session.user is None:
            return NEEDS_AUTH
        path = self._after(rest, b'FROM:', b'MAIL')
        utf8 = False
        if path[-1:] != b'>' and path.upper().find(b' SMTPUTF8') >= 0:
            # The keyword comes behind the address that may need it.
            utf8 = b'SMTPUTF8' in self.offered()
        sender, more = parse_path(path, utf8, True, not settings.strict)
        if sender is not None and not sender.domain:
            sender = self._completed(sender)
        parameters = mail_parameters(more, self.offered()) if more else _NO_MAIL_PARAMETERS
        transaction = Transaction(sender, parameters)
        if parameters.size is not None and parameters.size > settings.max_size:
            return TOO_BIG
        if self.life and self.life == DRAINING:
            self.say_goodbye(self._going_down())
            return None
        verdict = self.service.mail(session, transaction)
        if verdict is None:                 # nearly always, and quicker so
            return self._begin_transaction(transaction, None)
        self.answer_with(lambda: verdict,
                         lambda refusal: self._begin_transaction(transaction, refusal))
        return None

    def _begin_transaction(self, transaction, refusal):
        # type: (Transaction, Optional[bytes]) -> bytes
        if refusal is not None:
            return refusal
        self.transaction = transaction
        self.state = MAIL
        return b'250 2.1.0 Ok'

    def cmd_rcpt(self, rest):
        # type: (bytes) -> Optional[bytes]
        """RCPT (RFC 5321 section 4.1.1.3)."""
        transaction = self.transaction                  # type: Any
        settings = self.settings
        if len(transaction.recipients) >= settings.max_recipients:
            return b'452 4.5.3 Too many recipients'
        path = self._after(rest, b'TO:', b'RCPT')
        utf8 = transaction.parameters.smtputf8
        mailbox, more = parse_path(path, utf8, False, not settings.strict)
        if not mailbox.domain and mailbox.local.lower() != b'postmaster':       # type: ignore
            mailbox = self._completed(mailbox)
        parameters = rcpt_parameters(more, self.offered()) if more else _NO_RCPT_PARAMETERS
        recipient = Recipient(mailbox, parameters)
        verdict = self.service.rcpt(self.session, transaction, recipient)
        if verdict is None:                 # nearly always, and quicker so
            return self._add_recipient(transaction, recipient, None)
        self.answer_with(lambda: verdict,
                         lambda refusal: self._add_recipient(transaction, recipient, refusal))
        return None

    def _add_recipient(self, transaction, recipient, refusal):
        # type: (Transaction, Recipient, Optional[bytes]) -> Optional[bytes]
        if refusal is None:
            transaction.recipients.append(recipient)
            return b'250 2.1.5 Ok'
        self._refused += 1
        if self._refused > MAX_REFUSED:
            self.say_goodbye(b'421 4.7.0 Too many recipients refused')
            return None
        return refusal

    def _completed(self, mailbox):
        # type: (Any) -> Mailbox
        """*mailbox*, a local part alone as local programs send it, with our domain."""
        return Mailbox(mailbox.local, self.service.origin or self.settings.hostname)

    def _after(self, rest, word, verb):
        # type: (bytes, bytes, bytes) -> bytes
        """The text behind ``FROM:`` or ``TO:``; RemoteProtocolError (501) if that is missing."""
        if rest[:len(word)].upper() != word:
            reply = b'501 5.5.4 Syntax: %s %s<address>' % (verb, word)
            raise RemoteProtocolError(u'no %s' % word.decode('ascii'), reply=reply)
        path = rest[len(word):]
        # peer: a blank after the colon is common; RFC 5321 section 3.3 forbids it to clients.
        return path.lstrip(b' ') if self.settings.blank_after_colon else path

    # -- the message ---------------------------------------------------------

    def cmd_data(self):
        # type: () -> Optional[bytes]
        """DATA (RFC 5321 section 4.1.1.4)."""
        transaction = self.transaction                  # type: Any
        if not transaction.recipients:
            return NO_RECIPIENT
        if transaction.parameters.body == b'BINARYMIME':
            return b'503 5.5.1 BINARYMIME requires BDAT'        # RFC 3030 section 3
        now = self.sweeper.now
        if not self._data.has_memory(now):
            return NO_ROOM
        self._wait_for_reply()
        self._data.begin_data(now)
        self.send_line(b'354 Start mail input; end with <CRLF>.<CRLF>')
        self.set_raw_mode()
        return None

    def raw_data_received(self, data):
        """Takes a piece of the message."""
        incoming = self._data
        now = self.sweeper.now
        rest = incoming.feed(data, now)
        if rest is None:
            self.deadline = incoming.deadline(now)
            return
        self.set_line_mode(rest)
        reader = incoming.take_data()
        if reader is None:
            self.deadline = incoming.deadline(now)
            self._end_chunk()
        elif reader.too_big:
            self._refuse_message(TOO_BIG)
        else:
            self._deliver(reader.message)

    def cut_message(self):
        # type: () -> None
        """Drops the message and the connection: all messages together take too much memory."""
        self._end_transaction()
        self.say_goodbye(CUT)

    def _deliver(self, message):
        # type: (Any) -> None
        """Hands a whole message to the service."""
        transaction = self.transaction                  # type: Any
        if transaction.parameters.body != b'BINARYMIME':
            if message.find(b'\0') >= 0:
                # RFC 5321 section 4.5.2.  A server that drops the NUL on the way may find a false
                # end of the message.
                log.info('%s: message with a NUL refused', self.session.address)
                self._refuse_message(HAS_NUL)
                return
            if has_lone_ends(message):
                # In chunks no line ends the message, so nothing can be smuggled: repair it.
                if self.settings.lone_ends != MEND and self.state != BDAT:
                    log.info('%s: message with a bare CR or LF refused', self.session.address)
                    self._refuse_message(LONE_ENDS)
                    return
                message = normalised(message)
        transaction.message = message
        self._end_data()
        self.answer_with(lambda: self.service.message(self.session, transaction),
                         self._message_reply)

    def _refuse_message(self, reply):
        # type: (bytes) -> None
        self._end_data()
        self.send_line(self._message_reply(reply))

    def _end_data(self):
        # type: () -> None
        """Ends the clock of the message and starts that of commands."""
        self._data.until = NEVER
        self.progress(self.settings.unproductive_seconds)
        self.restart_idle()

    def _message_reply(self, reply):
        # type: (Any) -> bytes
        """The reply to a message; LMTP has one for each recipient (RFC 2033 section 4.2)."""
        transaction = self.transaction
        count = 1 if transaction is None else len(transaction.recipients)
        self._end_transaction()
        if self._idle_commands:
            self._idle_commands = 0
        if isinstance(reply, list):
            return b'\r\n'.join(reply)
        return b'\r\n'.join([reply] * count) if self.settings.lmtp else reply

    def _end_transaction(self):
        # type: () -> None
        if self.transaction is None:
            return
        self.transaction = None
        self._data.end()
        if self.state in (MAIL, BDAT):
            self.state = READY

    def cmd_bdat(self, rest):
        # type: (bytes) -> None
        """BDAT: the octets follow at once, and are read even if they are refused.

        Source:   RFC 3030 section 2
        """
        words = rest.split()
        size = decimal(words[0], MAX_CHUNK) if words else None
        if size is None or len(words) > 2 or len(words) == 2 and words[1].upper() != b'LAST':
            # The number of octets that follow is unknown, so the rest of the stream is useless.
            self.say_goodbye(b'501 5.5.4 Syntax: BDAT size [LAST]')
            return
        now = self.sweeper.now
        fault = self._chunk_fault(size, now)
        if fault is None:
            self.state = BDAT
        self._data.begin_chunk(size, len(words) == 2, fault, now)
        if size:
            self.set_raw_mode()
        else:
            self._end_chunk()

    def _chunk_fault(self, size, now):
        # type: (int, float) -> Optional[bytes]
        """The reply that refuses a chunk of so many octets; None to accept it."""
        if self.state not in (MAIL, BDAT) or self.session.verb == b'HELO':
            return BAD_ORDER
        if not self.transaction.recipients:             # type: ignore
            return NO_RECIPIENT
        if self._data.reserved + size > self.settings.max_size:
            return TOO_BIG
        return None if self._data.has_memory(now) else NO_ROOM

    def _end_chunk(self):
        # type: () -> None
        """Answers a chunk that is complete."""
        incoming = self._data
        fault = incoming.fault
        incoming.fault = None
        if fault is None:
            if incoming.last:
                self._deliver(incoming.take_chunks())
            else:
                self.send_line(b'250 2.0.0 %d octets received' % incoming.announced)
        elif fault == BAD_ORDER or self.transaction is None:
            incoming.until = NEVER
            self.restart_idle()
            self.send_line(fault)
        elif incoming.last:
            self._refuse_message(fault)
        else:
            # Chunks that follow find no transaction (RFC 3030 section 2).
            self._end_data()
            self._end_transaction()
            self.send_line(fault)

    # -- other commands ------------------------------------------------------

    def _is_idling(self):
        # type: () -> bool
        """Counts a command that moves no mail; closes and returns true if it is one too many."""
        self._idle_commands += 1
        if self._idle_commands > MAX_IDLE_COMMANDS:
            self.say_goodbye(b'421 4.7.0 Too many commands without a message')
            return True
        return False

    def cmd_rset(self):
        # type: () -> Optional[bytes]
        """RSET (RFC 5321 section 4.1.1.5)."""
        self._end_transaction()
        return None if self._is_idling() else OK

    def cmd_noop(self, rest):
        # type: (bytes) -> Optional[bytes]
        """NOOP (RFC 5321 section 4.1.1.9)."""
        return None if self._is_idling() else OK

    def cmd_vrfy(self, rest):
        # type: (bytes) -> Optional[bytes]
        """VRFY (RFC 5321 section 4.1.1.6 and 7.3)."""
        if self._is_idling():
            return None
        text = rest.strip()
        if not text:
            return b'501 5.5.4 Syntax: VRFY address'
        if not self.settings.vrfy:
            return CANNOT_VRFY
        self.answer_with(lambda: self.service.vrfy(self.session, text),
                         lambda reply: CANNOT_VRFY if reply is None else reply)
        return None

    def cmd_expn(self, rest):
        # type: (bytes) -> Optional[bytes]
        """EXPN (RFC 5321 section 4.1.1.7)."""
        if self._is_idling():
            return None
        text = rest.strip()
        if not text:
            return b'501 5.5.4 Syntax: EXPN list'
        if not self.settings.vrfy:
            return b'502 5.7.0 EXPN is disabled'
        self.answer_with(lambda: self.service.expn(self.session, text),
                         lambda reply: NO_LIST if reply is None else reply)
        return None

    def cmd_help(self, rest):
        # type: (bytes) -> Optional[bytes]
        """HELP, from the table (RFC 5321 section 4.1.1.8)."""
        if self._is_idling():
            return None
        row = self.commands.get(rest.strip().upper())
        if row is not None:
            return b'214 2.0.0 Syntax: ' + row.syntax
        return b'214 2.0.0 ' + b' '.join(row.verb for row in self.commands if not row.auth)

    def cmd_quit(self):
        # type: () -> None
        """QUIT (RFC 5321 section 4.1.1.10)."""
        self.say_goodbye(b'221 2.0.0 ' + self.settings.hostname
                         + b' Service closing transmission channel', heard=True)

    def cmd_etrn(self, node):
        # type: (bytes) -> None
        """ETRN (RFC 1985 section 5)."""
        if not self._is_idling():
            self.answer_with(lambda: self.service.etrn(self.session, node),
                             lambda reply: NO_NODE if reply is None else reply)

    def cmd_starttls(self):
        # type: () -> Optional[bytes]
        """STARTTLS (RFC 3207 section 4)."""
        if self.settings.tls is None:
            return b'502 5.5.1 Command not implemented'
        if self.session.tls is not None:
            return b'503 5.5.1 TLS already active'
        self._wait_for_reply()
        if self.transport.is_closing():
            return None
        self.send_line(b'220 2.0.0 Ready to start TLS')
        self.flush()
        self._end_transaction()
        self.state = START
        # A handshake that fails ends the connection; connection_lost is called then.
        begun = self.clock.start_tls(self.transport, self.settings.tls, server_side=True)
        begun.add_done_callback(self._tls_begun)
        self.session.forget(self.transport)
        self.auth.restart()
        return None

    def _tls_begun(self, future):
        # type: (Future) -> None
        if future.exception() is not None:
            log.info('%s: STARTTLS failed: %s', self.session.address, future.exception())

    def cmd_auth(self, mechanism, initial=None):
        # type: (bytes, Optional[bytes]) -> Any
        """AUTH (RFC 4954 section 4)."""
        if self.session.verb == b'HELO' and (self.settings.strict or not self.settings.esmtp):
            return BAD_ORDER
        return self.auth.begin(mechanism, initial)

    def _logged_in(self, login):
        # type: (Any) -> bytes
        self.session.user = login.name
        self.session.login = login
        return AUTH_REPLIES[authdialogue.SUCCESS]


# Most commands have no parameters and share one object.
_NO_MAIL_PARAMETERS = MailParameters()
_NO_RCPT_PARAMETERS = RcptParameters()

_GRAPHIC = bytes(bytearray(range(33, 127)) + bytearray(range(128, 256)))


def _has_blank(name):
    # type: (bytes) -> bool
    """True if *name* has a blank or a control character."""
    return bool(name.translate(None, _GRAPHIC))
