# Copyright the carryall authors.  See LICENSE.
"""Child programs with pipes, the same on every runtime:
threads block on the pipes and post to the loop.

Threads, and not the poller, because Jython and Windows cannot wait on pipes;
runtimes/readiness/childpipes.py is for those that can.  Each output is read
one piece ahead at the most, so that a protocol that does not read stops the program and not the
memory.

Tests:    tests/contract/test_processes.py
"""
from __future__ import absolute_import, division, print_function

import os
import subprocess
import threading
from collections import deque

from carryall.core.compat import FAILURES
from carryall.core.errors import LoopClosed, SpawnFailed
from carryall.core.net.process import STDERR, STDIN, STDOUT, ProcessTransport
from carryall.core.net.transport import WaterMarks
from carryall.runtimes.host import processgroups

__all__ = ['spawn']

READ_BYTES = 65536          # read at once of a pipe


def spawn(loop, factory, argv, cwd=None, env=None, group=False, input=True):
    # type: (Any, Any, Sequence[str], Any, Optional[Dict[str, str]], bool, bool) -> Any
    """As ``Loop.spawn``."""
    def start():
        # type: () -> subprocess.Popen
        pipe = subprocess.PIPE
        try:
            return subprocess.Popen(processgroups.words(argv, group), stdin=pipe, stdout=pipe,
                                    stderr=pipe, cwd=cwd, env=env, bufsize=0,
                                    close_fds=os.name == 'posix',
                                    **processgroups.arguments(group))
        except (OSError, ValueError) as exc:
            raise SpawnFailed(u'cannot start %s: %s' % (argv[0], getattr(exc, 'strerror', None)
                                                        or exc), exc)

    def started(process):
        # type: (subprocess.Popen) -> Tuple[_Process, Any]
        protocol = factory()
        transport = _Process(loop, process, protocol, group)
        if not input:
            transport.write_eof()
        transport.begin()
        return transport, protocol

    # To start a program may take a while, on the JVM above all.
    return loop.run_in_thread(start).then(started)


def _daemon(function, *args):
    # type: (Callable[..., Any], *Any) -> None
    thread = threading.Thread(target=function, args=args, name='carryall-process')
    thread.daemon = True
    thread.start()


