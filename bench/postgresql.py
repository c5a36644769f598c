# Copyright the carryall authors.  See LICENSE.
"""PostgreSQL: clients ask one server in turn; processor time of the client for each row, query or
copy.

    python3 -m bench.postgresql [--setup] [--quick] [--rounds 7] [--seconds 0.6]
    [--parts rows,one] [--runtimes cpython,pypy,jython]

A server is started for it: PostgreSQL as Debian has it, as an unprivileged user if root measures.
Each client keeps one connection and runs in a process of its own.  They do the same in alternating
rounds, after a time to warm up.  Counted is all processor time of a client's process, that of the
system for it, of compilers and of collectors included.  Peers run on CPython always.

A ratio is the peer's time over ours, taken within a round: above 1, ours takes less.  The median
and the extremes of the rounds are shown.  The part *rows* is 1,000 rows of an integer, a text and a
float.  The part *wide* has eight columns more: bigint, boolean, bytea, timestamp with time zone,
date, numeric, uuid and an array.  The part *one* is one row by its key, and *pipeline* is 64 of
those under way.  The peer psycopg prepares each statement at once; it is the binary wheel, whose
code is that of psycopg[c].  A copy has a million rows of three columns, as text in octets that were
made before.
"""
from __future__ import absolute_import, division, print_function

import argparse
import glob
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time

from bench import machine, process, rounds, sides, stats

SCRIPT = os.path.join(sides.SERVERS, 'postgresql_side.py')
FOLDER = os.path.join(sides.ROOT, 'build', 'bench-postgresql')
PACKAGES = ('asyncpg', 'pg8000', 'psycopg[binary]')
USER = 'nobody'
ROWS = 1000
FLIGHT = 64
# name, what is counted, how many of them one turn has, the peers, and what is asked for: the least
# ratios to a peer by runtime
PARTS = (
    ('rows', 'row', ROWS, ('pg8000', 'asyncpg', 'psycopg'),
     {('pg8000', 'cpython'): 3.0, ('asyncpg', 'cpython'): 0.5, ('asyncpg', 'pypy'): 1.5}),
    ('wide', 'row', ROWS, ('pg8000', 'asyncpg', 'psycopg'), {}),
    ('one', 'query', 1, ('pg8000', 'asyncpg', 'psycopg'),
     {('pg8000', 'cpython'): 1.0, ('asyncpg', 'cpython'): 2.0}),
    ('pipeline', 'query', FLIGHT, ('psycopg',),
     {('psycopg', 'cpython'): 1.0, ('psycopg', 'pypy'): 2.0}),
    ('copy-in', 'row', 1000000, ('pg8000', 'asyncpg', 'psycopg'), {('asyncpg', 'cpython'): 0.5}),
    ('copy-out', 'row', 1000000, ('pg8000', 'asyncpg', 'psycopg'), {('asyncpg', 'cpython'): 0.5}),
)
TABLES = (
    "CREATE TABLE bench_rows AS SELECT i AS id, 'name number ' || i AS name, i * 1.5::float8 AS "
    'score FROM generate_series(1, 1000) i',
    'ALTER TABLE bench_rows ADD PRIMARY KEY (id)',
    "CREATE TABLE bench_wide AS SELECT *, id::bigint * 1000000 AS big, id % 2 = 0 AS even, "
    "decode(md5(name), 'hex') AS digest, now() + id * interval '1 hour' AS made, "
    "date '2020-01-01' + id AS day, id::numeric / 100 AS price, md5(name)::uuid AS key, "
    'ARRAY[id, id + 1] AS pair FROM bench_rows',
    'CREATE UNLOGGED TABLE bench_copy (id integer, name text, score float8)',
    'ANALYZE',
)
COPIES = ('copy-in', 'copy-out')
WARM_SECONDS = {'cpython': 0.5, 'pypy': 3.0, 'jython': 6.0}    # of CPU, of each part


