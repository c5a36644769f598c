# Copyright the carryall authors.  See LICENSE.
"""Commands of a line protocol: one table, one dispatch, one place where each refusal is spelled.

    class POP3Server(CommandProtocol):
        commands = CommandTable([
            Command(b'STAT', 'cmd_stat', states=('transaction',), args=0, rfc='1939#5'),
            Command(b'LIST', 'cmd_list', states=('transaction',), args=(0, 1), rfc='1939#5', syntax=b'LIST [msg]')])
        refusals = {UNKNOWN: b'-ERR unknown command', WRONG_STATE: b'-ERR not now', ARITY: b'-ERR usage: %(syntax)s', ...}

A verb of the peer is looked up as bytes in the table and nowhere else.  Before the method is called these are refused,
in this order: unknown, wrong state, wrong number of arguments, not authorised, over the command's budget.  The method
returns the reply (bytes, or None when it has written itself) or a Future of it; commands that were pipelined behind wait,
in order, and the idle timer rests meanwhile.  They wait, too, while the peer does not read what it is answered.

Tests:    tests/core/line/test_commandtable.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.errors import RemoteProtocolError
from carryall.core.line.framing import LineProtocol
from carryall.core.future import Future
from carryall.core.logs import get_logger

__all__ = ['ARITY', 'BUDGET', 'Command', 'CommandProtocol', 'CommandTable', 'FAILED', 'FORBIDDEN', 'TOO_LONG', 'UNKNOWN',
           'WRONG_STATE']

UNKNOWN, WRONG_STATE, ARITY, FORBIDDEN, BUDGET, FAILED, TOO_LONG = (
    'unknown', 'wrong state', 'arity', 'forbidden', 'budget', 'failed', 'too long')

MAX_BAD_COMMANDS = 10       # ours: refusals in a row after which the peer is dropped

log = get_logger('core.commands')


class Command(object):
    """One verb.

    Args:     verb: upper-case octets as the RFC spells them.
              method: the name of the protocol's method, called with the arguments (each bytes).
              states: in which it is allowed; None for all.
              args: how many arguments, a number or (least, most); None: one argument, all the rest of the line as sent.
              auth: whether ``authorised(command)`` is asked.
              syntax: what HELP and syntax errors print; the verb alone if left out.
              budget: how often it may be given in one connection; None for as often as one likes.
              rfc: the section that defines it, '1939#5'.
    """

    __slots__ = ('verb', 'method', 'states', 'least', 'most', 'auth', 'syntax', 'budget', 'rfc', 'guarded')

    def __init__(self, verb, method, states=None, args=0, auth=False, syntax=None, budget=None, rfc=''):
        # type: (bytes, str, Optional[Sequence[str]], Any, bool, Optional[bytes], Optional[int], str) -> None
        self.verb = verb
        self.method = method
        self.states = states
        self.least, self.most = (None, None) if args is None else args if isinstance(args, tuple) else (args, args)
        self.auth = auth
        self.syntax = syntax or verb
        self.budget = budget
        self.rfc = rfc
        self.guarded = auth or budget is not None


class CommandTable(object):
    """The commands of a protocol, in the order in which HELP names them.

    Attributes:
        get: called with a verb (upper-case), for its row, or None.
    """

    def __init__(self, commands):
        # type: (Sequence[Command]) -> None
        self.rows = tuple(commands)
        self._by_verb = dict((row.verb, row) for row in self.rows)
        if len(self._by_verb) != len(self.rows):
            raise ValueError('a verb stands twice in the table')
        self.get = self._by_verb.get        # the function itself: no call of ours around each call of it

    def __iter__(self):
        return iter(self.rows)


class CommandProtocol(LineProtocol):
    """A server that is told what to do line by line.

    Attributes:
        commands: the CommandTable.
        refusals: refusal -> the reply line without its end; ``%(verb)s`` and ``%(syntax)s`` are filled in.
        state: the present one of the table's ``states``.
        idle_seconds: without a complete, valid command for so long, ``idle_expired()`` is called.
    """

    commands = CommandTable(())
    refusals = {}                           # type: Dict[str, bytes]
    state = ''
    idle_seconds = 300.0
    max_bad_commands = MAX_BAD_COMMANDS
    _used = None                            # type: Any  # a dictionary: verb -> how often, of those with a budget
    _waiting = False                        # whether we hold the next lines back ourselves
    _full = False                           # whether the peer does not read what it is answered
    _idle = None                            # type: Any

    def __init__(self, clock):
        # type: (Any) -> None
        LineProtocol.__init__(self)
        self.clock = clock
        self._bad = 0
        self._pending = None                # type: Optional[Future]  # of a command that answers later

    # -- life --------------------------------------------------------------------------------------------------------

    def connection_made(self, transport):
        LineProtocol.connection_made(self, transport)
        self._restart_idle()

    def connection_lost(self, exc):
        self._stop_idle()
        pending, self._pending = self._pending, None
        if pending is not None:
            pending.cancel()

    def _restart_idle(self):
        # type: () -> None
        self._stop_idle()
        self._idle = self.clock.call_later(self.idle_seconds, self.idle_expired)

    def _stop_idle(self):
        # type: () -> None
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def idle_expired(self):
        # type: () -> None
        """No command for too long; a protocol says so in its own words first."""
        self.transport.close()

    # -- a peer that asks and does not read --------------------------------------------------------------------------

    def pause_writing(self):
        """No command is taken while so many replies wait; the idle timer goes on, for the peer is to blame."""
        self._full = True
        LineProtocol.hold(self)
        self._stop_reading()

    def resume_writing(self):
        """It has read: go on, unless a command has still to be answered."""
        self._full = False
        if not self._waiting:
            self.unpause()

    def hold(self):
        self._waiting = True
        LineProtocol.hold(self)

    def unpause(self):
        self._waiting = False
        if not self._full:
            LineProtocol.unpause(self)

    # -- dispatch ----------------------------------------------------------------------------------------------------

    def line_received(self, line):
        verb, _, rest = line.partition(b' ')
        verb = verb.upper()
        command = self.commands.get(verb)
        if command is None:
            self._refuse(UNKNOWN, verb, verb)
            return
        states = command.states
        if states is not None and self.state not in states:
            self._refuse(WRONG_STATE, verb, command.syntax)
            return
        if command.least is None:
            args = [rest]
        else:
            args = rest.split()
            if not command.least <= len(args) <= command.most:
                self._refuse(ARITY, verb, command.syntax)
                return
        if command.guarded and not self._let_pass(command):
            return
        self._bad = 0
        self._restart_idle()
        # The name comes from our table and never from the peer.
        self._run(command, getattr(self, command.method), args)

    def _let_pass(self, command):
        # type: (Command) -> bool
        """Whether a command that not everybody may give, or not for ever, is allowed now; it is refused here if not."""
        if command.auth and not self.authorised(command):
            self._refuse(FORBIDDEN, command.verb, command.syntax)
            return False
        if command.budget is not None:
            if self._used is None:
                self._used = {}
            used = self._used[command.verb] = self._used.get(command.verb, 0) + 1
            if used > command.budget:
                self._refuse(BUDGET, command.verb, command.syntax)
                return False
        return True

    def _run(self, command, method, args):
        # type: (Command, Callable[..., Any], List[bytes]) -> None
        try:
            reply = method(*args)
        except RemoteProtocolError as exc:
            self._refuse(FAILED, command.verb, command.syntax, exc)
            return
        except (IOError, OSError) as exc:       # the disk's fault, and nobody's mistake
            log.error('the command %s failed: %r', command.verb.decode('latin-1'), exc)
            self._refuse(FAILED, command.verb, command.syntax)
            return
        except FAILURES:
            log.exception('the command %s failed', command.verb.decode('latin-1'))
            self._refuse(FAILED, command.verb, command.syntax)
            return
        if isinstance(reply, Future):
            if not reply.done():
                self._wait_for(command, reply)
                return
            self._answer(command, reply)
        elif reply is not None:
            self.send_line(reply)

    def _wait_for(self, command, reply):
        # type: (Command, Future) -> None
        """Serve nothing else until *reply* is there."""
        self._pending = reply
        self._stop_idle()
        self.hold()

        def arrived(future):
            # type: (Future) -> None
            if self._pending is None:       # the connection is gone
                return
            self._pending = None
            self._restart_idle()
            self._answer(command, future)
            self.unpause()

        reply.add_done_callback(arrived)

    def _answer(self, command, future):
        # type: (Command, Future) -> None
        exc = future.exception()
        if exc is None:
            if future.result() is not None:
                self.send_line(future.result())
        elif isinstance(exc, RemoteProtocolError):
            self._refuse(FAILED, command.verb, command.syntax, exc)
        else:
            log.error('the command %s failed: %r', command.verb.decode('latin-1'), exc)
            self._refuse(FAILED, command.verb, command.syntax)

    def _refuse(self, why, verb, syntax, exc=None):
        # type: (str, bytes, bytes, Optional[RemoteProtocolError]) -> None
        if exc is not None and exc.reply is not None:
            self.send_line(exc.reply)
        else:
            self.send_line(self.refusals[why] % {b'verb': verb[:32], b'syntax': syntax})
        self._bad += 1
        if self._bad >= self.max_bad_commands:
            self.too_many_errors()

    def line_too_long(self):
        self._refuse(TOO_LONG, b'', b'')

    # -- hooks -------------------------------------------------------------------------------------------------------

    def authorised(self, command):
        # type: (Command) -> bool
        """Whether the peer may give *command*, one with ``auth``."""
        return False

    def too_many_errors(self):
        # type: () -> None
        """The peer only errs; a protocol says so in its own words first."""
        self.transport.close()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Sequence
