# Copyright the carryall authors.  See LICENSE.
"""A measured server as a pinned process that prints its port first,
and the load programs beside it."""
from __future__ import absolute_import, division, print_function

import json
import os
import re
import select
import subprocess
import sys
import tempfile
import time

from bench import procfs, sides

SERVER_CORE = 0
CLIENT_CORE = 1
START_SECONDS = 60.0          # a cold Jython with the whole checkout to compile
BUILD = os.path.join(sides.ROOT, 'build')


def pinned(core, argv):
    """argv on that core only, where the machine has more than one;
    killed with us if we are killed."""
    out = []
    if which('setpriv'):
        out += ['setpriv', '--pdeathsig', 'KILL']
    if which('taskset') and (os.sysconf('SC_NPROCESSORS_ONLN') > core):
        out += ['taskset', '-c', str(core)]
    return out + argv


def which(name):
    """The path of a program, or None."""
    for folder in os.environ.get('PATH', '').split(os.pathsep):
        path = os.path.join(folder, name)
        if os.access(path, os.X_OK):
            return path
    return None


class StartFailed(Exception):
    """A server did not print a port; the text has the end of what it said."""


class Server(object):
    """One running side."""

    def __init__(self, side, bench, root=None):
        self.side = side
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(pinned(SERVER_CORE, side.argv(bench, root)),
                                        stdout=subprocess.PIPE,
                                        stderr=self.log, stdin=subprocess.PIPE,
                                        env=side.environment(), cwd=sides.SERVERS)
        self.port = self._port()
        self.pids = procfs.tree(self.process.pid)

    def _port(self):
        """The port that it prints."""
        ready, _, _ = select.select([self.process.stdout], [], [], START_SECONDS)
        line = self.process.stdout.readline().strip() if ready else b''
        if not line.isdigit():
            self.stop()
            raise StartFailed('{0} did not start: {1}'.format(self.side.name, self.said()[-1500:]))
        return int(line)

    def said(self):
        """The text that it wrote to standard error so far."""
        self.log.seek(0)
        return self.log.read().decode('utf-8', 'replace')

    def cpu(self):
        """CPU seconds that its process tree used so far."""
        # Looked up each time: some servers start their workers after they have named the port
        return procfs.cpu_seconds(procfs.tree(self.process.pid))

    def resident(self):
        """Resident bytes of its process tree."""
        return procfs.resident_bytes(self.pids)

    def stop(self):
        """Ends it and its children."""
        pids = procfs.tree(self.process.pid)
        for signal_name in ('-TERM', '-KILL'):
            if self.process.poll() is None:
                with open(os.devnull, 'w') as null:
                    subprocess.call(['kill', signal_name] + [str(pid) for pid in pids], stderr=null)
                self._wait(3.0)
        self.process.stdout.close()
        self.process.stdin.close()

    def _wait(self, seconds):
        """Waits for its end, at most that long."""
        until = time.time() + seconds
        while self.process.poll() is None and time.time() < until:
            time.sleep(0.02)


def run_client(argv, seconds):
    """Runs a load program on the client's core; returns its standard output.

    Raises: RuntimeError: it failed or took more than seconds and half a minute.
    """
    child = subprocess.Popen(pinned(CLIENT_CORE, argv), stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
    until = time.time() + seconds + 30.0
    chunks = []
    while True:
        ready, _, _ = select.select([child.stdout], [], [], max(0.0, until - time.time()))
        data = os.read(child.stdout.fileno(), 65536) if ready else None
        if not data:
            break
        chunks.append(data)
    if data is None:
        child.kill()
    code = child.wait()
    child.stdout.close()
    text = b''.join(chunks).decode('utf-8', 'replace')
    if code or data is None:
        raise RuntimeError('{0}: exit {1}: {2}'.format(' '.join(argv), code, text[-800:]))
    return text


def parse_wrk(text):
    """The figures of a wrk run: {'count', 'seconds', 'bad'}; bad = socket errors and answers other
    than 2xx and 3xx."""
    found = re.search(r'(\d+) requests in ([\d.]+)(us|ms|s|m),', text)
    if not found:
        raise RuntimeError('wrk said: ' + text[-800:])
    seconds = float(found.group(2)) * {'us': 1e-6, 'ms': 1e-3, 's': 1.0, 'm': 60.0}[found.group(3)]
    bad = 0
    errors = re.search(r'Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)',
                       text)
    if errors:
        bad += sum(int(number) for number in errors.groups())
    strange = re.search(r'Non-2xx or 3xx responses: (\d+)', text)
    if strange:
        bad += int(strange.group(1))
    return {'count': int(found.group(1)), 'seconds': seconds, 'bad': bad}


def wrk(port, seconds, connections, path='/', headers=(), script=None, scheme='http'):
    """Requests over kept-alive connections for that many seconds."""
    argv = ['wrk', '-t1', '-c{0}'.format(connections), '-d{0}s'.format(int(seconds))]
    for header in headers:
        argv += ['-H', header]
    if script:
        argv += ['-s', os.path.join(sides.HERE, script)]
    return parse_wrk(run_client(argv + ['{0}://127.0.0.1:{1}{2}'.format(scheme, port, path)],
                                seconds))


def load_program():
    """The command of the echo client: the C program, built when a compiler is there,
    else the Python one."""
    source = os.path.join(sides.HERE, 'load.c')
    program = os.path.join(BUILD, 'bench-load')
    if os.path.exists(program) and os.path.getmtime(program) >= os.path.getmtime(source):
        return [program]
    for compiler in ('cc', 'gcc', 'clang'):
        if which(compiler):
            if not os.path.isdir(BUILD):
                os.makedirs(BUILD)
            subprocess.check_call([compiler, '-O2', '-o', program, source])
            return [program]
    return [sys.executable, os.path.join(sides.HERE, 'echo_client.py')]


def echo_load(port, seconds, connections, size, window):
    """Echo round trips for that many seconds."""
    argv = load_program() + ['echo', str(port), str(connections), str(seconds), str(size),
                             str(window)]
    return json.loads(run_client(argv, seconds))


def accept_load(port, count, at_once):
    """That many connections, at_once under way, one request on each."""
    argv = load_program() + ['accept', str(port), str(count), str(at_once)]
    return json.loads(run_client(argv, 60))
