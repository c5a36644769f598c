# Copyright the carryall authors.  See LICENSE.
"""Providers of the database contract (``carryall.core.database``): drivers that block, each
connection in a thread of its own.

``driver(location)`` is what ``loop.database_driver`` gives:

    sqlite:PATH     a file of SQLite: by sqlite3, on the JVM by JDBC
    memory:         a database of SQLite in memory
    jdbc:...        any URL of JDBC, on the JVM
    a module        any DB-API 2.0 module, with the arguments of its connect()

Tests:    tests/runtimes/database/
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.errors import Unsupported, UsageError
from carryall.runtimes.database.dbapi import DIALECTS, DBAPIConnection, text_of
from carryall.runtimes.database.ownthread import OwnThreadDriver
from carryall.runtimes.platform import ON_JVM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from carryall.core.database import Driver

__all__ = ['driver', 'module_driver']

MEMORY = u':memory:'


def driver(location, **options):
    # type: (Any, **Any) -> Driver
    """The driver for *location*, text as the module says.

    Raises:   UsageError: the location is none of these.
              Unsupported: this runtime has no driver for it; says what has.
    """
    scheme, colon, rest = location.partition(u':')
    if not colon:
        raise UsageError(u'%s is no database: sqlite:PATH, memory: or jdbc:URL' % location)
    if scheme == u'memory':
        return _sqlite(MEMORY, u'memory:', options)
    if scheme == u'sqlite':
        path = rest[2:] if rest.startswith(u'//') else rest
        if not path or path == MEMORY:
            raise UsageError(u'sqlite: wants the path of a file; memory: has no file')
        return _sqlite(path, location, options)
    if scheme == u'jdbc':
        if not ON_JVM:
            raise Unsupported(u'JDBC runs on Jython alone; here: sqlite:PATH, or a DB-API module')
        from carryall.runtimes.database.jdbcdriver import url_driver
        return url_driver(location, options)
    raise UsageError(u'this runtime has no driver for %s:; it has sqlite:PATH, memory: and, on '
                     u'Jython, jdbc:URL' % scheme)


def _sqlite(path, name, options):
    # type: (Any, Any, Any) -> Driver
    if ON_JVM:
        from carryall.runtimes.database.jdbcdriver import sqlite_opener
        open_blocking = sqlite_opener(path, options)
    else:
        try:
            from carryall.runtimes.database.sqlitefile import open_sqlite
        except ImportError as exc:
            raise Unsupported(u'this Python was built without sqlite3: %s' % text_of(exc), exc)

        def open_blocking():
            # type: () -> Any
            return open_sqlite(path, **options)
    return OwnThreadDriver(open_blocking, 'sqlite', name, path == MEMORY)


def module_driver(module, args=(), options=None):
    # type: (Any, Any, Any) -> Driver
    """The driver of a DB-API 2.0 module.

    Args:     module: the module, or its dotted name.
              args, options: of its ``connect``.
    Raises:   UsageError: it cannot be imported, or is no such module.
    """
    if not hasattr(module, 'connect'):
        module = _imported(module)
    if getattr(module, 'apilevel', None) != '2.0':
        raise UsageError(u'%s is no module of DB-API 2.0' % module.__name__)
    if module.__name__ == 'sqlite3' and len(args) == 1 and not options:
        return _sqlite(args[0], u'sqlite:%s' % args[0], {})
    dialect = DIALECTS.get(module.__name__.partition('.')[0], '')

    def open_blocking():
        # type: () -> DBAPIConnection
        connection = DBAPIConnection(None, module, dialect)
        try:
            connection.raw = module.connect(*args, **(options or {}))
        except FAILURES as exc:
            raise connection.error(exc)
        return connection
    return OwnThreadDriver(open_blocking, dialect, module.__name__)


def _imported(name):
    # type: (str) -> Any
    try:
        return __import__(name, None, None, ['connect'])
    except ImportError as exc:
        raise UsageError(u'the database module %s cannot be imported: %s' % (name, text_of(exc)))