class Cluster(object):
    """A PostgreSQL server of this bench alone, at a port of this machine."""

    def __init__(self, folder):
        found = sorted(glob.glob('/usr/lib/postgresql/*/bin'))
        if not found:
            raise process.StartFailed('the server of PostgreSQL is not installed')
        self._programs = found[-1]
        self._as = []
        data = os.path.join(folder, 'data')
        os.mkdir(data)
        if not os.getuid():
            owner = pwd.getpwnam(USER)
            self._as = ['setpriv', '--reuid', str(owner.pw_uid), '--regid', str(owner.pw_gid),
                        '--clear-groups']
            os.chmod(folder, 0o755)
            os.chown(data, owner.pw_uid, owner.pw_gid)
        self._log = open(os.path.join(folder, 'log'), 'wb')
        subprocess.check_call(self._words('initdb', '-D', data, '-U', 'app', '-A', 'trust', '-E',
                                          'UTF8', '--locale', 'C', '--no-sync'),
                              stdout=self._log, stderr=self._log)
        self.port = free_port()
        self._child = subprocess.Popen(
            self._words('postgres', '-D', data, '-h', '127.0.0.1', '-p', str(self.port), '-k', '',
                        '-F', '-c', 'autovacuum=off'), stdout=self._log, stderr=self._log)
        until = time.time() + 60
        while subprocess.call(self._words('pg_isready', '-q', '-h', '127.0.0.1', '-p',
                                          str(self.port))):
            if time.time() > until:
                raise process.StartFailed('the server of PostgreSQL takes no connections')
            time.sleep(0.1)
        for statement in TABLES:
            self.sql(statement)

    def _words(self, name, *words):
        return self._as + [os.path.join(self._programs, name)] + list(words)

    def sql(self, statement):
        """The answer of one statement."""
        return subprocess.check_output(self._words(
            'psql', '-h', '127.0.0.1', '-p', str(self.port), '-U', 'app', '-d', 'postgres', '-Atc',
            statement)).decode('utf-8').strip()

    def stop(self):
        """Ends it."""
        self._child.send_signal(2)
        self._child.wait()
        self._log.close()


def free_port():
    """A port that no one listens on."""
    import socket
    probe = socket.socket()
    probe.bind(('127.0.0.1', 0))
    port = probe.getsockname()[1]
    probe.close()
    return port


class Client(object):
    """One side: a process that does what it is told."""

    def __init__(self, name, runtime, port):
        self.name = name if name != 'carryall' else 'carryall-' + runtime
        self.runtime = runtime
        self.figures = {}
        path = [sides.ROOT] if name == 'carryall' else [FOLDER, sides.ROOT]
        env = dict(os.environ, PYTHONPATH=os.pathsep.join(path), JYTHONPATH=sides.ROOT)
        self._child = subprocess.Popen(
            process.pinned(process.CLIENT_CORE, sides.interpreter(runtime) + [SCRIPT, name,
                                                                              str(port)]),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)
        self._read('ready')

    def _read(self, word):
        line = self._child.stdout.readline().decode('utf-8', 'replace').strip()
        if line != word:
            raise process.StartFailed('%s says %r' % (self.name, line))

    def do(self, part, count):
        """Seconds of processor time of a part, done so many times."""
        before = self._cpu_seconds()
        self._child.stdin.write(('%s %d\n' % (part, count)).encode('ascii'))
        self._child.stdin.flush()
        self._read('done')
        return self._cpu_seconds() - before

    def _cpu_seconds(self):
        total = 0
        for path in glob.glob('/proc/%d/task/*/schedstat' % self._child.pid):
            with open(path) as source:
                total += int(source.read().split()[0])
        return total * 1e-9

    def warm(self, part, seconds):
        """Does a part until the compilers have seen enough; how many times fill a slice."""
        count = 1
        used = self.do(part, 1)
        if part in COPIES:              # the server takes its time for each
            self.do(part, 2)
            return 1
        total = used
        while total < WARM_SECONDS[self.runtime] or used < seconds / 2:
            if used < seconds / 2:
                count *= 2
            used = self.do(part, count)
            total += used
        return max(1, int(count * seconds / used))

    def stop(self):
        """Ends it."""
        self._child.stdin.close()
        self._child.wait()
        self._child.stdout.close()


def measure(part, clients, options):
    """Adds the figures of all rounds to each client: microseconds for what is counted."""
    name, _, each = part[:3]
    counts = dict((client, client.warm(name, options.seconds)) for client in clients)
    for client in clients:
        client.figures[name] = []
    for number in range(options.rounds):
        for client in clients if number % 2 else clients[::-1]:
            used = client.do(name, counts[client])
            client.figures[name].append(used / counts[client] / each * 1e6)
        rounds.progress('  %s, round %d of %d' % (name, number + 1, options.rounds))


