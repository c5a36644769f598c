# Copyright the carryall authors.  See LICENSE.
"""What an SMTP server needs of a line protocol beyond commands: time for messages, and who must
wait.

Tests:    tests/protocols/smtp/test_server.py
"""
from __future__ import absolute_import, division, print_function

import re

from carryall.core.line.commandtable import FAILED, TOO_LONG
from carryall.core.compat import FAILURES
from carryall.core.net.deadlines import NEVER
from carryall.core.errors import RemoteProtocolError
from carryall.core.future import Future
from carryall.core.line.commandserver import CommandServer
from carryall.core.logs import get_logger
from carryall.protocols.smtp.session import NotTaken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional

__all__ = ['BDAT', 'GREETING', 'MAIL', 'READY', 'START', 'UnhurriedProtocol']

# -- limits ------------------------------------------------------------------
MAX_COMMAND = 510           # octets without CRLF; RFC 5321 section 4.5.3.1.4
# of MAIL and RCPT with the parameters of all extensions (SIZE 26, DSN 600, AUTH 507 ...)
MAX_EXTENDED = 2046
MAX_AUTH_LINE = 12286       # RFC 4954 section 4

_LONGER = {b'MAIL': MAX_EXTENDED, b'RCPT': MAX_EXTENDED, b'XCLI': MAX_EXTENDED,
           b'XFOR': MAX_EXTENDED, b'AUTH': MAX_AUTH_LINE}

_HARMLESS = frozenset([b'NOOP', b'RSET', b'QUIT', b'HELP'])

_ALONE = re.compile(br'[\r\n\0]')

log = get_logger('smtp')

# -- states ------------------------------------------------------------------
GREETING, START, READY, MAIL, BDAT = 'greeting', 'start', 'ready', 'mail', 'bdat'


class UnhurriedProtocol(CommandServer):
    """A session of commands and messages.

    Attributes:
        draining: whether the server is about to stop.
    """

    state = GREETING
    max_line = MAX_AUTH_LINE
    draining = False
    lone_lf = True
    # loop time at which the present message, or the last one, began
    message_began = NEVER
    _greet_timer = None                     # type: Any

    def __init__(self, clock, settings):
        # type: (Any, Any) -> None
        CommandServer.__init__(self, clock)
        self.settings = settings
        self.courier = settings.courier
        self.idle_seconds = settings.idle_seconds
        self._message_until = NEVER

    # -- life --------------------------------------------------------------------------------------

    def connection_made(self, transport):
        self.progress(self.settings.unproductive_seconds)
        CommandServer.connection_made(self, transport)

    def connection_lost(self, exc):
        if self._greet_timer is not None:
            self._greet_timer.cancel()
        CommandServer.connection_lost(self, exc)

    def hold_until(self, future, then):
        # type: (Future, Callable[[Any], None]) -> None
        """Call *then* with the result of *future*; who talks before it is there must wait, or talks
        too soon."""
        self.hold()
        future.add_done_callback(lambda _: self._held_enough(future, then))

    def _held_enough(self, future, then):
        # type: (Future, Callable[[Any], None]) -> None
        if not self.transport.is_closing():
            then(future.result() if future.exception() is None
                 else self.failure_reply(future.exception()))
            self.unpause()

    def hold_back(self, seconds, then):
        # type: (float, Callable[[], None]) -> None
        """Call *then* after a while."""
        def over():
            # type: () -> None
            self._greet_timer = None
            if not self.transport.is_closing():
                then()
                self.unpause()
        self.hold()
        self._greet_timer = self.clock.call_later(seconds, over)

    # -- time --------------------------------------------------------------------------------------

    def begin_message(self):
        # type: () -> None
        """A message begins: as a whole it has its own time."""
        self.message_began = now = self.sweeper.now
        self._message_until = now + self.settings.message_start_seconds

    def in_message(self):
        # type: () -> None
        """A piece of a message has come."""
        deadline, until = self.sweeper.now + self.settings.data_idle_seconds, self._message_until
        self.deadline = deadline if deadline < until else until

    def deadline_expired(self, now):
        """The sweeper: a message goes on while it brings ``message_rate``, until
        ``message_seconds`` are over."""
        if self._message_until <= now:
            settings = self.settings
            rate = settings.message_rate
            earned = self.message_octets() / rate if rate else settings.message_seconds
            until = self.message_began + min(settings.message_start_seconds + earned,
                                             settings.message_seconds)
            if until > now:
                self._message_until = until
                self.in_message()
                return
        CommandServer.deadline_expired(self, now)

    def message_octets(self):
        # type: () -> int
        """The octets of the present message that have come, whether they are kept or not."""
        raise NotImplementedError

    def end_message(self):
        # type: () -> None
        """The message is there."""
        self._message_until = NEVER
        self.progress(self.settings.unproductive_seconds)
        self.restart_idle()

    # -- lines in ----------------------------------------------------------------------------------

    def data_waits(self):
        """A client that talks before the greeting is refused if that is strict; else it waits."""
        if self.state == GREETING and self.settings.strict_pipelining and not self.leaving:
            self.talked_too_soon()
        else:
            CommandServer.data_waits(self)

    def line_received(self, line):
        if len(line) > MAX_COMMAND and len(line) > _LONGER.get(line[:4].upper(),
                                                               MAX_COMMAND) and b'\n' not in line:
            self.refuse(TOO_LONG, b'', b'')
        elif _ALONE.search(line):
            if b'\n' in line:
                self.split_line(line)
            else:
                self._stands_alone()
        else:
            CommandServer.line_received(self, line)

    def lf_line_received(self, line):
        """A line ends with CRLF and not with LF (RFC 5321 section 2.3.8): of those that end so a
        few are harmless.

        They carry nothing that could be somebody else's.  After any other the rest of the line, up
        to CRLF, is skipped: it may have come in an address, past who looked for CRLF.  Each LF in
            it is refused as well: a client waits for its answers.
        """
        if line.upper() in _HARMLESS and not self.skipping and not self.settings.strict:
            CommandServer.line_received(self, line)
        else:
            self.skip_line()
            self._stands_alone()

    def _stands_alone(self):
        # type: () -> None
        self.send_line(b'500 5.5.2 A CR, LF or NUL stands alone in the command')
        self.count_error()

    def wait_for_reply(self):
        # type: () -> None
        """The command at hand must be the last of its group (RFC 2920 section 3.1)."""
        if self.backlog and self.settings.strict_pipelining:
            self.talked_too_soon()

    def talked_too_soon(self):
        # type: () -> None
        """The client did not wait."""
        raise NotImplementedError

    # -- lines out ---------------------------------------------------------------------------------

    def failure_reply(self, exc):
        # type: (Any) -> bytes
        """The reply to a failure of ours."""
        if isinstance(exc, (RemoteProtocolError, NotTaken)) and exc.reply is not None:
            return exc.reply
        log.error('a message could not be taken: %r', exc)
        return self.refusals[FAILED]
