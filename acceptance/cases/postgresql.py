# Copyright the carryall authors.  See LICENSE.
"""PostgreSQL's own server: the statements of SQLite give the same; its backends and it end."""
import glob
import os
import pwd

from acceptance.cases import database
from acceptance.stage import Missing

PROVES = ['DBA-01', 'DBA-02', 'DBA-04', 'DBA-05', 'DBA-07', 'DBA-08']
NEEDS = ['psql', 'setpriv']
PACKAGES = {'psql': ('postgresql-client-common', 'postgresql-15'), 'setpriv': 'util-linux'}
LONG = True
EACH_RUNTIME = False

USER = 'nobody'             # the server refuses to run as root, and wants a user with a name
SECRET = 'a long secret'
DONE = ['pipelined: True', 'restart', 'doubled: 0', 'missing: 0', 'unknown: 0', 'all told: True',
        'some failed: True']


class Server:
    """A cluster in the scratch folder, at a port of this machine; a standby of another, if that is
    given."""

    def __init__(self, stage, name='cluster', primary=None):
        folders = sorted(glob.glob('/usr/lib/postgresql/*/bin'))
        if not folders:
            raise Missing('the server of PostgreSQL')
        self._stage = stage
        self._programs = folders[-1]
        self._wrapper = []
        self._process = None
        self._folder = stage.path(name)
        self.port = stage.free_port()
        os.mkdir(self._folder, 0o700)
        password = stage.write('password', SECRET.encode())
        if not os.getuid():
            user = pwd.getpwnam(USER)
            self._wrapper = ['setpriv', '--reuid', str(user.pw_uid), '--regid', str(user.pw_gid),
                             '--clear-groups']
            os.chmod(stage.folder, 0o755)
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            os.chown(password, user.pw_uid, user.pw_gid)
        if primary is None:
            stage.foreign(*self._words('initdb', '-D', self._folder, '-U', 'app', '-A',
                                       'scram-sha-256', '--pwfile', password, '-E', 'UTF8',
                                       '--locale', 'C', '--no-sync'))
        else:
            stage.foreign(*self._words('pg_basebackup', '-D', self._folder, '-R', '-X', 'stream',
                                       '--checkpoint=fast', '--no-sync', '-d', primary.location))
        self.start()

    def _words(self, name, *words):
        return self._wrapper + [os.path.join(self._programs, name)] + list(words)

    def start(self, *settings):
        """Starts it, and waits until it takes connections."""
        self._process = self._stage.launch(
            self._words('postgres', '-D', self._folder, '-h', '127.0.0.1', '-p', str(self.port),
                        '-k', '', '-F', *settings), foreign=True)
        self._process.wait_for('ready to accept (read-only )?connections')

    def stop(self):
        """Ends it and all its backends."""
        self._process.signal('INT')
        self._process.wait()

    def kill(self):
        """Kills it; its backends end when they notice."""
        self._process.signal('KILL')
        self._process.wait()

    @property
    def location(self):
        """As a URI."""
        return 'postgresql://app:%s@127.0.0.1:%d/postgres' % (SECRET.replace(' ', '%20'),
                                                              self.port)


def run(stage):
    """All of it on each runtime, the first of which says what is right."""
    server = Server(stage)
    first = stage.others[0]
    wanted = database.said_by(stage, 'database_statements.py', 'sqlite:' + stage.path('one.db'),
                              runtime=first)
    for runtime in stage.others:
        found = database.said_by(stage, 'database_statements.py', server.location, runtime=runtime)
        database.same(stage, wanted[1:], found[1:], 'PostgreSQL by ' + runtime.name)
        storm = stage.peer('postgresql_storm.py', server.location, runtime=runtime)
        storm.seconds = 600.0
        storm.wait_for('restart')
        server.stop()
        server.start()
        status = storm.wait()
        lines = storm.output.split('\n')
        missing = [line for line in DONE + ['over'] if line not in lines]
        stage.demand(status == 0 and not missing, '%s lacks %r and ended with %r:\n%s',
                     runtime.name, missing, status, storm.output)
    for runtime in stage.others:
        name = 'moved_' + runtime.kind
        stage.foreign('psql', server.location, '-XAtc', 'CREATE DATABASE ' + name)
        database.moved(stage, runtime, 'sqlite:' + stage.path(name + '.db'),
                       server.location.replace('/postgres', '/' + name),
                       'sqlite:' + stage.path(name + '-back.db'))
    server.stop()
