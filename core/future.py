# Copyright the carryall authors.  See LICENSE.
"""Results that arrive later: Future, chains of them, and generators that wait for them.

A Future belongs to the thread of its loop, like everything else (law L13).  Its callbacks run in
the order in which they were added, when it completes, or at once if it has completed already.  A
callback that completes another future does not recurse, for chains of any length.

``await`` works where the language has it; ``coroutine`` drives a generator that yields futures on
every version::

    @coroutine
    def fetch(client):
        greeting = yield client.greeting()
        raise Return(greeting.upper())

Tests:    tests/core/test_future.py
"""
from __future__ import absolute_import, division, print_function

import functools
from collections import deque

from carryall.core.compat import FAILURES, is_awaitable, thread_local
from carryall.core.errors import Cancelled, TimedOut, Unsupported
from carryall.core.logs import get_logger

__all__ = ['Future', 'Return', 'TaskHost', 'as_future', 'completed', 'coroutine', 'failed',
           'gather', 'provide_tasks', 'run_task', 'sleep', 'with_timeout']

# Modules that ask for the event loop of asyncio; the others go through sniffio.
NEED_ASYNCIO = ('asyncio', 'sniffio')

_PENDING, _RESULT, _ERROR, _CANCELLED = range(4)

log = get_logger('core.future')


class Future(object):
    """One result that is not there yet.

    Args:     canceller: called with the future when ``cancel()`` ends it,
              to stop the work behind it.
    """

    __slots__ = ('_state', '_value', '_callbacks', '_canceller', '__weakref__')

    def __init__(self, canceller=None):
        # type: (Optional[Callable[[Future], Any]]) -> None
        self._state = _PENDING
        self._value = None          # type: Any
        self._callbacks = None      # type: Optional[List[Callable[[Future], Any]]]
        self._canceller = canceller

    def done(self):
        # type: () -> bool
        """True if there is a result, an error or a cancellation."""
        return self._state != _PENDING

    def cancelled(self):
        # type: () -> bool
        """True if ``cancel()`` ended it."""
        return self._state == _CANCELLED

    def result(self):
        # type: () -> Any
        """The result; raises the error, Cancelled, or RuntimeError when it is not there yet."""
        if self._state == _RESULT:
            return self._value
        error = self.exception()
        if error is None:
            raise RuntimeError('the future has no result yet')
        raise error

    def exception(self):
        # type: () -> Any
        """The error, or None for a result or a future that is not done."""
        return self._value if self._state in (_ERROR, _CANCELLED) else None

    def set_result(self, value):
        # type: (Any) -> None
        """Completes it with *value*; a future that was cancelled meanwhile keeps silent about it.
        """
        self._complete(_RESULT, value)

    def set_exception(self, error):
        # type: (BaseException) -> None
        """Completes it with *error*, which ``result()`` will raise."""
        self._complete(_ERROR, _raisable(error))

    def cancel(self):
        # type: () -> bool
        """Ends it with Cancelled and stops the work behind it; False if it was done already."""
        if self._state != _PENDING:
            return False
        canceller = self._canceller
        self._complete(_CANCELLED, Cancelled('the future was cancelled'))
        if canceller is not None:
            canceller(self)
        return True

    def add_done_callback(self, callback):
        # type: (Callable[[Future], Any]) -> None
        """Calls ``callback(self)`` on completion; at once if it is complete."""
        if self._state != _PENDING:
            _run_callbacks(self, (callback,))
        elif self._callbacks is None:
            self._callbacks = [callback]
        else:
            self._callbacks.append(callback)

    def remove_done_callback(self, callback):
        # type: (Callable[[Future], Any]) -> None
        """Takes back what ``add_done_callback`` was given; nothing happens if it is not there."""
        if self._callbacks and callback in self._callbacks:
            self._callbacks.remove(callback)

    def then(self, on_result, on_error=None):
        # type: (Optional[Callable[[Any], Any]], Optional[Callable[[Any], Any]]) -> Future
        """A future of what ``on_result(result)`` or ``on_error(exception)`` returns or raises.

        A callback that returns a Future is waited for.  None passes a result or an error on as it
        is.  Cancelling the future that is returned cancels this one.
        """
        chained = Future(lambda _: self.cancel())

        def step(source):
            # type: (Future) -> None
            callback = on_result if source._state == _RESULT else on_error
            if chained.done():
                return
            if callback is None:
                _copy(source, chained)
                return
            try:
                value = callback(source._value)
            except FAILURES as exc:
                chained.set_exception(exc)
                return
            if isinstance(value, Future):
                chained._canceller = lambda _: value.cancel()
                value.add_done_callback(lambda inner: _copy(inner, chained))
            else:
                chained.set_result(value)

        self.add_done_callback(step)
        return chained


    def _complete(self, state, value):
        # type: (int, Any) -> None
        if self._state != _PENDING:
            if self._state == _CANCELLED:
                return
            raise RuntimeError('the future is done already')
        self._state = state
        self._value = value
        self._canceller = None
        callbacks, self._callbacks = self._callbacks, None
        if callbacks:
            _run_callbacks(self, callbacks)


