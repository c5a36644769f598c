# Copyright the carryall authors.  See LICENSE.
"""A client of PostgreSQL: statements, one behind the other without waiting (protocol 3.0).

    client = yield connect(loop, '127.0.0.1', user=u'app', password=b'secret', database=u'app')

    rows = yield client.query(u'SELECT name FROM people WHERE age > $1', (30,))

    yield client.copy_in(u'COPY people FROM STDIN', [b'anna\\t30\\n'])

States:   connecting, logging in, ready, closed.
Wire:     each statement is Parse, Bind, Describe, Execute and Sync in one write; its answers end
          with ReadyForQuery.  So many statements may be under way.
Not here: SQL's parameters of other styles and transactions: ``pgdriver``.
Source:   PostgreSQL 15, chapter 55.
Tests:    tests/protocols/postgresql/test_client.py
"""
from __future__ import absolute_import, division, print_function

import hashlib
from collections import deque

from carryall.core.auth import sasl
from carryall.core.codec.numbers import decimal
from carryall.core.compat import FAILURES, to_bytes
from carryall.core.database import (ConnectionGone, InterfaceError, NotSupportedError,
                                    OperationalError, Rows)
from carryall.core.errors import ConnectionLost
from carryall.core.future import Future, Return, as_future, coroutine, failed
from carryall.core.logs import get_logger
from carryall.core.net.protocol import Protocol
from carryall.core.tls.handshakes import open_session
from carryall.protocols.postgresql import wire
from carryall.protocols.postgresql.errors import PostgreSQLError, server_error
from carryall.protocols.postgresql.pgvalues import READERS, read_text, written
from carryall.protocols.postgresql.settings import PORT, Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, List, Optional

__all__ = ['PostgreSQLClient', 'connect']

IDLE = b'I'                 # of a transaction: outside of one, inside, failed
IN_TRANSACTION = b'T'
FAILED = b'E'

# What AuthenticationRequest asks for
AUTH_OK = 0
AUTH_CLEAR = 3
AUTH_MD5 = 5
AUTH_SASL = 10
AUTH_SASL_CONTINUE = 11
AUTH_SASL_FINAL = 12

COUNTING = (b'INSERT', b'UPDATE', b'DELETE', b'MERGE', b'COPY')
MAX_ROWS = (1 << 63) - 1    # that a statement counts
MAX_PARAMETERS = 1000       # that the server tells of itself
MAX_PARAMETER = 65536       # octets of one with its name
FATAL = (u'FATAL', u'PANIC')    # severities after which the server closes

log = get_logger('postgresql')


class _EndPoint(object):
    """A connection under TLS, with the one channel binding that PostgreSQL has."""

    def __init__(self, info):
        # type: (Any) -> None
        self._data = info.server_end_point

    def channel_bindings(self):
        # type: () -> Any
        """The name and data of the binding (RFC 5929 section 4)."""
        return [('tls-server-end-point', self._data)] if self._data else []


class _Statement(object):
    """A statement that is under way."""

    __slots__ = ('future', 'columns', 'readers', 'rows', 'count', 'error', 'source', 'sink',
                 'simple')

    def __init__(self, future, source=None, sink=None, simple=False, readers=()):
        # type: (Future, Any, Any, bool, Any) -> None
        self.future = future
        self.columns = ()           # type: Any
        self.readers = readers      # None: the rows are not described, and not wanted
        self.rows = []              # type: List[Any]
        self.count = None           # type: Any
        self.error = None           # type: Any
        self.source = source        # of COPY FROM STDIN: pieces to send
        self.sink = sink            # of COPY TO STDOUT: called with each piece
        self.simple = simple        # one message without Sync


