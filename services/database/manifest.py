# Copyright the carryall authors.  See LICENSE.
"""The manifest of databases: the pool, stores, rows as objects."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import (DONE, PART, CommandEntry, FeatureEntry, FixtureEntry, Manifest,
                                    StoreEntry, UsageEntry)

MANIFEST = Manifest(
    name='databases',
    summary='databases: a pool over any DB-API 2.0 module, SQLite everywhere, JDBC on Jython',
    needs=['http', 'pb'],
    commands=[
        CommandEntry('store', 'carryall.commands.store', 'move and show the stores of services',
                     usages=[UsageEntry('move', 'MOVE', 'MOVE_SUMMARY'),
                             UsageEntry('show', 'SHOW', 'SHOW_SUMMARY')]),
    ],
    fixtures=[FixtureEntry('database', 'carryall.testservers.databaseserver:DatabaseServer', '',
                           'An empty database, by each provider of this runtime in turn.')],
    stores=[StoreEntry('accounts', 'carryall.services.database.dbaccounts')],
    readme=[
        ('`bin/carryall store move sqlite:old.db sqlite:new.db`',
         'the stores of services from one database to another, compared before they count'),
    ],
    cases=['database', 'jar_store', 'stores'],
    examples=['enterprise/dbauth.tac', 'enterprise/forum.tac',
              'enterprise/pages/count.rpy', 'enterprise/row_example.py', 'notes_server.py'],
    pages=['pep249'],
    paths=['carryall/testservers/databaseserver.py',
           'tests/house/testservers/test_databaseserver.py',
           'acceptance/peers/database_statements.py', 'acceptance/peers/database_store.py',
           'tests/commands/test_store.py', 'tests/services/database'],
    features=[
        FeatureEntry('DBA-01', DONE,
                     'a pool of databases with a fair, bounded queue, deadlines, cancellation, '
                     'health checks, reconnection and metrics, with the names of both eras'),
        FeatureEntry('DBA-02', DONE,
                     'a connection is rolled back or replaced after an error; conflicts are tried '
                     'again if asked'),
        FeatureEntry('DBA-03', DONE, 'one text of a query for all styles of parameters'),
        FeatureEntry('DBA-04', DONE,
                     'sqlite3, PostgreSQL by our own client, JDBC on Jython (SQLite, H2, '
                     'PostgreSQL) and any DB-API 2.0 module'),
        FeatureEntry('DBA-05', PART, 'PostgreSQL without threads, on every backend'),
        FeatureEntry('DBA-06', PART,
                     'row objects, a reflector, and the tables of identities as a checker'),
        FeatureEntry('DBA-07', DONE,
                     'with a server of PostgreSQL whose backends end and that restarts, no insert '
                     'is lost or done twice'),
        FeatureEntry('DBA-08', DONE,
                     'savepoints, levels of isolation, streams of rows, bulk insert, migrations'),
    ],
)