class _Process(ProcessTransport):
    """One program; what is not said to be of a thread belongs to the loop's."""

    def __init__(self, loop, process, protocol, group):
        # type: (Any, subprocess.Popen, Any, bool) -> None
        self._loop = loop
        self._process = process
        self._protocol = protocol
        self._group = group
        self._returncode = None     # type: Optional[int]
        self._open = set((STDOUT, STDERR))
        self._held = deque()        # type: deque  # output that came while reading was paused
        self._paused = False
        self._go_on = {STDOUT: threading.Semaphore(0), STDERR: threading.Semaphore(0)}
        self._marks = WaterMarks()
        self._unsent = 0
        self._input = deque()       # type: deque
        self._input_ready = threading.Semaphore(0)
        self._input_open = True
        self._writing = False       # whether its thread has been started
        self._over = False
        loop.open_transports.add(self)

    def begin(self):
        # type: () -> None
        """Tells the protocol, and starts to read and to wait."""
        self._call('connection_made', self)
        _daemon(self._read, STDOUT, self._process.stdout)
        _daemon(self._read, STDERR, self._process.stderr)
        _daemon(self._wait)

    def _call(self, name, *args):
        # type: (str, *Any) -> None
        try:
            getattr(self._protocol, name)(*args)
        except FAILURES as exc:
            where = '%s of the program %d' % (name, self._process.pid)
            self._loop.report_failure(where, exc)
            self.close()

    def _post(self, callback, *args):
        # type: (Callable[..., Any], *Any) -> bool
        """From a thread: queue a callback; False when the loop is closed."""
        try:
            self._loop.call_soon_threadsafe(callback, *args)
            return True
        except LoopClosed:
            return False

    # -- output of the program ---------------------------------------------------------------------

    def _read(self, fd, pipe):
        # type: (int, Any) -> None
        """A thread for each output."""
        descriptor = pipe.fileno()
        while True:
            try:
                data = os.read(descriptor, READ_BYTES)
            except FAILURES:        # the pipe was closed under us
                data = b''
            if not self._post(self._arrived, fd, data) or not data:
                break
            self._go_on[fd].acquire()
        pipe.close()

    def _arrived(self, fd, data):
        # type: (int, bytes) -> None
        if self._paused:
            self._held.append((fd, data))
        else:
            self._hand_over(fd, data)

    def _hand_over(self, fd, data):
        # type: (int, bytes) -> None
        if data:
            if not self._over:
                self._call('pipe_data_received', fd, data)
            self._go_on[fd].release()
        else:
            self._open.discard(fd)
            self._call('pipe_connection_lost', fd, None)
            self._maybe_over()

    def pause_reading(self):
        self._paused = True

    def resume_reading(self):
        if self._paused:
            self._paused = False
            self._loop.call_soon(self._hand_over_held)

    def _hand_over_held(self):
        # type: () -> None
        while self._held and not self._paused:
            self._hand_over(*self._held.popleft())

    # -- its input ---------------------------------------------------------------------------------

    def write(self, data):
        if type(data) is not bytes:
            raise TypeError('write() takes bytes, not %s' % type(data).__name__)
        if not self._input_open or not data:
            return
        self._queue(data)
        self._unsent += len(data)
        if not self._marks.paused and self._unsent > self._marks.high:
            self._marks.paused = True
            self._call('pause_writing')

    def write_eof(self):
        if self._input_open:
            self._input_open = False
            self._queue(None)

    def _queue(self, item):
        # type: (Optional[bytes]) -> None
        if item is None and not self._writing:
            self._close_input()         # nothing was written: no thread is needed to close it
            return
        self._input.append(item)
        if not self._writing:
            self._writing = True
            _daemon(self._write)
        self._input_ready.release()

    def _write(self):
        # type: () -> None
        """The thread of its input."""
        pipe = self._process.stdin      # type: Any
        while True:
            self._input_ready.acquire()
            data = self._input.popleft()
            try:
                if data is None:
                    break
                pipe.write(data)
                pipe.flush()
            except FAILURES as exc:
                self._post(self._input_lost, exc)
                break
            self._post(self._wrote, len(data))
        self._close_input()

    def _close_input(self):
        # type: () -> None
        try:
            self._process.stdin.close()     # type: ignore
        except FAILURES:            # what it had buffered cannot be written: the program is gone
            pass

    def _wrote(self, count):
        # type: (int) -> None
        self._unsent -= count
        if self._marks.paused and self._unsent <= self._marks.low:
            self._marks.paused = False
            self._call('resume_writing')

    def _input_lost(self, exc):
        # type: (BaseException) -> None
        self._input_open = False
        self._call('pipe_connection_lost', STDIN, exc)

    # -- its end -----------------------------------------------------------------------------------

    def _wait(self):
        # type: () -> None
        """A thread that waits for the end."""
        self._post(self._exited, self._process.wait())

    def _exited(self, returncode):
        # type: (int) -> None
        self._returncode = returncode
        self._call('process_exited')
        self._maybe_over()

    def _maybe_over(self):
        # type: () -> None
        if self._returncode is not None and not self._open and not self._over:
            self._over = True
            self._loop.open_transports.discard(self)
            self.write_eof()
            self._call('connection_lost', None)

    def get_pid(self):
        return self._process.pid

    def get_returncode(self):
        return self._returncode

    def terminate(self):
        if self._group:
            processgroups.send(self._process.pid, 'TERM')
        elif self._returncode is None:
            self._process.terminate()

    def kill(self):
        if self._group:
            processgroups.send(self._process.pid, 'KILL')
        elif self._returncode is None:
            self._process.kill()

    def close(self):
        self.write_eof()
        try:
            self.kill()
        except FAILURES:            # it ended this very moment
            pass

    abort = close


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Optional, Sequence, Tuple
