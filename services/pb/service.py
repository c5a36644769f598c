# Copyright the carryall authors.  See LICENSE.
"""The service type ``pb``: serves an object of the user's own by Perspective Broker.

    carryall pb                                     an echo on 127.0.0.1:8787, to try clients with
    carryall pb --root pond:Pond                    an instance of the class Pond in pond.py,
                                                    for all clients
    carryall pb --root pond:Realm --users accounts  an avatar for each user, after a login
    carryall pb -p tls:8787:certificate=me.pem:key=me.key --passwords users
    carryall pb --websocket 8080                    over a WebSocket, ws://127.0.0.1:8080/pb, for
                                                    programs other than browsers
    carryall pb --websocket 8080 --origin https://app.example       and for pages from there

The challenge that Twisted's clients answer needs passwords in clear (--users) or their md5
(--md5-users).  With --passwords, a file of hashes, clients of ours log in by SCRAM, or with the
password itself over TLS; other clients cannot log in.

``--root MODULE:NAME`` names a class that is called without arguments.  Without users its instance
must be a ``pb.Root``, with users a realm: ``avatar(name, credentials, mind)`` returns a
``pb.Avatar``.  The operator chooses the module that is imported; peers cannot.

A WebSocket carries the octets of a connection in binary messages.  They are not compressed, as a
login and data from strangers would share a window.  Behind a TLS endpoint it is ``wss://``.

Tests:    tests/services/pb/test_service.py
"""
from __future__ import absolute_import, division, print_function

import binascii
import os
import sys

from carryall.core.activity import activity_of, tell
from carryall.core.auth.checkers import AnonymousChecker, MemoryChecker
from carryall.app.accountoptions import AccountOptions
from carryall.app.listeningoptions import ListeningOptions
from carryall.app.loginoptions import LoginOptions
from carryall.core.auth.passwordfile import PasswordFile
from carryall.core.auth.portal import Portal
from carryall.core.compat import FAILURES, native, to_bytes
from carryall.app.endpoints import STREAMS
from carryall.core.errors import UsageError
from carryall.app.optiontypes import Endpoint, PasswordPath, Path, Text
from carryall.app.options import Flag, Option, Schema
from carryall.core.files.smallfile import read_small
from carryall.app.servicetypes import ServerType
from carryall.app.service import MultiService, OneServer
from carryall.protocols import pb

__all__ = ['EchoRealm', 'EchoRoot', 'PBService', 'TYPE', 'read_accounts']

# -- limits ------------------------------------------------------------------
DEFAULT_PORT = u'tcp:%d' % pb.PORT
DEFAULT_PATH = u'/pb'
PATH_OCTETS = b'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/'


class EchoRoot(pb.Root):
    """The default root: returns its arguments."""

    def remote_echo(self, *args):
        # type: (*Any) -> Any
        """The one argument, or all of them as a tuple."""
        return args[0] if len(args) == 1 else args


class EchoAvatar(pb.Avatar):
    """The same for users, as an avatar."""

    def __init__(self, name, mind):
        # type: (str, Any) -> None
        self.name = name
        self.mind = mind

    def perspective_echo(self, *args):
        # type: (*Any) -> Any
        """The one argument, or all of them as a tuple."""
        return args[0] if len(args) == 1 else args

    def perspective_name(self):
        # type: () -> str
        """The name of the user."""
        return self.name


class EchoRealm(object):
    """Makes an EchoAvatar for each user."""

    def avatar(self, name, credentials, mind):
        # type: (str, Any, Any) -> EchoAvatar
        """A new avatar for each login."""
        return EchoAvatar(name, mind)


