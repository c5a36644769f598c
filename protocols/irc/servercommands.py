# Copyright the carryall authors.  See LICENSE.
"""Commands that tell of the server itself: HELP, LINKS, STATS, TRACE, SERVLIST, SUMMON, USERS.

RFC 2812 sections 3.4, 3.5 and 4 define them.

Tests:    tests/protocols/irc/test_servercommands.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.future import coroutine
from carryall.protocols.irc import numerics
from carryall.protocols.irc.networkbans import DLINE, KLINE
from carryall.protocols.irc.numerics import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from carryall.protocols.irc.server import IRCServer

__all__ = ['ServerCommands']

VERBS_A_LINE = 12           # of HELP
LINES_AT_ONCE = 50          # of a long answer, before it waits for the client to read
_BAN_LETTERS = {b'k': KLINE, b'K': KLINE, b'd': DLINE, b'D': DLINE}


class ServerCommands(object):
    """The commands of one client about the server."""

    __slots__ = ('_server', '_network', '_user')

    def __init__(self, server):
        # type: (IRCServer) -> None
        self._server = server
        self._network = server.network
        self._user = server.user

    def cmd_help(self, *params):
        # type: (*bytes) -> None
        """HELP: the verbs, or the section that defines one."""
        server = self._server
        topic = shown(params[0]).upper() if params and params[0] else b'*'
        command = server.commands.get(topic)
        if topic != b'*' and command is None:
            server.reply(numerics.HELP_NOT_FOUND, [topic])
            return
        server.reply(numerics.HELP_START, [topic], b'Commands of this server' if command is None
                     else topic)
        if command is not None:
            server.reply(numerics.HELP_TEXT, [topic], b'See ' + command.rfc.encode('ascii'))
        else:
            verbs = sorted(row.verb for row in server.commands)
            for at in range(0, len(verbs), VERBS_A_LINE):
                server.reply(numerics.HELP_TEXT, [topic], b' '.join(verbs[at:at + VERBS_A_LINE]))
        server.reply(numerics.END_OF_HELP, [topic])

    def cmd_links(self, *params):
        # type: (*bytes) -> None
        """LINKS (RFC 2812 section 3.4.5): this server alone."""
        name = self._network.name
        self._server.reply(numerics.LINKS, [name, name], b'0 ' + self._network.network)
        self._server.reply(numerics.END_OF_LINKS, [shown(params[-1]) if params else b'*'])

    def cmd_stats(self, *params):
        # type: (*bytes) -> Any
        """STATS (RFC 2812 section 3.4.4): u, o, m; k and d for operators."""
        server = self._server
        letter = params[0][:1]
        kind = _BAN_LETTERS.get(letter)
        if kind is not None:
            if self._user.may(b'ban'):
                return server.operating.show_bans(kind)
            server.reply(numerics.NO_PRIVILEGES)
            return None
        if letter == b'u':
            seconds = (server.clock.wall() - self._network.created) // 1
            server.reply(numerics.STATS_UPTIME, (), b'Server Up %d days %d:%02d:%02d'
                         % (seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60,
                            seconds % 60))
        elif letter == b'o' and self._user.may(b'see'):
            for account in sorted(self._network.operators):
                operator = self._network.operators[account]
                server.reply(numerics.STATS_OPERATOR, [b'O', b'*', b'*', shown(account),
                                                       operator.kind.name])
        server.reply(numerics.END_OF_STATS, [shown(letter)])
        return None

    @coroutine
    def cmd_trace(self, *params):
        # type: (*bytes) -> Any
        """TRACE (RFC 2812 section 3.4.8): the user itself; all users for operators."""
        server = self._server
        users = [self._user]
        if self._user.may(b'see'):
            users = list(self._network.users.values())
        for place, user in enumerate(users):
            server.reply(numerics.TRACE_USER if user.operator is None else numerics.TRACE_OPERATOR,
                         [b'User' if user.operator is None else b'Oper', b'users',
                          b'%s[%s]' % (user.nick, user.host)])
            if place % LINES_AT_ONCE == LINES_AT_ONCE - 1:
                yield server.room()
        server.reply(numerics.TRACE_END, [self._network.name])

    def cmd_servlist(self, *_):
        # type: (*bytes) -> None
        """SERVLIST (RFC 2812 section 3.5.1)."""
        for name in self._network.service_names():
            self._server.reply(numerics.SERVICE, [name, self._network.name, b'*', b'0', b'0'],
                               b'Service')
        self._server.reply(numerics.END_OF_SERVICES, [b'*', b'*'])

    def cmd_squery(self, *params):
        # type: (*bytes) -> Any
        """SQUERY (RFC 2812 section 3.5.2)."""
        answer = self._network.spoke_to_absent(self._user, b'SQUERY', params[0], params[1])
        if answer is None:
            self._server.reply(numerics.NO_SUCH_SERVICE, [shown(params[0])])
        return answer

    def cmd_service(self, *_):
        # type: (*bytes) -> None
        """SERVICE (RFC 2812 section 3.1.6): services are built in, and none registers."""
        self._server.reply(numerics.NO_PRIVILEGES)

    def cmd_summon(self, *_):
        # type: (*bytes) -> None
        """SUMMON (RFC 2812 section 4.5)."""
        self._server.reply(numerics.SUMMON_DISABLED)

    def cmd_users(self, *_):
        # type: (*bytes) -> None
        """USERS (RFC 2812 section 4.6)."""
        self._server.reply(numerics.USERS_DISABLED)

    def cmd_error(self, *_):
        # type: (*bytes) -> None
        """ERROR (RFC 2812 section 3.7.4): one of a client means nothing."""
