# Copyright the carryall authors.  See LICENSE.
"""A client of PostgreSQL: statements, one behind the other without waiting (protocol 3.0).

    client = yield connect(loop, '127.0.0.1', user=u'app', password=b'secret', database=u'app')

    rows = yield client.query(u'SELECT name FROM people WHERE age > $1', (30,))

    yield client.copy_in(u'COPY people FROM STDIN', [b'anna\\t30\\n'])

States:   connecting, logging in, ready, closed.
Wire:     a statement is Parse, Bind, Describe, Execute and Sync in one write; its answers end with
          ReadyForQuery.  So many statements may be under way, and each is a transaction by itself.
          Those that are asked behind one that is under way leave together, at the end of the turn.
          From its third use on a statement is Bind, Execute and Sync alone (``prepared``).
Errors:   a statement that the server refuses fails with an error of ``carryall.core.database``;
          those behind it are not touched, but for those of one ``query_all`` or ``query_many``,
          which are one transaction.  ConnectionGone if the connection ends first.
Not here: SQL's parameters of other styles and transactions: ``pgdriver``.
Source:   PostgreSQL 18, chapter 55.
Tests:    tests/protocols/postgresql/test_client.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.codec.numbers import decimal
from carryall.core.compat import FAILURES
from carryall.core.database import (ConnectionGone, InterfaceError, InternalError,
                                    NotSupportedError, OperationalError)
from carryall.core.errors import ConnectionLost
from carryall.core.future import Future, Return, as_future, completed, coroutine, failed
from carryall.core.logs import get_logger
from carryall.core.net.protocol import Protocol
from carryall.core.tls.handshakes import open_session
from carryall.protocols.postgresql import wire
from carryall.protocols.postgresql.errors import PostgreSQLError, server_error
from carryall.protocols.postgresql.bindvalues import formats_of, written_all
from carryall.protocols.postgresql.pgcopy import CopyIn, CopyOut
from carryall.protocols.postgresql.pglogin import Login
from carryall.protocols.postgresql.prepared import ASKED, DESCRIBED, READY, SEEN, Statements
from carryall.protocols.postgresql.rowreader import best_formats, row_reader, skipped_rows
from carryall.protocols.postgresql.settings import PORT, Settings
from carryall.protocols.postgresql.underway import (UNKNOWN_STATEMENT, Portal, StatementUnderWay,
                                                    complete, is_stale, rows_of)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, List, Optional

__all__ = ['PostgreSQLClient', 'connect']

IDLE = b'I'                 # of a transaction: outside of one, inside, failed
IN_TRANSACTION = b'T'
FAILED = b'E'

COUNTING = (b'INSERT', b'UPDATE', b'DELETE', b'MERGE', b'COPY')
FORGETTING = (b'DEALLOCATE ALL', b'DISCARD ALL')    # of which the server forgets all statements
MAX_ROWS = (1 << 63) - 1    # that a statement counts
MAX_PARAMETERS = 1000       # that the server tells of itself
MAX_PARAMETER = 65536       # octets of one with its name
MAX_KEY = 256               # octets of the key to cancel (protocol 3.2)
FATAL = (u'FATAL', u'PANIC')    # severities after which the server closes

log = get_logger('postgresql')


class PostgreSQLClient(Protocol):
    """One connection to a server.

    Args:     clock: the loop.
              user, database: text.
              password: bytes, or None.

    Attributes:
        parameters: what the server says of itself, such as 'server_version'.
        status: of the transaction: b'I' outside of one, b'T' inside, b'E' inside a failed one.
        gone: the connection is over.
        secured: it is under TLS.
        minor: the minor version of the protocol 3.
        notice: called with the fields of each notice; they are logged by default.
    """

    def __init__(self, clock, user, password=None, database=None, settings=None):
        # type: (Any, str, Optional[bytes], Optional[str], Any) -> None
        self.clock = clock
        self.settings = settings or Settings()
        self.parameters = {}        # type: Dict[str, str]
        self.status = IDLE
        self.gone = False
        self.secured = False
        self.notice = _log_notice   # type: Callable[[Any], Any]
        self.minor = self.settings.max_minor
        self._user = user
        self._password = password
        self._database = database
        self._framing = wire.Framing(self.settings.max_login_message)
        self._upgrade = None        # type: Any  # the Future of the answer to SSLRequest
        self._login = None          # type: Any  # the Login, from the start-up on
        self._ready = Future()
        self._key = None            # type: Any
        self._statements = deque()  # type: deque
        self._prepared = Statements(self.settings.statements)
        self._unsent = []           # type: List[bytes]  # until the end of the turn
        self._portals = 0
        self._copying = False       # the server takes what is sent for data of a copy
        self._held = deque()        # type: deque  # (octets, is a copy) behind it
        self._copy = None           # type: Any  # the CopyIn that goes on
        self._out = None            # type: Any  # the CopyOut that goes on
        self._blocked = False       # the transport wants no more for now
        self._listeners = {}        # type: Dict[str, Any]
        self._closed = Future()

    # -- log-in ------------------------------------------------------------------------------------

    @coroutine
    def start(self, starttls=None, hostname=None, tls=None, lenient=False):
        # type: (Any, Any, Any, bool) -> Any
        """Upgrades to TLS if asked, and logs in; a Future of this client.

        Args:     starttls: a TLSContext to ask for; None for none.
                  tls: the TLSInfo of a connection that is under TLS already.
                  lenient: goes on in clear if the server has no TLS.
        """
        if starttls is not None:
            self._upgrade = Future()
            self.transport.write(wire.SSL_REQUEST)
            answer = yield self._upgrade
            if answer == b'S':
                tls = yield self.clock.start_tls(self.transport, starttls, server_side=False,
                                                 hostname=hostname)
            elif not lenient:
                raise OperationalError(u'the server has no TLS', None, '08001')
        self.secured = tls is not None
        self._login = Login(self.clock, self._user, self._password, self.settings, tls,
                            self.transport.write, self._fail)
        self.transport.write(wire.startup(
            [(u'user', self._user), (u'database', self._database or self._user),
             (u'client_encoding', u'UTF8'), (u'DateStyle', u'ISO'),
             (u'application_name', self.settings.application_name)]
            + list(self.settings.parameters), wire.VERSION_3_0 + self.minor))
        yield self._ready
        self._framing.limit = self.settings.max_message
        raise Return(self)

    def _authenticate(self, body):
        # type: (bytes) -> None
        if self._ready.done() or self._login.accepted:
            raise PostgreSQLError(u'the server asks for a second log-in')
        self._login.take(body)

    def _on_version(self, body):
        # type: (bytes) -> None
        if self._ready.done() or self._login.accepted:
            raise PostgreSQLError(u'the server negotiates a version after the log-in')
        minor, unknown = wire.negotiated_version(body)
        if minor > self.minor or unknown:
            raise PostgreSQLError(u'the server negotiates what was not asked for')
        if minor < self.settings.min_minor:
            raise NotSupportedError(u'the server has the protocol 3.%d alone' % minor)
        self.minor = minor

    # -- statements --------------------------------------------------------------------------------

    def query(self, text, parameters=()):
        # type: (str, Any) -> Future
        """Executes one statement with the parameters $1, $2 ...; a Future of Rows."""
        kinds, values = written_all(parameters)
        prepared = self._prepared.find(text, kinds, values)
        if prepared is not None and prepared.state == READY:
            return self._send(
                wire.bind(prepared.head, values, prepared.tail) + wire.EXECUTE_ALL_SYNC,
                StatementUnderWay(Future(), prepared.read, prepared.names, prepared, values))
        return self._send(self._asked(text, kinds, values, prepared) + wire.SYNC,
                          StatementUnderWay(Future(), None, (), prepared, values))

    def commit(self):
        # type: () -> Future
        """Ends the transaction; a Future.  It fails with InternalError if the server has rolled it
        back, because a statement that was not waited for has failed."""
        done = self.query(u'COMMIT')
        if self._statements and self._statements[-1].future is done:
            self._statements[-1].commits = True
        return done

    def _asked(self, text, kinds, values, prepared):
        # type: (str, Any, List[bytes], Any) -> bytes
        """The Parse, Bind, Describe and Execute of a statement that has no name yet."""
        if prepared is not None and prepared.state == DESCRIBED and not self.gone:
            octets = prepared.ask(self._prepared.next_name())
            bound = wire.bind(prepared.head, values, prepared.tail)
        else:
            octets = wire.parse(text, kinds)
            bound = wire.bind(wire.bind_head(formats_of(kinds)), values)
        return octets + bound + wire.DESCRIBE_PORTAL + wire.EXECUTE_ALL

    def query_all(self, pairs):
        # type: (Iterable[Any]) -> Future
        """Executes several statements, each a pair of text and parameters, all or none; a Future of
        the list of their Rows.

        They are one transaction, unless one is under way.  The error is that of the first that
        fails; its attribute ``statement`` is the place of that one.  Those behind it are not
        executed.
        """
        parts = []
        for text, parameters in pairs:
            kinds, values = written_all(parameters)
            parts.append(self._asked(text, kinds, values, None))
        if not parts:
            return completed([])
        statement = StatementUnderWay(Future())
        statement.results = []
        return self._send(b''.join(parts) + wire.SYNC, statement)

    def query_many(self, text, sets):
        # type: (str, Iterable[Any]) -> Future
        """Executes one statement for each set of parameters, all or none; a Future of Rows, whose
        number is that of all."""
        parts = []
        known = None                # type: Any
        head = b''
        for parameters in sets:
            kinds, values = written_all(parameters)
            if kinds != known:
                parts.append(wire.parse(text, kinds))
                head = wire.bind_head(formats_of(kinds))
                known = kinds
            parts.append(wire.bind(head, values))
            parts.append(wire.EXECUTE_ALL)
        return self._send(b''.join(parts) + wire.SYNC, StatementUnderWay(Future(), skipped_rows))

    def script(self, text):
        # type: (str) -> Future
        """Executes several statements without parameters; a Future of the Rows of the last."""
        statement = StatementUnderWay(Future())
        statement.simple = True
        return self._send(wire.query(text), statement)

    def copy_in(self, text, pieces):
        # type: (str, Iterable[Any]) -> Future
        """Executes COPY ... FROM STDIN with the octets of *pieces*; a Future of Rows.

        Pieces are taken when there is room for them; each is octets, or a Future of octets.
        Statements behind it are sent when it is over.
        """
        statement = StatementUnderWay(Future())
        statement.simple = True
        statement.source = pieces
        return self._send(wire.query(text), statement)

    def copy_out(self, text, sink):
        # type: (str, Callable[[bytes], Any]) -> Future
        """Executes COPY ... TO STDOUT; a Future of Rows.

        Args:     sink: called with octets as they come, of one row or many.  If it gives a Future,
                  nothing more is read before that is done.
        """
        statement = StatementUnderWay(Future())
        statement.simple = True
        statement.sink = sink
        return self._send(wire.query(text), statement)

    @coroutine
    def open_portal(self, text, parameters=()):
        # type: (str, Any) -> Any
        """Executes one statement whose rows are fetched some at a time; a Future of a Portal.
        A transaction must be under way."""
        if self.status != IN_TRANSACTION:
            raise InterfaceError(u'a portal needs a transaction')
        kinds, values = written_all(parameters)
        known = self._prepared.find(text, kinds, values)
        tail = wire.TEXTS
        if known is not None and known.state != SEEN:
            tail = wire.bind_tail(best_formats(known.columns))
        self._portals += 1
        portal = Portal(self, b'carryall_%s' % str(self._portals).encode('ascii'))
        statement = StatementUnderWay(Future())
        statement.portal = portal
        yield self._send(
            wire.parse(text, kinds)
            + wire.bind(wire.bind_head(formats_of(kinds), b'', portal.name), values, tail)
            + wire.describe_portal(portal.name) + wire.SYNC, statement)
        raise Return(portal)

    def fetch(self, portal, count):
        # type: (Portal, int) -> Future
        """A Future of the next rows of a portal, at most *count*."""
        statement = StatementUnderWay(Future(), portal.read, portal.columns)
        statement.portal = portal
        portal.suspended = False
        return self._send(wire.execute(portal.name, max(1, count)) + wire.SYNC, statement)

    def close_portal(self, portal):
        # type: (Portal) -> Future
        """Gives up the rest of a portal; a Future of None."""
        portal.suspended = False
        return self._send(wire.close_portal(portal.name) + wire.SYNC,
                          StatementUnderWay(Future())).then(_nothing)

    def _send(self, octets, statement):
        # type: (bytes, StatementUnderWay) -> Future
        statements = self._statements
        if self.gone or not self._ready.done() or len(statements) >= self.settings.max_pending:
            return failed(self._refusal())
        is_copy = statement.source is not None
        octets = self._prepared.closing() + octets
        if self._copying:
            self._held.append((octets, is_copy))
        elif statements:
            self._copying = is_copy
            self._unsent.append(octets)
            if len(self._unsent) == 1:
                self.clock.call_soon(self._send_unsent)
        else:
            self._copying = is_copy
            self.transport.write(octets)
        statements.append(statement)
        return statement.future

    def _refusal(self):
        # type: () -> Any
        if self.gone:
            return ConnectionGone(u'the connection to the server is closed')
        if not self._ready.done():
            return InterfaceError(u'the log-in is not over')
        return InterfaceError(u'%d statements are under way' % len(self._statements))

    def _send_unsent(self):
        # type: () -> None
        if self._unsent:
            octets = b''.join(self._unsent)
            del self._unsent[:]
            if not self.gone:
                self.transport.write(octets)

    def _copy_is_over(self):
        # type: () -> None
        """Sends the statements behind a copy, up to the next one."""
        self._copying = False
        self._copy = None
        while self._held and not self._copying:
            octets, self._copying = self._held.popleft()
            self.transport.write(octets)

    @coroutine
    def listen(self, channel, callback):
        # type: (str, Callable[[str, str, int], Any]) -> Any
        """Calls ``callback(channel, payload, process)`` for each NOTIFY on *channel*."""
        self._listeners[channel] = callback
        yield self.query(u'LISTEN ' + quoted(channel))

    @coroutine
    def unlisten(self, channel):
        # type: (str) -> Any
        """Ends ``listen``."""
        self._listeners.pop(channel, None)
        yield self.query(u'UNLISTEN ' + quoted(channel))

    def pending(self):
        # type: () -> int
        """The number of statements that are under way."""
        return len(self._statements)

    def executes(self, asked):
        # type: (Future) -> bool
        """True if the server executes the statement of *asked* now; others wait behind it."""
        return bool(self._statements) and self._statements[0].future is asked

    def cancel_octets(self):
        # type: () -> Any
        """The message that cancels the statement under way, to be sent on a connection of its
        own; None if the server has given no key."""
        return None if self._key is None else wire.cancel_request(*self._key)

    def close(self):
        # type: () -> Future
        """Says goodbye and closes; a Future of None."""
        if not self.gone and self.transport is not None:
            self._send_unsent()
            self.transport.write(wire.TERMINATE)
            self.transport.close()
        return self._closed.then(None)

    # -- the connection ----------------------------------------------------------------------------

    def data_received(self, data):
        if self._login is None:
            # Nothing may stand behind the one octet: it would count as said under TLS.
            upgrade = self._upgrade
            if upgrade is None or upgrade.done() or data not in (b'S', b'N'):
                self._fail(PostgreSQLError(u'the server says %r before the start-up' % data[:80]))
            else:
                upgrade.set_result(data)
            return
        try:
            joined = self._framing.join(data)
            if joined is not None:
                self._take(joined)
        except FAILURES as exc:         # of reading: the rest of the stream means nothing
            self._fail(exc)

    def _take(self, data):
        # type: (bytes) -> None
        """Takes all whole messages."""
        statements = self._statements
        framing = self._framing
        place = 0
        end = len(data)
        while end - place >= 5:
            kind = data[place:place + 1]
            begin = place
            if kind == b'D' and statements:
                statement = statements[0]
                read = statement.read
                if read is None:
                    raise PostgreSQLError(u'the server sends a row without a description')
                place = read(data, place, end, statement.rows.append)
            elif kind == b'd' and self._out is not None and end - place > 5:
                pieces, place = self._out.cut(data, place, end)
                if pieces:
                    self._on_copy_data(b''.join(pieces))
            if place != begin:
                continue
            stop = place + 1 + framing.length(data, place)
            if stop > end:
                break
            take = ACTIONS.get(kind)
            if take is None:
                raise PostgreSQLError(u'the server sends an unknown message, %r' % kind)
            take(self, data[place + 5:stop])
            if self.gone:
                return
            place = stop
        framing.keep(data, place)

    def _current(self):
        # type: () -> StatementUnderWay
        if not self._statements:
            raise PostgreSQLError(u'the server answers what was not asked')
        return self._statements[0]

    def _on_row(self, _):
        # type: (bytes) -> None
        raise PostgreSQLError(u'the server sends a row that was not asked for')

    def _on_parsed(self, _):
        # type: (bytes) -> None
        self._current().parsed = True

    def _on_description(self, body):
        # type: (bytes) -> None
        statement = self._current()
        columns = wire.row_description(body)
        prepared = statement.prepared
        named = prepared is not None and prepared.state == ASKED and statement.parsed
        statement.names = tuple([name for name, _, _ in columns])
        statement.read = row_reader([(kind, form) for _, kind, form in columns], named)
        statement.rows = []
        if statement.portal is not None:
            statement.portal.columns = statement.names
            statement.portal.read = statement.read
        elif prepared is not None:
            self._on_columns(prepared, columns)

    def _on_no_columns(self, _):
        # type: (bytes) -> None
        statement = self._current()
        if statement.prepared is not None:
            self._on_columns(statement.prepared, ())

    def _on_columns(self, prepared, columns):
        # type: (Any, Any) -> None
        prepared.columns = columns
        if prepared.state == SEEN:
            prepared.state = DESCRIBED

    def _on_complete(self, body):
        # type: (bytes) -> None
        statement = self._current()
        if not body.startswith(b'SELECT'):
            tag = body.rstrip(b'\0')
            words = tag.split()
            if words and words[0] in COUNTING:
                count = decimal(words[-1], MAX_ROWS)
                if count is not None:
                    statement.count = count + (statement.count or 0)
            elif tag in FORGETTING:
                self._prepared.clear()
            elif tag == b'ROLLBACK' and statement.commits:
                statement.error = InternalError(u'a statement of the transaction has failed', None,
                                                '25P02')
        if statement.results is not None:
            statement.results.append(rows_of(statement))
            statement.names = ()
            statement.rows = []
            statement.count = None

    def _on_suspended(self, _):
        # type: (bytes) -> None
        statement = self._current()
        if statement.portal is None:
            raise PostgreSQLError(u'the server suspends what has no limit of rows')
        statement.portal.suspended = True

    def _on_ready(self, body):
        # type: (bytes) -> None
        if body not in (IDLE, IN_TRANSACTION, FAILED):
            raise PostgreSQLError(u'the server is in no known state')
        if not self._login.accepted:
            raise PostgreSQLError(u'the server is ready before the log-in')
        self.status = body
        if not self._ready.done():
            self._ready.set_result(None)
            return
        statement = self._current()
        self._statements.popleft()
        if statement.source is not None:
            self._copy_is_over()
        if statement.prepared is not None and statement.prepared.state != DESCRIBED:
            if statement.error is not None or statement.parsed:
                self._learn(statement)
                if statement.future is None:
                    return
        out, self._out = self._out, None
        if out is not None and out.waited is not None:
            out.waited.add_done_callback(lambda _: complete(statement))
        else:
            complete(statement)

    def _learn(self, statement):
        # type: (StatementUnderWay) -> None
        """Keeps what the end of a statement says of its prepared form."""
        prepared = statement.prepared
        if statement.parsed and prepared.state == ASKED:
            if statement.read is not None or statement.error is None:
                self._prepared.is_ready(prepared, statement.names, statement.read)
            else:
                self._prepared.drop(prepared)
        elif prepared.state == ASKED:
            prepared.forget()
        elif prepared.state == READY and not statement.parsed and is_stale(statement.error):
            if statement.error.sqlstate == UNKNOWN_STATEMENT:
                self._prepared.lose(prepared)
            else:
                self._prepared.drop(prepared)
            if self.status == IDLE and not self._statements:
                # Nothing was executed, and nothing is behind it.
                self._repeat(statement)

    def _repeat(self, statement):
        # type: (StatementUnderWay) -> None
        """Sends a statement once more, unprepared."""
        prepared = statement.prepared
        again = StatementUnderWay(statement.future)
        again.commits = statement.commits
        statement.future = None     # type: ignore
        self._send(self._asked(prepared.text, prepared.kinds, statement.values, None) + wire.SYNC,
                   again)

    def _on_error(self, body):
        # type: (bytes) -> None
        fields = wire.error_fields(body)
        error = server_error(fields)
        fatal = fields.get(b'V', fields.get(b'S')) in FATAL
        if fatal or not self._ready.done() or isinstance(error, ConnectionGone):
            self._fail(error)
            return
        statement = self._current()
        if self._copy is not None:
            self._copy.stop()
        if statement.error is None:
            statement.error = error
            if statement.results is not None:
                error.statement = len(statement.results)

    def _on_notice(self, body):
        # type: (bytes) -> None
        _call(self.notice, wire.error_fields(body))

    def _on_notification(self, body):
        # type: (bytes) -> None
        cursor = wire.MessageCursor(body)
        process = cursor.word()
        channel = cursor.text()
        callback = self._listeners.get(channel)
        payload = cursor.text()
        if callback is not None:
            _call(callback, channel, payload, process)

    def _on_parameter(self, body):
        # type: (bytes) -> None
        cursor = wire.MessageCursor(body)
        name = cursor.text()
        if len(body) > MAX_PARAMETER or len(self.parameters) >= MAX_PARAMETERS:
            raise PostgreSQLError(u'the server tells too many parameters of itself')
        self.parameters[name] = cursor.text()

    def _on_key(self, body):
        # type: (bytes) -> None
        cursor = wire.MessageCursor(body)
        process = cursor.word()
        key = cursor.rest()
        if self._ready.done() or not self._login.accepted or not 4 <= len(key) <= MAX_KEY:
            raise PostgreSQLError(u'the server gives a key that cannot be')
        self._key = (process, key)

    # -- copies ------------------------------------------------------------------------------------

    def _on_copy_in(self, _):
        # type: (bytes) -> None
        statement = self._current()
        if statement.source is None:
            statement.error = InterfaceError(u'COPY FROM STDIN wants copy_in')
            if len(self._statements) > 1:
                # The server takes the others for data, and answers as many as it likes of them.
                raise InterfaceError(u'COPY FROM STDIN with statements behind it')
            # In a copy the server skips the Sync of the statement.
            self.transport.write(wire.message(b'f', b'no data was given\0')
                                 + (b'' if statement.simple else wire.SYNC))
            return
        if self._copy is not None:
            raise PostgreSQLError(u'the server asks twice for the data of a copy')
        self._copy = CopyIn(self.transport, statement, self._blocked)
        self._copy.begin()

    def pause_writing(self):
        self._blocked = True
        if self._copy is not None:
            self._copy.pause()

    def resume_writing(self):
        self._blocked = False
        if self._copy is not None:
            self._copy.resume()

    def _on_copy_out(self, body):
        # type: (bytes) -> None
        statement = self._current()
        statement.names = ()
        self._out = CopyOut(self.transport, statement, body[:1] == b'\0')
        if statement.sink is None:
            statement.error = InterfaceError(u'COPY TO STDOUT wants copy_out')

    def _on_copy_data(self, octets):
        # type: (bytes) -> None
        self._current()
        if self._out is None:
            raise PostgreSQLError(u'the server copies what was not asked')
        self._out.take(octets)

    def _nothing(self, _):
        # type: (bytes) -> None
        """A message that needs no answer."""

    def _fail(self, error):
        # type: (Any) -> None
        """The connection is of no more use."""
        self._end(error)
        self.transport.abort()

    def _end(self, error):
        # type: (Any) -> None
        if self.gone:
            return
        self.gone = True
        for future in (self._upgrade, self._ready):
            if future is not None and not future.done():
                future.set_exception(error)
        self._held.clear()
        if self._copy is not None:
            self._copy.stop()
        del self._unsent[:]
        statements, self._statements = self._statements, deque()
        for statement in statements:
            if not statement.future.done():
                lost = statement.error or error
                if not isinstance(lost, ConnectionGone):
                    lost = ConnectionGone(u'the connection to the server is lost: %s' % lost, lost)
                statement.future.set_exception(lost)

    def connection_lost(self, exc):
        self._end(ConnectionGone(u'the server has closed the connection', exc)
                  if not isinstance(exc, ConnectionLost) else ConnectionGone(exc.message, exc))
        if not self._closed.done():
            self._closed.set_result(None)


ACTIONS = {
    b'R': PostgreSQLClient._authenticate, b'S': PostgreSQLClient._on_parameter,
    b'K': PostgreSQLClient._on_key, b'Z': PostgreSQLClient._on_ready,
    b'T': PostgreSQLClient._on_description, b'C': PostgreSQLClient._on_complete,
    b'D': PostgreSQLClient._on_row,
    b'E': PostgreSQLClient._on_error, b'N': PostgreSQLClient._on_notice,
    b'A': PostgreSQLClient._on_notification, b'G': PostgreSQLClient._on_copy_in,
    b'H': PostgreSQLClient._on_copy_out, b'd': PostgreSQLClient._on_copy_data,
    b'c': PostgreSQLClient._nothing, b'1': PostgreSQLClient._on_parsed,
    b'2': PostgreSQLClient._nothing, b'3': PostgreSQLClient._nothing,
    b'I': PostgreSQLClient._nothing, b'n': PostgreSQLClient._on_no_columns,
    b's': PostgreSQLClient._on_suspended, b't': PostgreSQLClient._nothing,
    b'v': PostgreSQLClient._on_version,
}


def quoted(name):
    # type: (str) -> str
    """A name as SQL quotes it."""
    return u'"%s"' % name.replace(u'"', u'""')


def _call(callback, *args):
    # type: (Callable[..., Any], *Any) -> None
    """Calls what the program has given; its fault is not the connection's."""
    try:
        callback(*args)
    except FAILURES:
        log.exception('a callback fails')


