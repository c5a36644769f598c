# Copyright the carryall authors.  See LICENSE.
"""The driver of PostgreSQL for the database contract: connections without threads.

    postgresql://user:password@host:5432,other:5433/name?sslmode=verify-full
    postgresql:///name?host=/run/postgresql&user=app            a Unix socket

``conninfo`` has all keywords.  Several hosts are tried in their order, or in any order with
load_balance_hosts=random, until one is what target_session_attrs asks for.
Source:   PostgreSQL 18, section 34.1.
Tests:    tests/protocols/postgresql/test_pgdriver.py
"""
from __future__ import absolute_import, division, print_function

import random

from carryall.core.auth.sasl import NoMechanism, SASLError
from carryall.core.compat import FAILURES
from carryall.core.database import (ConnectionGone, DatabaseConnection, Driver, Error,
                                    InterfaceError, InternalError, OperationalError, RowStream,
                                    StatementCancelled, parsed)
from carryall.core.database.dbconnection import (CONNECT_SECONDS, STREAM_ROWS, checked_isolation)
from carryall.core.codec.numbers import decimal_text
from carryall.core.errors import ConnectFailed, UsageError
from carryall.core.future import Future, Return, completed, coroutine
from carryall.core.tls import Identity, TLSContext
from carryall.protocols.postgresql.cancelrequest import send_cancel
from carryall.protocols.postgresql.client import IDLE, connect
from carryall.protocols.postgresql.conninfo import (MAX_STATEMENTS, is_own, parse_location,
                                                    password_of, ways_to_log_in)
from carryall.protocols.postgresql.errors import PostgreSQLError
from carryall.protocols.postgresql.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Tuple
    from carryall.protocols.postgresql.client import PostgreSQLClient

__all__ = ['PostgreSQLConnection', 'PostgreSQLDriver', 'driver', 'parse_location']

LEAST_SECONDS = 2.0         # of connect_timeout
NEWEST_MINOR = 2            # of the protocol 3
MINORS = {'3.0': 0, '3.2': NEWEST_MINOR, 'latest': NEWEST_MINOR}
OLD_TLS = ('TLSv1', 'TLSv1.1')      # that are not spoken
LOGIN_STATES = '28'         # how the SQLSTATE of a log-in that is refused begins
ALPN = ('postgresql',)
VERIFYING = ('verify-ca', 'verify-full')


def driver(location):
    # type: (str) -> PostgreSQLDriver
    """The driver for a connection string.

    Raises:   UsageError: it is none.
    """
    return PostgreSQLDriver(*parse_location(location))


class _Server(object):
    """One of the servers, and how to reach it.

    Attributes:
        path: of its Unix socket; None over TCP.
        tls, starttls: TLSContexts, as ``connect`` takes them.
        lenient: it may have no TLS.
        retry: how it is tried next, if it refuses; None for not at all.
    """

    def __init__(self, host, port, address):
        # type: (str, int, str) -> None
        self.host = host
        self.port = port
        self.address = address or host
        self.path = u'%s/.s.PGSQL.%d' % (host, port) if host.startswith(u'/') else None
        self.tls = None             # type: Any
        self.starttls = None        # type: Any
        self.lenient = False
        self.retry = None           # type: Any

    def under(self, starttls, lenient=False):
        # type: (Any, bool) -> _Server
        """The same server, with an upgrade to TLS."""
        other = _Server(self.host, self.port, self.address)
        other.starttls = starttls
        other.lenient = lenient
        return other


class PostgreSQLDriver(Driver):
    """Opens connections to one of several servers of a database."""

    dialect = 'postgres'

    def __init__(self, hosts, options):
        # type: (List[Tuple[str, int]], Dict[str, str]) -> None
        self._options = options
        self._attribute = options.get('target_session_attrs', 'any')
        self._user = options.get('user', u'postgres')
        self._database = options.get('dbname', self._user)
        self._settings = _settings(options)
        addresses = options.get('hostaddr', u'').split(u',')
        if len(addresses) != len(hosts):
            addresses = [u''] * len(hosts)
        self._servers = [self._server(host, port, address)
                         for (host, port), address in zip(hosts, addresses)]
        self.name = u'postgresql://%s/%s' % (u','.join(u'%s:%d' % pair for pair in hosts),
                                             self._database)

    def _server(self, host, port, address):
        # type: (str, int, str) -> _Server
        server = _Server(host, port, address)
        mode = self._options.get('sslmode', 'disable' if is_own(host) else 'verify-full')
        if mode == 'disable' or server.path is not None:
            return server
        context = _context(self._options, mode)
        if self._options.get('sslnegotiation') == 'direct':
            server.tls = context
        elif mode == 'allow':
            server.retry = server.under(context)
        elif mode == 'prefer':
            retry = server
            server = server.under(context, True)
            server.retry = retry
        else:
            server = server.under(context)
        return server

    @coroutine
    def connect(self, loop, timeout=CONNECT_SECONDS):
        servers = list(self._servers)
        if self._options.get('load_balance_hosts') == 'random':
            random.shuffle(servers)
        wanted = [self._attribute]
        if self._attribute == 'prefer-standby':
            wanted = ['standby', 'any']
        last = None                 # type: Any
        for attribute in wanted:
            for server in servers:
                try:
                    connection = yield self._attempt(loop, server, timeout)
                    suits = yield _suits(connection, attribute)
                except Error as exc:
                    last = exc
                    if _is_final(exc):
                        raise
                    continue
                if suits:
                    raise Return(connection)
                yield connection.close()
                last = OperationalError(u'%s:%d is not %s'
                                        % (server.host, server.port, attribute))
        raise last

    @coroutine
    def _attempt(self, loop, server, timeout):
        # type: (Any, _Server, float) -> Any
        """A Future of a connection to one server, which may be tried in two ways."""
        while True:
            try:
                client = yield self._connect(loop, server, timeout)
            except (ConnectFailed, PostgreSQLError) as exc:
                last = ConnectionGone(exc.message, exc)         # type: Any
            except (SASLError, NoMechanism) as exc:
                last = OperationalError(exc.message, exc, '28000')
            except Error as exc:
                last = exc
            else:
                raise Return(PostgreSQLConnection(loop, client, server))
            if server.retry is None:
                raise last
            server = server.retry

    def _connect(self, loop, server, timeout):
        # type: (Any, _Server, float) -> Future
        seconds = float(self._options.get('connect_timeout', u'0'))
        if seconds:
            timeout = min(timeout, max(seconds, LEAST_SECONDS))
        password = password_of(self._options, server.host, server.port, self._user,
                               self._database)
        return connect(loop, server.address, server.port, server.tls, timeout, self._settings,
                       server.starttls, self._user,
                       None if password is None else password.encode('utf-8'), self._database,
                       server.path, server.lenient, server.host)


