# Copyright the carryall authors.  See LICENSE.
"""Service: the base of all that is started, reloaded, drained and stopped; and trees of services.

For example::

    service = StreamServer('echo', Echo, [parse_endpoint('tcp:7007:interface=127.0.0.1')])
    # ports are bound when this returns; ListenFailed names one that could not be
    service.start(loop)
    ...
    # a Future: accepts no more, lets connections finish, then aborts them
    service.stop(seconds=10.0)

Tests:    tests/app/test_service.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.future import Future, completed, gather
from carryall.core.logs import get_logger
from carryall.core.metrics import metrics_of, watch_factory
from carryall.core.net.protocol import Protocol
from carryall.core.net.transport import here

__all__ = ['DRAIN_SECONDS', 'DatagramServer', 'MultiService', 'OneServer', 'Service',
           'StreamServer']

DRAIN_SECONDS = 10.0        # default time in which a stop lets connections finish

log = get_logger('service')


class Service(object):
    """The base: a name, and nothing to do.

    Attributes:
        name: for the log and the first line of a command.
        loop: the loop it runs on; None while it is stopped.
        backend: name of the backend whose loop it needs; None: any.
    """

    backend = None              # type: Optional[str]

    def __init__(self, name):
        # type: (str) -> None
        self.name = name
        self.loop = None            # type: Any

    def start(self, loop):
        # type: (Any) -> None
        """Begins to serve; raises an error if it cannot, and then leaves nothing open."""
        self.loop = loop

    def stop(self, seconds=DRAIN_SECONDS):
        # type: (float) -> Future
        """Accepts no more, gives the connections *seconds* to finish, then aborts them; a Future of
        None."""
        self.loop = None
        return completed(None)

    def reload(self):
        # type: () -> None
        """Reads files again that may have changed: certificates, users, log files."""

    def listening(self):
        # type: () -> List[str]
        """The listeners, one line of text each: 'http on 127.0.0.1:8080'."""
        return []


class MultiService(Service):
    """Services that start and stop together."""

    def __init__(self, name, children=()):
        # type: (str, Sequence[Service]) -> None
        Service.__init__(self, name)
        self.children = list(children)

    @property
    def backend(self):          # type: ignore
        # type: () -> Optional[str]
        """The backend that one of them needs; None: any."""
        for child in self.children:
            if child.backend is not None:
                return child.backend
        return None

    def start(self, loop):
        started = []                # type: List[Service]
        try:
            for child in self.children:
                child.start(loop)
                started.append(child)
        except FAILURES:
            for child in reversed(started):
                child.stop(0.0)
            raise
        self.loop = loop

    def stop(self, seconds=DRAIN_SECONDS):
        self.loop = None
        return gather([child.stop(seconds) for child in reversed(self.children)]).then(
            lambda _: None)

    def reload(self):
        for child in self.children:
            try:
                child.reload()
            except FAILURES:        # the others must be reloaded too
                log.exception('%s could not be reloaded', child.name)

    def listening(self):
        return [line for child in self.children for line in child.listening()]


class StreamServer(Service):
    """A protocol on one or more endpoints.

    Args:     factory: makes the protocol of a connection, without arguments.
              endpoints: ``carryall.app.endpoints.Endpoint`` objects, tcp, tls or unix.
              context: called with a tls endpoint for its TLSContext, in place of the endpoint's
                       own.
    """

    def __init__(self, name, factory, endpoints, context=None):
        # type: (str, Callable[[], Protocol], Sequence[Any], Any) -> None
        Service.__init__(self, name)
        self.factory = factory
        self.endpoints = list(endpoints)
        self.listeners = []         # type: List[Any]
        self._make = factory        # what makes the protocols while it runs
        self._context = context or (lambda endpoint: endpoint.tls_context())
        self._contexts = []         # type: List[Any]  # of the tls endpoints
        self._counters = None       # type: Any  # of this name, while it runs
        self._live = set()          # type: Set[_Counted]  # all connections
        # Completes with the last connection, while stopping.
        self._empty = None  # type: Optional[Future]

    def start(self, loop):
        self._counters = metrics_of(loop).claim_listener(self.name)
        watch_factory(self.factory, self._counters)
        # A loop may put something in front of all servers (core/wrap/faultrules.py has such a one);
        # they listen on the loop beneath it.
        policy = getattr(loop, 'policy', None)
        self._make = self.factory if policy is None else policy.wrap(self.factory)
        beneath = loop if policy is None else loop.beneath
        try:
            for endpoint in self.endpoints:
                context = self._context(endpoint) if endpoint.kind == 'tls' else None
                listener = endpoint.listen(beneath, self._counted, context)
                listener.counters = self._counters
                self.listeners.append(listener)
                if context is not None:
                    self._contexts.append(context)
        except FAILURES:
            self._close_listeners()
            metrics_of(loop).release_listener(self._counters)
            raise
        metrics_of(loop).condition(self._counters.name, self._fault)
        self.loop = loop

    def _fault(self):
        # type: () -> Optional[str]
        """The reason why no client can connect now; None if they can."""
        if any(listener.starved for listener in self.listeners):
            return u'no descriptor is left for another connection'
        return None

    def _counted(self):
        # type: () -> Protocol
        # Stopped during the handshake: resources of the factory may be closed.
        if self.loop is None:
            return _TooLate()
        return _Counted(self, self._make())

    def reload(self):
        """Reads certificates and keys again, for later connections; a bad file raises an error, and
        the old ones stay."""
        for context in self._contexts:
            context.reload(self.loop.tls)

    def _close_listeners(self):
        # type: () -> None
        del self._contexts[:]
        for listener in self.listeners:
            listener.close()
        del self.listeners[:]

    def stop(self, seconds=DRAIN_SECONDS):
        loop, self.loop = self.loop, None
        self._close_listeners()
        if loop is None:
            return completed(None)
        metrics_of(loop).release_listener(self._counters)
        for connection in list(self._live):
            connection.drain()
        if not self._live:
            return completed(None)
        self._empty = Future()
        timer = loop.call_later(seconds, self._abort_all)
        return self._empty.then(lambda _: timer.cancel())

    def _abort_all(self):
        # type: () -> None
        for connection in list(self._live):
            connection.transport.abort()

    def _gone(self, connection):
        # type: (_Counted) -> None
        self._live.discard(connection)
        if not self._live and self._empty is not None and not self._empty.done():
            self._empty.set_result(None)

    def listening(self):
        return ['%s on %s%s' % (self.name, listener.address, ' with TLS' if endpoint.kind == 'tls'
                                else '')
                for endpoint, listener in zip(self.endpoints, self.listeners)]


class DatagramServer(Service):
    """A datagram protocol on one or more UDP endpoints.

    Args:     factory:   makes the protocol of an endpoint, without arguments.
              endpoints: a udp Endpoint, or a list of them.
    """

    def __init__(self, name, factory, endpoints):
        # type: (str, Callable[[], Any], Any) -> None
        Service.__init__(self, name)
        self.factory = factory
        self.endpoints = list(endpoints) if isinstance(endpoints, (list, tuple)) else [endpoints]
        self.transports = []       # type: List[Any]

    def start(self, loop):
        try:
            for endpoint in self.endpoints:
                self.transports.append(endpoint.open(loop, self.factory))
        except FAILURES:
            self._close_transports()
            raise
        self.loop = loop

    def stop(self, seconds=DRAIN_SECONDS):
        self._close_transports()
        return Service.stop(self, seconds)

    def _close_transports(self):
        # type: () -> None
        transports, self.transports = self.transports, []
        for transport in transports:
            transport.close()

    def listening(self):
        return ['%s on udp %s' % (self.name, here(transport)) for transport in self.transports]


class OneServer(Service):
    """The base of a service that is one server with its resources: files, checkers, connections
    elsewhere.

    A subclass makes these in ``start``, ends with ``self.serve(loop, server)``,
    and closes them in ``release``.

    Attributes:
        server: the running server, or None.
    """

    def __init__(self, name):
        # type: (str) -> None
        Service.__init__(self, name)
        self.server = None         # type: Any

    def serve(self, loop, server):
        # type: (Any, Service) -> None
        """Starts the server; if it cannot start, its resources are closed."""
        try:
            server.start(loop)
        except FAILURES:
            self.release()
            raise
        self.server = server
        self.loop = loop

    def stop(self, seconds=DRAIN_SECONDS):
        server, self.server, self.loop = self.server, None, None
        return Service.stop(self, seconds) if server is None else server.stop(seconds).then(
            lambda _: self.release())

    def reload(self):
        """Reads certificates again; a subclass adds its own files."""
        if self.server is not None:
            self.server.reload()

    def listening(self):
        return [] if self.server is None else self.server.listening()

    def release(self):
        # type: () -> None
        """Closes the server's resources, after it has stopped or failed to start."""


