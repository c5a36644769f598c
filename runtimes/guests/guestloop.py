# Copyright the carryall authors.  See LICENSE.
"""GuestLoop: our loop inside the event loop of a toolkit.

    loop = GuestLoop(TkToolkit(root))       # GLibToolkit(Gtk), QtToolkit(QtCore, app) ...
    loop.listen_tcp(...)
    loop.attach()                           # their loop drives ours:
    root.mainloop()                         # or Gtk.main(), app.exec() ...
    loop.close()

    loop = GuestLoop(TkToolkit(root), hosts=True)       # ours drives theirs:
    loop.run()                              # until stop()

The toolkit watches one descriptor: that of the poller (epoll, kqueue), which is readable while one
of our connections is ready.  Then it gives us a turn.  So no toolkit sees a connection, nothing is
asked for in vain, and all laws hold as on the poller alone.  A toolkit that watches nothing, or a
poller without a descriptor, has a thread that waits (``toolkit.Waiter``).

A callback may open a modal dialog, whose loop then gives us turns within our turn.  The connection
whose callback it is has no callbacks until that one returns (law L3); all others go on.

Tests:    tests/runtimes/guests/, tests/contract/ (with --backend)
"""
from __future__ import absolute_import, division, print_function

import sys
import threading

from carryall.core.compat import FAILURES, reraise
from carryall.core.errors import LoopClosed
from carryall.core.future import driven
from carryall.core.logs import get_logger
from carryall.core.net.transport import DatagramTransport, Listener, Transport
from carryall.runtimes.guests.toolkit import NoToolkit, Waiter
from carryall.runtimes.platform import ON_JVM
from carryall.runtimes.readiness.readinessloop import ReadinessLoop

if ON_JVM:
    from carryall.runtimes.jvm import nio
else:
    from carryall.runtimes.readiness import bsd, pollers

__all__ = ['GuestLoop', 'best_poller']

log = get_logger('runtimes.guests')

BURST_SECONDS = 0.002       # of turns in a row, before the toolkit's own events
BUSY_SECONDS = 0.02         # of turns that follow each other without a pause, then a rest
REST_SECONDS = 0.001        # for all that a toolkit does when it has nothing else to do
PAUSE_SECONDS = 0.0005      # between two turns: the toolkit had time for its own events
AGAIN_SECONDS = 0.05        # until a toolkit that may be in a dialog is told, or asked, once more

# What has callbacks of a protocol, which must not nest.
_CONNECTIONS = (Transport, DatagramTransport, Listener)


def best_poller():
    # type: () -> Any
    """The poller for a guest of this runtime: one with a descriptor if there is any."""
    if ON_JVM:
        return nio.SelectorPoller()
    for name in ('EpollPoller', 'KqueuePoller'):
        if hasattr(pollers.select, name[:-len('Poller')].lower()):
            return getattr(pollers, name)()
    return pollers.SelectPoller()


class _Visit(object):
    """The place of a target in the poller: it keeps the target's callbacks from nesting."""

    __slots__ = ('channel', 'wants_read', 'wants_write', 'target', 'held', '_busy', '_nested',
                 '_poller')

    def __init__(self, target, busy, poller):
        # type: (Any, List[Any], Any) -> None
        self.channel = target.channel
        self.wants_read = False
        self.wants_write = False
        self.target = target
        self.held = False           # whether it is out of the poller until its callback returns
        self._busy = busy           # the loop's: the targets whose callbacks run, outermost first
        self._nested = False
        self._poller = poller

    def on_readable(self):
        # type: () -> None
        """The poller: see the target."""
        if self._nested:
            self._poller.hold(self)
            return
        self._nested = True
        self._busy.append(self.target)
        try:
            self.target.on_readable()
        finally:
            self._busy.pop()
            self._nested = False
            if self.held:
                self._poller.release(self)

    def on_writable(self):
        # type: () -> None
        """The poller: see the target."""
        if self._nested:
            self._poller.hold(self)
            return
        self._nested = True
        self._busy.append(self.target)
        try:
            self.target.on_writable()
        finally:
            self._busy.pop()
            self._nested = False
            if self.held:
                self._poller.release(self)


class _Bell(object):
    """A waker that goes on ringing until the queue has been run.

    A dialog may open before that, and its loop then must give us a turn for the rest.
    """

    wants_read = True
    wants_write = False

    def __init__(self):
        # type: () -> None
        self.waker = pollers.Waker()
        self.channel = self.waker.channel
        self.rings = False

    def on_readable(self):
        # type: () -> None
        """The poller: it was rung."""
        self.rings = True

    def on_writable(self):
        # type: () -> None
        """Never asked for."""

    def silence(self):
        # type: () -> None
        """The queue has been run."""
        self.rings = False
        self.waker.on_readable()


