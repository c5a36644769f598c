# Copyright the carryall authors.  See LICENSE.
"""FTPServer: one control connection (RFC 959, 1123 section 4.1).

States:   fresh -USER-> named -PASS-> inside -REIN-> fresh; AUTH leads back to fresh
          During a transfer ABOR and STAT are served at once; other commands wait, in order.
Not here: the commands; each group is an object of its own:

    access      accesscontrol.py        USER PASS ACCT REIN QUIT HOST
    security    securitycommands.py     AUTH PBSZ PROT CCC
    ports       dataports.py            PASV PORT EPSV EPRT LPSV LPRT
    transfers   transfercommands.py     TYPE MODE STRU ALLO REST RANG RETR STOR APPE STOU ABOR
    files       filecommands.py         PWD CWD MKD RMD DELE RNFR RNTO SIZE MDTM ...
    listings    listingcommands.py      LIST NLST MLSD MLST STAT
    digests     digestcommands.py       HASH XCRC XMD5 XSHA256
    site        sitecommands.py         NOOP SYST FEAT OPTS LANG CLNT HELP SITE

Tests:    tests/protocols/ftp/test_server.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque
from functools import partial

from carryall.core.activity import TOLD
from carryall.core.compat import FAILURES
from carryall.core.line.commandserver import DRAINING, LEAVING, CommandServer
from carryall.core.line.commandtable import (ARITY, BUDGET, FAILED, FORBIDDEN, TOO_LONG, UNKNOWN,
                                             WRONG_STATE, CommandTable)
from carryall.core.line.framing import ENDED, IDLE, RESTING
from carryall.core.logs import escape, get_logger
from carryall.core.net.transport import here, peer, tls
from carryall.core.net.turns import FREE_STEPS, MAX_STEPS, turn_is_over
from carryall.protocols.ftp import (accesscontrol, dataports, digestcommands, filecommands,
                                    listingcommands, securitycommands, sitecommands,
                                    transfercommands, wire)
from carryall.protocols.ftp.filesystem import FileFault
from carryall.protocols.ftp.hostport import plain4
from carryall.protocols.ftp.pathname import resolve, shown, to_storage, to_wire
from carryall.protocols.ftp.settings import MAX_COMMAND, Settings
from carryall.protocols.ftp.telnetfilter import TelnetFilter, without_marks
from carryall.protocols.ftp.verbs import FRESH, INSIDE
from carryall.protocols.ftp.wire import several, single

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Tuple
    from carryall.protocols.ftp.service import FTPBackend

__all__ = ['FTPServer']

FILTERED_BYTES = 512        # with Telnet commands in them, processed in one step
MAX_MESSAGE = 4096          # octets of a directory's message that are shown

DEFAULTS = Settings()

log = get_logger('ftp')


class FTPServer(CommandServer):
    """The server of one client.

    Args:     service: an FTPBackend.
              clock: the loop.
              settings: a Settings.

    Attributes:
        service, settings: as given.
        host: the client's numeric address.
        state: FRESH, NAMED or INSIDE.
        account: the Account, or None before the login.
        entered: True since the first login: from then on transfers are expected.
        draining: True once the server stops.
        folder: the current directory, a tuple of names.
        utf8: names are UTF-8, else ISO 8859-1 (OPTS UTF8).
    """

    commands = CommandTable(
        accesscontrol.COMMANDS + securitycommands.COMMANDS + dataports.COMMANDS
        + transfercommands.COMMANDS + filecommands.COMMANDS + listingcommands.COMMANDS
        + digestcommands.COMMANDS + sitecommands.COMMANDS)
    refusals = {UNKNOWN: wire.UNRECOGNIZED, WRONG_STATE: wire.NOT_LOGGED_IN,
                ARITY: wire.SYNTAX_ERROR + b': %(syntax)s', FORBIDDEN: wire.FORBIDDEN,
                BUDGET: wire.BAD_SEQUENCE + b'.', FAILED: wire.LOCAL_ERROR,
                TOO_LONG: b'500 Syntax error, command longer than %d octets.' % MAX_COMMAND}
    # peer: scripts and old clients end a command with LF alone, and other servers answer them.
    separator = b'\n'
    max_line = MAX_COMMAND + 1  # with the CR, which is stripped
    max_bad_commands = 20       # clients try what a server knows

    def __init__(self, service, clock, settings=DEFAULTS):
        # type: (FTPBackend, Any, Settings) -> None
        CommandServer.__init__(self, clock)
        self.service = service
        self.settings = settings
        self.idle_seconds = settings.idle_seconds
        self.host = ''
        self.account = None                 # type: Any  # an Account, after the login
        self.entered = False
        self._telnet = TelnetFilter()
        self._unfiltered = b''              # octets with Telnet commands in them that wait
        self._waiting_lines = deque()       # type: deque  # lines that wait for a transfer to end
        self.access = accesscontrol.AccessControl(self)
        self.security = securitycommands.SecurityCommands(self)
        self.ports = dataports.DataPorts(self)
        self.transfers = transfercommands.TransferCommands(self)
        self.files = filecommands.FileCommands(self)
        self.listings = listingcommands.ListingCommands(self)
        self.digests = digestcommands.DigestCommands(self)
        self.site = sitecommands.SiteCommands(self)
        self.reset()

    def reset(self):
        # type: () -> None
        """Forgets the user and all that the client has chosen (REIN)."""
        self.state = FRESH
        self.account = None
        self.folder = ()                    # type: Tuple[bytes, ...]
        self.utf8 = True
        for group in (self.access, self.security, self.ports, self.transfers, self.files,
                      self.listings, self.digests, self.site):
            group.reset()

    # -- life ------------------------------------------------------------------------------------

    def connection_made(self, transport):
        CommandServer.connection_made(self, transport)
        self.progress(self.settings.login_seconds)
        self.restart_idle()
        address = peer(transport)
        self.host = plain4(address.host) if address is not None else ''
        if self.service.guard.refused(self.host):
            self.say_goodbye(b'421 Too many failed logins from your address, '
                             b'closing control connection.')
            return
        banner = self.settings.banner
        if len(banner) > 1:
            self.send_line(several(220, banner[0], banner[1:-1], banner[-1]))
        else:
            self.send_line(single(220, banner[0]))

    def connection_lost(self, exc):
        CommandServer.connection_lost(self, exc)
        self._unfiltered = b''
        self._waiting_lines.clear()
        self.transfers.stop()
        self.log_out()

    def transport_changed(self, transport):
        if self._waiting_lines:
            log.warning('%s: discarded %d commands received in clear behind AUTH', peer(transport),
                        len(self._waiting_lines))
            self._waiting_lines.clear()
        if self._unfiltered:
            log.warning('%s: discarded %d octets received in clear behind AUTH', peer(transport),
                        len(self._unfiltered))
        self._unfiltered = b''
        self._telnet = TelnetFilter()
        CommandServer.transport_changed(self, transport)

    def drain(self):
        """The server stops: let a transfer finish, then close."""
        if self.transport is None or self.transport.is_closing():
            return
        self.begin_draining()
        if self.transfers.current is None:
            self.say_goodbye(wire.NOT_AVAILABLE, heard=True)

    def too_many_errors(self):
        self.say_goodbye(b'421 Too many errors, closing control connection.')

    # -- Telnet ----------------------------------------------------------------------------------

    def data_received(self, data):
        if self._unfiltered or not self._telnet.passes(data):
            self._unfiltered += data
            self._filter()
        else:
            CommandServer.data_received(self, data)

    def _filter(self, steps=0):
        # type: (int) -> None
        """Processes what has arrived without its Telnet commands, a piece at a time (law L21)."""
        while self._unfiltered and not self._is_held():
            piece = self._unfiltered[:FILTERED_BYTES]
            self._unfiltered = self._unfiltered[FILTERED_BYTES:]
            text = self._telnet.feed(piece)
            if self._telnet.answer:
                self.transport.write(self._telnet.answer)
                self._telnet.answer = b''
            if text:
                CommandServer.data_received(self, text)
            steps += 1
            if steps < FREE_STEPS or not self._unfiltered or self.held or self.activity == RESTING:
                continue
            if turn_is_over(self.transport, steps, self.rested):
                self.activity = RESTING
        if self.life == LEAVING:
            self._unfiltered = b''          # behind the last line only the peer's end counts
        elif self._unfiltered:
            self.stop_reading()

    def _is_held(self):
        # type: () -> bool
        return bool(self.activity or self.held) or self.transport.is_closing()

    def rested(self):
        self.activity = IDLE
        self.work(MAX_STEPS)
        if not self.held and self.activity != RESTING:
            self._filter(MAX_STEPS)
        self.work_done()

    def work_done(self):
        if self._unfiltered and self.activity != RESTING:
            self._filter()
        if not self._unfiltered:
            CommandServer.work_done(self)

    def eof_received(self):
        if self._unfiltered:
            self.reading = ENDED
            return True
        return CommandServer.eof_received(self)

    # -- time ------------------------------------------------------------------------------------

    def restart_idle(self):
        if self.transfers.current is None:
            CommandServer.restart_idle(self)

    def stop_idle(self):
        """A command or a transfer may take any time; a login may not."""
        self.deadline = None if self.entered else self.progress_until

    def idle_expired(self):
        """No command for too long (RFC 1123 section 4.1.3.2), or no transfer, or no login."""
        settings = self.settings
        if self.sweeper.now < self.progress_until:
            line = b'421 Idle for %d seconds, closing control connection.' % self.idle_seconds
            self.say_goodbye(line, heard=True)
        elif self.entered:
            self.say_goodbye(b'421 No transfer for %d seconds, closing control connection.'
                             % settings.unproductive_seconds)
        else:
            self.say_goodbye(b'421 No login within %d seconds, closing control connection.'
                             % settings.login_seconds)

    # -- lines -----------------------------------------------------------------------------------

    def line_received(self, line):
        if line[-1:] == b'\r':
            line = line[:-1]
        line = without_marks(line)
        transfer = self.transfers.current
        if transfer is not None or self._waiting_lines:
            verb, _, rest = line.partition(b' ')
            verb = verb.upper()
            if transfer is None or not (verb == b'ABOR' or verb == b'STAT' and not rest):
                self._waiting_lines.append(line)
                if len(self._waiting_lines) >= self.settings.waiting_commands:
                    self.pause()
                return
        CommandServer.line_received(self, line)

    def unpause(self):
        """Lines that wait come before those in the buffer."""
        while self._waiting_lines and self._may_go_on():
            CommandServer.line_received(self, self._waiting_lines.popleft())
        if self.pending is None and len(self._waiting_lines) < self.settings.waiting_commands:
            CommandServer.unpause(self)

    def _may_go_on(self):
        # type: () -> bool
        """True if the next command may be processed."""
        if self.transfers.current is not None or self.pending is not None:
            return False
        if self.life == LEAVING:
            return False
        return not self.transport.is_closing()

    def transfer_over(self):
        # type: () -> None
        """A transfer has ended: process the commands behind it."""
        if self.life == DRAINING:
            self.say_goodbye(wire.NOT_AVAILABLE, heard=True)
            return
        self.progress(self.settings.unproductive_seconds)
        self.restart_idle()
        if self.pending is None:
            self.unpause()

    def run_command(self, command, method, args):
        if command.rest and not args[0]:
            self.refuse(ARITY, command.verb, command.syntax)
            return
        if command.verb not in (b'RNTO', b'RNFR'):
            self.files.renamed = None       # RFC 959 section 4.1.3: RNTO follows RNFR at once
        CommandServer.run_command(self, command, partial(self._call, method), args)

    def _call(self, method, *args):
        # type: (Callable, *bytes) -> Any
        """The reply of a command; a fault of a file is a reply too, and no error of the peer."""
        try:
            return method(*args)
        except FileFault as fault:
            return self.refused(fault)

    def refused(self, fault):
        # type: (FileFault) -> bytes
        """The reply to what a file system cannot do."""
        if fault.cause is not None:
            log.debug('%s: %s: %r', self.host, fault.message, fault.cause)
        return single(*fault.why)

    def authorised(self, command):
        return self.account is not None and self.account.may(command.letter)

    # -- for the command groups ------------------------------------------------------------------

    @property
    def secure(self):
        # type: () -> bool
        """True if the control connection is under TLS."""
        return tls(self.transport) is not None

    @property
    def own_host(self):
        # type: () -> str
        """Our address on the control connection; '' if it has none."""
        address = here(self.transport)
        return address.host if address is not None and address.port is not None else ''

    def path_of(self, argument):
        # type: (bytes) -> Tuple[bytes, ...]
        """The path that an argument names."""
        return resolve(self.folder, to_storage(argument, self.utf8))

    def show(self, path):
        # type: (Tuple[bytes, ...]) -> bytes
        """A path as text for the client."""
        return to_wire(shown(path), self.utf8)

    def message_of(self, path):
        # type: (Tuple[bytes, ...]) -> List[bytes]
        """The lines of a directory's message."""
        name = self.settings.message_file
        if not name:
            return []
        try:
            source, size = self.account.files.open(path + (name,))
        except FileFault:
            return []
        try:
            data = source.read(min(size, MAX_MESSAGE))
        except FAILURES as exc:
            log.error('%s: the message of a directory cannot be read: %r', self.host, exc)
            return []
        finally:
            source.close()
        return [line.rstrip(b'\r') for line in data.split(b'\n')] if data else []

    def log_out(self):
        # type: () -> None
        """The user leaves; reported to the service once."""
        account = self.account
        self.account = None
        if account is not None and self.state == INSIDE:
            log.info('%s: %s has left', self.host, escape(account.name), extra=TOLD)
            self.service.logged_out(account, self.host)
