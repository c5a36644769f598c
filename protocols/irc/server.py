# Copyright the carryall authors.  See LICENSE.
"""The server of IRC, one connection of a client (RFC 2812; modern.ircdocs.horse; IRCv3).

States:   registering -> online -> closed.  CAP LS and CAP REQ hold the registration until CAP END.
          A network may hold a client back that it does not know: registering -> held -> online.
Commands: the groups are in capabilitycommands.py, channelcommands.py, messagecommands.py and
          querycommands.py; here is what a connection needs.
Pace:     a client has a burst of commands and then a rate; later commands wait in order, and the
          client's own sending with them.
Not here: users and channels (chatnetwork.py).
Tests:    tests/protocols/irc/test_server.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.sasl import authdialogue
from carryall.core.future import Future
from carryall.core.line.commandserver import CommandServer, DRAINING, LEAVING
from carryall.core.line.commandtable import (ARITY, FAILED, TOO_LONG, UNKNOWN, WRONG_STATE, Command,
                                             CommandTable)
from carryall.core.line.framing import BUSY, FULL
from carryall.core.net.deadlines import NEVER
from carryall.core.net.transport import peer, tls
from carryall.core.patterns import Pattern
from carryall.core.ratelimit import RateLimit
from carryall.protocols.irc import numerics
from carryall.protocols.irc.capabilitycommands import CapabilityCommands, account_of
from carryall.protocols.irc.channelcommands import ChannelCommands
from carryall.protocols.irc.chatnetwork import ADMITTED, HELD_BACK, User
from carryall.protocols.irc.taggedlines import BATCH, LABELED_RESPONSE, SERVER_TIME
from carryall.protocols.irc.isupport import format_tokens
from carryall.protocols.irc.numerics import shown
from carryall.protocols.irc.messagecommands import MessageCommands
from carryall.protocols.irc.querycommands import QueryCommands
from carryall.protocols.irc.settings import Settings
from carryall.protocols.irc.textsplit import clipped
from carryall.protocols.irc.wire import (MAX_CLIENT_TAGS, MAX_LINE, format_tags, parse_message,
                                         parse_tags, split_parameters)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence
    from carryall.protocols.irc.chatnetwork import Network
    from carryall.protocols.irc.taggedlines import Event
    from carryall.protocols.irc.numerics import Numeric

__all__ = ['HELD', 'IRCServer', 'ONLINE', 'REGISTERING', 'VERSION']

VERSION = b'carryall'

# -- states ------------------------------------------------------------------------
REGISTERING = 'registering'
HELD = 'held'               # welcomed, but not in the network: see Network.admission
ONLINE = 'online'

_BOTH = (REGISTERING, HELD, ONLINE)
_ONLINE = (HELD, ONLINE)
_REGISTERING = (REGISTERING, HELD)

# Commands that mean the same for a client that is held; all others go to Network.held_command.
_FREE = frozenset((b'CAP', b'AUTHENTICATE', b'PASS', b'NICK', b'QUIT', b'PING', b'PONG'))

# Letters of a nick: RFC 2812 section 2.3.1, and no digit or hyphen in front.
_NICK = Pattern(br'[A-Za-z\[\]\\`_^{|}][A-Za-z0-9\[\]\\`_^{|}-]*\Z')
_NOT_USER = Pattern(br'[^A-Za-z0-9._-]')

MAX_HOST = 63               # octets of a host that is shown: RFC 2812 section 2.3.1
MANY = 1 << 16              # parameters: those that a command does not know are left out


class IRCServer(CommandServer):
    """One connection of a client.

    Args:     service: a Network.
              clock: the loop.
              settings: a Settings.

    Attributes:
        user: its User.
        tags: those of the message that is being obeyed, key -> value.
        waits_for_cap: True from CAP LS or CAP REQ until CAP END.
        sasl_chunks: parts of a SASL response that have come.
        session: of the login; None before it.
        password: that of PASS; None if none has come.
    """

    commands = CommandTable([
        Command(b'CAP', 'capabilities.cmd_cap', _BOTH, (1, MANY),
                rfc='IRCv3 capability-negotiation'),
        Command(b'AUTHENTICATE', 'capabilities.cmd_authenticate', _BOTH, (1, MANY),
                rfc='IRCv3 sasl-3.1'),
        Command(b'PASS', 'cmd_pass', _REGISTERING, (1, MANY), rfc='2812#3.1.1'),
        Command(b'NICK', 'cmd_nick', _BOTH, (0, MANY), rfc='2812#3.1.2'),
        Command(b'USER', 'cmd_user', _REGISTERING, (4, MANY), rfc='2812#3.1.3'),
        Command(b'QUIT', 'cmd_quit', _BOTH, (0, MANY), rfc='2812#3.1.7'),
        Command(b'PING', 'cmd_ping', _BOTH, (0, MANY), rfc='2812#3.7.2'),
        Command(b'PONG', 'cmd_pong', _BOTH, (0, MANY), rfc='2812#3.7.3'),
        Command(b'JOIN', 'channel.cmd_join', _ONLINE, (1, MANY), rfc='2812#3.2.1'),
        Command(b'PART', 'channel.cmd_part', _ONLINE, (1, MANY), rfc='2812#3.2.2'),
        Command(b'MODE', 'channel.cmd_mode', _ONLINE, (1, MANY), rfc='2812#3.2.3'),
        Command(b'TOPIC', 'channel.cmd_topic', _ONLINE, (1, MANY), rfc='2812#3.2.4'),
        Command(b'NAMES', 'channel.cmd_names', _ONLINE, (0, MANY), rfc='2812#3.2.5'),
        Command(b'LIST', 'channel.cmd_list', _ONLINE, (0, MANY), rfc='2812#3.2.6'),
        Command(b'INVITE', 'channel.cmd_invite', _ONLINE, (2, MANY), rfc='2812#3.2.7'),
        Command(b'KICK', 'channel.cmd_kick', _ONLINE, (2, MANY), rfc='2812#3.2.8'),
        Command(b'PRIVMSG', 'messages.cmd_privmsg', _ONLINE, (0, MANY), rfc='2812#3.3.1'),
        Command(b'NOTICE', 'messages.cmd_notice', _ONLINE, (0, MANY), rfc='2812#3.3.2'),
        Command(b'TAGMSG', 'messages.cmd_tagmsg', _ONLINE, (0, MANY), rfc='IRCv3 message-tags'),
        Command(b'AWAY', 'messages.cmd_away', _ONLINE, (0, MANY), rfc='2812#4.1'),
        Command(b'SETNAME', 'messages.cmd_setname', _ONLINE, (1, MANY), rfc='IRCv3 setname'),
        Command(b'MONITOR', 'messages.cmd_monitor', _ONLINE, (1, MANY), rfc='IRCv3 monitor'),
        Command(b'WHO', 'queries.cmd_who', _ONLINE, (0, MANY), rfc='2812#3.6.1'),
        Command(b'WHOIS', 'queries.cmd_whois', _ONLINE, (0, MANY), rfc='2812#3.6.2'),
        Command(b'WHOWAS', 'queries.cmd_whowas', _ONLINE, (0, MANY), rfc='2812#3.6.3'),
        Command(b'ISON', 'queries.cmd_ison', _ONLINE, (1, MANY), rfc='2812#4.9'),
        Command(b'USERHOST', 'queries.cmd_userhost', _ONLINE, (1, MANY), rfc='2812#4.8'),
        Command(b'LUSERS', 'queries.cmd_lusers', _ONLINE, (0, MANY), rfc='2812#3.4.2'),
        Command(b'MOTD', 'queries.cmd_motd', _ONLINE, (0, MANY), rfc='2812#3.4.1'),
        Command(b'VERSION', 'queries.cmd_version', _ONLINE, (0, MANY), rfc='2812#3.4.3'),
        Command(b'TIME', 'queries.cmd_time', _ONLINE, (0, MANY), rfc='2812#3.4.6'),
        Command(b'ADMIN', 'queries.cmd_admin', _ONLINE, (0, MANY), rfc='2812#3.4.9'),
        Command(b'INFO', 'queries.cmd_info', _ONLINE, (0, MANY), rfc='2812#3.4.10'),
    ])
    max_line = MAX_LINE - 2 + 1 + MAX_CLIENT_TAGS + 1
    _batch = None                       # type: Any  # its name; b'' for a client without batches
    max_bad_commands = 1 << 30          # the pace bounds them; clients ask what servers know
    lone_lf = True
    state = REGISTERING

    def __init__(self, service, clock, settings=None):
        # type: (Network, Any, Optional[Settings]) -> None
        CommandServer.__init__(self, clock)
        self.settings = Settings() if settings is None else settings
        self.network = service
        self.user = User(self)
        self.tags = {}                      # type: Dict[bytes, bytes]
        self.waits_for_cap = False
        self.session = None                 # type: Any  # of the portal
        self.sasl_chunks = []               # type: List[bytes]
        self.auth = None                    # type: Any  # an AuthDialogue, once there is a login
        self.idle_seconds = self.settings.ping_seconds
        self._pace = RateLimit(clock, self.settings.rate, self.settings.burst)
        self._timer = None                  # type: Any
        self._pinged = False
        self._unread = 0
        self._label = None                  # type: Optional[bytes]
        self._labelled = []                 # type: List[bytes]
        self.password = None                # type: Optional[bytes]
        self._reason = b'Connection closed'

    # Groups of commands are made for each command, and keep nothing: 10,000 users that are silent
    # have none.

    @property
    def capabilities(self):
        # type: () -> CapabilityCommands
        """CAP and AUTHENTICATE."""
        return CapabilityCommands(self)

    @property
    def channel(self):
        # type: () -> ChannelCommands
        """JOIN, MODE and what else is about channels."""
        return ChannelCommands(self)

    @property
    def messages(self):
        # type: () -> MessageCommands
        """PRIVMSG, AWAY and what else others hear of the user."""
        return MessageCommands(self)

    @property
    def queries(self):
        # type: () -> QueryCommands
        """WHO, LIST and what else is asked of the server."""
        return QueryCommands(self)

    # -- life --------------------------------------------------------------------------

    def connection_made(self, transport):
        self.progress(self.settings.register_seconds)
        CommandServer.connection_made(self, transport)
        self.network.unregistered += 1
        address = peer(transport)
        host = ''
        if address is not None and address.port is not None:
            host = address.host
        self.user.host = _shown_host(host)
        if not self.network.admits(host):
            self.close_link(b'You are not allowed to connect')

    def connection_lost(self, exc):
        if self._timer is not None:
            self._timer.cancel()
        if self.state == ONLINE:
            self.state = ''
            self._gone(self._reason)
        elif self.state in (REGISTERING, HELD):
            self.state = ''
            self.network.unregistered -= 1
        self.auth = authdialogue.ENDED
        if self.session is not None:
            self.session.logout()
            self.session = None
        self.user.connection = None
        CommandServer.connection_lost(self, exc)

    def _gone(self, reason):
        # type: (bytes) -> None
        """Tells the others that the user is gone."""
        network = self.network
        user = self.user
        user.connection = None
        watchers = network.watchers_of(user.nick)
        network.remove(user, reason)
        for other in watchers:
            if other is not user and other.connection is not None:
                other.connection.notify(numerics.MONITOR_OFFLINE, [user.nick])

    def idle_expired(self):
        """Asks a silent client whether it is there; a second time it is gone."""
        if self.state != ONLINE:
            self.close_link(b'Registration timed out')
        elif self._pinged:
            self._depart(b'Ping timeout: %d seconds' % self.settings.pong_seconds)
        else:
            self._pinged = True
            self.send_line(b'PING :' + self.network.name)
            self.flush()
            self.idle_seconds = self.settings.pong_seconds
            self.restart_idle()

    def logged_in(self, session):
        # type: (Any) -> None
        """Called with the portal's Session of a login."""
        self.session = session
        self.capabilities.enter(account_of(session.name))

    def close_link(self, reason):
        # type: (bytes) -> None
        """Says ERROR and closes the connection."""
        self._reason = reason
        shown = clipped(b'ERROR :Closing Link: %s (%s)' % (self.user.host, reason), MAX_LINE - 2)
        self.say_goodbye(shown, heard=True)

    def _depart(self, reason):
        # type: (bytes) -> None
        """Closes the connection; the user is gone at once, whether the client reads or not."""
        if self.held & FULL:
            self.transport.abort()          # nothing that is sent now would be read
        else:
            self.close_link(reason)
        if self.state == ONLINE:
            self.state = ''
            self._gone(reason)

    def too_many_errors(self):
        self.close_link(b'Too many errors')

    def drain(self):
        """Says that the server stops, then closes."""
        if self.life not in (DRAINING, LEAVING):
            self.close_link(b'Server is shutting down')

    # -- lines that come -----------------------------------------------------------------

    def line_received(self, line):
        self._pinged = False
        self.idle_seconds = self.settings.ping_seconds
        if b'\n' in line:
            self.split_line(line)
            return
        line = line.rstrip(b'\r')
        tags = line[1:].partition(b' ')[0] if line[:1] == b'@' else b''
        rest = line[len(tags) + 2:] if line[:1] == b'@' else line
        if len(tags) > MAX_CLIENT_TAGS or len(rest) > MAX_LINE - 2:
            self.line_too_long()
            return
        rest = rest.lstrip(b' ')
        if rest[:1] == b':':                # a client is no other source than itself
            rest = rest.partition(b' ')[2].lstrip(b' ')
        if not rest or b'\x00' in line or b'\r' in line:
            self.restart_idle()             # as other servers do: nothing can be answered to it
            return
        self.tags = parse_tags(tags) if tags else {}
        label = self.tags.get(b'label') if self.user.capabilities & LABELED_RESPONSE else None
        self._label = label
        CommandServer.line_received(self, rest)
        if label is not None and self.pending is None:
            self._end_label()
        self._keep_pace()

    def line_too_long(self):
        CommandServer.line_too_long(self)
        self._keep_pace()

    @staticmethod
    def arguments_of(rest):
        return split_parameters(rest)

    def _keep_pace(self):
        # type: () -> None
        """Lets the next commands wait if this client has sent too many."""
        wait = self._pace.spend(1)
        if wait > 0 and self.life != LEAVING and self._timer is None:
            self.hold()
            self._timer = self.clock.call_later(wait, self._go_on)
            self.data_waits()

    def data_waits(self):
        """Goes on reading while the pace holds commands back, so that the client's end is noticed;
        one that sends too much meanwhile is closed."""
        if self._timer is None:
            CommandServer.data_waits(self)
        elif self.backlog > self.settings.max_backlog:
            self.close_link(b'Excess Flood')

    def eof_received(self):
        if self._timer is not None:         # no client reads the answers to what waits
            self.discard_backlog()
            self.close_link(b'Remote host closed the connection')
        return CommandServer.eof_received(self)

    def _go_on(self):
        # type: () -> None
        self._timer = None
        if self.pending is None:
            self.unpause()

    def unpause(self):
        if self._label is not None and self.pending is None and self.activity != BUSY:
            self._end_label()
        if self._timer is None:
            CommandServer.unpause(self)

    # -- lines that go -----------------------------------------------------------------

    def deliver(self, event):
        # type: (Event) -> None
        """Sends an Event with the tags that the client has asked for."""
        self._send(event.line_for(self.user.capabilities))

    def text_room(self, params=()):
        # type: (Sequence[bytes]) -> int
        """Octets that the text of a numeric with these parameters may have."""
        used = len(self.network.name) + len(self.user.nick or b'*') + len(b': 001  :\r\n')
        return MAX_LINE - used - sum(len(each) + 1 for each in params)

    def notify(self, numeric, params=(), text=None):
        # type: (Numeric, Sequence[bytes], Optional[bytes]) -> None
        """Sends a numeric that is no answer to a command."""
        label = self._label
        self._label = None
        self.reply(numeric, params, text)
        self._label = label

    def reply(self, numeric, params=(), text=None):
        # type: (Numeric, Sequence[bytes], Optional[bytes]) -> None
        """Sends a numeric to the client: its parameters behind the nick, and its text."""
        words = [b':' + self.network.name, numeric.code, self.user.nick or b'*']
        words.extend(params)
        last = numeric.text if text is None else text
        if last is not None:
            words.append(b':' + last)
        self.send_own(b' '.join(words))

    def send_own(self, line):
        # type: (bytes) -> None
        """Sends a line of ours, cut if it is too long."""
        line = clipped(line, MAX_LINE - 2) + b'\r\n'
        if self._label is not None:
            self._labelled.append(line)
        elif self.user.capabilities & SERVER_TIME:
            self._send(format_tags({b'time': self.network.timestamp()}) + line)
        else:
            self._send(line)

    def echo(self, event):
        # type: (Event) -> None
        """Sends the client what it has caused: among its answers, if they are labelled."""
        if self._label is not None:
            self._labelled.append(event.line_for(self.user.capabilities))
        else:
            self.deliver(event)

    def _send(self, line):
        # type: (bytes) -> None
        if self.life == LEAVING or self.transport is None:
            return
        if self.held & FULL:
            self._unread += len(line)
            if self._unread > self.settings.max_unread:
                self._reason = b'Max SendQ exceeded'
                self.transport.abort()
                return
        else:
            self._unread = 0
        self.send_line(line[:-2])

    def room(self):
        if self._label is not None:         # a long answer: what there is goes out first
            self._send_labelled(self._label)
        return CommandServer.room(self)

    def _end_label(self):
        # type: () -> None
        """Sends the answers of one command with its label (IRCv3 labeled-response)."""
        lines = self._labelled
        label = self._label or b''
        source = b':' + self.network.name
        if self._batch is None and not lines:
            self._send_tagged(source + b' ACK\r\n', {b'label': label})
        elif self._batch is None and len(lines) == 1:
            self._send_tagged(lines[0], {b'label': label})
        else:
            self._send_labelled(label)
            if self._batch:
                self._send(source + b' BATCH -' + self._batch + b'\r\n')
        self._label = None
        self._labelled = []
        self._batch = None

    def _send_labelled(self, label):
        # type: (bytes) -> None
        """Sends the answers that there are, in a batch if the client knows of them."""
        if self._batch is None:
            self._batch = b''
            if self.user.capabilities & BATCH:
                self._batch = b'%d' % self.network.next_number()
                self._send_tagged(b':%s BATCH +%s labeled-response\r\n'
                                  % (self.network.name, self._batch), {b'label': label})
        lines = self._labelled
        self._labelled = []
        for line in lines:
            if self._batch:
                self._send_tagged(line, {b'batch': self._batch})
            else:
                self._send(line)

    def _send_tagged(self, line, tags):
        # type: (bytes, Dict[bytes, bytes]) -> None
        """Sends a line with more tags than it may have already."""
        if line[:1] == b'@':
            message = parse_message(line[:-2])
            tags = _both(message.tags, tags)
            line = line.partition(b' ')[2]
        elif self.user.capabilities & SERVER_TIME:
            tags = _both({b'time': self.network.timestamp()}, tags)
        self._send(format_tags(tags) + line)

    def refuse(self, why, verb, syntax, exc=None):
        """Sends the numeric of a refusal."""
        word = shown(verb)
        if why == UNKNOWN and self.state == REGISTERING:
            why = WRONG_STATE
        if why == UNKNOWN:
            self.reply(numerics.UNKNOWN_COMMAND, [word])
        elif why == ARITY:
            self.reply(numerics.NEED_MORE_PARAMS, [word])
        elif why == TOO_LONG:
            self.reply(numerics.TOO_LONG)
        elif why == WRONG_STATE:
            self.reply(numerics.NOT_REGISTERED if self.state == REGISTERING
                       else numerics.ALREADY_REGISTERED)
        elif exc is not None and exc.reply is not None:
            self.send_own(exc.reply)
        else:
            self.reply(numerics.FAILED, [word])

    # -- registration ------------------------------------------------------------------

    def run_command(self, command, method, args):
        if self.state == HELD and command.verb not in _FREE:
            verb = command.verb

            def method(*params):
                # type: (*bytes) -> Any
                return self.network.held_command(self, verb, params)

        CommandServer.run_command(self, command, method, args)

    def cmd_pass(self, *params):
        # type: (*bytes) -> None
        """PASS (RFC 2812 section 3.1.1)."""
        self.password = params[0]

    def cmd_nick(self, *params):
        # type: (*bytes) -> Optional[Future]
        """NICK (RFC 2812 section 3.1.2)."""
        if not params or not params[0]:
            self.reply(numerics.NO_NICK)
            return None
        nick = params[0]
        if len(nick) > self.settings.max_nick or not _NICK.match(nick):
            self.reply(numerics.BAD_NICK, [shown(nick)])
            return None
        user = self.user
        refusal = self.network.nick_refusal(self, nick)
        if refusal is not None:
            self.reply(refusal, [nick])
        elif self.state == REGISTERING:
            user.nick = nick
            return self.try_to_register()
        elif self.state == HELD:
            self.echo(self.network.event(user, b'NICK', [nick]))
            user.nick = nick
        elif nick != user.nick:
            self._rename(nick)
        return None

    def _rename(self, nick):
        # type: (bytes) -> None
        """Gives the user another nick, and tells those who share a channel with it."""
        network = self.network
        user = self.user
        moved = network.fold(nick) != network.fold(user.nick)
        event = network.event(user, b'NICK', [nick])
        before = network.watchers_of(user.nick) if moved else []
        old = user.nick
        network.rename(user, nick)
        self.echo(event)
        for other in network.neighbours(user):
            other.deliver(event)
        for other in before:
            if other.connection is not None:
                other.connection.notify(numerics.MONITOR_OFFLINE, [old])
        if moved:
            self._announce()

    def cmd_user(self, *params):
        # type: (*bytes) -> Optional[Future]
        """USER (RFC 2812 section 3.1.3)."""
        name = _NOT_USER.sub(b'', params[0])[:self.settings.max_user - 1]
        self.user.username = b'~' + (name or b'user')
        self.user.realname = clipped(params[3], self.settings.max_realname)
        return self.try_to_register()

    def try_to_register(self):
        # type: () -> Optional[Future]
        """Takes the user in, once NICK and USER have come and no CAP is under way.

        Returns:  a Future of None while the network judges the client.
        """
        user = self.user
        if not user.nick or not user.username or self.waits_for_cap or self.state != REGISTERING:
            return None
        refusal = self.network.nick_refusal(self, user.nick)
        if refusal is not None:                             # taken meanwhile
            self.reply(refusal, [user.nick])
            user.nick = b''
            return None
        verdict = self.network.admission(self)
        if isinstance(verdict, Future):
            return verdict.then(self._judged)
        self._judged(verdict)
        return None

    def _judged(self, verdict):
        # type: (str) -> None
        """Acts on the verdict of the network."""
        if self.state != REGISTERING:
            return                                          # the client is gone
        if verdict == ADMITTED:
            self.enter()
        elif verdict == HELD_BACK:
            self.state = HELD
            self.progress(self.settings.hold_seconds)
            self._welcome()

    def enter(self):
        # type: () -> None
        """Takes the user into the network; its nick is free."""
        user = self.user
        welcomed = self.state == HELD
        self.state = ONLINE
        self.network.unregistered -= 1
        self.progress_until = NEVER
        self.restart_idle()
        user.signed_on = self.clock.wall()
        user.spoke_at = self.clock.time()
        if tls(self.transport) is not None:
            user.modes += b'Z'
        self.network.add(user)
        if not welcomed:
            self._welcome()
        self._announce()

    def _welcome(self):
        # type: () -> None
        """Sends what every client gets when it has registered (RFC 2812 section 5.1)."""
        network = self.network
        user = self.user
        self.reply(numerics.WELCOME, (), b'Welcome to the %s Network, %s'
                   % (network.network, user.source))
        self.reply(numerics.YOUR_HOST, (), b'Your host is %s, running version %s'
                   % (network.name, VERSION))
        self.reply(numerics.CREATED, (), b'This server was created '
                   + self.queries.spelled_time(network.created))
        self.reply(numerics.MY_INFO, [network.name, VERSION, b'iZ', b'beIiklmnopstv', b'beIklov'])
        for words in format_tokens(self._tokens()):
            self.reply(numerics.ISUPPORT, words)
        self.queries.cmd_lusers()
        self.queries.cmd_motd()

    def _tokens(self):
        # type: () -> List[Any]
        """The pairs of ISUPPORT."""
        settings = self.settings
        return [
            (b'AWAYLEN', b'%d' % settings.max_away),
            (b'CASEMAPPING', self.network.casemapping),
            (b'CHANLIMIT', b'#:%d' % settings.max_channels),
            (b'CHANMODES', b'beI,k,l,imnpst'),
            (b'CHANNELLEN', b'%d' % settings.max_channel),
            (b'CHANTYPES', b'#'),
            (b'ELIST', b'U'),
            (b'EXCEPTS', b'e'),
            (b'INVEX', b'I'),
            (b'KEYLEN', b'%d' % settings.max_key),
            (b'KICKLEN', b'%d' % settings.max_kick),
            (b'MAXLIST', b'beI:%d' % settings.max_list),
            (b'MODES', b'%d' % settings.max_modes),
            (b'MONITOR', b'%d' % settings.max_monitored),
            (b'NAMELEN', b'%d' % settings.max_realname),
            (b'NETWORK', self.network.network),
            (b'NICKLEN', b'%d' % settings.max_nick),
            (b'PREFIX', b'(ov)@+'),
            (b'SAFELIST', None),
            (b'TARGMAX', b'JOIN:,KICK:%d,NAMES:%d,NOTICE:%d,PRIVMSG:%d,TAGMSG:%d,WHOIS:1'
             % ((settings.max_targets,) * 5)),
            (b'TOPICLEN', b'%d' % settings.max_topic),
            (b'USERLEN', b'%d' % settings.max_user),
            (b'WHOX', None),
        ]

    def _announce(self):
        # type: () -> None
        """Tells those who monitor the nick that it is there."""
        user = self.user
        for other in self.network.watchers_of(user.nick):
            if other is not user and other.connection is not None:
                other.connection.notify(numerics.MONITOR_ONLINE, (), user.source)

    # -- small commands -----------------------------------------------------------------

    def cmd_quit(self, *params):
        # type: (*bytes) -> None
        """QUIT (RFC 2812 section 3.1.7)."""
        reason = b'Quit: ' + params[0] if params else b'Quit'
        reason = clipped(reason, self.settings.max_kick)
        if self.state == ONLINE:
            self._depart(reason)
        else:
            self.close_link(reason)

    def cmd_ping(self, *params):
        # type: (*bytes) -> None
        """PING (RFC 2812 section 3.7.2)."""
        if not params:
            self.reply(numerics.NO_ORIGIN)
            return
        name = self.network.name
        self.send_own(b':' + name + b' PONG ' + name + b' :' + params[0])

    def cmd_pong(self, *params):
        # type: (*bytes) -> None
        """PONG (RFC 2812 section 3.7.3)."""


# -- words in answers ----------------------------------------------------------------

def _shown_host(host):
    # type: (str) -> bytes
    """The host of a client; one that begins with a colon gets a zero in front."""
    octets = clipped(host.partition('%')[0].encode('ascii', 'replace'), MAX_HOST)
    if octets[:1] == b':':
        return b'0' + octets
    return octets or b'localhost'


def _both(first, second):
    # type: (Dict[bytes, bytes], Dict[bytes, bytes]) -> Dict[bytes, bytes]
    """The tags of both."""
    found = dict(first)
    found.update(second)
    return found
