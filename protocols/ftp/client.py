# Copyright the carryall authors.  See LICENSE.
"""FTPSession: what one does with an FTP server, each a method that gives a Future.

    session = yield connect(loop, 'ftp.example', tls='explicit', context=TLSContext())
    yield session.login(u'anonymous', b'me@')
    for entry in (yield session.entries(b'/pub')): ...
    yield session.retrieve(b'/pub/file', upload)        # an Upload of a file system: a jail, memory, a file
    yield session.quit()

Names are bytes.  What the server says about names is not believed: entries whose name would lead out of the folder are
left out (``listparser.is_plain``).

Tests:    tests/protocols/ftp/test_client.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.buffer import Pieces
from carryall.core.compat import FAILURES
from carryall.core.errors import ConnectionLost, LocalProtocolError, RemoteProtocolError
from carryall.core.future import Return, coroutine, with_timeout
from carryall.core.tls import connect_tls
from carryall.core.codec.numbers import decimal
from carryall.protocols.ftp import otp
from carryall.protocols.ftp.controlconnection import FTPClient
from carryall.protocols.ftp.dataconnector import DataWays
from carryall.protocols.ftp.facts import format_time, parse_facts, parse_time
from carryall.protocols.ftp.filesystem import Upload
from carryall.protocols.ftp.settings import MAX_OFFSET
from carryall.protocols.ftp.listparser import is_plain, parse_listing
from carryall.protocols.ftp.pathname import unquoted
from carryall.protocols.ftp.wire import Refused
from carryall.protocols.ftp.transfers import Receive, SendFile, SendPieces, pieces_of

__all__ = ['EXPLICIT', 'FTPSession', 'IMPLICIT', 'connect']

# -- limits ------------------------------------------------------------------
REPLY_SECONDS = 60.0        # for a reply; ours
STALL_SECONDS = 60.0        # for a transfer to move
MAX_LISTING = 64 << 20      # octets of one listing; ours

EXPLICIT, IMPLICIT = 'explicit', 'implicit'


@coroutine
def connect(loop, host, port=None, tls=None, context=None, watch=None, seconds=30.0, **ways):
    # type: (Any, str, Optional[int], Optional[str], Any, Any, float, **Any) -> Any
    """A Future of an FTPSession, greeted and, if asked for, under TLS.

    Args:     port: 21, or 990 of IMPLICIT, unless given.
              tls: EXPLICIT (AUTH TLS), IMPLICIT, or None.
              context: TLSContext of the two.
              watch: see FTPClient.
              seconds: for each connection to come about.
              ways: see ``clientdata.DataWays``.
    """
    def make():
        # type: () -> FTPClient
        return FTPClient(watch)

    if tls == IMPLICIT:
        _, client = yield connect_tls(loop, context, make, host, port or 990, timeout=seconds)
    else:
        _, client = yield loop.connect_tcp(make, host, port or 21, seconds)
    try:
        greeting = yield with_timeout(loop, client.greeting, REPLY_SECONDS, u'the FTP server says nothing')
        if greeting.kind != 2:
            raise Refused(greeting)
        session = FTPSession(loop, client, greeting, DataWays(loop, client, seconds=seconds, **ways))
        if tls is not None:
            yield session.secure(context, host, tls == IMPLICIT)
    except FAILURES:
        client.transport.abort()
        raise
    raise Return(session)


class FTPSession(object):
    """One connection to a server.

    Attributes:
        greeting: its first Reply.
        client: the FTPClient, for commands that have no method.
        reply_seconds, stall_seconds: how long one waits.
    """

    def __init__(self, loop, client, greeting, ways):
        # type: (Any, FTPClient, Any, DataWays) -> None
        self.client = client
        self.greeting = greeting
        self.reply_seconds = REPLY_SECONDS
        self.stall_seconds = STALL_SECONDS
        self._loop = loop
        self._ways = ways
        self._features = None       # type: Optional[Dict[bytes, bytes]]
        self._text = True           # TYPE as the server has it
        self._machine_list = True   # whether MLSD is worth trying

    def command(self, verb, argument=b'', wanted=(2,)):
        # type: (bytes, bytes, Sequence[int]) -> Future
        """A Future of the Reply; Refused, or TimedOut after ``reply_seconds``."""
        return with_timeout(self._loop, self.client.command(verb, argument, wanted), self.reply_seconds,
                            u'the FTP server does not answer %s' % verb.decode('ascii'))

    # -- access ------------------------------------------------------------------------------------------------------

    @coroutine
    def secure(self, context, hostname, already=False):
        # type: (Any, str, bool) -> Any
        """TLS from here on, for data too (RFC 4217)."""
        if not already:
            yield self.command(b'AUTH', b'TLS')
            yield self._loop.start_tls(self.client.transport, context, hostname=hostname)
        yield self.command(b'PBSZ', b'0')
        yield self.command(b'PROT', b'P')
        self._ways.context = context
        self._ways.hostname = hostname

    @coroutine
    def clear(self):
        # type: () -> Any
        """TLS off the control connection again, and only there (CCC, RFC 4217 section 5); Refused where it stays."""
        yield self.command(b'CCC')
        yield self._loop.stop_tls(self.client.transport)

    @coroutine
    def login(self, name, password, account=b''):
        # type: (str, bytes, bytes) -> Any
        """A Future of the Reply.  A challenge of one-time passwords is answered with *password* as the pass phrase."""
        reply = yield self.command(b'USER', name.encode('utf-8'), (2, 3))
        if reply.kind == 3 and reply.code != 332:
            challenge = otp.find_challenge(b' '.join(reply.lines))
            if challenge is not None:
                password = otp.to_words(otp.compute(challenge, password))
            reply = yield self.command(b'PASS', password, (2, 3))
        if reply.code == 332:
            reply = yield self.command(b'ACCT', account)
        elif reply.kind != 2:
            raise Refused(reply)
        self._features = None
        raise Return(reply)

    @coroutine
    def features(self):
        # type: () -> Any
        """A Future of {name: parameters} of FEAT; empty where there is none (RFC 2389)."""
        if self._features is None:
            found = {}
            try:
                reply = yield self.command(b'FEAT')
                for line in reply.lines[1:-1]:
                    name, _, rest = line.strip().partition(b' ')
                    found[name.upper()] = rest
            except Refused:
                pass
            self._features = found
            if b'UTF8' in found:
                try:
                    yield self.command(b'OPTS', b'UTF8 ON')     # peer: some want it said
                except Refused:
                    pass
            self._machine_list = b'MLST' in found or b'MLSD' in found
        raise Return(self._features)

    @coroutine
    def quit(self):
        # type: () -> Any
        """Say goodbye and close; whatever the server thinks of it."""
        try:
            yield self.command(b'QUIT')
        except (RemoteProtocolError, ConnectionLost):
            pass
        finally:
            self.close()

    def close(self):
        # type: () -> None
        """Close at once."""
        if self.client.transport is not None:
            self.client.transport.close()

    # -- names -------------------------------------------------------------------------------------------------------

    def change_folder(self, path):
        # type: (bytes) -> Future
        """CWD."""
        return self.command(b'CWD', path)

    def folder(self):
        # type: () -> Future
        """A Future of the current folder, as the server has it."""
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
        """A Future of the octets of a file; None if the server does not tell."""
        yield self._set_type(False)
        try:
            reply = yield self.command(b'SIZE', path)
        except Refused:
            raise Return(None)
        raise Return(decimal(reply.text.strip(), MAX_OFFSET))

    @coroutine
    def modified(self, path):
        # type: (bytes) -> Any
        """A Future of when a file was last changed, seconds since 1970; None if the server does not tell."""
        try:
            reply = yield self.command(b'MDTM', path)
        except Refused:
            raise Return(None)
        raise Return(parse_time(reply.text.strip()))

    def set_modified(self, path, seconds):
        # type: (bytes, float) -> Future
        """MFMT."""
        return self.command(b'MFMT', format_time(seconds) + b' ' + path)

    @coroutine
    def entries(self, path=b''):
        # type: (bytes) -> Any
        """A Future of the list of Entries of a folder: by MLSD, or where there is none by a guess at LIST."""
        yield self.features()
        if self._machine_list:
            try:
                data = yield self.listing(b'MLSD', path)
            except Refused as exc:
                if exc.refusal.code not in (500, 502, 504):
                    raise
                self._machine_list = False
            else:
                parsed = [parse_facts(line) for line in data.replace(b'\r\n', b'\n').split(b'\n')]
                raise Return([found[0] for found in parsed if found is not None and is_plain(found[0].name)
                              and found[0].kind not in ('cdir', 'pdir')])
        data = yield self._listed_within(path) if path else self.listing(b'LIST')
        raise Return(parse_listing(data, self._loop.wall()))

    @coroutine
    def _listed_within(self, path):
        # type: (bytes) -> Any
        """A Future of what LIST says within a folder.

        peer: many servers take the argument of LIST for switches or a pattern, and answer 226 and nothing for a folder called
        ``[2024] pics``, or for one that is missing; a mirror would believe that the folder is empty.
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
        """A Future of the list of names that NLST gives, as they are."""
        data = yield self.listing(b'NLST', path)
        raise Return([name for name in data.replace(b'\r\n', b'\n').split(b'\n') if name])

    def listing(self, verb, path=b''):
        # type: (bytes, bytes) -> Future
        """A Future of all octets that LIST, NLST or MLSD send."""
        collected = _Collected()
        worker = Receive(self._loop, collected, self.stall_seconds)
        return self._transfer(verb, path, worker).then(lambda _: collected.parts.joined())

    # -- files -------------------------------------------------------------------------------------------------------

    @coroutine
    def _set_type(self, text):
        # type: (bool) -> Any
        if text != self._text:
            yield self.command(b'TYPE', b'A' if text else b'I')
            self._text = text

    @coroutine
    def retrieve(self, path, upload, offset=0, text=False, watch=None):
        # type: (bytes, Upload, int, bool, Any) -> Any
        """A Future of the octets that came.

        Args:     upload: where they go; it is finished, or abandoned if something is missing.
                  offset: octets to begin behind.
                  watch: called with the worker when it begins (its ``count`` is the progress).
        """
        worker = Receive(self._loop, upload, self.stall_seconds, text)
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
        """Send *size* octets of an open file from *offset* on; a Future of their number.  The file is closed.

        Args:     offset: the server is told to begin there too (REST).
                  append: APPE, behind what is there.
        """
        if text:
            worker = SendPieces(self._loop, pieces_of(source, offset, size, True), self.stall_seconds, source)    # type: Any
        else:
            worker = SendFile(self._loop, source, offset, size, self.stall_seconds)
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
        """Data connection, command, transfer, reply."""
        port = None
        try:
            port = yield with_timeout(self._loop, self._ways.arrange(), self.reply_seconds, u'no data connection was offered')
            exchange = self.client.begin(verb, argument)
            first = yield with_timeout(self._loop, exchange.first, self.reply_seconds, u'the FTP server does not answer')
            if first.kind != 1 and first.kind != 2:
                raise Refused(first)
            connection = yield port.open()
            worker.begin(connection)
            if watch is not None:
                watch(worker)
            try:
                count = yield worker.done
            except ConnectionLost as exc:
                # Why it broke stands in the reply, if there is one.
                last = yield with_timeout(self._loop, exchange.last, self.reply_seconds)
                if last.kind != 2:
                    raise Refused(last)
                raise exc               # py2: after a yield a bare raise has nothing to raise
            last = yield with_timeout(self._loop, exchange.last, self.reply_seconds, u'the FTP server does not confirm')
            if last.kind != 2:
                raise Refused(last)
        except FAILURES:
            worker.drop()
            if port is not None:
                port.close()
            raise
        raise Return(count)


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


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence
    from carryall.core.future import Future
