# Copyright the carryall authors.  See LICENSE.
"""A Python interpreter for one session: takes source, returns output and values.

The code runs in a thread, so that the loop continues to serve and can receive Ctrl-C.  It must not
touch objects of the loop directly (law L13).  ``call(function, ...)`` in its namespace runs a
function on the loop and waits for the result.

Ctrl-C works the same on all runtimes: the thread is traced, and the trace function raises
KeyboardInterrupt at the next line.  Tracing makes code slower,
and cannot end a call into C or Java before it returns.

Tests:    tests/services/console/test_interpreter.py
"""
from __future__ import absolute_import, division, print_function

import codeop
import sys
import traceback
from collections import deque

from carryall.core.compat import FAILURES, PY2, Queue, reraise, text_type
from carryall.core.future import Future, as_future
from carryall.services.console.outputs import Capture

__all__ = ['Interpreter', 'make_namespace']

# -- limits ------------------------------------------------------------------
MAX_SOURCE = 1 << 20            # characters of one statement
MAX_REPR = 65536                # characters of one value that are shown
MAX_PENDING = 1 << 18  # characters of unsent output; the code waits once there are more
LOOK_SECONDS = 0.5              # between the checks of waiting code for an interrupt

FILENAME = '<console>'

# Code of this module that runs in the thread, and is not interrupted.
_OWN = frozenset(function.__code__.co_filename for function in (Capture.__enter__, lambda: None))


class _Leave(object):
    """``exit`` and ``quit``.

    Python's own are made by ``site``, which a frozen program and the jar do not import,
    and they close stdin.
    """

    __slots__ = ('_name',)

    def __init__(self, name):
        # type: (str) -> None
        self._name = name

    def __repr__(self):
        # type: () -> str
        return '%s() ends the session' % self._name

    def __call__(self, code=None):
        # type: (Any) -> None
        raise SystemExit(code)


def make_namespace(loop, more=None):
    # type: (Any, Optional[Dict[str, Any]]) -> Dict[str, Any]
    """The names that code finds at first: ``loop``, ``call``, ``exit``, ``quit``, and *more*."""
    def call(function, *args):
        # type: (Callable[..., Any], *Any) -> Any
        """Calls *function* on the loop's thread and waits; returns its value, or the result of the
        Future that it returns."""
        answers = Queue()

        def finish(future):
            # type: (Future) -> None
            answers.put(future)

        def begin():
            # type: () -> None
            try:
                as_future(function(*args)).add_done_callback(finish)
            except FAILURES as exc:
                broken = Future()
                broken.set_exception(exc)
                finish(broken)

        loop.call_soon_threadsafe(begin)
        while True:
            try:
                future = answers.get(True, LOOK_SECONDS)    # a limit, so that Ctrl-C gets through
            except FAILURES:  # Empty, whose module has another name on 2.7
                continue
            if future.exception() is not None:
                return reraise(future.exception(), None)
            return future.result()

    namespace = {'__name__': '__console__', '__doc__': None, 'loop': loop, 'call': call,
                 'exit': _Leave('exit'), 'quit': _Leave('quit')}            # type: Dict[str, Any]
    namespace.update(more or {})
    return namespace


