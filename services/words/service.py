# Copyright the carryall authors.  See LICENSE.
"""The service type ``words``: a chat server with an IRC, a Perspective Broker and a web interface.

    mktap words                             # as in Twisted 0.19: ports 8787, 6667 and 8080
    carryall serve words --admin ann
    carryall serve words --irc tls:6697:certificate=chat.pem --irchost 0.0.0.0 --bot parrot:echo

Accounts are made on the web page, or by --user.  All that is said is in one chat space
(chatspace.py), and is kept in a database.

Tests:    tests/services/words/test_wordsservice.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.accountoptions import AccountKind
from carryall.app.clientoptions import ClientOptions
from carryall.app.endpoints import STREAMS, parse_endpoint
from carryall.app.listeningoptions import ListeningOptions
from carryall.app.loginoptions import LoginOptions
from carryall.app.options import Flag, Option, Schema
from carryall.app.optiontypes import Endpoint, Integer, Interface, Pair, Path, Text
from carryall.app.service import MultiService, OneServer
from carryall.app.servicetypes import ServerType
from carryall.app.storeoptions import StoreOptions
from carryall.core.auth.portal import Portal, Realm
from carryall.core.auth.verifiers import ITERATIONS
from carryall.core.compat import FAILURES
from carryall.core.errors import UsageError
from carryall.core.files.smallfile import read_small_text
from carryall.core.future import Return, coroutine
from carryall.core.logs import escape, get_logger
from carryall.core.net.ip import is_loopback
from carryall.core.patterns import Pattern
from carryall.protocols import pb
from carryall.protocols.http import Site
from carryall.protocols.irc import PORT, IRCServer, Settings
from carryall.services.words.chataccounts import AccountBook
from carryall.services.words.chatbots import KINDS, BotHouse
from carryall.services.words.chaterrors import WordsError
from carryall.services.words.chatnames import MAX_NICK, checked_name, folded
from carryall.services.words.chatsite import ChatSite
from carryall.services.words.chatspace import ChatSpace, Limits
from carryall.services.words.chatstore import STORE, DatabaseChatStore
from carryall.services.words.ircgateway import IRCGateway
from carryall.services.words.pbchat import ChatRealm
from carryall.services.words.tendril import Tendril, parse_place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional
    from carryall.app.optionvalues import OptionValues

__all__ = ['LISTENING', 'SCHEMA', 'STORES', 'TYPE', 'WordsService']

# -- limits ------------------------------------------------------------------
MAX_MOTD = 200              # lines of the message of the day
WEB_PORT = 8080
REFUSAL = b'ERROR :Closing Link: Too many connections\r\n'

_SERVER = Pattern(u'[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\\Z')

log = get_logger('words')


class ChatAccount(AccountKind):
    """NAME=PASSWORD, NAME:PASSWORD as in Twisted 1.2, or NAME for a password that is made up."""

    def parse(self, text):
        name, colon, password = text.partition(u':')
        if colon and u'=' not in name:
            text = name + u'=' + password
        value = AccountKind.parse(self, text)
        _checked(value[0])
        return value

    def check(self, value):
        AccountKind.check(self, value)
        _checked(value[0])


class BotKind(Pair):
    """NAME:TYPE, as in Twisted 1.2, or NAME=TYPE."""

    def __init__(self):
        # type: () -> None
        Pair.__init__(self, Text(1, 32), Text(1, 255), metavar='NAME:TYPE')

    def parse(self, text):
        if u'=' not in text.partition(u':')[0]:
            text = text.replace(u':', u'=', 1)
        value = Pair.parse(self, text)
        self.check(value)
        return value

    def check(self, value):
        Pair.check(self, value)
        _checked(value[0])
        if value[1] not in KINDS and u':' not in value[1]:
            raise UsageError(u'there is no bot of type "%s": %s, or MODULE:CLASS'
                             % (value[1], u', '.join(sorted(KINDS))))


class TendrilKind(Text):
    """HOST:PORT/CHANNEL=GROUP."""

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 400, 'HOST:PORT/CHANNEL=GROUP')

    def parse(self, text):
        value = Text.parse(self, text)
        self.check(value)
        return value

    def check(self, value):
        Text.check(self, value)
        if parse_place(value) is None:
            raise UsageError(u'"%s" is not HOST:PORT/CHANNEL=GROUP, such as '
                             u'irc.example:6667/tea=tea' % value)


class ServerName(Text):
    """The name of the IRC server."""

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 63, 'NAME')

    def check(self, value):
        Text.check(self, value)
        if _SERVER.match(value) is None:
            raise UsageError(u'"%s" is no name of letters, digits, dots and hyphens' % value)


def _checked(name):
    # type: (str) -> None
    try:
        checked_name(name)
    except WordsError as exc:
        raise UsageError(u'"%s": %s' % (name, exc))


LISTENING = ListeningOptions(
    'port', 'tcp:%d' % pb.PORT, repeat=True, connections=10000, per_address=100,
    help='port or endpoint for Perspective Broker; %d on 127.0.0.1 unless given' % pb.PORT)
CLIENTS = ClientOptions('network of the clients that are served; everybody unless given')
LOGINS = LoginOptions('accounts')
STORES = StoreOptions(STORE, 'sqlite:words.db')

SCHEMA = Schema([
    LISTENING,
    Option('irc', Endpoint(STREAMS), short='i', repeat=True,
           help='port or endpoint for IRC; %d on 127.0.0.1 unless given' % PORT),
    Option('web', Endpoint(STREAMS), short='w', repeat=True,
           help='port or endpoint for the web; %d on 127.0.0.1 unless given' % WEB_PORT),
    Option('finger', Endpoint(STREAMS), repeat=True,
           help='port or endpoint for finger, which shows participants; on 127.0.0.1 unless it '
                'names an address'),
    Option('wordshost', Interface(), short='b', default='127.0.0.1',
           help='address that Perspective Broker listens on'),
    Option('irchost', Interface(), default='127.0.0.1', help='address that IRC listens on'),
    Option('webhost', Interface(), short='s', default='127.0.0.1',
           help='address that the web listens on'),
    CLIENTS,
    STORES,
    Option('user', ChatAccount(), repeat=True, secret=True, group='accounts',
           help='an account that is made if it is not there; without a password one is made up and '
                'shown; other users of this machine can read command lines'),
    Option('admin', ChatAccount(), repeat=True, secret=True, group='accounts',
           help='the same for an account that may administer by the web'),
    Flag('no-create', group='accounts', help='visitors of the web page make no accounts'),
    Flag('twisted-clients', group='accounts',
         help='keep the md5 of new passwords, which clients of Twisted log in with; a thief of the '
              'database could log in with it too'),
    Flag('clear-logins', group='accounts',
         help='take passwords without TLS from other machines too'),
    LOGINS,
    Option('bot', BotKind(), repeat=True, group='bots',
           help='a bot in the chat: %s, botbot, or a class of your own as MODULE:CLASS'
                % ', '.join(sorted(each for each in KINDS if each != u'botbot'))),
    Option('tendril', TendrilKind(), repeat=True, group='bots',
           help='a bridge between a channel of an IRC network and a group, such as '
                'irc.example:6667/tea=tea'),
    Option('tendril-rate', Integer(1, 100000), default='1', group='bots',
           help='lines a second that a bridge sends to its network'),
    Option('name', ServerName(), default='words.localhost', group='IRC',
           help='name of the IRC server'),
    Option('network', ServerName(), default='Words', group='IRC', help='name of the network'),
    Option('motd', Path('file'), group='IRC', help='file with the message of the day'),
    Option('kept', Integer(1, 10000000), default='100000',
           help='messages of each group, and of each pair of participants, that are kept'),
], examples=[
    ('mktap words', 'a chat server for this machine, saved in words.tap'),
    ('carryall serve words --admin ann', 'the same now, with an administrator'),
    ('carryall serve words --irc tls:6697:certificate=chat.pem --irchost 0.0.0.0',
     'IRC with TLS for everybody'),
], first=('port', 'irc', 'web', 'admin', 'user', 'bot', 'store'))


class WordsService(OneServer):
    """The chat space and its three interfaces.

    Args:     options: as SCHEMA gives them.

    Attributes:
        space: the ChatSpace while the service runs.
        bots: the BotHouse while it runs.
    """

    def __init__(self, options):
        # type: (OptionValues) -> None
        OneServer.__init__(self, 'words')
        self._options = options
        self._data = None           # type: Any
        self._network = None        # type: Optional[IRCGateway]
        self._site = None           # type: Optional[ChatSite]
        self._tendrils = []         # type: List[Tendril]
        self.space = None           # type: Optional[ChatSpace]
        self.bots = None            # type: Optional[BotHouse]

    def start(self, loop):
        options = self._options
        motd = _motd(options)
        self._data = STORES.store(options)
        self._data.start(loop)
        try:
            self.serve(loop, self._make(loop, motd))
        except FAILURES:
            self.release()
            raise

    def _make(self, loop, motd):
        # type: (Any, Any) -> MultiService
        """The servers of a new space."""
        options = self._options
        space = ChatSpace(loop, DatabaseChatStore(self._data, options.kept), Limits())
        book = AccountBook(space, options.twisted_clients, ITERATIONS)
        guard = LOGINS.guard(options, loop)
        clear = options.clear_logins
        self.space = space
        self.bots = BotHouse(space, loop, options.bot)
        self._network = IRCGateway(
            loop, space, options.name.encode('ascii'), options.network.encode('ascii'),
            Portal(Realm(), [book]), guard, motd, CLIENTS.admits(options), clear)
        self._site = ChatSite(space, book, loop, guard, clear, not options.no_create, self.bots)
        root = pb.LoginRoot(Portal(ChatRealm(space), [book]), guard)
        here = all(each.kind == 'unix' or is_loopback(each.interface) for each in
                   irc_endpoints(options))
        settings = Settings(hostname=self._network.name, clear_auth=clear or here,
                            max_nick=MAX_NICK)
        book.ready = self._open(loop, space, book)
        book.ready.then(None, _log_failure)
        network = self._network
        site = Site(self._site, loop)
        limits = LISTENING.limits(options, REFUSAL, loop)
        servers = [
            LISTENING.server('words', options, lambda: pb.Broker(loop, root, extensions=True),
                             limits=limits, endpoints=pb_endpoints(options)),
            LISTENING.server('words-irc', options, lambda: IRCServer(network, loop, settings),
                             limits=limits, endpoints=irc_endpoints(options)),
            LISTENING.server('words-web', options, site, limits=LISTENING.limits(options),
                             endpoints=web_endpoints(options)),
        ]
        if options.finger:
            # Imported here: few have it.
            from carryall.protocols.finger import FingerServer
            from carryall.services.words.presencefinger import PresenceDirectory
            directory = PresenceDirectory(space, loop, CLIENTS.admits(options))
            servers.append(LISTENING.server(
                'words-finger', options, lambda: FingerServer(directory, loop),
                limits=LISTENING.limits(options), endpoints=finger_endpoints(options)))
        return MultiService('words', servers)

    @coroutine
    def _open(self, loop, space, book):
        # type: (Any, ChatSpace, AccountBook) -> Any
        """Reads the store, makes the accounts of the options, and starts the bots."""
        yield space.open()
        for name, password in self._options.user:
            if folded(name) not in space.participants:
                yield book.create(name, password.encode('utf-8'), loop)
        for name, password in self._options.admin:
            found = space.participants.get(folded(name))
            if found is None:
                yield book.create(name, password.encode('utf-8'), loop, is_admin=True)
            elif not found.is_admin:
                found.is_admin = True
                yield space.keep_participant(found)
        if self.bots is not None:
            yield self.bots.start()
        for number, text in enumerate(self._options.tendril):
            name = u'tendril%d' % number if number else u'tendril'
            tendril = Tendril(space, loop, parse_place(text), name, self._options.tendril_rate)
            self._tendrils.append(tendril)
            yield tendril.start()
        raise Return(None)

    def reload(self):
        """Reads the message of the day, bots and certificates again."""
        if self._network is not None and self.bots is not None:
            motd = _motd(self._options)
            OneServer.reload(self)
            self._network.motd = motd
            self.bots.reload()

    def release(self):
        if self.bots is not None:
            self.bots.close()
        for tendril in self._tendrils:
            tendril.close()
        del self._tendrils[:]
        if self._site is not None:
            self._site.close()
        self.bots = None
        self._site = None
        self._network = None
        self.space = None
        data, self._data = self._data, None
        return None if data is None else data.close()


def _log_failure(exc):
    # type: (BaseException) -> None
    log.error('the accounts of the options could not be made: %s', escape(u'%s' % exc))


def _motd(options):
    # type: (OptionValues) -> Optional[List[bytes]]
    """The lines of the message of the day; None without one."""
    if options.motd is None:
        return None
    lines = read_small_text(options.motd).splitlines()
    if len(lines) > MAX_MOTD:
        raise UsageError(u'%s: more than %d lines' % (options.motd, MAX_MOTD))
    return [line.encode('utf-8') for line in lines]


# -- endpoints -------------------------------------------------------------------------

def _endpoints(texts, default, host):
    # type: (Any, str, str) -> List[Any]
    found = [parse_endpoint(text, STREAMS) for text in texts or [default]]
    for endpoint in found:
        if endpoint.interface == '':
            endpoint.interface = str(host)
    return found


def pb_endpoints(options):
    # type: (OptionValues) -> List[Any]
    """The Endpoints of Perspective Broker."""
    return _endpoints(options.port, u'tcp:%d' % pb.PORT, options.wordshost)


def irc_endpoints(options):
    # type: (OptionValues) -> List[Any]
    """The Endpoints of IRC."""
    return _endpoints(options.irc, u'tcp:%d' % PORT, options.irchost)


def web_endpoints(options):
    # type: (OptionValues) -> List[Any]
    """The Endpoints of the web."""
    return _endpoints(options.web, u'tcp:%d' % WEB_PORT, options.webhost)


def finger_endpoints(options):
    # type: (OptionValues) -> List[Any]
    """The Endpoints of finger."""
    return _endpoints(options.finger, u'', u'127.0.0.1') if options.finger else []


class WordsType(ServerType):
    """The type ``words``."""

    name = 'words'
    summary = 'a chat server: IRC, Perspective Broker and the web'
    version = 1
    options = SCHEMA
    service = WordsService
    listening = LISTENING

    def listened(self, options):
        return (pb_endpoints(options) + irc_endpoints(options) + web_endpoints(options)
                + finger_endpoints(options))


TYPE = WordsType()
