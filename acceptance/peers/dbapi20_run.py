# Copyright the carryall authors.  See LICENSE.
"""The compliance tests of dbapi20 on the database at a location: the name of each and its verdict.

    dbapi20_run.py FOLDER own LOCATION        carryall.pep249.connect
    dbapi20_run.py FOLDER pool LOCATION       a connection that a pool lends
    dbapi20_run.py FOLDER jdbc URL [USER PASSWORD]      the module over JDBC, on Jython
FOLDER has dbapi20.py.
"""
from __future__ import print_function

import sys
import unittest

from carryall import pep249

sys.path.insert(0, sys.argv[1])
import dbapi20  # noqa: E402

KIND = sys.argv[2]
LOCATION = sys.argv[3]


class Pooled(object):
    """The module, whose connect() lends a connection of one pool."""

    def __init__(self):
        self.pool = pep249.ConnectionPool(LOCATION)
        self.connect = self.pool.connect

    def __getattr__(self, name):
        return getattr(pep249, name)


def module():
    """The module under test."""
    if KIND == 'jdbc':
        from carryall.runtimes.database import jdbc
        return jdbc
    return Pooled() if KIND == 'pool' else pep249


class Compliance(dbapi20.DatabaseAPI20Test):
    """The tests, with those that a driver has to write itself."""

    driver = module()
    connect_args = () if KIND == 'pool' else tuple(sys.argv[3:])

    def test_nextset(self):
        connection = self._connect()
        try:
            cursor = connection.cursor()
            if hasattr(cursor, 'nextset'):
                cursor.execute('SELECT 1')
                self.assertEqual(cursor.nextset(), None)
        finally:
            connection.close()

    def test_setoutputsize(self):
        connection = self._connect()
        try:
            connection.cursor().setoutputsize(1000)
        finally:
            connection.close()


class Verdicts(unittest.TestResult):
    """Prints one line for each test."""

    def addSuccess(self, test):
        print('%s: holds' % test.id().split('.')[-1])

    def addFailure(self, test, err):
        print('%s: fails: %s' % (test.id().split('.')[-1], str(err[1]).split('\n')[0][:200]))

    addError = addFailure


unittest.defaultTestLoader.loadTestsFromTestCase(Compliance).run(Verdicts())
if KIND == 'pool':
    Compliance.driver.pool.close()
print('over')
