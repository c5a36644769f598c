# Copyright the carryall authors.  See LICENSE.
"""The manifest of PostgreSQL: a client."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import DatabaseEntry, FuzzEntry, Manifest

MANIFEST = Manifest(
    name='postgresql',
    summary='PostgreSQL, client of the protocol 3.0',
    face='carryall.protocols.postgresql',
    port=5432,
    needs=['databases'],
    databases=[DatabaseEntry('postgresql', 'carryall.protocols.postgresql.pgdriver')],
    cases=['database_alike', 'database_dbapi', 'postgresql'],
    fuzz=[FuzzEntry('tests.fuzz.postgresql_targets', ['postgresql', 'postgresql-grammar'])],
    pages=['postgresql'],
    paths=['acceptance/peers/dbapi20_run.py', 'acceptance/peers/postgresql_storm.py',
           'tests/fuzz/corpus/postgresql.txt',
           'tests/fuzz/corpus/postgresql-grammar.txt', 'tests/fuzz/postgresql_targets.py',
           'tests/protocols/postgresql'],
)
