# Copyright the carryall authors.  See LICENSE.
"""ControlledService: the base of servers for tests.

Tests:    tests/services/testservers/test_serverset.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.endpoints import Endpoint
from carryall.app.service import MultiService, Service, StreamServer
from carryall.core.compat import FAILURES, native
from carryall.core.errors import UsageError
from carryall.core.future import Future, completed
from carryall.core.tls import Identity, listening
from carryall.core.wrap.faultrules import CERTIFICATES, CONNECT, Fault, FaultyContext, Faults

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Sequence, Tuple

__all__ = ['ControlledService', 'WAIT_SECONDS']

HOST = u'127.0.0.1'
WAIT_SECONDS = 10.0         # for what a test waits for, unless it gives a time


class ControlledService(Service):
    """One server, or a few that belong together.

    Args:     given: plain values by name.  All servers know ``host``, ``port`` (0: the system
                  chooses), ``tls`` ('' or 'implicit', 'starttls' in some) and ``files``: paths of
                  the PEM files with the certificates.
    Raises:   UsageError: an option that is unknown or cannot be.

    Attributes:
        values: those of the class, and those that were given.
        faults: the Faults, the same after a restart.
        kept: what has come, in order; ``wait`` counts it.
    """

    #: option -> value if it is not given
    known = {}                  # type: Dict[str, Any]
    #: True if a reply is a line, which gets CRLF
    by_lines = False
    #: True if the service asks the faults itself
    asks_faults = False
    #: calls that any thread may make: they only read or only add, and each step is atomic
    direct = ('fault_hits',)    # type: Sequence[str]

    def __init__(self, name, given):
        # type: (str, Dict[str, Any]) -> None
        Service.__init__(self, name)
        self.values = dict(self.known, host=HOST, port=0, tls=u'', files={})
        self.kept = []              # type: List[Any]
        self.faults = None          # type: Any
        self._servers = []          # type: List[Tuple[str, Any]]
        self._ports = {}            # type: Dict[str, int]     # those of the last run
        self._waiting = []          # type: List[Tuple[int, Future]]
        self.change(given)

    def change(self, given):
        # type: (Dict[str, Any]) -> None
        """Takes other values for some options; they count from the next start on."""
        for name, value in given.items():
            if name not in self.values:
                raise UsageError(u'a server of this kind has no option %s; it has %s'
                                 % (name, u', '.join(sorted(self.values))))
            self.values[name] = value
            if name == 'port':
                self._ports.clear()

    # -- life ------------------------------------------------------------------------------------

    def start(self, loop):
        if self.faults is None:
            self.prepare_faults(loop)
        self._servers = []
        try:
            for name, factory, implicit in self.listeners(loop):
                self._listen(loop, name, factory, implicit)
        except FAILURES:
            self._abandon()
            raise
        self.loop = loop

    def prepare_faults(self, loop):
        # type: (Any) -> None
        """Makes the Faults of this server."""
        self.faults = Faults(loop, self.asks_faults)

    def _listen(self, loop, name, factory, implicit):
        # type: (Any, str, Callable[[], Any], bool) -> None
        port = self._ports.get(name)
        if port is None:
            port = self.values['port'] if not self._servers else self.values.get(name + '_port')
        make = self.faults.wrap(factory)
        if implicit:
            make = listening(loop, self.context(), make)
        server = StreamServer(name, make, [Endpoint('tcp', port or 0,
                                                    native(self.values['host']))])
        server.start(loop)
        self._servers.append((name, server))
        self._ports[name] = server.listeners[0].address.port

    def _abandon(self):
        # type: () -> None
        servers, self._servers = self._servers, []
        for _, server in servers:
            server.stop(0.0)

    def stop(self, seconds=0.0):
        servers, self._servers = self._servers, []
        self.loop = None
        return MultiService(self.name, [server for _, server in servers]).stop(seconds)

    def listening(self):
        return [line for _, server in self._servers for line in server.listening()]

    def places(self):
        # type: () -> List[List[Any]]
        """[name, host, port] of each listener, the principal one first."""
        found = []
        for name, server in self._servers:
            address = server.listeners[0].address
            found.append([name, address.host, address.port])
        return found

    def context(self):
        # type: () -> FaultyContext
        """The TLSContext of the certificates.

        Raises:   UsageError: there are none.
        """
        files = self.values['files']
        if not files:
            raise UsageError(u'TLS needs certificates')
        wrong = dict((name, Identity(*files[name])) for name in CERTIFICATES)
        return FaultyContext(self.faults, Identity(*files['right']), wrong,
                             alpn=self.application_protocols())

    # -- what has come ---------------------------------------------------------------------------

    def keep(self, what):
        # type: (Any) -> None
        """Keeps something that came, and wakes those who wait for it."""
        self.kept.append(what)
        waiting, self._waiting = self._waiting, []
        for count, future in waiting:
            if future.done():
                continue
            if len(self.kept) >= count:
                future.set_result(len(self.kept))
            else:
                self._waiting.append((count, future))

    def wait(self, count=1, seconds=WAIT_SECONDS):
        # type: (int, float) -> Future
        """A Future of the number of things that have come, once there are *count*, or after the
        time."""
        if len(self.kept) >= count or self.loop is None:
            return completed(len(self.kept))
        future = Future()
        self._waiting.append((count, future))
        timer = self.loop.call_later(seconds, self._late, future)
        future.add_done_callback(lambda _: timer.cancel())
        return future

    def _late(self, future):
        # type: (Future) -> None
        if not future.done():
            future.set_result(len(self.kept))

    def came(self, since=0):
        # type: (int) -> List[Any]
        """The records of received data, from number *since* on."""
        return self.kept[since:]

    def forget(self):
        # type: () -> None
        """Forgets what has come, what was told, and all faults."""
        del self.kept[:]
        self.faults.remove()

    # -- faults ----------------------------------------------------------------------------------

    def fail(self, **fault):
        # type: (**Any) -> int
        """Adds a Fault; its number."""
        made = Fault(**fault)
        if self.by_lines and made.when == CONNECT and made.reply is not None:
            made.reply = made.reply.rstrip(b'\r\n') + b'\r\n'
        return self.faults.add(made)

    def fault_hits(self, number):
        # type: (int) -> int
        """How often that fault has acted."""
        return self.faults.hits(number)

    def recover(self, number=None):
        # type: (Any) -> None
        """Drops one fault, or all."""
        self.faults.remove(number)

    # -- for a subclass --------------------------------------------------------------------------

    def listeners(self, loop):
        # type: (Any) -> Sequence[Tuple[str, Callable[[], Any], bool]]
        """(name, factory of protocols, TLS from the first octet) of each, the principal first."""
        raise NotImplementedError

    def application_protocols(self):
        # type: () -> Sequence[str]
        """Names for ALPN."""
        return ()

    def calls(self):
        # type: () -> Dict[str, Callable[..., Any]]
        """The methods that may be called from outside, by name."""
        return {'wait': self.wait, 'came': self.came, 'forget': self.forget, 'fail': self.fail,
                'fault_hits': self.fault_hits, 'recover': self.recover, 'places': self.places}
