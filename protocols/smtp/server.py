# Copyright the carryall authors.  See LICENSE.
"""SMTP and LMTP, the server (RFC 5321, RFC 2033).

Wire:     CRLF lines; replies of three digits, each with an enhanced code (RFC 2034, 3463); a
          message that ends with a dot alone (RFC 5321 section 4.5.2) or is counted (RFC 3030).
States:   start -> ready -> mail -> bdat -> ready ...       HELO, EHLO or LHLO; MAIL; BDAT; the end
          of the message
Beyond:   SIZE 1870, 8BITMIME 6152, PIPELINING 2920, CHUNKING and BINARYMIME 3030, SMTPUTF8 6531,
          DSN 3461, STARTTLS 3207, AUTH 4954, ETRN 1985, LIMITS 9422; XCLIENT and XFORWARD as
          Postfix describes them, for trusted clients.
Not here: who may send what to whom, and where it goes: ``session.MailBackend``.
Tests:    tests/protocols/smtp/test_server.py, test_server_auth.py, test_smuggling.py,
          test_chunking.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.buffer import FEW_PIECES, join_small
from carryall.core.line.commandtable import (ARITY, BUDGET, FAILED, FORBIDDEN, TOO_LONG, UNKNOWN,
                                             WRONG_STATE, Command, CommandTable)
from carryall.core.net.deadlines import NEVER
from carryall.core.errors import RemoteProtocolError
from carryall.core.future import Future, as_future
from carryall.core.net.ip import canonical
from carryall.core.logs import escape, get_logger
from carryall.core.net.transport import Address
from carryall.core.codec.numbers import decimal
from carryall.protocols.smtp.mailbox import Mailbox, is_domain, parse_path
from carryall.protocols.smtp.authentication import ENDED, SMTP_WORDS, Authentication
from carryall.core.line.dotstuffing import DataReader, has_lone_ends, normalised
from carryall.protocols.smtp.parameters import (MailParameters, RcptParameters, mail_parameters,
                                                rcpt_parameters, xtext_decoded)
from carryall.protocols.smtp.session import MEND, Recipient, SMTPSession, Transaction
from carryall.protocols.smtp.unhurried import BDAT, MAIL, READY, START, UnhurriedProtocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence
    from carryall.protocols.smtp.session import Settings

__all__ = ['SMTPServer']

# -- limits ------------------------------------------------------------------
MAX_HELLO = 255             # octets of the name in HELO; RFC 5321 section 4.5.3.1.2
MAX_CHUNK = 10 ** 10        # octets that BDAT may announce; ours
# recipients refused on one connection: who guesses names is dropped; ours
MAX_REFUSED = 100
MAX_IDLE_COMMANDS = 100     # NOOP, RSET, VRFY ... between two messages; ours

log = get_logger('smtp')

OK = b'250 2.0.0 Ok'
BAD_ORDER = b'503 5.5.1 Bad sequence of commands'
TOO_SOON = b'554 5.5.0 You must wait for the reply before you go on'
NO_ROOM = b'452 4.3.1 Insufficient system storage, try again later'
TOO_BIG = b'552 5.3.4 The message is larger than is taken here'
NUL_IN_IT = b'550 5.6.0 A NUL stands in the message'
LONE_ENDS = b'550 5.6.11 A carriage return or line feed stands alone in the message'
NEEDS_TLS = b'530 5.7.0 Say STARTTLS first'
NEEDS_AUTH = b'530 5.7.0 Authentication is required'


class SMTPServer(UnhurriedProtocol):
    """One client.

    Args:     backend: a MailBackend.
              clock: the loop.
              settings: a Settings.
    """

    commands = CommandTable([
        Command(b'HELO', 'cmd_helo', args=None, syntax=b'HELO domain', rfc='5321#4.1.1.1'),
        Command(b'EHLO', 'cmd_ehlo', args=None, syntax=b'EHLO domain', rfc='5321#4.1.1.1'),
        Command(b'LHLO', 'cmd_lhlo', args=None, syntax=b'LHLO domain', rfc='2033#4.1'),
        Command(b'MAIL', 'cmd_mail', (READY,), args=None, syntax=b'MAIL FROM:<path> [parameters]',
                rfc='5321#4.1.1.2'),
        Command(b'RCPT', 'cmd_rcpt', (MAIL,), args=None, syntax=b'RCPT TO:<path> [parameters]',
                rfc='5321#4.1.1.3'),
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
        Command(b'XCLIENT', 'cmd_xclient', (START, READY), args=(1, 20), auth=True,
                rfc='postfix XCLIENT'),
        Command(b'XFORWARD', 'cmd_xforward', (READY,), args=(1, 20), auth=True,
                rfc='postfix XFORWARD'),
    ])
    refusals = {
        UNKNOWN: b'500 5.5.2 Command not recognised', WRONG_STATE: BAD_ORDER,
        ARITY: b'501 5.5.4 Syntax: %(syntax)s', FORBIDDEN: b'550 5.7.0 Not for you',
        BUDGET: b'421 4.7.0 Too many commands',
        FAILED: b'451 4.3.0 Something is wrong here, try again later',
        TOO_LONG: b'500 5.5.6 Line too long'}

    _chunk = 0                          # octets of a BDAT chunk still to come
    _announced = 0                      # octets that it has in all
    _last = False                       # whether that chunk is the last one
    _chunks = (
        )                        # type: Any  # those that have come, a list while there are some
    _chunk_fault = None                 # type: Optional[bytes]  # the reply that this chunk will get
    # octets of a message or chunk that is refused, while it comes
    _dropped = 0
    _refused = 0                        # recipients
    _idle_commands = 0

    def __init__(self, backend, clock, settings):
        # type: (Any, Any, Settings) -> None
        UnhurriedProtocol.__init__(self, clock, settings)
        self.backend = backend
        self.auth = Authentication(self, SMTP_WORDS, lambda: backend.portal, self._logged_in,
                                   self.say_goodbye)
        self.session = None             # type: Any
        self.transaction = None         # type: Optional[Transaction]
        self._reader = None             # type: Optional[DataReader]  # while DATA is under way
        self._reserved = 0              # octets of the message that have come, taken from the room
        self._offered = [
            ]              # type: List[bytes]  # what the last EHLO named, with parameters

    # -- life --------------------------------------------------------------------------------------

    def connection_made(self, transport):
        self.session = SMTPSession(transport, self.settings)
        UnhurriedProtocol.connection_made(self, transport)
        guard = self.settings.guard
        if guard is not None and guard.refused(self.session.host()):
            self.say_goodbye(b'554 5.7.0 Too many failed logins, come back later')
            return
        verdict = self.backend.connected(self.session)
        if isinstance(verdict, Future):
            self.hold_until(verdict, self._welcome)
        else:
            self._welcome(verdict)

    def _welcome(self, refusal):
        # type: (Optional[bytes]) -> None
        if refusal is not None:
            self.say_goodbye(refusal)
        elif self.settings.greet_seconds:
            self.hold_back(self.settings.greet_seconds, self._greet)
        else:
            self._greet()

    def _greet(self):
        # type: () -> None
        name = b'LMTP' if self.settings.lmtp else b'ESMTP' if self.settings.esmtp else b'SMTP'
        self.state = START
        self.send_line(b'220 ' + self.settings.hostname + b' ' + name + b' carryall')

    def talked_too_soon(self):
        self.say_goodbye(TOO_SOON)

    def connection_lost(self, exc):
        pending, transaction = self.pending, self.transaction
        if pending is not None and transaction is not None and transaction.message is not None:
            self._stored_for_nobody(pending)
        self._end_transaction()
        self.settings.room.holders.discard(self)
        self.auth.cancel()
        self.auth = ENDED
        UnhurriedProtocol.connection_lost(self, exc)
        if self.session is not None:
            self.backend.closed(self.session)

    def idle_expired(self):
        """Nothing complete came for too long (RFC 5321 section 4.5.3.2.7), or a message took too
        long."""
        silent = self._message_until == NEVER
        self.say_goodbye(b'421 4.4.2 ' + self.settings.hostname
                         + b' Timeout, closing the connection', heard=silent)

    def too_many_errors(self):
        self.say_goodbye(b'421 4.7.0 Too many errors')

    def drain(self):
        # type: () -> None
        """The server stops: a client between two messages is told so now, one that sends a message
        after it."""
        self.draining = True
        if self.transaction is None and self.pending is None and not self.transport.is_closing():
            self.say_goodbye(b'421 4.3.2 ' + self.settings.hostname + b' is going down', heard=True)

    def authorised(self, command):
        return bool(self.settings.trusted(self.session.origin))

    def line_received(self, line):
        if self.auth.mechanism is not None and b'\n' not in line:
            self.auth.line_received(line)
        else:
            UnhurriedProtocol.line_received(self, line)

    def lf_line_received(self, line):
        if self.auth.mechanism is not None:
            self.auth.line_received(line + b'\n')       # which no mechanism can read
        else:
            UnhurriedProtocol.lf_line_received(self, line)

    # -- hello -------------------------------------------------------------------------------------

    def cmd_helo(self, rest):
        # type: (bytes) -> Optional[bytes]
        """RFC 5321 section 4.1.1.1: the old way, without extensions."""
        if self.settings.lmtp:
            return self.refusals[UNKNOWN]
        self._hello(b'HELO', rest)
        return b'250 ' + self.settings.hostname

    def cmd_ehlo(self, rest):
        # type: (bytes) -> Optional[bytes]
        """RFC 5321 section 4.1.1.1: what we offer."""
        if self.settings.lmtp or not self.settings.esmtp:
            return self.refusals[UNKNOWN]
        return self._offer(b'EHLO', rest)

    def cmd_lhlo(self, rest):
        # type: (bytes) -> Optional[bytes]
        """RFC 2033 section 4.1."""
        if not self.settings.lmtp:
            return self.refusals[UNKNOWN]
        return self._offer(b'LHLO', rest)

    def _hello(self, verb, rest):
        # type: (bytes, bytes) -> None
        name = rest.strip(b' ')
        settings = self.settings
        # peer: Windows names with an underscore, and names of cameras with a blank, are common;
        # only what could not be a name is refused.
        printable = name.replace(b' ', b'') if b' ' in name and not settings.strict else name
        if not 0 < len(name) <= MAX_HELLO or (not is_domain(name, True) if settings.strict_hello
                                              else _has_blank(printable)):
            raise RemoteProtocolError(u'no name', reply=b'501 5.5.4 Syntax: %s domain' % verb)
        self.wait_for_reply()
        self._end_transaction()
        self.session.hello, self.session.verb = name, verb
        self.state = READY
        self._offered = []

    def _offer(self, verb, rest):
        # type: (bytes, bytes) -> bytes
        self._hello(verb, rest)
        offers = self._offered = self._offers()
        return b'250-' + b'\r\n250-'.join([self.settings.hostname]
                                          + offers[:-1]) + b'\r\n250 ' + offers[-1]

    def _offers(self):
        # type: () -> List[bytes]
        settings = self.settings
        lines = [b'PIPELINING', b'SIZE %d' % settings.max_size, b'8BITMIME', b'SMTPUTF8',
                 b'CHUNKING', b'BINARYMIME',
                 b'DSN', b'ENHANCEDSTATUSCODES', b'LIMITS RCPTMAX=%d' % settings.max_recipients]
        if settings.tls is not None and self.session.tls is None:
            lines.append(b'STARTTLS')
        mechanisms = self.auth.mechanisms()
        if mechanisms:
            lines.append(b'AUTH ' + b' '.join(mechanisms))
        if not settings.lmtp:
            lines += [b'ETRN'] + [b'VRFY'] * settings.vrfy
        if settings.trusted(self.session.host()):
            lines += [b'XCLIENT NAME ADDR PORT PROTO HELO LOGIN',
                      b'XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE']
        return lines + [b'HELP']

    def offered(self):
        # type: () -> List[bytes]
        """The keywords that the client was offered; after HELO those of EHLO, unless we are
        strict."""
        settings = self.settings
        if not self._offered and self.session.verb == b'HELO' and settings.esmtp and not settings.strict:
            self._offered = self._offers()      # peer: devices say SIZE= and BODY= after HELO
        keywords = [line.partition(b' ')[0] for line in self._offered]
        return keywords if self.session.user is None or not keywords else keywords + [b'AUTH']

    # -- the envelope ------------------------------------------------------------------------------

    def cmd_mail(self, rest):
        # type: (bytes) -> Any
        """RFC 5321 section 4.1.1.2."""
        settings, session = self.settings, self.session
        if settings.require_tls and session.tls is None:
            return NEEDS_TLS
        if settings.submission and session.user is None:
            return NEEDS_AUTH
        path = self._after(rest, b'FROM:')
        # Whether UTF-8 is allowed stands behind the address that may need it.
        utf8 = path[
            -1:] != b'>' and path.upper().find(b' SMTPUTF8') >= 0 and b'SMTPUTF8' in self.offered()
        sender, parameters = parse_path(path, utf8, True, not settings.strict)
        if sender is not None and not sender.domain:
            sender = self._completed(sender)
        transaction = Transaction(sender,
                                  mail_parameters(parameters, self.offered()) if parameters
                                  else _NO_MAIL_PARAMETERS)
        size = transaction.parameters.size
        if size is not None and size > settings.max_size:
            return TOO_BIG
        if self.draining:
            self.say_goodbye(b'421 4.3.2 ' + settings.hostname + b' is going down')
            return None
        verdict = self.backend.mail(session, transaction)
        if isinstance(verdict, Future):
            return verdict.then(lambda refusal: self._mail_judged(transaction, refusal))
        return self._mail_judged(transaction, verdict)

    def _mail_judged(self, transaction, refusal):
        # type: (Transaction, Optional[bytes]) -> bytes
        if refusal is not None:
            return refusal
        self.transaction = transaction
        self.state = MAIL
        return b'250 2.1.0 Ok'

    def cmd_rcpt(self, rest):
        # type: (bytes) -> Any
        """RFC 5321 section 4.1.1.3."""
        transaction = self.transaction
        if len(transaction.recipients) >= self.settings.max_recipients:      # type: ignore
            return b'452 4.5.3 Too many recipients'
        path = self._after(rest, b'TO:')
        mailbox, parameters = parse_path(path, transaction.parameters.smtputf8, False,
                                         not self.settings.strict)  # type: ignore
        if not mailbox.domain and mailbox.local.lower() != b'postmaster':       # type: ignore
            mailbox = self._completed(mailbox)
        recipient = Recipient(mailbox,
                              rcpt_parameters(parameters, self.offered()) if parameters
                              else _NO_RCPT_PARAMETERS)
        verdict = self.backend.rcpt(self.session, transaction, recipient)
        if isinstance(verdict, Future):
            return verdict.then(lambda refusal: self._rcpt_judged(transaction, recipient, refusal))
        return self._rcpt_judged(transaction, recipient, verdict)

    def _rcpt_judged(self, transaction, recipient, refusal):
        # type: (Any, Recipient, Optional[bytes]) -> Optional[bytes]
        if refusal is None:
            transaction.recipients.append(recipient)
            return b'250 2.1.5 Ok'
        self._refused += 1
        if self._refused > MAX_REFUSED:
            self.say_goodbye(b'421 4.7.0 Too many recipients were refused')
            return None
        return refusal

    def _completed(self, mailbox):
        # type: (Any) -> Mailbox
        """*mailbox*, a local part alone as programs of this machine give it, with our domain."""
        return Mailbox(mailbox.local, self.backend.origin or self.settings.hostname)

    def _after(self, rest, word):
        # type: (bytes, bytes) -> bytes
        """What follows ``FROM:`` or ``TO:``; RemoteProtocolError (501) if that is not there."""
        if rest[:len(word)].upper() != word:
            verb = b'MAIL' if word == b'FROM:' else b'RCPT'
            raise RemoteProtocolError(u'no %s' % word.decode('ascii'),
                                      reply=b'501 5.5.4 Syntax: %s %s<address>' % (verb, word))
        path = rest[len(word):]
        # peer: a blank after the colon is a common error; RFC 5321 section 3.3 forbids it to
        # clients.
        return path.lstrip(b' ') if self.settings.blank_after_colon else path

    # -- the message -------------------------------------------------------------------------------

    def cmd_data(self):
        # type: () -> Optional[bytes]
        """RFC 5321 section 4.1.1.4."""
        if not self.transaction.recipients:         # type: ignore
            return b'503 5.5.1 There is no recipient'
        if self.transaction.parameters.body == b'BINARYMIME':       # type: ignore
            return b'503 5.5.1 BINARYMIME needs BDAT'       # RFC 3030 section 3
        if self.settings.room.left <= 0 and not self._make_room():
            return NO_ROOM
        self.wait_for_reply()
        self._reader = DataReader(self.settings.max_size)
        self._dropped = 0
        self.begin_message()
        self.send_line(b'354 End the message with a dot alone on a line')
        self.set_raw_mode()
        return None

    def raw_data_received(self, data):
        """A piece of the message."""
        self.in_message()
        if self._reader is None:
            self._chunk_received(data)
            return
        self._reserve(len(data))
        rest = self._reader.feed(data)
        if rest is None:
            self._goes_on()
            return
        reader, self._reader = self._reader, None
        self.set_line_mode(rest)
        if reader.too_big:
            self._end_message(TOO_BIG)
        else:
            self._deliver(reader.message)

    def _goes_on(self):
        # type: () -> None
        """The message has not ended with this piece: it holds room from now on, unless it is too
        big to be kept."""
        room = self.settings.room
        if self._reader.too_big:            # type: ignore
            self._dropped += self._reserved
            self._give_back()
            return
        room.holders.add(self)
        if room.left < 0 and not self._make_room():
            self._no_room()

    def _make_room(self):
        # type: () -> bool
        """Whether there is room, if need be that of a message of another."""
        return self.settings.room.make(self, self.sweeper.now)

    def gives_way(self):
        # type: () -> int
        """For the Room: the octets that it gets back by ``give_way()``; none of a message that is
        being stored."""
        return 0 if self.pending is not None else self._reserved

    def give_way(self):
        # type: () -> None
        """For the Room: let this message go, and its connection."""
        log.info('%s: a message is cut after %d octets, for the room of all messages is full',
                 self.session.address, self._reserved)
        self._no_room()

    def message_octets(self):
        refused = self._chunk_fault is not None or self._reader is not None and self._reader.too_big
        return self._dropped if refused else self._reserved

    def _no_room(self):
        # type: () -> None
        """All messages together take more memory than they may: this one goes, and its
        connection."""
        self._end_transaction()
        self.say_goodbye(b'421 4.3.1 Insufficient system storage, try again later')

    def _reserve(self, octets):
        # type: (int) -> None
        self._reserved += octets
        self.settings.room.left -= octets

    def _stored_for_nobody(self, pending):
        # type: (Future) -> None
        """The client goes while its message is stored, which goes on: the room is taken until
        then."""
        room, octets = self.settings.room, self._reserved
        self._reserved = 0
        self.pending = None
        pending.add_done_callback(lambda _: room.give(octets))

    def _give_back(self):
        # type: () -> None
        self.settings.room.left += self._reserved
        self._reserved = 0

    def _deliver(self, message):
        # type: (Any) -> None
        """The whole message is there."""
        transaction = self.transaction
        plain = transaction.parameters.body != b'BINARYMIME'            # type: ignore
        if plain and message.find(b'\0') >= 0:
            # RFC 5321 section 4.5.2.  Who drops it on the way may find the end of a message that
            # was none here.
            log.info('%s: a message with a NUL is refused', self.session.address)
            self._end_message(NUL_IN_IT)
            return
        if plain and has_lone_ends(message):
            # In chunks no line ends a message, so nothing can be smuggled: such an end is one of a
            # text from elsewhere.
            if self.settings.lone_ends != MEND and self.state != BDAT:
                log.info('%s: a message with a CR or LF that stands alone is refused',
                         self.session.address)
                self._end_message(LONE_ENDS)
                return
            message = normalised(message)
        transaction.message = message                   # type: ignore
        self.end_message()
        self.answer_with(lambda: self.backend.message(self.session, transaction),
                         self._message_reply)

    def _end_message(self, reply):
        # type: (bytes) -> None
        """Answer a message that is not taken; LMTP gives each recipient its own (RFC 2033 section
        4.2)."""
        self.end_message()
        self.send_line(self._message_reply(reply))

    def _message_reply(self, reply):
        # type: (Any) -> bytes
        count = len(self.transaction.recipients) if self.transaction is not None else 1
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
        self._reader = None
        if self._chunks:
            self._chunks = ()
        self.settings.room.left += self._reserved
        self._reserved = 0
        if self.state in (MAIL, BDAT):
            self.state = READY

    # -- chunks ------------------------------------------------------------------------------------

    def cmd_bdat(self, rest):
        # type: (bytes) -> Optional[bytes]
        """RFC 3030 section 2: the octets follow at once, and are taken off the wire whatever
        becomes of them."""
        words = rest.split()
        size = decimal(words[0], MAX_CHUNK) if words else None
        if size is None or len(words) > 2 or len(words) == 2 and words[1].upper() != b'LAST':
            # How many octets follow is unknown: nothing after this can be understood.
            self.say_goodbye(b'501 5.5.4 Syntax: BDAT size [LAST]')
            return None
        self._last = len(words) == 2
        self._chunk = self._announced = size
        if self.state not in (MAIL, BDAT) or self.session.verb == b'HELO':
            self._chunk_fault = BAD_ORDER
        elif not self.transaction.recipients:               # type: ignore
            self._chunk_fault = b'503 5.5.1 There is no recipient'
        elif self._reserved + size > self.settings.max_size:
            self._chunk_fault = TOO_BIG
        elif self.settings.room.left <= 0 and not self._make_room():
            self._chunk_fault = NO_ROOM
        else:
            if self.state == MAIL:
                self.begin_message()
                self._chunks = []
            self.state = BDAT
        if size:
            if self._chunk_fault is not None:
                self._dropped = 0
                if self._message_until == NEVER:
                    self.begin_message()
            self.set_raw_mode()
        else:
            self._chunk_done()
        return None

    def _chunk_received(self, data):
        # type: (bytes) -> None
        mine, rest = data[:self._chunk], data[self._chunk:]
        self._chunk -= len(mine)
        if self._chunk_fault is not None:
            self._dropped += len(mine)
        else:
            self._chunks.append(mine)
            if len(self._chunks) % FEW_PIECES == 0:
                join_small(self._chunks)
            self._reserve(len(mine))
            if self._chunk:
                self.settings.room.holders.add(self)
            if self.settings.room.left < 0 and not self._make_room():
                self._drop_chunks()
        if not self._chunk:
            self.set_line_mode(rest)
            self._chunk_done()

    def _drop_chunks(self):
        # type: () -> None
        """There is no room for this message: what has come of it goes, and the rest is read and
        dropped."""
        self._chunk_fault = NO_ROOM
        self._dropped = self._reserved
        self._chunks = []
        self._give_back()

    def _chunk_done(self):
        # type: () -> None
        if self._chunk_fault is not None:
            fault, self._chunk_fault = self._chunk_fault, None
            if fault == BAD_ORDER or self.transaction is None:
                self._message_until = NEVER
                self.restart_idle()
                self.send_line(fault)
            elif self._last:
                self._end_message(fault)
            else:
                # Whatever chunks follow find no transaction (RFC 3030 section 2).
                self.end_message()
                self._end_transaction()
                self.send_line(fault)
        elif self._last:
            message = b''.join(self._chunks)
            self._chunks = ()
            self._deliver(message)
        else:
            self.send_line(b'250 2.0.0 %d octets received' % self._announced)

    # -- the rest ----------------------------------------------------------------------------------

    def _idle_command(self):
        # type: () -> bool
        """Count a command that moves no mail; whether it was one too many."""
        self._idle_commands += 1
        if self._idle_commands > MAX_IDLE_COMMANDS:
            self.say_goodbye(b'421 4.7.0 Too many commands without a message')
            return True
        return False

    def cmd_rset(self):
        # type: () -> Optional[bytes]
        """RFC 5321 section 4.1.1.5."""
        self._end_transaction()
        return None if self._idle_command() else OK

    def cmd_noop(self, rest):
        # type: (bytes) -> Optional[bytes]
        """RFC 5321 section 4.1.1.9."""
        return None if self._idle_command() else OK

    def cmd_vrfy(self, rest):
        # type: (bytes) -> Any
        """RFC 5321 section 4.1.1.6 and 7.3."""
        if self._idle_command():
            return None
        if not rest.strip():
            return b'501 5.5.4 Syntax: VRFY address'
        if not self.settings.vrfy:
            return b'252 2.5.0 Cannot VRFY; send some mail and see'
        return as_future(self.backend.vrfy(self.session, rest.strip())).then(
            lambda reply: b'252 2.5.0 Cannot VRFY; send some mail and see' if reply is None
            else reply)

    def cmd_expn(self, rest):
        # type: (bytes) -> Any
        """RFC 5321 section 4.1.1.7."""
        if self._idle_command():
            return None
        if not rest.strip():
            return b'501 5.5.4 Syntax: EXPN list'
        if not self.settings.vrfy:
            return b'502 5.7.0 Lists are not shown here'
        return as_future(self.backend.expn(self.session, rest.strip())).then(
            lambda reply: b'550 5.1.1 There is no such list' if reply is None else reply)

    def cmd_help(self, rest):
        # type: (bytes) -> Optional[bytes]
        """RFC 5321 section 4.1.1.8: from the table."""
        if self._idle_command():
            return None
        row = self.commands.get(rest.strip().upper())
        if row is not None:
            return b'214 2.0.0 Syntax: ' + row.syntax
        return b'214 2.0.0 ' + b' '.join(row.verb for row in self.commands if not row.auth)

    def cmd_quit(self):
        # type: () -> None
        """RFC 5321 section 4.1.1.10."""
        self.say_goodbye(b'221 2.0.0 ' + self.settings.hostname + b' closing the connection',
                         heard=True)

    def cmd_etrn(self, node):
        # type: (bytes) -> Any
        """RFC 1985 section 5."""
        if self._idle_command():
            return None
        return as_future(self.backend.etrn(self.session, node)).then(
            lambda reply: b'459 4.7.0 No queue is kept for this node' if reply is None else reply)

    def cmd_starttls(self):
        # type: () -> Any
        """RFC 3207 section 4."""
        if self.settings.tls is None:
            return b'502 5.5.1 There is no TLS here'
        if self.session.tls is not None:
            return b'503 5.5.1 TLS is there already'
        self.wait_for_reply()
        if self.transport.is_closing():
            return None
        self.send_line(b'220 2.0.0 Go ahead')
        self.flush()
        self._end_transaction()
        self.state = START
        # A handshake that fails ends the connection; connection_lost tells.
        self.clock.start_tls(self.transport, self.settings.tls,
                             server_side=True).add_done_callback(self._tls_begun)
        self.session.forget(self.transport)
        self.auth.again()
        return None

    def _tls_begun(self, future):
        # type: (Future) -> None
        if future.exception() is not None:
            log.info('%s: no TLS: %s', self.session.address, future.exception())

    def cmd_auth(self, mechanism, initial=None):
        # type: (bytes, Optional[bytes]) -> Any
        """RFC 4954 section 4."""
        if self.session.verb == b'HELO' and (self.settings.strict or not self.settings.esmtp):
            return BAD_ORDER
        return self.auth.begin(mechanism, initial)

    def _logged_in(self, login):
        # type: (Any) -> bytes
        self.session.user, self.session.login = login.name, login
        return SMTP_WORDS['success']

    # -- what a trusted proxy says -----------------------------------------------------------------

    def cmd_xclient(self, *words):
        # type: (*bytes) -> Optional[bytes]
        """The client is another than the connection shows."""
        found = _attributes(words,
                            (b'NAME', b'ADDR', b'PORT', b'PROTO', b'HELO', b'LOGIN', b'DESTADDR',
                             b'DESTPORT'))
        session = self.session
        if b'ADDR' in found:
            host = canonical(found[b'ADDR'].replace(b'IPV6:', b'').replace(b'IPv6:',
                                                                           b'').decode('ascii',
                                                                                       'replace'))
            if host is None:
                return b'501 5.5.4 Bad ADDR'
            session.address = Address(host, decimal(found.get(b'PORT', b'0'), 65535) or 0)
        session.name = found.get(b'NAME', session.name)
        session.hello = found.get(b'HELO', session.hello)
        if b'LOGIN' in found:
            session.user = found[b'LOGIN'].decode('utf-8', 'replace')
        log.info('the client is said to be %s, %s', session.address,
                 escape(session.name or b'unknown'))
        self.state = START
        self._greet()
        return None

    def cmd_xforward(self, *words):
        # type: (*bytes) -> bytes
        """What to write into the log about the message that comes."""
        names = (b'NAME', b'ADDR', b'PORT', b'PROTO', b'HELO', b'IDENT', b'SOURCE')
        self.session.forwarded.update(_attributes(words, names))
        return OK


# as most have none: one for all
_NO_MAIL_PARAMETERS, _NO_RCPT_PARAMETERS = MailParameters(), RcptParameters()


def _has_blank(name):
    # type: (bytes) -> bool
    return bool(name.translate(None, _GRAPHIC))


_GRAPHIC = bytes(bytearray(range(33, 127)) + bytearray(range(128, 256)))


def _attributes(words, known):
    # type: (Sequence[bytes], Sequence[bytes]) -> Dict[bytes, bytes]
    """``NAME=xtext`` pairs; what is unavailable is left out.  RemoteProtocolError: an unknown name,
    or no xtext."""
    found = {}      # type: Dict[bytes, bytes]
    for word in words:
        name, _, value = word.partition(b'=')
        plain = xtext_decoded(value)
        if name.upper() not in known or plain is None:
            raise RemoteProtocolError(u'a bad attribute', reply=b'501 5.5.4 Bad attribute')
        if plain.upper() not in (b'[UNAVAILABLE]', b'[TEMPUNAVAIL]'):
            found[name.upper()] = plain
    return found
