# Copyright the carryall authors.  See LICENSE.
"""Transfers: TYPE, MODE, STRU, ALLO, REST, RANG, RETR, STOR, APPE, STOU, ABOR.

RFC 959 sections 4.1.2 and 4.1.3, RFC 3659 section 5.

States:   idle -PASV or PORT-> arranged -RETR, STOR, LIST ...-> 125 or 150 -> data connection
          -> 226, 425, 426, 451 or 552 -> idle
Tests:    tests/protocols/ftp/test_transfercommands.py, tests/protocols/ftp/test_transferring.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal
from carryall.core.compat import FAILURES
from carryall.core.errors import Cancelled, ConnectFailed, ConnectionLost, RemoteProtocolError
from carryall.core.future import Return, coroutine, with_timeout
from carryall.core.line.commandserver import DRAINING
from carryall.core.logs import get_logger
from carryall.core.net.transport import tls
from carryall.protocols.ftp.errors import Stalled
from carryall.protocols.ftp.filesystem import APPEND, NEW, RESUME, UNIQUE, FileFault
from carryall.protocols.ftp.pathname import check_length
from carryall.protocols.ftp.service import TransferRecord
from carryall.protocols.ftp.settings import MAX_OFFSET
from carryall.protocols.ftp.transfers import Receive, SendFile, SendPieces, deflated, pieces_of
from carryall.protocols.ftp.verbs import Command, CommandGroup
from carryall.protocols.ftp.wire import (ABORTED, BAD_PARAMETER, CANNOT_OPEN, LOCAL_ERROR, NO_SPACE,
                                         OKAY, SUPERFLUOUS, TRANSFERRED, single, syntax_error)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Tuple

__all__ = ['COMMANDS', 'TransferCommands']

UNIQUE_OCTETS = 12          # that a unique name may be longer than the wish: "upload.9999"
DEFLATE_LEVEL = 6           # of MODE Z; default of zlib

TYPE = b'TYPE A [N] | I | L 8'

# The first reply, with or without a data connection (RFC 959 section 5.4).
STARTING = {125: b'Data connection already open; transfer starting',
            150: b'File status okay; about to open data connection'}

log = get_logger('ftp')

COMMANDS = [
    Command(b'TYPE', 'transfers.type', args=(1, 2), syntax=TYPE, rfc='959#4.1.2'),
    Command(b'MODE', 'transfers.mode', args=1, syntax=b'MODE S|Z', rfc='959#4.1.2'),
    Command(b'STRU', 'transfers.stru', args=1, syntax=b'STRU F', rfc='959#4.1.2'),
    Command(b'ALLO', 'transfers.allo', args=(1, 3), syntax=b'ALLO octets', rfc='959#4.1.3'),
    Command(b'REST', 'transfers.rest', args=1, syntax=b'REST offset', rfc='3659#5'),
    Command(b'RANG', 'transfers.rang', args=2, syntax=b'RANG first last',
            rfc='draft-bryan-ftp-range#4'),
    Command(b'RETR', 'transfers.retr', args=Command.REST, letter=b'r', syntax=b'RETR path',
            rfc='959#4.1.3'),
    Command(b'STOR', 'transfers.stor', args=Command.REST, letter=b'w', syntax=b'STOR path',
            rfc='959#4.1.3'),
    Command(b'APPE', 'transfers.appe', args=Command.REST, letter=b'a', syntax=b'APPE path',
            rfc='959#4.1.3'),
    Command(b'STOU', 'transfers.stou', args=None, letter=b'w', syntax=b'STOU [name]',
            rfc='959#4.1.3'),
    Command(b'ABOR', 'transfers.abor', args=None, rfc='959#4.1.3'),
]


class TransferCommands(CommandGroup):
    """The transfer in progress of a session, and the parameters of the next.

    Attributes:
        current: the Transfer in progress, or None.
        rates: (up, down), lists of Rate.
        text, deflate: TYPE A, MODE Z.
        level: of compression, 1 to 9.
        offset: of REST.
        span: of RANG, (first, last), or None.
    """

    __slots__ = ('current', 'rates', 'text', 'deflate', 'level', 'offset', 'span')

    def __init__(self, session):
        # type: (Any) -> None
        CommandGroup.__init__(self, session)
        self.current = None         # type: Optional[Transfer]
        self.rates = ([], [])       # type: Any

    def reset(self):
        self.text = True            # RFC 959 section 3.1.1.1: ASCII is the default
        self.deflate = False
        self.level = DEFLATE_LEVEL
        self.offset = 0
        self.span = None            # type: Optional[Tuple[int, int]]

    # -- parameters ------------------------------------------------------------------------------

    def type(self, kind, form=b''):
        # type: (bytes, bytes) -> bytes
        """ASCII with line ends as CRLF, or octets as they are."""
        kind = kind.upper()
        form = form.upper()
        if (kind, form) in ((b'L', b'8'), (b'I', b'')) or kind == b'L8':
            self.text = False
            return OKAY
        if kind == b'A' and form in (b'', b'N'):
            self.text = True
            return OKAY
        return BAD_PARAMETER + b'.' if kind in (b'A', b'E', b'L') else syntax_error(TYPE)

    def mode(self, mode):
        # type: (bytes) -> bytes
        """Stream, or compressed (draft-preston-ftpext-deflate)."""
        mode = mode.upper()
        if mode not in (b'S', b'Z'):
            return BAD_PARAMETER + b'.' if mode in (b'B', b'C') else syntax_error(b'MODE S|Z')
        self.deflate = mode == b'Z'
        return OKAY

    def stru(self, structure):
        # type: (bytes) -> bytes
        """Files have no structure."""
        structure = structure.upper()
        if structure == b'F':
            return OKAY
        # rfc: RFC 1123 section 4.1.2.1 requires R of hosts whose files have records; ours have
        # none.
        return BAD_PARAMETER + b'.' if structure in (b'R', b'P') else syntax_error(b'STRU F')

    def allo(self, size, *rest):
        # type: (bytes, *bytes) -> bytes
        """Superfluous, except that a file too large is refused before its octets are sent."""
        octets = decimal(size, MAX_OFFSET)
        if octets is None:
            return syntax_error(b'ALLO octets')
        room = self.session.account.files.room(self.session.folder)
        return NO_SPACE if room is not None and octets > room else SUPERFLUOUS

    def rest(self, text):
        # type: (bytes) -> bytes
        """The offset counts octets of the file, which TYPE A does not send (RFC 3659 section 5)."""
        offset = decimal(text, MAX_OFFSET)
        if offset is None:
            return syntax_error(b'REST offset')
        if offset and self.text:
            return BAD_PARAMETER + b': REST needs TYPE I.'
        self.offset = offset
        self.span = None
        return b'350 Restarting at %d. Send STOR or RETR.' % offset

    def rang(self, first, last):
        # type: (bytes, bytes) -> bytes
        """The octets *first* to *last*; 1 0 cancels the range."""
        start = decimal(first, MAX_OFFSET)
        end = decimal(last, MAX_OFFSET)
        if start is None or end is None:
            return syntax_error(b'RANG first last')
        if self.text:
            return BAD_PARAMETER + b': RANG needs TYPE I.'
        self.offset = 0
        if (start, end) == (1, 0):
            self.span = None
            return b'350 Restarting at 0. Byte range reset.'
        if end < start:
            return syntax_error(b'the range ends before it begins.')
        self.span = (start, end)
        return b'350 Restarting at %d. End byte range at %d.' % (start, end)

    def take_offset(self):
        # type: () -> Tuple[int, Any]
        """The values of REST and RANG, for one transfer."""
        offset = self.offset
        span = self.span
        self.offset = 0
        self.span = None
        return offset, span

    # -- commands that transfer ------------------------------------------------------------------

    def retr(self, argument):
        # type: (bytes) -> Any
        """Sends a file, or a part of it."""
        session = self.session
        offset, span = self.take_offset()
        path = session.path_of(argument)
        self.check_ready()
        source, size = session.account.files.open(path)
        try:
            end = size
            if span is not None:
                offset = span[0]
                end = min(size, span[1] + 1)
            if offset > size or span is not None and offset == size:
                reply = b'554 Requested action not taken. The file has %d octets.' % size
                raise RemoteProtocolError(u'the offset is behind the end', reply)
            worker = self._sender(source, offset, end - offset)
        except FAILURES:
            source.close()
            raise
        detail = b' for ' + session.show(path)
        if not self.text and not self.deflate:
            # peer: some clients take the size from here (RFC 959 section 5.4 has none).
            detail += b' (%d bytes)' % (end - offset)
        self.carry(worker, path, False, detail)

    def _sender(self, source, offset, size):
        # type: (Any, int, int) -> Any
        clock = self.session.clock
        stall = self.session.settings.stall_seconds
        if not self.text and not self.deflate and not self.rates[1]:
            return SendFile(clock, source, offset, size, stall)
        pieces = pieces_of(source, offset, size, self.text)
        if self.deflate:
            pieces = deflated(pieces, self.level)
        worker = SendPieces(clock, pieces, stall, source)
        worker.rates = self.rates[1]
        return worker

    def send_listing(self, pieces):
        # type: (Any) -> None
        """Sends lines that are made on the way."""
        self.take_offset()
        self.check_ready()
        if self.deflate:
            pieces = deflated(pieces, self.level)
        session = self.session
        worker = SendPieces(session.clock, pieces, session.settings.stall_seconds)
        self.carry(worker, None, False)

    def stor(self, argument):
        # type: (bytes) -> Any
        """Receives a file; after REST, from that offset on."""
        offset, span = self.take_offset()
        if span is not None:
            return syntax_error(b'RANG is for RETR.')
        path = self.session.path_of(argument)
        self._receive(path, RESUME if offset else NEW, offset)
        return None

    def appe(self, argument):
        # type: (bytes) -> None
        """Receives octets for the end of a file."""
        self.take_offset()
        self._receive(self.session.path_of(argument), APPEND)

    def stou(self, argument):
        # type: (bytes) -> None
        """Receives a file under a new name, told in the first reply (RFC 1123 section 4.1.2.9).

        peer: tnftp, inetutils-ftp and Net::FTP send a name; its last part is taken if it is free.
        """
        self.take_offset()
        session = self.session
        path, wish = (session.path_of(argument), b'') if argument else (session.folder, b'')
        if path and argument and not argument.endswith(b'/'):
            path, wish = path[:-1], path[-1]
        check_length(path + (wish,), UNIQUE_OCTETS)
        self._receive(path, UNIQUE, wish=wish)

    def _receive(self, path, how, offset=0, wish=b''):
        # type: (Tuple[bytes, ...], str, int, bytes) -> None
        self.check_ready()
        session = self.session
        files = session.account.files
        if wish:
            upload = files.store(path, how, offset, wish)
        else:
            upload = files.store(path, how, offset)     # a file system may lack the fourth argument
        settings = session.settings
        worker = Receive(session.clock, upload, settings.stall_seconds, self.text, self.deflate,
                         settings.file_bytes)
        worker.rates = self.rates[0]
        shown = session.show(upload.path)
        if how == UNIQUE:
            self.carry(worker, upload.path, True, name=shown)
        else:
            self.carry(worker, upload.path, True, b' for ' + shown)

    # -- the transfer ----------------------------------------------------------------------------

    def check_ready(self):
        # type: () -> None
        """Raises if no transfer can begin; called before anything is opened."""
        session = self.session
        settings = session.settings
        if session.ports.arranged is None:
            reply = CANNOT_OPEN[:-1] + b': use PASV or PORT first.'
            raise RemoteProtocolError(u'no port', reply)
        if settings.tls_required == 'all' and not session.security.protected:
            reply = b'522 Data is not sent in clear: use PROT P first.'     # RFC 4217 section 9
            raise RemoteProtocolError(u'no PROT P', reply)
        if settings.transfers is not None and session.service.transfers >= settings.transfers:
            reply = b'450 Requested file action not taken. Too many transfers, try again later.'
            raise RemoteProtocolError(u'transfers', reply)

    def carry(self, worker, path, incoming, detail=b'', name=b''):
        # type: (Any, Any, bool, bytes, bytes) -> None
        """Runs *worker* over the data connection that was arranged, and sends the replies.

        Args:     path: of the file; None for a listing.
                  detail: appended to the text of the first reply.
                  name: of STOU, the whole text.
        """
        session = self.session
        port = session.ports.take()
        code = 125 if port.ready() else 150
        text = b'FILE: ' + name if name else STARTING[code] + detail + b'.'
        session.send_line(single(code, text))
        session.flush()                         # before the first octet of the file
        transfer = Transfer(worker, port, path, incoming, session.clock.time(), self.text)
        self.current = transfer
        session.service.transfers += 1
        session.stop_idle()
        transfer.future = self._carried(transfer)
        transfer.future.add_done_callback(lambda future: self._ended(transfer, future))

    @coroutine
    def _carried(self, transfer):
        # type: (Transfer) -> Any
        session = self.session
        connection = yield with_timeout(session.clock, transfer.port.open(),
                                        session.settings.data_seconds, u'no data connection')
        if session.settings.tls_reuse and session.security.protected:
            if not tls(connection.transport).resumed:
                connection.drop()
                reply = b'522 The data connection must reuse the TLS session.'
                raise RemoteProtocolError(u'no reuse', reply)
        transfer.worker.begin(connection)
        count = yield transfer.worker.done
        raise Return(count)

    def stop(self):
        # type: () -> None
        """Stops the transfer and closes the arranged port, without a reply."""
        transfer = self.current
        self.current = None
        if transfer is not None:
            self._close(transfer, False)
            transfer.future.cancel()
        self.session.ports.close()

    def _close(self, transfer, complete):
        # type: (Transfer, bool) -> None
        service = self.session.service
        service.transfers -= 1
        if not complete:
            transfer.port.close()
            transfer.worker.drop()
        if transfer.path is not None:
            service.transferred(transfer.record(self.session, complete))

    def _ended(self, transfer, future):
        # type: (Transfer, Any) -> None
        if self.current is not transfer:        # it was stopped, and is closed already
            return
        self.current = None
        exc = future.exception()
        self._close(transfer, exc is None)
        self.session.send_line(TRANSFERRED if exc is None else self._reason(exc))
        self.session.transfer_over()

    def _reason(self, exc):
        # type: (BaseException) -> bytes
        """The reply to a transfer that failed (RFC 959 section 5.4)."""
        session = self.session
        if isinstance(exc, RemoteProtocolError) and exc.reply is not None:
            return exc.reply
        if isinstance(exc, FileFault):
            if isinstance(exc.cause, (IOError, OSError)):       # the disk fails
                log.error('%s: a transfer failed: %r', session.host, exc.cause)
            return session.refused(exc) if exc.why[0] == 552 else LOCAL_ERROR
        if isinstance(exc, (ConnectionLost, Cancelled, Stalled)):
            return ABORTED
        if isinstance(exc, ConnectFailed):      # TimedOut, Refused, HandshakeFailed are such
            return CANNOT_OPEN
        log.error('%s: a transfer failed: %r', session.host, exc)
        return LOCAL_ERROR

    def abor(self, _argument):
        # type: (bytes) -> bytes
        """426 for the transfer, if one is in progress, and 226 for ABOR (RFC 959 section 4.1.3)."""
        session = self.session
        if self.current is not None:
            self.stop()
            session.send_line(ABORTED)
            # Commands that wait go on after the reply to this one.
            session.clock.call_soon(self._after_abort)
            return TRANSFERRED
        if session.ports.arranged is not None:
            session.ports.close()
            return b'225 Data connection closed; no transfer in progress.'
        return b'226 No transfer in progress.'

    def _after_abort(self):
        # type: () -> None
        session = self.session
        if session.transport.is_closing():
            return
        if self.current is None or session.life == DRAINING:
            session.transfer_over()


class Transfer(object):
    """One transfer in progress."""

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
        # type: (Any, bool) -> TransferRecord
        """Its TransferRecord."""
        seconds = session.clock.time() - self.since
        return TransferRecord(self.incoming, self.path, self.worker.count, seconds, self.text,
                              complete, session.account, session.host)
