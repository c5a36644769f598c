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
from carryall.core.compat import native
from carryall.core.line.commandserver import CommandServer, DRAINING, LEAVING
from carryall.core.line.commandtable import (ARITY, FORBIDDEN, TOO_LONG, UNKNOWN, WRONG_STATE,
                                             Command, CommandTable)
from carryall.core.line.framing import BUSY, FULL
from carryall.core.net.transport import peer, tls
from carryall.core.ratelimit import RateLimit
from carryall.protocols.irc import numerics
from carryall.protocols.irc.accountcommands import AccountCommands
from carryall.protocols.irc.capabilitycommands import CapabilityCommands, account_of
from carryall.protocols.irc.channelcommands import ChannelCommands
from carryall.protocols.irc.chatnetwork import User
from carryall.protocols.irc.taggedlines import BATCH, LABELED_RESPONSE, SERVER_TIME
from carryall.protocols.irc.numerics import shown
from carryall.protocols.irc.historycommands import HistoryCommands
from carryall.protocols.irc.messagecommands import MessageCommands
from carryall.protocols.irc.metadatacommands import MetadataCommands
from carryall.protocols.irc.modecommands import ModeCommands
from carryall.protocols.irc.multilinecommands import MultilineCommands
from carryall.protocols.irc.operatorcommands import NEEDED, OperatorCommands
from carryall.protocols.irc.querycommands import QueryCommands
from carryall.protocols.irc.registrationcommands import (VERSION, RegistrationCommands,
                                                         shown_host)
from carryall.protocols.irc.servercommands import ServerCommands
from carryall.protocols.irc.settings import Settings
from carryall.protocols.irc.textsplit import clipped, is_utf8
from carryall.protocols.irc.wire import (MAX_CLIENT_TAGS, MAX_LINE, format_tags, parse_message,
                                         parse_tags, split_parameters)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence
    from carryall.protocols.irc.chatnetwork import Network
    from carryall.protocols.irc.taggedlines import Event
    from carryall.protocols.irc.numerics import Numeric

__all__ = ['HELD', 'IRCServer', 'ONLINE', 'REGISTERING', 'VERSION']

# -- states ------------------------------------------------------------------------
REGISTERING = 'registering'
HELD = 'held'               # welcomed, but not in the network: see Network.admission
ONLINE = 'online'

_BOTH = (REGISTERING, HELD, ONLINE)
_ONLINE = (HELD, ONLINE)
_REGISTERING = (REGISTERING, HELD)

# Commands that mean the same for a client that is held; all others go to Network.held_command.
_FREE = frozenset((b'CAP', b'AUTHENTICATE', b'PASS', b'NICK', b'QUIT', b'PING', b'PONG'))

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
        password: of PASS, until the registration.
        batch: an OpenBatch that the client has begun; None for none.
        subscribed: keys of METADATA of which the client wants to hear.
        is_secure: True if a gateway says that its own client came by TLS.
    """

    commands = CommandTable([
        Command(b'CAP', 'capabilities.cmd_cap', _BOTH, (1, MANY),
                rfc='IRCv3 capability-negotiation'),
        Command(b'AUTHENTICATE', 'capabilities.cmd_authenticate', _BOTH, (1, MANY),
                rfc='IRCv3 sasl-3.1'),
        Command(b'PASS', 'registration.cmd_pass', _REGISTERING, (1, MANY), rfc='2812#3.1.1'),
        Command(b'NICK', 'registration.cmd_nick', _BOTH, (0, MANY), rfc='2812#3.1.2'),
        Command(b'USER', 'registration.cmd_user', _REGISTERING, (4, MANY), rfc='2812#3.1.3'),
        Command(b'WEBIRC', 'registration.cmd_webirc', _REGISTERING, (4, MANY), rfc='IRCv3 webirc'),
        Command(b'QUIT', 'cmd_quit', _BOTH, (0, MANY), rfc='2812#3.1.7'),
        Command(b'PING', 'cmd_ping', _BOTH, (0, MANY), rfc='2812#3.7.2'),
        Command(b'PONG', 'cmd_pong', _BOTH, (0, MANY), rfc='2812#3.7.3'),
        Command(b'JOIN', 'channel.cmd_join', _ONLINE, (1, MANY), rfc='2812#3.2.1'),
        Command(b'PART', 'channel.cmd_part', _ONLINE, (1, MANY), rfc='2812#3.2.2'),
        Command(b'MODE', 'modes.cmd_mode', _ONLINE, (1, MANY), rfc='2812#3.2.3'),
        Command(b'TOPIC', 'channel.cmd_topic', _ONLINE, (1, MANY), rfc='2812#3.2.4'),
        Command(b'NAMES', 'channel.cmd_names', _ONLINE, (0, MANY), rfc='2812#3.2.5'),
        Command(b'LIST', 'channel.cmd_list', _ONLINE, (0, MANY), rfc='2812#3.2.6'),
        Command(b'INVITE', 'channel.cmd_invite', _ONLINE, (2, MANY), rfc='2812#3.2.7'),
        Command(b'KICK', 'channel.cmd_kick', _ONLINE, (2, MANY), rfc='2812#3.2.8'),
        Command(b'KNOCK', 'channel.cmd_knock', _ONLINE, (1, MANY), rfc='modern'),
        Command(b'CHATHISTORY', 'history.cmd_chathistory', _ONLINE, (1, MANY),
                rfc='IRCv3 chathistory'),
        Command(b'MARKREAD', 'history.cmd_markread', _ONLINE, (1, MANY), rfc='IRCv3 read-marker'),
        Command(b'REDACT', 'history.cmd_redact', _ONLINE, (2, MANY),
                rfc='IRCv3 message-redaction'),
        Command(b'BATCH', 'multiline.cmd_batch', _ONLINE, (1, MANY), rfc='IRCv3 multiline'),
        Command(b'METADATA', 'metadata.cmd_metadata', _ONLINE, (2, MANY), rfc='IRCv3 metadata'),
        Command(b'REGISTER', 'accounts.cmd_register', _BOTH, (3, MANY),
                rfc='IRCv3 account-registration'),
        Command(b'VERIFY', 'accounts.cmd_verify', _BOTH, (2, MANY),
                rfc='IRCv3 account-registration'),
        Command(b'ISUPPORT', 'accounts.cmd_isupport', _BOTH, (0, MANY),
                rfc='IRCv3 extended-isupport'),
        Command(b'PRIVMSG', 'messages.cmd_privmsg', _ONLINE, (0, MANY), rfc='2812#3.3.1'),
        Command(b'NOTICE', 'messages.cmd_notice', _ONLINE, (0, MANY), rfc='2812#3.3.2'),
        Command(b'TAGMSG', 'messages.cmd_tagmsg', _ONLINE, (0, MANY), rfc='IRCv3 message-tags'),
        Command(b'AWAY', 'messages.cmd_away', _ONLINE, (0, MANY), rfc='2812#4.1'),
        Command(b'SETNAME', 'messages.cmd_setname', _ONLINE, (1, MANY), rfc='IRCv3 setname'),
        Command(b'MONITOR', 'messages.cmd_monitor', _ONLINE, (1, MANY), rfc='IRCv3 monitor'),
        Command(b'ACCEPT', 'messages.cmd_accept', _ONLINE, (0, MANY), rfc='modern'),
        Command(b'SILENCE', 'messages.cmd_silence', _ONLINE, (0, MANY), rfc='modern'),
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
        Command(b'HELP', 'information.cmd_help', _ONLINE, (0, MANY), rfc='modern'),
        Command(b'HELPOP', 'information.cmd_help', _ONLINE, (0, MANY), rfc='modern'),
        Command(b'LINKS', 'information.cmd_links', _ONLINE, (0, MANY), rfc='2812#3.4.5'),
        Command(b'STATS', 'information.cmd_stats', _ONLINE, (1, MANY), rfc='2812#3.4.4'),
        Command(b'TRACE', 'information.cmd_trace', _ONLINE, (0, MANY), rfc='2812#3.4.8'),
        Command(b'SERVLIST', 'information.cmd_servlist', _ONLINE, (0, MANY), rfc='2812#3.5.1'),
        Command(b'SQUERY', 'information.cmd_squery', _ONLINE, (2, MANY), rfc='2812#3.5.2'),
        Command(b'SERVICE', 'information.cmd_service', _BOTH, (0, MANY), rfc='2812#3.1.6'),
        Command(b'SUMMON', 'information.cmd_summon', _ONLINE, (0, MANY), rfc='2812#4.5'),
        Command(b'USERS', 'information.cmd_users', _ONLINE, (0, MANY), rfc='2812#4.6'),
        Command(b'ERROR', 'information.cmd_error', _BOTH, (0, MANY), rfc='2812#3.7.4'),
        Command(b'OPER', 'operating.cmd_oper', _ONLINE, (2, MANY), rfc='2812#3.1.4'),
        Command(b'KILL', 'operating.cmd_kill', _ONLINE, (2, MANY), True, rfc='2812#3.7.1'),
        Command(b'KLINE', 'operating.cmd_kline', _ONLINE, (0, MANY), True, rfc='modern'),
        Command(b'UNKLINE', 'operating.cmd_unkline', _ONLINE, (1, MANY), True, rfc='modern'),
        Command(b'DLINE', 'operating.cmd_dline', _ONLINE, (0, MANY), True, rfc='modern'),
        Command(b'UNDLINE', 'operating.cmd_undline', _ONLINE, (1, MANY), True, rfc='modern'),
        Command(b'UBAN', 'operating.cmd_uban', _ONLINE, (1, MANY), True, rfc='modern'),
        Command(b'WALLOPS', 'operating.cmd_wallops', _ONLINE, (1, MANY), True, rfc='2812#4.7'),
        Command(b'REHASH', 'operating.cmd_rehash', _ONLINE, (0, MANY), True, rfc='2812#4.2'),
        Command(b'DIE', 'operating.cmd_die', _ONLINE, (0, MANY), True, rfc='2812#4.3'),
        Command(b'RESTART', 'operating.cmd_die', _ONLINE, (0, MANY), True, rfc='2812#4.4'),
        Command(b'SAJOIN', 'operating.cmd_sajoin', _ONLINE, (2, MANY), True, rfc='modern'),
        Command(b'SAPART', 'operating.cmd_sapart', _ONLINE, (2, MANY), True, rfc='modern'),
        Command(b'SANICK', 'operating.cmd_sanick', _ONLINE, (2, MANY), True, rfc='modern'),
        Command(b'SAMODE', 'operating.cmd_samode', _ONLINE, (2, MANY), True, rfc='modern'),
        Command(b'CONNECT', 'operating.cmd_connect', _ONLINE, (1, MANY), True, rfc='2812#3.4.7'),
        Command(b'SQUIT', 'operating.cmd_connect', _ONLINE, (1, MANY), True, rfc='2812#3.1.8'),
    ])
    max_line = MAX_LINE - 2 + 1 + MAX_CLIENT_TAGS + 1
    _batch = None                       # type: Any  # its name; b'' for a client without batches
    max_bad_commands = 1 << 30          # the pace bounds them; clients ask what servers know
    lone_lf = True
    state = REGISTERING
    password = None                     # type: Optional[bytes]
    is_secure = False
    batch = None                        # type: Any  # an OpenBatch of the client
    subscribed = frozenset()            # type: Any  # keys of METADATA
    _place = None                       # type: Any  # in its connection class
    _timer = None                       # type: Any  # of the pace
    _unread = 0                         # octets that wait for a client that does not read
    _label = None                       # type: Optional[bytes]
    _reason = b'Connection closed'
    session = None                      # type: Any  # of the portal
    auth = None                         # type: Any  # an AuthDialogue, once there is a login

    def __init__(self, service, clock, settings=None):
        # type: (Network, Any, Optional[Settings]) -> None
        CommandServer.__init__(self, clock)
        self.settings = Settings() if settings is None else settings
        self.network = service
        self.user = User(self)
        self.tags = {}                      # type: Dict[bytes, bytes]
        self.waits_for_cap = False
        self.sasl_chunks = []               # type: List[bytes]
        self.idle_seconds = self.settings.ping_seconds
        self._pace = RateLimit(clock, self.settings.rate, self.settings.burst)
        self._pinged = False
        self._labelled = []                 # type: List[bytes]

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
    def information(self):
        # type: () -> ServerCommands
        """STATS, HELP and what else tells of the server itself."""
        return ServerCommands(self)

    @property
    def accounts(self):
        # type: () -> AccountCommands
        """REGISTER, VERIFY, ISUPPORT."""
        return AccountCommands(self)

    @property
    def history(self):
        # type: () -> HistoryCommands
        """CHATHISTORY, MARKREAD, REDACT."""
        return HistoryCommands(self)

    @property
    def metadata(self):
        # type: () -> MetadataCommands
        """METADATA."""
        return MetadataCommands(self)

    @property
    def multiline(self):
        # type: () -> MultilineCommands
        """BATCH."""
        return MultilineCommands(self)

    @property
    def modes(self):
        # type: () -> ModeCommands
        """MODE."""
        return ModeCommands(self)

    @property
    def operating(self):
        # type: () -> OperatorCommands
        """OPER, KILL and what else is for operators."""
        return OperatorCommands(self)

    @property
    def registration(self):
        # type: () -> RegistrationCommands
        """NICK, USER and what else makes a client a user."""
        return RegistrationCommands(self)

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
        self.courier = self.network.courier
        host = self.remote_host(transport)
        self._enter_class(host)
        self.progress(self.settings.register_seconds)
        CommandServer.connection_made(self, transport)
        self.network.unregistered += 1
        self.set_address(host)
        if self.network.classes is not None and self._place is None:
            self.close_link(b'Too many connections of your class')

    def remote_host(self, transport=None):
        # type: (Any) -> str
        """The address of the client's connection; '' for a Unix socket."""
        address = peer(self.transport if transport is None else transport)
        return '' if address is None or address.port is None else address.host

    def user_host(self):
        # type: () -> str
        """The address of the user, behind a gateway too; '' for a Unix socket."""
        octets = self.user.address
        return '' if octets == b'localhost' else native(octets)

    def is_online(self):
        # type: () -> bool
        """True if the user is in the network, and the connection not about to be closed."""
        return self.state == ONLINE and self.life != LEAVING

    def may_show_passwords(self):
        # type: () -> bool
        """True if the client may send a password in clear: by TLS, or by the settings."""
        return (self.settings.clear_auth or self.is_secure
                or tls(self.transport) is not None)

    def _enter_class(self, host):
        # type: (str) -> None
        """Takes the limits of the connection class of an address."""
        if self.network.classes is None:
            return
        place = self.network.classes.enter(host)
        if self._place is not None:
            self._place.leave()
        self._place = place
        if place is not None:
            self.settings = place.kind.settings
            self._pace = RateLimit(self.clock, self.settings.rate, self.settings.burst)

    def set_address(self, host, words=()):
        # type: (str, Sequence[bytes]) -> None
        """Takes an address as that of the user; one that is banned is told so.

        Args:     words: what a gateway says of its client: `secure` for TLS.
        """
        network = self.network
        user = self.user
        user.address = shown_host(host)
        user.host = user.address
        self.is_secure = b'secure' in words
        ban = network.bans.of_address(host) if host else None
        if ban is not None:
            self.reply(numerics.BANNED_FROM_SERVER, (),
                       b'You are banned from this server: ' + ban.reason)
            self.close_link(b'D-Lined: ' + ban.reason)
        elif not network.admits(host):
            self.close_link(b'You are not allowed to connect')

    def attach(self, user):
        # type: (User) -> None
        """Takes the place of the connection of a user that is there already."""
        former = user.connection
        own = self.user
        if former is not None:
            former.detach(b'Another connection has taken this place')
        user.connection = self
        user.capabilities = own.capabilities
        # Rights and TLS were those of the former connection, and bans are of the present address.
        user.operator = None
        self.network.set_modes(user, user.modes.replace(b'o', b'').replace(b'Z', b''))
        user.address = own.address
        self.network.show_host(user)
        self.user = user

    def detach(self, reason):
        # type: (bytes) -> None
        """Closes the connection, and leaves the user to another."""
        self.state = ''
        self.user = User()
        self.close_link(reason)

    def connection_lost(self, exc):
        if self._timer is not None:
            self._timer.cancel()
        if self._place is not None:
            self._place.leave()
            self._place = None
        if self.state == ONLINE:
            self.state = ''
            self._gone(self._reason)
        elif self.state in (REGISTERING, HELD):
            self.state = ''
            self.network.unregistered -= 1
            self.network.dropped(self)
        self.auth = authdialogue.ENDED
        if self.session is not None:
            self.session.logout()
            self.session = None
        if self.user.connection is self:
            self.user.connection = None
        CommandServer.connection_lost(self, exc)

    def _gone(self, reason, stays=True):
        # type: (bytes, bool) -> None
        """Tells the others that the user is gone."""
        network = self.network
        user = self.user
        user.connection = None
        if stays and network.stays(user):
            return
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
            self.end(b'Ping timeout: %d seconds' % self.settings.pong_seconds, True)
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

    def end(self, reason, stays=False):
        # type: (bytes, bool) -> None
        """Closes the connection; the user is gone at once, whether the client reads or not.

        Args:     stays: true: the network may let the user stay.
        """
        if self.held & FULL:
            self.transport.abort()          # nothing that is sent now would be read
        else:
            self.close_link(reason)
        if self.state == ONLINE:
            self.state = ''
            self._gone(reason, stays)

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
        if self.settings.utf8_only and not is_utf8(line):
            self.fail(rest.partition(b' ')[0].upper() or b'*', b'INVALID_UTF8', (),
                      b'Message rejected: this server takes UTF-8 alone')
            self._keep_pace()
            return
        self.tags = parse_tags(tags) if tags else {}
        label = self.tags.get(b'label') if self.user.capabilities & LABELED_RESPONSE else None
        self._label = label
        CommandServer.line_received(self, rest)
        if self._label is not None and self.pending is None:
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
        if self.user.operator is not None and self.user.may(b'unlimited'):
            return
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
        self.gather(event.line_for(self.user.capabilities))

    def gathered_late(self, data):
        self._send(data)

    def worked(self):
        self.flush()                    # a courier is for what others say

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
        self.send_own(self.line_of(numeric, params, text)[:-2])

    def line_of(self, numeric, params=(), text=None):
        # type: (Numeric, Sequence[bytes], Optional[bytes]) -> bytes
        """The line of a numeric with its CRLF, cut if it is too long."""
        words = [b':' + self.network.name, numeric.code, self.user.nick or b'*']
        words.extend(params)
        last = numeric.text if text is None else text
        if last is not None:
            words.append(b':' + last)
        return clipped(b' '.join(words), MAX_LINE - 2) + b'\r\n'

    def take_label(self):
        # type: () -> Optional[bytes]
        """The label of the command, which a later answer will have."""
        label, self._label = self._label, None
        return label

    def use_label(self, label):
        # type: (Optional[bytes]) -> None
        """Gives the answers of the command that label."""
        self._label = label

    def send_batch(self, kind, params, lines):
        # type: (bytes, Sequence[bytes], Sequence[bytes]) -> None
        """Sends lines as one batch, with the label of the command (IRCv3 batch).

        A client without batches gets the lines alone.
        """
        if not self.user.capabilities & BATCH:
            for line in lines:
                self._send(line)
            return
        label = self.take_label()
        name = b'%d' % self.network.next_number()
        words = [b':' + self.network.name, b'BATCH', b'+' + name, kind]
        words.extend(params)
        self._send_tagged(b' '.join(words) + b'\r\n', {} if label is None else {b'label': label})
        for line in lines:
            self._send_tagged(line, {b'batch': name})
        self._send(b':' + self.network.name + b' BATCH -' + name + b'\r\n')

    def echo_block(self, first, rest):
        # type: (bytes, bytes) -> None
        """Sends the client a batch that it has caused, with the label of the command."""
        label = self.take_label()
        if label is None:
            self._send(first)
        else:
            self._send_tagged(first, {b'label': label})
        self.gather(rest)

    def fail(self, command, code, context, text, kind=b'FAIL'):
        # type: (bytes, bytes, Sequence[bytes], bytes, bytes) -> None
        """Sends a standard reply (IRCv3 standard-replies).

        Args:     context: words of the command that it is about.
                  kind: FAIL, WARN or NOTE.
        """
        words = [b':' + self.network.name, kind, command, code]
        words.extend(shown(word) for word in context)
        self.send_own(b' '.join(words + [b':' + text]))

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
        self._send(format_tags(tags) + line if tags else line)

    def refuse(self, why, verb, syntax, exc=None):
        """Sends the numeric of a refusal."""
        word = shown(verb)
        if why == UNKNOWN and self.state == REGISTERING:
            why = WRONG_STATE
        if why == UNKNOWN:
            self.reply(numerics.UNKNOWN_COMMAND, [word])
        elif why == ARITY:
            self.reply(numerics.NEED_MORE_PARAMS, [word])
        elif why == FORBIDDEN:
            self.reply(numerics.NO_PRIVILEGES if self.user.operator is None
                       else numerics.NO_PRIVILEGE, [] if self.user.operator is None else [word])
        elif why == TOO_LONG:
            self.reply(numerics.TOO_LONG)
        elif why == WRONG_STATE:
            self.reply(numerics.NOT_REGISTERED if self.state == REGISTERING
                       else numerics.ALREADY_REGISTERED)
        elif exc is not None and exc.reply is not None:
            self.send_own(exc.reply)
        else:
            self.reply(numerics.FAILED, [word])

    def run_command(self, command, method, args):
        if self.state == HELD and command.verb not in _FREE:
            verb = command.verb

            def method(*params):
                # type: (*bytes) -> Any
                return self.network.held_command(self, verb, params)

        CommandServer.run_command(self, command, method, args)

    def enter(self):
        # type: () -> Any
        """Takes the user into the network; its nick is free."""
        return self.registration.enter()

    def authorised(self, command):
        # type: (Command) -> bool
        """True if the user is an operator with the privilege of the command."""
        return self.user.may(NEEDED[command.verb])

    # -- small commands -----------------------------------------------------------------

    def cmd_quit(self, *params):
        # type: (*bytes) -> None
        """QUIT (RFC 2812 section 3.1.7)."""
        reason = b'Quit: ' + params[0] if params else b'Quit'
        reason = clipped(reason, self.settings.max_kick)
        if self.state == ONLINE:
            self.end(reason, True)
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

def _both(first, second):
    # type: (Dict[bytes, bytes], Dict[bytes, bytes]) -> Dict[bytes, bytes]
    """The tags of both."""
    found = dict(first)
    found.update(second)
    return found
