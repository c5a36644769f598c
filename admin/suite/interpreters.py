# Copyright the carryall authors.  See LICENSE.
"""Which runtimes this machine has, and how each is started.

Names: ``cpython`` is the Python that runs ``admin/runtests``, ``cpython3.13`` another CPython by
its version, ``pypy`` is pypy3 and ``jython`` jython.  By default the suite runs on these and on the
oldest and the newest CPython found: 2.7, the oldest from 3.8 on, the newest.  Jython on other Javas
has names of its own (admin/suite/javas.py).
"""
import glob
import os
import platform
import re
import shutil
import subprocess
import sys

from admin.suite import classarchive, javas

KINDS = ('cpython', 'pypy', 'jython')
OLDEST = (3, 8)             # of Python 3; 2.7 stands beside it
PROBE_SECONDS = 30.0
PROBE = 'import platform as p; print(p.python_implementation().lower() + " " + p.python_version())'

# The libraries of pytest take functions of os when they are imported,
# so what completes os goes first.
CARRYALL_FIRST = ('import sys; sys.path[0] = ""; import carryall; import pytest; '
                  'sys.exit(pytest.main())')

# Measured with the tests of protocols/http (1,900) on two cores: with the first compiler alone (C1)
# they take 59 s of processor time instead of 104 s, and pytest starts in 3.7 s instead of 5.6 s.  A
# deep recursion needs more stack than usual.
JVM_FLAGS = ('-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xmx512m', '-Xss4m')


class Runtime:
    """One interpreter: its name here, what it is, how it is started."""

    start_pytest = ['-m', 'pytest']
    jar = None                  # of Jython, if Java is started without Jython's own program

    def __init__(self, name, kind, version, command, first_on_path=None):
        self.name = name
        self.kind = kind
        self.version = version          # (major, minor)
        self.command = command  # list of str, to which the interpreter's own options are added
        self.first_on_path = first_on_path      # folder where programs are looked for first

    def environment(self, folder):
        """Environment variables so that what lies in *folder* can be imported."""
        variables = {'JYTHONPATH' if self.kind == 'jython' else 'PYTHONPATH': folder}
        if self.first_on_path:
            variables['PATH'] = os.pathsep.join([self.first_on_path, os.environ.get('PATH', '')])
        return variables

    def __repr__(self):
        return '%s (%s)' % (self.name, ' '.join(self.command))


def find():
    """All runtimes of this machine, ``cpython`` first, then by kind and version."""
    cpythons = _all_cpythons()
    own = _own(cpythons)
    found = [Runtime('cpython', 'cpython', own, [cpythons[own]])] if own else []
    found.extend(Runtime('cpython%d.%d' % version, 'cpython', version, [cpythons[version]])
                 for version in sorted(cpythons) if version != own)
    return found + _pypy() + _jython()


def default(found):
    """The runtimes of *found* that a run without ``--runtime`` takes:
    see the top of this module."""
    versions = sorted(each.version for each in found if each.kind == 'cpython'
                      and each.version >= OLDEST)
    wanted = {(2, 7), versions[0], versions[-1]} if versions else {(2, 7)}
    return [each for each in found if each.name in KINDS
            or each.kind == 'cpython' and each.version in wanted]


def _all_cpythons():
    """Version -> path of each CPython: the one that runs this, pyenv's,
    and pythonX.Y on the path."""
    found = {}
    pyenv = os.environ.get('PYENV_ROOT') or os.path.expanduser('~/.pyenv')
    candidates = [sys.executable, shutil.which('python3')]
    candidates += sorted(glob.glob(os.path.join(pyenv, 'versions', '*', 'bin', 'python')),
                         reverse=True)
    for path in filter(None, candidates):
        _add(found, path)
    for version in [(2, 7)] + [(3, minor) for minor in range(OLDEST[1], 20)]:
        path = shutil.which('python%d.%d' % version)
        if path and version not in found:
            _add(found, path)
    return found


def _add(found, path):
    """Probes the interpreter at *path*, and keeps it if it is a CPython that the suite supports."""
    kind, version = _probe(path)
    if kind == 'cpython' and (version == (2, 7) or version >= OLDEST):
        found.setdefault(version, path)


def _own(cpythons):
    """The version of the CPython that runs this, or of ``python3`` if this is not a CPython."""
    if platform.python_implementation() == 'CPython':
        return sys.version_info[:2]
    return _probe(shutil.which('python3') or '')[1] or (max(cpythons) if cpythons else None)


def _probe(path):
    """(kind, (major, minor)) of the interpreter at *path*; (None, None) if it does not start."""
    if path == sys.executable:
        return platform.python_implementation().lower(), sys.version_info[:2]
    try:
        said = subprocess.run([path, '-c', PROBE], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, timeout=PROBE_SECONDS,
                              check=True).stdout.decode('ascii')
        kind, version = said.split()
        return kind, tuple(int(part) for part in version.split('.')[:2])
    except (OSError, ValueError, subprocess.SubprocessError):
        return None, None


def _pypy():
    path = shutil.which('pypy3')
    kind, version = _probe(path) if path else (None, None)
    return [Runtime('pypy', 'pypy', version, [path])] if kind == 'pypy' else []


def _jython():
    """Jython, with the JVM's flags; not probed, since a start takes more than a second."""
    path = shutil.which('jython')
    if not path or not shutil.which('java'):
        return []
    jar = _jar_of(path)
    if not jar:
        return [Runtime('jython', 'jython', (2, 7), [path] + ['-J' + flag for flag in JVM_FLAGS])]
    home = os.path.dirname(os.path.dirname(os.path.realpath(path)))
    words = list(JVM_FLAGS) + ['-jar', jar, '-Dpython.home=' + home, '-Dpython.executable=' + path]
    quick = classarchive.java()
    found = [Runtime('jython', 'jython', (2, 7), [quick or shutil.which('java')] + words,
                     classarchive.FOLDER if quick else None)]
    found[0].jar = jar
    for name in sorted(javas.JAVAS):
        folder = javas.folder_of(name)
        other = Runtime(name, 'jython', (2, 7), [os.path.join(folder, 'java')] + words, folder)
        other.start_pytest = ['-c', CARRYALL_FIRST]
        found.append(other)
    return found


def _jar_of(path):
    """The jar that Debian's launcher starts: it hands no flags to Java,
    so Java is started without it."""
    with open(path, 'rb') as script:
        named = re.search(r'exec java -jar (\S+\.jar)', script.read(4096).decode('latin-1'))
    return named.group(1) if named and os.path.exists(named.group(1)) else None
