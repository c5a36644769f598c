# Copyright the carryall authors.  See LICENSE.
"""The quick start of Jython in tests: a program ``java`` with a class data archive.

A test that starts a command on Jython starts a JVM.  That spends most of its time on reading,
verifying and compiling the same 3,000 classes.  The program lies in build/test-env/jython, first
on the path of a run.  It is the installed Java with one collector, the first compiler alone, and
the classes mapped from an archive.  A start of ``carryall types`` takes 2.3 s of processor time
instead of 6.0 s.  An archive that does not fit Java or Jython any longer is ignored by the JVM.
"""
import os
import shlex
import shutil
import subprocess
import tempfile

from admin.suite import ENVIRONMENTS, ROOT, Trouble

FOLDER = os.path.join(ENVIRONMENTS, 'jython')
OPTIONS = ('-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto',
           '-Xlog:cds=off', '-Xlog:cds+dynamic=off')
# It loads the loop, the HTTP client and the sockets; that nothing listens there is expected.
SAMPLE = (os.path.join(ROOT, 'bin', 'carryall'), 'get', 'http://127.0.0.1:1/')
STAMP = 'made-for.txt'
SECONDS = 120.0             # of each of the two steps; times CARRYALL_TEST_SCALE


def java():
    """The program; None unless it was made for the Java and the Jython that are installed."""
    path = os.path.join(FOLDER, 'java')
    try:
        with open(os.path.join(FOLDER, STAMP), encoding='utf-8') as stamp:
            made_for = stamp.read()
    except OSError:
        return None
    installed = _installed()
    if not installed or made_for != _stamp(installed):
        return None
    return path if os.access(path, os.X_OK) else None


def install(jar, words):
    """Makes the program and the archive, unless they are there.

    Args:   jar: Jython's jar, which *words* name.
            words: what starts Jython after ``java`` and its options.
    """
    if java():
        return
    installed = _installed()
    os.makedirs(ENVIRONMENTS, exist_ok=True)
    new = tempfile.mkdtemp(prefix='new-', dir=ENVIRONMENTS)
    try:
        classes = os.path.join(new, 'classes')
        archive = os.path.join(new, 'jython.jsa')
        start = [installed, '-XX:+UseSerialGC']
        _run(start + ['-Xshare:off', '-XX:DumpLoadedClassList=' + classes] + words + list(SAMPLE))
        _run(start + ['-Xshare:dump', '-XX:SharedClassListFile=' + classes,
                      '-XX:SharedArchiveFile=' + archive, '-jar', jar])
        if not os.path.exists(archive):
            raise Trouble('%s has made no class data archive' % installed)
        _write(os.path.join(new, 'java'), _program(installed))
        os.chmod(os.path.join(new, 'java'), 0o755)
        _write(os.path.join(new, STAMP), _stamp(installed))
        os.chmod(new, 0o755)
        shutil.rmtree(FOLDER, ignore_errors=True)
        os.rename(new, FOLDER)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _installed():
    """The machine's own Java, also in a process that finds the program of FOLDER first."""
    folders = os.environ.get('PATH', '').split(os.pathsep)
    return shutil.which('java', path=os.pathsep.join(each for each in folders if each != FOLDER))


def _program(installed):
    archive = '-XX:SharedArchiveFile=' + os.path.join(FOLDER, 'jython.jsa')
    words = (installed,) + OPTIONS + (archive,)
    return '#!/bin/sh\nexec %s "$@"\n' % ' '.join(map(shlex.quote, words))


def _stamp(installed):
    """The things that the archive depends on: the Java, the jar of Jython, and the options."""
    real = os.path.realpath(installed)
    modules = os.path.join(os.path.dirname(os.path.dirname(real)), 'lib', 'modules')
    lines = [installed, FOLDER] + list(OPTIONS)
    for path in (real, modules, '/usr/share/java/jython.jar'):
        state = os.stat(path) if os.path.exists(path) else None
        lines.append('%s %s' % (path, state and (state.st_size, state.st_mtime_ns)))
    return '\n'.join(lines) + '\n'


def _run(command):
    """Runs a JVM; what it says and its status tell nothing, the file that it makes does."""
    environment = dict(os.environ, JYTHONPATH=ROOT)
    seconds = SECONDS * float(os.environ.get('CARRYALL_TEST_SCALE') or 1)
    try:
        subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=seconds,
                       check=False)
    except subprocess.TimeoutExpired:
        raise Trouble('%s took more than %d s' % (' '.join(command), seconds))


def _write(path, text):
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