def _log_notice(fields):
    # type: (Any) -> None
    log.debug('%s: %s', fields.get(b'S', ''), fields.get(b'M', ''))


def _nothing(_):
    # type: (Any) -> None
    """Takes the place of a result that is not asked for."""


def connect(loop, host, port=PORT, tls=None, timeout=30.0, settings=None, starttls=None,
            user=u'postgres', password=None, database=None, path=None, lenient=False,
            hostname=None):
    # type: (Any, Any, int, Any, float, Any, Any, str, Any, Any, Any, bool, Any) -> Future
    """A Future of a PostgreSQLClient that is logged in.

    Args:     tls: a TLSContext from the first octet on (PostgreSQL 17); its ALPN is 'postgresql'.
              starttls: a TLSContext for SSLRequest.
              timeout: in seconds, for connecting, TLS and the log-in.
              path: of a Unix socket, in place of host and port.
              lenient: with *starttls*, goes on in clear if the server has no TLS.
              hostname: the name that the certificate must have; *host* if left out.
    """
    def make():
        # type: () -> PostgreSQLClient
        return PostgreSQLClient(loop, user, password, database, settings)

    def ready(client):
        # type: (PostgreSQLClient) -> Future
        info = None if tls is None else client.transport.get_extra_info('tls')
        return as_future(client.start(starttls, hostname or host, info, lenient))

    return open_session(loop, make, host, port, ready, tls, timeout, path, hostname)
