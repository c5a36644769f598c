# Copyright the carryall authors.  See LICENSE.
"""The processor time of an answer that a program gives, beside lighttpd.

    python3 -m bench.programs [--runtime NAME] [--rounds 7] [--count 200] [KIND ...]

Kinds: cgi (a shell script of one printf, beside mod_cgi), php (one echo, by php-fpm, beside
mod_fastcgi).  Linux only; lighttpd, and for php php-fpm8.2, must be installed.

Method: both servers run at the same time, on one core, as a user starts them.  A client on another
core asks one thing, waits for the answer and asks again, on one connection.  The servers take
turns, round by round.  The figure is processor time of the server and of the programs that it has
started, for each answer; php-fpm belongs to neither.  Each figure is the median of the rounds.  The
ratio is lighttpd's to ours: 1 is as cheap, more is cheaper.
"""
from __future__ import absolute_import, division, print_function

import argparse
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time

from bench import process, sides, stats

START_SECONDS = 60.0
WARM = {'cpython': 50, 'pypy': 3000, 'jython': 1500}
KINDS = ('cgi', 'php')
SCRIPT = b'#!/bin/sh\nprintf "Content-Type: text/plain\\n\\nhello"\n'
PAGE = b'<?php header("Content-Type: text/plain"); echo "hello";\n'
LIGHTTPD = """server.modules = ("mod_cgi", "mod_fastcgi")
server.document-root = "%(folder)s/site"
server.bind = "127.0.0.1"
server.port = %(port)d
server.max-keep-alive-requests = 1000000
server.max-keep-alive-idle = 600
cgi.assign = (".cgi" => "")
fastcgi.server = (".php" => (("socket" => "%(folder)s/fpm.sock")))
"""
FPM = """[global]
error_log = %(folder)s/fpm.log
daemonize = no
[www]
%(user)s
listen = %(folder)s/fpm.sock
pm = static
pm.max_children = 2
"""


def free_port():
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Server(object):
    """A server that runs.

    Attributes:
        port: where it listens.
    """

    def __init__(self, argv, folder, port=None, core=process.SERVER_CORE):
        path = os.path.join(folder, 'log-%s' % os.path.basename(argv[0]))
        env = dict(os.environ, PYTHONPATH=sides.ROOT, JYTHONPATH=sides.ROOT)
        self._path = path
        with open(path, 'wb') as log:
            self._process = subprocess.Popen(process.pinned(core, argv), cwd=folder, env=env,
                                             stdout=log, stderr=subprocess.STDOUT)
        self.port = port or self._announced()

    def _announced(self):
        end = time.time() + START_SECONDS
        while time.time() < end and self._process.poll() is None:
            with open(self._path, 'rb') as log:
                found = re.search(br'listening: [a-z]+ on 127\.0\.0\.1:(\d+)', log.read())
            if found:
                return int(found.group(1))
            time.sleep(0.05)
        self.stop()
        with open(self._path, 'rb') as log:
            raise process.StartFailed(log.read()[-1500:].decode('utf-8', 'replace'))

    def cpu(self):
        """Processor seconds of it, and of its children that have ended."""
        pid = self._process.pid
        with open('/proc/%d/stat' % pid) as file:
            fields = file.read().rpartition(')')[2].split()
        found = sum(int(each) for each in fields[13:15]) / float(os.sysconf('SC_CLK_TCK'))
        # Its own are counted in nanoseconds, for each thread
        for thread in os.listdir('/proc/%d/task' % pid):
            with open('/proc/%d/task/%s/schedstat' % (pid, thread)) as file:
                found += int(file.read().split()[0]) * 1e-9
        return found

    def stop(self):
        """Ends it."""
        if self._process.poll() is None:
            self._process.terminate()
        self._process.wait()


