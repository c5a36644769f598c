# Copyright the carryall authors.  See LICENSE.
"""The driver of PostgreSQL for the database contract: connections without threads.

    postgresql://user:password@host:5432,other:5433/name?sslmode=verify-full
    postgresql:///name?host=/run/postgresql&user=app            a Unix socket

Options:  sslmode               disable, require (without verifying) or verify-full; the default is
                                disable for this machine, and verify-full for all others
          target_session_attrs  any, read-write, read-only
          application_name, connect_timeout, host, port, user, password, dbname
Several hosts are tried in their order.
Source:   PostgreSQL 15, section 34.1.1.2, "Connection URIs".
Tests:    tests/protocols/postgresql/test_pgdriver.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.sasl import NoMechanism, SASLError
from carryall.core.compat import FAILURES
from carryall.core.database import (ConnectionGone, DatabaseConnection, Driver, Error,
                                    InterfaceError, InternalError, OperationalError, RowStream,
                                    StatementCancelled, parsed)
from carryall.core.database.dbconnection import (CONNECT_SECONDS, STREAM_ROWS, checked_isolation)
from carryall.core.codec.numbers import decimal_text
from carryall.core.codec.uri import percent_decode
from carryall.core.errors import ConnectFailed, UsageError
from carryall.core.future import Future, Return, completed, coroutine
from carryall.core.net.protocol import Protocol
from carryall.core.tls import TLSContext
from carryall.protocols.postgresql.client import IDLE, connect
from carryall.protocols.postgresql.errors import PostgreSQLError
from carryall.protocols.postgresql.settings import PORT, Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Tuple
    from carryall.protocols.postgresql.client import PostgreSQLClient

__all__ = ['PostgreSQLConnection', 'PostgreSQLDriver', 'driver', 'parse_location']

SSL_MODES = ('disable', 'require', 'verify-full')
ATTRIBUTES = ('any', 'read-write', 'read-only')
WORDS = ('sslmode', 'target_session_attrs', 'application_name', 'connect_timeout', 'host', 'port',
         'user', 'password', 'dbname')
OWN_HOSTS = ('127.0.0.1', '::1', 'localhost')
CANCEL_SECONDS = 5.0        # to connect for a request to cancel, and for the server to take it


def parse_location(location):
    # type: (str) -> Tuple[List[Tuple[str, int]], Dict[str, str]]
    """The (host, port) pairs and the options of a URI.

    Raises:   UsageError: it is none.
    """
    scheme, slashes, rest = location.partition(u'://')
    if scheme not in (u'postgresql', u'postgres') or not slashes:
        raise UsageError(u'a URI such as postgresql://user@host/name is wanted')
    rest, _, query = rest.partition(u'?')
    authority, _, name = rest.partition(u'/')
    login, _, hosts = authority.rpartition(u'@')
    user, _, password = login.partition(u':')
    options = {}                # type: Dict[str, str]
    for word, value in ((u'user', user), (u'password', password), (u'dbname', name)):
        if value:
            options[word] = _decoded(value)
    for pair in query.split(u'&') if query else ():
        word, _, value = pair.partition(u'=')
        if word not in WORDS:
            raise UsageError(u'%s is no option of a URI of PostgreSQL' % word)
        options[word] = _decoded(value)
    _check(options, 'sslmode', SSL_MODES)
    _check(options, 'target_session_attrs', ATTRIBUTES)
    default = _port(options.pop('port', u'%d' % PORT))
    listed = hosts.split(u',') if hosts else options.pop('host', u'localhost').split(u',')
    return [_host(each, default) for each in listed], options


def _decoded(text):
    # type: (str) -> str
    octets = percent_decode(text.encode('utf-8'))
    try:
        if octets is not None:
            return octets.decode('utf-8')
    except UnicodeError:
        pass
    raise UsageError(u'a URI of PostgreSQL is not encoded well')


def _check(options, name, words):
    # type: (Dict[str, str], str, Tuple[str, ...]) -> None
    if options.get(name, words[0]) not in words:
        raise UsageError(u'%s is one of %s' % (name, u', '.join(words)))


def _port(text):
    # type: (str) -> int
    port = decimal_text(text, 65535)
    if not port:
        raise UsageError(u'%s is no port' % text)
    return port


def _host(text, default):
    # type: (str, int) -> Tuple[str, int]
    if text.startswith(u'/'):
        return text, default
    if text.startswith(u'['):
        host, _, rest = text[1:].partition(u']')
        port = rest[1:]
    else:
        host, _, port = text.partition(u':')
    return host or u'localhost', _port(port) if port else default


def driver(location):
    # type: (str) -> PostgreSQLDriver
    """The driver for a URI."""
    return PostgreSQLDriver(*parse_location(location))


class PostgreSQLDriver(Driver):
    """Opens connections to one of several servers of a database."""

    dialect = 'postgres'

    def __init__(self, hosts, options):
        # type: (List[Tuple[str, int]], Dict[str, str]) -> None
        self._hosts = hosts
        self._options = options
        self._attribute = options.get('target_session_attrs', 'any')
        self._user = options.get('user', u'postgres')
        self._database = options.get('dbname', self._user)
        self.name = u'postgresql://%s/%s' % (u','.join(u'%s:%d' % pair for pair in hosts),
                                             self._database)

    @coroutine
    def connect(self, loop, timeout=CONNECT_SECONDS):
        last = None                 # type: Any
        for host, port in self._hosts:
            try:
                client = yield self._attempt(loop, host, port, timeout)
            except (ConnectFailed, PostgreSQLError) as exc:
                last = ConnectionGone(exc.message, exc)
                continue
            except (SASLError, NoMechanism) as exc:
                raise OperationalError(exc.message, exc, '28000')
            except Error as exc:
                last = exc
                continue
            connection = PostgreSQLConnection(loop, client, self, host, port)
            try:
                suits = yield self._suits(connection)
            except Error as exc:
                yield connection.close()
                last = exc
                continue
            if suits:
                raise Return(connection)
            yield connection.close()
            last = OperationalError(u'%s:%d is not %s' % (host, port, self._attribute))
        raise last

    def _attempt(self, loop, host, port, timeout):
        # type: (Any, str, int, float) -> Future
        password = self._options.get('password')
        settings = Settings(application_name=self._options.get('application_name', u'carryall'))
        path = u'%s/.s.PGSQL.%d' % (host, port) if host.startswith(u'/') else None
        return connect(loop, host, port, None, timeout, settings, self._context(host),
                       self._user, None if password is None else password.encode('utf-8'),
                       self._database, path)

    def _context(self, host):
        # type: (str) -> Any
        own = host in OWN_HOSTS or host.startswith(u'/')
        mode = self._options.get('sslmode', 'disable' if own else 'verify-full')
        if mode == 'disable':
            return None
        return TLSContext(verify=mode == 'verify-full')

    @coroutine
    def _suits(self, connection):
        # type: (PostgreSQLConnection) -> Any
        if self._attribute == 'any':
            raise Return(True)
        rows = yield connection.execute(u'SHOW transaction_read_only')
        raise Return((rows.value() == u'on') == (self._attribute == 'read-only'))

    def send_cancel(self, loop, host, port, octets):
        # type: (Any, str, int, bytes) -> Future
        """Sends a request to cancel, on a connection of its own.

        A Future of None, when the server has taken it or cannot be reached: later, nothing more
        will be cancelled.
        """
        canceller = _Canceller(loop, octets)
        if host.startswith(u'/'):
            connecting = loop.connect_unix(lambda: canceller, u'%s/.s.PGSQL.%d' % (host, port),
                                           CANCEL_SECONDS)
        else:
            connecting = loop.connect_tcp(lambda: canceller, host, port, CANCEL_SECONDS)
        connecting.add_done_callback(canceller.connected)
        return canceller.ended


class _Canceller(Protocol):
    """Sends one message; the server closes when it has signalled.

    Attributes:
        ended: a Future of None, at the end of the connection.
    """

    def __init__(self, loop, octets):
        # type: (Any, bytes) -> None
        self.ended = Future()
        self._loop = loop
        self._octets = octets
        self._timer = None          # type: Any

    def connected(self, connecting):
        # type: (Future) -> None
        """Takes the result of connecting."""
        if connecting.exception() is not None and not self.ended.done():
            self.ended.set_result(None)

    def connection_made(self, transport):
        self.transport = transport
        self._timer = self._loop.call_later(CANCEL_SECONDS, transport.abort)
        transport.write(self._octets)

    def connection_lost(self, exc):
        self._timer.cancel()
        if not self.ended.done():
            self.ended.set_result(None)


class PostgreSQLConnection(DatabaseConnection):
    """A connection that never blocks; many statements may be under way."""

    dialect = 'postgres'

    def __init__(self, loop, client, owner, host, port):
        # type: (Any, PostgreSQLClient, PostgreSQLDriver, str, int) -> None
        self.client = client
        self._loop = loop
        self._owner = owner
        self._host = host
        self._port = port
        self._given_up = False
        self._requests = []         # type: List[Any]  # Futures of requests to cancel
        self._resetting = False
        self._cursors = 0

    @property
    def gone(self):
        # type: () -> bool
        """True if the connection is over."""
        return self.client.gone

    @property
    def dirty(self):
        # type: () -> bool
        """True if a transaction is open, or a statement is under way or was given up."""
        return self._given_up or self.client.status != IDLE or self.client.pending() > 0

    def _asked(self, answer, timeout=None):
        # type: (Future, Any) -> Future
        """As *answer*, but cancelling it, or the end of its time, cancels the statement."""
        def give_up(_):
            # type: (Any) -> None
            self._given_up = True
            if not self._resetting and self.client.executes(answer):
                self.interrupt()

        asked = Future(give_up)

        def arrived(_):
            # type: (Future) -> None
            if not asked.done():
                if answer.exception() is None:
                    asked.set_result(answer.result())
                else:
                    asked.set_exception(answer.exception())

        def expired():
            # type: () -> None
            if not asked.done():
                asked.set_exception(StatementCancelled(
                    u'the statement took longer than %g seconds' % timeout))
                give_up(None)

        if timeout is not None and not answer.done():
            timer = self._loop.call_later(timeout, expired)
            answer.add_done_callback(lambda _: timer.cancel())
        answer.add_done_callback(arrived)
        return asked

    def execute(self, query, parameters=(), timeout=None, style=None):
        try:
            text, given = parsed(query, style, parameters).for_driver('dollar', parameters)
            answer = self.client.query(text, given)
        except FAILURES as exc:
            answer = _failed(exc)
        return self._asked(answer, timeout)

    def execute_many(self, query, parameters, timeout=None, style=None):
        sets = list(parameters)
        if not sets:
            return completed(0)
        if style is None and hasattr(sets[0], 'keys'):
            style = 'named'
        try:
            statement = parsed(query, style)
            text, first = statement.for_driver('dollar', sets[0])
            rest = [statement.ordered('dollar', each) for each in sets[1:]]
            answer = self.client.query_many(text, [first] + rest)
        except FAILURES as exc:
            answer = _failed(exc)
        return self._asked(answer, timeout).then(lambda rows: rows.count)

    @coroutine
    def stream(self, query, parameters=(), size=STREAM_ROWS, style=None):
        if self.client.status == IDLE:
            raise InterfaceError(u'a stream of rows needs a transaction')
        self._cursors += 1
        name = u'carryall_%d' % self._cursors
        yield self.execute(u'DECLARE %s NO SCROLL CURSOR FOR %s' % (name, query), parameters, None,
                           style)
        empty = yield self.client.query(u'FETCH 0 FROM ' + name)
        raise Return(_CursorStream(self.client, name, size, empty.columns))

    def begin(self, isolation=None, read_only=False):
        if self.client.status != IDLE:
            return _failed(InternalError(u'a transaction is under way already', None, '25001'))
        level = checked_isolation(isolation)
        words = u'BEGIN'
        if level is not None:
            words += u' ISOLATION LEVEL ' + level.upper()
        return self.client.query(words + (u' READ ONLY' if read_only else u'')).then(_nothing)

    def commit(self):
        if self.client.status == IDLE:
            return _failed(InternalError(u'no transaction is under way', None, '25P01'))
        if self.client.status == b'E':
            # COMMIT would say ROLLBACK, and no error.
            return self.rollback().then(lambda _: _failed(InternalError(
                u'a statement of the transaction has failed', None, '25P02')))
        return self.client.query(u'COMMIT').then(_nothing)

    def rollback(self):
        if self.client.status == IDLE:
            return completed(None)
        return self.client.query(u'ROLLBACK').then(_nothing)

    @coroutine
    def reset(self):
        # A connection comes back before its cancelled statement says so.
        self._resetting = True
        if self.client.pending():
            self.interrupt()
        while self._requests:
            # A request that comes late would hit the statement of somebody else.
            yield self._requests.pop()
        try:
            # The answer comes behind those of all that is under way.
            yield self.client.query(u'SELECT 1')
        except Error:
            # A failed transaction takes no statement, and the request may have hit this one.
            if self.gone:
                raise
        if self.client.status != IDLE:
            yield self.client.query(u'ROLLBACK')
        self._given_up = False
        self._resetting = False

    def interrupt(self):
        octets = self.client.cancel_octets()
        if octets is not None and not self.gone and self.client.pending():
            self._requests = [each for each in self._requests if not each.done()]
            self._requests.append(self._owner.send_cancel(self._loop, self._host, self._port,
                                                          octets))

    def close(self):
        return self.client.close()


class _CursorStream(RowStream):
    """The rows of a cursor of the server."""

    def __init__(self, client, name, size, columns):
        # type: (PostgreSQLClient, str, int, Any) -> None
        self._client = client
        self._name = name
        self._size = size
        self.columns = columns

    def fetch(self):
        return self._client.query(u'FETCH %d FROM %s' % (self._size, self._name)).then(list)

    def close(self):
        return self._client.query(u'CLOSE ' + self._name).then(_nothing)


def _failed(exc):
    # type: (BaseException) -> Future
    future = Future()
    future.set_exception(exc)
    return future


def _nothing(_):
    # type: (Any) -> None
    """Takes the place of a result that is not asked for."""
