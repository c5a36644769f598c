# Copyright the carryall authors.  See LICENSE.
"""The loop: the one contract between carryall and the machine,
and the part of it that needs no machine.

``Loop`` states what every backend offers (laws L13 to L21).  ``LoopSkeleton`` is the arithmetic
that they share: the queue of callbacks, the timers, the turn.  A backend adds how to wait
(``poll``) and how to be woken (``wake``).

One turn:
    1. wait for events, no longer than to the next timer, and not at all if callbacks are queued;
       run their callbacks;
    2. queue the timers that are due;
    3. run what was queued before this point, and nothing that is queued meanwhile (law L14);
    4. give the connections that waited since an earlier turn their shares, behind the replies to
       those that did not wait (law L21).

Loops are values (L15): nothing here or in ``carryall.runtimes`` keeps a current one.

Tests:    tests/core/net/test_loop.py, tests/contract/ (laws L13 to L21, over every backend)
"""
from __future__ import absolute_import, division, print_function

import heapq
from collections import deque

from carryall.core.compat import FAILURES
from carryall.core.errors import LoopClosed, Unsupported
from carryall.core.files.fileuser import SAME
from carryall.core.future import driven
from carryall.core.logs import get_logger
from carryall.core.net.turns import Turns

__all__ = ['BACKLOG', 'CONNECT_SECONDS', 'Caps', 'Handle', 'Loop', 'LoopSkeleton', 'TimerHandle']

# Connections the system may hold for us; without it Java's default is 50 and connects are lost.
BACKLOG = 4096
CONNECT_SECONDS = 30.0      # how long an outgoing connection may take
# Cancelled timers that may lie in the heap, when they are also more than half of it.
MAX_CANCELLED = 512

log = get_logger('loop')


class Caps(object):
    """The capabilities of a backend: one flag a capability,
    and for each that is false the reason (law L20).

    Given as ``Caps(unix=True, multicast=u'this Java has no ...')``: True, or the reason why not.
    """

    NAMES = ('half_close', 'ipv6', 'multicast', 'sendfile', 'signals', 'subprocesses', 'tls',
             'udp', 'unix')

    __slots__ = NAMES + ('_reasons',)

    def __init__(self, **flags):
        # type: (**Any) -> None
        self._reasons = {}          # type: Dict[str, str]
        for name in self.NAMES:
            given = flags.pop(name, u'this backend does not offer it')
            setattr(self, name, given is True)
            if given is not True:
                self._reasons[name] = given
        if flags:
            raise TypeError('no such capability: %s' % ', '.join(sorted(flags)))

    def why_not(self, name):
        # type: (str) -> Optional[str]
        """Why *name* is missing; None if it is there."""
        return self._reasons.get(name)

    def grant(self, name):
        # type: (str) -> None
        """From now on it has *name*: somebody has supplied it."""
        self._reasons = dict(self._reasons)
        self._reasons.pop(name, None)
        setattr(self, name, True)

    def require(self, name):
        # type: (str) -> None
        """Raises Unsupported with the reason unless *name* is there."""
        if name in self._reasons:
            raise Unsupported(u'%s: %s' % (name.replace('_', ' '), self._reasons[name]))


class Handle(object):
    """A callback that was queued."""

    __slots__ = ('callback', 'args')

    def __init__(self, callback, args):
        # type: (Callable[..., Any], Tuple[Any, ...]) -> None
        self.callback = callback    # type: Optional[Callable[..., Any]]
        self.args = args

    def cancel(self):
        # type: () -> None
        """Does not call it; harmless when it has run."""
        self.callback = None
        self.args = ()

    def cancelled(self):
        # type: () -> bool
        """True if it was cancelled (or has run)."""
        return self.callback is None


class TimerHandle(Handle):
    """A callback that waits for its time."""

    __slots__ = ('when', '_loop')

    def __init__(self, when, callback, args, loop):
        # type: (float, Callable[..., Any], Tuple[Any, ...], LoopSkeleton) -> None
        Handle.__init__(self, callback, args)
        self.when = when
        self._loop = loop           # type: Optional[LoopSkeleton]

    def cancel(self):
        # type: () -> None
        """Does not call it; costs O(1), and the heap is cleaned when most of it is cancelled."""
        Handle.cancel(self)
        loop, self._loop = self._loop, None
        if loop is not None:
            loop._timer_cancelled()


class Loop(object):
    """The contract of an event loop for protocols, services and commands."""

    caps = Caps()
    backend = ''                # its name: 'epoll', 'nio' ...
    file_user = SAME            # whom what services make at their start belongs to

    def process_figures(self):
        # type: () -> Dict[str, Any]
        """Figures of this process, for metrics: name -> number; what the machine does not tell is
        left out.

        cpu_seconds_total, start_time_seconds (since 1970), resident_memory_bytes,
        virtual_memory_bytes, open_fds, max_fds
        """
        return {}

    def connection_owner(self, ours, theirs):
        # type: (Any, Any) -> Any
        """A Future of the name of the user of this machine who owns a TCP connection; None if
        there is no such connection.

        Args:     ours, theirs: the Addresses of its ends.
        Raises:   Unsupported: the machine does not tell.
        """
        raise Unsupported(u'this system does not tell which user owns a connection')

    # -- time and callbacks ------------------------------------------------------------------------

    def time(self):
        # type: () -> float
        """Seconds on a clock that never goes back; only differences mean anything."""
        raise NotImplementedError

    def wall(self):
        # type: () -> float
        """Seconds since 1970 in UTC, as the machine's clock has them: to tell the time,
        never to measure it."""
        raise NotImplementedError

    def call_soon(self, callback, *args):
        # type: (Callable[..., Any], *Any) -> Handle
        """Calls it on the next turn (law L14)."""
        raise NotImplementedError

    def call_later(self, delay, callback, *args):
        # type: (float, Callable[..., Any], *Any) -> TimerHandle
        """Calls it after *delay* seconds, never earlier."""
        raise NotImplementedError

    def call_at(self, when, callback, *args):
        # type: (float, Callable[..., Any], *Any) -> TimerHandle
        """Calls it when ``time()`` has reached *when*;
        ties run in the order in which they were made."""
        raise NotImplementedError

    def call_soon_threadsafe(self, callback, *args):
        # type: (Callable[..., Any], *Any) -> Handle
        """As ``call_soon``, from any thread or signal: the only door (law L13).

        LoopClosed when it is too late.
        """
        raise NotImplementedError

    def run_in_thread(self, function, *args):
        # type: (Callable[..., Any], *Any) -> Future
        """Calls a blocking *function* on a thread of the pool;
        a Future of what it returns or raises."""
        raise NotImplementedError

    def database_driver(self, location, **options):
        # type: (str, **Any) -> Any
        """The driver (``carryall.core.database.Driver``) for a database.

        Args:     location: 'sqlite:PATH', 'memory:' or, on the JVM, 'jdbc:...'.
                  options: of that driver.
        Raises:   UsageError: the location is none of these.
                  Unsupported: this runtime has no driver for it; says what has.
        """
        raise Unsupported(u'this loop has no databases')

    def database_module(self, module, *args, **options):
        # type: (Any, *Any, **Any) -> Any
        """The driver for any DB-API 2.0 module.

        Args:     module: the module, or its dotted name.
                  args, options: of its ``connect``.
        Raises:   UsageError: it cannot be imported, or is no such module.
        """
        raise Unsupported(u'this loop has no databases')

    def module_worlds(self):
        # type: () -> Any
        """New interpreters for the modules of sites (runtimes/host/moduleworlds.py)."""
        raise Unsupported(u'this loop has no interpreters')

    def start_thread(self, function, *args):
        # type: (Callable[..., None], *Any) -> None
        """Runs *function* on a thread of its own, outside the pool, for as long as it likes.

        The thread does not keep the process alive; an exception out of it is logged.

        Raises:   Unsupported: the system has no more threads.
        """
        raise NotImplementedError

    @property
    def has_bounded_calls(self):
        # type: () -> bool
        """True if ``call_bounded`` can be used."""
        return False

    def call_bounded(self, job, then, late):
        # type: (Callable[[], Any], Callable[[Any], None], Callable[[], None]) -> None
        """Calls *job* on the loop's own thread, in the next turn, and *then* with what it returns.

        A job that blocks keeps its thread, and another goes on with the loop (runtimes/leader.py).
        That calls *late* first, and *then* when the job has ended.  So the job may use nothing that
        belongs to the loop, but ``call_soon_threadsafe``.  Whatever it raises is logged, and *then*
        gets None.  From now on callbacks run on other threads than that of ``run``: no signal can
        be taken or given back by them.

        Raises:   Unsupported: another program's loop turns this one, or no thread can be started.
        """
        raise Unsupported(u'this loop has no bounded calls')

    # -- life --------------------------------------------------------------------------------------

    def run(self):
        # type: () -> None
        """Turns until ``stop()``."""
        raise NotImplementedError

    @property
    def turning(self):
        # type: () -> bool
        """True inside a turn, or if a host runs this loop: then ``run_until`` cannot be called."""
        raise NotImplementedError

    def run_until(self, future):
        # type: (Future) -> Any
        """Turns until *future* is done; its result or error.

        RuntimeError if the loop is stopped before.
        """
        raise NotImplementedError

    def stop(self):
        # type: () -> None
        """Ends ``run()`` after the turn that is under way (law L17)."""
        raise NotImplementedError

    def close(self):
        # type: () -> None
        """Releases everything: connections are aborted, threads end.

        Idempotent; any use afterwards raises LoopClosed.
        """
        raise NotImplementedError

    # -- streams -----------------------------------------------------------------------------------

    def listen_tcp(self, factory, host='127.0.0.1', port=0, backlog=BACKLOG, reuse_port=False):
        # type: (Callable[[], Protocol], str, int, int, bool) -> Listener
        """Listens on a TCP port; *factory* is called without arguments for the protocol of each
        connection.

        Args:     host: an address or name of this machine; '' or '0.0.0.0' for all of IPv4, '::'
                  for all, both kinds.
                  port: 0 lets the system choose; ``listener.address.port`` tells (law L16).
                  backlog: connections that the system may hold until they are taken.
        Raises:   ListenFailed: in use, not ours, not permitted.
        """
        raise NotImplementedError

    def connect_tcp(self, factory, host, port, timeout=CONNECT_SECONDS, local=None):
        # type: (Callable[[], Protocol], str, int, float, Optional[Tuple[str, int]]) -> Future
        """Connects to *host*, trying each of its addresses; a Future of (transport, protocol).

        It fails with Refused, TimedOut (after *timeout* seconds for all of it), ResolveFailed or
        ConnectFailed.  Cancelling it closes what was begun.
        """
        raise NotImplementedError

    def listen_unix(self, factory, path, mode=0o600, backlog=BACKLOG):
        # type: (Callable[[], Protocol], str, int, int) -> Listener
        """Listens on a Unix socket, made with the permissions *mode*; a socket file that no one
        serves is replaced."""
        raise NotImplementedError

    def connect_unix(self, factory, path, timeout=CONNECT_SECONDS):
        # type: (Callable[[], Protocol], str, float) -> Future
        """Connects to a Unix socket; a Future of (transport, protocol)."""
        raise NotImplementedError

    # The provider of sessions, see carryall.runtimes.tls; None where caps.tls is false.
    tls = None  # type: Any

    def start_tls(self, transport, context, server_side=False, hostname=None):
        # type: (Transport, TLSContext, bool, Optional[str]) -> Future
        """Upgrades a connection to TLS in place (law L18).

        Before this returns, the protocols of the connection are given their new transport
        (``transport_changed``).  Their later output waits for the handshake, and nothing can go out
        in clear any more.  Write the go-ahead to the peer before the call.

        Args:     transport: of a connection that is open.
                  context: a ``carryall.core.tls.TLSContext``.
                  hostname: of a client: what the server's certificate must be for.
        Returns:  a Future of what was agreed (``carryall.core.tls.TLSInfo``); it fails with
                  HandshakeFailed, and the connection then ends.
        Raises:   Unsupported: no TLS here; UsageError: the certificate or the key cannot be used.
        """
        self.caps.require('tls')
        from carryall.core.tls import start_tls     # where it is needed: it is a package of its own
        return start_tls(self, transport, context, server_side, hostname)

    def stop_tls(self, transport, lenient=False):
        # type: (Transport, bool) -> Future
        """Takes TLS off a connection in place (law L18): say close_notify, wait for the peer's,
        go on in clear.

        What was written before goes out under TLS.  What is written from now on waits for the
        peer's close_notify, and what comes behind that is delivered after ``Protocol.tls_stopped``;
        both never under TLS.

        Args:     transport: of a connection under TLS whose handshake is over.
                  lenient: take clear text for an answer, too; then no one waits in vain,
                           and no deadline is set.
        Returns:  a Future of None; it fails with ConnectionLost, and the connection then ends.
        Raises:   LocalProtocolError: there is no TLS, or it is not open.
        """
        from carryall.core.tls import stop_tls
        return stop_tls(transport, lenient)

    # -- datagrams, names, processes, signals ------------------------------------------------------

    def open_udp(self, factory, host='127.0.0.1', port=0, remote=None, reuse_port=False):
        # type: (Callable[[], DatagramProtocol], str, int, Any, bool) -> DatagramTransport
        """Opens a UDP socket on a numeric address; with *remote* (an Address) it is connected to
        that peer (law L19)."""
        raise NotImplementedError

    def resolve(self, host, port=0):
        # type: (str, int) -> Future
        """A Future of the Addresses of *host*, best first, without blocking the loop; ResolveFailed
        if there is none."""
        raise NotImplementedError

    def spawn(self,
              factory,      # type: Callable[[], Any]
              argv,         # type: Sequence[str]
              cwd=None,     # type: Optional[str]
              env=None,     # type: Optional[Dict[str, str]]
              group=False,  # type: bool
              input=True    # type: bool
              ):
        # type: (...) -> Future
        """Starts a program with pipes on its three standard files;
        a Future of (transport, protocol).

        *factory* makes a ``carryall.core.net.process.ProcessProtocol``.  SpawnFailed if it cannot
        be started.  With *group* the program leads a process group of its own.  ``terminate()``,
        ``kill()`` and ``close()`` then mean the whole group, even after the program has ended.
        Without *input* its standard input is empty.
        """
        raise NotImplementedError

    def add_signal_handler(self, name, callback, *args):
        # type: (str, Callable[..., Any], *Any) -> None
        """Calls it on the loop's thread when the process gets the signal 'TERM', 'INT',
        'HUP', 'USR1' ..."""
        raise NotImplementedError

    def remove_signal_handler(self, name):
        # type: (str) -> bool
        """Gives the signal its former meaning back; False if we had not taken it."""
        raise NotImplementedError

    def set_exception_handler(self, callback):
        # type: (Optional[Callable[[Loop, str, BaseException], Any]]) -> None
        """Calls ``callback(loop, where, exception)`` for what escapes from a callback, instead of
        logging it (law L6)."""
        raise NotImplementedError