def _is_final(error):
    # type: (Error) -> bool
    """True if no other host is tried: the log-in was refused, by either side."""
    return (error.sqlstate or '').startswith(LOGIN_STATES)


def _settings(options):
    # type: (Dict[str, str]) -> Settings
    name = options.get('application_name') or options.get('fallback_application_name', u'carryall')
    parameters = [(u'options', options['options'])] if options.get('options') else []
    chosen = dict(
        application_name=name, parameters=tuple(parameters),
        channel_binding=options.get('channel_binding', u'prefer'),
        require_auth=ways_to_log_in(options),
        min_minor=MINORS[options.get('min_protocol_version', '3.0')],
        max_minor=MINORS[options.get('max_protocol_version', '3.0')])   # type: Dict[str, Any]
    if chosen['min_minor'] > chosen['max_minor']:
        chosen['max_minor'] = chosen['min_minor']
    if 'statements' in options:
        chosen['statements'] = decimal_text(options['statements'], MAX_STATEMENTS)
    return Settings(**chosen)


def _context(options, mode):
    # type: (Dict[str, str], str) -> TLSContext
    identity = None
    if options.get('sslcert'):
        identity = Identity(options['sslcert'], options.get('sslkey'), options.get('sslpassword'))
    trust = options.get('sslrootcert')
    limits = {}                     # type: Dict[str, str]
    for word, name in (('ssl_min_protocol_version', 'minimum'),
                       ('ssl_max_protocol_version', 'maximum')):
        version = options.get(word)
        if version in OLD_TLS and name == 'maximum':
            raise UsageError(u'%s is not spoken' % version)
        if version and version not in OLD_TLS:
            limits[name] = version
    return TLSContext(identity, None if trust == 'system' else trust, alpn=ALPN,
                      verify=mode in VERIFYING, **limits)         # type: ignore


@coroutine
def _suits(connection, attribute):
    # type: (PostgreSQLConnection, str) -> Any
    """A Future of True if the session is what target_session_attrs asks for.

    The session is closed if it cannot be asked.
    """
    if attribute == 'any':
        raise Return(True)
    told = connection.client.parameters
    try:
        if attribute in ('primary', 'standby'):
            standby = told.get(u'in_hot_standby')
            if standby is None:
                rows = yield connection.execute(u'SELECT pg_catalog.pg_is_in_recovery()')
                standby = u'on' if rows.value() else u'off'
            raise Return((standby == u'on') == (attribute == 'standby'))
        # PostgreSQL 14 tells both of itself.
        both = [told.get(u'default_transaction_read_only'), told.get(u'in_hot_standby')]
        if None in both:
            rows = yield connection.execute(u'SHOW transaction_read_only')
            both = [rows.value()]
        raise Return((u'on' in both) == (attribute == 'read-only'))
    except Error as exc:
        yield connection.close()
        raise exc           # py2: a bare raise would not know it any more


class PostgreSQLConnection(DatabaseConnection):
    """A connection that never blocks; many statements may be under way."""

    dialect = 'postgres'

    def __init__(self, loop, client, server):
        # type: (Any, PostgreSQLClient, _Server) -> None
        self.client = client
        self._loop = loop
        self._server = server
        self._given_up = False
        self._requests = []         # type: List[Any]  # Futures of requests to cancel
        self._resetting = False

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
        text, given = parsed(query, style, parameters).for_driver('dollar', parameters)
        portal = yield self.client.open_portal(text, given)
        raise Return(_PortalStream(portal, size))

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
        return self.client.commit().then(_nothing)

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
            server = self._server
            starttls = server.starttls if self.client.secured else None
            self._requests.append(send_cancel(self._loop, octets, server.address, server.port,
                                              server.path, server.tls, starttls, server.host))

    def close(self):
        return self.client.close()


class _PortalStream(RowStream):
    """The rows of a portal of the server."""

    def __init__(self, portal, size):
        # type: (Any, int) -> None
        self._portal = portal
        self._size = size
        self.columns = portal.columns

    def fetch(self):
        return self._portal.fetch(self._size).then(list)

    def close(self):
        return self._portal.close()


def _failed(exc):
    # type: (BaseException) -> Future
    future = Future()
    future.set_exception(exc)
    return future


def _nothing(_):
    # type: (Any) -> None
    """Takes the place of a result that is not asked for."""
