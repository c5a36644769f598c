# Copyright the carryall authors.  See LICENSE.
"""PostgreSQL: a client of the protocol 3.0, without threads, on every backend.

    client = yield connect(loop, '127.0.0.1', user=u'app', password=b'secret', database=u'app')
    rows = yield client.query(u'SELECT name FROM people WHERE age > $1', (30,))
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.postgresql.client import PostgreSQLClient, connect
from carryall.protocols.postgresql.errors import PostgreSQLError
from carryall.protocols.postgresql.settings import PORT, Settings

__all__ = ['PORT', 'PostgreSQLClient', 'PostgreSQLError', 'Settings', 'connect']
