# Copyright the carryall authors.  See LICENSE.
"""Real processes for tests: commands from bin/, on the interpreter that runs the tests,
each with a deadline."""
from __future__ import absolute_import, division, print_function

import os
import socket
import subprocess
import sys
import threading
import time

from carryall.core.compat import text_type
from tests.support import interpreter

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCALE = float(os.environ.get('CARRYALL_TEST_SCALE') or 1) * (6.0 if interpreter.JYTHON else 1.0)
DEADLINE = 20.0 * SCALE         # seconds for one process
LIMIT = 60                      # for `pytest.mark.limit`, of tests that start several


def environment():
    """Variables for a child: it finds this checkout, and the service type of these tests."""
    variables = dict(os.environ)
    for name in ('PYTHONPATH', 'JYTHONPATH'):
        variables[name] = ROOT
    variables['CARRYALL_TYPES'] = os.path.join(ROOT, 'tests', 'commands')
    return variables


def argv(command, *words):
    """The command line for a command of bin/ (or any script, by its path)."""
    script = command if os.sep in command else os.path.join(ROOT, 'bin', command)
    return [sys.executable, script] + [word if isinstance(word, text_type) else str(word)
                                       for word in words]


class Child(object):
    """A process that runs; leave the `with` block and it is gone."""

    def __init__(self, command, *words, **extra):
        self.process = subprocess.Popen(argv(command, *words), stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE,
                                        stdin=subprocess.PIPE, env=environment(),
                                        cwd=str(extra.pop('cwd', ROOT)))
        self._alarm = threading.Timer(DEADLINE, self._kill)
        self._alarm.daemon = True
        self._alarm.start()
        self.errors = []
        self._reader = threading.Thread(target=self._read_errors)
        self._reader.daemon = True
        self._reader.start()

    def _kill(self):
        if self.process.poll() is None:
            self.process.kill()

    def _read_errors(self):
        for line in iter(self.process.stderr.readline, b''):
            self.errors.append(line.decode('utf-8', 'replace'))

    def line(self):
        """The next line of its stdout."""
        line = self.process.stdout.readline().decode('utf-8', 'replace').rstrip('\n')
        assert line, 'it ended: %s' % self.finish()[2]
        return line

    def finish(self):
        """(status, the rest of its stdout, its stderr)."""
        output = self.process.stdout.read().decode('utf-8', 'replace')
        status = self.process.wait()
        self._alarm.cancel()
        self._reader.join(DEADLINE)
        self._close()
        return status, output, ''.join(self.errors)

    def _close(self):
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                stream.close()
            except (IOError, ValueError):       # what was still to be sent to a process that ended
                pass

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self._kill()
        self.process.wait()
        self._alarm.cancel()
        self._reader.join(DEADLINE)
        self._close()


def run(command, *words, **extra):
    """Runs it to its end: (status, stdout, stderr)."""
    with Child(command, *words, **extra) as child:
        child.process.stdin.close()
        return child.finish()


def exchange(port, data):
    """Sends bytes to a port of this machine, and what comes back of the same length."""
    connection = socket.create_connection(('127.0.0.1', port), DEADLINE)
    try:
        connection.sendall(data)
        answer = b''
        while len(answer) < len(data):
            more = connection.recv(len(data) - len(answer))
            if not more:
                break
            answer += more
        return answer
    finally:
        connection.close()


def until(condition, what):
    """Waits until it is true; an AssertionError at the deadline."""
    end = time.time() + DEADLINE
    while not condition():
        assert time.time() < end, what
        time.sleep(0.02)


def port_of(line):
    """The port at the end of a first line."""
    return int(line.rpartition(':')[2])