class Interpreter(object):
    """The interpreter of one session.

    Args:     loop: runs the code in a thread.
              namespace: a dict.
              show: called on the loop's thread with text to show.
              show_later: called on the loop's thread with text that the code did not wait for.
    """

    def __init__(self, loop, namespace, show, show_later):
        # type: (Any, Dict[str, Any], Callable[[str], Any], Callable[[str], Any]) -> None
        self.namespace = namespace
        self.running = False
        self.finished = False           # True once exit() was called
        self._loop = loop
        self._show = show
        self._show_later = show_later
        self._compile = codeop.Compile() if hasattr(codeop, 'Compile') else compile
        self._maybe_compile = codeop.CommandCompiler()
        self._interrupted = False
        self._pieces = deque()          # type: deque  # output that waits for the loop
        self._written = 0               # characters of output, counted by the code's thread
        self._taken = 0  # characters that were shown or dropped, counted by the loop's thread
        self._scheduled = False
        self._space = Queue()           # gets an item when there is room for output
        self._futures = 0
        # The result of code that has run but whose output is not shown yet.
        self._done = None  # type: Optional[Future]

    # -- source ------------------------------------------------------------------------------------

    def source(self, text, whole=False):
        # type: (str, bool) -> Optional[Future]
        """Runs a statement.

        Args:     whole: True for pasted text, which is complete and may be several statements.
        Returns:  None if the statement is incomplete and needs another line.  Else a Future of
                  None, done when it has run.
        """
        if len(text) > MAX_SOURCE:
            return self._failed(u'SyntaxError: the statement is too long\n')
        # py2: bytes in a literal are those of the source; typed text is UTF-8 there.
        code_text = text
        if PY2:
            coded = not whole and _beyond_ascii(text)
            code_text = ((u'# -*- coding: utf-8 -*-\n' if coded else u'') + text).encode('utf-8')
        try:
            if whole:
                code = self._compile(code_text + type(code_text)('\n'), FILENAME, 'exec')
            else:
                code = self._maybe_compile(code_text, FILENAME, 'single')
        except (SyntaxError, ValueError, OverflowError, MemoryError, RuntimeError):
            return self._failed(_of_syntax())
        if code is None:
            return None
        self.running = True
        self._interrupted = False
        done = Future()

        def over(future):
            # type: (Future) -> None
            if future.exception() is not None:
                self._pieces.append(u'the code could not be run\n')
            self._done = done
            self._flush()

        self._loop.run_in_thread(self._run, code).add_done_callback(over)
        return done

    def _failed(self, text):
        # type: (str) -> Future
        self._show(text)
        done = Future()
        done.set_result(None)
        return done

    def interrupt(self):
        # type: () -> None
        """Interrupts the code, as Ctrl-C does; output that waits is dropped."""
        self._interrupted = True
        if self.blocked():
            self._take()
            self._flush(True)
        self._space.put(None)

    # -- on the thread -----------------------------------------------------------------------------

    def _run(self, code):
        # type: (Any) -> None
        with Capture(self._write, self._display):
            before = sys.gettrace() if hasattr(sys, 'gettrace') else None
            sys.settrace(self._trace)
            try:
                # eval() of a code object is the only spelling of exec that all versions have.
                eval(code, self.namespace)
            except SystemExit:
                self.finished = True
            except KeyboardInterrupt:
                sys.settrace(before)
                self._interrupted = False
                self._write(u'KeyboardInterrupt\n')
            except FAILURES:
                sys.settrace(before)
                self._write(_of_exception())
            finally:
                sys.settrace(before)

    def _trace(self, frame, event, arg):
        # type: (Any, str, Any) -> Any
        if frame.f_code.co_filename in _OWN:
            return None  # py2: an exception below print's access to ``softspace`` is swallowed
        # Up to 3.9 an exception at a line is lost if the event of its first opcode follows,
        # which it always does.
        if self._interrupted and not (event == 'line' and getattr(frame, 'f_trace_opcodes', False)):
            self._interrupted = False
            raise KeyboardInterrupt()
        if event == 'call' and frame.f_code.co_filename == FILENAME \
                and hasattr(frame, 'f_trace_opcodes'):
            frame.f_trace_opcodes = True        # a loop on a single line has one line event
        return self._trace

    def _display(self, value):
        # type: (Any) -> None
        if value is None:
            return
        self.namespace['_'] = value
        if isinstance(value, Future):
            self._futures += 1
            self._write(u'<Future %d>\n' % self._futures)
            self._loop.call_soon_threadsafe(self._watch, value, self._futures)
            return
        shown = _text(repr(value))
        if len(shown) > MAX_REPR:
            shown = u'%s ... (%d characters)' % (shown[:MAX_REPR], len(shown))
        self._write(shown + u'\n')

    def _write(self, text):
        # type: (Any) -> None
        self._pieces.append(text)
        self._written += len(text)
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon_threadsafe(self._flush)
        while self._written - self._taken > MAX_PENDING and not self._interrupted:
            try:
                self._space.get(True, LOOK_SECONDS)
            except FAILURES:            # Empty
                pass

    # -- on the loop -------------------------------------------------------------------------------

    def _flush(self, dropped=False):
        # type: (bool) -> None
        # The flag is cleared first: output that is added from now on schedules its own flush,
        # or is taken by this one.
        self._scheduled = False
        if self.blocked() and not dropped:
            return
        pieces = self._take()
        if pieces:
            self._show(u''.join(_text(piece) for piece in pieces))
        self._space.put(None)
        done, self._done = self._done, None
        if done is not None:
            self.running = False
            done.set_result(None)

    def _take(self):
        # type: () -> List[Any]
        """The output that waits; each step is atomic, as the code's thread may add to it."""
        pieces = []                     # type: List[Any]
        while self._pieces:
            pieces.append(self._pieces.popleft())
            self._taken += len(pieces[-1])
        return pieces

    def blocked(self):
        # type: () -> bool
        """True if the client does not read its output.

        The session replaces this method, and calls ``unblock()`` when the client reads again.
        """
        return False

    def unblock(self):
        # type: () -> None
        """Continues after the client has read its output."""
        self._flush()

    def _watch(self, future, number):
        # type: (Future, int) -> None
        def arrived(done):
            # type: (Future) -> None
            exc = done.exception()
            if exc is not None:
                self._show_later(u'Future %d failed: %s: %s\n'
                                 % (number, exc.__class__.__name__, _text(str(exc))))
            else:
                self._show_later(u'Future %d: %s\n'
                                 % (number, _text(repr(done.result()))[:MAX_REPR]))

        future.add_done_callback(arrived)


def _beyond_ascii(text):
    # type: (str) -> bool
    return any(char > u'~' for char in text)


def _text(value):
    # type: (Any) -> str
    """The printed value as text."""
    if isinstance(value, text_type):
        return value
    return value.decode('utf-8', 'replace') if isinstance(value, bytes) else text_type(value)


def _of_syntax():
    # type: () -> str
    kind, value = sys.exc_info()[:2]
    return _text(''.join(traceback.format_exception_only(kind, value)))


def _of_exception():
    # type: () -> str
    """The traceback, without the frame of this module at its top."""
    kind, value, trace = sys.exc_info()
    try:
        lines = traceback.format_exception(kind, value, trace.tb_next if trace is not None
                                           else None)
        return _text(''.join(lines))
    finally:
        del trace


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional
