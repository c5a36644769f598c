# Copyright the carryall authors.  See LICENSE.
"""The pool as Twisted's ``enterprise.adbapi`` had it: a module of DB-API 2.0 and its arguments.

    pool = ConnectionPool(loop, 'psycopg2', 'dbname=app', cp_min=3, cp_max=5)

Parameters have the style of the module, as they had then.  ``cp_reconnect`` and ``cp_noisy`` are
taken and do nothing: a connection that is gone is always replaced.
Tests:    tests/services/database/test_adbapi.py
"""
from __future__ import absolute_import, division, print_function

import warnings

from carryall.app.databases import database_driver
from carryall.core.database import Pool, PoolSettings, QueryOptions
from carryall.core.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from carryall.core.future import Future

__all__ = ['Augmentation', 'ConnectionPool', 'safe']

# Of Twisted's, without a meaning here
IGNORED = ('cp_noisy', 'cp_openfun', 'cp_reconnect', 'cp_good_sql', 'cp_threadpoolFactory')


class ConnectionPool(Pool):
    """A pool over any DB-API 2.0 module, or over a location such as ``sqlite:FILE``.

    Args:     module: the module, its dotted name, or a location.
              args, named: of the module's ``connect``.
              cp_min, cp_max: connections.
              cp_name: for the log and metrics.
    """

    def __init__(self, loop, module, *args, **named):
        # type: (Any, Any, *Any, **Any) -> None
        most = named.pop('cp_max', 5)
        least = min(named.pop('cp_min', 3), most)
        name = named.pop('cp_name', u'')
        for word in IGNORED:
            named.pop(word, None)
        unknown = sorted(word for word in named if word.startswith('cp_'))
        if unknown:
            raise UsageError(u'a pool has no %s' % u', '.join(unknown))
        if hasattr(module, 'connect') or u':' not in module:
            driver = loop.database_module(module, *args, **named)
            style = self._style_of(module)
        else:
            driver = database_driver(loop, module, *args, **named)
            style = None
        Pool.__init__(self, loop, driver, PoolSettings(min_connections=least,
                                                       max_connections=most),
                      QueryOptions(style=style), name)

    @staticmethod
    def _style_of(module):
        # type: (Any) -> Any
        """The style of parameters that programs for this module use."""
        if not hasattr(module, 'connect'):
            module = __import__(module, None, None, ['paramstyle'])
        # qmark and named are told apart by the parameters.
        return None if module.paramstyle in ('qmark', 'named') else module.paramstyle


class Augmentation(object):
    """The base of objects that use a pool, as in Twisted 0.19.

    Args:     dbpool: a pool.
    """

    def __init__(self, dbpool):
        # type: (Pool) -> None
        self.dbpool = dbpool

    def runQuery(self, *args):
        # type: (*Any) -> Future
        """A Future of the rows of one statement."""
        return self.dbpool.run_query(*args)

    def runOperation(self, *args):
        # type: (*Any) -> Future
        """Executes one statement."""
        return self.dbpool.run_operation(*args)

    def runInteraction(self, interaction, *args, **named):
        # type: (Any, *Any, **Any) -> Future
        """Calls ``interaction(transaction, ...)`` in a thread."""
        return self.dbpool.run_interaction(interaction, *args, **named)


def safe(text):
    # type: (str) -> str
    """*text* with doubled quotes.  Deprecated: hand values in as parameters."""
    warnings.warn('safe() quotes for no database safely; use parameters', DeprecationWarning, 2)
    return text.replace(u"'", u"''").replace(u'\\', u'\\\\')
