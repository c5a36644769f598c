# Copyright the carryall authors.  See LICENSE.
"""SMTP and LMTP, the client (RFC 5321, RFC 2033).

    client = yield connect(loop, 'mail.example', starttls=TLSContext())         # see transfer.py
    outgoing = Outgoing(b'a@me.example', [b'b@mail.example'], message)
    replies = yield client.send(outgoing)                                       # one a recipient
    yield client.quit()

The client uses what the server offers: PIPELINING, SIZE, 8BITMIME, SMTPUTF8, DSN, CHUNKING,
BINARYMIME, ENHANCEDSTATUSCODES, STARTTLS and AUTH.  If a message needs an extension that the server
lacks, it is refused here with the fitting reply.  A reply of 421 ends the connection, and later
commands fail with that reply (RFC 5321 section 3.8).  A message never leaves with a lone CR or LF,
nor with a dot that ends it too early.

Tests:    tests/protocols/smtp/test_client.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.auth import sasl
from carryall.core.auth.sasl.authdialogue import authenticate
from carryall.core.codec.numbers import decimal
from carryall.core.errors import (ConnectionLost, HandshakeFailed, LocalProtocolError,
                                  RemoteProtocolError, TimedOut)
from carryall.core.future import Future, Return, completed, coroutine, failed
from carryall.core.line.transparency import Stuffer, has_lone_ends, normalised
from carryall.core.line.framing import LineProtocol
from carryall.core.logs import get_logger
from carryall.core.net.transport import peer, tls
from carryall.protocols.smtp.errors import Refused, SMTPError, TransientError, failure
from carryall.protocols.smtp.settings import ClientSettings
from carryall.protocols.smtp.wire import MAX_LINE, Reply, ReplyReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional

__all__ = ['Outgoing', 'SMTPClient']

# -- limits ------------------------------------------------------------------
QUIT_SECONDS = 30.0         # for the reply to QUIT; default, the RFC is silent
PIECE = 65536               # octets of a message that are written at once
GROUP = 500                 # RCPT commands that are sent before their replies are awaited
MAX_COMMAND = 510           # octets without CRLF; RFC 5321 section 4.5.3.1.4
MAX_SIZE = 10 ** 20         # above any value of SIZE; RFC 1870 section 4

log = get_logger('smtp.client')


class Outgoing(object):
    """A message to send, with its envelope.

    Args:     sender: the address without brackets (bytes), b'' for the null sender.
              recipients: addresses likewise.
              message: octets, lines ended by CRLF.
              utf8: the header is UTF-8, so SMTPUTF8 is needed even if all addresses are ASCII.
              binary: a message of BINARYMIME: lines may end in any way, and only BDAT carries it.
              ret, envid: for DSN (RFC 3461): b'FULL' or b'HDRS', and xtext.
              notify, orcpt: likewise, for each recipient (b'SUCCESS,DELAY', b'rfc822;a@b') or None.
              mend: write CRLF for a lone CR or LF instead of refusing the message.

    Attributes:
        dsn: true if the last server that it was sent to offers DSN: then the reports are that
            server's task (RFC 3461 section 5.2.2).
    """

    def __init__(self, sender, recipients, message, utf8=False, binary=False, ret=None, envid=None,
                 notify=None, orcpt=None, mend=False):
        # type: (...) -> None
        self.sender = sender
        self.recipients = list(recipients)
        addresses = [sender] + self.recipients
        self.message = normalised(message) if mend and not binary else message
        self.binary = binary
        self.utf8 = utf8 or any(_beyond_ascii(address) for address in addresses)
        self.eight_bit = binary or _beyond_ascii(message)
        self.dsn = False
        self.ret = ret
        self.envid = envid
        self.notify = notify or [None] * len(self.recipients)
        self.orcpt = orcpt or [None] * len(self.recipients)
        for address in addresses:
            if any(octet in address for octet in (b'\r', b'\n', b'\0', b'<', b'>')):
                raise LocalProtocolError(u'no address can have such a character')


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
              settings: ClientSettings; ``hostname``, ``lmtp`` and the times after ``timeout``
                  count.

    Attributes:
        greeting: a Future of the first Reply.
        extensions: keyword to its words, as the server offers them; {} before ``hello()`` and after
            HELO.
        tls_broken: true if STARTTLS failed in a way that leaves the connection useless.
    """

    max_line = MAX_LINE

    def __init__(self, clock, settings=None):
        # type: (Any, Optional[ClientSettings]) -> None
        LineProtocol.__init__(self)
        self.clock = clock
        self.settings = settings or ClientSettings()
        self.extensions = {}        # type: Dict[bytes, List[bytes]]
        self.tls_broken = False
        self._reader = ReplyReader()
        self._awaited = deque()     # type: deque  # (Future, seconds) of each reply that is to come
        self._timer = None          # type: Any
        self._fault = None          # type: Optional[BaseException]
        self._writable = None       # type: Optional[Future]
        self._refusal = None        # type: Optional[Reply]  # the last reply, if it was 4yz or 5yz
        self.greeting = self._await(self.settings.greeting_seconds)

    # -- life ----------------------------------------------------------------

    def connection_made(self, transport):
        LineProtocol.connection_made(self, transport)
        self._restart_timer()

    def connection_lost(self, exc):
        why = u'the server closed the connection' if exc is None else u'the connection broke'
        if self._refusal is not None:
            text = self._refusal.wire().decode('utf-8', 'replace').strip()
            why = u'%s after its reply: %s' % (why, text)
        self._fail(TransientError(why, cause=exc))

    def _fail(self, error):
        # type: (BaseException) -> None
        """Fails all that is awaited, now and later."""
        if self._fault is None:
            self._fault = error
        self._stop_timer()
        waiting = self._awaited
        self._awaited = deque()
        for future, _ in waiting:
            if not future.done():
                future.set_exception(self._fault)
        writable = self._writable
        self._writable = None
        if writable is not None and not writable.done():
            writable.set_exception(self._fault)

    def close(self):
        # type: () -> None
        """Closes the connection without QUIT."""
        if self.transport is not None:
            self.transport.close()

    # -- replies -------------------------------------------------------------

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
        except RemoteProtocolError as exc:
            self._fail(TransientError(exc.message, cause=exc))
            self.transport.abort()
            return
        if reply is None:
            return
        if not self._awaited:
            if reply.code != 421:
                log.info('%s: unexpected reply: %s', peer(self.transport), reply)
            text = reply.wire().decode('utf-8', 'replace')
            self._fail(TransientError(u'unexpected reply: %s' % text, reply))
            self.transport.close()
            return
        future, _ = self._awaited.popleft()
        self._restart_timer()
        self._refusal = reply if reply.code >= 400 else None
        if reply.code == 421 and self._fault is None:
            # Set before the callbacks of the Future, which may ask for more.
            self._fault = failure(reply)
        if not future.done():
            future.set_result(reply)
        if reply.code == 421:
            self._fail(self._fault)                     # type: ignore
            self.transport.close()

    def line_too_long(self):
        """Fails: no reply has such a line."""
        self._fail(TransientError(u'a reply line of more than %d octets' % MAX_LINE))
        self.transport.abort()

    def command(self, line, seconds=None):
        # type: (bytes, Optional[float]) -> Future
        """Sends a line; a Future of its Reply, good or bad.

        Args:     seconds: until the reply; those of the settings if left out.
        """
        if b'\r' in line or b'\n' in line or b'\0' in line:
            return failed(LocalProtocolError(u'a command is one line'))
        if self._fault is not None:
            return failed(self._fault)
        self.send_line(line)
        return self._await(self.settings.command_seconds if seconds is None else seconds)

    # -- hello ---------------------------------------------------------------

    def offers(self, keyword):
        # type: (bytes) -> bool
        """True if the server offers an extension."""
        return keyword in self.extensions

    @coroutine
    def hello(self):
        # type: () -> Any
        """Awaits the greeting and sends EHLO, or HELO if that is refused; a Future of the greeting.

        Under LMTP it sends LHLO.

        Raises:   SMTPError: the server refuses us.
        """
        greeting = yield self.greeting
        if greeting.code != 220:
            raise failure(greeting)
        yield self._hello()
        raise Return(greeting)

    @coroutine
    def _hello(self):
        # type: () -> Any
        lmtp = self.settings.lmtp
        hostname = self.settings.hostname
        self.extensions = {}
        reply = yield self.command((b'LHLO ' if lmtp else b'EHLO ') + hostname)
        if reply.good:
            for line in reply.lines[1:]:
                # peer: old servers write AUTH=LOGIN for AUTH LOGIN
                words = (b'AUTH ' + line[5:] if line[:5].upper() == b'AUTH=' else line).split()
                if words:
                    self.extensions.setdefault(words[0].upper(), []).extend(words[1:])
            return
        if lmtp or not reply.permanent:
            raise failure(reply)
        reply = yield self.command(b'HELO ' + hostname)
        if not reply.good:
            raise failure(reply)

    @coroutine
    def start_tls(self, context, hostname):
        # type: (Any, str) -> Any
        """STARTTLS, and EHLO again, for earlier offers count no more; a Future of TLSInfo.

        Source:   RFC 3207 section 4.2
        Raises:   SMTPError: refused.  The connection can go on in clear, unless ``tls_broken``.
        """
        if not self.offers(b'STARTTLS'):
            raise Refused(u'the server does not offer STARTTLS')
        self.tls_broken = True
        reply = yield self.command(b'STARTTLS')
        if reply.code != 220:
            self.tls_broken = reply.code == 421
            raise failure(reply)
        try:
            info = yield self.clock.start_tls(self.transport, context, server_side=False,
                                              hostname=hostname)
        except (ConnectionLost, HandshakeFailed) as exc:
            raise TransientError(u'STARTTLS failed: %s' % exc.message, cause=exc)
        try:
            yield self._hello()
        except SMTPError as exc:
            self.tls_broken = exc.reply is None
            raise
        self.tls_broken = False
        raise Return(info)

    @coroutine
    def login(self, username, password, clear=False, mechanism=None):
        # type: (str, bytes, bool, Optional[str]) -> Any
        """AUTH with the strongest mechanism of both sides, or *mechanism*; a Future of the Reply.

        Args:     clear: show the password to the server without TLS too.
        Raises:   SMTPError: refused.
                  sasl.NoMechanism: no mechanism is possible.
                  sasl.SASLError: the server has not proved its identity.
        """
        exchange = sasl.choose(self.extensions.get(b'AUTH', ()), self.clock, clear, mechanism,
                               username=username, password=password, tls=tls(self.transport))
        reply = yield authenticate(exchange, self._ask_login, MAX_COMMAND)
        if reply.code != 235:
            raise failure(reply)
        exchange.finish()
        raise Return(reply)

    def _ask_login(self, line):
        # type: (bytes) -> Future
        return self.command(line).then(
            lambda reply: (reply.lines[0] if reply.code == 334 else None, reply))

    # -- a message -----------------------------------------------------------

    @coroutine
    def send(self, outgoing):
        # type: (Outgoing) -> Any
        """Sends a message; a Future of a list with one Reply for each recipient.

        Raises:   TransientError: the connection broke; the message may have arrived or not.
                  LocalProtocolError: the message cannot be sent to any server.
        """
        outgoing.dsn = self.offers(b'DSN')
        refusal = self._lacking(outgoing)
        if refusal is not None:
            raise Return([refusal] * len(outgoing.recipients))
        outcome = yield self._send_envelope(outgoing)
        taken = [number for number, reply in enumerate(outcome) if reply.good]
        if not taken:
            try:
                yield self.command(b'RSET')
            except TransientError:
                pass                # the server has closed; its earlier replies count
            raise Return(outcome)
        if outgoing.binary or self.offers(b'CHUNKING'):
            final = yield self._send_chunk(outgoing, len(taken))
        else:
            final = yield self._send_data(outgoing, len(taken))
        for number, reply in zip(taken, final):
            outcome[number] = reply
        raise Return(outcome)

    def _lacking(self, outgoing):
        # type: (Outgoing) -> Optional[Reply]
        """The reply to a message that needs more than the server offers; None if it does not."""
        octets = len(outgoing.message)
        largest = decimal((self.extensions.get(b'SIZE') or [b'0'])[0], MAX_SIZE) or 0
        if largest and octets > largest:
            text = b'A message of %d octets exceeds the limit of the server' % octets
            return Reply(552, [text], b'5.3.4')
        if outgoing.utf8 and not self.offers(b'SMTPUTF8'):
            return Reply(553, [b'The server does not support SMTPUTF8'], b'5.6.7')
        if outgoing.binary and not (self.offers(b'BINARYMIME') and self.offers(b'CHUNKING')):
            return Reply(554, [b'The server does not support BINARYMIME'], b'5.6.1')
        if outgoing.eight_bit and not outgoing.binary and not self.offers(b'8BITMIME'):
            return Reply(554, [b'The server does not support 8BITMIME'], b'5.6.3')
        if not outgoing.binary and has_lone_ends(outgoing.message):
            raise LocalProtocolError(u'the message has a lone carriage return or line feed')
        return None

    def _mail_line(self, outgoing):
        # type: (Outgoing) -> bytes
        line = b'MAIL FROM:<' + outgoing.sender + b'>'
        if self.offers(b'SIZE'):
            line += b' SIZE=%d' % len(outgoing.message)
        if outgoing.binary:
            line += b' BODY=BINARYMIME'
        elif outgoing.eight_bit:
            line += b' BODY=8BITMIME'
        if outgoing.utf8:
            line += b' SMTPUTF8'
        if self.offers(b'DSN'):
            line += b' RET=' + outgoing.ret if outgoing.ret else b''
            line += b' ENVID=' + outgoing.envid if outgoing.envid else b''
        return line

    def _rcpt_line(self, outgoing, number):
        # type: (Outgoing, int) -> bytes
        line = b'RCPT TO:<' + outgoing.recipients[number] + b'>'
        if self.offers(b'DSN'):
            notify = outgoing.notify[number]
            orcpt = outgoing.orcpt[number]
            line += b' NOTIFY=' + notify if notify else b''
            line += b' ORCPT=' + orcpt if orcpt else b''
        return line

    @coroutine
    def _send_envelope(self, outgoing):
        # type: (Outgoing) -> Any
        """MAIL and RCPT, in groups if the server offers PIPELINING; a Reply for each recipient."""
        count = len(outgoing.recipients)
        pipelining = self.offers(b'PIPELINING')
        mail = self.command(self._mail_line(outgoing))
        outcome = []                # type: List[Reply]
        if not pipelining:
            reply = yield mail
            if not reply.good:
                raise Return([reply] * count)
        size = GROUP if pipelining else 1
        for start in range(0, count, size):
            asked = [self.command(self._rcpt_line(outgoing, number))
                     for number in range(start, min(start + size, count))]
            begun = yield mail
            for future in asked:
                try:
                    reply = yield future
                except TransientError:
                    if begun.good:
                        raise
                    reply = begun   # the server has closed after that reply
                outcome.append(reply if begun.good else begun)
        raise Return(outcome)

    @coroutine
    def _send_data(self, outgoing, count):
        # type: (Outgoing, int) -> Any
        """DATA; a Future of *count* replies to the message."""
        message = outgoing.message
        reply = yield self.command(b'DATA', self.settings.data_seconds)
        if reply.code != 354:
            if reply.good:
                raise TransientError(u'DATA was answered %d' % reply.code, reply)
            raise Return([reply] * count)
        stuffer = Stuffer()
        for start in range(0, len(message), PIECE):
            yield self._write(stuffer.feed(message[start:start + PIECE]))
        yield self._write(stuffer.finish())
        final = yield self._final_replies(count)
        raise Return(final)

    @coroutine
    def _send_chunk(self, outgoing, count):
        # type: (Outgoing, int) -> Any
        """BDAT with one chunk (RFC 3030 section 2); a Future of *count* replies to the message."""
        message = outgoing.message
        if self._fault is not None:
            raise self._fault
        self.send_line(b'BDAT %d LAST' % len(message))
        for start in range(0, len(message), PIECE):
            yield self._write(message[start:start + PIECE])
        final = yield self._final_replies(count)
        raise Return(final)

    @coroutine
    def _final_replies(self, count):
        # type: (int) -> Any
        """A Future of the reply for each of *count* recipients.

        LMTP has one for each (RFC 2033 section 4.2), SMTP one for all.
        """
        lmtp = self.settings.lmtp
        asked = [self._await(self.settings.end_seconds) for _ in range(count if lmtp else 1)]
        if self._fault is not None:
            self._fail(self._fault)
        found = []                  # type: List[Reply]
        for future in asked:
            reply = yield future
            found.append(reply)
        raise Return(found if lmtp else found * count)

    def _write(self, data):
        # type: (bytes) -> Future
        """Sends a piece; a Future of the moment at which the next one can be sent."""
        if self._fault is not None:
            return failed(self._fault)
        self.transport.write(data)
        if self._writable is None:
            return completed(None)
        return self._writable

    def pause_writing(self):
        """Holds the message back while the server reads slowly."""
        if self._writable is None:
            self._writable = Future()
            if self._timer is None:
                self._timer = self.clock.call_later(self.settings.block_seconds, self._expired)

    def resume_writing(self):
        """Continues with the message."""
        writable = self._writable
        self._writable = None
        self._restart_timer()
        if writable is not None and not writable.done():
            writable.set_result(None)

    # -- the end -------------------------------------------------------------

    @coroutine
    def quit(self):
        # type: () -> Any
        """Sends QUIT and closes the connection; never fails for the server's faults."""
        try:
            yield self.command(b'QUIT', QUIT_SECONDS)
        except SMTPError:
            pass
        self._fail(TransientError(u'the connection is closed'))
        self.transport.close()
