# Copyright the carryall authors.  See LICENSE.
"""PostgreSQLServer: a real PostgreSQL for one test, with a cluster of its own.

    def test_orders(postgresql_server):
        postgresql_server.sql('CREATE TABLE orders (id integer)')
        run_program(database=postgresql_server.url)
        postgresql_server.kill()                        # as a crash does
        postgresql_server.restart()

The server's programs are those of the option ``programs`` (a folder), or the newest below
/usr/lib/postgresql.  It never runs as root: root starts it as another user.
Tests:    tests/house/testservers/test_postgresqlserver.py
"""
from __future__ import absolute_import, division, print_function

import binascii
import glob
import os
import shutil
import socket
import subprocess
import tempfile
import time

from carryall.core.errors import Unsupported
from carryall.testservers.server import Server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional

__all__ = ['PostgreSQLServer']

HOST = u'127.0.0.1'
START_SECONDS = 60.0        # until it takes connections
PAUSE_SECONDS = 0.05        # between two looks
SQL_SECONDS = '30'          # of one statement, for ``sql``
ACCOUNT = 'nobody'          # that root starts it as
FOLDERS = '/usr/lib/postgresql/*/bin'
# The data are thrown away: nothing waits for the disk.
ARGUMENTS = ['-F', '-c', 'full_page_writes=off', '-c', 'synchronous_commit=off',
             '-c', 'unix_socket_directories=', '-c', 'max_connections=200',
             '-c', 'listen_addresses=' + HOST]


