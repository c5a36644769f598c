# Copyright the carryall authors.  See LICENSE.
"""The options of the dns service.

Tests:    tests/services/dns/test_dnsservice.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.app.clientoptions import ClientOptions
from carryall.app.listeningoptions import ListeningOptions
from carryall.app.options import Flag, Option, Schema
from carryall.app.optiontypes import Integer, Pair, Path, Text
from carryall.core.compat import native
from carryall.core.errors import LocalProtocolError, UsageError
from carryall.core.net import ip
from carryall.core.net.networks import Network
from carryall.protocols.dns import PORT, parse_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Tuple
    from carryall.app.optionvalues import OptionValues

__all__ = ['CLIENTS', 'LISTENING', 'Peer', 'SCHEMA', 'Secondary', 'ZoneName', 'origin_of',
           'server_of']


class ZoneName(Text):
    """The name of a zone."""

    metavar = 'ZONE'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 1000)

    def check(self, value):
        Text.check(self, value)
        try:
            parse_name(value)
        except LocalProtocolError as exc:
            raise UsageError(exc.message)


class Peer(Text):
    """A client with rights: a network, or ``key:NAME`` for the holder of a key."""

    metavar = 'NETWORK|key:NAME'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 300)

    def check(self, value):
        Text.check(self, value)
        if value.startswith(u'key:'):
            ZoneName().check(value[4:])
        else:
            Network(value)


class Secondary(Text):
    """PRIMARY/ZONE[,ZONE], as Twisted's --secondary."""

    metavar = 'ADDRESS/ZONE'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 3, 2000)

    def check(self, value):
        Text.check(self, value)
        self.split(value)

    def split(self, value):
        # type: (str) -> Tuple[Tuple[str, int], List[bytes]]
        """((numeric host, port), names of zones)."""
        place, slash, names = value.partition(u'/')
        server = server_of(place)
        if not slash or server is None or not names:
            raise UsageError(u'"%s" is not of the form 192.0.2.1/example.org' % value)
        found = []
        for name in names.split(u','):
            ZoneName().check(name)
            found.append(parse_name(name).lower())
        return server, found


class ServerAddress(Text):
    """ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT."""

    metavar = 'ADDRESS'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 64)

    def check(self, value):
        Text.check(self, value)
        if server_of(value) is None:
            raise UsageError(u'"%s" is not a server such as 192.0.2.53 or [2001:db8::1]:5353'
                             % value)


def server_of(text):
    # type: (str) -> Any
    """(numeric host, port) of a server's text, or None."""
    host = text
    port = u''
    if text.startswith(u'['):
        host, _, port = text[1:].partition(u']')
        if port and not port.startswith(u':'):
            return None
        port = port[1:]
    elif text.count(u':') == 1:
        host, _, port = text.partition(u':')
    found = ip.canonical(native(host.encode('ascii', 'replace').decode('ascii')))
    if found is None or port and (not port.isdigit() or not 0 < int(port) < 65536):
        return None
    return found, int(port or PORT)


def origin_of(path):
    # type: (str) -> bytes
    """The zone of a file that is named after it: ``example.org``, ``example.org.zone``."""
    name = os.path.basename(path)
    for ending in (u'.zone', u'.db'):
        if name.endswith(ending):
            name = name[:-len(ending)]
    try:
        return parse_name(name).lower()
    except LocalProtocolError as exc:
        raise UsageError(u'%s has not the name of a zone: %s' % (path, exc.message))


def _check(options):
    # type: (OptionValues) -> None
    if not (options.zone or options.bindzone or options.pyzone or options.secondary):
        raise UsageError(u'nothing to serve: give --zone, --bindzone, --pyzone or --secondary')
    seen = [parse_name(name).lower() for name, _ in options.zone]
    seen += [origin_of(path) for path in options.bindzone]
    for text in options.secondary:
        seen += Secondary().split(text)[1]
    for name in seen:
        if seen.count(name) > 1:
            raise UsageError(u'a zone is given twice')
    if options.secondary and options.folder is None:
        raise UsageError(u'--secondary needs --folder, where the copies are kept')
    if options.update and options.folder is None:
        raise UsageError(u'--update needs --folder, where the changes are kept')
    named = [text for text in options.update + options.transfer if text.startswith(u'key:')]
    if named and options.keys is None:
        raise UsageError(u'%s needs --keys' % named[0])


LISTENING = ListeningOptions('port', 'tcp:%d' % PORT, kinds=('tcp', 'tls'), repeat=True,
                             interface='i', connections=1000, per_address=100,
                             help='port or endpoint to listen on, over UDP and TCP; '
                                  'tls:853:certificate=FILE:key=FILE is DNS over TLS')
CLIENTS = ClientOptions('network of the clients that may ask; everybody unless given')

SCHEMA = Schema([
    Option('zone', Pair(ZoneName(), Path('file')), short='z', repeat=True,
           help='a zone and its master file'),
    Option('bindzone', Path('file'), repeat=True,
           help='a master file that is named after its zone, such as example.org'),
    Option('pyzone', Path('file'), repeat=True,
           help='a zone as Twisted\'s Python source; it is read, and never run'),
    Option('secondary', Secondary(), repeat=True,
           help='copy zones from the primary server at this address'),
    LISTENING,
    CLIENTS,
    Option('folder', Path('folder'), help='where copies of zones and changes are kept'),
    Option('keys', Path('file'),
           help='file of keys: a name, an algorithm such as hmac-sha256 and a secret in base 64 '
                'on each line'),
    Option('transfer', Peer(), repeat=True,
           help='clients that may have whole zones; none unless given'),
    Option('update', Peer(), repeat=True,
           help='clients that may change zones; none unless given'),
    Option('notify', ServerAddress(), repeat=True,
           help='secondary server that is told of each change'),
    Option('nsid', Text(1, 100), help='name of this server, for those who ask for it'),
    Option('rate', Integer(1, 1000000), help='answers a second to one network over UDP'),
    Flag('require-cookies', help='answer over UDP only clients with a cookie'),
], check=_check, examples=[
    ('carryall serve dns -z example.org=example.org.zone -p tcp:5353', 'one zone'),
    ('carryall serve dns --bindzone example.org --transfer 192.0.2.0/24',
     'a secondary may copy it'),
    ('carryall serve dns --secondary 192.0.2.1/example.org --folder copies',
     'a copy of a zone')])
