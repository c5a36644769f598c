# Copyright the carryall authors.  See LICENSE.
"""Child programs whose pipes the poller watches: no thread, and no descriptor outlives them.

For pollers of descriptors on Unix systems; runtimes/host/subprocesses.py is for the others.  A pipe
is a channel of the stream transport, which has flow control and all of its care.

A program that has ended is looked for when both outputs are at their end, and now and then before
that: a program that it started itself may keep them open.

Tests:    tests/contract/test_processes.py
"""
from __future__ import absolute_import, division, print_function

import os
import subprocess

from carryall.core.compat import FAILURES
from carryall.core.errors import SpawnFailed
from carryall.core.future import Future, failed
from carryall.core.net.process import STDERR, STDIN, STDOUT, ProcessTransport
from carryall.core.net.protocol import Protocol
from carryall.runtimes import faults
from carryall.runtimes.host import processgroups
from carryall.runtimes.readiness.bsd import SocketOutput
from carryall.runtimes.readiness.stream import StreamTransport

__all__ = ['spawn']

# Seconds between two looks for the end of a program: the first, the last, and the last while it
# still has an output.  Each is twice the one before.
FIRST_LOOK = 0.001
LAST_LOOK = 0.1
RUNNING_LOOK = 0.25


def spawn(loop, factory, argv, cwd=None, env=None, group=False, input=True):
    # type: (Any, Any, Sequence[Any], Any, Optional[Dict[Any, Any]], bool, bool) -> Any
    """As ``Loop.spawn``."""
    ours = []                       # type: List[int]
    theirs = []                     # type: List[int]
    try:
        if input:
            end, own = os.pipe()
            theirs.append(end)
            ours.append(own)
        else:
            theirs.append(os.open(os.devnull, os.O_RDONLY))
        for _ in (STDOUT, STDERR):
            own, end = os.pipe()
            ours.append(own)
            theirs.append(end)
        process = subprocess.Popen(
            processgroups.words(argv, group), stdin=theirs[0], stdout=theirs[1], stderr=theirs[2],
            cwd=cwd, env=env, close_fds=True, **processgroups.arguments(group))
    except (OSError, ValueError) as exc:
        for descriptor in ours + theirs:
            os.close(descriptor)
        return failed(SpawnFailed(u'cannot start %s: %s'
                                  % (argv[0], getattr(exc, 'strerror', None) or exc), exc))
    for descriptor in theirs:
        os.close(descriptor)
    try:
        protocol = factory()
        highest = loop.poller.max_descriptor
        if highest is not None and max(ours) > highest:
            raise SpawnFailed(u'this backend cannot watch more than %d descriptors'
                              % (highest + 1))
    except FAILURES as exc:
        process.kill()
        process.wait()
        for descriptor in ours:
            os.close(descriptor)
        return failed(exc)
    transport = ChildTransport(loop, process, protocol, ours, group)
    started = Future()
    loop.call_soon(transport.begin, started)
    return started


class PipeChannel(object):
    """One end of a pipe, as a channel of the stream transport."""

    __slots__ = ('descriptor',)
    connected = True
    busy = False

    def __init__(self, descriptor):
        # type: (int) -> None
        _set_nonblocking(descriptor)
        self.descriptor = descriptor

    def fileno(self):
        # type: () -> int
        """The descriptor; -1 if it is closed."""
        return self.descriptor

    def read(self, limit):
        # type: (int) -> bytes
        """The octets that have come; b'' at the end."""
        return os.read(self.descriptor, limit)

    def write(self, data):
        # type: (bytes) -> int
        """How many octets the pipe took."""
        return os.write(self.descriptor, data)

    @staticmethod
    def is_retry(exc):
        # type: (BaseException) -> bool
        """True if a failed read or write only means "not now"."""
        return faults.errno_of(exc) in faults.RETRY

    lost_fault = staticmethod(faults.lost_fault)

    def peername(self):
        # type: () -> None
        """None: a pipe has no names."""

    sockname = peername

    def new_output(self):
        # type: () -> SocketOutput
        """A queue for what does not fit now."""
        return SocketOutput(self)

    def shut_down_write(self):
        # type: () -> None
        """Does nothing: closing tells the other end."""

    def close(self, reset=False):
        # type: (bool) -> None
        """Closes the end."""
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


class _Pipe(Protocol):
    """The protocol of one pipe: it passes on what it is told."""

    def __init__(self, child, number):
        # type: (ChildTransport, int) -> None
        self._child = child
        self._number = number

    def data_received(self, data):
        self._child.call('pipe_data_received', self._number, data)

    def connection_lost(self, exc):
        self._child.pipe_lost(self._number, exc)

    def pause_writing(self):
        self._child.call('pause_writing')

    def resume_writing(self):
        self._child.call('resume_writing')


class ChildTransport(ProcessTransport):
    """One program."""

    def __init__(self, loop, process, protocol, descriptors, group):
        # type: (Any, subprocess.Popen, Any, List[int], bool) -> None
        self._loop = loop
        self._process = process
        self._protocol = protocol
        self._group = group
        self._returncode = None     # type: Optional[int]
        self._timer = None          # type: Any
        self._pause = FIRST_LOOK
        self._closed = False        # by us: its input is not missed
        self._pipes = dict(
            (number, StreamTransport(loop, PipeChannel(descriptor), _Pipe(self, number)))
            for number, descriptor in zip((STDERR, STDOUT, STDIN), reversed(descriptors)))
        self._open = set((STDOUT, STDERR))
        self._over = False
        loop.open_transports.add(self)

    def begin(self, started):
        # type: (Future) -> None
        """Tells the protocol, and starts to read and to look for the end."""
        self.call('connection_made', self)
        for pipe in (STDOUT, STDERR):
            self._pipes[pipe].begin()
        self._pause = RUNNING_LOOK
        self._look_later()
        started.set_result((self, self._protocol))

    def call(self, name, *args):
        # type: (str, *Any) -> None
        """Calls the protocol; its failure ends the program."""
        try:
            getattr(self._protocol, name)(*args)
        except FAILURES as exc:
            self._loop.report_failure('%s of the program %d' % (name, self._process.pid), exc)
            self.close()

    # -- pipes -------------------------------------------------------------------------------------

    def pipe_lost(self, number, exc):
        # type: (int, Optional[BaseException]) -> None
        """A pipe is closed."""
        if number == STDIN:
            if exc is not None and not self._closed:
                self.call('pipe_connection_lost', STDIN, exc)
            return
        self._open.discard(number)
        self.call('pipe_connection_lost', number, None)
        if not self._open:
            self._pause = FIRST_LOOK
            self._look()

    def write(self, data):
        if STDIN in self._pipes:
            self._pipes[STDIN].write(data)

    def write_eof(self):
        if STDIN in self._pipes:
            self._pipes[STDIN].close()

    def pause_reading(self):
        for number in (STDOUT, STDERR):
            self._pipes[number].pause_reading()

    def resume_reading(self):
        for number in (STDOUT, STDERR):
            self._pipes[number].resume_reading()

    # -- the end -----------------------------------------------------------------------------------

    def _look_later(self):
        # type: () -> None
        self._timer = self._loop.call_later(self._pause, self._look)
        self._pause = min(2 * self._pause, RUNNING_LOOK if self._open else LAST_LOOK)

    def _look(self):
        # type: () -> None
        """Looks if the program has ended."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._over:
            return
        if self._returncode is None:
            self._returncode = self._process.poll()
            if self._returncode is None:
                self._look_later()
                return
            self.call('process_exited')
        if not self._open:
            self._over = True
            self._loop.open_transports.discard(self)
            if STDIN in self._pipes:
                self._pipes[STDIN].abort()
            self.call('connection_lost', None)

    def get_pid(self):
        return self._process.pid

    def get_returncode(self):
        return self._returncode

    def terminate(self):
        self._send('TERM')

    def kill(self):
        self._send('KILL')

    def _send(self, name):
        # type: (str) -> None
        if self._over:
            return                  # the number may be that of another program now
        if self._group:
            processgroups.send(self._process.pid, name)
        elif self._returncode is None:
            processgroups.send_one(self._process.pid, name)

    def close(self):
        self._closed = True
        self._send('KILL')
        # Another program may hold the pipes open.
        for pipe in self._pipes.values():
            pipe.abort()

    def abort(self):
        """Kills the program and waits for its end, which the loop does not see any more."""
        self.close()
        if self._returncode is None:
            self._process.wait()


def _set_nonblocking(descriptor):
    # type: (int) -> None
    import fcntl
    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | os.O_NONBLOCK)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence
