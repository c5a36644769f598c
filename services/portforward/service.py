# Copyright the carryall authors.  See LICENSE.
"""The service type ``portforward``: relays the connections to one port to another place, or to one
of several::

    carryall portforward -p 6666 -h localhost -d 6665
    carryall portforward -p 8080 --target tcp:10.0.0.1:80 --target tcp:10.0.0.2:80 --balance \\
        round-robin
    carryall portforward -p tls:443:certificate=site.pem --target unix:/run/web.sock
    carryall portforward -p 6666 --target tls:host.example:443 --via socks5h://127.0.0.1:1080

The relay is in protocols/portforward, that of datagrams in its datagramforwarder.py.
Tests:    tests/services/test_portforward.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES, native
from carryall.core.net.ip import is_loopback
from carryall.core.logs import get_logger
from carryall.core.wrap.policies import Trace
from carryall.core.net.protocol import Protocol
from carryall.app.proxies import Through, environment_password, parse_proxy
from carryall.core.wrap.proxyprotocol import format_v1, format_v2
from carryall.app.servicetypes import ServerType
from carryall.app.service import DRAIN_SECONDS, DatagramServer, MultiService, Service
from carryall.core.net.transport import here, peer
from carryall.core.ratelimit import OctetRate
from carryall.protocols.portforward import (DatagramForwarder, ForwardServer, ForwardService,
                                            Settings)
from carryall.services.portforward.options import BOUNDS, CLIENTS, LISTENING, SCHEMA
from carryall.services.portforward.targets import Target, Targets

__all__ = ['PortForwardService', 'TYPE']

HEADERS = {u'v1': format_v1, u'v2': format_v2}

log = get_logger('portforward')


class PortForwardService(MultiService):
    """A relay.

    Args:     options: as SCHEMA gives them.
    """

    def __init__(self, options):
        # type: (OptionValues) -> None
        MultiService.__init__(self, 'portforward')
        self._options = options
        self._admits = CLIENTS.admits(options)
        texts = options.target or [u'tcp:%s:%d' % (_bracketed(options.host), options.dest_port)]
        self.targets = Targets([Target(text) for text in texts], native(options.balance),
                               options.connect_timeout)

    def start(self, loop):
        options = self._options
        endpoint, = LISTENING.endpoints(options)
        if endpoint.interface is not None and not is_loopback(endpoint.interface or '0.0.0.0') \
                and not options.allow:
            log.info('connections to %s are relayed to %s', endpoint, self._shown())
        if endpoint.kind == 'udp':
            self.children = [_Datagrams(endpoint, self.targets, self._admits, options.idle)]
        else:
            self.children = [self._streams(loop)]
            if options.check is not None:
                self.children.append(HealthCheck(self.targets, options.check))
        MultiService.start(self, loop)

    def _streams(self, loop):
        # type: (Any) -> Service
        options = self._options
        through = loop
        if options.via is not None:
            through = Through(loop, parse_proxy(options.via, environment_password()))
        self.targets.prepare(through, options.trust)
        service = _ToTargets(self.targets, HEADERS.get(options.send_proxy))
        if options.rate is not None:
            service.meter = OctetRate(loop, options.rate)
        settings = BOUNDS.settings(options, Settings)
        factory = lambda: ForwardServer(service, loop, settings)    # type: Callable[[], Any]
        if options.trace:
            factory = Trace().wrap(factory)
        if options.allow:
            factory = _admitting(self._admits, factory)
        return LISTENING.server('portforward', options, factory, loop=loop)

    def listening(self):
        return [u'%s to %s' % (line, self._shown()) for line in MultiService.listening(self)]

    def _shown(self):
        # type: () -> str
        """The targets as text."""
        text = str(self.targets)
        endpoint, = LISTENING.endpoints(self._options)
        return 'udp' + text[len('tcp'):] if endpoint.kind == 'udp' else text


class _ToTargets(ForwardService):
    """Leads clients to the targets, with the PROXY header of *form*, a function, if any."""

    def __init__(self, targets, form):
        # type: (Targets, Any) -> None
        self._targets = targets
        self._form = form

    def connect(self, factory, transport):
        return self._targets.connect(factory, transport)

    def header(self, transport):
        return b'' if self._form is None else self._form(peer(transport), here(transport))


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
            log.info('%s is refused', address)
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


class _Datagrams(DatagramServer):
    """Relays datagrams from one port to one target."""

    def __init__(self, endpoint, targets, admits, idle_seconds):
        # type: (Any, Targets, Callable[[str], bool], float) -> None
        DatagramServer.__init__(self, 'portforward', self._new_forwarder, endpoint)
        self._target = targets.all[0]
        self._admits = admits
        self._idle_seconds = idle_seconds
        self._forwarder = None      # type: Any

    def _new_forwarder(self):
        # type: () -> Any
        return self._forwarder

    def start(self, loop):
        forwarder = DatagramForwarder(loop, None, self._admits, self._idle_seconds)
        self._forwarder = forwarder
        DatagramServer.start(self, loop)
        target = self._target

        def resolved(future):
            # type: (Any) -> None
            if future.exception() is not None:
                log.error('%s: %s; datagrams are dropped', target, future.exception())
            else:
                forwarder.target = future.result()[0]

        # Until the name is resolved packets are dropped,
        # as by a network that is not up yet.
        loop.resolve(target.host, target.port).add_done_callback(resolved)


class HealthCheck(Service):
    """Connects to each target at regular intervals."""

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


class PortForwardType(ServerType):
    """The service type of ``mktap portforward`` and ``carryall portforward``."""

    name = 'portforward'
    summary = 'relays one port to another place'
    version = 1
    options = SCHEMA
    service = PortForwardService
    listening = LISTENING


TYPE = PortForwardType()

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable
    from carryall.app.optionvalues import OptionValues