class PostgreSQLServer(Server):
    """A cluster of PostgreSQL in a folder of its own.

    Options:  programs: the folder of initdb and postgres.
              tls: it has TLS, with the throw-away certificate.

    Attributes:
        user, password, database: to log in as, with SCRAM-SHA-256.
    """

    name = 'postgresql_server'
    scheme = 'postgresql'
    options = {'programs': 'path', 'tls': bool}
    user = 'app'
    database = 'postgres'

    def __init__(self, runner=None, **options):
        # type: (Any, **Any) -> None
        Server.__init__(self, runner, **options)
        self.password = binascii.hexlify(os.urandom(8)).decode('ascii')
        self._folder = ''
        self._serving = False
        self._child = None          # type: Any
        self._log = None            # type: Any
        self._as = []               # type: List[str]

    # -- life ----------------------------------------------------------------------------------

    def start(self):
        # type: () -> Any
        """Makes the cluster and starts it.

        Raises:   Unsupported: PostgreSQL's server is not installed here.
        """
        if self.started:
            return self
        programs = self._programs()
        self.take_runner()
        self._folder = tempfile.mkdtemp(prefix='carryall-postgresql-')
        try:
            port = self.values.get('port') or _free_port()
            self.places = [['postgresql', HOST, port]]
            self._serving = True
            self._make(programs)
            self._run()
        except BaseException:
            self.close()
            raise
        return self

    def _programs(self):
        # type: () -> str
        found = self.values.get('programs')
        if found is None:
            found = (sorted(glob.glob(FOLDERS)) or [None])[-1]
        if found is None or not os.path.exists(os.path.join(found, 'initdb')):
            raise Unsupported(u'the server of PostgreSQL is not installed here: install '
                              u'postgresql, or name the folder of its programs')
        return found

    def _make(self, programs):
        # type: (str) -> None
        """Makes the cluster."""
        self._program = programs
        data = os.path.join(self._folder, 'data')
        password = os.path.join(self._folder, 'password')
        os.mkdir(data, 0o700)
        with open(password, 'w') as target:
            target.write(str(self.password) + '\n')
        if _is_root():
            import pwd
            owner = pwd.getpwnam(ACCOUNT)
            self._as = ['setpriv', '--reuid', str(owner.pw_uid), '--regid', str(owner.pw_gid),
                        '--clear-groups']
            os.chmod(self._folder, 0o711)
            for path in (data, password):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        self._call('initdb', '-D', data, '-U', self.user, '-A', 'scram-sha-256', '--pwfile',
                   password, '-E', 'UTF8', '--locale', 'C', '--no-sync')
        os.unlink(password)
        if self.values.get('tls'):
            self._copy_certificate(data)

    def _copy_certificate(self, data):
        # type: (str) -> None
        """Gives the server the throw-away certificate; it takes no key that others may read."""
        files = self.ask_runner().certificates
        for source, name in ((files.certificate, 'server.crt'), (files.key, 'server.key')):
            target = os.path.join(data, name)
            shutil.copyfile(str(source), target)
            os.chmod(target, 0o600)
            if self._as:
                os.chown(target, int(self._as[2]), int(self._as[4]))

    def _words(self, name, *words):
        # type: (str, *Any) -> List[str]
        return self._as + [os.path.join(self._program, name)] + [str(word) for word in words]

    def _call(self, name, *words):
        # type: (str, *Any) -> bytes
        """The output of one of its programs, which must succeed."""
        env = dict(os.environ, PGPASSWORD=str(self.password), PGCONNECT_TIMEOUT=SQL_SECONDS,
                   LC_ALL='C')
        child = subprocess.Popen(self._words(name, *words), stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env,
                                 cwd=self._folder)
        output, errors = child.communicate()
        if child.returncode:
            raise RuntimeError('%s says: %s' % (name, errors.decode('utf-8', 'replace')))
        return output

    def _run(self):
        # type: () -> None
        """Starts the server, and waits until it takes connections."""
        words = ['-D', os.path.join(self._folder, 'data'), '-p', self.port] + ARGUMENTS
        if self.values.get('tls'):
            words += ['-c', 'ssl=on']
        log = os.path.join(self._folder, 'log')
        # jython: a thread copies the output into the file as long as the server runs.
        self._log = open(log, 'ab')
        self._child = subprocess.Popen(self._words('postgres', *words), stdin=subprocess.PIPE,
                                       stdout=self._log, stderr=self._log, cwd=self._folder)
        self._child.stdin.close()
        end = time.time() + START_SECONDS
        while not self._answers():
            if self._child.poll() is not None or time.time() > end:
                with open(log, 'rb') as source:
                    said = source.read()[-2000:].decode('utf-8', 'replace')
                raise RuntimeError('PostgreSQL does not start: %s' % said)
            time.sleep(PAUSE_SECONDS)

    def _answers(self):
        # type: () -> bool
        """True if it takes connections."""
        child = subprocess.Popen(self._words('pg_isready', '-q', '-h', HOST, '-p', self.port),
                                 stdin=subprocess.PIPE, cwd=self._folder)
        child.communicate()
        return not child.returncode

    def stop(self):
        """Shuts it down in order; connections end."""
        self._signal('INT')

    def kill(self):
        # type: () -> None
        """Ends it as a crash does; ``restart`` has it recover."""
        self._signal('QUIT')

    def _signal(self, name):
        # type: (str) -> None
        child, self._child = self._child, None
        if child is not None and child.poll() is None:
            subprocess.call(['kill', '-' + name, str(child.pid)])
            child.wait()
        if self._log is not None:
            self._log.close()

    def restart(self, **options):
        """Starts it again at the same port, with the same data."""
        self.number
        self.values.update(self.checked(options))
        self.stop()
        self._run()
        return self

    def close(self):
        """Ends it, and drops its data."""
        self._serving = False
        try:
            self._signal('QUIT')
        finally:
            folder, self._folder = self._folder, ''
            if folder:
                shutil.rmtree(folder, ignore_errors=True)
            self.drop_runner()

    @property
    def started(self):
        """True between ``start`` and ``close``."""
        return self._serving

    # -- what it is and does -------------------------------------------------------------------

    @property
    def url(self):
        """The URI to connect with."""
        location = '%s://%s:%s@%s/%s' % (self.scheme, self.user, self.password, self.netloc,
                                         self.database)
        if self.values.get('tls'):
            location += '?sslmode=verify-full&sslrootcert=%s' % self.ca.replace('%', '%25')
        return location

    def sql(self, text):
        # type: (str) -> str
        """The rows that one statement gives by psql: a line each, with ``|`` between columns."""
        output = self._call('psql', '-h', HOST, '-p', self.port, '-U', self.user, '-d',
                            self.database, '-v', 'ON_ERROR_STOP=1', '-XAtc', text)
        return output.decode('utf-8').rstrip('\n')

    def backends(self):
        # type: () -> List[int]
        """The processes of the server that serve clients."""
        return [int(pid) for pid in self.sql(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' "
            'AND pid <> pg_backend_pid()').split()]

    def fail(self, when=None, reply=None, **how):
        """Refused: a real server has no faults to order."""
        raise Unsupported(u'a real server has no faults to order; kill() and stop() end it')

    def reset(self):
        """Drops all tables of the schema public."""
        self.sql('DROP SCHEMA public CASCADE')
        self.sql('CREATE SCHEMA public')


def _is_root():
    # type: () -> bool
    # jython: os.getuid is missing where its native part is
    asked = getattr(os, 'getuid', None)
    return asked is not None and not asked()


def _free_port():
    # type: () -> int
    probe = socket.socket()
    probe.bind((HOST, 0))
    probe.listen(1)         # jython: it has no port before
    port = probe.getsockname()[1]
    probe.close()
    return port