def table(part, clients):
    """Lines of Markdown."""
    name, counted, _, peers, wanted = part
    lines = ['## ' + name, '', '| client | us of CPU a %s | %s |' % (
        counted, ' | '.join('to ' + peer for peer in peers)), '|---|---|' + '---|' * len(peers)]
    by_name = dict((client.name, client) for client in clients)
    for client in clients:
        cells = []
        for peer in peers:
            if peer not in by_name or client.name == peer:
                cells.append('')
                continue
            cells.append('%.2f (%.2f..%.2f)' % stats.spread(stats.ratios(
                by_name[peer].figures[name], client.figures[name])))
            least = wanted.get((peer, client.runtime))
            if least is not None and client.name.startswith('carryall'):
                cells[-1] += ', asked: %.1f' % least
        lines.append('| %s | %.3f | %s |' % (client.name, stats.median(client.figures[name]),
                                             ' | '.join(cells)))
    return lines + ['']


def versions():
    """The names and versions of the peers."""
    found = []
    for path in sorted(glob.glob(os.path.join(FOLDER, '*.dist-info'))):
        name, _, version = os.path.basename(path)[:-len('.dist-info')].rpartition('-')
        if name.lower() in ('asyncpg', 'pg8000', 'psycopg', 'psycopg_binary'):
            found.append('%s %s' % (name, version))
    return ', '.join(found)


def parser():
    """The options."""
    out = argparse.ArgumentParser(description=__doc__.split('\n\n')[0].replace('\n', ' '))
    out.add_argument('--setup', action='store_true', help='install the peers first')
    out.add_argument('--quick', action='store_true',
                     help='one short round: does it run, not how fast')
    out.add_argument('--rounds', type=int, help='in alternation (7)')
    out.add_argument('--seconds', type=float, help='of CPU, of each slice (0.6)')
    out.add_argument('--parts', default=','.join(part[0] for part in PARTS))
    out.add_argument('--runtimes', default='cpython,pypy,jython', help='of ours')
    out.add_argument('--output', help='where the page goes (doc/bench; with --quick build/bench)')
    return out


def main():
    """Measures, prints, writes."""
    options = parser().parse_args()
    options.rounds = options.rounds or (1 if options.quick else 7)
    options.seconds = options.seconds or (0.1 if options.quick else 0.6)
    output = options.output or os.path.join(
        sides.ROOT, *(('build', 'bench') if options.quick else ('doc', 'bench')))
    if options.setup or not os.path.isdir(FOLDER):
        subprocess.check_call([sys.executable, '-m', 'pip', 'install', '--quiet', '--target',
                               FOLDER] + list(PACKAGES))
    folder = tempfile.mkdtemp(prefix='bench-postgresql-')
    runtimes = options.runtimes.split(',')
    lines = ['# PostgreSQL', ''] + ['- ' + line for line in machine.describe(runtimes)
                                    if not line.startswith('Peers')]
    cluster = None
    clients = []
    try:
        cluster = Cluster(folder)
        lines += ['- Server: PostgreSQL ' + cluster.sql('SHOW server_version'),
                  '- Peers: ' + versions(), '']
        for runtime in runtimes:
            clients.append(Client('carryall', runtime, cluster.port))
        for peer in ('pg8000', 'asyncpg', 'psycopg'):
            clients.append(Client(peer, 'cpython', cluster.port))
        for part in PARTS:
            if part[0] in options.parts.split(','):
                chosen = [client for client in clients
                          if client.name.startswith('carryall') or client.name in part[3]]
                measure(part, chosen, options)
                lines += table(part, chosen)
    finally:
        for client in clients:
            client.stop()
        if cluster is not None:
            cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
    lines += ['## Method', '', '%d rounds; a slice has about %.1f seconds of CPU.'
              % (options.rounds, options.seconds), '']
    lines += __doc__.split('\n\n', 2)[2].strip().split('\n')
    if not os.path.isdir(output):
        os.makedirs(output)
    with open(os.path.join(output, 'postgresql.md'), 'w') as target:
        target.write('\n'.join(lines) + '\n')
    print('\n'.join(lines))


if __name__ == '__main__':
    main()