class PBService(OneServer):
    """Brokers on some endpoints.

    Args:     options: as the options give them.
    """

    def __init__(self, options):
        # type: (OptionValues) -> None
        OneServer.__init__(self, 'pb')
        self._options = options
        self._root = None           # type: Any

    def start(self, loop):
        options = self._options
        self._root = self._make_root(loop)
        limits = LISTENING.limits(options)
        servers = []                # type: List[Any]
        if endpoints_of(options):
            servers.append(LISTENING.server('pb', options, self._broker, None, limits,
                                             endpoints_of(options)))
        if options.websocket:
            site = self._make_site(loop)
            servers.append(LISTENING.server('pb-websocket', options, site, None, limits,
                                             websockets_of(options)))
        self.loop = loop            # needed by the brokers as soon as a port is open
        self.serve(loop, MultiService('pb', servers))

    def _make_site(self, loop):
        # type: (Any) -> Any
        """The web site on which a WebSocket begins; it serves nothing else."""
        # Imported here, as most services do without HTTP.
        from carryall.protocols.http import Site, plain_response
        from carryall.protocols.websocket import SAME_ORIGIN, Settings, Stream, WebSocketServer
        options = self._options
        path = _path(options.websocket_path)
        origins = [SAME_ORIGIN] + [to_bytes(one) for one in options.origin]
        sockets = WebSocketServer(lambda request: Stream(loop, self._broker()), loop,
                                  Settings(origins=origins))

        def serve(request):
            # type: (Any) -> Any
            if self.loop is None:
                return plain_response(503)
            return sockets(request) if request.path == path else plain_response(404)

        return Site(serve, loop)

    def _broker(self):
        # type: () -> pb.Broker
        broker = pb.Broker(self.loop, self._root, extensions=True,
                           unsafe_tracebacks=self._options.unsafe_tracebacks)
        if activity_of(self.loop) is not None:
            loop = self.loop
            began = loop.time()
            broker.closed.add_done_callback(
                lambda _: tell(broker.transport, u'session', u'ended', None, loop.time() - began))
        return broker

    def _make_root(self, loop):
        # type: (Any) -> Any
        options = self._options
        accounts = needs_login(options)
        if options.root is not None:
            made = _load(options.root)()
        else:
            made = EchoRealm() if accounts else EchoRoot()
        if not accounts:
            if not hasattr(made, 'rootObject'):
                raise UsageError(u'%s does not make a pb.Root, which is needed without --users'
                                 % options.root)
            return made
        if not hasattr(made, 'avatar'):
            raise UsageError(u'%s does not make a realm, which has avatar(name, credentials, mind)'
                             % options.root)
        checkers = ACCOUNTS.checkers(options)
        if options.users is not None:
            checkers.append(MemoryChecker(read_accounts(options.users)))
        if options.passwords is not None:
            checkers.append(PasswordFile(options.passwords))
        if options.md5_users is not None:
            checkers.append(pb.MD5Checker(
                dict((name, _md5(value)) for name, value in read_accounts(
                    options.md5_users).items())))
        if options.anonymous:
            checkers.append(AnonymousChecker())
        return pb.LoginRoot(Portal(made, checkers), LOGINS.guard(options, loop))

    def reload(self):
        """Reads the accounts and certificates again; users stay logged in."""
        if self.loop is not None:
            self._root = self._make_root(self.loop)
        OneServer.reload(self)

    def release(self):
        # type: () -> None
        self.loop = None


def needs_login(options):
    # type: (OptionValues) -> bool
    """True if the options name any accounts."""
    accounts = (options.users, options.passwords, options.md5_users)
    return options.anonymous or bool(options.user) or any(path is not None for path in accounts)


def endpoints_of(options):
    # type: (OptionValues) -> List[Any]
    """The Endpoints without WebSocket; the default port if no endpoint is given."""
    return LISTENING.endpoints(options, () if options.websocket else None)


def websockets_of(options):
    # type: (OptionValues) -> List[Any]
    """The Endpoints for WebSockets."""
    return [LISTENING.endpoint(text, options) for text in options.websocket]


def _path(text):
    # type: (str) -> bytes
    """The path of a URL, in the form of a request."""
    path = to_bytes(text)
    if path[:1] != b'/' or path.translate(None, PATH_OCTETS):
        raise UsageError(u'--websocket-path must be the path of a URL, such as /pb')
    return path


