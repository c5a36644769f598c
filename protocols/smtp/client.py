# Copyright the carryall authors.  See LICENSE.
"""SMTP and LMTP, the client (RFC 5321, RFC 2033).

    transport, client = yield loop.connect_tcp(lambda: SMTPClient(loop, b'me.example'),
    'mail.example', 25) yield client.hello()
    if client.offers(b'STARTTLS'):
        yield client.start_tls(TLSContext(), 'mail.example')
    replies = yield client.send(Outgoing(b'a@me.example', [b'b@mail.example'], message))      # one for each recipient
    yield client.quit()

It uses what the server offers: PIPELINING, SIZE, 8BITMIME, SMTPUTF8, DSN, CHUNKING and BINARYMIME,
ENHANCEDSTATUSCODES, LIMITS, STARTTLS, AUTH.  What a message needs and the server lacks is refused
here, with the reply that would be fitting. A reply of 421 ends the connection, and whatever is
asked after it fails with that reply (RFC 5321 section 3.8). A message never leaves with a CR or LF
that stands alone, nor with a dot that ends it too soon.

Tests:    tests/protocols/smtp/test_client.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.auth import sasl
from carryall.core.errors import ConnectionLost, HandshakeFailed, LocalProtocolError, TimedOut
from carryall.core.line.framing import LineProtocol
from carryall.core.future import Future, Return, completed, coroutine, failed
from carryall.core.logs import get_logger
from carryall.core.net.transport import peer
from carryall.core.codec.numbers import decimal
from carryall.protocols.smtp import wire as replies
from carryall.core.line.dotstuffing import Stuffer, has_lone_ends, normalised
from carryall.protocols.smtp.login import choose
from carryall.protocols.smtp.wire import Reply, ReplyReader, TransientError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional

__all__ = ['Outgoing', 'SMTPClient']

# -- limits ------------------------------------------------------------------
GREETING_SECONDS = 300.0    # RFC 5321 section 4.5.3.2.1; so are the others
COMMAND_SECONDS = 300.0     # MAIL and RCPT
DATA_SECONDS = 120.0        # until 354
BLOCK_SECONDS = 180.0       # until the next piece of a message can be sent
END_SECONDS = 600.0         # after the final dot
PIECE = 65536               # octets of a message that are written at once
GROUP = 500                 # RCPT commands that are sent before their replies are awaited
MAX_REPLY = replies.MAX_LINE
MAX_COMMAND = 510           # octets without CRLF; RFC 5321 section 4.5.3.1.4

log = get_logger('smtp.client')


class Outgoing(object):
    """One message to be sent.

    Args:     sender: the address without brackets (bytes), b'' for the null sender.
              recipients: addresses likewise.
              message: octets, lines ended by CRLF.
              utf8: it needs SMTPUTF8 beyond what its addresses tell: its header is UTF-8.
              binary: it is BINARYMIME: its lines may end as they like, and only BDAT carries it.
              ret, envid: for DSN (RFC 3461): b'FULL' or b'HDRS', and xtext.
              notify, orcpt: likewise, one for each recipient (b'SUCCESS,DELAY', b'rfc822;a@b'), or
                  None.
              mend: end lines with CRLF where they end with CR or LF alone, instead of refusing.

    Attributes:
        dsn: whether the server that it was sent to last takes DSN: then the reports are its task
            (RFC 3461 section 5.2.2).
    """

    def __init__(self, sender, recipients, message, utf8=False, binary=False, ret=None, envid=None,
                 notify=None, orcpt=None,
                 mend=False):
        # type: (...) -> None
        self.sender = sender
        self.recipients = list(recipients)
        self.message = normalised(message) if mend and not binary else message
        self.binary = binary
        self.utf8 = utf8 or any(_beyond_ascii(address) for address in [sender] + self.recipients)
        self.eight_bit = binary or _beyond_ascii(message)
        self.dsn = False
        self.ret = ret
        self.envid = envid
        self.notify = notify or [None] * len(self.recipients)
        self.orcpt = orcpt or [None] * len(self.recipients)
        for address in [sender] + self.recipients:
            if any(octet in address for octet in (b'\r', b'\n', b'\0', b'<', b'>')):
                raise LocalProtocolError(u'an address has a character that no address can have')


def _beyond_ascii(data):
    # type: (bytes) -> bool
    try:
        data.decode('ascii')
    except UnicodeError:
        return True
    return False


class SMTPClient(LineProtocol):
    """One connection to a server.

    Args:     clock: the loop.
              hostname: what we call ourselves (bytes): a domain, or an address in brackets.
              lmtp: speak LMTP.

    Attributes:
        greeting: a Future of the first Reply.
        extensions: keyword -> its words, what the server offered; {} before ``hello()`` and after
            HELO.
    """

    max_line = MAX_REPLY

    def __init__(self, clock, hostname=b'localhost', lmtp=False):
        # type: (Any, bytes, bool) -> None
        LineProtocol.__init__(self)
        self.clock = clock
        self.hostname = hostname
        self.lmtp = lmtp
        self.extensions = {}        # type: Dict[bytes, List[bytes]]
        self._reader = ReplyReader()
        self._awaited = deque()     # type: deque  # (Future, seconds) of each reply that is to come
        self._timer = None          # type: Any
        self._fault = None          # type: Optional[BaseException]
        self._writable = None       # type: Optional[Future]
        self._refusal = None        # type: Optional[Reply]   # the last reply, if it was one
        self.greeting = self._await(GREETING_SECONDS)

    # -- life --------------------------------------------------------------------------------------

    def connection_made(self, transport):
        LineProtocol.connection_made(self, transport)
        self._restart_timer()

    def connection_lost(self, exc):
        said = u'' if self._refusal is None else u' after it had said: %s' % self._refusal.wire(
            ).decode('utf-8', 'replace').strip()
        why = u'the server closed the connection' if exc is None else u'the connection broke'
        self._fail(TransientError(why + said, cause=exc))

    def _fail(self, error):
        # type: (BaseException) -> None
        """It is over: nobody waits any longer."""
        if self._fault is None:
            self._fault = error
        self._stop_timer()
        waiting, self._awaited = self._awaited, deque()
        for future, _ in waiting:
            if not future.done():
                future.set_exception(self._fault)
        writable, self._writable = self._writable, None
        if writable is not None and not writable.done():
            writable.set_exception(self._fault)

    def close(self):
        # type: () -> None
        """Close without a word."""
        if self.transport is not None:
            self.transport.close()

    # -- replies -----------------------------------------------------------------------------------

    def _await(self, seconds):
        # type: (float) -> Future
        future = Future()
        self._awaited.append((future, seconds))
        if len(self._awaited) == 1 and self.transport is not None:
            self._restart_timer()
        return future

    def _restart_timer(self):
        # type: () -> None
        self._stop_timer()
        if self._awaited:
            self._timer = self.clock.call_later(self._awaited[0][1], self._expired)

    def _stop_timer(self):
        # type: () -> None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expired(self):
        # type: () -> None
        self._fail(TransientError(u'the server does not answer',
                                  cause=TimedOut(u'no reply in time')))
        self.transport.abort()

    def line_received(self, line):
        try:
            reply = self._reader.line(line)
        except replies.RemoteProtocolError as exc:
            self._fail(TransientError(exc.message, cause=exc))
            self.transport.abort()
            return
        if reply is None:
            return
        if not self._awaited:
            if reply.code != 421:
                log.info('%s says unasked: %s', peer(self.transport), reply)
            self._fail(TransientError(u'the server said unasked: %s'
                                      % reply.wire().decode('utf-8', 'replace'), reply))
            self.transport.close()
            return
        future, _ = self._awaited.popleft()
        self._restart_timer()
        self._refusal = reply if reply.code >= 400 else None
        if reply.code == 421 and self._fault is None:
            self._fault = replies.failure(reply)        # before anybody asks for more
        if not future.done():
            future.set_result(reply)
        if reply.code == 421:
            self._fail(self._fault)                     # type: ignore
            self.transport.close()

    def line_too_long(self):
        """No reply is so long."""
        self._fail(TransientError(u'a reply line of more than %d octets' % MAX_REPLY))
        self.transport.abort()

    def command(self, line, seconds=COMMAND_SECONDS):
        # type: (bytes, float) -> Future
        """Send a line; a Future of its Reply, whatever that says."""
        if b'\r' in line or b'\n' in line or b'\0' in line:
            return failed(LocalProtocolError(u'a command is one line'))
        if self._fault is not None:
            return failed(self._fault)
        self.send_line(line)
        return self._await(seconds)

    # -- hello -------------------------------------------------------------------------------------

    def offers(self, keyword):
        # type: (bytes) -> bool
        """Whether the server offered an extension."""
        return keyword in self.extensions

    @coroutine
    def hello(self):
        # type: () -> Any
        """Wait for the greeting, then say EHLO (LHLO), or HELO to a server that knows no better; a
        Future of the Reply.

        Raises:   SMTPError: the server does not want us.
        """
        greeting = yield self.greeting
        if greeting.code != 220:
            raise replies.failure(greeting)
        yield self._hello()
        raise Return(greeting)

    @coroutine
    def _hello(self):
        # type: () -> Any
        self.extensions = {}
        reply = yield self.command((b'LHLO ' if self.lmtp else b'EHLO ') + self.hostname)
        if reply.good:
            for line in reply.lines[1:]:
                # peer: old servers write AUTH=LOGIN for AUTH LOGIN
                words = (b'AUTH ' + line[5:] if line[:5].upper() == b'AUTH=' else line).split()
                if words:
                    self.extensions.setdefault(words[0].upper(), []).extend(words[1:])
            return
        if self.lmtp or not reply.permanent:
            raise replies.failure(reply)
        reply = yield self.command(b'HELO ' + self.hostname)
        if not reply.good:
            raise replies.failure(reply)

    @coroutine
    def start_tls(self, context, hostname):
        # type: (Any, str) -> Any
        """STARTTLS, and EHLO again: what was offered before counts no more (RFC 3207 section 4.2);
        a Future of TLSInfo.

        Raises:   SMTPError: with the reply that refuses it, and the connection goes on in clear if
                  that is wanted; or without a reply if the handshake broke, and with it the
                  connection.
        """
        if not self.offers(b'STARTTLS'):
            raise replies.Refused(u'the server does not offer STARTTLS')
        reply = yield self.command(b'STARTTLS')
        if reply.code != 220:
            raise replies.failure(reply)
        try:
            info = yield self.clock.start_tls(self.transport, context, server_side=False,
                                              hostname=hostname)
        except (ConnectionLost, HandshakeFailed) as exc:
            raise TransientError(u'TLS could not be begun: %s' % exc.message, cause=exc)
        yield self._hello()
        raise Return(info)

    @coroutine
    def login(self, username, password, clear=False, mechanism=None):
        # type: (str, bytes, bool, Optional[str]) -> Any
        """AUTH with the strongest mechanism that both know, or *mechanism*; a Future of the Reply.

        Args:     clear: whether the password may be shown to the server without TLS.
        Raises:   SMTPError: refused.
                  sasl.NoMechanism: there is none that fits.
                  sasl.SASLError: the server has not proved itself.
        """
        exchange = choose(self, self.extensions.get(b'AUTH', ()), username, password, clear,
                          mechanism)
        line = b'AUTH ' + exchange.name.encode('ascii')
        initial = yield exchange.step()
        # An initial response must fit into a command line (RFC 4954 section 4).
        held = None                 # type: Optional[bytes]
        if initial is not None:
            word = sasl.encode_initial(initial)
            if len(line) + 1 + len(word) <= MAX_COMMAND:
                line += b' ' + word
            else:
                held = sasl.encode(initial)
        reply = yield self.command(line)
        while reply.code == 334:
            if held is not None:
                answer, held = held, None
            else:
                response = yield exchange.step(sasl.decode(reply.lines[0]))
                answer = sasl.encode(response)
            reply = yield self.command(answer)
        if reply.code != 235:
            raise replies.failure(reply)
        exchange.finish()
        raise Return(reply)

    # -- a message ---------------------------------------------------------------------------------

    @coroutine
    def send(self, mail):
        # type: (Outgoing) -> Any
        """Send a message; a Future of a list with one Reply for each recipient.

        Raises:   TransientError: the connection broke; what was not answered may or may not have
                                  arrived.
                  LocalProtocolError: the message cannot be sent by anybody.
        """
        mail.dsn = self.offers(b'DSN')
        refusal = self._cannot(mail)
        if refusal is not None:
            raise Return([refusal] * len(mail.recipients))
        outcome = yield self._envelope(mail)
        taken = [number for number, reply in enumerate(outcome) if reply.good]
        if not taken:
            try:
                yield self.command(b'RSET')
            except TransientError:
                pass                # a server that has closed; what it said before counts
            raise Return(outcome)
        final = yield self._chunked(mail, len(taken)) if self._chunks(mail) else self._dotted(mail,
                                                                                              len(
                                                                                                  taken))
        for number, reply in zip(taken, final):
            outcome[number] = reply
        raise Return(outcome)

    def _chunks(self, mail):
        # type: (Outgoing) -> bool
        return mail.binary or self.offers(b'CHUNKING')

    def _cannot(self, mail):
        # type: (Outgoing) -> Optional[Reply]
        """The reply for what this server cannot take, before anything is said."""
        largest = decimal((self.extensions.get(b'SIZE') or [b'0'])[0], 10 ** 20) or 0
        if largest and len(mail.message) > largest:
            return Reply(552, [b'The server takes no message of %d octets' % len(mail.message)],
                         b'5.3.4')
        if mail.utf8 and not self.offers(b'SMTPUTF8'):
            return Reply(553, [b'The server does not take addresses beyond ASCII'], b'5.6.7')
        if mail.binary and not (self.offers(b'BINARYMIME') and self.offers(b'CHUNKING')):
            return Reply(554, [b'The server does not take binary messages'], b'5.6.1')
        if mail.eight_bit and not mail.binary and not self.offers(b'8BITMIME'):
            return Reply(554, [b'The server does not take 8-bit messages'], b'5.6.3')
        if not mail.binary and has_lone_ends(mail.message):
            raise LocalProtocolError(u'the message has a carriage return or line feed that stands '
                                     u'alone')
        return None

    def _mail_line(self, mail):
        # type: (Outgoing) -> bytes
        line = b'MAIL FROM:<' + mail.sender + b'>'
        if self.offers(b'SIZE'):
            line += b' SIZE=%d' % len(mail.message)
        if mail.binary:
            line += b' BODY=BINARYMIME'
        elif mail.eight_bit:
            line += b' BODY=8BITMIME'
        if mail.utf8:
            line += b' SMTPUTF8'
        if self.offers(b'DSN'):
            line += (b' RET=' + mail.ret if mail.ret else b'') + (b' ENVID=' + mail.envid
                                                                  if mail.envid else b'')
        return line

    def _rcpt_line(self, mail, number):
        # type: (Outgoing, int) -> bytes
        line = b'RCPT TO:<' + mail.recipients[number] + b'>'
        if self.offers(b'DSN'):
            notify, orcpt = mail.notify[number], mail.orcpt[number]
            line += (b' NOTIFY=' + notify if notify else b'') + (b' ORCPT=' + orcpt if orcpt
                                                                 else b'')
        return line

    @coroutine
    def _envelope(self, mail):
        # type: (Outgoing) -> Any
        """MAIL and RCPT, in groups if the server takes such; a Reply for each recipient."""
        pipelining = self.offers(b'PIPELINING')
        pending = [self.command(self._mail_line(mail))]
        outcome = []                # type: List[Reply]
        if not pipelining:
            reply = yield pending[0]
            if not reply.good:
                raise Return([reply] * len(mail.recipients))
        for start in range(0, len(mail.recipients), GROUP if pipelining else 1):
            stop = min(start + (GROUP if pipelining else 1), len(mail.recipients))
            asked = [self.command(self._rcpt_line(mail, number)) for number in range(start, stop)]
            begun = yield pending[0]
            for future in asked:
                try:
                    reply = yield future
                except TransientError:
                    if begun.good:
                        raise
                    reply = begun   # the server has closed after that
                outcome.append(reply if begun.good else begun)
        raise Return(outcome)

    @coroutine
    def _dotted(self, mail, count):
        # type: (Outgoing, int) -> Any
        """DATA; the final replies."""
        reply = yield self.command(b'DATA', DATA_SECONDS)
        if reply.code != 354:
            if reply.good:
                raise TransientError(u'DATA was answered %d' % reply.code, reply)
            raise Return([reply] * count)
        stuffer = Stuffer()
        for start in range(0, len(mail.message), PIECE):
            yield self._write(stuffer.feed(mail.message[start:start + PIECE]))
        yield self._write(stuffer.finish())
        final = yield self._final(count)
        raise Return(final)

    @coroutine
    def _chunked(self, mail, count):
        # type: (Outgoing, int) -> Any
        """BDAT, all in one chunk; the final replies (RFC 3030 section 2)."""
        if self._fault is not None:
            raise self._fault
        self.send_line(b'BDAT %d LAST' % len(mail.message))
        for start in range(0, len(mail.message), PIECE):
            yield self._write(mail.message[start:start + PIECE])
        final = yield self._final(count)
        raise Return(final)

    @coroutine
    def _final(self, count):
        # type: (int) -> Any
        """LMTP gives one reply for each recipient that it took (RFC 2033 section 4.2), SMTP one for
        all."""
        asked = [self._await(END_SECONDS) for _ in range(count if self.lmtp else 1)]
        if self._fault is not None:
            self._fail(self._fault)
        found = []                  # type: List[Reply]
        for future in asked:
            reply = yield future
            found.append(reply)
        raise Return(found if self.lmtp else found * count)

    def _write(self, data):
        # type: (bytes) -> Future
        """Send a piece, when the last one is on its way."""
        if self._fault is not None:
            return failed(self._fault)
        self.transport.write(data)
        if self._writable is None:
            return completed(None)
        return self._writable

    def pause_writing(self):
        """The server reads slowly."""
        if self._writable is None:
            self._writable = Future()
            if self._timer is None:
                self._timer = self.clock.call_later(BLOCK_SECONDS, self._expired)

    def resume_writing(self):
        """It has read on."""
        writable, self._writable = self._writable, None
        self._stop_timer()
        self._restart_timer()
        if writable is not None and not writable.done():
            writable.set_result(None)

    # -- the end -----------------------------------------------------------------------------------

    @coroutine
    def quit(self):
        # type: () -> Any
        """QUIT and close; it cannot fail."""
        try:
            yield self.command(b'QUIT', 30.0)
        except replies.SMTPError:
            pass
        self._fail(TransientError(u'the connection is closed'))
        self.transport.close()
