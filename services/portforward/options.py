# Copyright the carryall authors.  See LICENSE.
"""The options of the port forwarder.

Tests:    tests/services/test_portforward.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.clientoptions import ClientOptions
from carryall.app.endpoints import parse_endpoint
from carryall.app.limitoptions import LimitOptions
from carryall.app.listeningoptions import ListeningOptions, RelayOptions
from carryall.app.options import Flag, Option, Schema
from carryall.app.optiontypes import Choice, Path, Port, Seconds, Size, Text
from carryall.app.optionvalues import named
from carryall.app.proxies import ProxyKind
from carryall.core.errors import UsageError
from carryall.services.portforward.targets import Target, TargetText

TYPE_CHECKING = False
if TYPE_CHECKING:
    from carryall.app.optionvalues import OptionValues

__all__ = ['BOUNDS', 'CLIENTS', 'LISTENING', 'SCHEMA']


def _check(options):
    # type: (OptionValues) -> None
    if parse_endpoint(options.port).kind == 'udp':
        if len(options.target) > 1 or any(Target(text).kind != 'tcp' for text in options.target):
            raise UsageError(u'datagrams need one --target tcp:HOST:PORT, or --host and '
                             u'--dest-port')
        for name, value in named(options, 'via', 'send_proxy', 'expect_proxy', 'trace', 'rate',
                                 'max_octets'):
            if value:
                raise UsageError(u'--%s is for connections, not for datagrams' % name)
    if options.via is not None and any(Target(text).kind == 'unix' for text in options.target):
        raise UsageError(u'a Unix socket cannot be reached by --via')


RELAYS = RelayOptions()
LISTENING = ListeningOptions('port', 'tcp:6666', ('tcp', 'udp', 'unix', 'tls'), interface='i',
                             connections=1000, per_address=0, relays=RELAYS)
BOUNDS = LimitOptions('1h', octets=True)
CLIENTS = ClientOptions('network of the clients that may connect; all clients unless given')
SCHEMA = Schema([
    LISTENING,
    Option('host', Text(1, 255, 'HOST'), short='h', default='localhost', help='host to forward to'),
    Option('dest-port', Port(1), short='d', default='6665', help='port to forward to'),
    Option('target', TargetText(), repeat=True,
           help='target instead of --host: tcp:HOST:PORT, tls:HOST:PORT, unix:PATH; several '
                'share the load'),
    Option('balance', Choice(('first', 'round-robin', 'least')), default='first',
           help='choice among several: the first that is up, each in turn, or the one with fewest '
                'connections'),
    Option('check', Seconds(0.1), help='time between connections that find out which targets are '
                                       'up'),
    Option('trust', Path('file'), help='certificates (PEM) that a tls target must be signed by; '
                                       'those of the machine unless given'),
    Option('via', ProxyKind(), help='connect to the target through this proxy; its password is in '
                                    'CARRYALL_PROXY_PASSWORD'),
    Option('send-proxy', Choice(('v1', 'v2')), help='send the client\'s address to the target by '
                                                    'the PROXY protocol'),
    RELAYS,
    CLIENTS,
    Option('connect-timeout', Seconds(0.1), default='30s',
           help='time to connect to the target'),
    BOUNDS,
    Option('rate', Size(1), help='octets a second of all connections together'),
    Flag('trace', help='log what is relayed'),
], check=_check, examples=[
    ('carryall portforward -p 6666 -h localhost -d 6665',
     'port 6666 of this machine leads to port 6665'),
    ('carryall portforward -p 8080 --target tcp:10.0.0.1:80 --target tcp:10.0.0.2:80 --check 5s',
     'one of two'),
    ('carryall portforward -p udp:5353 -h 192.0.2.1 -d 53', 'datagrams')])
