# Copyright the carryall authors.  See LICENSE.
"""FTPServer: one control connection (RFC 959, 1123 section 4.1).

States:   fresh -USER-> named -PASS-> inside -REIN-> fresh; AUTH leads back to fresh
          While a transfer runs, ABOR and STAT are served at once and all other commands wait, in order.
Not here: the commands: accessing.py (who), datacommands.py (transfers), filecommands.py (names), sitecommands.py (the rest).
Tests:    tests/protocols/ftp/test_server.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.line.commandtable import ARITY, BUDGET, FAILED, FORBIDDEN, TOO_LONG, UNKNOWN, WRONG_STATE, CommandTable
from carryall.core.compat import FAILURES
from carryall.core.future import Future, completed
from carryall.core.line.commandserver import CommandServer
from carryall.core.logs import escape, get_logger
from carryall.core.net.transport import here, peer, tls
from carryall.core.net.turns import FREE_STEPS, MAX_STEPS, turn_is_over
from carryall.protocols.ftp import datacommands, filecommands, sitecommands
from carryall.protocols.ftp import accesscontrol as accessing
from carryall.protocols.ftp.hostport import plain4
from carryall.protocols.ftp.facts import DEFAULT
from carryall.protocols.ftp.filesystem import FileFault
from carryall.protocols.ftp.settings import MAX_COMMAND
from carryall.protocols.ftp.pathname import resolve, shown, to_storage, to_wire
from carryall.protocols.ftp.wire import several, single
from carryall.protocols.ftp.telnetfilter import TelnetFilter, without_marks
from carryall.protocols.ftp.verbs import FRESH, INSIDE

__all__ = ['FTPServer']

MARKED_BYTES = 512          # with marks of Telnet in them, taken at once; ours
MAX_MESSAGE = 4096          # octets of a folder's message that are shown; ours

GOING_DOWN = b'421 The server is going down.'

log = get_logger('ftp')


class FTPServer(accessing.Accessing, datacommands.DataCommands, filecommands.FileCommands, sitecommands.SiteCommands,
                CommandServer):
    """One client.

    Args:     site: an FTPSite.

    Attributes:
        account: the Account, once logged in.
        folder: the current folder, a tuple of names.
        transfer: what runs through the data connection, or None; port: what PASV or PORT has arranged for the next.
        text, deflate, protected: TYPE A, MODE Z, PROT P.
        offset: of REST; span: of RANG, (first, last) or None.
    """

    commands = CommandTable(accessing.COMMANDS + datacommands.COMMANDS + filecommands.COMMANDS + sitecommands.COMMANDS)
    refusals = {UNKNOWN: b'500 There is no such command.', WRONG_STATE: b'530 Log in with USER and PASS first.',
                ARITY: b'501 Syntax: %(syntax)s', FORBIDDEN: b'550 Permission denied.', BUDGET: b'503 Too often.',
                FAILED: b'451 That failed, and it is our fault.',
                TOO_LONG: b'500 A command has %d octets at the most.' % MAX_COMMAND}
    separator = b'\n'                   # peer: scripts and old clients end a command with LF alone, and vsftpd answers
    max_line = MAX_COMMAND + 1          # with the CR, which is taken off where it is
    max_bad_commands = 20       # ours: clients try what a server knows

    def __init__(self, site):
        # type: (Any) -> None
        CommandServer.__init__(self, site.loop)
        self.site = site
        self.loop = site.loop
        self.limits = site.limits
        self.idle_seconds = site.limits.idle_seconds
        self.host = ''                      # the client's numeric address
        self.failures = 0                   # logins
        self._telnet = TelnetFilter()
        self._marked = b''                  # what has come with marks of Telnet in it, and waits
        self._behind = deque()              # type: deque  # lines that wait for a transfer to end
        self._left = None                   # type: Any  # a Future of the end, once the site drains
        self._entered = False               # whether there was a login: from then on it is transfers that are waited for
        self.transfer = None                # type: Any
        self.port = None                    # type: Any
        self.rates = ([], [])               # type: Any
        self.forget()

    def forget(self):
        # type: () -> None
        """All that is known of the client, as REIN has it."""
        self.state = FRESH
        self.name = u''
        self.account = None                 # type: Any
        self.folder = ()                    # type: Tuple[bytes, ...]
        self.text = True                    # RFC 959 section 3.1.1.1: ASCII is the default
        self.deflate = False
        self.level = 6
        self.protected = False
        self.offset = 0
        self.span = None                    # type: Any
        self.renamed = None                 # type: Any  # the path of RNFR
        self.utf8 = True
        self.facts = DEFAULT
        self.hash_name = b'SHA-256'
        self.only_epsv = False

    # -- life --------------------------------------------------------------------------------------------------------

    def connection_made(self, transport):
        CommandServer.connection_made(self, transport)
        self.progress(self.limits.login_seconds)
        self.restart_idle()
        address = peer(transport)
        self.host = plain4(address.host) if address is not None else ''
        self.site.sessions.add(self)
        if self.site.guard.refused(self.host):
            self.say_goodbye(b'421 Too many logins have failed from your address; come back later.')
            return
        banner = self.site.banner
        self.send_line(several(220, banner[0], banner[1:-1], banner[-1]) if len(banner) > 1 else single(220, banner[0]))

    def connection_lost(self, exc):
        CommandServer.connection_lost(self, exc)
        self._marked = b''
        self.site.sessions.discard(self)
        self._behind.clear()
        self.stop_transfer()
        self.logged_out()
        if self._left is not None and not self._left.done():
            self._left.set_result(None)

    def transport_changed(self, transport):
        if self._behind:
            log.warning('%s: %d commands that came in clear behind AUTH are discarded', peer(transport), len(self._behind))
            self._behind.clear()
        if self._marked:
            log.warning('%s: %d octets that came in clear behind AUTH are discarded', peer(transport), len(self._marked))
        self._marked, self._telnet = b'', TelnetFilter()
        CommandServer.transport_changed(self, transport)

    def data_received(self, data):
        if self._marked or not self._telnet.passes(data):
            self._marked += data
            self._take_marks()
        else:
            CommandServer.data_received(self, data)

    def _take_marks(self, steps=0):
        # type: (int) -> None
        """Hand over what has come without Telnet's marks, a piece at a time (law L21)."""
        while self._marked and not (self.busy or self.held or self.resting or self.transport.is_closing()):
            piece, self._marked = self._marked[:MARKED_BYTES], self._marked[MARKED_BYTES:]
            text = self._telnet.feed(piece)
            if self._telnet.answer:
                self.transport.write(self._telnet.answer)
                self._telnet.answer = b''
            if text:
                CommandServer.data_received(self, text)
            steps += 1
            if steps >= FREE_STEPS and self._marked and not self.held and not self.resting:
                self.resting = turn_is_over(self.transport, steps, self.rested)
        if self.leaving:
            self._marked = b''              # nothing is heard after the last word, but the peer's end
        elif self._marked:
            self.stop_reading()

    def rested(self):
        self.resting = False
        self.work(MAX_STEPS)
        if not self.held and not self.resting:
            self._take_marks(MAX_STEPS)
        self.work_done()

    def work_done(self):
        if self._marked and not self.resting:
            self._take_marks()
        if not self._marked:
            CommandServer.work_done(self)

    def eof_received(self):
        if self._marked:
            self.end_held = True
            return True
        return CommandServer.eof_received(self)

    def leave(self):
        # type: () -> Future
        """The server stops: finish what runs, then close; a Future of the end."""
        if self.transport is None or self.transport.is_closing():
            return completed(None)
        self._left = self._left or Future()
        if self.transfer is None:
            self.say_goodbye(GOING_DOWN, heard=True)
        return self._left

    def too_many_errors(self):
        self.say_goodbye(b'421 Too many errors.')

    # -- time --------------------------------------------------------------------------------------------------------

    def restart_idle(self):
        if self.transfer is None:
            CommandServer.restart_idle(self)

    def stop_idle(self):
        """A command or a transfer takes the time that it takes; but not a login."""
        self.deadline = None if self._entered else self.progress_until

    def idle_expired(self):
        """RFC 1123 section 4.1.3.2; or of commands that move nothing it was enough."""
        if self.sweeper.now < self.progress_until:
            self.say_goodbye(b'421 Nothing was said for %d seconds.' % self.idle_seconds, heard=True)
        elif self._entered:
            self.say_goodbye(b'421 Nothing was transferred for %d seconds.' % self.limits.unproductive_seconds)
        else:
            self.say_goodbye(b'421 Nobody has logged in for %d seconds.' % self.limits.login_seconds)

    # -- lines -------------------------------------------------------------------------------------------------------

    def line_received(self, line):
        if line[-1:] == b'\r':
            line = line[:-1]
        line = without_marks(line)
        if self.transfer is not None or self._behind:
            verb, _, rest = line.partition(b' ')
            if self.transfer is not None and (verb.upper() == b'ABOR' or verb.upper() == b'STAT' and not rest):
                CommandServer.line_received(self, line)
                return
            self._behind.append(line)
            if len(self._behind) >= self.limits.waiting_commands:
                self.pause()
            return
        CommandServer.line_received(self, line)

    def unpause(self):
        """Lines that wait come before what is in the buffer."""
        while (self._behind and self.transfer is None and self.pending is None and not self.leaving
                and not self.transport.is_closing()):
            CommandServer.line_received(self, self._behind.popleft())
        if self.pending is None and len(self._behind) < self.limits.waiting_commands:
            CommandServer.unpause(self)

    def transfer_over(self):
        # type: () -> None
        """Go on with what has waited behind a transfer."""
        if self._left is not None:
            self.say_goodbye(GOING_DOWN, heard=True)
            return
        self.progress(self.limits.unproductive_seconds)
        self.restart_idle()
        if self.pending is None:
            self.unpause()

    def run_command(self, command, method, args):
        if command.rest and not args[0]:
            self.refuse(ARITY, command.verb, command.syntax)
            return
        if command.verb not in (b'RNTO', b'RNFR'):
            self.renamed = None             # RFC 959 section 4.1.3: RNTO follows RNFR at once

        def guarded(*given):
            # type: (*bytes) -> Any
            try:
                return method(*given)
            except FileFault as fault:
                return self.refused(fault)

        CommandServer.run_command(self, command, guarded, args)

    def refused(self, fault):
        # type: (FileFault) -> bytes
        """The reply to what a file system cannot do."""
        if fault.cause is not None:
            log.debug('%s: %s: %r', self.host, fault.message, fault.cause)
        return single(*fault.why)

    def authorised(self, command):
        return self.account is not None and self.account.may(command.letter)

    # -- what the commands share -------------------------------------------------------------------------------------

    @property
    def secure(self):
        # type: () -> bool
        """Whether the control connection is under TLS."""
        return tls(self.transport) is not None

    @property
    def own_host(self):
        # type: () -> str
        """Our address of the control connection; '' where it has none."""
        address = here(self.transport)
        return address.host if address is not None and address.port is not None else ''

    def path_of(self, argument):
        # type: (bytes) -> Tuple[bytes, ...]
        """The path that an argument names."""
        return resolve(self.folder, to_storage(argument, self.utf8))

    def show(self, path):
        # type: (Tuple[bytes, ...]) -> bytes
        """A path as the client gets to see it."""
        return to_wire(shown(path), self.utf8)

    def message_of(self, path):
        # type: (Tuple[bytes, ...]) -> List[bytes]
        """The lines of a folder's message."""
        if not self.site.message_file:
            return []
        try:
            source, size = self.account.files.open(path + (self.site.message_file,))
        except FileFault:
            return []
        try:
            data = source.read(min(size, MAX_MESSAGE))
        except FAILURES as exc:
            log.error('%s: the message of a folder cannot be read: %r', self.host, exc)
            return []
        finally:
            source.close()
        return [line.rstrip(b'\r') for line in data.split(b'\n')] if data else []

    def logged_out(self):
        # type: () -> None
        """Tell the hooks, once."""
        account, self.account = self.account, None
        if account is not None and self.state == INSIDE:
            log.info('%s: %s has left', self.host, escape(account.name))
            self.site.observer.logged_out(account, self.host)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Tuple
