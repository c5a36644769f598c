# Copyright the carryall authors.  See LICENSE.
"""Users and channels of an IRC server, and the rights of users in channels.

    network = Network(loop, b'irc.example')
    network.add(user)
    network.channel_of(b'#tea')

Not here: lines and connections (server.py).
Tests:    tests/protocols/irc/test_chatnetwork.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.line.commandserver import Courier
from carryall.core.ratelimit import KeyedRateLimit
from carryall.protocols.irc import numerics
from carryall.protocols.irc.chatchannel import Channel
from carryall.protocols.irc.connectionclasses import ConnectionClasses
from carryall.protocols.irc.foldednames import fold_ascii
from carryall.protocols.irc.messagearchive import conversation_of
from carryall.protocols.irc.networkbans import NetworkBans
from carryall.protocols.irc.taggedlines import (ACCOUNT_TAG, CAPABILITIES, CHATHISTORY,
                                                CHGHOST, EXTENDED_ISUPPORT, MESSAGE_TAGS,
                                                METADATA, MULTILINE, READ_MARKER, REDACTION,
                                                REGISTRATION, Event, spelled_moment)
from carryall.protocols.irc.textsplit import clipped
from carryall.protocols.irc.wire import MAX_LINE, format_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Set
    from carryall.protocols.irc.operatorclasses import Operator

__all__ = ['ADMITTED', 'HELD_BACK', 'Network', 'REFUSED', 'User']

# -- verdicts of Network.admission ---------------------------------------------------
ADMITTED = 'admitted'
HELD_BACK = 'held back'     # it is welcomed, and then has to prove itself: Network.held_command
REFUSED = 'refused'         # the network has closed the connection

# -- limits ------------------------------------------------------------------------
# Capabilities that every network has; a service adds those that need a store.
OFFERED = (sum(bit for name, bit in CAPABILITIES.items() if name[:6] != b'draft/')
           | EXTENDED_ISUPPORT | MULTILINE)
KNOCK_SECONDS = 300.0       # between two KNOCKs of one user on one channel
LEAST_STEP = 1e-6           # seconds between the times of two events
MAX_WHOWAS = 1000           # users that have gone and are remembered

# Messages whose last parameter is a text -> their parameters then.  The text has a colon always:
# clients of a few hundred lines look for one, and show nothing of a single word without it.
TEXTS = {b'AWAY': 1, b'JOIN': 3, b'KICK': 3, b'KILL': 2, b'NICK': 1, b'NOTICE': 2,
         b'PART': 2, b'PRIVMSG': 2, b'QUIT': 1, b'SETNAME': 1, b'TOPIC': 2, b'WALLOPS': 1}


class User(object):
    """One user.

    Attributes:
        nick, username, realname: bytes.
        host: that others see; address: the real one, which operators see.
        vhost: host that HostServ has given, or None.
        account: the account's name (bytes), or None.
        away: the text of AWAY, or None.
        modes: letters of user modes (bytes).
        operator: an Operator, or None.
        channels: folded name -> Channel.
        capabilities: bits of taggedlines.py.
        connection: the IRCServer; None once it is lost.
        signed_on, spoke_at: Unix times.
        monitored: folded nicks that the user watches.
        invitations: channels that the user may enter in spite of +i.
        accepted: folded nicks whose messages mode g lets through.
        silenced: masks whose messages do not come, text -> UserMask.
    """

    __slots__ = ('nick', 'username', 'host', 'address', 'vhost', 'realname', 'account', 'away',
                 'modes', 'operator', 'channels', 'capabilities', 'connection', 'signed_on',
                 'spoke_at', 'monitored', 'invitations', 'accepted', 'silenced')

    def __init__(self, connection=None):
        # type: (Any) -> None
        self.nick = b''
        self.username = b''
        self.host = b''
        self.address = b''
        self.vhost = None               # type: Optional[bytes]
        self.realname = b''
        self.account = None             # type: Optional[bytes]
        self.away = None                # type: Optional[bytes]
        self.modes = b''
        self.operator = None            # type: Optional[Operator]
        self.channels = {}              # type: Dict[bytes, Channel]
        self.capabilities = 0
        self.connection = connection
        self.signed_on = 0.0
        self.spoke_at = 0.0
        # Most users have none of these: they share one that is empty.
        self.monitored = _NONE          # type: Any
        self.invitations = _NONE        # type: Any
        self.accepted = _NONE           # type: Any
        self.silenced = _NO_MASKS       # type: Any

    @property
    def source(self):
        # type: () -> bytes
        """nick!user@host."""
        return self.nick + b'!' + self.username + b'@' + self.host

    def may(self, privilege):
        # type: (bytes) -> bool
        """True if the user is an operator with that privilege."""
        return self.operator is not None and privilege in self.operator.privileges

    def deliver(self, event):
        # type: (Event) -> None
        """Sends an Event to the user."""
        if self.connection is not None:
            self.connection.deliver(event)


_NONE = frozenset()             # type: Any
_NO_MASKS = {}                  # type: Dict[bytes, Any]


class Network(object):
    """The users and channels of one server: the *service* of IRCServer.

    Args:     clock: the loop.
              name:  of the server, b'irc.example'.
              network: of the network, for ISUPPORT.
              motd:  lines of the message of the day (bytes), or None.
              portal, guard: judge passwords and count failures; None: there are no logins.
              admits: called with a client's address (text), True if it may connect; None: all may.

    Attributes:
        users: folded nick -> User.
        channels: folded name -> Channel.
        whowas: (nick, user, host, realname) of users that have gone, the latest first.
        most: users at the same time.
        created: Unix time.
        unregistered: connections that have not registered.
        invisible, operators_online: users with mode i, and with mode o.
        bans: a NetworkBans.
        classes: ConnectionClasses; None: all connections have the same limits.
        operators: account (bytes) -> an Operator that it may become.
        gateways: Gateways that may give WEBIRC.
        cloak: called with an address (bytes), gives the host that is shown; None: as it is.
        archive: a MessageArchive; None: nothing is kept.
        metadata: a MetadataBook, or None.
        accounts: has ``register(server, name, password)``, a Future of the account (bytes) that
            may fail with AccountRefused; None: no accounts are registered.
        courier: sends what has gathered at the end of the loop's turn.
    """

    fold = staticmethod(fold_ascii)
    casemapping = b'ascii'

    def __init__(self, clock, name=b'localhost', network=b'carryall', motd=None, portal=None,
                 guard=None, admits=None):
        # type: (Any, bytes, bytes, Optional[Sequence[bytes]], Any, Any, Any) -> None
        self.clock = clock
        self.name = name
        self.network = network
        self.motd = motd
        self.portal = portal
        self.guard = guard
        self.users = {}                 # type: Dict[bytes, User]
        self.channels = {}              # type: Dict[bytes, Channel]
        self.whowas = deque(maxlen=MAX_WHOWAS)  # type: Any
        self.admits = admits if admits is not None else _all
        self.most = 0
        self.created = clock.wall()
        self.unregistered = 0
        self.invisible = 0
        self.operators_online = 0
        self.bans = NetworkBans(clock, self.fold)
        self.classes = None             # type: Optional[ConnectionClasses]
        self.operators = {}             # type: Dict[bytes, Operator]
        self.gateways = ()              # type: Sequence[Any]
        self.cloak = None               # type: Optional[Callable[[bytes], bytes]]
        self.archive = None             # type: Any
        self.metadata = None            # type: Any
        self.accounts = None            # type: Any
        self.courier = Courier(clock)
        self._watchers = {}             # type: Dict[bytes, Set[User]]
        self._knocks = KeyedRateLimit(clock, 1.0 / KNOCK_SECONDS, 1.0)
        self._run = b'%d' % (self.created * 1000)
        self._numbers = 0
        self._last_at = 0.0

    @property
    def offered(self):
        # type: () -> int
        """Bits of the capabilities that clients may have."""
        bits = OFFERED
        if self.archive is not None:
            bits |= CHATHISTORY | READ_MARKER | REDACTION
        if self.metadata is not None:
            bits |= METADATA
        if self.accounts is not None:
            bits |= REGISTRATION
        return bits

    def subject_of(self, user):
        # type: (User) -> bytes
        """The subject of the user's values in a MetadataBook."""
        if user.account is not None:
            return b'+' + self.fold(user.account)
        return b'!' + self.fold(user.nick)

    # -- users -------------------------------------------------------------------------

    def user_of(self, nick):
        # type: (bytes) -> Optional[User]
        """The User of that nick; None if there is none."""
        return self.users.get(self.fold(nick))

    def add(self, user):
        # type: (User) -> None
        """Takes a user in whose nick is free."""
        self.users[self.fold(user.nick)] = user
        self._count(user.modes, 1)
        self.most = max(self.most, len(self.users))

    def rename(self, user, nick):
        # type: (User, bytes) -> None
        """Gives a user another nick, which is free or its own in other letters."""
        del self.users[self.fold(user.nick)]
        if self.metadata is not None:
            self.metadata.forget(b'!' + self.fold(user.nick))
        user.nick = nick
        self.users[self.fold(nick)] = user
        self.names_changed(user)

    def set_modes(self, user, modes):
        # type: (User, bytes) -> None
        """Gives the user other modes."""
        if self.users.get(self.fold(user.nick)) is user:
            self._count(user.modes, -1)
            self._count(modes, 1)
        user.modes = modes

    def _count(self, modes, step):
        # type: (bytes, int) -> None
        """Counts the users that are invisible, and the operators."""
        if modes:
            self.invisible += step * (b'i' in modes)
            self.operators_online += step * (b'o' in modes)

    @staticmethod
    def names_changed(user):
        # type: (User) -> None
        """Notes that masks may stand for the user now, or no longer."""
        for channel in user.channels.values():
            channel.forget(user)

    def host_of(self, user):
        # type: (User) -> bytes
        """The host of the user that others see."""
        if user.vhost is not None:
            return user.vhost
        if self.cloak is not None and b'x' in user.modes:
            return self.cloak(user.address)
        return user.address

    def show_host(self, user):
        # type: (User) -> None
        """Shows the user with its present host, and tells the others of it (IRCv3 chghost)."""
        host = self.host_of(user)
        if host == user.host:
            return
        before = user.source
        user.host = host
        self.names_changed(user)
        if self.users.get(self.fold(user.nick)) is not user:
            return                          # it has not registered yet
        event = self.event_from(before, b'CHGHOST', [user.username, host], (), user.account)
        event.spread(other for other in self.neighbours(user) | set([user])
                     if other.capabilities & CHGHOST)

    def remove(self, user, reason):
        # type: (User, bytes) -> None
        """Lets a user go; those who share a channel are told."""
        event = self.event(user, b'QUIT', [reason])
        event.spread(self.neighbours(user))
        for channel in list(user.channels.values()):
            self.leave(user, channel)
        for channel in list(user.invitations):
            self.uninvite(user, channel)
        if self.users.pop(self.fold(user.nick), None) is not None:
            self._count(user.modes, -1)
        if self.metadata is not None:
            self.metadata.forget(b'!' + self.fold(user.nick))
        self.whowas.appendleft((user.nick, user.username, user.host, user.realname))
        for nick in user.monitored:
            self.unwatch(user, nick)

    def neighbours(self, user):
        # type: (User) -> Set[User]
        """The others in the user's channels."""
        found = set()                   # type: Set[User]
        for channel in user.channels.values():
            found.update(channel.members)
        found.discard(user)
        return found

    # -- hooks, for a network that shares its users and channels with other protocols --------
    # Those that may return a Future delay the answer to the command until it is done.

    def nick_refusal(self, server, nick):
        # type: (Any, bytes) -> Optional[numerics.Numeric]
        """The numeric that refuses a nick to the client of *server*; None: it may have it."""
        other = self.user_of(nick)
        if other is None or other is server.user or self.may_attach(server.user, other):
            return None
        return numerics.NICK_IN_USE

    def admission(self, server):
        # type: (Any) -> Any
        """Judges a client that has sent all it needs to register, or a Future of the verdict.

        It may give ``server.user`` another nick first.  ``server.password`` is that of PASS, and
        ``server.session`` the login by SASL.
        """
        return server.registration.judged_by_password()

    def held(self, server):
        # type: (Any) -> None
        """Called behind the welcome of a client that is held back."""

    def dropped(self, server):
        # type: (Any) -> None
        """Called when a client has gone that was not in the network yet."""

    def join_refusal(self, user, name):
        # type: (User, bytes) -> Optional[numerics.Numeric]
        """The numeric that keeps a user out of a channel; None: modes and bans let it in."""
        return None

    def remembered(self, name):
        # type: (bytes) -> Optional[Channel]
        """A Channel with the modes and lists that one without members will have when it is made;
        None for the usual."""
        return None

    def joining(self, user, name):
        # type: (User, bytes) -> Any
        """Notes that a user is about to enter a channel, which it does behind a Future."""

    def join_failed(self, user):
        # type: (User) -> None
        """Notes that a user has not entered the channel of ``joining``."""

    def held_command(self, server, verb, params):
        # type: (Any, bytes, Sequence[bytes]) -> Any
        """Obeys a command of a client that is held back; ``server.enter()`` lets it in."""
        server.reply(numerics.NOT_REGISTERED)

    def may_attach(self, user, other):
        # type: (User, User) -> bool
        """True if the user may take the place of another as it registers."""
        return False

    def entered(self, user):
        # type: (User) -> Any
        """Notes that a user has registered, or come back."""

    def stays(self, user):
        # type: (User) -> bool
        """True if the user stays when its connection is gone."""
        return False

    def nick_changed(self, user):
        # type: (User) -> Any
        """Notes that a user that is online has another nick."""

    def spoke(self, user, verb, target, text, event):
        # type: (User, bytes, Any, bytes, Event) -> Any
        """Notes PRIVMSG or NOTICE to *target*, a Channel or a User; its echo waits for a Future.
        """
        if self.archive is None:
            return None
        sender = None if user.account is None else self.fold(user.account)
        if isinstance(target, Channel):
            return self.archive.append(self.fold(target.name), event, user.account)
        if sender is None or target.account is None:
            return None
        return self.archive.append(conversation_of(sender, self.fold(target.account)), event,
                                   user.account)

    def spoke_to_absent(self, user, verb, name, text):
        # type: (User, bytes, bytes, bytes) -> Any
        """Takes a message for a nick that is not there; None: it is refused."""
        return None

    def channel_made(self, channel):
        # type: (Channel) -> Any
        """Notes that a channel was made for its first member."""

    def channel_ended(self, channel):
        # type: (Channel) -> Any
        """Notes that the last member has left.  What was said where not everybody could come in is
        not for those who make a channel of that name later."""
        if self.archive is not None and channel.is_closed():
            self.archive.forget(self.fold(channel.name))

    def standing_of(self, user, channel):
        # type: (User, Channel) -> Optional[bytes]
        """Letters of the standing that the user enters a channel with; None: the usual."""
        return None

    def topic_changed(self, user, channel):
        # type: (User, Channel) -> Any
        """Notes a new topic, of which the members are told behind a Future."""

    def modes_changed(self, user, channel):
        # type: (User, Channel) -> Any
        """Notes that modes or lists of a channel were changed, of which the members are told behind
        a Future."""

    def account_changed(self, user):
        # type: (User) -> Any
        """Notes that a user has logged in or out."""
        self.names_changed(user)

    def away_changed(self, user):
        # type: (User) -> Any
        """Notes that a user is away, or back."""

    def tokens(self):
        # type: () -> List[Any]
        """More pairs of ISUPPORT."""
        return []

    def service_names(self):
        # type: () -> List[bytes]
        """The names of the services, for SERVLIST."""
        return []

    def rehash(self):
        # type: () -> Any
        """Reads files again, for REHASH."""

    def die(self):
        # type: () -> Any
        """Ends the server, for DIE."""

    # -- MONITOR -----------------------------------------------------------------------

    def watch(self, user, nick):
        # type: (User, bytes) -> None
        """Has the user told when a nick (folded) comes and goes."""
        if user.monitored is _NONE:
            user.monitored = set()
        user.monitored.add(nick)
        self._watchers.setdefault(nick, set()).add(user)

    def unwatch(self, user, nick):
        # type: (User, bytes) -> None
        """Ends that."""
        watchers = self._watchers.get(nick, set())
        watchers.discard(user)
        if not watchers:
            self._watchers.pop(nick, None)

    def watchers_of(self, nick):
        # type: (bytes) -> List[User]
        """The users that monitor a nick."""
        return list(self._watchers.get(self.fold(nick), ()))

    # -- channels ----------------------------------------------------------------------

    def channel_of(self, name):
        # type: (bytes) -> Optional[Channel]
        """The Channel of that name; None if there is none."""
        return self.channels.get(self.fold(name))

    def make_channel(self, name):
        # type: (bytes) -> Channel
        """A new channel without members."""
        channel = Channel(name, self.clock)
        self.channels[self.fold(name)] = channel
        self.channel_made(channel)
        return channel

    def join(self, user, name):
        # type: (User, bytes) -> Channel
        """Puts the user into the channel, which is made if there is none: its operator then."""
        folded = self.fold(name)
        channel = self.channels.get(folded)
        if channel is None:
            channel = self.make_channel(name)
        standing = self.standing_of(user, channel)
        if standing is None:
            standing = b'' if channel.members else b'o'
        channel.members[user] = standing
        if user.invitations:
            self.uninvite(user, channel)
        user.channels[folded] = channel
        return channel

    @staticmethod
    def invite(user, channel):
        # type: (User, Channel) -> None
        """Lets the user enter the channel once in spite of its modes."""
        channel.invited.add(user)
        if user.invitations is _NONE:
            user.invitations = set()
        user.invitations.add(channel)

    @staticmethod
    def uninvite(user, channel):
        # type: (User, Channel) -> None
        """Ends that."""
        channel.invited.discard(user)
        if user.invitations:
            user.invitations.discard(channel)

    def leave(self, user, channel):
        # type: (User, Channel) -> None
        """Takes the user out; a channel without members is gone."""
        folded = self.fold(channel.name)
        channel.members.pop(user, None)
        channel.forget(user)
        user.channels.pop(folded, None)
        if not channel.members:
            self.channels.pop(folded, None)
            for other in list(channel.invited):
                self.uninvite(other, channel)
            self.channel_ended(channel)

    def may_knock(self, user, name):
        # type: (User, bytes) -> bool
        """Counts a KNOCK on a channel, or a try to reach a user; false if one is too many."""
        return self._knocks.take((user.source, self.fold(name)))

    # -- events ------------------------------------------------------------------------

    def event(self, user, command, params, tags=()):
        # type: (User, bytes, Sequence[bytes], Iterable[Any]) -> Event
        """A line from that user, with its time, account and number."""
        if b'B' in user.modes:
            tags = list(tags) + [(MESSAGE_TAGS, b'bot', b'')]   # IRCv3 bot-mode
        return self.event_from(user.source, command, params, tags, user.account)

    def event_from(self, source, command, params, tags=(), account=None):
        # type: (bytes, bytes, Sequence[bytes], Iterable[Any], Optional[bytes]) -> Event
        """A line from that source; a text at its end is cut to what fits."""
        known = list(tags)              # type: List[Any]
        if account is not None:
            known.append((ACCOUNT_TAG, b'account', account))
        has_text = len(params) == TEXTS.get(command, 0)
        if has_text:
            room = MAX_LINE - len(source) - len(command) - len(b':  :\r\n')
            room -= sum(len(each) + 1 for each in params[:-1])
            params = list(params[:-1]) + [clipped(params[-1], max(1, room))]
        # No two events have one time, so that history can tell which was first.
        at = max(self.clock.wall(), self._last_at + LEAST_STEP)
        self._last_at = at
        return Event(format_message(command, params, source, colon=has_text), known, at,
                     b'%s-%x' % (self._run, self.next_number()))

    def next_number(self):
        # type: () -> int
        """A number that no other message or batch has."""
        self._numbers += 1
        return self._numbers

    def timestamp(self):
        # type: () -> bytes
        """The present time as the capability server-time spells it."""
        return spelled_moment(self.clock.wall())


def _all(_):
    # type: (str) -> bool
    """Every client may connect."""
    return True
