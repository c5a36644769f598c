# Copyright the carryall authors.  See LICENSE.
"""A pool over a database in memory."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall import runtimes
from carryall.core.database import Pool
from carryall.core.errors import Unsupported


class Database(object):
    """A loop and a pool of one database in memory."""

    def __init__(self):
        self.loop = runtimes.choose()
        try:
            self.pool = Pool(self.loop, self.loop.database_driver(u'memory:'))
        except Unsupported as exc:
            self.loop.close()
            pytest.skip(str(exc))
        self.run = self.loop.run_until

    def ask(self, query, parameters=()):
        """The rows of a query."""
        return self.run(self.pool.run_query(query, parameters))

    def close(self):
        """Ends both."""
        self.run(self.pool.close())
        self.loop.close()


@pytest.fixture
def database():
    made = Database()
    yield made
    made.close()
