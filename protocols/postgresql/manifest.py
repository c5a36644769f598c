# Copyright the carryall authors.  See LICENSE.
"""The manifest of PostgreSQL: a client."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import DatabaseEntry, FixtureEntry, FuzzEntry, Manifest

MANIFEST = Manifest(
    name='postgresql',
    summary='PostgreSQL, client of the protocols 3.0 and 3.2',
    face='carryall.protocols.postgresql',
    port=5432,
    needs=['databases'],
    databases=[DatabaseEntry('postgresql', 'carryall.protocols.postgresql.pgdriver')],
    fixtures=[FixtureEntry('postgresql_server',
                           'carryall.testservers.postgresqlserver:PostgreSQLServer', '',
                           'A real PostgreSQL with a cluster of its own, by psql and by URL.')],
    cases=['database_alike', 'database_dbapi', 'postgresql', 'postgresql_failover',
           'postgresql_proxy'],
    fuzz=[FuzzEntry('tests.fuzz.postgresql_targets', ['postgresql', 'postgresql-grammar'])],
    pages=['postgresql'],
    paths=['bench/postgresql.py', 'bench/servers/asyncpg_py3.py',
           'bench/servers/postgresql_side.py', 'doc/bench/postgresql.md',
           'carryall/testservers/postgresqlserver.py',
           'tests/house/testservers/test_postgresqlserver.py',
           'acceptance/peers/dbapi20_run.py', 'acceptance/peers/postgresql_failover.py',
           'acceptance/peers/postgresql_proxy.py', 'acceptance/peers/postgresql_storm.py',
           'tests/fuzz/corpus/postgresql.txt',
           'tests/fuzz/corpus/postgresql-grammar.txt', 'tests/fuzz/postgresql_targets.py',
           'tests/protocols/postgresql'],
)
