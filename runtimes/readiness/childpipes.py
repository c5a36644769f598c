# Copyright the carryall authors.  See LICENSE.
"""Child programs whose pipes the poller watches: no thread, and no descriptor outlives them.

For pollers of descriptors on Unix systems; runtimes/host/subprocesses.py is for the others.  The
standard input is a channel of the stream transport, which has flow control and all of its care; an
output needs less.

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

READ_BYTES = 65536          # of output, read at once

# Seconds between two looks for the end of a program: the first and the last behind its output, of
# which each is twice the one before, and those while it still has an output
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


class _Input(Protocol):
    """The protocol of the standard input: it passes on what it is told."""

    def __init__(self, child):
        # type: (ChildTransport) -> None
        self._child = child

    def connection_lost(self, exc):
        self._child.pipe_lost(STDIN, exc)

    def pause_writing(self):
        self._child.call('pause_writing')

    def resume_writing(self):
        self._child.call('resume_writing')


class _OutputPipe(object):
    """One output of a program, a target of the poller."""

    __slots__ = ('wants_read', 'wants_write', 'descriptor', '_loop', '_child', '_number')

    def __init__(self, loop, child, number, descriptor):
        # type: (Any, ChildTransport, int, int) -> None
        _set_nonblocking(descriptor)
        self.wants_read = False
        self.wants_write = False
        self.descriptor = descriptor
        self._loop = loop
        self._child = child
        self._number = number

    @property
    def channel(self):
        # type: () -> _OutputPipe
        """The object that has the descriptor: this one."""
        return self

    def fileno(self):
        # type: () -> int
        """The descriptor; -1 if it is closed."""
        return self.descriptor

    def read(self, wanted):
        # type: (bool) -> None
        """Begins to read, or pauses."""
        if wanted != self.wants_read and self.descriptor >= 0:
            self.wants_read = wanted
            self._loop.poller.watch(self)

    def on_readable(self):
        # type: () -> None
        """The poller: there is output, or its end."""
        if not self.wants_read:
            return
        try:
            data = os.read(self.descriptor, READ_BYTES)
        except (OSError, IOError) as exc:
            if faults.errno_of(exc) in faults.RETRY:
                return
            data = b''
        if data:
            self._child.call('pipe_data_received', self._number, data)
        else:
            self._close()
            self._child.pipe_lost(self._number, None)

    # A hang-up behind output: the end can be read at once.
    on_writable = on_readable

    def abort(self):
        # type: () -> None
        """Closes it, and tells the program's transport on a later turn."""
        if self.descriptor >= 0:
            self._close()
            self._loop.call_soon(self._child.pipe_lost, self._number, None)

    def _close(self):
        # type: () -> None
        self.read(False)
        descriptor, self.descriptor = self.descriptor, -1
        os.close(descriptor)


class ChildTransport(ProcessTransport):
    """One program."""

    def __init__(self, loop, process, protocol, descriptors, group):
        # type: (Any, subprocess.Popen, Any, List[int], bool) -> None
        self._loop = loop
        self._process = process
        self._protocol = protocol
        self._group = group
        self._returncode = None     # type: Optional[int]
        self._pause = FIRST_LOOK
        self._closed = False        # by us: its input is not missed
        self._outputs = [_OutputPipe(loop, self, STDOUT, descriptors[-2]),
                         _OutputPipe(loop, self, STDERR, descriptors[-1])]
        self._input = None          # type: Optional[StreamTransport]
        if len(descriptors) > len(self._outputs):
            self._input = StreamTransport(loop, PipeChannel(descriptors[0]), _Input(self))
        self._open = len(self._outputs)     # of the outputs
        self._paused = False
        self._over = False
        self._watch = _watch_of(loop)
        loop.open_transports.add(self)

    def begin(self, started):
        # type: (Future) -> None
        """Tells the protocol, and starts to read and to look for the end."""
        self.call('connection_made', self)
        if not self._paused:
            self.resume_reading()
        self._watch.add(self)
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
        self._open -= 1
        if self._open:
            self.call('pipe_connection_lost', number, None)
            return
        running = self._returncode is None
        if running:
            self._returncode = self._process.poll()     # known when the protocol asks
        self.call('pipe_connection_lost', number, None)
        self._watch.discard(self)
        if self._returncode is None:
            self._look_later()
        else:
            self._ended(running)

    def write(self, data):
        if self._input is not None:
            self._input.write(data)

    def write_eof(self):
        if self._input is not None:
            self._input.close()

    def pause_reading(self):
        self._paused = True
        for pipe in self._outputs:
            pipe.read(False)

    def resume_reading(self):
        self._paused = False
        for pipe in self._outputs:
            pipe.read(True)

    # -- the end -----------------------------------------------------------------------------------

    def _look_later(self):
        # type: () -> None
        self._loop.call_later(self._pause, self.look)
        self._pause = min(2 * self._pause, LAST_LOOK)

    def look(self):
        # type: () -> None
        """Looks if the program has ended."""
        if self._returncode is not None:
            return
        self._returncode = self._process.poll()
        if self._returncode is not None:
            self._watch.discard(self)
            self._ended(True)
        elif not self._open:
            self._look_later()

    def _ended(self, tell):
        # type: (bool) -> None
        """The program has ended, and the protocol must be told with *tell*."""
        if tell:
            self.call('process_exited')
        if not self._open and not self._over:
            self._over = True
            self._loop.open_transports.discard(self)
            if self._input is not None:
                self._input.abort()
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
        for pipe in self._outputs:
            pipe.abort()
        if self._input is not None:
            self._input.abort()

    def abort(self):
        """Kills the program and waits for its end, which the loop does not see any more."""
        self.close()
        if self._returncode is None:
            self._process.wait()


class _Watch(object):
    """Looks now and then at the programs of a loop whose outputs are open: one timer for all."""

    def __init__(self, loop):
        # type: (Any) -> None
        self._loop = loop
        self._children = set()      # type: Set[ChildTransport]
        self._timer = None          # type: Any
        self.discard = self._children.discard

    def add(self, child):
        # type: (ChildTransport) -> None
        """Looks at that program until it has ended."""
        self._children.add(child)
        if self._timer is None:
            self._timer = self._loop.call_later(RUNNING_LOOK, self._look)

    def _look(self):
        # type: () -> None
        self._timer = None
        for child in list(self._children):
            child.look()
        if self._children and self._timer is None:
            self._timer = self._loop.call_later(RUNNING_LOOK, self._look)


def _watch_of(loop):
    # type: (Any) -> _Watch
    """The one of that loop."""
    found = getattr(loop, 'child_watch', None)
    if found is None:
        found = _Watch(loop)
        loop.child_watch = found
    return found                    # type: ignore


def _set_nonblocking(descriptor):
    # type: (int) -> None
    if hasattr(os, 'set_blocking'):
        os.set_blocking(descriptor, False)
        return
    import fcntl                    # py2: the module os has nothing for it
    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | os.O_NONBLOCK)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence, Set