class LoopSkeleton(Loop):
    """Callbacks, timers and turns, over a clock that is handed in.

    A backend inherits from it, supplies ``poll`` and ``wake``, and may read the attributes.

    Args:     time: a function that gives monotonic seconds.

    Attributes:
        queued: the handles of the callbacks that wait for their turn.
        running: whether ``run`` is under way.
        stopping: whether ``run`` ends with this turn.
        closed: whether ``close`` was called.
        at_end: called at the end of the next turn, for a backend that takes its turns otherwise.
    """

    def __init__(self, time):
        # type: (Callable[[], float]) -> None
        # The function itself: no call of ours around each call of it.
        self.time = time  # type: ignore
        self.queued = deque()       # type: deque
        self._timers = []           # type: List[Tuple[float, int, TimerHandle]]
        self._timers_made = 0       # orders timers of the same moment
        self._timers_cancelled = 0
        self.stopping = False
        self.running = False
        self.closed = False
        self._exception_handler = None      # type: Optional[Callable[..., Any]]
        self.at_end = None          # type: Optional[Callable[[], None]]
        self.turns = Turns(time, self.call_at_end, self.report_failure)

    # -- what a backend supplies -------------------------------------------------------------------

    def poll(self, timeout):
        # type: (Optional[float]) -> None
        """Waits for events and runs their callbacks; *timeout* in seconds, None for ever,
        0 not at all."""
        raise NotImplementedError

    def wake(self):
        # type: () -> None
        """Ends a ``poll`` that is waiting, from any thread."""
        raise NotImplementedError

    # -- callbacks and timers ----------------------------------------------------------------------

    def call_soon(self, callback, *args):
        handle = Handle(callback, args)
        if self.closed:
            self.check_open()
        self.queued.append(handle)
        return handle

    def call_at_end(self, callback):
        # type: (Callable[[], None]) -> None
        """Calls it at the end of the next turn; for ``turns`` alone, which asks once at a time."""
        self.at_end = callback

    def call_later(self, delay, callback, *args):
        return self.call_at(self.time() + delay, callback, *args)

    def call_at(self, when, callback, *args):
        if self.closed:
            self.check_open()
        handle = TimerHandle(when, callback, args, self)
        self._timers_made += 1
        heapq.heappush(self._timers, (when, self._timers_made, handle))
        return handle

    def call_soon_threadsafe(self, callback, *args):
        handle = self.call_soon(callback, *args)    # deque.append is atomic on every runtime
        self.wake()
        return handle

    def _timer_cancelled(self):
        # type: () -> None
        """Counts a cancelled timer, and rebuilds the heap when such are most of it: amortised, a
        cancel costs O(1)."""
        self._timers_cancelled += 1
        if self._timers_cancelled > MAX_CANCELLED and self._timers_cancelled * 2 > len(
                self._timers):
            self._timers = [entry for entry in self._timers if entry[2].callback is not None]
            heapq.heapify(self._timers)
            self._timers_cancelled = 0

    # -- turns -------------------------------------------------------------------------------------

    def run(self):
        self.check_open()
        if self.running:
            raise RuntimeError('the loop runs already')
        self.running = True
        turn = self.run_turn
        driven.depth += 1
        try:
            while not self.stopping:
                turn()
        finally:
            driven.depth -= 1
            self.stopping = False
            self.running = False

    @property
    def turning(self):
        return self.running

    def run_until(self, future):
        future.add_done_callback(self.stop_for)
        try:
            if not future.done():
                self.run()
        finally:
            future.remove_done_callback(self.stop_for)
            self.stopping = False
        if not future.done():
            raise RuntimeError('the loop was stopped before the future was done')
        return future.result()

    def stop_for(self, _future):
        # type: (Future) -> None
        """Stops, since the future that ``run_until`` waits for is done."""
        self.stopping = True

    def stop(self):
        self.stopping = True
        self.wake()

    def close(self):
        if self.running:
            raise RuntimeError('stop the loop before closing it')
        self.closed = True
        self.queued.clear()
        self.at_end = None
        del self._timers[:]

    def check_open(self):
        # type: () -> None
        """LoopClosed if it is closed."""
        if self.closed:
            raise LoopClosed(u'the loop is closed')

    def run_turn(self):
        # type: () -> None
        """One turn, as the module's text says."""
        ready = self.queued
        last = self.at_end
        if ready or last is not None or self.stopping:
            timeout = 0         # type: Optional[float]
        elif self._timers:
            timeout = self.until_next_timer()
        else:
            timeout = None
        self.poll(timeout)
        if ready or self._timers:
            self.run_queued()
        if last is not None:
            self.at_end = None
            last()

    def run_queued(self):
        # type: () -> None
        """The second and third parts of a turn."""
        ready = self.queued
        if self._timers:
            self.queue_due_timers()
        # Only what is here now: a callback that queues itself for ever must not keep the events
        # out.
        for _ in range(len(ready)):
            handle = ready.popleft()
            callback = handle.callback
            if callback is not None:
                try:
                    callback(*handle.args)
                except FAILURES as exc:
                    self.report_failure('a callback', exc)

    def until_next_timer(self):
        # type: () -> Optional[float]
        """Seconds until the next live timer is due, not below 0; None if there is none."""
        timers = self._timers
        while timers:
            when, _, handle = timers[0]
            if handle.callback is not None:
                return max(0, when - self.time())
            heapq.heappop(timers)
            self._timers_cancelled -= 1
        return None

    def next_timer(self):
        # type: () -> Optional[float]
        """The time at which the next live timer is due; None if there is none."""
        return self._timers[0][0] if self.until_next_timer() is not None else None

    def queue_due_timers(self):
        # type: () -> None
        """Queues the callbacks of the timers that are due."""
        timers = self._timers
        now = self.time()
        while timers and timers[0][0] <= now:
            handle = heapq.heappop(timers)[2]
            handle._loop = None
            if handle.callback is None:
                self._timers_cancelled -= 1
            else:
                self.queued.append(handle)

    # -- failures ----------------------------------------------------------------------------------

    def set_exception_handler(self, callback):
        self._exception_handler = callback

    def report_failure(self, where, exc):
        # type: (str, BaseException) -> None
        """Logs an exception that escaped from a callback, or passes it to the exception handler.

        Called while the exception is being handled.

        Args:     where: names the callback and the connection.
        """
        if self._exception_handler is None:
            log.exception('%s failed', where)
            return
        try:
            self._exception_handler(self, where, exc)
        except FAILURES:
            log.exception('the exception handler failed, on a failure of %s', where)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple
    from carryall.core.future import Future
    from carryall.core.net.protocol import DatagramProtocol, Protocol
    from carryall.core.tls import TLSContext
    from carryall.core.net.transport import DatagramTransport, Listener, Transport
