# Copyright the carryall authors.  See LICENSE.
"""The Stage of one case: a scratch folder, processes that end with it,
and a deadline on every step.

The contract with the cases stands in acceptance/cases/__init__.py.
"""
import glob
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
STACKS_SECONDS = 1.5        # for a process to print them
ADDRESS = re.compile(r'(127\.0\.0\.1|\[::1\]):(\d+)')


class Failed(Exception):
    """A case found what should not be."""


class Missing(Exception):
    """A foreign program that the case needs is not installed."""


class Process:
    """A started program whose output is collected as it comes."""

    def __init__(self, argv, cwd, env, seconds, kind='cpython'):
        self.argv = argv
        self.seconds = seconds
        self.kind = kind            # of Python that runs it; '' for a foreign program
        self.popen = subprocess.Popen(argv, cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
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
                    break
                self._changed.wait(min(left, 1.0))
        said = self.output
        raise Failed('%s did not say %r; it said:\n%s%s' % (self.argv, pattern, said,
                                                            self.stacks()))

    def address(self):
        """(host, port) from the first line that names one."""
        found = self.wait_for(ADDRESS)
        return found.group(1).strip('[]'), int(found.group(2))

    def wait(self):
        """The exit status."""
        try:
            status = self.popen.wait(self.seconds)
        except subprocess.TimeoutExpired:
            said = self.output
            raise Failed('%s does not end; it said:\n%s%s' % (self.argv, said, self.stacks()))
        self._reader.join(5.0)
        return status

    def stacks(self):
        """The stack of a process that hangs, thread by thread, as it says itself;
        it ends of that."""
        if self.popen.poll() is not None or not self.kind:
            return ''
        before = len(self.output)
        # A JVM prints its threads and goes on; faulthandler, which every Python of ours is started
        # with, prints and ends.
        number = signal.SIGQUIT if self.kind == 'jython' else signal.SIGABRT
        for pid in self.family():
            try:
                os.kill(pid, number)
            except OSError:
                pass
        time.sleep(STACKS_SECONDS)
        return '\nits stacks:\n' + self.output[before:]

    def signal(self, name):
        """Sends the signal 'TERM', 'HUP' ..."""
        self.popen.send_signal(getattr(signal, 'SIG' + name))

    def stop(self):
        """TERM, and the exit status 0 that must follow."""
        self.signal('TERM')
        status = self.wait()
        if status != 0:
            raise Failed('%s ended with status %r after TERM; it said:\n%s'
                         % (self.argv, status, self.output))

    def family(self):
        """Its pid and those of the processes that it started, and they (Linux):
        a frozen program is two processes."""
        found = [self.pid]
        for pid in found:
            # Each thread has the children that it started.
            for path in glob.glob('/proc/%d/task/*/children' % pid):
                try:
                    with open(path) as file:
                        found.extend(int(child) for child in file.read().split())
                except OSError:
                    pass
        return found

    def cpu_seconds(self):
        """Processor time it has used so far, with its children (Linux)."""
        return sum(int(field) for pid in self.family() for field in _stat(pid)[11:13]) / os.sysconf(
            'SC_CLK_TCK')

    def resident_bytes(self):
        """Memory it has in use, with its children (Linux)."""
        return sum(int(_stat(pid)[21]) for pid in self.family()) * os.sysconf('SC_PAGE_SIZE')

    def live_bytes(self):
        """Memory that it needs: what is resident, or on a JVM what is alive in its heap.

        The heap of a JVM grows as it likes.  Such a case needs jcmd.
        """
        if self.kind != 'jython':
            return self.resident_bytes()
        shown = subprocess.run(['jcmd', str(self.family()[-1]), 'GC.class_histogram'],
                               stdout=subprocess.PIPE, timeout=60, check=True).stdout.decode()
        return int(re.findall(r'^Total +\d+ +(\d+)', shown, re.M)[-1])

    def end(self):
        """The stage is over."""
        if self.popen.poll() is None:
            for pid in reversed(self.family()):
                try:
                    os.kill(pid, signal.SIGKILL)
                except OSError:
                    pass
            self.popen.wait()
        self._reader.join(5.0)
        self.popen.stdout.close()


def _stat(pid):
    """The fields of /proc/PID/stat from the third on."""
    with open('/proc/%d/stat' % pid) as file:
        return file.read().rpartition(')')[2].split()


class Stage:
    """The argument of a case's ``run(stage)``.

    Attributes:
        runtime: the side under test: an artifact on a runtime (``acceptance.artifacts.Side``);
                 .name, .kind, .command
        others: the sides that a case which goes through them itself may take,
                the one under test first.
        folder: a scratch folder outside the checkout, gone afterwards.
        variables: a case's own additions to the environment of our programs; os.environ is that of
                   all cases that run now.
    """

    def __init__(self, runtime, others):
        self.runtime = runtime
        self.others = others
        self.variables = {}
        self.folder = tempfile.mkdtemp(prefix='carryall-accept-')
        self._processes = []

    # -- our programs ------------------------------------------------------------------------------

    def command(self, name, *args, runtime=None):
        """The command line of one of ours, on the side under test unless another is given."""
        return (runtime or self.runtime).program(name) + [str(arg) for arg in args]

    def start(self, name, *args, runtime=None, cwd=None, before=()):
        """Starts one of our programs (its words *before* it: a wrapper); ended with the stage."""
        return self.launch(list(before) + self.command(name, *args, runtime=runtime),
                           runtime=runtime, cwd=cwd)

    def script(self, path, *args, runtime=None):
        """Starts a Python program that imports carryall; ended with the stage."""
        return self.launch(list((runtime or self.runtime).command) + [path]
                           + [str(arg) for arg in args], runtime=runtime)

    def peer(self, name, *args, runtime=None):
        """Starts a program of ``acceptance/peers``, copied out of the checkout, on a side."""
        path = self.path('peers', name)
        if not os.path.exists(path):  # one that was started a moment ago may be about to read it
            os.makedirs(os.path.dirname(path), exist_ok=True)
            shutil.copy(os.path.join(ROOT, 'acceptance', 'peers', name), path)
        return self.script(path, *args, runtime=runtime)

    def launch(self, argv, runtime=None, cwd=None, foreign=False):
        """Starts a program, one of the side's unless *foreign*; ended with the stage."""
        runtime = runtime or self.runtime
        environ = dict(runtime.environ(self.folder), **self.variables)
        process = Process(argv, cwd or self.folder, environ, STEP_SECONDS * SCALE.get(
            runtime.kind, 1.0), '' if foreign else runtime.kind)
        self._processes.append(process)
        return process

    def call(self, name, *args, runtime=None, cwd=None, status=0):
        """Runs one of our programs to its end and demands its exit status; its output."""
        process = self.start(name, *args, runtime=runtime, cwd=cwd)
        got = process.wait()
        if got != status:
            raise Failed('%s %s ended with status %r and not %r; it said:\n%s'
                         % (name, ' '.join(map(str, args)), got, status, process.output))
        return process.output

    # -- foreign programs --------------------------------------------------------------------------

    def foreign(self, *argv, status=0, data=b''):
        """Runs a foreign program to its end, feeds it *data*, and demands its exit status;
        its standard output."""
        if not shutil.which(argv[0]):
            raise Missing(argv[0])
        try:
            done = subprocess.run([str(arg) for arg in argv], input=data, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, cwd=self.folder, timeout=STEP_SECONDS)
        except subprocess.TimeoutExpired as exc:
            raise Failed('%s took more than %g s and said %r'
                         % (' '.join(map(str, argv)), STEP_SECONDS, exc.output))
        if status is not None and done.returncode != status:
            raise Failed('%s ended with status %d and not %d:\n%s' % (
                ' '.join(map(str, argv)), done.returncode, status,
                (done.stdout + done.stderr).decode('utf-8', 'replace')))
        return done.stdout

    def dialogue(self, turns, *argv, status=0):
        """Runs a foreign program and plays *turns* with it: wait for octets, then say some.

        Returns:  its standard output, once its input has been closed and it has ended.
        """
        if not shutil.which(argv[0]):
            raise Missing(argv[0])
        child = subprocess.Popen([str(arg) for arg in argv], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=self.folder)
        seconds = STEP_SECONDS * SCALE.get(self.runtime.kind, 1.0)
        guard = threading.Timer(seconds, child.kill)
        guard.start()
        heard = b''
        at = 0
        try:
            for wanted, words in turns:
                while wanted not in heard[at:]:
                    piece = os.read(child.stdout.fileno(), 65536)
                    self.demand(piece, '%s ended before %r: %r', argv, wanted, heard)
                    heard += piece
                at = heard.index(wanted, at) + len(wanted)
                child.stdin.write(words)
                child.stdin.flush()
            child.stdin.close()
            heard += child.stdout.read()
            got = child.wait()
        finally:
            guard.cancel()
            child.kill()
            child.wait()
            child.stdout.close()
        self.demand(status is None or got == status, '%s ended with status %r: %r', argv,
                    got, heard)
        return heard

    # -- small things ------------------------------------------------------------------------------

    def path(self, *parts):
        """A path in the scratch folder."""
        return os.path.join(self.folder, *parts)

    def write(self, name, data):
        """Writes a file of the scratch folder, with its folders; its path."""
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
        """Fails the case with the message unless *true*."""
        if not true:
            raise Failed(message % values if values else message)

    def until(self, test, what):
        """Waits until ``test()`` is true."""
        end = time.monotonic() + STEP_SECONDS * SCALE.get(self.runtime.kind, 1.0)
        while not test():
            if time.monotonic() > end:
                raise Failed('it never came: %s' % what)
            time.sleep(0.02)

    def free_port(self):
        """A TCP port of 127.0.0.1 that was free a moment ago;
        for programs that cannot choose one themselves."""
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            return probe.getsockname()[1]

    def stacks(self):
        """The stack of each process of ours that still runs."""
        return ''.join('%s:%s' % (process.argv, process.stacks()) for process in self._processes
                       if process.popen.poll() is None)

    def clear(self):
        """Ends the processes and removes the folder."""
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