class _FutureWait(object):
    """The iterator behind ``await future``: hands the future to the driver once,
    then gives its result."""

    __slots__ = ('_future', '_asked')

    def __init__(self, future):
        # type: (Future) -> None
        self._future = future
        self._asked = False

    def __iter__(self):
        return self

    def __next__(self):
        if not self._asked and not self._future.done():
            self._asked = True
            return self._future
        stop = StopIteration()
        stop.value = self._future.result()
        raise stop

    def send(self, _value):
        # type: (Any) -> Future
        """Goes on after the future has completed."""
        return self.__next__()


class TaskHost(object):
    """The tasks of another event loop, on which ours is a guest.

    A guest provides one (`provide_tasks`); then `await` and coroutines ask it.
    """

    def start(self, awaitable):
        # type: (Any) -> Optional[Future]
        """A Future of a coroutine, or of what one may wait for, as a task of the host; None if no
        host runs here.
        """
        return None

    def run(self, coroutine):
        # type: (Any) -> Any
        """A task of the host for *coroutine*, which has a ``cancel()``; None if no host runs here.
        """
        return None

    def wait(self, future):
        # type: (Future) -> Any
        """The iterator of ``await future`` in a task of the host; None outside of one."""
        return None

    def is_here(self):
        # type: () -> bool
        """True if a host runs this thread."""
        return False


_hosts = [TaskHost()]


class Driven(thread_local):
    """Loops of ours that run in this thread and are no guests.

    Attributes:
        depth: their number.  A host of a guest further up the stack is blocked by them, and its
            tasks would never go on.
    """

    depth = 0


driven = Driven()


def provide_tasks(host):
    # type: (TaskHost) -> None
    """Has *host* run coroutines of Python 3, wherever its event loop runs."""
    _hosts[0] = host


def _await(future):
    # type: (Future) -> Any
    return not driven.depth and _hosts[0].wait(future) or _FutureWait(future)


# An iterator, for no generator can be written for both 2.7 and 3.
Future.__await__ = _await  # type: ignore


def _copy(source, target):
    # type: (Future, Future) -> None
    """Completes *target* as *source* was, unless somebody cancelled it."""
    if target._state == _PENDING:
        target._complete(source._state, source._value)


class _Completions(thread_local):
    """The callbacks that are due on this thread.

    They run from this queue and not from within each other, so that a chain of ten thousand futures
    takes no stack.  (Jython's stack ends at about 1,300 frames.)  Each thread has one, because
    several loops may run in several threads.
    """

    def __init__(self):
        # type: () -> None
        self.queue = deque()        # type: deque
        self.running = False


_completions = _Completions()


def _run_callbacks(future, callbacks):
    # type: (Future, Iterable[Callable[[Future], Any]]) -> None
    """Runs *callbacks* now, or after those that are running;
    an exception out of one is logged and the rest go on."""
    completions = _completions
    queue = completions.queue
    for callback in callbacks:
        queue.append((callback, future))
    if completions.running:
        return
    completions.running = True
    try:
        while queue:
            callback, source = queue.popleft()
            try:
                callback(source)
            except FAILURES:
                log.exception('a callback of a future failed')
    finally:
        completions.running = False


def completed(value=None):
    # type: (Any) -> Future
    """A future that has *value* already."""
    future = Future()
    future._state = _RESULT
    future._value = value
    return future


def failed(error):
    # type: (BaseException) -> Future
    """A future that has failed with *error* already."""
    future = Future()
    future._state = _ERROR
    future._value = _raisable(error)
    return future


def _raisable(error):
    # type: (BaseException) -> BaseException
    """*error*; RuntimeError for a StopIteration, which would end a generator as if it had a
    result, and which no future of asyncio takes.
    """
    if not isinstance(error, StopIteration):
        return error
    found = RuntimeError('StopIteration is no error of a future')
    found.__cause__ = error
    return found


def gather(futures):
    # type: (Iterable[Future]) -> Future
    """A future of the list of all results, in order;
    the first error ends it and cancels the rest."""
    waiting = list(futures)
    whole = Future(lambda _: [future.cancel() for future in waiting])
    left = [len(waiting)]

    def one_done(future):
        # type: (Future) -> None
        if whole.done():
            return
        if future.exception() is not None:
            whole.set_exception(future.exception())
            for other in waiting:
                other.cancel()
            return
        left[0] -= 1
        if not left[0]:
            whole.set_result([one.result() for one in waiting])

    if not waiting:
        whole.set_result([])
    for future in waiting:
        future.add_done_callback(one_done)
    return whole


def sleep(clock, seconds):
    # type: (Any, float) -> Future
    """A future that completes with None after *seconds* of *clock* (a loop,
    or anything with ``call_later``)."""
    future = Future(lambda _: timer.cancel())
    timer = clock.call_later(seconds, lambda: future.done() or future.set_result(None))
    return future


