# Copyright the carryall authors.  See LICENSE.
"""The service type ``portforward``: what connects to one port is relayed to another place, or to one of several.

    carryall portforward -p 6666 -h localhost -d 6665
    carryall portforward -p 8080 --target tcp:10.0.0.1:80 --target tcp:10.0.0.2:80 --balance round-robin
    carryall portforward -p tls:443:certificate=site.pem --target unix:/run/web.sock
    carryall portforward -p 6666 --target tls:host.example:443 --via socks5h://127.0.0.1:1080

Not here: the relay (protocols/portforward), datagrams (protocols/portforward/datagramforwarder.py).
Tests:    tests/services/test_portforward.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES, native
from carryall.core.net.deadlines import sweeper_of
from carryall.app.endpoints import parse_endpoint
from carryall.core.errors import UsageError
from carryall.core.net.ip import is_loopback
from carryall.app.optiontypes import Choice, Endpoint, Integer, Path, Port, Seconds, Size, Text
from carryall.core.logs import get_logger
from carryall.core.net.networks import Network, within
from carryall.app.options import Flag, Option, Schema
from carryall.app.optionvalues import named
from carryall.core.wrap.policies import ConnectionLimits, Trace
from carryall.core.net.protocol import Protocol
from carryall.app.proxies import ProxyKind, Through, parse_proxy
from carryall.core.wrap.proxyprotocol import ProxyProtocol, format_v1, format_v2
from carryall.app.servicetypes import ServiceType
from carryall.app.service import DRAIN_SECONDS, MultiService, Service, StreamServer
from carryall.core.net.transport import here, peer
from carryall.protocols.portforward import Forwarder, Meter, Terms
from carryall.protocols.portforward import DatagramForwarder
from carryall.services.targets import Target, TargetText, Targets
from carryall.services.socks import endpoints_of, next_proxy_password

__all__ = ['PortForwardService', 'TYPE']

MAX_CONNECTIONS = 1000000       # the highest bound on connections that makes sense; ours
HEADERS = {u'v1': format_v1, u'v2': format_v2}

log = get_logger('portforward')


class NetworkText(Text):
    """A network, as core/net/networks.py has them."""

    metavar = 'NETWORK'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 64)

    def check(self, value):
        Text.check(self, value)
        Network(value)


def _check(options):
    # type: (OptionValues) -> None
    if parse_endpoint(options.port).kind == 'udp':
        if len(options.target) > 1 or any(Target(text).kind != 'tcp' for text in options.target):
            raise UsageError(u'datagrams go to one --target tcp:HOST:PORT, or to --host and --dest-port')
        for name, value in named(options, 'via', 'send_proxy', 'expect_proxy', 'trace', 'rate', 'max_octets'):
            if value:
                raise UsageError(u'--%s is for connections, not for datagrams' % name)
    if options.via is not None and any(Target(text).kind == 'unix' for text in options.target):
        raise UsageError(u'a Unix socket is not reached --via a proxy')


SCHEMA = Schema([
    Option('port', Endpoint(('tcp', 'udp', 'unix', 'tls')), short='p', default='tcp:6666', help='port or endpoint to listen on'),
    Option('interface', Text(1, 64, 'ADDRESS'), short='i', default='127.0.0.1',
           help='address to listen on where the endpoint names none; 0.0.0.0 for everybody'),
    Option('host', Text(1, 255, 'HOST'), short='h', default='localhost', help='host to forward to'),
    Option('dest-port', Port(1), short='d', default='6665', help='port to forward to'),
    Option('target', TargetText(), repeat=True,
           help='where to forward to instead: tcp:HOST:PORT, tls:HOST:PORT, unix:PATH; several share the work'),
    Option('balance', Choice(('first', 'round-robin', 'least')), default='first',
           help='which of several: the first that is up, each in turn, or that with the fewest connections'),
    Option('check', Seconds(0.1), help='connect to each of several so often, to know which are up'),
    Option('trust', Path('file'), help='certificates (PEM) that a tls target must be signed by; else those of the machine'),
    Option('via', ProxyKind(), help='reach the target by way of this proxy; its password is in CARRYALL_PROXY_PASSWORD'),
    Option('send-proxy', Choice(('v1', 'v2')), help='tell the target who the client is, by the PROXY protocol'),
    Option('expect-proxy', NetworkText(), repeat=True,
           help='clients are relays of this network, and say by the PROXY protocol for whom they relay'),
    Option('allow', NetworkText(), repeat=True, help='network of the clients that may connect; everybody unless given'),
    Option('connect-timeout', Seconds(0.1), default='30s', help='how long it may take to reach the target'),
    Option('idle', Seconds(1.0), default='1h', help='a connection on which nothing moves for so long ends'),
    Option('max-octets', Size(1), help='octets that one connection may carry'),
    Option('rate', Size(1), help='octets a second of all connections together'),
    Option('max-connections', Integer(1, MAX_CONNECTIONS), default='1000', help='connections at the same time'),
    Option('max-per-address', Integer(1, MAX_CONNECTIONS), help='the same, of one client address'),
    Flag('trace', help='log what is relayed'),
], check=_check, examples=[
    ('carryall portforward -p 6666 -h localhost -d 6665', 'port 6666 of this machine leads to port 6665'),
    ('carryall portforward -p 8080 --target tcp:10.0.0.1:80 --target tcp:10.0.0.2:80 --check 5s', 'one of two'),
    ('carryall portforward -p udp:5353 -h 192.0.2.1 -d 53', 'datagrams')])


class PortForwardService(MultiService):
    """A relay.

    Args:     options: as SCHEMA gives them.
    """

    def __init__(self, options):
        # type: (OptionValues) -> None
        MultiService.__init__(self, 'portforward')
        self._options = options
        self._allowed = [Network(text) for text in options.allow]
        texts = options.target or [u'tcp:%s:%d' % (_bracketed(options.host), options.dest_port)]
        self.targets = Targets([Target(text) for text in texts], native(options.balance), options.connect_timeout)
        self._terms = Terms()

    def start(self, loop):
        options = self._options
        endpoint, = endpoints_of(options)
        if endpoint.interface is not None and not is_loopback(endpoint.interface or '0.0.0.0') and not self._allowed:
            log.info('whoever reaches %s reaches %s', endpoint, self._shown())
        if endpoint.kind == 'udp':
            self.children = [DatagramService(endpoint, self.targets, self._admits, options.idle)]
        else:
            self.children = [self._streams(loop, endpoint)]
            if options.check is not None:
                self.children.append(HealthCheck(self.targets, options.check))
        MultiService.start(self, loop)

    def _streams(self, loop, endpoint):
        # type: (Any, Any) -> StreamServer
        options = self._options
        through = loop
        if options.via is not None:
            through = Through(loop, parse_proxy(options.via, next_proxy_password()))
        self.targets.prepare(through, options.trust)
        meter = Meter(loop, options.rate) if options.rate is not None else None
        self._terms = Terms(sweeper_of(loop), options.idle, options.max_octets, meter)
        factory = self._new_forwarder       # type: Callable[[], Any]
        if options.trace:
            factory = Trace().wrap(factory)
        if self._allowed:
            factory = _admitting(self._admits, factory)
        # The header first: limits and networks are about the client, not about the relay in front of us.
        factory = ConnectionLimits(options.max_connections, options.max_per_address).wrap(factory)
        if options.expect_proxy:
            factory = ProxyProtocol(loop, options.expect_proxy).wrap(factory)
        return StreamServer('portforward', factory, [endpoint])

    def _new_forwarder(self):
        # type: () -> Forwarder
        form = HEADERS.get(self._options.send_proxy)
        header = None if form is None else lambda transport: form(peer(transport), here(transport))
        return Forwarder(self.targets.connect, self._terms, header)

    def _admits(self, host):
        # type: (str) -> bool
        return not self._allowed or within(host, self._allowed)

    def listening(self):
        return [u'%s to %s' % (line, self._shown()) for line in MultiService.listening(self)]

    def _shown(self):
        # type: () -> str
        """The targets; datagrams go on as datagrams."""
        text = str(self.targets)
        endpoint, = endpoints_of(self._options)
        return 'udp' + text[len('tcp'):] if endpoint.kind == 'udp' else text


def _bracketed(host):
    # type: (str) -> str
    return u'[%s]' % host if u':' in host and not host.startswith(u'[') else host


def _admitting(admits, factory):
    # type: (Callable[[str], bool], Callable[[], Any]) -> Callable[[], Any]
    return lambda: _Admitted(admits, factory)


class _Admitted(Protocol):
    """Becomes the real protocol if the client is of an allowed network."""

    def __init__(self, admits, factory):
        # type: (Callable[[str], bool], Callable[[], Any]) -> None
        self._admits = admits
        self._factory = factory
        self._inner = Protocol()            # type: Any

    def connection_made(self, transport):
        address = peer(transport)
        if address is not None and address.port is not None and not self._admits(address.host):
            log.info('%s is not let in', address)
            transport.abort()
            return
        self._inner = self._factory()
        self._inner.connection_made(transport)

    def data_received(self, data):
        self._inner.data_received(data)

    def eof_received(self):
        return self._inner.eof_received()

    def pause_writing(self):
        self._inner.pause_writing()

    def resume_writing(self):
        self._inner.resume_writing()

    def transport_changed(self, transport):
        self._inner.transport_changed(transport)

    def tls_stopped(self, transport):
        self._inner.tls_stopped(transport)

    def connection_lost(self, exc):
        self._inner.connection_lost(exc)


class DatagramService(Service):
    """Datagrams from one port to one target."""

    def __init__(self, endpoint, targets, admits, idle_seconds):
        # type: (Any, Targets, Callable[[str], bool], float) -> None
        Service.__init__(self, 'portforward')
        self._endpoint = endpoint
        self._targets = targets
        self._admits = admits
        self._idle_seconds = idle_seconds
        self._transport = None      # type: Any

    def start(self, loop):
        target = self._targets.all[0]
        forwarder = DatagramForwarder(loop, None, self._admits, self._idle_seconds)
        self._transport = self._endpoint.open(loop, lambda: forwarder)
        self.loop = loop

        def resolved(future):
            # type: (Any) -> None
            if future.exception() is not None:
                log.error('%s: %s; datagrams are dropped', target, future.exception())
            else:
                forwarder.target = future.result()[0]

        # Until the name is resolved packets are dropped, as they are by a network that is not up yet.
        loop.resolve(target.host, target.port).add_done_callback(resolved)

    def stop(self, seconds=DRAIN_SECONDS):
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()
        return Service.stop(self, seconds)

    def listening(self):
        return [] if self._transport is None else ['portforward on udp %s' % (here(self._transport),)]


class HealthCheck(Service):
    """Connects to each target now and then."""

    def __init__(self, targets, seconds):
        # type: (Targets, float) -> None
        Service.__init__(self, 'health check')
        self._targets = targets
        self._seconds = seconds
        self._timer = None          # type: Any

    def start(self, loop):
        self.loop = loop
        self._check()

    def _check(self):
        # type: () -> None
        for target in self._targets.all:
            self._targets.probe(target)
        self._timer = self.loop.call_later(self._seconds, self._check)

    def stop(self, seconds=DRAIN_SECONDS):
        if self._timer is not None:
            self._timer.cancel()
        return Service.stop(self, seconds)


class PortForwardType(ServiceType):
    """What ``mktap portforward`` and ``carryall portforward`` make."""

    name = 'portforward'
    summary = 'relays one port to another place'
    version = 1
    options = SCHEMA

    def make(self, options):
        """A stopped PortForwardService."""
        return PortForwardService(options)

    def endpoints(self, options):
        """Where it will listen."""
        return [endpoint.text() for endpoint in endpoints_of(options)]


TYPE = PortForwardType()

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable
    from carryall.app.optionvalues import OptionValues
