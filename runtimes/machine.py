# Copyright the carryall authors.  See LICENSE.
"""The part that all backends' loops share beyond callbacks: threads, names, signals, programs, and
connecting to a name.

Tests:    tests/contract/ (laws L13, L16, L20)
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.errors import LoopClosed, Unsupported
from carryall.core.net.eyeballs import connect_first
from carryall.core.future import Future, completed, driven
from carryall.core.net.ip import canonical
from carryall.core.logs import get_logger
from carryall.core.net.loop import CONNECT_SECONDS, LoopSkeleton
from carryall.core.net.transport import Address
from carryall.runtimes import tls
from carryall.runtimes.clock import monotonic, wall
from carryall.runtimes.platform import look_up
from carryall.runtimes.pool import MAX_LATE, ThreadPool, start_thread

__all__ = ['MachineLoop']

CLOSE_TURNS = 8             # turns that close() gives to the last callbacks

log = get_logger('runtimes')


class MachineLoop(LoopSkeleton):
    """The part of a Loop that does not depend on how its events come."""

    def __init__(self):
        # type: () -> None
        LoopSkeleton.__init__(self, monotonic)
        self.wall = wall            # type: ignore  # the function itself, as with time
        self.open_transports = set()    # type: Set[Any]  # all that is open, for close()
        self._pool = None           # type: Optional[ThreadPool]
        self._signals = None        # type: Any
        self._tls = None            # type: Any
        self._leader = None         # type: Any

    # -- what a backend supplies -------------------------------------------------------------------

    def open_connection(self, factory, address, timeout, local):
        # type: (Callable[[], Any], Address, float, Any) -> Future
        """Connects to one Address; a Future of (transport, protocol)."""
        raise NotImplementedError

    def signal_descriptor(self):
        # type: () -> Optional[int]
        """The descriptor that wakes the loop by a byte written to it; None if none is needed."""
        raise NotImplementedError

    def release(self):
        # type: () -> None
        """Gives back what the backend holds of the system."""
        raise NotImplementedError

    # -- threads and names -------------------------------------------------------------------------

    def run_in_thread(self, function, *args):
        self.check_open()
        if self._pool is None:
            self._pool = ThreadPool(max_late=MAX_LATE)
        future = Future()

        def deliver(result, error):
            # type: (Any, Optional[BaseException]) -> None
            if future.done():           # cancelled meanwhile
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)

        def work():
            # type: () -> None
            try:
                outcome = function(*args), None     # type: Tuple[Any, Optional[BaseException]]
            except FAILURES as exc:
                outcome = None, exc
            try:
                self.call_soon_threadsafe(deliver, *outcome)
            except LoopClosed:          # no one is left to be told
                pass

        try:
            self._pool.submit(work)
        except FAILURES as exc:             # no thread could be started
            self.call_soon(deliver, None, exc)
        return future

    def start_thread(self, function, *args):
        self.check_open()
        start_thread(function, args)

    has_bounded_calls = True        # type: ignore  # but for guests

    def call_bounded(self, job, then, late):
        self.check_open()
        if not self.has_bounded_calls:
            raise Unsupported(u'the thread of another program\'s loop cannot change')
        if self._leader is None:
            from carryall.runtimes.leader import Leader
            self._leader = Leader(self)
        self._leader.call(job, then, late)

    def run(self):
        self.check_open()
        if self.running:
            raise RuntimeError('the loop runs already')
        self.running = True
        turn = self.run_turn
        driven.depth += 1
        try:
            while not self.stopping:
                if self._leader is not None and self._leader.wanted:
                    self._leader.turn_until_stop()
                else:
                    turn()
        finally:
            driven.depth -= 1
            self.stopping = False
            self.running = self._leader is not None and self._leader.leads

    def resolve(self, host, port=0):
        plain = canonical(host)
        if plain is not None:
            return completed([Address(plain, port)])
        return self.run_in_thread(look_up, host, port)

    # -- connecting --------------------------------------------------------------------------------

    def connect_tcp(self, factory, host, port, timeout=CONNECT_SECONDS, local=None):
        self.check_open()
        plain = canonical(host)
        if plain is not None:
            return self.open_connection(factory, Address(plain, port), timeout, local)
        return self._connect_by_name(factory, host, port, self.time() + timeout, local)

    def _connect_by_name(self, factory, host, port, deadline, local):
        # type: (Callable[[], Any], str, int, float, Any) -> Future
        """Resolves, then races the addresses (RFC 8305)."""
        def attempt(address, seconds):
            # type: (Address, float) -> Future
            return self.open_connection(factory, address, seconds, local)

        return self.resolve(host, port).then(
            lambda found: connect_first(self, attempt, found, deadline))

    def connect_unix(self, factory, path, timeout=CONNECT_SECONDS):
        self.check_open()
        self.caps.require('unix')
        return self.open_connection(factory, Address(path), timeout, None)

    @property
    def tls(self):
        # type: () -> Any
        """The provider of TLS, loaded when it is first asked for."""
        self.caps.require('tls')
        if self._tls is None:
            self._tls = tls.provider()
        return self._tls

    def process_figures(self):
        from carryall.runtimes.host import processfigures
        return processfigures.figures()

    def connection_owner(self, ours, theirs):
        from carryall.runtimes.host import connectiontable
        connectiontable.require()
        return self.run_in_thread(connectiontable.owner, ours, theirs)

    def database_driver(self, location, **options):
        from carryall.runtimes import database
        return database.driver(location, **options)

    def database_module(self, module, *args, **options):
        from carryall.runtimes import database
        return database.module_driver(module, args, options)

    def module_worlds(self):
        from carryall.runtimes.host.moduleworlds import ModuleWorlds
        return ModuleWorlds()

    # -- signals and programs ----------------------------------------------------------------------

    def add_signal_handler(self, name, callback, *args):
        self.check_open()
        self.caps.require('signals')
        if self._signals is None:
            from carryall.runtimes.host.signals import Signals
            self._signals = Signals(self, self.signal_descriptor())
        self._signals.add(name, callback, args)

    def remove_signal_handler(self, name):
        return self._signals is not None and self._signals.remove(name)

    def spawn(self, factory, argv, cwd=None, env=None, group=False, input=True):
        self.check_open()
        self.caps.require('subprocesses')
        from carryall.runtimes.host.subprocesses import spawn
        return spawn(self, factory, argv, cwd, env, group, input)

    # -- the end -----------------------------------------------------------------------------------

    def close(self):
        if self.closed:
            return
        if self.running:
            raise RuntimeError('stop the loop before closing it')
        if self._signals is not None:
            self._signals.remove_all()
        # The last callbacks may queue more (and open more); a bounded number of turns lets them,
        # then they are dropped.
        for _ in range(CLOSE_TURNS):
            for transport in list(self.open_transports):
                transport.abort()
            self._turn_at_once()
            if not self.open_transports and not self.queued:
                break
        LoopSkeleton.close(self)
        if self._pool is not None:
            self._pool.close()
        if self._leader is not None:
            self._leader.close()
        self.release()

    def _turn_at_once(self):
        # type: () -> None
        """One turn that waits for nothing."""
        self.call_soon(_nothing)
        self.run_turn()


def _nothing():
    # type: () -> None
    """A callback that keeps a turn from waiting."""


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional, Set, Tuple
