# Copyright the carryall authors.  See LICENSE.
"""Three hundred statements give the same rows, counts and kinds of error on SQLite and PostgreSQL.

They go by way of sqlite3, JDBC, our client and psycopg, on each runtime.
"""
from acceptance import foreign
from acceptance.cases import postgresql
from acceptance.cases.database import COUNT, said_by, same
from acceptance.stage import Missing

PROVES = ['DBA-03', 'DBA-04']
NEEDS = ['psql', 'setpriv']
TAKES = ['java']
PACKAGES = {'psql': ('postgresql-client-common', 'postgresql-15'), 'setpriv': 'util-linux',
            'java': ('default-jre-headless', 'libxerial-sqlite-jdbc-java',
                     'libpostgresql-jdbc-java')}
PYTHON = ('psycopg',)
EACH_RUNTIME = False

PEER = 'database_statements.py'


def run(stage):
    """The first runtime on SQLite says what is right."""
    psycopg = foreign.python_path('psycopg')
    server = postgresql.Server(stage)
    first = stage.others[0]
    wanted = said_by(stage, PEER, 'sqlite:' + stage.path('first.db'), runtime=first)
    stage.demand(len(wanted) == COUNT, 'there are %d lines', len(wanted))

    def compare(location, runtime, what, *words):
        found = said_by(stage, PEER, location, *words, runtime=runtime)
        same(stage, wanted[1:], found[1:], what)

    for runtime in stage.others:
        compare('sqlite:' + stage.path('%s.db' % runtime.name), runtime, runtime.name)
        compare(server.location, runtime, 'our client on ' + runtime.name)
        if runtime.kind == 'jython':
            compare('jdbc:postgresql://127.0.0.1:%d/postgres?user=app&password=%s'
                    % (server.port, postgresql.SECRET.replace(' ', '%20')), runtime,
                    'JDBC of PostgreSQL')
    if first.kind != 'cpython':
        raise Missing('CPython, for psycopg')
    compare('module:psycopg:%s' % server.location, first, 'psycopg', 'from', psycopg)
    server.stop()
