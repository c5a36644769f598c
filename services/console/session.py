# Copyright the carryall authors.  See LICENSE.
"""One client of the console: login, prompts, lines, output (TEL-03, TEL-04, TEL-06).

States:   negotiating -> username -> password -> (checking) -> shell -> closed
          Input before the verdict on a password is discarded, as login(1) flushes its terminal.
          It is never run, shown, or taken for a name; a script must wait for the prompt.
Modes:    a client that leaves the echo to the server gets the line editor; others send whole lines.
Tests:    tests/services/console/test_session.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.credentials import LoginFailed, LoginUnavailable, UsernamePassword
from carryall.core.activity import TOLD, note_login, tell
from carryall.core.compat import FAILURES, native
from carryall.core.future import Future, as_future, sleep
from carryall.core.wrap.linger import leave
from carryall.core.logs import escape, get_logger
from carryall.core.metrics import LOGIN_FAILED, LOGIN_SUCCEEDED, LOGIN_UNAVAILABLE
from carryall.core.net.transport import peer
from carryall.protocols.telnet import wire
from carryall.protocols.telnet import TelnetServer
from carryall.services.console.namecompletion import candidates
from carryall.services.console.editor import PASTE_OFF, PASTE_ON, Editor
from carryall.services.console.explorer import Explorer
from carryall.services.console.interpreter import Interpreter

__all__ = ['ConsoleSession', 'PYTHON', 'INSPECT']

# -- limits ------------------------------------------------------------------
LOGIN_SECONDS = 60.0            # from the connection to the login
MAX_NAME = 255                  # characters of a user's name or password
MAX_LINE = 16384                # octets of a line of a client without the editor
MAX_EARLY = 4096                # octets that may come before the first prompt
MAX_AHEAD = 1000                # waiting lines of such a client while code runs
MAX_UNJUDGED = 65536            # octets that may come while a login is checked

# The roles of users.
PYTHON = 'python'
INSPECT = 'inspect'

log = get_logger('console')


class _PlainInput(object):
    """Whole lines, of a client that echoes them itself; has the interface of Editor."""

    def __init__(self, write, line, interrupt):
        # type: (Callable[[str], Any], Callable[[str], Any], Callable[[], Any]) -> None
        self.held = False
        # True while lines are delivered: a prompt then does not begin a second delivery.
        self.busy = False
        self.visible = True
        self.columns = 80
        self._write = write
        self._line = line
        self._interrupt = interrupt
        self._prompt = u''
        self._charset = 'utf-8'
        self._data = b''
        self._lines = []            # type: List[bytes]
        self._skipping = False      # True within the rest of a line that is too long

    def set_charset(self, name):
        # type: (str) -> None
        self._charset = name

    def prompt(self, text):
        # type: (str) -> None
        self._prompt = text
        self._write(text)
        self.held = False
        self._work()

    def above(self, text):
        # type: (str) -> None
        self._write(u'\n' + text + (u'' if text.endswith(u'\n') else u'\n'))

    def typed(self, data):
        # type: (bytes) -> None
        if b'\x03' in data:             # Ctrl-C as an octet, from a script without Telnet commands
            self.drop()
            self._interrupt()
            data = data.rpartition(b'\x03')[2]
        pieces = data.split(b'\n')
        for number, piece in enumerate(pieces):
            self._data += piece
            if len(self._data) > MAX_LINE:
                self._data = b''
                self._skipping = True
            if number < len(pieces) - 1:
                if self._skipping:
                    self._write(u'the line is too long\n')
                elif len(self._lines) < MAX_AHEAD:
                    self._lines.append(self._data)
                self._data = b''
                self._skipping = False
        self._work()

    def _work(self):
        # type: () -> None
        if self.busy:
            return
        self.busy = True
        try:
            while self._lines and not self.held:
                self.held = True
                line = self._lines.pop(0)
                try:
                    text = line.decode(self._charset, 'replace')
                except LookupError:
                    text = line.decode('utf-8', 'replace')
                self._line(text)
        finally:
            self.busy = False

    def drop(self):
        # type: () -> None
        """Forgets the lines that wait."""
        del self._lines[:]
        self._data = b''

    def hand_over(self, editor):
        # type: (Editor) -> None
        """Lets *editor* continue, with the lines that wait."""
        rest = b'\n'.join(self._lines + [self._data])
        editor.take_over(self._prompt, self.held)
        editor.typed(rest)


class ConsoleSession(TelnetServer):
    """The server's side of one client.

    Args:     console: has ``loop``, ``portal``, ``guard``, ``banner`` (text), ``idle_seconds``,
                       ``namespace()`` and ``record(who, text)``; see service.py.
    """

    def __init__(self, console):
        # type: (Any) -> None
        TelnetServer.__init__(self, console, console.loop)
        self.console = console
        self.state = 'negotiating'
        self._input = None          # type: Any
        self._early = b''           # octets that came before the first prompt
        self._unjudged = 0          # octets that came while this login is checked
        self._name = u''
        self._failures = 0
        self._since = 0.0         # loop time of the login
        self._login = None          # type: Any  # the Session of the portal
        self._checking = None           # type: Optional[Future]
        self._shell = None          # type: Any  # the Interpreter or the Explorer
        self._source = []           # type: List[str]
        self._deadline = None       # type: Any
        self._clogged = False
        self._ended = False         # True once the client has sent its last octet

    # -- life --------------------------------------------------------------------------------------

    def connection_made(self, transport):
        address = peer(transport)
        self.host = address.host if address is not None and address.port is not None else ''
        if self.console.guard.refused(self.host):
            self.transport = transport
            self.state = 'closed'
            transport.close()
            return
        TelnetServer.connection_made(self, transport)
        self._deadline = self.clock.call_later(LOGIN_SECONDS, self._expired)

    def ready(self):
        self._input = self._new_editor() if self.by_key else _PlainInput(
            self.show, self._entered, self._interrupted)
        self.window_changed()
        if self.console.banner:
            self.show(self.console.banner.rstrip(u'\n') + u'\n')
        self._ask_name()
        early, self._early = self._early, b''
        if early:
            self._input.typed(early)
            self._end_if_done()

    def _new_editor(self):
        # type: () -> Editor
        return Editor(self.show, self._entered, self._pasted, self._interrupted, self.close,
                      self._complete)

    def option_changed(self, number, ours, on):
        TelnetServer.option_changed(self, number, ours, on)
        # A client on a slow line may agree after the prompt was shown.  During a password it
        # echoes nothing for another reason.
        if isinstance(self._input, _PlainInput) and self.by_key and self._input.visible:
            lines, self._input = self._input, self._new_editor()
            self.window_changed()
            if self.state == 'shell':
                self.show(PASTE_ON)
            lines.hand_over(self._input)

    def window_changed(self):
        if self._input is not None:
            self._input.columns = max(20, self.window[0])

    def value_received(self, number, value):
        TelnetServer.value_received(self, number, value)
        if number == wire.CHARSET and value and self._input is not None:
            try:
                self._input.set_charset(native(value))
            except UnicodeError:
                log.debug('a charset that is not ASCII')

    def text_received(self, data):
        if self.state == 'negotiating':
            self._early = (self._early + data)[:MAX_EARLY]  # some scripts do not wait for a prompt
        elif self.state == 'checking':
            self._unjudged += len(data)
        elif self.state != 'closed':
            self._input.typed(data)

    def command_received(self, command):
        if command in (wire.IP, wire.BRK) and self.state == 'shell':
            if isinstance(self._input, _PlainInput):
                self._input.drop()
            self._interrupted()
        else:
            TelnetServer.command_received(self, command)

    def eof_received(self):
        """Closes after the answers to all that the client sent."""
        self._ended = True
        return not self._end_if_done()

    def _end_if_done(self):
        # type: () -> bool
        """Closes if the client has sent its last octet and all of it is processed;
        True if the session is closed."""
        busy = self._input is not None and (self._input.held or self._input.busy)
        if self._ended and self.state not in ('negotiating', 'checking') and not busy:
            self.close()
        return self.state == 'closed'

    def pause_writing(self):
        self._clogged = True
        if self.state == 'shell':
            self._restart_idle()        # a client that does not read is idle, even if code runs

    def resume_writing(self):
        self._clogged = False
        if isinstance(self._shell, Interpreter) and self.state == 'shell':
            if self._shell.running:
                self._stop_deadline()
            self._shell.unblock()

    def connection_lost(self, exc):
        TelnetServer.connection_lost(self, exc)
        self.state = 'closed'
        self._stop_deadline()
        if self._checking is not None:
            self._checking.cancel()
        if isinstance(self._shell, Interpreter):
            self._clogged = False
            self._shell.interrupt()     # code whose client has gone must end
            self._shell.unblock()
        if self._login is not None:
            log.info('%s: %s has logged out', self.host, escape(self._login.name), extra=TOLD)
            tell(self.transport, u'session', u'ended', None, self.clock.time() - self._since,
                 user=self._login.name)
            self._login.logout()

    def close(self):
        # type: () -> None
        """Says goodbye and closes."""
        if self.state != 'closed':
            self.state = 'closed'
            if isinstance(self._input, Editor):
                self.show(PASTE_OFF)
            self._stop_deadline()
            leave(self.transport, self.clock)       # its answers to our options may still come

    def _expired(self):
        # type: () -> None
        self._deadline = None
        if self._clogged:
            self.transport.abort()      # close() would wait until the client reads
            return
        self.show(u'\nNothing was typed for too long.\n' if self.state == 'shell'
                  else u'\nThe login took too long.\n')
        self.close()

    def _stop_deadline(self):
        # type: () -> None
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _restart_idle(self):
        # type: () -> None
        self._stop_deadline()
        self._deadline = self.clock.call_later(self.console.idle_seconds, self._expired)

    # -- showing -----------------------------------------------------------------------------------

    def show(self, text):
        # type: (str) -> None
        """Sends text to the client, in its charset."""
        try:
            data = text.encode(native(self.charset), 'replace')
        except (LookupError, UnicodeError):
            data = text.encode('utf-8', 'replace')
        self.write(data)
        if self._login is not None:
            self.console.record(self._login.name, text)

    def _show_later(self, text):
        # type: (str) -> None
        """Shows text that the client does not wait for, above the line that is typed."""
        if self._input is not None and not self._input.held and self.state == 'shell':
            self._input.above(text)
        else:
            self.show(text)

    # -- login -------------------------------------------------------------------------------------

    def _ask_name(self):
        # type: () -> None
        self.state = 'username'
        self._input.prompt(u'username: ')
        if not self._early:
            self._end_if_done()

    def _hide(self, hidden):
        # type: (bool) -> None
        self._input.visible = not hidden
        if isinstance(self._input, _PlainInput):
            # A client that agreed to let the server echo hides what its user types.
            self.ask_us(wire.ECHO, hidden)
            if not hidden:
                self.show(u'\n')

    def _entered(self, text):
        # type: (str) -> None
        if self.state == 'username':
            self._name = text.strip()[:MAX_NAME]
            self.state = 'password'
            self._hide(True)
            self._input.prompt(u'password: ')
        elif self.state == 'password':
            self._hide(False)
            self.state = 'checking'
            self._unjudged = 0
            try:
                credentials = UsernamePassword(self._name, text[:MAX_NAME].encode('utf-8'))
                credentials.host = self.host
                self._checking = self.console.portal.login(self.clock, credentials)
            except FAILURES:
                log.exception('the login could not be judged')
                self.close()
                return
            self._checking.add_done_callback(self._judged)
        elif self.state == 'shell':
            self._restart_idle()
            self._typed(text)

    def _judged(self, future):
        # type: (Future) -> None
        self._checking = None
        if self.state == 'closed':
            if future.exception() is None:
                future.result().logout()
            return
        exc = future.exception()
        guard = self.console.guard
        if exc is None and guard.refused(self.host):
            future.result().logout()
            exc = LoginFailed(u'the address was shut out meanwhile')
        if exc is not None and not isinstance(exc, LoginFailed):
            if not isinstance(exc, LoginUnavailable):
                log.error('the login could not be judged: %r', exc)
            log.info('%s: login of %s could not be judged', self.host, escape(self._name),
                     extra=TOLD)
            note_login(self.transport, LOGIN_UNAVAILABLE, self._name)
            self.show(u'Logins cannot be checked now, try again later\n')
            self._when_dropped(self._ask_name)
            return
        if exc is not None:
            log.info('%s: login of %s failed', self.host, escape(self._name), extra=TOLD)
            note_login(self.transport, LOGIN_FAILED, self._name)
            self._failures += 1
            self._checking = sleep(self.clock, guard.failed(self.host))
            self._checking.add_done_callback(self._refused)
            return
        guard.succeeded(self.host)
        self._login = future.result()
        self._since = self.clock.time()
        note_login(self.transport, LOGIN_SUCCEEDED, self._login.name)
        log.info('%s: %s has logged in', self.host, escape(self._login.name), extra=TOLD)
        self._when_dropped(self._welcome)

    def _when_dropped(self, then):
        # type: (Callable[[], None]) -> None
        """Calls *then* once all input of before the verdict has been dropped."""
        if self.state == 'closed':
            return
        if self.unfinished:
            self.clock.call_soon(self._when_dropped, then)
            return
        self._input.drop()
        # More input is under way, and cannot be told from input that follows the prompt.
        if self._unjudged > MAX_UNJUDGED:
            self.close()
        else:
            then()

    def _welcome(self):
        # type: () -> None
        self._restart_idle()
        self._begin_shell(self._login.avatar)

    def _refused(self, future):
        # type: (Future) -> None
        self._checking = None
        if self.state == 'closed' or future.exception() is not None:
            return
        self.show(u'Login incorrect\n')
        if self._failures >= self.console.guard.attempts or self.console.guard.refused(self.host):
            self.close()
        else:
            self._when_dropped(self._ask_name)

    # -- the shell ---------------------------------------------------------------------------------

    def _begin_shell(self, role):
        # type: (str) -> None
        self.state = 'shell'
        namespace = self.console.namespace()
        if role == INSPECT:
            self._shell = Explorer(namespace)
        else:
            self._shell = Interpreter(self.clock, namespace, self.show, self._show_later)
            self._shell.blocked = lambda: self._clogged and self.state != 'closed'
        if isinstance(self._input, Editor):
            self.show(PASTE_ON)
        self.show(self.console.greeting(role))
        self._prompt()

    def _prompt(self):
        # type: () -> None
        if isinstance(self._shell, Explorer):
            self._input.prompt(u'look> ')
        else:
            self._input.prompt(u'... ' if self._source else u'>>> ')
        self._end_if_done()

    def _typed(self, text):
        # type: (str) -> None
        self.console.record(self._login.name, text + u'\n')
        if isinstance(self._shell, Explorer):
            self.show(self._shell.line(text))
            self._done(as_future(None))
            return
        self._source.append(text)
        future = self._shell.source(u'\n'.join(self._source))
        if future is None:
            self._prompt()
        else:
            self._wait(future)

    def _pasted(self, text):
        # type: (str) -> None
        if self.state != 'shell' or isinstance(self._shell, Explorer):
            self._entered(text.partition(u'\n')[0])
            return
        self._restart_idle()
        self.console.record(self._login.name, text + u'\n')
        self._wait(self._shell.source(u'\n'.join(self._source + [text]), whole=True))

    def _wait(self, future):
        # type: (Future) -> None
        del self._source[:]
        self._stop_deadline()
        future.add_done_callback(self._done)

    def _done(self, _):
        # type: (Future) -> None
        if self.state == 'closed':
            return
        if self._shell.finished:
            self.close()
            return
        self._restart_idle()
        self._prompt()

    def _interrupted(self):
        # type: () -> None
        if isinstance(self._shell, Interpreter) and self._shell.running:
            self._shell.interrupt()
            return
        del self._source[:]
        if self.state in ('username', 'password'):
            self.close()
        elif self.state == 'shell':
            self.show(u'KeyboardInterrupt\n')
            self._prompt()

    def _complete(self, line):
        # type: (str) -> Tuple[str, List[str]]
        if not isinstance(self._shell, Interpreter) or self._shell.running:
            return u'', []
        return candidates(self._shell.namespace, line)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Tuple
