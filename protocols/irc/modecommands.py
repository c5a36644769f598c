# Copyright the carryall authors.  See LICENSE.
"""MODE of channels and of users (RFC 2812 sections 3.1.5 and 3.2.3; RFC 2811 section 4).

A half operator changes flags, keys, limits, lists and voices; an operator half operators and
operators too; only a founder protects members and makes founders.

Tests:    tests/protocols/irc/test_modes.py, tests/protocols/irc/test_channels.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal
from carryall.core.patterns import Pattern
from carryall.protocols.irc import numerics
from carryall.protocols.irc.channelmodes import (FLAG, LIST, MEMBER, UNKNOWN, ModeChange,
                                                 ModeTable, format_modes)
from carryall.protocols.irc.chatchannel import RANKS, TABLE, Entry, parse_rate
from carryall.protocols.irc.numerics import shown
from carryall.protocols.irc.textsplit import clipped
from carryall.protocols.irc.wire import MAX_LINE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Sequence
    from carryall.protocols.irc.chatchannel import Channel
    from carryall.protocols.irc.server import IRCServer

__all__ = ['ModeCommands', 'USER_MODES']

_KEY = Pattern(br'[^\x00-\x20,:\x7f][^\x00-\x20,\x7f]*\Z')
_MASK = Pattern(br'[^\x00-\x20:\x7f][^\x00-\x20\x7f]*\Z')

MAX_MASK = 200              # octets of a mask in a list
MAX_LIMIT = 1 << 20         # of +l
# That a user may change itself: B bot, R only accounts write to it, T no CTCP, g only those that it
# accepts write to it, i invisible, w WALLOPS, x cloak.  Of o and r it can only take o away.
USER_MODES = b'BRTgiwx'

# The rank that gives or takes a standing.
_NEEDED = {b'q': RANKS[b'q'], b'a': RANKS[b'q'], b'o': RANKS[b'o'], b'h': RANKS[b'o'],
           b'v': RANKS[b'h']}

_LIST_NUMERICS = {
    b'b': (numerics.BAN_LIST, numerics.END_OF_BAN_LIST),
    b'e': (numerics.EXCEPT_LIST, numerics.END_OF_EXCEPT_LIST),
    b'I': (numerics.INVITE_LIST, numerics.END_OF_INVITE_LIST),
}


class ModeCommands(object):
    """MODE of one client.

    Args:     server: the IRCServer.
              forced: every change is allowed, for SAMODE.
    """

    __slots__ = ('_server', '_network', '_user', '_forced')

    def __init__(self, server, forced=False):
        # type: (IRCServer, bool) -> None
        self._server = server
        self._network = server.network
        self._user = server.user
        self._forced = forced

    def cmd_mode(self, *params):
        # type: (*bytes) -> Any
        """MODE (RFC 2812 sections 3.1.5 and 3.2.3)."""
        if params[0][:1] != b'#':
            self._mode_of_user(params)
            return None
        channel = self._network.channel_of(params[0])
        if channel is None:
            self._server.reply(numerics.NO_SUCH_CHANNEL, [shown(params[0])])
            return None
        if len(params) == 1:
            inside = self._user in channel.members
            self._server.reply(numerics.CHANNEL_MODE_IS,
                               [channel.name] + channel.mode_words(inside))
            self._server.reply(numerics.CREATION_TIME, [channel.name, b'%d' % channel.created])
            return None
        return self.change(channel, TABLE.parse(params[1], params[2:]))

    def change(self, channel, changes):
        # type: (Channel, Sequence[ModeChange]) -> Any
        """Makes the changes that the user may make, and tells the members of them; a Future if
        that waits for a store."""
        server = self._server
        done = []                       # type: List[ModeChange]
        with_argument = 0
        shown_lists = set()             # type: Any
        refused = False
        for change in changes:
            if change.kind == UNKNOWN:
                server.reply(numerics.UNKNOWN_MODE, [shown(change.letter)])
            elif change.asks:
                if change.letter not in shown_lists:
                    shown_lists.add(change.letter)
                    self._show_list(channel, change.letter)
            elif not self._may(channel, change):
                refused = True
            elif with_argument < server.settings.max_modes or change.argument is None:
                with_argument += change.argument is not None
                made = self._made(channel, change)
                if made is not None:
                    done.append(made)
        if refused:
            server.reply(numerics.NOT_OPERATOR, [channel.name])
        kept = self._network.modes_changed(self._user, channel) if done else None
        if kept is not None:
            return kept.then(lambda _: self._tell(channel, done))
        self._tell(channel, done)
        return None

    def _tell(self, channel, done):
        # type: (Channel, List[ModeChange]) -> None
        """Tells the members of changes."""
        server = self._server
        source = self._network.name if self._forced else self._user.source
        room = MAX_LINE - len(source) - len(channel.name) - len(b': MODE  \r\n')
        for text, arguments in format_modes(done, octets=room):
            event = self._network.event_from(source, b'MODE', [channel.name, text] + arguments,
                                             (), None if self._forced else self._user.account)
            if self._user in channel.members:
                server.echo(event)
            channel.send(event, self._user)

    def _may(self, channel, change):
        # type: (Channel, ModeChange) -> bool
        """True if the user may make that change."""
        if self._forced:
            return True
        rank = channel.rank(self._user)
        if change.kind != MEMBER:
            return rank >= RANKS[b'h'] and change.letter != b'r'
        if rank >= _NEEDED[change.letter]:
            return True
        # Everyone may give up its own standing.
        own = change.argument is not None and (self._network.user_of(change.argument)
                                               is self._user)
        return own and not change.adding and rank > 0

    def _made(self, channel, change):
        # type: (Channel, ModeChange) -> Optional[ModeChange]
        """Makes one change; what is told of it, or None if nothing has changed."""
        if change.kind == FLAG:
            return self._flag(channel, change)
        if change.kind == MEMBER:
            return self._standing(channel, change)
        if change.kind == LIST:
            return self._listed(channel, change)
        return self._setting(channel, change)

    @staticmethod
    def _flag(channel, change):
        # type: (Channel, ModeChange) -> Optional[ModeChange]
        if (change.letter in channel.modes) == change.adding:
            return None
        if change.adding:
            channel.modes[change.letter] = b''
        else:
            del channel.modes[change.letter]
        return change

    def _standing(self, channel, change):
        # type: (Channel, ModeChange) -> Optional[ModeChange]
        if change.argument is None:
            self._server.reply(numerics.NEED_MORE_PARAMS, [b'MODE'])
            return None
        other = self._network.user_of(change.argument)
        if other is None:
            self._server.reply(numerics.NO_SUCH_NICK, [shown(change.argument)])
            return None
        if other not in channel.members:
            self._server.reply(numerics.NOT_IN_CHANNEL, [other.nick, channel.name])
            return None
        if not (channel.give if change.adding else channel.take_from)(other, change.letter):
            return None
        return ModeChange(change.adding, change.letter, other.nick, change.kind)

    def _listed(self, channel, change):
        # type: (Channel, ModeChange) -> Optional[ModeChange]
        if not _MASK.match(change.argument):
            return None
        fold = self._network.fold
        entry = Entry(clipped(change.argument, MAX_MASK), self._user.source,
                      self._network.clock.wall(), fold)
        entries = channel.lists[change.letter]
        same = [each for each in entries if fold(each.mask) == fold(entry.mask)]
        if not change.adding:
            if not same:
                return None
            channel.remove_entry(change.letter, same[0])
            return ModeChange(False, change.letter, same[0].mask, change.kind)
        if same:
            return None
        if sum(len(each) for each in channel.lists.values()) >= self._server.settings.max_list:
            self._server.reply(numerics.LIST_FULL, [channel.name, change.letter])
            return None
        channel.add_entry(change.letter, entry)
        return ModeChange(True, change.letter, entry.mask, change.kind)

    def _setting(self, channel, change):
        # type: (Channel, ModeChange) -> Optional[ModeChange]
        """+k, +l and +f."""
        server = self._server
        if not change.adding:
            if change.letter not in channel.modes:
                return None
            del channel.modes[change.letter]
            return ModeChange(False, change.letter, b'*' if change.letter == b'k' else None,
                              change.kind)
        if change.argument is None:
            server.reply(numerics.NEED_MORE_PARAMS, [b'MODE'])
            return None
        value = change.argument
        if change.letter == b'k':
            if len(value) > server.settings.max_key or not _KEY.match(value):
                server.reply(numerics.INVALID_KEY, [channel.name])
                return None
        elif change.letter == b'f':
            rate = parse_rate(value)
            if rate is None:
                server.reply(numerics.INVALID_MODE_PARAM, [channel.name, b'f', shown(value)])
                return None
            value = b'%d:%d' % rate
        else:
            number = decimal(value, MAX_LIMIT)
            if not number:
                return None
            value = b'%d' % number
        if channel.modes.get(change.letter) == value:
            return None
        channel.modes[change.letter] = value
        return ModeChange(True, change.letter, value, change.kind)

    def _show_list(self, channel, letter):
        # type: (Channel, bytes) -> None
        entry_numeric, end_numeric = _LIST_NUMERICS[letter]
        if not channel.is_hidden_from(self._user):
            for entry in channel.lists[letter]:
                self._server.reply(entry_numeric, [channel.name, entry.mask, entry.setter,
                                                   b'%d' % entry.at])
        self._server.reply(end_numeric, [channel.name])

    def _mode_of_user(self, params):
        # type: (Sequence[bytes]) -> None
        """MODE of the user itself (RFC 2812 section 3.1.5)."""
        server = self._server
        user = self._user
        if self._network.fold(params[0]) != self._network.fold(user.nick):
            known = self._network.user_of(params[0]) is not None
            server.reply(numerics.USERS_DONT_MATCH if known else numerics.NO_SUCH_NICK,
                         () if known else [shown(params[0])])
            return
        if len(params) == 1:
            server.reply(numerics.UMODE_IS, [b'+' + user.modes])
            return
        done = []                       # type: List[ModeChange]
        wrong = False
        for change in _USER_TABLE.parse(params[1]):
            if change.kind == UNKNOWN:
                wrong = True
            elif change.letter == b'o':
                if not change.adding and user.operator is not None:
                    user.operator = None
                    self._network.set_modes(user, user.modes.replace(b'o', b''))
                    done.append(change)
            elif (change.letter in user.modes) != change.adding:
                modes = user.modes.replace(change.letter, b'')
                self._network.set_modes(user, modes + (change.letter if change.adding else b''))
                done.append(change)
        if wrong:
            server.reply(numerics.UNKNOWN_UMODE)
        for text, _ in format_modes(done):
            server.echo(self._network.event(user, b'MODE', [user.nick, text]))
        self._network.show_host(user)


_USER_TABLE = ModeTable([b'', b'', b'', USER_MODES + b'o'])
