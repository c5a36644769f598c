# Copyright the carryall authors.  See LICENSE.
"""Transfers: PASV, PORT and their kin; TYPE, MODE, STRU; RETR, STOR, APPE, STOU, LIST, NLST, MLSD; REST, RANG, ABOR
(RFC 959 section 4.1.2 and 4.1.3, RFC 1639, 2428, 2577, 3659).

States:   idle -PASV/PORT-> arranged -RETR...-> 150 -> data connection -> 226, 425, 426, 451 or 552 -> idle
Tests:    tests/protocols/ftp/test_datacommands.py, tests/protocols/ftp/test_transferring.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.errors import (Cancelled, ConnectFailed, ConnectionLost, ListenFailed, RemoteProtocolError, TimedOut)
from carryall.core.future import Return, coroutine, with_timeout
from carryall.core.logs import get_logger
from carryall.core.net.transport import tls
from carryall.core.codec.numbers import decimal
from carryall.protocols.ftp import hostport
from carryall.protocols.ftp.dataconnection import ActivePort, PassivePort
from carryall.protocols.ftp.filesystem import APPEND, NEW, RESUME, UNIQUE, FileFault
from carryall.protocols.ftp.settings import MAX_OFFSET
from carryall.protocols.ftp.hooks import TransferRecord
from carryall.protocols.ftp.pathname import check_length
from carryall.protocols.ftp.wire import single
from carryall.protocols.ftp.transfers import Receive, SendFile, SendPieces, deflated, pieces_of
from carryall.protocols.ftp.verbs import Command

__all__ = ['COMMANDS', 'DataCommands']

UNIQUE_OCTETS = 12          # that a unique name may have more than was wished for: "upload.9999"

log = get_logger('ftp')

COMMANDS = [
    Command(b'PASV', 'cmd_pasv', rfc='959#4.1.2'),
    Command(b'PORT', 'cmd_port', args=1, syntax=b'PORT h1,h2,h3,h4,p1,p2', rfc='959#4.1.2'),
    Command(b'EPSV', 'cmd_epsv', args=(0, 1), syntax=b'EPSV [1|2|ALL]', rfc='2428#3'),
    Command(b'EPRT', 'cmd_eprt', args=1, syntax=b'EPRT |family|address|port|', rfc='2428#2'),
    Command(b'LPSV', 'cmd_lpsv', rfc='1639#3'),
    Command(b'LPRT', 'cmd_lprt', args=1, syntax=b'LPRT af,hal,h1,...,pal,p1,p2', rfc='1639#2'),
    Command(b'TYPE', 'cmd_type', args=(1, 2), syntax=b'TYPE A [N] | I | L 8', rfc='959#4.1.2'),
    Command(b'MODE', 'cmd_mode', args=1, syntax=b'MODE S|Z', rfc='959#4.1.2'),
    Command(b'STRU', 'cmd_stru', args=1, syntax=b'STRU F', rfc='959#4.1.2'),
    Command(b'ALLO', 'cmd_allo', args=(1, 3), syntax=b'ALLO octets', rfc='959#4.1.3'),
    Command(b'REST', 'cmd_rest', args=1, syntax=b'REST offset', rfc='3659#5'),
    Command(b'RANG', 'cmd_rang', args=2, syntax=b'RANG first last', rfc='draft-bryan-ftp-range#4'),
    Command(b'RETR', 'cmd_retr', args=Command.REST, letter=b'r', syntax=b'RETR path', rfc='959#4.1.3'),
    Command(b'STOR', 'cmd_stor', args=Command.REST, letter=b'w', syntax=b'STOR path', rfc='959#4.1.3'),
    Command(b'APPE', 'cmd_appe', args=Command.REST, letter=b'a', syntax=b'APPE path', rfc='959#4.1.3'),
    Command(b'STOU', 'cmd_stou', args=None, letter=b'w', syntax=b'STOU [name]', rfc='959#4.1.3'),
    Command(b'ABOR', 'cmd_abor', args=None, rfc='959#4.1.3'),
]


class DataCommands(object):
    """These commands, of an FTPServer."""

    # -- where -------------------------------------------------------------------------------------------------------

    def arrange(self, port):
        # type: (Any, Any) -> None
        """The next data connection is *port*'s; one that was arranged before is gone."""
        if self.port is not None:
            self.port.close()
        self.port = port

    def _passive(self):
        # type: (Any) -> PassivePort
        if self.port is not None:
            self.port.close()
            self.port = None
        site = self.site
        if not self.own_host:
            raise RemoteProtocolError(u'no address', b'425 This connection has no address to listen on.')
        try:
            port = PassivePort(self.loop, hostport.plain4(self.own_host), site.passive_ports, self._is_welcome, self.limits.data_seconds,
                               site.tls if self.protected else None)
        except ListenFailed as exc:
            log.error('no passive port is free: %s', exc)
            raise RemoteProtocolError(u'no port', b'425 No port is free; try again later.')
        self.port = port
        return port

    def _is_welcome(self, host):
        # type: (Any, str) -> bool
        """Whether data connections with this host are this client's (RFC 2577 section 3)."""
        return host.partition('%')[0] == self.host.partition('%')[0] or self.site.third_party

    def _check_only_epsv(self):
        # type: (Any) -> None
        if self.only_epsv:
            raise RemoteProtocolError(u'EPSV ALL', b'501 You said EPSV ALL.')

    def _outside(self, port):
        # type: (Any, PassivePort) -> str
        """The address that the client is told."""
        own = hostport.plain4(port.address.host)
        return self.site.advertise(own, self.host) if self.site.advertise is not None else own

    def cmd_pasv(self):
        # type: (Any) -> bytes
        self._check_only_epsv()
        if hostport.family_of(hostport.plain4(self.own_host)) != hostport.IPV4 and self.site.advertise is None:
            return b'425 PASV knows IPv4 alone; say EPSV.'
        port = self._passive()
        return single(227, b'Entering Passive Mode (%s)' % hostport.format_port(self._outside(port), port.address.port))

    def cmd_epsv(self, wanted=b''):
        # type: (Any, bytes) -> bytes
        """An address of another family than the control connection's is not to be had (RFC 2428 section 3)."""
        if wanted.upper() == b'ALL':
            self.only_epsv = True
            return b'200 EPSV it is, from now on.'
        own = hostport.family_of(hostport.plain4(self.own_host))
        if wanted:
            family = decimal(wanted, 65535)
            if family is None:
                return b'501 Syntax: EPSV [1|2|ALL]'
            if family != own:
                return b'522 That network protocol is not served here, use (%d)' % own
        port = self._passive()
        return single(229, b'Entering Extended Passive Mode ' + hostport.format_epsv(port.address.port))

    def cmd_lpsv(self):
        # type: (Any) -> bytes
        self._check_only_epsv()
        port = self._passive()
        return single(228, b'Entering Long Passive Mode (%s)'
                      % hostport.format_long(self._outside(port), port.address.port))

    def _active(self, host, port):
        # type: (Any, str, int) -> bytes
        """RFC 2577 section 3: not to somebody else, and not to a port of the system's own servers."""
        self._check_only_epsv()
        if port < 1024:
            return b'504 Ports below 1024 are not connected to.'
        if not self._is_welcome(host):
            log.info('%s asks for a data connection to %s', self.host, host)
            return b'504 That is not your address.'
        if host == self.host.partition('%')[0]:
            host = self.host                    # with the scope, which the client cannot know
        self.arrange(ActivePort(self.loop, host, port, hostport.plain4(self.own_host), self.limits.data_seconds,
                                self.site.tls if self.protected else None))
        return b'200 So be it.'

    def cmd_port(self, text):
        # type: (Any, bytes) -> bytes
        found = hostport.parse_port(text)
        return b'501 Syntax: PORT h1,h2,h3,h4,p1,p2' if found is None else self._active(*found)

    def cmd_eprt(self, text):
        # type: (Any, bytes) -> bytes
        found = hostport.parse_eprt(text)
        if found is None:
            return b'501 Syntax: EPRT |family|address|port|'
        family, host, port = found
        own = hostport.family_of(hostport.plain4(self.own_host))
        if family != own:
            return b'522 That network protocol is not served here, use (%d)' % own
        return self._active(host, port)

    def cmd_lprt(self, text):
        # type: (Any, bytes) -> bytes
        found = hostport.parse_long(text)
        if found is None:
            return b'501 Syntax: LPRT af,hal,h1,...,pal,p1,p2'
        version, host, port = found
        own = 4 if hostport.family_of(hostport.plain4(self.own_host)) == hostport.IPV4 else 6
        if version != own or not host:
            return b'521 That network protocol is not served here, use (%d)' % own
        return self._active(host, port)

    # -- how ---------------------------------------------------------------------------------------------------------

    def cmd_type(self, kind, form=b''):
        # type: (Any, bytes, bytes) -> bytes
        kind, form = kind.upper(), form.upper()
        if kind == b'L' and form == b'8' or kind == b'L8' or kind == b'I' and not form:
            self.text = False
            return b'200 Files go as they are.'
        if kind == b'A' and form in (b'', b'N'):
            self.text = True
            return b'200 Files go as text, with CRLF.'
        return b'504 There are A, A N, I and L 8.' if kind in (b'A', b'E', b'L') else b'501 Syntax: TYPE A [N] | I | L 8'

    def cmd_mode(self, mode):
        # type: (Any, bytes) -> bytes
        mode = mode.upper()
        if mode not in (b'S', b'Z'):
            return b'504 There are S and Z.' if mode in (b'B', b'C') else b'501 Syntax: MODE S|Z'
        self.deflate = mode == b'Z'
        return b'200 Mode %s.' % mode

    def cmd_stru(self, structure):
        # type: (Any, bytes) -> bytes
        structure = structure.upper()
        if structure == b'F':
            return b'200 Files are files.'
        # rfc: RFC 1123 section 4.1.2.1 wants R of hosts whose files have records; ours have none.
        return b'504 There is F alone.' if structure in (b'R', b'P') else b'501 Syntax: STRU F'

    def cmd_allo(self, size, *rest):
        # type: (Any, bytes, *bytes) -> bytes
        octets = decimal(size, MAX_OFFSET)
        if octets is None:
            return b'501 Syntax: ALLO octets'
        room = self.account.files.room(self.folder)
        if room is not None and octets > room:
            return b'552 There is no room for so much.'
        return b'202 That need not be said.'

    def cmd_rest(self, text):
        # type: (Any, bytes) -> bytes
        """The offset counts octets of the file, which TYPE A does not send (RFC 3659 section 5)."""
        offset = decimal(text, MAX_OFFSET)
        if offset is None:
            return b'501 Syntax: REST offset'
        if offset and self.text:
            return b'504 There is no restart in TYPE A; say TYPE I.'
        self.offset, self.span = offset, None
        return b'350 Restarting at %d.' % offset

    def cmd_rang(self, first, last):
        # type: (Any, bytes, bytes) -> bytes
        """1 0 takes it back."""
        start, end = decimal(first, MAX_OFFSET), decimal(last, MAX_OFFSET)
        if start is None or end is None:
            return b'501 Syntax: RANG first last'
        if self.text:
            return b'504 There are no ranges in TYPE A; say TYPE I.'
        self.offset = 0
        if (start, end) == (1, 0):
            self.span = None
            return b'350 The whole file.'
        if end < start:
            return b'501 The last octet is before the first.'
        self.span = (start, end)
        return b'350 Octets %d to %d.' % (start, end)

    # -- what --------------------------------------------------------------------------------------------------------

    def _take_offset(self):
        # type: (Any) -> Tuple[int, Any]
        """What REST or RANG have said, for this one transfer."""
        offset, span = self.offset, self.span
        self.offset, self.span = 0, None
        return offset, span

    def cmd_retr(self, argument):
        # type: (Any, bytes) -> Any
        offset, span = self._take_offset()
        path = self.path_of(argument)
        self.check_ready()
        source, size = self.account.files.open(path)
        try:
            if span is not None:
                if span[0] >= size:
                    raise RemoteProtocolError(u'no such range', b'554 The file has %d octets.' % size)
                offset, end = span[0], min(size, span[1] + 1)
            else:
                end = size
                if offset > size:
                    raise RemoteProtocolError(u'no such offset', b'554 The file has %d octets.' % size)
            worker = self._sender(source, offset, end - offset)
        except FAILURES:
            source.close()
            raise
        # peer: some clients take the number of octets from here (RFC 959 section 5.4 has none).
        note = b'' if self.text or self.deflate else b' (%d bytes)' % (end - offset)
        return self.carry(worker, path, b'%s connection for %s%s.' % (b'ASCII' if self.text else b'BINARY',
                                                                     self.show(path), note), False)

    def _sender(self, source, offset, size):
        # type: (Any, Any, int, int) -> Any
        stall = self.limits.stall_seconds
        if not self.text and not self.deflate and not self.rates[1]:
            return SendFile(self.loop, source, offset, size, stall)
        pieces = pieces_of(source, offset, size, self.text)
        if self.deflate:
            pieces = deflated(pieces, self.level)
        worker = SendPieces(self.loop, pieces, stall, source)
        worker.rates = self.rates[1]
        return worker

    def send_listing(self, pieces):
        # type: (Any, Any) -> Any
        """Send lines that are made on the way."""
        self._take_offset()
        self.check_ready()
        if self.deflate:
            pieces = deflated(pieces, self.level)
        return self.carry(SendPieces(self.loop, pieces, self.limits.stall_seconds), None, b'Here comes the listing.', False)

    def cmd_stor(self, argument):
        # type: (Any, bytes) -> Any
        offset, span = self._take_offset()
        if span is not None:
            return b'501 A range cannot be stored.'
        if offset:
            return self._receive(self.path_of(argument), RESUME, offset)
        return self._receive(self.path_of(argument), NEW)

    def cmd_appe(self, argument):
        # type: (Any, bytes) -> Any
        self._take_offset()
        return self._receive(self.path_of(argument), APPEND)

    def cmd_stou(self, argument):
        # type: (Any, bytes) -> Any
        """The name is told before and after (RFC 1123 section 4.1.2.9 says how).

        peer: tnftp, inetutils-ftp and Net::FTP send a name; its last part is what the file is to be called if that is free.
        """
        self._take_offset()
        path, wish = (self.path_of(argument), b'') if argument else (self.folder, b'')
        if path and argument and not argument.endswith(b'/'):
            path, wish = path[:-1], path[-1]
        check_length(path + (wish,), UNIQUE_OCTETS)
        return self._receive(path, UNIQUE, wish=wish)

    def _receive(self, path, how, offset=0, wish=b''):
        # type: (Any, Tuple[bytes, ...], str, int, bytes) -> Any
        self.check_ready()
        upload = self.account.files.store(path, how, offset, wish) if wish else self.account.files.store(path, how, offset)
        worker = Receive(self.loop, upload, self.limits.stall_seconds, self.text, self.deflate, self.limits.file_bytes)
        worker.rates = self.rates[0]
        note = b'FILE: %s' % self.show(upload.path) if how == UNIQUE else b'Go on with %s.' % self.show(upload.path)
        return self.carry(worker, upload.path, note, True)

    # -- the transfer ------------------------------------------------------------------------------------------------

    def check_ready(self):
        # type: (Any) -> None
        """Whether a transfer may begin; asked before anything is opened."""
        if self.port is None:
            raise RemoteProtocolError(u'no port', b'425 Say PASV or PORT first.')
        if self.site.tls_data and not self.protected:
            raise RemoteProtocolError(u'no PROT P', b'522 Say PROT P first: no data goes in clear.')   # RFC 4217 section 9
        if self.limits.transfers is not None and self.site.transfers >= self.limits.transfers:
            raise RemoteProtocolError(u'transfers', b'450 Too many transfers are under way; try again later.')

    def carry(self, worker, path, note, incoming):
        # type: (Any, Any, Any, bytes, bool) -> None
        """Let *worker* go through the data connection that was arranged; the replies are written on the way."""
        port, self.port = self.port, None
        self.send_line(single(125 if port.ready() else 150, note))
        self.flush()                            # before the first octet of the file
        transfer = self.transfer = _Transfer(worker, port, path, incoming, self.loop.time(), self.text)
        self.site.transfers += 1
        self.stop_idle()
        transfer.future = self._carried(transfer)
        transfer.future.add_done_callback(lambda future: self._ended(transfer, future))

    @coroutine
    def _carried(self, transfer):
        # type: (Any, _Transfer) -> Any
        opened = transfer.port.open()
        connection = yield with_timeout(self.loop, opened, self.limits.data_seconds, u'no data connection came about')
        if self.site.tls_reuse and self.protected and not tls(connection.transport).resumed:
            connection.drop()
            raise RemoteProtocolError(u'no reuse', b'522 A data connection goes on with the session of the other one.')
        transfer.worker.begin(connection)
        count = yield transfer.worker.done
        raise Return(count)

    def stop_transfer(self):
        # type: (Any) -> None
        """Break what runs, and close what was arranged, without a word."""
        transfer, self.transfer = self.transfer, None
        if transfer is not None:
            self._close(transfer, False)
            transfer.future.cancel()
        if self.port is not None:
            self.port.close()
            self.port = None

    def _close(self, transfer, complete):
        # type: (Any, _Transfer, bool) -> None
        self.site.transfers -= 1
        if not complete:
            transfer.port.close()
            transfer.worker.drop()
        if transfer.path is not None:
            self.site.observer.transferred(transfer.record(self, complete))

    def _ended(self, transfer, future):
        # type: (Any, _Transfer, Any) -> None
        if self.transfer is not transfer:       # it was stopped, and that has been seen to
            return
        self.transfer = None
        exc = future.exception()
        self._close(transfer, exc is None)
        self.send_line(b'226 The transfer is complete.' if exc is None else self._reason(exc))
        self.transfer_over()

    def _reason(self, exc):
        # type: (Any, BaseException) -> bytes
        """The reply to a transfer that went wrong (RFC 959 section 5.4)."""
        if isinstance(exc, RemoteProtocolError) and exc.reply is not None:
            return exc.reply
        if isinstance(exc, FileFault):
            if isinstance(exc.cause, (IOError, OSError)):       # the disk fails
                log.error('%s: a transfer failed: %r', self.host, exc.cause)
            return self.refused(exc) if exc.why[0] == 552 else b'451 The transfer ended: ' + exc.why[1]
        if isinstance(exc, ConnectFailed):      # TimedOut, Refused, HandshakeFailed are such
            stalled = isinstance(exc, TimedOut) and u'stood still' in exc.message
            return b'426 The transfer stood still.' if stalled else b'425 No data connection came about.'
        if isinstance(exc, (ConnectionLost, Cancelled)):
            return b'426 The data connection broke; the transfer is over.'
        log.error('%s: a transfer failed: %r', self.host, exc)
        return b'451 The transfer failed, and it is our fault.'

    def cmd_abor(self, _argument):
        # type: (Any, bytes) -> bytes
        """426 for the transfer, if there is one, and 226 for the command (RFC 959 section 4.1.3)."""
        if self.transfer is not None:
            self.stop_transfer()
            self.send_line(b'426 The transfer was aborted.')
            # What waits goes on after the reply to this command.
            self.loop.call_soon(self._after_abort)
            return b'226 Aborted.'
        if self.port is not None:
            self.port.close()
            self.port = None
            return b'225 Nothing was under way; the data connection is closed.'
        return b'226 Nothing was under way.'

    def _after_abort(self):
        # type: (Any) -> None
        if not self.transport.is_closing() and (self.transfer is None or self._left is not None):
            self.transfer_over()


class _Transfer(object):
    """One transfer that is under way."""

    __slots__ = ('worker', 'port', 'path', 'incoming', 'since', 'text', 'future')

    def __init__(self, worker, port, path, incoming, since, text):
        # type: (Any, Any, Any, bool, float, bool) -> None
        self.worker = worker
        self.port = port
        self.path = path
        self.incoming = incoming
        self.since = since
        self.text = text
        self.future = None          # type: Any

    def record(self, session, complete):
        # type: (Any, bool) -> Any
        """What is to be told of it."""
        return TransferRecord(self.incoming, self.path, self.worker.count, session.loop.time() - self.since, self.text,
                              complete, session.account, session.host)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Tuple
