# Copyright the carryall authors.  See LICENSE.
"""The compliance tests of dbapi20 on SQLite, PostgreSQL and H2: our module, its pool, and JDBC."""
from acceptance import foreign
from acceptance.cases import postgresql

PROVES = ['DBA-01', 'DBA-04']
NEEDS = ['psql', 'setpriv']
LONG = True
TAKES = ['java']
PACKAGES = {'psql': ('postgresql-client-common', 'postgresql-15'), 'setpriv': 'util-linux',
            'java': ('default-jre-headless', 'libxerial-sqlite-jdbc-java',
                     'libpostgresql-jdbc-java', 'libh2-java')}
PYTHON = ('dbapi20',)
EACH_RUNTIME = False

TESTS = 36                  # of dbapi20 1.15, with those that we write ourselves
# (runtime, kind, database): the tests that do not hold, as doc/conformance/pep249.md says
UNTYPED = ['test_description']
DEVIATIONS = dict(((runtime, kind, 'sqlite'), UNTYPED) for runtime in ('cpython', 'pypy')
                  for kind in ('own', 'pool'))
DEVIATIONS.update(((runtime, kind, 'postgresql'), UNTYPED)
                  for runtime in ('cpython', 'pypy', 'jython') for kind in ('own', 'pool'))


def run(stage):
    """Each kind on each database, on each runtime."""
    folder = foreign.python_path('dbapi20')
    server = postgresql.Server(stage)
    for runtime in stage.others:
        kinds = [(kind, name, [location]) for kind in ('own', 'pool') for name, location in
                 (('sqlite', 'sqlite:%s' % stage.path('%s.db' % runtime.name)),
                  ('postgresql', server.location))]
        if runtime.kind == 'jython':
            kinds += [('jdbc', 'sqlite', ['jdbc:sqlite:%s' % stage.path('jdbc.db')]),
                      ('jdbc', 'h2', ['jdbc:h2:%s' % stage.path('jdbc')]),
                      ('jdbc', 'postgresql',
                       ['jdbc:postgresql://127.0.0.1:%d/postgres' % server.port, 'app',
                        postgresql.SECRET])]
        for kind, name, words in kinds:
            complies(stage, runtime, folder, kind, name, words)
    server.stop()


def complies(stage, runtime, folder, kind, name, words):
    """Demands that all tests hold but those that the page names."""
    peer = stage.peer('dbapi20_run.py', folder, kind, *words, runtime=runtime)
    status = peer.wait()
    lines = [line for line in peer.output.split('\n') if ': ' in line]
    failed = [line.partition(':')[0] for line in lines if not line.endswith(': holds')]
    what = '%s on %s, %s' % (kind, name, runtime.name)
    stage.demand(status == 0 and 'over' in peer.output.split('\n'), '%s ended with %r:\n%s', what,
                 status, peer.output)
    stage.demand(len(lines) == TESTS, '%s: there are %d verdicts:\n%s', what, len(lines),
                 peer.output)
    wanted = DEVIATIONS.get((runtime.kind, kind, name), [])
    stage.demand(failed == wanted, '%s: %r fail, and not %r:\n%s', what, failed, wanted,
                 peer.output)
