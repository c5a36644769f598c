# Copyright the carryall authors.  See LICENSE.
"""Servers in processes of their own, on another runtime or out of an artifact;
the methods of embedded.Servers.

    with SeparateServers('jython') as servers:
        url = servers.http(path='site')

Not here: what lives in this process alone; ``http(app=...)`` and ``tcp(...)`` say so.
Tests:    tests/house/test_separate.py
"""
from __future__ import absolute_import, division, print_function

import os
import re
import shutil
import subprocess
import tempfile
import threading

import carryall
from carryall.core.errors import Unsupported, UsageError
from carryall.embedded import Certificates

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

__all__ = ['SeparateServers', 'command_of', 'program_of']

START_SECONDS = 60.0        # a cold JVM on a busy machine takes 10
STOP_SECONDS = 20.0         # from TERM to the end; after it the process is killed
# The least of start-up and memory.
JVM_FLAGS = ('-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xmx256m')
LOGGED = re.compile(r' run: listening: ')
LISTENING = re.compile(r'^listening: .* on (\S+)', re.M)


def command_of(where, folder):
    # type: (str, str) -> Tuple[List[str], Dict[str, str]]
    """How carryall is started there, and what to add to the environment.

    Args:     where:  an interpreter's name or path (jython, pypy3, python2.7), or the path of an
                      artifact: carryall.jar, carryall.pyz, a binary, bin/carryall of a checkout.
              folder: where a link to this carryall may be made, for an interpreter to find it.
    Raises:   UsageError: there is no such thing.
    """
    program = program_of(where)
    if where.endswith('.jar'):
        return ['java'] + list(JVM_FLAGS) + ['-jar', program], {}
    if _is_artifact(where):
        return [program], {}
    variable = 'JYTHONPATH' if 'jython' in os.path.basename(program) else 'PYTHONPATH'
    return [program, '-m', 'carryall'], {variable: _importable(folder)}


def program_of(where):
    # type: (str) -> str
    """The path of the interpreter or artifact.

    Raises:   UsageError: there is no such thing.
    """
    if where.endswith('.jar') and not os.path.isfile(where):
        raise UsageError(u'there is no jar at %s' % where)
    if where.endswith('.jar') or _is_artifact(where):
        return os.path.abspath(where)
    name = {'pypy': 'pypy3', 'cpython': 'python3'}.get(where, where)
    program = name if os.sep in name else _found(name)
    if program is None or not os.path.exists(program):
        raise UsageError(u'there is no runtime or artifact %s' % where)
    return program


def _is_artifact(where):
    # type: (str) -> bool
    return os.sep in where and os.path.isfile(where) and os.path.basename(where).startswith(
        'carryall')


