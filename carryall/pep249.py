# Copyright the carryall authors.  See LICENSE.
"""A module of DB-API 2.0 (PEP 249) for all databases that carryall knows, on each runtime.

    from carryall import pep249
    connection = pep249.connect('postgresql://anna@127.0.0.1/app')
    cursor = connection.cursor()
    cursor.execute('SELECT name FROM people WHERE age > ?', (30,))
    rows = cursor.fetchall()
    connection.commit()
    connection.close()

A location is ``postgresql://...``, by carryall's own client, without a library of C;
``sqlite:FILE``, ``memory:``, and on the JVM ``jdbc:...``.  Calls block, and a connection belongs to
one thread.  Programs that wait for several things at once have ``carryall.core.database``.

A ``ConnectionPool`` keeps connections open: its ``connect`` lends one, whose ``close`` gives it
back.
Source:   PEP 249.
Tests:    tests/house/test_pep249.py
"""
from __future__ import absolute_import, division, print_function

from carryall import runtimes
from carryall.app.databases import database_driver
from carryall.core.compat import FAILURES, text_type
from carryall.core.database import (DatabaseError, DataError, Error, IntegrityError,
                                    InterfaceError, InternalError, NotSupportedError,
                                    OperationalError, Pool, PoolSettings, ProgrammingError)
from carryall.core.database.syncconnection import (BINARY, Binary, DATETIME, Date, DateFromTicks,
                                                   NUMBER, ROWID, STRING, SyncConnection, Time,
                                                   TimeFromTicks, Timestamp, TimestampFromTicks,
                                                   Warning)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

__all__ = ['BINARY', 'Binary', 'ConnectionPool', 'DATETIME', 'DataError', 'DatabaseError', 'Date',
           'DateFromTicks', 'Error', 'IntegrityError', 'InterfaceError', 'InternalError',
           'NUMBER', 'NotSupportedError', 'OperationalError', 'ProgrammingError', 'ROWID',
           'STRING', 'Time', 'TimeFromTicks', 'Timestamp', 'TimestampFromTicks', 'Warning',
           'apilevel', 'connect', 'paramstyle', 'threadsafety']

apilevel = '2.0'
threadsafety = 1
paramstyle = 'qmark'

CONNECT_SECONDS = 30.0


def connect(location, timeout=CONNECT_SECONDS):
    # type: (Any, float) -> SyncConnection
    """Connects to the database at *location*.

    Args:     timeout: in seconds, of connecting.
    Raises:   UsageError: it is no location.  Unsupported: this runtime has no driver for it.
              OperationalError and others.
    """
    loop = runtimes.choose()
    try:
        driver = database_driver(loop, text_type(location))
        connection = loop.run_until(driver.connect(loop, timeout))
    except FAILURES:
        loop.close()
        raise

    def give_back():
        # type: () -> None
        try:
            loop.run_until(connection.close())
        finally:
            loop.close()
    return SyncConnection(loop, connection, give_back)


class ConnectionPool(object):
    """Connections that are lent to one thread, and checked before they are lent again.

    Args:     settings: a PoolSettings.
    """

    def __init__(self, location, settings=None):
        # type: (Any, Optional[PoolSettings]) -> None
        self._loop = runtimes.choose()
        try:
            self._pool = Pool(self._loop, database_driver(self._loop, text_type(location)),
                              settings)
        except FAILURES:
            self._loop.close()
            raise

    def connect(self):
        # type: () -> SyncConnection
        """Lends a connection.

        Raises:   PoolExhausted: all are lent.  OperationalError and others.
        """
        lender = self._pool.lender
        connection = self._loop.run_until(lender.acquire())
        return SyncConnection(self._loop, connection, lambda: lender.release(connection))

    def close(self):
        # type: () -> None
        """Closes all connections."""
        try:
            self._loop.run_until(self._pool.close())
        finally:
            self._loop.close()
