# Copyright the carryall authors.  See LICENSE.
"""Commands of operators: OPER, KILL, KLINE, DLINE, UBAN, WALLOPS, REHASH, DIE, SAJOIN and others.

RFC 2812 sections 3.1.4, 3.7.1 and 4 define some; the others are as modern servers have them.

    KLINE 60 *@10.0.0.0/8 :spam         for an hour; without a number for ever
    UBAN ADD 192.0.2.0/24 1d12h spam    a network, or a user@host
    UBAN LIST

Tests:    tests/protocols/irc/test_operators.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.credentials import LoginFailed, LoginUnavailable
from carryall.core.errors import UsageError
from carryall.core.future import Return, coroutine
from carryall.core.logs import escape, get_logger
from carryall.core.net.networks import within
from carryall.protocols.irc import numerics
from carryall.protocols.irc.chatchannel import TABLE
from carryall.protocols.irc.modecommands import ModeCommands
from carryall.protocols.irc.networkbans import (DLINE, KLINE, normalised_user_mask,
                                                parse_duration)
from carryall.protocols.irc.numerics import shown
from carryall.protocols.irc.textsplit import clipped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Tuple
    from carryall.protocols.irc.chatnetwork import User
    from carryall.protocols.irc.server import IRCServer

__all__ = ['NEEDED', 'OperatorCommands']

# Verb -> the privilege that it needs.
NEEDED = {
    b'KILL': b'kill', b'KLINE': b'ban', b'UNKLINE': b'ban', b'DLINE': b'ban', b'UNDLINE': b'ban',
    b'UBAN': b'ban', b'WALLOPS': b'wallops', b'REHASH': b'rehash', b'DIE': b'die',
    b'RESTART': b'die', b'SAJOIN': b'force', b'SAPART': b'force', b'SANICK': b'force',
    b'SAMODE': b'force', b'CONNECT': b'force', b'SQUIT': b'force',
}
MAX_MASK = 200              # octets of a ban
LINES_AT_ONCE = 50          # of a long answer, before it waits for the client to read

log = get_logger('irc')


class OperatorCommands(object):
    """The commands of one operator, and OPER, which makes it one."""

    __slots__ = ('_server', '_network', '_user')

    def __init__(self, server):
        # type: (IRCServer) -> None
        self._server = server
        self._network = server.network
        self._user = server.user

    # -- OPER ----------------------------------------------------------------------------

    @coroutine
    def cmd_oper(self, *params):
        # type: (*bytes) -> Any
        """OPER (RFC 2812 section 3.1.4): the name of an account, and its password."""
        server = self._server
        network = self._network
        operator = network.operators.get(params[0])
        if network.portal is None or not server.may_show_passwords():
            server.reply(numerics.NO_OPER_HOST)
            raise Return(None)
        try:
            # Unknown operators cost the time that known ones cost.
            session = yield server.registration.checked(params[0], params[1])
            session.logout()
        except (LoginFailed, LoginUnavailable):
            server.reply(numerics.PASSWORD_MISMATCH)
            raise Return(None)
        if operator is None or operator.networks and not within(server.remote_host(),
                                                                operator.networks):
            server.reply(numerics.NO_OPER_HOST)
            raise Return(None)
        self._user.operator = operator
        log.info('%s is an operator now: %s', escape(_text(self._user.source)),
                 escape(_text(operator.account)))
        if b'o' not in self._user.modes:
            network.set_modes(self._user, self._user.modes + b'o')
            server.echo(network.event_from(network.name, b'MODE', [self._user.nick, b'+o']))
        server.reply(numerics.NOW_OPERATOR)

    # -- KILL ----------------------------------------------------------------------------

    def cmd_kill(self, *params):
        # type: (*bytes) -> None
        """KILL (RFC 2812 section 3.7.1)."""
        server = self._server
        other = self._network.user_of(params[0])
        if other is None:
            server.reply(numerics.CANNOT_KILL if params[0] == self._network.name
                         else numerics.NO_SUCH_NICK, [shown(params[0])]
                         if params[0] != self._network.name else ())
            return
        text = clipped(params[1] or self._user.nick, server.settings.max_kick)
        reason = b'Killed (%s (%s))' % (self._user.nick, text)
        log.info('%s kills %s', escape(_text(self._user.source)), escape(_text(other.source)))
        if other.connection is not None:
            other.deliver(self._network.event(self._user, b'KILL', [other.nick, text]))
            other.connection.end(reason)
        else:
            self._network.remove(other, reason)

    # -- bans ----------------------------------------------------------------------------

    def cmd_kline(self, *params):
        # type: (*bytes) -> Any
        """KLINE [minutes] user@host :reason."""
        return self._ban(b'KLINE', KLINE, params)

    def cmd_dline(self, *params):
        # type: (*bytes) -> Any
        """DLINE [minutes] network :reason."""
        return self._ban(b'DLINE', DLINE, params)

    def cmd_unkline(self, *params):
        # type: (*bytes) -> Any
        """UNKLINE user@host."""
        return self._unban(b'UNKLINE', KLINE, params[0])

    def cmd_undline(self, *params):
        # type: (*bytes) -> Any
        """UNDLINE network."""
        return self._unban(b'UNDLINE', DLINE, params[0])

    def cmd_uban(self, *params):
        # type: (*bytes) -> Any
        """UBAN ADD|DEL|LIST: a ban of users if there is an at sign, else of a network."""
        verb = params[0].upper()
        if verb == b'LIST':
            return self.show_bans(None)
        kind = KLINE if len(params) > 1 and b'@' in params[1] else DLINE
        if verb == b'ADD' and len(params) > 1:
            words = [params[1]] + list(params[2:])
            if len(params) > 2 and parse_duration(params[2]) is not None:
                words = [params[2], params[1]] + list(params[3:])
            return self._ban(b'UBAN', kind, words)
        if verb == b'DEL' and len(params) > 1:
            return self._unban(b'UBAN', kind, params[1])
        self._server.reply(numerics.NEED_MORE_PARAMS, [b'UBAN'])
        return None

    @coroutine
    def show_bans(self, kind):
        # type: (Optional[bytes]) -> Any
        """Sends the bans of a kind, or all."""
        server = self._server
        now = server.clock.wall()
        for place, ban in enumerate(self._network.bans.rows(kind)):
            left = b'0' if ban.until == float('inf') else b'%d' % max(1, (ban.until - now) // 60)
            server.reply(numerics.STATS_KLINE if ban.kind == KLINE else numerics.STATS_DLINE,
                         [ban.kind, ban.mask, left, ban.setter], ban.reason)
            if place % LINES_AT_ONCE == LINES_AT_ONCE - 1:
                yield server.room()
        server.reply(numerics.END_OF_STATS, [b'*' if kind is None else kind])

    def _ban(self, verb, kind, params):
        # type: (bytes, bytes, Any) -> Any
        seconds, mask, reason = _parts(params)
        if not mask:
            self._server.reply(numerics.NEED_MORE_PARAMS, [verb])
            return None
        mask = clipped(normalised_user_mask(mask) if kind == KLINE else mask, MAX_MASK)
        reason = clipped(reason or b'No reason', self._server.settings.max_kick)
        if not mask.strip(b'*?@.!:'):
            self._server.fail(verb, b'INVALID_MASK', [mask], b'The mask stands for everyone')
            return None
        try:
            ban = self._network.bans.add(kind, mask, reason, self._user.nick, seconds)
        except UsageError:
            self._server.fail(verb, b'INVALID_MASK', [mask], b'No such network, or too many bans')
            return None
        log.info('%s bans %s', escape(_text(self._user.source)), escape(_text(mask)))
        kept = self._network.bans.kept
        text = b'%s added %s-line for [%s] [%s]' % (self._user.nick, kind, mask, reason)
        return self._end_banned(ban).then(lambda _: self._note_kept(kept, text))

    @coroutine
    def _end_banned(self, ban):
        # type: (Any) -> Any
        """Ends the users of a new ban; an operator of the server stays."""
        reason = b'%s-Lined: %s' % (ban.kind, ban.reason)
        for place, user in enumerate(list(self._network.users.values())):
            connection = user.connection
            if connection is None or user.operator is not None:
                continue
            if ban.is_of_user(user) or ban.is_of_address(connection.user_host()):
                connection.reply(numerics.BANNED_FROM_SERVER, (),
                                 b'You are banned from this server: ' + ban.reason)
                connection.end(reason)
            if place % 1000 == 999:
                yield self._server.room()

    def _unban(self, verb, kind, mask):
        # type: (bytes, bytes, bytes) -> Any
        if kind == KLINE:
            mask = normalised_user_mask(mask)
        if self._network.bans.remove(kind, mask):
            return self._note_kept(self._network.bans.kept, b'%s removed %s-line for [%s]'
                                   % (self._user.nick, kind, mask))
        self._server.fail(verb, b'NO_SUCH_BAN', [mask], b'There is no such ban')
        return None

    def _note_kept(self, kept, text):
        # type: (Any, bytes) -> Any
        """Tells the operators of a change once it is safe; a Future if that takes time."""
        if kept is not None:
            return kept.then(lambda _: self._note(text))
        self._note(text)
        return None

    def _note(self, text):
        # type: (bytes) -> None
        """Tells the operators."""
        event = self._network.event_from(self._network.name, b'NOTICE', [b'*', text])
        event.spread([user for user in self._network.users.values()
                      if user.operator is not None])

    # -- WALLOPS, REHASH, DIE --------------------------------------------------------------

    def cmd_wallops(self, *params):
        # type: (*bytes) -> None
        """WALLOPS (RFC 2812 section 4.7): to users with mode w."""
        event = self._network.event(self._user, b'WALLOPS', [params[0]])
        event.spread([user for user in self._network.users.values() if b'w' in user.modes])

    def cmd_rehash(self, *_):
        # type: (*bytes) -> None
        """REHASH (RFC 2812 section 4.2)."""
        self._server.reply(numerics.REHASHING, [self._network.name])
        try:
            self._network.rehash()
        except UsageError as exc:
            self._server.fail(b'REHASH', b'FAILED', (), (u'%s' % exc).encode('utf-8'))

    def cmd_die(self, *_):
        # type: (*bytes) -> None
        """DIE and RESTART (RFC 2812 sections 4.3 and 4.4); a supervisor starts the server again."""
        self._note(b'%s ends the server' % self._user.nick)
        log.info('%s ends the server', escape(_text(self._user.source)))
        self._network.die()

    def cmd_connect(self, *params):
        # type: (*bytes) -> None
        """CONNECT and SQUIT (RFC 2812 sections 3.4.7 and 3.1.8): servers are not linked."""
        self._server.reply(numerics.NO_SUCH_SERVER, [shown(params[0])])

    # -- for others ------------------------------------------------------------------------

    def _online(self, nick):
        # type: (bytes) -> Optional[User]
        """The user with a connection; None, and a numeric is sent, if there is none."""
        other = self._network.user_of(nick)
        if other is None or other.connection is None:
            self._server.reply(numerics.NO_SUCH_NICK, [shown(nick)])
            return None
        return other

    def cmd_sajoin(self, *params):
        # type: (*bytes) -> Any
        """SAJOIN nick channel: has a user enter a channel in spite of its modes."""
        other = self._online(params[0])
        return None if other is None else other.connection.channel.enter(params[1])

    def cmd_sapart(self, *params):
        # type: (*bytes) -> Any
        """SAPART nick channel: has a user leave a channel."""
        other = self._online(params[0])
        return None if other is None else other.connection.channel.cmd_part(params[1])

    def cmd_sanick(self, *params):
        # type: (*bytes) -> Any
        """SANICK nick nick: gives a user another nick."""
        other = self._online(params[0])
        return None if other is None else other.connection.registration.cmd_nick(params[1])

    def cmd_samode(self, *params):
        # type: (*bytes) -> Any
        """SAMODE channel modes: changes any mode of a channel."""
        channel = self._network.channel_of(params[0])
        if channel is None:
            self._server.reply(numerics.NO_SUCH_CHANNEL, [shown(params[0])])
            return None
        return ModeCommands(self._server, True).change(channel, TABLE.parse(params[1], params[2:]))


def _parts(params):
    # type: (Any) -> Tuple[Optional[int], bytes, bytes]
    """(seconds, mask, reason) of the parameters of a ban."""
    words = list(params)            # type: List[bytes]
    seconds = None                  # type: Optional[int]
    if len(words) > 1 and parse_duration(words[0]) is not None:
        seconds = parse_duration(words.pop(0)) or None
    mask = words.pop(0) if words else b''
    return seconds, mask, b' '.join(words)


def _text(octets):
    # type: (bytes) -> str
    return octets.decode('utf-8', 'replace')
