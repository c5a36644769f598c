# Copyright the carryall authors.  See LICENSE.
"""Questions to the server: WHO, WHOIS, WHOWAS, ISON, USERHOST, LUSERS, MOTD and others.

RFC 2812 sections 3.4, 3.6 and 4 define them; WHOX is as modern servers have it.

Tests:    tests/protocols/irc/test_queries.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.calendardates import MONTHS, civil
from carryall.core.codec.numbers import decimal
from carryall.core.future import coroutine
from carryall.protocols.irc import numerics
from carryall.protocols.irc.taggedlines import MULTI_PREFIX
from carryall.protocols.irc.hostmask import Mask
from carryall.protocols.irc.numerics import shown
from carryall.protocols.irc.textsplit import clipped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, List, Optional
    from carryall.protocols.irc.chatnetwork import Channel, User
    from carryall.protocols.irc.numerics import Numeric
    from carryall.protocols.irc.server import IRCServer

__all__ = ['QueryCommands']

MAX_TOKEN = 3               # digits of the token of WHOX
MAX_WHO = 500               # users in one answer of WHO
MAX_NAMES = 20              # nicks in one ISON or USERHOST
MAX_WHOWAS = 20             # users in one answer of WHOWAS
LINE_ROOM = 400             # octets of a line of the message of the day
LINES_AT_ONCE = 50          # of a long answer, before it waits for the client to read


class QueryCommands(object):
    """The commands of one client that change nothing."""

    __slots__ = ('_server', '_network', '_user')

    def __init__(self, server):
        # type: (IRCServer) -> None
        self._server = server
        self._network = server.network
        self._user = server.user

    # -- WHO -----------------------------------------------------------------------------

    @coroutine
    def cmd_who(self, *params):
        # type: (*bytes) -> Any
        """WHO (RFC 2812 section 3.6.1), and WHOX: `WHO #tea %tcuhnfar,42`."""
        mask = params[0] if params else b'*'
        fields = params[1] if len(params) > 1 else b''
        channel = self._network.channel_of(mask)
        found = []                      # type: List[User]
        if fields == b'o':
            found = [user for user in self._network.users.values() if user.operator is not None]
            found = [user for user in found if mask in (b'*', b'0') or user in
                     self._matching(mask)][:MAX_WHO]
        elif channel is not None:
            found = self._seen_in(channel)
        elif mask[:1] != b'#':
            found = list(self._matching(mask))[:MAX_WHO]
        for place, user in enumerate(found):
            self._who(user, self._common(user) if channel is None else channel, fields)
            if place % LINES_AT_ONCE == LINES_AT_ONCE - 1:
                yield self._server.room()
        self._server.reply(numerics.END_OF_WHO, [shown(mask)])

    def _seen_in(self, channel):
        # type: (Channel) -> List[User]
        """The members whom the user may see: one that is not inside, none that are invisible."""
        if channel.is_hidden_from(self._user):
            return []
        inside = self._user in channel.members or self._user.may(b'see')
        return [member for member in channel.members if inside or b'i' not in member.modes]

    def _matching(self, mask):
        # type: (bytes) -> Iterable[User]
        """The users whose nick a mask stands for, but those that are invisible to the user."""
        exact = self._network.user_of(mask)
        if exact is not None:
            return [exact]
        pattern = Mask(mask, self._network.fold)
        return [user for user in list(self._network.users.values())
                if pattern.matches(user.nick)
                and (b'i' not in user.modes or user is self._user or self._user.may(b'see')
                     or self._common(user) is not None)]

    def _common(self, other):
        # type: (User) -> Optional[Channel]
        """A channel that both are in."""
        for channel in self._user.channels.values():
            if other in channel.members:
                return channel
        return None

    def _who(self, user, channel, fields):
        # type: (User, Optional[Channel], bytes) -> None
        name = b'*' if channel is None else channel.name
        flags = b'H' if user.away is None else b'G'
        if user.operator is not None:
            flags += b'*'
        if channel is not None:
            flags += channel.signs_of(user, bool(self._user.capabilities & MULTI_PREFIX))
        if b'B' in user.modes:
            flags += b'B'
        server = self._server
        if fields[:1] != b'%':
            server.reply(numerics.WHO_REPLY,
                         [name, user.username, user.host, self._network.name, user.nick, flags],
                         b'0 ' + user.realname)
            return
        letters, _, token = fields[1:].partition(b',')
        values = {
            b't': shown(token)[:MAX_TOKEN], b'c': name, b'u': user.username,
            b'i': user.address if self._may_see(user) else b'255.255.255.255', b'h': user.host,
            b's': self._network.name, b'n': user.nick, b'f': flags, b'd': b'0',
            b'l': b'%d' % self._idle(user), b'a': user.account or b'0', b'o': b'n/a',
        }       # type: Dict[bytes, bytes]
        words = [values[letter] for letter in (b't', b'c', b'u', b'i', b'h', b's', b'n', b'f',
                                               b'd', b'l', b'a', b'o') if letter in letters]
        server.reply(numerics.WHOX_REPLY, words, user.realname if b'r' in letters else None)

    def _may_see(self, user):
        # type: (User) -> bool
        """True if the user's real address may be shown."""
        return user is self._user or self._user.may(b'see')

    def _idle(self, user):
        # type: (User) -> float
        return max(0, self._network.clock.time() - user.spoke_at)

    # -- WHOIS ---------------------------------------------------------------------------

    def cmd_whois(self, *params):
        # type: (*bytes) -> None
        """WHOIS (RFC 2812 section 3.6.2); of two parameters the first is a server."""
        server = self._server
        if not params or not params[-1]:
            server.reply(numerics.NO_NICK)
            return
        nick = params[1] if len(params) > 1 else params[0]
        user = self._network.user_of(nick)
        if user is None:
            server.reply(numerics.NO_SUCH_NICK, [shown(nick)])
        else:
            self._whois(user)
        server.reply(numerics.END_OF_WHOIS, [shown(nick)])

    def _whois(self, user):
        # type: (User) -> None
        server = self._server
        server.reply(numerics.WHOIS_USER, [user.nick, user.username, user.host, b'*'],
                     user.realname)
        words = [channel.signs_of(user, bool(self._user.capabilities & MULTI_PREFIX))
                 + channel.name for channel in user.channels.values()
                 if not channel.is_hidden_from(self._user)]
        room = server.text_room([user.nick])
        self._lines(words, room,
                    lambda text: server.reply(numerics.WHOIS_CHANNELS, [user.nick], text))
        server.reply(numerics.WHOIS_SERVER, [user.nick, self._network.name], self._network.network)
        if user.away is not None:
            server.reply(numerics.AWAY, [user.nick], user.away)
        if user.account is not None:
            server.reply(numerics.WHOIS_ACCOUNT, [user.nick, user.account])
        if user.operator is not None:
            server.reply(numerics.WHOIS_OPERATOR, [user.nick])
        if b'B' in user.modes:
            server.reply(numerics.WHOIS_BOT, [user.nick])
        if b'Z' in user.modes:
            server.reply(numerics.WHOIS_SECURE, [user.nick])
        if self._may_see(user):
            server.reply(numerics.WHOIS_HOST, [user.nick], b'is connecting from %s@%s %s'
                         % (user.username, user.address, user.address))
            server.reply(numerics.WHOIS_MODES, [user.nick], b'is using modes +' + user.modes)
        server.reply(numerics.WHOIS_IDLE,
                     [user.nick, b'%d' % self._idle(user), b'%d' % user.signed_on])

    @staticmethod
    def _lines(words, room, send):
        # type: (List[bytes], int, Callable[[bytes], Any]) -> None
        """Calls *send* with words between blanks, as often as they need lines."""
        line = []                       # type: List[bytes]
        used = 0
        for word in words:
            used += len(word) + 1
            if line and used > room + 1:        # no blank behind the last
                send(b' '.join(line))
                line = []
                used = len(word) + 1
            line.append(word)
        if line:
            send(b' '.join(line))

    def cmd_whowas(self, *params):
        # type: (*bytes) -> None
        """WHOWAS (RFC 2812 section 3.6.3)."""
        server = self._server
        if not params or not params[0]:
            server.reply(numerics.NO_NICK)
            return
        folded = self._network.fold(params[0])
        most = decimal(params[1], MAX_WHOWAS) if len(params) > 1 else None
        found = [row for row in self._network.whowas if self._network.fold(row[0]) == folded]
        found = found[:most or MAX_WHOWAS]
        if not found:
            server.reply(numerics.WAS_NO_SUCH_NICK, [shown(params[0])])
        for nick, username, host, realname in found:
            server.reply(numerics.WHOWAS_USER, [nick, username, host, b'*'], realname)
        server.reply(numerics.END_OF_WHOWAS, [shown(params[0])])

    def cmd_ison(self, *params):
        # type: (*bytes) -> None
        """ISON (RFC 2812 section 4.9)."""
        found = [self._network.user_of(nick) for nick in b' '.join(params).split()[:MAX_NAMES]]
        self._reply_words(numerics.ISON, [user.nick for user in found if user is not None])

    def cmd_userhost(self, *params):
        # type: (*bytes) -> None
        """USERHOST (RFC 2812 section 4.8)."""
        words = []
        for nick in params[:5]:
            user = self._network.user_of(nick)
            if user is not None:
                words.append(b'%s=%s%s@%s' % (user.nick, b'+' if user.away is None else b'-',
                                              user.username, user.host))
        self._reply_words(numerics.USERHOST, words)

    def _reply_words(self, numeric, words):
        # type: (Numeric, List[bytes]) -> None
        """Sends the words that fit into one line: none is cut."""
        room = self._server.text_room() + 1     # no blank behind the last
        while sum(len(word) + 1 for word in words) > room:
            words.pop()
        self._server.reply(numeric, (), b' '.join(words))

    # -- the server ----------------------------------------------------------------------

    def cmd_lusers(self, *_):
        # type: (*bytes) -> None
        """LUSERS (RFC 2812 section 3.4.2)."""
        network = self._network
        server = self._server
        users = len(network.users)
        hidden = network.invisible
        server.reply(numerics.LUSER_CLIENT, (),
                     b'There are %d users and %d invisible on 1 servers' % (users - hidden, hidden))
        server.reply(numerics.LUSER_OP, [b'%d' % network.operators_online])
        server.reply(numerics.LUSER_UNKNOWN, [b'%d' % network.unregistered])
        server.reply(numerics.LUSER_CHANNELS, [b'%d' % len(network.channels)])
        server.reply(numerics.LUSER_ME, (), b'I have %d clients and 0 servers' % users)
        for numeric, where in ((numerics.LOCAL_USERS, b'local'),
                               (numerics.GLOBAL_USERS, b'global')):
            server.reply(numeric, [b'%d' % users, b'%d' % network.most],
                         b'Current %s users %d, max %d' % (where, users, network.most))

    def cmd_motd(self, *_):
        # type: (*bytes) -> None
        """MOTD (RFC 2812 section 3.4.1)."""
        server = self._server
        if self._network.motd is None:
            server.reply(numerics.NO_MOTD)
            return
        server.reply(numerics.MOTD_START, (), b'- %s Message of the day - ' % self._network.name)
        for line in self._network.motd:
            server.reply(numerics.MOTD, (), b'- ' + clipped(line, LINE_ROOM))
        server.reply(numerics.END_OF_MOTD)

    def cmd_version(self, *_):
        # type: (*bytes) -> None
        """VERSION (RFC 2812 section 3.4.3)."""
        self._server.reply(numerics.VERSION, [b'carryall', self._network.name],
                           b'RFC 2812, IRCv3')

    def cmd_time(self, *_):
        # type: (*bytes) -> None
        """TIME (RFC 2812 section 3.4.6)."""
        self._server.reply(numerics.TIME, [self._network.name],
                           self.spelled_time(self._network.clock.wall()))

    def cmd_admin(self, *_):
        # type: (*bytes) -> None
        """ADMIN (RFC 2812 section 3.4.9)."""
        server = self._server
        server.reply(numerics.ADMIN_ME, [self._network.name])
        server.reply(numerics.ADMIN_LOCATION_1, (), self._network.network)
        server.reply(numerics.ADMIN_EMAIL, (), b'no address is given')

    def cmd_info(self, *_):
        # type: (*bytes) -> None
        """INFO (RFC 2812 section 3.4.10)."""
        self._server.reply(numerics.INFO, (), b'carryall, servers and clients of the internet')
        self._server.reply(numerics.END_OF_INFO)

    @staticmethod
    def spelled_time(seconds):
        # type: (float) -> bytes
        """A Unix time for readers, in UTC."""
        year, month, day, hour, minute, second, _ = civil(seconds)
        return b'%02d %s %04d %02d:%02d:%02d UTC' % (day, MONTHS[month - 1], year, hour, minute,
                                                     second)
