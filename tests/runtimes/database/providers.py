# Copyright the carryall authors.  See LICENSE.
"""The providers of this runtime, over which the contract is tested.

    sqlite      a file, by sqlite3 or JDBC
    memory      the same in memory
    module      sqlite3 as any DB-API 2.0 module: transactions begin by themselves
    h2          by JDBC
"""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import Unsupported
from tests.support import interpreter

if interpreter.JYTHON:
    NAMES = ('sqlite', 'memory', 'h2')
else:
    NAMES = ('sqlite', 'memory', 'module')


def driver_of(name, loop, tmpdir):
    """The driver *name* with an empty database; skips where Java has no such driver."""
    try:
        if name == 'sqlite':
            return loop.database_driver(u'sqlite:%s' % tmpdir.join('test.db'))
        if name == 'memory':
            return loop.database_driver(u'memory:')
        if name == 'h2':
            return loop.database_driver(u'jdbc:h2:%s;DATABASE_TO_UPPER=FALSE;'
                                        u'CASE_INSENSITIVE_IDENTIFIERS=TRUE' % tmpdir.join('test'))
    except Unsupported as exc:
        pytest.skip(str(exc))
    from tests.runtimes.database import plainmodule
    return loop.database_module(plainmodule, str(tmpdir.join('test.db')))
