# Copyright the carryall authors.  See LICENSE.
"""ProgramRun: one run of a program, from its start to the end of everything it has started.

The end of the standard output is the end of the answer.  A program that then lives on is ended
after a while, and so is one whose output somebody else still holds when it has exited.

States:   STARTING -> RUNNING -> ENDING (the answer is over) -> OVER
Tests:    tests/services/cgi/test_cgiprograms.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES, ON_JYTHON
from carryall.core.errors import ConnectionLost
from carryall.core.logs import get_logger
from carryall.core.net.deadlines import sweeper_of
from carryall.core.net.process import STDERR, STDIN, STDOUT, ProcessProtocol
from carryall.protocols.cgi import CGIError, ProgramAnswer

__all__ = ['ProgramRun']

# -- limits ------------------------------------------------------------------
# Seconds in which the status of the program is waited for at the end of its output, and in which
# output must come after its exit
STATUS_SECONDS = 0.25
LINE_BYTES = 1000           # octets of a line of standard error that are logged
ERROR_BYTES = 65536         # octets of standard error that are logged; the rest is dropped
PIECE_BYTES = 65536         # read at once of the request's body

# Octets of a line as they are logged: those that steer a terminal become a blank
PRINTABLE = bytes(bytearray(number if number >= 32 and number != 127 else 32
                            for number in range(256)))
# Statuses that tell of a signal
BY_SIGNAL = frozenset(range(129, 160)) if ON_JYTHON else frozenset()    # type: Any

STARTING, RUNNING, ENDING, OVER = range(4)

log = get_logger('cgi')


class ProgramRun(ProcessProtocol):
    """One run.

    Args:     loop: the loop.
              settings: a Settings of CGI.
              method: of the request.
              body: of the request, with ``read()``; None if there is none.
              label: of the request, for the log.
              over: called with this object when nothing is left of the program.

    Attributes:
        answer: the ProgramAnswer.
        deadline: at which a program that has not ended by itself is killed; for the sweeper.
    """

    def __init__(self, loop, settings, method, body, label, over):
        # type: (Any, Any, bytes, Any, str, Any) -> None
        self.answer = ProgramAnswer(loop, settings, method, self._pause, self._resume, self._stop)
        self.deadline = None        # type: Optional[float]
        self._sweeper = sweeper_of(loop)
        self._loop = loop
        self._settings = settings
        self._body = body
        self._label = label
        self._over = over
        self._state = STARTING
        self._room = True           # the pipe takes input
        self._feeding = body is not None
        self._ended = False         # the standard output
        self._timer = None          # type: Any
        self._quiet_since = -1      # octets of output at the last look
        self._errors = b''
        self._error_octets = 0

    def start(self, argv, cwd, env):
        # type: (List[Any], Any, Dict[Any, Any]) -> Any
        """Starts the program; a Future of its answer."""
        started = self._loop.spawn(lambda: self, argv, cwd, env, group=True, input=self._feeding)
        started.add_done_callback(self._started)
        return self.answer.response

    def _started(self, started):
        # type: (Any) -> None
        error = started.exception()
        if error is not None:
            log.error('%s: %s', self._label, error)
            self.answer.fail(CGIError(u'the program cannot be started', reply=500, cause=error))
            self._finish()

    def abort(self):
        # type: () -> None
        """Ends the program now: the server stops."""
        self.answer.abandon()

    # -- the program -------------------------------------------------------------------------------

    def connection_made(self, transport):
        self.transport = transport
        if self._state != STARTING:     # the client went meanwhile
            transport.close()
            return
        self._state = RUNNING
        if self._feeding:
            self._feed()

    def pipe_data_received(self, fd, data):
        if fd == STDERR:
            self._complain(data)
        else:
            self.answer.feed(data)

    def pipe_connection_lost(self, fd, exc):
        if fd == STDOUT:
            self._ended = True
            if self._state == RUNNING:
                self._status_known_or_late()
        elif fd == STDIN:
            self._feeding = False       # it reads no more, which is its right
            self._drop_body()
        elif self._errors:
            self._log_error(self._errors)

    def process_exited(self):
        if self._state == RUNNING:
            self._status_known_or_late()

    def connection_lost(self, exc):
        if self._state == RUNNING:
            self._end_answer()
        self._finish()

    def pause_writing(self):
        self._room = False

    def resume_writing(self):
        self._room = True
        if self._feeding:
            self._feed()

    # -- its input ---------------------------------------------------------------------------------

    def _feed(self):
        # type: () -> None
        """Reads of the request's body, as long as the program takes it."""
        self._body.read(PIECE_BYTES).add_done_callback(self._arrived)

    def _arrived(self, piece):
        # type: (Any) -> None
        if not self._feeding or self._state != RUNNING:
            return
        error = piece.exception()
        if error is not None:
            self._feeding = False
            self.answer.fail(error)     # the rest will never come
            return
        data = piece.result()
        if not data:
            self._feeding = False
            self.transport.write_eof()  # type: ignore
            self._drop_body()
            return
        self.answer.progress()
        self.transport.write(data)      # type: ignore
        if self._room:
            self._feed()

    def _drop_body(self):
        # type: () -> None
        body, self._body = self._body, None
        if hasattr(body, 'close'):
            body.close()

    # -- its output --------------------------------------------------------------------------------

    def _pause(self):
        # type: () -> None
        if self.transport is not None:
            self.transport.pause_reading()

    def _resume(self):
        # type: () -> None
        if self.transport is not None:
            self.transport.resume_reading()

    def _complain(self, data):
        # type: (bytes) -> None
        """Logs lines of standard error."""
        before = self._error_octets
        self._error_octets += len(data)
        if before >= ERROR_BYTES:
            return
        if self._error_octets >= ERROR_BYTES:
            log.warning('%s: more than %d octets of errors: the rest is dropped', self._label,
                        ERROR_BYTES)
            self._errors = b''
            return
        lines = (self._errors + data).split(b'\n')
        self._errors = lines.pop()[:LINE_BYTES]
        for line in lines:
            self._log_error(line)

    def _log_error(self, line):
        # type: (bytes) -> None
        text = line[:LINE_BYTES].translate(PRINTABLE).decode('utf-8', 'replace')
        log.warning('%s: %s', self._label, text)

    # -- the end -----------------------------------------------------------------------------------

    def _status_known_or_late(self):
        # type: () -> None
        """The output is at its end, or the program has exited: the answer ends if both, or soon."""
        status = self.transport.get_returncode()        # type: ignore
        if self._ended and status is not None:
            self._end_answer()
        elif self._timer is None:
            self._quiet_since = self.answer.octets
            self._timer = self._loop.call_later(STATUS_SECONDS, self._look_again)

    def _look_again(self):
        # type: () -> None
        """Ends the answer if no output has come since the last look."""
        self._timer = None
        if self._state != RUNNING:
            return
        if self._ended or self._quiet_since == self.answer.octets and not self.answer.is_held():
            self._end_answer()
        else:
            self._status_known_or_late()

    def _end_answer(self):
        # type: () -> None
        self._state = ENDING
        status = self.transport.get_returncode()        # type: ignore
        if _was_killed(status):
            self.answer.fail(CGIError(u'the program was ended by a signal (status %d)' % status))
        else:
            self.answer.end()
        failure = self.answer.failure
        if failure is not None:
            log.error('%s: %s', self._label, failure)
        self._watch_end()

    def _watch_end(self):
        # type: () -> None
        """Gives the program its time to end by itself."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._sweeper.add(self)
        self.deadline = self._sweeper.now + self._settings.end_seconds

    def deadline_expired(self, now):
        # type: (float) -> None
        """Kills the program, which has not ended by itself."""
        self.deadline = None
        self._kill()

    def _stop(self, reason):
        # type: (Optional[BaseException]) -> None
        """Ends the program: no more of its answer is wanted.

        Without a reason it may end by itself.
        """
        if self._state >= ENDING:
            return
        before = self._state
        self._state = ENDING
        if reason is None:
            self._watch_end()
            return
        if not isinstance(reason, ConnectionLost):
            log.error('%s: %s', self._label, reason)
        if before == RUNNING:
            self._kill()

    def _kill(self):
        # type: () -> None
        if self.transport is not None:
            self.transport.close()
            self.transport.resume_reading()     # a thread may hold what stands before the end

    def _finish(self):
        # type: () -> None
        if self._state == OVER:
            return
        self._state = OVER
        self._feeding = False
        self.deadline = None
        self._sweeper.discard(self)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._drop_body()
        try:
            self._over(self)
        except FAILURES:
            log.exception('%s: the end of a program', self._label)


def _was_killed(status):
    # type: (Optional[int]) -> bool
    """True if a signal ended the program; on Java such a status is 128 and the number."""
    return status is not None and (status < 0 or status in BY_SIGNAL)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional
