# Copyright the carryall authors.  See LICENSE.
"""The Stage of one case: a scratch folder, processes that end with it, and a deadline on every step."""
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
STEP_SECONDS = 30.0         # a step that takes longer has failed; times SCALE on a JVM
SCALE = {'jython': 3.0}
ADDRESS = re.compile(r'(127\.0\.0\.1|\[::1\]):(\d+)')


class Failed(Exception):
    """A case found what should not be."""


class Missing(Exception):
    """A foreign program that the case needs is not installed."""


class Process:
    """A started program whose output is collected as it comes."""

    def __init__(self, argv, cwd, env, seconds):
        self.argv = argv
        self.seconds = seconds
        self.popen = subprocess.Popen(argv, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT)
        self.pid = self.popen.pid
        self._output = b''
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in iter(self.popen.stdout.readline, b''):
            with self._changed:
                self._output += line
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    @property
    def output(self):
        """All text so far, of both outputs."""
        with self._changed:
            return self._output.decode('utf-8', 'replace')

    def wait_for(self, pattern):
        """The match of *pattern* in the output, once it is there."""
        end = time.monotonic() + self.seconds
        while True:
            found = re.search(pattern, self.output)
            if found:
                return found
            with self._changed:
                left = end - time.monotonic()
                if left <= 0 or not self._reader.is_alive() and not re.search(pattern, self.output):
                    raise Failed('%s did not say %r; it said:\n%s' % (self.argv, pattern, self.output))
                self._changed.wait(min(left, 1.0))

    def address(self):
        """(host, port) from the first line that names one."""
        found = self.wait_for(ADDRESS)
        return found.group(1).strip('[]'), int(found.group(2))

    def wait(self):
        """The exit status."""
        try:
            status = self.popen.wait(self.seconds)
        except subprocess.TimeoutExpired:
            self._show_stacks()
            raise Failed('%s does not end; it said:\n%s' % (self.argv, self.output))
        self._reader.join(5.0)
        return status

    def _show_stacks(self):
        """Have a process that hangs tell where it stands, if it can."""
        try:
            self.popen.send_signal(signal.SIGQUIT)      # a JVM prints its threads and goes on; others end
            time.sleep(1.0)
        except OSError:
            pass

    def signal(self, name):
        """Send the signal 'TERM', 'HUP' ..."""
        self.popen.send_signal(getattr(signal, 'SIG' + name))

    def stop(self):
        """TERM, and the exit status 0 that must follow."""
        self.signal('TERM')
        status = self.wait()
        if status != 0:
            raise Failed('%s ended with status %r after TERM; it said:\n%s' % (self.argv, status, self.output))

    def cpu_seconds(self):
        """Processor time it has used so far (Linux)."""
        with open('/proc/%d/stat' % self.pid) as file:
            fields = file.read().rpartition(')')[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

    def resident_bytes(self):
        """Memory it has in use (Linux)."""
        with open('/proc/%d/statm' % self.pid) as file:
            return int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')

    def end(self):
        """The stage is over."""
        if self.popen.poll() is None:
            self.popen.kill()
            self.popen.wait()
        self.popen.stdout.close()


class Stage:
    """What a case's ``run(stage)`` works with.

    Attributes:
        runtime: the runtime under test (``admin.suite.interpreters.Runtime``).
        others: all runtimes of this run, this one included.
        folder: a scratch folder, gone afterwards.
    """

    def __init__(self, runtime, others):
        self.runtime = runtime
        self.others = others
        self.folder = tempfile.mkdtemp(prefix='carryall-accept-')
        self._processes = []

    # -- our programs ------------------------------------------------------------------------------------------------

    def command(self, name, *args, runtime=None):
        """The command line of one of ours, on the runtime under test unless another is given."""
        runtime = runtime or self.runtime
        return list(runtime.command) + [os.path.join(ROOT, 'bin', name)] + [str(arg) for arg in args]

    def start(self, name, *args, runtime=None, cwd=None, before=()):
        """Start one of our programs (its words *before* it: a wrapper); ended with the stage."""
        return self.launch(list(before) + self.command(name, *args, runtime=runtime), runtime=runtime, cwd=cwd)

    def peer(self, name, *args, runtime=None):
        """Start a program of ``acceptance/peers`` on a runtime."""
        runtime = runtime or self.runtime
        script = os.path.join(ROOT, 'acceptance', 'peers', name)
        return self.launch(list(runtime.command) + [script] + [str(arg) for arg in args], runtime=runtime)

    def launch(self, argv, runtime=None, cwd=None):
        """Start a program; ended with the stage."""
        runtime = runtime or self.runtime
        env = dict(os.environ, **runtime.environment(ROOT))
        process = Process(argv, cwd or self.folder, env, STEP_SECONDS * SCALE.get(runtime.kind, 1.0))
        self._processes.append(process)
        return process

    def call(self, name, *args, runtime=None, cwd=None, status=0):
        """Run one of our programs to its end and demand its exit status; its output."""
        process = self.start(name, *args, runtime=runtime, cwd=cwd)
        got = process.wait()
        if got != status:
            raise Failed('%s %s ended with status %r and not %r; it said:\n%s'
                         % (name, ' '.join(map(str, args)), got, status, process.output))
        return process.output

    # -- foreign programs --------------------------------------------------------------------------------------------

    def foreign(self, *argv, status=0, data=b''):
        """Run a foreign program to its end, feed it *data*, and demand its exit status; its standard output."""
        if not shutil.which(argv[0]):
            raise Missing(argv[0])
        try:
            done = subprocess.run([str(arg) for arg in argv], input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  cwd=self.folder, timeout=STEP_SECONDS)
        except subprocess.TimeoutExpired as exc:
            raise Failed('%s took more than %g s and said %r' % (' '.join(map(str, argv)), STEP_SECONDS, exc.output))
        if status is not None and done.returncode != status:
            raise Failed('%s ended with status %d and not %d:\n%s' % (
                ' '.join(map(str, argv)), done.returncode, status, (done.stdout + done.stderr).decode('utf-8', 'replace')))
        return done.stdout

    # -- small things ------------------------------------------------------------------------------------------------

    def path(self, *parts):
        """A path in the scratch folder."""
        return os.path.join(self.folder, *parts)

    def write(self, name, data):
        """Write a file of the scratch folder, with its folders; its path."""
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as file:
            file.write(data)
        return path

    def read(self, name):
        """The bytes of a file of the scratch folder."""
        with open(self.path(name), 'rb') as file:
            return file.read()

    def connect(self, address, seconds=STEP_SECONDS):
        """A blocking socket to (host, port), with a time limit on each of its calls."""
        return socket.create_connection(address, timeout=seconds)

    def demand(self, true, message, *values):
        """Fail the case with the message unless *true*."""
        if not true:
            raise Failed(message % values if values else message)

    def until(self, test, what):
        """Wait until ``test()`` is true."""
        end = time.monotonic() + STEP_SECONDS * SCALE.get(self.runtime.kind, 1.0)
        while not test():
            if time.monotonic() > end:
                raise Failed('it never came: %s' % what)
            time.sleep(0.02)

    def free_port(self):
        """A TCP port of 127.0.0.1 that was free a moment ago; for programs that cannot choose one themselves."""
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            return probe.getsockname()[1]

    def clear(self):
        """End the processes and remove the folder."""
        for process in reversed(self._processes):
            process.end()
        shutil.rmtree(self.folder, ignore_errors=True)


def receive_all(sock):
    """All bytes up to the end; a reset counts as the end."""
    data = b''
    while True:
        try:
            piece = sock.recv(65536)
        except ConnectionError:
            return data
        if not piece:
            return data
        data += piece
