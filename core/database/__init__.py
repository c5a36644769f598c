# Copyright the carryall authors.  See LICENSE.
"""Databases: the contract that all drivers keep, the pool, and what both are made of.

    pool = Pool(loop, loop.database_driver(u'sqlite:/var/lib/app.db'))
    rows = yield pool.run_query(u'SELECT name FROM people WHERE age > ?', (30,))

The drivers that need threads are in ``carryall.runtimes.database``.
"""
from __future__ import absolute_import, division, print_function

from carryall.core.database.connectionlender import PoolSettings
from carryall.core.database.databasepool import Pool, QueryOptions
from carryall.core.database.dbconnection import (ISOLATION, BlockingConnection,
                                                 DatabaseConnection, Driver, RowStream)
from carryall.core.database.dberrors import (ConnectionGone, DatabaseError, DatabaseLocked,
                                             DataError, Error, ForeignDatabase, IntegrityError,
                                             InterfaceError, InternalError, NotSupportedError,
                                             OperationalError, PoolExhausted, ProgrammingError,
                                             SerializationFailure, StatementCancelled, StorageFull,
                                             UniqueViolation, error_of)
from carryall.core.database.rows import Row, Rows
from carryall.core.database.sqltext import parsed

__all__ = ['BlockingConnection', 'ConnectionGone', 'DataError', 'DatabaseConnection',
           'DatabaseError', 'DatabaseLocked', 'Driver', 'Error', 'ForeignDatabase', 'ISOLATION',
           'IntegrityError', 'InterfaceError', 'InternalError', 'NotSupportedError',
           'OperationalError', 'Pool', 'PoolExhausted', 'PoolSettings', 'ProgrammingError',
           'QueryOptions', 'Row', 'RowStream', 'Rows', 'SerializationFailure',
           'StatementCancelled', 'StorageFull', 'UniqueViolation', 'error_of', 'parsed']
