# Copyright the carryall authors.  See LICENSE.
"""CommandServer: the server side of a protocol of command lines.

    class POP3Server(CommandServer):
        commands = CommandTable([
            Command(b'STAT', 'cmd_stat', states=('transaction',), args=0, rfc='1939#5'), ...])
        refusals = {UNKNOWN: b'-ERR unknown command', ARITY: b'-ERR usage: %(syntax)s', ...}

        def connection_made(self, transport):
            self.progress(LOGIN_SECONDS)            # time limit until the login
            CommandServer.connection_made(self, transport)

        def cmd_stat(self):
            return b'+OK 0 0'                       # or a Future of it

A command is refused for these reasons, checked in this order: unknown verb, wrong state, wrong
number of arguments, not authorised, over the command's budget.  The method returns the reply
(bytes, or None if it has sent one itself) or a Future of it.  Pipelined commands wait for it, in
order, and the idle timer is stopped.  They also wait while the peer does not read its replies.

Replies to commands that came in one piece leave in one write.  With a Courier, the replies of all
connections leave at the end of the loop's turn.

``deadline`` is the earlier of two limits: ``idle_seconds`` since the last valid command, and the
time that ``progress()`` allows until useful work is done.  A client that only sends NOOP is
disconnected.

A long answer goes out piece by piece, no faster than the peer reads it:

        for piece in pieces:
            self.send_line(piece)
            yield self.room()                       # fails if the peer reads nothing for too long

Tests:    tests/core/line/test_commandserver.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.errors import RemoteProtocolError
from carryall.core.future import Future, completed
from carryall.core.line.commandtable import (ARITY, BUDGET, FAILED, FORBIDDEN, TOO_LONG, UNKNOWN,
                                             WRONG_STATE, Command, CommandTable)
from carryall.core.line.framing import BUSY, FULL, LineProtocol
from carryall.core.logs import get_logger
from carryall.core.metrics import UNKNOWN_COMMAND, counters_of
from carryall.core.net.deadlines import NEVER, sweeper_of
from carryall.core.wrap.linger import leave

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional

__all__ = ['CommandServer', 'Courier', 'DRAINING', 'LEAVING', 'SERVING', 'UNPRODUCTIVE_SECONDS']

MAX_BAD_COMMANDS = 10               # refusals in a row until the peer is disconnected; default
UNPRODUCTIVE_SECONDS = 1800.0       # with commands that do no work; default
GATHERED_BYTES = 16384              # of replies that wait for the end of the piece; default
STALL_SECONDS = 300.0               # that a peer may let a long answer wait; default

# -- states ------------------------------------------------------------------
# ``life`` of a server.
SERVING = 0                 # commands are processed
DRAINING = 1                # the server stops: what is under way is finished
LEAVING = 2                 # the last line has been sent; nothing is sent or processed any more

log = get_logger('core.commands')


class Courier(object):
    """Sends the replies of one turn of the loop after all that has arrived was read.

    The first reply wakes a peer, which costs the system more than sending it; later replies find
    the peer, or its machine, awake.

    Args:     clock: the loop.
              least: seconds between two times of sending.  What comes after a quiet time leaves at
                     the end of its turn; a crowd that is told much gets it in few pieces.

    Attributes:
        append: called with a CommandServer that has something to send; it is flushed at the end of
            the turn.
    """

    __slots__ = ('append', '_clock', '_least', '_next', '_waiting')

    def __init__(self, clock, least=0.0):
        # type: (Any, float) -> None
        self.append = self._first       # type: Callable[[CommandServer], None]
        self._clock = clock
        self._least = least
        self._next = 0.0                # loop time before which nothing is sent
        self._waiting = []              # type: List[CommandServer]

    def _first(self, protocol):
        # type: (CommandServer) -> None
        self._waiting = [protocol]
        self.append = self._waiting.append
        if self._least and self._clock.time() < self._next:
            self._clock.call_at(self._next, self._send)
        else:
            self._clock.call_soon(self._send)

    def _send(self):
        # type: () -> None
        waiting, self._waiting = self._waiting, []
        self.append = self._first
        for protocol in waiting:
            protocol.flush()            # never raises for the peer's faults (law L8)
        if self._least:
            self._next = self._clock.time() + self._least


class CommandServer(LineProtocol):
    """The base of servers that obey command lines.

    | life | the server stops | say_goodbye() |
    |---|---|---|
    | SERVING | DRAINING, if the protocol has something to finish | LEAVING |
    | DRAINING | DRAINING | LEAVING |
    | LEAVING | LEAVING | LEAVING, and the connection is closed |

    Args:     clock: the loop.

    Attributes:
        commands: the CommandTable.
        arguments_of: called with what follows the verb and its blank; returns the arguments.
        refusals: reason (commandtable.py) -> reply line without its end; ``%(verb)s`` and
            ``%(syntax)s`` are filled in.
        state: the present one of the table's ``states``.
        idle_seconds: time without a complete, valid command until ``idle_expired()`` is called.
        max_bad_commands: refusals in a row until ``too_many_errors()`` is called.
        courier: a Courier; None if replies leave at once.
        sweeper: the Sweeper that watches ``deadline``, loop time at which ``deadline_expired`` is
            called.
        progress_until: loop time until which useful work has to be done.
        pending: Future of a command that has not been answered yet, or None.
        life: SERVING, DRAINING or LEAVING.
        stall_seconds: time in which the peer has to read on, while ``room()`` is waited for, and
            to take what is unsent at the end.
    """

    commands = CommandTable(())
    arguments_of = staticmethod(bytes.split)    # type: Any
    refusals = {}                           # type: Dict[str, bytes]
    state = ''
    idle_seconds = 300.0
    max_bad_commands = MAX_BAD_COMMANDS
    courier = None                          # type: Any
    life = SERVING
    pending = None                          # type: Optional[Future]
    progress_until = NEVER
    _counts = None                          # type: Any  # verb -> Sample; None if nothing counts
    _used = None                            # type: Any  # dictionary: verb -> times, for budgets
    stall_seconds = STALL_SECONDS
    _room = None                            # type: Optional[Future]  # of room()
    _room_until = None                      # type: Optional[float]  # loop time, with _room

    def __init__(self, clock):
        # type: (Any) -> None
        LineProtocol.__init__(self)
        self.clock = clock
        self.sweeper = sweeper_of(clock)
        self.deadline = None                # type: Optional[float]
        self._bad = 0
        self._out = b''                     # gathered replies

    # -- life ------------------------------------------------------------------------------------

    def connection_made(self, transport):
        self.sweeper.add(self)
        counters = counters_of(transport)
        if counters.watched:
            self._counts = counters.commands
        LineProtocol.connection_made(self, transport)
        self.restart_idle()

    def connection_lost(self, exc):
        self.sweeper.discard(self)
        pending, self.pending = self.pending, None
        if pending is not None:
            pending.cancel()
        room, self._room = self._room, None
        if room is not None:
            room.cancel()

    # -- time ------------------------------------------------------------------------------------

    def progress(self, seconds):
        # type: (float) -> None
        """Notes that useful work was done; more must be done within *seconds*."""
        # The sweeper's own time stands still while it watches no connection.
        self.progress_until = self.clock.time() + seconds

    def restart_idle(self):
        # type: () -> None
        """Begins to wait for the next command."""
        deadline = self.sweeper.now + self.idle_seconds
        until = self.progress_until
        self.deadline = deadline if deadline < until else until

    def stop_idle(self):
        # type: () -> None
        """Stops waiting for a command: one is being processed."""
        self.deadline = self._room_until

    def deadline_expired(self, now):
        # type: (float) -> None
        """Called by the sweeper when ``deadline`` has passed."""
        self.deadline = None
        if self._room is None and self.life != LEAVING:
            self.idle_expired()
        else:
            self.transport.abort()          # nothing that is sent now would be read

    def idle_expired(self):
        # type: () -> None
        """No command for too long, or no progress;
        a protocol overrides it to send a last line first."""
        self.transport.close()

    # -- a peer that asks and does not read ------------------------------------------------------

    def pause_writing(self):
        """Takes no command while replies wait; the idle timer goes on, the delay is the peer's."""
        self.hold(FULL)
        self.stop_reading()

    def resume_writing(self):
        """Continues, unless a command has still to be answered."""
        self.held &= ~FULL
        room, self._room = self._room, None
        if room is not None:
            self._room_until = None
            if self.pending is None:
                self.restart_idle()
            else:
                self.stop_idle()
            room.set_result(None)
        if not self.held:
            self.unpause()

    def room(self):
        # type: () -> Future
        """A Future of the moment at which the peer has read enough for more to be sent."""
        if not self.held & FULL:
            return _ROOM
        if self._room is None:
            self._room = Future()
            self._room_until = self.sweeper.now + self.stall_seconds
            self.deadline = self._room_until
        return self._room

    def unpause(self):
        if self.life != LEAVING:
            LineProtocol.unpause(self)

    # -- dispatch --------------------------------------------------------------------------------

    def line_received(self, line):
        verb, _, rest = line.partition(b' ')
        verb = verb.upper()
        command = self.commands.get(verb)
        if command is None:
            if self._counts is not None:
                self._counts[UNKNOWN_COMMAND].value += 1
            self.refuse(UNKNOWN, verb, verb)
            return
        if self._counts is not None:
            self._counts[command.verb].value += 1
        states = command.states
        if states is not None and self.state not in states:
            self.refuse(WRONG_STATE, verb, command.syntax)
            return
        if command.least is None:
            args = [rest]
        else:
            args = self.arguments_of(rest)
            if not command.least <= len(args) <= command.most:
                self.refuse(ARITY, verb, command.syntax)
                return
        if command.guarded and not self._is_allowed(command):
            return
        self._bad = 0
        self.restart_idle()
        self.run_command(command, command.find(self), args)

    def _is_allowed(self, command):
        # type: (Command) -> bool
        """True if *command*, which is guarded, is allowed now; else it has been refused."""
        if command.auth and not self.authorised(command):
            self.refuse(FORBIDDEN, command.verb, command.syntax)
            return False
        if command.budget is not None:
            if self._used is None:
                self._used = {}
            used = self._used.get(command.verb, 0) + 1
            self._used[command.verb] = used
            if used > command.budget:
                self.refuse(BUDGET, command.verb, command.syntax)
                return False
        return True

    def run_command(self, command, method, args):
        # type: (Command, Callable[..., Any], List[bytes]) -> None
        """Calls *method* with *args* and sends its reply;
        a protocol overrides it to add conditions."""
        try:
            reply = method(*args)
        except RemoteProtocolError as exc:
            self.refuse(FAILED, command.verb, command.syntax, exc)
            return
        except FAILURES as exc:
            if isinstance(exc, (IOError, OSError)):     # the disk's fault: a trace says nothing
                log.error('the command %s failed: %r', command.verb.decode('latin-1'), exc)
            else:
                log.exception('the command %s failed', command.verb.decode('latin-1'))
            self.refuse(FAILED, command.verb, command.syntax)
            return
        if isinstance(reply, Future):
            if reply.done():
                self._answered(command, reply)
            else:
                self._wait_for(reply, lambda future: self._answered(command, future))
        elif reply is not None:
            self.send_line(reply)

    def answer_with(self, ask, spell):
        # type: (Callable[[], Any], Callable[[Any], Optional[bytes]]) -> None
        """Sends ``spell(ask())``; if *ask* returns a Future, later, and pipelined commands wait.

        Args:     ask: returns a value or a Future; a failure becomes ``failure_reply(exc)``, which
                      is passed to *spell*.
                  spell: turns the value into a reply line without its end; None sends nothing.
        """
        try:
            value = ask()
        except FAILURES as exc:
            value = self.failure_reply(exc)
        if not isinstance(value, Future):
            self._send_reply(spell(value))
        elif value.done():
            self._send_reply(spell(self._value_of(value)))
        else:
            self._wait_for(value, lambda future: self._send_reply(spell(self._value_of(future))))

    def _value_of(self, future):
        # type: (Future) -> Any
        exc = future.exception()
        return future.result() if exc is None else self.failure_reply(exc)

    def _send_reply(self, reply):
        # type: (Optional[bytes]) -> None
        if reply is not None:
            self.send_line(reply)

    def _wait_for(self, future, answered):
        # type: (Future, Callable[[Future], None]) -> None
        """Processes no command until *future* is done and *answered* was called with it."""
        self.pending = future
        self.stop_idle()
        self.hold()

        def arrived(future):
            # type: (Future) -> None
            if self.pending is None:        # the connection is gone
                return
            self.pending = None
            self.restart_idle()
            answered(future)
            self.unpause()

        future.add_done_callback(arrived)

    def _answered(self, command, future):
        # type: (Command, Future) -> None
        exc = future.exception()
        if exc is None:
            self._send_reply(future.result())
        elif isinstance(exc, RemoteProtocolError):
            self.refuse(FAILED, command.verb, command.syntax, exc)
        else:
            log.error('the command %s failed: %r', command.verb.decode('latin-1'), exc)
            self.refuse(FAILED, command.verb, command.syntax)

    def failure_reply(self, exc):
        # type: (BaseException) -> bytes
        """The reply line for a failure: its own ``reply``,
        or the refusal FAILED and a log entry."""
        if isinstance(exc, RemoteProtocolError) and exc.reply is not None:
            return exc.reply
        log.error('a command failed: %r', exc)
        return self.refusals[FAILED]

    def refuse(self, why, verb, syntax, exc=None):
        # type: (str, bytes, bytes, Optional[RemoteProtocolError]) -> None
        """Sends a refusal and counts it.

        Args:     why: a key of ``refusals``.
                  verb, syntax: fill in the refusal.
                  exc: its ``reply`` is sent instead, if it has one.
        """
        if exc is not None and exc.reply is not None:
            self.send_line(exc.reply)
        else:
            self.send_line(self.refusals[why] % {b'verb': verb[:32], b'syntax': syntax})
        self.count_error()

    def count_error(self):
        # type: () -> None
        """Counts a refusal that the protocol has sent itself."""
        self._bad += 1
        if self._bad >= self.max_bad_commands:
            self.too_many_errors()

    def line_too_long(self):
        self.refuse(TOO_LONG, b'', b'')

    # -- hooks -----------------------------------------------------------------------------------

    def authorised(self, command):
        # type: (Command) -> bool
        """True if the peer may give *command*, one with ``auth``."""
        return False

    def too_many_errors(self):
        # type: () -> None
        """The peer made ``max_bad_commands`` errors in a row;
        a protocol sends a last line first."""
        self.flush()
        self.transport.close()

    # -- replies ---------------------------------------------------------------------------------

    def send_line(self, line):
        if self.life and self.life == LEAVING:
            return
        out = self._out + line + b'\r\n'
        self._out = out
        if self.activity != BUSY or len(out) >= GATHERED_BYTES:
            self.flush()

    def gather(self, data):
        # type: (bytes) -> None
        """Sends whole lines that answer no command; with a Courier at the end of the loop's turn.

        What many connections are told so costs each of them one write a turn.
        """
        if self.held & FULL or self.life:
            self.gathered_late(data)
            return
        out = self._out
        if out:
            self._out = out + data
            if len(out) >= GATHERED_BYTES:
                self.flush()
        elif self.courier is None:
            self.transport.write(data)
        else:
            self._out = data
            if self.activity != BUSY:
                self.courier.append(self)

    def gathered_late(self, data):
        # type: (bytes) -> None
        """Called by ``gather`` while the peer reads nothing, or the server stops; a protocol
        overrides it to bound what waits."""
        if self.life != LEAVING:
            self._out += data
            self.flush()

    def flush(self):
        # type: () -> None
        """Sends the gathered replies."""
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

    def begin_draining(self):
        # type: () -> None
        """Notes that the server stops; for the ``drain`` of a protocol."""
        if self.life == SERVING:
            self.life = DRAINING

    def say_goodbye(self, line, heard=False):
        # type: (bytes, bool) -> None
        """Sends the last line, then closes; nothing is sent or processed after it.

        Args:     heard: the peer has finished its command, or was silent for long: close at once.
                      Otherwise it may still be sending, and must be able to read the line
                      (`carryall.core.wrap.linger`).
        """
        self.send_line(line)
        self.flush()
        self.discard_backlog()
        again = self.life == LEAVING
        self.life = LEAVING
        if heard or again:
            # A peer that reads nothing would keep the connection, and a close waits for it.
            self.deadline = self.sweeper.now + self.stall_seconds
            self.transport.close()
        else:
            self.hold()
            self.sweeper.discard(self)
            leave(self.transport, self.clock)


_ROOM = completed(None)
