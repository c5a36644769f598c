# Copyright the carryall authors.  See LICENSE.
"""Commands about channels: JOIN, PART, TOPIC, NAMES, LIST, INVITE, KNOCK, KICK.

RFC 2812 section 3.2 and RFC 2811 define them.

Tests:    tests/protocols/irc/test_channels.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal
from carryall.core.future import coroutine
from carryall.core.patterns import Pattern
from carryall.protocols.irc import numerics
from carryall.protocols.irc.chatchannel import HALF, rank_of
from carryall.protocols.irc.taggedlines import (AWAY_NOTIFY, EXTENDED_JOIN, INVITE_NOTIFY,
                                             MULTI_PREFIX, NO_IMPLICIT_NAMES, USERHOST_IN_NAMES)
from carryall.protocols.irc.numerics import shown
from carryall.protocols.irc.textsplit import clipped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Sequence
    from carryall.protocols.irc.chatchannel import Channel
    from carryall.protocols.irc.chatnetwork import User
    from carryall.protocols.irc.server import IRCServer

__all__ = ['ChannelCommands']

# No blank, comma, colon, BELL or another control character: RFC 2812 section 1.3.
_CHANNEL = Pattern(br'#[^\x00-\x20,:\x7f]*\Z')

MAX_LIMIT = 1 << 20         # of +l
LINES_AT_ONCE = 50          # of a long answer, before it waits for the client to read


class ChannelCommands(object):
    """The commands of one client about channels."""

    __slots__ = ('_server', '_network', '_user')

    def __init__(self, server):
        # type: (IRCServer) -> None
        self._server = server
        self._network = server.network
        self._user = server.user

    # -- JOIN and PART -------------------------------------------------------------------

    def cmd_join(self, *params):
        # type: (*bytes) -> Any
        """JOIN (RFC 2812 section 3.2.1)."""
        if params[0] == b'0':
            for channel in list(self._user.channels.values()):
                self._part(channel, b'')
            return None
        keys = params[1].split(b',') if len(params) > 1 else []
        names = params[0].split(b',')
        pairs = [(name, keys[place] if place < len(keys) else b'')
                 for place, name in enumerate(names) if name]
        if len(pairs) > 1:
            return self._join_all(pairs)
        return self._join(*pairs[0]) if pairs else None

    @coroutine
    def _join_all(self, pairs):
        # type: (Sequence[Any]) -> Any
        """Enters each channel once the client has read of the last."""
        for name, key in pairs:
            kept = self._join(name, key)
            if kept is not None:
                yield kept
            yield self._server.room()

    def _join(self, name, key):
        # type: (bytes, bytes) -> Any
        """Enters a channel, if the client may; a Future if that waits for a store."""
        if not self._may_enter(name, key):
            return None
        kept = self._network.joining(self._user, name)
        if kept is None:
            self.enter(name)
            return None
        return kept.then(lambda _: self._enter_kept(name, key), self._not_kept)

    def _not_kept(self, exc):
        # type: (BaseException) -> None
        self._network.join_failed(self._user)
        raise exc

    def _enter_kept(self, name, key):
        # type: (bytes, bytes) -> None
        """Enters a channel behind the store, if the client is there and still may."""
        server = self._server
        if server.user is self._user and server.is_online() and self._may_enter(name, key):
            self.enter(name)
        else:
            self._network.join_failed(self._user)

    def _may_enter(self, name, key):
        # type: (bytes, bytes) -> bool
        """True if the client may enter; else a numeric is sent, but for where it is already."""
        server = self._server
        if len(name) > server.settings.max_channel or not _CHANNEL.match(name):
            server.reply(numerics.NO_SUCH_CHANNEL, [shown(name)])
            return False
        channel = self._network.channel_of(name)
        if channel is not None and self._user in channel.members:
            return False
        if len(self._user.channels) >= server.settings.max_channels:
            server.reply(numerics.TOO_MANY_CHANNELS, [name])
            return False
        if channel is None:
            channel = self._network.remembered(name)
        refusal = None if channel is None else self._refusal(channel, key)
        if refusal is None:
            refusal = self._network.join_refusal(self._user, name)
        if refusal is not None:
            server.reply(refusal, [name])
        return refusal is None

    def enter(self, name):
        # type: (bytes) -> None
        """Enters a channel, whatever its modes."""
        if not _CHANNEL.match(name) or self._network.fold(name) in self._user.channels:
            return
        channel = self._network.join(self._user, name)
        self._tell_join(channel)
        self._show(channel)

    def show(self, channel):
        # type: (Channel) -> None
        """Tells the client of a channel that its user is in already."""
        user = self._user
        words = [channel.name]
        if user.capabilities & EXTENDED_JOIN:
            words += [user.account or b'*', user.realname]
        self._server.echo(self._network.event(user, b'JOIN', words))
        self._show(channel)

    def _show(self, channel):
        # type: (Channel) -> None
        self._server.history.show_marker(channel.name)
        if channel.topic:
            self._show_topic(channel)
        if not self._user.capabilities & NO_IMPLICIT_NAMES:
            self._show_names(channel)

    def _refusal(self, channel, key):
        # type: (Channel, bytes) -> Any
        """The numeric that keeps the user out; None: it may enter (RFC 2811 section 4)."""
        user = self._user
        if user in channel.invited:
            return None
        # The ruler of an empty channel must be able to enter it, and to mend its modes.
        if rank_of(self._network.standing_of(user, channel) or b'') >= HALF:
            return None
        if channel.is_banned(user):
            return numerics.BANNED
        if b'R' in channel.modes and user.account is None:
            return numerics.NEED_ACCOUNT
        if b'i' in channel.modes and not channel.matches(b'I', user):
            return numerics.INVITE_ONLY
        if b'k' in channel.modes and channel.modes[b'k'] != key:
            return numerics.BAD_KEY
        limit = decimal(channel.modes.get(b'l', b''), MAX_LIMIT)
        if limit is not None and len(channel.members) >= limit:
            return numerics.CHANNEL_FULL
        return None

    def _tell_join(self, channel):
        # type: (Channel) -> None
        """Tells all members, as much as each wants to know."""
        user = self._user
        plain = self._network.event(user, b'JOIN', [channel.name])
        full = self._network.event(user, b'JOIN', [channel.name, user.account or b'*',
                                                   user.realname])
        away = None
        if user.away is not None:
            away = self._network.event(user, b'AWAY', [user.away])
        members = channel.members
        self._server.echo(full if user.capabilities & EXTENDED_JOIN else plain)
        plain.spread([member for member in members if not member.capabilities & EXTENDED_JOIN],
                     user)
        full.spread([member for member in members if member.capabilities & EXTENDED_JOIN], user)
        if away is not None:
            away.spread([member for member in members if member.capabilities & AWAY_NOTIFY], user)
        if channel.members[user]:
            self._tell_standing(channel)

    def _tell_standing(self, channel):
        # type: (Channel) -> None
        """Tells the others of the standing that a user has entered with; the first has none to
        tell."""
        standing = channel.members[self._user]
        if len(channel.members) > 1:
            event = self._network.event_from(
                self._network.name, b'MODE',
                [channel.name, b'+' + standing] + [self._user.nick] * len(standing))
            self._server.echo(event)
            channel.send(event, self._user)

    def cmd_part(self, *params):
        # type: (*bytes) -> None
        """PART (RFC 2812 section 3.2.2)."""
        for name in params[0].split(b','):
            channel = self._joined(name)
            if channel is not None:
                self._part(channel, params[1] if len(params) > 1 else b'')

    def _part(self, channel, text):
        # type: (Channel, bytes) -> None
        words = [channel.name]
        if text:
            words.append(clipped(text, self._server.settings.max_kick))
        event = self._network.event(self._user, b'PART', words)
        self._server.echo(event)
        channel.send(event, self._user)
        self._network.leave(self._user, channel)

    def _known(self, name):
        # type: (bytes) -> Optional[Channel]
        """The channel; None, and a numeric is sent, if there is none."""
        channel = self._network.channel_of(name)
        if channel is None:
            self._server.reply(numerics.NO_SUCH_CHANNEL, [shown(name)])
        return channel

    def _joined(self, name):
        # type: (bytes) -> Optional[Channel]
        """The channel that the user is in; None, and a numeric is sent, if it is in none such."""
        channel = self._known(name)
        if channel is not None and self._user not in channel.members:
            self._server.reply(numerics.NOT_ON_CHANNEL, [channel.name])
            return None
        return channel

    def _ruled(self, name):
        # type: (bytes) -> Optional[Channel]
        """The channel whose half operator the user is at least; None, and a numeric is sent, if it
        is not."""
        channel = self._joined(name)
        if channel is not None and not channel.is_half_operator(self._user):
            self._server.reply(numerics.NOT_OPERATOR, [channel.name])
            return None
        return channel

    # -- TOPIC ---------------------------------------------------------------------------

    def cmd_topic(self, *params):
        # type: (*bytes) -> Any
        """TOPIC (RFC 2812 section 3.2.4)."""
        if len(params) == 1:
            channel = self._visible(params[0])
            if channel is not None:
                self._show_topic(channel)
            return None
        channel = self._joined(params[0])
        if channel is None:
            return None
        if b't' in channel.modes and not channel.is_half_operator(self._user):
            self._server.reply(numerics.NOT_OPERATOR, [channel.name])
            return None
        channel.topic = clipped(params[1], self._server.settings.max_topic)
        channel.topic_setter = self._user.source
        channel.topic_at = self._network.clock.wall()
        event = self._network.event(self._user, b'TOPIC', [channel.name, channel.topic])
        kept = self._network.topic_changed(self._user, channel)
        if kept is not None:
            return kept.then(lambda _: self._tell_topic(channel, event))
        self._tell_topic(channel, event)
        return None

    def _tell_topic(self, channel, event):
        # type: (Channel, Any) -> None
        self._server.echo(event)
        channel.send(event, self._user)

    def _visible(self, name):
        # type: (bytes) -> Optional[Channel]
        """The channel, if the user may see what is in it."""
        channel = self._known(name)
        if channel is not None and channel.is_hidden_from(self._user):
            self._server.reply(numerics.NOT_ON_CHANNEL, [channel.name])
            return None
        return channel

    def _show_topic(self, channel):
        # type: (Channel) -> None
        server = self._server
        if not channel.topic:
            server.reply(numerics.NO_TOPIC, [channel.name])
            return
        server.reply(numerics.TOPIC, [channel.name], channel.topic)
        server.reply(numerics.TOPIC_WHO_TIME,
                     [channel.name, channel.topic_setter, b'%d' % channel.topic_at])

    # -- NAMES and LIST --------------------------------------------------------------------

    @coroutine
    def cmd_names(self, *params):
        # type: (*bytes) -> Any
        """NAMES (RFC 2812 section 3.2.5)."""
        if not params:
            self._server.reply(numerics.END_OF_NAMES, [b'*'])
            return
        for name in params[0].split(b',')[:self._server.settings.max_targets]:
            channel = self._network.channel_of(name)
            if channel is None or channel.is_hidden_from(self._user):
                self._server.reply(numerics.END_OF_NAMES, [shown(name)])
            else:
                self._show_names(channel)
            yield self._server.room()

    def _show_names(self, channel):
        # type: (Channel) -> None
        server = self._server
        sign = b'='
        if b's' in channel.modes:
            sign = b'@'
        elif b'p' in channel.modes:
            sign = b'*'
        capabilities = self._user.capabilities
        inside = self._user in channel.members
        room = server.text_room([sign, channel.name])
        words = []                      # type: List[bytes]
        used = 0
        for member in channel.members:
            if not inside and b'i' in member.modes:
                continue
            word = channel.signs_of(member, bool(capabilities & MULTI_PREFIX))
            word += member.source if capabilities & USERHOST_IN_NAMES else member.nick
            used += len(word) + 1
            if words and used > room + 1:       # no blank behind the last
                server.reply(numerics.NAMES, [sign, channel.name], b' '.join(words))
                words = []
                used = len(word) + 1
            words.append(word)
        if words:
            server.reply(numerics.NAMES, [sign, channel.name], b' '.join(words))
        server.reply(numerics.END_OF_NAMES, [channel.name])

    @coroutine
    def cmd_list(self, *params):
        # type: (*bytes) -> Any
        """LIST (RFC 2812 section 3.2.6), with ELIST's >n and <n."""
        names = params[0].split(b',') if params and params[0] else []
        least = 0
        most = MAX_LIMIT
        chosen = []                     # type: List[bytes]
        for name in names:
            number = decimal(name[1:], MAX_LIMIT)
            if name[:1] == b'>' and number is not None:
                least = number + 1
            elif name[:1] == b'<' and number is not None:
                most = number - 1
            else:
                chosen.append(self._network.fold(name))
        self._server.reply(numerics.LIST_START, [b'Channel'])
        known = self._network.channels
        lines = 0
        for folded in sorted(set(chosen)) if chosen else list(known):
            channel = known.get(folded)         # it may be gone meanwhile
            if (channel is None or channel.is_hidden_from(self._user)
                    or not least <= len(channel.members) <= most):
                continue
            self._server.reply(numerics.LIST, [channel.name, b'%d' % len(channel.members)],
                               channel.topic)
            lines += 1
            if lines % LINES_AT_ONCE == 0:
                yield self._server.room()
        self._server.reply(numerics.LIST_END)

    # -- INVITE and KICK -------------------------------------------------------------------

    def cmd_invite(self, *params):
        # type: (*bytes) -> None
        """INVITE (RFC 2812 section 3.2.7)."""
        server = self._server
        other = self._network.user_of(params[0])
        if other is None:
            server.reply(numerics.NO_SUCH_NICK, [shown(params[0])])
            return
        channel = self._joined(params[1])
        if channel is None:
            return
        if other in channel.members:
            server.reply(numerics.ALREADY_ON_CHANNEL, [other.nick, channel.name])
            return
        if b'i' in channel.modes and not channel.is_half_operator(self._user):
            server.reply(numerics.NOT_OPERATOR, [channel.name])
            return
        if channel.is_half_operator(self._user):    # no other lets anybody in past a ban or a key
            self._network.invite(other, channel)
        server.reply(numerics.INVITING, [other.nick, channel.name])
        event = self._network.event(self._user, b'INVITE', [other.nick, channel.name])
        other.deliver(event)
        event.spread([member for member in channel.members_with(HALF)
                      if member.capabilities & INVITE_NOTIFY], self._user)
        if other.away is not None:
            server.reply(numerics.AWAY, [other.nick], other.away)

    def cmd_kick(self, *params):
        # type: (*bytes) -> None
        """KICK (RFC 2812 section 3.2.8)."""
        channel = self._ruled(params[0])
        if channel is None:
            return
        text = params[2] if len(params) > 2 and params[2] else self._user.nick
        for nick in params[1].split(b',')[:self._server.settings.max_targets]:
            other = self._network.user_of(nick)
            if other is None:
                self._server.reply(numerics.NO_SUCH_NICK, [shown(nick)])
            elif other not in channel.members:
                self._server.reply(numerics.NOT_IN_CHANNEL, [other.nick, channel.name])
            elif channel.rank(other) > channel.rank(self._user):
                self._server.reply(numerics.NOT_OPERATOR, [channel.name])
            else:
                event = self._network.event(
                    self._user, b'KICK',
                    [channel.name, other.nick, clipped(text, self._server.settings.max_kick)])
                self._server.echo(event)
                channel.send(event, self._user)
                self._network.leave(other, channel)

    def cmd_knock(self, *params):
        # type: (*bytes) -> None
        """KNOCK, which asks the operators of a channel for an invitation (modern servers)."""
        server = self._server
        user = self._user
        channel = self._network.channel_of(params[0])
        if channel is None or channel.is_hidden_from(user) and b'p' in channel.modes:
            server.reply(numerics.NO_SUCH_CHANNEL, [shown(params[0])])
            return
        if user in channel.members:
            server.reply(numerics.KNOCK_ON_CHANNEL, [channel.name])
        elif self._refusal(channel, b'') in (None, numerics.BANNED):
            server.reply(numerics.CHANNEL_OPEN, [channel.name])
        elif not self._network.may_knock(user, channel.name):
            server.reply(numerics.TOO_MANY_KNOCKS, [channel.name])
        else:
            for member in channel.members_with(HALF):
                if member.connection is not None:
                    member.connection.notify(numerics.KNOCK, [channel.name, user.source])
            server.reply(numerics.KNOCK_SENT, [channel.name])
