# Copyright the carryall authors.  See LICENSE.
"""A real PostgreSQL as a fixture, and our client with it."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall import runtimes
from carryall.app.databases import database_driver
from carryall.core.database import ConnectionGone
from carryall.core.errors import Unsupported
from carryall.core.future import Return, coroutine
from carryall.pytest_plugin import postgresql_server, postgresql_server_module  # noqa: F401


def has_tls():
    """True if the runtime has TLS."""
    loop = runtimes.choose()
    try:
        return bool(loop.caps.tls)
    finally:
        loop.close()


def asked(server, *queries):
    """The rows of queries on one connection of our own client."""
    @coroutine
    def work():
        connection = yield database_driver(loop, server.url).connect(loop)
        found = []
        for query in queries:
            rows = yield connection.execute(query)
            found.append(list(rows))
        yield connection.close()
        raise Return(found)

    loop = runtimes.choose()
    try:
        return loop.run_until(work())
    finally:
        loop.close()


def test_our_client_logs_in(postgresql_server_module):      # noqa: F811
    assert asked(postgresql_server_module, u'SELECT 1 + 1') == [[(2,)]]


def test_the_password_is_kept_as_scram(postgresql_server_module):       # noqa: F811
    kept = postgresql_server_module.sql('SELECT left(rolpassword, 13) FROM pg_authid WHERE '
                                        "rolname = 'app'")
    assert kept == 'SCRAM-SHA-256'


def test_a_statement_is_the_same_at_each_use(postgresql_server_module):     # noqa: F811
    found = asked(postgresql_server_module, *[u"SELECT 1, 'a'::text, 1.5, now() IS NULL, "
                                              u"ARRAY[1, NULL], '\\x00ff'::bytea"] * 4)
    assert [found[0]] * 4 == found


def test_tables_are_dropped(postgresql_server_module):      # noqa: F811
    postgresql_server_module.sql('CREATE TABLE t (n integer)')
    postgresql_server_module.reset()
    assert postgresql_server_module.sql("SELECT to_regclass('t') IS NULL") == 't'


def test_a_server_that_was_killed_recovers(postgresql_server):      # noqa: F811
    postgresql_server.sql('CREATE TABLE t AS SELECT 5 AS n')
    postgresql_server.sql('CHECKPOINT')
    postgresql_server.kill()
    with pytest.raises(ConnectionGone):
        asked(postgresql_server, u'SELECT 1')
    postgresql_server.restart()
    assert asked(postgresql_server, u'SELECT n FROM t') == [[(5,)]]


def test_a_server_with_tls_is_verified(postgresql_server):      # noqa: F811
    if not has_tls():
        pytest.skip('no TLS on this runtime')
    server = type(postgresql_server)(tls=True)
    with server:
        found = asked(server, u'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')
    assert found == [[(True,)]]


def test_programs_that_are_not_there_are_told(postgresql_server, tmpdir):       # noqa: F811
    with pytest.raises(Unsupported):
        type(postgresql_server)(programs=str(tmpdir)).start()


def test_a_real_server_has_no_faults_to_order(postgresql_server_module):        # noqa: F811
    with pytest.raises(Unsupported):
        postgresql_server_module.fail('connect')