class _GuestPoller(object):
    """A Poller around another one, with a visit for each target.

    Args:     within: the poller that knows what is ready.
              busy: the list of the targets whose callbacks run.
    """

    def __init__(self, name, within, busy):
        # type: (str, Any, List[Any]) -> None
        self.name = name
        self.within = within
        self.max_descriptor = within.max_descriptor
        self.dispatch = within.dispatch
        self.wake = within.wake
        self.signal_descriptor = within.signal_descriptor
        self.bell = None            # type: Optional[_Bell]  # a Selector has a wake-up of its own
        if not ON_JVM:
            self.bell = _Bell()
            self.wake = self.bell.waker.wake
            self.signal_descriptor = self.bell.waker.signal_descriptor
            within.watch(self.bell)
        self.changed = None         # type: Optional[Callable[[], None]]
        self._busy = busy
        self._visits = {}           # type: Dict[Any, _Visit]

    def watch(self, target):
        # type: (Any) -> None
        """Follows what *target* wants now."""
        visit = self._visits.get(target)
        if visit is None:
            if not target.wants_read and not target.wants_write:
                return
            visit = _Visit(target, self._busy, self)
            self._visits[target] = visit
        if not target.wants_read and not target.wants_write:
            del self._visits[target]
        if not visit.held:
            visit.wants_read = target.wants_read
            visit.wants_write = target.wants_write
            self.within.watch(visit)
            if self.changed is not None:
                self.changed()

    def hold(self, visit):
        # type: (_Visit) -> None
        """Takes it out of the poller: its callback is under way, further up the stack."""
        visit.held = True
        visit.wants_read = False
        visit.wants_write = False
        self.within.watch(visit)

    def release(self, visit):
        # type: (_Visit) -> None
        """Puts it back, as its target wishes now."""
        visit.held = False
        if self._visits.get(visit.target) is visit:
            self.watch(visit.target)

    def close(self):
        # type: () -> None
        """Closes the poller within."""
        self._visits.clear()
        self.within.close()
        if self.bell is not None:
            self.bell.waker.close()


