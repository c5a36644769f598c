# Copyright the carryall authors.  See LICENSE.
"""GatheringProtocol: a CommandProtocol whose replies leave together, and which has one deadline instead of a timer a command.

    class POP3Server(GatheringProtocol):
        def connection_made(self, transport):
            self.progress(LOGIN_SECONDS)            # so long until the login, whatever else is said
            GatheringProtocol.connection_made(self, transport)

        def _log_in(self):
            self.progress(UNPRODUCTIVE_SECONDS)     # and so long until the next message

What a client sends in one piece is answered in one write; with a Courier, all clients of one turn of the loop are answered
at its end.  Two bounds in time meet in ``deadline``: ``idle_seconds`` without
a command, and what ``progress()`` allows until the next time that something is done for which the server is there: a
client that says NOOP for ever is told to go all the same.

Tests:    tests/core/line/test_commandserver.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.line.commandtable import CommandProtocol
from carryall.core.net.deadlines import NEVER, Sweeper
from carryall.core.wrap.linger import leave

__all__ = ['Courier', 'GatheringProtocol', 'UNPRODUCTIVE_SECONDS']

UNPRODUCTIVE_SECONDS = 1800.0       # with commands that move nothing; ours
GATHERED_BYTES = 16384              # of replies, and then they go: only what is written can be seen to wait; ours


class Courier(object):
    """Sends the replies of one turn of the loop when all that has come was read.

    The first reply wakes a peer, which costs the system more than to send it; the next ones find it, or its machine, awake.

    Attributes:
        append: called with a GatheringProtocol that has something to send: it is flushed at the end of the turn.
    """

    __slots__ = ('append', '_clock', '_waiting')

    def __init__(self, clock):
        # type: (Any) -> None
        self.append = self._first       # type: Callable[[GatheringProtocol], None]
        self._clock = clock
        self._waiting = []              # type: List[GatheringProtocol]

    def _first(self, protocol):
        # type: (GatheringProtocol) -> None
        self._waiting = [protocol]
        self.append = self._waiting.append
        self._clock.call_soon(self._send)

    def _send(self):
        # type: () -> None
        waiting, self._waiting = self._waiting, []
        self.append = self._first
        for protocol in waiting:
            protocol.flush()            # never raises for the peer's faults (law L8)


class GatheringProtocol(CommandProtocol):
    """A server of commands.

    Args:     clock: the loop.
              sweeper: a Sweeper, shared by the connections of a service.

    Attributes:
        courier: a Courier; None where replies leave at once.
        deadline: loop time at which ``idle_expired`` is called, for the sweeper.
    """

    courier = None                          # type: Any

    def __init__(self, clock, sweeper=None):
        # type: (Any, Any) -> None
        CommandProtocol.__init__(self, clock)
        self.deadline = None                # type: Optional[float]
        self._sweeper = Sweeper(clock) if sweeper is None else sweeper
        self._until = NEVER                 # loop time until which there has to be progress
        self._out = b''                     # what was gathered
        self._leaving = False

    def connection_made(self, transport):
        self._sweeper.add(self)
        CommandProtocol.connection_made(self, transport)

    def connection_lost(self, exc):
        self._sweeper.discard(self)
        CommandProtocol.connection_lost(self, exc)

    # -- time --------------------------------------------------------------------------------------------------------

    def progress(self, seconds):
        # type: (float) -> None
        """Something was done for which we are here; it has to be again within so many *seconds*."""
        self._until = self.clock.time() + seconds       # the sweeper's time is old while it has nobody to watch

    def _restart_idle(self):
        deadline, until = self._sweeper.now + self.idle_seconds, self._until
        self.deadline = deadline if deadline < until else until

    def _stop_idle(self):
        self.deadline = None

    def deadline_expired(self, now):
        # type: (float) -> None
        """The sweeper: its time is up."""
        self.deadline = None
        self.idle_expired()

    # -- lines -------------------------------------------------------------------------------------------------------

    def send_line(self, line):
        if self._leaving:
            return
        out = self._out = self._out + line + b'\r\n'
        if not self._busy or len(out) >= GATHERED_BYTES:
            self.flush()

    def flush(self):
        # type: () -> None
        """Send what was gathered."""
        out = self._out
        if out:
            self._out = b''
            self.transport.write(out)

    def worked(self):
        if self._out:
            if self.courier is None:
                self.flush()
            else:
                self.courier.append(self)

    def unpause(self):
        if not self._leaving:
            CommandProtocol.unpause(self)

    def say_goodbye(self, line, heard=False):
        # type: (bytes, bool) -> None
        """The last line, then close; nothing is said after it, and nothing is heard.

        Args:     heard: the peer has said what it had to say, or has been silent for long: close at once.  Else it may be
                  sending still, and must be able to read the line all the same (see ``carryall.core.wrap.linger``).
        """
        self.send_line(line)
        self.flush()
        if self._buffer.data:
            self._buffer.clear()
        again, self._leaving = self._leaving, True
        if heard or again:
            self.transport.close()
        else:
            self.hold()
            self._sweeper.discard(self)
            leave(self.transport, self.clock)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional
