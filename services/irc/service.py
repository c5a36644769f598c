# Copyright the carryall authors.  See LICENSE.
"""The service type ``irc``: a chat server (RFC 2812, IRCv3).

    carryall serve irc --user ann
    carryall serve irc -p tcp:6667 -p tls:6697:certificate=server.pem --motd motd.txt

    carryall serve irc --store sqlite:irc.db        accounts, registered channels, history

Who is in which channel lives in memory, and ends with the server.  With a store, users register
accounts and channels, and messages, topics and markers are on the disk before they are told of.

Not here: the protocol (protocols/irc).
Tests:    tests/services/irc/test_ircservice.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.accountoptions import AccountOptions
from carryall.app.clientoptions import ClientOptions
from carryall.app.endpoints import STREAMS
from carryall.app.listeningoptions import ListeningOptions, RelayOptions
from carryall.app.loginoptions import LoginOptions
from carryall.app.options import Flag, Option, Schema
from carryall.app.optiontypes import Endpoint, Integer, PasswordPath, Path, Port, Seconds, Text
from carryall.app.service import MultiService, OneServer
from carryall.app.servicetypes import ServerType
from carryall.app.storeoptions import StoreOptions
from carryall.core.compat import FAILURES
from carryall.core.auth.portal import Portal, Realm
from carryall.core.errors import UsageError
from carryall.core.line.commandserver import Courier
from carryall.core.files.smallfile import read_small_text
from carryall.core.crypto import STANDARD
from carryall.protocols.irc import (PORT, Cloak, IRCServer, MessageArchive, MetadataBook, Network,
                                    Settings)
from carryall.services.irc.ircoptions import (ClassKind, GatewayKind, OperatorKind, ServerName,
                                              classes_of, gateways_of, operators_of)
from carryall.services.irc.ircstore import STORE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional
    from carryall.app.optionvalues import OptionValues

__all__ = ['ACCOUNTS', 'CLIENTS', 'IRCService', 'LISTENING', 'LOGINS', 'SCHEMA', 'TYPE']

# -- limits ------------------------------------------------------------------
GATHER_SECONDS = 0.005      # between two times of sending to all, while much is said
MAX_MOTD = 200              # lines of the message of the day
STORE_HELP = ('keeps accounts, channels and messages, and brings NickServ, ChanServ and others:'
              ' sqlite:FILE, postgresql://USER@HOST/NAME, or memory:')
REFUSAL = b'ERROR :Closing Link: Too many connections\r\n'

def _check(options):
    # type: (OptionValues) -> None
    has_accounts = (options.user or options.password_file is not None
                    or STORES.location(options) is not None)
    if options.oper and not has_accounts:
        raise UsageError(u'--oper needs accounts: --user, --password-file or --store')
    if options.clear_logins and not has_accounts:
        raise UsageError(u'--clear-logins needs --user, --password-file or --store')


RELAYS = RelayOptions()
LISTENING = ListeningOptions('port', 'tcp:%d' % PORT, interface='', connections=10000,
                             per_address=100, repeat=True,
                             help='port or endpoint to listen on, such as 6667 or'
                                  ' tls:6697:certificate=site.pem; 6667 on 127.0.0.1 unless given',
                             relays=RELAYS)
CLIENTS = ClientOptions('network of the clients that are served; everybody unless given')
LOGINS = LoginOptions('accounts')
STORES = StoreOptions(STORE, help=STORE_HELP)
ACCOUNTS = AccountOptions(group='accounts')

SCHEMA = Schema([
    LISTENING,
    Option('websocket', Endpoint(STREAMS), repeat=True,
           help='port or endpoint for web clients, ws://HOST:PORT/ (text.ircv3.net,'
                ' binary.ircv3.net)'),
    Option('origin', Text(1, 255, 'URL'), repeat=True,
           help='web site whose pages may open a WebSocket here, beside those of this server'),
    RELAYS,
    Option('webirc', GatewayKind(), repeat=True, secret=True,
           help='gateway that tells the addresses of its users by WEBIRC, and its password'),
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
    Option('connection-class', ClassKind(), repeat=True,
           help='connection class: other limits for a network, such as'
                ' office=10.0.0.0/8,burst=100,rate=20,connections=500; the first that fits counts'),
    Flag('utf8-only', help='refuse lines that are not UTF-8'),
    Flag('cloaks', help='hide the addresses of users behind cloaks'),
    Option('cloak-secret', Text(8, 255, 'SECRET'), secret=True,
           help='makes the same cloaks after each start; a secret is made up unless given'),
    Option('sts-port', Port(), help='port with TLS that clients go to by themselves (IRCv3 sts)'),
    Option('sts-seconds', Seconds(0.0, 10 * 366 * 86400.0), default='30d',
           help='how long clients remember that'),
    STORES,
    Option('history', Integer(0, 100000), default='200',
           help='messages that are kept of each channel, and of what two accounts say; 0: none'),
    Option('password-file', PasswordPath(), group='accounts',
           help='the accounts that may log in by SASL'),
    ACCOUNTS,
    Flag('clear-logins', group='accounts', help='take passwords without TLS too'),
    Flag('require-account', group='accounts', help='refuse users that have not logged in'),
    Option('oper', OperatorKind(), repeat=True, group='accounts',
           help='account that may become an operator by OPER, and its class; no client can '
                'register that name from then on'),
    LOGINS,
], check=_check, examples=[
    ('carryall serve irc', 'a chat server for this machine, on port 6667'),
    ('carryall serve irc --interface 0.0.0.0 --name irc.example.org --motd motd.txt',
     'one for everybody'),
    ('carryall serve irc --user ann --oper ann=admin --cloaks',
     'with an operator, and hidden addresses'),
    ('carryall serve irc --store sqlite:irc.db',
     'with accounts, registered channels and history that are kept'),
    ('carryall serve irc --websocket 8067 --origin https://chat.example',
     'for pages of a web client too'),
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
        self._make = None                   # type: Any  # makes an IRCServer
        self._store = None                  # type: Any  # a DataStore

    def start(self, loop):
        options = self._options
        checkers = _checkers(options)
        name = options.name.encode('ascii')
        shown_name = options.network.encode('ascii')
        motd = _motd(options)
        if STORES.location(options) is None:
            network = Network(loop, name, shown_name, motd,
                              Portal(Realm(), checkers) if checkers else None,
                              LOGINS.guard(options, loop) if checkers else None,
                              CLIENTS.admits(options))    # type: Any
            if options.history:
                network.archive = MessageArchive(options.history)
            network.metadata = MetadataBook()
        else:
            network = self._kept_network(loop, name, shown_name, motd, checkers)
        self.network = network
        network.courier = Courier(loop, GATHER_SECONDS)
        settings = Settings(
            hostname=network.name, clear_auth=options.clear_logins, ping_seconds=options.ping,
            burst=options.burst, rate=options.rate, max_channels=options.max_channels,
            utf8_only=options.utf8_only, require_account=options.require_account,
            sts_port=options.sts_port, sts_seconds=options.sts_seconds)
        network.classes = classes_of(options.connection_class, settings)
        network.operators = operators_of(options.oper)
        network.gateways = gateways_of(options.webirc)
        if options.cloaks or options.cloak_secret is not None:
            network.cloak = Cloak(STANDARD.random(32) if options.cloak_secret is None
                                  else options.cloak_secret.encode('utf-8'))
        network.rehash = self.reload
        network.die = loop.stop
        self._make = lambda: IRCServer(network, loop, settings)
        limits = LISTENING.limits(options, REFUSAL, loop)
        servers = []                        # type: List[Any]
        endpoints = LISTENING.endpoints(options, () if options.websocket else None)
        if endpoints:
            servers.append(LISTENING.server('irc', options, self._make, limits=limits,
                                            endpoints=endpoints, loop=loop))
        if options.websocket:
            servers.append(LISTENING.server(
                'irc-websocket', options, self._site(loop), None, limits,
                [LISTENING.endpoint(text, options) for text in options.websocket], loop=loop))
        try:
            self._load(loop)
        except FAILURES:
            self.release()
            raise
        self.serve(loop, MultiService('irc', servers))

    def _kept_network(self, loop, name, shown_name, motd, checkers):
        # type: (Any, bytes, bytes, Any, List[Any]) -> Any
        """The network with what the store has."""
        # Imported here: a server without a store has no services.
        from carryall.services.irc.ircstore import RecordBook
        from carryall.services.irc.keptnetwork import KeptNetwork
        options = self._options
        self._store = STORES.store(options)
        return KeptNetwork(loop, name, shown_name, motd, LOGINS.guard(options, loop),
                           CLIENTS.admits(options), RecordBook(self._store), options.history,
                           checkers)

    def _load(self, loop):
        # type: (Any) -> None
        """Opens the store and reads it, before the first client comes."""
        if self._store is None:
            return
        self._store.start(loop)
        loaded = self.network.load()
        if not loop.turning:
            loop.run_until(loaded)

    def release(self):
        """Closes the store, after what was written is safe."""
        store, self._store = self._store, None
        return None if store is None else store.close()

    def _site(self, loop):
        # type: (Any) -> Any
        """The web site on which a WebSocket begins; it serves nothing else."""
        # Imported here: most servers have no web clients.
        from carryall.protocols.http import Site
        from carryall.protocols.websocket import SAME_ORIGIN, Settings as SocketSettings
        from carryall.protocols.websocket import WebSocketServer
        from carryall.services.irc.chatsocket import MESSAGE_BYTES, SUBPROTOCOLS, ChatSocket
        origins = [SAME_ORIGIN] + [each.encode('utf-8') for each in self._options.origin]
        sockets = WebSocketServer(lambda request: ChatSocket(self._make()), loop,
                                  SocketSettings(subprotocols=SUBPROTOCOLS, origins=origins,
                                                 message_bytes=MESSAGE_BYTES))
        return Site(sockets, loop)

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

    def listened(self, options):
        """The Endpoints where the service will listen, those of WebSockets too."""
        return (LISTENING.endpoints(options, () if options.websocket else None)
                + [LISTENING.endpoint(text, options) for text in options.websocket])


TYPE = IRCType()