def _found(name):
    # type: (str) -> Optional[str]
    # py2: shutil.which is not there.
    for folder in os.environ.get('PATH', '').split(os.pathsep):
        path = os.path.join(folder or os.curdir, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return None


def _importable(folder):
    # type: (str) -> str
    """A folder from which this carryall can be imported,
    and nothing else that is installed beside it."""
    parts = list(carryall.__path__)
    if len(parts) > 1:                          # a checkout: the package leads to its parts itself
        return parts[1]
    link = os.path.join(folder, 'carryall')
    if not os.path.lexists(link):
        os.symlink(os.path.abspath(parts[0]), link)
    return folder


class SeparateServers(object):
    """Servers in processes that end with the context.

    Args:     where: see `command_of`.
              certificates: a Certificates to share, which is not closed at the end;
                            one of its own if not given.
    """

    def __init__(self, where, certificates=None):
        # type: (str, Optional[Certificates]) -> None
        self._where = where
        self._own = Certificates() if certificates is None else None
        self.certificates = certificates or self._own
        self._running = []      # type: List[_Process]
        self._folder = None     # type: Any

    def __enter__(self):
        self._folder = tempfile.mkdtemp(prefix='carryall-servers-')
        try:
            self._command, self._variables = command_of(self._where, self._folder)
        except UsageError:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        return self

    def __exit__(self, *exc_info):
        faults = []     # type: List[str]
        while self._running:
            faults += self._running.pop().stop()
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._own is not None:
            self._own.close()
        if faults and exc_info[0] is None:
            raise RuntimeError('\n'.join(faults))

    @property
    def ca_file(self):
        # type: () -> str
        """Path of what a client of the TLS servers has to trust (PEM)."""
        return self.certificates.ca_file        # type: ignore

    def tcp(self, factory, tls=False):
        # type: (Any, bool) -> None
        """Not possible."""
        raise Unsupported(u'a protocol of this process cannot be served by %s; leave it to the '
                          u'runtime of the tests' % self._where)

    def http(self, app=None, path=None, tls=False):
        # type: (Any, Optional[str], bool) -> str
        """Serve a folder; the URL, without a slash at its end."""
        if path is None:
            raise Unsupported(u'an application of this process cannot be served by %s; a path can'
                              % self._where)
        port = self.certificates.endpoint() if tls else 'tcp:0:interface=127.0.0.1'  # type: ignore
        return '%s://%s' % ('https' if tls else 'http',
                            self.start('web', '--path', os.path.abspath(path), '--port', port)[0])

    def https(self, app=None, path=None):
        # type: (Any, Optional[str]) -> str
        """As `http`, over TLS, with a certificate for localhost that `ca_file` vouches for."""
        return self.http(app, path, True)

    def start(self, name, *words):
        # type: (str, *str) -> List[str]
        """Start ``carryall NAME WORDS...``; the addresses that it listens on, as text."""
        process = _Process(self._command + [name] + list(words), self._folder,
                           dict(os.environ, **self._variables))
        try:
            addresses = process.addresses()
        except RuntimeError:
            process.stop()              # that its end is not well either is no news
            raise
        self._running.append(process)
        return addresses


class _Process(object):
    """One server; what it says is gathered by a thread."""

    def __init__(self, words, folder, environ):
        # type: (List[str], str, Dict[str, str]) -> None
        self._words = words
        self._said = []         # type: List[str]
        self._changed = threading.Condition()
        self._ended = False
        # jython: a thread of its own reads it, so it stays open meanwhile
        self._nothing = open(os.devnull, 'rb')
        self._child = subprocess.Popen(words, cwd=folder, env=environ, stdin=self._nothing,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self._reader = threading.Thread(target=self._read, name='carryall separate server')
        self._reader.daemon = True
        self._reader.start()

    def _read(self):
        # type: () -> None
        pipe = self._child.stdout       # type: Any
        for line in iter(pipe.readline, b''):
            with self._changed:
                self._said.append(line.decode('utf-8', 'replace'))
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def addresses(self):
        # type: () -> List[str]
        """Where it listens, as soon as it does."""
        timer = threading.Timer(START_SECONDS, self._child.kill)
        timer.daemon = True
        timer.start()
        try:
            with self._changed:
                while True:
                    text = u''.join(self._said)
                    found = [str(place) for place in LISTENING.findall(text)]
                    # All are printed and all are logged, in whatever order: when there are as many
                    # of both, these are all.
                    if found and len(found) == len(LOGGED.findall(text)):
                        return found
                    if self._ended:
                        raise RuntimeError('%s did not come up; it said:\n%s'
                                           % (' '.join(self._words), text))
                    self._changed.wait(1.0)
        finally:
            timer.cancel()

    def stop(self):
        # type: () -> List[str]
        """End it; what was wrong with its end."""
        timer = threading.Timer(STOP_SECONDS, self._child.kill)
        timer.daemon = True
        timer.start()
        if self._child.poll() is None:
            self._child.terminate()
        status = self._child.wait()
        timer.cancel()
        self._reader.join(STOP_SECONDS)
        pipe = self._child.stdout       # type: Any
        pipe.close()
        self._nothing.close()
        if status == 0:
            return []
        return ['%s ended with status %d; it said:\n%s' % (' '.join(self._words), status,
                                                           u''.join(self._said))]
