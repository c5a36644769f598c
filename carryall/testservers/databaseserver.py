# Copyright the carryall authors.  See LICENSE.
"""DatabaseServer: an empty database for one test, by each provider that this runtime has.

    def test_orders(database):                          # runs once for each provider
        database.sql('CREATE TABLE orders (id integer)')
        store = open_my_store(database.location)

    pool = database.pool(loop, max_connections=2)       # in place of a location

The providers are ``sqlite`` (a file), ``memory`` and ``postgresql`` (a cluster of its own, by our
client).  Jython has ``h2`` and ``jdbc-postgresql`` too; other runtimes have ``module``, which is
sqlite3 as any DB-API 2.0 module.  The option ``provider`` or CARRYALL_DATABASE_PROVIDER names one
of them.
A provider that is not installed is skipped.
Tests:    tests/house/testservers/test_databaseserver.py
"""
from __future__ import absolute_import, division, print_function

import os
import shutil
import tempfile

from carryall import runtimes
from carryall.app.databases import database_driver
from carryall.commands.catalogue import FIXTURES
from carryall.core.database import Pool, PoolSettings
from carryall.core.errors import Unsupported, UsageError
from carryall.runtimes.platform import ON_JVM
from carryall.testservers.server import Server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ['DatabaseServer', 'PROVIDERS']

if ON_JVM:
    PROVIDERS = ('sqlite', 'memory', 'h2', 'postgresql', 'jdbc-postgresql')
else:
    PROVIDERS = ('sqlite', 'memory', 'module', 'postgresql')

CLUSTER = 'postgresql_server'       # the fixture that serves these:
SERVED = ('postgresql', 'jdbc-postgresql')
# Names mean the same as on the other databases.
H2 = u'jdbc:h2:%s;DATABASE_TO_UPPER=FALSE;CASE_INSENSITIVE_IDENTIFIERS=TRUE'
JDBC = u'jdbc:postgresql://%s/%s?user=%s&password=%s'
# Our connection waits so long for another that has the lock of a file.
LOCK_SECONDS = 5.0


class DatabaseServer(Server):
    """A database by one provider.

    Options:  provider: one of PROVIDERS; ``sqlite`` if none is given.

    Attributes:
        variants: the providers, each of which a test with the fixture meets.
    """

    name = 'database'
    scheme = 'sqlite'
    options = {'provider': 'text'}
    variants = ('provider', PROVIDERS)

    def __init__(self, runner=None, **options):
        # type: (Any, **Any) -> None
        Server.__init__(self, runner, **options)
        self.provider = str(self.values.get('provider') or PROVIDERS[0])
        if self.provider not in PROVIDERS:
            raise UsageError(u'there is no provider %s on this runtime; it has %s'
                             % (self.provider, u', '.join(PROVIDERS)))
        self._folder = ''
        self._server = None         # type: Any
        self._loop = None           # type: Any
        self._connection = None     # type: Any

    # -- life ----------------------------------------------------------------------------------

    def start(self):
        # type: () -> Any
        """Makes the database.

        Raises:   Unsupported: the provider, or PostgreSQL's server, is not installed here.
        """
        if self.started:
            return self
        self._folder = tempfile.mkdtemp(prefix='carryall-database-')
        try:
            if self.provider in SERVED:
                self._server = _postgresql()(self.given_runner).start()
                self.places = self._server.places
            self._connect()
        except BaseException:
            self.close()
            raise
        return self

    def _connect(self):
        # type: () -> None
        self._loop = runtimes.choose()
        self._connection = self._loop.run_until(self.driver(self._loop).connect(self._loop))

    def _disconnect(self):
        # type: () -> None
        loop, self._loop = self._loop, None
        connection, self._connection = self._connection, None
        if loop is None:
            return
        try:
            if connection is not None:
                loop.run_until(connection.close())
        finally:
            loop.close()

    def close(self):
        """Ends it, and drops its data."""
        try:
            self._disconnect()
        finally:
            server, self._server = self._server, None
            folder, self._folder = self._folder, ''
            try:
                if server is not None:
                    server.close()
            finally:
                if folder:
                    shutil.rmtree(folder, ignore_errors=True)

    def stop(self):
        """Shuts PostgreSQL's server down; any other provider has none."""
        self._served().stop()

    def kill(self):
        # type: () -> None
        """Ends PostgreSQL's server as a crash does."""
        self._served().kill()

    def restart(self, **options):
        """Starts PostgreSQL's server again, with the same data."""
        self._served().restart(**options)
        self._disconnect()
        self._connect()
        return self

    def _served(self):
        # type: () -> Any
        if self._server is None:
            raise Unsupported(u'%s has no server' % self.provider)
        return self._server

    @property
    def started(self):
        """True between ``start`` and ``close``."""
        return bool(self._folder)

    # -- what it is and does -------------------------------------------------------------------

    @property
    def location(self):
        # type: () -> str
        """The location, as ``--store`` and ``carryall.app.databases`` take it.

        Raises:   Unsupported: a module of DB-API 2.0 has none.
        """
        path = os.path.join(self._folder, 'test.db')
        if self.provider == 'memory':
            return u'memory:'
        if self.provider == 'h2':
            return H2 % path
        if self.provider == 'module':
            raise Unsupported(u'a module of DB-API 2.0 has no location; driver() has it')
        if self.provider == 'sqlite':
            return u'sqlite:%s' % path
        if self.provider == 'postgresql':
            return u'%s' % self._server.url
        return JDBC % (self._server.netloc, self._server.database, self._server.user,
                       self._server.password)

    @property
    def url(self):
        """As ``location``."""
        return self.location

    @property
    def dialect(self):
        # type: () -> str
        """The name of its SQL: ``sqlite``, ``postgres`` or ``h2``."""
        return str(self._connection.dialect)

    def driver(self, loop):
        # type: (Any) -> Any
        """A driver of the database for a loop of the test; ``memory`` has one database for each.

        Raises:   Unsupported: it is not installed here.
        """
        if self.provider == 'module':
            return loop.database_module('sqlite3', os.path.join(self._folder, 'test.db'),
                                        timeout=LOCK_SECONDS)
        return database_driver(loop, self.location)

    def pool(self, loop, **settings):
        # type: (Any, **Any) -> Pool
        """A pool of the database, not started; *settings* are those of PoolSettings."""
        return Pool(loop, self.driver(loop), PoolSettings(**settings))

    def sql(self, text, parameters=()):
        # type: (str, Any) -> Any
        """The rows of one statement on a connection of its own."""
        return self._loop.run_until(self._connection.execute(u'%s' % text, parameters))

    def reset(self):
        """Drops all tables."""
        if self.provider in SERVED:
            self._server.reset()
            return
        self._disconnect()
        for name in os.listdir(self._folder):
            os.unlink(os.path.join(self._folder, name))
        self._connect()

    def fail(self, when=None, reply=None, **how):
        """Refused: a real database has no faults to order."""
        raise Unsupported(u'a real database has no faults to order')

    def __repr__(self):
        return '<DatabaseServer %s>' % self.provider


def _postgresql():
    # type: () -> Any
    """The class of the fixture CLUSTER, which another manifest has.

    Raises:   Unsupported: this program has no such fixture.
    """
    module, _, name = dict(row[:2] for row in FIXTURES).get(CLUSTER, '').partition(':')
    if not module:
        raise Unsupported(u'this program has no %s' % CLUSTER)
    return __import__(module, None, None, [name]).__dict__[name]