class GuestLoop(ReadinessLoop):
    """Our loop as a guest of a toolkit's.

    Args:     toolkit: a ``toolkit.Toolkit``.
              poller: what knows which connections are ready; by default the best one.
              hosts: whether ``run`` takes the toolkit's events one by one; otherwise it has the
                     toolkit run its own loop.

    Attributes:
        on_display_lost: called when the display of the windows is gone.  None serves on without
                         windows; ``loop.stop`` ends a program that is nothing without them.
    """

    has_bounded_calls = False       # type: ignore  # its thread is the toolkit's

    def __init__(self, toolkit, poller=None, hosts=False):
        # type: (Any, Any, bool) -> None
        self._toolkit = toolkit
        self._hosts = hosts
        self.on_display_lost = None     # type: Optional[Callable[[], Any]]
        self._busy = []             # type: List[Any]
        self._held = []             # type: List[Any]  # handles of those that are busy
        within = best_poller() if poller is None else poller
        ReadinessLoop.__init__(self, _GuestPoller(toolkit.name, within, self._busy),
                               nio.Channels() if ON_JVM else bsd)
        self._thread = threading.current_thread()
        self._turns_given = 0
        self._depth = 0             # turns that are under way, one within the other
        self._attached = False
        self._quitting = False      # by stop(), while the toolkit's loop runs
        self._open = False          # whether the toolkit gives us turns
        self._alarm = None          # type: Any  # the toolkit's timer for our next one
        self._alarm_at = None       # type: Optional[float]
        self._guard = None          # type: Any  # the alarm for a dialog that may open in a turn
        self._escaped = None        # type: Any  # SystemExit and the like, for run() to raise
        self._last_end = 0.0        # when the last turn ended
        self._busy_since = 0.0      # when turns began to follow each other
        self._rest = None           # type: Any  # the toolkit's timer that ends a rest
        self._descriptor = within.descriptor() if toolkit.watches else None
        self._waiter = None         # type: Optional[Waiter]
        if self._descriptor is None:
            self._waiter = Waiter(within.wait, self.wake, toolkit.post, self._give_turn,
                                  self._has_more)
            self.poller.changed = self._wishes_changed

    @property
    def toolkit(self):
        # type: () -> Any
        """The toolkit that drives this loop."""
        return self._toolkit

    # -- the toolkit gives turns, or does not ------------------------------------------------------

    def attach(self):
        # type: () -> GuestLoop
        """From now on the toolkit's loop drives this one; returns the loop."""
        self.check_open()
        self._attached = True
        self._open_up()
        return self

    def detach(self):
        # type: () -> None
        """From now on, only ``run`` drives it."""
        self._attached = False
        if not self.running:
            self._shut()

    def _open_up(self):
        # type: () -> None
        if self._open:
            return
        self._open = True
        self._toolkit.guard(self._display_lost, self._toolkit_exits)
        self._set_alarm()
        if self.queued or self.at_end is not None:
            self.wake()
        # Last, for turns may come on another thread from now on.
        if self._waiter is None:
            self._toolkit.watch(self._descriptor, self._give_turn)
        else:
            self._waiter.open()

    def _shut(self):
        # type: () -> None
        if not self._open:
            return
        self._open = False
        if self._waiter is not None:
            self._waiter.shut()
        elif self._rest is None:
            self._toolkit.unwatch()
        for timer in (self._alarm, self._rest):
            if timer is not None:
                self._toolkit.cancel(timer)
        self._alarm = None
        self._rest = None
        self._alarm_at = None

    def _has_more(self):
        # type: () -> bool
        """True if callbacks wait, which the turn under way has not reached."""
        return bool(self.queued) or self.at_end is not None

    def _wishes_changed(self):
        # type: () -> None
        """A poller that waits on another thread learns of it only when it waits again."""
        if self._waiter is not None and self._waiter.waits:
            self.wake()

    # -- callbacks and timers ----------------------------------------------------------------------

    def call_soon(self, callback, *args):
        handle = ReadinessLoop.call_soon(self, callback, *args)
        # In a turn, too: a dialog that the turn opened may be what runs now.
        self.wake()
        return handle

    def call_at_end(self, callback):
        ReadinessLoop.call_at_end(self, callback)
        self.wake()

    def call_at(self, when, callback, *args):
        handle = ReadinessLoop.call_at(self, when, callback, *args)
        if self._open and (self._alarm_at is None or when < self._alarm_at):
            self._set_alarm()
        return handle

    def _set_alarm(self):
        # type: () -> None
        """Has the toolkit call us when the next timer is due."""
        when = self.next_timer()
        if self._alarm is not None:
            early = self._alarm_at is not None and (when is None or when >= self._alarm_at)
            if early and self._alarm is not self._guard:
                return                  # it will find nothing due, and be set again
            self._toolkit.cancel(self._alarm)
            self._alarm = None
        self._guard = None
        self._alarm_at = when
        if when is not None:
            self._alarm = self._toolkit.call_later(max(0.0, when - self.time()), self._alarmed)

    def _alarmed(self):
        # type: () -> None
        # The toolkit's clock may be coarser than ours and call early; what is not due then waits
        # for the next alarm.
        if not self._open:
            return
        # A dialog may open before the timers are looked at.
        self._alarm_at = self.time() + AGAIN_SECONDS
        self._alarm = self._toolkit.call_later(AGAIN_SECONDS, self._alarmed)
        self._guard = self._alarm
        if self._waiter is None:
            self._give_turn()
        else:                       # which may be inside the poller, where no two can be
            self.wake()

    # -- turns -------------------------------------------------------------------------------------

    def _give_turn(self):
        # type: () -> None
        """The toolkit calls: something is ready, or due."""
        if not self._open or self.closed:
            return
        if self._quitting:                  # what is queued now is for the next run() (law L17)
            return
        self._depth += 1
        try:
            self._take_turns()
        except BaseException:
            if not self.running:
                raise
            # It would not pass the toolkit unharmed; run() raises it.
            self._escaped = sys.exc_info()
            self.stopping = True
        finally:
            self._depth -= 1
        if self.stopping:
            self._quit()
        else:
            self._set_alarm()
            self._pause_if_busy()

    def _take_turns(self):
        # type: () -> None
        """One turn, and those behind it that find callbacks waiting, as far as the time reaches."""
        begin = self.time()
        if begin - self._last_end > PAUSE_SECONDS:
            self._busy_since = begin
        while True:
            self.run_turn()
            now = self.time()
            if self.stopping or self.closed or now - begin > BURST_SECONDS \
                    or not self.queued and self.at_end is None or self._waiter is not None:
                break
        self._last_end = now

    def run_turn(self):
        self._turns_given += 1
        last = self.at_end
        self.poll(0)
        self.run_queued()
        if last is not None and last is self.at_end:
            self.at_end = None
            last()

    def run_queued(self):
        self.queue_due_timers()
        ready = self.queued
        turn = self._turns_given
        busy = self._busy
        for _ in range(len(ready)):
            handle = ready.popleft()
            callback = handle.callback
            if callback is None:
                continue
            owner = getattr(callback, '__self__', None)
            if isinstance(owner, _CONNECTIONS):
                if self._depth > 1 and any(owner is each for each in busy):
                    self._held.append(handle)
                    continue
                busy.append(owner)
            else:
                busy.append(None)
            try:
                callback(*handle.args)
            except FAILURES as exc:
                self.report_failure('a callback', exc)
            finally:
                busy.pop()
            if self._turns_given != turn:       # turns within this one have taken the rest
                break
        bell = self.poller.bell
        if bell is not None and bell.rings:
            bell.silence()
            # Another thread may have queued something meanwhile, and not rung again.
            if ready:
                self.wake()
        if self._held and self._depth <= 1:
            ready.extendleft(reversed(self._held))
            del self._held[:]
            self.wake()

    def _pause_if_busy(self):
        # type: () -> None
        """Lets the toolkit do what it does only when nothing else is ready: most paint then."""
        if self._waiter is not None or self._last_end - self._busy_since < BUSY_SECONDS:
            return
        self._busy_since = self._last_end
        if self._rest is None and self._open:
            self._toolkit.unwatch()
            self._rest = self._toolkit.call_later(REST_SECONDS, self._rested)

    def _rested(self):
        # type: () -> None
        self._rest = None
        if self._open:
            self._toolkit.watch(self._descriptor, self._give_turn)

    def signal_descriptor(self):
        return None if self._toolkit.takes_signals else ReadinessLoop.signal_descriptor(self)

    # -- life --------------------------------------------------------------------------------------

    def run(self):
        self.check_open()
        if self.running or self._depth:
            raise RuntimeError('the loop runs already')
        if self._toolkit.one_thread and threading.current_thread() is not self._thread:
            raise RuntimeError('the loop of %s runs on the thread that made it, %s'
                               % (self.backend, self._thread.name))
        self.running = True
        driven.depth += 1
        try:
            if not self.stopping:
                self._toolkit.prepare()
                self._open_up()
                self._run_toolkit()
        finally:
            driven.depth -= 1
            self._shut()
            if self._attached:
                self._open_up()
            self._quitting = False
            self.stopping = False
            self.running = False
        escaped = self._escaped
        if escaped is not None:
            self._escaped = None
            reraise(escaped[1], escaped[2])

    @property
    def turning(self):
        return self.running or self._depth > 0

    def _run_toolkit(self):
        # type: () -> None
        while self._hosts and not self.stopping and not self._toolkit.has_ended():
            self._toolkit.step()
        if not self._hosts:
            self._toolkit.run()
        if not self.stopping and self._toolkit.has_ended():
            self._serve_alone()

    # -- the end of the display --------------------------------------------------------------------

    def _display_lost(self):
        # type: () -> None
        """The toolkit: the display is gone, and its loop goes on."""
        try:
            self.call_soon_threadsafe(self._tell_of_display)
        except LoopClosed:          # no connection is left to be served
            pass

    def _tell_of_display(self):
        # type: () -> None
        log.error('the display of %s is gone; connections are served on without windows',
                  self.backend)
        if self.on_display_lost is not None:
            self.on_display_lost()

    def _toolkit_exits(self):
        # type: () -> None
        """The toolkit: it ends the process, since the display is gone."""
        if self._open and not self.closed and not self.stopping:
            self._serve_alone()
            sys.stdout.flush()
            sys.stderr.flush()

    def _serve_alone(self):
        # type: () -> None
        """Serves until ``stop``, without the toolkit."""
        self._toolkit = NoToolkit(self.backend)
        self._alarm = None
        self._rest = None
        self._tell_of_display()
        while not self.stopping:
            if not self._has_more():
                self.poll(self.until_next_timer())
            self.run_turn()

    # -- life, the end -----------------------------------------------------------------------------

    def stop(self):
        self.stopping = True
        self.wake()

    def stop_for(self, _future):
        self.stop()

    def _quit(self):
        # type: () -> None
        """Ends the toolkit's loop, which is ours."""
        if not self.running:                # the application runs it
            self.stopping = False
            self._toolkit.quit()
            return
        self._quitting = True
        if self._hosts:
            return
        # A toolkit may forget it in a dialog, and none is asked by our descriptor until then.
        if self._waiter is None and self._rest is None:
            self._toolkit.unwatch()
        if self._rest is not None:
            self._toolkit.cancel(self._rest)
        self._rest = self._toolkit.call_later(AGAIN_SECONDS, self._quit_again)
        self._toolkit.quit()

    def _quit_again(self):
        # type: () -> None
        self._rest = None
        if self._quitting:
            self._toolkit.quit()
            self._rest = self._toolkit.call_later(AGAIN_SECONDS, self._quit_again)

    def close(self):
        if self.running or self._depth:
            raise RuntimeError('stop the loop before closing it')
        if not self.closed:
            self._attached = False
            self._shut()
        ReadinessLoop.close(self)

    def release(self):
        if self._waiter is not None:
            self._waiter.close()
        ReadinessLoop.release(self)
        self._toolkit.close()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional
