# Copyright the carryall authors.  See LICENSE.
"""The manifest of PostgreSQL: a client."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import DatabaseEntry, Manifest

MANIFEST = Manifest(
    name='postgresql',
    summary='PostgreSQL, client of the protocol 3.0',
    face='carryall.protocols.postgresql',
    port=5432,
    databases=[DatabaseEntry('postgresql', 'carryall.protocols.postgresql.pgdriver')],
    pages=['postgresql'],
    paths=['tests/protocols/postgresql'],
)
