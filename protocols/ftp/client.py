# Copyright the carryall authors.  See LICENSE.
"""FTPClient: a session with an FTP server; its commands are methods that return Futures.

    client = yield connect(loop, 'ftp.example', starttls=TLSContext())
    yield client.login(u'anonymous', b'me@')
    for entry in (yield client.entries(b'/pub')): ...
    yield client.retrieve(b'/pub/file', upload)         # an Upload: of a jail, of memory, a file
    yield client.quit()

Names are bytes.  The server's names are not trusted: entries whose name would lead out of the
directory are left out (``listparser.is_plain``).

Tests:    tests/protocols/ftp/test_client.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.buffer import Pieces
from carryall.core.codec.numbers import decimal
from carryall.core.compat import FAILURES
from carryall.core.errors import ConnectionLost, LocalProtocolError, RemoteProtocolError
from carryall.core.future import Return, coroutine, with_timeout
from carryall.core.tls import open_session
from carryall.protocols.ftp import otp
from carryall.protocols.ftp.controlconnection import ControlConnection
from carryall.protocols.ftp.dataconnector import DataConnector
from carryall.protocols.ftp.errors import FTPError
from carryall.protocols.ftp.facts import format_time, parse_facts, parse_time
from carryall.protocols.ftp.filesystem import Upload
from carryall.protocols.ftp.listparser import is_plain, parse_listing
from carryall.protocols.ftp.pathname import unquoted
from carryall.protocols.ftp.settings import MAX_OFFSET, PORT, ClientSettings
from carryall.protocols.ftp.transfers import Receive, SendFile, SendPieces, pieces_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence
    from carryall.core.future import Future

__all__ = ['FTPClient', 'connect']

MAX_LISTING = 64 << 20      # octets of one listing; default

DEFAULTS = ClientSettings()


def connect(loop, host, port=PORT, tls=None, starttls=None, timeout=30.0, settings=DEFAULTS,
            watch=None):
    # type: (Any, str, int, Any, Any, float, ClientSettings, Any) -> Future
    """A Future of an FTPClient that is ready for its first command.

    Args:     tls: TLSContext used from the first octet (the port is then TLS_PORT most often).
              starttls: TLSContext used after AUTH TLS, which must succeed.
              timeout: seconds for connecting, TLS and the greeting together, and for each data
                  connection.
              settings: a ClientSettings.
              watch: called with '>' or '<' and each line of bytes, without passwords; None.
    It fails with FTPError, and as ``Loop.connect_tcp`` does.
    """
    @coroutine
    def ready(control):
        # type: (ControlConnection) -> Any
        greeting = yield control.greeting
        if greeting.kind != 2:
            raise FTPError(greeting)
        connector = DataConnector(loop, control, timeout, settings)
        client = FTPClient(loop, control, greeting, connector, settings)
        if tls is not None or starttls is not None:
            yield client.secure(tls or starttls, host, tls is not None)
        raise Return(client)

    return open_session(loop, lambda: ControlConnection(watch), host, port, ready, tls, timeout)


class FTPClient(object):
    """A session with one server, made by `connect`.

    Attributes:
        control: the ControlConnection, for commands that have no method here.
        greeting: the first Reply.
        settings: a ClientSettings.
    """

    def __init__(self, loop, control, greeting, connector, settings=DEFAULTS):
        # type: (Any, ControlConnection, Any, DataConnector, ClientSettings) -> None
        self.control = control
        self.greeting = greeting
        self.settings = settings
        self._loop = loop
        self._connector = connector
        self._features = None       # type: Optional[Dict[bytes, bytes]]
        self._text = True           # TYPE at the server
        self._machine_list = True   # MLSD is worth a try

    def command(self, verb, argument=b'', wanted=(2,)):
        # type: (bytes, bytes, Sequence[int]) -> Future
        """Sends a command; a Future of the Reply.

        Args:     wanted: the first digits of success; it fails with FTPError for others.
        It fails with TimedOut after ``settings.reply_seconds``.
        """
        reply = self.control.command(verb, argument, wanted)
        return self._in_time(reply, u'the FTP server does not answer %s' % verb.decode('ascii'))

    def _in_time(self, future, message):
        # type: (Any, str) -> Future
        """*future*, which fails with TimedOut if a reply takes too long."""
        return with_timeout(self._loop, future, self.settings.reply_seconds, message)

    # -- access ----------------------------------------------------------------------------------

    @coroutine
    def secure(self, context, hostname, already=False):
        # type: (Any, str, bool) -> Any
        """Begins TLS, for data too (RFC 4217)."""
        if not already:
            yield self.command(b'AUTH', b'TLS')
            yield self._loop.start_tls(self.control.transport, context, hostname=hostname)
        yield self.command(b'PBSZ', b'0')
        yield self.command(b'PROT', b'P')
        self._connector.context = context
        self._connector.hostname = hostname

    @coroutine
    def clear(self):
        # type: () -> Any
        """Takes TLS off the control connection, and only there (CCC, RFC 4217 section 5)."""
        yield self.command(b'CCC')
        yield self._loop.stop_tls(self.control.transport)

    @coroutine
    def login(self, name, password, account=b''):
        # type: (str, bytes, bytes) -> Any
        """Logs in; a Future of the Reply.

        If the server asks for a one-time password, *password* is the pass phrase (RFC 2289).
        """
        reply = yield self.command(b'USER', name.encode('utf-8'), (2, 3))
        if reply.kind == 3 and reply.code != 332:
            challenge = otp.find_challenge(b' '.join(reply.lines))
            if challenge is not None:
                password = otp.to_words(otp.compute(challenge, password))
            reply = yield self.command(b'PASS', password, (2, 3))
        if reply.code == 332:
            reply = yield self.command(b'ACCT', account)
        elif reply.kind != 2:
            raise FTPError(reply)
        self._features = None
        raise Return(reply)

    @coroutine
    def features(self):
        # type: () -> Any
        """A Future of {name: parameters} of FEAT; empty if the server lacks it (RFC 2389)."""
        if self._features is None:
            found = {}
            try:
                reply = yield self.command(b'FEAT')
                for line in reply.lines[1:-1]:
                    name, _, rest = line.strip().partition(b' ')
                    found[name.upper()] = rest
            except FTPError:
                pass
            self._features = found
            if b'UTF8' in found:
                try:
                    yield self.command(b'OPTS', b'UTF8 ON')     # peer: some need it
                except FTPError:
                    pass
            self._machine_list = b'MLST' in found or b'MLSD' in found
        raise Return(self._features)

    @coroutine
    def quit(self):
        # type: () -> Any
        """Sends QUIT and closes, whatever the reply is."""
        try:
            yield self.command(b'QUIT')
        except (RemoteProtocolError, ConnectionLost):
            pass
        finally:
            self.close()

    def close(self):
        # type: () -> None
        """Closes the connection."""
        if self.control.transport is not None:
            self.control.transport.close()

    # -- names -----------------------------------------------------------------------------------

    def change_folder(self, path):
        # type: (bytes) -> Future
        """CWD."""
        return self.command(b'CWD', path)

    def folder(self):
        # type: () -> Future
        """A Future of the current directory."""
        def named(reply):
            # type: (Any) -> bytes
            path = unquoted(reply.lines[0])
            if path is None:
                raise RemoteProtocolError(u'a reply to PWD without a path')
            return path
        return self.command(b'PWD').then(named)

    def make_folder(self, path):
        # type: (bytes) -> Future
        """MKD."""
        return self.command(b'MKD', path)

    def remove_folder(self, path):
        # type: (bytes) -> Future
        """RMD."""
        return self.command(b'RMD', path)

    def remove(self, path):
        # type: (bytes) -> Future
        """DELE."""
        return self.command(b'DELE', path)

    @coroutine
    def rename(self, source, target):
        # type: (bytes, bytes) -> Any
        """RNFR and RNTO."""
        yield self.command(b'RNFR', source, (3,))
        yield self.command(b'RNTO', target)

    @coroutine
    def size(self, path):
        # type: (bytes) -> Any
        """A Future of the size of a file in octets; None if unknown."""
        yield self._set_type(False)
        try:
            reply = yield self.command(b'SIZE', path)
        except FTPError:
            raise Return(None)
        raise Return(decimal(reply.text.strip(), MAX_OFFSET))

    @coroutine
    def modified(self, path):
        # type: (bytes) -> Any
        """A Future of the time of the last modification, seconds since 1970; None if unknown."""
        try:
            reply = yield self.command(b'MDTM', path)
        except FTPError:
            raise Return(None)
        raise Return(parse_time(reply.text.strip()))

    def set_modified(self, path, seconds):
        # type: (bytes, float) -> Future
        """MFMT."""
        return self.command(b'MFMT', format_time(seconds) + b' ' + path)

    @coroutine
    def entries(self, path=b''):
        # type: (bytes) -> Any
        """A Future of the list of Entries of a directory, by MLSD, or else by a guess at LIST."""
        yield self.features()
        if self._machine_list:
            try:
                data = yield self.listing(b'MLSD', path)
            except FTPError as exc:
                if exc.code not in (500, 502, 504):
                    raise
                self._machine_list = False
            else:
                raise Return(_entries_of(data))
        data = yield self._listed_within(path) if path else self.listing(b'LIST')
        raise Return(parse_listing(data, self._loop.wall()))

    @coroutine
    def _listed_within(self, path):
        # type: (bytes) -> Any
        """A Future of the data of LIST, given in the directory itself.

        peer: many servers take the argument of LIST for switches or a pattern.  For a directory
        called ``[2024] pics``, or one that is missing, they send an empty listing and 226; a mirror
        would take the directory for empty.
        """
        former = yield self.folder()
        yield self.change_folder(path)
        try:
            data = yield self.listing(b'LIST')
        finally:
            yield self.change_folder(former)
        raise Return(data)

    @coroutine
    def names(self, path=b''):
        # type: (bytes) -> Any
        """A Future of the list of names that NLST sends."""
        data = yield self.listing(b'NLST', path)
        raise Return([name for name in data.replace(b'\r\n', b'\n').split(b'\n') if name])

    def listing(self, verb, path=b''):
        # type: (bytes, bytes) -> Future
        """A Future of all octets that LIST, NLST or MLSD send."""
        collected = _Collected()
        worker = Receive(self._loop, collected, self.settings.stall_seconds)
        return self._transfer(verb, path, worker).then(lambda _: collected.parts.joined())

    # -- files -----------------------------------------------------------------------------------

    @coroutine
    def _set_type(self, text):
        # type: (bool) -> Any
        if text != self._text:
            yield self.command(b'TYPE', b'A' if text else b'I')
            self._text = text

    @coroutine
    def retrieve(self, path, upload, offset=0, text=False, watch=None):
        # type: (bytes, Upload, int, bool, Any) -> Any
        """Fetches a file; a Future of the number of octets received.

        Args:     upload: an Upload that takes them; finished, or abandoned if octets are missing.
                  offset: octets to skip.
                  watch: called with the worker when it begins; its ``count`` is the progress.
        """
        worker = Receive(self._loop, upload, self.settings.stall_seconds, text)
        try:
            yield self._set_type(text)
            if offset:
                yield self.command(b'REST', b'%d' % offset, (3,))
        except FAILURES:
            worker.release()
            raise
        count = yield self._transfer(b'RETR', path, worker, watch)
        raise Return(count)

    @coroutine
    def store(self, path, source, size, offset=0, append=False, text=False, watch=None):
        # type: (bytes, Any, int, int, bool, bool, Any) -> Any
        """Sends *size* octets of an open file; a Future of their number.  The file is closed.

        Args:     offset: in the file, and in the server's (REST).
                  append: APPE, to the end of the server's file.
                  watch: as of `retrieve`.
        """
        stall = self.settings.stall_seconds
        if text:
            pieces = pieces_of(source, offset, size, True)
            worker = SendPieces(self._loop, pieces, stall, source)      # type: Any
        else:
            worker = SendFile(self._loop, source, offset, size, stall)
        try:
            if text and offset:
                raise LocalProtocolError(u'text cannot be resumed')
            yield self._set_type(text)
            if offset and not append:
                yield self.command(b'REST', b'%d' % offset, (3,))
        except FAILURES:
            worker.release()
            raise
        count = yield self._transfer(b'APPE' if append else b'STOR', path, worker, watch)
        raise Return(count)

    @coroutine
    def _transfer(self, verb, argument, worker, watch=None):
        # type: (bytes, bytes, Any, Any) -> Any
        """Makes the data connection, sends the command, transfers, and waits for the reply."""
        port = None
        try:
            port = yield self._in_time(self._connector.arrange(), u'no data connection was offered')
            exchange = self.control.begin(verb, argument)
            first = yield self._in_time(exchange.first, u'the FTP server does not answer')
            if first.kind != 1 and first.kind != 2:
                raise FTPError(first)
            connection = yield port.open()
            worker.begin(connection)
            if watch is not None:
                watch(worker)
            try:
                count = yield worker.done
            except ConnectionLost as exc:
                # The reply, if one comes, has the reason.
                last = yield self._in_time(exchange.last, u'the FTP server does not confirm')
                if last.kind != 2:
                    raise FTPError(last)
                raise exc               # py2: after a yield a bare raise has nothing to raise
            last = yield self._in_time(exchange.last, u'the FTP server does not confirm')
            if last.kind != 2:
                raise FTPError(last)
        except FAILURES:
            worker.drop()
            if port is not None:
                port.close()
            raise
        raise Return(count)


def _entries_of(data):
    # type: (bytes) -> List[Any]
    """The Entries of the data of MLSD."""
    found = []
    for line in data.replace(b'\r\n', b'\n').split(b'\n'):
        parsed = parse_facts(line)
        if parsed is not None and is_plain(parsed[0].name):
            if parsed[0].kind not in ('cdir', 'pdir'):
                found.append(parsed[0])
    return found


class _Collected(Upload):
    """Octets in memory."""

    __slots__ = ('parts', '_left')

    def __init__(self):
        # type: () -> None
        Upload.__init__(self, ())
        self.parts = Pieces()
        self._left = MAX_LISTING

    def write(self, data):
        self._left -= len(data)
        if self._left < 0:
            raise RemoteProtocolError(u'a listing of more than %d octets' % MAX_LISTING)
        self.parts.append(data)

    def finish(self):
        pass

    def abandon(self):
        pass