def with_timeout(clock, future, seconds, message=u'it took too long', left=None):
    # type: (Any, Future, float, str, Optional[Callable[[], float]]) -> Future
    """As *future*, but TimedOut after *seconds*; then *future* itself is cancelled.

    Args:     left: called when the time is over, for the seconds that are allowed still;
              0 or less: none.
    """
    bounded = Future(lambda _: future.cancel())

    def expired():
        # type: () -> None
        more = 0.0 if left is None else left()
        if more > 0.0:
            timers[0] = clock.call_later(more, expired)
        elif not bounded.done():
            bounded.set_exception(TimedOut(message))
            future.cancel()

    def arrived(_):
        # type: (Future) -> None
        timers[0].cancel()
        _copy(future, bounded)

    timers = [clock.call_later(seconds, expired)]
    future.add_done_callback(arrived)
    return bounded


class Return(Exception):
    """``raise Return(value)`` ends a coroutine with *value*; Python 2.7 has no other way."""

    def __init__(self, value=None):
        # type: (Any) -> None
        Exception.__init__(self, value)
        self.value = value


def coroutine(function):
    # type: (Callable[..., Any]) -> Callable[..., Future]
    """Decorator: a generator function that yields futures becomes a function that returns a
    Future."""
    @functools.wraps(function)
    def start(*args, **kwargs):
        # type: (*Any, **Any) -> Future
        try:
            steps = function(*args, **kwargs)
        except Return as stop:
            return completed(stop.value)
        except FAILURES as exc:
            return failed(exc)
        return _drive(steps) if hasattr(steps, 'send') else as_future(steps)
    return start


def as_future(value):
    # type: (Any) -> Future
    """The result of a user's function, as a Future: a Future, a 3.x coroutine,
    or any other value, which is there."""
    if isinstance(value, Future):
        return value
    if is_awaitable(value):
        task = None if driven.depth else _hosts[0].start(value)
        if task is not None:
            return task
        return _drive(value if hasattr(value, 'send') else value.__await__())
    return completed(value)


def run_task(coroutine):
    # type: (Any) -> Any
    """Runs a 3.x coroutine that answers for its errors itself; an object with a ``cancel()``.

    It may begin, and end, before this returns.
    """
    task = None if driven.depth else _hosts[0].run(coroutine)
    return _drive(coroutine) if task is None else task


def _drive(steps):
    # type: (Any) -> Future
    """Runs a generator or coroutine to its end; what it yields are futures,
    what it ends with is the result."""
    waiting_for = [None]            # type: List[Any]

    def cancel(_):
        # type: (Future) -> None
        if waiting_for[0] is not None:
            # Resumes the generator with Cancelled, so that its clean-up runs.
            waiting_for[0].cancel()

    whole = Future(cancel)

    def advance(source):
        # type: (Any) -> None
        waiting_for[0] = None
        while True:
            try:
                if source is None:
                    step = steps.send(None)
                elif source.exception() is None:
                    step = steps.send(source.result())
                else:
                    step = steps.throw(source.exception())
            except (StopIteration, Return) as stop:
                if not whole.done():
                    whole.set_result(getattr(stop, 'value', None))
                return
            except FAILURES as exc:
                if not whole.done():
                    whole.set_exception(_explained(exc))
                elif not isinstance(exc, Cancelled):
                    log.exception('a cancelled coroutine failed')
                return
            if getattr(step, '_asyncio_future_blocking', None):
                # A future of asyncio, in a coroutine that runs as its guest:
                # this is how its own tasks answer.
                step._asyncio_future_blocking = False
                waiting_for[0] = step
                step.add_done_callback(lambda done: advance(
                    failed(Cancelled()) if done.cancelled() else done))
                return
            if not isinstance(step, Future):
                source = failed(TypeError('a coroutine may wait for a Future of carryall, not for '
                                          '%r; with the backend asyncio it may wait for all that '
                                          'asyncio has' % (step,)))
            elif step.done():
                # A loop and not a callback: no stack is used up by results that are there.
                source = step
            else:
                waiting_for[0] = step
                step.add_done_callback(advance)
                return

    advance(None)
    return whole


def _explained(exc):
    # type: (BaseException) -> BaseException
    """*exc*, or Unsupported if a library that needs the event loop of asyncio has raised it where
    none runs.
    """
    trace = getattr(exc, '__traceback__', None)
    if not isinstance(exc, RuntimeError) or trace is None:
        return exc
    if not driven.depth and _hosts[0].is_here():
        return exc
    while trace.tb_next is not None:
        trace = trace.tb_next
    if trace.tb_frame.f_globals.get('__name__', '').partition('.')[0] not in NEED_ASYNCIO:
        return exc
    return Unsupported(u'a coroutine uses asyncio, which runs with the backend asyncio alone '
                       u'(--backend asyncio): %s' % exc, exc)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, List, Optional
