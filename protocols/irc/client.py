# Copyright the carryall authors.  See LICENSE.
"""The client of IRC (RFC 2812; IRCv3).

    def answer(client, message):
        if message.command == b'PRIVMSG':
            client.say(message.params[0], b'you said: ' + message.params[1])

    client = yield connect(loop, 'irc.example', nick=b'parrot', received=answer)
    yield client.join(b'#tea')

Lines are sent no faster than servers allow; those that wait keep their order.

States:   registering -> online -> closed
Tests:    tests/protocols/irc/test_client.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.auth import sasl
from carryall.core.auth.sasl.authdialogue import authenticate
from carryall.core.compat import FAILURES, native
from carryall.core.errors import ConnectionLost, LocalProtocolError
from carryall.core.future import Future, Return, coroutine, failed, with_timeout
from carryall.core.line.framing import LineProtocol
from carryall.core.logs import get_logger
from carryall.core.net.deadlines import sweeper_of
from carryall.core.net.transport import peer
from carryall.core.net.transport import tls as tls_of
from carryall.core.ratelimit import RateLimit
from carryall.core.tls import open_session
from carryall.core.tls.certificates import fingerprint
from carryall.protocols.irc.answerlabels import AnswerLabels
from carryall.protocols.irc.ctcp import format_ctcp, parse_ctcp
from carryall.protocols.irc.ctcpreplies import CTCPReplies
from carryall.protocols.irc.errors import IRCError
from carryall.protocols.irc.hostmask import split_source
from carryall.protocols.irc.isupport import Support
from carryall.protocols.irc.roombook import RoomBook
from carryall.protocols.irc.settings import PORT, TLS_PORT, ClientSettings
from carryall.protocols.irc.stspolicies import STSUpgrade, parse_sts
from carryall.protocols.irc.textsplit import room_for, split_text
from carryall.protocols.irc.wire import MAX_TAGS, format_message, parse_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional
    from carryall.protocols.irc.wire import Message

__all__ = ['IRCClient', 'connect']

MAX_LINE = MAX_TAGS + 1024      # octets; servers exceed the 512 of RFC 2812 by a little
CHUNK = 400                     # octets of a SASL response, after which more follows
REPLIED = 5                     # CTCP queries that are answered at once; then one in ten seconds

# Numerics that say that a command about the target in their second parameter has failed.
_REFUSALS = frozenset((b'400', b'401', b'402', b'403', b'404', b'405', b'406', b'407', b'437',
                       b'441', b'442', b'443', b'471', b'473', b'474', b'475', b'476', b'477',
                       b'478', b'479', b'482', b'489', b'520'))
_LABELS = frozenset((b'labeled-response', b'batch', b'message-tags'))
_NICK_TAKEN = frozenset((b'433', b'436', b'437'))
_ENDS_REGISTRATION = frozenset((b'432', b'464', b'465', b'466', b'468'))
_SASL_REFUSALS = frozenset((b'902', b'904', b'905', b'906', b'907', b'908'))

log = get_logger('irc')


class _Wait(object):
    """A command whose answer has not come, or not all of it.

    Args:     take: called with each message; returns True when the answer is complete.  It may
                    raise IRCError.
    """

    __slots__ = ('future', 'take', 'rows')

    def __init__(self, take):
        # type: (Callable[[_Wait, Message], bool]) -> None
        self.future = Future()
        self.take = take
        self.rows = []              # type: List[Any]


class IRCClient(LineProtocol):
    """A session; ``connect`` makes it.

    Args:     clock: the loop.
              nick: to begin with.
              settings: a ClientSettings.
              received: called with the client and each Message that comes, when the client has
                        taken note of it; None for nothing.
              note_sts: called with (port, seconds) of a policy that came by TLS; a server in clear
                        with one ends the session with STSUpgrade.  None: policies do not count.

    Attributes:
        nick: the present one.
        support: what the server has said of itself, a Support.
        capabilities: names of IRCv3 that are on.
        rooms: folded name -> Room.
        ready: a Future of the client, done when it is registered.
        closed: a Future of None, done when the connection is gone.
    """

    lone_lf = True
    max_line = MAX_LINE

    def __init__(self, clock, nick, settings=None, received=None, note_sts=None):
        # type: (Any, bytes, Optional[ClientSettings], Any, Any) -> None
        LineProtocol.__init__(self)
        self.clock = clock
        self.settings = ClientSettings() if settings is None else settings
        self.nick = nick
        self.support = Support()
        self.capabilities = set()           # type: Any
        self._book = RoomBook(self.support, self.settings.max_rooms, self.settings.max_members)
        self.rooms = self._book.rooms
        self.ready = Future()
        self.closed = Future()
        self.received = received
        self._note_sts = note_sts
        self.sweeper = sweeper_of(clock)
        self.deadline = None                # type: Optional[float]
        self._source = None                 # type: Optional[bytes]  # of us, as others see it
        self._waits = []                    # type: List[_Wait]
        self._queue = deque()               # type: Any  # lines that wait for the pace
        self._pace = RateLimit(clock, self.settings.rate, self.settings.burst)
        self._replies = CTCPReplies(clock, self.settings)
        self._labels = AnswerLabels()
        self._timer = None                  # type: Any
        self._offered = {}                  # type: Dict[bytes, bytes]
        self._tries = 0
        self._pinged = False
        self._fault = None                  # type: Optional[BaseException]
        self._login = None                  # type: Optional[Future]  # of (challenge, numeric)
        self._challenge = []                # type: List[bytes]

    # -- life ----------------------------------------------------------------------------

    def connection_made(self, transport):
        LineProtocol.connection_made(self, transport)
        self.sweeper.add(self)
        self.deadline = self.clock.time() + self.settings.ping_seconds
        settings = self.settings
        if settings.pins and not self._is_pinned(settings.pins):
            self._fail(IRCError(u'the certificate of the server is not one that is expected'))
            return
        self.send_now(b'CAP', b'LS', b'302')
        if settings.password is not None:
            self.send_now(b'PASS', settings.password)
        self.send_now(b'NICK', self.nick)
        self.send_now(b'USER', settings.username, b'0', b'*', settings.realname)

    def _is_pinned(self, pins):
        # type: (Any) -> bool
        """True if the server has one of these certificates."""
        info = tls_of(self.transport)
        if info is None or info.peer_certificate is None:
            return False
        found = fingerprint(info.peer_certificate).replace(':', '')
        return any(native(pin).replace(':', '').upper() == found for pin in pins)

    def connection_lost(self, exc):
        self.sweeper.discard(self)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        fault = self._fault
        if fault is None:
            fault = exc if exc is not None else ConnectionLost(u'the server has ended the session')
        waits = self._waits
        self._waits = []
        self._queue.clear()
        for future in [self.ready, self._login] + [wait.future for wait in waits]:
            if future is not None and not future.done():
                future.set_exception(fault)
        self._login = None
        LineProtocol.connection_lost(self, exc)
        self.closed.set_result(None)

    def deadline_expired(self, now):
        # type: (float) -> None
        """Asks a silent server whether it is there; a second time the connection ends."""
        if self._pinged:
            self._fail(ConnectionLost(u'the server is silent'))
            return
        self._pinged = True
        self.send_now(b'PING', b'carryall')
        self.deadline = now + self.settings.pong_seconds

    def _fail(self, exc):
        # type: (BaseException) -> None
        """Ends the connection; what waits fails with *exc*."""
        self._fault = exc
        self.transport.abort()

    def close(self):
        # type: () -> None
        """Ends the session without QUIT."""
        self.transport.close()

    # -- lines that go ---------------------------------------------------------------------

    def send_now(self, command, *params):
        # type: (bytes, *bytes) -> None
        """Sends a message before those that wait; LocalProtocolError if it cannot be sent."""
        self.transport.write(format_message(command, params))

    def send(self, command, *params):
        # type: (bytes, *bytes) -> None
        """Sends a message when the pace allows.

        Raises:   LocalProtocolError: it breaks the grammar, or too many wait.
        """
        self._send_line(format_message(command, params))

    def _send_line(self, line):
        # type: (bytes) -> None
        if len(self._queue) >= self.settings.max_waiting:
            raise LocalProtocolError(u'%d lines wait to be sent' % len(self._queue))
        self._queue.append(line)
        self._send_waiting()

    def _send_waiting(self):
        # type: () -> None
        while self._queue and self._timer is None:
            if self._pace.take():
                self.transport.write(self._queue.popleft())
            else:
                self._timer = self.clock.call_later(self._pace.seconds_until(1), self._go_on)

    def _go_on(self):
        # type: () -> None
        self._timer = None
        self._send_waiting()

    def say(self, target, text):
        # type: (bytes, bytes) -> None
        """Sends a text by PRIVMSG, in as many messages as it needs."""
        self._say(b'PRIVMSG', target, text)

    def notice(self, target, text):
        # type: (bytes, bytes) -> None
        """Sends a text by NOTICE, in as many messages as it needs."""
        self._say(b'NOTICE', target, text)

    def act(self, target, text):
        # type: (bytes, bytes) -> None
        """Sends a text as what we do: CTCP ACTION."""
        room = room_for(b'PRIVMSG', target, self._source) - len(format_ctcp(b'ACTION', b'x')) + 1
        for piece in split_text(text, room):
            self.send(b'PRIVMSG', target, format_ctcp(b'ACTION', piece))

    def _say(self, verb, target, text):
        # type: (bytes, bytes, bytes) -> None
        for piece in split_text(text, room_for(verb, target, self._source)):
            self.send(verb, target, piece)

    # -- commands with answers -----------------------------------------------------------------

    def join(self, name, key=None):
        # type: (bytes, Optional[bytes]) -> Future
        """Enters a channel; a Future of its Room.

        Raises:   IRCError: refused.
        """
        folded = self.support.fold(name)

        def take(_, message):
            # type: (_Wait, Message) -> bool
            self._check_refusal(message, folded)
            return (message.command == b'JOIN' and self._is_mine(message)
                    and self.support.fold(message.params[0]) == folded)

        future = self._ask(take, b'JOIN', *([name] if key is None else [name, key]))
        return future.then(lambda _: self.rooms[folded])

    def part(self, name, text=b''):
        # type: (bytes, bytes) -> Future
        """Leaves a channel; a Future of None."""
        folded = self.support.fold(name)

        def take(_, message):
            # type: (_Wait, Message) -> bool
            self._check_refusal(message, folded)
            return (message.command == b'PART' and self._is_mine(message)
                    and self.support.fold(message.params[0]) == folded)

        return self._ask(take, b'PART', *([name, text] if text else [name])).then(_nothing)

    def rename(self, nick):
        # type: (bytes) -> Future
        """Takes another nick; a Future of None.

        Raises:   IRCError: it is taken, or no nick.
        """
        def take(_, message):
            # type: (_Wait, Message) -> bool
            if message.command in _NICK_TAKEN or message.command == b'432':
                raise _refused(message)
            return message.command == b'NICK' and message.params[:1] == [self.nick]

        return self._ask(take, b'NICK', nick).then(_nothing)

    def whois(self, nick):
        # type: (bytes) -> Future
        """Asks about a user; a Future of the numerics that came, as Messages.

        Raises:   IRCError: there is none such.
        """
        return self._gather(b'318', self.support.fold(nick), b'WHOIS', nick)

    def who(self, mask):
        # type: (bytes) -> Future
        """Asks who is in a channel, or matches a mask; a Future of Messages, each a 352 or 354."""
        return self._gather(b'315', self.support.fold(mask), b'WHO', mask)

    def list(self):
        # type: () -> Future
        """A Future of (name, number of members, topic) of the channels."""
        def take(wait, message):
            # type: (_Wait, Message) -> bool
            if message.command == b'322' and len(message.params) > 3:
                self._keep(wait, tuple(message.params[1:4]))
            return message.command == b'323'

        return self._ask(take, b'LIST')

    def ping(self):
        # type: () -> Future
        """A Future of the seconds that a PING takes to come back."""
        token = b'%d' % (1000 * self.clock.time())
        began = self.clock.time()

        def take(_, message):
            # type: (_Wait, Message) -> bool
            return message.command == b'PONG' and message.params[-1:] == [token]

        return self._ask(take, b'PING', token).then(lambda _: self.clock.time() - began)

    def quit(self, text=b''):
        # type: (bytes) -> Future
        """Ends the session; a Future of None, done when the server has closed."""
        future = Future()
        self._waits.append(_Wait(lambda *_: False))
        self._waits[-1].future = future
        self.send_now(b'QUIT', *([text] if text else []))
        return future.then(_nothing, _ended)

    def _gather(self, end, folded, command, *params):
        # type: (bytes, bytes, bytes, *bytes) -> Future
        """Asks, and keeps all numerics about *folded* up to the one that ends the answer."""
        def take(wait, message):
            # type: (_Wait, Message) -> bool
            if len(message.params) < 2 or not message.command.isdigit():
                return False
            self._check_refusal(message, folded)
            if message.command == end:
                return self.support.fold(message.params[1]) == folded
            if command == b'WHO' or self.support.fold(message.params[1]) == folded:
                self._keep(wait, message)
            return False

        return self._ask(take, command, *params)

    def _keep(self, wait, row):
        # type: (_Wait, Any) -> None
        if len(wait.rows) >= self.settings.max_rows:
            raise IRCError(u'the answer has more than %d lines' % self.settings.max_rows)
        wait.rows.append(row)

    def _ask(self, take, command, *params):
        # type: (Any, bytes, *bytes) -> Future
        """Sends a command; a Future of the rows that *take* has kept."""
        if self._fault is not None or self.transport.is_closing():
            return failed(ConnectionLost(u'the session has ended'))
        wait = _Wait(take)
        self._waits.append(wait)
        tags = None
        if _LABELS <= self.capabilities:
            tags = {b'label': self._labels.new(wait)}
        try:
            self._send_line(format_message(command, params, tags=tags))
        except LocalProtocolError as exc:
            self._end_wait(wait)
            return failed(exc)
        return with_timeout(self.clock, wait.future, self.settings.answer_seconds)

    def _check_refusal(self, message, folded):
        # type: (Message, bytes) -> None
        """Raises IRCError if a numeric refuses a command about *folded*."""
        if (message.command in _REFUSALS and len(message.params) > 1
                and self.support.fold(message.params[1]) == folded):
            raise _refused(message)

    def _is_mine(self, message):
        # type: (Message) -> bool
        """True if we are the source."""
        nick = split_source(message.source or b'').nick
        return self.support.fold(nick) == self.support.fold(self.nick)

    # -- lines that come --------------------------------------------------------------------

    def line_received(self, line):
        self._pinged = False
        self.deadline = self.sweeper.now + self.settings.ping_seconds
        line = line.rstrip(b'\r')
        if not line:
            return
        try:
            message = parse_message(line)
        except IRCError:
            return                          # a line that is none says nothing about the next
        noted = _NOTED.get(message.command)
        if noted is not None:
            try:
                noted(self, message)
            except IRCError as exc:
                self._fail(exc)
                return
        self._settle(message)
        if self.received is not None and self.transport is not None:
            try:
                self.received(self, message)
            except FAILURES:
                log.exception('the program failed at %s',
                              message.command.decode('ascii', 'replace'))

    def line_too_long(self):
        self._fail(IRCError(u'the server sent a line that is too long'))

    def _settle(self, message):
        # type: (Message) -> None
        """Shows the message to the command whose label it has, or to all that wait for one."""
        owner = self._labels.owner_of(message)
        for wait in list(self._waits) if owner is None else [owner]:
            try:
                done = wait.future.done() or wait.take(wait, message)
            except IRCError as exc:
                self._end_wait(wait)
                wait.future.set_exception(exc)
                return
            if done:
                self._end_wait(wait)
                if not wait.future.done():
                    wait.future.set_result(wait.rows)
                    return

    def _end_wait(self, wait):
        # type: (_Wait) -> None
        self._labels.forget(wait)
        if wait in self._waits:
            self._waits.remove(wait)

    def note_ping(self, message):
        # type: (Message) -> None
        """Answers PING (RFC 2812 section 3.7.2)."""
        try:
            self.send_now(b'PONG', *message.params[-1:])
        except LocalProtocolError as exc:
            self._fail(IRCError(u'a PING that cannot be answered: %s' % exc))

    def note_error(self, message):
        # type: (Message) -> None
        """Keeps the reason that the server gives for closing."""
        text = b' '.join(message.params).decode('utf-8', 'replace')
        self._fault = ConnectionLost(u'the server has ended the session: %s' % text)

    # -- capabilities and login ---------------------------------------------------------------

    def note_cap(self, message):
        # type: (Message) -> None
        """CAP LS, ACK, NAK, NEW and DEL (IRCv3 capability-negotiation)."""
        if len(message.params) < 3:
            return
        words = message.params[-1].split()
        verb = message.params[1].upper()
        if verb in (b'LS', b'NEW'):
            for word in words:
                name, _, value = word.partition(b'=')
                self._offered[name] = value
            self._check_offers(len(self._offered))
            if self._note_sts is not None and b'sts' in self._offered and self._obeys_sts():
                return
            if verb == b'NEW' or message.params[2:3] != [b'*']:
                self._request(verb == b'NEW')
        elif verb == b'ACK':
            for word in words:
                if word[:1] == b'-':
                    self.capabilities.discard(word[1:])
                elif word in self._offered:
                    self.capabilities.add(word)
            self._go_on_registering()
        elif verb == b'NAK':
            self._go_on_registering()
        elif verb == b'DEL':
            for word in words:
                self._offered.pop(word, None)
                self.capabilities.discard(word)

    def _obeys_sts(self):
        # type: () -> bool
        """Takes note of the policy of the server; true if the session has to end for it."""
        port, seconds = parse_sts(self._offered[b'sts'])
        if tls_of(self.transport) is None:
            if port is not None:
                self._fail(STSUpgrade(port))
            return port is not None
        if seconds is not None:
            address = peer(self.transport)
            self._note_sts(TLS_PORT if address is None else address.port, seconds)
        return False

    def _request(self, later):
        # type: (bool) -> None
        """Asks for the capabilities that are wanted and not on."""
        wanted = [name for name in self.settings.capabilities
                  if name in self._offered and name not in self.capabilities]
        if self.settings.account is not None and b'sasl' in self._offered and not later:
            wanted.append(b'sasl')
        if wanted:
            self.send_now(b'CAP', b'REQ', b' '.join(wanted))
        elif not later:
            self._go_on_registering()

    def _go_on_registering(self):
        # type: () -> None
        """Logs in if that is wanted, then ends the negotiation."""
        if self.ready.done():
            return
        if self.settings.account is None:
            self.send_now(b'CAP', b'END')
        elif b'sasl' not in self.capabilities:
            self._fail(IRCError(u'the server has no login by SASL'))
        elif self._login is None:
            self._log_in().add_done_callback(self._logged_in)

    @coroutine
    def _log_in(self):
        # type: () -> Any
        settings = self.settings
        names = self._offered.get(b'sasl', b'').decode('ascii', 'replace').split(u',')
        known = [name for name in names if name] or [u'PLAIN']
        exchange = sasl.choose(known, self.clock, username=settings.account,
                               password=settings.account_password, tls=tls_of(self.transport),
                               allow_plaintext=settings.clear_auth)
        yield authenticate(exchange, self._ask_login, 0, b'AUTHENTICATE', _marked)
        exchange.finish()
        raise Return(None)

    def _logged_in(self, future):
        # type: (Future) -> None
        exc = future.exception()
        if exc is None:
            self.send_now(b'CAP', b'END')
        else:
            self._fail(exc)

    def _ask_login(self, line):
        # type: (bytes) -> Future
        """Sends a part of the login; a Future of (challenge or None, numeric)."""
        self._login = Future()
        verb, _, word = line.partition(b' ')
        if verb == b'AUTHENTICATE':
            self.send_now(verb, word)
        else:
            response = line[1:]
            for at in range(0, len(response), CHUNK):
                self.send_now(b'AUTHENTICATE', response[at:at + CHUNK])
            if len(response) % CHUNK == 0:
                self.send_now(b'AUTHENTICATE', b'+')
        return self._login

    def note_authenticate(self, message):
        # type: (Message) -> None
        """A part of a challenge (IRCv3 sasl-3.1)."""
        word = message.params[0] if message.params else b'+'
        if word != b'+':
            self._challenge.append(word)
        if len(word) < CHUNK:
            challenge = b''.join(self._challenge)
            self._challenge = []
            self._answer_login((challenge, None), None)
        elif len(self._challenge) > 40:
            self._fail(IRCError(u'the challenge of the server is too long'))

    def note_sasl(self, message):
        # type: (Message) -> None
        """The numeric that ends a login."""
        if message.command == b'903':
            self._answer_login((None, message), None)
        elif message.command in _SASL_REFUSALS and message.command != b'908':
            self._answer_login(None, _refused(message))

    def _answer_login(self, value, exc):
        # type: (Any, Optional[BaseException]) -> None
        login = self._login
        if login is None or login.done():
            return
        if exc is not None:
            login.set_exception(exc)
        else:
            login.set_result(value)

    # -- what is known -----------------------------------------------------------------------

    def note_welcome(self, message):
        # type: (Message) -> None
        """The registration is done; the nick may have been cut."""
        self.nick = message.params[0] if message.params else self.nick
        if not self.ready.done():
            self.ready.set_result(self)

    def note_refusal(self, message):
        # type: (Message) -> None
        """A nick that is taken, or a registration that has failed."""
        if self.ready.done():
            return
        if message.command in _NICK_TAKEN and self._tries < self.settings.max_nick_tries:
            self._tries += 1
            self.nick += b'_'
            self.send_now(b'NICK', self.nick)
        else:
            self._fail(_refused(message))

    def note_support(self, message):
        # type: (Message) -> None
        """RPL_ISUPPORT."""
        self.support.update(message.params[1:-1])
        self._check_offers(len(self.support))

    def _check_offers(self, count):
        # type: (int) -> None
        """Ends a session whose server names more than can be meant."""
        if count > self.settings.max_offers:
            self._fail(IRCError(u'the server names more than %d capabilities or tokens'
                                % self.settings.max_offers))

    def note_join(self, message):
        # type: (Message) -> None
        """Somebody has come into a channel."""
        if not message.params:
            return
        mine = self._is_mine(message)
        if mine:
            self._source = message.source
        self._book.join(message.params[0], split_source(message.source or b'').nick, mine)

    def note_part(self, message):
        # type: (Message) -> None
        """Somebody has left a channel, or was made to."""
        if not message.params:
            return
        if message.command == b'KICK':
            nick = message.params[1] if len(message.params) > 1 else b''
        else:
            nick = split_source(message.source or b'').nick
        mine = self.support.fold(nick) == self.support.fold(self.nick)
        self._book.leave(message.params[0], nick, mine)

    def note_quit(self, message):
        # type: (Message) -> None
        """Somebody is gone."""
        self._book.quit(split_source(message.source or b'').nick)

    def note_nick(self, message):
        # type: (Message) -> None
        """Somebody has another nick."""
        if not message.params:
            return
        if self._is_mine(message):
            self.nick = message.params[0]
            self._source = None
        self._book.rename(split_source(message.source or b'').nick, message.params[0])

    def note_topic(self, message):
        # type: (Message) -> None
        """TOPIC, or the numeric that tells one."""
        params = message.params if message.command == b'TOPIC' else message.params[1:]
        if params:
            self._book.topic(params[0], b'' if message.command == b'331' else b''.join(params[1:2]))

    def note_names(self, message):
        # type: (Message) -> None
        """RPL_NAMREPLY."""
        if len(message.params) > 3:
            self._book.names(message.params[2], message.params[3].split())

    def note_message(self, message):
        # type: (Message) -> None
        """Answers CTCP queries, a few in a minute."""
        query = parse_ctcp(message.params[1]) if len(message.params) > 1 else None
        if query is None or self._is_mine(message):
            return
        nick = split_source(message.source or b'').nick
        reply = self._replies.answer(query) if nick else None
        if reply is None:
            return
        # The nick and the text are the peer's: a reply that cannot be sent is left out.  In two
        # pieces it would be none.
        try:
            self.send(b'NOTICE', nick, format_ctcp(query.verb, reply))
        except LocalProtocolError as exc:
            log.debug('a CTCP query of a peer is not answered: %s', exc)


_NOTED = {
    b'PING': IRCClient.note_ping, b'ERROR': IRCClient.note_error, b'CAP': IRCClient.note_cap,
    b'AUTHENTICATE': IRCClient.note_authenticate, b'001': IRCClient.note_welcome,
    b'005': IRCClient.note_support, b'JOIN': IRCClient.note_join, b'PART': IRCClient.note_part,
    b'KICK': IRCClient.note_part, b'QUIT': IRCClient.note_quit, b'NICK': IRCClient.note_nick,
    b'TOPIC': IRCClient.note_topic, b'331': IRCClient.note_topic, b'332': IRCClient.note_topic,
    b'353': IRCClient.note_names, b'PRIVMSG': IRCClient.note_message,
}
for _code in _NICK_TAKEN | _ENDS_REGISTRATION:
    _NOTED[_code] = IRCClient.note_refusal
for _code in _SASL_REFUSALS | frozenset((b'903',)):
    _NOTED[_code] = IRCClient.note_sasl


def connect(loop,               # type: Any
            host,               # type: str
            port=PORT,          # type: int
            nick=b'carryall',   # type: bytes
            tls=None,           # type: Any
            timeout=30.0,       # type: float
            settings=None,      # type: Optional[ClientSettings]
            received=None,      # type: Any
            policies=None       # type: Any
            ):
    # type: (...) -> Future
    """Connects and registers; a Future of an IRCClient.

    Args:     nick: to begin with; with underlines behind it if it is taken.
              tls: a TLSContext; None for clear.
              timeout: seconds for connecting, TLS and registering.
              received: called with the client and each Message that comes.
              policies: STSPolicies that are noted and obeyed, or None; ``connect_by_policy``
                        follows them too.

    Raises:   ConnectFailed: no connection.  IRCError: refused.  TimedOut.
              sasl.SASLError: the server does not prove its identity.
    """
    def note_sts(port, seconds):
        # type: (int, int) -> None
        policies.note(host, port, seconds, loop.wall())

    return open_session(
        loop, lambda: IRCClient(loop, nick, settings, received, policies and note_sts), host, port,
        lambda client: client.ready, tls, timeout)


def _refused(message):
    # type: (Message) -> IRCError
    """The error in a numeric."""
    text = b' '.join(message.params[1:]).decode('utf-8', 'replace')
    code = 100 * (bytearray(message.command)[0] - 0x30)
    code += 10 * (bytearray(message.command)[1] - 0x30) + bytearray(message.command)[2] - 0x30
    return IRCError(u'the server refuses: %s' % text, code)


def _marked(response):
    # type: (bytes) -> bytes
    """A response as `_ask_login` tells it from the first line."""
    return b' ' + response


def _nothing(_):
    # type: (Any) -> None
    return None


def _ended(exc):
    # type: (BaseException) -> None
    """The end of a session that we have asked for is no error."""
    if not isinstance(exc, ConnectionLost):
        raise exc
