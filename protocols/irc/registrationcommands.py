# Copyright the carryall authors.  See LICENSE.
"""Commands that make a connection a user: PASS, NICK, USER, WEBIRC (RFC 2812 section 3.1; IRCv3
webirc).

A PASS of the form `account:password` logs in, as many servers take it.  A user is taken in once
NICK and USER have come, and no CAP is under way.

Tests:    tests/protocols/irc/test_server.py, tests/protocols/irc/test_webirc.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.credentials import LoginFailed, LoginUnavailable, UsernamePassword
from carryall.core.compat import native
from carryall.core.future import Future, Return, coroutine, sleep
from carryall.core.net.deadlines import NEVER
from carryall.core.net.ip import packed
from carryall.core.net.transport import tls
from carryall.core.patterns import Pattern
from carryall.protocols.irc import numerics
from carryall.protocols.irc.chatchannel import MEMBERS
from carryall.protocols.irc.chatnetwork import ADMITTED, HELD_BACK, REFUSED
from carryall.protocols.irc.gateways import gateway_of
from carryall.protocols.irc.isupport import format_tokens
from carryall.protocols.irc.modecommands import USER_MODES
from carryall.protocols.irc.numerics import shown
from carryall.protocols.irc.textsplit import clipped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List
    from carryall.protocols.irc.server import IRCServer

__all__ = ['RegistrationCommands', 'VERSION', 'shown_host']

VERSION = b'carryall'
MAX_HOST = 63               # octets of a host that is shown: RFC 2812 section 2.3.1
CHANNEL_MODES = b'beI,k,fl,CMRTimnprst'

# Letters of a nick: RFC 2812 section 2.3.1, and no digit or hyphen in front.
_NICK = Pattern(br'[A-Za-z\[\]\\`_^{|}][A-Za-z0-9\[\]\\`_^{|}-]*\Z')
_NOT_USER = Pattern(br'[^A-Za-z0-9._-]')
_HOST = Pattern(br'[A-Za-z0-9](?:[A-Za-z0-9.:/_-]*[A-Za-z0-9])?\Z')


class RegistrationCommands(object):
    """The commands of one client with which it registers."""

    __slots__ = ('_server', '_network', '_user')

    def __init__(self, server):
        # type: (IRCServer) -> None
        self._server = server
        self._network = server.network
        self._user = server.user

    # -- commands ------------------------------------------------------------------------

    def cmd_pass(self, *params):
        # type: (*bytes) -> None
        """PASS (RFC 2812 section 3.1.1)."""
        self._server.password = params[0]

    def cmd_nick(self, *params):
        # type: (*bytes) -> Any
        """NICK (RFC 2812 section 3.1.2)."""
        server = self._server
        if not params or not params[0]:
            server.reply(numerics.NO_NICK)
            return None
        nick = params[0]
        if len(nick) > server.settings.max_nick or not _NICK.match(nick):
            server.reply(numerics.BAD_NICK, [shown(nick)])
            return None
        user = self._user
        refusal = self._network.nick_refusal(server, nick)
        if refusal is not None:
            server.reply(refusal, [nick])
        elif server.state == 'registering':
            user.nick = nick
            return self.try_to_register()
        elif server.state == 'held':
            server.echo(self._network.event(user, b'NICK', [nick]))
            user.nick = nick
        elif nick != user.nick and self._network.user_of(nick) in (None, user):
            self.rename(nick)
        return None

    def rename(self, nick):
        # type: (bytes) -> None
        """Gives the user another nick, and tells those who share a channel with it."""
        network = self._network
        user = self._user
        moved = network.fold(nick) != network.fold(user.nick)
        event = network.event(user, b'NICK', [nick])
        before = network.watchers_of(user.nick) if moved else []
        old = user.nick
        network.rename(user, nick)
        self._server.echo(event)
        event.spread(network.neighbours(user))
        for other in before:
            if other.connection is not None:
                other.connection.notify(numerics.MONITOR_OFFLINE, [old])
        if moved:
            self.announce()
        network.nick_changed(user)

    def cmd_user(self, *params):
        # type: (*bytes) -> Any
        """USER (RFC 2812 section 3.1.3)."""
        settings = self._server.settings
        name = _NOT_USER.sub(b'', params[0])[:settings.max_user - 1]
        self._user.username = b'~' + (name or b'user')
        self._user.realname = clipped(params[3], settings.max_realname)
        return self.try_to_register()

    def cmd_webirc(self, *params):
        # type: (*bytes) -> None
        """WEBIRC of a gateway: password, its name, host and address of its user (IRCv3 webirc)."""
        server = self._server
        gateway = gateway_of(self._network.gateways, native(self._user.address), params[0])
        address = params[3].lstrip(b':') if params[3][:2] != b'::' else params[3]
        if gateway is None or not _is_ascii(address) or packed(native(address)) is None:
            server.close_link(b'WEBIRC is not allowed')
            return
        server.set_address(native(address), params[4].split() if len(params) > 4 else [])

    # -- registration ----------------------------------------------------------------------

    def try_to_register(self):
        # type: () -> Any
        """Takes the user in, once NICK and USER have come and no CAP is under way.

        Returns:  a Future of None while the network judges the client.
        """
        server = self._server
        user = self._user
        if (not user.nick or not user.username or server.waits_for_cap
                or server.state != 'registering'):
            return None
        refusal = self._network.nick_refusal(server, user.nick)
        if refusal is not None:             # taken meanwhile
            server.reply(refusal, [user.nick])
            user.nick = b''
            return None
        verdict = self._network.admission(server)
        if isinstance(verdict, Future):
            return verdict.then(self._judged)
        self._judged(verdict)
        return None

    def judged_by_password(self):
        # type: () -> Any
        """The verdict on a client whose PASS names an account, or a Future of it."""
        server = self._server
        account, colon, password = (server.password or b'').partition(b':')
        server.password = None
        if (colon and self._network.portal is not None and self._user.account is None
                and server.may_show_passwords()):
            return self._log_in(account, password)
        return ADMITTED

    @coroutine
    def _log_in(self, account, password):
        # type: (bytes, bytes) -> Any
        """Judges the account and password of PASS."""
        server = self._server
        try:
            session = yield self.checked(account, password)
        except (LoginFailed, LoginUnavailable):
            server.reply(numerics.PASSWORD_MISMATCH)
            server.close_link(b'Password incorrect')
            raise Return(REFUSED)
        server.logged_in(session)
        raise Return(ADMITTED)

    def _judged(self, verdict):
        # type: (str) -> Any
        """Acts on the verdict of the network."""
        server = self._server
        if server.state != 'registering':
            return None                     # the client is gone
        if verdict == ADMITTED:
            return self.enter()
        if verdict == HELD_BACK:
            server.state = 'held'
            server.progress(server.settings.hold_seconds)
            self.welcome()
            self._network.held(server)
        return None

    @coroutine
    def checked(self, account, password):
        # type: (bytes, bytes) -> Any
        """A Future of the portal's Session of an account; it fails as a login does, and failures
        count as those of a login."""
        server = self._server
        network = self._network
        host = server.user_host()
        login = server.capabilities.login()
        if login.shut_out():
            raise LoginFailed(u'too many failed logins')
        credentials = UsernamePassword(account.decode('utf-8', 'replace'), password)
        credentials.host = host
        try:
            session = yield network.portal.login(server.clock, credentials)
        except LoginFailed:
            if network.guard is not None:
                yield sleep(server.clock, network.guard.failed(host))
            raise LoginFailed(u'refused')
        login.note_success(session.name)
        raise Return(session)

    def enter(self):
        # type: () -> Any
        """Takes the user into the network if it may come; its nick is free, or one that it may
        take over."""
        server = self._server
        network = self._network
        user = self._user
        ban = network.bans.of_user(user)
        if ban is not None:
            server.reply(numerics.BANNED_FROM_SERVER, (),
                         b'You are banned from this server: ' + ban.reason)
            server.close_link(b'K-Lined: ' + ban.reason)
            return None
        if user.account is None and server.settings.require_account:
            server.fail(b'*', b'ACCOUNT_REQUIRED', (), b'You must log in to use this server')
            server.close_link(b'An account is required')
            return None
        welcomed = server.state == 'held'
        other = network.user_of(user.nick)
        if other is not None and not network.may_attach(user, other):
            server.reply(numerics.NICK_IN_USE, [user.nick])
            user.nick = b''
            return None
        if other is not None:
            server.attach(other)
            self._user = other
            user = other
        server.state = 'online'
        network.unregistered -= 1
        server.progress_until = NEVER
        server.restart_idle()
        user.signed_on = server.clock.wall()
        user.spoke_at = server.clock.time()
        if (tls(server.transport) is not None or server.is_secure) and b'Z' not in user.modes:
            network.set_modes(user, user.modes + b'Z')
        if network.cloak is not None and b'x' not in user.modes:
            network.set_modes(user, user.modes + b'x')
        if other is not user:
            user.host = network.host_of(user)
            network.add(user)
        if not welcomed:
            self.welcome()
        self.announce()
        return network.entered(user)

    def welcome(self):
        # type: () -> None
        """Sends what every client gets when it has registered (RFC 2812 section 5.1)."""
        network = self._network
        server = self._server
        user = self._user
        server.reply(numerics.WELCOME, (), b'Welcome to the %s Network, %s'
                     % (network.network, user.source))
        server.reply(numerics.YOUR_HOST, (), b'Your host is %s, running version %s'
                     % (network.name, VERSION))
        server.reply(numerics.CREATED, (), b'This server was created '
                     + server.queries.spelled_time(network.created))
        server.reply(numerics.MY_INFO, [network.name, VERSION, b''.join(sorted(
            USER_MODES[at:at + 1] for at in range(len(USER_MODES)))) + b'Zor',
            b'CIMRTabefhiklmnopqrstv', b'Iabefhkloqv'])
        self.show_tokens()
        server.queries.cmd_lusers()
        server.queries.cmd_motd()

    def show_tokens(self):
        # type: () -> None
        """Sends ISUPPORT."""
        for words in format_tokens(self._tokens()):
            self._server.reply(numerics.ISUPPORT, words)

    def token_lines(self):
        # type: () -> List[bytes]
        """The lines of ISUPPORT."""
        return [self._server.line_of(numerics.ISUPPORT, words)
                for words in format_tokens(self._tokens())]

    def _tokens(self):
        # type: () -> List[Any]
        """The pairs of ISUPPORT."""
        settings = self._server.settings
        tokens = [
            (b'ACCEPT', b'%d' % settings.max_accepted),
            (b'ACCOUNTEXTBAN', b'a'),
            (b'AWAYLEN', b'%d' % settings.max_away),
            (b'BOT', b'B'),
            (b'CALLERID', b'g'),
            (b'CASEMAPPING', self._network.casemapping),
            (b'CHANLIMIT', b'#:%d' % settings.max_channels),
            (b'CHANMODES', CHANNEL_MODES),
            (b'CHANNELLEN', b'%d' % settings.max_channel),
            (b'CHANTYPES', b'#'),
            (b'ELIST', b'MTU'),
            (b'EXCEPTS', b'e'),
            (b'EXTBAN', b'~,amrt'),
            (b'INVEX', b'I'),
            (b'KEYLEN', b'%d' % settings.max_key),
            (b'KICKLEN', b'%d' % settings.max_kick),
            (b'KNOCK', None),
            (b'MAXLIST', b'beI:%d' % settings.max_list),
            (b'MAXTARGETS', b'%d' % settings.max_targets),
            (b'MODES', b'%d' % settings.max_modes),
            (b'MONITOR', b'%d' % settings.max_monitored),
            (b'NAMELEN', b'%d' % settings.max_realname),
            (b'NETWORK', self._network.network),
            (b'NICKLEN', b'%d' % settings.max_nick),
            (b'PREFIX', b'(%s)%s' % (b''.join(letter for letter, _ in MEMBERS),
                                     b''.join(sign for _, sign in MEMBERS))),
            (b'SAFELIST', None),
            (b'SILENCE', b'%d' % settings.max_silenced),
            (b'STATUSMSG', b''.join(sign for _, sign in MEMBERS)),
            (b'TARGMAX', b'JOIN:,KICK:%d,NAMES:%d,NOTICE:%d,PRIVMSG:%d,TAGMSG:%d,WHOIS:1'
             % ((settings.max_targets,) * 5)),
            (b'TOPICLEN', b'%d' % settings.max_topic),
            (b'USERLEN', b'%d' % settings.max_user),
            (b'WHOX', None),
        ]   # type: List[Any]
        if settings.require_account:
            tokens.append((b'ACCOUNTREQUIRED', None))
        if settings.utf8_only:
            tokens.append((b'UTF8ONLY', None))
        return sorted(tokens + self._network.tokens())

    def announce(self):
        # type: () -> None
        """Tells those who monitor the nick that it is there."""
        user = self._user
        for other in self._network.watchers_of(user.nick):
            if other is not user and other.connection is not None:
                other.connection.notify(numerics.MONITOR_ONLINE, (), user.source)


def shown_host(host):
    # type: (str) -> bytes
    """The host of a client; one that begins with a colon gets a zero in front."""
    octets = clipped(host.partition('%')[0].encode('ascii', 'replace'), MAX_HOST)
    if octets[:1] == b':':
        return b'0' + octets
    return octets or b'localhost'


def _is_ascii(octets):
    # type: (bytes) -> bool
    return _HOST.match(octets) is not None or octets[:2] == b'::'