class Client(object):
    """One connection in each round."""

    def __init__(self, port, path):
        self._request = ('GET %s HTTP/1.1\r\nHost: h\r\n\r\n' % path).encode('ascii')
        self._port = port
        self._socket = None

    def _connect(self):
        end = time.time() + START_SECONDS
        while True:
            try:
                self._socket = socket.create_connection(('127.0.0.1', self._port), 30.0)
                return
            except OSError:
                if time.time() > end:
                    raise
                time.sleep(0.05)

    def ask(self, count):
        """Asks so many times."""
        self._connect()
        with self._socket:
            self._ask(count)

    def _ask(self, count):
        for _ in range(count):
            self._socket.sendall(self._request)
            data = b''
            while not (b'hello' in data and (data.endswith(b'0\r\n\r\n')
                                             or b'Content-Length: 5\r\n' in data)):
                piece = self._socket.recv(65536)
                if not piece:
                    raise AssertionError('the answer ended with %r' % data)
                data += piece
            if not data.startswith(b'HTTP/1.1 200 '):
                raise AssertionError('the answer was %r' % data)


def measure(kind, runtime, rounds, count):
    """(microseconds of lighttpd, of ours) for an answer, each a list of the rounds."""
    folder = tempfile.mkdtemp(prefix='carryall-programs-')
    servers = []
    try:
        os.mkdir(os.path.join(folder, 'site'))
        for name, data, mode in (('run.cgi', SCRIPT, 0o755), ('run.php', PAGE, 0o644)):
            path = os.path.join(folder, 'site', name)
            with open(path, 'wb') as file:
                file.write(data)
            os.chmod(path, mode)
        os.chmod(folder, 0o755)
        facts = {'folder': folder, 'port': free_port(),
                 'user': 'user = root' if os.getuid() == 0 else ''}
        for name, text in (('lighttpd.conf', LIGHTTPD), ('fpm.conf', FPM)):
            with open(os.path.join(folder, name), 'w') as file:
                file.write(text % facts)
        words = ['--path', 'site', '--port', '0']
        if kind == 'php':
            fpm = [shutil.which('php-fpm8.2'), '-F', '-y', folder + '/fpm.conf']
            fpm += ['-R'] if os.getuid() == 0 else []
            servers.append(Server(fpm, folder, 1, process.CLIENT_CORE))
            end = time.time() + START_SECONDS
            while not os.path.exists(folder + '/fpm.sock') and time.time() < end:
                time.sleep(0.05)
            words += ['--fastcgi', '.php=unix:%s/fpm.sock' % folder]
        theirs = Server([shutil.which('lighttpd'), '-D', '-f', folder + '/lighttpd.conf'], folder,
                        facts['port'])
        servers.append(theirs)
        carryall = sides.interpreter(runtime) + [os.path.join(sides.ROOT, 'bin', 'carryall')]
        ours = Server(carryall + ['web'] + words, folder)
        servers.append(ours)
        return alternate(theirs, ours, '/run.' + kind, rounds, count, WARM[runtime])
    finally:
        for server in reversed(servers):
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def alternate(theirs, ours, path, rounds, count, warm):
    """The costs of an answer, round by round."""
    sides_of = [(theirs, Client(theirs.port, path), []), (ours, Client(ours.port, path), [])]
    for _, client, _ in sides_of:
        client.ask(warm)
    for _ in range(rounds):
        for server, client, found in sides_of:
            before = server.cpu()
            client.ask(count)
            found.append((server.cpu() - before) / count * 1e6)
    return [found for _, _, found in sides_of]


def main():
    """Measures and prints a line for each kind."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--runtime', default='cpython', choices=sorted(WARM))
    parser.add_argument('--rounds', type=int, default=7)
    parser.add_argument('--count', type=int, default=200)
    parser.add_argument('kinds', nargs='*', metavar='KIND')
    given = parser.parse_args()
    os.sched_setaffinity(0, [process.CLIENT_CORE])
    for kind in given.kinds or KINDS:
        theirs, ours = measure(kind, given.runtime, given.rounds, given.count)
        print('%s  %-8s lighttpd %6.0f us  carryall %6.0f us  ratio %.2f'
              % (kind, given.runtime, stats.median(theirs), stats.median(ours),
                 stats.median(theirs) / stats.median(ours)))


if __name__ == '__main__':
    main()