class PostgreSQLClient(Protocol):
    """One connection to a server.

    Args:     clock: the loop.
              user, database: text.
              password: bytes, or None.

    Attributes:
        parameters: what the server says of itself, such as 'server_version'.
        status: of the transaction: b'I' outside of one, b'T' inside, b'E' inside a failed one.
        gone: the connection is over.
        notice: called with the fields of each notice; they are logged by default.
    """

    def __init__(self, clock, user, password=None, database=None, settings=None):
        # type: (Any, str, Optional[bytes], Optional[str], Any) -> None
        self.clock = clock
        self.settings = settings or Settings()
        self.parameters = {}        # type: Dict[str, str]
        self.status = IDLE
        self.gone = False
        self.notice = _log_notice   # type: Callable[[Any], Any]
        self._user = user
        self._password = password
        self._database = database
        self._tls = None            # type: Any
        self._framing = wire.Framing(self.settings.max_login_message)
        self._upgrade = None        # type: Any  # the Future of the answer to SSLRequest
        self._started = False       # the start-up was sent; the server may speak
        self._accepted = False      # the server has said that the log-in is right
        self._ready = Future()
        self._mechanism = None      # type: Any
        self._key = None            # type: Any
        self._statements = deque()  # type: deque
        self._copying = False       # the server takes what is sent for data of a copy
        self._held = deque()        # type: deque  # (octets, is a copy) behind it
        self._listeners = {}        # type: Dict[str, Any]
        self._closed = Future()

    # -- log-in ------------------------------------------------------------------------------------

    @coroutine
    def start(self, starttls=None, hostname=None, tls=None):
        # type: (Any, Any, Any) -> Any
        """Upgrades to TLS if asked, and logs in; a Future of this client.

        Args:     starttls: a TLSContext to ask for; None for none.
                  tls: the TLSInfo of a connection that is under TLS already.
        """
        self._tls = tls
        if starttls is not None:
            self._upgrade = Future()
            self.transport.write(wire.SSL_REQUEST)
            answer = yield self._upgrade
            if answer != b'S':
                raise OperationalError(u'the server has no TLS', None, '08001')
            self._tls = yield self.clock.start_tls(self.transport, starttls, server_side=False,
                                                   hostname=hostname)
        self._started = True
        self.transport.write(wire.startup(
            [(u'user', self._user), (u'database', self._database or self._user),
             (u'client_encoding', u'UTF8'), (u'DateStyle', u'ISO'),
             (u'application_name', self.settings.application_name)]
            + list(self.settings.parameters)))
        yield self._ready
        self._framing.limit = self.settings.max_message
        raise Return(self)

    def _authenticate(self, body):
        # type: (bytes) -> None
        if self._ready.done():
            raise PostgreSQLError(u'the server asks for a second log-in')
        cursor = wire.MessageCursor(body)
        kind = cursor.word()
        if kind == AUTH_OK:
            if self._mechanism is not None:
                self._mechanism.finish()        # the server has proved itself
            self._accepted = True
        elif kind == AUTH_CLEAR:
            if self._tls is None and not self.settings.clear_password:
                raise OperationalError(u'the server wants the password in clear, without TLS',
                                       None, '28000')
            self._send_password(to_bytes(self._needed_password()))
        elif kind == AUTH_MD5:
            inner = hashlib.md5(self._needed_password() + to_bytes(self._user)).hexdigest()
            outer = hashlib.md5(inner.encode('ascii') + cursor.octets(4)).hexdigest()
            self._send_password(b'md5' + outer.encode('ascii'))
        elif kind == AUTH_SASL:
            self._begin_sasl(cursor)
        elif kind == AUTH_SASL_CONTINUE and self._mechanism is not None:
            self._go_on(self._mechanism.step(cursor.rest()), False)
        elif kind == AUTH_SASL_FINAL and self._mechanism is not None:
            self._mechanism.step(cursor.rest()).add_done_callback(self._check_step)
        else:
            raise NotSupportedError(u'the server asks for the way %d to log in' % kind)

    def _needed_password(self):
        # type: () -> bytes
        if self._password is None:
            raise OperationalError(u'the server asks for a password', None, '28000')
        return self._password

    def _send_password(self, octets):
        # type: (bytes) -> None
        self.transport.write(wire.message(b'p', octets + b'\0'))

    def _begin_sasl(self, cursor):
        # type: (Any) -> None
        names = []                  # type: List[str]
        name = cursor.text()
        while name:
            names.append(name)
            name = cursor.text()
        endpoint = _EndPoint(self._tls) if self._tls is not None else None
        self._mechanism = sasl.choose(names, self.clock, username=self._user,
                                      password=self._needed_password(), tls=endpoint)
        self._go_on(self._mechanism.step(), True)

    def _go_on(self, step, first):
        # type: (Future, bool) -> None
        def answered(future):
            # type: (Future) -> None
            if future.exception() is not None:
                self._fail(future.exception())
                return
            response = future.result()
            if first:
                name = to_bytes(self._mechanism.name) + b'\0'
                response = name + wire.word(len(response)) + response
            self.transport.write(wire.message(b'p', response))
        step.add_done_callback(answered)

    def _check_step(self, future):
        # type: (Future) -> None
        if future.exception() is not None:
            self._fail(future.exception())

    # -- statements --------------------------------------------------------------------------------

    def query(self, text, parameters=()):
        # type: (str, Any) -> Future
        """Executes one statement with the parameters $1, $2 ...; a Future of Rows."""
        types = []
        values = []
        for parameter in parameters:
            kind, value = written(parameter)
            types.append(kind)
            values.append(value)
        return self._send(wire.parse(text, types) + wire.bind(values) + wire.DESCRIBE_PORTAL
                          + wire.EXECUTE_ALL + wire.SYNC, None, None)

    def query_many(self, text, sets):
        # type: (str, Iterable[Any]) -> Future
        """Executes one statement for each set of parameters, all or none; a Future of Rows, whose
        number is that of all."""
        parts = []
        known = None                # type: Any
        for parameters in sets:
            pairs = [written(parameter) for parameter in parameters]
            types = [kind for kind, _ in pairs]
            if types != known:
                parts.append(wire.parse(text, types))
                known = types
            parts.append(wire.bind([value for _, value in pairs]))
            parts.append(wire.EXECUTE_ALL)
        return self._send(b''.join(parts) + wire.SYNC, None, None, readers=None)

    def script(self, text):
        # type: (str) -> Future
        """Executes several statements without parameters; a Future of the Rows of the last."""
        return self._send(wire.query(text), None, None, True)

    def copy_in(self, text, pieces):
        # type: (str, Iterable[bytes]) -> Future
        """Executes COPY ... FROM STDIN with the octets of *pieces*; a Future of Rows.

        Statements behind it are sent when it is over.
        """
        return self._send(wire.query(text), pieces, None, True)

    def copy_out(self, text, sink):
        # type: (str, Callable[[bytes], Any]) -> Future
        """Executes COPY ... TO STDOUT, and calls *sink* with each piece; a Future of Rows."""
        return self._send(wire.query(text), None, sink, True)

    def _send(self, octets, source, sink, simple=False, readers=()):
        # type: (bytes, Any, Any, bool, Any) -> Future
        if self.gone:
            return failed(ConnectionGone(u'the connection to the server is closed'))
        if not self._ready.done():
            return failed(InterfaceError(u'the log-in is not over'))
        if len(self._statements) >= self.settings.max_pending:
            return failed(InterfaceError(u'%d statements are under way' % len(self._statements)))
        future = Future()
        self._statements.append(_Statement(future, source, sink, simple, readers))
        if self._copying:
            self._held.append((octets, source is not None))
        else:
            self._copying = source is not None
            self.transport.write(octets)
        return future

    def _copy_is_over(self):
        # type: () -> None
        """Sends the statements behind a copy, up to the next one."""
        self._copying = False
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
            self.transport.write(wire.TERMINATE)
            self.transport.close()
        return self._closed.then(None)

    # -- the connection ----------------------------------------------------------------------------

    def data_received(self, data):
        if not self._started:
            # Nothing may stand behind the one octet: it would count as said under TLS.
            upgrade = self._upgrade
            if upgrade is None or upgrade.done() or data not in (b'S', b'N'):
                self._fail(PostgreSQLError(u'the server says %r before the start-up' % data[:80]))
            else:
                upgrade.set_result(data)
            return
        try:
            for kind, body in self._framing.feed(data):
                if self.gone:
                    return
                self._take(kind, body)
        except FAILURES as exc:         # of reading: the rest of the stream means nothing
            self._fail(exc)

    def _take(self, kind, body):
        # type: (bytes, bytes) -> None
        if kind == b'D' and self._statements:
            statement = self._statements[0]
            if statement.readers is not None:
                statement.rows.append(wire.data_row(body, statement.readers))
            return
        take = ACTIONS.get(kind)
        if take is None:
            raise PostgreSQLError(u'the server sends an unknown message, %r' % kind)
        take(self, body)

    def _current(self):
        # type: () -> _Statement
        if not self._statements:
            raise PostgreSQLError(u'the server answers what was not asked')
        return self._statements[0]

    def _on_description(self, body):
        # type: (bytes) -> None
        statement = self._current()
        columns = wire.row_description(body)
        statement.columns = [name for name, _ in columns]
        statement.readers = [READERS.get(kind, read_text) for _, kind in columns]
        statement.rows = []

    def _on_complete(self, body):
        # type: (bytes) -> None
        statement = self._current()
        words = body.rstrip(b'\0').split()
        if words and words[0] in COUNTING:
            count = decimal(words[-1], MAX_ROWS)
            if count is not None:
                statement.count = count + (statement.count or 0)

    def _on_ready(self, body):
        # type: (bytes) -> None
        if body not in (IDLE, IN_TRANSACTION, FAILED):
            raise PostgreSQLError(u'the server is in no known state')
        if not self._accepted:
            raise PostgreSQLError(u'the server is ready before the log-in')
        self.status = body
        if not self._ready.done():
            self._ready.set_result(None)
            return
        statement = self._current()
        self._statements.popleft()
        if statement.source is not None:
            self._copy_is_over()
        if statement.error is not None:
            if not statement.future.done():
                statement.future.set_exception(statement.error)
        elif not statement.future.done():
            count = statement.count
            if count is None and statement.columns:
                count = len(statement.rows)
            statement.future.set_result(Rows(statement.rows, statement.columns, count))

    def _on_error(self, body):
        # type: (bytes) -> None
        fields = wire.error_fields(body)
        error = server_error(fields)
        fatal = fields.get(b'V', fields.get(b'S')) in FATAL
        if fatal or not self._ready.done() or isinstance(error, ConnectionGone):
            self._fail(error)
            return
        statement = self._current()
        if statement.error is None:
            statement.error = error

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
        self._key = (process, cursor.rest())

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
        try:
            for piece in statement.source:
                self.transport.write(wire.message(b'd', piece))
        except FAILURES as exc:
            statement.error = exc
            self.transport.write(wire.message(b'f', b'the data could not be read\0'))
            return
        self.transport.write(wire.COPY_DONE)

    def _on_copy_out(self, _):
        # type: (bytes) -> None
        statement = self._current()
        statement.columns = ()
        if statement.sink is None:
            statement.error = InterfaceError(u'COPY TO STDOUT wants copy_out')

    def _on_copy_data(self, body):
        # type: (bytes) -> None
        statement = self._current()
        if statement.sink is None:
            return
        try:
            statement.sink(body)
        except FAILURES as exc:
            # The rest has to be read, for the sake of the statements behind it.
            statement.error = exc
            statement.sink = None

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
    b'E': PostgreSQLClient._on_error, b'N': PostgreSQLClient._on_notice,
    b'A': PostgreSQLClient._on_notification, b'G': PostgreSQLClient._on_copy_in,
    b'H': PostgreSQLClient._on_copy_out, b'd': PostgreSQLClient._on_copy_data,
    b'c': PostgreSQLClient._nothing, b'1': PostgreSQLClient._nothing,
    b'2': PostgreSQLClient._nothing, b'3': PostgreSQLClient._nothing,
    b'I': PostgreSQLClient._nothing, b'n': PostgreSQLClient._nothing,
    b's': PostgreSQLClient._nothing, b't': PostgreSQLClient._nothing,
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


def connect(loop, host, port=PORT, tls=None, timeout=30.0, settings=None, starttls=None,
            user=u'postgres', password=None, database=None, path=None):
    # type: (Any, Any, int, Any, float, Any, Any, str, Any, Any, Any) -> Future
    """A Future of a PostgreSQLClient that is logged in.

    Args:     tls: a TLSContext from the first octet on (PostgreSQL 17); its ALPN is 'postgresql'.
              starttls: a TLSContext for SSLRequest.
              timeout: in seconds, for connecting, TLS and the log-in.
              path: of a Unix socket, in place of host and port.
    """
    def make():
        # type: () -> PostgreSQLClient
        return PostgreSQLClient(loop, user, password, database, settings)

    def ready(client):
        # type: (PostgreSQLClient) -> Future
        info = None if tls is None else client.transport.get_extra_info('tls')
        return as_future(client.start(starttls, host, info))

    return open_session(loop, make, host, port, ready, tls, timeout, path)
