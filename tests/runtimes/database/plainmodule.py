# Copyright the carryall authors.  See LICENSE.
"""sqlite3 under another name: a DB-API 2.0 module of which nothing is known."""
from __future__ import absolute_import, division, print_function

import sqlite3
from sqlite3 import (Binary, DatabaseError, DataError, Error, IntegrityError, InterfaceError,
                     InternalError, NotSupportedError, OperationalError, ProgrammingError)

__all__ = ['Binary', 'DataError', 'DatabaseError', 'Error', 'IntegrityError', 'InterfaceError',
           'InternalError', 'NotSupportedError', 'OperationalError', 'ProgrammingError',
           'apilevel', 'connect', 'paramstyle', 'threadsafety']

apilevel = '2.0'
threadsafety = 1
paramstyle = 'named'


def connect(path):
    """A connection that refuses other threads than the one that has opened it."""
    connection = sqlite3.connect(path, timeout=5.0)
    connection.execute('PRAGMA foreign_keys = ON')
    return connection
