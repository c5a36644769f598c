# Copyright the carryall authors.  See LICENSE.
"""Servers in a process of their own, on another runtime or out of an artifact;
the methods of embedded.Servers.

    with SeparateServers('jython') as servers:
        url = servers.http(path='site')

Not here: what lives in this process alone; ``http(app=...)`` and ``tcp(...)`` say so.
Tests:    tests/house/test_separate.py
"""
from __future__ import absolute_import, division, print_function

import os
import re

import carryall
from carryall.core.compat import text_type
from carryall.core.errors import Unsupported, UsageError
from carryall.embedded import Certificates
from carryall.services.testservers.typeserver import word_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

__all__ = ['SeparateServers', 'command_of', 'jar_path', 'program_of']

JAR = 'jar'                 # in the place of the path of carryall.jar
JAR_VARIABLE = 'CARRYALL_JAR'

# The least of start-up and memory.
JVM_FLAGS = ('-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xmx256m')

# Debian's launcher hands no flags to Java.
JAR_OF_LAUNCHER = re.compile(br'exec java -jar (\S+\.jar)')
LAUNCHER_OCTETS = 4096


def command_of(where, folder):
    # type: (str, str) -> Tuple[List[str], Dict[str, str]]
    """How carryall is started there, and what to add to the environment.

    Args:     where:  an interpreter's name or path (jython, pypy3, python2.7); the path of an
                      artifact: carryall.jar, carryall.pyz, a binary, bin/carryall of a checkout;
                      or ``jar``, for the one that ``jar_path`` finds.
              folder: where a link to this carryall may be made, for an interpreter to find it.
    Raises:   UsageError: there is no such thing.
    """
    program = program_of(where)
    if program.endswith('.jar'):
        return ['java'] + list(JVM_FLAGS) + ['-jar', program], {}
    if where != JAR and _is_artifact(where):
        return [program], {}
    if 'jython' in os.path.basename(program):
        return _jython(program) + ['-m', 'carryall'], {'JYTHONPATH': _importable(folder)}
    return [program, '-m', 'carryall'], {'PYTHONPATH': _importable(folder)}


def _jython(program):
    # type: (str) -> List[str]
    """The words that start Jython.

    Java is started without Debian's launcher, with JVM_FLAGS.  That halves the time of a start.
    Any other launcher is started as it is.
    """
    with open(program, 'rb') as launcher:
        named = JAR_OF_LAUNCHER.search(launcher.read(LAUNCHER_OCTETS))
    jar = named.group(1).decode('ascii', 'replace') if named else ''
    if not os.path.isfile(jar):
        return [program]
    home = os.path.dirname(os.path.dirname(os.path.realpath(program)))
    return ['java'] + list(JVM_FLAGS) + ['-jar', str(jar), '-Dpython.home=' + home,
                                         '-Dpython.executable=' + program]


def program_of(where):
    # type: (str) -> str
    """The path of the interpreter or artifact.

    Raises:   UsageError: there is no such thing.
    """
    if where == JAR:
        return jar_path()
    if where.endswith('.jar') and not os.path.isfile(where):
        raise UsageError(u'there is no jar at %s' % where)
    if where.endswith('.jar') or _is_artifact(where):
        return os.path.abspath(where)
    name = {'pypy': 'pypy3', 'cpython': 'python3'}.get(where, where)
    program = name if os.sep in name else _found(name)
    if program is None or not os.path.exists(program):
        raise UsageError(u'there is no runtime or artifact %s' % where)
    return os.path.abspath(program)


def jar_path():
    # type: () -> str
    """The path of carryall.jar: that of CARRYALL_JAR, or the one in the working folder.

    A checkout has one in build/artifacts, and makes it if it is missing.

    Raises:   UsageError: there is none, and it cannot be made.
    """
    # A checkout holds the package; without links it is named by the package.
    root = (list(carryall.__path__) + [os.path.dirname(os.path.abspath(carryall.__path__[0]))])[1]
    made = os.path.join(root, 'build', 'artifacts', 'carryall.jar')
    given = os.environ.get(JAR_VARIABLE)
    for path in [given] if given else ['carryall.jar', made]:
        if os.path.isfile(path):
            return os.path.abspath(path)
    recipe = os.path.join(root, 'admin', 'freeze')
    if given or not os.path.isfile(recipe):
        raise UsageError(u'there is no carryall.jar%s: name its path, or set %s'
                         % (u' at %s' % given if given else u' here', JAR_VARIABLE))
    # It needs processes, as the runner of these servers does.
    from carryall.testservers.jarmaker import make_jar
    make_jar(recipe, made)
    return made


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
    """Servers in a process that ends with the context, and with this process.

    Args:     where: see `command_of`.
              certificates: a Certificates to share, which is not closed at the end;
                            one of its own if not given.
              runner: a ChildRunner to share; one of its own if not given.
    """

    def __init__(self, where, certificates=None, runner=None):
        # type: (str, Optional[Certificates], Any) -> None
        self._where = where
        self._own = Certificates() if certificates is None else None
        self.certificates = certificates or self._own
        self._runner = runner
        self._owns_runner = runner is None
        self._numbers = []      # type: List[int]

    def __enter__(self):
        if self._owns_runner:
            # It takes its command from here.
            from carryall.testservers.childrunner import ChildRunner
            self._runner = ChildRunner(self._where, self.certificates)
        return self

    def __exit__(self, *exc_info):
        try:
            while self._numbers:
                self._runner.end(self._numbers.pop())
        finally:
            if self._owns_runner:
                self._runner.close()
            if self._own is not None:
                self._own.close()

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
        # type: (Any, Any, bool) -> str
        """Serves a folder; the URL, without a slash at its end.

        Raises:   UsageError: there is no such folder.
        """
        if path is None:
            raise Unsupported(u'an application of this process cannot be served by %s; a path can'
                              % self._where)
        options = {'path': os.path.abspath(word_of(path))}
        if tls:
            files = self.certificates.files()       # type: ignore
            options.update(tls=u'implicit', files=files)
        place = self._begin('http', options)[0]
        return '%s://%s:%d' % ('https' if tls else 'http', place[1], place[2])

    def https(self, app=None, path=None):
        # type: (Any, Any) -> str
        """As `http`, over TLS, with a certificate for localhost that `ca_file` vouches for."""
        return self.http(app, path, True)

    def start(self, name, *words):
        # type: (str, *Any) -> List[str]
        """Starts ``carryall serve NAME WORDS...``; the addresses that it listens on, as text.

        Ports are free ones unless the words name some; relative paths begin at the current folder.
        """
        places = self._begin('type', {'type': text_type(name),
                                      'words': [word_of(word) for word in words]})
        return [('[%s]:%d' if ':' in host else '%s:%d') % (host, port) for _, host, port in places]

    def _begin(self, kind, options):
        # type: (str, Any) -> Any
        number, places = self._runner.begin(kind, options)
        self._numbers.append(number)
        return places
