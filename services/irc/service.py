# Copyright the carryall authors.  See LICENSE.
"""The service type ``irc``: a chat server (RFC 2812, IRCv3).

    carryall serve irc --user ann
    carryall serve irc -p tcp:6667 -p tls:6697:certificate=server.pem --motd motd.txt

Who is in which channel lives in memory, and ends with the server.

Not here: the protocol (protocols/irc).
Tests:    tests/services/irc/test_ircservice.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.accountoptions import AccountOptions
from carryall.app.clientoptions import ClientOptions
from carryall.app.listeningoptions import ListeningOptions
from carryall.app.loginoptions import LoginOptions
from carryall.app.options import Flag, Option, Schema
from carryall.app.optiontypes import Integer, PasswordPath, Path, Seconds, Text
from carryall.app.service import OneServer
from carryall.app.servicetypes import ServerType
from carryall.core.auth.portal import Portal, Realm
from carryall.core.errors import UsageError
from carryall.core.files.smallfile import read_small_text
from carryall.core.patterns import Pattern
from carryall.protocols.irc import PORT, IRCServer, Network, Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional
    from carryall.app.optionvalues import OptionValues

__all__ = ['ACCOUNTS', 'CLIENTS', 'IRCService', 'LISTENING', 'LOGINS', 'SCHEMA', 'TYPE']

# -- limits ------------------------------------------------------------------
MAX_MOTD = 200              # lines of the message of the day
REFUSAL = b'ERROR :Closing Link: Too many connections\r\n'

_NAME = Pattern(u'[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\\Z')


class ServerName(Text):
    """A name of letters, digits, dots and hyphens."""

    metavar = 'NAME'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 63)

    def check(self, value):
        Text.check(self, value)
        if _NAME.match(value) is None:
            raise UsageError(u'"%s" is no name of letters, digits, dots and hyphens' % value)


def _check(options):
    # type: (OptionValues) -> None
    if options.clear_logins and not options.user and options.password_file is None:
        raise UsageError(u'--clear-logins needs --user or --password-file')


LISTENING = ListeningOptions('port', 'tcp:%d' % PORT, interface='', connections=10000,
                             per_address=100, repeat=True,
                             help='port or endpoint to listen on, such as 6667 or'
                                  ' tls:6697:certificate=site.pem; 6667 on 127.0.0.1 unless given')
CLIENTS = ClientOptions('network of the clients that are served; everybody unless given')
LOGINS = LoginOptions('accounts')
ACCOUNTS = AccountOptions(group='accounts')

SCHEMA = Schema([
    LISTENING,
    CLIENTS,
    Option('name', ServerName(), default='irc.localhost', help='name of the server'),
    Option('network', ServerName(), default='carryall', help='name of the network'),
    Option('motd', Path('file'), help='file with the message of the day'),
    Option('ping', Seconds(1.0, 3600.0), default='2m',
           help='how long a client may be silent until it is asked whether it is there'),
    Option('burst', Integer(1, 100000), default='20',
           help='commands that a client may send at once, after a pause'),
    Option('rate', Integer(1, 100000), default='2',
           help='commands a second that a client may send after that; more of them wait'),
    Option('max-channels', Integer(1, 10000), default='50',
           help='channels that one client is in'),
    Option('password-file', PasswordPath(), group='accounts',
           help='the accounts that may log in by SASL'),
    ACCOUNTS,
    Flag('clear-logins', group='accounts', help='take passwords without TLS too'),
    LOGINS,
], check=_check, examples=[
    ('carryall serve irc', 'a chat server for this machine, on port 6667'),
    ('carryall serve irc --interface 0.0.0.0 --name irc.example.org --motd motd.txt',
     'one for everybody'),
    ('carryall serve irc -p tcp:6667 -p tls:6697:certificate=server.pem',
     'with TLS on its usual port')])


class IRCService(OneServer):
    """A server, and the Network of its connections.

    Args:     options: as SCHEMA gives them.
    """

    def __init__(self, options):
        # type: (OptionValues) -> None
        OneServer.__init__(self, 'irc')
        self._options = options
        self.network = None                 # type: Optional[Network]

    def start(self, loop):
        options = self._options
        checkers = _checkers(options)
        network = Network(
            loop, options.name.encode('ascii'), options.network.encode('ascii'), _motd(options),
            Portal(Realm(), checkers) if checkers else None,
            LOGINS.guard(options, loop) if checkers else None, CLIENTS.admits(options))
        self.network = network
        settings = Settings(hostname=network.name, clear_auth=options.clear_logins,
                            ping_seconds=options.ping, burst=options.burst, rate=options.rate,
                            max_channels=options.max_channels)
        limits = LISTENING.limits(options, REFUSAL, loop)
        self.serve(loop, LISTENING.server(
            'irc', options, lambda: IRCServer(network, loop, settings), limits=limits))

    def reload(self):
        """Reads the message of the day and certificates again; after an error all stays."""
        if self.network is not None:
            motd = _motd(self._options)
            OneServer.reload(self)
            self.network.motd = motd


def _motd(options):
    # type: (OptionValues) -> Optional[List[bytes]]
    """The lines of the message of the day; None without one."""
    if options.motd is None:
        return None
    lines = read_small_text(options.motd).splitlines()
    if len(lines) > MAX_MOTD:
        raise UsageError(u'%s: more than %d lines' % (options.motd, MAX_MOTD))
    return [line.encode('utf-8') for line in lines]


def _checkers(options):
    # type: (OptionValues) -> List[Any]
    found = ACCOUNTS.checkers(options)
    if options.password_file is not None:
        # Imported here: most servers have no accounts.
        from carryall.core.auth.passwordfile import PasswordFile
        found.append(PasswordFile(options.password_file))
    return found


class IRCType(ServerType):
    """The type ``irc``."""

    name = 'irc'
    summary = 'a chat server (RFC 2812, IRCv3)'
    version = 1
    options = SCHEMA
    service = IRCService
    listening = LISTENING


TYPE = IRCType()
