# Copyright the carryall authors.  See LICENSE.
"""Users and channels of an IRC server, and the rights of users in channels.

    network = Network(loop, b'irc.example')
    network.add(user)
    network.channel_of(b'#tea')

Not here: lines and connections (server.py).
Tests:    tests/protocols/irc/test_chatnetwork.py
"""
from __future__ import absolute_import, division, print_function

from collections import OrderedDict, deque

from carryall.core.codec.calendardates import civil
from carryall.core.records import namedtuple
from carryall.protocols.irc import numerics
from carryall.protocols.irc.channelmodes import ModeTable
from carryall.protocols.irc.taggedlines import ACCOUNT_TAG, MESSAGE_TAGS, SERVER_TIME, Event
from carryall.protocols.irc.foldednames import fold_ascii
from carryall.protocols.irc.hostmask import Mask
from carryall.protocols.irc.textsplit import clipped
from carryall.protocols.irc.wire import MAX_LINE, format_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, List, Optional, Sequence, Set

__all__ = ['ADMITTED', 'Channel', 'Entry', 'HELD_BACK', 'Network', 'REFUSED', 'User']

# -- verdicts of Network.admission ---------------------------------------------------
ADMITTED = 'admitted'
HELD_BACK = 'held back'     # it is welcomed, and then has to prove itself: Network.held_command
REFUSED = 'refused'         # the network has closed the connection

# -- modes of channels ------------------------------------------------------------
LISTS = b'beI'              # bans, exceptions of bans, exceptions of +i: RFC 2811 section 4.3
FLAGS = b'imnpst'           # RFC 2811 section 4.2
MEMBERS = ((b'o', b'@'), (b'v', b'+'))
TABLE = ModeTable([LISTS, b'k', b'l', FLAGS], b''.join(letter for letter, _ in MEMBERS))

MAX_WHOWAS = 1000           # users that have gone and are remembered

# Messages whose last parameter is a text -> their parameters then.  The text has a colon always:
# clients of a few hundred lines look for one, and show nothing of a single word without it.
TEXTS = {b'AWAY': 1, b'JOIN': 3, b'KICK': 3, b'NICK': 1, b'NOTICE': 2, b'PART': 2, b'PRIVMSG': 2,
         b'QUIT': 1, b'SETNAME': 1, b'TOPIC': 2}


class Entry(namedtuple('Entry', 'mask setter at')):
    """One mask in a list of a channel, with its setter (bytes) and its Unix time."""

    __slots__ = ()


class User(object):
    """One user.

    Attributes:
        nick, username, host, realname: bytes.
        account: the account's name (bytes), or None.
        away: the text of AWAY, or None.
        modes: letters of user modes (bytes).
        channels: folded name -> Channel.
        capabilities: bits of taggedlines.py.
        connection: has ``deliver(event)``; None once it is lost.
        signed_on, spoke_at: Unix times.
        monitored: folded nicks that the user watches.
        invitations: channels that the user may enter in spite of +i.
    """

    __slots__ = ('nick', 'username', 'host', 'realname', 'account', 'away', 'modes', 'channels',
                 'capabilities', 'connection', 'signed_on', 'spoke_at', 'monitored',
                 'invitations')

    def __init__(self, connection=None):
        # type: (Any) -> None
        self.nick = b''
        self.username = b''
        self.host = b''
        self.realname = b''
        self.account = None             # type: Optional[bytes]
        self.away = None                # type: Optional[bytes]
        self.modes = b''
        self.channels = {}              # type: Dict[bytes, Channel]
        self.capabilities = 0
        self.connection = connection
        self.signed_on = 0.0
        self.spoke_at = 0.0
        self.monitored = set()          # type: Set[bytes]
        self.invitations = set()        # type: Set[Channel]

    @property
    def source(self):
        # type: () -> bytes
        """nick!user@host."""
        return self.nick + b'!' + self.username + b'@' + self.host

    def deliver(self, event):
        # type: (Event) -> None
        """Sends an Event to the user."""
        if self.connection is not None:
            self.connection.deliver(event)


class Channel(object):
    """One channel.

    Attributes:
        name: as it was first spelled (bytes).
        created: Unix time.
        members: User -> letters of its standing, b'o' or b'ov', in the order of joining.
        modes: letter -> argument; b'' for a flag.
        lists: letter -> Entry objects.
        invited: users that may enter in spite of +i.
        topic, topic_setter, topic_at: text, source and Unix time; b'' without a topic.
    """

    __slots__ = ('name', 'created', 'members', 'modes', 'lists', 'invited', 'topic',
                 'topic_setter', 'topic_at', '_fold')

    def __init__(self, name, created, fold):
        # type: (bytes, float, Any) -> None
        self.name = name
        self.created = created
        self.members = OrderedDict()    # type: Dict[User, bytes]
        self.modes = {b'n': b'', b't': b''}
        self.lists = dict((LISTS[place:place + 1], []) for place in range(len(LISTS))
                          )                 # type: Dict[bytes, List[Entry]]
        self.invited = set()            # type: Set[User]
        self.topic = b''
        self.topic_setter = b''
        self.topic_at = 0.0
        self._fold = fold

    # -- who may ---------------------------------------------------------------------

    def is_operator(self, user):
        # type: (User) -> bool
        """True if the user is an operator of the channel."""
        return b'o' in self.members.get(user, b'')

    def matches(self, letter, user):
        # type: (bytes, User) -> bool
        """True if a mask in the list of that letter stands for the user."""
        source = user.source
        return any(Mask(entry.mask, self._fold).matches(source) for entry in self.lists[letter])

    def is_banned(self, user):
        # type: (User) -> bool
        """True if a ban stands for the user, and no exception does."""
        return self.matches(b'b', user) and not self.matches(b'e', user)

    def may_speak(self, user):
        # type: (User) -> bool
        """True if the user may send to the channel (RFC 2811 sections 4.2.3, 4.2.4, 4.3.1)."""
        standing = self.members.get(user)
        if standing:
            return True
        if b'm' in self.modes or standing is None and b'n' in self.modes:
            return False
        return not self.is_banned(user)

    def is_hidden_from(self, user):
        # type: (User) -> bool
        """True if the channel is secret or private, and the user not in it."""
        return (b's' in self.modes or b'p' in self.modes) and user not in self.members

    # -- what is said of it ------------------------------------------------------------

    def signs_of(self, user, every):
        # type: (User, bool) -> bytes
        """The signs of a member's standing, *every* one or the highest only."""
        standing = self.members.get(user, b'')
        signs = [sign for letter, sign in MEMBERS if letter in standing]
        return b''.join(signs if every else signs[:1])

    def mode_words(self, shows_key):
        # type: (bool) -> List[bytes]
        """The modes with their arguments, for RPL_CHANNELMODEIS; a key only to members."""
        letters = b''.join(sorted(self.modes))
        words = [b'+' + letters]
        for letter in sorted(self.modes):
            if self.modes[letter]:
                words.append(self.modes[letter] if shows_key or letter != b'k' else b'*')
        return words

    def send(self, event, but=None):
        # type: (Event, Optional[User]) -> None
        """Sends an Event to all members but one."""
        for member in list(self.members):
            if member is not but:
                member.deliver(event)


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
        self._watchers = {}             # type: Dict[bytes, Set[User]]
        self._numbers = 0

    # -- users -------------------------------------------------------------------------

    def user_of(self, nick):
        # type: (bytes) -> Optional[User]
        """The User of that nick; None if there is none."""
        return self.users.get(self.fold(nick))

    def add(self, user):
        # type: (User) -> None
        """Takes a user in whose nick is free."""
        self.users[self.fold(user.nick)] = user
        self.most = max(self.most, len(self.users))

    def rename(self, user, nick):
        # type: (User, bytes) -> None
        """Gives a user another nick, which is free or its own in other letters."""
        del self.users[self.fold(user.nick)]
        user.nick = nick
        self.users[self.fold(nick)] = user

    def remove(self, user, reason):
        # type: (User, bytes) -> None
        """Lets a user go; those who share a channel are told."""
        event = self.event(user, b'QUIT', [reason])
        for other in self.neighbours(user):
            other.deliver(event)
        for channel in list(user.channels.values()):
            self.leave(user, channel)
        for channel in list(user.invitations):
            self.uninvite(user, channel)
        self.users.pop(self.fold(user.nick), None)
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
        return None if other is None or other is server.user else numerics.NICK_IN_USE

    def admission(self, server):
        # type: (Any) -> Any
        """Judges a client that has sent all it needs to register, or a Future of the verdict.

        It may give ``server.user`` another nick first.  ``server.password`` is that of PASS, and
        ``server.session`` the login by SASL.
        """
        return ADMITTED

    def held_command(self, server, verb, params):
        # type: (Any, bytes, Sequence[bytes]) -> Any
        """Obeys a command of a client that is held back; ``server.enter()`` lets it in."""
        server.reply(numerics.NOT_REGISTERED)

    def spoke(self, user, verb, target, text, event):
        # type: (User, bytes, Any, bytes, Event) -> Any
        """Notes PRIVMSG or NOTICE to *target*, a Channel or a User; its echo waits for a Future.
        """

    def spoke_to_absent(self, user, verb, name, text):
        # type: (User, bytes, bytes, bytes) -> Any
        """Takes a message for a nick that is not there; None: it is refused."""
        return None

    def topic_changed(self, user, channel):
        # type: (User, Channel) -> Any
        """Notes a new topic, of which the members are told behind a Future."""

    def away_changed(self, user):
        # type: (User) -> Any
        """Notes that a user is away, or back."""

    # -- MONITOR -----------------------------------------------------------------------

    def watch(self, user, nick):
        # type: (User, bytes) -> None
        """Has the user told when a nick (folded) comes and goes."""
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

    def join(self, user, name):
        # type: (User, bytes) -> Channel
        """Puts the user into the channel, which is made if there is none: its operator then."""
        folded = self.fold(name)
        channel = self.channels.get(folded)
        if channel is None:
            channel = Channel(name, self.clock.wall(), self.fold)
            self.channels[folded] = channel
            channel.members[user] = b'o'
        else:
            channel.members[user] = b''
        self.uninvite(user, channel)
        user.channels[folded] = channel
        return channel

    @staticmethod
    def invite(user, channel):
        # type: (User, Channel) -> None
        """Lets the user enter the channel once in spite of its modes."""
        channel.invited.add(user)
        user.invitations.add(channel)

    @staticmethod
    def uninvite(user, channel):
        # type: (User, Channel) -> None
        """Ends that."""
        channel.invited.discard(user)
        user.invitations.discard(channel)

    def leave(self, user, channel):
        # type: (User, Channel) -> None
        """Takes the user out; a channel without members is gone."""
        folded = self.fold(channel.name)
        channel.members.pop(user, None)
        user.channels.pop(folded, None)
        if not channel.members:
            self.channels.pop(folded, None)
            for other in list(channel.invited):
                self.uninvite(other, channel)

    # -- events ------------------------------------------------------------------------

    def event(self, user, command, params, tags=()):
        # type: (User, bytes, Sequence[bytes], Iterable[Any]) -> Event
        """A line from that user, with its time, account and number."""
        return self.event_from(user.source, command, params, tags, user.account)

    def event_from(self, source, command, params, tags=(), account=None):
        # type: (bytes, bytes, Sequence[bytes], Iterable[Any], Optional[bytes]) -> Event
        """A line from that source; a text at its end is cut to what fits."""
        known = [(SERVER_TIME, b'time', self.timestamp()),
                 (MESSAGE_TAGS, b'msgid', b'%d-%d' % (self.created, self.next_number()))]
        if account is not None:
            known.append((ACCOUNT_TAG, b'account', account))
        known.extend(tags)
        has_text = len(params) == TEXTS.get(command, 0)
        if has_text:
            room = MAX_LINE - len(source) - len(command) - len(b':  :\r\n')
            room -= sum(len(each) + 1 for each in params[:-1])
            params = list(params[:-1]) + [clipped(params[-1], max(1, room))]
        return Event(format_message(command, params, source, colon=has_text), known)

    def next_number(self):
        # type: () -> int
        """A number that no other message or batch has."""
        self._numbers += 1
        return self._numbers

    def timestamp(self):
        # type: () -> bytes
        """The present time as the capability server-time spells it."""
        now = self.clock.wall()
        year, month, day, hour, minute, second, _ = civil(now)
        return b'%04d-%02d-%02dT%02d:%02d:%02d.%03dZ' % (year, month, day, hour, minute, second,
                                                         now % 1.0 * 1000)


def _all(_):
    # type: (str) -> bool
    """Every client may connect."""
    return True