class _TooLate(Protocol):
    """A connection to a server that has stopped."""

    def connection_made(self, transport):
        transport.close()


class _Counted(object):
    """Counts a connection; the protocol gets the transport itself.

    No transport tells a server of its end, so this object stays between the two.  It costs a
    connection two calls, and a request none.
    """

    # Not a Protocol: one exists for each connection, and without a dictionary it is half as large.
    __slots__ = ('transport', 'data_received', '_server', '_protocol')

    def __init__(self, server, protocol):
        # type: (StreamServer, Any) -> None
        self.transport = None       # type: Any
        self._server = server
        self._protocol = protocol
        # The loop calls the protocol's own method.
        self.data_received = protocol.data_received

    def connection_made(self, transport):
        self._server._live.add(self)
        counters = self._server._counters
        counters.connections.value += 1
        counters.open.value += 1
        self.transport = transport
        protocol = self._protocol
        protocol.connection_made(transport)
        self.data_received = protocol.data_received     # later calls go there directly
        if self._server.loop is None:       # stopped during the handshake
            transport.close()

    def transport_changed(self, transport):
        # The connection below is counted, and that stays.
        self._protocol.transport_changed(transport)

    def tls_stopped(self, transport):
        self.transport = transport
        self._protocol.tls_stopped(transport)

    def eof_received(self):
        return self._protocol.eof_received()

    def pause_writing(self):
        self._protocol.pause_writing()

    def resume_writing(self):
        self._protocol.resume_writing()

    def drain(self):
        """Passes the call on; a failure in one protocol does not affect the others."""
        try:
            self._protocol.drain()
        except FAILURES:
            log.exception('%s: a connection could not be told to end', self._server.name)

    def connection_lost(self, exc):
        try:
            self._protocol.connection_lost(exc)
        finally:
            counters = self._server._counters
            counters.open.value -= 1
            if exc is not None:
                counters.broken.value += 1
            self._server._gone(self)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Sequence, Set