def _load(name):
    # type: (str) -> Any
    """The class that the options name; UsageError if it cannot be loaded."""
    module, colon, attribute = native(name).partition(':')
    if not colon or not module or not attribute or attribute.startswith('_'):
        raise UsageError(u'--root must be MODULE:NAME, such as pond:Pond')
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())         # as a script finds the modules next to it
    try:
        loaded = __import__(module, None, None, [attribute])
    except FAILURES as exc:
        raise UsageError(u'the module %s cannot be imported: %s' % (module, exc))
    found = vars(loaded).get(attribute)
    if not callable(found):
        raise UsageError(u'class %s is missing in %s' % (attribute, module))
    return found


def read_accounts(path):
    # type: (str) -> Dict[str, bytes]
    """{name: value} of a file of lines ``NAME:VALUE``; ``#`` begins a comment."""
    data = read_small(path)
    found = {}                  # type: Dict[str, bytes]
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip() or line.startswith(b'#'):
            continue
        name, colon, value = line.partition(b':')
        try:
            text = name.decode('utf-8')
        except UnicodeError:
            text = u''
        if not colon or not text or not value or text in found:
            raise UsageError(u'%s, line %d: not NAME:PASSWORD, or a duplicate name'
                             % (path, number))
        found[text] = value
    return found


def _md5(value):
    # type: (bytes) -> bytes
    try:
        octets = binascii.unhexlify(value.strip())
    except FAILURES:            # TypeError or binascii.Error, by version
        octets = b''
    if len(octets) != 16:
        raise UsageError(u'--md5-users needs lines NAME:MD5, of 32 hexadecimal digits')
    return octets


LISTENING = ListeningOptions(
    'port', DEFAULT_PORT, repeat=True, connections=1000, per_address=100,
    help='port or endpoint to listen on, such as 8787, tls:8787:certificate=me.pem or'
         ' unix:/run/pb.sock; %d on 127.0.0.1 unless given' % pb.PORT)
LOGINS = LoginOptions()
ACCOUNTS = AccountOptions()
SCHEMA = Schema([
    LISTENING,
    Option('websocket', Endpoint(STREAMS), short='w', repeat=True,
           help='port or endpoint for WebSockets, wss:// if it is a TLS one; the only one '
                'unless --port is given'),
    Option('websocket-path', Text(1, 255, 'PATH'), default=DEFAULT_PATH,
           help='path of the WebSocket'),
    Option('origin', Text(1, 255, 'ORIGIN'), repeat=True,
           help='sites whose pages may connect by WebSocket besides our own, such as '
                'https://app.example, or * for all'),
    Option('root', Text(3, 255, 'MODULE:NAME'), short='r',
           help='class to serve: a pb.Root, or with users a realm; an echo unless given'),
    Option('users', Path('file'), short='u',
           help='file of accounts, lines of NAME:PASSWORD; in clear, as the challenge of PB '
                'needs them'),
    ACCOUNTS,
    Option('passwords', PasswordPath(), help='password file, made by "carryall passwd", for '
                                             'our own clients only'),
    Option('md5-users', Path('file'),
           help='file of lines NAME:MD5 of 0.19; its content is enough to log in, so use it for '
                'old accounts only'),
    Flag('anonymous', short='a', help='let clients without an account log in'),
    Flag('unsafe-tracebacks', help='send peers the texts and tracebacks of all exceptions'),
    LOGINS,
], examples=[
    ('carryall pb', 'an echo, to try clients with'),
    ('carryall pb --root pond:Pond',
     'an instance of Pond in pond.py, for everybody on this machine'),
    ('mktap pb --root pond:Realm --users accounts', 'an avatar for each user, saved in pb.tap'),
], first=('port', 'websocket', 'root', 'users', 'user', 'passwords', 'anonymous', 'ban-after'))


class PBType(ServerType):
    """The type ``pb``."""

    name = 'pb'
    summary = 'objects of your own, by Perspective Broker'
    version = 1
    options = SCHEMA
    service = PBService

    def listened(self, options):
        return endpoints_of(options) + websockets_of(options)


TYPE = PBType()

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Sequence
    from carryall.app.optionvalues import OptionValues
